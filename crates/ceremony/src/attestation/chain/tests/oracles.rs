//! The same certificates, judged by `openssl verify` and by webpki. OpenSSL makes the chains whose keys or
//! hashes the crypto library of this workspace does not sign with; these tests need its command.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustls_pki_types::{CertificateDer, UnixTime as WebpkiTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::*;

#[derive(Debug, PartialEq)]
enum Oracle {
    Agrees,
    Refuses,
    /// Known to judge differently, for the reason in the table.
    Other,
}

/// case, our verdict, what OpenSSL says, what webpki says
#[test]
fn openssl_and_webpki_judge_the_odd_chains_as_expected() {
    use Oracle::{Agrees, Other, Refuses};
    let folder = Folder::new("odd");
    let house = House::new();
    let unknown = extension(&[0x2a, 3, 4, 5], true, &[5, 0]);
    let v1 = |mut forge: Forge| {
        forge.version = 1;
        forge
    };
    let old = |forge: Forge| forge.valid("20200101000000Z", "20240101000000Z");
    let cases: Vec<(&str, [Forge; 3], bool, Oracle, Oracle)> = vec![
        (
            "normal",
            [house.root(), house.issuing(), house.leaf()],
            true,
            Agrees,
            Agrees,
        ),
        (
            "v1 root",
            [v1(house.root()), house.issuing(), house.leaf()],
            true,
            Agrees,
            Agrees,
        ),
        // webpki reads version 3 end entities only
        (
            "v1 leaf",
            [house.root(), house.issuing(), v1(house.leaf())],
            true,
            Agrees,
            Other,
        ),
        (
            "v1 intermediate",
            [house.root(), v1(house.issuing()), house.leaf()],
            false,
            Refuses,
            Refuses,
        ),
        (
            "expired leaf",
            [house.root(), house.issuing(), old(house.leaf())],
            false,
            Refuses,
            Refuses,
        ),
        (
            "expired intermediate",
            [house.root(), old(house.issuing()), house.leaf()],
            false,
            Refuses,
            Refuses,
        ),
        // webpki does not look at the validity of an anchor
        (
            "expired root",
            [old(house.root()), house.issuing(), house.leaf()],
            false,
            Refuses,
            Other,
        ),
        (
            "unknown critical extension",
            [
                house.root(),
                house.issuing(),
                house.leaf().with_extensions(&[unknown]),
            ],
            false,
            Refuses,
            Refuses,
        ),
        (
            "intermediate is no authority",
            [
                house.root(),
                house.issuing().with_extensions(&house.leaf().extensions),
                house.leaf(),
            ],
            false,
            Refuses,
            Refuses,
        ),
        (
            "intermediate may not sign certificates",
            [
                house.root(),
                house
                    .issuing()
                    .with_extensions(&[ca(None), key_usage(0x80)]),
                house.leaf(),
            ],
            false,
            Refuses,
            // webpki leaves keyUsage alone
            Other,
        ),
        (
            "root allows no intermediate",
            [
                house.root().with_extensions(&[ca(Some(0))]),
                house.issuing(),
                house.leaf(),
            ],
            false,
            Refuses,
            // webpki leaves the path length of an anchor alone
            Other,
        ),
    ];
    for (case, [root, issuing, leaf], accepted, openssl, webpki) in cases {
        let root = root.sign(&house.root_key);
        let issuing = issuing.sign(&house.root_key);
        let leaf = leaf.sign(&house.issuing_key);
        let ours = check(
            &leaf,
            std::slice::from_ref(&issuing),
            std::slice::from_ref(&root),
            &PathRules::at(NOW),
        );
        assert_eq!(ours.is_ok(), accepted, "{case}: {ours:?}");
        let said = folder.openssl_verifies(&root, &issuing, &leaf);
        assert_eq!(said, openssl == Agrees, "openssl about {case}");
        let said = webpki_verifies(&root, &issuing, &leaf);
        if webpki != Other {
            assert_eq!(said, webpki == Agrees, "webpki about {case}");
        } else {
            assert_ne!(said, accepted, "webpki agrees about {case} by now");
        }
    }
}

type AlgorithmCase<'a> = (
    Vec<String>,
    &'a str,
    &'a [&'a str],
    Result<(), PathFault>,
    Result<(), PathFault>,
);

