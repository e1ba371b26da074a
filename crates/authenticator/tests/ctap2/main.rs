//! The authenticator from outside: messages in, messages out, with a fake world around it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]

mod arbitrary;
mod commands;
mod world;
