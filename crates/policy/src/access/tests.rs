#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]
use super::*;
use crate::model::{
    Assignment, Combination, Conditions, GroupId, IpRange, LocationId, NamedLocation, PassUse,
    Policies, Role, Scope, SessionControls, Strength, User,
};
use crate::samples::{NOW, ago, passkey, user};
use crate::strength::{MULTIFACTOR, PHISHING_RESISTANT};
use proptest::prelude::*;
use std::sync::Arc;

const APP: ApplicationId = ApplicationId::from_bytes([0xa0; 16]);
const OTHER_APP: ApplicationId = ApplicationId::from_bytes([0xa1; 16]);
const STAFF: GroupId = GroupId::from_bytes([0x60; 16]);
const OFFICE: LocationId = LocationId::from_bytes([0x10; 16]);

fn policy(number: u8, grant: AccessGrant) -> AccessPolicy {
    AccessPolicy {
        id: AccessPolicyId::from_bytes([number; 16]),
        name: format!("Policy {number}"),
        description: String::new(),
        state: AccessState::Enabled,
        created: NOW,
        modified: NOW,
        conditions: Conditions {
            users: Assignment::everyone(),
            target: all_applications(),
            ..Conditions::default()
        },
        grant,
        session: SessionControls::default(),
    }
}

fn all_applications() -> AccessTarget {
    AccessTarget::Applications {
        all: true,
        include: Vec::new(),
        exclude: Vec::new(),
        admin_portals: false,
    }
}

fn request() -> Request<'static> {
    Request {
        wish: Wish::Application(APP),
        contexts: &[],
        acr: None,
        platform: Some(Platform::Windows),
        client: ClientType::Browser,
        address: "192.0.2.7".parse().unwrap(),
        device_code: false,
        began: None,
    }
}

fn snapshot(access: Vec<AccessPolicy>) -> Snapshot {
    let range = |text: &str| IpRange::try_from(text.to_owned()).unwrap();
    let policies = Policies {
        access,
        locations: vec![
            NamedLocation {
                id: OFFICE,
                name: "Office".to_owned(),
                trusted: true,
                created: NOW,
                modified: NOW,
                ranges: vec![range("192.0.2.0/24"), range("2001:db8::/32")],
            },
            NamedLocation {
                id: LocationId::from_bytes([0x0b; 16]),
                name: "Fair".to_owned(),
                trusted: false,
                created: NOW,
                modified: NOW,
                ranges: vec![range("203.0.113.0/24")],
            },
        ],
        strengths: vec![bound()],
        ..Policies::of_new_tenant()
    };
    Snapshot::compile(5, policies, Arc::default())
}

const BOUND: StrengthId = StrengthId::from_bytes([0xb0; 16]);

/// Passkeys, from the first step on.
fn bound() -> Strength {
    Strength {
        id: BOUND,
        name: "Passkey first".to_owned(),
        combinations: Combination::new(vec![Mode::Fido2]).into_iter().collect(),
        binds_first_factor: true,
        ..crate::strength::built_in().remove(0)
    }
}

/// What a sign-in is told that began with this.
fn begun(access: &[AccessPolicy], request: &Request<'_>, proofs: &[Proof]) -> Decision {
    let request = Request {
        began: proofs.first().map(|proof| proof.mode),
        ..*request
    };
    ask(access, &request, proofs)
}

fn ask(access: &[AccessPolicy], request: &Request<'_>, proofs: &[Proof]) -> Decision {
    ask_of(&user(), access, request, proofs)
}

fn ask_of(
    user: &User,
    access: &[AccessPolicy],
    request: &Request<'_>,
    proofs: &[Proof],
) -> Decision {
    let snapshot = snapshot(access.to_vec());
    let subject = snapshot.subject(user, &[Role::GlobalReader], &[STAFF]);
    decide(&snapshot, &subject, request, proofs, NOW)
}

