//! `applications` and `servicePrincipals`: what signs people in here. One row is both, and has one id.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use policy::clients::{BOUND_TOKENS, FRONT_CHANNEL};
use policy::model::{
    Application, ApplicationId, ClientSecret, RedirectKind, RedirectUri, RequiredAccess, Timestamp,
};
use policy::permissions::{self, GRAPH};
use policy::scopes::{Operation, Scope};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::listing::{self, Source};
use super::policies::shared::{nested, objects, only, truth};
use super::table::{Route, Verb};
use super::values::{
    self, date, date_or_null, member, members as written, moment, object, required,
};
use super::{Answer, GraphRefusal, Request};
use crate::flow::applications::{self, ApplicationRefusal, Hands, SecretWish};
use crate::graph_handler;

const READ: Operation = Operation::ReadApplications;
const MANAGE: Operation = Operation::ManageApplications;
/// The only audience that there is: people of this tenant.
const AUDIENCE: &str = "AzureADMyOrg";
/// How a public key is written: base64 of a JWK.
const KEY: &str = "JsonWebKey";
/// Or in a certificate: base64 of DER or of PEM.
const CERTIFICATE: &str = "AsymmetricX509Cert";
/// Where an application hears of a logout. Entra's documents let it be of the front or of the back channel; here it is of the back.
const TOLD_AT: &str = "logoutUrl";

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        "applications",
        READ,
        "List applications",
        graph_handler!(list),
    ),
    Route::new(
        Verb::Post,
        "applications",
        MANAGE,
        "Register an application",
        graph_handler!(create),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Get,
        "applications/{application}",
        READ,
        "Get an application",
        graph_handler!(get),
    ),
    Route::new(
        Verb::Patch,
        "applications/{application}",
        MANAGE,
        "Update an application",
        graph_handler!(update),
    )
    .gives(StatusCode::NO_CONTENT),
    Route::new(
        Verb::Delete,
        "applications/{application}",
        MANAGE,
        "Delete an application",
        graph_handler!(delete),
    ),
    Route::new(
        Verb::Post,
        "applications/{application}/addPassword",
        MANAGE,
        "Give an application a secret",
        graph_handler!(add_password),
    ),
    Route::new(
        Verb::Post,
        "applications/{application}/removePassword",
        MANAGE,
        "Take a secret of an application away",
        graph_handler!(remove_password),
    )
    .gives(StatusCode::NO_CONTENT),
    Route::new(
        Verb::Post,
        "applications/{application}/addKey",
        MANAGE,
        "Add a public key of an application",
        graph_handler!(add_key),
    ),
    Route::new(
        Verb::Post,
        "applications/{application}/removeKey",
        MANAGE,
        "Take a public key of an application away",
        graph_handler!(remove_key),
    )
    .gives(StatusCode::NO_CONTENT),
    Route::new(
        Verb::Get,
        "servicePrincipals",
        READ,
        "List service principals",
        graph_handler!(list_principals),
    ),
    Route::new(
        Verb::Post,
        "servicePrincipals",
        MANAGE,
        "Get the service principal that an application has",
        graph_handler!(create_principal),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Get,
        "servicePrincipals/{principal}",
        READ,
        "Get a service principal",
        graph_handler!(get_principal),
    ),
    Route::new(
        Verb::Patch,
        "servicePrincipals/{principal}",
        MANAGE,
        "Enable or disable an application",
        graph_handler!(update_principal),
    )
    .gives(StatusCode::NO_CONTENT),
];

/// An application as the directory has it registered.
pub fn view(one: &Application) -> Map<String, Value> {
    let settings = &one.settings;
    let text = Some(&settings.description).filter(|text| !text.is_empty());
    let required = settings.required.iter().map(required_view);
    written(json!({
        "id": one.id.to_string(),
        "appId": one.id.to_string(),
        "deletedDateTime": null,
        "displayName": one.display_name,
        "description": text,
        "createdDateTime": date(one.created),
        "signInAudience": AUDIENCE,
        "isFallbackPublicClient": settings.device_code,
        "identifierUris": settings.identifier_uris,
        "web": {
            "redirectUris": addresses(one, RedirectKind::Web),
            "homePageUrl": null,
            "logoutUrl": settings.back_channel_logout,
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": false,
                "enableIdTokenIssuance": false,
            },
        },
        "spa": {"redirectUris": addresses(one, RedirectKind::Spa)},
        "publicClient": {"redirectUris": addresses(one, RedirectKind::Native)},
        "requiredResourceAccess": required.collect::<Vec<_>>(),
        "passwordCredentials": secrets(one),
        "keyCredentials": keys(one),
        "appRoles": [],
        "tags": [],
        FRONT_CHANNEL: settings.front_channel_logout,
        BOUND_TOKENS: settings.bound_tokens,
    }))
}

