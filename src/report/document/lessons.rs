//! What the investigation reports teach, in their own words without identities: by category for the directors; for others all in one
//! list in the order of the alphabet, so that no passage can be matched to an incident (L1, L2, N9).
//!
//! Comes in: [`Learning`]. Goes out: headings and points.

use super::Report;
use crate::report::learning::Learning;
use crate::report::profile::NOT_STATED;
use crate::report::tables::counted;

/// Points of one list that are printed; the annex has all of them.
const MOST: usize = 12;

type Part = (&'static str, fn(&Learning) -> &[String]);

const PARTS: [Part; 4] = [
    ("Lessons", |learning| &learning.lessons),
    ("Good practice", |learning| &learning.good_practice),
    ("Causes and contributory factors", |learning| &learning.causes),
    ("For other areas of the council", |learning| &learning.to_share),
];

impl Report<'_> {
    pub(super) fn lessons(&mut self) {
        self.begin_part("What we learned");
        if self.facts.learning.is_empty() {
            self.page.text("No investigation report came in the period.");
        } else {
            self.page.lead(
                "In the words of the investigation reports, without identities. Good practice counts as much as what went wrong.",
            );
        }
        let facts = self.facts;
        if self.is_public() {
            self.points(&facts.learning.iter().collect::<Vec<_>>());
            return;
        }
        for (category, group) in by_category(&facts.learning) {
            let category = if category == NOT_STATED { "Category not stated" } else { category };
            self.begin_section(&format!("{category} ({})", counted(group.len(), "report")));
            self.points(&group);
        }
        if !facts.awaiting_report.is_empty() {
            let one = facts.awaiting_report.len() == 1;
            self.page.text(&format!(
                "{} of the period still {} for the investigation report; what {} to teach will be in the next report.",
                counted(facts.awaiting_report.len(), "incident"),
                if one { "waits" } else { "wait" },
                if one { "it has" } else { "they have" },
            ));
        }
    }

    fn points(&mut self, group: &[&Learning]) {
        let mut any = false;
        for (label, part) in PARTS {
            let mut points = said(group.iter().flat_map(|learning| part(learning)));
            if points.is_empty() {
                continue;
            }
            any = true;
            if self.is_public() {
                points.sort_by_key(|(text, _)| text.to_lowercase());
            }
            self.page.label(label);
            for (text, times) in points.iter().take(MOST) {
                let times =
                    if *times > 1 && !self.is_public() { format!(" (in {times} reports)") } else { String::new() };
                self.page.point(&format!("{text}{times}"));
            }
            if points.len() > MOST && !self.is_public() {
                self.page.point(&format!("And {} more, which stand in the annex.", points.len() - MOST));
            }
        }
        if !any && !group.is_empty() {
            self.page.text(if group.len() == 1 {
                "The report names no lessons."
            } else {
                "The reports name no lessons."
            });
        }
    }
}

/// The reports of each category, most reports first; those without one last.
fn by_category(learning: &[Learning]) -> Vec<(&str, Vec<&Learning>)> {
    let mut groups: Vec<(&str, Vec<&Learning>)> = Vec::new();
    for one in learning {
        match groups.iter_mut().find(|(category, _)| *category == one.category) {
            Some((_, group)) => group.push(one),
            None => groups.push((&one.category, vec![one])),
        }
    }
    groups.sort_by_key(|(category, group)| (*category == NOT_STATED, std::cmp::Reverse(group.len()), *category));
    groups
}

/// What was said, and how often in the same words; what was said most often first.
pub(super) fn said<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<(&'a str, usize)> {
    let mut found: Vec<(&str, usize)> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for text in texts {
        let words = text.trim_end_matches('.').to_lowercase();
        let at = *known.entry(words).or_insert_with(|| {
            found.push((text, 0));
            found.len() - 1
        });
        found[at].1 += 1;
    }
    found.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    found
}
