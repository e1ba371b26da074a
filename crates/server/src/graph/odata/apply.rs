//! The options of a small collection, applied to all of it; and the links between pages.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::collection::Collection;
use super::evaluate::{at, folded};
use super::filter::moment;
use super::options::{Options, pairs};
use super::refusal::QueryRefusal;

/// A page of a collection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paged {
    /// Its elements.
    pub elements: Vec<Value>,
    /// How many there are on all pages, if that was asked.
    pub count: Option<usize>,
    /// The token of the next page, if there is one.
    pub next: Option<String>,
}

impl Options {
    /// The page that these options ask for.
    ///
    /// # Errors
    /// [`QueryRefusal::BadToken`].
    pub fn apply(
        &self,
        elements: Vec<Value>,
        collection: &Collection,
    ) -> Result<Paged, QueryRefusal> {
        let mut found = elements;
        if let Some(filter) = &self.filter {
            found.retain(|element| filter.holds(element));
        }
        if let Some(words) = &self.search {
            let words = folded(
                words
                    .rsplit_once(':')
                    .map_or(words.as_str(), |(_, words)| words),
            );
            found.retain(|element| {
                at(element, "displayName")
                    .as_str()
                    .is_some_and(|name| folded(name).contains(&words))
            });
        }
        found.sort_by(|a, b| {
            let steps = self.order.iter().map(|step| {
                let order = in_order(at(a, step.field), at(b, step.field));
                if step.descending {
                    order.reverse()
                } else {
                    order
                }
            });
            steps.fold(Ordering::Equal, Ordering::then)
        });
        let all = found.len();
        let from = usize::try_from(self.offset()?)
            .unwrap_or(usize::MAX)
            .min(all);
        let size = usize::try_from(self.page(collection)).unwrap_or(usize::MAX);
        let until = from.saturating_add(size).min(all);
        let elements: Vec<Value> = found.drain(from..until).collect();
        Ok(Paged {
            elements: elements.into_iter().map(|one| self.selected(one)).collect(),
            count: self.count.then_some(all),
            next: (until < all).then(|| until.to_string()),
        })
    }

    /// An element with the members that were asked for; what names its type stays, because clients cannot read it without.
    pub fn selected(&self, element: Value) -> Value {
        if self.select.is_empty() || self.select.iter().any(|name| name == "*") {
            return element;
        }
        let Value::Object(members) = element else {
            return element;
        };
        let wanted = |name: &str| {
            name.starts_with('@')
                || self.expands(name)
                || self.select.iter().any(|one| {
                    let first = one.split('/').next().unwrap_or(one);
                    first.eq_ignore_ascii_case(name)
                })
        };
        let kept: Map<String, Value> = members
            .into_iter()
            .filter(|(name, _)| wanted(name))
            .collect();
        Value::Object(kept)
    }
}

fn in_order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => match (moment(a), moment(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => folded(a).cmp(&folded(b)),
        },
        (Value::Number(a), Value::Number(b)) => a
            .as_f64()
            .partial_cmp(&b.as_f64())
            .unwrap_or(Ordering::Equal),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// `@odata.nextLink`: the same question at `address`, continued at `token`.
pub fn next_link(address: &str, query: &str, token: &str) -> String {
    let mut link = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs(query).unwrap_or_default() {
        let bare = name.trim_start_matches('$');
        if !bare.eq_ignore_ascii_case("skiptoken") && !bare.eq_ignore_ascii_case("skip") {
            link.append_pair(&name, &value);
        }
    }
    link.append_pair("$skiptoken", token);
    format!("{address}?{}", link.finish().replace("%24", "$"))
}
