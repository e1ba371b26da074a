//! `POST /signin/password`, `POST /signin/totp`, `POST /signin/pass`.

use axum::body::Body;
use axum::http::{Method, header};
use policy::model::PassUse;

use crate::page;
use crate::world::{TestApp, authenticator};

const NAME: &str = "grace@localhost";
const PASSWORD: &str = "a small green boat";

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_get_the_same_refusal() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let wrong = world
        .browser()
        .script()
        .sign_in_with_password(NAME, "wrong")
        .await;
    let unknown = world
        .browser()
        .script()
        .sign_in_with_password("nobody@localhost", "wrong")
        .await;
    assert_eq!(wrong.status, unknown.status);
    let same = |body: &str, name: &str| {
        let page: String = body.replace(name, "NAME");
        page.lines()
            .filter(|line| !line.contains("orrelation") && !line.contains("ctx"))
            .count()
    };
    assert_eq!(
        same(&wrong.body, NAME),
        same(&unknown.body, "nobody@localhost")
    );
    assert!(wrong.body.contains("wrong_credentials") && unknown.body.contains("wrong_credentials"));
}

#[tokio::test]
async fn guessing_waits_in_its_own_network_and_nowhere_else() {
    let world = TestApp::with(|settings| {
        settings.trusted_proxies = Some(vec!["127.0.0.0/8".parse().unwrap()])
    })
    .await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    world.totp(&user).await;
    let mut guesser = world.browser();
    guesser.address = Some("203.0.113.9".to_owned());
    for _ in 0..5 {
        guesser
            .sign_in_with_password(NAME, "wrong")
            .await
            .refused(401, "wrong_credentials");
    }
    let waiting = guesser.sign_in_with_password(NAME, PASSWORD).await;
    waiting.refused(429, "too_many_failures");
    assert!(waiting.headers.contains_key("retry-after"));
    let mut owner = world.browser();
    owner.address = Some("198.51.100.7".to_owned());
    owner
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .redirects_to("/signin/totp");
    world.wait(31);
    guesser
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .redirects_to("/signin/totp");
}

#[tokio::test]
async fn a_name_that_does_not_exist_waits_like_one_that_does() {
    let world = TestApp::new().await;
    let mut browser = world.browser();
    for _ in 0..5 {
        browser
            .sign_in_with_password("nobody@localhost", "wrong")
            .await
            .refused(401, "wrong_credentials");
    }
    browser
        .sign_in_with_password("nobody@localhost", "wrong")
        .await
        .refused(429, "too_many_failures");
}

#[tokio::test]
async fn wrong_passwords_never_lock_a_passkey_out() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (user, _) = world.user_with_passkey(NAME, &mut key).await;
    world.password(&user, PASSWORD, false).await;
    let mut browser = world.browser();
    for _ in 0..7 {
        browser.sign_in_with_password(NAME, "wrong").await;
    }
    assert_eq!(browser.sign_in_with(&mut key).await.status, 200);
}

#[tokio::test]
async fn a_break_glass_account_is_never_made_to_wait_and_its_use_is_recorded() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let (tenant, id) = (user.tenant, user.id);
    world
        .write(move |tx| {
            Box::pin(async move {
                store::users::set_profile(tx, tenant, id, "Break glass", None, true)
                    .await
                    .map(drop)
            })
        })
        .await;
    let mut browser = world.browser();
    for _ in 0..9 {
        browser
            .sign_in_with_password(NAME, "wrong")
            .await
            .refused(401, "wrong_credentials");
    }
    browser
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .redirects_to("/security-info");
    let used = |record: &policy::model::SignInRecord| record.decision.contains("breakGlass");
    assert_eq!(
        world
            .sign_ins()
            .await
            .iter()
            .filter(|record| used(record))
            .count(),
        1
    );
}

