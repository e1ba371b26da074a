//! `$filter`: from text to an expression whose fields exist and whose values have their kinds.

use policy::model::Timestamp;
use uuid::Uuid;

use super::collection::{Collection, Field, Kind};
use super::refusal::QueryRefusal;
use super::tokens::{Token, tokens};

const OPTION: &str = "$filter";
/// Bytes of an expression.
const LONGEST: usize = 4096;
/// Parentheses, `not` and lambdas in one another.
const DEEPEST: u32 = 12;
/// Comparisons of an expression, each value of an `in` among them.
const MOST: usize = 100;

/// What has to be true of an element.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// Every one of these.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// `field operator value`.
    Compare(Field, Operator, Value),
    /// `field in (…)`.
    In(Field, Vec<Value>),
    /// `startswith(field,'…')` and the like.
    Call(Function, Field, String),
    /// `collection/any(x:…)`; without a body: whether there is an element.
    Elements(String, Quantifier, Option<Box<Self>>),
    /// A field that is a truth value by itself, or a constant.
    Holds(Field),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `eq`.
    Equal,
    /// `ne`.
    NotEqual,
    /// `gt`.
    Greater,
    /// `ge`.
    AtLeast,
    /// `lt`.
    Less,
    /// `le`.
    AtMost,
    /// `has`: every word of the value is among those of the field, which are parted by commas.
    Has,
}

/// A function of a field and a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `startswith`.
    StartsWith,
    /// `endswith`.
    EndsWith,
    /// `contains`.
    Contains,
}

/// How many elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one.
    Any,
    /// Every one.
    All,
}

/// A value of its field's kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// [`Kind::Text`].
    Text(String),
    /// [`Kind::Guid`].
    Guid(Uuid),
    /// [`Kind::Moment`].
    Moment(Timestamp),
    /// [`Kind::Number`].
    Number(f64),
    /// [`Kind::Boolean`].
    Boolean(bool),
}

impl Expression {
    /// Reads an expression about elements of `collection`.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str, collection: &Collection) -> Result<Self, QueryRefusal> {
        if text.len() > LONGEST {
            return Err(QueryRefusal::TooLong(OPTION));
        }
        let mut parser = Parser {
            tokens: tokens(text)?,
            at: 0,
            end: text.len(),
            fields: collection.fields,
            compared: 0,
            depth: 0,
            element: None,
        };
        let expression = parser.any()?;
        match parser.peek() {
            None => Ok(expression),
            Some(_) => Err(parser.wrong("'and', 'or' or the end")),
        }
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    end: usize,
    fields: &'static [Field],
    compared: usize,
    depth: u32,
    /// Inside a lambda: its variable, and the path of the collection it stands for an element of.
    element: Option<(String, String)>,
}

impl Parser {
    fn any(&mut self) -> Result<Expression, QueryRefusal> {
        let first = self.all()?;
        let mut parts = vec![first];
        while self.keyword("or") {
            parts.push(self.all()?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Expression::Any(parts),
        })
    }

    fn all(&mut self) -> Result<Expression, QueryRefusal> {
        let first = self.one()?;
        let mut parts = vec![first];
        while self.keyword("and") {
            parts.push(self.one()?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Expression::All(parts),
        })
    }

