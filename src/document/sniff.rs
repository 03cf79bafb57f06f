//! What a file is, by its bytes; its name and declared type only settle what bytes cannot.

use super::Trouble;

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A Word package: .docx, .docm, .dotx, .dotm.
    Docx,
    /// A web page.
    Html,
    /// Plain text.
    Text,
    /// A mail as a file (.eml).
    Mail,
    /// A zip archive with files in it.
    Archive,
    /// A compound file: a Word 97–2003 document, an Outlook message, an encrypted package.
    Compound,
    /// A mail wrapped in its signature (.p7m).
    Signed,
    /// Rich text.
    Rtf,
    /// OpenDocument text.
    Odt,
    /// A PDF file.
    Pdf,
    /// Outlook's winmail.dat.
    Tnef,
    /// Never a form: a signature, a calendar entry, a business card, sound.
    Nothing,
    /// May be a form and cannot be read.
    Unreadable(Trouble),
}

/// The declared type of what stands for a damaged part of a container whose other parts are read.
pub(super) const DAMAGED: &str = "application/x-damaged-part";

const EMPTY: Trouble = Trouble::new("empty_file", "The file has no bytes at all.");
const PASSWORD: Trouble = Trouble::new("password_protected", "The file is protected with a password.");
const PICTURE: Trouble = Trouble::new("scanned_image", "The file is a picture; its words cannot be read.");
const ENCRYPTED: Trouble = Trouble::new("encrypted_mail", "The mail is encrypted.");
const OFFICE: Trouble = Trouble::new("unsupported_format", "Spreadsheets and presentations are not read.");
const UNKNOWN: Trouble = Trouble::new("unsupported_format", "The file is of a kind that is not read.");
const PACKED: Trouble = Trouble::new("unsupported_format", "The file is an archive of a kind that is not opened.");
const NOTES: Trouble = Trouble::new("unsupported_format", "OneNote pages are not read.");
const CORRUPT: Trouble = Trouble::new("corrupt", "The file is damaged.");

/// True where [`kind`] says [`FileKind::Mail`].
pub fn is_mail(name: &str, content_type: &str, bytes: &[u8]) -> bool {
    kind(name, content_type, bytes) == FileKind::Mail
}

/// Says what a file is.
pub fn kind(name: &str, content_type: &str, bytes: &[u8]) -> FileKind {
    let extension = extension(name);
    let encrypted = is_encrypted_mail(&extension, content_type, bytes);
    if is_beside_the_point(&extension, content_type, bytes) && !is_document(bytes) && !encrypted {
        return FileKind::Nothing;
    }
    if is_a_mail(&extension, content_type, bytes) {
        return FileKind::Mail;
    }
    if content_type == DAMAGED {
        return FileKind::Unreadable(CORRUPT);
    }
    if encrypted && !is_document(bytes) {
        return FileKind::Unreadable(ENCRYPTED);
    }
    // Which of the two a lump is, its bytes say: encrypted or only signed.
    let lump = matches!(content_type, "application/pkcs7-mime" | "application/x-pkcs7-mime") || extension == "p7m";
    if lump && !is_document(bytes) {
        return FileKind::Signed;
    }
    by_bytes(bytes).unwrap_or_else(|| by_name(&extension, content_type, bytes))
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.trim().to_ascii_lowercase()).unwrap_or_default()
}

fn is_a_mail(extension: &str, content_type: &str, bytes: &[u8]) -> bool {
    !is_document(bytes) && (content_type.ends_with("rfc822") || (extension == "eml" && !bytes.is_empty()))
}

/// True for the bytes of a document or archive, whatever it was named and declared.
pub fn is_document(bytes: &[u8]) -> bool {
    match by_bytes(bytes) {
        Some(FileKind::Docx | FileKind::Odt | FileKind::Rtf | FileKind::Compound | FileKind::Archive) => true,
        // A mail may quote the signature of a PDF file.
        Some(FileKind::Pdf) => bytes.starts_with(b"%PDF-"),
        _ => false,
    }
}

