//! What a line is, by its words and looks alone: guidance, a rule, a sign-off, a sentence; and lines cut in two.
//!
//! Comes in: lines and paragraphs. Goes out: facts about them, and their pieces. Knows no wordings and no neighbours.

use super::answers::{begins, clean, is_placeholder};
use super::choices::{Line, normalise_boxes};
use super::pairs::LABEL_MAX;
use super::words;
use crate::document::{BOXES, Block, Paragraph, Span};

/// The number before a label: "12. Team", "Q3) Team".
pub(super) fn number(text: &str) -> Option<u32> {
    let digits = text.trim_start_matches(['Q', 'q']);
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let value = digits[..digits.len() - rest.len()].parse().ok()?;
    (rest.starts_with(['.', ')', ':']) && rest[1..].starts_with(char::is_whitespace)).then_some(value)
}

/// "12. Team", "Q3) Team", "4.2 Team": a number that counts questions, before a capital.
pub(super) fn is_numbered(text: &str) -> bool {
    let bare = words::strip_number(text);
    let number = text.trim()[..text.trim().len().saturating_sub(bare.len())].trim_end();
    number.len() <= 6 && number.contains(['.', ')', ':']) && bare.starts_with(char::is_uppercase)
}

pub(super) fn has_box(text: &str) -> bool {
    normalise_boxes(text).contains(BOXES)
}

/// Where the first box of a line is drawn.
pub(super) fn first_box(text: &str) -> usize {
    let drawn = |at: usize| text[at..].chars().take(6).collect::<String>();
    let is_box = |at: usize| normalise_boxes(&drawn(at)).starts_with(BOXES);
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
                line.spans.push(span.saying(piece));
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

/// No word of a line is other than bold.
pub(super) fn is_all_bold(line: &Line) -> bool {
    line.spans.iter().filter(|span| !span.text.trim().is_empty()).all(|span| span.bold)
}

/// All of a line's words are bold.
pub(super) fn is_bold(line: &Line) -> bool {
    let mut words = line.spans.iter().filter(|span| !span.text.trim().is_empty()).peekable();
    words.peek().is_some() && words.all(|span| span.bold)
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
pub(super) fn is_instruction(text: &str) -> bool {
    let text = text.trim_start();
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
    .any(|begin| begins(text, begin))
}

pub(super) fn cut_raw(line: &Line, end: usize, from: usize) -> (String, Line) {
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
            let text = span.text.get(from.saturating_sub(begin).min(span.text.len())..).unwrap_or("");
            value.spans.push(span.saying(text));
        }
    }
    (clean(&label).trim_end_matches([':', ' ']).to_owned(), value)
}

/// A line up to an offset and from there on. A control goes where its words go.
pub(super) fn divide(line: &Line, at: usize) -> (Line, Line) {
    let (mut head, mut tail) = (Line::default(), Line::default());
    let mut begin = 0;
    for span in &line.spans {
        let end = begin + span.text.len();
        if end <= at {
            head.spans.push(span.clone());
        } else if begin >= at {
            tail.spans.push(span.clone());
        } else {
            let (one, other) = span.text.split_at(at - begin);
            head.spans.push(Span { text: one.to_owned(), ..span.clone() });
            tail.spans.push(Span { text: other.to_owned(), ..span.clone() });
        }
        begin = end;
    }
    (head, tail)
}

/// Cuts a line at an offset of its cleaned text, which is found again in the raw one.
pub(super) fn cut(line: &Line, text: &str, end: usize, from: usize) -> (String, Line) {
    let raw = line.text();
    let shift = raw.find(text.chars().next().unwrap_or(' ')).unwrap_or(0);
    if raw.get(shift..).is_some_and(|rest| rest.starts_with(text)) {
        return cut_raw(line, end + shift, from + shift);
    }
    (clean(&text[..end]), Line::plain(clean(&text[from..]).as_str()))
}

