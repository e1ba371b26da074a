#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use super::*;
use crate::model::{
    ApplicationId, AttestationRule, CrossDevice, CrossDeviceRule, PasskeyType, Span,
};
use crate::samples::*;
use ceremony::{Attachment, Refusal, Transport, TrustOutcome};

/// The situation of somebody with these passkeys, under one profile.
struct Case {
    profile: PasskeyProfile,
    user: User,
    existing: Vec<Passkey>,
    standing: Standing,
    provenance: Provenance,
}

impl Case {
    fn new(standing: Standing) -> Self {
        Self {
            profile: profile(),
            user: user(),
            existing: Vec::new(),
            standing,
            provenance: Provenance::SelfService,
        }
    }

    fn under(profile: PasskeyProfile) -> Self {
        Self {
            profile,
            ..Self::new(Standing::Mfa(NOW))
        }
    }

    fn ask<T>(&self, question: impl FnOnce(&Snapshot, Situation<'_>) -> T) -> T {
        let snapshot = compiled(self.profile.clone());
        let subject = snapshot.subject(&self.user, &[], &[]);
        let situation = Situation {
            subject: &subject,
            existing: &self.existing,
            standing: self.standing,
            provenance: self.provenance,
        };
        question(&snapshot, situation)
    }

    fn begin(&self) -> Result<(), Denial> {
        self.ask(|snapshot, situation| may_begin(snapshot, situation, NOW).map(|_| ()))
    }

    fn decide(&self, facts: &RegistrationFacts) -> Result<Allowed, Denial> {
        self.ask(|snapshot, situation| decide(snapshot, situation, facts, NOW))
    }
}

fn begin(standing: Standing) -> Result<(), Denial> {
    Case::new(standing).begin()
}

#[test]
fn registration_needs_two_factors_within_five_minutes() {
    assert_eq!(begin(Standing::Mfa(ago(Span::minutes(5)))), Ok(()));
    let late = Standing::Mfa(ago(Span::seconds(301)));
    assert_eq!(begin(late), Err(Denial::FreshMfaRequired));
    assert_eq!(begin(Standing::OneOfTwo), Err(Denial::FreshMfaRequired));
}

#[test]
fn a_single_factor_is_enough_only_for_the_first_passkey() {
    let fresh = Standing::OnlyFactor(NOW);
    assert_eq!(begin(fresh), Ok(()));
    let late = Standing::OnlyFactor(ago(Span::minutes(6)));
    assert_eq!(begin(late), Err(Denial::FreshMfaRequired));
    let second = Case {
        existing: vec![passkey()],
        ..Case::new(fresh)
    };
    assert_eq!(second.begin(), Err(Denial::FreshMfaRequired));
}

/// A silent registration of the sample user under this profile.
fn silent(profile: PasskeyProfile) -> Case {
    Case {
        provenance: Provenance::ConditionalCreate,
        standing: Standing::Mfa(ago(Span::minutes(5))),
        ..Case::under(profile)
    }
}

#[test]
fn nothing_is_made_silently_but_after_two_fresh_factors() {
    assert_eq!(silent(profile()).begin(), Ok(()));
    let ends = NOW.plus(Span::minutes(30));
    for standing in [
        Standing::Mfa(ago(Span::seconds(301))),
        Standing::OnlyFactor(NOW),
        Standing::OneOfTwo,
        Standing::Pass {
            at: NOW,
            usable: PassUse::Many,
            ends,
        },
    ] {
        let case = Case {
            standing,
            ..silent(profile())
        };
        assert_eq!(case.begin(), Err(Denial::FreshMfaRequired), "{standing:?}");
    }
}

#[test]
fn nothing_is_made_silently_that_the_profile_would_refuse() {
    for attestation in [AttestationRule::RegistrationOnly, AttestationRule::Always] {
        let attesting = PasskeyProfile {
            attestation,
            ..profile()
        };
        assert_eq!(silent(attesting).begin(), Err(Denial::AttestationRequired));
    }
    let rooted = PasskeyProfile {
        roots: vec![crate::model::Sha256::from_bytes([1; 32])],
        ..profile()
    };
    assert_eq!(silent(rooted).begin(), Err(Denial::AttestationRequired));
    let bound = PasskeyProfile {
        types: vec![PasskeyType::DeviceBound],
        ..profile()
    };
    assert_eq!(silent(bound).begin(), Err(Denial::PasskeyTypeNotAllowed));
    let by_others = PasskeyProfile {
        self_service: Some(false),
        ..profile()
    };
    assert_eq!(silent(by_others).begin(), Err(Denial::SelfServiceOff));
}

#[test]
fn nobody_gets_a_second_passkey_of_a_kind_silently() {
    let beside = |passkey_type| {
        let held = Passkey {
            passkey_type,
            ..passkey()
        };
        let case = Case {
            existing: vec![held],
            ..silent(profile())
        };
        case.begin()
    };
    assert_eq!(beside(PasskeyType::DeviceBound), Ok(()));
    assert_eq!(beside(PasskeyType::Synced), Err(Denial::UpgradeNotNeeded));
}

#[test]
fn a_passkey_counts_when_it_is_enabled_and_its_owner_has_used_it() {
    let counts = |enabled, user_verified| {
        let passkey = Passkey {
            enabled,
            user_verified,
            ..passkey()
        };
        passkey.counts()
    };
    assert!(counts(true, true));
    assert!(!counts(true, false));
    assert!(!counts(false, true));
}

#[test]
fn an_unused_passkey_does_not_bind_the_first_registration_to_two_factors() {
    let beside = |enabled, user_verified| {
        let held = Passkey {
            enabled,
            user_verified,
            ..passkey()
        };
        let case = Case {
            existing: vec![held],
            ..Case::new(Standing::OnlyFactor(NOW))
        };
        case.begin()
    };
    assert_eq!(beside(true, false), Ok(()));
    assert_eq!(beside(false, true), Err(Denial::FreshMfaRequired));
}

#[test]
fn after_a_one_time_pass_there_are_ten_minutes() {
    let ends = NOW.plus(Span::minutes(30));
    let shown = |at, usable| begin(Standing::Pass { at, usable, ends });
    assert_eq!(shown(ago(Span::minutes(10)), PassUse::Once), Ok(()));
    let late = shown(ago(Span::seconds(601)), PassUse::Once);
    assert_eq!(late, Err(Denial::PassRegistrationWindowOver));
    assert_eq!(shown(ago(Span::minutes(25)), PassUse::Many), Ok(()));
    let over = Standing::Pass {
        at: ago(Span::minutes(1)),
        usable: PassUse::Many,
        ends: NOW,
    };
    assert_eq!(begin(over), Err(Denial::PassExpired));
}

#[test]
fn a_disabled_user_registers_nothing() {
    let mut case = Case::new(Standing::Mfa(NOW));
    case.user.enabled = false;
    assert_eq!(case.begin(), Err(Denial::UserDisabled));
}

#[test]
fn what_profiles_refuse_of_everybody_is_said_before_the_gesture() {
    let mut case = Case::under(PasskeyProfile {
        self_service: Some(false),
        ..profile()
    });
    assert_eq!(case.begin(), Err(Denial::SelfServiceOff));
    case.provenance = Provenance::Provisioned;
    case.standing = Standing::OnBehalf;
    assert_eq!(case.begin(), Ok(()));
}

#[test]
fn what_profiles_refuse_of_a_key_is_said_after_it() {
    let case = Case::under(PasskeyProfile {
        types: vec![PasskeyType::DeviceBound],
        ..profile()
    });
    assert_eq!(case.begin(), Ok(()));
    let synced = case.decide(&registration(TrustOutcome::Trusted, true));
    assert_eq!(synced, Err(Denial::PasskeyTypeNotAllowed));
    let bound = case.decide(&registration(TrustOutcome::Trusted, false));
    assert_eq!(bound.unwrap().profile(), profile().id);
}

/// A phone that read a QR code says so by how it can be reached, and the browser by where it is not.
#[test]
fn what_another_device_made_is_refused_where_a_profile_says_so() {
    let case = Case::under(PasskeyProfile {
        cross_device: CrossDeviceRule {
            registration: CrossDevice::Blocked,
            ..CrossDeviceRule::default()
        },
        ..profile()
    });
    assert_eq!(case.begin(), Ok(()));
    let made = |attachment, transport| {
        let facts = RegistrationFacts {
            attachment: Some(attachment),
            transports: vec![transport],
            ..registration(TrustOutcome::Trusted, false)
        };
        case.decide(&facts).map(drop)
    };
    let phone = made(Attachment::CrossPlatform, Transport::Hybrid);
    assert_eq!(phone, Err(Denial::CrossDeviceNotAllowed));
    assert_eq!(made(Attachment::Platform, Transport::Hybrid), Ok(()));
    assert_eq!(made(Attachment::CrossPlatform, Transport::Usb), Ok(()));
}

#[test]
fn the_decision_asks_the_same_as_the_beginning() {
    let facts = registration(TrustOutcome::Trusted, false);
    let late = Case::new(Standing::Mfa(ago(Span::minutes(9))));
    assert_eq!(late.decide(&facts), Err(Denial::FreshMfaRequired));
}

#[test]
fn enforced_attestation_accepts_trusted_statements_only() {
    let case = Case::under(PasskeyProfile {
        attestation: AttestationRule::RegistrationOnly,
        ..profile()
    });
    let trusted = registration(TrustOutcome::Trusted, false);
    assert!(case.decide(&trusted).is_ok());
    for trust in [
        TrustOutcome::NotEvaluated,
        TrustOutcome::Untrusted(Refusal::BadSignature),
    ] {
        let facts = registration(trust, false);
        assert_eq!(case.decide(&facts), Err(Denial::AttestationRequired));
        assert!(Case::under(profile()).decide(&facts).is_ok());
    }
}

#[test]
fn passkeys_that_cannot_be_used_take_nobodys_place() {
    let mut case = Case::under(PasskeyProfile {
        maximum_per_user: Some(1),
        ..profile()
    });
    case.existing = vec![passkey()];
    assert_eq!(case.begin(), Err(Denial::TooManyPasskeys));
    case.existing = vec![Passkey {
        enabled: false,
        ..passkey()
    }];
    assert_eq!(case.begin(), Ok(()));
    case.existing = vec![Passkey {
        suspected_clone: Some(NOW),
        ..passkey()
    }];
    assert_eq!(case.begin(), Ok(()));
}

#[test]
fn the_twentieth_passkey_draws_a_warning_only() {
    let facts = registration(TrustOutcome::Trusted, false);
    let decide_with = |existing| {
        let case = Case {
            existing: vec![passkey(); existing],
            ..Case::new(Standing::Mfa(NOW))
        };
        case.decide(&facts).map(|allowed| allowed.warnings)
    };
    assert_eq!(decide_with(19), Ok(vec![]));
    assert_eq!(decide_with(20), Ok(vec![Warning::ManyPasskeys]));
}

#[test]
fn a_stolen_password_enrols_no_second_factor() {
    let enrol = |passkeys, standing| may_enrol_totp(&user(), passkeys, standing, NOW);
    assert_eq!(enrol(0, Standing::OnlyFactor(NOW)), Ok(()));
    let stolen = enrol(1, Standing::OnlyFactor(NOW));
    assert_eq!(stolen, Err(Denial::FreshMfaRequired));
    assert_eq!(enrol(0, Standing::OneOfTwo), Err(Denial::FreshMfaRequired));
    assert_eq!(enrol(1, Standing::Mfa(NOW)), Ok(()));
    let late = Standing::Mfa(ago(Span::minutes(6)));
    assert_eq!(enrol(1, late), Err(Denial::FreshMfaRequired));
    let mut disabled = user();
    disabled.enabled = false;
    let denied = may_enrol_totp(&disabled, 0, Standing::Mfa(NOW), NOW);
    assert_eq!(denied, Err(Denial::UserDisabled));
}

/// A registration that the ceremony verified, of a key with this credential id.
fn registered(credential_id: u8) -> ceremony::Registered {
    // SHA-256 of example.org, then UP, UV, AT and a counter of zero
    let mut data = vec![
        0xbf, 0xab, 0xc3, 0x74, 0x32, 0x95, 0x8b, 0x06, 0x33, 0x60, 0xd3, 0xad, 0x64, 0x61, 0xc9,
        0xc4, 0x73, 0x5a, 0xe7, 0xf8, 0xed, 0xd4, 0x65, 0x92, 0xa5, 0xe0, 0xf0, 0x14, 0x52, 0xb2,
        0xe4, 0xb5, 0x45, 0, 0, 0, 0,
    ];
    data.extend(AAGUID);
    data.extend([0, 1, credential_id]);
    // {1: 1, 3: -8, -1: 6, -2: the base point of Ed25519}
    data.extend([0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32, 0x58]);
    data.extend([0x66; 31]);
    let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
    object.push(u8::try_from(data.len()).unwrap());
    object.extend(data);
    let challenge = ceremony::Challenge::expect(&[7; 33]);
    let client_data = format!(
        r#"{{"type":"webauthn.create","challenge":"{}","origin":"https://example.org"}}"#,
        challenge.as_str()
    );
    let id = ceremony::base64url::encode([credential_id]);
    let response = format!(
        r#"{{"id":"{id}","rawId":"{id}","type":"public-key","clientExtensionResults":{{}},
            "response":{{"clientDataJSON":"{}","attestationObject":"{}"}}}}"#,
        ceremony::base64url::encode(client_data),
        ceremony::base64url::encode(object)
    );
    let response = ceremony::RegistrationResponse::from_json(response.as_bytes()).unwrap();
    let origin = ceremony::Origin::new("https://example.org");
    let expectations = ceremony::RegistrationExpectations {
        relying_party: &ceremony::RelyingParty::new(
            ceremony::RpId::new("example.org"),
            "Example",
            origin,
        ),
        challenge: &challenge,
        algorithms: &[ceremony::Algorithm::EdDsa],
        user_verification_required: true,
        user_presence: ceremony::UserPresence::Required,
        framing: &ceremony::Framing::Forbidden,
        attestation: &ceremony::AttestationPolicy::default(),
    };
    let now = ceremony::UnixTime::from_seconds(NOW.as_seconds());
    ceremony::verify_registration(&response, &expectations, &ceremony::NoAnchors, now).unwrap()
}

