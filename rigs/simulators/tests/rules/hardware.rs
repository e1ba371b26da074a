//! R1 to R4: where keys are, and that they stay there.

use crate::app::{AUTHORITY, App, RP, app, phones};
use authenticator::device::Condition;
use authenticator::rules::Refusal;
use authenticator::rules::key_store::Level;
use authenticator::{CredentialId, Status};
use ceremony::attestation::{KeyStore, key_store};
use ceremony::{AttestationFormat, TrustOutcome};
use rig_simulators::{Chip, Phone};

fn android(strong_box: Chip, trusted: Chip) -> Phone {
    let mut phone = Phone::android(1, &AUTHORITY);
    phone.hardware.chips = vec![
        (Level::TrustedEnvironment, trusted),
        (Level::StrongBox, strong_box),
    ];
    phone
}

#[test]
fn r01_strong_box_then_trusted_environment() {
    for (strong_box, trusted, level) in [
        (Chip::Present, Chip::Present, Level::StrongBox),
        (Chip::Absent, Chip::Present, Level::TrustedEnvironment),
        (Chip::ThrowsLate, Chip::Present, Level::TrustedEnvironment),
        (
            Chip::MakesSoftwareKeys,
            Chip::Present,
            Level::TrustedEnvironment,
        ),
    ] {
        let mut app = app(android(strong_box, trusted));
        let kept = app.register(RP, "ada").unwrap();
        assert_eq!(app.phone().hardware.levels(), [level], "{strong_box:?}");
        let attestation = &kept.registered.facts().attestation;
        assert_eq!(attestation.format, AttestationFormat::AndroidKey);
        assert_eq!(attestation.trust, TrustOutcome::Trusted);
        // The relying party reads the same from the statement.
        let said = key_store(&kept.registered.facts().attestation_object);
        let expected = match level {
            Level::StrongBox => KeyStore::StrongBox,
            _ => KeyStore::TrustedEnvironment,
        };
        assert_eq!(said, Some(expected), "{strong_box:?}");
    }
}

#[test]
fn r02_no_secure_hardware_no_passkey_even_without_attestation() {
    for (strong_box, trusted) in [
        (Chip::Absent, Chip::Absent),
        (Chip::Absent, Chip::MakesSoftwareKeys),
        (Chip::ThrowsLate, Chip::ThrowsLate),
    ] {
        let mut phone = android(strong_box, trusted);
        phone.attests = false;
        let mut app = app(phone);
        assert_eq!(
            app.register(RP, "ada").map(drop),
            Err(Status::NotAllowed),
            "{trusted:?}"
        );
        assert_eq!(app.refusal(), Some(Refusal::NoSecureHardware));
        assert_eq!(app.phone().hardware.keys(), 0);
        assert!(app.phone().files.bytes().is_empty());
    }
}

#[test]
fn r02_hardware_that_is_known_to_be_missing_is_refused_before_anybody_is_asked() {
    let mut app = app(android(Chip::Absent, Chip::Absent));
    app.register(RP, "ada").map(drop).unwrap_err();
    assert!(app.phone().person.prompts.is_empty());
}

#[test]
fn r03_an_iphone_keeps_keys_in_the_secure_enclave_or_not_at_all() {
    let mut app1 = app(Phone::iphone(1, &AUTHORITY));
    let kept = app1.register(RP, "ada").unwrap();
    assert_eq!(app1.phone().hardware.levels(), [Level::SecureEnclave]);
    let attestation = &kept.registered.facts().attestation;
    assert_eq!(attestation.format, AttestationFormat::Packed);
    assert_eq!(attestation.trust, TrustOutcome::Trusted);
    // The format names a model, not a place.
    let object = &kept.registered.facts().attestation_object;
    assert_eq!(key_store(object), None);

    let mut phone = Phone::iphone(1, &AUTHORITY);
    phone.hardware.chips = Vec::new();
    let mut app2 = app(phone);
    assert_eq!(app2.register(RP, "ada").map(drop), Err(Status::NotAllowed));
    assert_eq!(app2.refusal(), Some(Refusal::NoSecureHardware));
}

