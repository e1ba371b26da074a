//! What Entra's documentation says of conditional access, strengths and passes: one row for each fact of the reference's
//! sections 5.2 to 5.4 and 6.5, in its own words. Sections 1.2 and 4.2 to 4.5 have such tables in [`crate::profiles`] and
//! [`crate::campaign`]; `docs/entra-parity.md` lists where each rule is tested.
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use std::sync::Arc;

use crate::Denial;
use crate::access::{self, Request, Verdict, Wish};
use crate::model::*;
use crate::passes::{self, Usability};
use crate::register::{self, Situation, Standing};
use crate::roles::{self, Action};
use crate::samples::{NOW, ago, pass, passkey, profile, user};
use crate::snapshot::Snapshot;
use crate::step_up::{Holdings, StepUp, way};
use crate::strength::{MULTIFACTOR, PASSWORDLESS, PHISHING_RESISTANT};

const APPLICATION: ApplicationId = ApplicationId::from_bytes([0xa0; 16]);
const CUSTOM: StrengthId = StrengthId::from_bytes([0xc0; 16]);

/// What comes next in a sign-in.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    In,
    Blocked,
    /// One of these is shown next.
    Show(Vec<Mode>),
    /// A passkey is registered next.
    Register,
    Denied(Denial),
}

use Next::{Blocked, In, Show};

/// A sign-in under some policies.
struct Case {
    policies: Policies,
    wish: Wish,
    proofs: Vec<Proof>,
    holdings: Holdings,
}

impl Case {
    /// Somebody with password, one-time codes and no passkey, who may register one, and has shown nothing yet.
    fn under(access: Vec<AccessPolicy>) -> Self {
        Self {
            policies: Policies {
                access,
                ..Policies::of_new_tenant()
            },
            wish: Wish::Application(APPLICATION),
            proofs: Vec::new(),
            holdings: Holdings {
                modes: vec![Mode::Password, Mode::SoftwareOath],
                passkeys: Vec::new(),
                may_register: true,
            },
        }
    }

    /// One policy that asks for this strength.
    fn asking(strength: StrengthId) -> Self {
        Self::under(vec![policy(AccessGrant::Strength(strength))])
    }

    fn shown(mut self, proofs: &[Proof]) -> Self {
        self.proofs = proofs.to_vec();
        self
    }

    fn with_passkey(mut self) -> Self {
        self.holdings.passkeys = vec![ProvedPasskey::of(&passkey())];
        self
    }

    fn registering(mut self) -> Self {
        self.wish = Wish::RegisterSecurityInfo;
        self
    }

    fn who_may_not_register(mut self) -> Self {
        self.holdings.may_register = false;
        self
    }

    fn with_custom(mut self, change: impl FnOnce(&mut Strength)) -> Self {
        let mut strength = Strength {
            id: CUSTOM,
            name: "Custom".to_owned(),
            ..crate::strength::built_in().remove(2)
        };
        change(&mut strength);
        self.policies.strengths = vec![strength];
        self
    }

    fn next(&self) -> Next {
        let snapshot = Snapshot::compile(1, self.policies.clone(), Arc::default());
        let user = user();
        let subject = snapshot.subject(&user, &[], &[]);
        let request = Request {
            wish: self.wish,
            contexts: &[],
            acr: None,
            platform: Platform::claimed("Mozilla/5.0 (Windows NT 10.0; Win64; x64)"),
            client: ClientType::Browser,
            address: "192.0.2.7".parse().unwrap(),
            device_code: false,
            began: self.proofs.first().map(|proof| proof.mode),
        };
        let decision = access::decide(&snapshot, &subject, &request, &self.proofs, NOW);
        match decision.verdict() {
            Verdict::Granted => In,
            Verdict::Blocked(_) => Blocked,
            Verdict::FirstFactor(_) => Next::Denied(Denial::FirstFactorNotAllowed),
            Verdict::Needs(needs) => match way(&snapshot, needs, &self.holdings, &self.proofs) {
                Ok(StepUp::Show { modes, .. }) => Show(modes),
                Ok(StepUp::Register(_)) => Next::Register,
                Err(denial) => Next::Denied(denial),
            },
        }
    }
}

fn policy(grant: AccessGrant) -> AccessPolicy {
    AccessPolicy {
        id: AccessPolicyId::from_bytes([1; 16]),
        name: "Policy".to_owned(),
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
        session: SessionControls::default(),
    }
}

fn on_registration(grant: AccessGrant) -> AccessPolicy {
    let mut one = policy(grant);
    one.conditions.target = AccessTarget::RegisterSecurityInfo;
    one
}

