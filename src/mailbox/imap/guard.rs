//! Stands between the server and the IMAP parser, so that nothing a server says can hurt.
//!
//! Comes in: the server's bytes. Goes out: whole lines that the parser knows, in ASCII, at most 64 parentheses deep and 1 MiB
//! long (the parser descends a stack frame for each parenthesis and would overflow). A mail's bytes, the literal of a FETCH answer, at
//! most 4 MiB, go around the parser, which would read them again with every line of them. Everything has a time-out. BYE becomes an
//! error that names it. Notes by the way whether mail has come. Knows no commands.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Deadline;
use crate::net::{Wire, cleaned};

const DEEPEST: usize = 64;
const LONGEST_LINE: usize = 1 << 20;
const LARGEST_LITERAL: u64 = 4 << 20;
const READ_AT_ONCE: usize = 64 << 10;
/// For one command, however lively the server: a drip of bytes does not hold us for ever.
const LONGEST_COMMAND: Duration = Duration::from_secs(15 * 60);

/// What the guard and the mailbox tell each other across the session that owns the guard.
#[derive(Debug, Default)]
pub(super) struct Watch {
    news: AtomicBool,
    exists_known: AtomicBool,
    exists: AtomicU32,
    idle_asked: AtomicBool,
    literal: Mutex<Option<Vec<u8>>>,
}

impl Watch {
    /// Whether the server announced mail since this was last asked.
    pub(super) fn take_news(&self) -> bool {
        self.news.swap(false, Ordering::SeqCst)
    }

    /// How many mails the server says there are, once it has said so.
    pub(super) fn exists(&self) -> Option<u32> {
        self.exists_known.load(Ordering::SeqCst).then(|| self.exists.load(Ordering::SeqCst))
    }

    /// Before SELECT: nothing is known of the folder.
    pub(super) fn forget(&self) {
        self.exists_known.store(false, Ordering::SeqCst);
    }

    /// The literal of the last command's answer, of which the parser has seen an empty one.
    pub(super) fn take_literal(&self) -> Option<Vec<u8>> {
        self.literal().take()
    }

    fn literal(&self) -> MutexGuard<'_, Option<Vec<u8>>> {
        self.literal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_exists(&self, count: u32) {
        self.exists.store(count, Ordering::SeqCst);
        self.exists_known.store(true, Ordering::SeqCst);
    }

    /// Before IDLE is sent: the next line of the server must be its go-ahead. The crate's `idle` panics or hangs on another.
    pub(super) fn ask_idle(&self) {
        self.idle_asked.store(true, Ordering::SeqCst);
    }
}

/// The stream that the session reads and writes.
pub(super) struct Guard {
    wire: Wire,
    watch: Arc<Watch>,
    silence: Duration,
    patience: Patience,
    raw: Vec<u8>,
    raw_done: usize,
    scanned: usize,
    ready: Vec<u8>,
    ready_done: usize,
    held: Vec<u8>,
    answer: Answer,
    broken: Option<(io::ErrorKind, String)>,
}

/// How long a read may take.
enum Patience {
    Command(Deadline),
    Idle(Deadline),
}

/// The answer that is being read; a literal may cut it into several lines.
#[derive(Default)]
struct Answer {
    open: bool,
    passes: bool,
    literals: bool,
    depth: usize,
    quoted: bool,
    literal_left: u64,
}

impl Guard {
    /// `silence` is the time without a byte after which the connection counts as dead.
    pub(super) fn new(wire: Wire, watch: Arc<Watch>, silence: Duration) -> Guard {
        Guard {
            wire,
            watch,
            silence,
            patience: Patience::Command(Deadline::after(LONGEST_COMMAND)),
            raw: Vec::new(),
            raw_done: 0,
            scanned: 0,
            ready: Vec::new(),
            ready_done: 0,
            held: Vec::new(),
            answer: Answer::default(),
            broken: None,
        }
    }

    fn fail<T>(&mut self, kind: io::ErrorKind, why: impl Into<String>) -> io::Result<T> {
        let why = why.into();
        self.broken = Some((kind, why.clone()));
        Err(io::Error::new(kind, why))
    }

