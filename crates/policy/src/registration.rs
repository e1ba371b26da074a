//! What somebody has registered to sign in with, and what of it the policies let them use: the two words of Entra's reports,
//! *registered* and *capable*.
//!
//! Passkeys are judged as in a sign-in ([`profiles::judge`]); nothing here decides who comes in.

use crate::impact::{Resident, in_good_standing};
use crate::model::{Mode, Passkey, PasskeyType, Role, Timestamp, UserType};
use crate::profiles::{self, Key, Occasion};
use crate::snapshot::Snapshot;

/// A method by the name it has in Entra's reports (`usageAuthMethod`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Registered {
    /// `passKeyDeviceBound`
    PasskeyDeviceBound,
    /// `passKeySynced`
    PasskeySynced,
    /// `softwareOneTimePasscode`
    OneTimeCodes,
    /// `temporaryAccessPass`
    Pass,
}

impl Registered {
    /// Every method that can be registered here.
    pub const ALL: &'static [Self] = &[
        Self::PasskeyDeviceBound,
        Self::PasskeySynced,
        Self::OneTimeCodes,
        Self::Pass,
    ];

    /// Entra's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasskeyDeviceBound => "passKeyDeviceBound",
            Self::PasskeySynced => "passKeySynced",
            Self::OneTimeCodes => "softwareOneTimePasscode",
            Self::Pass => "temporaryAccessPass",
        }
    }
}

/// How somebody stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// What they have, each once, in the order of [`Registered::ALL`]. A password is not counted: nobody has to register it.
    pub methods: Vec<Registered>,
    /// They have something that makes two factors.
    pub mfa_registered: bool,
    /// And may use it.
    pub mfa_capable: bool,
    /// They have a passkey that they may use.
    pub passwordless_capable: bool,
}

/// What `resident` has registered, and what the policies of `snapshot` let them use of it.
#[must_use]
pub fn of(snapshot: &Snapshot, resident: &Resident, now: Timestamp) -> Registration {
    let subject = snapshot.subject(&resident.user, &resident.roles, &resident.groups);
    let usable = |passkey: &&Passkey| {
        let key = Key::from(*passkey);
        in_good_standing(passkey).is_ok()
            && profiles::judge(snapshot, &subject, &key, Occasion::SignIn, now).is_ok()
    };
    let has = |mode| resident.modes.contains(&mode);
    let passwordless_capable = resident.passkeys.iter().any(|one| usable(&one));
    let codes = has(Mode::SoftwareOath);
    Registration {
        methods: methods(resident),
        mfa_registered: codes || !resident.passkeys.is_empty(),
        // One-time codes are the second factor beside a password.
        mfa_capable: passwordless_capable || (codes && has(Mode::Password)),
        passwordless_capable,
    }
}

fn methods(resident: &Resident) -> Vec<Registered> {
    let is_there = |method: &Registered| {
        let passkey = |kind| resident.passkeys.iter().any(|one| one.passkey_type == kind);
        let any = |modes: &[Mode]| modes.iter().any(|mode| resident.modes.contains(mode));
        match method {
            Registered::PasskeyDeviceBound => passkey(PasskeyType::DeviceBound),
            Registered::PasskeySynced => passkey(PasskeyType::Synced),
            Registered::OneTimeCodes => any(&[Mode::SoftwareOath]),
            Registered::Pass => any(&[
                Mode::TemporaryAccessPassOneTime,
                Mode::TemporaryAccessPassMultiUse,
            ]),
        }
    };
    Registered::ALL.iter().copied().filter(is_there).collect()
}

/// Whom a report is about, by their roles (`includedUserRoles`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IncludedRoles {
    /// Everybody.
    #[default]
    All,
    /// Holders of a role that Entra calls privileged.
    PrivilegedAdmin,
    /// Holders of any role.
    Admin,
    /// People without a role.
    User,
}

impl IncludedRoles {
    /// Every choice.
    pub const ALL: &'static [Self] = &[Self::All, Self::PrivilegedAdmin, Self::Admin, Self::User];

