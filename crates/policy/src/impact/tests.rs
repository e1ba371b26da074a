#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]
use super::*;
use crate::model::{
    AccessGrant, AccessPolicy, AccessState, Assignment, AttestationRule, Combination, Conditions,
    KeyRestrictions, PasskeyProfile, PasskeyType, RestrictionKind, Scope, SessionControls,
    Strength, StrengthId,
};
use crate::passes;
use crate::samples::{self, NOW, passkey, profile, user};
use crate::sign_in::{CounterPolicy, PasskeyRules, judge_passkey};
use crate::strength::PHISHING_RESISTANT;
use proptest::prelude::*;
use std::sync::Arc;
use uuid::Uuid;

fn snapshot(version: i64, policies: Policies) -> Snapshot {
    Snapshot::compile(version, policies, Arc::default())
}

fn resident(number: u8, aaguids: &[u128]) -> Resident {
    let mut user = user();
    user.id = UserId::from_bytes([number; 16]);
    user.user_principal_name = format!("user{number}@example.org");
    let key = |(at, aaguid): (usize, &u128)| {
        let mut key = passkey();
        key.id = PasskeyId::from_bytes([number ^ (u8::try_from(at).unwrap() + 1) << 4; 16]);
        key.user = user.id;
        key.aaguid = Uuid::from_u128(*aaguid);
        key
    };
    Resident {
        passkeys: aaguids.iter().enumerate().map(key).collect(),
        roles: Vec::new(),
        groups: Vec::new(),
        modes: Vec::new(),
        user,
    }
}

fn allowing(aaguids: &[u128]) -> Policies {
    samples::policies(PasskeyProfile {
        restrictions: KeyRestrictions {
            enforced: true,
            kind: RestrictionKind::Allow,
            aaguids: aaguids.iter().copied().map(Uuid::from_u128).collect(),
        },
        ..profile()
    })
}

fn on_everything(grant: AccessGrant) -> AccessPolicy {
    AccessPolicy {
        id: AccessPolicyId::from_bytes([8; 16]),
        name: "Everything".to_owned(),
        description: String::new(),
        state: AccessState::Enabled,
        created: NOW,
        modified: NOW,
        conditions: Conditions {
            users: Assignment::everyone(),
            target: AccessTarget::Applications {
                all: true,
                include: Vec::new(),
                exclude: Vec::new(),
                admin_portals: false,
            },
            ..Conditions::default()
        },
        grant,
        session: SessionControls::default(),
    }
}

fn passkey_first() -> Strength {
    Strength {
        id: StrengthId::from_bytes([0xb0; 16]),
        name: "Passkey first".to_owned(),
        combinations: Combination::new(vec![Mode::Fido2]).into_iter().collect(),
        binds_first_factor: true,
        ..crate::strength::built_in().remove(0)
    }
}

fn tally(old: &Policies, new: &Policies, residents: &[Resident]) -> Tally {
    let (old, new) = (snapshot(1, old.clone()), snapshot(2, new.clone()));
    let comparison = Comparison::new(&old, &new, NOW);
    let mut tally = Tally::default();
    for resident in residents {
        comparison.add(&mut tally, resident);
    }
    tally
}

/// Show 3 of the governance issue, in the small: the preview names exactly the passkeys and people.
#[test]
fn a_model_taken_off_the_list_names_its_passkeys_and_their_owners() {
    let people = [resident(1, &[7]), resident(2, &[7, 9]), resident(3, &[9])];
    let found = tally(&allowing(&[7, 9]), &allowing(&[9]), &people);
    assert_eq!((found.people, found.passkeys, found.affected), (3, 4, 2));
    assert_eq!((found.passkeys_stopping, found.locked_out), (2, 1));
    let stops = Effect::PasskeyStops {
        passkey: people[0].passkeys[0].id,
        rule: Denial::AaguidNotAllowed,
    };
    assert_eq!(found.findings[0].user, people[0].user.id);
    assert!(found.findings[0].effects.contains(&stops));
    assert!(found.findings[0].effects.contains(&Effect::LockedOut {
        wish: Wish::OwnPages,
        rule: Denial::AaguidNotAllowed,
        policy: None,
    }));
    // Who has another passkey left loses one, and gets everywhere.
    let kept = &found.findings[1].effects;
    assert_eq!(kept.len(), 1, "{kept:?}");
}

