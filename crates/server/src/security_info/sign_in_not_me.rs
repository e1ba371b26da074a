//! `/security-info/sign-ins/{sign-in}/not-me`: says what will be taken back, then does it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::RecordId;
use serde::Deserialize;

use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::{Caller, disown, look};
use crate::pages::{Account, DisownedView, Frame, Language, Place, SignInRow, render};
use crate::web::{CheckedForm, CurrentSession, Path, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {}

#[derive(Template)]
#[template(path = "security_info/sign_in_not_me.html")]
struct Page {
    frame: Frame,
    account: Account,
    sign_in: SignInRow,
    passkey: Option<String>,
    is_last: bool,
    is_this: bool,
}

/// Shown when this session ended too, so it belongs to nobody who is signed in.
#[derive(Template)]
#[template(path = "signin/not_me_done.html")]
struct Done {
    frame: Frame,
    done: DisownedView,
    correlation: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    session: CurrentSession,
    language: Language,
    Path(which): Path<RecordId>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let record = disown::own_sign_in(&app, &session, which)
        .await
        .map_err(Problem::from)?;
    let info = look::security_info(&app, &session).await?;
    let passkey = info
        .passkeys
        .iter()
        .find(|passkey| Some(passkey.id) == record.passkey);
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        is_last: passkey.is_some() && info.passkeys.len() == 1 && info.password_changed.is_none(),
        is_this: record.session == Some(session.session.id)
            || (passkey.is_some() && record.passkey == session.session.passkey),
        passkey: passkey.map(|passkey| passkey.display_name.clone()),
        sign_in: SignInRow::new(sheet.text(), &record),
    };
    Ok(render(&page))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    session: CurrentSession,
    language: Language,
    Path(which): Path<RecordId>,
    CheckedForm(Request {}): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let here = format!("/security-info/sign-ins/{which}/not-me");
    let disowned = disown::sign_in(&app, &caller, &session, which)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &here))?;
    Ok(render(&Done {
        frame: sheet.frame(),
        done: DisownedView::new(sheet.text(), &disowned),
        correlation: caller.correlation.to_string(),
    }))
}