    /// Every way to recurse leads through here, and therefore past the limit.
    fn one(&mut self) -> Result<Expression, QueryRefusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(QueryRefusal::TooDeep(OPTION));
        }
        let found = self.primary();
        self.depth -= 1;
        found
    }

    fn primary(&mut self) -> Result<Expression, QueryRefusal> {
        if self.keyword("not") {
            return Ok(Expression::Not(Box::new(self.one()?)));
        }
        if self.take(&Token::Open) {
            let inner = self.any()?;
            self.expect(&Token::Close, "')'")?;
            return Ok(inner);
        }
        let word = self.word("a field")?;
        if self.peek() == Some(&Token::Open) {
            return match function(&word) {
                Some(function) => self.call(function),
                None => self.elements(&word),
            };
        }
        let field = self.field(&word)?;
        self.comparison(field)
    }

    fn comparison(&mut self, field: Field) -> Result<Expression, QueryRefusal> {
        let Some(Token::Word(word)) = self.peek() else {
            return self.alone(field);
        };
        let word = word.to_ascii_lowercase();
        if word == "in" {
            self.at += 1;
            return self.list(field);
        }
        let Some(operator) = operator(&word) else {
            return self.alone(field);
        };
        self.at += 1;
        if operator == Operator::Has && field.kind != Kind::Text {
            return Err(QueryRefusal::Unsupported(
                "has".to_owned(),
                "compares flags, which this field does not hold",
            ));
        }
        let value = self.value(field)?;
        if value == Value::Null && !matches!(operator, Operator::Equal | Operator::NotEqual) {
            return Err(QueryRefusal::Unsupported(word, "cannot be asked of null"));
        }
        Ok(Expression::Compare(field, operator, value))
    }

    /// A truth value stands alone; anything else wants an operator.
    fn alone(&mut self, field: Field) -> Result<Expression, QueryRefusal> {
        match field.kind {
            Kind::Boolean => {
                self.count()?;
                Ok(Expression::Holds(field))
            }
            _ => Err(self.wrong("an operator (eq, ne, gt, ge, lt, le, in, has)")),
        }
    }

    fn list(&mut self, field: Field) -> Result<Expression, QueryRefusal> {
        self.expect(&Token::Open, "'('")?;
        let mut values = vec![self.value(field)?];
        while self.take(&Token::Comma) {
            values.push(self.value(field)?);
        }
        self.expect(&Token::Close, "')' or ','")?;
        Ok(Expression::In(field, values))
    }

    fn call(&mut self, function: Function) -> Result<Expression, QueryRefusal> {
        self.expect(&Token::Open, "'('")?;
        let word = self.word("a field")?;
        let field = self.field(&word)?;
        self.expect(&Token::Comma, "','")?;
        self.count()?;
        let text = match self.next() {
            Some(Token::Text(text)) => text,
            _ => return Err(self.wrong_before("a string in single quotes")),
        };
        self.expect(&Token::Close, "')'")?;
        match field.kind {
            Kind::Text | Kind::Guid => Ok(Expression::Call(function, field, text)),
            kind => Err(QueryRefusal::WrongKind(field.path, kind.wants())),
        }
    }

    /// `path/any(x:…)`.
    fn elements(&mut self, word: &str) -> Result<Expression, QueryRefusal> {
        let named = word.rsplit_once('/').and_then(|(path, name)| {
            let quantifier = match name.to_ascii_lowercase().as_str() {
                "any" => Quantifier::Any,
                "all" => Quantifier::All,
                _ => return None,
            };
            Some((path, quantifier))
        });
        let Some((path, quantifier)) = named else {
            return Err(QueryRefusal::Unsupported(
                word.to_owned(),
                "is no function: startswith, endswith, contains, any and all are",
            ));
        };
        if self.element.is_some() {
            return Err(QueryRefusal::Unsupported(
                word.to_owned(),
                "cannot stand inside another lambda",
            ));
        }
        let path = self.collection_path(path)?;
        self.expect(&Token::Open, "'('")?;
        if self.take(&Token::Close) {
            self.count()?;
            return Ok(Expression::Elements(path, quantifier, None));
        }
        let variable = self.variable()?;
        self.element = Some((variable, path.clone()));
        let body = self.any();
        self.element = None;
        let body = body?;
        self.expect(&Token::Close, "')'")?;
        Ok(Expression::Elements(path, quantifier, Some(Box::new(body))))
    }

    /// `x:` before the body, which may be glued to its first word.
    fn variable(&mut self) -> Result<String, QueryRefusal> {
        let word = self.word("a variable and ':'")?;
        let (variable, rest) = match word.split_once(':') {
            Some((variable, rest)) => (variable.to_owned(), rest.to_owned()),
            None => match self.next() {
                Some(Token::Word(next)) if next.starts_with(':') => {
                    (word, next.trim_start_matches(':').to_owned())
                }
                _ => return Err(self.wrong_before("':' after the variable")),
            },
        };
        let fine = variable
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_');
        if variable.is_empty() || !fine {
            return Err(self.wrong_before("a variable and ':'"));
        }
        if !rest.is_empty() {
            self.at -= 1;
            if let Some((token, _)) = self.tokens.get_mut(self.at) {
                *token = Token::Word(rest);
            }
        }
        Ok(variable)
    }

    /// The collection as fields name it, without its brackets.
    fn collection_path(&self, path: &str) -> Result<String, QueryRefusal> {
        let known = self.fields.iter().filter_map(|field| {
            let (collection, _) = field.path.split_once("[]")?;
            collection.eq_ignore_ascii_case(path).then_some(collection)
        });
        match known.into_iter().next() {
            Some(collection) => Ok(collection.to_owned()),
            None => Err(self.unknown(path)),
        }
    }

    /// The field that a path names. Names are compared without regard to case: so does Graph.
    fn field(&self, word: &str) -> Result<Field, QueryRefusal> {
        let full = match &self.element {
            None => word.to_owned(),
            Some((variable, path)) => match word.split_once('/') {
                _ if word == variable => format!("{path}[]"),
                Some((first, rest)) if first == variable => format!("{path}[]/{rest}"),
                _ => return Err(self.unknown(word)),
            },
        };
        let found = self
            .fields
            .iter()
            .find(|field| field.path.eq_ignore_ascii_case(&full));
        found.copied().ok_or_else(|| self.unknown(word))
    }

    fn unknown(&self, word: &str) -> QueryRefusal {
        let allowed = self.fields.iter().map(|field| field.path).collect();
        let word = word.chars().take(100).collect();
        QueryRefusal::UnknownField(OPTION, word, allowed)
    }

    fn value(&mut self, field: Field) -> Result<Value, QueryRefusal> {
        self.count()?;
        let value = match self.next() {
            Some(Token::Word(word)) if word == "null" => Some(Value::Null),
            Some(Token::Word(word)) => bare(&word, field.kind),
            Some(Token::Text(text)) => in_quotes(text, field.kind),
            _ => return Err(self.wrong_before("a value")),
        };
        value.ok_or(QueryRefusal::WrongKind(field.path, field.kind.wants()))
    }

    const fn count(&mut self) -> Result<(), QueryRefusal> {
        self.compared += 1;
        match self.compared > MOST {
            true => Err(QueryRefusal::TooMany(OPTION)),
            false => Ok(()),
        }
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, expected: &'static str) -> Result<String, QueryRefusal> {
        match self.next() {
            Some(Token::Word(word)) => Ok(word),
            _ => Err(self.wrong_before(expected)),
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.at += 1;
        token
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token, expected: &'static str) -> Result<(), QueryRefusal> {
        match self.take(token) {
            true => Ok(()),
            false => Err(self.wrong(expected)),
        }
    }

    fn wrong(&self, expected: &'static str) -> QueryRefusal {
        let at = self.tokens.get(self.at).map_or(self.end, |(_, at)| *at);
        QueryRefusal::Malformed(OPTION, expected, at)
    }

    /// The same, of the token that was just taken.
    fn wrong_before(&self, expected: &'static str) -> QueryRefusal {
        let at = self
            .tokens
            .get(self.at.saturating_sub(1))
            .map_or(self.end, |(_, at)| *at);
        QueryRefusal::Malformed(OPTION, expected, at)
    }
}

