//! `POST /admin/approvals/{approval}/deny`: refuses a request, with a reason.

use axum::extract::State;
use axum::response::Response;
use policy::model::ApprovalId;
use serde::Deserialize;

use super::{path, sheet, show};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::answer::see_other;
use crate::flow::approvals::{ApprovalRefusal, deny, one};
use crate::flow::govern::Governor;
use crate::pages::Language;
use crate::web::{AdminSession, CheckedForm, Path, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    reason: String,
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<ApprovalId>,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let sheet = sheet(&app, &admin, language);
    match deny(&app, &caller, &governor, id, &request.reason).await {
        Ok(()) => Ok(see_other(&format!("{}?done=approval-denied", path(id)))),
        Err(ApprovalRefusal::ReasonInvalid) => {
            let problem = Problem::from(ApprovalRefusal::ReasonInvalid);
            let view = sheet.refusal(&problem, caller.correlation).at("reason");
            let shown = one(&app, &governor, id).await?;
            let said = (problem.status, None, Some(view));
            Ok(show::page(&sheet, &shown, said, request.reason))
        }
        Err(refusal) => Err(sheet.way_on(refusal.into(), &path(id))),
    }
}
