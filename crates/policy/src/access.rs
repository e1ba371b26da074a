//! Conditional access: may somebody reach this, from there, with what they showed?
//!
//! ```text
//!   person, wish, place ──▶ which policies apply ──▶ block?  ──▶ what each asks of the proofs ──▶ Decision
//! ```
//! Every policy that applies has to be satisfied; a block wins; an exclusion always wins over an inclusion. A policy in
//! report-only state is judged like an enabled one, its result is recorded, and it stops nothing.
//!
//! Registering sign-in methods is a wish of its own: policies on applications, even on all of them, do not stand in front
//! of it. So a policy can never ask for the very passkey that it keeps somebody from making.

use crate::model::{
    AccessGrant, AccessPolicy, AccessPolicyId, AccessState, AccessTarget, Acr, ApplicationId,
    ClientType, Doubt, LocationRef, Mode, PerUserMfa, PersistentBrowser, Platform, Proof, Sides,
    SignInFrequency, Span, StrengthId, Timestamp,
};
use crate::sign_in::is_multi_factor;
use crate::snapshot::{Snapshot, Subject};
use crate::strength;
use core::net::IpAddr;
use serde::{Deserialize, Serialize};

/// A proof this young satisfies "every time", so that following a redirect or reloading a page asks nothing twice.
pub const EVERY_TIME: Span = Span::minutes(5);

/// The control that records name where a strength refused the first factor.
pub const FIRST_FACTOR: &str = "firstFactor";

/// What somebody wants, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What for.
    pub wish: Wish,
    /// Authentication contexts that are asked for as well (`acrs`).
    pub contexts: &'a [String],
    /// The authentication context class that the application asks for (`acr_values`).
    pub acr: Option<Acr>,
    /// As the user agent claims; `None` when it is none that policies name.
    pub platform: Option<Platform>,
    /// What kind of program.
    pub client: ClientType,
    /// Where from.
    pub address: IpAddr,
    /// Begun by the device code flow.
    pub device_code: bool,
    /// The method that was shown first, in a sign-in that begins with this request; `None` where it goes on from what
    /// was shown for something else, as in a session.
    pub began: Option<Mode>,
}

/// What somebody wants to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// An application.
    Application(ApplicationId),
    /// The pages of this server on which people manage themselves.
    OwnPages,
    /// The administration pages and interfaces of this server.
    Administration,
    /// To register or change sign-in methods.
    RegisterSecurityInfo,
}

/// What policies say to one request. Only [`decide`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    verdict: Verdict,
    outcomes: Vec<Outcome>,
    persistence: Option<PersistentBrowser>,
    version: i64,
}

/// The sum of all enforced policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is missing.
    Granted,
    /// This policy says no, whatever is shown.
    Blocked(AccessPolicyId),
    /// This policy's strength binds the first factor, and the sign-in began with another method.
    FirstFactor(AccessPolicyId),
    /// All of this has to be shown first.
    Needs(Vec<Need>),
}

/// Something that has to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Which policy asks; `None` where the application does.
    pub policy: Option<AccessPolicyId>,
    /// For what.
    pub what: What,
    /// Proofs older than this do not count.
    pub since: Option<Timestamp>,
}

/// What a policy asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Any sign-in that is young enough.
    Fresh,
    /// Two factors.
    Mfa,
    /// This strength.
    Strength(StrengthId),
    /// This authentication context class.
    Class(Acr),
    /// Something beside a passkey that is in doubt.
    Beside,
}

/// What one policy said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Which one.
    pub id: AccessPolicyId,
    /// How it ended.
    pub result: OutcomeResult,
    /// The first condition that did not hold.
    pub not_satisfied: Option<Condition>,
    /// It would not have let the sign-in begin as it did.
    pub refused_first_factor: bool,
}

/// The same in words (`appliedConditionalAccessPolicy`), as it stands in sign-in records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppliedPolicy {
    /// Which one.
    pub id: AccessPolicyId,
    /// Its name then.
    pub display_name: String,
    /// How it ended.
    pub result: OutcomeResult,
    /// `block`, `mfa` or the strength's name; then `firstFactor`, where the strength refused that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enforced_grant_controls: Vec<String>,
    /// `signInFrequency`, `persistentBrowser`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enforced_session_controls: Vec<String>,
}

/// `appliedConditionalAccessPolicyResult`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OutcomeResult {
    /// Applied, and satisfied.
    Success,
    /// Applied, and blocked or not satisfied.
    Failure,
    /// Its conditions did not hold.
    NotApplied,
    /// Not enabled.
    NotEnabled,
    /// Would have been satisfied.
    ReportOnlySuccess,
    /// Would have blocked.
    ReportOnlyFailure,
    /// Its conditions did not hold.
    ReportOnlyNotApplied,
    /// Would have asked for something.
    ReportOnlyInterrupted,
}

