//! The objects of a file, found by looking through it from its beginning to its end.
//!
//! Comes in: bytes and a [`Budget`]. Goes out: a [`lopdf::Document`] of the objects that are used for reading, deciphered where no
//! password is needed. The cross-reference table is not asked: every byte is parsed once, whatever a table says, so no table, chain
//! or wrong offset makes a file dear, and a damaged table harms nothing. What was written later replaces what was written before,
//! as in a file that was saved in increments. Objects, bytes and time are counted (M17). Knows nothing of pages.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, EncryptionState, Object, ObjectId, Stream};

use super::super::{Budget, TOO_SLOW, Trouble};
use super::file::{CORRUPT, PASSWORD, TOO_LARGE, inflate};
use super::parse::Parser;

/// Arrays, dictionaries, numbers and strings of one file; each takes some 200 bytes.
const NODES_MAX: usize = 400_000;
/// What the object number of a file may be.
const NUMBER_MAX: u32 = 8_388_607;

/// Finds a file's objects.
pub(super) fn load(bytes: &[u8], budget: &mut Budget) -> Result<lopdf::Document, Trouble> {
    let mut loader = Loader { document: lopdf::Document::new(), nodes: NODES_MAX, places: HashMap::new() };
    loader.scan(bytes, budget)?;
    loader.decipher()?;
    loader.open_streams(budget)?;
    loader.find_root();
    Ok(loader.document)
}

struct Loader {
    document: lopdf::Document,
    /// Nodes that may still come.
    nodes: usize,
    /// Where in the file an object stands, by its number.
    places: HashMap<u32, usize>,
}

/// The next place of a word, looked for once however often it is asked for.
struct Next {
    word: &'static [u8],
    found: Option<usize>,
}

impl Next {
    fn of(word: &'static [u8]) -> Next {
        Next { word, found: None }
    }

    /// At or after `from`, which never goes back; the end of the file where there is none.
    fn after(&mut self, bytes: &[u8], from: usize) -> usize {
        if let Some(at) = self.found.filter(|at| *at >= from) {
            return at;
        }
        let mut at = from;
        while let Some(next) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == self.word[0])) {
            at += next;
            if bytes[at..].starts_with(self.word) {
                self.found = Some(at);
                return at;
            }
            at += 1;
        }
        self.found = Some(bytes.len());
        bytes.len()
    }
}

impl Loader {
    fn scan(&mut self, bytes: &[u8], budget: &Budget) -> Result<(), Trouble> {
        let (mut objects, mut trailers) = (Next::of(b"obj"), Next::of(b"trailer"));
        let (mut ends, mut stream_ends) = (Next::of(b"endobj"), Next::of(b"endstream"));
        let mut at = 0;
        while at < bytes.len() {
            if budget.deadline.has_passed() {
                return Err(TOO_SLOW);
            }
            let (object, trailer) = (objects.after(bytes, at), trailers.after(bytes, at));
            if trailer < object {
                let mut parser = Parser::new(&bytes[trailer + 7..ends.after(bytes, trailer)], &mut self.nodes);
                let value = parser.object();
                at = trailer + 7 + parser.at();
                if let Some(Object::Dictionary(dictionary)) = value {
                    self.trailer(&dictionary);
                }
                continue;
            }
            if object == bytes.len() {
                break;
            }
            let Some(id) = number_before(bytes, object) else {
                at = object + 3;
                continue;
            };
            let begin = object + 3;
            let end = ends.after(bytes, begin);
            let nodes = self.nodes;
            let mut parser = Parser::new(&bytes[begin..end], &mut self.nodes);
            let value = parser.object();
            let stream = parser.stream();
            at = begin + parser.at();
            match (value, stream) {
                (Some(Object::Dictionary(dictionary)), Some(from)) => {
                    let from = begin + from;
                    let to = self.stream_end(bytes, &dictionary, from, &mut stream_ends);
                    self.stream(id, object, dictionary, &bytes[from..to]);
                    at = to;
                }
                (Some(Object::Dictionary(dictionary)), _) if dictionary.has_type(b"StructElem") => self.nodes = nodes,
                (Some(value), _) => self.place(id, object, value),
                (None, _) => {}
            }
            if self.nodes == 0 {
                return Err(TOO_LARGE);
            }
        }
        Ok(())
    }

    fn place(&mut self, id: ObjectId, at: usize, value: Object) {
        self.places.insert(id.0, at);
        self.document.objects.insert(id, value);
    }

