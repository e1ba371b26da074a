//! authenticatorConfig.

use crate::platform::{change_pin, managed, set_pin, token};
use crate::world::{World, full_world, get_assertion, make_credential, send, with};
use authenticator::cbor::{Map, Value};
use authenticator::{AttestationStyle, Authenticator, Record, Status, UserVerification};

const CONFIG: u8 = 0x0d;

fn with_pin(pin: &str) -> Authenticator<World> {
    let mut authenticator = Authenticator::new(full_world());
    set_pin(&mut authenticator, 2, pin).unwrap();
    authenticator
}

fn configure(
    authenticator: &mut Authenticator<World>,
    pin: &str,
    subcommand: u8,
    parameters: Option<Value>,
) -> Result<Map, Status> {
    let token = token(authenticator, 2, pin, 0x20, None)?;
    let prefix = [[0xff; 32].as_slice(), &[CONFIG]].concat();
    managed(
        authenticator,
        CONFIG,
        &prefix,
        subcommand,
        parameters,
        &token,
    )
}

fn info(authenticator: &mut Authenticator<World>) -> (Map, Map) {
    let info = send(authenticator, 0x04, None).unwrap();
    let Value::Map(options) = info[&4.into()].clone() else {
        panic!("no options")
    };
    (info, options)
}

fn length(shortest: i64) -> Option<Value> {
    Some(Value::map([(1, Value::from(shortest))]))
}

#[test]
fn always_uv_is_toggled_and_demands_a_token_for_everything() {
    let mut authenticator = with_pin("1234");
    configure(&mut authenticator, "1234", 2, None).unwrap();
    let options = info(&mut authenticator).1;
    assert_eq!(options[&"alwaysUv".into()], true.into());
    assert!(!options.contains_key(&"makeCredUvNotRqd".into()));
    let bare = with(make_credential(), 7, Value::Map(Map::new()));
    assert_eq!(
        send(&mut authenticator, 0x01, Some(bare)),
        Err(Status::PuatRequired)
    );
    let bare = crate::world::without(get_assertion(), 5);
    assert_eq!(
        send(&mut authenticator, 0x02, Some(bare)),
        Err(Status::PuatRequired)
    );
    configure(&mut authenticator, "1234", 2, None).unwrap();
    assert_eq!(info(&mut authenticator).1[&"alwaysUv".into()], false.into());
}

#[test]
fn what_verifies_by_nature_is_not_switched_off() {
    let mut authenticator = with_pin("1234");
    authenticator.env_mut().profile.user_verification = UserVerification::Always;
    assert_eq!(
        configure(&mut authenticator, "1234", 2, None),
        Err(Status::OperationDenied)
    );
}

#[test]
fn a_protected_authenticator_is_configured_by_token_only() {
    let bare = Map::from([(1.into(), 2.into())]);
    assert!(
        send(
            &mut Authenticator::new(full_world()),
            CONFIG,
            Some(bare.clone())
        )
        .is_ok()
    );
    assert_eq!(
        send(&mut with_pin("1234"), CONFIG, Some(bare)),
        Err(Status::PuatRequired)
    );
    let mut authenticator = with_pin("1234");
    let other = token(&mut authenticator, 2, "1234", 0x04, None).unwrap();
    let prefix = [[0xff; 32].as_slice(), &[CONFIG]].concat();
    assert_eq!(
        managed(&mut authenticator, CONFIG, &prefix, 2, None, &other),
        Err(Status::PinAuthInvalid)
    );
    // A proof of another command does not fit: its prefix is missing.
    let right = token(&mut authenticator, 2, "1234", 0x20, None).unwrap();
    assert_eq!(
        managed(&mut authenticator, CONFIG, &[], 2, None, &right),
        Err(Status::PinAuthInvalid)
    );
}

#[test]
fn what_always_verifies_is_not_switched_back_by_anybody() {
    let mut authenticator = Authenticator::new(full_world());
    let bare = || Some(Map::from([(1.into(), 2.into())]));
    send(&mut authenticator, CONFIG, bare()).unwrap();
    assert_eq!(
        send(&mut authenticator, CONFIG, bare()),
        Err(Status::PuatRequired)
    );
}

#[test]
fn the_shortest_pin_grows_and_never_shrinks() {
    let mut authenticator = with_pin("12345678");
    configure(&mut authenticator, "12345678", 3, length(6)).unwrap();
    assert_eq!(info(&mut authenticator).0[&0x0d.into()], 6.into());
    assert_eq!(
        configure(&mut authenticator, "12345678", 3, length(5)),
        Err(Status::PinPolicyViolation)
    );
    assert_eq!(
        configure(&mut authenticator, "12345678", 3, length(64)),
        Err(Status::PinPolicyViolation)
    );
    assert_eq!(
        change_pin(&mut authenticator, 2, "12345678", "12345"),
        Err(Status::PinPolicyViolation)
    );
}

