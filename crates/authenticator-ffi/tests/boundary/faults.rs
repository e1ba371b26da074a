//! What a shell throws, and what it must not do.

use crate::shell::*;
use authenticator_ffi::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

const UNSUPPORTED_ALGORITHM: u8 = 0x26;

#[test]
fn whatever_a_shell_throws_opens_nothing_and_ends_nothing() {
    for (call, at_registration, at_sign_in) in [
        ("hardware", NOT_ALLOWED, OK),
        ("algorithms", UNSUPPORTED_ALGORITHM, OK),
        ("create", OTHER, OK),
        ("sign", OK, OTHER),
        ("screen_lock", NOT_ALLOWED, OTHER),
        ("verify", OPERATION_DENIED, OPERATION_DENIED),
        ("online", NOT_ALLOWED, NOT_ALLOWED),
        ("entries", OTHER, OTHER),
        ("write", OTHER, OTHER),
        ("state", OK, OK),
        ("now_ms", OK, OK),
    ] {
        let (shell, app) = Shell::with_app(AttestationKind::None);
        assert_eq!(register(&app, "ada"), OK);
        shell.state().broken = Some(call);
        assert_eq!(register(&app, "bea"), at_registration, "{call}");
        let made = if at_registration == OK { 2 } else { 1 };
        assert_eq!(
            shell.state().keys.len(),
            made,
            "{call}: no key is left behind"
        );
        assert_eq!(sign_in(&app), at_sign_in, "{call}");
        assert!(app.failed_calls().unwrap().iter().any(|one| one == call));
        shell.state().broken = None;
        assert_eq!(sign_in(&app), OK, "{call}");
        let listed = app.list().unwrap();
        assert!(
            listed
                .iter()
                .all(|one| one.condition == PasskeyCondition::Usable)
        );
    }
}

#[test]
fn evidence_that_cannot_be_had_makes_no_passkey() {
    let (shell, app) = Shell::with_app(AttestationKind::AndroidKey);
    shell.state().broken = Some("evidence");
    assert_eq!(register(&app, "ada"), OTHER);
    assert!(shell.state().keys.is_empty());
}

#[test]
fn a_lock_or_a_shelf_that_cannot_be_read_is_said_and_not_shown_as_nothing() {
    for call in ["screen_lock", "entries"] {
        let (shell, app) = Shell::with_app(AttestationKind::None);
        register(&app, "ada");
        let id = app.list().unwrap()[0].id.clone();
        shell.state().broken = Some(call);
        assert_eq!(app.list(), Err(AppError::ShellFailed), "{call}");
        shell.state().broken = Some("entries");
        assert_eq!(app.forget(id.clone()), Err(AppError::ShellFailed));
        shell.state().broken = None;
        assert_eq!(app.list().unwrap().len(), 1);
        assert_eq!(app.forget(id), Ok(true));
    }
}

#[test]
fn a_lock_that_is_gone_does_end_a_passkey() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    register(&app, "ada");
    shell.state().lock = None;
    assert_eq!(sign_in(&app), NO_CREDENTIALS);
    assert_eq!(
        app.last_refusal().unwrap().as_deref(),
        Some("no_longer_valid")
    );
    assert!(shell.state().keys.is_empty());
}

#[test]
fn a_bluetooth_that_cannot_be_asked_is_none() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    assert_eq!(app.cross_device_refusal(), Ok(None));
    shell.state().broken = Some("radio");
    let refusal = app.cross_device_refusal().unwrap();
    assert_eq!(refusal.as_deref(), Some("bluetooth_denied"));
}

#[test]
fn a_yes_that_cannot_be_heard_is_a_no() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    let select = || app.handle(vec![0x0b], RequestFront::Local).unwrap();
    assert_eq!(select(), [OK]);
    shell.state().broken = Some("confirm");
    assert_eq!(select(), [OPERATION_DENIED]);
}

#[test]
fn a_shell_that_calls_back_into_the_app_is_told_that_it_is_busy() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    shell.state().calls_back = true;
    assert_eq!(register(&app, "ada"), OK);
    assert_eq!(shell.state().heard, [AppError::Busy; 8]);
}

#[test]
fn an_app_that_broke_down_says_so_and_does_nothing_more() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    // A handle that the test's own shell cannot number makes it panic, as a mistake inside of the app would.
    for number in 0..=255 {
        let key = aws_lc_rs::signature::EcdsaKeyPair::generate(
            &aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        );
        shell.state().keys.insert(vec![9, number], key.unwrap());
    }
    let broke = catch_unwind(AssertUnwindSafe(|| register(&app, "ada")));
    assert!(broke.is_err());
    assert_eq!(app.list(), Err(AppError::Broken));
    let again = app.handle(vec![4], RequestFront::Local);
    assert_eq!(again, Err(AppError::Broken));
}

#[test]
fn only_the_last_failed_calls_are_kept() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    shell.state().broken = Some("hardware");
    for _ in 0..40 {
        register(&app, "ada");
    }
    assert_eq!(app.failed_calls().unwrap().len(), 32);
}

#[test]
fn messages_of_any_form_get_a_status_and_ask_nobody() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    for message in [
        vec![],
        vec![1],
        vec![2, 0xa0],
        vec![0xff],
        vec![4; 7610],
        vec![1; 100_000],
    ] {
        let answer = app.handle(message, RequestFront::Local).unwrap();
        assert!(answer.len() == 1 && answer[0] != OK);
    }
    assert!(shell.state().prompts.is_empty());
}
