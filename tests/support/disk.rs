//! A small disk of its own.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Gone when dropped.
pub struct Disk(pub PathBuf);

impl Disk {
    /// Mounts one of this size.
    pub fn mount(place: PathBuf, megabytes: u32) -> Disk {
        std::fs::create_dir(&place).unwrap();
        let size = format!("size={megabytes}m,mode=700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&place).status().unwrap();
        assert!(mounted.success(), "a tmpfs is mounted as root: run scripts/test");
        Disk(place)
    }

    /// Takes everything that is left.
    pub fn fill(&self) {
        let whole = format!("of={}", self.filler().display());
        // It ends with a complaint, which is the purpose.
        Command::new("dd")
            .args(["if=/dev/zero", "bs=4k", "status=none", &whole])
            .stderr(Stdio::null())
            .status()
            .unwrap();
    }

    /// Gives it back.
    pub fn clear(&self) {
        std::fs::remove_file(self.filler()).ok();
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}
