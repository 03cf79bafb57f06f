//! Word packages for the tests, and pieces of their bodies.
#![allow(dead_code)] // Each test takes what it needs.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The namespaces of a body: transitional, with the additions that Word writes.
pub const NAMESPACES: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006""#;
/// The same as strict Office Open XML.
pub const STRICT: &str = r#"xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006""#;
/// The part that names the document.
pub const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;

/// A zip archive of these files.
pub fn archive<N: Into<String>, B: AsRef<[u8]>>(files: impl IntoIterator<Item = (N, B)>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.into(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes.as_ref()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A Word package of these parts.
pub fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let own = [("[Content_Types].xml", &b"<Types/>"[..]), ("_rels/.rels", RELATIONS.as_bytes())];
    archive(own.iter().chain(parts).copied())
}

/// A part of a Word package: `root` is `document`, `hdr` or `ftr`.
pub fn part(root: &str, inner: &str, namespaces: &str) -> Vec<u8> {
    format!(r#"<?xml version="1.0" encoding="UTF-8"?><w:{root} {namespaces}>{inner}</w:{root}>"#).into_bytes()
}

/// A Word document with this body.
pub fn docx_of(body: &str, namespaces: &str) -> Vec<u8> {
    package(&[("word/document.xml", &part("document", &format!("<w:body>{body}</w:body>"), namespaces))])
}

/// A paragraph of these runs.
pub fn para(runs: &str) -> String {
    format!("<w:p>{runs}</w:p>")
}

/// A run with these properties.
pub fn styled(properties: &str, text: &str) -> String {
    format!("<w:r><w:rPr>{properties}</w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
}

/// A run.
pub fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
}

/// A paragraph of one run.
pub fn line(text: &str) -> String {
    para(&run(text))
}

/// A cell of these blocks.
pub fn cell(blocks: &str) -> String {
    format!("<w:tc>{blocks}</w:tc>")
}

/// A cell with properties.
pub fn cell_with(properties: &str, blocks: &str) -> String {
    format!("<w:tc><w:tcPr>{properties}</w:tcPr>{blocks}</w:tc>")
}

/// A row of these cells.
pub fn row_of(cells: &[String]) -> String {
    format!("<w:tr>{}</w:tr>", cells.concat())
}

/// A row of cells of one line each.
pub fn row(cells: &[&str]) -> String {
    row_of(&cells.iter().map(|text| cell(&line(text))).collect::<Vec<_>>())
}

/// A table of these rows.
pub fn table(rows: &[String]) -> String {
    format!("<w:tbl>{}</w:tbl><w:p/>", rows.concat())
}

/// A table of labels beside their answers.
pub fn two(rows: &[(&str, &str)]) -> String {
    table(&rows.iter().map(|(label, value)| row(&[label, value])).collect::<Vec<_>>())
}

/// A content control of these properties around this content.
pub fn control(properties: &str, content: &str) -> String {
    format!("<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>")
}

/// A tick box as a content control within a line.
pub fn tick(on: bool) -> String {
    let (state, sign) = if on { ("1", "☒") } else { ("0", "☐") };
    control(&format!("<w14:checkbox><w14:checked w14:val=\"{state}\"/></w14:checkbox>"), &run(sign))
}

/// A legacy form field: its data, its code and what it shows.
pub fn field(data: &str, code: &str, result: &str) -> String {
    let mark = |kind: &str, inner: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\">{inner}</w:fldChar></w:r>");
    [
        mark("begin", &format!("<w:ffData>{data}</w:ffData>")),
        format!("<w:r><w:instrText xml:space=\"preserve\"> {code} </w:instrText></w:r>"),
        mark("separate", ""),
        result.to_owned(),
        mark("end", ""),
    ]
    .concat()
}

/// A text box as Word writes it: twice, once for older programs.
pub fn text_box(blocks: &str) -> String {
    format!(
        "<w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><w:txbxContent>{blocks}</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>{blocks}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
}
