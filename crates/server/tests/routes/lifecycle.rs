//! What becomes of registered passkeys when the metadata changes and as time passes.

use ceremony::base64url;
use keyward::cli::tour::{Attestation, AttestationAuthority, Kind, SoftwareAuthenticator};
use keyward::flow::lifecycle::{self, Watch};
use policy::model::{
    AttestationLevel, AttestationRule, AuditRecord, CompromiseReason, CompromiseRule, EndReason,
    Measure, PassUse, Passkey, PasskeyProfile, Role, User,
};
use serde_json::{Value, json};

use tokio::sync::Mutex;

use crate::world::{Answer, Browser, TestApp, authenticator};

const NAME: &str = "ada@localhost";
const PASSWORD: &str = "correct horse battery staple";
const DAY: u64 = 86_400;

/// A house, a person with one passkey and no pass any more, and the browser in which it was registered.
struct Story {
    world: TestApp,
    user: User,
    key: Mutex<SoftwareAuthenticator>,
    watch: Mutex<Watch>,
}

impl Story {
    async fn new() -> Self {
        Self::with(authenticator()).await
    }

    async fn with(mut key: SoftwareAuthenticator) -> Self {
        let world = TestApp::new().await;
        let (user, _) = world.user_with_passkey(NAME, &mut key).await;
        // The pass with which the passkey was registered is over then.
        world.wait(3_601);
        Self {
            world,
            user,
            key: Mutex::new(key),
            watch: Mutex::default(),
        }
    }

    async fn passkey(&self) -> Passkey {
        self.world.passkeys(&self.user).await.swap_remove(0)
    }

    /// Publishes metadata in which the model has this status.
    async fn status(&self, number: i64, status: &str) {
        let aaguid = self.passkey().await.aaguid.to_string();
        let entry = json!({ "aaguid": aaguid, "statusReports": [{ "status": status }],
            "metadataStatement": { "attestationTypes": ["basic_surrogate"] } });
        self.world.publish_metadata(number, json!([entry])).await;
    }

    async fn round(&self) {
        // Records of one millisecond have no order.
        self.world.wait(1);
        lifecycle::round(&self.world.app, &mut *self.watch.lock().await).await;
    }

    /// The same as after a restart.
    async fn first_round(&self) {
        *self.watch.lock().await = Watch::default();
        self.round().await;
    }

    async fn sign_in(&self) -> Answer {
        self.sign_in_in(&mut self.world.browser()).await
    }

    async fn sign_in_in(&self, browser: &mut Browser<'_>) -> Answer {
        let mut key = self.key.lock().await;
        browser.sign_in_with(&mut key).await
    }

    async fn measure(&self) -> Option<Measure> {
        self.passkey().await.measure()
    }

    async fn with_password(&self) {
        self.world.password(&self.user, PASSWORD, false).await;
    }

    async fn rule(&self, rule: CompromiseRule) {
        self.profile(|profile| profile.on_compromise = rule).await;
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

    async fn record(&self, activity: &str) -> AuditRecord {
        let records = self.world.audits(&self.user).await;
        let found = records.iter().find(|record| record.activity == activity);
        found
            .unwrap_or_else(|| panic!("{activity} is not among {records:#?}"))
            .clone()
    }

    async fn records(&self) -> usize {
        self.world.audits(&self.user).await.len()
    }
}

fn detail<'r>(record: &'r AuditRecord, name: &str) -> Option<&'r str> {
    let mut details = record.details.iter();
    details
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

#[tokio::test]
async fn a_compromised_model_puts_its_passkeys_in_quarantine_and_a_healed_one_releases_them() {
    let story = Story::new().await;
    story.with_password().await;
    story.status(1, "FIDO_CERTIFIED_L1").await;
    story.round().await;
    assert_eq!(story.measure().await, None);
    let mut browser = story.world.browser();
    assert_eq!(story.sign_in_in(&mut browser).await.status, 200);

    story.status(2, "USER_KEY_REMOTE_COMPROMISE").await;
    story.round().await;
    assert_eq!(story.measure().await, Some(Measure::Quarantine));
    // The session that it opened is over, and it opens none.
    browser.get("/security-info").await.redirects_to("/signin");
    let refused = story.sign_in().await;
    refused.refused(403, "passkey_quarantined");
    let record = story.record("Quarantine Passkey (device-bound)").await;
    assert_eq!(detail(&record, "reason"), Some("modelCompromised"));
    assert_eq!(detail(&record, "endedSessions"), Some("2"));
    let passkey = story.passkey().await;
    assert_eq!(record.credential_id, Some(passkey.credential_id));

    // Once more finds nothing to do.
    let before = story.records().await;
    story.round().await;
    story.first_round().await;
    assert_eq!(story.records().await, before);

    story.status(3, "FIDO_CERTIFIED_L1").await;
    story.round().await;
    assert_eq!(story.measure().await, None);
    let released = story.record("Release Passkey (device-bound)").await;
    assert_eq!(detail(&released, "reason"), Some("metadataHealed"));
    let back = story.sign_in().await;
    assert_eq!(back.status, 200, "{}", back.body);
}

