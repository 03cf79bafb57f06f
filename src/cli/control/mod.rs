//! The control socket: commands reach the daemon that has the store open.
//!
//! sled admits one process, so while a daemon runs a command sends its [`Inquiry`] to it, and stdout, stderr, files and exit code come
//! back. The socket lies in systemd's runtime directory where there is one, else in the store's folder; it has mode 0600, and only the
//! daemon's user and root are heard. `frame` is the form on the wire, `server` the daemon's end; this file is the places and the
//! caller's end.

mod frame;
mod server;

use std::fs::File;
use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

pub(super) use frame::{read_answer, read_request, write_answer, write_request};
pub use server::{Reply, Request, Server};

use super::{Inquiry, Output};

/// An inquiry, and who typed it, as the system knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who.
    pub by: String,
    /// What.
    pub inquiry: Inquiry,
}

/// How long a command waits for a daemon that is busy.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The runtime directory of our unit, where a caller who is not the service looks.
const RUNTIME_DIRECTORY: &str = "/run/need-to-know";

/// Why the control socket could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The daemon did not take the command up.
    #[error(
        "the daemon is busy and did not answer within {} s; try again in a moment, and look at its log if that goes on",
        PATIENCE.as_secs()
    )]
    Busy,
    /// The socket or the store belongs to somebody else.
    #[error("only the daemon's user and root may ask the daemon at {path}; type the command with sudo", path = .path.display())]
    NotAdmitted {
        /// The socket, or the folder that hides it.
        path: PathBuf,
    },
    /// The socket cannot be reached or made.
    #[error("cannot use the control socket {path}", path = .path.display())]
    Socket {
        /// The socket.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The conversation broke off.
    #[error("the conversation with the daemon broke off; try again")]
    Talk(#[source] std::io::Error),
    /// The other side is of another version, or not ours.
    #[error("the daemon is of another version than this command; start it again after an upgrade")]
    Language,
}

impl Failure {
    pub(super) fn talk(source: std::io::Error) -> Failure {
        match source.kind() {
            ErrorKind::InvalidData => Failure::Language,
            _ => Failure::Talk(source),
        }
    }
}

/// Asks the daemon that has this store open. `None`: no daemon has it, so the caller may open it.
///
/// # Errors
/// [`Failure::Busy`] after [`PATIENCE`], and whatever else keeps a running daemon from answering.
pub fn ask(store: &Path, inquiry: &Inquiry) -> Result<Option<Output>, Failure> {
    let runtime = std::env::var_os("RUNTIME_DIRECTORY").map(PathBuf::from);
    ask_at(store, runtime.as_deref().unwrap_or(Path::new(RUNTIME_DIRECTORY)), inquiry)
}

fn ask_at(store: &Path, runtime: &Path, inquiry: &Inquiry) -> Result<Option<Output>, Failure> {
    let store = match store.canonicalize() {
        Ok(store) => store,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(Failure::NotAdmitted { path: store.to_path_buf() });
        }
        Err(source) => return Err(Failure::Socket { path: store.to_path_buf(), source }),
    };
    for path in [in_runtime(runtime, &store), in_store(&store)] {
        let connection = match connect(&path) {
            Ok(connection) => connection,
            // Nobody has been there, or whoever was has gone.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => continue,
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(Failure::NotAdmitted { path }),
            // The queue of a daemon that accepts nobody is full.
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(Failure::Busy),
            Err(source) => return Err(Failure::Socket { path, source }),
        };
        return converse(connection, inquiry, PATIENCE).map(Some);
    }
    Ok(None)
}

/// Sends the inquiry, waits for it to be taken up, and then as long as the answer takes.
fn converse(mut connection: UnixStream, inquiry: &Inquiry, patience: Duration) -> Result<Output, Failure> {
    let waited = |error: std::io::Error| match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Failure::Busy,
        _ => Failure::talk(error),
    };
    connection.set_write_timeout(Some(patience)).map_err(Failure::Talk)?;
    connection.set_read_timeout(Some(patience)).map_err(Failure::Talk)?;
    write_request(&mut connection, inquiry)?;
    frame::read_begun(&mut connection).map_err(waited)?;
    connection.set_read_timeout(None).map_err(Failure::Talk)?;
    read_answer(&mut connection)
}

/// The number of the user that this process works as.
pub(super) fn own_user() -> u32 {
    // A process's own folder belongs to its effective user; proc(5).
    std::fs::metadata("/proc/self").map_or(u32::MAX, |own| own.uid())
}

fn in_store(store: &Path) -> PathBuf {
    store.join("control.sock")
}

/// Several stores may share a runtime directory, so the name tells which one it is.
fn in_runtime(runtime: &Path, store: &Path) -> PathBuf {
    let hash = Sha256::digest(store.as_os_str().as_encoded_bytes());
    let name: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    runtime.join(format!("control-{name}.sock"))
}

/// A socket's path has at most 107 bytes; a longer one is reached by its folder, which must stay open meanwhile.
fn short(path: &Path) -> std::io::Result<(PathBuf, Option<File>)> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(std::io::Error::from(ErrorKind::InvalidInput));
    };
    if path.as_os_str().len() < 108 {
        return Ok((path.to_path_buf(), None));
    }
    let folder = File::open(folder)?;
    Ok((Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name), Some(folder)))
}

fn connect(path: &Path) -> std::io::Result<UnixStream> {
    let (path, _folder) = short(path)?;
    UnixStream::connect(path)
}

#[cfg(test)]
mod tests;
