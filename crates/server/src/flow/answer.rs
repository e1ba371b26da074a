//! What a step of a sign-in leads to, and how a surface says it.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::context::OpenContext;
use crate::web::FormTarget;

/// Where a person goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A page of ours.
    Page(String),
    /// An application's redirect URI with the answer in query or fragment.
    Application(String),
    /// A page of ours that posts the sealed answer to the application (`form_post`).
    Deliver(String),
}

impl Next {
    /// The URL to go to: absolute for an application, else a path of ours.
    pub fn url(&self) -> &str {
        match self {
            Self::Page(url) | Self::Application(url) | Self::Deliver(url) => url,
        }
    }
}

/// A finished sign-in: the session cookie and where it leads.
#[derive(Clone, Debug)]
pub struct SignedInAnswer {
    /// `Set-Cookie` lines.
    pub cookies: Vec<HeaderValue>,
    /// Where it leads.
    pub next: Next,
}

/// What comes after a proof.
#[derive(Clone, Debug)]
pub enum Step {
    /// Signed in.
    Done(SignedInAnswer),
    /// The second factor is missing.
    NeedTotp(Started),
    /// A policy asks for a further proof.
    StepUp(Started),
    /// A passkey has to be registered (or, where allowed, skipped) before the session begins.
    Register(Started),
    /// A campaign asks for a passkey before the session begins.
    Nudge(Started),
    /// The password was set by somebody else and has to be changed first.
    ChangePassword(Started),
    /// The session that was there already goes on.
    GoOn(Started),
}

/// An attempt that waits for more, known to the browser by its cookie.
#[derive(Clone, Debug)]
pub struct Started {
    /// `Set-Cookie` lines.
    pub cookies: Vec<HeaderValue>,
    /// The sealed context to carry on.
    pub context: String,
}

impl Started {
    /// An attempt within `context`.
    pub fn new(cookies: Vec<HeaderValue>, context: &OpenContext) -> Self {
        Self {
            cookies,
            context: context.text().to_owned(),
        }
    }
}

impl Step {
    /// Where the browser goes next.
    pub fn url(&self) -> String {
        match self {
            Self::Done(done) => done.next.url().to_owned(),
            Self::NeedTotp(started) => format!("/signin/totp?ctx={}", started.context),
            Self::StepUp(started) => format!("/signin/step-up?ctx={}", started.context),
            Self::Register(started) => format!("/signin/register?ctx={}", started.context),
            Self::Nudge(started) => format!("/signin/nudge?ctx={}", started.context),
            Self::ChangePassword(started) => {
                format!("/signin/new-password?ctx={}", started.context)
            }
            Self::GoOn(started) => format!("/signin/continue?ctx={}", started.context),
        }
    }

    /// The answer to a posted form: 303 with the cookies.
    pub fn redirect(self) -> Response {
        let mut response = see_other(&self.url());
        self.add_cookies(&mut response);
        response
    }

    /// The answer to a script: `{"next": url}` with the cookies.
    pub fn json(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            next: String,
        }
        let mut response = Json(Body { next: self.url() }).into_response();
        self.add_cookies(&mut response);
        response
    }

    fn add_cookies(self, response: &mut Response) {
        let cookies = match self {
            Self::Done(done) => done.cookies,
            Self::NeedTotp(started)
            | Self::StepUp(started)
            | Self::Register(started)
            | Self::Nudge(started)
            | Self::ChangePassword(started)
            | Self::GoOn(started) => started.cookies,
        };
        for cookie in cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// 303 to `url`, which is a path of ours or a checked redirect URI. The policy of the answer lets a form be sent on there.
pub fn see_other(url: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(url) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    if let Some(target) = form_target(url) {
        response.extensions_mut().insert(target);
    }
    response
}

/// The origin (or bare scheme, for applications on a device) a page's forms may lead to, for its policy.
pub fn form_target(url: &str) -> Option<FormTarget> {
    let url = url::Url::parse(url).ok()?;
    let origin = url.origin();
    Some(FormTarget(if origin.is_tuple() {
        origin.ascii_serialization()
    } else {
        format!("{}:", url.scheme())
    }))
}
