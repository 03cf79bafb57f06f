//! A mailbox on an IMAP server.
//!
//! Comes in: [`ImapSettings`]. Goes out: what [`Mailbox`] promises. UIDs alone (M7); `\Seen` neither read nor set (M3); bodies in ranges
//! (M6); never ENVELOPE or BODYSTRUCTURE, in which a mail's own text reaches the parser. Any error but NO drops the connection, which
//! the next call makes anew.

mod connect;
mod folders;
mod guard;
mod removal;

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use imap::extensions::idle::WaitOutcome;
use imap::types::{Flag, UnsolicitedResponse};

pub use self::connect::ROLE;
use self::connect::{Open, failure, quoted, select};
use super::{Failure, Fetched, Folder, Listed, Look, MailKey, Mailbox, Removed, Sought, Stopper};
use crate::clock::Deadline;
pub use crate::net::SignIn as Auth;
use crate::net::{Server, Tls};

/// A body is fetched in ranges of this many bytes (M6).
const RANGE: u64 = 1 << 20;
/// IDLE is renewed at least this often (M10).
const LONGEST_IDLE: Duration = Duration::from_secs(5 * 60);

/// Where the mailbox is and how to get in.
#[derive(Debug, Clone)]
pub struct ImapSettings {
    /// The server.
    pub server: Server,
    /// TLS settings.
    pub tls: Tls,
    /// How to sign in.
    pub auth: Auth,
    /// The folder that is watched.
    pub folder: String,
    /// Where committed mail goes.
    pub processed_folder: String,
    /// Where mail goes that a person must look at.
    pub attention_folder: String,
    /// Where concerns go; `None`: they are removed for good (W8).
    pub apart_folder: Option<String>,
    /// Time for connecting, to each address of the host.
    pub connect_within: Duration,
    /// Time without a byte, while one is owed, after which the connection counts as dead.
    pub silence: Duration,
    /// Pause between looks where the server has no IDLE.
    pub poll_every: Duration,
}

impl ImapSettings {
    /// With the usual folders and times.
    pub fn new(server: Server, tls: Tls, auth: Auth) -> ImapSettings {
        ImapSettings {
            server,
            tls,
            auth,
            folder: "INBOX".to_string(),
            processed_folder: "Processed".to_string(),
            attention_folder: "Needs attention".to_string(),
            apart_folder: None,
            connect_within: Duration::from_secs(30),
            silence: Duration::from_secs(60),
            poll_every: Duration::from_secs(30),
        }
    }
}

/// The mailbox. Connects at the first call.
pub struct ImapMailbox {
    settings: ImapSettings,
    stopper: Stopper,
    open: Option<Open>,
    /// UIDVALIDITY and highest UID of the last list.
    listed_to: Option<(u32, u32)>,
    /// The server announces IDLE and refuses it.
    idle_refused: bool,
    /// Folders found to be below INBOX, by their wire name.
    below_inbox: Vec<String>,
}

impl ImapMailbox {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// A folder's name holds a control character.
    pub fn new(settings: ImapSettings) -> Result<ImapMailbox, Failure> {
        let ours = [&settings.folder, &settings.processed_folder, &settings.attention_folder];
        for name in ours.into_iter().chain(&settings.apart_folder) {
            if name.is_empty() || name.chars().any(char::is_control) {
                return Err(Failure::FolderName { name: name.clone() });
            }
        }
        let (stopper, below_inbox) = (Stopper::default(), Vec::new());
        Ok(ImapMailbox { settings, stopper, open: None, listed_to: None, idle_refused: false, below_inbox })
    }

    /// Runs `work` on the session, which is opened if need be and dropped on any error but NO.
    fn on_session<T>(
        &mut self,
        operation: &'static str,
        work: impl FnOnce(&mut Open, &ImapSettings) -> imap::Result<T>,
    ) -> Result<T, Failure> {
        let done = match self.opened() {
            Ok(()) => match &mut self.open {
                Some(open) => {
                    let done = work(open, &self.settings);
                    // The session keeps what nobody asked for; the guard has noted what matters of it.
                    drop(open.session.take_all_unsolicited());
                    done.map_err(|error| failure(&self.settings, operation, error))
                }
                None => Err(Failure::Stopped),
            },
            Err(failure) => Err(failure),
        };
        if self.stopper.is_stopped() {
            self.drop_session();
            return Err(Failure::Stopped);
        }
        match done {
            Err(Failure::Refused { .. }) | Ok(_) => {}
            Err(_) => self.drop_session(),
        }
        done
    }

