//! A stream of text and marks, as RTF and old Word files hold it, to blocks: marks end paragraphs, cells and rows, each at a depth.
//!
//! Comes in: runs of text, and marks with the depth of the table they stand in (0 is no table). Goes out: [`Block`]s with nested tables,
//! columns counted by the cells' edges, merged cells as one. Bounded in depth and number; knows no file format.

use super::{Block, Cell, Paragraph, Row, Span, Table};

/// Tables within one another; deeper ones are read as if they stood at this depth.
const DEPTH_MAX: usize = 12;
/// Paragraphs, cells and runs of one document.
const PIECES_MAX: usize = 100_000;
/// Edges of cells closer than this are one edge, in twips.
const EDGE_TOLERANCE: i32 = 30;

/// The look of a run and the control it stands in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub struck: bool,
    pub highlighted: bool,
    pub bold: bool,
    pub faint: bool,
    pub control: Option<usize>,
}

/// Where a cell ends and how it is merged.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shape {
    /// Its right edge, in twips.
    pub right: i32,
    /// It belongs to the cell at its left.
    pub merged_left: bool,
    /// It begins a vertical merge.
    pub begins_merge: bool,
    /// It continues the cell above.
    pub continued: bool,
}

/// The shapes of a row's cells.
#[derive(Debug, Clone, Default)]
pub(super) struct RowShape {
    /// The left edge, in twips.
    pub left: i32,
    /// The cells in order; may be fewer than there are.
    pub cells: Vec<Shape>,
}

/// The table in hand at one depth.
#[derive(Default)]
struct Level {
    rows: Vec<(Vec<Vec<Block>>, RowShape)>,
    cells: Vec<Vec<Block>>,
    blocks: Vec<Block>,
}

/// Gathers a stream; see the module.
pub(super) struct Flow {
    levels: Vec<Level>,
    paragraph: Paragraph,
    boxes: Vec<Block>,
    pieces: usize,
}

impl Flow {
    pub fn new() -> Flow {
        Flow { levels: vec![Level::default()], paragraph: Paragraph::default(), boxes: Vec::new(), pieces: 0 }
    }

    /// Adds text, joined to the run before where it looks the same; an empty text marks a control.
    pub fn text(&mut self, text: &str, look: Look) {
        if text.is_empty() && look.control.is_none() {
            return;
        }
        let Look { struck, highlighted, bold, faint, control } = look;
        if let Some(last) = self.paragraph.spans.last_mut()
            && (last.struck, last.highlighted, last.bold, last.faint, last.control)
                == (struck, highlighted, bold, faint, control)
        {
            last.text.push_str(text);
            return;
        }
        self.pieces += 1;
        self.paragraph.spans.push(Span { text: text.to_owned(), struck, highlighted, bold, faint, control });
    }

    /// Blocks of a text box: they follow the paragraph in hand.
    pub fn text_box(&mut self, blocks: Vec<Block>) {
        self.boxes.extend(blocks);
    }

    pub fn end_paragraph(&mut self, depth: usize, heading: bool) {
        let mut paragraph = std::mem::take(&mut self.paragraph);
        paragraph.heading = heading;
        let boxes = std::mem::take(&mut self.boxes);
        let blocks = self.at_depth(depth);
        if boxes.is_empty() || !paragraph.is_blank() {
            blocks.push(Block::Paragraph(paragraph));
        }
        blocks.extend(boxes);
        self.pieces += 1;
    }

    pub fn end_cell(&mut self, depth: usize, heading: bool) {
        let depth = depth.max(1);
        self.end_paragraph(depth, heading);
        let blocks = std::mem::take(self.at_depth(depth));
        if let Some(level) = self.levels.last_mut() {
            level.cells.push(blocks);
        }
        self.pieces += 1;
    }

    pub fn end_row(&mut self, depth: usize, shape: RowShape) {
        self.at_depth(depth.max(1));
        // The row's own mark is no words of anybody.
        self.paragraph = Paragraph::default();
        if let Some(level) = self.levels.last_mut() {
            let cells = std::mem::take(&mut level.cells);
            if !cells.is_empty() {
                level.rows.push((cells, shape));
            }
        }
    }

    /// More than is read.
    pub fn is_full(&self) -> bool {
        self.pieces > PIECES_MAX
    }

    /// All blocks; what was open is closed.
    pub fn finish(mut self) -> Vec<Block> {
        if !self.paragraph.spans.is_empty() || !self.boxes.is_empty() {
            // After a row that was ended, words that no mark follows stand below the table.
            let in_row = |level: &Level| !level.cells.is_empty() || !level.blocks.is_empty();
            let depth = self.levels.iter().rposition(in_row).unwrap_or(0);
            self.end_paragraph(depth, false);
        }
        std::mem::take(self.at_depth(0))
    }

