use crate::model::scope::is_false;
use crate::model::{Assignment, CampaignId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

/// A registration campaign: who is asked for a passkey after a sign-in, and how insistently.
///
/// Entra has one for the whole tenant; here there can be several. The first that wants a person counts, in the order of
/// their positions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Campaign {
    /// Its id; the one that Graph shows is [`Campaign::DEFAULT`].
    pub id: CampaignId,
    /// Shown to administrators.
    pub name: String,
    /// Beyond Entra: campaigns are asked in this order; where it is equal, that of Entra last and the others by age.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub position: u32,
    /// Whether it runs.
    pub state: CampaignState,
    /// For whom.
    pub who: Assignment,
    /// Days until the next prompt after a snooze, 0 to 14; 0 asks at every sign-in with two factors.
    pub snooze_days: u32,
    /// After [`Campaign::SNOOZES`] snoozes there is none (`enforceRegistrationAfterAllowedSnoozes`).
    pub limited_snoozes: bool,
    /// Beyond Entra: not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<Timestamp>,
    /// Beyond Entra: not after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Timestamp>,
    /// Beyond Entra: waves, each a moment and the percentage of people from then on. Who is in is stable per person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waves: Vec<Wave>,
    /// Beyond Entra: a browser that can makes the passkey silently first (conditional create).
    #[serde(default, skip_serializing_if = "is_false")]
    pub silent_first: bool,
    /// Beyond Entra, which never asks on Linux: leave it out here too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub not_on_linux: bool,
    /// Beyond Entra: also when the session was there already (single sign-on).
    #[serde(default, skip_serializing_if = "is_false")]
    pub single_sign_on: bool,
    /// Beyond Entra: people whose only passkeys are near their end or of a model to be replaced are asked too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub replacement: bool,
}

/// `advancedConfigState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CampaignState {
    /// The server's own choice of settings ("Microsoft managed").
    Default,
    /// As set.
    Enabled,
    /// Not running.
    Disabled,
}

/// From a moment on, a percentage of the people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wave {
    /// From when.
    pub from: Timestamp,
    /// 0 to 100.
    pub percent: u8,
}

/// A prompt at which a sign-in waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prompt {
    /// On behalf of which campaign.
    pub campaign: CampaignId,
    /// How often it can be put off, this time included: `None` for ever, 0 not at all.
    pub snoozes_left: Option<u32>,
    /// The session that was there already. It goes on when the prompt is over, and no other is opened: what it has shown
    /// is as old as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
}

impl Prompt {
    /// Whether "Skip for now" is an answer.
    #[must_use]
    pub const fn can_be_put_off(&self) -> bool {
        !matches!(self.snoozes_left, Some(0))
    }
}

impl Campaign {
    /// The campaign that `authenticationMethodsRegistrationCampaign` shows.
    pub const DEFAULT: CampaignId =
        CampaignId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    /// Snoozes before the prompt cannot be put off any more.
    pub const SNOOZES: u32 = 3;

    /// What a new tenant starts with: the server's own choice, for everybody.
    #[must_use]
    pub fn of_new_tenant() -> Self {
        Self {
            id: Self::DEFAULT,
            name: "Registration campaign".to_owned(),
            position: 0,
            state: CampaignState::Default,
            who: Assignment::everyone(),
            snooze_days: 1,
            limited_snoozes: true,
            starts: None,
            ends: None,
            waves: Vec::new(),
            silent_first: false,
            not_on_linux: false,
            single_sign_on: false,
            replacement: false,
        }
    }

    /// By what campaigns are put in order.
    #[must_use]
    pub fn order(&self) -> (u32, bool, CampaignId) {
        (self.position, self.id == Self::DEFAULT, self.id)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}
