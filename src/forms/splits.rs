//! Lines cut where a known label ends and its answer begins, and lines with several labels cut into one each.
//!
//! Comes in: a line. Goes out: a [`Split`], where the words before a mark, a box, a control or the end of bold words are known.

use super::answers::{self, clean};
use super::choices::{Line, normalise_boxes};
use super::fields::Type;
use super::labels::Split;
use super::lines::{arrow, cut_raw, dash, divide, first_box, has_box, has_sentence, is_bold, is_section_mark};
use super::pairs::{Flow, KNOWN, LABEL_MAX};
use super::words;
use crate::document::{BOXES, Span};

/// Bytes of a line in which more than one label is looked for.
const LINE_LABELS_MAX: usize = 1_000;

impl Split {
    /// "Describe:", "If not, where?", "Who and how?" behind a question are more of it.
    pub(super) fn with_all_it_asks(self) -> Split {
        let text = self.value.text();
        let end = if self.label.ends_with('?') { asks_on(&text) } else { goes_on(&self.label, &text) };
        if end == 0 {
            return self;
        }
        let more = clean(text[..end].trim_start_matches([':', '-', '–', ' ']));
        let between = if self.label.ends_with('?') { " " } else { ": " };
        let label = format!("{}{between}{}", self.label.trim_end_matches([':', ' ']), more.trim_end_matches(':'));
        Split { label, value: divide(&self.value, end).1, ..self }
    }
}

impl<'a> Flow<'a> {
    /// Words before a colon that are a label whatever follows: several known ones, or one that asks for no name.
    fn is_sure(&self, prefix: &str, closeness: f32) -> bool {
        match words::strip_number(prefix).split_whitespace().count() {
            0 => false,
            1 => closeness >= 0.99 && !matches!(self.kind(prefix), None | Some(Type::Text)),
            2 => closeness >= 0.99,
            _ => closeness >= 0.93,
        }
    }

    /// A line that begins with a known label: up to a colon, a question mark, a tab, dots, a box or yes/no words.
    pub(super) fn known_split(&self, line: &Line) -> Option<Split> {
        let text = line.text();
        let head: String =
            line.spans.iter().take_while(|span| span.control.is_none()).map(|span| span.text.as_str()).collect();
        let head = clean(&head);
        let bare = head.trim_end_matches([':', ' ']);
        // "Initials of the child - J.F." is one: lone letters are no words.
        let answered = || {
            dash(bare).is_some_and(|(end, from)| {
                let (whole, label) = (self.closeness(bare).1, self.closeness(&bare[..end]));
                label.1.is_some() && label.1 == whole && label.0 >= 0.99 && self.closeness(&bare[from..]).0 < 0.5
            })
        };
        let marked = bare.contains([':', '?', '\t']) || bare.contains("..") || has_box(bare);
        if !marked && self.closeness(bare).0 >= 0.99 && !answered() {
            return None;
        }
        let kind = self.open.as_ref().map(|pair| self.kind(&pair.label));
        let long = kind == Some(Some(Type::Long));
        let blank = self.open.as_ref().is_some_and(|pair| pair.lines.is_empty());
        let least = match (long, blank && !self.gap) {
            (false, _) => KNOWN,
            (true, true) => 0.93,
            (true, false) => 0.86,
        };
        let prose = !self.gap && matches!(kind, Some(None | Some(Type::Long)));
        let mut best: Option<(f32, usize, usize)> = None;
        self.ends(line, &text, long, &mut |end, skip| {
            if let Some(closeness) = self.closeness_up_to(&text, end, skip, least, prose)
                && best.is_none_or(|(known, _, _)| closeness >= known - 0.001)
            {
                best = Some((closeness, end, skip));
            }
        });
        let (_, end, skip) = best?;
        let from = end + skip;
        if is_bold(line) && self.goes_on_asking(&text[from..]) {
            return None;
        }
        let (label, value) = cut_raw(line, end, from + printed_bracket(&text[from..]));
        let value = without_marks(&value);
        // Where dashes stand between labels and answers, one does behind a question too.
        let dash = if self.dashed >= 2 && label.ends_with('?') { leading_dash(&value.text()) } else { 0 };
        Some(Split { label, value: divide(&value, dash).1, marked: true })
    }

    /// "date and time" behind "Incident:": printed as the label is, the words are more of it.
    pub(super) fn goes_on_asking(&self, value: &str) -> bool {
        let value = clean(value);
        value.starts_with(char::is_lowercase) && value.len() <= 60 && self.closeness(&value).0 >= 0.6
    }

