//! Documents for the tests of this module's parts.

use std::time::Duration;

use super::answers::clean;
use super::pairs::extract;
use super::wordings::Wordings;
use super::{Form, build};
use crate::clock::Deadline;
use crate::document::{Block, Cell, Document, Paragraph, Row, Span, Table, text};

/// A document of one table.
pub(super) fn rows(rows: &[&[&str]]) -> Document {
    let paragraph = |words: &&str| {
        let spans = vec![Span { text: (*words).to_owned(), ..Span::default() }];
        Block::Paragraph(Paragraph { spans, ..Paragraph::default() })
    };
    let cell = |words: &&str| Cell { blocks: vec![paragraph(words)], ..Cell::default() };
    let row = |cells: &&[&str]| Row { cells: cells.iter().map(cell).collect() };
    let table = Block::Table(Table { rows: rows.iter().map(row).collect() });
    Document { blocks: vec![table], ..text::read("") }
}

/// Labels with their answers.
pub(super) fn asked(document: &Document) -> Vec<(String, String)> {
    let found = extract(document, &Wordings::default(), false, &Deadline::after(Duration::MAX));
    let words =
        |pair: &super::pairs::Pair| pair.lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join("\n");
    found.pairs.iter().map(|pair| (pair.label.clone(), words(pair))).collect()
}

/// The form that a document is.
pub(super) fn form(document: &Document) -> Option<Form> {
    let wordings = Wordings::default();
    let found = extract(document, &wordings, false, &Deadline::after(Duration::MAX));
    build::form(&found, &wordings, "docx", build::Around::default()).map(|built| built.form)
}
