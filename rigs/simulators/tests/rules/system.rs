//! R13 to R15: what is remembered of failures, which systems will do, and profiles that do not see each other.

use crate::app::{AUTHORITY, RP, app, phones};
use authenticator::Status;
use authenticator::device::{FeedbackError, FeedbackState};
use authenticator::rules::Refusal;
use authenticator::rules::feedback::{Bundle, FeedbackId};
use authenticator::rules::incidents::{Cause, Operation};
use authenticator::rules::os_support::{Os, recommended};
use rig_simulators::{Finger, Phone};

#[test]
fn r13_every_failed_registration_leaves_an_incident_without_secrets() {
    for phone in phones() {
        let mut app = app(phone);
        app.register("login.c0ntoso.com", "ada")
            .map(drop)
            .unwrap_err();
        app.phone().person.finger = Finger::Cancels;
        app.register(RP, "ada").map(drop).unwrap_err();
        app.phone().person.finger = Finger::Matches;
        app.phone().files.full = true;
        app.register(RP, "ada").map(drop).unwrap_err();
        let seen: Vec<_> = app
            .device()
            .incidents()
            .iter()
            .map(|incident| (incident.operation, incident.cause.code()))
            .collect();
        assert_eq!(
            seen,
            [
                (Operation::Register, Refusal::LookAlike.code()),
                (Operation::Register, Cause::NotApproved.code()),
                (Operation::Register, Cause::KeyStore.code()),
            ]
        );
        // By its type an incident has no place for one; the canary looks anyway.
        let printed = format!("{:?}", app.device().incidents());
        assert!(!printed.contains("1111"));
    }
}

#[test]
fn r13_only_the_last_incidents_are_kept() {
    let mut app = app(Phone::android(1, &AUTHORITY));
    for _ in 0..40 {
        app.register("login.c0ntoso.com", "ada")
            .map(drop)
            .unwrap_err();
    }
    assert_eq!(app.device().incidents().iter().count(), 32);
}

#[test]
fn r13_feedback_waits_for_a_connection_under_an_id_that_can_be_read_out() {
    for phone in phones() {
        let mut app = app(phone);
        assert_eq!(
            app.device().make_feedback(),
            Err(FeedbackError::NothingToTell)
        );
        app.register("login.c0ntoso.com", "ada")
            .map(drop)
            .unwrap_err();
        app.phone().pass(90_500);
        app.phone().online = false;
        let id = app.device().make_feedback().unwrap();
        assert_eq!(FeedbackId::parse(&id.to_string()), Ok(id));
        assert_eq!(app.device().feedbacks(), [(id, FeedbackState::Queued)]);
        assert_eq!(app.device().feedback_to_send(), None);
        // The system ends the app before there is a connection.
        let mut app = app.restarted();
        app.phone().online = true;
        let (sent, bytes) = app.device().feedback_to_send().unwrap();
        let bundle = Bundle::decode(&bytes).unwrap();
        assert_eq!((sent, bundle.id), (id, id));
        let item = bundle.items.first().unwrap();
        assert_eq!(
            (item.seconds_ago, item.operation),
            (90, Operation::Register)
        );
        assert_eq!(
            (item.rp_id.as_str(), item.code.as_str()),
            ("login.c0ntoso.com", "look_alike")
        );
        assert!(app.device().feedback_arrived(id));
        assert!(!app.device().feedback_arrived(id));
        assert_eq!(app.device().feedbacks(), [(id, FeedbackState::Sent)]);
        assert_eq!(app.device().feedback_to_send(), None);
        // What is on the shelf beside passkeys is none.
        assert!(app.device().list().is_empty());
    }
}

#[test]
fn r13_feedback_holds_no_secret_and_no_name_of_a_person() {
    for phone in phones() {
        let mut app = app(phone);
        let kept = app.register(RP, "canary-account").unwrap();
        app.phone().person.finger = Finger::Cancels;
        app.register(RP, "canary-account").map(drop).unwrap_err();
        app.register("login.c0ntoso.com", "canary-account")
            .map(drop)
            .unwrap_err();
        app.device().make_feedback().unwrap();
        let (_, bytes) = app.device().feedback_to_send().unwrap();
        assert_eq!(Bundle::decode(&bytes).unwrap().items.len(), 2);
        let holds = |canary: &[u8]| bytes.windows(canary.len()).any(|part| part == canary);
        // The code is there, so that looking for something finds it.
        assert!(holds(b"look_alike"));
        assert!(!holds(b"canary") && !holds(b"1111"));
        assert!(!holds(&kept.id()));
        let keys = app.phone().hardware.private_bytes();
        assert!(!keys.is_empty());
        for key in keys {
            assert!(key.len() >= 32);
            assert!(key.windows(16).all(|part| !holds(part)));
        }
    }
}

