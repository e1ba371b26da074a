//! `GET /admin/sign-ins/{record}`: one sign-in with its steps and what each policy said to it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::access::{AppliedPolicy, OutcomeResult};
use policy::model::{RecordId, SignInRecord, SignInStep};

use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::look;
use crate::flow::records::Trace;
use crate::pages::{Account, Frame, Language, Place, SignInRow, Text, When, named, render};
use crate::web::{AdminSession, Path, Problem};

#[derive(Template)]
#[template(path = "admin/sign_in.html")]
struct Page {
    frame: Frame,
    account: Account,
    row: SignInRow,
    user_agent: String,
    multi_factor: bool,
    passkey: Option<PasskeyUsed>,
    steps: Vec<Step>,
    /// `None` for those who may not see policies.
    decision: Option<Decided>,
}

/// What the record says of the passkey itself; the passkey may be gone.
struct PasskeyUsed {
    model: String,
    kind: &'static str,
    backed_up: bool,
}

struct Step {
    at: When,
    method: String,
    detail: String,
    succeeded: bool,
    result: String,
}

struct Decided {
    version: i64,
    policies: Vec<Said>,
    contexts: String,
    break_glass: bool,
}

/// What one policy said.
struct Said {
    href: String,
    name: String,
    class: &'static str,
    result: &'static str,
    controls: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    admin: AdminSession,
    language: Language,
    Path(id): Path<RecordId>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::SignIns,
    };
    let text = sheet.text();
    let (record, trace) = look::sign_in(&app, &admin, id)
        .await
        .map_err(|problem| sheet.way_on(problem, "/admin/sign-ins"))?;
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        row: SignInRow::new(text, &record),
        user_agent: record.user_agent.clone(),
        multi_factor: record.multi_factor,
        passkey: passkey(&record),
        steps: record
            .steps
            .iter()
            .map(|step| Step::new(text, step))
            .collect(),
        decision: trace.map(Decided::from),
    };
    Ok(render(&page))
}

fn passkey(record: &SignInRecord) -> Option<PasskeyUsed> {
    Some(PasskeyUsed {
        model: record.aaguid?.to_string(),
        kind: record.passkey_type?.as_str(),
        backed_up: record.backed_up.unwrap_or_default(),
    })
}

impl Step {
    fn new(text: Text, step: &SignInStep) -> Self {
        Self {
            at: step.at.into(),
            method: named(text, &step.method).into_owned(),
            detail: step.detail.clone(),
            succeeded: step.succeeded,
            result: step.result.clone(),
        }
    }
}

impl From<Trace> for Decided {
    fn from(trace: Trace) -> Self {
        Self {
            version: trace.policy_version,
            policies: trace.conditional_access.iter().map(Said::from).collect(),
            contexts: trace.authentication_contexts.join(", "),
            break_glass: trace.break_glass,
        }
    }
}

impl From<&AppliedPolicy> for Said {
    fn from(policy: &AppliedPolicy) -> Self {
        let (class, result) = match policy.result {
            OutcomeResult::Success => ("good", "applied-success"),
            OutcomeResult::Failure => ("bad", "applied-failure"),
            OutcomeResult::NotApplied | OutcomeResult::ReportOnlyNotApplied => ("", "applied-not"),
            OutcomeResult::NotEnabled => ("", "applied-not-enabled"),
            OutcomeResult::ReportOnlySuccess => ("", "applied-report-success"),
            OutcomeResult::ReportOnlyFailure => ("", "applied-report-failure"),
            OutcomeResult::ReportOnlyInterrupted => ("", "applied-report-interrupted"),
        };
        let controls = [
            &policy.enforced_grant_controls[..],
            &policy.enforced_session_controls,
        ];
        Self {
            href: format!("/admin/policies/access/{}", policy.id),
            name: policy.display_name.clone(),
            class,
            result,
            controls: controls.concat().join(", "),
        }
    }
}
