//! `POST /admin/approvals/{approval}/approve`: carries the change out. A pass or password is shown once, here.

use axum::extract::State;
use axum::response::Response;
use policy::model::{ApprovalId, User};

use super::{path, sheet};
use crate::admin::sheet::{Empty, Sheet};
use crate::admin::user_pass::Once;
use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::approvals::{Done, approve};
use crate::flow::govern::Governor;
use crate::flow::{Caller, SecretText};
use crate::pages::{Language, When, render};
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
    let done = approve(&app, &caller, &governor, id)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &path(id)))?;
    let text = sheet.text();
    Ok(match done {
        Done::Changed => see_other(&format!("{}?done=approval-approved", path(id))),
        Done::Pass(user, issued) => {
            let ends = Some(issued.pass.ends().into());
            let words = ["pass-issued-title", "pass-issued-text", "method-pass"];
            let words = words.map(|id| text.say(id).into_owned());
            once(&sheet, &user, words, issued.code, ends)
        }
        Done::Password(user, password) => {
            let words = ["password-reset-done", "password-reset-text", "password-new"];
            let words = words.map(|id| text.say(id).into_owned());
            once(&sheet, &user, words, password, None)
        }
    })
}

fn once(
    sheet: &Sheet<'_>,
    user: &User,
    [title, message, label]: [String; 3],
    secret: SecretText,
    ends: Option<When>,
) -> Response {
    render(&Once {
        frame: sheet.frame(),
        account: sheet.account(),
        id: user.id,
        user_name: user.display_name.clone(),
        title,
        message,
        label,
        secret,
        ends,
    })
}
