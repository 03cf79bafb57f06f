//! What a mail is to us (I1–I11): whose incident it belongs to, what its forms open, join or update, and what needs a person.
//!
//! Comes in: a message, what its forms say, and a way to look incidents up. Goes out: [`Verdict`]s in the order in which they take
//! effect. Decides by values alone; events and notices are made of verdicts by the turn.

pub mod keys;

use std::collections::BTreeSet;

use crate::forms::{Field, Form, Kind, Reading, State, Value, is_need_to_know_subject, speaks_of_a_form};
use crate::incident::event::{FormUse, Opening, Reference};
use crate::incident::state::{Incident, Status, opens};
use crate::message::{Automatic, Message};

/// More words than these beside a blank form are a report of their own, rather than a greeting and a signature.
const PROSE_WORDS: usize = 30;

/// Answers about the report rather than the child or the incident.
const OF_THE_REPORT: &[&str] = &[
    "service",
    "service_type",
    "team",
    "team_manager",
    "head_of_service",
    "social_worker",
    "director_informed",
    "office_use",
    "incident_reference",
    "investigator",
    "commissioned_by",
    "approved_by",
    "report_date",
    "report_due",
];

/// Codes of problems that mean: something in the mail could not be read (I8).
const TROUBLES: &[&str] = &[
    "password_protected",
    "encrypted_mail",
    "scanned_image",
    "corrupt",
    "unsupported_format",
    "too_large",
    "too_deep",
    "empty_file",
    "stub",
    "removed",
];

/// The incidents that a mail may belong to.
pub trait Lookup {
    /// Why looking failed.
    type Failure;
    /// Where a reply token or Message-ID leads: the incident, and for our own notices whom they went to.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn by_thread(&self, id: &str) -> Result<Option<(Reference, Option<String>)>, Self::Failure>;
    /// The incidents that are found under a key of [`keys`].
    ///
    /// # Errors
    /// When the store cannot be read.
    fn by_key(&self, key: &str) -> Result<Vec<Reference>, Self::Failure>;
    /// An incident; `None` when there is none of that name.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn incident(&self, reference: &Reference) -> Result<Option<Incident>, Self::Failure>;
}

/// The incident that a mail is about, and how we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The incident, as which it goes on where it was decided to be an older one (I9).
    pub reference: Reference,
    /// The incident that the mail itself names.
    pub about: Reference,
    /// The token of a notice of ours that the mail answers, and whom that notice went to (M18, M30).
    pub answers: Option<(String, String)>,
}

/// What one mail, or one form of it, is to us.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// A new incident (I1, I2, I8).
    Open {
        /// Why.
        because: Opening,
        /// The form; none for prose and for what could not be read.
        form: Option<Form>,
        /// Open incidents that may be the same (I9).
        may_be_same_as: Vec<Reference>,
    },
    /// A form for a known incident (I3, I5, I8, I9).
    File {
        /// The incident.
        reference: Reference,
        /// What the form is to it. A report's standing is for the turn to settle, which knows who is who.
        role: FormUse,
        /// The form.
        form: Form,
    },
    /// The same answers as a form we have: nothing new (I9).
    Repeated {
        /// The incident.
        reference: Reference,
    },
    /// A reply: with lines that decide, or in prose (I4, I5).
    Reply {
        /// The incident and what it answers.
        thread: Thread,
    },
    /// A notice of ours did not reach its recipient, or they are away (I7).
    Undelivered {
        /// The incident.
        reference: Reference,
        /// The notice's token.
        token: String,
        /// `bounced` or `absent`.
        why: &'static str,
    },
    /// A blank template (I11).
    Empty,
    /// A person must look, for this reason.
    Attention(&'static str),
    /// Written by a machine, about nothing of ours (I7).
    Automatic,
    /// Anything else (I7).
    Other,
}

