//! What other sites and planted cookies could do to the pages of people: nothing. The forms and pages are not listed here but
//! read from the route tables in the source, so that a new one is walked the day it is written.

use std::fs;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use keyward::web::cookies::{self, Token};

use crate::world::{Answer, Browser, TestApp, authenticator};

/// Answers only with the address it was asked at, for a browser that must ask again by GET: nothing is done.
const ASK_AGAIN: [&str; 2] = [
    "/{tenant}/oauth2/v2.0/authorize",
    "/{tenant}/oauth2/v2.0/logout",
];

/// An address of the route tables with the verbs it answers.
struct Route {
    path: String,
    gets: bool,
    posts: bool,
}

/// The routes of the surfaces that people visit with a browser.
fn routes() -> Vec<Route> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut tables = Vec::new();
    for surface in ["signin", "security_info", "admin", "oidc"] {
        find_tables(&source.join(surface), &mut tables);
    }
    let routes: Vec<Route> = tables
        .iter()
        .flat_map(|table| {
            let text = fs::read_to_string(table).unwrap();
            // The table of oidc has its programs' routes behind those for browsers.
            let text = text.split("/// Routes that programs call").next().unwrap();
            read(text)
        })
        .collect();
    // A reader that finds nothing would find nothing wrong.
    assert!(routes.iter().filter(|route| route.posts).count() > 45);
    assert!(routes.iter().filter(|route| route.gets).count() > 40);
    routes
}

fn find_tables(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_tables(&path, found);
        } else if path.file_name().is_some_and(|name| name == "mod.rs") {
            found.push(path);
        }
    }
}

fn read(text: &str) -> Vec<Route> {
    let calls = text.split(".route(").skip(1);
    calls
        .map(|call| {
            let path = call.split('"').nth(1).unwrap().to_owned();
            let verbs = call.split("\n        .").next().unwrap();
            Route {
                path,
                gets: verbs.contains("get("),
                posts: verbs.contains("post("),
            }
        })
        .collect()
}

/// The address with something of the right shape in place of its parameters.
fn filled(world: &TestApp, path: &str) -> String {
    let id = "01a20365-ce9d-7c9c-9ee4-ffe86c4e6ede";
    let mut path = path
        .replace("{tenant}", &world.app.tenants.default().id.to_string())
        .replace("{section}", "access");
    while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
        path.replace_range(start..=end, id);
    }
    path
}

/// Posts with every cookie of the browser, as a form, or as JSON where forms are not taken.
async fn forge(
    browser: &Browser<'_>,
    path: &str,
    origin: (&str, &str),
    token: Option<&str>,
) -> Answer {
    let field = token.map(|token| format!("csrf={token}"));
    let mut answer = None;
    for (kind, body) in [
        (
            "application/x-www-form-urlencoded",
            field.unwrap_or_default(),
        ),
        ("application/json", "{}".to_owned()),
    ] {
        let mut request = browser
            .request(Method::POST, path)
            .header(origin.0, origin.1)
            .header(header::CONTENT_TYPE, kind);
        if let Some(token) = token {
            request = request.header("x-csrf-token", token);
        }
        let request = request.body(Body::from(body)).unwrap();
        let said = browser.clone().send(request).await;
        let wrong_kind = said.status == StatusCode::UNSUPPORTED_MEDIA_TYPE;
        answer = Some(said);
        if !wrong_kind {
            break;
        }
    }
    answer.unwrap()
}

