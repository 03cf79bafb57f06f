//! Which key each label asks for: every label at most one, every key at most once.
//!
//! Comes in: labels with their answers, in order. Goes out: a place in [`FIELDS`] for each, or None. Known wordings come first; of the
//! others the likeliest, by Bayes' rule: their words with the evidence of the section, of the labels around them and of the answer's type.
//! Doubt is None. Also tells an answer from one more label.

use std::borrow::Cow;
use std::collections::HashMap;

use super::State;
use super::answers::{self, clean};
use super::choices::{self, Line};
use super::fields::{FIELDS, Field, Group, Type};
use super::lines::is_numbered;
use super::pairs::Pair;
use super::wordings::{Candidate, Wordings, strip_number};

/// From this closeness on a wording is a known one.
const EXACT: f32 = 0.97;
/// Words as close as this to a known wording speak of what it asks.
const CLOSE: f32 = 0.46;
/// How likely a key has to be, against all others, for words that are not known.
const SURE: f32 = 0.55;
/// What the section says for a key of its group, and against others: logarithms, as all evidence is.
const HERE: f32 = 1.5;
const ELSEWHERE: f32 = 1.0;
/// What a neighbour says for a key of its group.
const NEIGHBOUR: f32 = 1.0;
/// What an answer says against a key that it cannot answer.
const IMPLAUSIBLE: f32 = 4.0;
/// What closeness counts beside the other evidence, between meanings of a known wording.
const CLOSENESS: f32 = 14.0;

/// The key of each pair, or None.
pub(super) fn keys(pairs: &[Pair], wordings: &Wordings) -> Vec<Option<usize>> {
    // The same label again, as in a long list, is not weighed again.
    let mut known: HashMap<(String, Option<Group>), Vec<Candidate>> = HashMap::new();
    let mut asked = |label: &str, section: Option<Group>| {
        known.entry((label.to_owned(), section)).or_insert_with(|| wordings.candidates(label, section)).clone()
    };
    let before = std::iter::once(None).chain(pairs.iter().map(Some));
    let meanings: Vec<Meaning> =
        pairs.iter().zip(before).map(|(pair, before)| meaning(pair, before, &mut asked)).collect();
    let mut work = Assignment { keys: vec![None; pairs.len()], taken: vec![None; FIELDS.len()] };
    work.known(pairs, &meanings);
    work.unseen(pairs, &meanings, wordings);
    work.keys
}

/// An answer whose first line is its own label once more: a heading stood above the label.
pub(super) fn without_repeated_label<'a>(field: usize, lines: &'a [Line], wordings: &Wordings) -> &'a [Line] {
    let [first, rest @ ..] = lines else { return lines };
    let text = clean(&first.text());
    let repeats = || {
        let candidates = wordings.candidates(&text, None);
        candidates.iter().any(|c| c.field == field && c.closeness >= 0.7)
    };
    if !rest.is_empty() && text.chars().count() <= 90 && !text.contains('.') && repeats() { rest } else { lines }
}

/// True where the words beside a label are another label, as in a layout that was not understood.
pub(super) fn asks(field: usize, label: &str, lines: &[Line], wordings: &Wordings) -> bool {
    let [line] = lines else { return false };
    let field = FIELDS[field];
    let text = clean(&line.text());
    let words = text.split_whitespace().count();
    if !matches!(field.kind, Type::Text | Type::Choice | Type::Multi) || words > 14 {
        return false;
    }
    let bare = text.split_once(" (").map_or(&*text, |(bare, _)| bare);
    if words >= 2 && bare.ends_with([':', '?']) {
        return true;
    }
    // Where labels are numbered, what bears a number of their kind is one more.
    if is_numbered(label) && is_numbered(&text) && words >= 2 {
        return true;
    }
    let Some(best) = wordings.known(&text, Some(field.group)) else { return false };
    let other = FIELDS[best.field];
    if other.key == field.key {
        return false;
    }
    // Some answers are words that other forms ask: posts, plans, a near miss.
    let answer = match field.key {
        "completed_role" | "director_informed" => {
            matches!(
                other.key,
                "social_worker" | "team_manager" | "head_of_service" | "team" | "completed_role" | "not_ours"
            ) || matches!(other.key, "director_informed" | "investigator")
        }
        "child_legal_status" => other.kind == Type::YesNo,
        // The worst that can have happened is asked by itself, and is one of the categories.
        "incident_category" | "incident_categories" | "incident_severity" => other.kind == Type::YesNo,
        "child_relationship" => true,
        _ => other.group != field.group,
    };
    let numbered = strip_number(&text).len() < text.len();
    numbered || !answer || text.to_lowercase().starts_with("name of ")
}

