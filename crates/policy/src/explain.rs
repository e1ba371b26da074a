//! Why somebody may or may not: the answer for one person, now, with every rule that says no.
//!
//! The functions that decide are asked one by one, and everything they say is kept. There is no second implementation
//! that could tell another story.

use crate::Denial;
use crate::access::{self, Condition, OutcomeResult, Request, Verdict, Wish};
use crate::impact::{Resident, in_good_standing, usable_modes};
use crate::model::{
    AccessPolicyId, AttestationRule, Mode, PassUse, Passkey, PasskeyId, PasskeyProfile,
    PasskeyType, ProfileId, Proof, ProvedPasskey, Provenance, Timestamp,
};
use crate::profiles::{self, Key, Occasion, Rule};
use crate::register::{self, Situation, Standing};
use crate::snapshot::{Snapshot, Subject};

/// Everything about one person's passkeys.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The version of the policies that were asked.
    pub version: i64,
    /// What stands in the way of registering a passkey on their own page, if anything.
    pub registering: Result<(), Denial>,
    /// What conditional access says to registering from there.
    pub registering_access: WhatIf,
    /// What every profile they fall under says.
    pub profiles: Vec<ProfileWord>,
    /// What every passkey of theirs is told.
    pub passkeys: Vec<PasskeyWord>,
}

/// What one profile says before anybody knows which passkey it will be.
#[derive(Debug, Clone)]
pub struct ProfileWord {
    /// Which one.
    pub id: ProfileId,
    /// Its name.
    pub name: String,
    /// Types that it takes.
    pub types: Vec<PasskeyType>,
    /// Whether the maker has to vouch for the model.
    pub attested: bool,
    /// Rules that no passkey could satisfy now.
    pub against: Vec<Rule>,
}

/// What one registered passkey is told.
#[derive(Debug, Clone)]
pub struct PasskeyWord {
    /// Which one.
    pub id: PasskeyId,
    /// Its name.
    pub name: String,
    /// What stands in its way, if anything.
    pub works: Result<(), Denial>,
    /// For every profile, the rules that it does not satisfy.
    pub profiles: Vec<(ProfileId, Vec<Rule>)>,
}

/// What conditional access says to one request of one person, and which of their ways to sign in would do.
#[derive(Debug, Clone)]
pub struct WhatIf {
    /// Every policy, applied or not.
    pub policies: Vec<PolicyWord>,
    /// Every way they have, the strongest first.
    pub ways: Vec<Way>,
}

/// What one policy says.
#[derive(Debug, Clone)]
pub struct PolicyWord {
    /// Which one.
    pub id: AccessPolicyId,
    /// Its name.
    pub name: String,
    /// Its word.
    pub result: OutcomeResult,
    /// The first condition that does not hold (`analysisReasons`).
    pub not_satisfied: Option<Condition>,
}

/// One way to sign in, and whether it would be enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What would be shown.
    pub modes: Vec<Mode>,
    /// With which passkey.
    pub passkey: Option<PasskeyId>,
    /// Whether it would be enough.
    pub enough: bool,
    /// The policy that is not satisfied, if one.
    pub against: Option<AccessPolicyId>,
}

/// Explains one person, from where `request` says they are.
#[must_use]
pub fn person(
    snapshot: &Snapshot,
    resident: &Resident,
    request: &Request<'_>,
    standing: Standing,
    now: Timestamp,
) -> Explanation {
    let subject = snapshot.subject(&resident.user, &resident.roles, &resident.groups);
    let registering = Request {
        wish: Wish::RegisterSecurityInfo,
        ..*request
    };
    let access = what_if(snapshot, resident, &registering, now);
    Explanation {
        version: snapshot.version(),
        registering: may_register(snapshot, &subject, resident, standing, &access, now),
        registering_access: access,
        profiles: profile_words(snapshot, &subject, resident, now),
        passkeys: resident
            .passkeys
            .iter()
            .map(|passkey| passkey_word(snapshot, &subject, passkey, now))
            .collect(),
    }
}

