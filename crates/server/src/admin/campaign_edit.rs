//! `/admin/campaigns/new` and `/admin/campaigns/{campaign}/edit`: a campaign as a form. It is saved by the flow that changes
//! every policy.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::{
    Assignment, Campaign, CampaignId, CampaignState, PolicyDocument, PolicyKind, Scope, Timestamp,
    Wave,
};
use serde::Deserialize;
use store::policies::Expected;

use super::sheet::{Empty, Sheet};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::answer::see_other;
use crate::flow::govern::campaigns::{self, Named};
use crate::flow::govern::{Change, Edit, GovernRefusal, Governor, change};
use crate::pages::{Account, Frame, Language, Place, RefusalView, render_with};
use crate::web::{AdminSession, CheckedForm, Path, Problem};

/// Names in one field.
const MOST_NAMES: usize = 200;

/// What the form holds, as text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    version: i64,
    name: String,
    position: String,
    state: String,
    snooze_days: String,
    limited_snoozes: Option<String>,
    everyone: Option<String>,
    groups: String,
    users: String,
    except_groups: String,
    except_users: String,
    starts: String,
    ends: String,
    waves: String,
    silent_first: Option<String>,
    single_sign_on: Option<String>,
    replacement: Option<String>,
    not_on_linux: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/campaign_edit.html")]
struct Page {
    frame: Frame,
    account: Account,
    refusal: Option<RefusalView>,
    faults: Vec<(String, String)>,
    /// Absent: a new one.
    id: Option<CampaignId>,
    can_be_deleted: bool,
    entered: Form,
}

impl Page {
    fn wrong(&self, field: &str) -> bool {
        self.refusal.as_ref().and_then(|refusal| refusal.field) == Some(field)
    }
}

/// A field that cannot be read.
struct Mistake {
    field: &'static str,
    message: &'static str,
}

/// The form and where it is drawn.
struct Desk<'a> {
    sheet: Sheet<'a>,
    caller: &'a Caller,
    governor: Governor,
}

pub(super) async fn show_new(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
) -> Response {
    let desk = Desk::new(&app, &caller, &admin, language);
    let form = Form {
        version: -1,
        name: String::new(),
        everyone: Some("on".to_owned()),
        ..Form::of(&fresh(&app), Named::default(), Named::default())
    };
    desk.page(StatusCode::OK, None, None, form)
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<CampaignId>,
) -> Result<Response, Problem> {
    let desk = Desk::new(&app, &caller, &admin, language);
    let (campaign, version) = campaigns::campaign(&app, &desk.governor, id).await?;
    let include = campaigns::written(&app, &desk.governor, &campaign.who.include).await?;
    let exclude = campaigns::written(&app, &desk.governor, &campaign.who.exclude).await?;
    let form = Form {
        version,
        ..Form::of(&campaign, include, exclude)
    };
    Ok(desk.page(StatusCode::OK, None, Some(id), form))
}

pub(super) async fn submit_new(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    CheckedForm(form): CheckedForm<Form>,
) -> Result<Response, Problem> {
    let desk = Desk::new(&app, &caller, &admin, language);
    desk.save(None, fresh(&app), form).await
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<CampaignId>,
    CheckedForm(form): CheckedForm<Form>,
) -> Result<Response, Problem> {
    let desk = Desk::new(&app, &caller, &admin, language);
    let (campaign, _) = campaigns::campaign(&app, &desk.governor, id).await?;
    desk.save(Some(id), campaign, form).await
}

pub(super) async fn delete(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<CampaignId>,
    CheckedForm(Empty {}): CheckedForm<Empty>,
) -> Result<Response, Problem> {
    let desk = Desk::new(&app, &caller, &admin, language);
    let edit = Edit {
        change: Change::Remove(PolicyKind::Campaign, id.to_string()),
        expected: Expected::Anything,
    };
    change(&app, &caller, &desk.governor, edit)
        .await
        .map_err(|refusal| desk.sheet.way_on(refusal.into(), &path(id)))?;
    Ok(see_other("/admin/campaigns?done=campaign-deleted"))
}

/// Begins like the one of a new tenant, but enabled and under an id of its own.
fn fresh(app: &AppState) -> Campaign {
    Campaign {
        id: CampaignId::new(app.clock.now(), app.random.bytes()),
        state: CampaignState::Enabled,
        ..Campaign::of_new_tenant()
    }
}

fn path(id: CampaignId) -> String {
    format!("/admin/campaigns/{id}")
}

