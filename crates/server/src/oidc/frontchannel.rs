//! OpenID Connect Front-Channel Logout 1.0: the browser that signs out opens a page of each application that its session
//! signed in to, unseen, so that what the application keeps in this browser goes too.
//!
//! It reaches only this browser, only while the page is open, and only where the application's cookies may go into a frame;
//! what has to arrive is told over the back channel. The addresses travel sealed to the page, so that nobody can have it open
//! any others.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::lifetimes::CODE;
use policy::model::{SessionId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use store::StoreError;
use url::Url;

use super::metadata::{Door, issuer};
use crate::app::AppState;
use crate::pages::{Frame, Language, render};
use crate::seal::Purpose;
use crate::web::{CurrentSession, FrameSources, Path, Problem, Query};

/// Most pages that one sign-out opens.
const MOST: usize = 32;

/// What a browser opens on its way out.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Told {
    pages: Vec<String>,
    /// Where the person goes on to: a registered address, or a page of ours.
    next: Option<String>,
    expires: Option<Timestamp>,
}

/// The pages of the applications that `session` signed in to. To be asked before the session ends: then they are forgotten.
///
/// # Errors
/// If they cannot be read.
pub async fn pages(app: &AppState, session: &CurrentSession) -> Result<Told, Problem> {
    let (tenant, user, id) = (session.tenant(), session.user.id, session.session.id);
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let mut found = Vec::new();
            for client in store::logouts::of_session(tx, tenant, user, id).await? {
                let one = store::applications::find(tx, tenant, client.application).await?;
                let address = one.and_then(|one| one.settings.front_channel_logout);
                found.extend(address.map(|address| (address, client.sid)));
            }
            Ok::<_, StoreError>(found)
        })
    });
    let issuer = issuer(app.config.origin(), tenant);
    let read: Result<Vec<(String, SessionId)>, StoreError> = read.await;
    let read = read.map_err(|error| Problem::internal(format!("reading whom to tell: {error}")))?;
    let pages = read.into_iter().take(MOST).filter_map(|(page, sid)| {
        let mut url = Url::parse(&page).ok()?;
        url.query_pairs_mut()
            .append_pair("iss", &issuer)
            .append_pair("sid", &sid.to_string());
        Some(url.into())
    });
    Ok(Told {
        pages: pages.collect(),
        ..Told::default()
    })
}

impl Told {
    /// Where the browser goes when the session is over: to `next`, and before that to the page that tells the applications, if
    /// there are any to tell.
    ///
    /// # Errors
    /// If nothing can be sealed.
    pub fn onward(
        mut self,
        app: &AppState,
        tenant: TenantId,
        next: Option<String>,
    ) -> Result<String, Problem> {
        if self.pages.is_empty() {
            return Ok(next.unwrap_or_else(|| "/signed-out".to_owned()));
        }
        self.next = next;
        self.expires = Some(app.clock.now().plus(CODE));
        let sealed = app
            .seal
            .seal_json(Purpose::SigningOut, tenant, &self, &app.random)
            .map_err(|_| Problem::internal("a sign-out could not be sealed"))?;
        Ok(format!("/{tenant}/oauth2/v2.0/signedout?tell={sealed}"))
    }
}

#[derive(Debug, Deserialize)]
pub struct Request {
    tell: String,
}

#[derive(Template)]
#[template(path = "oidc/signed_out.html")]
struct Page {
    frame: Frame,
    pages: Vec<String>,
    next: String,
    /// Whether `next` is an application's.
    leads_on: bool,
}

/// The person is signed out; their browser tells the applications.
pub async fn show(
    State(app): State<AppState>,
    language: Language,
    Path(segment): Path<String>,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let Some(Door::Tenant(tenant)) = Door::open(&app, &segment) else {
        return Err(Problem::not_found());
    };
    let told: Told = app
        .seal
        .open_json(Purpose::SigningOut, tenant, &request.tell)
        .map_err(|_| Problem::malformed("a sign-out page that this server did not seal"))?;
    let late = told.expires.is_none_or(|ends| app.clock.now() >= ends);
    // An old one tells nobody any more, but nobody is kept from going on either.
    let pages = if late { Vec::new() } else { told.pages };
    let sources = FrameSources::of(&pages);
    let leads_on = told.next.is_some();
    let mut response = render(&Page {
        frame: Frame::new(&app, tenant, language),
        pages,
        next: told.next.unwrap_or_else(|| "/signed-out".to_owned()),
        leads_on,
    });
    response.extensions_mut().insert(sources);
    Ok(response)
}
