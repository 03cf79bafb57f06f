//! What a command brings: text for stdout and stderr, files, and the exit code.
//!
//! A value rather than prints, so that a command runs alike in the daemon and in the caller's process. The caller writes
//! it, as itself, and only the files that it asked for. Knows no command.

use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{Failure, Inquiry};

/// What a command brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// The data.
    pub stdout: Vec<u8>,
    /// Everything else.
    pub stderr: Vec<u8>,
    /// Files to write: path, as the caller gave it, and content.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// The exit code.
    pub code: u8,
}

impl Output {
    /// A success that prints this.
    pub fn text(text: impl Into<String>) -> Output {
        Output { stdout: text.into().into_bytes(), ..Output::default() }
    }

    /// A success that prints one JSON document.
    pub fn json(document: &impl serde::Serialize) -> Output {
        let mut stdout = serde_json::to_vec_pretty(document).expect("what we print has text keys only");
        stdout.push(b'\n');
        Output { stdout, ..Output::default() }
    }

    /// A failure that says this line on stderr.
    pub fn refusal(line: impl std::fmt::Display) -> Output {
        Output { stderr: format!("need-to-know: {line}\n").into_bytes(), code: 1, ..Output::default() }
    }

    /// Writes files, stderr and stdout; the exit code. `inquiry` is what was asked, where it was answered elsewhere.
    pub(super) fn write(self, inquiry: Option<&Inquiry>) -> Result<u8, Failure> {
        if let Some((path, _)) = self.files.iter().find(|(path, _)| inquiry.is_some_and(|inquiry| !inquiry.wants(path)))
        {
            return Err(Failure::Unwanted { path: path.clone() });
        }
        for (path, bytes) in &self.files {
            write_file(path, bytes).map_err(|source| Failure::Write { path: path.clone(), source })?;
        }
        print(std::io::stderr().lock(), &self.stderr)?;
        print(std::io::stdout().lock(), &self.stdout)?;
        Ok(self.code)
    }
}

/// Readable by the caller alone: what we write is about children.
fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

/// A reader who has seen enough (`| head`) is no failure.
fn print(mut to: impl Write, bytes: &[u8]) -> Result<(), Failure> {
    match to.write_all(bytes).and_then(|()| to.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Print(error)),
        _ => Ok(()),
    }
}
