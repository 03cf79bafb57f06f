//! The lines by which a concern is decided (W3, W5, W7; W2 by its sender alone), and how a reply is cut into them.
//!
//! Comes in: what a person wrote above the quoted text. Goes out: labelled lines. What a line does is in [`state`](super::state).

/// A label that a line of a reply about a concern may begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // Named as the labels are; the order is that in which lines of one mail take effect.
pub enum Label {
    /// First: a child does not wait for the other lines (W3).
    ChildAtRisk,
    Qualifying,
    FurtherAction,
    Referred,
    MessageToSender,
    IdentityMayBeShared,
    Close,
}

/// Every label as people write it.
const LABELS: &[(&str, Label)] = &[
    ("Child at risk", Label::ChildAtRisk),
    ("Qualifying", Label::Qualifying),
    ("Further action", Label::FurtherAction),
    ("Referred", Label::Referred),
    ("Message to sender", Label::MessageToSender),
    ("Identity may be shared", Label::IdentityMayBeShared),
    ("Close", Label::Close),
];

/// One line of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The label.
    pub label: Label,
    /// What stands after the colon, trimmed, with the lines that continue it.
    pub value: String,
}

impl Label {
    /// The label as it is written.
    pub fn words(self) -> &'static str {
        LABELS.iter().find(|(_, label)| *label == self).map_or("", |(words, _)| words)
    }

    /// Whether its text may go on over several lines.
    fn runs_on(self) -> bool {
        matches!(self, Label::ChildAtRisk | Label::Referred | Label::MessageToSender | Label::Close)
    }
}

/// The lines of a text, in the order in which they take effect. A label begins a line; any case; "-", "*" and ">" before it do not
/// matter. Further lines belong to a text, empty ones within it too where it is a message or tells of a child, up to the next label.
pub fn lines(text: &str) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    let mut open = false;
    // What a mail program writes above the mail that it quotes.
    let begins_quote = |line: &&str| {
        let line = line.trim();
        (line.starts_with("On ") && line.ends_with("wrote:")) || line.starts_with("-----Original Message")
    };
    for written in text.lines().take_while(|line| !begins_quote(line)) {
        let bare = written.trim().trim_start_matches(['-', '*', '>', ' ']);
        let label = bare.split_once(':').and_then(|(words, value)| {
            let words = words.trim().trim_matches('*').trim();
            let (_, label) = LABELS.iter().find(|(known, _)| known.eq_ignore_ascii_case(words))?;
            Some((*label, value.trim().trim_start_matches('*').trim()))
        });
        match (label, found.last_mut()) {
            (Some((label, value)), _) => {
                found.push(Line { label, value: value.to_owned() });
                open = label.runs_on();
            }
            (None, Some(line)) if open => {
                let goes_on = matches!(line.label, Label::ChildAtRisk | Label::MessageToSender);
                if bare.is_empty() && !goes_on {
                    open = false;
                } else {
                    line.value.push('\n');
                    line.value.push_str(written.trim_end());
                }
            }
            _ => {}
        }
    }
    found.iter_mut().for_each(|line| line.value = line.value.trim().to_owned());
    found.retain(|line| !line.value.is_empty());
    found.sort_by_key(|line| line.label);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w7_lines_are_cut_with_a_message_that_has_paragraphs() {
        let text = "Hello\n* qualifying : yes\n> Message to sender: Thank you.\n\nWhen was that?\nFurther action: no\nchild at risk: Ali, 4,\nElm Road";
        let found: Vec<_> = lines(text).into_iter().map(|line| (line.label, line.value)).collect();
        let expected = [
            (Label::ChildAtRisk, "Ali, 4,\nElm Road"),
            (Label::Qualifying, "yes"),
            (Label::FurtherAction, "no"),
            (Label::MessageToSender, "Thank you.\n\nWhen was that?"),
        ];
        assert_eq!(found, expected.map(|(label, value)| (label, value.to_owned())));
        assert!(lines("Qualifying:\nnothing").is_empty());
    }
}
