use policy::model::{
    AaguidConfiguration, CertificationLevel, Combination, Mode, PasskeyDemand, PasskeyType,
    Strength, Timestamp,
};
use uuid::Uuid;

use super::Draw;
use super::profile::certification;
use super::reader::Reader;
use super::scope::lines;
use super::words::{self, Words};
use crate::pages::Text;
use crate::pages::form::{Choice, Control, Field, Section};

const LONGEST_NAME: usize = 256;
const LONGEST_DESCRIPTION: usize = 1_024;
const MOST_MINUTES: u32 = 527_040;

pub fn blank(id: Uuid) -> Strength {
    Strength {
        id: id.into(),
        name: String::new(),
        description: String::new(),
        created: Timestamp::from_micros(0),
        modified: Timestamp::from_micros(0),
        combinations: Combination::new(vec![Mode::Fido2]).into_iter().collect(),
        allowed_aaguids: Vec::new(),
        passkey: PasskeyDemand::default(),
        binds_first_factor: false,
    }
}

pub fn form(draw: Draw<'_>, one: &Strength) -> Vec<Section> {
    let text = draw.text;
    vec![
        Section::new("main", text.say("policy-what"), main(text, one)),
        Section::new("models", text.say("strength-models"), models(draw, one))
            .hint(text.say("strength-models-hint"))
            .folded(),
        Section::new("passkeys", text.say("strength-passkeys"), demand(text, one))
            .hint(text.say("strength-passkeys-hint"))
            .folded(),
    ]
}

fn main(text: Text, one: &Strength) -> Vec<Field> {
    let name = Control::Text {
        value: one.name.clone(),
        longest: LONGEST_NAME,
    };
    let description = Control::Text {
        value: one.description.clone(),
        longest: LONGEST_DESCRIPTION,
    };
    let combinations = offered(one).into_iter().map(|combination| {
        let chosen = one.combinations.contains(&combination);
        Choice::new(combination.to_string(), label(text, &combination), chosen)
    });
    vec![
        Field::new("name", text.say("column-name"), name),
        Field::new("description", text.say("policy-description"), description),
        Field::new(
            "combinations",
            text.say("strength-combinations"),
            Control::Ticks(combinations.collect()),
        )
        .hint(text.say("strength-combinations-hint")),
        Field::new(
            "bindsFirstFactor",
            text.say("strength-binds"),
            Control::Tick {
                on: one.binds_first_factor,
            },
        )
        .hint(text.say("strength-binds-hint")),
    ]
}

/// Entra's combinations, each single method, and what the strength has already. Those that this server performs come first.
fn offered(one: &Strength) -> Vec<Combination> {
    let built_in = policy::strength::built_in().into_iter();
    let singles = Mode::ALL.iter().map(|mode| Combination::new(vec![*mode]));
    let mut all: Vec<_> = built_in
        .flat_map(|strength| strength.combinations)
        .chain(singles.flatten())
        .chain(one.combinations.iter().cloned())
        .collect();
    all.sort();
    all.dedup();
    let foreign = |combination: &Combination| !is_offered(combination);
    all.sort_by_key(|combination| (foreign(combination), combination.modes().len()));
    all
}

fn is_offered(combination: &Combination) -> bool {
    combination.modes().iter().all(|mode| mode.is_offered())
}

fn label(text: Text, combination: &Combination) -> String {
    let modes = combination
        .modes()
        .iter()
        .map(|mode| words::mode(text, *mode));
    let modes = modes.collect::<Vec<_>>().join(" + ");
    match is_offered(combination) {
        true => modes,
        false => text
            .with("strength-not-offered", "modes", modes)
            .into_owned(),
    }
}

/// One field for each list; an empty one where there is none yet.
fn models(draw: Draw<'_>, one: &Strength) -> Vec<Field> {
    let text = draw.text;
    let count = one.allowed_aaguids.len().max(1);
    let field = |number: usize| {
        let list = one.allowed_aaguids.get(number);
        let models = list.into_iter().flat_map(|list| &list.aaguids);
        let models = models.copied();
        let models = models.map(|aaguid| words::model(&draw.desk.models, aaguid));
        Field::new(
            name_of_list(number),
            text.say("models-listed"),
            lines(models),
        )
        .hint(text.say("models-listed-hint"))
    };
    (0..count).map(field).collect()
}

fn name_of_list(number: usize) -> String {
    format!("allowedAaguids[{number}].aaguids")
}

fn demand(text: Text, one: &Strength) -> Vec<Field> {
    let demand = &one.passkey;
    let any = Choice::new("", text.say("types-any"), demand.passkey_type.is_none());
    let types = PasskeyType::choices(text, |kind| demand.passkey_type == Some(*kind));
    let tick = |member: &str, label: &str, on| {
        Field::new(
            format!("passkey.{member}"),
            text.say(label),
            Control::Tick { on },
        )
    };
    let minutes = Control::Number {
        value: demand
            .maximum_minutes
            .map(|one| one.to_string())
            .unwrap_or_default(),
        least: 1,
        most: MOST_MINUTES,
    };
    vec![
        Field::new(
            "passkey.passkeyType",
            text.say("profile-types"),
            Control::Select(std::iter::once(any).chain(types).collect()),
        ),
        tick("attested", "strength-attested", demand.attested),
        Field::new(
            "passkey.minimumCertification",
            text.say("models-certification"),
            Control::Select(certification(text, demand.minimum_certification)),
        ),
        tick("postQuantum", "profile-post-quantum", demand.post_quantum),
        tick("twoDifferent", "strength-two", demand.two_different),
        Field::new(
            "passkey.maximumMinutes",
            text.say("strength-minutes"),
            minutes,
        )
        .hint(text.say("profile-no-limit")),
    ]
}

pub fn read(reader: &mut Reader<'_>, one: &mut Strength, fresh: Uuid) {
    one.name = reader.text("name");
    one.description = reader.text("description");
    let combination = |sent: &str| Combination::try_from(sent.to_owned()).ok();
    one.combinations = reader.ticked("combinations", combination);
    one.binds_first_factor = reader.tick("bindsFirstFactor");
    read_models(reader, one, fresh);
    let kind = |sent: &str| Some(PasskeyType::of(sent));
    let level = |sent: &str| Some(CertificationLevel::of(sent));
    one.passkey = PasskeyDemand {
        passkey_type: reader.one("passkey.passkeyType", kind, None),
        attested: reader.tick("passkey.attested"),
        minimum_certification: reader.one("passkey.minimumCertification", level, None),
        post_quantum: reader.tick("passkey.postQuantum"),
        maximum_minutes: reader.number("passkey.maximumMinutes"),
        two_different: reader.tick("passkey.twoDifferent"),
    };
}

/// A list that was emptied is taken away; else no passkey would count.
fn read_models(reader: &mut Reader<'_>, one: &mut Strength, fresh: Uuid) {
    let count = one.allowed_aaguids.len().max(1);
    let lists = (0..count).map(|number| {
        let old = one.allowed_aaguids.get(number);
        AaguidConfiguration {
            id: old.map_or(fresh, |list| list.id),
            aaguids: reader.models(&name_of_list(number)),
        }
    });
    let lists: Vec<_> = lists.filter(|list| !list.aaguids.is_empty()).collect();
    one.allowed_aaguids = lists;
}
