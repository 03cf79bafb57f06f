//! Lines of an answer and the options drawn in them: boxes of all sorts, words struck out, words highlighted.
//!
//! Comes in: marked runs. Goes out: [`Line`], and the options with whether each is chosen. Knows nothing of types.

use std::borrow::Cow;

use super::answers::clean;
use crate::document::{BOXES, LOST, Span, TICKED, UNTICKED};

/// One line of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// Its runs.
    pub spans: Vec<Span>,
}

/// True where a box is drawn in the lines.
pub fn has_boxes(lines: &[Line]) -> bool {
    lines.iter().any(|line| normalise_boxes(&line.text()).contains(BOXES))
}

/// True where a box stands in the lines whose state the file has lost: what is chosen cannot be known.
pub(super) fn has_lost_boxes(lines: &[Line]) -> bool {
    lines.iter().any(|line| line.spans.iter().any(|span| span.text.contains(LOST)))
}

/// Boxes in lines of their own, as in a column beside the options, each joined with its words: those below it where the first line is
/// a box.
pub(super) fn with_their_words(lines: Vec<Line>) -> Vec<Line> {
    let is_lone =
        |line: &Line| line.text().trim().chars().eq(line.text().trim().chars().next().filter(|c| BOXES.contains(c)));
    let alternate = |(nth, line): (usize, &Line)| match nth.is_multiple_of(2) {
        true => is_lone(line),
        false => !is_lone(line) && !line.text().contains(BOXES),
    };
    if lines.len() < 4 || lines.len() % 2 == 1 || !lines.iter().enumerate().all(alternate) {
        return lines;
    }
    let mut joined: Vec<Line> = Vec::new();
    for (nth, line) in lines.into_iter().enumerate() {
        match joined.last_mut().filter(|_| nth % 2 == 1) {
            Some(option) => {
                option.spans.push(Span { text: " ".to_owned(), ..Span::default() });
                option.spans.extend(line.spans);
            }
            None => joined.push(line),
        }
    }
    joined
}

/// One option with whether it is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub text: String,
    pub chosen: bool,
}

/// The options of an answer: by boxes, else by striking out, else by highlighting.
pub(super) fn choices(lines: &[Line]) -> Vec<Choice> {
    let has_box = lines.iter().any(|line| line.text().contains(BOXES));
    if has_box {
        return lines.iter().flat_map(|line| boxes(&line.text())).collect();
    }
    let marked = |by: fn(&Span) -> bool| {
        lines.iter().flat_map(|line| &line.spans).any(|span| by(span) && span.text.chars().any(char::is_alphanumeric))
    };
    let unmarked = |by: fn(&Span) -> bool| {
        lines.iter().flat_map(|line| &line.spans).any(|span| !by(span) && span.text.chars().any(char::is_alphanumeric))
    };
    if marked(|span| span.struck) {
        let words = lines.iter().map(|line| line.text()).collect::<Vec<_>>().join(" ");
        // Struck words in a sentence are a correction, not an option.
        if unmarked(|span| span.struck) && words.len() > 300 {
            return Vec::new();
        }
        return lines.iter().flat_map(|line| runs(line, |span| !span.struck)).collect();
    }
    if marked(|span| span.highlighted) && unmarked(|span| span.highlighted) {
        let words = lines.iter().map(|line| line.text()).collect::<Vec<_>>().join(" ");
        if words.contains('/') || words.contains('\t') || lines.len() > 1 {
            return lines.iter().flat_map(|line| runs(line, |span| span.highlighted)).collect();
        }
    }
    Vec::new()
}

