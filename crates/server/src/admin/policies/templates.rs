//! `/admin/policies/templates`: ready-made passkey profiles to begin with, and profiles as files.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::{PolicyKind, ProfileId, RecordId};
use policy::templates::{self, Template};
use serde::Deserialize;

use super::edit::look_at_profiles;
use super::{rule_message, sheet};
use crate::admin::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{GovernRefusal, Governor, read, writing};
use crate::flow::refusal::Refused as _;
use crate::pages::{Account, Frame, Language, Place, Text, download, render, render_with};
use crate::web::{AdminSession, CheckedForm, Problem};

/// Bytes of a file; a hundred profiles with lists of models.
const LONGEST: usize = 256 * 1024;

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    file: String,
}

#[derive(askama::Template)]
#[template(path = "admin/policies/templates.html")]
struct Page {
    frame: Frame,
    account: Account,
    may_write: bool,
    rows: Vec<Row>,
    /// What was pasted, and what is wrong with it.
    file: String,
    fault: Option<String>,
}

struct Row {
    name: String,
    text: String,
    /// One for each profile of the template.
    uses: Vec<Use>,
}

struct Use {
    href: String,
    label: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    read::everything(&app, &governor).await?;
    let sheet = sheet(&app, &admin, language);
    Ok(render(&page(&sheet, &governor, String::new(), None)))
}

/// Shows what the profiles of a file would do, as any change is shown; nothing is kept before it is saved.
pub(super) async fn import(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let sheet = sheet(&app, &admin, language);
    let text = sheet.text();
    let refused = |file: String, why: String| {
        let page = page(&sheet, &governor, file, Some(why));
        render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    if request.file.len() > LONGEST {
        let why = text.with("templates-too-long", "limit", LONGEST);
        return Ok(refused(String::new(), why.into_owned()));
    }
    let (now, random) = (app.clock.now(), &app.random);
    let new_id = || ProfileId::from(RecordId::new(now, random.bytes()).uuid());
    let profiles = match templates::import(&request.file, new_id) {
        Ok(profiles) => profiles,
        Err(why) => {
            let why = text.with("templates-unreadable", "why", why.to_string());
            return Ok(refused(request.file, why.into_owned()));
        }
    };
    match look_at_profiles(&sheet, &governor, profiles).await? {
        Ok(preview) => Ok(preview),
        Err(GovernRefusal::Invalid(faults)) => {
            let faults = faults.into_iter().map(|fault| {
                let rule = rule_message(text, fault.rule);
                format!("{}: {rule}", fault.field)
            });
            Ok(refused(request.file, faults.collect::<Vec<_>>().join(" ")))
        }
        Err(refusal) => Err(refusal.problem()),
    }
}

/// All profiles, as a file for another tenant.
pub(super) async fn export(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let policies = read::everything(&app, &governor).await?.policies;
    let file = templates::export(&policies.passkeys.profiles)
        .map_err(|error| Problem::internal(format!("profiles: {error}")))?;
    Ok(download("passkey-profiles.json", file))
}

fn page(sheet: &Sheet<'_>, governor: &Governor, file: String, fault: Option<String>) -> Page {
    let text = sheet.text();
    Page {
        frame: sheet.frame(),
        account: sheet.account(),
        may_write: governor.may(writing(PolicyKind::Passkeys)).is_ok(),
        rows: Template::ALL.iter().map(|one| row(text, *one)).collect(),
        file,
        fault,
    }
}

fn row(text: Text, template: Template) -> Row {
    let (name, sentence) = words(template);
    let nil = ProfileId::from_bytes([0; 16]);
    let profiles = template.profiles(&mut || nil);
    let uses = profiles.into_iter().enumerate().map(|(part, profile)| Use {
        href: format!(
            "/admin/policies/profiles/new?template={}&part={part}",
            template.code()
        ),
        label: profile.name,
    });
    Row {
        name: text.say(name).into_owned(),
        text: text.say(sentence).into_owned(),
        uses: uses.collect(),
    }
}

const fn words(template: Template) -> (&'static str, &'static str) {
    match template {
        Template::DeviceBoundAttested => ("template-attested", "template-attested-text"),
        Template::CertifiedLevel2 => ("template-level-2", "template-level-2-text"),
        Template::SyncedWelcome => ("template-synced", "template-synced-text"),
        Template::ProtectedProviders => ("template-protected", "template-protected-text"),
        Template::StagedAuthenticator => ("template-staged", "template-staged-text"),
    }
}
