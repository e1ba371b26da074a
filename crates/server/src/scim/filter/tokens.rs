//! The words of filters and paths.

use super::refusal::FilterRefusal;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name, path, operator or constant: whatever has no quotes.
    Word(String),
    /// A string of JSON.
    Text(String),
    Open,
    Close,
    OpenBracket,
    CloseBracket,
}

/// The tokens, each with the position of its first byte.
pub fn tokens(text: &str) -> Result<Vec<(Token, usize)>, FilterRefusal> {
    let mut found = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        let token = match character {
            ' ' | '\t' => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            '[' => Token::OpenBracket,
            ']' => Token::CloseBracket,
            '"' => Token::Text(quoted(text, &mut rest, at)?),
            _ if in_word(character) => {
                let mut word = String::from(character);
                while let Some((_, next)) = rest.next_if(|(_, next)| in_word(*next)) {
                    word.push(next);
                }
                Token::Word(word)
            }
            _ => return Err(FilterRefusal::Malformed("an attribute or a value", at)),
        };
        found.push((token, at));
    }
    Ok(found)
}

fn in_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_.-:$+".contains(character)
}

/// What the string says, as JSON reads it.
fn quoted(
    text: &str,
    rest: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    open: usize,
) -> Result<String, FilterRefusal> {
    let unreadable = FilterRefusal::Malformed("a string in double quotes, as JSON has it", open);
    let mut escaped = false;
    for (at, character) in rest.by_ref() {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == '"' {
            let written = text.get(open..=at).unwrap_or_default();
            return match serde_json::from_str::<String>(written) {
                // No text that is kept has one, and PostgreSQL cannot even be asked for it.
                Ok(said) if !said.contains('\0') => Ok(said),
                _ => Err(unreadable),
            };
        }
    }
    Err(unreadable)
}
