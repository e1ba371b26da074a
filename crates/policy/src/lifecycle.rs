//! What becomes of registered passkeys: as time passes, and as news about models and attestations arrives.
//!
//! ```text
//!   registered ──▶ warned ──▶ past its end ──▶ refused       (maximum age, idle limit)
//!                                  └─ grace, or the last way in: signs in, and is replaced at once
//!
//!   bad news ──▶ quarantine | one factor | report            (the profile's rule; of several the mildest)
//!       └─ the last way in: one factor until there is a pass, then the rule
//! ```
//! One thing holds everywhere: what happens by itself never takes the last way in from somebody. Whatever would do so waits
//! until an administrator has issued a pass.

use crate::model::{
    AttestationLevel, Compromise, CompromiseReason, CompromiseRule, Measure, Passkey, PasskeyId,
    PasskeyProfile, Sha256, Span, TemporaryAccessPass, Timestamp,
};
use crate::profiles::{self, Key, Occasion, Rule, Verdict};
use crate::sign_in::check_pass;
use crate::snapshot::{Snapshot, Subject};
use crate::{Denial, profiles::assess};

mod news;

pub use news::{News, news};

/// What somebody could come in with.
#[derive(Debug, Clone, Copy)]
pub struct Ways<'a> {
    /// All their passkeys.
    pub passkeys: &'a [Passkey],
    /// There is a password.
    pub password: bool,
    /// A one-time code generator is enrolled.
    pub code: bool,
    /// Their pass, usable or not.
    pub pass: Option<&'a TemporaryAccessPass>,
}

impl Ways<'_> {
    /// Whether the person could still come in without this passkey. A password alone is no way in for holders of
    /// directory roles. What conditional access would ask on top of it is not looked at.
    #[must_use]
    pub fn remain_without(
        &self,
        snapshot: &Snapshot,
        subject: &Subject<'_>,
        passkey: PasskeyId,
        now: Timestamp,
    ) -> bool {
        let another = self.passkeys.iter().any(|other| {
            let key = Key::from(other);
            other.id != passkey
                && other.counts()
                && profiles::judge(snapshot, subject, &key, Occasion::SignIn, now).is_ok()
        });
        let password = self.password && (self.code || !subject.holds_role());
        let usable = |pass: &TemporaryAccessPass| check_pass(pass, now).is_ok();
        let pass = snapshot.passes_allowed(subject) && self.pass.is_some_and(usable);
        another || password || pass
    }
}

impl Ways<'_> {
    /// Whether this passkey is the last way in: it is one (within its days, or past its end where nothing but age is against
    /// it), and there is no other. What is no way in can always be taken away.
    #[must_use]
    pub fn is_last(
        &self,
        snapshot: &Snapshot,
        subject: &Subject<'_>,
        passkey: &Passkey,
        now: Timestamp,
    ) -> bool {
        let key = Key::from(passkey);
        let open = profiles::judge(snapshot, subject, &key, Occasion::SignIn, now).is_ok()
            || is_over(snapshot, subject, passkey, now);
        passkey.counts() && open && !self.remain_without(snapshot, subject, passkey.id, now)
    }
}

/// Permission to go on with one passkey that is past its end. Only [`grace`] gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grace {
    passkey: PasskeyId,
}

impl Grace {
    /// Whether it is for this passkey.
    #[must_use]
    pub fn is_for(&self, passkey: &Passkey) -> bool {
        self.passkey == passkey.id
    }
}

/// Whether nothing but age keeps a passkey out.
#[must_use]
pub fn is_over(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    passkey: &Passkey,
    now: Timestamp,
) -> bool {
    let verdicts = assess(
        snapshot,
        subject,
        &Key::from(passkey),
        Occasion::SignIn,
        now,
    );
    let verdicts = verdicts.unwrap_or_default();
    let satisfied = verdicts.iter().any(|one| one.shortfalls.is_empty());
    !satisfied && verdicts.iter().any(only_over)
}

fn only_over(verdict: &Verdict<'_>) -> bool {
    verdict
        .shortfalls
        .iter()
        .all(|rule| matches!(rule, Rule::MaximumAge | Rule::Idle))
}

/// Lets a passkey sign in past its end, to be replaced: within the days of grace, or for as long as it is the last way in
/// (`remain` says that there are others). Nothing else may be missing.
#[must_use]
pub fn grace(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    passkey: &Passkey,
    remain: bool,
    now: Timestamp,
) -> Option<Grace> {
    let key = Key::from(passkey);
    let verdicts = assess(snapshot, subject, &key, Occasion::SignIn, now).ok()?;
    let lenient = |one: &&Verdict<'_>| {
        let days = Span::days(i64::from(one.profile.grace_days));
        let within = || profiles::end(one.profile, &key).is_some_and(|end| now < end.plus(days));
        only_over(one) && (!remain || within())
    };
    verdicts.iter().find(lenient).map(|_| Grace {
        passkey: passkey.id,
    })
}

