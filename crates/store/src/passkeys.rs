//! Registered passkeys.

use crate::guarded::Statement;
use crate::row::{Row, from_json, to_json, vals};
use crate::versions::{self, Counter};
use crate::{Page, StoreError, Tx, users};
use ceremony::attestation::KeyStore;
use policy::activation::Activated;
use policy::model::{
    AttestationLevel, Compromise, CompromiseReason, Measure, Passkey, PasskeyId, PasskeyType,
    Provenance, Registrar, TenantId, Timestamp, UserId,
};
use policy::register::NewPasskey;
use policy::sign_in::PasskeyUse;

/// The columns of a passkey with alias `p`, in the order of [`read`].
macro_rules! columns {
    () => {
        "p.tenant_id, p.id, p.user_id, p.credential_id, p.stored_key, p.algorithm, p.aaguid, \
         p.display_name, p.created, p.last_used, p.sign_count, p.passkey_type, p.backed_up, \
         p.transports, p.discoverable, p.attestation_format, p.attestation_level, \
         p.attestation_root, p.user_verified, p.suspected_clone, p.compromised, \
         p.compromise_reason, p.compromise_measure, p.warned, p.ended, p.enabled, p.provenance, \
         p.registrar, p.waiting, p.key_store, p.attestation_certificate"
    };
}
pub(crate) use columns;

/// The attestation object and the client data of a registration, as they were received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// The attestation object (CBOR).
    pub attestation_object: Vec<u8>,
    /// The client data (JSON).
    pub client_data: Vec<u8>,
}

/// How a registration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// Done.
    Done,
    /// The credential id is registered in this tenant, to this user or another; nothing was
    /// written (WebAuthn section 7.1, the step on credential ids already in use).
    CredentialIdTaken,
    /// The user was deleted, disabled or changed, or policies were changed, since they were read; nothing was written.
    Stale,
}

/// Writes a new passkey if user (version, enabled) and policies still are what the decision saw.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(tx: &mut Tx, new: &NewPasskey) -> Result<Inserted, StoreError> {
    let (passkey, user_version) = (new.passkey(), new.user_version());
    let versions = versions::of(tx, passkey.tenant).await?;
    let decided = versions.is_some_and(|now| now.policy == new.policy_version());
    if !decided || !users::hold(tx, passkey.tenant, passkey.user, user_version).await? {
        return Ok(Inserted::Stale);
    }
    insert_row(tx, passkey).await?;
    let named = tx
        .changed(
            "INSERT INTO credentials (tenant_id, credential_id, user_id, passkey_id)
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            vals![
                &passkey.tenant,
                &passkey.credential_id,
                &passkey.user,
                &passkey.id
            ],
        )
        .await?;
    if !named {
        remove_row(tx, passkey.tenant, passkey.user, passkey.id).await?;
        return Ok(Inserted::CredentialIdTaken);
    }
    tx.exec(
        "INSERT INTO attestations
            (tenant_id, user_id, passkey_id, attestation_object, client_data)
         VALUES ($1, $2, $3, $4, $5)",
        vals![
            &passkey.tenant,
            &passkey.user,
            &passkey.id,
            &passkey.attestation_object,
            &passkey.client_data
        ],
    )
    .await?;
    Ok(Inserted::Done)
}

/// The passkeys of a user, oldest first, without attestation object and client data (both empty).
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<Passkey>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM passkeys p WHERE p.tenant_id = $1 AND p.user_id = $2 ORDER BY p.id"
    );
    let rows = tx.query(sql, vals![&tenant, &user]).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// How many passkeys a user has that count ([`Passkey::counts`]).
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_of_user(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM passkeys
        WHERE tenant_id = $1 AND user_id = $2 AND enabled = 1 AND user_verified = 1
        AND coalesce(compromise_measure, '') <> 'quarantine'";
    let row = tx.first(sql, vals![&tenant, &user]).await?;
    row.map_or(Ok(0), |mut row| row.take("count of passkeys"))
}

