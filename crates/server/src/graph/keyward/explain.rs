//! `keyward/explain`: may somebody register and use passkeys, and which rule says no.

use std::collections::BTreeMap;

use policy::Denial;
use policy::campaign::Nudge;
use policy::explain::{PasskeyWord, PolicyWord, ProfileWord, Way, WhatIf};
use policy::model::PasskeyId;
use policy::profiles::Rule;
use policy::scopes::Operation;
use serde_json::{Map, Value, json};

use crate::flow::govern::ask::{self, Told};
use crate::graph::logs::Sight;
use crate::graph::policies::evaluate;
use crate::graph::policies::shared::refused;
use crate::graph::table::{Route, Verb};
use crate::graph::values::{date_or_null, members};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

pub const ROUTES: &[Route] = &[Route::new(
    Verb::Post,
    "keyward/explain",
    Operation::ReadMethods,
    "Explain what a person may register and use",
    graph_handler!(explain),
)
.beta()];

async fn explain(request: Request) -> Result<Answer, GraphRefusal> {
    let (user, question) = evaluate::about(&request.members()?)?;
    let told = ask::person(&request.app, &request.governor(), user, &question).await;
    let told = told.map_err(|refusal| refused(&refusal))?;
    // What conditional access says in detail is for those who may see its policies too, as in the sign-in log.
    let sight = Sight::of(&request);
    let view = view(&told, sight == Sight::Policies);
    Ok(Answer::object(&request, "keyward/explanation", view))
}

fn view(told: &Told, policies: bool) -> Map<String, Value> {
    let explanation = &told.explanation;
    let ids = Ids::of(told);
    let access = |what_if: &WhatIf| access(what_if, &ids, policies);
    members(json!({
        "userId": told.resident.user.id,
        "policyVersion": explanation.version,
        "registration": word(explanation.registering),
        "registrationAccess": access(&explanation.registering_access),
        "signInAccess": access(&told.signing_in),
        "lastMultifactorDateTime": date_or_null(told.last_mfa),
        "passkeyProfiles": explanation.profiles.iter().map(profile).collect::<Vec<_>>(),
        "passkeys": explanation.passkeys.iter().map(|one| passkey(one, &ids)).collect::<Vec<_>>(),
        "registrationCampaign": nudge(&told.nudge),
    }))
}

/// Passkeys by the id they have in Graph.
struct Ids(BTreeMap<PasskeyId, String>);

impl Ids {
    fn of(told: &Told) -> Self {
        let each = told.resident.passkeys.iter();
        let pair = |one: &policy::model::Passkey| {
            (one.id, ceremony::base64url::encode(&one.credential_id))
        };
        Self(each.map(pair).collect())
    }

    fn written(&self, id: PasskeyId) -> Option<&str> {
        self.0.get(&id).map(String::as_str)
    }
}

fn word(said: Result<(), Denial>) -> Value {
    json!({
        "allowed": said.is_ok(),
        "code": said.err().map(Denial::code),
        "reason": said.err().map(Denial::admin_sentence),
    })
}

fn rules(against: &[Rule]) -> Vec<Value> {
    let rule = |rule: &Rule| json!({"code": rule.code(), "reason": rule.denial().admin_sentence()});
    against.iter().map(rule).collect()
}

fn profile(word: &ProfileWord) -> Value {
    let types: Vec<_> = word.types.iter().map(|one| one.as_str()).collect();
    json!({
        "id": word.id,
        "displayName": word.name,
        "passkeyTypes": types.join(","),
        "isAttestationEnforced": word.attested,
        "against": rules(&word.against),
    })
}

fn passkey(said: &PasskeyWord, ids: &Ids) -> Value {
    let profiles = said
        .profiles
        .iter()
        .map(|(id, against)| json!({"id": id, "against": rules(against)}));
    json!({
        "id": ids.written(said.id),
        "displayName": said.name,
        "signIn": word(said.works),
        "passkeyProfiles": profiles.collect::<Vec<_>>(),
    })
}

fn access(what_if: &WhatIf, ids: &Ids, policies: bool) -> Value {
    let way = |way: &Way| {
        let methods: Vec<_> = way.modes.iter().map(|mode| mode.as_str()).collect();
        json!({
            "authenticationMethods": methods,
            "passkeyId": way.passkey.and_then(|id| ids.written(id)),
            "isSufficient": way.enough,
            "failedPolicyId": way.against.filter(|_| policies),
        })
    };
    let shown = what_if.policies.iter().filter(|_| policies);
    json!({
        "methods": what_if.ways.iter().map(way).collect::<Vec<_>>(),
        "policies": shown.map(policy).collect::<Vec<_>>(),
    })
}

fn policy(word: &PolicyWord) -> Value {
    json!({
        "id": word.id,
        "displayName": word.name,
        "result": word.result,
        "conditionNotSatisfied": word.not_satisfied,
    })
}

fn nudge(nudge: &Nudge) -> Value {
    let (outcome, reason) = match nudge {
        Nudge::None(reason) => ("none", Some(reason)),
        Nudge::Silent { .. } => ("silent", None),
        Nudge::Ask { .. } => ("ask", None),
        Nudge::Required { .. } => ("required", None),
    };
    json!({
        "outcome": outcome,
        "campaignId": nudge.campaign(),
        "code": reason.map(|reason| reason.code()),
        "reason": reason.map(|reason| reason.admin_sentence()),
    })
}
