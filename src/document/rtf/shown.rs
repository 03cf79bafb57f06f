//! What a rich text shows: bytes in the font's charset, characters, signs; and where the group at hand puts them.
//!
//! Comes in: bytes, UTF-16 units and texts. Goes out: text of the flow, or of a field, a font, a style, the HTML that the text was made of.

use super::super::code_page;
use super::super::docx::symbol;
use super::super::flow::Look;
use super::charset::Font;
use super::groups::{ENTRIES_MAX, Holds, Reader};

impl Reader {
    /// Decodes the bytes of text that were gathered.
    pub(super) fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.pending);
        self.high_surrogate = None;
        let of_text = matches!(self.state.holds, Holds::Text | Holds::Html);
        let font = self.font().filter(|_| of_text);
        if font.is_some_and(|font| font.symbols || font.is_wingdings()) {
            let wingdings = font.is_some_and(Font::is_wingdings);
            let signs: String = bytes.iter().filter_map(|&byte| sign(u32::from(byte), wingdings)).collect();
            return self.shown(&signs);
        }
        let encoding = font.and_then(|font| font.encoding).unwrap_or(code_page(self.code_page));
        let text = encoding.decode_without_bom_handling(&bytes).0;
        self.shown(&text);
    }

    /// One UTF-16 unit of `\u`.
    pub(super) fn unit(&mut self, unit: u16) {
        let high = self.high_surrogate.take();
        let c = match (high, unit) {
            (_, 0xd800..=0xdbff) => {
                self.high_surrogate = Some(unit);
                return;
            }
            (Some(high), 0xdc00..=0xdfff) => char::decode_utf16([high, unit]).next().and_then(Result::ok),
            // A sign of a symbol font, in the area that is kept for them.
            (_, 0xf000..=0xf0ff) => sign(u32::from(unit), self.font().is_none_or(Font::is_wingdings)),
            _ => char::from_u32(u32::from(unit)),
        };
        if let Some(c) = c.filter(|&c| c != '\0') {
            self.shown(c.encode_utf8(&mut [0; 4]));
        }
    }

    /// Text, wherever the group at hand puts it.
    pub(super) fn shown(&mut self, text: &str) {
        match self.state.holds {
            Holds::Text | Holds::Html if self.html.is_some() => {
                let is_page = self.state.holds == Holds::Html || !self.state.beside_html;
                if let Some(page) = self.html.as_mut().filter(|_| is_page) {
                    page.push_str(text);
                }
            }
            Holds::Text if self.state.hidden || self.state.deleted => {}
            Holds::Text => {
                self.fields.last_mut().into_iter().for_each(|field| field.has_shown = true);
                let control = self.fields.iter().rev().find_map(|field| field.control);
                let faint = self.state.grey || (self.state.italic && self.state.size <= 17);
                let look = Look { control, faint, ..self.state.look };
                self.flow().text(text, look);
            }
            Holds::Instruction => {
                if let Some(field) = self.fields.last_mut() {
                    field.instruction.push_str(text);
                }
            }
            Holds::FieldName | Holds::FieldHelp | Holds::FieldEntry => {
                let holds = self.state.holds;
                if let Some(form) = self.form() {
                    match holds {
                        Holds::FieldName => form.name.push_str(text),
                        Holds::FieldHelp => form.help.push_str(text),
                        _ => form.entries.last_mut().into_iter().for_each(|entry| entry.push_str(text)),
                    }
                }
            }
            Holds::Fonts => {
                if let Some(font) = self.fonts.last_mut() {
                    font.name.push_str(text.trim_end_matches(';'));
                }
            }
            Holds::Colours => {
                for _ in text.matches(';') {
                    let colour = self.colour.take();
                    if self.colours.len() < ENTRIES_MAX {
                        self.colours.push(colour);
                    }
                }
            }
            Holds::Styles => self.style_named(text),
            Holds::Nothing | Holds::Drawing | Holds::FormField | Holds::NestedRow | Holds::Twice | Holds::Html => {}
        }
    }

    fn style_named(&mut self, text: &str) {
        self.style_name.push_str(text);
        if text.contains(';') {
            let name = std::mem::take(&mut self.style_name).to_lowercase();
            if (name.contains("heading") || name.contains("title")) && self.headings.len() < ENTRIES_MAX {
                self.headings.push(self.style_number);
            }
        }
    }
}

/// What a byte of a symbol font shows: boxes and ticks of the Wingdings fonts, the bullet of Symbol.
fn sign(code: u32, wingdings: bool) -> Option<char> {
    if wingdings {
        return symbol(code).or_else(|| (code & 0xff == 0x20).then_some(' '));
    }
    match code & 0xff {
        0xb7 => Some('•'),
        code @ 0x20..0x7f => char::from_u32(code),
        _ => None,
    }
}