/// What the words of a label tell.
enum Meaning {
    /// A known wording: the keys that it may ask for, the best first.
    Known(Vec<Candidate>),
    /// None that is known.
    Unseen,
    /// For the office.
    Office,
}

/// A label whose words are not known, with how likely it asks for each key: logarithms, the likeliest first.
struct Unseen {
    at: usize,
    likely: Vec<(usize, f32)>,
    /// How likely it asks for something else.
    other: f32,
}

struct Assignment {
    keys: Vec<Option<usize>>,
    /// By field, the pair that has it.
    taken: Vec<Option<usize>>,
}

impl Assignment {
    fn known(&mut self, pairs: &[Pair], meanings: &[Meaning]) {
        let known = meanings.iter().enumerate().filter_map(|(at, meaning)| match meaning {
            Meaning::Known(list) => Some((at, list)),
            _ => None,
        });
        // What may mean several things is told by what stands before it, so that comes first.
        let (one, several): (Vec<_>, Vec<_>) = known.partition(|(_, list)| list.len() == 1);
        for (at, list) in one {
            self.take_known(at, pairs, list.iter());
        }
        for (at, list) in several {
            let before = self.neighbours(at).0.filter(|_| pairs[at].section.is_none());
            let mut meanings: Vec<&Candidate> = list.iter().collect();
            let of_report = |field: usize| FIELDS[field].group == Group::Report;
            let report =
                self.keys.iter().flatten().any(|field| of_report(*field) && FIELDS[*field].key != "approved_by");
            meanings.sort_by_key(|meaning| {
                let elsewhere = before.is_some_and(|group| FIELDS[meaning.field].group != group);
                // Without a word of an investigation, "Dated" is the form's own date.
                (!report && pairs[at].section != Some(Group::Report) && of_report(meaning.field), elsewhere)
            });
            self.take_known(at, pairs, meanings.into_iter());
        }
    }

    /// Takes the first meaning that is free. Asked twice, the answered one counts; a name in print before a signature.
    fn take_known<'c>(&mut self, at: usize, pairs: &[Pair], mut meanings: impl Iterator<Item = &'c Candidate>) {
        let yields = |earlier: usize| {
            let earlier = &pairs[earlier];
            (earlier.lines.is_empty() || is_signature(&earlier.label)) && !pairs[at].lines.is_empty()
        };
        let free = meanings.find(|meaning| self.taken[meaning.field].is_none_or(yields));
        if let Some(Candidate { field, .. }) = free {
            if let Some(earlier) = self.taken[*field] {
                self.keys[earlier] = None;
            }
            self.take(at, *field);
        }
    }

    /// The surest of what is left, again and again: each takes its key from the choice of the others.
    fn unseen(&mut self, pairs: &[Pair], meanings: &[Meaning], wordings: &Wordings) {
        let left = meanings.iter().enumerate().filter(|(_, meaning)| matches!(meaning, Meaning::Unseen));
        let mut left: Vec<Unseen> = left
            .map(|(at, _)| {
                let before = at.checked_sub(1).map(|before| &pairs[before]);
                let (likely, other) = likely(&pairs[at], before, self.neighbours(at), wordings);
                Unseen { at, likely, other }
            })
            .collect();
        // Each round ends one of them.
        while let Some((place, field)) = self.surest(&left) {
            let Unseen { at, .. } = left.swap_remove(place);
            if FIELDS[field].group != Group::Office {
                self.take(at, field);
            }
        }
    }

    /// The label that is surest of its key, and the key.
    fn surest(&self, left: &[Unseen]) -> Option<(usize, usize)> {
        let mut best: Option<(f32, usize, usize)> = None;
        for (place, Unseen { likely, other, .. }) in left.iter().enumerate() {
            let Some(&(first, weight)) = likely.iter().find(|(field, _)| self.taken[*field].is_none()) else {
                continue;
            };
            // What is asked elsewhere counts against it: this may be the same question again.
            let others = likely.iter().filter(|(field, _)| *field == first || !siblings(first, *field));
            let against = others.map(|(_, other)| *other).chain([*other]);
            let sure = 1.0 / against.map(|other| (other - weight).exp()).sum::<f32>();
            if sure >= SURE && best.is_none_or(|(most, _, _)| sure > most) {
                best = Some((sure, place, first));
            }
        }
        best.map(|(_, place, field)| (place, field))
    }

    fn take(&mut self, at: usize, field: usize) {
        self.taken[field] = Some(at);
        self.keys[at] = Some(field);
    }

    /// The groups of the nearest labels with a key, before and after.
    fn neighbours(&self, at: usize) -> (Option<Group>, Option<Group>) {
        let group = |key: &Option<usize>| key.map(|field| FIELDS[field].group);
        let before = self.keys[..at].iter().rev().take(3).find_map(group);
        let after = self.keys[at + 1..].iter().take(3).find_map(group);
        (before, after)
    }
}

