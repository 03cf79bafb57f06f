//! A document to labels with their answers, whatever the layout: the flow of lines; `tables` does the rows.
//!
//! Comes in: a [`Document`]. Goes out: [`Extract`]: pairs in reading order, rows of children and of actions, the lines before the
//! first label. A line is a label when its words are known or when its place says so: before a control, before a colon where
//! labels stand, alone above an answer. Knows nothing of what the answers mean.

use std::cell::RefCell;
use std::collections::HashMap;

use super::answers::{Line, clean, is_placeholder, normalise_boxes};
use super::fields::{Group, Type};
use super::wordings::{self, Wordings};
use crate::clock::Deadline;
use crate::document::{Block, Document, Paragraph, Span, TICKED, Table, UNTICKED};

/// Words as close as this to a known wording are a label.
pub(super) const KNOWN: f32 = 0.8;
/// Lines of a document that are looked at; a form has some hundred.
const LINES_MAX: usize = 4_000;
/// Bytes of one line in which a label is looked for.
const LINE_MAX: usize = 32 * 1024;
/// Rows of one table that are looked at.
pub(super) const ROWS_MAX: usize = 2_000;
/// Longest label.
pub(super) const LABEL_MAX: usize = 160;

/// A label with the words beside or below it.
#[derive(Debug, Clone, Default)]
pub struct Pair {
    /// The label as printed.
    pub label: String,
    /// Its answer.
    pub lines: Vec<Line>,
    /// The group of the section it stands in.
    pub section: Option<Group>,
    /// Numbered, bold or with a colon: a line without any of it is then no label.
    pub marked: bool,
    /// The machine name of the control that holds the answer.
    pub tag: String,
}

/// A table with a heading row: its rows by column label.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The label above the table, or "".
    pub label: String,
    /// Rows of (column label, answer).
    pub rows: Vec<Vec<(String, Vec<Line>)>>,
}

/// What a document asks and answers.
#[derive(Debug, Clone, Default)]
pub struct Extract {
    /// Labels with answers, in order.
    pub pairs: Vec<Pair>,
    /// Tables of children.
    pub children: Vec<Rows>,
    /// Tables of actions or recommendations.
    pub actions: Vec<Rows>,
    /// The lines before the first label: titles, markings, guidance.
    pub preamble: Vec<String>,
    /// The document is longer than is read; only its beginning was.
    pub cut: bool,
    /// The deadline passed; only what was read by then is here.
    pub late: bool,
}

/// Takes a document apart. `body`: it is a mail's body, where a greeting and a signature stand around the form.
pub fn extract(document: &Document, wordings: &Wordings, body: bool, deadline: &Deadline) -> Extract {
    let mut flow = Flow {
        wordings,
        document,
        out: Extract::default(),
        section: None,
        open: None,
        gap: false,
        body,
        stopped: false,
        lines_left: LINES_MAX,
        deadline: *deadline,
        known: RefCell::default(),
    };
    flow.out.preamble = lines_of(&document.headers)
        .iter()
        .flat_map(|line| line.text().split('\n').map(clean).collect::<Vec<_>>())
        .filter(|text| !text.is_empty())
        .collect();
    flow.blocks(&document.blocks);
    flow.close();
    flow.out
}

/// One step of the flow.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    /// A line, with its paragraph.
    Line(&'a Paragraph),
    /// A table.
    Table(&'a Table),
    /// The end of a table row of one cell.
    RowEnd,
    /// A row of several cells follows, which begins with a label.
    Labels,
}

pub(super) struct Flow<'a> {
    pub wordings: &'a Wordings,
    pub document: &'a Document,
    pub out: Extract,
    pub section: Option<Group>,
    /// The label whose answer is being read.
    pub open: Option<Pair>,
    /// An empty line came before.
    gap: bool,
    body: bool,
    pub stopped: bool,
    lines_left: usize,
    deadline: Deadline,
    known: RefCell<HashMap<String, (f32, Option<usize>)>>,
}

/// A line taken apart.
struct Split {
    label: String,
    value: Line,
    /// Numbered, bold, or with a colon or question mark.
    marked: bool,
}

impl<'a> Flow<'a> {
    pub(super) fn blocks(&mut self, blocks: &'a [Block]) {
        let items: Vec<Item<'a>> = blocks.iter().map(item).collect();
        self.items(&items);
    }

