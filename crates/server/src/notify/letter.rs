//! What a person reads in a notice, in their language.

use askama::Template;
use policy::model::{Notice, NoticeActor, NoticeKind, NoticeSubject, Timestamp};

use crate::pages::{Language, Text, When};

/// Characters of a name that are quoted; more is nobody's name, and a letter is ours and not theirs.
const NAME: usize = 64;

/// A letter without its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// The plain form.
    pub text: String,
    /// The same with structure.
    pub html: String,
}

/// For whom a letter is written.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// Their language.
    pub language: Language,
    /// Whether the notice is about themselves; else they are an administrator.
    pub is_owner: bool,
    /// What the passkey it is about is, where its model is known.
    pub model: Option<&'a str>,
    /// The tenant, as people call it.
    pub organisation: &'a str,
    /// `https://host`, where our pages are.
    pub origin: &'a str,
    /// "This wasn't me", and until when; if it can be said.
    pub link: Option<(&'a str, Timestamp)>,
}

/// Writes the letter.
///
/// # Errors
/// If a template fails, which would be our fault.
pub fn compose(notice: &Notice, reader: Reader<'_>) -> Result<Letter, askama::Error> {
    let text = Text(reader.language);
    let (title, sentence) = words(notice.kind, reader.is_owner);
    let name = subject_name(notice);
    let title = text.say(title).into_owned();
    let page = Page {
        text,
        organisation: quoted(reader.organisation),
        greeting: text
            .with("mail-greeting", "name", greeted(notice, reader))
            .into_owned(),
        sentence: text.with(sentence, "name", name).into_owned(),
        facts: facts(text, notice, reader.model),
        advice: text
            .with(advice(notice.kind, reader), "until", end_of(notice))
            .into_owned(),
        link: reader.link.map(|(link, until)| Link {
            address: link.to_owned(),
            until: When::from(until).plain(),
        }),
        page: page_of(notice, reader),
        origin: reader.origin.to_owned(),
        title,
    };
    Ok(Letter {
        subject: format!("{}: {}", page.organisation, page.title),
        text: PlainPage { page: &page }.render()?,
        html: page.render()?,
    })
}

#[derive(Template)]
#[template(path = "mail/notice.html")]
struct Page {
    text: Text,
    organisation: String,
    title: String,
    greeting: String,
    sentence: String,
    facts: Vec<(String, String)>,
    advice: String,
    link: Option<Link>,
    page: String,
    origin: String,
}

#[derive(Template)]
#[template(path = "mail/notice.txt")]
struct PlainPage<'p> {
    page: &'p Page,
}

struct Link {
    address: String,
    until: String,
}

/// The title of a kind, as its owner reads it.
pub fn title(text: Text, kind: NoticeKind) -> String {
    text.say(words(kind, true).0).into_owned()
}

