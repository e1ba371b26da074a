//! Whether a passkey may be registered, before the gesture and after it.

use crate::Denial;
use crate::lifetimes::{FRESH_MFA, FRESH_PASS};
use crate::model::{
    Actor, AttestationRule, PassUse, Passkey, PasskeyId, PasskeyProfile, PasskeyType, ProfileId,
    Provenance, Registrar, Timestamp, User, crosses_devices,
};
use crate::profiles::{self, Key, Occasion};
use crate::snapshot::{Snapshot, Subject};
use ceremony::attestation::key_store;
use ceremony::{Registered, RegistrationFacts, leaf_thumbprint};

/// More passkeys than this draw a warning, not a denial.
pub const MANY: usize = 20;

/// What the person who registers has shown lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Two factors (or a passkey) at this moment.
    Mfa(Timestamp),
    /// A Temporary Access Pass at this moment.
    Pass {
        /// When.
        at: Timestamp,
        /// Once or often.
        usable: PassUse,
        /// When the pass ends.
        ends: Timestamp,
    },
    /// One factor at this moment, by somebody who has no second one to show.
    OnlyFactor(Timestamp),
    /// One factor, although a second one is enrolled.
    OneOfTwo,
    /// An administrator registers for the user.
    OnBehalf,
}

/// Who wants to register, and how.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// For whom.
    pub subject: &'a Subject<'a>,
    /// Their passkeys.
    pub existing: &'a [Passkey],
    /// What was shown.
    pub standing: Standing,
    /// Who has it registered.
    pub provenance: Provenance,
}

/// A remark that stops nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// The user has [`MANY`] passkeys or more.
    ManyPasskeys,
}

/// Proof that this registration is allowed. Only [`decide`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    user: User,
    credential_id: Vec<u8>,
    provenance: Provenance,
    profile: ProfileId,
    policy_version: i64,
    waiting: bool,
    warnings: Vec<Warning>,
}

impl Allowed {
    /// The profile that it satisfies.
    #[must_use]
    pub const fn profile(&self) -> ProfileId {
        self.profile
    }

    /// Remarks for the page and the log.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// A passkey that may be written: verified and allowed. Only [`admit`] makes it.
///
/// ```compile_fail
/// # fn forge(passkey: policy::model::Passkey) -> policy::register::NewPasskey {
/// policy::register::NewPasskey { passkey, user_version: 1, policy_version: 1 }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasskey {
    passkey: Passkey,
    user_version: i64,
    policy_version: i64,
}

impl NewPasskey {
    /// What is to be written.
    #[must_use]
    pub const fn passkey(&self) -> &Passkey {
        &self.passkey
    }

    /// The version of the user that the decision saw; the write depends on it.
    #[must_use]
    pub const fn user_version(&self) -> i64 {
        self.user_version
    }

    /// The version of the policies that decided; the write depends on it too.
    #[must_use]
    pub const fn policy_version(&self) -> i64 {
        self.policy_version
    }

    /// A passkey without ceremony and decision, for tests of the store.
    #[cfg(feature = "made-up-proofs")]
    #[must_use]
    pub const fn made_up(passkey: Passkey, user_version: i64, policy_version: i64) -> Self {
        Self {
            passkey,
            user_version,
            policy_version,
        }
    }
}

/// Whether registration may begin: everything that can be said before the user touches the key. The profiles are those
/// that a passkey may still satisfy.
///
/// # Errors
/// [`Denial::UserDisabled`], those of [`profiles::before`], [`Denial::FreshMfaRequired`],
/// [`Denial::PassExpired`] or [`Denial::PassRegistrationWindowOver`]; of a silent one also
/// [`Denial::AttestationRequired`], [`Denial::PasskeyTypeNotAllowed`] or [`Denial::UpgradeNotNeeded`].
pub fn may_begin<'s>(
    snapshot: &'s Snapshot,
    situation: Situation<'_>,
    now: Timestamp,
) -> Result<Vec<&'s PasskeyProfile>, Denial> {
    if !situation.subject.user.enabled {
        return Err(Denial::UserDisabled);
    }
    let usable = usable(situation.existing);
    // Which passkey it will be, nobody knows yet.
    let occasion = situation.occasion(&usable, false);
    let open = profiles::before(snapshot, situation.subject, occasion, now)?;
    is_fresh(situation.standing, shown_once(situation.existing), now)?;
    if situation.provenance == Provenance::ConditionalCreate {
        return silently(open, situation);
    }
    Ok(open)
}

