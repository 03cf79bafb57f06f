//! Character maps: what a font's codes mean (ToUnicode) and how many bytes a code has.
//!
//! Comes in: the bytes of a map. Goes out: [`CMap`]. Ranges stay ranges, so that no file makes it large. Knows no fonts.

use std::collections::HashMap;

use super::lex::{Lexer, Token};

/// Entries that are kept.
const ENTRIES_MAX: usize = 70_000;

/// Codes to words.
#[derive(Debug, Default)]
pub(super) struct CMap {
    single: HashMap<u32, String>,
    ranges: Vec<(u32, u32, Vec<u16>)>,
    /// Bytes of a code, by the code space; 0 where it says nothing.
    pub code_bytes: usize,
}

impl CMap {
    pub fn parse(bytes: &[u8]) -> CMap {
        let mut map = CMap::default();
        let mut strings: Vec<Vec<u8>> = Vec::new();
        let mut list: Option<Vec<Vec<u8>>> = None;
        let mut section: &[u8] = b"";
        for token in Lexer::new(bytes) {
            match token {
                Token::Word(word @ (b"beginbfchar" | b"beginbfrange" | b"begincodespacerange")) => {
                    section = word;
                    strings.clear();
                }
                Token::Word(b"endbfchar" | b"endbfrange" | b"endcodespacerange") => section = b"",
                Token::Open => list = Some(Vec::new()),
                Token::Close => {
                    let items = list.take().unwrap_or_default();
                    if section == b"beginbfrange" && strings.len() == 2 {
                        map.list(&strings[0], items);
                        strings.clear();
                    }
                }
                Token::Text(text) => match &mut list {
                    Some(items) => items.push(text),
                    None => {
                        strings.push(text);
                        map.entry(section, &mut strings);
                    }
                },
                _ => {}
            }
            if map.single.len() + map.ranges.len() > ENTRIES_MAX {
                break;
            }
        }
        map.ranges.sort_by_key(|range| range.0);
        map
    }

    fn entry(&mut self, section: &[u8], strings: &mut Vec<Vec<u8>>) {
        match (section, &strings[..]) {
            (b"begincodespacerange", [low, _]) => self.code_bytes = self.code_bytes.max(low.len().min(4)),
            (b"beginbfchar", [code, text]) => {
                self.single.insert(value(code), utf16(&units(text)));
            }
            (b"beginbfrange", [low, high, text]) => self.ranges.push((value(low), value(high), units(text))),
            (b"beginbfrange" | b"beginbfchar" | b"begincodespacerange", _) => return,
            _ => {}
        }
        strings.clear();
    }

    fn list(&mut self, low: &[u8], items: Vec<Vec<u8>>) {
        for (nth, text) in items.iter().enumerate().take(ENTRIES_MAX) {
            self.single.insert(value(low).wrapping_add(nth as u32), utf16(&units(text)));
        }
    }

    /// How many entries it keeps.
    pub fn entries(&self) -> usize {
        self.single.len() + self.ranges.len()
    }

    /// The words of a code.
    pub fn get(&self, code: u32) -> Option<String> {
        if let Some(text) = self.single.get(&code) {
            return Some(text.clone());
        }
        let end = self.ranges.partition_point(|range| range.0 <= code);
        let (low, _, base) = self.ranges[..end].iter().rev().take(8).find(|range| code <= range.1)?;
        let mut units = base.clone();
        let last = units.last_mut()?;
        *last = last.wrapping_add((code - low) as u16);
        Some(utf16(&units))
    }
}

fn value(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |value, &byte| value << 8 | u32::from(byte))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    match bytes {
        [one] => vec![u16::from(*one)],
        _ => bytes.chunks_exact(2).take(16).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect(),
    }
}

fn utf16(units: &[u16]) -> String {
    String::from_utf16_lossy(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps() {
        let text = b"1 begincodespacerange <0000> <FFFF> endcodespacerange 2 beginbfchar <0001> <00660069> <0002> <0041> endbfchar
            2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0058> <00590059>] endbfrange";
        let map = CMap::parse(text);
        assert_eq!(map.code_bytes, 2);
        let found: Vec<_> = [1, 2, 0x11, 0x12, 0x13, 0x20, 0x21].iter().map(|&code| map.get(code)).collect();
        let want = [Some("fi"), Some("A"), Some("b"), Some("c"), None, Some("X"), Some("YY")];
        assert_eq!(found, want.map(|text| text.map(str::to_owned)));
    }
}
