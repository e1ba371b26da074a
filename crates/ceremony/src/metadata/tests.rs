//! Every published BLOB at its date, and BLOBs of our own that break one rule each.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use std::io::Read as _;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Blob, BlobRefusal, BlobRules, Certification, Date, FIDO_SIGNER_HOST, Freshness, MAX_BLOB_BYTES,
    Signer, Verdict, default_anchors, read_kept_blob, verify_blob,
};
use crate::attestation::AttestationFormat;
use crate::attestation::chain::forge::{self, Forge, Key, extension, sequence, tlv};
use crate::attestation::chain::{PathFault, RevocationList, RevocationMode, Revocations};
use crate::trust::{Anchor, AttestationSubject, Lookup, TrustAnchors};
use crate::{Aaguid, Refusal, UnixTime, base64url};

const NOW: UnixTime = UnixTime::from_seconds(1_735_689_600);
const MODEL: &str = "11111111-2222-3333-4444-555555555555";

#[derive(Deserialize)]
struct Index {
    files: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    file: String,
    no: u64,
    next_update: String,
    #[serde(rename = "entry_count")]
    entry_count: usize,
    chain: Vec<String>,
    verified: Value,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    ok: bool,
    reason: Option<String>,
}

#[test]
fn every_published_blob_gets_the_verdict_of_its_index_at_its_date() {
    let index: Index = serde_json::from_slice(&vector("mds/index.json")).unwrap();
    assert_eq!(index.files.len(), 11);
    for file in index.files {
        let blob = verify_published(&file, None);
        let reason = file.expected.reason.unwrap_or_default();
        let expected = match () {
            () if file.expected.ok => None,
            () if reason.contains("signature") => Some("blob_signature"),
            () if reason.contains("does not link") => Some("blob_chain"),
            () if reason.contains("revo") => Some("blob_signer_revoked"),
            () => Some("no such reason"),
        };
        assert_eq!(
            blob.as_ref().err().map(|refusal| refusal.code()),
            expected,
            "{}",
            file.file
        );
        if let Ok(blob) = blob {
            assert_eq!(blob.no(), file.no, "{}", file.file);
            assert_eq!(
                blob.next_update().to_string(),
                file.next_update,
                "{}",
                file.file
            );
            let read = blob.catalogue().entries().len();
            assert_eq!(
                read + blob.skipped().len(),
                file.entry_count,
                "{}",
                file.file
            );
            // One published BLOB has a key identifier of the wrong length in entry 117.
            let bad = if file.file.contains("with-field-errors") {
                vec![117]
            } else {
                vec![]
            };
            let skipped: Vec<_> = blob.skipped().iter().map(|entry| entry.index).collect();
            assert_eq!(skipped, bad, "{}", file.file);
        }
    }
}

#[test]
fn an_older_blob_does_not_replace_a_newer_one() {
    let (new, old) = (
        published("fido-mds3-no31-2023-09.jwt"),
        published("fido-mds3-no23-2023-01.jwt.gz"),
    );
    let no31 = verify_published(&new, None).unwrap().no();
    assert_eq!(no31, 31);
    assert_eq!(
        verify_published(&old, Some(no31)).unwrap_err(),
        BlobRefusal::Rollback
    );
    // the same one again is no rollback
    assert!(verify_published(&new, Some(no31)).is_ok());
}

#[test]
fn expired_signers_are_refused_today_and_accepted_at_their_date() {
    let file = published("fido-mds3-no31-2023-09.jwt");
    let text = text_of(&file.file);
    let today = BlobRules::at(UnixTime::from_seconds(1_795_300_000));
    let refusal = verify_blob(&text, &default_anchors(), &today).unwrap_err();
    assert_eq!(refusal, BlobRefusal::Chain(PathFault::Expired));
}

#[test]
fn a_blob_of_the_published_service_is_for_its_host_only() {
    let file = published("fido-mds3-no31-2023-09.jwt");
    let text = text_of(&file.file);
    let rules = BlobRules {
        signer: Signer::Host("example.com"),
        ..BlobRules::at(at(&file))
    };
    assert_eq!(
        verify_blob(&text, &default_anchors(), &rules).unwrap_err(),
        BlobRefusal::SignerHost
    );
}

