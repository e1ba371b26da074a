//! What applications may do: `oauth2PermissionGrants` (consent to delegated scopes) and app role assignments (permissions of their
//! own). Both are members of the application's row, so an application has one consent for everybody, and each permission once. What
//! people agreed to for themselves is listed behind them; they give it when they sign in, and an administrator can take it back.

use axum::http::StatusCode;
use policy::model::{Application, ApplicationId, Consent};
use policy::permissions::{self, GRAPH};
use policy::scopes::{Operation, Scope};
use serde_json::{Map, Value, json};
use store::consents::Position;
use uuid::Uuid;

use super::applications::{is_interface, refused};
use super::listing::{self, Source};
use super::table::{Route, Verb};
use super::values::{member, members as written, required};
use super::{Answer, GraphRefusal, Request};
use crate::flow::applications;
use crate::graph_handler;

const READ: Operation = Operation::ReadConsent;
const CONSENT: Operation = Operation::ManageConsent;
const GIVE: Operation = Operation::GivePermissions;
const GRANTS: &str = "oauth2PermissionGrants";
/// Scopes of OpenID Connect, which every application is given that asks.
const ALWAYS: [&str; 4] = ["openid", "profile", "email", "offline_access"];
/// Scopes in a consent.
const MOST: usize = 200;

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        GRANTS,
        READ,
        "List consents",
        graph_handler!(list),
    ),
    Route::new(
        Verb::Post,
        GRANTS,
        CONSENT,
        "Consent to scopes of an application, for everybody",
        graph_handler!(create),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Get,
        "oauth2PermissionGrants/{grant}",
        READ,
        "Get a consent",
        graph_handler!(get),
    ),
    Route::new(
        Verb::Patch,
        "oauth2PermissionGrants/{grant}",
        CONSENT,
        "Update a consent",
        graph_handler!(update),
    )
    .gives(StatusCode::NO_CONTENT),
    Route::new(
        Verb::Delete,
        "oauth2PermissionGrants/{grant}",
        CONSENT,
        "Take a consent back",
        graph_handler!(delete),
    ),
    Route::new(
        Verb::Get,
        "servicePrincipals/{principal}/oauth2PermissionGrants",
        READ,
        "List consents of an application",
        graph_handler!(list_of_one),
    ),
    Route::new(
        Verb::Get,
        "servicePrincipals/{principal}/appRoleAssignments",
        Operation::ReadApplications,
        "List permissions of an application",
        graph_handler!(assignments),
    ),
    Route::new(
        Verb::Post,
        "servicePrincipals/{principal}/appRoleAssignments",
        GIVE,
        "Give an application a permission",
        graph_handler!(assign),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Delete,
        "servicePrincipals/{principal}/appRoleAssignments/{assignment}",
        GIVE,
        "Take a permission of an application away",
        graph_handler!(unassign),
    ),
    Route::new(
        Verb::Post,
        "servicePrincipals/{principal}/appRoleAssignedTo",
        GIVE,
        "Give an application a permission of this interface",
        graph_handler!(assign_to),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Delete,
        "servicePrincipals/{principal}/appRoleAssignedTo/{assignment}",
        GIVE,
        "Take a permission of this interface away",
        graph_handler!(unassign_from),
    ),
];

/// A consent, if the application has one.
pub fn grant_view(one: &Application) -> Option<Map<String, Value>> {
    let consented = &one.settings.consented;
    (!consented.is_empty()).then(|| {
        written(json!({
            "id": one.id.to_string(),
            "clientId": one.id.to_string(),
            "consentType": "AllPrincipals",
            "principalId": null,
            "resourceId": GRAPH.to_string(),
            "scope": consented.join(" "),
        }))
    })
}

/// What one person agreed to for themselves.
pub fn principal_view(one: &Consent) -> Map<String, Value> {
    written(json!({
        "id": principal_id((one.application, one.user)),
        "clientId": one.application.to_string(),
        "consentType": "Principal",
        "principalId": one.user.to_string(),
        "resourceId": GRAPH.to_string(),
        "scope": one.scopes.join(" "),
    }))
}

/// The id of such a consent. It is nothing but to whom and by whom.
pub fn principal_id((application, user): Position) -> String {
    format!("{application}_{user}")
}

/// What such an id says.
pub fn principal_of(id: &str) -> Option<Position> {
    let (application, user) = id.split_once('_')?;
    Some((application.parse().ok()?, user.parse().ok()?))
}

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    listing::answer(&request, Source::Consents(None), &listing::CONSENTS, GRANTS).await
}