impl<'a> Desk<'a> {
    fn new(
        app: &'a AppState,
        caller: &'a Caller,
        admin: &'a AdminSession,
        language: Language,
    ) -> Self {
        Self {
            sheet: Sheet {
                app,
                admin,
                language,
                place: Place::Campaigns,
            },
            caller,
            governor: Governor::person(admin, caller),
        }
    }

    async fn save(
        &self,
        id: Option<CampaignId>,
        before: Campaign,
        form: Form,
    ) -> Result<Response, Problem> {
        let campaign = match self.read(&before, &form).await? {
            Ok(campaign) => campaign,
            Err(mistake) => return Ok(self.mistaken(&mistake, id, form)),
        };
        let saved = campaign.id;
        let edit = Edit {
            change: Change::Put(Box::new(PolicyDocument::Campaign(campaign))),
            expected: match form.version {
                ..=0 => Expected::Absent,
                version => Expected::Version(version),
            },
        };
        match change(self.sheet.app, self.caller, &self.governor, edit).await {
            Ok(_) => Ok(see_other(&format!("{}?done=campaign-saved", path(saved)))),
            Err(refusal @ (GovernRefusal::Invalid(_) | GovernRefusal::Stale(_))) => {
                Ok(self.refused(refusal, id, form))
            }
            Err(refusal) => Err(self.sheet.way_on(refusal.into(), "/admin/campaigns")),
        }
    }

    /// What the form says, in the place of what `before` says; what the form does not show stays.
    async fn read(
        &self,
        before: &Campaign,
        form: &Form,
    ) -> Result<Result<Campaign, Mistake>, Problem> {
        let read = match form.read(before) {
            Ok(read) => read,
            Err(mistake) => return Ok(Err(mistake)),
        };
        let include = Scope {
            everyone: form.everyone.is_some(),
            ..before.who.include.clone()
        };
        let include = match self.people(include, &form.groups, &form.users).await? {
            Ok(include) => include,
            Err(message) => return Ok(Err(Mistake::new("groups", message))),
        };
        let exclude = before.who.exclude.clone();
        let (groups, users) = (&form.except_groups, &form.except_users);
        let exclude = match self.people(exclude, groups, users).await? {
            Ok(exclude) => exclude,
            Err(message) => return Ok(Err(Mistake::new("except_groups", message))),
        };
        Ok(Ok(Campaign {
            who: Assignment { include, exclude },
            ..read
        }))
    }

    async fn people(
        &self,
        scope: Scope,
        groups: &str,
        users: &str,
    ) -> Result<Result<Scope, &'static str>, Problem> {
        let named = Named {
            groups: lines(groups),
            users: lines(users),
        };
        if named.groups.len().max(named.users.len()) > MOST_NAMES {
            return Ok(Err("campaign-too-many-names"));
        }
        let found = campaigns::read_names(self.sheet.app, &self.governor, scope, named).await?;
        Ok(found.map_err(|_| "campaign-unknown-name"))
    }

    fn mistaken(&self, mistake: &Mistake, id: Option<CampaignId>, form: Form) -> Response {
        let text = self.sheet.text();
        let refusal = RefusalView::mistake(text, mistake.message, "field_invalid");
        let refusal = refusal.at(mistake.field);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        self.page(status, Some((refusal, Vec::new())), id, form)
    }

    fn refused(&self, refusal: GovernRefusal, id: Option<CampaignId>, form: Form) -> Response {
        let faults = match &refusal {
            GovernRefusal::Invalid(faults) => faults
                .iter()
                .map(|fault| (fault.field.clone(), fault.rule.sentence()))
                .collect(),
            _ => Vec::new(),
        };
        let problem = Problem::from(refusal);
        let view = self.sheet.refusal(&problem, self.caller.correlation);
        self.page(problem.status, Some((view, faults)), id, form)
    }

    fn page(
        &self,
        status: StatusCode,
        refused: Option<(RefusalView, Vec<(String, String)>)>,
        id: Option<CampaignId>,
        entered: Form,
    ) -> Response {
        let (refusal, faults) = refused.unzip();
        let page = Page {
            frame: self.sheet.frame(),
            account: self.sheet.account(),
            refusal,
            faults: faults.unwrap_or_default(),
            can_be_deleted: entered.version > 0 && id != Some(Campaign::DEFAULT),
            id,
            entered,
        };
        render_with(status, &page)
    }
}

impl Mistake {
    const fn new(field: &'static str, message: &'static str) -> Self {
        Self { field, message }
    }
}

