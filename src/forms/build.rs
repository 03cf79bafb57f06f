//! Labels with answers to a [`Form`]: each label gets one key, each key one label; children and tables take their places.

use std::collections::BTreeMap;

use super::answers::{self, Answer, Line, clean};
use super::fields::{self, FIELDS, Group, NAME_AND_DOB, Type};
use super::form::Unmatched;
use super::kind;
use super::pairs::{Extract, Pair, Rows};
use super::wordings::{Candidate, Wordings};
use super::{Child, Field, Form, Kind, Problem, State, Value};

/// Words as close as this to a known wording are taken for it, when nothing else claims them.
const CLOSE: f32 = 0.6;
/// The closest key has to be ahead of the next by this much.
const AHEAD: f32 = 0.03;

/// A form with what was odd about it.
pub(super) struct Built {
    pub form: Form,
    pub problems: Vec<Problem>,
}

/// Makes a form of what was extracted; None where it is no form.
pub(super) fn form(
    extract: &Extract,
    wordings: &Wordings,
    source: &str,
    format: &str,
    hint: Option<Kind>,
) -> Option<Built> {
    let keys = assign(&extract.pairs, wordings);
    let title = kind::title(&extract.preamble);
    let matched = keys.iter().flatten().count() + 2 * extract.children.len() + 2 * extract.actions.len();
    let seen = extract.pairs.len() + 2 * extract.children.len() + 2 * extract.actions.len();
    let coverage = if seen == 0 { 0.0 } else { matched as f32 / seen as f32 };
    let titled = title.is_some() || hint.is_some();
    let enough = if titled { matched >= 2 } else { matched >= 5 && coverage >= 0.4 };
    if !enough {
        return None;
    }
    let mut work = Work {
        fields: BTreeMap::new(),
        children: Vec::new(),
        unmatched: Vec::new(),
        problems: Vec::new(),
        latest: latest_year(extract, &keys),
    };
    work.pairs(extract, &keys);
    work.tables(extract, wordings);
    work.main_child();
    let kind = title.map(|(kind, _)| kind).or(hint).unwrap_or_else(|| kind_by_keys(&work.fields));
    let kind = if reports(&work.fields) >= 3 { Kind::InvestigationReport } else { kind };
    let title = title.map(|(_, title)| title.to_owned()).unwrap_or_default();
    let form = Form {
        kind,
        title,
        source: source.to_owned(),
        format: format.to_owned(),
        fields: work.fields,
        children: work.children,
        unmatched: work.unmatched,
        coverage,
    };
    Some(Built { form, problems: work.problems })
}

/// The key of each pair, or None. Known wordings first, then the closest of the rest.
fn assign(pairs: &[Pair], wordings: &Wordings) -> Vec<Option<usize>> {
    let candidates: Vec<Vec<Candidate>> = pairs.iter().map(|pair| candidates(pair, wordings)).collect();
    let mut keys: Vec<Option<usize>> = vec![None; pairs.len()];
    let mut taken: Vec<Option<usize>> = vec![None; FIELDS.len()];
    for (at, pair) in pairs.iter().enumerate() {
        for candidate in known(pair, &candidates[at]) {
            // Asked twice: the answered one counts.
            let free =
                taken[candidate.field].is_none_or(|earlier| pairs[earlier].lines.is_empty() && !pair.lines.is_empty());
            if free {
                if let Some(earlier) = taken[candidate.field] {
                    keys[earlier] = None;
                }
                taken[candidate.field] = Some(at);
                keys[at] = Some(candidate.field);
                break;
            }
        }
    }
    let mut rest: Vec<(f32, usize, usize)> = Vec::new();
    for (at, list) in candidates.iter().enumerate().filter(|(at, _)| keys[*at].is_none()) {
        // A known wording of a key that is taken is no unseen wording of another.
        if list.first().is_some_and(|best| best.closeness >= 0.97) {
            continue;
        }
        let fitting: Vec<&Candidate> = list.iter().filter(|c| taken[c.field].is_none()).collect();
        if let Some(best) = fitting.first() {
            let next =
                fitting[1..].iter().find(|next| !siblings(best.field, next.field)).map_or(0.0, |next| next.closeness);
            let top = list.first().map_or(0.0, |top| top.closeness);
            if best.closeness >= CLOSE && best.closeness - next >= AHEAD && top - best.closeness < 0.15 {
                rest.push((best.closeness, at, best.field));
            }
        }
    }
    rest.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, at, field) in rest {
        if taken[field].is_none() {
            taken[field] = Some(at);
            keys[at] = Some(field);
        }
    }
    keys
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