#[test]
fn nothing_is_said_where_nothing_changes() {
    let policies = allowing(&[7]);
    let people = [resident(1, &[7]), resident(2, &[9])];
    let found = tally(&policies, &policies, &people);
    assert_eq!((found.affected, found.findings.len()), (0, 0));
}

#[test]
fn a_strength_prompts_whoever_has_or_may_make_what_it_asks_for() {
    let old = samples::policies(profile());
    let new = Policies {
        access: vec![on_everything(AccessGrant::Strength(PHISHING_RESISTANT))],
        ..old.clone()
    };
    let mut typed = resident(1, &[]);
    typed.modes = vec![Mode::Password, Mode::SoftwareOath];
    let with_key = resident(2, &[7]);
    let found = tally(&old, &new, &[typed.clone(), with_key]);
    assert_eq!(
        (found.affected, found.prompted, found.locked_out),
        (1, 1, 0)
    );
    assert!(found.findings[0].effects.contains(&Effect::Prompted {
        wish: Wish::OwnPages,
        policy: Some(AccessPolicyId::from_bytes([8; 16])),
        register: true,
    }));
    // Without self-service the same people are out.
    let mut closed = new;
    closed.passkeys.self_service = false;
    let found = tally(&old, &closed, &[typed]);
    assert_eq!((found.prompted, found.locked_out), (0, 1));
    assert_eq!(found.registrations_stopping, 1);
}

#[test]
fn a_change_that_leaves_no_administrator_is_seen() {
    let mut admin = resident(1, &[7]);
    admin.roles = vec![Role::GlobalAdministrator];
    let old = samples::policies(profile());
    let blocked = Policies {
        access: vec![on_everything(AccessGrant::Block)],
        ..old.clone()
    };
    assert!(tally(&old, &blocked, std::slice::from_ref(&admin)).locks_everybody_out());
    let mut spared = blocked;
    spared.access[0].conditions.users.exclude = Scope {
        users: vec![admin.user.id],
        ..Scope::default()
    };
    assert!(!tally(&old, &spared, std::slice::from_ref(&admin)).locks_everybody_out());
    // A password alone does not let a role holder in, so it does not count as a way back.
    admin.passkeys.clear();
    admin.modes = vec![Mode::Password];
    let found = tally(&old, &old, &[admin]);
    assert_eq!(
        (found.administrators_before, found.administrators_after),
        (0, 0)
    );
}

/// Whoever cannot begin cannot go on, whatever else they could show.
#[test]
fn a_bound_first_factor_locks_out_who_cannot_begin_with_it() {
    let strength = passkey_first();
    let old = samples::policies(profile());
    let new = Policies {
        access: vec![on_everything(AccessGrant::Strength(strength.id))],
        strengths: vec![strength],
        ..old.clone()
    };
    let mut typist = resident(1, &[]);
    typist.modes = vec![Mode::Password, Mode::SoftwareOath];
    let found = tally(&old, &new, std::slice::from_ref(&typist));
    let rule = Denial::FirstFactorNotAllowed;
    let out = found.findings[0]
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::LockedOut { rule: found, .. } if *found == rule));
    assert!(out, "{:?}", found.findings);
    // A passkey is beginning enough, whatever else they have, and a pass leads to one.
    for other in [Mode::Fido2, Mode::TemporaryAccessPassOneTime] {
        let mut one = typist.clone();
        match other {
            Mode::Fido2 => one.passkeys = resident(1, &[7]).passkeys,
            other => one.modes.push(other),
        }
        let found = tally(&old, &new, &[one]);
        let effects = found.findings.iter().flat_map(|one| &one.effects);
        let out: Vec<_> = effects
            .filter(|effect| matches!(effect, Effect::LockedOut { .. }))
            .collect();
        assert!(out.is_empty(), "{other:?}: {out:?}");
    }
}

#[test]
fn the_list_is_bounded_and_the_count_is_not() {
    let people: Vec<_> = (0..LISTED + 20).map(|_| resident(1, &[7])).collect();
    let found = tally(&allowing(&[7]), &allowing(&[9]), &people);
    assert_eq!(found.findings.len(), LISTED);
    assert_eq!(found.affected, people.len() as u64);
}

const STAFF: GroupId = GroupId::from_bytes([0x60; 16]);

