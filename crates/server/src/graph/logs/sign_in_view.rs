//! A sign-in as Graph writes it. Beta says what v1.0 leaves out: the steps, and what asked for them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::access::{AppliedPolicy, FIRST_FACTOR, OutcomeResult};
use policy::model::{Browser, SignInRecord, System};
use policy::roles::Task;
use policy::scopes::Operation;
use serde_json::{Map, Value, json};

use crate::flow::records::Trace;
use crate::graph::values::{date, members};
use crate::graph::{Request, Version};

/// Whether whoever asks may see what policies said. Entra too shows it only to those who may see the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// They may.
    Policies,
    /// They may not.
    NoPolicies,
}

impl Sight {
    /// Of a request: by scope, and by role where a person stands behind it.
    pub fn of(request: &Request) -> Self {
        let granted = request.by.grant(Operation::ReadAccessPolicies);
        let may = granted.and_then(|granted| {
            let governor = request.by.governor(&request.caller, granted);
            governor.may(Task::ReadPolicies)
        });
        match may {
            Ok(()) => Self::Policies,
            Err(_) => Self::NoPolicies,
        }
    }
}

/// A sign-in.
pub fn view(version: Version, sight: Sight, record: &SignInRecord) -> Map<String, Value> {
    let trace: Trace = serde_json::from_str(&record.decision).unwrap_or_default();
    let mut view = common(record, &trace);
    let policies = match sight {
        Sight::Policies => trace.conditional_access.as_slice(),
        Sight::NoPolicies => &[],
    };
    let policies: Vec<_> = policies.iter().map(|one| applied(version, one)).collect();
    view.insert(
        "appliedConditionalAccessPolicies".to_owned(),
        policies.into(),
    );
    match version {
        Version::V1 => {
            view.insert("riskEventTypes".to_owned(), json!([]));
        }
        Version::Beta => view.extend(beta(record, &trace)),
    }
    view.extend(passkey(record));
    view
}

fn common(record: &SignInRecord, trace: &Trace) -> Map<String, Value> {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let nobody = uuid::Uuid::nil();
    members(json!({
        "id": record.id.to_string(),
        "createdDateTime": date(record.at),
        "userDisplayName": record.user_display_name,
        "userPrincipalName": record.user_principal_name,
        "userId": record.user.map_or(nobody, |user| user.uuid()).to_string(),
        "appId": record.application.map(|application| application.to_string()),
        "appDisplayName": record.application_name,
        "ipAddress": record.ip_address,
        "userAgent": record.user_agent,
        "clientAppUsed": "Browser",
        "correlationId": record.correlation.to_string(),
        "conditionalAccessStatus": status(&trace.conditional_access),
        "isInteractive": record.interactive,
        "homeTenantId": record.tenant.to_string(),
        "resourceDisplayName": null,
        "resourceId": null,
        "resourceTenantId": record.tenant.to_string(),
        "servicePrincipalId": null,
        "servicePrincipalName": null,
        "authenticationAppDeviceDetails": null,
        "riskDetail": "none",
        "riskLevelAggregated": "none",
        "riskLevelDuringSignIn": "none",
        "riskState": "none",
        "riskEventTypes_v2": [],
        "status": {
            "errorCode": record.error_code,
            "failureReason": text(&record.failure_reason),
            "additionalDetails": text(&record.failure_code),
        },
        "deviceDetail": {
            "deviceId": null,
            "displayName": null,
            "operatingSystem": System::of(&record.user_agent).label(),
            "browser": Browser::of(&record.user_agent).label(),
            "isCompliant": null,
            "isManaged": null,
            "trustType": null,
        },
        "location": {
            "city": null,
            "state": null,
            "countryOrRegion": null,
            "geoCoordinates": {"altitude": null, "latitude": null, "longitude": null},
        },
    }))
}

fn beta(record: &SignInRecord, trace: &Trace) -> Map<String, Value> {
    let contexts = trace.authentication_contexts.iter();
    let contexts = contexts.map(|id| json!({"id": id, "detail": "required"}));
    let succeeded = record.steps.iter().filter(|step| step.succeeded);
    let used: Vec<_> = succeeded.map(|step| step.method.as_str()).collect();
    members(json!({
        "authenticationContextClassReferences": contexts.collect::<Vec<_>>(),
        "authenticationDetails": steps(record),
        "authenticationMethodsUsed": used,
        "authenticationProcessingDetails": processing(record),
        "authenticationProtocol": match record.application {
            Some(_) => "oAuth2",
            None => "none",
        },
        "authenticationRequirement": match record.multi_factor {
            true => "multiFactorAuthentication",
            false => "singleFactorAuthentication",
        },
        "authenticationRequirementPolicies": requirements(trace),
        "appliedEventListeners": [],
        "authenticationAppPolicyEvaluationDetails": [],
        "autonomousSystemNumber": null,
        "clientCredentialType": "none",
        "conditionalAccessAudiences": [],
        "crossTenantAccessType": "none",
        "flaggedForReview": false,
        "incomingTokenType": "none",
        "isTenantRestricted": false,
        "isThroughGlobalSecureAccess": false,
        "mfaDetail": null,
        "networkLocationDetails": [],
        "originalRequestId": record.id.to_string(),
        "originalTransferMethod": "none",
        "processingTimeInMilliseconds": null,
        "resourceServicePrincipalId": null,
        "sessionId": record.session.map(|session| session.to_string()),
        "sessionLifetimePolicies": lifetimes(trace),
        "signInEventTypes": [match record.interactive {
            true => "interactiveUser",
            false => "nonInteractiveUser",
        }],
        "signInIdentifier": record.user_principal_name,
        "signInIdentifierType": "userPrincipalName",
        "tokenIssuerName": "",
        "tokenIssuerType": "AzureAD",
        "uniqueTokenIdentifier": null,
        "userType": null,
    }))
}

