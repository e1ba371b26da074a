//! The query string, option by option.

use std::collections::BTreeSet;

use super::collection::Collection;
use super::filter::Expression;
use super::refusal::QueryRefusal;

/// Bytes of a query string.
const LONGEST: usize = 8192;
/// Names in `$select`, `$orderby` and `$expand`.
const MOST: usize = 100;
/// Bytes of a `$skiptoken`.
const LONGEST_TOKEN: usize = 200;
/// Bytes of a `$search`.
const LONGEST_SEARCH: usize = 200;
/// The largest `$skip`.
const FURTHEST: u32 = 100_000;

const NAMES: &[&str] = &[
    "$filter",
    "$select",
    "$orderby",
    "$top",
    "$skip",
    "$skiptoken",
    "$expand",
    "$count",
    "$search",
    "$format",
];

/// What was asked of a collection or an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Which elements.
    pub filter: Option<Expression>,
    /// Which members; empty is all.
    pub select: Vec<String>,
    /// In which order.
    pub order: Vec<Order>,
    /// How many at most.
    pub top: Option<u32>,
    /// Elements to leave out at the beginning.
    pub skip: u32,
    /// Where the page before ended.
    pub skip_token: Option<String>,
    /// Related objects to say more of.
    pub expand: Vec<String>,
    /// Whether to say how many there are.
    pub count: bool,
    /// Words to look for.
    pub search: Option<String>,
}

/// One step of `$orderby`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The member.
    pub field: &'static str,
    /// The largest first.
    pub descending: bool,
}

impl Options {
    /// Reads a query string that asks something of `collection`.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(query: &str, collection: &Collection) -> Result<Self, QueryRefusal> {
        Self::of(&pairs(query)?, collection)
    }

    /// The same of a query that is decoded. Parameters that are no OData options are somebody else's.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn of(query: &[(String, String)], collection: &Collection) -> Result<Self, QueryRefusal> {
        let mut options = Self::default();
        let mut seen = BTreeSet::new();
        for (name, value) in query {
            let Some(option) = option(name)? else {
                continue;
            };
            if !seen.insert(option) {
                return Err(QueryRefusal::Repeated(option));
            }
            options.take(option, value, collection)?;
        }
        Ok(options)
    }

    fn take(
        &mut self,
        option: &'static str,
        value: &str,
        collection: &Collection,
    ) -> Result<(), QueryRefusal> {
        match option {
            "$filter" => self.filter = Some(Expression::parse(value, collection)?),
            "$select" => self.select = names(option, value)?,
            "$orderby" => self.order = order(value, collection)?,
            "$top" => self.top = Some(number(option, value, 1, collection.most)?),
            "$skip" if !collection.skip => return Err(QueryRefusal::NotHere(option)),
            "$skip" => self.skip = number(option, value, 0, FURTHEST)?,
            "$skiptoken" => {
                if value.is_empty() || value.len() > LONGEST_TOKEN {
                    return Err(QueryRefusal::BadToken);
                }
                self.skip_token = Some(value.to_owned());
            }
            "$expand" => self.expand = expand(value, collection)?,
            "$count" => self.count = truth(option, value)?,
            "$search" if !collection.search => return Err(QueryRefusal::NotHere(option)),
            "$search" => self.search = Some(search(value)?),
            "$format" if value == "json" || value == "application/json" => {}
            "$format" => return Err(QueryRefusal::NotHere(option)),
            _ => return Err(QueryRefusal::UnknownOption(option.to_owned())),
        }
        Ok(())
    }

    /// Elements of a page.
    pub fn page(&self, collection: &Collection) -> u32 {
        self.top.unwrap_or(collection.page)
    }

    /// Where a page of a collection that counts its way begins.
    ///
    /// # Errors
    /// [`QueryRefusal::BadToken`].
    pub fn offset(&self) -> Result<u32, QueryRefusal> {
        let Some(token) = &self.skip_token else {
            return Ok(self.skip);
        };
        token.parse().map_err(|_| QueryRefusal::BadToken)
    }

    /// Whether a related object is to be said more of.
    pub fn expands(&self, name: &str) -> bool {
        self.expand.iter().any(|one| one == name)
    }
}

/// The option of this name. Graph takes them without `$` and in any case too; a `filter=` that were left out would answer with
/// everything.
fn option(name: &str) -> Result<Option<&'static str>, QueryRefusal> {
    let bare = name.strip_prefix('$').unwrap_or(name);
    let known = NAMES
        .iter()
        .find(|known| known.trim_start_matches('$').eq_ignore_ascii_case(bare));
    match known {
        Some(known) => Ok(Some(known)),
        None if name.starts_with('$') => Err(QueryRefusal::UnknownOption(
            name.chars().take(100).collect(),
        )),
        None => Ok(None),
    }
}

