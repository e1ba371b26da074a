//! A PostgreSQL of this rig's own, which dies as suddenly as the server does.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

const BINARIES: &str = "/usr/lib/postgresql/15/bin";

/// A cluster in a temporary folder, reachable only through a socket in it. Stopped and removed with this value.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
}

impl Postgres {
    /// Makes the cluster and starts it, with all its promises of durability on.
    pub fn start() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("keyward-kill-pg-{}", std::process::id()));
        std::fs::create_dir(&folder)?;
        if is_root()? {
            // PostgreSQL refuses to run as root.
            let accounts = std::fs::read_to_string("/etc/passwd")?;
            let line = accounts.lines().find(|line| line.starts_with("postgres:"));
            let mut ids = line
                .context("there is no account called postgres")?
                .split(':')
                .skip(2);
            let mut next = || ids.next().and_then(|id| id.parse().ok());
            chown(&folder, next(), next())?;
        }
        let postgres = Self { folder };
        postgres.run(
            "initdb",
            &["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C"],
        )?;
        postgres.revive()?;
        Ok(postgres)
    }

    /// Where `keyward serve --database` finds it.
    pub fn address(&self) -> String {
        format!(
            "postgres:///postgres?user=postgres&host={}",
            self.folder.display()
        )
    }

    /// Dies without a checkpoint, as in a crash.
    pub fn crash(&self) -> Result<()> {
        self.run("pg_ctl", &["stop", "-m", "immediate"])
    }

    /// Starts again, which replays its log.
    pub fn revive(&self) -> Result<()> {
        let socket = format!("-k {} -c listen_addresses=", self.folder.display());
        let log = self.folder.join("log").display().to_string();
        self.run("pg_ctl", &["start", "-w", "-l", &log, "-o", &socket])
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let path = Path::new(BINARIES).join(program);
        ensure!(
            path.is_file(),
            "{} is missing (Debian: postgresql-15)",
            path.display()
        );
        let mut command = if is_root()? {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        let status = command
            .arg("-D")
            .arg(self.folder.join("data"))
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        ensure!(status.success(), "{program} failed");
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.crash().ok();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

fn is_root() -> Result<bool> {
    Ok(std::fs::metadata("/proc/self")?.uid() == 0)
}
