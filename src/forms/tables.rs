//! The rows of tables: label beside value, four columns, label above value, yes and no in cells of their own, side headings, one child a row
//! or a column, actions with owner and date.

use std::cell::OnceCell;

use super::answers::clean;
use super::choices::{Line, normalise_boxes};
use super::dates;
use super::fields::{FIELDS, Group, Type};
use super::lines::{colon, cut, has_box, is_faint, is_numbered, is_sentence, lines_of, without_printed_guidance};
use super::pairs::{Flow, Item, KNOWN, LABEL_MAX, Pair, ROWS_MAX, Rows, item};
use super::wordings;
use crate::document::{BOXES, Block, Cell, Row, Span, TICKED, Table, UNTICKED};

/// How close words with a full stop have to come to a known wording to be a label.
const SENTENCE: f32 = 0.97;

/// A cell with what is asked of it again and again.
struct View<'a> {
    cell: &'a Cell,
    /// Lines with words or a control.
    lines: Vec<Line>,
    /// The words of each line.
    words: Vec<String>,
    text: String,
    /// The first line with words.
    first: String,
    control: bool,
    nested: bool,
    own: OnceCell<Vec<String>>,
}

impl<'a> View<'a> {
    fn new(cell: &'a Cell) -> View<'a> {
        let mut lines = Vec::new();
        let mut words = Vec::new();
        for line in lines_of(&cell.blocks) {
            let said = clean(&line.text());
            if !said.is_empty() || line.spans.iter().any(|span| span.control.is_some()) {
                let runs = line.spans.len();
                let line = without_printed_guidance(line);
                words.push(if line.spans.len() == runs { said } else { clean(&line.text()) });
                lines.push(line);
            }
        }
        let mut said = words.iter().filter(|words| !words.is_empty());
        let first = said.next().cloned().unwrap_or_default();
        let text = said.fold(first.clone(), |text, more| text + "\n" + more);
        let control = lines.first().is_some_and(|line| line.spans.first().is_some_and(|span| span.control.is_some()));
        let nested = cell.blocks.iter().any(|block| matches!(block, Block::Table(_)));
        View { cell, lines, words, text, first, control, nested, own: OnceCell::new() }
    }

    /// Lines that are not guidance.
    fn own_lines(&self, flow: &Flow<'_>) -> &[String] {
        self.own.get_or_init(|| self.find_own_lines(flow))
    }

    fn find_own_lines(&self, flow: &Flow<'_>) -> Vec<String> {
        let mut own = self
            .said()
            .filter(|(line, words)| !words.is_empty() && !is_faint(line) && !flow.is_guidance(words))
            .map(|(_, words)| words.clone())
            .peekable();
        if own.peek().is_none() { self.text.lines().map(str::to_owned).collect() } else { own.collect() }
    }

    /// Its lines, each with its words.
    fn said(&self) -> impl Iterator<Item = (&Line, &String)> {
        self.lines.iter().zip(&self.words)
    }

    fn is_number(&self) -> bool {
        let text = self.text.trim_end_matches(['.', ')', ':']);
        !text.is_empty()
            && !self.control
            && (text.chars().all(|c| c.is_ascii_digit()) || matches!(text.to_lowercase().as_str(), "no" | "#" | "nr"))
    }

    /// Looks like a label: numbered, bold, or with a colon or a question mark.
    fn is_marked(&self) -> bool {
        let text = &self.first;
        let bold = |line: &Line| line.spans.iter().filter(|span| !span.text.trim().is_empty()).all(|span| span.bold);
        !text.is_empty()
            && (text.ends_with([':', '?', '*'])
                || is_numbered(text)
                || self.said().find(|(_, words)| !words.is_empty()).is_some_and(|(line, _)| bold(line)))
    }

    /// A bold line with other lines below it.
    fn is_titled(&self) -> bool {
        let bold = |line: &Line| line.spans.iter().filter(|span| !span.text.trim().is_empty()).all(|span| span.bold);
        let mut lines = self
            .said()
            .filter(|(line, words)| !words.is_empty() || line.spans.iter().any(|s| s.control.is_some()))
            .map(|(line, _)| line);
        lines.next().is_some_and(bold) && lines.next().is_some_and(|line| !bold(line)) && !self.control && !self.nested
    }

    /// Nothing, or words printed as guidance is.
    fn is_aside(&self) -> bool {
        !self.control && !self.nested && self.lines.iter().all(is_faint)
    }

    /// A mark alone, as in columns headed "Yes" and "No".
    fn is_mark(&self) -> bool {
        let text = self.text.trim();
        text.chars().count() == 1 && !text.chars().all(|c| c.is_ascii_digit())
    }

    /// A box alone, or one of the words that stand beside boxes.
    fn is_option(&self) -> bool {
        let text = self.text.trim().to_lowercase();
        matches!(
            text.as_str(),
            "yes" | "no" | "y" | "n" | "n/a" | "not known" | "unknown" | "x" | "✓" | "" | "na" | "√"
        ) || normalise_boxes(&self.text).contains(BOXES)
    }
}

impl<'a> Flow<'a> {
    pub(super) fn table(&mut self, table: &'a Table) {
        let rows = table.rows.iter().take(ROWS_MAX).map(own_cells);
        let rows: Vec<Vec<View<'a>>> = rows.filter(|cells| !cells.is_empty()).collect();
        self.out.cut |= table.rows.len() > ROWS_MAX;
        let above = self.is_above(&rows);
        let mut at = 0;
        while at < rows.len() && !self.stopped {
            let single = rows[at..].iter().take_while(|row| row.len() == 1).count();
            if single > 0 {
                if self.singles_above(&rows[at..at + single]) {
                    self.labelled_rows(&rows[at..at + single]);
                    at += single;
                    continue;
                }
                let mut items: Vec<Item<'a>> = Vec::new();
                for row in &rows[at..at + single] {
                    items.extend(row[0].cell.blocks.iter().map(item));
                    items.push(Item::RowEnd);
                }
                if let Some(next) = rows.get(at + single)
                    && !next[0].is_option()
                {
                    items.push(Item::Labels);
                }
                self.items(&items);
                at += single;
                continue;
            }
            if !self.spend(1) {
                return;
            }
            if is_yes_no_head(&rows[at]) {
                at += 1 + self.marked_rows(&rows[at], &rows[at + 1..]);
                continue;
            }
            if let Some(column) = yes_no_column(&rows[at]) {
                at += 1 + self.answered_rows(&rows[at], column, &rows[at + 1..]);
                continue;
            }
            if is_table_head(&rows[at]) {
                at += 1;
                continue;
            }
            if self.answers_within(&rows[at]) {
                self.cells_apart(&rows[at]);
                at += 1;
                continue;
            }
            let used = self.grid(&rows[at..rows.len().min(at + 200)]);
            if used == 0 {
                self.row(&rows[at], above);
            }
            at += used.max(1);
        }
        // What follows a table is no part of its last answer; a label in the last row may still have its answer below.
        if self.open.as_ref().is_some_and(|pair| !pair.lines.is_empty() || rows.iter().any(|row| row.len() > 1)) {
            self.close();
        }
    }