fn block(change: impl FnOnce(&mut AccessPolicy)) -> Vec<AccessPolicy> {
    let mut one = policy(AccessGrant::Block);
    change(&mut one);
    vec![one]
}

fn password() -> Proof {
    Proof::password(NOW)
}

fn code() -> Proof {
    Proof::one_time_code(NOW)
}

fn key() -> Proof {
    Proof::passkey(&passkey(), NOW)
}

fn once() -> Proof {
    Proof::pass(PassUse::Once, NOW)
}

fn combinations(strength: &mut Strength, list: &[&str]) {
    let all = list
        .iter()
        .map(|text| (*text).to_owned().try_into().unwrap());
    strength.combinations = all.collect();
}

fn check(rows: Vec<(&str, Case, Next)>) {
    for (fact, case, expected) in rows {
        assert_eq!(case.next(), expected, "{fact}");
    }
}

#[test]
fn evaluation_of_conditional_access() {
    let mfa = || policy(AccessGrant::Mfa);
    let strong = || policy(AccessGrant::Strength(PHISHING_RESISTANT));
    let fido2 = || Show(vec![Mode::Fido2]);
    check(vec![
        (
            "5.2: all applicable policies must be satisfied; one of two is not enough",
            Case::under(vec![mfa(), strong()])
                .with_passkey()
                .shown(&[password(), code()]),
            fido2(),
        ),
        (
            "5.2: all applicable policies must be satisfied; both are",
            Case::under(vec![mfa(), strong()]).shown(&[key()]),
            In,
        ),
        (
            "5.2: inside a policy assignments are ANDed: person and application fit, and the platform does not",
            Case::under(block(|one| {
                one.conditions.platforms = Some(Sides {
                    include: vec![Platform::MacOs],
                    exclude: Vec::new(),
                });
            })),
            In,
        ),
        (
            "5.2: exclusions win: the person",
            Case::under(block(|one| {
                one.conditions.users.exclude.users = vec![user().id];
            })),
            In,
        ),
        (
            "5.2: exclusions win: the application",
            Case::under(block(|one| {
                one.conditions.target = AccessTarget::Applications {
                    all: true,
                    include: Vec::new(),
                    exclude: vec![APPLICATION],
                    admin_portals: false,
                };
            })),
            In,
        ),
        (
            "5.2: exclusions win: the platform, included by name",
            Case::under(block(|one| {
                one.conditions.platforms = Some(Sides {
                    include: vec![Platform::Windows],
                    exclude: vec![Platform::Windows],
                });
            })),
            In,
        ),
        (
            "5.2: report-only policies are evaluated and stop nothing",
            Case::under(block(|one| one.state = AccessState::ReportOnly)),
            In,
        ),
        (
            "5.2: disabled policies are not evaluated",
            Case::under(block(|one| one.state = AccessState::Disabled)),
            In,
        ),
        (
            "5.2: a block control stops, whatever else is satisfied",
            Case::under(vec![strong(), policy(AccessGrant::Block)]).shown(&[key()]),
            Blocked,
        ),
        (
            "5.2: otherwise unmet grants are asked for, here two factors",
            Case::under(vec![mfa()]).shown(&[password()]),
            Show(vec![Mode::SoftwareOath]),
        ),
        (
            "5.2: otherwise unmet grants are asked for, here a strength",
            Case::under(vec![strong()]).with_passkey(),
            fido2(),
        ),
        (
            "5.2: after the first factor: a strength stops nobody from typing a password; it makes them step up",
            Case::under(vec![strong()])
                .with_passkey()
                .shown(&[password()]),
            fido2(),
        ),
        (
            "5.2, lifted: unless the strength binds the first factor",
            Case::asking(CUSTOM)
                .with_custom(|one| one.binds_first_factor = true)
                .with_passkey()
                .shown(&[password()]),
            Next::Denied(Denial::FirstFactorNotAllowed),
        ),
        (
            "5.2: the platform is judged from the user agent",
            Case::under(block(|one| {
                one.conditions.platforms = Some(Sides {
                    include: vec![Platform::Windows],
                    exclude: Vec::new(),
                });
            })),
            Blocked,
        ),
        (
            "5.2: then session controls: a sign-in that is too old is asked again",
            Case::under(vec![AccessPolicy {
                session: SessionControls {
                    sign_in_frequency: Some(SignInFrequency::Minutes(60)),
                    ..SessionControls::default()
                },
                ..mfa()
            }])
            .with_passkey()
            .shown(&[Proof::passkey(&passkey(), ago(Span::minutes(61)))]),
            Show(vec![Mode::Password, Mode::SoftwareOath, Mode::Fido2]),
        ),
    ]);
}