#[test]
fn globalsigns_revocation_lists_are_understood() {
    let list = |name: &str| RevocationList::from_der(&vector(name)).unwrap();
    let (root, issuing) = (list("mds/root-r3.crl"), list("mds/gsextendvalsha2g3r3.crl"));
    assert_eq!((root.len(), issuing.len()), (36, 207));
    // The lists are of September 2024, after the signer's certificate; only the authority above it lives.
    let file = published("fido-mds3-no31-2023-09.jwt");
    let text = text_of(&file.file);
    let verdict = |revocations: Revocations| {
        let rules = BlobRules {
            revocations: Some(&revocations),
            ..BlobRules::at(at(&file))
        };
        verify_blob(&text, &default_anchors(), &rules).map(|blob| blob.no())
    };
    let lists = |mode| {
        Revocations::new(mode)
            .with_list(root.clone())
            .with_list(issuing.clone())
    };
    assert_eq!(verdict(lists(RevocationMode::RefuseKnown)), Ok(31));
    let unknown = BlobRefusal::Chain(PathFault::RevocationUnknown);
    assert_eq!(verdict(lists(RevocationMode::RequireList)), Err(unknown));
}

#[test]
fn real_models_can_be_found_and_vouched_for() {
    let file = published("fido-mds3-no31-2023-09.jwt");
    let blob = verify_published(&file, None).unwrap();
    let catalogue = blob.catalogue();
    let aaguid = Aaguid::parse("fa2b99dc-9e39-4257-8f92-4a30d23c4118").unwrap();
    let entry = catalogue.by_aaguid(aaguid).unwrap();
    assert_eq!(
        (entry.name(), entry.vendor()),
        ("YubiKey 5 Series with NFC", "YubiKey")
    );
    assert_eq!(entry.certification(at(&file)), Certification::L1);
    assert_eq!(entry.key_protection, ["hardware", "secure_element"]);
    assert_eq!(entry.versions, ["U2F_V2", "FIDO_2_0"]);
    let method = entry.user_verification.first().unwrap().first().unwrap();
    assert_eq!(method.name, "passcode_external");
    assert_eq!(entry.anchors.len(), 1);
    assert!(
        catalogue
            .search("yubikey 5")
            .any(|found| found.aaguid == Some(aaguid))
    );
    assert!(
        catalogue
            .search("FA2B99DC")
            .any(|found| found.aaguid == Some(aaguid))
    );
    assert_eq!(catalogue.search("no such model").count(), 0);
    let u2f = catalogue
        .entries()
        .iter()
        .find(|entry| !entry.key_identifiers.is_empty())
        .unwrap();
    let identifier = u2f.key_identifiers.first().unwrap();
    assert!(catalogue.by_key_identifier(identifier).is_some());
    let unreadable: usize = catalogue
        .entries()
        .iter()
        .map(|entry| entry.unreadable_anchors)
        .sum();
    assert_eq!(unreadable, 0);
    let source = catalogue.at(at(&file));
    let subject = AttestationSubject {
        format: AttestationFormat::Packed,
        aaguid,
        x5c: &[vec![]],
    };
    assert!(matches!(source.look_up(&subject), Lookup::Anchors(anchors) if anchors.len() == 1));
}

#[test]
fn the_conformance_blob_marks_its_compromised_models() {
    let file = published("fido-conformance-26448d4d.jwt.gz");
    let blob = verify_published(&file, None).unwrap();
    let undesired = blob
        .catalogue()
        .entries()
        .iter()
        .filter(|entry| entry.verdict(at(&file)) != Verdict::Acceptable)
        .count();
    assert_eq!(undesired, 16);
}

