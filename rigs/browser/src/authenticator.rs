//! Virtual authenticators of Chromium.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::page::Page;

/// What the authenticator is, as the relying party sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A platform authenticator whose passkeys stay on the device (BE=0, BS=0).
    DeviceBound,
    /// A platform authenticator whose passkeys are synced (BE=1, BS=1).
    Synced,
    /// A security key on USB with a PIN.
    SecurityKey,
}

/// A virtual authenticator of one page. It holds at most three discoverable credentials.
#[derive(Debug, Clone)]
pub struct VirtualAuthenticator {
    page: Page,
    id: String,
}

/// One credential as the authenticator keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// base64url without padding, as in WebAuthn's JSON.
    pub id: String,
    /// The relying party it was made for.
    pub rp_id: String,
    /// Which flags it was made with.
    pub backup_eligible: bool,
    /// As [`Self::backup_eligible`].
    pub backed_up: bool,
    /// Its signature counter.
    pub sign_count: u64,
    /// `user.name`, which the Signal API can change.
    pub user_name: String,
    /// `user.displayName`, which the Signal API can change.
    pub user_display_name: String,
}

impl VirtualAuthenticator {
    /// Plugs a new authenticator into the page. Whoever has one has a finger on it: user presence and verification succeed at once.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn plug_in(page: &Page, kind: Kind) -> Result<Self> {
        page.command("WebAuthn.enable", json!({"enableUI": false}))
            .await?;
        let synced = kind == Kind::Synced;
        let options = json!({
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": if kind == Kind::SecurityKey { "usb" } else { "internal" },
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "automaticPresenceSimulation": true,
            "defaultBackupEligibility": synced,
            "defaultBackupState": synced,
        });
        let answer = page
            .command(
                "WebAuthn.addVirtualAuthenticator",
                json!({"options": options}),
            )
            .await?;
        let id = answer
            .get("authenticatorId")
            .and_then(Value::as_str)
            .context("the authenticator has no id")?;
        Ok(Self {
            page: page.clone(),
            id: id.to_owned(),
        })
    }

    /// Plugs a new synced authenticator into the page, from whose browser a silent registration (`mediation: "conditional"`) gets
    /// what an ordinary one gets.
    ///
    /// Chromium leaves silent registrations to its own password manager, which needs a Google account: to a virtual authenticator
    /// they never come, with or without a window, with or without a stored password. So this one edge is a stub, and only
    /// the mediation is taken out: the request, the passkey and the answer are real.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn plug_in_provider(page: &Page) -> Result<Self> {
        page.command(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": SILENTLY}),
        )
        .await?;
        Self::plug_in(page, Kind::Synced).await
    }

    /// Whether requests go through the browser's own window to pick an account. With it, a silent registration is refused at once,
    /// as in a browser that keeps no password for the page; without it, Chromium never answers one.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn with_window(page: &Page, shown: bool) -> Result<()> {
        page.command("WebAuthn.enable", json!({"enableUI": shown}))
            .await
            .map(drop)
    }

    /// Unplugs it; its credentials are gone.
    ///
    /// # Errors
    /// When it is not plugged in.
    pub async fn unplug(self) -> Result<()> {
        self.command("WebAuthn.removeVirtualAuthenticator", json!({}))
            .await
            .map(drop)
    }

    /// Whether a touch is given at once. Without it every request waits for the person.
    ///
    /// # Errors
    /// When it is not plugged in.
    pub async fn touch_at_once(&self, enabled: bool) -> Result<()> {
        self.command(
            "WebAuthn.setAutomaticPresenceSimulation",
            json!({"enabled": enabled}),
        )
        .await
        .map(drop)
    }

    /// Whether user verification (fingerprint, PIN) succeeds.
    ///
    /// # Errors
    /// When it is not plugged in.
    pub async fn recognise_user(&self, recognised: bool) -> Result<()> {
        self.command(
            "WebAuthn.setUserVerified",
            json!({"isUserVerified": recognised}),
        )
        .await
        .map(drop)
    }

    /// What it holds.
    ///
    /// # Errors
    /// When it is not plugged in.
    pub async fn credentials(&self) -> Result<Vec<Credential>> {
        let answer = self.command("WebAuthn.getCredentials", json!({})).await?;
        let list = answer
            .get("credentials")
            .and_then(Value::as_array)
            .context("an answer without credentials")?;
        Ok(list.iter().map(credential).collect())
    }

    /// Removes a credential behind the relying party's back.
    ///
    /// # Errors
    /// When it does not hold that credential.
    pub async fn forget(&self, id: &str) -> Result<()> {
        let standard = STANDARD.encode(
            URL_SAFE_NO_PAD
                .decode(id)
                .context("a credential id is base64url")?,
        );
        self.command(
            "WebAuthn.removeCredential",
            json!({"credentialId": standard}),
        )
        .await
        .map(drop)
    }

    async fn command(&self, method: &str, mut parameters: Value) -> Result<Value> {
        if let Some(fields) = parameters.as_object_mut() {
            fields.insert("authenticatorId".to_owned(), self.id.clone().into());
        }
        self.page.command(method, parameters).await
    }
}

const SILENTLY: &str = r#"{
    const create = navigator.credentials.create.bind(navigator.credentials);
    navigator.credentials.create = ({ mediation, ...options }) =>
        create(mediation === "conditional" ? options : { mediation, ...options });
}"#;

fn credential(value: &Value) -> Credential {
    let word = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or_default();
    let id = STANDARD
        .decode(word("credentialId"))
        .map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
        .unwrap_or_default();
    Credential {
        id,
        rp_id: word("rpId"),
        backup_eligible: flag("backupEligibility"),
        backed_up: flag("backupState"),
        sign_count: value
            .get("signCount")
            .and_then(Value::as_u64)
            .unwrap_or_default(),
        user_name: word("userName"),
        user_display_name: word("userDisplayName"),
    }
}
