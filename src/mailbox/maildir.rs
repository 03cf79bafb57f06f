//! A mailbox in a maildir, with Maildir++ folders in it for what has been taken.
//!
//! Comes in: the maildir's path and the two folders' names. Goes out: what [`Mailbox`] promises. A mail's name is its file's, without
//! flags, and the file's modification time, since some programs use a file name again; its receipt is that time. inotify wakes; where it cannot, the folders are looked at every second.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use notify::event::{EventKind, ModifyKind, RenameMode};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::{Failure, Fetched, Folder, Listed, Look, MailKey, Mailbox, Removed, Sought, Stopper};
use crate::clock::Deadline;

const PARTS: [&str; 3] = ["new", "cur", "tmp"];
const POLL_EVERY: Duration = Duration::from_secs(1);

/// The mailbox.
pub struct MaildirMailbox {
    path: PathBuf,
    processed: PathBuf,
    attention: PathBuf,
    /// For concerns; `None`: they are removed.
    apart: Option<PathBuf>,
    /// Where each mail lay at the last look, by name.
    known: HashMap<String, PathBuf>,
    looked: bool,
    stopper: Stopper,
    /// Held for its life; none: poll.
    watcher: Option<RecommendedWatcher>,
}

impl MaildirMailbox {
    /// Watches the maildir at `path`; taken mail goes to the Maildir++ folders of these names in it.
    ///
    /// # Errors
    /// `path` is no maildir, or a folder's name cannot be one.
    pub fn open(path: &Path, processed_folder: &str, attention_folder: &str) -> Result<MaildirMailbox, Failure> {
        if !["new", "cur"].iter().all(|part| path.join(part).is_dir()) {
            return Err(Failure::NotMaildir { path: path.to_path_buf() });
        }
        let stopper = Stopper::default();
        let watcher = watcher(path, stopper.clone()).inspect_err(|error| {
            tracing::warn!(%error, path = %path.display(), "inotify cannot be had; looking every second instead");
        });
        Ok(MaildirMailbox {
            path: path.to_path_buf(),
            processed: subfolder(path, processed_folder)?,
            attention: subfolder(path, attention_folder)?,
            apart: None,
            known: HashMap::new(),
            looked: false,
            stopper,
            watcher: watcher.ok(),
        })
    }

    /// The same with a folder for concerns; without one they are removed (W8).
    ///
    /// # Errors
    /// The name cannot be a folder's.
    pub fn with_apart(self, folder: Option<&str>) -> Result<MaildirMailbox, Failure> {
        let apart = folder.map(|folder| subfolder(&self.path, folder)).transpose()?;
        Ok(MaildirMailbox { apart, ..self })
    }

    /// The mailbox whose watched folder is the one for concerns, made if it is missing.
    ///
    /// # Errors
    /// The name cannot be a folder's, or it cannot be made.
    pub fn of_concerns(path: &Path, folder: &str) -> Result<MaildirMailbox, Failure> {
        let of_concerns = subfolder(path, folder)?;
        MaildirMailbox::create(&of_concerns)?;
        mark_as_subfolder(&of_concerns)?;
        MaildirMailbox::open(&of_concerns, "Processed", "Needs attention")
    }

    /// Makes an empty maildir at `path`, or completes one.
    ///
    /// # Errors
    /// A folder cannot be made.
    pub fn create(path: &Path) -> Result<(), Failure> {
        for part in PARTS {
            let folder = path.join(part);
            fs::create_dir_all(&folder).map_err(|source| failed("make", &folder, source))?;
        }
        Ok(())
    }

    /// Every mail's file by its name.
    fn scan(&self) -> Result<HashMap<String, PathBuf>, Failure> {
        let mut found = HashMap::new();
        // `new` first: a mail that a reader moves to `cur` meanwhile is then met twice rather than not at all.
        for part in ["new", "cur"] {
            let folder = self.path.join(part);
            let unreadable = |source| failed("read", &folder, source);
            for entry in fs::read_dir(&folder).map_err(unreadable)? {
                let entry = entry.map_err(unreadable)?;
                let file_name = entry.file_name();
                let file_name = file_name.to_string_lossy();
                let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
                if is_file && !file_name.starts_with('.') {
                    found.insert(unflagged(&file_name).to_string(), entry.path());
                }
            }
        }
        Ok(found)
    }

