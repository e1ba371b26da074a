//! The few places where the two databases want different words.
//!
//! | token | SQLite | PostgreSQL | where |
//! |---|---|---|---|
//! | `{BLOB}` | `BLOB` | `BYTEA` | column types in migrations |
//! | `{CLUSTERED}` | `WITHOUT ROWID` | nothing | tables that are their own index |
//! | `{LOCK p}` | nothing | `FOR UPDATE OF p` | rows that the same job changes next |
//! | `{SHARE u}` | nothing | `FOR SHARE OF u` | rows that must stay as they are |
//! | `{IF}` | `1 = 1` | the guard | statements that can be part of a guarded batch |
//!
//! SQLite needs no row locks, because a write job is alone with the database while it runs.

use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The schema text in this database's words.
    pub fn schema(self, text: &str) -> String {
        let (blob, clustered) = match self {
            Self::Sqlite => ("BLOB", " WITHOUT ROWID"),
            Self::Postgres => ("BYTEA", ""),
        };
        text.replace("{BLOB}", blob)
            .replace(" {CLUSTERED}", clustered)
    }

    /// A statement in this database's words, on its own.
    pub fn statement(self, sql: &'static str) -> Cow<'static, str> {
        if sql.contains('{') {
            Cow::Owned(self.conditional(sql, "1 = 1"))
        } else {
            Cow::Borrowed(sql)
        }
    }

    /// A statement in this database's words, with `condition` for `{IF}`.
    pub fn conditional(self, sql: &str, condition: &str) -> String {
        let mut out = String::with_capacity(sql.len() + 32);
        let mut rest = sql;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((token, tail)) = after.split_once('}') else {
                break;
            };
            out.push_str(before);
            self.push_token(&mut out, token, condition);
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    fn push_token(self, out: &mut String, token: &str, condition: &str) {
        match (self, token.split_once(' ')) {
            (_, None) => out.push_str(condition),
            (Self::Sqlite, Some(_)) => {}
            (Self::Postgres, Some((how, table))) => {
                out.push_str(if how == "LOCK" {
                    "FOR UPDATE OF "
                } else {
                    "FOR SHARE OF "
                });
                out.push_str(table);
            }
        }
    }
}

/// Adds `by` to each parameter number of `sql`, so that statements can share one parameter list.
pub fn shift_parameters(sql: &str, by: usize) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut parts = sql.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        out.push('$');
        match number.parse::<usize>() {
            Ok(number) => out.push_str(&(number + by).to_string()),
            Err(_) => out.push_str(number),
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_become_words() {
        let sql = "SELECT 1 FROM users u WHERE {IF} {LOCK u}";
        assert_eq!(
            Dialect::Sqlite.statement(sql),
            "SELECT 1 FROM users u WHERE 1 = 1 "
        );
        assert_eq!(
            Dialect::Postgres.statement(sql),
            "SELECT 1 FROM users u WHERE 1 = 1 FOR UPDATE OF u"
        );
    }

    #[test]
    fn parameters_are_shifted_as_numbers() {
        assert_eq!(shift_parameters("$1 $10 $2", 3), "$4 $13 $5");
        assert_eq!(shift_parameters("none", 3), "none");
    }
}
