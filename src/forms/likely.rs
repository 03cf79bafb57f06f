//! What a label most likely asks when its words are not known: Bayes' rule over the words and letters of all known wordings.
//!
//! Comes in: the known wordings with their fields, later a label. Goes out: for each field the logarithm of how likely it is, by words and pairs of
//! words, and by runs of letters, which see through endings and slips of the pen. Each is taken as independent of the others, which they are not, so
//! that the sum is toned down. Knows nothing of answers or sections: that evidence is added where keys are assigned.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

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

/// A field, the words of a wording of it, and what that counts.
type Counted = (usize, Vec<String>, f32);

/// A word, two words or a run of letters, by its hash: there are a hundred thousand of them, so that no two are likely to share one.
type Feature = u64;

/// By feature, something for each field that has it, in the order of the fields.
type Features = HashMap<Feature, Vec<(u16, f32)>, BuildHasherDefault<AsItIs>>;

/// One sort of evidence.
#[derive(Debug, Clone, Default)]
struct Evidence {
    /// What each field that has a feature adds to a feature that it does not have.
    features: Features,
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
    /// Counts the wordings of each field, each with what it counts.
    pub(super) fn of<'w>(wordings: impl Iterator<Item = (usize, &'w str, f32)>) -> Likely {
        let mut count = vec![1.0f32; FIELDS.len()];
        let mut seen: HashSet<(usize, Vec<String>)> = HashSet::new();
        let all: Vec<Counted> = wordings
            .map(|(field, wording, weight)| (field, words_of(wording), weight))
            .filter(|(field, words, _)| !words.is_empty() && seen.insert((*field, words.clone())))
            .collect();
        all.iter().for_each(|(field, _, weight)| count[*field] += weight);
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
    fn of(wordings: &[Counted], features: fn(&[String]) -> Vec<Feature>) -> Evidence {
        let mut counts = Features::default();
        let mut total = vec![0.0f32; FIELDS.len()];
        for (field, words, weight) in wordings {
            let own = *field as u16;
            for feature in features(words) {
                let fields = counts.entry(feature).or_default();
                match fields.binary_search_by_key(&own, |(known, _)| *known) {
                    Ok(at) => fields[at].1 += weight,
                    Err(at) => fields.insert(at, (own, *weight)),
                }
                total[*field] += weight;
            }
        }
        let all = SMOOTHING * counts.len() as f32;
        let without = total.iter().map(|total| (SMOOTHING / (total + all)).ln()).collect();
        let each = counts.values_mut().flatten();
        each.for_each(|(_, count)| *count = (1.0 + *count / SMOOTHING).ln());
        Evidence { features: counts, without }
    }

    /// Adds what the features tell; one that no wording has tells nothing.
    fn add(&self, weight: f32, features: Vec<Feature>, found: &mut [f32]) {
        let mut times = 0.0;
        for fields in features.iter().filter_map(|feature| self.features.get(feature)) {
            fields.iter().for_each(|(field, adds)| found[usize::from(*field)] += weight * adds);
            times += 1.0;
        }
        found.iter_mut().zip(&self.without).for_each(|(found, without)| *found += weight * times * without);
    }
}

/// Lower-case words; "D.O.B." and "D of B" are one.
fn words_of(label: &str) -> Vec<String> {
    let text = label.to_lowercase().replace(['\'', '’', '‘'], "").replace("d of b", "dob").replace("d.o.b", "dob");
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(WORDS_MAX).map(str::to_owned).collect()
}

/// Each word, and each with its neighbour, the ends of the label among them; each feature once, in an order that is always the same.
fn with_pairs(words: &[String]) -> Vec<Feature> {
    let end = String::new();
    let mut found: Vec<Feature> = words.iter().map(|word| hashed(word.chars())).collect();
    let all = || std::iter::once(&end).chain(words);
    let two = all().zip(all().skip(1).chain([&end]));
    found.extend(two.map(|(one, other)| hashed(one.chars().chain([' ']).chain(other.chars()))));
    once_each(found)
}

fn runs(words: &[String]) -> Vec<Feature> {
    let mut found = Vec::new();
    let mut letters = Vec::new();
    for word in words {
        letters.clear();
        letters.extend(std::iter::once(' ').chain(word.chars().take(24)).chain([' ']));
        for length in RUNS {
            found.extend(letters.windows(length).map(|run| hashed(run.iter().copied())));
        }
    }
    once_each(found)
}

fn once_each(mut features: Vec<Feature>) -> Vec<Feature> {
    features.sort_unstable();
    features.dedup();
    features
}

/// FNV-1a over characters: quick, and the same in every process. What it is asked of is ours, so that nobody gains by a clash.
fn hashed(letters: impl Iterator<Item = char>) -> Feature {
    letters.fold(0xcbf2_9ce4_8422_2325, |hash, letter| (hash ^ u64::from(letter)).wrapping_mul(0x0100_0000_01b3))
}

/// Features are hashes already.
#[derive(Debug, Clone, Copy, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, feature: u64) {
        self.0 = feature;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_in_no_wording_together_are_told_by_each() {
        let wordings = [(0, "Name of child"), (0, "Child's full name"), (5, "Date of birth"), (5, "Born on")];
        let likely = Likely::of(wordings.iter().map(|(field, wording)| (*field, *wording, 1.0)));
        let best = |label: &str| {
            let weighed = likely.weigh(label);
            (0..weighed.len()).max_by(|a, b| weighed[*a].total_cmp(&weighed[*b])).unwrap_or_default()
        };
        assert_eq!(best("Full name of the child"), 0);
        assert_eq!(best("Birth date"), 5);
        assert_eq!(best("Birthdate"), 5, "by letters");
    }
}
