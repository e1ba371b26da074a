//! The commands of the binary, one module each.

pub mod dev_cert;
pub mod tour;
