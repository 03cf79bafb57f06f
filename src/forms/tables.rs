//! The rows of tables: label beside value, four columns, label above value, yes and no in cells of their own, side headings.
//!
//! Comes in: a table of the flow. Goes out: pairs, by the same rules as those of lines; what has a heading row is left to `grids`.

use super::alternate::Part;
use super::answers::{begins, clean};
use super::cells::{
    View, is_lone_mark, is_table_head, is_yes_no_head, own_cells, pieces_of_a_date, pieces_of_a_time,
    without_guidance_column, yes_no_cells, yes_no_column,
};
use super::choices::Line;
use super::fields::Type;
use super::lines::{colon, cut, ends_as_sentence, has_box, is_faint, is_guidance, is_sentence, is_told};
use super::pairs::{Flow, Item, KNOWN, LABEL_MAX, PARENTS, Pair, ROWS_MAX, item};
use super::sections;
use crate::document::{TICKED, Table, UNTICKED};

/// How close words with a full stop have to come to a known wording to be a label.
const SENTENCE: f32 = 0.97;
/// Rows that are looked at together.
const GRID_ROWS_MAX: usize = 200;

impl<'a> Flow<'a> {
    /// The pairs of a table, row by row.
    pub(super) fn table(&mut self, table: &'a Table) {
        let rows = table.rows.iter().take(ROWS_MAX).map(own_cells);
        let mut rows: Vec<Vec<View<'a>>> = rows.filter(|cells| !cells.is_empty()).collect();
        without_guidance_column(&mut rows);
        self.out.cut |= table.rows.len() > ROWS_MAX;
        let above = self.is_above(&rows);
        self.above |= above;
        self.within += rows.iter().filter(|row| row.len() > 1 && self.answers_within(row)).count();
        let mut at = 0;
        while at < rows.len() && !self.stopped {
            let single = rows[at..].iter().take_while(|row| row.len() == 1).count();
            if single > 0 {
                self.singles(&rows[at..at + single], rows.get(at + single));
                at += single;
            } else if self.spend(1) {
                at += self.wide(&rows[at..], above);
            } else {
                return;
            }
        }
        // What follows a table is no part of its last answer; a label in the last row may still have its answer below.
        if self.open.as_ref().is_some_and(|pair| !pair.lines.is_empty() || rows.iter().any(|row| row.len() > 1)) {
            self.close();
        }
    }