/// Names and values, decoded strictly: what two decoders read differently has two meanings.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>, QueryRefusal> {
    if query.len() > LONGEST {
        return Err(QueryRefusal::TooLong("The query string"));
    }
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}

fn decoded(text: &str) -> Result<String, QueryRefusal> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let value = high.zip(low).map(|(high, low)| high * 16 + low);
                value
                    .and_then(|value| u8::try_from(value).ok())
                    .ok_or(QueryRefusal::BadEncoding)?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| QueryRefusal::BadEncoding)
}

fn number(option: &'static str, value: &str, least: u32, most: u32) -> Result<u32, QueryRefusal> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number));
    number
        .filter(|_| digits)
        .ok_or(QueryRefusal::OutOfRange(option, least, most))
}

fn truth(option: &'static str, value: &str) -> Result<bool, QueryRefusal> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(QueryRefusal::Malformed(option, "true or false", 0)),
    }
}

fn names(option: &'static str, value: &str) -> Result<Vec<String>, QueryRefusal> {
    let names: Vec<String> = value
        .split(',')
        .map(|name| name.trim().to_owned())
        .collect();
    if names.len() > MOST {
        return Err(QueryRefusal::TooMany(option));
    }
    let fine = |name: &String| {
        let word = |c: char| c.is_ascii_alphanumeric() || "_./@*".contains(c);
        !name.is_empty() && name.chars().all(word)
    };
    match names.iter().all(fine) {
        true => Ok(names),
        false => Err(QueryRefusal::Malformed(option, "names parted by commas", 0)),
    }
}

fn order(value: &str, collection: &Collection) -> Result<Vec<Order>, QueryRefusal> {
    const OPTION: &str = "$orderby";
    let steps = value.split(',').take(MOST).map(|step| {
        let mut words = step.split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        let known = collection
            .order
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name));
        let Some(field) = known else {
            let name = name.chars().take(100).collect();
            return Err(QueryRefusal::UnknownField(
                OPTION,
                name,
                collection.order.to_vec(),
            ));
        };
        let descending = match (
            words.next().map(str::to_ascii_lowercase).as_deref(),
            words.next(),
        ) {
            (None | Some("asc"), None) => false,
            (Some("desc"), None) => true,
            _ => return Err(QueryRefusal::Malformed(OPTION, "asc or desc", 0)),
        };
        Ok(Order { field, descending })
    });
    steps.collect()
}

/// One level: `memberOf`, `memberOf($select=id)`, `*`. What is in the parentheses is read and checked, and needs no answer:
/// members that were not asked for may come.
fn expand(value: &str, collection: &Collection) -> Result<Vec<String>, QueryRefusal> {
    const OPTION: &str = "$expand";
    let mut found = Vec::new();
    for part in outer_commas(value)? {
        let (name, inner) = match part.split_once('(') {
            None => (part, None),
            Some((name, rest)) => match rest.strip_suffix(')') {
                Some(inner) => (name, Some(inner)),
                None => return Err(QueryRefusal::Malformed(OPTION, "')'", value.len())),
            },
        };
        let name = name.trim();
        if let Some(inner) = inner {
            let select = inner
                .strip_prefix("$select=")
                .filter(|names| !names.contains(['(', ')']));
            names(OPTION, select.ok_or(QueryRefusal::TooDeep(OPTION))?)?;
        }
        match collection
            .expand
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name))
        {
            Some(known) => found.push((*known).to_owned()),
            None if name == "*" && !collection.expand.is_empty() => {
                found.extend(collection.expand.iter().map(|known| (*known).to_owned()));
            }
            None => {
                let name = name.chars().take(100).collect();
                return Err(QueryRefusal::UnknownField(
                    OPTION,
                    name,
                    collection.expand.to_vec(),
                ));
            }
        }
    }
    Ok(found)
}

/// Parts between commas that stand in no parentheses.
fn outer_commas(value: &str) -> Result<Vec<&str>, QueryRefusal> {
    let mut depth = 0_u32;
    let parts: Vec<&str> = value
        .split(|character| {
            match character {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            character == ',' && depth == 0
        })
        .collect();
    match parts.len() > MOST {
        true => Err(QueryRefusal::TooMany("$expand")),
        false => Ok(parts),
    }
}

/// `"displayName:words"` or words.
fn search(value: &str) -> Result<String, QueryRefusal> {
    if value.len() > LONGEST_SEARCH {
        return Err(QueryRefusal::TooLong("$search"));
    }
    let bare = value.trim().trim_matches('"').trim();
    match bare.is_empty() {
        true => Err(QueryRefusal::Malformed(
            "$search",
            "words in double quotes",
            0,
        )),
        false => Ok(bare.to_owned()),
    }
}
