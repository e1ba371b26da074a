//! Tables of people. Whatever comes in, what is read is in its bounds, and a table that is written out again with every field in quotes
//! is the same table.
#![no_main]

use keyward::import::csv::{LONGEST_FIELD, MOST_COLUMNS, Table, read};
use keyward::import::people;
use libfuzzer_sys::fuzz_target;

const ROWS: usize = 50;

fuzz_target!(|bytes: &[u8]| {
    let _ = people::read(bytes);
    let Ok(table) = read(bytes, ROWS) else {
        return;
    };
    assert!(table.rows.len() <= ROWS && table.header.len() <= MOST_COLUMNS);
    let fields = |table: &Table| {
        let rows = table.rows.iter().map(|row| row.fields.clone());
        std::iter::once(table.header.clone())
            .chain(rows)
            .collect::<Vec<_>>()
    };
    let all = fields(&table);
    assert!(
        all.iter()
            .flatten()
            .all(|field| field.len() <= LONGEST_FIELD)
    );
    let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
    let lines = all
        .iter()
        .map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(","));
    let text = lines.collect::<Vec<_>>().join("\r\n");
    let again = read(text.as_bytes(), ROWS).expect("what was written as the RFC has it");
    assert_eq!(fields(&again), all);
});
