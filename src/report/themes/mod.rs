//! Common themes: which themes of a list that is data a lesson belongs to, and which of its sentences says so (L3).
//!
//! Comes in: a lesson without identities. Goes out: themes, each with its evidence; none is "other". Deterministic: words are weighed as
//! `learn` learned them from lessons that people put under their themes (`lessons.txt`), and a council's own file adds to both.

mod file;
mod learn;

use std::sync::OnceLock;

pub use file::Wrong;
use learn::Model;

use crate::incident::lessons::ThemeName;

const BUILT_IN: &str = include_str!("themes.toml");
const LESSONS: &str = include_str!("lessons.txt");

/// What is of no theme, in the lists of lessons.
const OTHER: &str = "other";
/// The score from which a lesson belongs to a theme: chosen so that of lessons of authors who taught nothing as many are missed as are
/// put under a theme too many.
const ENOUGH: f32 = -0.38;
/// Words up to which a passage is one lesson; of a longer one each sentence is.
const ONE_LESSON_WORDS: usize = 60;

/// One theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Its name in data: letters and underscores.
    pub id: String,
    /// Its name in a report.
    pub title: String,
    /// What belongs to it, in some words.
    pub about: String,
    /// Lessons that belong to it, beside those that are built in.
    lessons: Vec<String>,
}

/// The themes and what speaks for each, which is learned when it is first asked for.
#[derive(Debug)]
pub struct Themes {
    list: Vec<Theme>,
    model: OnceLock<Model>,
}

/// That a lesson belongs to a theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned<'t> {
    /// The theme.
    pub theme: &'t Theme,
    /// The sentence that speaks most for it.
    pub evidence: String,
    /// The stems that speak most for it, the strongest first.
    pub words: Vec<String>,
}

impl Themes {
    /// The built-in themes, learned once for a process.
    pub fn built_in() -> &'static Themes {
        static THEMES: OnceLock<Themes> = OnceLock::new();
        THEMES.get_or_init(|| Themes::with("").expect("the built-in themes are well-formed: a test reads them"))
    }

    /// The built-in themes with those of a council's own file: new ones, and more lessons for old ones.
    ///
    /// # Errors
    /// The first thing that is wrong in the file.
    pub fn with(own: &str) -> Result<Themes, Wrong> {
        let mut list = Vec::new();
        file::add(&mut list, BUILT_IN)?;
        file::add(&mut list, own)?;
        Ok(Themes { list, model: OnceLock::new() })
    }

    fn model(&self) -> &Model {
        self.model.get_or_init(|| {
            let mut lessons = labelled(LESSONS, &self.list);
            for (at, theme) in self.list.iter().enumerate() {
                lessons.extend(theme.lessons.iter().map(|text| (text.as_str(), vec![at])));
            }
            Model::learn(lessons.iter().map(|(text, of)| (*text, of.as_slice())), self.list.len())
        })
    }

    /// The themes by name, for what people write.
    pub fn names(&self) -> Vec<ThemeName> {
        let name = |theme: &Theme| ThemeName { id: theme.id.clone(), title: theme.title.clone() };
        self.list.iter().map(name).collect()
    }

    /// The themes, in the order of the list.
    pub fn list(&self) -> &[Theme] {
        &self.list
    }

    /// The themes of a lesson, in the order of the list; empty for one that is of no theme.
    pub fn of(&self, passage: &str) -> Vec<Assigned<'_>> {
        let sentences = sentences(passage);
        let lessons: Vec<&str> =
            if passage.split_whitespace().count() > ONE_LESSON_WORDS { sentences.clone() } else { vec![passage] };
        let scores: Vec<Vec<f32>> = lessons.iter().map(|lesson| self.model().scores(lesson)).collect();
        let belongs = |theme: &usize| scores.iter().any(|scores| scores[*theme] >= ENOUGH);
        self.spoken(passage, &sentences, (0..self.list.len()).filter(belongs))
    }

    /// The themes that a person put a lesson under, by id, in the order of the list; ids that the list lacks are left out.
    pub fn told(&self, passage: &str, ids: &[String]) -> Vec<Assigned<'_>> {
        let belongs = |theme: &usize| ids.contains(&self.list[*theme].id);
        self.spoken(passage, &sentences(passage), (0..self.list.len()).filter(belongs))
    }

    /// Themes of a passage with what speaks for each of them.
    fn spoken(&self, passage: &str, sentences: &[&str], of: impl Iterator<Item = usize>) -> Vec<Assigned<'_>> {
        let each: Vec<Vec<f32>> = sentences.iter().map(|sentence| self.model().scores(sentence)).collect();
        of.map(|theme| {
            let best = (0..sentences.len()).max_by(|a, b| each[*a][theme].total_cmp(&each[*b][theme]));
            let evidence = best.map_or(passage, |best| sentences[best]);
            let words = self.model().grounds(evidence, theme, 3);
            Assigned { theme: &self.list[theme], evidence: evidence.to_owned(), words }
        })
        .collect()
    }
}

