//! Rows of one cell each, by turns a label and its answer, with headings between them: told by how all of them go together.
//!
//! Comes in: the rows. Goes out: what each of them is, where they alternate. A row alone says little when its words are not known; that each
//! label has one answer, and the next row begins anew, says much. Knows nothing of what labels ask.

use super::cells::View;
use super::lines::{ends_as_sentence, has_box, is_all_bold, is_section_mark};
use super::pairs::{Flow, KNOWN};
use super::sections;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Heading,
    Label,
    Answer,
    /// An empty row between two others.
    Gap,
}

/// In the order in which [`Flow::alternation`] tries them.
const PARTS: [Part; 4] = [Part::Heading, Part::Label, Part::Answer, Part::Gap];
/// Labels that a table has at least to be read so.
const LABELS_MIN: usize = 2;
/// The longest label, and the longest heading, in characters.
const LABEL: usize = 140;
const HEADING: usize = 90;

impl<'a> Flow<'a> {
    /// What each row is, where labels and answers alternate and half of the labels at least are known.
    pub(super) fn alternation(&self, rows: &[Vec<View<'a>>]) -> Option<Vec<Part>> {
        if rows.len() < 2 * LABELS_MIN {
            return None;
        }
        let mut best: Vec<[Option<(f32, Part)>; 4]> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let mut here = [None; 4];
            for (part, best_here) in PARTS.into_iter().zip(&mut here) {
                let Some(fits) = self.fits(part, &row[0]) else { continue };
                let before = |last: Part| match at {
                    0 => (last == Part::Gap).then_some(0.0),
                    _ => best[at - 1][last as usize].map(|(weight, _)| weight),
                };
                let last = PARTS.into_iter().filter(|last| (*last == Part::Label) == (part == Part::Answer));
                let weighed = last.filter_map(|last| Some((before(last)? + fits, last)));
                *best_here = weighed.max_by(|(one, _), (other, _)| one.total_cmp(other));
            }
            best.push(here);
        }
        let mut parts = Vec::new();
        let mut part = PARTS.into_iter().filter(|part| *part != Part::Label).max_by(|one, other| {
            let weight = |part: &Part| best[rows.len() - 1][*part as usize].map_or(f32::MIN, |(weight, _)| weight);
            weight(one).total_cmp(&weight(other))
        })?;
        for row in best.iter().rev() {
            parts.push(part);
            part = row[part as usize]?.1;
        }
        parts.reverse();
        self.is_told_by_labels(&parts, rows).then_some(parts)
    }

    fn is_told_by_labels(&self, parts: &[Part], rows: &[Vec<View<'a>>]) -> bool {
        let labels = || parts.iter().zip(rows).filter(|(part, _)| **part == Part::Label).map(|(_, row)| &row[0]);
        let begins = |view: &View<'a>| view.lines.first().is_some_and(|line| self.known_split(line).is_some());
        let known = labels().filter(|view| self.holds_label(view)).count();
        labels().count() >= LABELS_MIN && known * 2 >= labels().count() && !labels().any(begins)
    }

    /// How well a row goes as that; None where it cannot be.
    fn fits(&self, part: Part, view: &View<'a>) -> Option<f32> {
        let text = view.text.as_str();
        let when = |told: bool, weight: f32| if told { weight } else { 0.0 };
        let length = text.chars().count();
        let bold = when(!text.is_empty() && view.lines.iter().all(is_all_bold), 0.7);
        let asks = text.ends_with(['?', ':']);
        // "Telephone no." is a label with a full stop.
        let ended = || ends_as_sentence(text) && self.closeness(text).0 < 0.97;
        let words = !text.is_empty() && !view.control && !view.nested && !has_box(text) && !ended();
        let closeness = || self.closeness(&view.first).0;
        match part {
            Part::Heading => {
                let named = sections::section(text).is_some();
                let looks = bold > 0.0 || !text.contains(char::is_lowercase) || is_section_mark(text);
                let can =
                    words && view.lines.len() == 1 && length <= HEADING && (named || looks) && !text.ends_with('?');
                can.then(|| when(named, 0.6) + when(is_section_mark(text), 2.0) + bold - 0.8)
            }
            Part::Label => {
                let can = words && length <= LABEL && view.lines.len() <= 2;
                let odd = text.starts_with(char::is_lowercase) || !asks && text.contains(": ");
                let known = closeness();
                let known = when(known >= KNOWN, 2.0) + when((0.6..KNOWN).contains(&known), 0.8);
                can.then(|| known + when(asks, 0.8) + bold - when(odd, 1.0) - when(self.is_guidance(text), 0.3))
            }
            Part::Answer if view.is_empty() => Some(0.2),
            Part::Answer => {
                let known = if view.control || has_box(text) { 0.0 } else { closeness() };
                let said = when(text.ends_with('.') || view.control || has_box(text), 0.7);
                let asked = when(known >= 0.97, 0.8) + when(known >= KNOWN, 0.7) + when(asks, 1.5);
                Some(0.3 + said - asked - bold)
            }
            Part::Gap => view.is_empty().then_some(-0.5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, rows};

    #[test]
    fn labels_that_no_wording_knows_end_the_answer_above_them() {
        let table = rows(&[
            &["The event"],
            &["Type of incident"],
            &["Fire"],
            &["Zibbed in the glorp, quondam and wumble"],
            &["She rang from the station."],
            &["Injuries"],
            &[""],
            &["Telephone no."],
            &["01632 960 111"],
            &["Afterwards"],
            &["Immediate action taken"],
            &["The door was mended."],
        ]);
        let found = asked(&table);
        for (label, answer) in [
            ("Type of incident", "Fire"),
            ("Zibbed in the glorp, quondam and wumble", "She rang from the station."),
            ("Injuries", ""),
            ("Telephone no.", "01632 960 111"),
            ("Immediate action taken", "The door was mended."),
        ] {
            assert!(found.contains(&(label.to_owned(), answer.to_owned())), "{label}: {found:?}");
        }
    }
}
