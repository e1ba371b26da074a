//! R5 to R8 and R12: what must be switched on, and from where a passkey may be used.

use crate::app::{OTHER, RP, app, phones};
use authenticator::Status;
use authenticator::device::policy::Front;
use authenticator::rules::Refusal;
use authenticator::rules::connection::{Diagnosis, Facts, Missing, Other, missing};
use authenticator::rules::cross_device::{CrossDevice, Radio, Shell, hosts};
use authenticator::rules::incidents::Operation;

#[test]
fn r05_cross_device_needs_bluetooth_and_the_internet_before_a_tunnel_is_opened() {
    for phone in phones() {
        let mut app = app(phone);
        let mut kept = app.register(RP, "ada").unwrap();
        app.front(Front::CrossDevice);
        assert_eq!(app.device().may_start_cross_device(), Ok(()));
        assert!(app.sign_in(&mut kept).is_ok());
        for (radio, online, refusal) in [
            (Radio::Off, true, Refusal::BluetoothOff),
            (Radio::Denied, true, Refusal::BluetoothDenied),
            (Radio::On, false, Refusal::Offline),
        ] {
            (app.phone().radio, app.phone().online) = (radio, online);
            assert_eq!(app.device().may_start_cross_device(), Err(refusal));
            let used = app.phone().hardware.signatures;
            assert_eq!(app.sign_in(&mut kept).map(drop), Err(Status::NotAllowed));
            assert_eq!(app.refusal(), Some(refusal));
            assert_eq!(app.phone().hardware.signatures, used);
        }
    }
}

#[test]
fn r05_what_was_missing_is_told_to_the_person_and_remembered() {
    for phone in phones() {
        let mut app = app(phone);
        let facts = Facts {
            other: Some(Other::Silent),
            ..Facts::default()
        };
        let piece = missing(&facts).unwrap();
        let told = Diagnosis::new(piece, hosts(Shell::Android, None));
        assert!(told.sentence().contains("cable.ua5v.com"));
        app.device().could_not_connect(Operation::SignIn, piece);
        let remembered: Vec<_> = app
            .device()
            .incidents()
            .iter()
            .map(|incident| {
                (
                    incident.operation,
                    incident.cause.code(),
                    incident.rp_id.clone(),
                )
            })
            .collect();
        let code = Missing::OtherSideSilent.code();
        assert_eq!(remembered, [(Operation::SignIn, code, String::new())]);
    }
}

#[test]
fn r06_the_switch_for_other_devices_counts_for_registration_and_sign_in_apart() {
    use CrossDevice::{Allowed, Blocked, NotWithAttestation};
    for (registration, sign_in, enforced, first, second) in [
        (Allowed, Allowed, true, None, None),
        (NotWithAttestation, Allowed, false, None, None),
        (
            NotWithAttestation,
            Allowed,
            true,
            Some(Refusal::CrossDeviceNotWithAttestation),
            None,
        ),
        (
            Allowed,
            NotWithAttestation,
            true,
            None,
            Some(Refusal::CrossDeviceNotWithAttestation),
        ),
        (
            Blocked,
            Blocked,
            false,
            Some(Refusal::CrossDeviceBlocked),
            Some(Refusal::CrossDeviceBlocked),
        ),
    ] {
        for phone in phones() {
            let mut app = app(phone);
            let enrolled = &mut app.policy().enrolled[0];
            enrolled.cross_device_registration = registration;
            enrolled.cross_device_sign_in = sign_in;
            enrolled.attestation_enforced = enforced;
            // On the device itself all of it works.
            let mut kept = app.register(RP, "ada").unwrap();
            app.sign_in(&mut kept).unwrap();
            app.front(Front::CrossDevice);
            let asked = app.phone().person.prompts.len();
            assert_eq!(
                app.register(RP, "bea").err(),
                first.map(|_| Status::NotAllowed)
            );
            assert_eq!(app.refusal(), first);
            if first.is_some() {
                assert_eq!(app.phone().person.prompts.len(), asked);
            }
            assert_eq!(
                app.sign_in(&mut kept).err(),
                second.map(|_| Status::NotAllowed)
            );
            assert_eq!(app.refusal(), second);
        }
    }
}

#[test]
fn r07_the_hosts_that_must_be_reachable_are_known() {
    assert_eq!(hosts(Shell::Android, None), ["cable.ua5v.com"]);
    assert_eq!(
        hosts(Shell::Ios, None),
        [
            "cable.auth.com",
            "app-site-association.cdn-apple.com",
            "app-site-association.networking.apple"
        ]
    );
    let own = Some("cable.wufkweyy3uaxb.com");
    assert_eq!(hosts(Shell::Linux, own), ["cable.wufkweyy3uaxb.com"]);
    assert_eq!(
        hosts(Shell::Ios, own).len(),
        3,
        "on iOS the system chooses the tunnel"
    );
}

#[test]
fn r08_without_bluetooth_everything_on_the_device_works() {
    for mut phone in phones() {
        phone.radio = Radio::Denied;
        let mut app = app(phone);
        let mut kept = app.register(RP, "ada").unwrap();
        assert!(app.sign_in(&mut kept).is_ok());
    }
}

#[test]
fn r12_no_use_without_the_internet_and_no_counter_moves() {
    for phone in phones() {
        let mut app = app(phone);
        let mut kept = app.register(RP, "ada").unwrap();
        app.sign_in(&mut kept).unwrap();
        app.phone().online = false;
        let asked = app.phone().person.prompts.len();
        assert_eq!(app.sign_in(&mut kept).map(drop), Err(Status::NotAllowed));
        assert_eq!(app.register(RP, "bea").map(drop), Err(Status::NotAllowed));
        assert_eq!(app.refusal(), Some(Refusal::Offline));
        assert_eq!(app.phone().person.prompts.len(), asked);
        app.phone().online = true;
        let signed_in = app.sign_in(&mut kept).unwrap();
        assert_eq!(signed_in.facts().sign_count, 2);
    }
}

#[test]
fn r12_relying_parties_elsewhere_work_offline_on_the_device_if_allowed() {
    for phone in phones() {
        let mut app = app(phone);
        let mut kept = app.register(OTHER, "ada").unwrap();
        app.phone().online = false;
        assert!(app.sign_in(&mut kept).is_ok());
        app.front(Front::CrossDevice);
        assert_eq!(app.sign_in(&mut kept).map(drop), Err(Status::NotAllowed));
        app.front(Front::Local);
        app.policy().offline_elsewhere = false;
        assert_eq!(app.sign_in(&mut kept).map(drop), Err(Status::NotAllowed));
        assert_eq!(app.refusal(), Some(Refusal::Offline));
    }
}
