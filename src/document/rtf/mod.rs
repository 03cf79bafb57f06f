//! Rich text (.rtf) of Word, LibreOffice, WordPad, TextEdit and Outlook to a [`Document`]; a mail's rich text body to HTML.
//!
//! Comes in: the bytes. Goes out: paragraphs, nested tables with merged cells, legacy form fields, ticks of the Wingdings fonts, text boxes
//! once, page headers; tracked changes as accepted, hidden and deleted text left out. Rich text that Outlook made of HTML gives that
//! HTML back (MS-OXRTFEX). Objects, pictures and data are passed over; nothing linked is opened.

mod charset;
pub(super) mod fields;
mod groups;
mod shown;
mod tokens;
mod words;

use super::{Block, Budget, Cell, Document, Paragraph, Trouble, html};

/// Bytes of one file that are read.
const BYTES_MAX: usize = 30 << 20;

const CORRUPT: Trouble = Trouble::new("corrupt", "The rich text is damaged or cut short.");
const TOO_LARGE: Trouble = Trouble::new("too_large", "The rich text is larger than is read.");
const TOO_DEEP: Trouble = Trouble::new("too_deep", "The rich text is nested deeper than is read.");

/// Reads a rich text.
///
/// # Errors
/// corrupt, too_large, too_deep, too_slow.
pub fn read(bytes: &[u8], budget: &Budget) -> Result<Document, Trouble> {
    let read = groups::Reader::read(bytes, budget)?;
    match read.html {
        Some(page) => html::read(&page),
        None => Ok(read.document),
    }
}

/// A mail's rich text body as HTML: the page that it was made of, or one with the same paragraphs, tables and looks.
///
/// # Errors
/// Those of [`read`].
pub fn to_html(bytes: &[u8], budget: &Budget) -> Result<String, Trouble> {
    let read = groups::Reader::read(bytes, budget)?;
    if let Some(page) = read.html {
        return Ok(page);
    }
    let mut out = String::from("<html><body>");
    write_blocks(&read.document.blocks, &mut out);
    out.push_str("</body></html>");
    Ok(out)
}

fn write_blocks(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => write_paragraph(paragraph, out),
            Block::Table(table) => {
                out.push_str("<table>");
                for row in &table.rows {
                    out.push_str("<tr>");
                    row.cells.iter().for_each(|cell| write_cell(cell, out));
                    out.push_str("</tr>");
                }
                out.push_str("</table>");
            }
        }
    }
}

fn write_cell(cell: &Cell, out: &mut String) {
    out.push_str(&format!("<td colspan=\"{}\">", cell.columns.max(1)));
    write_blocks(&cell.blocks, out);
    out.push_str("</td>");
}

fn write_paragraph(paragraph: &Paragraph, out: &mut String) {
    out.push_str("<p>");
    for span in &paragraph.spans {
        let marks = [(span.struck, "s"), (span.highlighted, "mark"), (span.bold, "b")];
        let marks = || marks.iter().filter(|(set, _)| *set);
        marks().for_each(|(_, tag)| out.push_str(&format!("<{tag}>")));
        for c in span.text.chars() {
            match c {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                '\n' => out.push_str("<br>"),
                c => out.push(c),
            }
        }
        marks().rev().for_each(|(_, tag)| out.push_str(&format!("</{tag}>")));
    }
    out.push_str("</p>");
}
