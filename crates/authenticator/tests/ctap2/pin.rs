//! authenticatorClientPIN: every rule of section 6.5 with the request that breaks it.

use crate::platform::{Platform, change_pin, cose, pin_command, set_pin, tag, token};
use crate::world::{
    HASH, VERIFIED, World, bytes, full_world, get_assertion, make_credential, send, with, without,
    world,
};
use authenticator::cbor::{Map, Value};
use authenticator::{Answer, Authenticator, Record, Status, UserVerification, permissions};

const MC: i64 = permissions::MAKE_CREDENTIAL as i64;
const GA: i64 = permissions::GET_ASSERTION as i64;

fn fresh() -> Authenticator<World> {
    Authenticator::new(full_world())
}

fn with_pin() -> Authenticator<World> {
    let mut authenticator = fresh();
    set_pin(&mut authenticator, 2, "1234").unwrap();
    authenticator
}

fn retries(authenticator: &mut Authenticator<World>) -> Map {
    pin_command(authenticator, [(2, 1.into())]).unwrap()
}

/// A request that carries a proof instead of `uv`.
fn proven(request: Map, token: &[u8], protocol: i64, at: i64) -> Map {
    let rest = match at {
        8 => with(request, 7, Value::map([("rk", Value::from(true))])),
        _ => without(request, 5),
    };
    with(
        with(rest, at, tag(protocol, token, &HASH)),
        at + 1,
        protocol,
    )
}

fn register(
    authenticator: &mut Authenticator<World>,
    token: &[u8],
    protocol: i64,
) -> Result<Map, Status> {
    let request = proven(make_credential(), token, protocol, 8);
    send(authenticator, 0x01, Some(request))
}

#[test]
fn both_protocols_set_change_and_prove_a_pin() {
    for protocol in [1, 2] {
        let mut authenticator = fresh();
        set_pin(&mut authenticator, protocol, "1234").unwrap();
        change_pin(&mut authenticator, protocol, "1234", "häß🔑").unwrap();
        let token = token(&mut authenticator, protocol, "häß🔑", MC, Some("localhost")).unwrap();
        let made = register(&mut authenticator, &token, protocol).unwrap();
        assert_eq!(bytes(&made, 2)[32], 0x45, "present, verified, attested");
        assert_eq!(
            authenticator.env().questions.last().map(|q| q.1),
            Some(false)
        );
    }
}

#[test]
fn a_pin_is_set_only_once_and_never_too_short_or_too_long() {
    assert_eq!(
        set_pin(&mut with_pin(), 2, "9999"),
        Err(Status::PinAuthInvalid)
    );
    // Four code points, though three of them have two bytes: `äöü` has six bytes and is still too short.
    for short in ["", "123", "äöü"] {
        assert_eq!(
            set_pin(&mut fresh(), 2, short),
            Err(Status::PinPolicyViolation)
        );
    }
    let (longest, longer) = ("x".repeat(63), "x".repeat(64));
    assert!(set_pin(&mut fresh(), 1, &longest).is_ok());
    assert_eq!(
        set_pin(&mut fresh(), 1, &longer),
        Err(Status::PinPolicyViolation)
    );
}

#[test]
fn a_new_pin_must_be_authenticated_padded_and_text() {
    let attempt = |plain: &[u8], spoil: bool| {
        let mut authenticator = fresh();
        let platform = Platform::agree(&mut authenticator, 2);
        let sealed = platform.seal(plain);
        let mut tag = platform.tag(&sealed);
        tag[0] ^= u8::from(spoil);
        pin_command(
            &mut authenticator,
            [
                (1, 2.into()),
                (2, 3.into()),
                (3, platform.public),
                (4, tag.into()),
                (5, sealed.into()),
            ],
        )
    };
    let mut padded = [0; 64];
    padded[..4].copy_from_slice(b"1234");
    assert!(attempt(&padded, false).is_ok());
    assert_eq!(attempt(&padded, true), Err(Status::PinAuthInvalid));
    assert_eq!(attempt(&padded[..48], false), Err(Status::InvalidParameter));
    assert_eq!(attempt(&[0xff; 64], false), Err(Status::PinPolicyViolation));
}

