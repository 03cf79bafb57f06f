//! Which key each label asks for: every label at most one, every key at most once.
//!
//! Comes in: labels with their answers, in order. Goes out: a place in [`FIELDS`] for each, or None. Known wordings come first; of the
//! others the likeliest, by Bayes' rule: their words with the evidence of the section, of the labels around them and of the answer's type.
//! Doubt is None. Also tells an answer from one more label.

use std::borrow::Cow;
use std::collections::HashMap;

use super::answers::clean;
use super::choices::Line;
use super::custom;
use super::evidence::{fit, has_time, plausible, said, speaks, words};
use super::fields::{FIELDS, Field, Group, Type};
use super::instead;
use super::lines::is_numbered;
use super::pairs::Pair;
use super::wordings::{Candidate, Wordings};
use super::words::strip_number;

/// From this closeness on a wording is a known one.
const EXACT: f32 = 0.97;
/// Words as close as this to a known wording speak of what it asks.
const CLOSE: f32 = 0.46;
/// How likely a key has to be, against all others, for words that are not known.
const SURE: f32 = 0.5;
/// What the section says for a key of its group, and against others: logarithms, as all evidence is.
const HERE: f32 = 1.5;
const ELSEWHERE: f32 = 1.0;
/// What a neighbour says for a key of its group.
const NEIGHBOUR: f32 = 1.0;
/// What the label right above or below says for a key that customarily stands there.
const CUSTOM: f32 = 1.6;
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
    work.day_beside_time(pairs);
    work.keys
}