#[test]
fn authentication_strengths() {
    let not = |strength: StrengthId, proofs: &[Proof]| {
        Case::asking(strength).who_may_not_register().shown(proofs)
    };
    let refused = || Next::Denied(Denial::StrengthUnreachable);
    let many = || Proof::pass(PassUse::Many, NOW);
    check(vec![
        (
            "5.3 multifactor authentication: fido2",
            Case::asking(MULTIFACTOR).shown(&[key()]),
            In,
        ),
        (
            "5.3 multifactor authentication: temporaryAccessPassOneTime",
            Case::asking(MULTIFACTOR).shown(&[once()]),
            In,
        ),
        (
            "5.3 multifactor authentication: temporaryAccessPassMultiUse",
            Case::asking(MULTIFACTOR).shown(&[many()]),
            In,
        ),
        (
            "5.3 multifactor authentication: password,softwareOath",
            Case::asking(MULTIFACTOR).shown(&[password(), code()]),
            In,
        ),
        (
            "5.3: in no built-in: password alone",
            Case::asking(MULTIFACTOR).shown(&[password()]),
            Show(vec![Mode::SoftwareOath]),
        ),
        (
            "5.3: in no built-in: a one-time code alone",
            Case::asking(MULTIFACTOR).shown(&[code()]),
            Show(vec![Mode::Password]),
        ),
        (
            "5.3 passwordless MFA: fido2",
            Case::asking(PASSWORDLESS).shown(&[key()]),
            In,
        ),
        (
            "5.3 passwordless MFA: not with a password",
            not(PASSWORDLESS, &[password(), code()]),
            refused(),
        ),
        (
            "5.3 passwordless MFA: not with a pass",
            not(PASSWORDLESS, &[once()]),
            refused(),
        ),
        (
            "5.3 phishing-resistant MFA: fido2",
            Case::asking(PHISHING_RESISTANT).shown(&[key()]),
            In,
        ),
        (
            "5.3 phishing-resistant MFA: not with a password",
            not(PHISHING_RESISTANT, &[password(), code()]),
            refused(),
        ),
        (
            "5.3 phishing-resistant MFA: not with a pass",
            not(PHISHING_RESISTANT, &[many()]),
            refused(),
        ),
        (
            "5.3 fido2CombinationConfiguration: a model that is listed",
            Case::asking(CUSTOM)
                .with_custom(|one| one.allowed_aaguids = vec![listing(passkey().aaguid)])
                .shown(&[key()]),
            In,
        ),
        (
            "5.3 fido2CombinationConfiguration: a model that is not",
            Case::asking(CUSTOM)
                .with_custom(|one| one.allowed_aaguids = vec![listing(uuid::Uuid::nil())])
                .who_may_not_register()
                .shown(&[key()]),
            refused(),
        ),
        (
            "5.3, lifted: a strength tells synced from device-bound",
            Case::asking(CUSTOM)
                .with_custom(|one| one.passkey.passkey_type = Some(PasskeyType::Synced))
                .who_may_not_register()
                .shown(&[key()]),
            refused(),
        ),
    ]);
}

fn listing(aaguid: uuid::Uuid) -> AaguidConfiguration {
    AaguidConfiguration {
        id: uuid::Uuid::from_u128(1),
        aaguids: vec![aaguid],
    }
}