/// The end of a passkey's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// When.
    pub at: Timestamp,
    /// What ends it: [`Rule::MaximumAge`] or [`Rule::Idle`].
    pub rule: Rule,
    /// Until when it still signs in to be replaced. As long as it is the last way in, it does so longer.
    pub replaced_until: Timestamp,
}

impl Ending {
    fn of(profile: &PasskeyProfile, key: &Key) -> Option<Self> {
        let (at, rule) = profiles::end_by(profile, key)?;
        let grace = Span::days(i64::from(profile.grace_days));
        Some(Self {
            at,
            rule,
            replaced_until: at.plus(grace),
        })
    }
}

/// The end of which the owner has to be warned now: that of the profile under which the passkey lives longest.
#[must_use]
pub fn warning(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    passkey: &Passkey,
    now: Timestamp,
) -> Option<Ending> {
    let key = Key::from(passkey);
    let ends = satisfied(snapshot, subject, &key, now)
        .into_iter()
        .map(|profile| Ending::of(profile, &key).map(|end| (end, profile)));
    // One profile without an end is enough to live on.
    let ends: Vec<_> = ends.collect::<Option<_>>()?;
    let (end, profile) = ends.into_iter().max_by_key(|(end, _)| end.at)?;
    let days = Span::days(i64::from(profile.warning_days));
    (end.at.minus(days) <= now).then_some(end)
}

/// The end that has come: nothing but age keeps the passkey out. Of several profiles that let it in until then, the most
/// generous counts.
#[must_use]
pub fn ended(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    passkey: &Passkey,
    now: Timestamp,
) -> Option<Ending> {
    if !is_over(snapshot, subject, passkey, now) {
        return None;
    }
    let key = Key::from(passkey);
    let verdicts = assess(snapshot, subject, &key, Occasion::SignIn, now).ok()?;
    let over = verdicts.iter().filter(|one| only_over(one));
    over.filter_map(|one| Ending::of(one.profile, &key))
        .max_by_key(|end| (end.replaced_until, end.at))
}

/// How a passkey stands, for its owner and for administrators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// Nothing to say.
    Good,
    /// It stops at this moment.
    Ends(Timestamp),
    /// It counts as one factor.
    InDoubt,
    /// It is in quarantine.
    Quarantined,
    /// Policy refuses it.
    Refused(Denial),
}

/// How a passkey stands now.
#[must_use]
pub fn outlook(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    passkey: &Passkey,
    now: Timestamp,
) -> Outlook {
    if passkey.measure() == Some(Measure::Quarantine) {
        return Outlook::Quarantined;
    }
    let key = Key::from(passkey);
    if let Err(denial) = profiles::judge(snapshot, subject, &key, Occasion::SignIn, now) {
        return Outlook::Refused(denial);
    }
    match (passkey.measure(), warning(snapshot, subject, passkey, now)) {
        (Some(Measure::StepUp | Measure::PassFirst), _) => Outlook::InDoubt,
        (_, Some(end)) => Outlook::Ends(end.at),
        (_, None) => Outlook::Good,
    }
}

/// What was found out about a registered passkey.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Finding {
    /// What the metadata has against its model.
    pub model: Option<CompromiseReason>,
    /// What its attestation is worth now; `None` if it was not judged again.
    pub attestation: Option<Attested>,
}

/// What an attestation is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attested {
    /// Whether it leads to an anchor.
    pub level: AttestationLevel,
    /// Which one.
    pub root: Option<Sha256>,
}

/// Something to write down about a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Bad news, and what follows.
    Mark(Compromise),
    /// The bad news is over.
    Clear,
    /// The attestation is worth something else now.
    Attest(Attested),
}

