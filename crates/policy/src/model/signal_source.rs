use crate::model::{SignalSourceId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Another system whose security events are believed (the receiver role of OpenID SSF), and what is done about them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignalSource {
    /// Its id, which is part of the address that it pushes to.
    pub id: SignalSourceId,
    /// Shown to administrators, and the name under which it stands in records.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub modified: Timestamp,
    /// Its events are taken.
    pub enabled: bool,
    /// `iss` of its tokens, compared exactly.
    pub issuer: String,
    /// The public keys it signs with, as JSON Web Keys (RFC 7517).
    pub keys: Vec<Value>,
    /// What is done about which event.
    #[serde(default)]
    pub reactions: Reactions,
}

/// What is done about each kind of event; noted only, unless said otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Reactions {
    /// CAEP `session-revoked`: they were signed out there.
    pub session_revoked: Reaction,
    /// CAEP `credential-change`: a way to sign in there came, changed or went.
    pub credential_change: Reaction,
    /// CAEP `assurance-level-change` downwards.
    pub assurance_decreased: Reaction,
    /// CAEP `device-compliance-change` to `not-compliant`.
    pub device_not_compliant: Reaction,
    /// CAEP `risk-level-change` to `HIGH`.
    pub risk_raised: Reaction,
    /// RISC `credential-compromise`, and `account-credential-change-required`.
    pub credential_compromised: Reaction,
    /// RISC `account-disabled` and `account-purged`.
    pub account_disabled: Reaction,
}

/// What is done about an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reaction {
    /// It stands in the audit log.
    #[default]
    Note,
    /// Also, two factors are asked for again: what was shown before the event no longer counts.
    StepUp,
    /// Also, all sessions and grants end.
    Revoke,
}

impl Reaction {
    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::StepUp => "stepUp",
            Self::Revoke => "revoke",
        }
    }
}

/// A kind of event that something can be done about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "named like the members of `Reactions`")]
pub enum ReceivedKind {
    SessionRevoked,
    CredentialChange,
    AssuranceDecreased,
    DeviceNotCompliant,
    RiskRaised,
    CredentialCompromised,
    AccountDisabled,
}

impl ReceivedKind {
    /// Each of them.
    pub const ALL: [Self; 7] = [
        Self::SessionRevoked,
        Self::CredentialChange,
        Self::AssuranceDecreased,
        Self::DeviceNotCompliant,
        Self::RiskRaised,
        Self::CredentialCompromised,
        Self::AccountDisabled,
    ];

    /// The name in documents and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionRevoked => "sessionRevoked",
            Self::CredentialChange => "credentialChange",
            Self::AssuranceDecreased => "assuranceDecreased",
            Self::DeviceNotCompliant => "deviceNotCompliant",
            Self::RiskRaised => "riskRaised",
            Self::CredentialCompromised => "credentialCompromised",
            Self::AccountDisabled => "accountDisabled",
        }
    }

    /// What kind the event with this address is, by what it says; `None` of what nothing can be done about: good news, and
    /// events that are not known.
    #[must_use]
    pub fn of(uri: &str, payload: &Value) -> Option<Self> {
        const CAEP: &str = "https://schemas.openid.net/secevent/caep/event-type/";
        const RISC: &str = "https://schemas.openid.net/secevent/risc/event-type/";
        let says = |member: &str, word: &str| {
            let said = payload.get(member).and_then(Value::as_str);
            said.is_some_and(|said| said.eq_ignore_ascii_case(word))
        };
        let (name, is_caep) = match (uri.strip_prefix(CAEP), uri.strip_prefix(RISC)) {
            (Some(name), _) => (name, true),
            (_, Some(name)) => (name, false),
            _ => return None,
        };
        match (name, is_caep) {
            ("session-revoked", true) | ("sessions-revoked", false) => Some(Self::SessionRevoked),
            ("credential-change", true) => Some(Self::CredentialChange),
            ("assurance-level-change", true) if says("change_direction", "decrease") => {
                Some(Self::AssuranceDecreased)
            }
            ("device-compliance-change", true) if says("current_status", "not-compliant") => {
                Some(Self::DeviceNotCompliant)
            }
            ("risk-level-change", true) if says("current_level", "high") => Some(Self::RiskRaised),
            ("credential-compromise" | "account-credential-change-required", false) => {
                Some(Self::CredentialCompromised)
            }
            ("account-disabled" | "account-purged", false) => Some(Self::AccountDisabled),
            _ => None,
        }
    }
}

