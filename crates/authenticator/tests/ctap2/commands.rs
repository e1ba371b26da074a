//! The commands against a fake world: what each answers, and which status each broken rule gets.

use crate::world::{
    APPROVED, HASH, World, bytes, descriptor, get_assertion, make_credential, registered, send,
    user, with, without, world,
};
use authenticator::cbor::{Map, Value};
use authenticator::{
    Algorithm, Answer, Approval, AttestationStyle, Authenticator, Backup, MAX_MESSAGE, Status,
    UserVerification,
};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

const MC: u8 = 0x01;
const GA: u8 = 0x02;
const INFO: u8 = 0x04;
const NEXT: u8 = 0x08;

fn refusal_of(world: World, command: u8, parameters: Map) -> Status {
    send(&mut Authenticator::new(world), command, Some(parameters)).unwrap_err()
}

fn options(entries: &[(&'static str, bool)]) -> Value {
    Value::map(
        entries
            .iter()
            .map(|(name, value)| (*name, Value::from(*value))),
    )
}

fn flags(auth_data: &[u8]) -> u8 {
    auth_data[32]
}

#[test]
fn get_info_says_what_is_built_in() {
    let info = send(&mut Authenticator::new(world()), INFO, None).unwrap();
    assert_eq!(info[&0x01.into()], Value::Array(vec!["FIDO_2_0".into()]));
    assert_eq!(info[&0x03.into()], vec![7; 16].into());
    assert_eq!(
        info[&0x04.into()],
        options(&[
            ("plat", true),
            ("rk", true),
            ("up", true),
            ("uv", true),
            ("makeCredUvNotRqd", true)
        ])
    );
    assert_eq!(
        info[&0x09.into()],
        Value::Array(vec!["internal".into(), "hybrid".into()])
    );
    assert_eq!(info[&0x16.into()], Value::Array(vec!["none".into()]));
}

#[test]
fn get_info_lists_exactly_the_algorithms_of_the_key_store() {
    let mut world = world();
    world.profile.algorithms = vec![Algorithm::MlDsa65, Algorithm::Es256, Algorithm::EdDsa];
    let info = send(&mut Authenticator::new(world), INFO, None).unwrap();
    let listed =
        [-49, -7, -8].map(|alg| Value::map([("alg", alg.into()), ("type", "public-key".into())]));
    assert_eq!(info[&0x0a.into()], Value::Array(listed.to_vec()));
}

#[test]
fn get_info_tells_absent_unconfigured_and_constant_verification_apart() {
    let info_of = |user_verification| {
        let mut world = world();
        world.profile.user_verification = user_verification;
        let info = send(&mut Authenticator::new(world), INFO, None).unwrap();
        let Value::Map(map) = info[&0x04.into()].clone() else {
            panic!("no options")
        };
        (
            map.get(&"uv".into()).cloned(),
            map.get(&"alwaysUv".into()).cloned(),
        )
    };
    assert_eq!(info_of(UserVerification::None), (None, None));
    assert_eq!(
        info_of(UserVerification::NotConfigured),
        (Some(false.into()), None)
    );
    assert_eq!(
        info_of(UserVerification::Always),
        (Some(true.into()), Some(true.into()))
    );
}

#[test]
fn a_registration_states_relying_party_flags_model_and_key() {
    let mut authenticator = Authenticator::new(world());
    let made = send(&mut authenticator, MC, Some(make_credential())).unwrap();
    let auth_data = bytes(&made, 0x02);
    assert_eq!(&auth_data[..32], digest(&SHA256, b"localhost").as_ref());
    assert_eq!(flags(&auth_data), 0x45);
    assert_eq!(&auth_data[33..37], [0; 4]);
    assert_eq!(&auth_data[37..53], [7; 16]);
    assert_eq!(&auth_data[53..55], [0, 32]);
    assert_eq!(auth_data[55..87], authenticator.env().credentials[0].id.0);
    let Value::Map(cose) = Value::decode(&auth_data[87..]).unwrap() else {
        panic!("no key")
    };
    assert_eq!(bytes(&cose, -2), authenticator.env().public_key(0));
}

#[test]
fn backup_flags_come_from_the_key_store() {
    for (backup, expected) in [
        (Backup::DeviceBound, 0x45),
        (Backup::Eligible, 0x4d),
        (Backup::BackedUp, 0x5d),
    ] {
        let made = send(
            &mut Authenticator::new(World { backup, ..world() }),
            MC,
            Some(make_credential()),
        )
        .unwrap();
        assert_eq!(flags(&bytes(&made, 0x02)), expected);
    }
}

#[test]
fn self_attestation_is_signed_by_the_credential_key() {
    let mut world = world();
    world.profile.attestation = AttestationStyle::SelfSigned;
    let mut authenticator = Authenticator::new(world);
    let made = send(&mut authenticator, MC, Some(make_credential())).unwrap();
    assert_eq!(made[&0x01.into()], "packed".into());
    let Value::Map(statement) = &made[&0x03.into()] else {
        panic!("no statement")
    };
    assert_eq!(statement[&"alg".into()], (-8).into());
    assert!(!statement.contains_key(&"x5c".into()));
    let Value::Bytes(signature) = &statement[&"sig".into()] else {
        panic!("no signature")
    };
    let signed = [bytes(&made, 0x02).as_slice(), &HASH].concat();
    UnparsedPublicKey::new(&ED25519, authenticator.env().public_key(0))
        .verify(&signed, signature)
        .unwrap();
}

#[test]
fn certified_attestation_carries_the_chain_of_its_signer() {
    let mut world = world();
    world.profile.attestation = AttestationStyle::Certified;
    let made = send(&mut Authenticator::new(world), MC, Some(make_credential())).unwrap();
    let Value::Map(statement) = &made[&0x03.into()] else {
        panic!("no statement")
    };
    assert_eq!(statement[&"alg".into()], (-7).into());
    assert_eq!(
        statement[&"x5c".into()],
        Value::Array(vec![vec![2].into(), vec![3].into()])
    );
}

#[test]
fn a_platform_that_prefers_none_gets_none() {
    for (preference, format) in [
        (vec!["none"], "none"),
        (vec!["none", "packed"], "none"),
        (vec!["packed", "none"], "packed"),
        (vec!["tpm"], "packed"),
        (vec![], "packed"),
    ] {
        let mut world = world();
        world.profile.attestation = AttestationStyle::SelfSigned;
        let list = Value::Array(preference.into_iter().map(Value::from).collect());
        let made = send(
            &mut Authenticator::new(world),
            MC,
            Some(with(make_credential(), 0x0b, list)),
        )
        .unwrap();
        assert_eq!(made[&0x01.into()], format.into());
    }
}

#[test]
fn the_first_offered_algorithm_that_is_supported_wins_and_others_are_skipped() {
    let offer =
        |alg: i64, kind: &str| Value::map([("alg", Value::from(alg)), ("type", kind.into())]);
    let list = vec![
        offer(-257, "public-key"),
        offer(-8, "unheard-of"),
        offer(-8, "public-key"),
    ];
    let made = send(
        &mut Authenticator::new(world()),
        MC,
        Some(with(make_credential(), 0x04, list)),
    )
    .unwrap();
    assert!(made.contains_key(&0x02.into()));
    let none = vec![offer(-257, "public-key"), offer(-8, "unheard-of")];
    assert_eq!(
        refusal_of(world(), MC, with(make_credential(), 0x04, none)),
        Status::UnsupportedAlgorithm
    );
}

#[test]
fn a_second_registration_of_an_account_replaces_the_first() {
    let mut authenticator = registered();
    let first = authenticator.env().credentials[0].id.clone();
    send(&mut authenticator, MC, Some(make_credential())).unwrap();
    send(
        &mut authenticator,
        MC,
        Some(with(make_credential(), 0x03, user("bea"))),
    )
    .unwrap();
    let stored = &authenticator.env().credentials;
    assert_eq!(stored.len(), 2);
    assert!(stored.iter().all(|credential| credential.id != first));
}

#[test]
fn a_credential_that_is_not_discoverable_replaces_nothing_and_needs_its_identifier() {
    let mut authenticator = registered();
    let hidden = with(make_credential(), 0x07, options(&[("uv", true)]));
    send(&mut authenticator, MC, Some(hidden)).unwrap();
    assert_eq!(authenticator.env().credentials.len(), 2);
    let id = authenticator.env().credentials[0].id.0.clone();

    let found = send(&mut authenticator, GA, Some(get_assertion())).unwrap();
    assert_ne!(found[&0x01.into()], descriptor(&id));
    let named = with(get_assertion(), 0x03, vec![descriptor(&id)]);
    let found = send(&mut authenticator, GA, Some(named)).unwrap();
    assert_eq!(found[&0x01.into()], descriptor(&id));
    assert!(
        !found.contains_key(&0x04.into()),
        "a server-side credential knows no user handle"
    );
}

#[test]
fn an_excluded_credential_is_refused_only_after_the_person_agreed() {
    let mut authenticator = registered();
    let id = authenticator.env().credentials[0].id.0.clone();
    let again = with(make_credential(), 0x05, vec![descriptor(&id)]);
    assert_eq!(
        send(&mut authenticator, MC, Some(again.clone())),
        Err(Status::CredentialExcluded)
    );
    assert_eq!(authenticator.env().questions[1].0, "AlreadyRegistered");
    authenticator.env_mut().answer = Answer::Denied;
    assert_eq!(
        send(&mut authenticator, MC, Some(again)),
        Err(Status::OperationDenied)
    );

    authenticator.env_mut().answer = crate::world::VERIFIED;
    let elsewhere = Value::map([("id", Value::from("elsewhere.example"))]);
    let other_party = with(
        with(make_credential(), 0x05, vec![descriptor(&id)]),
        0x02,
        elsewhere,
    );
    assert!(
        send(&mut authenticator, MC, Some(other_party)).is_ok(),
        "exclusion is per relying party"
    );
}

#[test]
fn an_assertion_verifies_with_the_registered_key_and_names_its_user() {
    let mut authenticator = registered();
    let found = send(&mut authenticator, GA, Some(get_assertion())).unwrap();
    let auth_data = bytes(&found, 0x02);
    assert_eq!(auth_data.len(), 37);
    assert_eq!(auth_data[32..], [0x05, 0, 0, 0, 1]);
    assert_eq!(
        found[&0x04.into()],
        Value::map([("id", Value::from(b"ada".to_vec()))])
    );
    let signed = [auth_data.as_slice(), &HASH].concat();
    let key = UnparsedPublicKey::new(&ED25519, authenticator.env().public_key(0));
    key.verify(&signed, &bytes(&found, 0x03)).unwrap();
}

#[test]
fn a_silent_assertion_asks_nobody_and_says_so() {
    let mut authenticator = registered();
    let silent = with(get_assertion(), 0x05, options(&[("up", false)]));
    let found = send(&mut authenticator, GA, Some(silent)).unwrap();
    assert_eq!(flags(&bytes(&found, 0x02)), 0x00);
    assert_eq!(
        authenticator.env().questions.len(),
        1,
        "only the registration asked"
    );
}

#[test]
fn an_empty_allow_list_is_no_allow_list() {
    let mut authenticator = registered();
    let found = send(
        &mut authenticator,
        GA,
        Some(with(get_assertion(), 0x03, Vec::<Value>::new())),
    );
    assert!(found.is_ok());
}

#[test]
fn several_accounts_are_fetched_one_by_one_with_names_for_a_verified_person() {
    let mut authenticator = registered();
    send(
        &mut authenticator,
        MC,
        Some(with(make_credential(), 0x03, user("bea"))),
    )
    .unwrap();
    let first = send(&mut authenticator, GA, Some(get_assertion())).unwrap();
    assert_eq!(first[&0x05.into()], 2.into());
    assert_eq!(first[&0x04.into()], user("bea"));
    let second = send(&mut authenticator, NEXT, None).unwrap();
    assert_eq!(second[&0x04.into()], user("ada"));
    assert!(!second.contains_key(&0x05.into()));
    assert_eq!(
        send(&mut authenticator, NEXT, None),
        Err(Status::NotAllowed)
    );
}

#[test]
fn names_are_withheld_from_whoever_was_not_verified() {
    let mut authenticator = registered();
    send(
        &mut authenticator,
        MC,
        Some(with(make_credential(), 0x03, user("bea"))),
    )
    .unwrap();
    authenticator.env_mut().answer = APPROVED;
    let found = send(&mut authenticator, GA, Some(without(get_assertion(), 0x05))).unwrap();
    assert_eq!(
        found[&0x04.into()],
        Value::map([("id", Value::from(b"bea".to_vec()))])
    );
    let next = send(&mut authenticator, NEXT, None).unwrap();
    assert_eq!(
        next[&0x04.into()],
        Value::map([("id", Value::from(b"ada".to_vec()))])
    );
}

#[test]
fn a_choice_made_on_the_authenticator_ends_the_series() {
    let mut authenticator = registered();
    send(
        &mut authenticator,
        MC,
        Some(with(make_credential(), 0x03, user("bea"))),
    )
    .unwrap();
    authenticator.env_mut().answer = Answer::Approved(Approval {
        present: true,
        verified: true,
        chosen: Some(1),
    });
    let found = send(&mut authenticator, GA, Some(get_assertion())).unwrap();
    assert_eq!(
        found[&0x04.into()],
        Value::map([("id", Value::from(b"ada".to_vec()))])
    );
    assert_eq!(found[&0x06.into()], true.into());
    assert!(!found.contains_key(&0x05.into()));
    assert_eq!(
        send(&mut authenticator, NEXT, None),
        Err(Status::NotAllowed)
    );
}

#[test]
fn the_series_ends_after_thirty_seconds_and_with_any_other_command() {
    for disturb in [true, false] {
        let mut authenticator = registered();
        send(
            &mut authenticator,
            MC,
            Some(with(make_credential(), 0x03, user("bea"))),
        )
        .unwrap();
        send(&mut authenticator, GA, Some(get_assertion())).unwrap();
        if disturb {
            send(&mut authenticator, INFO, None).unwrap();
        } else {
            authenticator.env_mut().now += 30_001;
        }
        assert_eq!(
            send(&mut authenticator, NEXT, None),
            Err(Status::NotAllowed)
        );
    }
}

#[test]
fn a_failed_registration_leaves_neither_key_nor_credential() {
    for (full, broken_signer, expected) in [
        (true, false, Status::KeyStoreFull),
        (false, true, Status::Other),
    ] {
        let mut world = World {
            full,
            broken_signer,
            ..world()
        };
        world.profile.attestation = AttestationStyle::SelfSigned;
        let mut authenticator = Authenticator::new(world);
        assert_eq!(
            send(&mut authenticator, MC, Some(make_credential())),
            Err(expected)
        );
        assert_eq!(authenticator.env().living_keys(), 0);
        assert!(authenticator.env().credentials.is_empty());
    }
}

#[test]
fn the_persons_answer_decides() {
    let cases = [
        (Answer::Denied, Status::OperationDenied),
        (Answer::TimedOut, Status::UserActionTimeout),
        (Answer::Cancelled, Status::KeepaliveCancel),
        (Answer::Blocked, Status::UvBlocked),
        (APPROVED, Status::OperationDenied),
    ];
    for (answer, expected) in cases {
        let mut authenticator = registered();
        authenticator.env_mut().answer = answer;
        assert_eq!(
            send(&mut authenticator, MC, Some(make_credential())),
            Err(expected)
        );
        assert_eq!(
            send(&mut authenticator, GA, Some(get_assertion())),
            Err(expected)
        );
        assert_eq!(
            authenticator.env().living_keys(),
            1,
            "nothing was made on a no"
        );
    }
}

#[test]
fn an_authenticator_that_always_verifies_does_so_unasked() {
    let mut world = world();
    world.profile.user_verification = UserVerification::Always;
    let mut authenticator = Authenticator::new(world);
    let made = send(
        &mut authenticator,
        MC,
        Some(without(make_credential(), 0x07)),
    )
    .unwrap();
    assert_eq!(flags(&bytes(&made, 0x02)), 0x45);
    assert!(authenticator.env().questions[0].1);
}

#[test]
fn verification_that_is_not_there_cannot_be_asked_for() {
    for user_verification in [UserVerification::None, UserVerification::NotConfigured] {
        let mut world = world();
        world.profile.user_verification = user_verification;
        assert_eq!(
            refusal_of(world, MC, make_credential()),
            Status::InvalidOption
        );
    }
}

#[test]
fn every_broken_registration_request_has_its_status() {
    let mc = make_credential;
    let long = vec![descriptor(&[1]); 65];
    let nameless = Value::map([("name", Value::from("ada"))]);
    let cases: Vec<(Map, Status)> = vec![
        (without(mc(), 0x01), Status::MissingParameter),
        (without(mc(), 0x02), Status::MissingParameter),
        (without(mc(), 0x03), Status::MissingParameter),
        (without(mc(), 0x04), Status::MissingParameter),
        (with(mc(), 0x03, nameless), Status::MissingParameter),
        (with(mc(), 0x01, vec![0; 31]), Status::InvalidLength),
        (
            with(mc(), 0x02, Value::map([("id", Value::from(""))])),
            Status::InvalidLength,
        ),
        (
            with(
                mc(),
                0x02,
                Value::map([("id", Value::from("a".repeat(254).as_str()))]),
            ),
            Status::InvalidLength,
        ),
        (
            with(mc(), 0x03, Value::map([("id", Value::from(vec![1; 65]))])),
            Status::InvalidLength,
        ),
        (
            with(
                mc(),
                0x03,
                Value::map([("id", Value::from(Vec::<u8>::new()))]),
            ),
            Status::InvalidLength,
        ),
        (with(mc(), 0x04, "ES256"), Status::CborUnexpectedType),
        (with(mc(), 0x06, true), Status::CborUnexpectedType),
        (with(mc(), 0x05, long), Status::LimitExceeded),
        (
            with(mc(), 0x07, options(&[("up", false)])),
            Status::InvalidOption,
        ),
        (with(mc(), 0x08, vec![1; 32]), Status::MissingParameter),
        (
            with(with(mc(), 0x08, vec![1; 32]), 0x09, 2),
            Status::InvalidParameter,
        ),
        (with(mc(), 0x0a, 1), Status::InvalidParameter),
    ];
    for (parameters, expected) in cases {
        assert_eq!(
            refusal_of(world(), MC, parameters.clone()),
            expected,
            "{parameters:?}"
        );
    }
}

#[test]
fn every_broken_sign_in_request_has_its_status() {
    let cases: Vec<(Map, Status)> = vec![
        (without(get_assertion(), 0x01), Status::MissingParameter),
        (without(get_assertion(), 0x02), Status::MissingParameter),
        (
            with(get_assertion(), 0x02, vec![0; 33]),
            Status::InvalidLength,
        ),
        (
            with(get_assertion(), 0x03, true),
            Status::CborUnexpectedType,
        ),
        (
            with(get_assertion(), 0x03, vec![descriptor(&[1]); 65]),
            Status::LimitExceeded,
        ),
        (
            with(get_assertion(), 0x05, options(&[("rk", true)])),
            Status::UnsupportedOption,
        ),
        (
            with(with(get_assertion(), 0x06, vec![1; 32]), 0x07, 1),
            Status::InvalidParameter,
        ),
        (get_assertion(), Status::NoCredentials),
    ];
    for (parameters, expected) in cases {
        assert_eq!(
            refusal_of(world(), GA, parameters.clone()),
            expected,
            "{parameters:?}"
        );
    }
}

#[test]
fn a_credential_of_another_relying_party_is_not_found() {
    let mut authenticator = registered();
    let id = authenticator.env().credentials[0].id.0.clone();
    let elsewhere = with(
        with(get_assertion(), 0x01, "elsewhere.example"),
        0x03,
        vec![descriptor(&id)],
    );
    assert_eq!(
        send(&mut authenticator, GA, Some(elsewhere)),
        Err(Status::NoCredentials)
    );
}

#[test]
fn every_broken_message_has_its_status() {
    let mut authenticator = Authenticator::new(world());
    let cases: [(&[u8], Status); 8] = [
        (&[], Status::InvalidLength),
        (&[0x00], Status::InvalidCommand),
        (&[0x06, 0xa0], Status::InvalidCommand),
        (&[MC], Status::InvalidCbor),
        (&[MC, 0xa1, 0x01], Status::InvalidCbor),
        (&[GA, 0x80], Status::CborUnexpectedType),
        (&[INFO, 0xa0], Status::InvalidLength),
        (&[NEXT], Status::NotAllowed),
    ];
    for (message, expected) in cases {
        assert_eq!(
            authenticator.handle(message),
            [expected.byte()],
            "{message:02x?}"
        );
    }
    assert_eq!(
        authenticator.handle(&vec![MC; MAX_MESSAGE + 1]),
        [Status::RequestTooLarge.byte()]
    );
}
