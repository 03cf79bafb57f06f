//! Which lines are labels and which are headings: by known words, by numbers, by a colon or control, by what stands around them.
//!
//! Comes in: a line of the flow with what follows it. Goes out: a [`Split`] into label and answer, or the section that a heading names.

use std::cell::OnceCell;

use super::answers::clean;
use super::choices::{Line, normalise_boxes};
use super::fields::{Group, Type};
use super::lines::{
    colon, cut, cut_raw, divide, dots, first_box, has_box, has_sentence, is_bold, is_faint, is_guidance, is_numbered,
    is_rule, is_section_mark, is_sentence, number, question, split_lines,
};
use super::pairs::{Flow, Item, KNOWN, LABEL_MAX};
use super::wordings;
use crate::document::{BOXES, Paragraph, Span, Table};

/// Bytes of a line in which more than one label is looked for.
const LINE_LABELS_MAX: usize = 1_000;

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

impl<'a> Flow<'a> {
    /// A line that bears the number after that of the last label, where labels are numbered.
    pub(super) fn is_next_number(&self, text: &str) -> bool {
        let Some(open) = &self.open else { return false };
        let listed = open.lines.iter().any(|line| number(&clean(&line.text())).is_some());
        let asked = self.out.pairs.iter().filter(|pair| number(&pair.label).is_some()).count();
        let (Some(last), Some(here)) = (number(&open.label), number(text)) else { return false };
        asked >= 1
            && !listed
            && (last + 1..=last + 2).contains(&here)
            && text.chars().count() <= 100
            && !text.ends_with('.')
    }

    /// Where an answer was awaited: a short question, or a numbered or bold line that speaks of what forms ask.
    pub(super) fn is_question(&self, line: &Line, text: &str) -> bool {
        let bold = line.spans.iter().filter(|span| !span.text.trim().is_empty()).all(|span| span.bold);
        let numbered =
            wordings::strip_number(text).len() < text.len() && text.starts_with(|c: char| c.is_ascii_digit());
        if self.is_next_number(text) && !has_box(text) {
            return true;
        }
        let shaped = text.ends_with(['?', ':']) || bold || numbered;
        shaped
            && text.chars().count() <= 100
            && !has_sentence(wordings::strip_number(text))
            && !text.ends_with('.')
            && !has_box(text)
            && self.closeness(text).0 >= if text.ends_with(['?', ':']) { 0.45 } else { 0.6 }
    }

    /// Some for a heading: with the group it names, when it names one.
    pub(super) fn heading(&self, spot: &Spot<'_, 'a>) -> Option<Option<Group>> {
        let Spot { paragraph, line, text, inner_next, .. } = *spot;
        if spot.known.is_some() {
            return None;
        }
        if text.chars().count() > 90
            || line.spans.iter().any(|span| span.control.is_some())
            || has_box(text)
            || text.ends_with('.')
        {
            return None;
        }
        let before_colon = text.trim_end_matches([':', ' ']);
        if before_colon.contains(": ") || before_colon.contains("..") || before_colon.contains('\t') {
            let section_mark = is_section_mark(text);
            if !section_mark {
                return None;
            }
        }
        let (closeness, field) = self.closeness(text);
        if field.is_some_and(|field| closeness >= 0.95 && wordings::field(field).kind == Type::Table) {
            return None;
        }
        if self.heads_answer(spot) {
            return None;
        }
        let group = wordings::section(text);
        let bold = line.spans.iter().filter(|span| !span.text.trim().is_empty()).all(|span| span.bold);
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
        let capitals = letters.len() >= 4 && letters.iter().all(|c| c.is_uppercase());
        let looks = paragraph.heading || capitals || is_section_mark(text) || bold;
        let next_is_label = match inner_next {
            Some(line) => self.is_label(line),
            None => self.follows(spot),
        };
        if group == Some(Group::Office) && closeness < 0.99 {
            return Some(group);
        }
        if group == Some(Group::Office) && next_is_label {
            return Some(group);
        }
        let awaited = self.open.as_ref().is_some_and(|pair| pair.lines.is_empty());
        if closeness >= KNOWN && !next_is_label {
            return None;
        }
        if next_is_label && closeness < KNOWN && text.ends_with(['?', ':']) && !looks {
            return None;
        }
        let apart = looks || (self.gap && !awaited) || self.open.is_none();
        if next_is_label && apart && (group.is_some() || looks || closeness < KNOWN) {
            // A label without an answer, directly before the next label, is no heading unless it looks like one.
            if closeness >= KNOWN && !(looks || self.gap && group.is_some()) {
                return None;
            }
            if closeness >= 0.95 && !looks && text.ends_with(':') {
                return None;
            }
            return Some(group);
        }
        (looks
            && (paragraph.heading || is_section_mark(text) || capitals)
            && closeness < KNOWN
            && (group.is_some() || paragraph.heading || is_section_mark(text)))
        .then_some(group)
    }