#[test]
fn a_permission_admits_only_the_passkey_it_was_given_for() {
    let (first, second) = (registered(1), registered(2));
    let case = Case::under(profile());
    let permission = || case.decide(first.facts()).unwrap();
    let admitted = |proof: &ceremony::Registered| {
        admit(proof.clone(), permission(), parts(of_application()), NOW)
    };
    assert_eq!(admitted(&first).unwrap().passkey().credential_id, [1]);
    assert_eq!(admitted(&second), None);
}

#[test]
fn what_was_made_silently_is_not_verified_whatever_its_flags_say() {
    let verified = |provenance| {
        let proof = registered(1);
        let case = Case {
            provenance,
            ..Case::under(profile())
        };
        let allowed = case.decide(proof.facts()).unwrap();
        let new = admit(proof, allowed, parts(of_person()), NOW).unwrap();
        new.passkey().user_verified
    };
    assert!(verified(Provenance::SelfService));
    assert!(!verified(Provenance::ConditionalCreate));
}

#[test]
fn what_somebody_else_registers_waits_where_the_method_says_so() {
    let waits = |owner_activates, provenance| {
        let proof = registered(1);
        let mut policies = policies(profile());
        policies.passkeys.owner_activates = owner_activates;
        let snapshot = Snapshot::compile(3, policies, std::sync::Arc::default());
        let user = user();
        let subject = snapshot.subject(&user, &[], &[]);
        let situation = Situation {
            subject: &subject,
            existing: &[],
            standing: Standing::OnBehalf,
            provenance,
        };
        let allowed = decide(&snapshot, situation, proof.facts(), NOW).unwrap();
        let new = admit(proof, allowed, parts(of_application()), NOW).unwrap();
        let passkey = new.passkey();
        assert_eq!(passkey.enabled, !passkey.waiting);
        passkey.waiting
    };
    assert!(waits(true, Provenance::Provisioned));
    assert!(!waits(false, Provenance::Provisioned));
    assert!(!waits(true, Provenance::SelfService));
    assert!(!waits(true, Provenance::SignInInterrupt));
}

