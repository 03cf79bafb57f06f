//! Plain text to paragraphs, one a line: gaps stay visible as empty paragraphs, indented lines are marked as such.
//!
//! Comes in: bytes in any charset or decoded text. Goes out: a [`Document`]. Never fails.

use super::{Block, Document, Paragraph};

/// Longest line that is kept whole; what is longer is cut there.
const LINE_MAX: usize = 64 * 1024;
/// Lines that are kept.
const LINES_MAX: usize = 50_000;

/// Reads text line by line.
pub fn read(text: &str) -> Document {
    let blocks = text.lines().take(LINES_MAX).map(|line| Block::Paragraph(line_to_paragraph(line))).collect();
    Document { format: "text", blocks, ..Document::default() }
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

fn line_to_paragraph(line: &str) -> Paragraph {
    let end = line.char_indices().map(|(at, _)| at).nth(LINE_MAX).unwrap_or(line.len());
    let line = &line[..end];
    let mut paragraph = Paragraph::plain(line.trim());
    paragraph.indented = line.starts_with('\t') || line.starts_with("    ");
    paragraph
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
