//! Tables with a heading row or column: one child a row or a column, actions with owner and date, labels over their answers, marks and
//! answers in columns headed "Yes" and "No".
//!
//! Comes in: the rest of a table from a row on. Goes out: rows of children and of actions, or pairs; how many rows were taken.

use super::actions;
use super::cells::{View, option_name};
use super::choices::{Line, normalise_boxes};
use super::dates;
use super::fields::{FIELDS, Group, Type};
use super::form::Unmatched;
use super::lines::is_all_bold;
use super::pairs::{Flow, Pair, Rows};
use crate::document::{Span, TICKED, UNTICKED};

impl<'a> Flow<'a> {
    /// The rows below "Question | Yes | No | Comments": a mark in a column is its answer. Gives the number of rows taken.
    pub(super) fn marked_rows(&mut self, head: &[View<'a>], rows: &[Vec<View<'a>>]) -> usize {
        let taken = rows.iter().take_while(|row| row.len() == head.len()).count();
        for row in &rows[..taken] {
            let asked = row.iter().position(|view| !view.text.is_empty() && !view.is_number()).unwrap_or(0);
            if option_name(&head[asked]) {
                continue;
            }
            self.close();
            let mut pair = Pair { label: self.label_of(&row[asked]), section: self.section, ..Pair::default() };
            let mut options = Line::default();
            let mut others: Vec<&View<'a>> = Vec::new();
            for (named, view) in head.iter().zip(row).skip(asked + 1) {
                if option_name(named) {
                    let mark = normalise_boxes(&view.text).trim().to_owned();
                    let sign = if mark.is_empty() || mark.starts_with(UNTICKED) { UNTICKED } else { TICKED };
                    options.spans.push(Span { text: format!("{} {sign}  ", named.text.trim()), ..Span::default() });
                } else {
                    others.push(view);
                }
            }
            self.add(&mut pair, options);
            // Words beside boxes would be options: a comment stands as the answer only where nothing is marked.
            let marked = pair.lines.iter().any(|line| line.text().contains(TICKED));
            if marked {
                comment(&mut pair, others);
            } else if others.iter().any(|view| !view.lines.is_empty()) {
                pair.lines = others.iter().flat_map(|view| view.lines.iter().cloned()).collect();
            }
            self.push(pair);
        }
        taken
    }

    /// The rows below "Question | Y/N | Details": the answer stands in one column; what stands beside it only where it does not.
    pub(super) fn answered_rows(&mut self, head: &[View<'a>], column: usize, rows: &[Vec<View<'a>>]) -> usize {
        let taken = rows.iter().take_while(|row| row.len() == head.len()).count();
        for row in &rows[..taken] {
            self.close();
            let asked = row.iter().position(|view| !view.text.is_empty() && !view.is_number()).unwrap_or(0);
            let mut pair = Pair { label: self.label_of(&row[asked]), section: self.section, ..Pair::default() };
            let others = row.iter().enumerate().filter(|(at, _)| *at > asked && *at != column).map(|(_, view)| view);
            let answer = Some(&row[column]).filter(|view| asked < column && (!view.text.is_empty() || view.control));
            let (given, beside): (Vec<_>, Vec<_>) = match answer {
                Some(view) => (vec![view], others.collect()),
                None => (others.collect(), Vec::new()),
            };
            given.iter().flat_map(|view| &view.lines).cloned().for_each(|line| self.add(&mut pair, line));
            comment(&mut pair, beside);
            self.push(pair);
        }
        taken
    }

