//! Word packages (.docx, .docm, .dotx, .dotm; transitional and strict) to a [`Document`].
//!
//! Comes in: the package's bytes. Goes out: body and page headers with content controls, legacy fields, tick boxes, text boxes; tracked
//! changes as accepted, hidden and deleted text left out, one branch of alternate content. Macros, comments and linked files
//! are never opened. Refuses what is nested too deeply or inflates too far (M17).

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::styles::Hidden;
use super::xml::{self, Ns, Tree};
use super::{Block, Budget, Cell, Control, Document, Paragraph, Row, Span, TICKED, Table, Trouble, UNTICKED};

/// Bytes of one XML part that are parsed.
const PART_MAX: u64 = 24 << 20;

const TOO_LARGE: Trouble = Trouble::new("too_large", "The file unpacks to more than is read.");
const PASSWORD: Trouble = Trouble::new("password_protected", "The file is protected with a password.");
const NO_DOCUMENT: Trouble = Trouble::new("corrupt", "The package holds no document.");

/// Reads a Word package.
///
/// # Errors
/// A [`Trouble`] with one of the codes corrupt, password_protected, too_large, too_deep.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Trouble> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| trouble(&error))?;
    let main = main_part(&mut archive, budget)?;
    let bytes = part(&mut archive, &main, budget)?;
    let source = xml::decode(&bytes);
    let tree = xml::parse(&source)?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut walk = Walk { hidden: hidden_styles(&mut archive, folder, budget), ..Walk::default() };
    let blocks = walk.whole(&tree);
    let mut headers = Vec::new();
    let mut names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    names.retain(|name| {
        name.starts_with(folder)
            && name[folder.len()..].trim_start_matches('/').starts_with("header")
            && name.ends_with(".xml")
    });
    names.sort();
    for name in names.iter().take(6) {
        // A page header only adds a title: a damaged one takes nothing away.
        let Ok(bytes) = part(&mut archive, name, budget) else { continue };
        if let Ok(tree) = xml::parse(&xml::decode(&bytes)) {
            headers.extend(walk.whole(&tree));
        }
    }
    Ok(Document { format: "docx", blocks, headers, controls: walk.controls, cut: false })
}

/// The part that `_rels/.rels` names as the document; its usual place where that file is missing or odd.
fn main_part(archive: &mut ZipArchive<Cursor<&[u8]>>, budget: &mut Budget) -> Result<String, Trouble> {
    let usual = "word/document.xml";
    let relations = part(archive, "_rels/.rels", budget).unwrap_or_default();
    let named = xml::parse(&xml::decode(&relations)).ok().and_then(|tree| {
        let root = tree.root()?;
        let relation = tree
            .elements(root)
            .find(|&id| tree.attribute(id, "Type").is_some_and(|kind| kind.ends_with("/officeDocument")))?;
        tree.attribute(relation, "Target").map(|target| target.trim_start_matches('/').to_owned())
    });
    match named {
        Some(name) if archive.index_for_name(&name).is_some() => Ok(name),
        _ if archive.index_for_name(usual).is_some() => Ok(usual.to_owned()),
        _ => Err(NO_DOCUMENT),
    }
}

/// The styles that hide text. Styles that cannot be read say nothing: the document is read all the same.
fn hidden_styles(archive: &mut ZipArchive<Cursor<&[u8]>>, folder: &str, budget: &mut Budget) -> Hidden {
    let bytes = part(archive, &format!("{folder}/styles.xml"), budget).unwrap_or_default();
    xml::parse(&xml::decode(&bytes)).map(|tree| Hidden::read(&tree)).unwrap_or_default()
}

