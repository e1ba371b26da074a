//! The bookkeeping of a tunnel service: which tunnels are open, who may join them, how much goes through, and until when.
//! Sockets and clock are the caller's; what the messages say is nobody's here, they are encrypted between the ends.
//!
//! ```text
//!   authenticator ── new ─────► tunnel, one end ──── connect ◄── client               after a QR code
//!   client ── contact ────────► tunnel, one end ──── connect ◄── authenticator        over a link
//!                  └── call ──► the authenticator that listens
//! ```
//!
//! A tunnel has two ends, and nobody joins it a third time. Whoever opens many is one network address for the counting.
//! The addresses `/cable/new` and the rest are a convention of the first such service, which clients in use follow.

mod contact;
mod tally;

pub use contact::{Call, CallError, ContactSecret, Verdict};

use crate::keys::TunnelId;
use crate::link::{ContactPayload, MAX_CONTACT};
use crate::noise::MAX_MESSAGE;
use crate::tunnel::{from_base64url, from_hex, hex};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tally::Tally;

/// Which machine of a tunnel service has the tunnel. It travels in the advert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoutingId(pub [u8; 3]);

impl RoutingId {
    /// As it stands in the header `X-caBLE-Routing-ID` and in addresses.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }

    /// Reads six digits of either case.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text)?.try_into().ok().map(Self)
    }
}

/// What a tunnel service bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayLimits {
    /// Tunnels at a time.
    pub tunnels: usize,
    /// Ends of tunnels at a time from one address. An office behind one address is one.
    pub ends_per_address: usize,
    /// Authenticators that wait for calls at a time.
    pub listeners: usize,
    /// The same from one address.
    pub listeners_per_address: usize,
    /// How long a tunnel waits for its second end.
    pub waiting: Duration,
    /// How long a tunnel lives, a person's decision included.
    pub lifetime: Duration,
    /// Messages through one tunnel, both directions together.
    pub messages: u32,
    /// Bytes through one tunnel, both directions together.
    pub bytes: u64,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self {
            tunnels: 2048,
            ends_per_address: 64,
            listeners: 1024,
            listeners_per_address: 64,
            waiting: Duration::from_secs(180),
            lifetime: Duration::from_secs(600),
            messages: 128,
            bytes: 1024 * 1024,
        }
    }
}

/// What somebody at the relay did wrong, or why the relay cannot serve them now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayRefusal {
    /// A tunnel id, routing id or contact id that is none.
    #[error("the address holds an identifier that is none")]
    Identifier,
    /// A client payload that no linked client sends.
    #[error("the client payload is none")]
    Payload,
    /// The peer does not speak the transport's subprotocol.
    #[error("the subprotocol fido.cable was not offered")]
    Subprotocol,
    /// A tunnel of this name is open already, or has both its ends.
    #[error("the tunnel is taken")]
    Taken,
    /// No such tunnel, or not any more.
    #[error("there is no such tunnel")]
    NoTunnel,
    /// The tunnel is on another machine.
    #[error("the tunnel is on another machine")]
    OtherMachine,
    /// Nobody listens for this contact now.
    #[error("nobody listens for this contact")]
    NotListening,
    /// The authenticator has forgotten the link: the client should, too.
    #[error("the link is forgotten")]
    Forgotten,
    /// The relay is full.
    #[error("the relay is full")]
    Full,
    /// Too much comes from this address.
    #[error("too many tunnels from this address")]
    FullForAddress,
    /// A message that is empty or longer than any the transport has.
    #[error("a message of an impossible length")]
    MessageLength,
    /// Text, where the transport has bytes only.
    #[error("a message of text")]
    Text,
    /// More messages or bytes than a tunnel carries.
    #[error("the tunnel carried all it may")]
    Spent,
    /// The time of the tunnel is over.
    #[error("the tunnel's time is over")]
    Late,
}

