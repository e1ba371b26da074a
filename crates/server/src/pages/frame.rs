use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use policy::lifetimes::SESSION_KEPT;
use policy::model::TenantId;

use super::assets;
use super::messages::{Language, Text};
use crate::app::AppState;
use crate::web::{CsrfToken, CurrentSession, Problem};

/// What every page has around its content.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The message catalogue in the reader's language.
    pub text: Text,
    /// Whose sign-in this is: the tenant's display name.
    pub organisation: String,
    /// A sentence over every page, for instance that this is a demonstration.
    pub banner: Option<String>,
}

impl Frame {
    /// The frame of `tenant`'s pages; of the default tenant's where it is not known.
    pub fn new(app: &AppState, tenant: TenantId, language: Language) -> Self {
        let tenant = app
            .tenants
            .by_id(tenant)
            .unwrap_or_else(|| app.tenants.default());
        Self {
            text: Text(language),
            organisation: tenant.display_name.clone(),
            banner: app
                .config
                .demo_banner
                .map(|message| Text(language).say(message).into_owned()),
        }
    }

    /// The frame of a signed-in person's pages.
    pub fn of(app: &AppState, session: &CurrentSession, language: Language) -> Self {
        Self::new(app, session.tenant(), language)
    }

    /// The frame of a page that belongs to no tenant.
    pub fn without_tenant(app: &AppState, language: Language) -> Self {
        Self::new(app, app.tenants.default().id, language)
    }

    /// For how many days a session is kept whose owner wishes to stay signed in.
    pub fn kept_days(&self) -> usize {
        usize::try_from(SESSION_KEPT.as_seconds() / 86_400).unwrap_or_default()
    }

    /// The address of a static file.
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }
}

/// Where a page stands in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    SecurityInfo,
    Users,
    Campaigns,
    Groups,
    Policies,
    Approvals,
    Reports,
    SignIns,
    Audit,
    Notices,
}

/// The signed-in person, as the navigation shows them.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user principal name.
    pub name: String,
    /// For every form of the page.
    pub csrf: CsrfToken,
    /// Whether the administration's pages are offered.
    pub is_administrator: bool,
    /// The page's place.
    pub place: Place,
}

impl Account {
    /// The person of `session` on a page at `place`.
    pub fn new(app: &AppState, session: &CurrentSession, place: Place) -> Self {
        Self {
            name: session.user.user_principal_name.clone(),
            csrf: session.csrf(app),
            is_administrator: !session.roles.is_empty(),
            place,
        }
    }

    /// Whether the page stands at `place`.
    pub fn is_at(&self, place: Place) -> bool {
        self.place == place
    }
}

/// The page with status 200.
pub fn render(page: &impl Template) -> Response {
    render_with(StatusCode::OK, page)
}

/// A JSON file to be kept under `name`.
pub fn download(name: &str, content: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, content).into_response()
}

/// The page with `status`. A page that cannot be drawn is our fault and becomes a problem.
pub fn render_with(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (
            status,
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
            html,
        )
            .into_response(),
        Err(error) => {
            Problem::internal(format!("a page could not be drawn: {error}")).into_response()
        }
    }
}
