use policy::model::{CampaignState, PassPolicy, SystemPreferred};

use super::reader::Reader;
use super::words::Words as _;
use super::{Draw, scope};
use crate::pages::form::{Control, Field, Section};

pub fn form(draw: Draw<'_>, one: &PassPolicy) -> Vec<Section> {
    let text = draw.text;
    let number = |name: &str, label: &str, value: u32, least, most| {
        let value = value.to_string();
        Field::new(
            name,
            text.say(label),
            Control::Number { value, least, most },
        )
    };
    let fields = vec![
        Field::new(
            "enabled",
            text.say("passes-enabled"),
            Control::Tick { on: one.enabled },
        ),
        number("length", "passes-length", one.length, 8, 48),
        number(
            "minimumMinutes",
            "passes-minimum",
            one.minimum_minutes,
            10,
            43_200,
        ),
        number(
            "defaultMinutes",
            "passes-default",
            one.default_minutes,
            10,
            43_200,
        ),
        number(
            "maximumMinutes",
            "passes-maximum",
            one.maximum_minutes,
            10,
            43_200,
        ),
        Field::new(
            "onceOnly",
            text.say("passes-once"),
            Control::Tick { on: one.once_only },
        ),
    ];
    let main = Section::new("main", text.say("policy-what"), fields);
    let [who, except] = scope::sections(draw, &one.who, "who");
    vec![main, who, except]
}

pub fn read(reader: &mut Reader<'_>, one: &mut PassPolicy) {
    one.enabled = reader.tick("enabled");
    one.length = reader.needed("length", one.length);
    one.minimum_minutes = reader.needed("minimumMinutes", one.minimum_minutes);
    one.default_minutes = reader.needed("defaultMinutes", one.default_minutes);
    one.maximum_minutes = reader.needed("maximumMinutes", one.maximum_minutes);
    one.once_only = reader.tick("onceOnly");
    one.who = scope::read_assignment(reader, "who");
}

pub fn preferred_form(draw: Draw<'_>, one: &SystemPreferred) -> Vec<Section> {
    let text = draw.text;
    let states = CampaignState::choices(text, |state| one.state == *state);
    let state = Field::new("state", text.say("column-state"), Control::Radio(states))
        .hint(text.say("preferred-hint"));
    let main = Section::new("main", text.say("policy-what"), vec![state]);
    let [who, except] = scope::sections(draw, &one.who, "who");
    vec![main, who, except]
}

pub fn read_preferred(reader: &mut Reader<'_>, one: &mut SystemPreferred) {
    one.state = reader.one("state", CampaignState::of, one.state);
    one.who = scope::read_assignment(reader, "who");
}