/// `Label ....... value`.
pub(super) fn dots(text: &str) -> Option<(usize, usize)> {
    let at = text.find("....")?;
    let rest = text[at..].trim_start_matches('.');
    Some((at, text.len() - rest.len()))
}

/// Where an arrow stands between a label and its answer, and its bytes: `Label >> value`.
pub(super) fn arrow(text: &str) -> Option<(usize, usize)> {
    const ARROWS: [&str; 7] = [">>", "=>", "->", "→", "»", "::", "⇒"];
    let head = &text[..text.floor_char_boundary(LABEL_MAX)];
    let found = ARROWS.iter().filter_map(|arrow| head.find(arrow).map(|at| (at, arrow.len())));
    found.min().filter(|(at, length)| {
        text[..*at].ends_with(char::is_whitespace)
            && (text[at + length..].is_empty() || text[at + length..].starts_with(char::is_whitespace))
    })
}

/// `Label: value` with a short label.
pub(super) fn colon(text: &str) -> Option<(usize, usize)> {
    if let Some((at, length)) = arrow(text).filter(|(at, _)| (3..=80).contains(at)) {
        return Some((at, at + length));
    }
    let at = text.find(": ").or_else(|| text.find('\t')).or_else(|| text.ends_with(':').then(|| text.len() - 1))?;
    // "Allegation re: a carer" is one thing.
    let goes_on = text[..at].ends_with(" re") || text[..at].ends_with(" Re");
    ((3..=80).contains(&at) && !goes_on).then_some((at, at + 1))
}

/// `Label - value` with a short label.
pub(super) fn dash(text: &str) -> Option<(usize, usize)> {
    let found = [" - ", " – ", " — "].iter().filter_map(|dash| text.find(dash).map(|at| (at, at + dash.len())));
    found.min().filter(|(at, _)| (3..=70).contains(at))
}

/// `Is this so? value` with a short question.
pub(super) fn question(text: &str) -> Option<(usize, usize)> {
    let at = text.find("? ")?;
    let asks = text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    ((8..=80).contains(&at) && asks).then_some((at, at + 1))
}

/// A full stop within, other than that of "no." and the like.
pub(super) fn has_sentence(text: &str) -> bool {
    const SHORT: [&str; 12] = ["no", "nos", "ref", "tel", "mob", "approx", "e.g", "eg", "i.e", "dept", "incl", "est"];
    text.match_indices(". ").any(|(at, _)| {
        let word = text[..at].rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
        !SHORT.contains(&word.to_ascii_lowercase().as_str())
    })
}

/// Prose, not a label.
pub(super) fn is_sentence(text: &str) -> bool {
    let text = words::strip_number(text);
    let words = text.split_whitespace().count();
    words > 9
        || has_sentence(text)
        || text.starts_with(|c: char| c.is_lowercase())
        || text.chars().filter(|c| c.is_alphabetic()).count() < 2
}

pub(super) fn is_section_mark(text: &str) -> bool {
    let lower = text.to_lowercase();
    let rest = ["section ", "part ", "step "].iter().find_map(|mark| lower.strip_prefix(mark));
    const COUNTED: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    rest.is_some_and(|rest| {
        COUNTED.contains(&rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default())
            || rest.chars().next().is_some_and(char::is_alphanumeric)
                && rest.chars().nth(1).is_none_or(|c| !c.is_alphanumeric() || c.is_ascii_digit())
    })
}

/// A drawn line.
pub(super) fn is_rule(text: &str) -> bool {
    text.chars().count() >= 3
        && text.chars().all(|c| matches!(c, '-' | '_' | '=' | '*' | '—' | '–' | ' ' | '.' | '#' | '~'))
}

