//! What investigation reports teach and recommend, quoted without identities; a passage that may still identify somebody is a
//! failure, never printed (L1, L2).
//!
//! Comes in: incidents with a report, the period. Goes out: passages. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Failure;
use super::anonymise::Identities;
use super::facts::{Scope, categories, class_words};
use super::identities;
use super::period::Period;
use crate::incident::event::{Decision, Reference};
use crate::incident::lessons::{self, Part, capacity};
use crate::incident::state::Incident;

/// What one investigation found, without identities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learning {
    /// The incident: for the annex, never in the document.
    pub reference: Reference,
    /// Its class in words.
    pub class: String,
    /// Its first category.
    pub category: String,
    /// Causes and contributory factors.
    pub causes: Vec<String>,
    /// Lessons.
    pub lessons: Vec<String>,
    /// Good practice.
    pub good_practice: Vec<String>,
    /// What other areas can learn (T10).
    pub to_share: Vec<String>,
    /// What a person said of the themes of a passage, by its number (L3).
    pub corrected: BTreeMap<u32, Corrected>,
}

/// The themes that a person put a passage under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// By id; none is "other".
    pub themes: Vec<String>,
    /// In what capacity.
    pub by: &'static str,
    /// The local day.
    pub on: NaiveDate,
}

impl Learning {
    /// What comes under themes, each passage with its number: that of the report, by which people name it.
    pub fn passages(&self) -> impl Iterator<Item = (u32, Part, &String)> {
        let parts =
            [(Part::Lesson, &self.lessons), (Part::Cause, &self.causes), (Part::GoodPractice, &self.good_practice)];
        let all = parts.into_iter().flat_map(|(part, texts)| texts.iter().map(move |text| (part, text)));
        all.zip(1..).map(|((part, text), number)| (number, part, text))
    }
}

/// How a recommendation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdviceState {
    /// Done.
    Done,
    /// Binding, not done, past its date.
    Late,
    /// Binding, not done.
    Open,
    /// Not yet made binding by the review.
    Proposed,
}

impl AdviceState {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            AdviceState::Done => "done",
            AdviceState::Late => "late",
            AdviceState::Open => "open",
            AdviceState::Proposed => "waiting for the review",
        }
    }
}

/// A recommendation, without identities and without its owner (L2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The incident: for the annex.
    pub reference: Reference,
    /// Its number there.
    pub number: u32,
    /// The text.
    pub text: String,
    /// By when.
    pub due: Option<NaiveDate>,
    /// How it stands.
    pub state: AdviceState,
    /// It comes from a report before the period.
    pub carried_over: bool,
}

/// Quotes passages, and refuses one that still identifies.
pub(super) struct Quotes<'a> {
    /// What no passage may hold.
    pub shared: &'a Identities,
    /// The organisation's name.
    pub organisation: &'a str,
}

/// Quotes passages of one incident.
pub(super) struct Passages<'a> {
    own: Identities,
    shared: &'a Identities,
    reference: String,
}

impl<'a> Quotes<'a> {
    /// For the passages of one incident.
    pub fn of(&self, incident: &Incident) -> Passages<'a> {
        let own = identities::of_incident(incident, self.organisation);
        Passages { own, shared: self.shared, reference: incident.name().to_string() }
    }
}

impl Passages<'_> {
    /// The passage without identities.
    pub fn quote(&self, passage: &str, part: &'static str) -> Result<String, Failure> {
        let quoted = self.shared.redact(&self.own.redact(&crate::publish::word::clean(passage)));
        if self.own.leaks(&quoted) || self.shared.leaks(&quoted) {
            return Err(Failure::Identity { reference: self.reference.clone(), part });
        }
        Ok(quoted)
    }

    /// A long answer as its paragraphs.
    fn paragraphs(&self, text: Option<&str>, part: &'static str) -> Result<Vec<String>, Failure> {
        lessons::paragraphs(text.unwrap_or_default()).map(|line| self.quote(line, part)).collect()
    }
}

