//! What a label asks: the built-in wordings of every key, those of the settings, and how close other words come to them.
//!
//! Comes in: a label as printed. Goes out: keys with a closeness from 0 to 1. Knows nothing of where in a document the label stands.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::fields::{self, FIELDS, Group};
use super::likely::Likely;
use super::phrases::{self, Phrase};
use super::plain::plain;
use super::words::{concepts, is_slip, normal, stem, strip_number, without_brackets, without_guidance};

/// How close words can come that are no known wording.
const CLOSE_MOST: f32 = 0.95;
/// What a word that stands in no wording weighs.
const UNKNOWN_WORD: f32 = 2.2;
/// What a word that stands in no wording says for something that no key asks.
const UNKNOWN_ASKS: f32 = 1.5;
/// What a wording that is close says against that.
const CLOSE_ASKS: f32 = 4.0;
/// From this closeness on a wording is close to a label with such a word.
const CLOSE_ENOUGH: f32 = 0.55;
/// Words less close than this to a wording have nothing to do with it.
const LEAST: f32 = 0.35;
/// Words as close as this to a wording may be a label, which other forms have too.
const RECALLED: f32 = 0.6;
/// "Completed by (role)", "Child 1: DOB": closer than the words without the brackets.
const OF_SOMEBODY: f32 = 0.985;
/// A label in two languages, one of which is known.
const EXACT_HALF: f32 = 0.98;
/// Words that are a known wording's in their plainest form.
const PLAIN: f32 = 0.975;
/// The part of a field's wordings that has a word which tells of the field.
const TELLING: f32 = 0.06;
/// Labels that are remembered from form to form.
const RECALLED_MAX: usize = 4_096;

/// Words that only narrow what is asked.
const QUALIFIERS: [&str; 6] = ["previous", "other", "further", "additional", "recent", "relevant"];

/// Who fills a form in, as labels name them: "Sender's role".
const REPORTERS: [&str; 15] = [
    "authors",
    "senders",
    "reporters",
    "officers",
    "notifiers",
    "referrers",
    "informants",
    "writers",
    "workers",
    "practitioners",
    "signatorys",
    "completers",
    "submitters",
    "staff",
    "employees",
];
/// The child, as labels name it: "Resident's address".
const CHILDREN: [&str; 15] = [
    "childs",
    "residents",
    "pupils",
    "students",
    "clients",
    "patients",
    "babys",
    "infants",
    "yps",
    "cyps",
    "young persons",
    "service users",
    "care leavers",
    "unborns",
    "subjects",
];

/// A key that a label may ask for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Its place in [`FIELDS`].
    pub field: usize,
    /// 1 is a known wording.
    pub closeness: f32,
}

/// A key in the settings that no form has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no field named {key:?}")]
pub struct UnknownKey {
    /// The key as written.
    pub key: String,
}

/// A wording without the order of its words.
#[derive(Debug, Clone, Copy)]
struct Bag {
    field: usize,
    weight: f32,
}

/// The wordings that are known. They are made ready when the first label is looked up: most runs of the program read no form.
#[derive(Debug, Clone)]
pub struct Wordings {
    /// Labels of decision lines, in lower case: a mail with one of them above the quoted text is a decision.
    pub decision_labels: Vec<String>,
    /// Those of the settings.
    more: Arc<[(usize, String)]>,
    known: Arc<OnceLock<Known>>,
}

/// Wordings that are ready to be matched.
#[derive(Debug)]
pub struct Known {
    /// Known wordings, normalised, with the fields they may mean, and whether the wording is whole (its brackets included).
    exact: HashMap<String, Vec<(usize, bool)>>,
    /// Their plainest forms, where all wordings of one form ask the same.
    plain: OnceLock<HashMap<String, Vec<usize>>>,
    /// Every wording as words that weigh something.
    bags: Vec<Bag>,
    /// The wordings in which a word stands.
    bags_of_word: Vec<Vec<u32>>,
    words: HashMap<String, u32>,
    weights: Vec<f32>,
    /// By word, the fields that it tells of: a fair part of their wordings has it.
    tells: Vec<Vec<usize>>,
    /// The words of [`QUALIFIERS`] that wordings have.
    qualifiers: Vec<u32>,
    /// By word, whether only what nobody here needs is asked with it.
    elsewhere: Vec<bool>,
    vocabulary: Vocabulary,
    /// The number of words of the longest wording.
    longest: usize,
    recalled: Recalled,
    all: Arc<[Phrase]>,
    /// Counted when the first label comes whose words are not known.
    likely: OnceLock<Likely>,
}