async fn list_of_one(request: Request) -> Result<Answer, GraphRefusal> {
    let id = found(&request, request.id("principal")?).await?.id;
    let source = Source::Consents(Some(id));
    listing::answer(&request, source, &listing::CONSENTS, GRANTS).await
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let view = match principal_of(request.key("grant")) {
        Some(which) => {
            let found = applications::consent_of(&request.app, &request.governor(), which).await;
            principal_view(&found.map_err(|refusal| refused(&refusal))?)
        }
        None => {
            let one = found(&request, request.id("grant")?).await?;
            grant_view(&one).ok_or(GraphRefusal::NotFound)?
        }
    };
    let view = request
        .options(&listing::CONSENTS)?
        .selected(Value::Object(view));
    let context = "oauth2PermissionGrants/$entity";
    Ok(Answer::object(&request, context, written(view)))
}

async fn found(request: &Request, id: ApplicationId) -> Result<Application, GraphRefusal> {
    let found = applications::find(&request.app, &request.governor(), id).await;
    found.map_err(|refusal| refused(&refusal))
}

async fn create(request: Request) -> Result<Answer, GraphRefusal> {
    let sent = request.members()?;
    let client: ApplicationId = parsed(&sent, "clientId")?;
    let kind: String = required(&sent, "consentType")?;
    if kind != "AllPrincipals" {
        let what = "has to be AllPrincipals: people are asked when they sign in";
        return Err(GraphRefusal::property("consentType", what));
    }
    of_interface(&sent)?;
    let scopes = scopes(&sent)?;
    let done = consent(&request, client, scopes, true).await?;
    let view = grant_view(&done).ok_or(GraphRefusal::NotFound)?;
    let path = format!("{GRANTS}/{client}");
    let context = "oauth2PermissionGrants/$entity";
    Ok(Answer::created(&request, context, view, &path))
}

async fn update(request: Request) -> Result<Answer, GraphRefusal> {
    if principal_of(request.key("grant")).is_some() {
        let what = "is what a person agreed to; it can be taken back, and asked for again";
        return Err(GraphRefusal::property("scope", what));
    }
    let id = request.id("grant")?;
    let scopes = scopes(&request.members()?)?;
    consent(&request, id, scopes, false).await?;
    Ok(Answer::nothing())
}

async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    if let Some(which) = principal_of(request.key("grant")) {
        let (app, caller, by) = (&request.app, &request.caller, request.governor());
        let done = applications::withdraw(app, caller, &by, which).await;
        done.map_err(|refusal| refused(&refusal))?;
        return Ok(Answer::nothing());
    }
    consent(&request, request.id("grant")?, Vec::new(), false).await?;
    Ok(Answer::nothing())
}

async fn consent(
    request: &Request,
    id: ApplicationId,
    scopes: Vec<Scope>,
    new: bool,
) -> Result<Application, GraphRefusal> {
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let done = applications::consent(app, caller, &by, id, scopes, new).await;
    done.map_err(|refusal| refused(&refusal))
}

/// The scopes that a consent names. One that is not known is refused: it would look as if it had been given.
fn scopes(sent: &Map<String, Value>) -> Result<Vec<Scope>, GraphRefusal> {
    let text: String = required(sent, "scope")?;
    let mut scopes = Vec::new();
    for name in text.split_ascii_whitespace().take(MOST) {
        match Scope::parse(name) {
            Some(scope) if !scopes.contains(&scope) => scopes.push(scope),
            Some(_) => {}
            None if ALWAYS.contains(&name) => {}
            None => {
                let name: String = name.chars().take(100).collect();
                let what = format!("names {name}, which is no scope of this server");
                return Err(GraphRefusal::property("scope", what));
            }
        }
    }
    match scopes.is_empty() {
        true => Err(GraphRefusal::property(
            "scope",
            "names no scope that takes consent",
        )),
        false => Ok(scopes),
    }
}

/// There is one interface to have permissions of.
fn of_interface(sent: &Map<String, Value>) -> Result<(), GraphRefusal> {
    let resource: String = required(sent, "resourceId")?;
    match is_interface(&resource) {
        true => Ok(()),
        false => Err(GraphRefusal::property(
            "resourceId",
            format!("has to be {GRAPH}, the service principal of Microsoft Graph"),
        )),
    }
}