fn by_bytes(bytes: &[u8]) -> Option<FileKind> {
    let unreadable = |trouble| Some(FileKind::Unreadable(trouble));
    match bytes {
        [] => unreadable(EMPTY),
        [b'P', b'K', 3 | 5 | 7, ..] => Some(package(bytes)),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Some(FileKind::Compound),
        [0x78, 0x9f, 0x3e, 0x22, ..] => Some(FileKind::Tnef),
        [0xff, 0xd8, 0xff, ..] | [0x89, b'P', b'N', b'G', ..] | [b'G', b'I', b'F', b'8', ..] | [b'B', b'M', ..] => {
            unreadable(PICTURE)
        }
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => unreadable(PICTURE),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => unreadable(PICTURE),
        [_, _, _, _, b'f', b't', b'y', b'p', b'h' | b'm', b'e' | b'i', ..] => unreadable(PICTURE),
        [b'{', b'\\', b'r', b't', ..] => Some(FileKind::Rtf),
        _ if is_packed(bytes) => unreadable(PACKED),
        [0xe4, 0x52, 0x5c, 0x7b, ..] | [0xa1, 0x2f, 0xff, 0x43, ..] => unreadable(NOTES),
        _ if find(&bytes[..bytes.len().min(1024)], b"%PDF-").is_some() => Some(FileKind::Pdf),
        _ => None,
    }
}

/// Archives that are not opened: 7z, RAR, gzip, bzip2, xz, cabinets, and tar by its mark behind the first header's names.
fn is_packed(bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 7] =
        [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"MSCF\0\0\0\0", b"\x60\xea"];
    MARKS.iter().any(|mark| bytes.starts_with(mark)) || bytes.get(257..262) == Some(b"ustar")
}

/// Text has no magic number: the name and the declared type are asked when the bytes say nothing.
fn by_name(extension: &str, content_type: &str, bytes: &[u8]) -> FileKind {
    const OFFICE_NAMES: [&str; 14] =
        ["docx", "docm", "dotx", "dotm", "doc", "dot", "pdf", "odt", "rtf", "xlsx", "xls", "zip", "msg", "pptx"];
    const PACKED_NAMES: [&str; 9] = ["7z", "rar", "gz", "tgz", "tar", "bz2", "xz", "cab", "zipx"];
    // Their bytes may begin with words, and none is text.
    const OTHER_NAMES: [&str; 16] = [
        "one", "onepkg", "pub", "wps", "wpd", "pages", "numbers", "xps", "oxps", "djvu", "xlsb", "ods", "odp", "ppt",
        "vsd", "vsdx",
    ];
    let head = &bytes[..bytes.len().min(4096)];
    let text = super::text::decode(head);
    let start = text.trim_start().to_ascii_lowercase();
    let html = start.starts_with("<!doctype html")
        || start.starts_with("<html")
        || start.contains("<body")
        || start.contains("<table");
    if content_type.starts_with("image/") {
        return FileKind::Unreadable(PICTURE);
    }
    if OFFICE_NAMES.contains(&extension) && !html {
        return FileKind::Unreadable(CORRUPT);
    }
    if html || content_type == "text/html" || extension.starts_with("htm") {
        return FileKind::Html;
    }
    if PACKED_NAMES.contains(&extension) {
        return FileKind::Unreadable(PACKED);
    }
    let said = content_type.starts_with("text/") || extension == "txt";
    if OTHER_NAMES.contains(&extension) && !said {
        return FileKind::Unreadable(UNKNOWN);
    }
    // Text has hardly a control character (an escape or form feed may be); a file that nobody calls text has none.
    let odd = text.chars().filter(|c| c.is_control() && !c.is_whitespace() && *c != '\u{1a}').count();
    let share = if said { 20 } else { 200 };
    match text.chars().count().max(1) > odd * share {
        true => FileKind::Text,
        false if said => FileKind::Unreadable(CORRUPT),
        false => FileKind::Unreadable(UNKNOWN),
    }
}

/// A zip: its first names say what for.
fn package(bytes: &[u8]) -> FileKind {
    let head = &bytes[..bytes.len().min(200)];
    if find(head, b"mimetypeapplication/vnd.oasis.opendocument").is_some() {
        let is_text = find(head, b"opendocument.text").is_some();
        return if is_text { FileKind::Odt } else { FileKind::Unreadable(OFFICE) };
    }
    let names = names(bytes);
    let has = |name: &str| match &names {
        Some(names) => names.iter().any(|known| known.starts_with(name.as_bytes())),
        None => find(bytes, name.as_bytes()).is_some(),
    };
    // Packages whose list of contents or mark of kind is missing or out of its place are still what they are.
    if names.is_some() && has("word/document.xml") {
        return FileKind::Docx;
    }
    if names.is_some() && has("content.xml") && has("META-INF/manifest.xml") {
        return FileKind::Odt;
    }
    if has("FixedDocSeq.fdseq") || has("FixedDocumentSequence.fdseq") || has("Index/Document.iwa") {
        return FileKind::Unreadable(UNKNOWN);
    }
    if !has("[Content_Types].xml") && !has("_rels/.rels") {
        // The first local header: its flags tell an encrypted archive.
        let encrypted = bytes.get(6).is_some_and(|flags| flags & 1 == 1);
        return if encrypted { FileKind::Unreadable(PASSWORD) } else { FileKind::Archive };
    }
    if (has("xl/workbook") || has("ppt/presentation")) && !has("word/") {
        return FileKind::Unreadable(OFFICE);
    }
    FileKind::Docx
}

