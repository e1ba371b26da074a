//! Filters (RFC 7644 section 3.4.2.2): from text to an expression whose attributes exist and whose values have their kinds.

mod evaluate;
mod refusal;
#[cfg(test)]
mod tests;
mod tokens;

use super::schema::{Attribute, Kind, Schema};
use tokens::{Token, tokens};

pub use refusal::FilterRefusal;

/// Bytes of an expression.
const LONGEST: usize = 4096;
/// Parentheses, brackets and `not` in one another.
const DEEPEST: u32 = 12;
/// Comparisons of an expression.
const MOST: usize = 100;

/// What has to be true of a resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every one of these.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// `attribute operator value`; of several values, one is enough.
    Compare(Field, Operator, Literal),
    /// `attribute pr`.
    Present(Field),
    /// `attribute[…]`: there is an element of which this is true.
    Element(&'static Attribute, Box<Self>),
}

/// An attribute, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The attribute.
    pub attribute: &'static Attribute,
    /// Its part.
    pub part: Option<&'static Attribute>,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `co`
    Contains,
    /// `sw`
    StartsWith,
    /// `ew`
    EndsWith,
    /// `gt`
    Greater,
    /// `ge`
    AtLeast,
    /// `lt`
    Less,
    /// `le`
    AtMost,
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// No value.
    Null,
    /// Text, an address or a moment.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
}

/// Where a change applies (RFC 7644 section 3.5.2).
#[derive(Clone, Debug, PartialEq)]
pub enum Path {
    /// A place that is held.
    Held {
        /// The attribute.
        attribute: &'static Attribute,
        /// Which of its elements.
        which: Option<Filter>,
        /// Which part of it, or of each of them.
        part: Option<&'static Attribute>,
    },
    /// A place of which nothing is held: an attribute that the RFC knows and we do not hold, or another schema.
    Left,
}

impl Filter {
    /// Reads an expression about resources of this type.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str, schema: &'static Schema) -> Result<Self, FilterRefusal> {
        let mut parser = Parser::new(text, schema)?;
        let found = parser.any()?;
        parser.end("'and', 'or' or the end")?;
        Ok(found)
    }

    /// The text that this attribute has to be equal to, if the filter says so of every resource it finds.
    pub fn demands(&self, name: &str) -> Option<&str> {
        match self {
            Self::All(parts) => parts.iter().find_map(|part| part.demands(name)),
            Self::Compare(field, Operator::Equal, Literal::Text(text))
                if field.part.is_none() && field.attribute.name == name =>
            {
                Some(text)
            }
            _ => None,
        }
    }

    /// The same of a part of an attribute, in brackets or behind a dot.
    pub fn demands_element(&self, name: &str, part: &str) -> Option<&str> {
        match self {
            Self::All(parts) => parts.iter().find_map(|one| one.demands_element(name, part)),
            Self::Element(attribute, inner) if attribute.name == name => inner.demands(part),
            Self::Compare(field, Operator::Equal, Literal::Text(text))
                if field.attribute.name == name
                    && field.part.is_some_and(|held| held.name == part) =>
            {
                Some(text)
            }
            _ => None,
        }
    }

    /// Whether it asks for an attribute of the resource.
    pub fn asks_for(&self, name: &str) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.asks_for(name)),
            Self::Not(part) => part.asks_for(name),
            Self::Compare(field, ..) | Self::Present(field) => field.attribute.name == name,
            Self::Element(attribute, _) => attribute.name == name,
        }
    }
}

