//! What the tests of the IMAP mailbox ask of a real server, whatever its make.

use std::path::Path;

/// One user's mailbox on a server of the test's own. Folders are named as the server's wire does, with `/` between parts.
pub trait ImapHost: Sync {
    fn start() -> Self;
    /// User and password.
    fn access(&self) -> (&'static str, &'static str);
    /// In plain text with STARTTLS, and over TLS.
    fn ports(&self) -> (u16, u16);
    /// The authority that its certificate is of.
    fn ca(&self) -> &Path;
    /// Puts a mail into the inbox.
    fn put(&self, raw: &[u8]);
    /// How many mails a folder holds.
    fn count(&self, folder: &str) -> usize;
    /// Whether one of them is seen.
    fn is_seen(&self, folder: &str) -> bool;
    fn is_subscribed(&self, folder: &str) -> bool;
    /// Takes everything out of the inbox behind the back of whoever is connected.
    fn lose_all(&self);
    /// Stops it, gives the inbox another UIDVALIDITY with these mails in it, which are those that it held, and starts it again.
    fn change_uid_validity(&mut self, mails: &[Vec<u8>]);
    /// Stops it; its mail stays.
    fn halt(&mut self);
    /// Starts it again on the same ports.
    fn resume(&mut self);
}
