//! The learning bulletin (L4): one page for the team briefing, from the same facts as the report: what came, what was learned, what went
//! well, what changes.
//!
//! Comes in: [`Facts`], in which nothing identifies anybody. Goes out: the bytes of a `.docx`, the same for the same input. Numbers are
//! those that any reader may see (N9), passages stand in the order of the alphabet, so that none can be matched to an incident.

use super::lessons::said;
use super::{Cover, Report};
use crate::publish::word::{Document, Look, Properties};
use crate::report::breakdown::{Breakdown, breakdowns};
use crate::report::facts::Facts;
use crate::report::learning::{Advice, AdviceState};
use crate::report::period::in_words;
use crate::report::tables::capital;
use crate::report::{Audience, Failure};

const TITLE: &str = "Learning bulletin";

/// A passage of more letters is too long for a page that is read out in a briefing.
const PASSAGE: usize = 240;

/// Room on the page, in letters: of lessons, of good practice, of what changes.
const ROOM: [usize; 3] = [1_450, 620, 620];

/// Every passage takes a line that is not full.
const LINE: usize = 60;

const LOOK: Look = Look {
    text_size: 23,
    title_size: 48,
    heading_size: 28,
    heading_before: 200,
    after: 100,
    top: 1_000,
    ..Look::REPORT
};

/// The bulletin as a Word document of one page.
///
/// # Errors
/// When it cannot be written.
pub fn bulletin(facts: &Facts, cover: &Cover, smallest_shown: usize) -> Result<Vec<u8>, Failure> {
    let mut report = Report { page: Document::new(LOOK), ..Report::new(facts, Audience::Public { smallest_shown }) };
    let period = in_words(facts.period);
    report.page.styled("Title", TITLE);
    report.page.styled("Subtitle", &format!("What serious incidents taught us, {period}"));
    if let Some(remark) = &cover.remark {
        report.page.styled("Warning", remark);
    }
    report.brief();
    report.part("learned", "What we learned", &report.lessons_to_tell());
    report.part("well", "What went well", &report.good_practice());
    report.part("changes", "What is changing", &report.changes());
    report.talk();
    Ok(report.page.pack(&Properties {
        title: format!("{TITLE}: {period}"),
        subject: "Learning from serious incidents".to_owned(),
        creator: cover.organisation.clone(),
        created_at: cover.created_at,
        marking: "OFFICIAL".to_owned(),
        footer: format!("{}: {TITLE}, {period}", cover.organisation),
    })?)
}

impl Report<'_> {
    /// What came, in two sentences.
    fn brief(&mut self) {
        let mut points = vec![self.received()];
        if !self.facts.incidents.is_empty() {
            let breakdowns = breakdowns(self.facts, self.audience);
            let by_category = breakdowns.iter().find(|counted| counted.by.name == "category");
            points.extend(by_category.filter(|counted| counted.has_figures()).map(Breakdown::most));
        }
        self.page.text(&points.join(" "));
        self.page.text(
            "Every incident is looked into to learn, not to blame. These are the investigators' own words; names, days, places and \
             numbers were taken out.",
        );
    }

    fn part(&mut self, anchor: &str, title: &str, points: &[String]) {
        if points.is_empty() {
            return;
        }
        self.page.heading(1, title, anchor);
        points.iter().for_each(|point| self.page.point(point));
    }

    fn lessons_to_tell(&self) -> Vec<String> {
        let learning = &self.facts.learning;
        if learning.is_empty() {
            return vec!["No investigation report came in the period.".to_owned()];
        }
        let shared = said(learning.iter().flat_map(|one| &one.to_share));
        let lessons = said(learning.iter().flat_map(|one| &one.lessons));
        let found = fitting(shared.into_iter().chain(lessons), 6, ROOM[0]);
        if !found.is_empty() {
            return found;
        }
        let none = learning.iter().all(|one| one.to_share.is_empty() && one.lessons.is_empty());
        vec![if none {
            "The reports of the period name no lessons.".to_owned()
        } else {
            "The lessons of the period are too long for this page. They stand in the annual report.".to_owned()
        }]
    }

    fn good_practice(&self) -> Vec<String> {
        fitting(said(self.facts.learning.iter().flat_map(|one| &one.good_practice)).into_iter(), 3, ROOM[1])
    }

    /// What was agreed to be done; how it stands is the directors' matter.
    fn changes(&self) -> Vec<String> {
        let agreed = |advice: &&Advice| advice.state != AdviceState::Proposed;
        fitting(said(self.facts.recommendations.iter().filter(agreed).map(|one| &one.text)).into_iter(), 4, ROOM[2])
    }

    fn talk(&mut self) {
        self.page.heading(1, "Talk about it in your team", "talk");
        for question in [
            "Which of this could happen with us? How would we notice?",
            "What works well here that others should know of?",
            "What do we do differently from this week on?",
        ] {
            self.page.point(question);
        }
    }
}

/// With a full stop where it has no end of its own.
fn ended(text: &str) -> String {
    let text = capital(text.trim_end());
    if text.ends_with(|c: char| c.is_alphanumeric()) { text + "." } else { text }
}

/// Passages that the page has room for, those said most often before others, in the order of the alphabet.
fn fitting<'a>(passages: impl Iterator<Item = (&'a str, usize)>, most: usize, mut room: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (text, _) in passages {
        let letters = text.chars().count();
        let is_known = found.iter().any(|known| known.eq_ignore_ascii_case(&ended(text)));
        if found.len() < most && letters <= PASSAGE && !text.contains('\n') && letters + LINE <= room && !is_known {
            room -= letters + LINE;
            found.push(ended(text));
        }
    }
    found.sort_by_key(|text| text.to_lowercase());
    found
}
