//! Who may use which passkey, in a real browser: the two documented patterns of passkey profiles, and the interrupt by a strength.
//!
//! Policies are made by an administrator on the pages. Synced and plain device-bound authenticators are Chromium's virtual ones, whose
//! backup flags are set over CDP. Chromium cannot attest as a model that metadata knows; where a pattern asks for that, the page holds a
//! software authenticator ([`SoftwareKey`] says what of it is a stub).
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use rig_browser::{
    Account, Credential, House, Kind, Model, Page, SoftwareKey, VirtualAuthenticator,
};
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

const A_KEY: Uuid = uuid!("7b1c0f43-0d51-4b5f-9c0e-3f1f6a1d2c55");
/// Microsoft Authenticator, as Entra's documentation names it.
const AUTHENTICATOR_IOS: Uuid = uuid!("90a3ccdf-635c-4729-a248-9b709135078f");
const AUTHENTICATOR_ANDROID: Uuid = uuid!("de1e552d-db1d-4423-a619-566b625cdc84");

const MAKE: &str = "[data-passkey-register] [data-passkey-button]";
const REGISTRATION: &str = "At registration";
const ON_ONE_DEVICE: &str = "On one device";

/// Pattern (a) of the documentation: device-bound and attested for those who administer and lead, everything for the others.
#[tokio::test]
async fn executives_need_an_attested_device_and_hr_uses_what_it_has() {
    let model = Model::new("Key of this test", A_KEY).unwrap();
    let house = House::open_knowing(&[&model]).await.unwrap();
    let (ada, edsger) = two_plain_people(&house);
    let office = house.administrator().await.unwrap();
    make_group(&house, &office, "Executives", &ada).await;
    make_group(&house, &office, "HR and sales", &edsger).await;
    office
        .goto(&format!("{}/admin/policies/profiles/new", house.origin))
        .await
        .unwrap();
    office.fill("#name", "Executives: attested").await.unwrap();
    office.tick("types", ON_ONE_DEVICE, true).await.unwrap();
    office.tick("types", "Synced", false).await.unwrap();
    office
        .tick("attestation", REGISTRATION, true)
        .await
        .unwrap();
    look_and_save(&office).await;
    // Those who hold roles, and the executives.
    open_target(&house, &office, 0).await;
    office
        .tick("profiles", "Administrators: device-bound", false)
        .await
        .unwrap();
    office
        .tick("profiles", "Executives: attested", true)
        .await
        .unwrap();
    office.tick("who.groups", "Executives", true).await.unwrap();
    look_and_save(&office).await;
    // Everybody else had the default profile; now it is for HR and sales.
    open_target(&house, &office, 1).await;
    office
        .tick("who.everyone", "Everyone", false)
        .await
        .unwrap();
    office
        .tick("who.groups", "HR and sales", true)
        .await
        .unwrap();
    look_and_save(&office).await;

    // An executive: a synced passkey is refused, with the reason, and the provider is told to forget it.
    let page = sign_in_to_register(&house, &ada).await;
    let synced = VirtualAuthenticator::plug_in(&page, Kind::Synced)
        .await
        .unwrap();
    expect_refused(&page, "passkey_type_not_allowed").await;
    page.wait_for_text("This kind of passkey is not allowed for you.")
        .await
        .unwrap();
    assert_eq!(
        synced.credentials().await.unwrap(),
        Vec::<Credential>::new()
    );
    synced.unplug().await.unwrap();
    // One that stays on the device and cannot prove its model: what Chromium's certificate leads to, nobody publishes.
    let unproved = VirtualAuthenticator::plug_in(&page, Kind::SecurityKey)
        .await
        .unwrap();
    expect_refused(&page, "attestation_required").await;
    unproved.unplug().await.unwrap();
    // One that can.
    let _hand = SoftwareKey::plug_in(&page, model.authenticator())
        .await
        .unwrap();
    page.make_passkey("Key").await.unwrap();
    page.wait_for("[data-signal-user-id]").await.unwrap();
    sign_in_with_it(&house, &page).await;

    // Somebody of HR: both.
    let page = sign_in_to_register(&house, &edsger).await;
    let phone = VirtualAuthenticator::plug_in(&page, Kind::Synced)
        .await
        .unwrap();
    page.make_passkey("Phone").await.unwrap();
    page.wait_for("[data-signal-user-id]").await.unwrap();
    phone.unplug().await.unwrap();
    let _key = VirtualAuthenticator::plug_in(&page, Kind::SecurityKey)
        .await
        .unwrap();
    add_passkey(&house, &page).await;
    page.make_passkey("Key").await.unwrap();
    page.wait_for_text("Phone").await.unwrap();
    let text = page.text().await.unwrap();
    assert!(
        text.contains("Synced") && text.contains(ON_ONE_DEVICE),
        "{text}"
    );
    house.browser.close().await.unwrap();
}

