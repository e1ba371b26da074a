//! R13: what a person sends to somebody who can help, and the name by which that somebody finds it.
//!
//! A bundle is made of [`Incident`]s, which have no place for a secret, and of the system's name. It is one canonical CBOR map
//! (RFC 8949, section 4.2; the keys are integers):
//!
//! ```text
//!   1  version, 1
//!   2  id, text: twelve characters without hyphens
//!   3  system, text: "android 15", "ios 18", "linux"
//!   4  incidents, oldest first, at most 32; each a map
//!        1  seconds from the incident to the making of the bundle
//!        2  "register" or "sign_in"
//!        3  relying party identifier, text of at most 253 of a-z 0-9 . - (others are written as "?"); empty if none was known
//!        4  code of the cause, text of at most 64 of a-z 0-9 _
//! ```
//!
//! A bundle has at most [`MAX_BUNDLE`] bytes and travels as the body of a request of type `application/cbor`. Whoever takes it
//! keeps it under its id; the same id again is the same bundle. Names of people and accounts are not in it.

use super::incidents::{Incident, Operation};
use super::os_support::Os;
use crate::cbor::{CborError, Map, Value};
use crate::commands::Parameters;
use crate::env::Milliseconds;

/// Bytes of a bundle, at most.
pub const MAX_BUNDLE: usize = 16 * 1024;
/// Random bytes for an id.
pub const ID_RANDOM: usize = 7;

const VERSION: i64 = 1;
const MAX_ITEMS: usize = 32;
const MAX_NAME: usize = 253;
const MAX_CODE: usize = 64;
/// Digits and letters that cannot be mistaken for each other when read out (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 12;

/// The name of a bundle: 55 random bits and a check character, in three groups of four that can be read out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeedbackId([u8; LENGTH]);

impl FeedbackId {
    /// Makes one of random bytes.
    #[must_use]
    pub fn from_random(random: [u8; ID_RANDOM]) -> Self {
        let mut number = random
            .iter()
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let mut id = [0; LENGTH];
        for place in id.iter_mut().take(LENGTH - 1) {
            *place = u8::try_from(number & 31).unwrap_or_default();
            number >>= 5;
        }
        let check = (32 - sum(&id)) % 32;
        if let Some(last) = id.last_mut() {
            *last = check;
        }
        Self(id)
    }

    /// Reads what somebody wrote down: either case, any hyphens and spaces, O for 0, I and L for 1.
    ///
    /// # Errors
    /// [`BadId`]: another length, another character, or a check character that does not fit. One wrong character always shows.
    pub fn parse(text: &str) -> Result<Self, BadId> {
        let mut id = [0; LENGTH];
        let mut places = id.iter_mut();
        for letter in text.bytes().filter(|byte| !matches!(byte, b'-' | b' ')) {
            let letter = match letter.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            let value = LETTERS.iter().position(|known| *known == letter);
            let value = value.and_then(|value| u8::try_from(value).ok());
            *places.next().ok_or(BadId)? = value.ok_or(BadId)?;
        }
        if places.next().is_some() || sum(&id) != 0 {
            return Err(BadId);
        }
        Ok(Self(id))
    }

    /// Without hyphens, as in the bundle.
    #[must_use]
    pub fn compact(self) -> String {
        let letter = |value: u8| LETTERS.get(usize::from(value)).copied().map(char::from);
        self.0.into_iter().filter_map(letter).collect()
    }
}

/// Luhn's sum to the base 32: every second value counts twice, the two digits of that added.
fn sum(id: &[u8; LENGTH]) -> u8 {
    let mut sum = 0;
    for (at, value) in id.iter().rev().enumerate() {
        let counted = if at % 2 == 0 { *value } else { 2 * *value };
        sum = (sum + counted / 32 + counted % 32) % 32;
    }
    sum
}

impl std::fmt::Display for FeedbackId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, letter) in self.compact().chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                formatter.write_str("-")?;
            }
            write!(formatter, "{letter}")?;
        }
        Ok(())
    }
}

/// A text is no id of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a feedback")]
pub struct BadId;

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Its name.
    pub id: FeedbackId,
    /// The system below the app.
    pub system: String,
    /// What went wrong, oldest first.
    pub items: Vec<Item>,
}

/// An incident in a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Seconds from the incident to the making of the bundle.
    pub seconds_ago: u64,
    /// What was under way.
    pub operation: Operation,
    /// At which relying party; empty if none was known.
    pub rp_id: String,
    /// What came in between.
    pub code: String,
}

/// Why bytes are not a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Longer than any bundle.
    #[error("the bundle is too long")]
    TooLong,
    /// Not canonical CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A member is absent, too long or has another form, or there is one that this version does not have.
    #[error("the bundle has a member that it should not have, or lacks one")]
    Member,
    /// Another version.
    #[error("a bundle of a version that is not known")]
    Version,
}

