//! Extensions: what they answer, and what each of them withholds.

use crate::platform::{Platform, managed, set_pin, token};
use crate::world::{
    APPROVED, VERIFIED, World, bytes, descriptor, full_world, get_assertion, make_credential, send,
    with, without, world,
};
use authenticator::cbor::{Map, Value};
use authenticator::{Answer, Authenticator, Status, UserVerification};

fn verifying() -> Authenticator<World> {
    let mut world = full_world();
    world.profile.user_verification = UserVerification::OnRequest;
    world.answer = VERIFIED;
    Authenticator::new(world)
}

/// A registration with extensions at key 6, and what its authenticator data says of them.
fn register(
    authenticator: &mut Authenticator<World>,
    extensions: Value,
) -> Result<(Map, Option<Map>), Status> {
    let made = send(
        authenticator,
        0x01,
        Some(with(make_credential(), 6, extensions)),
    )?;
    let data = bytes(&made, 2);
    // 55 bytes, the identifier of 32, a key of 42 bytes.
    let outputs = outputs(&data, 129);
    Ok((made, outputs))
}

/// A sign-in with extensions at key 4, and what its authenticator data says of them.
fn sign_in(
    authenticator: &mut Authenticator<World>,
    request: Map,
    extensions: Value,
) -> Result<(Map, Option<Map>), Status> {
    let asserted = send(authenticator, 0x02, Some(with(request, 4, extensions)))?;
    let outputs = outputs(&bytes(&asserted, 2), 37);
    Ok((asserted, outputs))
}

fn outputs(data: &[u8], at: usize) -> Option<Map> {
    let flagged = data[32] & 0x80 != 0;
    assert_eq!(flagged, data.len() > at, "the flag and the bytes agree");
    flagged.then(|| match Value::decode(&data[at..]) {
        Ok(Value::Map(map)) => map,
        other => panic!("no outputs: {other:?}"),
    })
}

fn wants(name: &'static str, value: impl Into<Value>) -> Value {
    Value::map([(name, value.into())])
}

fn unverified(request: Map) -> Map {
    without(request, 5)
}

fn id(authenticator: &Authenticator<World>) -> Vec<u8> {
    authenticator.env().credentials[0].id.0.clone()
}

#[test]
fn get_info_lists_the_extensions_that_the_world_can_carry() {
    let names = |world: World| {
        let info = send(&mut Authenticator::new(world), 0x04, None).unwrap();
        info[&2.into()].clone()
    };
    let list = |names: &[&str]| Value::Array(names.iter().map(|name| (*name).into()).collect());
    assert_eq!(names(world()), list(&["credProtect"]));
    assert_eq!(
        names(full_world()),
        list(&[
            "credProtect",
            "hmac-secret",
            "hmac-secret-mc",
            "minPinLength",
            "credBlob",
            "largeBlobKey"
        ])
    );
    let versions =
        |world: World| send(&mut Authenticator::new(world), 0x04, None).unwrap()[&1.into()].clone();
    assert_eq!(versions(world()), list(&["FIDO_2_0"]));
    assert_eq!(versions(full_world()), list(&["FIDO_2_0", "FIDO_2_1"]));
}

#[test]
fn a_protected_credential_is_found_only_as_its_level_says() {
    let find = |level: i64, verified: bool, by_identifier: bool| {
        let mut authenticator = verifying();
        let outputs = register(&mut authenticator, wants("credProtect", level))
            .unwrap()
            .1;
        assert_eq!(outputs.unwrap()[&"credProtect".into()], level.into());
        let mut request = get_assertion();
        if !verified {
            authenticator.env_mut().answer = APPROVED;
            request = unverified(request);
        }
        if by_identifier {
            let list = vec![descriptor(&id(&authenticator))];
            request = with(request, 3, Value::Array(list));
        }
        send(&mut authenticator, 0x02, Some(request)).map(drop)
    };
    let hidden = Err(Status::NoCredentials);
    for (level, verified, by_identifier, expected) in [
        (1, false, false, Ok(())),
        (2, false, false, hidden),
        (2, false, true, Ok(())),
        (2, true, false, Ok(())),
        (3, false, false, hidden),
        (3, false, true, hidden),
        (3, true, false, Ok(())),
    ] {
        assert_eq!(
            find(level, verified, by_identifier),
            expected,
            "level {level}, verified {verified}, by identifier {by_identifier}"
        );
    }
}

