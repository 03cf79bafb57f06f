//! The figures of a report and what it quotes, each figure with the references behind it (L3, L5). Pure.
//!
//! Comes in: every incident of the store, the period, the rules. Goes out: [`Facts`], in which no passage identifies anybody:
//! otherwise there is a failure and no report. An incident belongs to the period in which it was received (local day); what was
//! learned belongs to the period in which the investigation report came, so that nothing is left out or told twice.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::common::{Themed, themed};
use super::identities;
use super::learning::{Advice, Learning, Quotes, learned, said};
use super::outside::outside;
use super::period::{self, Period};
use super::profile;
use super::themes::Themes;
use super::timeliness::{Late, Timeliness, timeliness};
use super::{Audience, Failure};
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
    /// The themes that lessons come under.
    pub themes: &'a Themes,
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
    /// The same as it was known a period ago, for readers who may have that period's report beside this one (N9).
    pub incidents_before_then: Option<usize>,
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
    /// The themes of what was learned.
    pub themed: Themed,
    /// The same as counts.
    pub by_theme: Vec<Figure>,
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
    /// The same as it was known then (N9).
    pub before_then: usize,
}

impl Figure {
    /// How many.
    pub fn count(&self) -> usize {
        self.references.len()
    }

    /// One that counts nothing yet.
    pub(super) fn of(label: String) -> Figure {
        Figure { label, references: Vec::new(), before: 0, before_then: 0 }
    }
}

impl Facts {
    /// How many incidents there were in the period before, as an audience may know.
    pub fn incidents_before(&self, audience: Audience) -> Option<usize> {
        if audience == Audience::Directors { self.incidents_before } else { self.incidents_before_then }
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
    let before_period = period::before(period);
    let (now, before) = (received_in(period, &all, scope), received_in(before_period, &all, scope));
    let known_then = as_known(&all, period::earlier(scope.now, period));
    let then = received_in(before_period, &known_then.iter().map(|incident| &**incident).collect::<Vec<_>>(), scope);
    let years = Years { now: &now, before: &before, then: &then };
    let shared = identities::of_all(all.iter().copied(), scope.people, scope.organisation);
    let quotes = Quotes { shared: &shared, organisation: scope.organisation };
    let received: Vec<&Incident> = all.iter().filter(|i| within(period, i.received_at)).copied().collect();
    let withdrawn = |incident: &&&Incident| incident.status == Status::Withdrawn;
    let reported = all.iter().filter(counts).copied().filter(|incident| incident.report_at.is_some());
    let mut reported: Vec<&Incident> = reported.collect();
    reported.sort_by_key(|incident| (incident.report_at, incident.name().clone()));
    let (learning, recommendations) = learned(&reported, period, scope, &quotes)?;
    let reported_before =
        reported.iter().filter(|incident| incident.report_at.is_some_and(|at| within(before_period, at)));
    let said_before: Vec<_> = reported_before.map(|incident| said(incident)).collect();
    let themed = themed(&learning, &said_before, scope.themes);
    let (timeliness_before, _) = timeliness(&before, scope);
    let (timeliness, late) = timeliness(&now, scope);
    let awaiting = |incident: &&&Incident| {
        let standing = scope.clocks.standing_of("investigation_report", incident, scope.now);
        standing.is_some_and(|standing| matches!(standing.state, DueState::Open | DueState::Late))
    };
    let has_before = all.iter().any(|incident| day(incident.received_at) <= before_period.1);
    Ok(Facts {
        period,
        before: before_period,
        made_on: day(scope.now),
        incidents: references(&now),
        incidents_before: has_before.then_some(before.len()),
        incidents_before_then: has_before.then_some(then.len()),
        by_class: by_class(years),
        by_category: by_category(years, &quotes)?,
        by_service: by_service(years, scope.people),
        by_month: by_month(years, period, scope),
        by_harm: figures(years, &profile::HARMS, profile::harms),
        by_age: figures(years, &profile::AGES, |incident| profile::age(incident, day(incident.received_at))),
        by_legal_status: figures(years, &profile::LEGAL_STATUSES, profile::legal_status),
        by_placement: figures(years, &profile::PLACEMENTS, profile::placement),
        outside: outside(years, scope),
        concerns: scope.concerns,
        timeliness,
        timeliness_before,
        late,
        by_theme: themed.themes.iter().map(|common| common.figure.clone()).collect(),
        themed,
        learning,
        recommendations,
        awaiting_report: references(&now.iter().filter(awaiting).copied().collect::<Vec<_>>()),
        withdrawn: received.iter().filter(withdrawn).count(),
        joined: received.iter().filter(|i| !withdrawn(i) && joined.contains(i.name())).count(),
        unreadable: now.iter().filter(|incident| incident.unreadable).count(),
    })
}

/// The incidents that figures are made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Years<'a> {
    /// Those of the period.
    pub now: &'a [&'a Incident],
    /// Those of the period before.
    pub before: &'a [&'a Incident],
    /// The same as they were known then.
    pub then: &'a [&'a Incident],
}

