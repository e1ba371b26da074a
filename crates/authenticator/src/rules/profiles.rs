//! R15: a work profile and a personal one see nothing of each other.

/// Whether an entry belongs to this profile. The stores are apart already; this holds if somebody joins them.
#[must_use]
pub fn is_of(entry: &str, profile: &str) -> bool {
    entry == profile
}
