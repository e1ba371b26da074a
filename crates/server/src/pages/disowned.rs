use super::messages::Text;
use crate::flow::disown::Disowned;

/// What was taken back, and what the person does next.
#[derive(Debug, Clone)]
pub struct DisownedView {
    /// One sentence each.
    pub taken: Vec<String>,
    /// Whether they can sign in by themselves.
    pub way_in_left: bool,
}

impl DisownedView {
    /// In the reader's language.
    pub fn new(text: Text, disowned: &Disowned) -> Self {
        let passkey = disowned.passkey.as_ref().map(|passkey| {
            text.with("not-me-took-passkey", "name", &passkey.display_name)
                .into_owned()
        });
        let said = |done: bool, id| done.then(|| text.say(id).into_owned());
        let taken = [
            passkey,
            said(disowned.pass, "not-me-took-pass"),
            said(disowned.password, "not-me-took-password"),
            said(disowned.totp, "not-me-took-totp"),
            Some(
                text.count("not-me-took-sessions", disowned.sessions)
                    .into_owned(),
            ),
            said(true, "not-me-told"),
        ];
        Self {
            taken: taken.into_iter().flatten().collect(),
            way_in_left: disowned.way_in_left,
        }
    }
}
