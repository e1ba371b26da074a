#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]
use super::*;
use crate::access::{self, Request, Wish};
use crate::lifecycle::Grace;
use crate::lifetimes::{ATTEMPT, FAILURE_WINDOW, FAILURES_ALLOWED, SESSION, SESSION_KEPT};
use crate::model::{
    AccessGrant, AccessPolicy, AccessPolicyId, AccessState, AccessTarget, Assignment,
    AttestationLevel, AttestationRule, ClientType, Compromise, CompromiseReason, Conditions,
    CrossDevice, CrossDeviceRule, EndReason, Failures, Measure, PassUse, PasskeyProfile,
    PasskeyType, Policies, ProvedPasskey, Role, SessionControls, Span, UserId,
};
use crate::samples::*;
use crate::strength::PHISHING_RESISTANT;
use ceremony::{AssertionFacts, CounterOutcome};
use std::sync::Arc;

fn identified() -> Identified {
    Identified::new(
        user(),
        Versions {
            policy: 3,
            revocation: 1,
            keys: 1,
        },
    )
    .unwrap()
}

fn first_factor() -> FirstFactor {
    identified().password(Checked::Right, NOW).unwrap()
}

fn judge(facts: &AssertionFacts, passkey: &Passkey) -> Result<PasskeyUse, Denial> {
    judge_under(profile(), CounterPolicy::Refuse, facts, passkey)
}

fn judge_under(
    profile: PasskeyProfile,
    counter: CounterPolicy,
    facts: &AssertionFacts,
    passkey: &Passkey,
) -> Result<PasskeyUse, Denial> {
    let rules = PasskeyRules {
        snapshot: &compiled(profile),
        roles: &[],
        groups: &[],
        counter,
        grace: None,
        across: false,
    };
    judge_passkey(&user(), facts, passkey, rules, NOW)
}

fn parts(keep_signed_in: bool) -> SessionParts {
    SessionParts {
        id: SessionId::from_bytes([7; 16]),
        token: TokenHash::from_bytes([8; 32]),
        keep_signed_in,
        user_agent: String::new(),
        ip_address: String::new(),
    }
}

fn open(proved: Proved, kept: bool) -> NewSession {
    match conclude(proved, Circumstances::default()) {
        Conclusion::Done(allowed) => allowed.open(parts(kept), None, NOW),
        other => panic!("not done: {other:?}"),
    }
}

/// Of a tenant without conditional access.
fn conclude(proved: Proved, circumstances: Circumstances) -> Conclusion {
    conclude_under(&[], proved, circumstances).unwrap()
}

fn conclude_under(
    access: &[AccessPolicy],
    proved: Proved,
    circumstances: Circumstances,
) -> Result<Conclusion, Denial> {
    let policies = Policies {
        access: access.to_vec(),
        ..Policies::of_new_tenant()
    };
    let snapshot = Snapshot::compile(3, policies, Arc::default());
    let user = user();
    let subject = snapshot.subject(&user, &[], &[]);
    let request = Request {
        wish: Wish::OwnPages,
        contexts: &[],
        acr: None,
        platform: None,
        client: ClientType::Browser,
        address: "192.0.2.7".parse().unwrap(),
        device_code: false,
        began: None,
    };
    let decision = access::decide(&snapshot, &subject, &request, proved.proofs(), NOW);
    let holdings = Holdings {
        passkeys: vec![ProvedPasskey::of(&passkey())],
        ..Holdings::default()
    };
    proved.conclude(circumstances, &holdings, &snapshot, decision)
}

/// On all applications.
fn asks(grant: AccessGrant, session: SessionControls) -> AccessPolicy {
    AccessPolicy {
        id: AccessPolicyId::from_bytes([1; 16]),
        name: "Everywhere".to_owned(),
        description: String::new(),
        state: AccessState::Enabled,
        created: NOW,
        modified: NOW,
        conditions: Conditions {
            users: Assignment::everyone(),
            target: AccessTarget::Applications {
                all: true,
                include: Vec::new(),
                exclude: Vec::new(),
                admin_portals: false,
            },
            ..Conditions::default()
        },
        grant,
        session,
    }
}

