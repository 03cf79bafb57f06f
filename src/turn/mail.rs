//! A mail within a turn: from raw bytes to events, notices and its entry in the ledger.

use chrono::{DateTime, Utc};

use super::{Failure, Turn, files, updates};
use crate::forms::{self, Form, Problem, Reading};
use crate::incident::duties;
use crate::incident::event::{Attached, Event, FormUse, Mail, NoticeKind, Opening, Reference};
use crate::incident::lines::{Line, lines};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::incident::state::{Incident, Status, Taken};
use crate::incident::tell::{goes_along, to_sender};
use crate::intake::{self, Thread, Verdict, keys};
use crate::mailbox::{Folder, MailKey};
use crate::message::{self, Address, Automatic, Message};
use crate::store::record::{Change, MailEntry};

/// The most of a mail's own words that is kept with the incident, in characters.
const TEXT_CHARS_MAX: usize = 20_000;

/// A mail whose raw bytes are durable.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Where it lies.
    pub key: MailKey,
    /// Receipt, at most now.
    pub received_at: DateTime<Utc>,
    /// The raw mail in the store.
    pub file: String,
    /// Its size in bytes.
    pub size_bytes: u64,
}

/// What became of a mail, for its ledger entry.
struct Fate {
    outcome: &'static str,
    references: Vec<Reference>,
    attention: Option<&'static str>,
}

