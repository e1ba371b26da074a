//! `/Groups`.

use std::collections::BTreeSet;

use axum::extract::Path;
use policy::model::{GroupId, UserId};
use policy::scopes::Operation;
use serde_json::{Map, Value, json};
use store::Page;
use store::provisioned::Team;

use super::answer::Answer;
use super::filter::{self, Filter, FilterRefusal};
use super::paging::{PORTION, Window, each_meant};
use super::patch::{self, Op, list as each};
use super::refusal::ScimRefusal;
use super::request::ScimRequest;
use super::schema::{GROUP, Mutability, USER};
use super::select::Selection;
use crate::flow::govern::Governor;
use crate::flow::govern::teams::{self, Amendment, Which};

/// Members that one answer shows, of all its groups together.
const SHOWN: usize = 10_000;
/// Members that one request brings or takes.
const CHANGED: usize = 1000;

/// `POST /Groups`.
pub async fn create(request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let by = request.may(Operation::ManageGroups)?;
    let reader = request.may(Operation::ReadGroups)?;
    let selection = Selection::of(&request, &GROUP)?;
    let amendment = whole(&request.resource(&GROUP)?)?;
    let (app, caller) = (&request.app, &request.caller);
    let id = teams::create(app, caller, &by, amendment).await?;
    let made = teams::team(app, &reader, id).await?;
    Ok(shown(&request, &selection, &made).await?.created())
}

/// `GET /Groups/{id}`.
pub async fn get(Path(id): Path<String>, request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let selection = Selection::of(&request, &GROUP)?;
    let found = find(&request, &id).await?;
    let version = version(&found);
    if request.has_already(&version) {
        return Ok(Answer::unchanged(version));
    }
    shown(&request, &selection, &found).await
}

/// `GET /Groups`.
pub async fn list(request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let by = request.may(Operation::ReadGroups)?;
    let selection = Selection::of(&request, &GROUP)?;
    let window = Window::of(&request)?;
    let asked = request.parameter("filter");
    let filter = asked.map(|text| Filter::parse(text, &GROUP)).transpose()?;
    let (total, found) = match &filter {
        Some(filter) => {
            let all = filtered(&request, &by, filter).await?;
            let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
            (total, window.of_list(all))
        }
        None => {
            let total = teams::count(&request.app, &by).await?;
            let page = Page::first(u32::try_from(window.count).unwrap_or(PORTION));
            let found = teams::teams(&request.app, &by, page, window.skipped()).await?;
            (total, found)
        }
    };
    let (mut rows, mut left) = (Vec::new(), SHOWN);
    for team in &found {
        let mut resource = view(team, &request.base());
        if selection.shows("members") {
            left -= fill(&request, &by, team, &mut resource, left).await?;
        }
        rows.push(selection.of_resource(&Value::Object(resource)));
    }
    Ok(Answer::plain(window.list(total, &rows)))
}

/// `POST /Groups/.search`.
pub async fn search(request: ScimRequest) -> Result<Answer, ScimRefusal> {
    list(request.searching()?).await
}

/// `PUT /Groups/{id}`.
pub async fn replace(Path(id): Path<String>, request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let (by, before, selection) = begin(&request, &id).await?;
    let amendment = whole(&request.resource(&GROUP)?)?;
    let id = before.group.id;
    write(&request, &by, &selection, id, Some(before), amendment).await
}

/// `PATCH /Groups/{id}`. Several directories, or threads of one, bring members at the same time; without a version, none is in
/// the other's way.
pub async fn change(Path(id): Path<String>, request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let (by, before, selection) = begin(&request, &id).await?;
    let mut amendment = Amendment::default();
    for operation in patch::operations(request.json()?, &GROUP)? {
        apply(operation, &mut amendment)?;
    }
    let id = before.group.id;
    let read = Some(before).filter(|_| request.names_a_version());
    write(&request, &by, &selection, id, read, amendment).await
}

/// `DELETE /Groups/{id}`.
pub async fn delete(Path(id): Path<String>, request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let (by, before, _) = begin(&request, &id).await?;
    let (app, caller) = (&request.app, &request.caller);
    crate::flow::govern::groups::delete(app, caller, &by, before.group.id).await?;
    Ok(Answer::nothing())
}

/// What a change begins with: the right to it, and the group in the version that the client means.
async fn begin(
    request: &ScimRequest,
    id: &str,
) -> Result<(Governor, Team, Selection), ScimRefusal> {
    let by = request.may(Operation::ManageGroups)?;
    let before = find(request, id).await?;
    request.if_match(&version(&before))?;
    Ok((by, before, Selection::of(request, &GROUP)?))
}