/// What a mail is to us. `trusted`: the sender is of an allowed domain. `lookup` finds incidents as they stand before this mail;
/// forms of one mail are judged one after the other by [`place`], so a later one finds what an earlier one opened.
///
/// # Errors
/// Those of the look-up.
pub fn judge<L: Lookup>(
    message: &Message,
    reading: &Reading,
    trusted: bool,
    prefix: &str,
    lookup: &L,
) -> Result<Vec<Verdict>, L::Failure> {
    let thread = thread(message, reading, prefix, lookup)?;
    match message.automatic {
        Some(Automatic::Bounce) => return automatic_mail(message, reading, "bounced", lookup),
        Some(Automatic::Reply) => return automatic_mail(message, reading, "absent", lookup),
        Some(Automatic::Progress) => return Ok(vec![Verdict::Automatic]), // M22
        _ => {}
    }
    let forms: Vec<&Form> = reading.forms.iter().filter(|form| answers(form) > 0).collect();
    if !forms.is_empty() {
        // The forms themselves are placed by the turn, one by one.
        return Ok(Vec::new());
    }
    let blank = reading.problems.iter().any(|problem| problem.code == "empty_form")
        || reading.forms.iter().any(|form| opens(form.kind));
    // I11; but who wrote down what happened and attached the wrong file is heard (I1).
    // The labels of a template that was typed into the mail are no words of a person's own.
    let typed = reading.problems.iter().any(|problem| problem.code == "empty_form" && problem.r#where == "body")
        || reading.forms.iter().any(|form| form.source == "body");
    let told = trusted
        && !typed
        && reading.kind == Kind::NeedToKnow
        && message.new_text.split_whitespace().count() > PROSE_WORDS;
    if blank && thread.is_none() && !told {
        return Ok(vec![Verdict::Empty]);
    }
    // A mail that answers a notice of ours to this very person is theirs, whatever a gateway added to its headers (M18).
    let sender = message.from.as_ref().map(|from| from.email.as_str());
    let answers_us =
        thread.as_ref().and_then(|thread| thread.answers.as_ref()).is_some_and(|(_, to)| Some(to.as_str()) == sender);
    let theirs = answers_us && message.automatic != Some(Automatic::Generated);
    if message.automatic.is_some() && !theirs {
        // I1, I8: sent through a list, a report opens nothing by itself, and is never dropped either.
        let speaks = is_need_to_know_subject(&message.subject);
        return Ok(vec![match reading.kind {
            _ if speaks => Verdict::Attention("need_to_know_not_certain"),
            Kind::Unreadable => Verdict::Attention("unreadable_through_a_list"),
            _ => Verdict::Automatic,
        }]);
    }
    if let Some(thread) = thread {
        // M12 of a reply that could not be read: it is kept with the incident, and its directors are told.
        return Ok(vec![Verdict::Reply { thread }]);
    }
    Ok(vec![match reading.kind {
        // I8; from outside only what speaks of a form rings directors at night, and a person looks at the rest.
        Kind::Unreadable if trusted || speaks_of_a_form(message) => {
            Verdict::Open { because: Opening::Unreadable, form: None, may_be_same_as: Vec::new() }
        }
        Kind::Unreadable => Verdict::Attention("unreadable_from_outside"),
        // I1: "RE:" and the like are prefixes; what replies in a known thread was dealt with above.
        Kind::NeedToKnow if trusted => {
            Verdict::Open { because: Opening::NeedToKnowBySubject, form: None, may_be_same_as: Vec::new() }
        }
        Kind::Other if trusted && is_need_to_know_subject(&message.subject) && !message.text.trim().is_empty() => {
            Verdict::Open { because: Opening::NeedToKnowBySubject, form: None, may_be_same_as: Vec::new() }
        }
        Kind::NeedToKnow => Verdict::Attention("need_to_know_not_certain"),
        Kind::Decision => Verdict::Attention("decision_without_incident"),
        Kind::InvestigationReport => Verdict::Attention("report_without_incident"),
        _ if message.subject.to_lowercase().contains("need to know") => Verdict::Attention("need_to_know_not_certain"),
        _ => Verdict::Other,
    }])
}

/// The mail that brings a form, as far as its place depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Bearer<'a> {
    /// The sender's address.
    pub sender: &'a str,
    /// The mail's `Message-ID`.
    pub message_id: Option<&'a str>,
    /// The incident that the mail is about.
    pub thread: Option<&'a Thread>,
}

