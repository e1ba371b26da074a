//! What holds in every directory.

use super::*;
use proptest::prelude::*;

#[test]
fn shares_are_spread_evenly_and_differ_between_campaigns() {
    let user = |number: u32| {
        UserId::new(NOW, {
            let mut random = [0; 10];
            random
                .iter_mut()
                .zip(number.to_be_bytes())
                .for_each(|(to, from)| *to = from);
            random
        })
    };
    let campaigns = [Campaign::DEFAULT, CampaignId::from_bytes([8; 16])];
    for campaign in campaigns {
        for percent in [1, 10, 50, 90] {
            let people = 0..10_000;
            let inside = people
                .filter(|one| share(user(*one), campaign) < percent)
                .count();
            let expected = usize::from(percent) * 100;
            assert!(inside.abs_diff(expected) < 150, "{percent}: {inside}");
        }
    }
    let moved = (0..1_000).filter(|one| {
        let [first, second] = campaigns.map(|campaign| share(user(*one), campaign) < 50);
        first != second
    });
    assert!(moved.count() > 400);
}

/// Shares must never change: people would move between waves in the middle of a rollout.
#[test]
fn shares_are_what_they_always_were() {
    let shares: Vec<_> = (0..8)
        .map(|number| share(UserId::from_bytes([number; 16]), Campaign::DEFAULT))
        .collect();
    assert_eq!(shares, [99, 29, 56, 38, 28, 31, 59, 36]);
}

fn standings() -> impl Strategy<Value = Standing> {
    let ages = prop_oneof![Just(0i64), Just(4), Just(6), Just(11)];
    (0..5, ages).prop_map(|(kind, minutes)| {
        let at = ago(Span::minutes(minutes));
        let ends = at.plus(Span::minutes(8));
        match kind {
            0 => Standing::Mfa(at),
            1 => Standing::OnlyFactor(at),
            2 => Standing::OneOfTwo,
            3 => Standing::Pass {
                at,
                usable: PassUse::Once,
                ends,
            },
            _ => Standing::Pass {
                at,
                usable: PassUse::Many,
                ends,
            },
        }
    })
}

fn passkeys() -> impl Strategy<Value = Vec<(usize, bool, bool)>> {
    prop::collection::vec((0usize..6, any::<bool>(), any::<bool>()), 0..4)
}

prop_compose! {
    /// A random directory and moment.
    fn cases()(
        switches in prop::collection::vec(prop::bool::weighted(0.8), 10),
        odd in prop::collection::vec(prop::bool::weighted(0.2), 12),
        standing in standings(),
        keys in passkeys(),
        agent in 0usize..8,
        snoozes in (0u32..5, prop::option::of(0i64..30), prop::option::of(0i64..30), prop::option::of(0i64..30)),
        state in 0u8..3,
        most in prop::option::of(0u32..3),
    ) -> Case {
        let mut case = Case::new();
        let mut switch = switches.into_iter();
        let mut on = || switch.next().unwrap_or(true);
        let mut odd = odd.into_iter();
        let mut rare = || odd.next().unwrap_or(false);
        case.policies.passkeys.enabled = on();
        case.policies.passkeys.self_service = on();
        case.user.enabled = on();
        case.registration_granted = on();
        case.multi_factor = on();
        case.profile().guests = on();
        case.makes_passkeys = on();
        if rare() { case.policies.passkeys.exclude.users = vec![case.user.id]; }
        if rare() { case.user.user_type = UserType::Guest; }
        if rare() { case.policies.passkeys.include.truncate(1); }
        if rare() { restrict(&mut case, RestrictionKind::Allow, &[AUTHENTICATOR]); }
        if rare() { case.profile().attestation = AttestationRule::RegistrationOnly; }
        if rare() { case.profile().types = vec![PasskeyType::Synced]; }
        if rare() { case.just_registered = true; }
        if rare() { case.arrival = Arrival::SingleSignOn { since: ago(Span::days(3)) }; }
        if rare() { case.campaign().silent_first = true; }
        if rare() { case.campaign().replacement = true; }
        if rare() { case.profile().maximum_age_days = Some(20); }
        case.profile().maximum_per_user = most;
        case.standing = standing;
        case.campaign().state = [CampaignState::Default, CampaignState::Enabled, CampaignState::Disabled]
            .into_iter().nth(usize::from(state)).unwrap_or(CampaignState::Enabled);
        let models = [WINDOWS_HELLO, GOOGLE, ICLOUD, AUTHENTICATOR, SOME_MODEL, Uuid::nil()];
        for (model, synced, enabled) in keys {
            let kind = if synced { PasskeyType::Synced } else { PasskeyType::DeviceBound };
            case.add(models.get(model).copied().unwrap_or_default(), kind, &["internal"]);
            case.passkeys.iter_mut().for_each(|one| one.enabled = enabled);
        }
        let agents = [WINDOWS, WINDOWS_EDGE, MAC_CHROME, MAC_SAFARI, IPHONE, ANDROID, LINUX, ANDROID_VIEW];
        case.user_agent = agents.get(agent).copied().unwrap_or(WINDOWS);
        let days = |days: Option<i64>| days.map(|days| ago(Span::days(days)));
        let (count, last, shown, silent) = snoozes;
        case.snoozes = Snoozes { count, last: days(last), shown: days(shown), silent: days(silent) };
        case
    }
}

