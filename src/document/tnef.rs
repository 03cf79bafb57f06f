//! Outlook's winmail.dat (TNEF, MS-OXTNEF) to the files within it: attachments, and the mail's own text (M14).
//!
//! Comes in: the bytes. Goes out: files with names, the mail's text as one of them; a message within a message is a winmail.dat again.
//! Records: level, id, length, data, checksum. Lengths are checked against what is there; a broken record ends the reading, and is named
//! beside what was read before it. Checksums are not asked: damaged data shows in the file itself.

use super::msg::decode_page;
use super::{Budget, Trouble, code_page, lzfu, rtf};

const CORRUPT: Trouble = Trouble::new("corrupt", "The winmail.dat is damaged.");

const ATTACH_REND_DATA: u32 = 0x0006_9002;
const ATTACH_TITLE: u32 = 0x0001_8010;
const ATTACH_DATA: u32 = 0x0006_800f;
const ATTACH_PROPERTIES: u32 = 0x0006_9005;
const BODY: u32 = 0x0002_800c;
const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
const CODE_PAGE: u32 = 0x0006_9007;

const LONG_NAME: u16 = 0x3707;
const DATA_OBJECT: u16 = 0x3701;
const PLAIN_BODY: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;
const BODY_CODE_PAGE: u16 = 0x3fde;

/// The type of a property of bytes.
const BINARY: u16 = 0x0102;

/// Attachments that are taken out.
const FILES_MAX: usize = 100;

/// A file's name with its bytes, or with why it could not be taken out.
type File = (String, Result<Vec<u8>, Trouble>);

#[derive(Default)]
struct Attachment {
    title: String,
    long_name: String,
    data: Option<Vec<u8>>,
}

/// Takes the files out.
///
/// # Errors
/// `corrupt` where nothing holds together; a trouble with one part alone stands with that part.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Vec<File>, Trouble> {
    let mut rest = bytes.get(6..).ok_or(CORRUPT)?;
    let mut attachments: Vec<Attachment> = Vec::new();
    let mut bodies: Vec<File> = Vec::new();
    let mut page = 1252;
    let mut broken = None;
    while !rest.is_empty() && broken.is_none() {
        let Ok((id, data)) = record(&mut rest) else {
            broken = Some(("winmail.dat".to_owned(), Err(CORRUPT)));
            break;
        };
        let taken = match id {
            ATTACH_REND_DATA if attachments.len() >= FILES_MAX => break,
            ATTACH_REND_DATA => {
                attachments.push(Attachment::default());
                Ok(())
            }
            CODE_PAGE => {
                page = data.get(..4).map_or(page, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
                Ok(())
            }
            BODY => {
                bodies.push(("body.txt".to_owned(), Ok(string(data, page).into_bytes())));
                Ok(())
            }
            MESSAGE_PROPERTIES => message_bodies(data, page, budget).map(|found| bodies.extend(found)),
            _ => attachments.last_mut().map_or(Ok(()), |attachment| attachment.take(id, data, page)),
        };
        if taken.is_err() {
            broken = Some(("winmail.dat".to_owned(), Err(CORRUPT)));
        }
    }
    if attachments.is_empty() && bodies.is_empty() && broken.is_some() {
        return Err(CORRUPT);
    }
    let files = attachments.into_iter().enumerate().map(|(nth, attachment)| attachment.file(nth));
    Ok(files.chain(best(bodies)).chain(broken).collect())
}

/// The same text in several forms: the plain one and the first page are read, since either may keep what the other loses; what cannot be
/// read is named only where nothing can.
fn best(mut bodies: Vec<File>) -> Vec<File> {
    if bodies.iter().any(|(_, body)| body.is_ok()) {
        bodies.retain(|(_, body)| body.is_ok());
    }
    let mut names = std::collections::BTreeSet::new();
    bodies.retain(|(name, _)| names.insert(name.clone()));
    bodies
}

