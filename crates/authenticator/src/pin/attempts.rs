//! The attempts at the PIN: counted durably before each one is made (CTAP 2.2, section 6.5.2.2).

use crate::cbor::{Map, Value};
use crate::commands::Parameters;
use crate::env::{Env, PinDigest, Record};
use crate::status::Status;

/// Attempts after a right PIN (section 6.5.2.2).
pub(crate) const MAX: u8 = 8;
/// Wrong attempts in a row until a power cycle is needed.
pub(crate) const MAX_IN_A_ROW: u8 = 3;

/// The durable record beside a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempts {
    pub left: u8,
    /// Length of the PIN in code points.
    pub length: usize,
}

impl Attempts {
    /// The attempts of the PIN, or none if no PIN is set. A damaged record has no attempts left.
    pub(crate) fn load(env: &mut impl Env) -> Result<Option<Self>, Status> {
        let Some(bytes) = env.load(Record::Pin)? else {
            return Ok(None);
        };
        let damaged = Self { left: 0, length: 0 };
        Ok(Some(Self::decode(&bytes).unwrap_or(damaged)))
    }

    /// Makes one attempt: counts it, then compares. `in_a_row` are the wrong ones since power-up.
    pub(crate) fn attempt(
        env: &mut impl Env,
        in_a_row: &mut u8,
        digest: Option<&PinDigest>,
    ) -> Result<(), Status> {
        let mut attempts = Self::load(env)?.ok_or(Status::PinNotSet)?;
        attempts.left = attempts.left.checked_sub(1).ok_or(Status::PinBlocked)?;
        if *in_a_row >= MAX_IN_A_ROW {
            return Err(Status::PinAuthBlocked);
        }
        // Counted before compared: pulling the plug after a wrong PIN must not give the attempt back.
        attempts.save(env)?;
        if let Some(digest) = digest
            && env.match_pin(digest)?
        {
            *in_a_row = 0;
            return Self {
                left: MAX,
                ..attempts
            }
            .save(env);
        }
        *in_a_row = in_a_row.saturating_add(1);
        Err(match (attempts.left, *in_a_row) {
            (0, _) => Status::PinBlocked,
            (_, MAX_IN_A_ROW..) => Status::PinAuthBlocked,
            _ => Status::PinInvalid,
        })
    }

    pub(crate) fn encode(self) -> Vec<u8> {
        let map = Map::from([
            (1.into(), i64::from(self.left).into()),
            (2.into(), Value::count(self.length)),
        ]);
        Value::Map(map).encode()
    }

    fn save(self, env: &mut impl Env) -> Result<(), Status> {
        Ok(env.save(Record::Pin, &self.encode())?)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut map = Parameters::of(Value::decode(bytes).ok()?).ok()?;
        Some(Self {
            left: u8::try_from(map.require::<i64>(1).ok()?).ok()?,
            length: usize::try_from(map.require::<i64>(2).ok()?).ok()?,
        })
    }
}
