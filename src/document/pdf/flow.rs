//! Placed words to bands of what stands beside each other, and those to blocks.
//!
//! Comes in: the [`Item`]s of a page or of a drawn cell. Goes out: blocks from top to bottom, which `arrange` makes of the bands.
//! Knows no drawn lines.

use super::super::{Block, Cell, Paragraph, Span};
use super::arrange::arrange;
use super::words::Item;
use crate::clock::Deadline;

/// Beginnings this near are one column.
pub(super) const ALIGNED: f32 = 7.0;

/// Lines of a column, or items of a row, that are asked whether one more belongs to them.
const LINES_ASKED: usize = 100;
/// Fields and boxes that are asked whether a line stands beside them.
const ROWS_ASKED: usize = 100;

/// A block with its place.
#[derive(Debug, Clone)]
pub(super) struct Laid {
    pub block: Block,
    /// Where its columns begin, for a table.
    pub starts: Vec<f32>,
    pub top: f32,
    pub bottom: f32,
}

/// Lines one below the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Stack {
    pub x0: f32,
    pub x1: f32,
    pub lines: Vec<Item>,
}

/// What stands beside each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Band {
    pub cells: Vec<Stack>,
    pub top: f32,
    pub bottom: f32,
}

/// Arranges items; `right` is where their lines could end, as far as that is known. `tables` have their place among them.
///
/// Ends early at the deadline, with what it has.
pub(super) fn flow(items: Vec<Item>, tables: Vec<Laid>, right: Option<f32>, deadline: &Deadline) -> Vec<Laid> {
    let widest = items.iter().map(|item| item.rect.x1).fold(f32::NEG_INFINITY, f32::max);
    let right = right.map_or(widest, |right| right.max(widest));
    let usual = usual_size(&items);
    let bands = bands(items);
    let mut out = Vec::new();
    let mut tables = tables;
    tables.sort_by(|a, b| a.top.total_cmp(&b.top));
    let mut tables = tables.into_iter().peekable();
    let mut waiting: Vec<Band> = Vec::new();
    for band in bands {
        while tables.peek().is_some_and(|table| table.top <= (band.top + band.bottom) / 2.0) {
            arrange(std::mem::take(&mut waiting), right, usual, &mut out, deadline);
            out.extend(tables.next());
        }
        waiting.push(band);
    }
    arrange(waiting, right, usual, &mut out, deadline);
    out.extend(tables);
    out
}

fn usual_size(items: &[Item]) -> f32 {
    let mut sizes: Vec<f32> = items.iter().filter(|item| !item.tall).map(|item| item.size).collect();
    sizes.sort_by(f32::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or(10.0)
}

/// Items that stand beside each other.
fn bands(items: Vec<Item>) -> Vec<Band> {
    let (mut tall, mut flat): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| item.tall);
    tall.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
    let mut rows: Vec<(f32, f32, Vec<Item>)> = Vec::new();
    for item in tall {
        let fits = |row: &(f32, f32, Vec<Item>)| {
            let shared = row.1.min(item.rect.y1) - row.0.max(item.rect.y0);
            shared > 0.5 * (row.1 - row.0).min(item.rect.height())
        };
        match rows.iter_mut().rev().take(12).find(|row| fits(row)) {
            Some(row) => {
                row.0 = row.0.min(item.rect.y0);
                row.1 = row.1.max(item.rect.y1);
                row.2.push(item);
            }
            None => rows.push((item.rect.y0, item.rect.y1, vec![item])),
        }
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let anchors = rows.len();
    flat.sort_by(|a, b| a.base.total_cmp(&b.base));
    for item in flat {
        let (_, y) = item.rect.middle();
        let above = rows[..anchors].partition_point(|row| row.0 - 1.0 <= y);
        let asked = above.saturating_sub(ROWS_ASKED);
        let anchor = rows[asked..above].iter().position(|row| y <= row.1 + 1.0).map(|at| at + asked);
        let same = |row: &(f32, f32, Vec<Item>)| {
            row.2
                .iter()
                .rev()
                .take(LINES_ASKED)
                .any(|other| (other.base - item.base).abs() <= 0.4 * item.size.min(other.size))
        };
        let at = anchor.or_else(|| {
            let recent = rows.len().saturating_sub(6).max(anchors);
            rows[recent..].iter().position(same).map(|at| at + recent)
        });
        match at {
            Some(at) => {
                let row = &mut rows[at];
                row.0 = row.0.min(item.rect.y0);
                row.1 = row.1.max(item.rect.y1);
                row.2.push(item);
            }
            None => rows.push((item.rect.y0, item.rect.y1, vec![item])),
        }
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(top, bottom, items)| Band { cells: stacks(items), top, bottom }).collect()
}

/// The columns of one band: what stands one below the other is one, and so are boxes beside each other.
fn stacks(mut items: Vec<Item>) -> Vec<Stack> {
    items.sort_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0));
    let mut out: Vec<Stack> = Vec::new();
    for item in items {
        let last = out.last_mut();
        match last {
            Some(stack)
                if (item.rect.x0 < stack.x1 - 1.0 && !stack.overlaps_line(&item))
                    || (item.holds_box() && stack.holds_box()) =>
            {
                stack.x1 = stack.x1.max(item.rect.x1);
                stack.add_beside(item);
            }
            _ => out.push(Stack { x0: item.rect.x0, x1: item.rect.x1, lines: vec![item] }),
        }
    }
    for stack in &mut out {
        stack.lines.sort_by(|a, b| a.base.total_cmp(&b.base));
    }
    out
}

