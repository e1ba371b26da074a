//! As much DER as the extensions of attestation certificates need.

pub(super) const INTEGER: u32 = 0x02;
pub(super) const OCTET_STRING: u32 = 0x04;
pub(super) const ENUMERATED: u32 = 0x0a;
pub(super) const SEQUENCE: u32 = 0x30;
pub(super) const SET: u32 = 0x31;

/// The tag of a constructed, context-specific element with this number.
pub(super) const fn context(number: u32) -> u32 {
    CONTEXT | number
}

/// Marks context-specific tags, which may have large numbers, apart from the universal ones, which are their first byte.
const CONTEXT: u32 = 0x8000_0000;

/// One element: its tag, its content, and what follows.
pub(super) struct Element<'a> {
    pub(super) tag: u32,
    pub(super) content: &'a [u8],
}

/// Reads the first element of the input; returns it with the bytes behind it.
pub(super) fn read(input: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (tag, rest) = read_tag(input)?;
    let (length, rest) = read_length(rest)?;
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Element { tag, content }, rest))
}

/// The content of the one element that fills the input, if it has this tag.
pub(super) fn read_all(input: &[u8], tag: u32) -> Option<&[u8]> {
    match read(input)? {
        (element, []) if element.tag == tag => Some(element.content),
        _ => None,
    }
}

/// All elements of a constructed one; `None` if they do not fill it.
pub(super) fn elements(mut input: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut out = Vec::new();
    while !input.is_empty() {
        let (element, rest) = read(input)?;
        out.push(element);
        input = rest;
    }
    Some(out)
}

/// A small non-negative integer.
pub(super) fn small_integer(content: &[u8]) -> Option<u64> {
    match content {
        [] => None,
        [first, ..] if *first >= 0x80 || content.len() > 8 => None,
        _ => Some(
            content
                .iter()
                .fold(0, |number, byte| (number << 8) | u64::from(*byte)),
        ),
    }
}

fn read_tag(input: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = input.split_first()?;
    let class = if first & 0xc0 == 0x80 { CONTEXT } else { 0 };
    if first & 0x1f != 0x1f {
        let number = if class == CONTEXT {
            first & 0x1f
        } else {
            *first
        };
        return Some((class | u32::from(number), rest));
    }
    let (number, rest) = read_large_number(rest)?;
    (class == CONTEXT).then_some((CONTEXT | number, rest))
}

/// A tag number in base 128, three bytes at most.
fn read_large_number(mut input: &[u8]) -> Option<(u32, &[u8])> {
    let mut number = 0u32;
    for _ in 0..3 {
        let (byte, rest) = input.split_first()?;
        number = (number << 7) | u32::from(byte & 0x7f);
        input = rest;
        if byte & 0x80 == 0 {
            return Some((number, input));
        }
    }
    None
}

fn read_length(input: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = input.split_first()?;
    if *first < 0x80 {
        return Some((usize::from(*first), rest));
    }
    let width = usize::from(first & 0x7f);
    let (bytes, rest) = rest.split_at_checked(width)?;
    if !(1..=3).contains(&width) {
        return None;
    }
    Some((
        bytes
            .iter()
            .fold(0, |length, byte| (length << 8) | usize::from(*byte)),
        rest,
    ))
}
