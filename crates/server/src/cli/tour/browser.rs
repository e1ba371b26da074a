//! A browser without a screen: cookies, redirects, forms, and the two requests of a WebAuthn ceremony.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use reqwest::{Client, RequestBuilder, header};
use serde_json::Value;
use url::Url;

use super::page::{Form, Page, Panel};
use super::person::Refused;

/// Redirects followed before it is called a loop.
const MOST_REDIRECTS: usize = 12;

/// One browser with its own cookies. A clone has the same cookies so far and shares the connections.
#[derive(Clone, Debug)]
pub struct Browser {
    http: Client,
    /// Cookies by origin and name.
    cookies: BTreeMap<(String, String), String>,
}

/// An answer, not yet followed anywhere.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Where it came from.
    pub url: Url,
    /// HTTP status.
    pub status: u16,
    /// Where it sends the browser.
    pub location: Option<Url>,
    /// The body.
    pub body: String,
}

impl Browser {
    /// A fresh browser. `http` must not follow redirects by itself.
    #[must_use]
    pub const fn new(http: Client) -> Self {
        Self {
            http,
            cookies: BTreeMap::new(),
        }
    }

    /// Opens an address and follows redirects to a page.
    ///
    /// # Errors
    /// If the network fails or redirects go round in a circle.
    pub async fn open(&mut self, url: &Url) -> anyhow::Result<Answer> {
        let answer = self.send(self.http.get(url.clone()), url).await?;
        self.follow(answer).await
    }

