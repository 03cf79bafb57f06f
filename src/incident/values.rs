//! What the value of a decision line says: yes, no, not yet, one officer, a time with a remark.
//!
//! Comes in: the words after the label. Goes out: what they say, or that they do not say it. Never guesses: what says two things says
//! neither. Knows no incident and no rule; what a value does is in [`decide`](super::decide).

use chrono::NaiveDate;

use crate::forms::dates::{DateProblem, When, parse_date_time};

/// Words that a yes may come with.
const COURTESY: &[&str] = &["thanks", "thank", "you", "many", "all", "it", "is", "has", "been", "i", "have", "now"];

/// Whether a value says that something was done: "yes", "Yes, thanks", "done", "OK, done".
pub fn says_yes(value: &str) -> bool {
    says(value, &["yes", "y", "yep", "done"], &["ok", "okay"])
}

/// Whether a value acknowledges: what says yes, and "OK", "noted", "read".
pub fn says_read(value: &str) -> bool {
    let read =
        ["yes", "y", "yep", "done", "ok", "okay", "read", "seen", "noted", "received", "acknowledged", "understood"];
    says(value, &read, &[])
}

/// One of the words that say it, and no others but courtesies.
fn says(value: &str, it: &[&str], beside: &[&str]) -> bool {
    let words = words(value);
    let knows = |word: &String| {
        it.contains(&word.as_str()) || beside.contains(&word.as_str()) || COURTESY.contains(&word.as_str())
    };
    !value.contains('?') && words.iter().all(knows) && words.iter().any(|word| it.contains(&word.as_str()))
}

/// Whether a value says that something was not done, or is still to be done: "no", "not yet", "no answer, will try again".
pub fn says_not_done(value: &str) -> bool {
    const SO_FAR: &[&str] = &[
        "no answer",
        "no reply",
        "no response",
        "no one",
        "no luck",
        "try again",
        "will try",
        "will ring",
        "will call",
        "will do",
        "will be",
        "to be",
        "still to",
        "to do",
        "to follow",
    ];
    const ALONE: &[&str] = &[
        "not",
        "nobody",
        "none",
        "never",
        "cannot",
        "unable",
        "failed",
        "trying",
        "tried",
        "attempted",
        "engaged",
        "unanswered",
        "pending",
        "tbc",
        "tba",
        "tbd",
        "awaiting",
        "waiting",
    ];
    let words = words(value);
    let joined = format!(" {} ", words.join(" "));
    let first_is_no = words.first().is_none_or(|word| matches!(word.as_str(), "no" | "n" | "nope"));
    const OFF: &[&str] = &["tomorrow", "later", "shortly", "soon"];
    let alone = |word: &String| {
        ALONE.contains(&word.as_str()) || word.ends_with("n't") || (words.len() <= 3 && OFF.contains(&word.as_str()))
    };
    first_is_no
        || value.trim_end().ends_with('?')
        || words.iter().any(alone)
        || SO_FAR.iter().any(|phrase| joined.contains(&format!(" {phrase} ")))
}

/// The reason of a value that says no and why: "no; the Leader is away", "not needed - nobody was there"; `None` for a bare no, for
/// "not yet", and for what does not begin with one of `no`.
pub fn no_with_reason<'a>(value: &'a str, no: &[&str]) -> Option<&'a str> {
    let (head, reason) = cut(value)?;
    let (head, reason) = (words(head).join(" "), reason.trim());
    let says_more = reason.chars().any(char::is_alphabetic);
    (no.contains(&head.as_str()) && says_more && !speaks_of_later(reason)).then_some(reason)
}