fn proof(method: Method) -> Proof {
    match method {
        Method::Passkey => Proof::passkey(&passkey(), NOW),
        Method::Password => Proof::password(NOW),
        Method::Totp => Proof::one_time_code(NOW),
        Method::TemporaryAccessPass => Proof::pass(PassUse::Many, NOW),
    }
}

fn attempt(proved: &[Method]) -> SignInAttempt {
    SignInAttempt {
        tenant: TENANT,
        token: TokenHash::from_bytes([1; 32]),
        user: user().id,
        proofs: proved.iter().copied().map(proof).collect(),
        pass: None,
        user_version: user().version,
        keep_signed_in: false,
        prompt: None,
        correlation: CorrelationId::from_bytes([1; 16]),
        created: NOW,
        expires: NOW.plus(ATTEMPT),
    }
}

#[test]
fn a_disabled_user_proves_nothing() {
    let mut user = user();
    user.enabled = false;
    let denied = Identified::new(user, Versions::default()).map(|_| ());
    assert_eq!(denied, Err(Denial::UserDisabled));
}

#[test]
fn a_wrong_password_is_no_first_factor() {
    let denied = identified().password(Checked::Wrong, NOW).map(|_| ());
    assert_eq!(denied, Err(Denial::CredentialsWrong));
}

#[test]
fn a_password_alone_is_not_enough_where_a_second_factor_is_enrolled() {
    let denied = first_factor().alone(true).map(|_| ());
    assert_eq!(denied, Err(Denial::SecondFactorRequired));
    let proved = first_factor().alone(false).unwrap();
    assert!(!proved.is_multi_factor());
    let session = open(proved, false);
    assert_eq!(session.session().mfa, None);
}

#[test]
fn a_one_time_code_counts_once() {
    let used = |step, last| {
        first_factor()
            .totp(step, last, NOW)
            .map(|proved| proved.evidence)
    };
    assert_eq!(used(None, 10), Err(Denial::TotpWrong));
    assert_eq!(used(Some(10), 10), Err(Denial::TotpReplayed));
    assert_eq!(used(Some(9), 10), Err(Denial::TotpReplayed));
    assert_eq!(used(Some(11), 10), Ok(Evidence::Totp { step: 11 }));
    assert!(
        first_factor()
            .totp(Some(11), 10, NOW)
            .unwrap()
            .is_multi_factor()
    );
}

#[test]
fn a_pass_counts_in_its_window_and_once_if_it_says_so() {
    let show = |pass: &TemporaryAccessPass, now| {
        identified()
            .pass(pass, Checked::Right, now)
            .map(|proved| proved.evidence)
    };
    let once = pass(PassUse::Once);
    assert_eq!(show(&once, NOW), Ok(Evidence::Pass { pass: once.id }));
    assert_eq!(
        show(&once, ago(Span::seconds(1))),
        Err(Denial::PassNotYetValid)
    );
    assert_eq!(show(&once, once.ends()), Err(Denial::PassExpired));
    let used = TemporaryAccessPass {
        used: Some(NOW),
        ..once
    };
    assert_eq!(show(&used, NOW), Err(Denial::PassUsed));
    let many = TemporaryAccessPass {
        used: Some(NOW),
        ..pass(PassUse::Many)
    };
    assert!(show(&many, NOW).is_ok());
}

#[test]
fn a_wrong_code_learns_nothing_about_the_pass() {
    let over = pass(PassUse::Once);
    let denied = identified()
        .pass(&over, Checked::Wrong, over.ends())
        .map(|_| ());
    assert_eq!(denied, Err(Denial::PassWrong));
    let foreign = TemporaryAccessPass {
        user: UserId::from_bytes([0; 16]),
        ..over
    };
    let denied = identified().pass(&foreign, Checked::Right, NOW).map(|_| ());
    assert_eq!(denied, Err(Denial::PassWrong));
}

#[test]
fn what_a_pass_opens_ends_with_the_pass() {
    let pass = pass(PassUse::Many);
    let proved = identified().pass(&pass, Checked::Right, NOW).unwrap();
    let session = open(proved, true);
    assert_eq!(session.session().expires, pass.ends());
    assert_eq!(session.session().pass, Some(pass.id));
    assert!(!session.session().keep_signed_in);
}