#[test]
fn r13_what_waits_is_not_lost_for_something_newer() {
    let mut app = app(Phone::android(1, &AUTHORITY));
    app.register("login.c0ntoso.com", "ada")
        .map(drop)
        .unwrap_err();
    let ids: Vec<FeedbackId> = (0..8)
        .map(|_| app.device().make_feedback().unwrap())
        .collect();
    assert_eq!(app.device().make_feedback(), Err(FeedbackError::Full));
    assert_eq!(app.device().feedback_to_send().unwrap().0, ids[0]);
    assert!(app.device().feedback_arrived(ids[1]));
    let new = app.device().make_feedback().unwrap();
    let left: Vec<FeedbackId> = app
        .device()
        .feedbacks()
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    let mut expected = ids.clone();
    expected.remove(1);
    expected.push(new);
    assert_eq!(left, expected);
    // A shelf that takes nothing, or cannot be read, keeps no feedback.
    assert!(app.device().feedback_arrived(ids[0]));
    app.phone().files.full = true;
    assert_eq!(app.device().make_feedback(), Err(FeedbackError::NotKept));
    assert!(!app.device().feedback_arrived(ids[2]));
    app.phone().files.full = false;
    app.phone().files.unreadable = true;
    assert_eq!(app.device().make_feedback(), Err(FeedbackError::NotKept));
    assert!(app.device().feedbacks().is_empty());
}

#[test]
fn r14_the_system_must_let_apps_provide_passkeys() {
    let android = |version, has_provider_interface| Os::Android {
        version,
        has_provider_interface,
    };
    for (os, refusal) in [
        (android(13, true), Some(Refusal::OsTooOld)),
        (android(14, false), Some(Refusal::OsNotSupported)),
        (android(14, true), None),
        (android(15, true), None),
        (Os::Ios { version: 16 }, Some(Refusal::OsTooOld)),
        (Os::Ios { version: 17 }, None),
    ] {
        let mut phone = match os {
            Os::Ios { .. } => Phone::iphone(1, &AUTHORITY),
            _ => Phone::android(1, &AUTHORITY),
        };
        phone.os = os;
        let mut app = app(phone);
        assert_eq!(
            app.register(RP, "ada").err(),
            refusal.map(|_| Status::NotAllowed)
        );
        assert_eq!(app.refusal(), refusal, "{os:?}");
    }
    assert_eq!(recommended(android(14, false)), Some(15));
}

#[test]
fn r15_profiles_see_nothing_of_each_other() {
    for phone in phones() {
        let mut personal = app(phone);
        let mut kept = personal.register(RP, "ada").unwrap();
        // Two installations have two stores.
        let mut work = app(Phone::android(1, &AUTHORITY));
        work.policy().profile = "work".to_owned();
        assert_eq!(
            work.sign_in(&mut kept).map(drop),
            Err(Status::NoCredentials)
        );
        // And where somebody has joined them, the profile in the entry still keeps them apart.
        personal.policy().profile = "work".to_owned();
        assert!(personal.conditions().is_empty());
        assert_eq!(
            personal.sign_in(&mut kept).map(drop),
            Err(Status::NoCredentials)
        );
        personal.register(RP, "ada").unwrap();
        personal.policy().profile = "personal".to_owned();
        assert!(personal.sign_in(&mut kept).is_ok());
    }
}

#[test]
fn getinfo_says_what_a_phone_is() {
    use authenticator::cbor::Value;
    for phone in phones() {
        let mut app = app(phone);
        let answer = app.authenticator.handle(&[0x04]);
        let Ok(Value::Map(info)) = Value::decode(&answer[1..]) else {
            panic!("no map")
        };
        let Value::Map(options) = &info[&4.into()] else {
            panic!("no options")
        };
        assert_eq!(options[&"uv".into()], true.into());
        assert_eq!(options[&"rk".into()], true.into());
        assert!(!options.contains_key(&"clientPin".into()));
        let only = Value::map([("alg", Value::from(-7)), ("type", "public-key".into())]);
        assert_eq!(info[&0x0a.into()], Value::Array(vec![only]));
    }
}