/// What stands at the foot of a page: its number, a protective marking, the form's version.
pub(super) fn is_running_foot(text: &str) -> bool {
    if text.len() > 120 || text.ends_with(['.', ':', '?']) {
        return false;
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric() && c != '.').filter(|word| !word.is_empty()).collect();
    let is_number = |word: &&str| word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let numbered = |pair: &[&str]| pair[0] == "page" && is_number(&pair[1]);
    let counted = words.windows(4).any(|page| numbered(page) && page[2] == "of" && is_number(&page[3]));
    const MARKINGS: [&str; 12] = [
        "official",
        "sensitive",
        "restricted",
        "protect",
        "personal",
        "confidential",
        "private",
        "and",
        "strictly",
        "when",
        "completed",
        "complete",
    ];
    let marking = words.first().is_some_and(|word| matches!(*word, "official" | "restricted" | "protect"))
        && words.iter().all(|word| MARKINGS.contains(word));
    let version = |word: &&str| word.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && is_number(&rest));
    let versioned =
        words.iter().any(version) || words.windows(2).any(|pair| pair[0] == "version" && is_number(&pair[1]));
    let of_form = words.iter().any(|word| matches!(*word, "form" | "template" | "ntk" | "ntk1" | "page"));
    counted || (words.len() == 2 && numbered(&words)) || marking || (versioned && of_form && words.len() <= 14)
}

/// A full stop stands at the end, and not that of "ref." or "no.".
pub(super) fn ends_as_sentence(text: &str) -> bool {
    const SHORTENED: [&str; 9] = ["ref", "no", "nos", "tel", "etc", "approx", "dept", "org", "incl"];
    let last = |text: &str| text.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    text.strip_suffix('.').is_some_and(|text| !SHORTENED.contains(&last(text).as_str()))
}