#[tokio::test]
async fn a_one_time_code_works_once() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let secret = world.totp(&user).await;
    let (context, code) = (world.context(), world.code(&secret));
    let mut browser = world.browser();
    browser
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .redirects_to("/signin/totp");
    let answer = browser
        .post("/signin/totp", &[("ctx", &context), ("code", &code)])
        .await;
    answer.redirects_to("/signin/nudge");
    let mut second = world.browser();
    second
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .redirects_to("/signin/totp");
    second
        .post("/signin/totp", &[("ctx", &context), ("code", &code)])
        .await
        .refused(401, "code_replayed");
}

#[tokio::test]
async fn knowing_the_password_buys_no_endless_guesses_at_the_code() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    world.totp(&user).await;
    let context = world.context();
    let mut browser = world.browser();
    let mut taken = 0;
    for _ in 0..8 {
        browser.sign_in_with_password(NAME, PASSWORD).await;
        let answer = browser
            .post("/signin/totp", &[("ctx", &context), ("code", "000000")])
            .await;
        taken += i32::from(answer.code().contains("wrong_credentials"));
    }
    assert_eq!(taken, 5);
}

#[tokio::test]
async fn guesses_that_arrive_together_are_counted_before_they_are_looked_at() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    world.totp(&user).await;
    let context = world.context();
    let mut browser = world.browser();
    browser
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .redirects_to("/signin/totp");
    let guesses = (0..40).map(|guess| {
        let (mut browser, context) = (browser.clone(), context.clone());
        async move {
            let code = format!("{guess:06}");
            let fields = [("ctx", context.as_str()), ("code", code.as_str())];
            browser.post("/signin/totp", &fields).await.code()
        }
    });
    let answers = futures_util::future::join_all(guesses).await;
    let looked_at = answers
        .iter()
        .filter(|answer| !answer.contains("too_many_failures"))
        .count();
    assert!(looked_at <= 6, "{looked_at} guesses were looked at");
}

#[tokio::test]
async fn two_factors_may_put_the_passkey_off_and_one_may_not() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let context = world.context();
    let mut browser = world.browser();
    browser
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .redirects_to("/signin/register");
    browser
        .post("/signin/nudge/skip", &[("ctx", &context)])
        .await
        .refused(401, "not_prompted");
    let secret = world.totp(&user).await;
    browser
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .redirects_to("/signin/totp");
    let code = world.code(&secret);
    browser
        .post("/signin/totp", &[("ctx", &context), ("code", &code)])
        .await
        .redirects_to("/signin/nudge");
    browser
        .post("/signin/nudge/skip", &[("ctx", &context)])
        .await
        .redirects_to("/security-info");
}

#[tokio::test]
async fn a_password_set_by_somebody_else_is_changed_first() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (user, _) = world.user_with_passkey(NAME, &mut key).await;
    world.password(&user, PASSWORD, true).await;
    let context = world.context();
    let mut browser = world.browser();
    browser
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .redirects_to("/signin/new-password");
    let weak = [
        ("ctx", context.as_str()),
        ("new", "password123"),
        ("again", "password123"),
    ];
    browser
        .post("/signin/new-password", &weak)
        .await
        .refused(422, "password_too_weak");
    let strong = [
        ("ctx", context.as_str()),
        ("new", "another small boat"),
        ("again", "another small boat"),
    ];
    browser
        .post("/signin/new-password", &strong)
        .await
        .redirects_to("/security-info");
    assert_eq!(browser.get("/security-info").await.status, 200);
    world
        .browser()
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .refused(401, "wrong_credentials");
}

#[tokio::test]
async fn a_password_alone_is_not_enough_for_an_administrator() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let admin = world.stored_user(&world.first.administrator).await;
    world.password(&admin, PASSWORD, false).await;
    let answer = world
        .browser()
        .sign_in_with_password(&world.first.administrator, PASSWORD)
        .await;
    answer.refused(403, "mfa_required");
}

#[tokio::test]
async fn a_one_time_pass_works_once_also_when_two_race() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    let pass = world.pass(&user, PassUse::Once).await;
    let (mut one, mut two) = (world.browser(), world.browser());
    let (one, two) = tokio::join!(
        one.sign_in_with_pass(NAME, &pass),
        two.sign_in_with_pass(NAME, &pass)
    );
    let won = [one.status, two.status]
        .iter()
        .filter(|status| status.is_redirection())
        .count();
    assert_eq!(won, 1, "{} {}", one.status, two.status);
    world
        .browser()
        .sign_in_with_pass(NAME, &pass)
        .await
        .refused(403, "pass_used");
}

