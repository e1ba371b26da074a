//! What conditional access says to one person, as pages show it.

use policy::access::{Condition, OutcomeResult};
use policy::explain::{PolicyWord, Way, WhatIf};
use policy::impact::Resident;
use policy::model::UserId;
use policy::snapshot::Snapshot;

use super::policies::mode_word;
use crate::flow::govern::ask::Forecast;
use crate::pages::Text;

/// Policies and ways.
pub(super) struct ForecastView {
    pub user: UserId,
    pub name: String,
    pub version: i64,
    /// In one sentence.
    pub sum: String,
    pub good: bool,
    pub policies: Vec<PolicyRow>,
    pub ways: Vec<WayRow>,
}

/// One policy's word.
pub(super) struct PolicyRow {
    pub href: String,
    pub name: String,
    pub class: &'static str,
    pub result: String,
    pub reason: Option<String>,
    /// Entra's word for the reason.
    pub code: &'static str,
}

/// One way to sign in.
pub(super) struct WayRow {
    pub name: String,
    pub enough: bool,
    pub against: Option<String>,
}

impl ForecastView {
    pub fn new(text: Text, forecast: &Forecast) -> Self {
        Self::of(
            text,
            &forecast.snapshot,
            &forecast.resident,
            &forecast.what_if,
        )
    }

    pub fn of(text: Text, snapshot: &Snapshot, resident: &Resident, what_if: &WhatIf) -> Self {
        let ways: Vec<_> = what_if
            .ways
            .iter()
            .map(|way| way_row(text, resident, what_if, way))
            .collect();
        let good = ways.iter().any(|way| way.enough);
        let applied = what_if
            .policies
            .iter()
            .filter(|one| one.result.applied())
            .count();
        let sum = match (ways.is_empty(), good, applied) {
            (true, ..) => text.say("what-if-no-way").into_owned(),
            (_, true, 0) => text.say("what-if-nothing-applies").into_owned(),
            (_, true, _) => text.say("what-if-granted").into_owned(),
            (_, false, _) => text.say("what-if-refused").into_owned(),
        };
        let mut policies: Vec<_> = what_if.policies.iter().collect();
        policies.sort_by_key(|one| !one.result.applied());
        Self {
            user: resident.user.id,
            name: resident.user.display_name.clone(),
            version: snapshot.version(),
            sum,
            good,
            policies: policies
                .into_iter()
                .map(|one| policy_row(text, one))
                .collect(),
            ways,
        }
    }
}

fn policy_row(text: Text, one: &PolicyWord) -> PolicyRow {
    let (class, id) = match one.result {
        OutcomeResult::Success | OutcomeResult::Failure => ("good", "what-if-applies"),
        OutcomeResult::ReportOnlySuccess
        | OutcomeResult::ReportOnlyFailure
        | OutcomeResult::ReportOnlyInterrupted => ("warn", "what-if-reports"),
        OutcomeResult::NotApplied | OutcomeResult::ReportOnlyNotApplied => {
            ("", "what-if-does-not-apply")
        }
        OutcomeResult::NotEnabled => ("", "what-if-off"),
    };
    let (reason, code) = match (one.result, one.not_satisfied) {
        (OutcomeResult::NotEnabled, _) => (None, "policyNotEnabled"),
        (_, Some(condition)) => {
            let (id, code) = condition_words(condition);
            (Some(text.say(id).into_owned()), code)
        }
        _ => (None, ""),
    };
    PolicyRow {
        href: format!("/admin/policies/access/{}", one.id),
        name: one.name.clone(),
        class,
        result: text.say(id).into_owned(),
        reason,
        code,
    }
}

const fn condition_words(condition: Condition) -> (&'static str, &'static str) {
    match condition {
        Condition::Users => ("condition-users", "users"),
        Condition::Application => ("condition-application", "application"),
        Condition::UserActions => ("condition-user-actions", "userActions"),
        Condition::AuthenticationContext => ("condition-context", "authenticationContext"),
        Condition::DevicePlatform => ("condition-platform", "devicePlatform"),
        Condition::ClientApps => ("condition-client", "clientApps"),
        Condition::Location => ("condition-location", "location"),
        Condition::AuthenticationFlow => ("condition-flow", "authenticationFlow"),
    }
}

fn way_row(text: Text, resident: &Resident, what_if: &WhatIf, way: &Way) -> WayRow {
    let modes = way.modes.iter().map(|mode| mode_word(text, *mode));
    let mut name = modes.collect::<Vec<_>>().join(" + ");
    let passkey = resident
        .passkeys
        .iter()
        .find(|one| Some(one.id) == way.passkey);
    if let Some(passkey) = passkey {
        name = format!("{name} “{}”", passkey.display_name);
    }
    let policies = what_if.policies.iter();
    let against = way.against.and_then(|id| {
        let mut same = policies.filter(|one| one.id == id);
        same.next().map(|one| one.name.clone())
    });
    let against = against.or_else(|| {
        let unnamed = !way.enough;
        unnamed.then(|| text.say("what-if-own-rules").into_owned())
    });
    WayRow {
        name,
        enough: way.enough,
        against,
    }
}
