//! Dates and times as mails say them: "Monday 2 February 2026", "23:14 on Monday 2 February 2026".
//!
//! Comes in: UTC instants and local days, with the calendar that knows the zone. Goes out: plain English.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Timelike, Utc};

use crate::incident::calendar::Calendar;

/// A local day: "Monday 2 February 2026".
pub(crate) fn day(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}

/// A local time of day: "23:14"; in the hour that the clocks repeat in October, with which of the two it is: "01:30 GMT".
pub(crate) fn clock(calendar: &Calendar, at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&calendar.zone());
    let comes_twice = calendar.zone().from_local_datetime(&local.naive_local()).single().is_none();
    local.format(if comes_twice { "%H:%M %Z" } else { "%H:%M" }).to_string()
}

/// Whether people would call a time tonight: from 17:00 to 06:00, local.
pub(crate) fn is_night(calendar: &Calendar, at: DateTime<Utc>) -> bool {
    !(6..17).contains(&calendar.local(at).hour())
}

/// An instant: "23:14 on Monday 2 February 2026".
pub(crate) fn instant(calendar: &Calendar, at: DateTime<Utc>) -> String {
    format!("{} on {}", clock(calendar, at), day(calendar.day(at)))
}

/// A due time: the day alone where it is the close of a day, as all lengths in days are (section 9); else with the hour.
pub(crate) fn due(calendar: &Calendar, at: DateTime<Utc>) -> String {
    if is_close(calendar, at) { day(calendar.day(at)) } else { instant(calendar, at) }
}

/// Whether a time is the close of a local day, and so stands for a deadline in days.
pub(crate) fn is_close(calendar: &Calendar, at: DateTime<Utc>) -> bool {
    calendar.local(at).time().num_seconds_from_midnight() == 86_399
}

/// A normalised value of a form (`2026-02-02`, `2026-02-02T23:14`) in words; `None` for anything else.
pub(crate) fn of_value(value: &str) -> Option<String> {
    if let Ok(date) = NaiveDate::parse_from_str(value, "%Y-%m-%d") {
        return Some(day(date));
    }
    let at = NaiveDateTime::parse_from_str(value, "%Y-%m-%dT%H:%M").ok()?;
    Some(format!("{} on {}", at.format("%H:%M"), day(at.date())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_9_dates_name_the_weekday_and_days_have_no_hour() {
        let calendar = Calendar::new(chrono_tz::Europe::London, &[], &[]);
        let close = calendar.close(NaiveDate::from_ymd_opt(2026, 7, 6).unwrap());
        assert_eq!(due(&calendar, close), "Monday 6 July 2026");
        assert_eq!(due(&calendar, "2026-07-06T22:14:00Z".parse().unwrap()), "23:14 on Monday 6 July 2026");
        assert_eq!(of_value("2026-02-02").as_deref(), Some("Monday 2 February 2026"));
        assert_eq!(of_value("2026-02-02T09:30").as_deref(), Some("09:30 on Monday 2 February 2026"));
        assert_eq!(of_value("no"), None);
        for (at, said) in [("00:30", "01:30 BST"), ("01:30", "01:30 GMT"), ("02:30", "02:30")] {
            assert_eq!(clock(&calendar, format!("2026-10-25T{at}:00Z").parse().unwrap()), said);
        }
    }
}
