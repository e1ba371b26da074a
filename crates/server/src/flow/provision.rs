//! Accounts as another directory keeps them here: what it wants is compared with what there is, and all that differs is written
//! at once, with the records of it.

use policy::model::{AuditRecord, ModifiedProperty, User, UserId, UserType};
use policy::roles::{Action, Task};
use store::provisioned::{Described, Person};
use store::users::Named;
use store::{Page, StoreError, Tx};

use super::administer::{self, AdministerRefusal, NewUser, Switch};
use super::govern::Governor;
use super::{Caller, authority};
use crate::app::AppState;

/// Bytes of an external id. Entra's, Okta's and the common human resources systems' stay far below.
const LONGEST_EXTERNAL_ID: usize = 256;

/// An account as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// `name@domain`, the domain one of the tenant's.
    pub user_principal_name: String,
    /// 1 to 256 characters.
    pub display_name: String,
    /// Where notices go.
    pub mail: Option<String>,
    /// Whether the account can be used.
    pub enabled: bool,
    /// What else is kept.
    pub described: Described,
}

/// Who changes an account: changing names and locking people out are different rights.
#[derive(Clone, Debug)]
pub struct Rights {
    /// Names and addresses.
    pub profile: Governor,
    /// Enabled or disabled.
    pub switch: Governor,
}

/// Which accounts; what names one narrows to it without looking at others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// By user principal name, case left aside.
    Named(String),
    /// By what another directory calls it.
    Called(String),
    /// By id.
    Id(UserId),
}

impl Account {
    /// As it is.
    pub fn of(person: &Person) -> Self {
        let user = person.user.clone();
        Self {
            user_principal_name: user.user_principal_name,
            display_name: user.display_name,
            mail: user.mail,
            enabled: user.enabled,
            described: person.described.clone(),
        }
    }

    /// The account as it has to be made.
    pub(super) fn new_user(
        self,
        user_type: UserType,
    ) -> Result<(NewUser, Described), AdministerRefusal> {
        let described = checked(self.described)?;
        let new = NewUser {
            user_principal_name: self.user_principal_name,
            display_name: self.display_name,
            mail: self.mail,
            user_type,
            enabled: self.enabled,
            password: None,
        };
        Ok((new, described))
    }

    /// The account as it is kept, if it can be.
    fn checked(
        self,
        app: &AppState,
        rights: &Rights,
        old: &Self,
    ) -> Result<Self, AdministerRefusal> {
        let name = self.user_principal_name;
        // A name that stays may lie in a domain that is not the tenant's any more.
        let user_principal_name = match name == old.user_principal_name {
            true => name,
            false => administer::checked_principal_name(app, &rights.profile, &name)?,
        };
        Ok(Self {
            user_principal_name,
            display_name: administer::checked_name(&self.display_name)?,
            mail: administer::checked_mail(self.mail)?,
            enabled: self.enabled,
            described: checked(self.described)?,
        })
    }
}

/// One account.
pub async fn person(
    app: &AppState,
    by: &Governor,
    id: UserId,
) -> Result<Person, AdministerRefusal> {
    by.may(Task::ReadUsers)?;
    let tenant = by.tenant();
    let read = app.store.read_point(move |tx| {
        Box::pin(async move { store::provisioned::person(tx, tenant, id).await })
    });
    let found: Option<Person> = read
        .await
        .map_err(|error: StoreError| AdministerRefusal::from(error))?;
    found.ok_or(AdministerRefusal::NotFound)
}

/// The accounts that are meant.
pub async fn which(
    app: &AppState,
    by: &Governor,
    which: Which,
) -> Result<Vec<Person>, AdministerRefusal> {
    by.may(Task::ReadUsers)?;
    let tenant = by.tenant();
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let id = match which {
                Which::Called(external) => {
                    return store::provisioned::people_called(tx, tenant, &external).await;
                }
                Which::Named(name) => store::users::find_by_name(tx, tenant, &name)
                    .await?
                    .map(|user| user.id),
                Which::Id(id) => Some(id),
            };
            match id {
                Some(id) => {
                    let found = store::provisioned::person(tx, tenant, id).await?;
                    Ok(found.into_iter().collect())
                }
                None => Ok(Vec::new()),
            }
        })
    });
    read.await
        .map_err(|error: StoreError| AdministerRefusal::from(error))
}

