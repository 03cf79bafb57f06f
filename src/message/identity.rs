//! A mail's identity (M1): the SHA-256 of its raw bytes with line ends normalised and without the headers that the last hops add.
//!
//! Left out is what differs between two deliveries of one and the same mail: the trace of servers on the way, where it was
//! delivered to, what filters and mailbox programs noted. Everything the sender's own program wrote counts, Message-ID included.

use sha2::{Digest, Sha256};

/// Header names that hops add, lower case. A name that ends in `*` stands for all that begin so.
const TRACE: [&str; 37] = [
    "received",
    "x-received",
    "return-path",
    "delivered-to",
    "x-original-to",
    "x-delivered-to",
    "envelope-to",
    "x-envelope-*",
    "x-rcpt-to",
    "x-resolved-to",
    "delivery-date",
    "authentication-results",
    "x-authentication-*",
    "arc-*",
    "received-spf",
    "dkim-filter",
    "x-dkim-*",
    "x-ms-exchange-*",
    "x-ms-office365-*",
    "x-ms-traffictypediagnostic",
    "x-ms-publictraffictype",
    "x-microsoft-antispam*",
    "x-forefront-*",
    "x-eop*",
    "x-exchange-antispam-*",
    "x-spam*",
    "x-virus-*",
    "x-amavis-*",
    "x-mailscanner*",
    "x-proofpoint-*",
    "x-mimecast-*",
    "x-google-*",
    "x-gm-*",
    "status",
    "x-status",
    "x-uid",
    "x-keywords",
];

/// The identity of a raw mail.
pub fn identity(raw: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut lines = Lines { rest: raw };
    let mut skipping = false;
    for line in lines.by_ref() {
        if line.is_empty() {
            break;
        }
        let folded = matches!(line[0], b' ' | b'\t');
        if !folded {
            skipping = is_trace(line);
        }
        if !skipping {
            hash.update(line);
            hash.update(b"\n");
        }
    }
    hash.update(b"\n");
    // Gaps at the very end come and go on the way.
    let mut gaps = 0usize;
    for line in lines {
        if line.is_empty() {
            gaps += 1;
            continue;
        }
        (0..gaps).for_each(|_| hash.update(b"\n"));
        gaps = 0;
        hash.update(line);
        hash.update(b"\n");
    }
    hash.finalize().into()
}

fn is_trace(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|&byte| byte == b':') else { return line.starts_with(b"From ") };
    let name = String::from_utf8_lossy(&line[..colon]).trim().to_ascii_lowercase();
    TRACE.iter().any(|trace| match trace.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => name == *trace,
    })
}

/// Lines without their ends, be they CRLF, LF or a lone CR.
struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        let skip = match &self.rest[end..] {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        self.rest = &self.rest[end + skip..];
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] =
        b"Received: from a\n by b\nFrom: a@derby.example\nSubject: NTK\nMessage-ID: <1@x>\n\nBody\n\nmore\n";

    #[test]
    fn hops_and_line_ends_do_not_count() {
        let crlf = String::from_utf8_lossy(MAIL).replace('\n', "\r\n").into_bytes();
        let mut other =
            b"Return-Path: <>\r\nARC-Seal: i=1\r\n\tfolded\r\nX-MS-Exchange-Organization-SCL: -1\r\n".to_vec();
        other.extend_from_slice(&crlf);
        other.extend_from_slice(b"\r\n\r\n");
        assert_eq!(identity(MAIL), identity(&crlf));
        assert_eq!(identity(MAIL), identity(&other));
    }

    #[test]
    fn content_counts_even_with_the_same_id() {
        let other = String::from_utf8_lossy(MAIL).replace("Body", "Bodies");
        assert_ne!(identity(MAIL), identity(other.as_bytes()));
        let received_in_the_body = [MAIL, b"Received: here\n"].concat();
        assert_ne!(identity(MAIL), identity(&received_in_the_body));
        assert_ne!(identity(b""), identity(MAIL));
    }
}
