//! A font: the bytes of a shown string to words and widths.
//!
//! Comes in: a font dictionary. Goes out: [`Font`], whose [`Font::decode`] gives one entry a code. ToUnicode decides, then the
//! encoding with its differences, then the symbol fonts' own. Knows no positions.

use std::collections::HashMap;

use lopdf::{Dictionary, Object};

use super::super::Budget;
use super::cmap::CMap;
use super::file::{File, as_dictionary, number};
use super::symbols;

/// Entries of an encoding's differences: each of 256 codes with its number, and some that say one twice.
const DIFFERENCES_MAX: usize = 1_024;

/// What a code shows.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// Its words; U+FFFD where nobody can say.
    pub text: String,
    /// Its width in text space, a fraction of the size.
    pub width: f32,
    /// The code is the single byte 32, which word spacing widens.
    pub space: bool,
}

/// A font.
#[derive(Debug, Default)]
pub(super) struct Font {
    to_unicode: Option<CMap>,
    letters: Vec<String>,
    widths: HashMap<u32, f32>,
    /// The first and last code of a range, and their width.
    ranges: Vec<(u32, u32, f32)>,
    default_width: f32,
    code_bytes: usize,
    unicode_codes: bool,
    /// Wingdings 2 or 3, whose letters stand elsewhere than those of Wingdings.
    later_wingdings: bool,
    /// Bold, by its name or descriptor.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
}

impl Font {
    pub fn read(file: &File, dictionary: &Dictionary, budget: &mut Budget) -> Font {
        let composite = file.name(dictionary, "Subtype") == Some(b"Type0");
        let mut font = Font { code_bytes: 1, ..Font::default() };
        if let Some(Object::Stream(stream)) = file.get(dictionary, "ToUnicode") {
            font.to_unicode = file.inflate(stream, budget).ok().map(|bytes| CMap::parse(&bytes));
        }
        let name = String::from_utf8_lossy(file.name(dictionary, "BaseFont").unwrap_or_default()).to_lowercase();
        font.later_wingdings = is_later(&name);
        font.looks(file, dictionary, &name);
        if composite {
            font.composite(file, dictionary, budget);
        } else {
            font.simple(file, dictionary, &name);
        }
        font
    }

    fn looks(&mut self, file: &File, dictionary: &Dictionary, name: &str) {
        let descendant = descendant(file, dictionary).unwrap_or(dictionary);
        let descriptor = file.dictionary(descendant, "FontDescriptor");
        let of = |key: &str| descriptor.and_then(|descriptor| file.integer(descriptor, key)).unwrap_or(0);
        self.bold =
            name.contains("bold") || name.contains("black") || name.contains("heavy") || of("FontWeight") >= 600;
        self.italic = name.contains("italic") || name.contains("oblique") || of("ItalicAngle") != 0;
    }

    fn composite(&mut self, file: &File, dictionary: &Dictionary, budget: &mut Budget) {
        self.code_bytes = 2;
        match file.get(dictionary, "Encoding") {
            Some(Object::Name(name)) => {
                let name = String::from_utf8_lossy(name);
                self.unicode_codes = name.contains("UCS2") || name.contains("UTF16");
            }
            Some(Object::Stream(stream)) => {
                let map = file.inflate(stream, budget).map(|bytes| CMap::parse(&bytes)).unwrap_or_default();
                self.code_bytes = if map.code_bytes == 0 { 2 } else { map.code_bytes };
            }
            _ => {}
        }
        let Some(descendant) = descendant(file, dictionary) else { return };
        self.default_width = file.get(descendant, "DW").and_then(number).unwrap_or(1000.0) / 1000.0;
        let list = file.array(descendant, "W").unwrap_or_default();
        let mut at = 0;
        while at + 1 < list.len() && self.widths.len() < 70_000 {
            let Some(first) = number(list[at]) else { break };
            let first = first as u32;
            if let Ok(widths) = list[at + 1].as_array() {
                for (nth, width) in widths.iter().enumerate().take(70_000) {
                    let width = file.real(width).and_then(number).unwrap_or(0.0);
                    self.widths.insert(first.saturating_add(nth as u32), width / 1000.0);
                }
                at += 2;
            } else {
                let last = number(list[at + 1]).map_or(first, |last| last as u32);
                let width = list.get(at + 2).and_then(|width| number(width)).unwrap_or(0.0);
                self.ranges.push((first, last, width / 1000.0));
                at += 3;
            }
        }
        self.ranges.sort_by_key(|range| range.0);
    }

