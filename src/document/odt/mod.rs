//! OpenDocument text (.odt) to a [`Document`]: paragraphs, lists, tables with merged cells, text boxes and shapes, fields, form elements.
//!
//! Comes in: the package's bytes. Goes out: a [`Document`]. Deleted text of tracked changes and hidden text are left out; nothing linked is
//! opened.

mod fields;
mod looks;

use std::collections::HashMap;
use std::io::Cursor;

use zip::ZipArchive;

use super::docx::{part, symbol, trouble};
use super::xml::{self, Tree};
use super::{Block, Budget, Cell, Control, Document, Paragraph, Row, Span, Table, Trouble};
use fields::Element;
use looks::Look;

/// Empty cells of a row that a repetition may make, and columns that a cell may span.
const REPEATED_MAX: usize = 64;

const PASSWORD: Trouble = Trouble::new("password_protected", "The file is protected with a password.");

/// Reads an OpenDocument text.
///
/// # Errors
/// A [`Trouble`] with one of the codes corrupt, password_protected, too_large, too_deep.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Trouble> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| trouble(&error))?;
    let manifest = part(&mut archive, "META-INF/manifest.xml", budget).unwrap_or_default();
    if manifest.windows(15).any(|window| window == b"encryption-data") {
        return Err(PASSWORD);
    }
    let bytes = part(&mut archive, "content.xml", budget)?;
    let source = xml::decode(&bytes);
    let content = xml::parse(&source)?;
    let mut walk = Walk { looks: looks::read(&content), ..Walk::default() };
    let mut blocks = Vec::new();
    let body = content.root().and_then(|root| content.child(root, "body")).and_then(|body| content.child(body, "text"));
    if let Some(body) = body {
        if let Some(forms) = content.child(body, "forms") {
            fields::elements(&content, forms, &mut walk.elements, 0);
        }
        walk.blocks(&content, body, &mut blocks);
    }
    let mut headers = Vec::new();
    let bytes = part(&mut archive, "styles.xml", budget).unwrap_or_default();
    if let Ok(styles) = xml::parse(&xml::decode(&bytes))
        && let Some(masters) = styles.root().and_then(|root| styles.child(root, "master-styles"))
    {
        walk.open.clear();
        for page in styles.elements(masters) {
            if let Some(header) = styles.child(page, "header") {
                walk.blocks(&styles, header, &mut headers);
            }
        }
    }
    Ok(Document { format: "odt", blocks, headers, controls: walk.controls, cut: false })
}

/// A field mark that has begun: its control, and whether what stands here is its instruction.
struct OpenField {
    control: Option<usize>,
    silent: bool,
}

#[derive(Default)]
struct Walk {
    looks: HashMap<String, Look>,
    elements: HashMap<String, Element>,
    controls: Vec<Control>,
    boxes: Vec<Block>,
    open: Vec<OpenField>,
}

/// The vertical merges that hang down into the row at hand: by column, rows left and columns.
type Hanging = HashMap<usize, (usize, usize)>;

impl Walk {
    fn blocks(&mut self, tree: &Tree, parent: u32, out: &mut Vec<Block>) {
        for id in tree.elements(parent) {
            match tree.node(id).name {
                "p" | "h" => self.paragraph(tree, id, out),
                "table" => {
                    let mut table = Table::default();
                    self.rows(tree, id, &mut table, &mut Hanging::new());
                    out.push(Block::Table(table));
                }
                "tracked-changes" | "forms" | "sequence-decls" | "enhanced-geometry" | "title" | "desc"
                | "annotation" => {}
                "section" if tree.attribute(id, "display") == Some("none") => {}
                "frame" | "custom-shape" | "rect" | "control" => self.drawing(tree, id, Look::default(), out),
                _ => self.blocks(tree, id, out),
            }
        }
    }

    /// A drawing that stands between paragraphs.
    fn drawing(&mut self, tree: &Tree, id: u32, look: Look, out: &mut Vec<Block>) {
        let outer = std::mem::take(&mut self.boxes);
        let mut spans = Vec::new();
        self.run(tree, id, look, &mut spans);
        if !spans.is_empty() {
            out.push(Block::Paragraph(Paragraph { spans, ..Paragraph::default() }));
        }
        out.extend(std::mem::replace(&mut self.boxes, outer));
    }