/// One passkey is one step, which satisfies both factors.
fn steps(record: &SignInRecord) -> Vec<Value> {
    let number = |at: usize| match at {
        0 => "Primary authentication",
        _ => "Secondary authentication",
    };
    let steps = record.steps.iter().enumerate();
    let step = steps.map(|(at, step)| {
        json!({
            "authenticationStepDateTime": date(step.at),
            "authenticationMethod": step.method,
            "authenticationMethodDetail": step.detail,
            "succeeded": step.succeeded,
            "authenticationStepResultDetail": step.result,
            "authenticationStepRequirement": number(at),
        })
    });
    step.collect()
}

/// What Entra's records do not say: which passkey it was, of which model and type.
fn processing(record: &SignInRecord) -> Vec<Value> {
    let passkey = passkey(record);
    let pairs = passkey.iter().filter_map(|(name, value)| {
        let name = name.strip_prefix("keyward@")?;
        Some(json!({"key": name, "value": value.as_str()?}))
    });
    pairs.collect()
}

fn passkey(record: &SignInRecord) -> Map<String, Value> {
    let mut view = Map::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            view.insert(format!("keyward@{name}"), value.into());
        }
    };
    let credential = record.credential_id.as_ref();
    add(
        "credentialId",
        credential.map(|id| URL_SAFE_NO_PAD.encode(id)),
    );
    add("aaguid", record.aaguid.map(|aaguid| aaguid.to_string()));
    let kind = record.passkey_type.map(|kind| kind.as_str().to_owned());
    add("passkeyType", kind);
    view
}

/// Who asked for what was shown.
fn requirements(trace: &Trace) -> Vec<Value> {
    let asks = trace.conditional_access.iter().filter(|policy| {
        enforced(policy)
            && policy
                .enforced_grant_controls
                .iter()
                .any(|one| one != "block")
    });
    let mut providers: Vec<_> = asks
        .map(|policy| match strength(policy) {
            Some(_) => "authenticationStrengths",
            None => "multiConditionalAccess",
        })
        .collect();
    providers.sort_unstable();
    providers.dedup();
    let all = providers
        .into_iter()
        .map(|provider| json!({"requirementProvider": provider, "detail": "Conditional Access"}));
    all.collect()
}

fn lifetimes(trace: &Trace) -> Vec<Value> {
    let asks = |policy: &&AppliedPolicy| {
        let mut controls = policy.enforced_session_controls.iter();
        enforced(policy) && controls.any(|one| one == "signInFrequency")
    };
    match trace.conditional_access.iter().any(|one| asks(&one)) {
        true => vec![json!({
            "expirationRequirement": "signInFrequencyPeriodicReauthentication",
            "detail": "Conditional Access",
        })],
        false => Vec::new(),
    }
}

const fn enforced(policy: &AppliedPolicy) -> bool {
    matches!(
        policy.result,
        OutcomeResult::Success | OutcomeResult::Failure
    )
}

/// The name of the strength that a policy asks for.
fn strength(policy: &AppliedPolicy) -> Option<&str> {
    let mut controls = policy.enforced_grant_controls.iter();
    let named = controls.find(|one| !matches!(one.as_str(), "block" | "mfa" | FIRST_FACTOR));
    named.map(String::as_str)
}

fn status(policies: &[AppliedPolicy]) -> &'static str {
    let any = |result| policies.iter().any(|policy| policy.result == result);
    if any(OutcomeResult::Failure) {
        "failure"
    } else if any(OutcomeResult::Success) {
        "success"
    } else {
        "notApplied"
    }
}

fn applied(version: Version, policy: &AppliedPolicy) -> Map<String, Value> {
    let grant = policy
        .enforced_grant_controls
        .iter()
        .map(|one| match one.as_str() {
            "block" => "Block",
            "mfa" => "Mfa",
            other => other,
        });
    let session = policy
        .enforced_session_controls
        .iter()
        .map(|one| match one.as_str() {
            "signInFrequency" => "SignInFrequency",
            "persistentBrowser" => "PersistentBrowserSessionMode",
            other => other,
        });
    let mut view = members(json!({
        "id": policy.id.to_string(),
        "displayName": policy.display_name,
        "enforcedGrantControls": grant.collect::<Vec<_>>(),
        "enforcedSessionControls": session.collect::<Vec<_>>(),
        "result": policy.result,
    }));
    if version == Version::Beta {
        let strength = strength(policy).map(|name| {
            json!({
                "authenticationStrengthId": null,
                "displayName": name,
                "authenticationStrengthResult": match policy.result {
                    OutcomeResult::Success | OutcomeResult::ReportOnlySuccess => "satisfied",
                    _ => "notSet",
                },
            })
        });
        view.extend(members(json!({
            "authenticationStrength": strength,
            "conditionsSatisfied": "application,users",
            "conditionsNotSatisfied": "none",
            "includeRulesSatisfied": [],
            "excludeRulesSatisfied": [],
            "sessionControlsNotSatisfied": [],
        })));
    }
    view
}
