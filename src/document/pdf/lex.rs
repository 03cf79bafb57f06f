//! The tokens of content streams and character maps.
//!
//! Comes in: bytes. Goes out: [`Token`]s, one after another, flat: arrays and dictionaries are their brackets, so nothing nests and
//! nothing recurses. Damaged tokens are skipped, never refused. Knows no operator's meaning, but that the data of an inline picture
//! are no tokens.

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    /// A number.
    Number(f32),
    /// A name without its slash.
    Name(Vec<u8>),
    /// A string, literal or hexadecimal.
    Text(Vec<u8>),
    /// `[`.
    Open,
    /// `]`.
    Close,
    /// `<<`.
    Begin,
    /// `>>`.
    End,
    /// An operator or keyword.
    Word(&'a [u8]),
}

/// Cuts bytes into tokens.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the last token began.
    began: usize,
    /// The last token as it was written, for numbers and keywords.
    raw: &'a [u8],
    /// `ID` begins the data of a picture.
    pictures: bool,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

impl<'a> Lexer<'a> {
    pub fn new(bytes: &'a [u8]) -> Lexer<'a> {
        Lexer { bytes, at: 0, began: 0, raw: b"", pictures: true }
    }

    /// For the objects of a file, where no picture stands among the tokens.
    pub fn of_objects(bytes: &'a [u8]) -> Lexer<'a> {
        Lexer { pictures: false, ..Lexer::new(bytes) }
    }

    /// How far it has read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Where the last token began.
    pub fn began(&self) -> usize {
        self.began
    }

    /// The last number or keyword as it was written.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Reads once more from a place.
    pub fn go_back(&mut self, at: usize) {
        self.at = at;
    }

    /// Past spaces and the end of the line.
    pub fn skip_line_end(&mut self) {
        while self.peek(0) == Some(b' ') {
            self.at += 1;
        }
        self.at += usize::from(self.peek(0) == Some(b'\r'));
        self.at += usize::from(self.peek(0) == Some(b'\n'));
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn regular(&mut self) -> &'a [u8] {
        let begin = self.at;
        while self.peek(0).is_some_and(is_regular) {
            self.at += 1;
        }
        &self.bytes[begin..self.at]
    }

    fn name(&mut self) -> Vec<u8> {
        let raw = self.regular();
        let mut out = Vec::with_capacity(raw.len());
        let mut at = 0;
        while at < raw.len() {
            let escaped = match raw[at..] {
                [b'#', high, low, ..] => hex(high).zip(hex(low)),
                _ => None,
            };
            match escaped {
                Some((high, low)) => {
                    out.push(high << 4 | low);
                    at += 3;
                }
                None => {
                    out.push(raw[at]);
                    at += 1;
                }
            }
        }
        out
    }

    fn hexadecimal(&mut self) -> Vec<u8> {
        let mut digits = Vec::new();
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            digits.extend(hex(byte));
        }
        digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
    }

    fn literal(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut depth = 1;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'\\' => {
                    self.escape(&mut out);
                    continue;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
            out.push(byte);
        }
        out
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(byte) = self.peek(0) else { return };
        self.at += 1;
        match byte {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'\r' => self.at += usize::from(self.peek(0) == Some(b'\n')),
            b'\n' => {}
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek(0) else { break };
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                out.push((value & 0xff) as u8);
            }
            _ => out.push(byte),
        }
    }

    /// Past the data of an inline picture.
    fn skip_picture(&mut self) {
        let rest = &self.bytes[self.at..];
        let end = rest.windows(4).position(|four| {
            is_space(four[0]) && four[1] == b'E' && four[2] == b'I' && (is_space(four[3]) || !is_regular(four[3]))
        });
        self.at = end.map_or(self.bytes.len(), |end| self.at + end + 3);
    }
}

fn number(raw: &[u8]) -> Option<f32> {
    if !matches!(raw.first(), Some(b'0'..=b'9' | b'+' | b'-' | b'.')) {
        return None;
    }
    let text = std::str::from_utf8(raw).ok()?;
    let value = text.parse::<f32>().ok().or_else(|| {
        // "--5" and "1.2-3" are written by careless programs: what other readers make of them.
        let text = text.trim_start_matches(['-', '+']);
        let end = text.find(['-', '+']).unwrap_or(text.len());
        text[..end].parse().ok()
    })?;
    value.is_finite().then_some(value)
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let byte = self.peek(0)?;
            match byte {
                _ if is_space(byte) => self.at += 1,
                b'%' => {
                    while self.peek(0).is_some_and(|byte| !matches!(byte, b'\r' | b'\n')) {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
        let byte = self.peek(0)?;
        self.began = self.at;
        if is_regular(byte) {
            let raw = self.regular();
            self.raw = raw;
            if let Some(value) = number(raw) {
                return Some(Token::Number(value));
            }
            if self.pictures && raw == b"ID" {
                self.skip_picture();
            }
            return Some(Token::Word(raw));
        }
        let double = self.peek(1) == Some(byte);
        self.at += 1;
        Some(match byte {
            b'/' => Token::Name(self.name()),
            b'(' => Token::Text(self.literal()),
            b'[' => Token::Open,
            b']' => Token::Close,
            b'<' | b'>' if double => {
                self.at += 1;
                if byte == b'<' { Token::Begin } else { Token::End }
            }
            b'<' => Token::Text(self.hexadecimal()),
            _ => return self.next_after_stray(),
        })
    }
}

impl<'a> Lexer<'a> {
    /// A stray `)`, `>`, `{` or `}`, and all that follow it, say nothing.
    fn next_after_stray(&mut self) -> Option<Token<'a>> {
        while self.peek(0).is_some_and(|byte| matches!(byte, b')' | b'{' | b'}')) {
            self.at += 1;
        }
        Some(Token::Word(b""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        let text = b"BT /F#31 12 Tf [(a\\(b\\101) -20.5 <4142>] TJ % x\n ET BI /W 1 ID \x00(\x01 EI Q )>";
        let found: Vec<_> = Lexer::new(text).collect();
        assert_eq!(found[1], Token::Name(b"F1".to_vec()));
        assert_eq!(found[2], Token::Number(12.0));
        assert_eq!(found[5], Token::Text(b"a(bA".to_vec()));
        assert_eq!(found[7], Token::Text(b"AB".to_vec()));
        assert!(found.contains(&Token::Word(b"Q")));
        assert!(Lexer::new(&[b')'; 100_000]).count() < 3);
    }
}
