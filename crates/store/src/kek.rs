//! The key-encryption key: what turns a stolen database into noise.
//!
//! 32 bytes from a file that only the server's account may read; never in the database. From it are
//! derived, each by HMAC-SHA-256 over its own label: the wrapping key, the key that makes nonces,
//! the pepper of Temporary Access Passes and the key of refresh rotation.

use crate::StoreError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{constant_time, hmac};
use policy::model::{SecretBytes, TenantId};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;
use zeroize::Zeroize as _;

const NONCE: usize = 12;
/// Format byte of a wrapped value, so that another construction can follow.
const WRAP_V1: u8 = 1;

/// The key-encryption key and its derived keys.
pub struct Kek {
    wrap: LessSafeKey,
    nonce: hmac::Key,
    pass: hmac::Key,
    rotation: hmac::Key,
    fingerprint: [u8; 32],
}

impl Kek {
    /// Derives everything from 32 random bytes.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`] if the library refuses the key.
    pub fn from_bytes(mut bytes: [u8; 32]) -> Result<Self, StoreError> {
        let root = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        bytes.zeroize();
        let wrap = UnboundKey::new(&AES_256_GCM, derive(&root, "wrap").as_ref())
            .map_err(|_| StoreError::WrongKey)?;
        Ok(Self {
            wrap: LessSafeKey::new(wrap),
            nonce: subkey(&root, "nonce"),
            pass: subkey(&root, "temporary access pass"),
            rotation: subkey(&root, "refresh rotation"),
            fingerprint: to_array(&derive(&root, "fingerprint")),
        })
    }

    /// Reads the key file, or makes it from `random` with mode 0600 if there is none.
    ///
    /// # Errors
    /// [`StoreError::KeyFile`] if it is not 32 bytes long or others can read it.
    pub fn load_or_create(path: &Path, mut random: [u8; 32]) -> Result<Self, StoreError> {
        match create(path, &random) {
            Ok(()) => Self::from_bytes(random),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                random.zeroize();
                Self::load(path)
            }
            Err(error) => Err(StoreError::KeyFile(format!("{}: {error}", path.display()))),
        }
    }

    /// Reads an existing key file.
    ///
    /// # Errors
    /// [`StoreError::KeyFile`] if it is missing, not 32 bytes long, or others can read it.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        let named = |problem: &str| StoreError::KeyFile(format!("{}: {problem}", path.display()));
        let mut file = File::open(path).map_err(|error| named(&error.to_string()))?;
        if readable_by_others(&file) {
            return Err(named("others may read it; set its mode to 0600"));
        }
        let mut bytes = [0; 32];
        file.read_exact(&mut bytes)
            .map_err(|_| named("is not 32 bytes long"))?;
        if file.read(&mut [0]).map_or(true, |more| more > 0) {
            return Err(named("is not 32 bytes long"));
        }
        Self::from_bytes(bytes)
    }

    /// Says whether two keys are the same without saying what they are; kept in the database so
    /// that a wrong key file is found at the start.
    pub(crate) const fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    /// Encrypts `plain` so that it can be read only as this `purpose` of this `name` in this tenant.
    ///
    /// The nonce is an HMAC of what is bound and what is encrypted (a synthetic nonce): equal
    /// inputs give equal outputs, and different inputs never share a nonce.
    pub(crate) fn wrap(
        &self,
        tenant: &[u8; 16],
        purpose: &str,
        name: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let aad = bound(tenant, purpose, name);
        let nonce = self.synthetic_nonce(&aad, plain);
        let mut sealed = plain.to_vec();
        self.wrap
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&aad),
                &mut sealed,
            )
            .map_err(|_| StoreError::Damaged("a value to wrap"))?;
        let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
        out.push(WRAP_V1);
        out.extend_from_slice(&nonce);
        out.append(&mut sealed);
        Ok(out)
    }

    /// Decrypts what [`Kek::wrap`] made with the same tenant, purpose and name.
    pub(crate) fn unwrap(
        &self,
        tenant: &[u8; 16],
        purpose: &'static str,
        name: &[u8],
        wrapped: &[u8],
    ) -> Result<SecretBytes, StoreError> {
        let damaged = StoreError::Damaged(purpose);
        let Some((&WRAP_V1, rest)) = wrapped.split_first() else {
            return Err(damaged);
        };
        let Some((nonce, sealed)) = rest.split_first_chunk::<NONCE>() else {
            return Err(damaged);
        };
        let aad = bound(tenant, purpose, name);
        let mut buffer = sealed.to_vec();
        let Ok(plain) = self.wrap.open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(&aad),
            &mut buffer,
        ) else {
            return Err(damaged);
        };
        let length = plain.len();
        buffer.truncate(length);
        Ok(SecretBytes::new(buffer))
    }

    /// What is kept of a Temporary Access Pass: an HMAC under the pepper, bound to tenant and pass.
    pub(crate) fn pass_mac(&self, tenant: TenantId, pass: &[u8; 16], code: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.pass);
        context.update(tenant.as_bytes());
        context.update(pass);
        context.update(code.as_bytes());
        to_array(&context.sign())
    }

    /// The successor of a refresh token: the same each time it is asked for, and not to be
    /// computed from the database or from the token alone.
    pub(crate) fn successor(&self, grant: &[u8; 16], token: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.rotation);
        context.update(grant);
        context.update(token);
        to_array(&context.sign())
    }

    fn synthetic_nonce(&self, aad: &[u8], plain: &[u8]) -> [u8; NONCE] {
        let mut context = hmac::Context::with_key(&self.nonce);
        context.update(aad);
        context.update(plain);
        let tag = context.sign();
        let mut nonce = [0; NONCE];
        for (to, from) in nonce.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        nonce
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kek(…)")
    }
}

