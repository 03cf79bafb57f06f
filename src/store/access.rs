//! Who may reach a store: its owner, and nobody else.
//!
//! Comes in: paths. Goes out: a refusal that names the first that others can reach, and what to type. Knows nothing of what lies there.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{Failure, KeyPlace, KeyPlaces};

/// What the group's and everybody's rights are among the bits of a mode; an access list shows in them too.
const OTHERS: u32 = 0o077;

/// Refuses a store whose folder, journal, keys or index others can reach, or whose key they can read. What is below the folders of files and
/// index is guarded by these: sled makes its files as everybody does.
///
/// # Errors
/// [`Failure::Open`], or the disk's.
pub fn refuse_wider(store: &Path, keys: &KeyPlaces) -> Result<(), Failure> {
    refuse(store, store)?;
    for folder in [store, &store.join("journal")] {
        let entries = match fs::read_dir(folder) {
            // A store that is being made.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries.map_err(Failure::io("read the folder", folder))?,
        };
        for entry in entries {
            refuse(&entry.map_err(Failure::io("read the folder", folder))?.path(), store)?;
        }
    }
    [Some(keys.store), keys.concerns].into_iter().flatten().try_for_each(|key| match key {
        KeyPlace::File(path) => refuse(path, path),
        KeyPlace::Given(_) => Ok(()),
    })
}

/// Refuses a file or folder that others can reach; fine where there is none. `whole` is what the mend is typed for.
pub fn refuse(path: &Path, whole: &Path) -> Result<(), Failure> {
    match fs::metadata(path) {
        Ok(about) if about.mode() & OTHERS != 0 => {
            Err(Failure::Open { path: path.to_path_buf(), mode: about.mode() & 0o777, whole: whole.to_path_buf() })
        }
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::io("look at", path)(error)),
        _ => Ok(()),
    }
}
