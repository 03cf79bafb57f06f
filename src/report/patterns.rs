//! What identifies by its shape, whoever it belongs to: mail addresses, dates, phone and other numbers, postcodes, a title with a
//! name; and how far a name reaches around a word that is known.
//!
//! Comes in: a passage and its words. Goes out: the pieces to take out. Pure.

use super::anonymise::{NAME, Span, Word};
use super::words::{TITLES, is_also_word};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Everything in a passage that identifies by its shape.
pub(super) fn spans(passage: &str, words: &[Word]) -> Vec<Span> {
    let mut found = Vec::new();
    emails(passage, &mut found);
    digits(passage, &mut found);
    for at in 0..words.len() {
        found.extend(date(passage, words, at));
        found.extend(postcode(passage, words, at));
        found.extend(titled(passage, words, at));
        found.extend(mixed_number(passage, words, at));
    }
    found
}

/// A passage without the labels that stand for what was taken out.
pub(super) fn without_labels(passage: &str) -> String {
    let labels = ["name", "date", "number", "phone", "email", "address", "school", "placement", "place"];
    labels.iter().fold(passage.to_owned(), |text, label| text.replace(&format!("[{label}]"), " "))
}

/// From where to where a name reaches around the words that are known: titles, initials and joined or unknown further names.
pub(super) fn whole_name(passage: &str, words: &[Word], first: usize, last: usize) -> (usize, usize) {
    let gap = |a: usize, b: usize| &passage[words[a].end..words[b].start];
    let is_joint = |gap: &str| matches!(gap, "-" | "'" | "\u{2019}" | "\u{2010}" | "\u{2011}");
    let (mut from, mut to) = (first, last);
    while let Some(before) = from.checked_sub(1) {
        let word = &words[before];
        let gap = gap(before, from);
        let title = TITLES.contains(&&*word.folded) && matches!(gap, " " | ". ");
        let initial = word.upper && word.end - word.start == 1 && matches!(gap, "." | ". ");
        let bare_initial =
            word.upper && word.end - word.start == 1 && gap == " " && !matches!(&*word.folded, "i" | "a");
        if !(title || initial || bare_initial || is_joint(gap)) {
            break;
        }
        from = before;
    }
    while to + 1 < words.len() {
        let word = &words[to + 1];
        let gap = gap(to, to + 1);
        let joined = is_joint(gap) && word.capital && word.folded != "s";
        let further = gap == " " && word.capital && !is_also_word(&word.folded) && !MONTHS.contains(&&*word.folded);
        if !(joined || further) {
            break;
        }
        to += 1;
    }
    (words[from].start, words[to].end)
}

fn emails(passage: &str, found: &mut Vec<Span>) {
    let local = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    for (at, _) in passage.match_indices('@') {
        let before = &passage[..at];
        let start = before.trim_end_matches(local).len();
        let after = &passage[at + 1..];
        let rest = after.trim_start_matches(|c: char| c.is_alphanumeric() || ".-".contains(c));
        found.push(Span { start, end: passage.len() - rest.len(), label: "[email]" });
    }
}

/// Runs of digits, with spaces, brackets, slashes, dots and hyphens between: dates, phone numbers, other long numbers.
fn digits(passage: &str, found: &mut Vec<Span>) {
    let bytes = passage.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let mut end = at;
        while at < bytes.len() && (bytes[at].is_ascii_digit() || b" ()-./".contains(&bytes[at])) {
            if bytes[at].is_ascii_digit() {
                end = at + 1;
            } else if end + 2 <= at {
                break;
            }
            at += 1;
        }
        at = at.max(end);
        let text = &passage[start..end];
        found.extend(numeric_dates(text, start));
        let count = text.bytes().filter(u8::is_ascii_digit).count();
        let plus = start > 0 && bytes[start - 1] == b'+';
        if count >= 9 && (plus || text.starts_with('0')) {
            found.push(Span { start: start - usize::from(plus), end, label: "[phone]" });
        } else if count >= 9 || (count >= 6 && text.bytes().all(|b| b.is_ascii_digit())) {
            found.push(Span { start, end, label: "[number]" });
        }
    }
}

