//! Dates and times as people write them: day before month, ordinals, month names, two-digit years, `0640 hrs`, `6.40 pm`.
//!
//! Comes in: the words. Goes out: a civil date or time, or why it is none. A weekday that does not fit its date is refused
//! naming both, a range or a vague word ("overnight") is never narrowed to one day. Serves the forms and the decisions by
//! reply alike. Knows nothing of zones: all values are local civil time.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};

/// Why the words are no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateProblem {
    /// No date can be seen in the words.
    #[error("this is not a date that we can read")]
    NotADate,
    /// More than one date, a range, or words such as "early hours".
    #[error("this is not one exact date")]
    Vague,
    /// 31 February, month 14.
    #[error("there is no such day: {day}/{month}/{year}")]
    NoSuchDay {
        /// The day as written.
        day: u32,
        /// The month as written.
        month: u32,
        /// The year as written or assumed.
        year: i32,
    },
    /// The weekday named is not that date's.
    #[error("{written} does not fit: {date} is a {actual}")]
    Weekday {
        /// The weekday as written, in full.
        written: &'static str,
        /// The date, as 18 December 2026.
        date: String,
        /// The weekday of that date, in full.
        actual: &'static str,
    },
}

/// What a two-digit year or a missing year means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Century {
    /// Events: 26 is 2026.
    This,
    /// Births: the latest year that is not after the given one.
    Past(i32),
}

/// A date, with the time when one was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// The day.
    pub date: NaiveDate,
    /// The time of day, to the minute.
    pub time: Option<NaiveTime>,
}

/// Reads one date, which has to be all that the words say. Without a year it is the first such day on or after `from`.
///
/// # Errors
/// See [`DateProblem`].
pub fn parse_date(text: &str, from: NaiveDate) -> Result<NaiveDate, DateProblem> {
    let when = parse_when(text, Some(from), Century::This)?;
    if when.time.is_some() { Err(DateProblem::NotADate) } else { Ok(when.date) }
}

/// Reads a date with an optional time; without a year it is the first such day on or after `from`.
///
/// # Errors
/// See [`DateProblem`].
pub fn parse_date_time(text: &str, from: NaiveDate) -> Result<When, DateProblem> {
    parse_when(text, Some(from), Century::This)
}

/// Reads a date with an optional time. `from` None: a date without a year is [`DateProblem::NotADate`].
///
/// # Errors
/// See [`DateProblem`].
pub fn parse_when(text: &str, from: Option<NaiveDate>, century: Century) -> Result<When, DateProblem> {
    let tokens = tokens(text);
    let mut found = Found::default();
    let mut at = 0;
    while at < tokens.len() {
        at += found.take(&tokens[at..])?;
    }
    found.finish(from, century)
}

/// Reads a time of day: `06:40`, `6.40 pm`, `0640 hrs`, `6pm`, `noon`.
pub fn parse_time(text: &str) -> Option<NaiveTime> {
    let tokens = tokens(text);
    let mut time = None;
    let mut at = 0;
    while at < tokens.len() {
        if let Some((value, used)) = time_at(&tokens[at..], true) {
            if time.replace(value).is_some() {
                return None;
            }
            at += used;
        } else if tokens[at].is_filler() {
            at += 1;
        } else {
            return None;
        }
    }
    time
}

/// The weekday in full, as mails name it.
pub fn weekday_name(day: Weekday) -> &'static str {
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][day.num_days_from_monday() as usize]
}

/// The month in full; `month` is 1 to 12.
pub fn month_name(month: u32) -> &'static str {
    MONTHS[(month.clamp(1, 12) - 1) as usize]
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A number with how many digits it was written.
    Number(u32, usize),
    /// A lower-case word.
    Word(String),
    /// One of / - . : ,
    Mark(char),
}

impl Token {
    fn is_filler(&self) -> bool {
        match self {
            Token::Mark(mark) => matches!(mark, ',' | '-' | '.' | '@'),
            Token::Word(word) => matches!(
                word.as_str(),
                "at" | "on"
                    | "the"
                    | "of"
                    | "approx"
                    | "approximately"
                    | "around"
                    | "about"
                    | "circa"
                    | "c"
                    | "ca"
                    | "time"
                    | "date"
                    | "by"
            ),
            Token::Number(..) => false,
        }
    }
}