impl RelayRefusal {
    /// Stable for ever; stands in metrics and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Identifier => "identifier",
            Self::Payload => "payload",
            Self::Subprotocol => "subprotocol",
            Self::Taken => "taken",
            Self::NoTunnel => "no_tunnel",
            Self::OtherMachine => "other_machine",
            Self::NotListening => "not_listening",
            Self::Forgotten => "forgotten",
            Self::Full => "full",
            Self::FullForAddress => "full_for_address",
            Self::MessageLength => "message_length",
            Self::Text => "text",
            Self::Spent => "spent",
            Self::Late => "late",
        }
    }
}

/// One end of one tunnel. A tunnel of the same name that is opened later is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    tunnel: TunnelId,
    number: u64,
}

/// One listening authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenTicket {
    contact: [u8; 32],
    number: u64,
}

/// How many of what there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tunnels with one end.
    pub waiting: usize,
    /// Tunnels with both ends.
    pub joined: usize,
    /// Authenticators that wait for calls.
    pub listening: usize,
}

/// All tunnels of one machine. `A` is what peers are counted by, `L` what the first end leaves for the second (the means to
/// reach it), `C` the means to call a listener.
///
/// Whoever opens or joins waits for no walk over all tunnels: what is asked each time is counted as it changes.
pub struct Relay<A, L, C> {
    limits: RelayLimits,
    routing: RoutingId,
    tunnels: BTreeMap<[u8; 16], Tunnel<A, L>>,
    /// Every tunnel, the one first whose time is over first.
    deadlines: BTreeSet<(Duration, [u8; 16])>,
    /// Ends by address.
    ends: Tally<A>,
    /// Tunnels with one end.
    waiting: usize,
    listeners: BTreeMap<[u8; 32], Listener<A, C>>,
    next: u64,
}

struct Tunnel<A, L> {
    number: u64,
    opened: Duration,
    first: A,
    state: State<A, L>,
    messages: u32,
    bytes: u64,
}

enum State<A, L> {
    /// The first end waits; the second will find this.
    Waiting(L),
    /// Nobody else comes in.
    Joined(A),
}

struct Listener<A, C> {
    number: u64,
    from: A,
    calls: C,
}

impl<A: Ord + Clone, L, C: Clone> Relay<A, L, C> {
    /// An empty relay.
    #[must_use]
    pub const fn new(limits: RelayLimits, routing: RoutingId) -> Self {
        Self {
            limits,
            routing,
            tunnels: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            ends: Tally::new(),
            waiting: 0,
            listeners: BTreeMap::new(),
            next: 0,
        }
    }

    /// This machine's routing id.
    #[must_use]
    pub const fn routing(&self) -> RoutingId {
        self.routing
    }

    /// Opens a tunnel and leaves `line` for whoever joins it.
    ///
    /// # Errors
    /// [`RelayRefusal::Taken`], [`RelayRefusal::Full`] or [`RelayRefusal::FullForAddress`].
    pub fn open(
        &mut self,
        tunnel: TunnelId,
        from: A,
        line: L,
        now: Duration,
    ) -> Result<Ticket, RelayRefusal> {
        self.sweep(now);
        if self.tunnels.contains_key(&tunnel.0) {
            return Err(RelayRefusal::Taken);
        }
        if self.tunnels.len() >= self.limits.tunnels {
            return Err(RelayRefusal::Full);
        }
        self.room_for(&from)?;
        let number = self.number();
        self.ends.add(&from);
        self.waiting += 1;
        let opened = Tunnel {
            number,
            opened: now,
            first: from,
            state: State::Waiting(line),
            messages: 0,
            bytes: 0,
        };
        self.deadlines.insert((opened.ends(&self.limits), tunnel.0));
        self.tunnels.insert(tunnel.0, opened);
        Ok(Ticket { tunnel, number })
    }

