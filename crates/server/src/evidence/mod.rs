//! Evidence that the two logs are what they were: a Merkle tree over each, whose head is signed.
//!
//! ```text
//! record ──▶ leaf hash, shard, number      in the transaction that writes it (crates/store/src/evidence)
//!               │ within a second
//!               ▼
//!           sequencer ──▶ tiles ──▶ head   signed by an Ed25519 and an ML-DSA-65 key
//!                                    │ every five minutes while the log grows
//!                                    ▼
//!                                checkpoint ──▶ log line, evidence/checkpoints.jsonl
//! ```
//!
//! [`merkle`], [`tiles`], [`note`], [`keys`] and [`checkpoint`] are pure: no IO, no clock, no randomness of their own.
//! docs/evidence.md says the same to somebody who wants to check it with other means.

pub mod checkpoint;
pub mod keys;
pub mod merkle;
pub mod note;
mod portion;
pub mod prove;
pub mod retention;
pub mod sequencer;
pub mod streams;
pub mod tiles;
pub mod verify;

/// The audit activity of an erasure. `log verify` accepts erased records only of people whom such a record names.
pub const ERASURE: &str = "Erase personal data from logs";
