//! What became of a campaign's prompts, as its page shows it: totals, and the same by browser, provider and reason.

use std::collections::BTreeMap;

use policy::campaign::{Count, Outcome, Provider};
use policy::model::device_label;

use super::messages::Text;

/// A bar of the chart, with the numbers that stand beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What.
    pub label: String,
    /// How often.
    pub count: i64,
    /// Of all prompts, in percent.
    pub percent: i64,
    /// Its place from above, in the chart's units.
    pub y: i64,
}

/// One browser on one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// As claimed.
    pub device: String,
    /// Prompts shown.
    pub shown: i64,
    /// Passkeys registered.
    pub accepted: i64,
    /// Put off.
    pub snoozed: i64,
    /// Left after an error.
    pub error_skipped: i64,
    /// Of those shown, in percent.
    pub percent: i64,
}

/// Something counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedCount {
    /// What.
    pub label: String,
    /// Its stable code, where it has one.
    pub code: Option<String>,
    /// How often.
    pub count: i64,
}

/// Everything that is shown of a funnel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Funnel {
    /// Prompts shown.
    pub shown: i64,
    /// The chart, and the table beside it.
    pub bars: Vec<Bar>,
    /// By browser and system, the most prompts first.
    pub devices: Vec<DeviceRow>,
    /// Passkeys by who keeps them, the most first.
    pub providers: Vec<NamedCount>,
    /// Errors and refusals, the most first.
    pub troubles: Vec<NamedCount>,
    /// Browsers asked to make a passkey silently.
    pub silent_offered: i64,
    /// And those that did.
    pub silent_made: i64,
}

/// Units between one bar of the chart and the next.
const BAR: i64 = 28;

impl Funnel {
    /// Adds up what was counted.
    pub fn of(text: Text, counts: &[Count]) -> Self {
        let total = |outcome| sum(counts.iter().filter(|one| one.outcome == outcome));
        let shown = total(Outcome::Shown);
        let (accepted, snoozed) = (total(Outcome::Accepted), total(Outcome::Snoozed));
        let skipped = total(Outcome::ErrorSkipped);
        // Whoever closed the browser left no count behind; it becomes a snooze at the next sign-in.
        let silence = (shown - accepted - snoozed - skipped).max(0);
        let bars = [
            ("funnel-shown", shown),
            ("funnel-accepted", accepted),
            ("funnel-snoozed", snoozed),
            ("funnel-error-skipped", skipped),
            ("funnel-unanswered", silence),
        ];
        Self {
            shown,
            bars: (0..)
                .zip(bars)
                .map(|(place, (label, count))| Bar {
                    label: text.say(label).into_owned(),
                    count,
                    percent: percent(count, shown),
                    y: place * BAR,
                })
                .collect(),
            devices: devices(text, counts),
            providers: providers(text, counts),
            troubles: troubles(text, counts),
            silent_offered: total(Outcome::SilentOffered),
            silent_made: total(Outcome::SilentMade),
        }
    }

    /// Whether there is anything to show.
    pub fn is_empty(&self) -> bool {
        self.shown == 0 && self.silent_offered == 0
    }

    /// The height of the chart, in its units.
    pub fn height(&self) -> i64 {
        BAR * i64::try_from(self.bars.len()).unwrap_or_default()
    }
}

fn sum<'c>(counts: impl Iterator<Item = &'c Count>) -> i64 {
    counts.map(|one| one.count).fold(0, i64::saturating_add)
}

fn percent(part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    (part.saturating_mul(100).saturating_add(whole / 2) / whole).clamp(0, 100)
}

fn devices(text: Text, counts: &[Count]) -> Vec<DeviceRow> {
    let mut by_device: BTreeMap<String, BTreeMap<Outcome, i64>> = BTreeMap::new();
    for one in counts {
        let device = device_label(one.browser, one.system)
            .unwrap_or_else(|| text.say("device-unknown").into_owned());
        let count = by_device.entry(device).or_default();
        *count.entry(one.outcome).or_default() += one.count;
    }
    let mut rows: Vec<_> = by_device
        .into_iter()
        .map(|(device, outcomes)| {
            let of = |outcome| outcomes.get(&outcome).copied().unwrap_or_default();
            DeviceRow {
                device,
                shown: of(Outcome::Shown),
                accepted: of(Outcome::Accepted),
                snoozed: of(Outcome::Snoozed),
                error_skipped: of(Outcome::ErrorSkipped),
                percent: percent(of(Outcome::Accepted), of(Outcome::Shown)),
            }
        })
        .filter(|row| row.shown > 0)
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.shown));
    rows
}

