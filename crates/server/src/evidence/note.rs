//! Signed notes: a text, a blank line, and a line per signature (the form of C2SP's `signed-note`).
//!
//! ```text
//! keyward/0193…/audit
//! 1042
//! 7bIY…=
//!
//! — keyward/0193…/audit 3fQK…=
//! — keyward/0193…/audit yP0c…=
//! ```
//!
//! A signature covers the text with its last line end. What stands in a signature line is base64 of four bytes that name the
//! key and the signature itself.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Longer notes are not read.
pub const MAX_LENGTH: usize = 64 * 1024;
/// Notes with more signatures are not read.
const MAX_SIGNATURES: usize = 16;
const SIGNATURE: &str = "— ";

/// A note as it was read: nothing about its signatures is known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Who signed.
    pub name: String,
    /// Which of their keys.
    pub key_id: [u8; 4],
    /// The signature.
    pub bytes: Vec<u8>,
}

/// Why a text is no note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteRefusal {
    /// Longer than [`MAX_LENGTH`], or with too many signatures.
    #[error("the note is too long")]
    TooLong,
    /// There is no blank line with signatures after it.
    #[error("the note is not signed")]
    Unsigned,
    /// A line after the text is no signature line.
    #[error("a signature line of the note cannot be read")]
    SignatureLine,
}

impl NoteRefusal {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "note_too_long",
            Self::Unsigned => "note_unsigned",
            Self::SignatureLine => "note_signature_line",
        }
    }
}

impl Note {
    /// A text that nobody has signed yet. It ends with a line end and has no blank line in it.
    pub const fn unsigned(text: String) -> Self {
        Self {
            text,
            signatures: Vec::new(),
        }
    }

    /// Adds a signature.
    pub fn add(&mut self, signature: Signature) {
        self.signatures.push(signature);
    }

    /// What the signatures cover.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Reads a note. Each note has one form: what is read here is what [`Note::render`] writes.
    pub fn parse(note: &str) -> Result<Self, NoteRefusal> {
        if note.len() > MAX_LENGTH {
            return Err(NoteRefusal::TooLong);
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteRefusal::Unsigned)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteRefusal::SignatureLine)?;
        let signatures = lines
            .split('\n')
            .map(|line| Signature::parse(line).ok_or(NoteRefusal::SignatureLine))
            .collect::<Result<Vec<_>, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteRefusal::TooLong);
        }
        Ok(Self {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// The note as text.
    pub fn render(&self) -> String {
        let mut out = format!("{}\n", self.text);
        for signature in &self.signatures {
            let bytes = [signature.key_id.as_slice(), &signature.bytes].concat();
            // Writing into a string does not fail.
            let _ = writeln!(
                out,
                "{SIGNATURE}{} {}",
                signature.name,
                BASE64.encode(bytes)
            );
        }
        out
    }
}

impl Signature {
    fn parse(line: &str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix(SIGNATURE)?.split_once(' ')?;
        let bytes = BASE64.decode(bytes).ok()?;
        let (key_id, bytes) = bytes.split_first_chunk::<4>()?;
        (!name.is_empty()).then(|| Self {
            name: name.to_owned(),
            key_id: *key_id,
            bytes: bytes.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;
    use proptest::prelude::*;

    fn signed() -> Note {
        let mut note = Note::unsigned("origin\n7\n".to_owned());
        for number in 0..2 {
            note.add(Signature {
                name: "origin".to_owned(),
                key_id: [number; 4],
                bytes: vec![number; 9],
            });
        }
        note
    }

    #[test]
    fn a_note_reads_as_it_was_written() {
        let text = "origin\n7\n\n— origin AAAAAAAAAAAAAAAAAA==\n— origin AQEBAQEBAQEBAQEBAQ==\n";
        assert_eq!(signed().render(), text);
        assert_eq!(Note::parse(text), Ok(signed()));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let text = signed().render();
        for (bad, refusal) in [
            ("", NoteRefusal::Unsigned),
            ("origin\n7\n", NoteRefusal::Unsigned),
            ("origin\n7\n\n", NoteRefusal::SignatureLine),
            (text.trim_end(), NoteRefusal::SignatureLine),
            (&text.replace('—', "-"), NoteRefusal::SignatureLine),
            (&text.replace("AAAA", "AA*A"), NoteRefusal::SignatureLine),
            (&text.replace("==", "="), NoteRefusal::SignatureLine),
            (&"x".repeat(MAX_LENGTH + 1), NoteRefusal::TooLong),
            (
                &format!("{text}{}", "— a AAAAAAA=\n".repeat(20)),
                NoteRefusal::TooLong,
            ),
        ] {
            assert_eq!(Note::parse(bad), Err(refusal), "{bad:.60}");
        }
    }

    proptest! {
        #[test]
        fn a_note_has_one_form(at in 0_usize..70, byte in any::<u8>()) {
            let mut bytes = signed().render().into_bytes();
            let at = at % bytes.len();
            *bytes.get_mut(at).unwrap() = byte;
            if let Ok(text) = String::from_utf8(bytes)
                && let Ok(note) = Note::parse(&text)
            {
                prop_assert_eq!(note.render(), text);
            }
        }
    }
}
