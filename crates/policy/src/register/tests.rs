#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use super::*;
use crate::model::Span;
use crate::samples::*;
use ceremony::Refusal;

fn situation(user: &User, standing: Standing) -> Situation<'_> {
    Situation {
        user,
        existing: 0,
        standing,
        provenance: Provenance::SelfService,
    }
}

fn begin(standing: Standing) -> Result<(), Denial> {
    may_begin(&Rules::default(), situation(&user(), standing), NOW)
}

fn decided(rules: &Rules, facts: &RegistrationFacts) -> Result<Allowed, Denial> {
    decide(rules, situation(&user(), Standing::Mfa(NOW)), facts, NOW)
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
    let user = user();
    let second = Situation {
        existing: 1,
        ..situation(&user, fresh)
    };
    let denied = may_begin(&Rules::default(), second, NOW);
    assert_eq!(denied, Err(Denial::FreshMfaRequired));
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
    let mut user = user();
    user.enabled = false;
    let denied = may_begin(&Rules::default(), situation(&user, Standing::Mfa(NOW)), NOW);
    assert_eq!(denied, Err(Denial::UserDisabled));
}

#[test]
fn without_self_service_only_administrators_register() {
    let rules = Rules {
        self_service: false,
        ..Rules::default()
    };
    let user = user();
    let own = situation(&user, Standing::Mfa(NOW));
    assert_eq!(may_begin(&rules, own, NOW), Err(Denial::SelfServiceOff));
    let on_behalf = Situation {
        provenance: Provenance::Provisioned,
        ..situation(&user, Standing::OnBehalf)
    };
    assert_eq!(may_begin(&rules, on_behalf, NOW), Ok(()));
}

#[test]
fn the_decision_asks_the_same_as_the_beginning() {
    let late = situation_result(Standing::Mfa(ago(Span::minutes(9))));
    assert_eq!(late, Err(Denial::FreshMfaRequired));
}

fn situation_result(standing: Standing) -> Result<(), Denial> {
    let facts = registration(TrustOutcome::Trusted, false);
    decide(&Rules::default(), situation(&user(), standing), &facts, NOW).map(|_| ())
}

#[test]
fn enforced_attestation_accepts_trusted_statements_only() {
    let rules = Rules {
        attestation_enforced: true,
        ..Rules::default()
    };
    assert!(decided(&rules, &registration(TrustOutcome::Trusted, false)).is_ok());
    for trust in [
        TrustOutcome::NotEvaluated,
        TrustOutcome::Untrusted(Refusal::BadSignature),
    ] {
        let denied = decided(&rules, &registration(trust, false));
        assert_eq!(denied, Err(Denial::AttestationRequired));
        assert!(decided(&Rules::default(), &registration(trust, false)).is_ok());
    }
}

#[test]
fn the_backup_eligible_flag_decides_the_type() {
    let rules = Rules {
        types: vec![PasskeyType::DeviceBound],
        ..Rules::default()
    };
    assert!(decided(&rules, &registration(TrustOutcome::Trusted, false)).is_ok());
    let denied = decided(&rules, &registration(TrustOutcome::Trusted, true));
    assert_eq!(denied, Err(Denial::PasskeyTypeNotAllowed));
}

#[test]
fn a_blocked_model_is_refused_even_if_it_is_allowed() {
    let model = Uuid::from_bytes(AAGUID);
    let facts = registration(TrustOutcome::Trusted, false);
    let listed = Rules {
        allowed_aaguids: Some(vec![model]),
        ..Rules::default()
    };
    assert!(decided(&listed, &facts).is_ok());
    let other = Rules {
        allowed_aaguids: Some(vec![Uuid::nil()]),
        ..Rules::default()
    };
    assert_eq!(decided(&other, &facts), Err(Denial::AaguidNotAllowed));
    let both = Rules {
        blocked_aaguids: vec![model],
        ..listed
    };
    assert_eq!(decided(&both, &facts), Err(Denial::AaguidNotAllowed));
}

#[test]
fn the_twentieth_passkey_draws_a_warning_only() {
    let user = user();
    let facts = registration(TrustOutcome::Trusted, false);
    let decide_with = |existing| {
        let situation = Situation {
            existing,
            ..situation(&user, Standing::Mfa(NOW))
        };
        decide(&Rules::default(), situation, &facts, NOW).map(|allowed| allowed.warnings)
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
    let permission = || decided(&Rules::default(), first.facts()).unwrap();
    let admitted = |proof: &ceremony::Registered| {
        let id = PasskeyId::from_bytes([5; 16]);
        admit(proof.clone(), permission(), id, "Key".to_owned(), NOW)
    };
    assert_eq!(admitted(&first).unwrap().passkey().credential_id, [1]);
    assert_eq!(admitted(&second), None);
}
