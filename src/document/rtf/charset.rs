//! Fonts and colours of a rich text: which charset a font's bytes are in, whether its signs are ticks, which colours are faint or marked.
//!
//! Comes in: the numbers that stand in the file. Goes out: encodings and looks.

use encoding_rs::Encoding;

/// A font of the font table.
#[derive(Debug, Clone, Default)]
pub(super) struct Font {
    pub number: i32,
    pub name: String,
    /// The charset of its bytes; None for the document's.
    pub encoding: Option<&'static Encoding>,
    /// Its bytes are signs, not letters.
    pub symbols: bool,
}

impl Font {
    /// A font whose characters are boxes and ticks.
    pub fn is_wingdings(&self) -> bool {
        self.name.trim_start().to_ascii_lowercase().starts_with("wingdings")
    }

    /// Takes `\fcharset`.
    pub fn charset(&mut self, number: i32) {
        self.symbols = number == 2;
        let page = match number {
            0 => 1252,
            77 => 10000,
            128 => 932,
            129 => 949,
            134 => 936,
            136 => 950,
            161 => 1253,
            162 => 1254,
            163 => 1258,
            177 => 1255,
            178 => 1256,
            186 => 1257,
            204 => 1251,
            222 => 874,
            238 => 1250,
            _ => return,
        };
        self.encoding = Some(super::super::code_page(page));
    }
}

/// Red, green and blue.
pub(super) type Colour = (u8, u8, u8);

/// The grey of guidance.
pub(super) fn is_grey((r, g, b): Colour) -> bool {
    r.abs_diff(g) < 12 && g.abs_diff(b) < 12 && (0x50..0xd0).contains(&r)
}

/// A background that marks words as a pen does.
pub(super) fn is_marker(colour: Colour) -> bool {
    matches!(
        colour,
        (0xff, 0xff, 0) | (0, 0xff, 0) | (0, 0xff, 0xff) | (0xff, 0xff, 0x99) | (0x92, 0xd0, 0x50) | (0xff, 0xc0, 0)
    )
}
