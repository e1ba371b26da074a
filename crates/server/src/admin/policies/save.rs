//! `POST /admin/policies/save`: keeps what was looked at.

use axum::extract::State;
use axum::response::Response;
use policy::model::{PolicyDocument, PolicyKind};
use serde::Deserialize;

use super::edit::expected;
use super::forms::section;
use super::sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::answer::see_other;
use crate::flow::govern::{Change, Edit, Governor, change};
use crate::pages::Language;
use crate::web::{AdminSession, CheckedForm, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    kind: String,
    id: String,
    /// 0 is nothing yet.
    version: i64,
    /// JSON; empty where it is taken away.
    document: String,
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let kind = PolicyKind::from_name(&request.kind)
        .ok_or_else(|| Problem::malformed("no such kind of policy"))?;
    let wanted = match request.document.as_str() {
        "" => Change::Remove(kind, request.id),
        text => {
            let document = PolicyDocument::from_json(kind, text)
                .map_err(|error| Problem::malformed(error.to_string()))?;
            Change::put(document)
        }
    };
    let done = match wanted {
        Change::Put(_) => "policy-saved",
        Change::Remove(..) => "policy-removed",
    };
    let edit = Edit {
        change: wanted,
        expected: expected(request.version),
    };
    let list = match kind {
        PolicyKind::Passes
        | PolicyKind::SystemPreferred
        | PolicyKind::SecondPerson
        | PolicyKind::Availability => "/admin/policies".to_owned(),
        kind => format!("/admin/policies/{}", section(kind)),
    };
    let governor = Governor::person(&admin, &caller);
    let sheet = sheet(&app, &admin, language);
    change(&app, &caller, &governor, edit)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &list))?;
    Ok(see_other(&format!("{list}?done={done}")))
}
