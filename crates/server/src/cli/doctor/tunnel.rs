//! The tunnel service of hybrid transport: whether browsers and phones can find it, and which hosts they need where it is not ours.

use std::time::Duration;

use authenticator::rules::cross_device::{Shell, hosts};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use super::Finding;
use crate::config::{CertificateSource, Config};

const CHECK: &str = "tunnel";
const PATIENCE: Duration = Duration::from_secs(5);

/// Name in the certificate first: that is ours. Then whether the name leads anywhere, which is seen from this machine only.
pub(super) async fn check(config: &Config) -> Finding {
    let Some(relay) = &config.relay else {
        return Finding::good(CHECK, without());
    };
    let host = relay.domain.host();
    let named = match &config.certificate {
        CertificateSource::Development => false,
        CertificateSource::Files { cert, .. } => {
            CertificateDer::from_pem_file(cert).is_ok_and(|leaf| names(&leaf, &host))
        }
    };
    if !named {
        return Finding::bad(
            CHECK,
            format!("the certificate does not name {host}"),
            "get a certificate that names the tunnel service too (keyward relay-name prints the name)",
        );
    }
    let looked = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((host.as_str(), 443)));
    let found = match looked.await {
        Ok(Ok(mut found)) => found.next().is_some(),
        Ok(Err(_)) | Err(_) => false,
    };
    if found {
        return Finding::good(CHECK, format!("{host} is found"));
    }
    Finding::bad(
        CHECK,
        format!("{host} leads nowhere, as seen from here"),
        "register the name and point it at this server, port 443",
    )
}

/// What has to be reachable from people's devices, for firewalls.
fn without() -> String {
    let android = hosts(Shell::Android, None).join(", ");
    let ios = hosts(Shell::Ios, None).join(", ");
    format!(
        "not configured; for passkeys on another device, people's phones and computers reach {android} (Android) or {ios} (iOS) on port 443"
    )
}

fn names(leaf: &[u8], host: &str) -> bool {
    let Ok((_, leaf)) = parse_x509_certificate(leaf) else {
        return false;
    };
    let Ok(Some(names)) = leaf.subject_alternative_name() else {
        return false;
    };
    let parent = host.split_once('.').map(|(_, parent)| parent);
    names.value.general_names.iter().any(|name| match name {
        GeneralName::DNSName(name) => {
            name.eq_ignore_ascii_case(host)
                || name.strip_prefix("*.").is_some_and(|zone| {
                    parent.is_some_and(|parent| zone.eq_ignore_ascii_case(parent))
                })
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    const HOST: &str = "cable.wufkweyy3uaxb.com";

    fn is_named(names_of_certificate: &[&str]) -> bool {
        let names_of_certificate: Vec<_> = names_of_certificate
            .iter()
            .map(|&name| name.to_owned())
            .collect();
        let made = rcgen::generate_simple_self_signed(names_of_certificate).unwrap();
        names(made.cert.der(), HOST)
    }

    #[test]
    fn the_certificate_has_to_name_the_tunnel_service() {
        assert!(is_named(&["id.example", HOST]));
        assert!(is_named(&["*.wufkweyy3uaxb.com"]));
        assert!(!is_named(&["id.example", "wufkweyy3uaxb.com"]));
        assert!(!is_named(&["*.com", "*.cable.wufkweyy3uaxb.com"]));
        assert!(!names(b"no certificate", HOST));
    }

    #[test]
    fn without_a_service_of_its_own_it_lists_the_hosts() {
        let said = without();
        for host in [
            "cable.ua5v.com",
            "cable.auth.com",
            "app-site-association.cdn-apple.com",
        ] {
            assert!(said.contains(host), "{said}");
        }
    }
}