    pub(super) fn items(&mut self, items: &[Item<'a>]) {
        for at in 0..items.len() {
            if self.stopped {
                return;
            }
            match items[at] {
                Item::Table(table) => self.table(table),
                Item::RowEnd | Item::Labels => self.gap = true,
                Item::Line(paragraph) => {
                    let next = &items[at + 1..];
                    let lines: Vec<Line> = split_lines(paragraph).into_iter().map(without_printed_guidance).collect();
                    if lines.len() > 1
                        && is_instruction(&paragraph.text())
                        && !lines.iter().any(|line| self.is_label(line))
                    {
                        continue;
                    }
                    for (nth, line) in lines.iter().enumerate() {
                        let inner = lines.get(nth + 1);
                        self.line(paragraph, line, inner, next);
                    }
                }
            }
        }
    }

    fn line(&mut self, paragraph: &Paragraph, line: &Line, inner_next: Option<&Line>, next: &[Item<'a>]) {
        let text = clean(&line.text());
        let has_control = line.spans.iter().any(|span| span.control.is_some());
        if text.is_empty() && !has_control {
            self.gap = true;
            return;
        }
        if !self.spend(1) {
            return;
        }
        if text.len() > LINE_MAX {
            return self.go_on(line, &text);
        }
        if self.body && self.out.pairs.len() + usize::from(self.open.is_some()) >= 3 && is_sign_off(&text) {
            self.close();
            self.stopped = true;
            return;
        }
        if is_rule(&text)
            || (!has_control && self.is_guidance(&text) && self.known_split(line).is_none())
            || self.is_printed_guidance(line)
        {
            return;
        }
        let untitled = self.out.pairs.is_empty() && self.open.is_none();
        let known = self.known_split(line).is_some() || self.closeness(&text).0 >= 0.97;
        if untitled && super::kind::of_title(&text).is_some() && !known {
            return self.note_preamble(&text);
        }
        if !paragraph.indented || self.open.is_none() {
            if let Some(group) = self.heading(paragraph, line, &text, inner_next, next) {
                self.close();
                self.section =
                    group.or(self.section).filter(|_| group.is_some() || self.section != Some(Group::Office));
                self.gap = false;
                self.note_preamble(&text);
                return;
            }
            if let Some(split) = self.split(paragraph, line, inner_next, next) {
                self.open_pair(split);
                self.gap = false;
                return;
            }
        }
        self.go_on(line, &text);
        self.gap = false;
    }

    /// Guidance that is no label with guidance in it.
    pub(super) fn is_guidance(&self, text: &str) -> bool {
        let bracketed = text.trim().starts_with('(') && text.trim().ends_with(')');
        is_guidance(text) && (bracketed || self.closeness(text).0 < 0.9)
    }

    /// A grey or small line between a label and its answer.
    fn is_printed_guidance(&self, line: &Line) -> bool {
        let waits = self.open.as_ref().is_some_and(|pair| pair.lines.is_empty());
        waits && is_faint(line)
    }

    /// Takes from what may be looked at; false where nothing is left.
    pub(super) fn spend(&mut self, lines: usize) -> bool {
        let enough = self.lines_left >= lines;
        self.lines_left = self.lines_left.saturating_sub(lines);
        self.out.cut |= !enough;
        self.out.late |= self.deadline.has_passed();
        self.stopped |= !enough || self.out.late;
        enough && !self.out.late
    }

    fn note_preamble(&mut self, text: &str) {
        if self.out.preamble.len() < 40 {
            self.out.preamble.push(text.to_owned());
        }
    }

    fn open_pair(&mut self, split: Split) {
        self.close();
        let mut pair = Pair {
            label: split.label.trim_end_matches([':', ' ']).to_owned(),
            section: self.section,
            marked: split.marked,
            ..Pair::default()
        };
        self.add(&mut pair, split.value);
        self.open = Some(pair);
    }

    pub(super) fn add(&self, pair: &mut Pair, line: Line) {
        if pair.tag.is_empty()
            && let Some(control) =
                line.spans.iter().find_map(|span| span.control).and_then(|at| self.document.controls.get(at))
        {
            pair.tag = control.tag.clone();
        }
        if !clean(&line.text()).is_empty() {
            pair.lines.push(line);
        }
    }

    /// A line that is no label and no heading: more of the open answer, or nothing that was asked.
    fn go_on(&mut self, line: &Line, text: &str) {
        let Some(mut pair) = self.open.take() else { return self.note_preamble(text) };
        let control = line.spans.iter().any(|span| span.control.is_some());
        if pair.lines.is_empty() && !control && self.is_question(line, text) {
            // Two labels one above the other: the first was a heading.
            self.section = wordings::section(&pair.label).or(self.section);
            self.note_preamble(&pair.label);
            self.open = Some(Pair {
                label: text.trim_end_matches([':', ' ']).to_owned(),
                section: self.section,
                marked: true,
                ..Pair::default()
            });
            return;
        }
        let kind = self.kind(&pair.label);
        let long = matches!(kind, None | Some(Type::Long | Type::Multi | Type::Choice | Type::YesNo | Type::Table));
        let last = pair.lines.last().map(|line| line.text());
        let wrapped = !self.gap && last.as_ref().is_some_and(|last| last.chars().count() >= 60);
        if last.is_none() || long || wrapped || control {
            self.add(&mut pair, line.clone());
        }
        self.open = Some(pair);
    }

    /// A line that bears the number after that of the last label, where labels are numbered.
    fn is_next_number(&self, text: &str) -> bool {
        let Some(open) = &self.open else { return false };
        let listed = open.lines.iter().any(|line| number(&clean(&line.text())).is_some());
        let asked = self.out.pairs.iter().filter(|pair| number(&pair.label).is_some()).count();
        let (Some(last), Some(here)) = (number(&open.label), number(text)) else { return false };
        asked >= 2
            && !listed
            && (last + 1..=last + 2).contains(&here)
            && text.chars().count() <= 100
            && !text.ends_with('.')
    }

    /// Where an answer was awaited: a short question, or a numbered or bold line that speaks of what forms ask.
    fn is_question(&self, line: &Line, text: &str) -> bool {
        let bold = line.spans.iter().filter(|span| !span.text.trim().is_empty()).all(|span| span.bold);
        let numbered =
            wordings::strip_number(text).len() < text.len() && text.starts_with(|c: char| c.is_ascii_digit());
        if self.is_next_number(text) && !has_box(text) {
            return true;
        }
        let shaped = text.ends_with(['?', ':']) || bold || numbered;
        shaped
            && text.chars().count() <= 100
            && !text.contains(". ")
            && !text.ends_with('.')
            && !has_box(text)
            && self.closeness(text).0 >= if text.ends_with(['?', ':']) { 0.45 } else { 0.6 }
    }

    pub(super) fn close(&mut self) {
        if let Some(pair) = self.open.take() {
            self.push(pair);
        }
    }

    /// Keeps a pair, unless it is for the office or a table's heading alone.
    pub(super) fn push(&mut self, pair: Pair) {
        let office = pair.section == Some(Group::Office) || wordings::is_office(&pair.label);
        let bare_heading = pair.lines.is_empty() && self.kind(&pair.label) == Some(Type::Table);
        if !office && !bare_heading {
            self.out.pairs.push(pair);
        }
    }

    /// How close words come to a known label, and its field.
    pub(super) fn closeness(&self, text: &str) -> (f32, Option<usize>) {
        let text = text.trim();
        if text.is_empty() || text.len() > LABEL_MAX {
            return (0.0, None);
        }
        if let Some(known) = self.known.borrow().get(text) {
            return *known;
        }
        let best = self.wordings.candidates(text, self.section).first().copied();
        let mut found = (best.map_or(0.0, |best| best.closeness), best.map(|best| best.field));
        if wordings::is_office(text) {
            found = (1.0, None);
        }
        self.known.borrow_mut().insert(text.to_owned(), found);
        found
    }

    pub(super) fn kind(&self, label: &str) -> Option<Type> {
        let (closeness, field) = self.closeness(label);
        field.filter(|_| closeness >= 0.6).map(|field| wordings::field(field).kind)
    }

    /// Some for a heading: with the group it names, when it names one.
    fn heading(
        &self,
        paragraph: &Paragraph,
        line: &Line,
        text: &str,
        inner_next: Option<&Line>,
        next: &[Item<'a>],
    ) -> Option<Option<Group>> {
        if self.known_split(line).is_some() {
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
        let group = wordings::section(text);
        let bold = line.spans.iter().filter(|span| !span.text.trim().is_empty()).all(|span| span.bold);
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
        let capitals = letters.len() >= 4 && letters.iter().all(|c| c.is_uppercase());
        let looks = paragraph.heading || capitals || is_section_mark(text) || bold;
        let next_is_label = match inner_next {
            Some(line) => self.is_label(line),
            None => self.next_is_label(next),
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
            && (group.is_some() || paragraph.heading))
            .then_some(group)
    }

    /// True where what follows begins with a label (so that what stands before it is no answer's label).
    fn next_is_label(&self, next: &[Item<'a>]) -> bool {
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
        control.is_some() && text.len() <= LABEL_MAX && !text.contains([TICKED, UNTICKED])
            || self.closeness(&text).0 >= 0.9
    }

    fn split(&self, paragraph: &Paragraph, line: &Line, inner_next: Option<&Line>, next: &[Item<'a>]) -> Option<Split> {
        let first_control = line.spans.iter().position(|span| span.control.is_some());
        if first_control == Some(0) {
            return None;
        }
        if let Some(mut split) = self.known_split(line) {
            if is_guidance(&clean(&split.value.text())) || is_faint(&split.value) {
                split.value = Line::default();
            }
            return Some(split);
        }
        let text = clean(&line.text());
        let open_kind = self.open.as_ref().and_then(|pair| self.kind(&pair.label));
        let options = matches!(open_kind, Some(Type::Multi | Type::Choice | Type::YesNo));
        if let Some(at) = first_control {
            return before_control(line, at, options);
        }
        let (closeness, _) = self.closeness(&text);
        let bold = line.spans.iter().filter(|span| !span.text.trim().is_empty()).all(|span| span.bold);
        let numbered = wordings::strip_number(&text).len() < text.trim().len();
        let marked = text.ends_with([':', '?']) || bold || numbered || paragraph.heading;
        let struck = line.spans.iter().any(|span| span.struck);
        let answers =
            !marked && !self.gap && self.open.as_ref().is_some_and(|pair| pair.lines.is_empty() && pair.marked);
        if !struck
            && !answers
            && !has_box(&text)
            && (closeness
                >= if options && !marked && !self.gap {
                    2.0
                } else if marked {
                    0.72
                } else {
                    0.9
                })
        {
            return Some(Split { label: text, value: Line::default(), marked });
        }
        if self.open.as_ref().is_some_and(|pair| !pair.lines.is_empty())
            && !has_box(&text)
            && self.is_next_number(&text)
        {
            return Some(Split { label: text, value: Line::default(), marked: true });
        }
        self.unknown(paragraph, line, &text, numbered, inner_next, next)
    }

    /// A line with one box among the options of the open answer.
    fn is_option_line(&self, normal: &str) -> bool {
        let open_kind = self.open.as_ref().and_then(|pair| self.kind(&pair.label));
        let boxes = normal.chars().filter(|c| matches!(*c, TICKED | UNTICKED)).count();
        matches!(open_kind, Some(Type::Multi | Type::Choice))
            && (boxes == 1 || normal.trim_start().starts_with([TICKED, UNTICKED]))
    }

    /// A label whose words are unknown, by its place alone.
    fn unknown(
        &self,
        paragraph: &Paragraph,
        line: &Line,
        text: &str,
        numbered: bool,
        inner_next: Option<&Line>,
        next: &[Item<'a>],
    ) -> Option<Split> {
        let bold = line.spans.first().is_some_and(|span| span.bold);
        let waits = self.open.as_ref().is_some_and(|pair| pair.lines.is_empty());
        let open_long = self
            .open
            .as_ref()
            .is_some_and(|pair| matches!(self.kind(&pair.label), None | Some(Type::Long)) && !pair.lines.is_empty());
        let evident = numbered || bold || paragraph.heading;
        let spot = self.out.pairs.len() + usize::from(self.open.is_some()) >= 2;
        if let Some(at) = dots(text).or_else(|| colon(text))
            && (evident || (spot && !waits && (self.gap || !open_long)))
            && !is_sentence(&text[..at.0])
        {
            let (label, value) = cut(line, text, at.0, at.1);
            return Some(Split { label, value, marked: true });
        }
        // Alone in its row, above a row that answers it.
        let alone = inner_next.is_none() && matches!(next.first(), Some(Item::RowEnd)) && self.gap_or_first();
        let short = text.chars().count() <= 90 && !text.ends_with(['.', '!']) && !text.contains([TICKED, UNTICKED]);
        let answered = matches!(next.get(1), Some(Item::Line(_))) && !self.next_is_label(&next[1..]);
        let awaited = self.open.as_ref().is_some_and(|pair| pair.lines.is_empty());
        if alone
            && short
            && answered
            && !awaited
            && wordings::section(text).is_none_or(|_| text.ends_with(['?', ':']))
            && spot
        {
            return Some(Split { label: text.to_owned(), value: Line::default(), marked: evident });
        }
        if (evident || text.ends_with(['?', ':']))
            && short
            && !open_long
            && !awaited
            && spot
            && text.ends_with(['?', ':'])
            && !is_sentence(text)
        {
            return Some(Split { label: text.to_owned(), value: Line::default(), marked: evident });
        }
        None
    }

    fn gap_or_first(&self) -> bool {
        self.gap || self.open.is_none()
    }

    /// A line that begins with a known label: up to a colon, a question mark, a tab, dots, a box or yes/no words.
    fn known_split(&self, line: &Line) -> Option<Split> {
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
        let least = long.map_or(KNOWN, |pair| if pair.lines.is_empty() && !self.gap { 0.93 } else { 0.86 });
        let normal = normalise_boxes(&text);
        let boxed = normal.contains([TICKED, UNTICKED]);
        let mut try_at = |end: usize, skip: usize| {
            let Some(prefix) = text.get(..end) else { return };
            // What follows a question or a sentence is no more of its label.
            if prefix.len() > LABEL_MAX || prefix.contains("? ") || wordings::strip_number(prefix).contains(". ") {
                return;
            }
            let (closeness, _) = self.closeness(&clean(prefix));
            let value = clean(text.get(end + skip..).unwrap_or(""));
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
        let (_, value) = cut_raw(&value, 0, marks.len() - trimmed.len());
        Some(Split { label, value, marked: true })
    }
}

/// The number before a label: "12. Team", "Q3) Team".
fn number(text: &str) -> Option<u32> {
    let digits = text.trim_start_matches(['Q', 'q']);
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let value = digits[..digits.len() - rest.len()].parse().ok()?;
    (rest.starts_with(['.', ')', ':']) && rest[1..].starts_with(char::is_whitespace)).then_some(value)
}

pub(super) fn item(block: &Block) -> Item<'_> {
    match block {
        Block::Paragraph(paragraph) => Item::Line(paragraph),
        Block::Table(table) => Item::Table(table),
    }
}

/// The label before a control, and the control with all that follows; None for an option beside its box.
fn before_control(line: &Line, at: usize, options: bool) -> Option<Split> {
    let before: String = line.spans[..at].iter().map(|span| span.text.as_str()).collect();
    let label = clean(&before);
    let boxed = line.spans[at].text.contains([TICKED, UNTICKED]);
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

pub(super) fn has_box(text: &str) -> bool {
    normalise_boxes(text).contains([TICKED, UNTICKED])
}

/// Where the first box of a line is drawn.
fn first_box(text: &str) -> usize {
    let drawn = |at: usize| text[at..].chars().take(6).collect::<String>();
    let is_box = |at: usize| normalise_boxes(&drawn(at)).starts_with([TICKED, UNTICKED]);
    text.char_indices().map(|(at, _)| at).take(LABEL_MAX).find(|&at| is_box(at)).unwrap_or(text.len())
}

/// Splits a paragraph at its line breaks.
pub(super) fn split_lines(paragraph: &Paragraph) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    for span in &paragraph.spans {
        for (nth, piece) in span.text.split('\n').enumerate() {
            if nth > 0 {
                lines.push(Line::default());
            }
            if let Some(line) = lines.last_mut()
                && (!piece.is_empty() || (nth == 0 && span.control.is_some()))
            {
                line.spans.push(Span { text: piece.to_owned(), ..span.clone() });
            }
        }
    }
    lines
}

/// All lines of blocks, tables row by row.
pub(super) fn lines_of(blocks: &[Block]) -> Vec<Line> {
    let mut out = Vec::new();
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => out.extend(split_lines(paragraph)),
            Block::Table(table) => {
                table.rows.iter().flat_map(|row| &row.cells).for_each(|cell| out.extend(lines_of(&cell.blocks)))
            }
        }
    }
    out
}

/// All of a line's words printed as guidance is.
pub(super) fn is_faint(line: &Line) -> bool {
    let mut words = line.spans.iter().filter(|span| !span.text.trim().is_empty()).peekable();
    words.peek().is_some() && words.all(|span| span.faint && span.control.is_none())
}

/// A label without the grey or small guidance printed behind it.
pub(super) fn without_printed_guidance(line: Line) -> Line {
    let is_word = |span: &Span| !span.text.trim().is_empty();
    let Some(at) = line.spans.iter().position(|span| span.faint && is_word(span) && span.control.is_none()) else {
        return line;
    };
    let rest = &line.spans[at..];
    let tail = rest.iter().all(|span| span.control.is_none() && (span.faint || !is_word(span)));
    let head = line.spans[..at].iter().any(|span| is_word(span) && span.control.is_none());
    if tail && head && !line.text().to_lowercase().contains("delete") {
        Line { spans: line.spans[..at].to_vec() }
    } else {
        line
    }
}

/// How and where to send the form, over several lines.
fn is_instruction(text: &str) -> bool {
    let lower = text.trim_start().to_lowercase();
    [
        "please return",
        "please send",
        "please email",
        "please e-mail",
        "please submit",
        "please forward",
        "once completed",
        "completed forms",
        "when completed",
        "return this form",
        "send this form",
        "email this form",
        "this form should be",
        "this form must be",
    ]
    .iter()
    .any(|begin| lower.starts_with(begin))
}

/// A table of one cell, or of rows of one cell without labels, drawn around an answer.
fn is_answer_box(table: &Table) -> bool {
    table.rows.len() == 1 && table.rows[0].cells.len() == 1
}

fn cut_raw(line: &Line, end: usize, from: usize) -> (String, Line) {
    let mut label = String::new();
    let mut value = Line::default();
    let mut at = 0;
    for span in &line.spans {
        let (begin, stop) = (at, at + span.text.len());
        at = stop;
        if begin < end {
            label.push_str(span.text.get(..end.min(stop) - begin).unwrap_or(&span.text));
        }
        if stop > from || (span.control.is_some() && begin >= from) {
            let text = span.text.get(from.saturating_sub(begin).min(span.text.len())..).unwrap_or("").to_owned();
            value.spans.push(Span { text, ..span.clone() });
        }
    }
    (clean(&label).trim_end_matches([':', ' ']).to_owned(), value)
}

/// Cuts a line at an offset of its cleaned text, which is found again in the raw one.
fn cut(line: &Line, text: &str, end: usize, from: usize) -> (String, Line) {
    let raw = line.text();
    let shift = raw.find(text.chars().next().unwrap_or(' ')).unwrap_or(0);
    if raw.get(shift..).is_some_and(|rest| rest.starts_with(text)) {
        return cut_raw(line, end + shift, from + shift);
    }
    (clean(&text[..end]), Line::plain(clean(&text[from..]).as_str()))
}

/// `Label ....... value`.
fn dots(text: &str) -> Option<(usize, usize)> {
    let at = text.find("....")?;
    let rest = text[at..].trim_start_matches('.');
    Some((at, text.len() - rest.len()))
}

/// `Label: value` with a short label.
fn colon(text: &str) -> Option<(usize, usize)> {
    let at = text.find(": ").or_else(|| text.find('\t')).or_else(|| text.ends_with(':').then(|| text.len() - 1))?;
    (3..=80).contains(&at).then_some((at, at + 1))
}

/// Prose, not a label.
fn is_sentence(text: &str) -> bool {
    let text = wordings::strip_number(text);
    let words = text.split_whitespace().count();
    words > 9
        || text.contains(". ")
        || text.starts_with(|c: char| c.is_lowercase())
        || text.chars().filter(|c| c.is_alphabetic()).count() < 2
}

fn is_section_mark(text: &str) -> bool {
    let lower = text.to_lowercase();
    let rest = ["section ", "part ", "step "].iter().find_map(|mark| lower.strip_prefix(mark));
    rest.is_some_and(|rest| {
        rest.chars().next().is_some_and(char::is_alphanumeric)
            && rest.chars().nth(1).is_none_or(|c| !c.is_alphanumeric() || c.is_ascii_digit())
    })
}

/// A drawn line.
fn is_rule(text: &str) -> bool {
    text.chars().count() >= 3
        && text.chars().all(|c| matches!(c, '-' | '_' | '=' | '*' | '—' | '–' | ' ' | '.' | '#' | '~'))
}

/// Guidance to whoever fills the form in: never an answer.
pub(super) fn is_guidance(text: &str) -> bool {
    let lower = text.trim().trim_start_matches(['(', '[', '*', ' ']).to_lowercase();
    const BEGIN: [&str; 22] = [
        "please ",
        "print name",
        "dd/mm",
        "e.g.",
        "eg ",
        "max ",
        "max.",
        "maximum ",
        "guidance",
        "note:",
        "to be used when",
        "the report should be",
        "do not include",
        "delete as",
        "if yes,",
        "this form should",
        "this form must",
        "continue on",
        "no more than",
        "personal opinions",
        "(please",
        "use initials",
    ];
    const CONTAIN: [&str; 5] =
        ["personal opinions or conjecture", "brief and factual", "max. 500 words", "print name", "dd/mm/yy"];
    let whole_bracket = text.trim().starts_with('(')
        && text.trim().ends_with(')')
        && text.chars().count() <= 120
        && !text.chars().any(|c| c.is_ascii_digit());
    is_instruction(text)
        || (BEGIN.iter().any(|begin| lower.starts_with(begin))
            && lower.chars().count() <= 200
            && !lower.contains([TICKED, UNTICKED])
            && !lower.contains("apply")
            && !lower.contains("detail"))
        || (CONTAIN.iter().any(|words| lower.contains(words)) && lower.chars().count() <= 160 && !lower.contains(": "))
        || whole_bracket
        || (is_placeholder(text) && lower.starts_with("dd/"))
}

fn is_sign_off(text: &str) -> bool {
    let lower = text.trim().trim_end_matches([',', '.', '!']).to_lowercase();
    const WHOLE: [&str; 15] = [
        "kind regards",
        "regards",
        "many thanks",
        "thanks",
        "thank you",
        "best wishes",
        "best regards",
        "warm regards",
        "yours sincerely",
        "yours faithfully",
        "kindest regards",
        "with thanks",
        "cheers",
        "all the best",
        "--",
    ];
    WHOLE.contains(&lower.as_str())
        || lower.starts_with("sent from my ")
        || lower.starts_with("get outlook for")
        || lower.starts_with("this email and any")
        || lower.starts_with("this e-mail and any")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use crate::document::text;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let document = text::read(text);
        let wordings = Wordings::default();
        let found = extract(&document, &wordings, true, &Deadline::after(Duration::MAX));
        found
            .pairs
            .iter()
            .map(|pair| {
                (pair.label.clone(), pair.lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join("\n"))
            })
            .collect()
    }

    #[test]
    fn known_labels_split_lines() {
        let wordings = Wordings::default();
        let document = Document::default();
        let flow = Flow {
            wordings: &wordings,
            document: &document,
            out: Extract::default(),
            section: None,
            open: None,
            gap: false,
            body: false,
            stopped: false,
            lines_left: LINES_MAX,
            deadline: Deadline::after(Duration::MAX),
            known: RefCell::default(),
        };
        assert!(flow.known_split(&Line::plain("Date of birth: 1/2/2010")).is_some());
        assert!(flow.known_split(&Line::plain("Favourite colour: red")).is_none());
    }

    #[test]
    fn text_layouts() {
        let want = vec![
            ("Team".to_owned(), "MASH".to_owned()),
            ("Date of birth".to_owned(), "4/3/2011".to_owned()),
            ("Details of incident".to_owned(), "It rained.\nIt poured.".to_owned()),
        ];
        for text in [
            "Need to know\n\nTeam: MASH\nDate of birth: 4/3/2011\nDetails of incident:\nIt rained.\nIt poured.\n\nKind regards,\nSam\nTeam: other",
            "Team ........ MASH\nDate of birth .... 4/3/2011\nDetails of incident ... It rained.\nIt poured.\n",
            "Team:\n\n\tMASH\n\nDate of birth:\n\n\t4/3/2011\n\nDetails of incident:\n\n\tIt rained.\n\tIt poured.\n",
            "Team\tMASH\nDate of birth\t4/3/2011\nDetails of incident\tIt rained.\nIt poured.",
        ] {
            assert_eq!(pairs(text), want, "{text}");
            assert_eq!(pairs(&text.replace('\n', "\r\n")), want, "{text}");
        }
    }

    #[test]
    fn headings_are_no_answers() {
        let found = pairs(
            "Team: MASH\nNext steps:\nRing the school.\n\nPotential media involvement\nMedia interest likely? Yes [ ] No [X]\nMedia details: none",
        );
        assert_eq!(found[1], ("Next steps".to_owned(), "Ring the school.".to_owned()));
        assert_eq!(found[2], ("Media interest likely?".to_owned(), "Yes [ ] No [X]".to_owned()));
    }
}
