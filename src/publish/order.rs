//! The order that the schema of WordprocessingML asks for: docx-rs writes the properties of paragraphs, runs, tables, styles and
//! sections in orders of its own, which Word forgives and strict readers do not.
//!
//! Comes in: a part of the document as XML. Goes out: the same elements and text, the children of [`ORDERS`] in the schema's order,
//! without the few things that the schema does not know there. Knows nothing of what the document says.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::word::Failure;

/// Elements whose children have a fixed order (ISO/IEC 29500-1, the sequences of its schema), as far as they are ever written.
const ORDERS: [(&str, &[&str]); 9] = [
    (
        "w:style",
        &[
            "w:name",
            "w:basedOn",
            "w:next",
            "w:link",
            "w:uiPriority",
            "w:unhideWhenUsed",
            "w:qFormat",
            "w:pPr",
            "w:rPr",
            "w:tblPr",
        ],
    ),
    (
        "w:pPr",
        &[
            "w:pStyle",
            "w:keepNext",
            "w:keepLines",
            "w:pageBreakBefore",
            "w:widowControl",
            "w:numPr",
            "w:pBdr",
            "w:shd",
            "w:tabs",
            "w:snapToGrid",
            "w:spacing",
            "w:ind",
            "w:contextualSpacing",
            "w:jc",
            "w:textAlignment",
            "w:outlineLvl",
            "w:rPr",
        ],
    ),
    (
        "w:rPr",
        &[
            "w:rStyle",
            "w:rFonts",
            "w:b",
            "w:bCs",
            "w:i",
            "w:iCs",
            "w:caps",
            "w:strike",
            "w:dstrike",
            "w:noProof",
            "w:vanish",
            "w:webHidden",
            "w:color",
            "w:spacing",
            "w:sz",
            "w:szCs",
            "w:highlight",
            "w:u",
            "w:shd",
            "w:vertAlign",
            "w:lang",
        ],
    ),
    ("w:numPr", &["w:ilvl", "w:numId"]),
    (
        "w:tblPr",
        &[
            "w:tblStyle",
            "w:tblW",
            "w:jc",
            "w:tblInd",
            "w:tblBorders",
            "w:shd",
            "w:tblLayout",
            "w:tblCellMar",
            "w:tblLook",
            "w:tblCaption",
            "w:tblDescription",
        ],
    ),
    ("w:tblBorders", &["w:top", "w:left", "w:start", "w:bottom", "w:right", "w:end", "w:insideH", "w:insideV"]),
    ("w:tcPr", &["w:tcW", "w:gridSpan", "w:vMerge", "w:tcBorders", "w:shd", "w:noWrap", "w:tcMar", "w:vAlign"]),
    (
        "w:sectPr",
        &[
            "w:headerReference",
            "w:footerReference",
            "w:type",
            "w:pgSz",
            "w:pgMar",
            "w:pgNumType",
            "w:cols",
            "w:titlePg",
            "w:docGrid",
        ],
    ),
    (
        "w:settings",
        &[
            "w:zoom",
            "w:mirrorMargins",
            "w:evenAndOddHeaders",
            "w:defaultTabStop",
            "w:characterSpacingControl",
            "w:compat",
            "w:themeFontLang",
            "w:decimalSymbol",
            "w:listSeparator",
        ],
    ),
];

/// A part with its elements in the schema's order.
pub(super) fn ordered(xml: &str) -> Result<String, Failure> {
    let mut walk = Walk { xml, reader: Reader::from_str(xml), path: Vec::new() };
    let mut out = String::with_capacity(xml.len());
    while let Some(child) = walk.child()? {
        out.push_str(&child.xml);
    }
    Ok(out)
}

struct Walk<'x> {
    xml: &'x str,
    reader: Reader<&'x [u8]>,
    path: Vec<String>,
}

/// An element, or what stands between two.
struct Piece {
    name: Option<String>,
    xml: String,
}

