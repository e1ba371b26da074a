//! Around the fuzz targets: a registration and a sign-in in which everything is right except the part under test.
//!
//! A decoder behind a hash is unreachable for a fuzzer, so each target puts its input where the ceremony would have it and
//! builds what stands before it correctly.

use std::sync::LazyLock;

use authenticator::cbor::Value;
use ceremony::{
    Algorithm, AssertionExpectations, AttestationPolicy, AuthenticationResponse, Challenge,
    ClientOutputs, CounterPolicy, CredentialId, ExpectedUser, FixedAnchors, Framing, Origin,
    Refusal, Registered, RegistrationExpectations, RegistrationResponse, RelyingParty, RpId,
    Safetynet, SignedIn, StoredKey, StoredPasskey, TrustRequirement, UnixTime, UserHandle,
    UserPresence,
};

/// The seeds are the specification's own vectors, which were made for this relying party.
pub const RP_ID: &str = "example.org";
const ORIGIN: &str = "https://example.org";
const CHALLENGE: [u8; 32] = [7; 32];
const CREDENTIAL: [u8; 16] = [9; 16];

/// The public key of the specification's first vector, as a COSE key.
const COSE_KEY: &[u8] = include_bytes!("../seeds/cose_key/es256");

/// Client data in which everything is right.
pub fn client_data(kind: &str) -> Vec<u8> {
    let challenge = Challenge::expect(&CHALLENGE);
    format!(
        r#"{{"type":"{kind}","challenge":"{}","origin":"{ORIGIN}","crossOrigin":false}}"#,
        challenge.as_str()
    )
    .into_bytes()
}

/// Authenticator data for our relying party: the hash is put in front.
pub fn authenticator_data(rest: &[u8]) -> Vec<u8> {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, RP_ID.as_bytes());
    [hash.as_ref(), rest].concat()
}

/// Authenticator data that is right up to the public key: UP, UV, AT; counter 0; an AAGUID; the credential id.
pub fn attested(cose_key: &[u8]) -> Vec<u8> {
    authenticator_data(
        &[
            &[0x45, 0, 0, 0, 0][..],
            &[3; 16],
            &[0, 16],
            &CREDENTIAL,
            cose_key,
        ]
        .concat(),
    )
}

/// An attestation object around the given authenticator data, with the statement `none`.
pub fn unattested_object(authenticator_data: Vec<u8>) -> Vec<u8> {
    object("none", &[0xa0], &authenticator_data)
}

/// An attestation object with right authenticator data and this statement.
pub fn object_with_statement(format: &str, statement: &[u8]) -> Vec<u8> {
    object(format, statement, &attested(COSE_KEY))
}

/// `{fmt, attStmt, authData}`; the statement is spliced in as it is, because it is the input.
fn object(format: &str, statement: &[u8], authenticator_data: &[u8]) -> Vec<u8> {
    let text = |word: &str| Value::Text(word.to_owned()).encode();
    let bytes = Value::Bytes(authenticator_data.to_vec()).encode();
    [
        vec![0xa3],
        text("fmt"),
        text(format),
        text("attStmt"),
        statement.to_vec(),
        text("authData"),
        bytes,
    ]
    .concat()
}

/// Finishes a registration; only the verdict is looked at, and that there is one.
pub fn register(
    client_data_json: Vec<u8>,
    attestation_object: Vec<u8>,
) -> Result<Registered, Refusal> {
    let response = RegistrationResponse {
        credential_id: CredentialId::new(credential_in(&attestation_object))?,
        client_data_json,
        attestation_object,
        transports: Vec::new(),
        attachment: None,
        client_outputs: ClientOutputs::default(),
    };
    verify_registration(&response)
}

/// Verifies a registration against what the seeds were made for, with every format allowed and trust looked for.
pub fn verify_registration(response: &RegistrationResponse) -> Result<Registered, Refusal> {
    let attestation = AttestationPolicy {
        trust: TrustRequirement::Report,
        safetynet: Safetynet::StoredOnly,
        ..AttestationPolicy::default()
    };
    let expectations = RegistrationExpectations {
        relying_party: &relying_party(),
        challenge: &Challenge::expect(&CHALLENGE),
        algorithms: Algorithm::ALL,
        user_verification_required: false,
        user_presence: UserPresence::Optional,
        framing: &Framing::Within(vec![Origin::new("https://top.example")]),
        attestation: &attestation,
    };
    ceremony::verify_registration(
        response,
        &expectations,
        &*ANCHORS,
        UnixTime::from_seconds(1_750_000_000),
    )
}

/// Finishes a sign-in with this response.
pub fn verify_assertion(response: &AuthenticationResponse) -> Result<SignedIn, Refusal> {
    let user = UserHandle::new(vec![1; 33])?;
    let id = CredentialId::new(CREDENTIAL)?;
    let passkey = StoredPasskey {
        credential_id: &id,
        user_handle: &user,
        key: &KEY,
        sign_count: 1,
        backup_eligible: Some(false),
    };
    let expectations = AssertionExpectations {
        relying_party: &relying_party(),
        challenge: &Challenge::expect(&CHALLENGE),
        allow_credentials: &[],
        user: ExpectedUser::Known(&user),
        user_verification_required: false,
        user_presence: UserPresence::Optional,
        framing: &Framing::default(),
        appid: None,
        counter: CounterPolicy::Report,
    };
    ceremony::verify_assertion(response, &passkey, &expectations)
}

/// A sign-in in which the client data or the authenticator data is the input.
pub fn assertion(client_data_json: Vec<u8>, authenticator_data: Vec<u8>) -> AuthenticationResponse {
    AuthenticationResponse {
        credential_id: CredentialId::new(CREDENTIAL).expect("sixteen bytes are a credential id"),
        client_data_json,
        authenticator_data,
        signature: vec![0x30, 6, 2, 1, 1, 2, 1, 1],
        user_handle: None,
        attachment: None,
        client_outputs: ClientOutputs::default(),
    }
}

/// The key of the seeds, made the only way a key can be made: by a registration. A panic here means that nothing is being tested.
static KEY: LazyLock<StoredKey> = LazyLock::new(|| {
    let made = register(
        client_data("webauthn.create"),
        unattested_object(attested(COSE_KEY)),
    );
    made.expect("the registration around the seeds is right")
        .facts()
        .key
        .clone()
});

static ANCHORS: LazyLock<FixedAnchors> = LazyLock::new(FixedAnchors::default);

fn relying_party() -> RelyingParty {
    RelyingParty::new(RpId::new(RP_ID), "Example", Origin::new(ORIGIN))
}

/// The credential id that the object attests, so that the outer id agrees with it whatever the fuzzer made of it.
fn credential_in(object: &[u8]) -> Vec<u8> {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, RP_ID.as_bytes());
    let found = object
        .windows(32)
        .position(|window| window == hash.as_ref());
    let after = found.and_then(|at| object.get(at + 53..));
    let id = after.and_then(|rest| {
        let (length, rest) = rest.split_first_chunk::<2>()?;
        rest.get(..usize::from(u16::from_be_bytes(*length)))
    });
    id.filter(|id| !id.is_empty())
        .unwrap_or(&CREDENTIAL)
        .to_vec()
}