/// Title and sentence of a kind. The sentence may name what it is about (`$name`).
const fn words(kind: NoticeKind, is_owner: bool) -> (&'static str, &'static str) {
    match kind {
        NoticeKind::PasskeyAdded => ("notice-passkey-added", "notice-passkey-added-text"),
        NoticeKind::PasskeyWaiting => ("notice-passkey-waiting", "notice-passkey-waiting-text"),
        NoticeKind::PasskeyActivated => {
            ("notice-passkey-activated", "notice-passkey-activated-text")
        }
        NoticeKind::PasskeyRenamed => ("notice-passkey-renamed", "notice-passkey-renamed-text"),
        NoticeKind::PasskeyDeleted => ("notice-passkey-deleted", "notice-passkey-deleted-text"),
        NoticeKind::PasskeyRevoked => ("notice-passkey-revoked", "notice-passkey-revoked-text"),
        NoticeKind::PasskeyQuarantined => (
            "notice-passkey-quarantined",
            "notice-passkey-quarantined-text",
        ),
        NoticeKind::PasskeyStepUpRequired => {
            ("notice-passkey-step-up", "notice-passkey-step-up-text")
        }
        NoticeKind::PasskeyQuarantineDeferred => {
            ("notice-passkey-deferred", "notice-passkey-deferred-text")
        }
        NoticeKind::PasskeyRefused => ("notice-passkey-refused", "notice-passkey-refused-text"),
        NoticeKind::PasskeyReleased => ("notice-passkey-released", "notice-passkey-released-text"),
        NoticeKind::PasskeyEnding => ("notice-passkey-ending", "notice-passkey-ending-text"),
        NoticeKind::PasskeyGoingIdle => ("notice-passkey-idle", "notice-passkey-idle-text"),
        NoticeKind::PasskeyEnded => ("notice-passkey-ended", "notice-passkey-ended-text"),
        NoticeKind::PasskeyNewPlace => ("notice-new-place", "notice-new-place-text"),
        NoticeKind::PasswordChanged => ("notice-password-changed", "notice-password-changed-text"),
        NoticeKind::PasswordReset => ("notice-password-reset", "notice-password-reset-text"),
        NoticeKind::PasswordRemoved => ("notice-password-removed", "notice-password-removed-text"),
        NoticeKind::TotpEnrolled => ("notice-totp-enrolled", "notice-totp-enrolled-text"),
        NoticeKind::TotpRemoved => ("notice-totp-removed", "notice-totp-removed-text"),
        NoticeKind::PassIssued => ("notice-pass-issued", "notice-pass-issued-text"),
        NoticeKind::PassUsed => ("notice-pass-used", "notice-pass-used-text"),
        NoticeKind::PassDeleted => ("notice-pass-deleted", "notice-pass-deleted-text"),
        NoticeKind::SessionsRevoked => ("notice-sessions-revoked", "notice-sessions-revoked-text"),
        NoticeKind::AccountDisabled => ("notice-account-disabled", "notice-account-disabled-text"),
        NoticeKind::AccountEnabled => ("notice-account-enabled", "notice-account-enabled-text"),
        NoticeKind::SuspiciousActivityReported if is_owner => {
            ("notice-you-reported", "notice-you-reported-text")
        }
        NoticeKind::SuspiciousActivityReported => ("notice-reported", "notice-reported-text"),
    }
}

fn facts(text: Text, notice: &Notice, model: Option<&str>) -> Vec<(String, String)> {
    let mut facts = vec![
        ("mail-when", When::from(notice.at).plain()),
        ("mail-account", quoted(&notice.user.user_principal_name)),
    ];
    match &notice.subject {
        Some(NoticeSubject::Passkey {
            display_name,
            ends,
            replaced_until,
            ..
        }) => {
            let model = model.map(|model| format!(" ({model})"));
            let name = quoted(display_name) + &model.unwrap_or_default();
            facts.push(("mail-passkey", name));
            let moments = [
                ("mail-passkey-ends", ends),
                ("mail-passkey-replaced-until", replaced_until),
            ];
            let known = moments.into_iter();
            facts.extend(known.filter_map(|(label, at)| Some((label, When::from((*at)?).plain()))));
        }
        Some(NoticeSubject::Pass {
            ends: Some(ends), ..
        }) => {
            facts.push(("mail-pass-ends", When::from(*ends).plain()));
        }
        Some(NoticeSubject::Notice { what }) => {
            facts.push(("mail-reported", title(text, *what)));
        }
        Some(NoticeSubject::Pass { ends: None, .. }) | None => {}
    }
    facts.push(("mail-who", actor(text, &notice.actor)));
    if let Some(place) = &notice.place {
        let unknown = || text.say("device-unknown").into_owned();
        facts.push(("mail-device", place.device.clone().unwrap_or_else(unknown)));
        facts.push(("mail-network", place.network.clone()));
    }
    facts.push(("mail-correlation", notice.correlation.to_string()));
    let labelled = facts.into_iter();
    labelled
        .map(|(label, value)| (text.say(label).into_owned(), value))
        .collect()
}

