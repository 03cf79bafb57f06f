//! A mail within a turn: from raw bytes to events, notices and its entry in the ledger.

use chrono::{DateTime, Utc};

use super::reply::NOT_OURS;
use super::{Failure, Turn, files, stub};
use crate::forms::{self, Problem, Reading};
use crate::incident::event::{Attached, Event, FormUse, Mail, NoticeKind, Opening, Reference};
use crate::incident::lines::{Line, lines};
use crate::incident::notice::{Item, Notice};
use crate::incident::state::Incident;
use crate::incident::tell::{goes_along, to_sender};
use crate::intake::{self, Thread, Verdict};
use crate::mailbox::{Folder, MailKey};
use crate::message::{self, Address, Automatic, Message};
use crate::store::{
    self,
    record::{Again, Change, MailEntry},
};

/// Mails larger than this are read in part (M6), in bytes.
pub const WHOLE_BYTES_MAX: u64 = 30 << 20;
/// How much of a larger mail is read, in bytes.
pub const PART_BYTES: u64 = 8 << 20;

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
pub(super) struct Fate {
    pub outcome: &'static str,
    pub references: Vec<Reference>,
    pub attention: Option<&'static str>,
    /// It is for the whistleblowing officer alone (W1).
    pub apart: bool,
}

impl Fate {
    /// An outcome that nobody need look at.
    pub fn of(outcome: &'static str) -> Fate {
        Fate { outcome, references: Vec::new(), attention: None, apart: false }
    }

    /// That of a concern: in counts it is one of the mails that are about no incident (W1).
    pub fn apart() -> Fate {
        Fate { apart: true, ..Fate::of("other") }
    }
}

/// Where a mail is filed when a turn is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filing {
    /// Into a folder.
    To(Folder),
    /// It stays where it lies, and is fetched again at this time (M13).
    Stays(DateTime<Utc>),
}