#[test]
fn policy_decides_about_staying_signed_in_before_the_person_does() {
    let kept = |persistence: Option<PersistentBrowser>, wish| {
        let policy = asks(
            AccessGrant::Nothing,
            SessionControls {
                persistent_browser: persistence,
                ..SessionControls::default()
            },
        );
        let proved = first_factor().alone(false).unwrap();
        match conclude_under(&[policy], proved, Circumstances::default()).unwrap() {
            Conclusion::Done(allowed) => {
                let new = allowed.open(parts(wish), None, NOW);
                (new.session().keep_signed_in, new.session().expires)
            }
            other => panic!("not done: {other:?}"),
        }
    };
    let (short, long) = (NOW.plus(SESSION), NOW.plus(SESSION_KEPT));
    assert_eq!(kept(None, false), (false, short));
    assert_eq!(kept(None, true), (true, long));
    assert_eq!(kept(Some(PersistentBrowser::Always), false), (true, long));
    assert_eq!(kept(Some(PersistentBrowser::Never), true), (false, short));
}

#[test]
fn a_passkey_lets_its_owner_in() {
    let used = judge(&assertion(), &passkey()).unwrap();
    assert_eq!(
        (used.count_before, used.count, used.suspected_clone),
        (7, 8, false)
    );
}

#[test]
fn a_passkey_lets_nobody_else_in() {
    let mut foreign = passkey();
    foreign.user = UserId::from_bytes([0; 16]);
    assert_eq!(
        judge(&assertion(), &foreign),
        Err(Denial::PasskeyOfAnotherUser)
    );
    let mut other = passkey();
    other.credential_id = vec![1];
    assert_eq!(
        judge(&assertion(), &other),
        Err(Denial::PasskeyOfAnotherUser)
    );
    let mut facts = assertion();
    facts.user_handle = ceremony::UserHandle::new(vec![1; 33]).unwrap();
    assert_eq!(judge(&facts, &passkey()), Err(Denial::PasskeyOfAnotherUser));
}

#[test]
fn a_disabled_passkey_is_refused() {
    let mut disabled = passkey();
    disabled.enabled = false;
    assert_eq!(judge(&assertion(), &disabled), Err(Denial::PasskeyDisabled));
}

#[test]
fn a_passkey_that_waits_for_its_owner_is_refused() {
    let mut waiting = passkey();
    waiting.waiting = true;
    assert_eq!(
        judge(&assertion(), &waiting),
        Err(Denial::PasskeyNotActivated)
    );
}

#[test]
fn a_pass_leads_to_the_passkey_that_waits_and_one_factor_does_not() {
    let waits = Circumstances {
        passkey_required: true,
        passkey_waiting: true,
        ..Circumstances::default()
    };
    let by_pass = identified()
        .pass(&pass(PassUse::Once), Checked::Right, NOW)
        .unwrap();
    assert!(matches!(conclude(by_pass, waits), Conclusion::Done(_)));
    let alone = first_factor().alone(false).unwrap();
    assert!(matches!(
        conclude(alone, waits),
        Conclusion::MustRegister(_)
    ));
}

#[test]
fn a_passkey_in_quarantine_is_refused() {
    let quarantined = held(Measure::Quarantine);
    let denied = judge(&assertion(), &quarantined);
    assert_eq!(denied, Err(Denial::PasskeyQuarantined));
    for measure in Measure::ALL {
        let judged = judge(&assertion(), &held(*measure));
        assert_eq!(judged.is_ok(), *measure != Measure::Quarantine);
    }
}

/// A passkey with bad news about its model.
fn held(measure: Measure) -> Passkey {
    Passkey {
        compromise: Some(Compromise {
            since: NOW,
            reason: CompromiseReason::ModelCompromised,
            measure,
        }),
        ..passkey()
    }
}

#[test]
fn a_passkey_in_doubt_counts_as_one_factor() {
    for measure in [Measure::StepUp, Measure::PassFirst] {
        let alone = Proof::passkey(&held(measure), NOW);
        let with = |other: Proof| is_multi_factor([alone.clone(), other].iter());
        assert!(!is_multi_factor(std::iter::once(&alone)));
        assert!(!with(alone.clone()), "twice the same is once");
        assert!(with(Proof::password(NOW)));
        assert!(with(Proof::one_time_code(NOW)));
        assert!(with(Proof::passkey(&passkey(), NOW)));
    }
    let reported = Proof::passkey(&held(Measure::Report), NOW);
    assert!(is_multi_factor(std::iter::once(&reported)));
}

