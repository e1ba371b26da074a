//! What somebody signs in with, as programs ask for it: reads, each one read transaction.

use policy::model::{Passkey, Password, TemporaryAccessPass, Timestamp, User};
use policy::passes::{Usability, usability};
use store::StoreError;

use crate::app::AppState;

/// Everything that a person has.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Oldest first.
    pub passkeys: Vec<Passkey>,
    /// Without its code, and whether it can be used now.
    pub pass: Option<(TemporaryAccessPass, Usability)>,
    /// Nothing of it but that it is there.
    pub password: Option<Password>,
    /// When one-time codes were enrolled.
    pub totp: Option<Timestamp>,
}

/// The passkeys of `user`, oldest first.
pub async fn passkeys(app: &AppState, user: &User) -> Result<Vec<Passkey>, StoreError> {
    let (tenant, id) = (user.tenant, user.id);
    app.store
        .read_point(move |tx| {
            Box::pin(async move { store::passkeys::of_user(tx, tenant, id).await })
        })
        .await
}

/// Everything that `user` has.
pub async fn held(app: &AppState, user: &User) -> Result<Held, StoreError> {
    let (tenant, id, now) = (user.tenant, user.id, app.clock.now());
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let passkeys = store::passkeys::of_user(tx, tenant, id).await?;
            let pass = store::passes::find(tx, tenant, id).await?;
            let password = store::passwords::find(tx, tenant, id).await?;
            let totp = store::totp::find(tx, tenant, id).await?;
            let roles = store::roles::of_user(tx, tenant, id).await?;
            let groups = store::groups::ids_of_user(tx, tenant, id).await?;
            Ok::<_, StoreError>((passkeys, pass, password, totp, roles, groups))
        })
    });
    let (passkeys, pass, password, totp, roles, groups) = read.await?;
    let pass = match pass {
        Some(pass) => {
            let snapshot = app.snapshots.current(app, tenant).await?;
            let allowed = snapshot.passes_allowed(&snapshot.subject(user, &roles, &groups));
            let usable = usability(&pass, allowed, now);
            Some((pass, usable))
        }
        None => None,
    };
    Ok(Held {
        passkeys,
        pass,
        password,
        totp: totp.map(|totp| totp.enrolled),
    })
}