fn would_be_refused(case: &Case) -> bool {
    let snapshot = Snapshot::compile(1, case.policies.clone(), Arc::default());
    let subject = snapshot.subject(&case.user, &[], &case.groups);
    let registering = register::Situation {
        subject: &subject,
        existing: &case.passkeys,
        standing: case.standing,
        provenance: Provenance::SignInInterrupt,
    };
    register::may_begin(&snapshot, registering, NOW).is_err()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The promise of campaigns: nobody is asked for what registration would then refuse.
    #[test]
    fn nobody_is_asked_for_what_would_be_refused(case in cases()) {
        if case.nudge().campaign().is_some() {
            prop_assert!(!would_be_refused(&case));
        }
    }

    /// So a sign-in may decide from the passkey it has at hand, and read the others only if that says "ask".
    #[test]
    fn another_passkey_never_makes_a_nudge(case in cases(), model in 0usize..4, synced: bool) {
        let before = case.nudge();
        let mut more = case;
        let models = [WINDOWS_HELLO, GOOGLE, ICLOUD, SOME_MODEL];
        let kind = if synced { PasskeyType::Synced } else { PasskeyType::DeviceBound };
        more.add(models.get(model).copied().unwrap_or_default(), kind, &["internal"]);
        if before.campaign().is_none() {
            prop_assert!(more.nudge().campaign().is_none());
        }
    }

    /// Whoever is waved through at a first glance would not have been asked by the whole decision.
    #[test]
    fn a_glimpse_waves_nobody_through_who_would_be_asked(case in cases(), known in 0usize..4) {
        let known = case.passkeys.get(..known.min(case.passkeys.len())).unwrap_or_default();
        if !case.glimpse(known) {
            prop_assert!(case.nudge().campaign().is_none());
        }
    }

    /// What somebody has put off never makes a nudge where there would be none without it.
    #[test]
    fn a_snooze_never_makes_a_nudge(case in cases()) {
        let after = case.nudge();
        let mut fresh = case;
        fresh.snoozes = Snoozes::default();
        if after.campaign().is_some() {
            prop_assert!(fresh.nudge().campaign().is_some());
        }
    }

    /// Emptying the list of snoozes is all that takes back a requirement, and adding one never weakens it.
    #[test]
    fn another_snooze_never_leaves_more(case in cases()) {
        let left = |nudge: Nudge| match nudge {
            Nudge::Required { .. } => Some(0),
            Nudge::Ask { snoozes_left, .. } => snoozes_left,
            Nudge::Silent { .. } | Nudge::None(_) => None,
        };
        let before = left(case.nudge());
        let mut later = case;
        later.snoozes.count = later.snoozes.count.saturating_add(1);
        if let (Some(before), Some(after)) = (before, left(later.nudge())) {
            prop_assert!(after <= before);
        }
    }

    /// Whoever is in at ten percent is in at fifty.
    #[test]
    fn waves_only_grow(user: [u8; 16], campaign: [u8; 16], small in 0u8..=100, large in 0u8..=100) {
        let (small, large) = (small.min(large), small.max(large));
        let wave = |percent| Campaign {
            id: CampaignId::from_bytes(campaign),
            waves: vec![Wave { from: NOW, percent }],
            ..Campaign::of_new_tenant()
        };
        let is_in = |campaign: &Campaign| {
            share(UserId::from_bytes(user), campaign.id) < percent(campaign, NOW)
        };
        prop_assert!(!is_in(&wave(small)) || is_in(&wave(large)));
        prop_assert!(!is_in(&wave(0)) && is_in(&wave(100)));
    }
}
