//! What this server can do (RFC 7644 section 4). It is the same for everybody and says nothing about anybody, so it takes no token.

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::answer::Answer;
use super::paging::{MOST, Window};
use super::refusal::ScimRefusal;
use super::schema::{GROUP, Schema, USER};
use crate::app::AppState;

const TYPES: &[Schema] = &[USER, GROUP];

/// `GET /ServiceProviderConfig`.
pub async fn config(State(app): State<AppState>) -> Answer {
    Answer::plain(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": MOST},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth 2.0 bearer token",
            "description": "An access token of an application by itself (client credentials)",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{}/ServiceProviderConfig", base(&app)),
        },
    }))
}

/// `GET /ResourceTypes`.
pub async fn types(State(app): State<AppState>) -> Answer {
    all(|schema| schema.as_resource_type(&base(&app)))
}

/// `GET /ResourceTypes/{name}`.
pub async fn type_named(
    State(app): State<AppState>,
    Path(name): Path<String>,
) -> Result<Answer, ScimRefusal> {
    let found = TYPES.iter().find(|schema| schema.name == name);
    let found = found.ok_or(ScimRefusal::NotFound)?;
    Ok(Answer::plain(found.as_resource_type(&base(&app))))
}

/// `GET /Schemas`.
pub async fn schemas(State(app): State<AppState>) -> Answer {
    all(|schema| schema.described(&base(&app)))
}

/// `GET /Schemas/{id}`.
pub async fn schema(
    State(app): State<AppState>,
    Path(id): Path<String>,
) -> Result<Answer, ScimRefusal> {
    let found = TYPES.iter().find(|schema| schema.id == id);
    let found = found.ok_or(ScimRefusal::NotFound)?;
    Ok(Answer::plain(found.described(&base(&app))))
}

/// What the RFC knows and we do not.
pub async fn bulk() -> ScimRefusal {
    ScimRefusal::Unsupported("Bulk")
}

/// Whoever asks here is an application, which is no resource.
pub async fn me() -> ScimRefusal {
    ScimRefusal::Unsupported("/Me")
}

fn all(shown: impl Fn(&Schema) -> Value) -> Answer {
    let all: Vec<_> = TYPES.iter().map(shown).collect();
    let window = Window {
        start: 1,
        count: MOST,
    };
    let total = u64::try_from(all.len()).unwrap_or_default();
    Answer::plain(window.list(total, &all))
}

fn base(app: &AppState) -> String {
    format!("{}{}", app.config.origin(), super::BASE)
}
