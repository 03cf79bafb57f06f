//! The words beside a label to a typed answer and how it stands (I11): ticks, struck options, placeholders, N/K, N/A.
//!
//! Comes in: lines of marked runs. Goes out: an [`Answer`]. Doubt is [`State::Unclear`]: the words are kept, no value is made up.

use std::borrow::Cow;

use chrono::Datelike;

use super::choices::{Choice, Line, choices, has_boxes, has_lost_boxes, with_their_words};
use super::dates::{self, Century, When};
use super::fields::Type;
use super::{State, Value};
use crate::document::{BOXES, TICKED};

/// Bytes of the longest words that stand for no answer.
const PLACEHOLDER_MAX: usize = 120;

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The typed value, when it is sure.
    pub value: Option<Value>,
    /// The words, options and all.
    pub text: String,
    /// How it stands.
    pub state: State,
}

impl Answer {
    fn blank(text: String) -> Answer {
        Answer { value: None, text, state: State::Blank }
    }

    fn filled(text: String, value: Value) -> Answer {
        Answer { value: Some(value), text, state: State::Filled }
    }

    fn unclear(text: String) -> Answer {
        Answer { value: None, text, state: State::Unclear }
    }
}

/// Reads an answer of the given type. `latest_year` is the latest year a birth can have.
pub fn read(kind: Type, lines: &[Line], latest_year: i32) -> Answer {
    let mut lines: Vec<Line> = lines.iter().map(Line::normalised).collect();
    let of_options = matches!(kind, Type::YesNo | Type::Choice | Type::Multi | Type::Tick);
    if of_options && !has_boxes(&lines) {
        lines.iter_mut().for_each(Line::draw_boxes);
    }
    let lines = with_their_words(lines);
    let whole = || join(lines.iter().map(Line::text));
    if has_lost_boxes(&lines) || of_options && are_wordless(&lines) {
        return Answer::unclear(whole());
    }
    let choices = choices(&lines);
    let corrected = !has_boxes(&lines) && lines.iter().flat_map(|line| &line.spans).any(|span| span.struck);
    if corrected && !of_options && !choices.is_empty() && !choices.iter().any(|choice| choice.chosen) {
        return Answer::unclear(whole());
    }
    // What was struck out is not said any more; options that stand beside it leave their strokes.
    let shown = || match corrected {
        true => join(lines.iter().map(Line::kept_text)).trim_matches(['/', '|', ',', ' ']).to_owned(),
        false => whole(),
    };
    if choices.is_empty() && !matches!(kind, Type::Tick) {
        let kept = join(lines.iter().map(|line| line.kept_text()));
        return plain(kind, kept, latest_year);
    }
    match kind {
        Type::YesNo => yes_no(&choices, shown()),
        Type::Tick => tick(&choices, shown(), &lines),
        Type::Multi => multi(choices, shown()),
        _ => one_of(kind, choices, shown(), latest_year),
    }
}

/// Several boxes without a word, one of them ticked: what each means is not known.
fn are_wordless(lines: &[Line]) -> bool {
    let text: String = lines.iter().map(Line::text).collect();
    let boxes = || text.chars().filter(|c| !c.is_whitespace());
    text.contains(TICKED) && boxes().count() >= 2 && boxes().all(|c| BOXES.contains(&c))
}

/// The words that are only there until somebody answers.
pub fn is_placeholder(text: &str) -> bool {
    if text.len() > PLACEHOLDER_MAX {
        return false;
    }
    let text = text.trim().trim_matches(['[', ']', '<', '>', '(', ')', '.', '…', ' ', '-']);
    const WHOLE: [&str; 20] = [
        "please select",
        "select",
        "choose an item",
        "choose",
        "select one",
        "enter text",
        "enter text here",
        "type here",
        "enter a date",
        "choose a date",
        "pick a date",
        "dd/mm/yyyy",
        "dd/mm/yy",
        "hh:mm",
        "insert text",
        "insert here",
        "free text",
        "enter details",
        "select an option",
        "please choose",
    ];
    const BEGIN: [&str; 14] = [
        "e.g. ",
        "for example,",
        "for example:",
        "click or tap",
        "click here",
        "click to enter",
        "tap here",
        "choose an item",
        "type your",
        "enter your",
        "please select",
        "insert name",
        "select from",
        "click and type",
    ];
    let ends = |end: &str| {
        text.len()
            .checked_sub(end.len())
            .and_then(|at| text.get(at..))
            .is_some_and(|rest| rest.eq_ignore_ascii_case(end))
    };
    WHOLE.iter().any(|whole| text.eq_ignore_ascii_case(whole))
        || BEGIN.iter().any(|begin| begins(text, begin))
        || ((begins(text, "type ") || begins(text, "enter ") || begins(text, "insert ")) && ends(" here"))
        || (begins(text, "enter ") && ends(" text"))
}