/// Splits into numbers, words and marks; white space between numbers stays visible as nothing, so `22 02` are two numbers.
fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut chars = text.chars().take(200).peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() {
            let mut digits = String::from(c);
            while let Some(next) = chars.next_if(char::is_ascii_digit) {
                digits.push(next);
            }
            let value = digits.parse().unwrap_or(u32::MAX);
            out.push(Token::Number(value, digits.len()));
        } else if c.is_alphabetic() {
            let mut word: String = c.to_lowercase().collect();
            while let Some(next) = chars.next_if(|next| next.is_alphabetic()) {
                word.extend(next.to_lowercase());
            }
            out.push(Token::Word(word));
        } else {
            match c {
                '–' | '—' | '‑' | '‐' | '−' => out.push(Token::Mark('-')),
                '\u{2019}' | '\'' => {}
                c if c.is_whitespace() || matches!(c, '\u{200b}' | '\u{ad}' | '~' | '(' | ')') => {}
                c => out.push(Token::Mark(c)),
            }
        }
    }
    out
}

#[derive(Default)]
struct Found {
    /// Day, month, year as written.
    date: Option<Written>,
    time: Option<NaiveTime>,
    weekday: Option<Weekday>,
}

impl Found {
    /// Takes what the tokens begin with and says how many it took.
    fn take(&mut self, tokens: &[Token]) -> Result<usize, DateProblem> {
        if let Some((date, used)) = date_at(tokens) {
            if self.date.replace(date).is_some() {
                return Err(DateProblem::Vague);
            }
            return Ok(used);
        }
        let alone = self.date.is_some() || self.time.is_none() && date_follows(&tokens[1..]);
        if let Some((time, used)) = time_at(tokens, alone) {
            if self.time.replace(time).is_some() {
                return Err(DateProblem::Vague);
            }
            return Ok(used);
        }
        match &tokens[0] {
            token if token.is_filler() => Ok(1),
            Token::Word(word) => match weekday_of(word) {
                Some(day) => {
                    self.weekday = Some(day);
                    Ok(1)
                }
                None if VAGUE.contains(&word.as_str()) => Err(DateProblem::Vague),
                None => Err(DateProblem::NotADate),
            },
            Token::Mark(';' | '|') => Ok(1),
            // "18/12/2026 / 0640 hrs": between a date and its time.
            Token::Mark('/') if self.date.is_some() != self.time.is_some() => Ok(1),
            _ => Err(DateProblem::NotADate),
        }
    }

    fn finish(self, from: Option<NaiveDate>, century: Century) -> Result<When, DateProblem> {
        let Some((day, month, year)) = self.date else {
            return Err(if self.weekday.is_some() { DateProblem::Vague } else { DateProblem::NotADate });
        };
        let date = match year {
            Some(written) => {
                let year = full_year(written, century).ok_or(DateProblem::NotADate)?;
                NaiveDate::from_ymd_opt(year, month, day).ok_or(DateProblem::NoSuchDay { day, month, year })?
            }
            None => first_on_or_after(day, month, from.ok_or(DateProblem::NotADate)?)?,
        };
        if let Some(written) = self.weekday.filter(|&written| written != date.weekday()) {
            return Err(DateProblem::Weekday {
                written: weekday_name(written),
                date: format!("{} {} {}", date.day(), month_name(date.month()), date.year()),
                actual: weekday_name(date.weekday()),
            });
        }
        Ok(When { date, time: self.time })
    }
}

const VAGUE: [&str; 18] = [
    "between",
    "overnight",
    "early",
    "hours",
    "morning",
    "evening",
    "afternoon",
    "night",
    "weekend",
    "or",
    "and",
    "to",
    "until",
    "from",
    "since",
    "during",
    "week",
    "yesterday",
];

type Written = (u32, u32, Option<(u32, usize)>);

