//! Reports: counted at the moment they are asked for.

use policy::model::{Span, Timestamp, UserId};
use policy::roles::Task;
use store::reports::{self, Coverage, Mix, Model, Stale};

use super::governor::Governor;
use super::refusal::GovernRefusal;
use crate::app::AppState;

/// Days of sign-ins in the method mix.
pub const MIX_DAYS: i64 = 30;
/// Days without use after which a passkey is called stale.
pub const STALE_DAYS: i64 = 90;

/// Everything the reports page shows.
#[derive(Clone, Debug)]
pub struct Reports {
    /// When it was counted.
    pub at: Timestamp,
    /// Who has what.
    pub coverage: Coverage,
    /// What people signed in with.
    pub mix: Vec<Mix>,
    /// Models, the commonest first.
    pub models: Vec<Model>,
    /// COSE algorithms and their passkeys.
    pub algorithms: Vec<(i64, i64)>,
    /// Passkeys nobody used for [`STALE_DAYS`]: how many, and the first of them.
    pub stale: (i64, Vec<Stale>),
    /// The first people with less than two methods. Empty for roles that may not see methods of people.
    pub without_two: Vec<(UserId, String)>,
}

/// Counts. People are named only to roles that may see how they sign in.
pub async fn count(app: &AppState, governor: &Governor) -> Result<Reports, GovernRefusal> {
    governor.may(Task::ReadReports)?;
    let named = governor.may(Task::ReadMethods).is_ok();
    let (tenant, at) = (governor.tenant(), app.clock.now());
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            Ok::<_, GovernRefusal>(Reports {
                at,
                coverage: reports::coverage(tx, tenant).await?,
                mix: reports::mix(tx, tenant, at.minus(Span::days(MIX_DAYS))).await?,
                models: reports::models(tx, tenant).await?,
                algorithms: reports::algorithms(tx, tenant).await?,
                stale: reports::stale(tx, tenant, at.minus(Span::days(STALE_DAYS))).await?,
                without_two: reports::without_two(tx, tenant).await?,
            })
        })
    });
    let mut found = found.await?;
    if !named {
        found.stale.1.clear();
        found.without_two.clear();
    }
    Ok(found)
}