    /// What lies in the folder, by what is asked of each mail.
    fn list_by(&mut self, look: Look, query: &str) -> Result<Vec<Listed>, Failure> {
        let listed_to = self.listed_to;
        let (validity, listed) = self.on_session("list the folder", |open, settings| {
            let fresh = std::mem::take(&mut open.fresh);
            match look {
                // UIDVALIDITY is told at SELECT alone (M12).
                Look::All if !fresh => select(open, settings)?,
                Look::New if !fresh => open.session.noop()?,
                _ => {}
            }
            open.fresh = false;
            // What is announced from here on may be missing in the answer, and is a reason to look again.
            open.watch.take_news();
            let from = match (look, listed_to) {
                (Look::New, Some((validity, uid))) if validity == open.validity => uid.saturating_add(1),
                _ => 1,
            };
            Ok((open.validity, list_from(open, from, query)?))
        })?;
        let highest = listed.keys().next_back().copied().unwrap_or(0);
        let before = self.listed_to.filter(|(known, _)| *known == validity).map_or(0, |(_, uid)| uid);
        self.listed_to = Some((validity, before.max(highest)));
        Ok(listed.into_values().collect())
    }

    fn opened(&mut self) -> Result<(), Failure> {
        if self.stopper.is_stopped() {
            return Err(Failure::Stopped);
        }
        if self.open.is_none() {
            match connect::open(&self.settings, &self.stopper) {
                Ok(open) => self.open = Some(open),
                Err(failure) => {
                    self.stopper.untie();
                    return Err(if self.stopper.is_stopped() { Failure::Stopped } else { failure });
                }
            }
        }
        Ok(())
    }

    fn drop_session(&mut self) {
        self.stopper.untie();
        self.open = None;
    }

    /// The target's name on the wire, as far as it is known by now.
    fn target(&self, folder: Folder, delimiter: char) -> Option<String> {
        let name = match folder {
            Folder::Processed => &self.settings.processed_folder,
            Folder::Attention => &self.settings.attention_folder,
            Folder::Apart => self.settings.apart_folder.as_ref()?,
        };
        let wire = folders::encoded(name, delimiter);
        match folders::below_inbox(&wire, delimiter) {
            Some(below) if self.below_inbox.contains(&below) => Some(below),
            _ => Some(wire),
        }
    }
}

impl Mailbox for ImapMailbox {
    fn list(&mut self, look: Look) -> Result<Vec<Listed>, Failure> {
        match self.list_by(look, "(UID INTERNALDATE RFC822.SIZE)") {
            // For its size a server must read a mail, and one that it cannot read must not hide the others (M5).
            Err(failure) if is_answered(&failure) => self.list_by(look, "(UID INTERNALDATE)").map_err(|_| failure),
            done => done,
        }
    }

    fn fetch(&mut self, key: &MailKey, into: &mut dyn Write) -> Result<Fetched, Failure> {
        let Some((validity, uid)) = imap_key(key) else { return Ok(Fetched::Vanished) };
        let (mut written, mut whole) = (0, 0);
        loop {
            let range = self.on_session("fetch a mail", |open, _| {
                if open.validity != validity {
                    return Ok(None);
                }
                range_of(open, uid, written, RANGE)
            })?;
            let Some(Range { bytes, size }) = range else { return Ok(Fetched::Vanished) };
            whole = size.max(whole);
            let bytes = match bytes {
                Some(bytes) => bytes,
                None if written > 0 && written >= whole => Vec::new(),
                // Dovecot answers NIL for a mail that another has just removed, in the middle of it too; Exchange estimates sizes, and
                // NIL is then the end of a mail that is still there (M9).
                None if written > 0 && self.on_session("fetch a mail", |open, _| begins(open, uid))? => Vec::new(),
                None => return Ok(Fetched::Vanished),
            };
            into.write_all(&bytes).map_err(|source| Failure::Keep { source })?;
            written += bytes.len() as u64;
            // A short range ends the mail, unless the server's own count says otherwise; an empty one does in any case.
            if bytes.is_empty() || ((bytes.len() as u64) < RANGE && written >= whole) {
                return Ok(Fetched::Whole(written));
            }
        }
    }

