//! Which column of a table of actions says what is to be done, who does it and by when.
//!
//! Comes in: rows of (column label, answer), with what the labels alone tell. Goes out: a key for each column. Where labels are short ("By",
//! "Target") or unknown, what stands below them decides: dates, a sentence, a name.

use super::answers::clean;
use super::blocks::is_persons_name;
use super::choices::Line;
use super::dates::{self, Century};
use super::fields::{FIELDS, Group};
use super::grids::says_when;

type Row = Vec<(String, Vec<Line>)>;

/// The keys of the columns. `by_labels`: what the labels of a row tell.
pub(super) fn keys(rows: &[Row], by_labels: impl Fn(&Row) -> Vec<Option<usize>>) -> Vec<Option<usize>> {
    let Some(first) = rows.first() else { return Vec::new() };
    let mut keys = by_labels(first);
    let place = |key: &str| FIELDS.iter().position(|field| field.key == key);
    let dated = |column: usize| below(rows, column).iter().any(|words| is_date(words));
    // A column of dates says when, whatever another column's label.
    let (due, text) = (place("action_due"), place("action_text"));
    let dates: Vec<usize> = (0..keys.len()).filter(|&column| dated(column)).collect();
    if let [column] = dates.as_slice()
        && keys[*column] != due
        && keys[*column].is_none_or(|key| Some(key) != text)
    {
        keys.iter_mut().filter(|key| **key == due).for_each(|key| *key = None);
        keys[*column] = due;
    }
    let named = |column: &usize| first.get(*column).is_some_and(|(label, _)| says_when(label));
    give(&mut keys, due, |free| free.iter().copied().find(named));
    let words = |column: usize| {
        let cells = below(rows, column);
        cells.iter().map(|words| words.split_whitespace().count()).sum::<usize>()
    };
    // With what and who unknown, the sentence is what; with one of them unknown, it is the one that is left.
    if left(&keys).len() >= 2 {
        give(&mut keys, text, |free| free.iter().copied().max_by_key(|column| words(*column)));
    }
    by_elimination(&mut keys);
    keys
}

/// True where what stands below a heading row is a task a row, whatever the headings: somebody is to do something by a date.
pub(super) fn stand_below(head: &[String], rows: &[Row]) -> bool {
    let mostly = |column: usize, says: &dyn Fn(&str) -> bool| {
        let cells = below(rows, column);
        !cells.is_empty() && cells.iter().filter(|words| says(words)).count() * 3 > cells.len() * 2
    };
    let column = |says: &dyn Fn(&str) -> bool| (0..head.len()).find(|&column| mostly(column, says));
    let (what, when) = (column(&bids), column(&is_date));
    let who = column(&|words: &str| is_somebody(words) && !bids(words));
    let (Some(what), Some(who), Some(when)) = (what, who, when) else { return false };
    // A heading row is none of its own tasks.
    what != who && !bids(&head[what]) && !is_date(&head[when])
}

/// "Send the revised plan": it begins with what is to be done.
fn bids(words: &str) -> bool {
    const VERBS: [&str; 84] = [
        "add",
        "address",
        "advise",
        "agree",
        "allocate",
        "amend",
        "apply",
        "appoint",
        "arrange",
        "ask",
        "attend",
        "audit",
        "begin",
        "book",
        "brief",
        "bring",
        "call",
        "carry",
        "chase",
        "check",
        "circulate",
        "collect",
        "commission",
        "complete",
        "confirm",
        "consider",
        "consult",
        "contact",
        "convene",
        "create",
        "develop",
        "discuss",
        "draft",
        "email",
        "ensure",
        "establish",
        "explore",
        "file",
        "find",
        "fit",
        "follow",
        "gather",
        "get",
        "give",
        "hold",
        "identify",
        "inform",
        "install",
        "introduce",
        "invite",
        "issue",
        "liaise",
        "make",
        "meet",
        "monitor",
        "notify",
        "obtain",
        "offer",
        "organise",
        "prepare",
        "present",
        "produce",
        "provide",
        "publish",
        "put",
        "record",
        "refer",
        "remind",
        "repair",
        "replace",
        "report",
        "request",
        "review",
        "revise",
        "ring",
        "schedule",
        "seek",
        "send",
        "set",
        "share",
        "speak",
        "submit",
        "update",
        "visit",
    ];
    let mut said = words.split_whitespace();
    let first = said.next().unwrap_or_default().to_lowercase();
    said.next().is_some() && VERBS.contains(&first.trim_matches(|c: char| !c.is_alphabetic()))
}

