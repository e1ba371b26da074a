//! `GET /admin/reports`: coverage, method mix, models, stale keys, post-quantum posture, people without two methods.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::{Models, UserId};
use policy::profiles::is_post_quantum;

use super::policies::type_word;
use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::Governor;
use crate::flow::govern::reports::{self, MIX_DAYS, Reports, STALE_DAYS};
use crate::pages::{Account, Frame, Language, Place, Text, When, render};
use crate::web::{AdminSession, Problem};

/// Units of the chart's height for one bar and the space below it.
const STEP: usize = 28;

#[derive(Template)]
#[template(path = "admin/reports.html")]
struct Page {
    frame: Frame,
    account: Account,
    at: When,
    charts: Vec<Chart>,
    stale: i64,
    stale_days: i64,
    stale_rows: Vec<StaleRow>,
    without_two: i64,
    without_two_rows: Vec<(UserId, String)>,
}

/// Bars, and the same as a table.
struct Chart {
    id: &'static str,
    title: String,
    text: String,
    bars: Vec<Bar>,
}

struct Bar {
    label: String,
    count: i64,
    percent: i64,
    y: usize,
}

struct StaleRow {
    user: UserId,
    owner: String,
    name: String,
    last_used: Option<When>,
}

impl Chart {
    fn height(&self) -> usize {
        self.bars.len() * STEP
    }
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let found = reports::count(&app, &governor).await?;
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Reports,
    };
    let text = sheet.text();
    let charts = vec![
        coverage(text, &found),
        mix(text, &found),
        models(text, &found, &app.models.facts()),
        quantum(text, &found),
    ];
    let (stale, stale_rows) = found.stale;
    let row = |one: store::reports::Stale| StaleRow {
        user: one.user,
        owner: one.user_principal_name,
        name: one.name,
        last_used: one.last_used.map(When::from),
    };
    Ok(render(&Page {
        frame: sheet.frame(),
        account: sheet.account(),
        at: found.at.into(),
        charts,
        stale,
        stale_days: STALE_DAYS,
        stale_rows: stale_rows.into_iter().map(row).collect(),
        without_two: found.coverage.without_two,
        without_two_rows: found.without_two,
    }))
}

fn coverage(text: Text, found: &Reports) -> Chart {
    let all = &found.coverage;
    let counts = [
        ("report-with-passkey", all.with_passkey),
        ("report-with-password", all.with_password),
        ("report-with-codes", all.with_codes),
        ("report-without-two", all.without_two),
    ];
    let counts = counts.map(|(id, count)| (text.say(id).into_owned(), count));
    let people = usize::try_from(all.people).unwrap_or(usize::MAX);
    Chart {
        id: "coverage",
        title: text.say("report-coverage").into_owned(),
        text: text.count("report-people", people).into_owned(),
        bars: bars(counts.into_iter(), all.people),
    }
}

fn mix(text: Text, found: &Reports) -> Chart {
    let label = |one: &store::reports::Mix| match (one.passkey, one.multi_factor) {
        (Some(kind), _) => format!("{}: {}", text.say("method-passkey"), type_word(text, kind)),
        (None, true) => text.say("report-two-factors").into_owned(),
        (None, false) => text.say("report-one-factor").into_owned(),
    };
    // One label can stand for several rows, as of a passkey with and without the mark of two factors.
    let mut counts: Vec<(String, i64)> = Vec::new();
    for one in &found.mix {
        let label = label(one);
        match counts.iter_mut().find(|(known, _)| *known == label) {
            Some((_, count)) => *count += one.count,
            None => counts.push((label, one.count)),
        }
    }
    let all = counts.iter().map(|(_, count)| count).sum();
    Chart {
        id: "mix",
        title: text.say("report-mix").into_owned(),
        text: text.with("report-days", "days", MIX_DAYS).into_owned(),
        bars: bars(counts.into_iter(), all),
    }
}

fn models(text: Text, found: &Reports, catalogue: &Models) -> Chart {
    let counts = found.models.iter().map(|one| {
        let name = catalogue.get(one.aaguid).map(|facts| facts.name.clone());
        let name = name.unwrap_or_else(|| one.aaguid.to_string());
        let kind = type_word(text, one.passkey_type);
        let attested = text.with("report-attested", "count", one.attested);
        (format!("{name} · {kind} · {attested}"), one.count)
    });
    Chart {
        id: "models",
        title: text.say("report-models").into_owned(),
        text: text.say("report-models-text").into_owned(),
        bars: bars(counts, passkeys(found)),
    }
}

fn quantum(text: Text, found: &Reports) -> Chart {
    let safe = found
        .algorithms
        .iter()
        .filter(|(id, _)| is_post_quantum(*id));
    let safe: i64 = safe.map(|(_, count)| count).sum();
    let all = passkeys(found);
    let counts = [
        (text.say("report-quantum-safe").into_owned(), safe),
        (text.say("report-quantum-unsafe").into_owned(), all - safe),
    ];
    Chart {
        id: "quantum",
        title: text.say("report-quantum").into_owned(),
        text: text.say("report-quantum-text").into_owned(),
        bars: match all {
            0 => Vec::new(),
            all => bars(counts.into_iter(), all),
        },
    }
}

/// All passkeys; the list of models is bounded, that of algorithms is not.
fn passkeys(found: &Reports) -> i64 {
    found.algorithms.iter().map(|(_, count)| count).sum()
}

fn bars(counts: impl Iterator<Item = (String, i64)>, all: i64) -> Vec<Bar> {
    let bar = |(number, (label, count)): (usize, (String, i64))| Bar {
        label,
        count,
        percent: (count * 100).checked_div(all).unwrap_or(0),
        y: number * STEP,
    };
    counts.enumerate().map(bar).collect()
}