impl Bundle {
    /// Of what went wrong until `now`.
    #[must_use]
    pub fn new<'a>(
        id: FeedbackId,
        os: Os,
        incidents: impl Iterator<Item = &'a Incident>,
        now: Milliseconds,
    ) -> Self {
        let item = |incident: &Incident| Item {
            seconds_ago: now.since(incident.at) / 1000,
            operation: incident.operation,
            rp_id: host(&incident.rp_id),
            code: incident.cause.code().to_owned(),
        };
        Self {
            id,
            system: system(os),
            items: incidents.take(MAX_ITEMS).map(item).collect(),
        }
    }

    /// The bytes to be sent.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let item = |item: &Item| {
            Value::map([
                (
                    1,
                    Value::Integer(i64::try_from(item.seconds_ago).unwrap_or(i64::MAX)),
                ),
                (2, item.operation.name().into()),
                (3, item.rp_id.as_str().into()),
                (4, item.code.as_str().into()),
            ])
        };
        Value::map([
            (1, Value::Integer(VERSION)),
            (2, self.id.compact().as_str().into()),
            (3, self.system.as_str().into()),
            (4, Value::Array(self.items.iter().map(item).collect())),
        ])
        .encode()
    }

    /// Reads what was sent.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BUNDLE {
            return Err(BundleError::TooLong);
        }
        let map = closed(Value::decode(bytes)?, 4)?;
        let mut map = Parameters::of(Value::Map(map)).map_err(|_| BundleError::Member)?;
        if map.require::<i64>(1).map_err(|_| BundleError::Member)? != VERSION {
            return Err(BundleError::Version);
        }
        let id: String = map.require(2).map_err(|_| BundleError::Member)?;
        let system: String = map.require(3).map_err(|_| BundleError::Member)?;
        let items: Vec<Value> = map.require(4).map_err(|_| BundleError::Member)?;
        let parsed = FeedbackId::parse(&id).map_err(|_| BundleError::Member)?;
        let is_system = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b' ');
        let fits = parsed.compact() == id && is_made_of(&system, MAX_CODE, is_system);
        if !fits || items.len() > MAX_ITEMS {
            return Err(BundleError::Member);
        }
        Ok(Self {
            id: parsed,
            system,
            items: items
                .into_iter()
                .map(Item::read)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl Item {
    fn read(value: Value) -> Result<Self, BundleError> {
        let map = closed(value, 4)?;
        let mut map = Parameters::of(Value::Map(map)).map_err(|_| BundleError::Member)?;
        let seconds: i64 = map.require(1).map_err(|_| BundleError::Member)?;
        let operation: String = map.require(2).map_err(|_| BundleError::Member)?;
        let item = Self {
            seconds_ago: u64::try_from(seconds).map_err(|_| BundleError::Member)?,
            operation: Operation::of_name(&operation).ok_or(BundleError::Member)?,
            rp_id: map.require(3).map_err(|_| BundleError::Member)?,
            code: map.require(4).map_err(|_| BundleError::Member)?,
        };
        let is_code = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let is_whole = host(&item.rp_id) == item.rp_id
            && !item.code.is_empty()
            && is_made_of(&item.code, MAX_CODE, is_code);
        is_whole.then_some(item).ok_or(BundleError::Member)
    }
}

fn closed(value: Value, members: usize) -> Result<Map, BundleError> {
    match value {
        Value::Map(map) if map.len() == members => Ok(map),
        _ => Err(BundleError::Member),
    }
}

fn is_made_of(text: &str, longest: usize, allowed: impl Fn(u8) -> bool) -> bool {
    text.len() <= longest && text.bytes().all(allowed)
}

/// A relying party's name comes from whoever asked: nothing but what a host name is made of goes on.
fn host(rp_id: &str) -> String {
    let plain = |letter: char| match letter {
        'a'..='z' | '0'..='9' | '.' | '-' => letter,
        _ => '?',
    };
    rp_id.chars().take(MAX_NAME).map(plain).collect()
}

fn system(os: Os) -> String {
    match os {
        Os::Android { version, .. } => format!("android {version}"),
        Os::Ios { version } => format!("ios {version}"),
        Os::Linux => "linux".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::*;
    use crate::rules::Refusal;
    use crate::rules::incidents::Cause;

    fn id(seed: u8) -> FeedbackId {
        FeedbackId::from_random([seed; ID_RANDOM])
    }

    fn incident(rp_id: &str) -> Incident {
        Incident {
            at: Milliseconds(5_000),
            operation: Operation::Register,
            rp_id: rp_id.to_owned(),
            cause: Cause::Refused(Refusal::LookAlike),
        }
    }

    fn bundle(incidents: &[Incident]) -> Bundle {
        Bundle::new(id(7), Os::Linux, incidents.iter(), Milliseconds(65_999))
    }

    #[test]
    fn an_id_is_read_as_people_write_it() {
        let text = id(0xa5).to_string();
        assert_eq!(text.len(), 14);
        assert_eq!(FeedbackId::parse(&text), Ok(id(0xa5)));
        let spoken = text
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .replace('1', "l");
        assert_eq!(FeedbackId::parse(&spoken), Ok(id(0xa5)));
        for broken in [
            "",
            "0000",
            &format!("{text}0"),
            "UUUU-UUUU-UUUU",
            "äääääääääääää",
        ] {
            assert_eq!(FeedbackId::parse(broken), Err(BadId), "{broken}");
        }
    }

    #[test]
    fn one_wrong_character_of_an_id_is_noticed() {
        for seed in [0, 1, 0x5a, 0xff] {
            let good = id(seed).compact();
            for at in 0..LENGTH {
                for letter in LETTERS {
                    let mut spoiled = good.clone().into_bytes();
                    *spoiled.get_mut(at).unwrap() = *letter;
                    let spoiled = String::from_utf8(spoiled).unwrap();
                    assert_eq!(FeedbackId::parse(&spoiled).is_ok(), spoiled == good);
                }
            }
        }
    }

    #[test]
    fn a_bundle_is_read_as_it_was_written() {
        let whole = bundle(&[incident("login.contoso.com"), incident("")]);
        assert_eq!(Bundle::decode(&whole.encode()), Ok(whole.clone()));
        let item = whole.items.first().unwrap();
        assert_eq!((item.seconds_ago, item.code.as_str()), (60, "look_alike"));
        assert_eq!(whole.system, "linux");
    }

    #[test]
    fn a_relying_party_says_nothing_but_its_name() {
        let long = "a".repeat(2000);
        let odd = bundle(&[incident("x\u{202e}y PIN=1234"), incident(&long)]);
        let names: Vec<&str> = odd.items.iter().map(|item| item.rp_id.as_str()).collect();
        assert_eq!(names, ["x?y?????1234", &long[..MAX_NAME]]);
    }

    #[test]
    fn the_longest_bundle_fits() {
        let longest = vec![incident(&"a".repeat(MAX_NAME)); 2 * MAX_ITEMS];
        let bytes = bundle(&longest).encode();
        assert!(bytes.len() <= MAX_BUNDLE, "{}", bytes.len());
        assert_eq!(Bundle::decode(&bytes).unwrap().items.len(), MAX_ITEMS);
        assert_eq!(
            Bundle::decode(&vec![0; MAX_BUNDLE + 1]),
            Err(BundleError::TooLong)
        );
    }

    type Members = Vec<(i64, Value)>;

    #[test]
    fn what_is_no_bundle_is_refused() {
        let text = |text: &str| Value::from(text);
        let good_item = || {
            vec![
                (1, Value::Integer(1)),
                (2, text("register")),
                (3, text("rp.example")),
                (4, text("key_store")),
            ]
        };
        let whole = |change: &dyn Fn(&mut Members), item: Members| {
            let mut members = vec![
                (1, Value::Integer(1)),
                (2, text(&id(7).compact())),
                (3, text("linux")),
                (4, Value::Array(vec![Value::map(item)])),
            ];
            change(&mut members);
            Bundle::decode(&Value::map(members).encode())
        };
        assert!(whole(&|_| (), good_item()).is_ok());
        let changed = |key: i64, value: Value| {
            whole(&|members| members.push((key, value.clone())), good_item())
        };
        assert_eq!(changed(1, Value::Integer(2)), Err(BundleError::Version));
        for (key, value) in [
            (2, text("0000-0000-0000")),
            (2, text("000000000001")),
            (3, text("Linux")),
            (3, text(&"a".repeat(MAX_CODE + 1))),
            (
                4,
                Value::Array(vec![Value::map(good_item()); MAX_ITEMS + 1]),
            ),
            (5, text("more")),
        ] {
            assert_eq!(changed(key, value), Err(BundleError::Member), "{key}");
        }
        for (key, value) in [
            (1, Value::Integer(-1)),
            (2, text("reset")),
            (3, text("Rp.example")),
            (4, text("")),
            (4, text("Key store")),
            (5, text("more")),
        ] {
            let mut item = good_item();
            item.push((key, value));
            assert_eq!(whole(&|_| (), item), Err(BundleError::Member), "{key}");
        }
        assert_eq!(
            Bundle::decode(&[0xa0, 0]),
            Err(BundleError::Cbor(CborError::TrailingBytes))
        );
    }
}
