//! The figures of a report and what it quotes, each figure with the references behind it (L3, L5). Pure.
//!
//! Comes in: every incident of the store, the period, the rules. Goes out: [`Facts`], in which no passage identifies anybody:
//! otherwise there is a failure and no report. An incident belongs to the period in which it was received (local day); what was
//! learned belongs to the period in which the investigation report came, so that nothing is left out or told twice.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::Failure;
use super::identities;
use super::learning::{Advice, Learning, Quotes, learned};
use super::outside::outside;
use super::period::{self, Period};
use super::profile;
use super::timeliness::{Late, Timeliness, timeliness};
use crate::forms::Value;
use crate::incident::due::{Clocks, DueState};
use crate::incident::event::{Class, Reference};
use crate::incident::people::People;
use crate::incident::state::{Incident, Status};

/// What the figures rest on beside the incidents.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The rules and the calendar.
    pub clocks: Clocks<'a>,
    /// People and services of the settings.
    pub people: &'a People,
    /// The organisation's name: its words stay where they are part of an address.
    pub organisation: &'a str,
    /// The time as of which things are late or done.
    pub now: DateTime<Utc>,
    /// The whistleblowing officer's figures of the period, where they are known.
    pub concerns: Option<Concerns>,
}

/// Everything that a report says.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// First and last local day.
    pub period: Period,
    /// The period that it is compared with.
    pub before: Period,
    /// The local day as of which the report stands.
    pub made_on: NaiveDate,
    /// The incidents of the period, by reference.
    pub incidents: Vec<Reference>,
    /// How many there were in the period before; `None` when the store holds nothing from then.
    pub incidents_before: Option<usize>,
    /// By classification, most serious first.
    pub by_class: Vec<Figure>,
    /// By category; an incident with several counts in each.
    pub by_category: Vec<Figure>,
    /// By service.
    pub by_service: Vec<Figure>,
    /// By month of receipt, every month of the period.
    pub by_month: Vec<Figure>,
    /// By nature of harm; an incident with several counts in each.
    pub by_harm: Vec<Figure>,
    /// By the main child's age.
    pub by_age: Vec<Figure>,
    /// By the main child's legal status.
    pub by_legal_status: Vec<Figure>,
    /// By the main child's placement.
    pub by_placement: Vec<Figure>,
    /// What the Panel, the safeguarding partners and Ofsted were told.
    pub outside: Vec<Figure>,
    /// What whistleblowing came to; `None` where that is not kept here.
    pub concerns: Option<Concerns>,
    /// The alert, then each obligation in the procedure's order.
    pub timeliness: Vec<Timeliness>,
    /// The same of the period before.
    pub timeliness_before: Vec<Timeliness>,
    /// What was late, longest first.
    pub late: Vec<Late>,
    /// What was learned from each investigation report that came in the period.
    pub learning: Vec<Learning>,
    /// Recommendations of those reports, and of earlier ones those still open.
    pub recommendations: Vec<Advice>,
    /// Incidents of the period whose investigation report has not come though one is due or will be.
    pub awaiting_report: Vec<Reference>,
    /// Left out: withdrawn (I14).
    pub withdrawn: usize,
    /// Left out: joined to another incident (I9).
    pub joined: usize,
    /// Counted, with no readable form (I8).
    pub unreadable: usize,
}

/// The yearly figures of disclosures by workers (W5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concerns {
    /// Qualifying disclosures received.
    pub received: usize,
    /// Of these, with further action decided.
    pub acted_on: usize,
}

/// One figure with what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// What is counted.
    pub label: String,
    /// The incidents.
    pub references: Vec<Reference>,
    /// How many in the period before.
    pub before: usize,
}

impl Figure {
    /// How many.
    pub fn count(&self) -> usize {
        self.references.len()
    }
}

