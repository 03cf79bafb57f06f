//! Outlook messages (.msg, MS-OXMSG) to a mail: bodies, attachments and attached messages, in Unicode and in the older form.
//!
//! Comes in: a compound file. Goes out: the bytes of a mail with the same parts, which is then read as any other. Addresses and dates are
//! what the file says of itself, so worth as much as those of an attached .eml. Attached messages are bounded in depth.

use super::compound::Compound;
use super::mime::Mail;
use super::{Budget, Trouble, code_page, lzfu, rtf, sniff, text};

/// Messages within one another: each level is written into the one around it, a third longer.
const DEPTH_MAX: usize = 5;
/// Attachments of one message.
const ATTACHMENTS_MAX: usize = 200;

const CORRUPT: Trouble = Trouble::new("corrupt", "The message is damaged.");
const TOO_DEEP: Trouble = Trouble::new("too_deep", "The message holds messages deeper than is read.");
const TOO_LARGE: Trouble = Trouble::new("too_large", "The message has more attachments than are read.");

const SUBJECT: u16 = 0x0037;
const SENDER_NAME: u16 = 0x0c1a;
const SENDER_ADDRESS: u16 = 0x0c1f;
const SENDER_SMTP: u16 = 0x5d01;
const SENT_AS_SMTP: u16 = 0x5d02;
const SHOWN_TO: u16 = 0x0e04;
const MESSAGE_ID: u16 = 0x1035;
const IN_REPLY_TO: u16 = 0x1042;
const REFERENCES: u16 = 0x1039;
const BODY: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;
const BODY_CODE_PAGE: u16 = 0x3fde;
const MESSAGE_CODE_PAGE: u16 = 0x3ffd;
const ATTACH_DATA: u16 = 0x3701;
const ATTACH_SHORT_NAME: u16 = 0x3704;
const ATTACH_METHOD: u16 = 0x3705;
const ATTACH_LONG_NAME: u16 = 0x3707;
const ATTACH_TYPE: u16 = 0x370e;
const DISPLAY_NAME: u16 = 0x3001;

/// An attachment by value, and one that is a message.
const BY_VALUE: u32 = 1;
const EMBEDDED: u32 = 5;

/// Reads a message.
///
/// # Errors
/// corrupt, too_deep, too_large.
pub(super) fn read(compound: &mut Compound<'_>, budget: &mut Budget) -> Result<Vec<u8>, Trouble> {
    message(compound, "/", 0, budget)
}

fn message(compound: &mut Compound<'_>, storage: &str, depth: usize, budget: &mut Budget) -> Result<Vec<u8>, Trouble> {
    if depth > DEPTH_MAX {
        return Err(TOO_DEEP);
    }
    let header = if depth == 0 { 32 } else { 24 };
    let mut properties = Properties::open(compound, storage, header, budget)?;
    let mut mail = Mail { from: properties.sender()?, headers: properties.headers()?, ..Mail::default() };
    match properties.bodies() {
        Ok(bodies) => (mail.text, mail.html) = bodies,
        Err(trouble) => mail.attachments.push(damaged("body".to_owned(), trouble)?),
    }
    let attachments = compound.storages(storage).into_iter().filter(|path| is_attachment(path));
    for (nth, path) in attachments.enumerate() {
        if nth >= ATTACHMENTS_MAX {
            return Err(TOO_LARGE);
        }
        if budget.deadline.has_passed() {
            return Err(super::TOO_SLOW);
        }
        match attachment(compound, &path, nth, depth, budget) {
            Ok(attached) => mail.attachments.extend(attached),
            Err((name, trouble)) => mail.attachments.push(damaged(name, trouble)?),
        }
    }
    Ok(mail.write())
}

fn is_attachment(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with("__attach_version1.0_"))
}

