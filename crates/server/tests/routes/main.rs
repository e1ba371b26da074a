//! Route tests: one module for each part of the address space, all in the world of `tests/world.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]

#[path = "../world.rs"]
mod world;

mod admin;
mod approvals;
mod authenticators;
mod cable;
mod commands;
mod evidence;
mod graph;
mod hostile;
mod lifecycle;
mod logs;
mod notices;
mod oidc;
mod page;
mod recover_admin;
mod scim;
mod security_info;
mod signals;
mod signin;