fn is_signature(label: &str) -> bool {
    matches!(label.trim_end_matches([':', ' ']).to_lowercase().as_str(), "signed" | "signature" | "signed by")
}

/// Keys that ask the same in two ways: the answer alone decides between them.
fn siblings(a: usize, b: usize) -> bool {
    const PAIRS: [[&str; 2]; 5] = [
        ["incident_category", "incident_categories"],
        ["incident_at", "incident_date"],
        ["next_steps", "actions"],
        ["recommendations", "actions"],
        ["child_name", "child_initials"],
    ];
    let keys = [FIELDS[a].key, FIELDS[b].key];
    PAIRS.iter().any(|pair| *pair == keys || [pair[1], pair[0]] == keys)
}

/// What a label asks by known words, with the evidence of its control's name, its section and its answer's type between several.
fn meaning(
    pair: &Pair,
    before: Option<&Pair>,
    asked: &mut impl FnMut(&str, Option<Group>) -> Vec<Candidate>,
) -> Meaning {
    if let Some(field) = FIELDS.iter().position(|field| field.key == pair.tag) {
        return Meaning::Known(vec![Candidate { field, closeness: 1.0 }]);
    }
    let list = asked(&in_full(pair, before), pair.section);
    if let Some(before) = before.filter(|_| asks_details(&pair.label))
        && asked(&before.label, before.section)
            .iter()
            .any(|c| c.closeness >= CLOSE && FIELDS[c.field].key == "media_interest")
        && let Some(field) = FIELDS.iter().position(|field| field.key == "media_details")
    {
        return Meaning::Known(vec![Candidate { field, closeness: EXACT }]);
    }
    let group = |candidate: &Candidate| FIELDS[candidate.field].group;
    let closest = |office: bool| {
        let of = |c: &&Candidate| (group(c) == Group::Office) == office && group(c) != Group::Action;
        list.iter().filter(of).map(|c| c.closeness).fold(0.0, f32::max)
    };
    let ahead = if closest(true) >= EXACT { 0.0 } else { 0.08 };
    if closest(true) > closest(false) + ahead && closest(true) >= 0.7 {
        return Meaning::Office;
    }
    let exact = list.into_iter().filter(|candidate| candidate.closeness >= EXACT);
    let known: Vec<Candidate> = exact.filter(|c| !matches!(group(c), Group::Action | Group::Office)).collect();
    match known.len() {
        0 => Meaning::Unseen,
        1 => Meaning::Known(known),
        _ => Meaning::Known(ranked(known, pair)),
    }
}

/// Several meanings of a known wording, the best first.
fn ranked(known: Vec<Candidate>, pair: &Pair) -> Vec<Candidate> {
    let mut fitting = fitting(pair);
    let mut ranked: Vec<(f32, Candidate)> = known
        .into_iter()
        .map(|candidate| {
            let Field { key, kind, group } = FIELDS[candidate.field];
            let here = if pair.section == Some(group) { 0.7 } else { 0.0 };
            let answers = if plausible(key, &pair.lines) { 0.0 } else { -IMPLAUSIBLE };
            (candidate.closeness * CLOSENESS + here + fitting(kind) + answers, candidate)
        })
        .collect();
    ranked.sort_by(|(a, one), (b, two)| {
        b.total_cmp(a).then_with(|| prefer(pair, two).cmp(&prefer(pair, one))).then(one.field.cmp(&two.field))
    });
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
}

/// How likely a label of unknown words asks for each key, the likeliest first, by its words, its section, its neighbours and
/// its answer; and for something else.
fn likely(
    pair: &Pair,
    before: Option<&Pair>,
    (above, below): (Option<Group>, Option<Group>),
    wordings: &Wordings,
) -> (Vec<(usize, f32)>, f32) {
    let mut fitting = fitting(pair);
    let (words, other) = wordings.likely(&in_full(pair, before));
    let mut found: Vec<(usize, f32)> = words.into_iter().enumerate().collect();
    found.retain(|(field, _)| FIELDS[*field].group != Group::Action);
    let text = said(&pair.lines);
    for (field, weight) in found.iter_mut().filter(|(field, _)| FIELDS[*field].group != Group::Office) {
        let Field { key, kind, group } = FIELDS[*field];
        *weight += match pair.section {
            Some(section) if section == group => HERE,
            Some(_) => -ELSEWHERE,
            None => 0.0,
        };
        let neighbours = [above, below].into_iter().filter(|neighbour| *neighbour == Some(group)).count();
        *weight += neighbours as f32 * NEIGHBOUR + fitting(kind) + speaks(key, &text);
        *weight -= if plausible(key, &pair.lines) { 0.0 } else { IMPLAUSIBLE };
    }
    found.sort_by(|(a, one), (b, two)| two.total_cmp(one).then(a.cmp(b)));
    (found, other)
}

