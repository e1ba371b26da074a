//! R4: a passkey belongs to one device. Files that were copied to another one show what there was and open nothing.

/// Which device an entry was made on, as its key store names itself.
pub type DeviceId = [u8; 16];

/// Whether an entry was made here.
#[must_use]
pub fn is_from_here(entry: &DeviceId, here: &DeviceId) -> bool {
    entry == here
}
