use super::{Faults, MAX_CAMPAIGNS, Names, Rule, scope};
use crate::model::{Campaign, CampaignState, PassPolicy, PasskeyAvailability, Policies};

/// Minutes a pass may live, as Entra has them.
const PASS_MINUTES: (u32, u32) = (10, 43_200);
/// Characters of a pass, as Entra has them.
const PASS_LENGTH: (u32, u32) = (8, 48);
/// Characters of a reason that is shown to people.
const MAX_REASON: usize = 300;
/// Days of a snooze, as Entra has them.
const SNOOZE_DAYS: (u32, u32) = (0, 14);

pub(super) fn check_passes(one: &PassPolicy, known: &Names, faults: &mut Faults) {
    scope::check_assignment(&one.who, "who", known, faults);
    faults.range(one.length, PASS_LENGTH.0, PASS_LENGTH.1, "length");
    for (minutes, field) in [
        (one.minimum_minutes, "minimumMinutes"),
        (one.maximum_minutes, "maximumMinutes"),
        (one.default_minutes, "defaultMinutes"),
    ] {
        faults.range(minutes, PASS_MINUTES.0, PASS_MINUTES.1, field);
    }
    let usual = one.minimum_minutes..=one.maximum_minutes;
    let crossed = !usual.contains(&one.default_minutes);
    faults.add_if(crossed, "defaultMinutes", Rule::LifetimesCrossed);
}

/// People who are refused are told the reason, so there has to be one.
pub(super) fn check_availability(one: &PasskeyAvailability, faults: &mut Faults) {
    let silent = !one.available && one.reason.trim().is_empty();
    faults.add_if(silent, "reason", Rule::ReasonMissing);
    faults.text(&one.reason, MAX_REASON, "reason");
}

pub(super) fn check_campaign(after: &Policies, one: &Campaign, known: &Names, faults: &mut Faults) {
    faults.count(&after.campaigns, MAX_CAMPAIGNS, "");
    let others = after.campaigns.iter().filter(|other| other.id != one.id);
    faults.name(&one.name, others.map(|other| other.name.as_str()), "name");
    let nobody = one.who.include.is_empty() && one.state != CampaignState::Disabled;
    faults.add_if(nobody, "who.include", Rule::NobodyIncluded);
    scope::check_assignment(&one.who, "who", known, faults);
    faults.range(one.snooze_days, SNOOZE_DAYS.0, SNOOZE_DAYS.1, "snoozeDays");
    let ended = one
        .starts
        .zip(one.ends)
        .is_some_and(|(starts, ends)| ends <= starts);
    faults.add_if(ended, "ends", Rule::EndsBeforeStart);
    check_waves(one, faults);
}

fn check_waves(one: &Campaign, faults: &mut Faults) {
    faults.count(&one.waves, MAX_CAMPAIGNS, "waves");
    for (number, wave) in one.waves.iter().enumerate() {
        let at = format!("waves[{number}]");
        faults.range(u32::from(wave.percent), 0, 100, &format!("{at}.percent"));
        let before = number
            .checked_sub(1)
            .and_then(|before| one.waves.get(before));
        let late = before.is_some_and(|before| wave.from <= before.from);
        faults.add_if(late, &format!("{at}.from"), Rule::WavesUnordered);
    }
}
