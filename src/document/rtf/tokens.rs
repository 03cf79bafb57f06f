//! Bytes of rich text to its tokens: groups, control words with their number, control symbols, escaped and plain bytes.
//!
//! Comes in: bytes. Goes out: [`Token`]s. `\bin` data is passed over here. Knows no word's meaning.

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    /// A control word with its number.
    Word(&'a str, Option<i32>),
    /// A control symbol such as `\~`.
    Symbol(u8),
    /// A byte of text, written as itself or as `\'hh`.
    Byte(u8),
}

/// The tokens of a file.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    pub fn new(bytes: &'a [u8]) -> Tokens<'a> {
        Tokens { bytes, at: 0 }
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let first = *self.bytes.get(self.at)?;
        if !first.is_ascii_alphabetic() {
            self.at += 1;
            if first == b'\'' {
                let digits = self.bytes.get(self.at..self.at + 2).and_then(|two| std::str::from_utf8(two).ok());
                if let Some(byte) = digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
                    self.at += 2;
                    return Some(Token::Byte(byte));
                }
                return self.next();
            }
            return Some(Token::Symbol(first));
        }
        let name = self.run(|byte| byte.is_ascii_alphabetic());
        let from = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        self.run(|byte| byte.is_ascii_digit());
        let number = std::str::from_utf8(&self.bytes[from..self.at]).unwrap_or("").parse::<i32>().ok();
        if self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        if name == b"bin" {
            let length = number.and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
            self.at = self.at.saturating_add(length).min(self.bytes.len());
        }
        Some(Token::Word(std::str::from_utf8(name).unwrap_or(""), number))
    }

    fn run(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| !is(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'{' => return Some(Token::Open),
                b'}' => return Some(Token::Close),
                b'\\' => return self.control(),
                b'\r' | b'\n' | 0 => {}
                byte => return Some(Token::Byte(byte)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_data() {
        let tokens: Vec<Token<'_>> = Tokens::new(b"{\\b0 a\\u-10179?\\'e9\\bin3 }}}\\~\\\n}").collect();
        let want = [
            Token::Open,
            Token::Word("b", Some(0)),
            Token::Byte(b'a'),
            Token::Word("u", Some(-10179)),
            Token::Byte(b'?'),
            Token::Byte(0xe9),
            Token::Word("bin", Some(3)),
            Token::Symbol(b'~'),
            Token::Symbol(b'\n'),
            Token::Close,
        ];
        assert_eq!(tokens, want);
    }
}
