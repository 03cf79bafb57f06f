//! Letters, fields and drawn cells of a page, or of one cell, to blocks.
//!
//! Comes in: [`Parts`]. Goes out: what they are in order. The innermost cells come first, then what they hold as tables among the
//! rest. Knows no other page.

use std::collections::HashMap;

use super::super::{Block, Cell, Row, Span, Table};
use super::content::Glyph;
use super::flow::{Laid, cell_of, flow};
use super::geometry::Rect;
use super::rules::{Grid, GridCell};
use super::typed::field;
use super::words::{self, Item};
use crate::clock::Deadline;

/// Tables within cells.
const DEPTH_MAX: usize = 5;
/// A cell as narrow as this without words is padding.
const SLIVER: f32 = 7.0;

/// An outer column as narrow as this, in which nothing ever stands, is the padding of a frame.
const PADDING: f32 = 3.0 * SLIVER;

/// What has to be put in order.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub glyphs: Vec<Glyph>,
    pub fields: Vec<Item>,
    pub grids: Vec<Grid>,
}

/// Puts parts in order; `right` is where lines could end, as far as that is known. Ends early at the deadline, with what it has.
pub(super) fn region(mut parts: Parts, right: Option<f32>, depth: usize, deadline: &Deadline) -> Vec<Laid> {
    let area = |grid: &Grid| grid.rect.width() * grid.rect.height();
    // The largest is the last, where it is taken from.
    parts.grids.sort_by(|a, b| area(a).total_cmp(&area(b)));
    let mut tables = Vec::new();
    let mut boxed = Vec::new();
    while let Some(grid) = parts.grids.pop() {
        if deadline.has_passed() {
            break;
        }
        let cells = parts.taken_out(&grid, depth);
        let blocks: Vec<Vec<Block>> = grid
            .cells
            .iter()
            .zip(cells)
            .map(|(cell, own)| {
                // What is left free at the left is left free at the right.
                let left = own.glyphs.iter().map(|glyph| glyph.x0).fold(cell.rect.x1, f32::min) - cell.rect.x0;
                let right = cell.rect.x1 - left.clamp(1.0, 12.0);
                region(own, Some(right), depth + 1, deadline).into_iter().map(|laid| laid.block).collect()
            })
            .collect();
        if is_comb(&grid, &blocks) {
            boxed.push(comb(&grid, &blocks));
        } else if grid.columns == 1 || grid.cells.len() == 1 {
            boxed.extend(grid.cells.iter().zip(blocks).filter_map(|(cell, blocks)| framed(cell.rect, blocks)));
        } else {
            tables.extend(sections(&grid, blocks));
        }
    }
    let mut items = words::items(parts.glyphs);
    items.extend(parts.fields);
    items.extend(boxed);
    flow(items, tables, right, deadline)
}

impl Parts {
    /// What stands in the cells of a grid, for each of them.
    fn taken_out(&mut self, grid: &Grid, depth: usize) -> Vec<Parts> {
        let mut cells: Vec<Parts> = grid.cells.iter().map(|_| Parts::default()).collect();
        let mut rest = Parts::default();
        // A run belongs where it begins, however far it runs over.
        let mut runs: HashMap<usize, Option<usize>> = HashMap::new();
        for glyph in std::mem::take(&mut self.glyphs) {
            let place = || grid.cell_at((glyph.x0 + glyph.x1) / 2.0, glyph.y - glyph.size * 0.3);
            let at = if glyph.run == 0 { place() } else { *runs.entry(glyph.run).or_insert_with(place) };
            at.map_or(&mut rest, |at| &mut cells[at]).glyphs.push(glyph);
        }
        for field in std::mem::take(&mut self.fields) {
            let (x, y) = field.rect.middle();
            grid.cell_at(x, y).map_or(&mut rest, |at| &mut cells[at]).fields.push(field);
        }
        for inner in std::mem::take(&mut self.grids) {
            let (x, y) = inner.rect.middle();
            let at = grid
                .cell_at(x, y)
                .filter(|at| depth < DEPTH_MAX && grid.cells[*at].rect.grown(1.0).covers(&inner.rect));
            at.map_or(&mut rest, |at| &mut cells[at]).grids.push(inner);
        }
        *self = rest;
        cells
    }
}

/// What stands in a frame: beside a label its answer.
fn framed(rect: Rect, blocks: Vec<Block>) -> Option<Item> {
    if blocks.is_empty() && rect.height() > 200.0 {
        return None;
    }
    let spans = vec![Span::default()];
    Some(Item { rect, base: rect.y1, size: rect.height().min(10.0), spans, blocks, tall: true, first: rect.width() })
}