/// One passkey of a user, without attestation object and client data (both empty).
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: PasskeyId,
) -> Result<Option<Passkey>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM passkeys p WHERE p.tenant_id = $1 AND p.user_id = $2 AND p.id = $3"
    );
    let row = tx.first(sql, vals![&tenant, &user, &id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// The passkey with this credential id, without attestation object and client data (both empty).
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_by_credential(
    tx: &mut Tx,
    tenant: TenantId,
    credential_id: &[u8],
) -> Result<Option<Passkey>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM credentials c JOIN passkeys p
            ON p.tenant_id = c.tenant_id AND p.user_id = c.user_id AND p.id = c.passkey_id
         WHERE c.tenant_id = $1 AND c.credential_id = $2"
    );
    let row = tx.first(sql, vals![&tenant, credential_id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// What was received when the passkey was registered.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn attestation(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: PasskeyId,
) -> Result<Option<Attestation>, StoreError> {
    let sql = "SELECT attestation_object, client_data FROM attestations
        WHERE tenant_id = $1 AND user_id = $2 AND passkey_id = $3";
    let Some(mut row) = tx.first(sql, vals![&tenant, &user, &id]).await? else {
        return Ok(None);
    };
    Ok(Some(Attestation {
        attestation_object: row.take("attestation object")?,
        client_data: row.take("client data")?,
    }))
}

/// All passkeys of the tenant by (user, passkey), for inventories.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    page: Page<(UserId, PasskeyId)>,
) -> Result<Vec<Passkey>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM passkeys p
         WHERE p.tenant_id = $1 AND (p.user_id, p.id) > ($2, $3)
         ORDER BY p.user_id, p.id LIMIT $4"
    );
    let start = (UserId::from_bytes([0; 16]), PasskeyId::from_bytes([0; 16]));
    let (user, id) = page.after.unwrap_or(start);
    let rows = tx
        .query(sql, vals![&tenant, &user, &id, page.limit])
        .await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Gives a passkey another name; `false` if the user has no such passkey.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn rename(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: PasskeyId,
    name: &str,
) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE passkeys SET display_name = $4 WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        vals![&tenant, &user, &id, name],
    )
    .await
}

/// Enables or disables a passkey; `false` if the user has no such passkey. A disabled one is refused
/// from the next sign-in on; the caller ends what it opened ([`crate::sessions::end_of_passkey`]).
/// Raises the user's version like [`delete`].
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_enabled(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: PasskeyId,
    enabled: bool,
) -> Result<bool, StoreError> {
    users::bump(tx, tenant, user).await?;
    let changed = tx
        .changed(
            "UPDATE passkeys SET enabled = $4 WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
            vals![&tenant, &user, &id, enabled],
        )
        .await?;
    versions::bump(tx, tenant, Counter::Revocation).await?;
    Ok(changed)
}

/// How an activation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Done.
    Done,
    /// The passkey, its owner or the policies are not what the decision saw; nothing was written.
    Stale,
}

/// Lets a passkey that waited sign in from now on, if it and all that was decided by still are as they were.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn activate(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    activated: &Activated,
    at: Timestamp,
) -> Result<Activation, StoreError> {
    let versions = versions::of(tx, tenant).await?;
    let decided = versions.is_some_and(|now| now.policy == activated.policy_version());
    if !decided || !users::hold(tx, tenant, user, activated.user_version()).await? {
        return Ok(Activation::Stale);
    }
    let used = activated.used();
    let changed = tx
        .changed(
            "UPDATE passkeys SET enabled = 1, waiting = 0, user_verified = 1, sign_count = $4,
                last_used = $5, backed_up = $6
             WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND waiting = 1 AND sign_count = $7",
            vals![
                &tenant,
                &user,
                &used.passkey,
                used.count,
                at,
                used.backed_up,
                used.count_before
            ],
        )
        .await?;
    Ok(match changed {
        true => Activation::Done,
        false => Activation::Stale,
    })
}

