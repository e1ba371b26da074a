//! `POST /admin/users/{user}/sign-out-everywhere`.

use axum::extract::State;
use axum::response::Response;
use policy::model::UserId;

use super::sheet::{Empty, Sheet, back_with_receipt, path};
use crate::app::AppState;
use crate::flow::govern::Governor;
use crate::flow::{Caller, revoke};
use crate::pages::{Language, Place};
use crate::web::{AdminSession, CheckedForm, Path, Problem};

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<UserId>,
    CheckedForm(Empty {}): CheckedForm<Empty>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Users,
    };
    revoke::sessions_of(&app, &caller, &Governor::person(&admin, &caller), id)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &path(id)))?;
    Ok(back_with_receipt(
        id,
        "sessions-revoked",
        caller.correlation,
    ))
}
