//! What others wrote, made fit to stand in our mails: no control characters, no direction tricks, no forged reply code, bounded.
//!
//! Comes in: text of forms, mails and settings. Goes out: plain text. HTML escaping is the templates' part.

/// Text of several lines: line breaks stay, other control characters go, lines that look like a reply code are left out (M30).
pub(crate) fn text(raw: &str) -> String {
    let kept: String = raw.replace("\r\n", "\n").replace('\r', "\n").chars().filter_map(visible).collect();
    let lines = kept.lines().map(str::trim_end).filter(|line| !line.to_lowercase().contains("reply code:"));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Text of one line: white space collapsed, so that it can stand in a header.
pub(crate) fn line(raw: &str) -> String {
    text(raw).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines of a text, without empty ones at the ends.
pub(crate) fn lines(raw: &str) -> Vec<String> {
    text(raw).lines().map(str::to_owned).collect()
}

/// At most so many characters, cut between words with an ellipsis.
pub(crate) fn shorten(text: &str, characters_max: usize) -> String {
    if text.chars().count() <= characters_max {
        return text.to_owned();
    }
    let head: String = text.chars().take(characters_max.saturating_sub(1)).collect();
    let cut = head.rfind(char::is_whitespace).filter(|at| *at > head.len() / 2).unwrap_or(head.len());
    format!("{}…", head[..cut].trim_end_matches([' ', ',', '\n']))
}

/// Control characters and marks that turn the direction of writing are dropped; tabs are spaces.
fn visible(c: char) -> Option<char> {
    match c {
        '\n' => Some('\n'),
        '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_header_injection_and_no_forged_reply_code() {
        assert_eq!(line("AB\r\nBcc: all@example.org\0"), "AB Bcc: all@example.org");
        assert_eq!(text("one\n> Reply Code: ABCD-ABCD\ntwo\u{202e}"), "one\ntwo");
        assert_eq!(shorten("one two three four", 12), "one two…");
        assert_eq!(shorten("ééééé", 3), "éé…");
    }
}
