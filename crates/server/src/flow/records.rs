//! The records of the two logs, filled with what every one of them needs.

use policy::model::{
    Actor, AuditRecord, AuditResult, AuditSalts, Category, CorrelationId, Method, Passkey,
    PasskeyType, RecordId, Salt, SignInRecord, SignInStep, Target, TenantId, Timestamp, User,
};

use policy::Denial;
use policy::access::{AppliedPolicy, Decision, FIRST_FACTOR, OutcomeResult, Verdict};
use policy::snapshot::Snapshot;
use serde::{Deserialize, Serialize};

use super::Caller;
use super::context::OpenContext;
use super::refusal::Refused;
use crate::app::AppState;
use crate::clock::Random;

/// Fresh salts, for a record that is made from another.
pub fn salts(random: &Random) -> AuditSalts {
    AuditSalts::new(random.bytes(), random.bytes())
}

/// An audit record of something `actor` did to `target`, successful until said otherwise.
pub fn audit(
    now: Timestamp,
    random: &Random,
    caller: &Caller,
    activity: impl Into<String>,
    actor: Actor,
    target: &User,
) -> AuditRecord {
    AuditRecord {
        tenant: target.tenant,
        id: RecordId::new(now, random.bytes()),
        at: now,
        activity: activity.into(),
        category: Category::UserManagement,
        service: "Authentication Methods".to_owned(),
        result: AuditResult::Success,
        reason: String::new(),
        initiated_by: actor,
        targets: vec![user_target(target)],
        details: vec![("userAgent".to_owned(), caller.user_agent.clone())],
        user: Some(target.id),
        credential_id: None,
        aaguid: None,
        passkey_type: None,
        correlation: caller.correlation,
        salts: Some(AuditSalts::new(random.bytes(), random.bytes())),
    }
}

/// An audit record of something the server does by itself; of nobody and nothing until said otherwise.
pub fn by_server(
    now: Timestamp,
    random: &Random,
    tenant: TenantId,
    correlation: CorrelationId,
    activity: &str,
) -> AuditRecord {
    AuditRecord {
        tenant,
        id: RecordId::new(now, random.bytes()),
        at: now,
        activity: activity.to_owned(),
        category: Category::UserManagement,
        service: "Evidence".to_owned(),
        result: AuditResult::Success,
        reason: String::new(),
        initiated_by: by_service("evidence"),
        targets: Vec::new(),
        details: Vec::new(),
        user: None,
        credential_id: None,
        aaguid: None,
        passkey_type: None,
        correlation,
        salts: Some(AuditSalts::new(random.bytes(), random.bytes())),
    }
}

/// The same record, of a passkey.
pub fn about_passkey(mut record: AuditRecord, passkey: &Passkey) -> AuditRecord {
    record.credential_id = Some(passkey.credential_id.clone());
    record.aaguid = Some(passkey.aaguid);
    record.passkey_type = Some(passkey.passkey_type);
    record
        .details
        .push(("AAGuid".to_owned(), passkey.aaguid.to_string()));
    record.targets.push(Target {
        id: passkey.id.to_string(),
        kind: "Passkey".to_owned(),
        display_name: Some(passkey.display_name.clone()),
        user_principal_name: None,
        modified_properties: Vec::new(),
    });
    record
}

/// The same record, of a failure.
pub fn failed(mut record: AuditRecord, refusal: &impl Refused) -> AuditRecord {
    record.result = AuditResult::Failure;
    record.reason = refusal.code().to_owned();
    record
        .details
        .push(("failureReason".to_owned(), refusal.admin_sentence()));
    record
}

/// A person as the one who did it.
pub fn by_user(user: &User, caller: &Caller) -> Actor {
    Actor::User {
        id: user.id,
        display_name: user.display_name.clone(),
        user_principal_name: user.user_principal_name.clone(),
        ip_address: caller.ip.to_string(),
    }
}

/// A part of the server, or an operator at the command line, as the one who did it.
pub fn by_service(name: &str) -> Actor {
    Actor::Service {
        name: name.to_owned(),
    }
}

/// Entra's activity name for adding a passkey of this type.
pub const fn add_passkey(kind: PasskeyType) -> &'static str {
    match kind {
        PasskeyType::DeviceBound => "Add Passkey (device-bound)",
        PasskeyType::Synced => "Add Passkey (synced)",
    }
}

/// What the log calls the activation of a passkey of this type, of which Entra knows nothing.
pub const fn activate_passkey(kind: PasskeyType) -> &'static str {
    match kind {
        PasskeyType::DeviceBound => "Activate Passkey (device-bound)",
        PasskeyType::Synced => "Activate Passkey (synced)",
    }
}

/// Entra's activity name for deleting a passkey of this type.
pub const fn delete_passkey(kind: PasskeyType) -> &'static str {
    match kind {
        PasskeyType::DeviceBound => "Delete Passkey (device-bound)",
        PasskeyType::Synced => "Delete Passkey (synced)",
    }
}

/// What the sign-in log calls a use of a passkey of this type.
pub const fn passkey_method(kind: PasskeyType) -> &'static str {
    match kind {
        PasskeyType::DeviceBound => "Passkey (device-bound)",
        PasskeyType::Synced => "Passkey (synced)",
    }
}