/// Whether a value says that something is not needed: "no", "No thanks", "no, not needed", "not required; the panel meets anyway".
pub fn says_not_needed(value: &str, from: NaiveDate) -> bool {
    const PLAIN: &[&str] =
        &["no", "none", "not", "needed", "required", "necessary", "need", "thanks", "thank", "you", "meeting"];
    let (head, reason) = cut(value).unwrap_or((value, ""));
    let head_length = head.len();
    let head = words(head);
    let plain = head.iter().all(|word| PLAIN.contains(&word.as_str()));
    let says = matches!(head.first().map(String::as_str), Some("no" | "none"))
        || head.first().is_some_and(|first| first == "not") && head.len() > 1;
    let free = value[head_length..].starts_with(';');
    let contradicts = when_with_remark(reason, from).is_ok()
        || (!free
            && (reason.contains(|c: char| c.is_ascii_digit())
                || words(reason).iter().any(|word| word.ends_with("day"))));
    plain && says && !value.contains('?') && !speaks_of_later(reason) && !contradicts
}

/// A date with a time, which a remark may follow: "Thursday 5 February at 14:00 in room 3".
///
/// # Errors
/// Why the words before the remark are no date. A remark that may name another day makes it [`DateProblem::Vague`].
pub fn when_with_remark(value: &str, from: NaiveDate) -> Result<When, DateProblem> {
    let whole = match parse_date_time(value, from) {
        Err(problem @ (DateProblem::NotADate | DateProblem::Vague)) => problem,
        told => return told,
    };
    let ends = value.char_indices().filter(|(_, c)| c.is_whitespace() || matches!(c, ',' | ';' | '('));
    let mut ends: Vec<usize> = ends.map(|(at, _)| at).collect();
    ends.reverse();
    for end in ends {
        let (head, remark) = value.split_at(end);
        match parse_date_time(head, from) {
            Ok(_) if names_a_day(remark) => return Err(DateProblem::Vague),
            Ok(when) => return Ok(when),
            Err(DateProblem::NotADate | DateProblem::Vague) => {}
            Err(problem) => return Err(problem),
        }
    }
    Err(whole)
}

/// An officer as a line names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name, "" where there is an address alone.
    pub name: String,
    /// The address in lower case.
    pub email: Option<String>,
    /// There was more beside them, which is left out: a job title, a number.
    pub more: bool,
}

/// One person in "Sam Doyle, sam@derby.example", "Sam Doyle <sam@derby.example> 01332 000000", "sam@derby.example (Sam Doyle)".
///
/// # Errors
/// Two addresses or two names.
pub fn one_person(value: &str) -> Result<Named, String> {
    const TWO: &str = "Name one officer: \"Investigator: name, address\".";
    let brackets = |c: char| matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '“' | '”');
    let is_cut = |c: char| c.is_whitespace() || brackets(c) || matches!(c, ',' | ';');
    let mut found: Option<(usize, usize, String)> = None;
    for word in value.split(is_cut).filter(|word| word.contains('@')) {
        let at = word.as_ptr() as usize - value.as_ptr() as usize;
        let email = word.trim_start_matches("mailto:").trim_end_matches(['.', ':']).to_lowercase();
        match &mut found {
            None => found = Some((at, at + word.len(), email)),
            Some((_, end, known)) if *known == email => *end = at + word.len(), // Outlook writes it twice.
            Some(_) => return Err(TWO.into()),
        }
    }
    let (before, after, email) = match &found {
        Some((start, end, email)) => (&value[..*start], &value[*end..], Some(email.clone())),
        None => (value, "", None),
    };
    let [before, after] = [before, after].map(|part| part.replace("mailto:", " ").replace(brackets, " "));
    let is_blank = |text: &str| !text.chars().any(char::is_alphanumeric);
    let (written, rest) = if is_blank(&before) { (&after, "") } else { (&before, after.as_str()) };
    let (name, left_out) = name_of(written);
    let words = words(&name);
    if words.iter().any(|word| matches!(word.as_str(), "and" | "or")) || name.contains(['&', '/', '+']) {
        return Err(TWO.into());
    }
    Ok(Named { name, email, more: left_out || !is_blank(rest) })
}

