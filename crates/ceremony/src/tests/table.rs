//! One way to provoke every refusal there is. A rule without an entry here fails [`every_refusal_is_produced`], and so does an entry
//! whose rule no longer holds.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use super::statements::{
    PACKED_SUBJECT, TPM_NAMES, Tpm, aik_usage, all_applications, android_key, apple, compound,
    fido_u2f, good_android_key, origin, packed, packed_self, purposes, tpm, tpm_names,
};
use super::workbench::{
    AAGUID, Assertion, Members, Registration, aaguid_extension, array, bytes, coordinates,
    cose_map, int, map, name_of, not_authority, text,
};
use crate::attestation::chain::PathFault;
use crate::attestation::chain::forge::{self, Key};
use crate::cases::Case;
use crate::*;
use serde_json::{Value, json};

/// The refusal of a registration that was good until `spoil` changed it.
fn spoiled(
    mut registration: Registration,
    spoil: impl FnOnce(&mut Registration),
) -> Option<Refusal> {
    assert_eq!(
        registration.verify().err(),
        None,
        "good before it was spoiled"
    );
    spoil(&mut registration);
    registration.verify().err()
}

fn registration(spoil: impl FnOnce(&mut Registration)) -> Option<Refusal> {
    spoiled(Registration::new(), spoil)
}

fn client_data(member: &'static str, value: Value) -> Option<Refusal> {
    registration(|registration| registration.client_data.set(member, value))
}

fn assertion(spoil: impl FnOnce(&mut Assertion)) -> Option<Refusal> {
    let mut assertion = Assertion::new();
    assert_eq!(assertion.verify().err(), None, "good before it was spoiled");
    spoil(&mut assertion);
    assertion.verify().err()
}

/// Leaves one member out of the statement.
fn without(registration: Registration, member: &'static str) -> Option<Refusal> {
    spoiled(registration, |registration| {
        registration.certified.edit =
            Box::new(move |members: &mut Members| members.retain(|(name, _)| *name != member));
    })
}

/// Replaces one member of the statement, or adds it.
fn with(registration: Registration, member: &'static str, value: Vec<u8>) -> Option<Refusal> {
    spoiled(registration, |registration| {
        registration.certified.edit = Box::new(move |members: &mut Members| {
            members.retain(|(name, _)| *name != member);
            members.push((member, value.clone()));
        });
    })
}

fn bad_tpm(parts: Tpm) -> Option<Refusal> {
    tpm(parts).verify().err()
}

fn collected(name: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/peers.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let vectors = file.get("vectors").and_then(Value::as_array).unwrap();
    vectors
        .iter()
        .find(|vector| vector.get("name") == Some(&json!(name)))
        .unwrap()
        .clone()
}

/// The refusal of a collected vector.
fn vector(name: &str) -> Option<Refusal> {
    let verdict = serde_json::from_value::<Case>(collected(name))
        .unwrap()
        .run();
    Refusal::ALL
        .iter()
        .copied()
        .find(|refusal| Some(refusal.code()) == verdict.reason)
}

const SAFETYNET_TIME: i64 = 1_548_488_259;

/// A real SafetyNet statement, judged at another time or under another policy, its response replaced.
fn safetynet(policy: Safetynet, now: i64, replaced: Option<&'static str>) -> Option<Refusal> {
    let vector = collected("web-auth/androidsafetynetattestationstatementtest-android-safetynet");
    let part =
        |name: &str| base64url::decode(vector.get(name).and_then(Value::as_str).unwrap()).unwrap();
    let hash = crate::identifiers::sha256(&part("clientDataJSON"));
    let mut object = part("attestationObject");
    if let Some(response) = replaced {
        let parsed = attestation::AttestationObject::parse(&object).unwrap();
        let statement = map(&[("ver", text("1")), ("response", bytes(response.as_bytes()))]);
        object = map(&[
            ("fmt", text("android-safetynet")),
            ("attStmt", statement),
            ("authData", bytes(parsed.authenticator_data)),
        ]);
    }
    let policy = AttestationPolicy {
        safetynet: policy,
        accept_legacy: true,
        ..AttestationPolicy::default()
    };
    verify_attestation(
        &object,
        &hash,
        &policy,
        &NoAnchors,
        UnixTime::from_seconds(now),
    )
    .err()
}