fn parsed<T: std::str::FromStr>(
    sent: &Map<String, Value>,
    name: &'static str,
) -> Result<T, GraphRefusal> {
    let text: String = required(sent, name)?;
    text.parse()
        .map_err(|_| GraphRefusal::property(name, "is not an id"))
}

fn assignment(one: &Application, name: &str) -> Map<String, Value> {
    let role = permissions::app_role_id(name);
    written(json!({
        "id": format!("{}_{role}", one.id),
        "deletedDateTime": null,
        "appRoleId": role,
        "createdDateTime": null,
        "principalDisplayName": one.display_name,
        "principalId": one.id.to_string(),
        "principalType": "ServicePrincipal",
        "resourceDisplayName": "Microsoft Graph",
        "resourceId": GRAPH.to_string(),
    }))
}

async fn assignments(request: Request) -> Result<Answer, GraphRefusal> {
    let rows = match is_interface(request.key("principal")) {
        true => Vec::new(),
        false => {
            let one = found(&request, request.id("principal")?).await?;
            let held = one.app_permissions.iter();
            held.map(|name| Value::Object(assignment(&one, name)))
                .collect()
        }
    };
    let options = request.options(&listing::PERMISSIONS)?;
    let page = options.apply(rows, &listing::PERMISSIONS)?;
    let rows = page.elements.into_iter().map(written).collect();
    let count = page.count.and_then(|count| u64::try_from(count).ok());
    let next = page.next.map(|token| request.next_link(&token));
    Ok(Answer::list(
        &request,
        "appRoleAssignments",
        rows,
        count,
        next,
    ))
}

async fn assign(request: Request) -> Result<Answer, GraphRefusal> {
    let id: ApplicationId = request.id("principal")?;
    let sent = request.members()?;
    let named: Option<String> = member(&sent, "principalId")?;
    if named.is_some_and(|named| named.parse::<ApplicationId>() != Ok(id)) {
        let what = "is not the service principal that the address names";
        return Err(GraphRefusal::property("principalId", what));
    }
    give(&request, id, &sent).await
}

async fn assign_to(request: Request) -> Result<Answer, GraphRefusal> {
    if !is_interface(request.key("principal")) {
        return Err(GraphRefusal::NotFound);
    }
    let sent = request.members()?;
    let id = parsed(&sent, "principalId")?;
    give(&request, id, &sent).await
}

async fn give(
    request: &Request,
    id: ApplicationId,
    sent: &Map<String, Value>,
) -> Result<Answer, GraphRefusal> {
    of_interface(sent)?;
    let role: Uuid = parsed(sent, "appRoleId")?;
    let name = permissions::app_role(role).ok_or_else(|| {
        GraphRefusal::property("appRoleId", "is no permission of the service principal")
    })?;
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let done = applications::permission(app, caller, &by, id, name, true).await;
    let view = assignment(&done.map_err(|refusal| refused(&refusal))?, name);
    let path = format!("servicePrincipals/{id}/appRoleAssignments/{id}_{role}");
    let context = "appRoleAssignments/$entity";
    Ok(Answer::created(request, context, view, &path))
}

async fn unassign(request: Request) -> Result<Answer, GraphRefusal> {
    let id: ApplicationId = request.id("principal")?;
    let (held, name) = assigned(request.key("assignment"))?;
    match held == id {
        true => take(&request, id, name).await,
        false => Err(GraphRefusal::NotFound),
    }
}

async fn unassign_from(request: Request) -> Result<Answer, GraphRefusal> {
    if !is_interface(request.key("principal")) {
        return Err(GraphRefusal::NotFound);
    }
    let (id, name) = assigned(request.key("assignment"))?;
    take(&request, id, name).await
}

/// What the id of an assignment says. It is nothing but who and what.
fn assigned(id: &str) -> Result<(ApplicationId, &'static str), GraphRefusal> {
    let read = || {
        let (principal, role) = id.split_once('_')?;
        let name = permissions::app_role(role.parse().ok()?)?;
        Some((principal.parse().ok()?, name))
    };
    read().ok_or(GraphRefusal::NotFound)
}

async fn take(request: &Request, id: ApplicationId, name: &str) -> Result<Answer, GraphRefusal> {
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let done = applications::permission(app, caller, &by, id, name, false).await;
    done.map_err(|refusal| refused(&refusal))?;
    Ok(Answer::nothing())
}
