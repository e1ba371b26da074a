//! Values of policies as people read them, and as forms send them.

use policy::model::{
    AccessGrant, AccessState, AccessTarget, Assignment, AttestationRule, CampaignState,
    CertificationLevel, ClientType, CompromiseRule, CrossDevice, Mode, ModelStatus, Models,
    PasskeyType, PersistentBrowser, Platform, PolicyDocument, Reaction, Scope, UserVerification,
};
use uuid::Uuid;

use super::{Draw, root, source};
use crate::pages::Text;
use crate::pages::form::Choice;

/// Words for the values of something: what a form sends, and the message that names it.
pub trait Words: Copy + PartialEq + Sized + 'static {
    /// Each value with what a form sends and the id of its message.
    const ALL: &'static [(Self, &'static str, &'static str)];

    /// The value that a form sent.
    fn of(sent: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, value, _)| *value == sent);
        found.map(|(value, _, _)| *value)
    }

    /// What people call it.
    fn word(self, text: Text) -> String {
        let found = Self::ALL.iter().find(|(value, _, _)| *value == self);
        found.map_or_else(String::new, |(_, _, id)| text.say(id).into_owned())
    }

    /// All of them as choices.
    fn choices(text: Text, chosen: impl Fn(&Self) -> bool) -> Vec<Choice> {
        let all = Self::ALL.iter();
        all.map(|(value, sent, id)| Choice::new(*sent, text.say(id), chosen(value)))
            .collect()
    }
}

impl Words for PasskeyType {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::DeviceBound, "deviceBound", "passkey-device-bound"),
        (Self::Synced, "synced", "passkey-synced"),
    ];
}

impl Words for Reaction {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Note, "note", "reaction-note"),
        (Self::StepUp, "stepUp", "reaction-step-up"),
        (Self::Revoke, "revoke", "reaction-revoke"),
    ];
}

impl Words for AttestationRule {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Disabled, "disabled", "attestation-disabled"),
        (
            Self::RegistrationOnly,
            "registrationOnly",
            "attestation-registration",
        ),
        (Self::Always, "always", "attestation-always"),
    ];
}

impl Words for CrossDevice {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Allowed, "allowed", "cross-device-allowed"),
        (
            Self::NotWithAttestation,
            "notWithAttestation",
            "cross-device-not-with-attestation",
        ),
        (Self::Blocked, "blocked", "cross-device-blocked"),
    ];
}

impl Words for CompromiseRule {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Quarantine, "quarantine", "compromise-quarantine"),
        (Self::StepUp, "stepUp", "compromise-step-up"),
        (Self::Report, "report", "compromise-report"),
    ];
}

impl Words for CertificationLevel {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Fido, "Fido", "certification-fido"),
        (Self::L1, "L1", "certification-l1"),
        (Self::L1Plus, "L1+", "certification-l1-plus"),
        (Self::L2, "L2", "certification-l2"),
        (Self::L2Plus, "L2+", "certification-l2-plus"),
        (Self::L3, "L3", "certification-l3"),
        (Self::L3Plus, "L3+", "certification-l3-plus"),
    ];
}

impl Words for ModelStatus {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Good, "good", "model-good"),
        (Self::UpdateAvailable, "updateAvailable", "model-update"),
        (Self::Revoked, "revoked", "model-revoked"),
        (Self::Compromised, "compromised", "model-compromised"),
    ];
}

impl Words for UserVerification {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Fingerprint, "fingerprint", "verification-fingerprint"),
        (Self::Face, "face", "verification-face"),
        (Self::Eye, "eye", "verification-eye"),
        (Self::Voice, "voice", "verification-voice"),
        (Self::Passcode, "passcode", "verification-passcode"),
        (Self::Pattern, "pattern", "verification-pattern"),
    ];
}

impl Words for AccessState {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Enabled, "enabled", "access-on"),
        (
            Self::ReportOnly,
            "enabledForReportingButNotEnforced",
            "access-report-only",
        ),
        (Self::Disabled, "disabled", "access-off"),
    ];
}

impl Words for CampaignState {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Default, "default", "managed-default"),
        (Self::Enabled, "enabled", "managed-enabled"),
        (Self::Disabled, "disabled", "managed-disabled"),
    ];
}

impl Words for Platform {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Android, "android", "platform-android"),
        (Self::Ios, "iOS", "platform-ios"),
        (Self::Windows, "windows", "platform-windows"),
        (Self::WindowsPhone, "windowsPhone", "platform-windows-phone"),
        (Self::MacOs, "macOS", "platform-macos"),
        (Self::Linux, "linux", "platform-linux"),
    ];
}

impl Words for ClientType {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Browser, "browser", "client-browser"),
        (
            Self::MobileAppsAndDesktopClients,
            "mobileAppsAndDesktopClients",
            "client-installed",
        ),
        (
            Self::ExchangeActiveSync,
            "exchangeActiveSync",
            "client-exchange",
        ),
        (Self::EasSupported, "easSupported", "client-eas"),
        (Self::Other, "other", "client-other"),
    ];
}

impl Words for PersistentBrowser {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Always, "always", "persistent-always"),
        (Self::Never, "never", "persistent-never"),
    ];
}

/// A model as a line of a form: its AAGUID, and its name where that is known.
pub fn model(models: &Models, aaguid: Uuid) -> String {
    match models.get(aaguid) {
        Some(known) => format!("{aaguid}  {}", known.name),
        None => aaguid.to_string(),
    }
}

