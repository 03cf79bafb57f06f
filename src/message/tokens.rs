//! Reply tokens (M30): 128 bits that tie a reply to the notice it answers, found wherever mail programs leave them.
//!
//! Comes in: text, addresses, message ids. Goes out: tokens as 32 lower-case hexadecimal digits. Knows nothing of which are ours.

use std::collections::BTreeSet;

/// Digits of a token.
const DIGITS: usize = 32;

/// Tokens after the words `Reply code`, however quoted, wrapped or spaced.
pub fn in_text(text: &str, found: &mut BTreeSet<String>) {
    let clean: String =
        text.chars().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}')).collect();
    let lower = clean.to_lowercase();
    for (at, word) in lower.match_indices("reply") {
        let rest = lower[at + word.len()..].trim_start_matches(is_between);
        if let Some(rest) = rest.strip_prefix("code")
            && let Some(token) = digits(rest)
        {
            found.insert(token);
        }
    }
}

/// The token of an address such as `incidents+TOKEN@derby.example`.
pub fn in_address(address: &str, found: &mut BTreeSet<String>) {
    let local = address.rsplit_once('@').map_or(address, |(local, _)| local);
    if let Some((_, tag)) = local.split_once('+') {
        exact(tag, found);
    }
}

/// The token of a message id of ours, `ntk.TOKEN@derby.example`, also with more after another full stop.
pub fn in_message_id(id: &str, found: &mut BTreeSet<String>) {
    let id = id.trim().trim_start_matches('<');
    let local = id.split_once('@').map_or(id, |(local, _)| local);
    if local.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("ntk.")) {
        local[4..].split('.').for_each(|piece| exact(piece, found));
    }
}

fn exact(text: &str, found: &mut BTreeSet<String>) {
    let token: String = text.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    if token.len() == DIGITS && token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        found.insert(token);
    }
}

/// Exactly 32 digits with nothing but separators between.
fn digits(text: &str) -> Option<String> {
    let mut token = String::new();
    let mut chars = text.chars();
    for c in chars.by_ref() {
        if c.is_ascii_hexdigit() {
            token.push(c);
            if token.len() == DIGITS {
                break;
            }
        } else if !is_between(c) {
            return None;
        }
    }
    let whole = token.len() == DIGITS && chars.next().is_none_or(|next| !next.is_alphanumeric());
    whole.then_some(token)
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | '—' | '−' | ':' | '>' | '*' | '|' | '=' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn text(text: &str) -> bool {
        let mut found = BTreeSet::new();
        in_text(text, &mut found);
        found.contains(TOKEN)
    }

    #[test]
    fn survives_what_mail_programs_do() {
        assert!(text("Reply code: 0123-4567-89AB-CDEF-0123-4567-89AB-CDEF"));
        assert!(text("> > reply code: 0123-4567-89ab-cdef-\n> > 0123-4567-89ab-cdef\n"));
        assert!(text("Reply\u{a0}code:\u{a0}0123-\u{ad}4567-89AB-CDEF-0123-4567-89AB-CDEF."));
        assert!(text("*Reply code:* 0123–4567–89AB–CDEF–0123–4567–89AB–CDEF"));
        assert!(text("Antwort: nein\nReply code:\n0123 4567 89ab cdef 0123 4567 89ab cdef"));
        assert!(!text("Reply code: 0123-4567-89AB-CDEF-0123-4567-89AB-CDE"));
        assert!(!text("Reply code: 0123-4567-89AB-CDEF-0123-4567-89AB-CDEF0"));
        assert!(!text("0123-4567-89AB-CDEF-0123-4567-89AB-CDEF"));
    }

    #[test]
    fn addresses_and_ids() {
        let mut found = BTreeSet::new();
        in_address(&format!("incidents+{}@derby.example", TOKEN.to_uppercase()), &mut found);
        assert_eq!(found.pop_first().as_deref(), Some(TOKEN));
        in_message_id(&format!("<ntk.{TOKEN}@derby.example>"), &mut found);
        assert_eq!(found.pop_first().as_deref(), Some(TOKEN));
        in_message_id(&format!("{TOKEN}@derby.example"), &mut found);
        in_address("incidents+deadbeef@derby.example", &mut found);
        assert!(found.is_empty());
    }
}