/// The same real statement with one bit of the service's signature changed.
fn safetynet_with_a_bad_signature() -> Option<Refusal> {
    let vector = collected("web-auth/androidsafetynetattestationstatementtest-android-safetynet");
    let part =
        |name: &str| base64url::decode(vector.get(name).and_then(Value::as_str).unwrap()).unwrap();
    let hash = crate::identifiers::sha256(&part("clientDataJSON"));
    let object = part("attestationObject");
    let parsed = attestation::AttestationObject::parse(&object).unwrap();
    let response = parsed
        .statement
        .as_map()
        .and_then(|map| map.get("response"))
        .and_then(cbor::Value::as_bytes);
    let mut response = response.unwrap().to_vec();
    let middle_of_signature = response.len() - 100;
    let letter = response.get_mut(middle_of_signature).unwrap();
    *letter = if *letter == b'A' { b'B' } else { b'A' };
    let statement = map(&[("ver", text("1")), ("response", bytes(&response))]);
    let spoiled = map(&[
        ("fmt", text("android-safetynet")),
        ("attStmt", statement),
        ("authData", bytes(parsed.authenticator_data)),
    ]);
    let policy = AttestationPolicy {
        safetynet: Safetynet::StoredOnly,
        accept_legacy: true,
        ..AttestationPolicy::default()
    };
    verify_attestation(
        &spoiled,
        &hash,
        &policy,
        &NoAnchors,
        UnixTime::from_seconds(SAFETYNET_TIME),
    )
    .err()
}

/// Anchors of a metadata service that knows something bad about every model.
struct Refusing(Refusal);

impl TrustAnchors for Refusing {
    fn look_up<'a>(&'a self, _: &AttestationSubject<'_>) -> Lookup<'a> {
        Lookup::Refuse(self.0)
    }
}

fn refused_model(refusal: Refusal) -> Option<Refusal> {
    spoiled(packed_self(Key::p256(), -7), |registration| {
        registration.policy.trust = TrustRequirement::Require;
        registration.anchors = Box::new(Refusing(refusal));
    })
}

type Entry = (Refusal, fn() -> Option<Refusal>);

const OUTER: &[Entry] = &[
    (Refusal::MalformedResponse, || {
        registration(|good| good.outer = json!({ "response": 5 }))
    }),
    (Refusal::ResponseIdInvalid, || {
        registration(|good| good.outer = json!({ "id": "AAAA" }))
    }),
    (Refusal::ResponseIdInvalid, || {
        registration(|good| good.outer = json!({ "rawId": null }))
    }),
    (Refusal::ResponseIdInvalid, || {
        registration(|good| good.outer = json!({ "id": "", "rawId": "" }))
    }),
    (Refusal::ResponseIdInvalid, || {
        registration(|good| good.outer = json!({ "id": "!", "rawId": "!" }))
    }),
    (Refusal::CredentialTypeInvalid, || {
        registration(|good| good.outer = json!({ "type": "password" }))
    }),
    (Refusal::CredentialTypeInvalid, || {
        registration(|good| good.outer = json!({ "type": null }))
    }),
];

