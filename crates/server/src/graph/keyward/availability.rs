//! `keyward/passkeyAvailability`: whether this tenant's cloud has passkeys at all, and why not.

use axum::http::StatusCode;
use policy::model::{PasskeyAvailability, PolicyDocument, PolicyKind};
use policy::scopes::Operation;
use serde_json::json;

use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::policies::shared::{etag, everything, one, only, put, truth};
use crate::graph::table::{Route, Verb};
use crate::graph::values::{member, members};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const HERE: &str = "keyward/passkeyAvailability";

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        HERE,
        Operation::ReadMethodPolicy,
        "Get whether there are passkeys",
        graph_handler!(get),
    )
    .beta(),
    Route::new(
        Verb::Patch,
        HERE,
        Operation::WriteMethodPolicy,
        "Update whether there are passkeys",
        graph_handler!(patch),
    )
    .gives(StatusCode::NO_CONTENT)
    .beta(),
];

const COLLECTION: Collection = Collection::small(
    &[
        Field::new("isAvailable", Kind::Boolean),
        Field::new("reason", Kind::Text),
    ],
    &[],
);

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, Operation::ReadMethodPolicy).await?;
    let availability = &everything.policies.availability;
    let view = members(json!({
        "isAvailable": availability.available,
        "reason": Some(&availability.reason).filter(|reason| !reason.is_empty()),
    }));
    let version = everything.version(PolicyKind::Availability, "");
    Ok(one(&request, &COLLECTION, HERE, view)?.tagged(&etag(version)))
}

async fn patch(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    only(&body, &["isAvailable", "reason"])?;
    let everything = everything(&request, Operation::ReadMethodPolicy).await?;
    let before = &everything.policies.availability;
    let after = PasskeyAvailability {
        available: truth(&body, "isAvailable")?.unwrap_or(before.available),
        reason: member(&body, "reason")?.unwrap_or_else(|| before.reason.clone()),
    };
    put(&request, &everything, PolicyDocument::Availability(after)).await?;
    Ok(Answer::nothing())
}
