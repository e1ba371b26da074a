//! What every page of ours keeps to, whatever it shows.

use std::collections::BTreeSet;

use axum::http::header;

use crate::world::Answer;

/// Asserts what a page needs for people (language, title, one heading, named fields) and for the strict policy (nothing
/// inline), and returns its text.
#[track_caller]
pub fn check(answer: &Answer) -> &str {
    let page = answer.body.as_str();
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(page.starts_with("<!doctype html>"), "{page}");
    assert!(
        page.contains("<html lang=\"en\">") || page.contains("<html lang=\"de\">"),
        "{page}"
    );
    let title = between(page, "<title>", "</title>").next().unwrap();
    assert!(title.len() > " · Keyward".len(), "{title}");
    assert!(page.matches("<main id=\"content\"").count() == 1, "{page}");
    nothing_inline(page);
    fields_are_named(page);
    page
}

fn nothing_inline(page: &str) {
    for tag in tags(page) {
        assert!(!tag.starts_with("style"), "<{tag}>");
        assert!(!tag.contains(" style="), "<{tag}>");
        let mut words = tag.split_whitespace();
        assert!(!words.any(is_handler), "<{tag}>");
        if tag.starts_with("script") {
            assert!(tag.contains("src=\"/static/"), "<{tag}>");
        }
    }
}

/// `onclick="…"` and its kind.
fn is_handler(word: &str) -> bool {
    word.split_once("=\"").is_some_and(|(name, _)| {
        name.starts_with("on") && name.bytes().all(|byte| byte.is_ascii_lowercase())
    })
}

fn fields_are_named(page: &str) {
    let mut ids = BTreeSet::new();
    for tag in tags(page) {
        if let Some(id) = attribute(tag, "id") {
            assert!(ids.insert(id), "id {id} twice");
        }
    }
    for tag in tags(page) {
        for reference in ["for", "aria-describedby", "aria-labelledby"] {
            for id in attribute(tag, reference)
                .into_iter()
                .flat_map(|value| value.split(' '))
            {
                assert!(ids.contains(id), "<{tag}> refers to nothing");
            }
        }
        let fields = ["input ", "select ", "textarea "];
        let is_field = fields.iter().any(|field| tag.starts_with(field));
        if is_field && !tag.contains("type=\"hidden\"") && !tag.ends_with(" hidden") {
            let id = attribute(tag, "id").unwrap_or_else(|| panic!("<{tag}> has no id"));
            let label = format!("<label for=\"{id}\">");
            assert!(page.contains(&label), "<{tag}> has no label");
        }
    }
}

/// The inside of every start tag.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    between(page, "<", ">").filter(|tag| !tag.starts_with(['/', '!']))
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    between(tag, &format!(" {name}=\""), "\"").next()
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> impl Iterator<Item = &'t str> {
    text.split(start)
        .skip(1)
        .filter_map(move |rest| rest.split(end).next())
        .collect::<Vec<_>>()
        .into_iter()
}

/// The value of the hidden or visible field `name`.
pub fn field<'p>(page: &'p str, name: &str) -> Option<&'p str> {
    let wanted = format!(" name=\"{name}\"");
    let tag = tags(page).find(|tag| tag.contains(&wanted))?;
    attribute(tag, "value")
}
