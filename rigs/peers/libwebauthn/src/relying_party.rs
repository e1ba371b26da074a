//! A relying party of the simplest kind: one person, ES256, no attestation. It shares no code with Keyward.

use anyhow::{Context as _, Result, ensure};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::DecodePublicKey as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::cell::Cell;

pub const ORIGIN: &str = "https://login.example.com";
const ID: &str = "login.example.com";
const USER: [u8; 4] = [1, 2, 3, 4];
const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const ATTESTED: u8 = 1 << 6;

/// What it keeps of a registration.
#[derive(Debug)]
pub struct Passkey {
    id: String,
    key: VerifyingKey,
}

/// It counts instead of throwing dice: only that each challenge is another one matters here.
#[derive(Debug, Default)]
pub struct RelyingParty {
    challenges: Cell<u8>,
    /// That somebody was there is enough; else they must have been verified.
    pub presence_is_enough: bool,
}

impl RelyingParty {
    fn challenge(&self) -> String {
        self.challenges.set(self.challenges.get() + 1);
        base64_url::encode(&[self.challenges.get(); 32])
    }

    /// Options of a registration, and the challenge in them.
    pub fn creation_options(&self) -> (String, String) {
        let challenge = self.challenge();
        let options = json!({
            "rp": { "id": ID, "name": "Example" },
            "user": { "id": base64_url::encode(&USER), "name": "anna", "displayName": "Anna" },
            "challenge": challenge,
            "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
            "timeout": 60000,
            "excludeCredentials": [],
            "authenticatorSelection": { "residentKey": "preferred", "userVerification": "required" },
            "attestation": "none",
        });
        (options.to_string(), challenge)
    }

    /// Options of a sign-in with this passkey or any.
    pub fn request_options(&self, passkey: Option<&Passkey>) -> (String, String) {
        let challenge = self.challenge();
        let allowed: Vec<Value> = passkey
            .iter()
            .map(|passkey| json!({ "type": "public-key", "id": passkey.id }))
            .collect();
        let options = json!({
            "challenge": challenge,
            "timeout": 60000,
            "rpId": ID,
            "allowCredentials": allowed,
            "userVerification": "required",
        });
        (options.to_string(), challenge)
    }

    /// Verifies a registration.
    pub fn registered(&self, credential: &Value, challenge: &str) -> Result<Passkey> {
        let response = &credential["response"];
        check_client_data(response, "webauthn.create", challenge)?;
        self.check_authenticator_data(&bytes(response, "authenticatorData")?, ATTESTED)?;
        let key = bytes(response, "publicKey")?;
        let id = credential["id"].as_str().context("no id")?;
        Ok(Passkey {
            id: id.to_owned(),
            key: VerifyingKey::from_public_key_der(&key)?,
        })
    }

    /// Verifies a sign-in. Who was not told which credential to use must say whose it is.
    pub fn signed_in(
        &self,
        credential: &Value,
        challenge: &str,
        passkey: &Passkey,
        named: bool,
    ) -> Result<()> {
        let response = &credential["response"];
        let client_data = check_client_data(response, "webauthn.get", challenge)?;
        let data = bytes(response, "authenticatorData")?;
        self.check_authenticator_data(&data, 0)?;
        ensure!(credential["id"] == passkey.id, "another credential");
        ensure!(
            named || bytes(response, "userHandle")? == USER,
            "another user handle"
        );
        let signature = Signature::from_der(&bytes(response, "signature")?)?;
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        passkey
            .key
            .verify(&signed, &signature)
            .context("the signature does not fit")
    }

    fn check_authenticator_data(&self, data: &[u8], attested: u8) -> Result<()> {
        let (hash, rest) = data.split_at_checked(32).context("too short")?;
        ensure!(
            *hash == *Sha256::digest(ID.as_bytes()),
            "another relying party"
        );
        let flags = *rest.first().context("no flags")?;
        ensure!(flags & PRESENT != 0, "nobody was there");
        ensure!(
            flags & VERIFIED != 0 || self.presence_is_enough,
            "the person was not verified"
        );
        ensure!(flags & BACKUP_ELIGIBLE == 0, "a key that can be copied");
        ensure!(flags & ATTESTED == attested, "attested where it should not");
        Ok(())
    }
}

fn bytes(response: &Value, member: &str) -> Result<Vec<u8>> {
    let text = response[member].as_str();
    let text = text.with_context(|| format!("no {member}"))?;
    base64_url::decode(text).map_err(|_| anyhow::anyhow!("{member} is not base64url"))
}

fn check_client_data(response: &Value, kind: &str, challenge: &str) -> Result<Vec<u8>> {
    let raw = bytes(response, "clientDataJSON")?;
    let data: Value = serde_json::from_slice(&raw)?;
    ensure!(data["type"] == kind, "client data of another ceremony");
    ensure!(data["challenge"] == challenge, "another challenge");
    ensure!(data["origin"] == ORIGIN, "another origin");
    Ok(raw)
}
