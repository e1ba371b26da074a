//! `keyward verify FILE`: judges recorded ceremonies, one JSON object per line, and prints one verdict per line.
//!
//! The members are those of [`ceremony::cases::Case`] (`crates/ceremony/tests/vectors/README.md` tells where such files come from).
//! No network, no database, no clock: each case says what time it was.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use ceremony::cases::{Case, Verdict};

/// The longest line that is read, in bytes.
const MAX_LINE: u64 = 1024 * 1024;

/// Reads cases from `file` (`-` is standard input) and prints verdicts to standard output.
///
/// A line that is no case gets the verdict `malformed_response` under its line number, so that output and input stay in step.
///
/// # Errors
/// When the file cannot be read or the verdicts cannot be written.
pub fn run(file: &Path) -> anyhow::Result<()> {
    let out = BufWriter::new(io::stdout().lock());
    if file == Path::new("-") {
        return judge(io::stdin().lock(), out);
    }
    let opened = File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    judge(BufReader::new(opened), out)
}

fn judge(mut input: impl BufRead, mut out: impl Write) -> anyhow::Result<()> {
    let mut number = 0usize;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = io::Read::take(&mut input, MAX_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        number += 1;
        let whole = line.ends_with(b"\n") || read as u64 != MAX_LINE;
        if !whole {
            input.skip_until(b'\n')?;
        }
        if !line.trim_ascii().is_empty() {
            let verdict = if whole {
                judge_line(&line, number)
            } else {
                unreadable(number)
            };
            serde_json::to_writer(&mut out, &verdict)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(())
}

fn judge_line(line: &[u8], number: usize) -> Verdict {
    match serde_json::from_slice::<Case>(line) {
        Ok(case) => case.run(),
        Err(_) => unreadable(number),
    }
}

fn unreadable(number: usize) -> Verdict {
    Verdict {
        name: format!("line {number}"),
        ok: false,
        reason: Some(ceremony::Refusal::MalformedResponse.code()),
        format: None,
        passkey_type: None,
        aaguid: None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a failed setup is a failed test"
    )]

    use serde_json::Value;

    fn verdicts(input: &str) -> Vec<Value> {
        let mut out = Vec::new();
        super::judge(input.as_bytes(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn every_vector_of_the_specification_gets_its_verdict_on_a_line_of_its_own() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../ceremony/tests/vectors/spec-l3.json"
        );
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        let lines: Vec<_> = vectors.iter().map(Value::to_string).collect();
        let verdicts = verdicts(&lines.join("\n"));
        assert_eq!(verdicts.len(), vectors.len());
        for (vector, verdict) in vectors.iter().zip(&verdicts) {
            assert_eq!(verdict["name"], vector["name"]);
            assert_eq!(
                verdict["ok"], vector["expected"]["ok"],
                "{}",
                verdict["name"]
            );
            assert_eq!(verdict["reason"], Value::Null);
        }
    }

    #[test]
    fn a_verdict_has_the_promised_members() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../ceremony/tests/vectors/spec-l3.json"
        );
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let line = verdicts(&file["vectors"][0].to_string()).remove(0);
        assert_eq!(
            line,
            serde_json::json!({
                "name": "spec-l3/none-es256/registration", "ok": true, "reason": null, "format": "none",
                "passkeyType": "synced", "aaguid": "8446ccb9-ab1d-b374-750b-2367ff6f3a1f"
            })
        );
    }

    #[test]
    fn unreadable_lines_keep_their_place() {
        let huge = format!("{{\"name\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
        let lines = verdicts(&format!(
            "nonsense\n\n{huge}\n{{\"ceremony\":\"other\",\"name\":\"n\"}}"
        ));
        let names: Vec<_> = lines
            .iter()
            .map(|line| line["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["line 1", "line 3", "n"]);
        assert!(
            lines
                .iter()
                .all(|line| line["reason"] == "malformed_response")
        );
    }
}
