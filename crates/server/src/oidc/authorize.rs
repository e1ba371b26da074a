//! `GET` and `POST /{tenant}/oauth2/v2.0/authorize` (OpenID Connect Core section 3.1.2, RFC 6749 section 4.1.1).

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use policy::model::{Application, TenantId, UserId};

use super::claims::IdClaims;
use super::metadata::{self, Door};
use super::parameters::Parameters;
use super::refusal::AuthorizeRefusal;
use super::request::{AuthorizeRequest, Prompt, Refused, ReturnTo};
use super::{answer, hint, pushed};
use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::sign_in::SingleSignOn;
use crate::flow::{Caller, context, issue_tokens, sign_in};
use crate::web::{CurrentSession, Path, Problem};

/// Longest request that is carried on, in bytes; longer ones would not fit the sign-in page's own address.
const LONGEST: usize = 12 * 1024;

/// A browser arrives with a request in its address.
pub async fn show(
    State(app): State<AppState>,
    Path(segment): Path<String>,
    caller: Caller,
    parts: Parts,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    if query.len() > LONGEST {
        return Err(page(AuthorizeRefusal::TooLong));
    }
    let door = Door::open(&app, &segment).ok_or_else(|| page(AuthorizeRefusal::UnknownTenant))?;
    let parameters = Parameters::parse(query.as_bytes());
    let application = application(&app, door, &parameters).await?;
    let tenant = application.tenant;
    let parameters = pushed::open(&app, &application, parameters).map_err(page)?;
    match check(&app, &application, &parameters).await? {
        Ok(request) => go_on(&app, &caller, &parts, &application, request).await,
        Err(Refused::OnPage(refusal)) => Err(page(refusal)),
        Err(Refused::ToClient(to, refusal)) => refuse(&app, &caller, tenant, &to, refusal),
    }
}

/// A form of the client arrives. It comes from another site, so the session cookie is not with it (`SameSite=Lax`); the
/// browser brings it when it asks again by GET.
pub async fn submit(Path(segment): Path<String>, body: Bytes) -> Result<Response, Problem> {
    if body.len() > LONGEST {
        return Err(page(AuthorizeRefusal::TooLong));
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(url::form_urlencoded::parse(&body))
        .finish();
    let segment: String = url::form_urlencoded::byte_serialize(segment.as_bytes()).collect();
    Ok(see_other(&format!(
        "/{segment}/oauth2/v2.0/authorize?{query}"
    )))
}

async fn application(
    app: &AppState,
    door: Door,
    parameters: &Parameters,
) -> Result<Application, Problem> {
    let client_id = parameters
        .get("client_id")
        .ok_or_else(|| page(AuthorizeRefusal::ClientMissing))?;
    if parameters.repeated() == Some("client_id") {
        return Err(page(AuthorizeRefusal::RepeatedParameter));
    }
    door.application(app, client_id)
        .await
        .map_err(|error| Problem::internal(format!("reading an application: {error}")))?
        .ok_or_else(|| page(AuthorizeRefusal::ClientUnknown))
}

/// The checked request, with the user its hint names.
async fn check(
    app: &AppState,
    application: &Application,
    parameters: &Parameters,
) -> Result<Result<AuthorizeRequest, Refused>, Problem> {
    let mut request = match AuthorizeRequest::check(
        parameters,
        application,
        app.config.origin(),
        app.clock.now(),
    ) {
        Ok(request) => request,
        Err(refused) => return Ok(Err(refused)),
    };
    let Some(token) = parameters.get("id_token_hint") else {
        return Ok(Ok(request));
    };
    let hinted = hint::read(app, application.tenant, token)
        .await?
        .filter(|claims| claims.aud == application.id.to_string());
    match hinted.as_ref().and_then(user) {
        Some(user) => {
            request.hinted_user = Some(user);
            Ok(Ok(request))
        }
        None => Ok(Err(Refused::ToClient(
            request.to,
            AuthorizeRefusal::HintMalformed,
        ))),
    }
}

async fn go_on(
    app: &AppState,
    caller: &Caller,
    parts: &Parts,
    application: &Application,
    request: AuthorizeRequest,
) -> Result<Response, Problem> {
    let session = CurrentSession::find(app, parts, request.tenant).await?;
    let now = app.clock.now();
    let fits = |session: &CurrentSession| {
        request.is_answered_by(session.user.id, session.session.authenticated, now)
    };
    let fitting = session.filter(fits);
    if fitting.is_none() && request.prompt == Prompt::Never {
        return refuse(
            app,
            caller,
            request.tenant,
            &request.to,
            AuthorizeRefusal::LoginRequired,
        );
    }
    let context = context::to_application(app, request, &application.display_name)?;
    match fitting {
        Some(session) => match sign_in::single_sign_on(app, caller, &context, &session).await? {
            SingleSignOn::Done(next) => Ok(see_other(next.url())),
            SingleSignOn::More(step) => Ok(step.redirect()),
            SingleSignOn::MustNotAsk(request, refusal) => {
                refuse(app, caller, request.tenant, &request.to, refusal)
            }
        },
        None => Ok(see_other(&format!("/signin?ctx={}", context.text()))),
    }
}

fn refuse(
    app: &AppState,
    caller: &Caller,
    tenant: TenantId,
    to: &ReturnTo,
    refusal: AuthorizeRefusal,
) -> Result<Response, Problem> {
    let issuer = metadata::issuer(app.config.origin(), tenant);
    let fields = answer::refusal(to, refusal, &issuer, &caller.correlation.to_string());
    tracing::info!(correlation = %caller.correlation, code = refusal.facts().code, "told the client of a refused authorization request");
    let next = issue_tokens::deliver(app, tenant, to, fields)
        .map_err(|_| Problem::internal("an answer could not be sealed"))?;
    Ok(see_other(next.url()))
}

fn user(claims: &IdClaims) -> Option<UserId> {
    claims.oid.parse().ok()
}

fn page(refusal: AuthorizeRefusal) -> Problem {
    let facts = refusal.facts();
    Problem::new(
        StatusCode::BAD_REQUEST,
        facts.code,
        format!("{} (AADSTS{})", facts.sentence, facts.number),
    )
    .logged("an authorization request that names no registered address")
}