/// A person's name or post.
fn is_somebody(words: &str) -> bool {
    const POSTS: [&str; 16] = [
        "manager",
        "worker",
        "lead",
        "officer",
        "head",
        "director",
        "practitioner",
        "team",
        "adviser",
        "advisor",
        "coordinator",
        "supervisor",
        "nurse",
        "chair",
        "service",
        "sw",
    ];
    let lower = words.to_lowercase();
    let mut said = lower.split(|c: char| !c.is_alphanumeric());
    is_persons_name(words)
        || words.split_whitespace().count() <= 6 && !is_date(words) && said.any(|word| POSTS.contains(&word))
}

/// Gives a key that no column has to one of the columns without any.
fn give(keys: &mut [Option<usize>], key: Option<usize>, choose: impl Fn(&[usize]) -> Option<usize>) {
    if key.is_none() || keys.contains(&key) {
        return;
    }
    if let Some(column) = choose(&left(keys)) {
        keys[column] = key;
    }
}

fn left(keys: &[Option<usize>]) -> Vec<usize> {
    (0..keys.len()).filter(|&column| keys[column].is_none()).collect()
}

/// The words of a column's cells, without the empty ones.
pub(super) fn below(rows: &[Row], column: usize) -> Vec<String> {
    let cell = |row: &Row| {
        let lines = row.get(column).map_or(&[][..], |(_, lines)| lines);
        lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join(" ")
    };
    rows.iter().map(cell).filter(|words| !words.is_empty()).collect()
}

fn is_date(words: &str) -> bool {
    dates::parse_when(words, None, Century::This).is_ok()
}

/// What, who, when: of three columns with one unknown heading the unknown one is the one that is left.
fn by_elimination(keys: &mut [Option<usize>]) {
    let missing: Vec<usize> = (0..FIELDS.len())
        .filter(|field| FIELDS[*field].group == Group::Action && !keys.contains(&Some(*field)))
        .collect();
    if let ([at], [field]) = (left(keys).as_slice(), missing.as_slice()) {
        keys[*at] = Some(*field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(head: [&str; 3], known: [Option<&str>; 3], cells: [[&str; 3]; 2]) -> Vec<Option<&'static str>> {
        let place = |key: Option<&str>| FIELDS.iter().position(|field| Some(field.key) == key);
        let row = |cells: [&str; 3]| {
            head.iter().zip(cells).map(|(label, cell)| ((*label).to_owned(), vec![Line::plain(cell)])).collect()
        };
        let rows: Vec<Row> = cells.into_iter().map(row).collect();
        keys(&rows, |_| known.map(place).to_vec()).into_iter().map(|key| key.map(|key| FIELDS[key].key)).collect()
    }

    #[test]
    fn what_stands_below_tells_columns_apart() {
        let all = vec![Some("action_text"), Some("action_owner"), Some("action_due")];
        let cells = [["Fit a new lock on the back door", "Sam Ash", "4/5/2026"], ["Ring the school", "EDT", ""]];
        assert_eq!(named(["Job", "By", "Aim"], [Some("action_text"), Some("action_due"), None], cells), all);
        assert_eq!(named(["We propose", "In hands of", "Date"], [None, None, None], cells), all);
        let undated = [["Fit a new lock", "Sam Ash", "soon"], ["Ring the school", "EDT", "today"]];
        assert_eq!(named(["We propose", "In hands of", "By which date"], [None, None, None], undated), all);
    }
}
