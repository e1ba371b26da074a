//! What a shell saw of a connection, and what its person reads.

use crate::codes::NOW;
use crate::shell::*;
use authenticator_ffi::*;

fn told(facts: ConnectionFacts) -> ConnectionDiagnosis {
    diagnose(facts).unwrap().unwrap()
}

fn seen(change: impl FnOnce(&mut ConnectionFacts)) -> String {
    let mut facts = facts();
    change(&mut facts);
    told(facts).code
}

fn word(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn nothing_is_missing_where_all_went_well() {
    assert_eq!(diagnose(facts()), Ok(None));
    let all = ConnectionFacts {
        now: Some(NOW),
        code_made_at: Some(NOW - 600),
        other_clocks: vec![NOW],
        dial: word("opened"),
        broadcast: word("sent"),
        other_device: word("came"),
        refusal: word("look_alike"),
        ..facts()
    };
    assert_eq!(diagnose(all), Ok(None));
}

#[test]
fn every_word_names_its_piece() {
    for (dial, status, code) in [
        ("no_network", None, "offline"),
        ("name_not_found", None, "tunnel_not_found"),
        ("refused", None, "tunnel_blocked"),
        ("timed_out", None, "tunnel_blocked"),
        ("not_trusted", None, "tunnel_not_trusted"),
        ("not_valid_now", None, "tunnel_not_trusted"),
        ("status", Some(404), "tunnel_missing"),
        ("status", Some(503), "tunnel_busy"),
        ("status", Some(500), "tunnel_failed"),
    ] {
        let found = seen(|facts| (facts.dial, facts.dial_status) = (word(dial), status));
        assert_eq!(found, code, "{dial}");
    }
    for (broadcast, code) in [
        ("off", "bluetooth_off"),
        ("denied", "bluetooth_denied"),
        ("not_taken", "bluetooth_failed"),
    ] {
        assert_eq!(seen(|facts| facts.broadcast = word(broadcast)), code);
    }
    for (other, code) in [
        ("silent", "other_side_silent"),
        ("left", "other_side_lost"),
        ("tunnel_broke", "tunnel_lost"),
    ] {
        assert_eq!(seen(|facts| facts.other_device = word(other)), code);
    }
    assert_eq!(
        seen(|facts| facts.refusal = word("cross_device_blocked")),
        "cross_device_blocked"
    );
    assert_eq!(
        seen(|facts| facts.radio = RadioState::Denied),
        "bluetooth_denied"
    );
    assert_eq!(seen(|facts| facts.radio = RadioState::Off), "bluetooth_off");
    assert_eq!(seen(|facts| facts.online = false), "offline");
}

#[test]
fn another_clock_says_whose_is_wrong() {
    for (other_clocks, code) in [
        (vec![], "clocks_differ"),
        (vec![NOW], "clocks_differ"),
        (vec![NOW + 3600], "clock_wrong"),
    ] {
        let found = seen(|facts| {
            facts.now = Some(NOW);
            facts.code_made_at = Some(NOW + 3600);
            facts.other_clocks = other_clocks;
        });
        assert_eq!(found, code);
    }
}

#[test]
fn the_sentence_names_the_hosts_where_they_help() {
    let blocked = told(ConnectionFacts {
        dial: word("timed_out"),
        ..facts()
    });
    assert_eq!(blocked.title, "Device couldn't connect");
    assert!(blocked.sentence.ends_with("port 443: cable.ua5v.com."));
    assert_eq!(blocked.hosts, ["cable.ua5v.com"]);
    let offline = told(ConnectionFacts {
        online: false,
        ..facts()
    });
    assert!(offline.hosts.is_empty() && !offline.sentence.contains("cable"));
}

#[test]
fn facts_are_measured() {
    let changes: [fn(&mut ConnectionFacts); 11] = [
        |facts| facts.dial = word("exploded"),
        |facts| facts.dial = word("status"),
        |facts| facts.dial_status = Some(404),
        |facts| (facts.dial, facts.dial_status) = (word("opened"), Some(101)),
        |facts| facts.broadcast = word("Sent"),
        |facts| facts.other_device = word(""),
        |facts| facts.refusal = word("newer_than_this_one"),
        |facts| facts.other_clocks = vec![NOW; 17],
        |facts| facts.hosts = vec!["a.example".to_owned(); 17],
        |facts| facts.hosts = vec![String::new()],
        |facts| facts.hosts = vec!["a.example\u{202e} or call 555".to_owned()],
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let (_, app) = Shell::with_app(AttestationKind::None);
        let mut facts = silent();
        change(&mut facts);
        assert_eq!(diagnose(facts.clone()), Err(AppError::Facts), "{number}");
        let remembered = app.could_not_connect(Operation::SignIn, facts);
        assert_eq!(remembered, Err(AppError::Facts), "{number}");
        assert!(app.incidents().unwrap().is_empty(), "{number}");
    }
    let longest = ConnectionFacts {
        hosts: vec!["a".repeat(253); 16],
        other_clocks: vec![NOW; 16],
        ..silent()
    };
    assert_eq!(told(longest.clone()).hosts.len(), 16);
    let longer = ConnectionFacts {
        hosts: vec!["a".repeat(254)],
        ..longest
    };
    assert_eq!(diagnose(longer), Err(AppError::Facts));
}

#[test]
fn what_did_not_connect_is_remembered() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    assert_eq!(app.could_not_connect(Operation::SignIn, facts()), Ok(None));
    assert!(app.incidents().unwrap().is_empty());
    shell.state().now = 7;
    for operation in [Operation::Register, Operation::SignIn] {
        let diagnosis = app.could_not_connect(operation, silent());
        assert_eq!(diagnosis, diagnose(silent()));
    }
    let seen = app.incidents().unwrap();
    let operations: Vec<Operation> = seen.iter().map(|one| one.operation).collect();
    assert_eq!(operations, [Operation::Register, Operation::SignIn]);
    for one in seen {
        assert_eq!(
            (one.at_ms, one.rp_id.as_str(), one.code.as_str()),
            (7, "", "other_side_silent")
        );
    }
}

#[test]
fn the_sentence_stands_beside_the_last_refusal() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    assert_eq!(app.last_refusal_text(), Ok(None));
    shell.state().online = false;
    assert_eq!(register(&app, "ada"), NOT_ALLOWED);
    let text = app.last_refusal_text().unwrap().unwrap();
    assert!(text.starts_with("This device has no internet connection."));
    shell.state().online = true;
    shell.state().lock = None;
    assert_eq!(register(&app, "ada"), NOT_ALLOWED);
    assert_eq!(app.last_refusal_text(), Ok(None));
}
