//! What the National Panel and Ofsted ask (N8, O2), in their order: the one list, for the mail and for its Word document.
//!
//! Comes in: an incident. Goes out: for each question what the forms say, which form says otherwise, and what no form says. Knows no
//! looks; shortens nothing.

use super::{clean, dates, form};
use crate::forms::{Child, Kind, State, Value};
use crate::incident::calendar::Calendar;
use crate::incident::decide::ofsted_reference;
use crate::incident::event::{Decision, Fields, FormUse};
use crate::incident::procedure::Procedure;
use crate::incident::state::{Incident, Taken};

/// Keys of which one is enough.
pub(crate) type Keys = &'static [&'static str];

/// What a part of the list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// The incident.
    Incident,
    /// A child: asked of the main child, and of each further one.
    Child,
    /// A child protection enquiry: asked where one was started (O3).
    Enquiry,
    /// Its conclusion: asked where it was concluded (O3).
    Conclusion,
}

/// A part of the list.
pub(crate) struct Part {
    /// Its heading.
    pub title: &'static str,
    /// What it is about.
    pub about: About,
    /// The questions in order.
    pub asked: &'static [Keys],
}

/// What the Panel's notification asks (P, S).
pub(crate) const PANEL: &[Part] = &[
    Part {
        title: "What happened",
        about: About::Incident,
        asked: &[
            &["incident_at", "incident_date"],
            &["incident_aware_at"],
            &["incident_location"],
            &["incident_area"],
            &["incident_description"],
            &["incident_category", "incident_categories"],
            &["child_died"],
            &["seriously_harmed"],
            &["abuse_suspected"],
            &["injuries"],
        ],
    },
    Part {
        title: "The child",
        about: About::Child,
        asked: &[
            &["child_name", "child_forename", "child_initials"],
            &["child_dob", "child_age", "child_expected_delivery"],
            &["child_gender"],
            &["child_ethnicity"],
            &["child_disability"],
            &["child_address"],
            &["child_looked_after", "child_legal_status"],
            &["child_care_leaver"],
            &["child_placement_type"],
            &["child_protection_plan"],
            &["child_in_need_plan"],
            &["known_to_agencies"],
            &["parents"],
        ],
    },
    Part {
        title: "Safety and action",
        about: About::Incident,
        asked: &[
            &["siblings_safe"],
            &["police_informed"],
            &["immediate_action"],
            &["safety_plan"],
            &["media_interest"],
        ],
    },
    Part {
        title: "Who reported it",
        about: About::Incident,
        asked: &[&["completed_by"], &["completed_role"], &["completed_phone"]],
    },
];

/// What the report to Ofsted holds (O2), and of an enquiry what its form asks (O3).
pub(crate) const OFSTED: &[Part] = &[
    Part {
        title: "The incident",
        about: About::Incident,
        asked: &[
            &["incident_category", "incident_categories"],
            &["incident_description"],
            &["incident_at", "incident_date"],
            &["incident_location"],
        ],
    },
    Part {
        title: "Who reports it, and the service",
        about: About::Incident,
        asked: &[&["completed_by"], &["completed_role"], &["completed_phone"], &["service"], &["service_type"]],
    },
    Part {
        title: "Who else was told",
        about: About::Incident,
        asked: &[&["other_organisations_informed"], &["police_informed"], &["lado_informed"]],
    },
    Part {
        title: "The child",
        about: About::Child,
        asked: &[
            &["child_name", "child_forename", "child_initials"],
            &["child_dob", "child_age"],
            &["child_legal_status", "child_looked_after"],
        ],
    },
    Part {
        title: "Staff and people involved, and what was done",
        about: About::Incident,
        asked: &[&["people_involved"], &["immediate_action"], &["planned_prevention"]],
    },
    Part {
        title: "Child protection enquiry",
        about: About::Enquiry,
        asked: &[&["enquiry_started_at"], &["ofsted_reference"]],
    },
    Part {
        title: "Conclusion of the enquiry",
        about: About::Conclusion,
        asked: &[&["enquiry_concluded_at"], &["enquiry_outcome"]],
    },
];

/// Whether the notification to the Panel is typed from an answer. A key may name one of several children: "child_dob#2".
pub(crate) fn is_of_panel(key: &str) -> bool {
    is_of(PANEL, key)
}

