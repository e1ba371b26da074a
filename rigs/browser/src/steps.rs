//! What people do on Keyward's pages, in their words: sign in with a pass, make a passkey, read a refusal.

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use serde_json::Value;

use crate::page::Page;

/// An account of the demo's world.
#[derive(Debug, Clone)]
pub struct Account(Value);

/// What a page says when it refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The stable code.
    pub code: String,
    /// The id under which the log keeps it.
    pub correlation: String,
}

impl Account {
    /// An account as the world file describes it.
    #[must_use]
    pub const fn new(user: Value) -> Self {
        Self(user)
    }

    /// A text of the account: `userPrincipalName`, `password`, `temporaryAccessPass`, ….
    ///
    /// # Errors
    /// When the account has none.
    pub fn text(&self, name: &str) -> Result<&str> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .with_context(|| format!("the account has no {name}"))
    }

    /// Whether it holds this role.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        let roles = self.0.get("roles").and_then(Value::as_array);
        roles.is_some_and(|roles| roles.iter().any(|held| held.as_str() == Some(role)))
    }

    /// Whether it signs in with a password and one-time codes and administers nothing.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let roles = self.0.get("roles").and_then(Value::as_array);
        self.has("password") && self.has("totpSecret") && roles.is_none_or(Vec::is_empty)
    }

    /// Whether it can sign in with this.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }
}

/// On the first sign-in page.
impl Page {
    /// Enters the user name and goes on to the password page.
    ///
    /// # Errors
    /// When the page does not do as told; so of all steps.
    pub async fn enter_username(&self, account: &Account) -> Result<()> {
        self.fill("#username", account.text("userPrincipalName")?)
            .await?;
        self.press_on("Next").await?;
        self.wait_for("#password").await
    }

    /// Signs in with the Temporary Access Pass, up to whatever comes then.
    ///
    /// # Errors
    /// As above.
    pub async fn use_pass(&self, account: &Account) -> Result<()> {
        self.enter_username(account).await?;
        self.press_on("Use a Temporary Access Pass").await?;
        self.fill("#pass", account.text("temporaryAccessPass")?)
            .await?;
        self.press_on("Sign in").await
    }

    /// Signs in with the password, up to whatever comes then.
    ///
    /// # Errors
    /// As above.
    pub async fn use_password(&self, account: &Account) -> Result<()> {
        self.enter_username(account).await?;
        self.fill("#password", account.text("password")?).await?;
        self.press_on("Sign in").await
    }

    /// Enters the code of the account's authenticator app at this moment.
    ///
    /// # Errors
    /// As above.
    pub async fn enter_code(&self, account: &Account) -> Result<()> {
        self.enter_code_of_step(account, 0).await
    }

    /// Enters the code that comes next, which a server accepts for a clock that is a little slow. A code works once, so this is
    /// for a second sign-in that should not wait half a minute.
    ///
    /// # Errors
    /// As above.
    pub async fn enter_next_code(&self, account: &Account) -> Result<()> {
        self.enter_code_of_step(account, 1).await
    }

    /// Enters the oldest code that the server takes and that is newer than `last`, and answers its time step. Where that is
    /// none yet, it waits for the half minute to end.
    ///
    /// # Errors
    /// As above.
    pub async fn enter_unused_code(&self, account: &Account, last: i64) -> Result<i64> {
        let step = "Math.floor(Date.now() / 30000)";
        self.wait_for("#code").await?;
        self.wait_until(&format!("{step} + 1 > {last}")).await?;
        let now = self.evaluate(step).await?;
        let now = now.as_i64().context("a time step is a number")?;
        let step = (now - 1).max(last + 1);
        self.enter_code_of_step(account, step - now).await?;
        Ok(step)
    }

    async fn enter_code_of_step(&self, account: &Account, later: i64) -> Result<()> {
        let secret = account.text("totpSecret")?;
        self.wait_for("#code").await?;
        let code = self.evaluate(&totp_script(secret, later)?).await?;
        self.fill("#code", code.as_str().context("a code is text")?)
            .await?;
        self.press_on("Verify").await
    }

    /// Makes a passkey on the page that offers it, and names it.
    ///
    /// # Errors
    /// As above.
    pub async fn make_passkey(&self, name: &str) -> Result<()> {
        self.click("[data-passkey-register] [data-passkey-button]")
            .await?;
        self.fill("#name", name).await?;
        let labels = "[...document.querySelectorAll('main button')].filter(it => it.checkVisibility()).map(it => it.innerText.trim())";
        let buttons = self.evaluate(labels).await?;
        let save = ["Save and continue", "Save"];
        let found = save.into_iter().find(|label| {
            buttons
                .as_array()
                .is_some_and(|all| all.iter().any(|text| text.as_str() == Some(label)))
        });
        self.press_on(found.context("a page to name a passkey has a button to save")?)
            .await
    }

    /// Waits for a refusal, on a page of its own or in the alert of a ceremony.
    ///
    /// # Errors
    /// When none is shown.
    pub async fn refused(&self) -> Result<Refused> {
        let shown = "(() => { const codes = [...document.querySelectorAll('main .code')].filter(it => it.checkVisibility() && it.innerText.trim()).map(it => it.innerText.trim()); return codes.length >= 2 ? codes : null; })()";
        self.wait_until(&format!("{shown} !== null")).await?;
        let found = self.evaluate(shown).await?;
        let text = |index: usize| found.get(index).and_then(Value::as_str).map(str::to_owned);
        match (text(0), text(1)) {
            (Some(code), Some(correlation)) => Ok(Refused { code, correlation }),
            _ => bail!("the refusal shows no code and correlation id"),
        }
    }
}

/// RFC 6238 with SHA-1, 30 seconds, six digits, computed in the browser: it has a clock and an HMAC.
fn totp_script(base32: &str, later: i64) -> Result<String> {
    let key = decode_base32(base32).context("the secret is base32")?;
    let key = base64::engine::general_purpose::STANDARD.encode(key);
    Ok(format!(
        "(async () => {{
            const raw = Uint8Array.from(atob('{key}'), c => c.charCodeAt(0));
            const key = await crypto.subtle.importKey('raw', raw, {{name: 'HMAC', hash: 'SHA-1'}}, false, ['sign']);
            const counter = new DataView(new ArrayBuffer(8));
            counter.setUint32(4, Math.floor(Date.now() / 30000) + ({later}));
            const mac = new DataView(await crypto.subtle.sign('HMAC', key, counter.buffer));
            const at = mac.getUint8(19) & 15;
            return String((mac.getUint32(at) & 0x7fffffff) % 1000000).padStart(6, '0');
        }})()"
    ))
}

fn decode_base32(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|letter| !b"= ".contains(letter)) {
        let value = match letter.to_ascii_uppercase() {
            upper @ b'A'..=b'Z' => upper - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::decode_base32;

    #[test]
    fn base32_is_read_as_authenticator_apps_do() {
        assert_eq!(
            decode_base32("GEZD GNBV gy3tqojq").as_deref(),
            Some(b"1234567890".as_slice())
        );
        assert_eq!(decode_base32("GEZ1"), None);
    }
}
