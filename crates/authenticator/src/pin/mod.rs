//! PIN/UV auth protocols, the token they hand out, and the attempts that a PIN has (CTAP 2.2, section 6.5).
//!
//! The PIN itself lives in the world; here are only the rules around it: an attempt is counted before it is made, three wrong
//! ones in a row need a power cycle, and a token dies by time, by use and by any change of the PIN.

pub(crate) mod attempts;
pub(crate) mod protocol;
pub(crate) mod settings;
pub(crate) mod token;