fn applies(policy: &AccessPolicy, request: &Request<'_>) -> bool {
    let decision = ask(std::slice::from_ref(policy), request, &[]);
    decision.outcomes()[0].result.applied()
}

fn password() -> Vec<Proof> {
    vec![Proof::password(NOW)]
}

fn two_factors() -> Vec<Proof> {
    vec![Proof::password(NOW), Proof::one_time_code(NOW)]
}

fn by_passkey(minutes: i64) -> Vec<Proof> {
    vec![Proof::passkey(&passkey(), ago(Span::minutes(minutes)))]
}

fn needs(decision: &Decision) -> Vec<What> {
    match decision.verdict() {
        Verdict::Needs(needs) => needs.iter().map(|need| need.what).collect(),
        _ => Vec::new(),
    }
}

/// Reference 5.2: all applicable policies must be satisfied.
#[test]
fn every_policy_that_applies_has_to_be_satisfied() {
    let strong = AccessGrant::Strength(PHISHING_RESISTANT);
    let both = [policy(1, AccessGrant::Mfa), policy(2, strong)];
    let after = |proofs: &[Proof]| needs(&ask(&both, &request(), proofs));
    assert_eq!(
        after(&password()),
        [What::Mfa, What::Strength(PHISHING_RESISTANT)]
    );
    assert_eq!(after(&two_factors()), [What::Strength(PHISHING_RESISTANT)]);
    let granted = ask(&both, &request(), &by_passkey(0));
    assert_eq!(*granted.verdict(), Verdict::Granted);
    assert_eq!(granted.version(), 5);
}

/// Reference 5.2: a block control stops.
#[test]
fn a_block_wins_whatever_is_shown() {
    let both = [policy(1, AccessGrant::Mfa), policy(2, AccessGrant::Block)];
    let decision = ask(&both, &request(), &by_passkey(0));
    assert_eq!(*decision.verdict(), Verdict::Blocked(both[1].id));
    let results: Vec<_> = decision.outcomes().iter().map(|one| one.result).collect();
    assert_eq!(results, [OutcomeResult::Success, OutcomeResult::Failure]);
}

/// Reference 5.2: inside a policy assignments are ANDed; exclusions win.
#[test]
fn an_exclusion_of_the_person_wins() {
    let mut one = policy(1, AccessGrant::Block);
    assert!(applies(&one, &request()));
    for exclude in [
        Scope::group(STAFF),
        Scope {
            users: vec![user().id],
            ..Scope::default()
        },
        Scope {
            roles: vec![Role::GlobalReader],
            ..Scope::default()
        },
        Scope::everyone(),
    ] {
        one.conditions.users.exclude = exclude;
        let decision = ask(std::slice::from_ref(&one), &request(), &[]);
        let outcome = decision.outcomes()[0];
        assert_eq!(outcome.result, OutcomeResult::NotApplied);
        assert_eq!(outcome.not_satisfied, Some(Condition::Users));
        assert_eq!(*decision.verdict(), Verdict::Granted);
    }
}

/// Reference 5.1: include and exclude of applications, user actions and authentication contexts.
#[test]
fn targets_name_what_is_wanted() {
    let listed = |include, exclude| AccessTarget::Applications {
        all: false,
        include,
        exclude,
        admin_portals: false,
    };
    let all_but = AccessTarget::Applications {
        all: true,
        include: Vec::new(),
        exclude: vec![APP],
        admin_portals: false,
    };
    let portals = AccessTarget::Applications {
        all: false,
        include: Vec::new(),
        exclude: Vec::new(),
        admin_portals: true,
    };
    let wishes = [
        Wish::Application(APP),
        Wish::Application(OTHER_APP),
        Wish::OwnPages,
        Wish::Administration,
        Wish::RegisterSecurityInfo,
    ];
    // target, and for which of the wishes it is met
    let table = [
        (all_applications(), [true, true, true, true, false]),
        (
            listed(vec![APP], vec![]),
            [true, false, false, false, false],
        ),
        (listed(vec![APP], vec![APP]), [false; 5]),
        (all_but, [false, true, true, true, false]),
        (portals, [false, false, false, true, false]),
        (
            AccessTarget::RegisterSecurityInfo,
            [false, false, false, false, true],
        ),
        (AccessTarget::default(), [false; 5]),
        (AccessTarget::Contexts(vec!["c1".to_owned()]), [false; 5]),
    ];
    for (target, expected) in table {
        let mut one = policy(1, AccessGrant::Block);
        one.conditions.target = target;
        let found = wishes.map(|wish| applies(&one, &Request { wish, ..request() }));
        assert_eq!(found, expected, "{:?}", one.conditions.target);
    }
}