#[test]
fn the_built_in_roots_are_the_ones_their_list_names() {
    let hash = |anchor: &Anchor| {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, anchor.der());
        digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let hashes: Vec<_> = default_anchors().iter().map(hash).collect();
    let readme = include_str!("roots/README.md");
    assert_eq!(hashes.len(), 2);
    assert!(hashes.iter().all(|hash| readme.contains(hash)));
}

/// A metadata service of our own.
struct Service {
    root_key: Key,
    signer_key: Key,
    root: Anchor,
    signer: Vec<u8>,
}

impl Service {
    fn new() -> Self {
        Self::with(|signer| signer)
    }

    fn with(change: impl Fn(Forge) -> Forge) -> Self {
        let (root_key, signer_key) = (Key::p256(), Key::p256());
        let root = Forge::authority("root", "root", &root_key).sign(&root_key);
        let signer = change(Forge::leaf(FIDO_SIGNER_HOST, "root", &signer_key)).sign(&root_key);
        Self {
            root: Anchor::from_der(&root).unwrap(),
            root_key,
            signer_key,
            signer,
        }
    }

    fn header(&self) -> Value {
        use base64::Engine as _;
        json!({"alg": "ES256", "x5c": [base64::prelude::BASE64_STANDARD.encode(&self.signer)]})
    }

    fn blob(&self, header: &Value, payload: &Value) -> String {
        let part = |value: &Value| base64url::encode(value.to_string());
        let input = format!("{}.{}", part(header), part(payload));
        let signature = fixed(&self.signer_key.sign(input.as_bytes()));
        format!("{input}.{}", base64url::encode(signature))
    }

    fn verdict(&self, text: &str) -> Result<Blob, BlobRefusal> {
        verify_blob(text, std::slice::from_ref(&self.root), &BlobRules::at(NOW))
    }

    fn publish(&self, entries: &Value) -> Result<Blob, BlobRefusal> {
        self.verdict(&self.blob(&self.header(), &payload(entries)))
    }
}

fn payload(entries: &Value) -> Value {
    json!({"legalHeader": "none", "no": 5, "nextUpdate": "2025-01-01", "entries": entries})
}

fn model(status: &str) -> Value {
    json!({"aaguid": MODEL, "statusReports": [{"status": status, "effectiveDate": "2024-01-01"}],
        "metadataStatement": {"description": "Example Key", "attestationTypes": ["basic_full"]}})
}

#[test]
fn a_blob_of_ones_own_anchor_is_accepted() {
    let blob = Service::new()
        .publish(&json!([model("FIDO_CERTIFIED_L2")]))
        .unwrap();
    assert_eq!((blob.no(), blob.catalogue().entries().len()), (5, 1));
}

#[test]
fn the_payload_cannot_be_changed_under_the_signature() {
    let service = Service::new();
    let text = service.blob(&service.header(), &payload(&json!([])));
    let (header, rest) = text.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let other = base64url::encode(payload(&json!([model("REVOKED")])).to_string());
    let forged = format!("{header}.{other}.{signature}");
    assert_eq!(
        service.verdict(&forged).unwrap_err(),
        BlobRefusal::Signature
    );
}

#[test]
fn the_header_cannot_choose_the_algorithm() {
    let service = Service::new();
    for alg in ["none", "None", "RS256", "HS256", "ES384", "PS256", ""] {
        let mut header = service.header();
        *header.get_mut("alg").unwrap() = json!(alg);
        let text = service.blob(&header, &payload(&json!([])));
        assert_eq!(
            service.verdict(&text).unwrap_err(),
            BlobRefusal::Algorithm,
            "{alg}"
        );
    }
    let mut header = service.header();
    *header.get_mut("alg").unwrap() = json!("none");
    let unsigned = service.blob(&header, &payload(&json!([])));
    let (input, _) = unsigned.rsplit_once('.').unwrap();
    assert_eq!(
        service.verdict(&format!("{input}.")).unwrap_err(),
        BlobRefusal::Algorithm
    );
}

