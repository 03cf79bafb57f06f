//! Working days, working hours and ends of days in local civil time, for England and Wales (section 9, M25).
//!
//! Comes in: instants (UTC) and civil dates. Goes out: the same. Bank holidays follow from rules, with dated exceptions
//! (proclaimed, moved and one-off days) that the settings may add to. Reads no clock.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;

/// Year, month and day of a table.
type Day = (i32, u32, u32);

/// Days proclaimed once, or moved: (moved away from, taken instead). GOV.UK bank holidays, England and Wales.
const MOVED: [(Day, Day); 3] =
    [((2012, 5, 28), (2012, 6, 4)), ((2020, 5, 4), (2020, 5, 8)), ((2022, 5, 30), (2022, 6, 2))];

/// Days proclaimed once beside the yearly ones: royal wedding 2011, jubilees 2012 and 2022, funeral 2022,
/// coronation 2023.
const ONE_OFF: [(i32, u32, u32); 5] = [(2011, 4, 29), (2012, 6, 5), (2022, 6, 3), (2022, 9, 19), (2023, 5, 8)];

/// The years whose bank holidays are asked for again and again.
const YEARS_AT_HAND: RangeInclusive<i32> = 2010..=2060;

/// The calendar of one place: its zone, its bank holidays beside the rules, its hours.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: Tz,
    /// Those of [`YEARS_AT_HAND`], worked out once, and those of the settings.
    holidays: BTreeSet<NaiveDate>,
    day_starts: NaiveTime,
    day_ends: NaiveTime,
}

impl Calendar {
    /// A calendar in a zone, with working hours 09:00–17:00; by the settings, days that are bank holidays beside the rules, and days that
    /// are none against them.
    pub fn new(zone: Tz, more: &[NaiveDate], none: &[NaiveDate]) -> Self {
        let by_rules = YEARS_AT_HAND.flat_map(bank_holidays).filter(|day| !none.contains(day));
        Calendar {
            zone,
            holidays: by_rules.chain(more.iter().copied()).collect(),
            day_starts: time(9, 0),
            day_ends: time(17, 0),
        }
    }

    /// The zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The local civil time of an instant.
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.zone).naive_local()
    }

    /// The local day of an instant: day 0 of a clock that starts then.
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.local(at).date()
    }

    /// The instant of a local civil time. In the hour that occurs twice the first; in the hour that is skipped the instant after it.
    pub fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.zone.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.with_timezone(&Utc),
            LocalResult::None => self.instant(local + chrono::Duration::hours(1)),
        }
    }

    /// 09:00 local on a day: when reminders and chases go out.
    pub fn morning(&self, day: NaiveDate) -> DateTime<Utc> {
        self.instant(day.and_time(self.day_starts))
    }

    /// The close of a local day, 23:59:59: when a deadline in days ends.
    pub fn close(&self, day: NaiveDate) -> DateTime<Utc> {
        self.instant(day.and_time(time(23, 59) + chrono::Duration::seconds(59)))
    }

    /// Whether a day is a bank holiday of England and Wales or one of the settings.
    pub fn is_bank_holiday(&self, day: NaiveDate) -> bool {
        let by_rule = || !YEARS_AT_HAND.contains(&day.year()) && bank_holidays(day.year()).contains(&day);
        self.holidays.contains(&day) || by_rule()
    }

    /// Neither Saturday, Sunday nor bank holiday.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !self.is_bank_holiday(day)
    }

    /// The Nth working day after a day (which itself is day 0).
    pub fn working_days_after(&self, day: NaiveDate, count: u32) -> NaiveDate {
        (0..count).fold(day, |day, _| self.next_working_day(day + Days::new(1)))
    }

    /// The Nth working day before a day.
    pub fn working_days_before(&self, day: NaiveDate, count: u32) -> NaiveDate {
        (0..count).fold(day, |day, _| self.previous_working_day(day - Days::new(1)))
    }

    /// The day itself when it is a working day, else the next one.
    pub fn next_working_day(&self, day: NaiveDate) -> NaiveDate {
        day.iter_days().find(|day| self.is_working_day(*day)).unwrap_or(day)
    }

    /// The day itself when it is a working day, else the one before.
    pub fn previous_working_day(&self, day: NaiveDate) -> NaiveDate {
        std::iter::successors(Some(day), |day| day.pred_opt()).find(|day| self.is_working_day(*day)).unwrap_or(day)
    }

    /// The same day so many months later, or the last day of that month (31 August + 6 months is the last of February).
    pub fn months_after(&self, day: NaiveDate, months: u32) -> NaiveDate {
        day + Months::new(months)
    }

    /// The morning so many months after a day; on a non-working day, of the working day after.
    pub fn monthly(&self, day: NaiveDate, months: u32) -> DateTime<Utc> {
        self.morning(self.next_working_day(self.months_after(day, months)))
    }

    /// The instant at which so many working hours have passed since an instant (T13).
    pub fn working_hours_after(&self, from: DateTime<Utc>, hours: u32) -> DateTime<Utc> {
        let mut left = chrono::Duration::hours(i64::from(hours));
        let mut local = self.local(from);
        loop {
            let day = self.next_working_day(local.date());
            if day != local.date() || local.time() < self.day_starts {
                local = day.and_time(self.day_starts);
            }
            let until_close = day.and_time(self.day_ends) - local;
            if until_close >= left {
                return self.instant(local + left);
            }
            left -= until_close.max(chrono::Duration::zero());
            local = (day + Days::new(1)).and_time(self.day_starts);
        }
    }

    /// The instant itself when it lies in working hours, else the next start of them (T3).
    pub fn in_working_hours(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let local = self.local(at);
        if self.is_working_day(local.date()) && local.time() < self.day_ends {
            return if local.time() < self.day_starts { self.morning(local.date()) } else { at };
        }
        self.morning(self.next_working_day(local.date() + Days::new(1)))
    }
}