    /// Tables with a heading row or column; the number of rows taken, 0 where it is none.
    pub(super) fn grid(&mut self, rows: &[Vec<View<'a>>]) -> usize {
        let head = &rows[0];
        let plain = |view: &View<'a>| {
            !view.control && !view.nested && view.own_lines(self).len() <= 1 && view.text.len() <= 100
        };
        if rows.len() < 2 || head.is_empty() || !head.iter().all(plain) {
            return 0;
        }
        let counts =
            |row: &[View<'a>]| row.first().is_some_and(|view| view.is_number() && view.text.contains(char::is_numeric));
        if counts(head) && counts(&rows[1]) {
            return 0;
        }
        let alike = rows.iter().take_while(|row| row.len() == head.len()).count();
        if let Some(used) = self.counted_columns(rows, alike) {
            return used;
        }
        if self.are_actions(&rows[..alike]) {
            return self.take_rows(rows, alike, true);
        }
        if alternates(head) || self.labels_go_down(rows, alike) || self.is_of_labels(&rows[1], head) {
            return 0;
        }
        self.headed(rows, alike)
    }

    /// Labels down the first column with answers that are words of labels too: posts, plans, orders.
    fn labels_go_down(&self, rows: &[Vec<View<'a>>], alike: usize) -> bool {
        let (head, [first, second, ..]) = (&rows[0], rows[1].as_slice()) else { return false };
        let closeness = (self.closeness(&first.first).0, self.closeness(&second.first).0);
        let marks = (first.is_marked(), second.is_marked());
        let alone = marks == (true, false);
        let told = marks.0 == marks.1 && closeness.0 >= 0.5 && closeness.1 < 0.5;
        head.len() == 2 && alike >= 2 && (alone || told && marks.0 == head[0].is_marked())
    }

    /// True where the row below one that may be a heading row is no row of answers to it.
    fn is_of_labels(&self, next: &[View<'a>], head: &[View<'a>]) -> bool {
        let labels = next.iter().filter(|view| self.holds_label(view)).count();
        // A heading row that looks like one, over a row that does not: the words below are answers, posts and plans too.
        let told_apart = head.iter().all(View::is_marked) && !next.iter().any(View::is_marked);
        let begins =
            || next.first().is_some_and(|view| self.holds_label(view) && self.closeness(&view.first).0 >= 0.97);
        next.len() != head.len() || labels * 2 > next.len() || !told_apart && begins()
    }

    /// A heading row with its rows: actions, children, or the answers right below.
    fn headed(&mut self, rows: &[Vec<View<'a>>], alike: usize) -> usize {
        let head = &rows[0];
        let asked = head.iter().filter(|view| !view.text.is_empty() && !view.is_number()).count();
        if asked < head.len() && self.is_over_values(rows) {
            return self.values_below(head, &rows[1]);
        }
        if asked < 2 {
            return 0;
        }
        let awaits_children = self.open.as_ref().is_some_and(|pair| {
            pair.lines.is_empty() && self.closeness(&pair.label).1.is_some_and(|field| FIELDS[field].key == "children")
        });
        let labels = |row: &Vec<View<'a>>| row.iter().filter(|view| self.holds_label(view)).count();
        // A question beside labels, over a row that asks nothing, asks too, whatever its words.
        let answered = !rows[1].iter().any(|view| view.first.ends_with([':', '?']));
        let asks = |view: &View<'a>| self.holds_label(view) || answered && view.first.ends_with('?');
        let known = head.iter().filter(|view| asks(view)).count();
        let all_known = known == asked && asked == head.len();
        let third = rows.get(2).is_some_and(|row| labels(row) * 2 >= row.len().max(1));
        let action = self.count(head, &|group, _| group == Group::Action);
        let action = if action < 2 && self.says_what_and_when(head) { head.len() } else { action };
        if (third || alike == 2 && !awaits_children) && known * 2 > asked && asked == head.len() && action < 2 {
            return self.values_below(head, &rows[1]);
        }
        if action < 2 && !awaits_children && alternate_in_bold(rows) {
            return self.values_below(head, &rows[1]);
        }
        let child =
            self.count(head, &|group, key| group == Group::Child && (key.starts_with("child_") || key == "parents"));
        if action >= 2 && action * 2 >= asked && action >= child {
            return self.take_rows(rows, alike, true);
        }
        let begins = rows[1..].iter().filter(|row| row.first().is_some_and(|view| self.holds_label(view))).count();
        let of_children = child * 2 > asked || (awaits_children && child * 2 >= asked && asked != 4);
        if begins * 2 >= rows.len() {
            return 0;
        }
        match child >= 2 && of_children {
            true => self.take_rows(rows, alike, false),
            false if all_known => self.values_below(head, &rows[1]),
            false => 0,
        }
    }

    /// Labels that fill only a part of their row, above answers that fill no more.
    fn is_over_values(&self, rows: &[Vec<View<'a>>]) -> bool {
        let (head, values) = (&rows[0], &rows[1]);
        let asked = head.iter().filter(|view| !view.text.is_empty()).count();
        let empty = |(label, value): (&View<'a>, &View<'a>)| label.is_empty() && value.is_empty();
        let asks = |label: &View<'a>| self.holds_label(label) || self.over && label.is_marked();
        let answers = |value: &View<'a>| {
            !self.holds_label(value) && !value.first.ends_with([':', '?']) && (self.over || !value.is_marked())
        };
        // Children or actions a row: what follows is one more of them.
        let once = rows.get(2).is_none_or(|third| {
            third.len() != head.len()
                || third.iter().all(View::is_empty)
                || third
                    .first()
                    .is_some_and(|view| self.holds_label(view) || view.is_marked() && !values[0].is_marked())
        });
        asked >= 1
            && once
            && !head[0].is_empty()
            && !head.iter().any(View::is_number)
            && head.len() == values.len()
            && (self.over || asked >= 2 && head.len() >= 3)
            && head.iter().zip(values).all(|pair| empty(pair) || asks(pair.0) && answers(pair.1))
            && values.iter().any(|view| !view.is_empty())
    }

    /// A row of labels and the row of their answers.
    fn values_below(&mut self, head: &[View<'a>], values: &[View<'a>]) -> usize {
        self.close();
        self.over = true;
        for (label, value) in head.iter().zip(values).filter(|(label, _)| !label.is_empty()) {
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
                c.closeness >= 0.75
                    && c.closeness > top - 0.1
                    && wanted(FIELDS[c.field].group, FIELDS[c.field].key)
                    && !seen.contains(&c.field)
            });
            seen.extend(found.map(|found| found.field));
        }
        seen.len()
    }

    /// Three columns of which one says what is to be done and another by when: the third is who.
    fn says_what_and_when(&self, head: &[View<'a>]) -> bool {
        let what =
            self.count(head, &|_, key| matches!(key, "recommendations" | "actions" | "next_steps" | "action_text"));
        let when = head.iter().any(|view| says_when(&self.label_of(view)));
        head.len() == 3 && head.iter().all(|view| !view.text.is_empty()) && what >= 1 && when
    }

    /// Rows of what is to be done, by whom and by when, below headings that may be unknown; no child's birth is among them.
    fn are_actions(&self, rows: &[Vec<View<'a>>]) -> bool {
        let head: Vec<String> = rows[0].iter().map(|view| view.text.clone()).collect();
        let row = |row: &Vec<View<'a>>| row.iter().map(|view| (String::new(), view.lines.clone())).collect();
        let said = head.iter().filter(|words| !words.is_empty()).count();
        (3..=6).contains(&said)
            && actions::stand_below(&head, &rows[1..].iter().map(row).collect::<Vec<_>>())
            && self.count(&rows[0], &|_, key| matches!(key, "child_dob" | "child_case_id")) == 0
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
        rows.iter().any(|row| row.iter().filter(|view| asks(view)).count() * 2 > row.len())
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
        let numbers = rows[0][0].is_empty() && counted(str::is_empty);
        let begin = usize::from(children || actions || numbers);
        let side = |row: &Vec<View<'a>>, group: Group| {
            self.count(&row[..1], &|found, key| found == group && key != "children") == 1
        };
        let labels = |group: Group| rows[begin..alike].iter().filter(|row| side(row, group)).count();
        let waits =
            self.open.as_ref().is_some_and(|pair| pair.lines.is_empty() && self.kind(&pair.label) == Some(Type::Table));
        let four = rows[begin..alike].iter().any(|row| row[1..].iter().any(|view| self.holds_label(view)));
        // Two birth dates in one row are two children's; with a label between them they are not.
        let is_date = |view: &&View<'a>| dates::parse_when(&view.text, None, dates::Century::This).is_ok();
        let dated = |row: &Vec<View<'a>>| {
            let filled = || row[1..].iter().filter(|view| !view.text.is_empty());
            filled().count() >= 2 && filled().all(|view| is_date(&view))
        };
        let born = |row: &Vec<View<'a>>| dated(row) && self.kind(&row[0].text) == Some(Type::Date);
        let two = |group: Group| group == Group::Child && rows[..alike].iter().any(|row| born(row) && side(row, group));
        let bare = |group: Group| {
            let most = if two(group) { labels(group) * 2 > alike } else { waits && labels(group) == alike };
            width >= 3 && (!four || two(group)) && labels(group) >= 2 && most
        };
        let named = |own: bool, other: bool, group: Group| match (own, other, numbers) {
            (true, ..) => labels(group) >= 1,
            (_, true, _) => false,
            (.., true) => labels(group) >= 2,
            _ => bare(group),
        };
        let (is_children, is_actions) =
            (named(children, actions, Group::Child), named(actions, children, Group::Action));
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

/// Keeps what stands beside an answer in columns for comments.
fn comment<'v, 'a: 'v>(pair: &mut Pair, beside: impl IntoIterator<Item = &'v View<'a>>) {
    let said = beside.into_iter().filter(|view| !view.text.is_empty() && !view.is_aside());
    let said = said.map(|view| Unmatched { label: pair.label.clone(), text: view.text.clone() });
    pair.others.extend(said.collect::<Vec<_>>());
}

/// "By when", "Target date": a column of dates.
pub(super) fn says_when(label: &str) -> bool {
    const WHEN: [&str; 8] = ["date", "when", "deadline", "due", "timescale", "target", "timeframe", "completion"];
    label.split(|c: char| !c.is_alphanumeric()).any(|word| WHEN.iter().any(|when| word.eq_ignore_ascii_case(when)))
}

/// A bold row over one that is not, with no third of that kind below: labels, whatever their words, over their answers.
fn alternate_in_bold(rows: &[Vec<View<'_>>]) -> bool {
    let is_bold = |view: &View<'_>| view.is_marked() && view.said().all(|(line, _)| is_all_bold(line));
    let said = |row: &[View<'_>]| row.iter().filter(|view| !view.text.is_empty()).count();
    let plain = |row: &[View<'_>]| row.iter().all(|view| view.text.is_empty() || !is_bold(view) && !view.is_marked());
    let [head, values, below @ ..] = rows else { return false };
    head.len() >= 3
        && head.iter().all(is_bold)
        && values.len() == head.len()
        && said(values) > 0
        && plain(values)
        && below.first().is_none_or(|third| third.len() != head.len() || third.iter().all(is_bold))
}

/// Label, answer, label, answer: no heading row.
fn alternates(head: &[View<'_>]) -> bool {
    head.len().is_multiple_of(2) && head.chunks(2).all(|pair| pair[0].is_marked() && !pair[1].is_marked())
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