/// What follows from a finding; nothing if everything stands already as it should. `remain` says that the person could come
/// in without this passkey.
#[must_use]
pub fn review(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    passkey: &Passkey,
    finding: Finding,
    remain: bool,
    now: Timestamp,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let key = Key::from(passkey);
    let passes = |key: &Key| !satisfied(snapshot, subject, key, now).is_empty();
    let held = Attested {
        level: passkey.attestation_level,
        root: passkey.attestation_root,
    };
    let changed = finding.attestation.filter(|judged| *judged != held);
    let locks_out = changed.is_some_and(|judged| {
        let after = Key {
            level: judged.level,
            root: judged.root,
            ..key
        };
        !remain && passes(&key) && !passes(&after)
    });
    steps.extend(changed.filter(|_| !locks_out).map(Step::Attest));
    let lost = locks_out.then_some(CompromiseReason::AttestationLost);
    let news = finding.model.or(lost);
    let mark = news.map(|reason| Compromise {
        since: since(passkey, reason, now),
        reason,
        measure: measure(snapshot, subject, passkey, reason, remain, now),
    });
    match (mark, passkey.compromise) {
        (Some(mark), held) if Some(mark) != held => steps.push(Step::Mark(mark)),
        (None, Some(_)) => steps.push(Step::Clear),
        (_, _) => {}
    }
    steps
}

/// What follows for all passkeys of one person, each with its finding. They are taken one after the other, the one that was
/// used last at the end: of several bad ones the person keeps that.
#[must_use]
pub fn review_all(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    ways: Ways<'_>,
    findings: &[Finding],
    now: Timestamp,
) -> Vec<(Passkey, Vec<Step>)> {
    let mut passkeys = ways.passkeys.to_vec();
    let mut order: Vec<usize> = (0..passkeys.len()).collect();
    order.sort_by_key(|at| {
        passkeys
            .get(*at)
            .map(|one| one.last_used.max(Some(one.created)))
    });
    let mut reviewed = Vec::new();
    for at in order {
        let (Some(passkey), Some(finding)) = (passkeys.get(at).cloned(), findings.get(at)) else {
            continue;
        };
        let ways = Ways {
            passkeys: &passkeys,
            ..ways
        };
        let remain = ways.remain_without(snapshot, subject, passkey.id, now);
        let steps = review(snapshot, subject, &passkey, *finding, remain, now);
        if let Some(place) = passkeys.get_mut(at) {
            steps.iter().for_each(|step| step.apply(place));
        }
        if !steps.is_empty() {
            reviewed.push((passkey, steps));
        }
    }
    reviewed
}

impl Step {
    /// Does it to the noun, as the store does it to the row.
    pub const fn apply(&self, passkey: &mut Passkey) {
        match *self {
            Self::Mark(compromise) => passkey.compromise = Some(compromise),
            Self::Clear => passkey.compromise = None,
            Self::Attest(Attested { level, root }) => {
                passkey.attestation_level = level;
                passkey.attestation_root = root;
            }
        }
    }
}

fn since(passkey: &Passkey, reason: CompromiseReason, now: Timestamp) -> Timestamp {
    let same = passkey.compromise.filter(|held| held.reason == reason);
    same.map_or(now, |held| held.since)
}

fn measure(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    passkey: &Passkey,
    reason: CompromiseReason,
    remain: bool,
    now: Timestamp,
) -> Measure {
    let same = passkey.compromise.filter(|held| held.reason == reason);
    if same.is_some_and(|held| held.measure == Measure::Released) {
        return Measure::Released;
    }
    let open = satisfied(snapshot, subject, &Key::from(passkey), now);
    let mildest = open.iter().map(|profile| profile.on_compromise).max();
    let wanted = match mildest.unwrap_or_default() {
        // An emergency account is never closed by a rule; that its key is bad is reported loudly enough.
        _ if subject.user.break_glass => return Measure::Report,
        _ if reason == CompromiseReason::AttestationLost => Measure::PassFirst,
        CompromiseRule::Report => Measure::Report,
        CompromiseRule::StepUp => Measure::StepUp,
        CompromiseRule::Quarantine => Measure::Quarantine,
    };
    let takes_the_last = !remain && !open.is_empty() && wanted != Measure::Report;
    match passkey.measure() {
        // What was taken while there was another way is not given back because that is gone.
        Some(Measure::Quarantine) if takes_the_last => wanted,
        Some(Measure::StepUp) if takes_the_last => Measure::StepUp,
        _ if takes_the_last => Measure::PassFirst,
        _ => wanted,
    }
}

/// The profiles that this key satisfies at a sign-in.
fn satisfied<'s>(
    snapshot: &'s Snapshot,
    subject: &Subject<'_>,
    key: &Key,
    now: Timestamp,
) -> Vec<&'s PasskeyProfile> {
    let verdicts = assess(snapshot, subject, key, Occasion::SignIn, now);
    let satisfied = verdicts.unwrap_or_default().into_iter();
    satisfied
        .filter(|one| one.shortfalls.is_empty())
        .map(|one| one.profile)
        .collect()
}

#[cfg(test)]
mod tests;
