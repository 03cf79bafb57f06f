//! What each control word and symbol of a rich text does to the state, the paragraph or the row in hand.
//!
//! Comes in: words with their numbers. Unknown words do nothing, as the format wants it.

use super::super::flow::Shape;
use super::charset::{Font, is_grey, is_marker};
use super::groups::{ENTRIES_MAX, Holds, Reader, RowInHand};

/// Cells of one row that are kept.
const CELLS_MAX: usize = 256;

impl Reader {
    pub(super) fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'\\' | b'{' | b'}' => self.shown((symbol as char).encode_utf8(&mut [0; 4])),
            b'~' => self.shown("\u{a0}"),
            b'_' => self.shown("-"),
            b'\n' | b'\r' => self.paragraph_ends(),
            b'\t' => self.shown("\t"),
            _ => {}
        }
    }

    pub(super) fn word(&mut self, word: &str, number: Option<i32>) {
        let on = number != Some(0);
        match self.state.holds {
            Holds::Fonts => return self.font_word(word, number.unwrap_or(0)),
            Holds::Colours => return self.colour_word(word, number.unwrap_or(0)),
            Holds::Styles if word == "s" => self.style_number = number.unwrap_or(0),
            Holds::FormField => return self.form_word(word, number),
            _ => {}
        }
        match word {
            "u" => {
                self.unit(number.unwrap_or(0) as u16);
                self.skip = self.state.stand_ins;
            }
            "uc" => self.state.stand_ins = number.and_then(|n| usize::try_from(n).ok()).unwrap_or(1).min(8),
            "htmlrtf" => self.state.beside_html = on,
            "ansicpg" => self.code_page = number.and_then(|n| u32::try_from(n).ok()).unwrap_or(1252),
            "mac" => self.code_page = 10000,
            "deff" => self.default_font = number.unwrap_or(0),
            _ => {
                if !self.look_word(word, number, on) && !self.row_word(word, number) {
                    self.text_word(word);
                }
            }
        }
    }

    /// Words that stand for text or end something.
    fn text_word(&mut self, word: &str) {
        match word {
            "par" | "sect" => self.paragraph_ends(),
            "line" | "lbr" | "page" | "column" => self.shown(if self.html.is_some() { "\r\n" } else { "\n" }),
            "tab" => self.shown("\t"),
            "cell" => self.ends(|reader, depth, heading| reader.flow().end_cell(depth.min(1), heading)),
            "nestcell" => self.ends(|reader, depth, heading| reader.flow().end_cell(depth.max(2), heading)),
            "row" => self.row_ends(0, 1),
            "nestrow" => self.row_ends(1, self.state.table_depth().max(2)),
            "emdash" => self.shown("—"),
            "endash" => self.shown("–"),
            "bullet" => self.shown("•"),
            "lquote" => self.shown("‘"),
            "rquote" => self.shown("’"),
            "ldblquote" => self.shown("“"),
            "rdblquote" => self.shown("”"),
            "emspace" | "enspace" | "qmspace" => self.shown(" "),
            _ => {}
        }
    }

    fn paragraph_ends(&mut self) {
        if self.html.is_some() {
            return self.shown("\r\n");
        }
        self.ends(|reader, depth, heading| reader.flow().end_paragraph(depth, heading));
    }

    fn ends(&mut self, end: impl FnOnce(&mut Reader, usize, bool)) {
        if self.state.holds != Holds::Text || self.html.is_some() {
            return;
        }
        // The mark of a deleted paragraph joins it to the next one; a cell's mark stays.
        let heading = self.state.outlined || self.headings.contains(&self.state.style);
        end(self, self.state.table_depth(), heading);
    }

    fn row_ends(&mut self, in_hand: usize, depth: usize) {
        if self.html.is_none() && matches!(self.state.holds, Holds::Text | Holds::NestedRow) {
            // Some writers state the shape once and leave it standing for the rows that follow.
            let shape = self.rows[in_hand].shape.clone();
            self.flow().end_row(depth, shape);
        }
    }

    fn look_word(&mut self, word: &str, number: Option<i32>, on: bool) -> bool {
        let colour = || {
            let nth = number.and_then(|n| usize::try_from(n).ok());
            nth.and_then(|nth| self.colours.get(nth)).copied().flatten()
        };
        match word {
            "b" => self.state.look.bold = on,
            "i" => self.state.italic = on,
            "strike" | "striked" => self.state.look.struck = on,
            "highlight" => self.state.look.highlighted = on,
            "chcbpat" | "cb" => self.state.look.highlighted = colour().is_some_and(is_marker),
            "cf" => self.state.grey = colour().is_some_and(is_grey),
            "fs" => self.state.size = number.unwrap_or(24),
            "f" => self.state.font = number.unwrap_or(0),
            "v" | "webhidden" => self.state.hidden = on,
            "deleted" | "mvf" => self.state.deleted = on,
            "plain" => {
                self.state.look = Default::default();
                (self.state.italic, self.state.grey, self.state.size) = (false, false, 24);
                (self.state.hidden, self.state.deleted, self.state.font) = (false, false, -1);
            }
            "pard" => {
                (self.state.in_table, self.state.depth) = (false, None);
                (self.state.style, self.state.outlined) = (0, false);
            }
            "s" => self.state.style = number.unwrap_or(0),
            "outlinelevel" => self.state.outlined = number.is_some_and(|level| (0..9).contains(&level)),
            "intbl" => self.state.in_table = on,
            "itap" => self.state.depth = number.and_then(|n| usize::try_from(n).ok()),
            _ => return false,
        }
        true
    }

    fn row_word(&mut self, word: &str, number: Option<i32>) -> bool {
        let nested = self.state.holds == Holds::NestedRow || self.state.table_depth() > 1;
        let row = &mut self.rows[usize::from(nested)];
        match word {
            "trowd" => *row = RowInHand::default(),
            "trleft" => row.shape.left = number.unwrap_or(0),
            "clmrg" => row.cell.merged_left = true,
            "clvmgf" => row.cell.begins_merge = true,
            "clvmrg" => row.cell.continued = true,
            "cellx" => {
                let cell = Shape { right: number.unwrap_or(0), ..std::mem::take(&mut row.cell) };
                if row.shape.cells.len() < CELLS_MAX {
                    row.shape.cells.push(cell);
                }
            }
            _ => return false,
        }
        true
    }

    fn font_word(&mut self, word: &str, number: i32) {
        match word {
            "f" if self.fonts.len() < ENTRIES_MAX => self.fonts.push(Font { number, ..Font::default() }),
            "fcharset" => self.fonts.last_mut().into_iter().for_each(|font| font.charset(number)),
            _ => {}
        }
    }

    fn colour_word(&mut self, word: &str, number: i32) {
        let part = number.clamp(0, 255) as u8;
        let colour = self.colour.get_or_insert((0, 0, 0));
        match word {
            "red" => colour.0 = part,
            "green" => colour.1 = part,
            "blue" => colour.2 = part,
            _ => {}
        }
    }

    fn form_word(&mut self, word: &str, number: Option<i32>) {
        let Some(form) = self.form() else { return };
        match word {
            "fftype" => form.kind = number.unwrap_or(0),
            "ffres" => form.result = number,
            "ffdefres" => form.default = number,
            _ => {}
        }
    }
}