/// Inflates one part, counting every byte (M17).
pub(super) fn part(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    budget: &mut Budget,
) -> Result<Vec<u8>, Trouble> {
    let file = archive.by_name(name).map_err(|error| trouble(&error))?;
    let most = PART_MAX.min(budget.inflated_bytes);
    // As the archive says, which may not be true: the count below is of what comes out.
    let mut bytes = Vec::with_capacity(file.size().min(1 << 20) as usize);
    file.take(most + 1).read_to_end(&mut bytes).map_err(|_| xml::CORRUPT)?;
    budget.inflated_bytes = budget.inflated_bytes.saturating_sub(bytes.len() as u64);
    if bytes.len() as u64 > most { Err(TOO_LARGE) } else { Ok(bytes) }
}

pub(super) fn trouble(error: &ZipError) -> Trouble {
    match error {
        ZipError::UnsupportedArchive(what) if what.to_ascii_lowercase().contains("password") => PASSWORD,
        ZipError::FileNotFound => NO_DOCUMENT,
        _ => xml::CORRUPT,
    }
}

/// The look of a run and the control it stands in.
#[derive(Clone, Copy, Default)]
struct Look {
    struck: bool,
    highlighted: bool,
    bold: bool,
    faint: bool,
    /// Hidden by the paragraph's style.
    hidden: bool,
    control: Option<usize>,
}

/// A complex field between its begin and its end.
struct OpenField {
    /// The result is not text to read: field codes before `separate`, or a legacy box whose state is known already.
    silent: bool,
    /// What to do from `separate` on.
    silent_result: bool,
    control: Option<usize>,
}

#[derive(Default)]
struct Walk {
    controls: Vec<Control>,
    fields: Vec<OpenField>,
    /// Text boxes of the paragraph in hand: they follow it.
    boxes: Vec<Block>,
    hidden: Hidden,
}

impl Walk {
    fn whole(&mut self, tree: &Tree) -> Vec<Block> {
        let mut blocks = Vec::new();
        self.fields.clear();
        if let Some(root) = tree.root() {
            let body = tree.child(root, "body").unwrap_or(root);
            self.blocks(tree, body, Look::default(), &mut blocks);
        }
        blocks
    }

    /// Block level: paragraphs, tables and what wraps them.
    fn blocks(&mut self, tree: &Tree, parent: u32, look: Look, out: &mut Vec<Block>) {
        for id in tree.elements(parent) {
            let node = tree.node(id);
            match (node.ns, node.name) {
                (Ns::Word, "p") => self.paragraph(tree, id, look, out),
                (Ns::Word, "tbl") => {
                    let mut table = Table::default();
                    self.rows(tree, id, look, &mut table);
                    out.push(Block::Table(table));
                }
                (Ns::Word, "sdt") => {
                    let begin = out.len();
                    let (inner, content, shown) = self.control(tree, id, look);
                    if let (Some(content), true) = (content, shown) {
                        self.blocks(tree, content, inner, out);
                        settle_dates(tree, id, &mut out[begin..]);
                    }
                    if out.len() == begin {
                        out.push(Block::Paragraph(Paragraph { spans: vec![mark(inner)], ..Paragraph::default() }));
                    }
                }
                _ => {
                    if let Some(inside) = branch(tree, id) {
                        self.blocks(tree, inside, look, out);
                    }
                }
            }
        }
    }

    fn rows(&mut self, tree: &Tree, parent: u32, look: Look, table: &mut Table) {
        for id in tree.elements(parent) {
            let node = tree.node(id);
            match (node.ns, node.name) {
                (Ns::Word, "tr") => {
                    let deleted =
                        tree.child(id, "trPr").is_some_and(|properties| tree.child(properties, "del").is_some());
                    if !deleted {
                        let mut row = Row::default();
                        self.cells(tree, id, look, &mut row);
                        table.rows.push(row);
                    }
                }
                (Ns::Word, "sdt") => {
                    if let (inner, Some(content), _) = self.control(tree, id, look) {
                        // Around whole rows (repeating sections) a control says nothing about the cells.
                        let look = Look { control: look.control, ..inner };
                        self.rows(tree, content, look, table);
                    }
                }
                _ => {
                    if let Some(inside) = branch(tree, id) {
                        self.rows(tree, inside, look, table);
                    }
                }
            }
        }
    }