/// The options of a line with boxes: the box stands before its words when the line begins with one, else after them.
fn boxes(line: &str) -> Vec<Choice> {
    let is_box = |c: char| BOXES.contains(&c);
    // Of "- ☐ Yes ☒ No" and "(☐ Yes ☒ No)" the first mark is neither box nor words.
    let line = line.trim().trim_start_matches(|c: char| !c.is_alphanumeric() && !is_box(c));
    if !line.contains(is_box) {
        return Vec::new();
    }
    if let Some(out) = lone_tick(line) {
        return out;
    }
    let before = line.starts_with(is_box);
    let mut out = Vec::new();
    let mut rest = line;
    let mut words_before = String::new();
    while let Some(at) = rest.find(is_box) {
        words_before.push_str(&rest[..at]);
        let ticked = rest[at..].starts_with(TICKED);
        rest = rest[at..].trim_start_matches(is_box_once(rest[at..].chars().next()));
        if before {
            let end = rest.find(is_box).unwrap_or(rest.len());
            push_options(&mut out, &rest[..end], ticked, before);
            rest = &rest[end..];
        } else {
            push_options(&mut out, &words_before, ticked, before);
        }
        words_before.clear();
    }
    out
}

/// Of "Yes     ☒ No", where only what is chosen has a mark: the mark is that of the word it stands nearer to. Where it stands as
/// near to both, both are given as chosen, so that the answer is in doubt.
fn lone_tick(line: &str) -> Option<Vec<Choice>> {
    let (left, right) = line.split_once(TICKED).filter(|(left, right)| !format!("{left}{right}").contains(BOXES))?;
    let is_answer = |words: &str| matches!(option_text(words).to_lowercase().as_str(), "yes" | "no" | "y" | "n");
    if !is_answer(left) || !is_answer(right) {
        return None;
    }
    let is_gap = |c: char| !c.is_alphanumeric();
    let behind = left.chars().rev().take_while(|&c| is_gap(c)).count();
    let ahead = right.chars().take_while(|&c| is_gap(c)).count();
    Some(vec![
        Choice { text: option_text(left), chosen: behind <= ahead },
        Choice { text: option_text(right), chosen: ahead <= behind },
    ])
}

/// The option beside a box. Of "Yes / No ☒" the box is that of the word next to it.
fn push_options(out: &mut Vec<Choice>, words: &str, ticked: bool, before: bool) {
    const ANSWERS: [&str; 11] = ["yes", "no", "y", "n", "n/a", "na", "unknown", "n/k", "nk", "unsure", "pending"];
    let options: Vec<&str> = words.split_whitespace().map(|word| word.trim_matches(['/', '|', ','])).collect();
    let options: Vec<&str> = options
        .iter()
        .flat_map(|word| if word.eq_ignore_ascii_case("yes/no") { vec!["Yes", "No"] } else { vec![*word] })
        .filter(|word| !word.is_empty())
        .collect();
    if options.len() < 2 || !options.iter().all(|word| ANSWERS.contains(&word.to_lowercase().as_str())) {
        return out.push(Choice { text: option_text(words), chosen: ticked });
    }
    let marked = if before { 0 } else { options.len() - 1 };
    let all = options.into_iter().enumerate();
    out.extend(all.map(|(at, word)| Choice { text: word.to_owned(), chosen: ticked && at == marked }));
}

/// Takes one and the same box once: two boxes side by side are two options.
fn is_box_once(first: Option<char>) -> impl FnMut(char) -> bool {
    let mut taken = false;
    move |c| !std::mem::replace(&mut taken, true) && Some(c) == first
}

fn option_text(text: &str) -> String {
    let text = clean(text);
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '/' | '|' | ',' | ';' | ':' | '*' | '•' | '·'))
        .to_owned()
}

/// The runs of a line that are alike, with the separators between them cut off.
fn runs(line: &Line, chosen: fn(&Span) -> bool) -> Vec<Choice> {
    let mut out: Vec<Choice> = Vec::new();
    let mut last = None;
    for span in &line.spans {
        let now = chosen(span);
        match out.last_mut() {
            Some(run) if last == Some(now) => run.text.push_str(&span.text),
            _ => out.push(Choice { text: span.text.clone(), chosen: now }),
        }
        last = Some(now);
    }
    out.iter_mut().for_each(|run| run.text = option_text(&run.text));
    out.retain(|run| {
        run.text.chars().any(char::is_alphanumeric)
            && !run.text.trim_start_matches(['(', '*']).to_lowercase().starts_with("delete as")
    });
    out
}

