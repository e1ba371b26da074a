//! What people are told: the notice that belongs to a change, to be written together with it.
//!
//! ```text
//!   let told = notices::of(app, caller, NoticeKind::PasswordChanged, user, &record);
//!   app.store.write(… the change, notices::write(tx, &record, &told) …).await?;
//!   app.notifier.wake();
//! ```

use std::collections::BTreeSet;

use axum::http::StatusCode;
use policy::Denial;
use policy::model::{
    AuditRecord, Category, CorrelationId, DeliveryId, ModifiedProperty, Notice, NoticeActor,
    NoticeId, NoticeKind, NoticePerson, NoticePlace, NoticeSubject, PassId, Passkey, Place, Role,
    Target, TemporaryAccessPass, TenantId, Timestamp, TokenHash, User,
};
use policy::notices::{DISOWNED_WITHIN, NewPlaces, NoticeSettings};
use policy::place::{Novelty, novelty};
use policy::roles::{Task, may_do};
use store::outbox::{Announcement, Channel, Copy, Delivery, Disclaimer, Standing};
use store::sign_ins::Loaded;
use store::{StoreError, Tx};

use super::govern::Governor;
use super::{Caller, authority};
use crate::app::AppState;
use crate::clock::Random;
use crate::config::Config;
use crate::seal::{Purpose, Sealer};
use crate::web::{AdminSession, Problem};

/// The settings document that says what a tenant wants to be told.
pub const SETTINGS: &str = "notices";
const TOKEN: usize = 32;
/// Failed copies on the administrators' page.
const TROUBLED: u32 = 50;
/// Administrators that are told of a report.
const GUARDS: usize = 50;

/// What `user` is told of what `record` records.
pub fn of(
    app: &AppState,
    caller: &Caller,
    kind: NoticeKind,
    user: &User,
    record: &AuditRecord,
) -> Announcement {
    let what = What {
        kind,
        user,
        actor: NoticeActor::of(&record.initiated_by, user.id),
        at: record.at,
        correlation: record.correlation,
    };
    announcement(&Desk::of(app), caller, what)
}

/// The same without links: at the command line, where no server holds the keys that seal them.
pub fn at_the_command_line(
    config: &Config,
    random: &Random,
    kind: NoticeKind,
    user: &User,
    record: &AuditRecord,
) -> Announcement {
    let what = What {
        kind,
        user,
        actor: NoticeActor::of(&record.initiated_by, user.id),
        at: record.at,
        correlation: record.correlation,
    };
    let desk = Desk {
        config,
        random,
        seal: None,
    };
    announcement(&desk, &Caller::of_operator(record.correlation), what)
}

/// The same notice, about this passkey.
#[must_use]
pub fn about_passkey(mut told: Announcement, passkey: &Passkey) -> Announcement {
    told.notice.subject = Some(NoticeSubject::passkey(passkey));
    told
}

/// The same notice, about this pass.
#[must_use]
pub fn about_pass(mut told: Announcement, pass: &TemporaryAccessPass) -> Announcement {
    told.notice.subject = Some(NoticeSubject::pass(pass));
    told
}

/// What the owner of a pass is told when somebody comes in with it.
pub fn of_pass_use(app: &AppState, caller: &Caller, user: &User, pass: PassId) -> Announcement {
    let now = app.clock.now();
    let what = What::by_oneself(NoticeKind::PassUsed, user, now, caller.correlation);
    let mut told = announcement(&Desk::of(app), caller, what);
    told.notice.subject = Some(NoticeSubject::Pass {
        id: pass,
        ends: None,
    });
    told
}

/// What the owner of a passkey is told of its use in `place`: nothing, unless the place is new and the tenant wants to
/// know. The one read it takes is made only then.
pub async fn of_passkey_use(
    app: &AppState,
    caller: &Caller,
    loaded: &Loaded,
    place: &Place,
) -> Result<Option<Announcement>, StoreError> {
    let novelty = novelty(&loaded.seen);
    if matches!(novelty, Novelty::First | Novelty::Known)
        || !settings(app, loaded.user.tenant)
            .await?
            .new_place
            .wants(novelty)
    {
        return Ok(None);
    }
    let (user, now) = (&loaded.user, app.clock.now());
    let what = What::by_oneself(NoticeKind::PasskeyNewPlace, user, now, caller.correlation);
    let mut told = about_passkey(announcement(&Desk::of(app), caller, what), &loaded.passkey);
    told.notice.place = Some(NoticePlace::from(place));
    Ok(Some(told))
}