/// The facts of a period.
pub fn facts<'a>(
    incidents: impl IntoIterator<Item = &'a Incident>,
    period: Period,
    scope: Scope<'_>,
) -> Result<Facts, Failure> {
    let all: Vec<&Incident> = incidents.into_iter().filter(|incident| incident.reference.is_some()).collect();
    let joined = joined(&all);
    let day = |at: DateTime<Utc>| scope.clocks.calendar.day(at);
    let within = |period: Period, at: DateTime<Utc>| (period.0..=period.1).contains(&day(at));
    let counts = |incident: &&&Incident| incident.status != Status::Withdrawn && !joined.contains(incident.name());
    let of = |period: Period| -> Vec<&Incident> {
        let mut found: Vec<&Incident> =
            all.iter().filter(counts).filter(|i| within(period, i.received_at)).copied().collect();
        found.sort_by_key(|incident| (incident.received_at, incident.name().clone()));
        found
    };
    let before_period = period::before(period);
    let (now, before) = (of(period), of(before_period));
    let shared = identities::of_all(all.iter().copied(), scope.people, scope.organisation);
    let quotes = Quotes { shared: &shared, organisation: scope.organisation };
    let received: Vec<&Incident> = all.iter().filter(|i| within(period, i.received_at)).copied().collect();
    let withdrawn = |incident: &&&Incident| incident.status == Status::Withdrawn;
    let reported = all.iter().filter(counts).copied().filter(|incident| incident.report_at.is_some());
    let mut reported: Vec<&Incident> = reported.collect();
    reported.sort_by_key(|incident| (incident.report_at, incident.name().clone()));
    let (learning, recommendations) = learned(&reported, period, scope, &quotes)?;
    let (timeliness_before, _) = timeliness(&before, scope);
    let (timeliness, late) = timeliness(&now, scope);
    let awaiting = |incident: &&&Incident| {
        let standing = scope.clocks.standing_of("investigation_report", incident, scope.now);
        standing.is_some_and(|standing| matches!(standing.state, DueState::Open | DueState::Late))
    };
    Ok(Facts {
        period,
        before: before_period,
        made_on: day(scope.now),
        incidents: references(&now),
        incidents_before: all.iter().any(|i| day(i.received_at) <= before_period.1).then_some(before.len()),
        by_class: by_class(&now, &before),
        by_category: by_category(&now, &before, &quotes)?,
        by_service: by_service(&now, &before, scope.people),
        by_month: by_month(&now, &before, period, scope),
        by_harm: figures(&now, &before, &profile::HARMS, profile::harms),
        by_age: figures(&now, &before, &profile::AGES, |incident| profile::age(incident, day(incident.received_at))),
        by_legal_status: figures(&now, &before, &profile::LEGAL_STATUSES, profile::legal_status),
        by_placement: figures(&now, &before, &profile::PLACEMENTS, profile::placement),
        outside: outside(&now, &before, scope),
        concerns: scope.concerns,
        timeliness,
        timeliness_before,
        late,
        learning,
        recommendations,
        awaiting_report: references(&now.iter().filter(awaiting).copied().collect::<Vec<_>>()),
        withdrawn: received.iter().filter(withdrawn).count(),
        joined: received.iter().filter(|i| !withdrawn(i) && joined.contains(i.name())).count(),
        unreadable: now.iter().filter(|incident| incident.unreadable).count(),
    })
}

/// A class in words, as tables say it.
pub fn class_words(class: Option<Class>) -> &'static str {
    match class {
        Some(Class::Catastrophic) => "Catastrophic",
        Some(Class::Serious) => "Serious",
        Some(Class::NearMiss) => "Near miss",
        Some(Class::NotSerious) => "Not serious",
        None => "Not yet classified",
    }
}

fn references(incidents: &[&Incident]) -> Vec<Reference> {
    incidents.iter().map(|incident| incident.name().clone()).collect()
}

/// Incidents that a decision joined to an older one (I9): counted there, unless that one was withdrawn.
fn joined(all: &[&Incident]) -> BTreeSet<Reference> {
    let withdrawn: BTreeSet<&Reference> =
        all.iter().filter(|incident| incident.status == Status::Withdrawn).map(|incident| incident.name()).collect();
    let joined = all.iter().filter(|incident| incident.joined_to.as_ref().is_some_and(|to| !withdrawn.contains(to)));
    joined.map(|incident| incident.name().clone()).collect()
}

/// Counts by label; the labels of `order` come first and stay even at 0, the others by number.
fn figures<L: Fn(&Incident) -> Vec<String>>(
    now: &[&Incident],
    before: &[&Incident],
    order: &[&str],
    label: L,
) -> Vec<Figure> {
    let mut figures: Vec<Figure> =
        order.iter().map(|label| Figure { label: (*label).to_owned(), references: Vec::new(), before: 0 }).collect();
    let mut found: BTreeMap<String, Figure> = BTreeMap::new();
    let mut add = |incident: &Incident, is_now: bool| {
        for label in label(incident) {
            let figure = match figures.iter_mut().find(|figure| figure.label == label) {
                Some(figure) => figure,
                None => found.entry(label.clone()).or_insert(Figure { label, references: Vec::new(), before: 0 }),
            };
            if is_now { figure.references.push(incident.name().clone()) } else { figure.before += 1 }
        }
    };
    now.iter().for_each(|incident| add(incident, true));
    before.iter().for_each(|incident| add(incident, false));
    let mut others: Vec<Figure> = found.into_values().collect();
    others.sort_by_key(|figure| std::cmp::Reverse((figure.count(), figure.before)));
    figures.extend(others);
    figures
}

