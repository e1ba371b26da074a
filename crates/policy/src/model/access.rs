use crate::model::scope::is_false;
use crate::model::{AccessPolicyId, ApplicationId, Assignment, LocationId, StrengthId, Timestamp};
use serde::{Deserialize, Serialize};

/// One conditional access policy (`conditionalAccessPolicy`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessPolicy {
    /// Its id.
    pub id: AccessPolicyId,
    /// Shown to administrators.
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// Whether it counts.
    pub state: AccessState,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub modified: Timestamp,
    /// When it applies: all conditions together.
    pub conditions: Conditions,
    /// What it asks.
    #[serde(default)]
    pub grant: Grant,
    /// What it says about the session.
    #[serde(default, skip_serializing_if = "SessionControls::is_nothing")]
    pub session: SessionControls,
}

/// `conditionalAccessPolicyState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AccessState {
    /// It counts.
    Enabled,
    /// It is not looked at.
    Disabled,
    /// It is looked at and recorded, and stops nothing.
    #[serde(rename = "enabledForReportingButNotEnforced")]
    ReportOnly,
}

/// When a policy applies. Conditions that are absent hold always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Conditions {
    /// For whom.
    pub users: Assignment,
    /// For what.
    pub target: AccessTarget,
    /// Device platforms, as the user agent claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platforms: Option<Sides<Platform>>,
    /// Client types; empty is all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub client_types: Vec<ClientType>,
    /// Named locations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locations: Option<Sides<LocationRef>>,
    /// Only sign-ins begun by the device code flow.
    #[serde(skip_serializing_if = "is_false")]
    pub device_code: bool,
}

/// What somebody wants to reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum AccessTarget {
    /// Applications.
    #[serde(rename_all = "camelCase")]
    Applications {
        /// Every application, this server's own pages among them.
        #[serde(default, skip_serializing_if = "is_false")]
        all: bool,
        /// Applications by id.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        include: Vec<ApplicationId>,
        /// Exceptions; they win.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        exclude: Vec<ApplicationId>,
        /// The administration pages and interfaces of this server (`MicrosoftAdminPortals`).
        #[serde(default, skip_serializing_if = "is_false")]
        admin_portals: bool,
    },
    /// Registering or changing sign-in methods (`urn:user:registersecurityinfo`): a scope of its own, so that a policy on
    /// all applications can never stand in front of the registration that would satisfy it.
    RegisterSecurityInfo,
    /// Authentication contexts (`c1` … `c99`).
    Contexts(Vec<String>),
}

impl Default for AccessTarget {
    fn default() -> Self {
        Self::Applications {
            all: false,
            include: Vec::new(),
            exclude: Vec::new(),
            admin_portals: false,
        }
    }
}

/// A condition with two sides; exclude wins. An empty `include` is everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sides<T> {
    /// What it holds for.
    #[serde(default = "Vec::new")]
    pub include: Vec<T>,
    /// Exceptions.
    #[serde(default = "Vec::new")]
    pub exclude: Vec<T>,
}

/// `conditionalAccessDevicePlatform`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are Graph's and say it all")]
pub enum Platform {
    Android,
    #[serde(rename = "iOS")]
    Ios,
    Windows,
    WindowsPhone,
    #[serde(rename = "macOS")]
    MacOs,
    Linux,
}

impl Platform {
    /// What a `User-Agent` header claims. Anybody can send any header: good for reporting and for keeping honest people
    /// on the right device, never a proof.
    #[must_use]
    pub fn claimed(user_agent: &str) -> Option<Self> {
        // Order matters: phones name the systems they descend from.
        const MARKS: &[(&str, Platform)] = &[
            ("Windows Phone", Platform::WindowsPhone),
            ("Windows", Platform::Windows),
            ("iPhone", Platform::Ios),
            ("iPad", Platform::Ios),
            ("Android", Platform::Android),
            ("Mac OS X", Platform::MacOs),
            ("Linux", Platform::Linux),
        ];
        MARKS
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, platform)| *platform)
    }
}

