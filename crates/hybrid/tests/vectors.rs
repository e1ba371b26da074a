//! The transport's numbers agree with other implementations (`vectors/README.md`).

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]

use hybrid::qr::{decode_digits, encode_digits};
use hybrid::tunnel::{connect_url, new_url};
use hybrid::{
    Advert, AdvertError, CborError, DomainError, EidKey, Flow, Handshake, PreSharedKey, QrError,
    TunnelDomain, TunnelId,
};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/hybrid.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        _ => 63,
    };
    let bits: Vec<u8> = text
        .bytes()
        .flat_map(|byte| (0..6).rev().map(move |at| digit(byte) >> at & 1))
        .collect();
    bits.chunks_exact(8)
        .map(|bits| bits.iter().fold(0, |sum, bit| sum << 1 | bit))
        .collect()
}

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn digits_are_those_of_others() {
    let vectors = vectors();
    for case in vectors["digit_encoding"]["ok"].as_array().unwrap() {
        let (bytes, digits) = (base64(text(&case["bytes"])), text(&case["digits"]));
        assert_eq!(encode_digits(&bytes), digits);
        assert_eq!(decode_digits(digits), Ok(bytes));
    }
}

#[test]
fn impossible_digits_are_named() {
    let expected = [
        QrError::NotDigits,
        QrError::NotDigits,
        QrError::DigitCount,
        QrError::DigitCount,
        QrError::DigitCount,
        QrError::DigitCount,
        QrError::Overflow,
        QrError::Overflow,
    ];
    let vectors = vectors();
    let cases = vectors["digit_encoding"]["bad"].as_array().unwrap();
    assert_eq!(cases.len(), expected.len());
    for (case, expected) in cases.iter().zip(expected) {
        assert_eq!(
            decode_digits(text(&case["digits"])),
            Err(expected),
            "{case}"
        );
    }
}

#[test]
fn codes_of_real_browsers_are_read_and_written_alike() {
    let vectors = vectors();
    for case in vectors["qr_urls"]["items"].as_array().unwrap() {
        let url = text(&case["url"]);
        let handshake = Handshake::from_url(url).unwrap();
        let map = &case["map"];
        assert_eq!(handshake.client_key.as_slice(), base64(text(&map["0"])));
        assert_eq!(handshake.secret.as_slice(), base64(text(&map["1"])));
        assert_eq!(handshake.known_domains, map["2"].as_u64().unwrap());
        assert_eq!(handshake.made_at, map["3"].as_u64());
        assert_eq!(handshake.state_assisted, map["4"].as_bool());
        assert_eq!(handshake.flow, Flow::MakeCredential);
        assert_eq!(handshake.to_url(), url);
        assert_eq!(Handshake::from_url(&url.to_lowercase()), Ok(handshake));
    }
}

#[test]
fn a_code_that_is_no_handshake_is_named() {
    let expected = [
        QrError::Scheme,
        QrError::Cbor(CborError::Truncated),
        QrError::Cbor(CborError::Truncated),
        QrError::NotDigits,
        QrError::DigitCount,
        QrError::Overflow,
        QrError::NotAMap,
    ];
    let vectors = vectors();
    let cases = vectors["qr_urls"]["bad"].as_array().unwrap();
    assert_eq!(cases.len(), expected.len());
    for (case, expected) in cases.iter().zip(expected) {
        assert_eq!(Handshake::from_url(text(case)), Err(expected), "{case}");
    }
    assert_eq!(
        Handshake::from_url(&format!("FIDO:/{}", "0".repeat(2048))),
        Err(QrError::TooLong)
    );
}

#[test]
fn broken_handshakes_are_named() {
    let good = base64(text(&vectors()["qr_urls"]["items"][0]["cbor"]));
    let changed = |at: usize, to: u8| {
        let mut bytes = good.clone();
        bytes[at] = to;
        Handshake::from_cbor(&bytes)
    };
    assert_eq!(
        changed(4, 0x04),
        Err(QrError::Member(0)),
        "an uncompressed key"
    );
    assert_eq!(changed(1, 0x07), Err(QrError::Member(0)), "no client key");
    assert_eq!(changed(37, 0x07), Err(QrError::Member(1)), "no secret");
    assert_eq!(changed(1, 0x01), Err(QrError::Cbor(CborError::RepeatedKey)));
    assert_eq!(
        Handshake::from_cbor(&good[..good.len() - 1]),
        Err(QrError::Cbor(CborError::Truncated))
    );
    assert_eq!(
        Handshake::from_cbor(&[good.as_slice(), &[0]].concat()),
        Err(QrError::Cbor(CborError::TrailingBytes))
    );
    assert_eq!(
        Handshake::from_cbor(&[0x81, 0x81, 0x81, 0x81, 0x80]),
        Err(QrError::Cbor(CborError::TooDeep))
    );
    assert_eq!(
        Handshake::from_cbor(&[0xa1, 0x61, 0xff, 0]),
        Err(QrError::Cbor(CborError::InvalidText))
    );
    assert_eq!(
        Handshake::from_cbor(&[0xbf, 0xff]),
        Err(QrError::Cbor(CborError::Unsupported))
    );
}

