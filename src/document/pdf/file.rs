//! A PDF file opened: its objects, with every inflated byte counted.
//!
//! Comes in: bytes and a [`Budget`]. Goes out: [`File`], or why it cannot be opened. Asks for an object by key or reference, as
//! numbers, words or bytes; none of them is trusted to be what it should be. Knows nothing of what is drawn.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, Object, Stream};

use super::super::{Budget, TOO_SLOW, Trouble};

pub(super) const CORRUPT: Trouble = Trouble::new("corrupt", "The file is damaged.");
pub(super) const TOO_LARGE: Trouble = Trouble::new("too_large", "The file is larger than is read.");
pub(super) const PASSWORD: Trouble = Trouble::new("password_protected", "The file is protected with a password.");

/// Most that one stream may inflate to.
const STREAM_MAX: usize = 32 << 20;
/// What a letter of a field costs of what may be inflated: it is kept in several places.
const LETTER_COST: u64 = 4;

/// An open file.
pub(super) struct File {
    document: lopdf::Document,
}

impl File {
    /// Opens a file; one that only an owner's password protects is open to readers.
    pub fn open(bytes: &[u8], budget: &mut Budget) -> Result<File, Trouble> {
        let document = super::load::load(bytes, budget)?;
        if document.objects.is_empty() {
            return Err(CORRUPT);
        }
        Ok(File { document })
    }

    /// The pages in order; every page that is there where none are listed. `many` at most.
    pub fn pages(&self, many: usize) -> Vec<&Dictionary> {
        let mut out = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting: Vec<&Object> =
            self.catalog().and_then(|catalog| catalog.get(b"Pages").ok()).into_iter().collect();
        while let Some(object) = waiting.pop() {
            let node = self.real(object).and_then(as_dictionary);
            let Some(node) = node.filter(|node| seen.insert(std::ptr::from_ref(*node))) else { continue };
            match node.get(b"Kids").ok().and_then(|kids| self.real(kids)) {
                Some(Object::Array(kids)) => waiting.extend(kids.iter().rev()),
                _ => out.push(node),
            }
            if out.len() >= many {
                return out;
            }
        }
        if out.is_empty() {
            let all = self.document.objects.values().filter_map(as_dictionary);
            out = all.filter(|dictionary| dictionary.has_type(b"Page")).take(many).collect();
        }
        out
    }

    /// Its objects, for what writes them anew.
    pub fn into_document(self) -> lopdf::Document {
        self.document
    }

    /// The catalogue.
    pub fn catalog(&self) -> Option<&Dictionary> {
        self.document.catalog().ok()
    }

    /// An object, behind its references.
    pub fn real<'a>(&'a self, object: &'a Object) -> Option<&'a Object> {
        self.document.dereference(object).ok().map(|(_, object)| object)
    }

    /// The value of a key, behind its references.
    pub fn get<'a>(&'a self, dictionary: &'a Dictionary, key: &str) -> Option<&'a Object> {
        self.real(dictionary.get(key.as_bytes()).ok()?).filter(|object| !object.is_null())
    }

    /// The dictionary of a key; that of a stream counts.
    pub fn dictionary<'a>(&'a self, dictionary: &'a Dictionary, key: &str) -> Option<&'a Dictionary> {
        self.get(dictionary, key).and_then(as_dictionary)
    }

    /// The array of a key, its elements behind their references.
    pub fn array<'a>(&'a self, dictionary: &'a Dictionary, key: &str) -> Option<Vec<&'a Object>> {
        let array = self.get(dictionary, key)?.as_array().ok()?;
        Some(array.iter().filter_map(|object| self.real(object)).collect())
    }

    /// The numbers of an array.
    pub fn numbers(&self, dictionary: &Dictionary, key: &str) -> Option<Vec<f32>> {
        Some(self.array(dictionary, key)?.into_iter().filter_map(number).collect())
    }

    /// The name of a key.
    pub fn name<'a>(&'a self, dictionary: &'a Dictionary, key: &str) -> Option<&'a [u8]> {
        self.get(dictionary, key)?.as_name().ok()
    }

    /// The whole number of a key.
    pub fn integer(&self, dictionary: &Dictionary, key: &str) -> Option<i64> {
        self.get(dictionary, key).and_then(number).map(|value| value as i64)
    }

    /// The words of a key: PDFDocEncoding, UTF-16 or UTF-8, a string or a stream of them.
    pub fn text(&self, dictionary: &Dictionary, key: &str, budget: &mut Budget) -> Option<String> {
        self.words(self.get(dictionary, key)?, budget)
    }

    /// The words of a string or a stream; they count as inflated, for one string may stand in many places.
    pub fn words(&self, object: &Object, budget: &mut Budget) -> Option<String> {
        let text = match object {
            Object::String(bytes, _) => decoded(bytes.clone()),
            Object::Name(name) => Some(String::from_utf8_lossy(name).into_owned()),
            Object::Stream(stream) => self.inflate(stream, budget).ok().and_then(decoded),
            _ => None,
        }?;
        let cost = text.len() as u64 * LETTER_COST;
        let left = budget.inflated_bytes.checked_sub(cost);
        budget.inflated_bytes = left.unwrap_or(0);
        left.map(|_| text)
    }

    /// A stream's bytes, counted.
    pub fn inflate(&self, stream: &Stream, budget: &mut Budget) -> Result<Vec<u8>, Trouble> {
        inflate(stream, budget)
    }
}

/// A stream's bytes, counted.
pub(super) fn inflate(stream: &Stream, budget: &mut Budget) -> Result<Vec<u8>, Trouble> {
    if budget.deadline.has_passed() {
        return Err(TOO_SLOW);
    }
    let left = usize::try_from(budget.inflated_bytes).unwrap_or(usize::MAX).min(STREAM_MAX);
    let inflated = catch_unwind(AssertUnwindSafe(|| stream.decompressed_content_with_limit(left)));
    match inflated.map_err(|_| CORRUPT)? {
        Ok(bytes) => {
            budget.inflated_bytes = budget.inflated_bytes.saturating_sub(bytes.len() as u64);
            Ok(bytes)
        }
        Err(lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. })) => {
            budget.inflated_bytes = 0;
            Err(TOO_LARGE)
        }
        Err(_) => Err(CORRUPT),
    }
}

/// A trouble that ends the reading of the file, and not of one stream alone.
pub(super) fn is_final(trouble: &Trouble) -> bool {
    *trouble == TOO_LARGE || *trouble == TOO_SLOW
}

/// PDFDocEncoding, UTF-16 or UTF-8.
fn decoded(bytes: Vec<u8>) -> Option<String> {
    let string = Object::String(bytes, lopdf::StringFormat::Literal);
    let text = catch_unwind(AssertUnwindSafe(|| lopdf::decode_text_string(&string).ok())).ok().flatten();
    text.map(|text| plain(&text))
}

/// The dictionary itself, or that of a stream.
pub(super) fn as_dictionary(object: &Object) -> Option<&Dictionary> {
    match object {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(&stream.dict),
        _ => None,
    }
}

/// A number of either kind.
pub(super) fn number(object: &Object) -> Option<f32> {
    object.as_float().ok().filter(|value| value.is_finite())
}

/// Line ends as `\n`, without the escapes that name a language and without other control characters.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.replace("\r\n", "\n").replace('\r', "\n").trim_start_matches('\u{feff}').chars() {
        match c {
            '\u{1b}' => escaped = !escaped,
            _ if escaped => {}
            '\n' | '\t' => out.push(c),
            _ if c.is_control() => {}
            _ => out.push(c),
        }
    }
    out
}
