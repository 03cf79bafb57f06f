//! Why a command failed, and how that becomes one line.
//!
//! A failure says what, where and what to do; the cause stays in `source` and is written once, at the top.

use std::error::Error;
use std::path::PathBuf;

use super::control;
use crate::config;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] config::Failure),
    /// The daemon could not be asked.
    #[error(transparent)]
    Control(#[from] control::Failure),
    /// The answer to a question cannot be read.
    #[error("cannot read the answer")]
    Answer {
        /// The system's reason.
        source: std::io::Error,
    },
    /// The settings have no part for concerns.
    #[error("there is no [concerns] in the settings: nothing is kept apart for a whistleblowing officer")]
    NoConcerns,
    /// The caller has another key.
    #[error("this is not the concerns' key: name the right file with --key FILE")]
    OtherConcernsKey,
    /// No concern has this number.
    #[error("there is no message {0}: need-to-know concerns lists them")]
    NoSuchConcern(u32),
    /// A backup comes in on stdin, and its keys must come from somewhere.
    #[error("say where the backup's keys are: restore - --keys FILE")]
    KeysNotNamed,
    /// The store is somebody else's.
    #[error("the store {path} belongs to the user with number {owner}; type: sudo -u '#{owner}' {command}", path = .path.display())]
    NotOwner {
        /// The store's folder.
        path: PathBuf,
        /// Its owner's user number.
        owner: u32,
        /// The command that was given.
        command: String,
    },
    /// The process that works as the store's owner could not be used.
    #[error("cannot work on the store as its owner, the user with number {owner}")]
    AsOwner {
        /// The owner's user number.
        owner: u32,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file of the result cannot be written.
    #[error("cannot write {path}", path = .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file that is to be new is there.
    #[error("there is something called {path} already; name a file that is not there yet", path = .path.display())]
    InTheWay {
        /// The file.
        path: PathBuf,
    },
    /// A folder that is to be new or empty holds something.
    #[error("the folder {path} is not empty; name one that is not there yet", path = .path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The store is held, and `run --once` sends nothing.
    #[error("nothing was sent: {why}. Type \"need-to-know arm\" once no other copy of this store sends")]
    Held {
        /// Why.
        why: crate::store::Hold,
    },
    /// An answer brought a file that nobody asked for.
    #[error("the answer holds a file that was not asked for, {path}; nothing was written", path = .path.display())]
    Unwanted {
        /// The file.
        path: PathBuf,
    },
    /// The result cannot be written to stdout or stderr.
    #[error("cannot write the result")]
    Print(#[source] std::io::Error),
    /// The rules cannot be made of the settings.
    #[error(transparent)]
    Rules(#[from] crate::turn::rules::Failure),
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::Failure),
    /// A pack cannot be made.
    #[error("the pack cannot be made")]
    Pack(#[source] crate::notices::PackFailure),
    /// The work of `run`.
    #[error(transparent)]
    Work(#[from] crate::daemon::once::Failure),
    /// The transport cannot be set up.
    #[error(transparent)]
    Transport(#[from] crate::transport::Failure),
    /// `--at` for a store that sends real mail.
    #[error("--at is only for a store made with rehearsal = true: real mail goes out at real times")]
    AtWithoutRehearsal,
    /// A rehearsal whose time goes back.
    #[error("--at {at} lies before the last turn at {last}: in a rehearsal time does not go backwards")]
    Backwards {
        /// The time asked for.
        at: chrono::DateTime<chrono::Utc>,
        /// The last turn's.
        last: chrono::DateTime<chrono::Utc>,
    },
    /// `run --once` did what it could, and something is left.
    #[error("{left}; they are kept, and the next run tries them again; see the lines above")]
    LeftOver {
        /// What, with numbers.
        left: String,
    },
    /// No runtime for the network.
    #[error("cannot start the threads that talk to the network")]
    Runtime(#[source] std::io::Error),
    /// The period of a report.
    #[error(transparent)]
    Period(#[from] crate::report::period::Unusable),
    /// A blank form could not be written.
    #[error(transparent)]
    Form(#[from] crate::publish::word::Failure),
    /// No incident of that name.
    #[error("there is no incident {reference}: need-to-know incidents lists them")]
    NoIncident {
        /// As it was asked for.
        reference: String,
    },
    /// The demo's year.
    #[error(transparent)]
    Demo(#[from] crate::demo::Failure),
    /// The command has no body yet.
    #[error("the command {0} is not available in this version")]
    NotAvailable(&'static str),
    /// A time that was played.
    #[error(transparent)]
    Replay(#[from] crate::replay::Failure),
    /// A file or folder that was named cannot be read.
    #[error("cannot read {path}", path = .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// A failure with its causes, each said once: `what: cause: cause`.
pub fn explained(failure: &dyn Error) -> String {
    let mut line = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // Some libraries repeat their cause in their own words.
        if !line.ends_with(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = error.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_said_once() {
        let source = std::io::Error::new(std::io::ErrorKind::PermissionDenied, "Permission denied");
        let failure = Failure::Write { path: "a/b.docx".into(), source };
        assert_eq!(explained(&failure), "cannot write a/b.docx: Permission denied");
        assert_eq!(explained(&Failure::NotAvailable("verify")), "the command verify is not available in this version");
    }
}
