//! Where a store is at home, and whether sending is held there until a person says otherwise (M27).
//!
//! Comes in: the store's folder. Goes out: why sending is held, if it is. A store knows its home by the hash of the machine's id and of
//! its own path: one that was copied, moved or restored is not at home, and what it would send may have been sent by the other one. A
//! clone of a whole machine cannot be told apart. Knows nothing of mails: who sends asks.

use std::fmt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::seal::hex;
use super::{Failure, disk};

/// Files that say that this is a container: its machine id may be another at each start, so the path alone counts.
const CONTAINER: [&str; 3] = ["/run/systemd/container", "/run/.containerenv", "/.dockerenv"];

/// Why sending is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// The store was restored from a backup.
    Restored {
        /// When.
        at: DateTime<Utc>,
    },
    /// The store lies on another machine or in another folder than it did.
    Moved,
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hold::Restored { at } => {
                write!(f, "the store was restored from a backup at {}", at.format("%Y-%m-%dT%H:%M:%SZ"))
            }
            Hold::Moved => write!(f, "the store lies in another folder or on another machine than it did"),
        }
    }
}

/// The file `home`.
#[derive(Debug, Serialize, Deserialize)]
struct Home {
    /// Hash of the place.
    place: String,
    /// Restored there, and not armed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    restored_at: Option<DateTime<Utc>>,
}

/// Whether sending is held. A store that never said where it is at home, as one of an earlier version, is so here where `may_settle`.
pub fn found(store: &Path, may_settle: bool) -> Result<Option<Hold>, Failure> {
    let Some(bytes) = disk::read_if_there(&file(store))? else {
        if may_settle {
            settle(store, None)?;
        }
        return Ok(None);
    };
    Ok(match serde_json::from_slice::<Home>(&bytes) {
        Ok(Home { restored_at: Some(at), .. }) => Some(Hold::Restored { at }),
        Ok(home) if home.place == place(store)? => None,
        // One that cannot be read says nothing, which is no reason to send.
        Ok(_) | Err(_) => Some(Hold::Moved),
    })
}

/// Makes this place the store's home, durably. With `restored_at` sending is held there.
pub fn settle(store: &Path, restored_at: Option<DateTime<Utc>>) -> Result<(), Failure> {
    let home = Home { place: place(store)?, restored_at };
    let bytes = serde_json::to_vec(&home).map_err(|source| Failure::Encode { source })?;
    disk::write_whole(&file(store), &bytes)
}

fn file(store: &Path) -> PathBuf {
    store.join("home")
}

/// Links are followed: systemd reaches the folder of a service by one.
fn place(store: &Path) -> Result<String, Failure> {
    let path = store.canonicalize().map_err(Failure::io("look at", store))?;
    let in_container = CONTAINER.iter().any(|mark| Path::new(mark).exists());
    let machine = if in_container { Vec::new() } else { std::fs::read("/etc/machine-id").unwrap_or_default() };
    Ok(hash_of(&machine, &path))
}

/// The machine's id is not to be told to others as it is; machine-id(5).
fn hash_of(machine: &[u8], path: &Path) -> String {
    let mut hash = Sha256::new();
    hash.update(b"need-to-know home\0");
    hash.update(machine.trim_ascii());
    hash.update([0]);
    hash.update(path.as_os_str().as_encoded_bytes());
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Folder;

    #[test]
    fn m27_a_store_is_held_wherever_it_is_not_at_home() {
        let folder = Folder::new();
        let (here, there) = (folder.path().join("here"), folder.path().join("there"));
        std::fs::create_dir(&here).unwrap();
        assert_eq!(found(&here, false).unwrap(), None);
        assert!(!file(&here).exists(), "whoever only looks settles nothing");
        assert_eq!(found(&here, true).unwrap(), None);
        std::fs::rename(&here, &there).unwrap();
        assert_eq!(found(&there, true).unwrap(), Some(Hold::Moved));
        std::os::unix::fs::symlink(&there, &here).unwrap();
        assert_eq!(found(&here, true).unwrap(), Some(Hold::Moved), "a link is not the place");
        std::fs::remove_file(&here).unwrap();
        std::fs::rename(&there, &here).unwrap();
        assert_eq!(found(&here, true).unwrap(), None, "at home again");
        std::os::unix::fs::symlink(&here, &there).unwrap();
        assert_eq!(found(&there, true).unwrap(), None, "reached by a link");
    }

    #[test]
    fn m27_a_restored_store_and_one_that_says_nothing_are_held_until_they_are_settled() {
        let folder = Folder::new();
        let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        settle(folder.path(), Some(at)).unwrap();
        assert_eq!(found(folder.path(), true).unwrap(), Some(Hold::Restored { at }));
        std::fs::write(file(folder.path()), b"{\"place\"").unwrap();
        assert_eq!(found(folder.path(), true).unwrap(), Some(Hold::Moved));
        settle(folder.path(), None).unwrap();
        assert_eq!(found(folder.path(), true).unwrap(), None);
    }

    #[test]
    fn m27_another_machine_is_another_place() {
        let path = Path::new("/var/lib/private/need-to-know/store");
        assert_ne!(hash_of(b"0123\n", path), hash_of(b"0124\n", path));
        assert_eq!(hash_of(b"0123\n", path), hash_of(b"0123", path));
        assert_ne!(hash_of(b"", path), hash_of(b"", Path::new("/var/lib/private/need-to-know/store2")));
    }
}
