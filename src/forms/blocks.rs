//! Labels right above their answers, an empty line behind each, as in forms that a mail holds: there the place tells labels, not the words.
//!
//! Comes in: the lines of a mail's body. Goes out: whether it is laid out so, whether its numbers count sections rather than questions, and
//! for a line whether it heads a block or a section. Knows nothing of what the answers mean.

use super::answers::clean;
use super::choices::Line;
use super::labels::Spot;
use super::lines::{colon, dots, has_box, has_sentence, is_running_foot, is_sentence, number, split_lines};
use super::pairs::{Flow, Item};
use super::splits::is_yes_or_no;
use super::words;
use crate::document::Block;

/// Lines that are looked at to tell the layout.
const LINES_MAX: usize = 600;
/// The longest label or heading, in characters.
const SHORT: usize = 90;

/// How the lines of a body are laid out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Layout {
    /// Most known labels stand right above their answers, an empty line behind each.
    pub blocks: bool,
    /// Numbers count sections: most of what is asked bears none.
    pub sections: bool,
}

impl<'a> Flow<'a> {
    /// Tells the layout of a mail's body.
    pub(super) fn layout(&self, blocks: &[Block]) -> Layout {
        let mut runs: Vec<Vec<Line>> = vec![Vec::new()];
        let lines = blocks.iter().flat_map(|block| match block {
            Block::Paragraph(paragraph) => split_lines(paragraph),
            Block::Table(_) => vec![Line::default()],
        });
        for line in lines.take(LINES_MAX) {
            match (clean(&line.text()).is_empty(), runs.last_mut()) {
                (false, Some(run)) => run.push(line),
                _ => runs.push(Vec::new()),
            }
        }
        let counts = |line: &Line| {
            let text = clean(&line.text());
            number(&text).is_some() && is_short(&text) && !text.ends_with([':', '?'])
        };
        let asks = |line: &Line| !counts(line) && self.is_label(line);
        let answered = |run: &Vec<Line>| {
            let run = if run.first().is_some_and(counts) { &run[1..] } else { run.as_slice() };
            matches!(run, [label, answer, ..] if asks(label) && !asks(answer) && self.known_split(label).is_none())
        };
        let long = runs.iter().filter(|run| run.len() >= 2).count();
        let filled = runs.iter().filter(|run| answered(run)).count();
        let all = || runs.iter().flatten();
        let (numbers, labels) = (all().filter(|line| counts(line)).count(), all().filter(|line| asks(line)).count());
        Layout { blocks: filled >= 4 && filled * 2 >= long, sections: numbers >= 2 && labels >= 2 * numbers }
    }

    /// A label by its place: it begins a block, and its answer stands right below; or the one above was left blank, as this one is.
    pub(super) fn heads_block(&self, spot: &Spot<'_, 'a>) -> bool {
        let text = spot.text;
        let asks = text.starts_with(char::is_uppercase) && is_short(text) && !has_box(text) && !is_running_foot(text);
        let answers = |value: &str| !value.starts_with(char::is_lowercase) || is_yes_or_no(value);
        let answered = colon(text).is_some_and(|(_, from)| answers(text[from..].trim()));
        let skipped = || self.wide && self.open.as_ref().is_some_and(|pair| pair.lines.is_empty() && !pair.beside);
        // Right below a heading, as behind an empty line.
        let begins = self.gap || self.open.is_none() && !self.out.pairs.is_empty();
        self.layout.blocks
            && begins
            && asks
            && !answered
            && dots(text).is_none()
            && !(self.is_last_block(spot) && is_persons_name(text))
            && (!self.below(spot, 1).is_empty() || skipped())
    }

    /// A block of two lines, close behind the one before: a label with its answer, though its words might name a section.
    pub(super) fn heads_answer_in_block(&self, spot: &Spot<'_, 'a>) -> bool {
        let (first, second) = (self.below(spot, 1), self.below(spot, 2));
        !self.wide && !first.is_empty() && second.is_empty() && !first.contains([':', '?']) && self.heads_block(spot)
    }

