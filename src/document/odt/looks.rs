//! The styles of an OpenDocument text that say something: struck, highlighted, bold, faint, hidden, drawn in a font of signs, a heading.
//!
//! Comes in: a part with styles. Goes out: looks by the style's name.

use std::collections::HashMap;

use super::super::xml::Tree;

/// What a style says.
#[derive(Clone, Copy, Default)]
pub(super) struct Look {
    pub struck: bool,
    pub highlighted: bool,
    pub bold: bool,
    pub faint: bool,
    pub hidden: bool,
    /// Its characters are boxes and ticks of a Wingdings font.
    pub signs: bool,
    pub heading: bool,
}

impl Look {
    /// The look of what stands within.
    pub fn with(self, own: Look) -> Look {
        Look {
            struck: self.struck || own.struck,
            highlighted: self.highlighted || own.highlighted,
            bold: self.bold || own.bold,
            faint: self.faint || own.faint,
            hidden: self.hidden || own.hidden,
            signs: self.signs || own.signs,
            heading: self.heading || own.heading,
        }
    }
}

/// The looks of the automatic styles by name.
pub(super) fn read(tree: &Tree) -> HashMap<String, Look> {
    let mut out = HashMap::new();
    let Some(styles) = tree.root().and_then(|root| tree.child(root, "automatic-styles")) else { return out };
    for style in tree.elements(styles) {
        let Some(name) = tree.attribute(style, "name") else { continue };
        let mut look = tree.child(style, "text-properties").map(|text| of_text(tree, text)).unwrap_or_default();
        look.heading = tree.attribute(style, "parent-style-name").is_some_and(is_heading);
        out.insert(name.to_owned(), look);
    }
    out
}

/// A style whose name speaks of a heading or title.
pub(super) fn is_heading(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains("heading") || name.contains("title")
}

fn of_text(tree: &Tree, text: u32) -> Look {
    let value = |key: &str| tree.attribute(text, key).unwrap_or("");
    let colour = value("color").trim_start_matches('#');
    let channel = |at: usize| colour.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let grey = match (channel(0), channel(2), channel(4)) {
        (Some(r), Some(g), Some(b)) => r.abs_diff(g) < 12 && g.abs_diff(b) < 12 && (0x50..0xd0).contains(&r),
        _ => false,
    };
    let size = value("font-size").strip_suffix("pt").and_then(|size| size.parse::<f32>().ok());
    let small_italic = value("font-style") == "italic" && size.is_some_and(|size| size <= 8.5);
    let background = value("background-color");
    Look {
        struck: !matches!(value("text-line-through-style"), "" | "none")
            || matches!(value("text-line-through-type"), "single" | "double"),
        highlighted: !matches!(background, "" | "transparent") && !background.eq_ignore_ascii_case("#ffffff"),
        bold: matches!(value("font-weight"), "bold" | "600" | "700" | "800" | "900"),
        faint: grey || small_italic,
        hidden: value("display") == "none",
        signs: value("font-name").starts_with("Wingdings")
            || value("font-family").trim_start_matches('\'').starts_with("Wingdings"),
        heading: false,
    }
}