#[test]
fn the_sixth_member_may_be_a_promise_or_a_list_of_channels() {
    let mut handshake =
        Handshake::from_url(text(&vectors()["qr_urls"]["items"][0]["url"])).unwrap();
    handshake.bluetooth_data = true;
    assert_eq!(
        Handshake::from_url(&handshake.to_url()),
        Ok(handshake.clone())
    );
    handshake.bluetooth_data = false;
    let good = base64(text(&vectors()["qr_urls"]["items"][0]["cbor"]));
    let older = [&[0xa7], &good[1..], &[0x06, 0xf5]].concat();
    assert_eq!(Handshake::from_cbor(&older), Ok(handshake));
}

#[test]
fn tunnel_domains_are_those_of_others() {
    for case in vectors()["tunnel_domains"]["items"].as_array().unwrap() {
        let id = u16::try_from(case["id"].as_u64().unwrap()).unwrap();
        let host = TunnelDomain::new(id).map(TunnelDomain::host);
        assert_eq!(host.ok().as_deref(), case["host"].as_str());
    }
    for id in 2..256 {
        assert_eq!(TunnelDomain::new(id), Err(DomainError::Unassigned(id)));
    }
}

#[test]
fn the_plain_advert_is_laid_out_as_others_do() {
    let vectors = vectors();
    let eid = hex(text(&vectors["eid"]["plaintext_hex"]));
    let fields = &vectors["eid"]["fields"];
    let advert = Advert::from_eid(&eid).unwrap();
    assert_eq!(advert.nonce.as_slice(), hex(text(&fields["nonce_hex"])));
    assert_eq!(
        advert.routing_id.as_slice(),
        hex(text(&fields["routing_id_hex"]))
    );
    assert_eq!(
        u64::from(advert.domain.id()),
        fields["tunnel_server_id"].as_u64().unwrap()
    );
    assert_eq!(advert.to_eid().as_slice(), eid);
}

#[test]
fn a_broken_plain_advert_is_named() {
    let eid = hex(text(&vectors()["eid"]["plaintext_hex"]));
    for length in (0..18).filter(|length| *length != 16) {
        assert_eq!(Advert::from_eid(&vec![0; length]), Err(AdvertError::Length));
    }
    let mut reserved = eid.clone();
    reserved[0] = 1;
    assert_eq!(Advert::from_eid(&reserved), Err(AdvertError::Reserved));
    let mut unassigned = eid;
    unassigned[15] = 0;
    assert_eq!(
        Advert::from_eid(&unassigned),
        Err(AdvertError::Domain(DomainError::Unassigned(255)))
    );
}

#[test]
fn the_tunnel_has_the_address_that_others_compute() {
    let vectors = vectors();
    let case = &vectors["tunnel_id"];
    let secret: [u8; 16] = base64(text(&case["qr_secret"])).try_into().unwrap();
    let tunnel = TunnelId::derive(&secret).unwrap();
    let domain = TunnelDomain::new(63872).unwrap();
    assert_eq!(tunnel.to_hex(), text(&case["tunnel_id_hex"]));
    assert_eq!(new_url(domain, tunnel), text(&case["new_url"]));
    assert_eq!(
        connect_url(domain, [9, 10, 11], tunnel),
        text(&case["connect_url"])
    );
}

#[test]
fn the_pre_shared_key_depends_on_code_and_advert_and_is_never_printed() {
    let key = |secret: u8, eid: u8| {
        *PreSharedKey::derive(&[secret; 16], &[eid; 16])
            .unwrap()
            .expose()
    };
    assert_ne!(key(1, 1), key(2, 1));
    assert_ne!(key(1, 1), key(1, 2));
    assert_eq!(
        format!("{:?}", PreSharedKey::derive(&[1; 16], &[1; 16]).unwrap()),
        "PreSharedKey(secret)"
    );
    assert_eq!(
        format!("{:?}", EidKey::derive(&[1; 16]).unwrap()),
        "EidKey(secret)"
    );
    let handshake = Handshake::from_url(text(&vectors()["qr_urls"]["items"][0]["url"])).unwrap();
    assert!(format!("{handshake:?}").contains("secret: \"secret\""));
}
