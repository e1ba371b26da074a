//! The ceremony room.
