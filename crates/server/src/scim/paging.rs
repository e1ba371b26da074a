//! Lists by position (RFC 7644 section 3.4.2.4).

use std::future::Future;

use serde_json::{Value, json};
use store::Page;

use super::refusal::ScimRefusal;
use super::request::ScimRequest;

/// Resources of an answer unless the client says how many.
const USUAL: u64 = 100;
/// Resources of an answer.
pub const MOST: u64 = 200;
/// Resources that one request looks at, where the filter does not name one.
const LOOKED_AT: usize = 10_000;
/// Rows of one read.
pub const PORTION: u32 = 500;

/// Which part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The position of the first, from 1.
    pub start: u64,
    /// How many.
    pub count: u64,
}

impl Window {
    /// What a request wants: a position below 1 is 1, a count below 0 is 0.
    ///
    /// # Errors
    /// That it is no number.
    pub fn of(request: &ScimRequest) -> Result<Self, ScimRefusal> {
        Ok(Self {
            start: number(request, "startIndex")?.unwrap_or(1).max(1),
            count: number(request, "count")?.unwrap_or(USUAL).min(MOST),
        })
    }

    /// How many stand before it.
    pub const fn skipped(self) -> u64 {
        self.start.saturating_sub(1)
    }

    /// The part of a list that is at hand.
    pub fn of_list<T>(self, all: Vec<T>) -> Vec<T> {
        let skipped = usize::try_from(self.skipped()).unwrap_or(usize::MAX);
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        all.into_iter().skip(skipped).take(count).collect()
    }

    /// The answer (section 3.4.2).
    pub fn list(self, total: u64, resources: &[Value]) -> Value {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": total,
            "startIndex": self.start,
            "itemsPerPage": resources.len(),
            "Resources": resources,
        })
    }
}

/// All that is `meant`, portion by portion; `id` is what they are read in the order of.
///
/// # Errors
/// That there are more to look at than one request may, and those of `read`.
pub async fn each_meant<T, K, E, F>(
    read: impl Fn(Page<K>) -> F,
    id: impl Fn(&T) -> K,
    meant: impl Fn(&T) -> bool,
    too_many: &'static str,
) -> Result<Vec<T>, ScimRefusal>
where
    F: Future<Output = Result<Vec<T>, E>>,
    ScimRefusal: From<E>,
{
    let (mut all, mut after, mut looked_at) = (Vec::new(), None, 0);
    loop {
        let page = Page {
            after,
            limit: PORTION,
        };
        let portion = read(page).await?;
        looked_at += portion.len();
        let full = u32::try_from(portion.len()).is_ok_and(|rows| rows >= PORTION);
        after = portion.last().map(&id);
        all.extend(portion.into_iter().filter(&meant));
        if !full {
            return Ok(all);
        }
        if looked_at >= LOOKED_AT {
            return Err(ScimRefusal::TooMany(too_many));
        }
    }
}

fn number(request: &ScimRequest, name: &'static str) -> Result<Option<u64>, ScimRefusal> {
    let Some(text) = request.parameter(name) else {
        return Ok(None);
    };
    let number: i64 = text
        .trim()
        .parse()
        .map_err(|_| ScimRefusal::Value(name, "is not a whole number"))?;
    Ok(Some(u64::try_from(number).unwrap_or_default()))
}