fn words_of(blocks: &[Block]) -> String {
    let text = |block: &Block| if let Block::Paragraph(paragraph) = block { paragraph.text() } else { String::new() };
    blocks.iter().map(text).collect()
}

/// One row of narrow cells with a letter each at most.
fn is_comb(grid: &Grid, blocks: &[Vec<Block>]) -> bool {
    grid.rows == 1
        && grid.cells.len() >= 4
        && grid.cells.iter().all(|cell| cell.rect.width() < 30.0)
        && blocks.iter().all(|blocks| words_of(blocks).chars().count() <= 1)
}

fn comb(grid: &Grid, blocks: &[Vec<Block>]) -> Item {
    let words: String =
        blocks.iter().map(|blocks| words_of(blocks)).map(|one| if one.is_empty() { " ".into() } else { one }).collect();
    field(grid.rect, &words, None)
}

/// The tables of a grid. Where a frame with padding was drawn around several, what goes over the whole frame stands between them.
fn sections(grid: &Grid, blocks: Vec<Vec<Block>>) -> Vec<Laid> {
    let cells: Vec<(&GridCell, Vec<Block>)> = grid.cells.iter().zip(blocks).collect();
    let padding = |cell: &GridCell| cell.columns == (0, 1) || cell.columns == (grid.columns - 1, grid.columns);
    if !grid.is_padded(PADDING) || cells.iter().any(|(cell, blocks)| padding(cell) && !blocks.is_empty()) {
        return vec![table(grid, cells)];
    }
    let mut out = Vec::new();
    let mut own = Vec::new();
    for (cell, blocks) in cells {
        if padding(cell) {
            continue;
        }
        if cell.columns != (0, grid.columns) {
            own.push((cell, blocks));
            continue;
        }
        if !own.is_empty() {
            out.push(table(grid, std::mem::take(&mut own)));
        }
        let (top, bottom) = (cell.rect.y0, cell.rect.y1);
        out.extend(blocks.into_iter().map(|block| Laid { block, starts: Vec::new(), top, bottom }));
    }
    if !own.is_empty() {
        out.push(table(grid, own));
    }
    out.retain(|laid| !matches!(&laid.block, Block::Table(table) if table.rows.is_empty()));
    out
}

fn table(grid: &Grid, cells: Vec<(&GridCell, Vec<Block>)>) -> Laid {
    let from = cells.iter().map(|(cell, _)| cell.rows.0).min().unwrap_or(0);
    let to = cells.iter().map(|(cell, _)| cell.rows.1).max().unwrap_or(0);
    let top = cells.iter().map(|(cell, _)| cell.rect.y0).fold(f32::INFINITY, f32::min);
    let bottom = cells.iter().map(|(cell, _)| cell.rect.y1).fold(f32::NEG_INFINITY, f32::max);
    let mut starts: Vec<f32> = Vec::new();
    let mut rows: Vec<Vec<(usize, Cell)>> = vec![Vec::new(); to - from];
    for (cell, blocks) in cells {
        // The padding between a frame and the table within it.
        let edge = cell.columns.0 == 0 || cell.columns.1 == grid.columns;
        let narrow = if edge { 2.0 * SLIVER } else { SLIVER };
        if blocks.is_empty() && (cell.rect.width() < narrow || cell.rect.height() < SLIVER) {
            continue;
        }
        starts.push(cell.rect.x0);
        let columns = cell.columns.1 - cell.columns.0;
        let tall = cell.rows.1 - cell.rows.0 > 1;
        let first = cell.rows.0 - from;
        rows[first].push((cell.columns.0, Cell { blocks, columns, continued: false, begins_merge: tall }));
        for row in &mut rows[first + 1..cell.rows.1 - from] {
            row.push((cell.columns.0, Cell { columns, continued: true, ..cell_of(Vec::new()) }));
        }
    }
    let rows = rows.into_iter().map(|mut row| {
        row.sort_by_key(|(column, _)| *column);
        Row { cells: row.into_iter().map(|(_, cell)| cell).collect() }
    });
    let table = Table { rows: rows.filter(|row| row.cells.iter().any(|cell| !cell.continued)).collect() };
    starts.sort_by(f32::total_cmp);
    starts.dedup();
    Laid { block: Block::Table(table), starts, top, bottom }
}
