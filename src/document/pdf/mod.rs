//! PDF: form fields in their places, and printed words in the rows and columns that they were drawn in.
//!
//! Comes in: a file's bytes. Goes out: a [`Document`] as every reader gives, or the files that a portfolio carries. A field is a
//! control in the place of its widget, so the words printed beside it are its label whatever the field is called. Files that are
//! damaged are read as far as they can be; a password, pictures without words, letters nobody can tell are said to be what they
//! are (I8). Every inflated byte is counted, every walk is bounded (M17). Knows nothing of forms.

mod cmap;
mod content;
mod embedded;
mod fields;
mod file;
mod flow;
mod font;
mod geometry;
mod lex;
mod marks;
mod page;
mod pages;
mod rules;
mod symbols;
mod words;
mod xfa;

use std::collections::HashSet;

use super::{Block, Budget, Contents, Control, Document, Paragraph, Row, Span, TOO_SLOW, Table, Trouble};
use content::Walker;
use file::{CORRUPT, File};
use page::PageRead;

/// Pages that are read.
const PAGES_MAX: usize = 300;

const SCANNED: Trouble = Trouble::new("scanned_image", "The file holds pictures of pages; their words cannot be read.");
const LETTERS: Trouble = Trouble::new("unsupported_format", "The file does not say which letters its fonts draw.");
const LONG: Trouble = Trouble::new("too_large", "The file has more pages than are read.");

/// Reads a PDF file.
///
/// # Errors
/// `password_protected`, `scanned_image`, `corrupt`, `too_large`, `too_slow`; `unsupported_format` where its fonts say no letters.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Contents, Trouble> {
    let file = File::open(bytes, budget)?;
    let files = embedded::files(&file, budget);
    let document = document(&file, budget);
    match (document, files) {
        (document, files) if files.is_empty() => document.map(Contents::Document),
        (document, mut files) => {
            // The cover page may be a form itself: it goes on as a file without what it carries.
            if document.as_ref().is_ok_and(|document| document.text().trim().len() > 200)
                && let Some(bytes) = embedded::cover(bytes, budget)
            {
                files.insert(0, ("document.pdf".to_owned(), Ok(bytes)));
            }
            Ok(Contents::Files(files))
        }
    }
}

fn document(file: &File, budget: &mut Budget) -> Result<Document, Trouble> {
    let mut walker = Walker::new(file);
    let mut controls = Vec::new();
    let mut named = HashSet::new();
    let mut pages: Vec<PageRead> = Vec::new();
    for id in file.pages() {
        if budget.deadline.has_passed() {
            return Err(TOO_SLOW);
        }
        if pages.len() == PAGES_MAX {
            return Err(LONG);
        }
        pages.push(page::read(&mut walker, id, &mut controls, &mut named, budget)?);
    }
    if pages.is_empty() {
        return Err(CORRUPT);
    }
    let sum = |count: fn(&PageRead) -> usize| pages.iter().map(count).sum::<usize>();
    let (letters, unknown, pictures) = (sum(|page| page.letters), sum(|page| page.unknown), sum(|page| page.pictures));
    let mut headers = pages::furniture(&mut pages);
    for page in &mut pages {
        page.lay_out();
        if budget.deadline.has_passed() {
            return Err(TOO_SLOW);
        }
    }
    let count = pages.len();
    let mut blocks = pages::joined(pages);
    rest(file, &named, &mut blocks, &mut controls, budget);
    let answered = controls.len() > 5;
    let filled = spans(&blocks).any(|span| span.control.is_some() && !span.text.is_empty());
    let mut from_xfa = false;
    if !filled && let Some(rows) = xfa::rows(file, budget) {
        from_xfa = true;
        if !answered {
            headers.append(&mut blocks);
        }
        blocks.push(Block::Table(rows));
    }
    if !from_xfa && !answered {
        if pictures > 0 && letters < 40 * count {
            return Err(SCANNED);
        }
        if unknown * 4 > letters.max(1) {
            return Err(LETTERS);
        }
    }
    Ok(Document { format: "pdf", blocks, headers, controls })
}

/// Fields with a value on no page, by their names.
fn rest(
    file: &File,
    named: &HashSet<String>,
    blocks: &mut Vec<Block>,
    controls: &mut Vec<Control>,
    budget: &mut Budget,
) {
    let rows: Vec<Row> = fields::elsewhere(file, named, budget)
        .into_iter()
        .map(|(name, tip, value)| {
            let label = if tip.is_empty() {
                name.rsplit('.').next().unwrap_or_default().replace('_', " ")
            } else {
                tip.clone()
            };
            controls.push(Control { tag: name, alias: tip });
            row(&label, &value, Some(controls.len() - 1))
        })
        .collect();
    if !rows.is_empty() {
        blocks.push(Block::Table(Table { rows }));
    }
}

/// A label and its answer.
fn row(label: &str, value: &str, control: Option<usize>) -> Row {
    let answer =
        Paragraph { spans: vec![Span { text: value.to_owned(), control, ..Span::default() }], ..Paragraph::default() };
    let cells = [Paragraph::plain(label), answer].map(|paragraph| flow::cell_of(vec![Block::Paragraph(paragraph)]));
    Row { cells: cells.into() }
}

fn spans(blocks: &[Block]) -> Box<dyn Iterator<Item = &Span> + '_> {
    Box::new(blocks.iter().flat_map(|block| match block {
        Block::Paragraph(paragraph) => Box::new(paragraph.spans.iter()) as Box<dyn Iterator<Item = &Span>>,
        Block::Table(table) => {
            Box::new(table.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| spans(&cell.blocks)))
        }
    }))
}
