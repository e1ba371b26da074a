//! `identity/conditionalAccess/evaluate`: What If.

use std::net::{IpAddr, Ipv4Addr};

use policy::access::{Condition, OutcomeResult, Wish};
use policy::explain::PolicyWord;
use policy::model::{AccessPolicy, AccessTarget, ClientType, UserId};
use policy::scopes::Operation;
use serde_json::Value;

use super::access_view::{self, CLIENTS, PLATFORMS};
use super::shared::{Members, everything, nested, refused, truth, word};
use crate::flow::govern::ask::{self, Question};
use crate::graph::table::{Route, Verb};
use crate::graph::values::{member, required};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const READ: Operation = Operation::ReadAccessPolicies;

pub const ROUTES: &[Route] = &[Route::new(
    Verb::Post,
    "identity/conditionalAccess/evaluate",
    READ,
    "Ask what conditional access would say",
    graph_handler!(evaluate),
)];

/// What was asked, and what was left out: a condition that was not supplied cannot be judged.
struct Asked {
    user: UserId,
    question: Question,
    of_context: bool,
    address: bool,
    platform: bool,
}

async fn evaluate(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let asked = read(&body)?;
    let applied_only = truth(&body, "appliedPoliciesOnly")?.unwrap_or(false);
    let governor = request.governor();
    let said = ask::what_if(&request.app, &governor, asked.user, &asked.question).await;
    let said = said.map_err(|refusal| refused(&refusal))?;
    let everything = everything(&request, READ).await?;
    let mut rows = Vec::new();
    for word in &said.what_if.policies {
        let mut policies = everything.policies.access.iter();
        let Some(policy) = policies.find(|one| one.id == word.id) else {
            continue;
        };
        let reason = reason(policy, word, &asked);
        if applied_only && reason.is_some() {
            continue;
        }
        let mut view = access_view::view(policy, &everything);
        view.insert("policyApplies".to_owned(), reason.is_none().into());
        view.insert(
            "analysisReasons".to_owned(),
            reason.unwrap_or("notSet").into(),
        );
        rows.push(view);
    }
    let context = "Collection(microsoft.graph.whatIfAnalysisResult)";
    Ok(Answer::list(&request, context, rows, None, None))
}

/// Why a policy does not apply; absent where it does.
fn reason(policy: &AccessPolicy, word: &PolicyWord, asked: &Asked) -> Option<&'static str> {
    let of_context = matches!(policy.conditions.target, AccessTarget::Contexts(_));
    if asked.of_context && !of_context {
        return Some("authenticationContext");
    }
    if word.result == OutcomeResult::NotEnabled {
        return Some("policyNotEnabled");
    }
    let unknown = policy.conditions.locations.is_some() && !asked.address
        || policy.conditions.platforms.is_some() && !asked.platform;
    if word.result.applied() {
        return unknown.then_some("notEnoughInformation");
    }
    Some(match word.not_satisfied {
        Some(Condition::Users) => "users",
        Some(Condition::Application) => "application",
        Some(Condition::UserActions) => "userActions",
        Some(Condition::AuthenticationContext) => "authenticationContext",
        Some(Condition::DevicePlatform) if !asked.platform => "notEnoughInformation",
        Some(Condition::DevicePlatform) => "devicePlatform",
        Some(Condition::ClientApps) => "clientApps",
        Some(Condition::Location) if !asked.address => "notEnoughInformation",
        Some(Condition::Location) => "location",
        Some(Condition::AuthenticationFlow) => "authenticationFlow",
        None => "notSet",
    })
}

/// The same question without having to say what for: what somebody wants is their own pages, unless it says otherwise.
pub fn about(body: &Members) -> Result<(UserId, Question), GraphRefusal> {
    let context = nested(body, "signInContext")?.flatten();
    let wanted = match context {
        Some(context) => wish(&context)?,
        None => (Wish::OwnPages, Vec::new()),
    };
    let asked = asked(body, wanted)?;
    Ok((asked.user, asked.question))
}

fn read(body: &Members) -> Result<Asked, GraphRefusal> {
    let context = nested(body, "signInContext")?.flatten();
    let context = context.ok_or_else(|| GraphRefusal::property("signInContext", "is missing"))?;
    asked(body, wish(&context)?)
}

fn asked(body: &Members, (wish, contexts): (Wish, Vec<String>)) -> Result<Asked, GraphRefusal> {
    let identity = nested(body, "signInIdentity")?.flatten();
    let identity =
        identity.ok_or_else(|| GraphRefusal::property("signInIdentity", "is missing"))?;
    let user: String = required(&identity, "userId")?;
    let conditions = nested(body, "signInConditions")?
        .flatten()
        .unwrap_or_default();
    let address: Option<String> = member(&conditions, "ipAddress")?;
    let address = match address.filter(|text| !text.is_empty()) {
        Some(text) => Some(
            text.parse::<IpAddr>()
                .map_err(|_| GraphRefusal::property("ipAddress", "is no address"))?,
        ),
        None => None,
    };
    let platform = word(&conditions, "devicePlatform", PLATFORMS)?;
    let client = match conditions.get("clientAppType") {
        Some(Value::String(all)) if all.eq_ignore_ascii_case("all") => None,
        _ => word(&conditions, "clientAppType", CLIENTS)?,
    };
    let flow = nested(&conditions, "authenticationFlow")?
        .flatten()
        .unwrap_or_default();
    let methods = [
        ("none", false),
        ("deviceCodeFlow", true),
        ("authenticationTransfer", false),
    ];
    Ok(Asked {
        user: user
            .parse()
            .map_err(|_| GraphRefusal::property("userId", "is no id"))?,
        of_context: !contexts.is_empty(),
        address: address.is_some(),
        platform: platform.is_some(),
        question: Question {
            wish,
            contexts,
            platform,
            client: client.unwrap_or(ClientType::Browser),
            address: address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            device_code: word(&flow, "transferMethod", &methods)?.unwrap_or(false),
        },
    })
}

fn wish(context: &Members) -> Result<(Wish, Vec<String>), GraphRefusal> {
    if let Some(value) = member::<String>(context, "authenticationContextValue")? {
        return Ok((Wish::OwnPages, vec![value]));
    }
    if member::<String>(context, "userAction")?.is_some() {
        word(
            context,
            "userAction",
            &[("registerSecurityInformation", ())],
        )?;
        return Ok((Wish::RegisterSecurityInfo, Vec::new()));
    }
    let applications: Vec<String> = required(context, "includeApplications")?;
    match applications.as_slice() {
        [one] if one.eq_ignore_ascii_case(access_view::PORTALS) => {
            Ok((Wish::Administration, Vec::new()))
        }
        [one] => {
            let id = one.parse().map_err(|_| {
                GraphRefusal::property("includeApplications", "names no application")
            })?;
            Ok((Wish::Application(id), Vec::new()))
        }
        _ => Err(GraphRefusal::property(
            "includeApplications",
            "has to name one application",
        )),
    }
}
