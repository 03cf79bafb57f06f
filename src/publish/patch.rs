//! The patch step: what docx-rs cannot write is put into its XML by marks, each found exactly once (content controls, repeating
//! header rows, alternative text of tables), and into the other parts (language, properties).
//!
//! Comes in: the parts as docx-rs built them. Goes out: the same parts, completed. Takes no text of others without
//! [`clean`](super::word::clean) or [`escape`].

use chrono::{DateTime, SecondsFormat, Utc};
use docx_rs::XMLDocx;

use super::order::ordered;
use super::word::{Failure, Properties, clean};

/// A private-use character that [`clean`] takes out of everything that others wrote.
pub(super) const MARK_OPENS: char = '\u{E000}';
/// A private-use character that [`clean`] takes out of everything that others wrote.
pub(super) const MARK_CLOSES: char = '\u{E001}';
const CONTENT_STARTS: &str = "<w:sdtContent>";
/// What stands between two lines of a control.
pub const LINE_BREAK: &str = "<w:r><w:br/></w:r>";
const CONTENT_ENDS: &str = "</w:sdtContent>";
/// What is added to the XML where a mark stands.
pub(super) enum Patch {
    /// The row repeats at the head of each page and is a header to a screen reader (`w:tblHeader`).
    HeaderRow,
    /// Alternative text of the table: title, description, and whether its first row is a header.
    TableText(String, String, bool),
    /// This XML stands in place of the mark: a content control.
    Inline(String),
    /// The picture after the mark: its number, title and alternative text.
    Picture(usize, String, String),
    /// This content control stands around the paragraph of the mark: one that may hold several paragraphs.
    Around(String),
}

/// Everything that docx-rs leaves out.
pub(super) fn complete(parts: &mut XMLDocx, patches: &[Patch], properties: &Properties) -> Result<(), Failure> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| Failure::Patch("a part is not UTF-8"));
    parts.document = ordered(&without_ids(&patched(&text(&parts.document)?, patches)?))?.into_bytes();
    for part in parts.headers.iter_mut().chain(parts.footers.iter_mut()) {
        *part = ordered(&without_ids(&text(part)?))?.into_bytes();
    }
    parts.styles = ordered(&with_language(&text(&parts.styles)?)?)?.into_bytes();
    for part in [&mut parts.settings, &mut parts.numberings] {
        *part = ordered(&text(part)?)?.into_bytes();
    }
    parts.doc_props.core = core_properties(properties).into_bytes();
    Ok(())
}

/// One pass over the marks, which stand in the order in which they were made wherever the document follows that order; any order
/// is sound as long as each stands there exactly once.
fn patched(xml: &str, patches: &[Patch]) -> Result<String, Failure> {
    let mut out = String::with_capacity(xml.len() + xml.len() / 4);
    let mut seen = vec![false; patches.len()];
    let mut rest = xml;
    while let Some(at) = rest.find(MARK_OPENS) {
        out.push_str(&rest[..at]);
        let after = &rest[at + MARK_OPENS.len_utf8()..];
        let (number, after) = after.split_once(MARK_CLOSES).ok_or(Failure::Patch("a mark does not close"))?;
        let number: usize = number.parse().map_err(|_| Failure::Patch("a mark has no number"))?;
        let patch = patches.get(number).ok_or(Failure::Patch("a mark without a patch"))?;
        if std::mem::replace(&mut seen[number], true) {
            return Err(Failure::Patch("a mark stands twice"));
        }
        // The whole run that holds the mark goes.
        out.truncate(out.rfind("<w:r>").ok_or(Failure::Patch("a mark outside a run"))?);
        (_, rest) = after.split_once("</w:r>").ok_or(Failure::Patch("a run does not close"))?;
        apply(&mut out, patch)?;
        if let Patch::Picture(number, title, description) = patch {
            let (before, after) =
                rest.split_once("<wp:docPr ").ok_or(Failure::Patch("a picture without properties"))?;
            let (_, after) = after.split_once("/>").ok_or(Failure::Patch("a picture's properties do not close"))?;
            let (title, description) = (escape(title), escape(description));
            out.push_str(before);
            out.push_str(&format!(
                "<wp:docPr id=\"{number}\" name=\"Picture {number}\" descr=\"{description}\" title=\"{title}\"/>"
            ));
            rest = after;
        }
        if let Patch::Around(xml) = patch {
            let (_, end) = xml.split_once(CONTENT_ENDS).ok_or(Failure::Patch("a control without content"))?;
            let (before, after) = rest.split_once("</w:p>").ok_or(Failure::Patch("a paragraph does not close"))?;
            for piece in [before, "</w:p>", CONTENT_ENDS, end] {
                out.push_str(piece);
            }
            rest = after;
        }
    }
    out.push_str(rest);
    if seen.contains(&false) {
        return Err(Failure::Patch("a mark is missing"));
    }
    Ok(out)
}

