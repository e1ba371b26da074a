//! What comes from files: decoding only. What it means for the tenant is decided and written by flows.

pub mod csv;
pub mod entra;
pub mod people;
