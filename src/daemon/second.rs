//! The second way for notices to the administrator: a command, another mail server, or both (M26).
//!
//! Comes in: a text, and the same as finished emails. Goes out: whether it went, among the wake-ups. Works beside the loop: a command
//! that hangs or a server that is silent holds up no mail. Knows nothing of why.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tracing::{error, info};

use super::{Wake, outgoing};
use crate::clock::{Clock, Deadline};
use crate::keeper::Parcel;
use crate::transport::{Outcome, Transport};

/// How long the command may take.
const COMMAND_MAX: Duration = Duration::from_secs(60);
/// Between two looks whether it has ended.
const PIECE: Duration = Duration::from_millis(50);

/// What is to be told.
#[derive(Debug)]
pub(super) struct Word {
    /// What it is about; comes back with the outcome.
    pub about: String,
    /// For the command's stdin.
    pub text: String,
    /// For the mail server.
    pub mails: Vec<Parcel>,
}

/// The way, open.
#[derive(Debug)]
pub(super) struct Second(UnboundedSender<Word>);

impl Second {
    /// Opens it; `None` where the settings name none.
    pub(super) fn start(
        command: Option<String>,
        smtp: Option<Transport>,
        sender: Sender<Wake>,
        runtime: &tokio::runtime::Handle,
    ) -> Option<Second> {
        if command.is_none() && smtp.is_none() {
            return None;
        }
        let (words, mut waiting) = unbounded_channel::<Word>();
        runtime.spawn(async move {
            let mut smtp = smtp;
            while let Some(word) = waiting.recv().await {
                let Word { about, text, mails } = word;
                let mut went = false;
                if let Some(command) = command.clone() {
                    let ran = tokio::task::spawn_blocking(move || run(&command, &text, COMMAND_MAX)).await;
                    match ran.unwrap_or_else(|_| Err("it could not be waited for".to_owned())) {
                        Ok(()) => went = true,
                        Err(why) => error!(about, "the command of [health] failed: {why}"),
                    }
                }
                if let Some(smtp) = &mut smtp {
                    for mail in &mails {
                        match smtp.send(outgoing(mail, Clock::Real)).await {
                            Outcome::Sent { .. } => went = true,
                            outcome => error!(about, "the mail server of [health.smtp] did not take it: {outcome:?}"),
                        }
                    }
                }
                if went {
                    info!(about, "told by the second way");
                }
                if sender.send(Wake::Second { about, went }).is_err() {
                    return;
                }
            }
        });
        Some(Second(words))
    }

    /// Has something told.
    pub(super) fn tell(&self, word: Word) {
        self.0.send(word).ok();
    }
}

/// Runs a command with the text on its stdin. What it prints is nobody's.
fn run(command: &str, text: &str, at_most: Duration) -> Result<(), String> {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = shell.spawn().map_err(|error| error.to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        // Shorter than a pipe holds, so it waits for nobody; one that does not read it may be content all the same.
        stdin.write_all(text.as_bytes()).ok();
    }
    wait(&mut child, &Deadline::after(at_most))
}

fn wait(child: &mut Child, deadline: &Deadline) -> Result<(), String> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(status.to_string()),
            Ok(None) if deadline.has_passed() => {
                child.kill().and_then(|()| child.wait()).ok();
                return Err("it did not end in time".to_owned());
            }
            Ok(None) => std::thread::sleep(PIECE),
            Err(error) => return Err(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m26_a_command_gets_the_text_and_is_waited_for_no_longer_than_it_may_take() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page");
        run(&format!("cat > {page:?}"), "the words", COMMAND_MAX).unwrap();
        assert_eq!(std::fs::read_to_string(page).unwrap(), "the words");
        assert!(run("exit 3", "unread", COMMAND_MAX).unwrap_err().contains('3'));
        assert!(run("/no/such/program", "", COMMAND_MAX).is_err());
        let began = crate::clock::Stopwatch::start();
        assert!(run("exec sleep 30", "", Duration::from_millis(200)).unwrap_err().contains("in time"));
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}