    fn file_away(&mut self, key: &MailKey, folder: Folder) -> Result<(), Failure> {
        let Some((validity, uid)) = imap_key(key) else { return Ok(()) };
        self.opened()?;
        let Some(delimiter) = self.open.as_ref().map(|open| open.delimiter) else { return Ok(()) };
        let Some(target) = self.target(folder, delimiter) else {
            return self.on_session("remove a mail", |open, _| removal::expunge(open, validity, uid));
        };
        let first = self.on_session("file a mail away", |open, _| put(open, validity, uid, &target));
        let Err(Failure::Refused { .. }) = first else { return first };
        let made = self.on_session("make a folder", |open, _| make(open, &target))?;
        if made != target {
            self.below_inbox.push(made.clone());
        }
        self.on_session("file a mail away", |open, _| put(open, validity, uid, &made))
    }

    fn remove(&mut self, sought: &Sought, is_it: &mut dyn FnMut(&[u8]) -> bool) -> Result<Removed, Failure> {
        let done = self.on_session("remove a mail", |open, settings| removal::remove(open, settings, sought, is_it));
        // Another folder is open now.
        self.drop_session();
        done
    }

    fn empty(&mut self, folder: Folder, before: DateTime<Utc>) -> Result<usize, Failure> {
        self.opened()?;
        let Some(delimiter) = self.open.as_ref().map(|open| open.delimiter) else { return Ok(0) };
        let Some(target) = self.target(folder, delimiter) else { return Ok(0) };
        let done = self.on_session("empty a folder", |open, _| removal::empty(open, &target, before));
        // Another folder is open now.
        self.drop_session();
        done
    }

    fn wait(&mut self, at_most: Duration) -> Result<(), Failure> {
        let deadline = Deadline::after(at_most);
        self.opened()?;
        let idles = !self.idle_refused && self.open.as_ref().is_some_and(|open| open.can_idle);
        if idles {
            let waited = self.on_session("wait for mail", |open, _| idle(open, at_most.min(LONGEST_IDLE)));
            if let Err(Failure::Broken { source, .. }) = &waited {
                self.idle_refused = source.kind() == std::io::ErrorKind::Unsupported;
            }
            return waited;
        }
        loop {
            let news = self.on_session("look for mail", |open, _| {
                open.session.noop()?;
                open.fresh = true;
                Ok(open.watch.take_news())
            })?;
            let left = deadline.left();
            if news || left.is_zero() {
                return Ok(());
            }
            self.stopper.pause(left.min(self.settings.poll_every));
        }
    }

    fn check(&mut self) -> Result<(), Failure> {
        self.drop_session();
        self.on_session("open the folder", |open, _| open.session.noop())
    }

    fn place(&self, key: &MailKey) -> String {
        let ImapSettings { folder, server, auth, .. } = &self.settings;
        let user = auth.user();
        let number = imap_key(key).map(|(_, uid)| format!(" (there its UID is {uid})")).unwrap_or_default();
        format!("the folder “{folder}” of the mailbox {user} on the mail server {server}{number}")
    }

    fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}

fn imap_key(key: &MailKey) -> Option<(u32, u32)> {
    match key {
        MailKey::Imap { validity, uid } => Some((*validity, *uid)),
        MailKey::Maildir { .. } | MailKey::Apart { .. } => None,
    }
}

/// Whether a listing failed by what the server answered (NO, BAD, gibberish), rather than by its silence, its end or its absence.
fn is_answered(failure: &Failure) -> bool {
    use std::io::ErrorKind::{InvalidData, Other};
    match failure {
        Failure::Refused { .. } => true,
        Failure::Broken { source, .. } => matches!(source.kind(), Other | InvalidData),
        _ => false,
    }
}

/// Everything from this UID on, by UID.
fn list_from(open: &mut Open, from: u32, query: &str) -> imap::Result<BTreeMap<u32, Listed>> {
    let mut listed = BTreeMap::new();
    // Some servers call a range in an empty folder an error.
    if open.watch.exists() == Some(0) {
        return Ok(listed);
    }
    let answers = open.session.uid_fetch(format!("{from}:*"), query)?;
    for answer in answers.iter() {
        // `n:*` names the last mail even below n (RFC 3501, 6.4.8); an answer without date and size is news of flags.
        let Some(uid) = answer.uid.filter(|uid| *uid >= from) else { continue };
        let date = answer.internal_date().map(|date| date.with_timezone(&Utc));
        if date.is_none() && answer.size.is_none() {
            continue;
        }
        let key = MailKey::Imap { validity: open.validity, uid };
        let received_at = date.unwrap_or_else(end_of_time);
        listed.insert(uid, Listed { key, received_at, size_bytes: answer.size.unwrap_or(0).into() });
    }
    Ok(listed)
}

