use policy::model::{BackupChange, PasskeyId, Sighting};

use super::messages::Text;
use super::when::When;

/// Places and states shown of one passkey.
const SHOWN: usize = 12;

/// Where a passkey was used and how its backup state changed, as the lists show it.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    pub seen: Vec<SeenRow>,
    pub backups: Vec<BackupRow>,
}

/// A place in a trail.
#[derive(Debug, Clone)]
pub struct SeenRow {
    pub device: String,
    pub network: String,
    pub reached: Option<String>,
    pub first: When,
    pub last: When,
}

/// A backup state in a trail.
#[derive(Debug, Clone)]
pub struct BackupRow {
    pub backed_up: bool,
    pub since: When,
}

impl Trail {
    /// The trail of `passkey` among those of its owner's.
    pub fn new(
        text: Text,
        passkey: PasskeyId,
        sightings: &[(PasskeyId, Sighting)],
        backups: &[BackupChange],
    ) -> Self {
        let seen = sightings.iter().filter(|(of, _)| *of == passkey);
        let backups = backups.iter().filter(|change| change.passkey == passkey);
        Self {
            seen: seen
                .take(SHOWN)
                .map(|(_, sighting)| SeenRow::new(text, sighting))
                .collect(),
            backups: backups.rev().take(SHOWN).map(BackupRow::from).collect(),
        }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty() && self.backups.is_empty()
    }
}

impl SeenRow {
    fn new(text: Text, sighting: &Sighting) -> Self {
        let place = &sighting.place;
        let unknown = || text.say("device-unknown").into_owned();
        Self {
            device: place.device().unwrap_or_else(unknown),
            network: place.network.to_string(),
            reached: sighting.transport.clone(),
            first: sighting.first_seen.into(),
            last: sighting.last_seen.into(),
        }
    }
}

impl From<&BackupChange> for BackupRow {
    fn from(change: &BackupChange) -> Self {
        Self {
            backed_up: change.backed_up,
            since: change.at.into(),
        }
    }
}
