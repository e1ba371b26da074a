//! Running programs: from the repository's root, without standard input, with a deadline, their output shown and kept.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The repository's root folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The folder of everything made here: `CARGO_TARGET_DIR`, else `target`.
pub fn target() -> PathBuf {
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo's own variable; xtask has no configuration file"
    )]
    let chosen = std::env::var_os("CARGO_TARGET_DIR");
    chosen.map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// A running clock for the lines of the report.
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where xtask reads a clock"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where xtask reads a clock"
    )]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// What a finished program left behind.
pub struct Finished {
    pub success: bool,
    /// Standard output, and standard error where the two were joined.
    pub lines: Vec<String>,
}

/// One program to run.
pub struct Run {
    command: Command,
    words: String,
    deadline: Duration,
    quiet: bool,
}

/// Starts the description of a run of `program`, with ten minutes as its deadline.
pub fn run(program: impl AsRef<OsStr>) -> Run {
    let mut command = Command::new(program.as_ref());
    command
        .current_dir(root())
        .stdin(Stdio::null())
        .env("CI", "true")
        .env("INSTA_UPDATE", "no");
    let words = program.as_ref().to_string_lossy().into_owned();
    Run {
        command,
        words,
        deadline: Duration::from_secs(600),
        quiet: false,
    }
}

/// The cargo that runs this xtask.
pub fn cargo() -> Run {
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo tells its children where it is"
    )]
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(cargo)
}

impl Run {
    pub fn args<S: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        for word in words {
            self.words.push(' ');
            self.words.push_str(&word.as_ref().to_string_lossy());
            self.command.arg(word);
        }
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn env_remove(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// After this long the program is killed and counts as failed.
    pub fn within(mut self, seconds: u64) -> Self {
        self.deadline = Duration::from_secs(seconds);
        self
    }

    /// Keeps the output instead of showing it as it comes.
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Runs to the end; only a program that could not be started is an error.
    pub fn finish(mut self) -> Result<Finished> {
        let watch = Stopwatch::start();
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{}`", self.words))?;
        let (sender, receiver) = mpsc::channel();
        forward(child.stdout.take(), sender.clone());
        forward(child.stderr.take(), sender);
        let mut lines = Vec::new();
        let mut late = false;
        loop {
            let left = self.deadline.saturating_sub(watch.elapsed());
            match receiver.recv_timeout(left) {
                Ok(line) => {
                    if !self.quiet {
                        println!("    {line}");
                    }
                    lines.push(line);
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    late = true;
                    child.kill().ok();
                    break;
                }
            }
        }
        let status = child
            .wait()
            .with_context(|| format!("lost `{}`", self.words))?;
        if late {
            lines.push(format!(
                "killed after {} s: `{}`",
                self.deadline.as_secs(),
                self.words
            ));
        }
        Ok(Finished {
            success: status.success() && !late,
            lines,
        })
    }

    /// Runs to the end and makes a failure an error that carries the last lines of output.
    pub fn must(self) -> Result<Finished> {
        let (words, quiet) = (self.words.clone(), self.quiet);
        let finished = self.finish()?;
        if !finished.success {
            let tail = finished.tail(if quiet { 20 } else { 0 });
            bail!("`{words}` failed\n{tail}");
        }
        Ok(finished)
    }
}

impl Finished {
    /// The last `count` lines.
    pub fn tail(&self, count: usize) -> String {
        let from = self.lines.len().saturating_sub(count);
        self.lines.get(from..).unwrap_or_default().join("\n")
    }
}

fn forward(stream: Option<impl std::io::Read + Send + 'static>, sender: mpsc::Sender<String>) {
    let Some(stream) = stream else { return };
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while reader
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            if sender.send(text).is_err() {
                return;
            }
        }
    });
}