async fn write(
    request: &ScimRequest,
    by: &Governor,
    selection: &Selection,
    id: GroupId,
    read: Option<Team>,
    amendment: Amendment,
) -> Result<Answer, ScimRefusal> {
    let changed = amendment.instead.as_ref().map_or(0, BTreeSet::len) + amendment.members.len();
    if changed > CHANGED {
        return Err(ScimRefusal::TooMany("members"));
    }
    let (app, caller) = (&request.app, &request.caller);
    let after = teams::amend(app, caller, by, id, read, amendment).await?;
    shown(request, selection, &after).await
}

async fn find(request: &ScimRequest, id: &str) -> Result<Team, ScimRefusal> {
    let by = request.may(Operation::ReadGroups)?;
    let id: GroupId = id.parse().map_err(|_| ScimRefusal::NotFound)?;
    Ok(teams::team(&request.app, &by, id).await?)
}

async fn shown(
    request: &ScimRequest,
    selection: &Selection,
    team: &Team,
) -> Result<Answer, ScimRefusal> {
    let mut whole = view(team, &request.base());
    if selection.shows("members") {
        let by = request.may(Operation::ReadGroups)?;
        fill(request, &by, team, &mut whole, SHOWN).await?;
    }
    let whole = Value::Object(whole);
    Ok(Answer::resource(selection.of_resource(&whole), &whole))
}

/// The resource of a group, without its members.
fn view(team: &Team, base: &str) -> Map<String, Value> {
    let group = &team.group;
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("schemas", json!([GROUP.id]));
    put("id", json!(group.id.to_string()));
    if let Some(external) = &team.external_id {
        put("externalId", json!(external));
    }
    put("displayName", json!(group.display_name));
    put(
        "meta",
        json!({
            "resourceType": GROUP.name,
            "created": crate::graph::values::date(group.created),
            "location": format!("{base}{}/{}", GROUP.endpoint, group.id),
            "version": version(team),
        }),
    );
    shown
}

fn version(team: &Team) -> String {
    format!("W/\"{}\"", team.version)
}

/// Adds the members, of whom there may be `most`; how many there are.
async fn fill(
    request: &ScimRequest,
    by: &Governor,
    team: &Team,
    resource: &mut Map<String, Value>,
    most: usize,
) -> Result<usize, ScimRefusal> {
    let members = teams::members(&request.app, by, team.group.id, most).await?;
    let members = members.ok_or(ScimRefusal::TooMany(
        "members (excludedAttributes=members helps)",
    ))?;
    let base = request.base();
    let shown: Vec<_> = members
        .iter()
        .map(|user| {
            json!({
                "value": user.id.to_string(),
                "$ref": format!("{base}{}/{}", USER.endpoint, user.id),
                "display": user.display_name,
                "type": "User",
            })
        })
        .collect();
    let count = shown.len();
    if count > 0 {
        resource.insert("members".to_owned(), Value::Array(shown));
    }
    Ok(count)
}

/// What a whole resource says.
fn whole(resource: &Map<String, Value>) -> Result<Amendment, ScimRefusal> {
    let name = resource.get("displayName").cloned().unwrap_or_default();
    let sent = resource.get("members").cloned().unwrap_or_default();
    let members = ids(sent)?;
    if members.len() > CHANGED {
        return Err(ScimRefusal::TooMany("members"));
    }
    Ok(Amendment {
        display_name: Some(text("displayName", name)?),
        external_id: Some(external(resource.get("externalId").cloned())?),
        instead: Some(members.into_iter().collect()),
        ..Amendment::default()
    })
}

/// One operation of a change in parts. Members are not shown and changed like other attributes: there may be thousands.
fn apply(operation: patch::Operation, amendment: &mut Amendment) -> Result<(), ScimRefusal> {
    let patch::Operation { op, path, value } = operation;
    let filter::Path::Held {
        attribute,
        which,
        part,
    } = path
    else {
        return Ok(());
    };
    if attribute.mutability == Mutability::ReadOnly {
        return Err(ScimRefusal::ReadOnly(attribute.name));
    }
    match (attribute.name, op, value) {
        ("displayName", Op::Remove, _) | ("displayName", _, None) => {
            return Err(ScimRefusal::ReadOnly("displayName"));
        }
        ("displayName", _, Some(value)) => {
            amendment.display_name = Some(text("displayName", value)?);
        }
        ("externalId", Op::Remove, _) => amendment.external_id = Some(None),
        ("externalId", _, value) => amendment.external_id = Some(external(value)?),
        (_, op, value) => {
            if part.is_some() {
                return Err(ScimRefusal::Value(
                    "members",
                    "is changed by whole elements only",
                ));
            }
            apply_members(op, which.as_ref(), value, amendment)?;
        }
    }
    Ok(())
}

