//! Any file to one shape: paragraphs of marked runs, tables whose cells hold blocks, labelled controls, ticks.
//!
//! Comes in: a file's name and bytes. Goes out: [`Contents`], or a [`Trouble`] with a code and a sentence (I8). What a file is, its
//! bytes decide, never its name or declared type. Every reader is bounded by a [`Budget`] (M5, M17), counts what it inflates, expands
//! no entity and follows no reference. Ticks are characters: `☒` ticked, `☐` not ticked, `⯑` not known. Knows nothing of forms or incidents.

pub mod archive;
pub mod cms;
pub mod compound;
mod doc;
pub mod docx;
mod flow;
pub mod html;
mod lzfu;
mod mime;
mod msg;
pub mod odt;
pub mod pdf;
pub mod picture;
pub mod rtf;
pub mod sniff;
mod styles;
pub mod text;
pub mod tnef;
mod xml;

use text::code_page;

use crate::clock::Deadline;
use crate::message::Limits;

/// A ticked box, whatever the file drew for it.
pub const TICKED: char = '☒';
/// An empty box.
pub const UNTICKED: char = '☐';
/// A box of which the file no longer says whether it is ticked, as LibreOffice writes them to rich text.
pub const LOST: char = '⯑';
/// A box, however it stands.
pub const BOXES: [char; 3] = [TICKED, UNTICKED, LOST];

/// The deadline of the mail has passed (M5).
pub const TOO_SLOW: Trouble =
    Trouble::new("too_slow", "The mail took longer to read than is allowed; not all of it was.");

/// A document in reading order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// `docx`, `html`, `text` …
    pub format: &'static str,
    /// The body.
    pub blocks: Vec<Block>,
    /// Page headers: titles and protective markings often stand there alone.
    pub headers: Vec<Block>,
    /// The controls that spans point to.
    pub controls: Vec<Control>,
    /// The file goes on beyond what is here.
    pub cut: bool,
}

/// One block of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph or one line; an empty one is a gap, which says something about what belongs together.
    Paragraph(Paragraph),
    /// A table.
    Table(Table),
}

/// One paragraph.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paragraph {
    /// The runs in order.
    pub spans: Vec<Span>,
    /// True where the author marked it as a heading or title.
    pub heading: bool,
    /// True where a text line was indented, as Outlook does with the cells of a table that it turns into text.
    pub indented: bool,
}

/// A run of text with one look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// The words; a line break is `\n`, a tab `\t`.
    pub text: String,
    /// Struck through.
    pub struck: bool,
    /// Highlighted or shaded.
    pub highlighted: bool,
    /// Bold.
    pub bold: bool,
    /// Small, grey or italic, as forms print guidance.
    pub faint: bool,
    /// The control it stands in, an index into [`Document::controls`]. A control that is empty or shows its placeholder has a
    /// span with no text.
    pub control: Option<usize>,
}

/// A content control, legacy form field or form element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Control {
    /// Its machine name.
    pub tag: String,
    /// Its title as shown to the author.
    pub alias: String,
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// The rows that were not deleted.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// What stands in it.
    pub blocks: Vec<Block>,
    /// Columns it spans, at least 1.
    pub columns: usize,
    /// True where it only continues the cell above (a vertical merge).
    pub continued: bool,
    /// True where it begins a vertical merge over more rows.
    pub begins_merge: bool,
}

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Contents {
    /// A document that can be read.
    Document(Document),
    /// A mail within the mail.
    Mail(Vec<u8>),
    /// An archive's files, in order, each with its name or with why it could not be taken out.
    Files(Vec<(String, Result<Vec<u8>, Trouble>)>),
    /// Something that never holds a form (a vCard, a signature, a calendar entry).
    Nothing,
}

/// Why a file could not be read: a code for programs and a sentence for a person, neither with any of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// A stable code: `password_protected`, `encrypted_mail`, `scanned_image`, `corrupt`, `too_large`, `too_deep`, `too_slow`,
    /// `unsupported_format`, `empty_file`.
    pub code: &'static str,
    /// One sentence.
    pub detail: &'static str,
}

