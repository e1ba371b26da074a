use super::*;
use crate::model::{
    AttestationRule, PassUse, PasskeyTarget, PasskeyType, Policies, Role, Scope, User,
};
use crate::samples::*;
use std::sync::Arc;

/// A person under one profile, with one passkey.
struct Case {
    policies: Policies,
    user: User,
    roles: Vec<Role>,
    passkey: Passkey,
    remain: bool,
}

impl Case {
    fn under(change: impl FnOnce(&mut PasskeyProfile)) -> Self {
        let mut profile = profile();
        change(&mut profile);
        Self {
            policies: policies(profile),
            user: user(),
            roles: Vec::new(),
            passkey: passkey(),
            remain: true,
        }
    }

    fn last_way_in(mut self) -> Self {
        self.remain = false;
        self
    }

    fn aged(mut self, days: i64) -> Self {
        self.passkey.created = ago(Span::days(days));
        self
    }

    fn held(mut self, reason: CompromiseReason, measure: Measure) -> Self {
        self.passkey.compromise = Some(Compromise {
            since: ago(Span::days(3)),
            reason,
            measure,
        });
        self
    }

    fn with<T>(&self, question: impl FnOnce(&Snapshot, &Subject<'_>) -> T) -> T {
        let snapshot = Snapshot::compile(1, self.policies.clone(), Arc::default());
        let subject = snapshot.subject(&self.user, &self.roles, &[]);
        question(&snapshot, &subject)
    }

    fn grace(&self) -> bool {
        self.with(|snapshot, subject| {
            grace(snapshot, subject, &self.passkey, self.remain, NOW).is_some()
        })
    }

    fn warning(&self) -> Option<Timestamp> {
        let end = self.with(|snapshot, subject| warning(snapshot, subject, &self.passkey, NOW));
        end.map(|end| end.at)
    }

    fn ended(&self) -> Option<Ending> {
        self.with(|snapshot, subject| ended(snapshot, subject, &self.passkey, NOW))
    }

    fn news(&self, steps: &[Step]) -> Option<News> {
        self.with(|snapshot, subject| news(snapshot, subject, &self.passkey, steps, NOW))
    }

    fn outlook(&self) -> Outlook {
        self.with(|snapshot, subject| outlook(snapshot, subject, &self.passkey, NOW))
    }

    fn review(&self, finding: Finding) -> Vec<Step> {
        self.with(|snapshot, subject| {
            review(snapshot, subject, &self.passkey, finding, self.remain, NOW)
        })
    }

    /// What follows when the model is found to be compromised.
    fn fallen(&self) -> Vec<Step> {
        self.review(fallen(CompromiseReason::ModelCompromised))
    }

    fn remains(&self, ways: Ways<'_>) -> bool {
        self.with(|snapshot, subject| ways.remain_without(snapshot, subject, self.passkey.id, NOW))
    }
}

fn fallen(reason: CompromiseReason) -> Finding {
    Finding {
        model: Some(reason),
        attestation: None,
    }
}

fn mark(since: Timestamp, measure: Measure) -> Vec<Step> {
    vec![Step::Mark(Compromise {
        since,
        reason: CompromiseReason::ModelCompromised,
        measure,
    })]
}

const LOST: Attested = Attested {
    level: AttestationLevel::NotAttested,
    root: None,
};

fn lost() -> Finding {
    Finding {
        model: None,
        attestation: Some(LOST),
    }
}

#[test]
fn the_last_way_in_is_a_usable_one_without_another() {
    let nothing: Ways<'_> = Ways {
        passkeys: &[],
        password: false,
        code: false,
        pass: None,
    };
    let last = |case: &Case, ways: Ways<'_>| {
        case.with(|snapshot, subject| ways.is_last(snapshot, subject, &case.passkey, NOW))
    };
    let case = Case::under(|profile| profile.types = vec![PasskeyType::DeviceBound]);
    assert!(last(&case, nothing));
    let mut other = passkey();
    other.id = PasskeyId::from_bytes([0x77; 16]);
    let ways = |others: &[Passkey], asked: &Case| {
        let ways = Ways {
            passkeys: others,
            ..nothing
        };
        last(asked, ways)
    };
    assert!(!ways(&[other.clone()], &case));
    // What policy refuses is nobody's way in.
    other.passkey_type = PasskeyType::Synced;
    assert!(ways(&[other.clone()], &case));
    // So it can be deleted itself, whatever else there is.
    let mut refused = Case::under(|profile| profile.types = vec![PasskeyType::DeviceBound]);
    refused.passkey.passkey_type = PasskeyType::Synced;
    assert!(!last(&refused, nothing));
    // Past its end it still lets its owner in to be replaced.
    let old = Case::under(|profile| profile.maximum_age_days = Some(10)).aged(20);
    assert!(last(&old, nothing));
}

