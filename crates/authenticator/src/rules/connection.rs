//! R5, R7: when two devices do not come together, the person of this one learns which piece is missing and what to do about it.
//!
//! A shell tells what it saw ([`Facts`]); [`missing`] says what that means. Nothing here opens a socket. The computer at the
//! other end has a list of its own in the crate of the transport, since it sees other things; where both name the same piece, it
//! has the same code.

use super::Refusal;
use super::cross_device::Radio;

/// What stands above every sentence, with the code `could_not_connect` for translations.
pub const TITLE: &str = "Device couldn't connect";

/// Seconds by which two clocks may differ before one of them is called wrong.
const TOLERANCE: u64 = 600;

/// The piece that is missing. Closed; [`Missing::code`] is stable for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Bluetooth of this device is switched off.
    BluetoothOff,
    /// The app may not use Bluetooth.
    BluetoothDenied,
    /// Bluetooth took no advert, for another reason; also where there is no adapter.
    BluetoothFailed,
    /// This device's connection to the internet.
    Offline,
    /// The tunnel service's name, which this device's network does not resolve.
    TunnelNotFound,
    /// The way to the tunnel service: refused, or nothing comes back.
    TunnelBlocked,
    /// A certificate of the tunnel service that can be believed.
    TunnelNotTrusted,
    /// A tunnel service behind the name that answers: there is none, or it is switched off.
    TunnelMissing,
    /// Room at the tunnel service, which says that it has none now.
    TunnelBusy,
    /// A tunnel service without an error of its own.
    TunnelFailed,
    /// This device's connection to the tunnel service, which was there and broke.
    TunnelLost,
    /// This device's clock.
    ClockWrong,
    /// A code made just now, or a clock of either device: it cannot be told which.
    ClocksDiffer,
    /// The other device: it did not hear the advert, or has no way to the tunnel service.
    OtherSideSilent,
    /// The other device's connection, which was there and ended.
    OtherSideLost,
    /// Consent of the organisation: no passkeys across devices.
    CrossDeviceBlocked,
    /// Consent of the organisation: no attested registration across devices.
    CrossDeviceNotWithAttestation,
    /// Passkeys in this app in the organisation's cloud.
    NotAvailable,
}

impl Missing {
    /// Every piece.
    pub const ALL: [Self; 18] = [
        Self::BluetoothOff,
        Self::BluetoothDenied,
        Self::BluetoothFailed,
        Self::Offline,
        Self::TunnelNotFound,
        Self::TunnelBlocked,
        Self::TunnelNotTrusted,
        Self::TunnelMissing,
        Self::TunnelBusy,
        Self::TunnelFailed,
        Self::TunnelLost,
        Self::ClockWrong,
        Self::ClocksDiffer,
        Self::OtherSideSilent,
        Self::OtherSideLost,
        Self::CrossDeviceBlocked,
        Self::CrossDeviceNotWithAttestation,
        Self::NotAvailable,
    ];