/// True where a text begins with these words, in any case of their letters.
pub(super) fn begins(text: &str, words: &str) -> bool {
    text.as_bytes().get(..words.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(words.as_bytes()))
}

/// Text as forms mean it: no soft hyphens, no underscores to write on, no gaps at the ends.
pub fn clean(text: &str) -> String {
    let odd = |c: char| is_invisible(c) || is_space(c);
    let plain: Cow<'_, str> = if text.is_ascii() || !text.contains(odd) {
        text.into()
    } else {
        text.chars().filter(|&c| !is_invisible(c)).map(|c| if is_space(c) { ' ' } else { c }).collect()
    };
    let words = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    if words(plain.as_bytes().first()) && words(plain.as_bytes().last()) {
        return plain.into_owned();
    }
    let text = plain.trim().trim_matches('_').trim();
    // Dots to write on go on behind the answer.
    let text = if text.ends_with("....") { text.trim_end_matches(['.', ' ']) } else { text };
    let dots = text.trim_matches(['.', '…', ' ']);
    if dots.is_empty() { String::new() } else { text.to_owned() }
}

/// Soft hyphens, joiners, byte order marks, marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{61c}' | '\u{fe0e}' | '\u{fe0f}')
}

/// Spaces of other widths than the usual one.
fn is_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

fn join(lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> =
        lines.map(|line| clean(&line)).filter(|line| !line.is_empty() && !is_placeholder(line)).collect();
    lines.join("\n")
}

fn plain(kind: Type, text: String, latest_year: i32) -> Answer {
    let mut one_line = one_line(&text);
    let chosen = if matches!(kind, Type::YesNo | Type::Choice | Type::Multi) { left_over(&one_line) } else { None };
    let undecided =
        chosen.is_some_and(|chosen| chosen.is_empty() || chosen.contains(['/', ',']) || chosen.contains(" or "));
    let kept = chosen.map_or(one_line.len(), str::len);
    one_line.truncate(kept);
    if one_line.is_empty() || is_placeholder(&one_line) || undecided {
        return Answer::blank(text);
    }
    if kind == Type::YesNo {
        return yes_no_words(&one_line, text);
    }
    if let Some(state) = not_an_answer(&one_line) {
        return Answer { value: None, text, state };
    }
    if kind == Type::Choice && are_all_options(&one_line) {
        return Answer::blank(text);
    }
    if kind == Type::Choice && are_perhaps_options(&one_line) {
        return Answer::unclear(text);
    }
    match kind {
        Type::Text | Type::Choice => Answer::filled(one_line.clone(), Value::Text(one_line)),
        Type::Multi => {
            let list: Vec<String> = text
                .split(['\n', ';'])
                .map(|item| clean(item.trim_start_matches(['•', '-', '–', '*', '·'])))
                .filter(|item| !item.is_empty())
                .collect();
            Answer::filled(text, Value::List(list))
        }
        Type::Date | Type::DateTime => when(kind, text, &one_line, latest_year),
        Type::Time => match dates::parse_time(&one_line) {
            Some(time) => Answer::filled(text, Value::Text(time.format("%H:%M").to_string())),
            None => Answer::unclear(text),
        },
        Type::Tick => Answer::unclear(text),
        Type::Long | Type::Table | Type::YesNo => Answer::filled(text.clone(), Value::Text(text)),
    }
}

/// What stands before "(delete as appropriate)"; None where that does not stand there.
fn left_over(one_line: &str) -> Option<&str> {
    let at = one_line.to_ascii_lowercase().find("delete as app")?;
    Some(one_line[..at].trim_end_matches(['(', '[', '*', '-', '–', ' ']))
}

/// The words with single spaces between them.
fn one_line(text: &str) -> String {
    text.split_whitespace().fold(String::with_capacity(text.len()), |mut line, word| {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        line
    })
}