/// Lessons of a text, one a line: themes, a colon, the lesson. `other` is no theme.
fn labelled<'t>(text: &'t str, list: &[Theme]) -> Vec<(&'t str, Vec<usize>)> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(':'));
    let number = |id: &str| list.iter().position(|theme| theme.id == id);
    lines
        .map(|(themes, lesson)| {
            let themes = themes.split(',').map(str::trim).filter(|id| *id != OTHER);
            let numbers = themes.map(|id| number(id).expect("a test looks for the theme of each lesson"));
            (lesson.trim(), numbers.collect())
        })
        .collect()
}

/// The sentences of a passage.
fn sentences(passage: &str) -> Vec<&str> {
    let ends = |(at, _): &(usize, &str)| passage[at + 1..].starts_with(char::is_whitespace) || at + 1 == passage.len();
    let mut from = 0;
    let mut found = Vec::new();
    for (at, _) in passage.match_indices(['.', '!', '?', ';', '\n']).filter(ends) {
        found.push(passage[from..=at].trim());
        from = at + 1;
    }
    found.push(passage[from..].trim());
    found.retain(|sentence| !sentence.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELD_OUT: &str = include_str!("../../../tests/themes/held-out.txt");

    /// Right, too many and missed over all lessons.
    fn measured(lessons: &str) -> (usize, usize, usize) {
        let themes = Themes::built_in();
        let (mut right, mut too_many, mut missed) = (0, 0, 0);
        for (lesson, expected) in labelled(lessons, themes.list()) {
            let mut found: Vec<&str> = themes.of(lesson).iter().map(|assigned| assigned.theme.id.as_str()).collect();
            let mut expected: Vec<&str> = expected.iter().map(|at| themes.list()[*at].id.as_str()).collect();
            for themes in [&mut found, &mut expected].into_iter().filter(|themes| themes.is_empty()) {
                themes.push("other");
            }
            let both = found.iter().filter(|theme| expected.contains(theme)).count();
            (right, too_many, missed) = (right + both, too_many + found.len() - both, missed + expected.len() - both);
        }
        (right, too_many, missed)
    }

    #[test]
    fn l3_lessons_that_taught_nothing_come_under_their_themes() {
        let (right, too_many, missed) = measured(HELD_OUT);
        let f1 = 2.0 * right as f64 / (2 * right + too_many + missed) as f64;
        println!("{right} right, {too_many} too many, {missed} missed: F1 {f1:.3}");
        assert!(f1 >= 0.85, "{right} right, {too_many} too many, {missed} missed: F1 {f1:.3}");
    }

    #[test]
    fn no_lesson_that_measures_has_taught() {
        let taught: std::collections::HashSet<&str> =
            LESSONS.lines().filter_map(|line| line.split_once(": ")).map(|(_, lesson)| lesson).collect();
        let measures: Vec<&str> =
            HELD_OUT.lines().filter_map(|line| line.split_once(": ")).map(|(_, lesson)| lesson).collect();
        assert!(measures.len() >= 150);
        assert!(measures.iter().all(|lesson| !taught.contains(lesson)));
    }

    #[test]
    fn the_sentence_that_says_so_is_the_evidence() {
        let found = Themes::built_in()
            .of("The visit was on time. Supervision of the worker did not take place for three months.");
        let supervision = found.iter().find(|assigned| assigned.theme.id == "supervision").expect("assigned");
        assert_eq!(supervision.evidence, "Supervision of the worker did not take place for three months.");
        assert!(supervision.words.iter().any(|word| word.contains("supervision")), "{:?}", supervision.words);
        assert!(Themes::built_in().of("").is_empty());
    }

    #[test]
    fn l3_a_council_adds_a_theme_by_lessons_of_its_own() {
        let own = "[[theme]]\nid = \"animals\"\ntitle = \"Dogs and other animals\"\nabout = \"animals in the home\"\n\
                   lessons = [\"The dog in the home was not assessed.\", \"Nobody asked about the family's dog.\", \"A dangerous dog was not mentioned in the plan.\"]\n\
                   [[theme]]\nid = \"finance\"\ntitle = \"Money and what it buys\"\n";
        let built_in = Themes::built_in();
        let themes = Themes::with(own).expect("well-formed");
        let found = themes.of("The risk from the dog was never considered.");
        assert!(found.iter().any(|assigned| assigned.theme.id == "animals"), "{found:?}");
        assert_eq!(themes.list().len(), built_in.list().len() + 1);
        let (own, before) = (themes.names(), built_in.names());
        let differs: Vec<&str> =
            own.iter().filter(|name| !before.contains(name)).map(|name| name.title.as_str()).collect();
        assert_eq!(differs, ["Money and what it buys", "Dogs and other animals"], "the others stay as they are");
    }

    #[test]
    fn l3_what_a_person_says_holds_whatever_the_words_say() {
        let themes = Themes::built_in();
        let passage = "The visit was on time. Supervision of the worker did not take place for three months.";
        let found = themes.told(passage, &["training".to_owned(), "gone".to_owned()]);
        assert_eq!(found.iter().map(|found| found.theme.id.as_str()).collect::<Vec<_>>(), ["training"]);
        assert!(passage.contains(&found[0].evidence));
        assert!(themes.told(passage, &[]).is_empty());
    }
}
