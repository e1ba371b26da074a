//! The canonical encoding of a record and its leaf hash (docs/evidence.md has the same in prose, with examples).
//!
//! A record is hashed as it is stored, column by column, so that no byte of a row can change without changing the hash. Its
//! personal columns enter through a commitment: `SHA-256(0x02 || salt || encoding)`. The leaf is
//! `SHA-256(0x00 || encoding of the open columns and the commitments)`, RFC 9162 section 2.1.1.

use super::Hash;
use super::forms::{Form, FormPart};
use crate::row::Val;
use aws_lc_rs::digest::{SHA256, digest};
use policy::model::Salt;

/// RFC 9162 section 2.1.1: what a leaf begins with, so that it can never pass for a node (0x01).
const LEAF: u8 = 0x00;
/// Neither a leaf nor a node.
const COMMITMENT: u8 = 0x02;
/// Most records fit, so that the encoding is one allocation.
const USUAL_LENGTH: usize = 1_024;

/// What stands in the leaf for a part of the record.
pub fn commitment(part: &FormPart, salt: &Salt, values: &[Val<'_>]) -> Hash {
    let mut bytes = Vec::with_capacity(USUAL_LENGTH);
    bytes.push(COMMITMENT);
    bytes.extend_from_slice(salt.as_bytes());
    encode(&mut bytes, Val::Text(part.label));
    for value in values {
        encode(&mut bytes, *value);
    }
    sha256(&bytes)
}

/// The leaf of a record.
pub fn leaf(form: &Form, open: &[Val<'_>], commitments: &[Hash]) -> Hash {
    let mut bytes = Vec::with_capacity(USUAL_LENGTH);
    bytes.push(LEAF);
    encode(&mut bytes, Val::Text(form.label));
    for value in open {
        encode(&mut bytes, *value);
    }
    for commitment in commitments {
        encode(&mut bytes, Val::Blob(commitment));
    }
    sha256(&bytes)
}

/// A type byte, then eight bytes of the number, or four of the length and the bytes; all big-endian.
fn encode(out: &mut Vec<u8>, value: Val<'_>) {
    match value {
        Val::Null => out.push(0),
        Val::Int(number) => {
            out.push(1);
            out.extend_from_slice(&number.to_be_bytes());
        }
        Val::Text(text) => encode_bytes(out, 2, text.as_bytes()),
        Val::Blob(bytes) => encode_bytes(out, 3, bytes),
    }
}

fn encode_bytes(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    // Both databases refuse values of this size long before.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.push(kind);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

fn sha256(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(digest(&SHA256, bytes).as_ref()) {
        *to = *from;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PART: FormPart = FormPart {
        label: "part",
        columns: "a, b",
        erased: &[],
    };
    const FORM: Form = Form {
        label: "form",
        open: "c",
        parts: &[PART],
    };

    fn encoded(values: &[Val<'_>]) -> Vec<u8> {
        let mut out = Vec::new();
        for value in values {
            encode(&mut out, *value);
        }
        out
    }

    /// The bytes of docs/evidence.md.
    #[test]
    fn values_are_encoded_with_type_and_length() {
        let values = [
            Val::Null,
            Val::Int(-2),
            Val::Text("é"),
            Val::Blob(&[7, 8, 9]),
        ];
        assert_eq!(
            encoded(&values),
            [
                0, 1, 255, 255, 255, 255, 255, 255, 255, 254, 2, 0, 0, 0, 2, 0xc3, 0xa9, 3, 0, 0,
                0, 3, 7, 8, 9
            ]
        );
    }

    #[test]
    fn leaf_commitment_and_salt_are_told_apart() {
        let salt = Salt::new([1; 16]);
        let values = [Val::Text("a"), Val::Text("b")];
        let once = commitment(&PART, &salt, &values);
        assert_ne!(once, commitment(&PART, &Salt::new([2; 16]), &values));
        assert_ne!(once, commitment(&PART, &salt, &[Val::Text("ab")]));
        assert_ne!(
            leaf(&FORM, &values, &[once]),
            leaf(&FORM, &values, &[[0; 32]])
        );
        assert_ne!(leaf(&FORM, &values, &[]), leaf(&FORM, &values, &[once]));
    }

    proptest! {
        /// No text can be moved from one column to its neighbour.
        #[test]
        fn different_values_never_share_an_encoding(
            a in ".{0,9}", b in ".{0,9}", c in ".{0,9}", d in ".{0,9}"
        ) {
            let one = encoded(&[Val::Text(&a), Val::Text(&b)]);
            let other = encoded(&[Val::Text(&c), Val::Text(&d)]);
            prop_assert_eq!(one == other, (&a, &b) == (&c, &d));
            prop_assert_ne!(encoded(&[Val::Text(&a)]), encoded(&[Val::Blob(a.as_bytes())]));
        }
    }
}