fn operator(word: &str) -> Option<Operator> {
    Some(match word {
        "eq" => Operator::Equal,
        "ne" => Operator::NotEqual,
        "gt" => Operator::Greater,
        "ge" => Operator::AtLeast,
        "lt" => Operator::Less,
        "le" => Operator::AtMost,
        "has" => Operator::Has,
        _ => return None,
    })
}

fn function(word: &str) -> Option<Function> {
    Some(match word.to_ascii_lowercase().as_str() {
        "startswith" => Function::StartsWith,
        "endswith" => Function::EndsWith,
        "contains" => Function::Contains,
        _ => return None,
    })
}

fn bare(word: &str, kind: Kind) -> Option<Value> {
    match kind {
        // Real clients leave the quotes away around ids.
        Kind::Text => Uuid::try_parse(word)
            .ok()
            .map(|id| Value::Text(id.to_string())),
        Kind::Guid => Uuid::try_parse(word).ok().map(Value::Guid),
        Kind::Moment => moment(word).map(Value::Moment),
        Kind::Number => {
            let number: f64 = word.parse().ok()?;
            number.is_finite().then_some(Value::Number(number))
        }
        Kind::Boolean => match word {
            "true" => Some(Value::Boolean(true)),
            "false" => Some(Value::Boolean(false)),
            _ => None,
        },
    }
}

fn in_quotes(text: String, kind: Kind) -> Option<Value> {
    match kind {
        Kind::Text => Some(Value::Text(text)),
        Kind::Guid | Kind::Moment => bare(&text, kind),
        Kind::Number | Kind::Boolean => None,
    }
}

/// A moment with its offset, or a day, which begins at midnight UTC.
pub fn moment(text: &str) -> Option<Timestamp> {
    let moment: jiff::Timestamp = match text.parse::<jiff::civil::Date>() {
        Ok(day) if !text.contains(['T', 't']) => {
            day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp()
        }
        _ => text.parse().ok()?,
    };
    Some(Timestamp::from_micros(moment.as_microsecond()))
}
