//! `authenticationMethodConfigurations`: passkeys and passes, which can be changed, and the others, which can be read.

use policy::model::{PolicyDocument, PolicyKind};
use policy::scopes::Operation;
use serde_json::{Value, json};

use super::shared::{Members, etag, everything, list as listed, one, put, remove};
use super::{fido2, passes};
use crate::flow::govern::read::Everything;
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::table::{Route, Verb};
use crate::graph::values::members;
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const LIST: &str = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations";
const ONE: &str =
    "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{configuration}";
const SHORT_LIST: &str = "authenticationMethodsPolicy/authenticationMethodConfigurations";
const SHORT: &str =
    "authenticationMethodsPolicy/authenticationMethodConfigurations/{configuration}";

pub const ROUTES: &[Route] = &[
    reading(LIST, "List method configurations", graph_handler!(list)),
    reading(ONE, "Get a method configuration", graph_handler!(get)),
    writing(
        Verb::Patch,
        ONE,
        "Update a method configuration",
        graph_handler!(patch),
    ),
    writing(
        Verb::Delete,
        ONE,
        "Reset a method configuration",
        graph_handler!(delete),
    ),
    reading(
        SHORT_LIST,
        "List method configurations",
        graph_handler!(list),
    ),
    reading(SHORT, "Get a method configuration", graph_handler!(get)),
    writing(
        Verb::Patch,
        SHORT,
        "Update a method configuration",
        graph_handler!(patch),
    ),
    writing(
        Verb::Delete,
        SHORT,
        "Reset a method configuration",
        graph_handler!(delete),
    ),
];

const fn reading(
    path: &'static str,
    summary: &'static str,
    handler: crate::graph::table::Handler,
) -> Route {
    Route::new(
        Verb::Get,
        path,
        Operation::ReadMethodPolicy,
        summary,
        handler,
    )
}

const fn writing(
    verb: Verb,
    path: &'static str,
    summary: &'static str,
    handler: crate::graph::table::Handler,
) -> Route {
    Route::new(verb, path, Operation::WriteMethodPolicy, summary, handler)
        .gives(axum::http::StatusCode::NO_CONTENT)
}

const COLLECTION: Collection = Collection::small(
    &[
        Field::new("id", Kind::Text),
        Field::new("state", Kind::Text),
    ],
    &["id"],
);

/// Methods of Entra that this server does not perform, and one-time codes, which have no policy of their own.
const OTHERS: &[(&str, &str, bool)] = &[
    (
        "MicrosoftAuthenticator",
        "#microsoft.graph.microsoftAuthenticatorAuthenticationMethodConfiguration",
        false,
    ),
    (
        "Sms",
        "#microsoft.graph.smsAuthenticationMethodConfiguration",
        false,
    ),
    (
        "SoftwareOath",
        "#microsoft.graph.softwareOathAuthenticationMethodConfiguration",
        true,
    ),
    (
        "Voice",
        "#microsoft.graph.voiceAuthenticationMethodConfiguration",
        false,
    ),
    (
        "Email",
        "#microsoft.graph.emailAuthenticationMethodConfiguration",
        false,
    ),
    (
        "X509Certificate",
        "#microsoft.graph.x509CertificateAuthenticationMethodConfiguration",
        false,
    ),
];

/// A configuration that can be changed.
#[derive(Clone, Copy)]
enum Which {
    Passkeys,
    Passes,
}

impl Which {
    fn of(request: &Request) -> Option<Self> {
        let id = request.key("configuration");
        if id.eq_ignore_ascii_case("Fido2") {
            Some(Self::Passkeys)
        } else if id.eq_ignore_ascii_case("TemporaryAccessPass") {
            Some(Self::Passes)
        } else {
            None
        }
    }

    const fn kind(self) -> PolicyKind {
        match self {
            Self::Passkeys => PolicyKind::Passkeys,
            Self::Passes => PolicyKind::Passes,
        }
    }

    const fn type_name(self) -> &'static str {
        match self {
            Self::Passkeys => "#microsoft.graph.fido2AuthenticationMethodConfiguration",
            Self::Passes => "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration",
        }
    }
}

/// Every configuration in Graph's shape.
pub fn all(everything: &Everything) -> Vec<Members> {
    let own = [
        fido2::view(&everything.policies.passkeys),
        passes::view(&everything.policies.passes),
    ];
    own.into_iter().chain(OTHERS.iter().map(other)).collect()
}

fn other(&(id, kind, enabled): &(&str, &str, bool)) -> Members {
    let include: Value = match enabled {
        true => {
            json!([{ "targetType": "group", "id": "all_users", "isRegistrationRequired": false }])
        }
        false => json!([]),
    };
    members(json!({
        "@odata.type": kind,
        "id": id,
        "state": if enabled { "enabled" } else { "disabled" },
        "includeTargets": include,
        "excludeTargets": [],
    }))
}

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, Operation::ReadMethodPolicy).await?;
    listed(&request, &COLLECTION, LIST, all(&everything))
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, Operation::ReadMethodPolicy).await?;
    let id = request.key("configuration");
    let is = |found: &Members| {
        found
            .get("id")
            .and_then(Value::as_str)
            .is_some_and(|one| one.eq_ignore_ascii_case(id))
    };
    let found = all(&everything)
        .into_iter()
        .find(is)
        .ok_or(GraphRefusal::NotFound)?;
    let answer = one(&request, &COLLECTION, &format!("{LIST}/$entity"), found)?;
    Ok(match Which::of(&request) {
        Some(which) => answer.tagged(&etag(everything.version(which.kind(), ""))),
        None => answer,
    })
}

async fn patch(request: Request) -> Result<Answer, GraphRefusal> {
    let which = changeable(&request)?;
    let sent = request.json()?;
    let kind = sent.get("@odata.type").and_then(Value::as_str);
    if kind.is_some_and(|kind| {
        !kind
            .trim_start_matches('#')
            .eq_ignore_ascii_case(which.type_name().trim_start_matches('#'))
    }) {
        return Err(GraphRefusal::property(
            "@odata.type",
            format!("is not {}", which.type_name()),
        ));
    }
    let body = request.members()?;
    let everything = everything(&request, Operation::ReadMethodPolicy).await?;
    let document = match which {
        Which::Passkeys => {
            let before = &everything.policies.passkeys;
            PolicyDocument::Passkeys(fido2::patched(before, &body, &sent)?)
        }
        Which::Passes => {
            PolicyDocument::Passes(passes::patched(&everything.policies.passes, &body)?)
        }
    };
    put(&request, &everything, document).await?;
    Ok(Answer::nothing())
}

/// Back to what a new tenant has.
async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    let which = changeable(&request)?;
    let everything = everything(&request, Operation::ReadMethodPolicy).await?;
    if everything.version(which.kind(), "") != 0 {
        remove(&request, &everything, which.kind(), "").await?;
    }
    Ok(Answer::nothing())
}

fn changeable(request: &Request) -> Result<Which, GraphRefusal> {
    let id = request.key("configuration");
    match Which::of(request) {
        Some(which) => Ok(which),
        None if OTHERS
            .iter()
            .any(|(other, ..)| other.eq_ignore_ascii_case(id)) =>
        {
            Err(GraphRefusal::malformed(
                "This method has no policy on this server and cannot be changed.",
            ))
        }
        None => Err(GraphRefusal::NotFound),
    }
}