fn profiles() -> impl Strategy<Value = PasskeyProfile> {
    let types = prop_oneof![
        Just(vec![PasskeyType::DeviceBound]),
        Just(vec![PasskeyType::Synced]),
        Just(vec![PasskeyType::DeviceBound, PasskeyType::Synced]),
    ];
    let attestation = prop_oneof![
        Just(AttestationRule::Disabled),
        Just(AttestationRule::RegistrationOnly),
        Just(AttestationRule::Always),
    ];
    let lists = proptest::collection::vec(0u128..4, 0..4);
    let limits = (
        proptest::option::of(1u32..60),
        proptest::option::of(0u32..3),
    );
    (types, attestation, lists, any::<[bool; 3]>(), limits).prop_map(
        |(types, attestation, list, [enforced, allow, guests], (age, most))| PasskeyProfile {
            types,
            attestation,
            restrictions: KeyRestrictions {
                enforced,
                kind: if allow {
                    RestrictionKind::Allow
                } else {
                    RestrictionKind::Block
                },
                aaguids: list.into_iter().map(Uuid::from_u128).collect(),
            },
            guests,
            maximum_age_days: age,
            maximum_per_user: most,
            ..profile()
        },
    )
}

/// One profile for everybody, perhaps another for the staff, switches and exclusions, and up to two access policies.
fn policies() -> impl Strategy<Value = Policies> {
    let grants = prop_oneof![
        Just(AccessGrant::Nothing),
        Just(AccessGrant::Block),
        Just(AccessGrant::Mfa),
        Just(AccessGrant::Strength(PHISHING_RESISTANT)),
        Just(AccessGrant::Strength(passkey_first().id)),
    ];
    let access = proptest::collection::vec((grants, 0u8..3, any::<[bool; 2]>()), 0..3);
    let rare = || proptest::bool::weighted(0.15);
    let switches = (rare(), rare(), rare(), rare(), rare());
    (
        profiles(),
        proptest::option::of(profiles()),
        access,
        switches,
    )
        .prop_map(|(everybody, staff, access, switches)| {
            let (off, closed, barred, roles_barred, no_passes) = switches;
            let mut policies = samples::policies(everybody);
            let passkeys = &mut policies.passkeys;
            passkeys.enabled = !off;
            passkeys.self_service = !closed;
            if barred {
                passkeys.exclude.groups = vec![STAFF];
            }
            if roles_barred {
                passkeys.exclude.roles = vec![Role::GlobalAdministrator];
            }
            if let Some(staff) = staff {
                let id = Policies::ROLE_HOLDERS;
                passkeys.profiles.push(PasskeyProfile { id, ..staff });
                passkeys.include.push(crate::model::PasskeyTarget {
                    who: Scope::group(STAFF),
                    except: Scope::default(),
                    registration_required: false,
                    profiles: vec![id],
                });
            }
            if no_passes {
                policies.passes.who.exclude = Scope::group(STAFF);
            }
            let policy = |(number, (grant, target, [spared, old])): (usize, (_, _, [bool; 2]))| {
                let mut one = on_everything(grant);
                one.id = AccessPolicyId::from_bytes([u8::try_from(number).unwrap() + 1; 16]);
                one.conditions.target = match target {
                    0 => one.conditions.target,
                    1 => AccessTarget::RegisterSecurityInfo,
                    _ => AccessTarget::Applications {
                        all: false,
                        include: vec![ApplicationId::from_bytes([5; 16])],
                        exclude: Vec::new(),
                        admin_portals: true,
                    },
                };
                if spared {
                    one.conditions.users.exclude = Scope::group(STAFF);
                }
                if old {
                    one.session.sign_in_frequency = Some(crate::model::SignInFrequency::EveryTime);
                }
                one
            };
            policies.access = access.into_iter().enumerate().map(policy).collect();
            policies.strengths = vec![passkey_first()];
            policies
        })
}

/// A passkey as drawn: model, and what is odd about it.
type DrawnKey = (u128, bool, bool, i64, u8);

/// Keys, password with code and pass, staff and administrator, guest and disabled.
type DrawnPerson = (Vec<DrawnKey>, [bool; 3], (bool, bool), (bool, bool));

