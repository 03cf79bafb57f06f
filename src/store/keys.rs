//! The store's keys: one for each stored file, one for each incident, one for the rest, each wrapped by the store's key.
//!
//! Comes in: the store's key. Goes out: new keys, durable before they are told, and ciphers by number. They lie in one small file of
//! slots beside the journal. To take a key away is to overwrite its slot: what it sealed is gone from every file, old segments of the index
//! among them. Knows nothing of what is sealed.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::seal::hex;
use super::{Failure, access, disk, held, home};

/// 32 bytes that are zeroed when they are dropped.
pub type KeyBytes = Zeroizing<[u8; 32]>;

/// Bytes of a slot: kind, nonce, the wrapped key with its tag, a sum.
const SLOT: usize = 8 + NONCE + WRAPPED + 8;
const NONCE: usize = 24;
const WRAPPED: usize = 32 + 16;
/// The first slot's kind: the key under which names are hashed.
const HEAD: &[u8; 8] = b"NTKKEYS1";
/// A slot that holds a key.
const KEY: &[u8; 8] = b"key\0\0\0\0\0";
/// A slot whose key was taken away: all of it but this is zeros.
const ERASED: &[u8; 8] = b"erased\0\0";
/// Keys that are made durable at once, so that a new one seldom costs a write to the disk.
const BATCH: u32 = 64;

/// Number of a key: its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub u32);

/// Marks the numbers of keys that the concerns' key wraps.
const APART: u32 = 1 << 31;

impl KeyId {
    /// The key of what belongs to no one mail and no one incident.
    pub const GENERAL: KeyId = KeyId(1);

    /// The number in the file of the concerns' keys; `None` for a key of the store's own file.
    pub(super) fn apart(self) -> Option<KeyId> {
        (self.0 & APART != 0).then_some(KeyId(self.0 & !APART))
    }

    /// The number by which the store knows a key of the concerns' file.
    pub(super) fn among_all(self) -> KeyId {
        KeyId(self.0 | APART)
    }
}

/// Where the keys come from under which a store's keys are wrapped.
#[derive(Debug, Clone, Copy)]
pub struct KeyPlaces<'a> {
    /// The store's.
    pub store: &'a KeyPlace,
    /// The concerns' (W1): what they are sealed with is wrapped by it alone. A store that has concerns does not open without it.
    pub concerns: Option<&'a KeyPlace>,
}

impl<'a> From<&'a KeyPlace> for KeyPlaces<'a> {
    fn from(store: &'a KeyPlace) -> KeyPlaces<'a> {
        KeyPlaces { store, concerns: None }
    }
}

/// Where the store's key comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// A file with its 64 hexadecimal digits, which only its owner can read. It is made together with the store, never beside one that
    /// is there.
    File(PathBuf),
    /// It was given: systemd's credential, say.
    Given(KeyBytes),
}

impl fmt::Debug for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyPlace::File(path) => f.debug_tuple("File").field(path).finish(),
            KeyPlace::Given(_) => f.write_str("Given"),
        }
    }
}

impl KeyPlace {
    /// The file beside a store: `store` has `store.key`.
    pub fn beside(store: &Path) -> KeyPlace {
        KeyPlace::File(store.with_added_extension("key"))
    }

    /// The file of the concerns' key beside a store: `store` has `store.concerns-key`.
    pub fn of_concerns_beside(store: &Path) -> KeyPlace {
        KeyPlace::File(store.with_added_extension("concerns-key"))
    }

    /// What shows that somebody has this key, and does not give it away.
    ///
    /// # Errors
    /// The key cannot be read.
    pub fn proof(&self) -> Result<String, Failure> {
        let key = self.key(false)?;
        let sum = Sha256::new_with_prefix(b"need-to-know: I have the concerns' key").chain_update(&key[..]).finalize();
        Ok(hex(&sum))
    }

    /// A new key that is written nowhere: what it seals ends with the program.
    ///
    /// # Errors
    /// The system's random numbers.
    pub fn forgotten() -> Result<KeyPlace, Failure> {
        Ok(KeyPlace::Given(random()?))
    }

