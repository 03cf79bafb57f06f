//! Zip archives to their files, counted and bounded (M14, M17).

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Budget, Trouble};

/// Files that are taken out of one archive.
const FILES_MAX: usize = 50;
/// Bytes of one file within an archive.
const FILE_MAX: u64 = 30 << 20;

const CORRUPT: Trouble = Trouble::new("corrupt", "The archive is damaged.");
const PASSWORD: Trouble = Trouble::new("password_protected", "The archive is protected with a password.");
const TOO_LARGE: Trouble = Trouble::new("too_large", "The archive unpacks to more than is read.");

const EMPTY: Trouble = Trouble::new("empty_file", "The archive holds no file.");

/// A file's name with its bytes, or with why it could not be taken out.
type File = (String, Result<Vec<u8>, Trouble>);

/// Takes an archive's files out.
///
/// # Errors
/// corrupt, too_large, empty_file; what concerns one file alone stands with that file.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Vec<File>, Trouble> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| CORRUPT)?;
    if archive.len() > FILES_MAX {
        return Err(TOO_LARGE);
    }
    let mut files = Vec::new();
    for at in 0..archive.len() {
        let (name, is_folder) = match archive.by_index_raw(at) {
            Ok(file) => (file.name().rsplit('/').next().unwrap_or("").to_owned(), file.is_dir()),
            Err(_) => return Err(CORRUPT),
        };
        let beside = name.starts_with('.') || name.starts_with("~$") || name == "Thumbs.db";
        if !is_folder && !beside {
            files.push((name, inflate(&mut archive, at, budget)));
        }
    }
    if files.is_empty() { Err(EMPTY) } else { Ok(files) }
}

fn inflate(archive: &mut ZipArchive<Cursor<&[u8]>>, at: usize, budget: &mut Budget) -> Result<Vec<u8>, Trouble> {
    let file = archive.by_index(at).map_err(|error| match error {
        ZipError::UnsupportedArchive(what) if what.to_ascii_lowercase().contains("password") => PASSWORD,
        _ => CORRUPT,
    })?;
    let most = FILE_MAX.min(budget.inflated_bytes);
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|_| CORRUPT)?;
    budget.inflated_bytes = budget.inflated_bytes.saturating_sub(bytes.len() as u64);
    if bytes.len() as u64 > most { Err(TOO_LARGE) } else { Ok(bytes) }
}