/// The candidates that are known wordings, those first that go best with section and answer.
fn known(pair: &Pair, candidates: &[Candidate]) -> Vec<Candidate> {
    let mut known: Vec<Candidate> = candidates.iter().filter(|c| c.closeness >= 0.97).copied().collect();
    let rank = |c: &Candidate| {
        let field = &FIELDS[c.field];
        c.closeness + if pair.section == Some(field.group) { 0.05 } else { 0.0 } + fit(field.kind, &pair.lines)
    };
    known.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then(a.field.cmp(&b.field)));
    known
}

/// The candidates of a pair with the evidence of its control's name, its section and its answer's type.
fn candidates(pair: &Pair, wordings: &Wordings) -> Vec<Candidate> {
    let mut list = wordings.candidates(&pair.label, pair.section);
    if let Some(field) = FIELDS.iter().position(|field| field.key == pair.tag) {
        return vec![Candidate { field, closeness: 1.0 }];
    }
    list.retain(|c| FIELDS[c.field].group != Group::Action && FIELDS[c.field].group != Group::Office);
    for candidate in &mut list {
        if candidate.closeness >= 0.97 {
            continue;
        }
        let field = &FIELDS[candidate.field];
        if pair.section == Some(field.group) {
            candidate.closeness += 0.05;
        } else if pair.section.is_some() {
            candidate.closeness -= 0.03;
        }
        candidate.closeness += fit(field.kind, &pair.lines);
        candidate.closeness = candidate.closeness.min(0.96);
    }
    list.sort_by(|a, b| {
        b.closeness
            .total_cmp(&a.closeness)
            .then_with(|| prefer(pair, b).cmp(&prefer(pair, a)))
            .then(a.field.cmp(&b.field))
    });
    list
}

