//! The keys that sign the heads of a tenant's trees: an Ed25519 and an ML-DSA-65 key together, of which both must sign.
//!
//! Whoever breaks one of the two algorithms has nothing. A key signs for ninety days; then it certifies the next one in a
//! statement, and its private half is destroyed, so that nobody can ever sign the past anew. All public halves stay, and so
//! an old checkpoint verifies as long as the chain from its key to the newest one does.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    ED25519, Ed25519KeyPair, KeyPair as _, ML_DSA_65, ML_DSA_65_SIGNING, PqdsaKeyPair,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use policy::model::{SecretBytes, TenantId, Timestamp};
use store::evidence::StoredKey;
use zeroize::Zeroizing;

use super::checkpoint::time_text;
use super::merkle::Hash;
use super::note::{Note, Signature};

/// Bytes of a private key: two seeds.
pub const SEEDS: usize = 64;
const ED25519_SEED: usize = 32;
const ML_DSA_SIGNATURE: usize = 3_309;
/// Signature types of signed notes: 1 is Ed25519; 0xff and a name is everything that has no number of its own.
const ED25519_TYPE: &[u8] = &[0x01];
const ML_DSA_TYPE: &[u8] = b"\xffkeyward ML-DSA-65";

/// The public halves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Ed25519, 32 bytes.
    pub ed25519: Hash,
    /// ML-DSA-65, 1,952 bytes.
    pub ml_dsa: Vec<u8>,
}

/// A key that can sign.
pub struct SigningKey {
    /// 1, 2, 3, …
    pub number: i64,
    /// When it began to sign.
    pub created: Timestamp,
    /// The public halves.
    pub public: PublicKey,
    ed25519: Ed25519KeyPair,
    ml_dsa: PqdsaKeyPair,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.number)
    }
}

/// A key that the chain leads to.
#[derive(Clone, Debug)]
pub struct KnownKey {
    /// 1, 2, 3, …
    pub number: i64,
    /// When it began to sign.
    pub from: Timestamp,
    /// When the next one took over.
    pub until: Option<Timestamp>,
    /// The public halves.
    pub public: PublicKey,
}

impl KnownKey {
    /// The public halves of a stored key.
    pub fn public_of(stored: &StoredKey) -> PublicKey {
        PublicKey {
            ed25519: stored.ed25519,
            ml_dsa: stored.ml_dsa.clone(),
        }
    }
}

/// Why a note is not signed by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefusal {
    /// Without an Ed25519 signature of this key.
    #[error("the Ed25519 signature is missing")]
    NoEd25519,
    /// Without an ML-DSA-65 signature of this key.
    #[error("the ML-DSA-65 signature is missing")]
    NoMlDsa,
    /// The Ed25519 signature is of another text.
    #[error("the Ed25519 signature is wrong")]
    Ed25519,
    /// The ML-DSA-65 signature is of another text.
    #[error("the ML-DSA-65 signature is wrong")]
    MlDsa,
}

impl SignatureRefusal {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoEd25519 => "ed25519_signature_missing",
            Self::NoMlDsa => "ml_dsa_signature_missing",
            Self::Ed25519 => "ed25519_signature_wrong",
            Self::MlDsa => "ml_dsa_signature_wrong",
        }
    }
}

/// The library could not make or use a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an evidence key cannot be used")]
pub struct KeyFault;

impl PublicKey {
    /// Names the pair in checkpoints: SHA-256 of both, Ed25519 first.
    pub fn fingerprint(&self) -> Hash {
        sha256(&[self.ed25519.as_slice(), &self.ml_dsa].concat())
    }

