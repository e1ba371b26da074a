//! Nouns as the lists show them.

use std::borrow::Cow;

use policy::Denial;
use policy::key_place::{Keeper, KeyPlace, Source, key_place};
use policy::lifecycle::Outlook;
use policy::model::{
    Actor, AttestationLevel, AuditRecord, AuditResult, CorrelationId, Measure, Method, Models,
    Passkey, PasskeyId, PasskeyType, RecordId, Registrar, Session, SessionId, SignInRecord, Target,
    TemporaryAccessPass, Timestamp, User, UserId, UserType,
};
use store::outbox::Delivery;
use uuid::Uuid;

use super::device::device_label;
use super::messages::Text;
use super::problem::problem_message;
use super::trails::Trail;
use super::when::When;
use crate::flow::look::SecurityInfo;
use crate::notify::title;

/// A passkey in a list.
#[derive(Debug, Clone)]
pub struct PasskeyRow {
    pub id: PasskeyId,
    pub name: String,
    pub synced: bool,
    pub enabled: bool,
    /// Somebody else registered it, and its owner has not activated it.
    pub waiting: bool,
    /// The browser made it by itself, and nobody has used it yet.
    pub is_unused: bool,
    pub suspected_clone: bool,
    pub standing: Standing,
    pub provider: Option<String>,
    pub aaguid: Uuid,
    pub attestation: String,
    pub attested: bool,
    /// What keeps the key and who says so, in words.
    pub kept_by: Option<String>,
    pub created: When,
    pub added_by: Registrar,
    pub last_used: Option<When>,
    pub trail: Trail,
}

/// How a passkey stands, as a list shows it.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// It stops then.
    pub ends: Option<When>,
    /// It is in quarantine.
    pub quarantined: bool,
    /// It counts as one factor.
    pub in_doubt: bool,
    /// Policy refuses it.
    pub refused: Option<WhyRefused>,
    /// There is bad news about it that an administrator may overrule.
    pub releasable: bool,
}

/// Why policy refuses a passkey.
#[derive(Debug, Clone)]
pub struct WhyRefused {
    pub code: &'static str,
    /// For its owner.
    pub sentence: String,
    /// For administrators.
    pub explanation: &'static str,
}

impl WhyRefused {
    fn new(text: Text, denial: Denial) -> Self {
        Self {
            code: denial.code(),
            sentence: problem_message(text, denial.code(), denial.user_sentence()),
            explanation: denial.admin_sentence(),
        }
    }
}

impl Standing {
    fn new(text: Text, passkey: &Passkey, outlook: Outlook) -> Self {
        let releasable = matches!(
            passkey.measure(),
            Some(Measure::Quarantine | Measure::StepUp | Measure::PassFirst)
        );
        let base = Self {
            releasable,
            ..Self::default()
        };
        match outlook {
            Outlook::Good => base,
            Outlook::Ends(at) => Self {
                ends: Some(at.into()),
                ..base
            },
            Outlook::InDoubt => Self {
                in_doubt: true,
                ..base
            },
            Outlook::Quarantined => Self {
                quarantined: true,
                ..base
            },
            Outlook::Refused(denial) => Self {
                refused: Some(WhyRefused::new(text, denial)),
                ..base
            },
        }
    }
}

impl PasskeyRow {
    /// The row of one passkey.
    fn new(text: Text, passkey: &Passkey, outlook: Outlook, models: &Models) -> Self {
        let known = models.get(passkey.aaguid);
        Self {
            id: passkey.id,
            name: passkey.display_name.clone(),
            synced: passkey.passkey_type == PasskeyType::Synced,
            enabled: passkey.enabled,
            waiting: passkey.waiting,
            is_unused: !passkey.user_verified,
            suspected_clone: passkey.suspected_clone.is_some(),
            standing: Standing::new(text, passkey, outlook),
            provider: known.map(|model| model.name.clone()),
            aaguid: passkey.aaguid,
            attestation: passkey.attestation_format.clone(),
            attested: passkey.attestation_level == AttestationLevel::Attested,
            kept_by: key_place(passkey, known).map(|place| kept_by(text, place)),
            created: passkey.created.into(),
            added_by: passkey.registrar.clone(),
            last_used: passkey.last_used.map(When::from),
            trail: Trail::default(),
        }
    }