/// Accounts by id, oldest first, without the first `skip` behind `page.after`.
pub async fn people(
    app: &AppState,
    by: &Governor,
    page: Page<UserId>,
    skip: u64,
) -> Result<Vec<Person>, AdministerRefusal> {
    by.may(Task::ReadUsers)?;
    let tenant = by.tenant();
    let read = app.store.read(move |tx| {
        Box::pin(async move { store::provisioned::people(tx, tenant, page, skip).await })
    });
    read.await
        .map_err(|error: StoreError| AdministerRefusal::from(error))
}

/// How many accounts there are.
pub async fn count(app: &AppState, by: &Governor) -> Result<u64, AdministerRefusal> {
    by.may(Task::ReadUsers)?;
    let tenant = by.tenant();
    let read = app
        .store
        .read(move |tx| Box::pin(async move { store::users::count(tx, tenant).await }));
    let count: i64 = read
        .await
        .map_err(|error: StoreError| AdministerRefusal::from(error))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Makes an account.
pub async fn create(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    account: Account,
) -> Result<UserId, AdministerRefusal> {
    let (new, described) = account.new_user(UserType::Member)?;
    let made = administer::create_described(app, caller, by, new, described).await?;
    Ok(made.id)
}

/// Makes an account what it should be, if it is still as it was read. Where nothing differs, nothing is written.
pub async fn change(
    app: &AppState,
    caller: &Caller,
    rights: &Rights,
    before: Person,
    wanted: Account,
) -> Result<Person, AdministerRefusal> {
    let Some(amendment) = Amendment::new(app, caller, rights, &before, wanted).await? else {
        return Ok(before);
    };
    let written = app
        .store
        .write(move |tx| Box::pin(async move { amendment.write(tx).await }));
    let person = written.await?;
    app.notifier.wake();
    Ok(person)
}

/// An account that is to be changed, with the records that say so.
pub(super) struct Amendment {
    user: User,
    old: Account,
    new: Account,
    profile: Option<AuditRecord>,
    switch: Option<Switch>,
}

impl Amendment {
    /// What has to be written, if it may be and says nothing wrong; nothing if nothing differs.
    pub(super) async fn new(
        app: &AppState,
        caller: &Caller,
        rights: &Rights,
        before: &Person,
        wanted: Account,
    ) -> Result<Option<Self>, AdministerRefusal> {
        let old = Account::of(before);
        let new = wanted.checked(app, rights, &old)?;
        if new == old {
            return Ok(None);
        }
        let id = before.user.id;
        let properties = changed(&old, &new);
        let profile = match properties.is_empty() {
            true => None,
            false => Some(profile_record(app, caller, &rights.profile, id, properties).await?),
        };
        let switch = match new.enabled == old.enabled {
            true => None,
            false => {
                let (activity, _) = administer::switching(new.enabled);
                let (by, action) = (&rights.switch, Action::SetEnabled);
                let target = administer::permitted(app, caller, by, id, action, activity).await?;
                Some(Switch::new(app, caller, by, &target.user, new.enabled))
            }
        };
        Ok(Some(Self {
            user: before.user.clone(),
            old,
            new,
            profile,
            switch,
        }))
    }

    /// The names of what changes.
    pub(super) fn names(&self) -> Vec<String> {
        let names = changed(&self.old, &self.new).into_iter();
        let mut names: Vec<_> = names.map(|property| property.display_name).collect();
        if self.switch.is_some() {
            names.push("AccountEnabled".to_owned());
        }
        names
    }

    /// The change with its records.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<Person, AdministerRefusal> {
        if !store::users::hold_version(tx, &self.user).await? {
            return Err(AdministerRefusal::Contended);
        }
        if let Some(record) = self.profile {
            write_profile(tx, &self.user, (&self.old, &self.new)).await?;
            store::audit::record(tx, &record).await?;
        }
        if let Some(switch) = self.switch {
            switch.write(tx).await?;
        }
        let now = store::provisioned::person(tx, self.user.tenant, self.user.id).await?;
        now.ok_or(AdministerRefusal::NotFound)
    }
}