impl Path {
    /// Reads a path into resources of this type.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str, schema: &'static Schema) -> Result<Self, FilterRefusal> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(FilterRefusal::TooLong);
        }
        let Some(bare) = schema.bare(text) else {
            return Ok(Self::Left);
        };
        let name = bare.split(['.', '[']).next().unwrap_or_default();
        if schema.leaves(name.trim_end()) {
            return Ok(Self::Left);
        }
        let mut parser = Parser::new(bare, schema)?;
        let word = parser.word("an attribute")?;
        let field = parser.field(&word)?;
        if let Some(part) = field.part {
            parser.end("the end")?;
            return Ok(Self::Held {
                attribute: field.attribute,
                which: None,
                part: Some(part),
            });
        }
        let which = match parser.take(&Token::OpenBracket) {
            true => Some(parser.element(field.attribute)?),
            false => None,
        };
        let part = match parser.peek() {
            Some(Token::Word(word)) if which.is_some() => {
                let name = word.strip_prefix('.').unwrap_or_default().to_owned();
                let part = field.attribute.part(&name);
                parser.at += 1;
                Some(part.ok_or_else(|| parser.unknown(&name))?)
            }
            _ => None,
        };
        parser.end("the end")?;
        Ok(Self::Held {
            attribute: field.attribute,
            which,
            part,
        })
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    end: usize,
    schema: &'static Schema,
    /// Inside brackets: the attribute whose elements are meant.
    inside: Option<&'static Attribute>,
    depth: u32,
    compared: usize,
}

impl Parser {
    fn new(text: &str, schema: &'static Schema) -> Result<Self, FilterRefusal> {
        if text.len() > LONGEST {
            return Err(FilterRefusal::TooLong);
        }
        Ok(Self {
            tokens: tokens(text)?,
            at: 0,
            end: text.len(),
            schema,
            inside: None,
            depth: 0,
            compared: 0,
        })
    }

    fn any(&mut self) -> Result<Filter, FilterRefusal> {
        let mut parts = vec![self.all()?];
        while self.keyword("or") {
            parts.push(self.all()?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Filter::Any(parts),
        })
    }

    fn all(&mut self) -> Result<Filter, FilterRefusal> {
        let mut parts = vec![self.one()?];
        while self.keyword("and") {
            parts.push(self.one()?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Filter::All(parts),
        })
    }

    /// Every way to recurse leads through here, and therefore past the limit.
    fn one(&mut self) -> Result<Filter, FilterRefusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(FilterRefusal::TooDeep);
        }
        let found = self.primary();
        self.depth -= 1;
        found
    }

    fn primary(&mut self) -> Result<Filter, FilterRefusal> {
        if self.keyword("not") {
            if !self.take(&Token::Open) {
                return Err(self.wrong("'(' after 'not'"));
            }
            return Ok(Filter::Not(Box::new(self.grouped()?)));
        }
        if self.take(&Token::Open) {
            return self.grouped();
        }
        let word = self.word("an attribute")?;
        let field = self.field(&word)?;
        if field.part.is_none() && self.take(&Token::OpenBracket) {
            let found = self.element(field.attribute)?;
            return Ok(Filter::Element(field.attribute, Box::new(found)));
        }
        self.comparison(field)
    }

    fn grouped(&mut self) -> Result<Filter, FilterRefusal> {
        let inner = self.any()?;
        match self.take(&Token::Close) {
            true => Ok(inner),
            false => Err(self.wrong("')'")),
        }
    }

    /// What stands in brackets behind an attribute, up to the closing one.
    fn element(&mut self, attribute: &'static Attribute) -> Result<Filter, FilterRefusal> {
        if self.inside.is_some() || !attribute.many {
            return Err(FilterRefusal::NotHere(attribute.name));
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(FilterRefusal::TooDeep);
        }
        self.inside = Some(attribute);
        let found = self.any();
        self.inside = None;
        self.depth -= 1;
        let found = found?;
        match self.take(&Token::CloseBracket) {
            true => Ok(found),
            false => Err(self.wrong("']'")),
        }
    }

    fn comparison(&mut self, field: Field) -> Result<Filter, FilterRefusal> {
        self.compared += 1;
        if self.compared > MOST {
            return Err(FilterRefusal::TooMany);
        }
        let word = self.word("an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr)")?;
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(field));
        }
        let Some(operator) = operator(&word) else {
            self.at -= 1;
            return Err(self.wrong("an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr)"));
        };
        let field = compared(field)?;
        let value = self.value()?;
        let value = fitting(field, operator, value)?;
        Ok(Filter::Compare(field, operator, value))
    }

    fn value(&mut self) -> Result<Literal, FilterRefusal> {
        let found = match self.peek() {
            Some(Token::Text(text)) => Some(Literal::Text(text.clone())),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "true" => Some(Literal::Boolean(true)),
                "false" => Some(Literal::Boolean(false)),
                "null" => Some(Literal::Null),
                _ => None,
            },
            _ => None,
        };
        let found =
            found.ok_or_else(|| self.wrong("a string in double quotes, true, false or null"))?;
        self.at += 1;
        Ok(found)
    }

    fn field(&self, word: &str) -> Result<Field, FilterRefusal> {
        if let Some(inside) = self.inside {
            let part = inside.part(word).ok_or_else(|| self.unknown(word))?;
            return Ok(Field {
                attribute: part,
                part: None,
            });
        }
        let bare = self.schema.bare(word).ok_or_else(|| self.unknown(word))?;
        let (name, part) = match bare.split_once('.') {
            Some((name, part)) => (name, Some(part)),
            None => (bare, None),
        };
        let attribute = self.schema.attribute(name);
        let attribute = attribute.ok_or_else(|| self.unknown(word))?;
        let part = match part {
            Some(part) => Some(attribute.part(part).ok_or_else(|| self.unknown(word))?),
            None => None,
        };
        Ok(Field { attribute, part })
    }

    fn unknown(&self, word: &str) -> FilterRefusal {
        let allowed = match self.inside {
            Some(inside) => inside.parts().iter().map(|part| part.name).collect(),
            None => self.schema.names(),
        };
        FilterRefusal::UnknownAttribute(word.chars().take(100).collect(), allowed)
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, expected: &'static str) -> Result<String, FilterRefusal> {
        match self.peek() {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.at += 1;
                Ok(word)
            }
            _ => Err(self.wrong(expected)),
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn end(&self, expected: &'static str) -> Result<(), FilterRefusal> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.wrong(expected)),
        }
    }

    fn wrong(&self, expected: &'static str) -> FilterRefusal {
        let at = self.tokens.get(self.at).map_or(self.end, |(_, at)| *at);
        FilterRefusal::Malformed(expected, at)
    }
}

