//! Which lines are labels: by known words, by numbers, by a colon or control, by what stands around them.
//!
//! Comes in: a line of the flow with what follows it. Goes out: a [`Split`] into label and answer. Lines cut at known words are those of
//! `splits`.

use std::cell::OnceCell;

use super::answers::clean;
use super::choices::{self, Line};
use super::fields::Type;
use super::lines::{
    colon, cut, cut_raw, dash, dots, ends_as_sentence, has_box, has_sentence, is_all_bold, is_bold, is_faint,
    is_guidance, is_rule, is_sentence, number, question, split_lines,
};
use super::pairs::{Flow, Item, KNOWN, LABEL_MAX, Pair};
use super::sections;
use super::splits::{before_control, bold_label, is_mark};
use super::words;
use crate::document::{BOXES, Paragraph, Table};

/// A line with what stands around it, and what is asked of it again and again.
pub(super) struct Spot<'s, 'a> {
    pub paragraph: &'s Paragraph,
    pub line: &'s Line,
    /// Its words.
    pub text: &'s str,
    /// It begins with a known label.
    pub known: Option<Split>,
    /// The next line of the same paragraph.
    pub inner_next: Option<&'s Line>,
    /// What follows the paragraph.
    pub next: &'s [Item<'a>],
    /// What follows begins with a label; see [`Flow::next_is_label`].
    pub next_is_label: OnceCell<bool>,
}

/// A line taken apart.
#[derive(Debug, Clone)]
pub(super) struct Split {
    pub label: String,
    pub value: Line,
    /// Numbered, bold, or with a colon or question mark.
    pub marked: bool,
}

impl Split {
    /// A label with nothing beside it.
    fn bare(text: &str, marked: bool) -> Split {
        Split { label: text.to_owned(), value: Line::default(), marked }
    }
}

impl<'a> Flow<'a> {
    /// The label that a line begins with or is, with what stands beside it.
    pub(super) fn split(&self, spot: &mut Spot<'_, 'a>) -> Option<Split> {
        let Spot { line, text, .. } = *spot;
        let first_control = line.spans.iter().position(|span| span.control.is_some());
        if first_control == Some(0) {
            return None;
        }
        let goes_on = self.goes_on_unnumbered(spot);
        if !text.ends_with(':') && !goes_on && self.heads_block(spot) {
            return Some(Split::bare(text, true));
        }
        if let Some(mut split) = spot.known.take().map(Split::with_all_it_asks) {
            if is_guidance(&clean(&split.value.text())) || is_faint(&split.value) {
                split.value = Line::default();
            }
            return Some(split);
        }
        if let Some(at) = first_control {
            return before_control(line, at, self.awaits_options()).filter(|_| !is_mark(text));
        }
        if goes_on {
            return None;
        }
        let numbered =
            words::strip_number(text).len() < text.trim().len() && !text.starts_with(['•', '·', '*', '-', '–']);
        let marked = text.ends_with([':', '?']) || is_all_bold(line) || numbered || spot.paragraph.heading;
        if let Some(at) = dash(text).filter(|at| numbered && self.dashed >= 2 && !is_sentence(&text[..at.0])) {
            let (label, value) = cut(line, text, at.0, at.1);
            return Some(Split { label, value, marked: true });
        }
        if self.is_known(spot, marked) {
            return Some(Split::bare(text, marked));
        }
        if self.open.as_ref().is_some_and(|pair| !pair.lines.is_empty()) && !has_box(text) && self.is_next_number(text)
        {
            return Some(Split::bare(text, true));
        }
        self.unknown(spot, numbered)
    }

    /// Options may follow: the open label asks to choose.
    fn awaits_options(&self) -> bool {
        let Some(pair) = &self.open else { return false };
        let answered = !pair.lines.is_empty() && !choices::has_boxes(&pair.lines);
        match self.kind(&pair.label) {
            Some(Type::Multi) => true,
            Some(Type::Choice | Type::YesNo) => !answered,
            _ => false,
        }
    }

    /// A whole line whose words are close enough to a known label. `marked`: it looks like one.
    fn is_known(&self, spot: &Spot<'_, 'a>, marked: bool) -> bool {
        let text = spot.text;
        let answers =
            !marked && !self.gap && self.open.as_ref().is_some_and(|pair| pair.lines.is_empty() && pair.marked);
        if answers
            || self.awaits_unnumbered(text)
            || self.stands_between_labels(spot, marked)
            || spot.line.spans.iter().any(|span| span.struck)
            || has_box(text)
        {
            return false;
        }
        if !marked && !self.gap && self.awaits_options() {
            return false;
        }
        let least = if marked && !ends_as_sentence(text) { 0.72 } else { least_unmarked(text) };
        self.closeness(text).0 >= least
    }

