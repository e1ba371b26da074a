//! Checkpoints: the head of a tree at a moment, signed.
//!
//! ```text
//! keyward/0193…/sign-ins            which tenant, which log
//! 1042                              how many leaves
//! 7bIY…=                            the root over them
//! dropped 0                         how many of them retention has dropped, from the first on
//! time 2026-11-24T10:00:00.5Z       when
//! key 1 pX0…=                       which key signs, and its fingerprint
//! ```

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use policy::model::{TenantId, Timestamp};
use store::evidence::Log;

use super::keys::{KeyFault, KnownKey, SignatureRefusal, SigningKey};
use super::merkle::Hash;
use super::note::{Note, NoteRefusal};

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Of which tenant.
    pub tenant: TenantId,
    /// Of which log.
    pub log: Log,
    /// How many leaves the tree has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// How many leaves, from the first on, retention had dropped.
    pub dropped: u64,
    /// When.
    pub at: Timestamp,
    /// The number of the key that signs.
    pub key: i64,
    /// The fingerprint of that key: who keeps a checkpoint keeps the key with it.
    pub fingerprint: Hash,
}

/// Why a text is no checkpoint of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointRefusal {
    /// It is no signed note.
    #[error(transparent)]
    Note(#[from] NoteRefusal),
    /// The note says something else.
    #[error("the note is no checkpoint of Keyward")]
    Text,
    /// It names a key that the chain does not lead to.
    #[error("the checkpoint is signed by a key that is not in the chain")]
    UnknownKey,
    /// The chain has another key under this number.
    #[error("the key that signed the checkpoint was replaced")]
    OtherKey,
    /// It is of a time at which the key did not sign.
    #[error("the checkpoint is of a time at which its key did not sign")]
    KeyTime,
    /// A signature is missing or wrong.
    #[error(transparent)]
    Signature(#[from] SignatureRefusal),
}

impl Checkpoint {
    /// Which log of which tenant.
    pub fn origin(&self) -> String {
        origin(self.tenant, self.log)
    }

    /// The checkpoint as a note that `key` has signed.
    pub fn sign(&self, key: &SigningKey) -> Result<Note, KeyFault> {
        let mut note = Note::unsigned(self.text());
        key.sign(&self.origin(), &mut note)?;
        Ok(note)
    }

    /// Reads a checkpoint. Nothing about its signatures is known yet.
    pub fn parse(note: &Note) -> Result<Self, CheckpointRefusal> {
        let read = Self::read(note.text()).ok_or(CheckpointRefusal::Text)?;
        // One form only: what is read is what would be written.
        if read.text() == note.text() {
            Ok(read)
        } else {
            Err(CheckpointRefusal::Text)
        }
    }

    /// It was signed by the key of that number in the chain, at a time at which that key signed.
    pub fn verify(&self, note: &Note, chain: &[KnownKey]) -> Result<(), CheckpointRefusal> {
        let key = chain
            .iter()
            .find(|key| key.number == self.key)
            .ok_or(CheckpointRefusal::UnknownKey)?;
        if key.public.fingerprint() != self.fingerprint {
            return Err(CheckpointRefusal::OtherKey);
        }
        if self.at < key.from || key.until.is_some_and(|until| self.at > until) {
            return Err(CheckpointRefusal::KeyTime);
        }
        Ok(key.public.verify(&self.origin(), note)?)
    }

    fn text(&self) -> String {
        let mut out = format!("{}\n{}\n", self.origin(), self.size);
        // Writing into a string does not fail.
        let _ = writeln!(out, "{}", BASE64.encode(self.root));
        let _ = writeln!(out, "dropped {}", self.dropped);
        let _ = writeln!(out, "time {}", time_text(self.at));
        let _ = writeln!(out, "key {} {}", self.key, BASE64.encode(self.fingerprint));
        out
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (tenant, log) = read_origin(lines.next()?)?;
        let size = lines.next()?.parse().ok()?;
        let root = read_hash(lines.next()?)?;
        let dropped = lines.next()?.strip_prefix("dropped ")?.parse().ok()?;
        let at: jiff::Timestamp = lines.next()?.strip_prefix("time ")?.parse().ok()?;
        let (key, fingerprint) = lines.next()?.strip_prefix("key ")?.split_once(' ')?;
        Some(Self {
            tenant,
            log,
            size,
            root,
            dropped,
            at: Timestamp::from_micros(at.as_microsecond()),
            key: key.parse().ok()?,
            fingerprint: read_hash(fingerprint)?,
        })
    }
}

/// A note with the checkpoint it holds.
pub fn read(text: &str) -> Result<(Checkpoint, Note), CheckpointRefusal> {
    let note = Note::parse(text)?;
    let checkpoint = Checkpoint::parse(&note)?;
    Ok((checkpoint, note))
}

/// A moment as RFC 3339 in UTC, with as many digits as it needs.
pub fn time_text(at: Timestamp) -> String {
    let micros = at.as_micros();
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(at) => at.to_string(),
        // Outside the calendar; the text still names the moment.
        Err(_) => micros.to_string(),
    }
}

