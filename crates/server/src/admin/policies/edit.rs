//! `/admin/policies/{section}/{item}`: a form about a policy, and what it would do.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::{ModifiedProperty, PasskeyProfile, PolicyDocument, PolicyKind, ProfileId};
use policy::templates::Template as Ready;
use serde::Deserialize;
use store::policies::Expected;
use uuid::Uuid;

use super::forms::{Draw, Subject, typed_names};
use super::overview::title;
use super::radius::Radius;
use super::{rule_message, sheet};
use crate::admin::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{Change, Edit, GovernRefusal, Governor, Preview, preview, read, writing};
use crate::flow::refusal::Refused as _;
use crate::pages::form::{Control, Form, Sent};
use crate::pages::{Account, Frame, Language, Place, RefusalView, render, render_with};
use crate::web::{AdminSession, CheckedForm, Path, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    view: Option<String>,
    /// A template that a new profile begins with, and which of its profiles.
    template: Option<String>,
    #[serde(default)]
    part: usize,
}

#[derive(Template)]
#[template(path = "admin/policies/edit.html")]
struct Page {
    frame: Frame,
    account: Account,
    refusal: Option<RefusalView>,
    title: String,
    kind_title: String,
    list: String,
    path: String,
    version: i64,
    may_write: bool,
    deletable: bool,
    has_json: bool,
    /// The whole document as text, where that is what is edited.
    json: Option<String>,
    form: Form,
}

#[derive(Template)]
#[template(path = "admin/policies/preview.html")]
struct PreviewPage {
    frame: Frame,
    account: Account,
    title: String,
    kind_title: String,
    list: String,
    path: String,
    kind: &'static str,
    id: String,
    version: i64,
    /// Empty where the document would be taken away.
    document: String,
    differences: Vec<ModifiedProperty>,
    radius: Radius,
}

/// A document on its way through form and preview.
struct Work<'a> {
    sheet: &'a Sheet<'a>,
    governor: &'a Governor,
    subject: &'a Subject,
    desk: read::Desk,
    fresh: Uuid,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path((section, item)): Path<(String, String)>,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let subject = Subject::parse(&section, Some(&item)).ok_or_else(Problem::not_found)?;
    let sheet = sheet(&app, &admin, language);
    if let (Subject::Profile(None), Some(code)) = (&subject, &request.template) {
        let template = Ready::from_code(code).ok_or_else(Problem::not_found)?;
        let work = Work::begin(&sheet, &governor, &subject).await?;
        return work.prefilled(template, request.part);
    }
    let json = request.view.as_deref() == Some("json");
    draw(&sheet, &governor, &subject, json).await
}

/// What a change of the passkey method that was put together elsewhere would do, on the page of a new profile.
pub(super) async fn look_at_profiles(
    sheet: &Sheet<'_>,
    governor: &Governor,
    profiles: Vec<PasskeyProfile>,
) -> Result<Result<Response, GovernRefusal>, Problem> {
    let subject = Subject::Profile(None);
    let work = Work::begin(sheet, governor, &subject).await?;
    let PolicyDocument::Passkeys(mut method) = work.document()? else {
        return Err(Problem::not_found());
    };
    method.profiles.extend(profiles);
    let version = work.version();
    let edit = Edit {
        change: Change::put(PolicyDocument::Passkeys(method)),
        expected: expected(version),
    };
    let found = preview(sheet.app, governor, &edit).await;
    Ok(found.map(|found| work.preview_page(&edit, version, found)))
}

/// The form about `subject`, or its text.
pub(super) async fn draw(
    sheet: &Sheet<'_>,
    governor: &Governor,
    subject: &Subject,
    json: bool,
) -> Result<Response, Problem> {
    let work = Work::begin(sheet, governor, subject).await?;
    let document = work.document()?;
    let form = work.form(&document)?;
    let json = json.then(|| pretty(&document));
    let page = work.page(form, json, work.version(), None);
    Ok(render(&page))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path((section, item)): Path<(String, String)>,
    CheckedForm(pairs): CheckedForm<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let subject = Subject::parse(&section, Some(&item)).ok_or_else(Problem::not_found)?;
    let governor = Governor::person(&admin, &caller);
    let sheet = sheet(&app, &admin, language);
    look(&sheet, &caller, &governor, &subject, Sent::new(pairs)).await
}

/// The same for the only one of a kind.
pub(super) async fn submit_only(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(section): Path<String>,
    CheckedForm(pairs): CheckedForm<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let subject = Subject::parse(&section, None).ok_or_else(Problem::not_found)?;
    let governor = Governor::person(&admin, &caller);
    let sheet = sheet(&app, &admin, language);
    look(&sheet, &caller, &governor, &subject, Sent::new(pairs)).await
}

