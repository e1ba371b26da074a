//! Registration campaigns: whether somebody is asked for a passkey now (the "nudge").
//!
//! ```text
//!   a campaign that wants this person ──▶ is this the moment? ──▶ would registering be refused?
//!                                                                          │
//!   Silent │ Ask │ Required ◀── snoozed? ◀── is a passkey at hand already? ◀┘
//! ```
//! Every no is a [`Reason`], so that an explanation can show the very one that decided. What registering would be
//! refused for is asked of [`register::may_begin`], the same function that registration asks: a nudge for something
//! that is then refused cannot happen.
//!
//! A campaign insists; it does not guard. Whoever meets an error may always go on without a passkey. What must not be
//! reached without one is the business of [`crate::access`].

mod eligible;
mod funnel;
mod local;
mod reason;
mod wave;

pub use funnel::{Count, Event, Outcome, Trouble, day};
pub use local::Provider;
pub use reason::Reason;
pub use wave::{percent, share};

use crate::client::Client;
use crate::model::{
    Campaign, CampaignId, CampaignState, ModelStatus, Passkey, PasskeyId, PasskeyProfile, Prompt,
    Provenance, Span, System, Timestamp, UserId,
};
use crate::profiles::{self, Key, Occasion};
use crate::register::{self, Standing};
use crate::snapshot::{Snapshot, Subject};

/// Days after which the server's own choice ("Microsoft managed") asks again.
const DEFAULT_SNOOZE_DAYS: u32 = 1;
/// The longest snooze, in days.
const LONGEST_SNOOZE_DAYS: u32 = 14;

/// How somebody came to where a nudge could be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// They have just signed in.
    SignIn,
    /// Their session was there already.
    SingleSignOn {
        /// Since when.
        since: Timestamp,
    },
}

/// Who might be asked, where, and after what.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The registration that would follow.
    pub registering: register::Situation<'a>,
    /// What conditional access says to registering from here.
    pub registration_granted: bool,
    /// Two factors were shown in this session.
    pub multi_factor: bool,
    /// The browser says that it makes a passkey by itself after this sign-in (conditional create).
    pub makes_passkeys: bool,
    /// What shows the page, as claimed.
    pub client: Client,
    /// How they came.
    pub arrival: Arrival,
    /// A sign-in method was registered in this session.
    pub just_registered: bool,
    /// Passkeys that were used from a device like this one, without another beside it.
    pub used_here: &'a [PasskeyId],
    /// What was put off so far.
    pub snoozes: Snoozes,
}

/// What somebody did with earlier prompts, whichever campaign showed them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Snoozes {
    /// Prompts that were put off. Only an administrator sets it back.
    pub count: u32,
    /// When one was put off last, counted or not.
    pub last: Option<Timestamp>,
    /// A prompt that was shown at this moment and has had no answer.
    pub shown: Option<Timestamp>,
    /// When a browser was last asked to make a passkey silently.
    pub silent: Option<Timestamp>,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nudge {
    /// Nothing.
    None(Reason),
    /// The browser is asked to make a passkey without disturbing anybody (conditional create).
    Silent {
        /// On behalf of which campaign.
        campaign: CampaignId,
    },
    /// A prompt that can be put off.
    Ask {
        /// On behalf of which campaign.
        campaign: CampaignId,
        /// How often, this time included; `None` is for ever.
        snoozes_left: Option<u32>,
    },
    /// A prompt that can be left only by registering, or after an error.
    Required {
        /// On behalf of which campaign.
        campaign: CampaignId,
    },
}

impl Nudge {
    /// The campaign that asks.
    #[must_use]
    pub const fn campaign(&self) -> Option<CampaignId> {
        match self {
            Self::None(_) => None,
            Self::Silent { campaign }
            | Self::Ask { campaign, .. }
            | Self::Required { campaign } => Some(*campaign),
        }
    }