#[test]
fn an_authentication_context_is_met_when_it_is_asked_for() {
    let mut one = policy(1, AccessGrant::Mfa);
    one.conditions.target = AccessTarget::Contexts(vec!["c1".to_owned(), "c2".to_owned()]);
    let asked = ["c2".to_owned()];
    let other = ["c3".to_owned()];
    let with = |contexts| Request {
        contexts,
        ..request()
    };
    assert!(applies(&one, &with(&asked)));
    assert!(!applies(&one, &with(&other)));
}

/// Reference 5.7: the registration loop. A policy on all applications never stands before a registration.
#[test]
fn the_registration_loop_cannot_happen() {
    let strong = policy(1, AccessGrant::Strength(PHISHING_RESISTANT));
    let block = policy(2, AccessGrant::Block);
    let registering = Request {
        wish: Wish::RegisterSecurityInfo,
        ..request()
    };
    let decision = ask(&[strong, block], &registering, &two_factors());
    assert_eq!(*decision.verdict(), Verdict::Granted);
}

/// Reference 5.4: a strength on the user action; several on it all apply.
#[test]
fn registering_has_requirements_of_its_own() {
    let on_registration = |number, grant| {
        let mut one = policy(number, grant);
        one.conditions.target = AccessTarget::RegisterSecurityInfo;
        one
    };
    let both = [
        on_registration(1, AccessGrant::Strength(MULTIFACTOR)),
        on_registration(2, AccessGrant::Strength(PHISHING_RESISTANT)),
    ];
    let registering = Request {
        wish: Wish::RegisterSecurityInfo,
        ..request()
    };
    let pass = [Proof::pass(PassUse::Once, NOW)];
    let left = needs(&ask(&both, &registering, &pass));
    assert_eq!(left, [What::Strength(PHISHING_RESISTANT)]);
}

/// Reference 5.1: platforms, client types, locations, device code flow.
#[test]
fn conditions_about_the_place_hold_together() {
    let mut one = policy(1, AccessGrant::Block);
    one.conditions.platforms = Some(Sides {
        include: vec![],
        exclude: vec![Platform::Windows],
    });
    one.conditions.client_types = vec![ClientType::Browser];
    one.conditions.locations = Some(Sides {
        include: vec![],
        exclude: vec![LocationRef::AllTrusted],
    });
    let abroad = Request {
        platform: Some(Platform::Linux),
        address: "198.51.100.1".parse().unwrap(),
        ..request()
    };
    let first_unmet = |request: &Request<'_>| {
        let decision = ask(std::slice::from_ref(&one), request, &[]);
        decision.outcomes()[0].not_satisfied
    };
    assert_eq!(first_unmet(&abroad), None);
    let windows = Request {
        platform: Some(Platform::Windows),
        ..abroad
    };
    assert_eq!(first_unmet(&windows), Some(Condition::DevicePlatform));
    let unknown = Request {
        platform: None,
        ..abroad
    };
    assert_eq!(first_unmet(&unknown), None);
    let program = Request {
        client: ClientType::MobileAppsAndDesktopClients,
        ..abroad
    };
    assert_eq!(first_unmet(&program), Some(Condition::ClientApps));
    for inside in ["192.0.2.255", "::ffff:192.0.2.1", "2001:db8:1::1"] {
        let here = Request {
            address: inside.parse().unwrap(),
            ..abroad
        };
        assert_eq!(first_unmet(&here), Some(Condition::Location), "{inside}");
    }
    // A location that is named and not trusted.
    let fair = Request {
        address: "203.0.113.7".parse().unwrap(),
        ..abroad
    };
    assert_eq!(first_unmet(&fair), None);
}