impl Turn<'_> {
    /// Takes one mail in. The caller has made its raw bytes durable (M4).
    ///
    /// # Errors
    /// The store's; the mail stays where it is then.
    pub fn take(&mut self, arrival: &Arrival, raw: &[u8]) -> Result<(), Failure> {
        let id = identity(raw);
        let message = self.message(arrival, raw);
        if let Some(stub) = self.awaited(&id, arrival)? {
            return self.fetched_again(&id, stub, arrival, &message);
        }
        let fate = match self.store.mail_by_id(&id)? {
            Some(known) if known.outcome == store::ERASED => {
                self.erased_again(arrival);
                return Ok(());
            }
            // Somebody has put what was taken in before into the folder for concerns.
            Some(known) if !known.apart && matches!(arrival.key, MailKey::Apart { .. }) => {
                self.new_mail(&id, arrival, &message)?
            }
            // The same once more: W8 again, and no news.
            Some(known) if known.apart => {
                self.leave_over(arrival)?;
                Fate::apart()
            }
            Some(known) if is_judged_anew(&known, arrival) => {
                let fate = self.new_mail(&id, arrival, &message)?;
                self.supersede(known, arrival, &fate);
                fate
            }
            Some(known) => self.repeated_mail(&id, &known, arrival, &message)?,
            None => self.new_mail(&id, arrival, &message)?,
        };
        // M13: what nobody would have to look at is not worth another fetch.
        let is_awaited = stub::is_stub(&message) && (fate.attention.is_some() || fate.apart);
        let again = is_awaited.then(|| stub::again(None, self.now));
        self.enter_ledger(id, arrival, message.message_id.clone(), fate, again)
    }

    /// Takes in a mail that could not be worked on, through a fault of ours: alerted as one that could not be read (M5, I8).
    ///
    /// # Errors
    /// The store's, or that the alert cannot be written.
    pub fn take_unread(&mut self, arrival: &Arrival, raw: &[u8]) -> Result<(), Failure> {
        let id = identity(raw);
        let message = self.message(arrival, raw);
        if let Some(fate) = self.for_the_officer(arrival, &message, None)? {
            return self.enter_mail(id, arrival, None, fate);
        }
        let mail = self.mail(&id, &message)?;
        let problem = Problem {
            code: "fault".into(),
            r#where: "mail".into(),
            detail: "The mail could not be worked on because of a fault of this program.".into(),
        };
        let because = problem.detail.clone();
        let reading = Reading { kind: forms::Kind::Unreadable, because, forms: Vec::new(), problems: vec![problem] };
        let mut fate = Fate { attention: Some("failed"), ..Fate::of("failed") };
        let open = Verdict::Open { because: Opening::Unreadable, form: None, may_be_same_as: Vec::new() };
        self.carry_out(open, &reading, &mail, &message, arrival.received_at, &mut fate)?;
        self.enter_mail(id, arrival, message.message_id.clone(), fate)
    }

    /// Enters a mail that nothing at all can be done with: people are told that it lies in the attention folder (M5).
    ///
    /// # Errors
    /// The store's.
    pub fn set_aside(&mut self, arrival: &Arrival, raw: &[u8]) -> Result<(), Failure> {
        if self.looks_apart(arrival, raw) {
            let fate = self.set_apart(arrival)?;
            return self.enter_mail(identity(raw), arrival, None, fate);
        }
        let fate = Fate { attention: Some("failed"), ..Fate::of("failed") };
        self.enter_mail(identity(raw), arrival, None, fate)?;
        self.attention_told()
    }

    /// M6: of a huge mail the beginning alone is at hand.
    pub(super) fn message(&self, arrival: &Arrival, raw: &[u8]) -> Message {
        match (raw.len() as u64) < arrival.size_bytes {
            true => message::parse_beginning(raw, &self.rules.limits),
            false => message::parse(raw, &self.rules.limits),
        }
    }

    pub(super) fn enter_mail(
        &mut self,
        id: String,
        arrival: &Arrival,
        message_id: Option<String>,
        fate: Fate,
    ) -> Result<(), Failure> {
        self.enter_ledger(id, arrival, message_id, fate, None)
    }

    fn enter_ledger(
        &mut self,
        id: String,
        arrival: &Arrival,
        message_id: Option<String>,
        fate: Fate,
        again: Option<Again>,
    ) -> Result<(), Failure> {
        let folder = match fate.attention {
            _ if fate.apart => Folder::Apart, // W8
            Some(_) => Folder::Attention,
            None => Folder::Processed,
        };
        let number = if fate.attention.is_some() { Some(self.next_attention()?) } else { None };
        // M13: it is in hand until the mail itself is there; `apart` keeps it off the list.
        let attention = fate.attention.or((fate.apart && again.is_some()).then_some("stub"));
        self.changes.push(Change::Mail(MailEntry {
            id,
            key: arrival.key.clone(),
            message_id: message_id.filter(|_| !fate.apart),
            received_at: arrival.received_at,
            file: (!fate.apart).then(|| arrival.file.clone()),
            size_bytes: arrival.size_bytes,
            outcome: fate.outcome.into(),
            references: fate.references,
            folder: again.is_none().then_some(folder),
            attention: attention.map(str::to_owned),
            number,
            apart: fate.apart,
            settled: None,
            again,
        }));
        Ok(())
    }

    pub(super) fn new_mail(&mut self, id: &str, arrival: &Arrival, message: &Message) -> Result<Fate, Failure> {
        let mut reading = forms::read(message, &self.rules.wordings, &self.rules.limits);
        if let Some(fate) = self.for_the_officer(arrival, message, Some(&reading))? {
            return Ok(fate);
        }
        // M13: what a placeholder stood for comes under its Message-ID by right.
        let completes = self.completed_by(message)?;
        if completes.is_none() {
            reading.problems.extend(self.message_id_again(id, message)?);
        }
        let mut mail = self.mail(id, message)?;
        files::mark(&mut mail, &reading);
        if let Some(reference) = completes {
            return self.beside_its_stub(reference, &reading, &mail, message, arrival.received_at); // M13
        }
        let thread = intake::thread(message, &reading, &self.rules.prefix, self)?;
        self.addressed = thread.clone();
        let fate = self.judged(message, &reading, mail, thread, arrival.received_at);
        self.addressed = None;
        fate
    }

    /// M1: another mail came under the same Message-ID. Both are kept, and the incident says so.
    fn message_id_again(&self, id: &str, message: &Message) -> Result<Option<Problem>, Failure> {
        let Some(message_id) = &message.message_id else { return Ok(None) };
        let Some((reference, _)) = intake::Lookup::by_thread(self, message_id)? else { return Ok(None) };
        let incident = intake::Lookup::incident(self, &reference)?;
        let again = |known: &Mail| known.message_id.as_ref() == Some(message_id) && known.id != id;
        Ok(incident.filter(|incident| incident.mails.iter().any(again)).map(|_| Problem {
            code: "message_id_again".into(),
            r#where: "mail".into(),
            detail: format!(
                "Another mail came under the same Message-ID, with other content ({reference}). Both are kept."
            ),
        }))
    }

    /// What a mail is to us, carried out.
    fn judged(
        &mut self,
        message: &Message,
        reading: &Reading,
        mail: Mail,
        thread: Option<Thread>,
        at: DateTime<Utc>,
    ) -> Result<Fate, Failure> {
        let mut fate = Fate::of("other");
        // A reference in its text alone makes it no answer to a mail about that incident.
        let of_no_incident = thread.as_ref().is_none_or(|thread| thread.answers.is_none());
        if of_no_incident && let Some(references) = self.answers_year(message, reading, &mail, at)? {
            fate.outcome = "decision";
            fate.references = references;
            return Ok(fate);
        }
        if let Some(references) = self.answers_attention(message, &mail, at)? {
            fate.outcome = "decision";
            fate.references = references;
            return Ok(fate);
        }
        if let Some(references) = self.answers_digest(message, reading, &mail, thread.as_ref(), at)? {
            fate.outcome = "decision";
            fate.references = references;
            return Ok(fate);
        }
        let verdicts = intake::judge(message, reading, mail.trusted, &self.rules.prefix, self)?;
        if verdicts == [Verdict::Automatic] && self.came_back(message, &mail, &mut fate)? {
            return Ok(fate);
        }
        if verdicts.is_empty() {
            self.forms(reading, &mail, message, thread.as_ref(), at, &mut fate)?;
        }
        for verdict in verdicts {
            self.carry_out(verdict, reading, &mail, message, at, &mut fate)?;
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

    pub(super) fn carry_out(
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
                self.take_form(&reference, role, form, mail, message, reading, at)?
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
                let mut unsure = self.unsure(message);
                unsure.extend(self.typed_between(&thread, message, mail)?);
                self.not_taken(&thread, unsure, NOT_OURS, mail, at)?;
                let troubles = intake::troubles(reading);
                if !troubles.is_empty() {
                    self.unread_reply(&thread.reference, troubles, mail, at);
                    fate.attention = Some("unreadable"); // I8
                } else if self.unrecognised(&thread.reference, mail, at) {
                    fate.attention = Some("report_not_recognised"); // I3: it stays listed as needing a person.
                }
                outcome
            }
            // I7, M18: a forged bounce makes nobody unreached; a real one that nobody vouches for is for a person to see.
            Verdict::Undelivered { reference, .. } if !self.rules.believes(mail.authentication) => {
                fate.references.push(reference);
                fate.attention = Some("bounce_not_authenticated");
                self.attention_told()?;
                "attention"
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

    /// The decision lines of a text, those of the council's own procedure too.
    pub(super) fn lines(&self, text: &str) -> Vec<Line> {
        lines(text, &self.rules.procedure.own_labels())
    }

    /// I9: one line to the sender, nobody else, and once a day.
    pub(super) fn nothing_new(&mut self, reference: &Reference, mail: &Mail, at: DateTime<Utc>) {
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
        Ok(Fate { references: known.references.clone(), ..Fate::of("repeated") })
    }

    /// A copy of a mail that was erased is known as one, and nothing of it is kept.
    fn erased_again(&mut self, arrival: &Arrival) {
        self.changes.push(Change::Mail(MailEntry {
            id: String::new(),
            key: arrival.key.clone(),
            message_id: None,
            received_at: arrival.received_at,
            file: None,
            size_bytes: arrival.size_bytes,
            outcome: store::ERASED.into(),
            references: Vec::new(),
            folder: Some(Folder::Processed),
            attention: None,
            number: None,
            apart: false,
            settled: None,
            again: None,
        }));
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
    pub(super) fn mail(&mut self, id: &str, message: &Message) -> Result<Mail, Failure> {
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
                content: self.store.files().name(&attachment.bytes),
                size_bytes: attachment.bytes.len() as u64,
                holds: None,
            });
        }
        let from = message.from.clone().unwrap_or_else(|| Address { name: None, email: String::new() });
        let ours = |address: &&Address| !self.is_ours(&address.email);
        let server = self.rules.trust.authserv_id.as_deref();
        let authentication = server.map(|server| message::authentication(message, server));
        Ok(Mail {
            id: id.to_owned(),
            message_id: message.message_id.clone(),
            trusted: self.rules.allows(&from.email)
                && !self.is_ours(&from.email)
                && self.rules.believes(authentication),
            authentication,
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
    matches!(outcome, "attention" | "dismissed" | "failed" | "empty" | "other")
}

/// The same mail under another UIDVALIDITY (M12).
fn is_listed_anew(known: &MailEntry, arrival: &Arrival) -> bool {
    match (&known.key, &arrival.key) {
        (MailKey::Imap { validity: before, .. }, MailKey::Imap { validity, .. }) => before != validity,
        _ => false,
    }
}

/// A program by its first bytes, whatever its name says.
fn is_program(bytes: &[u8]) -> bool {
    [&b"MZ"[..], b"\x7fELF", b"#!"].iter().any(|magic| bytes.starts_with(magic))
}

/// Whether these bytes, the first [`WHOLE_BYTES_MAX`] and one of a mail at most, are the mail with a stored identity: that of all of it, or of
/// the part that a huge one was known by (M6).
pub fn is_mail(id: &str, raw: &[u8]) -> bool {
    let part = &raw[..raw.len().min(PART_BYTES as usize)];
    (raw.len() as u64 <= WHOLE_BYTES_MAX && identity(raw) == id) || identity(part) == id
}

/// A mail's identity (M1) as it is stored.
fn identity(raw: &[u8]) -> String {
    message::identity(raw).iter().map(|byte| format!("{byte:02x}")).collect()
}
