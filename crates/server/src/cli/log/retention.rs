//! `keyward log retention`: how long the logs are kept.

use std::process::ExitCode;

use clap::Args;
use policy::model::{
    AuditRecord, Category, CorrelationId, ModifiedProperty, Target, TenantId, Timestamp,
};
use store::StoreError;

use crate::clock::{Clock, Random};
use crate::config::Settings;
use crate::evidence::retention::{Retention, SETTING};
use crate::flow::records;
use crate::start;

/// Flags of `log retention`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Keep the audit log this many days, or `forever`
    #[arg(long, value_name = "DAYS", value_parser = days)]
    audit: Option<Days>,
    /// Keep the sign-in log this many days, or `forever`
    #[arg(long, value_name = "DAYS", value_parser = days)]
    sign_ins: Option<Days>,
    /// Domain or id of the tenant [default: the first one]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Print one JSON value instead of lines
    #[arg(long)]
    json: bool,
}

/// A number of days; none is for ever.
#[derive(Clone, Copy, Debug)]
struct Days(Option<u32>);

fn days(text: &str) -> Result<Days, String> {
    if text == "forever" {
        return Ok(Days(None));
    }
    let days: u32 = text
        .parse()
        .map_err(|_| "a number of days, or forever".to_owned())?;
    if days == 0 {
        return Err("at least one day, or forever".to_owned());
    }
    Ok(Days(Some(days)))
}

/// Sets what was given and shows what is in force.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = super::super::configuration(arguments.settings)?;
    let store = start::open_existing(&config).await?;
    let tenant = super::tenant(&store, arguments.tenant.as_deref()).await?;
    let (audit, sign_ins) = (arguments.audit, arguments.sign_ins);
    let (now, random) = (Clock::System.now(), Random::system());
    let retention = store
        .write(move |tx| {
            Box::pin(async move {
                let old = Retention::of(tx, tenant).await?;
                let new = Retention {
                    audit_days: audit.map_or(old.audit_days, |days| days.0),
                    sign_in_days: sign_ins.map_or(old.sign_in_days, |days| days.0),
                };
                if new != old {
                    let text = text(new);
                    store::settings::put(tx, tenant, SETTING, &text, now).await?;
                    let record = record(now, &random, tenant, (old, new));
                    store::audit::record(tx, &record).await?;
                }
                Ok::<_, StoreError>(new)
            })
        })
        .await?;
    if arguments.json {
        println!("{}", text(retention));
    } else {
        println!("audit: {}", shown(retention.audit_days));
        println!("sign-ins: {}", shown(retention.sign_in_days));
    }
    Ok(ExitCode::SUCCESS)
}

fn record(
    now: Timestamp,
    random: &Random,
    tenant: TenantId,
    (old, new): (Retention, Retention),
) -> AuditRecord {
    let correlation = CorrelationId::new(now, random.bytes());
    let activity = "Update log retention";
    let mut record = records::by_server(now, random, tenant, correlation, activity);
    record.category = Category::DirectoryManagement;
    record.initiated_by = records::by_service("log retention");
    record.targets.push(Target {
        id: SETTING.to_owned(),
        kind: "Setting".to_owned(),
        display_name: Some("Log retention".to_owned()),
        user_principal_name: None,
        modified_properties: vec![ModifiedProperty {
            display_name: SETTING.to_owned(),
            old_value: Some(text(old)),
            new_value: Some(text(new)),
        }],
    });
    record
}

fn text(retention: Retention) -> String {
    // Two numbers in memory have no way to fail.
    serde_json::to_string(&retention).unwrap_or_default()
}

fn shown(days: Option<u32>) -> String {
    days.map_or_else(
        || "kept for ever".to_owned(),
        |days| format!("kept {days} days"),
    )
}