fn actor(text: Text, actor: &NoticeActor) -> String {
    match actor {
        NoticeActor::Oneself => text.say("mail-by-you").into_owned(),
        NoticeActor::Administrator(who) => text
            .with("mail-by-administrator", "name", quoted(&who.display_name))
            .into_owned(),
        NoticeActor::Application { display_name, .. } => text
            .with("mail-by-application", "name", quoted(display_name))
            .into_owned(),
        NoticeActor::Server { .. } => text.say("mail-by-server").into_owned(),
    }
}

/// What to do. Where the server acted by itself, that is more than to wonder whether it was oneself.
fn advice(kind: NoticeKind, reader: Reader<'_>) -> &'static str {
    match (kind, reader.is_owner, reader.link) {
        (_, false, _) => "mail-advice-administrator",
        (NoticeKind::PasskeyQuarantined | NoticeKind::PasskeyRefused, ..) => "mail-advice-replace",
        (NoticeKind::PasskeyStepUpRequired, ..) => "mail-advice-step-up",
        (NoticeKind::PasskeyQuarantineDeferred, ..) => "mail-advice-deferred",
        (NoticeKind::PasskeyReleased, ..) => "mail-advice-released",
        (NoticeKind::PasskeyEnding, ..) => "mail-advice-ending",
        (NoticeKind::PasskeyGoingIdle, ..) => "mail-advice-idle",
        (NoticeKind::PasskeyEnded, ..) => "mail-advice-ended",
        (_, _, Some(_)) => "mail-advice-link",
        (_, _, None) => "mail-advice",
    }
}

/// The end that the advice names; only advice about an end does.
fn end_of(notice: &Notice) -> String {
    match &notice.subject {
        Some(NoticeSubject::Passkey { ends: Some(at), .. }) => When::from(*at).plain(),
        _ => String::new(),
    }
}

fn page_of(notice: &Notice, reader: Reader<'_>) -> String {
    if reader.is_owner {
        format!("{}/security-info", reader.origin)
    } else {
        format!("{}/admin/users/{}", reader.origin, notice.user.id)
    }
}

fn greeted(notice: &Notice, reader: Reader<'_>) -> String {
    if reader.is_owner {
        quoted(&notice.user.display_name)
    } else {
        Text(reader.language).say("mail-administrator").into_owned()
    }
}

fn subject_name(notice: &Notice) -> String {
    match &notice.subject {
        Some(NoticeSubject::Passkey { display_name, .. }) => quoted(display_name),
        _ => quoted(&notice.user.display_name),
    }
}

/// A name that somebody chose: one line of bounded length. What they wrote must not look like a part of our letter, so
/// it brings no lines of its own and no address that a mail program would turn into a link.
fn quoted(name: &str) -> String {
    let plain = name.chars().take(NAME).map(|letter| {
        if letter.is_control() || letter == '\u{2028}' || letter == '\u{2029}' {
            ' '
        } else {
            letter
        }
    });
    plain.collect::<String>().replace("://", ":\u{200b}//")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use policy::model::{
        CorrelationId, NoticeId, NoticePerson, NoticePlace, PasskeyId, PasskeyType, TenantId,
        UserId,
    };
    use uuid::Uuid;

    use super::*;

    const LINK: &str = "https://login.example.com/signin/not-me?token=abc";

    fn notice(kind: NoticeKind, passkey: &str) -> Notice {
        Notice {
            tenant: TenantId::from_bytes([1; 16]),
            id: NoticeId::from_bytes([2; 16]),
            kind,
            at: Timestamp::from_seconds(1_796_126_400),
            user: NoticePerson {
                id: UserId::from_bytes([3; 16]),
                user_principal_name: "ada@example.org".to_owned(),
                display_name: "Ada".to_owned(),
            },
            actor: NoticeActor::Oneself,
            subject: Some(NoticeSubject::Passkey {
                id: PasskeyId::from_bytes([4; 16]),
                display_name: passkey.to_owned(),
                aaguid: Uuid::nil(),
                passkey_type: PasskeyType::Synced,
                ends: None,
                replaced_until: None,
            }),
            place: Some(NoticePlace {
                device: Some("Firefox, Linux".to_owned()),
                network: "203.0.113.0/24".to_owned(),
            }),
            language: None,
            correlation: CorrelationId::from_bytes([5; 16]),
        }
    }

    fn written(notice: &Notice, language: Language, is_owner: bool, link: bool) -> Letter {
        let until = Timestamp::from_seconds(1_796_731_200);
        let reader = Reader {
            language,
            is_owner,
            model: Some("Example Passwords"),
            organisation: "Example",
            origin: "https://login.example.com",
            link: link.then_some((LINK, until)),
        };
        compose(notice, reader).unwrap()
    }

    #[test]
    fn a_letter_says_what_when_where_and_what_to_do() {
        let notice = notice(NoticeKind::PasskeyAdded, "Phone");
        let letter = written(&notice, Language::English, true, true);
        assert_eq!(
            letter.subject,
            "Example: A passkey was added to your account"
        );
        for form in [&letter.text, &letter.html] {
            for part in [
                "Hello Ada",
                "Phone (Example Passwords)",
                "2026-12-01 12:00 UTC",
                "ada@example.org",
                "Firefox, Linux",
                "203.0.113.0/24",
                "05050505-0505-0505-0505-050505050505",
                LINK,
                "2026-12-08 12:00 UTC",
                "https://login.example.com/security-info",
            ] {
                assert!(form.contains(part), "{part} is not in {form}");
            }
        }
    }

    #[test]
    fn every_kind_has_words_in_every_language() {
        for kind in NoticeKind::ALL {
            for language in Language::ALL {
                for (is_owner, link) in [(true, true), (true, false), (false, false)] {
                    let letter = written(&notice(kind, "Phone"), language, is_owner, link);
                    for form in [&letter.subject, &letter.text, &letter.html] {
                        assert!(
                            !form.contains("notice-") && !form.contains("mail-"),
                            "{form}"
                        );
                        assert!(!form.contains("{ $") && !form.contains("{$"), "{form}");
                    }
                    assert_eq!(letter.text.contains(LINK), link);
                    assert!(
                        letter
                            .html
                            .contains(&format!("lang=\"{}\"", language.tag()))
                    );
                }
            }
        }
    }

    #[test]
    fn names_are_not_markup_lines_or_links() {
        let evil = "<b>x</b>\r\nYour account is locked. Go to https://evil.example/\u{2028}now";
        let letter = written(
            &notice(NoticeKind::PasskeyRenamed, evil),
            Language::English,
            true,
            true,
        );
        assert!(!letter.html.contains("<b>x") && letter.html.contains("&#60;b&#62;x"));
        for form in [&letter.text, &letter.html] {
            assert!(!form.contains("https://evil.example"), "{form}");
            let line = form
                .lines()
                .find(|line| line.contains("account is locked"))
                .unwrap();
            assert!(line.contains("x"), "a line of its own: {line}");
        }
        assert!(!letter.text.contains('\u{2028}'));
        let long = "y".repeat(500);
        let letter = written(
            &notice(NoticeKind::PasskeyAdded, &long),
            Language::English,
            true,
            true,
        );
        assert!(!letter.text.contains(&"y".repeat(NAME + 1)));
    }

    #[test]
    fn an_administrator_reads_who_reported_what() {
        let mut notice = notice(NoticeKind::SuspiciousActivityReported, "");
        notice.subject = Some(NoticeSubject::Notice {
            what: NoticeKind::PasskeyAdded,
        });
        let letter = written(&notice, Language::English, false, false);
        assert!(
            letter.text.contains("A passkey was added to your account"),
            "{}",
            letter.text
        );
        assert!(letter.text.contains("/admin/users/03030303-"));
        assert!(!letter.text.contains("not-me"));
    }
}