#[test]
fn the_device_code_condition_meets_only_that_flow() {
    let mut one = policy(1, AccessGrant::Block);
    one.conditions.device_code = true;
    assert!(!applies(&one, &request()));
    let flow = Request {
        device_code: true,
        ..request()
    };
    assert!(applies(&one, &flow));
}

#[test]
fn no_device_code_satisfies_a_phishing_resistant_strength() {
    let flow = Request {
        device_code: true,
        ..request()
    };
    let asked = |strength| {
        ask(
            &[policy(1, AccessGrant::Strength(strength))],
            &flow,
            &by_passkey(0),
        )
    };
    let blocked = asked(PHISHING_RESISTANT);
    assert!(matches!(blocked.verdict(), Verdict::Blocked(_)));
    assert_eq!(*asked(MULTIFACTOR).verdict(), Verdict::Granted);
}

#[test]
fn an_unknown_location_is_nowhere() {
    let mut one = policy(1, AccessGrant::Block);
    let nowhere = LocationRef::Named(LocationId::from_bytes([0x99; 16]));
    one.conditions.locations = Some(Sides {
        include: vec![nowhere],
        exclude: vec![],
    });
    assert!(!applies(&one, &request()));
}

/// Reference 5.6: report-only results next to the enforced ones.
#[test]
fn report_only_is_recorded_and_stops_nothing() {
    let reported = |number, grant| AccessPolicy {
        state: AccessState::ReportOnly,
        ..policy(number, grant)
    };
    let mut elsewhere = reported(3, AccessGrant::Block);
    elsewhere.conditions.users.exclude = Scope::everyone();
    let policies = [
        reported(1, AccessGrant::Block),
        reported(2, AccessGrant::Strength(PHISHING_RESISTANT)),
        elsewhere,
        reported(4, AccessGrant::Mfa),
        AccessPolicy {
            state: AccessState::Disabled,
            ..policy(5, AccessGrant::Block)
        },
    ];
    let decision = ask(&policies, &request(), &two_factors());
    let results: Vec<_> = decision.outcomes().iter().map(|one| one.result).collect();
    assert_eq!(
        results,
        [
            OutcomeResult::ReportOnlyFailure,
            OutcomeResult::ReportOnlyInterrupted,
            OutcomeResult::ReportOnlyNotApplied,
            OutcomeResult::ReportOnlySuccess,
            OutcomeResult::NotEnabled,
        ]
    );
    assert_eq!(*decision.verdict(), Verdict::Granted);
    let snapshot = snapshot(policies.to_vec());
    let applied = decision.applied(&snapshot);
    assert_eq!(applied.len(), 3);
    assert_eq!(applied[0].enforced_grant_controls, ["block"]);
}

/// Reference 5.4 (known issue lifted): strength and sign-in frequency are met by one and the same proof.
#[test]
fn strength_and_frequency_are_met_at_one_moment() {
    let mut one = policy(1, AccessGrant::Strength(PHISHING_RESISTANT));
    one.session.sign_in_frequency = Some(SignInFrequency::Minutes(60));
    let one = [one];
    let verdict = |proofs: &[Proof]| needs(&ask(&one, &request(), proofs)).len();
    assert_eq!(verdict(&by_passkey(60)), 0);
    assert_eq!(verdict(&by_passkey(61)), 1);
    // An old passkey and fresh other factors do not add up.
    let mut mixed = by_passkey(61);
    mixed.extend(two_factors());
    assert_eq!(verdict(&mixed), 1);
}