/// Compares two MACs in constant time.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// Length-prefixed, so that no two triples look alike.
fn bound(tenant: &[u8; 16], purpose: &str, name: &[u8]) -> Vec<u8> {
    let mut aad = Vec::with_capacity(16 + 8 + purpose.len() + name.len());
    aad.extend_from_slice(tenant);
    aad.extend_from_slice(&(purpose.len() as u64).to_be_bytes());
    aad.extend_from_slice(purpose.as_bytes());
    aad.extend_from_slice(&(name.len() as u64).to_be_bytes());
    aad.extend_from_slice(name);
    aad
}

fn derive(root: &hmac::Key, label: &str) -> hmac::Tag {
    hmac::sign(root, format!("keyward v1 {label}").as_bytes())
}

fn subkey(root: &hmac::Key, label: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, derive(root, label).as_ref())
}

fn to_array(tag: &hmac::Tag) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    out
}

/// Writes beside and links into place: the file appears whole or not at all, and only once.
fn create(path: &Path, bytes: &[u8; 32]) -> std::io::Result<()> {
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    linked?;
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(unix)]
fn readable_by_others(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata()
        .map_or(true, |metadata| metadata.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
const fn readable_by_others(_file: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn kek(byte: u8) -> Kek {
        Kek::from_bytes([byte; 32]).unwrap()
    }

    #[test]
    fn a_wrapped_value_opens_only_where_it_belongs() {
        let wrapped = kek(1).wrap(&[7; 16], "totp", b"user", b"secret").unwrap();
        let open = |k: u8, tenant: u8, purpose, name: &[u8]| {
            kek(k)
                .unwrap(&[tenant; 16], purpose, name, &wrapped)
                .map(|s| s.expose().to_vec())
        };
        assert_eq!(open(1, 7, "totp", b"user").unwrap(), b"secret");
        assert!(open(2, 7, "totp", b"user").is_err(), "another key");
        assert!(open(1, 8, "totp", b"user").is_err(), "another tenant");
        assert!(open(1, 7, "seal", b"user").is_err(), "another purpose");
        assert!(open(1, 7, "totp", b"eve").is_err(), "another owner");
    }

    #[test]
    fn a_changed_byte_is_found() {
        let wrapped = kek(1).wrap(&[7; 16], "totp", b"user", b"secret").unwrap();
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            if let Some(byte) = changed.get_mut(at) {
                *byte ^= 1;
            }
            assert!(
                kek(1).unwrap(&[7; 16], "totp", b"user", &changed).is_err(),
                "byte {at}"
            );
        }
    }

    #[test]
    fn different_values_never_share_a_nonce() {
        let one = kek(1).wrap(&[7; 16], "totp", b"user", b"secret a").unwrap();
        let two = kek(1).wrap(&[7; 16], "totp", b"user", b"secret b").unwrap();
        assert_ne!(one.get(1..13), two.get(1..13));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_made_once_and_only_for_its_owner() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let folder = std::env::temp_dir().join(format!("keyward-kek-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("key");
        let _ = std::fs::remove_file(&path);
        let made = Kek::load_or_create(&path, [1; 32]).unwrap();
        let again = Kek::load_or_create(&path, [2; 32]).unwrap();
        assert_eq!(
            made.fingerprint(),
            again.fingerprint(),
            "the first one stands"
        );
        let metadata = std::fs::metadata(&path).unwrap();
        assert_eq!(metadata.mode() & 0o777, 0o600);
        assert_eq!(
            std::fs::read_dir(&folder).unwrap().count(),
            1,
            "nothing is left beside it"
        );

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(
            matches!(Kek::load(&path), Err(StoreError::KeyFile(_))),
            "others may read it"
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        for length in [0, 31, 33] {
            std::fs::write(&path, vec![1; length]).unwrap();
            assert!(
                matches!(Kek::load(&path), Err(StoreError::KeyFile(_))),
                "{length} bytes"
            );
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
