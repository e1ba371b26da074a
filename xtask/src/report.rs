//! What the gate says at the end: one line per part, then the sum.

use crate::shell::Stopwatch;

/// The outcome of one part of the gate.
pub struct Part {
    name: &'static str,
    passed: usize,
    failures: Vec<String>,
    watch: Stopwatch,
    seconds: f64,
}

impl Part {
    pub fn begin(name: &'static str) -> Self {
        println!("\n--> {name}");
        Self {
            name,
            passed: 0,
            failures: Vec::new(),
            watch: Stopwatch::start(),
            seconds: 0.0,
        }
    }

    pub fn pass(&mut self, count: usize) {
        self.passed += count;
    }

    /// One failed check; `what` says which and why, in one line.
    pub fn fail(&mut self, what: impl Into<String>) {
        let what = what.into();
        println!("    FAILED {what}");
        self.failures.push(what);
    }

    /// One check: passed, or failed with its reason.
    pub fn judge(&mut self, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(reason) => self.fail(reason),
        }
    }

    pub fn end(mut self) -> Self {
        self.seconds = self.watch.elapsed().as_secs_f64();
        println!("    {}", self.line());
        self
    }

    fn line(&self) -> String {
        format!(
            "{:<12} {:>5} passed {:>3} failed {:>7.1} s",
            self.name,
            self.passed,
            self.failures.len(),
            self.seconds
        )
    }

    /// Prints the sum of this part alone; true when nothing failed.
    pub fn print_alone(self) -> bool {
        close(&[self])
    }
}

/// Prints all parts and the sum; true when nothing failed.
pub fn close(parts: &[Part]) -> bool {
    println!();
    for part in parts {
        println!("{}", part.line());
    }
    let passed: usize = parts.iter().map(|part| part.passed).sum();
    let failed: usize = parts.iter().map(|part| part.failures.len()).sum();
    if failed > 0 {
        println!();
        for part in parts {
            for what in &part.failures {
                println!("FAILED {}: {what}", part.name);
            }
        }
    }
    println!("\n{passed} passed, {failed} failed");
    failed == 0
}