/// key option of `openssl req -newkey`, its pkeyopt, hash, further options, verdict, verdict with legacy
#[test]
fn every_algorithm_that_openssl_signs_with_gets_its_verdict() {
    const PSS: &[&str] = &["-sigopt", "rsa_padding_mode:psssaltlen"];
    let folder = Folder::new("algorithms");
    let curve = |name: &str| {
        vec![
            "ec".to_owned(),
            "-pkeyopt".to_owned(),
            format!("ec_paramgen_curve:{name}"),
        ]
    };
    let rsa = |bits: u32| vec![format!("rsa:{bits}")];
    let unsupported = Err(PathFault::UnsupportedAlgorithm);
    let mut cases: Vec<AlgorithmCase<'_>> = Vec::new();
    for name in ["P-256", "P-384", "P-521"] {
        for hash in ["-sha256", "-sha384", "-sha512"] {
            cases.push((curve(name), hash, &[], Ok(()), Ok(())));
        }
        cases.push((curve(name), "-sha224", &[], unsupported, unsupported));
    }
    for hash in ["-sha256", "-sha384", "-sha512"] {
        cases.push((rsa(2048), hash, &[], Ok(()), Ok(())));
        cases.push((rsa(2048), hash, PSS, Ok(()), Ok(())));
    }
    cases.push((curve("P-256"), "-sha1", &[], unsupported, Ok(())));
    cases.push((rsa(2048), "-sha1", &[], unsupported, Ok(())));
    cases.push((rsa(2048), "-sha1", PSS, unsupported, unsupported));
    cases.push((
        rsa(1024),
        "-sha256",
        &[],
        Err(PathFault::BadSignature),
        Ok(()),
    ));
    cases.push((curve("secp256k1"), "-sha256", &[], unsupported, unsupported));
    cases.push((vec!["ed25519".to_owned()], "-sha256", &[], Ok(()), Ok(())));
    for (key, hash, options, strict, lenient) in cases {
        let [root, leaf] = folder.openssl_makes(&key, hash, options == PSS);
        let verdict = |legacy| {
            let rules = PathRules {
                legacy,
                ..PathRules::at(folder.now)
            };
            check(&leaf, &[], std::slice::from_ref(&root), &rules).map(|_| ())
        };
        assert_eq!(
            verdict(Legacy::Refuse),
            strict,
            "{key:?} {hash} {options:?}"
        );
        assert_eq!(
            verdict(Legacy::Accept),
            lenient,
            "{key:?} {hash} {options:?} with legacy"
        );
    }
}

/// A folder of one test that goes away with it.
struct Folder {
    path: PathBuf,
    now: UnixTime,
}

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("keyward-chain-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let written = std::fs::metadata(&path).unwrap().modified().unwrap();
        let now = written
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        // an hour later, so that clocks that differ by seconds do not matter
        Self {
            path,
            now: UnixTime::from_seconds(i64::try_from(now).unwrap() + 3600),
        }
    }

    fn openssl_verifies(&self, root: &[u8], issuing: &[u8], leaf: &[u8]) -> bool {
        let pem = |name: &str, der: &[u8]| {
            let path = self.path.join(name);
            let body = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, der);
            let text = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
            std::fs::write(&path, text).unwrap();
            path
        };
        let status = Command::new("openssl")
            .args(["verify", "-attime", &NOW.seconds().to_string(), "-CAfile"])
            .arg(pem("root.pem", root))
            .arg("-untrusted")
            .arg(pem("issuing.pem", issuing))
            .arg(pem("leaf.pem", leaf))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        status.success()
    }

    /// A self-signed root and a leaf it issued, both with this kind of key and hash.
    fn openssl_makes(&self, key: &[String], hash: &str, pss: bool) -> [Vec<u8>; 2] {
        let (root, root_key) = (self.path.join("ca.der"), self.path.join("ca.key"));
        let leaf = self.path.join("ee.der");
        let mut sign = vec![hash];
        if pss {
            sign.extend([
                "-sigopt",
                "rsa_padding_mode:pss",
                "-sigopt",
                "rsa_pss_saltlen:-1",
            ]);
        }
        let make = |out: &Path, key_out: &Path, subject: &str, issuer: &[&str]| {
            let output = Command::new("openssl")
                .args([
                    "req", "-x509", "-nodes", "-days", "30", "-outform", "DER", "-newkey",
                ])
                .args(key)
                .args(&sign)
                .args(["-subj", subject, "-addext", "keyUsage=keyCertSign", "-out"])
                .arg(out)
                .arg("-keyout")
                .arg(key_out)
                .args(issuer)
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        };
        make(&root, &root_key, "/CN=root", &[]);
        let issuer = [
            "-CA",
            root.to_str().unwrap(),
            "-CAkey",
            root_key.to_str().unwrap(),
        ];
        make(&leaf, &self.path.join("ee.key"), "/CN=leaf", &issuer);
        [root, leaf].map(|path| std::fs::read(path).unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn webpki_verifies(root: &[u8], issuing: &[u8], leaf: &[u8]) -> bool {
    let (root, issuing, leaf) = (
        CertificateDer::from(root),
        CertificateDer::from(issuing),
        CertificateDer::from(leaf),
    );
    let Ok(anchor) = anchor_from_trusted_cert(&root) else {
        return false;
    };
    let Ok(leaf) = EndEntityCert::try_from(&leaf) else {
        return false;
    };
    let seconds = u64::try_from(NOW.seconds()).unwrap();
    let now = WebpkiTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    let usage = KeyUsage::server_auth();
    leaf.verify_for_usage(
        ALL_VERIFICATION_ALGS,
        &[anchor],
        &[issuing],
        now,
        usage,
        None,
        None,
    )
    .is_ok()
}
