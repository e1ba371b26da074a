//! Waves: a percentage of the people from a moment on, the same people every time.

use crate::model::{Campaign, CampaignId, Timestamp, UserId};

/// The percentage that a campaign wants at this moment: everybody where it has no waves, nobody before the first.
#[must_use]
pub fn percent(campaign: &Campaign, now: Timestamp) -> u8 {
    if campaign.waves.is_empty() {
        return 100;
    }
    let begun = campaign.waves.iter().filter(|wave| wave.from <= now);
    begun
        .max_by_key(|wave| wave.from)
        .map_or(0, |wave| wave.percent.min(100))
}

/// The place of a person in the waves of a campaign, 0 to 99: they are in when it is below the percentage. So whoever
/// is in at 10 is in at 50, and another campaign begins with others.
#[must_use]
pub fn share(user: UserId, campaign: CampaignId) -> u8 {
    let mixed = mix(mix(0, user.as_bytes()), campaign.as_bytes());
    u8::try_from(mixed % 100).unwrap_or_default()
}

/// Ids begin with a clock, so that they have to be stirred well: the finaliser of SplitMix64 over both halves. Nothing
/// secret depends on it, and it must never change, or people would move between waves.
fn mix(seed: u64, id: &[u8; 16]) -> u64 {
    let id = u128::from_be_bytes(*id);
    let halves = [id >> 64, id & u128::from(u64::MAX)];
    halves.into_iter().fold(seed, |state, half| {
        let half = u64::try_from(half).unwrap_or_default();
        finalise(state.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ half)
    })
}

const fn finalise(mut state: u64) -> u64 {
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
