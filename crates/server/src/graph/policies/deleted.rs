//! `identity/conditionalAccess/deletedItems`: policies that were deleted in the last thirty days, and the way back.

use policy::model::{AccessPolicy, PolicyDocument, PolicyKind, Span};
use policy::scopes::Operation;
use store::policies::Versioned;

use super::shared::{Members, everything, list as listed, one, put, reader, refused};
use super::{access, access_view};
use crate::flow::govern::read::{self, Everything};
use crate::graph::table::{Route, Verb};
use crate::graph::values::date;
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const READ: Operation = Operation::ReadAccessPolicies;
const WRITE: Operation = Operation::WriteAccessPolicies;
const LIST: &str = "identity/conditionalAccess/deletedItems/policies";
const ONE: &str = "identity/conditionalAccess/deletedItems/policies/{policy}";
const RESTORE: &str = "identity/conditionalAccess/deletedItems/policies/{policy}/restore";
/// How long a deleted policy can be restored.
const KEPT: Span = Span::days(30);

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        LIST,
        READ,
        "List deleted conditional access policies",
        graph_handler!(list),
    ),
    Route::new(
        Verb::Get,
        ONE,
        READ,
        "Get a deleted conditional access policy",
        graph_handler!(get),
    ),
    Route::new(
        Verb::Post,
        RESTORE,
        WRITE,
        "Restore a conditional access policy",
        graph_handler!(restore),
    ),
];

async fn gone(request: &Request) -> Result<Vec<Versioned>, GraphRefusal> {
    let since = request.app.clock.now().minus(KEPT);
    let governor = reader(request, READ)?;
    let found = read::removed(&request.app, &governor, PolicyKind::Access, since).await;
    found.map_err(|refusal| refused(&refusal))
}

fn view(one: &Versioned, everything: &Everything) -> Option<Members> {
    let mut view = access_view::view(policy(one)?, everything);
    view.insert("deletedDateTime".to_owned(), date(one.changed));
    Some(view)
}

fn policy(one: &Versioned) -> Option<&AccessPolicy> {
    match &one.document {
        PolicyDocument::Access(policy) => Some(policy),
        _ => None,
    }
}

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let gone = gone(&request).await?;
    let views = gone
        .iter()
        .filter_map(|one| view(one, &everything))
        .collect();
    listed(&request, &access::COLLECTION, LIST, views)
}

async fn found(request: &Request) -> Result<Versioned, GraphRefusal> {
    let id = request
        .id::<policy::model::AccessPolicyId>("policy")?
        .to_string();
    let mut gone = gone(request).await?.into_iter();
    gone.find(|one| one.document.id() == id)
        .ok_or(GraphRefusal::NotFound)
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let view = view(&found(&request).await?, &everything).ok_or(GraphRefusal::NotFound)?;
    one(
        &request,
        &access::COLLECTION,
        &format!("{LIST}/$entity"),
        view,
    )
}

/// It comes back as it was; what it names has to be there still.
async fn restore(request: Request) -> Result<Answer, GraphRefusal> {
    let found = found(&request).await?;
    let everything = everything(&request, READ).await?;
    put(&request, &everything, found.document.clone()).await?;
    let policy = policy(&found).ok_or(GraphRefusal::NotFound)?;
    let view = access_view::view(policy, &everything);
    Ok(Answer::object(
        &request,
        "identity/conditionalAccess/policies/$entity",
        view,
    ))
}
