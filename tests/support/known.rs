//! Known words, looked for in bytes as they are and in the disguises that a program may give them; and what somebody with a copy of a store and
//! its keys can open of it, by the formats alone and without the program's own code.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

use super::council::{ADDRESSES, WORKER, base64, files_below, header};

/// Shorter ones may stand by chance in sealed bytes.
pub const LETTERS_MIN: usize = 8;

/// What the mails and forms of this run of tests say, none of which may stand in a log.
static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// An answer of a form was given to the program.
pub fn said(answer: &str) {
    if answer.len() >= LETTERS_MIN {
        SAID.lock().unwrap().insert(answer.to_owned());
    }
}

/// A mail was given to the program: who wrote it, but for the officers, and its lines.
pub fn delivered(mail: &[u8]) {
    let mail = String::from_utf8_lossy(mail).replace("\r\n", "\n");
    let from = header(&mail, "From").unwrap_or_default();
    let (name, address) = from.trim_end_matches('>').rsplit_once('<').unwrap_or(("", &from));
    if address == WORKER || !ADDRESSES.contains(&address) {
        [name, address].iter().for_each(|from| said(from.trim().trim_matches('"')));
    }
    let body = mail.split_once("\n\n").map_or("", |(_, body)| body);
    // Of "Label: answer" the answer. Shorter lines are anybody's.
    for line in body.lines().filter(|line| line.len() >= 20 && !line.starts_with("Content-") && !line.starts_with('>'))
    {
        said(line.split_once(": ").map_or(line, |(_, answer)| answer).trim());
    }
}

/// What was said of it all to the program, and stands in its log all the same.
pub fn told_on(log: &str) -> Vec<String> {
    let said = SAID.lock().unwrap().clone();
    Known::new(&said).standing(log.as_bytes()).into_iter().map(str::to_owned).collect()
}

/// Words that are looked for, whatever the case of their letters; in UTF-16 of either order, and in base64, at whatever byte they begin.
pub struct Known {
    /// Ways in which a word may stand, by their first bytes in small letters.
    forms: HashMap<[u8; LETTERS_MIN], Vec<(Vec<u8>, String)>>,
    /// Whether any begins with these two bytes: most places are passed over by it.
    begins: Vec<bool>,
}

impl Known {
    pub fn new<'a>(words: impl IntoIterator<Item = &'a String>) -> Known {
        let mut known = Known { forms: HashMap::new(), begins: vec![false; 1 << 16] };
        for word in words {
            assert!(word.len() >= LETTERS_MIN, "{word:?} may stand anywhere by chance");
            for form in forms(word) {
                let form = form.to_ascii_lowercase();
                let head = *form.first_chunk().unwrap();
                known.begins[pair(&form)] = true;
                known.forms.entry(head).or_default().push((form, word.clone()));
            }
        }
        known
    }

    /// Which of them stand in these bytes.
    pub fn standing(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let bytes = bytes.to_ascii_lowercase();
        let mut found = BTreeSet::new();
        for (at, head) in bytes.windows(LETTERS_MIN).enumerate() {
            if self.begins[pair(head)]
                && let Some(forms) = self.forms.get(head)
            {
                let here = forms.iter().filter(|(form, _)| bytes[at..].starts_with(form));
                found.extend(here.map(|(_, word)| word.as_str()));
            }
        }
        found
    }
}

