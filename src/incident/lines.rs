//! How a mail's text is cut into the lines that decide.
//!
//! Comes in: what a person wrote above the quoted text. Goes out: labelled lines, and what is nearly one. Knows no incident; the labels are
//! in [`labels`](super::labels), what a line does is in [`decide`](super::decide).

use super::labels::{LABELS, Label, hint, hint_beside};
use super::nearest::distance;

/// One line of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The label.
    pub label: Label,
    /// The label in words, as the interface or the settings write it.
    pub words: String,
    /// What stands after the colon, trimmed, with the lines that continue it.
    pub value: String,
}

/// The decision lines of a text, `own` being the labels of the council's own procedure, in the order in which they take effect. A
/// label begins a line; any case; "-", "*" and ">" before it and the kind of colon do not matter, and a dash between spaces is as
/// good. Further lines belong to a value that runs on, up to an empty line. A second label may follow on the same line after a ";".
pub fn lines(text: &str, own: &[String]) -> Vec<Line> {
    let (mut found, _) = cut(text, own);
    found.iter_mut().for_each(|line| line.value = filled(&line.words, &line.value).to_owned());
    found.retain(|line| !line.value.is_empty());
    found.sort_by_key(|line| line.label);
    found
}

/// A line that was probably meant to decide something, and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The line as it was written.
    pub written: String,
    /// The line that it may have been meant to be, as it can be sent.
    pub meant: String,
    /// The label of that line.
    pub label: String,
}

impl Attempt {
    /// What its writer is told.
    pub fn reason(&self) -> String {
        format!("We could not read \"{}\". Did you mean \"{}\"?", self.written, self.meant)
    }
}

/// Lines that are nearly decision lines: a label but for a slip of the pen, or one without its colon.
pub fn attempts(text: &str, own: &[String]) -> Vec<Attempt> {
    let (_, others) = cut(text, own);
    let ours = |line: &&str| line.trim_start().to_lowercase().starts_with("reply code");
    // From the reply code on the mail is ours, quoted without a mark.
    others.into_iter().take_while(|line| !ours(line)).filter_map(|line| attempt(line, own)).collect()
}

/// Labelled lines with what continues them, and the other lines that are not empty.
fn cut<'t>(text: &'t str, own: &[String]) -> (Vec<Line>, Vec<&'t str>) {
    let mut found: Vec<Line> = Vec::new();
    let mut others = Vec::new();
    let mut open = false;
    for written in text.lines() {
        if labelled(written, own).is_some() {
            for (label, words, value) in pieces(written, own).into_iter().filter_map(|piece| labelled(piece, own)) {
                found.push(Line { label, words: words.to_owned(), value: value.to_owned() });
            }
            open = true;
        } else if written.trim().is_empty() {
            open = false;
        } else if let Some(last) =
            found.last_mut().filter(|last| open && (last.label.runs_on() || last.value.is_empty()))
        {
            if !last.value.is_empty() {
                last.value.push('\n');
            }
            last.value.push_str(written.trim());
        } else {
            others.push(written);
        }
    }
    (found, others)
}

/// A labelled line in pieces, each of which begins with a label: "Phone call made: yes; Classification: serious" decides two things, and
/// so does "Review outcome: agreed. Recommendations: all". A reason belongs to what stands before it.
fn pieces<'t>(written: &'t str, own: &[String]) -> Vec<&'t str> {
    let colons = &SEPARATORS[..2];
    let begins = |text: &str| labelled_by(text, own, colons).is_some_and(|(label, _, _)| label != Label::Reason);
    let mut found = Vec::new();
    let mut from = 0;
    for (at, mark) in written.match_indices([';', '；', ',', '.']) {
        let behind = &written[at + mark.len()..];
        // "dr.service: " is no beginning.
        if (matches!(mark, ";" | "；") || behind.starts_with(char::is_whitespace)) && begins(behind) {
            found.push(&written[from..at]);
            from = at + mark.len();
        }
    }
    found.push(&written[from..]);
    found
}

/// A value without what a mail offered in square brackets to be replaced, and without the brackets of who wrote between them; "" for a
/// line that was left as it was: "[a date]", "…".
fn filled<'v>(words: &str, value: &'v str) -> &'v str {
    let value = value.trim();
    let blank = |value: &str| value.chars().all(|c| matches!(c, '.' | '…' | '_' | '-' | '[' | ']'));
    let Some((before, inner)) = value.split_once('[') else { return if blank(value) { "" } else { value } };
    let (before, offered) = (before.trim(), inner.trim_end_matches(']').trim());
    let is_hint = [hint(words), hint_beside(words)].into_iter().any(|hint| match inner.contains(']') {
        true => hint == offered,
        // A mail program may have cut a long one at the end of its line.
        false => offered.len() > 20 && hint.starts_with(offered),
    });
    let limit = words == "Report due" && offered.starts_with("a date, ");
    match (is_hint || limit, inner.strip_suffix(']')) {
        (true, _) => before,
        (false, Some(inner)) if before.is_empty() && !inner.contains('[') && !blank(inner) => inner.trim(),
        _ if blank(value) => "",
        _ => value,
    }
}