/// The same application as something that acts.
pub fn principal_view(one: &Application) -> Map<String, Value> {
    let mut names = vec![one.id.to_string()];
    names.extend(one.settings.identifier_uris.iter().cloned());
    let replies = one.redirect_uris.iter().map(|uri| uri.uri.as_str());
    written(json!({
        "id": one.id.to_string(),
        "appId": one.id.to_string(),
        "deletedDateTime": null,
        "displayName": one.display_name,
        "appDisplayName": one.display_name,
        "accountEnabled": one.enabled,
        "appOwnerOrganizationId": one.tenant.to_string(),
        "appRoleAssignmentRequired": false,
        "servicePrincipalType": "Application",
        "servicePrincipalNames": names,
        "signInAudience": AUDIENCE,
        "replyUrls": replies.collect::<Vec<_>>(),
        "appRoles": [],
        "oauth2PermissionScopes": [],
        "passwordCredentials": [],
        "keyCredentials": [],
        "tags": [],
    }))
}

/// What stands for this interface: scripts look up here which permissions there are and by which ids.
pub fn interface(request: &Request) -> Map<String, Value> {
    let roles = permissions::of_applications().map(|name| {
        json!({
            "id": permissions::app_role_id(name),
            "allowedMemberTypes": ["Application"],
            "displayName": name,
            "description": name,
            "isEnabled": true,
            "origin": "Application",
            "value": name,
        })
    });
    let scopes = Scope::ALL.iter().map(|scope| {
        json!({
            "id": permissions::scope_id(*scope),
            "adminConsentDisplayName": scope.as_str(),
            "adminConsentDescription": scope.as_str(),
            "userConsentDisplayName": null,
            "userConsentDescription": null,
            "isEnabled": true,
            "type": if policy::consent::is_for_people(*scope) { "User" } else { "Admin" },
            "value": scope.as_str(),
        })
    });
    let origin = request.app.config.origin();
    written(json!({
        "id": GRAPH.to_string(),
        "appId": GRAPH.to_string(),
        "deletedDateTime": null,
        "displayName": "Microsoft Graph",
        "appDisplayName": "Microsoft Graph",
        "accountEnabled": true,
        "appRoleAssignmentRequired": false,
        "servicePrincipalType": "Application",
        "servicePrincipalNames": [GRAPH.to_string(), "https://graph.microsoft.com", origin],
        "signInAudience": "AzureADMultipleOrgs",
        "replyUrls": [],
        "appRoles": roles.collect::<Vec<_>>(),
        "oauth2PermissionScopes": scopes.collect::<Vec<_>>(),
        "passwordCredentials": [],
        "keyCredentials": [],
        "tags": [],
    }))
}

/// All that can be changed about an application, as an entity tag.
fn etag(one: &Application) -> String {
    values::etag(&Value::Object(applications::facts(one)))
}

/// Whether it is still what `If-Match` names.
fn still(request: &Request, one: &Application) -> Result<(), ApplicationRefusal> {
    let fits = request.if_match(&etag(one));
    fits.map_err(|_| ApplicationRefusal::Stale)
}

fn addresses(one: &Application, kind: RedirectKind) -> Vec<&str> {
    let uris = one.redirect_uris.iter().filter(|uri| uri.kind == kind);
    uris.map(|uri| uri.uri.as_str()).collect()
}

fn secrets(one: &Application) -> Vec<Value> {
    let old = one.secrets.iter().map(|secret| {
        json!({
            "keyId": applications::id_of_old(*secret),
            "customKeyIdentifier": null,
            "displayName": null,
            "hint": null,
            "secretText": null,
            "startDateTime": date(one.created),
            "endDateTime": date_or_null(None),
        })
    });
    let dated = one.settings.secrets.iter().map(secret);
    old.chain(dated).collect()
}

