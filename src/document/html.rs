//! HTML as Outlook, Word and phones write it to a [`Document`]: paragraphs, tables with their cells apart, form elements.
//!
//! Comes in: decoded HTML. Goes out: a [`Document`]. Scripts, styles, comments and what is not displayed are left out; nothing is fetched.

use scraper::{ElementRef, Html, Node};

use super::{Block, Cell, Control, Document, Paragraph, Row, Span, Table, Trouble};

/// Elements within one another that are walked.
const DEPTH_MAX: usize = 220;
/// Tags of a page that is parsed.
pub const TAGS_MAX: usize = 120_000;
/// Bytes of HTML that are parsed.
const BYTES_MAX: usize = 8 << 20;

/// Reads a page.
///
/// # Errors
/// `too_large`, `too_deep`.
pub fn read(html: &str) -> Result<Document, Trouble> {
    if html.len() > BYTES_MAX || tags(html) > TAGS_MAX {
        return Err(Trouble::new("too_large", "The page is larger than is read."));
    }
    if nesting(html) > 4000 {
        return Err(Trouble::new("too_deep", "The page is nested deeper than is read."));
    }
    let page = Html::parse_document(html);
    let mut walk = Walk::default();
    walk.children(page.root_element(), Look::default(), 0)?;
    walk.end_paragraph();
    Ok(Document { format: "html", blocks: walk.blocks, headers: Vec::new(), controls: walk.controls, cut: false })
}

/// Tags of a page, closing ones included: what the tree's memory goes by.
pub fn tags(html: &str) -> usize {
    html.bytes().filter(|&byte| byte == b'<').count()
}

/// A bound on how deep the parser's tree gets, before it is built: opened less closed tags.
pub fn nesting(html: &str) -> usize {
    let (mut depth, mut most) = (0usize, 0usize);
    let bytes = html.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        if byte == b'<' {
            match bytes.get(at + 1) {
                Some(b'/') => depth = depth.saturating_sub(1),
                Some(c) if c.is_ascii_alphabetic() && !is_void(&bytes[at + 1..]) => depth += 1,
                _ => {}
            }
            most = most.max(depth);
        }
    }
    most
}

/// Elements that are never closed in practice.
fn is_void(rest: &[u8]) -> bool {
    const NAMES: [&str; 11] = ["br", "img", "hr", "meta", "input", "link", "p", "li", "tr", "td", "col"];
    let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
    NAMES.iter().any(|name| rest[..end].eq_ignore_ascii_case(name.as_bytes()))
}

#[derive(Clone, Copy, Default)]
struct Look {
    struck: bool,
    highlighted: bool,
    bold: bool,
    faint: bool,
    heading: bool,
    preformatted: bool,
    control: Option<usize>,
}

#[derive(Default)]
struct Walk {
    blocks: Vec<Block>,
    paragraph: Paragraph,
    controls: Vec<Control>,
}

