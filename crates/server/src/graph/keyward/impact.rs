//! `keyward/impact`: what a change of a policy would do to the people of the directory, asked before it is made.

use policy::access::Wish;
use policy::impact::{Effect, Finding};
use policy::model::{ModifiedProperty, PolicyDocument, PolicyKind};
use policy::roles::Task;
use policy::scopes::Operation;
use serde_json::{Map, Value, json};

use super::sees_people;
use crate::flow::govern::{self, Change, Preview, writing};
use crate::graph::policies::shared::{edit, everything, reader, refused};
use crate::graph::table::{Route, Verb};
use crate::graph::values::{member, members};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

pub const ROUTES: &[Route] = &[Route::new(
    Verb::Post,
    "keyward/impact",
    Operation::PreviewPolicies,
    "Ask what a change of a policy would do",
    graph_handler!(impact),
)
.beta()];

async fn impact(request: Request) -> Result<Answer, GraphRefusal> {
    let change = read(&request.members()?)?;
    let kind = change.kind();
    let (read, write) = operations(kind);
    // As on the pages: who may make the change may see what it would do.
    let governor = reader(&request, write)?;
    governor.may(writing(kind))?;
    let everything = everything(&request, read).await?;
    let id = change.id();
    let preview = govern::preview(&request.app, &governor, &edit(&everything, change)).await;
    let preview = preview.map_err(|refusal| refused(&refusal))?;
    let mut view = view(&preview, sees_people(&request));
    view.insert("kind".to_owned(), kind.as_str().into());
    view.insert("id".to_owned(), id.into());
    Ok(Answer::object(&request, "keyward/impact", view))
}

/// What reading and writing a kind of document take.
const fn operations(kind: PolicyKind) -> (Operation, Operation) {
    match writing(kind) {
        Task::WriteAccessPolicies => (
            Operation::ReadAccessPolicies,
            Operation::WriteAccessPolicies,
        ),
        Task::AssignRoles => (Operation::ReadMethodPolicy, Operation::AssignRoles),
        _ => (Operation::ReadMethodPolicy, Operation::WriteMethodPolicy),
    }
}

/// A document as it would be, or the id of one that would go.
fn read(body: &Map<String, Value>) -> Result<Change, GraphRefusal> {
    let name: Option<String> = member(body, "kind")?;
    let kind = name.and_then(|name| PolicyKind::from_name(&name));
    let kind = kind.ok_or_else(|| {
        let all: Vec<_> = PolicyKind::ALL.iter().map(|kind| kind.as_str()).collect();
        GraphRefusal::property("kind", format!("is none of {}", all.join(", ")))
    })?;
    let removed: Option<String> = member(body, "removedId")?;
    match (body.get("document"), removed) {
        (Some(document), None) => {
            let read = PolicyDocument::from_json(kind, &document.to_string());
            let read = read.map_err(|_| {
                GraphRefusal::property(
                    "document",
                    format!("is no document of the kind {}", kind.as_str()),
                )
            });
            read.map(Change::put)
        }
        (None, Some(id)) => Ok(Change::Remove(kind, id)),
        _ => Err(GraphRefusal::malformed(
            "The body has to hold a document, or the removedId of one.",
        )),
    }
}

fn view(preview: &Preview, names: bool) -> Map<String, Value> {
    let tally = &preview.tally;
    members(json!({
        "people": tally.people,
        "passkeys": tally.passkeys,
        "affectedPeople": tally.affected,
        "passkeysStopping": tally.passkeys_stopping,
        "passkeysWorking": tally.passkeys_working,
        "registrationsStopping": tally.registrations_stopping,
        "lockedOut": tally.locked_out,
        "prompted": tally.prompted,
        "administratorsBefore": tally.administrators_before,
        "administratorsAfter": tally.administrators_after,
        "locksEverybodyOut": tally.locks_everybody_out(),
        "modifiedProperties": preview.differences.iter().map(difference).collect::<Vec<_>>(),
        "findings": tally.findings.iter().map(|one| finding(one, names)).collect::<Vec<_>>(),
    }))
}

fn difference(one: &ModifiedProperty) -> Value {
    json!({
        "displayName": one.display_name,
        "oldValue": one.old_value,
        "newValue": one.new_value,
    })
}

fn finding(one: &Finding, names: bool) -> Value {
    json!({
        "userId": one.user,
        "userPrincipalName": Some(&one.user_principal_name).filter(|_| names),
        "effects": one.effects.iter().map(effect).collect::<Vec<_>>(),
    })
}

fn effect(effect: &Effect) -> Value {
    match effect {
        Effect::PasskeyStops { passkey, rule } => json!({
            "effect": "passkeyStops", "passkeyId": passkey, "code": rule.code(),
        }),
        Effect::PasskeyWorks { passkey } => json!({
            "effect": "passkeyWorks", "passkeyId": passkey,
        }),
        Effect::RegistrationStops { rule } => json!({
            "effect": "registrationStops", "code": rule.code(),
        }),
        Effect::RegistrationOpens => json!({"effect": "registrationOpens"}),
        Effect::LockedOut { wish, rule, policy } => json!({
            "effect": "lockedOut", "target": target(*wish), "code": rule.code(), "policyId": policy,
        }),
        Effect::LetIn { wish } => json!({"effect": "letIn", "target": target(*wish)}),
        Effect::Prompted {
            wish,
            policy,
            register,
        } => json!({
            "effect": if *register { "hasToRegister" } else { "prompted" },
            "target": target(*wish),
            "policyId": policy,
        }),
    }
}

/// Where they want to go: the id of an application, or a word.
fn target(wish: Wish) -> String {
    match wish {
        Wish::Application(id) => id.to_string(),
        Wish::OwnPages => "ownPages".to_owned(),
        Wish::Administration => "administration".to_owned(),
        Wish::RegisterSecurityInfo => "registerSecurityInformation".to_owned(),
    }
}
