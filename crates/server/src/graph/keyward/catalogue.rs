//! `keyward/authenticators`: models by AAGUID, as the FIDO metadata in use, the table of providers and the organisation's own
//! attestation roots know them.

use std::collections::BTreeSet;
use std::sync::Arc;

use ceremony::Aaguid;
use ceremony::metadata::Blob;
use policy::model::{AttestationRoot, ModelFacts, Models, Protections, Sha256};
use policy::scopes::Operation;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::policies::shared::{everything, list as listed, one};
use crate::graph::table::{Route, Verb};
use crate::graph::values::members;
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const LIST: &str = "keyward/authenticators";

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        LIST,
        Operation::ReadMethodPolicy,
        "List authenticator models",
        graph_handler!(list),
    )
    .beta(),
    Route::new(
        Verb::Get,
        "keyward/authenticators/{model}",
        Operation::ReadMethodPolicy,
        "Get an authenticator model",
        graph_handler!(get),
    )
    .beta(),
];

const COLLECTION: Collection = Collection {
    page: 100,
    ..Collection::small(
        &[
            Field::new("id", Kind::Guid),
            Field::new("displayName", Kind::Text),
            Field::new("vendor", Kind::Text),
            Field::new("certificationLevel", Kind::Text),
            Field::new("status", Kind::Text),
            Field::new("transports[]", Kind::Text),
            Field::new("userVerificationMethods[]", Kind::Text),
            Field::new("keyProtection[]", Kind::Text),
            Field::new("isEnrolled", Kind::Boolean),
            Field::new("isSyncedProvider", Kind::Boolean),
        ],
        &["displayName", "vendor"],
    )
};

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let catalogue = Catalogue::read(&request).await?;
    let known = catalogue.models.iter().map(|(id, _)| id);
    let ids: BTreeSet<Uuid> = known.chain(catalogue.enrolled()).collect();
    let views = ids
        .into_iter()
        .filter_map(|id| catalogue.view(&request, id));
    listed(&request, &COLLECTION, LIST, views.collect())
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let id: Uuid = request.id("model")?;
    let catalogue = Catalogue::read(&request).await?;
    let view = catalogue.view(&request, id).ok_or(GraphRefusal::NotFound)?;
    one(&request, &COLLECTION, &format!("{LIST}/$entity"), view)
}

struct Catalogue {
    models: Arc<Models>,
    blob: Option<Arc<Blob>>,
    /// The organisation's own.
    roots: Vec<AttestationRoot>,
}

impl Catalogue {
    async fn read(request: &Request) -> Result<Self, GraphRefusal> {
        let everything = everything(request, Operation::ReadMethodPolicy).await?;
        Ok(Self {
            models: request.app.models.facts(),
            blob: request.app.models.current(),
            roots: everything.policies.roots,
        })
    }

    /// Models that the organisation vouches for itself: authenticators that it enrolled.
    fn enrolled(&self) -> impl Iterator<Item = Uuid> {
        self.roots
            .iter()
            .flat_map(|root| root.models.iter().copied())
    }

    fn view(&self, request: &Request, id: Uuid) -> Option<Map<String, Value>> {
        let own: Vec<_> = self
            .roots
            .iter()
            .filter(|root| root.models.contains(&id))
            .collect();
        let enrolled = || {
            let name = own.first()?.name.clone();
            Some(ModelFacts {
                name,
                ..ModelFacts::default()
            })
        };
        let facts = self.models.get(id).cloned().or_else(enrolled)?;
        let mut view = view(request, id, &facts);
        let root = |name: String, fingerprint: Sha256, source| json!({"sha256": fingerprint, "displayName": name, "source": source});
        let entry = self.blob.as_ref().and_then(|blob| {
            blob.catalogue()
                .by_aaguid(Aaguid::from_bytes(*id.as_bytes()))
        });
        let of_metadata = entry.iter().flat_map(|entry| &entry.anchors).map(|anchor| {
            root(
                anchor.name(),
                Sha256::from_bytes(ceremony::fingerprint(anchor.der())),
                "metadata",
            )
        });
        let of_ours = own.iter().map(|own| {
            root(
                own.name.clone(),
                own.certificate.fingerprint(),
                "organization",
            )
        });
        let roots: Vec<_> = of_metadata.chain(of_ours).collect();
        view.insert("isEnrolled".to_owned(), (!own.is_empty()).into());
        view.insert("attestationRoots".to_owned(), roots.into());
        Some(view)
    }
}

/// What is unknown is null: nothing unknown ever satisfies a policy.
fn view(request: &Request, id: Uuid, facts: &ModelFacts) -> Map<String, Value> {
    let provider = request.app.models.table().provider(id);
    let source =
        |source: &crate::models::Source| json!({"url": source.url, "readDate": source.read});
    let sources = provider.map(|provider| provider.sources.iter().map(source).collect::<Vec<_>>());
    members(json!({
        "id": id,
        "displayName": facts.name,
        "vendor": Some(&facts.vendor).filter(|vendor| !vendor.is_empty()),
        "certificationLevel": facts.certification,
        "status": facts.status,
        "transports": facts.transports,
        "userVerificationMethods": facts.user_verification,
        "keyProtection": facts.key_protection,
        "isSyncedProvider": facts.protections.is_some(),
        "protections": facts.protections.map(protections),
        "remark": provider.and_then(|provider| provider.remark.as_ref()),
        "sources": sources.unwrap_or_default(),
    }))
}

fn protections(one: Protections) -> Value {
    json!({
        "isSecondFactorNeededToSetUp": one.second_factor_set_up,
        "isDeviceLockNeeded": one.device_lock,
        "isEndToEndEncrypted": one.end_to_end_encrypted,
    })
}
