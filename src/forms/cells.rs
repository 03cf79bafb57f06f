//! One cell of a table, and what rows of cells are by their words alone: heads with "Yes" and "No", dates in pieces, boxes of their own.
//!
//! Comes in: cells as the document has them. Goes out: [`View`], which remembers what is asked of a cell again and again, and facts about rows.

use std::cell::OnceCell;

use super::answers::clean;
use super::choices::{Line, normalise_boxes};
use super::dates;
use super::lines::{is_all_bold, is_faint, is_numbered, lines_of, without_printed_guidance};
use super::pairs::Flow;
use crate::document::{BOXES, Block, Cell, Row, Span, TICKED, UNTICKED};

/// A cell with what is asked of it again and again.
pub(super) struct View<'a> {
    pub cell: &'a Cell,
    /// Lines with words or a control.
    pub lines: Vec<Line>,
    /// The words of each line.
    pub words: Vec<String>,
    pub text: String,
    /// The first line with words.
    pub first: String,
    pub control: bool,
    pub nested: bool,
    own: OnceCell<Vec<String>>,
}

impl<'a> View<'a> {
    pub fn new(cell: &'a Cell) -> View<'a> {
        let mut lines = Vec::new();
        let mut words = Vec::new();
        for line in lines_of(&cell.blocks) {
            let said = clean(&line.text());
            if !said.is_empty() || line.spans.iter().any(|span| span.control.is_some()) {
                let runs = line.spans.len();
                let line = without_printed_guidance(line);
                words.push(if line.spans.len() == runs { said } else { clean(&line.text()) });
                lines.push(line);
            }
        }
        let mut said = words.iter().filter(|words| !words.is_empty());
        let first = said.next().cloned().unwrap_or_default();
        let text = said.fold(first.clone(), |text, more| text + "\n" + more);
        let control = lines.first().is_some_and(|line| line.spans.first().is_some_and(|span| span.control.is_some()));
        let nested = cell.blocks.iter().any(|block| matches!(block, Block::Table(_)));
        View { cell, lines, words, text, first, control, nested, own: OnceCell::new() }
    }

    /// Lines that are not guidance.
    pub fn own_lines(&self, flow: &Flow<'_>) -> &[String] {
        self.own.get_or_init(|| self.find_own_lines(flow))
    }

    fn find_own_lines(&self, flow: &Flow<'_>) -> Vec<String> {
        let mut own = self
            .said()
            .filter(|(line, words)| !words.is_empty() && !is_faint(line) && !flow.is_guidance(words))
            .map(|(_, words)| words.clone())
            .peekable();
        if own.peek().is_none() { self.text.lines().map(str::to_owned).collect() } else { own.collect() }
    }

    /// Its lines, each with its words.
    pub fn said(&self) -> impl Iterator<Item = (&Line, &String)> {
        self.lines.iter().zip(&self.words)
    }

    pub fn is_number(&self) -> bool {
        let text = self.text.trim_matches(['.', ')', ':', '(']);
        let text = text.strip_prefix(['Q', 'q']).unwrap_or(text);
        let parted = || text.len() <= 6 && text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains("..");
        !text.is_empty()
            && !self.control
            && (text.chars().all(|c| c.is_ascii_digit())
                || parted() && text.chars().all(|c| c.is_ascii_digit() || c == '.')
                || matches!(text.to_lowercase().as_str(), "no" | "#" | "nr"))
    }

    /// Looks like a label: numbered, bold, or with a colon or a question mark.
    pub fn is_marked(&self) -> bool {
        let text = &self.first;
        !text.is_empty()
            && (text.ends_with([':', '?', '*'])
                || is_numbered(text)
                || self.said().find(|(_, words)| !words.is_empty()).is_some_and(|(line, _)| is_all_bold(line)))
    }

    /// A bold line with other lines below it.
    pub fn is_titled(&self) -> bool {
        let mut lines = self
            .said()
            .filter(|(line, words)| !words.is_empty() || line.spans.iter().any(|s| s.control.is_some()))
            .map(|(line, _)| line);
        lines.next().is_some_and(is_all_bold)
            && lines.next().is_some_and(|line| !is_all_bold(line))
            && !self.control
            && !self.nested
    }

    /// Nothing, or words printed as guidance is.
    pub fn is_aside(&self) -> bool {
        !self.control && !self.nested && self.lines.iter().all(is_faint)
    }

    /// No words, no control, no table.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && !self.control && !self.nested
    }

    /// A mark alone, as in columns headed "Yes" and "No".
    pub fn is_mark(&self) -> bool {
        let text = self.text.trim();
        text.chars().count() == 1 && !text.chars().all(|c| c.is_ascii_digit())
    }

    /// A drawn mark or a ticked box alone.
    fn is_drawn(&self) -> bool {
        let text = self.text.trim();
        is_drawn_mark(text) || normalise_boxes(text).chars().eq([TICKED])
    }