    /// A heading right above words that are no heading and no label, where labels are printed as headings.
    fn heads_answer(&self, spot: &Spot<'_, 'a>) -> bool {
        let Some(Item::Line(below)) = spot.next.first() else { return false };
        spot.paragraph.heading
            && spot.inner_next.is_none()
            && self.out.pairs.len() + usize::from(self.open.is_some()) >= 2
            && !below.heading
            && !below.is_blank()
            && !self.begins_with_label(&below.text())
            && !self.is_guidance(&below.text())
            && split_lines(below).first().is_none_or(|line| bold_label(line).is_none())
            && !self.is_asked_below(&below.text())
            && (self.out.pairs.iter().chain(&self.open).filter(|pair| pair.headed).count() >= 2 || !self.follows(spot))
    }

    /// A known label below a heading that is marked as one: numbered, or with a colon or question mark.
    fn is_asked_below(&self, text: &str) -> bool {
        (is_numbered(text) || text.trim_end().ends_with([':', '?'])) && self.closeness(&clean(text)).0 >= 0.97
    }

    /// [`Flow::next_is_label`] of what follows the paragraph, looked at once.
    fn follows(&self, spot: &Spot<'_, 'a>) -> bool {
        *spot.next_is_label.get_or_init(|| self.next_is_label(spot.next))
    }

    /// A label, a colon or question mark, and more.
    pub(super) fn begins_with_label(&self, text: &str) -> bool {
        text.split_once([':', '?', '\t']).is_some_and(|(label, _)| self.closeness(&clean(label)).0 >= 0.7)
    }