/// A condition, by the name of Graph's `whatIfAnalysisReasons`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// Not for this person.
    Users,
    /// Not for this application.
    Application,
    /// Not for this action.
    UserActions,
    /// Not for this authentication context.
    AuthenticationContext,
    /// Not for this platform.
    DevicePlatform,
    /// Not for this kind of client.
    ClientApps,
    /// Not for this place.
    Location,
    /// Not for this flow.
    AuthenticationFlow,
}

impl OutcomeResult {
    /// Whether the policy's conditions held.
    #[must_use]
    pub const fn applied(self) -> bool {
        match self {
            Self::Success
            | Self::Failure
            | Self::ReportOnlySuccess
            | Self::ReportOnlyFailure
            | Self::ReportOnlyInterrupted => true,
            Self::NotApplied | Self::NotEnabled | Self::ReportOnlyNotApplied => false,
        }
    }
}

impl Decision {
    /// The sum.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Every policy's word, in their order.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The policies that applied, in words. The others are not written down with every sign-in: the version names the
    /// policies, from which their answer can be had again.
    #[must_use]
    pub fn applied(&self, snapshot: &Snapshot) -> Vec<AppliedPolicy> {
        let policies = snapshot.policies().access.iter().zip(&self.outcomes);
        let applied = policies.filter(|(_, outcome)| outcome.result.applied());
        applied
            .map(|(policy, outcome)| in_words(snapshot, policy, outcome))
            .collect()
    }

    /// What the policies say about keeping the session; `never` wins over `always`.
    #[must_use]
    pub const fn persistence(&self) -> Option<PersistentBrowser> {
        self.persistence
    }

    /// The version of the policies that decided.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }
}

/// What the policies say to `request`, of a person who has shown `proofs`.
#[must_use]
pub fn decide(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    request: &Request<'_>,
    proofs: &[Proof],
    now: Timestamp,
) -> Decision {
    let mut sum = Sum::default();
    for (policy, assigned) in snapshot.access_policies(subject) {
        sum.add(
            policy,
            judge(snapshot, policy, assigned, request, proofs, now),
        );
    }
    let in_doubt = proofs.iter().any(|proof| {
        let doubt = proof.passkey.and_then(|passkey| passkey.doubt);
        doubt == Some(Doubt::SecondMethod)
    });
    let beside = in_doubt.then_some(What::Beside);
    for what in request.acr.map(What::Class).into_iter().chain(beside) {
        let need = Need {
            policy: None,
            what,
            since: None,
        };
        sum.require(snapshot, need, proofs, now);
    }
    // Not on their own pages: there they get the second factor that they do not have yet.
    let theirs = matches!(request.wish, Wish::OwnPages | Wish::RegisterSecurityInfo);
    if subject.user.mfa != PerUserMfa::Disabled && !theirs {
        let need = Need {
            policy: None,
            what: What::Mfa,
            since: None,
        };
        sum.require(snapshot, need, proofs, now);
    }
    // Another system raised an alarm: what was shown before it counts no more.
    if let Some(alarm) = subject.user.proofs_valid_from {
        let need = Need {
            policy: None,
            what: What::Mfa,
            since: Some(alarm),
        };
        sum.require(snapshot, need, proofs, now);
    }
    sum.finish(snapshot.version())
}

/// Whether a sign-in for `request` may begin with `mode`. What pages offer and what [`decide`] refuses is the same.
///
/// # Errors
/// The policy whose strength binds the first factor and cannot be satisfied that way.
pub fn may_begin(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    request: &Request<'_>,
    mode: Mode,
    now: Timestamp,
) -> Result<(), AccessPolicyId> {
    let begun = Request {
        began: Some(mode),
        ..*request
    };
    match decide(snapshot, subject, &begun, &[], now).verdict {
        Verdict::FirstFactor(policy) => Err(policy),
        Verdict::Granted | Verdict::Blocked(_) | Verdict::Needs(_) => Ok(()),
    }
}

/// How one policy is met.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Judged {
    NotEnabled,
    NotApplied(Condition),
    Satisfied,
    Blocks,
    RefusesFirstFactor,
    Asks(Need),
}

fn judge(
    snapshot: &Snapshot,
    policy: &AccessPolicy,
    assigned: bool,
    request: &Request<'_>,
    proofs: &[Proof],
    now: Timestamp,
) -> Judged {
    if policy.state == AccessState::Disabled {
        return Judged::NotEnabled;
    }
    if let Some(condition) = unmet(snapshot, policy, assigned, request) {
        return Judged::NotApplied(condition);
    }
    let what = match policy.grant {
        AccessGrant::Block => return Judged::Blocks,
        AccessGrant::Mfa => What::Mfa,
        AccessGrant::Strength(id) if request.device_code && resists_phishing(snapshot, id) => {
            return Judged::Blocks;
        }
        AccessGrant::Strength(id) if refuses(snapshot, id, request.began) => {
            return Judged::RefusesFirstFactor;
        }
        AccessGrant::Strength(id) => What::Strength(id),
        AccessGrant::Nothing => What::Fresh,
    };
    let need = Need {
        policy: Some(policy.id),
        what,
        since: policy
            .session
            .sign_in_frequency
            .map(|limit| oldest(limit, now)),
    };
    match is_met(snapshot, &need, proofs, now) {
        true => Judged::Satisfied,
        false => Judged::Asks(need),
    }
}