#[tokio::test]
async fn a_pass_ends() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    let pass = world.pass(&user, PassUse::Many).await;
    world.wait(3_601);
    world
        .browser()
        .sign_in_with_pass(NAME, &pass)
        .await
        .refused(403, "pass_expired");
    world
        .browser()
        .sign_in_with_pass(NAME, "wrong")
        .await
        .refused(401, "wrong_credentials");
}

#[tokio::test]
async fn a_new_pass_replaces_the_old_one() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    let old = world.pass(&user, PassUse::Many).await;
    world.pass(&user, PassUse::Many).await;
    world
        .browser()
        .sign_in_with_pass(NAME, &old)
        .await
        .refused(401, "wrong_credentials");
}

#[tokio::test]
async fn a_disabled_user_is_told_so_only_with_the_right_password() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    world.set_enabled(&user, false).await;
    world
        .browser()
        .sign_in_with_password(NAME, "wrong")
        .await
        .refused(401, "wrong_credentials");
    world
        .browser()
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .refused(403, "user_disabled");
}

#[tokio::test]
async fn an_attempt_is_over_when_the_account_changes() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let secret = world.totp(&user).await;
    let context = world.context();
    let mut browser = world.browser();
    browser
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .redirects_to("/signin/totp");
    world.password(&user, "another small boat", false).await;
    let code = world.code(&secret);
    let answer = browser
        .post("/signin/totp", &[("ctx", &context), ("code", &code)])
        .await;
    answer.refused(401, "attempt_expired");
}

/// The method policy decides who may use a pass, not who may be given one.
#[tokio::test]
async fn a_pass_works_for_the_people_whom_the_policy_includes() {
    let world = TestApp::new().await;
    let user = world.user("ada@localhost").await;
    let pass = world.pass(&user, PassUse::Many).await;
    let off = policy::model::PassPolicy {
        enabled: false,
        ..policy::model::PassPolicy::default()
    };
    world
        .policy(policy::model::PolicyDocument::Passes(off))
        .await;
    let mut browser = world.browser();
    let answer = browser.sign_in_with_pass("ada@localhost", &pass).await;
    answer.refused(403, "pass_not_allowed");
    // The way back in that the operator holds is not closed by it.
    let first = browser
        .sign_in_with_pass(&world.first.administrator, world.first.pass.expose())
        .await;
    first.redirects_to("/signin/register");
}

#[tokio::test]
async fn each_wrong_answer_is_refused_in_the_readers_language() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    world.totp(&user).await;
    let mut browser = world.browser();
    let csrf = browser.csrf();
    let context = world.context();
    let mut german = async |path: &str, field: (&str, &str)| {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("csrf", csrf.as_str()),
                ("ctx", &context),
                ("username", NAME),
                field,
            ])
            .finish();
        let request = browser
            .request(Method::POST, path)
            .header(header::ORIGIN, world.origin())
            .header(header::ACCEPT_LANGUAGE, "de")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        browser.send(request).await
    };
    let wrong = german("/signin/password", ("password", "wrong")).await;
    wrong.refused(401, "wrong_credentials");
    assert!(page::check(&wrong).contains("Der Name oder das Kennwort stimmt nicht."));
    let wrong = german("/signin/pass", ("pass", "wrong")).await;
    wrong.refused(401, "wrong_credentials");
    assert!(page::check(&wrong).contains("Der Name oder der Pass stimmt nicht"));
    german("/signin/password", ("password", PASSWORD))
        .await
        .redirects_to("/signin/totp");
    let wrong = german("/signin/totp", ("code", "000000")).await;
    wrong.refused(401, "wrong_credentials");
    assert!(page::check(&wrong).contains("Der Code stimmt nicht."));
}