    /// A stable name for logs, translations and tests. What is also a [`Refusal`] has its code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BluetoothOff => Refusal::BluetoothOff.code(),
            Self::BluetoothDenied => Refusal::BluetoothDenied.code(),
            Self::BluetoothFailed => "bluetooth_failed",
            Self::Offline => Refusal::Offline.code(),
            Self::TunnelNotFound => "tunnel_not_found",
            Self::TunnelBlocked => "tunnel_blocked",
            Self::TunnelNotTrusted => "tunnel_not_trusted",
            Self::TunnelMissing => "tunnel_missing",
            Self::TunnelBusy => "tunnel_busy",
            Self::TunnelFailed => "tunnel_failed",
            Self::TunnelLost => "tunnel_lost",
            Self::ClockWrong => "clock_wrong",
            Self::ClocksDiffer => "clocks_differ",
            Self::OtherSideSilent => "other_side_silent",
            Self::OtherSideLost => "other_side_lost",
            Self::CrossDeviceBlocked => Refusal::CrossDeviceBlocked.code(),
            Self::CrossDeviceNotWithAttestation => Refusal::CrossDeviceNotWithAttestation.code(),
            Self::NotAvailable => Refusal::NotAvailable.code(),
        }
    }

    /// The sentence in English; `{hosts}` stands for the hosts that must be reachable.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::BluetoothOff => {
                "Bluetooth is off on this device. Switch it on, then scan the code again."
            }
            Self::BluetoothDenied => {
                "This app may not use Bluetooth on this device. Allow it in the settings of the system, then scan the code again."
            }
            Self::BluetoothFailed => {
                "Bluetooth of this device did not send what the other device listens for. Switch Bluetooth off and on, then scan \
                 the code again."
            }
            Self::Offline => {
                "This device has no internet connection. Connect it, then scan the code again."
            }
            Self::TunnelNotFound => {
                "The network of this device does not find the service that connects the two devices. Use another network, or ask \
                 its administrator to let these hosts be looked up and reached on port 443: {hosts}."
            }
            Self::TunnelBlocked => {
                "The network of this device does not let it reach the service that connects the two devices. Use another network, \
                 or ask its administrator to allow these hosts on port 443: {hosts}."
            }
            Self::TunnelNotTrusted => {
                "The certificate of the service that connects the two devices cannot be trusted. Use another network, or ask its \
                 administrator: connections to these hosts must not be opened on the way, and their certificates must be valid: \
                 {hosts}."
            }
            Self::TunnelMissing => {
                "There is no service that connects the two devices, or it is switched off. Ask the administrator of: {hosts}."
            }
            Self::TunnelBusy => {
                "The service that connects the two devices has no room at the moment. Wait a minute, then scan the code again. If \
                 this stays, tell the administrator of: {hosts}."
            }
            Self::TunnelFailed => {
                "The service that connects the two devices has an error. Try again later, or tell the administrator of: {hosts}."
            }
            Self::TunnelLost => {
                "The connection of this device to the service that connects the two devices broke. Check the internet connection \
                 of this device, then show a new code on the other one. Its network must keep connections to these hosts: {hosts}."
            }
            Self::ClockWrong => {
                "The clock of this device is wrong. Let it set date and time by itself, then scan the code again."
            }
            Self::ClocksDiffer => {
                "The code was made at another time than the clock of this device shows. Show a new code and scan that. If this \
                 message comes again, let both devices set date and time by themselves."
            }
            Self::OtherSideSilent => {
                "The other device did not connect. Bring the two close together, check that the other one has Bluetooth switched \
                 on and an internet connection that reaches these hosts: {hosts}. Then show a new code there."
            }
            Self::OtherSideLost => {
                "The other device lost its connection. Check the internet connection of the other device, then show a new code \
                 there."
            }
            Self::CrossDeviceBlocked => {
                "Your organisation does not allow a passkey to be used for another device. Use it on the device that holds it, or \
                 sign in another way."
            }
            Self::CrossDeviceNotWithAttestation => {
                "Your organisation takes this only from the device that holds the passkey. Open the page on this device instead."
            }
            Self::NotAvailable => {
                "Your organisation has no passkeys in this app. Sign in another way, or ask your administrator."
            }
        }
    }

    /// Whether the sentence lists hosts.
    #[must_use]
    pub const fn names_hosts(self) -> bool {
        matches!(
            self,
            Self::TunnelNotFound
                | Self::TunnelBlocked
                | Self::TunnelNotTrusted
                | Self::TunnelMissing
                | Self::TunnelBusy
                | Self::TunnelFailed
                | Self::TunnelLost
                | Self::OtherSideSilent
        )
    }

    /// The piece that a rule of the app names, if it is one of the connection.
    #[must_use]
    pub const fn of_refusal(refusal: Refusal) -> Option<Self> {
        match refusal {
            Refusal::BluetoothOff => Some(Self::BluetoothOff),
            Refusal::BluetoothDenied => Some(Self::BluetoothDenied),
            Refusal::Offline => Some(Self::Offline),
            Refusal::CrossDeviceBlocked => Some(Self::CrossDeviceBlocked),
            Refusal::CrossDeviceNotWithAttestation => Some(Self::CrossDeviceNotWithAttestation),
            Refusal::NotAvailable => Some(Self::NotAvailable),
            Refusal::NoSecureHardware
            | Refusal::ScreenLockRequired
            | Refusal::OsTooOld
            | Refusal::OsNotSupported
            | Refusal::NotEnrolled
            | Refusal::LookAlike
            | Refusal::NoLongerValid => None,
        }
    }
}

