//! How much each word speaks for a theme, learned from lessons that people put under their themes.
//!
//! Comes in: passages with the numbers of their themes. Goes out: a [`Model`], which gives each theme a score for any passage; the same
//! for the same lessons in the same order. A linear support vector machine for each theme over stems and pairs of neighbouring
//! stems: what a score rests on are weights of words, which can be shown. Knows nothing of reports and incidents.

use std::collections::HashMap;

/// Rounds through all lessons, after which the weights hardly move any more.
const ROUNDS: usize = 15;
/// What one lesson on the wrong side costs beside small weights.
const COST: f32 = 1.0;
/// Lessons from which a theme speaks for itself: those of a theme with fewer cost as much as these would.
const LESSONS_ENOUGH: f32 = 100.0;
/// Endings that do not change what a word speaks for, the longest first.
const ENDINGS: [&str; 9] = ["ings", "ing", "edly", "ed", "ies", "es", "ly", "s", "e"];
/// Letters that remain of a word at least.
const STEM_MIN: usize = 3;

/// A passage as the numbers of its words with their weights, of length 1.
type Vector = Vec<(u32, f32)>;

/// What words speak for which theme.
#[derive(Debug)]
pub struct Model {
    numbers: HashMap<String, u32>,
    rarity: Vec<f32>,
    /// For each theme the weight of each word, the last one for none.
    themes: Vec<Vec<f32>>,
}

impl Model {
    /// Learns from lessons, each with the numbers of its themes, of which there are `themes`.
    pub fn learn<'t>(lessons: impl Iterator<Item = (&'t str, &'t [usize])> + Clone, themes: usize) -> Self {
        let (mut numbers, mut rows, mut found_in) = (HashMap::new(), Vec::new(), Vec::<u32>::new());
        for (text, _) in lessons.clone() {
            let row: Vec<u32> = features(text)
                .into_iter()
                .map(|feature| {
                    let next = numbers.len() as u32;
                    *numbers.entry(feature).or_insert(next)
                })
                .collect();
            found_in.resize(numbers.len(), 0);
            row.iter().for_each(|number| found_in[*number as usize] += 1);
            rows.push(row);
        }
        let all = rows.len() as f32;
        let rarity: Vec<f32> =
            found_in.iter().map(|in_lessons| ((1.0 + all) / (1.0 + *in_lessons as f32)).ln() + 1.0).collect();
        let rows: Vec<Vector> = rows.iter().map(|row| vector(row, &rarity)).collect();
        let order = mixed(rows.len());
        let themes = (0..themes)
            .map(|theme| {
                let is_in: Vec<bool> = lessons.clone().map(|(_, of)| of.contains(&theme)).collect();
                separate(&rows, &is_in, &order, rarity.len())
            })
            .collect();
        Model { numbers, rarity, themes }
    }

    /// A score for each theme: above 0 the words speak for it as those of its lessons do.
    pub fn scores(&self, passage: &str) -> Vec<f32> {
        let vector = self.vector(passage);
        self.themes.iter().map(|weights| scored(weights, &vector)).collect()
    }

    /// The words of a passage that speak most for a theme, the strongest first, as stems.
    pub fn grounds(&self, passage: &str, theme: usize, most: usize) -> Vec<String> {
        let vector = self.vector(passage);
        let mut found: Vec<(String, f32)> = features(passage)
            .into_iter()
            .filter_map(|feature| {
                let number = *self.numbers.get(&feature)?;
                let value = vector.iter().find(|(of, _)| *of == number)?.1;
                Some((feature, value * self.themes[theme][number as usize]))
            })
            .filter(|(_, speaks)| *speaks > 0.0)
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(most);
        found.into_iter().map(|(feature, _)| feature).collect()
    }

    fn vector(&self, passage: &str) -> Vector {
        let row: Vec<u32> = features(passage).iter().filter_map(|feature| self.numbers.get(feature).copied()).collect();
        vector(&row, &self.rarity)
    }
}

/// The stems of a passage and the pairs of those that stand side by side, each once, in their order.
fn features(passage: &str) -> Vec<String> {
    let (mut found, mut known) = (Vec::new(), std::collections::HashSet::new());
    let mut add = |feature: String| {
        if known.insert(feature.clone()) {
            found.push(feature);
        }
    };
    for sentence in passage.split(['.', '!', '?', ';', ':', '\n']) {
        let stems: Vec<String> = stems(sentence).collect();
        stems.windows(2).for_each(|pair| add(pair.join(" ")));
        stems.into_iter().for_each(&mut add);
    }
    found
}

