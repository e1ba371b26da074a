//! What accounts and groups consist of (RFC 7643): one table, from which `/Schemas` is written, filters and paths are checked,
//! and bodies are read.

use serde_json::{Map, Value, json};

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A moment in ISO 8601.
    Moment,
    /// An address.
    Reference(&'static str),
    /// Sub-attributes.
    Complex(&'static [Attribute]),
}

/// Who may change an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// The client.
    ReadWrite,
    /// Only we.
    ReadOnly,
    /// The client once, with what holds it.
    Immutable,
}

/// An attribute (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// As it is written; compared without regard to case.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub description: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it is a list.
    pub many: bool,
    /// Whether it has to be there.
    pub required: bool,
    /// Whether case counts when it is compared.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// Whether no two resources have the same.
    pub unique: bool,
    /// Values that are usual.
    pub usual: &'static [&'static str],
}

impl Attribute {
    const fn new(name: &'static str, kind: Kind, description: &'static str) -> Self {
        Self {
            name,
            description,
            kind,
            many: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            unique: false,
            usual: &[],
        }
    }

    const fn text(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Text, description)
    }

    const fn exact(mut self) -> Self {
        self.case_exact = true;
        self
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    const fn read_only(mut self) -> Self {
        self.mutability = Mutability::ReadOnly;
        self
    }

    const fn immutable(mut self) -> Self {
        self.mutability = Mutability::Immutable;
        self
    }

    const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    const fn usual(mut self, values: &'static [&'static str]) -> Self {
        self.usual = values;
        self
    }

    /// Its sub-attributes.
    pub const fn parts(&self) -> &'static [Self] {
        match self.kind {
            Kind::Complex(parts) => parts,
            _ => &[],
        }
    }

    /// The sub-attribute with this name.
    pub fn part(&self, name: &str) -> Option<&'static Self> {
        named(self.parts(), name)
    }

    /// As `/Schemas` shows it.
    fn described(&self) -> Value {
        let kind = match self.kind {
            Kind::Text => "string",
            Kind::Boolean => "boolean",
            Kind::Moment => "dateTime",
            Kind::Reference(_) => "reference",
            Kind::Complex(_) => "complex",
        };
        let mut shown = Map::new();
        let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        put("name", self.name.into());
        put("type", kind.into());
        put("multiValued", self.many.into());
        put("description", self.description.into());
        put("required", self.required.into());
        put(
            "mutability",
            match self.mutability {
                Mutability::ReadWrite => "readWrite",
                Mutability::ReadOnly => "readOnly",
                Mutability::Immutable => "immutable",
            }
            .into(),
        );
        put("returned", "default".into());
        match self.kind {
            Kind::Complex(parts) => {
                let parts = parts.iter().map(Self::described).collect();
                put("subAttributes", Value::Array(parts));
            }
            Kind::Reference(to) => {
                put("referenceTypes", json!([to]));
                put("caseExact", true.into());
            }
            Kind::Boolean | Kind::Moment => {}
            Kind::Text => {
                put("caseExact", self.case_exact.into());
            }
        }
        if !matches!(self.kind, Kind::Boolean) {
            let unique = if self.unique { "server" } else { "none" };
            put("uniqueness", unique.into());
        }
        if !self.usual.is_empty() {
            put("canonicalValues", json!(self.usual));
        }
        Value::Object(shown)
    }
}

/// The attribute with this name; case does not matter (RFC 7643 section 2.1).
fn named(all: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    all.iter().find(|one| one.name.eq_ignore_ascii_case(name))
}

/// A type of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its URN.
    pub id: &'static str,
    /// `User` or `Group`.
    pub name: &'static str,
    /// Where its resources are, below the base.
    pub endpoint: &'static str,
    /// What it is, in a sentence.
    pub description: &'static str,
    /// What is held of it.
    pub attributes: &'static [Attribute],
    /// What RFC 7643 knows and this directory does not hold: taken and left.
    pub left: &'static [&'static str],
}

