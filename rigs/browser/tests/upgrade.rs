//! Conditional create in a real browser: people who sign in with a password get a passkey without being asked, and whatever their browser
//! does instead, nobody is kept from where they want to go.
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use std::time::Duration;

use rig_browser::{Account, House, Kind, Page, VirtualAuthenticator};

/// The page of the one-time code has found out that the browser makes passkeys by itself.
const ABLE: &str = "document.querySelector('[data-can-upgrade]')?.disabled === false";

/// Registering by the browser's own prompt, without touching the page: the interrupt waits for the person, and the browser is faster.
#[tokio::test]
async fn the_browser_registers_a_passkey_while_the_page_waits() {
    let house = House::open().await.unwrap();
    let ada = with_password(&house);
    let page = house.browser.page().await.unwrap();
    let keys = VirtualAuthenticator::plug_in_provider(&page).await.unwrap();
    house.begin_in_application(&page).await.unwrap();
    page.use_password(&ada).await.unwrap();
    page.enter_code(&ada).await.unwrap();
    page.wait_for_text("Your browser has saved a passkey")
        .await
        .unwrap();
    page.fill("#name", "Made by the browser").await.unwrap();
    page.press_on("Save and continue").await.unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();
    assert_eq!(keys.credentials().await.unwrap().len(), 1);
    house
        .show(&page, "/security-info", "[data-signal-user-id]")
        .await
        .unwrap();
    let text = page.text().await.unwrap();
    assert!(text.contains("Made by the browser"), "{text}");
    assert!(
        text.contains("NOT YET USED") || text.contains("Not yet used"),
        "{text}"
    );

    // Its first use, from autofill: from then on it counts.
    sign_out(&house, &page).await;
    house.begin_in_application(&page).await.unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();
    house
        .show(&page, "/security-info", "[data-signal-user-id]")
        .await
        .unwrap();
    let text = page.text().await.unwrap();
    assert!(!text.to_lowercase().contains("not yet used"), "{text}");
    house.browser.close().await.unwrap();
}

#[tokio::test]
async fn on_the_way_to_an_application_the_browser_makes_a_passkey_and_goes_on() {
    let house = House::open().await.unwrap();
    let ada = with_password(&house);
    with_a_key(&house, &ada).await;
    let page = house.browser.page().await.unwrap();
    let keys = VirtualAuthenticator::plug_in_provider(&page).await.unwrap();
    house.begin_in_application(&page).await.unwrap();
    page.use_password(&ada).await.unwrap();
    page.wait_until(ABLE).await.unwrap();
    page.enter_next_code(&ada).await.unwrap();
    page.wait_for_text("You are signed in.").await.unwrap();
    assert_eq!(keys.credentials().await.unwrap().len(), 1);
    house.browser.close().await.unwrap();
}

/// Nothing is stubbed here. With its window Chromium refuses a silent registration at once, without it it never answers.
#[tokio::test]
async fn a_browser_that_refuses_or_never_answers_keeps_nobody_waiting() {
    for window in [true, false] {
        let house = House::open().await.unwrap();
        let ada = with_password(&house);
        with_a_key(&house, &ada).await;
        let page = house.browser.page().await.unwrap();
        VirtualAuthenticator::with_window(&page, window)
            .await
            .unwrap();
        house.begin_in_application(&page).await.unwrap();
        page.use_password(&ada).await.unwrap();
        page.wait_until(ABLE).await.unwrap();
        page.enter_next_code(&ada).await.unwrap();
        let arrives = page.wait_for_text("You are signed in.");
        tokio::time::timeout(Duration::from_secs(12), arrives)
            .await
            .unwrap()
            .unwrap();
        assert!(
            !page.address().await.unwrap().contains("/signin/upgrade"),
            "the way round is not where it ends"
        );
        house.browser.close().await.unwrap();
    }
}

/// Gives the account a security key, by the button, while a silent request that nobody answers waits on the same page.
async fn with_a_key(house: &House, account: &Account) {
    let page = house.browser.page().await.unwrap();
    VirtualAuthenticator::plug_in(&page, Kind::SecurityKey)
        .await
        .unwrap();
    house
        .show(&page, "/security-info", "#username")
        .await
        .unwrap();
    page.use_password(account).await.unwrap();
    page.enter_code(account).await.unwrap();
    page.make_passkey("Key").await.unwrap();
    page.wait_for("[data-signal-user-id]").await.unwrap();
}

fn with_password(house: &House) -> Account {
    house.account(Account::is_plain).unwrap()
}

async fn sign_out(house: &House, page: &Page) {
    page.goto(house.demo.world().unwrap().text("/sampleApp/url").unwrap())
        .await
        .unwrap();
    page.click("#sign-out").await.unwrap();
    page.wait_for_text("Welcome").await.unwrap();
}