/// A label with the one above where it asks about the answer there.
fn in_full<'p>(pair: &'p Pair, before: Option<&Pair>) -> Cow<'p, str> {
    match before.filter(|_| follows_up(&pair.label)) {
        Some(before) => format!("{} {}", before.label.trim_end_matches('?'), pair.label).into(),
        None => (&*pair.label).into(),
    }
}

/// [`fit`] of a pair's answer, worked out once for each type.
fn fitting(pair: &Pair) -> impl FnMut(Type) -> f32 {
    let mut known: Vec<(Type, f32)> = Vec::new();
    move |kind| {
        if let Some((_, fit)) = known.iter().find(|(done, _)| *done == kind) {
            return *fit;
        }
        known.push((kind, fit(kind, &pair.lines)));
        known[known.len() - 1].1
    }
}

/// "If so, when?", "If yes, give details": a question about the answer above.
fn follows_up(label: &str) -> bool {
    let label = strip_number(label).to_lowercase();
    let bare = label.trim_end_matches(['?', ':', ' ', '*']);
    const ASKS: [&str; 20] = [
        "if so, when",
        "if yes, when",
        "if so",
        "if yes",
        "when",
        "date and time",
        "if yes, date",
        "if so, date",
        "when convened",
        "date convened",
        "when held",
        "date held",
        "when arranged",
        "date arranged",
        "when is this",
        "when was this",
        "if yes, reference",
        "if so, reference",
        "if yes, reference number",
        "if yes, ref",
    ];
    ASKS.contains(&bare)
}

/// "If so, please explain", "If yes, give details": the words behind a yes to the question above.
fn asks_details(label: &str) -> bool {
    let lower = strip_number(label).to_lowercase();
    let bare: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    const WORDS: [&str; 32] = [
        "if",
        "so",
        "yes",
        "please",
        "explain",
        "give",
        "details",
        "detail",
        "provide",
        "describe",
        "further",
        "more",
        "any",
        "say",
        "how",
        "why",
        "state",
        "specify",
        "the",
        "comments",
        "full",
        "short",
        "brief",
        "in",
        "what",
        "information",
        "add",
        "set",
        "out",
        "of",
        "outline",
        "elaborate",
    ];
    let if_so = matches!(bare.as_slice(), ["if", "so" | "yes", ..]) || bare.first() == Some(&"please");
    if_so && bare.len() >= 2 && bare.iter().all(|word| WORDS.contains(word))
}

fn prefer(pair: &Pair, candidate: &Candidate) -> bool {
    pair.section == Some(FIELDS[candidate.field].group)
}

