//! People in a table, under the names that Graph has for them: a file that Entra exports can be read as it is.

use std::collections::BTreeMap;
use std::fmt;

use policy::model::UserType;

use super::csv::{self, CsvRefusal, Row, Table};
use crate::flow::import::Wanted;

/// People of one file: they are written in one transaction, and nobody else writes meanwhile.
pub const MOST: usize = 5000;

/// What is kept.
const HELD: &[&str] = &[
    "userPrincipalName",
    "displayName",
    "givenName",
    "surname",
    "mail",
    "externalId",
    "accountEnabled",
    "userType",
];

/// What Entra's export has besides. It is left aside, and said to be; any other column is refused, because a misspelt
/// `accountEnabled` would leave somebody in who should be out.
const LEFT: &[&str] = &[
    "id",
    "jobTitle",
    "department",
    "usageLocation",
    "streetAddress",
    "state",
    "country",
    "officeLocation",
    "city",
    "postalCode",
    "telephoneNumber",
    "mobilePhone",
    "alternateEmailAddress",
    "ageGroup",
    "consentProvidedForMinor",
    "legalAgeGroupClassification",
    "companyName",
    "creationType",
    "directorySynced",
    "invitationState",
    "identityIssuer",
    "createdDateTime",
];

/// Why a table of people cannot be read. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleRefusal {
    /// It is no table.
    Csv(CsvRefusal),
    /// A column that is neither kept nor known.
    UnknownColumn(String),
    /// A column that stands there twice.
    ColumnTwice(&'static str),
    /// Nothing says who is meant.
    NoName,
    /// A row without a user principal name; the line.
    NameMissing(usize),
    /// A value that the column does not know: the line, the column, and what it knows.
    Value(usize, &'static str, &'static str),
    /// The same person twice: the line, and the line before.
    Twice(usize, usize),
}

impl PeopleRefusal {
    /// For programs; stable.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Csv(refusal) => refusal.code(),
            Self::UnknownColumn(_) => "column_unknown",
            Self::ColumnTwice(_) => "column_twice",
            Self::NoName => "column_missing",
            Self::NameMissing(_) => "name_missing",
            Self::Value(..) => "field_invalid",
            Self::Twice(..) => "person_twice",
        }
    }
}

impl std::error::Error for PeopleRefusal {}

impl fmt::Display for PeopleRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csv(refusal) => refusal.fmt(f),
            Self::UnknownColumn(name) => write!(
                f,
                "there is no column “{name}”; the columns are {}. Passwords are not taken: issue passes",
                HELD.join(", ")
            ),
            Self::ColumnTwice(name) => write!(f, "the column {name} stands there twice"),
            Self::NoName => f.write_str("the column userPrincipalName is missing"),
            Self::NameMissing(line) => write!(f, "line {line}: userPrincipalName is empty"),
            Self::Value(line, name, known) => {
                write!(f, "line {line}: {name} is none of {known}")
            }
            Self::Twice(line, before) => {
                write!(
                    f,
                    "line {line}: the same userPrincipalName as in line {before}"
                )
            }
        }
    }
}

impl From<CsvRefusal> for PeopleRefusal {
    fn from(refusal: CsvRefusal) -> Self {
        Self::Csv(refusal)
    }
}

/// People, and the columns that were left aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct People {
    /// As they should be, each under its line.
    pub wanted: Vec<(usize, Wanted)>,
    /// Names of columns.
    pub left: Vec<&'static str>,
}

/// Reads a file of people.
///
/// # Errors
/// The first thing that is not as it has to be.
pub fn read(bytes: &[u8]) -> Result<People, PeopleRefusal> {
    let Table { header, rows } = csv::read(bytes, MOST)?;
    let (columns, left) = columns(&header)?;
    let mut lines = BTreeMap::new();
    let mut wanted = Vec::new();
    for row in rows {
        let person = person(&columns, &row)?;
        let folded = person.user_principal_name.to_lowercase();
        if let Some(before) = lines.insert(folded, row.line) {
            return Err(PeopleRefusal::Twice(row.line, before));
        }
        wanted.push((row.line, person));
    }
    Ok(People { wanted, left })
}

/// Where each held column stands.
type Columns = BTreeMap<&'static str, usize>;