    /// Joins a tunnel; takes what its first end left.
    ///
    /// # Errors
    /// [`RelayRefusal::OtherMachine`], [`RelayRefusal::NoTunnel`], [`RelayRefusal::Taken`] or
    /// [`RelayRefusal::FullForAddress`].
    pub fn join(
        &mut self,
        routing: RoutingId,
        tunnel: TunnelId,
        from: A,
        now: Duration,
    ) -> Result<(Ticket, L), RelayRefusal> {
        self.sweep(now);
        if routing != self.routing {
            return Err(RelayRefusal::OtherMachine);
        }
        // Before the count: who asks for a tunnel that is not there learns nothing of how full it is.
        if !self.tunnels.contains_key(&tunnel.0) {
            return Err(RelayRefusal::NoTunnel);
        }
        self.room_for(&from)?;
        let found = self
            .tunnels
            .get_mut(&tunnel.0)
            .ok_or(RelayRefusal::NoTunnel)?;
        let ticket = Ticket {
            tunnel,
            number: found.number,
        };
        let before = found.ends(&self.limits);
        match std::mem::replace(&mut found.state, State::Joined(from.clone())) {
            State::Waiting(line) => {
                let after = found.ends(&self.limits);
                self.deadlines.remove(&(before, tunnel.0));
                self.deadlines.insert((after, tunnel.0));
                self.ends.add(&from);
                self.waiting -= 1;
                Ok((ticket, line))
            }
            taken @ State::Joined(_) => {
                found.state = taken;
                Err(RelayRefusal::Taken)
            }
        }
    }

    /// Whether a message of so many bytes may go through, and counts it.
    ///
    /// # Errors
    /// [`RelayRefusal::MessageLength`], [`RelayRefusal::Spent`], [`RelayRefusal::Late`] or [`RelayRefusal::NoTunnel`].
    pub fn pass(
        &mut self,
        ticket: &Ticket,
        length: usize,
        now: Duration,
    ) -> Result<(), RelayRefusal> {
        let limits = self.limits;
        let tunnel = self.tunnel(ticket)?;
        if now > tunnel.ends(&limits) {
            return Err(RelayRefusal::Late);
        }
        if length == 0 || length > MAX_MESSAGE {
            return Err(RelayRefusal::MessageLength);
        }
        let bytes = tunnel.bytes.saturating_add(length as u64);
        let messages = tunnel.messages.saturating_add(1);
        if messages > limits.messages || bytes > limits.bytes {
            return Err(RelayRefusal::Spent);
        }
        (tunnel.messages, tunnel.bytes) = (messages, bytes);
        Ok(())
    }

    /// When the tunnel's time is over: sooner while it waits for its second end.
    ///
    /// # Errors
    /// [`RelayRefusal::NoTunnel`].
    pub fn ends(&mut self, ticket: &Ticket) -> Result<Duration, RelayRefusal> {
        let limits = self.limits;
        self.tunnel(ticket).map(|tunnel| tunnel.ends(&limits))
    }

    /// Closes the tunnel. Either end may, and the second time is nothing.
    pub fn close(&mut self, ticket: &Ticket) {
        if self.tunnel(ticket).is_ok() {
            self.remove(ticket.tunnel.0);
        }
    }

    /// An authenticator begins to listen for calls. Who knows the contact's secret takes over from an older connection of
    /// the same authenticator.
    ///
    /// # Errors
    /// [`RelayRefusal::Full`] or [`RelayRefusal::FullForAddress`].
    pub fn listen(
        &mut self,
        secret: &ContactSecret,
        from: A,
        calls: C,
    ) -> Result<ListenTicket, RelayRefusal> {
        let contact = secret.contact_id();
        let others = || {
            self.listeners
                .iter()
                .filter(|(known, _)| **known != contact)
                .map(|(_, listener)| listener)
        };
        if others().count() >= self.limits.listeners {
            return Err(RelayRefusal::Full);
        }
        let from_there = others().filter(|listener| listener.from == from).count();
        if from_there >= self.limits.listeners_per_address {
            return Err(RelayRefusal::FullForAddress);
        }
        let number = self.number();
        let listener = Listener {
            number,
            from,
            calls,
        };
        self.listeners.insert(contact, listener);
        Ok(ListenTicket { contact, number })
    }

