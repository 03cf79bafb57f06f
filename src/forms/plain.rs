//! Labels in their plainest form, in which wordings that ask the same are the same: "State the place of the event" and "Place of incident",
//! "Has the LADO been notified?" and "Is the LADO aware?".
//!
//! Comes in: a label in lower-case words without the smallest of them. Goes out: fewer and plainer words, in their order. Knows nothing of
//! fields; whether two wordings that become the same ask the same is seen where they are gathered.

/// Words that ask to write, at the beginning of a label.
const IMPERATIVES: [&str; 14] = [
    "state", "give", "enter", "list", "write", "insert", "provide", "outline", "specify", "confirm", "indicate", "say",
    "tell", "set",
];
/// What stands between an imperative and what is asked.
const BEHIND_IMPERATIVES: [&str; 4] = ["us", "me", "out", "down"];
/// Verbs that make a question of a statement.
const HELPING: [&str; 13] =
    ["has", "have", "had", "is", "are", "was", "were", "been", "being", "do", "does", "did", "will"];
/// Words that begin a question.
const ASKING: [&str; 7] = ["what", "which", "who", "when", "where", "how", "why"];
/// Words that point at what is meant and add nothing.
const POINTING: [&str; 5] = ["this", "that", "any", "these", "there"];
/// Remarks behind what is asked.
const REMARKS: [&[&str]; 12] = [
    &["at", "time", "writing"],
    &["at", "time", "report"],
    &["at", "present"],
    &["at", "this", "time"],
    &["in", "force"],
    &["in", "full"],
    &["if", "known"],
    &["if", "any"],
    &["y", "n"],
    &["yes", "no"],
    &["delete"],
    &["delete", "as", "appropriate"],
];

/// The plainest form of a label's words, which stand with single spaces between them.
pub(super) fn plain(words: &str) -> String {
    let mut plain = same_words(words);
    while let Some(remark) = REMARKS.iter().find(|remark| plain.len() >= remark.len() + 2 && plain.ends_with(remark)) {
        plain.truncate(plain.len() - remark.len());
    }
    without_imperative(&mut plain);
    let first = plain.first().copied().unwrap_or_default();
    // "What is the X?" asks for "X"; a statement, "Parents have been told", keeps its verb and is none of these.
    if first == "what"
        && plain.get(1).is_some_and(|word| matches!(*word, "is" | "are" | "was" | "were"))
        && plain.len() > 2
    {
        plain.drain(..2);
    } else if HELPING.contains(&first) || ASKING.contains(&first) {
        let asks: Vec<&str> = plain.iter().copied().filter(|word| !HELPING.contains(word)).collect();
        if asks.len() > 1 {
            plain = asks;
        }
    }
    if plain.iter().filter(|word| !POINTING.contains(word)).count() > 1 {
        plain.retain(|word| !POINTING.contains(word));
    }
    plain.join(" ")
}

/// The words with one for all that mean the same.
fn same_words(words: &str) -> Vec<&str> {
    let mut same: Vec<&str> = Vec::new();
    let mut rest = words.split(' ').filter(|word| !word.is_empty()).peekable();
    while let Some(word) = rest.next() {
        let both = two(word, rest.peek().copied().unwrap_or_default());
        if both.is_some() {
            rest.next();
        }
        let word = both.unwrap_or_else(|| one(word));
        // "Child / young person" is one child.
        if same.last() != Some(&word) {
            same.push(word);
        }
    }
    same
}

fn two(first: &str, second: &str) -> Option<&'static str> {
    Some(match (first, second) {
        (
            "young" | "unborn" | "foster" | "service",
            "person" | "persons" | "adult" | "child" | "baby" | "user" | "users",
        ) => "child",
        ("take" | "takes" | "took" | "taken", "place") => "happen",
        ("made" | "make", "aware") => "told",
        _ => return None,
    })
}

fn one(word: &str) -> &str {
    match word {
        "childs" | "yp" | "yps" | "cyp" | "cyps" | "pupil" | "pupils" | "resident" | "residents" | "baby" | "babys"
        | "infant" | "client" | "clients" | "student" | "students" | "minor" => "child",
        "event" | "events" | "occurrence" | "episode" | "incidents" => "incident",
        "informed" | "notified" | "alerted" | "aware" | "advised" | "contacted" => "told",
        "happened" | "happens" | "occur" | "occurs" | "occurred" => "happen",
        "telephone" | "tel" => "phone",
        other => other,
    }
}

fn without_imperative(words: &mut Vec<&str>) {
    if words.len() > 1 && IMPERATIVES.contains(&words[0]) {
        let behind = usize::from(words.len() > 2 && BEHIND_IMPERATIVES.contains(&words[1]));
        words.drain(..=behind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_the_same_is_the_same() {
        for (one, other) in [
            ("state place event", "place incident"),
            ("has lado been notified", "is lado aware"),
            ("what is place incident", "place occurrence"),
            ("tell us what happened", "what has happened"),
            ("parents informed at time writing delete", "parents told"),
            ("name young adult young person", "name child"),
            ("when did event take place", "when did incident occur"),
        ] {
            assert_eq!(plain(one), plain(other), "{one}");
        }
    }

    #[test]
    fn what_is_told_is_no_question_and_nothing_is_left_without_words() {
        assert_ne!(plain("parents have been told"), plain("parents told"));
        for words in ["state", "what", "is", "any", "", "what is", "delete", "tell us", "y n"] {
            assert_eq!(plain(words).is_empty(), words.is_empty(), "{words}");
        }
    }
}
