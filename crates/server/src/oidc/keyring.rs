//! The signing keys of every tenant, ready to use, and the documents that publish them.
//!
//! A key is *next* (published, not used) for a day before it is *active*, so that nobody's cache meets a key it has never
//! seen, and *retired* (published, not used) until nothing it signed can live.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Bytes;
use policy::lifetimes::{SIGNING_KEY, SIGNING_KEY_OVERLAP};
use policy::model::{
    KeyId, KeyState, SecretBytes, SigningKey as StoredKey, Span, TenantId, Timestamp,
};
use store::StoreError;

use super::metadata::{self, Door};
use crate::app::AppState;
use crate::jose::{KeySet, SigningAlgorithm, SigningKey, VerifyingKey};

/// What is signed with where nobody says otherwise.
const DEFAULT: SigningAlgorithm = SigningAlgorithm::Es256;
/// What every tenant has a key for. RS256 is there because OpenID Connect Discovery section 3 demands it, and because many
/// client libraries accept nothing else unless they are told to.
const OFFERED: [SigningAlgorithm; 2] = [DEFAULT, SigningAlgorithm::Rs256];
/// How long this process works with what it read. Another node's new key is published here at least that much later, which
/// is far less than [`SIGNING_KEY_OVERLAP`].
const READ_AGAIN: Span = Span::minutes(1);

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
pub enum KeyringFault {
    #[error("the signing keys could not be read or written")]
    Store(#[from] StoreError),
    #[error("a signing key cannot be used")]
    Key(#[from] crate::jose::KeyFault),
    #[error("there is no active signing key")]
    NoneActive,
}

/// One tenant's keys at one moment.
#[derive(Debug)]
pub struct TenantKeys {
    active: SigningKey,
    /// The active keys of the other algorithms.
    others: Vec<SigningKey>,
    published: KeySet,
    jwks: Vec<String>,
    algorithms: BTreeSet<&'static str>,
    read: Timestamp,
}

impl TenantKeys {
    /// The key that signs now.
    pub fn active(&self) -> &SigningKey {
        &self.active
    }

    /// The key that signs ID tokens for an application that asks for `algorithm`.
    pub fn for_id_tokens(&self, algorithm: Option<&str>) -> &SigningKey {
        let wanted = algorithm.and_then(SigningAlgorithm::from_name);
        let other = self
            .others
            .iter()
            .find(|key| Some(key.algorithm()) == wanted);
        other.unwrap_or(&self.active)
    }

    /// All published keys, to check what was signed here.
    pub fn published(&self) -> &KeySet {
        &self.published
    }
}

/// Everything the process knows about signing keys.
#[derive(Debug, Default)]
pub struct Keyring {
    tenants: RwLock<HashMap<TenantId, Arc<TenantKeys>>>,
    documents: RwLock<HashMap<(Document, Option<TenantId>), Written>>,
}

/// A document and when it was written.
type Written = (Timestamp, Bytes);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Document {
    Discovery,
    /// As the address without a version has it.
    FirstDiscovery,
    OrganizationsDiscovery,
    Keys,
}

impl Keyring {
    /// The keys of `tenant`, read again once a minute; made if the tenant has none.
    pub async fn of(
        &self,
        app: &AppState,
        tenant: TenantId,
    ) -> Result<Arc<TenantKeys>, KeyringFault> {
        let now = app.clock.now();
        let held = self
            .tenants
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&tenant)
            .cloned();
        if let Some(keys) = held.filter(|keys| now < keys.read.plus(READ_AGAIN)) {
            return Ok(keys);
        }
        let keys = Arc::new(read(app, tenant, now).await?);
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        tenants.insert(tenant, Arc::clone(&keys));
        Ok(keys)
    }

    /// The discovery document of `door`.
    pub async fn discovery(&self, app: &AppState, door: Door) -> Result<Bytes, KeyringFault> {
        let which = match door {
            Door::Organizations => Document::OrganizationsDiscovery,
            Door::Tenant(_) | Door::Common => Document::Discovery,
        };
        self.document(app, door, which).await
    }

    /// The discovery document of `door` as the address without a version has it.
    pub async fn first_discovery(&self, app: &AppState, door: Door) -> Result<Bytes, KeyringFault> {
        match door {
            Door::Tenant(_) => self.document(app, door, Document::FirstDiscovery).await,
            Door::Common | Door::Organizations => self.discovery(app, door).await,
        }
    }

    /// The JWK set of `door`: of `common`, the keys of all tenants.
    pub async fn jwks(&self, app: &AppState, door: Door) -> Result<Bytes, KeyringFault> {
        self.document(app, door, Document::Keys).await
    }

    /// Written once a minute at most, since everybody asks for them.
    async fn document(
        &self,
        app: &AppState,
        door: Door,
        which: Document,
    ) -> Result<Bytes, KeyringFault> {
        let tenant = match door {
            Door::Tenant(id) => Some(id),
            Door::Common | Door::Organizations => None,
        };
        let now = app.clock.now();
        let held = self
            .documents
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&(which, tenant))
            .cloned();
        if let Some((_, bytes)) = held.filter(|(written, _)| now < written.plus(READ_AGAIN)) {
            return Ok(bytes);
        }
        let mut keys = Vec::new();
        for tenant in door.tenants(app) {
            keys.push(self.of(app, tenant.id).await?);
        }
        let bytes = Bytes::from(write(app, door, which, &keys));
        let mut documents = self
            .documents
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        documents.insert((which, tenant), (now, bytes.clone()));
        Ok(bytes)
    }
}