/// The same notice without its letters.
#[must_use]
pub fn to_programs_only(mut told: Announcement) -> Announcement {
    told.copies.retain(|copy| copy.channel == Channel::Webhook);
    told.disclaimer = None;
    told
}

/// The same notice with a letter to each of these people. It tells them of somebody else, so it carries no link.
#[must_use]
pub fn also_to(app: &AppState, mut told: Announcement, people: &[User]) -> Announcement {
    if app.config.mail.is_some() {
        let owner = told.notice.user.id;
        let others = people.iter().filter(|user| user.id != owner);
        let letter = |user: &User| {
            let address = user.mail.as_ref()?;
            Some(by_mail(&app.random, told.notice.at, user, address))
        };
        let letters: Vec<_> = others.filter_map(letter).collect();
        told.copies.extend(letters);
    }
    told
}

/// Who is told when somebody reports something: enabled holders of the roles that look after security.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn guards(tx: &mut Tx, tenant: TenantId) -> Result<Vec<User>, StoreError> {
    let mut ids = BTreeSet::new();
    for role in [Role::GlobalAdministrator, Role::SecurityAdministrator] {
        ids.extend(store::roles::holders(tx, tenant, role).await?);
    }
    let mut guards = Vec::new();
    for id in ids.into_iter().take(GUARDS) {
        guards.extend(
            store::users::find(tx, tenant, id)
                .await?
                .filter(|user| user.enabled),
        );
    }
    Ok(guards)
}

/// Writes the record of a change and the notice of it, in the job that makes the change.
pub async fn write(
    tx: &mut Tx,
    record: &AuditRecord,
    told: &Announcement,
) -> Result<(), StoreError> {
    store::audit::record(tx, record).await?;
    store::outbox::announce(tx, told).await
}

/// What a tenant wants to be told.
pub async fn settings(app: &AppState, tenant: TenantId) -> Result<NoticeSettings, StoreError> {
    let stored = app
        .store
        .read_point(move |tx| Box::pin(store::settings::get(tx, tenant, SETTINGS)));
    let stored: Option<String> = stored.await?;
    match stored.as_deref().map(serde_json::from_str) {
        None => Ok(NoticeSettings::default()),
        Some(Ok(settings)) => Ok(settings),
        Some(Err(_)) => Err(StoreError::Damaged("notice settings")),
    }
}

/// What administrators see of the outbox and its settings.
#[derive(Clone, Debug)]
pub struct Overview {
    /// How much of this tenant is in the outbox.
    pub standing: Standing,
    /// Copies of this tenant that failed.
    pub troubled: Vec<Delivery>,
    /// What the tenant wants to be told.
    pub settings: NoticeSettings,
    /// Whether this administrator may change that.
    pub may_change: bool,
}

/// What could not be delivered, and the settings.
pub async fn overview(app: &AppState, admin: &AdminSession) -> Result<Overview, Problem> {
    may_do(&admin.current.roles, Task::ReadAudit).map_err(denied)?;
    let tenant = admin.current.tenant();
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let standing = store::outbox::standing_of(tx, tenant).await?;
            let troubled = store::outbox::troubled(tx, tenant, TROUBLED).await?;
            Ok((standing, troubled))
        })
    });
    let (standing, troubled) = read.await.map_err(unreadable)?;
    Ok(Overview {
        standing,
        troubled,
        settings: settings(app, tenant).await.map_err(unreadable)?,
        may_change: may_do(&admin.current.roles, Task::WriteMethodPolicy).is_ok(),
    })
}

/// Changes which new places of a passkey are worth a notice.
pub async fn change_settings(
    app: &AppState,
    caller: &Caller,
    admin: &AdminSession,
    new_place: NewPlaces,
) -> Result<(), Problem> {
    may_do(&admin.current.roles, Task::WriteMethodPolicy).map_err(denied)?;
    let (user, tenant, now) = (&admin.current.user, admin.current.tenant(), app.clock.now());
    let old = settings(app, tenant).await.map_err(unreadable)?;
    let wished = NoticeSettings { new_place };
    let document = serde_json::to_string(&wished)
        .map_err(|error| Problem::internal(format!("notice settings: {error}")))?;
    let activity = "Authentication Methods Policy Update";
    let mut record = authority::record(
        app,
        caller,
        &Governor::person(admin, caller),
        activity,
        user,
    );
    record.category = Category::ApplicationManagement;
    record.user = None;
    record.targets = vec![target(old, wished)];
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            store::settings::put(tx, tenant, SETTINGS, &document, now).await?;
            store::audit::record(tx, &record).await
        })
    });
    written.await.map_err(unreadable)
}

