//! The few places where the two databases want different words.
//!
//! | token | SQLite | PostgreSQL | where |
//! |---|---|---|---|
//! | `{BLOB}` | `BLOB` | `BYTEA` | column types in migrations |
//! | `{CLUSTERED}` | `WITHOUT ROWID` | nothing | tables that are their own index |
//! | `{LOCK p}` | nothing | `FOR UPDATE OF p` | rows that the same job changes next |
//! | `{SHARE u}` | nothing | `FOR SHARE OF u` | rows that must stay as they are |
//! | `{LIST m.id}` | `group_concat(hex(m.id))` | `string_agg(encode(m.id, 'hex'), ',')` | ids of many rows in one column |
//! | `{BY name}` | `INDEXED BY name` | nothing | where SQLite, which knows no statistics, would take another index |
//! | `{IF}` | `1 = 1` | the guard | statements that can be part of a guarded batch |
//! | `{BACKEND}` | `0` | 1 to 1024, by the backend that runs it | which shard a record is numbered in |
//! | `{SHARD}` | `0` | what [`crate::evidence::NUMBER`] answered | the same, in the record |
//! | `{NUMBER audit}` | one more than the newest in that table | what it answered | the number in it |
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

    /// The question how a query would be answered.
    pub fn explained(self, sql: &'static str) -> String {
        let word = match self {
            Self::Sqlite => "EXPLAIN QUERY PLAN",
            Self::Postgres => "EXPLAIN",
        };
        format!("{word} {}", self.statement(sql))
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
        let (word, table) = token.split_once(' ').unwrap_or((token, ""));
        match (self, word) {
            (Self::Postgres, "LOCK") => out.extend(["FOR UPDATE OF ", table]),
            (Self::Postgres, "SHARE") => out.extend(["FOR SHARE OF ", table]),
            (Self::Sqlite, "LOCK" | "SHARE") => {}
            (Self::Postgres, "LIST") => {
                out.extend(["string_agg(encode(", table, ", 'hex'), ',')"]);
            }
            (Self::Sqlite, "LIST") => out.extend(["group_concat(hex(", table, "))"]),
            (Self::Sqlite, "BY") => out.extend(["INDEXED BY ", table]),
            (Self::Postgres, "BY") => {}
            (Self::Postgres, "BACKEND") => {
                out.push_str("CAST(1 + pg_backend_pid() % 1024 AS BIGINT)");
            }
            (Self::Postgres, "SHARD") => out.push_str("(SELECT shard FROM numbered)"),
            (Self::Postgres, "NUMBER") => out.push_str("(SELECT last FROM numbered)"),
            (Self::Sqlite, "BACKEND" | "SHARD") => out.push('0'),
            (Self::Sqlite, "NUMBER") => out.extend([
                "(1 + coalesce((SELECT number FROM ",
                table,
                " WHERE tenant_id = $1 AND shard = 0 ORDER BY number DESC LIMIT 1), 0))",
            ]),
            (_, _) => out.push_str(condition),
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
        let sql = "SELECT {LIST m.id} FROM group_members m";
        assert_eq!(
            Dialect::Sqlite.statement(sql),
            "SELECT group_concat(hex(m.id)) FROM group_members m"
        );
        assert_eq!(
            Dialect::Postgres.statement(sql),
            "SELECT string_agg(encode(m.id, 'hex'), ',') FROM group_members m"
        );
    }

    #[test]
    fn an_index_is_named_where_no_statistics_lead_to_it() {
        let sql = "SELECT id FROM audit {BY audit_user} WHERE user_id = $1";
        assert_eq!(
            Dialect::Sqlite.statement(sql),
            "SELECT id FROM audit INDEXED BY audit_user WHERE user_id = $1"
        );
        assert_eq!(
            Dialect::Postgres.explained(sql),
            "EXPLAIN SELECT id FROM audit  WHERE user_id = $1"
        );
    }

    #[test]
    fn a_record_is_numbered_by_the_lone_writer_or_by_the_backend() {
        let sql = "SELECT {SHARD}, {NUMBER audit} WHERE {IF}";
        assert_eq!(
            Dialect::Sqlite.statement(sql),
            "SELECT 0, (1 + coalesce((SELECT number FROM audit WHERE tenant_id = $1 AND shard = 0 \
             ORDER BY number DESC LIMIT 1), 0)) WHERE 1 = 1"
        );
        assert_eq!(
            Dialect::Postgres.statement(sql),
            "SELECT (SELECT shard FROM numbered), (SELECT last FROM numbered) WHERE 1 = 1"
        );
    }

    #[test]
    fn parameters_are_shifted_as_numbers() {
        assert_eq!(shift_parameters("$1 $10 $2", 3), "$4 $13 $5");
        assert_eq!(shift_parameters("none", 3), "none");
    }
}
