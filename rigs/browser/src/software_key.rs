//! An authenticator in software behind a page of the real browser.
//!
//! Chromium's virtual authenticators attest with a certificate of their own that leads to no root anybody publishes, and all of them are of
//! one model; CDP offers nothing else. So where a test is about attestation or models, `navigator.credentials` of the page is a stub: it
//! hands the options to the software authenticator of the tour (which shares no code with what the server verifies with) and gives its
//! response to the page's own script. The page, its script, the origin and everything the server does are real; what is
//! not is the browser's own check of origin and relying party id, which other tests cover with virtual authenticators.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use keyward::cli::tour::SoftwareAuthenticator;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::page::Page;

/// The function by which the stub asks.
const BINDING: &str = "askSoftwareKey";
const GLANCE: Duration = Duration::from_millis(20);

/// A software authenticator in the hand of whoever sits before the page. It agrees to everything.
#[derive(Debug)]
pub struct SoftwareKey {
    held: Arc<Mutex<SoftwareAuthenticator>>,
    answering: JoinHandle<()>,
}

impl SoftwareKey {
    /// Puts it into the page as it is and into every page that follows in this tab.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn plug_in(page: &Page, authenticator: SoftwareAuthenticator) -> Result<Self> {
        page.command("Runtime.addBinding", json!({"name": BINDING}))
            .await?;
        page.command(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": STUB}),
        )
        .await?;
        page.evaluate(STUB).await?;
        let held = Arc::new(Mutex::new(authenticator));
        let answering = tokio::spawn(answer_all(page.clone(), Arc::clone(&held)));
        Ok(Self { held, answering })
    }

    /// Takes another one into the hand; the one before is handed back.
    pub fn swap(&self, authenticator: SoftwareAuthenticator) -> SoftwareAuthenticator {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut held, authenticator)
    }
}

impl Drop for SoftwareKey {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

async fn answer_all(page: Page, held: Arc<Mutex<SoftwareAuthenticator>>) {
    let mut answered = 0;
    loop {
        let asked = page.events("Runtime.bindingCalled");
        for event in asked.iter().skip(answered) {
            answered += 1;
            if let Ok(script) = answer(&event.parameters, &held) {
                // A page that has gone meanwhile waits for nothing.
                page.evaluate(&script).await.ok();
            }
        }
        tokio::time::sleep(GLANCE).await;
    }
}

/// The call that gives the stub its answer.
fn answer(parameters: &Value, held: &Mutex<SoftwareAuthenticator>) -> Result<String> {
    let payload = parameters.get("payload").and_then(Value::as_str);
    let asked: Value = serde_json::from_str(payload.context("a call without a payload")?)?;
    let text = |name: &str| asked.get(name).and_then(Value::as_str).unwrap_or_default();
    let options = asked.get("options").context("a call without options")?;
    let mut key = held.lock().unwrap_or_else(PoisonError::into_inner);
    let made = match text("kind") {
        "create" => key.register(options, text("origin")),
        _ => key.sign_in(options, text("origin")),
    };
    let id = asked.get("id").cloned().unwrap_or_default();
    Ok(match made {
        Ok(response) => format!("softwareKeyAnswers({id}, {response})"),
        Err(_) => format!("softwareKeyAnswers({id}, null)"),
    })
}

/// Silent requests wait until they are given up: nobody picks anything from a list.
const STUB: &str = r#"(() => {
    if (window.softwareKeyAnswers) return;
    const waiting = new Map();
    let last = 0;
    const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer.buffer ?? buffer)))
        .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
    const plain = value => value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? text(value)
        : Array.isArray(value) ? value.map(plain)
        : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
        : value;
    const given_up = signal => new Promise((_, reject) =>
        signal?.addEventListener("abort", () => reject(new DOMException("given up", "AbortError"))));
    const ask = kind => ({ publicKey, mediation, signal }) => mediation === "conditional" ? given_up(signal)
        : new Promise((resolve, reject) => {
            const id = ++last;
            waiting.set(id, { resolve, reject });
            askSoftwareKey(JSON.stringify({ id, kind, origin: location.origin, options: plain(publicKey) }));
        });
    window.softwareKeyAnswers = (id, response) => {
        const { resolve, reject } = waiting.get(id);
        if (response) resolve({ ...response, toJSON: () => response });
        else reject(new DOMException("refused", "NotAllowedError"));
    };
    navigator.credentials.create = ask("create");
    navigator.credentials.get = ask("get");
})()"#;
