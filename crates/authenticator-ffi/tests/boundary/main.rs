//! What crosses the boundary, tried from Rust: what a shell throws or says wrongly opens nothing, and ends nothing either.
//! `rigs/bindings` tries the same, and the rules, from other languages.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]

mod answers;
mod codes;
mod diagnosis;
mod faults;
mod feedback;
mod session;
mod shell;
