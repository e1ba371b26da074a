#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use std::collections::BTreeSet;

use super::*;
use crate::model::UserId;

fn target(user_type: UserType) -> Target<'static> {
    Target {
        id: UserId::from_bytes([1; 16]),
        roles: &[],
        in_role_assignable_group: false,
        user_type,
    }
}

#[test]
fn a_name_is_one_scope_in_any_case() {
    let names: BTreeSet<_> = Scope::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(names.len(), Scope::ALL.len());
    for scope in Scope::ALL {
        let name = scope.as_str();
        assert_eq!(Scope::parse(name), Some(*scope));
        assert_eq!(Scope::parse(&name.to_lowercase()), Some(*scope));
    }
    assert_eq!(Scope::parse("Mail.Read"), None);
}

#[test]
fn each_operation_is_granted_by_its_scopes_and_by_no_other() {
    for operation in Operation::ALL {
        for scope in Scope::ALL {
            let listed = operation.scopes().contains(scope);
            let given = grant(&[*scope], Kind::Delegated, *operation);
            assert_eq!(given.is_ok(), listed, "{operation:?} with {scope}");
            let alone = grant(&[*scope], Kind::AppOnly, *operation);
            let possible = listed && scope.is_for_applications() && !operation.is_about_oneself();
            assert_eq!(alone.is_ok(), possible, "{operation:?} with {scope} alone");
        }
        assert_eq!(
            grant(&[], Kind::Delegated, *operation),
            Err(Denial::ScopeMissing)
        );
    }
}

#[test]
fn what_reads_does_not_write() {
    let reading: Vec<_> = Scope::ALL
        .iter()
        .copied()
        .filter(|scope| scope.as_str().contains(".Read.") || scope.as_str().ends_with(".Read"))
        .collect();
    for operation in [
        Operation::CreateUsers,
        Operation::UpdateUser,
        Operation::EnableUser,
        Operation::DeleteUser,
        Operation::ManageGroups,
        Operation::ManageMembers,
        Operation::ManagePasskeys,
        Operation::ManageOwnPasskeys,
        Operation::ManagePasses,
        Operation::ManageMethods,
        Operation::ManageOwnMethods,
        Operation::ResetPassword,
        Operation::WriteMethodPolicy,
        Operation::WriteAccessPolicies,
        Operation::AssignRoles,
        Operation::ManageApplications,
        Operation::ManageConsent,
        Operation::GivePermissions,
        Operation::SettleApprovals,
    ] {
        assert_eq!(
            grant(&reading, Kind::Delegated, operation),
            Err(Denial::ScopeMissing),
            "{operation:?}"
        );
    }
}

#[test]
fn a_scope_for_passkeys_gives_no_pass_and_no_password() {
    let held = [Scope::PasskeysReadWriteAll];
    assert!(grant(&held, Kind::AppOnly, Operation::ManagePasskeys).is_ok());
    for other in [
        Operation::ManagePasses,
        Operation::ResetPassword,
        Operation::ManageMethods,
        Operation::ReadMethods,
    ] {
        assert_eq!(
            grant(&held, Kind::AppOnly, other),
            Err(Denial::ScopeMissing),
            "{other:?}"
        );
    }
}

#[test]
fn a_grant_permits_its_own_operation_only() {
    let all: Vec<_> = Scope::ALL.to_vec();
    let passkeys = grant(&all, Kind::AppOnly, Operation::ManagePasskeys).unwrap();
    let member = target(UserType::Member);
    assert_eq!(passkeys.may_act(Action::ManagePasskeys, &member), Ok(()));
    assert_eq!(
        passkeys.may_act(Action::ManagePass, &member),
        Err(Denial::ScopeMissing)
    );
    assert_eq!(passkeys.may_do(Task::ReadUsers), Err(Denial::ScopeMissing));
    let users = grant(&all, Kind::AppOnly, Operation::ReadUsers).unwrap();
    assert_eq!(users.may_do(Task::ReadUsers), Ok(()));
    assert_eq!(users.may_do(Task::AssignRoles), Err(Denial::ScopeMissing));
}

#[test]
fn an_application_gives_no_pass_to_a_guest() {
    let held = [Scope::PassesReadWriteAll];
    let granted = grant(&held, Kind::AppOnly, Operation::ManagePasses).unwrap();
    assert_eq!(
        granted.may_act(Action::ManagePass, &target(UserType::Guest)),
        Err(Denial::PassForGuest)
    );
}