#[test]
fn the_header_of_an_rsa_signer_cannot_choose_either() {
    let file = published("fido-mds3-no31-2023-09.jwt");
    let text = text_of(&file.file);
    let (header, rest) = text.split_once('.').unwrap();
    for alg in ["none", "ES256", "PS256", "HS256"] {
        let header = String::from_utf8(base64url::decode(header).unwrap()).unwrap();
        let changed = base64url::encode(header.replace("RS256", alg));
        let text = format!("{changed}.{rest}");
        let refusal = verify_blob(&text, &default_anchors(), &BlobRules::at(at(&file)));
        assert_eq!(refusal.unwrap_err(), BlobRefusal::Algorithm, "{alg}");
    }
}

#[test]
fn critical_header_members_are_refused() {
    let service = Service::new();
    let mut header = service.header();
    header
        .as_object_mut()
        .unwrap()
        .insert("crit".to_owned(), json!(["b64"]));
    let text = service.blob(&header, &payload(&json!([])));
    assert_eq!(service.verdict(&text).unwrap_err(), BlobRefusal::Malformed);
}

#[test]
fn a_signer_outside_the_anchors_is_refused() {
    let (service, stranger) = (Service::new(), Service::new());
    let text = stranger.blob(&stranger.header(), &payload(&json!([])));
    let refusal = service.verdict(&text).unwrap_err();
    assert_eq!(refusal, BlobRefusal::Chain(PathFault::BadSignature));
    assert_eq!(
        verify_blob(&text, &[], &BlobRules::at(NOW)).unwrap_err(),
        BlobRefusal::Chain(PathFault::NoAnchor)
    );
}

#[test]
fn the_signers_host_is_in_its_alternative_names_or_else_its_common_name() {
    let named = |host: &'static str| {
        let names = extension(
            forge::SUBJECT_ALT_NAME,
            false,
            &sequence(&tlv(0x82, host.as_bytes())),
        );
        Service::with(move |signer| signer.with_extensions(std::slice::from_ref(&names)))
    };
    assert!(named(FIDO_SIGNER_HOST).publish(&json!([])).is_ok());
    assert!(named("MDS.fidoalliance.org").publish(&json!([])).is_ok());
    // with alternative names the common name does not count, and no name matches a part of another
    for host in [
        "example.com",
        "*.fidoalliance.org",
        "mds.fidoalliance.org.example.com",
        "fidoalliance.org",
    ] {
        assert_eq!(
            named(host).publish(&json!([])).unwrap_err(),
            BlobRefusal::SignerHost,
            "{host}"
        );
    }
    let other = Service::with(|mut signer| {
        signer.subject = forge::name("example.com");
        signer
    });
    assert_eq!(
        other.publish(&json!([])).unwrap_err(),
        BlobRefusal::SignerHost
    );
}

#[test]
fn a_revoked_signer_is_refused() {
    let service = Service::new();
    let updates = ["20240601000000Z", "20260101000000Z"];
    let list = forge::revocation_list("root", &service.root_key, updates, &[&[7]], &[]);
    let revocations = Revocations::new(RevocationMode::RefuseKnown)
        .with_list(RevocationList::from_der(&list).unwrap());
    let text = service.blob(&service.header(), &payload(&json!([])));
    let rules = BlobRules {
        revocations: Some(&revocations),
        ..BlobRules::at(NOW)
    };
    let refusal = verify_blob(&text, std::slice::from_ref(&service.root), &rules).unwrap_err();
    assert_eq!(refusal, BlobRefusal::SignerRevoked);
}

