//! Whether a passkey may be registered, before the gesture and after it.

use crate::Denial;
use crate::lifetimes::{FRESH_MFA, FRESH_PASS};
use crate::model::{
    AttestationLevel, PassUse, Passkey, PasskeyId, PasskeyType, Provenance, Timestamp, User,
};
use ceremony::attestation::TrustOutcome;
use ceremony::{Registered, RegistrationFacts};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// More passkeys than this draw a warning, not a denial.
pub const MANY: usize = 20;

/// What the tenant asks of passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rules {
    /// Users may register by themselves (`isSelfServiceRegistrationAllowed`).
    pub self_service: bool,
    /// The statement has to lead to a trusted anchor (`isAttestationEnforced`).
    pub attestation_enforced: bool,
    /// Types that are allowed.
    pub types: Vec<PasskeyType>,
    /// Models that are allowed; `None` is every model.
    pub allowed_aaguids: Option<Vec<Uuid>>,
    /// Models that are refused, whatever the list of allowed ones says.
    pub blocked_aaguids: Vec<Uuid>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            self_service: true,
            attestation_enforced: false,
            types: vec![PasskeyType::DeviceBound, PasskeyType::Synced],
            allowed_aaguids: None,
            blocked_aaguids: Vec::new(),
        }
    }
}

/// What the person who registers has shown lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Two factors (or a passkey) at this moment.
    Mfa(Timestamp),
    /// A Temporary Access Pass at this moment.
    Pass {
        /// When.
        at: Timestamp,
        /// Once or often.
        usable: PassUse,
        /// When the pass ends.
        ends: Timestamp,
    },
    /// One factor at this moment, by somebody who has no second one to show.
    OnlyFactor(Timestamp),
    /// One factor, although a second one is enrolled.
    OneOfTwo,
    /// An administrator registers for the user.
    OnBehalf,
}

/// Who wants to register, and how.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// For whom.
    pub user: &'a User,
    /// How many passkeys they have.
    pub existing: usize,
    /// What was shown.
    pub standing: Standing,
    /// Who has it registered.
    pub provenance: Provenance,
}

/// A remark that stops nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// The user has [`MANY`] passkeys or more.
    ManyPasskeys,
}

/// Proof that this registration is allowed. Only [`decide`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    user: User,
    credential_id: Vec<u8>,
    provenance: Provenance,
    warnings: Vec<Warning>,
}

impl Allowed {
    /// Remarks for the page and the log.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// A passkey that may be written: verified and allowed. Only [`admit`] makes it.
///
/// ```compile_fail
/// # fn forge(passkey: policy::model::Passkey) -> policy::register::NewPasskey {
/// policy::register::NewPasskey { passkey, user_version: 1 }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasskey {
    passkey: Passkey,
    user_version: i64,
}

impl NewPasskey {
    /// What is to be written.
    #[must_use]
    pub const fn passkey(&self) -> &Passkey {
        &self.passkey
    }

    /// The version of the user that the decision saw; the write depends on it.
    #[must_use]
    pub const fn user_version(&self) -> i64 {
        self.user_version
    }

    /// A passkey without ceremony and decision, for tests of the store.
    #[cfg(feature = "made-up-proofs")]
    #[must_use]
    pub const fn made_up(passkey: Passkey, user_version: i64) -> Self {
        Self {
            passkey,
            user_version,
        }
    }
}

/// Whether registration may begin: everything that can be said before the user touches the key.
///
/// # Errors
/// [`Denial::UserDisabled`], [`Denial::SelfServiceOff`], [`Denial::FreshMfaRequired`] or
/// [`Denial::PassRegistrationWindowOver`].
pub fn may_begin(rules: &Rules, situation: Situation<'_>, now: Timestamp) -> Result<(), Denial> {
    if !situation.user.enabled {
        return Err(Denial::UserDisabled);
    }
    if !rules.self_service && situation.provenance != Provenance::Provisioned {
        return Err(Denial::SelfServiceOff);
    }
    is_fresh(situation.standing, situation.existing, now)
}

/// Whether a one-time code generator may be enrolled or replaced by a user with `passkeys` passkeys. As
/// strict as for a passkey: else a stolen password, which opens a session with one factor, would make
/// itself a second factor and reach everything.
///
/// # Errors
/// Those of [`may_begin`] except [`Denial::SelfServiceOff`], which is about passkeys.
pub fn may_enrol_totp(
    user: &User,
    passkeys: usize,
    standing: Standing,
    now: Timestamp,
) -> Result<(), Denial> {
    if !user.enabled {
        return Err(Denial::UserDisabled);
    }
    is_fresh(standing, passkeys, now)
}

