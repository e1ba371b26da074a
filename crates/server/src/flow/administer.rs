//! What administrators do with users: create, enable, disable, and give or take ways in.

mod ways_in;

use axum::http::StatusCode;
use policy::Denial;
use policy::model::{
    ApprovalId, AuditRecord, Category, EndReason, NoticeKind, Password, PerUserMfa, Role,
    TemporaryAccessPass, TenantId, Timestamp, User, UserHandle, UserId, UserType,
};
use policy::roles::{Action, Task};
use store::outbox::Announcement;
use store::provisioned::Described;
use store::users::Named;
use store::{StoreError, Tx};

use super::approvals::HeldBack;
use super::authority::{self, Target};
use super::govern::{self, GovernRefusal, Governor};
use super::refusal::Refused;
use super::revoke::Receipt;
use super::{Caller, SecretText, directory, notices, passwords, receipt, records};
use crate::app::AppState;
use crate::web::Problem;

pub use ways_in::{delete_pass, issue_pass, remove_totp, reset_password};
pub(super) use ways_in::{issue_pass_allowed, remove_totp_allowed, reset_password_allowed};

const LONGEST_NAME: usize = 256;

/// Why an administrator's wish was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdministerRefusal {
    /// No such user.
    NotFound,
    /// Policy says no.
    Denied(Denial),
    /// Another user has this name.
    NameTaken,
    /// A field is not valid; names the field.
    FieldInvalid(&'static str),
    /// Without this account nobody could administer the tenant.
    LastAdministrator,
    /// After it no Global Administrator could get to the administration pages any more.
    LocksEverybodyOut,
    /// A second person is needed.
    HeldBack(HeldBack),
    /// The account was changed since the version that was named.
    Stale,
    /// Something else changed the account at the same moment.
    Contended,
    /// Too many passwords are being hashed.
    Busy,
    /// Our own fault.
    Internal(String),
}

impl Refused for AdministerRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Denied(denial) => denial.code(),
            Self::NameTaken => "name_taken",
            Self::FieldInvalid(_) => "field_invalid",
            Self::LastAdministrator => "last_administrator",
            Self::LocksEverybodyOut => "locks_everybody_out",
            Self::HeldBack(held) => held.code(),
            Self::Stale => "account_stale",
            Self::Contended => "contended",
            Self::Busy => "busy",
            Self::Internal(_) => "internal",
        }
    }

    fn said(&self) -> &'static str {
        match self {
            Self::HeldBack(held) => held.said(),
            other => other.code(),
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::NotFound => "There is no such user.".to_owned(),
            Self::Denied(denial) => denial.user_sentence().to_owned(),
            Self::NameTaken => "Another user has this user principal name.".to_owned(),
            Self::FieldInvalid(field) => format!("Please check the field “{field}”."),
            Self::LastAdministrator => {
                "This is the last enabled Global Administrator. Give somebody else the role first."
                    .to_owned()
            }
            Self::Stale => {
                "Somebody changed the account meanwhile. Look at it again and make your change there."
                    .to_owned()
            }
            Self::LocksEverybodyOut => GovernRefusal::LocksEverybodyOut.user_sentence(),
            Self::HeldBack(held) => held.user_sentence(),
            Self::Contended => {
                "The account was being changed at the same moment. Please try again.".to_owned()
            }
            Self::Busy => "The server is busy. Please try again in a moment.".to_owned(),
            Self::Internal(_) => "Something went wrong on our side. Please try again.".to_owned(),
        }
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Denied(denial) => denial.admin_sentence().to_owned(),
            Self::HeldBack(held) => held.admin_sentence(),
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Denied(_) => StatusCode::FORBIDDEN,
            Self::HeldBack(held) => held.status(),
            Self::NameTaken
            | Self::LastAdministrator
            | Self::LocksEverybodyOut
            | Self::Contended => StatusCode::CONFLICT,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::FieldInvalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn waits(&self) -> Option<ApprovalId> {
        match self {
            Self::HeldBack(held) => held.waits(),
            _ => None,
        }
    }
}

impl From<Denial> for AdministerRefusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<StoreError> for AdministerRefusal {
    fn from(error: StoreError) -> Self {
        match error {
            // Two changes waited for each other and the database gave up this one: nothing is wrong, and trying again helps.
            StoreError::Overtaken => Self::Contended,
            error => Self::Internal(format!("store: {error}")),
        }
    }
}

