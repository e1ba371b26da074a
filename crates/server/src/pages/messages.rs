use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language this server speaks. As an extractor it is the best match for `Accept-Language`, else English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    English,
    German,
}

impl Language {
    /// Every language with a catalogue.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The BCP 47 tag, for the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The language with this tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The best match for an `Accept-Language` value (RFC 9110 section 12.5.4); unknown languages are passed over.
    pub fn from_accept_language(value: &str) -> Self {
        let mut best = (Self::default(), 0.0_f32);
        for range in value.split(',').take(16) {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let weight = parts
                .find_map(|p| p.trim().strip_prefix("q=")?.parse::<f32>().ok())
                .unwrap_or(1.0);
            let primary = tag.split('-').next().unwrap_or_default();
            let known = Self::ALL
                .into_iter()
                .find(|l| primary.eq_ignore_ascii_case(l.tag()));
            if let Some(language) = known
                && weight > best.1
            {
                best = (language, weight);
            }
        }
        best.0
    }

    /// The best match for a request's headers.
    pub fn of(headers: &HeaderMap) -> Self {
        Self::asked(headers).unwrap_or_default()
    }

    /// The best match for a request's headers, if they ask for any language.
    pub fn asked(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(ACCEPT_LANGUAGE)?;
        header.to_str().ok().map(Self::from_accept_language)
    }

    fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../../templates/messages/en.ftl"),
            Self::German => include_str!("../../templates/messages/de.ftl"),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// The message catalogue in one language.
#[derive(Debug, Clone, Copy, Default)]
pub struct Text(pub Language);

impl Text {
    /// The message `id`. Not escaped: the template does that.
    pub fn say(&self, id: &str) -> Cow<'static, str> {
        message(self.0, id, None)
    }

    /// The message `id` with its one variable `name` filled in.
    pub fn with(&self, id: &str, name: &str, value: impl ToString) -> Cow<'static, str> {
        let mut arguments = FluentArgs::new();
        arguments.set(name, FluentValue::from(value.to_string()));
        message(self.0, id, Some(&arguments))
    }

    /// The message `id` for a count; the variable is `$count` and chooses the plural form.
    pub fn count(&self, id: &str, count: usize) -> Cow<'static, str> {
        let mut arguments = FluentArgs::new();
        arguments.set("count", FluentValue::from(count));
        message(self.0, id, Some(&arguments))
    }

    /// What a finished action left to say (`done-…`), for a name that came in an address: only known ones say anything.
    pub fn done(&self, name: &str) -> Option<String> {
        let id = format!("done-{name}");
        self.has(&id).then(|| self.say(&id).into_owned())
    }

    /// Whether the catalogue has `id`, for texts that exist only for some codes.
    pub fn has(&self, id: &str) -> bool {
        catalogue(self.0).is_some_and(|c| c.has_message(id))
    }
}

type Catalogue = FluentBundle<FluentResource>;

static CATALOGUES: LazyLock<Vec<(Language, Catalogue)>> =
    LazyLock::new(|| Language::ALL.into_iter().map(|l| (l, load(l))).collect());

// The files are part of the binary and a test reads every message of each, so a mistake in one cannot ship.
fn load(language: Language) -> Catalogue {
    let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // The marks around variables would be copied with addresses, and a page has one direction of writing.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(language.source().to_owned())
        .unwrap_or_else(|(partial, _)| partial);
    bundle.add_resource_overriding(resource);
    bundle
}

fn catalogue(language: Language) -> Option<&'static Catalogue> {
    CATALOGUES
        .iter()
        .find(|(l, _)| *l == language)
        .map(|(_, c)| c)
}

