//! `identity/conditionalAccess/authenticationContextClassReferences`.

use axum::http::StatusCode;
use policy::model::{AuthenticationContext, PolicyDocument, PolicyKind};
use policy::scopes::Operation;
use serde_json::json;

use super::shared::{Members, etag, everything, list as listed, one, put, remove, truth};
use crate::flow::govern::read::Everything;
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::table::{Route, Verb};
use crate::graph::values::{member, members, required};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const READ: Operation = Operation::ReadAccessPolicies;
const WRITE: Operation = Operation::WriteAccessPolicies;
const LIST: &str = "identity/conditionalAccess/authenticationContextClassReferences";
const ONE: &str = "identity/conditionalAccess/authenticationContextClassReferences/{context}";

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        LIST,
        READ,
        "List authentication contexts",
        graph_handler!(list),
    ),
    Route::new(
        Verb::Post,
        LIST,
        WRITE,
        "Make an authentication context",
        graph_handler!(create),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Get,
        ONE,
        READ,
        "Get an authentication context",
        graph_handler!(get),
    ),
    Route::new(
        Verb::Patch,
        ONE,
        WRITE,
        "Make or update an authentication context",
        graph_handler!(patch),
    )
    .gives(StatusCode::NO_CONTENT),
    Route::new(
        Verb::Delete,
        ONE,
        WRITE,
        "Delete an authentication context",
        graph_handler!(delete),
    ),
];

const COLLECTION: Collection = Collection::small(
    &[
        Field::new("id", Kind::Text),
        Field::new("displayName", Kind::Text),
        Field::new("isAvailable", Kind::Boolean),
    ],
    &["id", "displayName"],
);

fn view(context: &AuthenticationContext) -> Members {
    members(json!({
        "id": context.id,
        "displayName": context.name,
        "description": context.description,
        "isAvailable": context.available,
    }))
}

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let views = everything.policies.contexts.iter().map(view).collect();
    listed(&request, &COLLECTION, LIST, views)
}

fn found<'e>(request: &Request, everything: &'e Everything) -> Option<&'e AuthenticationContext> {
    let id = request.key("context");
    everything.policies.contexts.iter().find(|one| one.id == id)
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let context = found(&request, &everything).ok_or(GraphRefusal::NotFound)?;
    let answer = one(
        &request,
        &COLLECTION,
        &format!("{LIST}/$entity"),
        view(context),
    )?;
    Ok(answer.tagged(&etag(everything.version(PolicyKind::Context, &context.id))))
}

async fn create(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let context = whole(&body)?;
    if everything
        .policies
        .contexts
        .iter()
        .any(|one| one.id == context.id)
    {
        return Err(GraphRefusal::Conflict(
            "context_exists",
            "There is an authentication context with this id.".into(),
        ));
    }
    let done = put(
        &request,
        &everything,
        PolicyDocument::Context(context.clone()),
    )
    .await?;
    let path = format!("{LIST}/{}", context.id);
    let answer = Answer::created(&request, &format!("{LIST}/$entity"), view(&context), &path);
    Ok(answer.tagged(&etag(done.version)))
}

/// A context of which everything is said.
pub(super) fn whole(body: &Members) -> Result<AuthenticationContext, GraphRefusal> {
    Ok(AuthenticationContext {
        id: required(body, "id")?,
        name: required(body, "displayName")?,
        description: member(body, "description")?.unwrap_or_default(),
        available: truth(body, "isAvailable")?.unwrap_or(false),
    })
}

/// One that does not exist is made, as in Entra.
async fn patch(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let known = found(&request, &everything).cloned();
    let mut context = match known {
        Some(context) => context,
        None => AuthenticationContext {
            id: request.key("context").to_owned(),
            name: required(&body, "displayName")?,
            description: String::new(),
            available: false,
        },
    };
    if let Some(name) = member(&body, "displayName")? {
        context.name = name;
    }
    if let Some(description) = member(&body, "description")? {
        context.description = description;
    }
    if let Some(available) = truth(&body, "isAvailable")? {
        context.available = available;
    }
    put(&request, &everything, PolicyDocument::Context(context)).await?;
    Ok(Answer::nothing())
}

async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let context = found(&request, &everything).ok_or(GraphRefusal::NotFound)?;
    remove(&request, &everything, PolicyKind::Context, &context.id).await?;
    Ok(Answer::nothing())
}
