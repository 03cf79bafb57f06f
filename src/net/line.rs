//! Reads one line of a greeting or of the dialogue before STARTTLS, byte by byte: what follows the line stays in the socket, so that
//! nothing sent in plain text can pass for something said under TLS.

use std::io::{self, Read};

use tokio::io::{AsyncRead, AsyncReadExt};

/// RFC 5321, 4.5.3.1.5 allows 512 bytes to a reply line; some servers are chattier.
const LONGEST: usize = 4096;

/// One line without its end.
pub(crate) fn line(from: &mut impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    loop {
        if from.read(&mut byte)? == 0 {
            return Err(hung_up());
        }
        if taken(&mut bytes, byte[0])? {
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}

/// The same on tokio.
pub(crate) async fn line_async(from: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    loop {
        if from.read(&mut byte).await? == 0 {
            return Err(hung_up());
        }
        if taken(&mut bytes, byte[0])? {
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}

/// Takes a byte in and says whether the line is whole.
fn taken(line: &mut Vec<u8>, byte: u8) -> io::Result<bool> {
    if byte == b'\n' {
        while line.last() == Some(&b'\r') {
            line.pop();
        }
        return Ok(true);
    }
    if line.len() >= LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the server's line is too long"));
    }
    line.push(byte);
    Ok(false)
}

fn hung_up() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_one_line_and_no_more() {
        let mut from: &[u8] = b"* OK ready\r\nrest";
        assert_eq!(line(&mut from).unwrap(), "* OK ready");
        assert_eq!(from, b"rest");
        assert!(line(&mut from).is_err());
    }

    #[test]
    fn a_line_without_end_is_refused() {
        assert!(line(&mut std::io::repeat(b'x')).is_err());
    }
}
