//! `POST /admin/users/{user}/export`: everything that is kept about somebody, as a file.

use axum::extract::State;
use axum::response::Response;
use policy::model::UserId;

use super::sheet::{Empty, Sheet, path};
use crate::app::AppState;
use crate::flow::{Caller, personal_data};
use crate::pages::{Language, Place, download};
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
    let document = personal_data::of_user(&app, &caller, &admin, id).await;
    let document = document.map_err(|refusal| sheet.way_on(refusal.into(), &path(id)))?;
    Ok(download(
        "keyward-personal-data.json",
        format!("{document:#}\n"),
    ))
}
