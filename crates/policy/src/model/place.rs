use crate::model::{PasskeyId, Platform, TenantId, Timestamp, UserId};
use ceremony::Attachment;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;
use std::str::FromStr;

/// Where a passkey was used, as far as a server can tell: the program and system that the user agent
/// claims, the network, and where the authenticator sat. Nothing of it is verified; it is compared
/// with what was seen before, and shown to people who look for what they do not recognise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The operating system, as the user agent claims.
    pub system: System,
    /// The browser, as the user agent claims.
    pub browser: Browser,
    /// The network the request came from.
    pub network: Network,
    /// `authenticatorAttachment`, as the browser said.
    pub attachment: Option<Attachment>,
}

/// A place in which a passkey was used, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Where.
    pub place: Place,
    /// The transport the authenticator can have been reached by, where that is not a guess.
    pub transport: Option<String>,
    /// The first time.
    pub first_seen: Timestamp,
    /// The last time that was written down; at most a day behind.
    pub last_seen: Timestamp,
    /// On how many days, roughly: it is counted with each writing.
    pub days: i64,
}

/// A use of a passkey to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSighting {
    /// The tenant.
    pub tenant: TenantId,
    /// Whose passkey.
    pub user: UserId,
    /// Which one.
    pub passkey: PasskeyId,
    /// Where.
    pub place: Place,
    /// As in [`Sighting::transport`].
    pub transport: Option<String>,
    /// The language that the browser asked for, so that notices can be written in it.
    pub language: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The backup state (BS) of a passkey from this moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupChange {
    /// The tenant.
    pub tenant: TenantId,
    /// Whose passkey.
    pub user: UserId,
    /// Which one.
    pub passkey: PasskeyId,
    /// From when on.
    pub at: Timestamp,
    /// Whether a copy exists elsewhere.
    pub backed_up: bool,
}

/// When a passkey was last used in a place like this one; `None` is never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// In exactly this place.
    pub here: Option<Timestamp>,
    /// With this system, browser and attachment, in any network.
    pub device: Option<Timestamp>,
    /// In this network, with any device.
    pub network: Option<Timestamp>,
    /// Anywhere.
    pub ever: Option<Timestamp>,
}

macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $label:literal [$($mark:literal),*],)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are those of the products")]
        pub enum $name { $($variant,)+ Unknown }

        impl $name {
            /// What a user agent claims. Order matters: most browsers also name those they descend from.
            #[must_use]
            pub fn of(user_agent: &str) -> Self {
                $(if [$($mark),*].iter().any(|mark| user_agent.contains(mark)) {
                    return Self::$variant;
                })+
                Self::Unknown
            }

            /// The name people know it by; `None` where it is not known.
            #[must_use]
            pub const fn label(self) -> Option<&'static str> {
                match self { $(Self::$variant => Some($label),)+ Self::Unknown => None }
            }

            /// The stored form.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ Self::Unknown => "" }
            }

            /// The one with this stored form.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($label => Some(Self::$variant),)+
                    "" => Some(Self::Unknown),
                    _ => None,
                }
            }
        }
    };
}

labels! {
    /// A browser.
    Browser {
        Edge "Edge" ["Edg"],
        Opera "Opera" ["OPR/"],
        SamsungInternet "Samsung Internet" ["SamsungBrowser/"],
        Firefox "Firefox" ["Firefox/", "FxiOS/"],
        Chrome "Chrome" ["CriOS/", "Chrome/"],
        Safari "Safari" ["Safari/"],
        Curl "curl" ["curl/"],
    }
}

labels! {
    /// An operating system, or the kind of device that runs it.
    System {
        Windows "Windows" ["Windows"],
        Iphone "iPhone" ["iPhone"],
        Ipad "iPad" ["iPad"],
        Android "Android" ["Android"],
        ChromeOs "ChromeOS" ["CrOS"],
        MacOs "macOS" ["Mac OS X"],
        Linux "Linux" ["Linux"],
    }
}

impl System {
    /// What conditional access calls it; `None` where it has no word.
    #[must_use]
    pub const fn platform(self) -> Option<Platform> {
        match self {
            Self::Windows => Some(Platform::Windows),
            Self::Iphone | Self::Ipad => Some(Platform::Ios),
            Self::Android => Some(Platform::Android),
            Self::MacOs => Some(Platform::MacOs),
            Self::Linux => Some(Platform::Linux),
            Self::ChromeOs | Self::Unknown => None,
        }
    }
}

impl Place {
    /// The place of a request.
    #[must_use]
    pub fn of(user_agent: &str, address: IpAddr, attachment: Option<Attachment>) -> Self {
        Self {
            system: System::of(user_agent),
            browser: Browser::of(user_agent),
            network: Network::of(address),
            attachment,
        }
    }

