//! `POST /{tenant}/oauth2/v2.0/register` (RFC 7591, OpenID Connect Dynamic Client Registration 1.0): an application says what it
//! is and gets an id. Off unless the operator turns it on, and then for addresses on loopback only.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use policy::model::{Application, RedirectKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::metadata::Door;
use crate::app::AppState;
use crate::flow::self_registration::{self, RegistrationRefusal, Wish};
use crate::flow::{Caller, SecretText};
use crate::web::{Path, Problem};

/// Most addresses of each kind.
const ADDRESSES: usize = 16;
/// What a name is without one.
const NAMELESS: &str = "An application on this machine";

/// What of the metadata counts here (RFC 7591 section 2). Members not known are left alone, as the specification asks.
#[derive(Debug, Deserialize)]
struct Metadata {
    redirect_uris: Vec<String>,
    #[serde(default)]
    client_name: Option<String>,
    #[serde(default)]
    application_type: Option<String>,
    #[serde(default)]
    token_endpoint_auth_method: Option<String>,
    #[serde(default)]
    grant_types: Option<Vec<String>>,
    #[serde(default)]
    response_types: Option<Vec<String>>,
    #[serde(default)]
    post_logout_redirect_uris: Vec<String>,
    #[serde(default)]
    frontchannel_logout_uri: Option<String>,
    #[serde(default)]
    dpop_bound_access_tokens: bool,
}

/// The metadata is refused: the error of RFC 7591 section 3.2.2, our code, and what to do.
struct Wrong(&'static str, &'static str, String);

/// An application registers itself.
pub async fn submit(
    State(app): State<AppState>,
    Path(segment): Path<String>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let door = Door::open(&app, &segment).ok_or_else(Problem::not_found)?;
    let Door::Tenant(tenant) = door else {
        return Err(Problem::not_found());
    };
    if !app.config.localhost_registration {
        return Err(Problem::not_found());
    }
    let registered = async {
        let wish = read(&body)?;
        self_registration::register(&app, &caller, tenant, wish)
            .await
            .map_err(Wrong::from)
    };
    Ok(match registered.await {
        Ok((made, secret)) => {
            let view = view(&app, &made, secret.as_ref());
            super::token::no_store((StatusCode::CREATED, Json(view)).into_response())
        }
        Err(wrong) => refused(&caller, &wrong),
    })
}

fn read(body: &[u8]) -> Result<Wish, Wrong> {
    let invalid =
        |code, sentence: &str| Wrong("invalid_client_metadata", code, sentence.to_owned());
    let sent: Metadata = serde_json::from_slice(body).map_err(|error| {
        let sentence = format!("The client metadata is not readable JSON: {error}");
        Wrong("invalid_client_metadata", "metadata_malformed", sentence)
    })?;
    if sent.redirect_uris.is_empty()
        || sent.redirect_uris.len() > ADDRESSES
        || sent.post_logout_redirect_uris.len() > ADDRESSES
    {
        return Err(Wrong(
            "invalid_redirect_uri",
            "addresses_count",
            format!(
                "There have to be one to {ADDRESSES} redirect_uris, and no more post_logout_redirect_uris."
            ),
        ));
    }
    let grants = ["authorization_code", "refresh_token"];
    if !are_among(sent.grant_types.as_deref(), &grants)
        || !are_among(sent.response_types.as_deref(), &["code"])
    {
        return Err(invalid(
            "flow_unsupported",
            "Only response_types [\"code\"] with grant_types authorization_code and refresh_token is registered here.",
        ));
    }
    let is_page = sent.application_type.as_deref() == Some("web");
    let kind = match sent.token_endpoint_auth_method.as_deref() {
        None | Some("client_secret_basic" | "client_secret_post") => RedirectKind::Web,
        Some("none") if is_page => RedirectKind::Spa,
        Some("none") => RedirectKind::Native,
        Some(_) => {
            return Err(invalid(
                "authentication_unsupported",
                "token_endpoint_auth_method has to be client_secret_basic, client_secret_post or none.",
            ));
        }
    };
    Ok(Wish {
        name: sent.client_name.unwrap_or_else(|| NAMELESS.to_owned()),
        addresses: sent.redirect_uris,
        kind,
        logout_addresses: sent.post_logout_redirect_uris,
        front_channel_logout: sent.frontchannel_logout_uri,
        bound_tokens: sent.dpop_bound_access_tokens,
    })
}

