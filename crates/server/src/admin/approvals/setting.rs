//! `/admin/approvals/setting`: which changes wait for a second person.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::{PolicyDocument, SecondPerson};
use serde::Deserialize;
use store::policies::Expected;

use super::{LIST, sheet};
use crate::admin::policies::rule_message;
use crate::admin::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::answer::see_other;
use crate::flow::approvals::{Setting, setting};
use crate::flow::govern::{Change, Edit, GovernRefusal, Governor, change};
use crate::pages::{Account, Frame, Language, Place, RefusalView, render_with};
use crate::web::{AdminSession, CheckedForm, Problem};

const HERE: &str = "/admin/approvals/setting";

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    /// 0 where none was written.
    version: i64,
    /// Sent by a ticked box only.
    policies: Option<String>,
    roles: Option<String>,
    methods: Option<String>,
    /// As typed, so that nonsense is refused on the form.
    hours: String,
}

#[derive(Template)]
#[template(path = "admin/approvals/setting.html")]
struct Page {
    frame: Frame,
    account: Account,
    refusal: Option<RefusalView>,
    /// What is wrong, each in a sentence.
    faults: Vec<String>,
    list: &'static str,
    here: &'static str,
    version: i64,
    policies: bool,
    roles: bool,
    methods: bool,
    hours: String,
    is_on: bool,
    may_change: bool,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
) -> Result<Response, Problem> {
    let setting = setting(&app, &Governor::person(&admin, &caller)).await?;
    let one = &setting.second_person;
    let ticked = [one.policies, one.roles, one.methods];
    let entered = (ticked, one.hours.to_string());
    let sheet = sheet(&app, &admin, language);
    let said = (StatusCode::OK, None, Vec::new());
    Ok(page(&sheet, &setting, entered, said))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let sheet = sheet(&app, &admin, language);
    let (policies, roles, methods) = (
        request.policies.is_some(),
        request.roles.is_some(),
        request.methods.is_some(),
    );
    // A number that cannot be read is out of range like any other.
    let hours = request.hours.trim().parse().unwrap_or(0);
    let wanted = SecondPerson {
        policies,
        roles,
        methods,
        hours,
    };
    let edit = Edit {
        change: Change::put(PolicyDocument::SecondPerson(wanted)),
        expected: match request.version {
            ..=0 => Expected::Absent,
            version => Expected::Version(version),
        },
    };
    match change(&app, &caller, &governor, edit).await {
        Ok(_) => Ok(see_other(&format!("{LIST}?done=approval-setting"))),
        Err(GovernRefusal::Invalid(faults)) => {
            let setting = setting(&app, &governor).await?;
            let text = sheet.text();
            let sentences = faults.iter().map(|fault| rule_message(text, fault.rule));
            let sentences = sentences.collect();
            let problem = Problem::from(GovernRefusal::Invalid(faults));
            let view = sheet.refusal(&problem, caller.correlation).at("policies");
            let said = (problem.status, Some(view), sentences);
            let entered = ([policies, roles, methods], request.hours);
            Ok(page(&sheet, &setting, entered, said))
        }
        Err(refusal) => Err(sheet.way_on(refusal.into(), HERE)),
    }
}

fn page(
    sheet: &Sheet<'_>,
    setting: &Setting,
    ([policies, roles, methods], hours): ([bool; 3], String),
    (status, refusal, faults): (StatusCode, Option<RefusalView>, Vec<String>),
) -> Response {
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        refusal,
        faults,
        list: LIST,
        here: HERE,
        version: setting.version,
        policies,
        roles,
        methods,
        hours,
        is_on: setting.second_person.is_on(),
        may_change: setting.may_change,
    };
    render_with(status, &page)
}
