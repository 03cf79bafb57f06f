//! Common themes of what investigation reports teach: which incidents have each theme, and in which words (L3).
//!
//! Comes in: [`Learning`] without identities, and what the reports of the period before say. Goes out: themes in order of how many
//! incidents have them, "other" last, and phrases that recur among lessons of no theme. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Figure;
use super::learning::{Learning, Said};
use super::themes::{Assigned, Themes};
use crate::incident::event::Reference;
use crate::incident::lessons::Part;

/// What lessons of no theme are counted as.
pub const OTHER: &str = "Other";
/// The theme of what went well: its points stand under the theme that they are about.
const GOOD_PRACTICE: &str = "good_practice";
/// Incidents in which a phrase recurs before it is offered as a possible theme.
const RECURS: usize = 2;
/// Letters of the words of such a phrase: shorter ones say nothing of what it is about.
const WORD_MIN: usize = 5;

/// One theme with what was said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common {
    /// How many incidents, and which.
    pub figure: Figure,
    /// What belongs to the theme, in some words; empty for "other".
    pub about: String,
    /// The sentences of lessons and causes that speak of it, each once.
    pub lessons: Vec<String>,
    /// What went well about it.
    pub good_practice: Vec<String>,
}

/// Everything that is said of themes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Themed {
    /// The themes that anybody names, most incidents first, "other" last.
    pub themes: Vec<Common>,
    /// Two words that stand side by side in lessons of no theme of several incidents, and of how many: possible new themes.
    pub recurring: Vec<(String, usize)>,
    /// The themes of each passage of the period in words, and why, by incident and number.
    pub titles: BTreeMap<(Reference, u32), (String, String)>,
}

/// The themes of the period, beside those of the passages of each incident of the period before.
pub fn themed(learning: &[Learning], before: &[Vec<Said>], themes: &Themes) -> Themed {
    let mut found: BTreeMap<usize, Common> = BTreeMap::new();
    let (mut titles, mut untold) = (BTreeMap::new(), Vec::new());
    for one in learning {
        for (number, part, passage) in one.passages() {
            let corrected = one.corrected.get(&number);
            let assigned = match corrected {
                Some(corrected) => themes.told(passage, &corrected.themes),
                None => themes.of(passage),
            };
            let named: Vec<&str> = assigned.iter().map(|assigned| assigned.theme.title.as_str()).collect();
            let named = if named.is_empty() { OTHER.to_owned() } else { named.join("; ") };
            let why = match corrected {
                Some(corrected) => format!("corrected by {} on {}", corrected.by, corrected.on.format("%-d %B %Y")),
                None => grounds(&assigned),
            };
            titles.insert((one.reference.clone(), number), (named, why));
            if assigned.is_empty() {
                untold.push((&one.reference, passage.as_str()));
            }
            let about = about(&assigned);
            let is_good =
                part == Part::GoodPractice || assigned.iter().any(|assigned| assigned.theme.id == GOOD_PRACTICE);
            for of in about {
                let common = entry(&mut found, of, themes);
                if !common.figure.references.contains(&one.reference) {
                    common.figure.references.push(one.reference.clone());
                }
                let sentence = of.map_or(passage, |assigned| &assigned.evidence);
                let sentences = if is_good { &mut common.good_practice } else { &mut common.lessons };
                if !sentences.iter().any(|known| known.eq_ignore_ascii_case(sentence)) {
                    sentences.push(sentence.clone());
                }
            }
        }
    }
    for said in before {
        let mut counted = BTreeSet::new();
        for (passage, told) in said {
            let assigned = told.as_ref().map_or_else(|| themes.of(passage), |ids| themes.told(passage, ids));
            for of in about(&assigned) {
                let common = entry(&mut found, of, themes);
                if counted.insert(common.figure.label.clone()) {
                    common.figure.before += 1;
                }
            }
        }
    }
    let mut all: Vec<(usize, Common)> = found.into_iter().collect();
    all.sort_by_key(|(number, common)| {
        (*number == usize::MAX, std::cmp::Reverse((common.figure.count(), common.figure.before)), *number)
    });
    let themes = all.into_iter().map(|(_, common)| common).collect();
    Themed { themes, recurring: recurring(&untold), titles }
}

