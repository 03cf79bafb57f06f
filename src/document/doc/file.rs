//! The frame of a Word 97–2003 file (MS-DOC): its header block, the piece table, and the tables that say where what stands.
//!
//! Comes in: a compound file. Goes out: positions, ranges and characters. Every offset is checked against what is there.

use super::super::compound::Compound;
use super::super::{Budget, Trouble};
use super::{CORRUPT, OLD, PASSWORD, TOO_LARGE};

/// Pieces and table entries that are kept.
const ENTRIES_MAX: usize = 500_000;

/// Little-endian values at an offset.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes([two[0], two[1]]))
}

/// See [`u16_at`].
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

/// The tables of the header block that are used, by their place in it.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Styles = 1,
    Headers = 11,
    Characters = 12,
    Paragraphs = 13,
    Fonts = 15,
    Pieces = 33,
    Shapes = 40,
    TextBoxes = 56,
}

/// One run of text as it is stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// First position of its text, and the first after it.
    pub begin: u32,
    pub end: u32,
    /// Where its bytes begin in the main stream.
    pub at: u32,
    /// One byte a character (Windows-1252) rather than two.
    pub narrow: bool,
    /// Changes of a fast save.
    pub change: u16,
}

/// The text's stories, one after another.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stories {
    pub body: u32,
    pub headers_begin: u32,
    pub headers_end: u32,
    pub boxes_begin: u32,
    pub boxes_end: u32,
}

/// An opened file.
pub(super) struct File {
    pub main: Vec<u8>,
    pub table: Vec<u8>,
    pub data: Vec<u8>,
    places: Vec<(u32, u32)>,
    pub stories: Stories,
    pub pieces: Vec<Piece>,
    /// Property changes of fast saves, by number.
    pub changes: Vec<Vec<u8>>,
}

impl File {
    pub fn open(compound: &mut Compound<'_>, budget: &mut Budget) -> Result<File, Trouble> {
        let main = compound.stream("WordDocument", budget)?.ok_or(CORRUPT)?;
        let head = |at| u16_at(&main, at).ok_or(CORRUPT);
        match (head(0)?, head(2)?) {
            (0xa5ec, version) if version >= 0xa0 => {}
            (0xa5ec | 0xa5dc | 0xa59b | 0xa5db, _) => return Err(OLD),
            _ => return Err(CORRUPT),
        }
        let flags = head(10)?;
        if flags & 0x0100 != 0 {
            return Err(PASSWORD);
        }
        let table = compound.stream(if flags & 0x0200 == 0 { "0Table" } else { "1Table" }, budget)?.ok_or(CORRUPT)?;
        let data = compound.stream("Data", budget)?.unwrap_or_default();
        let counts_at = 32 + 2 + 2 * usize::from(head(32)?) + 2;
        let counts = usize::from(head(counts_at - 2)?);
        let places_at = counts_at + 4 * counts + 2;
        let places = usize::from(head(places_at - 2)?);
        let pair = |nth: usize| Some((u32_at(&main, places_at + 8 * nth)?, u32_at(&main, places_at + 8 * nth + 4)?));
        let places: Vec<(u32, u32)> = (0..places).map_while(pair).collect();
        let count = |nth: usize| if nth < counts { u32_at(&main, counts_at + 4 * nth).unwrap_or(0) } else { 0 };
        let sums: Vec<u64> = (3..=9)
            .scan(0u64, |sum, nth| {
                *sum += u64::from(count(nth));
                Some(*sum)
            })
            .collect();
        // Each character takes a byte at least.
        if sums[6] > main.len() as u64 {
            return Err(CORRUPT);
        }
        let sum = |nth: usize| sums[nth] as u32;
        let stories = Stories {
            body: sum(0),
            headers_begin: sum(1),
            headers_end: sum(2),
            boxes_begin: sum(5),
            boxes_end: sum(6),
        };
        let mut file = File { main, table, data, places, stories, pieces: Vec::new(), changes: Vec::new() };
        file.read_pieces()?;
        Ok(file)
    }

    /// A table of the table stream; empty where there is none.
    pub fn place(&self, place: Place) -> &[u8] {
        let (at, length) = self.places.get(place as usize).copied().unwrap_or_default();
        let end = (at as usize).saturating_add(length as usize).min(self.table.len());
        self.table.get(at as usize..end).unwrap_or_default()
    }

    /// A table of positions with a value of `width` bytes for each range between two of them.
    pub fn ranges(&self, place: Place, width: usize) -> Vec<(u32, u32, &[u8])> {
        let bytes = self.place(place);
        let count = (bytes.len().saturating_sub(4) / (4 + width)).min(ENTRIES_MAX);
        let entry = |nth: usize| {
            let value = 4 * (count + 1) + width * nth;
            Some((u32_at(bytes, 4 * nth)?, u32_at(bytes, 4 * (nth + 1))?, bytes.get(value..value + width)?))
        };
        (0..count).map_while(entry).collect()
    }

