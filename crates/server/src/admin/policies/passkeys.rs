//! `GET /admin/policies/passkeys`: who may use passkeys, and which.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::{AttestationRule, PasskeyProfile, PasskeyTarget, RestrictionKind};
use serde::Deserialize;
use uuid::Uuid;

use super::forms::{Draw, Subject, scope_line, word};
use super::sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{Governor, read, writing};
use crate::pages::{Account, Frame, Language, Place, render};
use crate::web::{AdminSession, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/policies/passkeys.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    may_write: bool,
    enabled: bool,
    self_service: bool,
    barred: Option<String>,
    targets: Vec<TargetRow>,
    profiles: Vec<ProfileRow>,
    /// Profiles that let holders of roles use synced passkeys.
    synced_roles: Vec<String>,
}

struct TargetRow {
    href: String,
    who: String,
    except: Option<String>,
    profiles: String,
}

struct ProfileRow {
    href: String,
    name: String,
    facts: Vec<String>,
    used: bool,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let desk = read::desk(&app, &governor).await?;
    let sheet = sheet(&app, &admin, language);
    let draw = Draw {
        text: sheet.text(),
        desk: &desk,
        fresh: Uuid::nil(),
    };
    let method = &desk.everything.policies.passkeys;
    let kind = policy::model::PolicyKind::Passkeys;
    let targets = method.include.iter().enumerate();
    Ok(render(&Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done: request.done.and_then(|done| sheet.text().done(&done)),
        may_write: governor.may(writing(kind)).is_ok(),
        enabled: method.enabled,
        self_service: method.self_service,
        barred: (!method.exclude.is_empty()).then(|| scope_line(draw, &method.exclude)),
        targets: targets
            .map(|(place, one)| target(draw, place, one))
            .collect(),
        profiles: method
            .profiles
            .iter()
            .map(|one| profile(draw, one))
            .collect(),
        synced_roles: synced_roles(draw),
    }))
}

fn target(draw: Draw<'_>, place: usize, target: &PasskeyTarget) -> TargetRow {
    let all = &draw.desk.everything.policies.passkeys.profiles;
    let name = |id| {
        all.iter()
            .find(|one| one.id == id)
            .map(|one| one.name.as_str())
    };
    let names: Vec<_> = target.profiles.iter().filter_map(|id| name(*id)).collect();
    TargetRow {
        href: Subject::Target(Some(place)).path(),
        who: scope_line(draw, &target.who),
        except: (!target.except.is_empty()).then(|| scope_line(draw, &target.except)),
        profiles: names.join(", "),
    }
}

fn profile(draw: Draw<'_>, profile: &PasskeyProfile) -> ProfileRow {
    let text = draw.text;
    let types = profile.types.iter().map(|kind| word(text, *kind));
    let mut facts = vec![types.collect::<Vec<_>>().join(" + ")];
    if profile.attestation != AttestationRule::Disabled {
        facts.push(word(text, profile.attestation));
    }
    let list = &profile.restrictions;
    if list.enforced {
        let id = match list.kind {
            RestrictionKind::Allow => "profile-allows-count",
            RestrictionKind::Block => "profile-blocks-count",
        };
        facts.push(text.count(id, list.aaguids.len()).into_owned());
    }
    if profile.models.is_some() {
        facts.push(text.say("profile-models").into_owned());
    }
    if !profile.cross_device.is_open() {
        facts.push(text.say("cross-device-limited").into_owned());
    }
    if profile.post_quantum_only {
        facts.push(text.say("profile-post-quantum").into_owned());
    }
    let mut targets = draw.desk.everything.policies.passkeys.include.iter();
    ProfileRow {
        href: Subject::Profile(Some(profile.id)).path(),
        name: profile.name.clone(),
        used: targets.any(|target| target.profiles.contains(&profile.id)),
        facts,
    }
}

/// Whoever holds a role should not use a key that a provider can copy, so a target that lets them is pointed out.
fn synced_roles(draw: Draw<'_>) -> Vec<String> {
    let method = &draw.desk.everything.policies.passkeys;
    let all_roles = policy::model::Role::ALL;
    let reaches = |target: &&PasskeyTarget| {
        let named = target.who.everyone || !target.who.roles.is_empty();
        let spared = all_roles
            .iter()
            .all(|role| target.except.roles.contains(role));
        named && !spared
    };
    let targets = method.include.iter().filter(reaches);
    let synced = |profile: &&PasskeyProfile| {
        profile.types.contains(&policy::model::PasskeyType::Synced)
            && profile.attestation == AttestationRule::Disabled
    };
    let ids: Vec<_> = targets.flat_map(|target| &target.profiles).collect();
    let profiles = method.profiles.iter().filter(|one| ids.contains(&&one.id));
    profiles
        .filter(synced)
        .map(|one| one.name.clone())
        .collect()
}
