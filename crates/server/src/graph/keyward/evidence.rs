//! `keyward/evidence/…`: the signed heads of both logs, and the proof that a record is in its tree. docs/evidence.md says how to
//! check either without this server.

use policy::model::RecordId;
use policy::scopes::Operation;
use serde_json::{Map, Value, json};
use store::evidence::Log;

use crate::evidence::checkpoint::Checkpoint;
use crate::evidence::prove::{Proof, ProveRefusal};
use crate::flow::proofs::{self, ProofRefusal};
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::policies::shared::list as listed;
use crate::graph::table::{Route, Verb};
use crate::graph::values::{date, members};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        "keyward/evidence/checkpoints",
        Operation::ReadAudit,
        "List the signed heads of the logs",
        graph_handler!(checkpoints),
    )
    .beta(),
    Route::new(
        Verb::Get,
        "keyward/evidence/directoryAudits/{record}",
        Operation::ReadAudit,
        "Prove that an audit record is in its log",
        graph_handler!(audit),
    )
    .beta(),
    Route::new(
        Verb::Get,
        "keyward/evidence/signIns/{record}",
        Operation::ReadSignIns,
        "Prove that a sign-in record is in its log",
        graph_handler!(sign_in),
    )
    .beta(),
];

const COLLECTION: Collection = Collection::small(
    &[
        Field::new("id", Kind::Text),
        Field::new("createdDateTime", Kind::Moment),
    ],
    &["createdDateTime"],
);

async fn checkpoints(request: Request) -> Result<Answer, GraphRefusal> {
    let heads = proofs::heads(&request.app, &request.governor()).await;
    let heads = heads.map_err(|refusal| refused(&refusal))?;
    let views = heads.iter().map(|(head, note)| view(head, note)).collect();
    listed(&request, &COLLECTION, "keyward/evidence/checkpoints", views)
}

fn view(head: &Checkpoint, note: &str) -> Map<String, Value> {
    members(json!({
        "id": name(head.log),
        "size": head.size,
        "droppedByRetention": head.dropped,
        "createdDateTime": date(head.at),
        "checkpoint": note,
    }))
}

/// The logs by the names of their collections in Graph.
const fn name(log: Log) -> &'static str {
    match log {
        Log::Audit => "directoryAudits",
        Log::SignIns => "signIns",
    }
}

async fn audit(request: Request) -> Result<Answer, GraphRefusal> {
    proof(request, Log::Audit).await
}

async fn sign_in(request: Request) -> Result<Answer, GraphRefusal> {
    proof(request, Log::SignIns).await
}

async fn proof(request: Request, log: Log) -> Result<Answer, GraphRefusal> {
    let id: RecordId = request.id("record")?;
    let proof = proofs::of_record(&request.app, &request.governor(), log, id).await;
    let proof: Proof = proof.map_err(|refusal| refused(&refusal))?;
    let proof = serde_json::to_value(&proof)
        .map_err(|_| GraphRefusal::Internal("a proof cannot be written".to_owned()))?;
    Ok(Answer::object(
        &request,
        "keyward/evidence/proof",
        members(proof),
    ))
}

fn refused(refusal: &ProofRefusal) -> GraphRefusal {
    match refusal {
        ProofRefusal::Denied(denial) => GraphRefusal::Denied(*denial),
        ProofRefusal::None(ProveRefusal::NoSuchRecord) => GraphRefusal::NotFound,
        ProofRefusal::None(refusal @ ProveRefusal::NotInTree) => GraphRefusal::Conflict(
            refusal.code(),
            "The record was written a moment ago and is not in the tree yet. Please try again in a second.".into(),
        ),
        ProofRefusal::None(refusal) => GraphRefusal::Internal(format!("evidence: {refusal}")),
    }
}
