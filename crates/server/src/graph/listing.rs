//! Lists of users, groups and members: read in portions by key, so that the thousandth page costs what the first one does.
//!
//! A filter that the database cannot narrow is applied to portions as they come. Sorting needs everything at hand, so it is done
//! for directories that fit into [`SORTED`] rows, and refused above that.

use policy::model::{Application, ApplicationId, GroupId, Role, User};
use policy::permissions::GRAPH;
use serde_json::{Map, Value};
use store::Page;
use uuid::Uuid;

use super::keyward::{needy_view, sees_people};
use super::odata::{
    Collection, Field, Kind, Options, QueryRefusal, Test, Value as Wanted, conjunction,
};
use super::users::view::view as user_view;
use super::{Answer, GraphRefusal, Request, reports, roles as role_views};
use super::{applications as application_views, permissions};
use crate::flow::administer::AdministerRefusal;
use crate::flow::govern::Governor;
use crate::flow::{applications, attention, directory, registrations, roles};

/// Rows of one read.
const PORTION: u32 = 500;
/// Rows that one request looks at.
const LOOKED_AT: usize = 10_000;
/// Rows that are sorted.
const SORTED: usize = 5_000;

/// What can be asked of users.
pub const USERS: Collection = Collection {
    fields: &[
        Field::new("id", Kind::Guid),
        Field::new("displayName", Kind::Text),
        Field::new("userPrincipalName", Kind::Text),
        Field::new("mail", Kind::Text),
        // Nobody has these here; pickers of people ask for them all the same.
        Field::new("givenName", Kind::Text),
        Field::new("surname", Kind::Text),
        Field::new("userType", Kind::Text),
        Field::new("accountEnabled", Kind::Boolean),
        Field::new("createdDateTime", Kind::Moment),
    ],
    order: &[
        "displayName",
        "userPrincipalName",
        "mail",
        "createdDateTime",
        "id",
    ],
    expand: &[],
    search: true,
    skip: false,
    page: 100,
    most: 999,
};

/// What can be asked of groups.
pub const GROUPS: Collection = Collection {
    fields: &[
        Field::new("id", Kind::Guid),
        Field::new("displayName", Kind::Text),
        Field::new("description", Kind::Text),
        Field::new("isAssignableToRole", Kind::Boolean),
        Field::new("securityEnabled", Kind::Boolean),
        Field::new("createdDateTime", Kind::Moment),
    ],
    order: &["displayName", "createdDateTime", "id"],
    ..USERS
};

/// What can be asked of role assignments.
pub const ASSIGNMENTS: Collection = Collection {
    fields: &[
        Field::new("id", Kind::Text),
        Field::new("principalId", Kind::Guid),
        Field::new("roleDefinitionId", Kind::Guid),
        Field::new("directoryScopeId", Kind::Text),
    ],
    order: &["principalId", "roleDefinitionId"],
    expand: &["principal", "roleDefinition"],
    search: false,
    ..USERS
};

/// What can be asked of applications.
pub const APPLICATIONS: Collection = Collection {
    fields: &[
        Field::new("id", Kind::Guid),
        Field::new("appId", Kind::Guid),
        Field::new("displayName", Kind::Text),
        Field::new("createdDateTime", Kind::Moment),
        Field::new("identifierUris[]", Kind::Text),
        Field::new("signInAudience", Kind::Text),
    ],
    order: &["displayName", "createdDateTime", "id"],
    ..USERS
};

/// What can be asked of service principals.
pub const PRINCIPALS: Collection = Collection {
    fields: &[
        Field::new("id", Kind::Guid),
        Field::new("appId", Kind::Guid),
        Field::new("displayName", Kind::Text),
        Field::new("accountEnabled", Kind::Boolean),
        Field::new("servicePrincipalNames[]", Kind::Text),
        Field::new("servicePrincipalType", Kind::Text),
    ],
    order: &["displayName", "id"],
    ..USERS
};

