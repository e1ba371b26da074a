//! What a collection can be asked.

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words. Compared without regard to case, as Graph does.
    Text,
    /// A UUID, written with or without quotes.
    Guid,
    /// A moment.
    Moment,
    /// A number.
    Number,
    /// True or false.
    Boolean,
}

impl Kind {
    /// For a sentence: "expects …".
    pub const fn wants(self) -> &'static str {
        match self {
            Self::Text => "a string in single quotes",
            Self::Guid => "a GUID",
            Self::Moment => "a date such as 2026-11-22T00:00:00Z",
            Self::Number => "a number",
            Self::Boolean => "true or false",
        }
    }
}

/// A field that can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its path. `status/errorCode` is a member of a member; `targetResources[]/id` is one of an element, asked with
    /// `any` or `all`; `signInEventTypes[]` is an element itself.
    pub path: &'static str,
    /// What it holds.
    pub kind: Kind,
}

impl Field {
    /// A field.
    pub const fn new(path: &'static str, kind: Kind) -> Self {
        Self { path, kind }
    }
}

/// What a collection can be asked.
#[derive(Debug, Clone, Copy)]
pub struct Collection {
    /// `$filter`.
    pub fields: &'static [Field],
    /// `$orderby`.
    pub order: &'static [&'static str],
    /// `$expand`.
    pub expand: &'static [&'static str],
    /// `$search`.
    pub search: bool,
    /// `$skip`. Large collections have `@odata.nextLink` only.
    pub skip: bool,
    /// Elements of a page unless `$top` says otherwise.
    pub page: u32,
    /// The largest `$top`.
    pub most: u32,
}

impl Collection {
    /// A small collection, which is always answered whole unless asked otherwise.
    pub const fn small(fields: &'static [Field], order: &'static [&'static str]) -> Self {
        Self {
            fields,
            order,
            expand: &[],
            search: false,
            skip: true,
            page: 999,
            most: 999,
        }
    }
}
