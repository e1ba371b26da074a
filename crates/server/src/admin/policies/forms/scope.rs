use policy::model::{Assignment, Role, Scope};
use uuid::Uuid;

use super::Draw;
use super::reader::Reader;
use crate::flow::govern::read::OFFERED;
use crate::pages::form::{Choice, Control, Field, Section, Sent};

/// More groups than this are typed instead of ticked.
const TICKED: usize = 30;

/// For whom, and except for whom, as two parts of a form.
pub fn sections(draw: Draw<'_>, assignment: &Assignment, at: &str) -> [Section; 2] {
    let include = fields(draw, &assignment.include, &format!("{at}.include"), true);
    let exclude = fields(draw, &assignment.exclude, &format!("{at}.exclude"), false);
    [
        Section::new("who", draw.text.say("policy-who"), include),
        Section::new("except", draw.text.say("policy-except"), exclude)
            .hint(draw.text.say("policy-except-hint"))
            .folded(),
    ]
}

/// The fields of a scope. Excluding everybody is not offered: switching off says it better.
pub fn fields(draw: Draw<'_>, scope: &Scope, at: &str, everyone: bool) -> Vec<Field> {
    let text = draw.text;
    let name = |member: &str| format!("{at}.{member}");
    let everyone = everyone.then(|| {
        let on = scope.everyone;
        Field::new(
            name("everyone"),
            text.say("scope-everyone"),
            Control::Tick { on },
        )
    });
    let guests = Control::Tick { on: scope.guests };
    let roles = Role::ALL.iter().map(|role| {
        let held = scope.roles.contains(role);
        Choice::new(role.template_id().to_string(), role.display_name(), held)
    });
    let users = scope.users.iter().map(|id| {
        let known = draw.desk.labels.users.get(id).cloned();
        known.unwrap_or_else(|| id.to_string())
    });
    let others = [
        Field::new(name("guests"), text.say("scope-guests"), guests),
        groups(draw, scope, name("groups")),
        Field::new(name("users"), text.say("scope-users"), lines(users))
            .hint(text.say("scope-users-hint")),
        Field::new(
            name("roles"),
            text.say("scope-roles"),
            Control::Ticks(roles.collect()),
        ),
    ];
    everyone.into_iter().chain(others).collect()
}

fn groups(draw: Draw<'_>, scope: &Scope, name: String) -> Field {
    let label = draw.text.say("scope-groups");
    let all = &draw.desk.groups;
    let few = all.len() <= TICKED.min(OFFERED as usize);
    let stray = scope
        .groups
        .iter()
        .any(|id| !all.iter().any(|group| group.id == *id));
    if few && !stray {
        let choices = all.iter().map(|group| {
            let chosen = scope.groups.contains(&group.id);
            Choice::new(group.id.to_string(), &group.display_name, chosen)
        });
        let choices: Vec<_> = choices.collect();
        let none = choices.is_empty();
        let field = Field::new(name, label, Control::Ticks(choices));
        return match none {
            true => field.hint(draw.text.say("scope-no-groups")),
            false => field,
        };
    }
    let known = scope.groups.iter().map(|id| {
        let known = draw.desk.labels.groups.get(id).cloned();
        known.unwrap_or_else(|| id.to_string())
    });
    Field::new(name, label, lines(known)).hint(draw.text.say("scope-groups-hint"))
}

/// Entries, one in a line.
pub fn lines(entries: impl Iterator<Item = String>) -> Control {
    let value = entries.collect::<Vec<_>>().join("\n");
    Control::Lines { value }
}

/// Both sides, as sent.
pub fn read_assignment(reader: &mut Reader<'_>, at: &str) -> Assignment {
    Assignment {
        include: read(reader, &format!("{at}.include")),
        exclude: read(reader, &format!("{at}.exclude")),
    }
}

/// A scope, as sent.
pub fn read(reader: &mut Reader<'_>, at: &str) -> Scope {
    let lookup = reader.lookup();
    let role = |value: &str| Role::from_template_id(Uuid::try_parse(value).ok()?);
    Scope {
        everyone: reader.tick(&format!("{at}.everyone")),
        guests: reader.tick(&format!("{at}.guests")),
        users: reader.entries(&format!("{at}.users"), |line| {
            lookup.users.get(line).copied()
        }),
        groups: reader.entries(&format!("{at}.groups"), |line| {
            lookup.groups.get(line).copied()
        }),
        roles: reader.ticked(&format!("{at}.roles"), role),
    }
}

/// What was typed for users and for groups, to be looked up before reading.
pub fn typed_names(sent: &Sent) -> (Vec<String>, Vec<String>) {
    let of = |member: &str| {
        let fields = sent.names().filter(|name| name.ends_with(member));
        let fields: std::collections::BTreeSet<_> = fields.collect();
        let lines = fields.into_iter().flat_map(|field| sent.lines(field));
        lines.map(str::to_owned).collect()
    };
    (of(".users"), of(".groups"))
}
