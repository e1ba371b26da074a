use policy::model::{
    AccessGrant, AccessPolicy, AccessState, AccessTarget, Assignment, ClientType, Conditions,
    LocationRef, PersistentBrowser, Platform, SessionControls, Sides, SignInFrequency, Timestamp,
};
use uuid::Uuid;

use super::reader::Reader;
use super::words::Words;
use super::{Draw, scope};
use crate::pages::Text;
use crate::pages::form::{Choice, Control, Field, Section};

const LONGEST_NAME: usize = 256;
const LONGEST_DESCRIPTION: usize = 1_024;
const MOST_MINUTES: u32 = 527_040;
const APPLICATIONS: &str = "conditions.target.applications";
const ADMIN_PORTALS: &str = "adminPortals";
const ALL_TRUSTED: &str = "allTrusted";
/// Units of a sign-in frequency, in minutes, the largest first.
const UNITS: [(&str, u32, &str); 3] = [
    ("days", 1_440, "unit-days"),
    ("hours", 60, "unit-hours"),
    ("minutes", 1, "unit-minutes"),
];

/// What a target is, as the form asks it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    All,
    Some,
    Register,
    Contexts,
}

impl Words for Reach {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::All, "all", "target-all"),
        (Self::Some, "applications", "target-some"),
        (Self::Register, "registerSecurityInfo", "target-register"),
        (Self::Contexts, "contexts", "target-contexts"),
    ];
}

/// What a policy asks, as the form asks it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Block,
    Mfa,
    Strength,
    Nothing,
}

impl Words for Asks {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Mfa, "mfa", "grant-mfa"),
        (Self::Strength, "strength", "grant-strength"),
        (Self::Block, "block", "grant-block"),
        (Self::Nothing, "nothing", "grant-session-only"),
    ];
}

/// How often, as the form asks it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Often {
    Never,
    EveryTime,
    After,
}

impl Words for Often {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Never, "", "frequency-none"),
        (Self::EveryTime, "everyTime", "frequency-every-time"),
        (Self::After, "timeBased", "frequency-after"),
    ];
}

/// A new policy begins by only reporting, so that saving it too early stops nobody.
pub fn blank(id: Uuid) -> AccessPolicy {
    AccessPolicy {
        id: id.into(),
        name: String::new(),
        description: String::new(),
        state: AccessState::ReportOnly,
        created: Timestamp::from_micros(0),
        modified: Timestamp::from_micros(0),
        conditions: Conditions {
            users: Assignment::default(),
            target: AccessTarget::Applications {
                all: true,
                include: Vec::new(),
                exclude: Vec::new(),
                admin_portals: false,
            },
            ..Conditions::default()
        },
        grant: AccessGrant::Mfa,
        session: SessionControls::default(),
    }
}

pub fn form(draw: Draw<'_>, one: &AccessPolicy) -> Vec<Section> {
    let text = draw.text;
    let [who, except] = scope::sections(draw, &one.conditions.users, "conditions.users");
    vec![
        Section::new("main", text.say("policy-what"), main(text, one)),
        who,
        except,
        Section::new(
            "target",
            text.say("access-target"),
            target(draw, &one.conditions.target),
        ),
        Section::new(
            "conditions",
            text.say("access-conditions"),
            conditions(draw, one),
        )
        .hint(text.say("access-conditions-hint"))
        .folded(),
        Section::new("asks", text.say("access-grant"), grant(draw, one)),
        Section::new(
            "session",
            text.say("access-session"),
            session(text, &one.session),
        )
        .folded(),
    ]
}

fn main(text: Text, one: &AccessPolicy) -> Vec<Field> {
    let name = Control::Text {
        value: one.name.clone(),
        longest: LONGEST_NAME,
    };
    let description = Control::Text {
        value: one.description.clone(),
        longest: LONGEST_DESCRIPTION,
    };
    let states = AccessState::choices(text, |state| one.state == *state);
    vec![
        Field::new("name", text.say("column-name"), name),
        Field::new("description", text.say("policy-description"), description),
        Field::new("state", text.say("column-state"), Control::Radio(states))
            .hint(text.say("access-state-hint")),
    ]
}

