//! A document to labels with their answers, whatever the layout: the flow of lines; `tables` does the rows.
//!
//! Comes in: a [`Document`]. Goes out: [`Extract`]: pairs in reading order, rows of children and of actions, the lines before the
//! first label. A line is a label when its words are known or when its place says so: before a control, before a colon where
//! labels stand, alone above an answer. Knows nothing of what the answers mean.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use super::answers::{begins, clean};
use super::blocks::Layout;
use super::choices::Line;
use super::dates;
use super::fields::{Group, Type};
use super::form::Unmatched;
use super::grids::{is_child_name, is_counted};
use super::labels::{Split, Spot};
use super::lines::{
    divide, dots, has_box, is_all_bold, is_bold, is_faint, is_guidance, is_instruction, is_numbered, is_rule,
    is_running_foot, is_sign_off, lines_of, number, split_lines, without_printed_guidance,
};
use super::sections;
use super::wordings::{self, Wordings};
use crate::clock::Deadline;
use crate::document::{Block, Document, Paragraph, Span, Table};

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

/// How an answer about parents begins that names each.
pub(super) const PARENTS: [&str; 10] =
    ["mother:", "father:", "mum:", "dad:", "parent:", "carer:", "stepfather:", "stepmother:", "mother -", "father -"];

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
    /// The label is printed as a heading.
    pub headed: bool,
    /// The label is a bold line of its own.
    pub bold: bool,
    /// Its answer begins in the line of the label.
    pub beside: bool,
    /// Its answer stands with the label, beside an empty cell: it may be guidance.
    pub doubtful: bool,
    /// The machine name of the control that holds the answer.
    pub tag: String,
    /// Words that stand by and are no part of the answer: comments, and questions that nobody here knows. Without a text the label is all.
    pub others: Vec<Unmatched>,
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
    let mut flow = Flow::new(document, wordings, body, deadline);
    flow.out.preamble = lines_of(&document.headers)
        .iter()
        .flat_map(|line| line.text().split('\n').map(clean).collect::<Vec<_>>())
        .filter(|text| !text.is_empty())
        .collect();
    if body {
        flow.layout = flow.layout(&document.blocks);
    }
    flow.blocks(&document.blocks);
    flow.close();
    if body {
        flow.drop_signed_name();
    }
    flow.end_children();
    if !document.headers.is_empty() {
        flow.add_from_headers(deadline);
    }
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
    /// A table row of one empty cell.
    Blank,
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
    pub gap: bool,
    /// Of what came before, where it was empty, more than one line was.
    pub wide: bool,
    /// How a mail's body is laid out.
    pub layout: Layout,
    /// The line before said where to send the form and goes on in this one.
    instructed: bool,
    body: bool,
    pub stopped: bool,
    lines_left: usize,
    deadline: Deadline,
    /// Labels so far that a dash stands behind.
    pub dashed: usize,
    /// Table rows so far whose cells hold a label and its answer in one line.
    pub within: usize,
    /// Rows of labels stood above the rows of their answers.
    pub over: bool,
    /// Labels stood with their answers below them in one cell, several of them in a row.
    pub above: bool,
    /// Answers so far that stood right below their label, with an empty line behind them.
    blocks: usize,
    /// Within the lines that a mail program puts above a forwarded mail.
    quoted: bool,
    /// Within the form's own notes on how it is filled in.
    noted: bool,
    /// What "Child 1", "Child 2" … each say, where children stand in blocks.
    blocks_of_children: Vec<Vec<Pair>>,
    in_child: bool,
    known: RefCell<HashMap<String, (f32, Option<usize>)>>,
}

