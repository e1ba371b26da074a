//! When a computer and a phone do not come together: which piece is missing, as the computer sees it, and what to do about it.
//!
//! Whoever holds the sockets and the radio tells what happened ([`Facts`]); [`missing`] says what that means. The authenticator
//! at the other end has a list of its own among its rules, since it sees other things and knows nothing of this crate; where both
//! name the same piece, it has the same code.

use crate::tunnel::{ASSIGNED, TunnelDomain};

/// What stands above every sentence, with the code `could_not_connect` for translations.
pub const TITLE: &str = "Device couldn't connect";

/// Seconds by which two clocks may differ before one of them is called wrong.
const TOLERANCE: u64 = 600;
/// The status by which an authenticator says that a rule does not let it (CTAP 2.2, section 8.2: `CTAP2_ERR_NOT_ALLOWED`).
const NOT_ALLOWED: u8 = 0x30;

/// The piece that is missing. Closed; [`Missing::code`] is stable for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Bluetooth of this computer is switched off.
    BluetoothOff,
    /// This program may not use Bluetooth.
    BluetoothDenied,
    /// Bluetooth does not listen, for another reason; also where there is no adapter.
    BluetoothFailed,
    /// This computer's connection to the internet.
    Offline,
    /// An advert: the other device has Bluetooth off, is far away, has no internet, or did not scan the code.
    NoAdvert,
    /// The tunnel service's name, which this computer's network does not resolve.
    TunnelNotFound,
    /// The way to the tunnel service: refused, or nothing comes back.
    TunnelBlocked,
    /// A certificate of the tunnel service that can be believed.
    TunnelNotTrusted,
    /// Room at the tunnel service, which says that it has none now.
    TunnelBusy,
    /// A tunnel service without an error of its own.
    TunnelFailed,
    /// This computer's connection to the tunnel service, which was there and broke.
    TunnelLost,
    /// This computer's clock.
    ClockWrong,
    /// The other device in the tunnel: a linked one is not connected, one that was called says nothing.
    OtherSideSilent,
    /// The other device's connection, which was there and ended.
    OtherSideLost,
    /// The link: the other device has forgotten it.
    LinkForgotten,
    /// Consent: a rule on the other device or of its organisation.
    OtherSidePolicy,
}

impl Missing {
    /// Every piece.
    pub const ALL: [Self; 16] = [
        Self::BluetoothOff,
        Self::BluetoothDenied,
        Self::BluetoothFailed,
        Self::Offline,
        Self::NoAdvert,
        Self::TunnelNotFound,
        Self::TunnelBlocked,
        Self::TunnelNotTrusted,
        Self::TunnelBusy,
        Self::TunnelFailed,
        Self::TunnelLost,
        Self::ClockWrong,
        Self::OtherSideSilent,
        Self::OtherSideLost,
        Self::LinkForgotten,
        Self::OtherSidePolicy,
    ];