fn target(draw: Draw<'_>, target: &AccessTarget) -> Vec<Field> {
    let text = draw.text;
    let reach = match target {
        AccessTarget::Applications { all: true, .. } => Reach::All,
        AccessTarget::Applications { .. } => Reach::Some,
        AccessTarget::RegisterSecurityInfo => Reach::Register,
        AccessTarget::Contexts(_) => Reach::Contexts,
    };
    let choices = Reach::choices(text, |one| *one == reach);
    let (include, exclude, portals) = match target {
        AccessTarget::Applications {
            include,
            exclude,
            admin_portals,
            ..
        } => (include.as_slice(), exclude.as_slice(), *admin_portals),
        _ => (&[][..], &[][..], false),
    };
    let applications = |chosen: &[policy::model::ApplicationId]| {
        let all = draw
            .desk
            .applications
            .iter()
            .map(|one| (one.id, one.display_name.clone()));
        let offered = |id: &policy::model::ApplicationId| {
            draw.desk.applications.iter().any(|one| one.id == *id)
        };
        let others = chosen.iter().filter(|id| !offered(id)).map(|id| {
            let known = draw.desk.labels.applications.get(id).cloned();
            (*id, known.unwrap_or_else(|| id.to_string()))
        });
        all.chain(others)
            .map(|(id, name)| Choice::new(id.to_string(), name, chosen.contains(&id)))
            .collect::<Vec<_>>()
    };
    let portals = Choice::new(ADMIN_PORTALS, text.say("target-admin-portals"), portals);
    let included = std::iter::once(portals)
        .chain(applications(include))
        .collect();
    let named: &[String] = match target {
        AccessTarget::Contexts(contexts) => contexts,
        _ => &[],
    };
    let contexts = draw.desk.everything.policies.contexts.iter().map(|one| {
        let label = format!("{} {}", one.id, one.name);
        Choice::new(&one.id, label, named.contains(&one.id))
    });
    vec![
        Field::new(
            "conditions.target",
            text.say("target-kind"),
            Control::Radio(choices),
        ),
        Field::new(
            format!("{APPLICATIONS}.include"),
            text.say("target-included"),
            Control::Ticks(included),
        )
        .hint(text.say("target-included-hint")),
        Field::new(
            format!("{APPLICATIONS}.exclude"),
            text.say("target-excluded"),
            Control::Ticks(applications(exclude)),
        ),
        Field::new(
            "conditions.target.contexts",
            text.say("target-contexts"),
            Control::Ticks(contexts.collect()),
        )
        .hint(text.say("target-contexts-hint")),
    ]
}

fn conditions(draw: Draw<'_>, one: &AccessPolicy) -> Vec<Field> {
    let text = draw.text;
    let conditions = &one.conditions;
    let platforms = |side: fn(&Sides<Platform>) -> &Vec<Platform>| {
        let chosen = conditions.platforms.as_ref().map(side);
        Platform::choices(text, |one| chosen.is_some_and(|list| list.contains(one)))
    };
    let locations = |side: fn(&Sides<LocationRef>) -> &Vec<LocationRef>| {
        let chosen = conditions.locations.as_ref().map(side);
        let has = |one: LocationRef| chosen.is_some_and(|list| list.contains(&one));
        let trusted = text.say("location-all-trusted");
        let all = Choice::new(ALL_TRUSTED, trusted, has(LocationRef::AllTrusted));
        let named = draw.desk.everything.policies.locations.iter().map(|one| {
            Choice::new(
                one.id.to_string(),
                &one.name,
                has(LocationRef::Named(one.id)),
            )
        });
        std::iter::once(all).chain(named).collect()
    };
    let clients = ClientType::choices(text, |one| conditions.client_types.contains(one));
    let ticks = |name: &str, label: &str, choices| {
        Field::new(
            format!("conditions.{name}"),
            text.say(label),
            Control::Ticks(choices),
        )
    };
    vec![
        ticks(
            "platforms.include",
            "access-platforms",
            platforms(|sides| &sides.include),
        )
        .hint(text.say("access-platforms-hint")),
        ticks(
            "platforms.exclude",
            "access-platforms-except",
            platforms(|sides| &sides.exclude),
        ),
        ticks(
            "locations.include",
            "access-locations",
            locations(|sides| &sides.include),
        ),
        ticks(
            "locations.exclude",
            "access-locations-except",
            locations(|sides| &sides.exclude),
        ),
        ticks("clientTypes", "access-clients", clients),
        Field::new(
            "conditions.deviceCode",
            text.say("access-device-code"),
            Control::Tick {
                on: conditions.device_code,
            },
        ),
    ]
}

fn grant(draw: Draw<'_>, one: &AccessPolicy) -> Vec<Field> {
    let text = draw.text;
    let asks = match one.grant {
        AccessGrant::Nothing => Asks::Nothing,
        AccessGrant::Block => Asks::Block,
        AccessGrant::Mfa => Asks::Mfa,
        AccessGrant::Strength(_) => Asks::Strength,
    };
    let choices = Asks::choices(text, |one| *one == asks);
    let built_in = policy::strength::built_in();
    let strengths = built_in
        .iter()
        .chain(&draw.desk.everything.policies.strengths);
    let strengths = strengths.map(|strength| {
        let chosen = one.grant == AccessGrant::Strength(strength.id);
        Choice::new(strength.id.to_string(), &strength.name, chosen)
    });
    vec![
        Field::new("grant", text.say("grant-kind"), Control::Radio(choices)),
        Field::new(
            "grant.strength",
            text.say("grant-strength-which"),
            Control::Select(strengths.collect()),
        )
        .hint(text.say("grant-strength-hint")),
    ]
}

