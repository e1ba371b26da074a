//! Extensions (CTAP 2.2, section 12): credProtect, credBlob, largeBlobKey, minPinLength, hmac-secret and hmac-secret-mc.
//!
//! WebAuthn's `prf` has no message of its own here: the platform hashes its inputs with a label and sends them as the salts of
//! hmac-secret, so a secret that a page gets is never the one that an operating system unlocks a disk with.

mod hmac_secret;

use crate::authenticator_data::Outputs;
use crate::cbor::{Map, Value};
use crate::commands::Parameters;
use crate::env::{Approval, Capabilities, Credential, Env, Protection, Secret};
use crate::pin::settings::Settings;
use crate::session::Session;
use crate::status::Status;

pub(crate) use hmac_secret::Salts;

/// What goes into the store's derivation of a large blob key.
const LARGE_BLOB_LABEL: &[u8] = b"large blob key";

/// The extensions of getInfo.
pub(crate) fn names(capabilities: &Capabilities) -> Vec<&'static str> {
    let mut names = vec!["credProtect"];
    if capabilities.secrets && capabilities.issues_tokens() {
        names.extend(["hmac-secret", "hmac-secret-mc"]);
    }
    if capabilities.pin {
        names.push("minPinLength");
    }
    if capabilities.credential_blob > 0 {
        names.push("credBlob");
    }
    if capabilities.large_blobs > 0 && capabilities.secrets {
        names.push("largeBlobKey");
    }
    names
}

/// What a registration asks of the extensions. An extension that is not here is ignored, as the specification wants.
#[derive(Debug, Default)]
pub(crate) struct Registration {
    protection: Option<Protection>,
    blob: Option<Vec<u8>>,
    min_pin_length: bool,
    pub hmac_secret: bool,
    hmac_secret_mc: Option<Parameters>,
    pub large_blob_key: bool,
}

impl Registration {
    pub(crate) fn decode(map: Option<Parameters>) -> Result<Self, Status> {
        let Some(mut map) = map else {
            return Ok(Self::default());
        };
        let protection = match map.take("credProtect")? {
            None => None,
            Some(level) => Some(Protection::of_level(level).ok_or(Status::InvalidOption)?),
        };
        Ok(Self {
            protection,
            blob: map.take("credBlob")?,
            min_pin_length: map.take("minPinLength")?.unwrap_or(false),
            hmac_secret: map.take("hmac-secret")?.unwrap_or(false),
            hmac_secret_mc: map.take("hmac-secret-mc")?,
            large_blob_key: asked_for_key(map.take("largeBlobKey")?)?,
        })
    }

    /// Drops what this authenticator does not have, and refuses what contradicts itself.
    pub(crate) fn checked(
        &self,
        capabilities: &Capabilities,
        discoverable: bool,
    ) -> Result<Wanted<'_>, Status> {
        let names = names(capabilities);
        let has = |name| names.contains(&name);
        if self.large_blob_key && has("largeBlobKey") && !discoverable {
            return Err(Status::InvalidOption);
        }
        Ok(Wanted {
            registration: self,
            hmac_secret: self.hmac_secret && has("hmac-secret"),
            large_blob_key: self.large_blob_key && has("largeBlobKey"),
            min_pin_length: self.min_pin_length && has("minPinLength"),
            blob: self.blob.as_ref().filter(|_| has("credBlob")),
            blob_fits: discoverable
                && self
                    .blob
                    .as_ref()
                    .is_some_and(|blob| blob.len() <= capabilities.credential_blob),
        })
    }
}

/// The wishes of a registration that will be fulfilled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    registration: &'a Registration,
    pub hmac_secret: bool,
    pub large_blob_key: bool,
    min_pin_length: bool,
    blob: Option<&'a Vec<u8>>,
    blob_fits: bool,
}