/// Pattern (b): everybody has attested device-bound keys but not the two Authenticator apps, which a pilot group tries.
#[tokio::test]
async fn a_pilot_group_tries_the_app_before_everybody_else() {
    let ios = Model::new("Authenticator app on iOS", AUTHENTICATOR_IOS).unwrap();
    let android = Model::new("Authenticator app on Android", AUTHENTICATOR_ANDROID).unwrap();
    let key = Model::new("Key of this test", A_KEY).unwrap();
    let house = House::open_knowing(&[&ios, &android, &key]).await.unwrap();
    let (ada, edsger) = two_plain_people(&house);
    let office = house.administrator().await.unwrap();
    let pilot = make_group(&house, &office, "Pilot", &ada).await;
    let method = format!("{}/admin/policies/passkeys/method?view=json", house.origin);
    office.goto(&method).await.unwrap();
    let document = staged_rollout(&pilot).to_string();
    office.fill("#document", &document).await.unwrap();
    look_and_save(&office).await;

    // In the pilot: the app on both systems, and keys as everybody.
    let page = sign_in_to_register(&house, &ada).await;
    let hand = SoftwareKey::plug_in(&page, ios.authenticator())
        .await
        .unwrap();
    page.make_passkey("iPhone").await.unwrap();
    page.wait_for("[data-signal-user-id]").await.unwrap();
    add_passkey(&house, &page).await;
    let app_of_ada = hand.swap(android.authenticator());
    page.make_passkey("Android").await.unwrap();
    page.wait_for_text("iPhone").await.unwrap();
    add_passkey(&house, &page).await;
    hand.swap(key.authenticator());
    page.make_passkey("Key").await.unwrap();
    page.wait_for_text("Android").await.unwrap();

    // Everybody else: keys only, and the page says why.
    let others = sign_in_to_register(&house, &edsger).await;
    let theirs = SoftwareKey::plug_in(&others, ios.authenticator())
        .await
        .unwrap();
    expect_refused(&others, "aaguid_not_allowed").await;
    others
        .wait_for_text("This model of security key or password manager is not allowed here.")
        .await
        .unwrap();
    theirs.swap(android.authenticator());
    expect_refused(&others, "aaguid_not_allowed").await;
    theirs.swap(key.authenticator());
    others.make_passkey("Key").await.unwrap();
    others.wait_for("[data-signal-user-id]").await.unwrap();

    // Into the pilot: the same app, the same page, and it passes at once.
    add_passkey(&house, &others).await;
    theirs.swap(ios.authenticator());
    expect_refused(&others, "aaguid_not_allowed").await;
    add_member(&house, &office, &pilot, &edsger).await;
    others.make_passkey("iPhone").await.unwrap();
    others.wait_for_text("iPhone").await.unwrap();

    // Out of the pilot: what is registered already signs in no more.
    hand.swap(app_of_ada);
    sign_in_with_it(&house, &page).await;
    remove_member(&house, &office, &pilot, &ada).await;
    sign_out(&page).await;
    house
        .show(&page, "/security-info", "[data-passkey-button]")
        .await
        .unwrap();
    page.click("[data-passkey-button]").await.unwrap();
    let refused = page.refused().await.unwrap();
    assert_eq!(refused.code, "aaguid_not_allowed");
    house.browser.close().await.unwrap();
}