/// The record of changed names, if they may be changed.
async fn profile_record(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    id: UserId,
    properties: Vec<ModifiedProperty>,
) -> Result<AuditRecord, AdministerRefusal> {
    let activity = "Update user";
    let target = administer::permitted(app, caller, by, id, Action::ManageProfile, activity);
    let target = target.await?.user;
    let mut record = authority::record(app, caller, by, activity, &target);
    "Core Directory".clone_into(&mut record.service);
    if let Some(target) = record.targets.first_mut() {
        target.modified_properties = properties;
    }
    Ok(record)
}

async fn write_profile(
    tx: &mut Tx,
    user: &User,
    (old, new): (&Account, &Account),
) -> Result<(), AdministerRefusal> {
    let (tenant, id) = (user.tenant, user.id);
    if new.user_principal_name != old.user_principal_name {
        let name = &new.user_principal_name;
        if store::users::rename(tx, tenant, id, name).await? == Named::NameTaken {
            return Err(AdministerRefusal::NameTaken);
        }
    }
    if (&new.display_name, &new.mail) != (&old.display_name, &old.mail) {
        let (name, mail, special) = (&new.display_name, new.mail.as_deref(), user.break_glass);
        store::users::set_profile(tx, tenant, id, name, mail, special).await?;
    }
    if new.described != old.described {
        store::provisioned::describe(tx, tenant, id, &new.described).await?;
    }
    Ok(())
}

fn changed(old: &Account, new: &Account) -> Vec<ModifiedProperty> {
    let name = |account: &Account| Some(account.user_principal_name.clone());
    let shown = |account: &Account| Some(account.display_name.clone());
    let (before, after) = (&old.described, &new.described);
    let pairs = [
        ("UserPrincipalName", name(old), name(new)),
        ("DisplayName", shown(old), shown(new)),
        ("Mail", old.mail.clone(), new.mail.clone()),
        (
            "ExternalId",
            before.external_id.clone(),
            after.external_id.clone(),
        ),
        (
            "GivenName",
            before.given_name.clone(),
            after.given_name.clone(),
        ),
        (
            "Surname",
            before.family_name.clone(),
            after.family_name.clone(),
        ),
    ];
    let pairs = pairs.into_iter().filter(|(_, old, new)| old != new);
    pairs
        .map(|(name, old_value, new_value)| ModifiedProperty {
            display_name: name.to_owned(),
            old_value,
            new_value,
        })
        .collect()
}

/// Without spaces around, and nothing instead of nothing written.
fn checked(described: Described) -> Result<Described, AdministerRefusal> {
    Ok(Described {
        external_id: checked_external_id(described.external_id)?,
        given_name: part_of_name(described.given_name, "givenName")?,
        family_name: part_of_name(described.family_name, "familyName")?,
    })
}

/// What another directory calls something: as it says, spaces too.
pub fn checked_external_id(id: Option<String>) -> Result<Option<String>, AdministerRefusal> {
    let id = id.filter(|id| !id.is_empty());
    let fits = |id: &String| id.len() <= LONGEST_EXTERNAL_ID && !id.chars().any(char::is_control);
    match &id {
        Some(id) if !fits(id) => Err(AdministerRefusal::FieldInvalid("externalId")),
        _ => Ok(id),
    }
}

fn part_of_name(
    name: Option<String>,
    field: &'static str,
) -> Result<Option<String>, AdministerRefusal> {
    let name = name.map(|name| name.trim().to_owned());
    let name = name.filter(|name| !name.is_empty());
    match &name {
        Some(name) if !administer::is_plain(name) => Err(AdministerRefusal::FieldInvalid(field)),
        _ => Ok(name),
    }
}