#[test]
fn what_is_no_whole_number_of_blocks_is_not_decrypted() {
    for length in [0, 16, 65, 70] {
        let mut authenticator = fresh();
        let platform = Platform::agree(&mut authenticator, 2);
        let sealed = vec![7; length];
        let tag = platform.tag(&sealed);
        let request = [
            (1, 2.into()),
            (2, 3.into()),
            (3, platform.public),
            (4, tag.into()),
            (5, sealed.into()),
        ];
        assert_eq!(
            pin_command(&mut authenticator, request),
            Err(Status::InvalidParameter)
        );
    }
}

#[test]
fn an_attempt_is_counted_durably_before_the_pin_is_compared() {
    let mut authenticator = with_pin();
    authenticator.env_mut().journal.clear();
    token(&mut authenticator, 2, "0000", MC, Some("localhost")).unwrap_err();
    assert_eq!(authenticator.env().journal, ["save Pin", "compare"]);
}

#[test]
fn three_wrong_pins_in_a_row_need_a_power_cycle_and_eight_a_reset() {
    let mut authenticator = with_pin();
    let wrong = |authenticator: &mut Authenticator<World>| {
        token(authenticator, 2, "0000", MC, Some("localhost")).unwrap_err()
    };
    assert_eq!(wrong(&mut authenticator), Status::PinInvalid);
    assert_eq!(wrong(&mut authenticator), Status::PinInvalid);
    assert_eq!(wrong(&mut authenticator), Status::PinAuthBlocked);
    // Blocked: even the right PIN is not looked at, and no attempt is used up.
    assert_eq!(
        token(&mut authenticator, 2, "1234", MC, Some("localhost")),
        Err(Status::PinAuthBlocked)
    );
    let told = retries(&mut authenticator);
    assert_eq!(
        (&told[&3.into()], &told[&4.into()]),
        (&5.into(), &true.into())
    );
    authenticator.power_cycle();
    assert!(!retries(&mut authenticator).contains_key(&4.into()));
    for _ in 0..2 {
        wrong(&mut authenticator);
    }
    authenticator.power_cycle();
    assert_eq!(wrong(&mut authenticator), Status::PinInvalid);
    authenticator.power_cycle();
    assert_eq!(wrong(&mut authenticator), Status::PinInvalid);
    assert_eq!(wrong(&mut authenticator), Status::PinBlocked);
    authenticator.power_cycle();
    assert_eq!(
        token(&mut authenticator, 2, "1234", MC, Some("localhost")),
        Err(Status::PinBlocked)
    );
    assert_eq!(
        change_pin(&mut authenticator, 2, "1234", "5678"),
        Err(Status::PinBlocked)
    );
}

#[test]
fn a_right_pin_gives_all_attempts_back() {
    let mut authenticator = with_pin();
    token(&mut authenticator, 2, "0000", MC, Some("localhost")).unwrap_err();
    assert_eq!(retries(&mut authenticator)[&3.into()], 7.into());
    token(&mut authenticator, 2, "1234", MC, Some("localhost")).unwrap();
    assert_eq!(retries(&mut authenticator)[&3.into()], 8.into());
}

#[test]
fn a_damaged_record_of_attempts_has_none_left() {
    let mut authenticator = with_pin();
    authenticator
        .env_mut()
        .records
        .insert(Record::Pin, vec![0xff]);
    assert_eq!(
        token(&mut authenticator, 2, "1234", MC, Some("localhost")),
        Err(Status::PinBlocked)
    );
}

#[test]
fn a_wrong_pin_ends_the_agreement() {
    let mut authenticator = with_pin();
    let platform = Platform::agree(&mut authenticator, 2);
    let request = |pin: &str| {
        [
            (1, 2.into()),
            (2, 9.into()),
            (3, platform.public.clone()),
            (6, platform.pin_hash(pin).into()),
            (9, GA.into()),
            (10, "localhost".into()),
        ]
    };
    assert_eq!(
        pin_command(&mut authenticator, request("0000")),
        Err(Status::PinInvalid)
    );
    assert_eq!(
        pin_command(&mut authenticator, request("1234")),
        Err(Status::PinInvalid)
    );
}