    /// The rows below "Question | Yes | No | Comments": a mark in a column is its answer. Gives the number of rows taken.
    fn marked_rows(&mut self, head: &[View<'a>], rows: &[Vec<View<'a>>]) -> usize {
        let taken = rows.iter().take_while(|row| row.len() == head.len()).count();
        for row in &rows[..taken] {
            let asked = row.iter().position(|view| !view.text.is_empty() && !view.is_number()).unwrap_or(0);
            if option_name(&head[asked]) {
                continue;
            }
            self.close();
            let mut pair = Pair { label: self.label_of(&row[asked]), section: self.section, ..Pair::default() };
            let mut options = Line::default();
            let mut others: Vec<Line> = Vec::new();
            for (named, view) in head.iter().zip(row).skip(asked + 1) {
                if option_name(named) {
                    let mark = normalise_boxes(&view.text).trim().to_owned();
                    let sign = if mark.is_empty() || mark.starts_with(UNTICKED) { UNTICKED } else { TICKED };
                    options.spans.push(Span { text: format!("{} {sign}  ", named.text.trim()), ..Span::default() });
                } else {
                    others.extend(view.lines.iter().cloned());
                }
            }
            self.add(&mut pair, options);
            // Words beside boxes would be options: a comment stands as the answer only where nothing is marked.
            let marked = pair.lines.iter().any(|line| line.text().contains(TICKED));
            if !marked && !others.is_empty() {
                pair.lines = others;
            }
            self.push(pair);
        }
        taken
    }

