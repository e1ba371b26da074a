//! Where a passkey is used: what is worth writing down of it.

use ceremony::Attachment;
use policy::model::{BackupChange, NewSighting, Passkey, Place, Seen, Timestamp, transport_used};
use policy::place::is_worth_writing;
use store::sightings::Observed;

use super::Caller;

/// The place of this request.
pub fn place(caller: &Caller, attachment: Option<Attachment>) -> Place {
    Place::of(&caller.user_agent, caller.ip, attachment)
}

/// What a sign-in writes: the place if it is new or was not written today, the backup state if it differs from the one
/// of `passkey` as stored.
pub fn of_use(
    caller: &Caller,
    passkey: &Passkey,
    place: Place,
    seen: &Seen,
    backed_up: bool,
    now: Timestamp,
) -> Observed {
    let changed = passkey.backed_up != backed_up;
    Observed {
        sighting: is_worth_writing(seen, now).then(|| sighting(caller, passkey, place, now)),
        backup: changed.then(|| backup(passkey, backed_up, now)),
    }
}

/// What a registration writes: where the passkey was made, which is never a new place later, and its first backup state.
pub fn of_registration(
    caller: &Caller,
    passkey: &Passkey,
    attachment: Option<Attachment>,
) -> Observed {
    let place = place(caller, attachment);
    Observed {
        sighting: Some(sighting(caller, passkey, place, passkey.created)),
        backup: Some(backup(passkey, passkey.backed_up, passkey.created)),
    }
}

fn sighting(caller: &Caller, passkey: &Passkey, place: Place, at: Timestamp) -> NewSighting {
    NewSighting {
        tenant: passkey.tenant,
        user: passkey.user,
        passkey: passkey.id,
        transport: transport_used(place.attachment, &passkey.transports),
        place,
        language: caller.language.map(|language| language.tag().to_owned()),
        at,
    }
}

fn backup(passkey: &Passkey, backed_up: bool, at: Timestamp) -> BackupChange {
    BackupChange {
        tenant: passkey.tenant,
        user: passkey.user,
        passkey: passkey.id,
        at,
        backed_up,
    }
}