/// Notes that a counter stepped back.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn suspect_clone(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: PasskeyId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE passkeys SET suspected_clone = $4
         WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND suspected_clone IS NULL",
        vals![&tenant, &user, &id, now],
    )
    .await
}

/// Notes a use of a passkey that opens no session yet; `false` if the passkey is no longer as it was read.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn note_use(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    used: &PasskeyUse,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let statement = using(&tenant, &user, used, at);
    tx.changed(statement.sql, &statement.params).await
}

/// What a use changes, alone or as part of a guarded batch.
pub(crate) fn using<'v>(
    tenant: &'v TenantId,
    user: &'v UserId,
    used: &'v PasskeyUse,
    at: Timestamp,
) -> Statement<'v> {
    Statement {
        sql: "UPDATE passkeys SET sign_count = $4, last_used = $5, backed_up = $6,
                user_verified = CASE WHEN CAST($7 AS BIGINT) = 1 THEN 1 ELSE user_verified END,
                suspected_clone = coalesce(suspected_clone, $8)
              WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND enabled = 1
                AND sign_count = $9 AND {IF}",
        params: vals![
            tenant,
            user,
            &used.passkey,
            used.count,
            at,
            used.backed_up,
            used.user_verified,
            used.suspected_clone.then_some(at),
            used.count_before
        ]
        .to_vec(),
    }
}

/// Deletes a passkey; `false` if the user has no such passkey. A sign-in with it that is under way
/// either committed before or finds it gone. The caller ends what it opened
/// ([`crate::sessions::end_of_passkey`]) in the same job.
///
/// The user's version is raised, so that a registration which a session of this passkey began is not
/// finished after it: a stolen key leaves no successor behind.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: PasskeyId,
) -> Result<bool, StoreError> {
    // The user first: sign-ins lock in this order too.
    users::bump(tx, tenant, user).await?;
    let deleted = remove_row(tx, tenant, user, id).await?;
    versions::bump(tx, tenant, Counter::Revocation).await?;
    Ok(deleted)
}

/// Reads the columns of [`columns!`].
pub(crate) fn read(row: &mut Row) -> Result<Passkey, StoreError> {
    let mut passkey = Passkey {
        tenant: row.take("passkey tenant")?,
        id: row.take("passkey id")?,
        user: row.take("passkey user")?,
        credential_id: row.take("passkey credential id")?,
        stored_key: row.take("passkey key")?,
        algorithm: row.take("passkey algorithm")?,
        aaguid: row.take("passkey aaguid")?,
        display_name: row.take("passkey name")?,
        created: row.take("passkey created")?,
        last_used: row.take("passkey last used")?,
        sign_count: row.take("passkey sign count")?,
        passkey_type: passkey_type(&row.take::<String>("passkey type")?)?,
        backed_up: row.take("passkey backed up")?,
        transports: from_json(
            &row.take::<String>("passkey transports")?,
            "passkey transports",
        )?,
        discoverable: row.take("passkey discoverable")?,
        attestation_format: row.take("passkey attestation format")?,
        attestation_level: level(&row.take::<String>("passkey attestation level")?)?,
        attestation_root: row.take("passkey attestation root")?,
        key_store: None,
        attestation_certificate: None,
        attestation_object: Vec::new(),
        client_data: Vec::new(),
        user_verified: row.take("passkey user verified")?,
        suspected_clone: row.take("passkey suspected clone")?,
        compromise: compromise(row)?,
        warned: row.take("passkey warned")?,
        ended: row.take("passkey ended")?,
        enabled: row.take("passkey enabled")?,
        provenance: provenance(&row.take::<String>("passkey provenance")?)?,
        registrar: Registrar::Unknown,
        waiting: false,
    };
    let written = row.take("passkey registrar")?;
    passkey.waiting = row.take("passkey waiting")?;
    passkey.registrar = registrar(passkey.provenance, written)?;
    passkey.key_store = key_store(row.take("passkey key store")?)?;
    passkey.attestation_certificate = row.take("passkey attestation certificate")?;
    Ok(passkey)
}

