//! R10: who may have a passkey here, and names that only look like somebody's.

use super::Refusal;

/// Which relying parties may have passkeys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RelyingParties {
    /// Any.
    #[default]
    Any,
    /// Enrolled ones.
    EnrolledOnly,
}

/// Whether this relying party may.
///
/// # Errors
/// [`Refusal::LookAlike`] if its name imitates an enrolled one, under either setting; [`Refusal::NotEnrolled`].
pub fn welcome(rp_id: &str, enrolled: &[&str], setting: RelyingParties) -> Result<(), Refusal> {
    if enrolled.contains(&rp_id) {
        return Ok(());
    }
    if enrolled.iter().any(|real| imitates(rp_id, real)) {
        return Err(Refusal::LookAlike);
    }
    match setting {
        RelyingParties::Any => Ok(()),
        RelyingParties::EnrolledOnly => Err(Refusal::NotEnrolled),
    }
}

/// Whether a name would be read as another one.
fn imitates(rp_id: &str, real: &str) -> bool {
    let (seen, real_seen) = (skeleton(rp_id), skeleton(real));
    // `login.example.com.evil.test` begins as people expect; `login-example.com` drops what they do not look at.
    seen == real_seen || seen.starts_with(&format!("{real_seen}."))
}

/// What an eye makes of a name: letters of other scripts, digits and pairs that look like Latin letters become those; hyphens and
/// dots inside the name's own part count alike.
fn skeleton(rp_id: &str) -> String {
    let labels = rp_id.trim_end_matches('.').split('.').map(shown);
    let text = labels.collect::<Vec<_>>().join(".").to_lowercase();
    let latin: String = text.chars().map(latin).collect();
    latin
        .replace("rn", "m")
        .replace("vv", "w")
        .replace("cl", "d")
        .replace('-', ".")
}

/// A label as a browser may show it.
fn shown(label: &str) -> String {
    let lower = label.to_ascii_lowercase();
    lower
        .strip_prefix("xn--")
        .and_then(decode_punycode)
        .unwrap_or(lower)
}

/// Letters that are mistaken for Latin ones: Cyrillic, Greek, dotless and accented forms, digits.
const fn latin(letter: char) -> char {
    match letter {
        '0' | 'о' | 'ο' | 'օ' | 'ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'ø' | 'ọ' => 'o',
        '1' | 'l' | 'i' | 'і' | 'ı' | 'ι' | 'ӏ' | 'í' | 'ì' | 'î' | 'ï' | '|' => 'l',
        'а' | 'α' | 'ä' | 'á' | 'à' | 'â' | 'ã' | 'å' | 'ɑ' | 'ạ' => 'a',
        'е' | 'ё' | 'é' | 'è' | 'ê' | 'ë' | 'ẹ' | 'ε' | '3' => 'e',
        'с' | 'ϲ' | 'ç' | 'ć' | 'č' => 'c',
        'р' | 'ρ' => 'p',
        'ѕ' | 'ś' | 'š' | 'ş' | '5' => 's',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ý' | 'ÿ' => 'y',
        'ԁ' => 'd',
        'һ' => 'h',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'п' | 'η' | 'ñ' | 'ń' => 'n',
        'т' | 'τ' => 't',
        'υ' | 'ü' | 'ú' | 'ù' | 'û' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ѡ' | 'ԝ' => 'w',
        'ɡ' | 'ğ' => 'g',
        'ƅ' | 'в' | 'ь' => 'b',
        other => other,
    }
}

/// Decodes what follows `xn--` (RFC 3492), or nothing if it is not that. A label has at most 63 letters, so nothing grows.
fn decode_punycode(label: &str) -> Option<String> {
    const MAX: usize = 63;
    if label.len() > MAX {
        return None;
    }
    let (basic, digits) = label.rsplit_once('-').unwrap_or(("", label));
    if digits.is_empty() {
        return None;
    }
    let mut output: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = digits.bytes().peekable();
    while digits.peek().is_some() {
        let start = i;
        let (mut weight, mut k) = (1_u32, 36_u32);
        loop {
            let digit = digit(digits.next()?)?;
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(36 - threshold)?;
            k += 36;
        }
        let length = u32::try_from(output.len()).ok()? + 1;
        bias = adapted(i - start, length, start == 0);
        n = n.checked_add(i / length)?;
        i %= length;
        output.insert(usize::try_from(i).ok()?, char::from_u32(n)?);
        i += 1;
    }
    Some(output.into_iter().collect())
}

fn digit(byte: u8) -> Option<u32> {
    match byte {
        b'a'..=b'z' => Some(u32::from(byte - b'a')),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 26),
        _ => None,
    }
}

const fn adapted(delta: u32, length: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / length;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::{Refusal, RelyingParties, decode_punycode, welcome};

    const ENROLLED: &[&str] = &["login.contoso.com"];

    #[test]
    fn punycode_is_read_as_the_standard_shows() {
        for (label, text) in [
            ("mnchen-3ya", "münchen"),
            ("bcher-kva", "bücher"),
            ("e1afmkfd", "пример"),
            ("80ak6aa92e", "аррӏе"),
        ] {
            assert_eq!(decode_punycode(label).as_deref(), Some(text));
        }
        for broken in ["-", "!!", "99999999", &"9".repeat(64)] {
            assert_eq!(decode_punycode(broken), None, "{broken}");
        }
    }

    #[test]
    fn names_that_look_alike_are_refused_and_others_are_not() {
        for imitation in [
            "login.c0ntoso.com",
            "iogin.contoso.com",
            "login.xn--contso-zqf.com",
            "login-contoso.com",
            "login.contoso.com.evil.example",
            "LOGIN.CONTOSO.COM",
            "login.contoso.com.",
            "login.соntoso.com",
        ] {
            assert_eq!(
                welcome(imitation, ENROLLED, RelyingParties::Any),
                Err(Refusal::LookAlike),
                "{imitation}"
            );
        }
        for other in [
            "contoso.com",
            "login.contoso.org",
            "login.fabrikam.com",
            "xn--mnchen-3ya.de",
        ] {
            assert_eq!(welcome(other, ENROLLED, RelyingParties::Any), Ok(()));
        }
    }
}