/// Whoever has nothing that a strength accepts makes it on the way, once, and from then on nothing stands in between.
#[tokio::test]
async fn a_phishing_resistant_strength_interrupts_until_a_passkey_is_made() {
    let house = House::open().await.unwrap();
    let (ada, _) = two_plain_people(&house);
    let office = house.administrator().await.unwrap();
    office
        .goto(&format!("{}/admin/policies/access/new", house.origin))
        .await
        .unwrap();
    office
        .fill("#name", "Passkeys for the sample application")
        .await
        .unwrap();
    office.tick("state", "On", true).await.unwrap();
    office
        .tick("conditions.users.include.everyone", "Everyone", true)
        .await
        .unwrap();
    office
        .tick("conditions.target", "These applications", true)
        .await
        .unwrap();
    office
        .tick(
            "conditions.target.applications.include",
            "Sample application",
            true,
        )
        .await
        .unwrap();
    office
        .tick("grant", "Satisfy an authentication strength", true)
        .await
        .unwrap();
    office
        .evaluate("document.getElementById('grant.strength').value = '00000000-0000-0000-0000-000000000004'")
        .await
        .unwrap();
    look_and_save(&office).await;

    let page = house.browser.page().await.unwrap();
    let keys = VirtualAuthenticator::plug_in(&page, Kind::Synced)
        .await
        .unwrap();
    house.begin_in_application(&page).await.unwrap();
    page.use_password(&ada).await.unwrap();
    page.enter_code(&ada).await.unwrap();
    page.wait_for(MAKE).await.unwrap();
    // Password and code were right, and are not enough: this is no campaign, it cannot be put off.
    page.wait_for_address("/signin/register").await.unwrap();
    let text = page.text().await.unwrap();
    assert!(!text.contains("Skip for now"), "{text}");
    page.make_passkey("Laptop").await.unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();
    assert_eq!(keys.credentials().await.unwrap().len(), 1);

    // The passkey satisfies what the password did not: straight to the application.
    page.click("#sign-out").await.unwrap();
    page.wait_for_text("Welcome").await.unwrap();
    house.begin_in_application(&page).await.unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();

    // Whoever comes with password and code all the same is asked for it, by its name.
    page.click("#sign-out").await.unwrap();
    page.wait_for_text("Welcome").await.unwrap();
    keys.touch_at_once(false).await.unwrap();
    house.begin_in_application(&page).await.unwrap();
    page.use_password(&ada).await.unwrap();
    page.enter_next_code(&ada).await.unwrap();
    page.wait_for_text("What is asked for: Phishing-resistant MFA")
        .await
        .unwrap();
    keys.touch_at_once(true).await.unwrap();
    page.click("[data-passkey-button]").await.unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();
    house.browser.close().await.unwrap();
}

/// All users: attested device-bound keys but for the two apps. The pilot group: the two apps and nothing else. No person is in only one
/// of them, and one profile that is fully satisfied is enough.
fn staged_rollout(pilot: &str) -> Value {
    let apps = [AUTHENTICATOR_IOS, AUTHENTICATOR_ANDROID].map(|one| one.to_string());
    let (all, tried) = (
        "00000000-0000-0000-0000-000000000001",
        "00000000-0000-0000-0000-0000000000aa",
    );
    let profile = |id: &str, name: &str, kind: &str| {
        json!({
            "id": id, "name": name, "types": ["deviceBound"], "attestation": "registrationOnly",
            "restrictions": {"enforced": true, "kind": kind, "aaguids": apps},
        })
    };
    json!({
        "enabled": true, "selfService": true,
        "include": [
            {"who": {"everyone": true}, "profiles": [all]},
            {"who": {"groups": [pilot]}, "profiles": [tried]},
        ],
        "profiles": [
            profile(all, "Everybody: attested keys", "block"),
            profile(tried, "Pilot: the app", "allow"),
        ],
    })
}

