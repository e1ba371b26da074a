//! Writing a registration that was verified and allowed.

use policy::model::{AuditRecord, NoticeKind, Passkey, Session, TenantId, UserId};
use policy::register::NewPasskey;
use store::outbox::Announcement;
use store::passkeys::Inserted;
use store::sightings::Observed;

use super::{RegisterRefusal, RegisteredPasskey, Registrant};
use crate::app::AppState;
use crate::flow::challenge::Ticket;
use crate::flow::sign_in::nudge::Made;
use crate::flow::sign_in::{self, AfterWrite, Over};
use crate::flow::{Caller, notices, records};

/// One write: the challenge is spent, the passkey and its two audit records are there, a bootstrap pass is gone, and in an
/// interrupt the session is open.
pub(super) async fn write(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    new: NewPasskey,
    observed: Observed,
    ticket: &Ticket,
) -> Result<RegisteredPasskey, RegisterRefusal> {
    let (after, step) = match registrant {
        Registrant::Session(_) | Registrant::Program(..) | Registrant::Provisioner(..) => {
            (None, None)
        }
        Registrant::Attempt(attempt, context) => {
            let over = Over::with_registered(attempt, new.passkey());
            let after = sign_in::after_interrupt(app, caller, context, over).await?;
            let (write, step) = after.split();
            (Some(write), Some(step))
        }
    };
    let passkey = new.passkey().clone();
    let user = registrant.user().clone();
    let records = add_records(app, caller, registrant, &passkey);
    let [told, _] = &records;
    let kind = match passkey.waiting {
        true => NoticeKind::PasskeyWaiting,
        false => NoticeKind::PasskeyAdded,
    };
    let told = notices::of(app, caller, kind, &user, told);
    let batch = Batch {
        told: notices::about_passkey(told, &passkey),
        records,
        nonce: ticket.nonce,
        expires: ticket.expires,
        session: registrant.session(),
        made: Made::new(app, caller, &passkey, registrant.attempt()),
        new,
        observed,
        after,
    };
    app.store
        .write(move |tx| Box::pin(async move { batch.write(tx, user.tenant, user.id).await }))
        .await?;
    app.notifier.wake();
    metrics::counter!("keyward_registrations_total", "type" => passkey.passkey_type.as_str())
        .increment(1);
    Ok(RegisteredPasskey {
        passkey,
        step: step.map(|step| step.taken(caller)),
    })
}

struct Batch {
    records: [AuditRecord; 2],
    told: Announcement,
    nonce: [u8; 16],
    expires: policy::model::Timestamp,
    /// The session it rests on, with the version of its user.
    session: Option<(Session, i64)>,
    new: NewPasskey,
    observed: Observed,
    /// What it means for campaigns.
    made: Made,
    /// The rest of the sign-in whose interrupt this is.
    after: Option<AfterWrite>,
}

impl Batch {
    /// Any `Err` rolls everything back.
    async fn write(
        &self,
        tx: &mut store::Tx,
        tenant: TenantId,
        user: UserId,
    ) -> Result<(), RegisterRefusal> {
        if let Some((session, version)) = &self.session
            && !store::sessions::hold(tx, session, *version).await?
        {
            return Err(RegisterRefusal::Contended);
        }
        if !store::challenges::spend(tx, tenant, &self.nonce, self.expires).await? {
            return Err(RegisterRefusal::ChallengeSpent);
        }
        match store::passkeys::insert(tx, &self.new).await? {
            Inserted::Done => {}
            Inserted::CredentialIdTaken => return Err(RegisterRefusal::AlreadyRegistered),
            Inserted::Stale => return Err(RegisterRefusal::Contended),
        }
        store::sightings::record(tx, &self.observed).await?;
        for record in &self.records {
            store::audit::record(tx, record).await?;
        }
        store::outbox::announce(tx, &self.told).await?;
        self.made.write(tx, self.new.passkey()).await?;
        if let Some(after) = &self.after {
            after.write(tx).await.map_err(overtaken)?;
        }
        store::passes::end_with_registration(tx, tenant, user).await?;
        Ok(())
    }
}

/// Entra writes two records for one registration; scripts look for either.
fn add_records(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    passkey: &Passkey,
) -> [AuditRecord; 2] {
    let user = registrant.user();
    let record = |activity: &str| {
        let actor = registrant.actor(caller);
        let record = records::audit(app.clock.now(), &app.random, caller, activity, actor, user);
        records::about_passkey(record, passkey)
    };
    let mut added = record(records::add_passkey(passkey.passkey_type));
    "Device Registration Service".clone_into(&mut added.service);
    let mut registered = record(registrant.activity());
    registered.details.extend([
        ("AuthenticationMethod".to_owned(), "Passkey".to_owned()),
        (
            "Provenance".to_owned(),
            passkey.provenance.as_str().to_owned(),
        ),
    ]);
    if passkey.waiting {
        let waits = ("WaitsForOwner".to_owned(), "True".to_owned());
        registered.details.push(waits);
    }
    [added, registered]
}

/// The attempt was finished or changed by another request at the same moment.
fn overtaken(refusal: sign_in::SignInRefusal) -> RegisterRefusal {
    match refusal {
        sign_in::SignInRefusal::AttemptExpired => RegisterRefusal::Contended,
        other => other.into(),
    }
}