    /// The prompt that is shown.
    #[must_use]
    pub const fn prompt(&self) -> Option<Prompt> {
        let (campaign, snoozes_left) = match *self {
            Self::None(_) | Self::Silent { .. } => return None,
            Self::Ask {
                campaign,
                snoozes_left,
            } => (campaign, snoozes_left),
            Self::Required { campaign } => (campaign, Some(0)),
        };
        Some(Prompt {
            campaign,
            snoozes_left,
            session: None,
        })
    }
}

impl Snoozes {
    /// Closing the browser is a snooze: a prompt without an answer counts as put off when it was shown.
    #[must_use]
    pub fn settled(self) -> Self {
        match self.shown {
            None => self,
            Some(shown) => Self {
                count: self.count.saturating_add(1),
                last: self.last.max(Some(shown)),
                shown: None,
                ..self
            },
        }
    }
}

/// Whether this person is asked for a passkey now, and how insistently.
#[must_use]
pub fn decide(snapshot: &Snapshot, situation: &Situation<'_>, now: Timestamp) -> Nudge {
    let asked = wanting(snapshot, situation.registering.subject, now).and_then(|campaign| {
        is_the_moment(campaign, situation)?;
        may_register(snapshot, campaign, situation, now)?;
        if let Some(reason) = at_hand(snapshot, campaign, situation, now) {
            return Err(reason);
        }
        insist(snapshot, campaign, situation, now)
    });
    asked.unwrap_or_else(Nudge::None)
}

/// What is known of somebody before anything more is read.
#[derive(Debug, Clone, Copy)]
pub struct Glimpse<'a> {
    /// Who.
    pub subject: &'a Subject<'a>,
    /// Those of their passkeys that are at hand anyway: the one they have just used.
    pub passkeys: &'a [Passkey],
    /// As in [`Situation::used_here`].
    pub used_here: &'a [PasskeyId],
    /// As in [`Situation::multi_factor`].
    pub multi_factor: bool,
    /// As in [`Situation::client`].
    pub client: Client,
    /// As in [`Situation::arrival`].
    pub arrival: Arrival,
}

/// Whether anybody at all could be asked after such an arrival: one look at the campaigns, for those of whom nothing is
/// known yet.
#[must_use]
pub fn is_running(snapshot: &Snapshot, arrival: Arrival) -> bool {
    let asks = |campaign: &Campaign| {
        campaign.state != CampaignState::Disabled
            && (campaign.single_sign_on || arrival == Arrival::SignIn)
    };
    snapshot.policies().campaigns.iter().any(asks)
}

/// Whether this person might be asked: [`decide`] with the rest as inviting as it can be. Another passkey and a snooze
/// never make a nudge, so whoever is not asked by this is not asked by the whole either, and nothing more has to be read.
#[must_use]
pub fn might_ask(snapshot: &Snapshot, glimpse: &Glimpse<'_>, now: Timestamp) -> bool {
    let situation = Situation {
        registering: register::Situation {
            subject: glimpse.subject,
            existing: glimpse.passkeys,
            standing: Standing::Mfa(now),
            provenance: Provenance::SignInInterrupt,
        },
        registration_granted: true,
        multi_factor: glimpse.multi_factor,
        makes_passkeys: true,
        client: glimpse.client,
        arrival: glimpse.arrival,
        just_registered: false,
        used_here: glimpse.used_here,
        snoozes: Snoozes::default(),
    };
    decide(snapshot, &situation, now).campaign().is_some()
}

/// The first campaign that wants this person counts, whatever comes of it.
fn wanting<'s>(
    snapshot: &'s Snapshot,
    subject: &'s Subject<'_>,
    now: Timestamp,
) -> Result<&'s Campaign, Reason> {
    let mut why_not = None;
    for campaign in snapshot.campaigns(subject) {
        match runs_for(campaign, subject.user.id, now) {
            Ok(()) => return Ok(campaign),
            Err(reason) => why_not = why_not.or(Some(reason)),
        }
    }
    Err(why_not.unwrap_or(Reason::NotTargeted))
}

