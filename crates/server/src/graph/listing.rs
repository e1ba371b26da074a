//! Lists of users, groups and members: read in portions by key, so that the thousandth page costs what the first one does.
//!
//! A filter that the database cannot narrow is applied to portions as they come. Sorting needs everything at hand, so it is done
//! for directories that fit into [`SORTED`] rows, and refused above that.

use policy::model::GroupId;
use serde_json::{Map, Value};
use store::Page;
use uuid::Uuid;

use super::odata::{Collection, Field, Kind, Options, QueryRefusal, Test, conjunction};
use super::users::view::view as user_view;
use super::{Answer, GraphRefusal, Request};
use crate::flow::administer::AdministerRefusal;
use crate::flow::directory;
use crate::flow::govern::Governor;

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

/// Where rows come from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// All users.
    Users,
    /// All groups.
    Groups,
    /// The members of a group, each with its type.
    Members(GroupId),
}

type Row = (Uuid, Map<String, Value>);

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
    let prefix = prefix(&options);
    let mut after = match &options.skip_token {
        Some(token) => Some(token.parse().map_err(|_| QueryRefusal::BadToken)?),
        None => None,
    };
    let (mut rows, mut looked_at, mut more) = (Vec::new(), 0, true);
    'portions: while more && looked_at < LOOKED_AT {
        let portion = source.read(request, &by, &prefix, after).await?;
        more = portion.len() >= usize::try_from(PORTION).unwrap_or(usize::MAX);
        looked_at += portion.len();
        let last = portion.len();
        for (at, (id, row)) in portion.into_iter().enumerate() {
            after = Some(id);
            if holds(&options, &row) {
                rows.push(select(&options, row));
                if rows.len() == size {
                    more = more || at + 1 < last;
                    break 'portions;
                }
            }
        }
    }
    let next = after.filter(|_| more).map(|at| at.to_string());
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
    let (mut rows, mut after, mut more) = (Vec::new(), None, true);
    while more {
        let portion = source.read(request, by, "", after).await?;
        more = portion.len() >= usize::try_from(PORTION).unwrap_or(usize::MAX);
        after = portion.last().map(|(id, _)| *id);
        rows.extend(portion.into_iter().map(|(_, row)| Value::Object(row)));
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
    let (mut found, mut after, mut more) = (0, None, true);
    while more {
        let portion = source.read(request, by, &prefix(options), after).await?;
        more = portion.len() >= usize::try_from(PORTION).unwrap_or(usize::MAX);
        after = portion.last().map(|(id, _)| *id);
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
        prefix: &str,
        after: Option<Uuid>,
    ) -> Result<Vec<Row>, GraphRefusal> {
        let app = &request.app;
        let flow = |refusal: AdministerRefusal| GraphRefusal::flow(&refusal);
        let rows: Vec<Row> = match self {
            Self::Users => {
                let users = directory::users(app, by, prefix, page(after)).await;
                let users = users.map_err(flow)?;
                users
                    .iter()
                    .map(|user| (user.id.uuid(), user_view(user)))
                    .collect()
            }
            Self::Groups => {
                let groups = directory::groups(app, by, prefix, page(after)).await;
                let groups = groups.map_err(flow)?;
                groups
                    .iter()
                    .map(|group| (group.id.uuid(), super::groups::view(group)))
                    .collect()
            }
            Self::Members(group) => {
                let users = directory::members(app, by, group, page(after)).await;
                let users = users.map_err(flow)?;
                let typed = |user| {
                    let mut row = Map::new();
                    row.insert("@odata.type".to_owned(), "#microsoft.graph.user".into());
                    row.extend(user_view(user));
                    row
                };
                users
                    .iter()
                    .map(|user| (user.id.uuid(), typed(user)))
                    .collect()
            }
        };
        Ok(rows)
    }
}

fn page<I: From<Uuid>>(after: Option<Uuid>) -> Page<I> {
    Page {
        after: after.map(I::from),
        limit: PORTION,
    }
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