/// What one form with answers is to us, in the order of I9.
///
/// # Errors
/// Those of the look-up.
pub fn place<L: Lookup>(form: &Form, bearer: Bearer, lookup: &L) -> Result<Verdict, L::Failure> {
    let Bearer { sender, thread, .. } = bearer;
    if form.kind == Kind::InvestigationReport {
        return Ok(match thread {
            Some(thread) => {
                Verdict::File { reference: thread.reference.clone(), role: FormUse::Report, form: form.clone() }
            }
            None => Verdict::Attention("report_without_incident"),
        });
    }
    let found = keys::of_form(form);
    let mut may_be_same_as = BTreeSet::new();
    for reference in lookup.by_key(&found.answers)? {
        let reference = went_on_as(reference, lookup)?;
        if let Some(thread) = thread
            && lookup.incident(&thread.reference)?.is_some_and(|named| named.was_parted_from(&reference))
        {
            continue; // Sent to the other one of two that were taken for one.
        }
        match lookup.incident(&reference)? {
            // Answers that a later form changed are news when they come back; in the same mail once more they are that mail. What was
            // parted from an incident is none of its answers any more.
            Some(incident) if incident.status == Status::Open && holds(&incident, &found.answers) => {
                let again = came_with(&incident, bearer.message_id, &found.answers) || agrees(&incident, form);
                return Ok(match again {
                    true => Verdict::Repeated { reference },
                    false => Verdict::File { reference, role: FormUse::Update, form: form.clone() },
                });
            }
            // What is over is no answer to a report that comes now.
            _ => may_be_same_as.insert(reference),
        };
    }
    if let Some(thread) = thread
        && let Some(incident) = lookup.incident(&thread.reference)?
        && (!is_another(&incident, &found.children) || corrects_birth_date(&incident, form, &found.children))
    {
        if incident.status == Status::Open && !happened_later(&incident, form) {
            let role = filing(&incident, form, sender).unwrap_or(FormUse::Update);
            return Ok(Verdict::File { reference: thread.reference.clone(), role, form: form.clone() });
        }
        may_be_same_as.insert(thread.reference.clone());
    }
    for key in &found.dated {
        for reference in lookup.by_key(key)? {
            let Some(incident) = lookup.incident(&reference)? else { continue };
            // It was found by the forms of another one that it was taken for.
            if !incident.forms.iter().any(|taken| keys::of_form(&taken.form).dated.contains(key)) {
                continue;
            }
            if incident.status != Status::Open {
                // What is over takes nothing in, and whoever reads the new one hears of it.
                if incident.joined_to.is_none() {
                    may_be_same_as.insert(reference);
                }
                continue;
            }
            let same_sender = incident.mails.iter().any(|mail| mail.from.email == sender);
            match filing(&incident, form, sender) {
                Some(role) => return Ok(Verdict::File { reference, role, form: form.clone() }),
                None if same_sender => {
                    return Ok(Verdict::File { reference, role: FormUse::Update, form: form.clone() });
                }
                None => may_be_same_as.insert(reference),
            };
        }
    }
    let because = match form.kind {
        Kind::SeriousIncidentNotification => Opening::Notification,
        _ => Opening::NeedToKnow,
    };
    let may_be_same_as = may_be_same_as.into_iter().collect();
    Ok(Verdict::Open { because, form: Some(form.clone()), may_be_same_as })
}

/// The incident that a mail is about: by reply thread, then by a reference in subject, body or form; where that one was decided to be
/// an older one, the older one (I9).
///
/// # Errors
/// Those of the look-up.
pub fn thread<L: Lookup>(
    message: &Message,
    reading: &Reading,
    prefix: &str,
    lookup: &L,
) -> Result<Option<Thread>, L::Failure> {
    let Some(mut thread) = named(message, reading, prefix, lookup)? else { return Ok(None) };
    thread.reference = went_on_as(thread.reference, lookup)?;
    Ok(Some(thread))
}

/// The incident under which another goes on that was decided to be the same (I9); itself where none was.
///
/// # Errors
/// Those of the look-up.
pub fn went_on_as<L: Lookup>(mut reference: Reference, lookup: &L) -> Result<Reference, L::Failure> {
    // Each step leads to an older reference, so this ends.
    while let Some(older) = lookup.incident(&reference)?.and_then(|incident| incident.joined_to) {
        reference = older;
    }
    Ok(reference)
}