/// People with keys of every condition, passwords, codes, passes, roles and a group.
fn directory() -> impl Strategy<Value = Vec<Resident>> {
    let key = (0u128..4, any::<bool>(), any::<bool>(), 0i64..90, 0u8..12);
    let one = (
        proptest::collection::vec(key, 0..3),
        any::<[bool; 3]>(),
        (any::<bool>(), proptest::bool::weighted(0.3)),
        (proptest::bool::weighted(0.2), proptest::bool::weighted(0.1)),
    );
    proptest::collection::vec(one, 1..5).prop_map(|people| {
        let build = |(number, drawn): (usize, DrawnPerson)| {
            let (keys, [password, code, pass], (staff, admin), (guest, off)) = drawn;
            let aaguids: Vec<_> = keys.iter().map(|(aaguid, ..)| *aaguid).collect();
            let mut resident = resident(u8::try_from(number).unwrap() + 1, &aaguids);
            for (passkey, key) in resident.passkeys.iter_mut().zip(&keys) {
                condition(passkey, *key);
            }
            let modes = [
                password.then_some(Mode::Password),
                (password && code).then_some(Mode::SoftwareOath),
                pass.then_some(Mode::TemporaryAccessPassMultiUse),
            ];
            resident.modes = modes.into_iter().flatten().collect();
            if staff {
                resident.groups.push(STAFF);
            }
            if admin {
                resident.roles.push(Role::GlobalAdministrator);
            }
            if guest {
                resident.user.user_type = crate::model::UserType::Guest;
            }
            resident.user.enabled = !off;
            resident
        };
        people.into_iter().enumerate().map(build).collect()
    })
}

fn condition(passkey: &mut Passkey, (_, synced, attested, age, odd): DrawnKey) {
    if synced {
        passkey.passkey_type = PasskeyType::Synced;
    }
    if !attested {
        passkey.attestation_level = crate::model::AttestationLevel::NotAttested;
        passkey.attestation_root = None;
    }
    passkey.created = samples::ago(crate::model::Span::days(age));
    match odd {
        0 => passkey.enabled = false,
        1 => passkey.suspected_clone = Some(NOW),
        2 => {
            passkey.compromise = Some(crate::model::Compromise {
                since: NOW,
                reason: crate::model::CompromiseReason::ModelCompromised,
                measure: crate::model::Measure::Quarantine,
            });
        }
        3 => passkey.user_verified = false,
        _ => {}
    }
}

/// Whether a sign-in with this passkey comes through, as the sign-in itself judges it.
fn is_accepted(snapshot: &Snapshot, resident: &Resident, passkey: &Passkey) -> bool {
    let rules = PasskeyRules {
        snapshot,
        roles: &resident.roles,
        groups: &resident.groups,
        counter: CounterPolicy::Refuse,
        grace: None,
        across: false,
    };
    let facts = samples::assertion();
    judge_passkey(&resident.user, &facts, passkey, rules, NOW).is_ok()
}