#[test]
fn effect_of_strengths_during_sign_in() {
    let strength = AccessGrant::Strength;
    let several = || {
        Case::under(vec![
            policy(strength(CUSTOM)),
            policy(strength(PHISHING_RESISTANT)),
        ])
        .with_custom(|one| combinations(one, &["password,softwareOath"]))
        .with_passkey()
    };
    let fido2 = || Show(vec![Mode::Fido2]);
    check(vec![
        (
            "5.4: an already used method that fits: no new prompt",
            Case::asking(PHISHING_RESISTANT)
                .with_passkey()
                .shown(&[key()]),
            In,
        ),
        (
            "5.4: otherwise one that fits is asked for: registered, and in the strength",
            Case::asking(PHISHING_RESISTANT)
                .with_passkey()
                .shown(&[password(), code()]),
            fido2(),
        ),
        (
            "5.4: none registered: on to registration",
            Case::asking(PHISHING_RESISTANT).shown(&[password(), code()]),
            Next::Register,
        ),
        (
            "5.4: one fitting method that was registered is enough",
            Case::asking(PHISHING_RESISTANT)
                .with_passkey()
                .shown(&[password(), code(), key()]),
            In,
        ),
        (
            "5.4: nothing that may be registered and used: blocked",
            Case::asking(PHISHING_RESISTANT)
                .who_may_not_register()
                .shown(&[password(), code()]),
            Next::Denied(Denial::StrengthUnreachable),
        ),
        (
            "5.4: nothing in the strength that can be registered here: blocked",
            Case::asking(CUSTOM)
                .with_custom(|one| combinations(one, &["x509CertificateMultiFactor"]))
                .shown(&[password(), code()]),
            Next::Denied(Denial::StrengthUnreachable),
        ),
        (
            "5.4: several strengths: all must be satisfied",
            several().shown(&[password(), code()]),
            fido2(),
        ),
        (
            "5.4: differing sets mean several methods",
            several().shown(&[key()]),
            Show(vec![Mode::Password, Mode::SoftwareOath]),
        ),
        (
            "5.4: several strengths, several methods: in",
            several().shown(&[password(), code(), key()]),
            In,
        ),
        (
            "5.4: a strength on registering takes the place of those on all resources",
            Case::under(vec![
                policy(strength(PHISHING_RESISTANT)),
                on_registration(strength(MULTIFACTOR)),
            ])
            .registering()
            .shown(&[password(), code()]),
            In,
        ),
        (
            "5.4: several strengths on registering: all apply",
            Case::under(vec![
                on_registration(strength(MULTIFACTOR)),
                on_registration(strength(PHISHING_RESISTANT)),
            ])
            .registering()
            .with_passkey()
            .shown(&[once()]),
            fido2(),
        ),
        (
            "5.4, differs: registering is a scope of its own, so no control on all resources applies to it",
            Case::under(vec![policy(AccessGrant::Block)])
                .registering()
                .shown(&[once()]),
            In,
        ),
        (
            "5.4 the pattern, registering: bootstrap with a pass",
            bootstrap().registering().shown(&[once()]),
            In,
        ),
        (
            "5.4 the pattern, signing in: a pass leads to registration and not further",
            bootstrap().shown(&[once()]),
            Next::Register,
        ),
    ]);
}

/// "Bootstrap and recovery" (a pass, or two factors) for registering; a strength without passes for everything else.
fn bootstrap() -> Case {
    let mut case = Case::under(vec![
        policy(AccessGrant::Strength(PASSWORDLESS)),
        on_registration(AccessGrant::Strength(CUSTOM)),
    ])
    .with_custom(|one| combinations(one, &["temporaryAccessPassOneTime", "fido2"]));
    case.holdings.modes = vec![Mode::TemporaryAccessPassOneTime];
    case
}

/// What a pass may be and do.
#[test]
fn temporary_access_passes() {
    type Judged = Result<(), Denial>;
    let rows: Vec<(&str, Judged, Judged)> = vec![
        (
            "6.5: minimumLifetimeInMinutes is 60: shorter",
            shaped(59),
            Err(Denial::PassLifetimeOutOfRange),
        ),
        ("6.5: minimumLifetimeInMinutes is 60", shaped(60), Ok(())),
        ("6.5: maximumLifetimeInMinutes is 480", shaped(480), Ok(())),
        (
            "6.5: maximumLifetimeInMinutes is 480: longer",
            shaped(481),
            Err(Denial::PassLifetimeOutOfRange),
        ),
        (
            "6.5: isUsableOnce true: all passes work once",
            passes::shape(
                &PassPolicy {
                    once_only: true,
                    ..PassPolicy::default()
                },
                passes::Wish {
                    lifetime: None,
                    usable: Some(PassUse::Many),
                },
            )
            .map(drop),
            Err(Denial::PassOnceOnly),
        ),
        (
            "6.5: creatable for any user, used by users in the policy's scope only",
            used_under(|policy| policy.who.include = Scope::group(GroupId::from_bytes([7; 16]))),
            Err(Denial::PassNotAllowed),
        ),
        ("6.5: in scope", used_under(|_| ()), Ok(())),
        (
            "6.5: nobody can issue it to themselves",
            issued(user().id, UserType::Member),
            Err(Denial::NotForOneself),
        ),
        (
            "6.5: issued to somebody else",
            issued(UserId::from_bytes([0x77; 16]), UserType::Member),
            Ok(()),
        ),
        (
            "6.5: external guests cannot get one",
            issued(UserId::from_bytes([0x77; 16]), UserType::Guest),
            Err(Denial::PassForGuest),
        ),
        (
            "6.5: one-time: a registration within ten minutes of the sign-in",
            registered(10, PassUse::Once),
            Ok(()),
        ),
        (
            "6.5: one-time: not later",
            registered(11, PassUse::Once),
            Err(Denial::PassRegistrationWindowOver),
        ),
        (
            "6.5: multi-use has no such limit",
            registered(29, PassUse::Many),
            Ok(()),
        ),
        (
            "6.5: an expired pass ends what it opened",
            registered(31, PassUse::Many),
            Err(Denial::PassExpired),
        ),
        (
            "1.2.9: two factors within the past five minutes before registering",
            stands(Standing::Mfa(ago(Span::minutes(5)))),
            Ok(()),
        ),
        (
            "1.2.9: not longer ago",
            stands(Standing::Mfa(ago(Span::seconds(301)))),
            Err(Denial::FreshMfaRequired),
        ),
        (
            "1.2.9: not with one of two",
            stands(Standing::OneOfTwo),
            Err(Denial::FreshMfaRequired),
        ),
    ];
    for (fact, found, expected) in rows {
        assert_eq!(found, expected, "{fact}");
    }
}

