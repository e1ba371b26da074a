//! `GET users`, and the groups and roles of one.

use policy::roles::Task;
use serde_json::{Map, Value};

use crate::flow::{directory, roles};
use crate::graph::listing::{self, Source};
use crate::graph::{Answer, GraphRefusal, Request, groups, roles as role_views, values};

/// What somebody is a member of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Everything,
    Groups,
    Roles,
}

pub async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    listing::answer(&request, Source::Users, &listing::USERS, "users").await
}

pub async fn member_of(request: Request) -> Result<Answer, GraphRefusal> {
    memberships(&request, Of::Everything).await
}

pub async fn groups_of(request: Request) -> Result<Answer, GraphRefusal> {
    memberships(&request, Of::Groups).await
}

pub async fn roles_of(request: Request) -> Result<Answer, GraphRefusal> {
    memberships(&request, Of::Roles).await
}

/// Nobody is in more groups than one page holds, so there is one.
async fn memberships(request: &Request, of: Of) -> Result<Answer, GraphRefusal> {
    if !request.own {
        request.governor().may(Task::ReadUsers)?;
    }
    let (app, tenant, user) = (&request.app, request.tenant(), request.user_id()?);
    let options = request.options(&listing::GROUPS)?;
    let mut rows = Vec::new();
    if of != Of::Roles {
        let found = directory::memberships(app, tenant, user).await?;
        let found = found.iter().map(groups::view);
        rows.extend(found.map(|view| typed("#microsoft.graph.group", view)));
    }
    if of != Of::Groups {
        let found = roles::of_user(app, tenant, user).await?.into_iter();
        let found = found.map(role_views::view);
        rows.extend(found.map(|view| typed("#microsoft.graph.directoryRole", view)));
    }
    let page = options.apply(rows, &listing::GROUPS)?;
    let rows = page.elements.into_iter().map(values::members).collect();
    let count = page.count.and_then(|count| u64::try_from(count).ok());
    let next = page.next.map(|token| request.next_link(&token));
    Ok(Answer::list(request, "directoryObjects", rows, count, next))
}

fn typed(kind: &str, view: Map<String, Value>) -> Value {
    let mut row = Map::new();
    row.insert("@odata.type".to_owned(), kind.into());
    row.extend(view);
    Value::Object(row)
}
