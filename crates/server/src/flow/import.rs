//! People from a file, all of them in one transaction: whoever imports again after a mistake finds nothing half done.
//!
//! Looking first is the same as doing it, taken back at the end, so that what is said beforehand is what happens.

use policy::model::UserType;
use store::StoreError;
use store::provisioned::{Described, Person};

use super::Caller;
use super::administer::{AdministerRefusal, Creation};
use super::govern::Governor;
use super::provision::{self, Account, Amendment, Rights, Which};
use crate::app::AppState;

/// Somebody as the file has them; what is absent stays as it is, or is what a new account has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Who is meant.
    pub user_principal_name: String,
    /// 1 to 256 characters; made of the names where the account is new and nothing is said.
    pub display_name: Option<String>,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// Where notices go.
    pub mail: Option<String>,
    /// What the file's directory calls them.
    pub external_id: Option<String>,
    /// Whether the account can be used.
    pub enabled: Option<bool>,
    /// Of a new account. It never changes.
    pub user_type: Option<UserType>,
}

/// What becomes of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An account is made.
    Added,
    /// These members of an account change.
    Changed(Vec<String>),
    /// All is as it should be.
    Same,
    /// No.
    Refused(AdministerRefusal),
}

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Of each line, in the order of the file.
    pub lines: Vec<(usize, Outcome)>,
    /// Whether it was written: everything, or nothing where somebody was refused or it was only looked at.
    pub written: bool,
}

impl Imported {
    /// Whether somebody was refused.
    pub fn refused(&self) -> bool {
        let mut lines = self.lines.iter();
        lines.any(|(_, outcome)| matches!(outcome, Outcome::Refused(_)))
    }
}

/// Brings people in, or says what that would do.
///
/// # Errors
/// That the database cannot be read or written. What is wrong with a person is said of their line.
pub async fn import(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    people: Vec<(usize, Wanted)>,
    write: bool,
) -> Result<Imported, AdministerRefusal> {
    let (mut lines, mut steps) = (Vec::new(), Vec::new());
    for (line, wanted) in people {
        let outcome = match Step::of(app, caller, by, wanted).await {
            Ok(None) => Outcome::Same,
            Ok(Some(step)) => {
                let outcome = step.outcome();
                steps.push((line, step));
                outcome
            }
            Err(AdministerRefusal::Internal(why)) => return Err(AdministerRefusal::Internal(why)),
            Err(refusal) => Outcome::Refused(refusal),
        };
        lines.push((line, outcome));
    }
    let mut imported = Imported {
        lines,
        written: false,
    };
    if imported.refused() {
        return Ok(imported);
    }
    let done = app.store.write(move |tx| {
        Box::pin(async move {
            for (line, step) in steps {
                let done = step.write(tx).await;
                done.map_err(|refusal| Stop::Refused(line, refusal))?;
            }
            match write {
                true => Ok(()),
                false => Err(Stop::Looked),
            }
        })
    });
    match done.await {
        Ok(()) => {
            imported.written = true;
            app.notifier.wake();
        }
        Err(Stop::Looked) => {}
        Err(Stop::Database(error)) => return Err(error.into()),
        Err(Stop::Refused(_, AdministerRefusal::Internal(why))) => {
            return Err(AdministerRefusal::Internal(why));
        }
        Err(Stop::Refused(line, refusal)) => {
            let mut lines = imported.lines.iter_mut();
            if let Some((_, outcome)) = lines.find(|(at, _)| *at == line) {
                *outcome = Outcome::Refused(refusal);
            }
        }
    }
    Ok(imported)
}

/// Why everything was taken back.
enum Stop {
    Looked,
    Refused(usize, AdministerRefusal),
    Database(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Database(error)
    }
}

/// What has to be written for one person.
enum Step {
    Add(Box<Creation>),
    Change(Box<Amendment>),
}

impl Step {
    async fn of(
        app: &AppState,
        caller: &Caller,
        by: &Governor,
        wanted: Wanted,
    ) -> Result<Option<Self>, AdministerRefusal> {
        let which = Which::Named(wanted.user_principal_name.clone());
        let found = provision::which(app, by, which).await?.into_iter().next();
        let Some(found) = found else {
            let user_type = wanted.user_type.unwrap_or(UserType::Member);
            let (new, described) = wanted.as_new().new_user(user_type)?;
            let creation = Creation::new(app, caller, by, new, described).await?;
            return Ok(Some(Self::Add(Box::new(creation))));
        };
        if wanted
            .user_type
            .is_some_and(|kind| kind != found.user.user_type)
        {
            return Err(AdministerRefusal::FieldInvalid("userType"));
        }
        let rights = Rights {
            profile: by.clone(),
            switch: by.clone(),
        };
        let account = wanted.over(&found);
        let amendment = Amendment::new(app, caller, &rights, &found, account).await?;
        Ok(amendment.map(|amendment| Self::Change(Box::new(amendment))))
    }

    fn outcome(&self) -> Outcome {
        match self {
            Self::Add(_) => Outcome::Added,
            Self::Change(amendment) => Outcome::Changed(amendment.names()),
        }
    }

    async fn write(self, tx: &mut store::Tx) -> Result<(), AdministerRefusal> {
        match self {
            Self::Add(creation) => creation.write(tx).await,
            Self::Change(amendment) => amendment.write(tx).await.map(drop),
        }
    }
}

impl Wanted {
    /// The account that is made.
    fn as_new(&self) -> Account {
        let parts = [&self.given_name, &self.family_name];
        let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        let made = Some(parts.join(" ")).filter(|name| !name.is_empty());
        Account {
            user_principal_name: self.user_principal_name.clone(),
            display_name: self
                .display_name
                .clone()
                .or(made)
                .unwrap_or_else(|| self.user_principal_name.clone()),
            mail: self.mail.clone(),
            enabled: self.enabled.unwrap_or(true),
            described: Described {
                external_id: self.external_id.clone(),
                given_name: self.given_name.clone(),
                family_name: self.family_name.clone(),
            },
        }
    }

    /// The account that is there, with what the file says of it. Its name stays as it is written there.
    fn over(self, person: &Person) -> Account {
        let held = Account::of(person);
        let described = held.described;
        Account {
            user_principal_name: held.user_principal_name,
            display_name: self.display_name.unwrap_or(held.display_name),
            mail: self.mail.or(held.mail),
            enabled: self.enabled.unwrap_or(held.enabled),
            described: Described {
                external_id: self.external_id.or(described.external_id),
                given_name: self.given_name.or(described.given_name),
                family_name: self.family_name.or(described.family_name),
            },
        }
    }
}