/// The bank holidays of England and Wales in a year, by rule with the proclaimed exceptions. Sound for 1978 on.
fn bank_holidays(year: i32) -> BTreeSet<NaiveDate> {
    let easter = easter_sunday(year);
    let mut days: BTreeSet<NaiveDate> = [
        easter - Days::new(2),
        easter + Days::new(1),
        nth_monday(year, 5, 1),
        last_monday(year, 5),
        last_monday(year, 8),
    ]
    .into();
    // A fixed day on a weekend moves to the next weekday that is free.
    for (month, day) in [(1, 1), (12, 25), (12, 26)] {
        let mut taken = date(year, month, day);
        while matches!(taken.weekday(), Weekday::Sat | Weekday::Sun) || days.contains(&taken) {
            taken = taken + Days::new(1);
        }
        days.insert(taken);
    }
    // Boxing Day on a Monday is its own; Christmas on the Sunday before then moves past it.
    if date(year, 12, 25).weekday() == Weekday::Sun {
        days.insert(date(year, 12, 26));
        days.insert(date(year, 12, 27));
    }
    for ((y, m, d), (y2, m2, d2)) in MOVED {
        if y == year {
            days.remove(&date(y, m, d));
            days.insert(date(y2, m2, d2));
        }
    }
    days.extend(ONE_OFF.iter().filter(|(y, _, _)| *y == year).map(|(y, m, d)| date(*y, *m, *d)));
    days
}

/// Western Easter by the Gregorian computus (Meeus).
fn easter_sunday(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    date(year, (n / 31) as u32, (n % 31 + 1) as u32)
}

fn nth_monday(year: i32, month: u32, n: u8) -> NaiveDate {
    NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, n).expect("every month has four Mondays")
}

fn last_monday(year: i32, month: u32) -> NaiveDate {
    NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, 5).unwrap_or_else(|| nth_monday(year, month, 4))
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the tables above")
}

fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("an hour of the day")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::new(chrono_tz::Europe::London, &[], &[])
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// The holidays that the procedure names, and those of GOV.UK's published lists.
    #[test]
    fn section_9_bank_holidays_as_published() {
        let published = [
            (2011, "04-29"),
            (2012, "06-04"),
            (2012, "06-05"),
            (2020, "05-08"),
            (2022, "06-02"),
            (2022, "06-03"),
            (2022, "09-19"),
            (2023, "05-08"),
            (2026, "12-28"),
            (2027, "12-27"),
            (2027, "12-28"),
            (2028, "01-03"),
            (2019, "04-19"),
            (2020, "12-28"),
            (2021, "12-27"),
            (2021, "12-28"),
            (2022, "01-03"),
            (2022, "12-26"),
            (2022, "12-27"),
            (2023, "01-02"),
            (2024, "03-29"),
            (2025, "04-21"),
            (2026, "04-03"),
            (2030, "04-22"),
        ];
        for (year, day) in published {
            let day: NaiveDate = format!("{year}-{day}").parse().unwrap();
            assert!(calendar().is_bank_holiday(day), "{day}");
        }
        for day in ["2020-05-04", "2022-05-30", "2012-05-28", "2022-12-28", "2016-12-28"] {
            assert!(!calendar().is_bank_holiday(day.parse().unwrap()), "{day}");
        }
    }

    /// Every day from 2015 to 2040 against a rule written another way: count the holidays of each year and step day by day.
    #[test]
    fn section_9_m25_every_day_2015_to_2040() {
        let calendar = calendar();
        for year in 2015..=2040 {
            let days: Vec<NaiveDate> = date(year, 1, 1).iter_days().take_while(|d| d.year() == year).collect();
            let holidays = days.iter().filter(|d| calendar.is_bank_holiday(**d)).count();
            let one_offs = match year {
                2022 => 2,
                2023 => 1,
                _ => 0,
            };
            assert_eq!(holidays, 8 + one_offs, "{year}");
            for day in days {
                assert_eq!(calendar.is_bank_holiday(day), independent(day), "{day}");
                assert_eq!(calendar.day(calendar.morning(day)), day);
                assert_eq!(calendar.day(calendar.close(day)), day);
                assert_eq!(calendar.day(calendar.close(day) + chrono::Duration::seconds(1)), day + Days::new(1));
                let fifth = calendar.working_days_after(day, 5);
                let between =
                    day.iter_days().skip(1).take_while(|d| *d <= fifth).filter(|d| calendar.is_working_day(*d));
                assert_eq!(between.count(), 5, "{day}");
                assert!(calendar.is_working_day(fifth));
                let back = calendar.working_days_before(day, 7);
                let between = back.iter_days().take_while(|d| *d < day).filter(|d| calendar.is_working_day(*d));
                assert_eq!(between.count(), 7, "{day}");
            }
        }
    }

    /// Holidays by another road: from the weekday and date of the day itself, Easter by Gauss' older algorithm.
    fn independent(day: NaiveDate) -> bool {
        let (y, m, d, w) = (day.year(), day.month(), day.day(), day.weekday());
        match (y, m, d) {
            (2020, 5, 4) | (2022, 5, 30) => return false,
            (2020, 5, 8) | (2022, 6, 2) | (2022, 6, 3) | (2022, 9, 19) | (2023, 5, 8) => return true,
            _ => {}
        }
        let weekday = !matches!(w, Weekday::Sat | Weekday::Sun);
        let monday = w == Weekday::Mon;
        let new_year = m == 1 && weekday && (d == 1 || (monday && d <= 3));
        let may = m == 5 && monday && (d <= 7 || d > 24);
        let august = m == 8 && monday && d > 24;
        let christmas = m == 12
            && weekday
            && match d {
                25 | 26 => true,
                27 => matches!(w, Weekday::Mon | Weekday::Tue),
                28 => matches!(w, Weekday::Mon | Weekday::Tue),
                _ => false,
            };
        let (a, b, c) = (y % 19, y % 4, y % 7);
        let dd = (19 * a + 24) % 30;
        let e = (2 * b + 4 * c + 6 * dd + 5) % 7;
        let mut offset = 22 + dd + e;
        if dd == 29 && e == 6 || dd == 28 && e == 6 && (11 * 24 + 11) % 30 < 19 && a > 10 {
            offset -= 7;
        }
        let easter = date(y, 3, 1) + Days::new(offset as u64 - 1);
        new_year || may || august || christmas || day == easter - Days::new(2) || day == easter + Days::new(1)
    }

    /// Working hours across a weekend, and elapsed time across both clock changes.
    #[test]
    fn section_9_m25_working_hours_and_clock_changes() {
        let calendar = calendar();
        // Friday 16:00 GMT: an hour on Friday, three on Monday.
        assert_eq!(calendar.working_hours_after(utc("2026-01-09T16:00:00Z"), 4), utc("2026-01-12T12:00:00Z"));
        // Saturday: four hours from Monday's opening; 2026-03-30 is the first working day of summer time.
        assert_eq!(calendar.working_hours_after(utc("2026-03-28T10:00:00Z"), 4), utc("2026-03-30T12:00:00Z"));
        // At 17:00 sharp the day is over.
        assert_eq!(calendar.working_hours_after(utc("2026-01-09T17:00:00Z"), 1), utc("2026-01-12T10:00:00Z"));
        assert_eq!(calendar.in_working_hours(utc("2026-01-09T17:00:00Z")), utc("2026-01-12T09:00:00Z"));
        assert_eq!(calendar.in_working_hours(utc("2026-01-09T08:59:59Z")), utc("2026-01-09T09:00:00Z"));
        // 01:30 local does not exist on 2026-03-29, and exists twice on 2026-10-25.
        let gap = date(2026, 3, 29).and_hms_opt(1, 30, 0).unwrap();
        assert_eq!(calendar.instant(gap), utc("2026-03-29T01:30:00Z"));
        let twice = date(2026, 10, 25).and_hms_opt(1, 30, 0).unwrap();
        assert_eq!(calendar.instant(twice), utc("2026-10-25T00:30:00Z"));
        assert_eq!(calendar.morning(date(2026, 10, 26)), utc("2026-10-26T09:00:00Z"));
        assert_eq!(calendar.morning(date(2026, 10, 24)), utc("2026-10-24T08:00:00Z"));
    }

    /// A day that is proclaimed counts from when the settings say so, and one that is moved does so no more.
    #[test]
    fn m25_the_settings_add_and_take_away_bank_holidays() {
        let (moved, instead) = (date(2027, 5, 3), date(2027, 5, 7));
        assert_eq!(calendar().working_days_after(date(2027, 4, 30), 5), date(2027, 5, 10));
        let settled = Calendar::new(chrono_tz::Europe::London, &[instead], &[moved]);
        assert_eq!((settled.is_bank_holiday(moved), settled.is_bank_holiday(instead)), (false, true));
        assert_eq!(settled.working_days_after(date(2027, 4, 30), 4), date(2027, 5, 6));
        assert_eq!(settled.working_days_after(date(2027, 4, 30), 5), date(2027, 5, 10));
    }

    /// N5's example: seven working days before publication on Tuesday 6 April 2027 is Wednesday 24 March 2027.
    #[test]
    fn n5_seven_working_days_before_publication() {
        assert_eq!(calendar().working_days_before(date(2027, 4, 6), 7), date(2027, 3, 24));
        assert_eq!(calendar().months_after(date(2026, 8, 31), 6), date(2027, 2, 28));
    }
}