fn secret(one: &ClientSecret) -> Value {
    json!({
        "keyId": one.id,
        "customKeyIdentifier": null,
        "displayName": one.name,
        "hint": one.hint,
        "secretText": null,
        "startDateTime": date(one.starts),
        "endDateTime": date(one.ends),
    })
}

fn keys(one: &Application) -> Vec<Value> {
    one.settings.assertion_keys.iter().map(key).collect()
}

fn key(key: &Value) -> Value {
    let day = |name: &str| {
        let at = key.get(name).and_then(Value::as_i64);
        at.map(|at| date(Timestamp::from_seconds(at)))
    };
    let is_certificate = key.get("alg").is_none();
    json!({
        "keyId": applications::id_of_key(key),
        // In hexadecimal what certificates are called by everywhere.
        "customKeyIdentifier": key.get("kid").filter(|_| is_certificate),
        "displayName": key.get("name").or_else(|| key.get("kid")),
        "key": null,
        "type": if is_certificate { CERTIFICATE } else { KEY },
        "usage": "Verify",
        "startDateTime": day("nbf"),
        "endDateTime": day("exp"),
    })
}

fn required_view(one: &RequiredAccess) -> Value {
    let access = one
        .access
        .iter()
        .map(|(id, role)| json!({"id": id, "type": if *role { "Role" } else { "Scope" }}));
    json!({
        "resourceAppId": one.resource.to_string(),
        "resourceAccess": access.collect::<Vec<_>>(),
    })
}

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let (source, collection) = (Source::Applications, &listing::APPLICATIONS);
    listing::answer(&request, source, collection, "applications").await
}

async fn list_principals(request: Request) -> Result<Answer, GraphRefusal> {
    let (source, collection) = (Source::Principals, &listing::PRINCIPALS);
    listing::answer(&request, source, collection, "servicePrincipals").await
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let found = find(&request, "application").await?;
    let options = request.options(&listing::APPLICATIONS)?;
    let row = written(options.selected(Value::Object(view(&found))));
    let answer = Answer::object(&request, "applications/$entity", row);
    Ok(answer.tagged(&etag(&found)))
}

async fn get_principal(request: Request) -> Result<Answer, GraphRefusal> {
    let row = match is_interface(request.key("principal")) {
        true => interface(&request),
        false => principal_view(&find(&request, "principal").await?),
    };
    let options = request.options(&listing::PRINCIPALS)?;
    let row = written(options.selected(Value::Object(row)));
    Ok(Answer::object(&request, "servicePrincipals/$entity", row))
}

/// Whether this is the id of what stands for our interface.
pub fn is_interface(id: &str) -> bool {
    id.parse::<Uuid>().is_ok_and(|id| id == GRAPH)
}

async fn find(request: &Request, place: &str) -> Result<Application, GraphRefusal> {
    let id: ApplicationId = request.id(place)?;
    let found = applications::find(&request.app, &request.governor(), id).await;
    found.map_err(|refusal| refused(&refusal))
}

/// What a body says of an application; what it does not say stays.
#[derive(Default)]
struct Said {
    name: Option<String>,
    description: Option<String>,
    device_code: Option<bool>,
    addresses: Vec<(RedirectKind, Vec<String>)>,
    /// The address, or that there is none.
    back_channel_logout: Option<Option<String>>,
    front_channel_logout: Option<Option<String>>,
    bound_tokens: Option<bool>,
    identifiers: Option<Vec<String>>,
    required: Option<Vec<RequiredAccess>>,
    keys: Option<Vec<KeyWish>>,
}

/// A key that an application is to have. Whoever reads and writes an application back sends the keys that it has by their ids,
/// because they are not shown.
enum KeyWish {
    Held(Uuid),
    New(Value),
}

impl KeyWish {
    fn read(sent: &Map<String, Value>) -> Result<Self, GraphRefusal> {
        let text: Option<String> = member(sent, "key")?;
        match text {
            Some(text) => sent_key(sent, &text).map(Self::New),
            None => {
                let id: String = required(sent, "keyId")?;
                let id = id.parse();
                id.map(Self::Held)
                    .map_err(|_| GraphRefusal::property("keyId", "is not an id"))
            }
        }
    }

