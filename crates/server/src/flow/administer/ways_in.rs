//! Ways in that administrators give and take: passes, passwords, one-time code generators.
//!
//! What lets somebody in as a holder of a privileged role may wait for a second person; taking a pass back never does.

use policy::model::{
    EndReason, NoticeKind, PassId, PassUse, PassWish, Password, Proposal, SecondPerson, Span,
    TemporaryAccessPass, Timestamp, UserId,
};
use policy::passes::{Wish, shape};
use policy::roles::Action;

use super::{AdministerRefusal, IssuedPass, permitted};
use crate::app::AppState;
use crate::flow::approvals::{self, Clearance, HeldBack, Wanted};
use crate::flow::authority::{self, Target};
use crate::flow::govern::Governor;
use crate::flow::refusal::Refused as _;
use crate::flow::{Caller, SecretText, notices, pass_code, passwords};

/// A pass begins no later than this from now.
const FURTHEST_START: Span = Span::hours(24 * 30);

/// Issues a Temporary Access Pass; an older one of the user ends, with what it opened. Nobody issues one to themselves.
pub async fn issue_pass(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    wish: Wish,
    starts: Option<Timestamp>,
) -> Result<IssuedPass, AdministerRefusal> {
    issue(app, caller, by, user, (wish, starts), None).await
}

/// The same, as a second person allows it.
pub(in crate::flow) async fn issue_pass_allowed(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    wish: (Wish, Option<Timestamp>),
    clearance: &Clearance,
) -> Result<IssuedPass, AdministerRefusal> {
    issue(app, caller, by, user, wish, Some(clearance)).await
}

async fn issue(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    (wish, wished_start): (Wish, Option<Timestamp>),
    allowed: Option<&Clearance>,
) -> Result<IssuedPass, AdministerRefusal> {
    let activity = "Admin registered security info";
    let target = permitted(app, caller, by, user, Action::ManagePass, activity).await?;
    let snapshot = app.snapshots.current(app, target.user.tenant).await?;
    let shape = shape(&snapshot.policies().passes, wish)?;
    let now = app.clock.now();
    let starts = wished_start.map_or(now, |starts| starts.max(now));
    if starts.since(now) > FURTHEST_START {
        return Err(AdministerRefusal::FieldInvalid("startDateTime"));
    }
    let proposal = Proposal::IssuePass(
        user,
        PassWish {
            lifetime: wish.lifetime,
            once: wish.usable.map(|usable| usable == PassUse::Once),
            starts: wished_start,
        },
    );
    let about = (activity, &target);
    let clearance = cleared(app, caller, by, about, proposal, allowed).await?;
    let pass = TemporaryAccessPass {
        tenant: target.user.tenant,
        id: PassId::new(now, app.random.bytes()),
        user,
        starts,
        lifetime: shape.lifetime,
        usable: shape.usable,
        used: None,
        created: now,
        ends_with_registration: false,
    };
    let code = pass_code::generate(&app.random, shape.length);
    let mut record = clearance.note(authority::record(app, caller, by, activity, &target.user));
    record.details.push((
        "AuthenticationMethod".to_owned(),
        "Temporary Access Pass".to_owned(),
    ));
    let told = notices::of(app, caller, NoticeKind::PassIssued, &target.user, &record);
    let told = notices::about_pass(told, &pass);
    let (row, typed) = (pass.clone(), code.clone());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let about = Some((row.tenant, row.user));
                clearance
                    .settle::<AdministerRefusal>(tx, about, now)
                    .await?;
                if let Some(old) = store::passes::delete(tx, row.tenant, row.user).await? {
                    store::sessions::end_of_pass(
                        tx,
                        row.tenant,
                        row.user,
                        old,
                        EndReason::PassEnded,
                        now,
                    )
                    .await?;
                }
                store::passes::issue(tx, &row, typed.expose()).await?;
                Ok::<_, AdministerRefusal>(notices::write(tx, &record, &told).await?)
            })
        })
        .await?;
    app.notifier.wake();
    Ok(IssuedPass {
        pass,
        code: pass_code::grouped(&code),
    })
}

/// Takes a Temporary Access Pass back, and ends what it opened.
pub async fn delete_pass(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    pass: PassId,
) -> Result<(), AdministerRefusal> {
    let activity = "Admin deleted security info";
    let target = permitted(app, caller, by, user, Action::ManagePass, activity).await?;
    let mut record = authority::record(app, caller, by, activity, &target.user);
    record.details.push((
        "AuthenticationMethod".to_owned(),
        "Temporary Access Pass".to_owned(),
    ));
    let told = notices::of(app, caller, NoticeKind::PassDeleted, &target.user, &record);
    let (tenant, now) = (target.user.tenant, app.clock.now());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let held = store::passes::find(tx, tenant, user).await?;
                if held.is_none_or(|held| held.id != pass) {
                    return Err(AdministerRefusal::NotFound);
                }
                store::passes::delete(tx, tenant, user).await?;
                let reason = EndReason::PassEnded;
                store::sessions::end_of_pass(tx, tenant, user, pass, reason, now).await?;
                Ok(notices::write(tx, &record, &told).await?)
            })
        })
        .await?;
    app.notifier.wake();
    Ok(())
}