/// Whether a strength asks for what the device code flow cannot give: whoever types a code on a page cannot know whose device
/// gets what it opens, however well they sign in.
fn resists_phishing(snapshot: &Snapshot, strength: StrengthId) -> bool {
    snapshot
        .strength(strength)
        .is_some_and(strength::resists_phishing)
}

/// Whether a strength that binds the first factor could not be satisfied by going on from this one.
fn refuses(snapshot: &Snapshot, strength: StrengthId, began: Option<Mode>) -> bool {
    began.is_some_and(|mode| {
        let strength = snapshot.strength(strength);
        strength.is_some_and(|one| !strength::may_begin_with(one, mode))
    })
}

/// Whether these proofs are what is needed. Age and kind are asked of the same proofs: a fresh code does not make an old
/// passkey young.
#[must_use]
pub fn is_met(snapshot: &Snapshot, need: &Need, proofs: &[Proof], now: Timestamp) -> bool {
    let young = || {
        let since = need.since;
        proofs
            .iter()
            .filter(move |proof| since.is_none_or(|since| proof.at >= since))
    };
    match need.what {
        What::Fresh => need.since.is_none() || young().next().is_some(),
        What::Mfa | What::Beside => is_multi_factor(young()),
        What::Class(acr) => Acr::of(young()) >= Some(acr),
        What::Strength(id) => snapshot
            .strength(id)
            .is_some_and(|one| strength::is_satisfied(one, young(), snapshot.models(), now)),
    }
}

/// The first condition that does not hold.
fn unmet(
    snapshot: &Snapshot,
    policy: &AccessPolicy,
    assigned: bool,
    request: &Request<'_>,
) -> Option<Condition> {
    let conditions = &policy.conditions;
    if !assigned {
        return Some(Condition::Users);
    }
    if let Some(condition) = other_target(&conditions.target, request) {
        return Some(condition);
    }
    let platform = |sides: &Sides<Platform>| {
        let is = |listed: &Platform| Some(*listed) == request.platform;
        in_sides(sides, is)
    };
    if !conditions.platforms.as_ref().is_none_or(platform) {
        return Some(Condition::DevicePlatform);
    }
    let clients = &conditions.client_types;
    if !clients.is_empty() && !clients.contains(&request.client) {
        return Some(Condition::ClientApps);
    }
    let place = |sides: &Sides<LocationRef>| {
        in_sides(sides, |place| is_at(snapshot, *place, request.address))
    };
    if !conditions.locations.as_ref().is_none_or(place) {
        return Some(Condition::Location);
    }
    (conditions.device_code && !request.device_code).then_some(Condition::AuthenticationFlow)
}

fn other_target(target: &AccessTarget, request: &Request<'_>) -> Option<Condition> {
    let registers = request.wish == Wish::RegisterSecurityInfo;
    match target {
        AccessTarget::RegisterSecurityInfo => (!registers).then_some(Condition::UserActions),
        AccessTarget::Contexts(contexts) => {
            let asked = contexts.iter().any(|one| request.contexts.contains(one));
            (!asked).then_some(Condition::AuthenticationContext)
        }
        AccessTarget::Applications {
            all,
            include,
            exclude,
            admin_portals,
        } => {
            let reached = match request.wish {
                Wish::RegisterSecurityInfo => false,
                Wish::Application(id) => (*all || include.contains(&id)) && !exclude.contains(&id),
                Wish::OwnPages => *all,
                Wish::Administration => *all || *admin_portals,
            };
            (!reached).then_some(Condition::Application)
        }
    }
}

/// Exclude wins; an empty include is everything.
fn in_sides<T>(sides: &Sides<T>, is: impl Fn(&T) -> bool) -> bool {
    !sides.exclude.iter().any(&is) && (sides.include.is_empty() || sides.include.iter().any(&is))
}

fn is_at(snapshot: &Snapshot, place: LocationRef, address: IpAddr) -> bool {
    let mut locations = snapshot.policies().locations.iter();
    let here = |location: &&crate::model::NamedLocation| {
        location.ranges.iter().any(|range| range.contains(address))
    };
    match place {
        LocationRef::Named(id) => locations
            .find(|location| location.id == id)
            .is_some_and(|location| here(&location)),
        LocationRef::AllTrusted => locations.any(|location| location.trusted && here(&location)),
    }
}

