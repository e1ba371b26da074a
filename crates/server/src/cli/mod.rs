//! The commands of the binary, one module each.

pub mod demo;
pub mod dev_cert;
pub mod tour;
