//! authenticatorCredentialManagement.

use crate::platform::{managed, set_pin, tag, token};
use crate::world::{
    HASH, World, bytes, descriptor, full_world, make_credential, send, user, with, world,
};
use authenticator::cbor::{Map, Value};
use authenticator::{Authenticator, Status};
use aws_lc_rs::digest::{SHA256, digest};

const MANAGE: u8 = 0x0a;
const CM: i64 = 0x04;

fn register(authenticator: &mut Authenticator<World>, rp_id: &str, account: &str) {
    let token = token(authenticator, 2, "1234", 1, Some(rp_id)).unwrap();
    let rp = Value::map([("id", Value::from(rp_id)), ("name", "Shop".into())]);
    let request = with(with(make_credential(), 2, rp), 3, user(account));
    let request = with(request, 7, Value::map([("rk", Value::from(true))]));
    let request = with(with(request, 8, tag(2, &token, &HASH)), 9, 2);
    send(authenticator, 0x01, Some(request)).unwrap();
}

/// Two accounts at one relying party, one at another, and one credential that is not discoverable.
fn filled() -> Authenticator<World> {
    let mut authenticator = Authenticator::new(full_world());
    let hidden = with(make_credential(), 7, Value::Map(Map::new()));
    send(&mut authenticator, 0x01, Some(hidden)).unwrap();
    set_pin(&mut authenticator, 2, "1234").unwrap();
    register(&mut authenticator, "a.example", "ada");
    register(&mut authenticator, "a.example", "bea");
    register(&mut authenticator, "b.example", "ada");
    authenticator
}

fn hash(rp_id: &str) -> Value {
    digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec().into()
}

fn ask(
    authenticator: &mut Authenticator<World>,
    rp_id: Option<&str>,
    subcommand: u8,
    parameters: Option<Value>,
) -> Result<Map, Status> {
    let token = token(authenticator, 2, "1234", CM, rp_id)?;
    managed(authenticator, MANAGE, &[], subcommand, parameters, &token)
}

fn next(authenticator: &mut Authenticator<World>, subcommand: i64) -> Result<Map, Status> {
    let map = Map::from([(1.into(), subcommand.into())]);
    send(authenticator, MANAGE, Some(map))
}

#[test]
fn metadata_counts_discoverable_credentials_and_what_is_left() {
    let told = ask(&mut filled(), None, 1, None).unwrap();
    assert_eq!(
        told,
        Map::from([(1.into(), 3.into()), (2.into(), 46.into())])
    );
}

#[test]
fn relying_parties_are_enumerated_once_each() {
    let mut authenticator = filled();
    let first = ask(&mut authenticator, None, 2, None).unwrap();
    assert_eq!(first[&5.into()], 2.into());
    assert_eq!(first[&4.into()], hash("b.example"));
    let second = next(&mut authenticator, 3).unwrap();
    assert_eq!(
        second[&3.into()],
        Value::map([("id", Value::from("a.example")), ("name", "Shop".into())])
    );
    assert_eq!(next(&mut authenticator, 3), Err(Status::NotAllowed));
}

#[test]
fn credentials_are_enumerated_with_key_protection_and_names() {
    let mut authenticator = filled();
    let parameters = Value::map([(1, hash("a.example"))]);
    let first = ask(&mut authenticator, None, 4, Some(parameters)).unwrap();
    assert_eq!(first[&9.into()], 2.into());
    assert_eq!(first[&6.into()], user("bea"));
    assert_eq!(first[&0x0a.into()], 1.into());
    let Value::Map(key) = &first[&8.into()] else {
        panic!("no key")
    };
    assert_eq!(bytes(key, -2), authenticator.env().public_key(2));
    assert_eq!(next(&mut authenticator, 5).unwrap()[&6.into()], user("ada"));
    assert_eq!(next(&mut authenticator, 5), Err(Status::NotAllowed));
    let nowhere = Value::map([(1, hash("c.example"))]);
    assert_eq!(
        ask(&mut authenticator, None, 4, Some(nowhere)),
        Err(Status::NoCredentials)
    );
}

#[test]
fn a_series_ends_with_any_other_command() {
    let mut authenticator = filled();
    ask(&mut authenticator, None, 2, None).unwrap();
    assert_eq!(next(&mut authenticator, 5), Err(Status::NotAllowed));
    ask(&mut authenticator, None, 2, None).unwrap();
    send(&mut authenticator, 0x04, None).unwrap();
    assert_eq!(next(&mut authenticator, 3), Err(Status::NotAllowed));
}

