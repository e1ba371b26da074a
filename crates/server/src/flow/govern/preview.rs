//! What a change would do, asked before it is made: the same checks as the change itself, and nothing is written.

use policy::impact::Tally;
use policy::model::{AccessPolicy, ModifiedProperty, PolicyDocument};

use super::change::{Edit, judge};
use super::governor::Governor;
use super::impact;
use super::record;
use super::refusal::GovernRefusal;
use crate::app::AppState;

/// What a change would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The document as it would be kept; absent where it would be taken away.
    pub document: Option<PolicyDocument>,
    /// The members that would change.
    pub differences: Vec<ModifiedProperty>,
    /// What would be different for whom.
    pub tally: Tally,
    /// Names of policies, as they would be, for what the tally says.
    pub access: Vec<AccessPolicy>,
}

/// Looks at a change.
pub async fn preview(
    app: &AppState,
    governor: &Governor,
    edit: &Edit,
) -> Result<Preview, GovernRefusal> {
    let judged = judge(app, governor, edit).await?;
    let old = judged
        .basis
        .before
        .document(edit.change.kind(), &edit.change.id());
    let access = judged.after.access.clone();
    let version = judged.basis.policy_version;
    let both = impact::compile(app, version, judged.basis.before, judged.after);
    let tally = match impact::decides_who_comes_in(edit.change.kind()) {
        true => impact::impact(app, governor, &both, |_| ()).await?,
        false => Tally::default(),
    };
    Ok(Preview {
        differences: record::differences(old.as_ref(), judged.document.as_ref()),
        document: judged.document,
        tally,
        access,
    })
}
