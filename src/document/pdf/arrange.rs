//! Bands of lines to tables and paragraphs.
//!
//! Comes in: what stands beside each other, from top to bottom. Goes out: blocks with their places. Rows whose pieces begin at the
//! same places are a table; a line that could not have stood at the end of the line above goes on with it. Knows no drawn lines.

use super::super::{Block, Paragraph, Row, TICKED, Table, UNTICKED};
use super::flow::{ALIGNED, Band, Laid, Stack, cell_of, extend, goes_on};
use super::words::Item;
use crate::clock::Deadline;

/// Rows that are asked for where columns begin.
const ROWS_ASKED: usize = 200;

/// Bands between two tables: groups of rows with the same columns, and paragraphs.
pub(super) fn arrange(bands: Vec<Band>, right: f32, usual: f32, out: &mut Vec<Laid>, deadline: &Deadline) {
    let mut group: Vec<Band> = Vec::new();
    let mut early: Vec<Stack> = Vec::new();
    let mut paragraphs = Paragraphs::default();
    let mut bands = bands.into_iter().peekable();
    while let Some(mut band) = bands.next().filter(|_| !deadline.has_passed()) {
        for stack in std::mem::take(&mut early) {
            band.take_first(stack);
        }
        if band.cells.len() == 1 && belongs_to_next(&band, group.last(), bands.peek()) {
            early.append(&mut band.cells);
            continue;
        }
        if let Some(next) = bands.peek()
            && group.is_empty()
            && labels_above(&band, next)
        {
            let next = bands.next().unwrap_or_default();
            if next.cells.len() > 2 {
                group.push(band);
                group.push(next);
            } else {
                paragraphs.columns(band, next, right, usual, out);
            }
            continue;
        }
        if let Some(rest) = join(&mut group, band, bands.peek(), right) {
            if rest.cells.len() > 1 && !is_title(&rest, usual) {
                flush(&mut group, right, out);
                group.push(rest);
            } else {
                flush(&mut group, right, out);
                paragraphs.band(rest, right, usual, out);
            }
        }
    }
    flush(&mut group, right, out);
}

impl Band {
    /// Puts a line that stands above before the column it belongs to.
    fn take_first(&mut self, stack: Stack) {
        match self.cells.iter_mut().find(|cell| (cell.x0 - stack.x0).abs() < ALIGNED) {
            Some(cell) => {
                cell.lines.splice(0..0, stack.lines);
                cell.x1 = cell.x1.max(stack.x1);
            }
            None => {
                self.cells.push(stack);
                self.cells.sort_by(|a, b| a.x0.total_cmp(&b.x0));
            }
        }
    }
}

/// A line of an answer whose label is printed lower, beside its middle.
fn belongs_to_next(band: &Band, before: Option<&Band>, next: Option<&Band>) -> bool {
    let (Some(next), Some(line)) = (next, band.cells.first().and_then(Stack::last)) else { return false };
    let column = next.cells.iter().skip(1).find(|cell| (cell.x0 - band.cells[0].x0).abs() < 3.0);
    let Some(below) = column.and_then(Stack::first).filter(|below| !below.tall && !line.tall) else { return false };
    let tight = below.base - line.base;
    let above = before
        .and_then(|band| band.cells.iter().flat_map(|cell| cell.lines.iter()).map(|line| line.base).reduce(f32::max));
    tight <= 1.6 * line.size && above.is_none_or(|above| line.base - above > tight * 1.15)
}

/// Labels with a field below each.
fn labels_above(band: &Band, next: &Band) -> bool {
    let near = next.top - band.bottom < 14.0;
    near && band.cells.len() == next.cells.len()
        && band.cells.len() > 1
        && !band.cells.iter().any(Stack::is_field)
        && next.cells.iter().all(Stack::is_field)
        && band.cells.iter().zip(&next.cells).all(|(label, field)| (label.x0 - field.x0).abs() < 12.0)
}

/// A title with something beside it.
fn is_title(band: &Band, usual: f32) -> bool {
    !band.cells.iter().any(Stack::is_field)
        && band.cells.iter().any(|cell| cell.lines.iter().any(|line| line.size > usual * 1.25))
}