/// How opening the tunnel went, by what the shell's sockets said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dial {
    /// It is open.
    Opened,
    /// There is no way out of this device at all (`ENETUNREACH` and its kin).
    NoNetwork,
    /// The name leads nowhere, or nobody answers who could say where.
    NameNotFound,
    /// Somebody at the address says no, or closes at once.
    Refused,
    /// Nothing came back in time.
    TimedOut,
    /// TLS failed: the certificate is for another name, by an unknown authority, or TLS itself does not go.
    NotTrusted,
    /// TLS failed: the certificate is not valid yet, or not any more, by this device's clock.
    NotValidNow,
    /// An HTTP status instead of the upgrade.
    Status(u16),
}

/// How the advert went on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broadcast {
    /// It is, or was, on the air.
    Sent,
    /// The radio was switched off.
    Off,
    /// The system did not let the app.
    Denied,
    /// It was not taken, for another reason.
    NotTaken,
}

/// What became of the other device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    /// It is there, or was until the end.
    Came,
    /// It never said anything through the tunnel while this device waited.
    Silent,
    /// It came, and then the tunnel service said that it left, or it fell silent.
    Left,
    /// This device's own connection to the tunnel service broke.
    TunnelBroke,
}

/// What others say of this device's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Somebody agrees with it.
    Right,
    /// Everybody who said the time said another one.
    Wrong,
    /// Nobody said the time.
    Unknown,
}

impl Clock {
    /// Compares this clock with others: the identity provider's last answer, the system's time service, the time in the code.
    /// All in seconds since 1970.
    #[must_use]
    pub fn of(now: u64, witnesses: &[u64]) -> Self {
        if witnesses.is_empty() {
            Self::Unknown
        } else if witnesses.iter().any(|other| agrees(now, *other)) {
            Self::Right
        } else {
            Self::Wrong
        }
    }
}

/// What a shell saw. What was not tried yet is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The radio, asked before anything is sent.
    pub radio: Radio,
    /// Whether the system says that the internet can be reached.
    pub online: bool,
    /// This clock and the time in the code, both in seconds since 1970, if the code says one.
    pub code: Option<(u64, u64)>,
    /// What others say of this clock.
    pub clock: Clock,
    /// How the tunnel was opened.
    pub dial: Option<Dial>,
    /// How the advert went out.
    pub broadcast: Option<Broadcast>,
    /// What became of the other device.
    pub other: Option<Other>,
    /// What a rule of the app said to the request that came.
    pub refused: Option<Refusal>,
}

impl Default for Facts {
    /// Nothing was tried, and nothing is wrong.
    fn default() -> Self {
        Self {
            radio: Radio::On,
            online: true,
            code: None,
            clock: Clock::Unknown,
            dial: None,
            broadcast: None,
            other: None,
            refused: None,
        }
    }
}

/// The first piece that is missing, in the order in which a connection needs them; nothing if none is.
#[must_use]
pub fn missing(facts: &Facts) -> Option<Missing> {
    let refused = facts.refused.and_then(Missing::of_refusal);
    refused
        .or_else(|| by_radio(facts.radio))
        .or_else(|| (!facts.online).then_some(Missing::Offline))
        .or_else(|| by_code(facts))
        .or_else(|| facts.dial.and_then(|dial| by_dial(dial, facts.clock)))
        .or_else(|| facts.broadcast.and_then(by_broadcast))
        .or_else(|| facts.other.and_then(by_other))
}

const fn by_radio(radio: Radio) -> Option<Missing> {
    match radio {
        Radio::On => None,
        Radio::Off => Some(Missing::BluetoothOff),
        Radio::Denied => Some(Missing::BluetoothDenied),
    }
}

// A code of another time is never answered: somebody may have kept it. Whose clock is wrong only a third clock can tell.
fn by_code(facts: &Facts) -> Option<Missing> {
    let (now, made_at) = facts.code?;
    if agrees(now, made_at) {
        return None;
    }
    match facts.clock {
        Clock::Wrong => Some(Missing::ClockWrong),
        Clock::Right | Clock::Unknown => Some(Missing::ClocksDiffer),
    }
}

