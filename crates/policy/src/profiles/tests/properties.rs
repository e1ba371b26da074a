//! What holds of every policy, person and key.

use super::*;
use proptest::prelude::*;

fn keys() -> impl Strategy<Value = Key> {
    let types = prop_oneof![Just(PasskeyType::DeviceBound), Just(PasskeyType::Synced)];
    let algorithms = prop_oneof![Just(-7_i64), Just(-48), Just(-257)];
    let models = prop_oneof![Just(model()), Just(OTHER_MODEL), Just(Uuid::nil())];
    (
        types,
        any::<bool>(),
        models,
        algorithms,
        0_i64..200,
        0_i64..200,
    )
        .prop_map(
            |(passkey_type, attested, aaguid, algorithm, age, idle)| Key {
                passkey_type,
                aaguid,
                level: if attested {
                    AttestationLevel::Attested
                } else {
                    AttestationLevel::NotAttested
                },
                root: attested.then_some(Sha256::from_bytes(ROOT)),
                algorithm,
                created: ago(Span::days(age)),
                last_used: (idle < age).then(|| ago(Span::days(idle))),
            },
        )
}

fn profiles() -> impl Strategy<Value = PasskeyProfile> {
    let attestation = prop_oneof![
        Just(AttestationRule::Disabled),
        Just(AttestationRule::RegistrationOnly),
        Just(AttestationRule::Always),
    ];
    let lists = prop_oneof![
        Just(KeyRestrictions::default()),
        Just(restricted(RestrictionKind::Allow, &[model()])),
        Just(restricted(RestrictionKind::Block, &[model()])),
    ];
    let types = prop_oneof![
        Just(vec![PasskeyType::DeviceBound]),
        Just(vec![PasskeyType::Synced]),
        Just(vec![PasskeyType::DeviceBound, PasskeyType::Synced]),
    ];
    let limits = (
        proptest::option::of(1_u32..200),
        proptest::option::of(1_u32..200),
        proptest::option::of(0_u32..3),
        proptest::option::of(any::<bool>()),
    );
    (
        any::<u8>(),
        types,
        attestation,
        lists,
        any::<(bool, bool, bool)>(),
        limits,
    )
        .prop_map(
            |(id, types, attestation, restrictions, (quantum, guests, rooted), limits)| {
                let (maximum_age_days, idle_days, maximum_per_user, self_service) = limits;
                PasskeyProfile {
                    types,
                    attestation,
                    restrictions,
                    post_quantum_only: quantum,
                    guests,
                    roots: if rooted {
                        vec![Sha256::from_bytes(ROOT)]
                    } else {
                        Vec::new()
                    },
                    maximum_age_days,
                    idle_days,
                    maximum_per_user,
                    self_service,
                    ..PasskeyProfile::open(ProfileId::from_bytes([id; 16]), "any")
                }
            },
        )
}

fn cases() -> impl Strategy<Value = Case> {
    let existing = proptest::collection::vec(keys(), 0..4);
    let all = proptest::collection::vec(profiles(), 0..4);
    (all, keys(), existing, any::<bool>(), any::<bool>()).prop_map(
        |(profiles, key, existing, guest, self_service)| {
            let mut case = Case::of(policies(profile()));
            let passkeys = &mut case.policies.passkeys;
            passkeys.self_service = self_service;
            passkeys.include.truncate(1);
            for target in &mut passkeys.include {
                target.profiles = profiles.iter().map(|one| one.id).collect();
            }
            passkeys.profiles = profiles;
            case.key = key;
            case.existing = existing;
            if guest { case.guest() } else { case }
        },
    )
}

proptest! {
    #[test]
    fn exclude_always_wins(case in cases(), by_group in any::<bool>()) {
        let case = case.policy(|policies| {
            policies.passkeys.exclude = if by_group {
                Scope::group(PILOT)
            } else {
                Scope { users: vec![user().id], ..Scope::default() }
            };
        });
        prop_assert_eq!(case.register(), Err(Denial::PasskeysBarred));
        prop_assert_eq!(case.sign_in(), Err(Denial::PasskeysBarred));
        prop_assert_eq!(case.before(), Err(Denial::PasskeysBarred));
    }

    #[test]
    fn adding_a_profile_never_removes_an_ability(case in cases(), new in profiles()) {
        let (register, sign_in) = (case.register().is_ok(), case.sign_in().is_ok());
        let case = case.policy(|policies| {
            if policies.passkeys.profiles.iter().any(|one| one.id == new.id) {
                return;
            }
            for target in &mut policies.passkeys.include {
                target.profiles.push(new.id);
            }
            policies.passkeys.profiles.push(new);
        });
        prop_assert!(!register || case.register().is_ok());
        prop_assert!(!sign_in || case.sign_in().is_ok());
    }

    #[test]
    fn what_may_be_registered_is_never_refused_before_the_gesture(case in cases()) {
        if case.register().is_ok() {
            prop_assert!(case.before().is_ok());
        }
    }

    #[test]
    fn the_decision_is_that_some_profile_has_no_shortfall(case in cases()) {
        let some = case.with(|snapshot, subject| {
            assess(snapshot, subject, &case.key, Occasion::SignIn, NOW)
                .is_ok_and(|all| all.iter().any(|one| one.shortfalls.is_empty()))
        });
        prop_assert_eq!(case.sign_in().is_ok(), some);
    }

    #[test]
    fn a_key_satisfies_a_profile_until_its_end(key in keys(), profile in profiles()) {
        let case = Case { key, ..Case::under(profile.clone()) };
        let refused = matches!(
            case.with(|snapshot, subject| {
                assess(snapshot, subject, &key, Occasion::SignIn, NOW).map(|all| {
                    all.iter().any(|one| one.shortfalls.contains(Rule::MaximumAge)
                        || one.shortfalls.contains(Rule::Idle))
                })
            }),
            Ok(true)
        );
        prop_assert_eq!(refused, end(&profile, &key).is_some_and(|end| end <= NOW));
    }
}

#[test]
fn a_role_is_not_a_group() {
    let mut case = Case::of(Policies::of_new_tenant()).key(synced);
    assert_eq!(case.sign_in(), Ok(()));
    case.policies.passkeys.include.truncate(1);
    assert_eq!(case.sign_in(), Err(Denial::NoPasskeyProfile));
    let snapshot = Snapshot::compile(1, case.policies.clone(), Arc::default());
    let subject = snapshot.subject(&case.user, &[Role::GlobalReader], &[]);
    let judged = judge(&snapshot, &subject, &case.key, Occasion::SignIn, NOW);
    assert_eq!(judged, Err(Denial::PasskeyTypeNotAllowed));
}