/// "N/K", "TBC", "N/A", "-" and their kind, as the whole answer.
pub fn not_an_answer(text: &str) -> Option<State> {
    if text.len() > PLACEHOLDER_MAX {
        return None;
    }
    let lower = text.trim().trim_matches(['.', '!', '(', ')', '[', ']']).to_lowercase();
    let mut text = lower.trim_start_matches("currently ").trim_start_matches("still ");
    for end in
        ["at this time", "at this stage", "at present", "at the moment", "at time of writing", "currently", "yet"]
    {
        text = text.strip_suffix(end).map_or(text, str::trim_end);
    }
    const NOT_KNOWN: [&str; 26] = [
        "n/k",
        "nk",
        "n.k",
        "not known",
        "not yet known",
        "unknown",
        "tbc",
        "tba",
        "tbd",
        "to be confirmed",
        "to be advised",
        "to be determined",
        "to follow",
        "don't know",
        "dont know",
        "don’t know",
        "do not know",
        "unsure",
        "not sure",
        "unclear",
        "not confirmed",
        "not yet confirmed",
        "awaited",
        "awaiting",
        "?",
        "??",
    ];
    const NOT_APPLICABLE: [&str; 10] =
        ["n/a", "na", "n.a", "not applicable", "none applicable", "not relevant", "-", "--", "–", "—"];
    let awaits = text.strip_prefix("awaiting ").is_some_and(|what| {
        ["confirmation", "information", "info", "details", "update", "outcome", "response", "reply"].contains(&what)
    });
    if awaits || NOT_KNOWN.contains(&text) {
        Some(State::NotKnown)
    } else if NOT_APPLICABLE.contains(&text) {
        Some(State::NotApplicable)
    } else {
        None
    }
}

fn when(kind: Type, text: String, one_line: &str, latest_year: i32) -> Answer {
    let century = if kind == Type::Date { Century::Past(latest_year.max(2000)) } else { Century::This };
    // No date is written without a figure.
    if !one_line.contains(|c: char| c.is_ascii_digit()) {
        return Answer::unclear(text);
    }
    let bare = without_brackets(one_line);
    let tries = [one_line.to_owned(), bare.clone(), after_marker(&bare)];
    let found = tries.iter().find_map(|words| dates::parse_when(words, None, century).ok());
    match found {
        Some(When { date, time: Some(time) }) if kind == Type::DateTime => {
            Answer::filled(text, Value::Text(format!("{date}T{}", time.format("%H:%M"))))
        }
        Some(When { date, .. }) => Answer::filled(text, Value::Text(date.to_string())),
        None => Answer::unclear(text),
    }
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0usize;
    let kept = text.chars().filter(|&c| {
        depth += usize::from(c == '(');
        let outside = depth == 0;
        depth -= usize::from(c == ')' && depth > 0);
        outside
    });
    kept.collect::<String>().trim().to_owned()
}

/// "EDD 12/03/2026", "DOB: 12/03/2026".
fn after_marker(text: &str) -> String {
    let lower = text.to_lowercase();
    let marks = ["dd/mm/yyyy", "dd/mm/yy", "edd", "due", "dob", "d.o.b.", "born", "unborn"];
    let Some(mark) = marks.iter().find(|mark| lower.starts_with(**mark)) else { return text.to_owned() };
    text.get(mark.len()..).unwrap_or("").trim_start_matches([':', ' ', '-', '–']).to_owned()
}

/// A name and a date in one answer: the name, and the date's words.
pub fn name_and_date(text: &str) -> Option<(String, String)> {
    let text = one_line(text);
    let starts = text.char_indices().filter(|&(at, c)| {
        at > 0
            && (c.is_ascii_digit() || c.is_alphabetic())
            && !text[..at].ends_with(|p: char| {
                p.is_alphanumeric()
                    || p == '/'
                    || p == '.'
                    || p == '-' && at > 1 && text[..at - 1].ends_with(char::is_alphanumeric)
            })
    });
    for (at, _) in starts {
        let date = text[at..].trim_end_matches([')', ']', '.', ' ']);
        let date = after_marker(date);
        if dates::parse_when(&date, None, Century::This).is_ok() {
            let name = text[..at].trim_end_matches(|c: char| {
                c.is_whitespace() || matches!(c, '(' | '[' | ',' | '-' | '–' | '—' | ':' | ';' | '/' | '.')
            });
            let lower = name.to_lowercase();
            let name = ["dob", "d.o.b", "born", "date of birth"]
                .iter()
                .find_map(|mark| lower.strip_suffix(mark).map(|rest| name[..rest.len()].to_owned()))
                .unwrap_or_else(|| name.to_owned());
            let name = name
                .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ',' | '-' | '–' | ';' | '/'))
                .to_owned();
            return (!name.is_empty()).then_some((name, date));
        }
    }
    None
}