/// Which policies apply to `request`, and which of the person's ways would satisfy them.
#[must_use]
pub fn what_if(
    snapshot: &Snapshot,
    resident: &Resident,
    request: &Request<'_>,
    now: Timestamp,
) -> WhatIf {
    let subject = snapshot.subject(&resident.user, &resident.roles, &resident.groups);
    let ask = |proofs: &[Proof]| {
        let request = Request {
            began: proofs.first().map(|proof| proof.mode),
            ..*request
        };
        access::decide(snapshot, &subject, &request, proofs, now)
    };
    let nothing = ask(&[]);
    let names = snapshot.policies().access.iter();
    let policies = names
        .zip(nothing.outcomes())
        .map(|(policy, outcome)| PolicyWord {
            id: policy.id,
            name: policy.name.clone(),
            result: outcome.result,
            not_satisfied: outcome.not_satisfied,
        })
        .collect();
    let way = |proofs: Vec<Proof>| {
        let decision = ask(&proofs);
        Way {
            modes: proofs.iter().map(|proof| proof.mode).collect(),
            passkey: proofs
                .iter()
                .find_map(|proof| proof.passkey)
                .map(|one| one.id),
            enough: *decision.verdict() == Verdict::Granted,
            against: match decision.verdict() {
                Verdict::Granted => None,
                Verdict::Blocked(policy) | Verdict::FirstFactor(policy) => Some(*policy),
                Verdict::Needs(needs) => needs.first().and_then(|need| need.policy),
            },
        }
    };
    WhatIf {
        policies,
        ways: ways(snapshot, &subject, resident, now)
            .into_iter()
            .map(way)
            .collect(),
    }
}

fn may_register(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    resident: &Resident,
    standing: Standing,
    access: &WhatIf,
    now: Timestamp,
) -> Result<(), Denial> {
    let situation = Situation {
        subject,
        existing: &resident.passkeys,
        standing,
        provenance: Provenance::SelfService,
    };
    register::may_begin(snapshot, situation, now)?;
    let blocked = access.policies.iter().any(|policy| {
        let grant = snapshot.policies().access.iter();
        let mut same = grant.filter(|one| one.id == policy.id);
        policy.result == OutcomeResult::Failure
            && same.any(|one| one.grant == crate::model::AccessGrant::Block)
    });
    match (blocked, access.ways.iter().any(|way| way.enough)) {
        (true, _) => Err(Denial::AccessBlocked),
        (false, true) => Ok(()),
        (false, false) => Err(Denial::StrengthUnreachable),
    }
}

fn profile_words(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    resident: &Resident,
    now: Timestamp,
) -> Vec<ProfileWord> {
    let keys: Vec<Key> = resident.passkeys.iter().map(Key::from).collect();
    let occasion = Occasion::Registration {
        by: Provenance::SelfService,
        existing: &keys,
        across: false,
    };
    let verdicts = profiles::before_each(snapshot, subject, occasion, now);
    let word = |verdict: profiles::Verdict<'_>| ProfileWord {
        id: verdict.profile.id,
        name: verdict.profile.name.clone(),
        types: verdict.profile.types.clone(),
        attested: asks_attestation(verdict.profile),
        against: verdict.shortfalls.iter().collect(),
    };
    verdicts
        .map(|all| all.into_iter().map(word).collect())
        .unwrap_or_default()
}

fn asks_attestation(profile: &PasskeyProfile) -> bool {
    profile.attestation != AttestationRule::Disabled
}

fn passkey_word(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    passkey: &Passkey,
    now: Timestamp,
) -> PasskeyWord {
    let key = Key::from(passkey);
    let verdicts = profiles::assess(snapshot, subject, &key, Occasion::SignIn, now);
    let judged = || profiles::judge(snapshot, subject, &key, Occasion::SignIn, now).map(drop);
    let works = in_good_standing(passkey).and_then(|()| judged());
    let word =
        |one: profiles::Verdict<'_>| (one.profile.id, one.shortfalls.iter().collect::<Vec<_>>());
    PasskeyWord {
        id: passkey.id,
        name: passkey.display_name.clone(),
        works,
        profiles: verdicts
            .map(|all| all.into_iter().map(word).collect())
            .unwrap_or_default(),
    }
}