    /// Where the labels are numbered, what stands below one and bears no number is its answer: posts are the words of labels too.
    pub(super) fn awaits_unnumbered(&self, text: &str) -> bool {
        let asked = |pair: &Pair| pair.lines.is_empty() && number(&pair.label).is_some();
        self.labels_are_numbered()
            && number(text).is_none()
            && !text.ends_with([':', '?'])
            && self.open.as_ref().is_some_and(asked)
    }

    /// A sentence without a number below a question that has one goes on with the answer.
    pub(super) fn goes_on_unnumbered(&self, spot: &Spot<'_, 'a>) -> bool {
        let plain = !is_all_bold(spot.line) && !spot.paragraph.heading && number(spot.text).is_none();
        plain && spot.text.ends_with('.') && self.out.pairs.len() >= 4 && self.labels_are_numbered()
    }

    /// Nearly all labels so far bear a number.
    pub(super) fn labels_are_numbered(&self) -> bool {
        let labels = || self.out.pairs.iter().chain(&self.open);
        let numbered = labels().filter(|pair| number(&pair.label).is_some()).count();
        numbered >= 2 && numbered * 4 >= labels().count() * 3
    }

    /// Row by row a label, its answer and the next label: the answer may be the words of a label too.
    fn stands_between_labels(&self, spot: &Spot<'_, 'a>, marked: bool) -> bool {
        let in_rows = spot.inner_next.is_none() && matches!(spot.next.first(), Some(Item::RowEnd));
        let asked = |pair: &Pair| pair.lines.is_empty() && self.closeness(&pair.label).0 >= KNOWN;
        !marked && in_rows && self.open.as_ref().is_some_and(asked) && self.next_is_label(&spot.next[1..])
    }

    pub(super) fn is_label(&self, line: &Line) -> bool {
        let control = line.spans.iter().position(|span| span.control.is_some());
        if control == Some(0) {
            return false;
        }
        let text = clean(&line.text());
        if let Some(split) = self.known_split(line) {
            // "- Mother: may visit.", "Mother: may visit.": of what is said rather than asked.
            let value = clean(&split.value.text());
            let told = value.starts_with(char::is_lowercase) && value.ends_with('.') && value.split(' ').count() >= 4;
            let point = text.starts_with(['-', '–', '•', '·', '*']) && value.ends_with('.');
            return !(point || told && !split.label.contains(' '));
        }
        control.is_some() && text.len() <= LABEL_MAX && !text.contains(BOXES)
            || !has_box(&text) && self.closeness(&text).0 >= least_unmarked(&text)
    }

