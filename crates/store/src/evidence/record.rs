//! A stored record as evidence: its columns as they are, and what they hash to.

use super::forms::{Erased, FormPart, audit_actor, audit_open, audit_subject, names};
use super::forms::{sign_in_open, sign_in_person};
use super::{Hash, Log, commitment, leaf};
use crate::row::{Cell, Row, Val, vals};
use crate::{StoreError, Tx};
use policy::model::{RecordId, Salt, TenantId, Timestamp, UserId};
use uuid::Uuid;

macro_rules! audit {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            audit_open!(),
            ", ",
            audit_actor!(),
            ", ",
            audit_subject!(),
            ", actor_salt, actor_commitment, subject_salt, subject_commitment, leaf, shard, number
             FROM audit WHERE tenant_id = $1 AND ",
            $rest
        )
    };
}
macro_rules! sign_ins {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            sign_in_open!(),
            ", ",
            sign_in_person!(),
            ", salt, commitment, leaf, shard, number FROM sign_ins WHERE tenant_id = $1 AND ",
            $rest
        )
    };
}

/// A stored value.
pub type Value = Cell;

/// A column with its value.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name in the database.
    pub name: &'static str,
    /// What is in it.
    pub value: Value,
}

/// Columns that are erased together.
#[derive(Debug, Clone)]
pub struct Part {
    form: &'static FormPart,
    /// The columns.
    pub columns: Vec<Column>,
    /// How they enter the leaf.
    pub hidden: Hidden,
}

/// How a part of a record enters its leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// The values are there, and so is the salt they are committed to with.
    Salted(Salt),
    /// Values and salt were destroyed; the commitment is all that is left.
    Erased(Hash),
    /// Neither a salt nor a commitment, or both: no program wrote that.
    Damaged,
}

/// A record, whole.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    /// Which log it belongs to.
    pub log: Log,
    /// Its id.
    pub id: RecordId,
    /// When it happened.
    pub at: Timestamp,
    /// Columns that are hashed as they are.
    pub open: Vec<Column>,
    /// Columns that can be erased.
    pub parts: Vec<Part>,
    /// The leaf hash as stored.
    pub leaf: Option<Hash>,
    /// Its shard and number; none if it was written by a program that knew no numbers.
    pub number: Option<(i64, i64)>,
}

impl StoredRecord {
    /// The leaf hash of what is in the columns.
    #[must_use]
    pub fn computed_leaf(&self) -> Hash {
        let commitments: Vec<Hash> = self.parts.iter().map(Part::commitment).collect();
        leaf(self.log.form(), &values(&self.open), &commitments)
    }

    /// The label in front of the open columns.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        self.log.form().label
    }

    /// An open column that holds a user's id.
    #[must_use]
    pub fn user(&self, column: &str) -> Option<UserId> {
        match self.column(column)? {
            Value::Blob(id) => {
                let id: [u8; 16] = id.as_slice().try_into().ok()?;
                Some(UserId::from_bytes(id))
            }
            _ => None,
        }
    }

    /// An open column that holds a text.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.column(column)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether nothing is left in the columns of erased parts.
    #[must_use]
    pub fn erased_parts_are_empty(&self) -> bool {
        let erased = |part: &&Part| matches!(part.hidden, Hidden::Erased(_));
        self.parts
            .iter()
            .filter(erased)
            .all(|part| self.is_empty(part))
    }

    fn is_empty(&self, part: &Part) -> bool {
        let left = part.form.erased.iter().map(|erased| match erased {
            Erased::Text(text) => Some(*text),
            Erased::Same(open) => self.text(open),
        });
        part.columns
            .iter()
            .zip(left)
            .all(|(column, left)| match &column.value {
                Value::Text(text) => Some(text.as_str()) == left,
                _ => false,
            })
    }

    fn column(&self, name: &str) -> Option<&Value> {
        let found = self.open.iter().find(|column| column.name == name);
        found.map(|column| &column.value)
    }
}