/// Guidance to whoever fills the form in: never an answer.
pub(super) fn is_guidance(text: &str) -> bool {
    let bare = text.trim().trim_start_matches(['(', '[', '*', ' ']);
    // Guidance is short: of a long answer only its beginning is looked at.
    let lower = if bare.len() <= 800 { bare.to_lowercase() } else { String::new() };
    let length = lower.chars().count();
    const BEGIN: [&str; 93] = [
        "stick to what",
        "say where",
        "say how",
        "say when",
        "say whether",
        "state where",
        "state how",
        "set out what",
        "set out the",
        "say what",
        "say who",
        "state what",
        "state who",
        "describe what",
        "describe how",
        "explain what",
        "explain how",
        "outline what",
        "list everyone",
        "list all",
        "what should we do",
        "refer to the procedure",
        "refer to the guidance",
        "refer to the manual",
        "refer to the policy",
        "refer to your procedure",
        "refer to section",
        "see guidance",
        "see the guidance",
        "see procedures",
        "give as much",
        "give as many",
        "give a brief",
        "do not use acronyms",
        "do not use abbreviations",
        "do not use jargon",
        "do not use names",
        "do not use full names",
        "use plain english",
        "use black",
        "be as specific",
        "be as brief",
        "be specific",
        "be brief",
        "be factual",
        "keep this brief",
        "keep to the facts",
        "stick to the facts",
        "state the facts",
        "include dates",
        "include names",
        "include as much",
        "avoid acronyms",
        "avoid abbreviations",
        "avoid jargon",
        "if not known,",
        "if you do not know",
        "if you are not sure",
        "if in doubt",
        "if unsure",
        "tick one",
        "tick the box",
        "tick as many",
        "select one",
        "as much detail",
        "continue overleaf",
        "this box should",
        "this section should",
        "this section must",
        "please ",
        "leave this part",
        "leave this section",
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
    const CONTAIN: [&str; 10] = [
        "personal opinions or conjecture",
        "brief and factual",
        "max. 500 words",
        "print name",
        "dd/mm/yy",
        "as much detail as you can",
        "as much detail as possible",
        "if you are not sure.",
        "if not known, say",
        "do not use acronyms",
    ];
    let whole_bracket = text.trim_start().starts_with('(')
        && text.trim_end().ends_with(')')
        && text.chars().count() <= 120
        && !text.chars().any(|c| c.is_ascii_digit())
        && !has_box(text);
    is_instruction(text)
        || (BEGIN.iter().any(|begin| lower.starts_with(begin))
            && length <= 200
            && !lower.contains(BOXES)
            && !lower.contains("apply")
            && !lower.contains("detail"))
        || (length <= 160 && CONTAIN.iter().any(|words| lower.contains(words)) && !lower.contains(": "))
        || whole_bracket
        || asks_in_general(&lower)
        || tells_how_to_write(&lower)
        || (lower.starts_with("dd/") && is_placeholder(text))
}

/// "Who, what, where and when": question words alone.
fn asks_in_general(lower: &str) -> bool {
    const ASK: [&str; 6] = ["who", "what", "where", "when", "why", "how"];
    const SMALL: [&str; 12] =
        ["and", "or", "not", "the", "it", "was", "is", "did", "happened", "only", "involved", "to"];
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let asked = words.iter().filter(|word| ASK.contains(word)).count();
    asked >= 3 && words.iter().all(|word| ASK.contains(word) || SMALL.contains(word))
}

/// "Stick to facts. No more than 300 words.": each sentence says how to write, none what happened.
fn tells_how_to_write(lower: &str) -> bool {
    const BEGIN: [&str; 16] = [
        "stick to",
        "keep to",
        "keep it",
        "keep this",
        "use ",
        "avoid ",
        "do not ",
        "don't ",
        "no more than",
        "not more than",
        "up to ",
        "be ",
        "max",
        "leave out ",
        "try to ",
        "limit ",
    ];
    const OF_WRITING: [&str; 13] = [
        "fact",
        "words",
        "acronym",
        "abbreviation",
        "jargon",
        "opinion",
        "plain english",
        "initials",
        "sentences",
        "brief",
        "concise",
        "bullet",
        "full names",
    ];
    let mut sentences = lower.split(['.', ';', '!']).map(str::trim).filter(|sentence| !sentence.is_empty()).peekable();
    let tells = |sentence: &str| {
        BEGIN.iter().any(|begin| sentence.starts_with(begin)) && OF_WRITING.iter().any(|word| sentence.contains(word))
    };
    // "Who, what, when, where. No opinion please"
    if let Some((asks, how)) = lower.split_once(". ")
        && lower.len() <= 120
        && asks.split([',', ' ', '&']).filter(|word| !word.is_empty()).all(|word| {
            matches!(word, "who" | "what" | "when" | "where" | "why" | "how" | "and" | "facts" | "only" | "the")
        })
        && OF_WRITING.iter().any(|word| how.contains(word))
    {
        return true;
    }
    lower.len() <= 200 && !lower.contains(':') && sentences.peek().is_some() && sentences.all(tells)
}

pub(super) fn is_sign_off(text: &str) -> bool {
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
        || lower.starts_with("sent from outlook")
        || lower.starts_with("get outlook for")
        || lower.starts_with("this email and any")
        || lower.starts_with("this e-mail and any")
}

/// Words that tell what happened rather than what to write: with a date or time, or of somebody.
pub(super) fn is_told(text: &str) -> bool {
    const BEGIN: [&str; 12] =
        ["on", "at", "she", "he", "they", "we", "i", "yesterday", "today", "mum", "police", "staff"];
    let lower = text.to_lowercase();
    let first = lower.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let asks = ["should", "must", "include", "max", "words", "please"].iter().any(|word| lower.contains(word));
    !asks && (BEGIN.contains(&first) || text.contains(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_to_write_is_no_answer() {
        for words in
            ["Keep to facts. Up to 200 words.", "Who, what, when and where – not how", "Avoid opinion; use initials."]
        {
            assert!(is_guidance(words), "{words}");
        }
        for words in ["Keep her on the ward. Ring at noon.", "Who told them? Not known.", "Use of knife. She ran."] {
            assert!(!is_guidance(words), "{words}");
        }
    }
}
