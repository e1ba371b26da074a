//! `directoryRoles` and `roleManagement/directory`: which roles there are, and who holds them.
//!
//! A role is known by the id of its template everywhere, so that scripts which look for either find it.

use axum::http::StatusCode;
use policy::model::{Role, UserId};
use policy::roles::Task;
use policy::scopes::Operation;
use serde_json::{Map, Value, json};

use super::listing::{self, Source};
use super::odata::{Collection, Field, Kind, Options};
use super::table::{Route, Verb};
use super::users::view::view as user_view;
use super::values::{member, members as written, reference, required};
use super::{Answer, GraphRefusal, Request};
use crate::flow::administer::AdministerRefusal;
use crate::flow::roles::{self, Assignment, Held};
use crate::graph_handler;

const READ: Operation = Operation::ReadRoles;
const ASSIGN: Operation = Operation::AssignRoles;
const DEFINITIONS: &str = "roleManagement/directory/roleDefinitions";
const ASSIGNMENTS: &str = "roleManagement/directory/roleAssignments";
/// Everywhere: there are no smaller parts of a tenant.
const WHOLE: &str = "/";

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        "directoryRoles",
        READ,
        "List directory roles",
        graph_handler!(list),
    ),
    Route::new(
        Verb::Get,
        "directoryRoles/{role}",
        READ,
        "Get a directory role",
        graph_handler!(get),
    ),
    Route::new(
        Verb::Get,
        "directoryRoles/{role}/members",
        READ,
        "List holders of a role",
        graph_handler!(holders),
    ),
    Route::new(
        Verb::Post,
        "directoryRoles/{role}/members/$ref",
        ASSIGN,
        "Give a role",
        graph_handler!(add),
    )
    .gives(StatusCode::NO_CONTENT),
    Route::new(
        Verb::Delete,
        "directoryRoles/{role}/members/{member}/$ref",
        ASSIGN,
        "Take a role away",
        graph_handler!(remove),
    ),
    Route::new(
        Verb::Get,
        "directoryRoleTemplates",
        READ,
        "List templates of roles",
        graph_handler!(templates),
    ),
    Route::new(
        Verb::Get,
        "directoryRoleTemplates/{role}",
        READ,
        "Get a template of a role",
        graph_handler!(template),
    ),
    Route::new(
        Verb::Get,
        DEFINITIONS,
        READ,
        "List role definitions",
        graph_handler!(definitions),
    ),
    Route::new(
        Verb::Get,
        "roleManagement/directory/roleDefinitions/{role}",
        READ,
        "Get a role definition",
        graph_handler!(definition),
    ),
    Route::new(
        Verb::Get,
        ASSIGNMENTS,
        READ,
        "List role assignments",
        graph_handler!(assignments),
    ),
    Route::new(
        Verb::Post,
        ASSIGNMENTS,
        ASSIGN,
        "Assign a role",
        graph_handler!(assign),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Get,
        "roleManagement/directory/roleAssignments/{assignment}",
        READ,
        "Get a role assignment",
        graph_handler!(get_assignment),
    ),
    Route::new(
        Verb::Delete,
        "roleManagement/directory/roleAssignments/{assignment}",
        ASSIGN,
        "Delete a role assignment",
        graph_handler!(unassign),
    ),
];

const ROLES: Collection = Collection::small(
    &[
        Field::new("id", Kind::Guid),
        Field::new("roleTemplateId", Kind::Guid),
        Field::new("templateId", Kind::Guid),
        Field::new("displayName", Kind::Text),
        Field::new("isBuiltIn", Kind::Boolean),
        Field::new("isEnabled", Kind::Boolean),
    ],
    &["displayName"],
);

/// A role as a member of the directory; somebody who holds it is a member of it.
pub fn view(role: Role) -> Map<String, Value> {
    written(json!({
        "id": role.template_id().to_string(),
        "deletedDateTime": null,
        "displayName": role.display_name(),
        "description": role.description(),
        "roleTemplateId": role.template_id().to_string(),
    }))
}

fn template_view(role: Role) -> Map<String, Value> {
    let mut view = view(role);
    view.remove("roleTemplateId");
    view
}

fn definition_view(role: Role) -> Map<String, Value> {
    written(json!({
        "id": role.template_id().to_string(),
        "templateId": role.template_id().to_string(),
        "displayName": role.display_name(),
        "description": role.description(),
        "isBuiltIn": true,
        "isEnabled": true,
        "resourceScopes": [WHOLE],
        "rolePermissions": [],
        "version": "1",
    }))
}

/// The members of an assignment, with the objects that were asked for.
pub fn assignment(one: &Assignment, options: &Options) -> Map<String, Value> {
    let mut view = written(json!({
        "id": id_of(one),
        "principalId": one.user.id.to_string(),
        "roleDefinitionId": one.role.template_id().to_string(),
        "directoryScopeId": WHOLE,
        "appScopeId": null,
        "condition": null,
    }));
    if options.expands("principal") {
        let mut user = written(json!({"@odata.type": "#microsoft.graph.user"}));
        user.extend(user_view(&one.user));
        view.insert("principal".to_owned(), Value::Object(user));
    }
    if options.expands("roleDefinition") {
        let role = definition_view(one.role);
        view.insert("roleDefinition".to_owned(), Value::Object(role));
    }
    view
}

/// How an assignment is named. It is nothing but who and which.
pub fn id_of(one: &Assignment) -> String {
    format!("{}_{}", one.role.template_id(), one.user.id)
}

