//! What the server does about passkeys by itself is told to their owners, once.

use ceremony::{Anchor, base64url};
use keyward::cli::mds::{self, Trust};
use keyward::cli::tour::{Attestation, AttestationAuthority, Kind, SoftwareAuthenticator};
use keyward::flow::lifecycle::{self, Watch};
use policy::model::{
    AttestationRule, CompromiseRule, Measure, NoticeActor, NoticeKind, NoticeSubject, PassUse,
    PasskeyProfile, Span, Timestamp, User,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::{Value, json};
use store::outbox::Delivery;

use super::smtp::Smtp;
use super::{MAIL, NAME, deliver, kinds, reachable, take, with_mail};
use crate::world::{TestApp, authenticator};

const PASSWORD: &str = "correct horse battery staple";
const DAY: u64 = 86_400;

/// A house that sends mail, and a person whose passkey is attested.
struct Story {
    world: TestApp,
    smtp: Smtp,
    user: User,
    key: SoftwareAuthenticator,
    /// The administrator's, of a model of which nothing is known.
    admin: SoftwareAuthenticator,
    /// What the metadata says of the model, besides its status.
    statement: Value,
    aaguid: String,
}

impl Story {
    async fn new() -> Self {
        let (world, smtp) = with_mail().await;
        let aaguid = *uuid::uuid!("8d1b1fcb-3c76-49a9-9129-5515b346aa02").as_bytes();
        let authority = AttestationAuthority::new(aaguid).unwrap();
        let statement = json!({ "attestationTypes": ["basic_full"],
            "attestationRootCertificates": [base64url::encode(authority.root())] });
        let kind = Kind {
            aaguid,
            ..Kind::device_bound().with_attestation(Attestation::Certified(authority))
        };
        let user = reachable(&world, NAME, MAIL).await;
        let mut admin = authenticator();
        world.administrator(&mut admin).await;
        let mut story = Self {
            admin,
            key: SoftwareAuthenticator::new(kind),
            aaguid: uuid::Uuid::from_bytes(aaguid).to_string(),
            world,
            smtp,
            user,
            statement,
        };
        let world = &story.world;
        world.passkey_of(&story.user, &mut story.key).await;
        // The pass with which it was registered is over then.
        world.wait(3_601);
        take(world).await;
        story
    }

    fn entries(&self, status: &str) -> Value {
        json!([{ "aaguid": self.aaguid, "statusReports": [{ "status": status }],
            "metadataStatement": self.statement }])
    }

    async fn status(&self, number: i64, status: &str) {
        self.world
            .publish_metadata(number, self.entries(status))
            .await;
    }

    /// A round after a restart: everybody is looked at.
    async fn round(&self) {
        self.world.wait(1);
        lifecycle::round(&self.world.app, &mut Watch::default()).await;
    }

    /// The kinds of what a round told; a second round tells nothing.
    async fn told(&self) -> Vec<NoticeKind> {
        self.round().await;
        let told = kinds(&self.world).await;
        self.round().await;
        assert_eq!(kinds(&self.world).await, [], "a second round says it again");
        told
    }

    async fn with_password(&self) {
        self.world.password(&self.user, PASSWORD, false).await;
    }

    async fn profile(&self, change: impl FnOnce(&mut PasskeyProfile)) {
        self.world
            .change_passkey_method(|method| {
                let mut profiles = method.profiles.iter_mut();
                change(
                    profiles
                        .find(|one| one.id == PasskeyProfile::DEFAULT)
                        .unwrap(),
                );
            })
            .await;
    }

    async fn measure(&self) -> Option<Measure> {
        let passkeys = self.world.passkeys(&self.user).await;
        passkeys[0].measure()
    }

    async fn activities(&self) -> Vec<String> {
        let records = self.world.audits(&self.user).await;
        records.into_iter().map(|one| one.activity).collect()
    }
}

/// Who publishes metadata: a root of the test's own, and the signer under it.
struct Publisher {
    root: Vec<u8>,
    signer: Vec<u8>,
    key: KeyPair,
}

impl Publisher {
    fn new() -> Self {
        let root_key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let root = params.self_signed(&root_key).unwrap();
        let issuer = Issuer::new(params, root_key);
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["mds.example.org".to_owned()]).unwrap();
        let signer = params.signed_by(&key, &issuer).unwrap();
        Self {
            root: root.der().to_vec(),
            signer: signer.der().to_vec(),
            key,
        }
    }

    fn blob(&self, number: i64, entries: &Value) -> String {
        use base64::Engine as _;
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
        let signer = base64::engine::general_purpose::STANDARD.encode(&self.signer);
        header.x5c = Some(vec![signer]);
        let payload = json!({ "legalHeader": "test", "no": number, "nextUpdate": "2030-01-01",
            "entries": entries });
        let pem = self.key.serialize_pem();
        let key = jsonwebtoken::EncodingKey::from_ec_pem(pem.as_bytes()).unwrap();
        jsonwebtoken::encode(&header, &payload, &key).unwrap()
    }

    fn trust(&self) -> Trust {
        Trust::under(Anchor::from_der(&self.root).unwrap())
    }

    /// What `keyward mds update` does, and the running server after it.
    async fn publish(&self, world: &TestApp, number: i64, entries: &Value) {
        let (app, text) = (&world.app, self.blob(number, entries));
        mds::update(&app.store, &app.clock, &app.random, text, &self.trust())
            .await
            .unwrap();
        let at = app.clock.unix();
        app.models.reload(&app.store, at).await.unwrap();
    }
}