#[test]
fn beside_a_passkey_in_doubt_something_else_has_to_be_shown() {
    let proved = |proofs: Vec<Proof>| Proved {
        user: user(),
        versions: Versions::default(),
        proofs,
        evidence: Evidence::Earlier,
        pass_ends: None,
    };
    let concluded = |proofs| conclude_under(&[], proved(proofs), Circumstances::default());
    let doubtful = Proof::passkey(&held(Measure::StepUp), NOW);
    let Ok(Conclusion::StepUp(_, StepUp::Show { modes, .. })) = concluded(vec![doubtful.clone()])
    else {
        panic!("not asked for more");
    };
    assert_eq!(
        modes,
        [Mode::Fido2],
        "another passkey, which is all they have"
    );
    let both = concluded(vec![doubtful, Proof::password(NOW)]);
    assert!(matches!(both, Ok(Conclusion::Done(_))));
    let last = Proof::passkey(&held(Measure::PassFirst), NOW);
    let last = concluded(vec![last]);
    assert!(
        matches!(last, Ok(Conclusion::Done(_))),
        "nobody is locked out"
    );
}

#[test]
fn a_passkey_past_its_end_needs_grace_of_its_own() {
    let old = PasskeyProfile {
        maximum_age_days: Some(1),
        grace_days: 9,
        cross_device: CrossDeviceRule {
            sign_in: CrossDevice::Blocked,
            ..CrossDeviceRule::default()
        },
        ..profile()
    };
    let snapshot = compiled(old);
    let aged = Passkey {
        created: ago(Span::days(3)),
        ..passkey()
    };
    let from = |passkey: &Passkey, grace: Option<&Grace>, across| {
        let rules = PasskeyRules {
            snapshot: &snapshot,
            roles: &[],
            groups: &[],
            counter: CounterPolicy::Refuse,
            grace,
            across,
        };
        judge_passkey(&user(), &assertion(), passkey, rules, NOW).map(|_| ())
    };
    let judged = |passkey: &Passkey, grace: Option<&Grace>| from(passkey, grace, false);
    assert_eq!(judged(&aged, None), Err(Denial::PasskeyTooOld));
    let owner = user();
    let subject = snapshot.subject(&owner, &[], &[]);
    let grace = crate::lifecycle::grace(&snapshot, &subject, &aged, true, NOW).unwrap();
    assert_eq!(judged(&aged, Some(&grace)), Ok(()));
    // Grace is about age, and about nothing else.
    let across = from(&aged, Some(&grace), true);
    assert_eq!(across, Err(Denial::CrossDeviceNotAllowed));
    let other = Passkey {
        id: PasskeyId::from_bytes([6; 16]),
        ..aged
    };
    assert_eq!(judged(&other, Some(&grace)), Err(Denial::PasskeyTooOld));
}

#[test]
fn a_passkey_past_its_end_is_replaced_before_the_session_opens() {
    let due = Circumstances {
        passkeys: 3,
        replacement_due: true,
        ..Circumstances::default()
    };
    let proved = first_factor().alone(false).unwrap();
    assert!(matches!(conclude(proved, due), Conclusion::MustRegister(_)));
}

#[test]
fn user_verification_is_always_needed() {
    let mut facts = assertion();
    facts.user_verified = false;
    assert_eq!(
        judge(&facts, &passkey()),
        Err(Denial::UserVerificationMissing)
    );
}

#[test]
fn a_counter_that_steps_back_is_refused_or_reported() {
    let mut facts = assertion();
    facts.counter = CounterOutcome::Regressed;
    assert_eq!(
        judge(&facts, &passkey()),
        Err(Denial::PasskeySuspectedClone)
    );
    let report = CounterPolicy::Report;
    let used = judge_under(profile(), report, &facts, &passkey()).unwrap();
    assert!(used.suspected_clone);
    let mut suspected = passkey();
    suspected.suspected_clone = Some(NOW);
    assert_eq!(
        judge(&assertion(), &suspected),
        Err(Denial::PasskeySuspectedClone)
    );
}

