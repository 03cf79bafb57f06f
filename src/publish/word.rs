//! One Word document: looks, headings, tables, header and footer by docx-rs, and by a patch step what docx-rs cannot write
//! (repeating header rows, alternative text of tables, content controls, language, properties).
//!
//! Comes in: paragraphs and tables. Goes out: the bytes of a `.docx`, the same for the same input. A patch is found again by a
//! mark of two private-use characters, which [`clean`] takes out of everything that others wrote.

use std::io::{Cursor, Read, Write};

use chrono::{DateTime, Utc};
use docx_rs::{
    AbstractNumbering, AlignmentType, BreakType, Docx, Footer, Header, IndentLevel, Level, LevelJc, LevelText,
    LineSpacing, NumPages, NumberFormat, Numbering, NumberingId, PageMargin, PageNum, Paragraph, Pic, Run, RunFonts,
    Shading, SpecialIndentType, Start, Style, StyleType, Table, TableBorder, TableBorderPosition, TableBorders,
    TableCell, TableCellMargins, TableLayoutType, TableRow, WidthType,
};

use super::contents::{self, Heading};
use super::patch::{MARK_CLOSES, MARK_OPENS, Patch, complete, stamp};

/// A4, in twentieths of a point.
const PAGE_WIDTH: u32 = 11_906;
const PAGE_HEIGHT: u32 = 16_838;
/// Lines of tables and the fill of label and header cells; dark text on it has a contrast above 12:1.
const RULE: &str = "8A94A3";
const FILL: &str = "E6ECF3";

/// What the document says of itself.
#[derive(Debug, Clone)]
pub struct Properties {
    /// Title.
    pub title: String,
    /// Subject.
    pub subject: String,
    /// Who made it: the organisation.
    pub creator: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The protective marking, at the head of each page.
    pub marking: String,
    /// What stands at the foot of each page before the page's number.
    pub footer: String,
}

/// Sizes of a document. Lengths are twentieths of a point, sizes of letters half points.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Body text.
    pub text_size: usize,
    /// Text in tables.
    pub table_size: usize,
    /// The title.
    pub title_size: usize,
    /// The first heading; the second is a fifth smaller.
    pub heading_size: usize,
    /// Space before a first heading.
    pub heading_before: u32,
    /// Space after a paragraph.
    pub after: u32,
    /// The margins of the page: sides.
    pub side: u32,
    /// Top and bottom.
    pub top: u32,
    /// Space above and below the text of a cell.
    pub cell: usize,
}

impl Look {
    /// A report to be read at a desk.
    pub const REPORT: Look = Look {
        text_size: 22,
        table_size: 19,
        title_size: 60,
        heading_size: 34,
        heading_before: 360,
        after: 140,
        side: 1_250,
        top: 1_300,
        cell: 50,
    };
    /// A form: as much on a page as can be read well.
    pub const FORM: Look = Look {
        text_size: 18,
        table_size: 18,
        title_size: 28,
        heading_size: 20,
        heading_before: 90,
        after: 50,
        side: 800,
        top: 950,
        cell: 16,
    };

    /// Width of the text, in twentieths of a point.
    pub fn width(&self) -> usize {
        (PAGE_WIDTH - 2 * self.side) as usize
    }
}

