//! Comma-separated values, strictly as RFC 4180 has them: what two programs would read differently is refused and not guessed, because
//! a quote that is read in two ways moves a value into another person's column.
//!
//! Two liberties: lines may end with a line feed alone, and a byte order mark may stand at the beginning (Excel writes one).

use std::fmt;

/// Bytes of a file.
pub const LONGEST_FILE: usize = 16 * 1024 * 1024;
/// Columns of a row.
pub const MOST_COLUMNS: usize = 100;
/// Bytes of a field.
pub const LONGEST_FIELD: usize = 4096;

/// Why a file cannot be read. Lines count from 1; a quoted field may run over several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvRefusal {
    /// Larger than anybody needs.
    FileTooLarge,
    /// Not UTF-8.
    NotUtf8,
    /// A quote inside a field that does not begin with one; the line.
    StrayQuote(usize),
    /// Something between a closing quote and the next comma; the line.
    BehindQuote(usize),
    /// A quoted field that never ends; the line where it begins.
    OpenQuote(usize),
    /// A carriage return without a line feed; the line.
    StrayReturn(usize),
    /// A zero byte, which no text that is kept has; the line.
    Zero(usize),
    /// More columns than anybody needs; the line.
    TooManyColumns(usize),
    /// A field longer than anybody needs; the line.
    FieldTooLong(usize),
    /// More or fewer fields than the header has: the line, and how many of each.
    Uneven(usize, usize, usize),
    /// More rows than are read.
    TooManyRows(usize),
    /// Not even a header.
    Empty,
}

impl CsvRefusal {
    /// For programs; stable.
    pub const fn code(self) -> &'static str {
        match self {
            Self::FileTooLarge => "csv_too_large",
            Self::NotUtf8 => "csv_not_utf8",
            Self::StrayQuote(_) => "csv_stray_quote",
            Self::BehindQuote(_) => "csv_behind_quote",
            Self::OpenQuote(_) => "csv_open_quote",
            Self::StrayReturn(_) => "csv_stray_return",
            Self::Zero(_) => "csv_zero",
            Self::TooManyColumns(_) => "csv_too_many_columns",
            Self::FieldTooLong(_) => "csv_field_too_long",
            Self::Uneven(..) => "csv_uneven",
            Self::TooManyRows(_) => "csv_too_many_rows",
            Self::Empty => "csv_empty",
        }
    }
}

impl std::error::Error for CsvRefusal {}

impl fmt::Display for CsvRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileTooLarge => {
                write!(f, "the file is larger than {} MiB", LONGEST_FILE >> 20)
            }
            Self::NotUtf8 => f.write_str("the file is not UTF-8; save it as “CSV UTF-8”"),
            Self::StrayQuote(line) => write!(
                f,
                "line {line}: a quote stands inside a field that does not begin with one; \
                 put the whole field in quotes and write each quote within twice"
            ),
            Self::BehindQuote(line) => write!(
                f,
                "line {line}: something stands between a closing quote and the next comma"
            ),
            Self::OpenQuote(line) => {
                write!(f, "line {line}: a quoted field begins here and never ends")
            }
            Self::StrayReturn(line) => {
                write!(f, "line {line}: a carriage return without a line feed")
            }
            Self::Zero(line) => write!(f, "line {line}: a zero byte"),
            Self::TooManyColumns(line) => {
                write!(f, "line {line}: more than {MOST_COLUMNS} fields")
            }
            Self::FieldTooLong(line) => {
                write!(
                    f,
                    "line {line}: a field is longer than {LONGEST_FIELD} bytes"
                )
            }
            Self::Uneven(line, found, wanted) => write!(
                f,
                "line {line}: {found} fields where the header has {wanted}"
            ),
            Self::TooManyRows(most) => {
                write!(f, "more than {most} rows; split the file")
            }
            Self::Empty => f.write_str("the file is empty; its first line names the columns"),
        }
    }
}

/// A file that was read: every row has as many fields as the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A row, with the line on which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// From 1.
    pub line: usize,
    /// One for each column.
    pub fields: Vec<String>,
}