/// The words of a text in lower case without their endings; a number is `#`.
pub fn stems(text: &str) -> impl Iterator<Item = String> {
    let text = text.to_lowercase().replace('\u{2019}', "'");
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
        .map(|word| word.trim_matches('\''))
        .map(|word| word.strip_suffix("'s").unwrap_or(word))
        .filter(|word| !word.is_empty())
        .map(|word| if word.bytes().all(|byte| byte.is_ascii_digit()) { "#" } else { stem(word) }.to_owned())
        .collect();
    words.into_iter()
}

fn stem(word: &str) -> &str {
    let without = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending).filter(|stem| stem.len() >= STEM_MIN));
    without.unwrap_or(word)
}

/// Rare words weigh more, and a long passage no more than a short one.
fn vector(row: &[u32], rarity: &[f32]) -> Vector {
    let length = row.iter().map(|number| rarity[*number as usize].powi(2)).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    row.iter().map(|number| (*number, rarity[*number as usize] / length)).collect()
}

fn scored(weights: &[f32], vector: &Vector) -> f32 {
    let apart = weights.last().copied().unwrap_or_default();
    apart + vector.iter().map(|(number, value)| weights[*number as usize] * value).sum::<f32>()
}

/// Every number below `count` once, neighbours far apart: lessons of one theme tend to stand together.
fn mixed(count: usize) -> Vec<usize> {
    let is_coprime = |step: usize| (2..=step).all(|by| !step.is_multiple_of(by) || !count.is_multiple_of(by));
    let step = (count * 5 / 8..).find(|step| is_coprime(*step)).unwrap_or(1);
    (0..count).map(|at| at * step % count.max(1)).collect()
}

/// The weights that set the lessons of a theme apart from the others with the widest margin: dual coordinate descent for the squared
/// hinge loss (Hsieh and others, 2008).
fn separate(rows: &[Vector], is_in: &[bool], order: &[usize], words: usize) -> Vec<f32> {
    let mut weights = vec![0.0_f32; words + 1];
    let mut pressures = vec![0.0_f32; rows.len()];
    let give = 1.0 / (2.0 * COST);
    let lessons = is_in.iter().filter(|is_in| **is_in).count().max(1) as f32;
    let give_in = give / (LESSONS_ENOUGH / lessons).max(1.0);
    for _ in 0..ROUNDS {
        for &at in order {
            let (side, give) = if is_in[at] { (1.0, give_in) } else { (-1.0, give) };
            let slope = side * scored(&weights, &rows[at]) - 1.0 + give * pressures[at];
            if pressures[at] <= 0.0 && slope >= 0.0 {
                continue;
            }
            // A row has length 1, and the weight for no word adds 1.
            let pressure = (pressures[at] - slope / (2.0 + give)).max(0.0);
            let change = (pressure - pressures[at]) * side;
            pressures[at] = pressure;
            rows[at].iter().for_each(|(number, value)| weights[*number as usize] += change * value);
            weights[words] += change;
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_only_one_theme_has_speaks_for_it() {
        let lessons: [(&str, &[usize]); 4] = [
            ("Supervision was not held.", &[0]),
            ("Supervision was cancelled twice.", &[0]),
            ("The record was not up to date.", &[1]),
            ("Records were written late.", &[1]),
        ];
        let model = Model::learn(lessons.into_iter(), 2);
        let scores = model.scores("There was no supervision.");
        assert!(scores[0] > 0.0 && scores[1] < 0.0, "{scores:?}");
        let scores = model.scores("Recording must be prompt.");
        assert!(scores[1] > 0.0 && scores[0] < 0.0, "{scores:?}");
        assert_eq!(model.grounds("There was no supervision.", 0, 1), ["supervision"]);
        assert!(model.scores("").iter().all(|score| score.is_finite()));
    }

    #[test]
    fn every_lesson_has_its_turn() {
        for count in [0, 1, 2, 7, 360, 5_621] {
            let mut order = mixed(count);
            order.sort_unstable();
            assert_eq!(order, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn endings_fall_and_short_words_stay() {
        let found: Vec<String> = stems("The carers' recording wasn\u{2019}t shared with Jo's GPs in 2026").collect();
        assert_eq!(found, ["the", "carer", "record", "wasn't", "shar", "with", "jo", "gps", "in", "#"]);
    }
}
