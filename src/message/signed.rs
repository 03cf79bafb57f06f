//! A mail that is one signed lump (S/MIME "opaque") to the mail within, under the headers that it was sent with (M14).
//!
//! Comes in: the raw bytes. Goes out: bytes of an ordinary mail; None where the mail is no such one. Signatures are not verified: who sent
//! it is decided as for any other mail (M18).

use mail_parser::{MessageParser, MimeHeaders};

use super::parts;
use crate::document::{Budget, cms};

/// The mail within a signed one. Signed mails within it are opened by the caller, as long as it may go deeper.
pub(super) fn opened(raw: &[u8], budget: &mut Budget) -> Option<Vec<u8>> {
    // Most mails are no such ones, and are not to be parsed twice.
    let head = &raw[..header_end(raw)];
    if !contains(head, b"pkcs7-mime") {
        return None;
    }
    let mail = MessageParser::default().parse(raw)?;
    let part = mail.parts.first()?;
    let kind = parts::media_type(part);
    let is_signed = part.content_type().and_then(|declared| declared.attribute("smime-type")).is_none_or(|kind| {
        !kind.eq_ignore_ascii_case("enveloped-data") && !kind.eq_ignore_ascii_case("authenveloped-data")
    });
    if !matches!(kind.as_str(), "application/pkcs7-mime" | "application/x-pkcs7-mime") || !is_signed {
        return None;
    }
    let inner = cms::content(part.contents(), budget).ok()?;
    Some([&without_content_headers(head), inner.as_slice()].concat())
}

/// Where the headers end, the blank line not included.
fn header_end(raw: &[u8]) -> usize {
    let mut at = 0;
    for line in raw.split_inclusive(|&byte| byte == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        at += line.len();
    }
    at
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window.eq_ignore_ascii_case(wanted))
}

/// The headers without those that describe the lump: the mail within brings its own.
fn without_content_headers(head: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len());
    let mut kept = true;
    for line in head.split_inclusive(|&byte| byte == b'\n') {
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            kept = !line.get(..8).is_some_and(|begin| begin.eq_ignore_ascii_case(b"content-"))
                && !line.get(..13).is_some_and(|begin| begin.eq_ignore_ascii_case(b"mime-version:"));
        }
        if kept {
            out.extend_from_slice(line);
        }
    }
    if !out.ends_with(b"\n") && !out.is_empty() {
        out.extend_from_slice(b"\r\n");
    }
    out
}
