//! Questions about one person: what would conditional access say, may they register, and if not, which rule says no.
//!
//! Every answer comes from the functions that decide; what cannot be known from the directory (where somebody will come
//! from, what they have just shown) is part of the question.

use std::net::IpAddr;
use std::sync::Arc;

use policy::access::{Request, Wish};
use policy::campaign::{self, Arrival, Nudge, Snoozes};
use policy::client::Client;
use policy::explain::{self, Explanation, WhatIf};
use policy::impact::Resident;
use policy::model::{Browser, ClientType, Platform, Provenance, System, Timestamp, UserId};
use policy::register::{Situation, Standing};
use policy::roles::Task;
use policy::snapshot::Snapshot;
use store::Page;

use super::governor::Governor;
use super::refusal::GovernRefusal;
use crate::app::AppState;

/// What somebody would want, and from where.
#[derive(Clone, Debug)]
pub struct Question {
    /// What for.
    pub wish: Wish,
    /// Authentication contexts that would be asked for as well.
    pub contexts: Vec<String>,
    /// As their browser would claim.
    pub platform: Option<Platform>,
    /// What kind of program.
    pub client: ClientType,
    /// Where from.
    pub address: IpAddr,
    /// Begun by a device code.
    pub device_code: bool,
}

/// What conditional access would say.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// The policies that were asked.
    pub snapshot: Arc<Snapshot>,
    /// About whom.
    pub resident: Resident,
    /// What they would say.
    pub what_if: WhatIf,
}

/// Everything about one person's passkeys.
#[derive(Clone, Debug)]
pub struct Told {
    /// The policies that were asked.
    pub snapshot: Arc<Snapshot>,
    /// About whom.
    pub resident: Resident,
    /// What every rule says, as if they had shown two factors just now.
    pub explanation: Explanation,
    /// What conditional access says to the sign-in itself.
    pub signing_in: WhatIf,
    /// When they last showed two factors in a session that is alive. Registering takes some of the last five minutes.
    pub last_mfa: Option<Timestamp>,
    /// Whether a campaign would ask them now.
    pub nudge: Nudge,
}

/// What conditional access would say to a person with what they have registered.
pub async fn what_if(
    app: &AppState,
    governor: &Governor,
    user: UserId,
    question: &Question,
) -> Result<Forecast, GovernRefusal> {
    governor.may(Task::ReadPolicies)?;
    let (snapshot, resident) = read(app, governor, user).await?;
    let now = app.clock.now();
    Ok(Forecast {
        what_if: explain::what_if(&snapshot, &resident, &question.request(), now),
        snapshot,
        resident,
    })
}

/// Why a person may or may not register and sign in, from where the question says they are.
pub async fn person(
    app: &AppState,
    governor: &Governor,
    user: UserId,
    question: &Question,
) -> Result<Told, GovernRefusal> {
    governor.may(Task::ReadMethods)?;
    let (snapshot, resident) = read(app, governor, user).await?;
    let (tenant, now) = (governor.tenant(), app.clock.now());
    let history = app.store.read(move |tx| {
        Box::pin(async move {
            let sessions = store::sessions::of_user(tx, tenant, user, now, Page::first(20)).await?;
            let last_mfa = sessions.iter().filter_map(|session| session.mfa).max();
            let snoozes = store::campaigns::snoozes(tx, tenant, user).await?;
            Ok::<_, GovernRefusal>((last_mfa, snoozes))
        })
    });
    let (last_mfa, snoozes) = history.await?;
    let request = question.request();
    let standing = Standing::Mfa(now);
    let explanation = explain::person(&snapshot, &resident, &request, standing, now);
    let granted = explanation
        .registering_access
        .ways
        .iter()
        .any(|way| way.enough);
    Ok(Told {
        signing_in: explain::what_if(&snapshot, &resident, &request, now),
        nudge: nudge(&snapshot, &resident, question, granted, snoozes, now),
        explanation,
        last_mfa,
        snapshot,
        resident,
    })
}

impl Question {
    fn request(&self) -> Request<'_> {
        Request {
            wish: self.wish,
            contexts: &self.contexts,
            acr: None,
            platform: self.platform,
            client: self.client,
            address: self.address,
            device_code: self.device_code,
            began: None,
        }
    }
}

async fn read(
    app: &AppState,
    governor: &Governor,
    user: UserId,
) -> Result<(Arc<Snapshot>, Resident), GovernRefusal> {
    let (tenant, now) = (governor.tenant(), app.clock.now());
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let versions = store::versions::of(tx, tenant).await?.unwrap_or_default();
            let resident = store::residents::find(tx, tenant, user, now).await?;
            let resident = resident.ok_or(GovernRefusal::NotFound)?;
            Ok::<_, GovernRefusal>((versions.policy, resident))
        })
    });
    let (version, resident) = found.await?;
    Ok((app.snapshots.of(app, tenant, version).await?, resident))
}

/// As after a sign-in with two factors, in a browser of no special kind.
fn nudge(
    snapshot: &Snapshot,
    resident: &Resident,
    question: &Question,
    granted: bool,
    snoozes: Snoozes,
    now: Timestamp,
) -> Nudge {
    let subject = snapshot.subject(&resident.user, &resident.roles, &resident.groups);
    let situation = campaign::Situation {
        registering: Situation {
            subject: &subject,
            existing: &resident.passkeys,
            standing: Standing::Mfa(now),
            provenance: Provenance::SignInInterrupt,
        },
        registration_granted: granted,
        multi_factor: true,
        makes_passkeys: false,
        client: Client {
            system: system(question.platform),
            browser: Browser::Unknown,
            embedded: false,
        },
        arrival: Arrival::SignIn,
        just_registered: false,
        used_here: &[],
        snoozes,
    };
    campaign::decide(snapshot, &situation, now)
}

const fn system(platform: Option<Platform>) -> System {
    match platform {
        None => System::Unknown,
        Some(Platform::Android) => System::Android,
        Some(Platform::Ios) => System::Iphone,
        Some(Platform::Windows | Platform::WindowsPhone) => System::Windows,
        Some(Platform::MacOs) => System::MacOs,
        Some(Platform::Linux) => System::Linux,
    }
}
