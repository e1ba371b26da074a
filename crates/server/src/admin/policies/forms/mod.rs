//! What the forms of policies show and how they are read.
//!
//! Drawing and reading of one kind stand in one file. Neither asks the store: what is called how was read before
//! ([`Desk`]), and so was what the typed names mean ([`Lookup`]). Whether what was read makes sense is for the flow.

mod access;
mod availability;
mod location;
mod method;
mod passes;
mod profile;
mod reader;
mod root;
mod scope;
mod source;
mod strength;
mod words;

use policy::model::{PolicyDocument, PolicyKind, ProfileId};
use uuid::Uuid;

use crate::flow::govern::read::{Desk, Lookup};
use crate::pages::Text;
use crate::pages::form::{Form, Sent};
use reader::Reader;

pub use scope::typed_names;
pub use words::{scope as scope_line, summary};

pub use words::{Words, mode as mode_word};

/// A value as people call it.
pub fn word<T: Words>(text: Text, value: T) -> String {
    value.word(text)
}

/// A type of passkey as people call it.
pub fn type_word(text: Text, kind: policy::model::PasskeyType) -> String {
    word(text, kind)
}

/// All values, one of them chosen.
pub fn choices_of<T: Words>(text: Text, chosen: Option<T>) -> Vec<crate::pages::form::Choice> {
    T::choices(text, |one| chosen == Some(*one))
}

/// What a form edits: a document, or a part of the one about passkeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Who may use passkeys at all.
    Method,
    /// One target of the passkey method, by its place; `None` is a new one.
    Target(Option<usize>),
    /// One passkey profile; `None` is a new one.
    Profile(Option<ProfileId>),
    /// A document of any other kind by its id; `None` is a new one, or the only one of its kind.
    Document(PolicyKind, Option<String>),
}

/// What drawing needs.
#[derive(Clone, Copy)]
pub struct Draw<'a> {
    /// The catalogue.
    pub text: Text,
    /// The policies, and what is called how.
    pub desk: &'a Desk,
    /// For whatever is made new.
    pub fresh: Uuid,
}

/// What is wrong with a form before any rule is asked: the field and the sentence.
pub type Mistakes = Vec<(String, String)>;

impl Subject {
    /// The subject at an address below `/admin/policies`.
    pub fn parse(section: &str, item: Option<&str>) -> Option<Self> {
        let new = item == Some("new");
        let id = || item.filter(|_| !new).map(str::to_owned);
        Some(match (section, item) {
            ("passkeys", Some("method")) => Self::Method,
            ("targets", Some(item)) if !new => Self::Target(Some(item.parse().ok()?)),
            ("targets", Some(_)) => Self::Target(None),
            ("profiles", Some(item)) if !new => Self::Profile(Some(item.parse().ok()?)),
            ("profiles", Some(_)) => Self::Profile(None),
            ("passes", None) => Self::Document(PolicyKind::Passes, None),
            ("preferred", None) => Self::Document(PolicyKind::SystemPreferred, None),
            ("availability", None) => Self::Document(PolicyKind::Availability, None),
            (section, Some(_)) => Self::Document(many(section)?, id()),
            _ => return None,
        })
    }

    /// Its address.
    pub fn path(&self) -> String {
        let (section, item) = match self {
            Self::Method => ("passkeys", Some("method".to_owned())),
            Self::Target(place) => ("targets", Some(place.map_or_else(new, |at| at.to_string()))),
            Self::Profile(id) => ("profiles", Some(id.map_or_else(new, |id| id.to_string()))),
            Self::Document(PolicyKind::Passes, _) => ("passes", None),
            Self::Document(PolicyKind::SystemPreferred, _) => ("preferred", None),
            Self::Document(PolicyKind::Availability, _) => ("availability", None),
            Self::Document(kind, id) => (section(*kind), Some(id.clone().unwrap_or_else(new))),
        };
        match item {
            Some(item) => format!("/admin/policies/{section}/{item}"),
            None => format!("/admin/policies/{section}"),
        }
    }

    /// Where one comes from and goes back to.
    pub fn list(&self) -> String {
        match self {
            Self::Document(
                PolicyKind::Passes | PolicyKind::SystemPreferred | PolicyKind::Availability,
                _,
            ) => "/admin/policies".to_owned(),
            _ => format!("/admin/policies/{}", section(self.kind())),
        }
    }

