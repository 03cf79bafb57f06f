//! The documents that go along with a notice (N8, O2, T6): the packs to type from for the Panel and for Ofsted, and the form of the
//! investigation report with the incident's facts filled in.
//!
//! Comes in: a notice with its context. Goes out: the bytes of Word documents, the same for the same input, each with a name of ours. What
//! is asked stands in [`asked`]; this page lays it out, in full.

use std::collections::BTreeMap;

use super::asked::{self, About, Keys, Part};
use super::{Context, clean, criteria, dates, facts, form, outside, subject};
use crate::forms::{self, Child};
use crate::incident::event::{Decision, FormUse, Reference};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::incident::state::{Incident, caused_harm};
use crate::incident::tell::obligation_of;
use crate::outbox::EntryFile;
use crate::publish::answers::Answered;
use crate::publish::blank::{self, BlankForm, Organisation};
use crate::publish::word::{self, Document, Look, Properties};

/// The media type of a Word document.
pub const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// The children that the Panel's form takes in full (I10); the others go into its further information.
const CHILDREN_OF_PANEL: usize = 4;

/// The letters that a document may hold. Some hundred pages: no form that a person filled in comes near it.
const CHARACTERS_MAX: usize = 400_000;

/// Which document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackKind {
    /// For the notification to the National Panel (N8).
    Panel,
    /// For the report to Ofsted (O2).
    Ofsted,
    /// The form of the investigation report (T6).
    Investigation,
}

impl PackKind {
    /// The one that an item calls for.
    fn of(item: &Item) -> Option<PackKind> {
        match item {
            Item::PanelProposed => Some(PackKind::Panel),
            Item::OfstedAsked => Some(PackKind::Ofsted),
            Item::Nominated { .. } => Some(PackKind::Investigation),
            _ => None,
        }
    }

    /// What it is, after the reference in its name. Nothing of a form stands in it.
    fn words(self) -> &'static str {
        match self {
            PackKind::Panel => "Panel notification pack",
            PackKind::Ofsted => "Ofsted report pack",
            PackKind::Investigation => "investigation report form",
        }
    }
}

/// A document that a notice calls for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Which.
    pub kind: PackKind,
    /// It takes the place of one that went before.
    pub anew: bool,
    /// Its name.
    pub name: String,
}

/// The same, made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Which.
    pub kind: PackKind,
    /// It takes the place of one that went before.
    pub anew: bool,
    /// The file; `None` when it could not be made, which the mail says.
    pub file: Option<EntryFile>,
}

