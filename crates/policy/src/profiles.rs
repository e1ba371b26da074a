//! Which passkeys a person may register and use: the passkey method, its targets and their profiles.
//!
//! ```text
//!   method on? ── barred? ── targets of this person ──▶ their profiles ──▶ for each: which rules fail
//!                                                                              │
//!                                           one profile without a shortfall ◀──┴──▶ none: the nearest one says why
//! ```
//! A passkey passes if it satisfies *one* profile in full; what it satisfies of several does not add up. The decision
//! ([`judge`]), the explanation ([`assess`]) and what is said before the gesture ([`before`]) are the same code.

mod holders;
mod query;

pub use holders::{Holder, holders};
pub use query::unmet;

use crate::Denial;
use crate::model::{
    AttestationLevel, AttestationRule, ModelFacts, Passkey, PasskeyProfile, PasskeyType, ProfileId,
    Provenance, RestrictionKind, Sha256, Span, Timestamp,
};
use crate::snapshot::{Snapshot, Subject};
use ceremony::attestation::TrustOutcome;
use ceremony::{Algorithm, RegistrationFacts};
use uuid::Uuid;

/// What a passkey is wanted for.
#[derive(Debug, Clone, Copy)]
pub enum Occasion<'a> {
    /// To be registered.
    Registration {
        /// Who has it registered.
        by: Provenance,
        /// The passkeys that the person can use already.
        existing: &'a [Key],
        /// It was made on another device than the one that asks.
        across: bool,
    },
    /// To sign in, or to remain somebody's passkey.
    SignIn,
    /// To sign in on another device than the one that holds it.
    SignInAcross,
}

impl Occasion<'_> {
    /// A sign-in, on the device that holds the passkey or on another one.
    #[must_use]
    pub const fn sign_in(across: bool) -> Self {
        if across {
            Self::SignInAcross
        } else {
            Self::SignIn
        }
    }
}

/// What profiles look at in a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Device-bound or synced.
    pub passkey_type: PasskeyType,
    /// The model; a claim unless attested.
    pub aaguid: Uuid,
    /// Whether its maker vouched for it.
    pub level: AttestationLevel,
    /// The certificate that its maker's word rests on.
    pub root: Option<Sha256>,
    /// COSE algorithm.
    pub algorithm: i64,
    /// When it was registered.
    pub created: Timestamp,
    /// The last sign-in with it.
    pub last_used: Option<Timestamp>,
}

/// One thing that a profile asks. In the order in which a person would want to hear of them: what no other passkey
/// would change comes first, then what is easiest to see of a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The profile is for guests too.
    Guests,
    /// People register by themselves.
    SelfService,
    /// Passkeys a person may have.
    Number,
    /// Device-bound or synced.
    Type,
    /// On the device that asks, or on another one.
    CrossDevice,
    /// Algorithms that withstand a quantum computer.
    PostQuantum,
    /// The list of models.
    Restrictions,
    /// What the catalogue says of the model.
    Models,
    /// The maker vouches for it.
    Attestation,
    /// By one of these certificates.
    Roots,
    /// Days since registration.
    MaximumAge,
    /// Days since the last use.
    Idle,
}

impl Rule {
    /// Every rule, in order.
    pub const ALL: &'static [Self] = &[
        Self::Guests,
        Self::SelfService,
        Self::Number,
        Self::Type,
        Self::CrossDevice,
        Self::PostQuantum,
        Self::Restrictions,
        Self::Models,
        Self::Attestation,
        Self::Roots,
        Self::MaximumAge,
        Self::Idle,
    ];

    /// The stable name, that of the profile's member.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Guests => "guests",
            Self::SelfService => "selfService",
            Self::Number => "maximumPerUser",
            Self::Type => "types",
            Self::CrossDevice => "crossDevice",
            Self::PostQuantum => "postQuantumOnly",
            Self::Restrictions => "restrictions",
            Self::Models => "models",
            Self::Attestation => "attestation",
            Self::Roots => "roots",
            Self::MaximumAge => "maximumAgeDays",
            Self::Idle => "idleDays",
        }
    }

    /// What the person is told when this rule decides.
    #[must_use]
    pub const fn denial(self) -> Denial {
        match self {
            Self::Guests => Denial::PasskeysNotForGuests,
            Self::SelfService => Denial::SelfServiceOff,
            Self::Number => Denial::TooManyPasskeys,
            Self::Type => Denial::PasskeyTypeNotAllowed,
            Self::CrossDevice => Denial::CrossDeviceNotAllowed,
            Self::PostQuantum => Denial::PostQuantumRequired,
            Self::Restrictions => Denial::AaguidNotAllowed,
            Self::Models => Denial::ModelNotAllowed,
            Self::Attestation => Denial::AttestationRequired,
            Self::Roots => Denial::AttestationRootNotAllowed,
            Self::MaximumAge => Denial::PasskeyTooOld,
            Self::Idle => Denial::PasskeyIdle,
        }
    }
}