impl Part {
    /// The label in front of its columns.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        self.form.label
    }

    /// What stands in the leaf for it.
    #[must_use]
    pub fn commitment(&self) -> Hash {
        match &self.hidden {
            Hidden::Salted(salt) => commitment(self.form, salt, &values(&self.columns)),
            Hidden::Erased(commitment) => *commitment,
            Hidden::Damaged => [0; 32],
        }
    }
}

/// Records of one shard with these numbers, in their order, `limit` at most.
///
/// # Errors
/// [`StoreError::Damaged`] if a row has not even the form of a record.
pub async fn numbered(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    shard: i64,
    numbers: std::ops::Range<i64>,
    limit: u32,
) -> Result<Vec<StoredRecord>, StoreError> {
    let sql = match log {
        Log::Audit => {
            audit!("shard = $2 AND number >= $3 AND number < $4 ORDER BY number LIMIT $5")
        }
        Log::SignIns => {
            sign_ins!("shard = $2 AND number >= $3 AND number < $4 ORDER BY number LIMIT $5")
        }
    };
    let params = vals![&tenant, shard, numbers.start, numbers.end, limit];
    read_all(log, tx.query(sql, params).await?)
}

/// One record.
///
/// # Errors
/// [`StoreError::Damaged`] if the row has not even the form of a record.
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    id: RecordId,
) -> Result<Option<StoredRecord>, StoreError> {
    let sql = match log {
        Log::Audit => audit!("id = $2"),
        Log::SignIns => sign_ins!("id = $2"),
    };
    let row = tx.first(sql, vals![&tenant, &id]).await?;
    row.map(|row| read(log, row)).transpose()
}

fn read_all(log: Log, rows: Vec<Row>) -> Result<Vec<StoredRecord>, StoreError> {
    rows.into_iter().map(|row| read(log, row)).collect()
}

fn read(log: Log, mut row: Row) -> Result<StoredRecord, StoreError> {
    let form = log.form();
    let open = columns(&mut row, form.open)?;
    let mut parts = form
        .parts
        .iter()
        .map(|form| {
            Ok(Part {
                form,
                columns: columns(&mut row, form.columns)?,
                hidden: Hidden::Damaged,
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    for part in &mut parts {
        part.hidden = hidden(row.take("salt")?, row.take("commitment")?);
    }
    let leaf: Value = row.take("leaf")?;
    let number = (row.take("record shard")?, row.take("record number")?);
    Ok(StoredRecord {
        log,
        id: id(&open).ok_or(StoreError::Damaged("record id"))?,
        at: at(&open).ok_or(StoreError::Damaged("record time"))?,
        open,
        parts,
        leaf: blob(&leaf),
        number: Option::zip(number.0, number.1),
    })
}

fn columns(row: &mut Row, list: &'static str) -> Result<Vec<Column>, StoreError> {
    names(list)
        .map(|name| row.take(name).map(|value| Column { name, value }))
        .collect()
}

fn hidden(salt: Value, commitment: Value) -> Hidden {
    match (&salt, &commitment) {
        (_, Value::Null) => {
            blob(&salt).map_or(Hidden::Damaged, |salt| Hidden::Salted(Salt::new(salt)))
        }
        (Value::Null, _) => blob(&commitment).map_or(Hidden::Damaged, Hidden::Erased),
        _ => Hidden::Damaged,
    }
}

fn blob<const N: usize>(value: &Value) -> Option<[u8; N]> {
    match value {
        Value::Blob(bytes) => bytes.as_slice().try_into().ok(),
        _ => None,
    }
}

fn id(open: &[Column]) -> Option<RecordId> {
    let column = open.iter().find(|column| column.name == "id")?;
    blob(&column.value).map(|id| RecordId::from(Uuid::from_bytes(id)))
}

fn at(open: &[Column]) -> Option<Timestamp> {
    let column = open.iter().find(|column| column.name == "happened")?;
    match column.value {
        Value::Int(micros) => Some(Timestamp::from_micros(micros)),
        _ => None,
    }
}

fn values(columns: &[Column]) -> Vec<Val<'_>> {
    columns.iter().map(|column| column.value.as_val()).collect()
}
