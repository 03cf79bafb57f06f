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

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// The backup; "-" reads it from stdin
    pub file: PathBuf,
}

/// Makes the store out of a backup, and verifies it.
///
/// # Errors
/// That the folder is not empty, or somebody else's; that the backup is damaged; the disk's.
pub fn run(arguments: &Arguments, settings: &Settings) -> Result<Output, Failure> {
    let path = &arguments.file;
    let is_stdin = path == Path::new("-");
    let unreadable = |source| Failure::Read { path: path.clone(), source };
    let file = if is_stdin { None } else { Some(File::open(path).map_err(unreadable)?) };
    if let Some((owner, group)) = ownership::to_become(&settings.store.path)? {
        return ownership::restore_as(file, settings, owner, group);
    }
    match file {
        Some(file) => restored(&mut BufReader::with_capacity(1 << 20, file), path, settings),
        None => restored(&mut std::io::stdin().lock(), Path::new("what came in on stdin"), settings),
    }
}

fn restored(from: &mut dyn Read, name: &Path, settings: &Settings) -> Result<Output, Failure> {
    let folder = &settings.store.path;
    let contents = store::restore(from, name, folder, Clock::Real.now())?;
    let opened = Store::open_telling(folder, Wish::Any, &mut super::run::progress)?;
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