#[test]
fn texts_that_are_no_blob_are_refused() {
    let service = Service::new();
    let good = service.blob(&service.header(), &payload(&json!([])));
    let padded = format!("\n{good}\n");
    assert!(service.verdict(&padded).is_ok());
    for text in [
        "",
        ".",
        "..",
        "a.b.c",
        "e30.e30.e30",
        &format!("{good}.x"),
        good.rsplit_once('.').unwrap().0,
    ] {
        assert_eq!(
            service.verdict(text).unwrap_err(),
            BlobRefusal::Malformed,
            "{text:.40}"
        );
    }
    for payload in [
        json!([]),
        json!({"no": 5}),
        json!({"no": -1, "nextUpdate": "2025-01-01", "entries": []}),
        json!({"no": 5, "nextUpdate": "tomorrow", "entries": []}),
        json!({"no": 5, "nextUpdate": "2025-01-01", "entries": 7}),
    ] {
        let text = service.blob(&service.header(), &payload);
        assert_eq!(
            service.verdict(&text).unwrap_err(),
            BlobRefusal::Malformed,
            "{payload}"
        );
    }
    let mut header = service.header();
    let padding = json!("A".repeat(300_000));
    header
        .as_object_mut()
        .unwrap()
        .insert("pad".to_owned(), padding);
    let text = service.blob(&header, &payload(&json!([])));
    assert_eq!(service.verdict(&text).unwrap_err(), BlobRefusal::Malformed);
    let huge = "A".repeat(MAX_BLOB_BYTES + 1);
    assert_eq!(service.verdict(&huge).unwrap_err(), BlobRefusal::TooLarge);
}

#[test]
fn a_kept_blob_is_read_again_without_its_signer() {
    let service = Service::new();
    let text = service.blob(
        &service.header(),
        &payload(&json!([model("FIDO_CERTIFIED")])),
    );
    let blob = read_kept_blob(&text).unwrap();
    assert_eq!((blob.no(), blob.catalogue().entries().len()), (5, 1));
    for text in ["", "a.b", "e30.e30.e30", &"A".repeat(MAX_BLOB_BYTES + 1)] {
        assert!(read_kept_blob(text).is_err(), "{text:.20}");
    }
}

#[test]
fn one_bad_entry_is_skipped_and_reported() {
    let entries = json!([model("FIDO_CERTIFIED"), {"aaguid": "not an aaguid", "statusReports": []}, 7,
        {"statusReports": []}, {"attestationCertificateKeyIdentifiers": ["zz"], "statusReports": []}]);
    let blob = Service::new().publish(&entries).unwrap();
    assert_eq!(blob.catalogue().entries().len(), 1);
    let skipped: Vec<_> = blob.skipped().iter().map(|entry| entry.index).collect();
    assert_eq!(skipped, [1, 2, 3, 4]);
}

#[test]
fn a_cosmetic_mistake_does_not_hide_a_revocation() {
    let mut entry = model("REVOKED");
    let statement = entry
        .get_mut("metadataStatement")
        .unwrap()
        .as_object_mut()
        .unwrap();
    statement.insert("description".to_owned(), json!(7));
    statement.insert("userVerificationDetails".to_owned(), json!("none"));
    let blob = Service::new().publish(&json!([entry])).unwrap();
    assert_eq!(blob.skipped(), []);
    assert!(matches!(
        look_up(&blob, AttestationFormat::Packed, &[vec![1]]),
        Answer::Refuse(Refusal::AuthenticatorCompromised)
    ));
}

#[test]
fn freshness_counts_days_after_the_announced_one() {
    let blob = Service::new().publish(&json!([])).unwrap();
    let day = Date::parse("2025-01-01").unwrap().start().seconds();
    let after = |seconds| blob.freshness(UnixTime::from_seconds(day + seconds));
    assert_eq!(after(-1), Freshness::Fresh);
    assert_eq!(after(86_399), Freshness::Fresh);
    assert_eq!(after(86_400), Freshness::Stale { days: 1 });
    assert_eq!(after(30 * 86_400), Freshness::Stale { days: 30 });
}

/// What a look-up said, without its borrow.
#[derive(Debug, PartialEq)]
enum Answer {
    Unknown,
    Anchors(usize),
    Refuse(Refusal),
}

fn look_up(blob: &Blob, format: AttestationFormat, x5c: &[Vec<u8>]) -> Answer {
    let subject = AttestationSubject {
        format,
        aaguid: Aaguid::parse(MODEL).unwrap(),
        x5c,
    };
    answer(blob, &subject)
}

