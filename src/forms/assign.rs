//! Which key each label asks for: every label at most one, every key at most once.
//!
//! Comes in: labels with their answers, in order. Goes out: a place in [`FIELDS`] for each, or None. Known wordings come first; of the
//! others the closest, with the evidence of the section, of the labels around them and of the answer's type. Doubt is None. Also tells
//! an answer from one more label.

use std::collections::HashMap;

use super::State;
use super::answers::{self, clean};
use super::choices::{self, Line};
use super::fields::{FIELDS, Group, Type};
use super::lines::is_numbered;
use super::pairs::Pair;
use super::wordings::{Candidate, Wordings, strip_number};

/// From this closeness on a wording is a known one.
const EXACT: f32 = 0.97;
/// Words as close as this to a known wording are taken for it, when nothing else claims them.
const CLOSE: f32 = 0.46;
/// What the words of an unseen wording count for, so that with all other evidence it stays below a known one.
const UNSEEN: f32 = 0.8;
/// The closest key has to be ahead of the next by this much.
const AHEAD: f32 = 0.035;
/// What a label's neighbours on both sides say for a key of their group.
const BETWEEN: f32 = 0.06;

/// The key of each pair, or None.
pub(super) fn keys(pairs: &[Pair], wordings: &Wordings) -> Vec<Option<usize>> {
    // The same label again, as in a long list, is not weighed again.
    let mut known: HashMap<(String, Option<Group>), Vec<Candidate>> = HashMap::new();
    let mut asked = |label: &str, section: Option<Group>| {
        known.entry((label.to_owned(), section)).or_insert_with(|| wordings.candidates(label, section)).clone()
    };
    let before = std::iter::once(None).chain(pairs.iter().map(Some));
    let candidates: Vec<Vec<Candidate>> =
        pairs.iter().zip(before).map(|(pair, before)| candidates(pair, before, &mut asked)).collect();
    let mut work = Assignment { keys: vec![None; pairs.len()], taken: vec![None; FIELDS.len()] };
    work.known(pairs, &candidates);
    work.unseen(pairs, candidates);
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

struct Assignment {
    keys: Vec<Option<usize>>,
    /// By field, the pair that has it.
    taken: Vec<Option<usize>>,
}

impl Assignment {
    fn known(&mut self, pairs: &[Pair], candidates: &[Vec<Candidate>]) {
        let exact = |at: usize| candidates[at].iter().filter(|c| c.closeness >= EXACT);
        // What may mean several things is told by what stands before it, so that comes first.
        let (one, several): (Vec<usize>, Vec<usize>) = (0..pairs.len()).partition(|&at| exact(at).count() == 1);
        for at in one {
            self.take_known(at, pairs, exact(at));
        }
        for at in several {
            let before = self.neighbours(at).0.filter(|_| pairs[at].section.is_none());
            let mut meanings: Vec<&Candidate> = exact(at).collect();
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

    /// The closest of what is left, again and again: each takes its key from the choice of the others.
    fn unseen(&mut self, pairs: &[Pair], mut candidates: Vec<Vec<Candidate>>) {
        for (at, list) in candidates.iter_mut().enumerate() {
            // A known wording of a key that is taken is no unseen wording of another.
            if self.keys[at].is_some() || list.first().is_some_and(|best| best.closeness >= EXACT) {
                list.clear();
                continue;
            }
            let (before, after) = self.neighbours(at);
            for candidate in list.iter_mut() {
                let group = Some(FIELDS[candidate.field].group);
                if before == group && after == group {
                    candidate.closeness += BETWEEN;
                } else if pairs[at].section.is_none() && (before == group || after == group) {
                    candidate.closeness += BETWEEN / 2.0;
                }
            }
            list.sort_by(|a, b| b.closeness.total_cmp(&a.closeness).then(a.field.cmp(&b.field)));
        }
        // Each round takes a key, so there are no more rounds than keys.
        while let Some((at, field)) = self.closest(&candidates) {
            self.take(at, field);
            candidates[at].clear();
        }
    }

    fn closest(&self, candidates: &[Vec<Candidate>]) -> Option<(usize, usize)> {
        let mut best: Option<(f32, usize, usize)> = None;
        for (at, list) in candidates.iter().enumerate() {
            let mut free = list.iter().filter(|candidate| self.taken[candidate.field].is_none());
            let Some(first) = free.next() else { continue };
            let next = free.find(|next| !siblings(first.field, next.field)).map_or(0.0, |next| next.closeness);
            // What it means most likely is asked elsewhere: this may be the same question again.
            let outdone = list.first().is_some_and(|top| top.closeness - first.closeness >= 0.12);
            if first.closeness >= CLOSE
                && first.closeness - next >= AHEAD
                && !outdone
                && best.is_none_or(|(closeness, _, _)| first.closeness > closeness)
            {
                best = Some((first.closeness, at, first.field));
            }
        }
        best.map(|(_, at, field)| (at, field))
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

/// The candidates of a pair with the evidence of its control's name, its section and its answer's type.
fn candidates(
    pair: &Pair,
    before: Option<&Pair>,
    asked: &mut impl FnMut(&str, Option<Group>) -> Vec<Candidate>,
) -> Vec<Candidate> {
    if let Some(field) = FIELDS.iter().position(|field| field.key == pair.tag) {
        return vec![Candidate { field, closeness: 1.0 }];
    }
    let mut list = asked(&pair.label, pair.section);
    if let Some(before) = before.filter(|_| follows_up(&pair.label)) {
        list = asked(&format!("{} {}", before.label.trim_end_matches('?'), pair.label), pair.section);
    }
    if let Some(before) = before.filter(|_| asks_details(&pair.label))
        && asked(&before.label, before.section)
            .iter()
            .any(|c| c.closeness >= CLOSE && FIELDS[c.field].key == "media_interest")
        && let Some(field) = FIELDS.iter().position(|field| field.key == "media_details")
    {
        return vec![Candidate { field, closeness: EXACT }];
    }
    let closest = |office: bool| {
        let of = |c: &&Candidate| {
            (FIELDS[c.field].group == Group::Office) == office && FIELDS[c.field].group != Group::Action
        };
        list.iter().filter(of).map(|c| c.closeness).fold(0.0, f32::max)
    };
    let ahead = if closest(true) >= EXACT { 0.0 } else { 0.08 };
    if closest(true) > closest(false) + ahead && closest(true) >= 0.7 {
        return Vec::new();
    }
    list.retain(|c| FIELDS[c.field].group != Group::Action && FIELDS[c.field].group != Group::Office);
    // Of known wordings with one meaning there is nothing to weigh.
    if let [only] = list.as_slice()
        && only.closeness >= EXACT
    {
        return list;
    }
    let mut fits: Vec<(Type, f32)> = Vec::new();
    let mut fit = |kind: Type| match fits.iter().find(|(known, _)| *known == kind) {
        Some((_, fit)) => *fit,
        None => {
            fits.push((kind, fit(kind, &pair.lines)));
            fits[fits.len() - 1].1
        }
    };
    let mut ranked: Vec<(f32, Candidate)> = Vec::new();
    for mut candidate in list {
        let field = &FIELDS[candidate.field];
        let here = if pair.section == Some(field.group) { 0.05 } else { 0.0 };
        let evidence = here + fit(field.kind) + if plausible(field.key, &pair.lines) { 0.0 } else { -0.3 };
        if candidate.closeness >= EXACT {
            ranked.push((candidate.closeness + evidence, candidate));
            continue;
        }
        let elsewhere = if pair.section.is_some() && here == 0.0 { 0.03 } else { 0.0 };
        candidate.closeness = candidate.closeness * UNSEEN + evidence - elsewhere;
        ranked.push((candidate.closeness, candidate));
    }
    let known = |candidate: &Candidate| candidate.closeness >= EXACT;
    ranked.sort_by(|(a, one), (b, two)| {
        known(two)
            .cmp(&known(one))
            .then(b.total_cmp(a))
            .then_with(|| prefer(pair, two).cmp(&prefer(pair, one)))
            .then(one.field.cmp(&two.field))
    });
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
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
    let text = lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join(" ");
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

/// How well an answer goes with a type: evidence for wordings that are not known.
fn fit(kind: Type, lines: &[Line]) -> f32 {
    if lines.is_empty() {
        return 0.0;
    }
    let answer = answers::read(kind, lines, 2099);
    let words = answer.text.split_whitespace().count();
    match (kind, answer.state) {
        (Type::Date | Type::DateTime | Type::Time | Type::YesNo | Type::Tick, State::Unclear) => -0.15,
        (Type::Date, State::Filled) if has_time(lines) => 0.02,
        (Type::DateTime, State::Filled) if !has_time(lines) => 0.05,
        (Type::Tick, State::Filled) => 0.04,
        (Type::Date | Type::DateTime | Type::Time | Type::YesNo, State::Filled) => 0.08,
        (Type::Multi, _) if !choices::has_boxes(lines) => -0.05,
        (Type::Choice, State::Unclear) => -0.1,
        (Type::Text | Type::Long, State::Filled) if choices::has_boxes(lines) => -0.12,
        (Type::Long, _) if words >= 25 => 0.05,
        (Type::Text | Type::Choice, _) if words >= 40 && !choices::has_boxes(lines) => -0.1,
        (Type::Table, _) => -0.1,
        (Type::Text | Type::Long, State::Filled)
            if matches!(answer.text.to_lowercase().as_str(), "yes" | "no" | "y" | "n") =>
        {
            -0.1
        }
        _ => 0.0,
    }
}

/// True where a date's answer has a time of day as well.
fn has_time(lines: &[Line]) -> bool {
    let text = lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join(" ");
    super::dates::parse_when(&text, None, super::dates::Century::This).is_ok_and(|when| when.time.is_some())
}
