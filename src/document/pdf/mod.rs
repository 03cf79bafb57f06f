//! PDF: form fields in their places, and printed words in the rows and columns that they were drawn in.
//!
//! Comes in: a file's bytes. Goes out: a [`Document`] as every reader gives, or the files that a portfolio carries. A field is a
//! control in the place of its widget, so the words printed beside it are its label whatever the field is called. Files that are
//! damaged are read as far as they can be; a password, pictures without words, letters nobody can tell are said to be what they
//! are (I8), and pictures with a machine's guess of their words are pictures. Every inflated byte is counted, every walk is bounded (M17). Knows nothing of forms.

mod arrange;
mod cmap;
mod content;
mod embedded;
mod fields;
mod file;
mod flow;
mod font;
mod geometry;
mod lex;
mod load;
mod marks;
mod page;
mod pages;
mod parse;
mod region;
mod rules;
mod run;
mod symbols;
mod typed;
mod words;
mod xfa;

use std::collections::HashSet;

use super::{Block, Budget, Contents, Control, Document, Paragraph, Row, Span, TOO_SLOW, Table, Trouble};
use content::Walker;
use file::{CORRUPT, File, TOO_LARGE};
use page::PageRead;

/// Pages that are read.
const PAGES_MAX: usize = 300;

/// Fields that are read.
const CONTROLS_MAX: usize = 20_000;
/// What the pages are called beside the files that they carry.
const COVER: &str = "document.pdf";

const NO_PAGES: Trouble = Trouble::new("corrupt", "The file has no pages.");
const SCANNED: Trouble = Trouble::new("scanned_image", "The file holds pictures of pages; their words cannot be read.");
const LETTERS: Trouble = Trouble::new("unsupported_format", "The file does not say which letters its fonts draw.");
const LONG: Trouble = Trouble::new("too_large", "The file has more pages than are read.");

/// Reads a PDF file.
///
/// # Errors
/// `password_protected`, `scanned_image`, `corrupt`, `too_large`, `too_slow`; `unsupported_format` where its fonts say no letters.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Contents, Trouble> {
    let file = File::open(bytes, budget)?;
    let mut files = embedded::files(&file, budget);
    let document = document(&file, budget);
    if files.is_empty() {
        return document.map(Contents::Document);
    }
    // The cover page may be a form itself: it goes on as a file without what it carries, and so does what is wrong with it.
    match document {
        Ok(document) if document.text().trim().is_empty() => {}
        Ok(_) => {
            let cover = embedded::cover(file).ok_or(CORRUPT);
            files.insert(0, (COVER.to_owned(), cover));
        }
        Err(trouble) if trouble == NO_PAGES => {}
        Err(trouble) => files.insert(0, (COVER.to_owned(), Err(trouble))),
    }
    Ok(Contents::Files(files))
}

/// The counts of all pages.
#[derive(Default)]
struct Counts {
    pages: usize,
    letters: usize,
    unknown: usize,
    unseen: usize,
    pictures: usize,
}

impl Counts {
    fn add(&mut self, page: &PageRead) {
        self.pages += 1;
        self.letters += page.letters;
        self.unknown += page.unknown;
        self.unseen += page.unseen;
        self.pictures += page.pictures;
    }

    /// Why what was read is no document. Letters that are drawn without ink are what a machine made of a picture, and a machine's
    /// guess of a name or date is not handed on as what somebody wrote.
    fn trouble(&self) -> Option<Trouble> {
        let written = self.letters.saturating_sub(self.unseen);
        if self.pictures > 0 && (written < 40 * self.pages || self.unseen > written) {
            return Some(SCANNED);
        }
        (self.unknown * 4 > self.letters.max(1)).then_some(LETTERS)
    }
}

fn document(file: &File, budget: &mut Budget) -> Result<Document, Trouble> {
    let mut walker = Walker::new(file);
    let mut controls = Vec::new();
    let mut named = HashSet::new();
    let mut pages: Vec<PageRead> = Vec::new();
    let mut counts = Counts::default();
    for page in file.pages(PAGES_MAX + 1) {
        if budget.deadline.has_passed() {
            return Err(TOO_SLOW);
        }
        if pages.len() == PAGES_MAX {
            return Err(LONG);
        }
        let page = page::read(&mut walker, page, &mut controls, &mut named, budget)?;
        if controls.len() > CONTROLS_MAX {
            return Err(TOO_LARGE);
        }
        counts.add(&page);
        pages.push(page);
    }
    if pages.is_empty() {
        return Err(NO_PAGES);
    }
    let mut headers = pages::furniture(&mut pages);
    for page in &mut pages {
        page.lay_out(&budget.deadline);
        if budget.deadline.has_passed() {
            return Err(TOO_SLOW);
        }
    }
    let mut blocks = pages::joined(pages);
    rest(file, &named, &mut blocks, &mut controls, budget);
    let answered = controls.len() > 5;
    let filled = spans(&blocks).any(|span| span.control.is_some() && !span.text.is_empty());
    let data = if filled { None } else { xfa::rows(file, budget) };
    if data.is_none()
        && !answered
        && let Some(trouble) = counts.trouble()
    {
        return Err(trouble);
    }
    if budget.inflated_bytes == 0 {
        return Err(TOO_LARGE);
    }
    if let Some(rows) = data {
        if !answered {
            headers.append(&mut blocks);
        }
        blocks.push(Block::Table(rows));
    }
    Ok(Document { format: "pdf", blocks, headers, controls, cut: false })
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