/// The incidents that count in a period, in the order in which they were received.
fn received_in<'i>(period: Period, all: &[&'i Incident], scope: Scope<'_>) -> Vec<&'i Incident> {
    let joined = joined(all);
    let within = |at: DateTime<Utc>| (period.0..=period.1).contains(&scope.clocks.calendar.day(at));
    let counts = |incident: &&&Incident| incident.status != Status::Withdrawn && !joined.contains(incident.name());
    let mut found: Vec<&Incident> = all.iter().filter(counts).filter(|i| within(i.received_at)).copied().collect();
    found.sort_by_key(|incident| (incident.received_at, incident.name().clone()));
    found
}

/// Incidents as they were known at a time: those to which something has happened since are folded anew up to it.
fn as_known<'i>(all: &[&'i Incident], at: DateTime<Utc>) -> Vec<Cow<'i, Incident>> {
    let known = |incident: &&&'i Incident| incident.received_at <= at;
    let then = |incident: &&'i Incident| {
        if incident.timeline.iter().all(|stamped| stamped.at <= at) {
            return Cow::Borrowed(*incident);
        }
        let until: Vec<_> = incident.timeline.iter().filter(|stamped| stamped.at <= at).cloned().collect();
        Cow::Owned(Incident::fold(&until))
    };
    all.iter().filter(known).map(then).filter(|incident| incident.reference.is_some()).collect()
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
fn figures<L: Fn(&Incident) -> Vec<String>>(years: Years<'_>, order: &[&str], label: L) -> Vec<Figure> {
    let mut figures: Vec<Figure> = order.iter().map(|label| Figure::of((*label).to_owned())).collect();
    let mut found: BTreeMap<String, Figure> = BTreeMap::new();
    let mut add = |incident: &Incident, count: fn(&mut Figure, &Incident)| {
        for label in label(incident) {
            let figure = match figures.iter_mut().find(|figure| figure.label == label) {
                Some(figure) => figure,
                None => found.entry(label.clone()).or_insert_with(|| Figure::of(label)),
            };
            count(figure, incident);
        }
    };
    years.now.iter().for_each(|one| add(one, |figure, incident| figure.references.push(incident.name().clone())));
    years.before.iter().for_each(|one| add(one, |figure, _| figure.before += 1));
    years.then.iter().for_each(|one| add(one, |figure, _| figure.before_then += 1));
    let mut others: Vec<Figure> = found.into_values().collect();
    others.sort_by_key(|figure| std::cmp::Reverse((figure.count(), figure.before)));
    figures.extend(others);
    figures
}

fn by_class(years: Years<'_>) -> Vec<Figure> {
    let order = ["Catastrophic", "Serious", "Near miss", "Not serious", "Not yet classified"];
    figures(years, &order, |incident| vec![class_words(incident.classification.value()).to_owned()])
}

fn by_category(years: Years<'_>, quotes: &Quotes<'_>) -> Result<Vec<Figure>, Failure> {
    // Categories are words of a form: they are quoted like any passage. One spelling stands for all.
    let mut spelling: BTreeMap<String, String> = BTreeMap::new();
    let mut labels: BTreeMap<*const Incident, Vec<String>> = BTreeMap::new();
    for incident in years.now.iter().chain(years.before).chain(years.then).copied() {
        if labels.contains_key(&std::ptr::from_ref(incident)) {
            continue;
        }
        let mut found: Vec<String> = Vec::new();
        for category in categories(incident, quotes)? {
            let label = spelling.entry(category.to_lowercase()).or_insert(category);
            if !found.contains(label) {
                found.push(label.clone());
            }
        }
        labels.insert(std::ptr::from_ref(incident), found);
    }
    Ok(figures(years, &[], |incident| labels.get(&std::ptr::from_ref(incident)).cloned().unwrap_or_default()))
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

fn by_service(years: Years<'_>, people: &People) -> Vec<Figure> {
    figures(years, &[], |incident| {
        let service =
            incident.service_written().map(|written| people.service(written).unwrap_or("Other, or not recognised"));
        vec![service.unwrap_or("Not stated").to_owned()]
    })
}

fn by_month(all: Years<'_>, period: Period, scope: Scope<'_>) -> Vec<Figure> {
    let month = |incident: &Incident| scope.clocks.calendar.day(incident.received_at);
    let years = if period::before(period).1.year() < period.1.year() { 1 } else { 0 };
    let first = period.0.with_day(1).unwrap_or(period.0);
    let months = std::iter::successors(Some(first), |day| day.checked_add_months(chrono::Months::new(1)));
    let months = months.take_while(|day| *day <= period.1);
    let earlier = |incidents: &[&Incident], first: NaiveDate| {
        incidents.iter().filter(|i| same_month(later(month(i), years), first)).count()
    };
    let now = |first: NaiveDate| all.now.iter().filter(move |i| same_month(month(i), first)).copied();
    months
        .map(|first| Figure {
            label: first.format("%B %Y").to_string(),
            references: references(&now(first).collect::<Vec<_>>()),
            before: earlier(all.before, first),
            before_then: earlier(all.then, first),
        })
        .collect()
}

fn same_month(a: NaiveDate, b: NaiveDate) -> bool {
    (a.year(), a.month()) == (b.year(), b.month())
}

fn later(day: NaiveDate, years: i32) -> NaiveDate {
    day.with_day(1).and_then(|day| day.with_year(day.year() + years)).unwrap_or(day)
}
