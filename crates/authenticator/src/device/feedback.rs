//! Feedback on the shelf (R13): made at once, with an id that the person can read out, and sent when there is a connection.

use super::Device;
use super::platform::{Platform, Shelf};
use crate::cbor::{Map, Value};
use crate::commands::Parameters;
use crate::rules::connection::Missing;
use crate::rules::feedback::{Bundle, FeedbackId, ID_RANDOM};
use crate::rules::incidents::{Cause, Operation};

/// Begins the name of a record. No credential identifier is so short.
const PREFIX: &[u8] = b"feedback:";
/// Records that are kept: what was sent goes first, and what waits is never lost for a newer one.
const KEPT: usize = 8;

/// What became of a feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedbackState {
    /// It waits for a connection.
    Queued,
    /// Somebody has it, under its id; it is no longer here.
    Sent,
}

/// Why there is no feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedbackError {
    /// Nothing went wrong.
    #[error("nothing went wrong that could be told")]
    NothingToTell,
    /// As many as are kept wait to be sent.
    #[error("too many feedbacks wait to be sent")]
    Full,
    /// The shelf or the randomness failed.
    #[error("the feedback could not be kept")]
    NotKept,
}

/// A record.
struct Filed {
    id: FeedbackId,
    /// The order of making.
    made: i64,
    /// The bundle, until it is sent.
    bundle: Option<Vec<u8>>,
}

impl<P: Platform> Device<P> {
    /// Remembers that the two devices did not come together.
    pub fn could_not_connect(&mut self, operation: Operation, missing: Missing) {
        self.under_way = (operation, String::new());
        self.remember(Cause::NotConnected(missing));
    }

    /// Makes a feedback of what went wrong lately. The id can be told at once; the bundle waits on the shelf.
    ///
    /// # Errors
    /// [`FeedbackError`].
    pub fn make_feedback(&mut self) -> Result<FeedbackId, FeedbackError> {
        if self.incidents().iter().next().is_none() {
            return Err(FeedbackError::NothingToTell);
        }
        let filed = load(&mut self.platform).ok_or(FeedbackError::NotKept)?;
        let gone = too_many(&filed)?;
        let mut random = [0; ID_RANDOM];
        if !self.platform.random(&mut random) {
            return Err(FeedbackError::NotKept);
        }
        let id = FeedbackId::from_random(random);
        let (os, now) = (self.platform.os(), self.platform.now());
        let new = Filed {
            id,
            made: filed.last().map_or(0, |newest| newest.made + 1),
            bundle: Some(Bundle::new(id, os, self.incidents().iter(), now).encode()),
        };
        if self.platform.write(&new.name(), &new.encode(), &gone) {
            Ok(id)
        } else {
            Err(FeedbackError::NotKept)
        }
    }

    /// Every feedback that is remembered, oldest first.
    pub fn feedbacks(&mut self) -> Vec<(FeedbackId, FeedbackState)> {
        let filed = load(&mut self.platform).unwrap_or_default();
        filed.iter().map(|one| (one.id, one.state())).collect()
    }

    /// The feedback to be sent next, and its bundle; nothing while there is no connection.
    pub fn feedback_to_send(&mut self) -> Option<(FeedbackId, Vec<u8>)> {
        if !self.platform.online() {
            return None;
        }
        let filed = load(&mut self.platform)?;
        filed
            .into_iter()
            .find_map(|one| one.bundle.map(|bundle| (one.id, bundle)))
    }

    /// Somebody has it now: the bundle leaves the shelf, the id stays. True if it waited.
    pub fn feedback_arrived(&mut self, id: FeedbackId) -> bool {
        let filed = load(&mut self.platform).unwrap_or_default();
        let waiting = filed
            .into_iter()
            .find(|one| one.id == id && one.bundle.is_some());
        waiting.is_some_and(|mut one| {
            one.bundle = None;
            self.platform.write(&one.name(), &one.encode(), &[])
        })
    }
}

/// The names of the records that make room for one more.
fn too_many(filed: &[Filed]) -> Result<Vec<Vec<u8>>, FeedbackError> {
    let over = (filed.len() + 1).saturating_sub(KEPT);
    let sent = filed
        .iter()
        .filter(|one| one.state() == FeedbackState::Sent);
    let gone: Vec<Vec<u8>> = sent.take(over).map(Filed::name).collect();
    if gone.len() < over {
        return Err(FeedbackError::Full);
    }
    Ok(gone)
}

/// The records, oldest first. A damaged one is none.
fn load(shelf: &mut impl Shelf) -> Option<Vec<Filed>> {
    let entries = shelf.entries()?;
    let records = entries
        .iter()
        .filter(|(name, _)| name.starts_with(PREFIX))
        .filter_map(|(name, bytes)| Filed::decode(name, bytes));
    let mut filed: Vec<Filed> = records.collect();
    filed.sort_by_key(|one| one.made);
    Some(filed)
}

impl Filed {
    const fn state(&self) -> FeedbackState {
        match self.bundle {
            Some(_) => FeedbackState::Queued,
            None => FeedbackState::Sent,
        }
    }

    fn name(&self) -> Vec<u8> {
        [PREFIX, self.id.compact().as_bytes()].concat()
    }

    fn encode(&self) -> Vec<u8> {
        let mut map = Map::from([(1.into(), self.made.into())]);
        if let Some(bundle) = &self.bundle {
            map.insert(2.into(), bundle.clone().into());
        }
        Value::Map(map).encode()
    }

    fn decode(name: &[u8], bytes: &[u8]) -> Option<Self> {
        let id = std::str::from_utf8(name.strip_prefix(PREFIX)?).ok()?;
        let mut map = Parameters::of(Value::decode(bytes).ok()?).ok()?;
        Some(Self {
            id: FeedbackId::parse(id).ok()?,
            made: map.require(1).ok()?,
            bundle: map.take(2).ok()?,
        })
    }
}
