//! One page: what a person can do with it, and what a test may look at.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::cdp::{Connection, Event};

/// How long a page may take to show what is waited for. A busy machine needs seconds; a wrong page never shows it.
const PATIENCE: Duration = Duration::from_secs(40);
const GLANCE: Duration = Duration::from_millis(40);

/// A page of the browser; clones are the same page.
#[derive(Debug, Clone)]
pub struct Page {
    connection: Connection,
    session: String,
    context: Option<Value>,
}

/// One finding of the accessibility checker.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The checker's rule, for example `color-contrast`.
    pub rule: String,
    /// `minor`, `moderate`, `serious` or `critical`.
    pub impact: String,
    /// The elements, as CSS selectors with the checker's reason.
    pub elements: Vec<String>,
}

impl Page {
    /// Opens an empty page; pages of one context share cookies and nothing with those of others.
    pub(crate) async fn open(connection: Connection, context: Option<Value>) -> Result<Self> {
        let mut parameters = json!({"url": "about:blank"});
        if let (Some(context), Some(fields)) = (&context, parameters.as_object_mut()) {
            fields.insert("browserContextId".to_owned(), context.clone());
        }
        let target = connection
            .command(None, "Target.createTarget", parameters)
            .await?;
        let id = target.get("targetId").cloned().unwrap_or_default();
        let page = Self::attach(connection, id, context).await?;
        page.size(1280, 900).await?;
        Ok(page)
    }