impl Form {
    fn of(campaign: &Campaign, include: Named, exclude: Named) -> Self {
        let on = |switch: bool| switch.then(|| "on".to_owned());
        Self {
            version: 0,
            name: campaign.name.clone(),
            position: campaign.position.to_string(),
            state: match campaign.state {
                CampaignState::Default => "default",
                CampaignState::Enabled => "enabled",
                CampaignState::Disabled => "disabled",
            }
            .to_owned(),
            snooze_days: campaign.snooze_days.to_string(),
            limited_snoozes: on(campaign.limited_snoozes),
            everyone: on(campaign.who.include.everyone),
            groups: include.groups.join("\n"),
            users: include.users.join("\n"),
            except_groups: exclude.groups.join("\n"),
            except_users: exclude.users.join("\n"),
            starts: campaign.starts.map(written).unwrap_or_default(),
            ends: campaign.ends.map(written).unwrap_or_default(),
            waves: waves_written(&campaign.waves),
            silent_first: on(campaign.silent_first),
            single_sign_on: on(campaign.single_sign_on),
            replacement: on(campaign.replacement),
            not_on_linux: on(campaign.not_on_linux),
        }
    }

    /// Everything but the people.
    fn read(&self, before: &Campaign) -> Result<Campaign, Mistake> {
        let number = |text: &str, field| {
            let number = text.trim().parse::<u32>();
            number.map_err(|_| Mistake::new(field, "campaign-bad-number"))
        };
        Ok(Campaign {
            name: self.name.trim().to_owned(),
            position: number(&self.position, "position")?,
            state: match self.state.as_str() {
                "default" => CampaignState::Default,
                "enabled" => CampaignState::Enabled,
                "disabled" => CampaignState::Disabled,
                _ => return Err(Mistake::new("state", "campaign-bad-state")),
            },
            snooze_days: number(&self.snooze_days, "snooze_days")?,
            limited_snoozes: self.limited_snoozes.is_some(),
            starts: moment(&self.starts).map_err(|message| Mistake::new("starts", message))?,
            ends: moment(&self.ends).map_err(|message| Mistake::new("ends", message))?,
            waves: waves(&self.waves).ok_or(Mistake::new("waves", "campaign-bad-waves"))?,
            silent_first: self.silent_first.is_some(),
            single_sign_on: self.single_sign_on.is_some(),
            replacement: self.replacement.is_some(),
            not_on_linux: self.not_on_linux.is_some(),
            ..before.clone()
        })
    }
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// As `datetime-local` writes it, in UTC.
fn written(moment: Timestamp) -> String {
    let micros = jiff::Timestamp::from_microsecond(moment.as_micros());
    micros.map_or_else(
        |_| String::new(),
        |moment| moment.strftime("%Y-%m-%dT%H:%M").to_string(),
    )
}

fn moment(text: &str) -> Result<Option<Timestamp>, &'static str> {
    match text.trim() {
        "" => Ok(None),
        text => point(text).map(Some).ok_or("campaign-bad-moment"),
    }
}

/// A moment or a day, in UTC.
fn point(text: &str) -> Option<Timestamp> {
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
}

/// One wave a line: when, and the percentage.
fn waves(text: &str) -> Option<Vec<Wave>> {
    lines(text)
        .iter()
        .map(|line| {
            let (from, percent) = line.rsplit_once(char::is_whitespace)?;
            Some(Wave {
                from: point(from.trim())?,
                percent: percent.trim_end_matches('%').parse().ok()?,
            })
        })
        .collect()
}

fn waves_written(waves: &[Wave]) -> String {
    let lines: Vec<_> = waves
        .iter()
        .map(|wave| format!("{} {}", written(wave.from), wave.percent))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_form_shows_is_what_it_reads() {
        let campaign = Campaign {
            position: 3,
            starts: Some(Timestamp::from_seconds(1_795_350_600)),
            waves: [10, 100]
                .map(|percent| Wave {
                    from: Timestamp::from_seconds(1_795_350_600 + 60 * i64::from(percent)),
                    percent,
                })
                .to_vec(),
            single_sign_on: true,
            ..Campaign::of_new_tenant()
        };
        let form = Form::of(&campaign, Named::default(), Named::default());
        assert_eq!(form.starts, "2026-11-22T12:30");
        let read = form.read(&campaign).map_err(|mistake| mistake.field);
        assert_eq!(read, Ok(campaign));
    }

    #[test]
    fn waves_are_a_moment_or_a_day_and_a_percentage() {
        let read = waves("2026-12-01 10\n\n 2026-12-08T09:00  50% ");
        let percents = read.map(|waves| waves.iter().map(|wave| wave.percent).collect());
        assert_eq!(percents, Some(vec![10, 50]));
        for bad in [
            "10",
            "2026-12-01",
            "soon 10",
            "2026-12-01 -1",
            "2026-12-01 300",
        ] {
            assert_eq!(waves(bad), None, "{bad}");
        }
    }
}
