//! `backup`: the whole store as one file, while the daemon runs or not.
//!
//! Whoever has the store says how far it reaches; the copying is the caller's, who may read the folder, since it may take long and the file is
//! the caller's. What was written is read again before it gets its name.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Failure, House, Inquiry, Output};
use crate::clock::Clock;
use crate::config::Settings;
use crate::report::tables::counted;
use crate::store::{self, BackedUp, Contents, Snapshot};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// The file to write; it must not be there yet
    pub file: PathBuf,
}

/// What the holder of the store is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// How far does the store reach? Answered as JSON.
    Begin,
    /// A backup is whole.
    Done(BackedUp),
}

/// Writes a backup.
///
/// # Errors
/// The store's, or that the file cannot be written or is there already.
pub fn run(arguments: &Arguments, settings: &Settings) -> Result<Output, Failure> {
    let file = &arguments.file;
    for file in [file.clone(), store::keys_beside(file)] {
        if fs::symlink_metadata(&file).is_ok() {
            return Err(Failure::InTheWay { path: file });
        }
    }
    let begun = super::inquire(&Inquiry::Backup(Step::Begin), settings)?;
    if begun.code != 0 {
        return Ok(begun);
    }
    let snapshot: Snapshot =
        serde_json::from_slice(&begun.stdout).map_err(|_| Failure::Control(super::control::Failure::Language))?;
    let contents = written(file, &settings.store.path, &snapshot)?;
    // After it, so that none is missing; whoever reads the one needs the other.
    let keys = store::keys_beside(file);
    store::write_keys(&settings.store.path, &keys)?;
    let done = BackedUp { at: contents.made_at, turn: contents.turns };
    let noted = super::inquire(&Inquiry::Backup(Step::Done(done)), settings)?;
    let mut stdout = said(file, &keys, &contents).into_bytes();
    stdout.extend(noted.stdout);
    let mut stderr = noted.stderr;
    for hash in &contents.damaged {
        stderr.extend(
            format!("need-to-know: the file {hash} of the store is damaged, and is in the backup as it is; run: need-to-know verify\n")
                .into_bytes(),
        );
    }
    Ok(Output { stdout, stderr, code: noted.code.max(u8::from(!contents.damaged.is_empty())), ..Output::default() })
}

/// What the holder of the store answers.
///
/// # Errors
/// The disk's.
pub fn answer(step: &Step, house: &House<'_>) -> Result<Output, Failure> {
    match step {
        Step::Begin => Ok(Output::json(&house.store.snapshot())),
        Step::Done(backed_up) => {
            house.store.note_backup(backed_up)?;
            Ok(Output::default())
        }
    }
}

/// Under another name first, so that what has its name is whole.
fn written(file: &Path, store: &Path, snapshot: &Snapshot) -> Result<Contents, Failure> {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    let draft = PathBuf::from(name);
    let cannot = |source| Failure::Write { path: draft.clone(), source };
    match fs::remove_file(&draft) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => return Err(cannot(source)),
        _ => {}
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(cannot)?;
    let done = fill(&draft, made, store, snapshot).and_then(|contents| {
        fs::rename(&draft, file).map_err(|source| Failure::Write { path: file.to_path_buf(), source })?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| Failure::Write { path: file.to_path_buf(), source })?;
        Ok(contents)
    });
    if done.is_err() {
        fs::remove_file(&draft).ok();
    }
    done
}

fn fill(draft: &Path, made: File, store: &Path, snapshot: &Snapshot) -> Result<Contents, Failure> {
    let cannot = |source| Failure::Write { path: draft.to_path_buf(), source };
    let mut to = BufWriter::with_capacity(1 << 20, made);
    let contents = store::write_backup(store, snapshot, Clock::Real.now(), &mut to, draft)?;
    to.flush().map_err(cannot)?;
    to.get_ref().sync_all().map_err(cannot)?;
    let mut from = BufReader::with_capacity(1 << 20, File::open(draft).map_err(cannot)?);
    store::check_backup(&mut from, draft)?;
    Ok(contents)
}

fn said(file: &Path, keys: &Path, contents: &Contents) -> String {
    let Contents { turns, files, bytes, .. } = contents;
    let (turns, files) = (counted(*turns as usize, "record"), counted(*files as usize, "file"));
    format!(
        "{}: {turns} and {files}, {} kB, read back and whole.\n{}: the keys to it. Who restores it needs both files and the store's key: keep the \
         store's key in another place.\n",
        file.display(),
        bytes.div_ceil(1000),
        keys.display()
    )
}
