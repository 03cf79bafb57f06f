//! Fields of a rich text: the legacy form fields with their state, and symbols that stand in a field's instruction.
//!
//! Comes in: control words and texts of a field's groups. Goes out: what the field shows, and its control.

use super::super::docx::symbol;
use super::super::{Control, LOST, TICKED, UNTICKED};

/// The result of a legacy field that was never changed.
const UNCHANGED: i32 = 25;

/// What a `\formfield` says.
#[derive(Debug, Clone, Default)]
pub(in crate::document) struct FormField {
    pub name: String,
    pub help: String,
    /// 0 text, 1 check box, 2 list.
    pub kind: i32,
    pub result: Option<i32>,
    pub default: Option<i32>,
    pub entries: Vec<String>,
}

/// A field in hand.
#[derive(Debug, Clone, Default)]
pub(in crate::document) struct Field {
    pub instruction: String,
    pub form: Option<FormField>,
    /// The control that its result stands in.
    pub control: Option<usize>,
    /// Its result is known already and not to be read besides.
    pub silent: bool,
    /// Its result has shown something.
    pub has_shown: bool,
}

impl Field {
    /// What a field shows that has no result: a symbol, or a check box that says nothing of its state.
    pub fn sign(&self) -> Option<char> {
        let is_box = self.form.is_none() && self.instruction.trim() == "FORMCHECKBOX";
        if is_box { Some(LOST) } else { symbol_of(&self.instruction) }
    }
}

impl FormField {
    pub fn control(&self) -> Control {
        Control { tag: self.name.trim().to_owned(), alias: self.help.trim().to_owned() }
    }

    /// What a box or list shows; None for a text field, whose result is text.
    pub fn shown(&self, instruction: &str) -> Option<String> {
        let set = self.result.filter(|&result| result != UNCHANGED).or(self.default).unwrap_or(0);
        if self.kind == 1 || instruction.contains("FORMCHECKBOX") {
            return Some(if set == 1 { TICKED } else { UNTICKED }.to_string());
        }
        if self.kind == 2 || instruction.contains("FORMDROPDOWN") {
            let entry = usize::try_from(set).ok().and_then(|set| self.entries.get(set));
            return Some(entry.cloned().unwrap_or_default());
        }
        None
    }
}

/// The box or tick of a `SYMBOL 254 \f "Wingdings"` field.
pub(in crate::document) fn symbol_of(instruction: &str) -> Option<char> {
    let mut words = instruction.split_whitespace();
    if !words.next()?.eq_ignore_ascii_case("SYMBOL") {
        return None;
    }
    let number = words.next()?;
    let code = match number.strip_prefix("0x").or_else(|| number.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    if instruction.to_ascii_lowercase().contains("wingdings") {
        return symbol(code);
    }
    char::from_u32(code).filter(|c| !c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states() {
        let form = |kind, result, default| FormField { kind, result, default, ..FormField::default() };
        assert_eq!(form(1, Some(25), Some(1)).shown("").as_deref(), Some("☒"));
        assert_eq!(form(1, Some(0), Some(1)).shown("").as_deref(), Some("☐"));
        assert_eq!(form(0, None, None).shown(" FORMTEXT "), None);
        let list = FormField { entries: vec!["A".into(), "B".into()], ..form(2, Some(1), None) };
        assert_eq!(list.shown("").as_deref(), Some("B"));
        assert_eq!(symbol_of(" SYMBOL 254 \\f \"Wingdings\" \\s 10"), Some(TICKED));
        assert_eq!(symbol_of(" PAGE "), None);
        let without_state = Field { instruction: " FORMCHECKBOX ".to_owned(), ..Field::default() };
        assert_eq!(without_state.sign(), Some(LOST));
        assert_eq!(Field { form: Some(FormField::default()), ..without_state }.sign(), None);
    }
}
