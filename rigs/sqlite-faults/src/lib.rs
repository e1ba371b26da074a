//! A power cut for SQLite, played in memory.
//!
//! [`register`] adds a file system to SQLite (a VFS) that passes everything on to the real one and keeps
//! a second picture of each file: what a disk would hold if the power went away now. A write enters that
//! picture only when the file is synced. [`cut`] lays the picture down in another folder, where it
//! can be opened like a database after a crash.
//!
//! ```text
//!   SQLite ── xWrite ──▶ real file            (what the running process sees)
//!      │          └────▶ waiting list
//!      └───── xSync ───▶ waiting list ──▶ picture of the disk ── cut ──▶ another folder
//! ```
//!
//! It is honest about two things. A write that was not synced is not always lost: [`Loss::Some`] keeps
//! a choice of them, in their order, so that torn write-ahead logs are met too. And the folder itself is
//! taken to be durable: a file that was synced once is found again.
//!
//! Test-only: nothing that ships depends on this crate.
#![expect(
    unsafe_code,
    reason = "SQLite's file system interface is a C interface"
)]

mod disk;
mod vfs;

pub use disk::{Loss, Lost, cut};
pub use vfs::{NAME, RegisterError, register};
