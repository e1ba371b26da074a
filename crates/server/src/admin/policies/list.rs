//! `GET /admin/policies/{section}`: the documents of one kind, or the form of the only one.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::{AccessState, PolicyDocument, PolicyKind};
use policy::strength::built_in;
use serde::Deserialize;
use uuid::Uuid;

use super::forms::{self, Draw, Subject, summary};
use super::overview::{hint, title};
use super::{edit, sheet};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{Governor, read, writing};
use crate::pages::{Account, Frame, Language, Place, Text, render};
use crate::web::{AdminSession, Path, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    done: Option<String>,
    view: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/policies/list.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    title: String,
    hint: String,
    new: Option<String>,
    rows: Vec<Row>,
}

struct Row {
    /// Absent for what cannot be changed.
    href: Option<String>,
    name: String,
    tag: Option<Tag>,
    facts: Vec<String>,
}

struct Tag {
    class: &'static str,
    text: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(section): Path<String>,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let sheet = sheet(&app, &admin, language);
    let Some(kind) = forms::many(&section) else {
        let subject = Subject::parse(&section, None).ok_or_else(Problem::not_found)?;
        let json = request.view.as_deref() == Some("json");
        return edit::draw(&sheet, &governor, &subject, json).await;
    };
    let desk = read::desk(&app, &governor).await?;
    let draw = Draw {
        text: sheet.text(),
        desk: &desk,
        fresh: Uuid::nil(),
    };
    let documents = desk.everything.policies.documents_of(kind);
    let mut rows: Vec<_> = documents.iter().map(|one| row(draw, one)).collect();
    if kind == PolicyKind::Strength {
        let built_in = built_in().into_iter().map(|one| Row {
            href: None,
            tag: Some(Tag::new("", draw.text, "strength-built-in")),
            name: one.name.clone(),
            facts: summary(draw, &PolicyDocument::Strength(one)),
        });
        rows.splice(0..0, built_in);
    }
    let may_write = governor.may(writing(kind)).is_ok();
    Ok(render(&Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done: request.done.and_then(|done| sheet.text().done(&done)),
        title: title(sheet.text(), kind),
        hint: hint(sheet.text(), kind),
        new: may_write.then(|| Subject::Document(kind, None).path()),
        rows,
    }))
}

fn row(draw: Draw<'_>, document: &PolicyDocument) -> Row {
    let subject = Subject::Document(document.kind(), Some(document.id()));
    Row {
        href: Some(subject.path()),
        name: document.name().to_owned(),
        tag: tag(draw.text, document),
        facts: summary(draw, document),
    }
}

fn tag(text: Text, document: &PolicyDocument) -> Option<Tag> {
    match document {
        PolicyDocument::Access(one) => Some(match one.state {
            AccessState::Enabled => Tag::new("good", text, "access-on"),
            AccessState::ReportOnly => Tag::new("warn", text, "access-report-only"),
            AccessState::Disabled => Tag::new("", text, "access-off"),
        }),
        PolicyDocument::Location(one) => one
            .trusted
            .then(|| Tag::new("good", text, "location-trusted")),
        PolicyDocument::Context(one) => {
            (!one.available).then(|| Tag::new("", text, "context-unavailable"))
        }
        _ => None,
    }
}

impl Tag {
    fn new(class: &'static str, text: Text, id: &str) -> Self {
        Self {
            class,
            text: text.say(id).into_owned(),
        }
    }
}