impl From<AdministerRefusal> for Problem {
    fn from(refusal: AdministerRefusal) -> Self {
        refusal.problem()
    }
}

/// A user to create.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// `name@domain`, the domain one of the tenant's.
    pub user_principal_name: String,
    /// 1 to 256 characters.
    pub display_name: String,
    /// Where notices go.
    pub mail: Option<String>,
    /// Member or guest.
    pub user_type: UserType,
    /// Whether the account can be used at once.
    pub enabled: bool,
    /// A password, and whether it has to be changed at the first sign-in.
    pub password: Option<(SecretText, bool)>,
}

/// A pass as shown once to the administrator.
#[derive(Clone, Debug)]
pub struct IssuedPass {
    /// What is stored.
    pub pass: TemporaryAccessPass,
    /// The code; never shown again.
    pub code: SecretText,
}

/// Creates a user; one without a password has no way to sign in yet, so issue a pass next.
pub async fn create_user(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    new: NewUser,
) -> Result<User, AdministerRefusal> {
    create_described(app, caller, by, new, Described::default()).await
}

/// The same with what another directory says of the user.
pub(super) async fn create_described(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    new: NewUser,
    described: Described,
) -> Result<User, AdministerRefusal> {
    let creation = Creation::new(app, caller, by, new, described).await?;
    let user = creation.user.clone();
    app.store
        .write(move |tx| Box::pin(async move { creation.write(tx).await }))
        .await?;
    Ok(user)
}

/// An account that is to be made, with the record that says so.
pub(super) struct Creation {
    user: User,
    password: Option<Password>,
    described: Described,
    record: AuditRecord,
}

impl Creation {
    /// What has to be written, if it may be and says nothing wrong.
    pub(super) async fn new(
        app: &AppState,
        caller: &Caller,
        by: &Governor,
        new: NewUser,
        described: Described,
    ) -> Result<Self, AdministerRefusal> {
        let activity = "Add user";
        if let Err(denial) = by.may(Task::CreateUsers) {
            let wanted = records::named_user(&new.display_name, &new.user_principal_name);
            let record = AuditRecord {
                category: Category::UserManagement,
                service: "Core Directory".to_owned(),
                user: by.user(),
                ..govern::bare(app, caller, by, activity, wanted)
            };
            let refusal = AdministerRefusal::Denied(denial);
            return Err(authority::note(app, caller, record, refusal).await);
        }
        let user = fresh_user(app, by, &new)?;
        let password = match new.password {
            Some((text, must_change)) => Some(first_password(app, &user, text, must_change).await?),
            None => None,
        };
        Ok(Self {
            record: authority::record(app, caller, by, activity, &user),
            user,
            password,
            described,
        })
    }

    /// The account with its record.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<(), AdministerRefusal> {
        let user = &self.user;
        if store::users::create(tx, user).await? == Named::NameTaken {
            return Err(AdministerRefusal::NameTaken);
        }
        if let Some(password) = self.password {
            store::passwords::set(tx, user.tenant, &password).await?;
        }
        if self.described != Described::default() {
            store::provisioned::describe(tx, user.tenant, user.id, &self.described).await?;
        }
        store::audit::record(tx, &self.record).await?;
        Ok(())
    }
}

/// Forgets how often a user has put off the prompts of registration campaigns.
pub async fn reset_snoozes(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
) -> Result<(), AdministerRefusal> {
    let activity = "Admin updated security info";
    let target = permitted(app, caller, by, user, Action::ManagePasskeys, activity).await?;
    let mut record = authority::record(app, caller, by, activity, &target.user);
    let tenant = target.user.tenant;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let before = store::campaigns::snoozes(tx, tenant, user).await?;
                store::campaigns::reset(tx, tenant, Some(user)).await?;
                let details = [
                    ("SnoozesReset", user.to_string()),
                    ("SnoozeCount", before.settled().count.to_string()),
                ];
                let details = details.map(|(name, value)| (name.to_owned(), value));
                record.details.extend(details);
                store::audit::record(tx, &record).await?;
                Ok(())
            })
        })
        .await
}

/// Enables or disables a user; disabling ends sessions and grants at once.
pub async fn set_enabled(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    enabled: bool,
) -> Result<Receipt, AdministerRefusal> {
    set_enabled_if(app, caller, by, (user, None), enabled).await
}