    /// Rows of one cell each, up to the next row of several.
    fn singles(&mut self, rows: &[Vec<View<'a>>], next: Option<&Vec<View<'a>>>) {
        if self.singles_above(rows) {
            return self.labelled_rows(rows);
        }
        if let Some(parts) = self.alternation(rows) {
            return self.alternate_rows(rows, &parts);
        }
        let mut items: Vec<Item<'a>> = Vec::new();
        for row in rows {
            if row[0].is_empty() {
                items.push(Item::Blank);
                continue;
            }
            items.extend(row[0].cell.blocks.iter().map(item));
            items.push(Item::RowEnd);
        }
        if next.is_some_and(|next| !next[0].is_option()) {
            items.push(Item::Labels);
        }
        self.items(&items);
    }

    /// A row of several cells, with those below that belong to it; how many were taken.
    fn wide(&mut self, rows: &[Vec<View<'a>>], above: bool) -> usize {
        let (head, below) = (&rows[0], &rows[1..]);
        if is_yes_no_head(head) {
            return 1 + self.marked_rows(head, below);
        }
        if let Some(column) = yes_no_column(head) {
            return 1 + self.answered_rows(head, column, below);
        }
        if is_table_head(head) {
            return 1;
        }
        if self.answers_within(head) || self.within >= 2 && self.each_asks(head) {
            self.cells_apart(head);
            return 1;
        }
        // Where answers stand below their labels in one cell, a row of labels alone is blank, and the next row no answer to it.
        let blank = above && head.iter().all(|view| view.own_lines(self).len() <= 1);
        if blank && below.first().is_some_and(|next| next.iter().any(|view| self.holds_both(view))) {
            self.row(head, above);
            return 1;
        }
        let used = self.grid(&rows[..rows.len().min(GRID_ROWS_MAX)]);
        if used == 0 {
            self.row(head, above);
        }
        used.max(1)
    }

    /// True where the cells of most rows hold a label with its answer below it.
    fn is_above(&self, rows: &[Vec<View<'a>>]) -> bool {
        let wide: Vec<&Vec<View<'a>>> = rows.iter().filter(|row| row.len() > 1).collect();
        let above = wide
            .iter()
            .filter(|row| {
                row[1..].iter().any(|view| self.holds_both(view) && !self.is_hint(view))
                    && row[..1].iter().all(|view| self.holds_label(view) || view.is_titled())
            })
            .count();
        // Where tables before this one hold their answers so, a label with its answer beside an empty cell does too.
        let alone = |row: &&&Vec<View<'a>>| {
            self.holds_both(&row[0]) && !self.is_hint(&row[0]) && row[1..].iter().all(View::is_empty)
        };
        let alone = if self.above { wide.iter().filter(alone).count() } else { 0 };
        above + alone > 0 && (above + alone) * 2 >= wide.len()
    }

    /// True where rows of one cell each hold a label and, below it, its answer.
    fn singles_above(&self, rows: &[Vec<View<'a>>]) -> bool {
        let both = rows.iter().filter(|row| self.holds_both(&row[0])).count();
        let nested = rows.iter().any(|row| row[0].nested);
        let several =
            |view: &View<'a>| view.said().skip(1).any(|(line, words)| words.ends_with(':') && self.is_label(line));
        !nested && both > 0 && both * 2 >= rows.len() && !rows.iter().any(|row| several(&row[0]))
    }

    /// Rows of one cell each of which it is known what each is.
    fn alternate_rows(&mut self, rows: &[Vec<View<'a>>], parts: &[Part]) {
        for (row, part) in rows.iter().zip(parts) {
            let view = &row[0];
            match part {
                Part::Gap => {}
                Part::Heading => self.head(&view.text),
                Part::Label => {
                    self.close();
                    self.open = Some(Pair { label: self.label_of(view), section: self.section, ..Pair::default() });
                }
                Part::Answer if view.nested => self.blocks(&view.cell.blocks),
                Part::Answer => {
                    let Some(mut pair) = self.open.take() else { continue };
                    view.lines.iter().cloned().for_each(|line| self.add(&mut pair, line));
                    self.push(pair);
                }
            }
        }
        self.close();
    }

    fn labelled_rows(&mut self, rows: &[Vec<View<'a>>]) {
        for row in rows {
            let view = &row[0];
            self.close();
            let alone = view.own_lines(self).len() <= 1
                && !view.lines.iter().skip(1).any(|line| line.spans.iter().any(|span| span.control.is_some()));
            if alone && !self.holds_label(view) {
                if let Some(group) = sections::section(&view.text) {
                    self.section = Some(group);
                }
                continue;
            }
            let split = view.lines.first().filter(|_| alone).and_then(|line| self.known_split(line));
            if split.is_some_and(|split| !clean(&split.value.text()).is_empty()) {
                self.cells_apart(row);
                continue;
            }
            self.cell_with_label(view);
        }
    }

    pub(super) fn holds_label(&self, view: &View<'a>) -> bool {
        !view.control
            && !has_box(&view.first)
            && !view.first.starts_with(['•', '·'])
            && self.closeness(&view.first).0 >= if ends_as_sentence(&view.first) { SENTENCE } else { KNOWN }
            && !self.is_guidance(&view.first)
    }

    /// A known label with something below it; a question over its "Yes / No".
    fn holds_both(&self, view: &View<'a>) -> bool {
        let offers = || view.words.iter().skip(1).any(|words| squeezed(words).starts_with("yes/no"));
        let known = self.holds_label(view)
            || (view.is_titled() || view.first.ends_with('?') && offers()) && !has_box(&view.first);
        known
            && !view.nested
            && (view.own_lines(self).len() > 1
                || view.lines.iter().skip(1).any(|line| line.spans.first().is_some_and(|span| span.control.is_some())))
    }

    /// Guidance above an answer in its own cell: "Please give a full account".
    fn is_hint(&self, view: &View<'a>) -> bool {
        let asks = view.first.to_lowercase().starts_with("please ") && !view.first.ends_with([':', '?']);
        asks || self.is_guidance(&view.first)
    }

    fn row(&mut self, row: &[View<'a>], above: bool) {
        let mut cells: Vec<&View<'a>> = row.iter().collect();
        self.take_side_heading(&mut cells);
        if cells.len() >= 3 && cells[0].is_number() {
            cells.remove(0);
        }
        // Guidance in a column between what is asked and the answer.
        if cells.len() == 3 && !cells[0].control && cells[1].is_aside() && !cells[2].is_mark() {
            let labelled = self.holds_label(cells[2]) && !self.holds_label(cells[0]);
            if !labelled {
                cells.remove(1);
            }
        }
        if cells.iter().all(|view| view.text.is_empty() && !view.control) {
            return;
        }
        let hinted = cells.len() == 2 && self.is_hint(cells[1]) && !self.holds_both(cells[0]);
        let both = cells.len() >= 2 && !hinted && self.holds_both(cells[1]) && (self.holds_label(cells[0]) || above);
        if both || (above && cells.iter().filter(|view| !view.text.is_empty()).all(|view| self.starts_as_label(view))) {
            for view in cells {
                self.close();
                self.cell_with_label(view);
            }
            return self.close();
        }
        self.alternate(&cells);
    }

    /// Takes the heading beside a row away, which names its section: merged over several rows, or before a label.
    fn take_side_heading(&mut self, cells: &mut Vec<&View<'a>>) {
        if cells.len() >= 3 && cells[0].cell.begins_merge && !cells[0].control {
            self.close();
            let group = sections::section(&cells[0].text);
            self.section = group.or(self.section);
            cells.remove(0);
        }
        let both_labels = cells.len() == 3
            && self.holds_label(cells[0])
            && self.holds_label(cells[1])
            && sections::section(&cells[0].text).is_some()
            && !self.holds_label(cells[2])
            && !cells[2].is_option();
        let beside = both_labels && !cells[1].is_aside()
            || cells.len() == 3
                && !cells[1].is_aside()
                && !self.holds_label(cells[0])
                && self.holds_label(cells[1])
                && !cells[0].control
                && !cells[0].is_number();
        if beside {
            self.close();
            self.section = sections::section(&cells[0].text).or(self.section);
            cells.remove(0);
        }
    }

    /// True where each cell of a row is a label with its answer on the same line: "Gender: Female | School: Marle High".
    fn answers_within(&self, row: &[View<'a>]) -> bool {
        let known = |view: &View<'a>| {
            let Some(line) = view.lines.first() else { return false };
            self.is_before_blank(line)
                || self.known_split(line).is_some_and(|split| {
                    let value = clean(&split.value.text());
                    !value.is_empty() && !self.is_guidance(&value) && !has_box(&value) && !value.ends_with([':', '?'])
                })
        };
        let any = |view: &View<'a>| {
            let parts = colon(&view.first).map(|(end, from)| (&view.first[..end], view.first[from..].trim()));
            parts.is_some_and(|(label, value)| !is_sentence(label) && !self.is_guidance(value))
        };
        if !row.iter().any(|view| view.first.contains([':', '?'])) {
            return false;
        }
        let cells: Vec<&View<'a>> = row.iter().filter(|view| !view.text.is_empty() || view.control).collect();
        // A label with a colon, and beside it an answer that only looks like a label: "Child protection plan - neglect".
        let told =
            |view: &View<'a>| !view.first.contains([':', '?']) || PARENTS.iter().any(|who| begins(&view.first, who));
        let beside = matches!(cells.as_slice(), [label, answer] if label.first.ends_with(':') && told(answer));
        cells.len() >= 2
            && !beside
            && cells.iter().all(|view| !view.control && !view.nested && (known(view) || any(view)))
            && cells.iter().filter(|view| known(view)).count() * 2 >= cells.len()
    }

    /// True where each cell with words begins with a label and a colon, in a form whose labels stand with their answers in one cell.
    fn each_asks(&self, row: &[View<'a>]) -> bool {
        let asks = |view: &View<'a>| {
            let label = view.first.split_once([':', '?']).map_or("", |(label, _)| label);
            !label.is_empty() && label.chars().count() <= 60 && !is_sentence(label) && !has_box(label)
        };
        let mut said = row.iter().filter(|view| !view.is_empty()).peekable();
        said.peek().is_some() && said.all(|view| !view.control && !view.nested && asks(view))
    }

    /// A known label with its colon or question mark, and nothing behind it but a control that was left blank.
    fn is_before_blank(&self, line: &Line) -> bool {
        let text = clean(&line.text());
        let controlled = line.spans.iter().skip(1).any(|span| span.control.is_some());
        controlled && text.ends_with([':', '?']) && self.closeness(&text).0 >= KNOWN
    }

    /// Each cell by itself.
    fn cells_apart(&mut self, row: &[View<'a>]) {
        for view in row {
            self.close();
            let items: Vec<Item<'a>> = view.cell.blocks.iter().map(item).collect();
            self.items(&items);
        }
        self.close();
    }

    fn starts_as_label(&self, view: &View<'a>) -> bool {
        !view.control && !view.first.is_empty() && view.first.len() <= LABEL_MAX
    }

    /// A cell whose first line is its label.
    fn cell_with_label(&mut self, view: &View<'a>) {
        let mut lines = view
            .lines
            .iter()
            .filter(|line| !self.is_guidance(&clean(&line.text())) && !is_faint(line))
            .collect::<Vec<_>>()
            .into_iter();
        let Some(label) = lines.next() else { return };
        let mut pair = Pair {
            label: clean(&label.text()).trim_end_matches(':').to_owned(),
            section: self.section,
            ..Pair::default()
        };
        lines.cloned().for_each(|line| self.add(&mut pair, line));
        self.push(pair);
    }

    /// Label, value, label, value …; cells with boxes or yes and no belong to the label before them.
    fn alternate(&mut self, cells: &[&View<'a>]) {
        let mut at = 0;
        while at < cells.len() {
            let label_cell = cells[at];
            let mut end = (at + 2).min(cells.len());
            while end < cells.len()
                && cells[end].is_option()
                && (cells[end - 1].is_option() || cells[at + 1].is_option())
                && !self.holds_label(cells[end])
            {
                end += 1;
            }
            let beside = &cells[(at + 1).min(cells.len())..];
            let time = self.kind(&label_cell.text) == Some(Type::Time) && pieces_of_a_time(beside);
            end = end.max(at + 1 + pieces_of_a_date(beside)).max(if time { cells.len() } else { 0 });
            let values = &cells[(at + 1).min(end)..end];
            at = end;
            if label_cell.text.is_empty() || label_cell.control || has_box(&label_cell.first) {
                match values {
                    [option] if label_cell.is_mark() => self.more_options(label_cell, option),
                    _ => self.more(values),
                }
                continue;
            }
            self.close();
            let alone = values.is_empty() && !self.holds_label(label_cell);
            if let Some((end, from)) = colon(&label_cell.first).filter(|_| alone) {
                // "Ref: 123", behind the answers of a row.
                let (label, value) = cut(&label_cell.lines[0], &label_cell.first, end, from);
                let mut pair = Pair { label, section: self.section, ..Pair::default() };
                self.add(&mut pair, value);
                self.open = Some(pair);
                continue;
            }
            let mut pair = Pair { label: self.label_of(label_cell), section: self.section, ..Pair::default() };
            if !values.is_empty() && values.iter().all(|view| view.is_empty()) {
                self.answer_below(label_cell, &mut pair);
            }
            self.fill(pair, values);
        }
    }

    /// An answer that was typed below its label where the cell beside is empty, as far as it is no guidance.
    fn answer_below(&self, view: &View<'a>, pair: &mut Pair) {
        let is_label = |words: &str| words.trim_end_matches([':', ' ']) == pair.label;
        let mut below = view.said().skip_while(|(_, words)| !is_label(words)).skip(1).peekable();
        if below.peek().is_none() || !self.holds_label(view) {
            return;
        }
        let typed: Vec<Line> = below
            .filter(|(line, words)| !is_faint(line) && !is_guidance(words) && !words.ends_with(['?', ':']))
            .map(|(line, _)| line.clone())
            .collect();
        pair.doubtful = !typed.first().is_some_and(|line| is_told(&clean(&line.text())));
        typed.into_iter().for_each(|line| self.add(pair, line));
    }

    /// A row without a label goes on with the answer above it.
    fn more(&mut self, values: &[&View<'a>]) {
        if let Some(mut pair) = self.open.take() {
            for view in values {
                view.lines.iter().cloned().for_each(|line| self.add(&mut pair, line));
            }
            self.open = Some(pair);
        }
    }

    /// A box with the words of its option in the cell beside it.
    fn more_options(&mut self, mark: &View<'a>, option: &View<'a>) {
        if let Some(mut pair) = self.open.take() {
            let mut line = Line::plain(&format!("{} ", mark.text));
            line.spans.extend(option.lines.iter().flat_map(|line| line.spans.iter().cloned()));
            self.add(&mut pair, line);
            self.open = Some(pair);
        }
    }

    fn fill(&mut self, mut pair: Pair, values: &[&View<'a>]) {
        if let [view] = values
            && view.nested
        {
            self.open = Some(pair);
            let blocks = &view.cell.blocks;
            return self.blocks(blocks);
        }
        if values.iter().filter(|view| !view.is_empty()).count() >= 2
            && values.iter().any(|view| {
                view.marked_option().is_some() || matches!(view.text.to_lowercase().as_str(), "yes" | "no" | "y" | "n")
            })
        {
            self.add(&mut pair, yes_no_cells(values));
        } else if is_lone_mark(values) {
            // Which of the columns means yes is not known: boxes without their words are unclear.
            let sign = |view: &&View<'a>| if view.is_empty() { UNTICKED } else { TICKED };
            let signs: Vec<String> = values.iter().map(|view| sign(view).to_string()).collect();
            self.add(&mut pair, Line::plain(&signs.join("  ")));
        } else if values.len() == 3 && pieces_of_a_date(values) == 3 {
            let date = values.iter().map(|view| view.text.replace(' ', "")).collect::<Vec<_>>().join("/");
            self.add(&mut pair, Line::plain(&date));
        } else if self.kind(&pair.label) == Some(Type::Time) && pieces_of_a_time(values) {
            self.add(&mut pair, Line::plain(&format!("{}:{}", values[0].text.trim(), values[1].text.trim())));
        } else {
            for view in values {
                let hint = view.lines.len() > 1 && self.is_hint(view);
                view.lines.iter().skip(usize::from(hint)).cloned().for_each(|line| self.add(&mut pair, line));
            }
        }
        self.open = Some(pair);
    }

    /// The label of a cell: its first line, or all of them where they are one label together.
    pub(super) fn label_of(&self, view: &View<'a>) -> String {
        let own = view.own_lines(self);
        let Some(first) = own.first() else { return view.first.clone() };
        let all = own.join(" ");
        let better = own.len() > 1 && self.closeness(&all).0 > self.closeness(first).0;
        let label = if better { &all } else { first };
        label.trim_end_matches([':', ' ']).to_owned()
    }
}

/// Small letters and strokes: "Yes / No" is "yes/no".
fn squeezed(words: &str) -> String {
    words.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '/').collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, form, rows};
    use super::super::{State, Value};

    fn yes_or_no(table: &[&[&str]], key: &str) -> (State, Option<Value>) {
        let named: [&[&str]; 3] = [
            &["Child's name", "Amy Ax"],
            &["What happened?", "She fell from the roof of the shed."],
            &["Interim safety plan", "With her aunt."],
        ];
        let all: Vec<&[&str]> = named.into_iter().chain(table.iter().copied()).collect();
        let form = form(&rows(&all)).expect("a form");
        let field = form.fields.get(key).unwrap_or_else(|| panic!("{key}: {:?}", form.fields.keys()));
        (field.state, field.value.clone())
    }

    #[test]
    fn words_and_marks_in_cells_of_their_own_are_one_answer() {
        let text = |said: &str| (State::Filled, Some(Value::Text(said.to_owned())));
        for (cells, said) in
            [(["Yes X", "No"], "yes"), (["Yes", "No  X"], "no"), (["Yes ☐", "No ☒"], "no"), (["✓ Yes", "No"], "yes")]
        {
            let found = yes_or_no(&[&["Has Ofsted been notified?", cells[0], cells[1]]], "ofsted_notified");
            assert_eq!(found, text(said), "{cells:?}");
        }
        let blank = yes_or_no(&[&["Has Ofsted been notified?", "Yes", "No"]], "ofsted_notified");
        assert_eq!(blank, (State::Blank, None));
    }

    #[test]
    fn columns_of_yes_and_no_hold_the_answers() {
        let text = |said: &str| (State::Filled, Some(Value::Text(said.to_owned())));
        let marked: [&[&str]; 3] =
            [&["Check", "Yes", "No"], &["Police informed", "", "x"], &["Has Ofsted been notified?", "x", ""]];
        assert_eq!(yes_or_no(&marked, "police_informed"), text("no"));
        assert_eq!(yes_or_no(&marked, "ofsted_notified"), text("yes"));
        let written: [&[&str]; 3] = [
            &["Question", "Y/N", "Comments"],
            &["Police informed", "N", "By phone tomorrow"],
            &["Has Ofsted been notified?", "Y", ""],
        ];
        assert_eq!(yes_or_no(&written, "police_informed"), text("no"));
        assert_eq!(yes_or_no(&written, "ofsted_notified"), text("yes"));
    }

    #[test]
    fn a_lone_tick_under_an_unknown_heading_is_no_value() {
        let table: [&[&str]; 3] =
            [&["Check", "Wumble", "Glorp"], &["Police informed", "✓", ""], &["Has Ofsted been notified?", "", "✓"]];
        for key in ["police_informed", "ofsted_notified"] {
            assert_eq!(yes_or_no(&table, key), (State::Unclear, None), "{key}");
        }
    }

    #[test]
    fn two_cells_of_labels_with_their_answers_are_no_label_and_answer() {
        let found = asked(&rows(&[
            &["Team: MASH", "Gender: Female"],
            &["Legal status: Section 20", "Date of birth: 1/2/2011"],
            &["Newsworthy? Yes", "Zib of the glorp: wumble"],
        ]));
        for (label, answer) in [("Team", "MASH"), ("Legal status", "Section 20"), ("Zib of the glorp", "wumble")] {
            assert!(found.contains(&(label.to_owned(), answer.to_owned())), "{label}: {found:?}");
        }
    }

    #[test]
    fn children_stand_in_columns_where_one_row_has_two_birth_dates() {
        let table = rows(&[
            &["Full name", "Amy Ax", "Ben Ax", ""],
            &["Date of birth", "1/2/2011", "3/4/2013", ""],
            &["Gender", "F", "M", ""],
            &["Glorp", "Subject", "Brother", ""],
        ]);
        let found = super::super::pairs::extract(
            &table,
            &super::super::Wordings::default(),
            false,
            &crate::clock::Deadline::after(std::time::Duration::MAX),
        );
        assert_eq!(found.children.len(), 1);
        assert!(found.pairs.is_empty());
    }
}