    /// Whether it looks like the same device, wherever that is.
    #[must_use]
    pub fn same_device(&self, other: &Self) -> bool {
        self.system == other.system
            && self.browser == other.browser
            && self.attachment == other.attachment
    }

    /// The stored form of the attachment: WebAuthn's word, or nothing where the browser did not say.
    #[must_use]
    pub const fn attachment_name(&self) -> &'static str {
        match self.attachment {
            Some(Attachment::Platform) => "platform",
            Some(Attachment::CrossPlatform) => "cross-platform",
            None => "",
        }
    }

    /// The attachment with this stored form.
    #[must_use]
    pub fn attachment_from_name(name: &str) -> Option<Option<Attachment>> {
        match name {
            "platform" => Some(Some(Attachment::Platform)),
            "cross-platform" => Some(Some(Attachment::CrossPlatform)),
            "" => Some(None),
            _ => None,
        }
    }

    /// `Firefox, Linux`; `None` where neither is known.
    #[must_use]
    pub fn device(&self) -> Option<String> {
        device_label(self.browser, self.system)
    }
}

/// `Firefox, Linux`, or the one of the two that is known.
#[must_use]
pub fn device_label(browser: Browser, system: System) -> Option<String> {
    match (browser.label(), system.label()) {
        (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
        (Some(only), None) | (None, Some(only)) => Some(only.to_owned()),
        (None, None) => None,
    }
}

/// The neighbourhood of an address: its /24 (IPv4) or /48 (IPv6). Enough to recognise a home or an
/// office, and less than an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() >> 8 << 8)),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 80 << 80)),
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = if self.0.is_ipv4() { 24 } else { 48 };
        write!(f, "{}/{bits}", self.0)
    }
}

/// Not the text of a network as [`Network`] writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a /24 or /48 network")]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, _) = text.split_once('/').ok_or(NotANetwork)?;
        let network = Self::of(address.parse().map_err(|_| NotANetwork)?);
        // Anything but the one way to write it would be a second name for the same network.
        if network.to_string() == text {
            Ok(network)
        } else {
            Err(NotANetwork)
        }
    }
}

impl Seen {
    /// When places like `here` were last used, among all that are known.
    pub fn among<'p>(
        known: impl IntoIterator<Item = (&'p Place, Timestamp)>,
        here: &Place,
    ) -> Self {
        let mut seen = Self::default();
        for (place, at) in known {
            let at = Some(at);
            seen.ever = seen.ever.max(at);
            if place.network == here.network {
                seen.network = seen.network.max(at);
            }
            if place.same_device(here) {
                seen.device = seen.device.max(at);
            }
            if place == here {
                seen.here = seen.here.max(at);
            }
        }
        seen
    }
}

/// The transport that a passkey can have been reached by, from where its authenticator sat and what
/// was registered. `None` where two would do: an assertion does not say it.
#[must_use]
pub fn transport_used(attachment: Option<Attachment>, registered: &[String]) -> Option<String> {
    match attachment? {
        Attachment::Platform => Some("internal".to_owned()),
        Attachment::CrossPlatform => {
            let mut roaming = registered.iter().filter(|name| *name != "internal");
            match (roaming.next(), roaming.next()) {
                (Some(only), None) => Some(only.clone()),
                // What sits in a phone or a computer is used from elsewhere by hybrid transport only.
                (None, _) if !registered.is_empty() => Some("hybrid".to_owned()),
                _ => None,
            }
        }
    }
}