impl Walk {
    fn children(&mut self, parent: ElementRef<'_>, look: Look, depth: usize) -> Result<(), Trouble> {
        if depth > DEPTH_MAX {
            return Err(Trouble::new("too_deep", "The page is nested deeper than is read."));
        }
        for node in parent.children() {
            match node.value() {
                Node::Text(text) => self.text(text, look),
                Node::Element(_) => {
                    if let Some(element) = ElementRef::wrap(node) {
                        self.element(element, look, depth + 1)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn element(&mut self, element: ElementRef<'_>, look: Look, depth: usize) -> Result<(), Trouble> {
        let name = element.value().name();
        let look = styled(element, name, look);
        match name {
            "head" | "script" | "style" | "noscript" | "template" | "title" => {}
            _ if is_hidden(element) => {}
            "br" => self.push("\n", look),
            "hr" => {
                self.end_paragraph();
                self.gap();
            }
            "input" | "select" | "textarea" => self.form_element(element, name, look),
            "table" => self.table(element, look, depth)?,
            "p" | "div" | "li" | "ul" | "ol" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "pre"
            | "section" | "article" | "header" | "footer" | "center" | "dl" | "dt" | "dd" | "form" | "fieldset"
            | "legend" | "address" => {
                self.end_paragraph();
                let begin = self.blocks.len();
                self.children(element, look, depth)?;
                self.paragraph.heading = look.heading;
                self.end_paragraph();
                if name == "p" && self.blocks.len() == begin {
                    self.gap();
                }
            }
            _ => self.children(element, look, depth)?,
        }
        Ok(())
    }

    fn table(&mut self, element: ElementRef<'_>, look: Look, depth: usize) -> Result<(), Trouble> {
        self.end_paragraph();
        let mut table = Table::default();
        self.rows(element, look, depth + 1, &mut table)?;
        self.blocks.push(Block::Table(table));
        Ok(())
    }

    fn rows(&mut self, parent: ElementRef<'_>, look: Look, depth: usize, table: &mut Table) -> Result<(), Trouble> {
        for child in parent.child_elements() {
            match child.value().name() {
                _ if is_hidden(child) => {}
                "tr" => {
                    let mut row = Row::default();
                    for cell in child.child_elements().filter(|cell| matches!(cell.value().name(), "td" | "th")) {
                        row.cells.push(self.cell(cell, look, depth + 1)?);
                    }
                    table.rows.push(row);
                }
                "caption" => {
                    self.children(child, look, depth + 1)?;
                    self.end_paragraph();
                }
                _ => self.rows(child, look, depth + 1, table)?,
            }
        }
        Ok(())
    }

    fn cell(&mut self, element: ElementRef<'_>, look: Look, depth: usize) -> Result<Cell, Trouble> {
        let outer = std::mem::take(&mut self.blocks);
        let paragraph = std::mem::take(&mut self.paragraph);
        let look = styled(element, element.value().name(), look);
        let done = self.children(element, look, depth);
        self.end_paragraph();
        let blocks = std::mem::replace(&mut self.blocks, outer);
        self.paragraph = paragraph;
        done?;
        let span = |name| element.value().attr(name).and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(1);
        Ok(Cell { blocks, columns: span("colspan").clamp(1, 64), continued: false, begins_merge: span("rowspan") > 1 })
    }

    fn form_element(&mut self, element: ElementRef<'_>, name: &str, look: Look) {
        let attribute = |name| element.value().attr(name);
        let control = Control {
            tag: attribute("name").or_else(|| attribute("id")).unwrap_or("").to_owned(),
            alias: attribute("aria-label").or_else(|| attribute("title")).unwrap_or("").to_owned(),
        };
        self.controls.push(control);
        let look = Look { control: Some(self.controls.len() - 1), ..look };
        let kind = attribute("type").unwrap_or("text").to_ascii_lowercase();
        match (name, kind.as_str()) {
            ("input", "checkbox" | "radio") => self.push(if attribute("checked").is_some() { "☒" } else { "☐" }, look),
            ("input", "hidden" | "submit" | "button" | "image" | "reset" | "password") => {}
            ("input", _) => self.push(attribute("value").unwrap_or(""), look),
            ("textarea", _) => self.push(&element.text().collect::<String>(), look),
            _ => {
                let chosen = element
                    .descendants()
                    .filter_map(ElementRef::wrap)
                    .find(|option| option.value().attr("selected").is_some());
                self.push(&chosen.map(|option| option.text().collect::<String>()).unwrap_or_default(), look);
            }
        }
    }

    /// Text with its white space collapsed, as it is shown.
    fn text(&mut self, text: &str, look: Look) {
        if look.preformatted {
            return self.push(text, look);
        }
        let mut shown = String::with_capacity(text.len());
        let mut space = self.paragraph.spans.last().is_none_or(|span| span.text.ends_with([' ', '\n']));
        for c in text.chars() {
            if matches!(c, ' ' | '\n' | '\t' | '\r' | '\u{c}') {
                if !space {
                    shown.push(' ');
                }
                space = true;
            } else {
                shown.push(if c == '\u{a0}' { ' ' } else { c });
                space = false;
            }
        }
        self.push(&shown, look);
    }

    fn push(&mut self, text: &str, look: Look) {
        if text.is_empty() && look.control.is_none() {
            return;
        }
        let Look { struck, highlighted, bold, faint, control, .. } = look;
        if let Some(last) = self.paragraph.spans.last_mut()
            && (last.struck, last.highlighted, last.bold, last.faint, last.control)
                == (struck, highlighted, bold, faint, control)
        {
            last.text.push_str(text);
            return;
        }
        self.paragraph.spans.push(Span { text: text.to_owned(), struck, highlighted, bold, faint, control });
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let has_control = paragraph.spans.iter().any(|span| span.control.is_some());
        if !paragraph.is_blank() || has_control {
            self.blocks.push(Block::Paragraph(paragraph));
        } else if !paragraph.spans.is_empty() {
            self.gap();
        }
    }

    fn gap(&mut self) {
        self.blocks.push(Block::Paragraph(Paragraph::default()));
    }
}

fn styled(element: ElementRef<'_>, name: &str, look: Look) -> Look {
    let mut look = look;
    match name {
        "b" | "strong" | "th" => look.bold = true,
        "s" | "strike" | "del" => look.struck = true,
        "mark" => look.highlighted = true,
        "pre" => look.preformatted = true,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => look.heading = true,
        _ => {}
    }
    if let Some(style) = element.value().attr("style") {
        let style: String = style.to_ascii_lowercase().split_whitespace().collect();
        look.struck |= style.contains("line-through");
        look.faint |= [
            "color:gray",
            "color:grey",
            "color:#808080",
            "color:#7f7f7f",
            "color:#a6a6a6",
            "color:#767676",
            "color:#666",
            "color:#999",
        ]
        .iter()
        .any(|mark| style.contains(mark) && !style.contains(&format!("background-{mark}")));
        look.bold |= style.contains("font-weight:bold") || style.contains("font-weight:700");
        let inline = matches!(name, "span" | "font" | "b" | "u" | "i" | "em" | "strong");
        look.highlighted |= inline
            && [
                "background:yellow",
                "background:lime",
                "background-color:yellow",
                "background:#ffff00",
                "background-color:#ffff00",
                "mso-highlight:",
            ]
            .iter()
            .any(|mark| style.contains(mark));
    }
    look
}

/// True where an element is written not to be seen.
pub(crate) fn is_hidden(element: ElementRef<'_>) -> bool {
    element.value().attr("hidden").is_some()
        || element.value().attr("style").is_some_and(|style| {
            let style: String = style.to_ascii_lowercase().split_whitespace().collect();
            style.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
                let value = value.trim_end_matches("!important");
                match name {
                    "display" => value == "none",
                    "visibility" => matches!(value, "hidden" | "collapse"),
                    "mso-hide" => value == "all",
                    "font-size" => {
                        let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
                        number.parse::<f32>() == Ok(0.0)
                    }
                    _ => false,
                }
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_apart_and_ticks_show() {
        let page = "<table><tr><td>Team</td><td><p>MASH&nbsp;<o:p></o:p></p></td></tr></table>\
            <p>Police <input type=checkbox checked> Yes <input type=checkbox> No <s>Old</s></p><style>p {}</style><p style='display: none'>x</p>\
            <p style='color:red; visibility: hidden'>x</p><span style='font-size:0.0pt !important'>x</span>";
        let document = read(page).unwrap();
        let Block::Table(table) = &document.blocks[0] else { panic!("a table comes first") };
        assert_eq!(table.rows[0].cells.len(), 2);
        let Block::Paragraph(paragraph) = &document.blocks[1] else { panic!("then a paragraph") };
        assert_eq!(paragraph.text(), "Police ☒ Yes ☐ No Old");
        assert!(paragraph.spans.last().unwrap().struck);
        assert_eq!(document.blocks.len(), 2);
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert_eq!(read(&"<div>".repeat(100_000)).unwrap_err().code, "too_deep");
        assert_eq!(read(&"<div>".repeat(1_000)).unwrap_err().code, "too_deep");
        assert_eq!(read(&"<p>a".repeat(10_000)).unwrap().blocks.len(), 10_000);
    }
}
