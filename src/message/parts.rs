//! The parts of a parsed mail: their declared types, names, bytes, and bodies decoded whatever their charset says (M16).

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, MessagePart, MimeHeaders, PartType};

use super::{Attachment, utf7};

/// The declared media type in lower case, `text/plain` where none is.
pub(super) fn media_type(part: &MessagePart<'_>) -> String {
    match part.content_type() {
        Some(declared) => match declared.subtype() {
            Some(sub) => format!("{}/{}", declared.ctype(), sub).to_ascii_lowercase(),
            None => declared.ctype().to_ascii_lowercase(),
        },
        None => "text/plain".to_owned(),
    }
}

/// The text of a text part. Where the declared charset cannot be true, the bytes are looked at themselves: bytes that are no UTF-8 are
/// Windows-1252, accented letters of one byte that together are UTF-8 are that (M16).
pub(super) fn text(part: &MessagePart<'_>, raw: &[u8]) -> String {
    let text = part.text_contents().unwrap_or("");
    let declared = part.content_type().and_then(|declared| declared.attribute("charset"));
    if declared.is_some_and(|charset| matches!(charset.to_ascii_lowercase().as_str(), "utf-7" | "unicode-1-1-utf-7"))
        && let Some(bytes) = bytes(part, raw)
    {
        return utf7::decode(&bytes);
    }
    let declared = declared.and_then(|charset| encoding_rs::Encoding::for_label(charset.as_bytes()));
    let doubtful = match declared {
        _ if text.contains('\0') => true,
        None => text.contains('\u{fffd}'),
        Some(encoding) if encoding == encoding_rs::UTF_8 => text.contains('\u{fffd}'),
        // "us-ascii" and "iso-8859-1" are labels of it (WHATWG Encoding).
        Some(encoding) => encoding == encoding_rs::WINDOWS_1252 && text.contains(['Ã', 'Â', 'â']),
    };
    // The parser knows charsets of one byte a letter; Outlook writes gb2312 as soon as one letter of a mail is Chinese.
    let unicode = [encoding_rs::UTF_8, encoding_rs::UTF_16LE, encoding_rs::UTF_16BE];
    let wide = declared.filter(|encoding| !encoding.is_single_byte() && !unicode.contains(encoding));
    if let (Some(encoding), Some(bytes)) = (wide, bytes(part, raw)) {
        let escapes = encoding == encoding_rs::ISO_2022_JP;
        let is_utf8 = !escapes && std::str::from_utf8(&bytes).is_ok();
        return if is_utf8 { crate::document::text::decode(&bytes) } else { encoding.decode(&bytes).0.into_owned() };
    }
    match bytes(part, raw).filter(|_| doubtful) {
        Some(bytes) if declared == Some(encoding_rs::UTF_8) && !bytes.contains(&0) => mended(&bytes),
        Some(bytes) => crate::document::text::decode(&bytes),
        None => text.to_owned(),
    }
}

/// UTF-8 in which single bytes are not: those are Windows-1252, as where a program joined texts.
fn mended(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}

/// A part as an attachment; `raw` is the mail it stands in.
pub(super) fn attachment(part: &MessagePart<'_>, raw: &[u8]) -> Attachment {
    let name = part.attachment_name().unwrap_or("").trim().to_owned();
    let content_type = media_type(part);
    let disposition = part.content_disposition();
    let inline = part.content_id().is_some() && !disposition.is_some_and(|disposition| disposition.is_attachment());
    let bytes = match &part.body {
        PartType::Message(nested) if part.encoding != Encoding::None => nested.raw_message().to_vec(),
        PartType::Message(_) => slice(part, raw).unwrap_or_default().to_vec(),
        PartType::Text(text) | PartType::Html(text) => bytes(part, raw).unwrap_or_else(|| text.as_bytes().to_vec()),
        _ => part.contents().to_vec(),
    };
    Attachment { name, content_type, bytes, inline }
}

fn slice<'a>(part: &MessagePart<'_>, raw: &'a [u8]) -> Option<&'a [u8]> {
    raw.get(part.offset_body as usize..(part.offset_end as usize).min(raw.len()))
}

/// The bytes of a part, transfer encoding undone, charset untouched.
fn bytes(part: &MessagePart<'_>, raw: &[u8]) -> Option<Vec<u8>> {
    let body = slice(part, raw)?;
    match part.encoding {
        Encoding::Base64 => base64_decode(body),
        Encoding::QuotedPrintable => quoted_printable_decode(body),
        Encoding::None => Some(body.to_vec()),
    }
}
