//! Delivery into a maildir: written to `tmp`, synced, renamed into `new`, one file a message.
//!
//! Comes in: the message and the name that it keeps on every try. Goes out: an [`Outcome`]. A repeat after a crash finds its own file
//! and overwrites it, so nothing is there twice.

use std::fs::{self, File, FileTimes};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Failure, Outcome, Outgoing};

/// A maildir that mail is delivered into.
pub struct Maildir {
    path: PathBuf,
}

impl Maildir {
    /// Opens the maildir at `path`, making what is missing of it.
    ///
    /// # Errors
    /// A folder cannot be made.
    pub fn open(path: &Path) -> Result<Maildir, Failure> {
        for part in ["tmp", "new", "cur"] {
            let folder = path.join(part);
            fs::create_dir_all(&folder).map_err(|source| failed("make", &folder, source))?;
        }
        Ok(Maildir { path: path.to_path_buf() })
    }

    pub(super) fn send(&self, outgoing: Outgoing<'_>) -> Outcome {
        if !is_file_name(outgoing.id) {
            tracing::error!("a message's id is no file name");
            return Outcome::Permanent { code: "file".to_string() };
        }
        match self.deliver(outgoing) {
            Ok(()) => Outcome::Sent { server_id: None },
            Err(failure) => {
                tracing::warn!(%failure, cause = %cause(&failure), "a message could not be delivered");
                Outcome::temporary("file")
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        let probe = self.path.join("tmp").join("check");
        fs::write(&probe, b"").map_err(|source| failed("write", &probe, source))?;
        fs::remove_file(&probe).map_err(|source| failed("remove", &probe, source))
    }

    fn deliver(&self, outgoing: Outgoing<'_>) -> Result<(), Failure> {
        let (draft, place) = (self.path.join("tmp").join(outgoing.id), self.path.join("new").join(outgoing.id));
        if self.read_already(outgoing.id)? {
            return Ok(());
        }
        write_synced(&draft, outgoing).map_err(|source| failed("write", &draft, source))?;
        fs::rename(&draft, &place).map_err(|source| failed("make", &place, source))?;
        let folder = self.path.join("new");
        File::open(&folder).and_then(|folder| folder.sync_all()).map_err(|source| failed("sync", &folder, source))
    }

    /// Whether an earlier try got through and a mail program has taken the file to `cur` since.
    fn read_already(&self, id: &str) -> Result<bool, Failure> {
        let folder = self.path.join("cur");
        let entries = fs::read_dir(&folder).map_err(|source| failed("read", &folder, source))?;
        let mut names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        Ok(names.any(|name| name.split(':').next() == Some(id)))
    }
}

fn write_synced(path: &Path, outgoing: Outgoing<'_>) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(outgoing.message)?;
    if let Some(stamp) = outgoing.stamp {
        file.set_times(FileTimes::new().set_modified(stamp).set_accessed(stamp))?;
    }
    file.sync_all()
}

/// One plain file name: nothing that leaves the folder, hides the file or looks like flags.
fn is_file_name(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+' | '=');
    (1..=200).contains(&id.len()) && id.chars().all(plain) && !id.starts_with('.') && !id.contains("..")
}

fn failed(operation: &'static str, path: &Path, source: io::Error) -> Failure {
    Failure::File { operation, path: path.to_path_buf(), source }
}

fn cause(failure: &Failure) -> String {
    std::error::Error::source(failure).map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::super::Envelope;
    use super::*;

    fn envelope() -> Envelope {
        Envelope { from: None, to: "director@council.example".into() }
    }

    fn sent() -> Outcome {
        Outcome::Sent { server_id: None }
    }

    #[test]
    fn a_message_is_one_file_with_the_given_time() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::open(folder.path()).unwrap();
        let stamp = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let envelope = envelope();
        let outgoing =
            Outgoing { id: "42-alert", envelope: &envelope, message: b"Subject: x\r\n\r\n", stamp: Some(stamp) };
        assert_eq!(maildir.send(outgoing), sent());
        assert_eq!(maildir.send(outgoing), sent());
        let files: Vec<_> = fs::read_dir(folder.path().join("new")).unwrap().flatten().collect();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].metadata().unwrap().modified().unwrap(), stamp);
        assert_eq!(fs::read(files[0].path()).unwrap(), outgoing.message);
        assert_eq!(fs::read_dir(folder.path().join("tmp")).unwrap().count(), 0);
    }

    #[test]
    fn a_message_that_was_read_already_is_not_there_twice() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::open(folder.path()).unwrap();
        let envelope = envelope();
        let outgoing = Outgoing { id: "42-alert", envelope: &envelope, message: b"x", stamp: None };
        maildir.send(outgoing);
        fs::rename(folder.path().join("new/42-alert"), folder.path().join("cur/42-alert:2,S")).unwrap();
        assert_eq!(maildir.send(outgoing), sent());
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
    }

    #[test]
    fn an_id_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::open(folder.path()).unwrap();
        let envelope = envelope();
        for id in ["../x", "a/b", ".hidden", "", "a:2,S", "a..b"] {
            let outgoing = Outgoing { id, envelope: &envelope, message: b"x", stamp: None };
            assert_eq!(maildir.send(outgoing), Outcome::Permanent { code: "file".into() }, "{id:?}");
        }
    }

    #[test]
    fn a_folder_that_is_gone_is_temporary() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::open(&folder.path().join("out")).unwrap();
        fs::remove_dir_all(folder.path().join("out")).unwrap();
        let envelope = envelope();
        let outgoing = Outgoing { id: "1", envelope: &envelope, message: b"x", stamp: None };
        assert_eq!(maildir.send(outgoing), Outcome::Temporary { code: "file".into(), slower: false });
        assert!(maildir.check().is_err());
    }
}