fn columns(header: &[String]) -> Result<(Columns, Vec<&'static str>), PeopleRefusal> {
    let (mut columns, mut left) = (Columns::new(), Vec::new());
    for (at, name) in header.iter().enumerate() {
        let name = name.trim();
        let among = |names: &[&'static str]| {
            let mut names = names.iter();
            names.find(|one| one.eq_ignore_ascii_case(name)).copied()
        };
        match (among(HELD), among(LEFT)) {
            (Some(held), _) => {
                if columns.insert(held, at).is_some() {
                    return Err(PeopleRefusal::ColumnTwice(held));
                }
            }
            (None, Some(other)) => left.push(other),
            (None, None) => {
                let name = name.chars().take(100).collect();
                return Err(PeopleRefusal::UnknownColumn(name));
            }
        }
    }
    match columns.contains_key("userPrincipalName") {
        true => Ok((columns, left)),
        false => Err(PeopleRefusal::NoName),
    }
}

/// An empty field says nothing.
fn person(columns: &Columns, row: &Row) -> Result<Wanted, PeopleRefusal> {
    let text = |name: &str| {
        let field = row.fields.get(*columns.get(name)?)?.trim();
        (!field.is_empty()).then(|| field.to_owned())
    };
    let word = |name: &'static str, known: &'static str, words: [&str; 2]| match text(name) {
        None => Ok::<_, PeopleRefusal>(None),
        Some(said) => {
            let mut words = words.iter();
            let found = words.position(|word| word.eq_ignore_ascii_case(&said));
            let found = found.ok_or(PeopleRefusal::Value(row.line, name, known))?;
            Ok(Some(found == 0))
        }
    };
    let enabled = word("accountEnabled", "true, false", ["true", "false"])?;
    let guest = word("userType", "Guest, Member", ["Guest", "Member"])?;
    Ok(Wanted {
        user_principal_name: text("userPrincipalName")
            .ok_or(PeopleRefusal::NameMissing(row.line))?,
        display_name: text("displayName"),
        given_name: text("givenName"),
        family_name: text("surname"),
        mail: text("mail"),
        external_id: text("externalId"),
        enabled,
        user_type: guest.map(|guest| match guest {
            true => UserType::Guest,
            false => UserType::Member,
        }),
    })
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::panic,
        clippy::unwrap_used,
        reason = "a failed setup is a failed test"
    )]
    use super::*;

    fn refusal(text: &str) -> PeopleRefusal {
        read(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn an_export_of_entra_is_read_as_it_is() {
        let text = "userPrincipalName,displayName,surname,mail,givenName,id,userType,accountEnabled\n\
                    ada@example.com,Ada,Lovelace,,Ada,1,Member,True\n\
                    bob@example.com,\"Bob, the guest\",,bob@post.example,,2,guest,FALSE\n";
        let people = read(text.as_bytes()).unwrap();
        assert_eq!(people.left, ["id"]);
        let [(2, ada), (3, bob)] = people.wanted.as_slice() else {
            panic!("{people:?}");
        };
        assert_eq!(ada.family_name.as_deref(), Some("Lovelace"));
        assert_eq!(
            (ada.enabled, ada.user_type),
            (Some(true), Some(UserType::Member))
        );
        assert_eq!(ada.mail, None, "an empty field says nothing");
        assert_eq!(bob.display_name.as_deref(), Some("Bob, the guest"));
        assert_eq!(
            (bob.enabled, bob.user_type),
            (Some(false), Some(UserType::Guest))
        );
    }

    #[test]
    fn a_column_that_nobody_knows_is_refused() {
        let misspelt = refusal("userPrincipalName,acountEnabled\n");
        assert_eq!(
            misspelt,
            PeopleRefusal::UnknownColumn("acountEnabled".into())
        );
        assert_eq!(misspelt.code(), "column_unknown");
        assert_eq!(refusal("displayName\n"), PeopleRefusal::NoName);
        assert_eq!(
            refusal("userPrincipalName,mail,Mail\n"),
            PeopleRefusal::ColumnTwice("mail")
        );
        // A table with semicolons is one column to the RFC.
        assert!(matches!(
            refusal("userPrincipalName;mail\na;b\n"),
            PeopleRefusal::UnknownColumn(_)
        ));
    }

    #[test]
    fn a_row_that_is_wrong_is_named() {
        let header = "userPrincipalName,accountEnabled,userType\n";
        let of = |rows: &str| refusal(&format!("{header}{rows}"));
        assert_eq!(of("a@x,,\n,,\n"), PeopleRefusal::NameMissing(3));
        assert!(matches!(
            of("a@x,yes,\n"),
            PeopleRefusal::Value(2, "accountEnabled", _)
        ));
        assert!(matches!(
            of("a@x,,robot\n"),
            PeopleRefusal::Value(2, "userType", _)
        ));
        assert_eq!(of("a@x,,\nb@x,,\nA@X,,\n"), PeopleRefusal::Twice(4, 2));
        assert_eq!(of("a@x\n").code(), "csv_uneven");
    }
}
