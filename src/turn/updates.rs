//! More about a known incident (I5): what changed, whether it is told at once or at 09:00, and the telling then.

use super::Turn;
use crate::forms::{State, Value};
use crate::incident::event::{Class, Event, Reference};
use crate::incident::notice::{Item, Notice};
use crate::incident::state::{Held, Incident, Status};

/// Answers whose change is told at once: death, harm, whereabouts, safety plan, media, class (I5).
const URGENT: &[&str] = &[
    "child_died",
    "seriously_harmed",
    "abuse_suspected",
    "injuries",
    "staff_harmed",
    "staff_injuries",
    "incident_category",
    "incident_categories",
    "child_whereabouts",
    "safety_plan",
    "siblings_safe",
    "safety_outcome",
    "media_interest",
    "media_details",
    "incident_severity",
    "near_miss",
    "property_damage",
    "service_disruption",
];

impl Turn<'_> {
    /// I5: tells what was held since the last 09:00, in one mail a person, each without what they wrote themselves.
    pub(super) fn tell_held(&mut self, reference: &Reference) {
        let incident = self.incident_now(reference).clone();
        let due = self.rules.clocks().held_until(&incident).is_some_and(|until| until <= self.now);
        if !due {
            return;
        }
        let told: Vec<Notice> = self
            .telling()
            .update(&incident, &[], Vec::new())
            .into_iter()
            .filter_map(|notice| {
                let of_others = incident.held.iter().filter(|held| held.from != notice.to.email);
                let changes = together(of_others.clone());
                let changed = (!changes.is_empty()).then_some(Item::Changed(changes));
                let wrote = of_others.filter_map(|held| held.wrote.clone());
                let wrote = wrote.map(|(from, text)| Item::Wrote { from, known: true, text });
                let items: Vec<Item> = changed.into_iter().chain(wrote).collect();
                (!items.is_empty()).then_some(Notice { items, ..notice })
            })
            .collect();
        self.tell(reference, told);
        self.happen(reference, self.now, Event::ChangesTold);
    }
}

/// The answers that differ in what they say, rather than in how it is written: key, before, after (I5).
pub(super) fn changes(before: &Incident, after: &Incident) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for key in after.fields.keys() {
        let (old, new) = (before.answer(key).unwrap_or_default(), after.answer(key).unwrap_or_default());
        let value = |incident: &'_ Incident| incident.fields.get(key).and_then(|field| field.value.clone());
        let (was, is) = (value(before), value(after));
        let same = was.is_some() && was == is;
        // A box that nobody ticked says no more than a form without it.
        let unticked = old.is_empty() && is == Some(Value::Tick(false));
        if !same && !unticked && old != new && !new.is_empty() {
            found.push((key.clone(), old.to_owned(), new.to_owned()));
        }
    }
    found.extend(changes_of_children(before, after));
    found
}

/// I10: the same of the list of children, each by its place: "child_dob#2". What the answers of the form say of the main child stands
/// with those.
fn changes_of_children(before: &Incident, after: &Incident) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for place in 0..before.children.len().max(after.children.len()) {
        let of = |incident: &Incident| incident.children.get(place).cloned().unwrap_or_default();
        let (old, new) = (of(before), of(after));
        let number = place + 1;
        if new.is_empty() {
            let name = old.get("child_name").or_else(|| old.get("child_initials")).cloned().unwrap_or_default();
            found.push((format!("child_name#{number}"), name, "no longer on the form".to_owned()));
        }
        for (key, is) in new.iter().filter(|(key, _)| place > 0 || after.answer(key).is_none()) {
            let was = old.get(key).map(String::as_str).unwrap_or_default();
            if !is.trim().is_empty() && was != is {
                found.push((format!("{key}#{number}"), was.to_owned(), is.clone()));
            }
        }
    }
    found
}

/// Whether changes are told at once.
pub(super) fn at_once(before: &Incident, after: &Incident, changes: &[(String, String, String)]) -> bool {
    let pace = after.classification.pace();
    pace == Some(Class::Catastrophic)
        || pace != before.classification.pace()
        || changes.iter().any(|(key, _, _)| URGENT.contains(&key.split('#').next().unwrap_or(key.as_str())))
}

/// Beginnings of words about a death.
const DEATH_WORDS: &[&str] = &["died", "dead", "death", "deceas", "killed", "fatal", "passed away", "coroner"];

/// Whether a reply in prose speaks of a death.
pub(super) fn speaks_of_death(text: &str) -> bool {
    has_word_of(&text.to_lowercase(), DEATH_WORDS)
}

fn has_word_of(text: &str, beginnings: &[&str]) -> bool {
    let begins = |word: &&str| {
        let begin = |at: usize| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        text.match_indices(*word).any(|(at, _)| begin(at))
    };
    beginnings.iter().any(begins)
}

/// What a reply in prose has to speak of to be told at once: beginnings of words about death, harm, whereabouts, safety plan, media or
/// class (I5). Rather one too many.
const URGENT_WORDS: &[&str] = &[
    "die",
    "dying",
    "dead",
    "death",
    "deceas",
    "kill",
    "suicid",
    "fatal",
    "passed away",
    "coroner",
    "hurt",
    "injur",
    "harm",
    "wound",
    "bleed",
    "fractur",
    "hospital",
    "a&e",
    "ambulance",
    "surgery",
    "operat",
    "unconscious",
    "critical",
    "intensive",
    "overdos",
    "ill",
    "assault",
    "abus",
    "neglect",
    "rape",
    "weapon",
    "knife",
    "threat",
    "danger",
    "risk",
    "safe",
    "missing",
    "abscond",
    "ran away",
    "run away",
    "runaway",
    "not return",
    "returned",
    "whereabouts",
    "found",
    "mov",
    "placement",
    "staying",
    "home",
    "back in",
    "back at",
    "back with",
    "police",
    "arrest",
    "charged",
    "press",
    "media",
    "journalist",
    "newspaper",
    "television",
    "facebook",
    "bbc",
    "serious",
    "catastroph",
    "near miss",
    "worse",
    "urgent",
    "emergency",
    "immediate",
];

/// Whether a reply in prose is told at once: of something catastrophic, of what was not readable, or when it speaks of what may not wait
/// (I5, I8).
pub(super) fn prose_at_once(incident: &Incident, text: &str) -> bool {
    let open = incident.status == Status::Open; // What is closed holds nothing.
    !open
        || incident.unreadable
        || incident.classification.pace() == Some(Class::Catastrophic)
        || has_word_of(&text.to_lowercase(), URGENT_WORDS)
}

/// O3: a form reports the conclusion of an enquiry without the reference that Ofsted gave at its start.
pub(super) fn lacks_reference(incident: &Incident) -> bool {
    let newest = incident.forms.last();
    let concluded = newest.and_then(|taken| taken.form.fields.get("enquiry_concluded_at"));
    concluded.is_some_and(|field| field.state == State::Filled)
        && crate::incident::decide::ofsted_reference(incident).is_none()
}

/// What several forms changed: the first of what stood there before, the last of what stands there now.
fn together<'a>(held: impl Iterator<Item = &'a Held>) -> Vec<(String, String, String)> {
    let mut found: Vec<(String, String, String)> = Vec::new();
    for (key, before, after) in held.flat_map(|held| &held.changes) {
        match found.iter_mut().find(|(known, _, _)| known == key) {
            Some((_, _, last)) => last.clone_from(after),
            None => found.push((key.clone(), before.clone(), after.clone())),
        }
    }
    found.retain(|(_, before, after)| before != after);
    found
}