/// What may stand between a label and its value, colons first.
const SEPARATORS: [&str; 5] = [":", "：", " - ", " – ", " — "];

/// A line without the marks of lists and of emphasis before it.
fn bare(written: &str) -> &str {
    written.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | '•' | '\u{a0}'))
}

fn plain(head: &str) -> String {
    let plain = head.split_whitespace().collect::<Vec<_>>().join(" ");
    plain.trim_matches(|c: char| matches!(c, '*' | '_' | '"' | '“' | '”')).to_owned()
}

fn value(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '\u{a0}'))
}

fn labelled<'a>(written: &'a str, own: &'a [String]) -> Option<(Label, &'a str, &'a str)> {
    labelled_by(written, own, &SEPARATORS)
}

fn labelled_by<'a>(written: &'a str, own: &'a [String], separators: &[&str]) -> Option<(Label, &'a str, &'a str)> {
    let written = bare(written);
    separators.iter().find_map(|separator| {
        let (head, rest) = written.split_once(separator)?;
        let head = plain(head);
        let known = LABELS.iter().find(|(words, _, _)| words.eq_ignore_ascii_case(&head));
        let known = known.map(|(words, label, _)| (*label, *words, value(rest)));
        known.or_else(|| {
            let words = own.iter().find(|words| words.to_lowercase() == head.to_lowercase())?;
            Some((Label::Own, words.as_str(), value(rest)))
        })
    })
}

/// More words than these after a label without a colon are a sentence.
const WORDS_MAX: usize = 12;

fn attempt(written: &str, own: &[String]) -> Option<Attempt> {
    let line = bare(written);
    // Whatever is written acknowledges; a reason decides nothing by itself.
    let known = LABELS.iter().filter(|(_, label, _)| !matches!(label, Label::Acknowledged | Label::Reason));
    let known: Vec<&str> = known.map(|(words, _, _)| *words).chain(own.iter().map(String::as_str)).collect();
    let meant = |words: &str, rest: &str| {
        let rest = filled(words, value(rest)).to_owned();
        let attempt =
            Attempt { written: written.trim().to_owned(), meant: format!("{words}: {rest}"), label: words.to_owned() };
        (!rest.is_empty()).then_some(attempt)
    };
    let misspelt = SEPARATORS.iter().find_map(|separator| {
        let (head, rest) = line.split_once(separator)?;
        let head = plain(head).to_lowercase();
        let near = known.iter().map(|words| (distance(&head, &words.to_lowercase()), *words)).min()?;
        let is_slip = near.0 <= (near.1.chars().count() / 4).max(1);
        is_slip.then(|| meant(near.1, rest)).flatten()
    });
    misspelt.or_else(|| within(line, &known, meant)).or_else(|| {
        let begins = |words: &&str| {
            let rest = line.get(words.len()..)?;
            let begins = line.get(..words.len())?.eq_ignore_ascii_case(words);
            (begins && rest.starts_with(|c: char| !c.is_alphanumeric())).then_some((words.len(), rest))
        };
        // "Service Director" below a name is no decision.
        let known = known.iter().filter(|words| **words != "Service");
        let (words, (_, rest)) = known.filter_map(|words| Some((*words, begins(words)?))).max_by_key(|(_, at)| at.0)?;
        let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '[');
        (rest.split_whitespace().count() <= WORDS_MAX).then(|| meant(words, rest)).flatten()
    })
}