/// Whether the report to Ofsted is typed from an answer.
pub(crate) fn is_of_ofsted(key: &str) -> bool {
    is_of(OFSTED, key)
}

fn is_of(list: &[Part], key: &str) -> bool {
    let key = key.split('#').next().unwrap_or(key);
    // What stands beside another answer, in its row.
    let key = match key {
        "incident_time" => "incident_date",
        "child_surname" | "child_role" => "child_name",
        key => key,
    };
    list.iter().flat_map(|part| part.asked).any(|keys| keys.contains(&key))
}

/// An answer that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// The question in plain words.
    pub label: String,
    /// The answer, line by line.
    pub lines: Vec<String>,
    /// What it was read from, where that differs.
    pub note: String,
    /// Whether it is a list of options.
    pub is_list: bool,
}

impl Known {
    /// The answer in one line.
    pub(crate) fn line(&self) -> String {
        self.lines.join(if self.is_list { ", " } else { " " })
    }
}

/// The parts of a list that the incident is asked.
pub(crate) fn parts<'a>(list: &'a [Part], incident: &Incident) -> impl Iterator<Item = &'a Part> {
    let any = |keys: &[&str]| {
        keys.iter().any(|key| of_decisions(key, incident).or(of_field(key, &incident.fields)).is_some())
    };
    let concluded = any(&["enquiry_concluded_at", "enquiry_outcome"]);
    let started = concluded || any(&["enquiry_started_at"]);
    list.iter().filter(move |part| match part.about {
        About::Incident | About::Child => true,
        About::Enquiry => started,
        About::Conclusion => concluded,
    })
}

/// What is known of a question of a part: by the newest filled answer, of the main child where it is of a child.
pub(crate) fn known(part: &Part, keys: Keys, incident: &Incident) -> Option<Known> {
    let of_enquiry = matches!(part.about, About::Enquiry | About::Conclusion);
    keys.iter().find_map(|key| {
        let decided = of_decisions(key, incident).filter(|_| of_enquiry);
        let of_child = || of_child(&[*key], incident.children.first()?);
        decided.or_else(|| with_companion_of(key, &incident.fields)).or_else(of_child)
    })
}

/// What the settings know where no form answers: the kind of the regulated service (O2).
pub(crate) fn of_settings(keys: Keys, incident: &Incident, procedure: &Procedure) -> Option<Known> {
    let key = keys.iter().find(|key| **key == "service_type")?;
    let kind = incident.ofsted.as_ref().and_then(|(_, duty)| duty.kind.as_deref())?;
    let title = super::facts::capital(&procedure.regulation(kind)?.title);
    let note = "From the settings or the service's name: no form says it.".to_owned();
    Some(Known { label: form::label_of(key), lines: vec![title], note, is_list: false })
}

/// The answer to one key, whatever it is about; of the main child where the form has it there alone.
pub(crate) fn of_key(key: &str, incident: &Incident) -> Option<Known> {
    of_field(key, &incident.fields).or_else(|| of_child(&[key], incident.children.first()?))
}

/// What is known of a question of one child of a list.
pub(crate) fn of_child(keys: &[&str], child: &Child) -> Option<Known> {
    keys.iter().find_map(|key| {
        let known = |key: &str| {
            let text = child.get(key).filter(|text| !text.trim().is_empty())?;
            let lines = dates::of_value(text).map_or_else(|| clean::lines(text), |date| vec![date]);
            (!lines.is_empty()).then_some(lines)
        };
        let found = Known { label: form::label_of(key), lines: known(key)?, note: String::new(), is_list: false };
        Some(with_companion(key, found, |other| known(other).map(|lines| lines.join(" "))))
    })
}

/// Answers that were given in two questions: a day and its time, a first name and a last.
fn with_companion(key: &str, mut known: Known, other: impl Fn(&str) -> Option<String>) -> Known {
    match key {
        "incident_date" => {
            if let (Some(time), [day]) = (other("incident_time"), known.lines.as_mut_slice()) {
                *day = format!("{day}, {time}");
            }
        }
        "child_forename" => {
            if let (Some(surname), [name]) = (other("child_surname"), known.lines.as_mut_slice()) {
                *name = format!("{name} {surname}");
                known.label = form::label_of("child_name");
            }
        }
        _ => {}
    }
    known
}

