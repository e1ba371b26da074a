//! The part of a form that asks what somebody would want and from where, for What If and for explaining one person.

use std::net::IpAddr;

use policy::access::Wish;
use policy::model::{ClientType, Platform};

use super::policies::{Words, choices_of};
use crate::flow::govern::ask::Question;
use crate::flow::govern::read::Desk;
use crate::pages::Text;
use crate::pages::form::{Choice, Control, Field, Sent};

const OWN: &str = "own";
const ADMINISTRATION: &str = "administration";
const REGISTER: &str = "registerSecurityInfo";

/// The fields, as `question` would fill them.
pub(super) fn fields(text: Text, desk: &Desk, question: &Question) -> Vec<Field> {
    let wish =
        |wish: Wish, sent: String, label: String| Choice::new(sent, label, question.wish == wish);
    let said = |id: &str| text.say(id).into_owned();
    let ours = [
        wish(Wish::OwnPages, OWN.to_owned(), said("nav-security-info")),
        wish(
            Wish::Administration,
            ADMINISTRATION.to_owned(),
            said("target-admin-portals"),
        ),
        wish(
            Wish::RegisterSecurityInfo,
            REGISTER.to_owned(),
            said("target-register"),
        ),
    ];
    let applications = desk.applications.iter().map(|one| {
        wish(
            Wish::Application(one.id),
            one.id.to_string(),
            one.display_name.clone(),
        )
    });
    let contexts = desk.everything.policies.contexts.iter().map(|one| {
        let chosen = question.contexts.contains(&one.id);
        Choice::new(&one.id, format!("{} {}", one.id, one.name), chosen)
    });
    let what = [
        Field::new(
            "wish",
            text.say("what-if-wish"),
            Control::Select(ours.into_iter().chain(applications).collect()),
        ),
        Field::new(
            "contexts",
            text.say("target-contexts"),
            Control::Ticks(contexts.collect()),
        ),
    ];
    what.into_iter()
        .chain(place_fields(text, question))
        .collect()
}

/// The fields about where somebody is.
pub(super) fn place_fields(text: Text, question: &Question) -> Vec<Field> {
    let unknown = Choice::new(
        "",
        text.say("platform-unknown"),
        question.platform.is_none(),
    );
    let platforms = choices_of::<Platform>(text, question.platform);
    let address = Control::Text {
        value: question.address.to_string(),
        longest: 45,
    };
    vec![
        Field::new(
            "platform",
            text.say("access-platforms"),
            Control::Select(std::iter::once(unknown).chain(platforms).collect()),
        ),
        Field::new(
            "client",
            text.say("access-clients"),
            Control::Select(choices_of::<ClientType>(text, Some(question.client))),
        ),
        Field::new("address", text.say("column-address"), address),
        Field::new(
            "deviceCode",
            text.say("access-device-code"),
            Control::Tick {
                on: question.device_code,
            },
        ),
    ]
}

/// What was asked; what was not said is taken from `usual`. The address alone can be wrong.
pub(super) fn read(sent: &Sent, usual: Question) -> Result<Question, Question> {
    if !sent.has("address") {
        return Ok(usual);
    }
    let wish = match sent.text("wish") {
        ADMINISTRATION => Wish::Administration,
        REGISTER => Wish::RegisterSecurityInfo,
        id => id.parse().map_or(Wish::OwnPages, Wish::Application),
    };
    let address = sent.text("address").trim().parse::<IpAddr>();
    let question = Question {
        wish,
        contexts: sent.all("contexts").map(str::to_owned).collect(),
        platform: Platform::of(sent.text("platform")),
        client: ClientType::of(sent.text("client")).unwrap_or(ClientType::Browser),
        address: address.clone().unwrap_or(usual.address),
        device_code: sent.has("deviceCode"),
    };
    match address {
        Ok(_) => Ok(question),
        Err(_) => Err(question),
    }
}

/// A browser from `address`, for one's own pages.
pub(super) const fn usual(address: IpAddr) -> Question {
    Question {
        wish: Wish::OwnPages,
        contexts: Vec::new(),
        platform: None,
        client: ClientType::Browser,
        address,
        device_code: false,
    }
}
