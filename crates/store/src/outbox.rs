//! Notices on their way: written with the change they tell about, claimed by whoever delivers them,
//! gone once delivered.
//!
//! Delivery is at least once. A claim is a lease: it moves `due` into the future and raises `epoch`,
//! and only the holder of the newest epoch may remove or postpone the row. A process that dies while
//! it delivers loses nothing but time.

use crate::guarded::Statement;
use crate::row::{Row, from_json, to_json, vals};
use crate::{StoreError, Tx, signals};
use policy::model::{DeliveryId, Notice, Signal, TenantId, Timestamp, TokenHash, UserId};

/// A notice with its copies. Without copies (nothing is configured, nobody has an address) nothing is
/// written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// What it tells.
    pub notice: Notice,
    /// Who gets it.
    pub copies: Vec<Copy>,
    /// What "this wasn't me" is answered with, if it can be said.
    pub disclaimer: Option<Disclaimer>,
}

/// One copy of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Its id.
    pub id: DeliveryId,
    /// The way it goes.
    pub channel: Channel,
    /// An address; empty for the webhook.
    pub recipient: String,
    /// Whose copy it is; it goes with them.
    pub user: UserId,
    /// The token of the link, sealed: the database keeps it in clear nowhere.
    pub sealed_token: Option<Vec<u8>>,
}

/// The right to say "this wasn't me", once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclaimer {
    /// Hash of the token.
    pub token: TokenHash,
    /// Until when.
    pub expires: Timestamp,
}

/// The way a copy goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// E-mail.
    Mail,
    /// A POST to the operator's address.
    Webhook,
}

impl Channel {
    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Mail, Self::Webhook]
            .into_iter()
            .find(|channel| channel.as_str() == name)
    }
}

/// A copy as claimed for delivery, or as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: DeliveryId,
    /// The way it goes.
    pub channel: Channel,
    /// An address; empty for the webhook.
    pub recipient: String,
    /// Whose copy it is.
    pub user: UserId,
    /// What it tells.
    pub notice: Notice,
    /// The token of the link, sealed.
    pub sealed_token: Option<Vec<u8>>,
    /// When it was written.
    pub created: Timestamp,
    /// When it is tried next, or forgotten if it was given up.
    pub due: Timestamp,
    /// The lease.
    pub epoch: i64,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// When it was given up.
    pub given_up: Option<Timestamp>,
    /// What went wrong last; for administrators.
    pub problem: String,
}

/// How much is in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Copies that wait.
    pub waiting: i64,
    /// Copies among them that failed at least once.
    pub failing: i64,
    /// Copies that were given up.
    pub given_up: i64,
}

macro_rules! columns {
    () => {
        "tenant_id, id, channel, recipient, user_id, notice, token, created, due, epoch, attempts, \
         given_up, problem"
    };
}

/// Writes the copies of a notice and the right to disown it, and tells other systems what concerns them
/// ([`crate::signals`]). Call it in the job that makes the change.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn announce(tx: &mut Tx, announcement: &Announcement) -> Result<(), StoreError> {
    let notice = &announcement.notice;
    signals::stamp(tx, notice.tenant, notice.correlation).await?;
    let whom = (notice.tenant, notice.user.id);
    signals::emit(tx, whom, notice.at, &Signal::of_notice(notice)).await?;
    let text = text_of(announcement);
    for statement in statements(announcement, &text) {
        tx.exec(statement.sql, &statement.params).await?;
    }
    Ok(())
}

/// Whether something is due at `now`. A look that costs next to nothing when there is nothing.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_due(tx: &mut Tx, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT epoch FROM outbox WHERE due <= $1 AND given_up IS NULL LIMIT 1";
    Ok(tx.first(sql, vals![now]).await?.is_some())
}

/// Claims up to `limit` copies that are due at `now`, until `lease`. Nobody else gets them before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claim(
    tx: &mut Tx,
    now: Timestamp,
    lease: Timestamp,
    limit: u32,
) -> Result<Vec<Delivery>, StoreError> {
    // The conditions stand twice: on PostgreSQL a second claimer waits for the row and then looks at its new
    // version, but not at the list again.
    let sql = concat!(
        "UPDATE outbox SET due = $2, epoch = epoch + 1, attempts = attempts + 1
         WHERE due <= $1 AND given_up IS NULL AND (tenant_id, id) IN
            (SELECT tenant_id, id FROM outbox WHERE due <= $1 AND given_up IS NULL
             ORDER BY due LIMIT $3)
         RETURNING ",
        columns!()
    );
    let rows = tx.query(sql, vals![now, lease, limit]).await?;
    rows.into_iter().map(read).collect()
}

/// Removes a copy that was delivered; `false` if the lease had passed to somebody else.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delivered(tx: &mut Tx, delivery: &Delivery) -> Result<bool, StoreError> {
    let sql = "DELETE FROM outbox WHERE tenant_id = $1 AND id = $2 AND epoch = $3";
    tx.changed(sql, vals![&delivery.tenant, &delivery.id, delivery.epoch])
        .await
}

