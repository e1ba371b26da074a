//! Log streams: audit records, sign-ins and checkpoints, sent to where they are kept or watched.
//!
//! ```text
//!   a record ─▶ its leaf of the evidence tree ─▶ stream (one per [[log-streams]]) ─▶ file, syslog, webhook, OpenTelemetry
//!                the order of what is sent        cursor, moved after it was taken
//! ```
//!
//! The order is the one of the tree, so two streams of one log never differ, and every record says at which leaf it can be
//! proved. At least once: the cursor moves after the receiver has taken a batch, and a batch that failed is sent again
//! before anything after it.
//!
//! Refuses to do: skip a record that a receiver does not like; send what a redacted stream leaves out.

mod entry;
mod http;
mod reader;
mod record;
mod sink;
mod syslog;
mod worker;

pub use entry::{Entry, What};
pub use record::{audit_json, sign_in_json};
pub use sink::Sink;
pub use worker::{Worker, run};