    /// Moves what has been received, as far as it is whole, to `ready`. False: more must be received.
    fn sift(&mut self) -> io::Result<bool> {
        let waiting = self.raw.len() - self.raw_done;
        if self.answer.literal_left > 0 {
            let take = usize::try_from(self.answer.literal_left).unwrap_or(usize::MAX).min(waiting);
            if self.answer.passes
                && let Some(literal) = self.watch.literal().as_mut()
            {
                literal.extend_from_slice(&self.raw[self.raw_done..self.raw_done + take]);
            }
            self.raw_done += take;
            self.scanned = self.raw_done;
            self.answer.literal_left -= take as u64;
            return Ok(take > 0);
        }
        let Some(end) = self.raw[self.scanned..].iter().position(|&byte| byte == b'\n') else {
            self.scanned = self.raw.len();
            if waiting > LONGEST_LINE {
                return self.fail(io::ErrorKind::InvalidData, "the server's line is too long");
            }
            return Ok(false);
        };
        let end = self.scanned + end + 1;
        let mut line = self.raw[self.raw_done..end].to_vec();
        self.raw_done = end;
        self.scanned = end;
        self.take_line(&mut line)?;
        Ok(true)
    }

    fn take_line(&mut self, line: &mut Vec<u8>) -> io::Result<()> {
        tidy(line);
        if !self.answer.open {
            self.begin_answer(line)?;
        }
        self.follow(line)?;
        if self.answer.passes && self.answer.open {
            self.divert(line)?;
        }
        if self.answer.passes {
            if self.watch.idle_asked.load(Ordering::SeqCst) {
                return self.hold_until_idle(line);
            }
            self.ready.extend_from_slice(line);
        }
        Ok(())
    }

    /// Decides by its first words what an answer is worth, and notes what it tells.
    fn begin_answer(&mut self, line: &[u8]) -> io::Result<()> {
        let idling = matches!(self.patience, Patience::Idle(_));
        let mut words = line.split(|byte| byte.is_ascii_whitespace());
        let (first, second, third) = (words.next(), words.next().unwrap_or(b""), words.next().unwrap_or(b""));
        self.answer = Answer { open: true, passes: true, ..Answer::default() };
        if first != Some(b"*") {
            return Ok(());
        }
        let number = std::str::from_utf8(second).ok().and_then(|word| word.parse::<u32>().ok());
        self.answer.passes =
            match (number, second.to_ascii_uppercase().as_slice(), third.to_ascii_uppercase().as_slice()) {
                (Some(count), _, b"EXISTS") => {
                    self.watch.note_exists(count);
                    self.watch.news.store(true, Ordering::SeqCst);
                    true
                }
                (Some(_), _, b"EXPUNGE") => {
                    if let Some(count) = self.watch.exists() {
                        self.watch.note_exists(count.saturating_sub(1));
                    }
                    false
                }
                (Some(_), _, b"FETCH") => {
                    self.answer.literals = true;
                    !idling
                }
                (None, b"BYE", _) => {
                    let words = cleaned(&String::from_utf8_lossy(line));
                    return self.fail(io::ErrorKind::ConnectionAborted, format!("the server said goodbye: {words}"));
                }
                (None, b"OK" | b"CAPABILITY" | b"LIST" | b"SEARCH", _) => !idling,
                _ => false,
            };
        Ok(())
    }

    /// Counts parentheses and sees a literal coming, through one line of an answer.
    fn follow(&mut self, line: &[u8]) -> io::Result<()> {
        let mut escaped = false;
        for &byte in line {
            let answer = &mut self.answer;
            match byte {
                _ if escaped => escaped = false,
                b'\\' if answer.quoted => escaped = true,
                b'"' => answer.quoted = !answer.quoted,
                _ => {}
            }
            // Counted within quotes too: no answer to us has so many anywhere, and a trick with quotes gains nothing.
            match byte {
                b'(' => answer.depth += 1,
                b')' => answer.depth = answer.depth.saturating_sub(1),
                _ => {}
            }
            if self.answer.depth > DEEPEST {
                return self.fail(io::ErrorKind::InvalidData, "the server nests its answer too deeply");
            }
        }
        // In a line that is no FETCH the parser sees no literal, so neither may we, or parentheses could hide in it; in a dropped
        // answer the literal is dropped with it.
        let expected = (self.answer.literals && !self.answer.quoted) || !self.answer.passes;
        match literal_size(line).filter(|_| expected) {
            Some(size) if size > LARGEST_LITERAL => {
                self.fail(io::ErrorKind::InvalidData, "the server sends more at once than it was asked for")
            }
            Some(size) => {
                self.answer.literal_left = size;
                Ok(())
            }
            None => {
                self.answer.open = false;
                Ok(())
            }
        }
    }

