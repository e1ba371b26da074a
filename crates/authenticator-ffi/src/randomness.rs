//! Where randomness comes from. Not from the shell: half of what it would bring here are keys of the encrypted channel, which have no
//! business on the other side of the boundary.

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};

/// Fills `out`; false if the system has none to give.
#[expect(
    clippy::disallowed_methods,
    reason = "the one source of randomness of a phone's process"
)]
pub fn fill(out: &mut [u8]) -> bool {
    SystemRandom::new().fill(out).is_ok()
}

/// Fresh bytes, or none.
pub fn bytes<const N: usize>() -> Option<[u8; N]> {
    let mut out = [0; N];
    fill(&mut out).then_some(out)
}