    /// Where the mail lies now. A mail program may have moved it or changed its flags since the last look.
    fn locate(&mut self, key: &MailKey) -> Result<Option<PathBuf>, Failure> {
        let MailKey::Maildir { name } = key else { return Ok(None) };
        let file_name = unflagged(name);
        let path = match self.known.get(file_name).filter(|path| path.exists()) {
            Some(path) => Some(path.clone()),
            None => self.scan()?.remove(file_name),
        };
        // A key of an older ledger names no time.
        let is_it = |path: &PathBuf| {
            name.len() == file_name.len()
                || fs::metadata(path).and_then(|data| named(file_name, &data)).is_ok_and(|now| now == *name)
        };
        Ok(path.filter(is_it))
    }

    /// Whether a mail is there that the last look did not meet.
    fn has_news(&self) -> Result<bool, Failure> {
        Ok(self.scan()?.keys().any(|name| !self.known.contains_key(name)))
    }

    /// One of our own folders.
    fn folder(&self, folder: Folder) -> Option<&Path> {
        match folder {
            Folder::Processed => Some(&self.processed),
            Folder::Attention => Some(&self.attention),
            Folder::Apart => self.apart.as_deref(),
        }
    }

    fn unless_stopped(&self) -> Result<(), Failure> {
        if self.stopper.is_stopped() { Err(Failure::Stopped) } else { Ok(()) }
    }
}

impl Mailbox for MaildirMailbox {
    fn list(&mut self, look: Look) -> Result<Vec<Listed>, Failure> {
        self.unless_stopped()?;
        // A ring from here on may be for a mail that the scan misses.
        self.stopper.hush();
        let mut found = self.scan()?;
        let all = look == Look::All || !self.looked;
        let (mut listed, mut moved) = (Vec::new(), Vec::new());
        for (name, path) in found.iter().filter(|(name, _)| all || !self.known.contains_key(*name)) {
            match fs::metadata(path) {
                Ok(data) => {
                    let received_at = data.modified().map_err(|source| failed("read", path, source))?.into();
                    let name = named(name, &data).map_err(|source| failed("read", path, source))?;
                    let key = MailKey::Maildir { name };
                    listed.push(Listed { key, received_at, size_bytes: data.len() });
                }
                // Moved while we looked: it rings again and is new again.
                Err(error) if error.kind() == io::ErrorKind::NotFound => moved.push(name.clone()),
                Err(source) => return Err(failed("read", path, source)),
            }
        }
        listed.sort_by(|a, b| (a.received_at, &a.key).cmp(&(b.received_at, &b.key)));
        found.retain(|name, _| !moved.contains(name));
        self.known = found;
        self.looked = true;
        Ok(listed)
    }

