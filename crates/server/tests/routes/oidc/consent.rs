use axum::http::StatusCode;
use keyward::jose::TokenType;
use policy::model::{AuditRecord, Consent, User};

use super::{NATIVE, Scene, refused, text};
use crate::page;
use crate::world::{Answer, Browser, authenticator};

const ASKED: &str = "openid offline_access User.Read User.ReadBasic.All";
const OF_ADMINISTRATORS: &str = "openid User.ReadBasic.All User.ReadWrite.All";

/// What an administrator agreed to for the public application.
async fn agree(scene: &Scene, scopes: &[&str]) {
    let (tenant, public) = (scene.tenant, scene.public);
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let change = scene.world.app.store.write(move |tx| {
        Box::pin(async move {
            let found = store::applications::find(tx, tenant, public).await?;
            let Some(mut application) = found else {
                return Ok::<_, store::StoreError>(());
            };
            application.settings.consented = scopes;
            store::applications::put(tx, &application).await
        })
    });
    change.await.unwrap();
}

/// What this person agreed to for the public application.
async fn held(scene: &Scene, user: &User) -> Vec<String> {
    let (tenant, user, public) = (scene.tenant, user.id, scene.public);
    let found: Option<Consent> = scene
        .world
        .app
        .store
        .read(move |tx| {
            Box::pin(async move { store::consents::find(tx, tenant, user, public).await })
        })
        .await
        .unwrap();
    found.map(|consent| consent.scopes).unwrap_or_default()
}

async fn records(scene: &Scene, user: &User, activity: &str) -> Vec<AuditRecord> {
    let mut all = scene.world.audits(user).await;
    all.retain(|one| one.activity == activity);
    all
}

/// The context of the question that a request for `scope` leads to.
async fn asked(scene: &Scene, browser: &mut Browser<'_>, scope: &str) -> String {
    let answer = browser.get(&scene.authorize(&[("scope", scope)])).await;
    answer.redirects_to("/signin/consent?ctx=");
    answer.location_parameter("ctx").unwrap()
}

async fn say(browser: &mut Browser<'_>, ctx: &str, answer: &str) -> Answer {
    let fields = [("ctx", ctx), ("answer", answer)];
    browser.post("/signin/consent", &fields).await
}

fn error(answer: &Answer) -> (String, String) {
    let of = |name: &str| answer.location_parameter(name).unwrap_or_default();
    let number = of("error_description");
    let number = number.split(':').next().unwrap_or_default();
    (of("error"), number.to_owned())
}

#[tokio::test]
async fn what_an_administrator_agreed_to_is_given_without_a_question() {
    let scene = Scene::new().await;
    agree(&scene, &["User.ReadBasic.All", "User.Read.All"]).await;
    let code = scene.code_with(&[("scope", ASKED)]).await;
    let tokens = scene.redeem(&code, &[]).await.json();
    assert_eq!(text(&tokens, "scope"), ASKED);
    let access = text(&tokens, "access_token");
    let claims = scene.claims(TokenType::AccessToken, access).await;
    assert_eq!(text(&claims, "scp"), ASKED);
    // All that there is, by one name.
    let code = scene
        .code_with(&[("scope", "https://graph.microsoft.com/.default")])
        .await;
    let tokens = scene.redeem(&code, &[]).await.json();
    assert_eq!(
        text(&tokens, "scope"),
        "User.Read User.ReadBasic.All User.Read.All"
    );
}

#[tokio::test]
async fn an_application_gets_no_scope_that_nobody_agreed_to() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    let ctx = asked(&scene, &mut browser, ASKED).await;
    // The question is not an answer: neither looking at it nor walking past it gives a code.
    page::check(&browser.get(&format!("/signin/consent?ctx={ctx}")).await);
    let past = browser.get(&format!("/signin/continue?ctx={ctx}")).await;
    past.redirects_to("/signin/consent?ctx=");
    assert!(held(&scene, &scene.user).await.is_empty());
    let everything = [("scope", "openid https://graph.microsoft.com/.default")];
    let code = scene.code_with(&everything).await;
    let tokens = scene.redeem(&code, &[]).await.json();
    assert_eq!(text(&tokens, "scope"), "openid User.Read");
}

