//! A notice as templates see it: every field always there, everything cleaned, nothing that the recipient may not have.
//!
//! Comes in: a notice and its context. Goes out: a [`View`]. An acknowledgement's view holds nothing of the form (M20), whatever a
//! template asks for.

use serde::Serialize;

use super::asks::{self, Ask, Link};
use super::form::{self, Section};
use super::rules::{self, Rule};
use super::words::{self, Said};
use super::{Context, clean, dates, facts, files, outside, reply, subject};
use crate::incident::event::{Class, NoticeKind};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::incident::state::Incident;

/// What a template can show. Empty text or an empty list: nothing to show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct View {
    /// The subject of the mail.
    pub subject: String,
    /// The hidden first line: reference, class and service only.
    pub preview: String,
    /// Empties that follow the preview, so that no client fills the line with what comes next.
    pub padding: Vec<u8>,
    /// The heading: the subject without reference and initials.
    pub heading: String,
    /// The incident's reference.
    pub reference: String,
    /// Service and day of receipt, for all but the reporter.
    pub about: String,
    /// Rehearsal mode.
    pub rehearsal: bool,
    /// The attached report is a draft.
    pub draft: bool,
    /// T0's line, for acknowledgements and alerts.
    pub safety: String,
    /// The first screen of an alert.
    pub first: Option<First>,
    /// Opening sentences of an acknowledgement.
    pub received: Vec<String>,
    /// At most three things asked now, in alerts; all of them elsewhere.
    pub now: Vec<Ask>,
    /// What else is asked.
    pub later: Vec<Ask>,
    /// Whether there is any line to reply with.
    pub answerable: bool,
    /// Whether it stands for mails beyond a budget (M21).
    pub summary: bool,
    /// What is told.
    pub said: Vec<Said>,
    /// What is known and missing for the Panel or Ofsted.
    pub pack: Vec<Said>,
    /// The form, whole.
    pub sections: Vec<Section>,
    /// What the email itself said.
    pub prose: Vec<String>,
    /// Names of the attached files.
    pub files: Vec<String>,
    /// The rules that are carried out.
    pub rules: Vec<Rule>,
    /// T0's duties.
    pub duties: Vec<String>,
    /// Why the recipient gets it.
    pub capacity: String,
    /// The council.
    pub organisation: String,
    /// The mailbox.
    pub mailbox: String,
    /// The last line.
    pub reply_code: String,
}

/// Section 10's first screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct First {
    /// What happened, at most 300 characters.
    pub what: String,
    /// Is the child safe, and where now.
    pub safe: Vec<String>,
    /// The class.
    pub class: String,
    /// By whom it was said, or what it was inferred from.
    pub basis: String,
    /// A colour that marks it.
    pub colour: &'static str,
    /// Whom to ring.
    pub ring: String,
    /// The number.
    pub phone: String,
    /// The number, to tap; `None` when it cannot be dialled.
    pub dial: Option<Link>,
}

/// What a kind of notice holds beside its statements.
struct Parts {
    safety: bool,
    first: bool,
    form: bool,
    all_rules: bool,
}

impl Parts {
    fn of(notice: &Notice) -> Self {
        // Whoever had an alert without a form gets to see the form once it is there (I8, I9).
        let form = notice.items.iter().any(|item| matches!(item, Item::NowReadable | Item::Joined));
        // I5: a death is told with all that an alert's first screen says, as it stands now.
        let of_death = |changes: &[(String, String, String)]| changes.iter().any(|(key, _, _)| key == "child_died");
        let died = notice.items.iter().any(|item| matches!(item, Item::Changed(changes) if of_death(changes)));
        // T2: so does whoever had the alert of something that is decided to be catastrophic, to know whom to ring.
        let raised =
            notice.items.iter().any(|item| matches!(item, Item::ClassDecided { class: Class::Catastrophic, .. }));
        // I14: whoever directs or investigates what is open again may have deleted all of it.
        let again = notice.items.iter().any(|item| matches!(item, Item::Reopened { with_facts: true, .. }));
        match notice.kind {
            NoticeKind::Alert | NoticeKind::Unreadable | NoticeKind::Escalation => {
                Parts { safety: true, first: true, form: true, all_rules: true }
            }
            NoticeKind::Acknowledgement => Parts { safety: true, first: false, form: false, all_rules: false },
            NoticeKind::Nomination => Parts { safety: false, first: false, form: true, all_rules: false },
            NoticeKind::Update | NoticeKind::Request if again => {
                Parts { safety: false, first: true, form: true, all_rules: false }
            }
            NoticeKind::Update => Parts { safety: false, first: form || raised || died, form, all_rules: false },
            NoticeKind::Request => Parts { safety: false, first: raised, form: false, all_rules: false },
            _ => Parts { safety: false, first: false, form: false, all_rules: false },
        }
    }
}