fn with_companion_of(key: &str, fields: &Fields) -> Option<Known> {
    Some(with_companion(key, of_field(key, fields)?, |other| of_field(other, fields).map(|known| known.line())))
}

fn of_field(key: &str, fields: &Fields) -> Option<Known> {
    let field = fields.get(key)?;
    let (lines, note) = form::answer(field)?;
    let is_list = matches!(field.value, Some(Value::List(_)));
    let known = Known { label: form::label_of(key), lines, note, is_list };
    (!known.line().trim().is_empty()).then_some(known)
}

/// O3: what was told of an enquiry by reply. The reference is the one that Ofsted gave at its start.
fn of_decisions(key: &str, incident: &Incident) -> Option<Known> {
    let text = match key {
        "ofsted_reference" => ofsted_reference(incident)?,
        _ => incident.decisions.iter().rev().find_map(|decided| match (&decided.decision, key) {
            (Decision::EnquiryStarted { date, .. }, "enquiry_started_at")
            | (Decision::EnquiryConcluded { date, .. }, "enquiry_concluded_at") => Some(dates::day(*date)),
            (Decision::EnquiryConcluded { outcome, .. }, "enquiry_outcome") => Some(outcome.clone()),
            _ => None,
        })?,
    };
    let lines = clean::lines(&text);
    let known = Known { label: form::label_of(key), lines, note: String::new(), is_list: false };
    (!known.line().trim().is_empty()).then_some(known)
}

/// Whether a form has an answer of which nothing could be read.
pub(crate) fn is_unread(keys: Keys, incident: &Incident) -> bool {
    keys.iter().filter_map(|key| incident.fields.get(*key)).any(|field| field.state == State::Unclear)
}

/// Where forms differ: which of them the answer is from, and what each other one says. Nothing where they agree.
pub(crate) fn sources(keys: Keys, stands: &Known, incident: &Incident, calendar: &Calendar) -> Vec<String> {
    let is_report = |taken: &&Taken| matches!(taken.role, FormUse::Report | FormUse::ReportKept(_));
    let told = |taken: &Taken| {
        let filled = |key: &&&str| taken.form.fields.get(**key).is_some_and(|field| field.state == State::Filled);
        keys.iter().filter(filled).find_map(|key| with_companion_of(key, &taken.form.fields)).map(|known| known.line())
    };
    let mut differing: Vec<(&Taken, String)> = Vec::new();
    let forms = incident.forms.iter().rev().filter(|taken| !is_report(taken));
    for (taken, text) in forms.filter_map(|taken| Some((taken, told(taken)?))) {
        if !differing.iter().any(|(_, known)| same_words(known, &text)) {
            differing.push((taken, text));
        }
    }
    if differing.len() < 2 {
        return Vec::new();
    }
    let says = |(taken, text): &(&Taken, String)| {
        let source = source(taken, incident, calendar);
        match same_words(text, &stands.line()) {
            true => format!("This is what {source} says."),
            false => format!("{} says: {text}", super::facts::capital(&source)),
        }
    };
    differing.iter().map(says).collect()
}

/// "the Need To Know form from Nia Webb, received 23:14 on Monday 5 January 2026".
pub(crate) fn source(taken: &Taken, incident: &Incident, calendar: &Calendar) -> String {
    let what = match taken.form.kind {
        Kind::NeedToKnow => "the Need To Know form",
        Kind::SeriousIncidentNotification => "the serious incident notification form",
        _ => "the form",
    };
    let what = if taken.form.source == "body" { "the email" } else { what };
    let mail = incident.mails.iter().find(|mail| mail.id == taken.mail);
    let name = mail.and_then(|mail| mail.from.name.as_deref()).map(clean::line).filter(|name| !name.is_empty());
    let from = name.unwrap_or_else(|| taken.from.clone());
    format!("{what} from {from}, received {}", dates::instant(calendar, taken.at))
}

/// Whether a text has the words of another, whatever stands between them.
pub(crate) fn holds(text: &str, other: &str) -> bool {
    plain(text).contains(&plain(other))
}

fn same_words(a: &str, b: &str) -> bool {
    plain(a) == plain(b)
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