/// Why a document was not made.
#[derive(Debug, thiserror::Error)]
pub enum PackFailure {
    /// The answers are longer than any form that a person filled in.
    #[error("the document for the incident would be too large")]
    TooLarge,
    /// The document could not be written.
    #[error("the document for the incident could not be written")]
    Word(#[from] word::Failure),
}

/// The file name of a document.
pub fn name(kind: PackKind, reference: &Reference) -> String {
    format!("{reference} {}.docx", kind.words())
}

/// The documents that a notice calls for, each once.
pub fn wanted(notice: &Notice, context: &Context) -> Vec<Wanted> {
    let Some(reference) = context.incident.and_then(|incident| incident.reference.as_ref()) else { return Vec::new() };
    let mut kinds: Vec<PackKind> = notice.items.iter().filter_map(PackKind::of).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let first = kinds.iter().map(|kind| Wanted { kind: *kind, anew: false, name: name(*kind, reference) });
    let again = [PackKind::Panel, PackKind::Ofsted].into_iter();
    let again = again.filter(|kind| !kinds.contains(kind) && is_overtaken(*kind, notice, context));
    let day = context.clocks.calendar.local(context.now).format("%-d %B %Y %H%M");
    let again =
        again.map(|kind| Wanted { kind, anew: true, name: format!("{reference} {}, as at {day}.docx", kind.words()) });
    first.chain(again).collect()
}

/// Whether a mail to somebody who types from a pack comes when what it holds has changed since they had it, and they still have to
/// type: it tells them of the change, or is about what they are asked, and a form came since their last one.
fn is_overtaken(kind: PackKind, notice: &Notice, context: &Context) -> bool {
    let Some(incident) = context.incident else { return false };
    let quality = notice.to.roles.contains(&Role::QualityAssurance);
    let (id, types) = match kind {
        PackKind::Panel => ("panel_notification", quality),
        PackKind::Ofsted => {
            let manager = notice.to.roles.contains(&Role::RegisteredManager);
            ("ofsted_report", manager || (quality && outside::in_managers_place(context)))
        }
        PackKind::Investigation => return false,
    };
    let open = || context.clocks.standing_of(id, incident, context.now).is_some_and(|standing| standing.is_open());
    let changed = || notice.items.iter().any(|item| matches!(item, Item::Changed(_) | Item::PackOvertaken { .. }));
    let about = || notice.items.iter().filter_map(obligation_of).any(|of| of == id);
    let before = incident
        .notices
        .iter()
        .filter(|(_, noticed)| noticed.to == notice.to.email && noticed.obligations.iter().any(|of| of == id));
    let Some(asked_at) = before.map(|(at, _)| *at).max() else { return false };
    let is_report = |role: &FormUse| matches!(role, FormUse::Report | FormUse::ReportKept(_));
    let came_since = || incident.forms.iter().any(|taken| taken.at > asked_at && !is_report(&taken.role));
    types && open() && (changed() || (about() && came_since()))
}

/// Makes one of them.
///
/// # Errors
/// [`PackFailure`].
pub fn made(kind: PackKind, notice: &Notice, context: &Context) -> Result<Vec<u8>, PackFailure> {
    let Some(incident) = context.incident else { return Err(PackFailure::TooLarge) };
    match kind {
        PackKind::Panel => laid_out(&panel(incident, context), context),
        PackKind::Ofsted => laid_out(&ofsted(incident, context), context),
        PackKind::Investigation => investigation(notice, incident, context),
    }
}

/// A pack before it is a document.
struct Pages {
    title: &'static str,
    purpose: String,
    sections: Vec<Page>,
}

/// One heading with its table.
struct Page {
    title: String,
    note: String,
    rows: Vec<Answered>,
}

/// N3, N8, I10: nature first, then what is asked in its order, the main child before the others.
fn panel(incident: &Incident, context: &Context) -> Pages {
    let calendar = context.clocks.calendar;
    let due = context.clocks.standing_of("panel_notification", incident, context.now);
    let mut first = vec![
        given("Incident", incident.name().to_string()),
        given("Nature of the incident", facts::capital(criteria::nature(incident))),
        given("Number of children", incident.children.len().max(1).to_string()),
        given("When the council became aware, for the clocks", criteria::aware(incident, context)),
    ];
    first.extend(due.map(|due| given("Notify the Panel by", dates::due(calendar, due.due_at))));
    first.push(given("Criterion", criteria::basis(incident)));
    let mut sections = vec![Page {
        title: "The notification".to_owned(),
        note: "One notification for the incident. Its nature is “serious harm” or “death”; “other” only with a clear reason.".to_owned(),
        rows: first,
    }];
    sections.extend(pages(asked::PANEL, CHILDREN_OF_PANEL, incident, context));
    Pages {
        title: forms::PACK_TITLES[0],
        purpose: "To type from, into the child safeguarding incident notification system. The questions stand in the order in which the \
                  notification asks them."
            .to_owned(),
        sections,
    }
}

/// O2, O3.
fn ofsted(incident: &Incident, context: &Context) -> Pages {
    let kind = incident.ofsted.as_ref().and_then(|(_, duty)| duty.kind.as_deref());
    let regulation = kind.and_then(|kind| context.clocks.procedure.regulation(kind));
    let due = context.clocks.standing_of("ofsted_report", incident, context.now);
    let mut first = vec![given("Incident", incident.name().to_string())];
    first.extend(regulation.map(|found| given("Reported under", found.regulations.clone())));
    first.extend(due.map(|due| given("Report it by", dates::due(context.clocks.calendar, due.due_at))));
    let mut sections = vec![Page {
        title: "The report".to_owned(),
        note: "One report for the incident. Later news goes to the inspector by email.".to_owned(),
        rows: first,
    }];
    sections.extend(pages(asked::OFSTED, usize::MAX, incident, context));
    Pages {
        title: forms::PACK_TITLES[1],
        purpose: "To type from, into Ofsted’s form for a serious incident. For staff and people involved it asks initials and job titles."
            .to_owned(),
        sections,
    }
}

/// What a list asks, a page each part; of the children each by themselves, those beyond `full` in one page of further information.
fn pages(list: &[Part], full: usize, incident: &Incident, context: &Context) -> Vec<Page> {
    let mut pages = Vec::new();
    let several = incident.children.len() > 1;
    for part in asked::parts(list, incident) {
        let rows = part.asked.iter().map(|keys| row(part, keys, incident, context));
        if part.about != About::Child || !several {
            pages.push(Page { title: part.title.to_owned(), note: String::new(), rows: rows.collect() });
            continue;
        }
        let role = incident.children.first().and_then(|child| role(child, incident));
        let main = Page {
            title: "Child 1, the main child".to_owned(),
            note: listed_by(incident, context),
            rows: role.into_iter().chain(rows).collect(),
        };
        pages.push(main);
        let others = || incident.children.iter().enumerate().skip(1);
        pages.extend(others().take(full.saturating_sub(1)).map(|(at, child)| Page {
            title: title_of(at, child),
            note: String::new(),
            rows: rows_of(part, child, incident),
        }));
        let further: Vec<Answered> =
            others().skip(full.saturating_sub(1)).map(|(at, child)| in_one(at, part, child)).collect();
        if !further.is_empty() {
            let note = format!("The notification takes {full} children. These go into its further information.");
            pages.push(Page { title: "Further information: other children".to_owned(), note, rows: further });
        }
    }
    pages
}

fn title_of(at: usize, child: &Child) -> String {
    format!("Child {}{}", at + 1, if caused_harm(child) { ", who caused harm" } else { "" })
}

/// Which form the children were taken from, where several forms list children.
fn listed_by(incident: &Incident, context: &Context) -> String {
    let mut lists = incident.forms.iter().rev().filter(|taken| !taken.form.children.is_empty());
    let Some(newest) = lists.next() else { return String::new() };
    let Some(other) = lists.find(|taken| taken.form.children != newest.form.children) else { return String::new() };
    let source = |taken| asked::source(taken, incident, context.clocks.calendar);
    let count = other.form.children.len();
    let children = if count == 1 { "1 child".to_owned() } else { format!("{count} children") };
    format!("The children are those of {}. {} names {children}.", source(newest), facts::capital(&source(other)))
}

/// One question, with its answer in full, where it is from, or who may know it.
fn row(part: &Part, keys: Keys, incident: &Incident, context: &Context) -> Answered {
    let known =
        asked::known(part, keys, incident).or_else(|| asked::of_settings(keys, incident, context.clocks.procedure));
    let Some(known) = known else {
        let label = form::label_of(keys[0]);
        let whom = whom_to_ask(part.about, incident);
        let missing = match asked::is_unread(keys, incident) {
            true => format!("On a form, but we could not read it – see the form, or ask {whom}"),
            false => format!("Not on any form yet – ask {whom}"),
        };
        return Answered { label, missing, ..Answered::default() };
    };
    let mut remarks = asked::sources(keys, &known, incident, context.clocks.calendar);
    // A date that was written out says nothing new beside itself.
    let is_new = |note: &String| !note.is_empty() && !asked::holds(&known.line(), note.trim_start_matches("Written:"));
    remarks.extend(Some(known.note.clone()).filter(is_new));
    Answered { label: known.label, answer: known.lines, remarks, missing: String::new() }
}

/// What is known of a further child. What is asked of the family as a whole stands with the main child.
fn rows_of(part: &Part, child: &Child, incident: &Incident) -> Vec<Answered> {
    let of_child = part.asked.iter().filter(|keys| keys[0].starts_with("child_"));
    let rows = of_child.map(|keys| match asked::of_child(keys, child) {
        Some(known) => Answered { label: known.label, answer: known.lines, ..Answered::default() },
        None => Answered {
            label: form::label_of(keys[0]),
            missing: format!("Not on any form yet – ask {}", whom_to_ask(part.about, incident)),
            ..Answered::default()
        },
    });
    let relationship = asked::of_child(&["child_relationship"], child).map(|known| Answered {
        label: known.label,
        answer: known.lines,
        ..Answered::default()
    });
    role(child, incident).into_iter().chain(relationship).chain(rows).collect()
}

/// I10: whether a child of several was harmed, caused the harm, or was there.
fn role(child: &Child, incident: &Incident) -> Option<Answered> {
    let known = asked::of_child(&["child_role"], child);
    Some(match known {
        Some(known) => Answered { label: known.label, answer: known.lines, ..Answered::default() },
        None => Answered {
            label: form::label_of("child_role"),
            missing: format!("Not on any form yet – ask {}", whom_to_ask(About::Incident, incident)),
            ..Answered::default()
        },
    })
}

/// Everything that is known of a child, in one row.
fn in_one(at: usize, part: &Part, child: &Child) -> Answered {
    const FIRST: &[Keys] = &[&["child_role"], &["child_relationship"]];
    let known = part.asked.iter().chain(FIRST).filter_map(|keys| asked::of_child(keys, child));
    let answer: Vec<String> = known.map(|known| format!("{}: {}", known.label, known.line())).collect();
    let missing = if answer.is_empty() { "Nothing is on any form yet".to_owned() } else { String::new() };
    Answered { label: title_of(at, child), answer, missing, ..Answered::default() }
}

/// Of a child the social worker knows most; of everything else, whoever reported it.
fn whom_to_ask(about: About, incident: &Incident) -> String {
    let social_worker = incident.answer("social_worker").map(|name| clean::shorten(&clean::line(name), 80));
    let social_worker = social_worker.filter(|name| about == About::Child && !name.is_empty());
    let reporter = || incident.answer("completed_by").map(|name| clean::shorten(&clean::line(name), 80));
    let reporter = || reporter().filter(|name| !name.is_empty()).unwrap_or_else(|| facts::whom_to_ring(incident).0);
    social_worker.unwrap_or_else(reporter)
}

fn given(label: &str, answer: String) -> Answered {
    Answered { label: label.to_owned(), answer: vec![answer], ..Answered::default() }
}

fn laid_out(pages: &Pages, context: &Context) -> Result<Vec<u8>, PackFailure> {
    let characters: usize = pages.sections.iter().flat_map(|page| &page.rows).map(Answered::characters).sum();
    if characters > CHARACTERS_MAX {
        return Err(PackFailure::TooLarge);
    }
    let incident = context.incident.map(|incident| incident.name().to_string()).unwrap_or_default();
    let mut document = Document::new(LOOK);
    document.styled("Title", pages.title);
    document.styled("Subtitle", &incident);
    if context.letterhead.rehearsal {
        document.styled("Warning", "Rehearsal: made from sample data.");
    }
    let at = dates::instant(context.clocks.calendar, context.now);
    document.text(&format!("{} It holds what the forms say as at {at}, in full.", pages.purpose));
    document.text(&ring(context));
    still_missing(pages, &mut document);
    for (number, page) in pages.sections.iter().enumerate() {
        document.heading(1, &page.title, &format!("part{}", number + 1));
        if !page.note.is_empty() {
            document.lead(&page.note);
        }
        document.answers(&page.title, ["What is asked", "What is known"], &page.rows);
    }
    Ok(document.pack(&Properties {
        title: format!("{}: {incident}", pages.title),
        subject: "Serious incident procedure".to_owned(),
        creator: context.letterhead.organisation.clone(),
        created_at: context.now,
        marking: "OFFICIAL-SENSITIVE".to_owned(),
        footer: format!("{}: {}, {incident}", context.letterhead.organisation, pages.title),
    })?)
}

/// Between a form and a report: read at a desk, and typed from.
const LOOK: Look = Look {
    text_size: 20,
    table_size: 19,
    title_size: 36,
    heading_size: 24,
    heading_before: 240,
    cell: 40,
    ..Look::REPORT
};

fn ring(context: &Context) -> String {
    let Some(incident) = context.incident else { return String::new() };
    let (name, phone) = facts::whom_to_ring(incident);
    let phone = phone.map(|phone| format!(", {phone}")).unwrap_or_default();
    let reporter = format!("To ask the reporter: {name}{phone}.");
    match whom_to_ask(About::Child, incident) {
        worker if !name.starts_with(&worker) => format!("{reporter} Of the child, ask {worker}, the social worker."),
        _ => reporter,
    }
}

/// What is to be found out before the typing begins.
fn still_missing(pages: &Pages, document: &mut Document) {
    let missing = |page: &Page| {
        let rows = page.rows.iter().filter(|row| !row.missing.is_empty());
        rows.map(|row| row.label.as_str()).collect::<Vec<_>>().join(" · ")
    };
    let found: Vec<String> = pages
        .sections
        .iter()
        .map(|page| (page, missing(page)))
        .filter(|(_, labels)| !labels.is_empty())
        .map(|(page, labels)| format!("{}: {labels}", page.title))
        .collect();
    if found.is_empty() {
        return document.text("Nothing that is asked is missing.");
    }
    document.label("Still to be found out");
    found.iter().for_each(|line| document.point(line));
}

/// T6: the council's form of the investigation report, with what is known. Findings and lessons are the officer's to write: until then it
/// does not count as a report (I3).
fn investigation(notice: &Notice, incident: &Incident, context: &Context) -> Result<Vec<u8>, PackFailure> {
    let letterhead = context.letterhead;
    let organisation = Organisation {
        name: letterhead.organisation.clone(),
        duty_phone: letterhead.duty_phone.clone(),
        out_of_hours_phone: letterhead.out_of_hours_phone.clone(),
        mailbox: Some(letterhead.mailbox.email.clone()),
    };
    let answers = answers(notice, incident, context);
    if answers.values().map(|text| text.chars().count()).sum::<usize>() > CHARACTERS_MAX {
        return Err(PackFailure::TooLarge);
    }
    Ok(blank::fill(BlankForm::InvestigationReport, &organisation, blank::VERSION, context.now, &answers)?)
}

fn answers(notice: &Notice, incident: &Incident, context: &Context) -> BTreeMap<String, String> {
    let mut answers = BTreeMap::new();
    let mut answer = |key: &str, text: Option<String>| {
        let text = text.map(|text| clean::text(&text)).filter(|text| !text.is_empty());
        answers.extend(text.map(|text| (key.to_owned(), text)));
    };
    let day = |key: &str| incident.value(key).map(|value| value.split('T').next().unwrap_or(value).to_owned());
    let nominated = notice.items.iter().find_map(|item| match item {
        Item::Nominated { by, due, .. } => Some((by.clone(), *due)),
        _ => None,
    });
    // Asked for by itself, it says what stands.
    let stands = || {
        let by = incident.standing(|decision| matches!(decision, Decision::Investigator { .. }).then_some(()))?.1;
        let due = context.clocks.standing_of("investigation_report", incident, context.now)?.due_at;
        Some((by.by.name.clone(), context.clocks.calendar.day(due)))
    };
    let nominated = nominated.or_else(stands);
    answer("incident_reference", Some(incident.name().to_string()));
    answer("incident_date", day("incident_at").or_else(|| day("incident_date")));
    answer("investigator", incident.officer.as_ref().map(|officer| clean::line(&officer.name)));
    answer("commissioned_by", nominated.as_ref().map(|(by, _)| clean::line(by)));
    answer("report_due", nominated.map(|(_, due)| due.to_string()));
    let service = subject::service(context, incident).or(incident.service_written());
    answer("service", service.map(clean::line));
    answer("child_initials", facts::initials(incident));
    let told = incident.answer("incident_description").map(str::to_owned);
    let harm = incident.answer("injuries").map(|text| format!("{}: {text}", form::label_of("injuries")));
    answer("incident_description", Some(told.into_iter().chain(harm).collect::<Vec<_>>().join("\n")));
    answers
}

#[cfg(test)]
mod tests;