/// Reads a file of at most `most` rows. Empty lines count for nothing.
///
/// # Errors
/// The first thing that is not as it has to be.
pub fn read(bytes: &[u8], most: usize) -> Result<Table, CsvRefusal> {
    if bytes.len() > LONGEST_FILE {
        return Err(CsvRefusal::FileTooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| CsvRefusal::NotUtf8)?;
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
    };
    let header = reader.row()?.ok_or(CsvRefusal::Empty)?.fields;
    let mut rows = Vec::new();
    while let Some(row) = reader.row()? {
        if row.fields.len() != header.len() {
            let (found, wanted) = (row.fields.len(), header.len());
            return Err(CsvRefusal::Uneven(row.line, found, wanted));
        }
        if rows.len() == most {
            return Err(CsvRefusal::TooManyRows(most));
        }
        rows.push(row);
    }
    Ok(Table { header, rows })
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

/// What stands behind a field.
enum End {
    Comma,
    Line,
    File,
}

impl Reader<'_> {
    /// The next row that is not empty.
    fn row(&mut self) -> Result<Option<Row>, CsvRefusal> {
        while !self.rest.is_empty() {
            let line = self.line;
            let quoted = self.rest.starts_with('"');
            let mut fields = Vec::new();
            loop {
                if fields.len() == MOST_COLUMNS {
                    return Err(CsvRefusal::TooManyColumns(line));
                }
                let (field, end) = self.field()?;
                fields.push(field);
                if !matches!(end, End::Comma) {
                    break;
                }
            }
            // A line without anything, not even quotes.
            if quoted || fields.len() != 1 || fields.iter().any(|field| !field.is_empty()) {
                return Ok(Some(Row { line, fields }));
            }
        }
        Ok(None)
    }

    fn field(&mut self) -> Result<(String, End), CsvRefusal> {
        let line = self.line;
        let field = match self.rest.strip_prefix('"') {
            Some(rest) => {
                self.rest = rest;
                self.quoted()?
            }
            None => self.bare()?,
        };
        if field.len() > LONGEST_FIELD {
            return Err(CsvRefusal::FieldTooLong(line));
        }
        if field.contains('\0') {
            return Err(CsvRefusal::Zero(line));
        }
        Ok((field, self.end()?))
    }

    /// Up to the next comma or the end of the line.
    fn bare(&mut self) -> Result<String, CsvRefusal> {
        let end = self.rest.find([',', '\r', '\n']);
        let (field, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if field.contains('"') {
            return Err(CsvRefusal::StrayQuote(self.line));
        }
        self.rest = rest;
        Ok(field.to_owned())
    }

    /// Up to the closing quote; two of them are one.
    fn quoted(&mut self) -> Result<String, CsvRefusal> {
        let (begin, mut field) = (self.line, String::new());
        loop {
            let Some((part, rest)) = self.rest.split_once('"') else {
                return Err(CsvRefusal::OpenQuote(begin));
            };
            self.line += part.matches('\n').count();
            field.push_str(part);
            match rest.strip_prefix('"') {
                Some(rest) => {
                    field.push('"');
                    self.rest = rest;
                }
                None => {
                    self.rest = rest;
                    return Ok(field);
                }
            }
        }
    }

    fn end(&mut self) -> Result<End, CsvRefusal> {
        if self.rest.is_empty() {
            return Ok(End::File);
        }
        if let Some(rest) = self.rest.strip_prefix(',') {
            self.rest = rest;
            return Ok(End::Comma);
        }
        let line = self.rest.strip_prefix("\r\n");
        match line.or_else(|| self.rest.strip_prefix('\n')) {
            Some(rest) => {
                self.rest = rest;
                self.line += 1;
                Ok(End::Line)
            }
            None if self.rest.starts_with('\r') => Err(CsvRefusal::StrayReturn(self.line)),
            None => Err(CsvRefusal::BehindQuote(self.line)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
        let table = read(text.as_bytes(), 10).unwrap();
        let rows = table.rows.into_iter();
        rows.map(|row| (row.line, row.fields)).collect()
    }

    fn refusal(text: &str) -> CsvRefusal {
        read(text.as_bytes(), 2).unwrap_err()
    }

    #[test]
    fn a_file_is_read_as_the_rfc_has_it() {
        let text = "\u{feff}a,b\r\n1,\"2\"\r\n\r\n\"x, \"\"y\"\"\nz\",\n\"\",end";
        let table = read(text.as_bytes(), 10).unwrap();
        assert_eq!(table.header, ["a", "b"]);
        let expected = [
            (2, vec!["1".to_owned(), "2".to_owned()]),
            (4, vec!["x, \"y\"\nz".to_owned(), String::new()]),
            (6, vec![String::new(), "end".to_owned()]),
        ];
        assert_eq!(rows(text), expected);
        assert_eq!(rows("a\n\"\"\n"), [(2, vec![String::new()])]);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        assert_eq!(refusal("a,b\n1,2\"3\n"), CsvRefusal::StrayQuote(2));
        assert_eq!(refusal("a,b\n \"1\",2\n"), CsvRefusal::StrayQuote(2));
        assert_eq!(refusal("a,b\n\"1\" ,2\n"), CsvRefusal::BehindQuote(2));
        assert_eq!(refusal("a,b\n1,\"2\n3"), CsvRefusal::OpenQuote(2));
        assert_eq!(refusal("a,b\r1,2"), CsvRefusal::StrayReturn(1));
        assert_eq!(refusal("a,b\n1\n"), CsvRefusal::Uneven(2, 1, 2));
        assert_eq!(refusal("a\n1,2\n"), CsvRefusal::Uneven(2, 2, 1));
        assert_eq!(refusal("a\n\0\n"), CsvRefusal::Zero(2));
        assert_eq!(refusal("\n\n"), CsvRefusal::Empty);
        assert_eq!(read(b"a\n\xff", 1), Err(CsvRefusal::NotUtf8));
    }

    #[test]
    fn everything_is_bounded() {
        assert_eq!(refusal("a\n1\n2\n3\n"), CsvRefusal::TooManyRows(2));
        let wide = ",".repeat(MOST_COLUMNS);
        assert_eq!(refusal(&wide), CsvRefusal::TooManyColumns(1));
        let long = format!("a\n{}", "x".repeat(LONGEST_FIELD + 1));
        assert_eq!(refusal(&long), CsvRefusal::FieldTooLong(2));
        let large = vec![b'a'; LONGEST_FILE + 1];
        assert_eq!(read(&large, 1), Err(CsvRefusal::FileTooLarge));
    }
}