#[test]
fn a_credential_is_deleted_with_its_key() {
    let mut authenticator = filled();
    let id = authenticator.env().credentials[0].id.0.clone();
    let named = || Some(Value::map([(2, descriptor(&id))]));
    ask(&mut authenticator, None, 6, named()).unwrap();
    assert_eq!(authenticator.env().living_keys(), 3);
    assert_eq!(
        ask(&mut authenticator, None, 6, named()),
        Err(Status::NoCredentials)
    );
}

#[test]
fn names_change_and_the_account_does_not() {
    let mut authenticator = filled();
    let id = authenticator.env().credentials[0].id.0.clone();
    let renamed = |account: &str| {
        let user = Value::map([
            ("id", Value::from(account.as_bytes().to_vec())),
            ("name", "new@example.com".into()),
        ]);
        Some(Value::map([(2, descriptor(&id)), (3, user)]))
    };
    ask(&mut authenticator, None, 7, renamed("ada")).unwrap();
    let kept = &authenticator.env().credentials[0].user;
    assert_eq!(kept.name.as_deref(), Some("new@example.com"));
    assert_eq!(kept.display_name, None);
    assert_eq!(
        ask(&mut authenticator, None, 7, renamed("eve")),
        Err(Status::InvalidParameter)
    );
}

#[test]
fn nothing_is_told_without_a_token_for_it() {
    for subcommand in [1, 2, 4, 6, 7] {
        assert_eq!(
            next(&mut filled(), subcommand),
            Err(Status::PuatRequired),
            "{subcommand}"
        );
        let mut authenticator = filled();
        let other = token(&mut authenticator, 2, "1234", 0x20, None).unwrap();
        let outcome = managed(
            &mut authenticator,
            MANAGE,
            &[],
            subcommand as u8,
            None,
            &other,
        );
        assert_eq!(outcome, Err(Status::PinAuthInvalid));
    }
}

#[test]
fn a_token_of_one_relying_party_sees_nothing_of_another() {
    let mut authenticator = filled();
    let of_a = Some("a.example");
    for subcommand in [1, 2] {
        assert_eq!(
            ask(&mut authenticator, of_a, subcommand, None),
            Err(Status::PinAuthInvalid)
        );
    }
    let own = Value::map([(1, hash("a.example"))]);
    assert!(ask(&mut authenticator, of_a, 4, Some(own)).is_ok());
    let foreign = Value::map([(1, hash("b.example"))]);
    assert_eq!(
        ask(&mut authenticator, of_a, 4, Some(foreign)),
        Err(Status::PinAuthInvalid)
    );
    let id = authenticator.env().credentials[0].id.0.clone();
    let foreign = Value::map([(2, descriptor(&id)), (3, user("ada"))]);
    for subcommand in [6, 7] {
        assert_eq!(
            ask(&mut authenticator, of_a, subcommand, Some(foreign.clone())),
            Err(Status::PinAuthInvalid)
        );
    }
}

#[test]
fn a_proof_covers_the_parameters() {
    let mut authenticator = filled();
    let token = token(&mut authenticator, 2, "1234", CM, None).unwrap();
    let id = authenticator.env().credentials[0].id.0.clone();
    let signed_for_metadata = Map::from([
        (1.into(), 6.into()),
        (2.into(), Value::map([(2, descriptor(&id))])),
        (3.into(), 2.into()),
        (4.into(), tag(2, &token, &[6]).into()),
    ]);
    assert_eq!(
        send(&mut authenticator, MANAGE, Some(signed_for_metadata)),
        Err(Status::PinAuthInvalid)
    );
}

#[test]
fn an_empty_authenticator_and_unknown_subcommands_have_their_status() {
    let mut authenticator = Authenticator::new(full_world());
    set_pin(&mut authenticator, 2, "1234").unwrap();
    assert_eq!(
        ask(&mut authenticator, None, 2, None),
        Err(Status::NoCredentials)
    );
    assert_eq!(next(&mut authenticator, 8), Err(Status::InvalidSubcommand));
    assert_eq!(
        next(&mut Authenticator::new(world()), 1),
        Err(Status::InvalidCommand)
    );
}
