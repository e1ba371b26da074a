//! `/security-info`: a person's own page.

mod methods;
mod overview;
mod passkeys;
mod sessions;