#[tokio::test]
async fn fresh_metadata_takes_a_compromised_model_out_and_everybody_hears_of_it() {
    let mut story = Story::new().await;
    story.with_password().await;
    let publisher = Publisher::new();
    let good = story.entries("FIDO_CERTIFIED_L1");
    publisher.publish(&story.world, 1, &good).await;
    story.round().await;
    // Its attestation is worth something now, which changes nothing for its owner.
    assert_eq!(kinds(&story.world).await, []);
    let browser = story.world.browser().sign_in_with(&mut story.key).await;
    assert_eq!(browser.status, 200, "{}", browser.body);
    take(&story.world).await;

    let bad = story.entries("USER_KEY_REMOTE_COMPROMISE");
    publisher.publish(&story.world, 2, &bad).await;
    story.round().await;
    story.round().await;
    assert_eq!(story.measure().await, Some(Measure::Quarantine));
    let activities = story.activities().await;
    let quarantined = |one: &&String| *one == "Quarantine Passkey (device-bound)";
    assert_eq!(activities.iter().filter(quarantined).count(), 1);
    assert_eq!(deliver(&story.world).await.delivered, 1);
    let [letter] = story.smtp.letters().try_into().unwrap();
    assert_eq!(letter.to, [MAIL]);
    assert!(letter.header("Subject").contains("was disabled"));
    for kind in ["text/plain", "text/html"] {
        let part = letter.part(kind);
        for expected in ["found to be unsafe", "test key", "add a new passkey"] {
            assert!(part.contains(expected), "{expected} is not in {part}");
        }
        assert!(!part.contains("not-me"), "nothing to take back: {part}");
    }
    let mut browser = story.world.browser();
    let refused = browser.sign_in_with(&mut story.key).await;
    refused.refused(403, "passkey_quarantined");

    let mut admin = story.world.browser();
    admin.sign_in_with(&mut story.admin).await;
    let passkey = story.world.passkeys(&story.user).await.swap_remove(0);
    let path = format!(
        "/admin/users/{}/passkeys/{}/release",
        story.user.id, passkey.id
    );
    admin.post(&path, &[]).await.redirects_to("/admin/users/");
    let [told] = take(&story.world).await.try_into().unwrap();
    assert_eq!(told.notice.kind, NoticeKind::PasskeyReleased);
    assert!(matches!(told.notice.actor, NoticeActor::Administrator(_)));
    assert!(about(&told).contains("test key"));
    let back = story.world.browser().sign_in_with(&mut story.key).await;
    assert_eq!(back.status, 200, "{}", back.body);
    take(&story.world).await;
    assert_eq!(story.told().await, []);
}