    fn fetch(&mut self, key: &MailKey, into: &mut dyn Write) -> Result<Fetched, Failure> {
        self.unless_stopped()?;
        let Some(path) = self.locate(key)? else { return Ok(Fetched::Vanished) };
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Fetched::Vanished),
            Err(source) => return Err(failed("open", &path, source)),
        };
        copy(&mut file, &path, into).map(Fetched::Whole)
    }

    fn file_away(&mut self, key: &MailKey, folder: Folder) -> Result<(), Failure> {
        self.unless_stopped()?;
        let MailKey::Maildir { name } = key else { return Ok(()) };
        let Some(from) = self.locate(key)? else { return Ok(()) };
        let done = match self.folder(folder) {
            Some(folder) => {
                MaildirMailbox::create(folder)?;
                mark_as_subfolder(folder)?;
                fs::rename(&from, free_name(&folder.join("cur"), &from))
            }
            None => fs::remove_file(&from),
        };
        match done {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound && !from.exists() => {}
            Err(source) => return Err(failed("move", &from, source)),
        }
        self.known.remove(unflagged(name));
        Ok(())
    }

    fn remove(&mut self, sought: &Sought, is_it: &mut dyn FnMut(&[u8]) -> bool) -> Result<Removed, Failure> {
        let (MailKey::Maildir { name }, mut removed) = (&sought.key, Removed::default()) else {
            return Ok(Removed::default());
        };
        let stem = unflagged(name);
        for folder in [&self.path, &self.processed, &self.attention] {
            for part in ["new", "cur"] {
                for path in files_of(&folder.join(part))? {
                    let file_name =
                        path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                    // With a number behind it where the name was taken.
                    if !unflagged(&file_name).starts_with(stem) {
                        continue;
                    }
                    let mut bytes = Vec::new();
                    let read = File::open(&path).and_then(|file| file.take(sought.bytes_max).read_to_end(&mut bytes));
                    match read {
                        Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                        Err(source) => return Err(failed("read", &path, source)),
                        Ok(_) if !is_it(&bytes) => continue,
                        Ok(_) => fs::remove_file(&path).map_err(|source| failed("remove", &path, source))?,
                    }
                    removed.gone += 1;
                }
            }
        }
        self.known.remove(stem);
        Ok(removed)
    }

    fn empty(&mut self, folder: Folder, before: DateTime<Utc>) -> Result<usize, Failure> {
        let mut removed = 0;
        let Some(folder) = self.folder(folder) else { return Ok(removed) };
        for part in ["new", "cur"] {
            for path in files_of(&folder.join(part))? {
                let received = fs::metadata(&path).and_then(|data| data.modified());
                match received.map(DateTime::<Utc>::from) {
                    Ok(received) if received < before => {
                        fs::remove_file(&path).map_err(|source| failed("remove", &path, source))?;
                        removed += 1;
                    }
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(source) => return Err(failed("read", &path, source)),
                }
            }
        }
        Ok(removed)
    }

    fn wait(&mut self, at_most: Duration) -> Result<(), Failure> {
        if self.watcher.is_some() {
            self.stopper.pause(at_most);
            return self.unless_stopped();
        }
        let deadline = Deadline::after(at_most);
        while !deadline.left().is_zero() && !self.stopper.is_stopped() && !self.has_news()? {
            self.stopper.pause(deadline.left().min(POLL_EVERY));
        }
        self.unless_stopped()
    }

    fn check(&mut self) -> Result<(), Failure> {
        self.scan()?;
        MaildirMailbox::create(&self.processed)?;
        MaildirMailbox::create(&self.attention)
    }

    fn place(&self, key: &MailKey) -> String {
        let file = match key {
            MailKey::Maildir { name } => format!(", in the file {}", unflagged(name)),
            MailKey::Imap { .. } | MailKey::Apart { .. } => String::new(),
        };
        format!("the maildir {}{file}", self.path.display())
    }

    fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}

/// Rings when a file appears in `new` or `cur`. Our own reading and moving away rings nothing.
fn watcher(path: &Path, stopper: Stopper) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let appeared = match event.map(|event| event.kind) {
            Ok(EventKind::Create(_)) => true,
            Ok(EventKind::Modify(ModifyKind::Name(mode))) => mode != RenameMode::From,
            Ok(_) => false,
            // Events were lost: look.
            Err(_) => true,
        };
        if appeared {
            stopper.ring();
        }
    })?;
    for part in ["new", "cur"] {
        watcher.watch(&path.join(part), RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

/// Maildir++: a folder in a maildir says so.
fn mark_as_subfolder(folder: &Path) -> Result<(), Failure> {
    let marker = folder.join("maildirfolder");
    File::create(&marker).map(drop).map_err(|source| failed("make", &marker, source))
}

/// The files in a folder; none where it is not there.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|source| failed("read", folder, source))?,
    };
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(|source| failed("read", folder, source))).collect()
}

/// The Maildir++ folder `.Name`; a `.` in the name would part folder from folder, a `/` leave the maildir.
fn subfolder(path: &Path, name: &str) -> Result<PathBuf, Failure> {
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Failure::FolderName { name: name.to_string() });
    }
    let name: String = name.chars().map(|c| if c == '/' { '.' } else { c }).collect();
    let name = name.trim_matches('.');
    if name.is_empty() || name.contains("..") {
        return Err(Failure::FolderName { name: name.to_string() });
    }
    Ok(path.join(format!(".{name}")))
}

