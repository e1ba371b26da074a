//! The keyward room.
pub mod cli;
pub mod jose;
pub mod oidc;
