//! `GET /admin/users/{user}/explain`: may this person register and use passkeys, and if not, which rule says no.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::campaign::Nudge;
use policy::explain::{PasskeyWord, ProfileWord};
use policy::model::UserId;
use policy::profiles::Rule;

use super::forecast::ForecastView;
use super::policies::type_word;
use super::question;
use super::sheet::{Sheet, path};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::Governor;
use crate::flow::govern::ask::{self, Told};
use crate::pages::form::{Control, Form, Section, Sent};
use crate::pages::{Account, Frame, Language, Place, Text, When, render};
use crate::web::{AdminSession, Path, Problem, Query};

#[derive(Template)]
#[template(path = "admin/user_explain.html")]
struct Page {
    frame: Frame,
    account: Account,
    form: Form,
    user: UserId,
    name: String,
    version: i64,
    /// Why not, if not.
    refused: Option<Said>,
    last_mfa: Option<When>,
    fresh: bool,
    registering: ForecastView,
    signing_in: ForecastView,
    profiles: Vec<ProfileRow>,
    passkeys: Vec<PasskeyRow>,
    nudge: Said,
}

/// A rule's word.
struct Said {
    code: &'static str,
    sentence: String,
}

struct ProfileRow {
    name: String,
    kinds: String,
    attested: bool,
    against: Vec<String>,
}

struct PasskeyRow {
    name: String,
    refused: Option<Said>,
    profiles: Vec<(String, Vec<String>)>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<UserId>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let sent = Sent::new(pairs);
    let governor = Governor::person(&admin, &caller);
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Users,
    };
    let text = sheet.text();
    let asked = question::read(&sent, question::usual(caller.ip));
    let wrong_address = asked.is_err();
    let (Ok(question) | Err(question)) = asked;
    let told = ask::person(&app, &governor, id, &question)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &path(id)))?;
    let mut form = Form {
        sections: vec![
            Section::new(
                "question",
                text.say("what-if-from"),
                question::place_fields(text, &question),
            )
            .folded(),
        ],
        faults: Vec::new(),
    };
    if wrong_address {
        form.mark("address", text.say("form-not-an-address").into_owned());
    }
    let explanation = &told.explanation;
    let forecast = |what_if| ForecastView::of(text, &told.snapshot, &told.resident, what_if);
    let now = app.clock.now();
    Ok(render(&Page {
        frame: sheet.frame(),
        account: sheet.account(),
        form,
        user: id,
        name: told.resident.user.display_name.clone(),
        version: explanation.version,
        refused: explanation.registering.err().map(|denial| Said {
            code: denial.code(),
            sentence: denial.admin_sentence().to_owned(),
        }),
        last_mfa: told.last_mfa.map(When::from),
        fresh: told
            .last_mfa
            .is_some_and(|at| now.since(at) <= policy::lifetimes::FRESH_MFA),
        registering: forecast(&explanation.registering_access),
        signing_in: forecast(&told.signing_in),
        profiles: explanation
            .profiles
            .iter()
            .map(|one| profile(text, one))
            .collect(),
        passkeys: explanation
            .passkeys
            .iter()
            .map(|one| passkey(text, &told, one))
            .collect(),
        nudge: nudge(text, &told),
    }))
}

fn profile(text: Text, word: &ProfileWord) -> ProfileRow {
    let kinds = word.types.iter().map(|kind| type_word(text, *kind));
    ProfileRow {
        name: word.name.clone(),
        kinds: kinds.collect::<Vec<_>>().join(" + "),
        attested: word.attested,
        against: word.against.iter().map(|rule| sentence(*rule)).collect(),
    }
}

fn passkey(_: Text, told: &Told, word: &PasskeyWord) -> PasskeyRow {
    let profiles = word.profiles.iter().map(|(id, rules)| {
        let name = told.snapshot.profile(*id).map(|one| one.name.clone());
        let rules = rules.iter().map(|rule| sentence(*rule)).collect();
        (name.unwrap_or_default(), rules)
    });
    PasskeyRow {
        name: word.name.clone(),
        refused: word.works.err().map(|denial| Said {
            code: denial.code(),
            sentence: denial.admin_sentence().to_owned(),
        }),
        profiles: profiles.collect(),
    }
}

fn sentence(rule: Rule) -> String {
    format!("{} ({})", rule.denial().admin_sentence(), rule.code())
}

fn nudge(text: Text, told: &Told) -> Said {
    let said = |code, id: &str| Said {
        code,
        sentence: text.say(id).into_owned(),
    };
    match told.nudge {
        Nudge::None(reason) => Said {
            code: reason.code(),
            sentence: reason.admin_sentence().to_owned(),
        },
        Nudge::Silent { .. } => said("silent", "explain-nudge-silent"),
        Nudge::Ask { .. } => said("ask", "explain-nudge-ask"),
        Nudge::Required { .. } => said("required", "explain-nudge-required"),
    }
}