/// What a passage counts under: what it is about, else that it tells of good practice, else "other".
fn about<'a>(assigned: &'a [Assigned<'a>]) -> Vec<Option<&'a Assigned<'a>>> {
    let about: Vec<Option<&Assigned>> =
        assigned.iter().filter(|assigned| assigned.theme.id != GOOD_PRACTICE).map(Some).collect();
    if about.is_empty() { vec![assigned.first()] } else { about }
}

fn entry<'f>(found: &'f mut BTreeMap<usize, Common>, of: Option<&Assigned>, themes: &Themes) -> &'f mut Common {
    let place = |assigned: &Assigned| themes.list().iter().position(|theme| theme.id == assigned.theme.id);
    found.entry(of.and_then(place).unwrap_or(usize::MAX)).or_insert_with(|| Common {
        figure: Figure::of(of.map_or_else(|| OTHER.to_owned(), |assigned| assigned.theme.title.clone())),
        about: of.map(|assigned| assigned.theme.about.clone()).unwrap_or_default(),
        lessons: Vec::new(),
        good_practice: Vec::new(),
    })
}

fn recurring(untold: &[(&Reference, &str)]) -> Vec<(String, usize)> {
    let mut found: BTreeMap<String, BTreeSet<&Reference>> = BTreeMap::new();
    for (reference, passage) in untold {
        for sentence in passage.split(['.', ',', ';', ':', '!', '?', '(', ')', '[', ']']) {
            let words: Vec<String> = sentence.split_whitespace().map(str::to_lowercase).collect();
            let says = |word: &String| word.chars().count() >= WORD_MIN && word.chars().all(char::is_alphabetic);
            for pair in words.windows(2).filter(|pair| pair.iter().all(says)) {
                found.entry(pair.join(" ")).or_default().insert(reference);
            }
        }
    }
    let counted = found.into_iter().map(|(phrase, of)| (phrase, of.len()));
    let mut recurring: Vec<(String, usize)> = counted.filter(|(_, count)| *count >= RECURS).collect();
    recurring.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    recurring
}

/// The words that spoke for the themes of a passage, as they are known.
fn grounds(assigned: &[Assigned]) -> String {
    let each = assigned.iter().filter(|assigned| !assigned.words.is_empty());
    each.map(|assigned| format!("{}: {}", assigned.theme.id, assigned.words.join(", "))).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learning(number: u32, lessons: &[&str], good_practice: &[&str]) -> Learning {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Learning {
            reference: Reference(format!("SI-2026-{number:04}")),
            class: "Serious".to_owned(),
            category: "Injury".to_owned(),
            causes: Vec::new(),
            lessons: owned(lessons),
            good_practice: owned(good_practice),
            to_share: Vec::new(),
            corrected: BTreeMap::new(),
        }
    }

    #[test]
    fn l3_an_incident_counts_once_in_a_theme_and_other_is_shown_last() {
        let supervision = "Supervision of the social worker did not take place.";
        let learning = [
            learning(1, &[supervision, "There was no management oversight in supervision."], &[]),
            learning(
                2,
                &[supervision, "The fairy lights were blue."],
                &["Supervision of the residential staff was regular and reflective."],
            ),
        ];
        let before = [vec![(supervision.to_owned(), None), (supervision.to_owned(), None)]];
        let found = themed(&learning, &before, Themes::built_in()).themes;
        let is_supervision = |common: &&Common| common.figure.label == "Supervision and management oversight";
        let first = found.iter().find(is_supervision).expect("the theme");
        assert_eq!(
            (first.figure.label.as_str(), first.figure.count(), first.figure.before),
            ("Supervision and management oversight", 2, 1)
        );
        assert_eq!(first.lessons.iter().filter(|lesson| *lesson == supervision).count(), 1, "each once");
        assert_eq!(first.good_practice, ["Supervision of the residential staff was regular and reflective."]);
        let other = found.last().expect("other");
        assert_eq!((other.figure.label.as_str(), other.figure.count()), (OTHER, 1));
        assert_eq!(other.lessons, ["The fairy lights were blue."]);
    }

    #[test]
    fn l3_what_recurs_among_lessons_of_no_theme_is_offered() {
        let learning = [
            learning(1, &["The fairy lights were never switched."], &[]),
            learning(2, &["Those fairy lights again."], &[]),
            learning(3, &["Something purple."], &[]),
        ];
        assert_eq!(themed(&learning, &[], Themes::built_in()).recurring, [("fairy lights".to_owned(), 2)]);
    }
}
