//! The relay of this process: the bookkeeping behind a lock that is never held across an await, and the clock read for it.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hybrid::TunnelId;
use hybrid::relay::{
    Call, ContactSecret, ListenTicket, Relay, RelayRefusal, RoutingId, Ticket, Verdict,
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::carry::Line;
use crate::app::AppState;
use crate::clock::Clock;
use crate::config::RelayConfig;
use crate::limits::network;

/// What peers are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A network address; of IPv6 its /64, of which one customer has all.
    Network(IpAddr),
    /// This machine, or a proxy that was not declared: its peers are not each other, so each counts by itself.
    ThisMachine(u64),
}

/// A call for an authenticator that listens, and the way its verdict comes back.
#[derive(Debug)]
pub struct Ring {
    /// What the authenticator is told.
    pub call: Call,
    /// Where its verdict goes.
    pub verdict: oneshot::Sender<Verdict>,
}

type Books = Relay<Origin, Line, mpsc::Sender<Ring>>;

/// All tunnels of this process.
#[derive(Debug)]
pub struct Desk {
    books: Mutex<Books>,
    clock: Clock,
    strangers: AtomicU64,
    stopping: CancellationToken,
}

impl Desk {
    /// An empty desk.
    pub fn new(config: &RelayConfig, clock: Clock) -> Self {
        Self {
            books: Mutex::new(Relay::new(config.limits, config.routing)),
            clock,
            strangers: AtomicU64::new(0),
            stopping: CancellationToken::new(),
        }
    }

    /// By what a peer at `ip` is counted.
    pub fn origin(&self, ip: IpAddr) -> Origin {
        if ip.is_loopback() {
            return Origin::ThisMachine(self.strangers.fetch_add(1, Ordering::Relaxed));
        }
        Origin::Network(network(ip))
    }

    /// This machine's routing id.
    pub fn routing(&self) -> RoutingId {
        self.books().routing()
    }

    /// Drops what is over; called now and then.
    pub fn tidy(&self) {
        let now = self.now();
        self.changed(|books| books.sweep(now));
    }

    /// Ends every tunnel: the process stops.
    pub fn stop(&self) {
        self.stopping.cancel();
    }

    /// Waits until the process stops.
    pub async fn stopped(&self) {
        self.stopping.cancelled().await;
    }

    /// Whether this tunnel's time is over, or the other end closed it.
    pub fn is_over(&self, ticket: &Ticket) -> Result<(), RelayRefusal> {
        let ends = self.books().ends(ticket)?;
        if self.now() > ends {
            return Err(RelayRefusal::Late);
        }
        Ok(())
    }

    /// Counts a message of `length` bytes that wants to pass.
    pub fn pass(&self, ticket: &Ticket, length: usize) -> Result<(), RelayRefusal> {
        self.books().pass(ticket, length, self.now())?;
        metrics::counter!("keyward_relay_messages_total").increment(1);
        metrics::counter!("keyward_relay_bytes_total").increment(length as u64);
        Ok(())
    }

    /// Who listens for this contact.
    pub fn listener(&self, contact: &[u8]) -> Result<mpsc::Sender<Ring>, RelayRefusal> {
        self.books().listener(contact)
    }

    fn now(&self) -> Duration {
        let micros = self.clock.now().as_micros();
        Duration::from_micros(u64::try_from(micros).unwrap_or_default())
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed<T>(&self, change: impl FnOnce(&mut Books) -> T) -> T {
        let mut books = self.books();
        let result = change(&mut books);
        let counts = books.counts();
        // Before the books are closed: a change that came later must not be overwritten by one that came before it.
        for (state, count) in [
            ("waiting", counts.waiting),
            ("joined", counts.joined),
            ("listening", counts.listening),
        ] {
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
            metrics::gauge!("keyward_relay", "state" => state).set(count as f64);
        }
        result
    }
}

/// One end of a tunnel. The tunnel closes when either of its ends is dropped, wherever that happens.
#[derive(Debug)]
pub struct End {
    app: AppState,
    /// Its place in the books.
    pub ticket: Ticket,
}

impl End {
    /// Opens a tunnel.
    pub fn open(
        app: &AppState,
        tunnel: TunnelId,
        from: Origin,
        line: Line,
    ) -> Result<Self, RelayRefusal> {
        let desk = app.relay.as_ref().ok_or(RelayRefusal::NoTunnel)?;
        let now = desk.now();
        let ticket = desk.changed(|books| books.open(tunnel, from, line, now))?;
        Ok(Self {
            app: app.clone(),
            ticket,
        })
    }

    /// Joins a tunnel, and takes what its first end left.
    pub fn join(
        app: &AppState,
        routing: RoutingId,
        tunnel: TunnelId,
        from: Origin,
    ) -> Result<(Self, Line), RelayRefusal> {
        let desk = app.relay.as_ref().ok_or(RelayRefusal::NoTunnel)?;
        let now = desk.now();
        let joined = desk.changed(|books| books.join(routing, tunnel, from, now));
        joined.map(|(ticket, line)| {
            let app = app.clone();
            (Self { app, ticket }, line)
        })
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if let Some(desk) = &self.app.relay {
            desk.changed(|books| books.close(&self.ticket));
        }
    }
}

/// An authenticator that listens; it does not any more when this is dropped.
#[derive(Debug)]
pub struct Listening {
    app: AppState,
    ticket: ListenTicket,
}

impl Listening {
    /// Begins to listen.
    pub fn begin(
        app: &AppState,
        secret: &ContactSecret,
        from: Origin,
        calls: mpsc::Sender<Ring>,
    ) -> Result<Self, RelayRefusal> {
        let desk = app.relay.as_ref().ok_or(RelayRefusal::NotListening)?;
        let ticket = desk.changed(|books| books.listen(secret, from, calls))?;
        Ok(Self {
            app: app.clone(),
            ticket,
        })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(desk) = &self.app.relay {
            desk.changed(|books| books.leave(&self.ticket));
        }
    }
}
