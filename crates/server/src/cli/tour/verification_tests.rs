//! Authenticator and verifier share no code; here they meet. What the one makes, the other accepts, and every lie that the
//! client half can tell is found under its own name.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use authenticator::{Algorithm, Backup};
use ceremony::{
    AssertionExpectations, AttestationPolicy, AttestationType, AuthenticationResponse, Challenge,
    CounterPolicy, CreationOptions, ExpectedUser, FixedAnchors, Framing, Origin, Refusal,
    Registered, RegistrationExpectations, RegistrationResponse, RelyingParty, RequestOptions, RpId,
    SignedIn, StoredPasskey, TrustOutcome, TrustRequirement, UnixTime, UserEntity, UserHandle,
    UserPresence, verify_assertion, verify_registration,
};

use super::attestation_authority::AttestationAuthority;
use super::key_store::AAGUID;
use super::{Attestation, Kind, SoftwareAuthenticator};

const ORIGIN: &str = "https://localhost:8443";
const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);
const OFFERED: [ceremony::Algorithm; 5] = [
    ceremony::Algorithm::Es256,
    ceremony::Algorithm::EdDsa,
    ceremony::Algorithm::MlDsa44,
    ceremony::Algorithm::MlDsa65,
    ceremony::Algorithm::MlDsa87,
];

fn relying_party() -> RelyingParty {
    RelyingParty::new(RpId::new("localhost"), "Keyward", Origin::new(ORIGIN))
}

fn handle() -> UserHandle {
    UserHandle::new(b"ada".to_vec()).unwrap()
}

fn challenge(number: u8) -> Challenge {
    Challenge::issue(&[number; 33]).unwrap()
}

struct Registration {
    origin: &'static str,
    policy: AttestationPolicy,
    anchors: FixedAnchors,
}

impl Registration {
    fn ordinary() -> Self {
        Self {
            origin: ORIGIN,
            policy: AttestationPolicy::default(),
            anchors: FixedAnchors::default(),
        }
    }

    fn play(&self, key: &mut SoftwareAuthenticator) -> Result<Registered, Refusal> {
        let relying_party = relying_party();
        let user = UserEntity {
            id: handle(),
            name: "ada@example.com".to_owned(),
            display_name: "Ada".to_owned(),
        };
        let options = CreationOptions::new(&relying_party, user, challenge(1), &OFFERED)
            .attestation(ceremony::Conveyance::Direct, Vec::new());
        let response = key
            .register(&serde_json::to_value(&options).unwrap(), self.origin)
            .unwrap();
        let expectations = RegistrationExpectations {
            relying_party: &relying_party,
            challenge: &challenge(1),
            algorithms: &OFFERED,
            user_verification_required: true,
            user_presence: UserPresence::Required,
            framing: &Framing::Forbidden,
            attestation: &self.policy,
        };
        let response = RegistrationResponse::from_json(response.to_string().as_bytes())?;
        verify_registration(&response, &expectations, &self.anchors, NOW)
    }
}

fn sign_in(
    key: &mut SoftwareAuthenticator,
    registered: &Registered,
    sign_count: u32,
    origin: &str,
    expected: u8,
) -> Result<SignedIn, Refusal> {
    let relying_party = relying_party();
    let options = RequestOptions::new(&relying_party, challenge(2));
    let response = key
        .sign_in(&serde_json::to_value(&options).unwrap(), origin)
        .unwrap();
    let facts = registered.facts();
    let stored = StoredPasskey {
        credential_id: &facts.credential_id,
        user_handle: &handle(),
        key: &facts.key,
        sign_count,
        backup_eligible: Some(facts.backup_eligible),
    };
    let expectations = AssertionExpectations {
        relying_party: &relying_party,
        challenge: &challenge(expected),
        allow_credentials: &[],
        user: ExpectedUser::Discoverable,
        user_verification_required: true,
        user_presence: UserPresence::Required,
        framing: &Framing::Forbidden,
        appid: None,
        counter: CounterPolicy::Refuse,
    };
    let response = AuthenticationResponse::from_json(response.to_string().as_bytes())?;
    verify_assertion(&response, &stored, &expectations)
}