/// What was written down, or all that follows from the provenance.
fn registrar(provenance: Provenance, written: Option<String>) -> Result<Registrar, StoreError> {
    match written {
        Some(written) => from_json(&written, "passkey registrar"),
        None => Ok(Registrar::unwritten(provenance)),
    }
}

pub(crate) fn passkey_type(name: &str) -> Result<PasskeyType, StoreError> {
    [PasskeyType::DeviceBound, PasskeyType::Synced]
        .into_iter()
        .find(|kind| kind.as_str() == name)
        .ok_or(StoreError::Damaged("passkey type"))
}

async fn insert_row(tx: &mut Tx, passkey: &Passkey) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO passkeys (tenant_id, user_id, id, credential_id, stored_key, algorithm, aaguid,
            display_name, created, last_used, sign_count, passkey_type, backed_up, transports,
            discoverable, attestation_format, attestation_level, attestation_root, user_verified,
            suspected_clone, enabled, provenance, registrar, waiting, key_store,
            attestation_certificate)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23, $24, $25, $26)",
        vals![
            &passkey.tenant, &passkey.user, &passkey.id, &passkey.credential_id,
            &passkey.stored_key, passkey.algorithm, &passkey.aaguid, &passkey.display_name,
            passkey.created, passkey.last_used, passkey.sign_count, passkey.passkey_type.as_str(),
            passkey.backed_up, &to_json(&passkey.transports), passkey.discoverable,
            &passkey.attestation_format, passkey.attestation_level.as_str(),
            passkey.attestation_root.as_ref(), passkey.user_verified, passkey.suspected_clone,
            passkey.enabled, passkey.provenance.as_str(), &to_json(&passkey.registrar),
            passkey.waiting, passkey.key_store.map(KeyStore::as_str),
            passkey.attestation_certificate.as_ref()
        ],
    )
    .await?;
    Ok(())
}

async fn remove_row(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: PasskeyId,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM passkeys WHERE tenant_id = $1 AND user_id = $2 AND id = $3";
    tx.changed(sql, vals![&tenant, &user, &id]).await
}

fn compromise(row: &mut Row) -> Result<Option<Compromise>, StoreError> {
    let since: Option<Timestamp> = row.take("passkey compromised")?;
    let reason: Option<String> = row.take("passkey compromise reason")?;
    let measure: Option<String> = row.take("passkey compromise measure")?;
    let Some(since) = since else { return Ok(None) };
    let reason = CompromiseReason::ALL
        .iter()
        .find(|one| reason.as_deref() == Some(one.as_str()));
    let measure = Measure::ALL
        .iter()
        .find(|one| measure.as_deref() == Some(one.as_str()));
    let (reason, measure) = reason
        .zip(measure)
        .ok_or(StoreError::Damaged("passkey compromise"))?;
    Ok(Some(Compromise {
        since,
        reason: *reason,
        measure: *measure,
    }))
}

fn key_store(name: Option<String>) -> Result<Option<KeyStore>, StoreError> {
    let Some(name) = name else { return Ok(None) };
    let mut all = KeyStore::ALL.iter().copied();
    let found = all.find(|one| one.as_str() == name);
    found
        .map(Some)
        .ok_or(StoreError::Damaged("passkey key store"))
}

fn level(name: &str) -> Result<AttestationLevel, StoreError> {
    [AttestationLevel::Attested, AttestationLevel::NotAttested]
        .into_iter()
        .find(|level| level.as_str() == name)
        .ok_or(StoreError::Damaged("attestation level"))
}

fn provenance(name: &str) -> Result<Provenance, StoreError> {
    [
        Provenance::SelfService,
        Provenance::SignInInterrupt,
        Provenance::Provisioned,
        Provenance::ConditionalCreate,
    ]
    .into_iter()
    .find(|provenance| provenance.as_str() == name)
    .ok_or(StoreError::Damaged("passkey provenance"))
}
