//! Answers of a form that none can have.

use crate::shell::*;
use authenticator_ffi::*;

fn good_key() -> MadeKey {
    MadeKey {
        handle: vec![1],
        algorithm: KeyAlgorithm::Es256,
        public_key: [vec![4], vec![0; 64]].concat(),
        level: KeyLevel::StrongBox,
    }
}

#[test]
fn a_key_of_an_impossible_form_is_destroyed_and_no_passkey_made() {
    let changes: [fn(&mut MadeKey); 7] = [
        |key| key.handle.clear(),
        |key| key.handle = vec![1; 1025],
        |key| key.algorithm = KeyAlgorithm::EdDsa,
        |key| key.public_key.clear(),
        |key| key.public_key[0] = 2,
        |key| key.public_key.truncate(64),
        |key| key.public_key.push(0),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let (shell, app) = Shell::with_app(AttestationKind::None);
        let mut key = good_key();
        change(&mut key);
        shell.state().made = Some(key);
        assert_eq!(register(&app, "ada"), OTHER, "{number}");
        let state = shell.state();
        assert!(state.keys.is_empty() && state.files.is_empty(), "{number}");
    }
}

#[test]
fn a_key_in_software_is_destroyed_and_refused() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    shell.state().made = Some(MadeKey {
        level: KeyLevel::Software,
        ..good_key()
    });
    assert_eq!(register(&app, "ada"), NOT_ALLOWED);
    assert_eq!(
        app.last_refusal().unwrap().as_deref(),
        Some("no_secure_hardware")
    );
    assert!(shell.state().keys.is_empty());
}

#[test]
fn evidence_of_another_kind_or_length_makes_no_passkey() {
    let android = |x5c| KeyEvidence::AndroidKey { x5c };
    let certified = |signature, x5c| KeyEvidence::Certified {
        algorithm: KeyAlgorithm::Es256,
        signature,
        x5c,
    };
    let certificate = vec![0x30, 0];
    for (kind, good, wrong) in [
        (
            AttestationKind::AndroidKey,
            android(vec![certificate.clone()]),
            vec![
                android(vec![]),
                android(vec![vec![]]),
                android(vec![certificate.clone(); 11]),
                android(vec![vec![0; 16_385]]),
                certified(vec![1], vec![certificate.clone()]),
            ],
        ),
        (
            AttestationKind::Certified,
            certified(vec![1], vec![certificate.clone()]),
            vec![
                certified(vec![], vec![certificate.clone()]),
                certified(vec![0; 8193], vec![certificate.clone()]),
                certified(vec![1], vec![]),
                android(vec![certificate.clone()]),
            ],
        ),
    ] {
        for evidence in wrong.into_iter().chain([KeyEvidence::None]) {
            let (shell, app) = Shell::with_app(kind);
            shell.state().evidence = Some(evidence.clone());
            assert_eq!(register(&app, "ada"), OTHER, "{evidence:?}");
            assert_eq!(app.failed_calls().unwrap(), ["evidence"]);
            let state = shell.state();
            assert!(state.keys.is_empty() && state.files.is_empty());
        }
        let (shell, app) = Shell::with_app(kind);
        shell.state().evidence = Some(good);
        assert_eq!(register(&app, "ada"), OK);
    }
}

#[test]
fn a_signature_or_a_grant_of_an_impossible_length_is_none() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    register(&app, "ada");
    for length in [0, 8193] {
        shell.state().signature = Some(vec![0; length]);
        assert_eq!(sign_in(&app), OTHER);
    }
    shell.state().signature = None;
    shell.state().verification = Some(Verification::Granted {
        grant: vec![0; 1025],
        picked: None,
    });
    assert_eq!(sign_in(&app), OPERATION_DENIED);
    assert_eq!(shell.state().signed, 0);
}

#[test]
fn a_shelf_of_an_impossible_size_is_a_failure_and_not_an_empty_one() {
    let entry = |name, bytes| ShelfEntry {
        name: vec![0; name],
        bytes: vec![0; bytes],
    };
    for entries in [
        vec![entry(1025, 0)],
        vec![entry(0, 65_537)],
        vec![entry(0, 0); 10_001],
    ] {
        let (shell, app) = Shell::with_app(AttestationKind::None);
        shell.state().entries = Some(entries);
        assert_eq!(app.list(), Err(AppError::ShellFailed));
        assert_eq!(register(&app, "ada"), OTHER);
        assert!(shell.state().keys.is_empty());
    }
}

#[test]
fn a_pick_that_nobody_offered_signs_nothing() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    register(&app, "ada");
    shell.state().verification = Some(Verification::Granted {
        grant: vec![7],
        picked: Some(u32::MAX),
    });
    assert_eq!(sign_in(&app), OTHER);
    assert_eq!(shell.state().signed, 0);
}

#[test]
fn a_clock_that_goes_back_stands_still() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    shell.state().online = false;
    for now in [10, 5] {
        shell.state().now = now;
        assert_eq!(register(&app, "ada"), NOT_ALLOWED);
    }
    let seen: Vec<u64> = app
        .incidents()
        .unwrap()
        .iter()
        .map(|one| one.at_ms)
        .collect();
    assert_eq!(seen, [10, 10]);
}

#[test]
fn names_are_cut_off_between_two_characters() {
    let (_shell, app) = Shell::with_app(AttestationKind::None);
    register(&app, "ada");
    let signal = PartySignal::CurrentUserDetails {
        rp_id: RP.to_owned(),
        user_id: b"ada".to_vec(),
        name: Some(format!("a{}", "ä".repeat(64))),
        display_name: None,
    };
    assert_eq!(app.receive(signal), Ok(0));
    let listed = app.list().unwrap();
    let shown = format!("a{}", "ä".repeat(31));
    assert_eq!(listed[0].account.as_deref(), Some(shown.as_str()));
}

#[test]
fn descriptions_and_policies_are_measured() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    let changes: [fn(&mut DeviceDescription); 3] = [
        |described| described.device_id.clear(),
        |described| described.device_id.push(0),
        |described| described.aaguid.truncate(15),
    ];
    for change in changes {
        let mut described = description(AttestationKind::None);
        change(&mut described);
        assert_eq!(
            shell.app(&described, policy()).unwrap_err(),
            AppError::Description
        );
    }
    let changes: [fn(&mut AppPolicy); 6] = [
        |policy| policy.profile.clear(),
        |policy| policy.profile = "p".repeat(1025),
        |policy| policy.enrolled = vec![enrolled(); 1025],
        |policy| policy.enrolled[0].rp_id.clear(),
        |policy| policy.enrolled[0].rp_id = "a".repeat(254),
        |policy| policy.enrolled[0].unavailable_because = Some("r".repeat(1025)),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = policy();
        change(&mut changed);
        assert_eq!(app.set_policy(changed), Err(AppError::Policy), "{number}");
    }
}
