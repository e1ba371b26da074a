//! Every page can be used by everybody: the accessibility checker finds nothing in light or dark, nothing sticks out of a phone's screen, and no
//! page complains in the console (a broken content security policy would).
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use rig_browser::{Account, House, Kind, Page, VirtualAuthenticator};

#[tokio::test]
async fn pages_of_a_stranger_are_accessible() {
    let mut found = Vec::new();
    let house = House::open().await.unwrap();
    let page = house.browser.page().await.unwrap();
    house.show(&page, "/signin", "#username").await.unwrap();
    judge(&page, "sign-in", &mut found).await;
    house.show(&page, "/signed-out", "main").await.unwrap();
    judge(&page, "signed out", &mut found).await;
    house.show(&page, "/no-such-page", "main").await.unwrap();
    judge(&page, "not found", &mut found).await;
    let ada = house
        .account(|user| user.has("password") && user.has("totpSecret"))
        .unwrap();
    house.show(&page, "/signin", "#username").await.unwrap();
    page.enter_username(&ada).await.unwrap();
    judge(&page, "password", &mut found).await;
    page.fill("#password", "certainly not the password")
        .await
        .unwrap();
    page.press_on("Sign in").await.unwrap();
    page.wait_for("#refusal").await.unwrap();
    judge(&page, "wrong password", &mut found).await;
    page.press_on("Use a Temporary Access Pass").await.unwrap();
    page.wait_for("#pass").await.unwrap();
    judge(&page, "pass", &mut found).await;
    house.show(&page, "/signin", "#username").await.unwrap();
    page.use_password(&ada).await.unwrap();
    page.wait_for("#code").await.unwrap();
    judge(&page, "code", &mut found).await;
    house.browser.close().await.unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn pages_of_a_signed_in_person_are_accessible() {
    let mut found = Vec::new();
    let house = House::open().await.unwrap();
    let ada = house
        .account(|user| user.has("temporaryAccessPass") && !user.has("password"))
        .unwrap();
    let page = house.browser.page().await.unwrap();
    VirtualAuthenticator::plug_in(&page, Kind::SecurityKey)
        .await
        .unwrap();
    house
        .show(&page, "/security-info", "#username")
        .await
        .unwrap();
    page.use_pass(&ada).await.unwrap();
    page.wait_for("[data-passkey-register]").await.unwrap();
    judge(&page, "register", &mut found).await;
    page.make_passkey("Key").await.unwrap();
    page.wait_for("[data-signal-user-id]").await.unwrap();
    judge(&page, "security info", &mut found).await;
    for path in links(&page, "/security-info/").await {
        house.show(&page, &path, "main").await.unwrap();
        judge(&page, &path, &mut found).await;
    }
    let world = house.demo.world().unwrap();
    let text = |place: &str| world.text(place).unwrap().to_owned();
    let (tenant, client) = (text("/tenantId"), text("/sampleApp/clientId"));
    let back = format!("{}/callback", text("/sampleApp/url"));
    for (scope, name) in [
        ("User.ReadWrite.All", "consent of an administrator"),
        ("User.ReadBasic.All", "consent"),
    ] {
        let path = format!(
            "/{tenant}/oauth2/v2.0/authorize?client_id={client}&response_type=code&redirect_uri={back}&scope=openid%20{scope}"
        );
        let form = "form[action='/signin/consent']";
        house.show(&page, &path, form).await.unwrap();
        judge(&page, name, &mut found).await;
    }
    page.press_on("Agree").await.unwrap();
    page.wait_for_address("/callback").await.unwrap();
    house
        .show(&page, "/security-info", "#applications")
        .await
        .unwrap();
    judge(&page, "security info with an application", &mut found).await;
    house.browser.close().await.unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn pages_of_an_administrator_are_accessible() {
    let mut found = Vec::new();
    let house = House::open().await.unwrap();
    let page = house.administrator().await.unwrap();
    judge(&page, "users", &mut found).await;
    for path in [
        "/admin/sign-ins",
        "/admin/audit",
        "/admin/notices",
        "/admin/users/new",
        "/admin/campaigns",
        "/admin/campaigns/new",
        "/admin/campaigns/00000000-0000-0000-0000-000000000001",
        "/admin/campaigns/00000000-0000-0000-0000-000000000001/edit",
    ] {
        house.show(&page, path, "main").await.unwrap();
        judge(&page, path, &mut found).await;
    }
    house
        .show(&page, "/admin/sign-ins", "main table")
        .await
        .unwrap();
    page.click("main table td.time a").await.unwrap();
    page.wait_for_address("/admin/sign-ins/").await.unwrap();
    judge(&page, "sign-in record", &mut found).await;
    house
        .show(&page, "/admin/users", "main table")
        .await
        .unwrap();
    page.click("main table a").await.unwrap();
    page.wait_for_address("/admin/users/").await.unwrap();
    judge(&page, "user", &mut found).await;
    let here = page.address().await.unwrap();
    let here = here.strip_prefix(&house.origin).unwrap();
    for path in links(&page, here).await {
        house.show(&page, &path, "main").await.unwrap();
        judge(&page, &path, &mut found).await;
    }
    house.browser.close().await.unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn pages_of_a_silent_registration_are_accessible() {
    let mut found = Vec::new();
    let house = House::open().await.unwrap();
    let ada = house.account(Account::is_plain).unwrap();
    let page = house.browser.page().await.unwrap();
    VirtualAuthenticator::plug_in(&page, Kind::SecurityKey)
        .await
        .unwrap();
    house
        .show(&page, "/security-info", "#username")
        .await
        .unwrap();
    page.use_password(&ada).await.unwrap();
    page.enter_code(&ada).await.unwrap();
    page.make_passkey("Key").await.unwrap();
    page.wait_for("[data-signal-user-id]").await.unwrap();

    // The page goes on by itself before anybody has looked; here its clock stands still.
    let page = house.browser.page().await.unwrap();
    page.stop_timers().await.unwrap();
    VirtualAuthenticator::with_window(&page, false)
        .await
        .unwrap();
    house
        .show(&page, "/security-info", "#username")
        .await
        .unwrap();
    page.use_password(&ada).await.unwrap();
    page.wait_until("document.querySelector('[data-can-upgrade]')?.disabled === false")
        .await
        .unwrap();
    page.enter_next_code(&ada).await.unwrap();
    page.wait_for("[data-upgrade]").await.unwrap();
    judge(&page, "upgrade", &mut found).await;
    page.wait_for_address("/signin/upgrade").await.unwrap();

    let page = house.browser.page().await.unwrap();
    VirtualAuthenticator::plug_in_provider(&page).await.unwrap();
    let bob = house
        .account(|user| {
            let other = user.text("userPrincipalName").ok() != ada.text("userPrincipalName").ok();
            other && user.is_plain()
        })
        .unwrap();
    house
        .show(&page, "/security-info", "#username")
        .await
        .unwrap();
    page.use_password(&bob).await.unwrap();
    page.enter_code(&bob).await.unwrap();
    page.wait_for_text("Your browser has saved a passkey")
        .await
        .unwrap();
    judge(&page, "made silently", &mut found).await;
    page.press_on("Save and continue").await.unwrap();
    page.wait_for("[data-signal-user-id]").await.unwrap();
    judge(&page, "security info with an unused passkey", &mut found).await;
    house.browser.close().await.unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn pages_about_policies_are_accessible() {
    let mut found = Vec::new();
    let house = House::open().await.unwrap();
    let page = house.administrator().await.unwrap();
    for path in [
        "/admin/policies",
        "/admin/policies/passkeys",
        "/admin/policies/passkeys/method",
        "/admin/policies/passkeys/method?view=json",
        "/admin/policies/targets/0",
        "/admin/policies/profiles/new",
        "/admin/policies/strengths",
        "/admin/policies/strengths/new",
        "/admin/policies/locations/new",
        "/admin/policies/roots/new",
        "/admin/policies/sources/new",
        "/admin/what-if",
        "/admin/reports",
        "/admin/groups",
        "/admin/groups/new",
    ] {
        house.show(&page, path, "main").await.unwrap();
        judge(&page, path, &mut found).await;
    }
    house
        .show(&page, "/admin/policies/access/new", "main")
        .await
        .unwrap();
    judge(&page, "new access policy", &mut found).await;
    page.press_on("See what it would do").await.unwrap();
    page.wait_for("#form-faults").await.unwrap();
    judge(&page, "access policy with faults", &mut found).await;
    house
        .show(&page, "/admin/policies/passes", "main")
        .await
        .unwrap();
    page.fill("#length", "10").await.unwrap();
    page.press_on("See what it would do").await.unwrap();
    page.wait_for("form[action='/admin/policies/save']")
        .await
        .unwrap();
    judge(&page, "preview", &mut found).await;
    house
        .show(&page, "/admin/policies/sources/new", "main")
        .await
        .unwrap();
    page.fill("#name", "Guard").await.unwrap();
    page.fill("#issuer", "https://guard.example").await.unwrap();
    page.fill(
        "#keys",
        "{\"kty\": \"EC\", \"kid\": \"one\", \"d\": \"AA\"}",
    )
    .await
    .unwrap();
    page.press_on("See what it would do").await.unwrap();
    page.wait_for("#form-faults").await.unwrap();
    judge(&page, "source with a private key", &mut found).await;
    page.fill("#keys", "{\"kty\": \"EC\", \"kid\": \"one\"}")
        .await
        .unwrap();
    page.press_on("See what it would do").await.unwrap();
    page.wait_for("form[action='/admin/policies/save']")
        .await
        .unwrap();
    page.press_on("Save").await.unwrap();
    page.wait_for_text("Guard").await.unwrap();
    page.press_on("Guard").await.unwrap();
    page.wait_for_text("It pushes to").await.unwrap();
    judge(&page, "source", &mut found).await;
    house.browser.close().await.unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The pages of ours that this one leads to, below `start`.
async fn links(page: &Page, start: &str) -> Vec<String> {
    let found = page
        .evaluate("[...new Set([...document.querySelectorAll('main a')].map(it => it.pathname))]")
        .await
        .unwrap();
    let all = found
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|path| path.as_str());
    let below: Vec<String> = all
        .filter(|path| path.starts_with(start) && *path != start)
        .map(str::to_owned)
        .collect();
    assert!(!below.is_empty(), "no links below {start}");
    below
}

/// Writes down what is wrong with the page as it is now, in light and dark, on a desk and on a phone.
async fn judge(page: &Page, name: &str, found: &mut Vec<String>) {
    for (dark, width) in [(false, 1280), (true, 1280), (false, 360), (true, 360)] {
        page.prefer_dark(dark).await.unwrap();
        page.size(width, 800).await.unwrap();
        let seen = format!(
            "{name} in the {} at {width}",
            if dark { "dark" } else { "light" }
        );
        for violation in page.accessibility().await.unwrap() {
            found.push(format!(
                "{seen}: {} {}",
                violation.rule,
                violation.elements.join(" | ")
            ));
        }
        let sticks_out = page
            .evaluate("document.documentElement.scrollWidth - innerWidth")
            .await
            .unwrap();
        if sticks_out.as_i64().unwrap() > 0 {
            found.push(format!("{seen}: {sticks_out} pixels wider than the screen"));
        }
    }
    page.size(1280, 900).await.unwrap();
    // That the server answered with a refusal is what some of these pages are about.
    let complaints = page
        .complaints()
        .into_iter()
        .filter(|text| !text.contains("status of 4"));
    found.extend(complaints.map(|complaint| format!("{name} complains: {complaint}")));
}