#[test]
fn a_fallen_model_is_dealt_with_by_the_rule_of_the_profile() {
    for (rule, measure) in [
        (CompromiseRule::Quarantine, Measure::Quarantine),
        (CompromiseRule::StepUp, Measure::StepUp),
        (CompromiseRule::Report, Measure::Report),
    ] {
        let case = Case::under(|profile| profile.on_compromise = rule);
        assert_eq!(case.fallen(), mark(NOW, measure));
    }
}

#[test]
fn of_several_rules_the_mildest_counts() {
    let mut case = Case::under(|_| ());
    let mild = PasskeyProfile {
        on_compromise: CompromiseRule::Report,
        ..PasskeyProfile::open(Policies::ROLE_HOLDERS, "Second")
    };
    case.policies.passkeys.include.push(PasskeyTarget {
        who: Scope::everyone(),
        except: Scope::default(),
        registration_required: false,
        profiles: vec![mild.id],
    });
    case.policies.passkeys.profiles.push(mild);
    assert_eq!(case.fallen(), mark(NOW, Measure::Report));
}

#[test]
fn the_last_way_in_is_never_taken_without_a_pass() {
    for rule in [CompromiseRule::Quarantine, CompromiseRule::StepUp] {
        let case = Case::under(|profile| profile.on_compromise = rule).last_way_in();
        assert_eq!(case.fallen(), mark(NOW, Measure::PassFirst));
    }
    let report = Case::under(|profile| profile.on_compromise = CompromiseRule::Report);
    assert_eq!(report.last_way_in().fallen(), mark(NOW, Measure::Report));
}

#[test]
fn of_several_bad_passkeys_the_one_used_last_stays() {
    let case = Case::under(|_| ());
    let other = |number, days| Passkey {
        id: PasskeyId::from_bytes([number; 16]),
        created: ago(Span::days(99)),
        last_used: Some(ago(Span::days(days))),
        ..passkey()
    };
    let passkeys = [other(1, 2), other(2, 1), other(3, 3)];
    let ways = Ways {
        passkeys: &passkeys,
        password: false,
        code: false,
        pass: None,
    };
    let findings = [fallen(CompromiseReason::ModelCompromised); 3];
    let reviewed =
        case.with(|snapshot, subject| review_all(snapshot, subject, ways, &findings, NOW));
    let measures: Vec<_> = reviewed
        .iter()
        .map(|(passkey, steps)| (passkey.id.as_bytes()[0], steps.clone()))
        .collect();
    let quarantine = || mark(NOW, Measure::Quarantine);
    let expected = [
        (3, quarantine()),
        (1, quarantine()),
        (2, mark(NOW, Measure::PassFirst)),
    ];
    assert_eq!(measures, expected);
}

#[test]
fn once_there_is_another_way_the_rule_holds() {
    let waiting = Case::under(|_| ()).held(CompromiseReason::ModelCompromised, Measure::PassFirst);
    let since = ago(Span::days(3));
    assert_eq!(waiting.fallen(), mark(since, Measure::Quarantine));
    assert_eq!(waiting.last_way_in().fallen(), []);
}

#[test]
fn what_was_taken_is_not_given_back_because_the_other_way_is_gone() {
    let held = |measure| {
        Case::under(|_| ())
            .held(CompromiseReason::ModelCompromised, measure)
            .last_way_in()
    };
    assert_eq!(held(Measure::Quarantine).fallen(), []);
    assert_eq!(held(Measure::StepUp).fallen(), []);
    let worse = held(Measure::Quarantine).review(fallen(CompromiseReason::ModelRevoked));
    let expected = Compromise {
        since: NOW,
        reason: CompromiseReason::ModelRevoked,
        measure: Measure::Quarantine,
    };
    assert_eq!(worse, [Step::Mark(expected)]);
}

