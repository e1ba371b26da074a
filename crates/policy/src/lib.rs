//! The nouns of the identity provider and every decision about them.
//!
//! This room reads no clock, opens no socket and draws no random number. It never verifies a
//! signature: it takes the proof values of `ceremony` as facts and says whether they are enough.
//!
//! ```text
//!   facts (what was proved)  ─┐
//!   nouns (what the store has) ├─▶ a decision ─▶ Allowed  ─▶ the store writes
//!   now                       ─┘            └─▶ Denial   ─▶ the page and the log say why
//! ```
//!
//! What the store writes ([`sign_in::NewSession`], [`register::NewPasskey`]) can only be made from a
//! proof *and* the permission that belongs to it.

mod denial;

pub mod access;
pub mod activation;
pub mod approvals;
pub mod campaign;
pub mod client;
pub mod clients;
pub mod consent;

pub mod explain;
pub mod impact;
pub mod key_place;
pub mod lifecycle;
pub mod lifetimes;
pub mod model;
pub mod notices;
pub mod passes;
pub mod permissions;
pub mod place;
pub mod profiles;
pub mod register;
pub mod registration;
pub mod roles;
pub mod scopes;
pub mod sign_in;
pub mod signals;
pub mod snapshot;
pub mod step_up;
pub mod strength;
pub mod templates;
pub mod validate;

pub use denial::Denial;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod samples;
