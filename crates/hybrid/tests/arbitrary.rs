//! Whatever a peer sends, the answer is a value: nothing here panics, and nothing is taken for what it is not.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use hybrid::qr::{decode_digits, encode_digits};
use hybrid::relay::{Call, Verdict, client_payload, contact_id, routing_id, tunnel_id};
use hybrid::session::{Advertised, Calling, QrClient};
use hybrid::{
    Advert, ContactPayload, EidKey, Flow, Handshake, Limits, PublicKey, SecretKey, TunnelDomain,
};
use std::time::Duration;

const ROUNDS: usize = 20_000;

/// Bytes that look like nothing in particular, the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn bytes(&mut self, longest: usize) -> Vec<u8> {
        let length = self.below(longest + 1);
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    /// A few bytes of something good changed, cut off or added.
    fn spoil(&mut self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        for _ in 0..=self.below(3) {
            let (at, to) = (self.below(bytes.len().max(1)), self.next().to_le_bytes()[0]);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = to;
            }
        }
        match self.below(4) {
            0 => bytes.truncate(self.below(bytes.len() + 1)),
            1 => bytes.extend(self.bytes(3)),
            _ => {}
        }
        bytes
    }
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_random(&[seed; 64]).unwrap()
}

fn client() -> QrClient {
    QrClient::new(key(1), [2; 16]).unwrap()
}

#[test]
fn what_is_no_qr_code_is_none() {
    let url = client().code(Flow::GetAssertion, 1).to_url();
    let good = decode_digits(url.strip_prefix("FIDO:/").unwrap()).unwrap();
    let mut noise = Noise(1);
    for _ in 0..ROUNDS {
        let bytes = noise.spoil(&good);
        if let Ok(read) = Handshake::from_cbor(&bytes) {
            // What is read is what would be written again, or an older or newer form of the same.
            assert_eq!(Handshake::from_url(&read.to_url()), Ok(read));
        }
        assert_eq!(decode_digits(&encode_digits(&bytes)), Ok(bytes));
        let noise = noise.bytes(60);
        let _ = Handshake::from_cbor(&noise);
        let _ = Handshake::from_url(&String::from_utf8_lossy(&noise));
    }
}

#[test]
fn what_is_no_advert_does_not_open() {
    let key = EidKey::derive(&[2; 16]).unwrap();
    let mut noise = Noise(2);
    let opened = (0..ROUNDS).filter(|_| {
        let bytes: Vec<u8> = (0..20).map(|_| noise.next().to_le_bytes()[0]).collect();
        Advert::open(&bytes, &key).is_ok()
    });
    assert_eq!(opened.count(), 0);
}

#[test]
fn what_is_no_identifier_call_or_payload_is_none() {
    let payload = ContactPayload {
        link_id: [1; 8],
        nonce: [2; 16],
        flow: Flow::MakeCredential,
    };
    let good = payload.to_cbor();
    let mut noise = Noise(3);
    for _ in 0..ROUNDS {
        let bytes = noise.spoil(&good);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let _ = ContactPayload::from_cbor(&bytes);
        let _ = (Call::from_bytes(&bytes), Verdict::from_bytes(&bytes));
        let _ = (client_payload(&text), contact_id(&text));
        let _ = (routing_id(&text), tunnel_id(&text));
        let _ = PublicKey::from_uncompressed(&noise.bytes(70));
    }
}

#[test]
fn what_is_no_handshake_or_message_ends_the_session() {
    let advert = Advert {
        nonce: [3; 10],
        routing_id: [0; 3],
        domain: TunnelDomain::new(0).unwrap(),
    };
    let (limits, start) = (Limits::default(), Duration::ZERO);
    let code = client().code(Flow::GetAssertion, 1);
    let mut noise = Noise(4);
    for _ in 0..200 {
        let phone = || Advertised::by_code(&code, &advert, limits, start).unwrap();
        let (calling, first) =
            Calling::by_code(&client(), &advert, &key(4), limits, start).unwrap();
        let spoiled = noise.spoil(&first);
        if spoiled != first {
            assert!(
                phone()
                    .handshake(&spoiled, &key(5), &[0xa0], start)
                    .is_err()
            );
        }
        let (serving, [answer, greeting]) =
            phone().handshake(&first, &key(5), &[0xa0], start).unwrap();
        let shaken = calling.hear(&answer, start).unwrap();
        let spoiled = noise.spoil(&greeting);
        if spoiled != greeting {
            assert!(shaken.hear(&spoiled, start).is_err());
        }
        assert!(serving.hear(&noise.bytes(100), start).is_err());
    }
}