// A language that lacks a message shows the English one; a message that nobody has shows its id, never an empty page.
fn message(language: Language, id: &str, arguments: Option<&FluentArgs<'_>>) -> Cow<'static, str> {
    [language, Language::English]
        .into_iter()
        .filter_map(catalogue)
        .find_map(|bundle| format(bundle, id, arguments))
        .map_or_else(|| Cow::Owned(id.to_owned()), Cow::Owned)
}

fn format(bundle: &Catalogue, id: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
    let pattern = bundle.get_message(id)?.value()?;
    let mut errors = Vec::new();
    Some(
        bundle
            .format_pattern(pattern, arguments, &mut errors)
            .into_owned(),
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn the_best_language_wins_and_unknown_ones_are_passed_over() {
        for (header, expected) in [
            ("de-AT, en;q=0.5", Language::German),
            ("en;q=0.9, de;q=0.8", Language::English),
            ("xx, de;q=0.1", Language::German),
            ("de;q=0", Language::English),
            ("", Language::English),
            (";;;,,,q=", Language::English),
            ("DE", Language::German),
        ] {
            assert_eq!(Language::from_accept_language(header), expected, "{header}");
        }
    }

    #[test]
    fn variables_are_filled_without_direction_marks() {
        let said = Text(Language::English).with("signin-to-app", "app", "Payroll");
        assert_eq!(said, "to continue to Payroll");
    }

    #[test]
    fn plurals_follow_the_count() {
        let text = Text(Language::English);
        assert_ne!(
            text.count("passkeys-count", 1),
            text.count("passkeys-count", 2)
        );
    }

    #[test]
    fn every_catalogue_parses_and_has_the_same_messages() {
        let [english, german] = Language::ALL.map(ids);
        let difference: Vec<_> = english.symmetric_difference(&german).collect();
        assert!(
            difference.is_empty(),
            "not in both catalogues: {difference:?}"
        );
    }

    #[test]
    fn pages_and_code_use_exactly_the_messages_that_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let used: String = files(&root.join("templates"), "html")
            .into_iter()
            .chain(files(&root.join("templates"), "txt"))
            .chain(files(&root.join("src"), "rs"))
            .map(|f| fs::read_to_string(f).unwrap())
            .collect();
        let known = ids(Language::English);
        let unused: Vec<_> = known
            .iter()
            .filter(|id| {
                !used.contains(&format!("\"{id}\""))
                    && !id.starts_with("done-")
                    && !id.starts_with("trouble-")
            })
            .collect();
        assert!(unused.is_empty(), "in no page: {unused:?}");
        let missing: Vec<_> = said(&used).filter(|id| !known.contains(*id)).collect();
        assert!(missing.is_empty(), "in no catalogue: {missing:?}");
    }

    #[test]
    fn every_translated_refusal_is_one_that_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let source: String = [root.join("src"), root.join("../policy/src")]
            .iter()
            .flat_map(|folder| files(folder, "rs"))
            .map(|f| fs::read_to_string(f).unwrap())
            .collect();
        let lines = Language::German.source().lines();
        let ids = lines.filter_map(|line| line.strip_prefix("refusal-")?.split_once(" ="));
        let codes = ids
            .map(|(id, _)| id.replace('-', "_"))
            .filter(|c| c != "to_field");
        let unknown: Vec<_> = codes
            .filter(|c| !source.contains(&format!("\"{c}\"")))
            .collect();
        assert!(unknown.is_empty(), "no such codes: {unknown:?}");
    }

    /// Every denial of policy, every refusal of a flow and every problem of the pages themselves. What programs read
    /// (bearer tokens, the token endpoint, evidence) is not for people and stays English.
    #[test]
    fn every_refusal_is_said_in_every_language() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut names: BTreeSet<String> = policy::Denial::ALL
            .iter()
            .map(|denial| denial.code().to_owned())
            .collect();
        for file in files(&root, "rs") {
            let source = fs::read_to_string(&file).unwrap();
            names.extend(names_of_problems(&source));
            if source.contains("impl Refused for") {
                names.extend(names_in(&source, "fn code(&self)"));
                names.extend(names_in(&source, "fn said(&self)"));
            }
        }
        assert!(names.len() > 80, "the search has lost its way: {names:?}");
        let others = Language::ALL
            .into_iter()
            .filter(|one| *one != Language::English);
        for language in others {
            let text = Text(language);
            let missing: Vec<_> = names
                .iter()
                .filter(|name| !text.has(&format!("refusal-{}", name.replace('_', "-"))))
                .collect();
            assert!(missing.is_empty(), "not in {}: {missing:?}", language.tag());
        }
    }

    /// The names that a function gives its variants.
    fn names_in(source: &str, head: &str) -> Vec<String> {
        let body = source.split(head).nth(1).unwrap_or_default();
        let body = body.split("\n    }\n").next().unwrap_or_default();
        body.split('"')
            .skip(1)
            .step_by(2)
            .filter(|name| is_name(name))
            .map(str::to_owned)
            .collect()
    }

    /// The second argument of `Problem::new`, where it is a name of its own.
    fn names_of_problems(source: &str) -> Vec<String> {
        let within = source.contains("impl Problem {");
        let calls = ["Problem::new(", "Self::new("];
        let wanted = calls
            .into_iter()
            .filter(|call| within || *call != "Self::new(");
        wanted
            .flat_map(|call| source.split(call).skip(1))
            .filter_map(|rest| rest.split_once(',')?.1.trim_start().strip_prefix('"'))
            .filter_map(|rest| rest.split('"').next())
            .filter(|name| is_name(name))
            .map(str::to_owned)
            .collect()
    }

    fn is_name(text: &str) -> bool {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    }

    fn said(source: &str) -> impl Iterator<Item = &str> {
        [".say(\"", ".with(\"", ".count(\""]
            .into_iter()
            .flat_map(|call| source.split(call).skip(1))
            .filter_map(|rest| rest.split('"').next())
            .filter(|id| !id.ends_with('-'))
    }

    // A message begins at the start of a line; `refusal-…` exists only where the language is not that of the code.
    fn ids(language: Language) -> BTreeSet<String> {
        FluentResource::try_new(language.source().to_owned()).unwrap();
        let mut found = BTreeSet::new();
        let lines = language.source().lines();
        let ids = lines
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" =").map(|(id, _)| id.to_owned()));
        for id in ids {
            // The later one would be shown in place of the first.
            assert!(found.insert(id.clone()), "{id} twice in {}", language.tag());
        }
        found.retain(|id| !id.starts_with("refusal-") || id == "refusal-to-field");
        found
    }

    fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(files(&path, extension));
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
        found
    }
}