#[tokio::test]
async fn a_person_is_asked_once_and_agrees_for_themselves() {
    let scene = Scene::new().await;
    let mut key = authenticator();
    let (bob, mut browser) = scene
        .world
        .user_with_passkey("bob@localhost", &mut key)
        .await;
    let ctx = asked(&scene, &mut browser, ASKED).await;
    let question = browser.get(&format!("/signin/consent?ctx={ctx}")).await;
    assert_eq!(question.status, StatusCode::OK);
    let body = page::check(&question);
    for words in [
        "An application",
        "localhost",
        "See the names and addresses of people in your organisation",
        "Keep this access while you are away",
        "value=\"yes\"",
    ] {
        assert!(body.contains(words), "{words} is not in {body}");
    }
    let policy = question.headers["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(policy.contains("http://localhost:53683"), "{policy}");
    let answer = say(&mut browser, &ctx, "yes").await;
    answer.redirects_to(NATIVE);
    let code = answer.location_parameter("code").unwrap();
    let tokens = scene.redeem(&code, &[]).await.json();
    assert_eq!(text(&tokens, "scope"), ASKED);
    assert_eq!(held(&scene, &bob).await, ["User.ReadBasic.All"]);
    let told = records(&scene, &bob, "Consent to application").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].targets[0].id, scene.public.to_string());
    let change = &told[0].targets[0].modified_properties[0];
    assert_eq!(change.new_value.as_deref(), Some("User.ReadBasic.All"));
    // Never again for this, also silently and at a refresh; but for more, and for others.
    let silent = scene.authorize(&[("scope", ASKED), ("prompt", "none")]);
    let silent = browser.get(&silent).await;
    assert!(silent.location_parameter("code").is_some());
    let renewed = scene.refresh(text(&tokens, "refresh_token")).await.json();
    assert_eq!(text(&renewed, "scope"), ASKED);
    let more = format!("{ASKED} UserAuthenticationMethod.Read");
    asked(&scene, &mut browser, &more).await;
    asked(&scene, &mut scene.signed_in().await, ASKED).await;
}

#[tokio::test]
async fn a_sign_in_stops_at_the_question() {
    let scene = Scene::new().await;
    let mut key = authenticator();
    scene
        .world
        .user_with_passkey("bob@localhost", &mut key)
        .await;
    let mut browser = scene.world.browser();
    let begun = browser.get(&scene.authorize(&[("scope", ASKED)])).await;
    let ctx = begun.location_parameter("ctx").unwrap();
    let options = browser.assertion_options(&ctx).await;
    let response = key.sign_in(&options, scene.world.origin()).unwrap();
    let next = browser.finish_assertion(&ctx, response).await.json();
    let next = text(&next, "next");
    assert!(next.starts_with("/signin/consent?ctx="), "{next}");
    let answer = say(&mut browser, &ctx, "yes").await;
    assert!(answer.location_parameter("code").is_some());
}

#[tokio::test]
async fn a_no_goes_to_the_application_and_into_the_log() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    let ctx = asked(&scene, &mut browser, ASKED).await;
    for said in ["no", "", "YES"] {
        let answer = say(&mut browser, &ctx, said).await;
        answer.redirects_to(NATIVE);
        let expected = ("access_denied".to_owned(), "AADSTS65004".to_owned());
        assert_eq!(error(&answer), expected, "{said}");
        assert!(answer.location_parameter("code").is_none());
    }
    assert!(held(&scene, &scene.user).await.is_empty());
    let log = scene.world.sign_ins().await;
    let codes: Vec<_> = log.iter().map(|one| one.error_code).collect();
    assert_eq!(codes, [65004, 65004, 65004]);
}

#[tokio::test]
async fn nobody_is_asked_silently_and_consent_can_be_asked_for_again() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    let silent = scene.authorize(&[("scope", ASKED), ("prompt", "none")]);
    let answer = browser.get(&silent).await;
    let expected = ("consent_required".to_owned(), "AADSTS65001".to_owned());
    assert_eq!(error(&answer), expected);
    // What is given to everybody is asked for as well, if the application wants that.
    let again = scene.authorize(&[("scope", "openid"), ("prompt", "consent")]);
    let answer = browser.get(&again).await;
    answer.redirects_to("/signin/consent?ctx=");
    let ctx = answer.location_parameter("ctx").unwrap();
    let answer = say(&mut browser, &ctx, "yes").await;
    assert!(answer.location_parameter("code").is_some());
    assert!(held(&scene, &scene.user).await.is_empty());
}