    /// Opens another page with the same cookies: a second tab. It has no authenticator yet.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn beside(&self) -> Result<Self> {
        Self::open(self.connection.clone(), self.context.clone()).await
    }

    pub(crate) async fn attach(
        connection: Connection,
        target: Value,
        context: Option<Value>,
    ) -> Result<Self> {
        let answer = connection
            .command(
                None,
                "Target.attachToTarget",
                json!({"targetId": target, "flatten": true}),
            )
            .await?;
        let session = answer
            .get("sessionId")
            .and_then(Value::as_str)
            .context("a page without a session")?
            .to_owned();
        let page = Self {
            connection,
            session,
            context,
        };
        for domain in [
            "Page.enable",
            "Runtime.enable",
            "Network.enable",
            "Log.enable",
        ] {
            page.command(domain, json!({})).await?;
        }
        Ok(page)
    }

    /// Sends a protocol command for this page.
    ///
    /// # Errors
    /// When the browser refuses it or is gone.
    pub async fn command(&self, method: &str, parameters: Value) -> Result<Value> {
        self.connection
            .command(Some(&self.session), method, parameters)
            .await
    }

    /// Goes to an address and waits until the page is loaded.
    ///
    /// # Errors
    /// When it cannot be reached (also when its certificate is not trusted) or does not load in time.
    pub async fn goto(&self, address: &str) -> Result<()> {
        let mark = self.connection.mark();
        let answer = self
            .command("Page.navigate", json!({"url": address}))
            .await?;
        if let Some(error) = answer.get("errorText").and_then(Value::as_str) {
            bail!("{address}: {error}");
        }
        // A navigation within the document loads nothing.
        if answer.get("loaderId").is_some() {
            self.connection
                .event_since(&self.session, mark, "Page.loadEventFired", PATIENCE)
                .await?;
        }
        Ok(())
    }

    /// The value of a JavaScript expression; promises are awaited.
    ///
    /// # Errors
    /// When it throws.
    pub async fn evaluate(&self, expression: &str) -> Result<Value> {
        let parameters = json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let mut answer = self.command("Runtime.evaluate", parameters).await?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            bail!("`{expression}` threw {thrown}");
        }
        Ok(answer
            .pointer_mut("/result/value")
            .map(Value::take)
            .unwrap_or_default())
    }

    /// The address in the address bar.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn address(&self) -> Result<String> {
        let value = self.evaluate("location.href").await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// All text that is on the page for a person to read.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn text(&self) -> Result<String> {
        let value = self
            .evaluate("document.body ? document.body.innerText : ''")
            .await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the expression is true, also across navigations.
    ///
    /// # Errors
    /// When it does not become true in time; the error shows the page as it then is.
    pub async fn wait_until(&self, expression: &str) -> Result<()> {
        self.wait_within(expression, PATIENCE).await
    }

    async fn wait_within(&self, expression: &str, limit: Duration) -> Result<()> {
        let wait = async {
            loop {
                // While a page is being replaced there is nothing to ask; the next glance asks again.
                if self
                    .evaluate(expression)
                    .await
                    .is_ok_and(|value| value.as_bool() == Some(true))
                {
                    return;
                }
                tokio::time::sleep(GLANCE).await;
            }
        };
        if tokio::time::timeout(limit, wait).await.is_ok() {
            return Ok(());
        }
        let (address, text) = (
            self.address().await.unwrap_or_default(),
            self.text().await.unwrap_or_default(),
        );
        Err(anyhow!(
            "not within {limit:?}: {expression}\nat {address}\n{text}\n{}",
            self.complaints().join("\n")
        ))
    }

    /// Waits until the page shows this text.
    ///
    /// # Errors
    /// As [`Self::wait_until`].
    pub async fn wait_for_text(&self, text: &str) -> Result<()> {
        self.wait_until(&format!(
            "!!document.body && document.body.innerText.includes({})",
            json!(text)
        ))
        .await
    }

    /// Waits until an element is there and visible.
    ///
    /// # Errors
    /// As [`Self::wait_until`].
    pub async fn wait_for(&self, selector: &str) -> Result<()> {
        self.wait_until(&format!(
            "(() => {{ {VISIBLE} return visible({}) !== null; }})()",
            json!(selector)
        ))
        .await
    }

    /// Waits until the address contains this.
    ///
    /// # Errors
    /// As [`Self::wait_until`].
    pub async fn wait_for_address(&self, part: &str) -> Result<()> {
        let complete = format!(
            "location.href.includes({}) && document.readyState === 'complete'",
            json!(part)
        );
        self.wait_until(&complete).await
    }

    /// Presses the left mouse button on the middle of an element, as a person would.
    ///
    /// # Errors
    /// When it does not become visible, or something lies over it.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.wait_for(selector).await?;
        let script = format!(
            "(() => {{ {VISIBLE} const it = visible({}); {MIDDLE} }})()",
            json!(selector)
        );
        self.click_at(&script, selector).await
    }

    /// Presses the button or link with this visible text.
    ///
    /// # Errors
    /// As [`Self::click`].
    pub async fn press_on(&self, label: &str) -> Result<()> {
        let find = format!(
            "(() => {{ {LABELLED} return labelled({}) !== null; }})()",
            json!(label)
        );
        self.wait_until(&find).await?;
        let script = format!(
            "(() => {{ {LABELLED} const it = labelled({}); {MIDDLE} }})()",
            json!(label)
        );
        self.click_at(&script, label).await
    }

    async fn click_at(&self, script: &str, what: &str) -> Result<()> {
        // A page that is still being laid out moves; a person waits until it stands still.
        let mut point = self.evaluate(script).await?;
        for _ in 0..50 {
            tokio::time::sleep(GLANCE).await;
            let before = std::mem::replace(&mut point, self.evaluate(script).await?);
            if before == point {
                break;
            }
        }
        if let Some(cover) = point.get("cover").and_then(Value::as_str) {
            bail!("{what} cannot be pressed: {cover} lies over it");
        }
        let (x, y) = (point.get("x").cloned(), point.get("y").cloned());
        for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let parameters = json!({"type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1});
            self.command("Input.dispatchMouseEvent", parameters).await?;
        }
        Ok(())
    }

    /// Puts the cursor into a field, empties it and types.
    ///
    /// # Errors
    /// As [`Self::click`].
    pub async fn fill(&self, selector: &str, text: &str) -> Result<()> {
        self.click(selector).await?;
        self.evaluate(&format!(
            "document.querySelector({}).select()",
            json!(selector)
        ))
        .await?;
        self.type_text(text).await
    }

    /// Ticks the box with this label in the field with this id, or takes the tick out; of a group of buttons, chooses that one. A
    /// field that is a box itself has the label it has.
    ///
    /// # Errors
    /// When there is no such box; else as [`Self::click`].
    pub async fn tick(&self, field: &str, label: &str, on: bool) -> Result<()> {
        self.wait_until(&format!(
            "document.getElementById({}) !== null",
            json!(field)
        ))
        .await?;
        let find = format!(
            "(() => {{ const field = document.getElementById({}); field.closest('details')?.setAttribute('open', ''); const labels = field.labels ?? field.querySelectorAll('label'); const label = [...labels].find(it => it.innerText.trim() === {}); const box = label?.control; return box ? {{id: box.id, on: box.checked}} : null; }})()",
            json!(field),
            json!(label)
        );
        let found = self.evaluate(&find).await?;
        let id = found.get("id").and_then(Value::as_str);
        let id = id.with_context(|| format!("{field} has no box {label}"))?;
        if found.get("on").and_then(Value::as_bool) != Some(on) {
            self.click(&format!("[id=\"{id}\"]")).await?;
        }
        Ok(())
    }

    /// Types where the focus is.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn type_text(&self, text: &str) -> Result<()> {
        self.command("Input.insertText", json!({"text": text}))
            .await
            .map(drop)
    }

    /// Presses one key: `Tab`, `Shift+Tab`, `Enter`, `Space` or `Escape`.
    ///
    /// # Errors
    /// When the key has no entry here.
    pub async fn key(&self, name: &str) -> Result<()> {
        let (modifiers, key) = name
            .strip_prefix("Shift+")
            .map_or((0, name), |key| (8, key));
        let (code, number, text) = match key {
            "Tab" => ("Tab", 9, ""),
            "Enter" => ("Enter", 13, "\r"),
            "Space" => ("Space", 32, " "),
            "Escape" => ("Escape", 27, ""),
            other => bail!("no key is called {other}"),
        };
        let spoken = if key == "Space" { " " } else { key };
        for kind in ["keyDown", "keyUp"] {
            let mut parameters = json!({"type": kind, "key": spoken, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers});
            if let Some(fields) = parameters
                .as_object_mut()
                .filter(|_| kind == "keyDown" && !text.is_empty())
            {
                fields.insert("text".to_owned(), text.into());
            }
            self.command("Input.dispatchKeyEvent", parameters).await?;
        }
        Ok(())
    }

    /// Moves the focus forward with the Tab key until it stands on an element that matches, at most forty times.
    ///
    /// # Errors
    /// When the keyboard does not reach it.
    pub async fn tab_to(&self, selector: &str) -> Result<()> {
        let there = format!(
            "document.activeElement !== null && document.activeElement.matches({})",
            json!(selector)
        );
        for _ in 0..40 {
            if self.evaluate(&there).await?.as_bool() == Some(true) {
                return Ok(());
            }
            self.key("Tab").await?;
        }
        bail!("the keyboard does not reach {selector}")
    }

    /// Whether pages may run scripts from their next load on.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn scripts(&self, enabled: bool) -> Result<()> {
        self.command(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": !enabled}),
        )
        .await
        .map(drop)
    }

    /// What the person prefers: dark colours or light ones.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn prefer_dark(&self, dark: bool) -> Result<()> {
        let value = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": value}, {"name": "prefers-reduced-motion", "value": "reduce"}]);
        self.command("Emulation.setEmulatedMedia", json!({"features": features}))
            .await
            .map(drop)
    }

    /// The size of the window in CSS pixels; below 500 it is a phone.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn size(&self, width: u32, height: u32) -> Result<()> {
        let parameters = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.command("Emulation.setDeviceMetricsOverride", parameters)
            .await
            .map(drop)
    }

    /// Writes the visible part of the page as a PNG file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        let answer = self
            .command("Page.captureScreenshot", json!({"format": "png"}))
            .await?;
        let data = answer
            .get("data")
            .and_then(Value::as_str)
            .context("a screenshot without data")?;
        let bytes = STANDARD.decode(data).context("a screenshot is base64")?;
        std::fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
    }

    /// How many seconds the cookie of `address` whose name begins like this still lives; `None` if it goes with the window.
    ///
    /// # Errors
    /// When there is no such cookie, or the browser is gone.
    pub async fn cookie_lives(&self, address: &str, name: &str) -> Result<Option<f64>> {
        let answer = self
            .command("Network.getCookies", json!({"urls": [address]}))
            .await?;
        let all = answer.get("cookies").and_then(Value::as_array);
        let begins = |cookie: &&Value| {
            let found = cookie.get("name").and_then(Value::as_str);
            found.is_some_and(|found| found.starts_with(name))
        };
        let cookie = all.into_iter().flatten().find(begins);
        let cookie = cookie.with_context(|| format!("no cookie {name}…"))?;
        let ends = cookie.get("expires").and_then(Value::as_f64);
        let now = self.evaluate("Date.now() / 1000").await?;
        let lives = |ends| ends - now.as_f64().unwrap_or_default();
        Ok(ends.filter(|ends| *ends > 0.0).map(lives))
    }

    /// Runs the accessibility checker on the page as it is.
    ///
    /// # Errors
    /// When the checker's script is missing (`cargo xtask test` fetches it) or fails.
    pub async fn accessibility(&self) -> Result<Vec<Violation>> {
        let script = crate::folder::target()?.join("tools/axe/package/axe.min.js");
        let source = std::fs::read_to_string(&script).with_context(|| {
            format!(
                "{} is missing: `cargo xtask test` fetches it",
                script.display()
            )
        })?;
        // Evaluated by the debugger, which no content security policy stops; the page's own policy stays as it is.
        self.evaluate(&format!("(() => {{ {source}; }})()")).await?;
        let found = self
            .evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
            .await?;
        let list = found.as_array().context("the checker answered no list")?;
        Ok(list.iter().map(violation).collect())
    }

    /// What the console, uncaught errors and the browser's own log complained about since the page was attached.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let thrown = self
            .connection
            .events_since(&self.session, 0, "Runtime.exceptionThrown");
        let logged = self
            .connection
            .events_since(&self.session, 0, "Log.entryAdded");
        let from_log = logged.iter().filter_map(|event| {
            let entry = event.parameters.get("entry")?;
            (entry.get("level")?.as_str()? == "error").then(|| {
                format!(
                    "{} {}",
                    entry.get("text").unwrap_or(&Value::Null),
                    entry.get("url").unwrap_or(&Value::Null)
                )
            })
        });
        let from_code = thrown.iter().filter_map(|event| {
            event
                .parameters
                .get("exceptionDetails")
                .map(Value::to_string)
        });
        from_code.chain(from_log).collect()
    }

    /// Lets no script of the coming pages wait for longer than a moment: what goes on by itself after seconds stays.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn stop_timers(&self) -> Result<()> {
        let source = "{ const later = setTimeout; window.setTimeout = (job, wait, ...rest) => later(job, wait >= 1000 ? 1e9 : wait, ...rest); }";
        self.command(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": source}),
        )
        .await
        .map(drop)
    }

    /// A mark in the stream of events, for [`Self::event_since`].
    #[must_use]
    pub fn mark(&self) -> usize {
        self.connection.mark()
    }

    /// The events with this name since the page was attached.
    pub(crate) fn events(&self, method: &str) -> Vec<Event> {
        self.connection.events_since(&self.session, 0, method)
    }

    /// Waits for an event after the mark.
    ///
    /// # Errors
    /// When it does not arrive in time.
    pub async fn event_since(&self, mark: usize, method: &str) -> Result<Event> {
        self.connection
            .event_since(&self.session, mark, method, PATIENCE)
            .await
    }
}

