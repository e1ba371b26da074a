//! A registration campaign as a person meets it: the prompt after the sign-in, skipped three times, then no more; the passkey, and no prompt
//! after it. The administrator sees what became of the prompts.
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use rig_browser::{Account, House, Kind, Page, VirtualAuthenticator};

const CAMPAIGN: &str = "/admin/campaigns/00000000-0000-0000-0000-000000000001";

#[tokio::test]
async fn skipped_three_times_and_then_made() {
    let house = House::open().await.unwrap();
    let office = house.administrator().await.unwrap();
    ask_every_time(&house, &office).await;
    let ada = house.account(Account::is_plain).unwrap();
    let laptop = house.browser.page().await.unwrap();
    let keys = VirtualAuthenticator::plug_in(&laptop, Kind::DeviceBound)
        .await
        .unwrap();
    let mut codes = Codes::default();

    for left in ["3 more times", "2 more times", "one more time"] {
        codes.sign_in(&house, &laptop, &ada).await;
        laptop.wait_for_address("/signin/nudge").await.unwrap();
        laptop.wait_for_text(left).await.unwrap();
        clean(&laptop, left).await;
        laptop.press_on("Skip for now").await.unwrap();
        laptop.wait_for_text("You are signed in.").await.unwrap();
        sign_out(&laptop).await;
    }

    // Now it is needed. An error still holds nobody up, and does not make a skip of it.
    codes.sign_in(&house, &laptop, &ada).await;
    laptop
        .wait_for_text("Your organisation asks you to make one now.")
        .await
        .unwrap();
    let text = laptop.text().await.unwrap();
    assert!(!text.contains("Skip for now"), "{text}");
    clean(&laptop, "required").await;
    keys.recognise_user(false).await.unwrap();
    laptop.press_on("Make a passkey").await.unwrap();
    laptop
        .wait_for_text("Continue without a passkey")
        .await
        .unwrap();
    clean(&laptop, "after an error").await;
    keys.recognise_user(true).await.unwrap();
    laptop.make_passkey("Laptop").await.unwrap();
    laptop.wait_for_text("You are signed in.").await.unwrap();
    assert_eq!(keys.credentials().await.unwrap().len(), 1);

    // From then on the passkey signs in, and nobody asks.
    sign_out(&laptop).await;
    house.begin_in_application(&laptop).await.unwrap();
    laptop.wait_for_text("You are signed in.").await.unwrap();

    house.show(&office, CAMPAIGN, "main table").await.unwrap();
    let text = office.text().await.unwrap();
    // The administrator was asked too, and made one.
    for row in ["Shown\t5", "Passkey registered\t2", "Skipped\t3"] {
        assert!(text.contains(row), "{row}: {text}");
    }
    assert_eq!(laptop.complaints(), Vec::<String>::new());
    house.browser.close().await.unwrap();
}

/// Enables the campaign for everybody, at every sign-in.
async fn ask_every_time(house: &House, office: &Page) {
    house
        .show(office, &format!("{CAMPAIGN}/edit"), "#state-enabled")
        .await
        .unwrap();
    office.click("#state-enabled").await.unwrap();
    office.fill("#snooze_days", "0").await.unwrap();
    office.press_on("Save").await.unwrap();
    office
        .wait_for_text("The campaign was saved.")
        .await
        .unwrap();
}

/// The codes of one account: each works once.
#[derive(Default)]
struct Codes {
    last: i64,
}

impl Codes {
    /// From the sample application to whatever comes after the code.
    async fn sign_in(&mut self, house: &House, page: &Page, account: &Account) {
        house.begin_in_application(page).await.unwrap();
        page.use_password(account).await.unwrap();
        self.last = page.enter_unused_code(account, self.last).await.unwrap();
    }
}

async fn sign_out(page: &Page) {
    page.click("#sign-out").await.unwrap();
    page.wait_for_text("Welcome").await.unwrap();
}

/// The accessibility checker finds nothing, and nothing sticks out of a phone's screen.
async fn clean(page: &Page, name: &str) {
    for (dark, width) in [(false, 1280), (true, 1280), (false, 360), (true, 360)] {
        page.prefer_dark(dark).await.unwrap();
        page.size(width, 800).await.unwrap();
        let violations = page.accessibility().await.unwrap();
        assert!(violations.is_empty(), "{name}: {violations:?}");
        let sticks_out = page
            .evaluate("document.documentElement.scrollWidth - innerWidth")
            .await
            .unwrap();
        assert!(sticks_out.as_i64().unwrap() <= 0, "{name} at {width}");
    }
    page.prefer_dark(false).await.unwrap();
    page.size(1280, 900).await.unwrap();
}