/// Every word of the wordings by its first letter and its length, to tell a slip of the pen.
type Vocabulary = HashMap<(u8, usize), Vec<String>>;

/// Candidates by the two hashes of a label.
type Meanings = HashMap<(u64, u64), Arc<[Candidate]>>;

/// What labels mean that were weighed before: the forms of a council repeat theirs. No words are kept, since an answer may be close to
/// a label: each label is known by two keyed hashes.
#[derive(Debug, Default)]
struct Recalled {
    meanings: Mutex<Meanings>,
    keys: [RandomState; 2],
}

impl Recalled {
    fn get(&self, label: &str) -> Option<Arc<[Candidate]>> {
        self.meanings.lock().unwrap_or_else(PoisonError::into_inner).get(&self.key(label)).cloned()
    }

    fn put(&self, label: &str, found: &Arc<[Candidate]>) {
        let mut meanings = self.meanings.lock().unwrap_or_else(PoisonError::into_inner);
        if meanings.len() >= RECALLED_MAX {
            meanings.clear();
        }
        meanings.insert(self.key(label), Arc::clone(found));
    }

    fn key(&self, label: &str) -> (u64, u64) {
        (self.keys[0].hash_one(label), self.keys[1].hash_one(label))
    }
}

impl Default for Wordings {
    fn default() -> Self {
        static BUILT_IN: OnceLock<Arc<OnceLock<Known>>> = OnceLock::new();
        Wordings { known: Arc::clone(BUILT_IN.get_or_init(Arc::default)), ..Wordings::of(Vec::new()) }
    }
}

impl Deref for Wordings {
    type Target = Known;

    fn deref(&self) -> &Known {
        self.known.get_or_init(|| Known::build(built_in().into_iter().chain(self.more.iter().cloned()).collect()))
    }
}

impl Wordings {
    /// The built-in wordings with those of the settings' `[forms.wordings]` added.
    ///
    /// # Errors
    /// A key that no form has.
    pub fn with(more: &BTreeMap<String, Vec<String>>) -> Result<Wordings, UnknownKey> {
        let mut all = Vec::new();
        for (key, wordings) in more {
            let field =
                FIELDS.iter().position(|field| field.key == key).ok_or_else(|| UnknownKey { key: key.clone() })?;
            all.extend(wordings.iter().map(|wording| (field, wording.clone())));
        }
        Ok(if all.is_empty() { Wordings::default() } else { Wordings::of(all) })
    }

    /// Makes them ready now, where a form is sure to come.
    pub fn make_ready(&self) {
        let _ = self.plainest();
    }

    fn of(more: Vec<(usize, String)>) -> Wordings {
        Wordings {
            decision_labels: super::kind::DECISION_LABELS.iter().map(|label| label.to_lowercase()).collect(),
            more: more.into(),
            known: Arc::default(),
        }
    }
}