const CLIENT_DATA: &[Entry] = &[
    (Refusal::MalformedClientData, || {
        registration(|good| good.client_data.replaced = Some(b"{".to_vec()))
    }),
    (Refusal::MalformedClientData, || {
        registration(|good| good.client_data.replaced = Some(b"\xff{}".to_vec()))
    }),
    (Refusal::MalformedClientData, || {
        client_data("padding", json!("x".repeat(20_000)))
    }),
    (Refusal::TypeMismatch, || {
        client_data("type", json!("webauthn.get"))
    }),
    (Refusal::ChallengeMismatch, || {
        client_data("challenge", json!("AAAA"))
    }),
    (Refusal::OriginMismatch, || {
        client_data("origin", json!("https://login.example.evil"))
    }),
    (Refusal::CrossOriginNotAllowed, || {
        client_data("crossOrigin", json!(true))
    }),
    (Refusal::TopOriginWithoutCrossOrigin, || {
        client_data("topOrigin", json!("https://top.example"))
    }),
    (Refusal::TopOriginNotAllowed, || {
        registration(|good| {
            good.framing = Framing::Within(vec![Origin::new("https://top.example")]);
            good.client_data.set("crossOrigin", json!(true));
            good.client_data
                .set("topOrigin", json!("https://other.example"));
        })
    }),
    (Refusal::TokenBindingFormatInvalid, || {
        client_data("tokenBinding", json!("present"))
    }),
    (Refusal::TokenBindingStatusInvalid, || {
        client_data("tokenBinding", json!({ "status": "bound" }))
    }),
    (Refusal::TokenBindingIdMissing, || {
        client_data("tokenBinding", json!({ "status": "present" }))
    }),
];

const AUTHENTICATOR_DATA: &[Entry] = &[
    (Refusal::MalformedAuthenticatorData, || {
        registration(|good| good.data.flags |= 0x80)
    }),
    (Refusal::MalformedAuthenticatorData, || {
        registration(|good| {
            good.data.flags |= 0x80;
            good.data.tail = int(1);
        })
    }),
    (Refusal::TrailingBytes, || {
        registration(|good| good.data.tail = map(&[]))
    }),
    (Refusal::TrailingBytes, || {
        registration(|good| good.behind = vec![0])
    }),
    (Refusal::TrailingBytes, || {
        assertion(|good| good.data.tail = vec![0])
    }),
    (Refusal::RpIdHashMismatch, || {
        registration(|good| good.data.rp_id = "evil.example".to_owned())
    }),
    (Refusal::RpIdHashMismatch, || {
        assertion(|good| good.data.rp_id = "evil.example".to_owned())
    }),
    (Refusal::UpNotSet, || {
        registration(|good| good.data.flags &= !0x01)
    }),
    (Refusal::UvRequiredNotSet, || {
        registration(|good| good.data.flags &= !0x04)
    }),
    (Refusal::BsWithoutBe, || {
        registration(|good| good.data.flags &= !0x08)
    }),
    (Refusal::BsWithoutBe, || {
        assertion(|good| good.data.flags &= !0x08)
    }),
    (Refusal::BeChanged, || {
        assertion(|good| good.stored_eligible = Some(false))
    }),
    (Refusal::AtFlagMissing, || {
        registration(|good| {
            good.data.flags &= !0x40;
            good.data.attested = None;
        })
    }),
    (Refusal::CounterRegress, || {
        assertion(|good| good.data.count = 3)
    }),
];

fn with_key(key: Vec<u8>) -> Option<Refusal> {
    registration(|good| good.data.attested = Some((vec![9; 20], key)))
}

fn ec_key(kty: i64, alg: i64, curve: i64, y: Vec<u8>) -> Option<Refusal> {
    let (x, _) = coordinates(&Key::p256());
    with_key(cose_map(&[
        (1, int(kty)),
        (3, int(alg)),
        (-1, int(curve)),
        (-2, bytes(&x)),
        (-3, y),
    ]))
}

fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Option<Refusal> {
    with_key(cose_map(&[
        (1, int(3)),
        (3, int(-257)),
        (-1, bytes(modulus)),
        (-2, bytes(exponent)),
    ]))
}