impl Attachment {
    fn take(&mut self, id: u32, data: &[u8], page: u32) -> Result<(), Trouble> {
        match id {
            ATTACH_TITLE => self.title = string(data, page),
            ATTACH_DATA => self.data = Some(data.to_vec()),
            ATTACH_PROPERTIES => {
                for (property, kind, value) in properties(data)? {
                    match property {
                        LONG_NAME => self.long_name = text(kind, value, page),
                        // An object is stored behind 16 bytes of its interface's id.
                        DATA_OBJECT if self.data.as_ref().is_none_or(Vec::is_empty) => {
                            self.data = value.get(if kind == 0x000d { 16 } else { 0 }..).map(<[u8]>::to_vec)
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn file(self, nth: usize) -> File {
        let name = [self.long_name, self.title]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| format!("winmail attachment {}", nth + 1));
        (name, self.data.ok_or(CORRUPT))
    }
}

/// The next record's id and data; its checksum is not asked, since damaged data shows in the file itself.
fn record<'a>(rest: &mut &'a [u8]) -> Result<(u32, &'a [u8]), Trouble> {
    let head = rest.get(..9).ok_or(CORRUPT)?;
    let id = u32::from_le_bytes([head[1], head[2], head[3], head[4]]);
    let length = u32::from_le_bytes([head[5], head[6], head[7], head[8]]) as usize;
    let data = rest.get(9..).and_then(|body| body.get(..length)).ok_or(CORRUPT)?;
    *rest = rest.get(9 + length + 2..).unwrap_or_default();
    Ok((id, data))
}

fn message_bodies(data: &[u8], page: u32, budget: &mut Budget) -> Result<Vec<File>, Trouble> {
    let properties = properties(data)?;
    let body_page = properties.iter().find(|(property, ..)| *property == BODY_CODE_PAGE);
    let body_page =
        body_page.and_then(|(_, _, value)| value.get(..4)).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let mut bodies = Vec::new();
    for (property, kind, value) in properties {
        match property {
            PLAIN_BODY => bodies.push(("body.txt".to_owned(), Ok(text(kind, value, page).into_bytes()))),
            HTML => {
                let html = if kind == BINARY { decode_page(value, body_page) } else { text(kind, value, page) };
                bodies.push(("body.html".to_owned(), Ok(html.into_bytes())));
            }
            RTF if value.len() > 16 => {
                let html = lzfu::unpack(value, budget).and_then(|bytes| rtf::to_html(&bytes, budget));
                bodies.push(("body.html".to_owned(), html.map(String::into_bytes)));
            }
            _ => {}
        }
    }
    Ok(bodies)
}

/// A reader over little-endian values that never reads past the end.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Trouble> {
        let taken = self.0.get(..length).ok_or(CORRUPT)?;
        self.0 = &self.0[length..];
        Ok(taken)
    }

    fn u16(&mut self) -> Result<u16, Trouble> {
        self.take(2).map(|b| u16::from_le_bytes([b[0], b[1]]))
    }

    fn u32(&mut self) -> Result<u32, Trouble> {
        self.take(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    /// A value with its length before it, padded to four bytes.
    fn padded(&mut self) -> Result<&'a [u8], Trouble> {
        let length = self.u32()? as usize;
        let value = self.take(length)?;
        let padding = (4 - length % 4) % 4;
        self.take(padding.min(self.0.len()))?;
        Ok(value)
    }

    /// Passes over values of any length; each has at least its length, so there are no more than what is left holds.
    fn first_of(&mut self, values: usize) -> Result<&'a [u8], Trouble> {
        let Some(others) = values.checked_sub(1) else { return Ok(&[]) };
        let first = self.padded()?;
        for _ in 0..others {
            self.padded()?;
        }
        Ok(first)
    }

    /// Passes over values of one width in one step: of those that take no room a file can claim thousands of millions.
    fn first_of_width(&mut self, width: usize, values: usize) -> Result<&'a [u8], Trouble> {
        let all = self.take(width.checked_mul(values).ok_or(CORRUPT)?)?;
        Ok(&all[..width.min(all.len())])
    }
}

/// A MAPI property: its id, type and first value.
type Property<'a> = (u16, u16, &'a [u8]);

fn properties(data: &[u8]) -> Result<Vec<Property<'_>>, Trouble> {
    let mut bytes = Bytes(data);
    let count = bytes.u32()?;
    let mut out = Vec::new();
    for _ in 0..count {
        let kind = bytes.u16()?;
        let id = bytes.u16()?;
        if id >= 0x8000 {
            bytes.take(16)?;
            if bytes.u32()? == 0 {
                bytes.u32()?;
            } else {
                bytes.padded()?;
            }
        }
        let many = kind & 0x1000 != 0;
        let base = kind & 0x0fff;
        let variable = matches!(base, 0x000d | 0x001e | 0x001f | 0x0102);
        let values = if many || variable { bytes.u32()? as usize } else { 1 };
        let first = if variable { bytes.first_of(values)? } else { bytes.first_of_width(width(base)?, values)? };
        out.push((id, base, first));
    }
    Ok(out)
}