fn by_class(now: &[&Incident], before: &[&Incident]) -> Vec<Figure> {
    let order = ["Catastrophic", "Serious", "Near miss", "Not serious", "Not yet classified"];
    figures(now, before, &order, |incident| vec![class_words(incident.classification.value()).to_owned()])
}

fn by_category(now: &[&Incident], before: &[&Incident], quotes: &Quotes<'_>) -> Result<Vec<Figure>, Failure> {
    // Categories are words of a form: they are quoted like any passage. One spelling stands for all.
    let mut spelling: BTreeMap<String, String> = BTreeMap::new();
    let mut labels: BTreeMap<&Reference, Vec<String>> = BTreeMap::new();
    for incident in now.iter().chain(before) {
        let mut found: Vec<String> = Vec::new();
        for category in categories(incident, quotes)? {
            let label = spelling.entry(category.to_lowercase()).or_insert(category);
            if !found.contains(label) {
                found.push(label.clone());
            }
        }
        labels.insert(incident.name(), found);
    }
    Ok(figures(now, before, &[], |incident| labels.get(incident.name()).cloned().unwrap_or_default()))
}

/// The categories that a form ticks or names; long words of a person's own are one category.
pub(super) fn categories(incident: &Incident, quotes: &Quotes<'_>) -> Result<Vec<String>, Failure> {
    let mut written: Vec<&str> = Vec::new();
    for key in ["incident_categories", "incident_category"] {
        match incident.fields.get(key).and_then(|field| field.value.as_ref()) {
            Some(Value::Text(text)) => written.push(text),
            Some(Value::List(options)) => written.extend(options.iter().map(String::as_str)),
            _ => {}
        }
    }
    let short = |text: &&str| text.chars().count() <= 60 && !text.contains('\n');
    let mut found = Vec::new();
    let offered = crate::publish::blank::options("incident_categories");
    // What the form offers names nobody, and most forms say no more.
    let mut passages = None;
    for text in written.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        let label = match text {
            text if offered.contains(&text) => text.to_owned(),
            text if short(&text) => passages.get_or_insert_with(|| quotes.of(incident)).quote(text, "category")?,
            _ => "In other words".to_owned(),
        };
        let mut letters = label.chars();
        let first = letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
        found.push(format!("{first}{}", letters.as_str()));
    }
    if found.is_empty() {
        found.push("Not stated".to_owned());
    }
    Ok(found)
}

fn by_service(now: &[&Incident], before: &[&Incident], people: &People) -> Vec<Figure> {
    figures(now, before, &[], |incident| {
        let service =
            incident.service_written().map(|written| people.service(written).unwrap_or("Other, or not recognised"));
        vec![service.unwrap_or("Not stated").to_owned()]
    })
}

fn by_month(now: &[&Incident], before: &[&Incident], period: Period, scope: Scope<'_>) -> Vec<Figure> {
    let month = |incident: &Incident| scope.clocks.calendar.day(incident.received_at);
    let years = if period::before(period).1.year() < period.1.year() { 1 } else { 0 };
    let first = period.0.with_day(1).unwrap_or(period.0);
    let months = std::iter::successors(Some(first), |day| day.checked_add_months(chrono::Months::new(1)));
    let months = months.take_while(|day| *day <= period.1);
    months
        .map(|first| Figure {
            label: first.format("%B %Y").to_string(),
            references: references(&now.iter().filter(|i| same_month(month(i), first)).copied().collect::<Vec<_>>()),
            before: before.iter().filter(|i| same_month(later(month(i), years), first)).count(),
        })
        .collect()
}

fn same_month(a: NaiveDate, b: NaiveDate) -> bool {
    (a.year(), a.month()) == (b.year(), b.month())
}

fn later(day: NaiveDate, years: i32) -> NaiveDate {
    day.with_day(1).and_then(|day| day.with_year(day.year() + years)).unwrap_or(day)
}