/// The names in a zip's central directory (APPNOTE 4.3.12, 4.3.16) as they stand there; None where it is damaged.
fn names(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let number = |at: usize, len: usize| {
        let field = bytes.get(at..at.checked_add(len)?)?;
        Some(field.iter().rev().fold(0usize, |number, byte| number << 8 | usize::from(*byte)))
    };
    let tail = bytes.len().saturating_sub(22 + 0xffff);
    let end = tail + bytes[tail..].windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let (count, mut at) = (number(end + 10, 2)?, number(end + 16, 4)?);
    let mut names = Vec::new();
    for _ in 0..count {
        if bytes.get(at..at.checked_add(4)?)? != b"PK\x01\x02" {
            return None;
        }
        let (name, extra, comment) = (number(at + 28, 2)?, number(at + 30, 2)?, number(at + 32, 2)?);
        names.push(bytes.get(at + 46..at + 46 + name)?);
        at += 46 + name + extra + comment;
    }
    Some(names)
}

fn is_encrypted_mail(extension: &str, content_type: &str, bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(200)];
    let key =
        [&b"-----BEGIN PGP PUBLIC"[..], b"-----BEGIN PGP SIGNATURE"].iter().any(|mark| find(head, mark).is_some());
    extension == "rpmsg"
        || content_type == "application/x-microsoft-rpmsg-message"
        || content_type == "application/pgp-encrypted"
        || (matches!(extension, "pgp" | "gpg") && content_type != "application/pgp-keys" && !key)
        || find(head, b"-----BEGIN PGP MESSAGE").is_some()
}

fn is_beside_the_point(extension: &str, content_type: &str, bytes: &[u8]) -> bool {
    // Keys and signatures: in letters they say what they are; other words under such a name are words.
    let of_a_key = !bytes.is_ascii() || bytes.trim_ascii_start().starts_with(b"-----BEGIN PGP");
    matches!(extension, "p7s" | "ics" | "vcf")
        || (matches!(extension, "asc" | "sig") && of_a_key)
        || matches!(
            content_type,
            "application/pkcs7-signature"
                | "application/x-pkcs7-signature"
                | "application/pgp-signature"
                | "application/pgp-keys"
        )
        || matches!(
            content_type,
            "text/calendar"
                | "text/vcard"
                | "text/x-vcard"
                | "message/delivery-status"
                | "message/disposition-notification"
        )
        || content_type.starts_with("audio/")
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(name: &str, content_type: &str, bytes: &[u8]) -> &'static str {
        match kind(name, content_type, bytes) {
            FileKind::Unreadable(trouble) => trouble.code,
            FileKind::Docx => "docx",
            FileKind::Html => "html",
            FileKind::Text => "text",
            FileKind::Mail => "mail",
            FileKind::Archive => "archive",
            FileKind::Tnef => "tnef",
            FileKind::Odt => "odt",
            FileKind::Rtf => "rtf",
            FileKind::Signed => "signed",
            FileKind::Compound => "compound",
            FileKind::Pdf => "pdf",
            FileKind::Nothing => "nothing",
        }
    }

    #[test]
    fn bytes_decide() {
        assert_eq!(code("form.docx", "", b""), "empty_file");
        assert_eq!(code("form.doc", "", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 words"), "compound");
        assert_eq!(code("form.doc", "", b"{\\rtf1 words}"), "rtf");
        assert_eq!(code("form.pdf", "", b"%PDF-1.7 ... /Encrypt 5 0 R"), "pdf");
        assert_eq!(code("form.docx", "", b"\xff\xd8\xff\xe0"), "scanned_image");
        assert_eq!(code("form.docx", "application/octet-stream", b"\x01\x02\x03rubbish"), "corrupt");
        assert_eq!(code("form.htm", "", b"<html><body>"), "html");
        assert_eq!(code("notes", "", "Zoë".as_bytes()), "text");
        assert_eq!(
            code("smime.p7m", "application/pkcs7-mime", b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"),
            "signed"
        );
        assert_eq!(code("message.rpmsg", "", b"\x76\xe8\x04\x60"), "encrypted_mail");
        assert_eq!(code("invite.ics", "text/calendar", b"BEGIN:VCALENDAR"), "nothing");
    }
}