#[test]
fn a_key_that_is_no_point_on_the_curve_is_refused() {
    let mut authenticator = with_pin();
    for key in [
        cose(&[1; 32], &[1; 32]),
        cose(&[0; 32], &[0; 32]),
        cose(&[1; 31], &[1; 32]),
    ] {
        let request = [
            (1, 2.into()),
            (2, 9.into()),
            (3, key),
            (6, vec![0; 32].into()),
            (9, GA.into()),
            (10, "localhost".into()),
        ];
        assert_eq!(
            pin_command(&mut authenticator, request),
            Err(Status::InvalidParameter)
        );
    }
    // A right point under another algorithm or curve is no key for this.
    let platform = Platform::agree(&mut authenticator, 2);
    let Value::Map(right) = platform.public.clone() else {
        panic!("no map")
    };
    for (label, value) in [(1, 1), (3, -7), (-1, 2)] {
        let request = [
            (1, 2.into()),
            (2, 9.into()),
            (3, Value::Map(with(right.clone(), label, value))),
            (6, platform.pin_hash("1234").into()),
            (9, GA.into()),
            (10, "localhost".into()),
        ];
        assert_eq!(
            pin_command(&mut authenticator, request),
            Err(Status::InvalidParameter)
        );
    }
    assert_eq!(retries(&mut authenticator)[&3.into()], 8.into());
}

#[test]
fn permissions_are_checked_when_asked_for() {
    let mut authenticator = with_pin();
    let mut asked = |permissions, rp_id| token(&mut authenticator, 2, "1234", permissions, rp_id);
    assert_eq!(asked(0, None), Err(Status::InvalidParameter));
    assert_eq!(asked(MC, None), Err(Status::MissingParameter));
    assert_eq!(asked(0x08, None), Err(Status::UnauthorizedPermission));
    assert_eq!(asked(0x100, None), Err(Status::UnauthorizedPermission));
    assert!(asked(0x34, None).is_ok());
    authenticator.env_mut().capabilities.management = false;
    assert_eq!(
        token(&mut authenticator, 2, "1234", 0x04, None),
        Err(Status::UnauthorizedPermission)
    );
}

#[test]
fn a_token_does_only_what_it_was_given_for() {
    let mut authenticator = with_pin();
    let for_sign_in = token(&mut authenticator, 2, "1234", GA, Some("localhost")).unwrap();
    assert_eq!(
        register(&mut authenticator, &for_sign_in, 2),
        Err(Status::PinAuthInvalid)
    );
    let elsewhere = token(&mut authenticator, 2, "1234", MC, Some("other.example")).unwrap();
    assert_eq!(
        register(&mut authenticator, &elsewhere, 2),
        Err(Status::PinAuthInvalid)
    );
    assert_eq!(
        register(&mut authenticator, &[7; 32], 2),
        Err(Status::PinAuthInvalid)
    );
    let right = token(&mut authenticator, 2, "1234", MC, Some("localhost")).unwrap();
    assert_eq!(
        register(&mut authenticator, &right, 1),
        Err(Status::PinAuthInvalid),
        "a token belongs to its protocol"
    );
    let request = proven(make_credential(), &right, 2, 8);
    assert_eq!(
        send(&mut authenticator, 0x01, Some(with(request, 9, 1))),
        Err(Status::PinAuthInvalid),
        "also where the tag is right and only the name of the protocol is not"
    );
    register(&mut authenticator, &right, 2).unwrap();
    assert_eq!(
        register(&mut authenticator, &right, 2),
        Err(Status::PinAuthInvalid),
        "it is spent"
    );
}

