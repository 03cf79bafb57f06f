//! Compound files (CFB, the container of old Office files, of encrypted new ones and of Outlook's messages): what lies in one.
//!
//! Comes in: the bytes. Goes out: what the streams' names say the file is, and single streams, each bounded and counted.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use super::{Budget, Contents, Trouble, doc, msg};

/// Bytes of one stream.
const STREAM_MAX: u64 = 30 << 20;
/// Entries of one file: a message with its recipients and attachments has some thousands.
const ENTRIES_MAX: usize = 50_000;
/// Bytes of a file that is opened at all.
const FILE_MAX: usize = 64 << 20;

const CORRUPT: Trouble = Trouble::new("corrupt", "The file is damaged.");
const TOO_LARGE: Trouble = Trouble::new("too_large", "The file has more in it than is read.");
const PASSWORD: Trouble = Trouble::new("password_protected", "The file is protected with a password.");
const RIGHTS: Trouble = Trouble::new("password_protected", "The file is encrypted by rights management.");
const OFFICE: Trouble = Trouble::new("unsupported_format", "Spreadsheets and presentations are not read.");
const UNKNOWN: Trouble = Trouble::new("unsupported_format", "The file is of a kind that is not read.");

/// An opened compound file.
pub(super) struct Compound<'a> {
    file: CompoundFile<Cursor<&'a [u8]>>,
}

/// Reads a compound file as what it holds.
///
/// # Errors
/// corrupt, password_protected, unsupported_format, and those of the readers of .doc and .msg.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Contents, Trouble> {
    let mut compound = Compound::open(bytes)?;
    if compound.has("EncryptedPackage") {
        let rights = compound.has("\u{6}DataSpaces/DataSpaceInfo/DRMEncryptedDataSpace")
            || compound.has("\u{6}DataSpaces/TransformInfo/DRMEncryptedTransform");
        return Err(if rights { RIGHTS } else { PASSWORD });
    }
    if compound.has("\u{9}DRMContent") {
        return Err(RIGHTS);
    }
    if compound.has("WordDocument") {
        return doc::read(&mut compound, budget).map(Contents::Document);
    }
    if compound.has("__properties_version1.0") {
        return msg::read(&mut compound, budget).map(Contents::Mail);
    }
    let sheets = ["Workbook", "Book", "PowerPoint Document"];
    Err(if sheets.iter().any(|name| compound.has(name)) { OFFICE } else { UNKNOWN })
}

impl<'a> Compound<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Compound<'a>, Trouble> {
        if bytes.len() > FILE_MAX {
            return Err(TOO_LARGE);
        }
        let file = CompoundFile::open(Cursor::new(bytes)).map_err(|_| CORRUPT)?;
        if file.walk().take(ENTRIES_MAX + 1).count() > ENTRIES_MAX {
            return Err(TOO_LARGE);
        }
        Ok(Compound { file })
    }

    pub fn has(&self, path: &str) -> bool {
        self.file.exists(path)
    }

    /// The paths of a storage's storages, in the order of their names.
    pub fn storages(&self, path: &str) -> Vec<String> {
        let entries = self.file.read_storage(path).into_iter().flatten().filter(cfb::Entry::is_storage);
        entries.filter_map(|entry| entry.path().to_str().map(str::to_owned)).collect()
    }

    /// A stream's bytes; None where there is no such stream.
    ///
    /// # Errors
    /// corrupt, too_large.
    pub fn stream(&mut self, path: &str, budget: &mut Budget) -> Result<Option<Vec<u8>>, Trouble> {
        if !self.file.is_stream(path) {
            return Ok(None);
        }
        let stream = self.file.open_stream(path).map_err(|_| CORRUPT)?;
        let most = STREAM_MAX.min(budget.inflated_bytes);
        let mut bytes = Vec::new();
        stream.take(most + 1).read_to_end(&mut bytes).map_err(|_| CORRUPT)?;
        budget.inflated_bytes = budget.inflated_bytes.saturating_sub(bytes.len() as u64);
        if bytes.len() as u64 > most { Err(TOO_LARGE) } else { Ok(Some(bytes)) }
    }
}