/// Passkeys that their owner is known to have had, also disabled ones: whoever has such a one does not get another for a
/// password alone. One that waits for its owner was shown by somebody else.
#[must_use]
pub fn shown_once(passkeys: &[Passkey]) -> usize {
    let shown = |one: &&Passkey| one.user_verified && !one.waiting;
    passkeys.iter().filter(shown).count()
}

/// Whether a passkey of this provenance waits until its owner activates it.
const fn waits(snapshot: &Snapshot, provenance: Provenance) -> bool {
    matches!(provenance, Provenance::Provisioned) && snapshot.policies().passkeys.owner_activates
}

/// Under which of these profiles the browser may make a passkey without asking anybody (conditional create, WebAuthn
/// Level 3 section 5.1.3). Providers that do this sync, and attest nothing.
fn silently<'s>(
    mut open: Vec<&'s PasskeyProfile>,
    situation: Situation<'_>,
) -> Result<Vec<&'s PasskeyProfile>, Denial> {
    // A pass or a lone password is fresh enough to register with a person's hand, not without it.
    if !matches!(situation.standing, Standing::Mfa(_)) {
        return Err(Denial::FreshMfaRequired);
    }
    open.retain(|profile| profile.types.contains(&PasskeyType::Synced));
    if open.is_empty() {
        return Err(Denial::PasskeyTypeNotAllowed);
    }
    open.retain(|one| one.attestation == AttestationRule::Disabled && one.roots.is_empty());
    if open.is_empty() {
        return Err(Denial::AttestationRequired);
    }
    let is_synced = |passkey: &Passkey| passkey.passkey_type == PasskeyType::Synced;
    if situation.existing.iter().any(is_synced) {
        return Err(Denial::UpgradeNotNeeded);
    }
    Ok(open)
}

/// Whether a one-time code generator may be enrolled or replaced by a user with `passkeys` passkeys. As
/// strict as for a passkey: else a stolen password, which opens a session with one factor, would make
/// itself a second factor and reach everything.
///
/// # Errors
/// Those of [`may_begin`] except [`Denial::SelfServiceOff`], which is about passkeys.
pub fn may_enrol_totp(
    user: &User,
    passkeys: usize,
    standing: Standing,
    now: Timestamp,
) -> Result<(), Denial> {
    if !user.enabled {
        return Err(Denial::UserDisabled);
    }
    is_fresh(standing, passkeys, now)
}

/// Whether the verified registration may be kept.
///
/// # Errors
/// Those of [`may_begin`] and of [`profiles::judge`].
pub fn decide(
    snapshot: &Snapshot,
    situation: Situation<'_>,
    facts: &RegistrationFacts,
    now: Timestamp,
) -> Result<Allowed, Denial> {
    may_begin(snapshot, situation, now)?;
    let usable = usable(situation.existing);
    let profile = profiles::judge(
        snapshot,
        situation.subject,
        &Key::of_registration(facts, now),
        situation.occasion(&usable, is_across(facts)),
        now,
    )?;
    let many = situation.existing.len() >= MANY;
    Ok(Allowed {
        user: situation.subject.user.clone(),
        credential_id: facts.credential_id.as_bytes().to_vec(),
        provenance: situation.provenance,
        profile,
        policy_version: snapshot.version(),
        waiting: waits(snapshot, situation.provenance),
        warnings: many.then_some(Warning::ManyPasskeys).into_iter().collect(),
    })
}

