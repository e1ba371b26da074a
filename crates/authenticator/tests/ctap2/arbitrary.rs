//! Arbitrary messages: every one gets an answer, and no answer leaves a key without its credential.

use crate::world::{full_world, get_assertion, make_credential, registered, world};
use authenticator::cbor::{Key, Map, Value};
use authenticator::{Authenticator, Status};
use proptest::prelude::*;

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        (-60_i64..60).prop_map(Value::Integer),
        prop::collection::vec(any::<u8>(), 0..70).prop_map(Value::Bytes),
        "(id|type|alg|public-key|none|packed|localhost)?".prop_map(Value::Text),
        any::<bool>().prop_map(Value::Bool),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop_oneof![
            (-4_i64..12).prop_map(Key::Integer),
            "(id|type|alg|rk|up|uv)".prop_map(Key::Text)
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(key, inner, 0..4).prop_map(Value::Map),
        ]
    })
}

/// A valid request with some parameters replaced.
fn disturbed(valid: Map) -> impl Strategy<Value = Map> {
    prop::collection::vec((0_i64..12, any_value()), 0..3).prop_map(move |changes| {
        let mut map = valid.clone();
        map.extend(
            changes
                .into_iter()
                .map(|(key, value)| (Key::Integer(key), value)),
        );
        map
    })
}

fn answered(message: &[u8]) -> Result<(), TestCaseError> {
    let mut authenticator = registered();
    let response = authenticator.handle(message);
    let (status, body) = response.split_first().unwrap();
    let status = Status::from_byte(*status);
    prop_assert!(status.is_some());
    prop_assert_eq!(status == Some(Status::Ok), Value::decode(body).is_ok());
    prop_assert!(authenticator.env().living_keys() >= authenticator.env().credentials.len());
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_answered(message in prop::collection::vec(any::<u8>(), 0..200)) {
        answered(&message)?;
    }

    #[test]
    fn any_registration_request_is_answered(map in disturbed(make_credential())) {
        answered(&[vec![0x01], Value::Map(map).encode()].concat())?;
    }

    #[test]
    fn any_sign_in_request_is_answered(map in disturbed(get_assertion())) {
        answered(&[vec![0x02], Value::Map(map).encode()].concat())?;
    }

    #[test]
    fn any_management_request_is_answered(
        command in prop::sample::select(vec![0x06_u8, 0x0a, 0x0c, 0x0d]),
        map in disturbed(Map::from([(1.into(), 2.into()), (2.into(), 1.into())])),
    ) {
        let mut authenticator = Authenticator::new(full_world());
        let response = authenticator.handle(&[vec![command], Value::Map(map).encode()].concat());
        let (status, body) = response.split_first().unwrap();
        prop_assert!(Status::from_byte(*status).is_some());
        prop_assert!(body.is_empty() || (*status == 0 && Value::decode(body).is_ok()));
    }

    #[test]
    fn a_cut_request_is_not_canonical(length in 0_usize..100) {
        let whole = Value::Map(make_credential()).encode();
        let cut = whole.get(..length.min(whole.len() - 1)).unwrap();
        let response = Authenticator::new(world()).handle(&[&[0x01], cut].concat());
        prop_assert_eq!(response, vec![Status::InvalidCbor.byte()]);
    }
}