    /// The rows of a person's passkeys, with where each was used.
    pub fn of(text: Text, info: &SecurityInfo) -> Vec<Self> {
        let row = |(passkey, outlook): (&Passkey, &Outlook)| Self {
            trail: Trail::new(text, passkey.id, &info.sightings, &info.backups),
            ..Self::new(text, passkey, *outlook, &info.models)
        };
        info.passkeys.iter().zip(&info.outlooks).map(row).collect()
    }
}

/// What keeps a key, and how far that can be believed.
fn kept_by(text: Text, place: KeyPlace) -> String {
    let keeper = text.say(match place.keeper {
        Keeper::StrongBox => "keeper-strong-box",
        Keeper::TrustedEnvironment => "keeper-trusted-environment",
        Keeper::SecureEnclave => "keeper-secure-enclave",
        Keeper::Tpm => "keeper-tpm",
        Keeper::SecureElement => "keeper-secure-element",
        Keeper::Hardware => "keeper-hardware",
        Keeper::Software => "keeper-software",
        Keeper::Provider => "keeper-provider",
    });
    let source = match place.source {
        // The flag of the key itself says so.
        _ if place.keeper == Keeper::Provider => return keeper.into_owned(),
        Source::Attestation => "key-source-attestation",
        Source::Metadata => "key-source-metadata",
        Source::Claim => "key-source-claim",
    };
    format!("{keeper} ({})", text.say(source))
}

/// A session in a list.
#[derive(Debug, Clone)]
pub struct SessionRow {
    pub id: SessionId,
    pub is_current: bool,
    pub device: String,
    pub methods: String,
    pub kept: bool,
    pub ip_address: String,
    pub since: When,
    pub last_seen: When,
}

impl SessionRow {
    /// The row of `session`, seen from the session `current` (if the list is the person's own).
    pub fn new(text: Text, session: &Session, current: Option<SessionId>) -> Self {
        let methods: Vec<_> = session.methods().iter().map(|m| method(text, *m)).collect();
        Self {
            id: session.id,
            is_current: current == Some(session.id),
            device: device(text, &session.user_agent),
            methods: methods.join(" + "),
            kept: session.keep_signed_in,
            ip_address: session.ip_address.clone(),
            since: session.created.into(),
            last_seen: session.last_seen.into(),
        }
    }
}

/// A sign-in record in a list.
#[derive(Debug, Clone)]
pub struct SignInRow {
    pub id: RecordId,
    pub at: When,
    pub user: Option<UserId>,
    pub principal_name: String,
    pub code: String,
    pub reason: String,
    pub methods: String,
    pub application: String,
    pub ip_address: String,
    pub device: String,
    pub correlation: CorrelationId,
}

impl SignInRow {
    /// The row of `record`.
    pub fn new(text: Text, record: &SignInRecord) -> Self {
        let mut methods: Vec<_> = record
            .steps
            .iter()
            .map(|s| named(text, &s.method))
            .collect();
        methods.dedup();
        Self {
            id: record.id,
            at: record.at.into(),
            user: record.user,
            principal_name: record.user_principal_name.clone(),
            code: record.failure_code.clone(),
            reason: record.failure_reason.clone(),
            methods: methods.join(" + "),
            application: record.application_name.clone(),
            ip_address: record.ip_address.clone(),
            device: device(text, &record.user_agent),
            correlation: record.correlation,
        }
    }

    /// Whether the sign-in went through.
    pub fn succeeded(&self) -> bool {
        self.code.is_empty()
    }
}

/// An audit record in a list.
#[derive(Debug, Clone)]
pub struct AuditRow {
    pub at: When,
    pub activity: String,
    pub category: &'static str,
    pub succeeded: bool,
    pub reason: String,
    pub actor: String,
    pub targets: Vec<String>,
    pub correlation: CorrelationId,
}

