//! Fields of an OpenDocument text that are filled in: form fields kept from Word, and the form elements of its own.
//!
//! Comes in: elements. Goes out: what each shows.

use std::collections::HashMap;

use super::super::xml::Tree;
use super::super::{Control, TICKED, UNTICKED};

/// What a tick box shows.
pub(super) fn tick(ticked: bool) -> String {
    if ticked { TICKED } else { UNTICKED }.to_string()
}

/// What a field mark without text shows: a tick box or list of Word's legacy fields.
pub(super) fn mark(tree: &Tree, id: u32) -> Option<String> {
    let kind = tree.attribute(id, "type").unwrap_or("");
    let values = |name: &'static str| {
        let of_name = move |&param: &u32| tree.attribute(param, "name") == Some(name);
        tree.elements(id).filter(of_name).filter_map(|param| tree.attribute(param, "value"))
    };
    if kind.ends_with("FORMCHECKBOX") {
        return Some(tick(values("Checkbox_Checked").any(|value| value == "true")));
    }
    if kind.ends_with("FORMDROPDOWN") {
        let chosen = values("Dropdown_Selected").next().and_then(|nth| nth.parse().ok()).unwrap_or(0);
        return Some(values("Dropdown_ListEntry").nth(chosen).unwrap_or("").to_owned());
    }
    None
}

/// A form element: its names and what it shows.
pub(super) struct Element {
    pub control: Control,
    pub shown: String,
}

/// The form elements of a document, by the id that drawings point to.
pub(super) fn elements(tree: &Tree, forms: u32, out: &mut HashMap<String, Element>, depth: usize) {
    if depth > 8 {
        return;
    }
    for id in tree.elements(forms) {
        match tree.attribute(id, "id") {
            Some(key) if tree.node(id).name != "form" => {
                let named = |name| tree.attribute(id, name).unwrap_or("").to_owned();
                let control = Control { tag: named("name"), alias: named("title") };
                out.insert(key.to_owned(), Element { control, shown: shown(tree, id) });
            }
            _ => elements(tree, id, out, depth + 1),
        }
    }
}

fn shown(tree: &Tree, id: u32) -> String {
    let value = |name: &str| tree.attribute(id, name);
    let label = value("label").unwrap_or("");
    match tree.node(id).name {
        "checkbox" => {
            let state = value("current-state").or(value("state"));
            format!("{} {label}", tick(state == Some("checked")))
        }
        "radio" => {
            let state = value("current-selected").or(value("selected"));
            format!("{} {label}", tick(state == Some("true")))
        }
        "listbox" => {
            let chosen = |&option: &u32| {
                let state = tree.attribute(option, "current-selected").or(tree.attribute(option, "selected"));
                state == Some("true")
            };
            let options = tree.elements(id).filter(chosen).filter_map(|option| tree.attribute(option, "label"));
            options.collect::<Vec<_>>().join(", ")
        }
        "fixed-text" => label.to_owned(),
        "button" | "image" | "hidden" | "password" => String::new(),
        _ => value("current-value").or(value("value")).unwrap_or("").to_owned(),
    }
}