fn apply(out: &mut String, patch: &Patch) -> Result<(), Failure> {
    match patch {
        Patch::Inline(xml) => out.push_str(xml),
        Patch::Picture(..) => {}
        Patch::Around(xml) => {
            let (start, runs) = xml.split_once(CONTENT_STARTS).ok_or(Failure::Patch("a control without content"))?;
            let (runs, _) = runs.split_once(CONTENT_ENDS).ok_or(Failure::Patch("a control without content"))?;
            let paragraph =
                out.rfind("<w:p ").max(out.rfind("<w:p>")).ok_or(Failure::Patch("a mark outside a paragraph"))?;
            // A line break begins a new paragraph with the properties of the first.
            let opening = out[paragraph..].to_owned();
            out.insert_str(paragraph, &format!("{start}{CONTENT_STARTS}"));
            out.push_str(&runs.replace(LINE_BREAK, &format!("</w:p>{opening}")));
        }
        Patch::HeaderRow => {
            let row = out.rfind("<w:trPr>").ok_or(Failure::Patch("a header row has no properties"))?;
            out.insert_str(row + "<w:trPr>".len(), "<w:tblHeader/>");
        }
        Patch::TableText(title, description, header_row) => {
            let table = out.rfind("<w:tblPr>").ok_or(Failure::Patch("a table has no properties"))?;
            let end = out[table..].find("</w:tblPr>").ok_or(Failure::Patch("a table's properties do not close"))?;
            let (title, description) = (escape(title), escape(description));
            let (val, first) = if *header_row { ("06A0", "1") } else { ("0680", "0") };
            let text = format!(
                "<w:tblLook w:val=\"{val}\" w:firstRow=\"{first}\" w:lastRow=\"0\" w:firstColumn=\"1\" w:lastColumn=\"0\" \
                 w:noHBand=\"1\" w:noVBand=\"1\"/><w:tblCaption w:val=\"{title}\"/>\
                 <w:tblDescription w:val=\"{description}\"/>"
            );
            out.insert_str(table + end, &text);
        }
    }
    Ok(())
}

/// docx-rs numbers paragraphs by a counter of the process: without those numbers the same input gives the same bytes.
fn without_ids(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some((before, after)) = rest.split_once(" w14:paraId=\"") {
        out.push_str(before);
        rest = after.split_once('"').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

fn with_language(styles: &str) -> Result<String, Failure> {
    let start = styles.find("<w:rPrDefault>").ok_or(Failure::Patch("the styles have no defaults"))?;
    let end = styles[start..].find("</w:rPr>").ok_or(Failure::Patch("the styles have no default run"))?;
    let (before, after) = styles.split_at(start + end);
    Ok(format!("{before}<w:lang w:val=\"en-GB\" w:eastAsia=\"en-GB\" w:bidi=\"ar-SA\"/>{after}"))
}

fn core_properties(properties: &Properties) -> String {
    let (title, subject) = (escape(&clean(&properties.title)), escape(&clean(&properties.subject)));
    let (creator, at) = (escape(&clean(&properties.creator)), stamp(properties.created_at));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\
         <cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:dcmitype=\"http://purl.org/dc/dcmitype/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <dc:title>{title}</dc:title><dc:subject>{subject}</dc:subject><dc:creator>{creator}</dc:creator>\
         <cp:lastModifiedBy>{creator}</cp:lastModifiedBy><cp:revision>1</cp:revision>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:created>\
         <dcterms:modified xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:modified>\
         <dc:language>en-GB</dc:language></cp:coreProperties>"
    )
}

/// RFC 3339 to the second, UTC.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Text as XML, in an element or in an attribute with double quotes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
