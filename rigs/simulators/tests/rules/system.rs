//! R13 to R15: what is remembered of failures, which systems will do, and profiles that do not see each other.

use crate::app::{AUTHORITY, RP, app, phones};
use authenticator::Status;
use authenticator::rules::Refusal;
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
