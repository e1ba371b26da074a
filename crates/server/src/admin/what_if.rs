//! `GET /admin/what-if`: what conditional access would say, and whether what the person has registered would do.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::forecast::ForecastView;
use super::question;
use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{GovernRefusal, Governor, ask, read};
use crate::pages::form::{Control, Field, Form, Section, Sent};
use crate::pages::{Account, Frame, Language, Place, render};
use crate::web::{AdminSession, Problem, Query};

#[derive(Template)]
#[template(path = "admin/what_if.html")]
struct Page {
    frame: Frame,
    account: Account,
    form: Form,
    forecast: Option<ForecastView>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let sent = Sent::new(pairs);
    let governor = Governor::person(&admin, &caller);
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Policies,
    };
    let text = sheet.text();
    let desk = read::desk(&app, &governor).await?;
    let asked = question::read(&sent, question::usual(caller.ip));
    let wrong_address = asked.is_err();
    let (Ok(question) | Err(question)) = asked;
    let name = sent.text("user").trim().to_owned();
    let user = Field::new(
        "user",
        text.say("column-principal-name"),
        Control::Text {
            value: name.clone(),
            longest: 320,
        },
    );
    let fields = std::iter::once(user).chain(question::fields(text, &desk, &question));
    let mut form = Form {
        sections: vec![Section::new(
            "question",
            text.say("what-if-question"),
            fields.collect(),
        )],
        faults: Vec::new(),
    };
    if wrong_address {
        form.mark("address", text.say("form-not-an-address").into_owned());
    }
    let mut forecast = None;
    if !name.is_empty() && !wrong_address {
        match forecast_of(&app, &governor, &name, &question).await {
            Ok(found) => forecast = Some(ForecastView::new(text, &found)),
            Err(GovernRefusal::FieldInvalid(field)) => {
                form.mark(
                    field,
                    text.with("form-unknown-entry", "entry", &name).into_owned(),
                );
            }
            Err(refusal) => return Err(sheet.way_on(refusal.into(), "/admin/policies")),
        }
    }
    Ok(render(&Page {
        frame: sheet.frame(),
        account: sheet.account(),
        form,
        forecast,
    }))
}

async fn forecast_of(
    app: &AppState,
    governor: &Governor,
    name: &str,
    question: &ask::Question,
) -> Result<ask::Forecast, GovernRefusal> {
    let lookup = read::lookup(app, governor, vec![name.to_owned()], Vec::new()).await?;
    let user = lookup.users.get(name).copied();
    let user = user.ok_or(GovernRefusal::FieldInvalid("user"))?;
    ask::what_if(app, governor, user, question).await
}
