//! Password hashing: argon2id, 19 MiB, two passes, one lane, 32 bytes out (the OWASP minimum, about 25 ms on one core).

use std::sync::LazyLock;

use argon2::password_hash::phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use policy::model::PasswordHash;

use super::SecretText;
use crate::app::AppState;
use crate::workers::Busy;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT: usize = 16;

/// Shortest and longest password, in characters and bytes.
const SHORTEST: usize = 8;
const LONGEST: usize = 256;

/// Verified in place of the missing hash of an unknown user or of one without password: costs the same, never matches.
/// Its parameters are those of a real hash; salt and output are constants that no password is known for.
static DUMMY: LazyLock<PasswordHash> = LazyLock::new(|| {
    PasswordHash::new(format!(
        "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    ))
});

/// True if a person may choose this password: 8 to 256 long and not among the most guessed or made of one's own name.
pub fn is_acceptable(password: &SecretText, name: &str) -> bool {
    let text = password.expose();
    let lower = text.to_lowercase();
    let local = name.split('@').next().unwrap_or_default().to_lowercase();
    let distinct = lower
        .chars()
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    text.chars().count() >= SHORTEST
        && text.len() <= LONGEST
        && distinct >= 5
        && !(local.len() >= 4 && lower.contains(&local))
        && !MOST_GUESSED.contains(&lower.as_str())
}

/// Hashes a new password on a worker thread.
pub async fn hash(app: &AppState, password: SecretText) -> Result<PasswordHash, Busy> {
    let salt: [u8; SALT] = app.random.bytes();
    app.workers
        .password(move || hash_now(&password, &salt))
        .await?
        .ok_or(Busy)
}

/// Checks a password on a worker thread. Without a hash it works as long and says no.
pub async fn verify(
    app: &AppState,
    hash: Option<PasswordHash>,
    password: SecretText,
) -> Result<bool, Busy> {
    app.workers
        .password(move || match hash {
            Some(hash) => verify_now(&hash, &password),
            None => {
                verify_now(&DUMMY, &password);
                false
            }
        })
        .await
}

fn hasher() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &SecretText, salt: &[u8; SALT]) -> Option<PasswordHash> {
    let hash: phc::PasswordHash = hasher()?
        .hash_password_with_salt(password.expose().as_bytes(), salt)
        .ok()?;
    Some(PasswordHash::new(hash.to_string()))
}

fn verify_now(hash: &PasswordHash, password: &SecretText) -> bool {
    let text = password.expose();
    let bounded = if text.len() <= LONGEST { text } else { "" };
    let verified = hasher().is_some_and(|hasher| {
        hasher
            .verify_password(bounded.as_bytes(), hash.expose())
            .is_ok()
    });
    verified && !bounded.is_empty()
}

/// The head of every published list of guessed passwords that are eight or longer.
const MOST_GUESSED: [&str; 24] = [
    "password",
    "password1",
    "password123",
    "passw0rd",
    "p@ssw0rd",
    "12345678",
    "123456789",
    "1234567890",
    "qwertyuiop",
    "qwerty123",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "welcome1",
    "administrator",
    "letmein1",
    "trustno1",
    "changeme",
    "starwars",
    "superman",
];

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    #[test]
    fn the_right_password_verifies_and_a_wrong_one_does_not() {
        let hash = hash_now(&SecretText::new("correct horse"), &[1; SALT]).unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify_now(&hash, &SecretText::new("correct horse")));
        assert!(!verify_now(&hash, &SecretText::new("wrong horse")));
        assert!(!verify_now(&hash, &SecretText::new("")));
    }

    #[test]
    fn the_dummy_costs_a_real_verification() {
        let parsed = phc::PasswordHash::new(DUMMY.expose()).unwrap();
        let real = hash_now(&SecretText::new("x"), &[1; SALT]).unwrap();
        let real = phc::PasswordHash::new(real.expose()).unwrap();
        assert_eq!(parsed.params, real.params);
        assert_eq!(parsed.algorithm, real.algorithm);
        assert!(!verify_now(&DUMMY, &SecretText::new("x")));
    }

    #[test]
    fn an_endless_password_is_not_hashed() {
        let hash = hash_now(&SecretText::new("correct horse"), &[1; SALT]).unwrap();
        assert!(!verify_now(&hash, &SecretText::new("x".repeat(100_000))));
    }

    #[test]
    fn easily_guessed_passwords_are_refused() {
        let acceptable = |text: &str| is_acceptable(&SecretText::new(text), "grace@a.example");
        assert!(acceptable("a small green boat"));
        for bad in [
            "short",
            "password123",
            "Passw0rd",
            "aaaaaaaaaaaa",
            "Grace-2026!",
            &"long".repeat(100),
        ] {
            assert!(!acceptable(bad), "{bad}");
        }
    }
}