/// The file's name in `folder`, with flags and never another mail's.
fn free_name(folder: &Path, from: &Path) -> PathBuf {
    let name = from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (stem, flags) = name.split_once(':').unwrap_or((&name, "2,"));
    let plain = folder.join(format!("{stem}:{flags}"));
    let mut others = (1..).map(|n| folder.join(format!("{stem}_{n}:{flags}")));
    if plain.exists() { others.find(|path| !path.exists()).unwrap_or(plain) } else { plain }
}

fn unflagged(file_name: &str) -> &str {
    file_name.split(':').next().unwrap_or(file_name)
}

/// A mail's name for ever: `file name:nanoseconds since 1970`. No file name without flags holds a colon.
pub fn name_for_ever(file_name: &str, modified: chrono::DateTime<chrono::Utc>) -> String {
    let nanos = i128::from(modified.timestamp()) * 1_000_000_000 + i128::from(modified.timestamp_subsec_nanos());
    format!("{file_name}:{nanos}")
}

fn named(file_name: &str, data: &fs::Metadata) -> io::Result<String> {
    Ok(name_for_ever(file_name, data.modified()?.into()))
}

/// Copies in ranges (M6), keeping apart whose side failed.
fn copy(file: &mut File, path: &Path, into: &mut dyn Write) -> Result<u64, Failure> {
    let mut range = vec![0; 64 << 10];
    let mut written = 0;
    loop {
        let count = file.read(&mut range).map_err(|source| failed("read", path, source))?;
        if count == 0 {
            return Ok(written);
        }
        into.write_all(&range[..count]).map_err(|source| Failure::Keep { source })?;
        written += count as u64;
    }
}

