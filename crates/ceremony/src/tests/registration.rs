//! What a good registration tells, and the choices that section 7.1 leaves to the relying party.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use super::statements::{
    Tpm, android_key, apple, compound, fido_u2f, good_android_key, origin, packed, packed_self,
    purposes, tpm,
};
use super::workbench::{self, AAGUID, ORIGIN, Registration, int, map, text};
use crate::attestation::chain::forge::Key;
use crate::*;
use serde_json::json;

fn refusal(registration: &Registration) -> Option<Refusal> {
    registration.verify().err()
}

#[test]
fn every_format_is_accepted_and_reported() {
    let expected = [
        (
            Registration::new(),
            AttestationFormat::None,
            AttestationType::None,
        ),
        (
            packed(),
            AttestationFormat::Packed,
            AttestationType::Certified,
        ),
        (
            packed_self(Key::p256(), -7),
            AttestationFormat::Packed,
            AttestationType::SelfAttestation,
        ),
        (
            packed_self(Key::ed25519(), -8),
            AttestationFormat::Packed,
            AttestationType::SelfAttestation,
        ),
        (
            packed_self(Key::ml_dsa_44(), -48),
            AttestationFormat::Packed,
            AttestationType::SelfAttestation,
        ),
        (
            fido_u2f(),
            AttestationFormat::FidoU2f,
            AttestationType::Certified,
        ),
        (
            apple(),
            AttestationFormat::Apple,
            AttestationType::AnonymizationCa,
        ),
        (
            tpm(Tpm::new()),
            AttestationFormat::Tpm,
            AttestationType::Certified,
        ),
        (
            compound(|_| {}),
            AttestationFormat::Compound,
            AttestationType::Certified,
        ),
    ];
    for (registration, format, kind) in expected {
        let told = registration.verify().map(|registered| {
            let attestation = &registered.facts().attestation;
            (attestation.format, attestation.kind, attestation.trust)
        });
        assert_eq!(told, Ok((format, kind, TrustOutcome::NotEvaluated)));
    }
    let attestation = good_android_key()
        .verify()
        .unwrap()
        .into_facts()
        .attestation;
    assert_eq!(
        (attestation.format, attestation.kind),
        (AttestationFormat::AndroidKey, AttestationType::Certified)
    );
}

#[test]
fn facts_are_what_was_attested() {
    let registration = Registration::new();
    let facts = registration.verify().unwrap().into_facts();
    assert_eq!(facts.credential_id.as_bytes(), [9; 20]);
    assert_eq!(facts.aaguid, Aaguid::from_bytes(AAGUID));
    assert_eq!(
        (facts.sign_count, facts.user_present, facts.user_verified),
        (3, true, true)
    );
    assert_eq!((facts.backup_eligible, facts.backed_up), (true, true));
    assert_eq!(facts.key.algorithm(), Algorithm::Es256);
    assert_eq!(facts.cose_key, workbench::cose(&registration.credential));
    assert_eq!(facts.origin.as_str(), ORIGIN);
    assert_eq!(
        facts.transports,
        [
            Transport::Hybrid,
            Transport::Internal,
            Transport::Other("future".to_owned())
        ]
    );
    assert_eq!(facts.attachment, Some(Attachment::Platform));
    assert_eq!(facts.client_outputs.discoverable, Some(true));
    assert_eq!(facts.client_data_json, registration.client_data.bytes());
}

#[test]
fn a_key_survives_the_store() {
    for key in [Key::p256(), Key::ed25519(), Key::ml_dsa_44()] {
        let stored = Registration::with_key(key)
            .verify()
            .unwrap()
            .into_facts()
            .key;
        assert_eq!(StoredKey::from_bytes(&stored.to_bytes()), Ok(stored));
    }
    for wrong in [&[][..], &[0], &[1], &[1, 4, 0], &[200; 66]] {
        assert_eq!(StoredKey::from_bytes(wrong), Err(Refusal::MalformedCoseKey));
    }
}

#[test]
fn a_stored_attestation_can_be_judged_again() {
    let registration = packed().trusting_root();
    let facts = registration.verify().unwrap().into_facts();
    assert_eq!(facts.attestation.trust, TrustOutcome::Trusted);
    let hash = crate::identifiers::sha256(&facts.client_data_json);
    let judge = |anchors: &dyn TrustAnchors| {
        verify_attestation(
            &facts.attestation_object,
            &hash,
            &registration.policy,
            anchors,
            registration.now,
        )
    };
    assert_eq!(judge(&*registration.anchors), Ok(facts.attestation.clone()));
    assert_eq!(judge(&NoAnchors), Err(Refusal::UntrustedChain));
}