fn violation(value: &Value) -> Violation {
    let word = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let nodes = value
        .get("nodes")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let elements = nodes
        .iter()
        .map(|node| {
            let target = node
                .pointer("/target/0")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let reason = node
                .get("failureSummary")
                .and_then(Value::as_str)
                .unwrap_or_default();
            format!("{target}: {}", reason.replace('\n', " "))
        })
        .collect();
    Violation {
        rule: word("id"),
        impact: word("impact"),
        elements,
    }
}

/// The first element of a selector that a person can see.
const VISIBLE: &str = "const visible = selector => [...document.querySelectorAll(selector)].find(it => it.checkVisibility({visibilityProperty: true}) && it.getClientRects().length > 0) ?? null;";

/// The first visible button or link whose text or accessible name is the label.
const LABELLED: &str = "const labelled = label => [...document.querySelectorAll('a, button, summary, input[type=submit], [role=button]')].find(it => it.checkVisibility({visibilityProperty: true}) && [it.innerText, it.value, it.getAttribute('aria-label')].some(text => (text ?? '').trim().replace(/\\s+/g, ' ') === label)) ?? null;";

/// Scrolls `it` into view and answers its middle, or what covers it.
const MIDDLE: &str = "it.scrollIntoView({block: 'center', behavior: 'instant'}); const box = it.getBoundingClientRect(); const x = box.x + box.width / 2, y = box.y + box.height / 2; const top = document.elementFromPoint(x, y); return it === top || it.contains(top) || (top && top.contains(it)) || it.labels?.length && [...it.labels].some(l => l.contains(top)) ? {x, y} : {cover: top ? top.outerHTML.slice(0, 200) : 'nothing'};";
