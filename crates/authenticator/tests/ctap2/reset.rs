//! authenticatorReset and authenticatorSelection.

use crate::platform::{set_pin, token};
use crate::world::{World, full_world, make_credential, send, with, world};
use authenticator::cbor::Value;
use authenticator::{Answer, Authenticator, Status};

const RESET: u8 = 0x07;
const SELECTION: u8 = 0x0b;

fn filled() -> Authenticator<World> {
    let mut authenticator = Authenticator::new(full_world());
    let bare = Value::map([("rk", Value::from(true))]);
    send(
        &mut authenticator,
        0x01,
        Some(with(make_credential(), 7, bare)),
    )
    .unwrap();
    set_pin(&mut authenticator, 2, "1234").unwrap();
    authenticator
}

#[test]
fn a_reset_leaves_neither_passkey_nor_pin_nor_token() {
    let mut authenticator = filled();
    let before = token(&mut authenticator, 2, "1234", 4, None).unwrap();
    send(&mut authenticator, RESET, None).unwrap();
    let world = authenticator.env();
    assert!(world.credentials.is_empty() && world.records.is_empty() && world.pin.is_none());
    let outcome = crate::platform::managed(&mut authenticator, 0x0a, &[], 1, None, &before);
    assert_eq!(outcome, Err(Status::PinAuthInvalid));
}

#[test]
fn a_reset_needs_the_first_ten_seconds_and_the_person() {
    let mut authenticator = filled();
    authenticator.env_mut().now += 10_000;
    authenticator.env_mut().answer = Answer::Denied;
    assert_eq!(
        send(&mut authenticator, RESET, None),
        Err(Status::OperationDenied)
    );
    authenticator.env_mut().now += 1;
    authenticator.env_mut().answer = crate::world::APPROVED;
    assert_eq!(
        send(&mut authenticator, RESET, None),
        Err(Status::NotAllowed)
    );
    authenticator.power_cycle();
    assert!(send(&mut authenticator, RESET, None).is_ok());
}

#[test]
fn a_world_that_cannot_be_erased_has_no_reset() {
    let mut authenticator = Authenticator::new(world());
    assert_eq!(
        send(&mut authenticator, RESET, None),
        Err(Status::InvalidCommand)
    );
}

#[test]
fn selection_is_a_touch() {
    let mut authenticator = Authenticator::new(world());
    assert!(
        send(&mut authenticator, SELECTION, None)
            .unwrap()
            .is_empty()
    );
    for (answer, status) in [
        (Answer::Denied, Status::OperationDenied),
        (Answer::TimedOut, Status::UserActionTimeout),
        (Answer::Cancelled, Status::KeepaliveCancel),
    ] {
        authenticator.env_mut().answer = answer;
        assert_eq!(send(&mut authenticator, SELECTION, None), Err(status));
    }
}
