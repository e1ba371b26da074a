//! Streams of security events to other systems, and the events on their way along them.
//!
//! An event is written by the job that makes the change, by the topic that makes it ([`crate::sessions`] where sessions end,
//! [`crate::outbox`] where a way to sign in changes, [`crate::users`] where an account goes): nobody can write one without
//! the change, or forget it. Each stream numbers its events without gaps, in the order of the commits, because the row of
//! the stream is locked while a number is given.

mod queue;
mod streams;

pub use queue::{
    Acknowledged, Claimed, Settled, acknowledge, claim, due, enqueue, of_correlation, postpone,
    refuse, release, waiting,
};
pub use streams::{
    Changed, Health, Secret, Verified, authorization, create, delete, exclude, find, health,
    include, list, set_status, take_verification, update,
};

pub(crate) use queue::{emit, stamp};

use crate::StoreError;
use crate::row::{Row, from_json};
use policy::model::{Stream, StreamStatus, SubjectFormat};

/// Events that may wait on one stream. A receiver that leaves more unread is not coming back; its stream is disabled, so
/// that the loss shows.
pub const WAITING: i64 = 20_000;

/// The columns of a stream with alias `s`, in the order of [`read`].
macro_rules! columns {
    () => {
        "s.tenant_id, s.id, s.application_id, s.endpoint, s.requested, s.format, s.description, \
         s.status, s.reason, s.created"
    };
}
pub(crate) use columns;

fn read(row: &mut Row) -> Result<Stream, StoreError> {
    Ok(Stream {
        tenant: row.take("stream tenant")?,
        id: row.take("stream id")?,
        application: row.take("stream receiver")?,
        endpoint: row.take("stream endpoint")?,
        requested: from_json(&row.take::<String>("stream events")?, "stream events")?,
        format: SubjectFormat::from_name(&row.take::<String>("stream format")?)
            .ok_or(StoreError::Damaged("stream format"))?,
        description: row.take("stream description")?,
        status: StreamStatus::from_name(&row.take::<String>("stream status")?)
            .ok_or(StoreError::Damaged("stream status"))?,
        reason: row.take("stream reason")?,
        created: row.take("stream created")?,
    })
}