fn apply_members(
    op: Op,
    which: Option<&Filter>,
    value: Option<Value>,
    amendment: &mut Amendment,
) -> Result<(), ScimRefusal> {
    match (op, which, value) {
        (Op::Remove, Some(which), _) => {
            let id = which.demands("value").ok_or(ScimRefusal::Value(
                "members",
                "is taken out by 'value eq' and the id only",
            ))?;
            // What cannot be an id is nobody's, and nobody is not in it.
            if let Ok(id) = id.parse::<UserId>() {
                amendment.members.insert(id, false);
            }
        }
        (_, Some(_), _) => return Err(ScimRefusal::NoTarget),
        (Op::Add, None, value) => {
            for id in ids(value.unwrap_or_default())? {
                amendment.members.insert(id, true);
            }
        }
        (Op::Remove, None, Some(value)) => {
            for id in ids(value)? {
                amendment.members.insert(id, false);
            }
        }
        (Op::Replace, None, value) => {
            amendment.instead = Some(ids(value.unwrap_or_default())?.into_iter().collect());
            amendment.members.clear();
        }
        (Op::Remove, None, None) => {
            amendment.instead = Some(BTreeSet::new());
            amendment.members.clear();
        }
    }
    Ok(())
}

/// The ids of members as they are sent.
fn ids(sent: Value) -> Result<Vec<UserId>, ScimRefusal> {
    let wrong = || {
        ScimRefusal::Value(
            "members",
            "is not a list of objects with the id of a user as 'value'",
        )
    };
    let ids = each(sent).into_iter().map(|one| {
        let members = one.as_object().ok_or_else(wrong)?;
        let value = members
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("value"));
        let id = value
            .and_then(|(_, value)| value.as_str())
            .ok_or_else(wrong)?;
        id.parse().map_err(|_| wrong())
    });
    ids.collect()
}

fn text(name: &'static str, value: Value) -> Result<String, ScimRefusal> {
    match value {
        Value::String(text) => Ok(text),
        Value::Null => Err(ScimRefusal::Value(name, "is missing")),
        _ => Err(ScimRefusal::Value(name, "is not a string")),
    }
}

fn external(value: Option<Value>) -> Result<Option<String>, ScimRefusal> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => text("externalId", value).map(Some),
    }
}

/// All groups of which a filter is true. What names some is looked up; anything else is asked of each. Who is in a group can only
/// be looked up.
async fn filtered(
    request: &ScimRequest,
    by: &Governor,
    filter: &Filter,
) -> Result<Vec<Team>, ScimRefusal> {
    let (app, base) = (&request.app, request.base());
    if let Some(which) = named(filter) {
        let Some(which) = which else {
            return Ok(Vec::new());
        };
        let mut all = Vec::new();
        for team in teams::which(app, by, which).await? {
            let mut resource = view(&team, &base);
            if filter.asks_for("members") {
                fill(request, by, &team, &mut resource, SHOWN).await?;
            }
            if filter.holds(&Value::Object(resource)) {
                all.push(team);
            }
        }
        return Ok(all);
    }
    if filter.asks_for("members") {
        let refusal =
            FilterRefusal::WrongKind("members", "'value eq' and the id of a user, in every case");
        return Err(refusal.into());
    }
    let meant = |team: &Team| filter.holds(&Value::Object(view(team, &base)));
    let read = |page| teams::teams(app, by, page, 0);
    let id = |team: &Team| team.group.id;
    each_meant(read, id, meant, "groups to look at").await
}

/// What a filter narrows to, if it does; within, nothing if it is no id that could be.
fn named(filter: &Filter) -> Option<Option<Which>> {
    if let Some(id) = filter.demands("id") {
        return Some(id.parse().ok().map(Which::Id));
    }
    if let Some(external) = filter.demands("externalId") {
        return Some(Some(Which::Called(external.to_owned())));
    }
    if let Some(name) = filter.demands("displayName") {
        return Some(Some(Which::Named(name.to_owned())));
    }
    let member = filter.demands_element("members", "value")?;
    Some(member.parse().ok().map(Which::Of))
}