#[test]
fn a_model_that_heals_is_forgiven() {
    for measure in Measure::ALL {
        let case = Case::under(|_| ()).held(CompromiseReason::ModelCompromised, *measure);
        assert_eq!(case.review(Finding::default()), [Step::Clear]);
    }
    assert_eq!(Case::under(|_| ()).review(Finding::default()), []);
}

#[test]
fn what_an_administrator_released_stays_released_until_other_news() {
    let case = Case::under(|_| ()).held(CompromiseReason::ModelCompromised, Measure::Released);
    assert_eq!(case.fallen(), []);
    let other = case.review(fallen(CompromiseReason::ModelRevoked));
    let expected = Compromise {
        since: NOW,
        reason: CompromiseReason::ModelRevoked,
        measure: Measure::Quarantine,
    };
    assert_eq!(other, [Step::Mark(expected)]);
}

#[test]
fn a_review_that_changes_nothing_says_nothing() {
    let case = Case::under(|_| ()).held(CompromiseReason::ModelCompromised, Measure::Quarantine);
    assert_eq!(case.fallen(), []);
}

#[test]
fn emergency_accounts_are_reported_only() {
    let mut case = Case::under(|_| ());
    case.user.break_glass = true;
    assert_eq!(case.fallen(), mark(NOW, Measure::Report));
}

#[test]
fn a_lost_attestation_is_written_down_unless_it_locks_somebody_out() {
    let always = |profile: &mut PasskeyProfile| profile.attestation = AttestationRule::Always;
    let written = [Step::Attest(LOST)];
    assert_eq!(Case::under(always).review(lost()), written);
    let once = Case::under(|_| ()).last_way_in();
    assert_eq!(once.review(lost()), written, "nothing depends on it");
    let last = Case::under(always).last_way_in();
    let waits = Compromise {
        since: NOW,
        reason: CompromiseReason::AttestationLost,
        measure: Measure::PassFirst,
    };
    assert_eq!(last.review(lost()), [Step::Mark(waits)]);
    let waiting = Case::under(always).held(CompromiseReason::AttestationLost, Measure::PassFirst);
    assert_eq!(waiting.review(lost()), [Step::Attest(LOST), Step::Clear]);
    assert_eq!(waiting.last_way_in().review(lost()), []);
}

#[test]
fn an_attestation_that_is_trusted_now_is_written_down() {
    let mut case = Case::under(|_| ());
    case.passkey.attestation_level = AttestationLevel::NotAttested;
    case.passkey.attestation_root = None;
    let found = Attested {
        level: AttestationLevel::Attested,
        root: Some(Sha256::from_bytes(ROOT)),
    };
    let finding = Finding {
        model: None,
        attestation: Some(found),
    };
    assert_eq!(case.review(finding), [Step::Attest(found)]);
}

#[test]
fn other_ways_in_are_what_one_could_really_use() {
    let case = Case::under(|_| ());
    let own = [passkey()];
    let nothing = Ways {
        passkeys: &own,
        password: false,
        code: false,
        pass: None,
    };
    assert!(!case.remains(nothing));
    let other = Passkey {
        id: PasskeyId::from_bytes([77; 16]),
        ..passkey()
    };
    let two = [passkey(), other.clone()];
    let with_two = |passkeys: &[Passkey]| {
        case.remains(Ways {
            passkeys,
            ..nothing
        })
    };
    assert!(with_two(&two));
    for spoiled in [
        Passkey {
            enabled: false,
            ..other.clone()
        },
        Passkey {
            suspected_clone: Some(NOW),
            ..other.clone()
        },
        Passkey {
            compromise: Some(Compromise {
                since: NOW,
                reason: CompromiseReason::ModelRevoked,
                measure: Measure::Quarantine,
            }),
            ..other.clone()
        },
    ] {
        assert!(!with_two(&[passkey(), spoiled]));
    }
    let synced = Passkey {
        passkey_type: PasskeyType::Synced,
        ..other
    };
    let bound = Case::under(|profile| profile.types = vec![PasskeyType::DeviceBound]);
    let refused = [passkey(), synced];
    assert!(!bound.remains(Ways {
        passkeys: &refused,
        ..nothing
    }));
    let password = Ways {
        password: true,
        ..nothing
    };
    assert!(case.remains(password));
    let mut reader = Case::under(|_| ());
    reader.roles = vec![Role::GlobalReader];
    assert!(!reader.remains(password));
    assert!(reader.remains(Ways {
        code: true,
        ..password
    }));
}

