//! Good statements of every format that a P-256 key can make.

use super::workbench::{
    Members, NOW, Registration, Seen, aaguid_extension, array, bytes, coordinates, int, map,
    name_of, not_authority, text,
};
use crate::attestation::chain::forge::{Forge, Key, SUBJECT_ALT_NAME, extension, sequence, tlv};
use crate::identifiers::sha256;

pub const PACKED_SUBJECT: [(u8, &str); 4] = [
    (6, "AQ"),
    (10, "Vendor"),
    (11, "Authenticator Attestation"),
    (3, "Model"),
];

pub fn packed() -> Registration {
    let mut registration = Registration::new().format("packed", |registration, seen| {
        registration.members(packed_members(registration, seen))
    });
    let leaf = &mut registration.certified.leaf;
    leaf.subject = name_of(&PACKED_SUBJECT);
    leaf.extensions = vec![
        not_authority(),
        aaguid_extension(registration.data.aaguid, false),
    ];
    registration
}

fn packed_members(registration: &Registration, seen: &Seen) -> Members {
    let certified = &registration.certified;
    vec![
        ("alg", int(certified.alg)),
        ("sig", bytes(&certified.key.sign(&seen.signed()))),
        ("x5c", registration.x5c()),
    ]
}

pub fn packed_self(credential: Key, alg: i64) -> Registration {
    let mut registration =
        Registration::with_key(credential).format("packed", |registration, seen| {
            let signature = registration.credential.sign(&seen.signed());
            registration.members(vec![
                ("alg", int(registration.certified.alg)),
                ("sig", bytes(&signature)),
            ])
        });
    registration.certified.alg = alg;
    registration
}

pub fn fido_u2f() -> Registration {
    let mut registration = Registration::new().format("fido-u2f", |registration, seen| {
        let (x, y) = coordinates(&registration.credential);
        let id = registration
            .data
            .attested
            .as_ref()
            .map(|(id, _)| id.clone())
            .unwrap_or_default();
        let rp_id_hash = sha256(registration.data.rp_id.as_bytes());
        let signed = [&[0], rp_id_hash.as_slice(), &seen.hash, &id, &[4], &x, &y].concat();
        let signature = registration.certified.key.sign(&signed);
        registration.members(vec![
            ("x5c", registration.x5c()),
            ("sig", bytes(&signature)),
        ])
    });
    registration.data.aaguid = [0; 16];
    registration
}

const APPLE_NONCE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 8, 2];

pub fn apple() -> Registration {
    Registration::new().format("apple", |registration, seen| {
        let nonce = sequence(&tlv(0xa1, &tlv(4, &sha256(&seen.signed()))));
        let leaf = Forge::leaf("Leaf", "Root", &registration.credential)
            .with_extensions(&[extension(APPLE_NONCE, false, &nonce)]);
        registration.members(vec![(
            "x5c",
            array(&[bytes(&leaf.sign(&registration.certified.root))]),
        )])
    })
}

const KEY_DESCRIPTION: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 1, 0x11];

/// `[1] SET OF INTEGER` with these purposes.
pub fn purposes(purposes: &[u8]) -> Vec<u8> {
    let members: Vec<u8> = purposes
        .iter()
        .flat_map(|purpose| tlv(2, &[*purpose]))
        .collect();
    tlv(0xa1, &tlv(0x31, &members))
}

/// `[702] INTEGER`.
pub fn origin(origin: u8) -> Vec<u8> {
    [vec![0xbf, 0x85, 0x3e], vec![3], tlv(2, &[origin])].concat()
}

/// `[600] NULL`.
pub fn all_applications() -> Vec<u8> {
    vec![0xbf, 0x84, 0x58, 2, 5, 0]
}

/// The two authorization lists are `software` and `hardware`; `challenge` replaces the client data hash.
pub fn android_key(
    software: Vec<u8>,
    hardware: Vec<u8>,
    challenge: Option<Vec<u8>>,
) -> Registration {
    Registration::new().format("android-key", move |registration, seen| {
        let challenge = challenge.clone().unwrap_or_else(|| seen.hash.to_vec());
        let fields = [
            tlv(2, &[4]),
            tlv(10, &[1]),
            tlv(2, &[4]),
            tlv(10, &[1]),
            tlv(4, &challenge),
            tlv(4, &[]),
            sequence(&software),
            sequence(&hardware),
        ];
        let description = extension(KEY_DESCRIPTION, false, &sequence(&fields.concat()));
        let leaf =
            Forge::leaf("Leaf", "Root", &registration.credential).with_extensions(&[description]);
        let signature = registration.credential.sign(&seen.signed());
        registration.members(vec![
            ("alg", int(registration.certified.alg)),
            ("sig", bytes(&signature)),
            (
                "x5c",
                array(&[bytes(&leaf.sign(&registration.certified.root))]),
            ),
        ])
    })
}