impl From<&AuditRecord> for AuditRow {
    fn from(record: &AuditRecord) -> Self {
        Self {
            at: record.at.into(),
            activity: record.activity.clone(),
            category: record.category.as_str(),
            succeeded: record.result == AuditResult::Success,
            reason: record.reason.clone(),
            actor: actor(&record.initiated_by),
            targets: record.targets.iter().map(target).collect(),
            correlation: record.correlation,
        }
    }
}

/// A copy of a notice that could not be delivered.
#[derive(Debug, Clone)]
pub struct NoticeRow {
    pub at: When,
    pub title: String,
    pub account: String,
    pub recipient: String,
    pub given_up: bool,
    pub next: When,
    pub attempts: usize,
    pub problem: String,
    pub correlation: CorrelationId,
}

impl NoticeRow {
    /// The row of `copy`.
    pub fn new(text: Text, copy: &Delivery) -> Self {
        let webhook = || text.say("notices-by-webhook").into_owned();
        let recipient = Some(&copy.recipient).filter(|address| !address.is_empty());
        Self {
            at: copy.created.into(),
            title: title(text, copy.notice.kind),
            account: copy.notice.user.user_principal_name.clone(),
            recipient: recipient.cloned().unwrap_or_else(webhook),
            given_up: copy.given_up.is_some(),
            next: copy.due.into(),
            attempts: usize::try_from(copy.attempts).unwrap_or(0),
            problem: copy.problem.clone(),
            correlation: copy.notice.correlation,
        }
    }
}

/// A user in a list or at the head of a page.
#[derive(Debug, Clone)]
pub struct UserRow {
    pub id: UserId,
    pub display_name: String,
    pub principal_name: String,
    pub mail: Option<String>,
    pub is_guest: bool,
    pub enabled: bool,
    pub break_glass: bool,
    pub created: When,
}

impl From<&User> for UserRow {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            display_name: user.display_name.clone(),
            principal_name: user.user_principal_name.clone(),
            mail: user.mail.clone(),
            is_guest: user.user_type == UserType::Guest,
            enabled: user.enabled,
            break_glass: user.break_glass,
            created: user.created.into(),
        }
    }
}

/// A Temporary Access Pass without its code.
#[derive(Debug, Clone)]
pub struct PassRow {
    pub usable: bool,
    pub starts: When,
    pub ends: When,
}

impl PassRow {
    /// The row of `pass`, as it stands at `now`.
    pub fn new(pass: &TemporaryAccessPass, now: Timestamp) -> Self {
        let spent = pass.used.is_some() && pass.usable == policy::model::PassUse::Once;
        Self {
            usable: !spent && pass.starts <= now && now < pass.ends(),
            starts: pass.starts.into(),
            ends: pass.ends().into(),
        }
    }
}

fn device(text: Text, user_agent: &str) -> String {
    device_label(user_agent).unwrap_or_else(|| text.say("device-unknown").into_owned())
}

fn method(text: Text, method: Method) -> Cow<'static, str> {
    match method {
        Method::Passkey => text.say("method-passkey"),
        Method::Password => text.say("method-password"),
        Method::Totp => text.say("method-totp"),
        Method::TemporaryAccessPass => text.say("method-pass"),
    }
}

/// Records keep a method by its name in Entra's log.
/// The method that a record names, in the reader's words.
pub fn named(text: Text, name: &str) -> Cow<'static, str> {
    let known = [
        Method::Passkey,
        Method::Password,
        Method::Totp,
        Method::TemporaryAccessPass,
    ];
    let method = known
        .into_iter()
        .find(|method| method.display_name() == name);
    method.map_or_else(
        || Cow::Owned(name.to_owned()),
        |method| self::method(text, method),
    )
}

fn actor(actor: &Actor) -> String {
    match actor {
        Actor::User {
            user_principal_name,
            ..
        } => user_principal_name.clone(),
        Actor::App { display_name, .. } => display_name.clone(),
        Actor::Service { name } => name.clone(),
    }
}

fn target(target: &Target) -> String {
    let name = [&target.user_principal_name, &target.display_name]
        .into_iter()
        .flatten()
        .next();
    format!("{} {}", target.kind, name.unwrap_or(&target.id))
}