    fn simple(&mut self, file: &File, dictionary: &Dictionary, name: &str) {
        self.letters = letters(file, dictionary, name);
        let first = file.integer(dictionary, "FirstChar").unwrap_or(0).clamp(0, 255) as u32;
        // A Type 3 font measures in its own space.
        let matrix = file.numbers(dictionary, "FontMatrix").and_then(|matrix| matrix.first().copied());
        let scale = matrix.filter(|scale| *scale > 0.0).unwrap_or(0.001);
        match file.numbers(dictionary, "Widths").filter(|widths| !widths.is_empty()) {
            Some(widths) => {
                for (nth, width) in widths.iter().enumerate().take(256) {
                    self.widths.insert(first + nth as u32, width * scale);
                }
                let descriptor = file.dictionary(dictionary, "FontDescriptor");
                let missing = descriptor.and_then(|descriptor| file.get(descriptor, "MissingWidth")).and_then(number);
                self.default_width = missing.unwrap_or(0.0) / 1000.0;
            }
            None => {
                let factor = match name {
                    _ if name.contains("courier") => 0.0,
                    _ if name.contains("times") => 0.92,
                    _ if self.bold => 1.06,
                    _ => 1.0,
                };
                for code in 0..256 {
                    let width = if factor == 0.0 { 600.0 } else { symbols::helvetica(code) * factor };
                    self.widths.insert(code, width / 1000.0);
                }
            }
        }
    }

    /// A shown string's codes in order.
    pub fn decode<'b>(&'b self, bytes: &'b [u8]) -> impl Iterator<Item = Shown> + 'b {
        bytes.chunks(self.code_bytes.max(1)).map(|code| {
            let value = code.iter().fold(0u32, |value, &byte| value << 8 | u32::from(byte));
            Shown { text: self.text(value), width: self.width(value), space: code == [32] }
        })
    }

    fn width(&self, code: u32) -> f32 {
        let ranged = || {
            let end = self.ranges.partition_point(|range| range.0 <= code);
            self.ranges[..end].last().filter(|range| code <= range.1).map(|range| range.2)
        };
        self.widths.get(&code).copied().or_else(ranged).unwrap_or(self.default_width)
    }

    /// How much it keeps, in entries of some 60 bytes.
    pub fn weight(&self) -> usize {
        let map = self.to_unicode.as_ref().map_or(0, CMap::entries);
        map + self.letters.len() + self.widths.len() + self.ranges.len() + 10
    }

    fn text(&self, code: u32) -> String {
        let mapped = self.to_unicode.as_ref().and_then(|map| map.get(code)).filter(|text| !text.is_empty());
        let mapped = mapped.filter(|text| !text.chars().all(|c| c == '\0' || c == '\u{fffd}'));
        let text = match mapped {
            Some(text) if !is_private(&text) => text,
            other => {
                let own = self.letters.get(code as usize).filter(|own| !own.is_empty()).cloned();
                let own = own.or_else(|| other.as_ref().and_then(|text| moved(text, self.later_wingdings)));
                let coded = || self.unicode_codes.then(|| char::from_u32(code).map(String::from)).flatten();
                own.or_else(coded).or(other).unwrap_or_else(|| "\u{fffd}".to_owned())
            }
        };
        spelt(&text)
    }
}

/// All in the private use area, where symbol fonts stand.
fn is_private(text: &str) -> bool {
    text.chars().all(|c| ('\u{f000}'..='\u{f0ff}').contains(&c))
}

/// A Wingdings letter that was moved to the private use area.
fn moved(text: &str, later: bool) -> Option<String> {
    let code = text.chars().next()? as u32;
    symbols::wingdings(code, later).or_else(|| symbols::wingdings(code, !later)).map(String::from)
}

fn is_later(name: &str) -> bool {
    name.find("wingdings").is_some_and(|at| name[at..].contains(['2', '3']))
}

/// Ligatures as their letters, soft spaces as spaces.
fn spelt(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            'ﬀ' => out.push_str("ff"),
            'ﬁ' => out.push_str("fi"),
            'ﬂ' => out.push_str("fl"),
            'ﬃ' => out.push_str("ffi"),
            'ﬄ' => out.push_str("ffl"),
            'ﬅ' | 'ﬆ' => out.push_str("st"),
            '\u{a0}' | '\u{2007}' | '\u{202f}' => out.push(' '),
            '\u{ad}' | '\u{200b}' | '\u{feff}' => {}
            _ if c.is_control() => out.push(' '),
            _ => out.push(c),
        }
        out
    })
}

fn descendant<'a>(file: &'a File, dictionary: &'a Dictionary) -> Option<&'a Dictionary> {
    file.array(dictionary, "DescendantFonts")?.into_iter().find_map(as_dictionary)
}

