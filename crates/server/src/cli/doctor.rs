//! `keyward doctor`: one line for each thing that has to be right, and what to do where it is not.

mod tunnel;

use std::process::ExitCode;

use clap::Args;
use policy::model::{NoticeId, Timestamp};
use serde::Serialize;
use store::DatabaseUrl;
use store::outbox::Standing;

use super::dev_cert;
use crate::clock::{Clock, Random};
use crate::config::{CertificateSource, Config, LogStreamConfig, Settings};
use crate::logs::Sink;
use crate::notify::{Failure, Hook, Mailer};
use crate::start;
use crate::tls::Certificates;

/// 1 January 2026: a clock before this is wrong, and every certificate and code would fail.
const EARLIEST: Timestamp = Timestamp::from_seconds(1_767_225_600);
const CERTIFICATE_WARNING_DAYS: i64 = 14;

/// Flags of `doctor`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Print one JSON value instead of lines
    #[arg(long)]
    json: bool,
}

/// What one check found.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    found: String,
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
}

impl Finding {
    fn good(check: &'static str, found: impl Into<String>) -> Self {
        Self {
            check,
            ok: true,
            found: found.into(),
            remedy: None,
        }
    }

    fn bad(check: &'static str, found: impl Into<String>, remedy: &'static str) -> Self {
        Self {
            check,
            ok: false,
            found: found.into(),
            remedy: Some(remedy),
        }
    }
}