/// What can be asked of consents.
pub const CONSENTS: Collection = Collection {
    fields: &[
        Field::new("id", Kind::Text),
        Field::new("clientId", Kind::Guid),
        Field::new("consentType", Kind::Text),
        Field::new("principalId", Kind::Guid),
        Field::new("resourceId", Kind::Guid),
        Field::new("scope", Kind::Text),
    ],
    order: &["clientId"],
    search: false,
    ..USERS
};

/// What can be asked of the permissions of one application.
pub const PERMISSIONS: Collection = Collection::small(
    &[
        Field::new("id", Kind::Text),
        Field::new("appRoleId", Kind::Guid),
        Field::new("principalId", Kind::Guid),
        Field::new("resourceId", Kind::Guid),
    ],
    &["appRoleId"],
);

/// Where rows come from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// All users.
    Users,
    /// All groups.
    Groups,
    /// The members of a group, each with its type.
    Members(GroupId),
    /// The holders of a role, each with their type.
    Holders(Role),
    /// Who holds which role.
    Assignments,
    /// Who has registered what.
    Registrations,
    /// People whose passkeys need attention.
    Needy,
    /// Registered applications.
    Applications,
    /// The same as what acts, and our interface.
    Principals,
    /// Consents, of one application or of all.
    Consents(Option<ApplicationId>),
}

/// A row behind the token with which the next page begins after it.
type Row = (String, Map<String, Value>);

/// The answer to a list.
pub async fn answer(
    request: &Request,
    source: Source,
    collection: &Collection,
    context: &str,
) -> Result<Answer, GraphRefusal> {
    let options = request.options(collection)?;
    let by = request.governor();
    if !options.order.is_empty() {
        return sorted(request, &by, source, collection, &options, context).await;
    }
    let size = usize::try_from(options.page(collection)).unwrap_or(usize::MAX);
    let mut after = options.skip_token.clone();
    let (mut rows, mut looked_at, mut more) = (Vec::new(), 0, true);
    'portions: while more && looked_at < LOOKED_AT {
        let portion = source
            .read(request, &by, &options, after.as_deref())
            .await?;
        more = portion.len() >= usize::try_from(PORTION).unwrap_or(usize::MAX);
        looked_at += portion.len();
        let last = portion.len();
        for (at, (token, row)) in portion.into_iter().enumerate() {
            after = Some(token);
            if holds(&options, &row) {
                rows.push(select(&options, row));
                if rows.len() == size {
                    more = more || at + 1 < last;
                    break 'portions;
                }
            }
        }
    }
    let next = after.filter(|_| more);
    let next = next.map(|token| request.next_link(&token));
    let count = match options.count {
        true => Some(count(request, &by, source, &options).await?),
        false => None,
    };
    Ok(Answer::list(request, context, rows, count, next))
}

async fn sorted(
    request: &Request,
    by: &Governor,
    source: Source,
    collection: &Collection,
    options: &Options,
    context: &str,
) -> Result<Answer, GraphRefusal> {
    let (mut rows, mut after, mut more) = (Vec::new(), None::<String>, true);
    while more {
        let portion = source.read(request, by, options, after.as_deref()).await?;
        more = portion.len() >= usize::try_from(PORTION).unwrap_or(usize::MAX);
        after = portion.last().map(|(token, _)| token.clone());
        let portion = portion.into_iter().filter(|(_, row)| !row.is_empty());
        rows.extend(portion.map(|(_, row)| Value::Object(row)));
        if rows.len() > SORTED {
            return Err(QueryRefusal::NotHere("$orderby").into());
        }
    }
    let page = options.apply(rows, collection)?;
    let rows = page.elements.into_iter().map(super::values::members);
    let count = page.count.and_then(|count| u64::try_from(count).ok());
    let next = page.next.map(|token| request.next_link(&token));
    Ok(Answer::list(request, context, rows.collect(), count, next))
}