#[test]
fn a_credential_of_level_three_is_not_betrayed_by_an_exclude_list() {
    let mut authenticator = verifying();
    register(&mut authenticator, wants("credProtect", 3)).unwrap();
    let list = Value::Array(vec![descriptor(&id(&authenticator))]);
    let excluding = with(make_credential(), 5, list);
    assert_eq!(
        send(&mut authenticator, 0x01, Some(excluding.clone())),
        Err(Status::CredentialExcluded)
    );
    authenticator.env_mut().answer = APPROVED;
    let unverified = with(excluding, 7, Value::Map(Map::new()));
    assert!(send(&mut authenticator, 0x01, Some(unverified)).is_ok());
}

#[test]
fn an_unknown_level_of_protection_is_refused_and_an_unknown_extension_ignored() {
    for level in [0, 4] {
        assert_eq!(
            register(&mut verifying(), wants("credProtect", level)).map(drop),
            Err(Status::InvalidOption)
        );
    }
    let (_, outputs) = register(&mut verifying(), wants("unheardOf", 1)).unwrap();
    assert_eq!(outputs, None);
}

#[test]
fn hmac_secrets_follow_salt_verification_and_credential() {
    for protocol in [1, 2] {
        let mut authenticator = verifying();
        let (_, outputs) = register(&mut authenticator, wants("hmac-secret", true)).unwrap();
        assert_eq!(outputs.unwrap()[&"hmac-secret".into()], true.into());
        let mut ask = |salts: &[u8], verified: bool| {
            let platform = Platform::agree(&mut authenticator, protocol);
            let (request, answer) = if verified {
                (get_assertion(), VERIFIED)
            } else {
                (unverified(get_assertion()), APPROVED)
            };
            authenticator.env_mut().answer = answer;
            let wanted = wants("hmac-secret", platform.salts(salts));
            let (_, outputs) = sign_in(&mut authenticator, request, wanted).unwrap();
            platform.open(&bytes_of(&outputs.unwrap(), "hmac-secret"))
        };
        let two = ask(&[[1; 32], [2; 32]].concat(), true);
        assert_eq!(two.len(), 64);
        assert_eq!(ask(&[1; 32], true), two[..32]);
        assert_eq!(ask(&[2; 32], true), two[32..]);
        assert_ne!(
            ask(&[1; 32], false),
            two[..32],
            "only verification opens it"
        );
    }
}

#[test]
fn hmac_secrets_come_with_the_registration_too() {
    let mut authenticator = verifying();
    let platform = Platform::agree(&mut authenticator, 2);
    let both = Value::map([
        ("hmac-secret", Value::from(true)),
        ("hmac-secret-mc", platform.salts(&[1; 32])),
    ]);
    let (_, outputs) = register(&mut authenticator, both).unwrap();
    let at_registration = platform.open(&bytes_of(&outputs.unwrap(), "hmac-secret-mc"));
    let wanted = wants("hmac-secret", platform.salts(&[1; 32]));
    let (_, outputs) = sign_in(&mut authenticator, get_assertion(), wanted).unwrap();
    let at_sign_in = platform.open(&bytes_of(&outputs.unwrap(), "hmac-secret"));
    assert_eq!(at_registration, at_sign_in);
    let alone = wants("hmac-secret-mc", platform.salts(&[1; 32]));
    assert_eq!(register(&mut authenticator, alone).unwrap().1, None);
}

fn bytes_of(map: &Map, name: &str) -> Vec<u8> {
    match &map[&name.into()] {
        Value::Bytes(bytes) => bytes.clone(),
        other => panic!("no bytes: {other:?}"),
    }
}

#[test]
fn salts_are_authenticated_of_the_right_length_and_for_somebody_present() {
    let mut authenticator = verifying();
    register(&mut authenticator, wants("hmac-secret", true)).unwrap();
    let platform = Platform::agree(&mut authenticator, 2);
    for length in [16, 48, 96] {
        let wanted = wants("hmac-secret", platform.salts(&vec![1; length]));
        assert_eq!(
            sign_in(&mut authenticator, get_assertion(), wanted).map(drop),
            Err(Status::InvalidLength)
        );
    }
    let Value::Map(salts) = platform.salts(&[1; 32]) else {
        panic!("no map")
    };
    let spoilt = Value::Map(with(salts.clone(), 3, vec![0; 32]));
    assert_eq!(
        sign_in(
            &mut authenticator,
            get_assertion(),
            wants("hmac-secret", spoilt)
        )
        .map(drop),
        Err(Status::PinAuthInvalid)
    );
    let silent = with(get_assertion(), 5, Value::map([("up", Value::from(false))]));
    assert_eq!(
        sign_in(
            &mut authenticator,
            silent,
            wants("hmac-secret", Value::Map(salts))
        )
        .map(drop),
        Err(Status::UnsupportedOption)
    );
}