fn pair(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// A word as bytes, in each way that it may stand. Of base64 the digits that the bytes around it have a part in are left out.
fn forms(word: &str) -> Vec<Vec<u8>> {
    let units = |order: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let mut forms = vec![word.as_bytes().to_vec(), units(u16::to_le_bytes), units(u16::to_be_bytes)];
    for before in 0..3 {
        let shifted = [&[0; 2][..before], word.as_bytes()].concat();
        let digits = base64(&shifted).into_bytes();
        forms.push(digits[(before * 8).div_ceil(6)..shifted.len() * 8 / 6].to_vec());
    }
    forms
}

/// Bytes of a slot of the file of keys.
const SLOT: usize = 8 + 24 + 48 + 8;

/// What a store's key and file of keys open.
pub struct Opener {
    /// By number; `None` where the key was taken away.
    keys: Vec<Option<XChaCha20Poly1305>>,
}

/// What was opened of a store.
#[derive(Default)]
pub struct Opened {
    /// Everything, one after the other, with what lay there open.
    pub text: Vec<u8>,
    /// Pieces whose key is gone: each was tried with every key that remains.
    pub shut: usize,
}

impl Opener {
    /// With the key's 64 digits and the slots: kind, nonce, key wrapped for its number, sum.
    pub fn new(store_key: &Path, keys: &Path) -> Opener {
        let digits = fs::read_to_string(store_key).unwrap();
        let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap();
        let wrapping = cipher(&std::array::from_fn::<u8, 32, _>(byte));
        let open = |(number, slot): (usize, &[u8])| {
            let number = (number as u32).to_le_bytes();
            let key = decrypt(&wrapping, &slot[8..32], &number, &slot[32..80])?;
            Some(cipher(&key.try_into().unwrap()))
        };
        let keys = fs::read(keys).unwrap();
        Opener { keys: keys.chunks_exact(SLOT).enumerate().map(open).collect() }
    }

    /// Opens a store's journal, files and index. The store must not be in use.
    pub fn open(&self, store: &Path) -> Opened {
        let mut opened = Opened::default();
        for segment in files_below(&store.join("journal")) {
            for change in changes(&fs::read(segment).unwrap()) {
                assert!(self.value(b"", change, &mut opened), "every change of the journal is sealed");
            }
        }
        for file in files_below(&store.join("files")) {
            self.file(&fs::read(file).unwrap(), &mut opened);
        }
        let index = store.join("sled");
        if index.exists() {
            for row in sled::open(&index).unwrap().iter() {
                let (place, value) = row.unwrap();
                // What is not sealed there is looked at as it is.
                opened.text.extend([&place[..], &value].concat());
                self.value(&place, &value, &mut opened);
            }
        }
        opened
    }

    /// A sealed value: the number of its key, a nonce, the rest. Whether it is one.
    fn value(&self, place: &[u8], stored: &[u8], into: &mut Opened) -> bool {
        let Some((number, rest)) = stored.split_at_checked(4) else { return false };
        let Some((nonce, sealed)) = rest.split_at_checked(24) else { return false };
        let open = |key: &XChaCha20Poly1305| decrypt(key, nonce, place, sealed);
        self.piece(u32::from_le_bytes(number.try_into().unwrap()), open, into)
    }

    /// A sealed file: magic, the number of its key, the nonce of its chunks, the chunks.
    fn file(&self, stored: &[u8], into: &mut Opened) {
        let (head, sealed) = stored.split_at(31);
        let number = u32::from_le_bytes(head[8..12].try_into().unwrap());
        let chunks: Vec<&[u8]> = sealed.chunks((64 << 10) + 16).collect();
        let open = |key: &XChaCha20Poly1305| {
            let mut plain = Vec::new();
            for (at, chunk) in chunks.iter().enumerate() {
                let is_last = u8::from(at + 1 == chunks.len());
                let nonce = [&head[12..], &(at as u32).to_be_bytes(), &[is_last]].concat();
                plain.extend(decrypt(key, &nonce, b"", chunk)?);
            }
            Some(plain)
        };
        assert!(self.piece(number, open, into), "every file is sealed");
    }

    fn piece(&self, number: u32, open: impl Fn(&XChaCha20Poly1305) -> Option<Vec<u8>>, into: &mut Opened) -> bool {
        let Some(key) = self.keys.get(number as usize) else { return false };
        let plain = match key {
            Some(key) => open(key),
            None => {
                into.shut += 1;
                self.keys.iter().flatten().find_map(open).or(Some(Vec::new()))
            }
        };
        into.text.extend_from_slice(plain.as_deref().unwrap_or_default());
        plain.is_some()
    }
}

/// The sealed changes of a segment: a head; records, each a head with its length and changes with theirs.
fn changes(segment: &[u8]) -> Vec<&[u8]> {
    let length = |bytes: &[u8]| u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
    let (mut found, mut records) = (Vec::new(), &segment[60..]);
    while !records.is_empty() {
        let (mut body, rest) = records[68..].split_at(length(&records[24..]));
        while !body.is_empty() {
            let (change, after) = body[12..].split_at(length(body));
            found.push(change);
            body = after;
        }
        records = rest;
    }
    found
}

/// Lengths of all that is sealed in a store: the changes of its journal, its files, the rows of its index. The store must not be in use.
pub fn lengths(store: &Path) -> Vec<usize> {
    let mut all: Vec<usize> =
        files_below(&store.join("files")).iter().map(|file| fs::read(file).unwrap().len()).collect();
    for segment in files_below(&store.join("journal")) {
        all.extend(changes(&fs::read(segment).unwrap()).iter().map(|change| change.len()));
    }
    all.extend(
        sled::open(store.join("sled")).unwrap().iter().map(|row| row.unwrap().1.len()).filter(|length| *length > 28),
    );
    all
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}

fn decrypt(key: &XChaCha20Poly1305, nonce: &[u8], place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let nonce: &[u8; 24] = nonce.try_into().unwrap();
    key.decrypt(nonce.into(), Payload { msg: sealed, aad: place }).ok()
}