fn providers(text: Text, counts: &[Count]) -> Vec<NamedCount> {
    let made = |one: &&Count| matches!(one.outcome, Outcome::Accepted | Outcome::SilentMade);
    let mut by_provider: BTreeMap<Provider, i64> = BTreeMap::new();
    for one in counts.iter().filter(made) {
        let provider = one.provider.unwrap_or(Provider::Other);
        *by_provider.entry(provider).or_default() += one.count;
    }
    most_first(by_provider.into_iter().map(|(provider, count)| NamedCount {
        label: provider_name(text, provider),
        code: None,
        count,
    }))
}

/// Names of products stay; what is a kind of thing is said in the reader's language.
fn provider_name(text: Text, provider: Provider) -> String {
    match provider {
        Provider::SecurityKey => text.say("provider-security-key").into_owned(),
        Provider::PasswordManager => text.say("provider-password-manager").into_owned(),
        Provider::Other => text.say("provider-other").into_owned(),
        named => named.as_str().to_owned(),
    }
}

fn troubles(text: Text, counts: &[Count]) -> Vec<NamedCount> {
    let bad = |one: &&Count| matches!(one.outcome, Outcome::Failed | Outcome::ErrorSkipped);
    let mut by_reason: BTreeMap<(Outcome, &str), i64> = BTreeMap::new();
    for one in counts.iter().filter(bad) {
        *by_reason
            .entry((one.outcome, one.why.as_str()))
            .or_default() += one.count;
    }
    most_first(by_reason.into_iter().map(|((outcome, why), count)| {
        let label = match outcome {
            Outcome::ErrorSkipped => text.say(&format!("trouble-{why}")).into_owned(),
            _ => text.say("trouble-server").into_owned(),
        };
        NamedCount {
            label,
            code: (outcome == Outcome::Failed).then(|| why.to_owned()),
            count,
        }
    }))
}

fn most_first(counts: impl Iterator<Item = NamedCount>) -> Vec<NamedCount> {
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by_key(|one| std::cmp::Reverse(one.count));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::campaign::Trouble;
    use policy::model::{Browser, Campaign, System};

    fn count(outcome: Outcome, browser: Browser, why: &str, count: i64) -> Count {
        Count {
            campaign: Campaign::DEFAULT,
            day: 1,
            system: System::Windows,
            browser,
            provider: (outcome == Outcome::Accepted).then_some(Provider::WindowsHello),
            outcome,
            why: why.to_owned(),
            count,
        }
    }

    #[test]
    fn whoever_gave_no_answer_is_the_rest() {
        let funnel = Funnel::of(
            Text::default(),
            &[
                count(Outcome::Shown, Browser::Chrome, "", 6),
                count(Outcome::Shown, Browser::Edge, "", 2),
                count(Outcome::Accepted, Browser::Chrome, "", 3),
                count(Outcome::Snoozed, Browser::Edge, "", 1),
                count(Outcome::ErrorSkipped, Browser::Chrome, "cancelled", 1),
                count(Outcome::Failed, Browser::Chrome, "aaguid_not_allowed", 2),
            ],
        );
        let bars: Vec<_> = funnel
            .bars
            .iter()
            .map(|one| (one.count, one.percent))
            .collect();
        assert_eq!(bars, [(8, 100), (3, 38), (1, 13), (1, 13), (3, 38)]);
        let devices: Vec<_> = funnel
            .devices
            .iter()
            .map(|one| (one.shown, one.percent))
            .collect();
        assert_eq!(devices, [(6, 50), (2, 0)]);
        let troubles: Vec<_> = funnel
            .troubles
            .iter()
            .map(|one| one.code.as_deref())
            .collect();
        assert_eq!(troubles, [Some("aaguid_not_allowed"), None]);
        assert_eq!(funnel.providers.first().map(|one| one.count), Some(3));
    }

    #[test]
    fn an_answer_to_a_prompt_of_an_earlier_day_takes_nothing_below_zero() {
        let funnel = Funnel::of(
            Text::default(),
            &[count(Outcome::Snoozed, Browser::Chrome, "", 5)],
        );
        assert!(funnel.is_empty());
        assert!(
            funnel
                .bars
                .iter()
                .all(|one| one.percent == 0 && one.count >= 0)
        );
        assert_eq!(funnel.devices, []);
    }

    #[test]
    fn every_trouble_has_a_text_in_every_language() {
        for language in crate::pages::Language::ALL {
            for trouble in Trouble::ALL {
                assert!(Text(language).has(&format!("trouble-{}", trouble.as_str())));
            }
        }
    }
}