    fn cells(&mut self, tree: &Tree, parent: u32, look: Look, row: &mut Row) {
        for id in tree.elements(parent) {
            let node = tree.node(id);
            match (node.ns, node.name) {
                (Ns::Word, "tc") => {
                    let mut cell = Cell { columns: 1, ..Cell::default() };
                    if let Some(properties) = tree.child(id, "tcPr") {
                        cell.columns = tree
                            .child_value(properties, "gridSpan")
                            .and_then(|n| n.parse().ok())
                            .unwrap_or(1)
                            .clamp(1, 64);
                        let merge = tree.child_value(properties, "vMerge");
                        cell.begins_merge = merge == Some("restart");
                        cell.continued = matches!(merge, Some(value) if value != "restart");
                    }
                    self.blocks(tree, id, look, &mut cell.blocks);
                    row.cells.push(cell);
                }
                (Ns::Word, "sdt") => {
                    let (inner, content, shown) = self.control(tree, id, look);
                    let begin = row.cells.len();
                    if let Some(content) = content {
                        self.cells(tree, content, inner, row);
                        row.cells[begin..].iter_mut().for_each(|cell| settle_dates(tree, id, &mut cell.blocks));
                    }
                    if !shown {
                        row.cells[begin..].iter_mut().for_each(|cell| {
                            cell.blocks =
                                vec![Block::Paragraph(Paragraph { spans: vec![mark(inner)], ..Paragraph::default() })];
                        });
                    }
                }
                _ => {
                    if let Some(inside) = branch(tree, id) {
                        self.cells(tree, inside, look, row);
                    }
                }
            }
        }
    }

    fn paragraph(&mut self, tree: &Tree, id: u32, look: Look, out: &mut Vec<Block>) {
        let mut paragraph = Paragraph::default();
        let mut look = Look { hidden: false, ..look };
        if let Some(properties) = tree.child(id, "pPr") {
            let style = tree.child_value(properties, "pStyle").unwrap_or("");
            look.hidden = self.hidden.by(style) == Some(true);
            let style = style.to_ascii_lowercase();
            paragraph.heading =
                style.contains("heading") || style.contains("title") || tree.child(properties, "outlineLvl").is_some();
        }
        let outer = std::mem::take(&mut self.boxes);
        self.runs(tree, id, look, &mut paragraph.spans);
        let boxes = std::mem::replace(&mut self.boxes, outer);
        if boxes.is_empty() || !paragraph.is_blank() {
            out.push(Block::Paragraph(paragraph));
        }
        out.extend(boxes);
    }

    /// Run level: runs and what wraps them.
    fn runs(&mut self, tree: &Tree, parent: u32, look: Look, out: &mut Vec<Span>) {
        for id in tree.elements(parent) {
            let node = tree.node(id);
            match (node.ns, node.name) {
                (Ns::Word, "r") => self.run(tree, id, look, out),
                (Ns::Word, "sdt") => {
                    let begin = out.len();
                    let (inner, content, shown) = self.control(tree, id, look);
                    if let Some(ticked) = checkbox(tree, id) {
                        push(out, if ticked { "☒" } else { "☐" }, inner);
                    } else if let (Some(content), true) = (content, shown) {
                        self.runs(tree, content, inner, out);
                        settle_date(tree, id, &mut out[begin..]);
                    }
                    if out.len() == begin {
                        out.push(mark(inner));
                    }
                }
                (Ns::Word, "pPr") => {}
                (Ns::Other, "t") => push(out, &tree.text(id), look), // a formula's text
                _ => {
                    if let Some(inside) = branch(tree, id) {
                        self.runs(tree, inside, look, out);
                    }
                }
            }
        }
    }

