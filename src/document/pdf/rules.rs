//! Drawn lines to cells: which lines belong together, and what they enclose.
//!
//! Comes in: strokes and filled rectangles of a page. Goes out: [`Grid`]s of merged cells. Knows nothing of words.

use std::collections::BTreeMap;

use super::content::Drawn;
use super::geometry::Rect;
use crate::clock::Deadline;

/// Lines this near are one; ends this near touch.
const NEAR: f32 = 2.6;
/// A filled rectangle as thin as this is a line.
const THIN: f32 = 2.6;
/// Lines of one page that are looked at.
const LINES_MAX: usize = 6_000;
/// Elementary cells of one grid.
const CELLS_MAX: usize = 20_000;

/// A line along an axis: `at` across it, `from` to `to` along it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub across: bool,
    pub at: f32,
    pub from: f32,
    pub to: f32,
}

/// A merged cell: its place in rows and columns (ends exclusive) and on the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct GridCell {
    pub rows: (usize, usize),
    pub columns: (usize, usize),
    pub rect: Rect,
}

/// Lines that touch each other, and their cells in reading order.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub rect: Rect,
    pub rows: usize,
    pub columns: usize,
    pub cells: Vec<GridCell>,
    xs: Vec<f32>,
    ys: Vec<f32>,
    /// The cell that each row has in each column.
    map: Vec<usize>,
}

impl Grid {
    /// Its outer columns are the padding of a frame.
    pub fn is_padded(&self, narrow: f32) -> bool {
        let wide = |at: usize| self.xs[at + 1] - self.xs[at];
        self.columns > 3 && wide(0) < narrow && wide(self.columns - 1) < narrow
    }

    /// The cell at a place.
    pub fn cell_at(&self, x: f32, y: f32) -> Option<usize> {
        let between = |values: &[f32], value: f32| {
            let after = values.partition_point(|start| *start <= value);
            after.checked_sub(1).filter(|at| at + 1 < values.len())
        };
        let (column, row) = (between(&self.xs, x)?, between(&self.ys, y)?);
        self.map.get(row * self.columns + column).copied().filter(|at| *at < self.cells.len())
    }
}

/// The lines along the axes of a page.
pub(super) fn rules(drawn: &Drawn) -> Vec<Rule> {
    let mut out = Vec::new();
    for &[x0, y0, x1, y1] in &drawn.lines {
        if out.len() >= LINES_MAX {
            break;
        }
        if (y0 - y1).abs() < 0.8 && (x0 - x1).abs() > 3.0 {
            out.push(Rule { across: true, at: (y0 + y1) / 2.0, from: x0.min(x1), to: x0.max(x1) });
        } else if (x0 - x1).abs() < 0.8 && (y0 - y1).abs() > 3.0 {
            out.push(Rule { across: false, at: (x0 + x1) / 2.0, from: y0.min(y1), to: y0.max(y1) });
        }
    }
    for fill in &drawn.fills {
        let (x, y) = fill.rect.middle();
        if fill.colour.iter().all(|part| *part > 0.97) {
            continue;
        }
        if fill.rect.height() <= THIN && fill.rect.width() > fill.rect.height() {
            out.push(Rule { across: true, at: y, from: fill.rect.x0, to: fill.rect.x1 });
        } else if fill.rect.width() <= THIN && fill.rect.height() > fill.rect.width() {
            out.push(Rule { across: false, at: x, from: fill.rect.y0, to: fill.rect.y1 });
        }
    }
    out.truncate(LINES_MAX);
    joined(out)
}

/// Pieces of one line as one.
fn joined(mut rules: Vec<Rule>) -> Vec<Rule> {
    rules.sort_by(|a, b| a.across.cmp(&b.across).then(a.at.total_cmp(&b.at)).then(a.from.total_cmp(&b.from)));
    let mut out: Vec<Rule> = Vec::new();
    for rule in rules {
        let twin = out.iter_mut().rev().take(24).find(|other| {
            other.across == rule.across
                && (other.at - rule.at).abs() < 1.2
                && other.to >= rule.from - NEAR
                && rule.to >= other.from - NEAR
        });
        match twin {
            Some(other) => {
                other.from = other.from.min(rule.from);
                other.to = other.to.max(rule.to);
            }
            None => out.push(rule),
        }
    }
    out
}