/// The view of a notice.
pub(crate) fn of(notice: &Notice, context: &Context, token: &str) -> View {
    let parts = Parts::of(notice);
    let (mut said, mut asked) = words::of(notice, context, token);
    let incident = context.incident;
    let replaced = notice.items.iter().any(|item| matches!(item, Item::Replaced { .. }));
    if let Some(incident) = incident {
        asked.extend(further_asks(notice, context, incident, token, &asked));
        if parts.first {
            said.extend(call_is_due(notice, incident, &asked));
        }
    }
    let now_max = if parts.first { 3 } else { usize::MAX };
    let later = if asked.len() > now_max { asked.split_off(now_max) } else { Vec::new() };
    let rules = cited(notice, context, parts.all_rules, asked.iter().chain(&later));
    let shown = incident.filter(|_| parts.form && !replaced);
    View {
        subject: subject::of(notice, context),
        preview: subject::preview(notice, context),
        padding: vec![0; 150],
        heading: heading(notice, context),
        reference: incident.and_then(|i| i.reference.as_ref()).map(ToString::to_string).unwrap_or_default(),
        about: incident
            .filter(|_| !matches!(notice.kind, NoticeKind::Acknowledgement | NoticeKind::Partners)) // M20, N2
            .filter(|incident| !subject::is_to_a_stranger(notice, incident))
            .map(|i| about(context, i))
            .unwrap_or_default(),
        rehearsal: context.letterhead.rehearsal,
        draft: notice.items.iter().any(|item| matches!(item, Item::DraftOfYear { .. })),
        safety: if parts.safety { safety(context) } else { String::new() },
        first: incident.filter(|_| parts.first).map(first),
        received: received(notice, context),
        answerable: asked.iter().chain(&later).any(|ask| !ask.lines.is_empty()),
        summary: notice.items.iter().any(|item| matches!(item, Item::Summary(_))),
        now: asked,
        later,
        said,
        pack: words::packs(notice, context),
        sections: shown.map(form::sections).unwrap_or_default(),
        prose: shown.map(prose).unwrap_or_default(),
        files: files::names(notice, context),
        rules,
        // What only says who has an email says nothing of the case.
        duties: incident.filter(|_| parts.safety && !is_passed_on(notice)).map(duties).unwrap_or_default(),
        capacity: capacity(notice, context),
        organisation: clean::line(&context.letterhead.organisation),
        mailbox: context.letterhead.mailbox.email.clone(),
        reply_code: format!("Reply code: {}", reply::reply_code(token)),
    }
}

/// T0.
pub(crate) fn safety(context: &Context) -> String {
    let letterhead = context.letterhead;
    let day = letterhead.duty_phone.as_ref().map(|phone| format!("duty team {phone}"));
    let night = letterhead.out_of_hours_phone.as_ref().map(|phone| format!("out of hours {phone}"));
    let numbers: Vec<String> = day.into_iter().chain(night).collect();
    let numbers = if numbers.is_empty() { "ring the duty team".to_owned() } else { numbers.join(", ") };
    format!("If anyone is in immediate danger call 999. This mailbox does not make a child safe: {numbers}.")
}

fn is_passed_on(notice: &Notice) -> bool {
    notice.items.iter().any(|item| matches!(item, Item::PassedOn { .. }))
}

fn heading(notice: &Notice, context: &Context) -> String {
    let mut plain = subject::of(notice, context);
    if let Some(reference) = context.incident.and_then(|incident| incident.reference.as_ref()) {
        plain = plain.replace(&format!("{reference} "), "");
    }
    let plain = plain.trim_start_matches("REHEARSAL – ");
    let alerted = matches!(notice.kind, NoticeKind::Alert | NoticeKind::Escalation);
    let plain = if alerted { plain.trim_start_matches("Alert: ") } else { plain };
    facts::capital(plain)
}

