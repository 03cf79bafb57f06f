//! Records into the index: all of them into a new one, or those after a clean stop into the one that it left.
//!
//! Comes in: a journal, an index. Goes out: the index as the journal says, and where the journal ends. Reading and decoding run
//! beside the writing, on a thread of their own.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

use super::Failure;
use super::index::{Fault, Index};
use super::journal::{Decoded, Position, Reader, Scan};
use super::seal::Seal;
use super::tables::{Rows, VERSION, plain, table};

/// Rows that are written to the index at once.
const ROWS_AT_ONCE: usize = 20_000;
/// Bytes of records between two tellings of progress, which is also what is handed from thread to thread at once.
const BYTES_AT_ONCE: u64 = 4 << 20;

/// How far a long reading of the journal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Records read.
    pub records: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Bytes to read.
    pub bytes_total: u64,
}

impl std::fmt::Display for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = self.bytes.saturating_mul(100).checked_div(self.bytes_total).unwrap_or(100);
        write!(f, "reading the journal: {} records, {percent} %", self.records)
    }
}

/// Either the index is at fault, which can be mended, or the journal or disk is.
#[derive(Debug)]
pub enum Trouble {
    /// The index.
    Fault(Fault),
    /// Anything else.
    Failure(Failure),
}

impl Trouble {
    /// What it is when it cannot be mended.
    pub fn into_failure(self, index: &Path) -> Failure {
        match self {
            Trouble::Failure(failure) => failure,
            Trouble::Fault(fault) => Failure::Index { path: index.to_path_buf(), why: fault.why().to_string() },
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Trouble::Fault(fault)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::Failure(failure)
    }
}

/// A new index from the whole journal (up to turn `until`), with where that ended and how many records it was.
pub fn fresh(
    path: &Path,
    reader: &Reader,
    seal: &Seal,
    until: Option<u64>,
    tell: &mut dyn FnMut(Progress),
) -> Result<(Index, Scan, u64), Trouble> {
    let index = Index::open(path)?;
    let scan = reader.scan(&Position::start(), until)?;
    let (scan, records) = replay(scan, reader, &index, seal, tell)?;
    Ok((index, scan, records))
}

/// The index of a clean stop with the records after it, and where those ended.
pub fn resume(
    path: &Path,
    reader: &Reader,
    seal: &Seal,
    stopped: &Position,
    tell: &mut dyn FnMut(Progress),
) -> Result<(Index, Scan), Trouble> {
    let index = Index::open(path)?;
    let applied = match index.get(&[table::APPLIED])? {
        Some(stored) => plain(&stored)?,
        None => Position::start(),
    };
    let version = index.get(&[table::VERSION])?.map(|stored| plain::<u64>(&stored)).transpose()?;
    if applied.turn > 0 && version != Some(VERSION) {
        return Err(Fault::Broken("another version of the program made it".to_string()).into());
    }
    if applied.turn != stopped.turn || applied.chain != stopped.chain {
        return Err(Fault::Broken("it does not end where the last clean stop did".to_string()).into());
    }
    // The mark's position, not the index's: a new segment may have been begun since the last record.
    let (scan, _) = replay(reader.scan(stopped, None)?, reader, &index, seal, tell)?;
    Ok((index, scan))
}

/// Brings an index that ends at `from` up to turn `until`.
pub fn catch_up(index: &Index, reader: &Reader, seal: &Seal, from: &Position, until: u64) -> Result<(), Trouble> {
    let scan = reader.scan(from, Some(until))?;
    replay(scan, reader, index, seal, &mut |_| {}).map(drop)
}

/// A run of decoded records, and the progress after it.
type Run = (Vec<(Position, Vec<Decoded>)>, Progress);

/// Applies all that a scan gives, in order.
fn replay(
    scan: Scan,
    reader: &Reader,
    index: &Index,
    seal: &Seal,
    tell: &mut dyn FnMut(Progress),
) -> Result<(Scan, u64), Trouble> {
    let bytes_total = reader.bytes()?;
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel::<Run>(2);
        let reading = scope.spawn(move || read(scan, reader, seal, bytes_total, &send));
        let mut rows = Rows::new(index, seal);
        let mut records = 0;
        for (run, progress) in receive {
            for (end, changes) in run {
                let changes = changes.iter().map(|decoded| (decoded.place, decoded.key, decoded.change.as_ref()));
                rows.apply((end.turn, end.at), 0, changes)?;
                rows.applied(&end)?;
                if rows.pending() >= ROWS_AT_ONCE {
                    rows.write()?;
                }
            }
            records = progress.records;
            tell(progress);
        }
        let scan = match reading.join() {
            Ok(scan) => scan?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        rows.write()?;
        Ok((scan, records))
    })
}

/// Reads and decodes to the end, or until nobody listens any more.
fn read(
    mut scan: Scan,
    reader: &Reader,
    seal: &Seal,
    bytes_total: u64,
    send: &SyncSender<Run>,
) -> Result<Scan, Failure> {
    let mut progress = Progress { records: 0, bytes: 0, bytes_total };
    let mut run = Vec::new();
    let mut told = 0;
    while let Some(stored) = scan.next()? {
        progress.records += 1;
        progress.bytes += stored.bytes();
        let changes = reader.changes(&stored, seal)?;
        run.push((stored.end, changes));
        if progress.bytes - told >= BYTES_AT_ONCE {
            told = progress.bytes;
            if send.send((std::mem::take(&mut run), progress)).is_err() {
                return Ok(scan);
            }
        }
    }
    // Nobody listening means that the index is at fault, which is told there.
    let _ = send.send((run, progress));
    Ok(scan)
}
