//! The commands that look into a store: what they are, what they are handed, and how they are answered.
//!
//! An [`Inquiry`] travels as JSON to the daemon or is answered in the caller's process; [`answer`] is the same in both places. Every
//! inquiry only reads.

use std::path::{Component, Path};

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Failure, Output, check, incidents, report, show, verify};
use crate::config::Settings;
use crate::store::Store;
use crate::turn::Rules;

/// A command that looks into a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", content = "arguments", rename_all = "snake_case")]
pub enum Inquiry {
    /// `incidents`
    Incidents(incidents::Arguments),
    /// `show`
    Show(show::Arguments),
    /// `report`
    Report(report::Arguments),
    /// `check`
    Check(check::Arguments),
    /// `verify`
    Verify(verify::Arguments),
}

/// What an inquiry is handed.
pub struct House<'a> {
    /// The settings in force.
    pub settings: &'a Settings,
    /// The rules they make.
    pub rules: &'a Rules,
    /// The store.
    pub store: &'a Store,
    /// The time: the real one, or a rehearsal's last.
    pub now: DateTime<Utc>,
}

/// Answers an inquiry.
///
/// # Errors
/// What its command says.
pub fn answer(inquiry: &Inquiry, house: &House<'_>) -> Result<Output, Failure> {
    match inquiry {
        Inquiry::Incidents(arguments) => incidents::run(arguments, house),
        Inquiry::Show(arguments) => show::run(arguments, house),
        Inquiry::Report(arguments) => report::run(arguments, house),
        Inquiry::Check(_) => check::run(house.settings, true),
        Inquiry::Verify(arguments) => verify::run(arguments, house),
    }
}

impl House<'_> {
    /// The local civil time of an instant.
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        self.rules.calendar.local(at)
    }
}

impl Inquiry {
    /// The answer may bring this file: a caller who may write anywhere must not be made to by whoever answers.
    pub(super) fn wants(&self, path: &Path) -> bool {
        let Inquiry::Report(arguments) = self else { return false };
        let plain = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
        let is_report = match &arguments.output {
            Some(output) => path == output,
            None => plain(path) && path.components().count() == 1,
        };
        let in_folder =
            |folder: &Path| path.strip_prefix(folder).is_ok_and(|rest| plain(rest) && rest != Path::new(""));
        is_report || arguments.csv.as_deref().is_some_and(in_folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(output: Option<&str>, csv: Option<&str>) -> Inquiry {
        Inquiry::Report(report::Arguments {
            output: output.map(Into::into),
            csv: csv.map(Into::into),
            ..report::Arguments::default()
        })
    }

    #[test]
    fn only_files_that_were_asked_for_are_wanted() {
        let wants = |inquiry: &Inquiry, path: &str| inquiry.wants(Path::new(path));
        assert!(wants(&report(None, None), "report-2025-26.docx"));
        assert!(!wants(&report(None, None), "/etc/passwd") && !wants(&report(None, None), "../report.docx"));
        assert!(wants(&report(Some("/tmp/a.docx"), None), "/tmp/a.docx"));
        assert!(!wants(&report(Some("/tmp/a.docx"), None), "b.docx"));
        assert!(wants(&report(Some("a.docx"), Some("../out")), "../out/figures.csv"));
        assert!(
            !wants(&report(Some("a.docx"), Some("out")), "out/../x")
                && !wants(&report(Some("a.docx"), Some("out")), "out")
        );
        let show = Inquiry::Show(show::Arguments { reference: "SI-2026-0001".into(), json: false });
        assert!(!wants(&show, "SI-2026-0001.txt"));
    }

    #[test]
    fn an_inquiry_survives_the_way() {
        for inquiry in [report(Some("a.docx"), Some("out")), Inquiry::Verify(verify::Arguments {})] {
            let text = serde_json::to_string(&inquiry).unwrap();
            assert_eq!(serde_json::from_str::<Inquiry>(&text).unwrap(), inquiry);
        }
    }
}
