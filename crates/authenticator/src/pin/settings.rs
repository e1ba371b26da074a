//! What authenticatorConfig sets, as a durable record (CTAP 2.2, section 6.11).

use crate::cbor::{Map, Value};
use crate::commands::{FromValue as _, Parameters};
use crate::env::{Env, Record};
use crate::status::Status;

/// Shortest PIN in code points, unless set higher (section 6.5.1).
const SHORTEST: usize = 4;
/// Longest PIN in bytes.
pub(crate) const LONGEST: usize = 63;
/// Relying parties that may be told the shortest length.
pub(crate) const MAX_RP_IDS: usize = 8;

/// The settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub always_uv: bool,
    pub enterprise: bool,
    pub min_pin_length: usize,
    pub min_pin_length_rp_ids: Vec<String>,
    pub force_pin_change: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            always_uv: false,
            enterprise: false,
            min_pin_length: SHORTEST,
            min_pin_length_rp_ids: Vec::new(),
            force_pin_change: false,
        }
    }
}

impl Settings {
    /// A record that cannot be read is a failure, not the defaults: they would be a way around every setting.
    pub(crate) fn load(env: &mut impl Env) -> Result<Self, Status> {
        match env.load(Record::Settings)? {
            None => Ok(Self::default()),
            Some(bytes) => Self::decode(&bytes).map_err(|_| Status::Other),
        }
    }

    pub(crate) fn save(&self, env: &mut impl Env) -> Result<(), Status> {
        let rp_ids = self.min_pin_length_rp_ids.iter();
        let rp_ids: Vec<Value> = rp_ids.map(|rp_id| Value::from(rp_id.as_str())).collect();
        let map = Map::from([
            (1.into(), self.always_uv.into()),
            (2.into(), self.enterprise.into()),
            (3.into(), Value::count(self.min_pin_length)),
            (4.into(), rp_ids.into()),
            (5.into(), self.force_pin_change.into()),
        ]);
        Ok(env.save(Record::Settings, &Value::Map(map).encode())?)
    }

    fn decode(bytes: &[u8]) -> Result<Self, Status> {
        let value = Value::decode(bytes).map_err(|_| Status::Other)?;
        let mut map = Parameters::of(value)?;
        let rp_ids: Vec<Value> = map.require(4)?;
        Ok(Self {
            always_uv: map.require(1)?,
            enterprise: map.require(2)?,
            min_pin_length: usize::try_from(map.require::<i64>(3)?).map_err(|_| Status::Other)?,
            min_pin_length_rp_ids: rp_ids
                .into_iter()
                .map(String::from_value)
                .collect::<Result<_, _>>()?,
            force_pin_change: map.require(5)?,
        })
    }
}
