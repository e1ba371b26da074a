//! R16 to R18: biometrics, the PIN, and biometrics again.

use crate::app::{App, Kept, RP, app, phones};
use authenticator::Status;
use authenticator::rules::verification::Method::{self, Biometric, Pin};
use rig_simulators::Finger;

const HOUR: u64 = 60 * 60 * 1000;

fn prompts(app: &mut App, kept: &mut Kept) -> Vec<Method> {
    app.phone().person.prompts.clear();
    let signed_in = app.sign_in(kept).unwrap();
    assert!(signed_in.facts().user_verified);
    app.phone().person.prompts.clone()
}

/// Apps whose owner has once failed with the finger.
fn after_a_failed_finger() -> Vec<(App, Kept)> {
    phones()
        .into_iter()
        .map(|phone| {
            let mut app = app(phone);
            let mut kept = app.register(RP, "ada").unwrap();
            app.phone().person.finger = Finger::Fails;
            assert_eq!(prompts(&mut app, &mut kept), [Biometric, Pin]);
            (app, kept)
        })
        .collect()
}

#[test]
fn r16_a_failed_biometric_asks_for_the_pin_in_the_same_request() {
    for (mut app, mut kept) in after_a_failed_finger() {
        app.phone().person.types = Some("9999".to_owned());
        assert_eq!(
            app.sign_in(&mut kept).map(drop),
            Err(Status::OperationDenied)
        );
    }
}

#[test]
fn r16_a_closed_prompt_is_a_no_and_no_other_prompt_follows() {
    for (finger, status) in [
        (Finger::Cancels, Status::OperationDenied),
        (Finger::TimesOut, Status::UserActionTimeout),
    ] {
        for phone in phones() {
            let mut app = app(phone);
            let mut kept = app.register(RP, "ada").unwrap();
            app.phone().person.prompts.clear();
            app.phone().person.finger = finger;
            assert_eq!(app.sign_in(&mut kept).map(drop), Err(status));
            assert_eq!(app.phone().person.prompts, [Biometric]);
        }
    }
}

#[test]
fn r16_a_locked_sensor_leads_to_the_pin() {
    for phone in phones() {
        let mut app = app(phone);
        app.policy().retry.verifications = 0;
        let mut kept = app.register(RP, "ada").unwrap();
        app.phone().person.finger = Finger::Fails;
        app.phone().person.types = Some("9999".to_owned());
        for _ in 0..5 {
            app.sign_in(&mut kept).map(drop).unwrap_err();
        }
        // Five failures have closed the sensor, also for its owner.
        app.phone().person.finger = Finger::Matches;
        app.phone().person.types = Some("1111".to_owned());
        assert_eq!(prompts(&mut app, &mut kept), [Biometric, Pin]);
        assert_eq!(prompts(&mut app, &mut kept), [Biometric]);
    }
}

#[test]
fn r17_the_next_sign_in_goes_to_the_pin_directly() {
    for (mut app, mut kept) in after_a_failed_finger() {
        app.phone().person.finger = Finger::Matches;
        assert_eq!(prompts(&mut app, &mut kept), [Pin]);
    }
}

#[test]
fn r17_the_pin_is_remembered_when_the_system_ends_the_app() {
    for (app, mut kept) in after_a_failed_finger() {
        let mut app = app.restarted();
        app.phone().person.finger = Finger::Matches;
        assert_eq!(prompts(&mut app, &mut kept), [Pin]);
    }
}

#[test]
fn r18_biometrics_are_tried_again_after_some_sign_ins() {
    for (mut app, mut kept) in after_a_failed_finger() {
        app.phone().person.finger = Finger::Matches;
        // The PIN of the failed attempt counts as the first of five.
        for _ in 1..5 {
            assert_eq!(prompts(&mut app, &mut kept), [Pin]);
        }
        assert_eq!(prompts(&mut app, &mut kept), [Biometric]);
        assert_eq!(prompts(&mut app, &mut kept), [Biometric], "it sticks again");
    }
}

#[test]
fn r18_biometrics_are_tried_again_after_some_hours_and_failure_means_another_period() {
    for (mut app, mut kept) in after_a_failed_finger() {
        app.phone().pass(24 * HOUR - 1);
        assert_eq!(prompts(&mut app, &mut kept), [Pin]);
        app.phone().pass(1);
        assert_eq!(prompts(&mut app, &mut kept), [Biometric, Pin]);
        app.phone().pass(23 * HOUR);
        assert_eq!(prompts(&mut app, &mut kept), [Pin]);
        app.phone().pass(HOUR);
        app.phone().person.finger = Finger::Matches;
        assert_eq!(prompts(&mut app, &mut kept), [Biometric]);
    }
}

#[test]
fn r18_without_biometrics_the_pin_is_all_there_is() {
    for mut phone in phones() {
        phone.enrol(&[]);
        let mut app = app(phone);
        let mut kept = app.register(RP, "ada").unwrap();
        assert_eq!(prompts(&mut app, &mut kept), [Pin]);
    }
}
