//! `auditLogs/signIns`.

use policy::model::RecordId;
use store::log_search::SignInsBy;

use super::search::{self, Narrow, Question};
use super::sign_in_view::{Sight, view};
use crate::flow::log_search;
use crate::graph::odata::{Collection, Field, Kind, Options, Value};
use crate::graph::{Answer, GraphRefusal, Request, Version};

const CODE: &str = "status/errorCode";
const CONTEXT: &str = "auditLogs/signIns";
const MOMENT: &str = "createdDateTime";
/// Fields with an index, the one that narrows most first.
const INDEXED: [&str; 6] = [
    "id",
    "correlationId",
    "userId",
    "userPrincipalName",
    "appId",
    CODE,
];

/// Who signed in is unknown where the name led to nobody.
const NOBODY: uuid::Uuid = uuid::Uuid::nil();

macro_rules! fields {
    ($($more:expr),* $(,)?) => {
        &[
            Field::new("id", Kind::Guid),
            Field::new(MOMENT, Kind::Moment),
            Field::new("userId", Kind::Guid),
            Field::new("userPrincipalName", Kind::Text),
            Field::new("userDisplayName", Kind::Text),
            Field::new("appId", Kind::Guid),
            Field::new("appDisplayName", Kind::Text),
            Field::new("correlationId", Kind::Guid),
            Field::new(CODE, Kind::Number),
            Field::new("status/failureReason", Kind::Text),
            Field::new("status/additionalDetails", Kind::Text),
            Field::new("ipAddress", Kind::Text),
            Field::new("userAgent", Kind::Text),
            Field::new("clientAppUsed", Kind::Text),
            Field::new("conditionalAccessStatus", Kind::Text),
            Field::new("isInteractive", Kind::Boolean),
            Field::new("deviceDetail/browser", Kind::Text),
            Field::new("deviceDetail/operatingSystem", Kind::Text),
            Field::new("location/city", Kind::Text),
            Field::new("location/state", Kind::Text),
            Field::new("location/countryOrRegion", Kind::Text),
            Field::new("resourceDisplayName", Kind::Text),
            Field::new("resourceId", Kind::Text),
            Field::new("riskDetail", Kind::Text),
            Field::new("riskLevelAggregated", Kind::Text),
            Field::new("riskLevelDuringSignIn", Kind::Text),
            Field::new("riskState", Kind::Text),
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
    fields: fields![
        Field::new("authenticationRequirement", Kind::Text),
        Field::new("signInEventTypes[]", Kind::Text),
        Field::new("sessionId", Kind::Guid),
    ],
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
    let Question { by, stretch } = question(&options)?;
    let (governor, sight) = (request.governor(), Sight::of(&request));
    let read = async |stretch| {
        log_search::sign_ins(&request.app, &governor, &by, stretch)
            .await
            .map_err(|refusal| GraphRefusal::flow(&refusal))
    };
    search::answer(
        &request,
        (&options, collection),
        CONTEXT,
        stretch,
        read,
        |record| (record.id, view(request.version, sight, record)),
    )
    .await
}

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let by = [SignInsBy::Id(request.id::<RecordId>("record")?)];
    let governor = request.governor();
    let read = async |stretch| {
        log_search::sign_ins(&request.app, &governor, &by, stretch)
            .await
            .map_err(|refusal| GraphRefusal::flow(&refusal))
    };
    let collection = collection(request.version);
    search::one(&request, collection, CONTEXT, read, |record| {
        view(request.version, Sight::of(&request), record)
    })
    .await
}

fn question(options: &Options) -> Result<Question<SignInsBy>, GraphRefusal> {
    let narrow = Narrow::of(options.filter.as_ref());
    let by = match narrow.first(&INDEXED, in_common) {
        Some(by) => by,
        None if narrow.is_not_zero(CODE) => vec![SignInsBy::Failed],
        None => vec![SignInsBy::Any],
    };
    let stretch = search::stretch(options, &narrow, MOMENT)?;
    Ok(Question { by, stretch })
}

fn in_common(field: &str, value: &Value) -> Option<SignInsBy> {
    Some(match (field, value) {
        ("id", Value::Guid(id)) => SignInsBy::Id((*id).into()),
        ("correlationId", Value::Guid(id)) => SignInsBy::Correlation((*id).into()),
        ("userId", Value::Guid(id)) if *id != NOBODY => SignInsBy::User((*id).into()),
        ("userPrincipalName", Value::Text(name)) => SignInsBy::Name(name.clone()),
        ("appId", Value::Guid(id)) => SignInsBy::Application((*id).into()),
        (CODE, Value::Number(code)) => SignInsBy::ErrorCode(whole(*code)?),
        _ => return None,
    })
}

/// A number without a fraction, as codes are.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is cut off is compared again"
)]
fn whole(number: f64) -> Option<i64> {
    let whole = number as i64;
    let exact = number.fract() == 0.0 && number.abs() < 1e9;
    exact.then_some(whole)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn by(filter: &str) -> Vec<SignInsBy> {
        let query = [("$filter".to_owned(), filter.to_owned())];
        let options = Options::of(&query, &BETA).unwrap();
        question(&options).unwrap().by
    }

    #[test]
    fn what_has_an_index_is_asked_of_it() {
        let id = uuid::Uuid::from_u128(7);
        assert_eq!(
            by(&format!("userId eq '{id}'")),
            [SignInsBy::User(id.into())]
        );
        assert_eq!(
            by(&format!("status/errorCode eq 0 and appId eq '{id}'")),
            [SignInsBy::Application(id.into())]
        );
        assert_eq!(
            by(&format!("appId eq '{id}' and correlationId eq '{id}'")),
            [SignInsBy::Correlation(id.into())]
        );
        assert_eq!(
            by("status/errorCode eq 50126"),
            [SignInsBy::ErrorCode(50126)]
        );
        assert_eq!(by("status/errorCode ne 0"), [SignInsBy::Failed]);
        assert_eq!(by("status/errorCode eq 0.5"), [SignInsBy::Any]);
        assert_eq!(by(&format!("userId eq '{NOBODY}'")), [SignInsBy::Any]);
        assert_eq!(by("ipAddress eq '192.0.2.1'"), [SignInsBy::Any]);
    }
}
