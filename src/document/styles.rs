//! What the styles of a Word package hide: runs of a style that is not shown are not what the author saw.
//!
//! Comes in: the `styles` part. Goes out: by a style's id, whether it says that its text is hidden, itself or by what it is based on
//! (ISO/IEC 29500-1, 17.7). Knows nothing of the runs.

use std::collections::HashMap;

use super::xml::Tree;

/// Styles that one may be based on, one after another.
const BASES_MAX: usize = 16;

/// Whether a style hides its text, by its id. What says nothing is not here.
#[derive(Debug, Default)]
pub(super) struct Hidden(HashMap<String, bool>);

impl Hidden {
    /// Reads the part; styles that are based on themselves say nothing.
    pub fn read(tree: &Tree) -> Hidden {
        let Some(root) = tree.root() else { return Hidden::default() };
        let mut own: HashMap<&str, (Option<bool>, Option<&str>)> = HashMap::new();
        for style in tree.elements(root).filter(|&id| tree.node(id).name == "style") {
            let Some(name) = tree.attribute(style, "styleId") else { continue };
            let vanishes = tree.child(style, "rPr").and_then(|properties| tree.switch(properties, "vanish"));
            own.insert(name, (vanishes, tree.child_value(style, "basedOn")));
        }
        // Most packages hide nothing by a style.
        if own.values().all(|(vanishes, _)| vanishes.is_none()) {
            return Hidden::default();
        }
        let resolved = |name: &str| {
            let mut at = name;
            for _ in 0..BASES_MAX {
                match own.get(at)? {
                    (Some(vanishes), _) => return Some(*vanishes),
                    (None, base) => at = (*base)?,
                }
            }
            None
        };
        Hidden(own.keys().filter_map(|name| Some(((*name).to_owned(), resolved(name)?))).collect())
    }

    /// Whether this style hides its text; None where it says nothing of it.
    pub fn by(&self, style: &str) -> Option<bool> {
        self.0.get(style).copied()
    }
}