    /// A stable name for logs, translations and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BluetoothOff => "bluetooth_off",
            Self::BluetoothDenied => "bluetooth_denied",
            Self::BluetoothFailed => "bluetooth_failed",
            Self::Offline => "offline",
            Self::NoAdvert => "no_advert",
            Self::TunnelNotFound => "tunnel_not_found",
            Self::TunnelBlocked => "tunnel_blocked",
            Self::TunnelNotTrusted => "tunnel_not_trusted",
            Self::TunnelBusy => "tunnel_busy",
            Self::TunnelFailed => "tunnel_failed",
            Self::TunnelLost => "tunnel_lost",
            Self::ClockWrong => "clock_wrong",
            Self::OtherSideSilent => "other_side_silent",
            Self::OtherSideLost => "other_side_lost",
            Self::LinkForgotten => "link_forgotten",
            Self::OtherSidePolicy => "other_side_policy",
        }
    }

    /// The sentence in English; `{hosts}` stands for the hosts that must be reachable.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::BluetoothOff => {
                "Bluetooth is off on this computer. Switch it on, then try again."
            }
            Self::BluetoothDenied => {
                "This program may not use Bluetooth on this computer. Allow it in the settings of the system, then try again."
            }
            Self::BluetoothFailed => {
                "Bluetooth of this computer does not listen. Switch Bluetooth off and on, then try again."
            }
            Self::Offline => {
                "This computer has no internet connection. Connect it, then try again."
            }
            Self::NoAdvert => {
                "No other device was heard. Hold it close to this computer, check that it has Bluetooth switched on and an \
                 internet connection that reaches one of these hosts: {hosts}. Then scan the code with it."
            }
            Self::TunnelNotFound => {
                "The network of this computer does not find the service that connects the two devices. Use another network, or \
                 ask its administrator to let these hosts be looked up and reached on port 443: {hosts}."
            }
            Self::TunnelBlocked => {
                "The network of this computer does not let it reach the service that connects the two devices. Use another \
                 network, or ask its administrator to allow these hosts on port 443: {hosts}."
            }
            Self::TunnelNotTrusted => {
                "The certificate of the service that connects the two devices cannot be trusted. Use another network, or ask its \
                 administrator: connections to these hosts must not be opened on the way, and their certificates must be valid: \
                 {hosts}."
            }
            Self::TunnelBusy => {
                "The service that connects the two devices has no room at the moment. Wait a minute, then try again. If this \
                 stays, tell the administrator of: {hosts}."
            }
            Self::TunnelFailed => {
                "The service that connects the two devices has an error. Try again later, or tell the administrator of: {hosts}."
            }
            Self::TunnelLost => {
                "The connection of this computer to the service that connects the two devices broke. Check the internet \
                 connection of this computer, then try again. Its network must keep connections to these hosts: {hosts}."
            }
            Self::ClockWrong => {
                "The clock of this computer is wrong. Let it set date and time by itself, then try again."
            }
            Self::OtherSideSilent => {
                "The other device is not connected. Check that it is switched on and has an internet connection that reaches \
                 these hosts: {hosts}. Then try again."
            }
            Self::OtherSideLost => {
                "The other device lost its connection. Check the internet connection of the other device, then try again."
            }
            Self::LinkForgotten => {
                "The other device does not know this computer any more. Connect the two with a code again."
            }
            Self::OtherSidePolicy => {
                "A rule of your organisation, or of the other device, does not allow this. The screen of the other device says \
                 which. Sign in another way, or ask your administrator."
            }
        }
    }

    /// Whether the sentence lists hosts.
    #[must_use]
    pub const fn names_hosts(self) -> bool {
        matches!(
            self,
            Self::NoAdvert
                | Self::TunnelNotFound
                | Self::TunnelBlocked
                | Self::TunnelNotTrusted
                | Self::TunnelBusy
                | Self::TunnelFailed
                | Self::TunnelLost
                | Self::OtherSideSilent
        )
    }
}

/// How listening for the advert went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listening {
    /// The radio was switched off.
    Off,
    /// The system did not let the program.
    Denied,
    /// It did not work, for another reason.
    Failed,
    /// Nothing that answers this computer was heard in time.
    Nothing,
    /// The advert was heard.
    Heard,
}

/// How joining or opening the tunnel went, by what the sockets said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dial {
    /// It is open.
    Opened,
    /// There is no way out of this computer at all (`ENETUNREACH` and its kin).
    NoNetwork,
    /// The name leads nowhere, or nobody answers who could say where.
    NameNotFound,
    /// Somebody at the address says no, or closes at once.
    Refused,
    /// Nothing came back in time.
    TimedOut,
    /// TLS failed: the certificate is for another name, by an unknown authority, or TLS itself does not go.
    NotTrusted,
    /// TLS failed: the certificate is not valid yet, or not any more, by this computer's clock.
    NotValidNow,
    /// An HTTP status instead of the upgrade.
    Status(u16),
}

/// Which way the computer calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// After a QR code, into a tunnel that the other device opened.
    #[default]
    Code,
    /// Over a link, at the address where the other device is called.
    Link,
}

/// What became of the other device in the tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    /// It is there, or was until the end.
    Came,
    /// It never said anything.
    Silent,
    /// The tunnel service said that it left, or it fell silent in the middle.
    Left,
    /// This computer's own connection to the tunnel service broke.
    TunnelBroke,
    /// It answered, with this CTAP status.
    Answered(u8),
}

/// What others say of this computer's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// Somebody agrees with it.
    Right,
    /// Everybody who said the time said another one.
    Wrong,
    /// Nobody said the time.
    #[default]
    Unknown,
}

impl Clock {
    /// Compares this clock with others, such as a time service or the last answer of a server; all in seconds since 1970.
    #[must_use]
    pub fn of(now: u64, witnesses: &[u64]) -> Self {
        let agrees = |other: &u64| now.abs_diff(*other) <= TOLERANCE;
        if witnesses.is_empty() {
            Self::Unknown
        } else if witnesses.iter().any(agrees) {
            Self::Right
        } else {
            Self::Wrong
        }
    }
}

/// What was seen. What was not tried yet is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether the system says that the internet can be reached.
    pub online: bool,
    /// Which way the computer calls.
    pub way: Way,
    /// What others say of this clock.
    pub clock: Clock,
    /// How listening went.
    pub listening: Option<Listening>,
    /// How the tunnel was joined or opened.
    pub dial: Option<Dial>,
    /// What became of the other device.
    pub other: Option<Other>,
}

impl Default for Facts {
    /// Nothing was tried, and nothing is wrong.
    fn default() -> Self {
        Self {
            online: true,
            way: Way::Code,
            clock: Clock::Unknown,
            listening: None,
            dial: None,
            other: None,
        }
    }
}

