//! Letters of symbol fonts as characters, and the widths of the fonts that no file brings along.
//!
//! Comes in: a code or glyph name. Goes out: a character or a width. Knows no files.

use super::super::{TICKED, UNTICKED};

/// A code of ZapfDingbats.
pub(super) fn zapf(code: u32) -> Option<char> {
    Some(match code {
        0x33 => '✓',
        0x34 => '✔',
        0x35..=0x38 => '✗',
        0x6c => '●',
        0x6d | 0x6f..=0x72 => UNTICKED,
        0x6e => '■',
        0x20 => ' ',
        0x21..=0x7e => char::from_u32(0x2700 + code - 0x20)?,
        _ => return None,
    })
}

/// A glyph name of ZapfDingbats: a19, a20 are ticks, a21 to a24 crosses, a71 to a76 discs and squares.
pub(super) fn zapf_name(name: &[u8]) -> Option<char> {
    Some(match name {
        b"a19" => '✓',
        b"a20" => '✔',
        b"a21" | b"a22" | b"a23" | b"a24" => '✗',
        b"a71" => '●',
        b"a73" => '■',
        b"a72" | b"a74" | b"a75" | b"a203" | b"a204" => UNTICKED,
        _ => return None,
    })
}

/// A code of Wingdings or Wingdings 2, also where it was moved to the private use area.
pub(super) fn wingdings(code: u32, second: bool) -> Option<char> {
    let code = if (0xf000..=0xf0ff).contains(&code) { code - 0xf000 } else { code };
    Some(match (code, second) {
        (0x52..=0x54, true) => TICKED,
        (0x50, true) | (0xfc, false) => '✓',
        (0x4f, true) | (0xfb, false) => '✗',
        (0xa3 | 0x2a, true) | (0x6f | 0x70 | 0x71 | 0x72 | 0xa8, false) => UNTICKED,
        (0x78 | 0xfd | 0xfe, false) => TICKED,
        (0x6e, false) => '■',
        (0x6c, false) | (0x97, true) => '●',
        (0x9f | 0xa7, false) => '•',
        (0x20, _) => ' ',
        _ => return None,
    })
}

/// A width of Helvetica in thousandths; other fonts without widths are near enough.
pub(super) fn helvetica(code: u32) -> f32 {
    const WIDTHS: [u16; 95] = [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556,
        556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667,
        556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556,
        556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722,
        500, 500, 500, 334, 260, 334, 584,
    ];
    let at = (code as usize).wrapping_sub(32);
    f32::from(WIDTHS.get(at).copied().unwrap_or(556))
}
