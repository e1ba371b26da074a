//! What the server does, apart from how it is asked.
//!
//! A flow loads (one read), verifies and decides on worker threads, and writes once: the change together with its record.
//! Surfaces extract, call one flow, and answer. Every refusal is a variant of a closed enum with a stable `code()`, a
//! sentence for the user and one for the administrator, and is itself written to a log under its correlation id.

pub mod access;
pub mod administer;
pub mod answer;
pub mod applications;
pub mod approvals;
pub mod attention;
pub mod authority;
pub mod challenge;
pub mod consent;
pub mod context;
pub mod credentials;
pub mod device;
pub mod directory;
pub mod disown;
pub mod erase;
pub mod feedback;
pub mod govern;
pub mod import;
pub mod issue_tokens;
pub mod lifecycle;
pub mod log_search;
pub mod look;
pub mod methods;
pub mod notices;
pub mod pass_code;
pub mod passwords;
pub mod personal_data;
pub mod places;
pub mod proofs;
pub mod provision;
pub mod receipt;
pub mod received;
pub mod records;
pub mod refusal;
pub mod register;
pub mod registrations;
pub mod revoke;
pub mod roles;
pub mod self_registration;
pub mod sign_in;
pub mod signals;
pub mod throttle;
pub mod totp;

use std::net::IpAddr;

use policy::model::{CorrelationId, TenantId, TokenHash};

pub use answer::{Next, SignedInAnswer, Step};
pub use context::{Destination, LocalPath, OpenContext, SignInContext};
pub use refusal::Refused;

use crate::pages::Language;

/// Who asks: everything about the request that flows and records need.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The attempt; on every page, record and log line.
    pub correlation: CorrelationId,
    /// Where from.
    pub ip: IpAddr,
    /// As sent; unverified.
    pub user_agent: String,
    /// The language the browser asked for, if it did.
    pub language: Option<Language>,
    /// SHA-256 of the pre-session cookie; absent where no browser layer stands in front.
    pub browser: Option<[u8; 32]>,
    /// Hashes of the session cookies that came with the request, live or not.
    pub previous: Vec<(TenantId, TokenHash)>,
}

impl Caller {
    /// An operator at the command line, or the server itself.
    pub fn of_operator(correlation: CorrelationId) -> Self {
        let ip = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
        Self {
            correlation,
            ip,
            user_agent: "keyward".to_owned(),
            language: None,
            browser: None,
            previous: Vec::new(),
        }
    }
}

/// A text that must not be shown or logged: a password, a pass, a one-time code.
#[derive(Clone, serde::Deserialize, zeroize::ZeroizeOnDrop)]
#[serde(transparent)]
pub struct SecretText(String);

impl SecretText {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one who uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(…)")
    }
}
