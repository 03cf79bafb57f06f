//! Properties of characters and paragraphs in a Word 97–2003 file: the pages that hold them, and what each single change (sprm) says.
//!
//! Comes in: the file and a place in its main stream. Goes out: [`Characters`] and [`Paragraphing`].

use super::super::Trouble;
use super::super::flow::{RowShape, Shape};
use super::TOO_LARGE;
use super::file::{File, Piece, Place, u16_at, u32_at};

/// Runs of equal properties that are kept.
const RUNS_MAX: usize = 600_000;
/// Bytes of a page of properties.
const PAGE: usize = 512;

/// A run of bytes of the main stream with equal properties: where those stand.
#[derive(Debug, Clone, Copy)]
struct Run {
    begin: u32,
    end: u32,
    /// Where the changes begin in the main stream, and how long they are.
    at: u32,
    length: u16,
    style: u16,
}

/// The property tables of a file.
pub(super) struct Properties {
    characters: Vec<Run>,
    paragraphs: Vec<Run>,
}

/// The look of characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Characters {
    pub struck: bool,
    pub highlighted: bool,
    pub bold: bool,
    pub italic: bool,
    pub grey: bool,
    /// In half points.
    pub size: u16,
    pub hidden: bool,
    pub deleted: bool,
    pub font: Option<u16>,
    /// Where the data of a field or picture stands.
    pub data: Option<u32>,
    /// A symbol: its font and code.
    pub symbol: Option<(u16, u16)>,
}

/// What is known of a paragraph by its mark.
#[derive(Debug, Clone, Default)]
pub(super) struct Paragraphing {
    pub style: u16,
    pub outlined: bool,
    in_table: bool,
    depth: u32,
    /// The mark ends a row.
    pub ends_row: bool,
    /// The mark ends a cell of a nested table.
    pub ends_inner_cell: bool,
    pub ends_inner_row: bool,
    pub shape: RowShape,
}

impl Paragraphing {
    /// The depth of the table it stands in.
    pub fn table_depth(&self) -> usize {
        (self.depth as usize).max(usize::from(self.in_table || self.ends_row))
    }
}

impl Properties {
    pub fn read(file: &File) -> Result<Properties, Trouble> {
        Ok(Properties {
            characters: runs(file, Place::Characters, false)?,
            paragraphs: runs(file, Place::Paragraphs, true)?,
        })
    }

    /// The look of the character whose bytes stand at `at`, and the first place where it may differ.
    pub fn characters(&self, file: &File, piece: &Piece, at: u32) -> (Characters, u32) {
        let mut look = Characters { size: 24, ..Characters::default() };
        let run = find(&self.characters, at);
        if let Some(run) = run {
            each(changes(file, run), |code, operand| look.apply(code, operand));
        }
        each_of_piece(file, piece, |code, operand| look.apply(code, operand));
        let next = self.characters.partition_point(|run| run.begin <= at);
        let until = run.map(|run| run.end).or_else(|| self.characters.get(next).map(|run| run.begin));
        (look, until.unwrap_or(u32::MAX))
    }

    /// What the paragraph is whose mark stands at `at`.
    pub fn paragraph(&self, file: &File, piece: &Piece, at: u32) -> Paragraphing {
        let mut out = Paragraphing::default();
        if let Some(run) = find(&self.paragraphs, at) {
            out.style = run.style;
            each(changes(file, run), |code, operand| {
                // The changes were too many for their page.
                if matches!(code, 0x6645 | 0x6646) {
                    let at = u32_at(operand, 0).unwrap_or(u32::MAX) as usize;
                    let length = usize::from(u16_at(&file.data, at).unwrap_or(0));
                    let begin = at.saturating_add(2);
                    let huge = file.data.get(begin..begin.saturating_add(length)).unwrap_or_default();
                    each(huge, |code, operand| out.apply(code, operand));
                } else {
                    out.apply(code, operand);
                }
            });
        }
        each_of_piece(file, piece, |code, operand| out.apply(code, operand));
        out
    }
}