fn about(told: &Delivery) -> String {
    match &told.notice.subject {
        Some(NoticeSubject::Passkey { display_name, .. }) => display_name.clone(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn a_blob_of_a_stranger_changes_nothing() {
    let story = Story::new().await;
    story.with_password().await;
    let bad = story.entries("USER_KEY_REMOTE_COMPROMISE");
    let (app, text) = (&story.world.app, Publisher::new().blob(9, &bad));
    let trust = Publisher::new().trust();
    let refused = mds::update(&app.store, &app.clock, &app.random, text, &trust).await;
    assert!(refused.is_err());
    app.models
        .reload(&app.store, app.clock.unix())
        .await
        .unwrap();
    assert_eq!(story.told().await, []);
    assert_eq!(story.measure().await, None);
}

#[tokio::test]
async fn each_rule_for_bad_models_has_its_letter() {
    for (rule, expected) in [
        (
            CompromiseRule::Quarantine,
            &[NoticeKind::PasskeyQuarantined][..],
        ),
        (CompromiseRule::StepUp, &[NoticeKind::PasskeyStepUpRequired]),
        (CompromiseRule::Report, &[]),
    ] {
        let story = Story::new().await;
        story.with_password().await;
        story.profile(|profile| profile.on_compromise = rule).await;
        story.status(1, "REVOKED").await;
        assert_eq!(story.told().await, expected);
        story.status(2, "FIDO_CERTIFIED").await;
        let released = expected.iter().map(|_| NoticeKind::PasskeyReleased);
        assert_eq!(story.told().await, released.collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn the_last_way_in_is_told_twice() {
    let story = Story::new().await;
    story.status(1, "REVOKED").await;
    assert_eq!(story.told().await, [NoticeKind::PasskeyQuarantineDeferred]);
    story.world.pass(&story.user, PassUse::Once).await;
    assert_eq!(story.told().await, [NoticeKind::PasskeyQuarantined]);
}

#[tokio::test]
async fn a_lost_attestation_is_told_where_it_decides() {
    let story = Story::new().await;
    story.with_password().await;
    story.status(1, "FIDO_CERTIFIED").await;
    assert_eq!(story.told().await, []);
    story
        .profile(|profile| profile.attestation = AttestationRule::Always)
        .await;
    story.world.publish_metadata(2, json!([])).await;
    assert_eq!(story.told().await, [NoticeKind::PasskeyRefused]);
    story.status(3, "FIDO_CERTIFIED").await;
    assert_eq!(story.told().await, [NoticeKind::PasskeyReleased]);
}

/// A moment as letters write it.
fn day(at: Timestamp) -> String {
    keyward::pages::When::from(at).plain()
}

#[tokio::test]
async fn an_end_is_told_before_it_comes_and_when_it_has_come() {
    let story = Story::new().await;
    story.with_password().await;
    story
        .profile(|profile| {
            profile.maximum_age_days = Some(90);
            profile.warning_days = 14;
            profile.grace_days = 7;
        })
        .await;
    assert_eq!(story.told().await, []);
    story.world.wait(80 * DAY);
    story.round().await;
    story.round().await;
    assert_eq!(deliver(&story.world).await.delivered, 1);
    let made = story.world.passkeys(&story.user).await[0].created;
    let end = made.plus(Span::days(90));
    let [letter] = story.smtp.letters().try_into().unwrap();
    assert!(letter.header("Subject").contains("ends soon"));
    for kind in ["text/plain", "text/html"] {
        let part = letter.part(kind);
        let what = format!(
            "Add a new passkey on your security info page before {}",
            day(end)
        );
        assert!(part.contains(&what), "{what} is not in {part}");
    }
    story.world.wait(5 * DAY);
    assert_eq!(story.told().await, []);
    story.world.wait(6 * DAY);
    story.round().await;
    story.round().await;
    let [ended] = take(&story.world).await.try_into().unwrap();
    assert_eq!(ended.notice.kind, NoticeKind::PasskeyEnded);
    let Some(NoticeSubject::Passkey {
        ends,
        replaced_until,
        ..
    }) = ended.notice.subject
    else {
        panic!("it names the passkey");
    };
    assert_eq!(
        (ends, replaced_until),
        (Some(end), Some(end.plus(Span::days(7))))
    );
    let activities = story.activities().await;
    for expected in [
        "Warn of end of Passkey (device-bound)",
        "End Passkey (device-bound)",
    ] {
        let many = activities.iter().filter(|one| *one == expected).count();
        assert_eq!(many, 1, "{expected} in {activities:?}");
    }
}

#[tokio::test]
async fn an_idle_passkey_is_told_to_be_used() {
    let mut story = Story::new().await;
    story.with_password().await;
    story
        .profile(|profile| {
            profile.idle_days = Some(90);
            profile.warning_days = 14;
        })
        .await;
    story.world.wait(80 * DAY);
    assert_eq!(story.told().await, [NoticeKind::PasskeyGoingIdle]);
    // Whoever uses it is warned again when it is due again, and not before.
    let used = story.world.browser().sign_in_with(&mut story.key).await;
    assert_eq!(used.status, 200, "{}", used.body);
    take(&story.world).await;
    story.world.wait(60 * DAY);
    assert_eq!(story.told().await, []);
    story.world.wait(20 * DAY);
    assert_eq!(story.told().await, [NoticeKind::PasskeyGoingIdle]);
    story.world.wait(20 * DAY);
    assert_eq!(story.told().await, [NoticeKind::PasskeyEnded]);
}
