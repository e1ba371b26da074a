//! Calendar dates as the metadata writes them.

use std::fmt;

use crate::UnixTime;

const SECONDS_PER_DAY: i64 = 86_400;

/// A date in UTC, `YYYY-MM-DD` (RFC 3339 `full-date`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// Reads `YYYY-MM-DD`; `None` for everything else, also for days that no calendar has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let digits =
            |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if parts.next().is_some() || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
            return None;
        }
        let date = Self {
            year: year.parse().ok()?,
            month: month.parse().ok()?,
            day: day.parse().ok()?,
        };
        date.exists().then_some(date)
    }

    /// Midnight at the start of the day.
    #[must_use]
    pub fn start(self) -> UnixTime {
        UnixTime::from_seconds(self.days_since_1970() * SECONDS_PER_DAY)
    }

    /// Whole days from the end of this day to `at`; zero as long as the day has not ended.
    #[must_use]
    pub fn days_past(self, at: UnixTime) -> u32 {
        let past = at.seconds().saturating_sub(self.start().seconds());
        u32::try_from(past.div_euclid(SECONDS_PER_DAY)).unwrap_or(0)
    }

    fn exists(self) -> bool {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let days = match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return false,
        };
        (1..=days).contains(&self.day)
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar. Years begin in March here, so that the
    /// leap day is the last day of its year.
    fn days_since_1970(self) -> i64 {
        let before_march = self.month <= 2;
        let year = i64::from(self.year) - i64::from(before_march);
        let month = i64::from(self.month) + if before_march { 9 } else { -3 };
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        365 * year + leap_days + day_of_year - 719_468
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::Date;
    use crate::UnixTime;

    #[test]
    fn dates_become_the_midnights_that_the_date_command_prints() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("1969-12-31", -86_400),
            ("2000-02-29", 951_782_400),
            ("2023-10-01", 1_696_118_400),
            ("2100-03-01", 4_107_542_400),
        ] {
            let date = Date::parse(text).unwrap();
            assert_eq!(date.start(), UnixTime::from_seconds(seconds), "{text}");
            assert_eq!(date.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_date_is_not_read() {
        for text in [
            "",
            "2023-13-01",
            "2023-00-01",
            "2023-02-29",
            "2023-04-31",
            "2023-1-01",
            "2023-01-01T00:00:00Z",
            "+023-01-01",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_is_past_when_it_has_ended() {
        let date = Date::parse("2023-10-01").unwrap();
        let days = |seconds: i64| date.days_past(UnixTime::from_seconds(1_696_118_400 + seconds));
        assert_eq!(
            [days(-1), days(0), days(86_399), days(86_400), days(864_000)],
            [0, 0, 0, 1, 10]
        );
    }
}