    /// True where what follows begins with a label (so that what stands before it is no answer's label).
    pub(super) fn next_is_label(&self, next: &[Item<'a>]) -> bool {
        for item in next.iter().take(60) {
            match item {
                Item::RowEnd => {}
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

    pub(super) fn is_label(&self, line: &Line) -> bool {
        let control = line.spans.iter().position(|span| span.control.is_some());
        if control == Some(0) {
            return false;
        }
        if self.known_split(line).is_some() {
            return true;
        }
        let text = clean(&line.text());
        control.is_some() && text.len() <= LABEL_MAX && !text.contains(BOXES)
            || self.closeness(&text).0 >= least_unmarked(&text)
    }

    pub(super) fn split(&self, spot: &mut Spot<'_, 'a>) -> Option<Split> {
        let Spot { paragraph, line, text, .. } = *spot;
        let first_control = line.spans.iter().position(|span| span.control.is_some());
        if first_control == Some(0) {
            return None;
        }
        if let Some(mut split) = spot.known.take() {
            if is_guidance(&clean(&split.value.text())) || is_faint(&split.value) {
                split.value = Line::default();
            }
            return Some(split);
        }
        let open_kind = self.open.as_ref().and_then(|pair| self.kind(&pair.label));
        let options = matches!(open_kind, Some(Type::Multi | Type::Choice | Type::YesNo));
        if let Some(at) = first_control {
            return before_control(line, at, options).filter(|_| !is_mark(text));
        }
        let (closeness, _) = self.closeness(text);
        let bold = line.spans.iter().filter(|span| !span.text.trim().is_empty()).all(|span| span.bold);
        let numbered =
            wordings::strip_number(text).len() < text.trim().len() && !text.starts_with(['•', '·', '*', '-', '–']);
        let marked = text.ends_with([':', '?']) || bold || numbered || paragraph.heading;
        let struck = line.spans.iter().any(|span| span.struck);
        let answers =
            !marked && !self.gap && self.open.as_ref().is_some_and(|pair| pair.lines.is_empty() && pair.marked);
        if !struck
            && !answers
            && !has_box(text)
            && (closeness
                >= if options && !marked && !self.gap {
                    2.0
                } else if marked && !text.ends_with('.') {
                    0.72
                } else {
                    least_unmarked(text)
                })
        {
            return Some(Split { label: text.to_owned(), value: Line::default(), marked });
        }
        if self.open.as_ref().is_some_and(|pair| !pair.lines.is_empty()) && !has_box(text) && self.is_next_number(text)
        {
            return Some(Split { label: text.to_owned(), value: Line::default(), marked: true });
        }
        self.unknown(spot, numbered)
    }

    /// A line with one box among the options of the open answer.
    pub(super) fn is_option_line(&self, normal: &str) -> bool {
        let open_kind = self.open.as_ref().and_then(|pair| self.kind(&pair.label));
        let boxes = normal.chars().filter(|c| BOXES.contains(c)).count();
        matches!(open_kind, Some(Type::Multi | Type::Choice)) && (boxes == 1 || normal.trim_start().starts_with(BOXES))
    }

    /// A label whose words are unknown, by its place alone.
    pub(super) fn unknown(&self, spot: &Spot<'_, 'a>, numbered: bool) -> Option<Split> {
        let Spot { paragraph, line, text, inner_next, next, .. } = *spot;
        let bold = line.spans.first().is_some_and(|span| span.bold);
        // Where answers stand beside their labels, a label without one is blank.
        let beside = self.out.pairs.iter().filter(|pair| pair.beside).count();
        let short_label = text.split_once(':').is_some_and(|(label, _)| label.split_whitespace().count() <= 4);
        let waits = self.open.as_ref().is_some_and(|pair| pair.lines.is_empty())
            && (beside < 3 || beside * 3 < self.out.pairs.len() * 2 || !short_label);
        let open_long = self
            .open
            .as_ref()
            .is_some_and(|pair| matches!(self.kind(&pair.label), None | Some(Type::Long)) && !pair.lines.is_empty());
        let evident = numbered || bold || paragraph.heading;
        let labels_before = self.out.pairs.len() + usize::from(self.open.is_some()) >= 2;
        if is_mark(text) {
            return None;
        }
        if let Some(at) = bold_label(line).filter(|_| labels_before) {
            let (label, value) = cut_raw(line, at, at);
            return Some(Split { label, value, marked: true });
        }
        if self.is_bold_label(spot) {
            return Some(Split { label: text.to_owned(), value: Line::default(), marked: true });
        }
        let led = dots(text).is_some() && labels_before;
        if let Some(at) = dots(text).or_else(|| colon(text)).or_else(|| question(text))
            && (led || evident || (labels_before && !waits && (self.gap || !open_long)))
            && !is_sentence(&text[..at.0])
        {
            let (label, value) = cut(line, text, at.0, at.1);
            return Some(Split { label, value, marked: true });
        }
        if self.heads_answer(spot) && text.chars().count() <= 90 {
            return Some(Split { label: text.to_owned(), value: Line::default(), marked: true });
        }
        // Alone in its row, above a row that answers it.
        let alone = inner_next.is_none() && matches!(next.first(), Some(Item::RowEnd)) && self.gap_or_first();
        let short = text.chars().count() <= 90 && !text.ends_with(['.', '!']) && !text.contains(BOXES);
        let answered = matches!(next.get(1), Some(Item::Line(_))) && !self.next_is_label(&next[1..]);
        let awaited = self.open.as_ref().is_some_and(|pair| pair.lines.is_empty());
        if alone
            && short
            && answered
            && !awaited
            && wordings::section(text).is_none_or(|_| text.ends_with(['?', ':']))
            && labels_before
        {
            return Some(Split { label: text.to_owned(), value: Line::default(), marked: evident });
        }
        if (evident || text.ends_with(['?', ':']))
            && short
            && !open_long
            && !awaited
            && labels_before
            && text.ends_with(['?', ':'])
            && !is_sentence(text)
        {
            return Some(Split { label: text.to_owned(), value: Line::default(), marked: evident });
        }
        None
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
            && !has_sentence(wordings::strip_number(text))
            && self.out.pairs.iter().chain(&self.open).filter(|pair| pair.bold).count() >= 2
    }

    /// A line with several labels, each before its answer, as one line each: cut at tabs and wide gaps and behind controls, where known
    /// labels stand.
    pub(super) fn each_label(&self, line: Line) -> Vec<Line> {
        let text = line.text();
        let controls = line.spans.iter().filter(|span| span.control.is_some()).count();
        if text.len() > LINE_LABELS_MAX || (controls < 2 && !text.contains('\t') && !text.contains("   ")) {
            return vec![line];
        }
        let mut gaps: Vec<usize> = Vec::new();
        let mut at = 0;
        for span in &line.spans {
            let wide = span.text.match_indices(['\t', ' ']).map(|(found, gap)| at + found + gap.len());
            gaps.extend(wide.filter(|&end| text[..end].ends_with('\t') || text[..end].ends_with("   ")));
            at += span.text.len();
            gaps.extend(span.control.map(|_| at));
        }
        gaps.retain(|&gap| self.labels_at(&line, &text, gap) && self.labels_at(&line, &text, 0));
        let mut lines = Vec::new();
        let mut rest = line;
        let mut begin = 0;
        for gap in gaps {
            if text[begin..gap].trim().is_empty() {
                continue;
            }
            let (head, tail) = divide(&rest, gap - begin);
            lines.push(head);
            (rest, begin) = (tail, gap);
        }
        lines.push(rest);
        lines
    }

    /// A known label with a colon or question mark, or before a control, begins there.
    fn labels_at(&self, line: &Line, text: &str, from: usize) -> bool {
        let mut at = 0;
        let ends = line.spans.iter().map(|span| {
            let begin = at;
            at += span.text.len();
            (begin, span.control)
        });
        let control = ends.filter(|(begin, control)| *begin > from && control.is_some()).map(|(begin, _)| begin).next();
        let mark = text[from..].find([':', '?', '\t']).map(|found| from + found);
        let Some(end) = mark.into_iter().chain(control).min() else { return false };
        let label = clean(&text[from..end]);
        !text[end..].starts_with('\t') && !has_box(&label) && self.closeness(&label).0 >= 0.9
    }

    pub(super) fn gap_or_first(&self) -> bool {
        self.gap || self.open.is_none()
    }

    /// A line that begins with a known label: up to a colon, a question mark, a tab, dots, a box or yes/no words.
    pub(super) fn known_split(&self, line: &Line) -> Option<Split> {
        let text = line.text();
        let mut best: Option<(f32, usize, usize)> = None;
        let head: String =
            line.spans.iter().take_while(|span| span.control.is_none()).map(|span| span.text.as_str()).collect();
        let head = clean(&head);
        let bare = head.trim_end_matches([':', ' ']);
        if !bare.contains([':', '?', '\t']) && !bare.contains("..") && !has_box(bare) && self.closeness(bare).0 >= 0.99
        {
            return None;
        }
        let long = self.open.as_ref().filter(|pair| self.kind(&pair.label) == Some(Type::Long));
        let prose = !self.gap
            && self.open.as_ref().is_some_and(|pair| matches!(self.kind(&pair.label), None | Some(Type::Long)));
        let least = long.map_or(KNOWN, |pair| if pair.lines.is_empty() && !self.gap { 0.93 } else { 0.86 });
        let normal = normalise_boxes(&text);
        let boxed = normal.contains(BOXES);
        let mut try_at = |end: usize, skip: usize| {
            let Some(prefix) = text.get(..end) else { return };
            // What follows a question or a sentence is no more of its label.
            if prefix.len() > LABEL_MAX || prefix.contains("? ") || has_sentence(wordings::strip_number(prefix)) {
                return;
            }
            let (closeness, _) = self.closeness(&clean(prefix));
            let value = clean(text.get(end + skip..).unwrap_or(""));
            // In prose, "Team: to meet at ten" is no label.
            if prose && value.starts_with(char::is_lowercase) || is_label_end(&value) {
                return;
            }
            // A question and its yes or no on one line are sure to belong together.
            let asked = prefix.ends_with('?') && is_yes_or_no(&value) && !is_sentence_before(prefix);
            let least = if asked { least.min(0.6) } else { least };
            if closeness >= least
                && !value.trim_matches([':', '?', ' ', '*']).is_empty()
                && best.is_none_or(|(known, _, _)| closeness >= known - 0.001)
            {
                best = Some((closeness, end, skip));
            }
        };
        for (at, c) in text.char_indices().take(LABEL_MAX) {
            match c {
                ':' if text[..at].ends_with(|c: char| c.is_ascii_digit())
                    && text[at + 1..].starts_with(|c: char| c.is_ascii_digit()) => {}
                ':' | '\t' => try_at(at, c.len_utf8()),
                '?' => try_at(at + 1, 0),
                '.' if text[at..].starts_with("...") && !text[..at].ends_with('.') => {
                    try_at(at, text[at..].len() - text[at..].trim_start_matches('.').len())
                }
                '_' if text[at..].starts_with("__") => try_at(at, 0),
                '-' | '–' | '—'
                    if long.is_none()
                        && text.len() - at < 60
                        && !text.trim_end().ends_with('.')
                        && text[..at].ends_with(' ')
                        && text[at + c.len_utf8()..].starts_with(' ') =>
                {
                    try_at(at, c.len_utf8())
                }
                _ => {}
            }
        }
        if let Some(end) = bold_head(line) {
            try_at(end, 0);
        }
        if boxed && !self.is_option_line(&normal) {
            let raw_box = first_box(&text);
            let before = text[..raw_box].trim_end();
            let last_word = before.rfind(char::is_whitespace).unwrap_or(0);
            let word = before[last_word..].trim();
            let option = matches!(word.to_lowercase().as_str(), "yes" | "y" | "no" | "n");
            try_at(if option { last_word } else { before.len() }, 0);
        }
        let (_, end, skip) = best?;
        let (label, value) = cut_raw(line, end, end + skip);
        let marks = value.text();
        let trimmed = marks.trim_start_matches([':', '?', ' ', '*', '\t']);
        let dotted = if trimmed.starts_with("..") { trimmed.trim_start_matches(['.', ' ']) } else { trimmed };
        let trimmed = if dotted.is_empty() { trimmed } else { dotted };
        let trimmed = without_hint(trimmed);
        let (_, value) = cut_raw(&value, 0, marks.len() - trimmed.len());
        Some(Split { label, value, marked: true })
    }
}

/// How close words alone have to come to be a label; a full stop rather ends an answer.
fn least_unmarked(text: &str) -> f32 {
    if text.ends_with('.') { 0.97 } else { 0.9 }
}

/// The label before a control, and the control with all that follows; None for an option beside its box.
fn before_control(line: &Line, at: usize, options: bool) -> Option<Split> {
    let before: String = line.spans[..at].iter().map(|span| span.text.as_str()).collect();
    let label = clean(&before);
    let boxed = line.spans[at].text.contains(BOXES);
    let end = before.rfind([':', '?', '\t']).map(|end| end + 1);
    if boxed {
        let bare = label.trim_end_matches([':', ' ']).to_lowercase();
        let is_option = matches!(bare.as_str(), "yes" | "no" | "y" | "n" | "n/a");
        if is_option || (options && end.is_none()) {
            return None;
        }
        if let Some(end) = end.filter(|&end| end < before.trim_end().len()) {
            let (label, value) = cut_raw(line, end, end);
            return Some(Split { label, value, marked: true });
        }
    }
    (label.len() <= LABEL_MAX && label.chars().any(char::is_alphabetic)).then(|| Split {
        label: label.trim_end_matches([':', ' ']).to_owned(),
        value: Line { spans: line.spans[at..].to_vec() },
        marked: true,
    })
}

/// The end of a label after its colon or dash: "Media: further information".
fn is_label_end(value: &str) -> bool {
    const ENDS: [&str; 17] = [
        "give details",
        "please give details",
        "please specify",
        "further information",
        "details",
        "further details",
        "name",
        "names",
        "date",
        "time",
        "date and time",
        "yes/no",
        "y/n",
        "tel",
        "telephone",
        "reference",
        "comments",
    ];
    let lower = value.to_lowercase();
    ENDS.contains(&lower.trim_end_matches([':', '?', '*', ' '])) || (is_follow_up(&lower) && lower.ends_with('?'))
}

fn is_follow_up(lower: &str) -> bool {
    ["if so", "if yes", "if no,"].iter().any(|begin| lower.starts_with(begin))
}

/// What stands behind a question and its "(facts only):".
fn without_hint(value: &str) -> &str {
    let lower = value.to_ascii_lowercase();
    if is_follow_up(&lower)
        && let Some(at) = lower.find(['?', ':']).filter(|&at| at <= 40)
    {
        return value[at + 1..].trim_start_matches([':', '.', ' ']);
    }
    let asked =
        ["give details", "please give details", "details", "please specify", "please state", "if yes, give details"];
    if let Some(rest) = asked
        .iter()
        .find_map(|words| lower.strip_prefix(words))
        .filter(|rest| rest.trim_start().starts_with([':', '.']))
    {
        return value[value.len() - rest.len()..].trim_start_matches([':', '.', ' ']);
    }
    let Some((hint, rest)) = value.strip_prefix('(').and_then(|rest| rest.split_once(')')) else { return value };
    let is_hint = hint.chars().count() > 3 && !hint.contains(|c: char| c.is_ascii_digit());
    let rest = rest.trim_start();
    if is_hint && (rest.is_empty() || rest.starts_with([':', '.'])) {
        rest.trim_start_matches([':', '.', ' '])
    } else {
        value
    }
}

/// Where the bold words end that begin a line and end themselves with a colon or question mark, with plain words after them.
fn bold_label(line: &Line) -> Option<usize> {
    let end = bold_head(line)?;
    line.text().get(..end).is_some_and(|head| head.trim_end().ends_with([':', '?'])).then_some(end)
}

/// Where the bold words end that begin a line, with plain words after them.
fn bold_head(line: &Line) -> Option<usize> {
    let count = line.spans.iter().take_while(|span| span.bold || span.text.trim().is_empty()).count();
    let (bold, plain) = line.spans.split_at(count);
    let end: usize = bold.iter().map(|span| span.text.len()).sum();
    let words = |spans: &[Span]| spans.iter().any(|span| !span.text.trim().is_empty());
    (words(bold) && words(plain) && end <= LABEL_MAX).then_some(end)
}

/// More than a question stands before the question mark.
fn is_sentence_before(prefix: &str) -> bool {
    has_sentence(wordings::strip_number(prefix)) || !prefix.trim_start().starts_with(|c: char| !c.is_lowercase())
}

/// "UPDATE: …": a mark within an answer, no label.
fn is_mark(text: &str) -> bool {
    const MARKS: [&str; 8] = ["update", "updated", "note", "nb", "n.b.", "addendum", "later", "amended"];
    text.split_once(':').is_some_and(|(mark, _)| MARKS.contains(&mark.trim().to_lowercase().as_str()))
}

/// True where words answer a question that can be answered with yes or no.
fn is_yes_or_no(value: &str) -> bool {
    let first = value.split(|c: char| !c.is_alphanumeric() && c != '/').next().unwrap_or("");
    matches!(first.to_lowercase().as_str(), "yes" | "no" | "y" | "n" | "n/k" | "n/a" | "unknown")
        || value.to_lowercase().starts_with("not known")
}

/// A table of one cell, or of rows of one cell without labels, drawn around an answer.
fn is_answer_box(table: &Table) -> bool {
    table.rows.len() == 1 && table.rows[0].cells.len() == 1
}