#[test]
fn a_token_lives_thirty_seconds_unused_and_ten_minutes_in_all() {
    for (first, second, alive) in [
        (30_000, 0, true),
        (30_001, 0, false),
        (1_000, 599_000, true),
        (1_000, 599_001, false),
    ] {
        let mut authenticator = with_pin();
        let token = token(&mut authenticator, 2, "1234", MC | GA, Some("localhost")).unwrap();
        authenticator.env_mut().now += first;
        if second > 0 {
            // Nobody has a passkey yet: the proof is right, the token is used, nothing is spent.
            let request = proven(get_assertion(), &token, 2, 6);
            assert_eq!(
                send(&mut authenticator, 0x02, Some(request)),
                Err(Status::NoCredentials)
            );
            authenticator.env_mut().now += second;
        }
        let outcome = register(&mut authenticator, &token, 2);
        assert_eq!(outcome.is_ok(), alive, "{first} {second}");
    }
}

#[test]
fn a_changed_pin_and_a_power_cycle_end_every_token() {
    let mut authenticator = with_pin();
    let before = token(&mut authenticator, 2, "1234", MC, Some("localhost")).unwrap();
    change_pin(&mut authenticator, 2, "1234", "5678").unwrap();
    assert_eq!(
        register(&mut authenticator, &before, 2),
        Err(Status::PinAuthInvalid)
    );
    let before = token(&mut authenticator, 2, "5678", MC, Some("localhost")).unwrap();
    authenticator.power_cycle();
    assert_eq!(
        register(&mut authenticator, &before, 2),
        Err(Status::PinAuthInvalid)
    );
}

#[test]
fn the_legacy_token_belongs_to_its_first_relying_party() {
    let mut authenticator = with_pin();
    let platform = Platform::agree(&mut authenticator, 1);
    let request = [
        (1, 1.into()),
        (2, 5.into()),
        (3, platform.public.clone()),
        (6, platform.pin_hash("1234").into()),
    ];
    let answer = pin_command(&mut authenticator, request.clone()).unwrap();
    let token = platform.open(&bytes(&answer, 2));
    let elsewhere = proven(with(get_assertion(), 1, "other.example"), &token, 1, 6);
    assert_eq!(
        send(&mut authenticator, 0x02, Some(elsewhere)),
        Err(Status::NoCredentials)
    );
    assert_eq!(
        register(&mut authenticator, &token, 1),
        Err(Status::PinAuthInvalid)
    );
    let [a, b, c, d] = request;
    let with_permissions = [a, b, c, d, (9, MC.into())];
    assert_eq!(
        pin_command(&mut authenticator, with_permissions),
        Err(Status::InvalidParameter)
    );
}

#[test]
fn a_set_pin_guards_discoverable_registrations() {
    let bare = with(
        make_credential(),
        7,
        Value::map([("rk", Value::from(true))]),
    );
    assert!(send(&mut fresh(), 0x01, Some(bare.clone())).is_ok());
    assert_eq!(
        send(&mut with_pin(), 0x01, Some(bare)),
        Err(Status::PuatRequired)
    );
}

#[test]
fn an_empty_proof_asks_for_a_touch_and_tells_whether_there_is_a_pin() {
    let request = with(with(make_credential(), 8, Vec::<u8>::new()), 9, 1);
    let mut without_pin = fresh();
    assert_eq!(
        send(&mut without_pin, 0x01, Some(request.clone())),
        Err(Status::PinNotSet)
    );
    assert_eq!(without_pin.env().questions.len(), 1);
    assert_eq!(
        send(&mut with_pin(), 0x01, Some(request)),
        Err(Status::PinInvalid)
    );
}

fn by_verification(
    authenticator: &mut Authenticator<World>,
    permissions: i64,
) -> Result<Vec<u8>, Status> {
    let platform = Platform::agree(authenticator, 2);
    let request = [
        (1, 2.into()),
        (2, 6.into()),
        (3, platform.public.clone()),
        (9, permissions.into()),
        (10, "localhost".into()),
    ];
    let answer = pin_command(authenticator, request)?;
    Ok(platform.open(&bytes(&answer, 2)))
}

fn verifying() -> Authenticator<World> {
    let mut world = full_world();
    world.profile.user_verification = UserVerification::OnRequest;
    world.answer = VERIFIED;
    Authenticator::new(world)
}