impl Wanted<'_> {
    /// Whether the store must keep secrets beside the key.
    pub(crate) const fn needs_secrets(&self) -> bool {
        self.hmac_secret || self.large_blob_key
    }

    pub(crate) fn protection(&self) -> Protection {
        self.registration.protection.unwrap_or_default()
    }

    pub(crate) fn stored_blob(&self) -> Option<Vec<u8>> {
        self.blob.filter(|_| self.blob_fits).cloned()
    }

    /// The salts of hmac-secret-mc, which needs hmac-secret beside it.
    pub(crate) fn salts(
        &self,
        session: &mut Session,
        env: &mut impl Env,
    ) -> Result<Option<Salts>, Status> {
        match &self.registration.hmac_secret_mc {
            Some(input) if self.hmac_secret => Salts::open(input.clone(), session, env).map(Some),
            _ => Ok(None),
        }
    }

    /// What the authenticator data of the registration says.
    pub(crate) fn outputs(
        &self,
        rp_id: &str,
        sealed: Option<Vec<u8>>,
        env: &mut impl Env,
    ) -> Result<Outputs, Status> {
        let mut map = Map::new();
        if let Some(protection) = self.registration.protection {
            map.insert("credProtect".into(), protection.level().into());
        }
        if self.hmac_secret {
            map.insert("hmac-secret".into(), true.into());
        }
        if let Some(sealed) = sealed {
            map.insert("hmac-secret-mc".into(), sealed.into());
        }
        if self.blob.is_some() {
            map.insert("credBlob".into(), self.blob_fits.into());
        }
        if self.min_pin_length {
            let settings = Settings::load(env)?;
            // Only for those on the list: how long somebody's PIN must be is no business of every page.
            let mut listed = settings.min_pin_length_rp_ids.iter();
            if listed.any(|listed| listed == rp_id) {
                let length = Value::count(settings.min_pin_length);
                map.insert("minPinLength".into(), length);
            }
        }
        Ok(Outputs(map))
    }
}

/// What a sign-in asks of the extensions.
#[derive(Debug, Default)]
pub(crate) struct SignIn {
    blob: bool,
    hmac_secret: Option<Parameters>,
    pub large_blob_key: bool,
}

impl SignIn {
    pub(crate) fn decode(map: Option<Parameters>) -> Result<Self, Status> {
        let Some(mut map) = map else {
            return Ok(Self::default());
        };
        Ok(Self {
            blob: map.take("credBlob")?.unwrap_or(false),
            hmac_secret: map.take("hmac-secret")?,
            large_blob_key: asked_for_key(map.take("largeBlobKey")?)?,
        })
    }

    /// The inputs, opened. A secret is for somebody who is there.
    pub(crate) fn open(
        &self,
        present: bool,
        session: &mut Session,
        env: &mut impl Env,
    ) -> Result<Asked, Status> {
        let capabilities = env.capabilities();
        let names = names(&capabilities);
        let salts = match &self.hmac_secret {
            Some(_) if !names.contains(&"hmac-secret") => None,
            Some(_) if !present => return Err(Status::UnsupportedOption),
            Some(input) => Some(Salts::open(input.clone(), session, env)?),
            None => None,
        };
        Ok(Asked {
            salts,
            blob: self.blob && names.contains(&"credBlob"),
            large_blob_key: self.large_blob_key && names.contains(&"largeBlobKey"),
        })
    }
}

/// What a sign-in asked for and will get, also for the credentials that getNextAssertion fetches.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    salts: Option<Salts>,
    blob: bool,
    large_blob_key: bool,
}

impl Asked {
    /// What the authenticator data of the sign-in says.
    pub(crate) fn outputs(
        &self,
        credential: &Credential,
        approval: Approval,
        env: &mut impl Env,
    ) -> Result<Outputs, Status> {
        let mut map = Map::new();
        if self.blob {
            let blob = credential.blob.clone().unwrap_or_default();
            map.insert("credBlob".into(), blob.into());
        }
        if let Some(salts) = &self.salts
            && credential.has_hmac_secret
        {
            let sealed = salts.answer(&credential.key, approval.verified, env)?;
            map.insert("hmac-secret".into(), sealed.into());
        }
        Ok(Outputs(map))
    }

    pub(crate) fn large_blob_key(
        &self,
        credential: &Credential,
        env: &mut impl Env,
    ) -> Result<Option<[u8; 32]>, Status> {
        if self.large_blob_key && credential.has_large_blob_key {
            large_blob_key(credential, env).map(Some)
        } else {
            Ok(None)
        }
    }
}

/// The key that a credential's large blobs are encrypted with.
pub(crate) fn large_blob_key(
    credential: &Credential,
    env: &mut impl Env,
) -> Result<[u8; 32], Status> {
    Ok(env.derive(&credential.key, Secret::LargeBlob, LARGE_BLOB_LABEL)?)
}

// `largeBlobKey: false` has no meaning and is an error (section 12.3).
fn asked_for_key(value: Option<bool>) -> Result<bool, Status> {
    match value {
        Some(false) => Err(Status::InvalidOption),
        asked => Ok(asked.is_some()),
    }
}

/// Whether a credential may be found by this request (section 12.1).
pub(crate) fn may_be_found(credential: &Credential, verified: bool, by_identifier: bool) -> bool {
    match credential.protection {
        Protection::Optional => true,
        Protection::OptionalWithList => verified || by_identifier,
        Protection::Required => verified,
    }
}
