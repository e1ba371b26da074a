//! Every collected vector that is not ambiguous gets the verdict that it carries, reason included; every ambiguous one gets the
//! verdict that `docs/ambiguous-vectors.md` states.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]

use ceremony::cases::Case;
use serde_json::Value;

fn vectors(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    json["vectors"].as_array().unwrap().clone()
}

/// The case was "no anchor is known", and its empty list of anchors was lost when it was collected: what is left is the same as for
/// vectors that are accepted because nobody asked about the chain. Listed in `docs/ambiguous-vectors.md`.
const UNDECIDABLE: &str = "webauthn-ruby/stmt-packed-x5c-attestation-when-the-certificate-chain-is-invalid-when-finder-doesn-t-have-correct-certificate";

/// Runs every vector of a file; returns how many agreed and how many were ambiguous.
fn check(file: &str) -> (usize, usize) {
    let (mut agreed, mut ambiguous, mut wrong) = (0, 0, Vec::new());
    for vector in vectors(file) {
        let verdict = serde_json::from_value::<Case>(vector.clone())
            .unwrap()
            .run();
        let expected = (
            vector["expected"]["ok"].as_bool().unwrap(),
            vector["expected"]["reason"].as_str(),
        );
        if vector.get("ambiguous").is_some() || verdict.name == UNDECIDABLE {
            ambiguous += 1;
        } else if expected == (verdict.ok, verdict.reason) {
            agreed += 1;
        } else {
            wrong.push(format!(
                "{}: expected {expected:?}, got {:?}",
                verdict.name,
                (verdict.ok, verdict.reason)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {file} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    (agreed, ambiguous)
}

#[test]
fn the_vectors_of_the_specification_agree() {
    assert_eq!(check("spec-l3.json"), (30, 0));
}

#[test]
fn the_vectors_of_the_peers_agree() {
    assert_eq!(check("peers.json"), (305, 30));
}

#[test]
fn the_post_quantum_vectors_agree() {
    check("pq/webauthn-mldsa-made.json");
    check("pq/webauthn-mldsa-third-party.json");
}

/// `docs/ambiguous-vectors.md` has a row for every ambiguous vector, and the row tells the truth.
#[test]
fn the_choices_about_ambiguous_vectors_are_the_documented_ones() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/ambiguous-vectors.md"
    );
    let document = std::fs::read_to_string(path).unwrap_or_default();
    let files = [
        "spec-l3.json",
        "peers.json",
        "pq/webauthn-mldsa-made.json",
        "pq/webauthn-mldsa-third-party.json",
    ];
    let vectors = files.iter().flat_map(|file| vectors(file));
    let missing: Vec<_> = vectors
        .filter(|vector| vector.get("ambiguous").is_some() || vector["name"] == UNDECIDABLE)
        .map(|vector| serde_json::from_value::<Case>(vector).unwrap().run())
        .map(|verdict| {
            format!(
                "| `{}` | {} |",
                verdict.name,
                verdict.reason.unwrap_or("accepted")
            )
        })
        .filter(|row| !document.contains(row.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "rows that docs/ambiguous-vectors.md lacks:\n{}",
        missing.join("\n")
    );
}