#[test]
fn profiles_that_changed_since_the_registration_are_obeyed() {
    let judged = |profile: PasskeyProfile, passkey: &Passkey| {
        judge_under(profile, CounterPolicy::Refuse, &assertion(), passkey).map(|_| ())
    };
    let synced_only = PasskeyProfile {
        types: vec![PasskeyType::Synced],
        ..profile()
    };
    assert_eq!(
        judged(synced_only, &passkey()),
        Err(Denial::PasskeyTypeNotAllowed)
    );
    let plain = Passkey {
        attestation_level: AttestationLevel::NotAttested,
        ..passkey()
    };
    let attested = |attestation| PasskeyProfile {
        attestation,
        ..profile()
    };
    let always = judged(attested(AttestationRule::Always), &plain);
    assert_eq!(always, Err(Denial::AttestationRequired));
    let once = judged(attested(AttestationRule::RegistrationOnly), &plain);
    assert_eq!(once, Ok(()));
}

#[test]
fn roles_and_groups_decide_which_profiles_count() {
    let snapshot = Snapshot::compile(1, Policies::of_new_tenant(), std::sync::Arc::default());
    let synced = Passkey {
        passkey_type: PasskeyType::Synced,
        ..passkey()
    };
    let judged = |roles: &[Role]| {
        let rules = PasskeyRules {
            snapshot: &snapshot,
            roles,
            groups: &[],
            counter: CounterPolicy::Refuse,
            grace: None,
            across: false,
        };
        judge_passkey(&user(), &assertion(), &synced, rules, NOW).map(|_| ())
    };
    assert_eq!(judged(&[]), Ok(()));
    let reader = judged(&[Role::GlobalReader]);
    assert_eq!(reader, Err(Denial::PasskeyTypeNotAllowed));
}

#[test]
fn an_attempt_ends_with_time_and_with_a_change_of_the_account() {
    let resume = |attempt: &SignInAttempt, now| identified().resume(attempt, now).map(|_| ());
    let good = attempt(&[Method::Password]);
    assert_eq!(resume(&good, NOW), Ok(()));
    assert_eq!(resume(&good, good.expires), Err(Denial::AttemptOver));
    let changed = SignInAttempt {
        user_version: 3,
        ..good.clone()
    };
    assert_eq!(resume(&changed, NOW), Err(Denial::AttemptOver));
    let foreign = SignInAttempt {
        user: UserId::from_bytes([0; 16]),
        ..good
    };
    assert_eq!(resume(&foreign, NOW), Err(Denial::AttemptOver));
}

#[test]
fn a_resumed_attempt_skips_no_factor() {
    let resume = |proved: &[Method]| identified().resume(&attempt(proved), NOW).unwrap();
    assert!(resume(&[Method::Password]).first_factor().is_ok());
    let denied = resume(&[]).first_factor().map(|_| ());
    assert_eq!(denied, Err(Denial::AttemptOver));
    let denied = resume(&[Method::Password])
        .proved(true, None, NOW)
        .map(|_| ());
    assert_eq!(denied, Err(Denial::SecondFactorRequired));
    let denied = resume(&[]).proved(false, None, NOW).map(|_| ());
    assert_eq!(denied, Err(Denial::AttemptOver));
    let both = resume(&[Method::Password, Method::Totp])
        .proved(true, None, NOW)
        .unwrap();
    assert!(both.is_multi_factor());
}

#[test]
fn a_resumed_attempt_ends_with_its_pass() {
    let pass = pass(PassUse::Once);
    let mut by_pass = attempt(&[Method::TemporaryAccessPass]);
    by_pass.pass = Some(pass.id);
    by_pass.expires = pass.ends().plus(Span::minutes(1));
    let go_on = |stored: Option<&TemporaryAccessPass>, now| {
        let resumed = identified().resume(&by_pass, NOW).unwrap();
        resumed
            .proved(false, stored, now)
            .map(|proved| proved.pass_ends)
    };
    assert_eq!(go_on(Some(&pass), NOW), Ok(Some(pass.ends())));
    assert_eq!(go_on(Some(&pass), pass.ends()), Err(Denial::PassExpired));
    assert_eq!(
        go_on(None, NOW),
        Err(Denial::PassExpired),
        "deleted meanwhile"
    );
    let newer = TemporaryAccessPass {
        id: PassId::from_bytes([0; 16]),
        ..pass.clone()
    };
    assert_eq!(
        go_on(Some(&newer), NOW),
        Err(Denial::PassExpired),
        "replaced meanwhile"
    );
}