impl Turn<'_> {
    /// Takes one mail in. The caller has made its raw bytes durable (M4).
    ///
    /// # Errors
    /// The store's; the mail stays where it is then.
    pub fn take(&mut self, arrival: &Arrival, raw: &[u8]) -> Result<(), Failure> {
        let id = identity(raw);
        let message = message::parse(raw, &self.rules.limits);
        let fate = match self.store.mail_by_id(&id)? {
            Some(known) if is_judged_anew(&known, arrival) => {
                let fate = self.new_mail(&id, arrival, &message)?;
                self.supersede(known, arrival, &fate);
                fate
            }
            Some(known) => self.repeated_mail(&id, &known, arrival, &message)?,
            None => self.new_mail(&id, arrival, &message)?,
        };
        self.enter_mail(id, arrival, message.message_id.clone(), fate);
        Ok(())
    }

    /// Takes in a mail that could not be worked on, through a fault of ours: alerted as one that could not be read (M5, I8).
    ///
    /// # Errors
    /// The store's, or that the alert cannot be written.
    pub fn take_unread(&mut self, arrival: &Arrival, raw: &[u8]) -> Result<(), Failure> {
        let id = identity(raw);
        let message = message::parse(raw, &self.rules.limits);
        let mail = self.mail(&id, &message)?;
        let problem = Problem {
            code: "fault".into(),
            r#where: "mail".into(),
            detail: "The mail could not be worked on because of a fault of this program.".into(),
        };
        let because = problem.detail.clone();
        let reading = Reading { kind: forms::Kind::Unreadable, because, forms: Vec::new(), problems: vec![problem] };
        let mut fate = Fate { outcome: "failed", references: Vec::new(), attention: Some("failed") };
        let open = Verdict::Open { because: Opening::Unreadable, form: None, may_be_same_as: Vec::new() };
        self.carry_out(open, &reading, &mail, &message, arrival.received_at, &mut fate)?;
        self.enter_mail(id, arrival, message.message_id.clone(), fate);
        Ok(())
    }

    /// Enters a mail that nothing at all can be done with: people are told that it lies in the attention folder (M5).
    ///
    /// # Errors
    /// The store's.
    pub fn set_aside(&mut self, arrival: &Arrival, raw: &[u8]) -> Result<(), Failure> {
        let fate = Fate { outcome: "failed", references: Vec::new(), attention: Some("failed") };
        self.enter_mail(identity(raw), arrival, None, fate);
        self.attention_told()
    }

    fn enter_mail(&mut self, id: String, arrival: &Arrival, message_id: Option<String>, fate: Fate) {
        let folder = if fate.attention.is_some() { Folder::Attention } else { Folder::Processed };
        self.changes.push(Change::Mail(MailEntry {
            id,
            key: arrival.key.clone(),
            message_id,
            received_at: arrival.received_at,
            file: Some(arrival.file.clone()),
            size_bytes: arrival.size_bytes,
            outcome: fate.outcome.into(),
            references: fate.references,
            folder: Some(folder),
            attention: fate.attention.map(str::to_owned),
        }));
    }

    fn new_mail(&mut self, id: &str, arrival: &Arrival, message: &Message) -> Result<Fate, Failure> {
        let reading = forms::read(message, &self.rules.wordings, &self.rules.limits);
        let mut mail = self.mail(id, message)?;
        files::mark(&mut mail, &reading);
        let thread = intake::thread(message, &reading, &self.rules.prefix, self)?;
        let mut fate = Fate { outcome: "other", references: Vec::new(), attention: None };
        let verdicts = intake::judge(message, &reading, mail.trusted, &self.rules.prefix, self)?;
        if verdicts.is_empty() {
            self.forms(&reading, &mail, message, thread.as_ref(), arrival.received_at, &mut fate)?;
        }
        for verdict in verdicts {
            self.carry_out(verdict, &reading, &mail, message, arrival.received_at, &mut fate)?;
        }
        if message.automatic == Some(Automatic::Generated) {
            self.answer_no_machine(&fate.references, &mail);
        }
        Ok(fate)
    }

    /// M21: what a machine wrote is taken in, and never answered.
    fn answer_no_machine(&mut self, references: &[Reference], mail: &Mail) {
        let answers = |notice: &Notice| {
            let answer = [NoticeKind::Acknowledgement, NoticeKind::DecisionReceipt, NoticeKind::DecisionRefused];
            answer.contains(&notice.kind) && notice.to.email == mail.from.email
        };
        for reference in references {
            self.told_of(reference).retain(|notice| !answers(notice));
        }
        self.loose.retain(|notice| !answers(notice));
    }

    /// Each form of a mail, one after the other, so that a later one finds what an earlier one opened.
    fn forms(
        &mut self,
        reading: &Reading,
        mail: &Mail,
        message: &Message,
        thread: Option<&Thread>,
        at: DateTime<Utc>,
        fate: &mut Fate,
    ) -> Result<(), Failure> {
        let filled = reading.forms.iter().filter(|form| intake::answers(form) > 0);
        let mut owners: Vec<(Reference, Option<usize>)> = Vec::new();
        for (number, form) in filled.enumerate() {
            let verdict = intake::place(form, &mail.from.email, thread, self)?;
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

    fn carry_out(
        &mut self,
        verdict: Verdict,
        reading: &Reading,
        mail: &Mail,
        message: &Message,
        at: DateTime<Utc>,
        fate: &mut Fate,
    ) -> Result<(), Failure> {
        let outcome = match verdict {
            Verdict::Open { because, form, may_be_same_as } => {
                let reference = self.open(at)?;
                let opened = Event::Opened {
                    reference: reference.clone(),
                    because,
                    mail: mail.clone(),
                    problems: reading.problems.clone(),
                    may_be_same_as,
                };
                self.happen(&reference, at, opened);
                if let Some(form) = form {
                    self.file_form(&reference, FormUse::First, form, mail, Vec::new(), at);
                }
                self.find_duties(&reference, &Incident::default(), at);
                let told = self.telling().alerts(self.incident_now(&reference));
                let receipt = self.telling().acknowledgement(self.incident_now(&reference), mail, at, &told);
                self.tell(&reference, told);
                self.tell(&reference, receipt);
                if because == Opening::Unreadable {
                    if mail.attachments.iter().any(|file| !mail.trusted || !goes_along(file)) {
                        self.attention_told()?; // I8: what does not go along waits with quality assurance.
                    }
                    fate.attention = Some("unreadable"); // I8: it stays listed as needing a person.
                }
                fate.references.push(reference);
                "opened"
            }
            Verdict::File { reference, role, form } => {
                self.load(&reference)?;
                fate.references.push(reference.clone());
                self.take_form(&reference, role, form, mail, message, reading, at)
            }
            Verdict::Repeated { reference } => {
                self.load(&reference)?;
                self.nothing_new(&reference, mail, at);
                fate.references.push(reference);
                "repeated"
            }
            Verdict::Reply { thread } => {
                let lines = self.lines(&message.new_text);
                fate.references.push(thread.reference.clone());
                self.load(&thread.reference)?;
                let outcome = self.reply(&thread, lines, mail, reading, at)?;
                let troubles = intake::troubles(reading);
                if !troubles.is_empty() {
                    self.unread_reply(&thread.reference, troubles, mail, at);
                    fate.attention = Some("unreadable"); // I8
                } else if self.unrecognised(&thread.reference, mail, at) {
                    fate.attention = Some("report_not_recognised"); // I3: it stays listed as needing a person.
                }
                outcome
            }
            Verdict::Undelivered { reference, token, why } => {
                self.load(&reference)?;
                self.undelivered(&reference, &token, why)?;
                fate.references.push(reference);
                "automatic"
            }
            Verdict::Empty => {
                if mail.trusted {
                    self.loose.push(to_sender(NoticeKind::Acknowledgement, mail, vec![Item::EmptyForm]));
                }
                fate.attention = (!mail.trusted).then_some("empty_form");
                "empty"
            }
            Verdict::Attention(why) => {
                fate.attention = Some(why);
                self.attention_told()?;
                "attention"
            }
            Verdict::Automatic => "automatic",
            Verdict::Other => "other",
        };
        fate.outcome = outcome;
        Ok(())
    }

    /// A form for a known incident: I3, I5, I8, I9.
    #[allow(clippy::too_many_arguments)] // Each is a different thing that the mail brought.
    fn take_form(
        &mut self,
        reference: &Reference,
        role: FormUse,
        form: Form,
        mail: &Mail,
        message: &Message,
        reading: &Reading,
        at: DateTime<Utc>,
    ) -> &'static str {
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
        let changes = updates::changes(&before, &incident);
        let raised = updates::raises(&before, &incident);
        let waits = role == FormUse::Update && !raised && !updates::at_once(&before, &incident, &changes);
        if waits && !changes.is_empty() {
            let event = Event::ChangesHeld { from: mail.from.email.clone(), changes };
            self.happen(reference, at, event); // I5: told together at 09:00.
        } else if !changes.is_empty() {
            items.push(Item::Changed(changes));
        }
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
        updates.extend(telling.ofsted_update(&before, &incident, &mail.from.email));
        let attachments = mail.attachments.clone();
        updates.iter_mut().for_each(|notice| notice.attachments = attachments.clone());
        let everybody: Vec<Notice> = told.iter().chain(&updates).cloned().collect();
        let mut receipt = telling.acknowledgement(&incident, mail, at, &everybody);
        if let Some(receipt) = receipt.as_mut().filter(|_| updates::lacks_reference(&incident)) {
            receipt.items.push(Item::EnquiryReference); // O3
        }
        self.tell(reference, updates);
        self.tell(reference, told);
        self.tell(reference, receipt);
        match role {
            FormUse::Joined => "joined",
            _ => "updated",
        }
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
    ) -> &'static str {
        let incident = self.incident_now(reference);
        let service = self.telling().service(incident).map(str::to_owned);
        let day = self.rules.calendar.day(at);
        let (powers, _) = self.rules.people.powers(&mail.from.email, service.as_deref(), day);
        let officer = incident.officer.as_ref().is_some_and(|officer| officer.email == mail.from.email);
        let answered = ["findings", "lessons"]
            .iter()
            .any(|key| form.fields.get(*key).is_some_and(|field| field.state == forms::State::Filled));
        let named = format!("{} {} {}", message.subject, form.title, form.source).to_lowercase();
        let marked = |problem: &Problem| problem.code == "marked_draft" && problem.r#where == form.source;
        let draft = ["draft", "interim", "preliminary"].iter().any(|word| named.contains(word))
            || reading.problems.iter().any(marked);
        let kept = if incident.report_at.is_some() {
            Some("A report was received before, and that one counts.")
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
        if kept.is_some() && incident.forms.iter().any(|taken| same(&taken)) {
            self.nothing_new(reference, mail, at); // I9
            return "repeated";
        }
        // I3: what was returned and comes again as it was is no answer to that; from the Service Director it is a decision that it counts.
        let was_returned =
            |taken: &Taken| taken.role == FormUse::Report && same(&taken) && is_unchanged(incident, taken, mail);
        if officer && !powers.contains(&Role::ServiceDirector) && incident.forms.iter().any(was_returned) {
            self.happen(reference, at, Event::Repeated { mail: mail.clone() });
            let answer = vec![Item::Received { at }, Item::ReturnedUnchanged];
            self.tell(reference, mail.trusted.then(|| to_sender(NoticeKind::Acknowledgement, mail, answer)));
            return "repeated";
        }
        let counts = role == FormUse::Report;
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
        "report"
    }

    /// The decision lines of a text, those of the council's own procedure too.
    fn lines(&self, text: &str) -> Vec<Line> {
        lines(text, &self.rules.procedure.own_labels())
    }

    /// What an incident asks beside the council's own procedure, where that is new (C5, O1).
    pub(super) fn find_duties(&mut self, reference: &Reference, before: &Incident, at: DateTime<Utc>) {
        let incident = self.incident_now(reference);
        let service = self.telling().service(incident).map(str::to_owned);
        let kind = service.and_then(|service| self.rules.people.regulated(&service).map(str::to_owned));
        for duty in duties::found(incident, kind.as_deref(), &self.rules.procedure) {
            self.happen(reference, at, Event::Found(duty));
        }
        let incident = self.incident_now(reference);
        if duties::death_without_abuse(incident) && !duties::death_without_abuse(before) {
            let told = self.telling().update_role(incident, Role::QualityAssurance, &[], vec![Item::DeathWithoutAbuse]);
            self.tell(reference, told);
        }
    }

    fn file_form(
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
    fn unread_reply(&mut self, reference: &Reference, codes: Vec<String>, mail: &Mail, at: DateTime<Utc>) {
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
    fn unrecognised(&mut self, reference: &Reference, mail: &Mail, at: DateTime<Utc>) -> bool {
        let incident = self.incident_now(reference).clone();
        let telling = self.telling();
        let day = self.rules.calendar.day(at);
        let (powers, _) = self.rules.people.powers(&mail.from.email, telling.service(&incident), day);
        let officer = incident.officer.as_ref().is_some_and(|officer| officer.email == mail.from.email);
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

    /// I9: one line to the sender, nobody else, and once a day.
    fn nothing_new(&mut self, reference: &Reference, mail: &Mail, at: DateTime<Utc>) {
        let told_before = self.incident_now(reference).timeline.iter().any(|stamped| {
            matches!(&stamped.event, Event::Repeated { mail: known } if known.from.email == mail.from.email)
                && at < stamped.at + chrono::Duration::days(1)
        });
        self.happen(reference, at, Event::Repeated { mail: mail.clone() });
        if mail.trusted && !told_before {
            self.tell(reference, [to_sender(NoticeKind::Acknowledgement, mail, vec![Item::NothingNew])]);
        }
    }

    /// The same raw mail again. After UIDVALIDITY changed, or in a copied folder, that is no news to anybody (M12); delivered once more
    /// it is worth one line to the sender (I9).
    fn repeated_mail(
        &mut self,
        id: &str,
        known: &MailEntry,
        arrival: &Arrival,
        message: &Message,
    ) -> Result<Fate, Failure> {
        let listed_anew = is_listed_anew(known, arrival);
        let opened = matches!(known.outcome.as_str(), "opened" | "joined" | "updated" | "report");
        if let Some(reference) = known.references.first().filter(|_| opened && !listed_anew && known.key != arrival.key)
            && self.load(reference)?
        {
            let mail = self.mail(id, message)?;
            self.nothing_new(reference, &mail, arrival.received_at);
        }
        Ok(Fate { outcome: "repeated", references: known.references.clone(), attention: None })
    }

    /// The entry of a mail that was put back and judged anew: the new one speaks for it, and is found in its place.
    fn supersede(&mut self, known: MailEntry, arrival: &Arrival, fate: &Fate) {
        if known.key == arrival.key {
            return;
        }
        let outcome = if is_unsettled(fate.outcome) { known.outcome } else { "repeated".into() };
        let references = fate.references.clone();
        self.changes.push(Change::Mail(MailEntry { outcome, references, folder: None, attention: None, ..known }));
    }

    /// A mail as events keep it, its attachments kept as files first.
    fn mail(&mut self, id: &str, message: &Message) -> Result<Mail, Failure> {
        let mut attachments = Vec::new();
        for attachment in message.attachments.iter().filter(|attachment| !attachment.inline) {
            attachments.push(Attached {
                name: attachment.name.clone(),
                content_type: if is_program(&attachment.bytes) {
                    "application/x-executable".to_owned()
                } else {
                    attachment.content_type.clone()
                },
                file: self.store.files().put(&attachment.bytes)?,
                size_bytes: attachment.bytes.len() as u64,
                holds: None,
            });
        }
        let from = message.from.clone().unwrap_or_else(|| Address { name: None, email: String::new() });
        let ours = |address: &&Address| !self.is_ours(&address.email);
        Ok(Mail {
            id: id.to_owned(),
            message_id: message.message_id.clone(),
            trusted: self.rules.allows(&from.email) && !self.is_ours(&from.email),
            addressees: message.to.iter().chain(&message.cc).filter(ours).cloned().collect(),
            attachments,
            kept_back: 0,
            text: message.new_text.chars().take(TEXT_CHARS_MAX).collect(),
            from,
        })
    }

    /// Our own mailbox, with or without a token: never answered, so that no loop can begin.
    pub(super) fn is_ours(&self, email: &str) -> bool {
        let mailbox = &self.rules.letterhead.mailbox.email;
        let without_token = match (email.split_once('+'), email.rsplit_once('@')) {
            (Some((local, _)), Some((_, domain))) => format!("{local}@{domain}"),
            _ => email.to_owned(),
        };
        without_token.eq_ignore_ascii_case(mailbox)
    }
}

/// Whether a mail that we know was put back by a person who wants it looked at again: nothing came of it the first time (M5, I8).
fn is_judged_anew(known: &MailEntry, arrival: &Arrival) -> bool {
    is_unsettled(&known.outcome) && known.references.is_empty() && !is_listed_anew(known, arrival)
}

/// An outcome that left a mail to a person, or to nobody.
fn is_unsettled(outcome: &str) -> bool {
    matches!(outcome, "attention" | "failed" | "empty" | "other")
}

/// The same mail under another UIDVALIDITY (M12).
fn is_listed_anew(known: &MailEntry, arrival: &Arrival) -> bool {
    match (&known.key, &arrival.key) {
        (MailKey::Imap { validity: before, .. }, MailKey::Imap { validity, .. }) => before != validity,
        _ => false,
    }
}

/// Whether the report in a mail is the very file of an earlier one. Its answers are the same; but more may have been written beside them.
fn is_unchanged(incident: &Incident, earlier: &Taken, mail: &Mail) -> bool {
    let report = |mail: &Mail| {
        let mut files = mail.attachments.iter();
        files.find(|file| file.holds == Some(forms::Kind::InvestigationReport)).map(|file| file.file.clone())
    };
    let before = incident.mails.iter().find(|known| known.id == earlier.mail).and_then(report);
    before == report(mail)
}

/// A document by its name, as reports are written; pictures are none.
fn is_document(file: &Attached) -> bool {
    let ending = file.name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    goes_along(file) && ["doc", "docx", "odt", "rtf", "pdf", "txt"].contains(&ending.as_str())
}

/// A program by its first bytes, whatever its name says.
fn is_program(bytes: &[u8]) -> bool {
    [&b"MZ"[..], b"\x7fELF", b"#!"].iter().any(|magic| bytes.starts_with(magic))
}

/// A mail's identity (M1) as it is stored.
fn identity(raw: &[u8]) -> String {
    message::identity(raw).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The newest form goes along with what went along before.
fn add_files(notice: &mut Notice, files: &[Attached]) {
    for file in files {
        if !notice.attachments.iter().any(|known| known.file == file.file) {
            notice.attachments.push(file.clone());
        }
    }
}