/// `[x]`, `( )`, `☑`, `□` … to `☒` and `☐`.
pub fn normalise_boxes(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'[' | b'(') || !byte.is_ascii()) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Beside empty circles a full one is the chosen one; alone it begins a point of a list.
    let circles = text.contains(['○', '◯']);
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let close = match c {
            '[' => Some(']'),
            '(' => Some(')'),
            _ => None,
        };
        if let Some((inside, end)) =
            close.and_then(|close| after.find(close).map(|end| (&after[..end], &after[end + 1..])))
            && inside.chars().count() <= 3
        {
            let inner = inside.trim_matches(|c: char| c.is_whitespace() || c == '_' || c == '\u{a0}');
            let state = match inner {
                "" if c == '[' || !inside.is_empty() => Some(UNTICKED),
                "x" | "X" | "✓" | "✔" | "√" | "☒" | "*" | "/" => Some(TICKED),
                _ => None,
            };
            if let Some(state) = state {
                out.push(state);
                rest = end;
                continue;
            }
        }
        out.push(match c {
            '●' | '⚫' | '⬤' if circles => TICKED,
            '⦿' | '⊙' | '☑' | '✓' | '✔' | '✅' | '✗' | '✘' | '🗹' | '🗷' | '⊠' | '◉' | '🔘' | '⬛' | '■' => {
                TICKED
            }
            '□' | '▢' | '⬜' | '◻' | '❏' | '❑' | '❒' | '○' | '◯' | '\u{f0a8}' | '\u{f06f}' => UNTICKED,
            '\u{f0fe}' | '\u{f0fc}' | '\u{f0fd}' | '\u{f078}' | '\u{f052}' => TICKED,
            c => c,
        });
        rest = after;
    }
    out.into()
}

impl Line {
    /// A line of plain text.
    pub fn plain(text: &str) -> Line {
        Line { spans: vec![Span { text: text.to_owned(), ..Span::default() }] }
    }

    /// All its words.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// Its words without what is struck out.
    pub(super) fn kept_text(&self) -> String {
        self.spans.iter().filter(|span| !span.struck).map(|span| span.text.as_str()).collect()
    }

    /// `Yes ___ No X`: an empty line to mark is an empty box, an X alone a ticked one.
    pub(super) fn draw_boxes(&mut self) {
        let text = self.text();
        let begins = text.trim_start().to_lowercase();
        let begins = begins.strip_prefix("x ").unwrap_or(&begins).trim_start();
        if !text.contains("__") && !["yes", "no ", "y ", "n "].iter().any(|word| begins.starts_with(word)) {
            return;
        }
        if !text.chars().any(char::is_alphabetic) {
            return;
        }
        for span in &mut self.spans {
            let words = span.text.split_inclusive(char::is_whitespace).map(|word| match word.trim() {
                "X" | "x" | "✓" => format!("{TICKED} "),
                drawn if drawn.contains('_') && matches!(drawn.trim_matches('_'), "X" | "x" | "✓") => {
                    format!("{TICKED} ")
                }
                bare if bare.len() >= 2 && bare.chars().all(|c| c == '_') => format!("{UNTICKED} "),
                _ => word.to_owned(),
            });
            span.text = words.collect();
        }
    }

    /// Boxes in every drawing as the two that are known; runs that look alike joined first, since "[ ]" may be split.
    pub(super) fn normalised(&self) -> Line {
        let mut spans: Vec<Span> = Vec::new();
        for span in &self.spans {
            match spans.last_mut() {
                Some(last) if (last.struck, last.highlighted) == (span.struck, span.highlighted) => {
                    last.text.push_str(&span.text)
                }
                _ => spans.push(span.clone()),
            }
        }
        spans.iter_mut().for_each(|span| {
            if let Cow::Owned(text) = normalise_boxes(&span.text) {
                span.text = text;
            }
        });
        Line { spans }
    }
}
