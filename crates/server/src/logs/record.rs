//! Records as JSON, in Entra's words; whole, or without what says who it was.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as URL;
use policy::model::{Actor, AuditRecord, SignInRecord, Target};
use serde_json::{Value, json};

use crate::evidence::checkpoint::time_text;

/// Details that say nothing of a person.
const IMPERSONAL: [&str; 8] = [
    "AAGuid",
    "AuthenticationMethod",
    "attestationLevel",
    "endedGrants",
    "endedSessions",
    "measure",
    "reason",
    "status",
];

/// An audit record.
pub fn audit_json(record: &AuditRecord) -> Value {
    json!({
        "id": record.id.to_string(),
        "activityDateTime": time_text(record.at),
        "activityDisplayName": record.activity,
        "category": record.category.as_str(),
        "loggedByService": record.service,
        "result": record.result.as_str(),
        "resultReason": record.reason,
        "initiatedBy": record.initiated_by,
        "targetResources": record.targets,
        "additionalDetails": record.details,
        "credentialId": record.credential_id.as_ref().map(|id| URL.encode(id)),
        "aaguid": record.aaguid.map(|aaguid| aaguid.to_string()),
        "correlationId": record.correlation.to_string(),
    })
}

/// A sign-in record.
pub fn sign_in_json(record: &SignInRecord) -> Value {
    json!({
        "id": record.id.to_string(),
        "createdDateTime": time_text(record.at),
        "userId": record.user.map(|user| user.to_string()),
        "userPrincipalName": record.user_principal_name,
        "userDisplayName": record.user_display_name,
        "appId": record.application.map(|application| application.to_string()),
        "appDisplayName": record.application_name,
        "isInteractive": record.interactive,
        "ipAddress": record.ip_address,
        "userAgent": record.user_agent,
        "status": {
            "errorCode": record.error_code,
            "failureCode": record.failure_code,
            "failureReason": record.failure_reason,
        },
        "authenticationDetails": record.steps,
        "credentialId": record.credential_id.as_ref().map(|id| URL.encode(id)),
        "aaguid": record.aaguid.map(|aaguid| aaguid.to_string()),
        "decision": serde_json::from_str::<Value>(&record.decision).unwrap_or(Value::Null),
        "correlationId": record.correlation.to_string(),
    })
}

/// The same record without names, addresses and devices. Ids stay: they lead back only where the names are known.
pub(super) fn without_person(mut record: AuditRecord) -> AuditRecord {
    record.initiated_by = match record.initiated_by {
        Actor::User { id, .. } => Actor::User {
            id,
            display_name: String::new(),
            user_principal_name: String::new(),
            ip_address: String::new(),
        },
        other => other,
    };
    record.targets = record.targets.iter().map(Target::without_person).collect();
    let impersonal = |name: &str| IMPERSONAL.contains(&name);
    record.details.retain(|(name, _)| impersonal(name));
    record.credential_id = None;
    record
}

/// The same of a sign-in. What was decided and why names locations and policies of the person, so it goes too.
pub(super) fn sign_in_without_person(mut record: SignInRecord) -> SignInRecord {
    for text in [
        &mut record.user_principal_name,
        &mut record.user_display_name,
        &mut record.ip_address,
        &mut record.user_agent,
        &mut record.failure_reason,
        &mut record.decision,
    ] {
        text.clear();
    }
    for step in &mut record.steps {
        step.detail.clear();
    }
    record.credential_id = None;
    record
}
