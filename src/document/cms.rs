//! Signed mails in one lump (S/MIME "opaque", CMS SignedData, RFC 5652) to the mail that was signed.
//!
//! Comes in: a .p7m's bytes, in DER, in BER with lengths left open, or in PEM. Goes out: the content. The signature is not verified, and
//! nothing here says that it is: the mail counts as much as any other of its sender. Encrypted content is named as such.

use super::{Budget, Trouble};

/// Values within one another.
const DEPTH_MAX: usize = 24;

const CORRUPT: Trouble = Trouble::new("corrupt", "The signed or encrypted mail is damaged.");
const ENCRYPTED: Trouble = Trouble::new("encrypted_mail", "The mail is encrypted.");
const EMPTY: Trouble = Trouble::new("corrupt", "The signature holds no mail.");
const OTHER: Trouble = Trouble::new("unsupported_format", "The mail is wrapped in a way that is not read.");
const TOO_LARGE: Trouble = Trouble::new("too_large", "The signed mail unpacks to more than is read.");

/// 1.2.840.113549.1.7.2
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.7.3 and 1.2.840.113549.1.9.16.1.23: enveloped, and enveloped with a check.
const ENVELOPED: [&[u8]; 2] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17],
];

const OBJECT_ID: u8 = 0x06;
const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
/// Context tag 0, constructed.
const CONTENT: u8 = 0xa0;
const CONSTRUCTED: u8 = 0x20;

/// Takes the content out of a signed mail.
///
/// # Errors
/// corrupt, encrypted_mail, too_large, unsupported_format.
pub fn content(bytes: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Trouble> {
    let decoded = unarmoured(bytes);
    let bytes = decoded.as_deref().unwrap_or(bytes);
    let whole = within(&mut Values(bytes), SEQUENCE)?;
    let mut whole = Values(whole);
    let kind = within(&mut whole, OBJECT_ID)?;
    if ENVELOPED.contains(&kind) {
        return Err(ENCRYPTED);
    }
    if kind != SIGNED_DATA {
        return Err(OTHER);
    }
    let mut signed = Values(within(&mut Values(within(&mut whole, CONTENT)?), SEQUENCE)?);
    // The version and the digests' names stand before the content.
    signed.next(0)?.ok_or(CORRUPT)?;
    signed.next(0)?.ok_or(CORRUPT)?;
    let mut inner = Values(within(&mut signed, SEQUENCE)?);
    within(&mut inner, OBJECT_ID)?;
    let Some((CONTENT, octets)) = inner.next(0)? else { return Err(EMPTY) };
    let (tag, octets) = Values(octets).next(0)?.ok_or(EMPTY)?;
    let most = usize::try_from(budget.inflated_bytes).unwrap_or(usize::MAX);
    let mut out = Vec::new();
    gather(tag, octets, 0, most, &mut out)?;
    budget.inflated_bytes = budget.inflated_bytes.saturating_sub(out.len() as u64);
    if out.is_empty() { Err(EMPTY) } else { Ok(out) }
}

/// Octets in one piece, or in pieces within pieces.
fn gather(tag: u8, bytes: &[u8], depth: usize, most: usize, out: &mut Vec<u8>) -> Result<(), Trouble> {
    if tag == OCTETS {
        out.extend_from_slice(bytes);
        return if out.len() > most { Err(TOO_LARGE) } else { Ok(()) };
    }
    if tag != OCTETS | CONSTRUCTED || depth > DEPTH_MAX {
        return Err(CORRUPT);
    }
    let mut pieces = Values(bytes);
    while let Some((tag, piece)) = pieces.next(depth)? {
        gather(tag, piece, depth + 1, most, out)?;
    }
    Ok(())
}

fn within<'a>(values: &mut Values<'a>, wanted: u8) -> Result<&'a [u8], Trouble> {
    match values.next(0)? {
        Some((tag, content)) if tag == wanted => Ok(content),
        _ => Err(CORRUPT),
    }
}

/// A reader over values with tag, length and content (X.690).
struct Values<'a>(&'a [u8]);