/// A sign-in record with everything the request itself tells.
pub fn sign_in(
    app: &AppState,
    caller: &Caller,
    tenant: TenantId,
    context: Option<&OpenContext>,
) -> SignInRecord {
    let request = context.and_then(OpenContext::request);
    let now = app.clock.now();
    SignInRecord {
        tenant,
        id: RecordId::new(now, app.random.bytes()),
        at: now,
        user: None,
        user_principal_name: String::new(),
        user_display_name: String::new(),
        application: request.map(|request| request.application),
        application_name: context
            .and_then(OpenContext::application_name)
            .unwrap_or("Keyward")
            .to_owned(),
        interactive: true,
        error_code: 0,
        failure_code: String::new(),
        failure_reason: String::new(),
        steps: Vec::new(),
        multi_factor: false,
        passkey: None,
        credential_id: None,
        aaguid: None,
        passkey_type: None,
        backed_up: None,
        session: None,
        ip_address: caller.ip.to_string(),
        user_agent: caller.user_agent.clone(),
        decision: "{}".to_owned(),
        policy_version: 0,
        correlation: caller.correlation,
        salt: Some(Salt::new(app.random.bytes())),
    }
}

/// What the policies said, as the sign-in record keeps it. With the version it can be had again in full.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The version of the policies.
    pub policy_version: i64,
    /// The policies whose conditions held (`appliedConditionalAccessPolicies`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditional_access: Vec<AppliedPolicy>,
    /// Authentication contexts that were asked for and satisfied (`authenticationContextClassReferences`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authentication_contexts: Vec<String>,
    /// An emergency account was used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub break_glass: bool,
}

impl Trace {
    /// Of a decision about `user`, who asked for these authentication contexts. One that nobody has defined is protected
    /// by nothing, so it is never said to be satisfied.
    pub fn of(decision: &Decision, snapshot: &Snapshot, user: &User, asked: &[String]) -> Self {
        let defined = |name: &&String| {
            let mut contexts = snapshot.policies().contexts.iter();
            contexts.any(|context| context.id == **name && context.available)
        };
        let granted = *decision.verdict() == Verdict::Granted;
        Self {
            policy_version: decision.version(),
            conditional_access: decision.applied(snapshot),
            authentication_contexts: match granted {
                true => asked.iter().filter(defined).cloned().collect(),
                false => Vec::new(),
            },
            break_glass: user.break_glass,
        }
    }

    /// The stored form.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }

    /// The name of the strength that a policy asks for; `None` where it asks for something simpler.
    pub fn control_of(&self, policy: policy::model::AccessPolicyId) -> Option<String> {
        let asks = self
            .conditional_access
            .iter()
            .find(|one| one.id == policy)?;
        let control = asks.enforced_grant_controls.first()?;
        (control != "mfa").then(|| control.clone())
    }

    /// The administrator's sentence of a denial, with the policies that led to it.
    pub fn explained(&self, denial: Denial) -> String {
        let failed = self
            .conditional_access
            .iter()
            .filter(|policy| policy.result == OutcomeResult::Failure)
            .filter(|policy| {
                let controls = &policy.enforced_grant_controls;
                let refused = controls.iter().any(|one| one == FIRST_FACTOR);
                denial != Denial::FirstFactorNotAllowed || refused
            })
            .map(|policy| format!("\u{201c}{}\u{201d}", policy.display_name));
        let names: Vec<_> = failed.collect();
        format!(
            "{} Policies: {}.",
            denial.admin_sentence(),
            names.join(", ")
        )
    }
}

/// The same record, of this user.
pub fn of_user(mut record: SignInRecord, user: &User) -> SignInRecord {
    record.user = Some(user.id);
    record
        .user_principal_name
        .clone_from(&user.user_principal_name);
    record.user_display_name.clone_from(&user.display_name);
    record
}

/// The same record, with this passkey.
pub fn with_passkey(mut record: SignInRecord, passkey: &Passkey) -> SignInRecord {
    record.passkey = Some(passkey.id);
    record.credential_id = Some(passkey.credential_id.clone());
    record.aaguid = Some(passkey.aaguid);
    record.passkey_type = Some(passkey.passkey_type);
    record.backed_up = Some(passkey.backed_up);
    record
}

/// The same record, of a refusal.
pub fn refused(mut record: SignInRecord, refusal: &impl Refused, error_code: i64) -> SignInRecord {
    record.error_code = error_code;
    record.failure_code = refusal.code().to_owned();
    record.failure_reason = refusal.admin_sentence();
    record
}

/// One step of a sign-in.
pub fn step(
    app: &AppState,
    method: Method,
    detail: &str,
    result: Result<(), &'static str>,
) -> SignInStep {
    SignInStep {
        at: app.clock.now(),
        method: method.display_name().to_owned(),
        detail: detail.to_owned(),
        succeeded: result.is_ok(),
        result: result.err().unwrap_or_default().to_owned(),
    }
}

fn user_target(user: &User) -> Target {
    Target {
        id: user.id.to_string(),
        ..named_user(&user.display_name, &user.user_principal_name)
    }
}

/// A user that was asked for by name and does not exist.
pub fn named_user(display_name: &str, user_principal_name: &str) -> Target {
    Target {
        id: String::new(),
        kind: "User".to_owned(),
        display_name: Some(display_name.to_owned()),
        user_principal_name: Some(user_principal_name.to_owned()),
        modified_properties: Vec::new(),
    }
}