fn write(app: &AppState, door: Door, which: Document, keys: &[Arc<TenantKeys>]) -> String {
    if which == Document::Keys {
        let all: Vec<&str> = keys
            .iter()
            .flat_map(|keys| &keys.jwks)
            .map(String::as_str)
            .collect();
        return format!(r#"{{"keys":[{}]}}"#, all.join(","));
    }
    let algorithms: BTreeSet<&str> = keys
        .iter()
        .flat_map(|keys| &keys.algorithms)
        .copied()
        .collect();
    let algorithms: Vec<&str> = algorithms.into_iter().collect();
    let origin = app.config.origin();
    let userinfo = match which {
        Document::FirstDiscovery => metadata::first_userinfo(origin, door),
        Document::Discovery | Document::OrganizationsDiscovery | Document::Keys => {
            metadata::userinfo(origin)
        }
    };
    let mut document = metadata::document(origin, door, &userinfo, &algorithms);
    let registers = app.config.localhost_registration && matches!(door, Door::Tenant(_));
    if let Some(members) = document.as_object_mut().filter(|_| registers) {
        let endpoint = metadata::registration(origin, door);
        members.insert("registration_endpoint".to_owned(), endpoint.into());
    }
    document.to_string()
}

async fn read(
    app: &AppState,
    tenant: TenantId,
    now: Timestamp,
) -> Result<TenantKeys, KeyringFault> {
    let (mut stored, wanted) = list(app, tenant).await?;
    let offered = offered(&wanted);
    for &algorithm in &offered {
        if rotate(app, tenant, algorithm, &stored, now).await? {
            (stored, _) = list(app, tenant).await?;
        }
    }
    let parse = |key: &StoredKey| {
        let jwk = serde_json::from_str(&key.public_jwk).ok()?;
        VerifyingKey::from_jwk(&jwk)
    };
    let others = offered
        .iter()
        .copied()
        .filter(|algorithm| *algorithm != DEFAULT);
    Ok(TenantKeys {
        active: signing(&stored, DEFAULT)?,
        others: others
            .map(|algorithm| signing(&stored, algorithm))
            .collect::<Result<_, _>>()?,
        published: KeySet::new(stored.iter().filter_map(parse).collect()),
        jwks: stored.iter().map(|key| key.public_jwk.clone()).collect(),
        algorithms: offered.iter().map(|each| each.name()).collect(),
        read: now,
    })
}

/// The key of `algorithm` that signs. Two nodes that start a tenant at the same moment both make one; the older one is used
/// by both.
fn signing(stored: &[StoredKey], algorithm: SigningAlgorithm) -> Result<SigningKey, KeyringFault> {
    let active = of_algorithm(stored, algorithm).find(|key| key.state == KeyState::Active);
    let active = active.ok_or(KeyringFault::NoneActive)?;
    Ok(SigningKey::from_pkcs8(
        algorithm,
        &active.id.to_string(),
        active.private.expose(),
    )?)
}

fn of_algorithm(
    stored: &[StoredKey],
    algorithm: SigningAlgorithm,
) -> impl Iterator<Item = &StoredKey> {
    stored
        .iter()
        .filter(move |key| key.algorithm == algorithm.name())
}

/// Does what is due; true if something was.
async fn rotate(
    app: &AppState,
    tenant: TenantId,
    algorithm: SigningAlgorithm,
    stored: &[StoredKey],
    now: Timestamp,
) -> Result<bool, KeyringFault> {
    let due = due(stored, algorithm, now);
    match due {
        Due::Nothing => return Ok(false),
        Due::First => add(app, tenant, algorithm, KeyState::Active, now).await?,
        Due::Announce => add(app, tenant, algorithm, KeyState::Next, now).await?,
        Due::Activate(id) => {
            app.store
                .write(move |tx| {
                    Box::pin(async move { store::keys::activate(tx, tenant, id, now).await })
                })
                .await?;
        }
        Due::Forget => {
            let before = now.minus(SIGNING_KEY_OVERLAP);
            app.store
                .write(move |tx| {
                    Box::pin(async move { store::keys::forget_retired(tx, tenant, before).await })
                })
                .await?;
        }
    }
    tracing::info!(%tenant, ?due, algorithm = algorithm.name(), "rotated signing keys");
    Ok(true)
}

/// What the keys of a tenant need next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    /// There is none that signs.
    First,
    /// The one that signs will soon be too old.
    Announce,
    /// This one was published long enough, and the one that signs is too old.
    Activate(KeyId),
    /// A retired one can be dropped.
    Forget,
}

