//! 4.4: passkeys at hand.

use super::*;

/// Entra's table, column by column: what is registered, and where it ends the nudging.
#[test]
fn local_passkeys_by_platform() {
    const COLUMNS: [&str; 6] = [
        WINDOWS,
        WINDOWS_EDGE,
        MAC_CHROME,
        MAC_SAFARI,
        IPHONE,
        ANDROID,
    ];
    let key = |aaguid: u128| Uuid::from_u128(aaguid);
    let inside: &[&str] = &["internal", "hybrid"];
    type Fact<'a> = (&'a str, Uuid, &'a [&'a str], [bool; 6]);
    let (y, n) = (true, false);
    let table: &[Fact<'_>] = &[
        (
            "4.4 Windows Hello for Business",
            WINDOWS_HELLO,
            inside,
            [y, y, n, n, n, n],
        ),
        (
            "4.4 Entra passkey on Windows (VBS)",
            key(0x9ddd1817_af5a_4672_a2b9_3e3dd95000a9),
            inside,
            [y, y, n, n, n, n],
        ),
        (
            "4.4 Google Password Manager",
            GOOGLE,
            inside,
            [y, n, y, n, n, y],
        ),
        ("4.4 iCloud Keychain", ICLOUD, inside, [n, n, y, y, y, n]),
        (
            "4.4 iCloud Keychain (Managed)",
            key(0xdd4ec289_e01d_41c9_bb89_70fa845d4bf2),
            inside,
            [n, n, y, y, y, n],
        ),
        (
            "4.4 macOS Platform SSO",
            key(0x7fd635b3_2ef9_4542_8d9d_164f2c771efc),
            inside,
            [n, n, y, y, n, n],
        ),
        (
            "4.4 Samsung Pass",
            key(0x53414d53_554e_4700_0000_000000000000),
            inside,
            [n, n, n, n, n, y],
        ),
        (
            "4.4 Authenticator passkey (iOS)",
            AUTHENTICATOR,
            inside,
            [n, n, n, n, y, y],
        ),
        (
            "4.4 Authenticator passkey (Android)",
            key(0xde1e552d_db1d_4423_a619_566b625cdc84),
            inside,
            [n, n, n, n, y, y],
        ),
        ("4.4 security key over USB", SOME_MODEL, &["usb"], [y; 6]),
        (
            "4.4 security key over NFC and USB",
            SOME_MODEL,
            &["nfc", "usb"],
            [y; 6],
        ),
        (
            "4.4 security key that is a smart card",
            SOME_MODEL,
            &["smart-card"],
            [y; 6],
        ),
        (
            "beyond: a phone reached across devices is none",
            SOME_MODEL,
            &["hybrid"],
            [n; 6],
        ),
        (
            "beyond: an unknown one inside some device",
            SOME_MODEL,
            inside,
            [n; 6],
        ),
        ("beyond: nothing is known", Uuid::nil(), &[], [n; 6]),
        (
            "beyond: a password manager comes along",
            key(0xbada5566_a7aa_401f_bd96_45619a55120d),
            inside,
            [y; 6],
        ),
        (
            "beyond: a profile of Chrome on a Mac",
            key(0xadce0002_35bc_c60a_648b_0b25f1f05503),
            inside,
            [n, n, y, n, n, n],
        ),
        (
            "beyond: Microsoft Password Manager in Edge",
            key(0xd3452668_01fd_4c12_926c_83a4204853aa),
            inside,
            [n, y, n, n, n, n],
        ),
    ];
    for (fact, aaguid, transports, columns) in table {
        for (user_agent, suppressed) in COLUMNS.iter().zip(columns) {
            let mut case = Case::new();
            case.user_agent = user_agent;
            case.add(*aaguid, PasskeyType::Synced, transports);
            let expected = if *suppressed {
                no(Reason::LocalPasskey(FIRST))
            } else {
                ASKED
            };
            assert_eq!(case.nudge(), expected, "{fact}: {user_agent}");
        }
    }
}

