//! What people agreed to give applications.

use crate::row::{Row, from_json, to_json, vals};
use crate::{StoreError, Tx};
use policy::model::{ApplicationId, Consent, GrantEnd, TenantId, Timestamp, UserId};

macro_rules! columns {
    () => {
        "c.tenant_id, c.user_id, c.application_id, c.scopes, c.given"
    };
}

/// A consent with the name of the application it was given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The consent.
    pub consent: Consent,
    /// The application's name.
    pub application: String,
}

/// Writes a consent down, with what the person agreed to before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn give(tx: &mut Tx, consent: &Consent) -> Result<(), StoreError> {
    let held = find(tx, consent.tenant, consent.user, consent.application).await?;
    let mut scopes = held.map(|held| held.scopes).unwrap_or_default();
    for scope in &consent.scopes {
        if !scopes.contains(scope) {
            scopes.push(scope.clone());
        }
    }
    tx.exec(
        "INSERT INTO consents (tenant_id, user_id, application_id, scopes, given)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, user_id, application_id)
         DO UPDATE SET scopes = excluded.scopes, given = excluded.given",
        vals![
            &consent.tenant,
            &consent.user,
            &consent.application,
            &to_json(&scopes),
            consent.given
        ],
    )
    .await?;
    Ok(())
}

/// What this person agreed to give this application.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    application: ApplicationId,
) -> Result<Option<Consent>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM consents c
         WHERE c.tenant_id = $1 AND c.user_id = $2 AND c.application_id = $3"
    );
    let row = tx.first(sql, vals![&tenant, &user, &application]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// All that this person agreed to, by application; at most `limit`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    limit: u32,
) -> Result<Vec<Named>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", a.display_name FROM consents c
         JOIN applications a ON a.tenant_id = c.tenant_id AND a.id = c.application_id
         WHERE c.tenant_id = $1 AND c.user_id = $2 ORDER BY c.application_id LIMIT $3"
    );
    let rows = tx.query(sql, vals![&tenant, &user, limit]).await?;
    let named = |mut row: Row| {
        let consent = read(&mut row)?;
        let application = row.take("application name")?;
        Ok(Named {
            consent,
            application,
        })
    };
    rows.into_iter().map(named).collect()
}

/// Where a list of consents goes on.
pub type Position = (ApplicationId, UserId);

/// Consents of one application or of all, by application and person, after `after`; at most `limit`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    only: Option<ApplicationId>,
    after: Option<Position>,
    limit: u32,
) -> Result<Vec<Consent>, StoreError> {
    let zero = (
        ApplicationId::from_bytes([0; 16]),
        UserId::from_bytes([0; 16]),
    );
    let (application, user) = after.unwrap_or(zero);
    let rows = match only {
        Some(only) if only < application => return Ok(Vec::new()),
        Some(only) => {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM consents c WHERE c.tenant_id = $1 AND c.application_id = $2
                 AND c.user_id > $3 ORDER BY c.user_id LIMIT $4"
            );
            let user = if only == application { user } else { zero.1 };
            tx.query(sql, vals![&tenant, &only, &user, limit]).await?
        }
        None => {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM consents c WHERE c.tenant_id = $1 AND (c.application_id, c.user_id) > ($2, $3)
                 ORDER BY c.application_id, c.user_id LIMIT $4"
            );
            tx.query(sql, vals![&tenant, &application, &user, limit])
                .await?
        }
    };
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Takes a consent back and ends what the application holds of this person, since it was given with it; `false` if there is none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn take(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    application: ApplicationId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM consents
        WHERE tenant_id = $1 AND user_id = $2 AND application_id = $3";
    if !tx.changed(sql, vals![&tenant, &user, &application]).await? {
        return Ok(false);
    }
    let codes = "UPDATE codes SET ended = $4
        WHERE tenant_id = $1 AND user_id = $2 AND application_id = $3 AND ended IS NULL";
    tx.exec(codes, vals![&tenant, &user, &application, now])
        .await?;
    let grants = "UPDATE grants SET ended = $4, end_reason = $5
        WHERE tenant_id = $1 AND user_id = $2 AND application_id = $3 AND ended IS NULL";
    let why = GrantEnd::GivenBack.as_str();
    tx.exec(grants, vals![&tenant, &user, &application, now, why])
        .await?;
    Ok(true)
}

fn read(row: &mut Row) -> Result<Consent, StoreError> {
    Ok(Consent {
        tenant: row.take("consent tenant")?,
        user: row.take("consent user")?,
        application: row.take("consent application")?,
        scopes: from_json(&row.take::<String>("consent scopes")?, "consent scopes")?,
        given: row.take("consent time")?,
    })
}
