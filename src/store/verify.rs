//! Is everything as it was written? Every record's sums and chain, every file's hash and presence, the index against the journal.
//!
//! Comes in: an open store. Goes out: what was looked at and what is wrong with it. Changes nothing and goes on behind damage.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::files::is_hash;
use super::index::{Index, Row};
use super::journal::{Position, Stored};
use super::replay::Trouble;
use super::seal::hex;
use super::tables::is_sealed;
use super::{Failure, FileHash, Progress, Store, disk, held, replay};

/// Rows compared at once.
const PAGE: usize = 10_000;

/// What was looked at, and what is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Records whose sums and chain are right.
    pub records: u64,
    /// Files whose hash is right.
    pub files: u64,
    /// Files that no record speaks of: left by a stop between the file and its record. Harmless.
    pub files_unused: u64,
    /// Rows of the index that are as the journal says.
    pub rows: u64,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// A part of the journal.
    Journal {
        /// In words, with file and byte.
        what: String,
    },
    /// A file's bytes are not those of its name.
    FileDamaged {
        /// Where.
        path: PathBuf,
    },
    /// A file that a record speaks of is not there.
    FileMissing {
        /// Its hash.
        hash: FileHash,
    },
    /// The index is not as the journal says. It is rebuilt when its folder is removed while the program is stopped.
    Index {
        /// In words.
        what: String,
    },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Journal { what } => write!(f, "journal: {what}"),
            Fault::FileDamaged { path } => write!(f, "file damaged: {}", path.display()),
            Fault::FileMissing { hash } => write!(f, "file missing: {hash}"),
            Fault::Index { what } => write!(f, "index: {what}"),
        }
    }
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }
}

impl Store {
    /// Verifies the whole store, as it stands when this begins; turns may be committed meanwhile. Takes as long as reading it all and
    /// building the index anew.
    pub fn verify(&self, tell: &mut dyn FnMut(Progress)) -> Result<Report, Failure> {
        let _one_at_a_time = held(self.verifying.lock());
        let end = self.end();
        let mut report = Report::default();
        let spoken_of = self.verify_journal(&end, &mut report, tell)?;
        self.verify_files(&mut report, spoken_of)?;
        if report.faults.iter().any(|fault| matches!(fault, Fault::Journal { .. })) {
            let what = "not compared, since the journal is damaged".to_string();
            report.faults.push(Fault::Index { what });
        } else {
            self.verify_index(&end, &mut report)?;
        }
        Ok(report)
    }