#[tokio::test]
async fn no_form_can_be_posted_by_another_site_or_without_its_token() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    // Some forms belong to a sign-in under way, which is in the same browser.
    let user = world.user("ada@example.com").await;
    world.password(&user, "a password of hers", false).await;
    world.totp(&user).await;
    browser
        .sign_in_with_password(&user.user_principal_name, "a password of hers")
        .await
        .redirects_to("/signin/totp");
    let mine = browser.csrf();
    let foreign = world.browser().csrf();
    let own = ("origin", world.origin());
    let posts = routes().into_iter().filter(|route| route.posts);
    for route in posts.filter(|route| !ASK_AGAIN.contains(&route.path.as_str())) {
        let path = filled(&world, &route.path);
        for origin in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let answer = forge(&browser, &path, origin, Some(&mine)).await;
            assert!(
                answer.code().contains("foreign_origin"),
                "{path} {origin:?}: {} {}",
                answer.status,
                answer.code()
            );
        }
        for token in [None, Some(foreign.as_str()), Some("AAAA")] {
            let answer = forge(&browser, &path, own, token).await;
            assert!(
                answer.code().contains("csrf_token_invalid"),
                "{path} {token:?}: {} {}",
                answer.status,
                answer.code()
            );
        }
    }
}

#[tokio::test]
async fn a_clients_own_form_changes_nothing_here() {
    let world = TestApp::new().await;
    let browser = world.administrator(&mut authenticator()).await;
    for path in ASK_AGAIN {
        let path = filled(&world, path);
        let answer = forge(&browser, &path, ("origin", "https://evil.example"), None).await;
        answer.redirects_to(&path);
        assert!(answer.headers.get(header::SET_COOKIE).is_none());
    }
    assert_eq!(
        browser.clone().get("/security-info").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn no_page_can_be_framed_whatever_it_answers() {
    let world = TestApp::new().await;
    let browser = world.administrator(&mut authenticator()).await;
    let mut shown = 0;
    for route in routes().into_iter().filter(|route| route.gets) {
        for mut visitor in [browser.clone(), world.browser()] {
            let path = filled(&world, &route.path);
            let answer = visitor.get(&path).await;
            let header = |name: &str| answer.headers[name].to_str().unwrap();
            assert_eq!(header("x-frame-options"), "DENY", "{path}");
            let policy = header("content-security-policy");
            assert!(policy.contains("frame-ancestors 'none'"), "{path} {policy}");
            assert!(!policy.contains("unsafe"), "{path} {policy}");
            shown += usize::from(answer.status == StatusCode::OK);
        }
    }
    assert!(
        shown > 20,
        "only {shown} pages were pages and not redirects"
    );
}

#[tokio::test]
async fn a_session_that_was_there_before_the_sign_in_is_not_the_one_after_it() {
    let world = TestApp::new().await;
    let name = cookies::session_name(world.app.tenants.default().id);
    let mut key = authenticator();
    let (_, attacker) = world
        .user_with_passkey("mallory@example.com", &mut key)
        .await;
    let theirs = attacker.session_cookie().unwrap().clone();
    let mut victims = authenticator();
    let (user, _) = world
        .user_with_passkey("ada@example.com", &mut victims)
        .await;
    for planted in [theirs, Token::random(&world.app.random).text()] {
        let mut browser = world.browser();
        browser.cookies.insert(name.clone(), planted.clone());
        browser
            .sign_in_with(&mut victims)
            .await
            .json()
            .get("next")
            .unwrap();
        let fresh = browser.session_cookie().unwrap();
        assert_ne!(*fresh, planted);
        let page = browser.get("/security-info").await;
        assert!(page.body.contains(&user.user_principal_name));
        let mut planter = world.browser();
        planter.cookies.insert(name.clone(), planted);
        let seen = planter.get("/security-info").await;
        assert!(!seen.body.contains(&user.user_principal_name));
    }
}

#[tokio::test]
async fn a_challenge_of_one_browser_is_of_no_use_in_another() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey("ada@example.com", &mut key).await;
    let context = world.context();
    let mut theirs = world.browser();
    let options = theirs.assertion_options(&context).await;
    let response = key.sign_in(&options, world.origin()).unwrap();
    let mut other = world.browser();
    other.csrf();
    let answer = other.finish_assertion(&context, response).await;
    assert!(answer.status.is_client_error(), "{}", answer.body);
    assert!(other.session_cookie().is_none());
}