const fn by_dial(dial: Dial, clock: Clock) -> Option<Missing> {
    match (dial, clock) {
        (Dial::Opened, _) => None,
        (Dial::NoNetwork, _) => Some(Missing::Offline),
        (Dial::NameNotFound, _) => Some(Missing::TunnelNotFound),
        (Dial::Refused | Dial::TimedOut, _) => Some(Missing::TunnelBlocked),
        (Dial::NotValidNow, Clock::Wrong) => Some(Missing::ClockWrong),
        (Dial::NotValidNow | Dial::NotTrusted, _) => Some(Missing::TunnelNotTrusted),
        (Dial::Status(404 | 410), _) => Some(Missing::TunnelMissing),
        (Dial::Status(429 | 503), _) => Some(Missing::TunnelBusy),
        (Dial::Status(_), _) => Some(Missing::TunnelFailed),
    }
}

const fn by_broadcast(broadcast: Broadcast) -> Option<Missing> {
    match broadcast {
        Broadcast::Sent => None,
        Broadcast::Off => Some(Missing::BluetoothOff),
        Broadcast::Denied => Some(Missing::BluetoothDenied),
        Broadcast::NotTaken => Some(Missing::BluetoothFailed),
    }
}

const fn by_other(other: Other) -> Option<Missing> {
    match other {
        Other::Came => None,
        Other::Silent => Some(Missing::OtherSideSilent),
        Other::Left => Some(Missing::OtherSideLost),
        Other::TunnelBroke => Some(Missing::TunnelLost),
    }
}

const fn agrees(one: u64, other: u64) -> bool {
    one.abs_diff(other) <= TOLERANCE
}

/// What a person reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{TITLE}. {}", self.sentence())]
pub struct Diagnosis {
    missing: Missing,
    hosts: Vec<String>,
}