/// A date at the beginning of the tokens: day, month and year as written, and how many tokens it took.
fn date_at(tokens: &[Token]) -> Option<(Written, usize)> {
    use Token::{Mark, Number, Word};
    match tokens {
        // 2026-12-18, also the beginning of 2026-12-18T06:40.
        [Number(year, 4), Mark(a), Number(month, 1..=2), Mark(b), Number(day, 1..=2), ..]
            if a == b && matches!(a, '-' | '/' | '.') =>
        {
            Some(((*day, *month, Some((*year, 4))), 5))
        }
        // 18/12/2026, 18.12.26, 18-12-2026.
        [Number(day, 1..=2), Mark(a), Number(month, 1..=2), Mark(b), Number(year, digits @ (2 | 4)), ..]
            if a == b && matches!(a, '-' | '/' | '.') =>
        {
            Some(((*day, *month, Some((*year, *digits))), 5))
        }
        // 18-Dec-26.
        [
            Number(day, 1..=2),
            Mark('-' | '/' | '.'),
            Word(month),
            Mark('-' | '/' | '.'),
            Number(year, digits @ (2 | 4)),
            ..,
        ] => Some(((*day, month_of(month)?, Some((*year, *digits))), 5)),
        // 18/12, but not 18.12, which is a time.
        [Number(day, 1..=2), Mark('/'), Number(month, 1..=2), rest @ ..]
            if !matches!(rest, [Mark('/' | ':'), ..]) && *month <= 12 =>
        {
            Some(((*day, *month, None), 3))
        }
        // 18th December 2026, 18 Dec, the 18th of December.
        [Number(day, 1..=2), rest @ ..] => {
            let skip = rest
                .iter()
                .take_while(|t| matches!(t, Word(w) if matches!(w.as_str(), "st" | "nd" | "rd" | "th" | "of")))
                .count();
            let Word(month) = rest.get(skip)? else { return None };
            let month = month_of(month)?;
            let (year, used) = year_after(&rest[skip + 1..]);
            Some(((*day, month, year), 2 + skip + used))
        }
        // December 18th, 2026.
        [Word(month), Number(day, 1..=2), rest @ ..] => {
            let month = month_of(month)?;
            let skip = rest
                .iter()
                .take_while(|t| matches!(t, Word(w) if matches!(w.as_str(), "st" | "nd" | "rd" | "th")))
                .count();
            let (year, used) = year_after(&rest[skip..]);
            Some(((*day, month, year), 2 + skip + used))
        }
        _ => None,
    }
}

/// A date stands behind what comes first, as in "0715 on Sunday 12/12/2026".
fn date_follows(tokens: &[Token]) -> bool {
    let between = |token: &&Token| match token {
        Token::Word(word) => token.is_filler() || weekday_of(word).is_some(),
        Token::Mark(mark) => *mark == ',',
        Token::Number(..) => false,
    };
    date_at(&tokens[tokens.iter().take_while(between).count()..]).is_some()
}

/// A year after a month's name, with an optional comma or full stop between.
fn year_after(tokens: &[Token]) -> (Option<(u32, usize)>, usize) {
    use Token::{Mark, Number, Word};
    let (skip, rest) = match tokens {
        [Mark(',' | '.'), rest @ ..] => (1, rest),
        rest => (0, rest),
    };
    match rest {
        // 14 May 0640 hrs has no year.
        [Number(_, 4), Word(word), ..] if matches!(word.as_str(), "hrs" | "hr" | "hours" | "h") => (None, 0),
        [Number(year, 4), ..] if (1900..2200).contains(year) => (Some((*year, 4)), skip + 1),
        [Number(_, 2), Mark(':' | '.'), Number(_, 2), ..] => (None, 0),
        [Number(_, 2), Word(word), ..] if matches!(word.as_str(), "am" | "pm" | "a" | "p") => (None, 0),
        [Number(year, 2), ..] => (Some((*year, 2)), skip + 1),
        _ => (None, 0),
    }
}

