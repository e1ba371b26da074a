//! As much DER as Android's key description needs.

fn tlv(tag: &[u8], content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head: Vec<u8> = match length {
        0..=0x7f => vec![length as u8],
        _ => vec![0x82, (length >> 8) as u8, length as u8],
    };
    [tag, &head, content].concat()
}

pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(&[0x30], &parts.concat())
}

pub fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(&[0x31], &parts.concat())
}

pub fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(&[0x04], bytes)
}

pub fn enumerated(number: u8) -> Vec<u8> {
    tlv(&[0x0a], &[number])
}

pub fn integer(number: u32) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let significant = bytes.iter().position(|byte| *byte != 0).unwrap_or(3);
    let mut content = bytes.get(significant..).unwrap_or(&[0]).to_vec();
    if content.first().is_some_and(|byte| *byte >= 0x80) {
        content.insert(0, 0);
    }
    tlv(&[0x02], &content)
}

/// `[number] EXPLICIT`.
pub fn context(number: u16, content: &[u8]) -> Vec<u8> {
    match number {
        0..=30 => tlv(&[0xa0 | number as u8], content),
        _ => tlv(
            &[0xbf, 0x80 | (number >> 7) as u8, (number & 0x7f) as u8],
            content,
        ),
    }
}

/// A directory name as an alternative name, of attributes given by the content bytes of their object identifiers.
pub fn directory_name(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    let relative: Vec<Vec<u8>> = attributes
        .iter()
        .map(|(oid, value)| {
            let pair = [tlv(&[0x06], oid), tlv(&[0x0c], value.as_bytes())];
            set(&[sequence(&pair)])
        })
        .collect();
    sequence(&[context(4, &sequence(&relative))])
}