/// Adds a band to a group of rows; gives it back where it is no row of it.
fn join(group: &mut Vec<Band>, band: Band, next: Option<&Band>, right: f32) -> Option<Band> {
    let starts = starts(&group[group.len().saturating_sub(ROWS_ASKED)..]);
    let Some(last) = group.last_mut() else { return Some(band) };
    let column = |x: f32| starts.iter().position(|start| (start - x).abs() < ALIGNED);
    let first = band.cells.first().and_then(|cell| column(cell.x0));
    let follows = |at: usize, cell: &Stack, last: &Band| {
        let (Some(line), Some(start)) = (cell.first(), starts.get(at)) else { return false };
        let above = last.cells.iter().find(|other| (other.x0 - start).abs() < ALIGNED).and_then(Stack::last);
        let limit = starts.get(at + 1).map_or(right, |next| next - 3.0);
        above.is_some_and(|above| {
            !above.tall
                && !line.tall
                && line.base - above.base <= 1.45 * line.size
                && above.rect.x1 + line.first + 9.0 > limit
                && above.bold() == line.bold()
        })
    };
    match first {
        Some(0) if band.cells.len() > 1 => {
            let aligned = band.cells[1..].iter().any(|cell| column(cell.x0).is_some_and(|at| at > 0));
            if !aligned {
                return Some(band);
            }
            let guides = band.cells[0].first().is_some_and(|line| {
                let text = line.text();
                let faint = line.spans.iter().all(|span| span.faint);
                faint || text.starts_with('(') || text.starts_with(char::is_lowercase)
            });
            let tight = tight(last, &band.cells[0]);
            let wrapped = band.cells.iter().enumerate().all(|(nth, cell)| {
                (nth == 0 && guides && tight) || column(cell.x0).is_some_and(|at| follows(at, cell, last))
            });
            if wrapped {
                last.absorb(band)
            } else {
                group.push(band)
            }
            None
        }
        Some(0) => {
            let cell = &band.cells[0];
            let second = starts.get(1).copied().unwrap_or(right);
            if cell.is_field() || cell.x1 > second {
                return Some(band);
            }
            // More than a field of the first column could show.
            let over = last.cells.first().is_some_and(Stack::is_field) && band.top - last.bottom < 4.0;
            let small = cell.first().is_some_and(|line| line.text().starts_with(char::is_lowercase));
            if over || (small && near_label(last, cell)) || follows(0, cell, last) {
                last.absorb(band);
                return None;
            }
            let more = next.is_some_and(|next| {
                next.cells.len() > 1
                    && column(next.cells[0].x0) == Some(0)
                    && next.cells[1..].iter().any(|cell| column(cell.x0).is_some_and(|at| at > 0))
            });
            let looks = |cell: &Stack| cell.first().map(|line| (line.bold(), (line.size * 4.0) as i32));
            let alike = last.cells.first().is_some_and(|label| looks(label) == looks(cell));
            let wrapped = next.is_some_and(|next| next.cells.len() == 1) && tight(last, cell);
            if (more || wrapped) && alike {
                if wrapped && !more {
                    last.absorb(band)
                } else {
                    group.push(band)
                }
                return None;
            }
            Some(band)
        }
        Some(_) => {
            let near = band.top - last.bottom < 14.0 && band.cells.iter().all(|cell| column(cell.x0).is_some());
            if !near {
                return Some(band);
            }
            last.absorb(band);
            None
        }
        None => Some(band),
    }
}

fn tight(last: &Band, cell: &Stack) -> bool {
    let above = last.cells.first().and_then(Stack::last);
    above.zip(cell.first()).is_some_and(|(above, line)| line.base - above.base <= 1.25 * line.size)
}

/// Set in the look of the label above, and close to it.
fn near_label(last: &Band, cell: &Stack) -> bool {
    let above = last.cells.first().and_then(Stack::last);
    above.zip(cell.first()).is_some_and(|(above, line)| {
        !above.tall && line.base - above.base <= 1.5 * line.size && above.bold() == line.bold()
    })
}

impl Band {
    fn absorb(&mut self, band: Band) {
        self.bottom = self.bottom.max(band.bottom);
        for stack in band.cells {
            match self.cells.iter_mut().find(|cell| (cell.x0 - stack.x0).abs() < ALIGNED) {
                Some(cell) => {
                    cell.lines.extend(stack.lines);
                    cell.x1 = cell.x1.max(stack.x1);
                }
                None => {
                    self.cells.push(stack);
                    self.cells.sort_by(|a, b| a.x0.total_cmp(&b.x0));
                }
            }
        }
    }
}