/// A method as people call it.
pub fn mode(text: Text, mode: Mode) -> String {
    let id = match mode {
        Mode::Password => "method-password",
        Mode::Voice => "mode-voice",
        Mode::HardwareOath => "mode-hardware-oath",
        Mode::SoftwareOath => "mode-software-oath",
        Mode::Sms => "mode-sms",
        Mode::Fido2 => "method-passkey",
        Mode::WindowsHelloForBusiness => "mode-windows-hello",
        Mode::MicrosoftAuthenticatorPush => "mode-push",
        Mode::DeviceBasedPush => "mode-device-push",
        Mode::TemporaryAccessPassOneTime => "mode-pass-once",
        Mode::TemporaryAccessPassMultiUse => "mode-pass-many",
        Mode::Email => "mode-email",
        Mode::X509CertificateSingleFactor => "mode-certificate-single",
        Mode::X509CertificateMultiFactor => "mode-certificate-multi",
        Mode::FederatedSingleFactor => "mode-federated-single",
        Mode::FederatedMultiFactor => "mode-federated-multi",
        Mode::QrCodePin => "mode-qr-code",
    };
    text.say(id).into_owned()
}

/// What a document does, in short sentences for a list.
pub fn summary(draw: Draw<'_>, document: &PolicyDocument) -> Vec<String> {
    let text = draw.text;
    match document {
        PolicyDocument::Access(one) => {
            let conditions = &one.conditions;
            vec![
                who(draw, &conditions.users),
                target(draw, &conditions.target),
                grant(draw, &one.grant),
            ]
        }
        PolicyDocument::Strength(one) => {
            let combinations = one.combinations.iter();
            let words = combinations.map(|combination| {
                let modes = combination.modes().iter().map(|one| mode(text, *one));
                modes.collect::<Vec<_>>().join(" + ")
            });
            vec![words.collect::<Vec<_>>().join(" · ")]
        }
        PolicyDocument::Location(one) => {
            let ranges = one.ranges.iter().take(3).map(ToString::to_string);
            let trusted = one
                .trusted
                .then(|| text.say("location-trusted").into_owned());
            let count = text
                .count("location-ranges-count", one.ranges.len())
                .into_owned();
            let ranges = ranges.collect::<Vec<_>>().join(", ");
            trusted.into_iter().chain([count, ranges]).collect()
        }
        PolicyDocument::Context(one) => vec![one.id.clone(), one.description.clone()],
        PolicyDocument::Root(one) => root::facts(text, one),
        PolicyDocument::Source(one) => source::facts(text, one),
        PolicyDocument::Passkeys(_)
        | PolicyDocument::Passes(_)
        | PolicyDocument::SystemPreferred(_)
        | PolicyDocument::SecondPerson(_)
        | PolicyDocument::Availability(_)
        | PolicyDocument::Campaign(_) => Vec::new(),
    }
}

/// For whom, in one line.
pub fn who(draw: Draw<'_>, assignment: &Assignment) -> String {
    let include = scope(draw, &assignment.include);
    if assignment.exclude.is_empty() {
        return include;
    }
    let exclude = scope(draw, &assignment.exclude);
    let but = draw.text.with("scope-but", "who", exclude);
    format!("{include}, {but}")
}

/// The people of a scope, in one line.
pub fn scope(draw: Draw<'_>, scope: &Scope) -> String {
    const SHOWN: usize = 3;
    let text = draw.text;
    let mut parts: Vec<String> = Vec::new();
    if scope.everyone {
        parts.push(text.say("scope-everyone").into_owned());
    }
    if scope.guests {
        parts.push(text.say("scope-guests").into_owned());
    }
    let labels = &draw.desk.labels;
    let group = |id| labels.groups.get(id).cloned();
    parts.extend(scope.groups.iter().take(SHOWN).filter_map(group));
    let user = |id| labels.users.get(id).cloned();
    parts.extend(scope.users.iter().take(SHOWN).filter_map(user));
    if scope.roles.len() == policy::model::Role::ALL.len() {
        parts.push(text.say("scope-any-role").into_owned());
    } else {
        let roles = scope.roles.iter().take(SHOWN);
        parts.extend(roles.map(|role| role.display_name().to_owned()));
    }
    let named = scope.groups.len().max(scope.users.len());
    if named > SHOWN {
        parts.push("…".to_owned());
    }
    if parts.is_empty() {
        return text.say("scope-nobody").into_owned();
    }
    parts.join(", ")
}

fn target(draw: Draw<'_>, target: &AccessTarget) -> String {
    let text = draw.text;
    match target {
        AccessTarget::Applications { all: true, .. } => text.say("target-all").into_owned(),
        AccessTarget::Applications {
            include,
            admin_portals,
            ..
        } => {
            let portals = admin_portals.then(|| text.say("target-admin-portals").into_owned());
            let known = &draw.desk.labels.applications;
            let names = include.iter().filter_map(|id| known.get(id).cloned());
            portals
                .into_iter()
                .chain(names)
                .collect::<Vec<_>>()
                .join(", ")
        }
        AccessTarget::RegisterSecurityInfo => text.say("target-register").into_owned(),
        AccessTarget::Contexts(contexts) => {
            let names = contexts.join(", ");
            text.with("target-contexts-named", "contexts", names)
                .into_owned()
        }
    }
}

fn grant(draw: Draw<'_>, grant: &AccessGrant) -> String {
    let text = draw.text;
    match grant {
        AccessGrant::Nothing => text.say("grant-session-only").into_owned(),
        AccessGrant::Block => text.say("grant-block").into_owned(),
        AccessGrant::Mfa => text.say("grant-mfa").into_owned(),
        AccessGrant::Strength(id) => {
            let custom = &draw.desk.everything.policies.strengths;
            let built_in = policy::strength::built_in();
            let mut all = custom.iter().chain(&built_in);
            let name = all.find(|one| one.id == *id).map(|one| one.name.clone());
            let name = name.unwrap_or_else(|| id.to_string());
            text.with("grant-strength-named", "name", name).into_owned()
        }
    }
}