    /// What later trailers say replaces what earlier ones said.
    fn trailer(&mut self, dictionary: &Dictionary) {
        for key in [&b"Root"[..], b"Encrypt", b"ID"] {
            if let Ok(value) = dictionary.get(key) {
                self.document.trailer.set(key, value.clone());
            }
        }
    }

    /// By the length where that leads to the end of a stream, else by the next end.
    fn stream_end(&self, bytes: &[u8], dictionary: &Dictionary, from: usize, ends: &mut Next) -> usize {
        let length = match dictionary.get(b"Length") {
            Ok(Object::Reference(id)) => self.document.objects.get(id).and_then(|length| length.as_i64().ok()),
            Ok(length) => length.as_i64().ok(),
            Err(_) => None,
        };
        let stated = length.and_then(|length| from.checked_add(usize::try_from(length).ok()?));
        if let Some(to) = stated.filter(|to| *to <= bytes.len()) {
            let rest = bytes[to..].trim_ascii_start();
            if rest.starts_with(b"endstream") && bytes.len() - to - rest.len() < 16 {
                return to;
            }
        }
        let to = ends.after(bytes, from);
        let line = bytes[from..to].strip_suffix(b"\n").unwrap_or(&bytes[from..to]);
        from + line.strip_suffix(b"\r").unwrap_or(line).len()
    }

    /// Keeps a stream; pictures, fonts' outlines and cross-references are never looked into.
    fn stream(&mut self, id: ObjectId, at: usize, dictionary: Dictionary, bytes: &[u8]) {
        if dictionary.has_type(b"XRef") {
            self.trailer(&dictionary);
            return;
        }
        let picture = dictionary.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Image");
        let unused = picture || dictionary.has(b"Length1") || dictionary.has_type(b"Metadata");
        let content = if unused { Vec::new() } else { bytes.to_vec() };
        let stream = Stream { dict: dictionary, content, allows_compression: false, start_position: None };
        self.place(id, at, Object::Stream(stream));
    }

    /// Deciphers with the empty password, which is that of files that only an owner's password protects.
    fn decipher(&mut self) -> Result<(), Trouble> {
        let Ok(cipher) = self.document.trailer.get(b"Encrypt").cloned() else { return Ok(()) };
        let id = match cipher {
            Object::Reference(id) => id,
            direct => {
                let id = (NUMBER_MAX + 1, 0);
                self.document.objects.insert(id, direct);
                self.document.trailer.set("Encrypt", Object::Reference(id));
                id
            }
        };
        let document = &mut self.document;
        let opened = catch_unwind(AssertUnwindSafe(|| {
            document.authenticate_user_password("").ok()?;
            let state = EncryptionState::decode(document, "").ok()?;
            for (own, object) in document.objects.iter_mut().filter(|(own, _)| **own != id) {
                // What is damaged is read as far as it was deciphered.
                let _ = lopdf::encryption::decrypt_object(&state, *own, object);
            }
            Some(())
        }));
        opened.ok().flatten().ok_or(PASSWORD)?;
        self.document.objects.remove(&id);
        self.document.trailer.remove(b"Encrypt");
        Ok(())
    }