/// What the reports of the period teach, and the recommendations of them and those still open of earlier ones.
pub(super) fn learned(
    reported: &[&Incident],
    period: Period,
    scope: Scope<'_>,
    quotes: &Quotes<'_>,
) -> Result<(Vec<Learning>, Vec<Advice>), Failure> {
    let (mut learning, mut advice) = (Vec::new(), Vec::new());
    for incident in reported {
        let Some(report) = incident.report() else { continue };
        let came = scope.clocks.calendar.day(report.at);
        if came > period.1 {
            continue;
        }
        let passages = quotes.of(incident);
        let of_period = came >= period.0;
        advice.extend(recommendations(incident, &passages, !of_period, scope)?);
        if !of_period {
            continue;
        }
        let known = lessons::passages(incident);
        let of = |part: Part| -> Result<Vec<String>, Failure> {
            let texts = known.iter().filter(|passage| passage.part == part);
            texts.map(|passage| passages.quote(passage.text, part.words())).collect()
        };
        let corrected = known.iter().filter_map(|passage| {
            let (themes, decided) = incident.corrected(passage.text)?;
            let on = scope.clocks.calendar.day(decided.at);
            Some((passage.number, Corrected { themes: themes.to_vec(), by: capacity(&decided.by), on }))
        });
        let shared = incident.standing(|decision| match decision {
            Decision::LearningToShare { text } if !text.trim().eq_ignore_ascii_case("none") => Some(text.as_str()),
            _ => None,
        });
        learning.push(Learning {
            reference: incident.name().clone(),
            class: class_words(incident.classification.value()).to_owned(),
            category: categories(incident, quotes)?.swap_remove(0),
            causes: of(Part::Cause)?,
            lessons: of(Part::Lesson)?,
            good_practice: of(Part::GoodPractice)?,
            to_share: passages.paragraphs(shared.map(|(text, _)| text), "learning to share")?,
            corrected: corrected.collect(),
        });
    }
    // What asks for something first.
    let rank = |state: AdviceState| match state {
        AdviceState::Late => 0,
        AdviceState::Open => 1,
        AdviceState::Proposed => 2,
        AdviceState::Done => 3,
    };
    advice.sort_by_key(|one: &Advice| (rank(one.state), one.due, one.carried_over));
    Ok((learning, advice))
}

/// A passage in its own words, and the themes that a person put it under.
pub type Said = (String, Option<Vec<String>>);

/// What the report of an incident teaches in its own words, which are never printed, each with the themes that a person put it under: for
/// counting alone.
pub(super) fn said(incident: &Incident) -> Vec<Said> {
    let told = |text: &str| incident.corrected(text).map(|(themes, _)| themes.to_vec());
    lessons::passages(incident).into_iter().map(|passage| (passage.text.to_owned(), told(passage.text))).collect()
}

fn recommendations(
    incident: &Incident,
    passages: &Passages<'_>,
    carried_over: bool,
    scope: Scope<'_>,
) -> Result<Vec<Advice>, Failure> {
    let today = scope.clocks.calendar.day(scope.now);
    let mut found = Vec::new();
    for known in &incident.recommendations {
        let state = match (known.done_at, known.binding_at.is_some(), known.due) {
            (Some(_), _, _) => AdviceState::Done,
            (None, false, _) => AdviceState::Proposed,
            (None, true, Some(due)) if due < today => AdviceState::Late,
            (None, true, _) => AdviceState::Open,
        };
        if carried_over && state == AdviceState::Done {
            continue;
        }
        // A proposal that the review did not take up is none any more.
        if state == AdviceState::Proposed && incident.review_at.is_some() {
            continue;
        }
        let text = passages.quote(&known.text, "recommendations")?;
        let reference = incident.name().clone();
        found.push(Advice { reference, number: known.number, text, due: known.due, state, carried_over });
    }
    Ok(found)
}
