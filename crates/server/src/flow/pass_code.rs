//! The text of a Temporary Access Pass: characters that nobody confuses, five bits of randomness each.

use super::SecretText;
use crate::clock::Random;

/// Crockford's alphabet: no i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of a pass that no policy shaped: 60 bits.
pub const LENGTH: usize = 12;
/// The most that a policy can ask for.
const MOST: usize = 48;
const GROUP: usize = 4;
/// The longest text worth looking at.
const LONGEST: usize = 64;

/// A fresh code of so many characters (48 at most), without separators.
pub fn generate(random: &Random, length: usize) -> SecretText {
    let letters = random.bytes::<MOST>().into_iter().take(length).map(|byte| {
        let letter = ALPHABET.get(usize::from(byte & 31)).copied();
        char::from(letter.unwrap_or(b'0'))
    });
    SecretText::new(letters.collect::<String>())
}

/// The code as people read it: groups of four.
pub fn grouped(code: &SecretText) -> SecretText {
    let letters: Vec<char> = code.expose().chars().collect();
    SecretText::new(
        letters
            .chunks(GROUP)
            .map(|group| group.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join("-"),
    )
}

/// What a person typed, as [`generate`] made it: case, spaces and dashes do not matter, look-alikes are forgiven.
pub fn normalized(typed: &SecretText) -> SecretText {
    let kept = typed
        .expose()
        .chars()
        .take(LONGEST)
        .filter(|letter| !letter.is_whitespace() && *letter != '-');
    let plain = kept.map(|letter| match letter.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    SecretText::new(plain.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_code_is_the_generated_one() {
        let code = generate(&Random::system(), LENGTH);
        assert_eq!(code.expose().len(), LENGTH);
        let shown = grouped(&code);
        assert_eq!(shown.expose().len(), LENGTH + 2);
        let typed = SecretText::new(format!(" {} ", shown.expose().to_uppercase()));
        assert_eq!(normalized(&typed).expose(), code.expose());
    }

    #[test]
    fn look_alikes_are_forgiven() {
        assert_eq!(normalized(&SecretText::new("O0-Il1")).expose(), "00111");
    }
}
