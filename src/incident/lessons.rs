//! What an incident's investigation report teaches, passage by passage, and the themes that people put them under (L3).
//!
//! Comes in: an incident. Goes out: its passages with their numbers, and what was decided of each. A passage is known by its words, so
//! that a decision holds for a later report too in which it stands under another number. Knows no theme.

use super::event::{Decider, Decision};
use super::state::{Decided, Incident};
use crate::forms::{Field, Form, State};

/// A theme by the name that data knows it by, and by the one that people do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeName {
    /// In data: letters and underscores.
    pub id: String,
    /// In a report.
    pub title: String,
}

/// What a passage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A lesson; a finding where the report names no lessons.
    Lesson,
    /// A cause or contributory factor.
    Cause,
    /// What went well.
    GoodPractice,
}

impl Part {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Part::Lesson => "lesson",
            Part::Cause => "cause",
            Part::GoodPractice => "good practice",
        }
    }
}

/// One passage of an investigation report, in its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage<'i> {
    /// Its number in the report, from 1: lessons, then causes, then good practice.
    pub number: u32,
    /// What it is.
    pub part: Part,
    /// The text, without what leads up to it.
    pub text: &'i str,
}

/// The passages of an incident's investigation report; none where there is no report.
pub fn passages(incident: &Incident) -> Vec<Passage<'_>> {
    let Some(report) = incident.report() else { return Vec::new() };
    let lessons = if answer(&report.form, "lessons").is_some() { "lessons" } else { "findings" };
    let answers = [
        (Part::Lesson, lessons),
        (Part::Cause, "causes"),
        (Part::Cause, "contributory_factors"),
        (Part::GoodPractice, "good_practice"),
    ];
    let texts = answers.into_iter().flat_map(|(part, key)| {
        answer(&report.form, key).into_iter().flat_map(paragraphs).map(move |text| (part, text))
    });
    texts.zip(1..).map(|((part, text), number)| Passage { number, part, text }).collect()
}

/// A long answer as its paragraphs, without their bullets.
pub fn paragraphs(answer: &str) -> impl Iterator<Item = &str> {
    let bullet = |c: char| matches!(c, '•' | '-' | '–' | '*' | '·') || c.is_whitespace() || c.is_control();
    let lines = answer.split(['\n', '\r', '\u{0B}', '\u{2028}', '\u{2029}']);
    lines.map(move |line| line.trim().trim_start_matches(bullet)).filter(|line| !line.is_empty())
}

/// Whether two passages are the same, however they are set.
pub fn is_same(one: &str, other: &str) -> bool {
    one.split_whitespace().map(str::to_lowercase).eq(other.split_whitespace().map(str::to_lowercase))
}

impl Incident {
    /// The themes that a person put a passage under, and the decision; none of them is "other". `None` where that was not decided, or
    /// taken back.
    pub fn corrected(&self, passage: &str) -> Option<(&[String], &Decided)> {
        let of_passage = |decision: &'_ Decision| match decision {
            Decision::Theme { passage: known, .. } => is_same(known, passage),
            _ => false,
        };
        let ((), standing) = self.standing(|decision| of_passage(decision).then_some(()))?;
        match &standing.decision {
            Decision::Theme { themes: Some(themes), .. } => Some((themes, standing)),
            _ => None,
        }
    }
}

/// Who corrected something, for a report that names nobody (L2): the capacity alone.
pub fn capacity(by: &Decider) -> &'static str {
    let role = by.roles.iter().max_by_key(|role| role.rank());
    role.map_or("somebody of the council", |role| role.words())
}

fn answer<'f>(form: &'f Form, key: &str) -> Option<&'f str> {
    form.fields.get(key).filter(|field| field.state == State::Filled).map(Field::words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_come_without_their_bullets() {
        let found: Vec<&str> = paragraphs("• Ask first\r\n\n - then act\u{0B}–\n*\u{a0}and tell").collect();
        assert_eq!(found, ["Ask first", "then act", "and tell"]);
    }

    #[test]
    fn a_passage_is_known_however_it_is_set() {
        assert!(is_same("Ask  first,\nthen act", "ask first, then act"));
        assert!(!is_same("Ask first", "Ask first, then act"));
    }
}
