//! 4.2 and 4.3: states, profiles, and when the prompt appears.

use super::*;

#[test]
fn states() {
    check(&[
        ("4.2 enabled: asked, three snoozes left", |_| {}, ASKED),
        (
            "4.1 disabled: never",
            |case| case.campaign().state = CampaignState::Disabled,
            no(Reason::Disabled),
        ),
        ("4.2 managed, passkey: unlimited snoozes", managed, FOR_EVER),
        (
            "4.2 managed: its own settings, whatever the object says",
            |case| {
                managed(case);
                case.campaign().snooze_days = 14;
                case.snoozes.count = 9;
                case.snoozes.last = Some(ago(Span::days(1)));
            },
            FOR_EVER,
        ),
        (
            "4.2 managed: asks again after one day",
            |case| {
                managed(case);
                case.snoozes.last = Some(ago(Span::hours(23)));
            },
            no(Reason::Snoozed(NOW.plus(Span::hours(1)))),
        ),
        (
            "4.1 enforceRegistrationAfterAllowedSnoozes = false: unlimited",
            |case| {
                case.campaign().limited_snoozes = false;
                case.snoozes.count = 9;
            },
            FOR_EVER,
        ),
        (
            "4.2 include is configurable",
            |case| case.campaign().who.include = Scope::group(GroupId::from_bytes([7; 16])),
            no(Reason::NotTargeted),
        ),
        (
            "4.1 includeTargets: member of an included group",
            |case| {
                case.campaign().who.include = Scope::group(GroupId::from_bytes([7; 16]));
                case.groups = vec![GroupId::from_bytes([7; 16])];
            },
            ASKED,
        ),
        (
            "4.1 excludeTargets: exclude wins",
            |case| case.campaign().who.exclude.users = vec![samples::user().id],
            no(Reason::NotTargeted),
        ),
    ]);
}

