//! Which lines are headings: of a section, or of the answer below.
//!
//! Comes in: a line of the flow with what follows it. Goes out: the group that it names, when it names one.

use super::answers::clean;
use super::choices::Line;
use super::fields::{Group, Type};
use super::labels::Spot;
use super::lines::{
    colon, has_box, is_all_bold, is_bold, is_numbered, is_section_mark, is_sentence, number, split_lines,
};
use super::pairs::{Flow, Item, KNOWN, Pair};
use super::sections;
use super::splits::bold_label;
use super::wordings;
use super::words;
use crate::document::Paragraph;

impl<'a> Flow<'a> {
    /// "--- CHILD ---": a heading by what is drawn around it, whatever its words. True where the line was one.
    pub(super) fn take_framed(&mut self, text: &str) -> bool {
        let Some(heading) = framed(text) else { return false };
        self.head(heading);
        true
    }

    /// Begins a section.
    pub(super) fn head(&mut self, heading: &str) {
        self.close();
        self.end_child();
        self.section = sections::section(heading).or(self.section.filter(|group| *group != Group::Office));
        self.gap = true;
        self.note_preamble(heading);
    }

    /// The first line below, be it in the next row.
    fn line_below(&self, spot: &Spot<'_, 'a>) -> Option<Line> {
        if let Some(line) = spot.inner_next {
            return Some(line.clone());
        }
        let below = spot.next.iter().find(|item| !matches!(item, Item::RowEnd));
        match below {
            Some(Item::Line(paragraph)) => split_lines(paragraph).into_iter().next(),
            _ => None,
        }
    }

    /// In a row of its own, with one below whose words are printed otherwise: a label with its answer, whatever that says.
    pub(super) fn stands_above_answer(&self, spot: &Spot<'_, 'a>) -> bool {
        let [Item::RowEnd, Item::Line(below), ..] = spot.next else { return false };
        let plain = |line: &Line| !is_bold(line) && self.known_split(line).is_none() && !line.text().ends_with(':');
        spot.inner_next.is_none() && split_lines(below).first().is_some_and(plain)
    }

