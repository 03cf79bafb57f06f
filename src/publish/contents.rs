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

/// The lines that fit on one page: with more headings the list names those of level 1 alone.
const LINES_MAX: usize = 54;

/// Headings as links, without page numbers: those are known to whatever lays the pages out. A field that asks for them is filled in only
/// after a question that Word puts to the reader, and not at all by others; wrong ones would be worse than none. The headings are numbered
/// instead.
fn instruction(levels: usize) -> String {
    format!(" TOC \\o \"1-{levels}\" \\h \\z \\n \\u ")
}

/// The runs of each line, and the number of its level: the first opens the field and the last closes it.
pub(super) fn lines(headings: &[Heading]) -> Vec<(usize, String)> {
    let levels = if headings.len() > LINES_MAX { 1 } else { 2 };
    let headings: Vec<&Heading> = headings.iter().filter(|heading| heading.level <= levels).collect();
    let last = headings.len().saturating_sub(1);
    let line = |(at, heading): (usize, &&Heading)| {
        let opens = format!(
            "{}<w:r><w:instrText xml:space=\"preserve\">{}</w:instrText></w:r>{}",
            mark("begin"),
            escape(&instruction(levels)),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(parts: usize, sections: usize) -> Vec<Heading> {
        let heading = |level, text: String| Heading { level, anchor: text.replace('.', "x"), text };
        let part = |at: usize| {
            let sections = (0..sections).map(move |section| heading(2, format!("{at}.{section}")));
            std::iter::once(heading(1, at.to_string())).chain(sections)
        };
        (0..parts).flat_map(part).collect()
    }

    #[test]
    fn the_list_fits_one_page() {
        let short = lines(&headings(6, 8));
        assert_eq!(short.len(), LINES_MAX);
        assert!(short[0].1.contains("1-2") && short[53].1.ends_with(&mark("end")));
        let long = lines(&headings(8, 40));
        assert_eq!(long.iter().map(|(level, _)| *level).collect::<Vec<_>>(), [1; 8]);
        assert!(long[0].1.contains("1-1") && long[7].1.ends_with(&mark("end")));
        assert!(lines(&[]).is_empty());
    }
}