    fn read_pieces(&mut self) -> Result<(), Trouble> {
        let bytes = self.place(Place::Pieces).to_vec();
        let mut at = 0;
        while bytes.get(at) == Some(&1) {
            let length = usize::from(u16_at(&bytes, at + 1).ok_or(CORRUPT)?);
            let change = bytes.get(at + 3..at + 3 + length).ok_or(CORRUPT)?;
            self.changes.push(change.to_vec());
            at += 3 + length;
        }
        if bytes.get(at) != Some(&2) {
            return Err(CORRUPT);
        }
        let length = u32_at(&bytes, at + 1).ok_or(CORRUPT)? as usize;
        let table = bytes.get(at + 5..).map(|rest| &rest[..length.min(rest.len())]).ok_or(CORRUPT)?;
        let count = table.len().saturating_sub(4) / 12;
        if count > ENTRIES_MAX {
            return Err(TOO_LARGE);
        }
        let mut last = 0;
        for nth in 0..count {
            let value = 4 * (count + 1) + 8 * nth;
            let (Some(begin), Some(end)) = (u32_at(table, 4 * nth), u32_at(table, 4 * (nth + 1))) else { break };
            let (Some(at), Some(change)) = (u32_at(table, value + 2), u16_at(table, value + 6)) else { break };
            if begin != last || end < begin {
                return Err(CORRUPT);
            }
            last = end;
            let narrow = at & 0x4000_0000 != 0;
            let at = at & 0x3fff_ffff;
            let at = if narrow { at / 2 } else { at };
            let bytes_end = u64::from(at) + u64::from(end - begin) * if narrow { 1 } else { 2 };
            // Cut short: what is missing may have been an answer.
            if bytes_end > self.main.len() as u64 && begin < self.stories.body {
                return Err(CORRUPT);
            }
            self.pieces.push(Piece { begin, end, at, narrow, change });
        }
        if last < self.stories.body { Err(CORRUPT) } else { Ok(()) }
    }

    /// The piece that a position stands in, from the one at hand on.
    pub fn piece(&self, position: u32, at_hand: usize) -> Option<usize> {
        if self.pieces.get(at_hand).is_some_and(|piece| (piece.begin..piece.end).contains(&position)) {
            return Some(at_hand);
        }
        let nth = self.pieces.partition_point(|piece| piece.end <= position);
        self.pieces.get(nth).filter(|piece| piece.begin <= position).map(|_| nth)
    }

    /// The UTF-16 unit at a position and where its bytes stand.
    pub fn unit(&self, piece: &Piece, position: u32) -> Option<(u16, u32)> {
        let nth = position - piece.begin;
        if piece.narrow {
            let at = piece.at.checked_add(nth)?;
            let byte = *self.main.get(at as usize)?;
            let c = encoding_rs::WINDOWS_1252.decode_without_bom_handling(std::slice::from_ref(&byte)).0.chars().next();
            return Some((c.map_or(0, |c| c as u32 as u16), at));
        }
        let at = piece.at.checked_add(nth.checked_mul(2)?)?;
        Some((u16_at(&self.main, at as usize)?, at))
    }

    /// The names of the fonts, by number.
    pub fn fonts(&self) -> Vec<String> {
        let bytes = self.place(Place::Fonts);
        let mut names = Vec::new();
        let mut at = 4;
        while let Some(&length) = bytes.get(at) {
            let font = bytes.get(at + 1..at + 1 + usize::from(length)).unwrap_or_default();
            let name =
                font.get(39..).unwrap_or_default().chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]]));
            let name: Vec<u16> = name.take_while(|&unit| unit != 0).collect();
            names.push(String::from_utf16_lossy(&name));
            at += 1 + usize::from(length);
        }
        names
    }

    /// The numbers of the styles that are headings or titles.
    pub fn heading_styles(&self) -> Vec<u16> {
        let bytes = self.place(Place::Styles);
        let mut headings = Vec::new();
        let mut at = 2 + usize::from(u16_at(bytes, 0).unwrap_or(0));
        for style in 0..4096u16 {
            let Some(length) = u16_at(bytes, at) else { break };
            let built_in = u16_at(bytes, at + 2).unwrap_or(0) & 0x0fff;
            if length >= 2 && matches!(built_in, 1..=9 | 62 | 74) {
                headings.push(style);
            }
            at += 2 + usize::from(length) + usize::from(length % 2);
        }
        headings
    }
}