/// A time at the beginning of the tokens. `alone`: four digits without "hrs" count, since a date is known already.
fn time_at(tokens: &[Token], alone: bool) -> Option<(NaiveTime, usize)> {
    use Token::{Mark, Number, Word};
    let (hour, minute, used) = match tokens {
        [Word(word), ..] if matches!(word.as_str(), "noon" | "midday") => (12, 0, 1),
        [Word(word), ..] if word == "midnight" => (0, 0, 1),
        [Word(word), rest @ ..] if word == "t" && alone => {
            let (time, used) = time_at(rest, false)?;
            return Some((time, used + 1));
        }
        [Number(h, 1..=2), Mark(':'), Number(m, 2), Mark(':'), Number(_, 2), ..] => (*h, *m, 5),
        [Number(h, 1..=2), Mark(':' | '.' | ';'), Number(m, 2), ..] => (*h, *m, 3),
        [Number(h, 1..=2), Word(h_mark), Number(m, 2), ..] if h_mark == "h" => (*h, *m, 3),
        [Number(hm, 4), Word(word), ..] if matches!(word.as_str(), "hrs" | "hr" | "hours" | "h") => {
            (hm / 100, hm % 100, 1)
        }
        [Number(hm, 4), ..] if alone => (hm / 100, hm % 100, 1),
        [Number(h, 1..=2), Word(word), ..] if matches!(word.as_str(), "am" | "pm" | "a" | "p" | "noon" | "midday") => {
            (*h, 0, 1)
        }
        _ => return None,
    };
    let (shift, extra) = match &tokens[used..] {
        [Word(word), ..] if word == "am" => (half(hour, 0)?, 1),
        [Word(word), ..] if word == "pm" => (half(hour, 12)?, 1),
        [Word(a), Mark('.'), Word(m), rest @ ..] if (a == "a" || a == "p") && m == "m" => {
            let dot = usize::from(matches!(rest, [Mark('.'), ..]));
            (half(hour, if a == "p" { 12 } else { 0 })?, 3 + dot)
        }
        [Word(word), ..] if matches!(word.as_str(), "hrs" | "hr" | "hours" | "h" | "noon" | "midday") => (hour, 1),
        _ => (hour, 0),
    };
    let time = NaiveTime::from_hms_opt(shift, minute, 0)?;
    Some((time, used + extra))
}

/// The hour of the 24-hour clock; 13 pm stays 13, 0 am stays 0.
fn half(hour: u32, offset: u32) -> Option<u32> {
    match hour {
        12 => Some(offset),
        0..=11 => Some(hour + offset),
        13..=23 if offset == 12 => Some(hour),
        _ => None,
    }
}

fn full_year((year, digits): (u32, usize), century: Century) -> Option<i32> {
    if digits == 4 {
        return i32::try_from(year).ok().filter(|year| (1850..2200).contains(year));
    }
    let year = 2000 + i32::try_from(year).ok()?;
    Some(match century {
        Century::This => year,
        Century::Past(latest) if year > latest => year - 100,
        Century::Past(_) => year,
    })
}

fn first_on_or_after(day: u32, month: u32, from: NaiveDate) -> Result<NaiveDate, DateProblem> {
    // 29 February may be up to eight years away.
    (0..9)
        .filter_map(|add| NaiveDate::from_ymd_opt(from.year() + add, month, day))
        .find(|date| *date >= from)
        .ok_or(DateProblem::NoSuchDay { day, month, year: from.year() })
}

fn month_of(word: &str) -> Option<u32> {
    if word == "sept" {
        return Some(9);
    }
    if word.len() < 3 {
        return None;
    }
    MONTHS
        .iter()
        .position(|month| month.to_ascii_lowercase() == word || month[..3].eq_ignore_ascii_case(word))
        .map(|i| i as u32 + 1)
}