async fn count(
    request: &Request,
    by: &Governor,
    source: Source,
    options: &Options,
) -> Result<u64, GraphRefusal> {
    let (mut found, mut after, mut more) = (0, None::<String>, true);
    while more {
        let portion = source.read(request, by, options, after.as_deref()).await?;
        more = portion.len() >= usize::try_from(PORTION).unwrap_or(usize::MAX);
        after = portion.last().map(|(token, _)| token.clone());
        found += portion
            .iter()
            .filter(|(_, row)| holds(options, row))
            .count() as u64;
    }
    Ok(found)
}

impl Source {
    async fn read(
        self,
        request: &Request,
        by: &Governor,
        options: &Options,
        after: Option<&str>,
    ) -> Result<Vec<Row>, GraphRefusal> {
        let app = &request.app;
        let flow = |refusal: AdministerRefusal| GraphRefusal::flow(&refusal);
        let rows: Vec<Row> = match self {
            Self::Users => {
                let users = directory::users(app, by, &prefix(options), page(after)?).await;
                let users = users.map_err(flow)?;
                users
                    .iter()
                    .map(|user| (user.id.to_string(), user_view(user)))
                    .collect()
            }
            Self::Groups => {
                let groups = directory::groups(app, by, &prefix(options), page(after)?).await;
                let groups = groups.map_err(flow)?;
                groups
                    .iter()
                    .map(|group| (group.id.to_string(), super::groups::view(group)))
                    .collect()
            }
            Self::Members(group) => {
                let users = directory::members(app, by, group, page(after)?).await;
                typed(&users.map_err(flow)?)
            }
            Self::Holders(role) => {
                let users = roles::members(app, by, role, page(after)?).await;
                typed(&users.map_err(flow)?)
            }
            Self::Registrations => {
                let people = registrations::list(app, by, page(after)?).await;
                let people = people.map_err(flow)?;
                people
                    .iter()
                    .map(|one| (one.user.id.to_string(), reports::view(request, one)))
                    .collect()
            }
            Self::Needy => {
                let people = attention::list(app, by, page(after)?).await;
                let people = people.map_err(flow)?;
                let names = sees_people(request);
                people
                    .iter()
                    .map(|one| (one.user.id.to_string(), needy_view(one, names)))
                    .collect()
            }
            Self::Assignments => {
                let narrow = (
                    only(options, "principalId").map(Into::into),
                    only(options, "roleDefinitionId").and_then(Role::from_template_id),
                );
                let after = match after {
                    Some(token) => Some(role_views::held(token).ok_or(QueryRefusal::BadToken)?),
                    None => None,
                };
                let found = roles::assignments(app, by, narrow, after, PORTION).await;
                let found = found.map_err(flow)?.into_iter();
                let row = |one| {
                    let view = role_views::assignment(&one, options);
                    (role_views::id_of(&one), view)
                };
                found.map(row).collect()
            }
            Self::Applications => {
                let row = |one: &Application| Some(application_views::view(one));
                let only = only(options, "appId").or(only(options, "id"));
                applications_as(request, by, only, after, row).await?
            }
            Self::Principals => {
                let row = |one: &Application| Some(application_views::principal_view(one));
                let only = only(options, "appId").or(only(options, "id"));
                let mut rows = applications_as(request, by, only, after, row).await?;
                // Its id is before all others.
                if after.is_none() && only.is_none_or(|only| only == GRAPH) {
                    let first = (GRAPH.to_string(), application_views::interface(request));
                    rows.insert(0, first);
                }
                rows
            }
            Self::Consents(one) => {
                let only = one.map(ApplicationId::uuid).or(only(options, "clientId"));
                consents(request, by, only, after).await?
            }
        };
        Ok(rows)
    }
}