    /// The key; a file is made where `make` says so and none is there.
    fn key(&self, make: bool) -> Result<KeyBytes, Failure> {
        let path = match self {
            KeyPlace::Given(key) => return Ok(key.clone()),
            KeyPlace::File(path) => path,
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && make => {
                let key = random()?;
                disk::write_whole(path, key_text(&key).as_bytes())?;
                return Ok(key);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Failure::NoKey { path: path.clone() });
            }
            Err(error) => return Err(Failure::io("read the store's key in", path)(error)),
        };
        access::refuse(path, path)?;
        parse_key(&text).ok_or_else(|| Failure::OddKey { path: path.clone() })
    }
}

/// A key as it is written: 64 hexadecimal digits and a newline.
pub fn key_text(key: &KeyBytes) -> Zeroizing<String> {
    Zeroizing::new(hex(&key[..]) + "\n")
}

/// The key that a text gives: 64 hexadecimal digits, with or without a newline.
pub fn parse_key(text: &str) -> Option<KeyBytes> {
    let text = text.trim();
    let mut key = KeyBytes::default();
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(key)
}

/// The keys of an open store. Cheap to clone.
#[derive(Clone)]
pub struct Keys {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    /// Opens the slots.
    wrapping: XChaCha20Poly1305,
    names: KeyBytes,
    general: XChaCha20Poly1305,
    slots: Mutex<Slots>,
    /// To read by, while others write.
    file: File,
}