/// 4/3/2011, 04.03.11, 2011-03-04 and the like within a run of digits.
fn numeric_dates(text: &str, offset: usize) -> Vec<Span> {
    let mut found = Vec::new();
    let mut pieces = text.split(' ').scan(0, |at, piece| {
        let start = *at;
        *at += piece.len() + 1;
        Some((start, piece))
    });
    for (start, piece) in pieces.by_ref() {
        let trimmed = piece.trim_matches(['(', ')', '.', '-', '/']);
        let parts: Vec<&str> = trimmed.split(['/', '.', '-']).collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        let day_first = matches!(lengths[..], [1..=2, 1..=2, 2] | [1..=2, 1..=2, 4]);
        let year_first = matches!(lengths[..], [4, 1..=2, 1..=2]);
        if day_first || year_first {
            found.push(Span { start: offset + start, end: offset + start + piece.len(), label: "[date]" });
        }
    }
    found
}

/// "4 March", "4th of March 2011", "March 4th, 2011", with or without a year.
fn date(passage: &str, words: &[Word], at: usize) -> Option<Span> {
    if !is_month(&words[at]) {
        return None;
    }
    let near =
        |a: usize, b: usize| matches!(&passage[words[a].end..words[b].start], " " | ", " | "-" | "/" | "." | ". ");
    let (mut from, mut to) = (at, at);
    let of = at.checked_sub(1).filter(|before| words[*before].folded == "of").unwrap_or(at);
    let before = of.checked_sub(1).filter(|day| is_day(&words[*day]) && near(*day, of));
    let after = Some(at + 1).filter(|day| *day < words.len() && is_day(&words[*day]) && near(at, *day));
    match (before, after) {
        (Some(day), _) => from = day,
        (None, Some(day)) => to = day,
        (None, None) => return None,
    }
    let is_year = |word: &Word| matches!(word.folded.len(), 2 | 4) && word.folded.bytes().all(|b| b.is_ascii_digit());
    if to + 1 < words.len() && is_year(&words[to + 1]) && near(to, to + 1) {
        to += 1;
    }
    Some(Span { start: words[from].start, end: words[to].end, label: "[date]" })
}

fn is_month(word: &Word) -> bool {
    let known = |month: &str| month == word.folded || (word.folded.len() == 3 && month.starts_with(&*word.folded));
    word.folded == "sept" || MONTHS.iter().any(|month| known(month))
}

fn is_day(word: &Word) -> bool {
    let digits = word.folded.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = &word.folded[digits.len()..];
    matches!(suffix, "" | "st" | "nd" | "rd" | "th") && digits.parse::<u32>().is_ok_and(|day| (1..=31).contains(&day))
}

fn postcode(passage: &str, words: &[Word], at: usize) -> Option<Span> {
    let shape = |text: &str| -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_digit() {
                    '9'
                } else if c.is_ascii_alphabetic() {
                    'A'
                } else {
                    '?'
                }
            })
            .collect()
    };
    let outward = ["A9", "A99", "AA9", "AA99", "A9A", "AA9A"];
    let here = shape(&words[at].folded);
    let solid = here.strip_suffix("9AA").is_some_and(|outer| outward.contains(&outer));
    if solid {
        return Some(Span { start: words[at].start, end: words[at].end, label: "[address]" });
    }
    let next = words.get(at + 1).filter(|next| shape(&next.folded) == "9AA")?;
    let near = passage[words[at].end..next.start].trim().is_empty();
    let found = near && outward.contains(&here.as_str());
    found.then_some(Span { start: words[at].start, end: next.end, label: "[address]" })
}

/// A title with a name that the forms do not give.
fn titled(passage: &str, words: &[Word], at: usize) -> Option<Span> {
    let next = words.get(at + 1)?;
    let gap = &passage[words[at].end..next.start];
    let titled = TITLES.contains(&&*words[at].folded) && words[at].capital && next.capital && matches!(gap, " " | ". ");
    titled.then(|| {
        let (start, end) = whole_name(passage, words, at + 1, at + 1);
        Span { start, end, label: NAME }
    })
}

/// Letters with four digits or more, in one word or joined by hyphens: case numbers, our own references.
fn mixed_number(passage: &str, words: &[Word], at: usize) -> Option<Span> {
    let digits = |word: &Word| word.folded.bytes().filter(u8::is_ascii_digit).count();
    let letters = |word: &Word| word.folded.chars().any(char::is_alphabetic);
    let mut last = at;
    while last + 1 < words.len() && matches!(&passage[words[last].end..words[last + 1].start], "-" | "/") {
        last += 1;
    }
    let joined = &words[at..=last];
    let count: usize = joined.iter().map(digits).sum();
    let first = words[at].upper || digits(&words[at]) > 0;
    let found = count >= 4 && joined.iter().any(letters) && first && joined.iter().all(|w| w.upper || digits(w) > 0);
    found.then_some(Span { start: words[at].start, end: words[last].end, label: "[number]" })
}