/// False where an answer has not the shape of what is asked: names without digits, telephone numbers with them, no bare yes or no.
fn plausible(key: &str, lines: &[Line]) -> bool {
    let text = words(lines);
    if text.is_empty() || answers::not_an_answer(&text).is_some() || answers::is_placeholder(&text) {
        return true;
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let bare = matches!(text.trim_end_matches('.').to_lowercase().as_str(), "yes" | "no" | "y" | "n" | "none");
    match key {
        "completed_phone" => digits >= 6,
        "child_case_id" | "police_ref" | "ofsted_reference" | "panel_reference" | "incident_reference" => digits > 0,
        "social_worker" | "team_manager" | "head_of_service" | "completed_by" | "director_informed" | "child_name"
        | "investigator" | "commissioned_by" | "approved_by" | "child_forename" | "child_surname" => {
            digits < 3 && !bare
        }
        "team"
        | "completed_role"
        | "incident_category"
        | "child_school"
        | "incident_location"
        | "child_whereabouts"
        | "child_ethnicity"
        | "child_placement_type" => !bare,
        _ => true,
    }
}

/// The words of an answer in one line.
fn words(lines: &[Line]) -> String {
    lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join(" ")
}

/// The words of an answer; none where it says nothing.
fn said(lines: &[Line]) -> String {
    let text = words(lines);
    if answers::not_an_answer(&text).is_some() || answers::is_placeholder(&text) { String::new() } else { text }
}

/// What an answer says for a key by its own words: posts, plans, placements, a postcode, a telephone number, initials.
fn speaks(key: &str, text: &str) -> f32 {
    let words = text.split_whitespace().count();
    if words == 0 || words > 14 {
        return 0.0;
    }
    let lower = format!(" {} ", text.to_lowercase().replace([',', '.', '(', ')', '/', '-'], " "));
    // Beginnings of words; with a space behind it the whole word.
    let has = |told: &[&str]| told.iter().any(|word| lower.contains(&format!(" {word}")));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let told = match key {
        "child_legal_status" => has(&[
            "s20 ",
            "s 20 ",
            "section 20",
            "s31 ",
            "s 31 ",
            "section 31",
            "care order",
            "cp plan",
            "child protection plan",
            "cin ",
            "child in need",
            "cla ",
            "lac ",
            "looked after",
            "epo ",
            "ico ",
            "police protection",
            "remand",
            "care leaver",
            "s47 ",
            "accommodated",
        ]),
        "child_placement_type" => has(&[
            "foster",
            "residential",
            "children's home",
            "semi independent",
            "supported",
            "kinship",
            "with mum",
            "with dad",
            "with parent",
            "at home",
            "secure",
            "connected",
            "unregistered",
            "adoptive",
        ]),
        "child_address" => has_postcode(text),
        "completed_phone" => digits >= 9 && words <= 6,
        "completed_role" => has(&[
            "social worker",
            "manager",
            "practitioner",
            "support worker",
            "reviewing officer",
            "nurse",
            "head of",
            "officer",
            "deputy",
            "teacher",
            "lead ",
        ]),
        "child_gender" => has(&["male ", "female ", "boy ", "girl ", "non binary ", "trans"]) && words <= 4,
        "incident_severity" => {
            has(&["serious ", "catastrophic", "near miss", "critical ", "moderate ", "minor "]) && words <= 6
        }
        "child_initials" => words <= 3 && text.chars().all(|c| c.is_uppercase() || matches!(c, ' ' | '.' | ',' | '&')),
        _ => false,
    };
    if told { 2.5 } else { 0.0 }
}

/// "NQ4 2PL" stands in it.
fn has_postcode(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.windows(2).any(|two| {
        let (out, back) = (two[0].as_bytes(), two[1].as_bytes());
        (2..=4).contains(&out.len())
            && out[0].is_ascii_alphabetic()
            && out.iter().any(u8::is_ascii_digit)
            && back.len() == 3
            && back[0].is_ascii_digit()
            && back[1..].iter().all(u8::is_ascii_alphabetic)
    })
}

/// How well an answer goes with a type: the logarithm of what it says for a key of that type.
fn fit(kind: Type, lines: &[Line]) -> f32 {
    if lines.is_empty() {
        return 0.0;
    }
    let answer = answers::read(kind, lines, 2099);
    let words = answer.text.split_whitespace().count();
    let lower = answer.text.to_lowercase();
    let says_yes_or_no = matches!(lower.as_str(), "yes" | "no" | "y" | "n");
    let begins_with_it =
        lower.split(|c: char| !c.is_alphabetic()).next().is_some_and(|word| word == "yes" || word == "no");
    match (kind, answer.state) {
        (Type::YesNo, State::Unclear) if begins_with_it => 0.0,
        (Type::Date | Type::DateTime | Type::Time | Type::YesNo | Type::Tick, State::Unclear) => -6.0,
        (Type::Date, State::Filled) if has_time(lines) => -1.5,
        (Type::DateTime, State::Filled) if !has_time(lines) => 1.0,
        (Type::Tick, State::Filled) => 0.6,
        (Type::Date | Type::DateTime | Type::Time | Type::YesNo, State::Filled) => 1.2,
        (Type::Multi, _) if !choices::has_boxes(lines) => -0.7,
        (Type::Choice, State::Unclear) => -1.4,
        (Type::Text | Type::Long, State::Filled) if choices::has_boxes(lines) => -1.7,
        (Type::Long, _) if words >= 25 => 1.0,
        (Type::Text | Type::Choice, _) if words >= 40 && !choices::has_boxes(lines) => -1.5,
        (Type::Table, _) => -1.4,
        (Type::Text | Type::Long, State::Filled) if says_yes_or_no => -5.0,
        _ => 0.0,
    }
}

/// True where a date's answer has a time of day as well.
fn has_time(lines: &[Line]) -> bool {
    let text = words(lines);
    super::dates::parse_when(&text, None, super::dates::Century::This).is_ok_and(|when| when.time.is_some())
}
