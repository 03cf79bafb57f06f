//! The data of a legacy form field in a Word 97–2003 file (FFData): its name, help, kind and state.
//!
//! Comes in: the data stream and a place in it. Goes out: a [`FormField`]; None where no such data stands there.

use super::super::rtf::fields::FormField;
use super::file::{u16_at, u32_at};

/// Entries of a list that are kept.
const ENTRIES_MAX: usize = 1_000;

/// Reads the field's data.
pub(super) fn read(data: &[u8], at: u32) -> Option<FormField> {
    let at = at as usize;
    let end = at.checked_add(u32_at(data, at)? as usize)?.min(data.len());
    let header = usize::from(u16_at(data, at.checked_add(4)?)?);
    let mut rest = data.get(at.checked_add(header)?..end)?;
    if u32_at(rest, 0)? != u32::MAX {
        return None;
    }
    let bits = u16_at(rest, 4)?;
    let mut form =
        FormField { kind: i32::from(bits & 3), result: Some(i32::from(bits >> 2 & 31)), ..FormField::default() };
    rest = rest.get(10..)?;
    form.name = text(&mut rest)?;
    if form.kind == 0 {
        text(&mut rest)?;
    } else {
        form.default = u16_at(rest, 0).map(i32::from);
        rest = rest.get(2..)?;
    }
    text(&mut rest)?;
    form.help = text(&mut rest).unwrap_or_default();
    if form.kind == 2 {
        // The status line and two macros stand before the entries.
        for _ in 0..3 {
            text(&mut rest)?;
        }
        form.entries = entries(rest).unwrap_or_default();
    }
    Some(form)
}

fn entries(bytes: &[u8]) -> Option<Vec<String>> {
    if u16_at(bytes, 0)? != u16::MAX {
        return None;
    }
    let count = usize::from(u16_at(bytes, 2)?).min(ENTRIES_MAX);
    let mut rest = bytes.get(6..)?;
    let mut out = Vec::new();
    for _ in 0..count {
        out.push(units(&mut rest)?);
    }
    Some(out)
}

/// A counted text with a zero behind it.
fn text(rest: &mut &[u8]) -> Option<String> {
    let text = units(rest)?;
    *rest = rest.get(2..)?;
    Some(text)
}

fn units(rest: &mut &[u8]) -> Option<String> {
    let length = usize::from(u16_at(rest, 0)?) * 2;
    let bytes = rest.get(2..2 + length)?;
    *rest = &rest[2 + length..];
    let units: Vec<u16> = bytes.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_with_its_choice() {
        let mut bytes = vec![0; 0x44];
        bytes[4] = 0x44;
        bytes.extend([0xff; 4]);
        bytes.extend([2 | 1 << 2, 0x80, 0, 0, 0, 0]);
        let counted = |text: &str| {
            let mut out = (text.len() as u16).to_le_bytes().to_vec();
            out.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            out
        };
        let zero = [0, 0];
        bytes.extend(counted("Region"));
        bytes.extend(zero);
        bytes.extend(zero);
        for text in ["", "Where?", "", "", ""] {
            bytes.extend(counted(text));
            bytes.extend(zero);
        }
        bytes.extend([0xff, 0xff, 2, 0, 0, 0]);
        bytes.extend(counted("North"));
        bytes.extend(counted("South"));
        let length = bytes.len() as u32;
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        let form = read(&bytes, 0).unwrap();
        assert_eq!((form.name.as_str(), form.help.as_str()), ("Region", "Where?"));
        assert_eq!(form.shown("").as_deref(), Some("South"));
        for end in 0..bytes.len() {
            let _ = read(&bytes[..end], 0);
        }
    }
}