impl Known {
    fn build(all: Vec<(usize, String)>) -> Known {
        let spelled: Vec<Phrase> = phrases::built_in().collect();
        let mut built = Known {
            exact: HashMap::new(),
            plain: OnceLock::new(),
            bags: Vec::new(),
            bags_of_word: Vec::new(),
            words: HashMap::new(),
            weights: Vec::new(),
            tells: Vec::new(),
            qualifiers: Vec::new(),
            elsewhere: Vec::new(),
            vocabulary: Vocabulary::new(),
            longest: 0,
            recalled: Recalled::default(),
            all: all.iter().map(single_phrase).chain(spelled.iter().cloned()).collect(),
            likely: OnceLock::new(),
        };
        let mut keys_of_word: HashMap<u32, HashSet<usize>> = HashMap::new();
        let mut bags: Vec<(usize, Vec<u32>)> = Vec::new();
        let mut seen: HashSet<(usize, Vec<u32>)> = HashSet::new();
        for (field, wording) in &all {
            let bare = strip_number(wording);
            for (nth, form) in variants(bare, normal(bare)).into_iter().enumerate() {
                let fields = built.exact.entry(form.clone()).or_default();
                match fields.iter_mut().find(|(known, _)| known == field) {
                    Some((_, whole)) => *whole |= nth == 0,
                    None => fields.push((*field, nth == 0)),
                }
                form.split(' ').for_each(|word| note_word(&mut built.vocabulary, word));
                let mut bag = Vec::new();
                for word in concepts(&form) {
                    let next = built.words.len() as u32;
                    let id = *built.words.entry(word.to_owned()).or_insert(next);
                    keys_of_word.entry(id).or_default().insert(*field);
                    if !bag.contains(&id) {
                        bag.push(id);
                    }
                }
                built.longest = built.longest.max(form.split(' ').count());
                bag.sort_unstable();
                if !bag.is_empty() && seen.insert((*field, bag.clone())) {
                    bags.push((*field, bag));
                }
            }
        }
        built.add_phrases(&spelled);
        let keys = FIELDS.len() as f32;
        built.weights = (0..built.words.len() as u32)
            .map(|id| (1.0 + keys / keys_of_word.get(&id).map_or(1.0, |keys| keys.len() as f32)).ln())
            .collect();
        let office = |field: &usize| FIELDS[*field].group == Group::Office;
        let only_office = |id: u32| keys_of_word.get(&id).is_some_and(|keys| keys.iter().all(office));
        built.elsewhere = (0..built.words.len() as u32).map(only_office).collect();
        built.qualifiers = QUALIFIERS.iter().filter_map(|word| built.words.get(stem(word)).copied()).collect();
        built.tells = told(&bags, built.words.len());
        built.bags_of_word = vec![Vec::new(); built.words.len()];
        for (at, (field, bag)) in bags.into_iter().enumerate() {
            let weight = bag.iter().map(|&id| built.weights[id as usize]).sum();
            bag.iter().for_each(|&id| built.bags_of_word[id as usize].push(at as u32));
            built.bags.push(Bag { field, weight });
        }
        built
    }

    /// Adds what patterns stand for to the known wordings, unless these have the same words for another key.
    fn add_phrases(&mut self, phrases: &[Phrase]) {
        let mut spelled: HashMap<String, Vec<(usize, bool)>> = HashMap::new();
        for Phrase { field, words, .. } in phrases {
            let form = normal(strip_number(words));
            let known = self.exact.get(&form);
            if !known.is_some_and(|known| known.iter().any(|(_, whole)| *whole)) {
                let fields = spelled.entry(form).or_default();
                if !fields.iter().any(|(known, _)| known == field) {
                    fields.push((*field, true));
                }
            }
        }
        let words: HashSet<&str> = spelled.keys().flat_map(|form| form.split(' ')).collect();
        words.into_iter().for_each(|word| note_word(&mut self.vocabulary, word));
        for (form, fields) in spelled {
            let known = self.exact.entry(form).or_default();
            known.retain(|(field, _)| !fields.iter().any(|(new, _)| new == field));
            known.extend(fields);
        }
    }

    /// The fields that a label may ask for, the closest first. Known wordings have closeness 1; where one has several meanings, the
    /// group of the section decides between them.
    pub fn candidates(&self, label: &str, section: Option<Group>) -> Vec<Candidate> {
        let mut found = self.meanings(label).to_vec();
        found.sort_by(|a, b| rank(b, section).total_cmp(&rank(a, section)).then(a.field.cmp(&b.field)));
        found
    }

    /// The first of [`Known::candidates`].
    pub fn best(&self, label: &str, section: Option<Group>) -> Option<Candidate> {
        let found = self.meanings(label);
        let order =
            |a: &&Candidate, b: &&Candidate| rank(a, section).total_cmp(&rank(b, section)).then(b.field.cmp(&a.field));
        found.iter().max_by(order).copied()
    }

    /// The first of the candidates whose wording is known, or a slip of the pen away from it: quick for words that are an answer.
    pub fn known(&self, words: &str, section: Option<Group>) -> Option<Candidate> {
        let found = self.weigh(words, false);
        found.into_iter().max_by(|a, b| rank(a, section).total_cmp(&rank(b, section)).then(b.field.cmp(&a.field)))
    }

