//! UTF-7 (RFC 2152) to text: old programs still write it, and no other crate here reads it.
//!
//! Comes in: bytes, transfer encoding undone. Goes out: text. What is no UTF-7 stays as it is written. Never fails.

/// Decodes a text.
pub(super) fn decode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'+' {
            out.push(char::from(byte));
            continue;
        }
        let length = rest.iter().take_while(|&&byte| digit(byte).is_some()).count();
        match length {
            0 => out.push('+'),
            _ => shifted(&rest[..length], &mut out),
        }
        // A hyphen ends the letters, and is no part of the text; "+-" is a plus sign.
        rest = rest[length..].strip_prefix(b"-").unwrap_or(&rest[length..]);
    }
    out
}

/// Letters of base64 to units of UTF-16; bits that fill no unit are padding.
fn shifted(letters: &[u8], out: &mut String) {
    let (mut bits, mut held) = (0u32, 0);
    let mut units = Vec::with_capacity(letters.len() * 6 / 16);
    for value in letters.iter().filter_map(|&letter| digit(letter)) {
        bits = (bits & 0xffff) << 6 | value;
        held += 6;
        if held >= 16 {
            held -= 16;
            units.push((bits >> held) as u16);
        }
    }
    out.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

fn digit(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn letters_between_plus_and_minus() {
        assert_eq!(decode(b"Zo+AOs O+IBk-Brien +IBM +IBw-Zo+IB0\r\nA +- B"), "Zoë O’Brien – “Zo”\r\nA + B");
        assert_eq!(decode(b"Hi +2D3cqQ-!"), "Hi \u{1f4a9}!");
        assert_eq!(decode(b"+"), "+");
        assert_eq!(decode(b"a+A"), "a");
        assert_eq!(decode(b"+2D0-x"), "\u{fffd}x");
    }
}
