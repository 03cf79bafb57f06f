//! One object of a file, from its text.
//!
//! Comes in: bytes that begin with an object. Goes out: the object as far as it goes; what is not closed is closed where another
//! object or keyword begins. Nesting is bounded, what is read is counted. Knows nothing of numbers and places of objects.

use lopdf::{Dictionary, Object, StringFormat};

use super::lex::{Lexer, Token};

/// Arrays and dictionaries within each other.
const DEPTH_MAX: usize = 64;

/// What a dictionary costs beside what it holds.
const DICTIONARY_COST: usize = 3;

/// Reads an object.
pub(super) struct Parser<'a, 'n> {
    lexer: Lexer<'a>,
    /// A token that was read and not used.
    waiting: Option<Token<'a>>,
    /// Where the last token began.
    began: usize,
    /// How many more nodes may be made; at zero nothing is.
    nodes: &'n mut usize,
    /// A keyword was met that is in no object.
    ended: bool,
}

impl<'a, 'n> Parser<'a, 'n> {
    pub fn new(bytes: &'a [u8], nodes: &'n mut usize) -> Parser<'a, 'n> {
        Parser { lexer: Lexer::of_objects(bytes), waiting: None, began: 0, nodes, ended: false }
    }

    /// How far it has read.
    pub fn at(&self) -> usize {
        if self.waiting.is_some() { self.began } else { self.lexer.at() }
    }

    /// The object.
    pub fn object(&mut self) -> Option<Object> {
        let token = self.token()?;
        self.value(token, 0)
    }

    /// Where the bytes of a stream begin, if the keyword comes next.
    pub fn stream(&mut self) -> Option<usize> {
        let token = self.token()?;
        if token != Token::Word(b"stream") {
            self.waiting = Some(token);
            return None;
        }
        self.lexer.skip_line_end();
        Some(self.lexer.at())
    }

    fn token(&mut self) -> Option<Token<'a>> {
        if let Some(token) = self.waiting.take() {
            return Some(token);
        }
        let token = self.lexer.next();
        self.began = self.lexer.began();
        token
    }

    fn value(&mut self, token: Token<'a>, depth: usize) -> Option<Object> {
        if *self.nodes == 0 || depth > DEPTH_MAX {
            self.ended = true;
            return None;
        }
        let cost = if token == Token::Begin { DICTIONARY_COST } else { 1 };
        *self.nodes = self.nodes.saturating_sub(cost);
        Some(match token {
            Token::Number(value) => self.number(value),
            Token::Name(name) => Object::Name(name),
            Token::Text(text) => Object::String(text, StringFormat::Literal),
            Token::Open => self.array(depth),
            Token::Begin => self.dictionary(depth),
            Token::Word(b"true") => Object::Boolean(true),
            Token::Word(b"false") => Object::Boolean(false),
            Token::Word(b"null" | b"") => Object::Null,
            token => {
                self.waiting = Some(token);
                self.ended = true;
                return None;
            }
        })
    }

    /// A number, or a reference where another number and an `R` follow.
    fn number(&mut self, value: f32) -> Object {
        let Some(whole) = whole(self.lexer.raw()) else { return Object::Real(value) };
        let plain = Object::Integer(whole);
        let Ok(number) = u32::try_from(whole) else { return plain };
        let (at, began) = (self.lexer.at(), self.began);
        if let Some(Token::Number(_)) = self.lexer.next()
            && let Some(generation) = self::whole(self.lexer.raw()).and_then(|value| u16::try_from(value).ok())
            && self.lexer.next() == Some(Token::Word(b"R"))
        {
            return Object::Reference((number, generation));
        }
        self.lexer.go_back(at);
        self.began = began;
        plain
    }

    fn array(&mut self, depth: usize) -> Object {
        let mut out = Vec::new();
        while !self.ended
            && let Some(token) = self.token()
        {
            if token == Token::Close {
                break;
            }
            out.extend(self.value(token, depth + 1));
        }
        Object::Array(out)
    }

    fn dictionary(&mut self, depth: usize) -> Object {
        let mut out = Dictionary::new();
        while !self.ended
            && let Some(token) = self.token()
        {
            match token {
                Token::End => break,
                Token::Name(key) => {
                    let Some(token) = self.token() else { break };
                    if token == Token::End {
                        break;
                    }
                    if let Some(value) = self.value(token, depth + 1) {
                        out.set(key, value);
                    }
                }
                // A value too many.
                other => drop(self.value(other, depth + 1)),
            }
        }
        Object::Dictionary(out)
    }
}

fn whole(raw: &[u8]) -> Option<i64> {
    std::str::from_utf8(raw).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<Object> {
        Parser::new(text.as_bytes(), &mut 100_000).object()
    }

    #[test]
    fn objects() {
        let Some(Object::Dictionary(found)) =
            parsed("<</A 12 0 R/B[1 2 R 3.5 (x)<41>]/C<</D true>>/E 33554433 /F null>>")
        else {
            panic!("no dictionary")
        };
        assert_eq!(found.get(b"A").unwrap().as_reference().unwrap(), (12, 0));
        assert_eq!(found.get(b"B").unwrap().as_array().unwrap().len(), 4);
        assert_eq!(found.get(b"E").unwrap().as_i64().unwrap(), 33_554_433);
        assert!(found.get(b"C").unwrap().as_dict().unwrap().get(b"D").unwrap().as_bool().unwrap());
    }

    #[test]
    fn what_is_not_closed_ends_at_the_next_keyword() {
        let text = "<</A [1 2 endobj 5 0 obj (x)";
        let mut nodes = 100;
        let mut parser = Parser::new(text.as_bytes(), &mut nodes);
        assert!(matches!(parser.object(), Some(Object::Dictionary(_))));
        assert_eq!(&text[parser.at()..][..6], "endobj");
        assert!(parsed(&"[".repeat(100_000)).is_some());
        assert!(parsed(&"<</A".repeat(100_000)).is_some());
    }
}
