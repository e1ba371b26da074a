//! The browser as such, before anybody signs in: a random cookie that challenges and CSRF tokens are bound to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::cookies::{self, Keep, Token};
use super::csrf::CsrfToken;
use super::problem::Problem;
use crate::app::AppState;

/// The browser that sent the request, known by its pre-session cookie. Taking it as an argument sets the cookie if it
/// was missing.
#[derive(Clone, Debug)]
pub struct Browser {
    token: Token,
}

impl Browser {
    /// SHA-256 of the cookie: what a challenge is sealed to.
    pub fn hash(&self) -> [u8; 32] {
        *self.token.hash().as_bytes()
    }

    /// The CSRF token for forms and scripts on pages of this browser.
    pub fn csrf(&self, app: &AppState) -> CsrfToken {
        CsrfToken::make(app, &self.token)
    }
}

impl FromRequestParts<AppState> for Browser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &AppState) -> Result<Self, Problem> {
        let held = parts
            .extensions
            .get::<Held>()
            .ok_or_else(|| Problem::internal("no browser layer on this route"))?;
        held.used.store(true, Ordering::Relaxed);
        Ok(Self {
            token: held.token.clone(),
        })
    }
}

#[derive(Clone)]
struct Held {
    token: Token,
    used: Arc<AtomicBool>,
}

/// The layer that reads the cookie, or makes one and sets it if a handler asked for it.
pub async fn layer(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let sent = cookies::read(request.headers(), cookies::BROWSER);
    let fresh = sent.is_none();
    let token = sent.unwrap_or_else(|| Token::random(&app.random));
    let held = Held {
        token,
        used: Arc::new(AtomicBool::new(false)),
    };
    request.extensions_mut().insert(held.clone());
    let mut response = next.run(request).await;
    if fresh && held.used.load(Ordering::Relaxed) {
        response.headers_mut().append(
            header::SET_COOKIE,
            cookies::set(cookies::BROWSER, &held.token, Keep::Session),
        );
    }
    response
}
