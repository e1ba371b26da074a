//! `GET /admin/feedback`: what an authenticator said went wrong, found by the id that its person reads out.

use askama::Template;
use authenticator::rules::connection::Missing;
use authenticator::rules::feedback::{Bundle, Item};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::{Span, Timestamp};
use serde::Deserialize;

use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::feedback::{self, FeedbackRefusal};
use crate::flow::govern::Governor;
use crate::flow::refusal::Refused as _;
use crate::pages::{Account, Frame, Language, Place, RefusalView, When, render_with};
use crate::web::{AdminSession, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    id: String,
}

#[derive(Template)]
#[template(path = "admin/feedback.html")]
struct Page {
    frame: Frame,
    account: Account,
    refusal: Option<RefusalView>,
    typed: String,
    found: Option<Found>,
}

struct Found {
    id: String,
    system: String,
    received: When,
    incidents: Vec<Row>,
}

struct Row {
    at: When,
    operation: &'static str,
    rp_id: String,
    code: String,
    meaning: Option<String>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Audit,
    };
    let typed = request.id.trim().to_owned();
    let governor = Governor::person(&admin, &caller);
    let asked = feedback::find(&app, &governor, &typed).await;
    let text = sheet.text();
    let (status, refusal, found) = match asked {
        Ok((bundle, received)) => (StatusCode::OK, None, Some(Found::new(&bundle, received))),
        // Nothing was asked yet.
        Err(FeedbackRefusal::NotAnId) if typed.is_empty() => (StatusCode::OK, None, None),
        Err(refusal @ (FeedbackRefusal::NotAnId | FeedbackRefusal::NotFound)) => {
            let status = refusal.status();
            let view = RefusalView::new(text, &refusal.into(), caller.correlation).at("id");
            (status, Some(view), None)
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        refusal,
        typed,
        found,
    };
    Ok(render_with(status, &page))
}

impl Found {
    fn new(bundle: &Bundle, received: Timestamp) -> Self {
        let items = bundle.items.iter();
        Self {
            id: bundle.id.to_string(),
            system: bundle.system.clone(),
            received: received.into(),
            incidents: items.map(|item| Row::new(item, received)).collect(),
        }
    }
}

impl Row {
    /// The app counts back from the making of the bundle, whatever its clock says; it may have waited for a connection since.
    fn new(item: &Item, received: Timestamp) -> Self {
        let ago = i64::try_from(item.seconds_ago).unwrap_or(i64::MAX);
        let ago = ago.min(Span::days(365 * 10).as_seconds());
        let known = Missing::ALL.into_iter().find(|one| one.code() == item.code);
        Self {
            at: received.minus(Span::seconds(ago)).into(),
            operation: item.operation.name(),
            rp_id: item.rp_id.clone(),
            code: item.code.clone(),
            meaning: known.map(|one| one.text().replace("{hosts}", "…")),
        }
    }
}