#[tokio::test]
async fn a_revoked_model_is_told_apart() {
    let story = Story::new().await;
    story.with_password().await;
    story.status(1, "REVOKED").await;
    story.round().await;
    let compromise = story.passkey().await.compromise.unwrap();
    assert_eq!(compromise.reason, CompromiseReason::ModelRevoked);
}

#[tokio::test]
async fn the_last_way_in_waits_for_a_pass() {
    let story = Story::new().await;
    story.status(1, "USER_VERIFICATION_BYPASS").await;
    story.round().await;
    assert_eq!(story.measure().await, Some(Measure::PassFirst));
    story
        .record("Defer quarantine of Passkey (device-bound)")
        .await;
    let mut browser = story.world.browser();
    story.world.wait(1);
    let still = story.sign_in_in(&mut browser).await;
    assert_eq!(still.status, 200, "{}", still.body);
    // As one factor: whoever holds a bad key must not make themselves a good one.
    let session = story.world.sign_ins().await.swap_remove(0);
    assert!(!session.multi_factor, "{session:#?}");
    let options = browser
        .script()
        .post_json("/security-info/passkeys/options", &json!({}))
        .await;
    options.refused(403, "fresh_mfa_required");

    story.world.pass(&story.user, PassUse::Once).await;
    story.round().await;
    assert_eq!(story.measure().await, Some(Measure::Quarantine));
    let refused = story.sign_in().await;
    refused.refused(403, "passkey_quarantined");
}

#[tokio::test]
async fn a_passkey_that_counts_as_one_factor_needs_another_beside_it() {
    let story = Story::new().await;
    story.with_password().await;
    story.rule(CompromiseRule::StepUp).await;
    story.status(1, "USER_KEY_PHYSICAL_COMPROMISE").await;
    story.round().await;
    assert_eq!(story.measure().await, Some(Measure::StepUp));
    story
        .record("Require second method beside Passkey (device-bound)")
        .await;
    let mut browser = story.world.browser();
    let more = story.sign_in_in(&mut browser).await;
    assert_eq!(more.status, 200, "{}", more.body);
    assert_eq!(browser.session_cookie(), None);
    let next = more.json()["next"].as_str().unwrap_or_default().to_owned();
    assert!(next.starts_with("/signin/step-up"), "{}", more.body);
    let page = browser.get(&next).await;
    assert!(page.body.contains("name=\"password\""), "{}", page.body);
    let context = story.world.context();
    story.world.wait(1);
    let shown = [
        ("ctx", context.as_str()),
        ("username", NAME),
        ("password", PASSWORD),
    ];
    let done = browser.post("/signin/password", &shown).await;
    assert!(browser.session_cookie().is_some(), "{}", done.body);
    let newest = story.world.sign_ins().await.swap_remove(0);
    assert!(newest.multi_factor, "{newest:#?}");
}

#[tokio::test]
async fn a_rule_to_report_reports_only() {
    let story = Story::new().await;
    story.rule(CompromiseRule::Report).await;
    story.status(1, "REVOKED").await;
    story.round().await;
    assert_eq!(story.measure().await, Some(Measure::Report));
    story.record("Report Passkey (device-bound)").await;
    let signed_in = story.sign_in().await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    // A stricter rule is followed without new metadata.
    story.with_password().await;
    story.rule(CompromiseRule::Quarantine).await;
    story.round().await;
    assert_eq!(story.measure().await, Some(Measure::Quarantine));
}

#[tokio::test]
async fn an_administrator_releases_from_quarantine() {
    let story = Story::new().await;
    story.with_password().await;
    story.status(1, "USER_KEY_REMOTE_COMPROMISE").await;
    story.round().await;
    let passkey = story.passkey().await;
    let path = format!(
        "/admin/users/{}/passkeys/{}/release",
        story.user.id, passkey.id
    );
    // The administrator's own key is of the same model and was never judged, since it is newer than the round.
    let mut admin_key = authenticator();
    let mut admin = admin_of_another_model(&story.world, &mut admin_key).await;
    let page = admin.get(&format!("/admin/users/{}", story.user.id)).await;
    assert!(page.body.contains("In quarantine"), "{}", page.body);
    assert!(page.body.contains(&path), "{}", page.body);
    let asked = admin.get(&path).await;
    assert!(asked.body.contains("Release this passkey?"));
    admin
        .post(&path, &[])
        .await
        .redirects_to(&format!("/admin/users/{}", story.user.id));
    assert_eq!(story.measure().await, Some(Measure::Released));
    let record = story.record("Release Passkey (device-bound)").await;
    assert_eq!(detail(&record, "measure"), Some("released"));
    let back = story.sign_in().await;
    assert_eq!(back.status, 200, "{}", back.body);
    // The next round respects it.
    story.first_round().await;
    assert_eq!(story.measure().await, Some(Measure::Released));
}