    /// Takes the objects out of object streams.
    fn open_streams(&mut self, budget: &mut Budget) -> Result<(), Trouble> {
        let is_container = |object: &Object| object.as_stream().is_ok_and(|stream| stream.dict.has_type(b"ObjStm"));
        let ids: Vec<ObjectId> =
            self.document.objects.iter().filter(|(_, object)| is_container(object)).map(|(id, _)| *id).collect();
        let mut containers: Vec<(usize, ObjectId)> =
            ids.into_iter().map(|id| (self.places.get(&id.0).copied().unwrap_or(0), id)).collect();
        containers.sort_unstable();
        for (place, id) in containers {
            let Some(Object::Stream(stream)) = self.document.objects.remove(&id) else { continue };
            match inflate(&stream, budget) {
                Ok(bytes) => self.open_stream(place, &stream.dict, &bytes, budget)?,
                Err(trouble) if trouble == CORRUPT => {}
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(())
    }

    fn open_stream(&mut self, place: usize, dict: &Dictionary, bytes: &[u8], budget: &Budget) -> Result<(), Trouble> {
        let whole =
            |key: &[u8]| dict.get(key).and_then(Object::as_i64).ok().and_then(|value| usize::try_from(value).ok());
        let Some(first) = whole(b"First").filter(|first| *first <= bytes.len()) else { return Ok(()) };
        let numbers: Vec<u32> = bytes[..first]
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
            .map_while(|word| std::str::from_utf8(word).ok()?.parse().ok())
            .collect();
        for pair in numbers.chunks_exact(2) {
            if self.nodes == 0 {
                return Err(TOO_LARGE);
            }
            if budget.deadline.has_passed() {
                return Err(TOO_SLOW);
            }
            let newer = self.places.get(&pair[0]).is_some_and(|other| *other > place);
            let Some(rest) = bytes.get(first.saturating_add(pair[1] as usize)..).filter(|_| !newer) else { continue };
            let nodes = self.nodes;
            match Parser::new(rest, &mut self.nodes).object() {
                Some(Object::Dictionary(dictionary)) if dictionary.has_type(b"StructElem") => {
                    // Each is paid for, so that one that is listed a thousand times is not free.
                    self.nodes = nodes - (nodes - self.nodes).div_ceil(8);
                }
                Some(value) if pair[0] <= NUMBER_MAX => self.place((pair[0], 0), place, value),
                _ => {}
            }
        }
        Ok(())
    }

    /// Where no trailer leads to a catalogue, the last catalogue is taken.
    fn find_root(&mut self) {
        if self.document.catalog().is_ok() {
            return;
        }
        let is_catalog = |object: &Object| object.as_dict().is_ok_and(|dictionary| dictionary.has_type(b"Catalog"));
        let found = self.document.objects.iter().rfind(|(_, object)| is_catalog(object)).map(|(id, _)| *id);
        if let Some(id) = found {
            self.document.trailer.set("Root", Object::Reference(id));
        }
    }
}

/// `12 0` before `obj`.
fn number_before(bytes: &[u8], at: usize) -> Option<ObjectId> {
    let before = bytes.get(..at)?;
    let before = &before[before.len().saturating_sub(40)..];
    let (rest, generation) = digits_at_end(before.trim_ascii_end())?;
    let spaced = rest.trim_ascii_end();
    let (_, number) = digits_at_end(spaced).filter(|_| spaced.len() < rest.len())?;
    let number = u32::try_from(number).ok().filter(|number| *number <= NUMBER_MAX)?;
    Some((number, u16::try_from(generation).ok()?))
}

fn digits_at_end(bytes: &[u8]) -> Option<(&[u8], u64)> {
    let digits = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (rest, digits) = bytes.split_at(bytes.len() - digits);
    let value = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((rest, value))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::Stopwatch;
    use crate::message::Limits;

    fn loaded(text: &str) -> Result<lopdf::Document, Trouble> {
        load(text.as_bytes(), &mut Budget::new(&Limits::default()))
    }

    #[test]
    fn later_objects_replace_earlier_ones() {
        let document = loaded(
            "%PDF-1.4\n1 0 obj<</Type/Catalog/A 1>>endobj 2 0 obj (a) endobj\ntrailer<</Root 1 0 R>>\n\
             1 0 obj<</Type/Catalog/A 2>>endobj 3 0 obj <</Length 4 0 R>> stream\n9 0 obj 1 endobj\nendstream endobj 4 0 obj 15 endobj",
        )
        .unwrap();
        assert_eq!(document.catalog().unwrap().get(b"A").unwrap().as_i64().unwrap(), 2);
        assert_eq!(document.objects[&(3, 0)].as_stream().unwrap().content, b"9 0 obj 1 endobj");
        assert!(!document.objects.contains_key(&(9, 0)));
    }

    /// M17: the objects of a file and of its object streams are counted, whatever points to them.
    #[test]
    fn objects_are_counted() {
        assert_eq!(loaded(&format!("1 0 obj [{}] endobj", "0 ".repeat(NODES_MAX + 1))).err(), Some(TOO_LARGE));
        let index: String = (0..5_000).map(|number| format!("{number} 0 ")).collect();
        let bomb = format!(
            "1 0 obj<</Type/ObjStm/N 5000/First {}/Length 1>>stream\n{index}[{}]\nendstream endobj",
            index.len(),
            "0 ".repeat(20_000)
        );
        assert_eq!(loaded(&bomb).err(), Some(TOO_LARGE));
    }

    #[test]
    fn unclosed_things_are_looked_through_once() {
        for piece in ["1 0 obj ", "1 0 obj<</A[", "1 0 obj (", "trailer<<", "1 0 obj<<>>stream\n", "obj "] {
            let watch = Stopwatch::start();
            let _ = loaded(&piece.repeat(200_000));
            assert!(watch.elapsed() < Duration::from_secs(10), "{piece}");
        }
    }
}