/// Where new keys come from.
struct Slots {
    /// The next that nobody had.
    next: u32,
    /// Behind the last.
    end: u32,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl Keys {
    /// The file of a store's keys.
    pub fn path(store: &Path) -> PathBuf {
        store.join("keys")
    }

    /// The file of the concerns' keys.
    pub fn path_of_concerns(store: &Path) -> PathBuf {
        store.join("concern-keys")
    }

    /// Opens the keys in a file; makes them where they are new.
    pub fn open(path: PathBuf, place: &KeyPlace, is_new: bool) -> Result<Keys, Failure> {
        let key = place.key(is_new)?;
        if path.exists() {
            return match Keys::read(path.clone(), key) {
                Err(failure @ Failure::OtherKey { .. }) => rotated(path, place)?.ok_or(failure),
                opened => opened,
            };
        }
        if !is_new {
            return Err(Failure::KeysMissing { path });
        }
        let mut slots = slot(&key, 0, HEAD, &random()?)?;
        slots.extend(slot(&key, 1, KEY, &random()?)?);
        disk::write_whole(&path, &slots)?;
        Keys::read(path, key)
    }

    fn read(path: PathBuf, key: KeyBytes) -> Result<Keys, Failure> {
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(Failure::io("open", &path))?;
        let about = file.metadata().map_err(Failure::io("look at", &path))?;
        access::refuse(&path, &path)?;
        // What a stop left half written was told to nobody.
        let end = u32::try_from(about.len() / SLOT as u64).unwrap_or(u32::MAX);
        let wrapping = XChaCha20Poly1305::new((&*key).into());
        let damaged = |number: u32| Failure::KeysDamaged { path: path.clone(), number };
        if end < 2 {
            return Err(damaged(end));
        }
        let names = match read_slot(&file, &path, 0)? {
            Slot::Key(nonce, wrapped) => {
                unwrap(&wrapping, 0, &nonce, &wrapped).ok_or_else(|| Failure::OtherKey { path: path.clone() })?
            }
            _ => return Err(damaged(0)),
        };
        let general = match read_slot(&file, &path, 1)? {
            Slot::Key(nonce, wrapped) => unwrap(&wrapping, 1, &nonce, &wrapped).ok_or_else(|| damaged(1))?,
            _ => return Err(damaged(1)),
        };
        let general = XChaCha20Poly1305::new((&*general).into());
        // Those of a batch that nobody had are not used after a stop: nobody knows which these are.
        let slots = Mutex::new(Slots { next: end, end });
        Ok(Keys { inner: Arc::new(Inner { path, wrapping, names, general, slots, file }) })
    }

    /// The key under which names are hashed.
    pub fn names(&self) -> &KeyBytes {
        &self.inner.names
    }

    /// A new key, durable.
    pub fn take(&self) -> Result<KeyId, Failure> {
        let mut slots = held(self.inner.slots.lock());
        if slots.next == slots.end {
            self.make(slots.end)?;
            slots.end += BATCH;
        }
        slots.next += 1;
        Ok(KeyId(slots.next - 1))
    }

    /// Makes a batch of keys from a slot on.
    fn make(&self, from: u32) -> Result<(), Failure> {
        let mut batch = Vec::with_capacity(BATCH as usize * SLOT);
        for number in from..from + BATCH {
            let (mut nonce, key) = ([0; NONCE], random()?);
            fill(&mut nonce)?;
            batch.extend(wrap(&self.inner.wrapping, number, KEY, &nonce, &key)?);
        }
        let written = self.inner.file.write_all_at(&batch, offset(from)).and_then(|()| self.inner.file.sync_data());
        written.map_err(Failure::io("write", &self.inner.path))
    }

    /// The cipher of a key; `None` where the key was taken away.
    pub fn cipher(&self, id: KeyId) -> Result<Option<XChaCha20Poly1305>, Failure> {
        if id == KeyId::GENERAL {
            return Ok(Some(self.inner.general.clone()));
        }
        match read_slot(&self.inner.file, &self.inner.path, id.0)? {
            Slot::Erased => Ok(None),
            Slot::Empty => Err(Failure::KeysDamaged { path: self.inner.path.clone(), number: id.0 }),
            Slot::Key(nonce, wrapped) => {
                let key = unwrap(&self.inner.wrapping, id.0, &nonce, &wrapped);
                let key = key.ok_or_else(|| Failure::KeysDamaged { path: self.inner.path.clone(), number: id.0 })?;
                Ok(Some(XChaCha20Poly1305::new((&*key).into())))
            }
        }
    }

    /// Takes keys away, for ever: what they sealed cannot be read any more.
    pub fn erase(&self, ids: &[KeyId]) -> Result<(), Failure> {
        let mut slot = [0; SLOT];
        slot[..8].copy_from_slice(ERASED);
        for id in ids.iter().filter(|id| **id > KeyId::GENERAL) {
            let written = self.inner.file.write_all_at(&slot, offset(id.0));
            written.map_err(Failure::io("write", &self.inner.path))?;
        }
        self.inner.file.sync_data().map_err(Failure::io("write", &self.inner.path))
    }

    /// Wraps every key of a file anew under another key. What was sealed stays as it is. The store must not be in use.
    fn rewrap(path: PathBuf, old: &KeyPlace, new: &KeyBytes) -> Result<(), Failure> {
        let keys = Keys::open(path, old, false)?;
        let wrapping = XChaCha20Poly1305::new((&**new).into());
        let mut all = Vec::new();
        for number in 0..held(keys.inner.slots.lock()).end {
            let kind = if number == 0 { HEAD } else { KEY };
            match read_slot(&keys.inner.file, &keys.inner.path, number)? {
                Slot::Erased => {
                    all.extend_from_slice(ERASED);
                    all.resize(all.len() + SLOT - 8, 0);
                }
                Slot::Empty => all.resize(all.len() + SLOT, 0),
                Slot::Key(nonce, wrapped) => {
                    let key = unwrap(&keys.inner.wrapping, number, &nonce, &wrapped);
                    let key = key.ok_or_else(|| Failure::KeysDamaged { path: keys.inner.path.clone(), number })?;
                    let mut nonce = [0; NONCE];
                    fill(&mut nonce)?;
                    all.extend(wrap(&wrapping, number, kind, &nonce, &key)?);
                }
            }
        }
        disk::write_whole(&keys.inner.path, &all)
    }
}

/// Which of a store's two files of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The store's.
    Store,
    /// The concerns'.
    Concerns,
}

