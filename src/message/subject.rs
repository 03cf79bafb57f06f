//! A subject without what mail programs and gateways put before it.

/// Prefixes that end in a colon, lower case.
const PREFIXES: [&str; 17] = [
    "re",
    "fw",
    "fwd",
    "aw",
    "wg",
    "sv",
    "vs",
    "external",
    "ext",
    "resend",
    "tr",
    "rv",
    "antw",
    "confidential",
    "secure",
    "urgent",
    "official-sensitive",
];

/// Words that stand in brackets before a subject, lower case.
const BRACKETED: [&str; 9] =
    ["external", "ext", "official", "sensitive", "confidential", "secure", "caution", "protect", "encrypt"];

/// The subject after prefixes such as RE, FW, AW, `[EXTERNAL]`, `[OFFICIAL-SENSITIVE]`, in any case and number.
pub fn thread_subject(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some(shorter) = without_bracket(rest).or_else(|| without_prefix(rest)) {
        rest = shorter.trim_start();
    }
    rest.trim()
}

/// True where the subject says that it answers another mail.
pub fn is_reply(subject: &str) -> bool {
    let mut rest = subject.trim();
    while let Some(shorter) = without_bracket(rest) {
        rest = shorter.trim_start();
    }
    let begins = |prefix: &str| rest.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix));
    ["re:", "aw:", "sv:", "antw:"].into_iter().any(begins)
}

fn without_bracket(subject: &str) -> Option<&str> {
    let (open, close) = [("[", "]"), ("(", ")"), ("{", "}")].into_iter().find(|(open, _)| subject.starts_with(open))?;
    let (inside, rest) = subject[open.len()..].split_once(close)?;
    let inside = inside.to_ascii_lowercase();
    BRACKETED.iter().any(|word| inside.contains(word)).then(|| rest.trim_start().trim_start_matches([':', '-', '–']))
}

fn without_prefix(subject: &str) -> Option<&str> {
    let (head, rest) = subject.split_once(':')?;
    let head = head.trim().to_ascii_lowercase();
    // RE[2]: and Re (3):
    let word = head.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | ' '));
    let marking = head.replace(['–', '—', '-'], " ").split_whitespace().collect::<Vec<_>>().join("-");
    (PREFIXES.contains(&word) || marking == "official-sensitive" || marking == "official").then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_go() {
        for subject in [
            "Need to know",
            "RE: FW: Need to know",
            "[EXTERNAL] Fwd: Need to know",
            "External: AW: Need to know",
            "WG: SV: vs: Need to know",
            "[OFFICIAL - SENSITIVE] Need to know",
            "Re[2]: Need to know",
            "OFFICIAL-SENSITIVE: Need to know",
            "fw :Need to know",
            "[EXT]: Need to know",
        ] {
            assert_eq!(thread_subject(subject), "Need to know", "{subject}");
        }
        assert_eq!(thread_subject("Regarding: need to know"), "Regarding: need to know");
        assert_eq!(thread_subject("RE:"), "");
    }

    #[test]
    fn replies() {
        assert!(is_reply("[EXTERNAL] re: x"));
        assert!(!is_reply("FW: RE: x"));
        assert!(!is_reply("Regarding x"));
    }
}
