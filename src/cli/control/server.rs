//! The daemon's end of the control socket.
//!
//! Goes out: one [`Request`] after another, for the daemon's loop to take up when it has a moment. Reading a request and writing an
//! answer happen beside the loop and hold it up at no time.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tracing::warn;

use super::{Asked, Failure, PATIENCE, frame, in_runtime, in_store, own_user, short};
use crate::cli::Output;

/// Callers at one time; more wait in the system's queue.
const CALLERS_MAX: usize = 8;
/// A caller who was admitted has this long to say what it wants, and to take each answer.
const CALLER_PATIENCE: Duration = Duration::from_secs(60);

/// Listens until it is dropped, which takes the socket away.
#[derive(Debug)]
pub struct Server {
    path: PathBuf,
    requests: mpsc::Receiver<Request>,
    accepting: JoinHandle<()>,
}

/// One inquiry, waiting for the daemon.
#[derive(Debug)]
pub struct Request {
    asked: Asked,
    begun: oneshot::Sender<()>,
    reply: Reply,
}

/// The way back to the caller. Dropped without an answer, the caller is told to try again.
#[derive(Debug)]
pub struct Reply(oneshot::Sender<Output>);

impl Request {
    /// Takes the request up, which the caller learns at once.
    pub fn begin(self) -> (Asked, Reply) {
        // A caller who has gone is no concern of the daemon's.
        self.begun.send(()).ok();
        (self.asked, self.reply)
    }
}

impl Reply {
    /// Answers.
    pub fn send(self, output: Output) {
        self.0.send(output).ok();
    }
}

impl Server {
    /// Listens in `runtime`, systemd's runtime directory, where there is one, else in the store's folder. The caller holds the
    /// store's lock, so a socket that is already there is one that a killed daemon left.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`Failure::Socket`].
    pub fn bind(store: &Path, runtime: Option<&Path>) -> Result<Server, Failure> {
        let store = store.canonicalize().map_err(|source| Failure::Socket { path: store.to_path_buf(), source })?;
        let path = runtime.map_or_else(|| in_store(&store), |runtime| in_runtime(runtime, &store));
        let listener = listen(&path).map_err(|source| Failure::Socket { path: path.clone(), source })?;
        let (sender, requests) = mpsc::channel(CALLERS_MAX);
        Ok(Server { path, requests, accepting: tokio::spawn(accept(listener, sender)) })
    }

    /// Where it listens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The next request whose caller still waits; waits for ever where none comes. Safe to use in `tokio::select!`.
    pub async fn next(&mut self) -> Request {
        loop {
            match self.requests.recv().await {
                Some(request) if request.begun.is_closed() => {}
                Some(request) => return request,
                None => std::future::pending().await,
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
        std::fs::remove_file(&self.path).ok();
    }
}

fn listen(path: &Path) -> std::io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let (reachable, _folder) = short(path)?;
    let listener = UnixListener::bind(reachable)?;
    // Whoever slips in before this is still asked who they are.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn accept(listener: UnixListener, requests: mpsc::Sender<Request>) {
    let callers = Arc::new(Semaphore::new(CALLERS_MAX));
    loop {
        let Ok(caller) = Arc::clone(&callers).acquire_owned().await else { return };
        let connection = match listener.accept().await {
            Ok((connection, _)) => connection,
            Err(error) => {
                // Out of file descriptors, most likely: not for ever, and no reason to spin.
                warn!("the control socket does not accept: {error}");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let requests = requests.clone();
        tokio::spawn(async move {
            if admitted(&connection) {
                serve(connection, requests).await;
            }
            drop(caller);
        });
    }
}

/// The same user, or root.
fn admitted(connection: &UnixStream) -> bool {
    match connection.peer_cred().map(|caller| caller.uid()) {
        Ok(user) if user == 0 || user == own_user() => true,
        Ok(user) => {
            warn!("refused a caller on the control socket, the user with number {user}");
            false
        }
        Err(error) => {
            warn!("refused a caller on the control socket, whose user is not known: {error}");
            false
        }
    }
}

async fn serve(mut connection: UnixStream, requests: mpsc::Sender<Request>) {
    let answer = match tokio::time::timeout(CALLER_PATIENCE, read(&mut connection)).await {
        Ok(Ok(asked)) => forward(&mut connection, asked, &requests).await,
        // Of another version: it hears so, in the one form that every version reads.
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData => Some(Output::refusal(Failure::Language)),
        _ => None,
    };
    let Some(frame) = answer.and_then(|output| frame::answer(&output).ok()) else { return };
    let written = tokio::time::timeout(CALLER_PATIENCE, connection.write_all(&frame)).await;
    if !matches!(written, Ok(Ok(()))) {
        warn!("a caller on the control socket left before its answer");
    }
}

async fn read(connection: &mut UnixStream) -> std::io::Result<Asked> {
    let mut announced = [0; 4];
    connection.read_exact(&mut announced).await?;
    let mut json = vec![0; frame::length(announced)?];
    connection.read_exact(&mut json).await?;
    let asked = frame::asked(&json);
    if asked.is_err() {
        connection.write_all(&frame::begun()).await?;
    }
    asked
}

/// Hands the inquiry to the daemon's loop; `None` where the caller has gone or lost its patience meanwhile.
async fn forward(connection: &mut UnixStream, asked: Asked, requests: &mpsc::Sender<Request>) -> Option<Output> {
    let (begun, has_begun) = oneshot::channel();
    let (reply, answer) = oneshot::channel();
    let stopping = || Output::refusal("the daemon is stopping; try again in a moment");
    let taken_up = async {
        requests.send(Request { asked, begun, reply: Reply(reply) }).await.ok()?;
        has_begun.await.ok()
    };
    let taken_up = tokio::time::timeout(PATIENCE, taken_up).await.ok()?;
    connection.write_all(&frame::begun()).await.ok()?;
    match taken_up {
        Some(()) => Some(answer.await.unwrap_or_else(|_| stopping())),
        None => Some(stopping()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Inquiry, show};

    #[tokio::test]
    async fn a_caller_who_has_gone_is_not_served() {
        let (sender, requests) = mpsc::channel(2);
        let mut server =
            Server { path: PathBuf::from("/nowhere/control.sock"), requests, accepting: tokio::spawn(async {}) };
        let mut waiting = Vec::new();
        for (reference, gone) in [("SI-2026-0001", true), ("SI-2026-0002", false)] {
            let inquiry = Inquiry::Show(show::Arguments { reference: reference.into(), json: false });
            let (begun, has_begun) = oneshot::channel();
            sender
                .send(Request {
                    asked: Asked { by: "user sam".into(), inquiry },
                    begun,
                    reply: Reply(oneshot::channel().0),
                })
                .await
                .unwrap();
            if !gone {
                waiting.push(has_begun);
            }
        }
        let (asked, _reply) = server.next().await.begin();
        assert_eq!(asked.inquiry, Inquiry::Show(show::Arguments { reference: "SI-2026-0002".into(), json: false }));
    }
}