impl Walk<'_> {
    /// The next element or text of the element that is open; `None` at its end tag or at the end of the part.
    fn child(&mut self) -> Result<Option<Piece>, Failure> {
        let from = self.at();
        let event = self.reader.read_event().map_err(|_| Failure::Patch("a part is not well-formed"))?;
        let raw = self.xml.get(from..self.at()).ok_or(Failure::Patch("a part is not well-formed"))?;
        let named = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        Ok(match event {
            Event::Eof | Event::End(_) => None,
            Event::Empty(start) => {
                let name = named(start.name().as_ref());
                let xml = if name == "w:gridCol" { without_attribute(raw, "w:type") } else { raw.to_owned() };
                Some(Piece { xml, name: Some(name) })
            }
            Event::Start(start) => Some(self.element(named(start.name().as_ref()), raw)?),
            _ => Some(Piece { name: None, xml: raw.to_owned() }),
        })
    }

    fn element(&mut self, name: String, start: &str) -> Result<Piece, Failure> {
        let mut xml = if name == "w:gridCol" { without_attribute(start, "w:type") } else { start.to_owned() };
        self.path.push(name.clone());
        match ORDERS.iter().find(|(ordered, _)| *ordered == name) {
            None => {
                while let Some(child) = self.child()? {
                    xml.push_str(&child.xml);
                }
            }
            Some((_, order)) => {
                let mut children = Vec::new();
                while let Some(child) = self.child()? {
                    children.push(child);
                }
                children.retain(|child| !self.foreign(child));
                let place = |child: &Piece| order.iter().position(|known| child.name.as_deref() == Some(known));
                // What the table does not name stays last, in its own order: the sort is stable.
                children.sort_by_key(|child| place(child).unwrap_or(usize::MAX));
                children.iter().for_each(|child| xml.push_str(&child.xml));
            }
        }
        self.path.pop();
        xml.push_str(&format!("</{name}>"));
        Ok(Piece { name: Some(name), xml })
    }

    /// The properties of a paragraph's mark stand in paragraphs alone, not in styles and lists.
    fn foreign(&self, child: &Piece) -> bool {
        let parent = self.path.len().checked_sub(2).map(|at| self.path[at].as_str());
        self.path.last().is_some_and(|name| name == "w:pPr")
            && child.name.as_deref() == Some("w:rPr")
            && matches!(parent, Some("w:style" | "w:pPrDefault" | "w:lvl"))
    }

    fn at(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }
}

fn without_attribute(tag: &str, name: &str) -> String {
    let Some((before, after)) = tag.split_once(&format!(" {name}=\"")) else { return tag.to_owned() };
    format!("{before}{}", after.split_once('"').map_or("", |(_, after)| after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_stand_in_the_schemas_order_and_text_is_untouched() {
        let xml = "<?xml version=\"1.0\"?><w:p><w:pPr><w:rPr /><w:jc w:val=\"left\"/><w:pStyle w:val=\"A\"/></w:pPr><w:r><w:t \
                   xml:space=\"preserve\"> a &amp; b</w:t></w:r></w:p>";
        let wanted = "<?xml version=\"1.0\"?><w:p><w:pPr><w:pStyle w:val=\"A\"/><w:jc w:val=\"left\"/><w:rPr /></w:pPr><w:r><w:t \
                      xml:space=\"preserve\"> a &amp; b</w:t></w:r></w:p>";
        assert_eq!(ordered(xml).unwrap(), wanted);
    }

    #[test]
    fn what_the_schema_does_not_know_goes() {
        let style =
            "<w:style><w:rPr><w:b/></w:rPr><w:pPr><w:rPr></w:rPr><w:spacing/></w:pPr><w:name w:val=\"x\"/></w:style>";
        let wanted = "<w:style><w:name w:val=\"x\"/><w:pPr><w:spacing/></w:pPr><w:rPr><w:b/></w:rPr></w:style>";
        assert_eq!(ordered(style).unwrap(), wanted);
        assert_eq!(ordered("<w:gridCol w:w=\"3\" w:type=\"dxa\"/>").unwrap(), "<w:gridCol w:w=\"3\"/>");
        assert!(ordered("<w:p><w:r></w:p>").is_err());
    }
}