    /// Both signatures of this key under `name` are on the note.
    pub fn verify(&self, name: &str, note: &Note) -> Result<(), SignatureRefusal> {
        let of = |id| {
            let signatures = note.signatures().iter();
            signatures
                .filter(|line| line.name == name)
                .find(|line| line.key_id == id)
        };
        let ed25519 = of(key_id(name, ED25519_TYPE, &self.ed25519));
        let ml_dsa = of(key_id(name, ML_DSA_TYPE, &self.ml_dsa));
        let ed25519 = ed25519.ok_or(SignatureRefusal::NoEd25519)?;
        let ml_dsa = ml_dsa.ok_or(SignatureRefusal::NoMlDsa)?;
        UnparsedPublicKey::new(&ED25519, &self.ed25519)
            .verify(note.text().as_bytes(), &ed25519.bytes)
            .map_err(|_| SignatureRefusal::Ed25519)?;
        UnparsedPublicKey::new(&ML_DSA_65, &self.ml_dsa)
            .verify(note.text().as_bytes(), &ml_dsa.bytes)
            .map_err(|_| SignatureRefusal::MlDsa)
    }
}

impl SigningKey {
    /// The key behind two seeds.
    pub fn from_seeds(number: i64, created: Timestamp, seeds: &[u8]) -> Result<Self, KeyFault> {
        let (first, second) = seeds.split_at_checked(ED25519_SEED).ok_or(KeyFault)?;
        let ed25519 = Ed25519KeyPair::from_seed_unchecked(first).map_err(|_| KeyFault)?;
        let ml_dsa = PqdsaKeyPair::from_seed(&ML_DSA_65_SIGNING, second).map_err(|_| KeyFault)?;
        let public = PublicKey {
            ed25519: ed25519
                .public_key()
                .as_ref()
                .try_into()
                .map_err(|_| KeyFault)?,
            ml_dsa: ml_dsa.public_key().as_ref().to_vec(),
        };
        Ok(Self {
            number,
            created,
            public,
            ed25519,
            ml_dsa,
        })
    }

    /// Adds both signatures under `name`.
    pub fn sign(&self, name: &str, note: &mut Note) -> Result<(), KeyFault> {
        let text = note.text().as_bytes();
        let mut ml_dsa = vec![0; ML_DSA_SIGNATURE];
        let length = self.ml_dsa.sign(text, &mut ml_dsa).map_err(|_| KeyFault)?;
        ml_dsa.truncate(length);
        let ed25519 = self.ed25519.try_sign(text).map_err(|_| KeyFault)?;
        note.add(Signature {
            name: name.to_owned(),
            key_id: key_id(name, ED25519_TYPE, &self.public.ed25519),
            bytes: ed25519.as_ref().to_vec(),
        });
        note.add(Signature {
            name: name.to_owned(),
            key_id: key_id(name, ML_DSA_TYPE, &self.public.ml_dsa),
            bytes: ml_dsa,
        });
        Ok(())
    }
}

/// A new key and how it is stored: certified by `previous`, or by itself if it is the first.
pub fn generate(
    tenant: TenantId,
    previous: Option<&SigningKey>,
    now: Timestamp,
    seeds: [u8; SEEDS],
) -> Result<(SigningKey, StoredKey, SecretBytes), KeyFault> {
    let seeds = Zeroizing::new(seeds);
    let number = previous.map_or(1, |key| key.number.saturating_add(1));
    let key = SigningKey::from_seeds(number, now, seeds.as_slice())?;
    let mut stored = StoredKey {
        tenant,
        number,
        created: now,
        ed25519: key.public.ed25519,
        ml_dsa: key.public.ml_dsa.clone(),
        statement: String::new(),
    };
    let before = previous.map(|key| key.public.fingerprint());
    let mut note = Note::unsigned(statement(&stored, before));
    let name = origin(tenant);
    if let Some(previous) = previous {
        previous.sign(&name, &mut note)?;
    }
    key.sign(&name, &mut note)?;
    stored.statement = note.render();
    Ok((key, stored, SecretBytes::new(seeds.to_vec())))
}

/// Why a list of keys is no chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainRefusal {
    /// The numbers are not 1, 2, 3, …
    #[error("a key is missing")]
    Gap,
    /// The statement is no note, or says something else than the row.
    #[error("the statement about the key says something else")]
    Statement,
    /// The statement is not signed by the key itself.
    #[error("the key did not sign its own statement")]
    Own,
    /// The statement is not signed by the key before it.
    #[error("the key before it did not certify it")]
    Previous,
}