/// A label with its colon within a sentence: "I have decided: strategy meeting: no". What follows it, up to the end of that sentence.
fn within(line: &str, known: &[&str], meant: impl Fn(&str, &str) -> Option<Attempt>) -> Option<Attempt> {
    let lower = line.to_ascii_lowercase(); // Bytes stay where they are.
    let places = known.iter().copied().filter_map(|words| {
        let found = lower.find(&format!("{}:", words.to_ascii_lowercase()))?;
        let begins = lower[..found].chars().next_back().is_some_and(char::is_whitespace);
        // "Team and service: Fostering" is no decision.
        (begins && words != "Service").then_some((found, words))
    });
    let (found, words) = places.min_by_key(|(found, words)| (*found, usize::MAX - words.len()))?;
    let rest = &line[found + words.len() + 1..];
    meant(words, rest.split(['.', ';', ',']).next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: [&str; 0] = [];

    fn found(text: &str) -> Vec<(Label, String)> {
        lines(text, &[]).into_iter().map(|line| (line.label, line.value)).collect()
    }

    #[test]
    fn i4_lines_in_any_case_and_order_take_effect_in_one_order() {
        let text = "Thanks\n\nreport DUE: 18/12/2026\r\n*Investigator:* Sam Doyle, sam@derby.example\n\nRegards: me";
        assert_eq!(
            found(text),
            [(Label::Investigator, "Sam Doyle, sam@derby.example".into()), (Label::ReportDue, "18/12/2026".into())]
        );
    }

    #[test]
    fn i4_prose_runs_on_until_an_empty_line() {
        let text = "Review outcome: agreed.\nStaff will be told on Friday.\n\nBest wishes\nAnn";
        assert_eq!(found(text), [(Label::ReviewOutcome, "agreed.\nStaff will be told on Friday.".into())]);
        assert_eq!(found("Investigator: Sam Doyle\nThanks"), [(Label::Investigator, "Sam Doyle".into())]);
    }

    #[test]
    fn lines_left_unfilled_decide_nothing() {
        for (words, _, _) in LABELS.iter().filter(|(words, _, _)| !hint(words).is_empty()) {
            assert_eq!(found(&format!("{words}: [{}]\n{words}: ….\n", hint(words))), [], "{words}");
        }
        assert_eq!(found("Report due: [a date, Monday 30 March 2026 at the latest]\nService:\n\nx"), []);
        assert_eq!(found("Classification: [catastrophic, serious, near miss, or not serious (then a"), []);
        assert_eq!(found("Recommendations: all [or their numbers: 1, 3]"), [(Label::Recommendations, "all".into())]);
    }

    #[test]
    fn i4_brackets_and_dashes_are_as_good() {
        let text = "INVESTIGATOR - Sam Doyle\nreport due : [23/03/2026]\nStrategy meeting – no";
        let expected = [
            (Label::StrategyMeeting, "no".to_owned()),
            (Label::Investigator, "Sam Doyle".to_owned()),
            (Label::ReportDue, "23/03/2026".to_owned()),
        ];
        assert_eq!(found(text), expected);
        assert_eq!(found("Feedback given: [yes]"), [(Label::FeedbackGiven, "yes".into())]);
        assert_eq!(found("I spoke to the investigator - Sam Doyle"), []);
    }

    #[test]
    fn i4_a_second_label_on_one_line_is_a_line_of_its_own() {
        let text = "Phone call made: yes; Classification: catastrophic; Reason: he died\nreview outcome: agreed; recommendations: all";
        let expected = [
            (Label::PhoneCallMade, "yes".to_owned()),
            (Label::Classification, "catastrophic; Reason: he died".to_owned()),
            (Label::ReviewOutcome, "agreed".to_owned()),
            (Label::Recommendations, "all".to_owned()),
        ];
        assert_eq!(found(text), expected);
        let sentence = "Review outcome: agreed with Dr. Hale. Recommendations: all, learning to share: none";
        let expected = [
            (Label::ReviewOutcome, "agreed with Dr. Hale".to_owned()),
            (Label::Recommendations, "all".to_owned()),
            (Label::LearningToShare, "none".to_owned()),
        ];
        assert_eq!(found(sentence), expected);
        for (text, label) in [
            ("Expected: 10 April; reason: the officer is ill", Label::Expected),
            ("Enquiry concluded: 1/9/2026; outcome: none; OF-9", Label::EnquiryConcluded),
            ("Review outcome: agreed; service - as it is", Label::ReviewOutcome),
        ] {
            assert_eq!(found(text), [(label, text.split_once(": ").unwrap().1.to_owned())]);
        }
    }

    #[test]
    fn i4_what_is_nearly_a_line_is_told_from_prose() {
        let meant = |text: &str| attempts(text, &[]).into_iter().map(|attempt| attempt.meant).collect::<Vec<_>>();
        assert_eq!(meant("Investigater: Sam Doyle"), ["Investigator: Sam Doyle"]);
        assert_eq!(meant("Investigator Sam Doyle"), ["Investigator: Sam Doyle"]);
        assert_eq!(meant("I have decided, strategy meeting: no, and that is it"), ["Strategy meeting: no"]);
        assert_eq!(
            meant("* recomendations – all\nClosed: all is done"),
            ["Recommendations: all", "Close: all is done"]
        );
        assert_eq!(
            meant("Panel notification not required, he is well"),
            ["Panel notification not required: he is well"]
        );
        for prose in [
            "Thanks, seen",
            "Acknowledged, thank you",
            "Morag Ellis\nService Director\nPhone: 01332 000000",
            "Investigator: Sam Doyle",
            "Report due: [a date, Monday 30 March 2026 at the latest]",
            "Review outcome: agreed.\nRecommendations follow below",
            "Expected of us is that the manager reads the note out at every change of shift, as agreed",
            "Thanks\nReply code: 0011\nInvestigator Sam Doyle",
        ] {
            assert_eq!(meant(prose), NOTHING, "{prose}");
        }
    }
}