    /// The means to call who listens for this contact.
    ///
    /// # Errors
    /// [`RelayRefusal::NotListening`].
    pub fn listener(&self, contact: &[u8]) -> Result<C, RelayRefusal> {
        let found = contact
            .try_into()
            .ok()
            .and_then(|contact: [u8; 32]| self.listeners.get(&contact));
        found
            .map(|listener| listener.calls.clone())
            .ok_or(RelayRefusal::NotListening)
    }

    /// The authenticator does not listen any more, unless a newer connection of it does.
    pub fn leave(&mut self, ticket: &ListenTicket) {
        let is_this = |listener: &Listener<A, C>| listener.number == ticket.number;
        if self.listeners.get(&ticket.contact).is_some_and(is_this) {
            self.listeners.remove(&ticket.contact);
        }
    }

    /// Drops tunnels whose time is over; how many.
    pub fn sweep(&mut self, now: Duration) -> usize {
        let before = self.tunnels.len();
        while let Some(&(ends, tunnel)) = self.deadlines.first() {
            if now <= ends {
                break;
            }
            self.deadlines.pop_first();
            self.remove(tunnel);
        }
        before - self.tunnels.len()
    }

    /// How many of what there are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            waiting: self.waiting,
            joined: self.tunnels.len() - self.waiting,
            listening: self.listeners.len(),
        }
    }

    fn remove(&mut self, tunnel: [u8; 16]) {
        let Some(removed) = self.tunnels.remove(&tunnel) else {
            return;
        };
        self.deadlines.remove(&(removed.ends(&self.limits), tunnel));
        self.ends.take(&removed.first);
        match removed.state {
            State::Waiting(_) => self.waiting -= 1,
            State::Joined(second) => self.ends.take(&second),
        }
    }

    fn tunnel(&mut self, ticket: &Ticket) -> Result<&mut Tunnel<A, L>, RelayRefusal> {
        self.tunnels
            .get_mut(&ticket.tunnel.0)
            .filter(|tunnel| tunnel.number == ticket.number)
            .ok_or(RelayRefusal::NoTunnel)
    }

    fn room_for(&self, from: &A) -> Result<(), RelayRefusal> {
        if self.ends.of(from) >= self.limits.ends_per_address {
            return Err(RelayRefusal::FullForAddress);
        }
        Ok(())
    }

    const fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

impl<A, L> Tunnel<A, L> {
    const fn ends(&self, limits: &RelayLimits) -> Duration {
        let limit = match self.state {
            State::Waiting(_) => limits.waiting,
            State::Joined(_) => limits.lifetime,
        };
        self.opened.saturating_add(limit)
    }
}

impl<A, L, C> std::fmt::Debug for Relay<A, L, C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Relay")
            .field("routing", &self.routing)
            .field("tunnels", &self.tunnels.len())
            .field("listeners", &self.listeners.len())
            .finish_non_exhaustive()
    }
}

/// Reads a tunnel id in an address. Browsers write upper case, others lower case: it is the bytes that count.
///
/// # Errors
/// [`RelayRefusal::Identifier`].
pub fn tunnel_id(text: &str) -> Result<TunnelId, RelayRefusal> {
    let bytes = from_hex(text).and_then(|bytes| bytes.try_into().ok());
    bytes.map(TunnelId).ok_or(RelayRefusal::Identifier)
}

/// Reads a routing id in an address.
///
/// # Errors
/// [`RelayRefusal::Identifier`].
pub fn routing_id(text: &str) -> Result<RoutingId, RelayRefusal> {
    RoutingId::from_hex(text).ok_or(RelayRefusal::Identifier)
}

/// Reads a contact id in an address.
///
/// # Errors
/// [`RelayRefusal::Identifier`].
pub fn contact_id(text: &str) -> Result<Vec<u8>, RelayRefusal> {
    from_base64url(text)
        .filter(|contact| (1..=MAX_CONTACT).contains(&contact.len()))
        .ok_or(RelayRefusal::Identifier)
}

/// Reads the header of a linked client.
///
/// # Errors
/// [`RelayRefusal::Payload`].
pub fn client_payload(text: &str) -> Result<ContactPayload, RelayRefusal> {
    ContactPayload::from_hex(text).map_err(|_| RelayRefusal::Payload)
}
