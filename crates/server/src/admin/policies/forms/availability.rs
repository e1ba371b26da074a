use policy::model::PasskeyAvailability;

use super::Draw;
use super::reader::Reader;
use crate::pages::form::{Control, Field, Section};

const LONGEST_REASON: usize = 300;

pub fn form(draw: Draw<'_>, one: &PasskeyAvailability) -> Vec<Section> {
    let text = draw.text;
    let available = Control::Tick { on: one.available };
    let reason = Control::Text {
        value: one.reason.clone(),
        longest: LONGEST_REASON,
    };
    let fields = vec![
        Field::new("available", text.say("availability-available"), available),
        Field::new("reason", text.say("availability-reason"), reason)
            .hint(text.say("availability-reason-hint")),
    ];
    let section = Section::new("main", text.say("policy-what"), fields);
    vec![section.hint(text.say("availability-hint"))]
}

pub fn read(reader: &Reader<'_>, one: &mut PasskeyAvailability) {
    one.available = reader.tick("available");
    one.reason = reader.text("reason");
}