#[test]
fn r03_a_desktop_keeps_keys_in_its_tpm_or_not_at_all() {
    let mut app1 = app(Phone::desktop(1, &AUTHORITY));
    let kept = app1.register(RP, "ada").unwrap();
    assert_eq!(app1.phone().hardware.levels(), [Level::Tpm]);
    let attestation = &kept.registered.facts().attestation;
    assert_eq!(attestation.format, AttestationFormat::Tpm);
    assert_eq!(attestation.trust, TrustOutcome::Trusted);
    let object = &kept.registered.facts().attestation_object;
    assert_eq!(key_store(object), Some(KeyStore::Tpm));

    let mut phone = Phone::desktop(1, &AUTHORITY);
    phone.hardware.chips = Vec::new();
    let mut app2 = app(phone);
    assert_eq!(app2.register(RP, "ada").map(drop), Err(Status::NotAllowed));
    assert_eq!(app2.refusal(), Some(Refusal::NoSecureHardware));
}

#[test]
fn r04_passkeys_are_device_bound_and_say_so() {
    for phone in phones() {
        let mut app = app(phone);
        let mut kept = app.register(RP, "ada").unwrap();
        let facts = kept.registered.facts();
        assert!(!facts.backup_eligible && !facts.backed_up);
        let signed_in = app.sign_in(&mut kept).unwrap();
        let facts = signed_in.facts();
        assert!(!facts.backup_eligible && !facts.backed_up);
    }
}

#[test]
fn r04_a_restored_backup_opens_nothing_and_says_where_it_belongs() {
    let [android, iphone, desktop] = phones();
    for (old, new) in [
        (android, Phone::android(4, &AUTHORITY)),
        (iphone, Phone::iphone(5, &AUTHORITY)),
        (desktop, Phone::desktop(6, &AUTHORITY)),
    ] {
        let mut first = app(old);
        let mut kept = first.register(RP, "ada").unwrap();
        let mut second = app(new);
        // The other device has a key of the same name: nothing but the device's identity tells them apart.
        second.register("elsewhere.example", "eve").unwrap();
        let files = first.phone().files.clone();
        second.phone().restore(files);
        assert_eq!(second.conditions(), [Condition::OfAnotherDevice]);
        assert_eq!(
            second.sign_in(&mut kept).map(drop),
            Err(Status::NoCredentials)
        );
        assert_eq!(second.phone().hardware.keys(), 1, "nothing was destroyed");
    }
}

#[test]
fn r04_cleaning_up_after_another_device_destroys_no_key_of_this_one() {
    for clean_up in [forget, replace] {
        let mut first = app(Phone::android(1, &AUTHORITY));
        let foreign = first.register(RP, "ada").unwrap();
        let mut second = app(Phone::android(2, &AUTHORITY));
        // Both devices number their keys from one: the names are the same, the keys are not.
        let mut own = second.register("elsewhere.example", "eve").unwrap();
        let mut files = first.phone().files.clone();
        files.add(&second.phone().files);
        second.phone().restore(files);
        clean_up(&mut second, &foreign.id());
        assert!(second.sign_in(&mut own).is_ok());
        assert!(!second.conditions().contains(&Condition::OfAnotherDevice));
    }
}

fn forget(app: &mut App, id: &[u8]) {
    assert!(app.device().forget(&CredentialId(id.to_vec())));
}

fn replace(app: &mut App, _id: &[u8]) {
    app.register(RP, "ada").unwrap();
}

#[test]
fn a_shelf_that_cannot_be_read_is_a_failure_and_not_an_empty_one() {
    for phone in phones() {
        let mut app = app(phone);
        let mut kept = app.register(RP, "ada").unwrap();
        app.phone().files.unreadable = true;
        assert_eq!(app.sign_in(&mut kept).map(drop), Err(Status::Other));
        assert_eq!(app.register(RP, "ada").map(drop), Err(Status::Other));
        assert_eq!(app.phone().hardware.keys(), 1);
    }
}

#[test]
fn r04_no_file_holds_a_private_key() {
    for phone in phones() {
        let mut app = app(phone);
        app.register(RP, "ada").unwrap();
        let files = app.phone().files.bytes();
        for private in app.phone().hardware.private_bytes() {
            // The scalar lies behind the head of the PKCS #8 structure.
            let scalar = &private[36..68];
            assert!(!files.windows(32).any(|window| window == scalar));
        }
    }
}