fn named<L: Lookup>(
    message: &Message,
    reading: &Reading,
    prefix: &str,
    lookup: &L,
) -> Result<Option<Thread>, L::Failure> {
    let sender = message.from.as_ref().map(|from| from.email.as_str()).unwrap_or_default();
    let mut found: Option<Thread> = None;
    for token in &message.reply_tokens {
        if let Some((reference, to)) = lookup.by_thread(token)? {
            let answers = to.map(|to| (token.clone(), to));
            let theirs = answers.as_ref().is_some_and(|(_, to)| to == sender);
            // A long thread quotes several notices: the one that was sent to this very person counts (M18).
            if theirs || found.is_none() {
                found = Some(Thread { about: reference.clone(), reference, answers });
            }
            if theirs {
                return Ok(found);
            }
        }
    }
    if found.is_some() {
        return Ok(found);
    }
    for id in message.in_reply_to.iter().chain(message.references.iter().rev()) {
        if let Some((reference, to)) = lookup.by_thread(id)? {
            return Ok(Some(Thread { about: reference.clone(), reference, answers: to.map(|to| (id.clone(), to)) }));
        }
    }
    let named = reading.forms.iter().filter_map(|form| form.fields.get("incident_reference"));
    let texts = [message.subject.as_str(), message.new_text.as_str()];
    let titles = reading.forms.iter().map(|form| form.title.as_str());
    for text in texts.into_iter().chain(named.map(|field| field.text.as_str())).chain(titles) {
        for reference in keys::references(text, prefix) {
            if lookup.incident(&reference)?.is_some() {
                return Ok(Some(Thread { about: reference.clone(), reference, answers: None }));
            }
        }
    }
    Ok(None)
}

/// How many answers about the child or the incident a form holds (I1). A box that is not ticked is none, nor is who reports it, for
/// which service, when and to whom.
pub fn answers(form: &Form) -> usize {
    let of_reporter = |key: &str| key.starts_with("completed_") || OF_THE_REPORT.contains(&key);
    let filled = form.fields.iter().filter(|(key, field)| {
        matches!(field.state, State::Filled | State::Unclear)
            && field.value != Some(Value::Tick(false))
            && !of_reporter(key)
    });
    filled.count() + form.children.len()
}

/// The codes of what could not be read in a mail (I8), each once.
pub fn troubles(reading: &Reading) -> Vec<String> {
    let codes = reading.problems.iter().map(|problem| problem.code.as_str());
    codes.filter(|code| TROUBLES.contains(code)).collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
}

/// A bounce or automatic reply: a fact about the recipient of one of our notices, or nothing (I7, M21, M22).
fn automatic_mail<L: Lookup>(
    message: &Message,
    reading: &Reading,
    why: &'static str,
    lookup: &L,
) -> Result<Vec<Verdict>, L::Failure> {
    // A form that comes along has nobody else: a bounce returns our own files, an automatic answer brings them of its own accord.
    let form = |form: &&Form| opens(form.kind) && answers(form) > 0;
    let attached = reading.forms.iter().filter(form).any(|form| form.source != "body");
    let ids = message.reply_tokens.iter().chain(&message.in_reply_to).chain(&message.references);
    for id in ids {
        if let Some((reference, Some(_))) = lookup.by_thread(id)? {
            let undelivered = Verdict::Undelivered { reference, token: id.clone(), why };
            let brought = (attached && why == "absent").then_some(Verdict::Attention("automatic_reply_with_form"));
            return Ok(std::iter::once(undelivered).chain(brought).collect());
        }
    }
    let carries = reading.forms.iter().any(|one| form(&one));
    Ok(vec![match why {
        _ if !carries => Verdict::Automatic,
        "bounced" => Verdict::Attention("bounce_with_form"),
        _ => Verdict::Attention("automatic_reply_with_form"),
    }])
}

/// What a form is to an incident that it may belong to, beside an update.
pub fn filing(incident: &Incident, form: &Form, sender: &str) -> Option<FormUse> {
    let first_sender = incident.first_mail.as_ref().is_some_and(|mail| mail.from.email == sender);
    if incident.unreadable && first_sender {
        return Some(FormUse::First); // I8
    }
    let awaits = incident.notification_form_at.is_none() && incident.status == Status::Open;
    (form.kind == Kind::SeriousIncidentNotification && awaits).then_some(FormUse::Joined) // I9
}

