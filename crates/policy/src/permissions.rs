//! Permissions as objects: the ids by which programs name a scope of the Graph interface, as a delegated permission or as one of
//! an application.
//!
//! Scripts carry Microsoft's ids in them, so the well-known ones are the same here. What Microsoft has no id for, or none that is
//! written down often enough to be sure of, has an id made from its name.

use uuid::{Uuid, uuid};

use crate::scopes::Scope;

/// The `appId` of Microsoft Graph, and here the id of what stands for our interface.
pub const GRAPH: Uuid = uuid!("00000003-0000-0000-c000-000000000000");

/// Permissions that only applications hold and that are no scopes of Graph: those of shared signals.
pub const SIGNALS: [&str; 2] = ["ssf.read", "ssf.manage"];

/// Microsoft's ids of permissions of applications (`appRoles`).
const APP_ROLES: &[(Scope, Uuid)] = &[
    (
        Scope::UserReadAll,
        uuid!("df021288-bdef-4463-88db-98f22de89214"),
    ),
    (
        Scope::UserReadWriteAll,
        uuid!("741f803b-c850-494e-b5df-cde7c675a1ca"),
    ),
    (
        Scope::DirectoryReadAll,
        uuid!("7ab1d382-f21e-4acd-a863-ba3e13f7da61"),
    ),
    (
        Scope::DirectoryReadWriteAll,
        uuid!("19dbc75e-c2e2-444c-a770-ec69d8559fc7"),
    ),
    (
        Scope::GroupReadAll,
        uuid!("5b567255-7703-4780-807c-7be8301ae99b"),
    ),
    (
        Scope::GroupReadWriteAll,
        uuid!("62a82d76-70ea-41e2-9197-370581804d09"),
    ),
    (
        Scope::GroupMemberReadAll,
        uuid!("98830695-27a2-44f7-8c18-0c3ebc9698f6"),
    ),
    (
        Scope::GroupMemberReadWriteAll,
        uuid!("dbaae8cf-10b5-4b86-a4a1-f871c94c6695"),
    ),
    (
        Scope::RoleManagementRead,
        uuid!("483bed4a-2ad3-4361-a73b-c83ccdbdc53c"),
    ),
    (
        Scope::RoleManagementReadWrite,
        uuid!("9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"),
    ),
    (
        Scope::ApplicationReadAll,
        uuid!("9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30"),
    ),
    (
        Scope::ApplicationReadWriteAll,
        uuid!("1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"),
    ),
    (
        Scope::AppRoleAssignmentReadWriteAll,
        uuid!("06b708a9-e830-4db3-a914-8e69da51d44f"),
    ),
    (
        Scope::PermissionGrantReadWriteAll,
        uuid!("8e8e4742-1d95-4f68-9d56-6ee75648c72a"),
    ),
    (
        Scope::OrganizationReadAll,
        uuid!("498476ce-e0fe-48b0-b801-37ba7e2685c6"),
    ),
    (
        Scope::DomainReadAll,
        uuid!("dbb9058a-0e50-45d7-ae91-66909b5d4664"),
    ),
    (
        Scope::MethodsReadAll,
        uuid!("38d9df27-64da-44fd-b7c5-a6fbac20248f"),
    ),
    (
        Scope::MethodsReadWriteAll,
        uuid!("50483e42-d915-4231-9639-7fdb7fd190e5"),
    ),
    (
        Scope::PasskeysReadWriteAll,
        uuid!("0400e371-7db1-4338-a269-96069eb65227"),
    ),
    (
        Scope::PolicyReadAll,
        uuid!("246dd0d5-5bd0-4def-940b-0421030a5b68"),
    ),
    (
        Scope::PolicyReadAccess,
        uuid!("37730810-e9ba-4e46-b07e-8ca78d182097"),
    ),
    (
        Scope::PolicyWriteMethods,
        uuid!("29c18626-4985-4dcd-85c0-193eef327366"),
    ),
    (
        Scope::PolicyWriteAccess,
        uuid!("01c0a623-fc9b-48e9-b794-0756f8e8f067"),
    ),
    (
        Scope::AuditLogReadAll,
        uuid!("b0afded3-3588-46d8-8b3d-9842eff778da"),
    ),
    (
        Scope::ReportsReadAll,
        uuid!("230c1aed-a721-4c5d-9cb4-a90514e508ef"),
    ),
];

