//! A council's own values: single values of a built-in obligation changed, and obligations of its own added. Data only, no code.
//!
//! Comes in: tables as the settings give them, in the order of the file. Goes out: the procedure with them, or a [`Refusal`] that
//! names the key, for the settings to say with its line. What the policy or the law forbids is refused here.

use chrono::NaiveDate;
use serde::Deserialize;
use toml::{Table, Value};

use super::{BUILT_IN, Fact, Moment, Most, Obligation, Pace, Procedure, Schedule, Start};
use crate::incident::labels::is_label;

/// What a council may change of a built-in obligation.
const CHANGEABLE: &[&str] = &["title", "asks", "notes", "classes", "actors", "due", "steps"];

/// One table of the settings' `[procedure]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The obligation: a built-in one that changes, or the council's own.
    pub id: String,
    /// Whether it is an obligation of the council's own.
    pub own: bool,
    /// Keys and values as written.
    pub values: Vec<(String, Value)>,
}

/// Why a change cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The key within the table; "" for the table as a whole.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub mend: String,
}

impl Procedure {
    /// Shortens the investigation; the caller has seen to it that the number is 1 to 28 (T6).
    pub fn with_investigation_days(mut self, days: Option<u32>) -> Self {
        self.investigation_days = days.unwrap_or(self.investigation_days);
        self
    }

    /// Takes one change of the settings in.
    ///
    /// # Errors
    /// Every [`Refusal`] of it; the procedure is as it was then.
    pub fn change(&mut self, change: &Change) -> Result<(), Vec<Refusal>> {
        if change.own { self.add(change) } else { self.alter(change) }
    }