fn touch(a: &Rule, b: &Rule) -> bool {
    if a.across == b.across {
        return (a.at - b.at).abs() < NEAR && a.from <= b.to + NEAR && b.from <= a.to + NEAR;
    }
    let within = |value: f32, rule: &Rule| value >= rule.from - NEAR && value <= rule.to + NEAR;
    within(a.at, b) && within(b.at, a)
}

/// The root of a tree of joined things.
fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

/// What the lines enclose; not all of it where the deadline passes.
pub(super) fn grids(rules: &[Rule], deadline: &Deadline) -> Vec<Grid> {
    let mut parents: Vec<usize> = (0..rules.len()).collect();
    let across: Vec<usize> = (0..rules.len()).filter(|&at| rules[at].across).collect();
    let down: Vec<usize> = (0..rules.len()).filter(|&at| !rules[at].across).collect();
    for &a in &across {
        for &b in &down {
            if touch(&rules[a], &rules[b]) {
                let (a, b) = (root(&mut parents, a), root(&mut parents, b));
                parents[a] = b;
            }
        }
    }
    for list in [&across, &down] {
        for pair in list.windows(2) {
            if touch(&rules[pair[0]], &rules[pair[1]]) {
                let (a, b) = (root(&mut parents, pair[0]), root(&mut parents, pair[1]));
                parents[a] = b;
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<Rule>> = BTreeMap::new();
    for (at, rule) in rules.iter().enumerate() {
        let group = root(&mut parents, at);
        groups.entry(group).or_default().push(*rule);
    }
    groups.into_values().take_while(|_| !deadline.has_passed()).filter_map(|rules| grid(&rules, deadline)).collect()
}

/// Places nearer than [`NEAR`] as one.
fn distinct(mut values: Vec<f32>) -> Vec<f32> {
    values.sort_by(f32::total_cmp);
    let mut out: Vec<f32> = Vec::new();
    for value in values {
        if out.last().is_none_or(|last| value - last > NEAR) {
            out.push(value);
        }
    }
    out
}

fn grid(rules: &[Rule], deadline: &Deadline) -> Option<Grid> {
    let (across, down): (Vec<&Rule>, Vec<&Rule>) = rules.iter().partition(|rule| rule.across);
    if across.len() < 2 || down.is_empty() {
        return None;
    }
    let (xs, ys) = (sides(&down, &across), sides(&across, &down));
    let (columns, rows) = (xs.len().checked_sub(1)?, ys.len().checked_sub(1)?);
    if columns == 0 || rows == 0 || columns * rows > CELLS_MAX {
        return None;
    }
    let groups = enclosed(&xs, &ys, &across, &down, deadline)?;
    let mut cells = merged(&groups, columns, deadline);
    for cell in &mut cells {
        let (x0, x1) = (xs[cell.columns.0], xs[cell.columns.1]);
        let (y0, y1) = (ys[cell.rows.0], ys[cell.rows.1]);
        cell.rect = Rect { x0, y0, x1, y1 };
    }
    cells.sort_by_key(|cell| (cell.rows.0, cell.columns.0));
    let mut map = vec![usize::MAX; columns * rows];
    for (at, cell) in cells.iter().enumerate() {
        for row in cell.rows.0..cell.rows.1 {
            map[row * columns + cell.columns.0..row * columns + cell.columns.1].fill(at);
        }
    }
    let rect = Rect { x0: xs[0], y0: ys[0], x1: xs[columns], y1: ys[rows] };
    Some(Grid { rect, rows, columns, cells, xs, ys, map })
}

/// Where lines of one kind stand, and where those of the other kind end.
fn sides(own: &[&Rule], other: &[&Rule]) -> Vec<f32> {
    let low = other.iter().map(|rule| rule.from).fold(f32::INFINITY, f32::min);
    let high = other.iter().map(|rule| rule.to).fold(f32::NEG_INFINITY, f32::max);
    distinct(own.iter().map(|rule| rule.at).chain([low, high]).collect())
}

/// The group of each elementary cell: cells without a line between them are one.
fn enclosed(xs: &[f32], ys: &[f32], across: &[&Rule], down: &[&Rule], deadline: &Deadline) -> Option<Vec<usize>> {
    let (columns, rows) = (xs.len() - 1, ys.len() - 1);
    // Both lists are sorted by where their lines stand.
    let crosses = |list: &[&Rule], at: f32, along: f32| {
        let near = list.partition_point(|rule| rule.at < at - NEAR);
        list[near..]
            .iter()
            .take_while(|rule| rule.at <= at + NEAR)
            .any(|rule| rule.from - 0.5 <= along && along <= rule.to + 0.5)
    };
    let mut parents: Vec<usize> = (0..columns * rows).collect();
    for row in 0..rows {
        if deadline.has_passed() {
            return None;
        }
        for column in 0..columns {
            let (x, y) = ((xs[column] + xs[column + 1]) / 2.0, (ys[row] + ys[row + 1]) / 2.0);
            let own = row * columns + column;
            if column + 1 < columns && !crosses(down, xs[column + 1], y) {
                unite(&mut parents, own, own + 1);
            }
            if row + 1 < rows && !crosses(across, ys[row + 1], x) {
                unite(&mut parents, own, own + columns);
            }
        }
    }
    Some((0..parents.len()).map(|at| root(&mut parents, at)).collect())
}

fn unite(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    parents[a.max(b)] = a.min(b);
}

/// Elementary cells of one group as one cell; a group that is no rectangle, as the padding around an inner table, is cut into rows.
fn merged(groups: &[usize], columns: usize, deadline: &Deadline) -> Vec<GridCell> {
    let mut cells: BTreeMap<usize, (GridCell, usize)> = BTreeMap::new();
    let at = |index: usize| (index / columns, index % columns);
    let fresh = |row: usize, from: usize, to: usize| GridCell {
        rows: (row, row + 1),
        columns: (from, to),
        rect: Rect::default(),
    };
    for (index, &group) in groups.iter().enumerate() {
        let (row, column) = at(index);
        let (cell, count) = cells.entry(group).or_insert((fresh(row, column, column + 1), 0));
        cell.rows = (cell.rows.0.min(row), cell.rows.1.max(row + 1));
        cell.columns = (cell.columns.0.min(column), cell.columns.1.max(column + 1));
        *count += 1;
    }
    let whole =
        |cell: &GridCell, count: usize| (cell.rows.1 - cell.rows.0) * (cell.columns.1 - cell.columns.0) == count;
    let mut out: Vec<GridCell> = Vec::new();
    for (group, (cell, count)) in cells {
        if whole(&cell, count) {
            out.push(cell);
            continue;
        }
        if deadline.has_passed() {
            break;
        }
        let mut pieces: Vec<GridCell> = Vec::new();
        for row in cell.rows.0..cell.rows.1 {
            let mut column = cell.columns.0;
            while column < cell.columns.1 {
                let from = column;
                while column < cell.columns.1 && groups[row * columns + column] == group {
                    column += 1;
                }
                if column > from {
                    let above = pieces
                        .iter_mut()
                        .rev()
                        .take(64)
                        .find(|piece| piece.rows.1 == row && piece.columns == (from, column));
                    match above {
                        Some(piece) => piece.rows.1 = row + 1,
                        None => pieces.push(fresh(row, from, column)),
                    }
                } else {
                    column += 1;
                }
            }
        }
        out.append(&mut pieces);
    }
    out
}