fn yes_no_words(one_line: &str, text: String) -> Answer {
    let lower = one_line.to_lowercase();
    if are_printed_options(&lower) {
        return match in_capitals(one_line).as_slice() {
            [one] if one.len() > 1 => yes_no_words(&one.to_lowercase(), text),
            [_] => Answer::unclear(text),
            _ => Answer::blank(text),
        };
    }
    // "Y/N: no": the question's own words, then the answer.
    let printed = ["y/n", "(y/n)", "yes/no", "(yes/no)", "y / n", "yes / no"]
        .iter()
        .find_map(|mark| lower.strip_prefix(mark))
        .filter(|rest| rest.starts_with([':', ' ', '-', '–', '.']));
    let one_line = match printed.map(|rest| rest.trim_start_matches([':', ' ', '-', '–', '.'])) {
        Some(rest) if !rest.is_empty() && not_an_answer(rest) != Some(State::NotApplicable) => {
            &one_line[one_line.len() - rest.len()..]
        }
        _ => one_line,
    };
    let lower = one_line.to_lowercase();
    let first = lower.split(|c: char| !c.is_alphanumeric() && c != '\'').find(|word| !word.is_empty()).unwrap_or("");
    let value = match first {
        "yes" | "y" | "yeah" => "yes",
        "no" | "n" | "none" if !lower.starts_with("n/") => "no",
        _ => match not_an_answer(one_line) {
            Some(State::NotKnown) if ["tb", "to ", "await", "?"].iter().any(|begin| lower.starts_with(begin)) => {
                return Answer { value: None, text, state: State::NotKnown };
            }
            Some(State::NotKnown) => "unknown",
            Some(state) => return Answer { value: None, text, state },
            None if lower == "not yet" || lower == "not required" => "no",
            None => return Answer::unclear(text),
        },
    };
    Answer::filled(text, Value::Text(value.to_owned()))
}

/// "Death of a child / Fire / Data loss / Other": every option as printed, with none of them marked.
fn are_all_options(one_line: &str) -> bool {
    [" / ", " | ", "; "].iter().any(|mark| {
        let options: Vec<&str> = one_line.split(mark).collect();
        options.len() >= 5 && options.iter().all(|option| !option.trim().is_empty() && option.len() <= 60)
    })
}

/// "Serious / Moderate / Minor": a few options as printed, or somebody's words.
fn are_perhaps_options(one_line: &str) -> bool {
    [" / ", " | "].iter().any(|mark| {
        let options: Vec<&str> = one_line.split(mark).collect();
        let begins = |option: &&str| option.trim().starts_with(char::is_uppercase) && option.len() <= 40;
        options.len() >= 3 && options.iter().all(begins)
    })
}

/// "Yes / No", "Y/N/NK": nothing but options, yes and no among them.
fn are_printed_options(lower: &str) -> bool {
    const OTHERS: [&str; 13] = [
        "none",
        "noothers",
        "unclear",
        "notknown",
        "notapplicable",
        "unknown",
        "dontknow",
        "unsure",
        "deleteasappropriate",
        "pleasedelete",
        "na",
        "nk",
        "tbc",
    ];
    let squeezed: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let begins = ["yesno", "noyes", "yn"].iter().find_map(|both| squeezed.strip_prefix(both));
    let Some(mut rest) = begins else { return false };
    while let Some(after) = OTHERS.iter().find_map(|other| rest.strip_prefix(other)) {
        rest = after;
    }
    rest.is_empty()
}

