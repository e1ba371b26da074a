//! `GET /admin/users/{user}`: a user, how they sign in, and where they are signed in.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::{CorrelationId, Registrar, UserId};
use policy::roles::{self, Action};
use serde::Deserialize;

use super::campaigns::times;
use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::look::{self, UserDetails};
use crate::flow::personal_data;
use crate::pages::{
    Account, Frame, Language, PassRow, PasskeyRow, Place, SessionRow, UserRow, When, render,
};
use crate::web::{AdminSession, Path, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    done: Option<String>,
    receipt: Option<CorrelationId>,
}

#[derive(Template)]
#[template(path = "admin/user.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    receipt: Option<CorrelationId>,
    user: UserRow,
    roles: Vec<&'static str>,
    passkeys: Vec<PasskeyRow>,
    pass: Option<PassRow>,
    password_changed: Option<When>,
    totp_enrolled: Option<When>,
    sessions: Vec<SessionRow>,
    /// Prompts of registration campaigns that were put off, and when last.
    snoozes: String,
    put_off: Option<When>,
    offers: Offers,
}

/// Which actions the page offers. Only a courtesy: each is decided anew in its flow, which also knows the groups.
struct Offers {
    pass: bool,
    passkeys: bool,
    password: bool,
    sessions: bool,
    enabled: bool,
    export: bool,
}

pub(super) async fn show(
    State(app): State<AppState>,
    admin: AdminSession,
    language: Language,
    Path(id): Path<UserId>,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let found = look::user(&app, &admin, id).await?;
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Users,
    };
    let text = sheet.text();
    let now = app.clock.now();
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done: request.done.and_then(|done| text.done(&done)),
        receipt: request.receipt,
        user: (&found.user).into(),
        offers: Offers::new(&admin, &found),
        roles: found.roles.iter().map(|role| role.display_name()).collect(),
        passkeys: PasskeyRow::of(text, &found.info),
        pass: found.pass.as_ref().map(|pass| PassRow::new(pass, now)),
        snoozes: times(text, found.snoozes.settled().count),
        put_off: found.snoozes.settled().last.map(When::from),
        password_changed: found.info.password_changed.map(When::from),
        totp_enrolled: found.info.totp_enrolled.map(When::from),
        sessions: found
            .info
            .sessions
            .iter()
            .map(|s| SessionRow::new(text, s, None))
            .collect(),
    };
    Ok(render(&page))
}

impl Offers {
    fn new(admin: &AdminSession, found: &UserDetails) -> Self {
        let caller = roles::Caller {
            id: admin.current.user.id,
            roles: &admin.current.roles,
        };
        let target = roles::Target {
            id: found.user.id,
            roles: &found.roles,
            in_role_assignable_group: false,
            user_type: found.user.user_type,
        };
        let may = |action| roles::may_act(caller, action, target).is_ok();
        Self {
            pass: may(Action::ManagePass),
            passkeys: may(Action::ManagePasskeys),
            password: may(Action::ResetPassword),
            sessions: may(Action::RevokeSessions),
            enabled: may(Action::SetEnabled),
            export: personal_data::may_export(&admin.current.roles).is_ok(),
        }
    }
}
