//! A person with a browser that has no screen: cookies, forms, and a software authenticator in the hand.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow, bail, ensure};
use keyward::cli::tour::SoftwareAuthenticator;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";

/// One browser. A clone is the same browser at this moment, as if its profile had been copied.
#[derive(Debug, Clone)]
pub struct Person {
    client: reqwest::Client,
    origin: String,
    cookies: BTreeMap<String, String>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    /// Where to go on, as a path of our own origin.
    pub location: Option<String>,
    /// The id under which the log keeps this request.
    pub correlation: String,
    pub body: String,
}

impl Person {
    pub fn new(client: &reqwest::Client, origin: &str) -> Self {
        Self {
            client: client.clone(),
            origin: origin.to_owned(),
            cookies: BTreeMap::new(),
        }
    }

    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        let request = self.client.get(self.address(path));
        self.send(request).await
    }

    /// Gets a page, following redirects inside our origin.
    pub async fn visit(&mut self, path: &str) -> Result<Answer> {
        let mut answer = self.get(path).await?;
        for _ in 0..5 {
            let Some(location) = answer.location.take() else {
                return Ok(answer);
            };
            answer = self.get(&location).await?;
        }
        bail!("{path} redirects for ever")
    }

    /// Posts a form, with the CSRF token and context of the page it stands on.
    pub async fn post_form(
        &mut self,
        path: &str,
        page: &Answer,
        fields: &[(&str, &str)],
    ) -> Result<Answer> {
        let csrf = page.hidden("csrf").context("a page without a csrf field")?;
        let context = page.hidden("ctx");
        let mut all = vec![("csrf", csrf)];
        all.extend(context.map(|context| ("ctx", context)));
        all.extend_from_slice(fields);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(all)
            .finish();
        let request = self
            .client
            .post(self.address(path))
            .header(CONTENT_TYPE, FORM)
            .body(form);
        self.send(request).await
    }

    async fn post_json(&mut self, path: &str, csrf: &str, body: &Value) -> Result<Answer> {
        let request = self
            .client
            .post(self.address(path))
            .header("x-csrf-token", csrf)
            .json(body);
        self.send(request).await
    }

    /// Signs in with the authenticator, without a user name. The answer is the one that acknowledged it, or the refusal.
    pub async fn sign_in(&mut self, authenticator: &mut SoftwareAuthenticator) -> Result<Answer> {
        let page = self.visit("/security-info").await?;
        let origin = self.origin.clone();
        self.ceremony(&page, |options| {
            authenticator
                .sign_in(options, &origin)
                .map_err(|error| anyhow!("{error}"))
        })
        .await
    }

    /// Makes a passkey on the page that offers it. The answer is the one that acknowledged it.
    pub async fn register(
        &mut self,
        page: &Answer,
        authenticator: &mut SoftwareAuthenticator,
    ) -> Result<Answer> {
        let made = self.register_unless_overtaken(page, authenticator).await?;
        made.context("the passkey was overtaken by a change of policies")
    }

    /// The same beside others who change policies; `None` if they did so in this very moment.
    pub async fn register_unless_overtaken(
        &mut self,
        page: &Answer,
        authenticator: &mut SoftwareAuthenticator,
    ) -> Result<Option<Answer>> {
        let origin = self.origin.clone();
        let answer = self
            .ceremony(page, |options| {
                authenticator
                    .register(options, &origin)
                    .map_err(|error| anyhow!("{error}"))
            })
            .await?;
        if answer.is_overtaken() {
            return Ok(None);
        }
        ensure!(
            answer.status.is_success(),
            "the passkey was refused: {}",
            answer.body
        );
        Ok(Some(answer))
    }

    /// Options, credential, answer: as the page's own script does it.
    async fn ceremony(
        &mut self,
        page: &Answer,
        respond: impl FnOnce(&Value) -> Result<Value>,
    ) -> Result<Answer> {
        let data = |name| {
            page.attribute(name)
                .with_context(|| format!("no {name} on the page: {}", page.body))
        };
        let (csrf, context) = (
            data("data-csrf")?,
            page.attribute("data-ctx").unwrap_or_default(),
        );
        let (begin, finish) = (data("data-options-url")?, data("data-finish-url")?);
        let options = self
            .post_json(begin, csrf, &json!({"ctx": context}))
            .await?;
        ensure!(options.status.is_success(), "no options: {}", options.body);
        let mut sealed: Value = serde_json::from_str(&options.body)?;
        let public_key = sealed
            .get_mut("publicKey")
            .map(Value::take)
            .context("options without publicKey")?;
        let credential = respond(&public_key)?;
        let fields = sealed.as_object_mut().context("options are an object")?;
        fields.remove("publicKey");
        fields.insert("ctx".to_owned(), context.into());
        fields.insert("credential".to_owned(), credential);
        self.post_json(finish, csrf, &sealed).await
    }

    fn address(&self, path: &str) -> String {
        format!(
            "{}{}",
            self.origin,
            path.strip_prefix(&self.origin).unwrap_or(path)
        )
    }

    async fn send(&mut self, request: RequestBuilder) -> Result<Answer> {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request
            .header(ORIGIN, &self.origin)
            .header(COOKIE, cookies.join("; "))
            .send()
            .await?;
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let (location, correlation) = (
            header(LOCATION.as_str()),
            header("x-correlation-id").unwrap_or_default(),
        );
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').context("a cookie without a value")?;
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let status = response.status();
        Ok(Answer {
            status,
            location,
            correlation,
            body: response.text().await?,
        })
    }
}

impl Answer {
    /// Refused because something else changed in the same moment. Nothing was written, and it may be tried again.
    pub fn is_overtaken(&self) -> bool {
        self.status == StatusCode::CONFLICT && self.body.contains("contended")
    }

    /// The id of the passkey that this answer acknowledges: the page that it leads to is the passkey's.
    pub fn passkey(&self) -> Result<String> {
        let answer: Value = serde_json::from_str(&self.body)?;
        let next = answer.get("next").and_then(Value::as_str);
        let id = next.and_then(|next| next.strip_prefix("/security-info/passkeys/"));
        let id = id.and_then(|rest| rest.split('/').next());
        Ok(id
            .context("the answer does not name the passkey")?
            .to_owned())
    }

    /// The text of the element with this id.
    pub fn text_of(&self, id: &str) -> Option<&str> {
        let (_, element) = self.body.split_once(&format!(r#"id="{id}""#))?;
        let (_, inside) = element.split_once('>')?;
        inside.split_once('<').map(|(text, _)| text)
    }

    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> Option<&str> {
        self.between(&format!(r#"name="{name}" value=""#))
    }

    /// The value of an attribute, at its first occurrence.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.between(&format!(r#"{name}=""#))
    }

    fn between(&self, start: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(start)?;
        rest.split_once('"').map(|(value, _)| value)
    }
}
