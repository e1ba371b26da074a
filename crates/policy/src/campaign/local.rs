//! Whether somebody has a passkey that is at hand on this system in this browser (Entra's table of local passkeys).

use crate::client::Client;
use crate::model::{Browser, Models, Passkey, System};
use uuid::Uuid;

/// Who keeps a passkey, as far as nudges tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Windows Hello, with or without Entra's use of it.
    WindowsHello,
    /// Google Password Manager.
    GooglePasswordManager,
    /// iCloud Keychain (Apple Passwords), managed or not.
    ICloudKeychain,
    /// The Secure Enclave under macOS Platform SSO.
    PlatformSso,
    /// Samsung Pass.
    SamsungPass,
    /// Microsoft Authenticator.
    MicrosoftAuthenticator,
    /// A profile of Chrome on a Mac.
    ChromeOnMac,
    /// A profile of Edge on a Mac.
    EdgeOnMac,
    /// Microsoft Password Manager, in Edge.
    MicrosoftPasswordManager,
    /// A password manager that works in every browser.
    PasswordManager,
    /// Carried along: USB, NFC or Bluetooth.
    SecurityKey,
    /// Any other, or one that does not say.
    Other,
}

impl Provider {
    /// Every provider.
    pub const ALL: &'static [Self] = &[
        Self::WindowsHello,
        Self::GooglePasswordManager,
        Self::ICloudKeychain,
        Self::PlatformSso,
        Self::SamsungPass,
        Self::MicrosoftAuthenticator,
        Self::ChromeOnMac,
        Self::EdgeOnMac,
        Self::MicrosoftPasswordManager,
        Self::PasswordManager,
        Self::SecurityKey,
        Self::Other,
    ];

    /// The name shown to people and stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WindowsHello => "Windows Hello",
            Self::GooglePasswordManager => "Google Password Manager",
            Self::ICloudKeychain => "iCloud Keychain",
            Self::PlatformSso => "macOS Platform SSO",
            Self::SamsungPass => "Samsung Pass",
            Self::MicrosoftAuthenticator => "Microsoft Authenticator",
            Self::ChromeOnMac => "Chrome on Mac",
            Self::EdgeOnMac => "Edge on Mac",
            Self::MicrosoftPasswordManager => "Microsoft Password Manager",
            Self::PasswordManager => "password manager",
            Self::SecurityKey => "security key",
            Self::Other => "other",
        }
    }

    /// The provider with this stored form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == name)
    }

    /// Who keeps this passkey. An unattested model is what the authenticator chose to say: good enough to decide
    /// whether to ask a friendly question, and used for nothing else.
    #[must_use]
    pub fn of(passkey: &Passkey, models: &Models) -> Self {
        let aaguid = passkey.aaguid.as_u128();
        let known = PROVIDERS
            .iter()
            .find(|(_, aaguids)| aaguids.contains(&aaguid));
        match known {
            Some((provider, _)) => *provider,
            None if is_carried(passkey, models) => Self::SecurityKey,
            None => Self::Other,
        }
    }

    /// Every model that is known to be of this provider.
    pub fn aaguids(self) -> impl Iterator<Item = Uuid> {
        PROVIDERS
            .iter()
            .filter(move |(provider, _)| *provider == self)
            .flat_map(|(_, aaguids)| *aaguids)
            .map(|aaguid| Uuid::from_u128(*aaguid))
    }

    /// Whether a passkey of this provider is at hand there. Systems outside Entra's table have no provider that
    /// everybody has, so whatever a person can use anywhere has to do.
    #[must_use]
    pub fn is_local(self, client: &Client) -> bool {
        let Some(column) = column(client) else {
            return true;
        };
        match self {
            Self::PasswordManager | Self::SecurityKey => true,
            // Beyond the table: providers that live in one browser.
            Self::EdgeOnMac => client.system == System::MacOs && client.browser == Browser::Edge,
            Self::MicrosoftPasswordManager => client.browser == Browser::Edge,
            _ => LOCAL
                .iter()
                .any(|(provider, columns)| *provider == self && columns.contains(&column)),
        }
    }
}

/// A column of Entra's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    WindowsChrome,
    WindowsOther,
    MacChrome,
    MacOther,
    Ios,
    Android,
}

