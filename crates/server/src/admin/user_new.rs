//! `/admin/users/new`: creates a user who cannot sign in yet.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::UserType;
use serde::Deserialize;

use super::sheet::{Sheet, back};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::administer::{self, AdministerRefusal, NewUser};
use crate::flow::govern::Governor;
use crate::pages::{Account, Frame, Language, Place, RefusalView, render_with};
use crate::web::{AdminSession, CheckedForm, Problem};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Request {
    display_name: String,
    user_principal_name: String,
    #[serde(default)]
    mail: String,
}

#[derive(Template)]
#[template(path = "admin/user_new.html")]
struct Page {
    frame: Frame,
    account: Account,
    refusal: Option<RefusalView>,
    domain: String,
    entered: Request,
}

impl Page {
    fn wrong(&self, field: &str) -> bool {
        self.refusal.as_ref().and_then(|r| r.field) == Some(field)
    }
}

pub(super) async fn show(
    State(app): State<AppState>,
    admin: AdminSession,
    language: Language,
) -> Response {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Users,
    };
    page(&sheet, StatusCode::OK, None, Request::default())
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Users,
    };
    let mail = request.mail.trim();
    let new = NewUser {
        user_principal_name: request.user_principal_name.trim().to_owned(),
        display_name: request.display_name.trim().to_owned(),
        mail: (!mail.is_empty()).then(|| mail.to_owned()),
        user_type: UserType::Member,
        enabled: true,
        password: None,
    };
    let refusal =
        match administer::create_user(&app, &caller, &Governor::person(&admin, &caller), new).await
        {
            Ok(user) => return Ok(back(user.id, "user-created")),
            Err(refusal) => refusal,
        };
    let field = match refusal {
        AdministerRefusal::NameTaken => "user_principal_name",
        AdministerRefusal::FieldInvalid(field) => field,
        other => return Err(sheet.way_on(other.into(), "/admin/users")),
    };
    let problem: Problem = refusal.into();
    let refusal = sheet.refusal(&problem, caller.correlation).at(field);
    Ok(page(&sheet, problem.status, Some(refusal), request))
}

fn page(
    sheet: &Sheet<'_>,
    status: StatusCode,
    refusal: Option<RefusalView>,
    entered: Request,
) -> Response {
    let tenant = sheet.app.tenants.by_id(sheet.admin.current.tenant());
    let domain = tenant.and_then(|tenant| tenant.domains.first().cloned());
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        refusal,
        domain: domain.unwrap_or_default(),
        entered,
    };
    render_with(status, &page)
}