    /// The kind of document it belongs to.
    pub const fn kind(&self) -> PolicyKind {
        match self {
            Self::Method | Self::Target(_) | Self::Profile(_) => PolicyKind::Passkeys,
            Self::Document(kind, _) => *kind,
        }
    }

    /// The id of the document it belongs to; empty for a new one and for the only one of its kind.
    pub fn document_id(&self) -> &str {
        match self {
            Self::Document(_, Some(id)) => id,
            _ => "",
        }
    }

    /// Whether it can be deleted: it is there, and not the only one of its kind.
    pub const fn is_deletable(&self) -> bool {
        matches!(
            self,
            Self::Target(Some(_)) | Self::Profile(Some(_)) | Self::Document(_, Some(_))
        )
    }

    /// What stands before the paths of its members in the document.
    pub fn prefix(&self, document: &PolicyDocument) -> String {
        match (self, document) {
            (Self::Target(place), PolicyDocument::Passkeys(method)) => {
                let last = method.include.len().saturating_sub(1);
                format!("include[{}].", place.unwrap_or(last))
            }
            (Self::Profile(id), PolicyDocument::Passkeys(method)) => {
                let last = method.profiles.len().saturating_sub(1);
                let place = id.and_then(|id| method.profiles.iter().position(|one| one.id == id));
                format!("profiles[{}].", place.unwrap_or(last))
            }
            _ => String::new(),
        }
    }

    /// The document as it is, or as a new one begins. `None` if there is no such thing.
    pub fn document(&self, draw: Draw<'_>) -> Option<PolicyDocument> {
        let policies = &draw.desk.everything.policies;
        match self {
            Self::Document(kind, None) if !kind.is_only_one() => Some(draw.blank(*kind)),
            _ => policies.document(self.kind(), self.document_id()),
        }
    }

    /// The form about `document`. `None` if there is no such part in it.
    pub fn form(&self, draw: Draw<'_>, document: &PolicyDocument) -> Option<Form> {
        let sections = match (self, document) {
            (Self::Method, PolicyDocument::Passkeys(method)) => method::form(draw, method),
            (Self::Target(place), PolicyDocument::Passkeys(method)) => {
                method::target_form(draw, method, *place)?
            }
            (Self::Profile(id), PolicyDocument::Passkeys(method)) => {
                profile::form(draw, method, *id)?
            }
            // Campaigns and the setting of a second person have pages of their own.
            (
                _,
                PolicyDocument::Passkeys(_)
                | PolicyDocument::Campaign(_)
                | PolicyDocument::SecondPerson(_),
            ) => return None,
            (_, PolicyDocument::Passes(one)) => passes::form(draw, one),
            (_, PolicyDocument::SystemPreferred(one)) => passes::preferred_form(draw, one),
            (_, PolicyDocument::Availability(one)) => availability::form(draw, one),
            (_, PolicyDocument::Strength(one)) => strength::form(draw, one),
            (_, PolicyDocument::Access(one)) => access::form(draw, one),
            (_, PolicyDocument::Location(one)) => location::form(draw, one),
            (_, PolicyDocument::Context(one)) => location::context_form(draw, one),
            (Self::Document(_, id), PolicyDocument::Root(one)) => {
                root::form(draw, one, id.is_none())
            }
            (_, PolicyDocument::Root(_)) => return None,
            (Self::Document(_, id), PolicyDocument::Source(one)) => {
                source::form(draw, one, id.is_none())
            }
            (_, PolicyDocument::Source(_)) => return None,
        };
        Some(Form {
            sections,
            faults: Vec::new(),
        })
    }