#[test]
fn every_time_asks_again_after_five_minutes() {
    let mut one = policy(1, AccessGrant::Nothing);
    one.session.sign_in_frequency = Some(SignInFrequency::EveryTime);
    let one = [one];
    let verdict = |proofs: &[Proof]| needs(&ask(&one, &request(), proofs));
    assert_eq!(verdict(&by_passkey(5)), []);
    assert_eq!(verdict(&by_passkey(6)), [What::Fresh]);
    assert_eq!(verdict(&[]), [What::Fresh]);
}

#[test]
fn never_persistent_wins_over_always() {
    let with = |number, mode| {
        let mut one = policy(number, AccessGrant::Nothing);
        one.session.persistent_browser = Some(mode);
        one
    };
    let always = with(1, PersistentBrowser::Always);
    let never = with(2, PersistentBrowser::Never);
    let said = |policies: &[AccessPolicy]| ask(policies, &request(), &[]).persistence();
    assert_eq!(said(&[]), None);
    assert_eq!(
        said(std::slice::from_ref(&always)),
        Some(PersistentBrowser::Always)
    );
    for order in [[always.clone(), never.clone()], [never, always]] {
        assert_eq!(said(&order), Some(PersistentBrowser::Never));
    }
}

#[test]
fn guests_can_be_meant() {
    let mut one = policy(1, AccessGrant::Block);
    one.conditions.users.include = Scope {
        guests: true,
        ..Scope::default()
    };
    let mut guest = user();
    guest.user_type = crate::model::UserType::Guest;
    let policies = [one];
    let blocked = |user: &User| {
        let decision = ask_of(user, &policies, &request(), &[]);
        matches!(decision.verdict(), Verdict::Blocked(_))
    };
    assert!(blocked(&guest));
    assert!(!blocked(&user()));
}

#[test]
fn phones_are_not_taken_for_the_systems_they_descend_from() {
    let table = [
        ("Mozilla/5.0 (Windows NT 10.0)", Some(Platform::Windows)),
        ("Mozilla/5.0 (Linux; Android 16)", Some(Platform::Android)),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)",
            Some(Platform::Ios),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15)",
            Some(Platform::MacOs),
        ),
        ("Mozilla/5.0 (X11; Linux x86_64)", Some(Platform::Linux)),
        ("curl/8", None),
    ];
    for (agent, expected) in table {
        assert_eq!(Platform::claimed(agent), expected, "{agent}");
    }
}

#[test]
fn ranges_are_checked_and_found() {
    let range = |text: &str| IpRange::try_from(text.to_owned());
    for wrong in ["192.0.2.0", "192.0.2.1/24", "192.0.2.0/33", "::/129", "x/8"] {
        assert!(range(wrong).is_err(), "{wrong}");
    }
    let everything = range("0.0.0.0/0").unwrap();
    assert!(everything.contains("203.0.113.9".parse().unwrap()));
    assert!(!everything.contains("2001:db8::1".parse().unwrap()));
    // The same number in the other family is another address.
    assert!(!everything.contains("::cb00:7109".parse().unwrap()));
    assert!(
        range("::/0")
            .unwrap()
            .contains("2001:db8::1".parse().unwrap())
    );
}

#[test]
fn a_bound_first_factor_is_refused_before_anything_is_asked_for() {
    let bound = AccessGrant::Strength(BOUND);
    let both = [policy(1, AccessGrant::Mfa), policy(2, bound)];
    let refused = begun(&both, &request(), &password());
    assert_eq!(*refused.verdict(), Verdict::FirstFactor(both[1].id));
    let marked: Vec<_> = refused
        .outcomes()
        .iter()
        .map(|one| one.refused_first_factor)
        .collect();
    assert_eq!(marked, [false, true]);
    let words = refused.applied(&snapshot(both.to_vec()));
    assert_eq!(
        words[1].enforced_grant_controls,
        ["Passkey first", FIRST_FACTOR]
    );
    // What follows does not heal it.
    let mut all = password();
    all.extend(by_passkey(0));
    let verdict = |proofs: &[Proof]| begun(&both, &request(), proofs).verdict().clone();
    assert_eq!(verdict(&all), Verdict::FirstFactor(both[1].id));
    assert_eq!(verdict(&by_passkey(0)), Verdict::Granted);
    // What goes on from a session is asked for the passkey, not sent away.
    let session = ask(&both, &request(), &two_factors());
    assert_eq!(needs(&session), [What::Strength(BOUND)]);
}