fn runs_for(campaign: &Campaign, user: UserId, now: Timestamp) -> Result<(), Reason> {
    if campaign.state == CampaignState::Disabled {
        return Err(Reason::Disabled);
    }
    if let Some(starts) = campaign.starts.filter(|starts| now < *starts) {
        return Err(Reason::NotStarted(starts));
    }
    if let Some(ends) = campaign.ends.filter(|ends| *ends <= now) {
        return Err(Reason::Ended(ends));
    }
    if share(user, campaign.id) >= percent(campaign, now) {
        return Err(Reason::LaterWave);
    }
    Ok(())
}

fn is_the_moment(campaign: &Campaign, situation: &Situation<'_>) -> Result<(), Reason> {
    let client = &situation.client;
    if situation.registering.subject.user.break_glass {
        return Err(Reason::BreakGlass);
    }
    if !situation.multi_factor {
        return Err(Reason::OneFactor);
    }
    if let Arrival::SingleSignOn { since } = situation.arrival {
        if !campaign.single_sign_on {
            return Err(Reason::SingleSignOn);
        }
        // Once in a session, however short the snooze: else every application would ask again.
        let snoozes = &situation.snoozes;
        if snoozes.last.max(snoozes.shown) >= Some(since) {
            return Err(Reason::AskedInSession);
        }
    }
    if situation.just_registered {
        return Err(Reason::JustRegistered);
    }
    if client.embedded && matches!(client.system, System::Android | System::Windows) {
        return Err(Reason::EmbeddedView);
    }
    if client.system == System::Linux && campaign.not_on_linux {
        return Err(Reason::Linux);
    }
    Ok(())
}

/// What registration itself would say, before the gesture. The server's own choice looks at the profiles too: it does
/// not ask where what most people have at hand would be refused afterwards.
fn may_register(
    snapshot: &Snapshot,
    campaign: &Campaign,
    situation: &Situation<'_>,
    now: Timestamp,
) -> Result<(), Reason> {
    if !situation.registration_granted {
        return Err(Reason::RegistrationBlocked);
    }
    let open =
        register::may_begin(snapshot, situation.registering, now).map_err(Reason::Refused)?;
    let eligible = |profile: &&PasskeyProfile| eligible::is_eligible(profile, snapshot.models());
    if campaign.state == CampaignState::Default && !open.iter().any(eligible) {
        return Err(Reason::NotEligible);
    }
    Ok(())
}

/// A passkey that ends the nudging, under any profile that it satisfies as if it were registered today.
fn at_hand(
    snapshot: &Snapshot,
    campaign: &Campaign,
    situation: &Situation<'_>,
    now: Timestamp,
) -> Option<Reason> {
    let registering = &situation.registering;
    // One thing at a time: the key that they were given comes first.
    if let Some(waiting) = registering.existing.iter().find(|passkey| passkey.waiting) {
        return Some(Reason::WaitingPasskey(waiting.id));
    }
    // One that a browser made by itself and nobody has used yet is at nobody's hand.
    let usable = |passkey: &&Passkey| passkey.counts() && passkey.suspected_clone.is_none();
    registering
        .existing
        .iter()
        .filter(usable)
        .filter(|passkey| !campaign.replacement || !is_condemned(snapshot, passkey))
        .find_map(|passkey| {
            let key = Key::from(passkey);
            satisfied(snapshot, registering.subject, &key, now)
                .filter(|profile| !campaign.replacement || !is_ending(profile, &key, now))
                .find_map(|profile| ends_nudging(snapshot, profile, passkey, situation))
        })
}