impl<'a> Values<'a> {
    /// The next value's tag and content; None at the end.
    fn next(&mut self, depth: usize) -> Result<Option<(u8, &'a [u8])>, Trouble> {
        let Some((&tag, rest)) = self.0.split_first() else { return Ok(None) };
        let (&first, rest) = rest.split_first().ok_or(CORRUPT)?;
        // Tags above 30 take more bytes; none is used here.
        if tag & 0x1f == 0x1f || depth > DEPTH_MAX {
            return Err(CORRUPT);
        }
        if first == 0x80 {
            return self.open_ended(tag, rest).map(Some);
        }
        let count = if first < 0x80 { 0 } else { usize::from(first & 0x7f) };
        let digits = rest.get(..count).filter(|_| count <= 4).ok_or(CORRUPT)?;
        let length = match count {
            0 => usize::from(first),
            _ => digits.iter().fold(0usize, |length, &byte| length << 8 | usize::from(byte)),
        };
        let content = rest[count..].get(..length).ok_or(CORRUPT)?;
        self.0 = &rest[count + length..];
        Ok(Some((tag, content)))
    }

    /// A value whose length is left open: it ends with two zeros at its own level. Levels are counted, nothing recurses.
    fn open_ended(&mut self, tag: u8, begin: &'a [u8]) -> Result<(u8, &'a [u8]), Trouble> {
        let mut rest = begin;
        let mut levels = 1usize;
        while levels > 0 {
            match rest {
                [0, 0, after @ ..] => {
                    levels -= 1;
                    rest = after;
                }
                [_, 0x80, after @ ..] => {
                    levels += 1;
                    rest = after;
                }
                _ => {
                    let mut values = Values(rest);
                    values.next(0)?.ok_or(CORRUPT)?;
                    rest = values.0;
                }
            }
            if levels > DEPTH_MAX {
                return Err(CORRUPT);
            }
        }
        let length = begin.len() - rest.len() - 2;
        self.0 = rest;
        Ok((tag, &begin[..length]))
    }
}

/// The bytes within PEM lines, or of base64 without them.
fn unarmoured(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = bytes.trim_ascii();
    if text.first().is_none_or(|&first| first == SEQUENCE && text.get(1).is_some_and(|&byte| byte >= 0x80)) {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let digits: String = lines.collect();
    mail_parser::decoders::base64::base64_decode(digits.as_bytes()).filter(|decoded| decoded.first() == Some(&SEQUENCE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Limits;

    fn value(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![tag, 0x82, (content.len() >> 8) as u8, content.len() as u8];
        out.extend(content);
        out
    }

    fn open(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x80], content, &[0, 0]].concat()
    }

    fn signed(wrap: fn(u8, &[u8]) -> Vec<u8>, octets: Vec<u8>, kind: &[u8]) -> Vec<u8> {
        let data = value(OBJECT_ID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01]);
        let inner = wrap(SEQUENCE, &[data, wrap(CONTENT, &octets)].concat());
        let body = wrap(SEQUENCE, &[value(2, &[1]), value(0x31, &[]), inner].concat());
        wrap(SEQUENCE, &[value(OBJECT_ID, kind), wrap(CONTENT, &body)].concat())
    }

    fn read(bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
        content(bytes, &mut Budget::new(&Limits::default()))
    }

    #[test]
    fn whole_in_pieces_and_encrypted() {
        let whole = signed(value, value(OCTETS, b"Subject: a\r\n\r\nwords"), SIGNED_DATA);
        assert_eq!(read(&whole).unwrap(), b"Subject: a\r\n\r\nwords");
        let pieces = open(OCTETS | CONSTRUCTED, &[value(OCTETS, b"Sub"), value(OCTETS, b"ject")].concat());
        assert_eq!(read(&signed(open, pieces, SIGNED_DATA)).unwrap(), b"Subject");
        assert_eq!(read(&signed(value, value(OCTETS, b"x"), ENVELOPED[0])).unwrap_err().code, "encrypted_mail");
        assert_eq!(read(&signed(value, Vec::new(), SIGNED_DATA)).unwrap_err().code, "corrupt");
    }

    #[test]
    fn any_byte_may_be_wrong() {
        let pieces = open(OCTETS | CONSTRUCTED, &value(OCTETS, b"Subject"));
        let good = signed(open, pieces, SIGNED_DATA);
        for at in 0..good.len() {
            for byte in [0, 0x24, 0x30, 0x80, 0x84, 0xff] {
                let mut bad = good.clone();
                bad[at] = byte;
                let _ = read(&bad);
            }
            let _ = read(&good[..at]);
        }
        let _ = read(&[0x24, 0x80].repeat(50_000));
    }
}