/// Of printed options those that stand in capitals where another does not: "YES / no" was typed so, no form prints it.
fn in_capitals(options: &str) -> Vec<&str> {
    const ABBREVIATED: [&str; 5] = ["N", "A", "NA", "NK", "TBC"];
    let options = options.split(['/', ',', '|']).map(str::trim);
    let options = options.filter(|option| !option.is_empty() && !ABBREVIATED.contains(option));
    let (capital, other): (Vec<&str>, Vec<&str>) = options.partition(|option| !option.contains(char::is_lowercase));
    if other.is_empty() { Vec::new() } else { capital }
}

fn yes_no(choices: &[Choice], text: String) -> Answer {
    let chosen: Vec<&Choice> = choices.iter().filter(|choice| choice.chosen).collect();
    match chosen.as_slice() {
        [] => Answer::blank(text),
        [one] if one.text.is_empty() => Answer::filled(text, Value::Text("yes".to_owned())),
        [one] if choices.iter().any(|choice| is_plain_no(&choice.text)) && is_none(&one.text) => {
            Answer { value: None, text, state: State::NotApplicable }
        }
        [one] => yes_no_words(&one.text, text.clone()).with_text(text),
        _ => Answer::unclear(text),
    }
}

fn is_plain_no(option: &str) -> bool {
    option.split('/').map(str::trim).any(|option| option.eq_ignore_ascii_case("no") || option.eq_ignore_ascii_case("n"))
}

/// "None", "No other children": beside a plain "No" there is nobody of whom the question could be asked.
pub(super) fn is_none(words: &str) -> bool {
    let lower = words.trim().trim_end_matches('.').to_lowercase();
    const OTHERS: [&str; 8] =
        ["no sibling", "no other", "no brother", "no sister", "no child", "no others", "there are none", "only child"];
    lower == "none" || OTHERS.iter().any(|begin| lower.starts_with(begin))
}

impl Answer {
    fn with_text(self, text: String) -> Answer {
        Answer { text, ..self }
    }
}

fn tick(choices: &[Choice], text: String, lines: &[Line]) -> Answer {
    let chosen: Vec<&Choice> = choices.iter().filter(|choice| choice.chosen).collect();
    if choices.is_empty() {
        let words = join(lines.iter().map(Line::kept_text));
        let lower = words.trim().to_lowercase();
        return match lower.as_str() {
            "" => Answer::blank(words),
            "x" | "✓" | "√" | "done" | "true" | "ticked" | "completed" => Answer::filled(words, Value::Tick(true)),
            "not ticked" | "false" | "not done" => Answer::filled(words, Value::Tick(false)),
            _ => match yes_no_words(words.trim(), words.clone()) {
                Answer { value: Some(Value::Text(word)), .. } if word != "unknown" => {
                    Answer::filled(words, Value::Tick(word == "yes"))
                }
                other => other.without_value(),
            },
        };
    }
    match chosen.as_slice() {
        [] if choices.len() > 1 => Answer::blank(text),
        [] => Answer::filled(text, Value::Tick(false)),
        [one] => match yes_no_words(&one.text, text.clone()) {
            Answer { value: Some(Value::Text(word)), .. } if choices.len() > 1 && word != "unknown" => {
                Answer::filled(text, Value::Tick(word == "yes"))
            }
            Answer { state: state @ (State::NotKnown | State::NotApplicable), .. } if choices.len() > 1 => {
                Answer { value: None, text, state }
            }
            _ => Answer::filled(text, Value::Tick(true)),
        },
        _ => Answer::unclear(text),
    }
}

impl Answer {
    fn without_value(self) -> Answer {
        let state = if self.state == State::Filled { State::Unclear } else { self.state };
        Answer { value: None, state, ..self }
    }
}

fn multi(choices: Vec<Choice>, text: String) -> Answer {
    let chosen: Vec<String> = choices
        .into_iter()
        .filter(|choice| choice.chosen && !choice.text.is_empty())
        .map(|choice| choice.text)
        .collect();
    if chosen.is_empty() { Answer::blank(text) } else { Answer::filled(text, Value::List(chosen)) }
}

fn one_of(kind: Type, choices: Vec<Choice>, text: String, latest_year: i32) -> Answer {
    let mut chosen = choices.into_iter().filter(|choice| choice.chosen);
    match (chosen.next(), chosen.next()) {
        (None, _) => Answer::blank(text),
        (Some(one), None) if one.text.is_empty() => Answer::unclear(text),
        (Some(one), None) => plain(kind, one.text, latest_year).with_text(text),
        (Some(one), Some(two)) => {
            if matches!(kind, Type::Text | Type::Long) {
                let mut all = vec![one.text, two.text];
                all.extend(chosen.map(|choice| choice.text));
                return Answer::filled(text, Value::Text(all.join("; ")));
            }
            Answer::unclear(text)
        }
    }
}