    fn rows(&mut self, tree: &Tree, parent: u32, table: &mut Table, hanging: &mut Hanging) {
        for id in tree.elements(parent) {
            match tree.node(id).name {
                "table-row" if !matches!(tree.attribute(id, "visibility"), Some("collapse" | "filter")) => {
                    let row = self.row(tree, id, hanging);
                    table.rows.push(row);
                }
                "table-header-rows" | "table-rows" | "table-row-group" => self.rows(tree, id, table, hanging),
                _ => {}
            }
        }
    }

    fn row(&mut self, tree: &Tree, id: u32, hanging: &mut Hanging) -> Row {
        let mut row = Row::default();
        let mut column = 0;
        for cell in tree.elements(id) {
            let times = count(tree, cell, "number-columns-repeated");
            match tree.node(cell).name {
                "table-cell" => {
                    let mut blocks = Vec::new();
                    self.blocks(tree, cell, &mut blocks);
                    let columns = count(tree, cell, "number-columns-spanned");
                    let rows = tree.attribute(cell, "number-rows-spanned").and_then(|n| n.parse().ok()).unwrap_or(1);
                    if rows > 1 {
                        hanging.insert(column, (rows, columns));
                    }
                    let cell = Cell { blocks, columns, continued: false, begins_merge: rows > 1 };
                    // Words are repeated by nobody, and may be many.
                    let blank = |block: &Block| matches!(block, Block::Paragraph(paragraph) if paragraph.is_blank());
                    let small = cell.blocks.len() <= 2 && cell.blocks.iter().all(blank);
                    let room = if small { REPEATED_MAX.saturating_sub(row.cells.len()).max(1) } else { 1 };
                    row.cells.extend(std::iter::repeat_n(cell, times.min(room)));
                    column += times * columns;
                }
                // What is covered from the left is no cell of its own; what is covered from above continues that cell.
                "covered-table-cell" => {
                    for _ in 0..times {
                        if let Some(&(_, columns)) = hanging.get(&column)
                            && !begins_here(&row, column)
                        {
                            row.cells.push(Cell { columns, continued: true, ..Cell::default() });
                        }
                        column += 1;
                    }
                }
                _ => {}
            }
        }
        hanging.retain(|_, (rows, _)| {
            *rows -= 1;
            *rows > 0
        });
        row
    }

    fn paragraph(&mut self, tree: &Tree, id: u32, out: &mut Vec<Block>) {
        let look = self.look(tree, id, Look::default());
        let style = tree.attribute(id, "style-name").unwrap_or("");
        let heading = tree.node(id).name == "h" || look.heading || looks::is_heading(style);
        let mut paragraph = Paragraph { heading, ..Paragraph::default() };
        let outer = std::mem::take(&mut self.boxes);
        self.runs(tree, id, look, &mut paragraph.spans);
        let boxes = std::mem::replace(&mut self.boxes, outer);
        if boxes.is_empty() || !paragraph.is_blank() {
            out.push(Block::Paragraph(paragraph));
        }
        out.extend(boxes);
    }

    fn look(&self, tree: &Tree, id: u32, outer: Look) -> Look {
        let own = tree.attribute(id, "style-name").and_then(|name| self.looks.get(name)).copied().unwrap_or_default();
        outer.with(own)
    }

    fn runs(&mut self, tree: &Tree, parent: u32, look: Look, out: &mut Vec<Span>) {
        for id in tree.children(parent) {
            self.run(tree, id, look, out);
        }
    }

