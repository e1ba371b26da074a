//! Many mutants in one build: the function that a mutant is in gets its body twice, and an environment variable chooses when the
//! test program starts. Building is what mutation costs; this way it is paid once.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Mutant;

/// Names the chosen mutant to the test program.
pub const VARIABLE: &str = "KEYWARD_MUTANT";

/// What is written behind a crate's root module.
pub const FUNCTION: &str = r#"
pub(crate) fn mutant(number: usize) -> bool {
    static CHOSEN: std::sync::OnceLock<Option<usize>> = std::sync::OnceLock::new();
    let read = || std::env::var("KEYWARD_MUTANT").ok()?.parse().ok();
    *CHOSEN.get_or_init(read) == Some(number)
}
"#;

/// The root module of the crate that a file belongs to.
pub fn root_of(file: &Path) -> Option<PathBuf> {
    let mut parts = file.iter();
    let (crates, name) = (parts.next()?, parts.next()?);
    (crates == "crates").then(|| {
        [crates, name, "src".as_ref(), "lib.rs".as_ref()]
            .iter()
            .collect()
    })
}

/// A text with mutants in it.
pub struct Switched {
    pub text: String,
    /// Which lines of the text (from 1) belong to which mutants.
    pub places: Vec<(Range<usize>, Vec<usize>)>,
}

/// A function's body, and what mutants make of it.
struct Doubled {
    body: Range<usize>,
    changed: Vec<(usize, String)>,
}

/// Puts the mutants that stand in a function's body into `text`.
pub fn insert(text: &str, mutants: &[(usize, &Mutant)]) -> Switched {
    let bodies = bodies(text);
    let mut chosen: BTreeMap<usize, Doubled> = BTreeMap::new();
    for (number, mutant) in mutants {
        let Some(start) = text.find(&mutant.find) else {
            continue;
        };
        let fragment = start..start + mutant.find.len();
        let around =
            |body: &&Range<usize>| body.start <= fragment.start && fragment.end <= body.end;
        let Some(body) = bodies.iter().filter(around).min_by_key(|body| body.len()) else {
            continue;
        };
        let (before, after) = (body.start..fragment.start, fragment.end..body.end);
        let parts = (text.get(before), text.get(after));
        let (Some(before), Some(after)) = parts else {
            continue;
        };
        let changed = format!("{before}{}{after}", mutant.replace);
        let entry = chosen.entry(body.start);
        let doubled = entry.or_insert_with(|| Doubled {
            body: body.clone(),
            changed: Vec::new(),
        });
        doubled.changed.push((*number, changed));
    }
    let mut switched = Switched {
        text: String::new(),
        places: Vec::new(),
    };
    let mut done = 0;
    for Doubled { body, changed } in chosen.into_values() {
        // A function within a function: what overlaps gets a build of its own.
        let (Some(between), Some(original)) = (text.get(done..body.start), text.get(body.clone()))
        else {
            continue;
        };
        switched.text.push_str(between);
        let first = switched.text.matches('\n').count() + 1;
        for (number, changed) in &changed {
            let branch = format!("if crate::mutant({number}) {{{changed}}} else ");
            switched.text.push_str(&branch);
        }
        switched.text.push_str(&format!("{{{original}}}\n"));
        let last = switched.text.matches('\n').count() + 1;
        let numbers = changed.into_iter().map(|(number, _)| number).collect();
        switched.places.push((first..last + 1, numbers));
        done = body.end;
    }
    switched.text.push_str(text.get(done..).unwrap_or_default());
    switched
}