/// The latest year among dates that are not births, to tell the century of a birth.
pub fn latest_year<'a>(texts: impl Iterator<Item = &'a str>) -> i32 {
    let years = texts.filter_map(|text| dates::parse_when(text, None, Century::This).ok()).map(|when| when.date.year());
    // Where nothing says when it was written, a birth of '98 was a child's of the last century.
    years.max().unwrap_or(2050)
}

#[cfg(test)]
mod tests {
    use super::super::choices::normalise_boxes;
    use super::*;
    use crate::document::Span;

    fn answer(kind: Type, text: &str) -> (State, Option<Value>) {
        let lines: Vec<Line> = text.lines().map(Line::plain).collect();
        let answer = read(kind, &lines, 2026);
        (answer.state, answer.value)
    }

    fn text(value: &str) -> (State, Option<Value>) {
        (State::Filled, Some(Value::Text(value.to_owned())))
    }

    #[test]
    fn yes_and_no() {
        for (words, want) in [
            ("Yes ☒ No ☐", "yes"),
            ("☐ Yes ☒ No", "no"),
            ("Y [ ]   N [X]", "no"),
            ("[x] Yes [  ] No [ ] Not known", "yes"),
            ("☐ Yes ☐ No ☒ Not known", "unknown"),
            ("Yes", "yes"),
            ("N", "no"),
            ("No - not needed", "no"),
            ("Not known", "unknown"),
            ("Yes, 14:00 today", "yes"),
            ("☐ Yes\n☒ No", "no"),
        ] {
            assert_eq!(answer(Type::YesNo, words), text(want), "{words}");
        }
        assert_eq!(answer(Type::YesNo, "☐ Yes ☐ No"), (State::Blank, None));
        assert_eq!(answer(Type::YesNo, "Yes / No"), (State::Blank, None));
        for (words, want) in [("YES / no", "yes"), ("Yes / NO", "no"), ("yes/no/NOT KNOWN", "unknown")] {
            assert_eq!(answer(Type::YesNo, words), text(want), "{words}");
        }
        assert_eq!(answer(Type::YesNo, "Y / n"), (State::Unclear, None));
        assert_eq!(answer(Type::YesNo, "Yes / No / N/A"), (State::Blank, None));
        assert_eq!(answer(Type::YesNo, "YES / NO"), (State::Blank, None));
        assert_eq!(answer(Type::YesNo, "Yes / No / NK"), (State::Blank, None));
        assert_eq!(answer(Type::YesNo, "☒ Yes ☒ No"), (State::Unclear, None));
        assert_eq!(answer(Type::YesNo, "N/A"), (State::NotApplicable, None));
        assert_eq!(answer(Type::YesNo, "Yes / No / None"), (State::Blank, None));
        for words in ["☐ Yes ☐ No ☒ None", "☐ Yes ☐ No ☒ No other children", "Yes ☐ No ☐ No siblings ☒"]
        {
            assert_eq!(answer(Type::YesNo, words), (State::NotApplicable, None), "{words}");
        }
        assert_eq!(answer(Type::YesNo, "☐ Yes ☒ None"), text("no"));
        assert_eq!(answer(Type::YesNo, "Yes ☐ No ☐ N/A ☒"), (State::NotApplicable, None));
    }

    #[test]
    fn a_few_printed_options_are_no_answer() {
        assert_eq!(answer(Type::Choice, "Grave / Notable / Slight"), (State::Unclear, None));
        assert_eq!(answer(Type::Choice, "Neglect / emotional abuse"), text("Neglect / emotional abuse"));
    }

    #[test]
    fn struck_options_are_not_chosen() {
        let span = |text: &str, struck| Span { text: text.to_owned(), struck, ..Span::default() };
        let line =
            Line { spans: vec![span("Female", true), span(" / ", false), span("Male", false), span(" / Other", true)] };
        assert_eq!(read(Type::Choice, &[line], 2026).value, Some(Value::Text("Male".to_owned())));
        let line = Line { spans: vec![span("Yes", true), span(" / No", false)] };
        assert_eq!(read(Type::YesNo, &[line], 2026).value, Some(Value::Text("no".to_owned())));
        let all = Line { spans: vec![span("Yes / No", true)] };
        assert_eq!(read(Type::YesNo, &[all], 2026).state, State::Blank);
    }

