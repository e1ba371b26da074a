//! `identity/conditionalAccess/policies`.

use axum::http::StatusCode;
use policy::model::{
    AccessGrant, AccessPolicy, AccessPolicyId, AccessState, Conditions, PolicyDocument, PolicyKind,
    SessionControls,
};
use policy::scopes::Operation;
use serde_json::Value;

use super::shared::{etag, everything, list as listed, one, put, remove};
use super::{access_read, access_view};
use crate::flow::govern::read::Everything;
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::table::{Route, Verb};
use crate::graph::values::required;
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const READ: Operation = Operation::ReadAccessPolicies;
const WRITE: Operation = Operation::WriteAccessPolicies;
const LIST: &str = "identity/conditionalAccess/policies";
const ONE: &str = "identity/conditionalAccess/policies/{policy}";

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        LIST,
        READ,
        "List conditional access policies",
        graph_handler!(list),
    ),
    Route::new(
        Verb::Post,
        LIST,
        WRITE,
        "Make a conditional access policy",
        graph_handler!(create),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Get,
        ONE,
        READ,
        "Get a conditional access policy",
        graph_handler!(get),
    ),
    Route::new(
        Verb::Patch,
        ONE,
        WRITE,
        "Update a conditional access policy",
        graph_handler!(patch),
    )
    .gives(StatusCode::NO_CONTENT),
    Route::new(
        Verb::Delete,
        ONE,
        WRITE,
        "Delete a conditional access policy",
        graph_handler!(delete),
    ),
];

pub const COLLECTION: Collection = Collection::small(
    &[
        Field::new("id", Kind::Guid),
        Field::new("displayName", Kind::Text),
        Field::new("state", Kind::Text),
        Field::new("createdDateTime", Kind::Moment),
        Field::new("modifiedDateTime", Kind::Moment),
        Field::new("deletedDateTime", Kind::Moment),
        Field::new("conditions/applications/includeApplications[]", Kind::Text),
        Field::new("conditions/users/includeUsers[]", Kind::Text),
        Field::new("conditions/users/includeGroups[]", Kind::Text),
        Field::new("grantControls/builtInControls[]", Kind::Text),
        Field::new("grantControls/authenticationStrength/id", Kind::Guid),
    ],
    &[
        "displayName",
        "createdDateTime",
        "modifiedDateTime",
        "state",
    ],
);

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let policies = everything.policies.access.iter();
    let views = policies
        .map(|one| access_view::view(one, &everything))
        .collect();
    listed(&request, &COLLECTION, LIST, views)
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let policy = found(&request, &everything)?;
    let view = access_view::view(&policy, &everything);
    let answer = one(&request, &COLLECTION, &format!("{LIST}/$entity"), view)?;
    Ok(answer.tagged(&etag(
        everything.version(PolicyKind::Access, &policy.id.to_string()),
    )))
}

fn found(request: &Request, everything: &Everything) -> Result<AccessPolicy, GraphRefusal> {
    let id: AccessPolicyId = request.id("policy")?;
    let mut policies = everything.policies.access.iter();
    policies
        .find(|one| one.id == id)
        .cloned()
        .ok_or(GraphRefusal::NotFound)
}

async fn create(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let now = request.app.clock.now();
    let mut policy = AccessPolicy {
        id: AccessPolicyId::new(now, request.app.random.bytes()),
        name: required(&body, "displayName")?,
        description: String::new(),
        state: AccessState::Disabled,
        created: now,
        modified: now,
        conditions: Conditions::default(),
        grant: AccessGrant::Nothing,
        session: SessionControls::default(),
    };
    let _: Value = required(&body, "state")?;
    let _: Value = required(&body, "conditions")?;
    access_read::apply(&mut policy, &body)?;
    let document = PolicyDocument::Access(Box::new(policy.clone()));
    let done = put(&request, &everything, document).await?;
    let view = access_view::view(&policy, &everything);
    let path = format!("{LIST}/{}", policy.id);
    let answer = Answer::created(&request, &format!("{LIST}/$entity"), view, &path);
    Ok(answer.tagged(&etag(done.version)))
}

async fn patch(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let mut policy = found(&request, &everything)?;
    access_read::apply(&mut policy, &body)?;
    put(
        &request,
        &everything,
        PolicyDocument::Access(Box::new(policy)),
    )
    .await?;
    Ok(Answer::nothing())
}

/// It can be restored for a month: see `deletedItems`.
async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let policy = found(&request, &everything)?;
    remove(
        &request,
        &everything,
        PolicyKind::Access,
        &policy.id.to_string(),
    )
    .await?;
    Ok(Answer::nothing())
}