#[test]
fn interrupts_come_in_a_fixed_order() {
    let all = Circumstances {
        password_must_change: true,
        passkey_required: true,
        ..Default::default()
    };
    let proved = || first_factor().alone(false).unwrap();
    assert!(matches!(
        conclude(proved(), all),
        Conclusion::ChangePassword(_)
    ));
    let then = Circumstances {
        password_must_change: false,
        ..all
    };
    assert!(matches!(
        conclude(proved(), then),
        Conclusion::MustRegister(_)
    ));
    for done in [
        Circumstances {
            passkeys: 1,
            ..then
        },
        Circumstances {
            passkey_required: false,
            ..then
        },
    ] {
        assert!(matches!(conclude(proved(), done), Conclusion::Done(_)));
    }
    let two = first_factor().totp(Some(11), 10, NOW).unwrap();
    assert!(
        matches!(conclude(two, then), Conclusion::Done(_)),
        "whoever has shown two factors is a campaign's to ask"
    );
    let by_pass = || {
        identified()
            .pass(&pass(PassUse::Once), Checked::Right, NOW)
            .unwrap()
    };
    assert!(
        matches!(conclude(by_pass(), then), Conclusion::MustRegister(_)),
        "a pass is given out so that its owner registers"
    );
    let next = conclude(by_pass(), Circumstances { passkeys: 1, ..all });
    assert!(
        matches!(next, Conclusion::Done(_)),
        "who came by a pass has no password to change"
    );
}

#[test]
fn a_session_carries_what_was_proved_and_what_decided() {
    let proved = first_factor().totp(Some(11), 10, NOW).unwrap();
    let new = open(proved, false);
    let session = new.session();
    assert_eq!(session.methods(), [Method::Password, Method::Totp]);
    assert_eq!((session.mfa, session.authenticated), (Some(NOW), NOW));
    assert_eq!(session.expires, NOW.plus(SESSION));
    assert_eq!((new.user_version(), new.policy_version()), (4, 3));
    let kept = open(first_factor().alone(false).unwrap(), true);
    assert_eq!(kept.session().expires, NOW.plus(SESSION_KEPT));
}

#[test]
fn a_session_dies_for_each_reason() {
    let alive = open(first_factor().alone(false).unwrap(), false)
        .session()
        .clone();
    assert_eq!(check_session(&alive, &user(), NOW), Ok(()));
    let ended = Session {
        ended: Some((NOW, EndReason::SignedOut)),
        ..alive.clone()
    };
    assert_eq!(
        check_session(&ended, &user(), NOW),
        Err(Denial::SessionEnded)
    );
    let mut revoked = user();
    revoked.sessions_valid_from = NOW.plus(Span::seconds(1));
    assert_eq!(
        check_session(&alive, &revoked, NOW),
        Err(Denial::SessionEnded)
    );
    let mut disabled = user();
    disabled.enabled = false;
    assert_eq!(
        check_session(&alive, &disabled, NOW),
        Err(Denial::UserDisabled)
    );
    let idle = NOW.plus(SESSION_IDLE).plus(Span::seconds(1));
    assert_eq!(
        check_session(&alive, &user(), idle),
        Err(Denial::SessionExpired)
    );
    let kept = Session {
        keep_signed_in: true,
        ..alive.clone()
    };
    assert_eq!(check_session(&kept, &user(), idle), Ok(()));
    let used = Session {
        last_seen: alive.expires,
        ..alive.clone()
    };
    assert_eq!(
        check_session(&used, &user(), alive.expires),
        Err(Denial::SessionExpired)
    );
}