#[test]
fn a_pin_that_became_too_short_has_to_be_changed_into_another_one() {
    let mut authenticator = with_pin("1234");
    let before = token(&mut authenticator, 2, "1234", 0x24, None).unwrap();
    let prefix = [[0xff; 32].as_slice(), &[CONFIG]].concat();
    managed(&mut authenticator, CONFIG, &prefix, 3, length(6), &before).unwrap();
    assert_eq!(info(&mut authenticator).0[&0x0c.into()], true.into());
    assert_eq!(
        managed(&mut authenticator, 0x0a, &[], 1, None, &before),
        Err(Status::PinAuthInvalid),
        "older tokens end"
    );
    assert_eq!(
        token(&mut authenticator, 2, "1234", 4, None),
        Err(Status::PinPolicyViolation)
    );
    change_pin(&mut authenticator, 2, "1234", "123456").unwrap();
    assert_eq!(info(&mut authenticator).0[&0x0c.into()], false.into());
    assert!(token(&mut authenticator, 2, "123456", 4, None).is_ok());
}

#[test]
fn a_forced_change_takes_no_old_pin_and_needs_one_to_change() {
    let forced = || Some(Value::map([(3, Value::from(true))]));
    let mut authenticator = with_pin("1234");
    configure(&mut authenticator, "1234", 3, forced()).unwrap();
    assert_eq!(
        change_pin(&mut authenticator, 2, "1234", "1234"),
        Err(Status::PinPolicyViolation)
    );
    let mut without_pin = Authenticator::new(full_world());
    let request = Map::from([(1.into(), 3.into()), (2.into(), forced().unwrap())]);
    assert_eq!(
        send(&mut without_pin, CONFIG, Some(request)),
        Err(Status::PinNotSet)
    );
}

#[test]
fn the_list_of_relying_parties_has_an_end() {
    let list = |count: usize| {
        let names = vec![Value::from("localhost"); count];
        Some(Value::map([(2, Value::Array(names))]))
    };
    let mut authenticator = with_pin("1234");
    assert!(configure(&mut authenticator, "1234", 3, list(8)).is_ok());
    assert_eq!(
        configure(&mut authenticator, "1234", 3, list(9)),
        Err(Status::KeyStoreFull)
    );
}

#[test]
fn damaged_settings_are_a_failure_and_not_the_defaults() {
    let mut authenticator = with_pin("1234");
    authenticator
        .env_mut()
        .records
        .insert(Record::Settings, vec![0xff]);
    assert_eq!(
        token(&mut authenticator, 2, "1234", 4, None),
        Err(Status::Other)
    );
}

#[test]
fn enterprise_attestation_is_switched_on_first_and_goes_to_whom_it_may() {
    let register = |authenticator: &mut Authenticator<World>, rp_id: &str, kind: i64| {
        let token = token(authenticator, 2, "1234", 1, Some(rp_id)).unwrap();
        let request = with(
            make_credential(),
            2,
            Value::map([("id", Value::from(rp_id))]),
        );
        let request = with(request, 7, Value::map([("rk", Value::from(true))]));
        let proof = crate::platform::tag(2, &token, &crate::world::HASH);
        let request = with(with(with(request, 8, proof), 9, 2), 10, kind);
        send(authenticator, 0x01, Some(request))
    };
    let mut authenticator = with_pin("1234");
    authenticator.env_mut().profile.attestation = AttestationStyle::Certified;
    assert_eq!(info(&mut authenticator).1[&"ep".into()], false.into());
    assert_eq!(
        register(&mut authenticator, "localhost", 2),
        Err(Status::InvalidParameter)
    );
    configure(&mut authenticator, "1234", 1, None).unwrap();
    assert_eq!(info(&mut authenticator).1[&"ep".into()], true.into());
    assert_eq!(
        register(&mut authenticator, "localhost", 3),
        Err(Status::InvalidOption)
    );
    let by_maker = register(&mut authenticator, "localhost", 1).unwrap();
    assert!(!by_maker.contains_key(&4.into()));
    assert!(!authenticator.env().enterprise_asked);
    for (rp_id, kind) in [("maker.example", 1), ("localhost", 2)] {
        let made = register(&mut authenticator, rp_id, kind).unwrap();
        assert_eq!(made[&4.into()], true.into());
    }
    assert!(authenticator.env().enterprise_asked);
    authenticator.env_mut().capabilities.enterprise = None;
    assert_eq!(
        register(&mut authenticator, "localhost", 2),
        Err(Status::InvalidParameter)
    );
    assert_eq!(
        configure(&mut authenticator, "1234", 1, None),
        Err(Status::InvalidSubcommand)
    );
}

#[test]
fn vendor_and_unknown_subcommands_are_not_built_in() {
    for subcommand in [0, 4, 0xff] {
        assert_eq!(
            configure(&mut with_pin("1234"), "1234", subcommand, None),
            Err(Status::InvalidSubcommand)
        );
    }
}