impl<'a> Flow<'a> {
    fn new(document: &'a Document, wordings: &'a Wordings, body: bool, deadline: &Deadline) -> Flow<'a> {
        Flow {
            wordings,
            document,
            out: Extract::default(),
            section: None,
            open: None,
            gap: false,
            wide: false,
            layout: Layout::default(),
            instructed: false,
            body,
            stopped: false,
            lines_left: LINES_MAX,
            deadline: *deadline,
            dashed: 0,
            within: 0,
            over: false,
            above: false,
            blocks: 0,
            quoted: false,
            noted: false,
            blocks_of_children: Vec::new(),
            in_child: false,
            known: RefCell::default(),
        }
    }

    /// What page headers answer about the child or the incident and the body does not. The rest of a header is letterhead: the council's
    /// own address and telephone, titles, markings.
    fn add_from_headers(&mut self, deadline: &Deadline) {
        let mut above = Flow::new(self.document, self.wordings, false, deadline);
        above.blocks(&self.document.headers);
        above.close();
        for pair in std::mem::take(&mut above.out.pairs) {
            let (closeness, field) = self.closeness(&pair.label);
            let Some(field) = field.filter(|_| closeness >= 0.97 && !pair.lines.is_empty()) else { continue };
            let (key, group) = (wordings::field(field).key, wordings::field(field).group);
            let told = matches!(group, Group::Child | Group::Incident) && key != "child_address"
                || matches!(key, "social_worker" | "team" | "team_manager");
            let asked = |known: &Pair| !known.lines.is_empty() && self.closeness(&known.label).1 == Some(field);
            if told && !self.out.pairs.iter().any(asked) {
                self.out.pairs.push(pair);
            }
        }
    }

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
                Item::Table(table) => {
                    self.noted = false;
                    self.table(table);
                }
                Item::RowEnd | Item::Labels => self.gap = true,
                Item::Blank => {
                    // The label in the row above has its answer here, and none was given.
                    if self.open.as_ref().is_some_and(|pair| pair.lines.is_empty() && !pair.beside) {
                        self.close();
                    }
                    self.gap = true;
                }
                Item::Line(paragraph) => {
                    let next = &items[at + 1..];
                    let lines = split_lines(paragraph).into_iter().flat_map(|line| self.each_label(line));
                    let lines: Vec<Line> = lines.map(without_printed_guidance).collect();
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

    /// A line longer than is searched for labels: its beginning as any other line, the rest behind what that became.
    fn long_line(&mut self, paragraph: &Paragraph, line: &Line, inner_next: Option<&Line>, next: &[Item<'a>]) {
        let text = line.text();
        let near = text.floor_char_boundary(LINE_MAX / 4);
        let at = text[..near].rfind(' ').unwrap_or(near);
        let (head, rest) = divide(line, at);
        self.line(paragraph, &head, inner_next, next);
        if let Some(last) = self.open.as_mut().and_then(|pair| pair.lines.last_mut()) {
            last.spans.extend(rest.spans);
        } else {
            self.go_on(&rest, &clean(&rest.text()));
        }
    }

    fn line(&mut self, paragraph: &Paragraph, line: &Line, inner_next: Option<&Line>, next: &[Item<'a>]) {
        let text = clean(&line.text());
        let has_control = line.spans.iter().any(|span| span.control.is_some());
        if text.is_empty() && !has_control {
            (self.wide, self.gap, self.quoted) = (self.gap, true, false);
            return;
        }
        if !self.spend(1) || self.is_mail_header(&text, inner_next, next) {
            return;
        }
        if text.len() > LINE_MAX {
            return self.long_line(paragraph, line, inner_next, next);
        }
        if !has_control && self.take_framed(&text) {
            return;
        }
        let asks_on = |split: &Split| paragraph.heading && self.goes_on_asking(&split.value.text());
        let known = self.known_split(line).filter(|split| !asks_on(split));
        if known.as_ref().is_some_and(|split| self.is_asked_already(&split.label, &text)) {
            return self.go_on(line, &text);
        }
        if self.instructed && !self.gap && text.starts_with(char::is_lowercase) && known.is_none() {
            return;
        }
        self.instructed = false;
        if self.body && self.out.pairs.len() + usize::from(self.open.is_some()) >= 3 && is_sign_off(&text) {
            self.close();
            self.stopped = true;
            return;
        }
        if is_rule(&text)
            || (!has_control && self.is_guidance(&text) && known.is_none())
            || self.is_printed_guidance(line)
        {
            self.instructed = is_instruction(&text) && !text.ends_with('.');
            return;
        }
        let awaited = self.open.as_ref().is_some_and(|pair| pair.headed && pair.lines.is_empty());
        if awaited && is_running_foot(&text) {
            return;
        }
        if awaited && !paragraph.heading && !text.ends_with([':', '?']) && !self.begins_with_label(&text)
            || known.is_none() && self.are_awaited_initials(&text)
        {
            self.gap = false;
            return self.go_on(line, &text);
        }
        if self.is_wrapped_option(&text) {
            if let Some(last) = self.open.as_mut().and_then(|pair| pair.lines.last_mut()) {
                last.spans.push(Span { text: " ".to_owned(), ..Span::default() });
                last.spans.extend(line.spans.iter().cloned());
            }
            return;
        }
        let in_dashes = || self.layout.blocks && !text.contains([':', '?', '\t']);
        if (known.is_none() || in_dashes()) && self.answers_in_block(paragraph, line, &text, inner_next, next) {
            self.blocks += 1;
            return self.go_on(line, &text);
        }
        if self.is_wrapped(paragraph, line, &text) || self.is_of_parents(&text) {
            self.gap = false;
            return self.go_on(line, &text);
        }
        let next_is_label = OnceCell::new();
        let mut spot = Spot { paragraph, line, text: &text, known, inner_next, next, next_is_label };
        let by_place = self.heads_section(&spot) || self.heads_block(&spot);
        if !by_place && (self.is_part_of_answer(&text) || !has_control && self.is_listed(&text)) {
            return self.go_on(line, &text);
        }
        let untitled = self.out.pairs.is_empty() && self.open.is_none();
        let asks = |words: &str| self.closeness(words).0 >= 0.97;
        let asks = || asks(&text) || spot.known.as_ref().is_some_and(|split| asks(&split.label));
        let names_itself = || spot.known.as_ref().is_some_and(|split| super::kind::is_title_alone(&split.value.text()));
        if untitled && super::kind::of_title(&text).is_some() && (!asks() || names_itself()) {
            return self.note_preamble(&text);
        }
        if !has_control && (self.is_note(&text) || self.asks_more(&text)) {
            return self.note_preamble(&text);
        }
        if is_counted(&text, is_child_name) && !has_control && self.asks_below(inner_next, next) {
            self.close();
            (self.section, self.gap, self.in_child) = (Some(Group::Child), false, true);
            return self.blocks_of_children.push(Vec::new());
        }
        if !paragraph.indented || self.open.is_none() {
            if let Some(group) = self.heading(&spot).filter(|_| !self.goes_on_unnumbered(&spot)) {
                self.close();
                self.in_child = false;
                self.section =
                    group.or(self.section).filter(|_| group.is_some() || self.section != Some(Group::Office));
                let gap = std::mem::take(&mut self.gap);
                let plain = (group.is_none() || !gap) && !paragraph.heading && !is_all_bold(line);
                return if plain { self.loose(line, &text) } else { self.note_preamble(&text) };
            }
            if let Some(split) = self.split(&mut spot) {
                let behind = text.strip_prefix(split.label.as_str()).map_or("", str::trim_start);
                self.dashed += usize::from(behind.starts_with(['-', '–', '—']));
                self.open_pair(split);
                if let Some(pair) = &mut self.open {
                    pair.headed = paragraph.heading;
                    pair.bold = pair.lines.is_empty() && is_bold(line);
                }
                self.gap = false;
                return;
            }
        }
        if !self.is_footer(line, &text) {
            self.go_on(line, &text);
        }
        self.gap = false;
    }

    /// Below the form's own notes on how it is filled in, the sentences of these.
    fn is_note(&mut self, text: &str) -> bool {
        if self.out.pairs.len() >= 4 && sections::heads_notes(text) {
            self.close();
            self.noted = true;
        } else if !text.ends_with('.') {
            self.noted = false;
        }
        self.noted
    }

    /// Where labels are numbered, a question below one without a number says more of what is asked.
    fn asks_more(&self, text: &str) -> bool {
        let known = |pair: &Pair| self.closeness(&pair.label).0 >= KNOWN;
        text.strip_suffix('?').is_some_and(|asked| self.awaits_unnumbered(asked))
            && self.open.as_ref().is_some_and(known)
    }

    /// "From: …", "Sent: …", "To: …" above a forwarded mail: nothing that a form asks. Its subject may name the form.
    fn is_mail_header(&mut self, text: &str, inner_next: Option<&Line>, next: &[Item<'a>]) -> bool {
        let bare = text.trim_start_matches('*');
        if self.body && begins(bare, "from:") {
            let below = match (inner_next, next.first()) {
                (Some(line), _) => line.text(),
                (None, Some(Item::Line(paragraph))) => paragraph.text(),
                _ => String::new(),
            };
            let below = below.trim_start_matches(|c: char| c == '*' || c.is_whitespace()).to_lowercase();
            let begins_here = text.contains('@') || below.starts_with("sent:");
            if begins_here && !self.quoted {
                self.drop_signature();
            }
            self.quoted |= begins_here;
        }
        const MORE: [&str; 9] =
            ["from:", "sent:", "date:", "to:", "cc:", "bcc:", "subject:", "importance:", "attachments:"];
        self.quoted &= text.contains(['@', ';']) || MORE.iter().any(|begin| begins(bare, begin));
        if self.quoted && begins(bare, "subject:") {
            self.note_preamble(bare["subject:".len()..].trim_start_matches(['*', ' ']));
        }
        self.quoted
    }

    /// The name below a mail is that of whoever sends it, where the form says so: no more of the last answer.
    fn drop_signed_name(&mut self) {
        let Some((last, before)) = self.out.pairs.split_last_mut() else { return };
        let signs = |name: &str| {
            let of_author = |pair: &&Pair| {
                let field = self.wordings.best(&pair.label, pair.section).map(|best| wordings::field(best.field).key);
                field == Some("completed_by")
            };
            let is_name = |pair: &&Pair| matches!(&*pair.lines, [line] if clean(&line.text()) == name);
            name.contains(' ') && before.iter().filter(is_name).any(|pair| of_author(&pair))
        };
        if last.lines.len() >= 2 && last.lines.last().is_some_and(|line| signs(&clean(&line.text()))) {
            last.lines.pop();
        }
    }

    /// What stands above a forwarded mail without a mark of a label is of a signature: "Personal Adviser", the council.
    fn drop_signature(&mut self) {
        self.close();
        if self.out.pairs.len() <= 3 {
            self.out.pairs.retain(|pair| pair.marked);
        }
    }

    /// The words of a label at the beginning of an answer to the same question: "Action already taken", below it "Immediate action: …".
    /// Above answers that stand beside their labels the same words are a heading.
    pub(super) fn is_asked_already(&self, label: &str, text: &str) -> bool {
        let Some(open) = &self.open else { return false };
        let (closeness, field) = self.closeness(&open.label);
        let alike = closeness >= KNOWN && self.kind(label) == Some(Type::Long) && self.closeness(label).1 == field;
        let below = !open.headed && open.label.contains(char::is_lowercase) && !self.answers_stand_beside();
        alike && text.ends_with('.') && (below || !open.lines.is_empty())
    }

    /// The rest of a sentence that a mail program broke: in small letters right below a long line without an end.
    fn is_wrapped(&self, paragraph: &Paragraph, line: &Line, text: &str) -> bool {
        let Some(pair) = self.open.as_ref().filter(|_| self.body && !self.gap && !paragraph.heading) else {
            return false;
        };
        let plain = line.spans.iter().all(|span| span.control.is_none() && !span.bold) && !has_box(text);
        let goes_on = |last: &Line| {
            let last = clean(&last.text());
            last.chars().count() >= 45 && !last.ends_with(['.', ':', '?', '!', ';']) && !has_box(&last)
        };
        plain
            && text.starts_with(char::is_lowercase)
            && matches!(self.kind(&pair.label), None | Some(Type::Long | Type::Text))
            && pair.lines.last().is_some_and(goes_on)
    }

    /// The one line right below a label, with an empty line behind it, where answers stand so: a post or a plan is the words of a label too.
    fn answers_in_block(
        &self,
        paragraph: &Paragraph,
        line: &Line,
        text: &str,
        inner_next: Option<&Line>,
        next: &[Item<'a>],
    ) -> bool {
        let ends = match (inner_next, next.first()) {
            (Some(below), _) => clean(&below.text()).is_empty(),
            (None, Some(Item::Line(below))) => clean(&below.text()).is_empty(),
            (None, None) => true,
            _ => false,
        };
        let plain = !paragraph.heading && !is_bold(line) && line.spans.iter().all(|span| span.control.is_none());
        let labelled = |pair: &Pair| {
            let known = || self.layout.blocks || self.closeness(&pair.label).0 >= KNOWN;
            pair.lines.is_empty() && !pair.beside && !pair.headed && known()
        };
        let asks = is_running_foot(text)
            || text.ends_with([':', '?'])
            || is_numbered(text)
            || has_box(text)
            || self.begins_with_label(text);
        // What is no label is an answer anyway, and tells that answers stand so.
        let sure =
            self.layout.blocks || self.blocks >= 3 || self.closeness(text).0 < KNOWN || self.awaits_unnumbered(text);
        ends && !self.gap && plain && !asks && dots(text).is_none() && sure && self.open.as_ref().is_some_and(labelled)
    }

    /// Options that a mail program broke: a box stood alone at the end of the line before, or the words behind one go on in small letters
    /// or in brackets.
    fn is_wrapped_option(&self, text: &str) -> bool {
        let Some(pair) = self.open.as_ref().filter(|_| self.body && !self.gap) else { return false };
        let goes_on = |last: &Line| {
            let last = clean(&last.text());
            let ends = [']', ')', '☐', '☑', '☒'].iter().any(|end| last.ends_with(*end));
            let box_alone =
                ends && ["[ ]", "[x]", "[X]", "( )", "(x)", "(X)", "☐", "☑", "☒"].iter().any(|b| last.ends_with(b));
            let small = text.starts_with(|c: char| c.is_lowercase() || c == '(');
            has_box(&last) && last.chars().count() >= 40 && (box_alone || small && has_box(text))
        };
        let boxes_first =
            pair.lines.first().is_some_and(|line| clean(&line.text()).starts_with(['[', '(', '☐', '☑', '☒']));
        boxes_first
            && !text.ends_with(':')
            && pair.lines.last().is_some_and(goes_on)
            && !text.starts_with(['[', '☐', '☑', '☒'])
    }

    /// "IO" where initials are awaited: of a child, not an investigating officer.
    fn are_awaited_initials(&self, text: &str) -> bool {
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let initials = (1..=4).contains(&letters)
            && text.chars().all(|c| c.is_uppercase() || matches!(c, '.' | ' '))
            && !matches!(text, "NA" | "NK" | "N K" | "TBC");
        let asked = |pair: &Pair| {
            let (closeness, field) = self.closeness(&pair.label);
            let of_child = field.is_some_and(|at| wordings::field(at).key == "child_initials");
            pair.lines.is_empty() && closeness >= KNOWN && of_child
        };
        initials && self.open.as_ref().is_some_and(asked)
    }

    /// "Mother: …" where the names of the parents are awaited.
    fn is_of_parents(&self, text: &str) -> bool {
        let asked = |pair: &Pair| {
            let (closeness, field) = self.closeness(&pair.label);
            pair.lines.is_empty() && closeness >= KNOWN && field.is_some_and(|at| wordings::field(at).key == "parents")
        };
        !self.gap
            && PARENTS.iter().any(|begin| begins(text, begin) && !text[begin.len()..].trim().is_empty())
            && self.open.as_ref().is_some_and(asked)
    }

    /// "3.1 Staffing" below the heading "3. Findings".
    fn is_part_of_answer(&self, text: &str) -> bool {
        let Some(number) = self.open.as_ref().filter(|open| open.headed).and_then(|open| number(&open.label)) else {
            return false;
        };
        let below =
            text.strip_prefix(&format!("{number}.")).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        below && !text.contains(": ")
    }

    /// "- Mother: …", "2. Police: …": one more point of a list within the open answer, where no label so far was a point of one.
    fn is_listed(&self, text: &str) -> bool {
        let Some(open) = &self.open else { return false };
        if let Some(here) = number(text) {
            let before = open.lines.iter().rev().find_map(|line| number(&clean(&line.text())));
            return before.is_some_and(|before| before + 1 == here);
        }
        let is_point = |text: &str| text.starts_with(['-', '–', '•', '·', '*']) && !is_rule(text);
        let labelled = || self.out.pairs.iter().chain([open]).any(|pair| is_point(&pair.label));
        let long = || matches!(self.kind(&open.label), None | Some(Type::Long | Type::Text | Type::Table));
        is_point(text) && !has_box(text) && long() && !labelled()
    }

    /// True where a label stands below.
    fn asks_below(&self, inner_next: Option<&Line>, next: &[Item<'a>]) -> bool {
        inner_next.map_or_else(|| self.next_is_label(next), |line| self.is_label(line))
    }

    /// A page number, a protective marking or the form's version; or apart from the answer above, and about the form: where it goes
    /// (printed as guidance is, or the end of a sentence with an address), or what becomes of it.
    fn is_footer(&self, line: &Line, text: &str) -> bool {
        if self.open.is_some() && is_running_foot(text) {
            return true;
        }
        let after_answer = self.open.as_ref().is_some_and(|pair| pair.lines.last().is_some_and(|line| !is_faint(line)));
        if !self.gap || !after_answer {
            return false;
        }
        is_about_the_form(line, text)
    }

    /// Guidance that is no label with guidance in it.
    pub(super) fn is_guidance(&self, text: &str) -> bool {
        let bracketed = text.trim().starts_with('(') && text.trim().ends_with(')');
        // "Please describe the event" asks what few wordings say word for word.
        let asks = begins(text.trim_start(), "please ") && !text.trim_end().ends_with('.');
        is_guidance(text) && (bracketed || self.closeness(text).0 < if asks { 0.6 } else { 0.9 })
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

    /// What follows is of no "Child 1", "Child 2".
    pub(super) fn end_child(&mut self) {
        self.in_child = false;
    }

    pub(super) fn note_preamble(&mut self, text: &str) {
        if self.out.preamble.len() < 40 {
            self.out.preamble.push(text.to_owned());
        }
    }

    fn open_pair(&mut self, split: Split) {
        self.close();
        let split = split.with_all_it_asks();
        let mut pair = Pair {
            label: split.label.trim_end_matches([':', ' ', '>', '→', '»', '⇒']).to_owned(),
            section: self.section,
            marked: split.marked,
            ..Pair::default()
        };
        self.add(&mut pair, split.value);
        pair.beside = !pair.lines.is_empty();
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
        let Some(mut pair) = self.open.take() else { return self.loose(line, text) };
        let control = line.spans.iter().any(|span| span.control.is_some());
        let of_table = || self.kind(&pair.label) == Some(Type::Table) && self.closeness(text).0 >= 0.97;
        if pair.lines.is_empty() && !control && (self.is_question(line, text) || of_table()) {
            // Two labels one above the other: the first was a heading.
            if self.closeness(&pair.label).0 >= KNOWN && self.kind(&pair.label) != Some(Type::Table) {
                self.push(pair);
            } else {
                self.section = sections::section(&pair.label).or(self.section);
                self.note_preamble(&pair.label);
            }
            self.open = Some(Pair {
                label: text.trim_end_matches([':', ' ']).to_owned(),
                section: self.section,
                marked: true,
                ..Pair::default()
            });
            return;
        }
        let kind = self.kind(&pair.label);
        let marked = |line: &Line| has_box(text) || line.spans.iter().any(|span| span.struck || span.highlighted);
        let long = match kind {
            None | Some(Type::Long | Type::Multi | Type::YesNo | Type::Table) => true,
            Some(Type::Choice) => marked(line) || pair.lines.iter().any(|line| marked(line) || has_box(&line.text())),
            _ => false,
        };
        let last = pair.lines.last().map(|line| line.text());
        // A date, and its time of day in the next line.
        let timed = matches!(kind, Some(Type::DateTime | Type::Date))
            && pair.lines.len() == 1
            && text.len() <= 40
            && dates::parse_time(text).is_some();
        let wrapped = !self.gap && last.as_ref().is_some_and(|last| last.chars().count() >= 60);
        // A sentence behind a sentence, below a label that only comes close to one which asks for a word or two.
        let sentence = |text: &str| text.ends_with('.') && text.split_whitespace().count() >= 3;
        let told = !self.gap
            && self.closeness(&pair.label).0 < KNOWN
            && sentence(text)
            && last.as_ref().is_some_and(|last| sentence(last.trim_end()));
        if last.is_none() || long || timed || wrapped || control || told {
            self.add(&mut pair, line.clone());
        } else {
            note_other(&mut pair, text, self.gap);
        }
        self.open = Some(pair);
    }

    /// A line that follows no label: of the title above the form, else kept with the answer before it.
    fn loose(&mut self, line: &Line, text: &str) {
        let kept = self.section != Some(Group::Office) && !is_about_the_form(line, text) && !is_running_foot(text);
        match self.out.pairs.last_mut().filter(|_| kept) {
            Some(pair) => note_other(pair, text, self.gap),
            None => self.note_preamble(text),
        }
    }

    pub(super) fn close(&mut self) {
        if let Some(pair) = self.open.take() {
            self.push(pair);
        }
    }

    /// Keeps a pair, unless it is for the office or a table's heading alone.
    pub(super) fn push(&mut self, pair: Pair) {
        let office = pair.section == Some(Group::Office) || sections::is_office(&pair.label);
        let bare_heading = pair.lines.is_empty() && self.kind(&pair.label) == Some(Type::Table);
        let about = self.wordings.best(&pair.label, Some(Group::Child)).filter(|best| {
            let field = wordings::field(best.field);
            best.closeness >= 0.75 && field.group == Group::Child && field.kind != Type::Table
        });
        if office || bare_heading {
            return;
        }
        match self.blocks_of_children.last_mut().filter(|_| self.in_child && about.is_some()) {
            Some(block) if !block.iter().any(|known| known.label == pair.label) => block.push(pair),
            _ => self.out.pairs.push(pair),
        }
    }

    /// Children in blocks are rows; one alone is the child that the form is about.
    fn end_children(&mut self) {
        let mut blocks = std::mem::take(&mut self.blocks_of_children);
        blocks.retain(|block| !block.is_empty());
        if let [_] = blocks.as_slice() {
            let alone = blocks.remove(0);
            self.out.pairs.splice(0..0, alone);
        } else if !blocks.is_empty() {
            let row = |block: Vec<Pair>| block.into_iter().map(|pair| (pair.label, pair.lines)).collect();
            self.out.children.push(Rows { label: String::new(), rows: blocks.into_iter().map(row).collect() });
        }
    }

    /// How close words come to a known label, and its field.
    pub(super) fn closeness(&self, text: &str) -> (f32, Option<usize>) {
        let text = text.trim();
        // A telephone number with a remark, or an identifier, is no label.
        let figures = text.bytes().take_while(u8::is_ascii_digit).count();
        if text.is_empty() || text.len() > LABEL_MAX || figures >= 5 {
            return (0.0, None);
        }
        if let Some(known) = self.known.borrow().get(text) {
            return *known;
        }
        let best = self.wordings.best(text, self.section);
        let mut found = (best.map_or(0.0, |best| best.closeness), best.map(|best| best.field));
        if sections::is_office(text) {
            found = (1.0, None);
        }
        self.known.borrow_mut().insert(text.to_owned(), found);
        found
    }

    pub(super) fn kind(&self, label: &str) -> Option<Type> {
        let (closeness, field) = self.closeness(label);
        field.filter(|_| closeness >= 0.6).map(|field| wordings::field(field).kind)
    }
}

/// Where the form goes, printed as guidance is, or as the end of a sentence with an address; or what becomes of it.
fn is_about_the_form(line: &Line, text: &str) -> bool {
    let lower = text.to_lowercase();
    let sends = ["this form", "head of service", "return", "send"].iter().any(|words| lower.contains(words));
    let looks = is_faint(line) || (text.contains('@') && text.starts_with(char::is_lowercase));
    (sends && looks) || of_the_document(&lower)
}

/// Keeps a line that nobody asked for: the first of them is perhaps a question, what follows it its answer. `apart`: it begins anew.
fn note_other(pair: &mut Pair, text: &str, apart: bool) {
    match pair.others.last_mut().filter(|_| !apart && !text.ends_with(['?', ':'])) {
        Some(other) if other.text.is_empty() => other.text = text.to_owned(),
        Some(other) => other.text.extend(["\n", text]),
        None => pair.others.push(Unmatched { label: text.to_owned(), text: String::new() }),
    }
}

/// A sentence of the form's own about what becomes of it.
fn of_the_document(lower: &str) -> bool {
    const BEGIN: [&str; 8] = [
        "this form is to be",
        "this form contains",
        "this form will be",
        "this document is to be",
        "this document contains",
        "this record is to be",
        "printed copies",
        "uncontrolled when printed",
    ];
    BEGIN.iter().any(|begin| lower.starts_with(begin))
}

pub(super) fn item(block: &Block) -> Item<'_> {
    match block {
        Block::Paragraph(paragraph) => Item::Line(paragraph),
        Block::Table(table) => Item::Table(table),
    }
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
        let flow = Flow::new(&document, &wordings, false, &Deadline::after(Duration::MAX));
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
    fn answers_in_lower_case_after_prose_have_their_labels() {
        let found = pairs(
            "Child's name: Amy Ax\nDate of birth: 1/2/2011\nWhat happened: She fell\nfrom the roof.\nTeam: to meet at ten.\n\
             Has the child died: yes\nClassification: catastrophic\nWhere is the child now: hospital\nInterim safety plan: with aunt\n\
             Next steps: visit\nPotential media interest: yes\nMedia details: none",
        );
        let found: Vec<(&str, &str)> = found.iter().map(|(label, text)| (label.as_str(), text.as_str())).collect();
        assert_eq!(
            found[2..],
            [
                ("What happened", "She fell\nfrom the roof.\nTeam: to meet at ten."),
                ("Has the child died", "yes"),
                ("Classification", "catastrophic"),
                ("Where is the child now", "hospital"),
                ("Interim safety plan", "with aunt"),
                ("Next steps", "visit"),
                ("Potential media interest", "yes"),
                ("Media details", "none"),
            ]
        );
    }

    #[test]
    fn points_of_a_list_and_persons_in_prose_are_no_labels() {
        let found = pairs(
            "Team: MASH\nGender: Female\nSafety plan:\n- Father: may not visit.\n- School: told today\nNext steps:\n\
             1. Visit the aunt.\n2. Police: interview on Monday.\n3. Team: to meet\nDate and time of incident:\n4/5/2026\nabout 7.15 pm\n",
        );
        let found: Vec<(&str, &str)> = found.iter().map(|(label, text)| (label.as_str(), text.as_str())).collect();
        assert_eq!(
            found[2..],
            [
                ("Safety plan", "- Father: may not visit.\n- School: told today"),
                ("Next steps", "1. Visit the aunt.\n2. Police: interview on Monday.\n3. Team: to meet"),
                ("Date and time of incident", "4/5/2026\nabout 7.15 pm"),
            ]
        );
    }

    #[test]
    fn numbered_questions_of_unknown_words_are_labels() {
        let found = pairs(
            "Need to know\n\nThe child\n1. Whom is all this about?\nAmy Ax\n\n2. Date of birth\n1/2/2011\n\n3. Gender\nFemale\n\n\
             4. Ethnicity\nWhite British\n\nReporter\n5. Job title\nTeam Manager\n\n6. Telephone\n07700900655 (any time)\n",
        );
        let found: Vec<(&str, &str)> = found.iter().map(|(label, text)| (label.as_str(), text.as_str())).collect();
        assert_eq!(found[0], ("1. Whom is all this about?", "Amy Ax"));
        assert_eq!(found[4..], [("5. Job title", "Team Manager"), ("6. Telephone", "07700900655 (any time)")]);
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
