#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]
use super::*;
use crate::model::{
    AccessGrant, AccessPolicy, AccessState, Assignment, Combination, Conditions, KeyRestrictions,
    PasskeyProfile, PasskeyType, RestrictionKind, Scope, SessionControls, Strength, StrengthId,
};
use crate::samples::{self, NOW, passkey, profile, user};
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
    let strength = Strength {
        id: StrengthId::from_bytes([0xb0; 16]),
        name: "Passkey first".to_owned(),
        combinations: Combination::new(vec![Mode::Fido2]).into_iter().collect(),
        binds_first_factor: true,
        ..crate::strength::built_in().remove(0)
    };
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

fn policies() -> impl Strategy<Value = Policies> {
    let types = prop_oneof![
        Just(vec![PasskeyType::DeviceBound]),
        Just(vec![PasskeyType::Synced]),
        Just(vec![PasskeyType::DeviceBound, PasskeyType::Synced]),
    ];
    let lists = proptest::collection::vec(0u128..4, 0..4);
    let grants = proptest::option::of(prop_oneof![
        Just(AccessGrant::Block),
        Just(AccessGrant::Mfa),
        Just(AccessGrant::Strength(PHISHING_RESISTANT)),
    ]);
    (types, lists, any::<[bool; 3]>(), grants).prop_map(|(types, list, flags, grant)| {
        let mut policies = samples::policies(PasskeyProfile {
            types,
            restrictions: KeyRestrictions {
                enforced: flags[0],
                kind: if flags[1] {
                    RestrictionKind::Allow
                } else {
                    RestrictionKind::Block
                },
                aaguids: list.into_iter().map(Uuid::from_u128).collect(),
            },
            ..profile()
        });
        policies.passkeys.self_service = flags[2];
        policies.access = grant.map(on_everything).into_iter().collect();
        policies
    })
}

/// Keys as model and synced, and whether there is a password and a code.
type Drawn = (Vec<(u128, bool)>, [bool; 2]);

fn directory() -> impl Strategy<Value = Vec<Resident>> {
    let one = (
        proptest::collection::vec((0u128..4, any::<bool>()), 0..3),
        any::<[bool; 2]>(),
    );
    proptest::collection::vec(one, 1..5).prop_map(|people| {
        let build = |(number, (keys, [password, code])): (usize, Drawn)| {
            let aaguids: Vec<_> = keys.iter().map(|(aaguid, _)| *aaguid).collect();
            let mut resident = resident(u8::try_from(number).unwrap() + 1, &aaguids);
            for (key, (_, synced)) in resident.passkeys.iter_mut().zip(&keys) {
                if *synced {
                    key.passkey_type = PasskeyType::Synced;
                }
            }
            let modes = [
                password.then_some(Mode::Password),
                (password && code).then_some(Mode::SoftwareOath),
            ];
            resident.modes = modes.into_iter().flatten().collect();
            resident
        };
        people.into_iter().enumerate().map(build).collect()
    })
}

/// The real decision, put together as a sign-in does it: every passkey alone, then what is typed.
fn gets_in(snapshot: &Snapshot, resident: &Resident, wish: Wish) -> bool {
    let subject = snapshot.subject(&resident.user, &resident.roles, &resident.groups);
    let granted = |proofs: &[Proof]| {
        let request = Request {
            began: proofs.first().map(|proof| proof.mode),
            ..request(wish)
        };
        let decision = access::decide(snapshot, &subject, &request, proofs, NOW);
        *decision.verdict() == Verdict::Granted
    };
    let by_passkey = resident.passkeys.iter().any(|passkey| {
        let key = Key::from(passkey);
        let passes = profiles::judge(snapshot, &subject, &key, Occasion::SignIn, NOW).is_ok();
        passes && granted(&[Proof::passkey(passkey, NOW)])
    });
    let typed: Vec<_> = resident
        .modes
        .iter()
        .map(|mode| match mode {
            Mode::Password => Proof::password(NOW),
            _ => Proof::one_time_code(NOW),
        })
        .collect();
    by_passkey || (!typed.is_empty() && granted(&typed))
}

proptest! {
    /// Preview equals decision: a passkey is said to stop exactly if the real judgement changes to no.
    #[test]
    fn the_preview_says_what_the_decision_then_does(
        old in policies(),
        new in policies(),
        people in directory(),
    ) {
        let (old, new) = (snapshot(1, old), snapshot(2, new));
        let comparison = Comparison::new(&old, &new, NOW);
        for resident in &people {
            let effects = comparison.effects(resident);
            let judged = |snapshot: &Snapshot, passkey: &Passkey| {
                let subject = snapshot.subject(&resident.user, &[], &[]);
                let key = Key::from(passkey);
                profiles::judge(snapshot, &subject, &key, Occasion::SignIn, NOW)
            };
            for passkey in &resident.passkeys {
                let stops = effects.iter().any(|effect| matches!(
                    effect, Effect::PasskeyStops { passkey: id, .. } if *id == passkey.id));
                let really = judged(&old, passkey).is_ok() && judged(&new, passkey).is_err();
                prop_assert_eq!(stops, really);
            }
            for wish in [Wish::OwnPages, Wish::Application(ApplicationId::from_bytes([5; 16]))] {
                let wish = match wish {
                    // What no policy names stands for all of them.
                    Wish::Application(_) => Wish::Application(ApplicationId::from_bytes([0; 16])),
                    other => other,
                };
                let told = |is: fn(&Effect, Wish) -> bool| effects.iter().any(|one| is(one, wish));
                let out = told(|effect, of| matches!(effect, Effect::LockedOut { wish, .. } if *wish == of));
                let asked = told(|effect, of| matches!(effect, Effect::Prompted { wish, .. } if *wish == of));
                let (was, will) = (gets_in(&old, resident, wish), gets_in(&new, resident, wish));
                if was && !will {
                    prop_assert!(out || asked, "{:?}", effects);
                }
                if will {
                    prop_assert!(!out, "{:?}", effects);
                }
            }
        }
    }
}