fn target(old: NoticeSettings, new: NoticeSettings) -> Target {
    Target {
        id: SETTINGS.to_owned(),
        kind: "Policy".to_owned(),
        display_name: Some("Notices".to_owned()),
        user_principal_name: None,
        modified_properties: vec![ModifiedProperty {
            display_name: "newPlace".to_owned(),
            old_value: serde_json::to_string(&old.new_place).ok(),
            new_value: serde_json::to_string(&new.new_place).ok(),
        }],
    }
}

fn denied(denial: Denial) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, denial.code(), denial.user_sentence())
        .logged(denial.admin_sentence())
}

fn unreadable(error: StoreError) -> Problem {
    Problem::internal(format!("store: {error}"))
}

/// What a notice is made of, besides the desk it is made at.
struct What<'a> {
    kind: NoticeKind,
    user: &'a User,
    actor: NoticeActor,
    at: Timestamp,
    correlation: CorrelationId,
}

impl<'a> What<'a> {
    const fn by_oneself(
        kind: NoticeKind,
        user: &'a User,
        at: Timestamp,
        correlation: CorrelationId,
    ) -> Self {
        Self {
            kind,
            user,
            actor: NoticeActor::Oneself,
            at,
            correlation,
        }
    }
}

/// What making a notice takes from the process.
struct Desk<'a> {
    config: &'a Config,
    random: &'a Random,
    seal: Option<&'a Sealer>,
}

impl<'a> Desk<'a> {
    fn of(app: &'a AppState) -> Self {
        Self {
            config: &app.config,
            random: &app.random,
            seal: Some(&app.seal),
        }
    }
}

fn announcement(desk: &Desk<'_>, caller: &Caller, what: What<'_>) -> Announcement {
    let user = what.user;
    let by_owner = what.actor == NoticeActor::Oneself;
    let place = Place::of(&caller.user_agent, caller.ip, None);
    let notice = Notice {
        tenant: user.tenant,
        id: NoticeId::new(what.at, desk.random.bytes()),
        kind: what.kind,
        at: what.at,
        user: NoticePerson::of(user),
        actor: what.actor,
        subject: None,
        place: by_owner.then(|| NoticePlace::from(&place)),
        language: caller
            .language
            .filter(|_| by_owner)
            .map(|language| language.tag().to_owned()),
        correlation: what.correlation,
    };
    let mail = user.mail.as_ref().filter(|_| desk.config.mail.is_some());
    let link = mail
        .filter(|_| what.kind.can_be_disowned())
        .and_then(|_| link(desk, user.tenant));
    let (disclaimer, sealed_token) = match link {
        Some((token, sealed)) => {
            let expires = what.at.plus(DISOWNED_WITHIN);
            (Some(Disclaimer { token, expires }), Some(sealed))
        }
        None => (None, None),
    };
    let mut copies = Vec::new();
    if let Some(address) = mail {
        copies.push(Copy {
            sealed_token,
            ..by_mail(desk.random, what.at, user, address)
        });
    }
    if desk.config.webhook.is_some() {
        copies.push(Copy {
            id: DeliveryId::new(what.at, desk.random.bytes()),
            channel: Channel::Webhook,
            recipient: String::new(),
            user: user.id,
            sealed_token: None,
        });
    }
    Announcement {
        notice,
        copies,
        disclaimer,
    }
}

fn by_mail(random: &Random, at: Timestamp, user: &User, address: &str) -> Copy {
    Copy {
        id: DeliveryId::new(at, random.bytes()),
        channel: Channel::Mail,
        recipient: address.to_owned(),
        user: user.id,
        sealed_token: None,
    }
}

/// A fresh token: its hash for the database, itself sealed for the courier.
fn link(desk: &Desk<'_>, tenant: TenantId) -> Option<(TokenHash, Vec<u8>)> {
    let token: [u8; TOKEN] = desk.random.bytes();
    let seal = desk.seal?;
    let sealed = seal
        .seal(Purpose::NoticeLink, tenant, &token, desk.random)
        .ok()?;
    Some((store::hash_token(&token), sealed))
}