#[test]
fn every_algorithm_and_attestation_is_accepted() {
    let authority = AttestationAuthority::new(AAGUID).unwrap();
    for algorithm in [
        Algorithm::Es256,
        Algorithm::EdDsa,
        Algorithm::MlDsa44,
        Algorithm::MlDsa65,
        Algorithm::MlDsa87,
    ] {
        let attestations = [
            (Attestation::None, AttestationType::None),
            (Attestation::SelfSigned, AttestationType::SelfAttestation),
            (
                Attestation::Certified(authority.clone()),
                AttestationType::Certified,
            ),
        ];
        for (attestation, expected) in attestations {
            let kind = Kind::device_bound()
                .with_algorithm(algorithm)
                .with_attestation(attestation);
            let mut key = SoftwareAuthenticator::new(kind);
            let registered = Registration::ordinary().play(&mut key).unwrap();
            assert_eq!(registered.facts().attestation.kind, expected);
            let signed_in = sign_in(&mut key, &registered, 0, ORIGIN, 2).unwrap();
            assert_eq!(signed_in.facts().sign_count, 1);
        }
    }
}

#[test]
fn the_chain_is_trusted_only_with_its_own_root() {
    let authority = AttestationAuthority::new(AAGUID).unwrap();
    let stranger = AttestationAuthority::new(AAGUID).unwrap();
    let policy = AttestationPolicy {
        trust: TrustRequirement::Require,
        ..AttestationPolicy::default()
    };
    let anchored = |root: &[u8]| Registration {
        policy: policy.clone(),
        anchors: FixedAnchors(vec![ceremony::Anchor::from_der(root).unwrap()]),
        ..Registration::ordinary()
    };
    let kind = Kind::device_bound().with_attestation(Attestation::Certified(authority.clone()));
    let registered = anchored(authority.root())
        .play(&mut SoftwareAuthenticator::new(kind.clone()))
        .unwrap();
    assert_eq!(registered.facts().attestation.trust, TrustOutcome::Trusted);
    let refused = anchored(stranger.root()).play(&mut SoftwareAuthenticator::new(kind));
    assert_eq!(refused.err(), Some(Refusal::UntrustedChain));
}

#[test]
fn synced_passkeys_are_told_apart_and_may_not_change_their_kind() {
    let mut key = SoftwareAuthenticator::new(Kind::synced());
    let registered = Registration::ordinary().play(&mut key).unwrap();
    assert!(registered.facts().backup_eligible && registered.facts().backed_up);
    key.key_store_mut().set_backup(Backup::DeviceBound);
    assert_eq!(
        sign_in(&mut key, &registered, 0, ORIGIN, 2).err(),
        Some(Refusal::BeChanged)
    );
}

#[test]
fn every_lie_is_found_under_its_name() {
    let mut key = SoftwareAuthenticator::new(Kind::device_bound());
    let registered = Registration::ordinary().play(&mut key).unwrap();
    let elsewhere = sign_in(&mut key, &registered, 0, "https://localhost.example", 2);
    assert_eq!(elsewhere.err(), Some(Refusal::OriginMismatch));
    let replayed = sign_in(&mut key, &registered, 0, ORIGIN, 3);
    assert_eq!(replayed.err(), Some(Refusal::ChallengeMismatch));
    let mut copy = key.cloned();
    copy.key_store_mut().set_counters(0);
    assert_eq!(
        sign_in(&mut copy, &registered, 9, ORIGIN, 2).err(),
        Some(Refusal::CounterRegress)
    );

    let mut unverified =
        SoftwareAuthenticator::new(Kind::device_bound().without_user_verification());
    let refused = Registration::ordinary().play(&mut unverified);
    assert_eq!(refused.err(), Some(Refusal::UvRequiredNotSet));
    let phished = Registration {
        origin: "https://localhost",
        ..Registration::ordinary()
    };
    let refused = phished.play(&mut SoftwareAuthenticator::new(Kind::device_bound()));
    assert_eq!(refused.err(), Some(Refusal::OriginMismatch));
}