/// `conditionalAccessClientApp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClientType {
    /// A web browser.
    Browser,
    /// A public client: an installed program.
    MobileAppsAndDesktopClients,
    /// Never seen here; accepted so that policies can be carried over.
    ExchangeActiveSync,
    /// Never seen here.
    EasSupported,
    /// Anything else.
    Other,
}

/// A named location, or a word for some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LocationRef {
    /// Every named location that is marked as trusted.
    AllTrusted,
    /// This one.
    Named(LocationId),
}

/// A named location: address ranges (`ipNamedLocation`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedLocation {
    /// Its id.
    pub id: LocationId,
    /// Shown to administrators.
    pub name: String,
    /// Trusted.
    pub trusted: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub modified: Timestamp,
    /// Ranges.
    pub ranges: Vec<IpRange>,
}

/// A range of addresses in CIDR form. IPv4-mapped IPv6 addresses count as IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpRange {
    address: core::net::IpAddr,
    prefix: u8,
}

impl IpRange {
    /// `None` if the prefix is too long for the address or bits behind it are set.
    #[must_use]
    pub fn new(address: core::net::IpAddr, prefix: u8) -> Option<Self> {
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let range = Self { address, prefix };
        (prefix <= longest && range.contains_bits(address) && range.is_aligned()).then_some(range)
    }

    /// Whether `address` is in it.
    #[must_use]
    pub fn contains(&self, address: core::net::IpAddr) -> bool {
        self.contains_bits(address.to_canonical())
    }

    fn contains_bits(&self, address: core::net::IpAddr) -> bool {
        match (bits(self.address), bits(address)) {
            ((ours, width), (theirs, other)) if width == other => {
                let rest = u32::from(width.saturating_sub(self.prefix));
                ours.checked_shr(rest).unwrap_or(0) == theirs.checked_shr(rest).unwrap_or(0)
            }
            _ => false,
        }
    }

    fn is_aligned(&self) -> bool {
        let (ours, width) = bits(self.address);
        let rest = u32::from(width.saturating_sub(self.prefix));
        ours.trailing_zeros() >= rest
    }
}

fn bits(address: core::net::IpAddr) -> (u128, u8) {
    match address {
        core::net::IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
        core::net::IpAddr::V6(v6) => (v6.to_bits(), 128),
    }
}

impl std::fmt::Display for IpRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl From<IpRange> for String {
    fn from(range: IpRange) -> Self {
        range.to_string()
    }
}

impl TryFrom<String> for IpRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = || format!("{text} is no address range such as 192.0.2.0/24");
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let address = address.parse().map_err(|_| wrong())?;
        let prefix = prefix.parse().map_err(|_| wrong())?;
        Self::new(address, prefix).ok_or_else(wrong)
    }
}

/// What a policy asks (`conditionalAccessGrantControls`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Grant {
    /// Nothing; the policy only says something about the session.
    #[default]
    Nothing,
    /// Nobody comes in.
    Block,
    /// Two factors.
    Mfa,
    /// A method of this strength.
    Strength(StrengthId),
}

/// What a policy says about the session (`conditionalAccessSessionControls`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SessionControls {
    /// How old the sign-in may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in_frequency: Option<SignInFrequency>,
    /// Whether the session survives the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_browser: Option<PersistentBrowser>,
}

impl SessionControls {
    /// Says nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// How old a sign-in may be. It is measured from the proof that satisfies the policy's grant, so that strength and
/// frequency can only be met by one and the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SignInFrequency {
    /// Each time (`everyTime`); a proof of the last five minutes counts, so that a page can be reloaded.
    EveryTime,
    /// At most so many minutes.
    Minutes(u32),
}

/// `persistentBrowserSessionMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PersistentBrowser {
    /// Kept without asking.
    Always,
    /// Never kept.
    Never,
}

/// An authentication context (`authenticationContextClassReference`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthenticationContext {
    /// `c1` to `c99`.
    pub id: String,
    /// Shown to administrators.
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// Applications may ask for it.
    pub available: bool,
}
