#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]

use serde_json::{Value, json};

use super::*;
use crate::scim::schema::USER;

fn ada() -> Value {
    json!({
        "id": "0198f0a0-0000-7000-8000-00000000000a",
        "externalId": "HR-7",
        "userName": "Ada@example.org",
        "name": {"givenName": "Ada", "familyName": "Love\"lace"},
        "displayName": "Ada Lovelace",
        "active": true,
        "emails": [
            {"value": "ada@work.example", "type": "work", "primary": true},
            {"value": "ada@home.example", "type": "home"},
        ],
        "meta": {"created": "2026-11-22T10:00:00Z", "resourceType": "User"},
    })
}

fn holds(text: &str) -> bool {
    let found = Filter::parse(text, &USER).unwrap_or_else(|error| panic!("{text}: {error}"));
    found.holds(&ada())
}

fn refused(text: &str) -> FilterRefusal {
    Filter::parse(text, &USER).unwrap_err()
}

#[test]
fn each_operator_says_what_it_says() {
    for text in [
        r#"userName eq "ada@EXAMPLE.org""#,
        r#"USERNAME EQ "ada@example.org""#,
        r#"userName ne "bob@example.org""#,
        r#"userName co "@example""#,
        r#"userName sw "ADA""#,
        r#"userName ew ".org""#,
        r#"displayName gt "Ada""#,
        r#"displayName ge "ada lovelace""#,
        r#"displayName lt "Bob""#,
        r#"displayName le "ada lovelace""#,
        "displayName pr",
        "emails pr",
        "active eq true",
        r#"active eq "True""#,
        "active ne false",
        r#"name.familyName eq "Love\"lace""#,
        r#"name.familyName eq "Love\u0022lace""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:name.givenName eq "ada""#,
        r#"meta.created gt "2026-11-22T10:30:00+01:00""#,
        r#"meta.created le "2026-11-22T10:00:00Z""#,
        "externalId ne null",
        "not (externalId eq null)",
        r#"emails co "home.example""#,
        r#"emails.value eq "ada@home.example""#,
        r#"emails[type eq "work" and value co "@work"]"#,
        r#"emails[not (type eq "work") and value pr]"#,
    ] {
        assert!(holds(text), "{text}");
    }
    for text in [
        r#"userName eq "bob""#,
        r#"userName ne "ADA@example.org""#,
        r#"externalId eq "hr-7""#,
        r#"externalId sw "hr""#,
        r#"displayName gt "ada lovelace""#,
        r#"meta.created gt "2026-11-22T10:00:00Z""#,
        "active eq false",
        "name.formatted pr",
        // One element has to have both.
        r#"emails[type eq "home" and value co "@work"]"#,
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn and_binds_before_or_and_parentheses_before_both() {
    assert!(holds(
        r#"active eq true or active eq true and active eq false"#
    ));
    assert!(!holds(
        r#"(active eq true or active eq true) and active eq false"#
    ));
    assert!(!holds("not (active eq true) and active eq true"));
    assert!(!holds("not (active eq true and active eq true)"));
}

#[test]
fn what_cannot_be_read_is_refused_at_its_place() {
    for (text, at) in [
        ("", 0),
        ("userName", 8),
        ("userName eq", 11),
        ("userName eq ada", 12),
        (r#"userName eq "ada"#, 12),
        (r#"userName eq "a\q""#, 12),
        (r#"userName eq "a\u0000""#, 12),
        ("userName is null", 9),
        ("(active eq true", 15),
        ("active eq true)", 14),
        ("not active eq true", 4),
        ("active eq true active", 15),
        ("emails[type pr", 14),
        ("active eq ;", 10),
    ] {
        assert!(
            matches!(refused(text), FilterRefusal::Malformed(_, place) if place == at),
            "{text}: {:?}",
            refused(text)
        );
    }
}

#[test]
fn what_does_not_exist_or_does_not_fit_is_refused() {
    for text in [
        "nickName pr",
        "name.middleName pr",
        "emails[display pr]",
        "urn:other:userName pr",
        "password pr",
    ] {
        assert!(
            matches!(refused(text), FilterRefusal::UnknownAttribute(..)),
            "{text}"
        );
    }
    for text in [
        "active gt true",
        r#"active eq "perhaps""#,
        "userName eq true",
        "userName gt null",
        r#"meta.created gt "yesterday""#,
        r#"name eq "Ada""#,
    ] {
        assert!(
            matches!(refused(text), FilterRefusal::WrongKind(..)),
            "{text}"
        );
    }
    for text in [r#"name[givenName eq "Ada"]"#, r#"userName[value eq "Ada"]"#] {
        assert!(matches!(refused(text), FilterRefusal::NotHere(_)), "{text}");
    }
}

#[test]
fn nothing_is_longer_deeper_or_more_than_anybody_needs() {
    let long = format!("userName eq \"{}\"", "a".repeat(5000));
    assert_eq!(refused(&long), FilterRefusal::TooLong);
    let deep = format!("{}active pr{}", "(".repeat(13), ")".repeat(13));
    assert_eq!(refused(&deep), FilterRefusal::TooDeep);
    let nots = format!("{}active pr{}", "not (".repeat(13), ")".repeat(13));
    assert_eq!(refused(&nots), FilterRefusal::TooDeep);
    let many = vec!["active pr"; 101].join(" or ");
    assert_eq!(refused(&many), FilterRefusal::TooMany);
    assert!(Filter::parse(&vec!["active pr"; 100].join(" or "), &USER).is_ok());
}

#[test]
fn what_names_one_is_known_by_it() {
    let of = |text: &str| {
        let filter = Filter::parse(text, &USER).unwrap();
        filter.demands("userName").map(str::to_owned)
    };
    assert_eq!(of(r#"userName eq "ada""#).as_deref(), Some("ada"));
    assert_eq!(
        of(r#"active eq true and userName eq "ada""#).as_deref(),
        Some("ada")
    );
    for other in [
        r#"userName eq "ada" or active eq true"#,
        r#"not (userName eq "ada")"#,
        r#"userName sw "ada""#,
        "userName eq null",
    ] {
        assert_eq!(of(other), None, "{other}");
    }
}

#[test]
fn paths_lead_to_what_is_held() {
    let path = |text: &str| Path::parse(text, &USER);
    for text in [
        "userName",
        "name.givenName",
        "emails",
        r#"emails[type eq "work"]"#,
        r#"emails[type eq "work"].value"#,
        "urn:ietf:params:scim:schemas:core:2.0:User:displayName",
    ] {
        assert!(matches!(path(text), Ok(Path::Held { .. })), "{text}");
    }
    for text in [
        "title",
        r#"addresses[type eq "work"].locality"#,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    ] {
        assert_eq!(path(text), Ok(Path::Left), "{text}");
    }
    // Left out silently, a misspelt `active` would leave somebody in who should be out.
    for text in [
        "actve",
        "",
        "userName eq",
        r#"emails[type eq "work"].street"#,
        r#"emails[type eq "work"] pr"#,
        r#"name[givenName eq "x"]"#,
        r#"emails[type eq "work""#,
    ] {
        assert!(path(text).is_err(), "{text}");
    }
}
