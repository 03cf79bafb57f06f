//! A white page to draw on: rectangles, lines and words in the one font that comes with the program, so that a chart looks the same
//! on every machine and needs nothing installed.
//!
//! Comes in: shapes in pixels. Goes out: a PNG file. Knows nothing of figures.

use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::png::png;

/// Liberation Sans, whose widths are those of Arial. Its licence lies beside it.
const FONT: &[u8] = include_bytes!("../fonts/LiberationSans-Regular.ttf");
/// Dots to the inch at which a chart is drawn.
pub(super) const DOTS_PER_INCH: u32 = 220;
/// A chart's width: that of the report's text, 6.53 inches.
pub(super) const WIDTH: u32 = 1_436;

/// Black and white print keeps them apart, and so do eyes that see no red or green.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Words and axes.
    Text,
    /// The period.
    Now,
    /// The period before.
    Before,
    /// Past a limit.
    Over,
    /// Lines behind the bars.
    Grid,
}

impl Ink {
    fn rgb(self) -> (u8, u8, u8) {
        match self {
            Ink::Text => (0x1F, 0x29, 0x33),
            Ink::Now => (0x12, 0x39, 0x5B),
            Ink::Before => (0x9F, 0xB8, 0xCF),
            Ink::Over => (0xC8, 0x5A, 0x00),
            Ink::Grid => (0xD5, 0xDB, 0xE2),
        }
    }

    fn paint(self) -> Paint<'static> {
        let (red, green, blue) = self.rgb();
        let mut paint = Paint::default();
        paint.set_color_rgba8(red, green, blue, 255);
        paint.anti_alias = true;
        paint
    }
}

/// Where words stand towards their point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// They begin there.
    Left,
    /// They are centred on it.
    Centre,
    /// They end there.
    Right,
}

/// A picture in the making.
pub(super) struct Canvas {
    pixels: Pixmap,
    pen: Pen,
}

/// Measures words. Sizes are pixels.
pub(super) struct Pen {
    face: Face<'static>,
}

impl Pen {
    pub fn new() -> Option<Self> {
        Some(Pen { face: Face::parse(FONT, 0).ok()? })
    }

    fn glyph(&self, letter: char) -> GlyphId {
        // A letter that the font lacks is drawn as the font's box rather than left out.
        self.face.glyph_index(letter).unwrap_or(GlyphId(0))
    }

    /// How wide words are.
    pub fn width(&self, words: &str, size: f32) -> f32 {
        let units: u32 =
            words.chars().map(|c| u32::from(self.face.glyph_hor_advance(self.glyph(c)).unwrap_or(0))).sum();
        units as f32 * size / f32::from(self.face.units_per_em())
    }

    /// Words in lines no wider than a width, at most two: what does not fit ends in an ellipsis.
    pub fn lines(&self, words: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines: Vec<String> = vec![String::new()];
        for word in words.split_whitespace() {
            let line = lines.last_mut().expect("there is a line from the start");
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if line.is_empty() || self.width(&longer, size) <= width {
                *line = longer;
            } else {
                lines.push(word.to_owned());
            }
        }
        let cut = lines.len() > 2;
        lines.truncate(2);
        let last = lines.len() - 1;
        for (at, line) in lines.iter_mut().enumerate() {
            let dots = cut && at == last;
            if self.width(line, size) > width || dots {
                while !line.is_empty() && self.width(&format!("{line}…"), size) > width {
                    line.pop();
                }
                *line = format!("{}…", line.trim_end());
            }
        }
        lines
    }
}

struct Outline(PathBuilder);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }
    fn close(&mut self) {
        self.0.close();
    }
}

impl Canvas {
    /// A white one of the full width; `None` for a height that no picture has.
    pub fn new(height: u32) -> Option<Self> {
        let mut pixels = Pixmap::new(WIDTH, height)?;
        pixels.fill(Color::WHITE);
        Some(Canvas { pixels, pen: Pen::new()? })
    }

    /// What measures its words.
    pub fn pen(&self) -> &Pen {
        &self.pen
    }

    /// A filled rectangle.
    pub fn bar(&mut self, x: f32, y: f32, width: f32, height: f32, ink: Ink) {
        let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
        self.pixels.fill_rect(rect, &ink.paint(), Transform::identity(), None);
    }

    /// A line.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32, ink: Ink) {
        let mut path = PathBuilder::new();
        path.move_to(from.0, from.1);
        path.line_to(to.0, to.1);
        let Some(path) = path.finish() else { return };
        let stroke = Stroke { width, ..Stroke::default() };
        self.pixels.stroke_path(&path, &ink.paint(), &stroke, Transform::identity(), None);
    }

    /// Words on a base line.
    pub fn words(&mut self, words: &str, at: (f32, f32), size: f32, align: Align) {
        let scale = size / f32::from(self.pen.face.units_per_em());
        let mut x = match align {
            Align::Left => at.0,
            Align::Centre => at.0 - self.pen.width(words, size) / 2.0,
            Align::Right => at.0 - self.pen.width(words, size),
        };
        for letter in words.chars() {
            let glyph = self.pen.glyph(letter);
            if let Some(path) = outline(&self.pen.face, glyph) {
                let place = Transform::from_row(scale, 0.0, 0.0, -scale, x, at.1);
                self.pixels.fill_path(&path, &Ink::Text.paint(), FillRule::Winding, place, None);
            }
            x += f32::from(self.pen.face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
        }
    }

    /// The finished file.
    pub fn png(&self) -> Option<Vec<u8>> {
        let rgb: Vec<u8> =
            self.pixels.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        png(self.pixels.width(), self.pixels.height(), &rgb, DOTS_PER_INCH).ok()
    }
}

fn outline(face: &Face<'_>, glyph: GlyphId) -> Option<Path> {
    let mut outline = Outline(PathBuilder::new());
    face.outline_glyph(glyph, &mut outline)?;
    outline.0.finish()
}