/// The same, if the account still has the version that somebody looked at.
pub async fn set_enabled_if(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    (user, version): (UserId, Option<i64>),
    enabled: bool,
) -> Result<Receipt, AdministerRefusal> {
    let (activity, _) = switching(enabled);
    let target = permitted(app, caller, by, user, Action::SetEnabled, activity).await?;
    let tenant = target.user.tenant;
    let switch = Switch::new(app, caller, by, &target.user, enabled);
    let changed = app.store.write(move |tx| {
        Box::pin(async move {
            directory::still(tx, (tenant, user), version).await?;
            switch.write(tx).await
        })
    });
    let receipt = changed.await?;
    app.notifier.wake();
    Ok(receipt)
}

/// Has somebody show two factors whatever the policies say, or leaves it to these.
pub async fn set_mfa(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    mfa: PerUserMfa,
) -> Result<(), AdministerRefusal> {
    let activity = "Update per-user multifactor authentication state";
    let target = permitted(app, caller, by, user, Action::ManagePasskeys, activity).await?;
    let tenant = target.user.tenant;
    let mut record = authority::record(app, caller, by, activity, &target.user);
    record
        .details
        .push(("perUserMfaState".to_owned(), mfa.as_str().to_owned()));
    let changed = app.store.write(move |tx| {
        Box::pin(async move {
            match store::users::set_mfa(tx, tenant, user, mfa).await? {
                true => Ok(store::audit::record(tx, &record).await?),
                false => Err(AdministerRefusal::NotFound),
            }
        })
    });
    changed.await
}

/// An account that is to be enabled or disabled, with the record and the letter that say so.
pub(super) struct Switch {
    user: User,
    enabled: bool,
    now: Timestamp,
    record: AuditRecord,
    told: Announcement,
}

impl Switch {
    /// What has to be written; whether it may be is the caller's to know.
    pub(super) fn new(
        app: &AppState,
        caller: &Caller,
        by: &Governor,
        user: &User,
        enabled: bool,
    ) -> Self {
        let (activity, kind) = switching(enabled);
        let record = authority::record(app, caller, by, activity, user);
        Self {
            told: notices::of(app, caller, kind, user, &record),
            user: user.clone(),
            now: app.clock.now(),
            enabled,
            record,
        }
    }

    /// The change with its record. The last administrator stays.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<Receipt, AdministerRefusal> {
        let (tenant, user) = (self.user.tenant, self.user.id);
        if !self.enabled {
            keep_an_administrator(tx, tenant, user).await?;
        }
        if !store::users::set_enabled(tx, tenant, user, self.enabled).await? {
            return Err(AdministerRefusal::NotFound);
        }
        if self.enabled {
            notices::write(tx, &self.record, &self.told).await?;
            return Ok(Receipt::default());
        }
        let reason = EndReason::UserDisabled;
        let ended = store::sessions::end_of_user(tx, tenant, user, reason, self.now).await?;
        notices::write(tx, &receipt::note(self.record, &ended), &self.told).await?;
        Ok(Receipt::default().add(&ended))
    }
}

/// What enabling and disabling are called.
pub(super) const fn switching(enabled: bool) -> (&'static str, NoticeKind) {
    match enabled {
        true => ("Enable account", NoticeKind::AccountEnabled),
        false => ("Disable account", NoticeKind::AccountDisabled),
    }
}