    /// Some for a heading: with the group it names, when it names one.
    pub(super) fn heading(&self, spot: &Spot<'_, 'a>) -> Option<Option<Group>> {
        let Spot { paragraph, text, inner_next, .. } = *spot;
        if cannot_head(spot) {
            return None;
        }
        if self.heads_section(spot) {
            return Some(sections::section(text));
        }
        if self.heads_answer_in_block(spot) {
            return None;
        }
        // A sentence that a mail program broke.
        let below = || self.line_below(spot).map(|line| clean(&line.text()));
        let within = self.open.as_ref().is_some_and(|pair| !pair.lines.is_empty());
        let broken = within && text.chars().count() >= 45 && !text.ends_with([':', '?']) && !paragraph.heading;
        if broken && !is_bold(spot.line) && below().is_some_and(|line| line.starts_with(char::is_lowercase)) {
            return None;
        }
        let (closeness, field) = self.closeness(text);
        // The next of numbered questions, whose answer may be the words of a label.
        let in_numbers = || self.labels_are_numbered() || !paragraph.heading && !is_all_bold(spot.line);
        // Right behind a heading nothing is open.
        let next = || match (&self.open, self.last_number(), number(text)) {
            (None, Some(last), Some(here)) => self.labels_are_numbered() && here == last + 1,
            _ => self.is_next_number(text),
        };
        if closeness >= 0.97 && next() && in_numbers() {
            return None;
        }
        // The answer below begins with other words for the same.
        let again = |line: &Line| {
            let below = self.known_split(line).map(|split| self.closeness(&split.label));
            below.is_some_and(|(_, below)| below == field) && clean(&line.text()).ends_with('.')
        };
        let long = field.is_some_and(|field| closeness >= 0.97 && wordings::field(field).kind == Type::Long);
        let lowercase = text.contains(char::is_lowercase) && !paragraph.heading && !self.answers_stand_beside();
        if long && lowercase && self.line_below(spot).as_ref().is_some_and(again) {
            return None;
        }
        if closeness >= 0.97 && is_bold(spot.line) && self.stands_above_answer(spot) {
            return None;
        }
        let of_table = field.is_some_and(|field| closeness >= 0.95 && wordings::field(field).kind == Type::Table);
        if of_table || self.heads_answer(spot) && !self.asks_in_place(spot) {
            return None;
        }
        if is_section_of_the_act(text) && self.open.as_ref().is_some_and(|pair| pair.lines.is_empty() && !pair.beside) {
            return None;
        }
        let group = sections::section(text);
        let capitals = is_in_capitals(text);
        let headed = paragraph.heading || is_section_mark(text);
        // "MASH" below "Team" is an answer in capitals.
        let asked = |pair: &Pair| pair.lines.is_empty() && self.closeness(&pair.label).0 >= KNOWN;
        let answers = group.is_none() && self.open.as_ref().is_some_and(asked);
        let looks = headed || capitals && !answers || is_all_bold(spot.line);
        let next_is_label = match inner_next {
            Some(line) => self.is_label(line),
            None => self.follows(spot),
        } || self.asks_in_place(spot);
        if group == Some(Group::Office) && (closeness < 0.99 || next_is_label) {
            return Some(group);
        }
        if closeness >= KNOWN && !next_is_label
            || next_is_label && closeness < KNOWN && text.ends_with(['?', ':']) && !looks
        {
            return None;
        }
        let awaited = self.open.as_ref().is_some_and(|pair| pair.lines.is_empty()) && !self.answers_stand_beside();
        // A label was left blank, and no answer so far stood below its label.
        let skipped = group.is_some() && self.answers_stand_beside();
        let apart = looks || (!awaited && (self.gap || skipped)) || self.open.is_none();
        if next_is_label && apart && (group.is_some() || looks || closeness < KNOWN) {
            // A label without an answer, directly before the next label, is no heading unless it looks like one.
            let blank = closeness >= KNOWN && !(looks || self.gap && group.is_some())
                || closeness >= 0.95 && !looks && text.ends_with(':');
            return (!blank).then_some(group);
        }
        ((headed || capitals && group.is_some()) && closeness < KNOWN).then_some(group)
    }

    /// What follows is a label by its place, whatever its words: it bears the next number, or an answer stands behind its colon as behind
    /// the others, or in bold in its row as this is it has a row below that is not.
    fn asks_in_place(&self, spot: &Spot<'_, 'a>) -> bool {
        let below = self.line_below(spot);
        let Some(text) = below.as_ref().map(|line| clean(&line.text())) else { return false };
        let numbered = number(spot.text).is_none()
            && is_numbered(&text)
            && match self.last_number() {
                Some(last) => number(&text) == Some(last + 1),
                None => number(&text) == Some(1) && self.out.pairs.is_empty() && self.open.is_none(),
            };
        let beside = || {
            let answered = colon(&text).is_some_and(|(end, from)| {
                !is_sentence(&text[..end]) && !text[from..].trim().is_empty() && text[..end].chars().count() <= 60
            });
            let cased = is_in_capitals(spot.text) && text.contains(char::is_lowercase);
            answered && self.gap && !spot.text.contains([':', '?']) && (cased || self.answers_stand_beside())
        };
        let plain = |paragraph: &Paragraph| !split_lines(paragraph).first().is_some_and(is_bold);
        let in_bold = || match spot.next {
            [Item::RowEnd, Item::Line(label), Item::RowEnd, Item::Line(answer), ..] => !plain(label) && plain(answer),
            [Item::RowEnd, Item::Line(label), Item::RowEnd, Item::Blank, ..] => !plain(label),
            _ => false,
        };
        numbered || beside() || spot.inner_next.is_none() && is_bold(spot.line) && in_bold()
    }