    fn run(&mut self, tree: &Tree, id: u32, look: Look, out: &mut Vec<Span>) {
        let properties = tree.child(id, "rPr");
        let set = |name: &str| properties.and_then(|properties| tree.switch(properties, name));
        let style = properties.and_then(|properties| tree.child_value(properties, "rStyle"));
        let styled = || style.and_then(|style| self.hidden.by(style)).unwrap_or(look.hidden);
        if set("vanish").unwrap_or_else(styled)
            || set("webHidden") == Some(true)
            || properties.is_some_and(|p| tree.child(p, "del").is_some())
        {
            // Hidden text is not what the author saw; field marks within it still count.
            return self.field_marks(tree, id, look, out);
        }
        let mut look = look;
        look.struck |= set("strike") == Some(true) || set("dstrike") == Some(true);
        look.bold |= set("b") == Some(true);
        look.faint |= properties.is_some_and(|properties| is_faint(tree, properties));
        look.highlighted |=
            set("highlight") == Some(true) || properties.is_some_and(|properties| is_shaded(tree, properties));
        let symbols = properties
            .and_then(|properties| tree.child(properties, "rFonts"))
            .and_then(|fonts| tree.attribute(fonts, "ascii"))
            .is_some_and(|font| font.starts_with("Wingdings"));
        self.run_content(tree, id, look, symbols, out);
    }

    fn run_content(&mut self, tree: &Tree, id: u32, look: Look, symbols: bool, out: &mut Vec<Span>) {
        for child in tree.elements(id) {
            let node = tree.node(child);
            let silent = self.fields.iter().any(|field| field.silent);
            let mut look = look;
            look.control = self.fields.iter().rev().find_map(|field| field.control).or(look.control);
            match (node.ns, node.name) {
                (Ns::Word, "fldChar") => self.field_mark(tree, child, look, out),
                (Ns::Word, "rPr" | "delText" | "instrText" | "delInstrText") => {}
                _ if silent => {}
                (Ns::Word, "t") if symbols => {
                    let text: String = tree.text(child).chars().map(|c| symbol(c as u32).unwrap_or(c)).collect();
                    push(out, &text, look);
                }
                (Ns::Word, "t") => push(out, &tree.text(child), look),
                (Ns::Word, "tab" | "ptab") => push(out, "\t", look),
                (Ns::Word, "br" | "cr") => push(out, "\n", look),
                (Ns::Word, "noBreakHyphen") => push(out, "-", look),
                (Ns::Word, "sym") => {
                    let code =
                        tree.attribute(child, "char").and_then(|code| u32::from_str_radix(code, 16).ok()).unwrap_or(0);
                    if let Some(c) = symbol(code) {
                        push(out, c.encode_utf8(&mut [0; 4]), look);
                    }
                }
                (Ns::Word, "drawing" | "pict" | "object") | (Ns::Compatibility, _) => {
                    self.boxes_within(tree, child, look, out)
                }
                _ => {}
            }
        }
    }

    /// The text boxes within a drawing; within alternate content also plain runs.
    fn boxes_within(&mut self, tree: &Tree, id: u32, look: Look, out: &mut Vec<Span>) {
        let Some(id) = branch(tree, id) else { return };
        for child in tree.elements(id) {
            let node = tree.node(child);
            match (node.ns, node.name) {
                (Ns::Word, "txbxContent") => {
                    let mut blocks = Vec::new();
                    self.blocks(tree, child, look, &mut blocks);
                    self.boxes.append(&mut blocks);
                }
                (Ns::Word, "r") => self.run(tree, child, look, out),
                (Ns::Word, "t") => push(out, &tree.text(child), look),
                _ => self.boxes_within(tree, child, look, out),
            }
        }
    }

    fn field_marks(&mut self, tree: &Tree, id: u32, look: Look, out: &mut Vec<Span>) {
        for child in tree.elements(id) {
            if tree.node(child).name == "fldChar" {
                self.field_mark(tree, child, look, out);
            }
        }
    }

