//! The keyward room.
