//! The one table of operations: address, verb, scope, handler. The document at `/openapi.json` is made from it.

use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use axum::http::{Method, StatusCode};
use policy::scopes::Operation;

use super::path::Segment;
use super::{Answer, GraphRefusal, Request, Version};
use super::{
    applications, groups, keyward, logs, methods, organization, permissions, policies, reports,
    roles, users,
};

/// What does an operation.
pub type Handler = fn(Request) -> Handling;
/// Its future.
pub type Handling = Pin<Box<dyn Future<Output = Result<Answer, GraphRefusal>> + Send>>;

/// One operation at one address.
#[derive(Clone, Copy)]
pub struct Route {
    /// The verb.
    pub method: Verb,
    /// Behind the version: literals, and `{name}` for keys. `users/{user}/…` is reached as `me/…` too.
    pub path: &'static str,
    /// Where it exists.
    pub versions: Versions,
    /// What its scope permits.
    pub operation: Operation,
    /// What that takes where `{user}` is the person who asks, if it is less.
    pub own: Option<Operation>,
    /// The status of success.
    pub success: StatusCode,
    /// One line for the document.
    pub summary: &'static str,
    /// What does it.
    pub handler: Handler,
}

/// A verb of this interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PATCH`
    Patch,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Verb {
    /// As HTTP knows it.
    pub const fn http(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Patch => Method::PATCH,
            Self::Put => Method::PUT,
            Self::Delete => Method::DELETE,
        }
    }
}

/// In which versions an operation exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// In both.
    Both,
    /// In beta only.
    Beta,
}

impl Versions {
    /// Whether this version has it.
    pub const fn has(self, version: Version) -> bool {
        matches!(
            (self, version),
            (Self::Both, _) | (Self::Beta, Version::Beta)
        )
    }
}

impl Route {
    /// An operation of both versions.
    pub const fn new(
        method: Verb,
        path: &'static str,
        operation: Operation,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            method,
            path,
            versions: Versions::Both,
            operation,
            own: None,
            success: match method {
                Verb::Delete => StatusCode::NO_CONTENT,
                _ => StatusCode::OK,
            },
            summary,
            handler,
        }
    }

    /// The same in beta only.
    #[must_use]
    pub const fn beta(mut self) -> Self {
        self.versions = Versions::Beta;
        self
    }

    /// The same with another scope for one's own.
    #[must_use]
    pub const fn own(mut self, operation: Operation) -> Self {
        self.own = Some(operation);
        self
    }

    /// The same with another status of success.
    #[must_use]
    pub const fn gives(mut self, status: StatusCode) -> Self {
        self.success = status;
        self
    }

    /// Whether it answers a collection, which takes the query options of one.
    pub fn is_list(&self) -> bool {
        self.method == Verb::Get && self.summary.starts_with("List ")
    }

    fn parts(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/')
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.method, self.path)
    }
}

/// A function of this shape as a [`Handler`].
#[macro_export]
macro_rules! graph_handler {
    ($function:path) => {
        |request| Box::pin($function(request))
    };
}

/// Every operation.
pub fn table() -> &'static [Route] {
    static TABLE: LazyLock<Vec<Route>> = LazyLock::new(|| {
        let parts: [&[Route]; 9] = [
            organization::ROUTES,
            users::ROUTES,
            methods::ROUTES,
            groups::ROUTES,
            roles::ROUTES,
            logs::ROUTES,
            reports::ROUTES,
            applications::ROUTES,
            permissions::ROUTES,
        ];
        [
            parts.concat(),
            policies::ROUTES.concat(),
            keyward::ROUTES.concat(),
        ]
        .concat()
    });
    &TABLE
}

