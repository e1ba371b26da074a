//! R13: feedback as a shell sees it. What is in it is decided by `authenticator::rules::feedback`; the shell carries bytes.
//!
//! ```text
//!   make_feedback ──► the id, at once: the person reads it out
//!        when there is a connection, feedback_to_send ──► POST the bytes as `application/cbor` to `feedback_endpoint` of the
//!             organisation's authenticator-configuration
//!        answered with 200 or 201 ──► feedback_arrived; anything else: it waits on
//! ```

use crate::app::AppError;
use authenticator::device::{FeedbackError, FeedbackState};
use authenticator::rules::feedback::FeedbackId;

/// Why no feedback was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum FeedbackFault {
    /// Nothing went wrong that could be told.
    #[error("nothing went wrong that could be told")]
    NothingToTell,
    /// As many as are kept wait to be sent.
    #[error("too many feedbacks wait to be sent")]
    Full,
    /// The shelf or the randomness failed.
    #[error("the feedback could not be kept")]
    NotKept,
    /// The app could not be asked.
    #[error(transparent)]
    App {
        /// Why.
        fault: AppError,
    },
}

impl From<AppError> for FeedbackFault {
    fn from(fault: AppError) -> Self {
        Self::App { fault }
    }
}

impl From<FeedbackError> for FeedbackFault {
    fn from(error: FeedbackError) -> Self {
        match error {
            FeedbackError::NothingToTell => Self::NothingToTell,
            FeedbackError::Full => Self::Full,
            FeedbackError::NotKept => Self::NotKept,
        }
    }
}

/// A feedback that is remembered.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct FeedbackReport {
    /// Its id, as a person reads it out: `XXXX-XXXX-XXXX`.
    pub id: String,
    /// `queued` while it waits for a connection; `sent` when somebody has it under its id.
    pub state: String,
}

/// A feedback that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct FeedbackToSend {
    /// Its id.
    pub id: String,
    /// The body of the request, of type `application/cbor`: at most 16384 bytes, the same at every attempt.
    pub bytes: Vec<u8>,
}

impl From<(FeedbackId, FeedbackState)> for FeedbackReport {
    fn from((id, state): (FeedbackId, FeedbackState)) -> Self {
        let state = match state {
            FeedbackState::Queued => "queued",
            FeedbackState::Sent => "sent",
        };
        Self {
            id: id.to_string(),
            state: state.to_owned(),
        }
    }
}

impl From<(FeedbackId, Vec<u8>)> for FeedbackToSend {
    fn from((id, bytes): (FeedbackId, Vec<u8>)) -> Self {
        Self {
            id: id.to_string(),
            bytes,
        }
    }
}
