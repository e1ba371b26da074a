//! What one ceremony costs: Keyward's verifier beside webauthn-rs-core and beside the bare signature check.
//!
//! `cargo run --release -p bench-ceremony` in `bench/`.

mod authenticator;
mod measure;
mod ours;
mod peer;

use std::hint::black_box;

use authenticator::{Chain, Key, ORIGIN, RP_ID, assertion, registration};
use aws_lc_rs::signature::{self, ParsedPublicKey, UnparsedPublicKey, VerificationAlgorithm};
use ceremony::StoredKey;
use ceremony::attestation::{AttestationPolicy, TrustRequirement};
use measure::{Contender, compare, contender};
use ours::Ours;

const USER_HANDLE: [u8; 33] = [1; 33];
const ROUNDS: usize = 101;

fn main() {
    let chain = Chain::new();
    assertions_es256(&chain);
    assertion_alone("EdDSA", &chain, &Key::ed_dsa(), &signature::ED25519);
    assertion_alone(
        "ML-DSA-44",
        &chain,
        &Key::ml_dsa_44(),
        &signature::ML_DSA_44,
    );
    registrations(&chain);
}

fn assertions_es256(chain: &Chain) {
    let key = Key::es256();
    let ours = ours(chain, TrustRequirement::Ignore);
    let registered = ours.register(registration(&key, None, ours.challenge()).as_bytes());
    let facts = registered.facts();
    let stored_bytes = facts.key.to_bytes();
    let (json, message, signature_bytes) = assertion(&key, ours.challenge(), &USER_HANDLE);
    let raw = key.raw();
    let algorithm = &signature::ECDSA_P256_SHA256_ASN1;
    let parsed = ParsedPublicKey::new(algorithm, &raw).unwrap();
    let v05 = peer::v05::Peer::new(&chain.root);
    let (challenge, state) = v05.start_registration(false);
    let credential = v05.register(
        registration(&key, None, &challenge).as_bytes(),
        &state,
        false,
    );
    let (challenge, state05) = v05.start_sign_in(credential);
    let (json05, ..) = assertion(&key, &challenge, &[1; 16]);
    let v06 = peer::v06::Peer::new(&chain.root);
    let (challenge, state) = v06.start_registration(false);
    let credential = v06.register(
        registration(&key, None, &challenge).as_bytes(),
        &state,
        false,
    );
    let (challenge, state06) = v06.start_sign_in(credential);
    let (json06, ..) = assertion(&key, &challenge, &[1; 16]);
    let mut contenders = [
        contender("keyward", || {
            black_box(ours.sign_in(json.as_bytes(), &facts.key, &facts.credential_id));
        }),
        contender("keyward, key read from its stored bytes", || {
            let key = StoredKey::from_bytes(&stored_bytes).unwrap();
            black_box(ours.sign_in(json.as_bytes(), &key, &facts.credential_id));
        }),
        contender("aws-lc-rs, P-256 alone, key parsed before", || {
            parsed
                .verify_sig(black_box(&message), &signature_bytes)
                .unwrap();
        }),
        contender("aws-lc-rs, P-256 alone, key parsed each time", || {
            UnparsedPublicKey::new(algorithm, &raw)
                .verify(black_box(&message), &signature_bytes)
                .unwrap();
        }),
        contender("webauthn-rs-core 0.5", || {
            v05.sign_in(json05.as_bytes(), &state05)
        }),
        contender("webauthn-rs-core 0.6", || {
            v06.sign_in(json06.as_bytes(), &state06)
        }),
    ];
    report("assertion, JSON to decision, ES256", &mut contenders, 50);
}

fn assertion_alone(
    name: &str,
    chain: &Chain,
    key: &Key,
    algorithm: &'static dyn VerificationAlgorithm,
) {
    let ours = ours(chain, TrustRequirement::Ignore);
    let registered = ours.register(registration(key, None, ours.challenge()).as_bytes());
    let facts = registered.facts();
    let (json, message, signature) = assertion(key, ours.challenge(), &USER_HANDLE);
    let parsed = ParsedPublicKey::new(algorithm, key.raw()).unwrap();
    let mut contenders = [
        contender("keyward", || {
            black_box(ours.sign_in(json.as_bytes(), &facts.key, &facts.credential_id));
        }),
        contender("aws-lc-rs, the signature alone", || {
            parsed.verify_sig(black_box(&message), &signature).unwrap();
        }),
    ];
    report(
        &format!("assertion, JSON to decision, {name}"),
        &mut contenders,
        50,
    );
}

fn registrations(chain: &Chain) {
    let key = Key::es256();
    let ours = ours(chain, TrustRequirement::Require);
    let json = registration(&key, Some(chain), ours.challenge());
    let v05 = peer::v05::Peer::new(&chain.root);
    let (challenge, state05) = v05.start_registration(true);
    let json05 = registration(&key, Some(chain), &challenge);
    let v06 = peer::v06::Peer::new(&chain.root);
    let (challenge, state06) = v06.start_registration(true);
    let json06 = registration(&key, Some(chain), &challenge);
    let mut contenders = [
        contender("keyward", || {
            black_box(ours.register(json.as_bytes()));
        }),
        contender("webauthn-rs-core 0.5", || {
            black_box(v05.register(json05.as_bytes(), &state05, true));
        }),
        contender("webauthn-rs-core 0.6", || {
            black_box(v06.register(json06.as_bytes(), &state06, true));
        }),
    ];
    report(
        "registration, packed, three certificates, trusted",
        &mut contenders,
        10,
    );
}

fn ours(chain: &Chain, trust: TrustRequirement) -> Ours {
    let attestation = AttestationPolicy {
        trust,
        ..AttestationPolicy::default()
    };
    Ours::new(ORIGIN, RP_ID, &USER_HANDLE, &chain.root, attestation)
}

/// Prints the medians and how many times the first contender's cost each of the others has.
fn report(title: &str, contenders: &mut [Contender<'_>], batch: u32) {
    let times = compare(contenders, ROUNDS, batch);
    println!("{title}");
    for (contender, time) in contenders.iter().zip(&times) {
        println!(
            "  {:<46} {time:>8.1} µs  × {:>5.2}",
            contender.name,
            time / times[0]
        );
    }
}
