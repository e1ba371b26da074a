//! Where passkeys were used, and when their backup state changed.

use crate::guarded::Statement;
use crate::row::{Row, vals};
use crate::{StoreError, Tx};
use policy::model::{
    BackupChange, Browser, NewSighting, PasskeyId, Place, Seen, Sighting, System, TenantId, UserId,
};

/// Places shown of one user.
const SHOWN: u32 = 200;

/// When the passkey with alias `p` was seen in a place like the one in parameters 3 to 6 (system,
/// browser, attachment, network), as columns in the order of [`read_seen`].
macro_rules! seen {
    () => {
        "(SELECT max(s.last_seen) FROM sightings s
            WHERE s.tenant_id = p.tenant_id AND s.user_id = p.user_id AND s.passkey_id = p.id
              AND s.system = $3 AND s.browser = $4 AND s.attachment = $5 AND s.network = $6),
         (SELECT max(s.last_seen) FROM sightings s
            WHERE s.tenant_id = p.tenant_id AND s.user_id = p.user_id AND s.passkey_id = p.id
              AND s.system = $3 AND s.browser = $4 AND s.attachment = $5),
         (SELECT max(s.last_seen) FROM sightings s
            WHERE s.tenant_id = p.tenant_id AND s.user_id = p.user_id AND s.passkey_id = p.id
              AND s.network = $6),
         (SELECT max(s.last_seen) FROM sightings s
            WHERE s.tenant_id = p.tenant_id AND s.user_id = p.user_id AND s.passkey_id = p.id)"
    };
}
pub(crate) use seen;

/// What a sign-in or registration writes about where and how its passkey was used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// The place, if it has to be written down.
    pub sighting: Option<NewSighting>,
    /// The backup state, if it changed.
    pub backup: Option<BackupChange>,
}

/// Writes what was observed.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn record(tx: &mut Tx, observed: &Observed) -> Result<(), StoreError> {
    let texts = Texts::of(observed);
    for statement in statements(observed, &texts) {
        tx.exec(statement.sql, &statement.params).await?;
    }
    Ok(())
}

/// The places in which the passkeys of a user were used, the newest of each passkey first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<(PasskeyId, Sighting)>, StoreError> {
    let sql = "SELECT passkey_id, system, browser, attachment, network, transport, first_seen,
            last_seen, days
        FROM sightings WHERE tenant_id = $1 AND user_id = $2
        ORDER BY last_seen DESC LIMIT $3";
    let rows = tx.query(sql, vals![&tenant, &user, SHOWN]).await?;
    rows.into_iter().map(read).collect()
}

/// The passkeys that were used on the system and in the browser of `place` without another device beside it, in whatever
/// network.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn used_on(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    place: &Place,
) -> Result<Vec<PasskeyId>, StoreError> {
    let sql = "SELECT DISTINCT passkey_id FROM sightings
        WHERE tenant_id = $1 AND user_id = $2 AND system = $3 AND browser = $4
            AND attachment = 'platform'
        ORDER BY passkey_id";
    let params = vals![
        &tenant,
        &user,
        place.system.as_str(),
        place.browser.as_str()
    ];
    let rows = tx.query(sql, params).await?;
    rows.into_iter()
        .map(|mut row| row.take("passkey used"))
        .collect()
}

/// The backup states that the passkeys of a user had, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn backups_of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<BackupChange>, StoreError> {
    let sql = "SELECT passkey_id, changed, backed_up FROM backup_changes
        WHERE tenant_id = $1 AND user_id = $2 ORDER BY changed DESC LIMIT $3";
    let rows = tx.query(sql, vals![&tenant, &user, SHOWN]).await?;
    let newest_first = rows.into_iter().map(|mut row| {
        Ok(BackupChange {
            tenant,
            user,
            passkey: row.take("backup passkey")?,
            at: row.take("backup change")?,
            backed_up: row.take("backup state")?,
        })
    });
    newest_first.rev().collect()
}

/// The language that a user's browsers mostly asked for.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn language_of(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<String>, StoreError> {
    // The most usual one, not the last one: whoever comes in with a stolen key has a browser too.
    let sql = "SELECT language FROM sightings
        WHERE tenant_id = $1 AND user_id = $2 AND language IS NOT NULL
        GROUP BY language ORDER BY sum(days) DESC, language LIMIT 1";
    let row = tx.first(sql, vals![&tenant, &user]).await?;
    row.map(|mut row| row.take("sighting language")).transpose()
}

/// The texts that statements borrow.
pub(crate) struct Texts {
    network: String,
}

impl Texts {
    pub(crate) fn of(observed: &Observed) -> Self {
        let sighting = observed.sighting.as_ref();
        Self {
            network: sighting
                .map(|new| new.place.network.to_string())
                .unwrap_or_default(),
        }
    }
}

/// The insertions, alone or as part of a guarded batch.
pub(crate) fn statements<'v>(
    observed: &'v Observed,
    texts: &'v Texts,
) -> impl Iterator<Item = Statement<'v>> {
    let sighting = observed.sighting.as_ref().map(|new| Statement {
        sql: "INSERT INTO sightings (tenant_id, user_id, passkey_id, system, browser, attachment,
                network, transport, language, first_seen, last_seen, days)
              SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 1 WHERE {IF}
              ON CONFLICT (tenant_id, user_id, passkey_id, system, browser, attachment, network)
              DO UPDATE SET transport = excluded.transport, language = excluded.language,
                last_seen = excluded.last_seen, days = sightings.days + 1",
        params: vals![
            &new.tenant,
            &new.user,
            &new.passkey,
            new.place.system.as_str(),
            new.place.browser.as_str(),
            new.place.attachment_name(),
            &texts.network,
            new.transport.as_ref(),
            new.language.as_ref(),
            new.at
        ]
        .to_vec(),
    });
    let backup = observed.backup.as_ref().map(|change| Statement {
        sql: "INSERT INTO backup_changes (tenant_id, user_id, passkey_id, changed, backed_up)
              SELECT $1, $2, $3, $4, $5 WHERE {IF} ON CONFLICT DO NOTHING",
        params: vals![
            &change.tenant,
            &change.user,
            &change.passkey,
            change.at,
            change.backed_up
        ]
        .to_vec(),
    });
    sighting.into_iter().chain(backup)
}

/// Reads the columns of [`seen!`].
pub(crate) fn read_seen(row: &mut Row) -> Result<Seen, StoreError> {
    Ok(Seen {
        here: row.take("seen here")?,
        device: row.take("seen with this device")?,
        network: row.take("seen in this network")?,
        ever: row.take("seen at all")?,
    })
}

fn read(mut row: Row) -> Result<(PasskeyId, Sighting), StoreError> {
    let passkey = row.take("sighting passkey")?;
    let place = Place {
        system: named(&mut row, "sighting system", System::from_name)?,
        browser: named(&mut row, "sighting browser", Browser::from_name)?,
        attachment: named(&mut row, "sighting attachment", Place::attachment_from_name)?,
        network: named(&mut row, "sighting network", |text| text.parse().ok())?,
    };
    let sighting = Sighting {
        place,
        transport: row.take("sighting transport")?,
        first_seen: row.take("sighting first")?,
        last_seen: row.take("sighting last")?,
        days: row.take("sighting days")?,
    };
    Ok((passkey, sighting))
}

fn named<T>(
    row: &mut Row,
    what: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, StoreError> {
    let text: String = row.take(what)?;
    parse(&text).ok_or(StoreError::Damaged(what))
}
