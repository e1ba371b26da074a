//! Values that travel through a browser and come back unread and unchanged: challenges and sign-in contexts.
//!
//! Sealed with AES-256-GCM. Associated data is `purpose ‖ tenant`, so a value sealed for one purpose or tenant opens
//! for no other. Each message has its own key: HMAC-SHA-256(seal key, 16 random bytes), which lifts the 2^32 bound that
//! random 96-bit nonces put on a single GCM key.
//!
//! Layout: key number (4) ‖ salt (16) ‖ nonce (12) ‖ ciphertext ‖ tag (16).

use std::fmt;
use std::sync::{Arc, RwLock};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::model::{KeyId, TenantId};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::clock::Random;

const NUMBER: usize = 4;
const SALT: usize = 16;
const NONCE: usize = 12;
const TAG: usize = 16;
const HEAD: usize = NUMBER + SALT + NONCE;

/// Bytes a seal adds to what it seals.
pub const OVERHEAD: usize = HEAD + TAG;

/// What a sealed value is for; part of the associated data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A WebAuthn challenge.
    Challenge,
    /// Where a sign-in leads: an authorization request or a page of ours.
    SignInContext,
    /// An answer that a page delivers to a client (`form_post`).
    Delivery,
    /// A registration that waits for its name.
    Enrolment,
    /// Where a finished sign-in goes on, while the browser may make a passkey.
    Onward,
    /// An authorization request that its client pushed.
    PushedRequest,
    /// A device whose code was typed, on its way through the question.
    DeviceCode,
    /// The token of a notice's link, on its way to the one who gets it.
    NoticeLink,
    /// What a browser opens when its person signs out.
    SigningOut,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Challenge => b"keyward challenge v1",
            Self::SignInContext => b"keyward sign-in context v1",
            Self::Delivery => b"keyward delivery v1",
            Self::Enrolment => b"keyward enrolment v1",
            Self::Onward => b"keyward onward v1",
            Self::PushedRequest => b"keyward pushed request v1",
            Self::DeviceCode => b"keyward device code v1",
            Self::NoticeLink => b"keyward notice link v1",
            Self::SigningOut => b"keyward signing out v1",
        }
    }
}

/// A value did not open: cut, changed, for another purpose or tenant, or its key is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value does not open")]
pub struct Broken;

/// The seal keys of this process, newest last. Cheap to clone.
#[derive(Clone)]
pub struct Sealer(Arc<RwLock<Vec<SealKey>>>);

/// One seal key as the store hands it out.
pub struct SealKey {
    number: u32,
    key: hmac::Key,
}

impl SealKey {
    /// The key `id` with its 32 secret bytes. The number in sealed values is the random tail of the id.
    pub fn new(id: KeyId, secret: &[u8]) -> Self {
        let number = id
            .as_bytes()
            .last_chunk::<NUMBER>()
            .map_or(0, |tail| u32::from_be_bytes(*tail));
        Self {
            number,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }
}

impl Sealer {
    /// A sealer over `keys`; the last one seals, all of them open.
    pub fn new(keys: Vec<SealKey>) -> Self {
        Self(Arc::new(RwLock::new(keys)))
    }

    /// Replaces the keys, for example after a rotation by another node.
    pub fn replace(&self, keys: Vec<SealKey>) {
        let mut held = self
            .0
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        *held = keys;
    }

    /// Seals `plain` for `purpose` in `tenant`.
    pub fn seal(
        &self,
        purpose: Purpose,
        tenant: TenantId,
        plain: &[u8],
        random: &Random,
    ) -> Result<Vec<u8>, Broken> {
        let held = self
            .0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let newest = held.last().ok_or(Broken)?;
        let salt: [u8; SALT] = random.bytes();
        let nonce: [u8; NONCE] = random.bytes();
        let mut body = plain.to_vec();
        message_key(newest, &salt)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(aad(purpose, tenant)),
                &mut body,
            )
            .map_err(|_| Broken)?;
        let mut out = Vec::with_capacity(HEAD + body.len());
        out.extend_from_slice(&newest.number.to_be_bytes());
        out.extend_from_slice(&salt);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&body);
        Ok(out)
    }

    /// Opens what [`Sealer::seal`] made for the same purpose and tenant.
    pub fn open(
        &self,
        purpose: Purpose,
        tenant: TenantId,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Broken> {
        let (number, rest) = sealed.split_first_chunk::<NUMBER>().ok_or(Broken)?;
        let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or(Broken)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or(Broken)?;
        let held = self
            .0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let number = u32::from_be_bytes(*number);
        let key = held.iter().find(|key| key.number == number).ok_or(Broken)?;
        let mut body = Zeroizing::new(body.to_vec());
        let plain = message_key(key, salt)?
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(aad(purpose, tenant)),
                &mut body,
            )
            .map_err(|_| Broken)?
            .len();
        body.truncate(plain);
        Ok(body)
    }

    /// A tag over `value` that only this deployment can make; `label` keeps the uses apart.
    pub fn tag(&self, label: &[u8], value: &[u8]) -> Result<[u8; 32], Broken> {
        let held = self
            .0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        Ok(tag_with(held.last().ok_or(Broken)?, label, value))
    }

    /// True if [`Sealer::tag`] made `tag`, under any key still held. Constant in time for each key.
    pub fn tag_matches(&self, label: &[u8], value: &[u8], tag: &[u8]) -> bool {
        let held = self
            .0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        held.iter()
            .any(|key| tag_with(key, label, value).ct_eq(tag).into())
    }

    /// [`Sealer::seal`] over the JSON of `value`, as base64url text.
    pub fn seal_json<T: serde::Serialize>(
        &self,
        purpose: Purpose,
        tenant: TenantId,
        value: &T,
        random: &Random,
    ) -> Result<String, Broken> {
        let plain = serde_json::to_vec(value).map_err(|_| Broken)?;
        Ok(URL_SAFE_NO_PAD.encode(self.seal(purpose, tenant, &plain, random)?))
    }

    /// Opens what [`Sealer::seal_json`] made.
    pub fn open_json<T: serde::de::DeserializeOwned>(
        &self,
        purpose: Purpose,
        tenant: TenantId,
        sealed: &str,
    ) -> Result<T, Broken> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Broken)?;
        let plain = self.open(purpose, tenant, &sealed)?;
        serde_json::from_slice(&plain).map_err(|_| Broken)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({}, ..)", self.number)
    }
}

