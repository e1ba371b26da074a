//! Passkeys that need somebody's attention: bad news, an end that is near, an owner who has not activated theirs.

use policy::lifecycle::{Outlook, outlook};
use policy::model::{Measure, Passkey, User, UserId};
use policy::roles::Task;
use store::{Page, StoreError};

use super::administer::AdministerRefusal;
use super::govern::Governor;
use crate::app::AppState;

/// A person and those of their passkeys that need attention, as the policies of this moment judge them. None, where what was
/// written down is over.
#[derive(Clone, Debug)]
pub struct Needy {
    /// Who.
    pub user: User,
    /// Which, and how each stands.
    pub passkeys: Vec<(Passkey, Outlook)>,
}

/// People in the order of their ids.
pub async fn list(
    app: &AppState,
    by: &Governor,
    page: Page<UserId>,
) -> Result<Vec<Needy>, AdministerRefusal> {
    by.may(Task::ReadMethods)?;
    let (tenant, now) = (by.tenant(), app.clock.now());
    let snapshot = app.snapshots.current(app, tenant).await?;
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let mut found = Vec::new();
            for id in store::lifecycle::owners_in_need(tx, tenant, page).await? {
                found.extend(store::residents::find(tx, tenant, id, now).await?);
            }
            Ok(found)
        })
    });
    let found = read
        .await
        .map_err(|error: StoreError| AdministerRefusal::from(error))?;
    let needy = found.into_iter().map(|resident| {
        let subject = snapshot.subject(&resident.user, &resident.roles, &resident.groups);
        let passkeys = resident.passkeys.iter().map(|passkey| {
            let stands = outlook(&snapshot, &subject, passkey, now);
            (passkey.clone(), stands)
        });
        let passkeys = passkeys.filter(needs_attention).collect();
        drop(subject);
        Needy {
            passkeys,
            user: resident.user,
        }
    });
    Ok(needy.collect())
}

fn needs_attention((passkey, stands): &(Passkey, Outlook)) -> bool {
    let released = Some(Measure::Released);
    let news = passkey.compromise.is_some() && passkey.measure() != released;
    passkey.waiting || news || *stands != Outlook::Good
}