    fn among(&self, held: &[Value]) -> Result<Value, ApplicationRefusal> {
        match self {
            Self::New(key) => Ok(key.clone()),
            Self::Held(id) => {
                let found = held.iter().find(|one| applications::id_of_key(one) == *id);
                let found = found.ok_or(ApplicationRefusal::FieldInvalid("keyCredentials"))?;
                Ok(found.clone())
            }
        }
    }
}

/// The key in a `keyCredential`, of the kind that it says.
fn sent_key(wish: &Map<String, Value>, text: &str) -> Result<Value, GraphRefusal> {
    let wrong = || GraphRefusal::property("key", "is not what the type says, in base64");
    let bytes = ceremony::base64url::decode(text).ok_or_else(wrong)?;
    let kind: String = required(wish, "type")?;
    match kind.as_str() {
        CERTIFICATE => applications::key_of_certificate(&bytes).ok_or_else(wrong),
        KEY => {
            let jwk: Value = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
            applications::public_key(&jwk).ok_or_else(wrong)
        }
        _ => {
            let what = format!("has to be {CERTIFICATE} or {KEY}");
            Err(GraphRefusal::property("type", what))
        }
    }
}

impl Said {
    fn read(sent: &Map<String, Value>) -> Result<Self, GraphRefusal> {
        only(
            sent,
            &[
                "displayName",
                "description",
                "signInAudience",
                "isFallbackPublicClient",
                "identifierUris",
                "web",
                "spa",
                "publicClient",
                "api",
                "requiredResourceAccess",
                "keyCredentials",
                FRONT_CHANNEL,
                BOUND_TOKENS,
            ],
        )?;
        let audience: Option<String> = member(sent, "signInAudience")?;
        if audience.is_some_and(|audience| audience != AUDIENCE) {
            let what = format!("has to be {AUDIENCE}: people of one tenant sign in here");
            return Err(GraphRefusal::property("signInAudience", what));
        }
        if let Some(Some(api)) = nested(sent, "api")? {
            // Tokens have one form here, which is the newer one.
            only(&api, &["requestedAccessTokenVersion"])?;
        }
        let mut addresses = Vec::new();
        let mut back_channel_logout = None;
        for (name, kind) in [
            ("web", RedirectKind::Web),
            ("spa", RedirectKind::Spa),
            ("publicClient", RedirectKind::Native),
        ] {
            if let Some(Some(part)) = nested(sent, name)? {
                match kind {
                    RedirectKind::Web => {
                        only(&part, &["redirectUris", "redirectUriSettings", TOLD_AT])?;
                        if part.contains_key(TOLD_AT) {
                            back_channel_logout = Some(member(&part, TOLD_AT)?);
                        }
                    }
                    _ => only(&part, &["redirectUris", "redirectUriSettings"])?,
                }
                if let Some(uris) = member(&part, "redirectUris")? {
                    addresses.push((kind, uris));
                }
            }
        }
        Ok(Self {
            name: member(sent, "displayName")?,
            description: match sent.get("description") {
                Some(Value::Null) => Some(String::new()),
                _ => member(sent, "description")?,
            },
            device_code: truth(sent, "isFallbackPublicClient")?,
            addresses,
            back_channel_logout,
            front_channel_logout: match sent.contains_key(FRONT_CHANNEL) {
                true => Some(member(sent, FRONT_CHANNEL)?),
                false => None,
            },
            bound_tokens: truth(sent, BOUND_TOKENS)?,
            identifiers: member(sent, "identifierUris")?,
            required: required_access(sent)?,
            keys: match objects(sent, "keyCredentials")? {
                None => None,
                Some(keys) => Some(keys.iter().map(KeyWish::read).collect::<Result<_, _>>()?),
            },
        })
    }

