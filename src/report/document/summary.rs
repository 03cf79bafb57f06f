//! The summary on one page: what happened, what we learned, what to do, each in a few sentences written from the figures.
//!
//! Comes in: [`Facts`](super::Facts). Goes out: points. Says no number that the tables withhold.

use super::Report;
use super::lessons::said;
use crate::report::Audience;
use crate::report::breakdown::{Breakdown, THEME, breakdowns};
use crate::report::common::OTHER;
use crate::report::learning::AdviceState;
use crate::report::period::in_words;
use crate::report::tables::{self, capital, counted, listed};

/// Quoted passages of this length or less stand in the summary, so that it stays on its page. Letters.
const SHORT: usize = 180;
/// Themes that it names.
const COMMON: usize = 4;

impl Report<'_> {
    pub(super) fn summary(&mut self) {
        self.begin_part("Summary");
        self.begin_section("What happened");
        self.what_happened().iter().for_each(|point| self.page.point(point));
        self.begin_section("What we learned");
        self.what_we_learned().iter().for_each(|point| self.page.point(point));
        self.begin_section("What to do");
        self.what_to_do().iter().for_each(|point| self.page.point(point));
    }

    fn what_happened(&self) -> Vec<String> {
        let breakdowns = breakdowns(self.facts, self.audience);
        let by = |name: &str| breakdowns.iter().find(|counted| counted.by.name == name);
        let mut points = vec![self.received()];
        let any = !self.facts.incidents.is_empty();
        points.extend(by("classification").and_then(classes));
        for name in ["category", "service", "month"] {
            points.extend(by(name).filter(|counted| !counted.rows.is_empty() && any).map(most));
        }
        if !self.is_public() {
            points.extend(["alert", "investigation_report", "review"].iter().filter_map(|id| self.kept(id)));
        }
        if any {
            points.push(tables::outside(self.facts, self.audience).shows);
        }
        points
    }

    pub(super) fn received(&self) -> String {
        let all = self.facts.incidents.len();
        let came = match (all, self.is_public()) {
            (0, _) => "No incident was received.".to_owned(),
            (1, false) => "1 incident was received.".to_owned(),
            _ => format!("{} incidents were received.", capital(&self.count(all))),
        };
        let before = in_words(self.facts.before);
        let small = |count: usize| self.count(count) != count.to_string();
        match self.facts.incidents_before(self.audience) {
            None => came,
            Some(count) if small(count) || small(all) => {
                format!("{came} In the period before ({before}) the number was {}.", self.count(count))
            }
            Some(count) if count == all => format!("{came} There were as many in the period before ({before})."),
            Some(count) if count < all => {
                format!("{came} That is {} more than in the period before ({before}: {count}).", all - count)
            }
            Some(count) => {
                format!("{came} That is {} fewer than in the period before ({before}: {count}).", count - all)
            }
        }
    }

    /// How one clock was kept.
    fn kept(&self, id: &str) -> Option<String> {
        let row = self.facts.timeliness.iter().find(|row| row.id == id && row.due() > 0)?;
        let what = match id {
            "alert" => "alert",
            "review" => "review",
            _ => "investigation report",
        };
        let due = format!("{} fell due", capital(&counted(row.due(), what)));
        Some(match (row.done_late.len(), row.overdue.len()) {
            (0, 0) if row.due() == 1 => format!("{due}: it was in time."),
            (0, 0) => format!("{due}: all were in time."),
            (late, 0) => format!("{due}: {} in time, {late} late.", row.in_time.len()),
            (0, missing) => format!("{due}: {} in time, {missing} not done yet.", row.in_time.len()),
            (late, missing) => format!("{due}: {} in time, {late} late, {missing} not done yet.", row.in_time.len()),
        })
    }

    fn what_we_learned(&self) -> Vec<String> {
        let learning = &self.facts.learning;
        let came = match (learning.len(), self.is_public()) {
            (0, _) => return vec!["No investigation report came in the period.".to_owned()],
            (1, false) => "1 investigation report came in the period.".to_owned(),
            (count, _) => format!("{} investigation reports came in the period.", capital(&self.count(count))),
        };
        let mut points = vec![came];
        points.extend(self.most_common());
        points.push("In their own words, without identities:".to_owned());
        let short = |text: &&(&str, usize)| text.0.chars().count() <= SHORT;
        let shared = said(learning.iter().flat_map(|one| &one.to_share));
        let lessons = said(learning.iter().flat_map(|one| &one.lessons));
        let taught = if shared.iter().any(|text| short(&text)) { shared } else { lessons };
        let quoted = |text: &str| format!("\u{201C}{}\u{201D}", text.trim_end_matches('.'));
        points.extend(taught.iter().filter(short).take(5).map(|(text, _)| quoted(text)));
        let good = said(learning.iter().flat_map(|one| &one.good_practice));
        points.extend(good.iter().filter(short).take(2).map(|(text, _)| format!("Good practice: {}", quoted(text))));
        points
    }

    /// The themes that most incidents have.
    fn most_common(&self) -> Option<String> {
        let by_theme = breakdowns(self.facts, self.audience).into_iter().find(|counted| counted.by.name == THEME)?;
        let mut rows: Vec<_> = by_theme.rows.iter().filter(|row| row.label != OTHER).collect();
        rows.retain(|row| row.now.is_some_and(|now| now > 0));
        rows.sort_by_key(|row| std::cmp::Reverse(row.now));
        let words: Vec<String> = rows
            .iter()
            .take(COMMON)
            .map(|row| format!("\u{201C}{}\u{201D} ({})", row.label, counted(row.now.unwrap_or(0), "incident")))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        (!words.is_empty()).then(|| format!("The most common themes: {}.", listed(&words)))
    }

    fn what_to_do(&self) -> Vec<String> {
        let advice = &self.facts.recommendations;
        let mut late: Vec<_> = advice.iter().filter(|one| one.state == AdviceState::Late).collect();
        late.sort_by_key(|one| one.due);
        let mut points = Vec::new();
        let texts: Vec<String> = said(late.iter().map(|one| &one.text))
            .into_iter()
            .filter(|(text, _)| text.chars().count() <= SHORT)
            .take(3)
            .map(|(text, _)| format!("\u{201C}{}\u{201D}", text.trim_end_matches('.')))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let first = if late.len() > texts.len() { "first of all " } else { "" };
        let named = if texts.is_empty() { String::new() } else { format!(": {first}{}", listed(&texts)) };
        match late.len() {
            0 => {}
            1 => points.push(format!("Carry out the recommendation that is late{named}.")),
            many => points.push(format!("Carry out the {many} recommendations that are late{named}.")),
        }
        let open = advice.iter().filter(|one| one.state == AdviceState::Open).count();
        match open {
            0 => {}
            1 => points.push("Carry out the 1 open recommendation by its date.".to_owned()),
            many => points.push(format!("Carry out the {many} open recommendations by their dates.")),
        }
        if self.audience == Audience::Directors {
            points.extend(self.missing());
        }
        points.push("Table this report at Chief Officer Group.".to_owned());
        points.push("Pass its learning on to teams, in the team briefing or at a learning event.".to_owned());
        points
    }

    /// Steps that are past their limit and not done, those most often missing first.
    fn missing(&self) -> Option<String> {
        let mut rows: Vec<_> = self.facts.timeliness.iter().filter(|row| !row.overdue.is_empty()).collect();
        rows.retain(|row| row.id != "recommendation");
        rows.sort_by_key(|row| std::cmp::Reverse(row.overdue.len()));
        let words: Vec<String> = rows
            .iter()
            .take(4)
            .map(|row| {
                let title = row.title.split(" (").next().unwrap_or(&row.title);
                format!("\u{201C}{title}\u{201D} ({})", row.overdue.len())
            })
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let more = if rows.len() > words.len() { ", and others in part 3" } else { "" };
        (!words.is_empty()).then(|| format!("Complete what is past its limit and not done: {}{more}.", listed(&words)))
    }
}

/// What is most frequent, and of what.
fn most(counted: &Breakdown) -> String {
    let most = counted.most();
    match most.strip_prefix("Most frequent") {
        Some(rest) => format!("By {}, most frequent{rest}", counted.by.what.to_lowercase()),
        None => most,
    }
}

/// "By classification: 2 catastrophic, 20 serious and 5 near miss."
fn classes(counted: &Breakdown) -> Option<String> {
    let shown = counted.rows.iter().filter(|row| row.now.is_some_and(|now| now > 0));
    let words: Vec<String> =
        shown.map(|row| format!("{} {}", row.now.unwrap_or(0), row.label.to_lowercase())).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let withheld =
        if counted.rows.iter().any(|row| row.now.is_none()) { "; the other numbers are withheld" } else { "" };
    (!words.is_empty()).then(|| format!("By classification: {}{withheld}.", listed(&words)))
}