const KEYS: &[Entry] = &[
    (Refusal::CredentialIdLength, || {
        registration(|good| {
            good.data.attested = good
                .data
                .attested
                .take()
                .map(|(_, key)| (vec![9; 1024], key))
        })
    }),
    (Refusal::CredentialIdMismatch, || {
        registration(|good| good.outer = json!({ "id": "AAAA", "rawId": "AAAA" }))
    }),
    (Refusal::CredentialIdMismatch, || {
        assertion(|good| good.outer = json!({ "id": "AAAA", "rawId": "AAAA" }))
    }),
    (Refusal::UserHandleMissing, || {
        assertion(|good| good.user_handle = json!(null))
    }),
    (Refusal::UserHandleMismatch, || {
        assertion(|good| good.user_handle = json!("AAAA"))
    }),
    (Refusal::AlgNotAllowed, || {
        registration(|good| good.algorithms = vec![Algorithm::EdDsa, Algorithm::Rs256])
    }),
    (Refusal::AlgNotAllowed, || {
        ec_key(2, -999, 1, bytes(&[7; 32]))
    }),
    (Refusal::MalformedCoseKey, || {
        ec_key(2, -7, 1, bytes(&[7; 32]))
    }),
    (Refusal::MalformedCoseKey, || {
        ec_key(1, -7, 1, bytes(&[7; 32]))
    }),
    (Refusal::MalformedCoseKey, || {
        ec_key(2, -7, 2, bytes(&[7; 32]))
    }),
    (Refusal::MalformedCoseKey, || {
        ec_key(2, -7, 1, bytes(&[7; 31]))
    }),
    (Refusal::MalformedCoseKey, || ec_key(2, -7, 1, vec![0xf5])),
    (Refusal::MalformedCoseKey, || {
        with_key(cose_map(&[(1, int(2)), (3, int(-7)), (3, int(-7))]))
    }),
    (Refusal::MalformedCoseKey, || {
        rsa_key(&[0xfe; 256], &[1, 0, 1])
    }),
    (Refusal::MalformedCoseKey, || {
        rsa_key(&[0xff; 256], &[1, 0, 0])
    }),
    (Refusal::MalformedCoseKey, || {
        rsa_key(&[0xff; 1025], &[1, 0, 1])
    }),
    (Refusal::InsecureKeyOrAlg, || {
        rsa_key(&[0xff; 255], &[1, 0, 1])
    }),
    (Refusal::InsecureKeyOrAlg, || rsa_key(&[0xff; 256], &[1])),
    (Refusal::InsecureKeyOrAlg, || {
        spoiled(packed(), |good| good.certified.alg = -65535)
    }),
    (Refusal::BadSignature, || {
        assertion(|good| good.signature = Some(vec![0x30, 0]))
    }),
    (Refusal::BadSignature, || {
        assertion(|good| good.signature = Some(Key::p256().sign(b"another message")))
    }),
];

const OBJECTS: &[Entry] = &[
    (Refusal::MalformedAttestationObject, || {
        registration(|good| good.object = Some(array(&[text("fmt")])))
    }),
    (Refusal::MalformedAttestationObject, || {
        registration(|good| good.object = Some(vec![0xbf]))
    }),
    (Refusal::MalformedAttestationObject, || {
        registration(|good| {
            good.object = Some(map(&[
                ("fmt", text("none")),
                ("attStmt", map(&[])),
                ("authData", text("x")),
            ]))
        })
    }),
    (Refusal::AttstmtNotAMap, || {
        registration(|good| good.statement = Box::new(|_, _| text("none")))
    }),
    (Refusal::UnknownAttestationFormat, || {
        registration(|good| good.format = text("None"))
    }),
    (Refusal::NoneAttstmtNotEmpty, || {
        registration(|good| good.statement = Box::new(|_, _| map(&[("sig", bytes(&[]))])))
    }),
];

