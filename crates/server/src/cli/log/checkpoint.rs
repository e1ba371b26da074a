//! `keyward log checkpoint`: the newest signed heads, to be kept where the database is not.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use policy::model::TenantId;
use store::evidence::{self, Log};
use store::{Store, StoreError};

use crate::config::Settings;
use crate::evidence::checkpoint;
use crate::evidence::streams::Line;
use crate::start;

/// Flags of `log checkpoint`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Print the signed note of this log instead of a JSON line per log
    #[arg(long)]
    log: Option<LogName>,
    /// Domain or id of the tenant [default: the first one]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Print one JSON value instead of lines
    #[arg(long, conflicts_with = "log")]
    json: bool,
}

/// The two logs as arguments.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogName {
    Audit,
    SignIns,
}

impl From<LogName> for Log {
    fn from(name: LogName) -> Self {
        match name {
            LogName::Audit => Self::Audit,
            LogName::SignIns => Self::SignIns,
        }
    }
}

/// Prints them.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = super::super::configuration(arguments.settings)?;
    let store = start::open_existing(&config).await?;
    let tenant = super::tenant(&store, arguments.tenant.as_deref()).await?;
    if let Some(log) = arguments.log {
        let Some((_, note)) = head(&store, tenant, log.into()).await? else {
            anyhow::bail!("this log has no records yet");
        };
        print!("{note}");
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = Vec::new();
    for log in Log::ALL {
        lines.extend(head(&store, tenant, log).await?.map(|(line, _)| line));
    }
    if arguments.json {
        println!("{}", serde_json::to_string(&lines)?);
    } else {
        for line in &lines {
            println!("{}", serde_json::to_string(line)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn head(store: &Store, tenant: TenantId, log: Log) -> anyhow::Result<Option<(Line, String)>> {
    let tree = store
        .read(move |tx| Box::pin(async move { evidence::tree(tx, tenant, log).await }))
        .await
        .map_err(|error: StoreError| anyhow::Error::from(error))?;
    let Some(tree) = tree else { return Ok(None) };
    let (said, _) = checkpoint::read(&tree.head)?;
    Ok(Some((Line::new(&said, tree.head.clone()), tree.head)))
}