#[test]
fn profiles_that_the_managed_state_asks_under() {
    check(&[
        ("4.2 eligible: unrestricted", managed, FOR_EVER),
        (
            "4.2 eligible: synced only without key restrictions",
            |case| {
                managed(case);
                case.profile().types = vec![PasskeyType::Synced];
            },
            FOR_EVER,
        ),
        (
            "4.2 eligible: device-bound only without key restrictions",
            |case| {
                managed(case);
                case.profile().types = vec![PasskeyType::DeviceBound];
            },
            FOR_EVER,
        ),
        (
            "4.2 eligible: allow list with iCloud Keychain, others may be listed too",
            |case| {
                managed(case);
                restrict(case, RestrictionKind::Allow, &[SOME_MODEL, ICLOUD]);
            },
            FOR_EVER,
        ),
        (
            "4.2 eligible: allow list with Google Password Manager",
            |case| {
                managed(case);
                restrict(case, RestrictionKind::Allow, &[GOOGLE]);
            },
            FOR_EVER,
        ),
        (
            "4.2 eligible: allow list with the Microsoft Authenticator passkey",
            |case| {
                managed(case);
                restrict(case, RestrictionKind::Allow, &[AUTHENTICATOR]);
            },
            FOR_EVER,
        ),
        (
            "4.2 eligible: allow list with the Entra passkey on Windows",
            |case| {
                managed(case);
                restrict(case, RestrictionKind::Allow, &[WINDOWS_HELLO]);
            },
            FOR_EVER,
        ),
        (
            "4.2 not eligible: allow list without the four",
            |case| {
                managed(case);
                restrict(case, RestrictionKind::Allow, &[SOME_MODEL]);
            },
            no(Reason::NotEligible),
        ),
        (
            "4.2 enabled: no eligibility check, any profile qualifies",
            |case| restrict(case, RestrictionKind::Allow, &[SOME_MODEL]),
            ASKED,
        ),
        (
            "4.2 the type must fit the provider: synced for iCloud Keychain",
            |case| {
                managed(case);
                case.profile().types = vec![PasskeyType::DeviceBound];
                restrict(case, RestrictionKind::Allow, &[ICLOUD, GOOGLE]);
            },
            no(Reason::NotEligible),
        ),
        (
            "4.2 the type must fit the provider: device-bound for Authenticator and Windows",
            |case| {
                managed(case);
                case.profile().types = vec![PasskeyType::Synced];
                let list = [AUTHENTICATOR, WINDOWS_HELLO];
                restrict(case, RestrictionKind::Allow, &list);
            },
            no(Reason::NotEligible),
        ),
        (
            "4.2 eligible: a block list that leaves one of the four",
            |case| {
                managed(case);
                restrict(case, RestrictionKind::Block, &[SOME_MODEL, ICLOUD]);
            },
            FOR_EVER,
        ),
        (
            "limit 13 lifted: a block list with all of the four counts",
            |case| {
                managed(case);
                let named = eligible::NAMED.iter();
                let all: Vec<_> = named.flat_map(|(one, _)| one.aaguids()).collect();
                restrict(case, RestrictionKind::Block, &all);
            },
            no(Reason::NotEligible),
        ),
        (
            "4.2 eligible: device-bound with attestation, key restrictions not looked at",
            |case| {
                managed(case);
                case.profile().types = vec![PasskeyType::DeviceBound];
                case.profile().attestation = AttestationRule::RegistrationOnly;
                restrict(case, RestrictionKind::Allow, &[SOME_MODEL]);
            },
            FOR_EVER,
        ),
        (
            "4.2 not eligible: attested and synced only",
            |case| {
                managed(case);
                case.profile().types = vec![PasskeyType::Synced];
                case.profile().attestation = AttestationRule::RegistrationOnly;
            },
            no(Reason::NotEligible),
        ),
        (
            "beyond: roots of one's own vouch for none of the four",
            |case| {
                managed(case);
                case.profile().roots = vec![Sha256::from_bytes([1; 32])];
            },
            no(Reason::NotEligible),
        ),
        (
            "beyond: post-quantum keys only",
            |case| {
                managed(case);
                case.profile().post_quantum_only = true;
            },
            no(Reason::NotEligible),
        ),
        (
            "beyond: a query that none of the four satisfies",
            |case| {
                managed(case);
                case.profile().models = Some(ModelQuery {
                    vendors: vec!["Example".to_owned()],
                    ..ModelQuery::default()
                });
            },
            no(Reason::NotEligible),
        ),
        (
            "beyond: a query that one of the four satisfies",
            |case| {
                managed(case);
                case.model(
                    GOOGLE,
                    ModelFacts {
                        vendor: "Google".to_owned(),
                        ..ModelFacts::default()
                    },
                );
                case.profile().models = Some(ModelQuery {
                    vendors: vec!["google".to_owned()],
                    ..ModelQuery::default()
                });
            },
            FOR_EVER,
        ),
        (
            "4.2 one eligible profile is enough",
            |case| {
                managed(case);
                restrict(case, RestrictionKind::Allow, &[SOME_MODEL]);
                let id = ProfileId::from_bytes([9; 16]);
                let open = PasskeyProfile::open(id, "Open");
                case.policies.passkeys.profiles.push(open);
                for target in &mut case.policies.passkeys.include {
                    target.profiles.push(id);
                }
            },
            FOR_EVER,
        ),
    ]);
}

