//! People as method policies name them: everybody, groups, users. Roles and guests are this server's own and stay as they are.

use policy::model::{Assignment, GroupId, Scope, UserId};
use serde_json::{Value, json};

use super::shared::{Members, objects};
use crate::graph::GraphRefusal;
use crate::graph::values::{members, required};

/// Graph's name for everybody.
const EVERYBODY: &str = "all_users";

/// One target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Everybody,
    Group(GroupId),
    User(UserId),
}

impl Target {
    /// What an object names.
    pub fn read(object: &Members) -> Result<Self, GraphRefusal> {
        let id: String = required(object, "id")?;
        if id.eq_ignore_ascii_case(EVERYBODY) {
            return Ok(Self::Everybody);
        }
        let kind = super::shared::word(object, "targetType", &[("group", false), ("user", true)])?;
        let wrong = |_| GraphRefusal::property("id", "is neither 'all_users' nor an id");
        match kind.unwrap_or(false) {
            true => id.parse().map(Self::User).map_err(wrong),
            false => id.parse().map(Self::Group).map_err(wrong),
        }
    }

    /// As Graph writes it.
    pub fn view(self) -> Members {
        let (kind, id) = match self {
            Self::Everybody => ("group", EVERYBODY.to_owned()),
            Self::Group(id) => ("group", id.to_string()),
            Self::User(id) => ("user", id.to_string()),
        };
        members(json!({ "targetType": kind, "id": id }))
    }

    pub fn scope(self) -> Scope {
        let mut scope = Scope::default();
        self.add_to(&mut scope);
        scope
    }

    pub fn add_to(self, scope: &mut Scope) {
        match self {
            Self::Everybody => scope.everyone = true,
            Self::Group(id) if !scope.groups.contains(&id) => scope.groups.push(id),
            Self::User(id) if !scope.users.contains(&id) => scope.users.push(id),
            Self::Group(_) | Self::User(_) => {}
        }
    }

    pub fn is_in(self, scope: &Scope) -> bool {
        of(scope).contains(&self)
    }
}

/// The targets of a scope that Graph can name.
pub fn of(scope: &Scope) -> Vec<Target> {
    let everybody = scope.everyone.then_some(Target::Everybody);
    let groups = scope.groups.iter().copied().map(Target::Group);
    let users = scope.users.iter().copied().map(Target::User);
    everybody.into_iter().chain(groups).chain(users).collect()
}

/// What Graph cannot name.
pub fn hidden(scope: &Scope) -> Scope {
    Scope {
        everyone: false,
        groups: Vec::new(),
        users: Vec::new(),
        ..scope.clone()
    }
}

/// The targets of an assignment, each with `more`.
pub fn views(scope: &Scope, more: &Value) -> Vec<Value> {
    let views = of(scope).into_iter().map(|target| {
        let mut view = target.view();
        view.extend(members(more.clone()));
        Value::Object(view)
    });
    views.collect()
}

/// A scope from a list of targets; what Graph cannot name stays as it is in `before`.
pub fn scope(list: &[Members], before: &Scope) -> Result<Scope, GraphRefusal> {
    let mut scope = hidden(before);
    for object in list {
        Target::read(object)?.add_to(&mut scope);
    }
    Ok(scope)
}

/// `includeTargets` and `excludeTargets` of an assignment, as far as they are given.
pub fn assign(who: &mut Assignment, from: &Members) -> Result<(), GraphRefusal> {
    if let Some(list) = objects(from, "includeTargets")? {
        who.include = scope(&list, &who.include)?;
    }
    if let Some(list) = objects(from, "excludeTargets")? {
        who.exclude = scope(&list, &who.exclude)?;
    }
    Ok(())
}
