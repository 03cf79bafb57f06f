//! Pixels to a PNG file (RFC 2083): 8-bit RGB, one zlib stream, the resolution said.
//!
//! Comes in: rows of RGB bytes. Goes out: a file, the same bytes for the same pixels. Knows nothing of what is drawn.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

/// A picture as a PNG file. `rgb` holds `width` times `height` pixels of three bytes, row by row.
pub(super) fn png(width: u32, height: u32, rgb: &[u8], dots_per_inch: u32) -> std::io::Result<Vec<u8>> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]); // 8 bits, RGB, deflate, the usual filters, not interlaced.
    chunk(&mut out, b"IHDR", &header);
    let dots_per_metre = (dots_per_inch * 10_000 + 127) / 254;
    let mut density = [dots_per_metre.to_be_bytes(), dots_per_metre.to_be_bytes()].concat();
    density.push(1);
    chunk(&mut out, b"pHYs", &density);
    chunk(&mut out, b"IDAT", &packed(width as usize * 3, rgb)?);
    chunk(&mut out, b"IEND", &[]);
    Ok(out)
}

/// Each row as its difference from the row above (filter 2), which for bars and lines is mostly nothing.
fn packed(row_bytes: usize, rgb: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let mut above = vec![0; row_bytes];
    for row in rgb.chunks_exact(row_bytes.max(1)) {
        let filtered: Vec<u8> = row.iter().zip(&above).map(|(here, above)| here.wrapping_sub(*above)).collect();
        encoder.write_all(&[2])?;
        encoder.write_all(&filtered)?;
        above.copy_from_slice(row);
    }
    encoder.finish()
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let mut sum = Crc::new();
    sum.update(kind);
    sum.update(data);
    out.extend(kind);
    out.extend(data);
    out.extend(sum.sum().to_be_bytes());
}
