//! The list of contents: a field that Word can bring up to date, filled in from the start with the headings as links, so that it is
//! never empty.
//!
//! Comes in: the headings of a document in order. Goes out: paragraphs, with what docx-rs cannot write as pieces of XML.

use super::patch::escape;

/// A heading that the list names.
pub(super) struct Heading {
    /// 1 or 2.
    pub level: usize,
    /// Its words.
    pub text: String,
    /// Its bookmark.
    pub anchor: String,
}

/// Headings of levels 1 and 2 as links, without page numbers: those are known to whatever lays the pages out, and wrong ones would be
/// worse than none. The headings are numbered instead.
const INSTRUCTION: &str = " TOC \\o \"1-2\" \\h \\z \\n \\u ";

/// The runs of each line, and the number of its level: the first opens the field and the last closes it.
pub(super) fn lines(headings: &[Heading]) -> Vec<(usize, String)> {
    let last = headings.len().saturating_sub(1);
    let line = |(at, heading): (usize, &Heading)| {
        let opens = format!(
            "{}<w:r><w:instrText xml:space=\"preserve\">{}</w:instrText></w:r>{}",
            mark("begin"),
            escape(INSTRUCTION),
            mark("separate")
        );
        let link = format!(
            "<w:hyperlink w:anchor=\"{}\" w:history=\"1\"><w:r><w:rPr><w:rStyle w:val=\"Hyperlink\"/></w:rPr>\
             <w:t xml:space=\"preserve\">{}</w:t></w:r></w:hyperlink>",
            escape(&heading.anchor),
            escape(&heading.text)
        );
        let before = if at == 0 { opens } else { String::new() };
        let after = if at == last { mark("end") } else { String::new() };
        (heading.level, format!("{before}{link}{after}"))
    };
    headings.iter().enumerate().map(line).collect()
}

fn mark(kind: &str) -> String {
    format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>")
}
