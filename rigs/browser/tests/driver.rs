//! The driver itself, on a page of its own: a rig that cannot fail proves nothing.
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use std::sync::Arc;

use rig_browser::{Chromium, Kind, Page, VirtualAuthenticator};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const PAGE: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Driver</title>
<style>@media (prefers-color-scheme: dark) { body { background: #000; color: #fff } }</style></head>
<body><main><h1>Driver</h1>
<form><label for="name">Name</label><input id="name"><button type="button" id="go">Go on</button></form>
<p id="said"></p></main>
<script>document.getElementById('go').onclick = () => document.getElementById('said').textContent = 'hello ' + document.getElementById('name').value;</script>
</body></html>"#;

const CREATE: &str = r#"(async () => {
  const bytes = new Uint8Array(32);
  const made = await navigator.credentials.create({publicKey: {
    rp: {id: 'localhost', name: 'x'}, user: {id: bytes, name: 'ada', displayName: 'Ada'}, challenge: bytes,
    pubKeyCredParams: [{type: 'public-key', alg: -7}, {type: 'public-key', alg: -257}],
    authenticatorSelection: {residentKey: 'required', userVerification: 'required'}}});
  return made.toJSON();
})()"#;

#[tokio::test]
async fn a_person_types_and_presses() {
    let (browser, page) = page(PAGE).await;
    page.fill("#name", "Ada").await.unwrap();
    page.press_on("Go on").await.unwrap();
    page.wait_for_text("hello Ada").await.unwrap();
    page.fill("#name", "Grace").await.unwrap();
    page.tab_to("#go").await.unwrap();
    page.key("Enter").await.unwrap();
    page.wait_for_text("hello Grace").await.unwrap();
    assert_eq!(page.complaints(), Vec::<String>::new());
    browser.close().await.unwrap();
}

#[tokio::test]
async fn without_scripts_nothing_runs() {
    let (browser, page) = page(PAGE).await;
    page.scripts(false).await.unwrap();
    let address = page.address().await.unwrap();
    page.goto(&address).await.unwrap();
    page.press_on("Go on").await.unwrap();
    assert!(!page.text().await.unwrap().contains("hello"));
    browser.close().await.unwrap();
}

#[tokio::test]
async fn passkeys_carry_the_backup_flags_of_their_authenticator() {
    let (browser, page) = page(PAGE).await;
    for (kind, flags) in [
        (Kind::DeviceBound, (false, false)),
        (Kind::Synced, (true, true)),
    ] {
        let authenticator = VirtualAuthenticator::plug_in(&page, kind).await.unwrap();
        let mark = page.mark();
        let made = page.evaluate(CREATE).await.unwrap();
        page.event_since(mark, "WebAuthn.credentialAdded")
            .await
            .unwrap();
        let kept = authenticator.credentials().await.unwrap();
        let [credential] = kept.as_slice() else {
            unreachable!("one credential, not {kept:?}")
        };
        assert_eq!(
            made.get("id").and_then(|id| id.as_str()),
            Some(credential.id.as_str())
        );
        assert_eq!((credential.backup_eligible, credential.backed_up), flags);
        assert_eq!(credential.user_name, "ada");
        authenticator.forget(&credential.id).await.unwrap();
        assert_eq!(authenticator.credentials().await.unwrap(), Vec::new());
        authenticator.unplug().await.unwrap();
    }
    browser.close().await.unwrap();
}

#[tokio::test]
async fn the_checker_finds_a_field_without_a_label() {
    let (browser, page) = page(PAGE).await;
    assert!(page.accessibility().await.unwrap().is_empty());
    page.evaluate("document.querySelector('label').remove()")
        .await
        .unwrap();
    let found = page.accessibility().await.unwrap();
    assert!(
        found.iter().any(|violation| violation.rule == "label"),
        "{found:?}"
    );
    browser.close().await.unwrap();
}

#[tokio::test]
async fn what_is_covered_cannot_be_pressed() {
    let (browser, page) = page(PAGE).await;
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div style=\"position:fixed;inset:0\"></div>')").await.unwrap();
    let error = page.press_on("Go on").await.unwrap_err().to_string();
    assert!(error.contains("lies over it"), "{error}");
    browser.close().await.unwrap();
}

#[tokio::test]
async fn colours_and_size_follow_the_person() {
    let (browser, page) = page(PAGE).await;
    page.prefer_dark(true).await.unwrap();
    page.size(390, 800).await.unwrap();
    page.wait_until("matchMedia('(prefers-color-scheme: dark)').matches && innerWidth === 390")
        .await
        .unwrap();
    page.prefer_dark(false).await.unwrap();
    page.wait_until("matchMedia('(prefers-color-scheme: light)').matches")
        .await
        .unwrap();
    browser.close().await.unwrap();
}

async fn page(body: &'static str) -> (Chromium, Page) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve(listener, Arc::from(body)));
    let browser = Chromium::start().await.unwrap();
    let page = browser.page().await.unwrap();
    page.goto(&format!("http://localhost:{port}/"))
        .await
        .unwrap();
    (browser, page)
}

async fn serve(listener: TcpListener, body: Arc<str>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let body = Arc::clone(&body);
        tokio::spawn(async move {
            let mut request = [0; 4096];
            let read = stream.read(&mut request).await.unwrap_or(0);
            let found = request
                .get(..read)
                .is_some_and(|request| request.starts_with(b"GET / "));
            let (status, body) = if found {
                ("200 OK", &*body)
            } else {
                ("204 No Content", "")
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.ok();
        });
    }
}