    fn field_mark(&mut self, tree: &Tree, id: u32, look: Look, out: &mut Vec<Span>) {
        match tree.attribute(id, "fldCharType").unwrap_or("") {
            "begin" => {
                let mut field = OpenField { silent: true, silent_result: false, control: None };
                if let Some(data) = tree.child(id, "ffData") {
                    let name = tree.child_value(data, "name").unwrap_or("").to_owned();
                    let help = tree.child_value(data, "helpText").unwrap_or("").to_owned();
                    self.controls.push(Control { tag: name, alias: help });
                    let look = Look { control: Some(self.controls.len() - 1), ..look };
                    field.control = look.control;
                    field.silent_result = legacy_state(tree, data, look, out);
                    if !field.silent_result {
                        out.push(mark(look));
                    }
                }
                self.fields.push(field);
            }
            "separate" => {
                if let Some(field) = self.fields.last_mut() {
                    field.silent = field.silent_result;
                }
            }
            "end" => {
                self.fields.pop();
            }
            _ => {}
        }
    }

    /// A content control's look, its content, and whether that content is an answer and no placeholder.
    fn control(&mut self, tree: &Tree, id: u32, look: Look) -> (Look, Option<u32>, bool) {
        let mut control = Control::default();
        let mut shown = true;
        if let Some(properties) = tree.child(id, "sdtPr") {
            control.tag = tree.child_value(properties, "tag").unwrap_or("").to_owned();
            control.alias = tree.child_value(properties, "alias").unwrap_or("").to_owned();
            shown = tree.switch(properties, "showingPlcHdr") != Some(true);
            let group = ["docPartObj", "docPartList", "group", "repeatingSection", "repeatingSectionItem"];
            if group.iter().any(|name| tree.child(properties, name).is_some()) {
                return (look, tree.child(id, "sdtContent"), true);
            }
        }
        self.controls.push(control);
        let look = Look { control: Some(self.controls.len() - 1), ..look };
        (look, tree.child(id, "sdtContent"), shown)
    }
}

/// What to walk into for an element without a meaning of its own; None for what is deleted, moved away or no content.
fn branch(tree: &Tree, id: u32) -> Option<u32> {
    let node = tree.node(id);
    match (node.ns, node.name) {
        (
            Ns::Word,
            "del" | "moveFrom" | "sdtPr" | "sdtEndPr" | "tcPr" | "trPr" | "tblPr" | "tblGrid" | "sectPr" | "rPr",
        ) => None,
        (Ns::Compatibility, "AlternateContent") => tree
            .child(id, "Choice")
            .filter(|&choice| tree.elements(choice).next().is_some())
            .or_else(|| tree.child(id, "Fallback")),
        _ => Some(id),
    }
}

fn checkbox(tree: &Tree, sdt: u32) -> Option<bool> {
    let properties = tree.child(sdt, "sdtPr")?;
    let checkbox = tree.child(properties, "checkbox")?;
    Some(tree.switch(checkbox, "checked").unwrap_or(false))
}

/// [`settle_date`] for the paragraphs of a control around blocks.
fn settle_dates(tree: &Tree, sdt: u32, blocks: &mut [Block]) {
    for block in blocks {
        if let Block::Paragraph(paragraph) = block {
            settle_date(tree, sdt, &mut paragraph.spans);
        }
    }
}

/// A date control that shows its date with the month first says so: what it shows is then written as year, month and day. Where
/// the words are not those of the control's own date, somebody wrote them over, and they stand.
fn settle_date(tree: &Tree, sdt: u32, spans: &mut [Span]) {
    let Some((full, format)) = date_control(tree, sdt) else { return };
    let month_first = match (format.find('M'), format.find('d')) {
        (Some(month), Some(day)) => month < day && !format.contains("MMM"),
        _ => false,
    };
    let numbers = |text: &str| -> Vec<u32> {
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
    };
    let shown: String = spans.iter().map(|span| span.text.as_str()).collect();
    let ([year, month, day], [first, second, last]) = (&numbers(full)[..], &numbers(&shown)[..]) else { return };
    let same = first == month && second == day && (last == year || *last == year % 100);
    if month_first && same && !shown.contains(char::is_alphabetic) {
        spans.iter_mut().for_each(|span| span.text.clear());
        spans[0].text.push_str(full);
    }
}