#[test]
fn a_block_is_said_before_a_first_factor() {
    let both = [
        policy(1, AccessGrant::Strength(BOUND)),
        policy(2, AccessGrant::Block),
    ];
    let decision = begun(&both, &request(), &password());
    assert_eq!(*decision.verdict(), Verdict::Blocked(both[1].id));
}

#[test]
fn a_first_factor_is_bound_where_the_policy_applies_only() {
    let bound = || policy(1, AccessGrant::Strength(BOUND));
    let verdict = |one: AccessPolicy, request: &Request<'_>| {
        let decision = begun(&[one], request, &password());
        (decision.verdict().clone(), decision.outcomes()[0].result)
    };
    let mut reported = bound();
    reported.state = AccessState::ReportOnly;
    assert_eq!(
        verdict(reported, &request()),
        (Verdict::Granted, OutcomeResult::ReportOnlyFailure)
    );
    let mut disabled = bound();
    disabled.state = AccessState::Disabled;
    assert_eq!(
        verdict(disabled, &request()),
        (Verdict::Granted, OutcomeResult::NotEnabled)
    );
    let mut excluded = bound();
    excluded.conditions.users.exclude = Scope::group(STAFF);
    assert_eq!(
        verdict(excluded, &request()),
        (Verdict::Granted, OutcomeResult::NotApplied)
    );
    // Registering is a wish of its own.
    let registering = Request {
        wish: Wish::RegisterSecurityInfo,
        ..request()
    };
    assert_eq!(
        verdict(bound(), &registering),
        (Verdict::Granted, OutcomeResult::NotApplied)
    );
}

/// Whoever has a pass and no passkey yet must be able to make one: the pass comes first, and the strength is still asked.
#[test]
fn a_pass_comes_first_and_satisfies_nothing() {
    let one = [policy(1, AccessGrant::Strength(BOUND))];
    for usable in [PassUse::Once, PassUse::Many] {
        let decision = begun(&one, &request(), &[Proof::pass(usable, NOW)]);
        assert_eq!(needs(&decision), [What::Strength(BOUND)]);
    }
}

fn grants() -> impl Strategy<Value = AccessGrant> {
    prop_oneof![
        Just(AccessGrant::Nothing),
        Just(AccessGrant::Block),
        Just(AccessGrant::Mfa),
        Just(AccessGrant::Strength(PHISHING_RESISTANT)),
        Just(AccessGrant::Strength(BOUND)),
    ]
}

