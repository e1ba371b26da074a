//! What becomes of prompts, counted: no row names a person, and there are only so many different ones.

use super::Provider;
use crate::client::Client;
use crate::model::{Browser, CampaignId, System, Timestamp};

/// What happened to a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was shown.
    Shown,
    /// A passkey was registered from it.
    Accepted,
    /// It was put off.
    Snoozed,
    /// A passkey was made and refused.
    Failed,
    /// It was left after an error, which does not count.
    ErrorSkipped,
    /// A browser was asked to make a passkey silently.
    SilentOffered,
    /// And did.
    SilentMade,
}

impl Outcome {
    /// Every outcome, in the order of a funnel.
    pub const ALL: &'static [Self] = &[
        Self::Shown,
        Self::Accepted,
        Self::Snoozed,
        Self::Failed,
        Self::ErrorSkipped,
        Self::SilentOffered,
        Self::SilentMade,
    ];

    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Accepted => "accepted",
            Self::Snoozed => "snoozed",
            Self::Failed => "failed",
            Self::ErrorSkipped => "errorSkipped",
            Self::SilentOffered => "silentOffered",
            Self::SilentMade => "silentMade",
        }
    }

    /// The outcome with this stored form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == name)
    }
}

/// What kept a browser from making a passkey, as its page says. A closed list, because anybody can post anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// The person closed the browser's dialog, or let it time out; browsers do not say which.
    Cancelled,
    /// The browser has no passkeys, or runs no scripts.
    Unsupported,
    /// The authenticator has a passkey for this account already.
    AlreadyThere,
    /// The server refused what was made.
    Refused,
    /// The server could not be reached.
    Network,
    /// Anything else.
    #[default]
    Other,
}

impl Trouble {
    /// Every trouble.
    pub const ALL: &'static [Self] = &[
        Self::Cancelled,
        Self::Unsupported,
        Self::AlreadyThere,
        Self::Refused,
        Self::Network,
        Self::Other,
    ];

    /// The stored form, and that of the page.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Unsupported => "unsupported",
            Self::AlreadyThere => "alreadyThere",
            Self::Refused => "refused",
            Self::Network => "network",
            Self::Other => "other",
        }
    }

    /// What a page said; anything unknown is [`Trouble::Other`].
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let known = Self::ALL.iter().copied().find(|one| one.as_str() == name);
        known.unwrap_or_default()
    }
}

/// Something to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// On behalf of which campaign.
    pub campaign: CampaignId,
    /// On which system, as claimed.
    pub system: System,
    /// In which browser, as claimed.
    pub browser: Browser,
    /// Who keeps the passkey, where there is one.
    pub provider: Option<Provider>,
    /// What.
    pub outcome: Outcome,
    /// The code of the refusal, or the trouble; empty for what went well.
    pub why: &'static str,
}

impl Event {
    /// Something without a passkey that went well.
    #[must_use]
    pub const fn new(campaign: CampaignId, client: Client, outcome: Outcome) -> Self {
        Self {
            campaign,
            system: client.system,
            browser: client.browser,
            provider: None,
            outcome,
            why: "",
        }
    }
}

/// How often something happened on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// On behalf of which campaign.
    pub campaign: CampaignId,
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// On which system, as claimed.
    pub system: System,
    /// In which browser, as claimed.
    pub browser: Browser,
    /// Who keeps the passkey, where there is one.
    pub provider: Option<Provider>,
    /// What.
    pub outcome: Outcome,
    /// As in [`Event::why`].
    pub why: String,
    /// How often.
    pub count: i64,
}

/// The day that a moment belongs to, UTC.
#[must_use]
pub const fn day(at: Timestamp) -> i64 {
    at.as_seconds().div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_forms_are_read_back_and_differ() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_name(outcome.as_str()), Some(*outcome));
        }
        for trouble in Trouble::ALL {
            assert_eq!(Trouble::from_name(trouble.as_str()), *trouble);
        }
        for provider in Provider::ALL {
            assert_eq!(Provider::from_name(provider.as_str()), Some(*provider));
        }
        assert_eq!(Trouble::from_name("<script>"), Trouble::Other);
        assert_eq!(Outcome::from_name("closed"), None);
    }

    #[test]
    fn days_end_at_midnight_in_greenwich() {
        assert_eq!(day(Timestamp::from_seconds(86_399)), 0);
        assert_eq!(day(Timestamp::from_seconds(86_400)), 1);
        assert_eq!(day(Timestamp::from_seconds(-1)), -1);
    }
}