    /// Reads every record. Returns the files that they speak of.
    fn verify_journal(
        &self,
        end: &Position,
        report: &mut Report,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<BTreeSet<FileHash>, Failure> {
        let reader = &self.reader;
        let mut progress = Progress { records: 0, bytes: 0, bytes_total: reader.bytes()? };
        let mut spoken_of = BTreeSet::new();
        let fault = |failure: Failure| match failure {
            Failure::Io { .. } => Err(failure),
            damage => Ok(Fault::Journal { what: damage.to_string() }),
        };
        let mut scan = match reader.scan(&Position::start(), Some(end.turn)) {
            Ok(scan) => scan,
            Err(failure) => {
                report.faults.push(fault(failure)?);
                return Ok(spoken_of);
            }
        };
        loop {
            match scan.next() {
                Ok(None) => break,
                Ok(Some(stored)) => {
                    progress.records += 1;
                    progress.bytes += stored.bytes();
                    tell(progress);
                    match self.verify_record(&stored, &mut spoken_of) {
                        Ok(()) => report.records += 1,
                        Err(failure) => report.faults.push(fault(failure)?),
                    }
                }
                Err(failure) => report.faults.push(fault(failure)?),
            }
        }
        if report.faults.is_empty() && scan.position().turn != end.turn {
            let what = format!("the journal ends at turn {}, not at {}", scan.position().turn, end.turn);
            report.faults.push(Fault::Journal { what });
        }
        Ok(spoken_of)
    }

    fn verify_record(&self, stored: &Stored, spoken_of: &mut BTreeSet<FileHash>) -> Result<(), Failure> {
        let reader = &self.reader;
        if let Some(place) = reader.odd_change(stored) {
            let what = "a change does not match its checksum".to_string();
            return Err(Failure::Damaged { file: reader.path(place.segment), offset: place.offset, what });
        }
        for change in reader.changes(stored, &self.seal)?.into_iter().filter_map(|decoded| decoded.change) {
            let value = serde_json::to_value(&change).map_err(|source| Failure::Encode { source })?;
            collect_files(&value, spoken_of);
        }
        Ok(())
    }

    fn verify_files(&self, report: &mut Report, mut spoken_of: BTreeSet<FileHash>) -> Result<(), Failure> {
        let mut all = Vec::new();
        self.files.each(&mut |name, path| all.push((name.to_string(), path.to_path_buf())))?;
        for (name, path) in all {
            if hash_of(&path)? == name && self.files.path(&name)? == path {
                report.files += 1;
            } else {
                report.faults.push(Fault::FileDamaged { path });
            }
            if !spoken_of.remove(&name) {
                report.files_unused += 1;
            }
        }
        report.faults.extend(spoken_of.into_iter().map(|hash| Fault::FileMissing { hash }));
        Ok(())
    }

    /// Derives a second index from the journal and compares row by row. Where they differ, a turn may have been committed meanwhile: those
    /// rows are compared again with the second index brought up to date and nobody committing.
    fn verify_index(&self, end: &Position, report: &mut Report) -> Result<(), Failure> {
        let path = self.folder.join("sled.verify");
        disk::remove_folder(&path)?;
        let odd = |trouble: Trouble| trouble.into_failure(&path);
        let (derived, _, _) =
            replay::fresh(&path, &self.reader, &self.seal, Some(end.turn), &mut |_| {}).map_err(odd)?;
        let differing = self.compare(&derived, report)?;
        let mut wrong = 0;
        {
            let _turns = held(self.together.lock());
            let journal = self.journal();
            replay::catch_up(&derived, &self.reader, &self.seal, end, journal.end().turn).map_err(odd)?;
            let current = self.index();
            for at in differing {
                let theirs = derived.get(&at).map_err(|fault| odd(fault.into()))?;
                let theirs = theirs.and_then(|stored| self.opened(&at, stored));
                match current.index.as_ref().map(|index| index.get(&at)) {
                    Some(Ok(ours)) if ours.clone().and_then(|stored| self.opened(&at, stored)) == theirs => {
                        report.rows += u64::from(ours.is_some())
                    }
                    _ => wrong += 1,
                }
            }
        }
        drop(derived);
        disk::remove_folder(&path)?;
        if wrong > 0 {
            report.faults.push(Fault::Index { what: format!("{wrong} rows are not as the journal says") });
        }
        Ok(())
    }

    /// Counts the rows that are the same in both, and gives the keys of the others.
    fn compare(&self, derived: &Index, report: &mut Report) -> Result<BTreeSet<Vec<u8>>, Failure> {
        let mut after: Option<Vec<u8>> = None;
        let mut differing = BTreeSet::new();
        loop {
            let page = |index: &Index| index.rows(&[], after.as_deref(), PAGE);
            let ours = self.ask(page)?;
            let theirs = page(derived).map_err(|fault| Failure::Index {
                path: self.folder.join("sled.verify"),
                why: fault.why().to_string(),
            })?;
            // Up to the lesser of the last keys both pages are whole.
            let last = [&ours, &theirs]
                .into_iter()
                .filter(|rows| rows.len() == PAGE)
                .filter_map(|rows| Some(&rows.last()?.0))
                .min();
            let within = |rows: &[Row]| -> BTreeSet<(Vec<u8>, Option<Vec<u8>>)> {
                let rows = rows.iter().filter(|(at, _)| last.is_none_or(|last| at <= last));
                rows.map(|(at, stored)| (at.clone(), self.opened(at, stored.clone()))).collect()
            };
            let (ours, theirs) = (within(&ours), within(&theirs));
            report.rows += ours.intersection(&theirs).count() as u64;
            differing.extend(ours.symmetric_difference(&theirs).map(|(at, _)| at.clone()));
            match last {
                Some(last) => after = Some(last.clone()),
                None => return Ok(differing),
            }
        }
    }

    /// The value of a row as it was put; `None` where it cannot be opened. Sealed twice, the same is not the same bytes.
    fn opened(&self, at: &[u8], stored: Vec<u8>) -> Option<Vec<u8>> {
        if is_sealed(at) { self.seal.unseal(at, &stored).ok().flatten() } else { Some(stored) }
    }
}

/// Every file that a change speaks of, wherever in it: a field `file` with a hash.
pub(super) fn collect_files(value: &serde_json::Value, into: &mut BTreeSet<FileHash>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(hash) if name == "file" && is_hash(hash) => {
                        into.insert(hash.to_string());
                    }
                    _ => collect_files(value, into),
                }
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| collect_files(value, into)),
        _ => {}
    }
}

fn hash_of(path: &Path) -> Result<String, Failure> {
    let mut file = File::open(path).map_err(Failure::io("open", path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(Failure::io("read", path))? {
            0 => return Ok(hex(&hash.finalize())),
            got => hash.update(&buffer[..got]),
        }
    }
}