    /// By field, how likely a label asks for it, see [`Likely::weigh`]; and how likely it asks for something else. A word that no wording
    /// has may ask for anything, unless the rest comes close to a wording.
    pub(super) fn likely(&self, label: &str) -> (Vec<f32>, f32) {
        let wordings = || self.all.iter().map(|phrase| (phrase.field, strip_number(&phrase.words), phrase.weight));
        let bare = strip_number(label);
        let mut found = self.likely.get_or_init(|| Likely::of(wordings())).weigh(bare);
        let bag = self.bag(&normal(bare));
        // "Previous" and "other" ask for something else as well as a word that nobody knows.
        let is_known =
            |word: Option<u32>| word.is_some_and(|id| !self.elsewhere[id as usize] && !self.qualifiers.contains(&id));
        let weight = |known| bag.iter().filter(|(word, _)| is_known(*word) == known).map(|(_, weight)| weight).sum();
        let (known, unknown): (f32, f32) = (weight(true), weight(false));
        if unknown == 0.0 {
            return (found, f32::NEG_INFINITY);
        }
        let most = found.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if known <= unknown {
            return (found, most + 2.0 * UNKNOWN_ASKS);
        }
        let close = self.meanings(label);
        close.iter().filter(|known| known.closeness >= CLOSE_ENOUGH).for_each(|known| found[known.field] += CLOSE_ASKS);
        (found, most + UNKNOWN_ASKS)
    }

    /// The fields that a label may ask for, in no order.
    fn meanings(&self, label: &str) -> Arc<[Candidate]> {
        if let Some(found) = self.recalled.get(label) {
            return found;
        }
        let found: Arc<[Candidate]> = self.weigh(label, true).into();
        if found.iter().any(|candidate| candidate.closeness >= RECALLED) {
            self.recalled.put(label, &found);
        }
        found
    }

