//! The oracle's calendar: British clocks, bank holidays as a plain list, working days and hours by walking.
//!
//! Comes in: instants and days. Goes out: days, instants, counts. Made from the text of the rules (section 9) and from nothing of the
//! program, nor from a time zone database: summer time runs from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday
//! of October.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};

/// Bank holidays of England and Wales, 2019 to 2031, as month and day after the year.
const HOLIDAYS: [(i32, &str); 13] = [
    (2019, "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26"),
    (2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"),
    (2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
    (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
    (2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"),
    (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
    (2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"),
    (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
    (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
    (2028, "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26"),
    (2029, "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26"),
    (2030, "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26"),
    (2031, "01-01 04-11 04-14 05-05 05-26 08-25 12-25 12-26"),
];

/// A day, by its numbers.
pub fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}

/// A local time of day.
pub fn time(hour: u32, minute: u32, second: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, second).expect("a time of day")
}

fn last_sunday(year: i32, month: u32) -> NaiveDate {
    let mut day = date(year, month, 31);
    while day.weekday() != Weekday::Sun {
        day -= Duration::days(1);
    }
    day
}

/// Whether the clocks are an hour ahead of UTC.
fn is_summer(at: NaiveDateTime) -> bool {
    let change = |month| last_sunday(at.year(), month).and_time(time(1, 0, 0));
    change(3) <= at && at < change(10)
}

/// What the clock on the wall shows.
pub fn local(at: DateTime<Utc>) -> NaiveDateTime {
    let plain = at.naive_utc();
    if is_summer(plain) { plain + Duration::hours(1) } else { plain }
}

/// The first instant at which the clock on the wall shows this.
pub fn instant(wall: NaiveDateTime) -> DateTime<Utc> {
    let summer = wall - Duration::hours(1);
    if is_summer(summer) { summer.and_utc() } else { wall.and_utc() }
}

/// The local day.
pub fn day(at: DateTime<Utc>) -> NaiveDate {
    local(at).date()
}

/// 09:00 on a day.
pub fn nine(day: NaiveDate) -> DateTime<Utc> {
    instant(day.and_time(time(9, 0, 0)))
}

/// The last second of a day.
pub fn close(day: NaiveDate) -> DateTime<Utc> {
    instant(day.and_time(time(23, 59, 59)))
}

/// Whether it is a bank holiday.
pub fn is_holiday(day: NaiveDate) -> bool {
    let of_year = HOLIDAYS.iter().find(|(year, _)| *year == day.year()).map_or("", |(_, days)| *days);
    let written = format!("{:02}-{:02}", day.month(), day.day());
    of_year.split(' ').any(|holiday| holiday == written)
}

/// Whether people work on that day.
pub fn is_working(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !is_holiday(day)
}

/// The day itself when it is a working one, else the next that is.
pub fn working_from(mut day: NaiveDate) -> NaiveDate {
    while !is_working(day) {
        day += Duration::days(1);
    }
    day
}

/// The day itself when it is a working one, else the last that was.
pub fn working_until(mut day: NaiveDate) -> NaiveDate {
    while !is_working(day) {
        day -= Duration::days(1);
    }
    day
}

/// The `count`th working day after a day.
pub fn working_days_after(mut day: NaiveDate, count: i64) -> NaiveDate {
    for _ in 0..count {
        day = working_from(day + Duration::days(1));
    }
    day
}

/// The `count`th working day before a day.
pub fn working_days_before(mut day: NaiveDate, count: i64) -> NaiveDate {
    for _ in 0..count {
        day = working_until(day - Duration::days(1));
    }
    day
}

/// Months later, on the same day of the month or on its last.
pub fn months_after(from: NaiveDate, count: u32) -> NaiveDate {
    let months = from.year() * 12 + from.month0() as i32 + count as i32;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) as u32 + 1);
    (1..=from.day()).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day)).expect("a month has a first day")
}

/// Whether it is between 09:00 and 17:00 on a working day. Five o'clock sharp is the end of it.
pub fn is_at_work(at: DateTime<Utc>) -> bool {
    let wall = local(at);
    is_working(wall.date()) && wall.time() >= time(9, 0, 0) && wall.time() < time(17, 0, 0)
}

/// When that many hours of work have passed.
pub fn hours_of_work_after(at: DateTime<Utc>, hours: i64) -> DateTime<Utc> {
    let mut left = hours * 3600;
    let mut today = day(at);
    loop {
        if is_working(today) {
            let begins = nine(today).max(at);
            let ends = instant(today.and_time(time(17, 0, 0)));
            let room = (ends - begins).num_seconds().max(0);
            if left <= room {
                return begins + Duration::seconds(left);
            }
            left -= room;
        }
        today += Duration::days(1);
    }
}
