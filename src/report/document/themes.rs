//! Common themes (L3): how many incidents have each, and in what words; good practice too (L2).
//!
//! Comes in: [`Facts`](super::Facts). Goes out: a chart, a table, and for the directors the sentences behind the themes.

use super::Report;
use crate::report::breakdown::{THEME, breakdowns};
use crate::report::common::OTHER;
use crate::report::tables::{capital, counted};

/// Themes whose sentences are printed.
const THEMES: usize = 10;
/// Sentences of one theme that are printed.
const SENTENCES: usize = 5;

impl Report<'_> {
    pub(super) fn themes(&mut self) {
        self.begin_part("Common themes");
        let facts = self.facts;
        if facts.themed.themes.is_empty() {
            return self.page.text("No investigation report that names a lesson came in the period.");
        }
        self.page.lead(
            "The program puts each lesson, cause and point of good practice under the themes that its words speak of. It can be wrong: \
             the last part says how often. What is of no theme is counted as \u{201C}Other\u{201D}.",
        );
        let counted_by = breakdowns(facts, self.audience).into_iter().find(|counted| counted.by.name == THEME);
        if let Some(counted_by) = counted_by {
            self.begin_section("How many incidents have each theme");
            if let Some((chart, shows)) = counted_by.chart() {
                self.chart(counted_by.by.title, chart, &shows);
            }
            self.table(&counted_by.table());
        }
        if self.is_public() {
            return; // Which passages belong together would tell which come from one incident.
        }
        self.begin_section("What is behind them");
        for common in facts.themed.themes.iter().filter(|common| common.figure.count() > 0).take(THEMES) {
            if common.figure.label == OTHER {
                continue;
            }
            let count = counted(common.figure.count(), "incident");
            self.page.subheading(&format!("{} ({count})", common.figure.label));
            self.page.lead(&format!("What belongs here: {}.", common.about));
            for (label, sentences) in
                [("Lessons and causes", &common.lessons), ("Good practice", &common.good_practice)]
            {
                if sentences.is_empty() {
                    continue;
                }
                self.page.label(label);
                sentences.iter().take(SENTENCES).for_each(|sentence| self.page.point(&capital(sentence)));
                if sentences.len() > SENTENCES {
                    self.page.point(&format!("And {} more, which stand in the annex.", sentences.len() - SENTENCES));
                }
            }
        }
        self.other();
    }

    fn other(&mut self) {
        let facts = self.facts;
        let Some(other) =
            facts.themed.themes.iter().find(|common| common.figure.label == OTHER && common.figure.count() > 0)
        else {
            return;
        };
        self.page.subheading(&format!("{OTHER} ({})", counted(other.figure.count(), "incident")));
        let sentences = other.lessons.iter().chain(&other.good_practice);
        sentences.take(SENTENCES).for_each(|sentence| self.page.point(&capital(sentence)));
        if !facts.themed.recurring.is_empty() {
            let phrases = facts.themed.recurring.iter().take(SENTENCES);
            let phrases: Vec<String> =
                phrases.map(|(phrase, count)| format!("\u{201C}{phrase}\u{201D} ({count})")).collect();
            self.page.text(&format!(
                "Words that recur here in several incidents, and might be a theme of their own: {}.",
                phrases.join(", ")
            ));
        }
    }
}