impl Characters {
    fn apply(&mut self, code: u16, operand: &[u8]) {
        let byte = operand.first().copied().unwrap_or(0);
        // 0x81 is the opposite of the style's; styles are taken to say nothing.
        let on = matches!(byte, 1 | 0x81);
        match code {
            0x0800 => self.deleted = on,
            0x0835 => self.bold = on,
            0x0836 => self.italic = on,
            0x0837 | 0x2a53 => self.struck = on,
            0x083c | 0x0811 => self.hidden = on,
            0x2a0c => self.highlighted = byte != 0,
            0x2a42 => self.grey = matches!(byte, 15 | 16),
            0x6870 => {
                let channel = |at: usize| operand.get(at).copied().unwrap_or(0);
                let (r, g, b) = (channel(0), channel(1), channel(2));
                self.grey = r.abs_diff(g) < 12 && g.abs_diff(b) < 12 && (0x50..0xd0).contains(&r) && channel(3) == 0;
            }
            0x4a43 => self.size = u16_at(operand, 0).unwrap_or(24),
            0x4a4f => self.font = u16_at(operand, 0),
            0x6a03 => self.data = u32_at(operand, 0),
            0x6a09 => self.symbol = u16_at(operand, 0).zip(u16_at(operand, 2)),
            0xca71 => self.highlighted |= is_marker(operand),
            _ => {}
        }
    }
}

/// Shading in one of the colours of a marker pen.
fn is_marker(operand: &[u8]) -> bool {
    matches!(
        operand.get(4..8),
        Some([0xff, 0xff, 0, 0] | [0, 0xff, 0, 0] | [0, 0xff, 0xff, 0] | [0xff, 0xff, 0x99, 0] | [0x92, 0xd0, 0x50, 0])
    )
}

impl Paragraphing {
    fn apply(&mut self, code: u16, operand: &[u8]) {
        let byte = operand.first().copied().unwrap_or(0);
        match code {
            0x4600 => self.style = u16_at(operand, 0).unwrap_or(0),
            0x2640 => self.outlined = byte < 9,
            0x2416 => self.in_table = byte != 0,
            0x2417 => self.ends_row = byte != 0,
            0x6649 => self.depth = u32_at(operand, 0).unwrap_or(0).min(64),
            0x664a => {
                let by = u32_at(operand, 0).unwrap_or(0) as i32;
                self.depth = self.depth.saturating_add_signed(by).min(64);
            }
            0x244b => self.ends_inner_cell = byte != 0,
            0x244c => self.ends_inner_row = byte != 0,
            0xd608 => self.shape = row_shape(operand).unwrap_or_default(),
            // A vertical merge of one cell.
            0xd62b => {
                let flags = operand.get(1).copied().unwrap_or(0);
                if let Some(cell) = self.shape.cells.get_mut(usize::from(byte)) {
                    (cell.continued, cell.begins_merge) = (flags == 1, flags == 3);
                }
            }
            // A horizontal merge of a range of cells.
            0x5624 => {
                let end = usize::from(operand.get(1).copied().unwrap_or(0));
                let cells = self.shape.cells.iter_mut().take(end).skip(usize::from(byte) + 1);
                cells.for_each(|cell| cell.merged_left = true);
            }
            _ => {}
        }
    }
}

/// The definition of a row: how many cells, their edges, and how each is merged.
fn row_shape(operand: &[u8]) -> Option<RowShape> {
    let count = usize::from(*operand.first()?);
    let edge = |nth: usize| u16_at(operand, 1 + 2 * nth).map(|edge| i32::from(edge as i16));
    let mut shape = RowShape { left: edge(0)?, cells: Vec::new() };
    let mut merged = false;
    for nth in 0..count {
        let flags = u16_at(operand, 1 + 2 * (count + 1) + 20 * nth).unwrap_or(0);
        let in_merge = flags & 3 != 0;
        let vertical = flags >> 5 & 3;
        shape.cells.push(Shape {
            right: edge(nth + 1)?,
            merged_left: in_merge && merged,
            begins_merge: vertical == 3,
            continued: vertical == 1,
        });
        merged = in_merge;
    }
    Some(shape)
}

