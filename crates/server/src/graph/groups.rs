//! `groups` and their members.

use axum::http::StatusCode;
use policy::model::{Group, GroupId, UserId};
use policy::scopes::Operation;
use serde_json::{Map, Value, json};

use super::listing::{self, Source};
use super::table::{Route, Verb};
use super::values::{self, date, member, members as written, reference, required};
use super::{Answer, GraphRefusal, Request};
use crate::flow::directory;
use crate::flow::govern::{GovernRefusal, groups};
use crate::graph_handler;

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        "groups",
        Operation::ReadGroups,
        "List groups",
        graph_handler!(list),
    ),
    Route::new(
        Verb::Post,
        "groups",
        Operation::ManageGroups,
        "Create a group",
        graph_handler!(create),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Get,
        "groups/{group}",
        Operation::ReadGroups,
        "Get a group",
        graph_handler!(get),
    ),
    Route::new(
        Verb::Patch,
        "groups/{group}",
        Operation::ManageGroups,
        "Update a group",
        graph_handler!(update),
    )
    .gives(StatusCode::NO_CONTENT),
    Route::new(
        Verb::Delete,
        "groups/{group}",
        Operation::ManageGroups,
        "Delete a group",
        graph_handler!(delete),
    ),
    Route::new(
        Verb::Get,
        "groups/{group}/members",
        Operation::ReadGroups,
        "List members",
        graph_handler!(members),
    ),
    Route::new(
        Verb::Get,
        "groups/{group}/transitiveMembers",
        Operation::ReadGroups,
        "List members of all levels",
        graph_handler!(members),
    ),
    Route::new(
        Verb::Post,
        "groups/{group}/members/$ref",
        Operation::ManageMembers,
        "Add a member",
        graph_handler!(add),
    )
    .gives(StatusCode::NO_CONTENT),
    Route::new(
        Verb::Delete,
        "groups/{group}/members/{member}/$ref",
        Operation::ManageMembers,
        "Remove a member",
        graph_handler!(remove),
    ),
];

/// The members of `group`.
pub fn view(group: &Group) -> Map<String, Value> {
    let text = Some(&group.description).filter(|text| !text.is_empty());
    written(json!({
        "id": group.id.to_string(),
        "displayName": group.display_name,
        "description": text,
        "createdDateTime": date(group.created),
        "isAssignableToRole": group.role_assignable,
        "securityEnabled": true,
        "mailEnabled": false,
        "mailNickname": nickname(&group.display_name),
        "groupTypes": [],
        "mail": null,
        "visibility": "Private",
    }))
}

/// What can be changed about a group, as an entity tag.
fn etag(group: &Group) -> String {
    values::etag(&json!([group.display_name, group.description]))
}

/// Programs demand one; nothing is mailed to it.
fn nickname(name: &str) -> String {
    let plain = name.chars().filter(char::is_ascii_alphanumeric).take(64);
    plain.collect()
}

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    listing::answer(&request, Source::Groups, &listing::GROUPS, "groups").await
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let id: GroupId = request.id("group")?;
    let found = directory::group(&request.app, &request.governor(), id).await;
    let found = found.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    let row = request.options(&listing::GROUPS)?;
    let row = row.selected(Value::Object(view(&found)));
    let answer = Answer::object(&request, "groups/$entity", written(row));
    Ok(answer.tagged(&etag(&found)))
}

async fn members(request: Request) -> Result<Answer, GraphRefusal> {
    let id: GroupId = request.id("group")?;
    // A group that does not exist has no empty list of members.
    let found = directory::group(&request.app, &request.governor(), id).await;
    found.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    let source = Source::Members(id);
    listing::answer(&request, source, &listing::USERS, "directoryObjects").await
}

async fn create(request: Request) -> Result<Answer, GraphRefusal> {
    let sent = request.members()?;
    if member::<bool>(&sent, "mailEnabled")? == Some(true) {
        return Err(GraphRefusal::property("mailEnabled", "has to be false"));
    }
    let names = groups::Names {
        display_name: required(&sent, "displayName")?,
        description: member(&sent, "description")?.unwrap_or_default(),
    };
    let assignable = member(&sent, "isAssignableToRole")?.unwrap_or(false);
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let made = groups::create(app, caller, &by, names, assignable).await;
    let made = made.map_err(refused)?;
    let path = format!("groups/{}", made.id);
    let answer = Answer::created(&request, "groups/$entity", view(&made), &path);
    Ok(answer.tagged(&etag(&made)))
}

async fn update(request: Request) -> Result<Answer, GraphRefusal> {
    let id: GroupId = request.id("group")?;
    let sent = request.members()?;
    let name: Option<String> = member(&sent, "displayName")?;
    let text: Option<String> = member(&sent, "description")?;
    let clears = sent.get("description").is_some_and(Value::is_null);
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let still = |group: &Group| request.if_match(&etag(group)).is_ok();
    groups::change_names(app, caller, &by, (id, still), |names| {
        if let Some(name) = name {
            names.display_name = name;
        }
        match text {
            Some(text) => names.description = text,
            None if clears => names.description.clear(),
            None => {}
        }
    })
    .await
    .map_err(refused)?;
    Ok(Answer::nothing())
}

async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let still = |group: &Group| request.if_match(&etag(group)).is_ok();
    groups::delete_if(app, caller, &by, (request.id("group")?, still))
        .await
        .map_err(refused)?;
    Ok(Answer::nothing())
}

async fn add(request: Request) -> Result<Answer, GraphRefusal> {
    let user: UserId = reference(&request.json()?)?;
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    groups::add_member_by_id(app, caller, &by, request.id("group")?, user)
        .await
        .map_err(refused)?;
    Ok(Answer::nothing())
}

async fn remove(request: Request) -> Result<Answer, GraphRefusal> {
    let (group, user) = (request.id("group")?, request.id("member")?);
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    groups::remove_member(app, caller, &by, group, user)
        .await
        .map_err(refused)?;
    Ok(Answer::nothing())
}

fn refused(refusal: GovernRefusal) -> GraphRefusal {
    match refusal {
        GovernRefusal::Stale(_) => GraphRefusal::Precondition,
        other => GraphRefusal::flow(&other),
    }
}
