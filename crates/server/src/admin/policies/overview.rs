//! `GET /admin/policies`: everything that is decided, each with a way to it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::{Policies, PolicyKind};

use super::forms::section;
use super::sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{Governor, read};
use crate::pages::{Account, Frame, Language, Place, Text, render};
use crate::web::{AdminSession, Problem};

#[derive(Template)]
#[template(path = "admin/policies/overview.html")]
struct Page {
    frame: Frame,
    account: Account,
    entries: Vec<Entry>,
}

struct Entry {
    href: String,
    title: String,
    text: String,
    fact: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let everything = read::everything(&app, &governor).await?;
    let sheet = sheet(&app, &admin, language);
    let entries = PolicyKind::ALL.iter().map(|kind| Entry {
        href: href(*kind),
        title: title(sheet.text(), *kind),
        text: hint(sheet.text(), *kind),
        fact: fact(sheet.text(), *kind, &everything.policies),
    });
    Ok(render(&Page {
        frame: sheet.frame(),
        account: sheet.account(),
        entries: entries.collect(),
    }))
}

fn href(kind: PolicyKind) -> String {
    match kind {
        PolicyKind::Campaign => "/admin/campaigns".to_owned(),
        PolicyKind::SecondPerson => "/admin/approvals/setting".to_owned(),
        kind => format!("/admin/policies/{}", section(kind)),
    }
}

/// What a kind of policy is called.
pub(in crate::admin) fn title(text: Text, kind: PolicyKind) -> String {
    text.say(match kind {
        PolicyKind::Passkeys => "passkeys",
        PolicyKind::Passes => "method-pass",
        PolicyKind::SystemPreferred => "preferred",
        PolicyKind::Strength => "strengths",
        PolicyKind::Access => "access-policies",
        PolicyKind::Location => "locations",
        PolicyKind::Context => "contexts",
        PolicyKind::Campaign => "campaigns",
        PolicyKind::Root => "own-roots",
        PolicyKind::Source => "sources",
        PolicyKind::SecondPerson => "second-person",
        PolicyKind::Availability => "availability",
    })
    .into_owned()
}

/// What it is good for.
pub(super) fn hint(text: Text, kind: PolicyKind) -> String {
    text.say(match kind {
        PolicyKind::Passkeys => "passkeys-hint",
        PolicyKind::Passes => "passes-hint",
        PolicyKind::SystemPreferred => "preferred-hint",
        PolicyKind::Strength => "strengths-hint",
        PolicyKind::Access => "access-hint",
        PolicyKind::Location => "locations-hint",
        PolicyKind::Context => "contexts-hint",
        PolicyKind::Campaign => "campaigns-hint",
        PolicyKind::Root => "own-roots-hint",
        PolicyKind::Source => "sources-hint",
        PolicyKind::SecondPerson => "second-person-hint",
        PolicyKind::Availability => "availability-hint",
    })
    .into_owned()
}

fn fact(text: Text, kind: PolicyKind, policies: &Policies) -> String {
    let on = |on: bool| {
        text.say(if on { "policy-on" } else { "policy-off" })
            .into_owned()
    };
    match kind {
        PolicyKind::Passkeys => {
            let profiles = text.count("profiles-count", policies.passkeys.profiles.len());
            format!("{} · {profiles}", on(policies.passkeys.enabled))
        }
        PolicyKind::Passes => on(policies.passes.enabled),
        PolicyKind::SecondPerson => on(policies.second_person.is_on()),
        PolicyKind::Availability => match policies.availability.available {
            true => text.say("availability-yes").into_owned(),
            false => text.say("availability-no").into_owned(),
        },
        PolicyKind::SystemPreferred => {
            on(policies.system_preferred.state != policy::model::CampaignState::Disabled)
        }
        _ => {
            let count = policies.documents_of(kind).len();
            text.count("policies-count", count).into_owned()
        }
    }
}
