//! `keyward log erase`: what both logs say about a person is destroyed.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use store::{Options, Store};

use crate::clock::{Clock, Random};
use crate::config::Settings;
use crate::evidence::sequencer::Sequencer;
use crate::flow::erase::{self, Erased};
use crate::start;

/// Flags of `log erase`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// User principal name, or the id of an account that was deleted
    #[arg(long, value_name = "NAME")]
    user: String,
    /// Domain or id of the tenant [default: the first one]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Print one JSON value instead of lines
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    user_id: String,
    audit: u64,
    sign_ins: u64,
    correlation_id: String,
}

/// Erases, and says how much there was.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = super::super::configuration(arguments.settings)?;
    let store = start::open_existing_with(&config, |options: &mut Options| {
        options.sqlite_secure_delete = true;
    })
    .await?;
    let tenant = super::tenant(&store, arguments.tenant.as_deref()).await?;
    let user = super::person(&store, tenant, &arguments.user).await?;
    let (clock, random) = (Clock::System, Random::system());
    let erased = erase_all(&store, &clock, &random, &config.data, (tenant, user)).await?;
    if arguments.json {
        let answer = Answer {
            user_id: user.to_string(),
            audit: erased.audit,
            sign_ins: erased.sign_ins,
            correlation_id: erased.correlation.to_string(),
        };
        println!("{}", serde_json::to_string(&answer)?);
    } else {
        println!(
            "erased {user} from {} audit and {} sign-in records",
            erased.audit, erased.sign_ins
        );
        println!("audited under correlation id {}", erased.correlation);
    }
    Ok(ExitCode::SUCCESS)
}

/// Records of programs that knew no evidence have no salt to destroy: they get one first.
async fn erase_all(
    store: &Store,
    clock: &Clock,
    random: &Random,
    data: &std::path::Path,
    person: (policy::model::TenantId, policy::model::UserId),
) -> anyhow::Result<Erased> {
    let mut sequencer = Sequencer::new(store.clone(), clock.clone(), random.clone(), data);
    sequencer.adopt().await?;
    sequencer.leave().await?;
    Ok(erase::erase_person(store, clock.now(), random, person).await?)
}