    fn apply(&self, application: &mut Application) -> Result<(), ApplicationRefusal> {
        if let Some(name) = &self.name {
            application.display_name.clone_from(name);
        }
        let settings = &mut application.settings;
        if let Some(text) = &self.description {
            settings.description.clone_from(text);
        }
        if let Some(device_code) = self.device_code {
            settings.device_code = device_code;
        }
        if let Some(names) = &self.identifiers {
            settings.identifier_uris.clone_from(names);
        }
        if let Some(address) = &self.back_channel_logout {
            settings.back_channel_logout.clone_from(address);
        }
        if let Some(page) = &self.front_channel_logout {
            settings.front_channel_logout.clone_from(page);
        }
        if let Some(bound) = self.bound_tokens {
            settings.bound_tokens = bound;
        }
        if let Some(required) = &self.required {
            settings.required.clone_from(required);
        }
        for (kind, uris) in &self.addresses {
            application.redirect_uris.retain(|uri| uri.kind != *kind);
            let each = uris.iter().map(|uri| RedirectUri {
                uri: uri.clone(),
                kind: *kind,
            });
            application.redirect_uris.extend(each);
        }
        if let Some(wished) = &self.keys {
            let held = &application.settings.assertion_keys;
            let keys: Vec<Value> = wished
                .iter()
                .map(|one| one.among(held))
                .collect::<Result<_, _>>()?;
            let ids: BTreeSet<Uuid> = keys.iter().map(applications::id_of_key).collect();
            // A token picks its key by name, so a name is one key.
            if ids.len() < keys.len() {
                return Err(ApplicationRefusal::GivenAlready);
            }
            application.settings.assertion_keys = keys;
        }
        Ok(())
    }
}

fn required_access(sent: &Map<String, Value>) -> Result<Option<Vec<RequiredAccess>>, GraphRefusal> {
    const NAME: &str = "requiredResourceAccess";
    let Some(list) = objects(sent, NAME)? else {
        return Ok(None);
    };
    let each = list.iter().map(|one| {
        let access = objects(one, "resourceAccess")?.unwrap_or_default();
        let access = access.iter().map(|one| {
            let kind: String = required(one, "type")?;
            let role = match kind.as_str() {
                "Role" => true,
                "Scope" => false,
                _ => return Err(GraphRefusal::property("type", "is neither Scope nor Role")),
            };
            Ok((required(one, "id")?, role))
        });
        Ok(RequiredAccess {
            resource: required(one, "resourceAppId")?,
            access: access.collect::<Result<_, GraphRefusal>>()?,
        })
    });
    each.collect::<Result<_, _>>().map(Some)
}

/// As whom applications are changed. One that holds permissions takes the right to give them besides.
fn hands<'g>(request: &Request, by: &'g crate::flow::govern::Governor) -> Hands<'g> {
    Hands::Manager(by, request.by.grant(Operation::GivePermissions).ok())
}

async fn create(request: Request) -> Result<Answer, GraphRefusal> {
    let said = Said::read(&request.members()?)?;
    if said.name.is_none() {
        return Err(GraphRefusal::property("displayName", "is missing"));
    }
    let by = request.governor();
    let hands = hands(&request, &by);
    let made = applications::create(&request.app, &request.caller, hands, |one| said.apply(one));
    let made = made.await.map_err(|refusal| refused(&refusal))?;
    let path = format!("applications/{}", made.id);
    let answer = Answer::created(&request, "applications/$entity", view(&made), &path);
    Ok(answer.tagged(&etag(&made)))
}

async fn update(request: Request) -> Result<Answer, GraphRefusal> {
    let id: ApplicationId = request.id("application")?;
    let said = Said::read(&request.members()?)?;
    let edit = |one: &mut Application| {
        still(&request, one)?;
        said.apply(one)
    };
    change(&request, id, edit).await?;
    Ok(Answer::nothing())
}

async fn change(
    request: &Request,
    id: ApplicationId,
    edit: impl Fn(&mut Application) -> Result<(), ApplicationRefusal>,
) -> Result<(), GraphRefusal> {
    let by = request.governor();
    let hands = hands(request, &by);
    let at = (id, "Update application");
    let done = applications::change(&request.app, &request.caller, hands, at, edit).await;
    done.map(drop).map_err(|refusal| refused(&refusal))
}

async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    let id: ApplicationId = request.id("application")?;
    let by = request.governor();
    let hands = hands(&request, &by);
    let still = |one: &Application| still(&request, one);
    let done = applications::delete(&request.app, &request.caller, hands, id, still).await;
    done.map_err(|refusal| refused(&refusal))?;
    Ok(Answer::nothing())
}

