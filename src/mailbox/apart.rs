//! A mailbox with a folder for concerns beside the one that is watched (W8): what lies there is named apart, and stays.

use std::io::Write;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Failure, Fetched, Folder, Listed, Look, MailKey, Mailbox, Removed, Sought, Stopper};

/// The folder for concerns is looked at as often as this.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// The watched folder, and the one for concerns.
pub struct WithApart {
    watched: Box<dyn Mailbox>,
    apart: Box<dyn Mailbox>,
    /// Why the folder for concerns could not be listed: told once the mails of the other have been taken in.
    failed: Option<Failure>,
}

impl WithApart {
    /// Both, each with a connection of its own.
    pub fn new(watched: Box<dyn Mailbox>, apart: Box<dyn Mailbox>) -> WithApart {
        WithApart { watched, apart, failed: None }
    }

    /// The mailbox that a mail lies in, and its name there.
    fn of<'k>(&mut self, key: &'k MailKey) -> (&mut dyn Mailbox, &'k MailKey) {
        match key {
            MailKey::Apart { of } => (&mut *self.apart, of),
            other => (&mut *self.watched, other),
        }
    }
}

impl Mailbox for WithApart {
    fn list(&mut self, look: Look) -> Result<Vec<Listed>, Failure> {
        let mut listed = self.watched.list(look)?;
        let named = |mail: Listed| Listed { key: MailKey::Apart { of: Box::new(mail.key) }, ..mail };
        match self.apart.list(look) {
            Ok(apart) => listed.extend(apart.into_iter().map(named)),
            // It must keep nobody's report waiting.
            Err(failure) => self.failed = Some(failure),
        }
        Ok(listed)
    }

    fn fetch(&mut self, key: &MailKey, into: &mut dyn Write) -> Result<Fetched, Failure> {
        let (mailbox, key) = self.of(key);
        mailbox.fetch(key, into)
    }

    fn file_away(&mut self, key: &MailKey, folder: Folder) -> Result<(), Failure> {
        match key {
            // It lies where it belongs.
            MailKey::Apart { .. } => Ok(()),
            _ => self.watched.file_away(key, folder),
        }
    }

    fn remove(&mut self, sought: &Sought, is_it: &mut dyn FnMut(&[u8]) -> bool) -> Result<Removed, Failure> {
        let (mailbox, key) = self.of(&sought.key);
        mailbox.remove(&Sought { key: key.clone(), ..sought.clone() }, is_it)
    }

    fn empty(&mut self, folder: Folder, before: DateTime<Utc>) -> Result<usize, Failure> {
        self.watched.empty(folder, before)
    }

    fn wait(&mut self, at_most: Duration) -> Result<(), Failure> {
        match self.failed.take() {
            Some(failure) => Err(failure),
            None => self.watched.wait(at_most.min(LOOK_EVERY)),
        }
    }

    fn check(&mut self) -> Result<(), Failure> {
        self.watched.check()?;
        self.apart.check()
    }

    fn place(&self, key: &MailKey) -> String {
        match key {
            MailKey::Apart { of } => self.apart.place(of),
            _ => self.watched.place(key),
        }
    }

    fn stopper(&self) -> Stopper {
        self.watched.stopper()
    }
}