impl Diagnosis {
    /// With the hosts that must be reachable ([`super::cross_device::hosts`]); a sentence that lists none drops them.
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
        let all_well = |facts: &mut Facts| {
            facts.code = Some((1000, 1000 + TOLERANCE));
            facts.dial = Some(Dial::Opened);
            facts.broadcast = Some(Broadcast::Sent);
            facts.other = Some(Other::Came);
            facts.refused = Some(Refusal::NoLongerValid);
        };
        assert_eq!(seen(all_well), None);
    }

    #[test]
    fn the_first_missing_piece_is_named() {
        let everything = |facts: &mut Facts| {
            facts.radio = Radio::Off;
            facts.online = false;
            facts.code = Some((0, 1 + TOLERANCE));
            facts.dial = Some(Dial::Refused);
            facts.broadcast = Some(Broadcast::NotTaken);
            facts.other = Some(Other::Silent);
            facts.refused = Some(Refusal::CrossDeviceBlocked);
        };
        let mut facts = Facts::default();
        everything(&mut facts);
        let mut named = Vec::new();
        while let Some(piece) = missing(&facts) {
            named.push(piece);
            match piece {
                Missing::CrossDeviceBlocked => facts.refused = None,
                Missing::BluetoothOff => facts.radio = Radio::On,
                Missing::Offline => facts.online = true,
                Missing::ClocksDiffer => facts.code = None,
                Missing::TunnelBlocked => facts.dial = Some(Dial::Opened),
                Missing::BluetoothFailed => facts.broadcast = Some(Broadcast::Sent),
                _ => facts.other = Some(Other::Came),
            }
        }
        assert_eq!(
            named,
            [
                Missing::CrossDeviceBlocked,
                Missing::BluetoothOff,
                Missing::Offline,
                Missing::ClocksDiffer,
                Missing::TunnelBlocked,
                Missing::BluetoothFailed,
                Missing::OtherSideSilent,
            ]
        );
    }

    #[test]
    fn each_way_of_not_reaching_the_tunnel_service_has_its_name() {
        for (dial, clock, piece) in [
            (Dial::NoNetwork, Clock::Unknown, Missing::Offline),
            (Dial::NameNotFound, Clock::Unknown, Missing::TunnelNotFound),
            (Dial::Refused, Clock::Wrong, Missing::TunnelBlocked),
            (Dial::TimedOut, Clock::Unknown, Missing::TunnelBlocked),
            (Dial::NotTrusted, Clock::Wrong, Missing::TunnelNotTrusted),
            (Dial::NotValidNow, Clock::Wrong, Missing::ClockWrong),
            (Dial::NotValidNow, Clock::Right, Missing::TunnelNotTrusted),
            (Dial::NotValidNow, Clock::Unknown, Missing::TunnelNotTrusted),
            (Dial::Status(404), Clock::Unknown, Missing::TunnelMissing),
            (Dial::Status(410), Clock::Unknown, Missing::TunnelMissing),
            (Dial::Status(429), Clock::Unknown, Missing::TunnelBusy),
            (Dial::Status(503), Clock::Unknown, Missing::TunnelBusy),
            (Dial::Status(500), Clock::Unknown, Missing::TunnelFailed),
            (Dial::Status(200), Clock::Unknown, Missing::TunnelFailed),
        ] {
            let named = seen(|facts| (facts.dial, facts.clock) = (Some(dial), clock));
            assert_eq!(named, Some(piece), "{dial:?} {clock:?}");
        }
    }

    #[test]
    fn the_radio_may_be_lost_between_the_question_and_the_advert() {
        for (broadcast, piece) in [
            (Broadcast::Off, Missing::BluetoothOff),
            (Broadcast::Denied, Missing::BluetoothDenied),
            (Broadcast::NotTaken, Missing::BluetoothFailed),
        ] {
            assert_eq!(seen(|facts| facts.broadcast = Some(broadcast)), Some(piece));
        }
        let denied = seen(|facts| facts.radio = Radio::Denied);
        assert_eq!(denied, Some(Missing::BluetoothDenied));
    }

    #[test]
    fn the_side_that_went_away_is_named() {
        for (other, piece) in [
            (Other::Silent, Missing::OtherSideSilent),
            (Other::Left, Missing::OtherSideLost),
            (Other::TunnelBroke, Missing::TunnelLost),
        ] {
            assert_eq!(seen(|facts| facts.other = Some(other)), Some(piece));
        }
    }

    #[test]
    fn a_third_clock_says_whose_is_wrong() {
        let now = 1_800_000_000;
        assert_eq!(Clock::of(now, &[]), Clock::Unknown);
        assert_eq!(Clock::of(now, &[now - TOLERANCE]), Clock::Right);
        assert_eq!(Clock::of(now, &[now + TOLERANCE + 1]), Clock::Wrong);
        assert_eq!(Clock::of(now, &[0, now]), Clock::Right);
        for (clock, piece) in [
            (Clock::Unknown, Missing::ClocksDiffer),
            (Clock::Right, Missing::ClocksDiffer),
            (Clock::Wrong, Missing::ClockWrong),
        ] {
            for made_at in [now - TOLERANCE - 1, now + TOLERANCE + 1] {
                let named = seen(|facts| (facts.code, facts.clock) = (Some((now, made_at)), clock));
                assert_eq!(named, Some(piece));
            }
        }
    }

    #[test]
    fn every_rule_about_the_connection_is_a_piece_of_the_same_name() {
        let named = Refusal::ALL.map(|refusal| {
            let piece = Missing::of_refusal(refusal)?;
            assert_eq!(piece.code(), refusal.code());
            Some(piece)
        });
        assert_eq!(named.into_iter().flatten().count(), 6);
    }

    #[test]
    fn hosts_stand_where_they_help_and_in_every_language() {
        let hosts = vec!["one.example".to_owned(), "two.example".to_owned()];
        let blocked = Diagnosis::new(Missing::TunnelBlocked, hosts.clone());
        assert!(blocked.sentence().contains("one.example, two.example."));
        assert!(blocked.to_string().starts_with("Device couldn't connect. "));
        let german =
            |code: &str| (code == "tunnel_blocked").then(|| "Gesperrt: {hosts}".to_owned());
        assert_eq!(
            blocked.sentence_in(german),
            "Gesperrt: one.example, two.example"
        );
        let off = Diagnosis::new(Missing::BluetoothOff, hosts);
        assert_eq!(off.hosts(), [] as [&str; 0]);
        assert_eq!(off.sentence_in(german), Missing::BluetoothOff.text());
    }
}