fn end_of_time() -> DateTime<Utc> {
    tracing::warn!("the server states no date of receipt for a mail");
    NaiveDate::from_ymd_opt(9999, 12, 31)
        .map_or(DateTime::<Utc>::MAX_UTC, |day| day.and_time(Default::default()).and_utc())
}

/// One range of a mail.
struct Range {
    /// None: the server has no such bytes.
    bytes: Option<Vec<u8>>,
    /// The whole mail's size as the server counts it.
    size: u64,
}

/// Whether the mail is there still: its first byte is.
fn begins(open: &mut Open, uid: u32) -> imap::Result<bool> {
    Ok(range_of(open, uid, 0, 1)?.is_some_and(|range| range.bytes.is_some_and(|bytes| !bytes.is_empty())))
}

/// `count` bytes from `offset` on; none if the mail is gone.
fn range_of(open: &mut Open, uid: u32, offset: u64, count: u64) -> imap::Result<Option<Range>> {
    let query = format!("(UID RFC822.SIZE BODY.PEEK[]<{offset}.{count}>)");
    let answers = open.session.uid_fetch(uid.to_string(), query)?;
    let literal = open.watch.take_literal();
    let mine = answers.iter().find(|answer| answer.uid == Some(uid) && answer.size.is_some());
    Ok(mine.map(|answer| Range {
        // A short body may come as a quoted string, which does not go around the parser.
        bytes: answer.body().map(|quoted| literal.unwrap_or_else(|| quoted.to_vec())),
        size: answer.size.unwrap_or(0).into(),
    }))
}

/// Moves a mail to `target`, by UID MOVE or what comes nearest (M7). Gone mails are fine (M9).
fn put(open: &mut Open, validity: u32, uid: u32, target: &str) -> imap::Result<()> {
    if open.validity != validity {
        return Ok(());
    }
    if open.can_move {
        return open.session.run_command_and_check_ok(format!("UID MOVE {uid} {}", quoted(target)));
    }
    let flags = open.session.uid_fetch(uid.to_string(), "(UID FLAGS)")?;
    let Some(mail) = flags.iter().find(|answer| answer.uid == Some(uid)) else { return Ok(()) };
    if !mail.flags().contains(&Flag::Deleted) {
        open.session.run_command_and_check_ok(format!("UID COPY {uid} {}", quoted(target)))?;
        open.session.run_command_and_check_ok(format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"))?;
    }
    if open.can_expunge_uid {
        return open.session.run_command_and_check_ok(format!("UID EXPUNGE {uid}"));
    }
    tracing::warn!(
        uid,
        "the server can neither move nor expunge a single mail: it is copied and stays, marked deleted"
    );
    Ok(())
}

/// Makes the folder, below INBOX where the server wants that, and says its name. One that is there already is as good.
fn make(open: &mut Open, target: &str) -> imap::Result<String> {
    let mut name = target.to_string();
    if refused(open.session.run_command_and_check_ok(format!("CREATE {}", quoted(target))))?
        && let Some(below) = folders::below_inbox(target, open.delimiter)
        && !refused(open.session.run_command_and_check_ok(format!("CREATE {}", quoted(&below))))?
    {
        name = below;
    }
    // So that mail programs show it; a server without subscriptions may say NO.
    refused(open.session.run_command_and_check_ok(format!("SUBSCRIBE {}", quoted(&name))))?;
    Ok(name)
}

/// Whether the server said NO; what breaks the connection stays an error.
fn refused(done: imap::Result<()>) -> imap::Result<bool> {
    match done {
        Ok(()) => Ok(false),
        Err(imap::Error::No(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

fn idle(open: &mut Open, at_most: Duration) -> imap::Result<()> {
    if open.watch.take_news() {
        return Ok(());
    }
    open.watch.ask_idle();
    let outcome = {
        let mut handle = open.session.idle();
        handle.timeout(at_most).keepalive(false);
        handle.wait_while(|told| !matches!(told, UnsolicitedResponse::Exists(_)))?
    };
    // A silent connection may be a dead one: a round trip shows it (M10).
    if outcome == WaitOutcome::TimedOut {
        open.session.noop()?;
    }
    open.fresh = true;
    Ok(())
}
