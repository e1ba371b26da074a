//! Sums: `usersRegisteredByMethod`, `usersRegisteredByFeature`, and in beta `userMfaSignInSummary`.

use policy::registration::{IncludedRoles, IncludedTypes, Totals};
use serde_json::{Map, Value, json};
use store::reports::Day;

use crate::flow::registrations;
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::values::{date, members};
use crate::graph::{Answer, GraphRefusal, Request};

/// What can be asked of the days.
const DAYS: Collection = Collection::small(
    &[
        Field::new("createdDateTime", Kind::Moment),
        Field::new("multiFactorSignIns", Kind::Number),
        Field::new("singleFactorSignIns", Kind::Number),
        Field::new("totalSignIns", Kind::Number),
    ],
    &["createdDateTime"],
);

pub async fn by_method(request: Request) -> Result<Answer, GraphRefusal> {
    let (totals, head) = totals(&request).await?;
    let counts = totals.by_method.iter().map(
        |(method, count)| json!({"authenticationMethod": method.as_str(), "userCount": count}),
    );
    let counts = counts.collect::<Vec<_>>();
    let view = with(head, "userRegistrationMethodCounts", counts);
    let context = "microsoft.graph.userRegistrationMethodSummary";
    Ok(Answer::object(&request, context, view))
}

pub async fn by_feature(request: Request) -> Result<Answer, GraphRefusal> {
    let (totals, head) = totals(&request).await?;
    // Nobody resets a password by themselves here.
    let counts = [
        ("ssprRegistered", 0),
        ("ssprEnabled", 0),
        ("ssprCapable", 0),
        ("passwordlessCapable", totals.passwordless_capable),
        ("mfaCapable", totals.mfa_capable),
    ];
    let counts = counts.map(|(feature, count)| json!({"feature": feature, "userCount": count}));
    let view = with(head, "userRegistrationFeatureCounts", counts.to_vec());
    let context = "microsoft.graph.userRegistrationFeatureSummary";
    Ok(Answer::object(&request, context, view))
}

pub async fn sign_ins(request: Request) -> Result<Answer, GraphRefusal> {
    let options = request.options(&DAYS)?;
    let days = registrations::days(&request.app, &request.governor()).await;
    let days = days.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    let rows = days
        .iter()
        .map(|day| Value::Object(day_view(day)))
        .collect();
    let page = options.apply(rows, &DAYS)?;
    let rows = page.elements.into_iter().map(members).collect();
    let count = page.count.and_then(|count| u64::try_from(count).ok());
    let next = page.next.map(|token| request.next_link(&token));
    let context = "reports/authenticationMethods/userMfaSignInSummary";
    Ok(Answer::list(&request, context, rows, count, next))
}

/// The counts and what they are about.
async fn totals(request: &Request) -> Result<(Totals, Map<String, Value>), GraphRefusal> {
    let types = choice(request, "includedUserTypes", |name| {
        let mut all = IncludedTypes::ALL.iter().copied();
        all.find(|one| one.as_str().eq_ignore_ascii_case(name))
    })?;
    let roles = choice(request, "includedUserRoles", |name| {
        let mut all = IncludedRoles::ALL.iter().copied();
        all.find(|one| one.as_str().eq_ignore_ascii_case(name))
    })?;
    let totals = registrations::totals(&request.app, &request.governor(), types, roles).await;
    let totals = totals.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    let head = members(json!({
        "totalUserCount": totals.people,
        "userTypes": types.as_str(),
        "userRoles": roles.as_str(),
    }));
    Ok((totals, head))
}

/// A parameter that may be left out.
fn choice<T: Default>(
    request: &Request,
    name: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, GraphRefusal> {
    match request.parameter(name) {
        None => Ok(T::default()),
        Some(text) => parse(text)
            .ok_or_else(|| GraphRefusal::property(name, "is none of the words it can be")),
    }
}

fn with(mut view: Map<String, Value>, name: &str, counts: Vec<Value>) -> Map<String, Value> {
    view.insert(name.to_owned(), counts.into());
    view
}

fn day_view(day: &Day) -> Map<String, Value> {
    members(json!({
        "id": day.begins.as_seconds().to_string(),
        "createdDateTime": date(day.begins),
        "multiFactorSignIns": day.multi_factor,
        "singleFactorSignIns": day.all - day.multi_factor,
        "totalSignIns": day.all,
    }))
}