    /// `loosely`: words that are close to a wording count too.
    fn weigh(&self, label: &str, loosely: bool) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = Vec::new();
        let mut note = |field: usize, closeness: f32| match found.iter_mut().find(|known| known.field == field) {
            Some(known) => known.closeness = known.closeness.max(closeness),
            None => found.push(Candidate { field, closeness }),
        };
        let bare = strip_number(label);
        let whole = normal(bare);
        let known = self.exact.get(&whole);
        for &(field, whole) in known.into_iter().flatten() {
            note(field, if whole { 1.0 } else { 0.98 });
        }
        if known.is_none() {
            let halves = self.halves(label);
            let of_somebody = [self.of_somebody(bare), self.of_another_name(&whole)].concat();
            if halves.is_empty() && of_somebody.is_empty() {
                self.of_plain(bare, &whole).into_iter().for_each(|field| note(field, PLAIN));
            }
            halves.into_iter().for_each(|field| note(field, EXACT_HALF));
            of_somebody.into_iter().for_each(|field| note(field, OF_SOMEBODY));
        }
        // Where all the words are known, others that are close say nothing.
        if known.is_none() && is_told(label, &whole) {
            return found;
        }
        let corrected = if known.is_none() { self.corrected(&whole) } else { None };
        if let Some(fields) = corrected.as_ref().and_then(|whole| self.exact.get(whole)) {
            fields.iter().for_each(|&(field, _)| note(field, 0.97));
        } else if known.is_none_or(|known| !known.iter().any(|(_, whole)| *whole)) {
            for (nth, form) in variants(bare, whole).iter().enumerate() {
                // What brackets and guidance say counts a little more than what is left without them.
                let most = if nth == 0 { CLOSE_MOST } else { 0.96 * CLOSE_MOST };
                if form.split(' ').count() <= self.longest + 6 {
                    self.exact.get(form).into_iter().flatten().for_each(|&(field, _)| note(field, 0.98));
                    if loosely {
                        self.close_bags(&self.bag(form), most, &mut note);
                    }
                }
            }
        }
        if asks_for_several(bare) {
            several(&mut found);
        }
        found
    }

    /// How surely these words are a label, whichever.
    pub fn closeness_of(&self, label: &str) -> f32 {
        self.best(label, None).map_or(0.0, |best| best.closeness)
    }

    /// What one half of "Dyddiad geni / Date of birth" asks, where nothing of the other half is known or it asks the same.
    fn halves(&self, label: &str) -> Vec<usize> {
        let Some((one, other)) = strip_number(label).split_once(" / ").or_else(|| label.split_once(" | ")) else {
            return Vec::new();
        };
        let fields = |half: &str| -> Vec<usize> {
            self.exact.get(&normal(half)).into_iter().flatten().map(|(field, _)| *field).collect()
        };
        let foreign = |half: &str| concepts(&normal(half)).iter().all(|word| !self.words.contains_key(*word));
        match (fields(one), fields(other)) {
            (left, right) if !left.is_empty() && foreign(other) && right.is_empty() => left,
            (left, right) if left.is_empty() && foreign(one) => right,
            (left, right) => left.into_iter().filter(|field| right.contains(field)).collect(),
        }
    }

    /// What "Completed by (role)" and "Child 1: DOB" ask: a known label of the person whom the words before it name.
    fn of_somebody(&self, bare: &str) -> Vec<usize> {
        let fields = |words: &str| self.exact.get(&normal(words)).into_iter().flatten().map(|(field, _)| *field);
        let names = |words: &str, key: &str| fields(words).any(|field| FIELDS[field].key == key);
        let of = |words: &str, group: Group| fields(words).filter(|field| FIELDS[*field].group == group).collect();
        if let Some((who, what)) = bare.trim_end_matches([':', '?', ' ', ')']).split_once(" (")
            && names(who, "completed_by")
        {
            return of(what, Group::People);
        }
        fn counted(words: &str) -> &str {
            words.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ')
        }
        match bare.split_once(": ") {
            Some((who, what)) if names(counted(who), "child_name") => of(what, Group::Child),
            None if counted(bare).len() < bare.len() && names(counted(bare), "child_name") => {
                of(counted(bare), Group::Child)
            }
            _ => Vec::new(),
        }
    }

    /// Made when first asked for: most forms use known wordings alone.
    fn plainest(&self) -> &HashMap<String, Vec<usize>> {
        self.plain.get_or_init(|| plainest(&self.exact))
    }

    /// What a label asks whose plainest form is that of a known wording, with its brackets or without.
    fn of_plain(&self, bare: &str, whole: &str) -> Vec<usize> {
        let forms = variants(bare, whole.to_owned());
        let plainest_known = self.plainest();
        let known = forms.iter().find_map(|form| plainest_known.get(&plain(form)));
        known.cloned().unwrap_or_default()
    }

    /// What "Officer's job title" and "Resident's address" ask: "your job title", "child's address", by other names for the reporter and
    /// for the child.
    fn of_another_name(&self, whole: &str) -> Vec<usize> {
        let fields = |words: &str| self.exact.get(words).into_iter().flatten().map(|(field, _)| *field);
        let Some((who, what)) = whole.split_once(' ') else { return Vec::new() };
        if REPORTERS.contains(&who) {
            let of_reporter = |field: &usize| FIELDS[*field].key.starts_with("completed_");
            return ["your", "author", "completed by"]
                .iter()
                .flat_map(|you| fields(&format!("{you} {what}")).chain(fields(&format!("{what} {you}"))))
                .filter(of_reporter)
                .collect();
        }
        let child = CHILDREN.iter().find_map(|name| whole.strip_prefix(name)?.strip_prefix(' '));
        let mut of_child: Vec<usize> = Vec::new();
        if let Some(what) = child {
            of_child.extend(fields(&format!("childs {what}")));
            if of_child.is_empty() {
                of_child.extend(fields(what).filter(|field| FIELDS[*field].group == Group::Child));
            }
        }
        of_child
    }

    /// A label with its slips of the pen mended: words that no wording has and one change makes into a word that one has. None where
    /// nothing was mended, or a word is left over that no wording has.
    fn corrected(&self, label: &str) -> Option<String> {
        let mut changed = false;
        let words = label.split(' ').map(|word| {
            let known = |len: usize| {
                let first = word.bytes().next().unwrap_or(0);
                self.vocabulary.get(&(first, len)).into_iter().flatten()
            };
            if word.len() < 5 || word.len() > 14 || known(word.len()).any(|known| known == word) {
                return Some(word);
            }
            let mut alike = (word.len() - 1..=word.len() + 1).flat_map(known);
            let near = alike.find(|known| is_slip(word.as_bytes(), known.as_bytes()));
            changed |= near.is_some();
            near.map(String::as_str)
        });
        let mended = words.collect::<Option<Vec<_>>>()?;
        changed.then(|| mended.join(" "))
    }

    fn bag(&self, form: &str) -> Vec<(Option<u32>, f32)> {
        let mut bag: Vec<(Option<u32>, f32)> = Vec::new();
        for word in concepts(form) {
            let id = self.words.get(word).copied();
            let weight = id.map_or(UNKNOWN_WORD, |id| self.weights[id as usize]);
            if id.is_none() || !bag.iter().any(|(known, _)| *known == id) {
                bag.push((id, weight));
            }
        }
        bag
    }

    /// Notes each wording that shares words with a label: twice the weight in common over the weight of both.
    fn close_bags(&self, label: &[(Option<u32>, f32)], at_most: f32, note: &mut impl FnMut(usize, f32)) {
        let whole: f32 = label.iter().map(|(_, weight)| weight).sum();
        let most: f32 = label.iter().filter(|(id, _)| id.is_some()).map(|(_, weight)| weight).sum();
        if at_most * 2.0 * most < LEAST * (whole + most) {
            return;
        }
        let mut common = vec![0.0f32; self.bags.len()];
        let mut shared: Vec<u32> = Vec::new();
        let words = |telling: bool| {
            let known = label.iter().filter_map(|(id, weight)| id.map(|id| (id, weight)));
            known.filter(move |(id, _)| self.qualifiers.contains(id) != telling)
        };
        for (id, weight) in words(true) {
            for &bag in &self.bags_of_word[id as usize] {
                if common[bag as usize] == 0.0 {
                    shared.push(bag);
                }
                common[bag as usize] += weight;
            }
        }
        // "Previous" and "other" say nothing alone of what is asked.
        for (id, weight) in words(false) {
            for &bag in &self.bags_of_word[id as usize] {
                if common[bag as usize] > 0.0 {
                    common[bag as usize] += weight;
                }
            }
        }
        let mut best = [0.0f32; FIELDS.len()];
        for at in shared {
            let bag = self.bags[at as usize];
            best[bag.field] = best[bag.field].max(at_most * 2.0 * common[at as usize] / (whole + bag.weight));
        }
        // "Other pets at home" shares two words with "Other children at home safe", and neither says what is asked.
        let told = |field: usize| words(true).any(|(id, _)| self.tells[id as usize].contains(&field));
        let close = best.iter().enumerate().filter(|(field, closeness)| **closeness >= LEAST && told(*field));
        close.for_each(|(field, &at)| note(field, at));
    }
}