#[test]
fn a_source_is_locked_out_for_the_window_only() {
    let failures = |count| Failures {
        count,
        since: Some(NOW),
        last: Some(NOW),
    };
    assert_eq!(check_lockout(&Failures::default(), NOW), Ok(()));
    assert_eq!(check_lockout(&failures(FAILURES_ALLOWED - 1), NOW), Ok(()));
    assert_eq!(
        check_lockout(&failures(FAILURES_ALLOWED), NOW),
        Err(Denial::LockedOut)
    );
    let later = NOW.plus(FAILURE_WINDOW).plus(Span::seconds(1));
    assert_eq!(check_lockout(&failures(FAILURES_ALLOWED), later), Ok(()));
}

#[test]
fn a_block_ends_the_sign_in_before_anything_is_asked() {
    let block = asks(AccessGrant::Block, SessionControls::default());
    let proved = first_factor().alone(false).unwrap();
    let circumstances = Circumstances {
        password_must_change: true,
        passkey_required: true,
        ..Circumstances::default()
    };
    let denied = conclude_under(&[block], proved, circumstances).map(|_| ());
    assert_eq!(denied, Err(Denial::AccessBlocked));
}

/// What was shown before and what is shown now count together.
#[test]
fn a_step_up_goes_on_with_what_was_shown() {
    let strong = AccessGrant::Strength(PHISHING_RESISTANT);
    let policy = [asks(strong, SessionControls::default())];
    let password = first_factor().alone(false).unwrap();
    let stepped = conclude_under(&policy, password, Circumstances::default()).unwrap();
    let Conclusion::StepUp(proved, StepUp::Show { modes, .. }) = stepped else {
        panic!("no step-up: {stepped:?}")
    };
    assert_eq!(modes, [Mode::Fido2]);
    let row = proved.attempt(AttemptParts {
        token: TokenHash::from_bytes([1; 32]),
        correlation: CorrelationId::from_bytes([1; 16]),
        keep_signed_in: false,
        prompt: None,
        now: NOW,
    });
    let resumed = identified().resume(&row, NOW).unwrap();
    let identified = resumed.step_up(None, NOW).unwrap();
    assert_eq!(identified.earlier, [Proof::password(NOW)]);
    let both = with(identified.earlier, Proof::passkey(&passkey(), NOW));
    assert!(is_multi_factor(both.iter()));
}

#[test]
fn a_step_up_does_not_outlive_the_pass_of_its_attempt() {
    let mut row = attempt(&[Method::TemporaryAccessPass]);
    row.pass = Some(pass(PassUse::Many).id);
    let step_up = |pass: Option<&TemporaryAccessPass>, now| {
        let resumed = identified().resume(&row, now).unwrap();
        resumed
            .step_up(pass, now)
            .map(|identified| identified.pass_ends)
    };
    let held = pass(PassUse::Many);
    assert_eq!(step_up(Some(&held), NOW), Ok(Some(held.ends())));
    assert_eq!(step_up(None, NOW), Err(Denial::PassExpired));
    let mut short = held;
    short.lifetime = Span::minutes(1);
    let late = NOW.plus(Span::minutes(1));
    assert_eq!(step_up(Some(&short), late), Err(Denial::PassExpired));
}

#[test]
fn a_passkey_made_with_user_verification_counts_in_its_own_attempt() {
    let password = || first_factor().alone(false).unwrap();
    assert!(
        password()
            .with_registered(&passkey(), NOW)
            .is_multi_factor()
    );
    let mut silent = passkey();
    silent.user_verified = false;
    assert!(!password().with_registered(&silent, NOW).is_multi_factor());
}

/// What a session showed long ago is not made young by an attempt that goes on from it.
#[test]
fn two_factors_are_as_old_as_the_older_of_them() {
    let hour = ago(Span::hours(1));
    let since = |proofs: &[Proof]| multi_factor_since(proofs.iter());
    let old = [Proof::password(hour), Proof::one_time_code(hour)];
    assert_eq!(since(&old), Some(hour));
    let half = [&old[..], &[Proof::password(NOW)]].concat();
    assert_eq!(since(&half), Some(hour));
    let again = [&half[..], &[Proof::one_time_code(NOW)]].concat();
    assert_eq!(since(&again), Some(NOW));
    let passkey = [&old[..], &[Proof::passkey(&passkey(), NOW)]].concat();
    assert_eq!(since(&passkey), Some(NOW));
    assert_eq!(since(&[Proof::password(NOW)]), None);
}