/// Gathers the runs of all pages of a table.
fn runs(file: &File, place: Place, of_paragraphs: bool) -> Result<Vec<Run>, Trouble> {
    let mut out: Vec<Run> = Vec::new();
    for (_, _, page) in file.ranges(place, 4) {
        let number = u32_at(page, 0).unwrap_or(u32::MAX) & 0x003f_ffff;
        let begin = number as usize * PAGE;
        let Some(page) = file.main.get(begin..begin + PAGE) else { continue };
        let count = usize::from(page[PAGE - 1]);
        for nth in 0..count {
            let width = if of_paragraphs { 13 } else { 1 };
            let (Some(from), Some(until)) = (u32_at(page, 4 * nth), u32_at(page, 4 * (nth + 1))) else { break };
            let Some(&word) = page.get(4 * (count + 1) + width * nth) else { break };
            out.push(run(page, begin, usize::from(word) * 2, (from, until), of_paragraphs));
        }
        if out.len() > RUNS_MAX {
            return Err(TOO_LARGE);
        }
    }
    out.sort_by_key(|run| run.begin);
    Ok(out)
}

fn run(page: &[u8], page_at: usize, offset: usize, (begin, end): (u32, u32), of_paragraphs: bool) -> Run {
    let mut run = Run { begin, end, at: 0, length: 0, style: 0 };
    if offset == 0 {
        return run;
    }
    let length = usize::from(page.get(offset).copied().unwrap_or(0));
    let (at, length) = match (of_paragraphs, length) {
        (false, length) => (offset + 1, length),
        (true, 0) => (offset + 2, 2 * usize::from(page.get(offset + 1).copied().unwrap_or(0))),
        (true, length) => (offset + 1, 2 * length - 1),
    };
    let style = if of_paragraphs { 2.min(length) } else { 0 };
    run.style = if of_paragraphs { u16_at(page, at).unwrap_or(0) } else { 0 };
    run.at = (page_at + at + style) as u32;
    run.length = (length - style).min(PAGE) as u16;
    run
}

fn find(runs: &[Run], at: u32) -> Option<&Run> {
    let nth = runs.partition_point(|run| run.begin <= at);
    runs.get(nth.checked_sub(1)?).filter(|run| at < run.end)
}

fn changes<'a>(file: &'a File, run: &Run) -> &'a [u8] {
    let at = run.at as usize;
    file.main.get(at..(at + usize::from(run.length)).min(file.main.len())).unwrap_or_default()
}

/// Calls `apply` with each change of a list.
fn each(mut list: &[u8], mut apply: impl FnMut(u16, &[u8])) {
    while let Some(code) = u16_at(list, 0) {
        let rest = &list[2..];
        let (skip, length) = match code >> 13 {
            0 | 1 => (0, 1),
            2 | 4 | 5 => (0, 2),
            3 => (0, 4),
            7 => (0, 3),
            // A row's definition is longer than one byte can say.
            _ if code == 0xd608 => (2, usize::from(u16_at(rest, 0).unwrap_or(0)).saturating_sub(1)),
            _ if code == 0xc615 && rest.first() == Some(&255) => return,
            _ => (1, usize::from(rest.first().copied().unwrap_or(0))),
        };
        let Some(operand) = rest.get(skip..skip + length) else { return };
        apply(code, operand);
        list = &rest[skip + length..];
    }
}

/// The changes that a fast save noted with a piece.
fn each_of_piece(file: &File, piece: &Piece, mut apply: impl FnMut(u16, &[u8])) {
    if piece.change & 1 == 1 {
        if let Some(list) = file.changes.get(usize::from(piece.change >> 1)) {
            each(list, apply);
        }
        return;
    }
    let code = match piece.change >> 1 & 0x7f {
        0x18 => 0x2416,
        0x19 => 0x2417,
        0x41 => 0x0800,
        0x4d => 0x2a0c,
        0x55 => 0x0835,
        0x56 => 0x0836,
        0x57 => 0x0837,
        0x5c => 0x083c,
        0x62 => 0x2a42,
        _ => return,
    };
    apply(code, &[(piece.change >> 8) as u8]);
}
