//! A mail written anew from its parts, for messages that came in another container: so that a mail is read in one way only.
//!
//! Comes in: headers, bodies and attachments. Goes out: the bytes of a mail. All contents are written in base64, so no boundary can stand
//! within one; header values lose their line breaks.

/// A mail's parts.
#[derive(Debug, Clone, Default)]
pub(super) struct Mail {
    /// The sender's name and address; no sender where the address is empty.
    pub from: (String, String),
    /// Names and values, in order; empty values are left out.
    pub headers: Vec<(&'static str, String)>,
    pub text: Option<String>,
    pub html: Option<String>,
    /// Name, media type and bytes of each attachment.
    pub attachments: Vec<(String, &'static str, Vec<u8>)>,
}

const BOUNDARY: &str = "=_parts_of_a_mail";
const BODIES: &str = "=_bodies_of_a_mail";

impl Mail {
    pub fn write(&self) -> Vec<u8> {
        let mut out = String::new();
        let (name, address) = &self.from;
        let address: String = address.chars().filter(|c| c.is_ascii_graphic() && !"<>\"".contains(*c)).collect();
        if address.contains('@') {
            out.push_str(&format!("From: {} <{address}>\r\n", words(name)));
        }
        for (name, value) in self.headers.iter().filter(|(_, value)| !value.trim().is_empty()) {
            out.push_str(&format!("{name}: {}\r\n", header_value(value)));
        }
        out.push_str(&format!("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n\r\n"));
        self.write_bodies(&mut out);
        for (name, content_type, bytes) in &self.attachments {
            let name = percent(name);
            out.push_str(&format!("--{BOUNDARY}\r\nContent-Type: {content_type}\r\n"));
            out.push_str(&format!("Content-Disposition: attachment; filename*=utf-8''{name}\r\n"));
            write_base64(bytes, &mut out);
        }
        out.push_str(&format!("--{BOUNDARY}--\r\n"));
        out.into_bytes()
    }

    /// The bodies; nothing where there is none, since an alternative of nothing hides the parts behind it from some parsers.
    fn write_bodies(&self, out: &mut String) {
        if self.text.is_none() && self.html.is_none() {
            return;
        }
        out.push_str(&format!("--{BOUNDARY}\r\nContent-Type: multipart/alternative; boundary=\"{BODIES}\"\r\n\r\n"));
        for (kind, body) in [("plain", &self.text), ("html", &self.html)] {
            if let Some(body) = body {
                out.push_str(&format!("--{BODIES}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"));
                write_base64(body.as_bytes(), out);
            }
        }
        out.push_str(&format!("--{BODIES}--\r\n"));
    }
}

/// Plain ASCII as it is, on one line; anything else as encoded words (RFC 2047) of whole characters.
fn header_value(value: &str) -> String {
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.is_ascii() && !value.contains("=?") { value } else { words(&value) }
}

/// Encoded words (RFC 2047).
fn words(value: &str) -> String {
    let characters: Vec<char> = value.chars().collect();
    let words = characters.chunks(10).map(|some| {
        let text: String = some.iter().collect();
        format!("=?utf-8?B?{}?=", base64(text.as_bytes()))
    });
    words.collect::<Vec<_>>().join("\r\n ")
}

/// A file's name as RFC 2231 writes it.
fn percent(name: &str) -> String {
    name.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { (byte as char).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn write_base64(bytes: &[u8], out: &mut String) {
    out.push_str("Content-Transfer-Encoding: base64\r\n\r\n");
    for line in bytes.chunks(57) {
        out.push_str(&base64(line));
        out.push_str("\r\n");
    }
}

/// RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |nth: usize| u32::from(three.get(nth).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let given = digit <= three.len();
            out.push(if given { DIGITS[(bits >> (18 - 6 * digit) & 63) as usize] as char } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Limits, parse};

    #[test]
    fn without_a_body_no_attachment_is_lost() {
        let file = |name: &str| (name.to_owned(), "application/octet-stream", name.as_bytes().to_vec());
        let read = parse(
            &Mail { attachments: vec![file("a"), file("b"), file("c")], ..Mail::default() }.write(),
            &Limits::default(),
        );
        let names: Vec<&str> = read.attachments.iter().map(|attachment| attachment.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mail = Mail {
            from: ("Zoë, \"Ann\"".to_owned(), "a@b.example".to_owned()),
            headers: vec![("Subject", "Need To Know – Zoë\r\nBcc: x@y".to_owned())],
            text: Some("Dear all,\n--=_parts_of_a_mail\nZoë".to_owned()),
            html: None,
            attachments: vec![("Förm (1).doc".to_owned(), "application/octet-stream", vec![0, 255, 13, 10, 13])],
        };
        let read = parse(&mail.write(), &Limits::default());
        assert_eq!(read.subject, "Need To Know – Zoë Bcc: x@y");
        let from = read.from.unwrap();
        assert_eq!((from.name.as_deref(), from.email.as_str()), (Some("Zoë, \"Ann\""), "a@b.example"));
        assert_eq!(read.text, "Dear all,\n--=_parts_of_a_mail\nZoë");
        assert_eq!(
            (read.attachments[0].name.as_str(), &*read.attachments[0].bytes),
            ("Förm (1).doc", &[0, 255, 13, 10, 13][..])
        );
    }
}