fn about(context: &Context, incident: &Incident) -> String {
    let service = subject::service(context, incident).map(|service| format!("{service}, ")).unwrap_or_default();
    format!("{service}received {}", dates::instant(context.clocks.calendar, incident.received_at))
}

fn first(incident: &Incident) -> First {
    let (ring, phone) = facts::whom_to_ring(incident);
    let dial = phone.as_deref().and_then(reply::telephone);
    let words = phone.clone().unwrap_or_default();
    let (class, basis) = facts::class_and_basis(incident);
    First {
        what: facts::what_happened(incident),
        safe: facts::child_safe(incident).into_iter().chain(facts::who_they_are(incident)).collect(),
        class,
        basis,
        colour: match incident.classification.pace() {
            Some(Class::Catastrophic) => "#aa2a16",
            Some(Class::Serious) => "#b25c00",
            _ => "#1d5a8f",
        },
        ring,
        phone: phone.unwrap_or_default(),
        dial: dial.map(|href| Link { words, href }),
    }
}

fn received(notice: &Notice, context: &Context) -> Vec<String> {
    let Some(incident) = context.incident else { return Vec::new() };
    let repeats = notice.items.iter().any(|item| {
        matches!(
            item,
            Item::FirstRead { .. }
                | Item::Withdrawn { .. }
                | Item::Reopened { .. }
                | Item::SameIncident { .. }
                | Item::Parted { .. }
                | Item::NothingNew
                | Item::EmptyForm
                | Item::Closed { .. }
                | Item::PassedOn { .. }
                | Item::NotRecognised { .. }
        )
    });
    if notice.kind != NoticeKind::Acknowledgement || repeats {
        return Vec::new();
    }
    let reference = incident.reference.as_ref().map(ToString::to_string).unwrap_or_default();
    let own = notice.items.iter().find_map(|item| match item {
        Item::Received { at } => Some(*at),
        _ => None,
    });
    // An investigation report is no call for help.
    let report =
        |item: &Item| matches!(item, Item::ReportCame { .. } | Item::ReportWaits { .. } | Item::ReturnedUnchanged);
    let is_report = notice.items.iter().any(report);
    words::received(context, &reference, own.unwrap_or(incident.received_at), !is_report)
}

/// Asks that follow from the incident rather than from an item: the service where it is unknown (section 1), and the lines ready to
/// fill where a reply held none (section 3).
fn further_asks(notice: &Notice, context: &Context, incident: &Incident, token: &str, asked: &[Ask]) -> Vec<Ask> {
    let mut found = Vec::new();
    if notice.items.contains(&Item::NoLine) && asked.is_empty() {
        for standing in context.clocks.obligations(incident, context.now) {
            let Some(worded) = context.clocks.procedure.worded(&standing.id).filter(|_| standing.is_open()) else {
                continue;
            };
            if asks::is_theirs(&worded, notice, context) {
                found.push(asks::of(&worded, asks::by(context, standing.due_at), notice, context, token));
            }
        }
    }
    let chain = notice.to.roles.iter().any(|role| role.rank() > 0);
    if matches!(notice.kind, NoticeKind::Alert | NoticeKind::Unreadable)
        && chain
        && subject::service(context, incident).is_none()
    {
        let written = incident.service_written().map(|written| format!(" The form says “{}”.", clean::line(written)));
        let what = format!("Tell us which service this is for: we could not tell.{}", written.unwrap_or_default());
        found.push(asks::free(what, &[("Name the service", vec!["Service:"])], context, token));
    }
    found
}

