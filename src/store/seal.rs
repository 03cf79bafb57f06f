//! The one place where bytes become stored bytes, and names of people or mails become keys of an index.
//!
//! Comes in: plain bytes with the number of a key, names. Goes out: what lies on the disk, and back. What comes from a mail or a form is
//! sealed with XChaCha20-Poly1305, names are keyed hashes. Everything that the store names by content (files, the chain of the journal)
//! is named by the stored bytes, so that it can be verified without a key.

use std::io::{self, Read};

use aead_stream::{DecryptorBE32, EncryptorBE32, NewStream, StreamBE32, StreamPrimitive};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, Payload};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Failure;
use super::keys::{KeyId, Keys, fill};

const NONCE: usize = 24;
const TAG: usize = 16;
/// Bytes before a sealed value: the number of its key, the nonce.
const HEAD: usize = 4 + NONCE;

/// Bytes of a file that are sealed at once.
pub const CHUNK: usize = 64 << 10;
/// Bytes before a sealed file's chunks: magic, the number of its key, the nonce that its chunks share.
pub const FILE_HEAD: usize = 8 + 4 + FILE_NONCE;
/// The rest of a nonce counts the chunks and marks the last: none can be left out, moved or taken from another file.
const FILE_NONCE: usize = NONCE - 5;
const FILE_MAGIC: &[u8; 8] = b"NTKSEAL1";

/// How bytes are stored. Handed to every part of the store that writes or reads content.
#[derive(Debug, Clone)]
pub struct Seal {
    keys: Keys,
    /// Those of the concerns (W1); `None` where the settings have no such part.
    apart: Option<Keys>,
}

impl Seal {
    /// With a store's keys, and those of its concerns.
    pub fn new(keys: Keys, apart: Option<Keys>) -> Seal {
        Seal { keys, apart }
    }

    /// A new key, durable.
    pub fn take(&self) -> Result<KeyId, Failure> {
        self.keys.take()
    }

    /// A new key of the concerns, durable.
    pub fn take_apart(&self) -> Result<KeyId, Failure> {
        Ok(self.apart.as_ref().ok_or(Failure::NoConcerns)?.take()?.among_all())
    }

    /// Takes keys away, for ever.
    pub fn erase(&self, ids: &[KeyId]) -> Result<(), Failure> {
        let (apart, own): (Vec<KeyId>, Vec<KeyId>) = ids.iter().partition(|id| id.apart().is_some());
        if !apart.is_empty() {
            let local: Vec<KeyId> = apart.into_iter().filter_map(KeyId::apart).collect();
            self.apart.as_ref().ok_or(Failure::NoConcerns)?.erase(&local)?;
        }
        if own.is_empty() { Ok(()) } else { self.keys.erase(&own) }
    }

    /// The cipher of a key; `None` where the key was taken away.
    pub fn cipher(&self, id: KeyId) -> Result<Option<XChaCha20Poly1305>, Failure> {
        match id.apart() {
            Some(local) => self.apart.as_ref().ok_or(Failure::NoConcerns)?.cipher(local),
            None => self.keys.cipher(id),
        }
    }

