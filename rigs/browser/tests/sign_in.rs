//! The first release's promise, in a real browser: a person makes a passkey, signs in to an application with it, an administrator revokes
//! it, and the next sign-in is refused with a reason that the log knows.
//!
//! Everything the tests know they read from what `keyward demo` printed and from its world file.
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use rig_browser::{Account, Chromium, Credential, Demo, House, Kind, Page, VirtualAuthenticator};

/// The printed line in a fresh profile, with nothing added but what a machine without a screen needs.
#[tokio::test]
async fn the_printed_browser_line_works_as_printed() {
    let demo = Demo::start().await.unwrap();
    let browser = Chromium::start_as(&demo.browser_line().unwrap())
        .await
        .unwrap();
    let page = browser.first_page().await.unwrap();
    page.wait_for("a, button").await.unwrap();
    let origin = demo.world().unwrap().text("/origin").unwrap().to_owned();
    page.goto(&origin).await.unwrap();
    page.wait_for("#username").await.unwrap();
    assert_eq!(page.evaluate("isSecureContext").await.unwrap(), true);
    assert_eq!(page.complaints(), Vec::<String>::new());
    browser.close().await.unwrap();
}

#[tokio::test]
async fn from_the_first_passkey_to_its_revocation() {
    let house = House::open().await.unwrap();
    let ada = newcomer(&house);

    // The first sign-in, to the sample application: a pass, then the interrupt that asks for a passkey.
    let laptop = house.browser.page().await.unwrap();
    let keys = VirtualAuthenticator::plug_in(&laptop, Kind::DeviceBound)
        .await
        .unwrap();
    house.begin_in_application(&laptop).await.unwrap();
    laptop.use_pass(&ada).await.unwrap();
    laptop.make_passkey("Laptop").await.unwrap();
    laptop.wait_for_text("You are signed in.").await.unwrap();
    let first = only(&keys).await;
    assert!(!first.backup_eligible && !first.backed_up);
    assert_eq!(first.user_name, ada.text("userPrincipalName").unwrap());

    // Autofill: the passkey is offered by the browser, nothing is typed.
    sign_out(&laptop).await;
    house.begin_in_application(&laptop).await.unwrap();
    laptop.wait_for_text("You are signed in.").await.unwrap();
    assert!(only(&keys).await.sign_count > first.sign_count);

    // A second passkey, from a provider that syncs, in a second tab.
    let phone = laptop.beside().await.unwrap();
    let synced = VirtualAuthenticator::plug_in(&phone, Kind::Synced)
        .await
        .unwrap();
    phone
        .goto(&format!("{}/security-info/passkeys/add", house.origin))
        .await
        .unwrap();
    phone.make_passkey("Phone").await.unwrap();
    phone.wait_for_text("Phone").await.unwrap();
    let text = phone.text().await.unwrap();
    assert!(
        text.contains("Synced") && text.contains("On one device"),
        "{text}"
    );
    let second = only(&synced).await;
    assert!(second.backup_eligible && second.backed_up);

    // Renaming, then deleting: the provider is told to forget it.
    phone
        .click("[aria-label='Rename passkey Phone']")
        .await
        .unwrap();
    phone.fill("#name", "Old phone").await.unwrap();
    phone.press_on("Save").await.unwrap();
    phone.wait_for_text("Old phone").await.unwrap();
    let mark = phone.mark();
    phone
        .click("[aria-label='Delete passkey Old phone']")
        .await
        .unwrap();
    phone.press_on("Delete").await.unwrap();
    phone
        .event_since(mark, "WebAuthn.credentialDeleted")
        .await
        .unwrap();
    assert_eq!(
        synced.credentials().await.unwrap(),
        Vec::<Credential>::new()
    );
    assert!(!phone.text().await.unwrap().contains("Old phone"));

    // The administrator revokes the first one. Its session ends with it, at once.
    let office = house.administrator().await.unwrap();
    open_user(&house, &office, &ada).await;
    office
        .click("[aria-label='Revoke passkey Laptop']")
        .await
        .unwrap();
    office.press_on("Revoke").await.unwrap();
    office
        .wait_for_text("The passkey was revoked")
        .await
        .unwrap();
    laptop
        .goto(&format!("{}/security-info", house.origin))
        .await
        .unwrap();
    laptop.wait_for_address("/signin").await.unwrap();

    // The next sign-in is refused, and the provider is told that this passkey is gone for good.
    let refused = laptop.refused().await.unwrap();
    assert_eq!(refused.code, "unknown_credential");
    expect_in_log(&house, &office, &refused.correlation, &refused.code).await;
    assert_eq!(keys.credentials().await.unwrap(), Vec::<Credential>::new());
    house.browser.close().await.unwrap();
}

