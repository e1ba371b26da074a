//! 4.5: snoozes and errors; and what Entra has not.

use super::*;

#[test]
fn snoozes_and_errors() {
    check(&[
        (
            "4.5 postponed: not before the period is over",
            |case| {
                case.campaign().snooze_days = 14;
                case.snoozes.count = 1;
                case.snoozes.last = Some(ago(Span::days(13)));
            },
            no(Reason::Snoozed(NOW.plus(Span::days(1)))),
        ),
        (
            "4.5 the first MFA sign-in after the period asks again",
            |case| {
                case.campaign().snooze_days = 14;
                case.snoozes.count = 1;
                case.snoozes.last = Some(ago(Span::days(14)));
            },
            Nudge::Ask {
                campaign: Campaign::DEFAULT,
                snoozes_left: Some(2),
            },
        ),
        (
            "4.1 0 days: asked at every MFA",
            |case| {
                case.campaign().snooze_days = 0;
                case.snoozes.count = 2;
                case.snoozes.last = Some(NOW);
            },
            Nudge::Ask {
                campaign: Campaign::DEFAULT,
                snoozes_left: Some(1),
            },
        ),
        (
            "4.1 snoozeDurationInDays is 14 at most",
            |case| {
                case.campaign().snooze_days = 90;
                case.snoozes.last = Some(ago(Span::days(14)));
            },
            ASKED,
        ),
        (
            "4.1 forced after three snoozes",
            |case| {
                case.campaign().snooze_days = 0;
                case.snoozes.count = 3;
                case.snoozes.last = Some(NOW);
            },
            REQUIRED,
        ),
        (
            "4.5 forced only when the period of the third is over",
            |case| {
                case.snoozes.count = 3;
                case.snoozes.last = Some(NOW);
            },
            no(Reason::Snoozed(NOW.plus(Span::days(1)))),
        ),
        (
            "4.5 closing the browser is a snooze: it counts",
            |case| {
                case.campaign().snooze_days = 0;
                case.snoozes.count = 2;
                case.snoozes.shown = Some(NOW);
            },
            REQUIRED,
        ),
        (
            "4.5 closing the browser is a snooze: it puts off",
            |case| case.snoozes.shown = Some(ago(Span::hours(1))),
            no(Reason::Snoozed(NOW.plus(Span::hours(23)))),
        ),
        (
            "4.5 the count survives a change of campaign",
            |case| {
                case.campaign().id = CampaignId::from_bytes([8; 16]);
                case.snoozes.count = 3;
            },
            Nudge::Required {
                campaign: CampaignId::from_bytes([8; 16]),
            },
        ),
        (
            "4.5 the count survives a change of settings",
            |case| {
                case.campaign().snooze_days = 7;
                case.campaign().limited_snoozes = true;
                case.snoozes.count = 3;
                case.snoozes.last = Some(ago(Span::days(7)));
            },
            REQUIRED,
        ),
        (
            "4.5 the count survives a restart of the campaign",
            |case| {
                case.campaign().starts = Some(NOW);
                case.snoozes.count = 3;
                case.snoozes.last = Some(ago(Span::days(300)));
            },
            REQUIRED,
        ),
        (
            "4.5 strictest: 0 days and limited: the third of three prompts can still be put off",
            |case| {
                case.campaign().snooze_days = 0;
                case.snoozes.count = 2;
                case.snoozes.last = Some(NOW);
            },
            Nudge::Ask {
                campaign: Campaign::DEFAULT,
                snoozes_left: Some(1),
            },
        ),
        (
            "4.5 strictest: then it is mandatory",
            |case| {
                case.campaign().snooze_days = 0;
                case.snoozes.count = 3;
                case.snoozes.last = Some(NOW);
            },
            REQUIRED,
        ),
        (
            "4.5, lifted: the length of a snooze is the campaign's and not the tenant's",
            |case| {
                let other = Campaign {
                    id: CampaignId::from_bytes([8; 16]),
                    snooze_days: 1,
                    ..case.campaign().clone()
                };
                case.campaign().snooze_days = 14;
                case.campaign().who.include = Scope::group(GroupId::from_bytes([7; 16]));
                case.policies.campaigns.push(other);
                case.snoozes.count = 1;
                case.snoozes.last = Some(ago(Span::days(1)));
            },
            Nudge::Ask {
                campaign: CampaignId::from_bytes([8; 16]),
                snoozes_left: Some(2),
            },
        ),
        (
            "4.5 skips after an error do not count, but put off",
            |case| case.snoozes.last = Some(NOW),
            no(Reason::Snoozed(NOW.plus(Span::days(1)))),
        ),
        (
            "4.5 and however many, they never lead to a requirement",
            |case| case.snoozes.last = Some(ago(Span::days(1))),
            ASKED,
        ),
    ]);
}

