//! A form within a turn: what it is to its incident, and who is told (I3, I5, I8, I9).
//!
//! Comes in: forms as read and the mail that brought them. Goes out: events and notices of the turn. Which incident a form belongs to is
//! [`intake`]'s to say.

use chrono::{DateTime, Utc};

use super::mail::Fate;
use super::reply::IN_A_FORM;
use super::{Failure, Turn, updates};
use crate::forms::{self, Form, Problem, Reading};
use crate::incident::duties;
use crate::incident::event::{Attached, Duty, Event, FormUse, Mail, NoticeKind, Reference};
use crate::incident::labels::Label;
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::incident::state::{Incident, Status, Taken};
use crate::incident::tell::{goes_along, to_sender};
use crate::intake::{self, Bearer, Thread, Verdict, keys};
use crate::message::Message;
use crate::notices;

impl Turn<'_> {
    /// Each form of a mail, one after the other, so that a later one finds what an earlier one opened.
    pub(super) fn forms(
        &mut self,
        reading: &Reading,
        mail: &Mail,
        message: &Message,
        thread: Option<&Thread>,
        at: DateTime<Utc>,
        fate: &mut Fate,
    ) -> Result<(), Failure> {
        self.has_read(thread, mail, at)?;
        let filled = reading.forms.iter().filter(|form| intake::answers(form) > 0);
        let mut owners: Vec<(Reference, Option<usize>)> = Vec::new();
        for (number, form) in filled.enumerate() {
            let bearer = Bearer { sender: &mail.from.email, message_id: mail.message_id.as_deref(), thread };
            let verdict = intake::place(form, bearer, self)?;
            // The same form in the body and attached is one form.
            let again = match &verdict {
                Verdict::Repeated { reference } if fate.references.contains(reference) => Some(reference.clone()),
                _ => None,
            };
            let known = fate.references.len();
            if number == 0 || again.is_none() {
                self.carry_out(verdict, reading, mail, message, at, fate)?;
            }
            let owner = again.or_else(|| fate.references.get(known).cloned());
            owners.extend(owner.map(|owner| (owner, form.file)));
        }
        let troubles = intake::troubles(reading);
        if let Some(reference) = fate.references.first().filter(|_| !troubles.is_empty()).cloned() {
            self.unread_beside(&reference, troubles, mail, at);
            fate.attention = Some("unreadable"); // I8
        }
        // A form that comes as a reply may bring decisions with it; a text that is the form itself brings none.
        let is_form = reading.forms.iter().any(|form| form.source == "body");
        if let Some(thread) = thread.filter(|_| is_form) {
            // What a form asks, too, is an answer of it.
            let of_forms = [Label::Service, Label::Reason, Label::Acknowledged];
            let lines = self.lines(&message.new_text).into_iter().filter(|line| !of_forms.contains(&line.label));
            self.not_taken(thread, lines.map(|line| line.words).collect(), IN_A_FORM, mail, at)?;
        }
        if let Some(thread) = thread.filter(|_| !is_form) {
            let lines = self.lines(&message.new_text);
            let answers_us = thread.answers.as_ref().is_some_and(|(_, to)| *to == mail.from.email);
            if answers_us && !lines.is_empty() && self.load(&thread.reference)? {
                self.reply(thread, lines, mail, reading, at)?;
            }
        }
        self.keep_apart(mail, &owners);
        Ok(())
    }

    /// A form for a known incident: I3, I5, I8, I9.
    #[allow(clippy::too_many_arguments)] // Each is a different thing that the mail brought.
    pub(super) fn take_form(
        &mut self,
        reference: &Reference,
        role: FormUse,
        form: Form,
        mail: &Mail,
        message: &Message,
        reading: &Reading,
        at: DateTime<Utc>,
    ) -> Result<&'static str, Failure> {
        let before = self.incident_now(reference).clone();
        if role == FormUse::Report {
            return self.take_report(reference, form, mail, message, reading, at);
        }
        self.file_form(reference, role.clone(), form, mail, reading.problems.clone(), at);
        self.find_duties(reference, &before, at);
        let telling = self.telling();
        let incident = self.incident_now(reference).clone();
        let mut items = match role {
            FormUse::Joined => vec![Item::Joined],
            FormUse::First => vec![Item::NowReadable],
            _ => Vec::new(),
        };
        if role == FormUse::First {
            self.readable_now(reference)?;
        }
        let changes = updates::changes(&before, &incident);
        let raised = incident.classification.raises(&before.classification);
        let waits = role == FormUse::Update && !raised && !updates::at_once(&before, &incident, &changes);
        if waits && !changes.is_empty() {
            let event = Event::ChangesHeld { from: mail.from.email.clone(), changes, wrote: None };
            self.happen(reference, at, event); // I5: told together at 09:00.
        } else if !changes.is_empty() {
            items.push(Item::Changed(changes));
        }
        let lowered = telling.lowered(&before, &incident);
        items.extend(lowered.clone());
        let told = if raised {
            let mut anew = telling.alerts_anew(&incident, &[&mail.from.email], &items);
            anew.iter_mut().for_each(|notice| add_files(notice, &mail.attachments));
            anew
        } else {
            telling.alerts(&incident)
        };
        let new: Vec<String> = told.iter().map(|notice| notice.to.email.clone()).collect();
        let mut but: Vec<&str> = new.iter().map(String::as_str).collect();
        but.push(&mail.from.email); // I5: not whoever wrote it.
        // A form that says nothing new is kept; there is nothing to tell.
        let mut updates = if items.is_empty() { Vec::new() } else { telling.update(&incident, &but, items) };
        if role != FormUse::Update {
            // A form that starts clocks asks what they ask (T6).
            telling.ask_in(&incident, &mut updates);
        }
        let mut news = telling.ofsted_update(&before, &incident, &mail.from.email);
        news.iter_mut().for_each(|notice| notice.items.push(Item::Changed(updates::changes(&before, &incident))));
        updates.extend(news);
        let attachments = mail.attachments.clone();
        updates.iter_mut().for_each(|notice| notice.attachments = attachments.clone());
        let everybody: Vec<Notice> = told.iter().chain(&updates).cloned().collect();
        let mut receipt = telling.acknowledgement(&incident, mail, at, &everybody);
        if let Some(receipt) = receipt.as_mut() {
            receipt.items.extend(lowered); // T2, T4: what was asked of the reporter, too.
        }
        if let Some(receipt) = receipt.as_mut().filter(|_| updates::lacks_reference(&incident)) {
            receipt.items.push(Item::EnquiryReference); // O3
        }
        self.tell(reference, updates);
        self.tell(reference, told);
        self.tell(reference, receipt);
        Ok(match role {
            FormUse::Joined => "joined",
            _ => "updated",
        })
    }

    /// I3: a report counts from the officer, the Service Director or their deputy, with findings or lessons answered.
    fn take_report(
        &mut self,
        reference: &Reference,
        form: Form,
        mail: &Mail,
        message: &Message,
        reading: &Reading,
        at: DateTime<Utc>,
    ) -> Result<&'static str, Failure> {
        let incident = self.incident_now(reference);
        let service = self.telling().service(incident).map(str::to_owned);
        let (powers, _) = self.powers(mail, service.as_deref(), at);
        let believed = self.rules.believes(mail.authentication);
        let officer = believed && incident.officer.as_ref().is_some_and(|officer| officer.email == mail.from.email);
        let answered = ["findings", "lessons"]
            .iter()
            .any(|key| form.fields.get(*key).is_some_and(|field| field.state == forms::State::Filled));
        let named = format!("{} {} {}", message.subject, form.title, form.source).to_lowercase();
        let marked = |problem: &Problem| problem.code == "marked_draft" && problem.r#where == form.source;
        let draft = ["draft", "interim", "preliminary"].iter().any(|word| named.contains(word))
            || reading.problems.iter().any(marked);
        let kept = if incident.report_at.is_some() {
            Some("A report was received before, and that one counts.")
        } else if !believed {
            Some("The mail server did not confirm who sent it.")
        } else if !(officer || powers.contains(&Role::ServiceDirector)) {
            Some("It is not from the investigating officer or the Service Director.")
        } else if draft {
            Some("It is marked as a draft or interim report.")
        } else if !answered {
            Some("It answers neither findings nor lessons.")
        } else {
            None
        };
        let from = self.named(mail);
        let (role, item) = match kept {
            None => (FormUse::Report, Item::ReportCame { from }),
            Some(why) => (FormUse::ReportKept(why.into()), Item::ReportKept { from, why: why.into() }),
        };
        let same = |taken: &&Taken| keys::of_form(&taken.form).answers == keys::of_form(&form).answers;
        // Of somebody else's that does not count, whoever sends it now has sent nothing again.
        let theirs = |taken: &Taken| taken.from == mail.from.email || taken.role == FormUse::Report;
        if kept.is_some() && incident.forms.iter().any(|taken| same(&taken) && theirs(taken)) {
            self.nothing_new(reference, mail, at); // I9
            return Ok("repeated");
        }
        // I3: what was returned and comes again as it was is no answer to that; from the Service Director it is a decision that it counts.
        let was_returned =
            |taken: &Taken| taken.role == FormUse::Report && same(&taken) && is_unchanged(incident, taken, mail);
        if officer && !powers.contains(&Role::ServiceDirector) && incident.forms.iter().any(was_returned) {
            self.happen(reference, at, Event::Repeated { mail: mail.clone() });
            let answer = vec![Item::Received { at }, Item::ReturnedUnchanged];
            self.tell(reference, mail.trusted.then(|| to_sender(NoticeKind::Acknowledgement, mail, answer)));
            return Ok("repeated");
        }
        let counts = role == FormUse::Report;
        let mail = &self.with_report(mail, &form, message)?;
        self.file_form(reference, role, form, mail, reading.problems.clone(), at);
        let telling = self.telling();
        let incident = self.incident_now(reference).clone();
        // The Service Director is asked; the sender is told that they are.
        let answer = match &item {
            Item::ReportKept { why, .. } => Item::ReportWaits { why: why.clone() },
            came => came.clone(),
        };
        let receipt =
            mail.trusted.then(|| to_sender(NoticeKind::Acknowledgement, mail, vec![Item::Received { at }, answer]));
        // I14: a report about what was withdrawn is kept, and nobody is asked.
        if !counts && incident.status != Status::Withdrawn {
            let mut asks = telling.update_role(&incident, Role::ServiceDirector, &[&mail.from.email], vec![item]);
            for ask in &mut asks {
                ask.kind = NoticeKind::Request;
                ask.attachments = mail.attachments.clone();
            }
            self.tell(reference, asks);
        }
        self.tell(reference, receipt);
        Ok("report")
    }

    /// The mail of a report, its text among the files where the report stands in it: whoever reviews it has to see it (T8).
    fn with_report(&self, mail: &Mail, form: &Form, message: &Message) -> Result<Mail, Failure> {
        let mut mail = mail.clone();
        if form.source == "body" {
            let text = message.new_text.as_bytes();
            mail.attachments.push(Attached {
                name: "report.txt".into(),
                content_type: "text/plain".into(),
                file: self.store.files().put(text)?,
                content: self.store.files().name(text),
                size_bytes: text.len() as u64,
                holds: Some(forms::Kind::InvestigationReport),
            });
        }
        Ok(mail)
    }

    pub(super) fn file_form(
        &mut self,
        reference: &Reference,
        role: FormUse,
        form: Form,
        mail: &Mail,
        problems: Vec<Problem>,
        at: DateTime<Utc>,
    ) {
        let found = keys::of_form(&form);
        self.found_by(reference, found.dated.into_iter().chain([found.answers]));
        self.happen(reference, at, Event::FormTaken { role, form: Box::new(form), mail: mail.clone(), problems });
    }

    /// What is new of that which an incident asks beside the council's own procedure (C5, O1).
    pub(super) fn duties_of(&self, incident: &Incident, before: &Incident) -> Vec<Duty> {
        let service = self.telling().service(incident).map(str::to_owned);
        let kind = service.and_then(|service| self.rules.people.regulated(&service).map(str::to_owned));
        duties::found(incident, before, kind.as_deref(), &self.rules.procedure)
    }

    /// What an incident asks beside the council's own procedure, where that is new (C5, O1).
    pub(super) fn find_duties(&mut self, reference: &Reference, before: &Incident, at: DateTime<Utc>) {
        for duty in self.duties_of(self.incident_now(reference), before) {
            self.happen(reference, at, Event::Found(duty));
        }
        let incident = self.incident_now(reference);
        if duties::death_without_abuse(incident) && !duties::death_without_abuse(before) {
            let told = self.telling().update_role(incident, Role::QualityAssurance, &[], vec![Item::DeathWithoutAbuse]);
            self.tell(reference, told);
        }
        let incident = self.incident_now(reference);
        let mut told = self.telling().outside_changed(before, incident);
        let changes = updates::changes(before, incident);
        let of = |asks: fn(&str) -> bool| changes.iter().filter(|(key, ..)| asks(key)).cloned().collect();
        let (panel, ofsted) = (of(notices::is_of_panel), of(notices::is_of_ofsted));
        told.extend(self.telling().packs_overtaken(before, incident, panel, ofsted));
        self.tell(reference, told);
    }

    /// I8: something beside a form could not be read. Everybody who is told of the form is told this too, or its directors alone.
    fn unread_beside(&mut self, reference: &Reference, codes: Vec<String>, mail: &Mail, at: DateTime<Utc>) {
        let item = Item::CouldNotRead(codes.clone());
        let (mut told, mut answered) = (false, false);
        for notice in self.told_of(reference) {
            let answer = notice.kind == NoticeKind::Acknowledgement && notice.to.email == mail.from.email;
            let asks = matches!(
                notice.kind,
                NoticeKind::Alert | NoticeKind::Unreadable | NoticeKind::Request | NoticeKind::Update
            );
            if answer || asks {
                notice.items.push(item.clone());
            }
            told |= asks;
            answered |= answer;
        }
        if !(told && (answered || !mail.trusted)) {
            self.unread_reply(reference, codes, mail, at);
        }
    }

    /// I8: a mail about a known incident, or a part of it, could not be read. Its directors get it as it is, and the sender is asked to
    /// send it again.
    pub(super) fn unread_reply(&mut self, reference: &Reference, codes: Vec<String>, mail: &Mail, at: DateTime<Utc>) {
        let incident = self.incident_now(reference).clone();
        let telling = self.telling();
        let item = Item::CouldNotRead(codes);
        let mut told: Vec<Notice> = Vec::new();
        for role in [Role::HeadOfService, Role::ServiceDirector] {
            let items = vec![item.clone(), Item::CameFrom { email: mail.from.email.clone() }];
            told.extend(telling.update_role(&incident, role, &[&mail.from.email], items));
        }
        let files: Vec<Attached> =
            mail.attachments.iter().filter(|file| mail.trusted && goes_along(file)).cloned().collect();
        told.iter_mut().for_each(|notice| notice.attachments = files.clone());
        let receipt =
            mail.trusted.then(|| to_sender(NoticeKind::Acknowledgement, mail, vec![Item::Received { at }, item]));
        self.tell(reference, told);
        self.tell(reference, receipt);
    }

    /// I3: a document by the officer, or by the Service Director while a report is awaited, that is no form we know. It may be the
    /// report, so the Service Director gets it.
    pub(super) fn unrecognised(&mut self, reference: &Reference, mail: &Mail, at: DateTime<Utc>) -> bool {
        let incident = self.incident_now(reference).clone();
        let telling = self.telling();
        let (powers, _) = self.powers(mail, telling.service(&incident), at);
        let believed = self.rules.believes(mail.authentication);
        let officer = believed && incident.officer.as_ref().is_some_and(|officer| officer.email == mail.from.email);
        let awaited = incident.officer.is_some() && incident.report_at.is_none();
        let files: Vec<Attached> =
            mail.attachments.iter().filter(|file| is_document(file) && file.holds.is_none()).cloned().collect();
        if files.is_empty() || !(officer || (awaited && powers.contains(&Role::ServiceDirector))) {
            return false;
        }
        let name = incident.officer.as_ref().filter(|_| officer).map(|officer| officer.name.clone());
        let item = Item::NotRecognised { from: name.unwrap_or_else(|| self.named(mail)) };
        let mut told = telling.update_role(&incident, Role::ServiceDirector, &[&mail.from.email], vec![item.clone()]);
        for notice in &mut told {
            notice.kind = NoticeKind::Request;
            notice.attachments = files.clone();
        }
        let receipt = mail.trusted.then(|| to_sender(NoticeKind::Acknowledgement, mail, vec![item]));
        self.tell(reference, told);
        self.tell(reference, receipt);
        true
    }
}

/// Whether the report in a mail is the very file of an earlier one. Its answers are the same; but more may have been written beside them.
fn is_unchanged(incident: &Incident, earlier: &Taken, mail: &Mail) -> bool {
    let report = |mail: &Mail| {
        let mut files = mail.attachments.iter();
        files.find(|file| file.holds == Some(forms::Kind::InvestigationReport)).map(|file| file.content.clone())
    };
    let before = incident.mails.iter().find(|known| known.id == earlier.mail).and_then(report);
    before == report(mail)
}

/// A document by its name, as reports are written; pictures are none.
fn is_document(file: &Attached) -> bool {
    let ending = file.name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    goes_along(file) && ["doc", "docx", "odt", "rtf", "pdf", "txt"].contains(&ending.as_str())
}

/// The newest form goes along with what went along before.
fn add_files(notice: &mut Notice, files: &[Attached]) {
    for file in files {
        if !notice.attachments.iter().any(|known| known.content == file.content) {
            notice.attachments.push(file.clone());
        }
    }
}