async fn add_password(request: Request) -> Result<Answer, GraphRefusal> {
    let id: ApplicationId = request.id("application")?;
    let sent = request.members_if_any()?;
    let wish = nested(&sent, "passwordCredential")?
        .flatten()
        .unwrap_or_default();
    let time = |name: &'static str| {
        let text: Option<String> = member(&wish, name)?;
        text.map(|text| moment(name, &text)).transpose()
    };
    let wish = SecretWish {
        name: member(&wish, "displayName")?,
        starts: time("startDateTime")?,
        ends: time("endDateTime")?,
    };
    let by = request.governor();
    let hands = hands(&request, &by);
    let made = applications::add_secret(&request.app, &request.caller, hands, id, wish).await;
    let (made, text) = made.map_err(|refusal| refused(&refusal))?;
    let mut view = written(secret(&made));
    // Here, once.
    view.insert("secretText".to_owned(), text.expose().into());
    let context = "microsoft.graph.passwordCredential";
    Ok(Answer::object(&request, context, view))
}

async fn remove_password(request: Request) -> Result<Answer, GraphRefusal> {
    let id: ApplicationId = request.id("application")?;
    let secret: Uuid = required(&request.members()?, "keyId")?;
    let by = request.governor();
    let hands = hands(&request, &by);
    let done = applications::remove_secret(&request.app, &request.caller, hands, id, secret).await;
    done.map_err(|refusal| refused(&refusal))?;
    Ok(Answer::nothing())
}

async fn add_key(request: Request) -> Result<Answer, GraphRefusal> {
    let id: ApplicationId = request.id("application")?;
    let sent = request.members()?;
    let wish: Value = required(&sent, "keyCredential")?;
    let wish = object(&wish)?;
    let text: String = required(&wish, "key")?;
    let wished = sent_key(&wish, &text)?;
    let by = request.governor();
    let hands = hands(&request, &by);
    let made = applications::add_key(&request.app, &request.caller, hands, id, wished).await;
    let made = made.map_err(|refusal| refused(&refusal))?;
    let context = "microsoft.graph.keyCredential";
    Ok(Answer::object(&request, context, written(key(&made))))
}

async fn remove_key(request: Request) -> Result<Answer, GraphRefusal> {
    let id: ApplicationId = request.id("application")?;
    let key: Uuid = required(&request.members()?, "keyId")?;
    let by = request.governor();
    let hands = hands(&request, &by);
    let done = applications::remove_key(&request.app, &request.caller, hands, id, key).await;
    done.map_err(|refusal| refused(&refusal))?;
    Ok(Answer::nothing())
}

/// Every application has one from the beginning; scripts make it and go on with what they get.
async fn create_principal(request: Request) -> Result<Answer, GraphRefusal> {
    let sent = request.members()?;
    only(&sent, &["appId", "accountEnabled", "displayName"])?;
    let id: String = required(&sent, "appId")?;
    let id: ApplicationId = id
        .parse()
        .map_err(|_| GraphRefusal::property("appId", "is not the id of an application"))?;
    let granted = request.by.grant(READ)?;
    let by = request.by.governor(&request.caller, granted);
    let found = applications::find(&request.app, &by, id).await;
    let found = found.map_err(|refusal| refused(&refusal))?;
    let path = format!("servicePrincipals/{}", found.id);
    let context = "servicePrincipals/$entity";
    Ok(Answer::created(
        &request,
        context,
        principal_view(&found),
        &path,
    ))
}

async fn update_principal(request: Request) -> Result<Answer, GraphRefusal> {
    let id: ApplicationId = request.id("principal")?;
    let sent = request.members()?;
    only(&sent, &["accountEnabled"])?;
    let enabled = truth(&sent, "accountEnabled")?;
    let edit = |one: &mut Application| {
        one.enabled = enabled.unwrap_or(one.enabled);
        Ok(())
    };
    change(&request, id, edit).await?;
    Ok(Answer::nothing())
}

/// What a flow refused.
pub fn refused(refusal: &ApplicationRefusal) -> GraphRefusal {
    match refusal {
        ApplicationRefusal::FieldInvalid(field) => GraphRefusal::property(*field, "is not valid"),
        ApplicationRefusal::Stale => GraphRefusal::Precondition,
        other => GraphRefusal::flow(other),
    }
}