#[tokio::test]
async fn a_security_key_signs_in_by_the_button_and_by_keyboard_alone() {
    let house = House::open().await.unwrap();
    let ada = newcomer(&house);
    let page = house.browser.page().await.unwrap();
    let _key = VirtualAuthenticator::plug_in(&page, Kind::SecurityKey)
        .await
        .unwrap();
    house.begin_in_application(&page).await.unwrap();
    page.use_pass(&ada).await.unwrap();
    page.make_passkey("Key").await.unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();

    sign_out(&page).await;
    house.begin_in_application(&page).await.unwrap();
    page.press_on("Face, fingerprint, PIN or security key")
        .await
        .unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();

    sign_out(&page).await;
    house.begin_in_application(&page).await.unwrap();
    page.tab_to("[data-passkey-button]").await.unwrap();
    page.key("Enter").await.unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();
    house.browser.close().await.unwrap();
}

/// A box beside the passkey: ticked, the same one gesture opens a session whose cookie outlives the window.
#[tokio::test]
async fn who_ticks_the_box_stays_signed_in_by_the_same_gesture() {
    let house = House::open().await.unwrap();
    let ada = newcomer(&house);
    let page = house.browser.page().await.unwrap();
    let _key = VirtualAuthenticator::plug_in(&page, Kind::SecurityKey)
        .await
        .unwrap();
    house.begin_in_application(&page).await.unwrap();
    page.use_pass(&ada).await.unwrap();
    page.make_passkey("Key").await.unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();
    let session = "__Host-keyward-session-";
    assert_eq!(
        page.cookie_lives(&house.origin, session).await.unwrap(),
        None
    );

    sign_out(&page).await;
    house.begin_in_application(&page).await.unwrap();
    // The script shows the button above the box, which moves the box.
    page.wait_for("[data-passkey-button]").await.unwrap();
    page.click("#keep").await.unwrap();
    page.wait_until("document.querySelector('#keep').checked")
        .await
        .unwrap();
    page.press_on("Face, fingerprint, PIN or security key")
        .await
        .unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();
    let days = page
        .cookie_lives(&house.origin, session)
        .await
        .unwrap()
        .unwrap()
        / 86_400.0;
    assert!((89.0..=90.0).contains(&days), "{days} days");
    house.browser.close().await.unwrap();
}

#[tokio::test]
async fn who_is_not_recognised_is_told_in_plain_words_and_can_go_on() {
    let house = House::open().await.unwrap();
    let page = house.browser.page().await.unwrap();
    // A security key that holds no passkey of anybody.
    let _key = VirtualAuthenticator::plug_in(&page, Kind::SecurityKey)
        .await
        .unwrap();
    page.goto(&format!("{}/security-info", house.origin))
        .await
        .unwrap();
    page.press_on("Face, fingerprint, PIN or security key")
        .await
        .unwrap();
    page.wait_for_text("Nothing was confirmed").await.unwrap();
    page.wait_for("#username").await.unwrap();
    house.browser.close().await.unwrap();
}

#[tokio::test]
async fn without_scripts_a_password_and_a_code_sign_in() {
    let house = House::open().await.unwrap();
    let user = house
        .account(|user| {
            user.has("password") && user.has("totpSecret") && !user.has("temporaryAccessPass")
        })
        .unwrap();
    let page = house.browser.page().await.unwrap();
    page.scripts(false).await.unwrap();
    house.begin_in_application(&page).await.unwrap();
    page.wait_for_text("Scripts are switched off")
        .await
        .unwrap();
    page.use_password(&user).await.unwrap();
    page.enter_code(&user).await.unwrap();
    // The offer to set up a passkey can be declined: without scripts there is no way to take it.
    page.press_on("Skip for now").await.unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();
    house.browser.close().await.unwrap();
}

/// Ends the application's session and ours.
async fn sign_out(page: &Page) {
    page.click("#sign-out").await.unwrap();
    page.wait_for_text("Welcome").await.unwrap();
}

async fn open_user(house: &House, office: &Page, user: &Account) {
    let name = user.text("userPrincipalName").unwrap();
    house
        .show(
            office,
            &format!("/admin/users?search={name}"),
            "main table a",
        )
        .await
        .unwrap();
    office.click("main table a").await.unwrap();
    office.wait_for_text(name).await.unwrap();
}

async fn expect_in_log(house: &House, office: &Page, correlation: &str, code: &str) {
    house
        .show(office, "/admin/sign-ins", "#correlation")
        .await
        .unwrap();
    office.fill("#correlation", correlation).await.unwrap();
    office.press_on("Search").await.unwrap();
    office.wait_for_address(correlation).await.unwrap();
    let text = office.text().await.unwrap();
    assert!(text.contains(code) && text.contains(correlation), "{text}");
}

/// The one with only a pass: nothing else to sign in with.
fn newcomer(house: &House) -> Account {
    house
        .account(|user| user.has("temporaryAccessPass") && !user.has("password"))
        .unwrap()
}

async fn only(authenticator: &VirtualAuthenticator) -> Credential {
    let mut all = authenticator.credentials().await.unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}