#[tokio::test]
async fn only_administrators_agree_to_what_changes_or_reads_about_others() {
    let scene = Scene::new().await;
    let (bob, mut browser) = scene
        .world
        .user_with_passkey("bob@localhost", &mut authenticator())
        .await;
    let ctx = asked(&scene, &mut browser, OF_ADMINISTRATORS).await;
    let question = browser.get(&format!("/signin/consent?ctx={ctx}")).await;
    assert_eq!(question.status, StatusCode::FORBIDDEN);
    let body = page::check(&question);
    assert!(body.contains("Your administrator has to agree"), "{body}");
    assert!(body.contains("User.ReadWrite.All"), "{body}");
    assert!(!body.contains("value=\"yes\""), "{body}");
    let forced = say(&mut browser, &ctx, "yes").await;
    forced.refused(403, "consent_of_administrator");
    assert!(held(&scene, &bob).await.is_empty());
    let log = scene.world.sign_ins().await;
    assert!(log.iter().any(|one| one.error_code == 90094));
    let back = say(&mut browser, &ctx, "no").await;
    let expected = ("access_denied".to_owned(), "AADSTS90094".to_owned());
    assert_eq!(error(&back), expected);
    // A role counts, with two factors.
    let mut admin = scene.signed_in_with_password().await;
    let ctx = asked(&scene, &mut admin, OF_ADMINISTRATORS).await;
    let forced = say(&mut admin, &ctx, "yes").await;
    forced.refused(403, "consent_of_administrator");
    let mut admin = scene.signed_in().await;
    let ctx = asked(&scene, &mut admin, OF_ADMINISTRATORS).await;
    let answer = say(&mut admin, &ctx, "yes").await;
    let code = answer.location_parameter("code").unwrap();
    let tokens = scene.redeem(&code, &[]).await.json();
    assert_eq!(text(&tokens, "scope"), OF_ADMINISTRATORS);
    // For themselves, not for others.
    asked(&scene, &mut browser, OF_ADMINISTRATORS).await;
}

#[tokio::test]
async fn an_answer_is_of_the_person_who_was_asked_and_of_no_other_site() {
    let scene = Scene::new().await;
    let (bob, mut browser) = scene
        .world
        .user_with_passkey("bob@localhost", &mut authenticator())
        .await;
    let ctx = asked(&scene, &mut browser, ASKED).await;
    let fields = [("ctx", ctx.as_str()), ("answer", "yes")];
    let forged = browser.post_bare("/signin/consent", &fields).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN, "{}", forged.body);
    let nobody = say(&mut scene.world.browser(), &ctx, "yes").await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{}", nobody.body);
    // A request that asks for a fresh sign-in is not answered in an older session.
    let fresh = scene.authorize(&[("scope", ASKED), ("prompt", "login")]);
    scene.world.wait(5);
    let begun = browser.get(&fresh).await;
    begun.redirects_to("/signin?ctx=");
    let ctx = begun.location_parameter("ctx").unwrap();
    let older = say(&mut browser, &ctx, "yes").await;
    older.redirects_to("/signin?ctx=");
    let page = browser.get(&format!("/signin/consent?ctx={ctx}")).await;
    page.redirects_to("/signin?ctx=");
    assert!(held(&scene, &bob).await.is_empty());
    say(&mut browser, "x", "yes")
        .await
        .refused(400, "sign_in_context_invalid");
}

#[tokio::test]
async fn what_a_person_takes_back_is_over_at_once() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    let ctx = asked(&scene, &mut browser, ASKED).await;
    let answer = say(&mut browser, &ctx, "yes").await;
    let code = answer.location_parameter("code").unwrap();
    let tokens = scene.redeem(&code, &[]).await.json();
    let page = browser.get("/security-info").await;
    let path = format!("/security-info/applications/{}/remove", scene.public);
    assert!(page::check(&page).contains(&path), "{}", page.body);
    let file = browser.post("/security-info/export", &[]).await.json();
    assert_eq!(file["consents"][0]["scopes"][0], "User.ReadBasic.All");
    let taken = browser.post(&path, &[]).await;
    taken.redirects_to("/security-info?done=application-removed");
    let ended = scene.refresh(text(&tokens, "refresh_token")).await;
    refused(&ended, 400, "invalid_grant", 50173, "grant_revoked");
    let access = text(&tokens, "access_token");
    assert_eq!(
        scene.userinfo(access).await.status,
        StatusCode::UNAUTHORIZED
    );
    let told = records(&scene, &scene.user, "Remove delegated permission grant").await;
    assert_eq!(told.len(), 1);
    assert!(!browser.get("/security-info").await.body.contains(&path));
    browser.post(&path, &[]).await.refused(404, "not_found");
    asked(&scene, &mut browser, ASKED).await;
}

#[tokio::test]
async fn a_consent_that_was_taken_back_is_over_at_the_next_refresh() {
    let scene = Scene::new().await;
    agree(&scene, &["User.ReadBasic.All"]).await;
    let code = scene.code_with(&[("scope", ASKED)]).await;
    let first = scene.redeem(&code, &[]).await.json();
    agree(&scene, &[]).await;
    let second = scene.refresh(text(&first, "refresh_token")).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    let second = second.json();
    assert_eq!(text(&second, "scope"), "openid offline_access User.Read");
    // Given again, it is the person's grant that counts.
    agree(&scene, &["User.ReadBasic.All", "Group.Read.All"]).await;
    let more = [("scope", "Group.Read.All")];
    let more = scene
        .refresh_with(text(&second, "refresh_token"), &more)
        .await;
    refused(&more, 400, "invalid_scope", 70011, "scope_beyond_grant");
}