#[test]
fn settings_and_states_of_passes() {
    let policy = PassPolicy::default();
    assert_eq!(policy.default_minutes, 60, "6.5: defaultLifetimeInMinutes");
    assert!(!policy.once_only, "6.5: isUsableOnce");
    assert_eq!(policy.length, 12, "6.5, more: defaultLength is 8 in Entra");
    let (plain, once) = (pass(PassUse::Many), pass(PassUse::Once));
    let used = |pass: &TemporaryAccessPass| TemporaryAccessPass {
        used: Some(NOW),
        ..pass.clone()
    };
    let early = ago(Span::minutes(1));
    let rows = [
        (
            "EnabledByPolicy",
            plain.clone(),
            true,
            NOW,
            Usability::EnabledByPolicy,
        ),
        (
            "DisabledByPolicy",
            plain.clone(),
            false,
            NOW,
            Usability::DisabledByPolicy,
        ),
        (
            "Expired",
            plain.clone(),
            true,
            plain.ends(),
            Usability::Expired,
        ),
        (
            "NotYetValid",
            plain.clone(),
            true,
            early,
            Usability::NotYetValid,
        ),
        (
            "OneTimeUsed",
            used(&once),
            true,
            NOW,
            Usability::OneTimeUsed,
        ),
        (
            "multi-use, used before",
            used(&plain),
            true,
            NOW,
            Usability::EnabledByPolicy,
        ),
    ];
    for (reason, pass, allowed, now, expected) in rows {
        let found = passes::usability(&pass, allowed, now);
        assert_eq!(found, expected, "6.5 methodUsabilityReason: {reason}");
    }
}

fn shaped(minutes: i64) -> Result<(), Denial> {
    let wish = passes::Wish {
        lifetime: Some(Span::minutes(minutes)),
        usable: None,
    };
    passes::shape(&PassPolicy::default(), wish).map(drop)
}

fn used_under(change: impl FnOnce(&mut PassPolicy)) -> Result<(), Denial> {
    let mut policies = Policies::of_new_tenant();
    change(&mut policies.passes);
    let snapshot = Snapshot::compile(1, policies, Arc::default());
    let user = user();
    let subject = snapshot.subject(&user, &[], &[]);
    passes::may_use(&snapshot, &subject, &pass(PassUse::Many))
}

fn issued(to: UserId, user_type: UserType) -> Result<(), Denial> {
    let caller = roles::Caller {
        id: user().id,
        roles: &[Role::GlobalAdministrator],
    };
    let target = roles::Target {
        id: to,
        roles: &[],
        in_role_assignable_group: false,
        user_type,
    };
    roles::may_act(caller, Action::ManagePass, target).map(drop)
}

/// With a pass that was shown so many minutes ago and lives for half an hour.
fn registered(minutes: i64, usable: PassUse) -> Result<(), Denial> {
    let at = ago(Span::minutes(minutes));
    stands(Standing::Pass {
        at,
        usable,
        ends: at.plus(Span::minutes(30)),
    })
}

fn stands(standing: Standing) -> Result<(), Denial> {
    let snapshot = crate::samples::compiled(profile());
    let user = user();
    let subject = snapshot.subject(&user, &[], &[]);
    let situation = Situation {
        subject: &subject,
        existing: &[],
        standing,
        provenance: Provenance::SelfService,
    };
    register::may_begin(&snapshot, situation, NOW).map(drop)
}