/// The rules of one profile that are not satisfied.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Shortfalls(u16);

impl Shortfalls {
    /// Nothing is missing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether this rule is among them.
    #[must_use]
    pub const fn contains(self, rule: Rule) -> bool {
        self.0 & (1 << rule as u16) != 0
    }

    /// In order.
    pub fn iter(self) -> impl Iterator<Item = Rule> {
        let rules = Rule::ALL.iter().copied();
        rules.filter(move |rule| self.contains(*rule))
    }

    fn note(&mut self, rule: Rule, satisfied: bool) {
        if !satisfied {
            self.0 |= 1 << rule as u16;
        }
    }
}

impl std::fmt::Debug for Shortfalls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// What one profile says.
#[derive(Debug, Clone, Copy)]
pub struct Verdict<'s> {
    /// The profile.
    pub profile: &'s PasskeyProfile,
    /// What is missing.
    pub shortfalls: Shortfalls,
}

impl Key {
    /// A registration that was verified but not written yet.
    #[must_use]
    pub fn of_registration(facts: &RegistrationFacts, now: Timestamp) -> Self {
        let root = facts.attestation.anchor.map(Sha256::from_bytes);
        Self {
            passkey_type: passkey_type(facts.backup_eligible),
            aaguid: Uuid::from_bytes(*facts.aaguid.as_bytes()),
            level: level(facts),
            root,
            algorithm: facts.key.algorithm().cose_id(),
            created: now,
            last_used: None,
        }
    }

    /// Whether its signatures withstand a quantum computer.
    #[must_use]
    pub const fn is_post_quantum(&self) -> bool {
        is_post_quantum(self.algorithm)
    }
}

impl From<&Passkey> for Key {
    fn from(passkey: &Passkey) -> Self {
        Self {
            passkey_type: passkey.passkey_type,
            aaguid: passkey.aaguid,
            level: passkey.attestation_level,
            root: passkey.attestation_root,
            algorithm: passkey.algorithm,
            created: passkey.created,
            last_used: passkey.last_used,
        }
    }
}

/// Whether this person may register or use this passkey: the first profile that it satisfies.
///
/// # Errors
/// [`Denial::PasskeysUnavailable`], [`Denial::PasskeysOff`], [`Denial::PasskeysBarred`] or [`Denial::NoPasskeyProfile`]; else what the nearest profile
/// says: of those with the fewest shortfalls the first in the order of the method, and of its shortfalls the first in
/// the order of [`Rule`].
pub fn judge(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    key: &Key,
    occasion: Occasion<'_>,
    now: Timestamp,
) -> Result<ProfileId, Denial> {
    let verdicts = assess(snapshot, subject, key, occasion, now)?;
    match verdicts.iter().find(|one| one.shortfalls.is_empty()) {
        Some(satisfied) => Ok(satisfied.profile.id),
        None => Err(nearest(&verdicts)),
    }
}

/// What every profile that this person falls under says about this passkey, in the order of the method.
///
/// # Errors
/// [`Denial::PasskeysUnavailable`], [`Denial::PasskeysOff`], [`Denial::PasskeysBarred`] or [`Denial::NoPasskeyProfile`].
pub fn assess<'s>(
    snapshot: &'s Snapshot,
    subject: &Subject<'_>,
    key: &Key,
    occasion: Occasion<'_>,
    now: Timestamp,
) -> Result<Vec<Verdict<'s>>, Denial> {
    let facts = snapshot.models().get(key.aaguid);
    let verdict = |profile: &'s PasskeyProfile| {
        let mut shortfalls = of_person(snapshot, subject, profile, occasion, now);
        shortfalls.0 |= of_key(snapshot, profile, key, facts, occasion, now).0;
        Verdict {
            profile,
            shortfalls,
        }
    };
    Ok(assigned(snapshot, subject)?
        .into_iter()
        .map(verdict)
        .collect())
}