/// Reads what was sent and shows what it would do, or what is wrong with it.
async fn look(
    sheet: &Sheet<'_>,
    caller: &Caller,
    governor: &Governor,
    subject: &Subject,
    sent: Sent,
) -> Result<Response, Problem> {
    let work = Work::begin(sheet, governor, subject).await?;
    let version = sent
        .text("version")
        .parse()
        .map_err(|_| Problem::malformed("no version"))?;
    if sent.has("again") {
        return work.again(&sent, version);
    }
    let change = if sent.has("delete") {
        work.deletion()?
    } else if sent.has("document") {
        match PolicyDocument::from_json(subject.kind(), sent.text("document")) {
            Ok(document) => Change::put(document),
            Err(error) => return work.unreadable(&sent, version, &error.to_string()),
        }
    } else {
        match work.read(&sent).await? {
            Ok(document) => Change::put(document),
            Err(form) => return Ok(work.refused(form, version, None)),
        }
    };
    let edit = Edit {
        change,
        expected: expected(version),
    };
    match preview(sheet.app, governor, &edit).await {
        Ok(found) => Ok(work.preview_page(&edit, version, found)),
        Err(refusal) => work.explain(caller, &sent, version, &edit, refusal),
    }
}

/// The version in a form: 0 is nothing yet.
pub(super) const fn expected(version: i64) -> Expected {
    match version {
        0 => Expected::Absent,
        version => Expected::Version(version),
    }
}

impl<'a> Work<'a> {
    async fn begin(
        sheet: &'a Sheet<'a>,
        governor: &'a Governor,
        subject: &'a Subject,
    ) -> Result<Self, Problem> {
        let now = sheet.app.clock.now();
        let fresh = policy::model::RecordId::new(now, sheet.app.random.bytes()).uuid();
        Ok(Self {
            sheet,
            governor,
            subject,
            desk: read::desk(sheet.app, governor).await?,
            fresh,
        })
    }

