//! How large a picture is, by its header: a page that somebody pasted is larger than a logo.
//!
//! Comes in: a file's bytes. Goes out: width and height in pixels, of PNG, GIF, BMP and JPEG. Decodes no picture.

/// Width and height in pixels; None where the file is no such picture or is cut short.
pub fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let big = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let little = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let short = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some((big(16)?, big(20)?)),
        [b'G', b'I', b'F', b'8', ..] => Some((short(6)?, short(8)?)),
        // The height of a picture that is stored from the top is negative.
        [b'B', b'M', ..] => Some((little(18)?, little(22)?.cast_signed().unsigned_abs())),
        [0xff, 0xd8, rest @ ..] => of_jpeg(rest),
        _ => None,
    }
}

/// The size in the first frame header among a JPEG's segments (ITU-T T.81, B.2.2).
fn of_jpeg(mut rest: &[u8]) -> Option<(u32, u32)> {
    loop {
        let [0xff, mark, high, low, body @ ..] = rest else { return None };
        let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?;
        if matches!(mark, 0xc0..=0xcf) && !matches!(mark, 0xc4 | 0xc8 | 0xcc) {
            let [_, h1, h0, w1, w0, ..] = body else { return None };
            return Some((u16::from_be_bytes([*w1, *w0]).into(), u16::from_be_bytes([*h1, *h0]).into()));
        }
        rest = body.get(length..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], &[0, 0, 4, 0xd8, 0, 0, 6, 0xda]].concat();
        assert_eq!(size(&png), Some((1240, 1754)));
        assert_eq!(size(b"GIF89a\x20\x03\x58\x02"), Some((800, 600)));
        let jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x02\x58\x03\x20\x03";
        assert_eq!(size(jpeg), Some((800, 600)));
        for cut in 0..jpeg.len() - 1 {
            assert_eq!(size(&jpeg[..cut]), None);
        }
        assert_eq!(size(b"%PDF"), None);
    }
}
