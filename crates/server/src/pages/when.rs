use std::fmt;

use askama::filters::HtmlSafe;
use jiff::Timestamp;

/// A moment as a page shows it: a `time` element in UTC for everyone, rewritten to the reader's zone where scripts run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When(Timestamp);

impl When {
    /// From microseconds since 1970-01-01T00:00:00Z; moments outside the calendar's range show as its nearest end.
    pub fn from_micros(micros: i64) -> Self {
        let clamped = Timestamp::from_microsecond(micros);
        Self(clamped.unwrap_or(if micros < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        }))
    }
}

impl When {
    /// `2026-11-22T12:30:00Z`.
    pub fn machine(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// `2026-11-22 12:30 UTC`.
    pub fn plain(self) -> String {
        self.0.strftime("%Y-%m-%d %H:%M UTC").to_string()
    }
}

impl From<policy::model::Timestamp> for When {
    fn from(moment: policy::model::Timestamp) -> Self {
        Self::from_micros(moment.as_micros())
    }
}

// Made of digits and constants only.
impl HtmlSafe for When {}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (machine, plain) = (self.machine(), self.plain());
        write!(f, "<time datetime=\"{machine}\">{plain}</time>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_the_same_for_people_and_machines() {
        let when = When::from_micros(1_795_350_600_000_000);
        let expected = "<time datetime=\"2026-11-22T12:30:00Z\">2026-11-22 12:30 UTC</time>";
        assert_eq!(when.to_string(), expected);
    }

    #[test]
    fn moments_outside_the_calendar_do_not_fail() {
        assert!(When::from_micros(i64::MAX).to_string().contains(">9999-"));
        assert!(When::from_micros(i64::MIN).to_string().contains("UTC"));
    }
}