#[test]
fn when_the_prompt_appears() {
    check(&[
        (
            "4.3 after a sign-in with MFA: not after one factor",
            |case| case.multi_factor = false,
            no(Reason::OneFactor),
        ),
        (
            "4.3 any MFA method: a pass",
            |case| {
                case.standing = Standing::Pass {
                    at: NOW,
                    usable: PassUse::Once,
                    ends: NOW.plus(Span::hours(1)),
                };
            },
            ASKED,
        ),
        (
            "4.3 precondition: method enabled",
            |case| case.policies.passkeys.enabled = false,
            no(Reason::Refused(Denial::PasskeysOff)),
        ),
        (
            "4.3 precondition: self-service on",
            |case| case.policies.passkeys.self_service = false,
            no(Reason::Refused(Denial::SelfServiceOff)),
        ),
        (
            "4.3 precondition: in scope of the method",
            |case| case.policies.passkeys.include.clear(),
            no(Reason::Refused(Denial::NoPasskeyProfile)),
        ),
        (
            "1.2 exclude beats include: barred from the method",
            |case| case.policies.passkeys.exclude.users = vec![samples::user().id],
            no(Reason::Refused(Denial::PasskeysBarred)),
        ),
        (
            "4.3 precondition: in scope of the campaign",
            |case| case.policies.campaigns.clear(),
            no(Reason::NotTargeted),
        ),
        (
            "1.2 two factors within five minutes, or registering would be refused",
            |case| case.standing = Standing::Mfa(ago(Span::minutes(6))),
            no(Reason::Refused(Denial::FreshMfaRequired)),
        ),
        (
            "4.3 not shown: a session that was there already",
            |case| case.arrival = Arrival::SingleSignOn { since: NOW },
            no(Reason::SingleSignOn),
        ),
        (
            "limit 12 lifted: single sign-on, where the campaign says so",
            |case| {
                case.arrival = Arrival::SingleSignOn { since: NOW };
                case.campaign().single_sign_on = true;
            },
            ASKED,
        ),
        (
            "single sign-on: once in a session, however short the snooze",
            |case| {
                case.arrival = Arrival::SingleSignOn {
                    since: ago(Span::hours(2)),
                };
                case.campaign().single_sign_on = true;
                case.campaign().snooze_days = 0;
                case.snoozes.last = Some(ago(Span::hours(1)));
            },
            no(Reason::AskedInSession),
        ),
        (
            "single sign-on: what was put off before it counts as everywhere",
            |case| {
                case.arrival = Arrival::SingleSignOn {
                    since: ago(Span::hours(1)),
                };
                case.campaign().single_sign_on = true;
                case.snoozes.last = Some(ago(Span::days(1)));
            },
            ASKED,
        ),
        (
            "4.3 not shown: another method was just registered in this session",
            |case| case.just_registered = true,
            no(Reason::JustRegistered),
        ),
        (
            "4.3 not shown: conditional access blocks registering security information",
            |case| case.registration_granted = false,
            no(Reason::RegistrationBlocked),
        ),
        (
            "4.3 not shown: browser views embedded in Windows settings",
            |case| case.user_agent = WINDOWS_VIEW,
            no(Reason::EmbeddedView),
        ),
        (
            "4.3 not shown: Android native apps",
            |case| case.user_agent = ANDROID_VIEW,
            no(Reason::EmbeddedView),
        ),
        (
            "4.3 iOS native apps are supported",
            |case| case.user_agent = IPHONE_VIEW,
            ASKED,
        ),
        (
            "4.3 mobile browsers are supported",
            |case| case.user_agent = ANDROID,
            ASKED,
        ),
        (
            "limit 12 lifted: Linux",
            |case| case.user_agent = LINUX,
            ASKED,
        ),
        (
            "4.3 not shown: Linux, where the campaign leaves it out",
            |case| {
                case.user_agent = LINUX;
                case.campaign().not_on_linux = true;
            },
            no(Reason::Linux),
        ),
        (
            "4.3 not shown: guests, where no profile is for them",
            |case| {
                case.user.user_type = UserType::Guest;
                case.profile().guests = false;
            },
            no(Reason::Refused(Denial::PasskeysNotForGuests)),
        ),
        (
            "limit 1 lifted: guests with a profile for guests",
            |case| case.user.user_type = UserType::Guest,
            ASKED,
        ),
        (
            "emergency accounts are never held up",
            |case| case.user.break_glass = true,
            no(Reason::BreakGlass),
        ),
    ]);
}
