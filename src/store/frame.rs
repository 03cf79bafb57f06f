//! The journal's bytes: how segments, records and changes are framed, summed and chained. Pure: bytes in, bytes out.
//!
//! A segment is a head, then records. A record is a head (turn, time, length, chain) and a body of changes, each with its length
//! and its own sum, so that one change can be read and checked alone. The chain is the SHA-256 of the record before and of this
//! one: a changed, missing or moved record breaks it. All numbers are little-endian; sums are the first 8 bytes of a SHA-256.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// Bytes of a segment's head.
pub const SEGMENT_HEAD: usize = 60;
/// Bytes of a record's head.
pub const RECORD_HEAD: usize = 68;
/// Bytes before each change.
pub const CHANGE_HEAD: usize = 12;
/// The largest body, in bytes.
pub const BODY_MAX: u64 = 256 << 20;

const SEGMENT_MAGIC: &[u8; 8] = b"NTKJRNL1";
const RECORD_MAGIC: &[u8; 4] = b"NTKR";
/// What is on a disk is written in pieces of this size.
const SECTOR: u64 = 512;

/// A link of the chain.
pub type Chain = [u8; 32];

/// The link before the first record.
pub fn genesis() -> Chain {
    Sha256::digest(SEGMENT_MAGIC).into()
}

/// The head of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the turn.
    pub turn: u64,
    /// The record's time.
    pub at: DateTime<Utc>,
    /// Bytes of the body.
    pub length: u32,
    /// The record's link.
    pub chain: Chain,
}

/// The link of a record.
pub fn link(before: &Chain, turn: u64, at: DateTime<Utc>, body: &[u8]) -> Chain {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(turn.to_le_bytes());
    hash.update(at.timestamp().to_le_bytes());
    hash.update(at.timestamp_subsec_nanos().to_le_bytes());
    hash.update(body);
    hash.finalize().into()
}

/// The head of a record with this body, and the record's link.
pub fn record_head(before: &Chain, turn: u64, at: DateTime<Utc>, body: &[u8]) -> (Vec<u8>, Chain) {
    let chain = link(before, turn, at, body);
    let mut bytes = Vec::with_capacity(RECORD_HEAD);
    bytes.extend_from_slice(RECORD_MAGIC);
    bytes.extend_from_slice(&turn.to_le_bytes());
    bytes.extend_from_slice(&at.timestamp().to_le_bytes());
    bytes.extend_from_slice(&at.timestamp_subsec_nanos().to_le_bytes());
    bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&chain);
    bytes.extend_from_slice(&sum(&bytes));
    (bytes, chain)
}

/// The head at the beginning of these bytes; `None` when it is not whole.
pub fn head(bytes: &[u8]) -> Option<Head> {
    let bytes = bytes.get(..RECORD_HEAD)?;
    if !bytes.starts_with(RECORD_MAGIC) || bytes[RECORD_HEAD - 8..] != sum(&bytes[..RECORD_HEAD - 8]) {
        return None;
    }
    Some(Head {
        turn: u64::from_le_bytes(array(bytes, 4)),
        at: DateTime::from_timestamp(i64::from_le_bytes(array(bytes, 12)), u32::from_le_bytes(array(bytes, 20)))?,
        length: u32::from_le_bytes(array(bytes, 24)),
        chain: array(bytes, 28),
    })
}

/// The head of a segment: its number, the turn before its first, and that turn's link.
pub fn segment(number: u32, turn_before: u64, before: &Chain) -> Vec<u8> {
    let mut bytes = SEGMENT_MAGIC.to_vec();
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&turn_before.to_le_bytes());
    bytes.extend_from_slice(before);
    bytes.extend_from_slice(&sum(&bytes));
    bytes
}

/// What a whole segment's head says: the turn before its first, and that turn's link. `None` when it is not that of `number`.
pub fn segment_head(head: &[u8; SEGMENT_HEAD], number: u32) -> Option<(u64, Chain)> {
    let (turn, chain) = (u64::from_le_bytes(array(head, 12)), array(head, 20));
    (head[..] == segment(number, turn, &chain)).then_some((turn, chain))
}

/// Appends one change to a body. Returns where in the body it begins.
pub fn push_change(body: &mut Vec<u8>, stored: &[u8]) -> usize {
    let start = body.len();
    body.extend_from_slice(&(stored.len() as u32).to_le_bytes());
    body.extend_from_slice(&sum(stored));
    body.extend_from_slice(stored);
    start
}