/// Plays sign-ins with whatever somebody has, step by step as the sign-in asks, and answers whether one of them gets there.
fn gets_in(snapshot: &Snapshot, resident: &Resident, wish: Wish) -> bool {
    let (user, subject) = (
        &resident.user,
        snapshot.subject(&resident.user, &resident.roles, &resident.groups),
    );
    if !user.enabled {
        return false;
    }
    let has = |mode| resident.modes.contains(&mode);
    let pass = samples::pass(PassUse::Many);
    let pass = has(Mode::TemporaryAccessPassMultiUse)
        && passes::may_use(snapshot, &subject, &pass).is_ok();
    let accepted = resident.passkeys.iter();
    let accepted = accepted.filter(|passkey| is_accepted(snapshot, resident, passkey));
    let accepted: Vec<&Passkey> = accepted.collect();
    let mut typed = Vec::new();
    typed.extend(has(Mode::Password).then(|| Proof::password(NOW)));
    typed.extend(has(Mode::SoftwareOath).then(|| Proof::one_time_code(NOW)));
    let mut starts: Vec<Vec<Proof>> = accepted
        .iter()
        .map(|passkey| vec![Proof::passkey(passkey, NOW)])
        .collect();
    starts.extend(pass.then(|| vec![Proof::pass(PassUse::Many, NOW)]));
    // A role holder's password is nothing without a second factor.
    let lone = typed.len() == 1 && !resident.roles.is_empty();
    starts.extend((!typed.is_empty() && !lone).then(|| typed.clone()));
    let situation = Situation {
        subject: &subject,
        existing: &resident.passkeys,
        standing: Standing::Mfa(NOW),
        provenance: Provenance::SelfService,
    };
    let begins = register::may_begin(snapshot, situation, NOW).is_ok();
    let decide = |wish, began: Option<Mode>, proofs: &[Proof]| {
        let request = Request {
            began,
            ..request(wish)
        };
        access::decide(snapshot, &subject, &request, proofs, NOW)
    };
    starts.into_iter().any(|mut proofs| {
        let began = proofs.first().map(|proof| proof.mode);
        loop {
            let decision = decide(wish, began, &proofs);
            let needs = match decision.verdict() {
                Verdict::Granted => return true,
                Verdict::Blocked(_) | Verdict::FirstFactor(_) => return false,
                Verdict::Needs(needs) => needs,
            };
            let registering = decide(Wish::RegisterSecurityInfo, None, &proofs);
            let mut modes: Vec<Mode> = typed.iter().map(|proof| proof.mode).collect();
            modes.extend(pass.then_some(Mode::TemporaryAccessPassMultiUse));
            let holdings = Holdings {
                passkeys: accepted.iter().map(|one| ProvedPasskey::of(one)).collect(),
                modes,
                may_register: begins && *registering.verdict() == Verdict::Granted,
            };
            let before = proofs.len();
            match way(snapshot, needs, &holdings, &proofs) {
                Ok(StepUp::Register(_)) => return true,
                Ok(StepUp::Show { modes, .. }) => {
                    let new = |mode: &Mode| !proofs.iter().any(|proof| proof.mode == *mode);
                    let next: Vec<Proof> = modes
                        .iter()
                        .filter(|mode| new(mode))
                        .filter_map(|mode| match mode {
                            Mode::Fido2 => accepted.first().map(|one| Proof::passkey(one, NOW)),
                            Mode::Password => Some(Proof::password(NOW)),
                            Mode::SoftwareOath => Some(Proof::one_time_code(NOW)),
                            _ => Some(Proof::pass(PassUse::Many, NOW)),
                        })
                        .take(1)
                        .collect();
                    proofs.extend(next);
                }
                Err(_) => return false,
            }
            if proofs.len() == before {
                return false;
            }
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Preview equals decision, on random directories and changes. What is said of passkeys and of places is said exactly
    /// where sign-ins under the two states of the policies come out differently, and nowhere else.
    #[test]
    fn the_preview_says_what_the_decision_then_does(
        old in policies(),
        new in policies(),
        people in directory(),
    ) {
        let places = wishes(&old, &new);
        let (old, new) = (snapshot(1, old), snapshot(2, new));
        let comparison = Comparison::new(&old, &new, NOW);
        for resident in &people {
            let effects = comparison.effects(resident);
            let told = |is: &dyn Fn(&Effect) -> bool| effects.iter().any(is);
            for passkey in &resident.passkeys {
                let (was, will) = (
                    is_accepted(&old, resident, passkey),
                    is_accepted(&new, resident, passkey),
                );
                let stops = told(&|one| matches!(
                    one, Effect::PasskeyStops { passkey: id, .. } if *id == passkey.id));
                let works = told(&|one| matches!(
                    one, Effect::PasskeyWorks { passkey: id } if *id == passkey.id));
                prop_assert_eq!(stops, was && !will, "{:?}", effects);
                prop_assert_eq!(works, !was && will, "{:?}", effects);
            }
            let begins = |snapshot: &Snapshot| {
                let subject = snapshot.subject(&resident.user, &resident.roles, &resident.groups);
                let situation = Situation {
                    subject: &subject,
                    existing: &resident.passkeys,
                    standing: Standing::Mfa(NOW),
                    provenance: Provenance::SelfService,
                };
                register::may_begin(snapshot, situation, NOW).is_ok()
            };
            let (was, will) = (begins(&old), begins(&new));
            let stops = told(&|one| matches!(one, Effect::RegistrationStops { .. }));
            prop_assert_eq!(stops, was && !will, "{:?}", effects);
            prop_assert_eq!(told(&|one| *one == Effect::RegistrationOpens), !was && will);
            for wish in &places {
                let (was, will) = (gets_in(&old, resident, *wish), gets_in(&new, resident, *wish));
                let out = told(&|one| matches!(one, Effect::LockedOut { wish: at, .. } if at == wish));
                let let_in = told(&|one| matches!(one, Effect::LetIn { wish: at } if at == wish));
                prop_assert_eq!(out, was && !will, "{:?}: {:?}", wish, effects);
                prop_assert_eq!(let_in, !was && will, "{:?}: {:?}", wish, effects);
            }
        }
    }
}