/// T2: Strategic Director and Chief Executive are told that a call is due to them, where nobody is known to have made it; the Service
/// Director, that it is.
fn call_is_due(notice: &Notice, incident: &Incident, asked: &[Ask]) -> Option<Said> {
    let top = [Role::StrategicDirector, Role::ChiefExecutive];
    let theirs = notice.to.roles.iter().any(|role| top.contains(role));
    let chain = notice.to.roles.iter().any(|role| role.rank() > 0);
    let made = incident.says_yes("sent_by_phone_call")
        || incident
            .decisions
            .iter()
            .any(|d| matches!(d.decision, crate::incident::event::Decision::PhoneCallMade { .. }));
    let asked = asked.iter().any(|ask| ask.obligation == "phone_call");
    let due = chain && !made && !asked && incident.classification.pace() == Some(Class::Catastrophic);
    due.then(|| Said {
        paragraphs: vec![match theirs {
            true => {
                "A phone call about this to your office or the Chief Executive's is due now. You need not wait for it: ring the person \
                 named in this email."
            }
            false => {
                "A phone call about this to the Chief Executive's or the Strategic Director's office is due now. The Head of Service is \
                 asked to make it. You need not wait for it: ring the person named in this email."
            }
        }
        .to_owned()],
        ..Said::default()
    })
}

/// The rules that the notice carries out; in alerts every rule that applies to the incident, with its time.
fn cited<'a>(notice: &Notice, context: &Context, all: bool, asked: impl Iterator<Item = &'a Ask>) -> Vec<Rule> {
    let procedure = context.clocks.procedure;
    let mut found: Vec<Rule> = Vec::new();
    if let (true, Some(incident)) = (all, context.incident) {
        for standing in context.clocks.obligations(incident, context.now) {
            if let Some(worded) = procedure.worded(&standing.id).filter(|_| standing.is_open()) {
                let due = dates::due(context.clocks.calendar, standing.due_at);
                found.push(rules::of_obligation(&worded, Some(due)));
            }
        }
    }
    // T15: a digest asks what other mails have asked, with their rules.
    let asked = asked.filter(|_| notice.kind != NoticeKind::Digest);
    let named =
        asked.filter_map(|ask| procedure.worded(&ask.obligation)).map(|found| rules::of_obligation(&found, None));
    let told = notice.items.iter().filter_map(rules::of_item);
    let catastrophic = context.incident.is_some_and(|i| all && i.classification.pace() == Some(Class::Catastrophic));
    let class = catastrophic.then(|| {
        rules::rule(
            "C1",
            "D 4.3",
            "Death or serious injury, serious damage or disruption, or the press asking is catastrophic.",
        )
    });
    let own = match notice.kind {
        NoticeKind::Alert => Some(rules::rule("T1", "D 4.3", "Directors are alerted at once, day and night.")),
        NoticeKind::Acknowledgement => Some(rules::rule("T0", "D 4.3", "This report does not replace other duties.")),
        _ => None,
    };
    for rule in named.chain(told).chain(own).chain(class) {
        let known = found.iter().any(|other| other.name == rule.name && (other.says.starts_with(&rule.says) || !all));
        if !known {
            found.push(rule);
        }
    }
    found
}

/// What the email said beside the form. A form in the body itself is shown once, as a form.
fn prose(incident: &Incident) -> Vec<String> {
    if incident.forms.iter().any(|taken| taken.form.source == "body") {
        return Vec::new();
    }
    let text = incident.first_mail.as_ref().map(|mail| mail.text.as_str()).unwrap_or_default();
    clean::lines(&clean::shorten(&clean::text(text), 4_000))
}

fn duties(incident: &Incident) -> Vec<String> {
    facts::duties(incident).into_iter().map(str::to_owned).collect()
}

fn capacity(notice: &Notice, context: &Context) -> String {
    // Section 1: who stands in for a role that nobody holds acts in the role they have.
    let mut roles = notice.to.roles.clone();
    if roles.contains(&Role::RegisteredManager) && outside::in_managers_place(context) {
        roles.retain(|role| !matches!(role, Role::RegisteredManager | Role::QualityAssurance));
        roles.push(Role::QualityAssurance);
    }
    let held = match words::roles(&roles) {
        none if none.is_empty() && asks::is_officer(notice, context) => "investigating officer".to_owned(),
        held => held,
    };
    let who = if held.is_empty() { String::new() } else { format!(", as {held}") };
    let standing_in = notice.to.on_behalf_of.as_ref().map(|name| format!(", in place of {}", clean::line(name)));
    let name = clean::line(&notice.to.name);
    let name = if name.is_empty() { notice.to.email.clone() } else { name };
    format!("Sent to {name} alone{who}{}.", standing_in.unwrap_or_default())
}
