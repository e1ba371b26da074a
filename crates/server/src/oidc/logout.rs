//! `GET` and `POST /{tenant}/oauth2/v2.0/logout` (OpenID Connect RP-Initiated Logout 1.0).

use askama::Template;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use policy::model::{Application, TenantId};
use serde::Deserialize;

use super::claims::IdClaims;
use super::metadata::Door;
use super::parameters::Parameters;
use super::{frontchannel, hint, redirect};
use crate::app::AppState;
use crate::flow::answer::{form_target, see_other};
use crate::flow::{Caller, revoke};
use crate::pages::{Frame, Language, render};
use crate::web::{CheckedForm, CurrentSession, Path, Problem};

const LONGEST: usize = 24 * 1024;

/// Where a person goes after signing out.
#[derive(Debug, Default)]
struct After {
    /// The registered address, with the client's `state`; our own page if there is none.
    address: Option<String>,
}

#[derive(Template)]
#[template(path = "oidc/sign_out.html")]
struct Page {
    frame: Frame,
    csrf: String,
    name: String,
    action: String,
    client_id: String,
    address: String,
    state: String,
}

/// What the confirmation page sends back; checked as if it had just arrived.
#[derive(Debug, Deserialize)]
pub struct Confirmed {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    post_logout_redirect_uri: String,
    #[serde(default)]
    state: String,
}

/// A client sends a person to sign out.
pub async fn show(
    State(app): State<AppState>,
    language: Language,
    Path(segment): Path<String>,
    caller: Caller,
    parts: Parts,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    if query.len() > LONGEST {
        return Err(Problem::malformed("a logout request longer than it may be"));
    }
    let door = Door::open(&app, &segment).ok_or_else(Problem::not_found)?;
    let parameters = Parameters::parse(query.as_bytes());
    let (claims, application) = client(&app, door, &parameters).await?;
    let after = after(application.as_ref(), &parameters);
    for tenant in door.tenants(&app) {
        let Some(session) = CurrentSession::find(&app, &parts, tenant.id).await? else {
            continue;
        };
        // The client proves with the ID token that it signed this very person in. Anybody else's link only leads to a
        // question: else every page on the web could sign people out.
        let proved = claims
            .as_ref()
            .is_some_and(|claims| claims.oid == session.user.id.to_string());
        if !proved {
            return Ok(ask(
                &app,
                language,
                tenant.id,
                &session,
                application.as_ref(),
                &parameters,
            ));
        }
        return end(&app, &caller, &session, after).await;
    }
    Ok(go(&after))
}

/// A client's form comes from another site and without the session cookie; the browser brings it when it asks by GET.
pub async fn submit(Path(segment): Path<String>, body: Bytes) -> Result<Response, Problem> {
    if body.len() > LONGEST {
        return Err(Problem::malformed("a logout request longer than it may be"));
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(url::form_urlencoded::parse(&body))
        .finish();
    let segment: String = url::form_urlencoded::byte_serialize(segment.as_bytes()).collect();
    Ok(see_other(&format!("/{segment}/oauth2/v2.0/logout?{query}")))
}

/// The person said yes.
pub async fn confirm(
    State(app): State<AppState>,
    Path(segment): Path<String>,
    caller: Caller,
    parts: Parts,
    CheckedForm(confirmed): CheckedForm<Confirmed>,
) -> Result<Response, Problem> {
    let Some(door @ Door::Tenant(tenant)) = Door::open(&app, &segment) else {
        return Err(Problem::not_found());
    };
    let parameters = Parameters::of([
        ("client_id", confirmed.client_id),
        (
            "post_logout_redirect_uri",
            confirmed.post_logout_redirect_uri,
        ),
        ("state", confirmed.state),
    ]);
    let (_, application) = client(&app, door, &parameters).await?;
    let after = after(application.as_ref(), &parameters);
    match CurrentSession::find(&app, &parts, tenant).await? {
        Some(session) => end(&app, &caller, &session, after).await,
        None => Ok(go(&after)),
    }
}

/// Who asks: the audience of the ID token if there is one, else whom `client_id` names. Where both are given they have to
/// agree.
async fn client(
    app: &AppState,
    door: Door,
    parameters: &Parameters,
) -> Result<(Option<IdClaims>, Option<Application>), Problem> {
    let mut claims = None;
    if let Some(token) = parameters.get("id_token_hint") {
        for tenant in door.tenants(app) {
            claims = claims.or(hint::read(app, tenant.id, token).await?);
        }
        if claims.is_none() {
            return Err(refused(
                "hint_malformed",
                "The id_token_hint is not an ID token of this issuer.",
            ));
        }
    }
    let hinted = claims.as_ref().map(|claims| claims.aud.as_str());
    let named = parameters.get("client_id");
    if named.is_some_and(|named| hinted.is_some_and(|hinted| hinted != named)) {
        return Err(refused(
            "client_mismatch",
            "The client_id is not the application the id_token_hint was issued to.",
        ));
    }
    let Some(id) = hinted.or(named) else {
        return Ok((claims, None));
    };
    let application = door
        .application(app, id)
        .await
        .map_err(|error| Problem::internal(format!("reading an application: {error}")))?;
    Ok((claims, application))
}

/// An address that is not registered, or not for this client, is not gone to: the person stays here.
fn after(application: Option<&Application>, parameters: &Parameters) -> After {
    let registered = parameters.get("post_logout_redirect_uri").filter(|asked| {
        application.is_some_and(|application| redirect::registered_for_logout(application, asked))
    });
    let Some(address) = registered else {
        return After::default();
    };
    let address = match parameters.get("state") {
        None => address.to_owned(),
        Some(state) => {
            let joint = if address.contains('?') { '&' } else { '?' };
            let state: String = url::form_urlencoded::byte_serialize(state.as_bytes()).collect();
            format!("{address}{joint}state={state}")
        }
    };
    After {
        address: Some(address),
    }
}

async fn end(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    after: After,
) -> Result<Response, Problem> {
    let told = frontchannel::pages(app, session).await?;
    let cookies = revoke::sign_out(app, caller, session).await?;
    let onward = told.onward(app, session.tenant(), after.address)?;
    let mut response = see_other(&onward);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    // The tenant's other pages in this browser must not show from a cache what was seen while signed in.
    response
        .headers_mut()
        .insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

fn go(after: &After) -> Response {
    see_other(after.address.as_deref().unwrap_or("/signed-out"))
}

fn ask(
    app: &AppState,
    language: Language,
    tenant: TenantId,
    session: &CurrentSession,
    application: Option<&Application>,
    parameters: &Parameters,
) -> Response {
    let text = |name: &str| parameters.get(name).unwrap_or_default().to_owned();
    let page = Page {
        frame: Frame::new(app, tenant, language),
        csrf: session.csrf(app).to_string(),
        name: session.user.user_principal_name.clone(),
        action: format!("/{tenant}/oauth2/v2.0/logout/confirm"),
        client_id: application
            .map(|application| application.id.to_string())
            .unwrap_or_default(),
        address: text("post_logout_redirect_uri"),
        state: text("state"),
    };
    let mut response = render(&page);
    // The answer to the form may lead on to the application.
    if let Some(target) = after(application, parameters)
        .address
        .as_deref()
        .and_then(form_target)
    {
        response.extensions_mut().insert(target);
    }
    response
}

fn refused(code: &'static str, message: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, message)
}