#[test]
fn a_pass_is_a_way_in_while_it_can_be_used() {
    let case = Case::under(|_| ());
    let with = |case: &Case, pass: &TemporaryAccessPass| {
        case.remains(Ways {
            passkeys: &[],
            password: false,
            code: false,
            pass: Some(pass),
        })
    };
    let good = pass(PassUse::Once);
    assert!(with(&case, &good));
    let used = TemporaryAccessPass {
        used: Some(NOW),
        ..pass(PassUse::Once)
    };
    assert!(!with(&case, &used));
    let mut without_passes = Case::under(|_| ());
    without_passes.policies.passes.enabled = false;
    assert!(!with(&without_passes, &good));
}

#[test]
fn a_passkey_past_its_end_signs_in_only_to_be_replaced() {
    let old = |grace_days| {
        move |profile: &mut PasskeyProfile| {
            profile.maximum_age_days = Some(10);
            profile.grace_days = grace_days;
        }
    };
    assert!(!Case::under(old(0)).aged(10).grace());
    assert!(Case::under(old(5)).aged(10).grace());
    assert!(Case::under(old(5)).aged(14).grace());
    assert!(!Case::under(old(5)).aged(15).grace());
    assert!(Case::under(old(0)).aged(400).last_way_in().grace());
    let idle = Case::under(|profile| profile.idle_days = Some(3));
    assert!(idle.aged(9).last_way_in().grace());
}

#[test]
fn grace_is_for_age_only() {
    let case = Case::under(|profile| {
        profile.maximum_age_days = Some(10);
        profile.types = vec![PasskeyType::Synced];
    });
    assert!(!case.aged(20).last_way_in().grace());
    let barred = Case::under(|profile| profile.maximum_age_days = Some(10));
    let mut barred = barred.aged(20).last_way_in();
    barred.policies.passkeys.exclude = Scope::everyone();
    assert!(!barred.grace());
}

#[test]
fn owners_are_warned_before_the_end() {
    let ending = |warning_days| {
        move |profile: &mut PasskeyProfile| {
            profile.maximum_age_days = Some(100);
            profile.warning_days = warning_days;
        }
    };
    assert_eq!(Case::under(ending(30)).aged(69).warning(), None);
    let end = ago(Span::days(70)).plus(Span::days(100));
    assert_eq!(Case::under(ending(30)).aged(70).warning(), Some(end));
    assert_eq!(
        Case::under(ending(30)).aged(100).warning(),
        None,
        "too late"
    );
    assert_eq!(Case::under(|_| ()).aged(9_000).warning(), None);
}

#[test]
fn a_passkey_lives_as_long_as_the_most_generous_profile() {
    let mut case = Case::under(|profile| profile.maximum_age_days = Some(100)).aged(95);
    assert!(case.warning().is_some());
    let generous = PasskeyProfile::open(Policies::ROLE_HOLDERS, "Second");
    for target in &mut case.policies.passkeys.include {
        target.profiles.push(generous.id);
    }
    case.policies.passkeys.profiles.push(generous);
    assert_eq!(case.warning(), None);
}

#[test]
fn the_rule_that_ends_a_passkey_is_named() {
    let by = |age, idle| {
        let case = Case::under(|profile| {
            profile.maximum_age_days = age;
            profile.idle_days = idle;
        });
        let end = case.aged(9).with(|snapshot, subject| {
            let mut passkey = passkey();
            passkey.created = ago(Span::days(9));
            warning(snapshot, subject, &passkey, NOW)
        });
        end.map(|end| end.rule)
    };
    assert_eq!(by(Some(10), None), Some(Rule::MaximumAge));
    assert_eq!(by(None, Some(10)), Some(Rule::Idle));
    assert_eq!(by(Some(10), Some(11)), Some(Rule::MaximumAge));
    assert_eq!(by(Some(11), Some(10)), Some(Rule::Idle));
    // Where using it would not help, nobody is told to use it.
    assert_eq!(by(Some(10), Some(10)), Some(Rule::MaximumAge));
}