/// Refuses to go on without `user` if no other enabled account could administer the tenant; a program can ask for that, a person
/// cannot, who does not act on themselves. The one who is left stays as they are until the commit.
///
/// # Errors
/// [`AdministerRefusal::LastAdministrator`], or [`AdministerRefusal::Contended`] if the other changed at this moment.
pub(super) async fn keep_an_administrator(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<(), AdministerRefusal> {
    let holders = store::roles::holders(tx, tenant, Role::GlobalAdministrator).await?;
    if !holders.contains(&user) {
        return Ok(());
    }
    for other in holders.into_iter().filter(|other| *other != user) {
        let other = store::users::find(tx, tenant, other).await?;
        if let Some(other) = other.filter(|other| other.enabled) {
            return match store::users::hold(tx, tenant, other.id, other.version).await? {
                true => Ok(()),
                false => Err(AdministerRefusal::Contended),
            };
        }
    }
    Err(AdministerRefusal::LastAdministrator)
}

/// The target, if the administrator may do this to them; a denial is written down.
pub(super) async fn permitted(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    action: Action,
    activity: &str,
) -> Result<Target, AdministerRefusal> {
    let target = authority::target(app, by, user)
        .await?
        .ok_or(AdministerRefusal::NotFound)?;
    match authority::may(by, action, &target) {
        Ok(_) => Ok(target),
        Err(denial) => {
            let refusal = AdministerRefusal::Denied(denial);
            Err(authority::note_denial(app, caller, by, activity, &target.user, refusal).await)
        }
    }
}

async fn first_password(
    app: &AppState,
    user: &User,
    text: SecretText,
    must_change: bool,
) -> Result<Password, AdministerRefusal> {
    if !passwords::is_acceptable(&text, &user.user_principal_name) {
        return Err(AdministerRefusal::FieldInvalid("password"));
    }
    let hash = passwords::hash(app, text)
        .await
        .map_err(|_| AdministerRefusal::Busy)?;
    Ok(Password {
        user: user.id,
        hash,
        must_change,
        changed: app.clock.now(),
    })
}

fn fresh_user(app: &AppState, by: &Governor, new: &NewUser) -> Result<User, AdministerRefusal> {
    let tenant = app
        .tenants
        .by_id(by.tenant())
        .ok_or(AdministerRefusal::NotFound)?;
    let name = checked_principal_name(app, by, &new.user_principal_name)?;
    let display_name = checked_name(&new.display_name)?;
    let mail = checked_mail(new.mail.clone())?;
    let now = app.clock.now();
    Ok(User {
        tenant: tenant.id,
        id: UserId::new(now, app.random.bytes()),
        user_principal_name: name,
        display_name,
        mail,
        enabled: new.enabled,
        handle: UserHandle::new(tenant.id, app.random.bytes()),
        user_type: new.user_type,
        break_glass: false,
        created: now,
        sessions_valid_from: now,
        proofs_valid_from: None,
        mfa: policy::model::PerUserMfa::Disabled,
        version: 1,
    })
}

/// A user principal name in a domain of the tenant.
pub(super) fn checked_principal_name(
    app: &AppState,
    by: &Governor,
    name: &str,
) -> Result<String, AdministerRefusal> {
    let tenant = app
        .tenants
        .by_id(by.tenant())
        .ok_or(AdministerRefusal::NotFound)?;
    let name = name.trim().to_owned();
    match is_principal_name(&name, &tenant.domains) {
        true => Ok(name),
        false => Err(AdministerRefusal::FieldInvalid("userPrincipalName")),
    }
}

pub(super) fn checked_name(name: &str) -> Result<String, AdministerRefusal> {
    let name = name.trim().to_owned();
    match is_plain(&name) {
        true => Ok(name),
        false => Err(AdministerRefusal::FieldInvalid("displayName")),
    }
}

pub(super) fn checked_mail(mail: Option<String>) -> Result<Option<String>, AdministerRefusal> {
    let mail = mail.map(|mail| mail.trim().to_owned());
    let mail = mail.filter(|mail| !mail.is_empty());
    let fits = |mail: &String| is_plain(mail) && mail.contains('@');
    match &mail {
        Some(mail) if !fits(mail) => Err(AdministerRefusal::FieldInvalid("mail")),
        _ => Ok(mail),
    }
}

pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= LONGEST_NAME && !text.chars().any(char::is_control)
}

/// `local@domain`, the domain one of the tenant's; the local part as Entra allows it.
fn is_principal_name(name: &str, domains: &[String]) -> bool {
    let Some((local, domain)) = name.split_once('@') else {
        return false;
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'.-_!#^~".contains(&byte);
    !local.is_empty()
        && local.len() <= 64
        && local.bytes().all(allowed)
        && domains.iter().any(|held| held.eq_ignore_ascii_case(domain))
}

#[cfg(test)]
mod tests {
    use super::is_principal_name;

    #[test]
    fn a_principal_name_lies_in_a_domain_of_the_tenant() {
        let domains = ["a.example".to_owned()];
        for good in ["ada@a.example", "ada.l-1@A.EXAMPLE", "o'brien@a.example"] {
            assert!(is_principal_name(good, &domains), "{good}");
        }
        for bad in [
            "",
            "ada",
            "@a.example",
            "ada@b.example",
            "a b@a.example",
            "<b>@a.example",
            "ada@a.example@a.example",
        ] {
            assert!(!is_principal_name(bad, &domains), "{bad}");
        }
    }
}
