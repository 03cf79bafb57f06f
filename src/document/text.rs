//! Plain text to paragraphs, one a line: gaps stay visible as empty paragraphs, indented lines are marked as such.
//!
//! Comes in: bytes in any charset or decoded text. Goes out: a [`Document`]. Never fails.

use super::{Block, Cell, Document, Paragraph, Row, Span, Table};

/// Bytes of a line that are kept; what is longer is cut there, and said to be.
const LINE_MAX: usize = 512 * 1024;
/// Lines that are kept.
const LINES_MAX: usize = 50_000;

/// Reads text line by line.
pub fn read(text: &str) -> Document {
    let lines: Vec<&str> = text.lines().take(LINES_MAX).collect();
    let mut blocks = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let alike = rows_alike(&lines[at..]);
        if alike >= 2 {
            let rows = lines[at..at + alike].iter().map(|line| row(line)).collect();
            blocks.push(Block::Table(Table { rows }));
        } else {
            let heading = lines.get(at + 1).is_some_and(|below| underlines(below, lines[at]));
            let paragraph = Paragraph { heading, ..line_to_paragraph(lines[at]) };
            blocks.push(Block::Paragraph(paragraph));
            at += usize::from(heading);
        }
        at += alike.max(1);
    }
    let cut = text.lines().nth(LINES_MAX).is_some() || lines.iter().any(|line| line.len() > LINE_MAX);
    Document { format: "text", blocks, cut, ..Document::default() }
}

/// Decodes text of unknown charset: a byte order mark, else UTF-8, else UTF-16 by its zero bytes, else Windows-1252 (M16).
pub fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_with_bom_removal(bytes).0.into_owned();
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains('\0')
    {
        return text.to_owned();
    }
    let zeros = |offset: usize| bytes.iter().skip(offset).step_by(2).filter(|&&byte| byte == 0).count();
    let encoding = match bytes.len() / 3 {
        third if third > 0 && zeros(1) > third => encoding_rs::UTF_16LE,
        third if third > 0 && zeros(0) > third => encoding_rs::UTF_16BE,
        _ => encoding_rs::WINDOWS_1252,
    };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// The encoding of a Windows code page; Windows-1252 where the number names none that is known.
pub fn code_page(number: u32) -> &'static encoding_rs::Encoding {
    match number {
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 | 20936 => encoding_rs::GBK,
        949 | 51949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        866 => encoding_rs::IBM866,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1253 => encoding_rs::WINDOWS_1253,
        1254 | 28599 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        1200 => encoding_rs::UTF_16LE,
        10000 => encoding_rs::MACINTOSH,
        20127 | 65001 => encoding_rs::UTF_8,
        20866 => encoding_rs::KOI8_R,
        28592 => encoding_rs::ISO_8859_2,
        28605 => encoding_rs::ISO_8859_15,
        54936 => encoding_rs::GB18030,
        _ => encoding_rs::WINDOWS_1252,
    }
}

/// Lines with the same number of tabs between words, at least two: what becomes of a table that is pasted as text.
fn rows_alike(lines: &[&str]) -> usize {
    let tabs = |line: &str| line.trim_end().matches('\t').count();
    let wide = lines.first().map_or(0, |line| tabs(line));
    let begins = lines.first().is_some_and(|line| !line.starts_with('\t'));
    if wide < 2 || !begins {
        0
    } else {
        lines.iter().take_while(|line| tabs(line) == wide || line.matches('\t').count() == wide).count()
    }
}

fn row(line: &str) -> Row {
    let cell = |text: &str| Cell {
        blocks: vec![Block::Paragraph(Paragraph::plain(text.trim()))],
        columns: 1,
        ..Cell::default()
    };
    Row { cells: line.split('\t').map(cell).collect() }
}

fn line_to_paragraph(line: &str) -> Paragraph {
    let line = &line[..line.floor_char_boundary(LINE_MAX)];
    let mut paragraph = starred(line.trim()).unwrap_or_else(|| Paragraph::plain(line.trim()));
    paragraph.indented = line.starts_with('\t') || line.starts_with("    ");
    paragraph
}

/// A line of hyphens or equals signs about as long as the words above it: those are a heading.
fn underlines(below: &str, line: &str) -> bool {
    let (below, words) = (below.trim_end(), line.trim().chars().count());
    let alike = below.bytes().all(|byte| byte == b'=') || below.bytes().all(|byte| byte == b'-');
    alike && below.len() >= 3 && (3..=90).contains(&words) && below.len().abs_diff(words) <= 3 && !line.contains("  ")
}

/// "*Team:* MASH": what mail programs make of bold words at the beginning of a line.
fn starred(line: &str) -> Option<Paragraph> {
    let (bold, rest) = line.strip_prefix('*')?.split_once('*')?;
    let fits = |c: char| !c.is_whitespace() && c != '*';
    let whole = bold.starts_with(fits) && bold.ends_with(fits) && !rest.starts_with(char::is_alphanumeric);
    let span = |text: &str, bold: bool| Span { text: text.to_owned(), bold, ..Span::default() };
    let spans = if rest.is_empty() { vec![span(bold, true)] } else { vec![span(bold, true), span(rest, false)] };
    (whole && bold.len() <= 160).then(|| Paragraph { spans, ..Paragraph::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets() {
        assert_eq!(decode("Zoë".as_bytes()), "Zoë");
        assert_eq!(decode(b"Zo\xeb \x96 19"), "Zoë – 19");
        assert_eq!(decode(b"\xff\xfeZ\0o\0\xeb\0"), "Zoë");
        assert_eq!(decode(b"Z\0o\0e\0 \0a\0b\0"), "Zoe ab");
    }

    #[test]
    fn gaps_and_indents_stay() {
        let document = read("Team:\r\n\r\n\tMASH\r\n");
        let marks = document.blocks.iter().map(|block| match block {
            Block::Paragraph(p) => (p.text(), p.indented),
            Block::Table(_) => unreachable!(),
        });
        assert_eq!(
            marks.collect::<Vec<_>>(),
            [("Team:".to_owned(), false), (String::new(), false), ("MASH".to_owned(), true)]
        );
    }
}
