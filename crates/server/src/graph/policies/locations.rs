//! `identity/conditionalAccess/namedLocations`: address ranges.

use axum::http::StatusCode;
use policy::model::{IpRange, LocationId, NamedLocation, PolicyDocument, PolicyKind};
use policy::scopes::Operation;
use serde_json::{Value, json};

use super::shared::{Members, etag, everything, list as listed, objects, one, put, remove, truth};
use crate::flow::govern::read::Everything;
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::table::{Route, Verb};
use crate::graph::values::{date, member, members, required};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const READ: Operation = Operation::ReadAccessPolicies;
const WRITE: Operation = Operation::WriteAccessPolicies;
const LIST: &str = "identity/conditionalAccess/namedLocations";
const ONE: &str = "identity/conditionalAccess/namedLocations/{location}";
const TYPE: &str = "#microsoft.graph.ipNamedLocation";

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        LIST,
        READ,
        "List named locations",
        graph_handler!(list),
    ),
    Route::new(
        Verb::Post,
        LIST,
        WRITE,
        "Make a named location",
        graph_handler!(create),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Get,
        ONE,
        READ,
        "Get a named location",
        graph_handler!(get),
    ),
    Route::new(
        Verb::Patch,
        ONE,
        WRITE,
        "Update a named location",
        graph_handler!(patch),
    )
    .gives(StatusCode::NO_CONTENT),
    Route::new(
        Verb::Delete,
        ONE,
        WRITE,
        "Delete a named location",
        graph_handler!(delete),
    ),
];

const COLLECTION: Collection = Collection::small(
    &[
        Field::new("id", Kind::Guid),
        Field::new("displayName", Kind::Text),
        Field::new("isTrusted", Kind::Boolean),
        Field::new("createdDateTime", Kind::Moment),
        Field::new("modifiedDateTime", Kind::Moment),
    ],
    &["displayName", "createdDateTime", "modifiedDateTime"],
);

fn view(location: &NamedLocation) -> Members {
    let ranges = location.ranges.iter().map(|range| {
        let text = range.to_string();
        let kind = if text.contains(':') {
            "#microsoft.graph.iPv6CidrRange"
        } else {
            "#microsoft.graph.iPv4CidrRange"
        };
        json!({ "@odata.type": kind, "cidrAddress": text })
    });
    members(json!({
        "@odata.type": TYPE,
        "id": location.id.to_string(),
        "displayName": location.name,
        "createdDateTime": date(location.created),
        "modifiedDateTime": date(location.modified),
        "deletedDateTime": null,
        "isTrusted": location.trusted,
        "ipRanges": ranges.collect::<Vec<_>>(),
    }))
}

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let views = everything.policies.locations.iter().map(view).collect();
    listed(&request, &COLLECTION, LIST, views)
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let location = found(&request, &everything)?;
    let answer = one(
        &request,
        &COLLECTION,
        &format!("{LIST}/$entity"),
        view(&location),
    )?;
    Ok(answer.tagged(&etag(
        everything.version(PolicyKind::Location, &location.id.to_string()),
    )))
}

fn found(request: &Request, everything: &Everything) -> Result<NamedLocation, GraphRefusal> {
    let id: LocationId = request.id("location")?;
    let mut locations = everything.policies.locations.iter();
    locations
        .find(|one| one.id == id)
        .cloned()
        .ok_or(GraphRefusal::NotFound)
}

/// Countries cannot be told from addresses here.
fn of_addresses(request: &Request) -> Result<(), GraphRefusal> {
    let body = request.json()?;
    match body.get("@odata.type").and_then(Value::as_str) {
        None => Ok(()),
        Some(kind) if kind.trim_start_matches('#') == TYPE.trim_start_matches('#') => Ok(()),
        Some(_) => Err(GraphRefusal::property(
            "@odata.type",
            format!("is not {TYPE}, the only kind of location here"),
        )),
    }
}

pub(super) fn ranges(body: &Members) -> Result<Option<Vec<IpRange>>, GraphRefusal> {
    let Some(list) = objects(body, "ipRanges")? else {
        return Ok(None);
    };
    let wrong = |_| {
        GraphRefusal::property(
            "ipRanges",
            "holds something that is no range such as 192.0.2.0/24",
        )
    };
    let each = list.iter().map(|one| {
        required::<String>(one, "cidrAddress")?
            .try_into()
            .map_err(wrong)
    });
    each.collect::<Result<_, _>>().map(Some)
}

async fn create(request: Request) -> Result<Answer, GraphRefusal> {
    of_addresses(&request)?;
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let now = request.app.clock.now();
    let location = NamedLocation {
        id: LocationId::new(now, request.app.random.bytes()),
        name: required(&body, "displayName")?,
        trusted: truth(&body, "isTrusted")?.unwrap_or(false),
        created: now,
        modified: now,
        ranges: ranges(&body)?.ok_or_else(|| GraphRefusal::property("ipRanges", "is missing"))?,
    };
    let done = put(
        &request,
        &everything,
        PolicyDocument::Location(location.clone()),
    )
    .await?;
    let path = format!("{LIST}/{}", location.id);
    let answer = Answer::created(&request, &format!("{LIST}/$entity"), view(&location), &path);
    Ok(answer.tagged(&etag(done.version)))
}

async fn patch(request: Request) -> Result<Answer, GraphRefusal> {
    of_addresses(&request)?;
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let mut location = found(&request, &everything)?;
    if let Some(name) = member(&body, "displayName")? {
        location.name = name;
    }
    if let Some(trusted) = truth(&body, "isTrusted")? {
        location.trusted = trusted;
    }
    if let Some(ranges) = ranges(&body)? {
        location.ranges = ranges;
    }
    put(&request, &everything, PolicyDocument::Location(location)).await?;
    Ok(Answer::nothing())
}

async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let location = found(&request, &everything)?;
    remove(
        &request,
        &everything,
        PolicyKind::Location,
        &location.id.to_string(),
    )
    .await?;
    Ok(Answer::nothing())
}