/// Gives a store, or its concerns, a new key, written to `to`, else over the file of the old one; where that is. The store must not be in
/// use. Stopped in the middle, the store opens all the same: with the old key, or with the new one that lies beside it.
///
/// # Errors
/// [`Failure::InUse`], [`Failure::NoPlace`] where the key comes from no file and none is named, or the disk's.
pub fn rotate(store: &Path, whose: Whose, place: &KeyPlace, to: Option<&Path>) -> Result<PathBuf, Failure> {
    let _lock = home::lock(store)?;
    let path = match (to, place) {
        (Some(to), _) if to.exists() => return Err(Failure::InTheWay { path: to.to_path_buf() }),
        (Some(to), _) => to,
        (None, KeyPlace::File(path)) => path,
        (None, KeyPlace::Given(_)) => return Err(Failure::NoPlace),
    };
    let new = random()?;
    let draft = if to.is_some() { path.to_path_buf() } else { beside(path) };
    disk::write_whole(&draft, key_text(&new).as_bytes())?;
    let keys = match whose {
        Whose::Store => Keys::path(store),
        Whose::Concerns => Keys::path_of_concerns(store),
    };
    Keys::rewrap(keys, place, &new)?;
    if draft != path {
        fs::rename(&draft, path).map_err(Failure::io("put in place", path))?;
        path.parent().map_or(Ok(()), disk::sync_folder)?;
    }
    Ok(path.to_path_buf())
}

/// Where a new key lies until the keys are wrapped by it.
fn beside(path: &Path) -> PathBuf {
    path.with_added_extension("next")
}

/// Ends a rotation that a stop broke off: the keys are wrapped by the new key already, which lies beside the old one.
fn rotated(keys: PathBuf, place: &KeyPlace) -> Result<Option<Keys>, Failure> {
    let KeyPlace::File(path) = place else { return Ok(None) };
    let draft = beside(path);
    if !draft.exists() {
        return Ok(None);
    }
    let keys = Keys::read(keys, KeyPlace::File(draft.clone()).key(false)?)?;
    fs::rename(&draft, path).map_err(Failure::io("put in place", path))?;
    path.parent().map_or(Ok(()), disk::sync_folder)?;
    Ok(Some(keys))
}

/// The files of keys that one file was made of: the store's, and behind it the concerns', where there are any.
pub fn parted(both: &[u8]) -> (&[u8], &[u8]) {
    let heads = both.chunks(SLOT).enumerate().skip(1).find(|(_, slot)| slot.starts_with(HEAD));
    both.split_at(heads.map_or(both.len(), |(at, _)| at * SLOT))
}

/// What a slot holds.
enum Slot {
    Key([u8; NONCE], [u8; WRAPPED]),
    Erased,
    /// Nothing reached the disk before a stop: nobody had its key.
    Empty,
}

fn read_slot(file: &File, path: &Path, number: u32) -> Result<Slot, Failure> {
    let mut bytes = [0; SLOT];
    file.read_exact_at(&mut bytes, offset(number)).map_err(Failure::io("read", path))?;
    let kind = if number == 0 { HEAD } else { KEY };
    if bytes.starts_with(ERASED) {
        return Ok(Slot::Erased);
    }
    if bytes == [0; SLOT] {
        return Ok(Slot::Empty);
    }
    if !bytes.starts_with(kind) || bytes[SLOT - 8..] != sum(&bytes[..SLOT - 8]) {
        return Err(Failure::KeysDamaged { path: path.to_path_buf(), number });
    }
    let (mut nonce, mut wrapped) = ([0; NONCE], [0; WRAPPED]);
    nonce.copy_from_slice(&bytes[8..8 + NONCE]);
    wrapped.copy_from_slice(&bytes[8 + NONCE..SLOT - 8]);
    Ok(Slot::Key(nonce, wrapped))
}

fn slot(wrapping: &KeyBytes, number: u32, kind: &[u8; 8], key: &KeyBytes) -> Result<Vec<u8>, Failure> {
    let mut nonce = [0; NONCE];
    fill(&mut nonce)?;
    wrap(&XChaCha20Poly1305::new((&**wrapping).into()), number, kind, &nonce, key)
}

/// A slot's bytes. The number is sealed with the key, so that no slot can stand in another's place.
fn wrap(
    wrapping: &XChaCha20Poly1305,
    number: u32,
    kind: &[u8; 8],
    nonce: &[u8; NONCE],
    key: &KeyBytes,
) -> Result<Vec<u8>, Failure> {
    let payload = Payload { msg: &key[..], aad: &number.to_le_bytes() };
    let wrapped = wrapping.encrypt(nonce.into(), payload).map_err(|_| Failure::Sealing)?;
    let mut bytes = [&kind[..], nonce, &wrapped].concat();
    bytes.extend_from_slice(&sum(&bytes));
    Ok(bytes)
}