/// Runs every check; exit code 1 if one failed.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = super::configuration(arguments.settings)?;
    let clock = Clock::System;
    let findings = vec![
        Finding::good(
            "configuration",
            format!(
                "{} as {}",
                config.origin(),
                config.relying_party.rp_id.as_str()
            ),
        ),
        check_clock(clock.now()),
        check_certificate(&config, clock.now()),
        check_listen(&config).await,
        check_database(&config).await,
        tunnel::check(&config).await,
        check_mail(&config).await,
        check_webhook(&config, clock.now()).await,
        check_outbox(&config).await,
    ];
    let mut findings = findings;
    for stream in &config.log_streams {
        findings.push(check_log_stream(stream, clock.now()).await);
    }
    print(&findings, arguments.json)?;
    Ok(if findings.iter().all(|finding| finding.ok) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn check_clock(now: Timestamp) -> Finding {
    if now < EARLIEST {
        return Finding::bad(
            "clock",
            format!("{} s since 1970", now.as_seconds()),
            "set the system clock, for example with chrony",
        );
    }
    Finding::good("clock", "plausible")
}

fn check_certificate(config: &Config, now: Timestamp) -> Finding {
    let (cert, key) = match &config.certificate {
        CertificateSource::Development => {
            return Finding::good(
                "certificate",
                "development certificate for localhost, made and renewed by serve",
            );
        }
        CertificateSource::Files { cert, key } => (cert, key),
    };
    if let Err(error) = Certificates::from_files(cert, key) {
        return Finding::bad(
            "certificate",
            error.to_string(),
            "give a PEM chain, leaf first, and the key that belongs to it",
        );
    }
    match dev_cert::days_left(cert, now) {
        Some(days) if days >= CERTIFICATE_WARNING_DAYS => {
            Finding::good("certificate", format!("valid for {days} days"))
        }
        Some(days) if days >= 0 => Finding::bad(
            "certificate",
            format!("ends in {days} days"),
            "renew it and send SIGHUP to serve",
        ),
        Some(_) => Finding::bad(
            "certificate",
            "has ended",
            "renew it and send SIGHUP to serve",
        ),
        None => Finding::bad(
            "certificate",
            "its end cannot be read",
            "check that the first certificate in the file is the server's",
        ),
    }
}

async fn check_listen(config: &Config) -> Finding {
    match tokio::net::TcpListener::bind(config.listen).await {
        Ok(_) => Finding::good("listen", format!("{} is free", config.listen)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Finding::good(
            "listen",
            format!("{} is in use, perhaps by a running serve", config.listen),
        ),
        Err(error) => Finding::bad(
            "listen",
            format!("{}: {error}", config.listen),
            "choose an address of this machine with --listen",
        ),
    }
}

/// Looks without making anything: a doctor that founds a tenant would hide the illness.
async fn check_database(config: &Config) -> Finding {
    let url: DatabaseUrl = match config.database.expose().parse() {
        Ok(url) => url,
        Err(error) => {
            let error: store::StoreError = error;
            return Finding::bad(
                "database",
                error.to_string(),
                "give --database sqlite:FILE or postgres://…",
            );
        }
    };
    if let DatabaseUrl::Sqlite(file) = &url
        && !file.exists()
    {
        return Finding::good(
            "database",
            format!(
                "{} does not exist yet; the first start makes it",
                file.display()
            ),
        );
    }
    match open(config).await {
        Ok(users) => Finding::good("database", format!("{url} opens, {users} tenants")),
        Err(error) => Finding::bad(
            "database",
            format!("{error:#}"),
            "check that the database runs and that the key file in the data folder belongs to it",
        ),
    }
}

/// Connects, greets, protects the connection and signs in, as for a letter.
async fn check_mail(config: &Config) -> Finding {
    let Some(mail) = &config.mail else {
        return Finding::good("mail", "not configured; nobody gets a letter");
    };
    let remedy = "check [mail] in keyward.toml against what the provider of the mail server says";
    let tried = match Mailer::new(mail) {
        Ok(mailer) => mailer.test().await,
        Err(error) => return Finding::bad("mail", format!("{error:#}"), remedy),
    };
    let server = format!("{}:{}", mail.host, mail.port);
    match tried {
        Ok(()) if mail.login.is_some() => {
            Finding::good("mail", format!("{server} takes our name and password"))
        }
        Ok(()) => Finding::good("mail", format!("{server} answers")),
        Err(failure) => Finding::bad("mail", format!("{server}: {}", failure.problem), remedy),
    }
}

/// Posts a notice that says of itself that it is a test, signed like every other.
async fn check_webhook(config: &Config, now: Timestamp) -> Finding {
    let Some(webhook) = &config.webhook else {
        return Finding::good("webhook", "not configured; nothing is posted");
    };
    let id = NoticeId::new(now, Random::system().bytes()).to_string();
    let host = webhook.url.host_str().unwrap_or_default();
    let tried = match Hook::new(webhook) {
        Ok(hook) => hook.test(&id, now).await,
        Err(error) => Err(Failure {
            problem: format!("{error:#}"),
            hopeless: true,
        }),
    };
    match tried {
        Ok(()) => Finding::good("webhook", format!("{host} took a test notice")),
        Err(failure) => Finding::bad(
            "webhook",
            format!("{host}: {}", failure.problem),
            "check that the receiver runs, has the same secret, and answers 2xx to type \"test\"",
        ),
    }
}

/// Connects as for a batch; a webhook and a collector get a test, a file is opened.
async fn check_log_stream(config: &LogStreamConfig, now: Timestamp) -> Finding {
    let id = NoticeId::new(now, Random::system().bytes()).to_string();
    let tried = match Sink::new(config) {
        Ok(mut sink) => sink.test(&id, now).await,
        Err(error) => Err(format!("{error:#}")),
    };
    match tried {
        Ok(()) => Finding::good("log stream", format!("{} is taken", config.name)),
        Err(why) => Finding::bad(
            "log stream",
            format!("{}: {why}", config.name),
            "check that the receiver runs and is what [[log-streams]] in keyward.toml says; records wait for it",
        ),
    }
}

async fn check_outbox(config: &Config) -> Finding {
    let exists = match config.database.expose().parse::<DatabaseUrl>() {
        Ok(DatabaseUrl::Sqlite(file)) => file.exists(),
        Ok(DatabaseUrl::Postgres(_)) => true,
        Err(_) => false,
    };
    if !exists {
        return Finding::good("notices", "none yet");
    }
    match standing(config).await {
        Ok(standing) if standing.given_up > 0 => Finding::bad(
            "notices",
            format!("{} were given up in the last days", standing.given_up),
            "see /admin/notices for what went wrong; tell these people another way",
        ),
        Ok(standing) if standing.failing > 0 => Finding::bad(
            "notices",
            format!("{} of {} fail", standing.failing, standing.waiting),
            "see /admin/notices for what went wrong; they are tried for three days",
        ),
        Ok(standing) => Finding::good("notices", format!("{} wait", standing.waiting)),
        // Why it does not open is said of the database.
        Err(_) => Finding::good("notices", "not known without the database"),
    }
}

async fn standing(config: &Config) -> anyhow::Result<Standing> {
    let store = start::open_store(config, &Random::system()).await?;
    let standing = store.read(|tx| Box::pin(store::outbox::standing(tx))).await;
    standing.map_err(|error: store::StoreError| anyhow::Error::from(error))
}

async fn open(config: &Config) -> anyhow::Result<usize> {
    let store = start::open_store(config, &Random::system()).await?;
    let tenants = store.read(|tx| Box::pin(store::tenants::list(tx))).await;
    Ok(tenants
        .map_err(|error: store::StoreError| anyhow::Error::from(error))?
        .len())
}

fn print(findings: &[Finding], json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(findings)?);
        return Ok(());
    }
    for finding in findings {
        let mark = if finding.ok { "ok  " } else { "FAIL" };
        let remedy = finding
            .remedy
            .map(|remedy| format!(" -> {remedy}"))
            .unwrap_or_default();
        println!("{mark} {}: {}{remedy}", finding.check, finding.found);
    }
    Ok(())
}