    /// Shows the parser an empty literal for the one that follows the line.
    fn divert(&mut self, line: &mut Vec<u8>) -> io::Result<()> {
        if self.watch.literal().is_some() {
            return self.fail(io::ErrorKind::InvalidData, "the server sends more at once than it was asked for");
        }
        *self.watch.literal() = Some(Vec::new());
        if let Some(brace) = line.iter().rposition(|&byte| byte == b'{') {
            line.truncate(brace);
            line.extend_from_slice(b"{0}\r\n");
        }
        Ok(())
    }

    /// Between the sending of IDLE and its go-ahead: mail announced meanwhile is told after it.
    fn hold_until_idle(&mut self, line: &[u8]) -> io::Result<()> {
        if line.starts_with(b"+") {
            self.watch.idle_asked.store(false, Ordering::SeqCst);
            self.ready.extend_from_slice(line);
            self.ready.append(&mut self.held);
            return Ok(());
        }
        if line.starts_with(b"* ") {
            if line.to_ascii_uppercase().ends_with(b" EXISTS\r\n") && self.held.len() < LONGEST_LINE {
                self.held.extend_from_slice(line);
            }
            return Ok(());
        }
        let words = cleaned(&String::from_utf8_lossy(line));
        self.fail(io::ErrorKind::Unsupported, format!("the server refuses IDLE: {words}"))
    }

    fn receive(&mut self) -> io::Result<usize> {
        self.raw.drain(..self.raw_done);
        self.scanned -= self.raw_done;
        self.raw_done = 0;
        let (limit, idling) = match &self.patience {
            Patience::Command(deadline) => (deadline.left().min(self.silence), false),
            Patience::Idle(deadline) => (deadline.left(), true),
        };
        // The system takes no time-out of nothing.
        self.wire.socket().set_read_timeout(Some(limit.max(Duration::from_millis(1))))?;
        let old = self.raw.len();
        self.raw.resize(old + READ_AT_ONCE, 0);
        let received = loop {
            match self.wire.read(&mut self.raw[old..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.raw.truncate(old + received.as_ref().map_or(0, |count| *count));
        match received {
            Ok(0) => self.fail(io::ErrorKind::UnexpectedEof, "the server closed the connection"),
            Err(error) if is_time_out(&error) && idling => Err(error),
            Err(error) if is_time_out(&error) => self.fail(io::ErrorKind::TimedOut, "the server does not answer"),
            Err(error) => self.fail(error.kind(), error.to_string()),
            Ok(count) => Ok(count),
        }
    }
}

impl Read for Guard {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.ready_done == self.ready.len() {
            self.ready.clear();
            self.ready_done = 0;
            if let Some((kind, why)) = &self.broken {
                return Err(io::Error::new(*kind, why.clone()));
            }
            if !self.sift()? {
                self.receive()?;
            }
        }
        let count = into.len().min(self.ready.len() - self.ready_done);
        into[..count].copy_from_slice(&self.ready[self.ready_done..self.ready_done + count]);
        self.ready_done += count;
        Ok(count)
    }
}

impl Write for Guard {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        if let Some((kind, why)) = &self.broken {
            return Err(io::Error::new(*kind, why.clone()));
        }
        self.patience = Patience::Command(Deadline::after(LONGEST_COMMAND));
        self.watch.take_literal();
        self.wire.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.wire.flush()
    }
}

impl imap::extensions::idle::SetReadTimeout for Guard {
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> imap::Result<()> {
        self.patience = match timeout {
            Some(time) => Patience::Idle(Deadline::after(time)),
            None => Patience::Command(Deadline::after(LONGEST_COMMAND)),
        };
        Ok(())
    }
}

fn is_time_out(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// ASCII and CRLF: the parser refuses a whole answer for an umlaut in a server's small talk.
fn tidy(line: &mut Vec<u8>) {
    for byte in line.iter_mut().filter(|byte| !byte.is_ascii() || **byte == 0) {
        *byte = b'?';
    }
    if !line.ends_with(b"\r\n") {
        line.pop();
        line.extend_from_slice(b"\r\n");
    }
}

/// The size in a line that ends with `{size}`.
fn literal_size(line: &[u8]) -> Option<u64> {
    let text = line.strip_suffix(b"}\r\n")?;
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, size) = text.split_at(text.len() - digits);
    before.ends_with(b"{").then(|| std::str::from_utf8(size).ok()?.parse().ok()).flatten()
}