const STATEMENTS: &[Entry] = &[
    (Refusal::AttstmtMalformed, || {
        with(packed(), "sig", text("sig"))
    }),
    (Refusal::AttstmtMissingAlg, || without(packed(), "alg")),
    (Refusal::AttstmtMissingSig, || without(packed(), "sig")),
    (Refusal::AttstmtMissingSig, || without(fido_u2f(), "sig")),
    (Refusal::AttstmtMissingX5c, || without(fido_u2f(), "x5c")),
    (Refusal::AttstmtMissingX5c, || without(apple(), "x5c")),
    (Refusal::AttstmtMissingVer, || {
        spoiled(tpm(Tpm::new()), |good| {
            good.certified.edit = Box::new(|members: &mut Members| {
                members.retain(|(name, _)| !["ver", "sig"].contains(name))
            });
        })
    }),
    (Refusal::AttstmtMissingCertinfo, || {
        without(tpm(Tpm::new()), "certInfo")
    }),
    (Refusal::AttstmtMissingPubarea, || {
        without(tpm(Tpm::new()), "pubArea")
    }),
    (Refusal::AttstmtMissingResponse, || {
        registration(|good| {
            good.policy.safetynet = Safetynet::StoredOnly;
            good.format = text("android-safetynet");
            good.statement = Box::new(|_, _| map(&[("ver", text("1"))]));
        })
    }),
    (Refusal::AttstmtEcdaa, || {
        with(packed(), "ecdaaKeyId", bytes(&[1]))
    }),
    (Refusal::AttstmtEcdaa, || {
        with(tpm(Tpm::new()), "ecdaaKeyId", bytes(&[1]))
    }),
    (Refusal::AttstmtUnsupportedAlg, || {
        spoiled(packed(), |good| good.certified.alg = -999)
    }),
    (Refusal::AttstmtUnsupportedAlg, || {
        spoiled(packed(), |good| good.certified.alg = -36)
    }),
    (Refusal::AttstmtAlgMismatch, || {
        spoiled(packed(), |good| good.certified.alg = -257)
    }),
    (Refusal::AttstmtAlgMismatch, || {
        spoiled(packed_self(Key::p256(), -7), |good| good.certified.alg = -8)
    }),
    (Refusal::AttstmtMalformedX5c, || {
        with(packed(), "x5c", array(&[]))
    }),
    (Refusal::AttstmtMalformedX5c, || {
        with(packed(), "x5c", array(&[bytes(&[0x30, 0])]))
    }),
    (Refusal::AttstmtMalformedX5c, || {
        with(packed(), "x5c", text("x5c"))
    }),
    (Refusal::AttstmtMalformedX5c, || {
        let good = good_android_key();
        let other = bytes(&good.certified.leaf.sign(&good.certified.root));
        with(good, "x5c", array(&[other]))
    }),
    (Refusal::BadAttestationSignature, || {
        spoiled(packed(), |good| good.certified.key = Key::p256())
    }),
    (Refusal::BadAttestationSignature, || {
        spoiled(packed_self(Key::p256(), -7), |good| {
            good.credential = Key::p256()
        })
    }),
    (Refusal::BadAttestationSignature, || {
        spoiled(fido_u2f(), |good| good.certified.key = Key::p256())
    }),
    (Refusal::BadAttestationSignature, || {
        spoiled(tpm(Tpm::new()), |good| good.certified.key = Key::p256())
    }),
    (Refusal::AttestationKeyMismatch, || {
        spoiled(apple(), |good| good.credential = Key::p256())
    }),
    (Refusal::AttestationKeyMismatch, || {
        spoiled(good_android_key(), |good| good.credential = Key::p256())
    }),
];

fn leaf(registration: Registration, edit: impl FnOnce(&mut forge::Forge)) -> Option<Refusal> {
    spoiled(registration, |good| edit(&mut good.certified.leaf))
}