/// The name at the beginning of some words, and whether more follows it: up to a number or a comma; "Doyle, Sam" is Sam Doyle.
fn name_of(written: &str) -> (String, bool) {
    let upto = written.find(|c: char| c.is_ascii_digit() || c == ';').unwrap_or(written.len());
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts = written[..upto].split(',').map(squeeze).filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default();
    let mut more = upto < written.len();
    let name = match parts.next() {
        Some(second) if !first.contains(' ') && !second.contains(' ') => format!("{second} {first}"),
        second => {
            more |= second.is_some();
            first
        }
    };
    more |= parts.next().is_some();
    (name.trim_matches(|c: char| !c.is_alphanumeric() && c != ')').to_owned(), more)
}

/// The words before and after the first separator; `None` without one.
fn cut(value: &str) -> Option<(&str, &str)> {
    let spaced = [" - ", " – ", " — ", " because "].iter().filter_map(|mark| Some((value.find(mark)?, mark.len())));
    let marks = value.char_indices().filter(|(_, c)| matches!(c, ';' | ',' | '.' | '\n' | ':' | '('));
    let (at, length) = spaced.chain(marks.map(|(at, c)| (at, c.len_utf8()))).min()?;
    Some((&value[..at], &value[at + length..]))
}

/// Whether words put something off: then a no is none yet.
fn speaks_of_later(text: &str) -> bool {
    let words = words(text);
    let later =
        ["yet", "later", "tomorrow", "soon", "shortly", "until", "pending", "tbc", "decide", "maybe", "perhaps"];
    words.iter().any(|word| later.contains(&word.as_str()))
}

/// Whether a remark may name another day or time.
fn names_a_day(remark: &str) -> bool {
    const DAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let begins = |word: &String, known: &[&str]| known.iter().any(|short| word.starts_with(short)) && word.len() < 10;
    let words = words(remark);
    let apart = [
        "or", "not", "to", "until", "till", "yet", "tbc", "and", "then", "am", "pm", "maybe", "possibly", "next",
        "last",
    ];
    words.iter().any(|word| apart.contains(&word.as_str()) || word.ends_with("day") || DAYS.contains(&word.as_str()))
        || words.iter().any(|word| begins(word, MONTHS))
        || remark.contains('/')
        || remark.contains('?')
        || remark.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 4)
        || remark.char_indices().any(|(at, c)| {
            matches!(c, ':' | '.')
                && remark[..at].ends_with(|c: char| c.is_ascii_digit())
                && remark[at + 1..].starts_with(|c: char| c.is_ascii_digit())
        })
}

/// What stands before and after the first ";".
///
/// # Errors
/// `otherwise`, where either is missing.
pub fn two_parts<'a>(value: &'a str, otherwise: &str) -> Result<(&'a str, &'a str), String> {
    let parts = value.split_once(';').map(|(first, second)| (first.trim(), second.trim()));
    parts.filter(|(first, second)| !first.is_empty() && !second.is_empty()).ok_or_else(|| otherwise.to_owned())
}