/// The changes of a whole body, as (where it begins, stored bytes). Ends early with `Err(where)` on a length that cannot be.
pub fn changes(body: &[u8]) -> impl Iterator<Item = Result<(usize, &[u8]), usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= body.len() {
            return None;
        }
        let start = at;
        let stored = change_length(&body[start..])
            .and_then(|length| body.get(start + CHANGE_HEAD..start.checked_add(CHANGE_HEAD)?.checked_add(length)?));
        at = stored.map_or(body.len(), |stored| start + CHANGE_HEAD + stored.len());
        Some(stored.map(|stored| (start, stored)).ok_or(start))
    })
}

/// Length of the change whose head these bytes begin with.
pub fn change_length(head: &[u8]) -> Option<usize> {
    Some(u32::from_le_bytes(head.get(..4)?.try_into().ok()?) as usize)
}

/// Whether a change is as it was written.
pub fn change_is_whole(head: &[u8], stored: &[u8]) -> bool {
    head.get(4..CHANGE_HEAD).is_some_and(|expected| expected == sum(stored))
}

/// Whether these bytes, which lie at `offset` of a file, look as if a part of them never reached the disk: a run of a sector,
/// or of what they have of it, that is all zeros. A flipped bit does not look like that.
pub fn has_hole(bytes: &[u8], offset: u64) -> bool {
    let mut rest = bytes;
    let mut at = offset;
    while !rest.is_empty() {
        let length = usize::try_from(SECTOR - at % SECTOR).unwrap_or(rest.len()).min(rest.len());
        let (piece, after) = rest.split_at(length);
        // Shorter runs of zeros occur in numbers.
        if length >= 16 && piece.iter().all(|byte| *byte == 0) {
            return true;
        }
        rest = after;
        at += length as u64;
    }
    false
}

/// Whether a whole record's head lies anywhere in these bytes.
pub fn holds_a_head(bytes: &[u8]) -> bool {
    (0..bytes.len().saturating_sub(RECORD_HEAD - 1))
        .any(|at| bytes[at] == RECORD_MAGIC[0] && head(&bytes[at..]).is_some())
}

fn sum(bytes: &[u8]) -> [u8; 8] {
    array(&Sha256::digest(bytes), 0)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 123_456_789).unwrap()
    }

    #[test]
    fn a_record_comes_back() {
        let mut body = Vec::new();
        assert_eq!(push_change(&mut body, b"one"), 0);
        assert_eq!(push_change(&mut body, b""), CHANGE_HEAD + 3);
        let (bytes, chain) = record_head(&genesis(), 7, time(), &body);
        let head = head(&bytes).unwrap();
        assert_eq!(head, Head { turn: 7, at: time(), length: body.len() as u32, chain });
        let all: Vec<_> = changes(&body).map(|change| change.unwrap().1.to_vec()).collect();
        assert_eq!(all, [b"one".to_vec(), Vec::new()]);
        assert_eq!(segment(1, 0, &genesis()).len(), SEGMENT_HEAD);
    }

    #[test]
    fn a_head_with_any_flipped_byte_is_no_head() {
        let (bytes, _) = record_head(&genesis(), 7, time(), b"body");
        for at in 0..RECORD_HEAD {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            assert_eq!(head(&flipped), None, "byte {at}");
        }
        assert_eq!(head(&bytes[..RECORD_HEAD - 1]), None);
    }

    #[test]
    fn impossible_lengths_end_a_body() {
        let mut body = Vec::new();
        push_change(&mut body, b"one");
        body.extend_from_slice(&u32::MAX.to_le_bytes());
        let all: Vec<_> = changes(&body).collect();
        assert_eq!(all.len(), 2);
        assert_eq!(all[1], Err(CHANGE_HEAD + 3));
    }

    #[test]
    fn holes_are_unwritten_sectors() {
        assert!(!has_hole(&[1; 2000], 10));
        let mut bytes = [1; 2000];
        bytes[502..1014].fill(0);
        assert!(has_hole(&bytes, 10));
        assert!(!has_hole(&bytes, 11), "not aligned");
        assert!(has_hole(&[0; 20], 0));
        assert!(!has_hole(&[0; 8], 0));
    }
}
