//! R24: a tenant whose cloud has no passkeys in this app says so, and only that tenant is refused.

use super::Refusal;

/// Whether a tenant offers passkeys in this app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Availability {
    /// Yes.
    #[default]
    Available,
    /// No, with the reason that people read.
    Unavailable(String),
}

/// Whether the tenant offers them.
///
/// # Errors
/// [`Refusal::NotAvailable`].
pub const fn available(availability: &Availability) -> Result<(), Refusal> {
    match availability {
        Availability::Available => Ok(()),
        Availability::Unavailable(_) => Err(Refusal::NotAvailable),
    }
}