const CERTIFICATES: &[Entry] = &[
    (Refusal::CertVersion, || {
        leaf(packed(), |leaf| leaf.version = 1)
    }),
    (Refusal::PackedCertSubject, || {
        leaf(packed(), |leaf| leaf.subject = forge::name("Model"))
    }),
    (Refusal::PackedCertSubject, || {
        leaf(packed(), |leaf| {
            leaf.subject = name_of(&[
                (6, "AQQ"),
                PACKED_SUBJECT[1],
                PACKED_SUBJECT[2],
                PACKED_SUBJECT[3],
            ])
        })
    }),
    (Refusal::PackedCertSubject, || {
        leaf(packed(), |leaf| {
            leaf.subject = name_of(&[PACKED_SUBJECT[0], PACKED_SUBJECT[2], PACKED_SUBJECT[3]])
        })
    }),
    (Refusal::PackedCertSubject, || {
        leaf(packed(), |leaf| {
            leaf.subject = name_of(&[
                PACKED_SUBJECT[0],
                PACKED_SUBJECT[1],
                (11, "Other"),
                PACKED_SUBJECT[3],
            ])
        })
    }),
    (Refusal::PackedCertSubject, || {
        leaf(packed(), |leaf| {
            leaf.subject = name_of(&PACKED_SUBJECT[..3])
        })
    }),
    (Refusal::CertBasicConstraints, || {
        leaf(packed(), |leaf| leaf.extensions = vec![forge::ca(None)])
    }),
    (Refusal::CertBasicConstraints, || {
        leaf(tpm(Tpm::new()), |leaf| {
            leaf.extensions = vec![tpm_names(&TPM_NAMES, true), aik_usage(3), forge::ca(None)]
        })
    }),
    (Refusal::CertExpired, || {
        spoiled(packed().trusting_root(), |good| {
            good.now = UnixTime::from_seconds(1_900_000_000)
        })
    }),
    (Refusal::CertNotYetValid, || {
        spoiled(packed().trusting_root(), |good| {
            good.now = UnixTime::from_seconds(1_500_000_000)
        })
    }),
    (Refusal::CertRevoked, || {
        Some(Refusal::from(PathFault::Revoked))
    }),
    (Refusal::X5cAaguidExtensionMismatch, || {
        leaf(packed(), |leaf| {
            leaf.extensions = vec![not_authority(), aaguid_extension([7; 16], false)]
        })
    }),
    (Refusal::X5cAaguidExtensionMismatch, || {
        leaf(packed(), |leaf| {
            leaf.extensions = vec![not_authority(), aaguid_extension(AAGUID, true)]
        })
    }),
    (Refusal::UntrustedChain, || {
        spoiled(packed().trusting_root(), |good| {
            good.anchors = Box::new(NoAnchors)
        })
    }),
    (Refusal::UntrustedChain, || {
        spoiled(packed().trusting_root(), |good| {
            good.certified.root = Key::p256()
        })
    }),
];

const TPM: &[Entry] = &[
    (Refusal::TpmVersion, || {
        with(tpm(Tpm::new()), "ver", text("1.2"))
    }),
    (Refusal::TpmPubareaKeyMismatch, || {
        bad_tpm(Tpm {
            key: Some(coordinates(&Key::p256())),
            ..Tpm::new()
        })
    }),
    (Refusal::TpmPubareaParams, || {
        bad_tpm(Tpm {
            symmetric: [0, 6],
            ..Tpm::new()
        })
    }),
    (Refusal::TpmPubareaParams, || {
        bad_tpm(Tpm {
            behind_public: vec![0],
            ..Tpm::new()
        })
    }),
    (Refusal::TpmCertinfoMalformed, || {
        bad_tpm(Tpm {
            behind_info: vec![0],
            ..Tpm::new()
        })
    }),
    (Refusal::TpmCertinfoMagic, || {
        bad_tpm(Tpm {
            magic: [0; 4],
            ..Tpm::new()
        })
    }),
    (Refusal::TpmCertinfoType, || {
        bad_tpm(Tpm {
            kind: [0x80, 0x18],
            ..Tpm::new()
        })
    }),
    (Refusal::TpmCertinfoName, || {
        bad_tpm(Tpm {
            name: Some(vec![0; 34]),
            ..Tpm::new()
        })
    }),
    (Refusal::TpmExtradataMismatch, || {
        bad_tpm(Tpm {
            extra_data: Some(vec![0; 32]),
            ..Tpm::new()
        })
    }),
    (Refusal::TpmAikSubjectNotEmpty, || {
        leaf(tpm(Tpm::new()), |leaf| leaf.subject = forge::name("AIK"))
    }),
    (Refusal::TpmAikEku, || {
        leaf(tpm(Tpm::new()), |leaf| {
            leaf.extensions = vec![tpm_names(&TPM_NAMES, true), aik_usage(1), not_authority()]
        })
    }),
    (Refusal::TpmAikEku, || {
        leaf(tpm(Tpm::new()), |leaf| {
            leaf.extensions = vec![tpm_names(&TPM_NAMES, true), not_authority()]
        })
    }),
    (Refusal::TpmAikSan, || {
        leaf(tpm(Tpm::new()), |leaf| {
            leaf.extensions = vec![aik_usage(3), not_authority()]
        })
    }),
    (Refusal::TpmAikSan, || {
        leaf(tpm(Tpm::new()), |leaf| {
            leaf.extensions = vec![tpm_names(&TPM_NAMES, false), aik_usage(3)]
        })
    }),
    (Refusal::TpmAikSan, || {
        leaf(tpm(Tpm::new()), |leaf| {
            leaf.extensions = vec![tpm_names(&TPM_NAMES[..2], true), aik_usage(3)]
        })
    }),
    (Refusal::TpmAikSan, || {
        leaf(tpm(Tpm::new()), |leaf| {
            leaf.extensions = vec![
                tpm_names(&[(1, "id:DEADBEEF"), TPM_NAMES[1], TPM_NAMES[2]], true),
                aik_usage(3),
            ]
        })
    }),
];

