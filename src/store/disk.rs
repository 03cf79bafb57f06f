//! The few things that every part of the store does with folders and files: made private, written whole, made durable.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::Failure;

/// How many threads wait for the disk at once.
const THREADS: usize = 16;

/// Makes a folder that only we can enter, with its parents; fine when it is there.
pub fn make_folder(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(Failure::io("make the folder", path))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes the names in a folder durable.
pub fn sync_folder(path: &Path) -> Result<(), Failure> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path).and_then(|folder| folder.sync_all()).map_err(Failure::io("make durable", path))
}

/// Makes the names in each of these folders durable.
pub fn sync_folders(paths: &[&Path]) -> Result<(), Failure> {
    at_once(paths, |path| sync_folder(path))
}

/// Asks the disk for all of these before it waits for any: a file system makes what it is asked for together durable together, for little
/// more than one of them takes.
pub fn at_once<T: Sync>(all: &[T], ask: impl Fn(&T) -> Result<(), Failure> + Sync) -> Result<(), Failure> {
    let each = |some: &[T]| some.iter().try_for_each(&ask);
    if all.len() < 2 {
        return each(all);
    }
    std::thread::scope(|scope| {
        let asked: Vec<_> =
            all.chunks(all.len().div_ceil(THREADS)).map(|some| scope.spawn(move || each(some))).collect();
        asked.into_iter().try_for_each(|asked| match asked.join() {
            Ok(answer) => answer,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

/// Makes a new file that only we can read.
pub fn new_file(path: &Path) -> Result<File, Failure> {
    let mut how = OpenOptions::new();
    how.read(true).write(true).create_new(true).mode(0o600);
    how.open(path).map_err(Failure::io("make", path))
}

/// Writes a small file whole or not at all, durably.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    // Added, not put in an ending's place: "store.new" may be somebody's.
    let draft = path.with_added_extension("new");
    remove_file(&draft)?;
    let mut file = new_file(&draft)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(Failure::io("write", &draft))?;
    fs::rename(&draft, path).map_err(Failure::io("put in place", path))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Reads a small file; `None` when there is none.
pub fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io("read", path)(error)),
    }
}

/// Removes a file; fine when there is none.
pub fn remove_file(path: &Path) -> Result<(), Failure> {
    missing_is_fine(fs::remove_file(path), path)
}

/// Removes a folder with all that is in it; fine when there is none.
pub fn remove_folder(path: &Path) -> Result<(), Failure> {
    missing_is_fine(fs::remove_dir_all(path), path)
}

fn missing_is_fine(result: io::Result<()>, path: &Path) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::io("remove", path)(error)),
        _ => Ok(()),
    }
}
