//! A phone and a computer for hybrid transport over real sockets: our authenticator with keys in memory, and our client.
//!
//! Never a product: the keys are in memory, the person agrees to everything, and the clock and randomness are read wherever
//! they are needed. What is real: QR code, advert over the D-Bus of BlueZ, tunnel over TLS, encrypted channel, CTAP2.

pub mod computer;
pub mod faults;
pub mod keys;
pub mod links;
pub mod phone;
pub mod radio;
pub mod tunnel;

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, anyhow};
use aws_lc_rs::rand::SecureRandom as _;

/// Fresh random bytes.
#[expect(
    clippy::disallowed_methods,
    reason = "a rig with foreign programs lives in real randomness"
)]
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| anyhow!("no randomness"))?;
    Ok(bytes)
}

/// Time since a start of one's own.
#[derive(Clone, Copy, Debug)]
pub struct Watch(Instant);

impl Watch {
    /// Begins now.
    #[expect(
        clippy::disallowed_methods,
        reason = "a rig with foreign programs lives in real time"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Since the start.
    pub fn elapsed(&self) -> Duration {
        let Self(start) = Self::start();
        start.duration_since(self.0)
    }
}

/// The clock on the wall, which may be wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wall {
    /// Seconds by which it is wrong.
    pub off_by: i64,
    /// Whether a time service is asked, which is right.
    pub asks: bool,
}

impl Wall {
    /// What it shows, in seconds since 1970.
    pub fn now(self) -> u64 {
        truth().saturating_add_signed(self.off_by)
    }

    /// What others say the time is.
    pub fn witnesses(self) -> Vec<u64> {
        self.asks.then(truth).into_iter().collect()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a rig with foreign programs lives in real time"
)]
fn truth() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