#[test]
fn untrusted_chains_are_reported_when_trust_is_only_asked_about() {
    let mut registration = packed();
    registration.policy.trust = TrustRequirement::Report;
    let outcome = registration
        .verify()
        .unwrap()
        .into_facts()
        .attestation
        .trust;
    assert_eq!(outcome, TrustOutcome::Untrusted(Refusal::UntrustedChain));
    let mut registration = Registration::new();
    registration.policy.trust = TrustRequirement::Report;
    let outcome = registration
        .verify()
        .unwrap()
        .into_facts()
        .attestation
        .trust;
    assert_eq!(outcome, TrustOutcome::NotEvaluated);
}

#[test]
fn conditional_creation_may_leave_presence_out_and_nothing_else() {
    let mut registration = Registration::new();
    registration.data.flags &= !0x05;
    registration.user_presence = UserPresence::Optional;
    assert_eq!(refusal(&registration), Some(Refusal::UvRequiredNotSet));
    registration.user_verification_required = false;
    assert!(!registration.verify().unwrap().facts().user_present);
}

#[test]
fn framing_is_allowed_only_where_it_is_expected() {
    let mut registration = Registration::new();
    registration.client_data.set("crossOrigin", json!(true));
    registration.framing = Framing::Within(vec![Origin::new("https://top.example")]);
    assert!(
        registration.verify().is_ok(),
        "a client of Level 2 does not name the page"
    );
    registration
        .client_data
        .set("topOrigin", json!("https://top.example"));
    let facts = registration.verify().unwrap().into_facts();
    assert_eq!(facts.top_origin, Some(Origin::new("https://top.example")));
}

#[test]
fn client_data_may_have_a_byte_order_mark_and_members_of_the_future() {
    let mut registration = Registration::new();
    registration
        .client_data
        .set("somethingNew", json!({ "deep": [1, 2, 3] }));
    registration
        .client_data
        .set("tokenBinding", json!({ "status": "supported" }));
    let marked = [b"\xef\xbb\xbf".to_vec(), registration.client_data.bytes()].concat();
    registration.client_data.replaced = Some(marked);
    assert!(registration.verify().is_ok());
}

#[test]
fn origins_are_compared_whole() {
    for origin in [
        "https://login.example:8443",
        "http://login.example",
        "https://login.example.evil",
        "https://evil-login.example",
        "https://sub.login.example",
        "https://LOGIN.example",
        "https://login.example/",
        "",
    ] {
        let mut registration = Registration::new();
        registration.client_data.set("origin", json!(origin));
        assert_eq!(
            refusal(&registration),
            Some(Refusal::OriginMismatch),
            "{origin}"
        );
    }
}

#[test]
fn extension_outputs_are_facts_and_never_reasons() {
    let mut registration = Registration::new();
    registration.data.flags |= 0x80;
    registration.data.tail = map(&[
        ("credProtect", int(3)),
        ("minPinLength", int(6)),
        ("hmac-secret", vec![0xf5]),
        ("credBlob", text("not a boolean")),
        ("unheardOf", vec![0xf6]),
    ]);
    let outputs =
        json!({ "credProps": 5, "prf": { "enabled": true, "results": { "first": "AAAA" } } });
    registration.outer = json!({ "clientExtensionResults": outputs });
    let facts = registration.verify().unwrap().into_facts();
    let signed = &facts.authenticator_outputs;
    assert_eq!(
        signed.credential_protection,
        Some(CredentialProtection::Required)
    );
    assert_eq!(
        (signed.min_pin_length, signed.hmac_secret),
        (Some(6), Some(true))
    );
    assert_eq!(signed.cred_blob_stored, None);
    assert_eq!(signed.unknown, ["unheardOf"]);
    assert_eq!(
        (
            facts.client_outputs.discoverable,
            facts.client_outputs.prf_enabled
        ),
        (None, Some(true))
    );
    assert!(facts.client_outputs.prf_results_present);
    for outputs in [json!(null), json!([]), json!("x")] {
        registration.outer = json!({ "clientExtensionResults": outputs });
        assert!(registration.verify().is_ok());
    }
}

