//! `/security-info`: a person's own page.

pub mod activation;
mod export;
mod metadata;
mod methods;
mod overview;
mod passkeys;
mod sessions;
pub mod sightings;