fn operator(word: &str) -> Option<Operator> {
    Some(match word.to_ascii_lowercase().as_str() {
        "eq" => Operator::Equal,
        "ne" => Operator::NotEqual,
        "co" => Operator::Contains,
        "sw" => Operator::StartsWith,
        "ew" => Operator::EndsWith,
        "gt" => Operator::Greater,
        "ge" => Operator::AtLeast,
        "lt" => Operator::Less,
        "le" => Operator::AtMost,
        _ => return None,
    })
}

/// `emails co "…"` asks about their `value`; what has no value cannot be compared.
fn compared(field: Field) -> Result<Field, FilterRefusal> {
    let Kind::Complex(_) = field.part.unwrap_or(field.attribute).kind else {
        return Ok(field);
    };
    match field.attribute.part("value") {
        Some(value) if field.part.is_none() => Ok(Field {
            part: Some(value),
            ..field
        }),
        _ => Err(FilterRefusal::WrongKind(
            field.attribute.name,
            "one of its parts",
        )),
    }
}

/// The value as the kind of the attribute has it, if the operator can be asked of that kind.
fn fitting(field: Field, operator: Operator, value: Literal) -> Result<Literal, FilterRefusal> {
    let held = field.part.unwrap_or(field.attribute);
    let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    if value == Literal::Null {
        return match equality {
            true => Ok(value),
            false => Err(FilterRefusal::WrongKind(held.name, "a value")),
        };
    }
    match (held.kind, value) {
        (Kind::Boolean, _) if !equality => Err(FilterRefusal::WrongKind(held.name, "eq, ne or pr")),
        (Kind::Boolean, Literal::Boolean(value)) => Ok(Literal::Boolean(value)),
        // Entra writes `primary eq "True"`.
        (Kind::Boolean, Literal::Text(text)) => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Literal::Boolean(true)),
            "false" => Ok(Literal::Boolean(false)),
            _ => Err(FilterRefusal::WrongKind(held.name, "true or false")),
        },
        (Kind::Moment, Literal::Text(text)) => match evaluate::moment(&text) {
            Some(_) => Ok(Literal::Text(text)),
            None => Err(FilterRefusal::WrongKind(
                held.name,
                "a date and time with a zone",
            )),
        },
        (_, Literal::Text(text)) => Ok(Literal::Text(text)),
        _ => Err(FilterRefusal::WrongKind(
            held.name,
            "a string in double quotes",
        )),
    }
}