fn origin(tenant: TenantId, log: Log) -> String {
    format!("keyward/{tenant}/{}", log.as_str())
}

fn read_origin(line: &str) -> Option<(TenantId, Log)> {
    let (tenant, log) = line.strip_prefix("keyward/")?.split_once('/')?;
    Some((tenant.parse().ok()?, Log::from_name(log)?))
}

fn read_hash(text: &str) -> Option<Hash> {
    BASE64.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::super::keys::{SEEDS, generate};
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_796_126_400);

    fn made(at: Timestamp) -> (Checkpoint, Note, KnownKey) {
        let tenant = TenantId::from_bytes([7; 16]);
        let (key, ..) = generate(tenant, None, NOW, [1; SEEDS]).unwrap();
        let checkpoint = Checkpoint {
            tenant,
            log: Log::SignIns,
            size: 1_042,
            root: [3; 32],
            dropped: 0,
            at,
            key: key.number,
            fingerprint: key.public.fingerprint(),
        };
        let note = checkpoint.sign(&key).unwrap();
        let known = KnownKey {
            number: 1,
            from: NOW,
            until: None,
            public: key.public,
        };
        (checkpoint, note, known)
    }

    #[test]
    fn a_checkpoint_reads_as_it_was_written() {
        let (checkpoint, note, key) = made(NOW);
        let (read, again) = read(&note.render()).unwrap();
        assert_eq!((&read, &again), (&checkpoint, &note));
        assert_eq!(read.verify(&again, &[key]), Ok(()));
        insta::assert_snapshot!(note.text(), @r"
        keyward/07070707-0707-0707-0707-070707070707/sign-ins
        1042
        AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=
        dropped 0
        time 2026-12-01T12:00:00Z
        key 1 VAPjZ5N7QkrqUeBAevnJexgsmp/gIrC1fWZP6oYXyME=
        ");
    }

    #[test]
    fn every_changed_byte_of_the_text_is_noticed() {
        let (_, note, key) = made(NOW);
        let rendered = note.render();
        for at in 0..note.text().len() {
            let mut bytes = rendered.clone().into_bytes();
            *bytes.get_mut(at).unwrap() ^= 1;
            let text = String::from_utf8(bytes).unwrap();
            let verified = read(&text).and_then(|(checkpoint, note)| {
                checkpoint.verify(&note, std::slice::from_ref(&key))
            });
            assert!(verified.is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_key_signs_only_what_is_of_its_time() {
        let (checkpoint, note, mut key) = made(NOW);
        let verify = |key: &KnownKey| checkpoint.verify(&note, std::slice::from_ref(key));
        key.until = Some(NOW);
        assert_eq!(verify(&key), Ok(()));
        key.from = Timestamp::from_seconds(NOW.as_seconds() + 1);
        assert_eq!(verify(&key), Err(CheckpointRefusal::KeyTime));
        key.from = Timestamp::from_seconds(NOW.as_seconds() - 9);
        key.until = Some(Timestamp::from_seconds(NOW.as_seconds() - 1));
        assert_eq!(verify(&key), Err(CheckpointRefusal::KeyTime));
    }

    #[test]
    fn a_replaced_key_is_noticed() {
        let (checkpoint, note, mut key) = made(NOW);
        let (foreign, ..) = generate(checkpoint.tenant, None, NOW, [2; SEEDS]).unwrap();
        key.public = foreign.public;
        assert_eq!(
            checkpoint.verify(&note, std::slice::from_ref(&key)),
            Err(CheckpointRefusal::OtherKey)
        );
        key.number = 2;
        assert_eq!(
            checkpoint.verify(&note, std::slice::from_ref(&key)),
            Err(CheckpointRefusal::UnknownKey)
        );
    }

    #[test]
    fn other_spellings_are_no_checkpoints() {
        let (_, note, _) = made(NOW);
        for (from, to) in [
            ("1042", "01042"),
            ("1042", "+1042"),
            ("sign-ins", "others"),
            ("dropped 0", "dropped  0"),
            ("12:00:00Z", "12:00:00.000Z"),
            ("12:00:00Z", "13:00:00+01:00"),
            ("key 1 ", "key 01 "),
        ] {
            let text = note.text().replace(from, to);
            assert_ne!(text, note.text());
            let other = Checkpoint::parse(&Note::unsigned(text));
            assert_eq!(other, Err(CheckpointRefusal::Text), "{to}");
        }
    }
}