    /// True where what follows begins with a label (so that what stands before it is no answer's label).
    pub(super) fn next_is_label(&self, next: &[Item<'a>]) -> bool {
        for item in next.iter().take(60) {
            match item {
                Item::RowEnd => {}
                Item::Blank => return false,
                Item::Labels => return true,
                Item::Line(paragraph) => {
                    let lines = split_lines(paragraph);
                    let Some(line) = lines.iter().find(|line| {
                        let text = clean(&line.text());
                        (!text.is_empty() && !self.is_guidance(&text) && !is_rule(&text))
                            || line.spans.iter().any(|span| span.control.is_some())
                    }) else {
                        continue;
                    };
                    return !paragraph.indented && self.is_label(line);
                }
                Item::Table(table) => return !is_answer_box(table),
            }
        }
        false
    }

    /// A label, a colon or question mark, and more.
    pub(super) fn begins_with_label(&self, text: &str) -> bool {
        text.split_once([':', '?', '\t']).is_some_and(|(label, _)| self.closeness(&clean(label)).0 >= 0.7)
    }

    /// Where an answer was awaited: a short question, or a numbered or bold line that speaks of what forms ask.
    pub(super) fn is_question(&self, line: &Line, text: &str) -> bool {
        let bold = is_all_bold(line);
        let numbered = words::strip_number(text).len() < text.len() && text.starts_with(|c: char| c.is_ascii_digit());
        if self.is_next_number(text) && !has_box(text) {
            return true;
        }
        let shaped = text.ends_with(['?', ':']) || bold || numbered;
        shaped
            && text.chars().count() <= 100
            && !has_sentence(words::strip_number(text))
            && !ends_as_sentence(text)
            && !has_box(text)
            && self.closeness(text).0 >= if text.ends_with(['?', ':']) { 0.45 } else { 0.6 }
    }

    /// A line that bears the number after that of the last label, where labels are numbered.
    pub(super) fn is_next_number(&self, text: &str) -> bool {
        let Some(open) = &self.open else { return false };
        let listed = open.lines.iter().any(|line| number(&clean(&line.text())).is_some());
        let asked = self.out.pairs.iter().filter(|pair| number(&pair.label).is_some()).count();
        // A label without a number and without an answer is perhaps the heading of those that follow.
        let last = number(&open.label).or_else(|| if open.lines.is_empty() { self.last_number() } else { None });
        let (Some(last), Some(here)) = (last, number(text)) else { return false };
        asked >= 1
            && !listed
            && (last + 1..=last + 2).contains(&here)
            && text.chars().count() <= 100
            && !ends_as_sentence(text)
    }

    /// The first of numbered questions: the second follows, with an answer between them.
    fn is_first_number(&self, spot: &Spot<'_, 'a>) -> bool {
        let below = spot.next.iter().take(6).filter_map(|item| match item {
            Item::Line(paragraph) => Some(clean(&paragraph.text())),
            _ => None,
        });
        let below: Vec<String> = below.filter(|text| !text.is_empty()).collect();
        self.out.pairs.is_empty()
            && self.open.is_none()
            && number(spot.text) == Some(1)
            && spot.text.chars().count() <= 100
            && !ends_as_sentence(spot.text)
            && below.iter().position(|text| number(text) == Some(2)).is_some_and(|at| at > 0)
    }

    /// The number of the last label that bears one.
    pub(super) fn last_number(&self) -> Option<u32> {
        self.out.pairs.iter().chain(&self.open).rev().find_map(|pair| number(&pair.label))
    }

    /// A label whose words are unknown, by its place alone.
    fn unknown(&self, spot: &Spot<'_, 'a>, numbered: bool) -> Option<Split> {
        let Spot { paragraph, line, text, .. } = *spot;
        if self.open.is_some() && begins_with_time(text) {
            return None;
        }
        let evident = numbered || line.spans.first().is_some_and(|span| span.bold) || paragraph.heading;
        let labels_before = self.out.pairs.len() + usize::from(self.open.is_some()) >= 2;
        if is_mark(text) {
            return None;
        }
        if let Some(at) = bold_label(line).filter(|_| labels_before) {
            let (label, value) = cut_raw(line, at, at);
            return Some(Split { label, value, marked: true });
        }
        if self.is_bold_label(spot) || self.heads_control(spot) || self.is_first_number(spot) {
            return Some(Split::bare(text, true));
        }
        if let Some(at) = dots(text).or_else(|| colon(text)).or_else(|| question(text))
            && (evident || labels_before && self.may_split(text) && !self.is_awaited(text))
            && !is_sentence(&text[..at.0])
            && !(paragraph.heading && self.goes_on_asking(&text[at.1..]))
        {
            let (label, value) = cut(line, text, at.0, at.1);
            return Some(Split { label, value, marked: true });
        }
        if self.heads_answer(spot) && text.chars().count() <= 90 {
            return Some(Split::bare(text, true));
        }
        let short = text.chars().count() <= 90 && !text.ends_with(['.', '!']) && !text.contains(BOXES);
        let awaited = self.open.as_ref().is_some_and(|pair| pair.lines.is_empty());
        let asks = text.ends_with(['?', ':']);
        let told_apart = || is_bold(line) && self.stands_above_answer(spot);
        let apart = self.is_alone_in_its_row(spot) && (asks || sections::section(text).is_none() || told_apart());
        let asked = || asks && !self.is_in_prose() && !is_sentence(text);
        (labels_before && short && !awaited && (apart || asked())).then(|| Split::bare(text, evident))
    }

    /// A label and its answer may stand in one line here, marked by dots, or by a colon or question mark alone.
    fn may_split(&self, text: &str) -> bool {
        // Where answers stand beside their labels, a label without one is blank.
        let short_label = text.split_once(':').is_some_and(|(label, _)| label.split_whitespace().count() <= 4);
        let waits = self.open.as_ref().is_some_and(|pair| pair.lines.is_empty())
            && (!self.answers_stand_beside() || !short_label);
        // Behind prose an unseen label has to speak of what forms ask.
        let speaks = || {
            let label = text.split_once(':').map_or("", |(label, _)| label);
            let words = label.split_whitespace().count();
            let told = ["She ", "He ", "They ", "We ", "I ", "It "].iter().any(|begin| text.starts_with(begin));
            (3..=9).contains(&words) && !told && text.starts_with(char::is_uppercase) && self.closeness(label).0 >= 0.6
        };
        dots(text).is_some() || !waits && (self.gap || !self.is_in_prose() || self.answers_stand_beside() && speaks())
    }

    /// Most answers so far began in the line of their label.
    pub(super) fn answers_stand_beside(&self) -> bool {
        let beside = self.out.pairs.iter().filter(|pair| pair.beside).count();
        beside >= 3 && beside * 3 >= self.out.pairs.len() * 2
    }

    /// A sentence right below a known label that stands alone in its line: its answer, whatever colons it has.
    fn is_awaited(&self, text: &str) -> bool {
        let alone = |pair: &Pair| pair.lines.is_empty() && (!pair.marked || pair.bold || pair.headed);
        text.ends_with('.')
            && self
                .open
                .as_ref()
                .is_some_and(|pair| alone(pair) && (pair.bold || self.closeness(&pair.label).0 >= KNOWN))
    }

    /// Within a long answer, or one of which nothing is known.
    fn is_in_prose(&self) -> bool {
        let long = |label: &str| matches!(self.kind(label), None | Some(Type::Long));
        self.open.as_ref().is_some_and(|pair| !pair.lines.is_empty() && long(&pair.label))
    }

    /// Alone in its row, above a row that answers it.
    fn is_alone_in_its_row(&self, spot: &Spot<'_, 'a>) -> bool {
        spot.inner_next.is_none()
            && matches!(spot.next.first(), Some(Item::RowEnd))
            && (self.gap || self.open.is_none())
            && match spot.next.get(1) {
                Some(Item::Line(_)) => !self.next_is_label(&spot.next[1..]),
                Some(Item::Blank) => is_bold(spot.line),
                _ => false,
            }
    }

    /// A short line right above a control that is filled in, behind an answer that was a control too.
    fn heads_control(&self, spot: &Spot<'_, 'a>) -> bool {
        let begins = |line: &Line| line.spans.first().is_some_and(|span| span.control.is_some());
        let below = match (spot.inner_next, spot.next.first()) {
            (Some(below), _) => begins(below),
            (None, Some(Item::Line(below))) => split_lines(below).first().is_some_and(begins),
            _ => false,
        };
        below
            && !has_box(spot.text)
            && spot.text.chars().count() <= 100
            && self.open.as_ref().is_some_and(|pair| pair.lines.iter().all(begins))
    }

    /// A short bold line above one that is not, where the labels before are such lines.
    fn is_bold_label(&self, spot: &Spot<'_, 'a>) -> bool {
        let plain = |line: &Line| !is_bold(line) && !clean(&line.text()).is_empty();
        let answered = match (spot.inner_next, spot.next.first()) {
            (Some(below), _) => plain(below),
            (None, Some(Item::Line(below))) => split_lines(below).first().is_some_and(plain),
            _ => false,
        };
        let text = spot.text;
        is_bold(spot.line)
            && answered
            && text.chars().count() <= 90
            && !text.ends_with(['.', '!', ','])
            && !has_box(text)
            && !has_sentence(words::strip_number(text))
            && self.out.pairs.iter().chain(&self.open).filter(|pair| pair.bold).count() >= 2
    }
}

/// "09:43 Father left": an entry of a log.
fn begins_with_time(text: &str) -> bool {
    let Some((hours, rest)) = text.split_once([':', '.']) else { return false };
    let hour = (1..=2).contains(&hours.len()) && hours.bytes().all(|byte| byte.is_ascii_digit());
    let minutes = rest.as_bytes().get(..2).is_some_and(|minutes| minutes.iter().all(u8::is_ascii_digit));
    hour && minutes && rest[2..].starts_with([' ', 'h', 'a', 'p', '-', '–', ':'])
}

/// How close words alone have to come to be a label; a full stop rather ends an answer.
fn least_unmarked(text: &str) -> f32 {
    if ends_as_sentence(text) { 0.97 } else { 0.9 }
}

/// A table of one cell, or of rows of one cell without labels, drawn around an answer.
fn is_answer_box(table: &Table) -> bool {
    table.rows.len() == 1 && table.rows[0].cells.len() == 1
}
