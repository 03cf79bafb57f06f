//! A line of a reply about the annual report (T12), to an answer or to a refusal with its reason.
//!
//! Comes in: the report, the line, who wrote it and when. Goes out: values.

use chrono::{DateTime, Utc};

use super::dates::done_on_and_rest;
use super::{Refusal, in_words, only};
use crate::incident::due::Clocks;
use crate::incident::event::Decider;
use crate::incident::labels::Label;
use crate::incident::lines::Line;
use crate::incident::procedure::{Fact, Moment, Obligation, Party};
use crate::incident::year::{Answer, YearReport};

/// The obligation that a line answers, the answer, and what it does in one sentence.
///
/// # Errors
/// The refusal.
pub fn answer(
    year: &YearReport,
    line: &Line,
    by: &Decider,
    at: DateTime<Utc>,
    clocks: Clocks,
) -> Result<(String, Answer, String), Refusal> {
    if line.label == Label::Theme {
        let reason = "We cannot tell which incident's lesson this is. Write its reference and number as the list of lessons gives them, for \
                      example: Theme: SI-2026-0001 lesson 2; Neglect";
        return Err(Refusal { reason: reason.to_owned(), correctable: false });
    }
    let asked = clocks.procedure.obligations.iter().filter(|rule| rule.arises == Moment::AnnualReport);
    let Some(obligation) = asked.into_iter().find(|rule| answers(line, rule)) else {
        let reason = "This line is about an incident: reply to an email about that incident.".to_owned();
        return Err(Refusal { reason, correctable: false });
    };
    let actors = obligation.actors.iter().filter_map(|party| match party {
        Party::Role(role) => Some(*role),
        _ => None,
    });
    let actors: Vec<_> = actors.collect();
    if !by.roles.iter().any(|role| actors.contains(role)) {
        return Err(Refusal { reason: only(&actors), correctable: false });
    }
    // What is tabled is about days that are over.
    let said = done_on_and_rest(&line.value, year.to, clocks.calendar.day(at));
    let (date, detail) = said.map_err(|reason| Refusal { reason, correctable: true })?;
    let effect = format!("{}: recorded for {}.", obligation.title, in_words(date));
    Ok((obligation.id.clone(), Answer { date, detail, by: by.clone(), at }, effect))
}

/// Whether a line is the one that meets an obligation.
fn answers(line: &Line, obligation: &Obligation) -> bool {
    match &obligation.met_by {
        Fact::ReportTabled => line.label == Label::ReportTabled,
        Fact::LearningDisseminated => line.label == Label::LearningDisseminated,
        Fact::Line(label) => line.label == Label::Own && line.words == *label,
        _ => false,
    }
}
