use crate::model::{TenantId, Timestamp};

/// A tenant: one directory with its own users, keys, sessions and policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id, part of every key and of the issuer.
    pub id: TenantId,
    /// Shown to people on the sign-in page.
    pub display_name: String,
    /// Verified domains, lower case, the first one is the initial domain.
    pub domains: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
}

/// Counters that say what a node has to read again. They only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Versions {
    /// Grows with every change of a policy, a setting or an application.
    pub policy: i64,
    /// Grows with every revocation (passkey, session, user disabled).
    pub revocation: i64,
    /// Grows with every change of a signing or sealing key.
    pub keys: i64,
}