fn session(text: Text, session: &SessionControls) -> Vec<Field> {
    let (often, number, unit) = match session.sign_in_frequency {
        None => (Often::Never, String::new(), "days"),
        Some(SignInFrequency::EveryTime) => (Often::EveryTime, String::new(), "days"),
        Some(SignInFrequency::Minutes(minutes)) => {
            let fits = |(_, size, _): &&(&str, u32, &str)| minutes % size == 0;
            let unit = UNITS.iter().find(fits).unwrap_or(&UNITS[2]);
            (Often::After, (minutes / unit.1).to_string(), unit.0)
        }
    };
    let number = Control::Number {
        value: number,
        least: 1,
        most: MOST_MINUTES,
    };
    let units = UNITS.map(|(sent, _, id)| Choice::new(sent, text.say(id), sent == unit));
    let kept = Choice::new(
        "",
        text.say("persistent-own"),
        session.persistent_browser.is_none(),
    );
    let persistent =
        PersistentBrowser::choices(text, |one| session.persistent_browser == Some(*one));
    vec![
        Field::new(
            "session.signInFrequency",
            text.say("access-frequency"),
            Control::Radio(Often::choices(text, |one| *one == often)),
        )
        .hint(text.say("access-frequency-hint")),
        Field::new(
            "session.signInFrequency.minutes",
            text.say("frequency-number"),
            number,
        ),
        Field::new(
            "session.unit",
            text.say("frequency-unit"),
            Control::Select(units.to_vec()),
        ),
        Field::new(
            "session.persistentBrowser",
            text.say("access-persistent"),
            Control::Select(std::iter::once(kept).chain(persistent).collect()),
        ),
    ]
}

pub fn read(reader: &mut Reader<'_>, one: &mut AccessPolicy) {
    one.name = reader.text("name");
    one.description = reader.text("description");
    one.state = reader.one("state", AccessState::of, one.state);
    one.conditions = Conditions {
        users: scope::read_assignment(reader, "conditions.users"),
        target: read_target(reader),
        platforms: read_sides(reader, "conditions.platforms", Platform::of),
        client_types: reader.ticked("conditions.clientTypes", ClientType::of),
        locations: read_sides(reader, "conditions.locations", location),
        device_code: reader.tick("conditions.deviceCode"),
    };
    let strength = reader.one("grant.strength", |id| Some(id.parse().ok()), None);
    one.grant = match reader.one("grant", Asks::of, Asks::Nothing) {
        Asks::Nothing => AccessGrant::Nothing,
        Asks::Block => AccessGrant::Block,
        Asks::Mfa => AccessGrant::Mfa,
        Asks::Strength => strength.map_or(AccessGrant::Nothing, AccessGrant::Strength),
    };
    one.session = SessionControls {
        sign_in_frequency: read_frequency(reader),
        persistent_browser: reader.one(
            "session.persistentBrowser",
            |sent| Some(PersistentBrowser::of(sent)),
            None,
        ),
    };
}

/// What belongs to another kind of target than the chosen one is left behind.
fn read_target(reader: &Reader<'_>) -> AccessTarget {
    let field = |side: &str| format!("{APPLICATIONS}.{side}");
    let ids = |side: &str| reader.ticked(&field(side), |id| id.parse().ok());
    let portals = |sent: &str| (sent == ADMIN_PORTALS).then_some(());
    match reader.one("conditions.target", Reach::of, Reach::Some) {
        Reach::All => AccessTarget::Applications {
            all: true,
            include: Vec::new(),
            exclude: ids("exclude"),
            admin_portals: false,
        },
        Reach::Some => AccessTarget::Applications {
            all: false,
            include: ids("include"),
            exclude: ids("exclude"),
            admin_portals: !reader.ticked(&field("include"), portals).is_empty(),
        },
        Reach::Register => AccessTarget::RegisterSecurityInfo,
        Reach::Contexts => {
            let context = |id: &str| Some(id.to_owned());
            AccessTarget::Contexts(reader.ticked("conditions.target.contexts", context))
        }
    }
}

fn read_sides<T>(
    reader: &Reader<'_>,
    at: &str,
    parse: impl Fn(&str) -> Option<T> + Copy,
) -> Option<Sides<T>> {
    let sides = Sides {
        include: reader.ticked(&format!("{at}.include"), parse),
        exclude: reader.ticked(&format!("{at}.exclude"), parse),
    };
    let says = !sides.include.is_empty() || !sides.exclude.is_empty();
    says.then_some(sides)
}

fn location(sent: &str) -> Option<LocationRef> {
    match sent {
        ALL_TRUSTED => Some(LocationRef::AllTrusted),
        id => id.parse().ok().map(LocationRef::Named),
    }
}

fn read_frequency(reader: &mut Reader<'_>) -> Option<SignInFrequency> {
    let unit = |sent: &str| {
        UNITS
            .iter()
            .find(|(name, ..)| *name == sent)
            .map(|unit| unit.1)
    };
    let unit = reader.one("session.unit", unit, 1);
    match reader.one("session.signInFrequency", Often::of, Often::Never) {
        Often::Never => None,
        Often::EveryTime => Some(SignInFrequency::EveryTime),
        Often::After => {
            let number = reader.needed("session.signInFrequency.minutes", 0);
            Some(SignInFrequency::Minutes(number.saturating_mul(unit)))
        }
    }
}
