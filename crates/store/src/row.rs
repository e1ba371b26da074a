//! Values on their way into a statement ([`Val`]) and out of it ([`Row`]).

use crate::StoreError;
use policy::model::{
    ApplicationId, ApprovalId, CampaignId, CorrelationId, DeliveryId, GrantId, GroupId, KeyId,
    NodeId, NoticeId, PassId, PasskeyId, RecordId, SessionId, Sha256, Span, StreamId, TenantId,
    Timestamp, TokenHash, UserHandle, UserId,
};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// A parameter. The schema knows three types only: BIGINT, TEXT and BLOB (BYTEA).
#[derive(Debug, Clone, Copy)]
pub enum Val<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// Parameters from anything that has a [`Val`] form.
macro_rules! vals {
    ($($value:expr),* $(,)?) => { &[$($crate::row::Val::from($value)),*] };
}
pub(crate) use vals;

impl From<i64> for Val<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Val<'_> {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

/// Sizes and positions; nothing has 2^63 rows.
impl From<u64> for Val<'_> {
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Val<'_> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl<'a> From<&'a str> for Val<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Val<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Val<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Val<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Blob(value)
    }
}

impl<'a> From<&'a Vec<u8>> for Val<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl From<Timestamp> for Val<'_> {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_micros())
    }
}

impl From<Span> for Val<'_> {
    fn from(value: Span) -> Self {
        Self::Int(value.as_micros())
    }
}

impl<'a, T> From<Option<T>> for Val<'a>
where
    Val<'a>: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

macro_rules! blob_like {
    ($($name:ty),+) => {$(
        impl<'a> From<&'a $name> for Val<'a> {
            fn from(value: &'a $name) -> Self {
                Self::Blob(value.as_bytes())
            }
        }
    )+};
}

blob_like!(
    ApplicationId,
    ApprovalId,
    CampaignId,
    CorrelationId,
    DeliveryId,
    GrantId,
    GroupId,
    KeyId,
    NodeId,
    NoticeId,
    PassId,
    PasskeyId,
    RecordId,
    SessionId,
    Sha256,
    StreamId,
    TenantId,
    TokenHash,
    UserHandle,
    UserId,
    Uuid
);

impl ToSql for Val<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => value.to_sql(ty, out),
            Self::Text(value) => value.to_sql(ty, out),
            Self::Blob(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// A stored value of one of the three types that the schema knows, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// BIGINT.
    Int(i64),
    /// TEXT.
    Text(String),
    /// BLOB or BYTEA.
    Blob(Vec<u8>),
}

impl Cell {
    /// The same, as a parameter.
    pub(crate) fn as_val(&self) -> Val<'_> {
        match self {
            Self::Null => Val::Null,
            Self::Int(value) => Val::Int(*value),
            Self::Text(value) => Val::Text(value),
            Self::Blob(value) => Val::Blob(value),
        }
    }
}

/// One row of a result; columns are taken from left to right, each once.
pub struct Row {
    cells: std::vec::IntoIter<Cell>,
}

impl Row {
    pub fn new(cells: Vec<Cell>) -> Self {
        Self {
            cells: cells.into_iter(),
        }
    }

    /// The next column as `T`; `name` says in an error what was read.
    pub fn take<T: FromCell>(&mut self, name: &'static str) -> Result<T, StoreError> {
        let cell = self.cells.next().ok_or(StoreError::Damaged(name))?;
        T::from_cell(cell).ok_or(StoreError::Damaged(name))
    }

    /// The last column as `T`.
    pub fn last<T: FromCell>(mut self, name: &'static str) -> Result<T, StoreError> {
        let cell = self.cells.next_back().ok_or(StoreError::Damaged(name))?;
        T::from_cell(cell).ok_or(StoreError::Damaged(name))
    }
}

/// Something a column can be read as.
pub trait FromCell: Sized {
    fn from_cell(cell: Cell) -> Option<Self>;
}

impl FromCell for Cell {
    fn from_cell(cell: Cell) -> Option<Self> {
        Some(cell)
    }
}

impl FromCell for i64 {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Int(value) => Some(value),
            _ => None,
        }
    }
}

impl FromCell for u32 {
    fn from_cell(cell: Cell) -> Option<Self> {
        i64::from_cell(cell).and_then(|value| value.try_into().ok())
    }
}

impl FromCell for u64 {
    fn from_cell(cell: Cell) -> Option<Self> {
        i64::from_cell(cell).and_then(|value| value.try_into().ok())
    }
}

impl FromCell for bool {
    fn from_cell(cell: Cell) -> Option<Self> {
        match i64::from_cell(cell)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl FromCell for String {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Text(value) => Some(value),
            _ => None,
        }
    }
}

impl FromCell for Vec<u8> {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Blob(value) => Some(value),
            _ => None,
        }
    }
}

impl FromCell for Timestamp {
    fn from_cell(cell: Cell) -> Option<Self> {
        i64::from_cell(cell).map(Self::from_micros)
    }
}

impl FromCell for Span {
    fn from_cell(cell: Cell) -> Option<Self> {
        i64::from_cell(cell).map(Self::from_micros)
    }
}

impl FromCell for TokenHash {
    fn from_cell(cell: Cell) -> Option<Self> {
        let bytes: [u8; 32] = Vec::from_cell(cell)?.try_into().ok()?;
        Some(Self::from_bytes(bytes))
    }
}

impl FromCell for Sha256 {
    fn from_cell(cell: Cell) -> Option<Self> {
        let bytes: [u8; 32] = Vec::from_cell(cell)?.try_into().ok()?;
        Some(Self::from_bytes(bytes))
    }
}

impl FromCell for UserHandle {
    fn from_cell(cell: Cell) -> Option<Self> {
        Self::from_slice(&Vec::from_cell(cell)?)
    }
}

impl FromCell for Uuid {
    fn from_cell(cell: Cell) -> Option<Self> {
        Vec::from_cell(cell)?.try_into().ok().map(Self::from_bytes)
    }
}

macro_rules! id_cells {
    ($($name:ident),+) => {$(
        impl FromCell for $name {
            fn from_cell(cell: Cell) -> Option<Self> {
                Uuid::from_cell(cell).map(Self::from)
            }
        }
    )+};
}

id_cells!(
    ApplicationId,
    ApprovalId,
    CampaignId,
    CorrelationId,
    DeliveryId,
    GrantId,
    GroupId,
    KeyId,
    NodeId,
    NoticeId,
    PassId,
    PasskeyId,
    RecordId,
    SessionId,
    StreamId,
    TenantId,
    UserId
);

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            other => T::from_cell(other).map(Some),
        }
    }
}

/// Ids as the token `{LIST …}` gathers them; no row at all is no text.
pub fn listed<T: From<Uuid>>(
    text: Option<String>,
    name: &'static str,
) -> Result<Vec<T>, StoreError> {
    let text = text.unwrap_or_default();
    let ids = text.split(',').filter(|id| !id.is_empty());
    ids.map(|id| Uuid::try_parse(id).map(T::from))
        .collect::<Result<_, _>>()
        .map_err(|_| StoreError::Damaged(name))
}

/// A list or record kept as JSON text.
pub fn to_json<T: serde::Serialize>(value: &T) -> String {
    // Serialising our own structures of strings and numbers into memory has no way to fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// Reads what [`to_json`] wrote.
pub fn from_json<T: serde::de::DeserializeOwned>(
    text: &str,
    name: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Damaged(name))
}