/// What every profile says before anybody knows which passkey it will be, in the order of the method.
///
/// # Errors
/// [`Denial::PasskeysUnavailable`], [`Denial::PasskeysOff`], [`Denial::PasskeysBarred`] or [`Denial::NoPasskeyProfile`].
pub fn before_each<'s>(
    snapshot: &'s Snapshot,
    subject: &Subject<'_>,
    occasion: Occasion<'_>,
    now: Timestamp,
) -> Result<Vec<Verdict<'s>>, Denial> {
    let verdict = |profile| Verdict {
        profile,
        shortfalls: of_person(snapshot, subject, profile, occasion, now),
    };
    let assigned = assigned(snapshot, subject)?;
    Ok(assigned.into_iter().map(verdict).collect())
}

/// The profiles under which this person may register something, said before anybody knows what.
///
/// # Errors
/// Those of [`judge`] that do not depend on the passkey.
pub fn before<'s>(
    snapshot: &'s Snapshot,
    subject: &Subject<'_>,
    occasion: Occasion<'_>,
    now: Timestamp,
) -> Result<Vec<&'s PasskeyProfile>, Denial> {
    let verdicts = before_each(snapshot, subject, occasion, now)?;
    let open: Vec<_> = verdicts
        .iter()
        .filter(|one| one.shortfalls.is_empty())
        .map(|one| one.profile)
        .collect();
    if open.is_empty() {
        return Err(nearest(&verdicts));
    }
    Ok(open)
}

/// When this passkey stops to satisfy this profile by itself, unless it is used before.
#[must_use]
pub fn end(profile: &PasskeyProfile, key: &Key) -> Option<Timestamp> {
    end_by(profile, key).map(|(end, _)| end)
}

/// The same, with the rule that ends it: [`Rule::Idle`] is put off by using it, [`Rule::MaximumAge`] by nothing.
#[must_use]
pub fn end_by(profile: &PasskeyProfile, key: &Key) -> Option<(Timestamp, Rule)> {
    let old = profile
        .maximum_age_days
        .map(|days| key.created.plus(Span::days(i64::from(days))));
    let idle = profile
        .idle_days
        .map(|days| last_activity(key).plus(Span::days(i64::from(days))));
    match (old, idle) {
        (Some(old), Some(idle)) if idle < old => Some((idle, Rule::Idle)),
        (Some(old), _) => Some((old, Rule::MaximumAge)),
        (None, idle) => idle.map(|idle| (idle, Rule::Idle)),
    }
}

/// COSE algorithms that withstand a quantum computer: ML-DSA-44, -65 and -87 (RFC 9964).
#[must_use]
pub const fn is_post_quantum(algorithm: i64) -> bool {
    matches!(algorithm, -50..=-48)
}

/// Those of `offered` that any of these profiles would take.
#[must_use]
pub fn algorithms(profiles: &[&PasskeyProfile], offered: &[Algorithm]) -> Vec<Algorithm> {
    let any = profiles.iter().any(|profile| !profile.post_quantum_only);
    offered
        .iter()
        .copied()
        .filter(|algorithm| any || is_post_quantum(algorithm.cose_id()))
        .collect()
}

/// Device-bound or synced, by the BE flag.
#[must_use]
pub const fn passkey_type(backup_eligible: bool) -> PasskeyType {
    if backup_eligible {
        PasskeyType::Synced
    } else {
        PasskeyType::DeviceBound
    }
}

/// Whether a statement led to an anchor.
#[must_use]
pub fn level(facts: &RegistrationFacts) -> AttestationLevel {
    match facts.attestation.trust {
        TrustOutcome::Trusted => AttestationLevel::Attested,
        _ => AttestationLevel::NotAttested,
    }
}

fn assigned<'s>(
    snapshot: &'s Snapshot,
    subject: &Subject<'_>,
) -> Result<Vec<&'s PasskeyProfile>, Denial> {
    if !snapshot.policies().availability.available {
        return Err(Denial::PasskeysUnavailable);
    }
    if !snapshot.policies().passkeys.enabled {
        return Err(Denial::PasskeysOff);
    }
    if snapshot.passkeys_barred(subject) {
        return Err(Denial::PasskeysBarred);
    }
    let profiles = snapshot.assigned_profiles(subject);
    if profiles.is_empty() {
        return Err(Denial::NoPasskeyProfile);
    }
    Ok(profiles)
}