/// Takes the one-time code generator of a user away.
pub async fn remove_totp(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
) -> Result<(), AdministerRefusal> {
    remove(app, caller, by, user, None).await
}

/// The same, as a second person allows it.
pub(in crate::flow) async fn remove_totp_allowed(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    clearance: &Clearance,
) -> Result<(), AdministerRefusal> {
    remove(app, caller, by, user, Some(clearance)).await
}

async fn remove(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    allowed: Option<&Clearance>,
) -> Result<(), AdministerRefusal> {
    let activity = "Admin deleted security info";
    let action = Action::ManagePasskeys;
    let target = permitted(app, caller, by, user, action, activity).await?;
    let (about, proposal) = ((activity, &target), Proposal::RemoveTotp(user));
    let clearance = cleared(app, caller, by, about, proposal, allowed).await?;
    let mut record = clearance.note(authority::record(app, caller, by, activity, &target.user));
    record.details.push((
        "AuthenticationMethod".to_owned(),
        "Software OATH".to_owned(),
    ));
    let told = notices::of(app, caller, NoticeKind::TotpRemoved, &target.user, &record);
    let (tenant, now) = (target.user.tenant, app.clock.now());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let about = Some((tenant, user));
                clearance
                    .settle::<AdministerRefusal>(tx, about, now)
                    .await?;
                if !store::totp::remove(tx, tenant, user).await? {
                    return Err(AdministerRefusal::NotFound);
                }
                Ok(notices::write(tx, &record, &told).await?)
            })
        })
        .await?;
    app.notifier.wake();
    Ok(())
}

/// Sets a password that has to be changed at the next sign-in (a random one unless it is given), ends every session, and
/// returns it.
pub async fn reset_password(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    given: Option<SecretText>,
) -> Result<SecretText, AdministerRefusal> {
    reset(app, caller, by, user, given, None).await
}

/// The same with a random one, as a second person allows it.
pub(in crate::flow) async fn reset_password_allowed(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    clearance: &Clearance,
) -> Result<SecretText, AdministerRefusal> {
    reset(app, caller, by, user, None, Some(clearance)).await
}

async fn reset(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    given: Option<SecretText>,
    allowed: Option<&Clearance>,
) -> Result<SecretText, AdministerRefusal> {
    let activity = "Reset user password";
    let target = permitted(app, caller, by, user, Action::ResetPassword, activity).await?;
    let about = (activity, &target);
    if given.is_some() && waits(app, by, &target).await? {
        let refusal = HeldBack::PasswordGiven.into();
        return Err(authority::note_denial(app, caller, by, activity, &target.user, refusal).await);
    }
    let proposal = Proposal::ResetPassword(user);
    let clearance = cleared(app, caller, by, about, proposal, allowed).await?;
    let fresh = match given {
        Some(text) if !passwords::is_acceptable(&text, &target.user.user_principal_name) => {
            return Err(AdministerRefusal::FieldInvalid("newPassword"));
        }
        Some(text) => text,
        None => pass_code::grouped(&pass_code::generate(&app.random, pass_code::LENGTH)),
    };
    let hash = passwords::hash(app, fresh.clone())
        .await
        .map_err(|_| AdministerRefusal::Busy)?;
    let now = app.clock.now();
    let password = Password {
        user,
        hash,
        must_change: true,
        changed: now,
    };
    let record = clearance.note(authority::record(app, caller, by, activity, &target.user));
    let told = notices::of(
        app,
        caller,
        NoticeKind::PasswordReset,
        &target.user,
        &record,
    );
    let tenant = target.user.tenant;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let about = Some((tenant, user));
                clearance
                    .settle::<AdministerRefusal>(tx, about, now)
                    .await?;
                store::passwords::set(tx, tenant, &password).await?;
                store::sessions::end_of_user(tx, tenant, user, EndReason::PasswordChanged, now)
                    .await?;
                Ok::<_, AdministerRefusal>(notices::write(tx, &record, &told).await?)
            })
        })
        .await?;
    app.notifier.wake();
    Ok(fresh)
}

/// That this may be done now. Only ways in to power wait for a second person.
async fn cleared(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    (activity, target): (&str, &Target),
    proposal: Proposal,
    allowed: Option<&Clearance>,
) -> Result<Clearance, AdministerRefusal> {
    if let Some(clearance) = allowed {
        return Ok(clearance.clone());
    }
    let snapshot = app.snapshots.current(app, by.tenant()).await?;
    let setting = match target.is_privileged() {
        true => snapshot.policies().second_person.clone(),
        false => SecondPerson::default(),
    };
    let wanted = Wanted {
        proposal,
        before: None,
        basis: target.user.version,
        changes: Vec::new(),
    };
    let held = (&setting, snapshot.version());
    match approvals::clear::<AdministerRefusal>(app, caller, by, held, wanted).await {
        Err(refusal) if refusal.waits().is_none() => {
            Err(authority::note_denial(app, caller, by, activity, &target.user, refusal).await)
        }
        other => other,
    }
}

/// Whether a person's new way in waits for a second person, asked before anything is kept.
async fn waits(app: &AppState, by: &Governor, target: &Target) -> Result<bool, AdministerRefusal> {
    Ok(approvals::pass_instead(app, by, target).await? == Err(HeldBack::PassInstead))
}
