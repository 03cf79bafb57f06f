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
use super::seal::hex;
use super::{Failure, FileHash, Progress, Store, disk, replay};

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
    /// Verifies the whole store. Takes as long as reading it all and building the index anew.
    pub fn verify(&self, tell: &mut dyn FnMut(Progress)) -> Result<Report, Failure> {
        let mut report = Report::default();
        let spoken_of = self.verify_journal(&mut report, tell)?;
        self.verify_files(&mut report, spoken_of)?;
        if report.faults.iter().any(|fault| matches!(fault, Fault::Journal { .. })) {
            let what = "not compared, since the journal is damaged".to_string();
            report.faults.push(Fault::Index { what });
        } else {
            self.verify_index(&mut report)?;
        }
        Ok(report)
    }

    /// Reads every record. Returns the files that they speak of.
    fn verify_journal(
        &self,
        report: &mut Report,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<BTreeSet<FileHash>, Failure> {
        let reader = self.journal.reader();
        let mut progress = Progress { records: 0, bytes: 0, bytes_total: reader.bytes()? };
        let mut spoken_of = BTreeSet::new();
        let fault = |failure: Failure| match failure {
            Failure::Io { .. } => Err(failure),
            damage => Ok(Fault::Journal { what: damage.to_string() }),
        };
        let mut scan = match reader.scan(&Position::start(), Some(self.journal.end().turn)) {
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
        if report.faults.is_empty() && scan.position().turn != self.journal.end().turn {
            let what = format!("the journal ends at turn {}, not at {}", scan.position().turn, self.journal.end().turn);
            report.faults.push(Fault::Journal { what });
        }
        Ok(spoken_of)
    }

    fn verify_record(&self, stored: &Stored, spoken_of: &mut BTreeSet<FileHash>) -> Result<(), Failure> {
        let reader = self.journal.reader();
        if let Some(place) = reader.odd_change(stored) {
            let what = "a change does not match its checksum".to_string();
            return Err(Failure::Damaged { file: reader.path(place.segment), offset: place.offset, what });
        }
        for (_, change) in reader.changes(stored)? {
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

    /// Derives a second index from the journal and compares row by row.
    fn verify_index(&self, report: &mut Report) -> Result<(), Failure> {
        let path = self.folder.join("sled.verify");
        disk::remove_folder(&path)?;
        let until = Some(self.journal.end().turn);
        let derived = replay::fresh(&path, self.journal.reader(), &self.seal, until, &mut |_| {});
        let (derived, _, _) = derived.map_err(|trouble| trouble.into_failure(&path))?;
        let compared = self.compare(&derived, report);
        drop(derived);
        disk::remove_folder(&path)?;
        compared
    }

    fn compare(&self, derived: &Index, report: &mut Report) -> Result<(), Failure> {
        let mut after: Option<Vec<u8>> = None;
        let mut differing = 0_u64;
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
            let within = |rows: &[Row]| -> BTreeSet<Row> {
                rows.iter().filter(|(at, _)| last.is_none_or(|last| at <= last)).cloned().collect()
            };
            let (ours, theirs) = (within(&ours), within(&theirs));
            report.rows += ours.intersection(&theirs).count() as u64;
            let keys = |rows: std::collections::btree_set::SymmetricDifference<'_, Row>| {
                rows.map(|(at, _)| at.clone()).collect::<BTreeSet<_>>().len() as u64
            };
            differing += keys(ours.symmetric_difference(&theirs));
            match last {
                Some(last) => after = Some(last.clone()),
                None => break,
            }
        }
        if differing > 0 {
            let what = format!("{differing} rows are not as the journal says");
            report.faults.push(Fault::Index { what });
        }
        Ok(())
    }
}

/// Every file that a change speaks of, wherever in it: a field `file` with a hash.
fn collect_files(value: &serde_json::Value, into: &mut BTreeSet<FileHash>) {
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