fn column(client: &Client) -> Option<Column> {
    let chrome = client.browser == Browser::Chrome;
    match client.system {
        System::Windows if chrome => Some(Column::WindowsChrome),
        System::Windows => Some(Column::WindowsOther),
        System::MacOs if chrome => Some(Column::MacChrome),
        System::MacOs => Some(Column::MacOther),
        System::Iphone | System::Ipad => Some(Column::Ios),
        System::Android => Some(Column::Android),
        System::Linux | System::ChromeOs | System::Unknown => None,
    }
}

const LOCAL: &[(Provider, &[Column])] = &[
    (
        Provider::WindowsHello,
        &[Column::WindowsChrome, Column::WindowsOther],
    ),
    (
        Provider::GooglePasswordManager,
        &[Column::WindowsChrome, Column::MacChrome, Column::Android],
    ),
    (
        Provider::ICloudKeychain,
        &[Column::MacChrome, Column::MacOther, Column::Ios],
    ),
    (
        Provider::PlatformSso,
        &[Column::MacChrome, Column::MacOther],
    ),
    (Provider::SamsungPass, &[Column::Android]),
    (
        Provider::MicrosoftAuthenticator,
        &[Column::Ios, Column::Android],
    ),
    // Beyond the table: a profile of Chrome on a Mac is no further away than Google Password Manager.
    (Provider::ChromeOnMac, &[Column::MacChrome]),
];

/// Speaks a transport of things that are carried along. Where the browser did not say, the metadata may know.
fn is_carried(passkey: &Passkey, models: &Models) -> bool {
    let said = &passkey.transports;
    let known = models.get(passkey.aaguid).map(|model| &model.transports);
    let transports = if said.is_empty() { known } else { Some(said) };
    transports.is_some_and(|all| {
        let speaks = |name: &str| all.iter().any(|one| one == name);
        !speaks("internal") && ["usb", "nfc", "ble", "smart-card"].into_iter().any(speaks)
    })
}

// Microsoft's documentation and the community list of passkey providers (passkeydeveloper/passkey-authenticator-aaguids,
// August 2026).
const PROVIDERS: &[(Provider, &[u128])] = &[
    (
        Provider::WindowsHello,
        &[
            0x08987058_cadc_4b81_b6e1_30de50dcbe96,
            0x9ddd1817_af5a_4672_a2b9_3e3dd95000a9,
            0x6028b017_b1d4_4c02_b4b3_afcdafc96bb2,
        ],
    ),
    (
        Provider::GooglePasswordManager,
        &[0xea9b8d66_4d01_1d21_3ce4_b6b48cb575d4],
    ),
    (
        Provider::ICloudKeychain,
        &[
            0xfbfc3007_154e_4ecc_8c0b_6e020557d7bd,
            0xdd4ec289_e01d_41c9_bb89_70fa845d4bf2,
        ],
    ),
    (
        Provider::PlatformSso,
        &[0x7fd635b3_2ef9_4542_8d9d_164f2c771efc],
    ),
    (
        Provider::SamsungPass,
        &[0x53414d53_554e_4700_0000_000000000000],
    ),
    (
        Provider::MicrosoftAuthenticator,
        &[
            0x90a3ccdf_635c_4729_a248_9b709135078f,
            0xde1e552d_db1d_4423_a619_566b625cdc84,
        ],
    ),
    (
        Provider::ChromeOnMac,
        &[0xadce0002_35bc_c60a_648b_0b25f1f05503],
    ),
    (
        Provider::EdgeOnMac,
        &[0x771b48fd_d3d4_4f74_9232_fc157ab0507a],
    ),
    (
        Provider::MicrosoftPasswordManager,
        &[0xd3452668_01fd_4c12_926c_83a4204853aa],
    ),
    (
        Provider::PasswordManager,
        &[
            // 1Password, Bitwarden, Dashlane, Proton Pass, KeePassXC, LastPass, NordPass, Keeper, Enpass
            0xbada5566_a7aa_401f_bd96_45619a55120d,
            0xd548826e_79b4_db40_a3d8_11116f7e8349,
            0x531126d6_e717_415c_9320_3d9aa6981239,
            0x50726f74_6f6e_5061_7373_50726f746f6e,
            0xfdb141b2_5d84_443e_8a35_4698c205a502,
            0xb78a0a55_6ef8_d246_a042_ba0f6d55050c,
            0xb84e4048_15dc_4dd0_8640_f4f60813c8af,
            0x0ea242b4_43c4_4a1b_8b17_dd6d0b6baec6,
            0xf3809540_7f14_49c1_a8b3_8f813b225541,
        ],
    ),
];
