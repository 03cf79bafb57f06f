//! Reporting years: where they begin, what "2025-26" means, which one a scheduled report is about.
//!
//! Comes in: text of the settings and of the command line, local days. Goes out: first and last local day, both included. Pure.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};

/// First and last local day, both included.
pub type Period = (NaiveDate, NaiveDate);

/// The day on which a reporting year begins, `MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearStart {
    month: u32,
    day: u32,
}

/// Why a period cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Not a month and day that every year has.
    #[error("\"{0}\" is no day on which a reporting year can begin: write month and day, for example 04-01")]
    Start(String),
    /// Not a year.
    #[error("\"{0}\" is no reporting year: write it as 2025-26")]
    Year(String),
    /// The last day lies before the first.
    #[error("the period ends ({1}) before it begins ({0})")]
    Backwards(NaiveDate, NaiveDate),
}

impl Default for YearStart {
    /// 1 April.
    fn default() -> Self {
        YearStart { month: 4, day: 1 }
    }
}

impl std::str::FromStr for YearStart {
    type Err = Unusable;

    fn from_str(text: &str) -> Result<Self, Unusable> {
        let wrong = || Unusable::Start(text.to_owned());
        let (month, day) = text.trim().split_once('-').ok_or_else(wrong)?;
        let (month, day) = (month.parse().map_err(|_| wrong())?, day.parse().map_err(|_| wrong())?);
        // 29 February is not in every year.
        NaiveDate::from_ymd_opt(2023, month, day).ok_or_else(wrong)?;
        Ok(YearStart { month, day })
    }
}

impl YearStart {
    /// From month and day; `None` where not every year has it.
    pub fn new(month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(2023, month, day).map(|_| YearStart { month, day })
    }

    /// The reporting year that begins in a calendar year; `None` at the ends of time.
    pub fn year_from(self, year: i32) -> Option<Period> {
        let from = NaiveDate::from_ymd_opt(year, self.month, self.day)?;
        Some((from, from.checked_add_months(Months::new(12))?.pred_opt()?))
    }
}

/// The days of a reporting year: `2025-26`, `2025-2026` or `2025/26`; where the year begins on 1 January `2025` too.
pub fn period_of_year(text: &str, start: YearStart) -> Result<Period, Unusable> {
    let wrong = || Unusable::Year(text.to_owned());
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let trimmed = text.trim();
    let (first, second) =
        trimmed.split_once(['-', '/', '–']).map_or((trimmed, None), |(a, b)| (a.trim(), Some(b.trim())));
    if first.len() != 4 || !digits(first) {
        return Err(wrong());
    }
    let year: i32 = first.parse().map_err(|_| wrong())?;
    let calendar_year = start == YearStart { month: 1, day: 1 };
    let fits = match second {
        None => calendar_year,
        Some(second) if digits(second) => match second.len() {
            2 => second.parse() == Ok((year + 1).rem_euclid(100)),
            4 => second.parse() == Ok(year + 1),
            _ => false,
        },
        Some(_) => false,
    };
    start.year_from(year).filter(|_| fits).ok_or_else(wrong)
}

/// The last reporting year that was over before a local day: what a scheduled report is about.
pub fn year_before(day: NaiveDate, start: YearStart) -> Period {
    let over = |year: i32| start.year_from(year).filter(|(_, to)| *to < day);
    let year = day.year();
    over(year - 1).or_else(|| over(year - 2)).unwrap_or((day, day))
}

/// First and last day as they were typed.
pub fn from_to(from: NaiveDate, to: NaiveDate) -> Result<Period, Unusable> {
    if to < from { Err(Unusable::Backwards(from, to)) } else { Ok((from, to)) }
}

/// The period before, for comparison: the same days a year earlier, or as many days before for a period longer than a year.
pub fn before(period: Period) -> Period {
    let (from, to) = period;
    let after = to + Days::new(1);
    let earlier = (from - Months::new(12), after - Months::new(12) - Days::new(1));
    if earlier.1 < from {
        return earlier;
    }
    let days = (after - from).num_days().unsigned_abs();
    (from - Days::new(days), from - Days::new(1))
}

/// The time at which the report of the period before would have been made, for one that is made now of a period.
pub fn earlier(now: DateTime<Utc>, period: Period) -> DateTime<Utc> {
    let before = before(period);
    let a_year = period.0.checked_sub_months(Months::new(12)) == Some(before.0);
    let earlier = now.checked_sub_months(Months::new(12)).filter(|_| a_year);
    earlier.or_else(|| now.checked_sub_signed(period.0 - before.0)).unwrap_or(now)
}

/// A period in words: "1 April 2025 to 31 March 2026".
pub fn in_words(period: Period) -> String {
    format!("{} to {}", period.0.format("%-d %B %Y"), period.1.format("%-d %B %Y"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn reporting_years_as_people_write_them() {
        let april = YearStart::default();
        let wanted = (day("2025-04-01"), day("2026-03-31"));
        for text in ["2025-26", "2025-2026", "2025/26", " 2025-26 ", "2025–26"] {
            assert_eq!(period_of_year(text, april), Ok(wanted), "{text}");
        }
        for text in ["2025", "2025-27", "25-26", "2025-", "", "x", "2025-026", "+025-26", "2025-26-27", "99999-00"] {
            assert!(period_of_year(text, april).is_err(), "{text}");
        }
        assert_eq!(period_of_year("1999-00", april).unwrap().0, day("1999-04-01"));
        let january: YearStart = "01-01".parse().unwrap();
        assert_eq!(period_of_year("2025", january), Ok((day("2025-01-01"), day("2025-12-31"))));
        for text in ["02-29", "13-01", "4", "", "04-31"] {
            assert!(text.parse::<YearStart>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_year_before_a_schedule() {
        let april = YearStart::default();
        assert_eq!(year_before(day("2026-04-20"), april), (day("2025-04-01"), day("2026-03-31")));
        assert_eq!(year_before(day("2026-04-01"), april), (day("2025-04-01"), day("2026-03-31")));
        assert_eq!(year_before(day("2026-03-31"), april), (day("2024-04-01"), day("2025-03-31")));
        let march: YearStart = "03-01".parse().unwrap();
        assert_eq!(year_before(day("2024-03-05"), march), (day("2023-03-01"), day("2024-02-29")));
    }

    #[test]
    fn the_period_before_for_comparison() {
        assert_eq!(before((day("2025-04-01"), day("2026-03-31"))), (day("2024-04-01"), day("2025-03-31")));
        assert_eq!(before((day("2025-03-01"), day("2025-03-31"))), (day("2024-03-01"), day("2024-03-31")));
        // February in a leap year keeps its last day.
        assert_eq!(before((day("2024-03-01"), day("2025-02-28"))), (day("2023-03-01"), day("2024-02-29")));
        let (from, to) = before((day("2024-01-01"), day("2025-12-31")));
        assert_eq!((from, to), (day("2021-12-31"), day("2023-12-31")));
    }
}
