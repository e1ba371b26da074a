use policy::model::{AuthenticationContext, IpRange, NamedLocation, Timestamp};
use uuid::Uuid;

use super::Draw;
use super::reader::Reader;
use super::scope::lines;
use crate::pages::form::{Control, Field, Section};

const LONGEST_NAME: usize = 256;
const LONGEST_DESCRIPTION: usize = 1_024;

pub fn blank(id: Uuid) -> NamedLocation {
    NamedLocation {
        id: id.into(),
        name: String::new(),
        trusted: false,
        created: Timestamp::from_micros(0),
        modified: Timestamp::from_micros(0),
        ranges: Vec::new(),
    }
}

pub fn form(draw: Draw<'_>, one: &NamedLocation) -> Vec<Section> {
    let text = draw.text;
    let name = Control::Text {
        value: one.name.clone(),
        longest: LONGEST_NAME,
    };
    let ranges = lines(one.ranges.iter().map(ToString::to_string));
    let fields = vec![
        Field::new("name", text.say("column-name"), name),
        Field::new("ranges", text.say("location-ranges"), ranges)
            .hint(text.say("location-ranges-hint")),
        Field::new(
            "trusted",
            text.say("location-trusted"),
            Control::Tick { on: one.trusted },
        )
        .hint(text.say("location-trusted-hint")),
    ];
    vec![Section::new("main", text.say("policy-what"), fields)]
}

pub fn read(reader: &mut Reader<'_>, one: &mut NamedLocation) {
    one.name = reader.text("name");
    one.trusted = reader.tick("trusted");
    one.ranges = reader.entries("ranges", parse_range);
}

/// A range, or one address.
fn parse_range(line: &str) -> Option<IpRange> {
    if let Ok(range) = IpRange::try_from(line.to_owned()) {
        return Some(range);
    }
    let address: std::net::IpAddr = line.parse().ok()?;
    let prefix = if address.is_ipv4() { 32 } else { 128 };
    IpRange::new(address, prefix)
}

/// The next context that has no number yet.
pub fn blank_context(taken: &[AuthenticationContext]) -> AuthenticationContext {
    let free = (1..=99).map(|number| format!("c{number}"));
    let free = free
        .into_iter()
        .find(|id| !taken.iter().any(|one| one.id == *id));
    AuthenticationContext {
        id: free.unwrap_or_default(),
        name: String::new(),
        description: String::new(),
        available: true,
    }
}

pub fn context_form(draw: Draw<'_>, one: &AuthenticationContext) -> Vec<Section> {
    let text = draw.text;
    let field = |name: &str, label: &str, value: &str, longest| {
        let value = value.to_owned();
        Field::new(name, text.say(label), Control::Text { value, longest })
    };
    let exists = draw.desk.everything.policies.contexts.iter();
    let is_new = !exists.into_iter().any(|other| other.id == one.id);
    let id = is_new.then(|| field("id", "column-id", &one.id, 3).hint(text.say("context-id-hint")));
    let others = [
        field("name", "column-name", &one.name, LONGEST_NAME),
        field(
            "description",
            "policy-description",
            &one.description,
            LONGEST_DESCRIPTION,
        ),
        Field::new(
            "available",
            text.say("context-available"),
            Control::Tick { on: one.available },
        )
        .hint(text.say("context-available-hint")),
    ];
    let fields = id.into_iter().chain(others).collect();
    vec![Section::new("main", text.say("policy-what"), fields)]
}

pub fn read_context(reader: &mut Reader<'_>, one: &mut AuthenticationContext, is_new: bool) {
    if is_new {
        one.id = reader.text("id");
    }
    one.name = reader.text("name");
    one.description = reader.text("description");
    one.available = reader.tick("available");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_a_range_too() {
        let written = |line: &str| parse_range(line).map(|range| range.to_string());
        assert_eq!(written("192.0.2.7").as_deref(), Some("192.0.2.7/32"));
        assert_eq!(written("2001:db8::/32").as_deref(), Some("2001:db8::/32"));
        assert_eq!(written("192.0.2.7/24"), None);
        assert_eq!(written("office"), None);
    }
}