    /// The rows below "Question | Y/N | Details": the answer stands in one column; what stands beside it only where it does not.
    fn answered_rows(&mut self, head: &[View<'a>], column: usize, rows: &[Vec<View<'a>>]) -> usize {
        let taken = rows.iter().take_while(|row| row.len() == head.len()).count();
        for row in &rows[..taken] {
            self.close();
            let asked = row.iter().position(|view| !view.text.is_empty() && !view.is_number()).unwrap_or(0);
            let mut pair = Pair { label: self.label_of(&row[asked]), section: self.section, ..Pair::default() };
            let others = row.iter().enumerate().filter(|(at, _)| *at > asked && *at != column).map(|(_, view)| view);
            let answer = Some(&row[column]).filter(|view| asked < column && (!view.text.is_empty() || view.control));
            for view in answer.into_iter().chain(others).take(if answer.is_some() { 1 } else { row.len() }) {
                view.lines.iter().cloned().for_each(|line| self.add(&mut pair, line));
            }
            self.push(pair);
        }
        taken
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
        above > 0 && above * 2 >= wide.len()
    }

    /// True where rows of one cell each hold a label and, below it, its answer.
    fn singles_above(&self, rows: &[Vec<View<'a>>]) -> bool {
        let both = rows.iter().filter(|row| self.holds_both(&row[0])).count();
        let nested = rows.iter().any(|row| row[0].nested);
        let several =
            |view: &View<'a>| view.said().skip(1).any(|(line, words)| words.ends_with(':') && self.is_label(line));
        !nested && both > 0 && both * 2 >= rows.len() && !rows.iter().any(|row| several(&row[0]))
    }

    /// Guidance above an answer in its own cell: "Please give a full account".
    fn is_hint(&self, view: &View<'a>) -> bool {
        let asks = view.first.to_lowercase().starts_with("please ") && !view.first.ends_with([':', '?']);
        asks || self.is_guidance(&view.first)
    }

    fn labelled_rows(&mut self, rows: &[Vec<View<'a>>]) {
        for row in rows {
            let view = &row[0];
            self.close();
            let alone = view.own_lines(self).len() <= 1
                && !view.lines.iter().skip(1).any(|line| line.spans.iter().any(|span| span.control.is_some()));
            if alone && !self.holds_label(view) {
                if let Some(group) = wordings::section(&view.text) {
                    self.section = Some(group);
                }
                continue;
            }
            self.cell_with_label(view);
        }
    }

    fn holds_label(&self, view: &View<'a>) -> bool {
        !view.control
            && !has_box(&view.first)
            && !view.first.starts_with(['•', '·'])
            && self.closeness(&view.first).0 >= if view.first.ends_with('.') { SENTENCE } else { KNOWN }
            && !self.is_guidance(&view.first)
    }

    /// A known label with something below it.
    fn holds_both(&self, view: &View<'a>) -> bool {
        let known = self.holds_label(view) || (view.is_titled() && !has_box(&view.first));
        known
            && !view.nested
            && (view.own_lines(self).len() > 1
                || view.lines.iter().skip(1).any(|line| line.spans.first().is_some_and(|span| span.control.is_some())))
    }

    fn row(&mut self, row: &[View<'a>], above: bool) {
        let mut cells: Vec<&View<'a>> = row.iter().collect();
        if cells.len() >= 3 && cells[0].cell.begins_merge && !cells[0].control {
            self.close();
            let group = wordings::section(&cells[0].text);
            self.section = group.or(self.section);
            cells.remove(0);
        }
        let both_labels = cells.len() == 3
            && self.holds_label(cells[0])
            && self.holds_label(cells[1])
            && wordings::section(&cells[0].text).is_some()
            && !self.holds_label(cells[2])
            && !cells[2].is_option();
        let beside = both_labels
            || cells.len() == 3
                && !self.holds_label(cells[0])
                && self.holds_label(cells[1])
                && !cells[0].control
                && !cells[0].is_number();
        if beside {
            self.close();
            self.section = wordings::section(&cells[0].text).or(self.section);
            cells.remove(0);
        }
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

    /// True where each cell of a row is a label with its answer on the same line: "Gender: Female | School: Marle High".
    fn answers_within(&self, row: &[View<'a>]) -> bool {
        let known = |view: &View<'a>| {
            let split = view.lines.first().and_then(|line| self.known_split(line));
            split.is_some_and(|split| {
                let value = clean(&split.value.text());
                !value.is_empty() && !self.is_guidance(&value) && !has_box(&value) && !value.ends_with([':', '?'])
            })
        };
        let any = |view: &View<'a>| {
            let parts = colon(&view.first).map(|(end, from)| (&view.first[..end], view.first[from..].trim()));
            parts.is_some_and(|(label, value)| !is_sentence(label) && !self.is_guidance(value))
        };
        let cells: Vec<&View<'a>> = row.iter().filter(|view| !view.text.is_empty() || view.control).collect();
        cells.len() >= 2
            && cells.iter().all(|view| !view.control && !view.nested && (known(view) || any(view)))
            && cells.iter().filter(|view| known(view)).count() * 2 >= cells.len()
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
            end = end.max(at + 1 + pieces_of_a_date(&cells[(at + 1).min(cells.len())..]));
            let values = &cells[(at + 1).min(end)..end];
            at = end;
            if label_cell.text.is_empty() || label_cell.control || has_box(&label_cell.first) {
                self.more(values);
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
            let pair = Pair { label: self.label_of(label_cell), section: self.section, ..Pair::default() };
            self.fill(pair, values);
        }
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

    fn fill(&mut self, mut pair: Pair, values: &[&View<'a>]) {
        if let [view] = values
            && view.nested
        {
            self.open = Some(pair);
            let blocks = &view.cell.blocks;
            return self.blocks(blocks);
        }
        if values.len() >= 2
            && values.iter().any(|view| matches!(view.text.to_lowercase().as_str(), "yes" | "no" | "y" | "n"))
        {
            self.add(&mut pair, yes_no_cells(values));
        } else if values.len() == 3 && pieces_of_a_date(values) == 3 {
            let date = values.iter().map(|view| view.text.trim()).collect::<Vec<_>>().join("/");
            self.add(&mut pair, Line::plain(&date));
        } else {
            for view in values {
                let hint = view.lines.len() > 1 && self.is_hint(view);
                view.lines.iter().skip(usize::from(hint)).cloned().for_each(|line| self.add(&mut pair, line));
            }
        }
        self.open = Some(pair);
    }

    /// The label of a cell: its first line, or all of them where they are one label together.
    fn label_of(&self, view: &View<'a>) -> String {
        let own = view.own_lines(self);
        let Some(first) = own.first() else { return view.first.clone() };
        let all = own.join(" ");
        let better = own.len() > 1 && self.closeness(&all).0 > self.closeness(first).0;
        let label = if better { &all } else { first };
        label.trim_end_matches([':', ' ']).to_owned()
    }

    /// Tables with a heading row or column; the number of rows taken, 0 where it is none.
    fn grid(&mut self, rows: &[Vec<View<'a>>]) -> usize {
        let head = &rows[0];
        if rows.len() < 2
            || head.is_empty()
            || head
                .iter()
                .any(|view| view.control || view.nested || view.own_lines(self).len() > 1 || view.text.len() > 100)
        {
            return 0;
        }
        let alike = rows.iter().take_while(|row| row.len() == head.len()).count();
        if let Some(used) = self.counted_columns(rows, alike) {
            return used;
        }
        // Label, answer, label, answer: no heading row.
        let first = head[0].is_marked();
        if head.len().is_multiple_of(2)
            && first
            && head.chunks(2).all(|pair| pair[0].is_marked() && !pair[1].is_marked())
        {
            return 0;
        }
        let next = &rows[1];
        // Labels down the first column with answers that are words of labels too: posts, plans, orders.
        let asks = |row: &Vec<View<'a>>| {
            let (one, two) = (self.closeness(&row[0].first).0, self.closeness(&row[1].first).0);
            let marks = (row[0].is_marked(), row[1].is_marked());
            marks == (true, false) || (marks.0 == marks.1 && one >= 0.5 && two < 0.5 && row[0].is_marked() == first)
        };
        if head.len() == 2 && alike >= 2 && asks(next) {
            return 0;
        }
        let below = next.iter().filter(|view| self.holds_label(view)).count();
        // A heading row that looks like one, over a row that does not: the words below are answers, posts and plans too.
        let told_apart = head.iter().all(View::is_marked) && !next.iter().any(View::is_marked);
        let next_is_label = next.len() != head.len()
            || below * 2 > next.len()
            || !told_apart
                && next.first().is_some_and(|view| self.holds_label(view) && self.closeness(&view.first).0 >= 0.97);
        let asked = head.iter().filter(|view| !view.text.is_empty() && !view.is_number()).count();
        if next_is_label || asked < 2 {
            return 0;
        }
        let awaits = |key: &str, flow: &Self| {
            flow.open.as_ref().is_some_and(|pair| {
                pair.lines.is_empty() && flow.closeness(&pair.label).1.is_some_and(|field| FIELDS[field].key == key)
            })
        };
        let child =
            self.count(head, &|group, key| group == Group::Child && (key.starts_with("child_") || key == "parents"));
        let known = head.iter().filter(|view| self.holds_label(view)).count();
        let third = rows
            .get(2)
            .is_some_and(|row| row.iter().filter(|view| self.holds_label(view)).count() * 2 >= row.len().max(1));
        if (third || alike == 2)
            && known * 2 > asked
            && asked == head.len()
            && (third || !awaits("children", self))
            && self.count(head, &|group, _| group == Group::Action) < 2
        {
            return self.values_below(head, next);
        }
        let action = self.count(head, &|group, _| group == Group::Action);
        let labels_below =
            rows[1..].iter().filter(|row| row.first().is_some_and(|view| self.holds_label(view))).count();
        if action >= 2 && action * 2 >= asked && action >= child {
            return self.take_rows(rows, alike, true);
        }
        if child >= 2
            && (child * 2 > asked || (awaits("children", self) && child * 2 >= asked && asked != 4))
            && labels_below * 2 < rows.len()
        {
            return self.take_rows(rows, alike, false);
        }
        if known == asked && asked == head.len() && labels_below * 2 < rows.len() {
            return self.values_below(head, next);
        }
        0
    }

    /// A row of labels and the row of their answers.
    fn values_below(&mut self, head: &[View<'a>], values: &[View<'a>]) -> usize {
        self.close();
        for (label, value) in head.iter().zip(values) {
            let mut pair = Pair { label: self.label_of(label), section: self.section, ..Pair::default() };
            value.lines.iter().cloned().for_each(|line| self.add(&mut pair, line));
            self.push(pair);
        }
        2
    }

    /// How many different fields of a kind the cells name.
    fn count(&self, head: &[View<'a>], wanted: &dyn Fn(Group, &str) -> bool) -> usize {
        let mut seen = Vec::new();
        for view in head.iter().filter(|view| !view.text.is_empty()) {
            let candidates = self.wordings.candidates(&self.label_of(view), self.section);
            let top = candidates.first().map_or(0.0, |top| top.closeness);
            let found = candidates.iter().find(|c| {
                c.closeness >= 0.75 && c.closeness > top - 0.1 && wanted(FIELDS[c.field].group, FIELDS[c.field].key)
            });
            if let Some(found) = found
                && !seen.contains(&found.field)
            {
                seen.push(found.field);
            }
        }
        seen.len()
    }

    fn take_rows(&mut self, rows: &[Vec<View<'a>>], alike: usize, actions: bool) -> usize {
        if !actions && self.holds_labels(&rows[1..alike]) {
            return 0;
        }
        let label = self.table_label();
        let head: Vec<String> =
            rows[0].iter().map(|view| if view.is_number() { String::new() } else { self.label_of(view) }).collect();
        let taken = rows[1..alike].iter().map(|row| {
            head.iter()
                .cloned()
                .zip(row.iter().map(|view| view.lines.clone()))
                .filter(|(label, _)| !label.is_empty())
                .collect()
        });
        let found = Rows { label, rows: taken.collect() };
        if self.section == Some(Group::Office) {
            return alike;
        }
        if actions {
            self.out.actions.push(found);
        } else {
            self.out.children.push(found);
        }
        alike
    }

    /// True where the cells that would be answers ask something themselves.
    fn holds_labels(&self, rows: &[Vec<View<'a>>]) -> bool {
        let asks = |view: &View<'a>| {
            let text = &view.first;
            !view.control
                && (text.ends_with([':', '?']) && self.closeness(text).0 >= 0.5
                    || text.split_whitespace().count() >= 2 && self.closeness(text).0 >= 0.97)
        };
        rows.iter().any(|row| row.iter().filter(|view| asks(view)).count() * 3 >= row.len())
    }

    /// The label that waits for a table, which it then is the answer of.
    fn table_label(&mut self) -> String {
        match self.open.take() {
            Some(pair) if pair.lines.is_empty() => pair.label,
            Some(pair) => {
                self.push(pair);
                String::new()
            }
            None => String::new(),
        }
    }

    /// One child or action a column: labels at the side, "Child 1", "Child 2" or nothing above.
    fn counted_columns(&mut self, rows: &[Vec<View<'a>>], alike: usize) -> Option<usize> {
        let width = rows[0].len();
        if width < 2 || alike < 2 {
            return None;
        }
        let counted = |named: fn(&str) -> bool| rows[0][1..].iter().all(|view| is_counted(&view.text, named));
        let (children, actions) = (counted(is_child_name), counted(is_action_name));
        let begin = usize::from(children || actions);
        let side = |row: &Vec<View<'a>>, group: Group| {
            self.count(&row[..1], &|found, key| found == group && key != "children") == 1
        };
        let labels = |group: Group| rows[begin..alike].iter().filter(|row| side(row, group)).count();
        let waits =
            self.open.as_ref().is_some_and(|pair| pair.lines.is_empty() && self.kind(&pair.label) == Some(Type::Table));
        let four = rows[begin..alike].iter().any(|row| row[1..].iter().any(|view| self.holds_label(view)));
        let bare = |group: Group| waits && width >= 3 && !four && labels(group) >= 2 && labels(group) == alike;
        let is_children = if children { labels(Group::Child) >= 1 } else { !actions && bare(Group::Child) };
        let is_actions = if actions { labels(Group::Action) >= 1 } else { !children && bare(Group::Action) };
        if !is_children && !is_actions {
            return None;
        }
        let label = self.table_label();
        let columns = (1..width).map(|column| {
            rows[begin..alike]
                .iter()
                .map(|row| (self.label_of(&row[0]), row[column].lines.clone()))
                .filter(|(label, _)| !label.is_empty())
                .collect()
        });
        let found = Rows { label, rows: columns.collect() };
        match (self.section, is_children) {
            (Some(Group::Office), _) => {}
            (_, true) => self.out.children.push(found),
            (_, false) => self.out.actions.push(found),
        }
        Some(alike)
    }
}

/// How many cells are one answer: day, month and year, or a date and its time, in cells of their own.
fn pieces_of_a_date(values: &[&View<'_>]) -> usize {
    let digits = |view: &View<'_>, most: usize| {
        let text = view.text.trim();
        !text.is_empty() && text.len() <= most && text.chars().all(|c| c.is_ascii_digit())
    };
    let is_time = |text: &str| {
        text.len() <= 12
            && text.starts_with(|c: char| c.is_ascii_digit())
            && text.contains([':', '.', 'm', 'h'])
            && dates::parse_time(text).is_some()
    };
    match values {
        [day, month, year, ..] if digits(day, 2) && digits(month, 2) && digits(year, 4) => 3,
        [date, time, ..]
            if is_time(time.text.trim()) && dates::parse_when(&date.text, None, dates::Century::This).is_ok() =>
        {
            2
        }
        _ => 0,
    }
}

/// "Yes", "No", "N/A" or "Not known" above a column of marks.
fn option_name(view: &View<'_>) -> bool {
    let text = view.text.trim();
    ["yes", "no", "y", "n", "n/a", "na", "not known", "unknown"].iter().any(|name| text.eq_ignore_ascii_case(name))
}

/// Yes and no above columns, with nothing marked in this row: the answers stand below.
fn is_yes_no_head(row: &[View<'_>]) -> bool {
    const HEADS: [&str; 12] = [
        "question",
        "questions",
        "check",
        "item",
        "comments",
        "comment",
        "notes",
        "details",
        "detail",
        "action",
        "date",
        "please tick",
    ];
    let is_head = |view: &View<'_>| {
        let text = view.text.trim().trim_end_matches(':');
        text.is_empty()
            || option_name(view)
            || view.is_number()
            || HEADS.iter().any(|head| text.eq_ignore_ascii_case(head))
    };
    row.iter().filter(|view| option_name(view)).count() >= 2 && !option_name(&row[0]) && row.iter().all(is_head)
}

/// The column headed "Y/N" or "Yes / No" in a row of headings.
fn yes_no_column(row: &[View<'_>]) -> Option<usize> {
    let squeezed = |view: &View<'_>| -> String {
        view.text.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '/').collect()
    };
    let column =
        row.iter().position(|view| matches!(squeezed(view).as_str(), "y/n" | "yes/no" | "y/n/na" | "yes/no/na"))?;
    let besides = row.iter().skip(column + 1).all(|view| {
        let text = view.text.trim().trim_end_matches(':').to_lowercase();
        ["comments", "comment", "details", "detail", "notes", "date", "by whom", "name"].contains(&text.as_str())
    });
    let plain = !row.iter().any(|view| view.control || view.nested);
    (column > 0 && row.len() > column + 1 && besides && plain).then_some(column)
}

/// "Question | Answer", "Detail | Response": what the columns are, and nothing that is asked.
fn is_table_head(row: &[View<'_>]) -> bool {
    const ASKED: [&str; 14] = [
        "detail",
        "details",
        "question",
        "questions",
        "item",
        "field",
        "heading",
        "section",
        "information required",
        "information",
        "requirement",
        "category",
        "criteria",
        "area",
    ];
    const GIVEN: [&str; 12] = [
        "response",
        "responses",
        "answer",
        "answers",
        "comment",
        "comments",
        "your answer",
        "your response",
        "details",
        "information",
        "to be completed",
        "entry",
    ];
    let is = |view: &View<'_>, words: &[&str]| {
        let text = view.text.trim_end_matches(':');
        words.iter().any(|word| text.eq_ignore_ascii_case(word))
    };
    let cells: Vec<&View<'_>> = row.iter().filter(|view| !view.is_number()).collect();
    matches!(cells.as_slice(), [asked, given] if is(asked, &ASKED) && is(given, &GIVEN))
}

/// A row's cells without what only continues a merge from above.
fn own_cells(row: &Row) -> Vec<View<'_>> {
    row.cells.iter().filter(|cell| !cell.continued).map(View::new).collect()
}

/// "Child 1", "YP2", "Action 3", "2": a name with a number, or a number alone; "First child".
pub(super) fn is_counted(text: &str, named: fn(&str) -> bool) -> bool {
    let lower = text.trim().to_lowercase();
    let bare =
        lower.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | ':' | '#'));
    let ordinal = ["subject ", "main ", "first ", "second ", "third ", "fourth ", "fifth "]
        .iter()
        .find_map(|mark| lower.strip_prefix(mark));
    (bare.len() < lower.len() && named(bare)) || ordinal.is_some_and(named)
}

pub(super) fn is_child_name(text: &str) -> bool {
    matches!(text, "child" | "yp" | "young person" | "sibling" | "child no" | "child number" | "cyp")
}

fn is_action_name(text: &str) -> bool {
    matches!(text, "action" | "recommendation" | "step" | "task" | "no" | "rec" | "recommendation no" | "action no")
}

/// "Yes", "☒", "No", "☐" in cells of their own as one line; an x or a tick in a cell marks its word, an empty cell does not.
fn yes_no_cells(values: &[&View<'_>]) -> Line {
    let mut line = Line::default();
    let boxed = values.iter().any(|view| normalise_boxes(&view.text).contains(BOXES));
    for (at, view) in values.iter().enumerate() {
        let after_word = at > 0
            && matches!(
                values[at - 1].text.trim().to_lowercase().as_str(),
                "yes" | "no" | "n/a" | "not known" | "unknown"
            );
        let mark = matches!(view.text.trim(), "x" | "X" | "✓" | "√" | "✔")
            || (after_word && matches!(view.text.trim(), "Y" | "y" | "*" | "1" | "/"));
        let text = match view.text.trim() {
            _ if mark => TICKED.to_string(),
            "" if at > 0 && !boxed => UNTICKED.to_string(),
            "" => continue,
            _ => {
                line.spans.extend(view.lines.iter().flat_map(|line| line.spans.clone()));
                line.spans.push(Span { text: " ".to_owned(), ..Span::default() });
                continue;
            }
        };
        line.spans.push(Span { text: format!("{text} "), ..Span::default() });
    }
    line
}
