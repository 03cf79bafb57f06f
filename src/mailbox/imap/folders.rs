//! Folder names on the wire: the server's delimiter and modified UTF-7 (RFC 3501, 5.1.3).

/// Six bits a character, as base64 with `,` for `/`.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// The name as the server knows it. A `/` in the settings parts folder from folder, whatever the server puts there.
pub(super) fn encoded(name: &str, delimiter: char) -> String {
    modified_utf7(&name.replace('/', &delimiter.to_string()))
}

/// The same name below INBOX, where some servers keep all that a user makes; none if it is there already.
pub(super) fn below_inbox(encoded: &str, delimiter: char) -> Option<String> {
    let head = encoded.split(delimiter).next().unwrap_or(encoded);
    (!head.eq_ignore_ascii_case("INBOX")).then(|| format!("INBOX{delimiter}{encoded}"))
}

fn modified_utf7(text: &str) -> String {
    let mut out = String::new();
    let mut units: Vec<u16> = Vec::new();
    for c in text.chars() {
        if matches!(c, ' '..='~') {
            shift_back(&mut units, &mut out);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    shift_back(&mut units, &mut out);
    out
}

/// Writes the gathered UTF-16 as `&…-`.
fn shift_back(units: &mut Vec<u16>, out: &mut String) {
    if units.is_empty() {
        return;
    }
    out.push('&');
    let (mut bits, mut count) = (0u32, 0u32);
    for unit in units.drain(..) {
        bits = bits << 16 | u32::from(unit);
        count += 16;
        while count >= 6 {
            count -= 6;
            out.push(char::from(DIGITS[(bits >> count & 63) as usize]));
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        out.push(char::from(DIGITS[(bits << (6 - count) & 63) as usize]));
    }
    out.push('-');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded() {
        for (name, wire) in [
            ("Needs attention", "Needs attention"),
            ("R&D", "R&-D"),
            ("台北", "&U,BTFw-"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("😀", "&2D3eAA-"),
        ] {
            assert_eq!(encoded(name, '/'), wire);
        }
        assert_eq!(encoded("Incidents/Processed", '.'), "Incidents.Processed");
    }

    #[test]
    fn a_name_is_put_below_inbox_once() {
        assert_eq!(below_inbox("Processed", '.').as_deref(), Some("INBOX.Processed"));
        assert_eq!(below_inbox("INBOX.Processed", '.'), None);
        assert_eq!(below_inbox("Inbox/Done", '/'), None);
    }
}