/// Where the columns of rows begin.
fn starts(group: &[Band]) -> Vec<f32> {
    let mut all: Vec<f32> = group.iter().flat_map(|band| band.cells.iter().map(|cell| cell.x0)).collect();
    all.sort_by(f32::total_cmp);
    let mut out: Vec<f32> = Vec::new();
    for x in all {
        if out.last().is_none_or(|last| x - last >= ALIGNED) {
            out.push(x);
        }
    }
    out
}

fn flush(group: &mut Vec<Band>, right: f32, out: &mut Vec<Laid>) {
    let bands = std::mem::take(group);
    let (Some(first), Some(last)) = (bands.first(), bands.last()) else { return };
    let (top, bottom) = (first.top, last.bottom);
    let starts = starts(&bands);
    let full = bands.iter().filter(|band| band.cells.len() == starts.len()).count();
    let filled = starts.len() == 2 || full * 2 > bands.len();
    let widest = |start: f32| {
        let column = bands.iter().flat_map(|band| &band.cells).filter(|cell| (cell.x0 - start).abs() < ALIGNED);
        column.map(|cell| cell.x1).fold(f32::NEG_INFINITY, f32::max)
    };
    let rows = bands.iter().map(|band| {
        let mut cells = Vec::new();
        let mut own = band.cells.iter().peekable();
        for (at, start) in starts.iter().enumerate() {
            let limit = starts.get(at + 1).map_or(right, |next| next - 4.0).min(widest(*start));
            let here = own.next_if(|cell| (cell.x0 - start).abs() < ALIGNED);
            match here {
                Some(stack) => cells.push(cell_of(stack.blocks(limit))),
                None if filled || own.peek().is_some() => cells.push(cell_of(Vec::new())),
                None => {}
            }
        }
        cells.extend(own.map(|stack| cell_of(stack.blocks(right))));
        Row { cells }
    });
    let table = Table { rows: rows.collect() };
    out.push(Laid { block: Block::Table(table), starts, top, bottom });
}

/// Lines outside tables.
#[derive(Default)]
struct Paragraphs {
    last: Option<Item>,
}

impl Paragraphs {
    fn band(&mut self, band: Band, right: f32, usual: f32, out: &mut Vec<Laid>) {
        let several = band.cells.len() > 1;
        for stack in &band.cells {
            for line in &stack.lines {
                self.line(line, several, right, usual, out);
            }
        }
    }

    fn line(&mut self, line: &Item, several: bool, right: f32, usual: f32, out: &mut Vec<Laid>) {
        let (top, bottom) = (line.rect.y0, line.rect.y1);
        let laid = |block| Laid { block, starts: Vec::new(), top, bottom };
        let before = out.last().map(|laid| laid.bottom);
        if line.tall {
            out.extend(line.blocks.iter().cloned().map(laid));
            self.last = None;
            return;
        }
        let joined = match (&self.last, out.last_mut()) {
            (Some(last), Some(Laid { block: Block::Paragraph(paragraph), bottom: end, .. }))
                if !several && goes_on(last, line, right) && alike(last, line) =>
            {
                extend(paragraph, line);
                *end = bottom;
                true
            }
            _ => false,
        };
        if !joined {
            if before.is_some_and(|before| top - before > 0.75 * line.size) {
                out.push(laid(Block::Paragraph(Paragraph::default())));
            }
            let boxed = line.text().contains([TICKED, UNTICKED]);
            let heading = !boxed && (line.size > usual * 1.15 && line.bold() || line.size > usual * 1.3);
            out.push(laid(Block::Paragraph(Paragraph { spans: line.spans.clone(), heading, indented: false })));
        }
        self.last = Some(line.clone());
    }

    /// Each label with the field below it.
    fn columns(&mut self, labels: Band, fields: Band, right: f32, usual: f32, out: &mut Vec<Laid>) {
        for (label, field) in labels.cells.iter().zip(&fields.cells) {
            for line in label.lines.iter().chain(&field.lines) {
                self.line(line, true, right, usual, out);
            }
        }
        self.last = None;
    }
}

fn alike(last: &Item, line: &Item) -> bool {
    let ends_bold = |item: &Item| item.spans.last().is_some_and(|span| span.bold);
    let begins_bold = line.spans.first().is_some_and(|span| span.bold);
    (last.size - line.size).abs() < 0.6 && (!begins_bold || ends_bold(last)) && line.rect.x0 - last.rect.x0 < 40.0
}