#[test]
fn an_end_that_has_come_is_told_with_the_days_of_grace() {
    let old = |profile: &mut PasskeyProfile| {
        profile.maximum_age_days = Some(10);
        profile.grace_days = 5;
    };
    assert_eq!(Case::under(old).aged(9).ended(), None);
    let end = NOW;
    assert_eq!(
        Case::under(old).aged(10).ended(),
        Some(Ending {
            at: end,
            rule: Rule::MaximumAge,
            replaced_until: end.plus(Span::days(5)),
        })
    );
    let other = Case::under(|profile| {
        profile.maximum_age_days = Some(10);
        profile.types = vec![PasskeyType::Synced];
    });
    assert_eq!(other.aged(20).ended(), None, "more than age keeps it out");
}

#[test]
fn owners_hear_what_changes_for_them() {
    let marked = |measure| {
        let reason = CompromiseReason::ModelCompromised;
        [Step::Mark(Compromise {
            since: NOW,
            reason,
            measure,
        })]
    };
    let fresh = || Case::under(|_| ());
    let held = |measure| fresh().held(CompromiseReason::ModelRevoked, measure);
    use Measure::{PassFirst, Quarantine, Released, Report, StepUp};
    for (was, is, told) in [
        (None, Quarantine, Some(News::Quarantined)),
        (None, StepUp, Some(News::StepUp)),
        (None, PassFirst, Some(News::PassFirst)),
        (None, Report, None),
        // The same for another reason is no news.
        (Some(Quarantine), Quarantine, None),
        (Some(PassFirst), PassFirst, None),
        (Some(PassFirst), Quarantine, Some(News::Quarantined)),
        (Some(Quarantine), StepUp, Some(News::StepUp)),
        (Some(Quarantine), Released, Some(News::Released)),
        (Some(StepUp), Released, Some(News::Released)),
        (Some(Quarantine), Report, Some(News::Released)),
        (Some(Report), Released, None),
    ] {
        let case = was.map_or_else(fresh, held);
        assert_eq!(case.news(&marked(is)), told, "{was:?} {is:?}");
    }
    assert_eq!(held(Quarantine).news(&[Step::Clear]), Some(News::Released));
    assert_eq!(held(Report).news(&[Step::Clear]), None);
}

#[test]
fn owners_hear_when_an_attestation_decides() {
    let under = |rule| Case::under(|profile| profile.attestation = rule);
    let lost = [Step::Attest(LOST)];
    assert_eq!(
        under(AttestationRule::Always).news(&lost),
        Some(News::Refused)
    );
    // Nobody asks for it at a sign-in, so nothing changes.
    assert_eq!(under(AttestationRule::RegistrationOnly).news(&lost), None);
    let mut without = under(AttestationRule::Always);
    without.passkey.attestation_level = AttestationLevel::NotAttested;
    let won = [Step::Attest(Attested {
        level: AttestationLevel::Attested,
        root: None,
    })];
    assert_eq!(without.news(&won), Some(News::Released));
    // One letter for both: in quarantine it is refused anyway.
    let both = [lost.to_vec(), mark(NOW, Measure::Quarantine)].concat();
    assert_eq!(
        under(AttestationRule::Always).news(&both),
        Some(News::Quarantined)
    );
    let mut disabled = under(AttestationRule::Always);
    disabled.passkey.enabled = false;
    assert_eq!(disabled.news(&lost), None, "it was refused before");
}

#[test]
fn the_outlook_says_how_a_passkey_stands() {
    let case = Case::under(|profile| profile.maximum_age_days = Some(100));
    assert_eq!(case.outlook(), Outlook::Good);
    let ending = Case::under(|profile| profile.maximum_age_days = Some(100)).aged(99);
    assert_eq!(ending.outlook(), Outlook::Ends(NOW.plus(Span::days(1))));
    let over = Case::under(|profile| profile.maximum_age_days = Some(100)).aged(100);
    assert_eq!(over.outlook(), Outlook::Refused(Denial::PasskeyTooOld));
    let held = |measure| {
        let case = Case::under(|_| ());
        case.held(CompromiseReason::ModelCompromised, measure)
            .outlook()
    };
    assert_eq!(held(Measure::Quarantine), Outlook::Quarantined);
    assert_eq!(held(Measure::StepUp), Outlook::InDoubt);
    assert_eq!(held(Measure::PassFirst), Outlook::InDoubt);
    assert_eq!(held(Measure::Report), Outlook::Good);
    assert_eq!(held(Measure::Released), Outlook::Good);
}