fn message_key(key: &SealKey, salt: &[u8; SALT]) -> Result<LessSafeKey, Broken> {
    let tag = hmac::sign(&key.key, salt);
    UnboundKey::new(&AES_256_GCM, tag.as_ref())
        .map(LessSafeKey::new)
        .map_err(|_| Broken)
}

fn tag_with(key: &SealKey, label: &[u8], value: &[u8]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&key.key);
    // The message keys are tags of exactly sixteen bytes; this prefix keeps tags of values out of their range.
    context.update(b"keyward tag v1\0");
    context.update(label);
    context.update(b"\0");
    context.update(value);
    let mut out = [0u8; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

fn aad(purpose: Purpose, tenant: TenantId) -> Vec<u8> {
    let mut out = purpose.label().to_vec();
    out.push(0);
    out.extend_from_slice(tenant.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn tenant(byte: u8) -> TenantId {
        TenantId::from_bytes([byte; 16])
    }

    fn key(number: u8, secret: u8) -> SealKey {
        SealKey::new(KeyId::from_bytes([number; 16]), &[secret; 32])
    }

    fn sealer() -> Sealer {
        Sealer::new(vec![key(1, 7)])
    }

    #[test]
    fn what_was_sealed_opens() {
        let sealer = sealer();
        let sealed = sealer
            .seal(Purpose::Challenge, tenant(1), b"hello", &Random::system())
            .unwrap();
        assert_eq!(sealed.len(), 5 + OVERHEAD);
        assert_eq!(
            &sealer.open(Purpose::Challenge, tenant(1), &sealed).unwrap()[..],
            b"hello"
        );
    }

    #[test]
    fn another_purpose_does_not_open() {
        let sealer = sealer();
        let sealed = sealer
            .seal(Purpose::Challenge, tenant(1), b"hello", &Random::system())
            .unwrap();
        assert_eq!(
            sealer
                .open(Purpose::SignInContext, tenant(1), &sealed)
                .unwrap_err(),
            Broken
        );
    }

    #[test]
    fn another_tenant_does_not_open() {
        let sealer = sealer();
        let sealed = sealer
            .seal(Purpose::Challenge, tenant(1), b"hello", &Random::system())
            .unwrap();
        assert_eq!(
            sealer
                .open(Purpose::Challenge, tenant(2), &sealed)
                .unwrap_err(),
            Broken
        );
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let sealer = sealer();
        let sealed = sealer
            .seal(Purpose::Challenge, tenant(1), b"hello", &Random::system())
            .unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            if let Some(byte) = changed.get_mut(at) {
                *byte ^= 1;
            }
            assert_eq!(
                sealer
                    .open(Purpose::Challenge, tenant(1), &changed)
                    .unwrap_err(),
                Broken
            );
            let cut = sealed.get(..at).unwrap();
            assert_eq!(
                sealer.open(Purpose::Challenge, tenant(1), cut).unwrap_err(),
                Broken
            );
        }
    }

    #[test]
    fn a_tag_holds_for_its_label_and_value_only() {
        let sealer = sealer();
        let tag = sealer.tag(b"csrf", b"value").unwrap();
        assert!(sealer.tag_matches(b"csrf", b"value", &tag));
        assert!(!sealer.tag_matches(b"csrf", b"other", &tag));
        assert!(!sealer.tag_matches(b"else", b"value", &tag));
        assert!(!sealer.tag_matches(b"csrf", b"value", tag.get(..31).unwrap()));
    }

    #[test]
    fn an_old_key_still_opens_after_rotation_and_a_forgotten_one_does_not() {
        let sealer = sealer();
        let sealed = sealer
            .seal(Purpose::Challenge, tenant(1), b"hello", &Random::system())
            .unwrap();
        sealer.replace(vec![key(1, 7), key(2, 8)]);
        assert!(sealer.open(Purpose::Challenge, tenant(1), &sealed).is_ok());
        sealer.replace(vec![key(2, 8)]);
        assert_eq!(
            sealer
                .open(Purpose::Challenge, tenant(1), &sealed)
                .unwrap_err(),
            Broken
        );
    }
}
