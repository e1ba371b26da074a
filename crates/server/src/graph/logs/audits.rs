//! `auditLogs/directoryAudits`.

use policy::model::{Category, RecordId};
use store::log_search::AuditsBy;

use super::audit_view::view;
use super::search::{self, Narrow, Question};
use crate::flow::log_search;
use crate::graph::odata::{Collection, Field, Kind, Options, Value};
use crate::graph::{Answer, GraphRefusal, Request, Version};

const CONTEXT: &str = "auditLogs/directoryAudits";
const MOMENT: &str = "activityDateTime";
const TARGET: &str = "targetResources[]/id";
/// Fields with an index, the one that narrows most first.
const INDEXED: [&str; 6] = [
    "id",
    "correlationId",
    "initiatedBy/user/id",
    "activityDisplayName",
    "loggedByService",
    "category",
];

macro_rules! fields {
    ($($more:expr),* $(,)?) => {
        &[
            Field::new("id", Kind::Guid),
            Field::new(MOMENT, Kind::Moment),
            Field::new("activityDisplayName", Kind::Text),
            Field::new("category", Kind::Text),
            Field::new("correlationId", Kind::Guid),
            Field::new("loggedByService", Kind::Text),
            Field::new("operationType", Kind::Text),
            Field::new("result", Kind::Text),
            Field::new("resultReason", Kind::Text),
            Field::new("initiatedBy/user/id", Kind::Guid),
            Field::new("initiatedBy/user/displayName", Kind::Text),
            Field::new("initiatedBy/user/userPrincipalName", Kind::Text),
            Field::new("initiatedBy/user/ipAddress", Kind::Text),
            Field::new("initiatedBy/app/appId", Kind::Guid),
            Field::new("initiatedBy/app/displayName", Kind::Text),
            Field::new(TARGET, Kind::Text),
            Field::new("targetResources[]/displayName", Kind::Text),
            Field::new("targetResources[]/type", Kind::Text),
            Field::new("targetResources[]/userPrincipalName", Kind::Text),
            $($more),*
        ]
    };
}

const V1: Collection = Collection {
    fields: fields![],
    order: &[MOMENT],
    expand: &[],
    search: false,
    skip: false,
    page: 1000,
    most: 1000,
};

const BETA: Collection = Collection {
    fields: fields![Field::new("userAgent", Kind::Text)],
    ..V1
};

const fn collection(version: Version) -> &'static Collection {
    match version {
        Version::V1 => &V1,
        Version::Beta => &BETA,
    }
}

pub async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let collection = collection(request.version);
    let options = search::options(&request, collection)?;
    let Question { by, stretch } = question(&request, &options).await?;
    let governor = request.governor();
    let read = async |stretch| {
        log_search::audits(&request.app, &governor, &by, stretch)
            .await
            .map_err(|refusal| GraphRefusal::flow(&refusal))
    };
    search::answer(
        &request,
        (&options, collection),
        CONTEXT,
        stretch,
        read,
        |record| (record.id, view(request.version, record)),
    )
    .await
}

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let by = [AuditsBy::Id(request.id::<RecordId>("record")?)];
    let governor = request.governor();
    let read = async |stretch| {
        log_search::audits(&request.app, &governor, &by, stretch)
            .await
            .map_err(|refusal| GraphRefusal::flow(&refusal))
    };
    let collection = collection(request.version);
    search::one(&request, collection, CONTEXT, read, |record| {
        view(request.version, record)
    })
    .await
}

async fn question(
    request: &Request,
    options: &Options,
) -> Result<Question<AuditsBy>, GraphRefusal> {
    let narrow = Narrow::of(options.filter.as_ref());
    let stretch = search::stretch(options, &narrow, MOMENT)?;
    let by = match about(request, &narrow).await? {
        Some(by) => by,
        None => narrow
            .first(&INDEXED, in_common)
            .unwrap_or_else(|| vec![AuditsBy::Any]),
    };
    Ok(Question { by, stretch })
}

/// A target that is a user: every record with such a target says so in a column of its own. Other targets have no index.
async fn about(request: &Request, narrow: &Narrow) -> Result<Option<Vec<AuditsBy>>, GraphRefusal> {
    let ids = narrow.first(&[TARGET], |_, value| match value {
        Value::Text(id) => id.parse::<policy::model::UserId>().ok(),
        _ => None,
    });
    let governor = request.governor();
    let mut found = Vec::new();
    for id in ids.unwrap_or_default() {
        match log_search::is_user(&request.app, &governor, id).await {
            Ok(true) => found.push(AuditsBy::About(id)),
            Ok(false) => return Ok(None),
            Err(refusal) => return Err(GraphRefusal::flow(&refusal)),
        }
    }
    Ok((!found.is_empty()).then_some(found))
}

fn in_common(field: &str, value: &Value) -> Option<AuditsBy> {
    Some(match (field, value) {
        ("id", Value::Guid(id)) => AuditsBy::Id((*id).into()),
        ("correlationId", Value::Guid(id)) => AuditsBy::Correlation((*id).into()),
        ("initiatedBy/user/id", Value::Guid(id)) => AuditsBy::Actor((*id).into()),
        ("activityDisplayName", Value::Text(name)) => AuditsBy::Activity(name.clone()),
        ("loggedByService", Value::Text(name)) => AuditsBy::Service(name.clone()),
        ("category", Value::Text(name)) => AuditsBy::Category(category(name)?),
        _ => return None,
    })
}

fn category(name: &str) -> Option<Category> {
    let mut all = Category::ALL.iter().copied();
    all.find(|one| one.as_str().eq_ignore_ascii_case(name))
}