    #[test]
    fn struck_words_are_said_no_more_i11() {
        let span = |text: &str, struck| Span { text: text.to_owned(), struck, ..Span::default() };
        let line = Line { spans: vec![span("Ann Lee ", true), span("Bo Reed", false)] };
        for kind in [Type::Text, Type::Long] {
            let read = read(kind, std::slice::from_ref(&line), 2026);
            assert_eq!((read.text.as_str(), read.state), ("Bo Reed", State::Filled));
        }
        let line = Line { spans: vec![span("Yes", true), span(" / No", false)] };
        assert_eq!(read(Type::YesNo, &[line], 2026).text, "No");
        let gone = Line { spans: vec![span("Ann Lee", true)] };
        let read = read(Type::Text, &[gone], 2026);
        assert_eq!((read.text.as_str(), read.state, read.value), ("Ann Lee", State::Unclear, None));
    }

    #[test]
    fn highlighted_options_are_chosen() {
        let span = |text: &str, highlighted| Span { text: text.to_owned(), highlighted, ..Span::default() };
        let line = Line { spans: vec![span("Y / ", false), span("N", true)] };
        assert_eq!(read(Type::YesNo, &[line], 2026).value, Some(Value::Text("no".to_owned())));
    }

    #[test]
    fn how_answers_stand() {
        for (words, state) in [
            ("", State::Blank),
            ("Click or tap here to enter text.", State::Blank),
            ("Please select", State::Blank),
            ("______", State::Blank),
            ("N/K", State::NotKnown),
            ("TBC", State::NotKnown),
            ("Unknown at this time", State::NotKnown),
            ("n/a", State::NotApplicable),
            ("-", State::NotApplicable),
        ] {
            assert_eq!(answer(Type::Text, words), (state, None), "{words}");
        }
        assert_eq!(answer(Type::Text, "Not yet known, AB in theatre"), text("Not yet known, AB in theatre"));
        assert_eq!(answer(Type::DateTime, "Between 09/10/2026 and 12/10/2026"), (State::Unclear, None));
        assert_eq!(answer(Type::DateTime, "13/10/2026, 18:40"), text("2026-10-13T18:40"));
        assert_eq!(answer(Type::Date, "EDD 03/02/2027"), text("2027-02-03"));
        assert_eq!(answer(Type::Date, "04/03/2011 (aged 15)"), text("2011-03-04"));
        assert_eq!(answer(Type::Date, "04/03/61"), text("1961-03-04"));
    }

    #[test]
    fn boxes_of_all_sorts() {
        assert_eq!(answer(Type::Tick, "☒"), (State::Filled, Some(Value::Tick(true))));
        assert_eq!(answer(Type::Tick, "[ ]"), (State::Filled, Some(Value::Tick(false))));
        assert_eq!(answer(Type::Tick, "☒ Yes ☐ No"), (State::Filled, Some(Value::Tick(true))));
        assert_eq!(answer(Type::Tick, "?"), (State::NotKnown, None));
        let multi = answer(Type::Multi, "☒ Knife crime\n☐ Other\n☑ Fire / damage to premises");
        assert_eq!(multi.1, Some(Value::List(vec!["Knife crime".to_owned(), "Fire / damage to premises".to_owned()])));
        assert_eq!(
            answer(Type::Choice, "☐ In-house foster care   ☒ Children's home (private)"),
            text("Children's home (private)")
        );
        assert_eq!(normalise_boxes("Children (private) (s)"), "Children (private) (s)");
    }

    #[test]
    fn names_with_dates() {
        for words in [
            "Kian Van der Berg 08-05-2016",
            "Kian Van der Berg (8 May 2016)",
            "Kian Van der Berg, DOB 08.05.16",
            "Kian Van der Berg - 8th May 2016",
        ] {
            let (name, date) = name_and_date(words).unwrap();
            assert_eq!(name, "Kian Van der Berg", "{words}");
            assert!(dates::parse_when(&date, None, Century::This).is_ok());
        }
        assert_eq!(name_and_date("Kian"), None);
    }
}