    /// Plain to stored bytes: one change of the journal or one value of the index. `place` is what they belong to (a row's key): they are
    /// nothing elsewhere.
    pub fn seal(&self, key: KeyId, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, Failure> {
        let cipher = self.cipher(key)?.ok_or(Failure::Erased)?;
        let mut nonce = [0; NONCE];
        fill(&mut nonce)?;
        let sealed =
            cipher.encrypt((&nonce).into(), Payload { msg: plain, aad: place }).map_err(|_| Failure::Sealing)?;
        Ok([&key.0.to_le_bytes()[..], &nonce, &sealed].concat())
    }

    /// Stored to plain bytes; `None` where the key was taken away.
    ///
    /// # Errors
    /// [`Failure::Sealing`] where they are not what was stored at this place.
    pub fn unseal(&self, place: &[u8], stored: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        let key = key_of(stored).ok_or(Failure::Sealing)?;
        let Some(cipher) = self.cipher(key)? else { return Ok(None) };
        let nonce = <&[u8; NONCE]>::try_from(&stored[4..HEAD]).map_err(|_| Failure::Sealing)?;
        let payload = Payload { msg: &stored[HEAD..], aad: place };
        cipher.decrypt(nonce.into(), payload).map(Some).map_err(|_| Failure::Sealing)
    }

    /// Begins a sealed file with a key of its own, new and taken for it. Returns what seals its chunks, and its head.
    pub fn file(&self, key: KeyId) -> Result<(FileSealer, [u8; FILE_HEAD]), Failure> {
        let cipher = self.cipher(key)?.ok_or(Failure::Erased)?;
        let mut head = [0; FILE_HEAD];
        head[..8].copy_from_slice(FILE_MAGIC);
        head[8..12].copy_from_slice(&key.0.to_le_bytes());
        fill(&mut head[12..])?;
        let stream = StreamBE32::from_aead(cipher, &nonce_of(&head)?.into());
        Ok((FileSealer { stream: Some(stream.encryptor()) }, head))
    }

    /// What a sealed file holds, from its stored bytes, `length` of them; `None` where its key was taken away.
    pub fn open_file<R: Read>(&self, mut stored: R, length: u64) -> io::Result<Option<Plain<R>>> {
        let mut head = [0; FILE_HEAD];
        stored.read_exact(&mut head)?;
        let key = file_key(&head).ok_or_else(odd)?;
        let Some(cipher) = self.cipher(key).map_err(io::Error::other)? else { return Ok(None) };
        let stream = StreamBE32::from_aead(cipher, &nonce_of(&head).map_err(io::Error::other)?.into());
        let left = length.checked_sub(FILE_HEAD as u64).ok_or_else(odd)?;
        Ok(Some(Plain { stored, left, stream: Some(stream.decryptor()), chunk: Vec::new(), at: 0 }))
    }

    /// The key under which something is found by a name that may identify a person or a mail, or by what it holds.
    pub fn name(&self, name: impl AsRef<[u8]>) -> [u8; 32] {
        // A key of any length is taken.
        let Ok(hash) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.keys.names()[..]) else { return [0; 32] };
        hash.chain_update(name).finalize().into_bytes().into()
    }
}

/// The key of a sealed value.
pub fn key_of(stored: &[u8]) -> Option<KeyId> {
    let key = stored.get(..HEAD)?.first_chunk()?;
    Some(KeyId(u32::from_le_bytes(*key)))
}

/// The key of a sealed file, from its head.
pub fn file_key(head: &[u8]) -> Option<KeyId> {
    let key = head.strip_prefix(FILE_MAGIC)?.first_chunk()?;
    Some(KeyId(u32::from_le_bytes(*key)))
}

/// Bytes that a sealed file of `stored` bytes holds.
pub fn plain_bytes(stored: u64) -> u64 {
    let sealed = stored.saturating_sub(FILE_HEAD as u64);
    sealed.saturating_sub(sealed.div_ceil((CHUNK + TAG) as u64) * TAG as u64)
}

fn nonce_of(head: &[u8; FILE_HEAD]) -> Result<[u8; FILE_NONCE], Failure> {
    head[12..].try_into().map_err(|_| Failure::Sealing)
}

fn odd() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is not as it was written")
}

/// Seals a file's chunks in order.
pub struct FileSealer {
    /// `None` behind the last chunk.
    stream: Option<EncryptorBE32<XChaCha20Poly1305>>,
}

impl std::fmt::Debug for FileSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileSealer")
    }
}

impl FileSealer {
    /// Seals a chunk of [`CHUNK`] bytes, behind which more comes.
    pub fn chunk(&mut self, chunk: &mut Vec<u8>) -> io::Result<()> {
        self.stream.as_mut().ok_or_else(odd)?.encrypt_next_in_place(b"", chunk).map_err(|_| odd())
    }

    /// Seals the last chunk, which may be shorter, or empty.
    pub fn last(&mut self, chunk: &mut Vec<u8>) -> io::Result<()> {
        self.stream.take().ok_or_else(odd)?.encrypt_last_in_place(b"", chunk).map_err(|_| odd())
    }
}

/// What a sealed file holds, read from its beginning.
pub struct Plain<R> {
    stored: R,
    /// Stored bytes that are left.
    left: u64,
    /// `None` behind the last chunk.
    stream: Option<DecryptorBE32<XChaCha20Poly1305>>,
    chunk: Vec<u8>,
    /// How much of the chunk was read.
    at: usize,
}

impl<R> std::fmt::Debug for Plain<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plain").field("left", &self.left).finish_non_exhaustive()
    }
}

