//! OpenDocument text (.odt) to a [`Document`]: paragraphs, headings, lists, tables, text boxes, struck and grey runs.
//!
//! Comes in: the package's bytes. Goes out: a [`Document`]. Deleted text of tracked changes is left out; nothing linked is opened.

use std::collections::HashMap;
use std::io::Cursor;

use zip::ZipArchive;

use super::docx::{part, trouble};
use super::xml::{self, Tree};
use super::{Block, Budget, Cell, Control, Document, Paragraph, Row, Span, Table, Trouble};

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
    let mut walk = Walk { looks: looks(&content), controls: Vec::new(), boxes: Vec::new() };
    let mut blocks = Vec::new();
    let body = content.root().and_then(|root| content.child(root, "body")).and_then(|body| content.child(body, "text"));
    if let Some(body) = body {
        walk.blocks(&content, body, &mut blocks);
    }
    let mut headers = Vec::new();
    let bytes = part(&mut archive, "styles.xml", budget).unwrap_or_default();
    if let Ok(styles) = xml::parse(&xml::decode(&bytes))
        && let Some(masters) = styles.root().and_then(|root| styles.child(root, "master-styles"))
    {
        for page in styles.elements(masters) {
            if let Some(header) = styles.child(page, "header") {
                walk.blocks(&styles, header, &mut headers);
            }
        }
    }
    Ok(Document { format: "odt", blocks, headers, controls: walk.controls })
}

#[derive(Clone, Copy, Default)]
struct Look {
    struck: bool,
    highlighted: bool,
    bold: bool,
    faint: bool,
}

/// The looks of the automatic styles by name.
fn looks(tree: &Tree) -> HashMap<String, Look> {
    let mut out = HashMap::new();
    let Some(styles) = tree.root().and_then(|root| tree.child(root, "automatic-styles")) else { return out };
    for style in tree.elements(styles) {
        let Some(name) = tree.attribute(style, "name") else { continue };
        let Some(text) = tree.child(style, "text-properties") else { continue };
        let is = |key: &str, value: &str| tree.attribute(text, key) == Some(value);
        let colour = tree.attribute(text, "color").unwrap_or("").trim_start_matches('#').to_owned();
        let grey = colour.len() == 6
            && colour[..2] == colour[2..4]
            && colour[2..4] == colour[4..]
            && !matches!(&colour[..2], "00" | "ff" | "FF");
        let look = Look {
            struck: tree.attribute(text, "text-line-through-style").is_some_and(|style| style != "none"),
            highlighted: tree.attribute(text, "background-color").is_some_and(|colour| colour != "transparent"),
            bold: is("font-weight", "bold"),
            faint: grey,
        };
        out.insert(name.to_owned(), look);
    }
    out
}

struct Walk {
    looks: HashMap<String, Look>,
    controls: Vec<Control>,
    boxes: Vec<Block>,
}

impl Walk {
    fn blocks(&mut self, tree: &Tree, parent: u32, out: &mut Vec<Block>) {
        for id in tree.elements(parent) {
            match tree.node(id).name {
                "p" | "h" => self.paragraph(tree, id, out),
                "table" => {
                    let mut table = Table::default();
                    self.rows(tree, id, &mut table);
                    out.push(Block::Table(table));
                }
                "tracked-changes" | "forms" | "sequence-decls" => {}
                _ => self.blocks(tree, id, out),
            }
        }
    }

    fn rows(&mut self, tree: &Tree, parent: u32, table: &mut Table) {
        for id in tree.elements(parent) {
            match tree.node(id).name {
                "table-row" => {
                    let mut row = Row::default();
                    for cell in tree.elements(id) {
                        let spanned =
                            |key| tree.attribute(cell, key).and_then(|n| n.parse::<usize>().ok()).unwrap_or(1);
                        // What a merged cell covers is no cell of its own.
                        if tree.node(cell).name == "table-cell" {
                            let mut blocks = Vec::new();
                            self.blocks(tree, cell, &mut blocks);
                            let columns = spanned("number-columns-spanned").clamp(1, 64);
                            row.cells.push(Cell {
                                blocks,
                                columns,
                                continued: false,
                                begins_merge: spanned("number-rows-spanned") > 1,
                            });
                        }
                    }
                    table.rows.push(row);
                }
                "table-header-rows" | "table-rows" | "table-row-group" => self.rows(tree, id, table),
                _ => {}
            }
        }
    }

    fn paragraph(&mut self, tree: &Tree, id: u32, out: &mut Vec<Block>) {
        let look = self.look(tree, id, Look::default());
        let mut paragraph = Paragraph { heading: tree.node(id).name == "h", ..Paragraph::default() };
        let outer = std::mem::take(&mut self.boxes);
        self.runs(tree, id, look, None, &mut paragraph.spans);
        let boxes = std::mem::replace(&mut self.boxes, outer);
        if boxes.is_empty() || !paragraph.is_blank() {
            out.push(Block::Paragraph(paragraph));
        }
        out.extend(boxes);
    }

    fn look(&self, tree: &Tree, id: u32, outer: Look) -> Look {
        let own = tree.attribute(id, "style-name").and_then(|name| self.looks.get(name)).copied().unwrap_or_default();
        Look {
            struck: outer.struck || own.struck,
            highlighted: outer.highlighted || own.highlighted,
            bold: outer.bold || own.bold,
            faint: outer.faint || own.faint,
        }
    }

    fn runs(&mut self, tree: &Tree, parent: u32, look: Look, control: Option<usize>, out: &mut Vec<Span>) {
        for id in tree.children(parent) {
            let node = tree.node(id);
            match node.name {
                "" => push(out, &collapse(&node.text), look, control),
                "tab" => push(out, "\t", look, control),
                "line-break" => push(out, "\n", look, control),
                "s" => push(out, " ", look, control),
                "text-box" => {
                    let mut blocks = Vec::new();
                    self.blocks(tree, id, &mut blocks);
                    self.boxes.append(&mut blocks);
                }
                "content-control" => {
                    let named = |key| tree.attribute(id, key).unwrap_or("").to_owned();
                    self.controls.push(Control { tag: named("tag"), alias: named("alias") });
                    let inner = Some(self.controls.len() - 1);
                    push(out, "", look, inner);
                    if tree.attribute(id, "showing-place-holder") != Some("true") {
                        self.runs(tree, id, look, inner, out);
                    }
                }
                "note" | "annotation" | "placeholder" => {}
                _ => self.runs(tree, id, self.look(tree, id, look), control, out),
            }
        }
    }
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

fn push(out: &mut Vec<Span>, text: &str, look: Look, control: Option<usize>) {
    let Look { struck, highlighted, bold, faint } = look;
    out.push(Span { text: text.to_owned(), struck, highlighted, bold, faint, control });
}