/// The first piece that is missing, in the order in which a connection needs them; nothing if none is.
#[must_use]
pub fn missing(facts: &Facts) -> Option<Missing> {
    by_radio(facts.listening)
        .or_else(|| (!facts.online).then_some(Missing::Offline))
        .or_else(|| facts.dial.and_then(|dial| by_dial(dial, facts)))
        .or_else(|| (facts.listening == Some(Listening::Nothing)).then_some(Missing::NoAdvert))
        .or_else(|| facts.other.and_then(by_other))
}

const fn by_radio(listening: Option<Listening>) -> Option<Missing> {
    match listening {
        Some(Listening::Off) => Some(Missing::BluetoothOff),
        Some(Listening::Denied) => Some(Missing::BluetoothDenied),
        Some(Listening::Failed) => Some(Missing::BluetoothFailed),
        Some(Listening::Nothing | Listening::Heard) | None => None,
    }
}

const fn by_dial(dial: Dial, facts: &Facts) -> Option<Missing> {
    match (dial, facts.way) {
        (Dial::Opened, _) => None,
        (Dial::NoNetwork, _) => Some(Missing::Offline),
        (Dial::NameNotFound, _) => Some(Missing::TunnelNotFound),
        (Dial::Refused | Dial::TimedOut, _) => Some(Missing::TunnelBlocked),
        (Dial::NotValidNow, _) if matches!(facts.clock, Clock::Wrong) => Some(Missing::ClockWrong),
        (Dial::NotValidNow | Dial::NotTrusted, _) => Some(Missing::TunnelNotTrusted),
        // The advert came from somebody who had the tunnel open: it is gone with them. Over a link nobody has opened it yet.
        (Dial::Status(404), Way::Code) => Some(Missing::OtherSideLost),
        (Dial::Status(404), Way::Link) => Some(Missing::OtherSideSilent),
        (Dial::Status(410), Way::Link) => Some(Missing::LinkForgotten),
        (Dial::Status(429 | 503), _) => Some(Missing::TunnelBusy),
        (Dial::Status(_), _) => Some(Missing::TunnelFailed),
    }
}

const fn by_other(other: Other) -> Option<Missing> {
    match other {
        Other::Silent => Some(Missing::OtherSideSilent),
        Other::Left => Some(Missing::OtherSideLost),
        Other::TunnelBroke => Some(Missing::TunnelLost),
        Other::Answered(NOT_ALLOWED) => Some(Missing::OtherSidePolicy),
        Other::Answered(_) | Other::Came => None,
    }
}

/// The hosts that must be reachable: the tunnel service that an advert or a link named; before that, those that were ever assigned.
#[must_use]
pub fn hosts(domain: Option<TunnelDomain>) -> Vec<String> {
    match domain {
        Some(domain) => vec![domain.host()],
        None => ASSIGNED.map(str::to_owned).to_vec(),
    }
}

/// What a person reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{TITLE}. {}", self.sentence())]
pub struct Diagnosis {
    missing: Missing,
    hosts: Vec<String>,
}

impl Diagnosis {
    /// With the hosts that must be reachable ([`hosts`]); a sentence that lists none drops them.
    #[must_use]
    pub fn new(missing: Missing, hosts: Vec<String>) -> Self {
        let hosts = if missing.names_hosts() {
            hosts
        } else {
            Vec::new()
        };
        Self { missing, hosts }
    }

    /// The piece.
    #[must_use]
    pub const fn missing(&self) -> Missing {
        self.missing
    }