fn answer(blob: &Blob, subject: &AttestationSubject<'_>) -> Answer {
    match blob.catalogue().at(NOW).look_up(subject) {
        Lookup::Unknown => Answer::Unknown,
        Lookup::Anchors(anchors) => Answer::Anchors(anchors.len()),
        Lookup::Refuse(refusal) => Answer::Refuse(refusal),
    }
}

#[test]
fn a_self_attestation_of_a_model_that_never_makes_one_is_refused() {
    let blob = Service::new()
        .publish(&json!([model("FIDO_CERTIFIED")]))
        .unwrap();
    let packed = AttestationFormat::Packed;
    assert_eq!(
        look_up(&blob, packed, &[]),
        Answer::Refuse(Refusal::SelfAttestationSuspect)
    );
    assert_eq!(look_up(&blob, packed, &[vec![1]]), Answer::Anchors(0));
    // no attestation at all claims nothing
    assert_eq!(
        look_up(&blob, AttestationFormat::None, &[]),
        Answer::Anchors(0)
    );
    let mut surrogate = model("FIDO_CERTIFIED");
    *surrogate
        .pointer_mut("/metadataStatement/attestationTypes")
        .unwrap() = json!(["basic_surrogate"]);
    let blob = Service::new().publish(&json!([surrogate])).unwrap();
    assert_eq!(look_up(&blob, packed, &[]), Answer::Anchors(0));
}

#[test]
fn compromised_models_are_refused_and_unknown_ones_left_to_policy() {
    for status in [
        "REVOKED",
        "USER_VERIFICATION_BYPASS",
        "ATTESTATION_KEY_COMPROMISE",
        "USER_KEY_REMOTE_COMPROMISE",
        "USER_KEY_PHYSICAL_COMPROMISE",
    ] {
        let blob = Service::new().publish(&json!([model(status)])).unwrap();
        let answer = look_up(&blob, AttestationFormat::Packed, &[vec![1]]);
        assert_eq!(
            answer,
            Answer::Refuse(Refusal::AuthenticatorCompromised),
            "{status}"
        );
    }
    let blob = Service::new().publish(&json!([])).unwrap();
    assert_eq!(
        look_up(&blob, AttestationFormat::Packed, &[vec![1]]),
        Answer::Unknown
    );
}

#[test]
fn one_compromised_statement_among_several_of_a_model_is_enough() {
    let blob = Service::new()
        .publish(&json!([model("FIDO_CERTIFIED"), model("REVOKED")]))
        .unwrap();
    let answer = look_up(&blob, AttestationFormat::Packed, &[vec![1]]);
    assert_eq!(answer, Answer::Refuse(Refusal::AuthenticatorCompromised));
}

#[test]
fn u2f_models_are_found_by_their_attestation_key_and_only_with_a_zero_aaguid() {
    let key = Key::p256();
    let der = Forge::leaf("leaf", "leaf", &key).sign(&key);
    let identifier = crate::attestation::chain::Certificate::parse(&der)
        .unwrap()
        .key_identifier();
    let hex: String = identifier
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    use base64::Engine as _;
    let root = base64::prelude::BASE64_STANDARD.encode(&der);
    let entry = json!({"attestationCertificateKeyIdentifiers": [hex], "statusReports": [],
        "metadataStatement": {"attestationRootCertificates": [root]}});
    let blob = Service::new().publish(&json!([entry])).unwrap();
    let x5c = [der];
    let subject = |aaguid| AttestationSubject {
        format: AttestationFormat::FidoU2f,
        aaguid,
        x5c: &x5c,
    };
    assert_eq!(answer(&blob, &subject(Aaguid::ZERO)), Answer::Anchors(1));
    assert_eq!(
        answer(&blob, &subject(Aaguid::parse(MODEL).unwrap())),
        Answer::Unknown
    );
}

