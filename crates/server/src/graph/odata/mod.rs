//! OData query options, from the query string to something that can be asked of a collection.
//!
//! Refuses every option that it does not know or that the collection does not take: an option that is silently left out gives
//! somebody more than they asked for, and a script deletes what it was given. Everything is bounded in length, depth and count.
//!
//! ```text
//! query string ─► Options ─┬─► apply (small collections, over JSON values)
//!      │                   └─► conjunction (large ones: tests that a store query takes)
//!      └ checked against a Collection: fields with their kinds, what can be ordered and expanded
//! ```

mod apply;
mod collection;
mod evaluate;
mod filter;
mod options;
mod pushdown;
mod refusal;
mod tokens;

pub use apply::{Paged, next_link};
pub use collection::{Collection, Field, Kind};
pub use filter::{Expression, Function, Operator, Quantifier, Value};
pub use options::{Options, Order, pairs};
pub use pushdown::{Test, conjunction};
pub use refusal::QueryRefusal;

#[cfg(test)]
mod tests;