/// Bytes of a value of fixed width, padding included.
fn width(kind: u16) -> Result<usize, Trouble> {
    match kind {
        0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b => Ok(4),
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Ok(8),
        0x0048 => Ok(16),
        0x0000 | 0x0001 => Ok(0),
        _ => Err(CORRUPT),
    }
}

fn text(kind: u16, value: &[u8], page: u32) -> String {
    if kind == 0x001f {
        let units: Vec<u16> = value.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        return String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned();
    }
    string(value, page)
}

fn string(value: &[u8], page: u32) -> String {
    let end = value.iter().position(|&byte| byte == 0).unwrap_or(value.len());
    code_page(page).decode_without_bom_handling(&value[..end]).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let mut out = vec![level];
        out.extend(id.to_le_bytes());
        out.extend((data.len() as u32).to_le_bytes());
        out.extend(data);
        out.extend([0, 0]);
        out
    }

    fn winmail() -> Vec<u8> {
        let mut name = vec![1, 0, 0, 0, 0x1f, 0, 0x07, 0x37, 1, 0, 0, 0, 6, 0, 0, 0];
        name.extend("f.d".encode_utf16().flat_map(u16::to_le_bytes));
        name.extend([0, 0]);
        let mut bytes = vec![0x78, 0x9f, 0x3e, 0x22, 1, 0];
        bytes.extend(attribute(1, BODY, b"Hello\0"));
        bytes.extend(attribute(2, ATTACH_REND_DATA, &[0; 14]));
        bytes.extend(attribute(2, ATTACH_TITLE, b"F.DOC\0"));
        bytes.extend(attribute(2, ATTACH_DATA, b"words"));
        bytes.extend(attribute(2, ATTACH_PROPERTIES, &name));
        bytes
    }

    fn taken(bytes: &[u8]) -> Result<Vec<File>, Trouble> {
        read(bytes, &mut Budget::new(&crate::message::Limits::default()))
    }

    fn property(id: u16, kind: u16, value: &[u8]) -> Vec<u8> {
        let mut out = [kind.to_le_bytes(), id.to_le_bytes()].concat();
        if matches!(kind, 0x001e | 0x001f | BINARY) {
            out.extend(1u32.to_le_bytes());
            out.extend((value.len() as u32).to_le_bytes());
        }
        out.extend(value);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }

    #[test]
    fn files_and_text() {
        let files = taken(&winmail()).unwrap();
        assert_eq!(files[0], ("f.d".to_owned(), Ok(b"words".to_vec())));
        assert_eq!(files[1].0, "body.txt");
    }

    #[test]
    fn a_body_of_rich_text_is_a_page() {
        let packed = super::super::lzfu::tests::stored(
            b"{\\rtf1\\ansi\\trowd\\cellx900\\intbl Team\\cell\\row\\pard Zo\\'eb <b>\\par}",
        );
        let mut properties = 2u32.to_le_bytes().to_vec();
        properties.extend(property(RTF, BINARY, &packed));
        properties.extend(property(PLAIN_BODY, 0x001e, b"Team Zo\xe9\0"));
        let mut bytes = vec![0x78, 0x9f, 0x3e, 0x22, 1, 0];
        bytes.extend(attribute(1, CODE_PAGE, &1250u32.to_le_bytes()));
        bytes.extend(attribute(1, MESSAGE_PROPERTIES, &properties));
        let files = taken(&bytes).unwrap();
        let page = files.iter().find(|(name, _)| name == "body.html").unwrap().1.clone();
        let page = String::from_utf8(page.unwrap()).unwrap();
        assert_eq!(
            page,
            "<html><body><table><tr><td colspan=\"1\"><p>Team</p></td></tr></table><p>Zoë &lt;b&gt;</p></body></html>"
        );
        assert_eq!(files.len(), 2);
    }

    #[test]
    fn cut_short_anywhere_is_said_and_never_panics() {
        let whole = winmail();
        for end in 0..whole.len() {
            if let Ok(files) = taken(&whole[..end]) {
                assert!(files.len() <= 3);
            }
        }
        let cut = taken(&whole[..whole.len() - 9]).unwrap();
        assert_eq!(cut.last(), Some(&("winmail.dat".to_owned(), Err(CORRUPT))));
        assert_eq!(taken(&whole[..20]), Err(CORRUPT));
    }
}