fn prefer(pair: &Pair, candidate: &Candidate) -> bool {
    pair.section == Some(FIELDS[candidate.field].group)
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
        (Type::Multi, _) if !answers::has_boxes(lines) => -0.05,
        (Type::Choice, State::Unclear) => -0.1,
        (Type::Text | Type::Long, State::Filled) if answers::has_boxes(lines) => -0.12,
        (Type::Long, _) if words >= 25 => 0.05,
        (Type::Text | Type::Choice, _) if words >= 40 && !answers::has_boxes(lines) => -0.1,
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

struct Work {
    fields: BTreeMap<String, Field>,
    children: Vec<Child>,
    unmatched: Vec<Unmatched>,
    problems: Vec<Problem>,
    latest: i32,
}

impl Work {
    fn pairs(&mut self, extract: &Extract, keys: &[Option<usize>]) {
        let mut before: Vec<Line> = Vec::new();
        for (pair, key) in extract.pairs.iter().zip(keys) {
            let lines = if is_as_above(&pair.lines) { before.clone() } else { pair.lines.clone() };
            match key {
                Some(field) => self.field(FIELDS[*field], &pair.label, &lines),
                None => {
                    let text = lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join("\n");
                    self.unmatched.push(Unmatched { label: pair.label.clone(), text });
                }
            }
            before = lines;
        }
    }

    fn field(&mut self, field: fields::Field, label: &str, lines: &[Line]) {
        let mut answer = answers::read(field.kind, lines, self.latest);
        // Official lists of ethnic groups have "Not known" among them.
        if field.key == "child_ethnicity"
            && answer.state == State::NotKnown
            && answer.text.len() > 3
            && answer.text.to_lowercase().contains("known")
        {
            answer.state = State::Filled;
            answer.value = Some(Value::Text(answer.text.clone()));
        }
        if field.key == NAME_AND_DOB && answer.state == State::Filled {
            self.name_and_dob(label, &answer);
        }
        self.note_unclear(field.key, &answer);
        let value = answer.value.filter(|_| answer.state == State::Filled);
        self.fields.insert(
            field.key.to_owned(),
            Field { value, text: answer.text, label: label.to_owned(), state: answer.state },
        );
    }

    fn note_unclear(&mut self, key: &str, answer: &Answer) {
        if answer.state == State::Unclear {
            let detail = "An answer was there and could not be read as what was asked.".to_owned();
            self.problems.push(Problem { code: "unclear_value".to_owned(), r#where: key.to_owned(), detail });
        }
    }

    fn name_and_dob(&mut self, label: &str, answer: &Answer) {
        let Some((name, date)) = answers::name_and_date(&answer.text) else { return };
        let initials = name.chars().count() <= 5 && name.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
        let key = if initials { "child_initials" } else { "child_name" };
        let field = |value: String| Field {
            value: Some(Value::Text(value)),
            text: answer.text.clone(),
            label: label.to_owned(),
            state: State::Filled,
        };
        self.fields.entry(key.to_owned()).or_insert_with(|| field(name));
        let born = answers::read(Type::Date, &[Line::plain(&date)], self.latest);
        if let Some(Value::Text(date)) = born.value {
            self.fields.entry("child_dob".to_owned()).or_insert_with(|| field(date));
        }
    }

    fn tables(&mut self, extract: &Extract, wordings: &Wordings) {
        for table in &extract.children {
            for row in &table.rows {
                let child = self.child(row, wordings);
                if !child.is_empty() {
                    self.children.push(child);
                }
            }
        }
        for table in &extract.actions {
            let rows: Vec<BTreeMap<String, String>> = table
                .rows
                .iter()
                .map(|row| columns(row, wordings, Group::Action, self.latest))
                .filter(|row| !row.is_empty())
                .collect();
            let key = if is_recommendations(table, wordings) { "recommendations" } else { "actions" };
            let state = if rows.is_empty() { State::Blank } else { State::Filled };
            let label = table.label.clone();
            let text = rows
                .iter()
                .map(|row| row.values().cloned().collect::<Vec<_>>().join(" | "))
                .collect::<Vec<_>>()
                .join("\n");
            let value = (!rows.is_empty()).then_some(Value::Rows(rows));
            let earlier = self.fields.get(key).is_some_and(|field| matches!(field.value, Some(Value::Rows(_))));
            if !earlier {
                self.fields.insert(key.to_owned(), Field { value, text, label, state });
            }
        }
    }

    fn child(&self, row: &[(String, Vec<Line>)], wordings: &Wordings) -> Child {
        let mut child = columns(row, wordings, Group::Child, self.latest);
        if let Some(both) = child.remove(NAME_AND_DOB)
            && let Some((name, date)) = answers::name_and_date(&both)
        {
            child.entry("child_name".to_owned()).or_insert(name);
            if let Some(Value::Text(date)) = answers::read(Type::Date, &[Line::plain(&date)], self.latest).value {
                child.entry("child_dob".to_owned()).or_insert(date);
            }
        }
        whole_name(&mut child);
        child
    }

    /// The single fields about a child belong to the first of the children.
    fn main_child(&mut self) {
        let mut single: Child = BTreeMap::new();
        for (key, field) in &self.fields {
            let about = fields::field(key).is_some_and(|field| field.group == Group::Child)
                && key.starts_with("child_")
                && key != NAME_AND_DOB;
            if let (true, Some(Value::Text(text))) = (about, &field.value) {
                single.insert(key.clone(), text.clone());
            }
        }
        whole_name(&mut single);
        match self.children.first_mut() {
            Some(main) => single.into_iter().for_each(|(key, value)| {
                main.entry(key).or_insert(value);
            }),
            None if !single.is_empty() => self.children.push(single),
            None => {}
        }
    }
}

/// The name from forename and surname, where the whole is not asked.
fn whole_name(child: &mut Child) {
    if !child.contains_key("child_name")
        && let (Some(forename), Some(surname)) = (child.get("child_forename"), child.get("child_surname"))
    {
        let name = format!("{forename} {surname}");
        child.insert("child_name".to_owned(), name);
    }
}

/// A row's values by key: only keys of one group, each once.
fn columns(row: &[(String, Vec<Line>)], wordings: &Wordings, group: Group, latest: i32) -> BTreeMap<String, String> {
    let mut keys: Vec<Option<usize>> = Vec::new();
    for (label, _) in row {
        let candidates = wordings.candidates(label, Some(group));
        let found = candidates
            .iter()
            .find(|c| c.closeness >= 0.55 && !keys.contains(&Some(c.field)) && FIELDS[c.field].group == group);
        keys.push(found.map(|c| c.field));
    }
    if group == Group::Action {
        by_elimination(&mut keys);
    }
    let mut out = BTreeMap::new();
    for ((_, lines), key) in row.iter().zip(keys) {
        let Some(field) = key else { continue };
        let answer = answers::read(FIELDS[field].kind, lines, latest);
        let value = match answer.value {
            Some(Value::Text(text)) => text,
            Some(Value::Tick(ticked)) => ticked.to_string(),
            Some(Value::List(list)) => list.join("; "),
            _ => continue,
        };
        out.insert(FIELDS[field].key.to_owned(), value);
    }
    out
}

/// What, who, when: of three columns with one unknown heading the unknown one is the one that is left.
fn by_elimination(keys: &mut [Option<usize>]) {
    let unknown: Vec<usize> = (0..keys.len()).filter(|&at| keys[at].is_none()).collect();
    let missing: Vec<usize> = (0..FIELDS.len())
        .filter(|field| FIELDS[*field].group == Group::Action && !keys.contains(&Some(*field)))
        .collect();
    if let ([at], [field]) = (unknown.as_slice(), missing.as_slice()) {
        keys[*at] = Some(*field);
    }
}

fn is_recommendations(table: &Rows, wordings: &Wordings) -> bool {
    let labelled = wordings.candidates(&table.label, Some(Group::Report));
    let best = labelled
        .iter()
        .find(|c| matches!(FIELDS[c.field].key, "recommendations" | "actions"))
        .filter(|c| c.closeness >= 0.55);
    let head = table
        .rows
        .first()
        .is_some_and(|row| row.iter().any(|(label, _)| label.to_lowercase().contains("recommendation")));
    best.map_or(head, |best| FIELDS[best.field].key == "recommendations")
}

fn is_as_above(lines: &[Line]) -> bool {
    let [line] = lines else { return false };
    let text = clean(&line.text()).trim_end_matches('.').to_lowercase();
    matches!(text.as_str(), "as above" | "see above" | "same as above" | "as per above" | "ditto")
}

fn latest_year(extract: &Extract, keys: &[Option<usize>]) -> i32 {
    let events = extract.pairs.iter().zip(keys).filter(|(_, key)| {
        key.is_some_and(|field| {
            matches!(FIELDS[field].kind, Type::Date | Type::DateTime) && FIELDS[field].group != Group::Child
        })
    });
    let texts: Vec<String> =
        events.filter_map(|(pair, _)| pair.lines.first()).map(|line| clean(&line.text())).collect();
    answers::latest_year(texts.iter().map(String::as_str))
}

fn reports(fields: &BTreeMap<String, Field>) -> usize {
    [
        "findings",
        "lessons",
        "methodology",
        "investigator",
        "recommendations",
        "commissioned_by",
        "report_due",
        "good_practice",
    ]
    .iter()
    .filter(|key| fields.contains_key(**key))
    .count()
}

fn kind_by_keys(fields: &BTreeMap<String, Field>) -> Kind {
    let serious = ["panel_notified", "child_died", "abuse_suspected", "sent_by_phone_call"]
        .iter()
        .filter(|key| fields.contains_key(**key))
        .count();
    if serious >= 3 { Kind::SeriousIncidentNotification } else { Kind::NeedToKnow }
}

/// True where nothing is answered about anything: a blank template.
pub(super) fn is_empty(form: &Form) -> bool {
    let answered = |field: &Field| {
        matches!(field.state, State::Filled | State::Unclear) && field.value != Some(Value::Tick(false))
    };
    !form.fields.values().any(answered) && form.children.is_empty()
}

/// I9: the same answers, whatever the files' names and layouts.
pub fn same_answers(a: &Form, b: &Form) -> bool {
    let values = |form: &Form| -> Vec<(String, String)> {
        let filled = form.fields.iter().filter(|(_, field)| matches!(field.state, State::Filled | State::Unclear));
        filled
            .map(|(key, field)| {
                (
                    key.clone(),
                    squeeze(
                        &serde_json::to_string(&field.value).unwrap_or_default(),
                        &field.text,
                        field.value.is_some(),
                    ),
                )
            })
            .collect()
    };
    a.kind == b.kind && values(a) == values(b) && a.children == b.children
}

fn squeeze(value: &str, text: &str, typed: bool) -> String {
    let source = if typed { value } else { text };
    source.split_whitespace().collect::<String>().to_lowercase()
}