    /// A numbered heading above a label; or the first of three lines, of which the second is a label and the third its answer.
    pub(super) fn heads_section(&self, spot: &Spot<'_, 'a>) -> bool {
        let text = spot.text;
        let counted = self.layout.sections && number(text).is_some() && !has_sentence(words::strip_number(text));
        if !is_short(text) || text.ends_with([':', '?']) || has_box(text) || colon(text).is_some() {
            return false;
        }
        let below = self.below(spot, 1);
        let asks = || {
            let beside = colon(&below).is_some_and(|(end, _)| !is_sentence(&below[..end]));
            beside || self.is_label(&Line::plain(&below))
        };
        let three = || {
            let label = is_short(&below) && below.starts_with(char::is_uppercase) && colon(&below).is_none();
            label && !has_box(&below) && !self.below(spot, 2).is_empty()
        };
        let answered = self.open.as_ref().is_none_or(|pair| !pair.lines.is_empty());
        match counted {
            true => !below.is_empty() && (asks() || self.layout.blocks && three()),
            false => self.layout.blocks && self.gap && self.wide && answered && three(),
        }
    }

    /// The words of the line so many below, empty where an empty line or none stands there or before it.
    fn below(&self, spot: &Spot<'_, 'a>, nth: usize) -> String {
        if let Some(inner) = spot.inner_next {
            return if nth == 1 { clean(&inner.text()) } else { String::new() };
        }
        let mut words = String::new();
        for item in spot.next.iter().take(nth) {
            let Item::Line(paragraph) = item else { return String::new() };
            words = clean(&paragraph.text());
            if words.is_empty() {
                return words;
            }
        }
        if spot.next.len() < nth { String::new() } else { words }
    }

    /// Nothing stands behind the block that the line begins.
    fn is_last_block(&self, spot: &Spot<'_, 'a>) -> bool {
        let said = |item: &Item<'a>| !matches!(item, Item::Line(paragraph) if clean(&paragraph.text()).is_empty());
        !spot.next.iter().skip_while(|item| said(item)).any(said)
    }
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= SHORT && !text.ends_with(['.', '!', ',', ';'])
}

/// Two to four words in capitals, and nothing else.
pub(super) fn is_persons_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_part = |word: &&str| {
        word.starts_with(char::is_uppercase)
            && word.contains(char::is_lowercase)
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-'))
    };
    (2..=4).contains(&words.len()) && words.iter().all(is_part)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::pairs::extract;
    use super::super::wordings::Wordings;
    use super::*;
    use crate::clock::Deadline;
    use crate::document::text;

    fn pairs(body: &str) -> Vec<(String, String)> {
        let found = extract(&text::read(body), &Wordings::default(), true, &Deadline::after(Duration::MAX));
        let words = |lines: &[Line]| lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join("\n");
        found.pairs.iter().map(|pair| (pair.label.clone(), words(&pair.lines))).collect()
    }

    const NEVER_SEEN: &str = "Need to know\n\n1. Who\nName of child\nAmy Ax\n\nDate of birth\n1/2/2011\n\nGlorp of the zib\nSGO\n\n\n2. Narrative\n\
        Wumble\nOn Friday\n\nLegal status\nSection 20\n\nTeam\nMASH\n\nZibbed in the glorp\n\n\nQuondam\nShe fell.\n\nGender\nFemale\n";

    #[test]
    fn labels_that_no_wording_knows_stand_above_their_answers() {
        let found = pairs(NEVER_SEEN);
        for (label, answer) in [
            ("Glorp of the zib", "SGO"),
            ("Wumble", "On Friday"),
            ("Legal status", "Section 20"),
            ("Team", "MASH"),
            ("Quondam", "She fell."),
            ("Gender", "Female"),
        ] {
            assert!(found.contains(&(label.to_owned(), answer.to_owned())), "{label}: {found:?}");
        }
        assert!(!found.iter().any(|(label, _)| label.contains("Narrative") || label.contains("Who")), "{found:?}");
    }

    #[test]
    fn numbers_before_lines_with_answers_beside_count_sections() {
        let found = pairs(
            "Investigation report\n\n1. Child\nName of child: Amy Ax\nDate of birth: 1/2/2011\nGender: Female\n\n2. Narrative\n\
             Day and hour it befell: 9/1/26\nPlace of incident: The park\nTeam: MASH\n\n3. Analysis\nPapers that were read: All of them.\n\
             Findings: Nobody rang.\nLessons learned: Ring.\n",
        );
        assert!(found.contains(&("Papers that were read".to_owned(), "All of them.".to_owned())), "{found:?}");
        assert!(!found.iter().any(|(label, _)| label.contains("Narrative") || label.contains("Analysis")), "{found:?}");
    }
}