/// Whether a passkey that can be reached by these transports was used from another device than the one that holds it. That it
/// was not, only the browser can say; what can be reached by a cable alone never is.
///
/// The browser's word is not signed. Somebody who controls both ends can lie about it, as they could use the passkey where it is.
#[must_use]
pub fn crosses_devices<'a>(
    attachment: Option<Attachment>,
    transports: impl IntoIterator<Item = &'a str>,
) -> bool {
    let mut transports = transports.into_iter();
    attachment != Some(Attachment::Platform)
        && transports.any(|name| matches!(name, "hybrid" | "internal"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;
    use proptest::prelude::*;

    const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";

    fn place(user_agent: &str, address: &str) -> Place {
        Place::of(user_agent, address.parse().unwrap(), None)
    }

    /// Only a browser that says so makes it this device, and only what a cable alone reaches is never elsewhere.
    #[test]
    fn another_device_is_whatever_is_not_this_one() {
        let across = |attachment, transports: &[&str]| {
            crosses_devices(attachment, transports.iter().copied())
        };
        let (here, roaming) = (Some(Attachment::Platform), Some(Attachment::CrossPlatform));
        for transports in [
            &["hybrid", "internal"][..],
            &["internal"],
            &["hybrid"],
            &["usb", "hybrid"],
        ] {
            assert!(!across(here, transports), "{transports:?}");
            assert!(across(roaming, transports), "{transports:?}");
            assert!(across(None, transports), "{transports:?}");
        }
        for transports in [
            &["usb"][..],
            &["nfc", "usb"],
            &["ble"],
            &["smart-card"],
            &[],
        ] {
            assert!(!across(roaming, transports), "{transports:?}");
        }
    }

    #[test]
    fn descendants_are_not_taken_for_their_ancestors() {
        for (user_agent, browser, system) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156.0 Safari/537.36 Edg/156.0",
                Browser::Edge,
                System::Windows,
            ),
            (
                "Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile Safari/537.36",
                Browser::Chrome,
                System::Android,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) CriOS/156 Safari/604.1",
                Browser::Chrome,
                System::Iphone,
            ),
            ("", Browser::Unknown, System::Unknown),
        ] {
            assert_eq!(
                (Browser::of(user_agent), System::of(user_agent)),
                (browser, system)
            );
        }
    }

    #[test]
    fn a_place_is_a_device_in_a_network() {
        let home = place(LINUX, "203.0.113.9");
        assert_eq!(home.network.to_string(), "203.0.113.0/24");
        assert_eq!(home, place(LINUX, "203.0.113.200"));
        assert_eq!(home, place(LINUX, "::ffff:203.0.113.9"));
        let away = place(LINUX, "2001:db8:1:ff::1");
        assert_eq!(away.network.to_string(), "2001:db8:1::/48");
        assert!(home.same_device(&away) && home != away);
        assert_eq!(home.device().as_deref(), Some("Firefox, Linux"));
    }

    #[test]
    fn a_network_has_one_spelling() {
        for good in ["203.0.113.0/24", "2001:db8:1::/48"] {
            assert_eq!(good.parse::<Network>().unwrap().to_string(), good);
        }
        for bad in [
            "203.0.113.9/24",
            "203.0.113.0/16",
            "203.0.113.0",
            "x/24",
            "",
        ] {
            assert_eq!(bad.parse::<Network>(), Err(NotANetwork), "{bad}");
        }
    }

    #[test]
    fn stored_forms_are_read_back() {
        for name in ["", "Edge", "Samsung Internet", "curl"] {
            assert_eq!(Browser::from_name(name).unwrap().as_str(), name);
        }
        for name in ["", "iPhone", "ChromeOS"] {
            assert_eq!(System::from_name(name).unwrap().as_str(), name);
        }
        assert_eq!(Browser::from_name("Mosaic"), None);
        assert_eq!(System::Ipad.platform(), Some(Platform::Ios));
        assert_eq!(System::ChromeOs.platform(), None);
    }

    #[test]
    fn a_transport_is_named_only_where_no_other_fits() {
        let registered = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let used = |attachment, names: &[&str]| {
            let names: Vec<String> = registered(names);
            transport_used(attachment, &names)
        };
        let roaming = Some(Attachment::CrossPlatform);
        assert_eq!(
            used(Some(Attachment::Platform), &["usb"]).as_deref(),
            Some("internal")
        );
        assert_eq!(used(roaming, &["usb"]).as_deref(), Some("usb"));
        assert_eq!(used(roaming, &["internal"]).as_deref(), Some("hybrid"));
        assert_eq!(
            used(roaming, &["hybrid", "internal"]).as_deref(),
            Some("hybrid")
        );
        assert_eq!(used(roaming, &["nfc", "usb"]), None);
        assert_eq!(used(roaming, &[]), None);
        assert_eq!(used(None, &["usb"]), None);
    }

    proptest! {
        /// What was seen here was seen with this device and in this network, and what was seen at all is the newest.
        #[test]
        fn what_was_seen_is_consistent(times in prop::collection::vec((0u8..3, 0u8..3, 0i64..9), 0..12)) {
            let agents = [LINUX, "curl/8", ""];
            let known: Vec<_> = times
                .iter()
                .map(|(agent, net, at)| {
                    let agent = agents.get(usize::from(*agent)).copied().unwrap_or_default();
                    (place(agent, &format!("192.0.{net}.1")), Timestamp::from_seconds(*at))
                })
                .collect();
            let here = place(LINUX, "192.0.0.7");
            let seen = Seen::among(known.iter().map(|(place, at)| (place, *at)), &here);
            prop_assert!(seen.here <= seen.device && seen.here <= seen.network);
            prop_assert!(seen.device <= seen.ever && seen.network <= seen.ever);
            prop_assert_eq!(seen.ever, known.iter().map(|(_, at)| *at).max());
            prop_assert_eq!(seen.here.is_some(), known.iter().any(|(place, _)| *place == here));
        }
    }
}
