//! How long what a shell says may be. Nothing real comes near; what is longer is no answer.

/// Bytes of a key's name, of a grant, of an entry's name.
pub const NAME: usize = 1024;
/// Bytes of a signature: those of ML-DSA-87 have 4627.
pub const SIGNATURE: usize = 8192;
/// Certificates of a chain.
pub const CHAIN: usize = 10;
/// Bytes of a certificate.
pub const CERTIFICATE: usize = 16_384;
/// Entries of the shelf.
pub const ENTRIES: usize = 10_000;
/// Bytes of an entry.
pub const ENTRY: usize = 65_536;
/// Algorithms and pieces of hardware in a list.
pub const LIST: usize = 16;
/// Enrolled relying parties in a policy.
pub const ENROLLED: usize = 1024;
/// Bytes of a relying party's identifier, which is a domain name.
pub const RP_ID: usize = 253;
/// Bytes of a reason or a profile's name.
pub const TEXT: usize = 1024;