impl Trouble {
    /// A trouble of `code` with its sentence.
    pub const fn new(code: &'static str, detail: &'static str) -> Trouble {
        Trouble { code, detail }
    }
}

/// What may still be spent on one mail (M5, M17).
#[derive(Debug, Clone)]
pub struct Budget {
    /// Bytes that may still be inflated.
    pub inflated_bytes: u64,
    /// Files that may still be opened.
    pub parts: usize,
    /// Mails and archives that may still be entered, one within another.
    pub depth: usize,
    /// When reading ends, however much is left.
    pub deadline: Deadline,
}

impl Budget {
    /// The whole budget of one mail.
    pub fn new(limits: &Limits) -> Budget {
        Budget {
            inflated_bytes: limits.inflated_bytes_max,
            parts: limits.parts_max,
            depth: limits.depth_max,
            deadline: Deadline::after(limits.time_max),
        }
    }
}

/// Reads one file.
///
/// # Errors
/// A [`Trouble`] where it may hold something for a person and could not be read.
pub fn read(name: &str, content_type: &str, bytes: &[u8], budget: &mut Budget) -> Result<Contents, Trouble> {
    if budget.deadline.has_passed() {
        return Err(TOO_SLOW);
    }
    if budget.parts == 0 {
        return Err(Trouble::new("too_large", "The mail has more parts than are opened."));
    }
    budget.parts -= 1;
    match sniff::kind(name, content_type, bytes) {
        sniff::FileKind::Docx => docx::read(bytes, budget).map(Contents::Document),
        sniff::FileKind::Html => html::read(&text::decode(bytes)).map(Contents::Document),
        sniff::FileKind::Text => Ok(Contents::Document(text::read(&text::decode(bytes)))),
        sniff::FileKind::Mail => Ok(Contents::Mail(bytes.to_vec())),
        sniff::FileKind::Archive => archive::read(bytes, budget).map(Contents::Files),
        sniff::FileKind::Signed => cms::content(bytes, budget).map(Contents::Mail),
        sniff::FileKind::Compound => compound::read(bytes, budget),
        sniff::FileKind::Rtf => rtf::read(bytes, budget).map(Contents::Document),
        sniff::FileKind::Odt => odt::read(bytes, budget).map(Contents::Document),
        sniff::FileKind::Pdf => pdf::read(bytes, budget),
        sniff::FileKind::Tnef => tnef::read(bytes, budget).map(Contents::Files),
        sniff::FileKind::Nothing => Ok(Contents::Nothing),
        sniff::FileKind::Unreadable(trouble) => Err(trouble),
    }
}

impl Span {
    /// Other words with the same look, in the same control.
    pub(crate) fn saying(&self, text: &str) -> Span {
        let Span { text: _, struck, highlighted, bold, faint, control } = *self;
        Span { text: text.to_owned(), struck, highlighted, bold, faint, control }
    }
}

impl Paragraph {
    /// A paragraph of plain text.
    pub fn plain(text: &str) -> Paragraph {
        let span = Span { text: text.to_owned(), ..Span::default() };
        Paragraph { spans: if text.is_empty() { Vec::new() } else { vec![span] }, ..Paragraph::default() }
    }

    /// The words of all runs.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// True where nothing but white space stands in it.
    pub fn is_blank(&self) -> bool {
        self.spans.iter().all(|span| span.text.trim().is_empty())
    }
}

impl Document {
    /// All words, one paragraph a line: for titles and for the question whether there is anything at all.
    pub fn text(&self) -> String {
        let mut out = String::new();
        collect(&self.headers, &mut out);
        collect(&self.blocks, &mut out);
        out
    }
}

fn collect(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => {
                out.push_str(&paragraph.text());
                out.push('\n');
            }
            Block::Table(table) => {
                table.rows.iter().flat_map(|row| &row.cells).for_each(|cell| collect(&cell.blocks, out));
            }
        }
    }
}