/// What a name of an assignment says.
pub fn held(id: &str) -> Option<Held> {
    let (role, user) = id.split_once('_')?;
    Some((user.parse().ok()?, known(role)?))
}

fn known(id: &str) -> Option<Role> {
    id.parse().ok().and_then(Role::from_template_id)
}

/// The role that the path names.
fn named(request: &Request) -> Result<Role, GraphRefusal> {
    known(request.key("role")).ok_or(GraphRefusal::NotFound)
}

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    all(&request, "directoryRoles", view)
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    one(&request, "directoryRoles/$entity", view)
}

async fn templates(request: Request) -> Result<Answer, GraphRefusal> {
    all(&request, "directoryRoleTemplates", template_view)
}

async fn template(request: Request) -> Result<Answer, GraphRefusal> {
    one(&request, "directoryRoleTemplates/$entity", template_view)
}

async fn definitions(request: Request) -> Result<Answer, GraphRefusal> {
    all(&request, DEFINITIONS, definition_view)
}

async fn definition(request: Request) -> Result<Answer, GraphRefusal> {
    let context = format!("{DEFINITIONS}/$entity");
    one(&request, &context, definition_view)
}

async fn holders(request: Request) -> Result<Answer, GraphRefusal> {
    let source = Source::Holders(named(&request)?);
    listing::answer(&request, source, &listing::USERS, "directoryObjects").await
}

async fn add(request: Request) -> Result<Answer, GraphRefusal> {
    let role = named(&request)?;
    let user: UserId = reference(&request.json()?)?;
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let given = roles::assign(app, caller, &by, user, role).await;
    given.map_err(refused)?;
    Ok(Answer::nothing())
}

async fn remove(request: Request) -> Result<Answer, GraphRefusal> {
    let (role, user) = (named(&request)?, request.id("member")?);
    take(&request, (user, role)).await
}

async fn assignments(request: Request) -> Result<Answer, GraphRefusal> {
    let (source, collection) = (Source::Assignments, &listing::ASSIGNMENTS);
    listing::answer(&request, source, collection, ASSIGNMENTS).await
}

async fn get_assignment(request: Request) -> Result<Answer, GraphRefusal> {
    let held = held(request.key("assignment")).ok_or(GraphRefusal::NotFound)?;
    let found = roles::assignment(&request.app, &request.governor(), held).await;
    let options = request.options(&listing::ASSIGNMENTS)?;
    let view = assignment(&found.map_err(refused)?, &options);
    let view = written(options.selected(Value::Object(view)));
    let context = format!("{ASSIGNMENTS}/$entity");
    Ok(Answer::object(&request, &context, view))
}

async fn assign(request: Request) -> Result<Answer, GraphRefusal> {
    let sent = request.members()?;
    let user: String = required(&sent, "principalId")?;
    let user: UserId = user
        .parse()
        .map_err(|_| GraphRefusal::property("principalId", "is not the id of a user"))?;
    let role: String = required(&sent, "roleDefinitionId")?;
    let role = known(&role)
        .ok_or_else(|| GraphRefusal::property("roleDefinitionId", "is not the id of a role"))?;
    // A role for a part of the directory would be one for all of it here.
    let part: Option<String> = member(&sent, "directoryScopeId")?;
    if part.is_some_and(|part| part != WHOLE) {
        return Err(GraphRefusal::property("directoryScopeId", "has to be '/'"));
    }
    for only in ["condition", "appScopeId"] {
        if sent.get(only).is_some_and(|value| !value.is_null()) {
            return Err(GraphRefusal::property(
                only,
                "is not available on this server",
            ));
        }
    }
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let given = roles::assign(app, caller, &by, user, role).await;
    let user = given.map_err(refused)?;
    let made = Assignment { user, role };
    let path = format!("{ASSIGNMENTS}/{}", id_of(&made));
    let context = format!("{ASSIGNMENTS}/$entity");
    let view = assignment(&made, &Options::default());
    Ok(Answer::created(&request, &context, view, &path))
}

async fn unassign(request: Request) -> Result<Answer, GraphRefusal> {
    let held = held(request.key("assignment")).ok_or(GraphRefusal::NotFound)?;
    take(&request, held).await
}

async fn take(request: &Request, (user, role): Held) -> Result<Answer, GraphRefusal> {
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let taken = roles::unassign(app, caller, &by, user, role).await;
    taken.map_err(refused)?;
    Ok(Answer::nothing())
}

/// Every role, as `view` writes one.
fn all(
    request: &Request,
    context: &str,
    view: fn(Role) -> Map<String, Value>,
) -> Result<Answer, GraphRefusal> {
    request.governor().may(Task::ReadUsers)?;
    let rows = Role::ALL.iter().map(|role| Value::Object(view(*role)));
    let page = request.options(&ROLES)?.apply(rows.collect(), &ROLES)?;
    let rows = page.elements.into_iter().map(written).collect();
    let count = page.count.and_then(|count| u64::try_from(count).ok());
    let next = page.next.map(|token| request.next_link(&token));
    Ok(Answer::list(request, context, rows, count, next))
}

fn one(
    request: &Request,
    context: &str,
    view: fn(Role) -> Map<String, Value>,
) -> Result<Answer, GraphRefusal> {
    request.governor().may(Task::ReadUsers)?;
    let row = Value::Object(view(named(request)?));
    let row = request.options(&ROLES)?.selected(row);
    Ok(Answer::object(request, context, written(row)))
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn refused(refusal: AdministerRefusal) -> GraphRefusal {
    GraphRefusal::flow(&refusal)
}