impl Schema {
    /// The attribute with this name, the common ones among them.
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        named(self.attributes, name).or_else(|| named(COMMON, name))
    }

    /// Whether it is one that is taken and left.
    pub fn leaves(&self, name: &str) -> bool {
        self.left.iter().any(|one| one.eq_ignore_ascii_case(name))
    }

    /// Names that can be asked for.
    pub fn names(&self) -> Vec<&'static str> {
        let all = self.attributes.iter().chain(COMMON);
        all.map(|one| one.name).collect()
    }

    /// A name without the URN before it (RFC 7644 section 3.10): `None` if the URN is that of another schema.
    pub fn bare<'t>(&self, name: &'t str) -> Option<&'t str> {
        let is_urn = name
            .get(..4)
            .is_some_and(|head| head.eq_ignore_ascii_case("urn:"));
        if !is_urn {
            return Some(name);
        }
        let head = name.get(..self.id.len())?;
        let rest = name.get(self.id.len()..)?.strip_prefix(':')?;
        head.eq_ignore_ascii_case(self.id).then_some(rest)
    }

    /// The members of a body under their proper names, without those that are not held. `None` if one comes twice.
    pub fn members(&self, sent: Map<String, Value>) -> Option<Map<String, Value>> {
        let mut found = Map::new();
        for (name, value) in sent {
            let held = self.bare(&name).and_then(|name| self.attribute(name));
            if let Some(attribute) = held
                && found
                    .insert(attribute.name.to_owned(), proper(attribute, value))
                    .is_some()
            {
                return None;
            }
        }
        Some(found)
    }

    /// As `/Schemas` shows it.
    pub fn described(&self, base: &str) -> Value {
        let attributes: Vec<_> = self.attributes.iter().map(Attribute::described).collect();
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": attributes,
            "meta": {
                "resourceType": "Schema",
                "location": format!("{base}/Schemas/{}", self.id),
            },
        })
    }

    /// As `/ResourceTypes` shows it.
    pub fn as_resource_type(&self, base: &str) -> Value {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": self.name,
            "name": self.name,
            "endpoint": self.endpoint,
            "description": self.description,
            "schema": self.id,
            "schemaExtensions": [],
            "meta": {
                "resourceType": "ResourceType",
                "location": format!("{base}/ResourceTypes/{}", self.name),
            },
        })
    }
}

/// A value with the names of its sub-attributes as they are written; what has none stays.
pub fn proper(attribute: &Attribute, value: Value) -> Value {
    match value {
        Value::Array(elements) if attribute.many => {
            let elements = elements.into_iter();
            Value::Array(elements.map(|one| proper(attribute, one)).collect())
        }
        Value::Object(members) if !attribute.parts().is_empty() => {
            let members = members.into_iter().map(|(name, value)| {
                let name = attribute
                    .part(&name)
                    .map_or(name, |part| part.name.to_owned());
                (name, value)
            });
            Value::Object(members.collect())
        }
        other => other,
    }
}

/// What every resource has (RFC 7643 section 3.1); `/Schemas` does not repeat it.
const COMMON: &[Attribute] = &[
    Attribute::text("id", "Given by this server")
        .exact()
        .read_only(),
    Attribute::text("externalId", "What the client calls it").exact(),
    Attribute::new(
        "meta",
        Kind::Complex(&[
            Attribute::text("resourceType", "The type")
                .exact()
                .read_only(),
            Attribute::new("created", Kind::Moment, "When it was made").read_only(),
            Attribute::new("location", Kind::Reference("uri"), "Its address").read_only(),
            Attribute::text("version", "Its entity tag")
                .exact()
                .read_only(),
        ]),
        "About the resource",
    )
    .read_only(),
];

/// Accounts.
pub const USER: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    endpoint: "/Users",
    description: "User account",
    attributes: &[
        Attribute::text(
            "userName",
            "The user principal name: a name and one of the tenant's domains",
        )
        .required()
        .unique(),
        Attribute::new(
            "name",
            Kind::Complex(&[
                Attribute::text("formatted", "First and last name").read_only(),
                Attribute::text("familyName", "Last name"),
                Attribute::text("givenName", "First name"),
            ]),
            "The parts of the name",
        ),
        Attribute::text(
            "displayName",
            "The name people see; made of the others where it is left out",
        ),
        Attribute::new(
            "active",
            Kind::Boolean,
            "Whether the account can be used. An account that is disabled loses its sessions at once",
        ),
        Attribute::new(
            "emails",
            Kind::Complex(&[
                Attribute::text("value", "The address"),
                Attribute::text("type", "What it is for").usual(&["work"]),
                Attribute::new("primary", Kind::Boolean, "Whether it is the one that is used"),
            ]),
            "Where notices go. One address is held: the primary one, else the one for work, else the first",
        )
        .many(),
    ],
    left: &[
        "nickName",
        "profileUrl",
        "title",
        "userType",
        "preferredLanguage",
        "locale",
        "timezone",
        "password",
        "phoneNumbers",
        "ims",
        "photos",
        "addresses",
        "groups",
        "entitlements",
        "roles",
        "x509Certificates",
    ],
};

/// Groups.
pub const GROUP: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    endpoint: "/Groups",
    description: "Group",
    attributes: &[
        Attribute::text("displayName", "The name people see").required(),
        Attribute::new(
            "members",
            Kind::Complex(&[
                Attribute::text("value", "The id of the member")
                    .exact()
                    .immutable(),
                Attribute::new("$ref", Kind::Reference("User"), "The address of the member")
                    .immutable(),
                Attribute::text("display", "The name of the member").read_only(),
                Attribute::text("type", "What the member is")
                    .immutable()
                    .usual(&["User"]),
            ]),
            "Who is in it. Groups are not members of groups",
        )
        .many(),
    ],
    left: &[],
};