    /// A box alone, or one of the words that stand beside boxes.
    pub fn is_option(&self) -> bool {
        let text = self.text.trim().to_lowercase();
        matches!(
            text.as_str(),
            "yes" | "no" | "y" | "n" | "n/a" | "not known" | "unknown" | "x" | "✓" | "" | "na" | "√"
        ) || self.marked_option().is_some()
            || normalise_boxes(&self.text).contains(BOXES)
    }

    /// "Yes X": a word that stands beside boxes, and a mark with it.
    pub fn marked_option(&self) -> Option<&str> {
        let text = self.text.trim();
        let behind = text.rsplit_once(char::is_whitespace).filter(|(_, mark)| is_drawn_mark(mark));
        let before = text.split_once(char::is_whitespace).filter(|(mark, _)| is_drawn_mark(mark));
        let word = behind.map(|(word, _)| word).or(before.map(|(_, word)| word))?.trim();
        is_option_name(word).then_some(word)
    }
}

/// A row's cells without what only continues a merge from above.
pub(super) fn own_cells(row: &Row) -> Vec<View<'_>> {
    row.cells.iter().filter(|cell| !cell.continued).map(View::new).collect()
}

/// How many cells are one answer: day, month and year, or a date and its time, in cells of their own.
pub(super) fn pieces_of_a_date(values: &[&View<'_>]) -> usize {
    let digits = |view: &View<'_>, most: usize| {
        let digits = view.text.chars().filter(|c| !c.is_whitespace()).count();
        digits > 0 && digits <= most && view.text.chars().all(|c| c.is_ascii_digit() || c == ' ')
    };
    let is_time = |text: &str| {
        text.len() <= 12
            && text.starts_with(|c: char| c.is_ascii_digit())
            && text.contains([':', '.', 'm', 'h'])
            && dates::parse_time(text).is_some()
    };
    match values {
        [day, month, year, ..] if digits(day, 2) && digits(month, 2) && digits(year, 4) => 3,
        [date, time, ..]
            if is_time(time.text.trim()) && dates::parse_when(&date.text, None, dates::Century::This).is_ok() =>
        {
            2
        }
        _ => 0,
    }
}

