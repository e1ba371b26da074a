//! What a person's sign-in may give an application without anybody being asked.
//!
//! A delegated token does what its holder's roles permit, so an application that could take any scope silently would be an
//! administrator as soon as one signs in to it. What it learns about the person who signs in is theirs to give by signing in;
//! everything else is given only where an administrator agreed.

use crate::model::ClientSettings;
use crate::scopes::Scope;

/// Whether `scope` may be given to an application with these settings.
#[must_use]
pub fn may_be_given(scope: Scope, settings: &ClientSettings) -> bool {
    let agreed = |name: &String| Scope::parse(name) == Some(scope);
    scope == Scope::UserRead || settings.consented.iter().any(agreed)
}

/// All that may be given: what `.default` means.
pub fn all(settings: &ClientSettings) -> impl Iterator<Item = Scope> {
    Scope::ALL
        .iter()
        .copied()
        .filter(|scope| may_be_given(*scope, settings))
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
        assert!(may_be_given(Scope::UserReadAll, &settings));
        assert!(!may_be_given(Scope::UserReadWriteAll, &settings));
        assert!(!may_be_given(Scope::MethodsReadWrite, &settings));
    }
}
