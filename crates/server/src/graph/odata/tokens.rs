//! The words of `$filter`.

use super::refusal::QueryRefusal;

const OPTION: &str = "$filter";

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A name, path, number, date, GUID, operator or function: whatever has no quotes.
    Word(String),
    /// A string; also what `microsoft.graph.someEnum'value'` says.
    Text(String),
    Open,
    Close,
    Comma,
}

/// The tokens, each with the position of its first character.
pub fn tokens(text: &str) -> Result<Vec<(Token, usize)>, QueryRefusal> {
    let mut found = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        let token = match character {
            ' ' | '\t' => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '\'' => Token::Text(quoted(&mut rest, at)?),
            _ if in_word(character) => {
                let mut word = String::from(character);
                while let Some((_, next)) = rest.next_if(|(_, next)| in_word(*next)) {
                    word.push(next);
                }
                // `microsoft.graph.riskLevel'high'`: the type goes without saying.
                match rest.next_if(|(_, next)| *next == '\'') {
                    Some((open, _)) => Token::Text(quoted(&mut rest, open)?),
                    None => Token::Word(word),
                }
            }
            _ => return Err(QueryRefusal::Malformed(OPTION, "a name or a value", at)),
        };
        found.push((token, at));
    }
    Ok(found)
}

fn in_word(character: char) -> bool {
    character.is_alphanumeric() || "_.-:/+@$".contains(character)
}

/// What stands before the closing quote; two quotes in a string are one.
fn quoted(
    rest: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    open: usize,
) -> Result<String, QueryRefusal> {
    let mut text = String::new();
    while let Some((_, character)) = rest.next() {
        if character != '\'' {
            text.push(character);
        } else if rest.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            return Ok(text);
        }
    }
    Err(QueryRefusal::Malformed(
        OPTION,
        "a closing quote for the string",
        open,
    ))
}