/// The day that a date control holds, `YYYY-MM-DD`, and the format in which it shows it.
fn date_control<'t>(tree: &'t Tree, sdt: u32) -> Option<(&'t str, &'t str)> {
    let date = tree.child(tree.child(sdt, "sdtPr")?, "date")?;
    let full = tree.attribute(date, "fullDate")?.split('T').next()?;
    Some((full, tree.child_value(date, "dateFormat")?))
}

/// A legacy check box or drop-down list: writes its state and says that the field's result is not to be read besides.
fn legacy_state(tree: &Tree, data: u32, look: Look, out: &mut Vec<Span>) -> bool {
    if let Some(checkbox) = tree.child(data, "checkBox") {
        let ticked = tree.switch(checkbox, "checked").or_else(|| tree.switch(checkbox, "default")).unwrap_or(false);
        push(out, if ticked { "☒" } else { "☐" }, look);
        return true;
    }
    if let Some(list) = tree.child(data, "ddList") {
        let number = |name| tree.child_value(list, name).and_then(|value| value.parse::<usize>().ok());
        let chosen = number("result").or_else(|| number("default")).unwrap_or(0);
        let entries = tree.elements(list).filter(|&id| tree.node(id).name == "listEntry");
        let entry = entries.filter_map(|id| tree.attribute(id, "val")).nth(chosen).unwrap_or("");
        push(out, entry, look);
        if entry.is_empty() {
            out.push(mark(look));
        }
        return true;
    }
    false
}

fn is_shaded(tree: &Tree, properties: u32) -> bool {
    tree.child(properties, "shd").and_then(|shading| tree.attribute(shading, "fill")).is_some_and(|fill| {
        ["FFFF00", "00FF00", "00FFFF", "FFFF99", "92D050", "FFC000"]
            .iter()
            .any(|colour| fill.eq_ignore_ascii_case(colour))
    })
}

/// Grey, or italic and small: the look of guidance.
fn is_faint(tree: &Tree, properties: u32) -> bool {
    let colour = tree.child_value(properties, "color").unwrap_or("auto");
    let channels: Vec<u8> =
        (0..3).filter_map(|at| u8::from_str_radix(colour.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
    let grey = matches!(channels.as_slice(), [r, g, b] if r.abs_diff(*g) < 12 && g.abs_diff(*b) < 12 && (0x50..0xd0).contains(r));
    let italic = tree.switch(properties, "i") == Some(true);
    let small =
        tree.child_value(properties, "sz").and_then(|size| size.parse::<u32>().ok()).is_some_and(|size| size <= 17);
    grey || (italic && small)
}

/// The boxes and ticks of the Wingdings fonts, with or without their private-use offset.
pub(super) fn symbol(code: u32) -> Option<char> {
    match code & 0xff {
        _ if code > 0xff && code & 0xff00 != 0xf000 => char::from_u32(code),
        0xfc | 0xfe | 0xfd | 0x78 | 0x52 | 0x53 | 0x54 | 0xfb | 0x51 => Some(TICKED),
        0xa8 | 0x6f | 0x71 | 0x72 | 0xa3 | 0x2a | 0x2b => Some(UNTICKED),
        _ => None,
    }
}

fn mark(look: Look) -> Span {
    Span { control: look.control, ..Span::default() }
}

/// Adds text, joined to the run before where it looks the same.
fn push(out: &mut Vec<Span>, text: &str, look: Look) {
    if text.is_empty() {
        return;
    }
    if let Some(last) = out.last_mut()
        && (last.struck, last.highlighted, last.bold, last.faint, last.control)
            == (look.struck, look.highlighted, look.bold, look.faint, look.control)
    {
        last.text.push_str(text);
        return;
    }
    let Look { struck, highlighted, bold, faint, control, hidden: _ } = look;
    out.push(Span { text: text.to_owned(), struck, highlighted, bold, faint, control });
}