/// Lower-case words: letters, digits and apostrophes.
pub fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('’', "'");
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').map(|word| word.trim_matches('\''));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn yes_is_said_in_a_few_ways() {
        for value in ["yes", "Yes, thanks", "Done!", "OK, done", "y"] {
            assert!(says_yes(value) && says_read(value), "{value}");
        }
        assert!(says_read("OK") && !says_yes("OK"));
        for value in ["no", "yes and no", "not yet", "", "yes?", "Sam"] {
            assert!(!says_yes(value) && !says_read(value), "{value}");
        }
    }

    #[test]
    fn t2_what_was_not_done_is_not_done() {
        for value in [
            "no",
            "No.",
            "not yet",
            "no answer, will try again",
            "No reply",
            "yes, but no answer",
            "tried twice",
            "nobody there",
            "will ring at 9",
            "couldn’t get through",
            "engaged",
            "?",
            "22:10, unanswered",
        ] {
            assert!(says_not_done(value), "{value}");
        }
        for value in ["yes", "Yes, 22:10", "Grace Adeyemi at 22:10", "rang the office on 01332 000002", "22:10 KN"] {
            assert!(!says_not_done(value), "{value}");
        }
    }

    #[test]
    fn t14_a_no_needs_a_reason_and_not_yet_is_none() {
        let no = |value| no_with_reason(value, &["no", "not needed"]);
        assert_eq!(no("no; the Leader is away"), Some("the Leader is away"));
        assert_eq!(no("No, not needed"), Some("not needed"));
        assert_eq!(no("not needed - nobody was on duty"), Some("nobody was on duty"));
        for value in ["no", "no;", "no; ?", "not yet", "not yet; Monday", "no, not yet", "1/9/2026, Cllr Bray"] {
            assert_eq!(no(value), None, "{value}");
        }
    }

    #[test]
    fn t5_a_meeting_that_is_not_needed() {
        let from = day("2026-02-02");
        for value in
            ["no", "No.", "No thanks", "no, not needed", "not required", "none; the panel meets", "no meeting needed"]
        {
            assert!(says_not_needed(value, from), "{value}");
        }
        for value in
            ["not", "not yet", "no, Thursday 5th at 14:00", "no; 5 February", "no?", "not sure", "no, decide later", ""]
        {
            assert!(!says_not_needed(value, from), "{value}");
        }
    }

    #[test]
    fn t5_a_time_may_carry_a_remark_but_no_second_day() {
        let from = day("2026-02-02");
        let when = when_with_remark("Thursday 5th February at 14:00 in room 3", from).unwrap();
        assert_eq!((when.date, when.time.map(|time| time.to_string())), (day("2026-02-05"), Some("14:00:00".into())));
        assert_eq!(when_with_remark("5/2/2026 14:00 (Teams)", from).unwrap().date, day("2026-02-05"));
        for value in [
            "5 February or 6 February",
            "5 February 14:00 or 15:00",
            "5 February to 7 February",
            "5 February, not Friday",
            "5 February 2026 6/2/2026",
            "5 February 14:00, 15:30",
            "room 3",
        ] {
            assert!(when_with_remark(value, from).is_err(), "{value}");
        }
        assert!(matches!(
            when_with_remark("Friday 5th February at 14:00 in room 3", from),
            Err(DateProblem::Weekday { .. })
        ));
    }

    #[test]
    fn t6_one_officer_by_name_and_address() {
        let named =
            |value: &str| one_person(value).map(|found| (found.name, found.email.unwrap_or_default(), found.more));
        let sam = |more| Ok(("Sam Doyle".to_owned(), "sam@derby.example".to_owned(), more));
        for value in [
            "Sam Doyle, sam@derby.example",
            "Sam Doyle <Sam@derby.example>",
            "Doyle, Sam <sam@derby.example>",
            "sam@derby.example (Sam Doyle)",
            "Sam Doyle sam@derby.example<mailto:sam@derby.example>",
            "Sam Doyle: sam@derby.example.",
        ] {
            assert_eq!(named(value), sam(false), "{value}");
        }
        for value in [
            "Sam Doyle, sam@derby.example 07700 900123",
            "Sam Doyle, sam@derby.example, Pat Lee",
            "Sam Doyle 07700 900123 sam@derby.example",
            "Sam Doyle, Team manager, sam@derby.example",
        ] {
            assert_eq!(named(value), sam(true), "{value}");
        }
        for value in
            ["Sam, sam@derby.example, pat@derby.example", "Sam Doyle and Pat Lee, sam@derby.example", "Sam/Pat x@y"]
        {
            assert!(named(value).is_err(), "{value}");
        }
        assert_eq!(named("Sam Doyle"), Ok(("Sam Doyle".into(), String::new(), false)));
    }
}
