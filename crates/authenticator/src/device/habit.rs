//! The habit of verification on the shelf: systems end an app between two requests, and R17 has to outlive that.

use super::platform::Shelf;
use crate::cbor::{Map, Value};
use crate::commands::Parameters;
use crate::env::Milliseconds;
use crate::rules::verification::Habit;

/// No credential identifier is so short.
const NAME: &[u8] = b"habit";

/// What was written last. A damaged record is the beginning: it makes the app ask once more, never less.
pub(crate) fn load(shelf: &mut impl Shelf) -> Habit {
    let entries = shelf.entries().unwrap_or_default();
    let found = entries.iter().find(|(name, _)| name == NAME);
    found
        .and_then(|(_, bytes)| decode(bytes))
        .unwrap_or_default()
}

/// Writes it. If that fails, the next request asks as this one did, which is no harm.
pub(crate) fn save(shelf: &mut impl Shelf, habit: Habit) {
    match habit {
        Habit::Biometric => {
            shelf.remove(NAME);
        }
        Habit::Pin {
            since,
            verifications,
        } => {
            let map = Map::from([
                (1.into(), since.0.to_be_bytes().to_vec().into()),
                (2.into(), i64::from(verifications).into()),
            ]);
            shelf.write(NAME, &Value::Map(map).encode(), &[]);
        }
    }
}

fn decode(bytes: &[u8]) -> Option<Habit> {
    let mut map = Parameters::of(Value::decode(bytes).ok()?).ok()?;
    let since: Vec<u8> = map.require(1).ok()?;
    Some(Habit::Pin {
        since: Milliseconds(u64::from_be_bytes(since.try_into().ok()?)),
        verifications: u32::try_from(map.require::<i64>(2).ok()?).ok()?,
    })
}