fn weekday_of(word: &str) -> Option<Weekday> {
    if word.len() < 3 {
        return None;
    }
    let monday = NaiveDate::from_ymd_opt(2024, 1, 1)?;
    (0..7).map(|i| (monday + Days::new(i)).weekday()).find(|day| {
        let name = weekday_name(*day).to_ascii_lowercase();
        name == word || (word.len() <= 5 && name.starts_with(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn when(text: &str) -> String {
        match parse_when(text, None, Century::This) {
            Ok(When { date, time: Some(time) }) => format!("{date}T{}", time.format("%H:%M")),
            Ok(When { date, time: None }) => date.to_string(),
            Err(problem) => format!("{problem:?}").split([' ', '{', '(']).next().unwrap().to_owned(),
        }
    }

    #[test]
    fn dates_as_people_write_them() {
        let from = day(2026, 12, 1);
        for text in [
            "18/12/2026",
            "18 December 2026",
            "2026-12-18",
            "18.12.26",
            "Friday 18th December",
            "18-Dec-26",
            "Fri 18 Dec",
            "Fri, 18 December 2026",
            "18/12",
            "the 18th of December",
            "December 18th, 2026",
            "18 Dec. 2026",
            "  18–12–2026 ",
        ] {
            assert_eq!(parse_date(text, from), Ok(day(2026, 12, 18)), "{text}");
        }
        assert_eq!(parse_date("3 February", from), Ok(day(2027, 2, 3)));
        assert_eq!(parse_date("1 December", from), Ok(from));
        assert_eq!(parse_date("29 February", day(2097, 1, 1)), Ok(day(2104, 2, 29)));
    }

    #[test]
    fn refused_with_the_reason() {
        let from = day(2026, 12, 1);
        let problem = parse_date("Thursday 18 December 2026", from).unwrap_err();
        assert_eq!(problem.to_string(), "Thursday does not fit: 18 December 2026 is a Friday");
        assert!(matches!(parse_date("31/02/2026", from), Err(DateProblem::NoSuchDay { day: 31, .. })));
        assert!(matches!(parse_date("12/25/2026", from), Err(DateProblem::NoSuchDay { month: 25, .. })));
        for vague in ["between 3/4/26 and 5/4/26", "early hours of Sunday", "Overnight 8-9 May"] {
            assert_eq!(parse_date(vague, from), Err(DateProblem::Vague), "{vague}");
        }
        for none in ["", "soon", "tomorrow", "18", "0161 496 0245", "99/99", "Flat 3, 212 Mansfield Road"] {
            assert!(parse_date(none, from).is_err(), "{none}");
        }
        assert!(parse_date("18/12/2026 at 10am", from).is_err());
    }

    #[test]
    fn date_and_time() {
        for text in [
            "22/02/2026 0640 hrs",
            "22-Feb-26 @ 06:40",
            "22nd February 2026 - approx. 6.40 am",
            "2026-02-22, 6:40 AM",
            "Sunday 22 February 2026 06.40",
            "22.02.26 around 6:40am",
            "06:40 on 22/2/26",
            "2026-02-22T06:40",
            "22 Feb 2026 0640",
            "22/02/2026 6.40 a.m.",
            "06:40hrs 22/02/2026",
        ] {
            assert_eq!(when(text), "2026-02-22T06:40", "{text}");
        }
        assert_eq!(when("3 May 26 at 12.10 am"), "2026-05-03T00:10");
        assert_eq!(when("3 May 26 noon"), "2026-05-03T12:00");
        assert_eq!(when("0610 12/12/2026"), "2026-12-12T06:10");
        assert_eq!(when("2340 on 9/11/2026"), "2026-11-09T23:40");
        assert_eq!(when("0905 Mon 9 Nov 2026"), "2026-11-09T09:05");
        assert_eq!(when("9.11.26 1215h"), "2026-11-09T12:15");
        assert_eq!(when("09-11-26 - 4:05 p.m."), "2026-11-09T16:05");
        assert_eq!(when("1st August 2026"), "2026-08-01");
        assert_eq!(when("Early hours of Sunday"), "Vague");
    }

    #[test]
    fn times() {
        for (text, want) in [
            ("0400 hrs", "04:00"),
            ("6.40 pm", "18:40"),
            ("11:59PM", "23:59"),
            ("approx 7pm", "19:00"),
            ("10.05", "10:05"),
            ("12:30am", "00:30"),
        ] {
            assert_eq!(parse_time(text).map(|t| t.format("%H:%M").to_string()).as_deref(), Some(want), "{text}");
        }
        for none in ["TBC", "25:00", "evening", "10:00 - 11:00", ""] {
            assert_eq!(parse_time(none), None, "{none}");
        }
    }

    #[test]
    fn births() {
        let born = |text| parse_when(text, None, Century::Past(2026)).map(|when| when.date).unwrap();
        assert_eq!(born("17.08.19"), day(2019, 8, 17));
        assert_eq!(born("03/09/61"), day(1961, 9, 3));
    }
}