#[test]
fn built_in_verification_gives_a_token_whose_touch_counts_once_and_for_thirty_seconds() {
    let mut authenticator = verifying();
    let token = by_verification(&mut authenticator, MC).unwrap();
    let asked = authenticator.env().questions.len();
    register(&mut authenticator, &token, 2).unwrap();
    assert_eq!(
        authenticator.env().questions.len(),
        asked,
        "nobody is asked twice"
    );
    let token = by_verification(&mut authenticator, MC | GA).unwrap();
    let silent = with(
        proven(get_assertion(), &token, 2, 6),
        5,
        Value::map([("up", Value::from(false))]),
    );
    send(&mut authenticator, 0x02, Some(silent)).unwrap();
    authenticator.env_mut().now += 30_001;
    let asked = authenticator.env().questions.len();
    register(&mut authenticator, &token, 2).unwrap();
    assert_eq!(authenticator.env().questions.len(), asked + 1);
}

#[test]
fn built_in_verification_that_fails_is_blocked_or_missing_gives_none() {
    for (answer, status) in [
        (Answer::Denied, Status::UvInvalid),
        (Answer::Blocked, Status::UvBlocked),
        (Answer::TimedOut, Status::UserActionTimeout),
    ] {
        let mut authenticator = verifying();
        authenticator.env_mut().answer = answer;
        assert_eq!(by_verification(&mut authenticator, MC), Err(status));
    }
    let mut blocked = verifying();
    blocked.env_mut().uv_retries = 0;
    assert_eq!(by_verification(&mut blocked, MC), Err(Status::UvBlocked));
    assert!(
        blocked.env().questions.is_empty(),
        "nobody is asked for nothing"
    );
    assert_eq!(
        pin_command(&mut blocked, [(2, 7.into())]).unwrap()[&5.into()],
        0.into()
    );
    let mut unconfigured = verifying();
    unconfigured.env_mut().profile.user_verification = UserVerification::NotConfigured;
    assert_eq!(
        by_verification(&mut unconfigured, MC),
        Err(Status::NotAllowed)
    );
    assert_eq!(
        by_verification(&mut fresh(), MC),
        Err(Status::InvalidSubcommand)
    );
}

#[test]
fn every_broken_request_has_its_status() {
    let mut authenticator = with_pin();
    let cases: [(Vec<(i64, Value)>, Status); 8] = [
        (vec![(1, 2.into())], Status::MissingParameter),
        (vec![(2, 2.into())], Status::MissingParameter),
        (vec![(1, 3.into()), (2, 2.into())], Status::InvalidParameter),
        (vec![(2, 0.into())], Status::InvalidSubcommand),
        (vec![(2, 8.into())], Status::InvalidSubcommand),
        (vec![(1, 2.into()), (2, 3.into())], Status::MissingParameter),
        (
            vec![(1, 2.into()), (2, 9.into()), (9, 4.into())],
            Status::MissingParameter,
        ),
        (vec![(2, true.into())], Status::CborUnexpectedType),
    ];
    for (entries, status) in cases {
        let map: Map = entries
            .into_iter()
            .map(|(key, value)| (key.into(), value))
            .collect();
        assert_eq!(send(&mut authenticator, 0x06, Some(map)), Err(status));
    }
    assert_eq!(
        change_pin(&mut fresh(), 2, "1234", "5678"),
        Err(Status::PinNotSet)
    );
    assert_eq!(
        token(&mut fresh(), 2, "1234", 4, None),
        Err(Status::PinNotSet)
    );
    assert_eq!(
        pin_command(&mut Authenticator::new(world()), [(2, 1.into())]),
        Err(Status::InvalidCommand)
    );
}

#[test]
fn secrets_do_not_print() {
    let mut authenticator = with_pin();
    let token = token(&mut authenticator, 2, "1234", MC, Some("localhost")).unwrap();
    let printed = format!("{:?}", authenticator);
    assert!(printed.contains("Token"));
    assert!(!printed.contains(&format!("{token:?}")));
}