/// The letters of a simple font's 256 codes.
fn letters(file: &File, dictionary: &Dictionary, name: &str) -> Vec<String> {
    let one = |found: Option<char>| found.map(String::from).unwrap_or_default();
    let wingdings = name.contains("wingdings");
    let zapf = name.contains("dingbats") && !wingdings;
    let encoding = file.get(dictionary, "Encoding");
    let base = match encoding {
        Some(Object::Name(name)) => name.clone(),
        Some(Object::Dictionary(encoding)) => file.name(encoding, "BaseEncoding").unwrap_or_default().to_vec(),
        _ => Vec::new(),
    };
    let mut out: Vec<String> = (0..=255u8)
        .map(|code| match &base[..] {
            _ if zapf => one(symbols::zapf(u32::from(code))),
            _ if wingdings => one(symbols::wingdings(u32::from(code), is_later(name))),
            b"MacRomanEncoding" => decoded(encoding_rs::MACINTOSH, code),
            b"WinAnsiEncoding" => decoded(encoding_rs::WINDOWS_1252, code),
            _ => standard(code),
        })
        .collect();
    if let Some(Object::Dictionary(encoding)) = encoding {
        let mut code = 0usize;
        for entry in file.array(encoding, "Differences").unwrap_or_default().into_iter().take(DIFFERENCES_MAX) {
            match entry {
                Object::Name(glyph) => {
                    if let (Some(slot), Some(text)) = (out.get_mut(code), named(glyph)) {
                        *slot = text;
                    }
                    code += 1;
                }
                other => code = number(other).map_or(code, |value| value as usize),
            }
        }
    }
    out
}

fn decoded(encoding: &'static encoding_rs::Encoding, code: u8) -> String {
    if code < 32 {
        return String::new();
    }
    let text = encoding.decode_without_bom_handling(&[code]).0.into_owned();
    if text.chars().all(char::is_control) { "•".to_owned() } else { text }
}

/// The standard encoding: ASCII with curly quotes, and few letters above.
fn standard(code: u8) -> String {
    let text = match code {
        0x27 => "’",
        0x60 => "‘",
        0xa1 => "¡",
        0xa2 => "¢",
        0xa3 => "£",
        0xa9 => "'",
        0xaa => "“",
        0xac => "‹",
        0xad => "›",
        0xae => "fi",
        0xaf => "fl",
        0xb1 => "–",
        0xb4 => "·",
        0xb7 => "•",
        0xb8 => "‚",
        0xb9 => "„",
        0xba => "”",
        0xbc => "…",
        0xd0 => "—",
        0xf1 => "æ",
        0xf5 => "ı",
        0xf8 => "ł",
        0xf9 => "ø",
        0xfa => "œ",
        0xfb => "ß",
        _ => return decoded(encoding_rs::WINDOWS_1252, code),
    };
    text.to_owned()
}

/// A glyph name as a letter: the tick marks, uniXXXX and uXXXXX, else the names that lopdf knows.
fn named(glyph: &[u8]) -> Option<String> {
    if let Some(c) = symbols::zapf_name(glyph) {
        return Some(c.to_string());
    }
    let name = std::str::from_utf8(glyph).ok()?;
    let base = name.split('.').next().unwrap_or(name);
    let joined = match base {
        "f_f" | "ff" => Some("ff"),
        "f_i" | "fi" => Some("fi"),
        "f_l" | "fl" => Some("fl"),
        "f_f_i" | "ffi" => Some("ffi"),
        "f_f_l" | "ffl" => Some("ffl"),
        "t_i" => Some("ti"),
        "t_t" => Some("tt"),
        "nbspace" | "nonbreakingspace" | "space" => Some(" "),
        _ => None,
    };
    if let Some(text) = joined {
        return Some(text.to_owned());
    }
    let digits = base.strip_prefix("uni").and_then(|rest| rest.get(..4)).or_else(|| base.strip_prefix('u'));
    if let Some(c) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32) {
        return Some(c.to_string());
    }
    if base.len() == 1 && base.is_ascii() {
        return Some(base.to_owned());
    }
    by_dictionary(base)
}

/// Asks lopdf's list of glyph names, which is reached through an encoding with one difference.
fn by_dictionary(name: &str) -> Option<String> {
    let mut encoding = Dictionary::new();
    encoding.set("Type", Object::Name(b"Encoding".to_vec()));
    encoding.set("BaseEncoding", Object::Name(b"WinAnsiEncoding".to_vec()));
    let differences = vec![Object::Integer(1), Object::Name(name.as_bytes().to_vec())];
    encoding.set("Differences", Object::Array(differences));
    let mut font = Dictionary::new();
    font.set("Type", Object::Name(b"Font".to_vec()));
    font.set("Subtype", Object::Name(b"Type1".to_vec()));
    font.set("Encoding", Object::Dictionary(encoding));
    let document = lopdf::Document::new();
    let text = font.get_font_encoding(&document).ok()?.bytes_to_string(&[1]).ok()?;
    (!text.is_empty() && !text.chars().all(char::is_control)).then_some(text)
}