    /// Where a label may end in a line, each with the bytes of its mark. `long`: a long answer is being read, where dashes are prose.
    fn ends(&self, line: &Line, text: &str, long: bool, note: &mut dyn FnMut(usize, usize)) {
        if let Some((at, length)) = arrow(text).filter(|(at, _)| !long || !text[..*at].contains(':')) {
            return note(at, length);
        }
        for (at, c) in text.char_indices().take(LABEL_MAX) {
            let (before, after) = (&text[..at], &text[at + c.len_utf8()..]);
            match c {
                ':' if before.ends_with(|c: char| c.is_ascii_digit())
                    && after.starts_with(|c: char| c.is_ascii_digit()) => {}
                ':' | '\t' => note(at, c.len_utf8()),
                '?' => note(at + 1, 0),
                '.' if after.starts_with("..") && !before.ends_with('.') => {
                    note(at, 1 + after.len() - after.trim_start_matches('.').len())
                }
                '_' if after.starts_with('_') => note(at, 0),
                '-' | '–' | '—'
                    if !before.contains([':', '?', '\t'])
                        && (self.dashed >= 3 || !long && text.len() - at < 60 && !ends_in_full_stop(text))
                        && before.ends_with(' ')
                        && !before.trim_end().ends_with(['-', '–', '—'])
                        && after.starts_with(' ') =>
                {
                    note(at, c.len_utf8())
                }
                _ => {}
            }
        }
        if let Some(end) = bold_head(line) {
            note(end, 0);
        }
        let normal = normalise_boxes(text);
        if normal.contains(BOXES) && !self.is_option_line(&normal) {
            note(before_box(text), 0);
        }
    }

    /// How close the words up to there come to a known label, where they can be one and what follows its answer.
    fn closeness_up_to(&self, text: &str, end: usize, skip: usize, least: f32, prose: bool) -> Option<f32> {
        let prefix = text.get(..end)?.trim_end();
        // What follows a question or a sentence is no more of its label.
        let counts = is_section_mark(prefix) && prefix.split_whitespace().count() == 2;
        if prefix.len() > LABEL_MAX || prefix.contains("? ") || has_sentence(words::strip_number(prefix)) || counts {
            return None;
        }
        let (closeness, _) = self.closeness(&clean(prefix));
        let value = clean(text.get(end + skip..).unwrap_or(""));
        // In prose, "Team: to meet at ten" is no label; "Media interest: yes" and "Classification: serious" are.
        let sure = is_yes_or_no(&value) || self.is_sure(prefix, closeness);
        // A sentence is prose right below its label too, be it in the next row.
        let long = |label: &str| matches!(self.kind(label), None | Some(Type::Long | Type::Table));
        let awaited = || self.open.as_ref().is_some_and(|pair| pair.lines.is_empty() && long(&pair.label));
        let one = !words::strip_number(prefix).contains(char::is_whitespace);
        let told = || value.ends_with('.') && !is_yes_or_no(&value) && (one || !sure) && awaited();
        if value.starts_with(char::is_lowercase) && (prose && !sure || told()) || is_label_end(&value) {
            return None;
        }
        // A question and its yes or no on one line are sure to belong together.
        let asked = prefix.ends_with('?') && is_yes_or_no(&value) && !is_sentence_before(prefix);
        let least = if asked { least.min(0.6) } else { least };
        (closeness >= least && !value.trim_matches([':', '?', ' ', '*']).is_empty()).then_some(closeness)
    }