/// Each passkey that works, then pass, then password with code, then password alone.
fn ways(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    resident: &Resident,
    now: Timestamp,
) -> Vec<Vec<Proof>> {
    let works = |passkey: &&Passkey| passkey_word(snapshot, subject, passkey, now).works.is_ok();
    let passkeys = resident.passkeys.iter().filter(works);
    let mut ways: Vec<Vec<Proof>> = passkeys
        .map(|passkey| {
            vec![Proof {
                mode: Mode::Fido2,
                at: now,
                passkey: Some(ProvedPasskey::of(passkey)),
            }]
        })
        .collect();
    let modes: Vec<Mode> = usable_modes(snapshot, subject, resident).collect();
    let has = |mode| modes.contains(&mode);
    if has(Mode::TemporaryAccessPassOneTime) {
        ways.push(vec![Proof::pass(PassUse::Once, now)]);
    }
    if has(Mode::TemporaryAccessPassMultiUse) {
        ways.push(vec![Proof::pass(PassUse::Many, now)]);
    }
    if has(Mode::Password) && has(Mode::SoftwareOath) {
        ways.push(vec![Proof::password(now), Proof::one_time_code(now)]);
    } else if has(Mode::Password) {
        ways.push(vec![Proof::password(now)]);
    }
    ways
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "a failed setup is a failed test"
    )]
    use super::*;
    use crate::model::{
        AccessGrant, AccessPolicy, AccessState, AccessTarget, Assignment, ClientType, Combination,
        Conditions, KeyRestrictions, Policies, RestrictionKind, SessionControls, StrengthId,
    };
    use crate::samples::{self, NOW, passkey, profile, user};
    use crate::strength::PHISHING_RESISTANT;
    use std::sync::Arc;

    fn resident(modes: &[Mode]) -> Resident {
        Resident {
            user: user(),
            roles: Vec::new(),
            groups: Vec::new(),
            passkeys: vec![passkey()],
            modes: modes.to_vec(),
        }
    }

    fn request() -> Request<'static> {
        Request {
            wish: Wish::OwnPages,
            contexts: &[],
            acr: None,
            platform: None,
            client: ClientType::Browser,
            address: "192.0.2.1".parse().unwrap(),
            device_code: false,
            began: None,
        }
    }

    fn on(target: AccessTarget, grant: AccessGrant) -> AccessPolicy {
        AccessPolicy {
            id: AccessPolicyId::from_bytes([3; 16]),
            name: "Strong".to_owned(),
            description: String::new(),
            state: AccessState::Enabled,
            created: NOW,
            modified: NOW,
            conditions: Conditions {
                users: Assignment::everyone(),
                target,
                ..Conditions::default()
            },
            grant,
            session: SessionControls::default(),
        }
    }

    fn explain(policies: Policies, resident: &Resident, standing: Standing) -> Explanation {
        let snapshot = Snapshot::compile(4, policies, Arc::default());
        person(&snapshot, resident, &request(), standing, NOW)
    }

    #[test]
    fn every_rule_that_a_passkey_misses_is_named_with_its_profile() {
        let mut strict = profile();
        strict.types = vec![PasskeyType::Synced];
        strict.restrictions = KeyRestrictions {
            enforced: true,
            kind: RestrictionKind::Block,
            aaguids: vec![passkey().aaguid],
        };
        let told = explain(
            samples::policies(strict),
            &resident(&[]),
            Standing::Mfa(NOW),
        );
        assert_eq!(told.version, 4);
        assert_eq!(told.registering, Err(Denial::StrengthUnreachable));
        let word = &told.passkeys[0];
        assert_eq!(word.works, Err(Denial::PasskeyTypeNotAllowed));
        assert_eq!(word.profiles[0].1, [Rule::Type, Rule::Restrictions]);
        assert_eq!(told.profiles[0].against, []);
    }

    #[test]
    fn what_nobody_could_satisfy_is_said_of_the_profile() {
        let mut policies = samples::policies(profile());
        policies.passkeys.self_service = false;
        let told = explain(policies, &resident(&[]), Standing::Mfa(NOW));
        assert_eq!(told.registering, Err(Denial::SelfServiceOff));
        assert_eq!(told.profiles[0].against, [Rule::SelfService]);
    }

    #[test]
    fn registering_is_explained_by_its_own_policies() {
        let mut policies = samples::policies(profile());
        let wants = |grant| on(AccessTarget::RegisterSecurityInfo, grant);
        policies.access = vec![wants(AccessGrant::Strength(PHISHING_RESISTANT))];
        let typed = Resident {
            passkeys: Vec::new(),
            ..resident(&[Mode::Password, Mode::SoftwareOath])
        };
        let told = explain(policies.clone(), &typed, Standing::Mfa(NOW));
        assert_eq!(told.registering, Err(Denial::StrengthUnreachable));
        let told = explain(policies.clone(), &resident(&[]), Standing::Mfa(NOW));
        assert_eq!(told.registering, Ok(()));
        policies.access = vec![wants(AccessGrant::Block)];
        let told = explain(policies.clone(), &resident(&[]), Standing::Mfa(NOW));
        assert_eq!(told.registering, Err(Denial::AccessBlocked));
        policies.access.clear();
        let told = explain(policies, &resident(&[]), Standing::OneOfTwo);
        assert_eq!(told.registering, Err(Denial::FreshMfaRequired));
    }

    /// Reference 5.6 (limit lifted): What If says whether the person's registered methods would be enough.
    #[test]
    fn what_if_says_which_of_the_registered_methods_would_do() {
        let mut policies = samples::policies(profile());
        let all = AccessTarget::Applications {
            all: true,
            include: Vec::new(),
            exclude: Vec::new(),
            admin_portals: false,
        };
        let mut elsewhere = on(AccessTarget::RegisterSecurityInfo, AccessGrant::Block);
        elsewhere.id = AccessPolicyId::from_bytes([4; 16]);
        policies.access = vec![
            on(all, AccessGrant::Strength(PHISHING_RESISTANT)),
            elsewhere,
        ];
        let snapshot = Snapshot::compile(4, policies, Arc::default());
        let person = resident(&[Mode::Password, Mode::SoftwareOath]);
        let told = what_if(&snapshot, &person, &request(), NOW);
        let reasons: Vec<_> = told.policies.iter().map(|one| one.not_satisfied).collect();
        assert_eq!(reasons, [None, Some(Condition::UserActions)]);
        let enough: Vec<_> = told.ways.iter().map(|way| way.enough).collect();
        assert_eq!(enough, [true, false]);
        assert_eq!(
            told.ways[1].against,
            Some(AccessPolicyId::from_bytes([3; 16]))
        );
        assert_eq!(told.ways[0].passkey, Some(passkey().id));
    }

    #[test]
    fn what_if_knows_what_a_sign_in_may_begin_with() {
        let mut policies = samples::policies(profile());
        let mut strength = crate::strength::built_in().remove(0);
        strength.id = StrengthId::from_bytes([0xb0; 16]);
        strength.combinations = Combination::new(vec![Mode::Fido2]).into_iter().collect();
        strength.binds_first_factor = true;
        let all = AccessTarget::Applications {
            all: true,
            include: Vec::new(),
            exclude: Vec::new(),
            admin_portals: false,
        };
        let mut any = on(all.clone(), AccessGrant::Mfa);
        any.id = AccessPolicyId::from_bytes([4; 16]);
        policies.access = vec![any, on(all, AccessGrant::Strength(strength.id))];
        policies.strengths = vec![strength];
        let snapshot = Snapshot::compile(4, policies, Arc::default());
        let person = resident(&[Mode::Password]);
        let told = what_if(&snapshot, &person, &request(), NOW);
        // Of the two that a password does not satisfy, the one that stops it at once.
        let binding = Some(AccessPolicyId::from_bytes([3; 16]));
        let word: Vec<_> = told.ways.iter().map(|way| way.against).collect();
        assert_eq!(word, [None, binding]);
    }

    /// A sign-in would not look at any profile, so nothing may say that the passkey works.
    #[test]
    fn a_passkey_that_is_refused_whatever_profiles_say_is_explained_so() {
        let mut keys = [passkey(), passkey(), passkey(), passkey()];
        keys[0].enabled = false;
        keys[1].suspected_clone = Some(NOW);
        keys[2].compromise = Some(crate::model::Compromise {
            since: NOW,
            reason: crate::model::CompromiseReason::ModelRevoked,
            measure: crate::model::Measure::Quarantine,
        });
        keys[3].enabled = false;
        keys[3].waiting = true;
        let expected = [
            Denial::PasskeyDisabled,
            Denial::PasskeySuspectedClone,
            Denial::PasskeyQuarantined,
            Denial::PasskeyNotActivated,
        ];
        let person = Resident {
            passkeys: keys.to_vec(),
            ..resident(&[])
        };
        let policies = samples::policies(profile());
        let told = explain(policies.clone(), &person, Standing::Mfa(NOW));
        let works: Vec<_> = told.passkeys.iter().map(|word| word.works).collect();
        assert_eq!(works, expected.map(Err));
        let snapshot = Snapshot::compile(4, policies, Arc::default());
        assert!(what_if(&snapshot, &person, &request(), NOW).ways.is_empty());
    }

    #[test]
    fn a_pass_that_policy_forbids_is_no_way_in() {
        let mut policies = samples::policies(profile());
        let person = Resident {
            passkeys: Vec::new(),
            ..resident(&[Mode::TemporaryAccessPassOneTime])
        };
        let ways = |policies: &Policies| {
            let snapshot = Snapshot::compile(4, policies.clone(), Arc::default());
            what_if(&snapshot, &person, &request(), NOW).ways.len()
        };
        assert_eq!(ways(&policies), 1);
        policies.passes.enabled = false;
        assert_eq!(ways(&policies), 0);
    }
}