/// Without any, what the specification takes them for is supported.
fn are_among(named: Option<&[String]>, known: &[&str]) -> bool {
    named.is_none_or(|named| named.iter().all(|one| known.contains(&one.as_str())))
}

impl From<RegistrationRefusal> for Wrong {
    fn from(refusal: RegistrationRefusal) -> Self {
        match refusal {
            RegistrationRefusal::NotLoopback => Self(
                "invalid_redirect_uri",
                "address_not_on_loopback",
                "An application that registers itself lives on this machine: every address has to begin with http:// or https:// and \
                 localhost, 127.0.0.1 or [::1]. Have an administrator register any other."
                    .to_owned(),
            ),
            RegistrationRefusal::Invalid(field) => Self(
                "invalid_client_metadata",
                "field_invalid",
                format!("What belongs to '{field}' is not valid."),
            ),
            RegistrationRefusal::TooMany => Self(
                "access_denied",
                "too_many_applications",
                "Too many applications registered themselves. Delete old ones first.".to_owned(),
            ),
            RegistrationRefusal::Internal(why) => {
                tracing::error!(why, "an application could not register itself");
                Self(
                    "temporarily_unavailable",
                    "internal",
                    "Something went wrong on our side. Please try again.".to_owned(),
                )
            }
        }
    }
}

fn refused(caller: &Caller, Wrong(error, code, sentence): &Wrong) -> Response {
    let correlation = caller.correlation.to_string();
    tracing::info!(%correlation, code, "refused a client registration");
    let status = match *error {
        "access_denied" => StatusCode::FORBIDDEN,
        "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = json!({
        "error": error,
        "error_description": sentence,
        "error_subcode": code,
        "correlation_id": correlation,
    });
    let mut response = (status, Json(body)).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.insert("retry-after", axum::http::HeaderValue::from_static("5"));
    }
    super::token::no_store(response)
}

/// What was registered (RFC 7591 section 3.2.1).
fn view(app: &AppState, made: &Application, secret: Option<&SecretText>) -> Value {
    let addresses = made.redirect_uris.iter().map(|one| one.uri.as_str());
    let page = made
        .redirect_uris
        .iter()
        .any(|one| one.kind != RedirectKind::Native);
    let mut view = Map::new();
    let mut put = |name: &str, value: Value| view.insert(name.to_owned(), value);
    put("client_id", made.id.to_string().into());
    put("client_id_issued_at", made.created.as_seconds().into());
    put("client_name", made.display_name.clone().into());
    put("redirect_uris", addresses.collect::<Vec<_>>().into());
    put("post_logout_redirect_uris", made.logout_uris.clone().into());
    put(
        "grant_types",
        json!(["authorization_code", "refresh_token"]),
    );
    put("response_types", json!(["code"]));
    put(
        "application_type",
        if page { "web" } else { "native" }.into(),
    );
    put(
        "dpop_bound_access_tokens",
        made.settings.bound_tokens.into(),
    );
    put("subject_type", "pairwise".into());
    put("id_token_signed_response_alg", "ES256".into());
    if let Some(page) = &made.settings.front_channel_logout {
        put("frontchannel_logout_uri", page.clone().into());
        put("frontchannel_logout_session_required", true.into());
    }
    let method = if secret.is_some() {
        "client_secret_basic"
    } else {
        "none"
    };
    put("token_endpoint_auth_method", method.into());
    if let Some(secret) = secret {
        put("client_secret", secret.expose().into());
        put("client_secret_expires_at", 0.into());
    }
    put(
        "issuer",
        super::metadata::issuer(app.config.origin(), made.tenant).into(),
    );
    Value::Object(view)
}
