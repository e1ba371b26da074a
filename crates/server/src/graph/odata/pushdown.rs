//! An expression as tests that all have to hold, for collections too large to be looked through.
//!
//! An index serves a conjunction of comparisons. `or` is taken where it says that one field is one of several values; anything
//! else would make the database look at every record, and is refused.

use super::filter::{Expression, Function, Operator, Quantifier, Value};
use super::refusal::QueryRefusal;

/// One test of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The field is one of these.
    OneOf(&'static str, Vec<Value>),
    /// The field compares like this; never with null, `ne` or `has`.
    Compares(&'static str, Operator, Value),
    /// The field starts with this.
    StartsWith(&'static str, String),
}

impl Test {
    /// The field.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::OneOf(field, _) | Self::Compares(field, ..) | Self::StartsWith(field, _) => field,
        }
    }
}

/// The tests of an expression.
///
/// # Errors
/// [`QueryRefusal::Unsupported`] if it is no conjunction of tests.
pub fn conjunction(expression: &Expression) -> Result<Vec<Test>, QueryRefusal> {
    let mut tests = Vec::new();
    collect(expression, &mut tests)?;
    Ok(tests)
}

fn collect(expression: &Expression, tests: &mut Vec<Test>) -> Result<(), QueryRefusal> {
    match expression {
        Expression::All(parts) => parts.iter().try_for_each(|part| collect(part, tests)),
        Expression::Elements(_, Quantifier::Any, Some(body)) => {
            let before = tests.len();
            collect(body, tests)?;
            // Two tests of one element would become tests of two.
            match tests.len() - before {
                1 => Ok(()),
                _ => Err(refused("any", "takes one test per element here")),
            }
        }
        Expression::Any(parts) => {
            let mut one = Vec::new();
            parts.iter().try_for_each(|part| collect(part, &mut one))?;
            tests.push(alternatives(one)?);
            Ok(())
        }
        Expression::Compare(_, _, Value::Null) => Err(refused("null", "cannot be asked here")),
        Expression::Compare(field, Operator::Equal, value) => {
            tests.push(Test::OneOf(field.path, vec![value.clone()]));
            Ok(())
        }
        Expression::Compare(_, Operator::NotEqual, _) => Err(refused("ne", WIDE)),
        Expression::Compare(_, Operator::Has, _) => Err(refused("has", WIDE)),
        Expression::Compare(field, operator, value) => {
            tests.push(Test::Compares(field.path, *operator, value.clone()));
            Ok(())
        }
        Expression::In(field, values) if !values.contains(&Value::Null) => {
            tests.push(Test::OneOf(field.path, values.clone()));
            Ok(())
        }
        Expression::In(..) => Err(refused("null", "cannot be asked here")),
        Expression::Holds(field) => {
            tests.push(Test::OneOf(field.path, vec![Value::Boolean(true)]));
            Ok(())
        }
        Expression::Call(Function::StartsWith, field, text) => {
            tests.push(Test::StartsWith(field.path, text.clone()));
            Ok(())
        }
        Expression::Call(..) => Err(refused("contains and endswith", WIDE)),
        Expression::Not(_) => Err(refused("not", WIDE)),
        Expression::Elements(..) => Err(refused("all and any()", WIDE)),
    }
}

const WIDE: &str = "would look at every record of this collection and is not available";

fn alternatives(tests: Vec<Test>) -> Result<Test, QueryRefusal> {
    let mut field = None;
    let mut values = Vec::new();
    for test in tests {
        let Test::OneOf(path, some) = test else {
            return Err(refused("or", "joins only eq of one field here"));
        };
        if *field.get_or_insert(path) != path {
            return Err(refused("or", "joins only eq of one field here"));
        }
        values.extend(some);
    }
    match field {
        Some(field) => Ok(Test::OneOf(field, values)),
        None => Err(refused("or", "joins only eq of one field here")),
    }
}

fn refused(what: &str, why: &'static str) -> QueryRefusal {
    QueryRefusal::Unsupported(what.to_owned(), why)
}