/// Checks that every key is certified by the one before it, from the first to the last.
pub fn chain(keys: &[StoredKey]) -> Result<Vec<KnownKey>, (i64, ChainRefusal)> {
    let mut known: Vec<KnownKey> = Vec::with_capacity(keys.len());
    for (number, stored) in (1..).zip(keys) {
        let public = link(number, stored, known.last()).map_err(|refusal| (number, refusal))?;
        if let Some(before) = known.last_mut() {
            before.until = Some(stored.created);
        }
        known.push(KnownKey {
            number,
            from: stored.created,
            until: None,
            public,
        });
    }
    Ok(known)
}

fn link(
    number: i64,
    stored: &StoredKey,
    before: Option<&KnownKey>,
) -> Result<PublicKey, ChainRefusal> {
    if stored.number != number {
        return Err(ChainRefusal::Gap);
    }
    let note = Note::parse(&stored.statement).map_err(|_| ChainRefusal::Statement)?;
    let fingerprint = before.map(|key| key.public.fingerprint());
    let signatures = if before.is_some() { 4 } else { 2 };
    if note.text() != statement(stored, fingerprint) || note.signatures().len() != signatures {
        return Err(ChainRefusal::Statement);
    }
    let name = origin(stored.tenant);
    let public = KnownKey::public_of(stored);
    let own = public.verify(&name, &note);
    own.map_err(|_| ChainRefusal::Own)?;
    if let Some(before) = before {
        let certified = before.public.verify(&name, &note);
        certified.map_err(|_| ChainRefusal::Previous)?;
    }
    Ok(public)
}

fn origin(tenant: TenantId) -> String {
    format!("keyward/{tenant}/evidence-key")
}

/// What the key before says about a key.
fn statement(key: &StoredKey, before: Option<Hash>) -> String {
    format!(
        "{}\n{}\ned25519 {}\nml-dsa-65 {}\nprevious {}\ntime {}\n",
        origin(key.tenant),
        key.number,
        BASE64.encode(key.ed25519),
        BASE64.encode(&key.ml_dsa),
        before.map_or_else(|| "none".to_owned(), |before| BASE64.encode(before)),
        time_text(key.created),
    )
}

/// Which key a signature line is of: the first four bytes of SHA-256 over name, line end, type and key.
fn key_id(name: &str, kind: &[u8], key: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = sha256(&[name.as_bytes(), b"\n", kind, key].concat());
    [a, b, c, d]
}

fn sha256(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(digest(&SHA256, bytes).as_ref()) {
        *to = *from;
    }
    hash
}

