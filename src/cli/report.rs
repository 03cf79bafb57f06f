//! `report`: the annual lessons-learned report, and the learning bulletin beside it.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Failure, House, Output};
use crate::report;
use crate::report::tables::counted;
use crate::turn::yearly;

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {
    /// The reporting year, 2025-26 [default: the last one that has ended]
    #[arg(long, value_name = "YEAR", conflicts_with_all = ["from", "to"])]
    pub year: Option<Year>,
    /// The first day of another period
    #[arg(long, value_name = "DAY", requires = "to")]
    pub from: Option<NaiveDate>,
    /// The last day of it, included
    #[arg(long, value_name = "DAY", requires = "from")]
    pub to: Option<NaiveDate>,
    /// Where to write the document, and the bulletin beside it [default: files in this folder, whose names are printed]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Who will read it: small counts are withheld from the public
    #[arg(long, value_enum, default_value_t)]
    pub audience: Audience,
    /// Also write every figure as CSV into this folder
    #[arg(long, value_name = "DIR")]
    pub csv: Option<PathBuf>,
}

/// Who reads a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The directors.
    #[default]
    Directors,
    /// Anybody.
    Public, // N9
}

/// A reporting year, named by the calendar year in which it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Year(pub i32);

impl FromStr for Year {
    type Err = String;

    fn from_str(text: &str) -> Result<Year, String> {
        let wrong = || "a year is written 2025-26, or 2025 for the year that begins in it".to_owned();
        let (first, second) = text.split_once('-').map_or((text, None), |(first, second)| (first, Some(second)));
        let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(first, 4) || second.is_some_and(|second| !digits(second, 2)) {
            return Err(wrong());
        }
        let year: i32 = first.parse().map_err(|_| wrong())?;
        let follows = second.is_none_or(|second| second.parse() == Ok((year + 1) % 100));
        if follows { Ok(Year(year)) } else { Err(wrong()) }
    }
}

/// Writes the report of a period.
///
/// # Errors
/// The store's, or that the period is empty or has not begun.
pub fn run(arguments: &Arguments, house: &House<'_>) -> Result<Output, Failure> {
    let audience = match arguments.audience {
        Audience::Directors => report::Audience::Directors,
        Audience::Public => report::Audience::Public { smallest_shown: house.rules.smallest_shown }, // N9
    };
    let period = period(arguments.year, arguments.from.zip(arguments.to), house)?;
    let work = |failure| Failure::Work(failure_of(failure));
    let facts = yearly::facts(house.store, house.rules, period, house.now).map_err(work)?;
    let document = yearly::document(&facts, house.rules, audience, house.now, None).map_err(work)?;
    let bulletin = yearly::bulletin(&facts, house.rules, house.now).map_err(work)?;
    let name = arguments.output.clone().unwrap_or_else(|| yearly::file_name(period, audience).into());
    let mut text = match arguments.audience {
        Audience::Directors => format!("{}: {}\n", name.display(), counted(facts.incidents.len(), "incident")),
        Audience::Public => format!(
            "{}\nSmall numbers are withheld. Read it before it leaves the council: it quotes the investigation reports.\n{}",
            name.display(),
            if period == full_year(period, house) { "" } else { OVERLAP }
        ),
    };
    let beside = bulletin_beside(arguments.output.as_deref()).unwrap_or_else(|| yearly::bulletin_name(period).into());
    text.push_str(&format!("{}: the learning bulletin, one page to pass on to teams\n", beside.display()));
    let mut files = vec![(name, document), (beside, bulletin)];
    if let Some(folder) = &arguments.csv {
        for (name, bytes) in report::csv(&facts, audience) {
            text.push_str(&format!("{}\n", folder.join(&name).display()));
            files.push((folder.join(name), bytes));
        }
    }
    Ok(Output { stdout: text.into_bytes(), files, ..Output::default() })
}

/// What subtracting one version from another gives away, no version can withhold by itself (N9).
const OVERLAP: &str = "Publish no other version whose days overlap with these, such as the year's: what one withholds could be worked out \
                       from the other.\n";

/// The reporting year that holds the last day of a period.
fn full_year(period: report::period::Period, house: &House<'_>) -> report::period::Period {
    let next = period.1.succ_opt().unwrap_or(period.1);
    report::year_before(next, house.rules.year_start())
}

/// Where the bulletin goes beside a report of a name of the caller's own: `report.docx`, `report-bulletin.docx`.
pub(super) fn bulletin_beside(output: Option<&Path>) -> Option<PathBuf> {
    let output = output?;
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    Some(output.with_file_name(format!("{stem}-bulletin.docx")))
}

/// The period that arguments name: a year, its days, or else the last year that has ended.
pub(super) fn period(
    year: Option<Year>,
    days: Option<(NaiveDate, NaiveDate)>,
    house: &House<'_>,
) -> Result<report::period::Period, Failure> {
    let start = house.rules.year_start();
    Ok(match (year, days) {
        (Some(Year(year)), _) => start.year_from(year).ok_or(Failure::NotAvailable("a report on that year"))?,
        (None, Some((from, to))) => report::period::from_to(from, to)?,
        (None, None) => report::year_before(house.local(house.now).date(), start),
    })
}

pub(super) fn failure_of(failure: crate::turn::Failure) -> crate::daemon::once::Failure {
    failure.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_read_in_two_forms() {
        assert_eq!("2025-26".parse(), Ok(Year(2025)));
        assert_eq!("1999-00".parse(), Ok(Year(1999)));
        assert_eq!("2025".parse(), Ok(Year(2025)));
        for wrong in ["", "25-26", "2025-27", "2025-2026", "2025-", "-26", "20a5", "2025-+6"] {
            assert!(wrong.parse::<Year>().is_err(), "{wrong}");
        }
    }
}
