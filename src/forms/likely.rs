//! What a label most likely asks when its words are not known: Bayes' rule over the words and letters of all known wordings.
//!
//! Comes in: the known wordings with their fields, later a label. Goes out: for each field the logarithm of how likely it is, by words and pairs of
//! words, and by runs of letters, which see through endings and slips of the pen. Each is taken as independent of the others, which they are not, so
//! that the sum is toned down. Knows nothing of answers or sections: that evidence is added where keys are assigned.

use std::collections::{HashMap, HashSet};

use super::fields::FIELDS;

/// What is added to every count, so that nothing unseen is impossible.
const SMOOTHING: f32 = 0.1;
/// What the evidence of words counts.
const WORDS: f32 = 0.36;
/// What that of letters counts.
const LETTERS: f32 = 0.11;
/// What the number of a field's wordings counts: what is asked in many ways is asked often.
const PRIOR: f32 = 0.36;
/// The shortest and the longest run of letters, with the gaps at both ends of a word.
const RUNS: std::ops::RangeInclusive<usize> = 3..=5;
/// The most words of a label that are weighed: what follows is guidance.
const WORDS_MAX: usize = 24;

/// One sort of evidence.
#[derive(Debug, Clone, Default)]
struct Evidence {
    /// By feature, the fields that have it, each with what it adds to a feature that the field does not have.
    features: HashMap<String, Box<[(u16, f32)]>>,
    /// By field, what a feature counts that it does not have.
    without: Vec<f32>,
}

/// The known wordings, counted.
#[derive(Debug, Clone)]
pub(super) struct Likely {
    words: Evidence,
    letters: Evidence,
    prior: Vec<f32>,
}

impl Likely {
    /// Counts the wordings of each field.
    pub(super) fn of<'w>(wordings: impl Iterator<Item = (usize, &'w str)> + Clone) -> Likely {
        let mut count = vec![1.0f32; FIELDS.len()];
        let mut seen: HashSet<(usize, Vec<String>)> = HashSet::new();
        let all: Vec<(usize, Vec<String>)> = wordings
            .map(|(field, wording)| (field, words_of(wording)))
            .filter(|(field, words)| !words.is_empty() && seen.insert((*field, words.clone())))
            .collect();
        all.iter().for_each(|(field, _)| count[*field] += 1.0);
        Likely {
            words: Evidence::of(&all, with_pairs),
            letters: Evidence::of(&all, runs),
            prior: count.into_iter().map(|count| PRIOR * count.ln()).collect(),
        }
    }

    /// By field, how likely a label asks for it: logarithms, of which differences alone mean something.
    pub(super) fn weigh(&self, label: &str) -> Vec<f32> {
        let words = words_of(label);
        let mut found = self.prior.clone();
        self.words.add(WORDS, with_pairs(&words), &mut found);
        self.letters.add(LETTERS, runs(&words), &mut found);
        found
    }
}

impl Evidence {
    fn of(wordings: &[(usize, Vec<String>)], features: fn(&[String]) -> HashSet<String>) -> Evidence {
        let mut counts: HashMap<String, HashMap<u16, f32>> = HashMap::new();
        let mut total = vec![0.0f32; FIELDS.len()];
        for (field, words) in wordings {
            for feature in features(words) {
                *counts.entry(feature).or_default().entry(*field as u16).or_default() += 1.0;
                total[*field] += 1.0;
            }
        }
        let all = SMOOTHING * counts.len() as f32;
        let without = total.iter().map(|total| (SMOOTHING / (total + all)).ln()).collect();
        let adds = |fields: HashMap<u16, f32>| {
            let mut adds: Vec<(u16, f32)> =
                fields.into_iter().map(|(field, count)| (field, (1.0 + count / SMOOTHING).ln())).collect();
            adds.sort_unstable_by_key(|(field, _)| *field);
            adds.into_boxed_slice()
        };
        Evidence { features: counts.into_iter().map(|(feature, fields)| (feature, adds(fields))).collect(), without }
    }

    /// Adds what the features tell; one that no wording has tells nothing.
    fn add(&self, weight: f32, features: HashSet<String>, found: &mut [f32]) {
        // In order, so that sums come out the same each time.
        let mut known: Vec<&str> =
            features.iter().map(String::as_str).filter(|feature| self.features.contains_key(*feature)).collect();
        known.sort_unstable();
        for feature in &known {
            self.features[*feature].iter().for_each(|(field, adds)| found[usize::from(*field)] += weight * adds);
        }
        let times = known.len() as f32;
        found.iter_mut().zip(&self.without).for_each(|(found, without)| *found += weight * times * without);
    }
}

/// Lower-case words; "D.O.B." and "D of B" are one.
fn words_of(label: &str) -> Vec<String> {
    let text = label.to_lowercase().replace(['\'', '’', '‘'], "").replace("d of b", "dob").replace("d.o.b", "dob");
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(WORDS_MAX).map(str::to_owned).collect()
}

/// Each word, and each with its neighbour, the ends of the label among them.
fn with_pairs(words: &[String]) -> HashSet<String> {
    let mut found: HashSet<String> = words.iter().cloned().collect();
    let ends = [String::new()];
    let all: Vec<&String> = ends.iter().chain(words).chain(&ends).collect();
    found.extend(all.windows(2).map(|two| format!("{} {}", two[0], two[1])));
    found
}

fn runs(words: &[String]) -> HashSet<String> {
    let mut found = HashSet::new();
    for word in words {
        let letters: Vec<char> = std::iter::once(' ').chain(word.chars().take(24)).chain([' ']).collect();
        for length in RUNS {
            found.extend(letters.windows(length).map(|run| run.iter().collect::<String>()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_in_no_wording_together_are_told_by_each() {
        let wordings = [(0, "Name of child"), (0, "Child's full name"), (5, "Date of birth"), (5, "Born on")];
        let likely = Likely::of(wordings.iter().map(|(field, wording)| (*field, *wording)));
        let best = |label: &str| {
            let weighed = likely.weigh(label);
            (0..weighed.len()).max_by(|a, b| weighed[*a].total_cmp(&weighed[*b])).unwrap_or_default()
        };
        assert_eq!(best("Full name of the child"), 0);
        assert_eq!(best("Birth date"), 5);
        assert_eq!(best("Birthdate"), 5, "by letters");
    }
}