impl Reactions {
    /// What is done about `kind`.
    #[must_use]
    pub const fn to(&self, kind: ReceivedKind) -> Reaction {
        match kind {
            ReceivedKind::SessionRevoked => self.session_revoked,
            ReceivedKind::CredentialChange => self.credential_change,
            ReceivedKind::AssuranceDecreased => self.assurance_decreased,
            ReceivedKind::DeviceNotCompliant => self.device_not_compliant,
            ReceivedKind::RiskRaised => self.risk_raised,
            ReceivedKind::CredentialCompromised => self.credential_compromised,
            ReceivedKind::AccountDisabled => self.account_disabled,
        }
    }

    /// Where it is said what is done about `kind`.
    pub const fn place(&mut self, kind: ReceivedKind) -> &mut Reaction {
        match kind {
            ReceivedKind::SessionRevoked => &mut self.session_revoked,
            ReceivedKind::CredentialChange => &mut self.credential_change,
            ReceivedKind::AssuranceDecreased => &mut self.assurance_decreased,
            ReceivedKind::DeviceNotCompliant => &mut self.device_not_compliant,
            ReceivedKind::RiskRaised => &mut self.risk_raised,
            ReceivedKind::CredentialCompromised => &mut self.credential_compromised,
            ReceivedKind::AccountDisabled => &mut self.account_disabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_are_known_by_address_and_by_what_they_say() {
        const CAEP: &str = "https://schemas.openid.net/secevent/caep/event-type/";
        const RISC: &str = "https://schemas.openid.net/secevent/risc/event-type/";
        let caep = |name: &str, payload| ReceivedKind::of(&format!("{CAEP}{name}"), &payload);
        let risc = |name: &str| ReceivedKind::of(&format!("{RISC}{name}"), &json!({}));
        assert_eq!(
            caep("session-revoked", json!({})),
            Some(ReceivedKind::SessionRevoked)
        );
        let change = |direction: &str| {
            caep(
                "assurance-level-change",
                json!({"change_direction": direction}),
            )
        };
        assert_eq!(change("decrease"), Some(ReceivedKind::AssuranceDecreased));
        assert_eq!(change("increase"), None);
        let device = |status: &str| {
            caep(
                "device-compliance-change",
                json!({"current_status": status}),
            )
        };
        assert_eq!(
            device("not-compliant"),
            Some(ReceivedKind::DeviceNotCompliant)
        );
        assert_eq!(device("compliant"), None);
        let risk = |level: &str| caep("risk-level-change", json!({"current_level": level}));
        assert_eq!(risk("HIGH"), Some(ReceivedKind::RiskRaised));
        assert_eq!(risk("LOW"), None);
        assert_eq!(risc("account-purged"), Some(ReceivedKind::AccountDisabled));
        assert_eq!(risc("account-enabled"), None);
        // The same last word in another namespace is another event.
        assert_eq!(risc("session-revoked"), None);
        assert_eq!(
            ReceivedKind::of("https://example.org/session-revoked", &json!({})),
            None
        );
    }

    #[test]
    fn each_kind_has_a_place_of_its_own() {
        for kind in ReceivedKind::ALL {
            let mut reactions = Reactions::default();
            *reactions.place(kind) = Reaction::Revoke;
            let revoking = ReceivedKind::ALL
                .into_iter()
                .filter(|one| reactions.to(*one) == Reaction::Revoke);
            assert_eq!(revoking.collect::<Vec<_>>(), [kind]);
            let text = serde_json::to_value(reactions).unwrap_or_default();
            assert_eq!(text.get(kind.as_str()), Some(&json!("revoke")));
        }
    }
}
