//! `keyward log prove`: a proof about one record, for somebody who has a checkpoint.

use std::process::ExitCode;

use clap::Args;
use policy::model::RecordId;

use crate::config::Settings;
use crate::evidence::prove;
use crate::start;

/// Flags of `log prove`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// The id of an audit or sign-in record
    #[arg(value_name = "RECORD_ID")]
    record: RecordId,
}

/// Prints the proof as one JSON value.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = super::super::configuration(arguments.settings)?;
    let store = start::open_existing(&config).await?;
    let proof = prove::prove(&store, arguments.record).await?;
    println!("{}", serde_json::to_string(&proof)?);
    Ok(ExitCode::SUCCESS)
}