#[tokio::test]
async fn only_who_manages_passkeys_releases_them() {
    let story = Story::new().await;
    story.with_password().await;
    story.status(1, "USER_KEY_REMOTE_COMPROMISE").await;
    story.round().await;
    let path = format!(
        "/admin/users/{}/passkeys/{}/release",
        story.user.id,
        story.passkey().await.id
    );
    let reader = story.world.user("reader@localhost").await;
    story.world.role(&reader, Role::GlobalReader).await;
    let pass = story.world.pass(&reader, PassUse::Many).await;
    let mut browser = story.world.browser();
    browser
        .sign_in_with_pass("reader@localhost", &pass)
        .await
        .redirects_to("/signin/register");
    story.status(2, "FIDO_CERTIFIED").await;
    browser.register_in_interrupt(&mut authenticator()).await;
    let refused = browser.script().post(&path, &[]).await;
    refused.refused(403, "role_missing");
    assert_eq!(story.measure().await, Some(Measure::Quarantine));
    let records = story.world.audits(&story.user).await;
    let denied = records
        .iter()
        .find(|record| record.reason == "role_missing");
    assert!(denied.is_some(), "the attempt is recorded");
}

/// Registration of a compromised model is refused, so the metadata is silent while the administrator registers.
async fn admin_of_another_model<'w>(
    world: &'w TestApp,
    key: &mut SoftwareAuthenticator,
) -> Browser<'w> {
    world.publish_metadata(50, json!([])).await;
    let now = world.app.clock.now();
    let tenant = world.app.tenants.default().id;
    let user = world.stored_user(&world.first.administrator).await;
    assert_eq!(user.tenant, tenant);
    assert!(user.created < now);
    let pass = world.pass(&user, PassUse::Many).await;
    let mut browser = world.browser();
    browser
        .sign_in_with_pass(&world.first.administrator, &pass)
        .await
        .redirects_to("/signin/register");
    browser.register_in_interrupt(key).await;
    let bad = json!([{ "aaguid": world.passkeys(&user).await.swap_remove(0).aaguid.to_string(),
        "statusReports": [{ "status": "USER_KEY_REMOTE_COMPROMISE" }],
        "metadataStatement": { "attestationTypes": ["basic_surrogate"] } }]);
    world.publish_metadata(51, bad).await;
    browser
}

#[tokio::test]
async fn an_expired_passkey_is_refused_unless_it_is_the_last_way_in() {
    let story = Story::new().await;
    story
        .profile(|profile| profile.maximum_age_days = Some(90))
        .await;
    story.world.wait(91 * DAY);
    let mut browser = story.world.browser();
    let replace = story.sign_in_in(&mut browser).await;
    assert_eq!(replace.status, 200, "{}", replace.body);
    let next = replace.json()["next"].clone();
    assert!(
        next.as_str()
            .unwrap_or_default()
            .starts_with("/signin/register"),
        "{next}"
    );
    assert_eq!(browser.session_cookie(), None, "first the new passkey");
    let mut new = authenticator();
    browser.register_in_interrupt(&mut new).await;
    assert!(browser.session_cookie().is_some());
    // Now there is another way in, and the old passkey is over.
    let over = story.sign_in().await;
    over.refused(403, "passkey_too_old");
    let good = story.world.browser().sign_in_with(&mut new).await;
    assert_eq!(good.status, 200, "{}", good.body);
}

#[tokio::test]
async fn an_expired_passkey_has_its_days_of_grace() {
    let story = Story::new().await;
    story.with_password().await;
    story
        .profile(|profile| {
            profile.maximum_age_days = Some(90);
            profile.grace_days = 10;
        })
        .await;
    story.world.wait(95 * DAY);
    let mut browser = story.world.browser();
    let replace = story.sign_in_in(&mut browser).await;
    assert_eq!(replace.status, 200, "{}", replace.body);
    assert_eq!(browser.session_cookie(), None);
    story.world.wait(6 * DAY);
    let over = story.sign_in().await;
    over.refused(403, "passkey_too_old");
}

