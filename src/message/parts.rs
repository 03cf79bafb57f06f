//! The parts of a parsed mail: their declared types, names, bytes, and bodies decoded whatever their charset says (M16).

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, MessagePart, MimeHeaders, PartType};

use super::Attachment;

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

/// The text of a text part. Where the declared charset gave replacement characters, the bytes are looked at themselves.
pub(super) fn text(part: &MessagePart<'_>, raw: &[u8]) -> String {
    let text = part.text_contents().unwrap_or("");
    let known = part
        .content_type()
        .and_then(|declared| declared.attribute("charset"))
        .is_some_and(|charset| encoding_rs::Encoding::for_label(charset.as_bytes()).is_some());
    let zeros = text.contains('\0');
    if (!text.contains('\u{fffd}') || known) && !zeros {
        return text.to_owned();
    }
    match bytes(part, raw) {
        Some(bytes) => crate::document::text::decode(&bytes),
        None => text.to_owned(),
    }
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
