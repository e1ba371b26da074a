use std::borrow::Cow;

use policy::scopes::Scope;
use store::consents::Named;

use super::messages::Text;
use super::when::When;

/// An application that a person gave access to, in the list of their security info.
#[derive(Debug, Clone)]
pub struct ConsentRow {
    /// The application's id, for the form that takes it back.
    pub id: String,
    pub application: String,
    /// What it may, in words.
    pub words: String,
    pub given: When,
}

impl ConsentRow {
    pub fn new(text: Text, named: &Named) -> Self {
        let scopes = named.consent.scopes.iter();
        let words: Vec<_> = scopes.map(|name| scope_words(text, name)).collect();
        Self {
            id: named.consent.application.to_string(),
            application: named.application.clone(),
            words: words.join(" · "),
            given: named.consent.given.into(),
        }
    }
}

/// A scope in plain words. One that only administrators agree to is said by what kind of thing it permits; its name stands beside.
pub fn scope_words(text: Text, name: &str) -> String {
    let words: Cow<'static, str> = match (name, Scope::parse(name)) {
        ("openid", _) => text.say("scope-openid"),
        ("profile", _) => text.say("scope-profile"),
        ("email", _) => text.say("scope-email"),
        ("offline_access", _) => text.say("scope-offline-access"),
        (_, Some(Scope::UserRead)) => text.say("scope-user-read"),
        (_, Some(Scope::UserReadBasicAll)) => text.say("scope-user-read-basic-all"),
        (_, Some(Scope::MethodsRead)) => text.say("scope-methods-read"),
        (_, Some(Scope::PasskeysRead)) => text.say("scope-passkeys-read"),
        (_, Some(Scope::PassesRead)) => text.say("scope-passes-read"),
        (_, Some(Scope::MethodsReadWrite | Scope::PasskeysReadWrite)) => {
            text.say("scope-methods-write")
        }
        (name, Some(_)) if name.contains("Write") => text.say("scope-change-as-you"),
        (_, Some(_)) => text.say("scope-read-as-you"),
        (name, None) => Cow::Owned(name.to_owned()),
    };
    words.into_owned()
}