    /// A line with one box among the options of the open answer.
    fn is_option_line(&self, normal: &str) -> bool {
        let open_kind = self.open.as_ref().and_then(|pair| self.kind(&pair.label));
        let boxes = normal.chars().filter(|c| BOXES.contains(c)).count();
        matches!(open_kind, Some(Type::Multi | Type::Choice)) && (boxes == 1 || normal.trim_start().starts_with(BOXES))
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
            // Behind a box stand the words of its option, be they a label's: "☐ Near miss".
            gaps.extend(span.control.filter(|_| !span.text.contains(BOXES)).map(|_| at));
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
}

/// A full stop that is not that of initials, "A.B.".
fn ends_in_full_stop(text: &str) -> bool {
    let last = text.split_whitespace().next_back().unwrap_or_default();
    last.strip_suffix('.').is_some_and(|word| word.len() > 1 && !word.contains('.'))
}

/// The bytes of a dash with spaces around it.
fn leading_dash(text: &str) -> usize {
    let begun = text.trim_start();
    let rest = ["- ", "– ", "— "].iter().find_map(|dash| begun.strip_prefix(dash));
    rest.map_or(0, |rest| text.len() - rest.trim_start().len())
}

/// Where the words end that stand before the first box and its "Yes" or "No".
fn before_box(text: &str) -> usize {
    let before = text[..first_box(text)].trim_end();
    let last_word = before.rfind(char::is_whitespace).unwrap_or(0);
    let word = before[last_word..].trim();
    let option = matches!(word.to_lowercase().as_str(), "yes" | "y" | "no" | "n");
    if option { last_word } else { before.len() }
}

/// What stands behind a label, without the marks between them and without a hint.
fn without_marks(value: &Line) -> Line {
    let marks = value.text();
    let trimmed = marks.trim_start_matches([':', '?', ' ', '*', '\t']);
    // "Police told? - Unknown": the dash stands for a colon.
    let dashed = ["- ", "– ", "— "].iter().find_map(|dash| trimmed.strip_prefix(dash));
    let trimmed =
        dashed.filter(|answer| answers::not_an_answer(answer).is_some() || is_yes_or_no(answer)).unwrap_or(trimmed);
    let dotted = if trimmed.starts_with("..") { trimmed.trim_start_matches(['.', ' ']) } else { trimmed };
    let trimmed = without_hint(if dotted.is_empty() { trimmed } else { dotted });
    cut_raw(value, 0, marks.len() - trimmed.len()).1
}

/// The label before a control, and the control with all that follows; None for an option beside its box.
pub(super) fn before_control(line: &Line, at: usize, options: bool) -> Option<Split> {
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
    const ENDS: [&str; 24] = [
        "type",
        "particulars",
        "describe",
        "explain",
        "outline",
        "specifics",
        "the learning",
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
pub(super) fn bold_label(line: &Line) -> Option<usize> {
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
    has_sentence(words::strip_number(prefix)) || !prefix.trim_start().starts_with(|c: char| !c.is_lowercase())
}

/// "UPDATE: …": a mark within an answer, no label.
pub(super) fn is_mark(text: &str) -> bool {
    const MARKS: [&str; 8] = ["update", "updated", "note", "nb", "n.b.", "addendum", "later", "amended"];
    text.split_once(':').is_some_and(|(mark, _)| MARKS.contains(&mark.trim().to_lowercase().as_str()))
}

/// True where words answer a question that can be answered with yes or no.
pub(super) fn is_yes_or_no(value: &str) -> bool {
    let first = value.split(|c: char| !c.is_alphanumeric() && c != '/').next().unwrap_or("");
    matches!(first.to_lowercase().as_str(), "yes" | "no" | "none" | "y" | "n" | "n/k" | "n/a" | "unknown")
        || value.to_lowercase().starts_with("not known")
}

/// The bytes of "(delete as appropriate)" between a label and its answer.
fn printed_bracket(behind: &str) -> usize {
    let begun = behind.trim_start();
    let Some(end) = begun.strip_prefix('(').and_then(|inside| inside.find(')')) else { return 0 };
    let inside = begun[1..=end].to_lowercase();
    let rest = &begun[end + 2..];
    let asks =
        ["delete as", "please tick", "tick one", "tick as", "please circle", "circle as", "please delete", "tick box"];
    let printed = asks.iter().any(|words| inside.starts_with(words));
    if printed && !rest.trim().is_empty() { behind.len() - rest.len() } else { 0 }
}

/// The bytes of a question behind a label and its colon, "what has gone on?" behind "Situation:", and of one word and its colon: "particulars:".
fn goes_on(label: &str, value: &str) -> usize {
    const ASKING: [&str; 14] =
        ["what", "who", "how", "when", "where", "why", "which", "is", "are", "has", "have", "was", "were", "did"];
    const MORE: [&str; 23] = [
        "type",
        "name",
        "names",
        "full name",
        "initials",
        "date",
        "time",
        "date and time",
        "place",
        "address",
        "number",
        "telephone",
        "reference",
        "particulars",
        "describe",
        "explain",
        "details",
        "outline",
        "comments",
        "specifics",
        "the facts",
        "the learning",
        "say more",
    ];
    let begun = value.trim_start_matches([':', '-', '–', ' ']);
    let skipped = value.len() - begun.len();
    let dash = [" - ", " – "].iter().filter_map(|dash| begun.find(dash)).min();
    let Some(end) = begun.find([':', '?']).into_iter().chain(dash).min().filter(|end| *end <= 80) else { return 0 };
    let asked = &begun[..end];
    let first = asked.split(' ').next().unwrap_or_default();
    let question = begun[end..].starts_with('?') && ASKING.contains(&first) && !asked.contains(['.', ',', '!']);
    let more = !begun[end..].starts_with('?') && MORE.contains(&asked.trim());
    let mark = if begun[end..].starts_with([':', '?']) { 1 } else { 2 };
    if !label.contains('?') && (question || more) { skipped + end + mark } else { 0 }
}

/// The bytes of what goes on asking, up to its colon, question mark or dash, or all of it where nothing else stands there.
fn asks_on(value: &str) -> usize {
    const ASKING: [&str; 36] = [
        "describe", "details", "detail", "give", "please", "explain", "if", "so", "yes", "no", "not", "who", "how",
        "when", "where", "why", "what", "and", "or", "which", "state", "specify", "comment", "comments", "outline",
        "provide", "further", "more", "any", "by", "whom", "say", "of", "was", "is", "it",
    ];
    let marks =
        [":", "?", "\t", " - ", " – "].iter().filter_map(|mark| value.find(mark).map(|at| (at, mark.trim_end().len())));
    let (end, mark) = marks.min().unwrap_or((value.len(), 0));
    let lower = value[..end].to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    let only_words = lower.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | ',' | '(' | '\u{a0}'));
    let asks = words.peek().is_some_and(|first| match mark {
        0 => matches!(*first, "describe" | "details" | "explain" | "give" | "please" | "specify" | "state" | "provide"),
        _ => !matches!(*first, "yes" | "no" | "not"),
    });
    if end <= 40 && only_words && asks && words.all(|word| ASKING.contains(&word)) { end + mark } else { 0 }
}