#[test]
fn responses_are_read_in_every_spelling_of_base64() {
    use base64::Engine as _;
    let registration = Registration::new();
    let object = registration.attestation_object();
    let spelled = base64::engine::general_purpose::STANDARD.encode(&object);
    let mut response = registration.json().get("response").cloned().unwrap();
    response
        .as_object_mut()
        .unwrap()
        .insert("attestationObject".to_owned(), json!(spelled));
    let mut json = registration.json();
    json.as_object_mut()
        .unwrap()
        .insert("response".to_owned(), response);
    json.as_object_mut()
        .unwrap()
        .insert("unknown".to_owned(), json!({ "member": 1 }));
    let response = RegistrationResponse::from_json(json.to_string().as_bytes()).unwrap();
    assert_eq!(response.attestation_object, object);
    assert_eq!(response.claimed_challenge(), Ok(vec![7; 33]));
}

#[test]
fn android_lists_count_together_unless_only_hardware_counts() {
    let mut registration = android_key([purposes(&[2]), origin(0)].concat(), Vec::new(), None);
    assert_eq!(refusal(&registration), None);
    registration.policy.android_key_hardware_only = true;
    assert_eq!(refusal(&registration), Some(Refusal::AndroidKeyOrigin));
}

#[test]
fn a_silent_android_list_needs_a_trusted_anchor() {
    let registration = android_key(Vec::new(), Vec::new(), None);
    assert_eq!(refusal(&registration), Some(Refusal::AndroidKeyOrigin));
    let registration = android_key(Vec::new(), origin(0), None);
    assert_eq!(refusal(&registration), Some(Refusal::AndroidKeyPurpose));
    assert_eq!(
        refusal(&android_key(Vec::new(), Vec::new(), None).trusting_root()),
        None
    );
}

#[test]
fn one_good_statement_of_a_compound_is_enough_if_the_policy_says_so() {
    let unheard = |parts: &mut Vec<Vec<u8>>| {
        parts.push(map(&[("fmt", text("unheard-of")), ("attStmt", map(&[]))]));
    };
    let mut registration = compound(unheard);
    assert_eq!(
        refusal(&registration),
        Some(Refusal::CompoundSubstatementUnknownFormat)
    );
    registration.policy.compound = CompoundRule::Any;
    assert_eq!(
        registration
            .verify()
            .unwrap()
            .facts()
            .attestation
            .parts
            .len(),
        2
    );
}

#[test]
fn keys_of_unsorted_labels_are_read_and_optional_labels_are_not() {
    let mut registration = Registration::new();
    let (x, y) = workbench::coordinates(&registration.credential);
    let (x, y) = (workbench::bytes(&x), workbench::bytes(&y));
    let mut labels = vec![(3, int(-7)), (-1, int(1)), (-2, x), (1, int(2)), (-3, y)];
    registration.data.attested = Some((vec![9; 20], workbench::cose_map(&labels)));
    assert_eq!(refusal(&registration), None);
    labels.push((4, int(2)));
    registration.data.attested = Some((vec![9; 20], workbench::cose_map(&labels)));
    assert_eq!(refusal(&registration), Some(Refusal::MalformedCoseKey));
}

#[test]
fn tpm_coordinates_are_numbers_and_attributes_may_stand_in_one_set() {
    let mut registration = Registration::new();
    registration.certified.alg = -7;
    let (x, y) = workbench::coordinates(&registration.credential);
    let padded = Tpm {
        key: Some(([vec![0], x].concat(), [vec![0, 0], y].concat())),
        ..Tpm::new()
    };
    let mut padded = tpm(padded);
    padded.data.attested = Some((vec![9; 20], workbench::cose(&registration.credential)));
    assert_eq!(refusal(&padded), None);
}

#[test]
fn an_ed25519_key_that_firefox_117_named_in_words_is_read() {
    let credential = Key::ed25519();
    let canonical = workbench::cose(&credential);
    let x = canonical.get(canonical.len() - 32..).unwrap();
    let named = [
        b"\xa3\x01\x63OKP\x03\x27\x20\x67Ed25519\x21\x58\x20".as_slice(),
        x,
    ]
    .concat();
    let mut registration = packed_self(credential, -8);
    registration.data.attested = Some((vec![9; 20], named.clone()));
    let facts = registration.verify().unwrap().into_facts();
    assert_eq!(
        (facts.key.algorithm(), facts.cose_key),
        (Algorithm::EdDsa, named)
    );
}

#[test]
fn bytes_behind_something_that_is_no_attestation_object_are_not_the_fault() {
    let mut registration = Registration::new();
    registration.object = Some(vec![0, 1, 2]);
    assert_eq!(
        refusal(&registration),
        Some(Refusal::MalformedAttestationObject)
    );
}