fn due(stored: &[StoredKey], algorithm: SigningAlgorithm, now: Timestamp) -> Due {
    let keys = || of_algorithm(stored, algorithm);
    let Some(active) = keys().find(|key| key.state == KeyState::Active) else {
        return Due::First;
    };
    let ends = active.activated.unwrap_or(active.created).plus(SIGNING_KEY);
    let next = keys().find(|key| key.state == KeyState::Next);
    match next {
        Some(next) if now >= ends && now >= next.created.plus(SIGNING_KEY_OVERLAP) => {
            return Due::Activate(next.id);
        }
        None if now >= ends.minus(SIGNING_KEY_OVERLAP) => return Due::Announce,
        _ => {}
    }
    let forgettable = |key: &StoredKey| {
        key.retired
            .is_some_and(|at| now > at.plus(SIGNING_KEY_OVERLAP))
    };
    if keys().any(forgettable) {
        Due::Forget
    } else {
        Due::Nothing
    }
}

async fn add(
    app: &AppState,
    tenant: TenantId,
    algorithm: SigningAlgorithm,
    state: KeyState,
    now: Timestamp,
) -> Result<(), KeyringFault> {
    let id = KeyId::new(now, app.random.bytes());
    // Making an RSA key takes a tenth of a second, too long for a thread that serves requests.
    let made =
        tokio::task::spawn_blocking(move || SigningKey::generate(algorithm, &id.to_string()));
    let key = made.await.map_err(|_| KeyringFault::NoneActive)??;
    let row = StoredKey {
        tenant,
        id,
        algorithm: key.algorithm().name().to_owned(),
        state,
        public_jwk: key.jwk().to_string(),
        private: SecretBytes::new(key.to_pkcs8()?.to_vec()),
        created: now,
        activated: (state == KeyState::Active).then_some(now),
        retired: None,
    };
    app.store
        .write(move |tx| Box::pin(async move { store::keys::add_signing(tx, &row).await }))
        .await?;
    Ok(())
}