impl<'a> Situation<'a> {
    const fn occasion(&self, existing: &'a [Key], across: bool) -> Occasion<'a> {
        Occasion::Registration {
            by: self.provenance,
            existing,
            across,
        }
    }
}

/// Whether another device made this passkey than the one whose browser asked for it.
fn is_across(facts: &RegistrationFacts) -> bool {
    let transports = facts.transports.iter().map(ceremony::Transport::name);
    crosses_devices(facts.attachment, transports)
}

/// A passkey that cannot be used takes nobody's place.
pub(crate) fn usable(passkeys: &[Passkey]) -> Vec<Key> {
    passkeys
        .iter()
        .filter(|passkey| passkey.is_usable())
        .map(Key::from)
        .collect()
}

/// What is new about a passkey besides what was verified and allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyParts {
    /// Our name for it.
    pub id: PasskeyId,
    /// What it is called.
    pub display_name: String,
    /// Who registers it, as the log names them.
    pub actor: Actor,
}

/// Joins proof and permission to what the store writes. `None` if they do not belong together.
#[must_use]
pub fn admit(
    registered: Registered,
    allowed: Allowed,
    parts: PasskeyParts,
    now: Timestamp,
) -> Option<NewPasskey> {
    let key = Key::of_registration(registered.facts(), now);
    let facts = registered.into_facts();
    if facts.credential_id.as_bytes() != allowed.credential_id {
        return None;
    }
    let passkey = Passkey {
        tenant: allowed.user.tenant,
        id: parts.id,
        user: allowed.user.id,
        credential_id: allowed.credential_id,
        stored_key: facts.key.to_bytes(),
        algorithm: key.algorithm,
        aaguid: key.aaguid,
        display_name: parts.display_name,
        created: now,
        last_used: None,
        sign_count: facts.sign_count,
        passkey_type: key.passkey_type,
        backed_up: facts.backed_up,
        transports: facts
            .transports
            .iter()
            .map(|one| one.name().to_owned())
            .collect(),
        discoverable: facts.client_outputs.discoverable,
        attestation_format: facts.attestation.format.name().to_owned(),
        attestation_level: key.level,
        attestation_root: key.root,
        key_store: key_store(&facts.attestation_object),
        attestation_certificate: leaf_thumbprint(&facts.attestation_object),
        attestation_object: facts.attestation_object,
        client_data: facts.client_data_json,
        // Nobody asked for it, so whatever the flag says, nobody has shown yet that they can use it.
        user_verified: facts.user_verified && allowed.provenance != Provenance::ConditionalCreate,
        suspected_clone: None,
        compromise: None,
        warned: None,
        ended: None,
        enabled: !allowed.waiting,
        waiting: allowed.waiting,
        provenance: allowed.provenance,
        registrar: Registrar::of(allowed.provenance, &parts.actor),
    };
    Some(NewPasskey {
        passkey,
        user_version: allowed.user.version,
        policy_version: allowed.policy_version,
    })
}

pub(crate) fn is_fresh(standing: Standing, passkeys: usize, now: Timestamp) -> Result<(), Denial> {
    let within = |at: Timestamp, span| now.since(at) <= span;
    match standing {
        Standing::OnBehalf => Ok(()),
        Standing::Mfa(at) if within(at, FRESH_MFA) => Ok(()),
        // Somebody with nothing but a password has to be able to get a passkey at all.
        Standing::OnlyFactor(at) if passkeys == 0 && within(at, FRESH_MFA) => Ok(()),
        Standing::Pass { ends, .. } if ends <= now => Err(Denial::PassExpired),
        Standing::Pass {
            usable: PassUse::Many,
            ..
        } => Ok(()),
        Standing::Pass { at, .. } if within(at, FRESH_PASS) => Ok(()),
        Standing::Pass { .. } => Err(Denial::PassRegistrationWindowOver),
        Standing::Mfa(_) | Standing::OnlyFactor(_) | Standing::OneOfTwo => {
            Err(Denial::FreshMfaRequired)
        }
    }
}

#[cfg(test)]
mod tests;
