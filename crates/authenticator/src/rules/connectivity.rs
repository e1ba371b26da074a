//! R12: no use without the internet where somebody may have to take the passkey back.

use super::Refusal;
use crate::device::policy::Front;

/// What decides.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Whether this device reaches the internet.
    pub online: bool,
    /// The way the request came.
    pub front: Front,
    /// Whether the relying party is enrolled.
    pub enrolled: bool,
    /// Whether relying parties that are not enrolled may be used offline.
    pub offline_elsewhere: bool,
}

/// Whether a request may go on.
///
/// # Errors
/// [`Refusal::Offline`].
pub const fn connected(facts: Facts) -> Result<(), Refusal> {
    let local = matches!(facts.front, Front::Local);
    if facts.online || (local && !facts.enrolled && facts.offline_elsewhere) {
        Ok(())
    } else {
        Err(Refusal::Offline)
    }
}