impl<R: Read> Read for Plain<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.chunk.len() {
            let Some(mut stream) = self.stream.take() else { return Ok(0) };
            let whole = (CHUNK + TAG) as u64;
            let is_last = self.left <= whole;
            self.chunk.resize(self.left.min(whole) as usize, 0);
            self.stored.read_exact(&mut self.chunk)?;
            (self.left, self.at) = (self.left - self.chunk.len() as u64, 0);
            if is_last {
                stream.decrypt_last_in_place(b"", &mut self.chunk).map_err(|_| odd())?;
            } else {
                stream.decrypt_next_in_place(b"", &mut self.chunk).map_err(|_| odd())?;
                self.stream = Some(stream);
            }
        }
        let got = (&self.chunk[self.at..]).read(into)?;
        self.at += got;
        Ok(got)
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

/// The bytes of hexadecimal digits; those of what is none are left out.
pub fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    digits.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Folder, seal};

    #[test]
    fn stored_bytes_come_back_to_their_place_and_nowhere_else() {
        let folder = Folder::new();
        let seal = seal(folder.path());
        let key = seal.take().unwrap();
        let stored = seal.seal(key, b"here", b"a form").unwrap();
        assert!(!stored.windows(4).any(|bytes| bytes == b"form"));
        assert_eq!(key_of(&stored), Some(key));
        assert_eq!(seal.unseal(b"here", &stored).unwrap().unwrap(), b"a form");
        assert!(matches!(seal.unseal(b"there", &stored), Err(Failure::Sealing)));
        for at in 0..stored.len() {
            let mut flipped = stored.clone();
            flipped[at] ^= 1;
            assert!(seal.unseal(b"here", &flipped).is_err(), "byte {at}");
        }
        for length in 0..stored.len() {
            assert!(seal.unseal(b"here", &stored[..length]).is_err(), "{length} bytes");
        }
        assert_ne!(stored, seal.seal(key, b"here", b"a form").unwrap(), "the same twice is not seen to be");
        seal.erase(&[key]).unwrap();
        assert_eq!(seal.unseal(b"here", &stored).unwrap(), None);
        assert!(matches!(seal.seal(key, b"here", b"a form"), Err(Failure::Erased)));
    }

    #[test]
    fn names_are_one_stores_own() {
        let (one, other) = (Folder::new(), Folder::new());
        let (seal, another) = (seal(one.path()), seal(other.path()));
        assert_eq!(seal.name("child:a"), seal.name("child:a"));
        assert_ne!(seal.name("child:a"), seal.name("child:b"));
        assert_ne!(seal.name("child:a"), another.name("child:a"));
    }

    #[test]
    fn a_file_with_any_flipped_byte_or_of_another_length_is_odd() {
        let folder = Folder::new();
        let seal = seal(folder.path());
        let (mut sealer, head) = seal.file(seal.take().unwrap()).unwrap();
        let mut stored = head.to_vec();
        let mut chunk = vec![b'a'; CHUNK];
        sealer.chunk(&mut chunk).unwrap();
        stored.extend(&chunk);
        let mut chunk = b"end".to_vec();
        sealer.last(&mut chunk).unwrap();
        stored.extend(&chunk);
        let read = |stored: &[u8]| -> io::Result<Vec<u8>> {
            let mut plain = Vec::new();
            let file = seal.open_file(stored, stored.len() as u64)?;
            file.ok_or_else(odd)?.read_to_end(&mut plain)?;
            Ok(plain)
        };
        let plain = read(&stored).unwrap();
        assert!(plain.len() == CHUNK + 3 && plain.ends_with(b"aend"));
        assert_eq!(plain_bytes(stored.len() as u64), plain.len() as u64);
        for at in [0, 8, 12, FILE_HEAD, FILE_HEAD + CHUNK + TAG - 1, FILE_HEAD + CHUNK + TAG, stored.len() - 1] {
            let mut flipped = stored.clone();
            flipped[at] ^= 1;
            assert!(read(&flipped).is_err(), "byte {at}");
        }
        for length in [0, 8, FILE_HEAD, FILE_HEAD + TAG, FILE_HEAD + CHUNK + TAG, stored.len() - 1] {
            assert!(read(&stored[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(hex(&[0x00, 0xab, 0x9f]), "00ab9f");
    }
}