#[test]
fn local_passkeys_by_circumstance() {
    check(&[
        (
            "beyond: a profile of Edge on a Mac",
            |case| {
                case.user_agent = MAC_EDGE;
                let edge = Uuid::from_u128(0x771b48fd_d3d4_4f74_9232_fc157ab0507a);
                case.add(edge, PasskeyType::DeviceBound, &["internal"]);
            },
            no(Reason::LocalPasskey(FIRST)),
        ),
        (
            "beyond: Linux has no provider that everybody has, so any passkey will do",
            |case| {
                case.user_agent = LINUX;
                case.add(ICLOUD, PasskeyType::Synced, &["internal", "hybrid"]);
            },
            no(Reason::LocalPasskey(FIRST)),
        ),
        (
            "beyond: so will it on ChromeOS",
            |case| {
                case.user_agent = CHROME_OS;
                case.add(ICLOUD, PasskeyType::Synced, &["internal", "hybrid"]);
            },
            no(Reason::LocalPasskey(FIRST)),
        ),
        (
            "beyond: what was used from this very device is at hand, whatever its model",
            |case| {
                let id = case.add(SOME_MODEL, PasskeyType::DeviceBound, &["internal"]);
                case.used_here.push(id);
            },
            no(Reason::UsedHere(FIRST)),
        ),
        (
            "beyond: one that a browser made silently and nobody has used yet is not at hand",
            |case| {
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
                case.passkeys
                    .iter_mut()
                    .for_each(|one| one.user_verified = false);
            },
            ASKED,
        ),
        (
            "beyond: the metadata knows a security key where the browser did not say",
            |case| {
                case.add(SOME_MODEL, PasskeyType::DeviceBound, &[]);
                case.model(
                    SOME_MODEL,
                    ModelFacts {
                        transports: vec!["usb".to_owned()],
                        ..ModelFacts::default()
                    },
                );
            },
            no(Reason::LocalPasskey(FIRST)),
        ),
        (
            "a disabled passkey does not count",
            |case| {
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
                case.passkeys.iter_mut().for_each(|one| one.enabled = false);
            },
            ASKED,
        ),
        (
            "a suspected clone does not count",
            |case| {
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
                let suspect = |one: &mut Passkey| one.suspected_clone = Some(NOW);
                case.passkeys.iter_mut().for_each(suspect);
            },
            ASKED,
        ),
        (
            "4.4 synced-only: a device-bound one does not count",
            |case| {
                case.profile().types = vec![PasskeyType::Synced];
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
            },
            ASKED,
        ),
        (
            "4.4 synced-only: a local synced one ends it",
            |case| {
                case.profile().types = vec![PasskeyType::Synced];
                case.add(GOOGLE, PasskeyType::Synced, &["internal"]);
            },
            no(Reason::LocalPasskey(FIRST)),
        ),
        (
            "4.4 synced-only: per platform, a synced one elsewhere does not",
            |case| {
                case.profile().types = vec![PasskeyType::Synced];
                case.add(ICLOUD, PasskeyType::Synced, &["internal"]);
            },
            ASKED,
        ),
        (
            "4.4 device-bound-only: a synced one does not count",
            |case| {
                case.profile().types = vec![PasskeyType::DeviceBound];
                case.add(GOOGLE, PasskeyType::Synced, &["internal"]);
            },
            ASKED,
        ),
        (
            "4.4 device-bound-only: a local device-bound one ends it",
            |case| {
                case.profile().types = vec![PasskeyType::DeviceBound];
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
            },
            no(Reason::LocalPasskey(FIRST)),
        ),
        (
            "4.4 AAGUID-restricted: one eligible passkey anywhere ends it",
            |case| {
                restrict(case, RestrictionKind::Allow, &[AUTHENTICATOR]);
                case.add(AUTHENTICATOR, PasskeyType::DeviceBound, &["internal"]);
            },
            no(Reason::EligiblePasskey(FIRST)),
        ),
        (
            "4.4 AAGUID-restricted: a local one that is not eligible does not",
            |case| {
                restrict(case, RestrictionKind::Allow, &[AUTHENTICATOR]);
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
            },
            ASKED,
        ),
        (
            "4.4 AAGUID-restricted by a block list: one eligible passkey anywhere",
            |case| {
                restrict(case, RestrictionKind::Block, &[WINDOWS_HELLO]);
                case.add(AUTHENTICATOR, PasskeyType::DeviceBound, &["internal"]);
            },
            no(Reason::EligiblePasskey(FIRST)),
        ),
        (
            "4.4 attested: one attested passkey anywhere ends it",
            |case| {
                case.profile().attestation = AttestationRule::RegistrationOnly;
                case.add(AUTHENTICATOR, PasskeyType::DeviceBound, &["internal"]);
                let attest = |one: &mut Passkey| one.attestation_level = AttestationLevel::Attested;
                case.passkeys.iter_mut().for_each(attest);
            },
            no(Reason::EligiblePasskey(FIRST)),
        ),
        (
            "4.4 attested: an old unattested one does not",
            |case| {
                case.profile().attestation = AttestationRule::RegistrationOnly;
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
            },
            ASKED,
        ),
        (
            "a passkey of a profile that is closed to self-service ends it all the same",
            |case| {
                case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
                case.profile().self_service = Some(false);
                let other = PasskeyProfile {
                    types: vec![PasskeyType::Synced],
                    ..PasskeyProfile::open(ProfileId::from_bytes([9; 16]), "Synced")
                };
                let targets = case.policies.passkeys.include.iter_mut();
                targets.for_each(|target| target.profiles.push(other.id));
                case.policies.passkeys.profiles.push(other);
            },
            no(Reason::LocalPasskey(FIRST)),
        ),
    ]);
}
