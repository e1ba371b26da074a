//! `GET /admin/approvals/{approval}`: one request, what it would change, and what can be done about it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::{ApprovalId, ModifiedProperty, Proposal};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::words::Row;
use super::{LIST, path, sheet};
use crate::admin::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::approvals::{Shown, one};
use crate::flow::govern::{Governor, modified};
use crate::pages::{Account, Frame, Language, Place, RefusalView, When, render_with};
use crate::web::{AdminSession, Path, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/approvals/show.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    refusal: Option<RefusalView>,
    list: &'static str,
    here: String,
    row: Row,
    settled_by: String,
    settled: Option<When>,
    reason: String,
    /// Members of the policy that would be different.
    differences: Vec<ModifiedProperty>,
    is_policy: bool,
    before: String,
    after: String,
    makes_secret: bool,
    may_decide: bool,
    may_withdraw: bool,
    /// What was typed as a reason.
    typed: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<ApprovalId>,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let shown = one(&app, &governor, id).await?;
    let sheet = sheet(&app, &admin, language);
    let done = request.done.and_then(|done| sheet.text().done(&done));
    Ok(page(
        &sheet,
        &shown,
        (StatusCode::OK, done, None),
        String::new(),
    ))
}

/// The page, perhaps with what was done or refused a moment ago.
pub(super) fn page(
    sheet: &Sheet<'_>,
    shown: &Shown,
    (status, done, refusal): (StatusCode, Option<String>, Option<RefusalView>),
    typed: String,
) -> Response {
    let (approval, settled) = (&shown.approval, shown.approval.settled.as_ref());
    let after = match &approval.proposal {
        Proposal::PutPolicy(document) => serde_json::to_value(document).ok(),
        _ => None,
    };
    let before = approval.before.as_deref();
    let before = before.and_then(|text| serde_json::from_str(text).ok());
    let settled_by = shown.settled_by.as_ref();
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done,
        refusal,
        list: LIST,
        here: path(approval.id),
        row: Row::new(sheet.text(), shown),
        settled_by: settled_by
            .map(|user| user.user_principal_name.clone())
            .unwrap_or_default(),
        settled: settled.map(|settled| settled.at.into()),
        reason: settled.map_or_else(String::new, |settled| settled.reason.clone()),
        differences: modified(&object(before.as_ref()), &object(after.as_ref())),
        is_policy: approval.proposal.policy().is_some(),
        before: pretty(before.as_ref()),
        after: pretty(after.as_ref()),
        makes_secret: matches!(
            approval.proposal,
            Proposal::IssuePass(..) | Proposal::ResetPassword(_)
        ),
        may_decide: shown.may_decide,
        may_withdraw: shown.may_withdraw,
        typed,
    };
    render_with(status, &page)
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    let object = value.and_then(Value::as_object);
    object.cloned().unwrap_or_default()
}

fn pretty(value: Option<&Value>) -> String {
    let text = value.map(serde_json::to_string_pretty);
    text.and_then(Result::ok).unwrap_or_default()
}
