//! A PDF file opened: its objects, with every inflated byte counted.
//!
//! Comes in: bytes and a [`Budget`]. Goes out: [`File`], or why it cannot be opened. lopdf bounds one stream and the nesting of
//! objects, and repairs a damaged cross-reference table; the sum over all streams is bounded here, before it begins and after.
//! Knows nothing of pages.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, LoadOptions, Object, Stream};

use super::super::{Budget, Trouble};

pub(super) const CORRUPT: Trouble = Trouble::new("corrupt", "The file is damaged.");
pub(super) const TOO_LARGE: Trouble = Trouble::new("too_large", "The file is larger than is read.");
const PASSWORD: Trouble = Trouble::new("password_protected", "The file is protected with a password.");

/// Most that one stream may inflate to.
const STREAM_MAX: usize = 32 << 20;

/// An open file.
pub(super) struct File {
    document: lopdf::Document,
}

impl File {
    /// Opens a file; one that only an owner's password protects is open to readers.
    pub fn open(bytes: &[u8], budget: &mut Budget) -> Result<File, Trouble> {
        let begin = bytes.windows(5).take(1024).position(|five| five == b"%PDF-").unwrap_or(0);
        let bytes = &bytes[begin..];
        let options = LoadOptions {
            password: None,
            max_decompressed_size: Some(load_limit(bytes, budget)),
            ..LoadOptions::default()
        };
        let loaded = catch_unwind(AssertUnwindSafe(|| lopdf::Document::load_mem_with_options(bytes, options)));
        let document = match loaded.map_err(|_| CORRUPT)? {
            Ok(document) => document,
            Err(lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_)) => return Err(PASSWORD),
            Err(lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. })) => return Err(TOO_LARGE),
            Err(_) => return Err(if declares_encryption(bytes) { PASSWORD } else { CORRUPT }),
        };
        if document.is_encrypted() && document.encryption_state.is_none() {
            return Err(PASSWORD);
        }
        let file = File { document };
        // What was inflated on loading is counted afterwards.
        for object in file.document.objects.values() {
            if let Object::Stream(stream) = object
                && (stream.dict.has_type(b"ObjStm") || stream.dict.has_type(b"XRef"))
            {
                file.inflate(stream, budget)?;
            }
        }
        Ok(file)
    }

    /// The pages in order.
    pub fn pages(&self) -> impl Iterator<Item = lopdf::ObjectId> + '_ {
        self.document.page_iter()
    }

    /// The catalogue.
    pub fn catalog(&self) -> Option<&Dictionary> {
        self.document.catalog().ok()
    }

    /// An object, behind its references.
    pub fn real<'a>(&'a self, object: &'a Object) -> Option<&'a Object> {
        self.document.dereference(object).ok().map(|(_, object)| object)
    }

    /// An object by its number.
    pub fn object(&self, id: lopdf::ObjectId) -> Option<&Object> {
        self.document.get_object(id).ok()
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

    /// The words of a string or a stream.
    pub fn words(&self, object: &Object, budget: &mut Budget) -> Option<String> {
        match object {
            Object::String(..) => lopdf::decode_text_string(object).ok().map(|text| plain(&text)),
            Object::Name(name) => Some(String::from_utf8_lossy(name).into_owned()),
            Object::Stream(stream) => {
                let bytes = self.inflate(stream, budget).ok()?;
                let string = Object::String(bytes, lopdf::StringFormat::Literal);
                lopdf::decode_text_string(&string).ok().map(|text| plain(&text))
            }
            _ => None,
        }
    }

    /// A stream's bytes, counted.
    pub fn inflate(&self, stream: &Stream, budget: &mut Budget) -> Result<Vec<u8>, Trouble> {
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

/// Most that one stream may inflate to while the file is loaded, so that all together keep within the budget.
pub(super) fn load_limit(bytes: &[u8], budget: &Budget) -> usize {
    let left = usize::try_from(budget.inflated_bytes).unwrap_or(usize::MAX);
    (left / inflated_on_load(bytes).max(1)).min(STREAM_MAX)
}

/// How many streams may be inflated while the file is loaded. A name that is written with escapes hides from a search: then every
/// stream counts.
fn inflated_on_load(bytes: &[u8]) -> usize {
    let count = |wanted: &[u8]| bytes.windows(wanted.len()).filter(|window| *window == wanted).count();
    let escaped = bytes
        .windows(3)
        .any(|three| three[0] == b'#' && matches!(three[1], b'4'..=b'7') && three[2].is_ascii_hexdigit());
    let named = count(b"ObjStm") + count(b"XRef");
    if escaped { named + count(b"stream") } else { named }
}

fn declares_encryption(bytes: &[u8]) -> bool {
    bytes.windows(8).any(|window| window == b"/Encrypt")
}
