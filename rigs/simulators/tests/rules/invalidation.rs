//! R19 to R21, R23: what ends a passkey, and what does not.

use crate::app::{App, RP, app, phones};
use authenticator::Status;
use authenticator::device::Condition;
use authenticator::rules::Refusal;
use authenticator::rules::invalidation::{Kind, Why};
use rig_simulators::Phone;

/// Registers, lets something happen to the phone, and looks what became of the passkey.
fn after(happens: impl Fn(&mut Phone), expected: Result<(), Why>) {
    for phone in phones() {
        let mut app = app(phone);
        let mut kept = app.register(RP, "ada").unwrap();
        happens(app.phone());
        let outcome = app.sign_in(&mut kept).map(drop);
        match expected {
            Ok(()) => {
                assert_eq!(outcome, Ok(()));
                assert_eq!(app.conditions(), [Condition::Usable]);
            }
            Err(why) => has_ended(&mut app, outcome, why),
        }
    }
}

fn has_ended(app: &mut App, outcome: Result<(), Status>, why: Why) {
    assert_eq!(outcome, Err(Status::NoCredentials));
    assert_eq!(app.refusal(), Some(Refusal::NoLongerValid));
    assert_eq!(app.conditions(), [Condition::NoLongerValid(why)]);
    assert_eq!(app.phone().hardware.keys(), 0, "the key is destroyed");
}

#[test]
fn r19_a_changed_pin_ends_a_passkey_and_a_new_one_can_be_made() {
    after(|phone| phone.change_pin("2222"), Err(Why::PinChanged));
    for phone in phones() {
        let mut app = app(phone);
        app.register(RP, "ada").unwrap();
        app.phone().change_pin("2222");
        let mut again = app.register(RP, "ada").unwrap();
        assert!(app.sign_in(&mut again).is_ok());
        assert_eq!(app.conditions(), [Condition::Usable]);
    }
}

#[test]
fn r19_the_old_pin_set_again_brings_nothing_back() {
    let there_and_back = |phone: &mut Phone| {
        phone.change_pin("2222");
        phone.change_pin("1111");
    };
    after(there_and_back, Err(Why::PinChanged));
}

#[test]
fn r20_another_kind_of_biometrics_ends_a_passkey_and_another_finger_does_not() {
    after(
        |phone| phone.enrol(&[Kind::Face]),
        Err(Why::BiometricKindChanged),
    );
    after(Phone::add_finger, Ok(()));
    after(|phone| phone.enrol(&[Kind::Finger, Kind::Face]), Ok(()));
    after(|phone| phone.enrol(&[]), Ok(()));
}

#[test]
fn r20_the_kind_cannot_be_changed_in_small_steps() {
    for phone in phones() {
        let mut app = app(phone);
        let mut kept = app.register(RP, "ada").unwrap();
        app.phone().enrol(&[Kind::Finger, Kind::Face]);
        app.sign_in(&mut kept).unwrap();
        app.phone().enrol(&[Kind::Face]);
        let outcome = app.sign_in(&mut kept).map(drop);
        has_ended(&mut app, outcome, Why::BiometricKindChanged);
    }
}

#[test]
fn r21_without_a_screen_lock_passkeys_end_and_none_is_made_until_there_is_one() {
    after(Phone::remove_lock, Err(Why::LockRemoved));
    for phone in phones() {
        let mut app = app(phone);
        app.phone().remove_lock();
        assert_eq!(app.register(RP, "ada").map(drop), Err(Status::NotAllowed));
        assert_eq!(app.refusal(), Some(Refusal::ScreenLockRequired));
        assert!(app.phone().person.prompts.is_empty());
        app.phone().change_pin("3333");
        assert!(app.register(RP, "ada").is_ok());
    }
}

#[test]
fn r21_a_lock_that_was_removed_and_set_again_brings_nothing_back() {
    let there_and_back = |phone: &mut Phone| {
        phone.remove_lock();
        phone.change_pin("1111");
    };
    after(there_and_back, Err(Why::PinChanged));
}

#[test]
fn r23_nothing_expires() {
    const TEN_YEARS: u64 = 10 * 366 * 24 * 60 * 60 * 1000;
    after(|phone| phone.pass(TEN_YEARS), Ok(()));
}

#[test]
fn an_entry_that_has_ended_stays_ended_and_can_be_forgotten() {
    for phone in phones() {
        let mut app = app(phone);
        let kept = app.register(RP, "ada").unwrap();
        app.phone().change_pin("2222");
        app.conditions();
        assert_eq!(
            app.conditions(),
            [Condition::NoLongerValid(Why::PinChanged)]
        );
        let id = authenticator::CredentialId(kept.id());
        assert!(app.device().forget(&id));
        assert!(!app.device().forget(&id));
        assert!(app.conditions().is_empty());
    }
}
