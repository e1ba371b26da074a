//! The authenticator from outside: messages in, messages out, with a fake world around it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]

mod arbitrary;
mod attestation;
mod commands;
mod config;
mod extensions;
mod large_blobs;
mod management;
mod pin;
mod platform;
mod reset;
mod world;