const OTHER_FORMATS: &[Entry] = &[
    (Refusal::AndroidKeyChallengeMismatch, || {
        android_key(
            Vec::new(),
            [purposes(&[2]), origin(0)].concat(),
            Some(vec![0; 32]),
        )
        .verify()
        .err()
    }),
    (Refusal::AndroidKeyAllApplications, || {
        android_key(
            all_applications(),
            [purposes(&[2]), origin(0)].concat(),
            None,
        )
        .verify()
        .err()
    }),
    (Refusal::AndroidKeyAllApplications, || {
        android_key(
            Vec::new(),
            [purposes(&[2]), all_applications(), origin(0)].concat(),
            None,
        )
        .verify()
        .err()
    }),
    (Refusal::AndroidKeyOrigin, || {
        android_key(Vec::new(), [purposes(&[2]), origin(2)].concat(), None)
            .verify()
            .err()
    }),
    (Refusal::AndroidKeyPurpose, || {
        android_key(Vec::new(), [purposes(&[2, 3]), origin(0)].concat(), None)
            .verify()
            .err()
    }),
    (Refusal::SafetynetNotAllowed, || {
        safetynet(Safetynet::Refuse, SAFETYNET_TIME, None)
    }),
    (Refusal::BadAttestationSignature, || {
        safetynet_with_a_bad_signature()
    }),
    (Refusal::SafetynetMalformed, || {
        safetynet(Safetynet::StoredOnly, SAFETYNET_TIME, Some("a.b.c"))
    }),
    (Refusal::SafetynetTimestamp, || {
        safetynet(Safetynet::StoredOnly, SAFETYNET_TIME + 10 * 86_400, None)
    }),
    (Refusal::SafetynetTimestamp, || {
        safetynet(Safetynet::StoredOnly, SAFETYNET_TIME - 86_400, None)
    }),
    (Refusal::SafetynetNonceMismatch, || {
        vector(
            "webauthn-ruby/stmt-android-safetynet-when-nonce-is-not-set-to-the-base64-of-the-sha256-of-authdata-clientdatahash-returns-fa",
        )
    }),
    (Refusal::SafetynetCtsFalse, || {
        vector("yubico-test/androidsafetynet-falsectsprofilematch")
    }),
    (Refusal::SafetynetHostnameOrChain, || {
        vector("yubico-test/androidsafetynet-wronghostname")
    }),
    (Refusal::AppleNonceMismatch, || {
        let good = apple();
        let before = good.verify().unwrap().facts().attestation.x5c.clone();
        let statement = map(&[("x5c", array(&[bytes(before.first().unwrap())]))]);
        spoiled(good, |good| {
            good.client_data.set("other", json!(1));
            good.statement = Box::new(move |_, _| statement.clone());
        })
    }),
    (Refusal::U2fX5cNotSingle, || {
        with(fido_u2f(), "x5c", array(&[]))
    }),
    (Refusal::U2fX5cNotSingle, || {
        let good = fido_u2f();
        let leaf = bytes(&good.certified.leaf.sign(&good.certified.root));
        with(good, "x5c", array(&[leaf.clone(), leaf]))
    }),
    (Refusal::U2fCertKeyNotP256, || {
        leaf(fido_u2f(), |leaf| leaf.spki = Key::ed25519().spki())
    }),
    (Refusal::U2fCoordinateLength, || {
        spoiled(fido_u2f(), |good| {
            let (x, y) = coordinates(&good.credential);
            let key = cose_map(&[
                (1, int(2)),
                (3, int(-7)),
                (-1, int(1)),
                (-2, bytes(&x)),
                (-3, bytes(&[&[0], y.as_slice()].concat())),
            ]);
            good.data.attested = Some((vec![9; 20], key));
        })
    }),
    (Refusal::U2fAaguidNotZero, || {
        spoiled(fido_u2f(), |good| {
            good.policy.u2f_aaguid_must_be_zero = true;
            good.data.aaguid = AAGUID;
        })
    }),
    (Refusal::CompoundTooFew, || {
        compound(|parts| parts.truncate(1)).verify().err()
    }),
    (Refusal::CompoundNested, || {
        compound(|parts| parts.push(map(&[("fmt", text("compound")), ("attStmt", array(&[]))])))
            .verify()
            .err()
    }),
    (Refusal::CompoundSubstatementInvalid, || {
        compound(|parts| parts.push(map(&[("fmt", text("")), ("attStmt", map(&[]))])))
            .verify()
            .err()
    }),
    (Refusal::CompoundSubstatementInvalid, || {
        compound(|parts| parts.push(map(&[("fmt", text("none"))])))
            .verify()
            .err()
    }),
    (Refusal::CompoundSubstatementUnknownFormat, || {
        compound(|parts| parts.push(map(&[("fmt", text("unheard-of")), ("attStmt", map(&[]))])))
            .verify()
            .err()
    }),
    (Refusal::CompoundAttstmtNotArrayOfObjects, || {
        compound(|parts| parts.push(int(1))).verify().err()
    }),
    (Refusal::AaguidNotAllowedByPolicy, || {
        registration(|good| good.policy.allowed_aaguids = Some(vec![Aaguid::ZERO]))
    }),
    (Refusal::AttestationRequired, || {
        registration(|good| good.policy.trust = TrustRequirement::Require)
    }),
    (Refusal::AttestationRequired, || {
        spoiled(packed_self(Key::p256(), -7), |good| {
            good.policy.trust = TrustRequirement::Require
        })
    }),
    (Refusal::SelfAttestationSuspect, || {
        refused_model(Refusal::SelfAttestationSuspect)
    }),
    (Refusal::AuthenticatorCompromised, || {
        refused_model(Refusal::AuthenticatorCompromised)
    }),
];

fn entries() -> impl Iterator<Item = &'static Entry> {
    [
        OUTER,
        CLIENT_DATA,
        AUTHENTICATOR_DATA,
        KEYS,
        OBJECTS,
        STATEMENTS,
        CERTIFICATES,
        TPM,
        OTHER_FORMATS,
    ]
    .into_iter()
    .flatten()
}

#[test]
fn every_refusal_is_produced() {
    let missing: Vec<_> = Refusal::ALL
        .iter()
        .filter(|refusal| !entries().any(|(produced, _)| produced == *refusal))
        .collect();
    assert!(missing.is_empty(), "no test produces {missing:?}");
}

#[test]
fn every_entry_is_refused_for_its_own_reason() {
    let wrong: Vec<_> = entries()
        .enumerate()
        .filter_map(|(at, (expected, provoke))| {
            let got = provoke();
            (got != Some(*expected))
                .then(|| format!("entry {at}: {expected:?} came out as {got:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
