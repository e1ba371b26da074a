//! Reading our own pages as far as a browser would need them: forms, the panels that scripts use, texts, links.

/// An HTML page, taken apart into its tags.
#[derive(Clone, Debug)]
pub struct Page(Vec<Tag>);

/// A form with what it would send if nobody typed anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where it is posted to.
    pub action: String,
    /// Names and values of its inputs.
    pub fields: Vec<(String, String)>,
}

/// What a page hands to the script that runs a WebAuthn ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// Where the options come from.
    pub options_url: String,
    /// Where the response goes.
    pub finish_url: String,
    /// The token for both.
    pub csrf: String,
    /// The sealed context; empty outside of a sign-in.
    pub ctx: String,
}

#[derive(Clone, Debug)]
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
    /// The text up to the next tag.
    text: String,
}

impl Page {
    /// Reads a page. Whatever is not a tag is text; nothing is refused.
    #[must_use]
    pub fn read(html: &str) -> Self {
        Self(html.split('<').skip(1).map(Tag::read).collect())
    }

    /// The form that posts to an address for which `wanted` is true.
    pub fn form(&self, wanted: impl Fn(&str) -> bool) -> Option<Form> {
        let start = self
            .0
            .iter()
            .position(|tag| tag.name == "form" && tag.attribute("action").is_some_and(&wanted))?;
        let form = self.0.get(start)?;
        let inside = self
            .0
            .iter()
            .skip(start + 1)
            .take_while(|tag| tag.name != "/form");
        let sent = |tag: &&Tag| tag.name == "input" && tag.attribute("disabled").is_none();
        let fields = inside.filter(sent).filter_map(|tag| {
            let value = tag.attribute("value").unwrap_or_default();
            Some((tag.attribute("name")?.to_owned(), value.to_owned()))
        });
        Some(Form {
            action: form.attribute("action")?.to_owned(),
            fields: fields.collect(),
        })
    }

    /// The panel that carries `marker`, such as `data-passkey-signin`.
    #[must_use]
    pub fn panel(&self, marker: &str) -> Option<Panel> {
        let tag = self.0.iter().find(|tag| tag.attribute(marker).is_some())?;
        Some(Panel {
            options_url: tag.attribute("data-options-url")?.to_owned(),
            finish_url: tag.attribute("data-finish-url")?.to_owned(),
            csrf: tag.attribute("data-csrf")?.to_owned(),
            ctx: tag.attribute("data-ctx").unwrap_or_default().to_owned(),
        })
    }

    /// The text of the element with this id, up to its first inner tag.
    #[must_use]
    pub fn text_of(&self, id: &str) -> Option<&str> {
        let tag = self.0.iter().find(|tag| tag.attribute("id") == Some(id))?;
        Some(tag.text.trim())
    }

    /// The addresses of all links.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|tag| tag.name == "a")
            .filter_map(|tag| tag.attribute("href"))
    }

    /// Whether some text of the page contains `words`.
    #[must_use]
    pub fn says(&self, words: &str) -> bool {
        self.0.iter().any(|tag| tag.text.contains(words))
    }
}

impl Form {
    /// The same form after somebody typed `value` into `name`.
    #[must_use]
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Tag {
    fn read(text: &str) -> Self {
        let (inside, after) = split_tag(text);
        let name_end = inside.find(char::is_whitespace).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(name_end);
        Self {
            name: name.to_ascii_lowercase(),
            attributes: read_attributes(attributes),
            text: unescaped(after),
        }
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Splits at the `>` that ends the tag; one inside quotes does not.
fn split_tag(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '>' if !quoted => {
                return (
                    text.get(..at).unwrap_or_default(),
                    text.get(at + 1..).unwrap_or_default(),
                );
            }
            _ => {}
        }
    }
    (text, "")
}

fn read_attributes(mut rest: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '/');
        if rest.is_empty() {
            return attributes;
        }
        let end = rest
            .find(|letter: char| letter == '=' || letter.is_whitespace())
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let (value, after) = after
            .strip_prefix("=\"")
            .and_then(|value| value.split_once('"'))
            .unwrap_or(("", after));
        attributes.push((name.to_owned(), unescaped(value)));
        rest = after.strip_prefix('=').unwrap_or(after);
    }
}

fn unescaped(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, letter) in [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&#60;", "<"),
        ("&gt;", ">"),
        ("&#62;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, letter);
    }
    plain
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::Page;

    const HTML: &str = r#"<!doctype html><body>
        <form class="stack" method="post" action="/signin/pass"><input type="hidden" name="csrf" value="a&amp;b">
        <input name="pass" required> </form>
        <div data-passkey-signin hidden data-options-url="/o" data-finish-url="/f" data-csrf="c" data-ctx="x > y"></div>
        <p id="secret">one &lt; two</p><a href="/admin/users/7">Ada</a>"#;

    #[test]
    fn forms_panels_texts_and_links_are_found() {
        let page = Page::read(HTML);
        let form = page
            .form(|action| action == "/signin/pass")
            .unwrap()
            .fill("pass", "123");
        assert_eq!(
            form.fields,
            [
                ("csrf".to_owned(), "a&b".to_owned()),
                ("pass".to_owned(), "123".to_owned())
            ]
        );
        let panel = page.panel("data-passkey-signin").unwrap();
        assert_eq!(
            (panel.options_url.as_str(), panel.ctx.as_str()),
            ("/o", "x > y")
        );
        assert_eq!(page.text_of("secret"), Some("one < two"));
        assert_eq!(page.links().collect::<Vec<_>>(), ["/admin/users/7"]);
        assert!(page.says("Ada"));
        assert!(page.form(|action| action == "/elsewhere").is_none());
    }
}