    /// Graph's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::PrivilegedAdmin => "privilegedAdmin",
            Self::Admin => "admin",
            Self::User => "user",
        }
    }

    /// Whether somebody with these roles is meant.
    #[must_use]
    pub fn includes(self, roles: &[Role]) -> bool {
        match self {
            Self::All => true,
            Self::PrivilegedAdmin => roles.iter().any(|role| is_privileged(*role)),
            Self::Admin => !roles.is_empty(),
            Self::User => roles.is_empty(),
        }
    }
}

/// Whom a report is about, by where they belong (`includedUserTypes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IncludedTypes {
    /// Everybody.
    #[default]
    All,
    /// Who belongs to the tenant.
    Member,
    /// Who visits it.
    Guest,
}

impl IncludedTypes {
    /// Every choice.
    pub const ALL: &'static [Self] = &[Self::All, Self::Member, Self::Guest];

    /// Graph's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Member => "member",
            Self::Guest => "guest",
        }
    }

    /// Whether somebody of this type is meant.
    #[must_use]
    pub fn includes(self, kind: UserType) -> bool {
        match self {
            Self::All => true,
            Self::Member => kind == UserType::Member,
            Self::Guest => kind == UserType::Guest,
        }
    }
}

/// What Entra marks as privileged, of the roles that exist here.
const fn is_privileged(role: Role) -> bool {
    use Role as R;
    matches!(
        role,
        R::GlobalAdministrator
            | R::GlobalReader
            | R::AuthenticationAdministrator
            | R::PrivilegedAuthenticationAdministrator
            | R::ConditionalAccessAdministrator
            | R::SecurityAdministrator
            | R::SecurityReader
            | R::UserAdministrator
            | R::HelpdeskAdministrator
            | R::PasswordAdministrator
            | R::PrivilegedRoleAdministrator
            | R::ApplicationAdministrator
    )
}

/// How many of the people in a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// People.
    pub people: u64,
    /// With each method, in the order of [`Registered::ALL`].
    pub by_method: Vec<(Registered, u64)>,
    /// With [`Registration::mfa_capable`].
    pub mfa_capable: u64,
    /// With [`Registration::passwordless_capable`].
    pub passwordless_capable: u64,
}

impl Totals {
    /// Of nobody.
    #[must_use]
    pub fn new() -> Self {
        let none = Registered::ALL.iter().map(|method| (*method, 0));
        Self {
            by_method: none.collect(),
            ..Self::default()
        }
    }

    /// Counts one more person.
    pub fn add(&mut self, registration: &Registration) {
        self.people += 1;
        self.mfa_capable += u64::from(registration.mfa_capable);
        self.passwordless_capable += u64::from(registration.passwordless_capable);
        for (method, count) in &mut self.by_method {
            *count += u64::from(registration.methods.contains(method));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_meant_by_role_and_type() {
        let none: &[Role] = &[];
        let reports: &[Role] = &[Role::ReportsReader];
        let global: &[Role] = &[Role::ReportsReader, Role::GlobalAdministrator];
        for (included, expected) in [
            (IncludedRoles::All, [true, true, true]),
            (IncludedRoles::PrivilegedAdmin, [false, false, true]),
            (IncludedRoles::Admin, [false, true, true]),
            (IncludedRoles::User, [true, false, false]),
        ] {
            let found = [none, reports, global].map(|roles| included.includes(roles));
            assert_eq!(found, expected, "{included:?}");
        }
        assert!(IncludedTypes::Guest.includes(UserType::Guest));
        assert!(!IncludedTypes::Guest.includes(UserType::Member));
        assert!(!IncludedTypes::Member.includes(UserType::Guest));
    }

    #[test]
    fn totals_count_each_person_once_for_each_method() {
        let mut totals = Totals::new();
        let registration = Registration {
            methods: vec![Registered::PasskeySynced, Registered::OneTimeCodes],
            mfa_registered: true,
            mfa_capable: true,
            passwordless_capable: false,
        };
        totals.add(&registration);
        totals.add(&registration);
        assert_eq!((totals.people, totals.mfa_capable), (2, 2));
        assert_eq!(totals.passwordless_capable, 0);
        let counts: Vec<_> = totals.by_method.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [0, 2, 2, 0]);
    }
}