    /// `document` as it would be with what was sent.
    pub fn read(
        &self,
        draw: Draw<'_>,
        mut document: PolicyDocument,
        sent: &Sent,
        lookup: &Lookup,
    ) -> Result<PolicyDocument, Mistakes> {
        let mut reader = Reader::new(draw.text, sent, lookup);
        match (self, &mut document) {
            (Self::Method, PolicyDocument::Passkeys(method)) => method::read(&mut reader, method),
            (Self::Target(place), PolicyDocument::Passkeys(method)) => {
                method::read_target(&mut reader, method, *place);
            }
            (Self::Profile(id), PolicyDocument::Passkeys(method)) => {
                profile::read(&mut reader, method, *id, draw.fresh);
            }
            (
                _,
                PolicyDocument::Passkeys(_)
                | PolicyDocument::Campaign(_)
                | PolicyDocument::SecondPerson(_),
            ) => {}
            (_, PolicyDocument::Passes(one)) => passes::read(&mut reader, one),
            (_, PolicyDocument::SystemPreferred(one)) => passes::read_preferred(&mut reader, one),
            (_, PolicyDocument::Availability(one)) => availability::read(&reader, one),
            (_, PolicyDocument::Strength(one)) => strength::read(&mut reader, one, draw.fresh),
            (_, PolicyDocument::Access(one)) => access::read(&mut reader, one),
            (_, PolicyDocument::Location(one)) => location::read(&mut reader, one),
            (Self::Document(_, id), PolicyDocument::Context(one)) => {
                location::read_context(&mut reader, one, id.is_none());
            }
            (Self::Document(_, id), PolicyDocument::Root(one)) => {
                root::read(&mut reader, one, id.is_none());
            }
            (_, PolicyDocument::Source(one)) => source::read(&mut reader, one),
            (_, PolicyDocument::Context(_) | PolicyDocument::Root(_)) => {}
        }
        reader.finish().map(|()| document)
    }

    /// `document` without this part of it. `None` where the document itself is what is taken away.
    pub fn without(&self, document: PolicyDocument) -> Option<PolicyDocument> {
        let PolicyDocument::Passkeys(mut method) = document else {
            return None;
        };
        match self {
            Self::Target(Some(place)) if *place < method.include.len() => {
                method.include.remove(*place);
            }
            Self::Profile(Some(id)) => method.profiles.retain(|profile| profile.id != *id),
            _ => {}
        }
        Some(PolicyDocument::Passkeys(method))
    }
}

impl Draw<'_> {
    /// How a new document of this kind begins.
    fn blank(self, kind: PolicyKind) -> PolicyDocument {
        let id = self.fresh;
        match kind {
            PolicyKind::Strength => PolicyDocument::Strength(strength::blank(id)),
            PolicyKind::Access => PolicyDocument::Access(Box::new(access::blank(id))),
            PolicyKind::Location => PolicyDocument::Location(location::blank(id)),
            PolicyKind::Context => {
                let taken = &self.desk.everything.policies.contexts;
                PolicyDocument::Context(location::blank_context(taken))
            }
            PolicyKind::Root => PolicyDocument::Root(root::blank()),
            PolicyKind::Source => PolicyDocument::Source(source::blank(id)),
            PolicyKind::Passkeys
            | PolicyKind::Passes
            | PolicyKind::SystemPreferred
            | PolicyKind::SecondPerson
            | PolicyKind::Availability
            | PolicyKind::Campaign => self.only_one(kind),
        }
    }

    fn only_one(self, kind: PolicyKind) -> PolicyDocument {
        let policies = &self.desk.everything.policies;
        match kind {
            PolicyKind::Passes => PolicyDocument::Passes(policies.passes.clone()),
            PolicyKind::SystemPreferred => {
                PolicyDocument::SystemPreferred(policies.system_preferred.clone())
            }
            PolicyKind::SecondPerson => {
                PolicyDocument::SecondPerson(policies.second_person.clone())
            }
            PolicyKind::Availability => PolicyDocument::Availability(policies.availability.clone()),
            _ => PolicyDocument::Passkeys(policies.passkeys.clone()),
        }
    }
}

/// The section of the address for a kind.
pub const fn section(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::Passkeys => "passkeys",
        PolicyKind::Passes => "passes",
        PolicyKind::SystemPreferred => "preferred",
        PolicyKind::Strength => "strengths",
        PolicyKind::Access => "access",
        PolicyKind::Location => "locations",
        PolicyKind::Context => "contexts",
        PolicyKind::Campaign => "campaigns",
        PolicyKind::Root => "roots",
        PolicyKind::Source => "sources",
        PolicyKind::SecondPerson => "second-person",
        PolicyKind::Availability => "availability",
    }
}

/// The kind of which there are many at a section of the address. Campaigns have pages of their own.
pub fn many(name: &str) -> Option<PolicyKind> {
    let mut kinds = PolicyKind::ALL.iter().copied();
    kinds
        .find(|kind| !kind.is_only_one() && *kind != PolicyKind::Campaign && section(*kind) == name)
}

fn new() -> String {
    "new".to_owned()
}