#[tokio::test]
async fn where_nobody_registers_an_expired_last_passkey_goes_on() {
    let story = Story::new().await;
    story
        .profile(|profile| {
            profile.maximum_age_days = Some(90);
            profile.self_service = Some(false);
        })
        .await;
    story.world.wait(91 * DAY);
    let mut browser = story.world.browser();
    let on = story.sign_in_in(&mut browser).await;
    assert_eq!(on.status, 200, "{}", on.body);
    assert!(browser.session_cookie().is_some());
}

#[tokio::test]
async fn owners_are_warned_once_before_the_end() {
    let story = Story::new().await;
    story
        .profile(|profile| {
            profile.maximum_age_days = Some(90);
            profile.warning_days = 14;
        })
        .await;
    story.round().await;
    let quiet = story.records().await;
    story.world.wait(80 * DAY);
    story.round().await;
    story.record("Warn of end of Passkey (device-bound)").await;
    assert_eq!(story.records().await, quiet + 1);
    story.world.wait(DAY);
    story.round().await;
    assert_eq!(story.records().await, quiet + 1);
    let mut browser = story.world.browser();
    story.sign_in_in(&mut browser).await;
    let page = browser.get("/security-info").await;
    assert!(
        page.body
            .contains("This passkey will soon have reached its end")
    );
}

/// An authenticator whose maker vouches for it, and the entry in which the metadata vouches for the maker.
async fn attested() -> (Story, Value) {
    let plain = Story::new().await;
    let aaguid = plain.passkey().await.aaguid;
    let authority = AttestationAuthority::new(*aaguid.as_bytes()).unwrap();
    let entry = json!({ "aaguid": aaguid.to_string(), "statusReports": [],
        "metadataStatement": { "attestationTypes": ["basic_full"],
            "attestationRootCertificates": [base64url::encode(authority.root())] } });
    let kind = Kind::device_bound().with_attestation(Attestation::Certified(authority));
    (Story::with(SoftwareAuthenticator::new(kind)).await, entry)
}

#[tokio::test]
async fn an_attestation_is_judged_again_when_its_anchor_comes_and_goes() {
    let (story, entry) = attested().await;
    story.with_password().await;
    assert_eq!(
        story.passkey().await.attestation_level,
        AttestationLevel::NotAttested
    );
    story.world.publish_metadata(1, json!([entry])).await;
    story.round().await;
    assert_eq!(
        story.passkey().await.attestation_level,
        AttestationLevel::Attested
    );
    assert!(story.passkey().await.attestation_root.is_some());
    story
        .record("Update attestation of Passkey (device-bound)")
        .await;
    story
        .profile(|profile| profile.attestation = AttestationRule::Always)
        .await;
    assert_eq!(story.sign_in().await.status, 200);
    story.world.publish_metadata(2, json!([])).await;
    story.round().await;
    assert_eq!(
        story.passkey().await.attestation_level,
        AttestationLevel::NotAttested
    );
    let refused = story.sign_in().await;
    refused.refused(403, "attestation_required");
}

#[tokio::test]
async fn a_lost_attestation_does_not_take_the_last_way_in() {
    let (story, entry) = attested().await;
    story.world.publish_metadata(1, json!([entry])).await;
    story.round().await;
    story
        .profile(|profile| profile.attestation = AttestationRule::Always)
        .await;
    story.world.publish_metadata(2, json!([])).await;
    story.round().await;
    let passkey = story.passkey().await;
    assert_eq!(passkey.attestation_level, AttestationLevel::Attested);
    assert_eq!(passkey.measure(), Some(Measure::PassFirst));
    story.with_password().await;
    story.round().await;
    let passkey = story.passkey().await;
    assert_eq!(passkey.attestation_level, AttestationLevel::NotAttested);
    assert_eq!(passkey.measure(), None);
}

#[tokio::test]
async fn sessions_of_a_quarantined_passkey_say_why_they_ended() {
    let story = Story::new().await;
    story.with_password().await;
    story.status(1, "REVOKED").await;
    let mut browser = story.world.browser();
    story.sign_in_in(&mut browser).await;
    story.round().await;
    let (tenant, id, now) = (
        story.user.tenant,
        story.user.id,
        story.world.app.clock.now(),
    );
    let left = story
        .world
        .write(move |tx| {
            Box::pin(async move {
                let page = store::Page::first(9);
                store::sessions::of_user(tx, tenant, id, now, page).await
            })
        })
        .await;
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(
        EndReason::from_name("passkeyQuarantined"),
        Some(EndReason::PasskeyQuarantined)
    );
}
