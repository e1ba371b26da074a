//! What a person's sign-in may give an application, and who has to agree to it.
//!
//! A delegated token does what its holder's roles permit, so an application that could take any scope silently would be an
//! administrator as soon as one signs in to it. What it learns about the person who signs in is theirs to give by signing in.
//! What else it may read about them they are asked for, once. Everything that changes something, or reads about others, is
//! agreed to by an administrator: for everybody, or for themselves when they sign in.

use crate::model::{ClientSettings, Role};
use crate::roles::{Task, may_do};
use crate::scopes::Scope;

/// Whether an administrator agreed to `scope` for everybody, or nobody has to.
#[must_use]
pub fn is_for_everybody(scope: Scope, settings: &ClientSettings) -> bool {
    scope == Scope::UserRead || names(&settings.consented, scope)
}

/// Whether `scope` may be given to an application with these settings for a person who agreed to `own`.
#[must_use]
pub fn may_be_given(scope: Scope, settings: &ClientSettings, own: &[String]) -> bool {
    is_for_everybody(scope, settings) || names(own, scope)
}

/// All that may be given to everybody: what `.default` means.
pub fn all(settings: &ClientSettings) -> impl Iterator<Item = Scope> {
    Scope::ALL
        .iter()
        .copied()
        .filter(|scope| is_for_everybody(*scope, settings))
}

/// Whether a person without a role may agree to it for themselves: it reads what is theirs, or what colleagues see of each
/// other, and changes nothing. With one that changes sign-in methods an application could make itself a passkey of theirs.
#[must_use]
pub const fn is_for_people(scope: Scope) -> bool {
    matches!(
        scope,
        Scope::UserRead
            | Scope::UserReadBasicAll
            | Scope::MethodsRead
            | Scope::PasskeysRead
            | Scope::PassesRead
    )
}

/// Whether somebody with these roles may agree to all of `scopes` for themselves. Who may consent for everybody may do it for one.
#[must_use]
pub fn may_agree(roles: &[Role], scopes: &[Scope]) -> bool {
    scopes.iter().copied().all(is_for_people) || may_do(roles, Task::ManageConsent).is_ok()
}

fn names(agreed: &[String], scope: Scope) -> bool {
    agreed.iter().any(|name| Scope::parse(name) == Some(scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed(names: &[&str]) -> ClientSettings {
        ClientSettings {
            consented: names.iter().map(|name| (*name).to_owned()).collect(),
            ..ClientSettings::default()
        }
    }

    #[test]
    fn without_consent_only_the_person_themselves() {
        let all: Vec<Scope> = all(&ClientSettings::default()).collect();
        assert_eq!(all, [Scope::UserRead]);
    }

    #[test]
    fn consent_is_for_the_named_scope_and_no_wider_one() {
        let settings = agreed(&["user.read.all", "no.such.scope"]);
        assert!(may_be_given(Scope::UserReadAll, &settings, &[]));
        assert!(!may_be_given(Scope::UserReadWriteAll, &settings, &[]));
        assert!(!may_be_given(Scope::MethodsReadWrite, &settings, &[]));
    }

    #[test]
    fn what_one_person_agreed_to_is_given_for_them_and_is_not_for_everybody() {
        let (settings, own) = (agreed(&[]), ["User.ReadBasic.All".to_owned()]);
        assert!(may_be_given(Scope::UserReadBasicAll, &settings, &own));
        assert!(!may_be_given(Scope::UserReadAll, &settings, &own));
        assert!(!is_for_everybody(Scope::UserReadBasicAll, &settings));
    }

    #[test]
    fn people_agree_to_what_reads_and_administrators_to_the_rest() {
        let writes = |scope: Scope| scope.as_str().contains("Write");
        assert!(
            !Scope::ALL
                .iter()
                .any(|one| writes(*one) && is_for_people(*one))
        );
        assert!(may_agree(
            &[],
            &[Scope::UserReadBasicAll, Scope::MethodsRead]
        ));
        for more in [
            Scope::MethodsReadWrite,
            Scope::UserReadAll,
            Scope::AuditLogReadAll,
        ] {
            let asked = [Scope::MethodsRead, more];
            assert!(!may_agree(&[], &asked), "{more}");
            assert!(!may_agree(&[Role::HelpdeskAdministrator], &asked), "{more}");
            assert!(may_agree(&[Role::GlobalAdministrator], &asked), "{more}");
        }
    }
}
