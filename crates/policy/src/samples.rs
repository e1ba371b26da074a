//! Made-up nouns and facts for the tests of this crate.
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use crate::model::*;
use crate::snapshot::Snapshot;
use ceremony::{
    Aaguid, Algorithm, AssertionFacts, AttestationFacts, AttestationFormat, AttestationType,
    AuthenticatorOutputs, ClientOutputs, CounterOutcome, CredentialId, Origin, RegistrationFacts,
    StoredKey, TrustOutcome,
};
use uuid::Uuid;

pub const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub const TENANT: TenantId = TenantId::from_bytes([1; 16]);
pub const CREDENTIAL: [u8; 16] = [9; 16];
pub const AAGUID: [u8; 16] = [0xaa; 16];
pub const ROOT: [u8; 32] = [0xcc; 32];

pub fn ago(span: Span) -> Timestamp {
    NOW.minus(span)
}

pub fn user() -> User {
    User {
        tenant: TENANT,
        id: UserId::from_bytes([2; 16]),
        user_principal_name: "ada@example.org".to_owned(),
        display_name: "Ada".to_owned(),
        mail: None,
        enabled: true,
        handle: UserHandle::new(TENANT, [3; 16]),
        user_type: UserType::Member,
        break_glass: false,
        created: NOW,
        sessions_valid_from: Timestamp::from_micros(0),
        proofs_valid_from: None,
        mfa: crate::model::PerUserMfa::Disabled,
        version: 4,
    }
}

pub fn passkey() -> Passkey {
    Passkey {
        tenant: TENANT,
        id: PasskeyId::from_bytes([5; 16]),
        user: user().id,
        credential_id: CREDENTIAL.to_vec(),
        stored_key: Vec::new(),
        algorithm: -7,
        aaguid: Uuid::from_bytes(AAGUID),
        display_name: "Key".to_owned(),
        created: NOW,
        last_used: None,
        sign_count: 7,
        passkey_type: PasskeyType::DeviceBound,
        backed_up: false,
        transports: Vec::new(),
        discoverable: Some(true),
        attestation_format: "packed".to_owned(),
        attestation_level: AttestationLevel::Attested,
        attestation_root: Some(Sha256::from_bytes(ROOT)),
        key_store: None,
        attestation_certificate: None,
        attestation_object: Vec::new(),
        client_data: Vec::new(),
        user_verified: true,
        suspected_clone: None,
        compromise: None,
        warned: None,
        ended: None,
        enabled: true,
        waiting: false,
        provenance: Provenance::SelfService,
        registrar: Registrar::Owner,
    }
}

pub fn pass(usable: PassUse) -> TemporaryAccessPass {
    TemporaryAccessPass {
        tenant: TENANT,
        id: PassId::from_bytes([6; 16]),
        user: user().id,
        starts: NOW,
        lifetime: Span::minutes(60),
        usable,
        used: None,
        created: NOW,
        ends_with_registration: false,
    }
}

pub fn assertion() -> AssertionFacts {
    AssertionFacts {
        credential_id: CredentialId::new(CREDENTIAL.to_vec()).unwrap(),
        user_handle: ceremony::UserHandle::new(user().handle.as_bytes().to_vec()).unwrap(),
        user_present: true,
        user_verified: true,
        backup_eligible: false,
        backed_up: false,
        sign_count: 8,
        counter: CounterOutcome::Advanced,
        attachment: None,
        origin: Origin::new("https://localhost:8443"),
        top_origin: None,
        for_appid: false,
        authenticator_outputs: AuthenticatorOutputs::default(),
        client_outputs: ClientOutputs::default(),
    }
}

pub fn registration(trust: TrustOutcome, backup_eligible: bool) -> RegistrationFacts {
    // Tag of Ed25519, then the base point, which is a valid public key.
    let key = [&[Algorithm::EdDsa as u8, 0x58][..], &[0x66; 31]].concat();
    RegistrationFacts {
        credential_id: CredentialId::new(CREDENTIAL.to_vec()).unwrap(),
        key: StoredKey::from_bytes(&key).unwrap(),
        cose_key: Vec::new(),
        aaguid: Aaguid::from_bytes(AAGUID),
        sign_count: 0,
        user_present: true,
        user_verified: true,
        backup_eligible,
        backed_up: false,
        transports: Vec::new(),
        attachment: None,
        origin: Origin::new("https://localhost:8443"),
        top_origin: None,
        attestation: AttestationFacts {
            format: AttestationFormat::Packed,
            kind: AttestationType::Certified,
            trust,
            anchor: (trust == TrustOutcome::Trusted).then_some(ROOT),
            x5c: Vec::new(),
            parts: Vec::new(),
        },
        authenticator_outputs: AuthenticatorOutputs::default(),
        client_outputs: ClientOutputs::default(),
        attestation_object: Vec::new(),
        client_data_json: Vec::new(),
    }
}

/// Policies under which `profile` is open to everybody, and nothing else is.
pub fn policies(profile: PasskeyProfile) -> Policies {
    let mut policies = Policies::of_new_tenant();
    policies.passkeys.include = vec![PasskeyTarget {
        who: Scope::everyone(),
        except: Scope::default(),
        registration_required: false,
        profiles: vec![profile.id],
    }];
    policies.passkeys.profiles = vec![profile];
    policies
}

/// A profile that asks nothing.
pub fn profile() -> PasskeyProfile {
    PasskeyProfile::open(PasskeyProfile::DEFAULT, "Default passkey profile")
}

/// [`policies`], compiled without a catalogue of models.
pub fn compiled(profile: PasskeyProfile) -> Snapshot {
    Snapshot::compile(3, policies(profile), std::sync::Arc::default())
}
