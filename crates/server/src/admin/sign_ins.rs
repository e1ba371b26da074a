//! `GET /admin/sign-ins`: the sign-in log, newest first. A correlation id from any error page finds its record here.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::logs::{Request, bad_filter};
use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::look::{self, Listed};
use crate::pages::{Account, Frame, Language, Place, RefusalView, SignInRow, render};
use crate::web::{AdminSession, Problem, Query};

const HERE: &str = "/admin/sign-ins";

#[derive(Template)]
#[template(path = "admin/sign_ins.html")]
struct Page {
    frame: Frame,
    account: Account,
    refusal: Option<RefusalView>,
    log_path: &'static str,
    correlation: String,
    user: String,
    records: Vec<SignInRow>,
    next_page: Option<String>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    admin: AdminSession,
    language: Language,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::SignIns,
    };
    let text = sheet.text();
    let filter = request.filter(&app, &admin).await?;
    let refusal = filter.is_none().then(|| bad_filter(text));
    let listed = match filter {
        Some(filter) => look::sign_ins(&app, &admin, &filter).await?,
        None => Listed {
            rows: Vec::new(),
            next: None,
        },
    };
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        refusal,
        log_path: HERE,
        records: listed
            .rows
            .iter()
            .map(|record| SignInRow::new(text, record))
            .collect(),
        next_page: listed.next.map(|after| request.next_page(HERE, &after)),
        correlation: request.correlation.trim().to_owned(),
        user: request.user,
    };
    Ok(render(&page))
}