    fn alter(&mut self, change: &Change) -> Result<(), Vec<Refusal>> {
        let Some(place) = self.obligations.iter().position(|known| known.id == change.id) else {
            let ids: Vec<&str> = self.obligations.iter().map(|known| known.id.as_str()).collect();
            let mend = format!("known are: {}; one of your own begins with [[procedure.obligation]]", ids.join(", "));
            return Err(vec![refusal("", format!("there is no obligation {}", change.id), mend)]);
        };
        let mut refused = Vec::new();
        let mut table = built_in_table(&change.id).unwrap_or_default();
        for (key, value) in &change.values {
            if !CHANGEABLE.contains(&key.as_str()) {
                let mend = format!("these can be changed: {}", CHANGEABLE.join(", "));
                refused.push(refusal(key, format!("{key} of {} cannot be changed", change.id), mend));
                continue;
            }
            let mut tried = table.clone();
            tried.insert(key.clone(), value.clone());
            match understood(&tried) {
                Ok(_) => table = tried,
                Err(why) => refused.push(refusal(key, why, "see docs/procedure.md for what can stand there")),
            }
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        match understood(&table) {
            Ok(obligation) => self.obligations[place] = obligation,
            Err(why) => return Err(vec![refusal("", why, "correct the table")]),
        }
        Ok(())
    }

    fn add(&mut self, change: &Change) -> Result<(), Vec<Refusal>> {
        if self.obligations.iter().any(|known| known.id == change.id) {
            let mend = format!("to change it write [procedure.{}]; for one of your own choose another id", change.id);
            return Err(vec![refusal("id", format!("there is an obligation {} already", change.id), mend)]);
        }
        let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if change.id.is_empty() || !change.id.chars().all(named) || change.id.len() > 40 {
            let mend = "write up to 40 small letters, digits and underscores, such as \"risk_register\"";
            return Err(vec![refusal("id", format!("id cannot be \"{}\"", change.id), mend)]);
        }
        let mut table: Table = change.values.iter().cloned().collect();
        let set = |table: &mut Table, key: &str, value: &str| {
            table.entry(key).or_insert_with(|| Value::String(value.to_owned()));
        };
        set(&mut table, "rule", "own");
        set(&mut table, "source", "choice");
        for key in ["each", "proposed_until", "ended_by", "at_most"] {
            if table.contains_key(key) {
                return Err(vec![refusal(key, format!("{key} cannot be used here"), "take it out")]);
            }
        }
        let obligation = understood(&table)
            .map_err(|why| vec![refusal("", why, "see docs/procedure.md for an obligation of your own")])?;
        for label in [line_of_moment(&obligation.arises), line_of_fact(&obligation.met_by)].into_iter().flatten() {
            if is_label(label) {
                let mend = "choose a label of your own, or name the moment or fact itself";
                return Err(vec![refusal("", format!("\"{label}\" is a decision line already"), mend)]);
            }
            if label.is_empty() || label.len() > 60 || label.contains([':', '\n']) {
                let mend = "write up to 60 characters without a colon, such as \"Risk register updated\"";
                return Err(vec![refusal("", format!("a label cannot be \"{label}\""), mend)]);
            }
        }
        let offered = [&obligation.line].into_iter().chain(&obligation.also).filter(|line| !line.trim().is_empty());
        for line in offered {
            let label = line.split(':').next().unwrap_or_default().trim();
            if !is_label(label) && line_of_fact(&obligation.met_by) != Some(label) {
                let mend = "offer the line that meets it, or a decision line of docs/procedure.md";
                return Err(vec![refusal("line", format!("nobody would understand the line \"{label}\""), mend)]);
            }
        }
        self.obligations.push(obligation);
        Ok(())
    }
}

/// What is wrong with an obligation that could be read; `None` when nothing is.
pub(super) fn mistake(obligation: &Obligation) -> Option<String> {
    if obligation.due.is_empty() {
        return Some("due needs at least one entry".into());
    }
    for due in &obligation.due {
        let lengths = [due.hours, due.working_hours, due.days, due.working_days, due.months];
        let given = lengths.iter().flatten().count() + usize::from(due.at.is_some());
        if given != 1 {
            return Some(
                "each entry of due needs exactly one length: hours, working_hours, days, working_days or months".into(),
            );
        }
        if lengths.into_iter().flatten().any(|length| length == 0 || length > 3650) {
            return Some("a length is 1 to 3650".into());
        }
        if due.from.is_some_and(|start| !may_begin(start, obligation)) {
            return Some(
                "from names what cannot begin this: leave it out, or take one that docs/procedure.md gives for it"
                    .into(),
            );
        }
        if due.before.is_some() && due.working_days.is_none() {
            return Some("before goes with working_days".into());
        }
        // The law itself was relaxed between two days before, and may be again (section 9).
        let relaxed = due.in_force.is_some_and(|dates| dates.from.is_some() && dates.to.is_some());
        if let Some(most) = obligation.at_most
            && !relaxed
            && !within(due, most)
        {
            return Some(format!("{} allows {} at most", obligation.rule, in_words(most)));
        }
    }
    let backwards = |dates: super::InForce| matches!((dates.from, dates.to), (Some(from), Some(to)) if from > to);
    if obligation.due.iter().filter_map(|due| due.in_force).any(backwards) {
        return Some("in_force ends before it begins: from is the first day, to the last".into());
    }
    let never = |step: &super::Step| matches!(step.schedule, Schedule::Monthly { every_months: 0 });
    if obligation.steps.iter().any(never) {
        return Some("every_months is at least 1".into());
    }
    let to_nobody = obligation.steps.iter().any(|step| step.to.is_empty());
    to_nobody.then(|| "each of steps needs somebody in to".into())
}

/// Whether a start can be one of an obligation: known when that arises, and not what meets it.
fn may_begin(start: Start, obligation: &Obligation) -> bool {
    let arises = &obligation.arises;
    match start {
        Start::ResponseEnded => matches!(arises, Moment::ClassAsked),
        Start::Aware | Start::Incident => {
            obligation.rule == "own" || matches!(arises, Moment::PanelCriteria | Moment::RapidReview)
        }
        Start::Notification => matches!(arises, Moment::RapidReview),
        Start::PracticeReview => matches!(arises, Moment::PracticeReview | Moment::PublicationDate),
    }
}

/// The days on which an obligation does not exist for a class for which it has a length, in words: "before 1 January 2027".
pub(super) fn gaps(obligation: &Obligation) -> Vec<String> {
    const ALL: [Pace; 5] = [Pace::Catastrophic, Pace::Serious, Pace::NearMiss, Pace::NotSerious, Pace::Unclassified];
    let fits = |classes: &[Pace], pace: Pace| classes.is_empty() || classes.contains(&pace);
    let mut found: Vec<String> = Vec::new();
    for pace in ALL.into_iter().filter(|pace| fits(&obligation.classes, *pace)) {
        let entries = obligation.due.iter().filter(|due| fits(&due.classes, pace));
        let always = super::InForce { from: None, to: None };
        let mut spans: Vec<super::InForce> = entries.map(|due| due.in_force.unwrap_or(always)).collect();
        spans.sort_by_key(|span| span.from);
        found.extend(uncovered(&spans).into_iter().filter(|gap| !found.contains(gap)).collect::<Vec<_>>());
    }
    found
}

/// What spans, by their first day, leave out; nothing where there is no span at all.
fn uncovered(spans: &[super::InForce]) -> Vec<String> {
    let words = |day: NaiveDate| day.format("%-d %B %Y").to_string();
    let mut found = Vec::new();
    let Some(first) = spans.first() else { return found };
    found.extend(first.from.map(|from| format!("before {}", words(from))));
    let mut covered = first.to;
    for span in &spans[1..] {
        let Some(last) = covered else { return found };
        let from = span.from.unwrap_or(NaiveDate::MIN);
        match last.succ_opt() {
            Some(next) if next < from => {
                let end = from.pred_opt().unwrap_or(from);
                found.push(format!("from {} to {}", words(next), words(end)));
            }
            _ => {}
        }
        covered = span.to.map(|to| to.max(last));
    }
    found.extend(covered.map(|last| format!("after {}", words(last))));
    found
}

/// Whether a length is one that the policy or the law allows: of the same unit and no longer, or hours that make it shorter.
fn within(due: &super::Due, most: Most) -> bool {
    let fits = |length: Option<u32>, most: u32| length.is_some_and(|length| length <= most);
    match most {
        Most::Hours(hours) => fits(due.hours, hours),
        Most::Days(days) => fits(due.days, days) || fits(due.hours, days * 24) || due.at.is_some(),
        Most::WorkingDays(days) => {
            fits(due.working_days, days)
                || fits(due.days, days)
                || fits(due.hours, days * 24)
                || fits(due.working_hours, days * 8)
        }
        Most::Months(months) => fits(due.months, months) || fits(due.days, months * 28),
    }
}

fn in_words(most: Most) -> String {
    let (count, unit) = match most {
        Most::Hours(count) => (count, "hour"),
        Most::Days(count) => (count, "day"),
        Most::WorkingDays(count) => (count, "working day"),
        Most::Months(count) => (count, "month"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn understood(table: &Table) -> Result<Obligation, String> {
    let obligation = Obligation::deserialize(Value::Table(table.clone()))
        .map_err(|error| plainly(error.message().lines().next().unwrap_or("it cannot be read")))?;
    mistake(&obligation).map_or(Ok(obligation), Err)
}

/// What a reader of tables says, for those who write them.
fn plainly(message: &str) -> String {
    let words = [
        ("unknown variant", "there is no"),
        ("unknown field", "there is no"),
        ("invalid value: integer", "this cannot be"),
        ("invalid type: integer", "this cannot be the number"),
        ("invalid type: string", "this cannot be the words"),
        ("invalid type: sequence", "this cannot be a list"),
        ("expected one of", "write one of"),
        ("expected u32", "write a whole number, 0 or more"),
        ("expected a sequence", "write a list in square brackets"),
        ("expected a string", "write words in quotes"),
    ];
    words.iter().fold(message.to_owned(), |text, (before, after)| text.replace(before, after))
}

fn built_in_table(id: &str) -> Option<Table> {
    let whole: Table = BUILT_IN.parse().ok()?;
    let tables = whole.get("obligation")?.as_array()?.iter().filter_map(Value::as_table);
    tables.into_iter().find(|table| table.get("id").and_then(Value::as_str) == Some(id)).cloned()
}

fn line_of_moment(moment: &Moment) -> Option<&str> {
    match moment {
        Moment::Line(label) => Some(label.trim()),
        _ => None,
    }
}

fn line_of_fact(fact: &Fact) -> Option<&str> {
    match fact {
        Fact::Line(label) => Some(label.trim()),
        _ => None,
    }
}

fn refusal(key: &str, what: impl Into<String>, mend: impl Into<String>) -> Refusal {
    Refusal { key: key.to_owned(), what: what.into(), mend: mend.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(id: &str, own: bool, values: &str) -> Result<Procedure, Vec<Refusal>> {
        let table: Table = values.parse().unwrap();
        let mut procedure = Procedure::built_in();
        let change = Change { id: id.into(), own, values: table.into_iter().collect() };
        procedure.change(&change).map(|()| procedure)
    }

    #[test]
    fn t6_single_values_are_changed_by_id_and_the_rest_stays() {
        let procedure = change("review", false, "due = [{ days = 21 }]").unwrap();
        let review = procedure.obligation("review").unwrap();
        assert_eq!((review.due[0].days, review.steps.len()), (Some(21), 3));
        assert_eq!(review.title, Procedure::built_in().obligation("review").unwrap().title);
    }

    #[test]
    fn n1_what_policy_or_law_forbids_is_refused() {
        for (id, values, words) in [
            ("review", "due = [{ days = 29 }]", "28 days at most"),
            ("panel_notification", "due = [{ working_days = 6, from = \"aware\" }]", "5 working days at most"),
            ("practice_review_publication", "due = [{ months = 7 }]", "6 months at most"),
            ("review", "due = [{ days = 5, hours = 3 }]", "exactly one length"),
            ("review", "due = []", "at least one entry"),
            ("review", "due = [{ fortnights = 1 }]", "fortnights"),
            ("review", "met_by = \"report\"", "cannot be changed"),
            ("review", "due = [{ days = 5, from = \"aware\" }]", "cannot begin this"),
            ("panel_notification", "due = [{ working_days = 5, from = \"notification\" }]", "cannot begin this"),
            ("review", "actors = [\"boss\"]", "there is no `boss`, write one of"),
            ("review", "due = [{ days = -3 }]", "this cannot be `-3`, write a whole number"),
            ("revue", "due = [{ days = 5 }]", "no obligation revue"),
        ] {
            let refused = change(id, false, values).unwrap_err();
            assert!(refused[0].what.contains(words), "{values}: {refused:?}");
        }
    }

    #[test]
    fn section_9_dates_that_end_before_they_begin_and_a_pause_of_no_months_are_refused() {
        let backwards = "due = [{ in_force = { from = \"2026-07-31\", to = \"2026-03-01\" }, days = 3 }, { days = 1 }]";
        let refused = change("review", false, backwards).unwrap_err();
        assert!(refused[0].what.contains("ends before it begins"), "{refused:?}");
        let monthly = |months: u32| {
            let schedule = format!("{{ monthly = {{ every_months = {months} }} }}");
            change(
                "review",
                false,
                &format!("steps = [{{ notice = \"request\", schedule = {schedule}, to = [\"service_director\"] }}]"),
            )
        };
        assert!(monthly(1).is_ok());
        assert!(monthly(0).unwrap_err()[0].what.contains("at least 1"));
    }

    #[test]
    fn section_9_days_that_no_entry_covers_are_told() {
        let of =
            |due: &str| gaps(change("review", false, &format!("due = [{due}]")).unwrap().obligation("review").unwrap());
        let between = |from: &str, to: &str, days: u32| {
            format!("{{ in_force = {{ from = \"{from}\", to = \"{to}\" }}, days = {days} }}")
        };
        let spring = between("2027-01-01", "2027-03-01", 3);
        assert_eq!(of(&spring), ["before 1 January 2027", "after 1 March 2027"]);
        assert_eq!(of(&format!("{spring}, {{ days = 28 }}")), [""; 0]);
        let later = between("2027-03-05", "2028-01-01", 5);
        let since = "{ in_force = { from = \"2027-12-31\" }, days = 7 }";
        assert_eq!(
            of(&format!("{spring}, {later}, {since}")),
            ["before 1 January 2027", "from 2 March 2027 to 4 March 2027"]
        );
        for obligation in &Procedure::built_in().obligations {
            assert_eq!(gaps(obligation), [""; 0], "{}", obligation.id);
        }
    }

    #[test]
    fn an_obligation_of_the_councils_own_needs_no_code() {
        let own = "id = \"risk_register\"\ntitle = \"Risk register updated\"\nasks = \"Enter it in the risk register.\"\n\
                   line = \"Risk register: \"\narises = \"receipt\"\nmet_by = { line = \"Risk register\" }\n\
                   actors = [\"service_director\"]\ndue = [{ working_days = 5 }]";
        let procedure = change("risk_register", true, own).unwrap();
        assert_eq!(procedure.own_labels(), ["Risk register"]);
        assert_eq!(procedure.own_label_roles("Risk register"), [crate::incident::people::Role::ServiceDirector]);
        let taken = own.replace("line = \"Risk register\" }", "line = \"Review outcome\" }");
        assert!(change("risk_register", true, &taken).unwrap_err()[0].what.contains("decision line already"));
        assert!(change("review", true, own).is_err());
        assert!(change("Risk Register", true, own).is_err());
    }

    #[test]
    fn n4_a_length_that_the_law_relaxed_between_two_days_may_be_longer() {
        let relaxed = "due = [{ in_force = { from = \"2020-04-24\", to = \"2020-09-25\" }, working_days = 30 }, { working_days = 15 }]";
        assert!(change("rapid_review", false, relaxed).is_ok());
        let open_ended = "due = [{ in_force = { from = \"2020-04-24\" }, working_days = 30 }, { working_days = 15 }]";
        let refused = change("rapid_review", false, open_ended).unwrap_err();
        assert!(refused[0].what.contains("15 working days at most"), "{refused:?}");
    }

    #[test]
    fn a_line_that_nobody_would_understand_is_refused() {
        let own = |line: &str| {
            let met_by = "{ line = \"Register done\" }";
            let values = format!(
                "id = \"register\"\ntitle = \"Register\"\nasks = \"Update it.\"\nline = \"{line}: \"\narises = \"receipt\"\nactors = [\"quality_assurance\"]\n\
                 met_by = {met_by}\ndue = [{{ days = 7 }}]"
            );
            change("register", true, &values)
        };
        assert!(own("Register done").is_ok(), "{:?}", own("Register done").err());
        assert!(own("Register gone").unwrap_err()[0].what.contains("nobody would understand"));
    }
}
