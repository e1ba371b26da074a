//! What sockets and the radio say when something is missing, as the two lists of missing pieces want to hear it.

use std::fmt;

use authenticator::device::Device;
use authenticator::device::platform::Platform;
use authenticator::rules::Refusal;
use authenticator::rules::connection as phone;
use authenticator::rules::cross_device::{self, Shell};
use hybrid::TunnelDomain;
use hybrid::connection as computer;

use crate::keys::Memory;

/// A world that can say which rule refused the last request.
pub trait Rules {
    /// The rule, if one did.
    fn refused(&self) -> Option<Refusal>;
}

impl Rules for Memory {
    fn refused(&self) -> Option<Refusal> {
        None
    }
}

impl<P: Platform> Rules for Device<P> {
    fn refused(&self) -> Option<Refusal> {
        self.last_refusal()
    }
}

/// Why a tunnel did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDialled {
    /// No way out of this machine.
    NoNetwork,
    /// The name leads nowhere.
    NameNotFound,
    /// Somebody says no, or something that is neither TLS nor HTTP.
    Refused,
    /// Nothing came back.
    TimedOut,
    /// TLS failed.
    NotTrusted,
    /// TLS failed because of a time.
    NotValidNow,
    /// Another status than the upgrade.
    Status(u16),
}

/// How a tunnel ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The service closed it: the other end is gone.
    Left,
    /// The connection to the service broke.
    Broke,
    /// Nothing came before the patience was over; whether anything ever had.
    Silent {
        /// Whether the other end was there before.
        after_words: bool,
    },
}

/// What the radio did not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRadio {
    /// It is off.
    Off,
    /// It is not for this program.
    Denied,
    /// It did not work.
    Failed,
    /// It heard nothing that is for us.
    Nothing,
}

macro_rules! error {
    ($($name:ident)+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}: {self:?}", stringify!($name))
            }
        }

        impl std::error::Error for $name {}
    )+};
}

error!(NotDialled Ended NoRadio);

/// What an error says of the tunnel, which both sides see alike. Their facts are of two crates that do not know each other.
macro_rules! tunnel_of {
    ($error:ident, $facts:ident, $side:ident) => {
        if let Some(dial) = $error.downcast_ref::<NotDialled>() {
            $facts.dial = Some(match *dial {
                NotDialled::NoNetwork => $side::Dial::NoNetwork,
                NotDialled::NameNotFound => $side::Dial::NameNotFound,
                NotDialled::Refused => $side::Dial::Refused,
                NotDialled::TimedOut => $side::Dial::TimedOut,
                NotDialled::NotTrusted => $side::Dial::NotTrusted,
                NotDialled::NotValidNow => $side::Dial::NotValidNow,
                NotDialled::Status(status) => $side::Dial::Status(status),
            });
        }
        if let Some(ended) = $error.downcast_ref::<Ended>() {
            $facts.other = Some(match ended {
                Ended::Silent { after_words: false } => $side::Other::Silent,
                Ended::Silent { after_words: true } | Ended::Left => $side::Other::Left,
                Ended::Broke => $side::Other::TunnelBroke,
            });
        }
    };
}

/// Says what an error of the phone means; other errors stay what they are.
pub fn of_phone(
    mut facts: phone::Facts,
    error: anyhow::Error,
    domain: TunnelDomain,
) -> anyhow::Error {
    use phone::Broadcast;
    tunnel_of!(error, facts, phone);
    if let Some(radio) = error.downcast_ref::<NoRadio>() {
        facts.broadcast = Some(match radio {
            NoRadio::Off => Broadcast::Off,
            NoRadio::Denied => Broadcast::Denied,
            NoRadio::Failed | NoRadio::Nothing => Broadcast::NotTaken,
        });
    }
    match phone::missing(&facts) {
        Some(missing) => {
            let hosts = cross_device::hosts(Shell::Linux, Some(&domain.host()));
            phone::Diagnosis::new(missing, hosts).into()
        }
        None => error,
    }
}

/// Says what an error of the computer means; other errors stay what they are.
pub fn of_computer(
    mut facts: computer::Facts,
    error: anyhow::Error,
    domain: Option<TunnelDomain>,
) -> anyhow::Error {
    use computer::Listening;
    tunnel_of!(error, facts, computer);
    if let Some(radio) = error.downcast_ref::<NoRadio>() {
        facts.listening = Some(match radio {
            NoRadio::Off => Listening::Off,
            NoRadio::Denied => Listening::Denied,
            NoRadio::Failed => Listening::Failed,
            NoRadio::Nothing => Listening::Nothing,
        });
    }
    match computer::missing(&facts) {
        Some(missing) => computer::Diagnosis::new(missing, computer::hosts(domain)).into(),
        None => error,
    }
}