    /// The blocks in hand at a depth; deeper tables are closed, missing ones opened.
    fn at_depth(&mut self, depth: usize) -> &mut Vec<Block> {
        let depth = depth.min(DEPTH_MAX);
        while self.levels.len() > depth + 1 {
            let closed = self.levels.pop().unwrap_or_default();
            if let (Some(table), Some(outer)) = (closed.table(), self.levels.last_mut()) {
                outer.blocks.push(Block::Table(table));
            }
        }
        while self.levels.len() < depth + 1 {
            self.pieces += 1;
            self.levels.push(Level::default());
        }
        &mut self.levels[depth].blocks
    }
}

impl Level {
    fn table(mut self) -> Option<Table> {
        // Cells whose row was never ended, and blocks whose cell was not.
        if !self.blocks.is_empty() {
            self.cells.push(self.blocks);
        }
        if !self.cells.is_empty() {
            self.rows.push((self.cells, RowShape::default()));
        }
        let mut edges: Vec<i32> =
            self.rows.iter().flat_map(|(_, shape)| shape.cells.iter().map(|cell| cell.right)).collect();
        edges.sort_unstable();
        edges.dedup_by(|next, kept| next.saturating_sub(*kept) <= EDGE_TOLERANCE);
        let rows: Vec<Row> = self.rows.into_iter().map(|(cells, shape)| row(cells, &shape, &edges)).collect();
        (!rows.is_empty()).then_some(Table { rows })
    }
}

fn row(cells: Vec<Vec<Block>>, shape: &RowShape, edges: &[i32]) -> Row {
    let mut row = Row::default();
    let mut left = shape.left;
    for (nth, blocks) in cells.into_iter().enumerate() {
        let own = shape.cells.get(nth).copied();
        let columns = own.map_or(1, |own| {
            let within = |edge: &&i32| **edge > left.saturating_add(EDGE_TOLERANCE) && **edge <= own.right;
            edges.iter().filter(within).count().clamp(1, 64)
        });
        let own = own.unwrap_or_default();
        left = own.right.max(left);
        let blank = blocks.iter().all(|block| matches!(block, Block::Paragraph(paragraph) if paragraph.is_blank()));
        match row.cells.last_mut() {
            Some(first) if own.merged_left && blank => first.columns = (first.columns + columns).min(64),
            _ => row.cells.push(Cell {
                blocks,
                columns,
                continued: own.continued && blank,
                begins_merge: own.begins_merge,
            }),
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(rights: &[i32]) -> RowShape {
        RowShape { left: 0, cells: rights.iter().map(|&right| Shape { right, ..Shape::default() }).collect() }
    }

    #[test]
    fn columns_are_counted_by_edges_and_tables_nest() {
        let mut flow = Flow::new();
        let say = |flow: &mut Flow, text| flow.text(text, Look::default());
        say(&mut flow, "wide");
        flow.end_cell(1, false);
        flow.end_row(1, shape(&[3000]));
        for text in ["a", "b"] {
            say(&mut flow, text);
            flow.end_cell(1, false);
        }
        flow.end_row(1, shape(&[1000, 3010]));
        say(&mut flow, "inner");
        flow.end_cell(2, false);
        flow.end_row(2, shape(&[500]));
        say(&mut flow, "after");
        flow.end_cell(1, false);
        flow.end_row(1, shape(&[3000]));
        say(&mut flow, "below");
        flow.end_paragraph(0, false);
        let blocks = flow.finish();
        let Block::Table(table) = &blocks[0] else { panic!("a table comes first") };
        assert_eq!(table.rows[0].cells[0].columns, 2);
        assert_eq!(table.rows[1].cells.iter().map(|cell| cell.columns).collect::<Vec<_>>(), [1, 1]);
        assert!(matches!(&table.rows[2].cells[0].blocks[0], Block::Table(inner) if inner.rows.len() == 1));
        assert!(matches!(&blocks[1], Block::Paragraph(paragraph) if paragraph.text() == "below"));
    }

    #[test]
    fn what_is_never_ended_is_still_there() {
        let mut flow = Flow::new();
        flow.text("lost?", Look::default());
        flow.end_cell(3, false);
        flow.text("nor this", Look::default());
        let document = crate::document::Document { blocks: flow.finish(), ..Default::default() };
        assert!(document.text().contains("lost?") && document.text().contains("nor this"));
    }
}