    fn run(&mut self, tree: &Tree, id: u32, look: Look, out: &mut Vec<Span>) {
        let node = tree.node(id);
        match node.name {
            "" => self.push(&collapse(&node.text), look, out),
            "tab" => self.push("\t", look, out),
            "line-break" => self.push("\n", look, out),
            "s" => self.push(&" ".repeat(count(tree, id, "c")), look, out),
            "text-box" | "custom-shape" | "rect" => {
                let mut blocks = Vec::new();
                self.blocks(tree, id, &mut blocks);
                self.boxes.append(&mut blocks);
            }
            "content-control" => self.content_control(tree, id, look, out),
            "fieldmark" | "fieldmark-start" => self.field_begins(tree, id, look, out),
            "fieldmark-separator" => self.open.last_mut().into_iter().for_each(|field| field.silent = false),
            "fieldmark-end" => drop(self.open.pop()),
            "control" => {
                let shown = tree.attribute(id, "control").and_then(|id| self.elements.remove(id));
                if let Some(Element { control, shown }) = shown {
                    self.in_control(control, &shown, look, out);
                }
            }
            "note" | "annotation" | "placeholder" | "hidden-text" | "title" | "desc" | "enhanced-geometry"
            | "tracked-changes" => {}
            _ => self.runs(tree, id, self.look(tree, id, look), out),
        }
    }

    fn content_control(&mut self, tree: &Tree, id: u32, look: Look, out: &mut Vec<Span>) {
        let named = |key| tree.attribute(id, key).unwrap_or("").to_owned();
        self.controls.push(Control { tag: named("tag"), alias: named("alias") });
        self.open.push(OpenField { control: Some(self.controls.len() - 1), silent: false });
        let begin = out.len();
        if tree.attribute(id, "checkbox") == Some("true") {
            let ticked = tree.attribute(id, "checked") == Some("true");
            self.push(&fields::tick(ticked), look, out);
        } else if tree.attribute(id, "showing-place-holder") != Some("true") {
            self.runs(tree, id, look, out);
        }
        if out.len() == begin {
            self.push("", look, out);
        }
        self.open.pop();
    }

    fn field_begins(&mut self, tree: &Tree, id: u32, look: Look, out: &mut Vec<Span>) {
        let tag = tree.attribute(id, "name").unwrap_or("").to_owned();
        let control = Control { tag, alias: String::new() };
        let begins = tree.node(id).name == "fieldmark-start";
        match fields::mark(tree, id) {
            Some(shown) => {
                self.in_control(control, &shown, look, out);
                if begins {
                    self.open.push(OpenField { control: None, silent: true });
                }
            }
            None if begins => {
                let is_form = tree.attribute(id, "type").is_some_and(|kind| kind.contains(".field.FORM"));
                if is_form {
                    self.controls.push(control);
                }
                let control = is_form.then(|| self.controls.len() - 1);
                self.open.push(OpenField { control, silent: true });
                if is_form {
                    out.push(Span { control, ..Span::default() });
                }
            }
            None => {}
        }
    }

    fn in_control(&mut self, control: Control, shown: &str, look: Look, out: &mut Vec<Span>) {
        self.controls.push(control);
        self.open.push(OpenField { control: Some(self.controls.len() - 1), silent: false });
        self.push(shown, look, out);
        self.open.pop();
    }

    fn push(&self, text: &str, look: Look, out: &mut Vec<Span>) {
        if look.hidden || self.open.iter().any(|field| field.silent) {
            return;
        }
        let sign = |c: char| match c {
            '\u{f000}'..='\u{f0ff}' => symbol(c as u32),
            c if look.signs => Some(symbol(c as u32).unwrap_or(c)),
            c => Some(c),
        };
        let text: String = text.chars().filter_map(sign).collect();
        let Look { struck, highlighted, bold, faint, .. } = look;
        let control = self.open.iter().rev().find_map(|field| field.control);
        out.push(Span { text, struck, highlighted, bold, faint, control });
    }
}

/// A number of an attribute, at least 1 and bounded.
fn count(tree: &Tree, id: u32, key: &str) -> usize {
    tree.attribute(id, key).and_then(|n| n.parse::<usize>().ok()).unwrap_or(1).clamp(1, REPEATED_MAX)
}

/// Whether a merge that hangs in a column has begun in this very row.
fn begins_here(row: &Row, column: usize) -> bool {
    let mut at = 0;
    row.cells.iter().any(|cell| {
        let here = cell.begins_merge && (at..at + cell.columns).contains(&column);
        at += cell.columns;
        here
    })
}

/// White space within a paragraph counts once.
fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !matches!(c, '\n' | '\r' | '\t' | ' ') {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}