/// Why a document could not be written. Each is a fault of this program: no input leads to one.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The archive could not be written.
    #[error("the Word document could not be packed")]
    Pack(#[from] zip::result::ZipError),
    /// The archive could not be written.
    #[error("the Word document could not be packed")]
    Io(#[from] std::io::Error),
    /// docx-rs wrote something that the patch step does not know.
    #[error("the Word document could not be completed: {0}")]
    Patch(&'static str),
}

enum Block {
    Paragraph(Box<Paragraph>),
    Table(Box<Table>),
}

/// A document in the making.
pub struct Document {
    look: Look,
    blocks: Vec<Block>,
    patches: Vec<Patch>,
    headings: Vec<Heading>,
    pictures: usize,
    contents_at: Option<usize>,
    breaks: bool,
}

impl Document {
    /// An empty one.
    pub fn new(look: Look) -> Self {
        Document {
            look,
            blocks: Vec::new(),
            patches: Vec::new(),
            headings: Vec::new(),
            pictures: 0,
            contents_at: None,
            breaks: false,
        }
    }

    /// Its sizes.
    pub fn look(&self) -> Look {
        self.look
    }

    /// Adds a paragraph.
    pub fn paragraph(&mut self, paragraph: Paragraph) {
        let paragraph = if std::mem::take(&mut self.breaks) { paragraph.page_break_before(true) } else { paragraph };
        self.blocks.push(Block::Paragraph(Box::new(paragraph)));
    }

    /// Adds a paragraph of plain text.
    pub fn text(&mut self, text: &str) {
        self.paragraph(Paragraph::new().add_run(run(text)));
    }

    /// Adds a paragraph of plain text that stays on the page of what follows it.
    pub fn lead(&mut self, text: &str) {
        self.paragraph(Paragraph::new().keep_next(true).add_run(run(text)));
    }

    /// Adds a paragraph in a style.
    pub fn styled(&mut self, style: &str, text: &str) {
        self.paragraph(Paragraph::new().style(style).add_run(run(text)));
    }

    /// Adds the caption of a table or picture, which stays on its page.
    pub fn caption(&mut self, text: &str) {
        self.paragraph(Paragraph::new().style("TableTitle").keep_next(true).add_run(run(text)));
    }

    /// Adds a short label above a list, which stays on its page.
    pub fn label(&mut self, text: &str) {
        self.paragraph(Paragraph::new().style("Label").keep_next(true).add_run(run(text)));
    }

    /// Adds a point of a list.
    pub fn point(&mut self, text: &str) {
        let paragraph = Paragraph::new().style("Point").numbering(NumberingId::new(2), IndentLevel::new(0));
        self.paragraph(paragraph.add_run(run(text)));
    }

    /// Adds a heading of level 1 or 2 that the contents name; `anchor` is its bookmark, letters and digits.
    pub fn heading(&mut self, level: usize, text: &str, anchor: &str) {
        let (text, anchor) = (clean(text), clean(anchor));
        let number = self.headings.len() + 1;
        let style = if level == 1 { "Heading1" } else { "Heading2" };
        let paragraph = Paragraph::new().style(style).keep_next(true).add_bookmark_start(number, &anchor);
        self.paragraph(paragraph.add_run(run(&text)).add_bookmark_end(number));
        self.headings.push(Heading { level, text, anchor });
    }

    /// A heading of level 3, which the contents leave out.
    pub fn subheading(&mut self, text: &str) {
        self.paragraph(Paragraph::new().style("Heading3").keep_next(true).add_run(run(&clean(text))));
    }

    /// The contents stand here: every heading of the finished document.
    pub fn contents(&mut self) {
        self.contents_at = Some(self.blocks.len());
    }

    /// The next paragraph begins a page.
    pub fn page_break(&mut self) {
        self.breaks = true;
    }

    /// Adds a picture (PNG) that stays on the page of what follows it, with its alternative text. The size on paper is in English
    /// Metric Units, 914,400 to the inch.
    pub fn picture(&mut self, png: Vec<u8>, size: (u32, u32), title: &str, description: &str) {
        self.pictures += 1;
        // The id is ours: docx-rs would take one from a counter of the process.
        let picture =
            Pic::new_with_dimensions(png, 1, 1).id(format!("rIdPicture{}", self.pictures)).size(size.0, size.1);
        let mark = self.mark(Patch::Picture(self.pictures, clean(title), clean(description)));
        let paragraph = Paragraph::new().style("Picture").keep_next(true);
        self.paragraph(paragraph.add_run(mark).add_run(Run::new().add_image(picture)));
    }

    /// Adds a table as it is, with its alternative text: the mark of it is in the first cell.
    pub fn raw_table(&mut self, table: Table) {
        self.blocks.push(Block::Table(Box::new(table)));
    }

    /// Adds a table with a header row that repeats, its title above it and its alternative text. `widths` are shares of the width.
    pub fn table(&mut self, title: &str, widths: &[usize], header: &[&str], rows: &[Vec<String>]) {
        self.caption(title);
        let grid = grid(self.look.width(), widths);
        let description = format!("{title}: {} rows and {} columns.", rows.len(), header.len());
        let marks = [self.table_text(title, &description, true), self.header_row()];
        let numbers: Vec<bool> = (0..header.len()).map(|column| is_of_numbers(rows, column)).collect();
        let aligned = |paragraph: Paragraph, column: usize| match numbers.get(column).copied().unwrap_or(false) {
            true => paragraph.align(AlignmentType::Right),
            false => paragraph,
        };
        let mut head: Vec<TableCell> = Vec::new();
        for (column, (text, width)) in header.iter().zip(&grid).enumerate() {
            let mut paragraph = aligned(Paragraph::new().style("TableHeader").keep_next(true), column);
            if column == 0 {
                paragraph = marks.iter().fold(paragraph, |paragraph, mark| paragraph.add_run(mark.clone()));
            }
            head.push(shaded(
                TableCell::new().width(*width, WidthType::Dxa).add_paragraph(paragraph.add_run(run(text))),
            ));
        }
        let mut table_rows = vec![TableRow::new(head).cant_split()];
        // The header stays with the first row, and no more: LibreOffice loses rows of a table at the foot of a page whose first rows
        // must all stay together.
        let last = rows.len().saturating_sub(1);
        for (at, row) in rows.iter().enumerate() {
            let cells = row.iter().zip(&grid).enumerate().map(|(column, (text, width))| {
                // The last row stays with the sentence that follows the table.
                let paragraph = aligned(Paragraph::new().style("TableText").keep_next(at == last), column);
                TableCell::new().width(*width, WidthType::Dxa).add_paragraph(paragraph.add_run(run(text)))
            });
            table_rows.push(TableRow::new(cells.collect()).cant_split());
        }
        let table = bordered(table_rows, grid, self.look.cell);
        self.raw_table(table);
    }

    /// The mark that makes its row a header row; put it in the row's first cell.
    pub fn header_row(&mut self) -> Run {
        self.mark(Patch::HeaderRow)
    }

    /// The mark that gives its table an alternative text; put it in the first cell.
    pub fn table_text(&mut self, title: &str, description: &str, header_row: bool) -> Run {
        self.mark(Patch::TableText(clean(title), clean(description), header_row))
    }

    /// The mark in whose place XML stands: a content control, well-formed and of the namespaces `w` and `w14`.
    pub fn inline(&mut self, xml: String) -> Run {
        self.mark(Patch::Inline(xml))
    }

    /// The mark around whose paragraph a content control stands, of the same shape as for [`Document::inline`].
    pub fn around(&mut self, xml: String) -> Run {
        self.mark(Patch::Around(xml))
    }

    fn mark(&mut self, patch: Patch) -> Run {
        self.patches.push(patch);
        Run::new().add_text(format!("{MARK_OPENS}{}{MARK_CLOSES}", self.patches.len() - 1))
    }

    /// The bytes of the finished file.
    pub fn pack(mut self, properties: &Properties) -> Result<Vec<u8>, Failure> {
        if let Some(at) = self.contents_at {
            let lines = contents::lines(&self.headings);
            for (line, (level, xml)) in lines.into_iter().enumerate() {
                let style = if level == 1 { "Contents1" } else { "Contents2" };
                let paragraph = Paragraph::new().style(style).add_run(self.inline(xml));
                self.blocks.insert(at + line, Block::Paragraph(Box::new(paragraph)));
            }
        }
        let mut docx = frame(&self.look, properties);
        for block in self.blocks {
            docx = match block {
                Block::Paragraph(paragraph) => docx.add_paragraph(*paragraph),
                Block::Table(table) => docx.add_table(*table),
            };
        }
        let mut parts = docx.build();
        complete(&mut parts, &self.patches, properties)?;
        let mut stored = Cursor::new(Vec::new());
        parts.pack(&mut stored)?;
        deflate(stored)
    }
}

/// Text without what XML 1.0 forbids and without the characters of our own marks; a tab and line breaks stay.
pub fn clean(text: &str) -> String {
    let allowed = |c: &char| {
        let control = c.is_control() && !matches!(c, '\t' | '\n');
        !control && !matches!(c, '\u{FFFE}' | '\u{FFFF}' | &MARK_OPENS | &MARK_CLOSES)
    };
    text.replace("\r\n", "\n").replace(['\r', '\u{0B}', '\u{2028}', '\u{2029}'], "\n").chars().filter(allowed).collect()
}

/// A run of cleaned text; line breaks stay line breaks.
pub fn run(text: &str) -> Run {
    let mut run = Run::new();
    for (at, line) in clean(text).split('\n').enumerate() {
        if at > 0 {
            run = run.add_break(BreakType::TextWrapping);
        }
        run = run.add_text(line);
    }
    run
}

/// A cell in the shade of headers and labels.
pub fn shaded(cell: TableCell) -> TableCell {
    cell.shading(Shading::new().fill(FILL))
}

/// A table with fine lines, of the full width, with fixed columns.
pub fn bordered(rows: Vec<TableRow>, grid: Vec<usize>, cell: usize) -> Table {
    use TableBorderPosition::{Bottom, InsideH, InsideV, Left, Right, Top};
    let line = |position| TableBorder::new(position).color(RULE).size(4);
    let borders = [Top, Bottom, Left, Right, InsideH, InsideV].into_iter();
    let borders = borders.fold(TableBorders::new(), |borders, position| borders.set(line(position)));
    let width = grid.iter().sum();
    Table::new(rows)
        .set_grid(grid)
        .width(width, WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
        .margins(TableCellMargins::new().margin(cell, 90, cell, 90))
        .set_borders(borders)
}

/// A column beside the first that holds numbers alone, "12" or "85%", or the sign of one that is withheld.
fn is_of_numbers(rows: &[Vec<String>], column: usize) -> bool {
    let number = |cell: &str| {
        let digits = cell.trim_end_matches('%');
        cell == "[c]" || cell == "–" || (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    column > 0 && !rows.is_empty() && rows.iter().all(|row| row.get(column).is_some_and(|cell| number(cell)))
}

/// Shares of a width as lengths that add up to it.
pub fn grid(width: usize, shares: &[usize]) -> Vec<usize> {
    let total = shares.iter().sum::<usize>().max(1);
    let mut grid: Vec<usize> = shares.iter().map(|share| width * share / total).collect();
    let rest = width - grid.iter().sum::<usize>().min(width);
    if let Some(first) = grid.first_mut() {
        *first += rest;
    }
    grid
}

/// Styles, page, header and footer.
fn frame(look: &Look, properties: &Properties) -> Docx {
    let font = || RunFonts::new().ascii("Arial").hi_ansi("Arial").cs("Arial").east_asia("Arial");
    let top = look.top as i32;
    let side = look.side as i32;
    let page =
        PageMargin { top, bottom: top, left: side, right: side, header: top / 2, footer: top / 2 - 60, gutter: 0 };
    let marking = Paragraph::new().style("Marking").align(AlignmentType::Center);
    let foot = Paragraph::new().style("Foot").add_run(run(&properties.footer)).add_run(run(". Page "));
    let foot = foot.add_page_num(PageNum::new()).add_run(run(" of ")).add_num_pages(NumPages::new());
    let mut docx = Docx::new()
        .default_fonts(font())
        .default_size(look.text_size)
        .default_line_spacing(LineSpacing::new().after(look.after))
        .page_size(PAGE_WIDTH, PAGE_HEIGHT)
        .page_margin(page)
        .add_abstract_numbering(bullets())
        .add_numbering(Numbering::new(2, 2))
        .created_at(&stamp(properties.created_at))
        .updated_at(&stamp(properties.created_at))
        .header(Header::new().add_paragraph(marking.add_run(run(&properties.marking))))
        .footer(Footer::new().add_paragraph(foot));
    for style in styles(look) {
        docx = docx.add_style(style);
    }
    docx
}

/// The one kind of list: points without numbers. Number 1 is a list of docx-rs' own.
fn bullets() -> AbstractNumbering {
    let text = LevelText::new("\u{2022}");
    let level = Level::new(0, Start::new(1), NumberFormat::new("bullet"), text, LevelJc::new("left"));
    AbstractNumbering::new(2).add_level(level.indent(Some(360), Some(SpecialIndentType::Hanging(360)), None, None))
}

fn styles(look: &Look) -> Vec<Style> {
    const DARK: &str = "12395B";
    let spacing = |before: u32, after: u32| LineSpacing::new().before(before).after(after);
    let paragraph = |id: &str, name: &str| Style::new(id, StyleType::Paragraph).name(name).based_on("Normal");
    let heading = |id: &str, name: &str, level: usize, size: usize, before: u32| {
        let style = paragraph(id, name).next("Normal").outline_lvl(level).size(size).bold().color(DARK).q_format(true);
        style.line_spacing(spacing(before, look.after))
    };
    let second = look.heading_size * 4 / 5;
    vec![
        paragraph("Title", "Title").size(look.title_size).bold().color(DARK).line_spacing(spacing(0, look.after)),
        paragraph("Subtitle", "Subtitle").size(look.heading_size).color(DARK).line_spacing(spacing(0, look.after)),
        heading("Heading1", "heading 1", 0, look.heading_size, look.heading_before),
        heading("Heading2", "heading 2", 1, second, look.heading_before * 2 / 3),
        heading("Heading3", "heading 3", 2, look.heading_size * 2 / 3, look.heading_before / 2),
        paragraph("Contents1", "toc 1").line_spacing(spacing(40, 40)),
        paragraph("Contents2", "toc 2").indent(Some(400), None, None, None).line_spacing(spacing(20, 20)),
        paragraph("TableTitle", "caption").bold().line_spacing(spacing(look.after, look.after / 2)),
        paragraph("TableHeader", "Table Header").bold().size(look.table_size).line_spacing(spacing(0, 0)),
        paragraph("TableText", "Table Text").size(look.table_size).line_spacing(spacing(0, 0)),
        paragraph("Shows", "Table Sentence").line_spacing(spacing(look.after * 2 / 3, look.after * 2)),
        paragraph("Picture", "Picture").line_spacing(spacing(0, look.after / 2)),
        paragraph("Point", "List Bullet")
            .indent(Some(360), Some(SpecialIndentType::Hanging(360)), None, None)
            .line_spacing(spacing(0, look.after * 2 / 3)),
        paragraph("Label", "Label").bold().line_spacing(spacing(look.after, look.after / 3)),
        paragraph("CoverTop", "Cover Top").size(look.heading_size).line_spacing(spacing(3000, 400)),
        paragraph("ContentsTitle", "TOC Heading")
            .size(look.heading_size)
            .bold()
            .color(DARK)
            .line_spacing(spacing(0, look.after)),
        paragraph("Warning", "Warning").bold().line_spacing(spacing(0, look.after)),
        paragraph("Marking", "header").bold().size(20).line_spacing(spacing(0, 0)),
        paragraph("Foot", "footer").size(16).color("404040").line_spacing(spacing(0, 0)),
        Style::new("Hyperlink", StyleType::Character).name("Hyperlink").color("0B4F8A").underline("single"),
        Style::new("PlaceholderText", StyleType::Character).name("Placeholder Text").color("595959"),
    ]
}

/// The same files, deflated: docx-rs stores them. Dates in the archive are the zip format's first day.
fn deflate(stored: Cursor<Vec<u8>>) -> Result<Vec<u8>, Failure> {
    let mut from = zip::ZipArchive::new(stored)?;
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for at in 0..from.len() {
        let mut file = from.by_index(at)?;
        if file.is_dir() {
            continue;
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        to.start_file(file.name().to_owned(), options)?;
        to.write_all(&bytes)?;
    }
    Ok(to.finish()?.into_inner())
}