#[test]
fn the_firmware_version_of_the_certificate_decides_whether_an_update_heals() {
    let mut entry = model("USER_VERIFICATION_BYPASS");
    let update = json!({"status": "UPDATE_AVAILABLE", "authenticatorVersion": 0x0105});
    entry
        .get_mut("statusReports")
        .unwrap()
        .as_array_mut()
        .unwrap()
        .push(update);
    let blob = Service::new().publish(&json!([entry])).unwrap();
    let key = Key::p256();
    let with_firmware = |value: &[u8]| {
        let oid = [0x2b, 6, 1, 4, 1, 0x82, 0xe5, 0x1c, 1, 1, 5];
        let leaf =
            Forge::leaf("leaf", "leaf", &key).with_extensions(&[extension(&oid, false, value)]);
        look_up(&blob, AttestationFormat::Packed, &[leaf.sign(&key)])
    };
    let refused = Answer::Refuse(Refusal::AuthenticatorCompromised);
    assert_eq!(with_firmware(&[2, 2, 1, 5]), Answer::Anchors(0));
    assert_eq!(with_firmware(&[2, 2, 1, 4]), refused);
    // a negative, truncated or foreign value proves nothing
    for value in [
        &[2, 2, 0x81, 5][..],
        &[2, 3, 1, 5],
        &[4, 2, 9, 9],
        &[2, 0],
        &[],
    ] {
        assert_eq!(with_firmware(value), refused, "{value:?}");
    }
}

fn published(name: &str) -> File {
    let index: Index = serde_json::from_slice(&vector("mds/index.json")).unwrap();
    index
        .files
        .into_iter()
        .find(|file| file.file == name)
        .unwrap()
}

fn verify_published(file: &File, cached_no: Option<u64>) -> Result<Blob, BlobRefusal> {
    let real = file
        .chain
        .iter()
        .any(|name| name.contains(FIDO_SIGNER_HOST));
    let mut anchors = default_anchors();
    for test_root in [
        "mds/fido-conformance-fake-root.der",
        "mds/mds3-spec-example-root.der",
    ] {
        anchors.push(Anchor::from_der(&vector(test_root)).unwrap());
    }
    // The conformance tool revoked this signer; its list is not public, its number is.
    let revocations = Revocations::new(RevocationMode::RefuseKnown).with_distrusted_serial(&[
        0x04, 0x80, 0x67, 0x49, 0xde, 0x30, 0x7b, 0xbd, 0x51, 0x75, 0xa2, 0x6d, 0x73, 0xf5, 0xf3,
    ]);
    let rules = BlobRules {
        at: at(file),
        signer: if real {
            Signer::Host(FIDO_SIGNER_HOST)
        } else {
            Signer::AnyUnderAnchors
        },
        cached_no,
        revocations: Some(&revocations),
    };
    verify_blob(&text_of(&file.file), &anchors, &rules)
}

fn at(file: &File) -> UnixTime {
    let text = file
        .verified
        .get("path_validation_at")
        .unwrap()
        .as_str()
        .unwrap();
    // a day is precise enough, but not before the first second of validity
    let day = Date::parse(text.get(..10).unwrap()).unwrap().start();
    UnixTime::from_seconds(day.seconds() + 86_399)
}

fn text_of(name: &str) -> String {
    let bytes = vector(&format!("mds/{name}"));
    let mut text = String::new();
    match name.ends_with(".gz") {
        true => flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .unwrap(),
        false => bytes.as_slice().read_to_string(&mut text).unwrap(),
    };
    text
}

fn vector(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name);
    std::fs::read(path).unwrap()
}

/// ECDSA signatures of certificates are DER, those of a JWS are two numbers of 32 bytes.
fn fixed(der: &[u8]) -> Vec<u8> {
    let mut rest = der.get(2..).unwrap();
    let mut out = Vec::new();
    for _ in 0..2 {
        let length = usize::from(*rest.get(1).unwrap());
        let number = rest.get(2..2 + length).unwrap();
        let digits = number.iter().position(|byte| *byte != 0).unwrap_or(length);
        let number = number.get(digits..).unwrap();
        out.extend(std::iter::repeat_n(0, 32 - number.len()));
        out.extend(number);
        rest = rest.get(2 + length..).unwrap();
    }
    out
}