    /// Its stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.missing.code()
    }

    /// The hosts that the sentence lists.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// What is missing and what to do, in English.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.sentence_in(|_| None)
    }

    /// The same in another language: `translate` gets the code and gives a text with `{hosts}` where the hosts go, or nothing if
    /// it has none; then it is English.
    #[must_use]
    pub fn sentence_in(&self, translate: impl Fn(&'static str) -> Option<String>) -> String {
        let text = translate(self.code()).unwrap_or_else(|| self.missing.text().to_owned());
        text.replace("{hosts}", &self.hosts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn seen(change: impl FnOnce(&mut Facts)) -> Option<Missing> {
        let mut facts = Facts::default();
        change(&mut facts);
        missing(&facts)
    }

    #[test]
    fn codes_are_distinct_and_sentences_are_whole() {
        let codes: BTreeSet<&str> = Missing::ALL.map(Missing::code).into();
        let texts: BTreeSet<&str> = Missing::ALL.map(Missing::text).into();
        assert_eq!(
            (codes.len(), texts.len()),
            (Missing::ALL.len(), codes.len())
        );
        for missing in Missing::ALL {
            assert!(missing.text().ends_with('.'), "{}", missing.code());
            assert_eq!(
                missing.text().contains("{hosts}"),
                missing.names_hosts(),
                "{}",
                missing.code()
            );
        }
    }

    #[test]
    fn nothing_is_missing_where_nothing_is_wrong() {
        assert_eq!(seen(|_| ()), None);
        for other in [Other::Came, Other::Answered(0), Other::Answered(0x2e)] {
            let all_well = |facts: &mut Facts| {
                facts.listening = Some(Listening::Heard);
                facts.dial = Some(Dial::Opened);
                facts.other = Some(other);
            };
            assert_eq!(seen(all_well), None);
        }
    }

    #[test]
    fn what_is_wrong_on_this_side_comes_first() {
        for (listening, piece) in [
            (Listening::Off, Missing::BluetoothOff),
            (Listening::Denied, Missing::BluetoothDenied),
            (Listening::Failed, Missing::BluetoothFailed),
            (Listening::Nothing, Missing::Offline),
        ] {
            let named = seen(|facts| (facts.listening, facts.online) = (Some(listening), false));
            assert_eq!(named, Some(piece));
        }
        let nothing = seen(|facts| facts.listening = Some(Listening::Nothing));
        assert_eq!(nothing, Some(Missing::NoAdvert));
    }

    #[test]
    fn each_way_of_not_reaching_the_tunnel_service_has_its_name() {
        use {Clock::Right, Clock::Unknown, Clock::Wrong, Way::Code, Way::Link};
        for (dial, way, clock, piece) in [
            (Dial::NoNetwork, Code, Unknown, Missing::Offline),
            (Dial::NameNotFound, Code, Unknown, Missing::TunnelNotFound),
            (Dial::Refused, Code, Wrong, Missing::TunnelBlocked),
            (Dial::TimedOut, Link, Unknown, Missing::TunnelBlocked),
            (Dial::NotTrusted, Code, Wrong, Missing::TunnelNotTrusted),
            (Dial::NotValidNow, Code, Wrong, Missing::ClockWrong),
            (Dial::NotValidNow, Code, Right, Missing::TunnelNotTrusted),
            (Dial::NotValidNow, Code, Unknown, Missing::TunnelNotTrusted),
            (Dial::Status(404), Code, Unknown, Missing::OtherSideLost),
            (Dial::Status(404), Link, Unknown, Missing::OtherSideSilent),
            (Dial::Status(410), Link, Unknown, Missing::LinkForgotten),
            (Dial::Status(410), Code, Unknown, Missing::TunnelFailed),
            (Dial::Status(429), Code, Unknown, Missing::TunnelBusy),
            (Dial::Status(503), Link, Unknown, Missing::TunnelBusy),
            (Dial::Status(500), Code, Unknown, Missing::TunnelFailed),
        ] {
            let named = seen(|facts| {
                (facts.dial, facts.way, facts.clock) = (Some(dial), way, clock);
            });
            assert_eq!(named, Some(piece), "{dial:?} {way:?} {clock:?}");
        }
    }

    #[test]
    fn the_side_that_went_away_or_refused_is_named() {
        for (other, piece) in [
            (Other::Silent, Missing::OtherSideSilent),
            (Other::Left, Missing::OtherSideLost),
            (Other::TunnelBroke, Missing::TunnelLost),
            (Other::Answered(0x30), Missing::OtherSidePolicy),
        ] {
            assert_eq!(seen(|facts| facts.other = Some(other)), Some(piece));
        }
    }

    #[test]
    fn a_clock_is_wrong_if_nobody_agrees() {
        let now = 1_800_000_000;
        assert_eq!(Clock::of(now, &[]), Clock::Unknown);
        assert_eq!(Clock::of(now, &[now + TOLERANCE]), Clock::Right);
        assert_eq!(Clock::of(now, &[now - TOLERANCE - 1]), Clock::Wrong);
        assert_eq!(Clock::of(now, &[0, now]), Clock::Right);
    }

    #[test]
    fn hosts_are_those_of_the_advert_or_all_that_could_be() -> Result<(), crate::DomainError> {
        let own = hosts(Some(TunnelDomain::new(266)?));
        assert_eq!(own, ["cable.wufkweyy3uaxb.com"]);
        assert_eq!(hosts(None), ["cable.ua5v.com", "cable.auth.com"]);
        let silent = Diagnosis::new(Missing::NoAdvert, hosts(None));
        assert!(
            silent
                .to_string()
                .contains("cable.ua5v.com, cable.auth.com.")
        );
        let off = Diagnosis::new(Missing::BluetoothOff, hosts(None));
        assert!(off.hosts().is_empty());
        let translated = silent.sentence_in(|code| Some(format!("{code}: {{hosts}}")));
        assert_eq!(translated, "no_advert: cable.ua5v.com, cable.auth.com");
        Ok(())
    }
}
