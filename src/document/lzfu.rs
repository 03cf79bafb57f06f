//! Compressed rich text of Outlook (LZFu, MS-OXRTFCP) to rich text.
//!
//! Comes in: the property's bytes. Goes out: the rich text, counted against the budget. Its checksum is not asked: what is damaged shows
//! in the text itself.

use super::{Budget, Trouble};

const CORRUPT: Trouble = Trouble::new("corrupt", "The mail's compressed text is damaged.");
const TOO_LARGE: Trouble = Trouble::new("too_large", "The mail's compressed text unpacks to more than is read.");

/// Bytes of one text.
const TEXT_MAX: u64 = 30 << 20;
/// The window that references point into.
const WINDOW: usize = 4096;
/// What the window holds at first.
const PRELOAD: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans \
SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Unpacks a text.
///
/// # Errors
/// corrupt, too_large.
pub fn unpack(bytes: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Trouble> {
    let word = |at: usize| bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).ok_or(CORRUPT);
    let (raw_size, kind) = (word(4)? as usize, word(8)?);
    let end = (word(0)? as usize).saturating_add(4).min(bytes.len());
    let packed = bytes.get(16..end).ok_or(CORRUPT)?;
    let most = TEXT_MAX.min(budget.inflated_bytes);
    let out = match kind {
        0x414c_454d => packed[..raw_size.min(packed.len())].to_vec(),
        0x7546_5a4c => inflate(packed, usize::try_from(most).unwrap_or(usize::MAX))?,
        _ => return Err(CORRUPT),
    };
    budget.inflated_bytes = budget.inflated_bytes.saturating_sub(out.len() as u64);
    Ok(out)
}

fn inflate(packed: &[u8], most: usize) -> Result<Vec<u8>, Trouble> {
    let mut window = [0u8; WINDOW];
    window[..PRELOAD.len()].copy_from_slice(PRELOAD);
    let mut at = PRELOAD.len();
    let mut out = Vec::new();
    let mut bytes = packed.iter().copied();
    let mut put = |byte: u8, window: &mut [u8; WINDOW]| {
        out.push(byte);
        window[at] = byte;
        at = (at + 1) % WINDOW;
        (at, out.len())
    };
    let mut here = PRELOAD.len();
    'runs: while let Some(flags) = bytes.next() {
        for bit in 0..8 {
            let Some(first) = bytes.next() else { break 'runs };
            if flags & (1 << bit) == 0 {
                here = put(first, &mut window).0;
                continue;
            }
            let second = bytes.next().ok_or(CORRUPT)?;
            let reference = usize::from(first) << 8 | usize::from(second);
            let (from, length) = (reference >> 4, (reference & 15) + 2);
            if from == here {
                break 'runs;
            }
            for nth in 0..length {
                let byte = window[(from + nth) % WINDOW];
                let (next, written) = put(byte, &mut window);
                here = next;
                if written > most {
                    return Err(TOO_LARGE);
                }
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::message::Limits;

    /// A text in the container that is not compressed.
    pub(in crate::document) fn stored(text: &[u8]) -> Vec<u8> {
        let mut bytes = (text.len() as u32 + 12).to_le_bytes().to_vec();
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(0x414c_454d_u32.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(text);
        bytes
    }

    #[test]
    fn the_examples_of_the_specification() {
        let packed = b"\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0";
        let mut budget = Budget::new(&Limits::default());
        assert_eq!(unpack(packed, &mut budget).unwrap(), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        let packed = b"\x1a\x00\x00\x00\x1c\x00\x00\x00\x4c\x5a\x46\x75\xe2\xd4\x4b\x51\x41\x00\x04\x20\x57\x58\x59\x5a\x0d\x6e\x7d\x01\x0e\xb0";
        assert_eq!(unpack(packed, &mut budget).unwrap(), b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
        assert_eq!(unpack(&stored(b"{\\rtf1 a}"), &mut budget).unwrap(), b"{\\rtf1 a}");
    }

    #[test]
    fn more_than_the_budget_is_refused() {
        let mut packed = vec![255u8, 255, 0, 0, 255, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0, 0, 0, 0];
        packed.extend([0xff].iter().chain([0x00u8, 0x0f].repeat(8).iter()).copied().collect::<Vec<u8>>().repeat(60));
        let mut budget = Budget { inflated_bytes: 1000, ..Budget::new(&Limits::default()) };
        assert_eq!(unpack(&packed, &mut budget).unwrap_err().code, "too_large");
    }
}