/// The plainest forms of known wordings with the fields they ask for: those where every wording asks the same, or the same in two ways.
fn plainest(exact: &HashMap<String, Vec<(usize, bool)>>) -> HashMap<String, Vec<usize>> {
    let mut gathered: HashMap<String, Vec<Vec<usize>>> = HashMap::new();
    for (form, fields) in exact {
        let mut fields: Vec<usize> = fields.iter().map(|(field, _)| *field).collect();
        fields.sort_unstable();
        let all = gathered.entry(plain(form)).or_default();
        if !all.contains(&fields) {
            all.push(fields);
        }
    }
    let asks = |fields: &Vec<usize>, key: &str| fields.iter().any(|field| FIELDS[*field].key == key);
    // One word alone is as likely an answer.
    let agreed = gathered.into_iter().filter(|(form, _)| form.contains(' ')).filter_map(|(form, mut all)| {
        let fields = all.pop()?;
        let dates = |fields: &Vec<usize>| asks(fields, "incident_date") || asks(fields, "incident_at");
        match all.as_slice() {
            [] => Some((form, fields)),
            [other] if dates(&fields) && dates(other) => {
                let mut both: Vec<usize> = fields.into_iter().chain(other.iter().copied()).collect();
                both.sort_unstable();
                both.dedup();
                Some((form, both))
            }
            _ => None,
        }
    });
    agreed.collect()
}

