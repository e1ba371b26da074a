//! `POST /admin/users/{user}/enable`.

use axum::extract::State;
use axum::response::Response;
use policy::model::UserId;

use super::sheet::{Empty, Sheet, back, path};
use crate::app::AppState;
use crate::flow::govern::Governor;
use crate::flow::{Caller, administer};
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
    administer::set_enabled(&app, &caller, &Governor::person(&admin, &caller), id, true)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &path(id)))?;
    Ok(back(id, "user-enabled"))
}
