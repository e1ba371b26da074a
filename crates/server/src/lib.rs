//! The keyward room.
pub mod jose;
