//! What passkeys are called.

use ceremony::{Registered, Transport};
use policy::model::{AuditRecord, NoticeKind, Passkey, PasskeyId, User, crosses_devices};
use uuid::Uuid;

use super::{RegisterRefusal, may_provision};
use crate::app::AppState;
use crate::flow::govern::Governor;
use crate::flow::{Caller, authority, notices, records};
use crate::pages::Text;

/// Characters of a name.
const LONGEST_NAME: usize = 64;

/// Renames a passkey of the signed-in user.
pub async fn rename(
    app: &AppState,
    caller: &Caller,
    user: &User,
    passkey: PasskeyId,
    name: &str,
) -> Result<Passkey, RegisterRefusal> {
    let name = checked_name(name)?;
    let (now, actor) = (app.clock.now(), records::by_user(user, caller));
    let activity = "User updated security info";
    let record = records::audit(now, &app.random, caller, activity, actor, user);
    write_name(app, caller, user, passkey, name, record).await
}

/// Renames a passkey of another user.
pub async fn rename_of(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: &User,
    passkey: PasskeyId,
    name: &str,
) -> Result<Passkey, RegisterRefusal> {
    let name = checked_name(name)?;
    let record = authority::record(app, caller, by, "Admin updated security info", user);
    if let Err(refusal) = may_provision(app, by, user).await {
        return Err(authority::note(app, caller, record, refusal).await);
    }
    write_name(app, caller, user, passkey, name, record).await
}

async fn write_name(
    app: &AppState,
    caller: &Caller,
    user: &User,
    passkey: PasskeyId,
    name: String,
    record: AuditRecord,
) -> Result<Passkey, RegisterRefusal> {
    let told = notices::of(app, caller, NoticeKind::PasskeyRenamed, user, &record);
    let (tenant, id) = (user.tenant, user.id);
    let renamed = app.store.write(move |tx| {
        Box::pin(async move {
            if !store::passkeys::rename(tx, tenant, id, passkey, &name).await? {
                return Err(RegisterRefusal::NotFound);
            }
            let renamed = store::passkeys::find(tx, tenant, id, passkey)
                .await?
                .ok_or(RegisterRefusal::NotFound)?;
            let record = records::about_passkey(record, &renamed);
            let told = notices::about_passkey(told, &renamed);
            notices::write(tx, &record, &told).await?;
            Ok::<_, RegisterRefusal>(renamed)
        })
    });
    let renamed = renamed.await?;
    app.notifier.wake();
    Ok(renamed)
}

pub(super) fn checked_name(name: &str) -> Result<String, RegisterRefusal> {
    let name = name.trim();
    let plain = !name.is_empty() && !name.chars().any(char::is_control);
    if plain && name.chars().count() <= LONGEST_NAME {
        Ok(name.to_owned())
    } else {
        Err(RegisterRefusal::NameInvalid)
    }
}

/// After the model where it is known: people know their passkeys by who keeps them.
pub(super) fn name_of_kind(app: &AppState, registered: &Registered, text: Text) -> String {
    let facts = registered.facts();
    let model = Uuid::from_bytes(*facts.aaguid.as_bytes());
    if let Some(known) = app.models.facts().get(model)
        && let Ok(name) = checked_name(&known.name)
    {
        return name;
    }
    let transports = facts.transports.iter().map(Transport::name);
    let across = crosses_devices(facts.attachment, transports);
    let inside = facts.transports.contains(&Transport::Internal);
    let name = match (facts.backup_eligible, across, inside) {
        (true, ..) => text.say("passkey-name-synced"),
        (false, true, _) => text.say("passkey-name-another-device"),
        (false, false, true) => text.say("passkey-name-this-device"),
        (false, false, false) => text.say("passkey-name-security-key"),
    };
    name.into_owned()
}
