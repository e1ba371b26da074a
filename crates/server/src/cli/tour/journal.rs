//! What the tour prints: one line per step, as it happens.

use std::future::Future;
use std::io::Write as _;

/// Counts the steps and stops at the first that came out otherwise.
#[derive(Debug, Default)]
pub struct Journal {
    steps: usize,
}

impl Journal {
    /// Plays a step and prints how it came out.
    ///
    /// # Errors
    /// Those of the step; nothing after it can come out as told.
    pub async fn step<T>(
        &mut self,
        told: &str,
        play: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        self.steps += 1;
        let played = play.await;
        let verdict = if played.is_ok() { "ok  " } else { "FAIL" };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{verdict} {:>2}  {told}", self.steps)?;
        out.flush()?;
        played
    }

    /// How many steps were played.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps
    }
}
