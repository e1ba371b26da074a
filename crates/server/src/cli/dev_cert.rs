//! `keyward dev-cert DIR`: a certificate for `localhost` under its own name-constrained authority.
//!
//! The authority's private key is dropped before this returns: nobody can later sign another name with it, and the
//! name constraints bind browsers that come to trust it to `localhost` and names under it, 127.0.0.1 and ::1. The certificate has no wildcard name:
//! webpki takes one directly under a top-level name for malformed, and a name constraint then refuses the whole chain.

use std::fs;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use policy::model::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
    PKCS_ECDSA_P256_SHA256, SanType,
};

use crate::clock::Clock;

const DAY: u64 = 86_400;
const VALID_DAYS: u64 = 90;
/// A certificate with less left than this is made anew at the next start.
const RENEW_DAYS: i64 = 7;

/// The files of a development certificate.
#[derive(Clone, Debug)]
pub struct DevelopmentCertificate {
    /// The authority to trust, PEM.
    pub ca: PathBuf,
    /// The server's certificate, PEM.
    pub cert: PathBuf,
    /// The server's private key, PEM, mode 0600.
    pub key: PathBuf,
}

impl DevelopmentCertificate {
    fn in_folder(folder: &Path) -> Self {
        Self {
            ca: folder.join("ca.pem"),
            cert: folder.join("localhost.pem"),
            key: folder.join("localhost.key"),
        }
    }
}

/// Writes a fresh certificate into `folder` and says where.
pub fn run(folder: &Path) -> anyhow::Result<()> {
    let files = write(folder, Clock::System.now())?;
    println!("authority:   {}", files.ca.display());
    println!("certificate: {}", files.cert.display());
    println!("key:         {}", files.key.display());
    Ok(())
}

/// The certificate in `folder`, made now if it is missing, unreadable or ends within a week.
pub fn ensure(folder: &Path, now: Timestamp) -> anyhow::Result<DevelopmentCertificate> {
    let files = DevelopmentCertificate::in_folder(folder);
    if files.ca.exists()
        && files.key.exists()
        && days_left(&files.cert, now).is_some_and(|days| days >= RENEW_DAYS)
    {
        return Ok(files);
    }
    write(folder, now)
}

/// Days until the certificate in a PEM file ends; `None` if it cannot be read.
pub fn days_left(cert: &Path, now: Timestamp) -> Option<i64> {
    let pem = fs::read(cert).ok()?;
    let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).ok()?;
    let ends = pem.parse_x509().ok()?.validity().not_after.timestamp();
    Some((ends - now.as_micros() / 1_000_000) / i64::try_from(DAY).ok()?)
}

fn write(folder: &Path, now: Timestamp) -> anyhow::Result<DevelopmentCertificate> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let files = DevelopmentCertificate::in_folder(folder);
    let made = make(now)?;
    write_file(&files.ca, &made.ca, 0o644)?;
    write_file(&files.cert, &made.cert, 0o644)?;
    write_file(&files.key, &made.key, 0o600)?;
    Ok(files)
}

struct Made {
    ca: String,
    cert: String,
    key: String,
}

fn make(now: Timestamp) -> anyhow::Result<Made> {
    let ca_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let ca_params = authority(now)?;
    let ca = ca_params.self_signed(&ca_key)?;
    let issuer = Issuer::from_params(&ca_params, &ca_key);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let cert = server(now)?.signed_by(&key, &issuer)?;
    Ok(Made {
        ca: ca.pem(),
        cert: cert.pem(),
        key: key.serialize_pem(),
    })
}

fn authority(now: Timestamp) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name.push(
        DnType::CommonName,
        "Keyward development authority (localhost only)",
    );
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 1], 32)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(
                std::net::Ipv6Addr::LOCALHOST.octets(),
                128,
            )),
        ],
        excluded_subtrees: Vec::new(),
    });
    set_validity(&mut params, now);
    Ok(params)
}

fn server(now: Timestamp) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    for address in ["127.0.0.1", "::1"] {
        params
            .subject_alt_names
            .push(SanType::IpAddress(address.parse::<IpAddr>()?));
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    set_validity(&mut params, now);
    Ok(params)
}

/// From an hour ago (clocks differ) for ninety days.
fn set_validity(params: &mut CertificateParams, now: Timestamp) {
    let seconds = u64::try_from(now.as_micros() / 1_000_000).unwrap_or(0);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(seconds.saturating_sub(3600));
    params.not_after = epoch + Duration::from_secs(seconds + VALID_DAYS * DAY);
}

fn write_file(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let attempt = || -> io::Result<()> {
        // A leftover file would keep its own, perhaps wider, mode.
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)?;
        file.write_all(text.as_bytes())
    };
    attempt().with_context(|| format!("cannot write {}", path.display()))
}