/// The keys of a tenant, and the algorithms that its applications ask for.
async fn list(
    app: &AppState,
    tenant: TenantId,
) -> Result<(Vec<StoredKey>, Vec<String>), StoreError> {
    app.store
        .read(move |tx| {
            Box::pin(async move {
                let keys = store::keys::signing(tx, tenant).await?;
                Ok((keys, store::applications::algorithms(tx, tenant).await?))
            })
        })
        .await
}

/// What every tenant has, and what an application of this one asked for: a post-quantum key is several times as long as all
/// others together, so nobody gets one who does not want it.
fn offered(wanted: &[String]) -> BTreeSet<SigningAlgorithm> {
    let wanted = wanted
        .iter()
        .filter_map(|name| SigningAlgorithm::from_name(name));
    OFFERED.into_iter().chain(wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8, state: KeyState, created: i64, changed: Option<i64>) -> StoredKey {
        let at = changed.map(Timestamp::from_seconds);
        StoredKey {
            tenant: TenantId::from_bytes([1; 16]),
            id: KeyId::from_bytes([number; 16]),
            algorithm: "ES256".to_owned(),
            state,
            public_jwk: String::new(),
            private: SecretBytes::new(Vec::new()),
            created: Timestamp::from_seconds(created),
            activated: at.filter(|_| state == KeyState::Active),
            retired: at.filter(|_| state == KeyState::Retired),
        }
    }

    const DAY: i64 = 86_400;

    fn due_on(day: i64, keys: &[StoredKey]) -> Due {
        due(keys, DEFAULT, Timestamp::from_seconds(day * DAY))
    }

    #[test]
    fn a_key_is_announced_before_it_is_used() {
        let active = key(1, KeyState::Active, 0, Some(0));
        assert_eq!(due_on(88, std::slice::from_ref(&active)), Due::Nothing);
        assert_eq!(due_on(89, std::slice::from_ref(&active)), Due::Announce);
        let both = [active, key(2, KeyState::Next, 89 * DAY, None)];
        assert_eq!(due_on(89, &both), Due::Nothing);
        assert_eq!(due_on(90, &both), Due::Activate(KeyId::from_bytes([2; 16])));
    }

    #[test]
    fn a_key_announced_late_still_waits_its_day() {
        let both = [
            key(1, KeyState::Active, 0, Some(0)),
            key(2, KeyState::Next, 200 * DAY, None),
        ];
        assert_eq!(
            due(&both, DEFAULT, Timestamp::from_seconds(200 * DAY + DAY / 2)),
            Due::Nothing
        );
    }

    #[test]
    fn a_retired_key_is_published_until_nothing_it_signed_lives() {
        let both = [
            key(1, KeyState::Retired, 0, Some(90 * DAY)),
            key(2, KeyState::Active, 89 * DAY, Some(90 * DAY)),
        ];
        assert_eq!(
            due(&both, DEFAULT, Timestamp::from_seconds(91 * DAY)),
            Due::Nothing
        );
        assert_eq!(
            due(&both, DEFAULT, Timestamp::from_seconds(91 * DAY + 1)),
            Due::Forget
        );
    }

    #[test]
    fn each_algorithm_has_keys_of_its_own() {
        let active = key(1, KeyState::Active, 0, Some(0));
        let now = Timestamp::from_seconds(DAY);
        assert_eq!(due(&[active], SigningAlgorithm::Rs256, now), Due::First);
    }

    #[test]
    fn nobody_gets_a_key_that_no_application_asked_for() {
        let names = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
            let offered = offered(&wanted).into_iter();
            offered.map(SigningAlgorithm::name).collect::<Vec<_>>()
        };
        assert_eq!(names(&[]), ["ES256", "RS256"]);
        assert_eq!(
            names(&["ML-DSA-65", "RS256", "none", "HS256"]),
            ["ES256", "RS256", "ML-DSA-65"]
        );
    }

    #[test]
    fn a_tenant_without_keys_gets_one() {
        assert_eq!(due_on(1, &[]), Due::First);
    }
}