    /// Sends a form of a page and follows redirects to the next page.
    ///
    /// # Errors
    /// If the network fails or the form's address is none.
    pub async fn submit(&mut self, from: &Url, form: &Form) -> anyhow::Result<Answer> {
        let url = from.join(&form.action)?;
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form.fields)
            .finish();
        let request = self
            .http
            .post(url.clone())
            .header(header::ORIGIN, origin(from))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let answer = self.send(request, &url).await?;
        self.follow(answer).await
    }

    /// What a script of a page does: fetches the options of a ceremony.
    ///
    /// # Errors
    /// If the network fails or the answer is not JSON.
    pub async fn fetch_options(&mut self, from: &Url, panel: &Panel) -> anyhow::Result<Value> {
        let answer = self
            .post_json(
                from,
                &panel.options_url,
                &panel.csrf,
                &serde_json::json!({ "ctx": panel.ctx }),
            )
            .await?;
        answer.json()
    }

    /// What a script of a page does: sends the response of a ceremony. `extra` joins `ctx` and `credential`.
    ///
    /// # Errors
    /// If the network fails.
    pub async fn send_credential(
        &mut self,
        from: &Url,
        panel: &Panel,
        credential: &Value,
    ) -> anyhow::Result<Answer> {
        let body = serde_json::json!({ "ctx": panel.ctx, "credential": credential });
        self.post_json(from, &panel.finish_url, &panel.csrf, &body)
            .await
    }

    async fn post_json(
        &mut self,
        from: &Url,
        to: &str,
        csrf: &str,
        body: &Value,
    ) -> anyhow::Result<Answer> {
        let url = from.join(to)?;
        let request = self
            .http
            .post(url.clone())
            .header(header::ORIGIN, origin(from))
            .header(header::ACCEPT, "application/json")
            .header("x-csrf-token", csrf)
            .json(body);
        self.send(request, &url).await
    }

    async fn follow(&mut self, mut answer: Answer) -> anyhow::Result<Answer> {
        for _ in 0..MOST_REDIRECTS {
            let Some(next) = answer.location.clone() else {
                return Ok(answer);
            };
            answer = self.send(self.http.get(next.clone()), &next).await?;
        }
        bail!(
            "redirected {MOST_REDIRECTS} times, last to {}",
            answer.url.path()
        )
    }

    async fn send(&mut self, request: RequestBuilder, url: &Url) -> anyhow::Result<Answer> {
        let response = request
            .header(header::COOKIE, self.cookies_for(url))
            .send()
            .await
            .with_context(|| format!("{} did not answer", url.path()))?;
        for line in response.headers().get_all(header::SET_COOKIE) {
            self.keep(url, line.to_str()?);
        }
        let location = match response.headers().get(header::LOCATION) {
            Some(location) => Some(url.join(location.to_str()?)?),
            None => None,
        };
        let status = response.status().as_u16();
        Ok(Answer {
            url: url.clone(),
            status,
            location,
            body: response.text().await?,
        })
    }

    fn cookies_for(&self, url: &Url) -> String {
        let own = self
            .cookies
            .iter()
            .filter(|((origin, _), _)| *origin == self::origin(url));
        own.map(|((_, name), value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn keep(&mut self, url: &Url, line: &str) {
        let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
        let Some((name, value)) = pair.split_once('=') else {
            return;
        };
        let key = (origin(url), name.trim().to_owned());
        let expired = attributes
            .split(';')
            .any(|attribute| attribute.trim().eq_ignore_ascii_case("max-age=0"));
        if expired {
            self.cookies.remove(&key);
        } else {
            self.cookies.insert(key, value.trim().to_owned());
        }
    }
}

impl Answer {
    /// The page in the body.
    #[must_use]
    pub fn page(&self) -> Page {
        Page::read(&self.body)
    }

    /// The JSON in the body of an answer that succeeded.
    ///
    /// # Errors
    /// If it did not succeed, with the code of the refusal.
    pub fn json(&self) -> anyhow::Result<Value> {
        let value: Value = serde_json::from_str(&self.body)
            .with_context(|| format!("{} answered no JSON", self.url.path()))?;
        if self.status >= 400 {
            bail!(
                "{} was refused: {}",
                self.url.path(),
                value
                    .get("code")
                    .and_then(Value::as_str)
                    .unwrap_or("without a code")
            );
        }
        Ok(value)
    }

    /// Code, correlation id and sentence of a refused script request.
    ///
    /// # Errors
    /// If it was not refused, or without one of them.
    pub fn refusal(&self) -> anyhow::Result<Refused> {
        if self.status < 400 {
            bail!("{} was not refused", self.url.path());
        }
        let value: Value = serde_json::from_str(&self.body)?;
        let member = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Refused {
            code: member("code").context("the refusal has no code")?,
            correlation: member("correlationId").context("the refusal has no correlation id")?,
            message: member("message").context("the refusal says nothing")?,
        })
    }

    /// The form of the page that posts to an address ending in `action`.
    ///
    /// # Errors
    /// If there is none; the page's title and status say what is there instead.
    pub fn form(&self, action: &str) -> anyhow::Result<Form> {
        let form = self.page().form(|found| found.ends_with(action));
        form.with_context(|| {
            format!(
                "{} ({}) has no form for {action}",
                self.url.path(),
                self.status
            )
        })
    }

    /// The panel of the page with this marker.
    ///
    /// # Errors
    /// If there is none.
    pub fn panel(&self, marker: &str) -> anyhow::Result<Panel> {
        self.page()
            .panel(marker)
            .with_context(|| format!("{} ({}) has no {marker}", self.url.path(), self.status))
    }
}

/// `scheme://host:port`, as browsers write it.
#[must_use]
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::{Browser, Client, Url};

    #[test]
    fn cookies_stay_with_their_origin_and_leave_when_told() {
        let mut browser = Browser::new(Client::new());
        let here = Url::parse("http://localhost:1000/a").unwrap();
        let there = Url::parse("http://localhost:1001/a").unwrap();
        browser.keep(&here, "__Host-a=1; Path=/; Secure");
        browser.keep(&here, "b=2");
        assert_eq!(browser.cookies_for(&here), "__Host-a=1; b=2");
        assert_eq!(browser.cookies_for(&there), "");
        browser.keep(&here, "b=; Path=/; Max-Age=0");
        assert_eq!(browser.cookies_for(&here), "__Host-a=1");
    }
}