/// Gives a copy back, to be tried at `due`; `false` if the lease had passed to somebody else.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn postpone(
    tx: &mut Tx,
    delivery: &Delivery,
    due: Timestamp,
    problem: &str,
) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET due = $4, problem = $5
        WHERE tenant_id = $1 AND id = $2 AND epoch = $3";
    let params = vals![&delivery.tenant, &delivery.id, delivery.epoch, due, problem];
    tx.changed(sql, params).await
}

/// Gives a copy up. It stays until `kept`, so that administrators see what nobody was told.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn give_up(
    tx: &mut Tx,
    delivery: &Delivery,
    now: Timestamp,
    kept: Timestamp,
    problem: &str,
) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET given_up = $4, due = $5, problem = $6, token = NULL
        WHERE tenant_id = $1 AND id = $2 AND epoch = $3";
    let params = vals![
        &delivery.tenant,
        &delivery.id,
        delivery.epoch,
        now,
        kept,
        problem
    ];
    tx.changed(sql, params).await
}

/// The copies of a tenant that failed at least once, the oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn troubled(
    tx: &mut Tx,
    tenant: TenantId,
    limit: u32,
) -> Result<Vec<Delivery>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM outbox WHERE tenant_id = $1 AND problem <> '' ORDER BY id LIMIT $2"
    );
    let rows = tx.query(sql, vals![&tenant, limit]).await?;
    rows.into_iter().map(read).collect()
}

macro_rules! counts {
    () => {
        "SELECT count(CASE WHEN given_up IS NULL THEN 1 END),
            count(CASE WHEN given_up IS NULL AND problem <> '' THEN 1 END),
            count(given_up)
        FROM outbox"
    };
}

/// How much is in the outbox of all tenants.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn standing(tx: &mut Tx) -> Result<Standing, StoreError> {
    let row = tx.first(counts!(), &[]).await?;
    read_standing(row)
}

/// How much is in the outbox of one tenant.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn standing_of(tx: &mut Tx, tenant: TenantId) -> Result<Standing, StoreError> {
    let sql = concat!(counts!(), " WHERE tenant_id = $1");
    let row = tx.first(sql, vals![&tenant]).await?;
    read_standing(row)
}

fn read_standing(row: Option<Row>) -> Result<Standing, StoreError> {
    row.map_or(Ok(Standing::default()), |mut row| {
        Ok(Standing {
            waiting: row.take("waiting notices")?,
            failing: row.take("failing notices")?,
            given_up: row.take("notices given up")?,
        })
    })
}

/// The notice as the statements borrow it.
pub(crate) fn text_of(announcement: &Announcement) -> String {
    to_json(&announcement.notice)
}

/// The insertions, alone or as part of a guarded batch.
pub(crate) fn statements<'v>(
    announcement: &'v Announcement,
    text: &'v str,
) -> impl Iterator<Item = Statement<'v>> {
    let notice = &announcement.notice;
    let copies = announcement.copies.iter().map(move |copy| Statement {
        sql: "INSERT INTO outbox (tenant_id, id, user_id, channel, recipient, notice, token,
                created, due, epoch, attempts, problem)
              SELECT $1, $2, $3, $4, $5, $6, $7, $8, $8, 0, 0, '' WHERE {IF}",
        params: vals![
            &notice.tenant,
            &copy.id,
            &copy.user,
            copy.channel.as_str(),
            &copy.recipient,
            text,
            copy.sealed_token.as_ref(),
            notice.at
        ]
        .to_vec(),
    });
    let disclaimer = announcement.disclaimer.iter().map(move |new| Statement {
        sql: "INSERT INTO disclaimers (tenant_id, token, user_id, notice, expires)
              SELECT $1, $2, $3, $4, $5 WHERE {IF}",
        params: vals![
            &notice.tenant,
            &new.token,
            &notice.user.id,
            text,
            new.expires
        ]
        .to_vec(),
    });
    copies.chain(disclaimer)
}

fn read(mut row: Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        tenant: row.take("delivery tenant")?,
        id: row.take("delivery id")?,
        channel: Channel::from_name(&row.take::<String>("delivery channel")?)
            .ok_or(StoreError::Damaged("delivery channel"))?,
        recipient: row.take("delivery recipient")?,
        user: row.take("delivery user")?,
        notice: from_json(&row.take::<String>("delivery notice")?, "delivery notice")?,
        sealed_token: row.take("delivery token")?,
        created: row.take("delivery created")?,
        due: row.take("delivery due")?,
        epoch: row.take("delivery epoch")?,
        attempts: row.take("delivery attempts")?,
        given_up: row.take("delivery end")?,
        problem: row.take("delivery problem")?,
    })
}