/// Hours and minutes in cells of their own, with nothing behind them.
pub(super) fn pieces_of_a_time(values: &[&View<'_>]) -> bool {
    let below = |view: &View<'_>, limit: u32| view.text.trim().parse::<u32>().is_ok_and(|number| number < limit);
    match values {
        [hours, minutes, rest @ ..] => {
            below(hours, 24) && below(minutes, 60) && rest.iter().all(|view| view.is_empty())
        }
        _ => false,
    }
}

fn is_drawn_mark(text: &str) -> bool {
    matches!(text, "x" | "X" | "✓" | "√" | "✔")
}

/// One mark alone among several cells that are empty otherwise, as below headings that nobody knows.
pub(super) fn is_lone_mark(values: &[&View<'_>]) -> bool {
    let marks = values.iter().filter(|view| view.is_drawn()).count();
    values.len() >= 2 && marks == 1 && values.iter().all(|view| view.is_empty() || view.is_drawn())
}

/// "Yes", "No", "N/A" or "Not known" above a column of marks.
pub(super) fn option_name(view: &View<'_>) -> bool {
    is_option_name(&view.text)
}

fn is_option_name(text: &str) -> bool {
    const NAMES: [&str; 16] = [
        "yes",
        "no",
        "y",
        "n",
        "n/a",
        "na",
        "not known",
        "unknown",
        "don't know",
        "do not know",
        "dont know",
        "d/k",
        "n/k",
        "not applicable",
        "not sure",
        "unsure",
    ];
    let text = text.trim().replace(['’', '‘'], "'");
    NAMES.iter().any(|name| text.eq_ignore_ascii_case(name))
}

/// Yes and no above columns, with nothing marked in this row: the answers stand below.
pub(super) fn is_yes_no_head(row: &[View<'_>]) -> bool {
    const HEADS: [&str; 44] = [
        "who",
        "whom",
        "who told",
        "who has been told",
        "who was told",
        "who knows",
        "person",
        "body",
        "agency",
        "organisation",
        "notification",
        "party",
        "question",
        "questions",
        "check",
        "checks",
        "checklist",
        "item",
        "items",
        "matter",
        "matters",
        "prompt",
        "statement",
        "consideration",
        "comments",
        "comment",
        "notes",
        "note",
        "remarks",
        "details",
        "detail",
        "further details",
        "comments / details",
        "details / comments",
        "further comments",
        "any comments",
        "reason",
        "explanation",
        "action",
        "date",
        "when",
        "by whom",
        "please tick",
        "tick one",
    ];
    let is_head = |view: &View<'_>| {
        let text = view.text.trim().trim_end_matches(':');
        text.is_empty()
            || option_name(view)
            || view.is_number()
            || HEADS.iter().any(|head| text.eq_ignore_ascii_case(head))
    };
    row.iter().filter(|view| option_name(view)).count() >= 2 && !option_name(&row[0]) && row.iter().all(is_head)
}

/// The column headed "Y/N" or "Yes / No" in a row of headings.
pub(super) fn yes_no_column(row: &[View<'_>]) -> Option<usize> {
    let squeezed = |view: &View<'_>| -> String {
        view.text.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '/').collect()
    };
    let column =
        row.iter().position(|view| matches!(squeezed(view).as_str(), "y/n" | "yes/no" | "y/n/na" | "yes/no/na"))?;
    let besides = row.iter().skip(column + 1).all(|view| {
        let text = view.text.trim().trim_end_matches(':').to_lowercase();
        ["comments", "comment", "details", "detail", "notes", "date", "by whom", "name"].contains(&text.as_str())
    });
    let plain = !row.iter().any(|view| view.control || view.nested);
    (column > 0 && row.len() > column + 1 && besides && plain).then_some(column)
}

/// "Question | Answer", "Detail | Response": what the columns are, and nothing that is asked.
pub(super) fn is_table_head(row: &[View<'_>]) -> bool {
    const ASKED: [&str; 14] = [
        "detail",
        "details",
        "question",
        "questions",
        "item",
        "field",
        "heading",
        "section",
        "information required",
        "information",
        "requirement",
        "category",
        "criteria",
        "area",
    ];
    const GIVEN: [&str; 12] = [
        "response",
        "responses",
        "answer",
        "answers",
        "comment",
        "comments",
        "your answer",
        "your response",
        "details",
        "information",
        "to be completed",
        "entry",
    ];
    let is = |view: &View<'_>, words: &[&str]| {
        let text = view.text.trim_end_matches(':');
        words.iter().any(|word| text.eq_ignore_ascii_case(word))
    };
    let cells: Vec<&View<'_>> = row.iter().filter(|view| !view.is_number()).collect();
    matches!(cells.as_slice(), [asked, given] if is(asked, &ASKED) && is(given, &GIVEN))
}

/// Takes the column headed "Guidance" out of the rows of a table.
pub(super) fn without_guidance_column(rows: &mut [Vec<View<'_>>]) {
    const HEADS: [&str; 12] = [
        "guidance",
        "guidance notes",
        "guidance note",
        "notes for completion",
        "notes on completion",
        "help",
        "help text",
        "prompt",
        "prompts",
        "instructions",
        "what to include",
        "explanatory notes",
    ];
    let heads = |view: &View<'_>| HEADS.contains(&view.text.trim_end_matches(':').to_lowercase().as_str());
    let head = rows.iter().take(3).position(|row| row.len() >= 3 && row[1..].iter().any(heads));
    let Some(head) = head else { return };
    let Some(column) = rows[head].iter().position(heads) else { return };
    let width = rows[head].len();
    rows[head..].iter_mut().filter(|row| row.len() == width).for_each(|row| drop(row.remove(column)));
}

/// "Yes", "☒", "No", "☐" in cells of their own as one line; an x or a tick in a cell marks its word, an empty cell does not. "Yes X" and
/// "No" in cells of their own are a word that is marked and one that is not.
pub(super) fn yes_no_cells(values: &[&View<'_>]) -> Line {
    let mut line = Line::default();
    if values.iter().any(|view| view.marked_option().is_some()) {
        let boxed = |view: &&View<'_>| match view.marked_option() {
            Some(word) => format!("{word} {TICKED}"),
            None => format!("{} {UNTICKED}", view.text.trim()),
        };
        let options = values.iter().filter(|view| view.marked_option().is_some() || option_name(view));
        return Line::plain(&options.map(boxed).collect::<Vec<_>>().join("  "));
    }
    let boxed = values.iter().any(|view| normalise_boxes(&view.text).contains(BOXES));
    for (at, view) in values.iter().enumerate() {
        let after_word = at > 0
            && matches!(
                values[at - 1].text.trim().to_lowercase().as_str(),
                "yes" | "no" | "n/a" | "not known" | "unknown"
            );
        let mark =
            is_drawn_mark(view.text.trim()) || (after_word && matches!(view.text.trim(), "Y" | "y" | "*" | "1" | "/"));
        let text = match view.text.trim() {
            _ if mark => TICKED.to_string(),
            "" if at > 0 && !boxed => UNTICKED.to_string(),
            "" => continue,
            _ => {
                line.spans.extend(view.lines.iter().flat_map(|line| line.spans.clone()));
                line.spans.push(Span { text: " ".to_owned(), ..Span::default() });
                continue;
            }
        };
        line.spans.push(Span { text: format!("{text} "), ..Span::default() });
    }
    line
}