type Attached = (String, &'static str, Vec<u8>);

/// What stands for a part that is damaged, so that it is said and the others are read; any other trouble is that of the whole message.
fn damaged(name: String, trouble: Trouble) -> Result<Attached, Trouble> {
    // A part without a byte would take the next one with it in some parsers.
    if trouble.code == CORRUPT.code { Ok((name, sniff::DAMAGED, b"damaged".to_vec())) } else { Err(trouble) }
}

/// One attachment; with a trouble the name as far as it is known.
fn attachment(
    compound: &mut Compound<'_>,
    storage: &str,
    nth: usize,
    depth: usize,
    budget: &mut Budget,
) -> Result<Option<Attached>, (String, Trouble)> {
    let mut name = format!("attachment {}", nth + 1);
    let mut properties = Properties::open(compound, storage, 8, budget).map_err(|trouble| (name.clone(), trouble))?;
    for property in [ATTACH_LONG_NAME, ATTACH_SHORT_NAME, DISPLAY_NAME] {
        let found = properties.text(property).ok().flatten().filter(|found| !found.trim().is_empty());
        if let Some(found) = found {
            name = found;
            break;
        }
    }
    let content = content(properties, depth).map_err(|trouble| (name.clone(), trouble))?;
    Ok(content.map(|(content_type, bytes)| (name, content_type, bytes)))
}

/// The media type and bytes of an attachment; None for a link to a file elsewhere or a drawing: nothing of it is here.
fn content(mut properties: Properties<'_, '_>, depth: usize) -> Result<Option<(&'static str, Vec<u8>)>, Trouble> {
    let declared = properties.text(ATTACH_TYPE)?.unwrap_or_default();
    let method = properties.number(ATTACH_METHOD).unwrap_or(BY_VALUE);
    if let Some(data) = properties.bytes(ATTACH_DATA, "0102")? {
        return Ok(Some((known_type(&declared), data)));
    }
    let embedded = format!("{}/__substg1.0_{ATTACH_DATA:04X}000D", properties.storage);
    if method == EMBEDDED && properties.compound.has(&format!("{embedded}/__properties_version1.0")) {
        let inner = message(properties.compound, &embedded, depth + 1, properties.budget)?;
        return Ok(Some(("message/rfc822", inner)));
    }
    if matches!(method, BY_VALUE | EMBEDDED) { Err(CORRUPT) } else { Ok(None) }
}

/// The declared types that say more than the bytes do.
fn known_type(declared: &str) -> &'static str {
    const KNOWN: [&str; 7] = [
        "message/rfc822",
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "multipart/signed",
        "text/calendar",
        "application/ms-tnef",
        "application/x-microsoft-rpmsg-message",
    ];
    let declared = declared.trim().to_ascii_lowercase();
    KNOWN.into_iter().find(|known| *known == declared).unwrap_or("application/octet-stream")
}

/// The properties of one storage.
struct Properties<'a, 'b> {
    compound: &'a mut Compound<'b>,
    storage: String,
    budget: &'a mut Budget,
    /// Properties of fixed size: id, type, value.
    fixed: Vec<(u16, u16, u32)>,
    code_page: u32,
}

impl<'a, 'b> Properties<'a, 'b> {
    fn open(
        compound: &'a mut Compound<'b>,
        storage: &str,
        header: usize,
        budget: &'a mut Budget,
    ) -> Result<Properties<'a, 'b>, Trouble> {
        let storage = storage.trim_end_matches('/').to_owned();
        let stream = compound.stream(&format!("{storage}/__properties_version1.0"), budget)?.ok_or(CORRUPT)?;
        let word = |entry: &[u8], at: usize| u16::from_le_bytes([entry[at], entry[at + 1]]);
        let fixed = stream.get(header..).unwrap_or_default().chunks_exact(16).map(|entry| {
            let value = u32::from_le_bytes([entry[8], entry[9], entry[10], entry[11]]);
            (word(entry, 2), word(entry, 0), value)
        });
        let fixed = fixed.collect();
        let mut properties = Properties { compound, storage, budget, fixed, code_page: 1252 };
        properties.code_page =
            properties.number(MESSAGE_CODE_PAGE).or_else(|| properties.number(BODY_CODE_PAGE)).unwrap_or(1252);
        Ok(properties)
    }