    fn draw(&self) -> Draw<'_> {
        Draw {
            text: self.sheet.text(),
            desk: &self.desk,
            fresh: self.fresh,
        }
    }

    fn version(&self) -> i64 {
        let subject = self.subject;
        self.desk
            .everything
            .version(subject.kind(), subject.document_id())
    }

    fn document(&self) -> Result<PolicyDocument, Problem> {
        let document = self.subject.document(self.draw());
        document.ok_or_else(Problem::not_found)
    }

    fn form(&self, document: &PolicyDocument) -> Result<Form, Problem> {
        let form = self.subject.form(self.draw(), document);
        form.ok_or_else(Problem::not_found)
    }

    /// What was sent, as a document; or the form with what is wrong in it.
    async fn read(&self, sent: &Sent) -> Result<Result<PolicyDocument, Form>, Problem> {
        let document = self.document()?;
        let (users, groups) = typed_names(sent);
        let lookup = read::lookup(self.sheet.app, self.governor, users, groups).await?;
        let read = self
            .subject
            .read(self.draw(), document.clone(), sent, &lookup);
        Ok(match read {
            Ok(document) => Ok(document),
            Err(mistakes) => {
                let mut form = self.form(&document)?.filled(sent);
                for (field, message) in mistakes {
                    form.mark(&field, message);
                }
                Err(form)
            }
        })
    }

    fn deletion(&self) -> Result<Change, Problem> {
        let subject = self.subject;
        if !subject.is_deletable() {
            return Err(Problem::not_found());
        }
        Ok(match subject.without(self.document()?) {
            Some(rest) => Change::put(rest),
            None => Change::Remove(subject.kind(), subject.document_id().to_owned()),
        })
    }

    /// The form of a new profile, as a template has it. Everything it says stands in the form: nothing else is kept of the
    /// template.
    fn prefilled(&self, template: Ready, part: usize) -> Result<Response, Problem> {
        let mut document = self.document()?;
        let PolicyDocument::Passkeys(method) = &mut document else {
            return Err(Problem::not_found());
        };
        let id = ProfileId::from(self.fresh);
        let profiles = template.profiles(&mut || id);
        let profile = profiles.into_iter().nth(part);
        method
            .profiles
            .push(profile.ok_or_else(Problem::not_found)?);
        let form = Subject::Profile(Some(id)).form(self.draw(), &document);
        let form = form.ok_or_else(Problem::not_found)?;
        Ok(render(&self.page(form, None, self.version(), None)))
    }

    /// The form once more, from a document that was looked at.
    fn again(&self, sent: &Sent, version: i64) -> Result<Response, Problem> {
        let document = PolicyDocument::from_json(self.subject.kind(), sent.text("document"))
            .map_err(|_| Problem::malformed("the document cannot be read"))?;
        // A new part of the passkey method stands at the end of it by now.
        let form = match (self.subject, &document) {
            (Subject::Target(None), PolicyDocument::Passkeys(method)) => {
                let last = method.include.len().checked_sub(1);
                Subject::Target(last).form(self.draw(), &document)
            }
            (Subject::Profile(None), PolicyDocument::Passkeys(method)) => {
                let last = method.profiles.last().map(|one| one.id);
                Subject::Profile(last).form(self.draw(), &document)
            }
            _ => self.subject.form(self.draw(), &document),
        };
        let form = form.ok_or_else(Problem::not_found)?;
        Ok(render(&self.page(form, None, version, None)))
    }

    /// A text that is no document of this kind.
    fn unreadable(&self, sent: &Sent, version: i64, why: &str) -> Result<Response, Problem> {
        let text = self.sheet.text();
        let mut form = self.form(&self.document()?)?;
        form.mark(
            "document",
            text.with("form-not-json", "why", why).into_owned(),
        );
        let json = Some(sent.text("document").to_owned());
        let page = self.page(form, json, version, None);
        Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
    }

    /// The form with what the flow found wrong, or the problem if no form can help.
    fn explain(
        &self,
        caller: &Caller,
        sent: &Sent,
        version: i64,
        edit: &Edit,
        refusal: GovernRefusal,
    ) -> Result<Response, Problem> {
        let json = sent
            .has("document")
            .then(|| sent.text("document").to_owned());
        let problem: Problem = refusal.problem();
        let faults = match refusal {
            GovernRefusal::Invalid(faults) => faults,
            GovernRefusal::Stale(_) => Vec::new(),
            _ => return Err(self.sheet.way_on(problem, &self.subject.list())),
        };
        let shown = match &edit.change {
            Change::Put(document) if !sent.has("delete") => PolicyDocument::clone(document),
            _ => self.document()?,
        };
        let prefix = self.subject.prefix(&shown);
        let mut form = self.form(&self.document()?)?;
        if !sent.has("document") && !sent.has("delete") {
            form = form.filled(sent);
        }
        for fault in &faults {
            let path = fault.field.strip_prefix(&prefix).unwrap_or(&fault.field);
            let mut message = rule_message(self.sheet.text(), fault.rule);
            if json.is_some() || fault.rule == policy::validate::Rule::InUse {
                message = format!("{path}: {message}");
            }
            form.mark(path, message);
        }
        let refusal = faults
            .is_empty()
            .then(|| self.sheet.refusal(&problem, caller.correlation));
        let page = self.page(form, json, version, refusal);
        Ok(render_with(problem.status, &page))
    }

    fn refused(&self, form: Form, version: i64, json: Option<String>) -> Response {
        let page = self.page(form, json, version, None);
        render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
    }

    fn page(
        &self,
        form: Form,
        json: Option<String>,
        version: i64,
        refusal: Option<RefusalView>,
    ) -> Page {
        let subject = self.subject;
        Page {
            frame: self.sheet.frame(),
            account: self.sheet.account(),
            refusal,
            title: self.title(),
            kind_title: self.list_title(),
            list: subject.list(),
            path: subject.path(),
            version,
            may_write: self.governor.may(writing(subject.kind())).is_ok(),
            deletable: subject.is_deletable(),
            has_json: matches!(subject, Subject::Method | Subject::Document(..)),
            json,
            form,
        }
    }

    /// What the page is called that one comes from.
    fn list_title(&self) -> String {
        let text = self.sheet.text();
        match self.subject.list().as_str() {
            "/admin/policies" => text.say("nav-policies").into_owned(),
            _ => title(text, self.subject.kind()),
        }
    }

    fn preview_page(&self, edit: &Edit, version: i64, found: Preview) -> Response {
        let subject = self.subject;
        let document = found.document.as_ref();
        let document = document.map(|one| serde_json::to_string(one).unwrap_or_default());
        render(&PreviewPage {
            frame: self.sheet.frame(),
            account: self.sheet.account(),
            title: self.title(),
            kind_title: self.list_title(),
            list: subject.list(),
            path: subject.path(),
            kind: edit.change.kind().as_str(),
            id: edit.change.id(),
            version,
            document: document.unwrap_or_default(),
            radius: Radius::of(self.sheet.text(), &found.tally, &found.access),
            differences: found.differences,
        })
    }

    fn title(&self) -> String {
        let text = self.sheet.text();
        let method = &self.desk.everything.policies.passkeys;
        match self.subject {
            Subject::Method => text.say("method-title").into_owned(),
            Subject::Target(Some(_)) => text.say("target-title").into_owned(),
            Subject::Target(None) => text.say("target-new").into_owned(),
            Subject::Profile(None) => text.say("profile-new").into_owned(),
            Subject::Profile(Some(id)) => {
                let mut profiles = method.profiles.iter();
                let profile = profiles.find(|one| one.id == *id);
                profile.map(|one| one.name.clone()).unwrap_or_default()
            }
            Subject::Document(kind, _) if kind.is_only_one() => title(text, *kind),
            Subject::Document(kind, None) => text.say(new_title(*kind)).into_owned(),
            Subject::Document(kind, Some(id)) => {
                let document = self.desk.everything.policies.document(*kind, id);
                document
                    .map(|one| one.name().to_owned())
                    .unwrap_or_default()
            }
        }
    }
}

const fn new_title(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::Strength => "strength-new",
        PolicyKind::Location => "location-new",
        PolicyKind::Context => "context-new",
        PolicyKind::Root => "own-root-new",
        PolicyKind::Source => "source-new",
        _ => "access-new",
    }
}

fn pretty(document: &PolicyDocument) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default()
}