fn single_phrase((field, words): &(usize, String)) -> Phrase {
    Phrase { field: *field, words: words.clone(), weight: 1.0 }
}

/// By word, the fields of whose wordings a fair part has it.
fn told(bags: &[(usize, Vec<u32>)], words: usize) -> Vec<Vec<usize>> {
    let mut wordings = vec![0.0f32; FIELDS.len()];
    let mut having: HashMap<(u32, usize), f32> = HashMap::new();
    for (field, bag) in bags {
        wordings[*field] += 1.0;
        bag.iter().for_each(|&word| *having.entry((word, *field)).or_default() += 1.0);
    }
    let mut tells = vec![Vec::new(); words];
    for ((word, field), count) in having {
        if count >= TELLING * wordings[field] {
            tells[word as usize].push(field);
        }
    }
    tells
}

/// What decides between meanings: closeness, and a little the section.
fn rank(candidate: &Candidate, section: Option<Group>) -> f32 {
    let here = section.is_some_and(|group| near(group, FIELDS[candidate.field].group));
    candidate.closeness + if here { 0.06 } else { 0.0 }
}

fn note_word(vocabulary: &mut Vocabulary, word: &str) {
    if word.len() >= 4 {
        let alike = vocabulary.entry((word.as_bytes()[0], word.len())).or_default();
        if !alike.iter().any(|known| known == word) {
            alike.push(word.to_owned());
        }
    }
}

/// Sections that councils mix: next steps and safety, incident and safety.
fn near(section: Group, group: Group) -> bool {
    section == group
        || (section == Group::Report && group == Group::Action)
        || (section == Group::Next && group == Group::Action)
}

fn built_in() -> Vec<(usize, String)> {
    let parsed: BTreeMap<String, Vec<String>> = toml::from_str(include_str!("wordings.toml"))
        .expect("the built-in wordings are valid TOML, which a test checks");
    let known = parsed
        .into_iter()
        .filter_map(|(key, wordings)| Some((FIELDS.iter().position(|field| field.key == key)?, wordings)));
    let mut all: Vec<(usize, String)> =
        known.flat_map(|(field, list)| list.into_iter().map(move |wording| (field, wording))).collect();
    // A key is a wording of itself: our own forms name their controls so.
    all.extend(FIELDS.iter().enumerate().map(|(field, entry)| (field, entry.key.replace('_', " "))));
    all.sort_by_key(|(field, _)| *field);
    all
}