/// Applications as `view` writes them. One that is not of this list counts as a row that says nothing, and is left out.
async fn applications_as(
    request: &Request,
    by: &Governor,
    only: Option<Uuid>,
    after: Option<&str>,
    view: impl Fn(&Application) -> Option<Map<String, Value>>,
) -> Result<Vec<Row>, GraphRefusal> {
    let only = only.map(ApplicationId::from);
    let found = applications::list(&request.app, by, only, page(after)?).await;
    let found = found.map_err(|refusal| application_views::refused(&refusal))?;
    let rows = found.iter().map(|one| {
        let view = view(one).unwrap_or_default();
        (one.id.to_string(), view)
    });
    Ok(rows.collect())
}

/// Consents for everybody by application, and behind them those of people.
async fn consents(
    request: &Request,
    by: &Governor,
    only: Option<Uuid>,
    after: Option<&str>,
) -> Result<Vec<Row>, GraphRefusal> {
    let behind = match after {
        Some(token) if token.contains('_') => {
            Some(permissions::principal_of(token).ok_or(QueryRefusal::BadToken)?)
        }
        _ => None,
    };
    let mut rows = Vec::new();
    if behind.is_none() {
        let row = permissions::grant_view;
        rows = applications_as(request, by, only, after, row).await?;
        if rows.len() >= usize::try_from(PORTION).unwrap_or(usize::MAX) {
            return Ok(rows);
        }
    }
    let only = only.map(ApplicationId::from);
    let found = applications::consents(&request.app, by, only, behind, PORTION).await;
    let found = found.map_err(|refusal| application_views::refused(&refusal))?;
    rows.extend(found.iter().map(|one| {
        let token = permissions::principal_id((one.application, one.user));
        (token, permissions::principal_view(one))
    }));
    Ok(rows)
}

fn typed(users: &[User]) -> Vec<Row> {
    let row = |user: &User| {
        let mut row = Map::new();
        row.insert("@odata.type".to_owned(), "#microsoft.graph.user".into());
        row.extend(user_view(user));
        (user.id.to_string(), row)
    };
    users.iter().map(row).collect()
}

fn page<I: From<Uuid>>(after: Option<&str>) -> Result<Page<I>, QueryRefusal> {
    let after = match after {
        Some(token) => Some(token.parse::<Uuid>().map_err(|_| QueryRefusal::BadToken)?),
        None => None,
    };
    Ok(Page {
        after: after.map(I::from),
        limit: PORTION,
    })
}

/// The one value that `field` has to have, where the filter says so; the database narrows by it.
fn only(options: &Options, field: &str) -> Option<Uuid> {
    let tests = conjunction(options.filter.as_ref()?).ok()?;
    tests.into_iter().find_map(|test| match test {
        Test::OneOf(named, values) if named == field => match values.as_slice() {
            [Wanted::Guid(id)] => Some(*id),
            _ => None,
        },
        _ => None,
    })
}

/// What the names have to begin with, where the filter says so; the database narrows by it.
fn prefix(options: &Options) -> String {
    let tests = options.filter.as_ref().map(conjunction);
    let Some(Ok(tests)) = tests else {
        return String::new();
    };
    let named = |field: &str| matches!(field, "displayName" | "userPrincipalName");
    let found = tests.into_iter().find_map(|test| match test {
        Test::StartsWith(field, text) if named(field) => Some(text),
        _ => None,
    });
    found.unwrap_or_default()
}

fn holds(options: &Options, row: &Map<String, Value>) -> bool {
    if row.is_empty() {
        return false;
    }
    let value = Value::Object(row.clone());
    let filtered = options
        .filter
        .as_ref()
        .is_none_or(|filter| filter.holds(&value));
    let Some(search) = &options.search else {
        return filtered;
    };
    // `displayName:words`; without the member, the words are looked for in the name as well.
    let words = search
        .rsplit_once(':')
        .map_or(search.as_str(), |(_, words)| words);
    let words = words.trim_matches('"').to_lowercase();
    let name = row.get("displayName").and_then(Value::as_str);
    filtered && name.is_some_and(|name| name.to_lowercase().contains(&words))
}

fn select(options: &Options, row: Map<String, Value>) -> Map<String, Value> {
    super::values::members(options.selected(Value::Object(row)))
}
