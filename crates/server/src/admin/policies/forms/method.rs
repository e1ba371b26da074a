use policy::model::{PasskeyMethod, PasskeyTarget, Scope};

use super::reader::Reader;
use super::{Draw, scope};
use crate::pages::form::{Choice, Control, Field, Section};

pub fn form(draw: Draw<'_>, method: &PasskeyMethod) -> Vec<Section> {
    let text = draw.text;
    let tick =
        |name: &str, label: &str, on| Field::new(name, text.say(label), Control::Tick { on });
    let on = vec![
        tick("enabled", "method-enabled", method.enabled),
        tick("selfService", "method-self-service", method.self_service)
            .hint(text.say("method-self-service-hint")),
        tick(
            "ownerActivates",
            "method-owner-activates",
            method.owner_activates,
        )
        .hint(text.say("method-owner-activates-hint")),
    ];
    let barred = scope::fields(draw, &method.exclude, "exclude", false);
    vec![
        Section::new("state", text.say("column-state"), on),
        Section::new("barred", text.say("method-barred"), barred)
            .hint(text.say("method-barred-hint"))
            .folded(),
    ]
}

pub fn read(reader: &mut Reader<'_>, method: &mut PasskeyMethod) {
    method.enabled = reader.tick("enabled");
    method.self_service = reader.tick("selfService");
    method.owner_activates = reader.tick("ownerActivates");
    method.exclude = scope::read(reader, "exclude");
}

pub fn target_form(
    draw: Draw<'_>,
    method: &PasskeyMethod,
    place: Option<usize>,
) -> Option<Vec<Section>> {
    let text = draw.text;
    let blank = blank_target();
    let target = match place {
        Some(place) => method.include.get(place)?,
        None => &blank,
    };
    let profiles = method.profiles.iter().map(|profile| {
        let chosen = target.profiles.contains(&profile.id);
        Choice::new(profile.id.to_string(), &profile.name, chosen)
    });
    let gets = vec![
        Field::new(
            "profiles",
            text.say("target-profiles"),
            Control::Ticks(profiles.collect()),
        )
        .hint(text.say("target-profiles-hint")),
    ];
    let who = scope::fields(draw, &target.who, "who", true);
    let except = scope::fields(draw, &target.except, "except", false);
    Some(vec![
        Section::new("gets", text.say("target-gets"), gets),
        Section::new("for", text.say("policy-who"), who),
        Section::new("but", text.say("policy-except"), except)
            .hint(text.say("target-except-hint"))
            .folded(),
    ])
}

pub fn read_target(reader: &mut Reader<'_>, method: &mut PasskeyMethod, place: Option<usize>) {
    let old = place.and_then(|place| method.include.get_mut(place));
    let target = PasskeyTarget {
        who: scope::read(reader, "who"),
        except: scope::read(reader, "except"),
        // Nothing is decided by it, so the form does not ask; what came over Graph stays.
        registration_required: old.as_ref().is_some_and(|old| old.registration_required),
        profiles: reader.ticked("profiles", |id| id.parse().ok()),
    };
    match old {
        Some(old) => *old = target,
        None => method.include.push(target),
    }
}

fn blank_target() -> PasskeyTarget {
    PasskeyTarget {
        who: Scope::default(),
        except: Scope::default(),
        registration_required: false,
        profiles: Vec::new(),
    }
}