#[test]
fn beyond_entra() {
    check(&[
        (
            "schedules: not before the start",
            |case| case.campaign().starts = Some(NOW.plus(Span::seconds(1))),
            no(Reason::NotStarted(NOW.plus(Span::seconds(1)))),
        ),
        (
            "schedules: from the start on",
            |case| case.campaign().starts = Some(NOW),
            ASKED,
        ),
        (
            "schedules: not after the end",
            |case| case.campaign().ends = Some(NOW),
            no(Reason::Ended(NOW)),
        ),
        (
            "waves: nobody before the first",
            |case| {
                let from = NOW.plus(Span::seconds(1));
                case.campaign().waves = vec![Wave { from, percent: 100 }];
            },
            no(Reason::LaterWave),
        ),
        (
            "waves: everybody at a hundred percent",
            |case| {
                let (before, now) = (ago(Span::days(1)), NOW);
                case.campaign().waves = vec![
                    Wave {
                        from: now,
                        percent: 100,
                    },
                    Wave {
                        from: before,
                        percent: 0,
                    },
                ];
            },
            ASKED,
        ),
        (
            "several campaigns: the first that wants the person counts",
            |case| {
                let first = Campaign {
                    id: CampaignId::from_bytes([8; 16]),
                    limited_snoozes: false,
                    ..case.campaign().clone()
                };
                case.policies.campaigns.push(first);
            },
            Nudge::Ask {
                campaign: CampaignId::from_bytes([8; 16]),
                snoozes_left: None,
            },
        ),
        (
            "several campaigns: those that are not running are passed over",
            |case| {
                let first = Campaign {
                    id: CampaignId::from_bytes([8; 16]),
                    ends: Some(NOW),
                    ..case.campaign().clone()
                };
                case.policies.campaigns.push(first);
            },
            ASKED,
        ),
        (
            "several campaigns: in the order of their positions",
            |case| {
                let other = Campaign {
                    id: CampaignId::from_bytes([8; 16]),
                    position: 1,
                    ..case.campaign().clone()
                };
                case.policies.campaigns.insert(0, other);
            },
            ASKED,
        ),
        (
            "silent first: nothing is shown at the first occasion",
            |case| case.campaign().silent_first = true,
            Nudge::Silent {
                campaign: Campaign::DEFAULT,
            },
        ),
        (
            "silent first: only in a browser that can",
            |case| {
                case.campaign().silent_first = true;
                case.makes_passkeys = false;
            },
            ASKED,
        ),
        (
            "silent first: the prompt follows when the period is over",
            |case| {
                case.campaign().silent_first = true;
                case.snoozes.silent = Some(ago(Span::days(1)));
            },
            ASKED,
        ),
        (
            "silent first: not before",
            |case| {
                case.campaign().silent_first = true;
                case.snoozes.silent = Some(ago(Span::hours(23)));
            },
            no(Reason::Snoozed(NOW.plus(Span::hours(1)))),
        ),
        (
            "replacement: a passkey near its end does not count",
            |case| {
                case.campaign().replacement = true;
                case.profile().maximum_age_days = Some(30);
                case.profile().warning_days = 30;
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
            },
            ASKED,
        ),
        (
            "replacement: one that ends later does",
            |case| {
                case.campaign().replacement = true;
                case.profile().maximum_age_days = Some(31);
                case.profile().warning_days = 30;
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
            },
            no(Reason::LocalPasskey(FIRST)),
        ),
        (
            "replacement: without it, one near its end does",
            |case| {
                case.profile().maximum_age_days = Some(30);
                case.profile().warning_days = 30;
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
            },
            no(Reason::LocalPasskey(FIRST)),
        ),
        (
            "a passkey past its end never counts",
            |case| {
                case.profile().maximum_age_days = Some(30);
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
                let age = |one: &mut Passkey| one.created = ago(Span::days(31));
                case.passkeys.iter_mut().for_each(age);
            },
            ASKED,
        ),
        (
            "replacement: a model that the metadata calls compromised does not count",
            |case| {
                case.campaign().replacement = true;
                case.add(SOME_MODEL, PasskeyType::DeviceBound, &["usb"]);
                case.model(
                    SOME_MODEL,
                    ModelFacts {
                        status: Some(ModelStatus::Compromised),
                        ..ModelFacts::default()
                    },
                );
            },
            ASKED,
        ),
    ]);
}
