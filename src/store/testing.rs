//! What the store's own tests share.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::keys::{KeyPlace, Keys};
use super::seal::Seal;

/// A folder that is gone after the test.
pub struct Folder(PathBuf);

impl Folder {
    /// A new, empty one.
    pub fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ntk-store-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A seal with keys of its own in a folder.
pub fn seal(store: &Path) -> Seal {
    let keys = |path| Keys::open(path, &KeyPlace::forgotten().unwrap(), true).unwrap();
    Seal::new(keys(Keys::path(store)), Some(keys(Keys::path_of_concerns(store))))
}