/// One date is the form's own: in a report that of the report, in any other when it was filled in, whichever the label names.
pub(super) fn date_of_form(keys: &mut [Option<usize>], report: bool) {
    let place = |key: &str| FIELDS.iter().position(|field| field.key == key);
    let (of_report, completed) = (place("report_date"), place("completed_at"));
    let (from, to) = if report { (completed, of_report) } else { (of_report, completed) };
    if !keys.contains(&to) {
        keys.iter_mut().filter(|key| **key == from).for_each(|key| *key = to);
    }
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
        "incident_severity" => other.kind == Type::YesNo,
        // What an event is about is asked by itself elsewhere: "Premises", "Information security".
        "incident_category" | "incident_categories" => !text.ends_with([':', '?']),
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
    /// The likeliest key that is free, as the labels around it stand, and how sure it is.
    choice: Option<(f32, usize)>,
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
        // Asked in its own part of the form and in another's, the name of a home is the child's where it is asked of the child.
        let is_elsewhere = |at: usize, list: &[Candidate]| {
            pairs[at].section.is_some_and(|section| list.iter().all(|meaning| FIELDS[meaning.field].group != section))
        };
        let (elsewhere, here): (Vec<_>, Vec<_>) = one.into_iter().partition(|(at, list)| is_elsewhere(*at, list));
        for (at, list) in here.into_iter().chain(elsewhere) {
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
        let own = |at: usize, field: usize| pairs[at].section == Some(FIELDS[field].group);
        let yields = |earlier: usize, field: usize| {
            let other_part = own(earlier, field) && !own(at, field) && pairs[at].section.is_some();
            let earlier = &pairs[earlier];
            !other_part && (earlier.lines.is_empty() || is_signature(&earlier.label)) && !pairs[at].lines.is_empty()
        };
        let free =
            meanings.find(|meaning| self.taken[meaning.field].is_none_or(|earlier| yields(earlier, meaning.field)));
        if let Some(Candidate { field, .. }) = free {
            if let Some(earlier) = self.taken[*field] {
                self.keys[earlier] = None;
            }
            self.take(at, *field);
        }
    }

    /// Where the time of day is asked by itself, what asks when it happened and has none is the day; where it is not, what was answered
    /// with a time is both.
    fn day_beside_time(&mut self, pairs: &[Pair]) {
        let place = |key: &str| FIELDS.iter().position(|field| field.key == key);
        let (Some(both), Some(day), Some(time)) =
            (place("incident_at"), place("incident_date"), place("incident_time"))
        else {
            return;
        };
        if let (Some(at), None, Some(_)) = (self.taken[both], self.taken[day], self.taken[time])
            && !has_time(&pairs[at].lines)
        {
            self.taken[both] = None;
            self.take(at, day);
        }
        // "Happened on" says neither; where nothing else asks for the time, an answer with one is both.
        if let (None, Some(at), None) = (self.taken[both], self.taken[day], self.taken[time])
            && has_time(&pairs[at].lines)
            && !names_a_day(&pairs[at].label)
        {
            self.taken[day] = None;
            self.take(at, both);
        }
    }

    /// The surest of what is left, again and again: each takes its key from the choice of the others, and tells what its neighbours ask.
    fn unseen(&mut self, pairs: &[Pair], meanings: &[Meaning], wordings: &Wordings) {
        let left = meanings.iter().enumerate().filter(|(_, meaning)| matches!(meaning, Meaning::Unseen));
        let mut left: Vec<Unseen> = left
            .map(|(at, _)| {
                let before = at.checked_sub(1).map(|before| &pairs[before]);
                let (likely, other) = likely(&pairs[at], before, self.neighbours(at), wordings);
                let mut unseen = Unseen { at, likely, other, choice: None };
                unseen.choice = self.choice(&unseen);
                unseen
            })
            .collect();
        // Each round ends one of them.
        while let Some((place, field)) = surest(&left) {
            let Unseen { at, .. } = left.swap_remove(place);
            if FIELDS[field].group == Group::Office {
                continue;
            }
            self.take(at, field);
            let touched = |unseen: &&mut Unseen| {
                unseen.at.abs_diff(at) == 1 || unseen.choice.is_some_and(|(_, chosen)| chosen == field)
            };
            left.iter_mut().filter(touched).for_each(|unseen| unseen.choice = self.choice(unseen));
        }
    }

    /// What a label likeliest asks of what is not taken, and how sure that is.
    fn choice(&self, unseen: &Unseen) -> Option<(f32, usize)> {
        let Unseen { at, likely, other, .. } = unseen;
        let (above, below) =
            (at.checked_sub(1).and_then(|above| self.keys[above]), self.keys.get(at + 1).copied().flatten());
        let custom = |field: usize| {
            let stands = [
                above.is_some_and(|above| custom::follows(above, field)),
                below.is_some_and(|below| custom::follows(field, below)),
            ];
            stands.iter().filter(|stands| **stands).count() as f32 * CUSTOM
        };
        let weighed: Vec<(usize, f32)> =
            likely.iter().map(|(field, weight)| (*field, weight + custom(*field))).collect();
        let free = weighed.iter().filter(|(field, _)| self.taken[*field].is_none());
        let &(first, weight) = free.max_by(|(one, a), (two, b)| a.total_cmp(b).then(two.cmp(one)))?;
        // What is asked elsewhere counts against it: this may be the same question again.
        let others = weighed.iter().filter(|(field, _)| *field == first || !siblings(first, *field));
        let against = others.map(|(_, other)| *other).chain([*other]);
        Some((1.0 / against.map(|other| (other - weight).exp()).sum::<f32>(), first))
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

/// The label that is surest of its key, by its place, and the key.
fn surest(left: &[Unseen]) -> Option<(usize, usize)> {
    let choices = left.iter().enumerate().filter_map(|(place, unseen)| unseen.choice.map(|choice| (place, choice)));
    let sure = choices.filter(|(_, (sure, _))| *sure >= SURE);
    // Of two that are as sure the first.
    sure.max_by(|(one, (a, _)), (two, (b, _))| a.total_cmp(b).then(two.cmp(one)))
        .map(|(place, (_, field))| (place, field))
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
    let mut list = asked(&in_full(pair, before), pair.section);
    // "Situation: what has gone on?"
    if let Some((_, behind)) = pair.label.split_once(": ").filter(|_| list.iter().all(|c| c.closeness < EXACT)) {
        let known = asked(behind, pair.section).into_iter().filter(|c| c.closeness >= EXACT && behind.contains(' '));
        list.extend(known.map(|known| Candidate { closeness: EXACT, ..known }));
    }
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
    let exact = list.into_iter().filter(|candidate| candidate.closeness >= EXACT && may_ask(candidate.field, pair));
    let known: Vec<Candidate> = exact.filter(|c| !matches!(group(c), Group::Action | Group::Office)).collect();
    let other = match known.as_slice() {
        [only] => instead::by_answer(FIELDS[only.field].key, &pair.lines),
        _ => None,
    };
    if let Some(keys) = other {
        let place = |key: &&str| FIELDS.iter().position(|field| field.key == *key);
        let meanings = keys.iter().filter_map(place).map(|field| Candidate { field, closeness: EXACT });
        return Meaning::Known(meanings.collect());
    }
    match known.len() {
        0 => Meaning::Unseen,
        1 => Meaning::Known(known),
        _ => Meaning::Known(ranked(known, pair)),
    }
}

/// Several meanings of a known wording, the best first.
fn ranked(known: Vec<Candidate>, pair: &Pair) -> Vec<Candidate> {
    let mut fitting = fitting(pair);
    let text = said(&pair.lines);
    let mut ranked: Vec<(f32, Candidate)> = known
        .into_iter()
        .map(|candidate| {
            let Field { key, kind, group } = FIELDS[candidate.field];
            let here = if pair.section == Some(group) { 0.7 } else { 0.0 };
            let answers = if plausible(key, &pair.lines) { 0.0 } else { -IMPLAUSIBLE };
            (candidate.closeness * CLOSENESS + here + fitting(kind) + answers + speaks(key, &text), candidate)
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
    found.retain(|(field, _)| FIELDS[*field].group != Group::Action && may_ask(*field, pair));
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
    match before.filter(|before| before.section == pair.section && follows_up(&pair.label)) {
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
    const WORDS: [&str; 48] = [
        "expand",
        "clarify",
        "on",
        "further",
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
        "your",
        "answer",
        "you",
        "said",
        "answered",
        "ticked",
        "tell",
        "us",
        "about",
        "it",
        "reasons",
        "reason",
        "this",
    ];
    let if_so = matches!(bare.as_slice(), ["if", ..])
        || bare.first().is_some_and(|first| ["please", "explain", "give", "say", "tell", "describe"].contains(first));
    let of_more = ["when", "date", "time", "reference", "ref", "number"];
    let at_length = matches!(bare.as_slice(), ["if", "so" | "yes", _, ..])
        && bare.len() <= 10
        && !bare.iter().any(|word| of_more.contains(word));
    at_length || if_so && bare.len() >= 2 && bare.iter().all(|word| WORDS.contains(word))
}

/// False where an answer is surely of something else: the regulator's number of a home is no child's.
fn may_ask(field: usize, pair: &Pair) -> bool {
    FIELDS[field].key != "child_case_id" || !instead::is_number_of_a_home(&words(&pair.lines))
}

fn prefer(pair: &Pair, candidate: &Candidate) -> bool {
    pair.section == Some(FIELDS[candidate.field].group)
}

/// "Date of incident", "On what day?".
fn names_a_day(label: &str) -> bool {
    let lower = label.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).any(|word| matches!(word, "date" | "day" | "dated"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(label: &str, answer: &str, section: Option<Group>) -> Pair {
        let lines = if answer.is_empty() { Vec::new() } else { vec![Line::plain(answer)] };
        Pair { label: label.to_owned(), lines, section, ..Pair::default() }
    }

    fn key_of(pairs: &[Pair], at: usize) -> &'static str {
        keys(pairs, &Wordings::default())[at].map_or("", |field| FIELDS[field].key)
    }

    #[test]
    fn sections_say_what_unknown_words_ask() {
        let ahead =
            |section| ahead(&pair("In full, and spelled out", "Amy Ax", Some(section)), "child_name", "completed_by");
        assert!(ahead(Group::Child) > ahead(Group::People) + HERE);
    }

    #[test]
    fn the_type_of_an_answer_says_what_unknown_words_ask() {
        let ahead = |answer: &str| {
            ahead(&pair("Strategy, and about it", answer, None), "strategy_meeting", "strategy_meeting_at")
        };
        assert!(ahead("Yes") > ahead("4 May 2026 at 10.30am") + 4.0);
    }

    /// How much likelier a label asks for one key than for another.
    fn ahead(pair: &Pair, one: &str, other: &str) -> f32 {
        let (likely, _) = likely(pair, None, (None, None), &Wordings::default());
        let weight =
            |key: &str| likely.iter().find(|(field, _)| FIELDS[*field].key == key).map_or(0.0, |found| found.1);
        weight(one) - weight(other)
    }

    #[test]
    fn what_is_asked_of_the_child_is_the_childs() {
        let pairs = [
            pair("Name of home", "The Beeches", Some(Group::People)),
            pair("Placement provider", "", Some(Group::Child)),
        ];
        assert_eq!((key_of(&pairs, 0), key_of(&pairs, 1)), ("", "child_placement_provider"));
    }

    #[test]
    fn the_date_of_a_form_is_one_date_by_whichever_name() {
        let place = |key: &str| FIELDS.iter().position(|field| field.key == key);
        let mut keys = [place("report_date"), place("team")];
        date_of_form(&mut keys, false);
        assert_eq!(keys[0], place("completed_at"));
        date_of_form(&mut keys, true);
        assert_eq!(keys[0], place("report_date"));
        let mut both = [place("report_date"), place("completed_at")];
        date_of_form(&mut both, false);
        assert_eq!(both, [place("report_date"), place("completed_at")]);
    }
}
