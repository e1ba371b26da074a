//! The app's files, which a backup can carry to another device.

use std::collections::BTreeMap;

/// The files of one profile.
#[derive(Clone, Debug, Default)]
pub struct Files {
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Writing fails, as on a full disk.
    pub full: bool,
    /// Reading fails.
    pub unreadable: bool,
}

impl Files {
    pub(crate) fn all(&self) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
        let entries = self.entries.iter();
        let copied = entries.map(|(name, bytes)| (name.clone(), bytes.clone()));
        (!self.unreadable).then(|| copied.collect())
    }

    pub(crate) fn write(&mut self, name: &[u8], bytes: &[u8], remove: &[Vec<u8>]) -> bool {
        if self.full {
            return false;
        }
        for gone in remove {
            self.entries.remove(gone);
        }
        self.entries.insert(name.to_vec(), bytes.to_vec());
        true
    }

    pub(crate) fn remove(&mut self, name: &[u8]) -> bool {
        self.entries.remove(name).is_some()
    }

    /// Takes over the files of somebody else beside one's own.
    pub fn add(&mut self, other: &Self) {
        let others = other.entries.iter();
        self.entries
            .extend(others.map(|(name, bytes)| (name.clone(), bytes.clone())));
    }

    /// All bytes, for a test that looks for something that must not be there.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.entries.values().flatten().copied().collect()
    }
}