    fn number(&self, id: u16) -> Option<u32> {
        self.fixed.iter().find(|(own, kind, _)| *own == id && matches!(kind, 2 | 3 | 0x0b)).map(|(_, _, value)| *value)
    }

    fn bytes(&mut self, id: u16, kind: &str) -> Result<Option<Vec<u8>>, Trouble> {
        self.compound.stream(&format!("{}/__substg1.0_{id:04X}{kind}", self.storage), self.budget)
    }

    /// A text property, in Unicode or in the message's code page.
    fn text(&mut self, id: u16) -> Result<Option<String>, Trouble> {
        if let Some(bytes) = self.bytes(id, "001F")? {
            let text = encoding_rs::UTF_16LE.decode_without_bom_handling(&bytes).0;
            return Ok(Some(text.trim_end_matches('\0').to_owned()));
        }
        let bytes = self.bytes(id, "001E")?;
        Ok(bytes.map(|bytes| {
            let text = code_page(self.code_page).decode_without_bom_handling(&bytes).0;
            text.trim_end_matches('\0').to_owned()
        }))
    }

    /// The sender's name and address.
    fn sender(&mut self) -> Result<(String, String), Trouble> {
        let name = self.text(SENDER_NAME)?.unwrap_or_default();
        for property in [SENDER_SMTP, SENT_AS_SMTP, SENDER_ADDRESS] {
            if let Some(address) = self.text(property)?.filter(|address| address.contains('@')) {
                return Ok((name, address));
            }
        }
        Ok((name, String::new()))
    }

    fn headers(&mut self) -> Result<Vec<(&'static str, String)>, Trouble> {
        let mut headers = Vec::new();
        let texts = [
            ("To", SHOWN_TO),
            ("Subject", SUBJECT),
            ("Message-ID", MESSAGE_ID),
            ("In-Reply-To", IN_REPLY_TO),
            ("References", REFERENCES),
        ];
        for (header, property) in texts {
            headers.push((header, self.text(property)?.unwrap_or_default()));
        }
        Ok(headers)
    }

    /// The plain body, and the HTML body or what the rich text one says as HTML.
    fn bodies(&mut self) -> Result<(Option<String>, Option<String>), Trouble> {
        let plain = self.text(BODY)?.filter(|text| !text.trim().is_empty());
        if let Some(page) = self.html()? {
            return Ok((plain, Some(page)));
        }
        let Some(packed) = self.bytes(RTF, "0102")? else { return Ok((plain, None)) };
        let page = lzfu::unpack(&packed, self.budget).and_then(|bytes| rtf::to_html(&bytes, self.budget));
        match page {
            Ok(page) => Ok((plain, Some(page))),
            // The same text is there in another form.
            Err(_) if plain.is_some() => Ok((plain, None)),
            Err(trouble) => Err(trouble),
        }
    }

    fn html(&mut self) -> Result<Option<String>, Trouble> {
        let page = match self.bytes(HTML, "0102")? {
            Some(bytes) => Some(decode_page(&bytes, self.number(BODY_CODE_PAGE))),
            None => self.text(HTML)?,
        };
        Ok(page.filter(|page| !page.trim().is_empty()))
    }
}

/// An HTML body whose code page may be stated; a page that is valid UTF-8 or has a byte order mark is that.
pub(super) fn decode_page(bytes: &[u8], stated: Option<u32>) -> String {
    let marked = encoding_rs::Encoding::for_bom(bytes).is_some();
    match stated {
        Some(page) if !marked && std::str::from_utf8(bytes).is_err() => {
            code_page(page).decode_without_bom_handling(bytes).0.into_owned()
        }
        _ => text::decode(bytes),
    }
}