fn nearest(verdicts: &[Verdict<'_>]) -> Denial {
    let nearest = verdicts.iter().min_by_key(|one| one.shortfalls.count());
    nearest
        .and_then(|one| one.shortfalls.iter().next())
        .map_or(Denial::NoPasskeyProfile, Rule::denial)
}

/// What no passkey could change.
fn of_person(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    profile: &PasskeyProfile,
    occasion: Occasion<'_>,
    now: Timestamp,
) -> Shortfalls {
    let mut missing = Shortfalls::default();
    missing.note(Rule::Guests, profile.guests || !subject.is_guest());
    if let Occasion::Registration { by, existing, .. } = occasion {
        let tenant = snapshot.policies().passkeys.self_service;
        let self_service = profile.self_service.unwrap_or(tenant);
        missing.note(
            Rule::SelfService,
            self_service || by == Provenance::Provisioned,
        );
        let room = profile.maximum_per_user.is_none_or(|most| {
            let have = existing
                .iter()
                .filter(|key| takes_a_place(snapshot, profile, key, now));
            have.count() < usize::try_from(most).unwrap_or(usize::MAX)
        });
        missing.note(Rule::Number, room);
    }
    missing
}

/// A passkey counts against the number of a profile if it satisfies it, unless it is about to end: its replacement has
/// to be registered before that.
fn takes_a_place(snapshot: &Snapshot, profile: &PasskeyProfile, key: &Key, now: Timestamp) -> bool {
    let facts = snapshot.models().get(key.aaguid);
    let warning = Span::days(i64::from(profile.warning_days));
    let ending = end(profile, key).is_some_and(|end| end.minus(warning) <= now);
    !ending && of_key(snapshot, profile, key, facts, Occasion::SignIn, now).is_empty()
}

/// What another passkey could change.
fn of_key(
    snapshot: &Snapshot,
    profile: &PasskeyProfile,
    key: &Key,
    model: Option<&ModelFacts>,
    occasion: Occasion<'_>,
    now: Timestamp,
) -> Shortfalls {
    let registering = matches!(occasion, Occasion::Registration { .. });
    let mut missing = Shortfalls::default();
    missing.note(Rule::Type, profile.types.contains(&key.passkey_type));
    let across = match occasion {
        Occasion::Registration { across, .. } => {
            across.then_some(profile.cross_device.registration)
        }
        Occasion::SignIn => None,
        Occasion::SignInAcross => Some(profile.cross_device.sign_in),
    };
    missing.note(
        Rule::CrossDevice,
        across.is_none_or(|switch| switch.takes(profile.attestation)),
    );
    missing.note(
        Rule::PostQuantum,
        !profile.post_quantum_only || key.is_post_quantum(),
    );
    missing.note(Rule::Restrictions, is_unrestricted(profile, key.aaguid));
    let query = profile.models.as_ref();
    missing.note(
        Rule::Models,
        query.is_none_or(|query| unmet(query, model).next().is_none()),
    );
    let attested = key.level == AttestationLevel::Attested && snapshot.vouches(profile, key);
    let asks_for_attestation = match profile.attestation {
        AttestationRule::Disabled => false,
        AttestationRule::RegistrationOnly => registering,
        AttestationRule::Always => true,
    };
    missing.note(Rule::Attestation, !asks_for_attestation || attested);
    let asks_for_root = !profile.roots.is_empty()
        && (registering || profile.attestation == AttestationRule::Always);
    let rooted = key.root.is_some_and(|root| profile.roots.contains(&root));
    missing.note(Rule::Roots, !asks_for_root || (attested && rooted));
    missing.note(Rule::MaximumAge, is_young_enough(profile, key, now));
    missing.note(Rule::Idle, is_busy_enough(profile, key, now));
    missing
}

fn is_unrestricted(profile: &PasskeyProfile, aaguid: Uuid) -> bool {
    let list = &profile.restrictions;
    let listed = || list.aaguids.contains(&aaguid);
    match list.kind {
        _ if !list.enforced => true,
        RestrictionKind::Allow => listed(),
        RestrictionKind::Block => !listed(),
    }
}

fn is_young_enough(profile: &PasskeyProfile, key: &Key, now: Timestamp) -> bool {
    profile
        .maximum_age_days
        .is_none_or(|days| now < key.created.plus(Span::days(i64::from(days))))
}

fn is_busy_enough(profile: &PasskeyProfile, key: &Key, now: Timestamp) -> bool {
    profile
        .idle_days
        .is_none_or(|days| now < last_activity(key).plus(Span::days(i64::from(days))))
}

fn last_activity(key: &Key) -> Timestamp {
    key.last_used
        .map_or(key.created, |used| used.max(key.created))
}

#[cfg(test)]
mod tests;