    /// A heading right above words that are no heading and no label, where labels are printed as headings.
    pub(super) fn heads_answer(&self, spot: &Spot<'_, 'a>) -> bool {
        let Some(Item::Line(below)) = spot.next.first() else { return false };
        let headed = |pair: &Pair| pair.headed && !pair.lines.is_empty();
        spot.paragraph.heading
            && spot.inner_next.is_none()
            && (self.out.pairs.len() + usize::from(self.open.is_some()) >= 2 || self.open.as_ref().is_some_and(headed))
            && !below.heading
            && !below.is_blank()
            && !self.begins_with_label(&below.text())
            && !self.is_guidance(&below.text())
            && split_lines(below).first().is_none_or(|line| bold_label(line).is_none())
            && !self.is_asked_below(&below.text())
            && (self.out.pairs.iter().chain(&self.open).filter(|pair| pair.headed).count() >= 2 || !self.follows(spot))
    }

    /// A known label below a heading that is marked as one: numbered, or with a colon or question mark.
    fn is_asked_below(&self, text: &str) -> bool {
        (is_numbered(text) || text.trim_end().ends_with([':', '?'])) && self.closeness(&clean(text)).0 >= 0.97
    }

    /// [`Flow::next_is_label`] of what follows the paragraph, looked at once.
    fn follows(&self, spot: &Spot<'_, 'a>) -> bool {
        *spot.next_is_label.get_or_init(|| self.next_is_label(spot.next))
    }
}

/// Four letters at least, and none of them small.
fn is_in_capitals(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphabetic());
    letters.clone().count() >= 4 && letters.all(char::is_uppercase)
}

/// The words of a line within a drawn frame: "--- CHILD ---", "** CHILD **", "== CHILD".
fn framed(text: &str) -> Option<&str> {
    const DRAWN: [char; 7] = ['-', '=', '*', '~', '#', '–', '—'];
    let drawn = text.chars().next().filter(|c| DRAWN.contains(c))?;
    let inner = text.trim_matches(drawn);
    let before = text.len() - text.trim_start_matches(drawn).len();
    let closed = text.ends_with(drawn);
    let words = words::strip_number(inner.trim().trim_end_matches(':'));
    let words = words.split_once(". ").filter(|(letter, _)| letter.len() == 1).map_or(words, |(_, words)| words);
    let apart = inner.starts_with(' ') && (drawn == '#' || drawn == '*' && inner.ends_with(' '));
    let heading = (before >= 2 * drawn.len_utf8() || apart)
        && (closed || matches!(drawn, '=' | '#'))
        && !words.contains([':', '?', '.'])
        && words.chars().count() <= 60
        && words.chars().any(char::is_alphabetic);
    heading.then_some(words)
}

/// "Section 20", "Section 47 enquiry": of the Children Act, and an answer.
fn is_section_of_the_act(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let section = words.next().is_some_and(|word| word.eq_ignore_ascii_case("section"));
    section && words.next().is_some_and(|number| matches!(number, "17" | "20" | "31" | "37" | "38" | "47" | "76"))
}

/// Too long, or with a control, a box, an answer or a full stop: no heading.
fn cannot_head(spot: &Spot<'_, '_>) -> bool {
    let text = spot.text;
    let before_colon = text.trim_end_matches([':', ' ']);
    let answered = before_colon.contains(": ") || before_colon.contains("..") || before_colon.contains('\t');
    spot.known.is_some()
        || text.chars().count() > 90
        || spot.line.spans.iter().any(|span| span.control.is_some())
        || has_box(text)
        || text.ends_with('.')
        || answered && !is_section_mark(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_makes_a_heading() {
        assert_eq!(framed("--- PERSON AFFECTED ---"), Some("PERSON AFFECTED"));
        assert_eq!(framed("== Child"), Some("Child"));
        assert_eq!(framed("**Child:**"), Some("Child"));
        assert_eq!(framed("# 1. Child"), Some("Child"));
        assert_eq!(framed("* A. Child *"), Some("Child"));
        for line in
            ["- Mother", "--- Mother: told", "----", "-- see below", "", "** told. **", "* Mother told", "#1 told"]
        {
            assert_eq!(framed(line), None, "{line}");
        }
    }
}
