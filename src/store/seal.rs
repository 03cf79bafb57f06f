//! The one place where bytes become stored bytes, and names of people or mails become keys of an index.
//!
//! Comes in: plain bytes, names. Goes out: what lies on the disk, and back. Today both are the same and the names are plain
//! hashes; a cipher and a keyed hash take their place here and nowhere else. Everything that the store names by content (files,
//! the chain of the journal) is named by the stored bytes, so that it can be verified without a key.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

/// How bytes are stored. Handed to every part of the store that writes or reads.
#[derive(Debug, Clone, Default)]
pub struct Seal {}

impl Seal {
    /// Plain to stored bytes: one change of the journal or one value of the index.
    pub fn seal<'a>(&self, plain: &'a [u8]) -> Cow<'a, [u8]> {
        Cow::Borrowed(plain)
    }

    /// Stored to plain bytes.
    pub fn unseal<'a>(&self, stored: &'a [u8]) -> Cow<'a, [u8]> {
        Cow::Borrowed(stored)
    }

    /// A part of a file that is written in parts, in order.
    pub fn seal_part<'a>(&self, plain: &'a [u8]) -> Cow<'a, [u8]> {
        Cow::Borrowed(plain)
    }

    /// The key under which the index finds something by a name that may identify a person or a mail.
    pub fn name(&self, name: &str) -> [u8; 32] {
        Sha256::digest(name.as_bytes()).into()
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_bytes_come_back() {
        let seal = Seal::default();
        let stored = seal.seal(b"a form").into_owned();
        assert_eq!(&*seal.unseal(&stored), b"a form");
        assert_ne!(seal.name("child:a"), seal.name("child:b"));
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(hex(&[0x00, 0xab, 0x9f]), "00ab9f");
    }
}