pub fn good_android_key() -> Registration {
    android_key(Vec::new(), [purposes(&[2]), origin(0)].concat(), None)
}

/// The parts of a TPM statement that can be wrong.
#[derive(Clone)]
pub struct Tpm {
    pub magic: [u8; 4],
    pub kind: [u8; 2],
    pub extra_data: Option<Vec<u8>>,
    pub name: Option<Vec<u8>>,
    pub symmetric: [u8; 2],
    pub key: Option<(Vec<u8>, Vec<u8>)>,
    pub behind_public: Vec<u8>,
    pub behind_info: Vec<u8>,
    pub version: &'static str,
}

impl Tpm {
    pub fn new() -> Self {
        Self {
            magic: [0xff, 0x54, 0x43, 0x47],
            kind: [0x80, 0x17],
            extra_data: None,
            name: None,
            symmetric: [0, 0x10],
            key: None,
            behind_public: Vec::new(),
            behind_info: Vec::new(),
            version: "2.0",
        }
    }

    fn public_area(&self, registration: &Registration) -> Vec<u8> {
        let (x, y) = self
            .key
            .clone()
            .unwrap_or_else(|| coordinates(&registration.credential));
        let head = [
            [0, 0x23],
            [0, 0x0b],
            [0, 0],
            [0, 0],
            [0, 0],
            self.symmetric,
            [0, 0x10],
            [0, 3],
            [0, 0x10],
        ]
        .concat();
        [head, sized(&x), sized(&y), self.behind_public.clone()].concat()
    }

    fn cert_info(&self, public_area: &[u8], seen: &Seen) -> Vec<u8> {
        let name = [vec![0, 0x0b], sha256(public_area).to_vec()].concat();
        [
            self.magic.to_vec(),
            self.kind.to_vec(),
            sized(b"signer"),
            sized(
                &self
                    .extra_data
                    .clone()
                    .unwrap_or_else(|| sha256(&seen.signed()).to_vec()),
            ),
            vec![0x77; 25],
            sized(&self.name.clone().unwrap_or(name)),
            sized(b"qualified"),
            self.behind_info.clone(),
        ]
        .concat()
    }
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [vec![0, bytes.len().to_le_bytes()[0]], bytes.to_vec()].concat()
}

const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];

pub fn aik_usage(last: u8) -> Vec<u8> {
    extension(
        EXTENDED_KEY_USAGE,
        false,
        &sequence(&tlv(6, &[0x67, 0x81, 5, 8, last])),
    )
}

/// A directoryName with these attributes under 2.23.133.2.
pub fn tpm_names(attributes: &[(u8, &str)], critical: bool) -> Vec<u8> {
    let sets: Vec<u8> = attributes
        .iter()
        .flat_map(|(kind, value)| {
            tlv(
                0x31,
                &sequence(
                    &[
                        tlv(6, &[0x67, 0x81, 5, 2, *kind]),
                        tlv(12, value.as_bytes()),
                    ]
                    .concat(),
                ),
            )
        })
        .collect();
    extension(
        SUBJECT_ALT_NAME,
        critical,
        &sequence(&tlv(0xa4, &sequence(&sets))),
    )
}

pub const TPM_NAMES: [(u8, &str); 3] = [(1, "id:494E5443"), (2, "Model"), (3, "id:13")];

pub fn tpm(parts: Tpm) -> Registration {
    let mut registration = Registration::new().format("tpm", move |registration, seen| {
        let public_area = parts.public_area(registration);
        let cert_info = parts.cert_info(&public_area, seen);
        let signature = registration.certified.key.sign(&cert_info);
        registration.members(vec![
            ("ver", text(parts.version)),
            ("alg", int(registration.certified.alg)),
            ("x5c", registration.x5c()),
            ("sig", bytes(&signature)),
            ("certInfo", bytes(&cert_info)),
            ("pubArea", bytes(&public_area)),
        ])
    });
    let leaf = &mut registration.certified.leaf;
    leaf.subject = sequence(&[]);
    leaf.extensions = vec![tpm_names(&TPM_NAMES, true), aik_usage(3), not_authority()];
    registration
}

/// A compound of the packed statement and the empty one; `edit` changes the list.
pub fn compound(edit: impl Fn(&mut Vec<Vec<u8>>) + 'static) -> Registration {
    let mut registration = packed().format("compound", move |registration, seen| {
        let packed = map(&[
            ("fmt", text("packed")),
            (
                "attStmt",
                registration.members(packed_members(registration, seen)),
            ),
        ]);
        let none = map(&[("fmt", text("none")), ("attStmt", map(&[]))]);
        let mut parts = vec![packed, none];
        edit(&mut parts);
        array(&parts)
    });
    registration.now = NOW;
    registration
}
