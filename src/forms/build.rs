//! Labels with answers to a [`Form`]: each label gets one key, each key one label; children and tables take their places.

use std::collections::BTreeMap;

use super::actions;
use super::answers::{self, Answer, clean};
use super::assign;
use super::choices::Line;
use super::columns;
use super::fields::{self, FIELDS, Group, NAME_AND_DOB, Type};
use super::form::Unmatched;
use super::kind;
use super::leaning;
use super::pairs::{Extract, Pair, Rows};
use super::wordings::Wordings;
use super::{Child, Field, Form, Kind, Problem, State, Value};
use crate::document::{BOXES, TICKED};

/// Opening lines that may be a title, and the longest of them.
const OPENING: usize = 6;
const TITLE_MAX: usize = 100;

/// A form with what was odd about it.
pub(super) struct Built {
    pub form: Form,
    pub problems: Vec<Problem>,
}

/// What is known of a form from around it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around<'a> {
    /// The attachment's name, or "body".
    pub source: &'a str,
    /// The kind that its name or the mail's subject tells.
    pub named: Option<Kind>,
    /// The mail's subject.
    pub subject: &'a str,
}

/// Makes a form of what was extracted; None where it is no form.
pub(super) fn form(extract: &Extract, wordings: &Wordings, format: &str, around: Around<'_>) -> Option<Built> {
    let Around { source, named: hint, subject } = around;
    let mut keys = assign::keys(&extract.pairs, wordings);
    let title = kind::title(&extract.preamble);
    let matched = keys.iter().flatten().count() + 2 * extract.children.len() + 2 * extract.actions.len();
    let seen = extract.pairs.len() + 2 * extract.children.len() + 2 * extract.actions.len();
    let coverage = if seen == 0 { 0.0 } else { matched as f32 / seen as f32 };
    let opening = opening(extract);
    let report = kind::investigates(&opening, source) && says_of_report(&keys) >= 2;
    let titled = title.is_some() || hint.is_some() || report;
    let enough = if title.is_some() || report {
        matched >= 2
    } else if titled {
        matched >= 2 && tells_of_an_event(extract, &keys)
    } else {
        is_of_a_child(extract, &keys)
            && tells_of_an_event(extract, &keys)
            && (matched >= 5 && coverage >= 0.4 || matched >= 3 && coverage >= 0.75 && tells_of_harm(&keys))
    };
    if !enough || !names_a_child(extract, &keys) && is_minutes(extract) {
        return None;
    }
    let told = title.as_ref().map(|(kind, _)| *kind).or(hint) == Some(Kind::InvestigationReport);
    let of_report = report || told || reports(&keys) >= 3;
    assign::date_of_form(&mut keys, of_report);
    let mut work = Work {
        fields: BTreeMap::new(),
        children: Vec::new(),
        unmatched: Vec::new(),
        problems: Vec::new(),
        latest: latest_year(extract, &keys),
        of_report: report || title.as_ref().is_some_and(|(kind, _)| *kind == Kind::InvestigationReport),
    };
    work.pairs(extract, &keys, wordings);
    work.tables(extract, wordings);
    work.main_child(extract.children.first().is_some_and(is_of_others));
    let likelier = || {
        let lines = opening.iter().take(OPENING).filter(|line| line.chars().count() <= TITLE_MAX).map(String::as_str);
        let around: Vec<&str> = lines.chain([source, subject]).collect();
        leaning::likelier(|key| work.fields.contains_key(key), &around)
    };
    let kind = title.map(|(kind, _)| kind).or(hint).unwrap_or_else(likelier);
    let kind = if (report && title.is_none()) || reports(&keys) >= 3 { Kind::InvestigationReport } else { kind };
    let title = title.map(|(_, title)| title.to_owned());
    let title = title.or_else(|| opening.first().filter(|_| report).cloned()).unwrap_or_default();
    if kind == Kind::InvestigationReport && is_marked_draft(extract, &opening) {
        let detail = "The report is marked as a draft, or as an interim one.".to_owned();
        work.problems.push(Problem { code: "marked_draft".to_owned(), r#where: source.to_owned(), detail });
    }
    let form = Form {
        kind,
        title,
        source: source.to_owned(),
        format: format.to_owned(),
        fields: work.fields,
        children: work.children,
        file: None,
        unmatched: work.unmatched,
        coverage,
    };
    Some(Built { form, problems: work.problems })
}

/// Something is asked that only forms about a child or an incident ask: minutes and records of other kinds have names, dates and
/// actions too.
fn is_of_a_child(extract: &Extract, keys: &[Option<usize>]) -> bool {
    const TELLING: [&str; 21] = [
        "child_initials",
        "child_dob",
        "child_gender",
        "child_ethnicity",
        "child_legal_status",
        "child_case_id",
        "child_whereabouts",
        "incident_description",
        "incident_category",
        "incident_categories",
        "injuries",
        "safety_plan",
        "siblings_safe",
        "seriously_harmed",
        "child_died",
        "police_ref",
        "parents_informed",
        "media_interest",
        "findings",
        "lessons",
        "child_name_dob",
    ];
    let asked = keys.iter().flatten().filter(|field| TELLING.contains(&FIELDS[**field].key)).count();
    asked + extract.children.len() > 0
}

fn is_minutes(extract: &Extract) -> bool {
    let before = |words: &'_ str| words.split(':').next().unwrap_or_default().trim().to_owned();
    let of_pair = |pair: &Pair| {
        let others = pair.others.iter().flat_map(|other| [before(&other.label), before(&other.text)]);
        std::iter::once(pair.label.clone()).chain(others).collect::<Vec<_>>()
    };
    let labels: Vec<String> = extract.pairs.iter().flat_map(of_pair).collect();
    kind::is_minuted(labels.iter().map(String::as_str).chain(extract.preamble.iter().map(String::as_str)))
}

/// A child is asked about by name, initials or birth.
fn names_a_child(extract: &Extract, keys: &[Option<usize>]) -> bool {
    const WHO: [&str; 6] =
        ["child_name", "child_initials", "child_forename", "child_dob", "child_case_id", NAME_AND_DOB];
    !extract.children.is_empty() || keys.iter().flatten().any(|field| WHO.contains(&FIELDS[*field].key))
}

/// More is asked than who somebody is, where and when: an application or an invitation asks that too.
fn tells_of_an_event(extract: &Extract, keys: &[Option<usize>]) -> bool {
    const OF_ANYTHING: [&str; 5] =
        ["incident_reference", "incident_location", "incident_date", "incident_time", "incident_at"];
    let telling = |field: &usize| {
        let field = &FIELDS[*field];
        matches!(field.group, Group::Incident | Group::Safety | Group::Next | Group::Media | Group::Report)
            && !OF_ANYTHING.contains(&field.key)
            || matches!(field.key, "child_initials" | "child_legal_status" | "child_case_id" | "background")
    };
    keys.iter().flatten().any(telling) || !extract.children.is_empty()
}

/// A child and what befell it are both asked about: a form, however short.
fn tells_of_harm(keys: &[Option<usize>]) -> bool {
    const HARM: [&str; 7] = [
        "incident_description",
        "injuries",
        "incident_category",
        "incident_categories",
        "safety_plan",
        "immediate_action",
        "seriously_harmed",
    ];
    let asked = |wanted: &dyn Fn(&str, Group) -> bool| {
        keys.iter().flatten().any(|field| wanted(FIELDS[*field].key, FIELDS[*field].group))
    };
    asked(&|_, group| group == Group::Child) && asked(&|key, _| HARM.contains(&key))
}

struct Work {
    fields: BTreeMap<String, Field>,
    children: Vec<Child>,
    unmatched: Vec<Unmatched>,
    problems: Vec<Problem>,
    latest: i32,
    /// It reports on an investigation.
    of_report: bool,
}

impl Work {
    fn pairs(&mut self, extract: &Extract, keys: &[Option<usize>], wordings: &Wordings) {
        let mut before: &[Line] = &[];
        for (pair, key) in extract.pairs.iter().zip(keys) {
            let lines = if is_as_above(&pair.lines) { before } else { &pair.lines };
            match key {
                Some(field) => {
                    let lines = assign::without_repeated_label(*field, lines, wordings);
                    self.field(
                        FIELDS[*field],
                        &pair.label,
                        lines,
                        pair.doubtful && matches!(FIELDS[*field].kind, Type::Text | Type::Long)
                            || pair.tag != FIELDS[*field].key && assign::asks(*field, &pair.label, lines, wordings),
                    );
                }
                None => {
                    let text = lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join("\n");
                    self.unmatched.push(Unmatched { label: pair.label.clone(), text });
                }
            }
            // Words alone, which nobody asked for, stand with the label before them.
            self.unmatched.extend(pair.others.iter().map(|other| match other.text.is_empty() {
                true => Unmatched { label: pair.label.clone(), text: other.label.clone() },
                false => other.clone(),
            }));
            before = lines;
        }
    }

    /// `asks`: the words are perhaps no answer but a question, or guidance.
    fn field(&mut self, field: fields::Field, label: &str, lines: &[Line], asks: bool) {
        let mut answer = answers::read(field.kind, lines, latest_for(field.key, self.latest));
        if asks && answer.state == State::Filled {
            answer = Answer { value: None, state: State::Unclear, ..answer };
        }
        if field.key == "siblings_safe" && answers::is_none(&answer.text) {
            // No brothers or sisters are no brothers and sisters in danger.
            answer = Answer { value: None, state: State::NotApplicable, ..answer };
        }
        if let Some(listed) = listed(field.key, &answer) {
            answer.state = State::Filled;
            answer.value = Some(Value::Text(listed));
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
        let born = answers::read(Type::Date, &[Line::plain(&date)], latest_for("child_dob", self.latest));
        if let Some(Value::Text(date)) = born.value {
            self.fields.entry("child_dob".to_owned()).or_insert_with(|| field(date));
        }
    }

    fn tables(&mut self, extract: &Extract, wordings: &Wordings) {
        for table in &extract.children {
            let keys = child_keys(table, wordings);
            for row in &table.rows {
                let child = self.child(row, &keys);
                if !child.is_empty() {
                    self.children.push(child);
                }
            }
        }
        for table in &extract.actions {
            let keys = actions::keys(&table.rows, |row| column_keys(row, wordings, Group::Action, |_, _| true));
            let rows = table.rows.iter().map(|row| values(row, &keys, self.latest));
            let rows: Vec<BTreeMap<String, String>> = rows.filter(|row| !row.is_empty()).collect();
            let of_report = self.of_report && !self.fields.contains_key("recommendations");
            let key = if is_recommendations(table, wordings, of_report) { "recommendations" } else { "actions" };
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

    fn child(&self, row: &[(String, Vec<Line>)], keys: &[Option<usize>]) -> Child {
        let mut child = values(row, keys, self.latest);
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
    fn main_child(&mut self, others: bool) {
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
        if single.is_empty() {
            return;
        }
        match self.children.first_mut() {
            Some(first) if !others && !differ(first, &single) => single.into_iter().for_each(|(key, value)| {
                first.entry(key).or_insert(value);
            }),
            _ => self.children.insert(0, single),
        }
    }
}

/// The option that a list has for what is not known: lists that forms print have "Not known" among the ethnic groups and outcomes, "Unsure"
/// among the grades (C3), and "N/A", in capitals as forms print it, where nobody else was there to be hurt.
fn listed(key: &str, answer: &Answer) -> Option<String> {
    let chosen = answer.text.rsplit_once(TICKED).map_or(answer.text.as_str(), |(_, behind)| behind);
    let chosen = clean(chosen.split(BOXES).next().unwrap_or_default());
    let is = |words: &[&str]| words.iter().any(|word| chosen.eq_ignore_ascii_case(word));
    let printed = match (key, answer.state) {
        ("child_ethnicity" | "safety_outcome", State::NotKnown) => is(&["not known"]),
        ("incident_severity", State::NotKnown) => is(&["unsure", "not sure"]),
        ("staff_injuries", State::NotApplicable) => chosen == "N/A",
        _ => false,
    };
    printed.then_some(chosen)
}

/// True where two children cannot be one: both have a name, initials or a birth date, and it is another.
fn differ(one: &Child, other: &Child) -> bool {
    ["child_name", "child_initials", "child_dob"].iter().any(|key| match (one.get(*key), other.get(*key)) {
        (Some(one), Some(other)) => !one.eq_ignore_ascii_case(other),
        _ => false,
    })
}

/// True where a table says that it is of further children than the one asked about above it.
fn is_of_others(table: &Rows) -> bool {
    let label = table.label.to_lowercase();
    // "Subject child and siblings" has the child as well.
    let of_all = ["subject", "child and", "child &", "child/", "including"].iter().any(|word| label.contains(word));
    !of_all && ["other", "sibling", "further", "additional"].iter().any(|word| label.contains(word))
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

/// The label above the column of a table of children whose cells say "Sister", "Subject child", "Cousin".
fn of_kin(table: &Rows) -> Option<&str> {
    const KIN: [&str; 12] = [
        "sibling", "sister", "brother", "half", "step", "cousin", "subject", "twin", "niece", "nephew", "index",
        "friend",
    ];
    let said =
        |lines: &[Line]| lines.iter().map(|line| clean(&line.text()).to_lowercase()).collect::<Vec<_>>().join(" ");
    let is_kin = |lines: &[Line]| {
        let words = said(lines);
        let first = words.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        words.split_whitespace().count() <= 4 && KIN.contains(&first)
    };
    // Who was harmed and who caused it is another question, of which a sibling may be an answer.
    let cells = || table.rows.iter().flatten();
    let (label, _) = cells().find(|(_, lines)| is_kin(lines))?;
    (!cells().any(|(other, lines)| other == label && columns::is_role(&said(lines)))).then_some(label.as_str())
}

/// The keys of a table of children by column: by its labels as far as what stands below goes with them, by that alone where they are unknown.
fn child_keys(table: &Rows, wordings: &Wordings) -> Vec<Option<usize>> {
    let Some(first) = table.rows.first() else { return Vec::new() };
    let place = |key: &str| FIELDS.iter().position(|field| field.key == key);
    let below: Vec<Vec<String>> = (0..first.len()).map(|column| actions::below(&table.rows, column)).collect();
    let mut keys = column_keys(first, wordings, Group::Child, |column, field| {
        columns::goes_with(FIELDS[field].key, &below[column])
    });
    let (related, case) = (place("child_relationship"), place("child_case_id"));
    let unsure = |key: Option<usize>| key.is_none() || key == place("child_role") || key == place("background");
    let kin = of_kin(table);
    if let Some(column) = first.iter().position(|(label, _)| Some(label.as_str()) == kin)
        && unsure(keys[column])
        && !keys.contains(&related)
    {
        keys[column] = related;
    }
    let numbers = |column: &usize| {
        let (label, below) = (&first[*column].0, &below[*column]);
        let nobodys = || wordings.known(label, None).is_some_and(|known| FIELDS[known.field].group == Group::Office);
        keys[*column].is_none() && columns::names_a_record(label) && columns::are_numbers(below) && !nobodys()
    };
    if let Some(column) = (0..keys.len()).find(numbers).filter(|_| !keys.contains(&case)) {
        keys[column] = case;
    }
    keys
}

/// By column a key of one group, each once, the closest first. `goes`: whether what stands in a column can be that field's.
fn column_keys(
    row: &[(String, Vec<Line>)],
    wordings: &Wordings,
    group: Group,
    goes: impl Fn(usize, usize) -> bool,
) -> Vec<Option<usize>> {
    let mut keys: Vec<Option<usize>> = vec![None; row.len()];
    let mut likely: Vec<(f32, usize, usize)> = Vec::new();
    for (column, (label, _)) in row.iter().enumerate() {
        let candidates = wordings.candidates(label, Some(group)).into_iter();
        let own = candidates.filter(|c| c.closeness >= 0.55 && FIELDS[c.field].group == group && goes(column, c.field));
        likely.extend(own.map(|c| (c.closeness, column, c.field)));
    }
    likely.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (_, column, field) in likely {
        if keys[column].is_none() && !keys.contains(&Some(field)) {
            keys[column] = Some(field);
        }
    }
    keys
}

fn values(row: &[(String, Vec<Line>)], keys: &[Option<usize>], latest: i32) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for ((_, lines), key) in row.iter().zip(keys) {
        let Some(field) = *key else { continue };
        let answer = answers::read(FIELDS[field].kind, lines, latest_for(FIELDS[field].key, latest));
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

/// The latest year that two figures can mean: only a birth may be of the last century, and an expected one is within a year.
fn latest_for(key: &str, latest: i32) -> i32 {
    if key == "child_dob" { latest.saturating_add(1) } else { 2099 }
}

/// `of_report`: the table stands in a report on an investigation.
fn is_recommendations(table: &Rows, wordings: &Wordings, of_report: bool) -> bool {
    let labelled = wordings.candidates(&table.label, Some(Group::Report));
    let best = labelled
        .iter()
        .find(|c| matches!(FIELDS[c.field].key, "recommendations" | "actions"))
        .filter(|c| c.closeness >= 0.55);
    let head = table
        .rows
        .first()
        .is_some_and(|row| row.iter().any(|(label, _)| label.to_lowercase().contains("recommendation")));
    best.map_or(head || of_report, |best| FIELDS[best.field].key == "recommendations")
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

/// How many of the things are asked that a report on an investigation tells.
fn reports(keys: &[Option<usize>]) -> usize {
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
    .filter(|key| keys.iter().flatten().any(|field| FIELDS[*field].key == **key))
    .count()
}

/// The lines that open a document: those before the first label, and the first label itself, which may be a title with a dash in it.
fn opening(extract: &Extract) -> Vec<String> {
    let first = extract.pairs.first().map(|pair| {
        let value = pair.lines.first().map(|line| clean(&line.text())).unwrap_or_default();
        format!("{} {value}", pair.label)
    });
    extract.preamble.iter().cloned().chain(first).collect()
}

/// How many of the headings that make a report are there: findings, lessons, recommendations.
fn says_of_report(keys: &[Option<usize>]) -> usize {
    let has = |key: &&&str| keys.iter().flatten().any(|field| FIELDS[*field].key == **key);
    ["findings", "lessons", "recommendations"].iter().filter(has).count()
}

/// I3: whether a report says that it is not the last word, in its first lines or beside "Status" or "Version".
fn is_marked_draft(extract: &Extract, opening: &[String]) -> bool {
    let state = |label: &str| {
        let label = label.to_lowercase();
        ["status", "version"].iter().any(|word| label.contains(word)) && !label.contains("legal")
    };
    let fields = extract.pairs.iter().filter(|pair| state(&pair.label) && pair.label.chars().count() <= 40);
    let fields = fields.flat_map(|pair| pair.lines.iter().map(|line| clean(&line.text())));
    opening.iter().take(8).any(|line| kind::says_draft(line, false))
        || fields.into_iter().any(|value| kind::says_draft(&value, true))
}

/// True where nothing is answered about anything: a blank template.
pub(super) fn is_empty(form: &Form) -> bool {
    let answered = |field: &Field| {
        matches!(field.state, State::Filled | State::Unclear) && field.value != Some(Value::Tick(false))
    };
    !form.fields.values().any(answered) && form.children.is_empty()
}

/// Labels of a form that asks more than a few things.
const FULL_LABELS: usize = 10;

/// What every form asks and this one, answered, seems not to: more likely it was not understood.
pub(super) fn missing_core(form: &Form) -> Option<&'static str> {
    let asked = |keys: &[&str]| keys.iter().any(|key| form.fields.contains_key(*key));
    let told =
        asked(&["incident_description", "immediate_action", "injuries", "background", "findings", "safety_plan"]);
    const NAMES: [&str; 4] = ["child_name", "child_initials", "child_forename", NAME_AND_DOB];
    let named = asked(&NAMES) || form.children.iter().any(|child| NAMES.iter().any(|key| child.contains_key(*key)));
    let short = form.fields.len() + form.unmatched.len() < FULL_LABELS;
    match (told, named) {
        _ if short || is_empty(form) || form.kind == Kind::InvestigationReport => None,
        (false, _) => Some("Nothing was found that says what happened: a person should read the form."),
        (_, false) => Some("Nothing was found that says who the child is: a person should read the form."),
        _ => None,
    }
}

/// True where a form is another one again, as a second copy or in another format: whatever it says the other says in the same words.
pub(super) fn adds_nothing(form: &Form, other: &Form) -> bool {
    let bare = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric() || BOXES.contains(c)).flat_map(char::to_lowercase).collect()
    };
    let said = |field: &Field| matches!(field.state, State::Filled | State::Unclear);
    let same = |key: &String, field: &Field| {
        other.fields.get(key).is_some_and(|own| own.value == field.value && bare(&own.text) == bare(&field.text))
    };
    let kept = |unmatched: &Unmatched| {
        unmatched.text.is_empty()
            || other
                .unmatched
                .iter()
                .any(|own| own.label == unmatched.label && bare(&own.text) == bare(&unmatched.text))
    };
    form.kind == other.kind
        && is_empty(form) == is_empty(other)
        && form.fields.iter().all(|(key, field)| !said(field) || same(key, field))
        && form.children.iter().all(|child| other.children.iter().any(|own| is_within(child, own)))
        && form.unmatched.iter().all(kept)
}

fn is_within(child: &Child, other: &Child) -> bool {
    child.iter().all(|(key, value)| other.get(key) == Some(value))
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
