//! `POST /admin/approvals/{approval}/withdraw`: takes a request of one's own back.

use axum::extract::State;
use axum::response::Response;
use policy::model::ApprovalId;

use super::{path, sheet};
use crate::admin::sheet::Empty;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::answer::see_other;
use crate::flow::approvals::withdraw;
use crate::flow::govern::Governor;
use crate::pages::Language;
use crate::web::{AdminSession, CheckedForm, Path, Problem};

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<ApprovalId>,
    CheckedForm(Empty {}): CheckedForm<Empty>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let sheet = sheet(&app, &admin, language);
    withdraw(&app, &caller, &governor, id)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &path(id)))?;
    Ok(see_other(&format!("{}?done=approval-withdrawn", path(id))))
}