fn failed(operation: &'static str, path: &Path, source: io::Error) -> Failure {
    Failure::File { operation, path: path.to_path_buf(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maildir() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inbox");
        MaildirMailbox::create(&path).unwrap();
        (folder, path)
    }

    fn deliver(path: &Path, name: &str, text: &str) {
        fs::write(path.join("tmp").join(name), text).unwrap();
        fs::rename(path.join("tmp").join(name), path.join("new").join(name)).unwrap();
    }

    fn names(listed: &[Listed]) -> Vec<String> {
        listed.iter().map(|one| format!("{:?}", one.key)).collect()
    }

    fn key(name: &str) -> MailKey {
        MailKey::Maildir { name: name.into() }
    }

    #[test]
    fn a_path_that_is_no_maildir_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_path_buf(), folder.path().join("none")] {
            let refusal = MaildirMailbox::open(&path, "Processed", "Needs attention").err().unwrap();
            assert!(refusal.to_string().contains("is not a maildir"), "{refusal}");
        }
    }

    #[test]
    fn lists_fetches_and_files_away() {
        let (_held, path) = maildir();
        deliver(&path, "1.a", "one");
        fs::write(path.join("cur/2.b:2,FS"), "two").unwrap();
        let mut mailbox = MaildirMailbox::open(&path, "Processed", "Needs attention").unwrap();
        let listed = mailbox.list(Look::New).unwrap();
        assert_eq!(listed.len(), 2, "the first look is at everything");
        assert!(mailbox.list(Look::New).unwrap().is_empty());
        assert_eq!(mailbox.list(Look::All).unwrap().len(), 2);

        let mut bytes = Vec::new();
        assert_eq!(mailbox.fetch(&key("2.b"), &mut bytes).unwrap(), Fetched::Whole(3));
        assert_eq!(bytes, b"two");
        mailbox.file_away(&key("1.a"), Folder::Processed).unwrap();
        mailbox.file_away(&key("2.b"), Folder::Attention).unwrap();
        mailbox.file_away(&key("2.b"), Folder::Attention).unwrap();
        assert_eq!(fs::read(path.join(".Processed/cur/1.a:2,")).unwrap(), b"one");
        assert_eq!(fs::read(path.join(".Needs attention/cur/2.b:2,FS")).unwrap(), b"two");
        assert!(mailbox.list(Look::All).unwrap().is_empty());
        assert_eq!(mailbox.fetch(&key("2.b"), &mut bytes).unwrap(), Fetched::Vanished);
    }

    #[test]
    fn a_mail_moved_by_a_mail_program_is_the_same_mail() {
        let (_held, path) = maildir();
        deliver(&path, "1.a", "one");
        let mut mailbox = MaildirMailbox::open(&path, "Processed", "Needs attention").unwrap();
        let before = mailbox.list(Look::All).unwrap();
        fs::rename(path.join("new/1.a"), path.join("cur/1.a:2,S")).unwrap();
        assert_eq!(mailbox.fetch(&key("1.a"), &mut io::sink()).unwrap(), Fetched::Whole(3));
        assert!(mailbox.list(Look::New).unwrap().is_empty());
        assert_eq!(names(&mailbox.list(Look::All).unwrap()), names(&before));
    }

    #[test]
    fn a_file_name_that_is_used_again_is_another_mail() {
        let (_held, path) = maildir();
        let mut mailbox = MaildirMailbox::open(&path, "Processed", "Needs attention").unwrap();
        deliver(&path, "same", "first");
        let first = mailbox.list(Look::New).unwrap().remove(0).key;
        mailbox.file_away(&first, Folder::Processed).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        deliver(&path, "same", "second");
        let second = mailbox.list(Look::New).unwrap().remove(0).key;
        assert_ne!(first, second);
        assert_eq!(mailbox.fetch(&first, &mut io::sink()).unwrap(), Fetched::Vanished);
        mailbox.file_away(&first, Folder::Processed).unwrap();
        assert_eq!(
            mailbox.fetch(&second, &mut io::sink()).unwrap(),
            Fetched::Whole(6),
            "it is not filed for the first"
        );
    }

    #[test]
    fn filing_away_overwrites_no_other_mail() {
        let (_held, path) = maildir();
        let mut mailbox = MaildirMailbox::open(&path, "Processed", "Needs attention").unwrap();
        for text in ["first", "second"] {
            deliver(&path, "same", text);
            mailbox.list(Look::New).unwrap();
            mailbox.file_away(&key("same"), Folder::Processed).unwrap();
        }
        assert_eq!(fs::read(path.join(".Processed/cur/same:2,")).unwrap(), b"first");
        assert_eq!(fs::read(path.join(".Processed/cur/same_1:2,")).unwrap(), b"second");
    }

    #[test]
    fn a_new_mail_ends_the_waiting_with_inotify_and_without() {
        for inotify in [true, false] {
            let (_held, path) = maildir();
            let mut mailbox = MaildirMailbox::open(&path, "Processed", "Needs attention").unwrap();
            if !inotify {
                mailbox.watcher = None;
            }
            mailbox.list(Look::All).unwrap();
            // Between the look and the waiting.
            deliver(&path, "0.a", "zero");
            mailbox.wait(Duration::from_secs(3600)).unwrap();
            assert_eq!(mailbox.list(Look::New).unwrap().len(), 1);
            let delivering = std::thread::spawn({
                let path = path.clone();
                move || deliver(&path, "1.a", "one")
            });
            while mailbox.list(Look::New).unwrap().is_empty() {
                mailbox.wait(Duration::from_secs(3600)).unwrap();
            }
            delivering.join().unwrap();
        }
    }

    #[test]
    fn stopping_ends_the_waiting() {
        let (_held, path) = maildir();
        let mut mailbox = MaildirMailbox::open(&path, "Processed", "Needs attention").unwrap();
        let stopper = mailbox.stopper();
        let waiting = std::thread::spawn(move || mailbox.wait(Duration::from_secs(600)));
        stopper.stop();
        assert!(matches!(waiting.join().unwrap(), Err(Failure::Stopped)));
    }

    #[test]
    fn a_folder_name_stays_in_the_maildir() {
        assert_eq!(subfolder(Path::new("m"), "Done/2026").unwrap(), Path::new("m/.Done.2026"));
        assert!(subfolder(Path::new("m"), "../..").is_err());
        assert!(subfolder(Path::new("m"), "").is_err());
    }
}