/// Between the braces of every function whose body can be written twice: none that is `const` (the switch reads the
/// environment) or returns `impl …` (two bodies are two types).
fn bodies(text: &str) -> Vec<Range<usize>> {
    let code = code_only(text);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code.get(..at).unwrap_or_default();
        let is_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let line = before.rsplit('\n').next().unwrap_or_default();
        if is_word || line.contains("const ") {
            continue;
        }
        let rest = code.get(at..).unwrap_or_default();
        let Some(open) = rest.find(['{', ';']) else {
            continue;
        };
        let head = rest.get(..open).unwrap_or_default();
        let returns_impl = head
            .rsplit_once("->")
            .is_some_and(|(_, kind)| kind.contains("impl "));
        if returns_impl || !rest.get(open..).is_some_and(|rest| rest.starts_with('{')) {
            continue;
        }
        if let Some(length) = length_of_block(rest.get(open + 1..).unwrap_or_default()) {
            let start = at + open + 1;
            found.push(start..start + length);
        }
    }
    found
}

/// How far it is to the brace that closes the block.
fn length_of_block(code: &str) -> Option<usize> {
    let mut depth = 1_usize;
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The text with blanks for everything in comments, strings and characters; every byte stays where it is.
fn code_only(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = not_code(rest, at.checked_sub(1).and_then(|at| bytes.get(at)));
        for byte in out.iter_mut().skip(at).take(length) {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at += length.max(1);
    }
    String::from_utf8(out).unwrap_or_default()
}

/// The length of the comment, string or character that `rest` begins with; 0 if it begins with none.
fn not_code(rest: &[u8], before: Option<&u8>) -> usize {
    let until = |end: &[u8]| {
        let found = rest.windows(end.len()).position(|window| window == end);
        found.map_or(rest.len(), |at| at + end.len())
    };
    match rest {
        [b'/', b'/', ..] => until(b"\n") - 1,
        [b'/', b'*', ..] => until(b"*/"),
        [b'r', b'"' | b'#', ..] if !before.is_some_and(|b| is_name(*b) && *b != b'b') => {
            let hashes = rest.iter().skip(1).take_while(|b| **b == b'#').count();
            if rest.get(hashes + 1) != Some(&b'"') {
                return 0;
            }
            let end = [&b"\""[..], &b"#".repeat(hashes)].concat();
            let body = rest.get(hashes + 2..).unwrap_or_default();
            let found = body.windows(end.len()).position(|window| window == end);
            found.map_or(rest.len(), |at| hashes + 2 + at + end.len())
        }
        [b'"', ..] => quoted(rest, b'"'),
        // A lifetime has no second quote where a character's would be.
        [b'\'', b'\\', ..] | [b'\'', _, b'\'', ..] => quoted(rest, b'\''),
        [b'\'', first, ..] if *first >= 0x80 => quoted(rest, b'\''),
        _ => 0,
    }
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(find: &str, replace: &str) -> Mutant {
        Mutant {
            rule: String::new(),
            file: PathBuf::new(),
            find: find.to_owned(),
            replace: replace.to_owned(),
            test: None,
        }
    }

    #[test]
    fn a_body_is_written_twice_and_the_rest_once() {
        let text = "fn a(x: u8) -> bool {\n    x > 1 // }\n}\nconst fn b() -> u8 { 1 }\nfn c() -> impl Fn() { || {} }\n";
        let (one, two) = (mutant("x > 1", "true"), mutant("{ 1 }", "{ 2 }"));
        let three = mutant("|| {}", "|| ()");
        let switched = insert(text, &[(7, &one), (8, &two), (9, &three)]);
        assert!(
            switched
                .text
                .contains("if crate::mutant(7) {\n    true // }\n} else {\n    x > 1 // }\n}\n}"),
            "{}",
            switched.text
        );
        let numbers: Vec<_> = switched.places.iter().map(|(_, numbers)| numbers).collect();
        assert_eq!(numbers, [&[7]]);
    }

    #[test]
    fn braces_in_texts_do_not_count() {
        let text = "fn a<'x>() {\n    let _ = (\"}\", '}', r#\"}\"}\"#, '\\'', b'}', b\"}\");\n    done();\n}\n";
        let one = mutant("done();", "");
        let switched = insert(text, &[(1, &one)]);
        assert_eq!(
            switched.text.matches("let _").count(),
            2,
            "{}",
            switched.text
        );
        assert_eq!(switched.text.matches("done();").count(), 1);
    }
}
