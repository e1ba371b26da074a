//! Notices on their way out: e-mail and webhook.
//!
//! ```text
//!   flow ──(one write: change, record, copies)──▶ outbox ──▶ courier ──┬─▶ mail
//!          wakes the courier ─────────────────────────────────▲        └─▶ webhook
//! ```
//!
//! Delivery is at least once, by whichever node claims a copy first; a copy that fails is tried again for three days
//! (`policy::notices`). Nothing here decides what is worth a notice: that is `flow/notices.rs`.

mod address;
mod courier;
mod letter;
mod mail;
mod webhook;

use std::fmt;

use tokio::sync::Notify;

use crate::config::Config;

pub use address::is_public;
pub use courier::{Round, deliver, run};
pub use letter::{Letter, Reader, compose, title};
pub use mail::Mailer;
pub use webhook::{Hook, signature};
pub(crate) use webhook::{PublicOnly, cause};

/// The ways out of this process.
pub struct Notifier {
    mailer: Option<Mailer>,
    hook: Option<Hook>,
    woken: Notify,
}

/// Why a copy was not delivered. For logs and administrators; never shown to the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub problem: String,
    /// Whether trying again could never help.
    pub hopeless: bool,
}

impl Notifier {
    /// The ways that are configured.
    ///
    /// # Errors
    /// When a certificate authority cannot be read, or the TLS library refuses.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            mailer: config.mail.as_ref().map(Mailer::new).transpose()?,
            hook: config.webhook.as_ref().map(Hook::new).transpose()?,
            woken: Notify::new(),
        })
    }

    /// Tells the courier of this process that something was written.
    pub fn wake(&self) {
        self.woken.notify_one();
    }
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifier")
            .field("mail", &self.mailer.is_some())
            .field("webhook", &self.hook.is_some())
            .finish_non_exhaustive()
    }
}

impl Failure {
    fn passing(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            hopeless: false,
        }
    }

    fn hopeless(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            hopeless: true,
        }
    }
}