/// Microsoft's ids of delegated permissions (`oauth2PermissionScopes`).
const DELEGATED: &[(Scope, Uuid)] = &[
    (
        Scope::UserRead,
        uuid!("e1fe6dd8-ba31-4d61-89e7-88639da4683d"),
    ),
    (
        Scope::UserReadBasicAll,
        uuid!("b340eb25-3456-403f-be2f-af7a0d370277"),
    ),
    (
        Scope::UserReadAll,
        uuid!("a154be20-db9c-4678-8ab7-66f6cc099a59"),
    ),
    (
        Scope::UserReadWriteAll,
        uuid!("204e0828-b5ca-4ad8-b9f3-f32a958e7cc4"),
    ),
    (
        Scope::DirectoryReadAll,
        uuid!("06da0dbc-49e2-44d2-8312-53f166ab848a"),
    ),
    (
        Scope::DirectoryReadWriteAll,
        uuid!("c5366453-9fb0-48a5-a156-24f0c49a4b84"),
    ),
    (
        Scope::GroupReadAll,
        uuid!("5f8c59db-677d-491f-a6b8-5f174b11ec1d"),
    ),
    (
        Scope::GroupReadWriteAll,
        uuid!("4e46008b-f24c-477d-8fff-7bb4ec7aafe0"),
    ),
];

/// Every permission that applications can hold, by name.
pub fn of_applications() -> impl Iterator<Item = &'static str> {
    let scopes = Scope::for_applications().map(Scope::as_str);
    scopes.chain(SIGNALS)
}

/// The id of a permission that applications hold.
#[must_use]
pub fn app_role_id(name: &str) -> Uuid {
    known(APP_ROLES, name).unwrap_or_else(|| made(b'R', name))
}

/// The id of a delegated permission.
#[must_use]
pub fn scope_id(scope: Scope) -> Uuid {
    known(DELEGATED, scope.as_str()).unwrap_or_else(|| made(b'S', scope.as_str()))
}

/// The permission of applications with this id.
#[must_use]
pub fn app_role(id: Uuid) -> Option<&'static str> {
    of_applications().find(|name| app_role_id(name) == id)
}

fn known(table: &[(Scope, Uuid)], name: &str) -> Option<Uuid> {
    let mut rows = table.iter();
    rows.find(|(scope, _)| scope.as_str() == name)
        .map(|(_, id)| *id)
}

/// `keyward`, the kind, and the name under FNV-1a: the same in every deployment and for ever.
fn made(kind: u8, name: &str) -> Uuid {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut begin = *b"keyward\0";
    if let Some(last) = begin.last_mut() {
        *last = kind;
    }
    Uuid::from_u64_pair(u64::from_be_bytes(begin), hash)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_permission_is_found_by_its_id() {
        let mut seen = BTreeSet::new();
        for name in of_applications() {
            assert_eq!(app_role(app_role_id(name)), Some(name));
            assert!(seen.insert(app_role_id(name)), "{name}");
        }
        for scope in Scope::ALL {
            assert!(seen.insert(scope_id(*scope)), "{scope}");
        }
        assert_eq!(app_role(Uuid::nil()), None);
    }

    #[test]
    fn the_tables_name_what_can_be_held() {
        for (scope, id) in APP_ROLES {
            assert!(scope.is_for_applications(), "{scope}");
            assert_eq!(app_role_id(scope.as_str()), *id);
        }
        for (scope, id) in DELEGATED {
            assert_eq!(scope_id(*scope), *id);
        }
    }

    /// They stand in scripts and must not change.
    #[test]
    fn ids_that_were_made_stay() {
        let expected = "6b657977-6172-6452";
        assert!(app_role_id("ssf.manage").to_string().starts_with(expected));
        assert_ne!(app_role_id("ssf.manage"), app_role_id("ssf.read"));
        let _ = app_role(app_role_id("ssf.read")).unwrap();
    }
}