/// I9: whether every answer of a form is what the incident says now, so that taking it in would change nothing.
fn agrees(incident: &Incident, form: &Form) -> bool {
    let same = |one: &Field, other: &Field| {
        let value = one.value.is_some() && one.value == other.value;
        value || keys::plain(&one.text) == keys::plain(&other.text)
    };
    let filled = form.fields.iter().filter(|(_, field)| field.state == State::Filled);
    let known = |key: &String| incident.fields.get(key).filter(|known| known.state == State::Filled);
    let mut answers = filled.map(|(key, field)| known(key).is_some_and(|known| same(known, field)));
    let mut children = form.children.iter();
    answers.all(|agrees| agrees) && children.all(|child| incident.children.contains(child))
}

/// Whether a form with these answers is one of an incident's.
fn holds(incident: &Incident, answers: &str) -> bool {
    incident.forms.iter().any(|taken| keys::of_form(&taken.form).answers == answers)
}

/// Whether a mail with this `Message-ID` brought an incident these answers before.
fn came_with(incident: &Incident, message_id: Option<&str>, answers: &str) -> bool {
    let mails = incident.mails.iter().filter(|mail| message_id.is_some() && mail.message_id.as_deref() == message_id);
    let brought = |mail: &str| {
        let mut forms = incident.forms.iter().filter(|taken| taken.mail == mail);
        forms.any(|taken| keys::of_form(&taken.form).answers == answers)
    };
    mails.map(|mail| mail.id.as_str()).any(brought)
}

/// A form in the thread of one incident that names none of its children: written in an old thread about another child.
fn is_another(incident: &Incident, children: &BTreeSet<String>) -> bool {
    let known: BTreeSet<String> = incident.forms.iter().flat_map(|taken| keys::of_form(&taken.form).children).collect();
    // A case number says nothing about a name: only what is known in the same way on both sides can differ.
    let differ = |kind: &str| {
        let of_kind = |keys: &BTreeSet<String>| keys.iter().any(|key| key.starts_with(kind));
        of_kind(&known) && of_kind(children)
    };
    known.is_disjoint(children) && keys::CHILD_KINDS.iter().any(|kind| differ(kind))
}

/// I9: whether a form in the thread of an incident that would be another child's differs from it by the birth date alone: each child
/// bears the full name of one that is known, no case number tells them apart, and no other day is told of.
fn corrects_birth_date(incident: &Incident, form: &Form, children: &BTreeSet<String>) -> bool {
    let known: BTreeSet<String> = incident.forms.iter().flat_map(|taken| keys::of_form(&taken.form).children).collect();
    let mut days = incident.forms.iter().map(|taken| keys::incident_day(&taken.form));
    let numbered = |keys: &BTreeSet<String>| keys.iter().any(|key| key.starts_with(keys::CHILD_KINDS[0]));
    let names =
        |keys: &BTreeSet<String>| -> Vec<String> { keys.iter().filter_map(|key| keys::full_name(key)).collect() };
    let (theirs, ours) = (names(children), names(&known));
    // Initials are those of many, so each child must be named in full.
    let named = theirs.len() == children.iter().filter(|key| key.starts_with(keys::CHILD_KINDS[1])).count();
    let same_day = keys::incident_day(form).is_none_or(|day| days.any(|known| known.as_ref() == Some(&day)));
    let numbers_differ = numbered(children) && numbered(&known);
    !theirs.is_empty() && named && same_day && !numbers_differ && theirs.iter().all(|name| ours.contains(name))
}

/// Whether a form in the thread of an incident tells of a day after the incident was reported: of another one (I9).
fn happened_later(incident: &Incident, form: &Form) -> bool {
    // An hour more, since the local day may be ahead of UTC's.
    let reported = (incident.received_at + chrono::Duration::hours(1)).date_naive();
    let known = |day: &String| incident.forms.iter().any(|taken| keys::incident_day(&taken.form).as_ref() == Some(day));
    keys::incident_day(form).is_some_and(|day| day > reported.to_string() && !known(&day))
}
