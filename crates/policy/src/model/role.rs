use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use uuid::{Uuid, uuid};

macro_rules! roles {
    ($(#[doc = $about:literal] $name:ident, $display:literal, $template:literal;)+) => {
        /// A directory role, with Entra's names and role template ids.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role {
            $(#[doc = $about] $name,)+
        }

        impl Role {
            /// Every role this server knows.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Entra's display name.
            #[must_use]
            pub const fn display_name(self) -> &'static str {
                match self { $(Self::$name => $display,)+ }
            }

            /// What its holders do.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$name => $about.trim_ascii(),)+ }
            }

            /// Entra's role template id.
            #[must_use]
            pub const fn template_id(self) -> Uuid {
                match self { $(Self::$name => uuid!($template),)+ }
            }
        }
    };
}

roles! {
    /// May do everything.
    GlobalAdministrator, "Global Administrator", "62e90394-69f5-4237-9190-012177145e10";
    /// May read everything.
    GlobalReader, "Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451";
    /// Manages the methods of users without a powerful role.
    AuthenticationAdministrator, "Authentication Administrator", "c4e39bd9-1100-46d3-8c65-fb160da0071f";
    /// Manages the methods of everybody.
    PrivilegedAuthenticationAdministrator, "Privileged Authentication Administrator", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13";
    /// Manages the policy of methods, not the methods of people.
    AuthenticationPolicyAdministrator, "Authentication Policy Administrator", "0526716b-113d-4c15-b2c8-68e3c22b9f80";
    /// Manages conditional access and strengths.
    ConditionalAccessAdministrator, "Conditional Access Administrator", "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9";
    /// Manages security settings; reads logs.
    SecurityAdministrator, "Security Administrator", "194ae4cb-b126-40b2-bd5b-6091b380977d";
    /// Reads security settings and logs.
    SecurityReader, "Security Reader", "5d6b6bb7-de71-4623-b4af-96380a352509";
    /// Reads logs and reports.
    ReportsReader, "Reports Reader", "4a5d8f65-41da-4de4-8968-e035b65339cf";
    /// Manages users.
    UserAdministrator, "User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1";
    /// Ends sessions and resets passwords of users without a powerful role.
    HelpdeskAdministrator, "Helpdesk Administrator", "729827e3-9c14-49f7-bb1b-9608f156bbb8";
    /// Resets passwords of users without a powerful role.
    PasswordAdministrator, "Password Administrator", "966707d0-3269-4727-9be2-8c3a10f19b9d";
    /// Manages groups.
    GroupsAdministrator, "Groups Administrator", "fdd7a751-b60b-444a-984c-02652fe8fa1c";
    /// Assigns roles.
    PrivilegedRoleAdministrator, "Privileged Role Administrator", "e8611ab8-c189-46e8-94e1-60213ab1f814";
    /// Manages applications.
    ApplicationAdministrator, "Application Administrator", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";
    /// Manages applications.
    CloudApplicationAdministrator, "Cloud Application Administrator", "158c047a-c907-4556-b7ef-446551a6b5f7";
    /// Reads the directory.
    DirectoryReaders, "Directory Readers", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b";
    /// Invites guests.
    GuestInviter, "Guest Inviter", "95e79109-95c0-4d8e-aee3-d01accf2d47b";
    /// Reads announcements.
    MessageCenterReader, "Message Center Reader", "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b";
}

impl Role {
    /// The role with this template id.
    #[must_use]
    pub fn from_template_id(id: Uuid) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|role| role.template_id() == id)
    }
}

/// A role is written as its template id, as Graph does.
impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.template_id().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = Uuid::deserialize(deserializer)?;
        Self::from_template_id(id).ok_or_else(|| serde::de::Error::custom("unknown role"))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.display_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_role_is_found_by_its_template_id() {
        let ids: BTreeSet<_> = Role::ALL.iter().map(|role| role.template_id()).collect();
        assert_eq!(ids.len(), Role::ALL.len());
        for role in Role::ALL {
            assert_eq!(Role::from_template_id(role.template_id()), Some(*role));
        }
    }
}