#[test]
fn a_credential_without_the_extension_answers_no_salts() {
    let mut authenticator = verifying();
    register(&mut authenticator, wants("credProtect", 1)).unwrap();
    let platform = Platform::agree(&mut authenticator, 2);
    let wanted = wants("hmac-secret", platform.salts(&[1; 32]));
    let (_, outputs) = sign_in(&mut authenticator, get_assertion(), wanted).unwrap();
    assert_eq!(outputs, None);
}

#[test]
fn a_blob_comes_back_if_it_fits_and_was_asked_for() {
    let mut authenticator = verifying();
    let (_, outputs) = register(&mut authenticator, wants("credBlob", vec![3; 32])).unwrap();
    assert_eq!(outputs.unwrap()[&"credBlob".into()], true.into());
    let wanted = wants("credBlob", true);
    let (_, outputs) = sign_in(&mut authenticator, get_assertion(), wanted.clone()).unwrap();
    assert_eq!(bytes_of(&outputs.unwrap(), "credBlob"), [3; 32]);

    let (_, outputs) = register(&mut authenticator, wants("credBlob", vec![3; 33])).unwrap();
    assert_eq!(outputs.unwrap()[&"credBlob".into()], false.into());
    let (_, outputs) = sign_in(&mut authenticator, get_assertion(), wanted).unwrap();
    assert!(bytes_of(&outputs.unwrap(), "credBlob").is_empty());
}

#[test]
fn a_large_blob_key_belongs_to_its_credential_and_needs_a_discoverable_one() {
    let mut authenticator = verifying();
    let (made, outputs) = register(&mut authenticator, wants("largeBlobKey", true)).unwrap();
    assert_eq!(outputs, None, "it is no output of the authenticator data");
    let key = bytes(&made, 5);
    assert_eq!(key.len(), 32);
    let wanted = wants("largeBlobKey", true);
    let (asserted, _) = sign_in(&mut authenticator, get_assertion(), wanted.clone()).unwrap();
    assert_eq!(bytes(&asserted, 7), key);
    let asserted = send(&mut authenticator, 0x02, Some(get_assertion())).unwrap();
    assert!(!asserted.contains_key(&7.into()));
    let hidden = with(
        with(make_credential(), 6, wanted),
        7,
        Value::map([("uv", Value::from(true))]),
    );
    assert_eq!(
        send(&mut authenticator, 0x01, Some(hidden)),
        Err(Status::InvalidOption)
    );
    assert_eq!(
        register(&mut authenticator, wants("largeBlobKey", false)).map(drop),
        Err(Status::InvalidOption)
    );
}

#[test]
fn the_shortest_pin_is_told_to_listed_relying_parties_only() {
    let mut authenticator = verifying();
    let wanted = || wants("minPinLength", true);
    assert_eq!(register(&mut authenticator, wanted()).unwrap().1, None);
    set_pin(&mut authenticator, 2, "1234").unwrap();
    let token = token(&mut authenticator, 2, "1234", 0x20, None).unwrap();
    let prefix = [[0xff; 32].as_slice(), &[0x0d]].concat();
    let list = Value::Array(vec!["localhost".into()]);
    managed(
        &mut authenticator,
        0x0d,
        &prefix,
        3,
        Some(Value::map([(2, list)])),
        &token,
    )
    .unwrap();
    let (_, outputs) = register(&mut authenticator, wanted()).unwrap();
    assert_eq!(outputs.unwrap()[&"minPinLength".into()], 4.into());
}

#[test]
fn extensions_that_the_world_cannot_carry_are_ignored() {
    let mut authenticator = Authenticator::new(world());
    let all = Value::map([
        ("hmac-secret", Value::from(true)),
        ("credBlob", vec![1].into()),
        ("largeBlobKey", true.into()),
        ("minPinLength", true.into()),
    ]);
    let (made, outputs) = register(&mut authenticator, all).unwrap();
    assert_eq!(outputs, None);
    assert!(!made.contains_key(&5.into()));
}

#[test]
fn what_a_rule_of_the_world_forbids_asks_nobody() {
    for (command, request) in [(0x01, make_credential()), (0x02, get_assertion())] {
        let mut authenticator = verifying();
        authenticator.env_mut().forbidden = true;
        authenticator.env_mut().answer = Answer::Denied;
        assert_eq!(
            send(&mut authenticator, command, Some(request)),
            Err(Status::NotAllowed)
        );
        assert!(authenticator.env().questions.is_empty());
    }
}
