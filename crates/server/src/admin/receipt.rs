//! `GET /admin/receipts/{correlation}`: what a revocation ended, and which other systems know.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::CorrelationId;

use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::receipt;
use crate::pages::{Account, Frame, Language, Place, When, render};
use crate::web::{AdminSession, Path, Problem};

#[derive(Template)]
#[template(path = "admin/receipt.html")]
struct Page {
    frame: Frame,
    account: Account,
    activity: String,
    at: When,
    correlation: CorrelationId,
    sessions: Vec<String>,
    grants: Vec<(String, String)>,
    told: Vec<Row>,
}

struct Row {
    receiver: String,
    /// The last part of the event type.
    event: &'static str,
    acknowledged: Option<When>,
    refusal: Option<String>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    admin: AdminSession,
    language: Language,
    Path(correlation): Path<CorrelationId>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Audit,
    };
    let receipt = receipt::of(&app, &admin, correlation).await?;
    let row = |told: receipt::Told| Row {
        receiver: told.receiver,
        event: told.kind.uri().rsplit('/').next().unwrap_or_default(),
        acknowledged: told.acknowledged.map(When::from),
        refusal: told.refusal,
    };
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        activity: receipt.activity,
        at: receipt.at.into(),
        correlation,
        sessions: receipt.sessions,
        grants: receipt.grants,
        told: receipt.told.into_iter().map(row).collect(),
    };
    Ok(render(&page))
}
