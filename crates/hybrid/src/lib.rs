//! The hybrid room.