proptest! {
    /// Exclude always wins: whoever a policy excludes is decided as if it were not there.
    #[test]
    fn an_excluded_policy_changes_nothing(
        kinds in proptest::collection::vec((grants(), any::<bool>()), 0..6),
        shown in 0..3,
    ) {
        let proofs = [Vec::new(), password(), by_passkey(0)][usize::try_from(shown).unwrap()].clone();
        let build = |skip: bool| -> Vec<AccessPolicy> {
            kinds.iter().enumerate().filter(|(_, (_, excluded))| !(skip && *excluded)).map(
                |(at, (grant, excluded))| {
                    let mut one = policy(u8::try_from(at).unwrap(), grant.clone());
                    if *excluded {
                        one.conditions.users.exclude = Scope::group(STAFF);
                    }
                    one
                },
            ).collect()
        };
        let with = ask(&build(false), &request(), &proofs);
        let without = ask(&build(true), &request(), &proofs);
        prop_assert_eq!(with.verdict(), without.verdict());
    }

    /// What a page offers and what the decision refuses is the same, and binding the first factor never opens anything.
    #[test]
    fn pages_and_decisions_agree_on_first_factors(
        kinds in proptest::collection::vec(grants(), 0..5),
        shown in 0..4,
    ) {
        let shown = usize::try_from(shown).unwrap();
        let pass = vec![Proof::pass(PassUse::Once, NOW)];
        let proofs = [password(), two_factors(), by_passkey(0), pass][shown].clone();
        let access: Vec<_> = (0..).zip(kinds).map(|(at, grant)| policy(at, grant)).collect();
        let snapshot = snapshot(access.clone());
        let user = user();
        let subject = snapshot.subject(&user, &[Role::GlobalReader], &[STAFF]);
        let offered = may_begin(&snapshot, &subject, &request(), proofs[0].mode, NOW);
        let begun = begun(&access, &request(), &proofs);
        let refused = match begun.verdict() {
            Verdict::FirstFactor(policy) => Err(*policy),
            _ => Ok(()),
        };
        prop_assert_eq!(offered, refused);
        if *ask(&access, &request(), &proofs).verdict() != Verdict::Granted {
            prop_assert_ne!(begun.verdict(), &Verdict::Granted);
        }
    }

    /// A further enabled policy never opens what was closed.
    #[test]
    fn a_further_policy_never_opens(first in grants(), second in grants(), shown in 0..3) {
        let proofs = [Vec::new(), password(), by_passkey(0)][usize::try_from(shown).unwrap()].clone();
        let one = [policy(1, first)];
        let two = [one[0].clone(), policy(2, second)];
        if *ask(&one, &request(), &proofs).verdict() != Verdict::Granted {
            let further = ask(&two, &request(), &proofs);
            prop_assert_ne!(further.verdict(), &Verdict::Granted);
        }
    }
}

#[test]
fn whoever_has_to_show_two_factors_does_so_everywhere_but_on_their_own_pages() {
    let asked = |mfa: PerUserMfa, wish: Wish, proofs: &[Proof]| {
        let person = User { mfa, ..user() };
        let request = Request { wish, ..request() };
        needs(&ask_of(&person, &[], &request, proofs)).len()
    };
    for (mfa, more) in [
        (PerUserMfa::Disabled, 0),
        (PerUserMfa::Enabled, 1),
        (PerUserMfa::Enforced, 1),
    ] {
        for wish in [Wish::Application(APP), Wish::Administration] {
            assert_eq!(asked(mfa, wish, &password()), more, "{mfa:?} {wish:?}");
            assert_eq!(asked(mfa, wish, &two_factors()), 0);
            assert_eq!(asked(mfa, wish, &by_passkey(0)), 0);
        }
        // There they get the second factor.
        for wish in [Wish::OwnPages, Wish::RegisterSecurityInfo] {
            assert_eq!(asked(mfa, wish, &password()), 0, "{mfa:?} {wish:?}");
        }
    }
}

#[test]
fn what_was_shown_before_an_alarm_counts_no_more() {
    let verdict = |alarm: Option<Timestamp>, proofs: &[Proof]| {
        let doubted = User {
            proofs_valid_from: alarm,
            ..user()
        };
        needs(&ask_of(&doubted, &[], &request(), proofs)).len()
    };
    let later = NOW.plus(crate::model::Span::seconds(1));
    assert_eq!(verdict(None, &two_factors()), 0);
    assert_eq!(
        verdict(Some(ago(crate::model::Span::minutes(5))), &by_passkey(0)),
        0
    );
    assert_eq!(verdict(Some(later), &by_passkey(0)), 1);
    // One factor that is new enough is still one factor.
    assert_eq!(
        verdict(Some(ago(crate::model::Span::minutes(5))), &password()),
        1
    );
}