#[test]
fn a_passkey_says_whose_hand_added_it() {
    let registrar = |provenance, actor| {
        let proof = registered(1);
        let case = Case {
            provenance,
            standing: Standing::OnBehalf,
            ..Case::under(profile())
        };
        let allowed = case.decide(proof.facts()).unwrap();
        let new = admit(proof, allowed, parts(actor), NOW).unwrap();
        new.passkey().registrar.clone()
    };
    let administrator = Registrar::Administrator { id: user().id };
    let application = Registrar::Application {
        id: ApplicationId::from_bytes([9; 16]),
        display_name: "Desk".to_owned(),
    };
    let service = Actor::Service {
        name: "demo".to_owned(),
    };
    for (provenance, actor, expected) in [
        (Provenance::Provisioned, of_person(), administrator),
        (Provenance::Provisioned, of_application(), application),
        (Provenance::Provisioned, service, Registrar::Unknown),
        (Provenance::SelfService, of_person(), Registrar::Owner),
        (Provenance::SignInInterrupt, of_person(), Registrar::Owner),
    ] {
        assert_eq!(registrar(provenance, actor), expected);
    }
}

#[test]
fn of_what_nobody_wrote_down_only_the_owner_can_be_told() {
    for (provenance, expected) in [
        (Provenance::Provisioned, Registrar::Unknown),
        (Provenance::SelfService, Registrar::Owner),
        (Provenance::SignInInterrupt, Registrar::Owner),
        (Provenance::ConditionalCreate, Registrar::Owner),
    ] {
        assert_eq!(Registrar::unwritten(provenance), expected);
    }
}

fn parts(actor: Actor) -> PasskeyParts {
    PasskeyParts {
        id: PasskeyId::from_bytes([5; 16]),
        display_name: "Key".to_owned(),
        actor,
    }
}

fn of_person() -> Actor {
    Actor::User {
        id: user().id,
        display_name: String::new(),
        user_principal_name: String::new(),
        ip_address: String::new(),
    }
}

fn of_application() -> Actor {
    Actor::App {
        id: ApplicationId::from_bytes([9; 16]),
        display_name: "Desk".to_owned(),
    }
}