impl Stack {
    fn holds_box(&self) -> bool {
        self.lines.iter().rev().take(LINES_ASKED).any(Item::holds_box)
    }

    /// What is written over the end of a line stands beside it.
    fn overlaps_line(&self, item: &Item) -> bool {
        let beside = |line: &Item| {
            !line.tall && (line.base - item.base).abs() <= 0.3 * item.size && item.rect.x0 > line.rect.x0 + item.size
        };
        !item.tall && self.lines.iter().rev().take(LINES_ASKED).any(beside)
    }

    /// One more item: at the end of the line that it stands on, or a line of its own.
    fn add_beside(&mut self, item: Item) {
        let asked = self.lines.len().saturating_sub(LINES_ASKED);
        let beside = self.lines[asked..].iter_mut().find(|line| {
            !line.tall
                && !item.tall
                && (line.base - item.base).abs() <= 0.4 * item.size
                && item.rect.x0 >= line.rect.x1 - 1.0
        });
        match beside {
            Some(line) => {
                line.spans.push(Span { text: "  ".to_owned(), ..Span::default() });
                line.spans.extend(item.spans);
                line.rect.x1 = item.rect.x1;
            }
            None => self.lines.push(item),
        }
    }

    pub fn last(&self) -> Option<&Item> {
        self.lines.last()
    }

    pub fn first(&self) -> Option<&Item> {
        self.lines.first()
    }

    pub fn is_field(&self) -> bool {
        self.lines.iter().all(|line| line.tall)
    }

    /// Its lines as blocks; lines that only wrapped are one paragraph.
    pub fn blocks(&self, right: f32) -> Vec<Block> {
        let mut out: Vec<Block> = Vec::new();
        let mut before: Option<&Item> = None;
        for line in &self.lines {
            if !line.blocks.is_empty() || line.tall {
                out.extend(line.blocks.iter().cloned());
                before = None;
                continue;
            }
            match (out.last_mut(), before) {
                (Some(Block::Paragraph(paragraph)), Some(last)) if goes_on(last, line, right) => {
                    extend(paragraph, line);
                }
                _ => out.push(Block::Paragraph(Paragraph { spans: line.spans.clone(), ..Paragraph::default() })),
            }
            before = Some(line);
        }
        out
    }
}

/// Goes on with a line.
pub(super) fn extend(paragraph: &mut Paragraph, line: &Item) {
    // A column so narrow that a word was cut after its first letter.
    let cut = paragraph.spans.len() == 1
        && paragraph.text().trim().chars().count() == 1
        && line.text().starts_with(char::is_lowercase);
    if let Some(last) = paragraph.spans.last_mut()
        && !last.text.ends_with([' ', '-', '/'])
        && !cut
    {
        last.text.push(' ');
    }
    paragraph.spans.extend(line.spans.iter().cloned());
}

/// The line follows tightly, and its first word did not fit at the end of the line before.
pub(super) fn goes_on(last: &Item, line: &Item, right: f32) -> bool {
    let tight = line.base - last.base <= 1.75 * last.size.max(line.size);
    let new = (line.begins_with_box() && !last.awaits_box()) || is_listed(&line.text());
    tight && is_full(last, line, right) && !new
}

fn is_full(last: &Item, line: &Item, right: f32) -> bool {
    last.rect.x1 + line.first + 0.2 * line.size > right - 2.0
}

/// A bullet or a number begins the line.
fn is_listed(text: &str) -> bool {
    let text = text.trim_start();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.starts_with(['•', '●', '▪', '◦', '–'])
        || (rest.len() < text.len() && rest.starts_with([')', '.']) && rest[1..].starts_with(' '))
}

/// A cell of one column.
pub(super) fn cell_of(blocks: Vec<Block>) -> Cell {
    Cell { blocks, columns: 1, ..Cell::default() }
}
