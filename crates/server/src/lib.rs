//! The keyward room.
pub mod jose;
pub mod oidc;