#[cfg(test)]
pub mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a failed setup is a failed test"
    )]
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_796_126_400);

    fn tenant() -> TenantId {
        TenantId::from_bytes([7; 16])
    }

    /// Three keys in a row.
    fn keys() -> Vec<StoredKey> {
        let mut previous = None;
        (1..4)
            .map(|number| {
                let now = Timestamp::from_seconds(1_796_126_400 + i64::from(number));
                let made = generate(tenant(), previous.as_ref(), now, [number; SEEDS]).unwrap();
                previous = Some(made.0);
                made.1
            })
            .collect()
    }

    fn note() -> Note {
        Note::unsigned("text\n".to_owned())
    }

    #[test]
    fn both_signatures_are_needed() {
        let (key, ..) = generate(tenant(), None, NOW, [1; SEEDS]).unwrap();
        let (other, ..) = generate(tenant(), None, NOW, [2; SEEDS]).unwrap();
        let mut signed = note();
        key.sign("name", &mut signed).unwrap();
        assert_eq!(key.public.verify("name", &signed), Ok(()));
        let verify = |key: &SigningKey, name, note: &Note| key.public.verify(name, note);
        assert_eq!(
            verify(&other, "name", &signed),
            Err(SignatureRefusal::NoEd25519)
        );
        assert_eq!(
            verify(&key, "other", &signed),
            Err(SignatureRefusal::NoEd25519)
        );
        let only = |at: usize, of: &Note| {
            let mut half = Note::unsigned(of.text().to_owned());
            half.add(of.signatures()[at].clone());
            half
        };
        assert_eq!(
            verify(&key, "name", &only(0, &signed)),
            Err(SignatureRefusal::NoMlDsa)
        );
        assert_eq!(
            verify(&key, "name", &only(1, &signed)),
            Err(SignatureRefusal::NoEd25519)
        );
        for (at, refusal) in [(0, SignatureRefusal::Ed25519), (1, SignatureRefusal::MlDsa)] {
            let mut wrong = note();
            for (line, signature) in signed.signatures().iter().enumerate() {
                let mut signature = signature.clone();
                if line == at {
                    signature.bytes[20] ^= 1;
                }
                wrong.add(signature);
            }
            assert_eq!(verify(&key, "name", &wrong), Err(refusal));
        }
    }

    #[test]
    fn a_chain_leads_from_the_first_key_to_the_last() {
        let known = chain(&keys()).unwrap();
        assert_eq!(known.len(), 3);
        assert_eq!(known[0].until, Some(known[1].from));
        assert_eq!(known[2].until, None);
        assert!(chain(&[]).unwrap().is_empty());
    }

    #[test]
    fn a_broken_chain_is_refused_where_it_breaks() {
        let refusal = |change: fn(&mut Vec<StoredKey>)| {
            let mut keys = keys();
            change(&mut keys);
            chain(&keys).err()
        };
        assert_eq!(
            refusal(|keys| drop(keys.remove(0))),
            Some((1, ChainRefusal::Gap))
        );
        assert_eq!(
            refusal(|keys| drop(keys.remove(1))),
            Some((2, ChainRefusal::Gap))
        );
        assert_eq!(
            refusal(|keys| keys[1].created = NOW),
            Some((2, ChainRefusal::Statement))
        );
        assert_eq!(
            refusal(|keys| keys[2].ml_dsa[0] ^= 1),
            Some((3, ChainRefusal::Statement))
        );
        assert_eq!(
            refusal(|keys| keys[2].statement.clear()),
            Some((3, ChainRefusal::Statement))
        );
    }

    /// Somebody who can write the database puts a key of their own into the chain.
    #[test]
    fn a_key_that_the_one_before_did_not_certify_is_refused() {
        let mut keys = keys();
        let (first, ..) = generate(tenant(), None, NOW, [9; SEEDS]).unwrap();
        let (_, foreign, _) =
            generate(tenant(), Some(&first), keys[1].created, [8; SEEDS]).unwrap();
        let own = Note::parse(&foreign.statement).unwrap();
        let before = KnownKey::public_of(&keys[0]);
        let mut forged = Note::unsigned(statement(&foreign, Some(before.fingerprint())));
        first.sign(&origin(tenant()), &mut forged).unwrap();
        let forger = SigningKey::from_seeds(2, foreign.created, &[8; SEEDS]).unwrap();
        forger.sign(&origin(tenant()), &mut forged).unwrap();
        assert_ne!(own.text(), forged.text());
        keys[1] = StoredKey {
            statement: forged.render(),
            ..foreign
        };
        assert_eq!(chain(&keys).err(), Some((2, ChainRefusal::Previous)));
    }

    #[test]
    fn a_statement_without_the_key_s_own_signature_is_refused() {
        let mut keys = keys();
        let note = Note::parse(&keys[1].statement).unwrap();
        let mut stripped = Note::unsigned(note.text().to_owned());
        for at in [0, 1, 0, 1] {
            stripped.add(note.signatures()[at].clone());
        }
        keys[1].statement = stripped.render();
        assert_eq!(chain(&keys).err(), Some((2, ChainRefusal::Own)));
    }
}