/// Whether the verified registration may be kept.
///
/// # Errors
/// Those of [`may_begin`], and [`Denial::PasskeyTypeNotAllowed`], [`Denial::AttestationRequired`] or
/// [`Denial::AaguidNotAllowed`].
pub fn decide(
    rules: &Rules,
    situation: Situation<'_>,
    facts: &RegistrationFacts,
    now: Timestamp,
) -> Result<Allowed, Denial> {
    may_begin(rules, situation, now)?;
    check_kind(
        rules,
        Kind {
            passkey_type: passkey_type(facts.backup_eligible),
            aaguid: Uuid::from_bytes(*facts.aaguid.as_bytes()),
            level: level(facts),
        },
    )?;
    let many = situation.existing >= MANY;
    Ok(Allowed {
        user: situation.user.clone(),
        credential_id: facts.credential_id.as_bytes().to_vec(),
        provenance: situation.provenance,
        warnings: many.then_some(Warning::ManyPasskeys).into_iter().collect(),
    })
}

/// What the rules look at in a passkey, at registration and again at each sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Device-bound or synced.
    pub passkey_type: PasskeyType,
    /// The model.
    pub aaguid: Uuid,
    /// Whether its maker vouched for it.
    pub level: AttestationLevel,
}

impl From<&Passkey> for Kind {
    fn from(passkey: &Passkey) -> Self {
        Self {
            passkey_type: passkey.passkey_type,
            aaguid: passkey.aaguid,
            level: passkey.attestation_level,
        }
    }
}

/// Whether the rules allow this kind of passkey. A blocked model is refused even if it is allowed.
///
/// # Errors
/// [`Denial::PasskeyTypeNotAllowed`], [`Denial::AttestationRequired`] or
/// [`Denial::AaguidNotAllowed`].
pub fn check_kind(rules: &Rules, kind: Kind) -> Result<(), Denial> {
    if !rules.types.contains(&kind.passkey_type) {
        return Err(Denial::PasskeyTypeNotAllowed);
    }
    if rules.attestation_enforced && kind.level != AttestationLevel::Attested {
        return Err(Denial::AttestationRequired);
    }
    let listed = rules
        .allowed_aaguids
        .as_ref()
        .is_none_or(|list| list.contains(&kind.aaguid));
    if !listed || rules.blocked_aaguids.contains(&kind.aaguid) {
        return Err(Denial::AaguidNotAllowed);
    }
    Ok(())
}

/// Joins proof and permission to what the store writes. `None` if they do not belong together.
#[must_use]
pub fn admit(
    registered: Registered,
    allowed: Allowed,
    id: PasskeyId,
    display_name: String,
    now: Timestamp,
) -> Option<NewPasskey> {
    let level = level(registered.facts());
    let facts = registered.into_facts();
    if facts.credential_id.as_bytes() != allowed.credential_id {
        return None;
    }
    let passkey = Passkey {
        tenant: allowed.user.tenant,
        id,
        user: allowed.user.id,
        credential_id: allowed.credential_id,
        stored_key: facts.key.to_bytes(),
        algorithm: facts.key.algorithm().cose_id(),
        aaguid: Uuid::from_bytes(*facts.aaguid.as_bytes()),
        display_name,
        created: now,
        last_used: None,
        sign_count: facts.sign_count,
        passkey_type: passkey_type(facts.backup_eligible),
        backed_up: facts.backed_up,
        transports: facts
            .transports
            .iter()
            .map(|one| one.name().to_owned())
            .collect(),
        discoverable: facts.client_outputs.discoverable,
        attestation_format: facts.attestation.format.name().to_owned(),
        attestation_level: level,
        attestation_object: facts.attestation_object,
        client_data: facts.client_data_json,
        user_verified: facts.user_verified,
        suspected_clone: None,
        enabled: true,
        provenance: allowed.provenance,
    };
    Some(NewPasskey {
        passkey,
        user_version: allowed.user.version,
    })
}

fn is_fresh(standing: Standing, passkeys: usize, now: Timestamp) -> Result<(), Denial> {
    let within = |at: Timestamp, span| now.since(at) <= span;
    match standing {
        Standing::OnBehalf => Ok(()),
        Standing::Mfa(at) if within(at, FRESH_MFA) => Ok(()),
        // Somebody with nothing but a password has to be able to get a passkey at all.
        Standing::OnlyFactor(at) if passkeys == 0 && within(at, FRESH_MFA) => Ok(()),
        Standing::Pass { ends, .. } if ends <= now => Err(Denial::PassExpired),
        Standing::Pass {
            usable: PassUse::Many,
            ..
        } => Ok(()),
        Standing::Pass { at, .. } if within(at, FRESH_PASS) => Ok(()),
        Standing::Pass { .. } => Err(Denial::PassRegistrationWindowOver),
        Standing::Mfa(_) | Standing::OnlyFactor(_) | Standing::OneOfTwo => {
            Err(Denial::FreshMfaRequired)
        }
    }
}

const fn passkey_type(backup_eligible: bool) -> PasskeyType {
    if backup_eligible {
        PasskeyType::Synced
    } else {
        PasskeyType::DeviceBound
    }
}

fn level(facts: &RegistrationFacts) -> AttestationLevel {
    match facts.attestation.trust {
        TrustOutcome::Trusted => AttestationLevel::Attested,
        _ => AttestationLevel::NotAttested,
    }
}

#[cfg(test)]
mod tests;
