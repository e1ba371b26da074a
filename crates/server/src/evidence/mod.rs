//! Evidence that the two logs are what they were: a Merkle tree over each, kept in tiles.
//!
//! The pure part ([`merkle`], [`tiles`]) knows nothing of records, files or time.

pub mod merkle;
pub mod tiles;