/// A label without its number in the forms in which it may be known: `whole`, without its brackets' content, without what follows as
/// guidance.
fn variants(bare: &str, whole: String) -> Vec<String> {
    let outside = without_brackets(bare);
    // A sentence is no label with guidance behind it: "The injuries include a fracture of the arm."
    let is_sentence = bare.ends_with('.') && bare.split_whitespace().nth(6).is_some();
    let cut = if is_sentence { &outside } else { without_guidance(&outside) };
    let mut forms = vec![whole];
    for text in [&*outside, cut] {
        if text.len() < bare.len() {
            let form = normal(text);
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms.retain(|form| !form.is_empty());
    forms
}

/// "No injuries seen", "At the placement": words of an answer, however close to a label they come.
fn is_told(label: &str, whole: &str) -> bool {
    let mut words = label.split_whitespace().map(str::to_lowercase);
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let asks = label.trim_end().ends_with([':', '?', ')', '*']);
    match first.as_str() {
        "no" | "none" | "nil" => whole.contains(' ') && !asks && !matches!(second.as_str(), "of" | "." | "in"),
        "at" | "in" | "with" | "on" => {
            !asks
                && matches!(second.as_str(), "the" | "a" | "an" | "his" | "her" | "their" | "my")
                && words.count() <= 4
        }
        _ => false,
    }
}

/// "Tick all that apply", "mark every box that applies": more than one option may be chosen.
fn asks_for_several(label: &str) -> bool {
    let lower = label.to_ascii_lowercase();
    ["all that apply", "all which apply", "that applies", "as many as", "each that", "every one that", "all applicable"]
        .iter()
        .any(|words| lower.contains(words))
        && ["all", "every", "each", "many"].iter().any(|word| lower.split(' ').any(|said| said == *word))
}

/// What asks for one category asks for several here.
fn several(found: &mut Vec<Candidate>) {
    let at = |key: &str| FIELDS.iter().position(|field| field.key == key);
    let (Some(one), Some(more)) = (at("incident_category"), at("incident_categories")) else { return };
    if found.iter().any(|candidate| candidate.field == more && candidate.closeness >= 0.97) {
        return found.retain(|candidate| candidate.field != one);
    }
    if let Some(candidate) = found.iter_mut().find(|candidate| candidate.field == one && candidate.closeness >= 0.9) {
        let closeness = candidate.closeness;
        found.retain(|candidate| candidate.field != one && candidate.field != more);
        found.push(Candidate { field: more, closeness });
    }
}

/// The field at an index of [`FIELDS`].
pub fn field(index: usize) -> &'static fields::Field {
    &FIELDS[index]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(label: &str, section: Option<Group>) -> &'static str {
        Wordings::default().candidates(label, section).first().map_or("", |best| FIELDS[best.field].key)
    }

    #[test]
    fn every_key_has_wordings() {
        let parsed: BTreeMap<String, Vec<String>> = toml::from_str(include_str!("wordings.toml")).unwrap();
        for key in parsed.keys() {
            assert!(fields::field(key).is_some(), "{key} is no field");
        }
        for field in FIELDS {
            assert!(parsed.contains_key(field.key), "{} has no wording", field.key);
        }
    }

    #[test]
    fn numbers_brackets_and_guidance_do_not_matter() {
        for label in [
            "12. Date of birth",
            "Q3) DATE OF BIRTH:",
            "D.O.B.",
            "DOB dd/mm/yyyy",
            "Date of birth (if known) *",
            "Child’s date of birth e.g. 01/02/2010",
            "a) Birth date",
        ] {
            assert_eq!(key(label, None), "child_dob", "{label}");
        }
        assert_eq!(key("Forename(s)", None), "child_forename");
    }

    #[test]
    fn sections_tell_short_labels_apart() {
        assert_eq!(key("Name", Some(Group::Child)), "child_name");
        assert_eq!(key("Name", Some(Group::People)), "completed_by");
        assert_eq!(key("Date", Some(Group::Incident)), "incident_date");
        assert_eq!(key("Date", Some(Group::People)), "completed_at");
    }

    #[test]
    fn unseen_wordings_are_close() {
        for (label, want) in [
            ("What is known about the incident at this point?", "incident_description"),
            ("Has a strategy discussion been arranged?", "strategy_meeting"),
            ("Name of the young person's allocated social worker", "social_worker"),
            ("Have the press office been notified?", "comms_informed"),
            ("Telephone number of person completing form", "completed_phone"),
        ] {
            assert_eq!(key(label, None), want, "{label}");
        }
        assert!(Wordings::default().closeness_of("Colour of the front door") < 0.6);
    }

    #[test]
    fn labels_of_the_reporter_and_the_child_by_other_names() {
        for (label, want) in [
            ("Officer's job title", "completed_role"),
            ("Notifier's contact number", "completed_phone"),
            ("Resident's home address", "child_address"),
            ("Care leaver's date of birth", "child_dob"),
            ("Type of concern - mark every box that applies", "incident_categories"),
        ] {
            assert_eq!(key(label, None), want, "{label}");
        }
        for answer in ["No bruises or injuries seen", "At the placement", "With her aunt"] {
            assert!(Wordings::default().closeness_of(answer) < 0.9, "{answer}");
        }
        assert_eq!(strip_number("09:43 Father left"), "09:43 Father left");
    }

    #[test]
    fn settings_add_wordings() {
        let more = BTreeMap::from([("child_dob".to_owned(), vec!["Hatched".to_owned()])]);
        let wordings = Wordings::with(&more).unwrap();
        assert_eq!(wordings.candidates("Hatched:", None)[0].closeness, 1.0);
        assert!(Wordings::with(&BTreeMap::from([("shoe_size".to_owned(), vec![])])).is_err());
    }
}
