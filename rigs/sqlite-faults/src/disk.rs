//! What a disk would hold: per file the synced content and the writes that wait for a sync.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

static FILES: Mutex<BTreeMap<String, File>> = Mutex::new(BTreeMap::new());

#[derive(Debug, Default, Clone)]
struct File {
    durable: Vec<u8>,
    /// Whether the file was synced at least once; before that a power cut loses even its name.
    named: bool,
    waiting: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate { to: usize },
}

/// Which of the writes that were not synced are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of them.
    All,
    /// About half of them, chosen by this seed.
    Some(u64),
}

/// What a cut lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    /// Writes that were waiting for a sync and are gone.
    pub writes: usize,
}

/// Plays a power cut at this moment for the files in `folder`, and lays what the disk holds down in
/// `into`. The running process is not disturbed.
///
/// # Errors
/// If `into` cannot be written.
pub fn cut(folder: &Path, into: &Path, loss: Loss) -> io::Result<Lost> {
    let files: Vec<(String, File)> = {
        let files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
        let inside = |name: &str| Path::new(name).parent() == Some(folder);
        files
            .iter()
            .filter(|(name, _)| inside(name))
            .map(|(name, file)| (name.clone(), file.clone()))
            .collect()
    };
    let mut dice = match loss {
        Loss::All => None,
        Loss::Some(seed) => Some(Dice(seed)),
    };
    let mut lost = Lost::default();
    for (name, file) in files {
        let Some(name) = Path::new(&name).file_name() else {
            continue;
        };
        let content = after_cut(file, dice.as_mut(), &mut lost);
        if let Some(content) = content {
            fs::write(into.join(name), content)?;
        }
    }
    Ok(lost)
}

fn after_cut(mut file: File, mut dice: Option<&mut Dice>, lost: &mut Lost) -> Option<Vec<u8>> {
    for change in std::mem::take(&mut file.waiting) {
        if dice.as_mut().is_some_and(|dice| dice.heads()) {
            apply(&mut file.durable, change);
        } else {
            lost.writes += 1;
        }
    }
    file.named.then_some(file.durable)
}

/// A write reached the process's view of the file.
pub fn wrote(name: &str, at: usize, bytes: &[u8]) {
    change(
        name,
        Change::Write {
            at,
            bytes: bytes.to_vec(),
        },
    );
}

/// A truncation reached the process's view of the file.
pub fn truncated(name: &str, to: usize) {
    change(name, Change::Truncate { to });
}

/// The file was synced: everything that waited is durable.
pub fn synced(name: &str) {
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let file = files.entry(name.to_owned()).or_default();
    file.named = true;
    for change in std::mem::take(&mut file.waiting) {
        apply(&mut file.durable, change);
    }
}

/// The file was deleted.
pub fn deleted(name: &str) {
    FILES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .remove(name);
}

fn change(name: &str, change: Change) {
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    files
        .entry(name.to_owned())
        .or_default()
        .waiting
        .push(change);
}

fn apply(content: &mut Vec<u8>, change: Change) {
    match change {
        Change::Truncate { to } => content.truncate(to),
        Change::Write { at, bytes } => {
            let end = at.saturating_add(bytes.len());
            if content.len() < end {
                content.resize(end, 0);
            }
            if let Some(place) = content.get_mut(at..end) {
                place.copy_from_slice(&bytes);
            }
        }
    }
}

/// A small reproducible source of coin flips (xorshift).
struct Dice(u64);

impl Dice {
    fn heads(&mut self) -> bool {
        let mut x = self.0 | 1;
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0 = x;
        x & 0x10 != 0
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn cut_of(name: &str, loss: Loss) -> (Option<Vec<u8>>, Lost) {
        let file = FILES.lock().unwrap().get(name).unwrap().clone();
        let mut lost = Lost::default();
        let mut dice = match loss {
            Loss::All => None,
            Loss::Some(seed) => Some(Dice(seed)),
        };
        (after_cut(file, dice.as_mut(), &mut lost), lost)
    }

    #[test]
    fn only_synced_writes_survive() {
        wrote("/t/a", 0, b"synced");
        synced("/t/a");
        wrote("/t/a", 0, b"lost");
        truncated("/t/a", 1);
        let (content, lost) = cut_of("/t/a", Loss::All);
        assert_eq!((content.unwrap(), lost.writes), (b"synced".to_vec(), 2));
    }

    #[test]
    fn a_file_that_was_never_synced_is_gone() {
        wrote("/t/b", 0, b"x");
        assert_eq!(cut_of("/t/b", Loss::All).0, None);
    }

    #[test]
    fn a_partial_loss_keeps_some_writes() {
        synced("/t/c");
        for at in 0..64 {
            wrote("/t/c", at, b"x");
        }
        let (_, lost) = cut_of("/t/c", Loss::Some(7));
        assert!(lost.writes > 8 && lost.writes < 56, "{lost:?}");
    }
}