fn two_plain_people(house: &House) -> (Account, Account) {
    let ada = house.account(Account::is_plain).unwrap();
    let name = ada.text("userPrincipalName").unwrap().to_owned();
    let other = |one: &Account| one.is_plain() && one.text("userPrincipalName").ok() != Some(&name);
    let edsger = house.account(other).unwrap();
    (ada, edsger)
}

/// What is in the form is looked at, then kept.
async fn look_and_save(office: &Page) {
    office.press_on("See what it would do").await.unwrap();
    office.wait_for_text("Look before you save").await.unwrap();
    office.press_on("Save").await.unwrap();
    office.wait_for_text("The policy was saved.").await.unwrap();
}

async fn open_target(house: &House, office: &Page, number: usize) {
    office
        .goto(&format!("{}/admin/policies/targets/{number}", house.origin))
        .await
        .unwrap();
}

/// A group with one member; its id.
async fn make_group(house: &House, office: &Page, name: &str, member: &Account) -> String {
    house
        .show(office, "/admin/groups/new", "#display_name")
        .await
        .unwrap();
    office.fill("#display_name", name).await.unwrap();
    office.press_on("New group").await.unwrap();
    office
        .wait_for_text("The group was created.")
        .await
        .unwrap();
    let address = office.address().await.unwrap();
    let id = address.rsplit('/').next().unwrap();
    let id = id.split('?').next().unwrap().to_owned();
    add_member(house, office, &id, member).await;
    id
}

async fn add_member(house: &House, office: &Page, group: &str, member: &Account) {
    house
        .show(office, &format!("/admin/groups/{group}"), "#user")
        .await
        .unwrap();
    let name = member.text("userPrincipalName").unwrap();
    office.fill("#user", name).await.unwrap();
    office.press_on("Add").await.unwrap();
    office.wait_for_address("done=member-added").await.unwrap();
}

async fn remove_member(house: &House, office: &Page, group: &str, member: &Account) {
    house
        .show(office, &format!("/admin/groups/{group}"), "#user")
        .await
        .unwrap();
    let name = member.text("userPrincipalName").unwrap();
    let row = format!(
        "[...document.querySelectorAll('li.row')].find(it => it.innerText.includes({}))",
        json!(name)
    );
    office
        .evaluate(&format!(
            "{row}.querySelector('button').id = 'remove-this-one'"
        ))
        .await
        .unwrap();
    office.click("#remove-this-one").await.unwrap();
    office
        .wait_for_address("done=member-removed")
        .await
        .unwrap();
}

/// Up to the page that offers to make the first passkey.
async fn sign_in_to_register(house: &House, account: &Account) -> Page {
    let page = house.browser.page().await.unwrap();
    house
        .show(&page, "/security-info", "#username")
        .await
        .unwrap();
    page.use_password(account).await.unwrap();
    page.enter_code(account).await.unwrap();
    page.wait_for(MAKE).await.unwrap();
    page
}

async fn add_passkey(house: &House, page: &Page) {
    house
        .show(page, "/security-info/passkeys/add", MAKE)
        .await
        .unwrap();
}

async fn expect_refused(page: &Page, code: &str) {
    page.click(MAKE).await.unwrap();
    let refused = page.refused().await.unwrap();
    assert_eq!(refused.code, code);
    assert!(!refused.correlation.is_empty());
}

/// Signs out and comes back with the passkey in the hand.
async fn sign_in_with_it(house: &House, page: &Page) {
    sign_out(page).await;
    house
        .show(page, "/security-info", "[data-passkey-button]")
        .await
        .unwrap();
    page.click("[data-passkey-button]").await.unwrap();
    page.wait_for("[data-signal-user-id]").await.unwrap();
}

async fn sign_out(page: &Page) {
    page.press_on("Sign out").await.unwrap();
    page.wait_for_text("You are signed out").await.unwrap();
}
