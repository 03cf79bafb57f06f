//! A table of questions with their answers, to be typed from: the label beside the answer, remarks below it, what is missing marked.
//!
//! Comes in: rows of plain text. Goes out: a table in the document. A long answer may go on over the page; a short one stays whole.

use docx_rs::{Paragraph, Run, TableCell, TableRow, WidthType};

use super::word::{Document, bordered, grid, run, shaded};

/// One question with what is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// The question in plain words.
    pub label: String,
    /// The answer, a paragraph each; none where it is missing.
    pub answer: Vec<String>,
    /// What must be said of it, in smaller letters below.
    pub remarks: Vec<String>,
    /// In the answer's place, marked, where it is missing; "" where it is not.
    pub missing: String,
}

impl Answered {
    /// The letters of it, for whoever bounds a document.
    pub fn characters(&self) -> usize {
        let texts = [&self.label, &self.missing].into_iter().chain(&self.answer).chain(&self.remarks);
        texts.map(|text| text.chars().count()).sum()
    }
}

/// An answer of more letters than this may be parted by the end of a page.
const WHOLE_CHARACTERS_MAX: usize = 700;

impl Document {
    /// Adds such a table, below a heading that is its title. `header` stands above the two columns and repeats on each page.
    pub fn answers(&mut self, title: &str, header: [&str; 2], rows: &[Answered]) {
        let widths = grid(self.look().width(), &[32, 68]);
        let description = format!("{title}: {} questions, each with its answer beside it.", rows.len());
        let marks = [self.table_text(title, &description, true), self.header_row()];
        let mut head = Vec::new();
        for (column, (text, width)) in header.iter().zip(&widths).enumerate() {
            let mut paragraph = Paragraph::new().style("TableHeader").keep_next(true);
            if column == 0 {
                paragraph = marks.iter().cloned().fold(paragraph, Paragraph::add_run);
            }
            head.push(shaded(
                TableCell::new().width(*width, WidthType::Dxa).add_paragraph(paragraph.add_run(run(text))),
            ));
        }
        let mut all = vec![TableRow::new(head).cant_split()];
        all.extend(rows.iter().map(|row| answered(row, &widths)));
        let cell = self.look().cell;
        self.raw_table(bordered(all, widths, cell));
    }
}

fn answered(row: &Answered, widths: &[usize]) -> TableRow {
    let text = |run: Run| Paragraph::new().style("TableText").add_run(run);
    let label = Paragraph::new().style("TableHeader").add_run(run(&row.label));
    let label = shaded(TableCell::new().width(widths[0], WidthType::Dxa).add_paragraph(label));
    let answer = row.answer.iter().map(|line| text(run(line)));
    let missing = (!row.missing.is_empty()).then(|| text(run(&row.missing).bold().color("8A1C0C")));
    let remarks = row.remarks.iter().map(|line| text(run(line).italic().color("404040")));
    let mut cell = TableCell::new().width(widths[1], WidthType::Dxa);
    let mut any = false;
    for paragraph in answer.chain(missing).chain(remarks) {
        cell = cell.add_paragraph(paragraph);
        any = true;
    }
    // A cell without a paragraph is no valid one.
    let cell = if any { cell } else { cell.add_paragraph(text(run(""))) };
    let whole = row.characters() <= WHOLE_CHARACTERS_MAX;
    let row = TableRow::new(vec![label, cell]);
    if whole { row.cant_split() } else { row }
}
