//! `restore`: a backup becomes the store, in an empty folder, as the folder's owner; its sending is held until `arm` (M27).
//!
//! The file is opened as whoever calls; as root, a process that works as the owner of the folder reads it from its stdin.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::{Failure, Output, ownership};
use crate::clock::Clock;
use crate::config::Settings;
use crate::report::tables::counted;
use crate::store::{self, Store, Wish};

/// The largest file of keys that is read from stdin, in bytes.
const KEYS_MAX: u64 = 1 << 32;

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// The backup; "-" reads it from stdin
    pub file: PathBuf,
    /// The file with its keys; where it is not given, the one beside the backup: FILE.keys. A newer one leaves out what was erased since
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
}

/// Makes the store out of a backup, and verifies it.
///
/// # Errors
/// That the folder is not empty, or somebody else's; that the backup is damaged; the disk's.
pub fn run(arguments: &Arguments, settings: &Settings) -> Result<Output, Failure> {
    let path = &arguments.file;
    let is_stdin = path == Path::new("-");
    let unreadable = |source| Failure::Read { path: path.clone(), source };
    let mut from: Box<dyn Read> = match is_stdin {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(BufReader::with_capacity(1 << 20, File::open(path).map_err(unreadable)?)),
    };
    let keys = match &arguments.keys {
        Some(keys) if is_stdin && keys == path => keys_before(&mut from).map_err(unreadable)?,
        Some(keys) => read_keys(keys)?,
        None if is_stdin => return Err(Failure::KeysNotNamed),
        None => read_keys(&store::keys_beside(path))?,
    };
    if let Some((owner, group)) = ownership::to_become(&settings.store.path)? {
        return ownership::restore_as(&keys, &mut from, settings, owner, group);
    }
    let name = if is_stdin { Path::new("what came in on stdin") } else { path };
    restored(&mut from, name, &keys, settings)
}

fn read_keys(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| Failure::Read { path: path.to_path_buf(), source })
}

/// Keys that come before the backup, as [`ownership::restore_as`] sends them: their length in 8 bytes, little-endian, then they.
fn keys_before(from: &mut dyn Read) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let mut keys = Vec::new();
    from.take(u64::from_le_bytes(length).min(KEYS_MAX)).read_to_end(&mut keys)?;
    Ok(keys)
}

fn restored(from: &mut dyn Read, name: &Path, keys: &[u8], settings: &Settings) -> Result<Output, Failure> {
    let folder = &settings.store.path;
    let contents = store::restore(from, name, keys, settings.keys(), folder, Clock::Real.now())?;
    let opened = Store::open_telling(folder, settings.keys(), Wish::Any, &mut super::run::progress)?;
    let report = opened.store.verify(&mut |_| {})?;
    let is_other_kind = opened.store.rehearsal() != settings.store.rehearsal;
    let is_held = opened.store.held().is_some();
    opened.store.close()?;
    let (turns, files) = (counted(contents.turns as usize, "record"), counted(contents.files as usize, "file"));
    let mut text = format!(
        "{}: {turns} and {files}, as things stood at {}.\n",
        folder.display(),
        contents.made_at.format("%Y-%m-%dT%H:%M:%SZ")
    );
    if is_held {
        text.push_str(
            "Mail is taken in from the next start on, and nothing is sent until you say so. Before that: make sure that the other copy of \
             this store does not run; put mail that came after that time back into the folder that is watched; then type: need-to-know arm\n",
        );
    }
    let mut wrong: Vec<String> = report.faults.iter().map(|fault| format!("need-to-know: {fault}\n")).collect();
    if is_other_kind {
        wrong.push(
            "need-to-know: this store and the configuration differ in `rehearsal`; correct the configuration\n".into(),
        );
    }
    let code = u8::from(!wrong.is_empty());
    Ok(Output { stdout: text.into_bytes(), stderr: wrong.concat().into_bytes(), code, ..Output::default() })
}
