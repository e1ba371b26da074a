//! Evidence for somebody else's eyes: the signed heads of a tenant's logs, and proofs about single records.

use policy::Denial;
use policy::model::RecordId;
use policy::roles::Task;
use store::evidence::Log;

use super::govern::Governor;
use crate::app::AppState;
use crate::evidence::checkpoint::{self, Checkpoint};
use crate::evidence::prove::{self, Proof, ProveRefusal};

/// Why there is no evidence.
#[derive(Debug)]
pub enum ProofRefusal {
    /// Policy says no.
    Denied(Denial),
    /// There is none.
    None(ProveRefusal),
}

/// The newest signed head of each log, with its note. A log without records has none.
pub async fn heads(
    app: &AppState,
    by: &Governor,
) -> Result<Vec<(Checkpoint, String)>, ProofRefusal> {
    by.may(Task::ReadAudit).map_err(ProofRefusal::Denied)?;
    let tenant = by.tenant();
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let mut heads = Vec::new();
            for log in Log::ALL {
                let tree = store::evidence::tree(tx, tenant, log).await?;
                heads.extend(tree.map(|tree| tree.head));
            }
            Ok::<_, ProveRefusal>(heads)
        })
    });
    let heads = read.await.map_err(ProofRefusal::None)?;
    let each = heads.into_iter().map(|note| {
        let (head, _) =
            checkpoint::read(&note).map_err(|_| ProofRefusal::None(ProveRefusal::Damaged))?;
        Ok((head, note))
    });
    each.collect()
}

/// The proof that a record of this log is in its tree, with everything that is hashed: whoever may read the log may have it.
pub async fn of_record(
    app: &AppState,
    by: &Governor,
    log: Log,
    id: RecordId,
) -> Result<Proof, ProofRefusal> {
    let reading = match log {
        Log::Audit => Task::ReadAudit,
        Log::SignIns => Task::ReadSignIns,
    };
    by.may(reading).map_err(ProofRefusal::Denied)?;
    let proof = prove::prove_in(&app.store, by.tenant(), log, id).await;
    proof.map_err(ProofRefusal::None)
}