/// What an address leads to.
#[derive(Clone, Debug)]
pub struct Found {
    /// The operations there, one for each verb.
    pub routes: Vec<&'static Route>,
    /// What stands in the places of the pattern.
    pub keys: Vec<(&'static str, String)>,
    /// Parameters of the function at its end.
    pub parameters: Vec<(String, String)>,
}

/// The operations at an address; or the first part of it that leads nowhere.
pub fn find(version: Version, segments: &[Segment]) -> Result<Found, GraphRefusal> {
    let mut best: Option<(usize, Found)> = None;
    let mut furthest = 0;
    for route in table().iter().filter(|route| route.versions.has(version)) {
        match fit(route, segments) {
            Ok(fit) => match &mut best {
                // Among patterns that fit, the one with more literals: `creationOptions` is no passkey's id.
                Some((literals, found)) if *literals == fit.literals => found.routes.push(route),
                Some((literals, _)) if *literals > fit.literals => {}
                _ => {
                    best = Some((
                        fit.literals,
                        Found {
                            routes: vec![route],
                            keys: fit.keys,
                            parameters: fit.parameters,
                        },
                    ));
                }
            },
            Err(at) => furthest = furthest.max(at),
        }
    }
    if let Some((_, found)) = best {
        return Ok(found);
    }
    let nowhere = segments.get(furthest).or(segments.last());
    Err(GraphRefusal::Segment(
        nowhere.map_or_else(String::new, |segment| segment.text.clone()),
    ))
}

struct Fit {
    literals: usize,
    keys: Vec<(&'static str, String)>,
    parameters: Vec<(String, String)>,
}

/// How a pattern fits, or how many segments of the address fit before it does not.
fn fit(route: &Route, segments: &[Segment]) -> Result<Fit, usize> {
    let mut pattern = route.parts();
    let mut fit = Fit {
        literals: 0,
        keys: Vec::new(),
        parameters: Vec::new(),
    };
    for (at, segment) in segments.iter().enumerate() {
        let part = pattern.next().ok_or(at)?;
        if let Some(name) = place(part) {
            fit.keys.push((name, segment.text.clone()));
            continue;
        }
        if !segment.is(part) {
            return Err(at);
        }
        fit.literals += 1;
        let alternate = alternate(part, segment);
        if let Some(key) = segment.key().or(alternate) {
            let name = pattern.next().and_then(place).ok_or(at)?;
            fit.keys.push((name, key.to_owned()));
        } else {
            fit.parameters.extend_from_slice(segment.parameters());
        }
    }
    match pattern.next() {
        None => Ok(fit),
        Some(_) => Err(segments.len()),
    }
}

/// Keys that are named, where an object has a second one; here both say the same.
const ALTERNATES: [(&str, &str); 3] = [
    ("applications", "appId"),
    ("directoryRoles", "roleTemplateId"),
    ("servicePrincipals", "appId"),
];

/// The value of a key that is named: `directoryRoles(roleTemplateId='…')`.
fn alternate<'s>(part: &str, segment: &'s Segment) -> Option<&'s str> {
    let [(name, value)] = segment.parameters() else {
        return None;
    };
    let mut known = ALTERNATES.iter();
    let is =
        |(collection, key): &&(&str, &str)| *collection == part && key.eq_ignore_ascii_case(name);
    known.any(|one| is(&one)).then_some(value.as_str())
}

/// The name of a place in a pattern.
fn place(part: &'static str) -> Option<&'static str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_operation_stands_in_the_table_once() {
        let mut seen = BTreeSet::new();
        for route in table() {
            let key = format!("{route:?}").to_lowercase();
            assert!(seen.insert(key), "{route:?} stands there twice");
        }
    }

    #[test]
    fn a_key_may_be_named_where_there_is_a_second_one() {
        let keys = |path: &str| {
            let segments = super::super::path::segments(path).unwrap();
            find(Version::V1, &segments).map(|found| found.keys)
        };
        let id = "62e90394-69f5-4237-9190-012177145e10";
        let named = keys(&format!("directoryRoles(roleTemplateId='{id}')/members")).unwrap();
        assert_eq!(named, [("role", id.to_owned())]);
        for wrong in [
            format!("directoryRoles(templateId='{id}')"),
            format!("groups(roleTemplateId='{id}')"),
            format!("directoryRoles(roleTemplateId='{id}',x=1)"),
        ] {
            // What is no key is a parameter, which a list of everything does not take for one object.
            let found = keys(&wrong).unwrap();
            assert!(found.is_empty(), "{wrong}");
        }
    }

    #[test]
    fn only_what_is_about_a_person_has_a_scope_for_oneself() {
        for route in table() {
            if let Some(own) = route.own {
                assert!(route.path.starts_with("users/{user}"), "{route:?}");
                assert!(own.is_about_oneself(), "{route:?}");
            }
        }
    }
}