const fn oldest(limit: SignInFrequency, now: Timestamp) -> Timestamp {
    match limit {
        SignInFrequency::EveryTime => now.minus(EVERY_TIME),
        SignInFrequency::Minutes(minutes) => now.minus(Span::minutes(minutes as i64)),
    }
}

/// What all policies say together.
#[derive(Default)]
struct Sum {
    blocked: Option<AccessPolicyId>,
    refused: Option<AccessPolicyId>,
    needs: Vec<Need>,
    outcomes: Vec<Outcome>,
    persistence: Option<PersistentBrowser>,
}

impl Sum {
    fn add(&mut self, policy: &AccessPolicy, judged: Judged) {
        let outcome = Outcome {
            id: policy.id,
            result: result(&judged, policy.state),
            not_satisfied: match judged {
                Judged::NotApplied(condition) => Some(condition),
                _ => None,
            },
            refused_first_factor: judged == Judged::RefusesFirstFactor,
        };
        self.outcomes.push(outcome);
        if policy.state != AccessState::Enabled {
            return;
        }
        if outcome.result.applied() {
            self.keep(policy.session.persistent_browser);
        }
        match judged {
            Judged::Blocks => self.blocked = self.blocked.or(Some(policy.id)),
            Judged::RefusesFirstFactor => self.refused = self.refused.or(Some(policy.id)),
            Judged::Asks(need) => self.needs.push(need),
            Judged::NotEnabled | Judged::NotApplied(_) | Judged::Satisfied => {}
        }
    }

    /// Something that no policy asks for.
    fn require(&mut self, snapshot: &Snapshot, need: Need, proofs: &[Proof], now: Timestamp) {
        if !is_met(snapshot, &need, proofs, now) {
            self.needs.push(need);
        }
    }

    fn keep(&mut self, said: Option<PersistentBrowser>) {
        if self.persistence != Some(PersistentBrowser::Never) {
            self.persistence = said.or(self.persistence);
        }
    }

    fn finish(self, version: i64) -> Decision {
        let verdict = match (self.blocked, self.refused) {
            (Some(policy), _) => Verdict::Blocked(policy),
            (None, Some(policy)) => Verdict::FirstFactor(policy),
            (None, None) if self.needs.is_empty() => Verdict::Granted,
            (None, None) => Verdict::Needs(self.needs),
        };
        Decision {
            verdict,
            outcomes: self.outcomes,
            persistence: self.persistence,
            version,
        }
    }
}

fn in_words(snapshot: &Snapshot, policy: &AccessPolicy, outcome: &Outcome) -> AppliedPolicy {
    let session = &policy.session;
    let controls = [
        session.sign_in_frequency.map(|_| "signInFrequency"),
        session.persistent_browser.map(|_| "persistentBrowser"),
    ];
    let first = outcome
        .refused_first_factor
        .then(|| FIRST_FACTOR.to_owned());
    AppliedPolicy {
        id: policy.id,
        display_name: policy.name.clone(),
        result: outcome.result,
        enforced_grant_controls: grant_control(snapshot, policy)
            .into_iter()
            .chain(first)
            .collect(),
        enforced_session_controls: controls.into_iter().flatten().map(str::to_owned).collect(),
    }
}

fn grant_control(snapshot: &Snapshot, policy: &AccessPolicy) -> Option<String> {
    match policy.grant {
        AccessGrant::Nothing => None,
        AccessGrant::Block => Some("block".to_owned()),
        AccessGrant::Mfa => Some("mfa".to_owned()),
        AccessGrant::Strength(id) => Some(
            snapshot
                .strength(id)
                .map_or_else(|| id.to_string(), |strength| strength.name.clone()),
        ),
    }
}

const fn result(judged: &Judged, state: AccessState) -> OutcomeResult {
    let reports = matches!(state, AccessState::ReportOnly);
    match (judged, reports) {
        (Judged::NotEnabled, _) => OutcomeResult::NotEnabled,
        (Judged::NotApplied(_), false) => OutcomeResult::NotApplied,
        (Judged::NotApplied(_), true) => OutcomeResult::ReportOnlyNotApplied,
        (Judged::Satisfied, false) => OutcomeResult::Success,
        (Judged::Satisfied, true) => OutcomeResult::ReportOnlySuccess,
        (Judged::Blocks | Judged::RefusesFirstFactor | Judged::Asks(_), false) => {
            OutcomeResult::Failure
        }
        (Judged::Blocks | Judged::RefusesFirstFactor, true) => OutcomeResult::ReportOnlyFailure,
        (Judged::Asks(_), true) => OutcomeResult::ReportOnlyInterrupted,
    }
}

#[cfg(test)]
mod tests;