fn unwrap(wrapping: &XChaCha20Poly1305, number: u32, nonce: &[u8; NONCE], wrapped: &[u8]) -> Option<KeyBytes> {
    let payload = Payload { msg: wrapped, aad: &number.to_le_bytes() };
    let mut plain = wrapping.decrypt(nonce.into(), payload).ok()?;
    let key = <[u8; 32]>::try_from(&plain[..]).ok().map(Zeroizing::new);
    plain.zeroize();
    key
}

fn offset(number: u32) -> u64 {
    u64::from(number) * SLOT as u64
}

fn sum(bytes: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    sum.copy_from_slice(&Sha256::digest(bytes)[..8]);
    sum
}

fn random() -> Result<KeyBytes, Failure> {
    let mut key = KeyBytes::default();
    fill(&mut key[..])?;
    Ok(key)
}

/// Fills with random numbers of the system's.
pub fn fill(bytes: &mut [u8]) -> Result<(), Failure> {
    getrandom::fill(bytes).map_err(|error| Failure::Random { why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::store::testing::Folder;

    fn keys(store: &Path) -> Keys {
        Keys::open(Keys::path(store), &KeyPlace::beside(store), true).unwrap()
    }

    fn store(folder: &Folder) -> PathBuf {
        let store = folder.path().join("store");
        disk::make_folder(&store).unwrap();
        store
    }

    fn seals_for(one: &XChaCha20Poly1305, other: &XChaCha20Poly1305) -> bool {
        let sealed = one.encrypt(&[7; NONCE].into(), &b"a form"[..]).unwrap();
        other.decrypt(&[7; NONCE].into(), &sealed[..]).is_ok()
    }

    #[test]
    fn each_key_is_another_and_the_same_after_a_start() {
        let folder = Folder::new();
        let store = store(&folder);
        let first = keys(&store);
        let ids: Vec<KeyId> = (0..BATCH + 3).map(|_| first.take().unwrap()).collect();
        assert!(ids.iter().all(|id| *id > KeyId::GENERAL) && ids.is_sorted());
        let cipher = |keys: &Keys, id| keys.cipher(id).unwrap().unwrap();
        assert!(!seals_for(&cipher(&first, ids[0]), &cipher(&first, ids[1])));
        let again = keys(&store);
        assert_eq!(first.names(), again.names());
        for id in ids.iter().chain([&KeyId::GENERAL]) {
            assert!(seals_for(&cipher(&first, *id), &cipher(&again, *id)));
        }
        assert!(again.take().unwrap() > ids[ids.len() - 1], "none is handed out twice");
    }

    #[test]
    fn what_was_erased_is_gone_and_nothing_else() {
        let folder = Folder::new();
        let store = store(&folder);
        let keys = keys(&store);
        let (one, other) = (keys.take().unwrap(), keys.take().unwrap());
        keys.erase(&[one, KeyId::GENERAL]).unwrap();
        assert!(keys.cipher(one).unwrap().is_none() && keys.cipher(other).unwrap().is_some());
        assert!(keys.cipher(KeyId::GENERAL).unwrap().is_some(), "never the general one");
        let bytes = fs::read(Keys::path(&store)).unwrap();
        let slot = &bytes[one.0 as usize * SLOT..][..SLOT];
        assert!(slot[8..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_store_of_another_key_or_of_none_is_refused() {
        let folder = Folder::new();
        let store = store(&folder);
        drop(keys(&store));
        let KeyPlace::File(path) = KeyPlace::beside(&store) else { unreachable!() };
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let right = fs::read(&path).unwrap();
        let refused = || Keys::open(Keys::path(&store), &KeyPlace::beside(&store), false).unwrap_err();
        disk::write_whole(&path, key_text(&random().unwrap()).as_bytes()).unwrap();
        assert!(matches!(refused(), Failure::OtherKey { .. }));
        disk::write_whole(&path, b"open sesame\n").unwrap();
        assert!(matches!(refused(), Failure::OddKey { .. }));
        fs::remove_file(&path).unwrap();
        assert!(matches!(refused(), Failure::NoKey { .. }));
        disk::write_whole(&path, &right).unwrap();
        fs::remove_file(Keys::path(&store)).unwrap();
        assert!(matches!(refused(), Failure::KeysMissing { .. }));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new();
        let store = store(&folder);
        drop(keys(&store));
        let KeyPlace::File(path) = KeyPlace::beside(&store) else { unreachable!() };
        for path in [path, Keys::path(&store)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            let refused = Keys::open(Keys::path(&store), &KeyPlace::beside(&store), false).unwrap_err();
            assert!(matches!(refused, Failure::Open { .. }), "{refused}");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    #[test]
    fn wrapped_anew_the_keys_are_the_same() {
        let folder = Folder::new();
        let store = store(&folder);
        let before = keys(&store);
        let (kept, gone) = (before.take().unwrap(), before.take().unwrap());
        before.erase(&[gone]).unwrap();
        let new = random().unwrap();
        Keys::rewrap(Keys::path(&store), &KeyPlace::beside(&store), &new).unwrap();
        assert!(matches!(
            Keys::open(Keys::path(&store), &KeyPlace::beside(&store), false),
            Err(Failure::OtherKey { .. })
        ));
        let after = Keys::open(Keys::path(&store), &KeyPlace::Given(new), false).unwrap();
        assert_eq!(before.names(), after.names());
        assert!(seals_for(&before.cipher(kept).unwrap().unwrap(), &after.cipher(kept).unwrap().unwrap()));
        assert!(after.cipher(gone).unwrap().is_none());
    }

    #[test]
    fn a_new_key_takes_the_old_ones_place_also_after_a_stop_in_the_middle() {
        let folder = Folder::new();
        let store = store(&folder);
        let place = KeyPlace::beside(&store);
        let before = keys(&store);
        let id = before.take().unwrap();
        let KeyPlace::File(path) = &place else { unreachable!() };
        let old = fs::read(path).unwrap();
        assert_eq!(&rotate(&store, Whose::Store, &place, None).unwrap(), path);
        assert!(fs::read(path).unwrap() != old && !beside(path).exists());
        // Stopped before the new key had its name, and before the keys were wrapped by it.
        fs::rename(path, beside(path)).unwrap();
        disk::write_whole(path, &old).unwrap();
        let after = Keys::open(Keys::path(&store), &place, false).unwrap();
        assert!(seals_for(&before.cipher(id).unwrap().unwrap(), &after.cipher(id).unwrap().unwrap()));
        assert!(!beside(path).exists());
        disk::write_whole(&beside(path), key_text(&random().unwrap()).as_bytes()).unwrap();
        drop(Keys::open(Keys::path(&store), &place, false).unwrap());
        let elsewhere = folder.path().join("elsewhere.key");
        rotate(&store, Whose::Store, &place, Some(&elsewhere)).unwrap();
        assert!(matches!(rotate(&store, Whose::Store, &place, Some(&elsewhere)), Err(Failure::InTheWay { .. })));
        drop(Keys::open(Keys::path(&store), &KeyPlace::File(elsewhere), false).unwrap());
        assert!(matches!(rotate(&store, Whose::Store, &KeyPlace::forgotten().unwrap(), None), Err(Failure::NoPlace)));
    }

    #[test]
    fn damage_to_a_slot_is_told_and_a_moved_slot_is_damage() {
        let folder = Folder::new();
        let store = store(&folder);
        let keys = keys(&store);
        let (one, other) = (keys.take().unwrap(), keys.take().unwrap());
        let file = OpenOptions::new().read(true).write(true).open(Keys::path(&store)).unwrap();
        let mut slot = [0; SLOT];
        file.read_exact_at(&mut slot, offset(one.0)).unwrap();
        file.write_all_at(&slot, offset(other.0)).unwrap();
        assert!(matches!(keys.cipher(other), Err(Failure::KeysDamaged { .. })));
        slot[40] ^= 1;
        file.write_all_at(&slot, offset(one.0)).unwrap();
        assert!(matches!(keys.cipher(one), Err(Failure::KeysDamaged { .. })));
    }
}
