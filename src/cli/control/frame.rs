//! The form of the conversation: a length of four bytes, big-endian, then JSON; after an answer's JSON its bytes, as announced.
//!
//! Caller: a request. Daemon: `begun` once it takes the request up, then the answer. Lengths are bounded, so that nobody can make
//! the other side allocate at will.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Asked, Failure};
use crate::cli::{Inquiry, Output};

/// The most that a request or an answer's head may hold.
pub(super) const HEAD_BYTES_MAX: u32 = 1 << 20;
/// The most that all of an answer may hold.
const ANSWER_BYTES_MAX: u64 = 1 << 30;

#[derive(Serialize, Deserialize)]
struct RequestHead {
    version: String,
    by: String,
    inquiry: Inquiry,
}

#[derive(Serialize, Deserialize)]
struct Begun {
    begun: bool,
}

#[derive(Serialize, Deserialize)]
struct AnswerHead {
    code: u8,
    stdout_bytes: u64,
    stderr_bytes: u64,
    files: Vec<(PathBuf, u64)>,
}

/// One frame's bytes.
fn framed(head: &impl Serialize) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(head).map_err(|error| Error::new(ErrorKind::InvalidInput, error))?;
    let length = u32::try_from(json.len()).ok().filter(|length| *length <= HEAD_BYTES_MAX);
    let length = length.ok_or_else(|| Error::new(ErrorKind::InvalidInput, "the arguments are too long"))?;
    Ok([&length.to_be_bytes()[..], &json].concat())
}

fn head<T: DeserializeOwned>(json: &[u8]) -> Result<T> {
    serde_json::from_slice(json).map_err(|_| Error::from(ErrorKind::InvalidData))
}

/// The length that a frame announces.
pub(super) fn length(announced: [u8; 4]) -> Result<usize> {
    match u32::from_be_bytes(announced) {
        length if length <= HEAD_BYTES_MAX => usize::try_from(length).map_err(|_| Error::from(ErrorKind::InvalidData)),
        _ => Err(Error::from(ErrorKind::InvalidData)),
    }
}

fn read_frame<T: DeserializeOwned>(from: &mut impl Read) -> Result<T> {
    let mut announced = [0; 4];
    from.read_exact(&mut announced)?;
    let mut json = vec![0; length(announced)?];
    from.read_exact(&mut json)?;
    head(&json)
}

/// Sends a request.
pub(crate) fn write_request(to: &mut impl Write, inquiry: &Inquiry) -> std::result::Result<(), Failure> {
    let by = crate::cli::themes::typist();
    let request = RequestHead { version: env!("CARGO_PKG_VERSION").to_owned(), by, inquiry: inquiry.clone() };
    framed(&request).and_then(|frame| to.write_all(&frame)).map_err(Failure::talk)
}

/// What a request's JSON asks.
pub(super) fn asked(json: &[u8]) -> Result<Asked> {
    let request: RequestHead = head(json)?;
    if request.version == env!("CARGO_PKG_VERSION") {
        Ok(Asked { by: request.by, inquiry: request.inquiry })
    } else {
        Err(ErrorKind::InvalidData.into())
    }
}

/// Reads a request.
pub(crate) fn read_request(from: &mut impl Read) -> std::result::Result<Asked, Failure> {
    let request: RequestHead = read_frame(from).map_err(Failure::talk)?;
    Ok(Asked { by: request.by, inquiry: request.inquiry })
}

/// The frame that says that a request was taken up.
pub(super) fn begun() -> Vec<u8> {
    framed(&Begun { begun: true }).expect("a word is shorter than the limit")
}

/// Waits for [`begun`].
pub(super) fn read_begun(from: &mut impl Read) -> Result<()> {
    read_frame::<Begun>(from).map(drop)
}

/// An answer's bytes.
pub(super) fn answer(output: &Output) -> Result<Vec<u8>> {
    let bytes = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let mut frame = framed(&AnswerHead {
        code: output.code,
        stdout_bytes: bytes(&output.stdout),
        stderr_bytes: bytes(&output.stderr),
        files: output.files.iter().map(|(path, content)| (path.clone(), bytes(content))).collect(),
    })?;
    frame.extend_from_slice(&output.stdout);
    frame.extend_from_slice(&output.stderr);
    output.files.iter().for_each(|(_, content)| frame.extend_from_slice(content));
    Ok(frame)
}

/// Sends an answer, without [`begun`] before it.
pub(crate) fn write_answer(to: &mut impl Write, output: &Output) -> std::result::Result<(), Failure> {
    answer(output).and_then(|frame| to.write_all(&frame)).and_then(|()| to.flush()).map_err(Failure::talk)
}

/// Reads an answer.
pub(crate) fn read_answer(from: &mut impl Read) -> std::result::Result<Output, Failure> {
    let read = |from: &mut _| -> Result<Output> {
        let head: AnswerHead = read_frame(from)?;
        let lengths = head.files.iter().map(|(_, length)| *length).chain([head.stdout_bytes, head.stderr_bytes]);
        if lengths.fold(0, u64::saturating_add) > ANSWER_BYTES_MAX {
            return Err(Error::from(ErrorKind::InvalidData));
        }
        let stdout = content(from, head.stdout_bytes)?;
        let stderr = content(from, head.stderr_bytes)?;
        let files = head.files.into_iter().map(|(path, length)| Ok((path, content(from, length)?)));
        Ok(Output { stdout, stderr, files: files.collect::<Result<_>>()?, code: head.code })
    };
    read(from).map_err(Failure::talk)
}

/// Grows with what really comes, not with what was announced.
fn content(from: &mut impl Read, length: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()) == Ok(length) { Ok(bytes) } else { Err(Error::from(ErrorKind::UnexpectedEof)) }
}
