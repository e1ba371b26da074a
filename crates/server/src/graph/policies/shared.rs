//! Reading and changing documents, and members as programs write them.

use axum::http::{StatusCode, header};
use policy::model::{PolicyDocument, PolicyKind};
use policy::scopes::Operation;
use serde_json::{Map, Value};
use store::policies::Expected;

use crate::flow::govern::read::{self, Everything};
use crate::flow::govern::{self, Change, Changed, Edit, GovernRefusal, Governor};
use crate::flow::refusal::Refused as _;
use crate::graph::odata::{Collection, Options, QueryRefusal};
use crate::graph::values::object;
use crate::graph::{Answer, GraphRefusal, Request};

pub type Members = Map<String, Value>;

/// Everything that was decided, for somebody who may `reading`.
pub async fn everything(request: &Request, reading: Operation) -> Result<Everything, GraphRefusal> {
    let governor = reader(request, reading)?;
    let found = read::everything(&request.app, &governor).await;
    found.map_err(|refusal| refused(&refusal))
}

/// Who reads: a scope to write does not say that one may read, and the other way round.
pub fn reader(request: &Request, reading: Operation) -> Result<Governor, GraphRefusal> {
    let granted = request.by.grant(reading)?;
    Ok(request.by.governor(&request.caller, granted))
}

/// Writes a document that was made from what `everything` says, if nothing else was written meanwhile.
pub async fn put(
    request: &Request,
    everything: &Everything,
    document: PolicyDocument,
) -> Result<Changed, GraphRefusal> {
    write(request, everything, Change::put(document)).await
}

/// Takes a document away.
pub async fn remove(
    request: &Request,
    everything: &Everything,
    kind: PolicyKind,
    id: &str,
) -> Result<Changed, GraphRefusal> {
    write(request, everything, Change::Remove(kind, id.to_owned())).await
}

async fn write(
    request: &Request,
    everything: &Everything,
    change: Change,
) -> Result<Changed, GraphRefusal> {
    let edit = edit(everything, change);
    let held = everything.version(edit.change.kind(), &edit.change.id());
    request.if_match(&etag(held))?;
    let (app, caller) = (&request.app, &request.caller);
    let done = govern::change(app, caller, &request.governor(), edit).await;
    done.map_err(|refusal| match refusal {
        GovernRefusal::Stale(_) if request.headers.contains_key(header::IF_MATCH) => {
            GraphRefusal::Precondition
        }
        other => refused(&other),
    })
}

/// A change of what was read.
pub fn edit(everything: &Everything, change: Change) -> Edit {
    let expected = match everything.version(change.kind(), &change.id()) {
        0 => Expected::Absent,
        version => Expected::Version(version),
    };
    Edit { change, expected }
}

/// What a flow refused; a program is told which members break which rules.
pub fn refused(refusal: &GovernRefusal) -> GraphRefusal {
    match refusal {
        GovernRefusal::Invalid(_) => GraphRefusal::Flow {
            status: StatusCode::BAD_REQUEST,
            code: refusal.code(),
            message: refusal.admin_sentence(),
            internal: refusal.admin_sentence(),
            retry_after: None,
        },
        GovernRefusal::Denied(denial) => GraphRefusal::Denied(*denial),
        GovernRefusal::NotFound => GraphRefusal::NotFound,
        other => GraphRefusal::flow(other),
    }
}

/// The version of a document as an entity tag.
pub fn etag(version: i64) -> String {
    format!("W/\"{version}\"")
}

/// What was asked of a collection or an object.
pub fn options(request: &Request, collection: &Collection) -> Result<Options, GraphRefusal> {
    Options::of(&request.query, collection).map_err(|refusal| query(&refusal))
}

/// The options of a small collection, applied.
pub fn list(
    request: &Request,
    collection: &Collection,
    context: &str,
    elements: Vec<Members>,
) -> Result<Answer, GraphRefusal> {
    let options = options(request, collection)?;
    let elements = elements.into_iter().map(Value::Object).collect();
    let page = options
        .apply(elements, collection)
        .map_err(|refusal| query(&refusal))?;
    let rows = page
        .elements
        .into_iter()
        .map(crate::graph::values::members)
        .collect();
    let count = page.count.and_then(|count| u64::try_from(count).ok());
    let next = page.next.map(|token| request.next_link(&token));
    Ok(Answer::list(request, context, rows, count, next))
}

/// One object, with the members that were asked for.
pub fn one(
    request: &Request,
    collection: &Collection,
    context: &str,
    object: Members,
) -> Result<Answer, GraphRefusal> {
    let options = options(request, collection)?;
    let selected = crate::graph::values::members(options.selected(Value::Object(object)));
    Ok(Answer::object(request, context, selected))
}

pub fn query(refusal: &QueryRefusal) -> GraphRefusal {
    GraphRefusal::Flow {
        status: StatusCode::BAD_REQUEST,
        code: refusal.code(),
        message: refusal.to_string(),
        internal: refusal.to_string(),
        retry_after: None,
    }
}

/// True or false; Microsoft's own documentation sends them as strings too.
pub fn truth(members: &Members, name: &'static str) -> Result<Option<bool>, GraphRefusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(Value::String(word)) if word.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(Value::String(word)) if word.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(_) => Err(GraphRefusal::property(name, "is neither true nor false")),
    }
}

/// A list of objects, each without its annotations.
pub fn objects(
    members: &Members,
    name: &'static str,
) -> Result<Option<Vec<Members>>, GraphRefusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(list)) => {
            let each = list.iter().map(|one| {
                object(one)
                    .map_err(|_| GraphRefusal::property(name, "holds something that is no object"))
            });
            each.collect::<Result<_, _>>().map(Some)
        }
        Some(_) => Err(GraphRefusal::property(name, "is not a list")),
    }
}

/// An object in a member; `None` where it is absent, `Some(None)` where it is null.
pub fn nested(
    members: &Members,
    name: &'static str,
) -> Result<Option<Option<Members>>, GraphRefusal> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(value) => object(value)
            .map(|members| Some(Some(members)))
            .map_err(|_| GraphRefusal::property(name, "is not an object")),
    }
}

/// A word of a closed list, in any case.
pub fn word<T: Copy>(
    members: &Members,
    name: &'static str,
    words: &[(&str, T)],
) -> Result<Option<T>, GraphRefusal> {
    let Some(said) = crate::graph::values::member::<String>(members, name)? else {
        return Ok(None);
    };
    let found = words
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(said.trim()));
    match found {
        Some((_, value)) => Ok(Some(*value)),
        None => {
            let all: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            Err(GraphRefusal::property(
                name,
                format!("is none of {}", all.join(", ")),
            ))
        }
    }
}

/// Ids in a list.
pub fn parsed<T: std::str::FromStr>(
    name: &'static str,
    list: &[String],
) -> Result<Vec<T>, GraphRefusal> {
    let wrong = || GraphRefusal::property(name, "holds something that is no id");
    list.iter()
        .map(|one| one.trim().parse().map_err(|_| wrong()))
        .collect()
}

/// Refuses members that say something and are not `known`. What says nothing (null, empty) is left out: programs send back what
/// they were given, with every member of Microsoft's schema.
pub fn only(members: &Members, known: &[&str]) -> Result<(), GraphRefusal> {
    for (name, value) in members {
        if !known.contains(&name.as_str()) && !says_nothing(value) {
            return Err(GraphRefusal::property(
                name.chars().take(100).collect::<String>(),
                "is not available on this server",
            ));
        }
    }
    Ok(())
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.values().all(says_nothing),
        Value::String(text) => text.is_empty() || text == "none",
        _ => false,
    }
}
