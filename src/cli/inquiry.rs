//! The commands that look into a store: what they are, what they are handed, and how they are answered.
//!
//! An [`Inquiry`] travels as JSON to the daemon or is answered in the caller's process; [`answer`] is the same in both places. All but
//! [`Inquiry::Change`] commit nothing; that one is carried out by the keeper. `arm` and the note of a backup are small files beside
//! the journal, no turns.

use std::path::{Component, Path};

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Failure, Output, arm, attention, audit, backup, check, concerns, erase, export, hold, incidents, pack, report,
    show, status, themes, verify,
};
use crate::config::Settings;
use crate::health::Pulse;
use crate::store::Store;
use crate::turn::{self, Errand, Rules};

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
    /// `themes`
    Themes(themes::Arguments),
    /// `themes set`, `themes undo`, `attention release`, `attention assign`, `attention dismiss`, `erase`
    Change(Errand),
    /// `attention`, `attention list`, `attention show`
    Attention(attention::Look),
    /// `pack`
    Pack(pack::Arguments),
    /// `check`
    Check(check::Arguments),
    /// `verify`
    Verify(verify::Arguments),
    /// A step of `backup`
    Backup(backup::Step),
    /// `audit`
    Audit(audit::Arguments),
    /// `concerns`
    Concerns(concerns::Look),
    /// `export`
    Export(export::Look),
    /// `hold` without an incident
    Holds(hold::Look),
    /// What `erase` would take
    Erasure(erase::Look),
    /// `arm`
    Arm(arm::Arguments),
    /// `status`
    Status(status::Arguments),
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
    /// How the daemon's threads are; `None`: no daemon answers.
    pub pulse: Option<&'a Pulse>,
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
        Inquiry::Themes(arguments) => themes::run(arguments, house),
        Inquiry::Change(_) => Err(Failure::NotAvailable("themes set")),
        Inquiry::Attention(look) => attention::run(look, house),
        Inquiry::Pack(arguments) => pack::run(arguments, house),
        Inquiry::Check(_) => check::run(house.settings, Some(house.store)),
        Inquiry::Verify(arguments) => verify::run(arguments, house),
        Inquiry::Backup(step) => backup::answer(step, house),
        Inquiry::Audit(arguments) => audit::run(arguments, house),
        Inquiry::Concerns(look) => concerns::run(look, house),
        Inquiry::Export(look) => export::answer(look, house),
        Inquiry::Holds(look) => hold::run(look, house),
        Inquiry::Erasure(look) => erase::look(look, house),
        Inquiry::Arm(arguments) => arm::run(arguments, house),
        Inquiry::Status(arguments) => status::run(arguments, house),
    }
}

/// What became of a change, for whoever typed it.
pub(super) fn changed(asked: &Errand, done: Result<Result<String, String>, turn::Failure>) -> Output {
    match (done, asked) {
        (Ok(Ok(effect)), Errand::Correct(asked)) => {
            Output::text(format!("{}: {effect} {} is told by email.\n", asked.reference, asked.person))
        }
        (
            Ok(Ok(effect)),
            Errand::Settle(_) | Errand::Erase(_) | Errand::EraseConcern(_) | Errand::Hold(_) | Errand::Look(_),
        ) => Output::text(format!("{effect}\n")),
        (Ok(Err(reason)), _) => Output::refusal(format!("nothing was changed. {reason}")),
        (Err(failure), _) => Output::refusal(super::explained(&failure)),
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
        let plain = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
        let arguments = match self {
            Inquiry::Report(arguments) => arguments,
            Inquiry::Export(look) => return look.wants(path),
            Inquiry::Pack(arguments) => {
                let here = || plain(path) && path.components().count() == 1;
                return arguments.output.as_ref().map_or_else(here, |output| path == output);
            }
            _ => return false,
        };
        let is_report = match &arguments.output {
            Some(output) => {
                path == output || report::bulletin_beside(Some(output)).is_some_and(|beside| path == beside)
            }
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
        assert!(wants(&report(Some("/tmp/a.docx"), None), "/tmp/a-bulletin.docx"));
        assert!(!wants(&report(Some("/tmp/a.docx"), None), "/tmp/b-bulletin.docx"));
        assert!(!wants(&report(Some("/tmp/a.docx"), None), "b.docx"));
        assert!(wants(&report(Some("a.docx"), Some("../out")), "../out/figures.csv"));
        assert!(
            !wants(&report(Some("a.docx"), Some("out")), "out/../x")
                && !wants(&report(Some("a.docx"), Some("out")), "out")
        );
        let pack = |output: Option<&str>| {
            Inquiry::Pack(pack::Arguments { output: output.map(Into::into), ..pack::Arguments::default() })
        };
        assert!(wants(&pack(None), "SI-2026-0001 Ofsted report pack.docx") && !wants(&pack(None), "../x.docx"));
        assert!(wants(&pack(Some("/tmp/a.docx")), "/tmp/a.docx") && !wants(&pack(Some("/tmp/a.docx")), "b.docx"));
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
