//! Wordings in patterns: "Has {the LADO|LADO} been {told|informed}?" stands for each of its combinations.
//!
//! Comes in: `phrasings.toml`, patterns by key. Goes out: every wording that they stand for, with its field. Knows nothing of what labels mean.

use std::collections::BTreeMap;

use super::fields::FIELDS;

/// Combinations of one pattern that are used.
const COMBINATIONS_MAX: usize = 2_000;

/// As many wordings at most one pattern counts as: its combinations say little more than a few of them.
const COUNTS_MOST: f32 = 24.0;

/// A wording of a field.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    pub field: usize,
    pub words: String,
    /// What it counts beside others, where it is one of a pattern's many combinations.
    pub weight: f32,
}

/// The built-in patterns, each combination spelled out.
pub(super) fn built_in() -> impl Iterator<Item = Phrase> {
    let parsed: BTreeMap<String, Vec<String>> = toml::from_str(include_str!("phrasings.toml"))
        .expect("the built-in phrasings are valid TOML, which a test checks");
    let known = parsed
        .into_iter()
        .filter_map(|(key, patterns)| Some((FIELDS.iter().position(|field| field.key == key)?, patterns)));
    known.flat_map(|(field, patterns)| {
        patterns.into_iter().flat_map(move |pattern| {
            let all = spelled_out(&pattern);
            let weight = (COUNTS_MOST / all.len() as f32).min(1.0);
            all.into_iter().map(move |words| Phrase { field, words, weight })
        })
    })
}

/// Every combination of a pattern's choices, in order. A brace without its partner is a character like others.
pub(super) fn spelled_out(pattern: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut rest = pattern;
    while let Some((before, choices, after)) = next_choice(rest) {
        found.iter_mut().for_each(|words| words.push_str(before));
        found = found
            .iter()
            .flat_map(|words| choices.split('|').map(move |choice| format!("{words}{choice}")))
            .take(COMBINATIONS_MAX)
            .collect();
        rest = after;
    }
    found.iter().map(|words| (words.to_owned() + rest).split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// What stands before, in and behind the first braces.
fn next_choice(pattern: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = pattern.split_once('{')?;
    let (choices, after) = rest.split_once('}')?;
    Some((before, choices, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_combined_in_order() {
        assert_eq!(
            spelled_out("{Date|Day} of {the |}event"),
            ["Date of the event", "Date of event", "Day of the event", "Day of event"]
        );
        assert_eq!(spelled_out("Police told?"), ["Police told?"]);
        assert_eq!(spelled_out("open { brace"), ["open { brace"]);
        assert!(spelled_out(&"{a|b}".repeat(40)).len() <= COMBINATIONS_MAX);
    }

    #[test]
    fn every_pattern_is_of_a_key_and_can_be_spelled_out() {
        let parsed: BTreeMap<String, Vec<String>> = toml::from_str(include_str!("phrasings.toml")).unwrap();
        for (key, patterns) in parsed {
            assert!(FIELDS.iter().any(|field| field.key == key), "{key} is no field");
            for pattern in patterns {
                let all = spelled_out(&pattern);
                assert!(!all.is_empty() && all.iter().all(|words| !words.contains(['{', '}', '|'])), "{pattern}");
            }
        }
        assert!(built_in().count() > 5_000);
    }
}