fn ends_nudging(
    snapshot: &Snapshot,
    profile: &PasskeyProfile,
    passkey: &Passkey,
    situation: &Situation<'_>,
) -> Option<Reason> {
    if eligible::is_narrow(profile) {
        return Some(Reason::EligiblePasskey(passkey.id));
    }
    if situation.used_here.contains(&passkey.id) {
        return Some(Reason::UsedHere(passkey.id));
    }
    let provider = Provider::of(passkey, snapshot.models());
    provider
        .is_local(&situation.client)
        .then_some(Reason::LocalPasskey(passkey.id))
}

/// Profiles that this passkey satisfies in full, attestation included: under a profile that has come to ask for it, an
/// old key that could not be registered today is no reason to stop asking.
fn satisfied<'s>(
    snapshot: &'s Snapshot,
    subject: &Subject<'_>,
    key: &Key,
    now: Timestamp,
) -> impl Iterator<Item = &'s PasskeyProfile> {
    // On behalf of somebody else and without others beside it: what then falls short is the passkey itself.
    let occasion = Occasion::Registration {
        by: Provenance::Provisioned,
        existing: &[],
        across: false,
    };
    let verdicts = profiles::assess(snapshot, subject, key, occasion, now).unwrap_or_default();
    verdicts
        .into_iter()
        .filter(|verdict| verdict.shortfalls.is_empty())
        .map(|verdict| verdict.profile)
}

/// The metadata has turned against its model.
fn is_condemned(snapshot: &Snapshot, passkey: &Passkey) -> bool {
    let status = snapshot
        .models()
        .get(passkey.aaguid)
        .and_then(|model| model.status);
    matches!(
        status,
        Some(ModelStatus::Revoked | ModelStatus::Compromised)
    )
}

/// Its owner is being warned already.
fn is_ending(profile: &PasskeyProfile, key: &Key, now: Timestamp) -> bool {
    let warning = Span::days(i64::from(profile.warning_days));
    profiles::end(profile, key).is_some_and(|end| end.minus(warning) <= now)
}

fn insist(
    snapshot: &Snapshot,
    campaign: &Campaign,
    situation: &Situation<'_>,
    now: Timestamp,
) -> Result<Nudge, Reason> {
    let snoozes = situation.snoozes.settled();
    if let Some(put_off) = snoozes.last.max(snoozes.silent) {
        let until = put_off.plus(pause(campaign));
        if now < until {
            return Err(Reason::Snoozed(until));
        }
    }
    let id = campaign.id;
    if snoozes.silent.is_none() && may_be_silent(snapshot, campaign, situation, now) {
        return Ok(Nudge::Silent { campaign: id });
    }
    if !is_limited(campaign) {
        return Ok(Nudge::Ask {
            campaign: id,
            snoozes_left: None,
        });
    }
    Ok(match Campaign::SNOOZES.saturating_sub(snoozes.count) {
        0 => Nudge::Required { campaign: id },
        left => Nudge::Ask {
            campaign: id,
            snoozes_left: Some(left),
        },
    })
}

/// The silent stage comes once, where the campaign has it, the browser can, and registering silently would be allowed.
fn may_be_silent(
    snapshot: &Snapshot,
    campaign: &Campaign,
    situation: &Situation<'_>,
    now: Timestamp,
) -> bool {
    let silently = register::Situation {
        provenance: Provenance::ConditionalCreate,
        ..situation.registering
    };
    campaign.silent_first
        && situation.makes_passkeys
        && register::may_begin(snapshot, silently, now).is_ok()
}

fn pause(campaign: &Campaign) -> Span {
    let days = match campaign.state {
        CampaignState::Default => DEFAULT_SNOOZE_DAYS,
        CampaignState::Enabled | CampaignState::Disabled => {
            campaign.snooze_days.min(LONGEST_SNOOZE_DAYS)
        }
    };
    Span::days(i64::from(days))
}

fn is_limited(campaign: &Campaign) -> bool {
    campaign.state != CampaignState::Default && campaign.limited_snoozes
}

#[cfg(test)]
mod tests;
