//! Concerns within a turn (I6, W1–W8): a mail that is for the whistleblowing officer alone, what is answered about one, and what falls due.
//!
//! Comes in: a mail before anything of it is kept, or a concern whose time has come. Goes out: the concern's events, which are sealed
//! apart, and emails to the officer, to whoever wrote, to child protection. Nothing of it reaches an incident, a list or a log; the ledger
//! keeps that the mail is known.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::mail::{Arrival, Fate};
use super::{Failure, Turn};
use crate::concern::clean::{cleaned, without_officer};
use crate::concern::lines::{Label, Line, lines};
use crate::concern::recipients::{Trusted, trusted};
use crate::concern::recognise::{Known, Places, recognise, speaks_of_risk};
use crate::concern::state::{Asked, Concern, Decision, Event, Writer};
use crate::forms::{self, Kind, Reading};
use crate::incident::event::NoticeKind;
use crate::incident::notice::{AboutConcern, Item, Notice};
use crate::incident::people::{Addressee, Role};
use crate::intake;
use crate::mailbox::MailKey;
use crate::message::{self, Address, Automatic, Message};
use crate::store::record::{Change, ConcernChange};

/// How long the officer has, where a child may be at risk, before somebody is told to ring them (W3).
const OFFICERS_TIME: Duration = Duration::hours(1);
/// The fact that holds files which are sealed as other mails are, and are to be removed: a concern was recognised in them.
pub(crate) const LEFT_OVERS: &str = "files_to_discard";

/// A command to erase a concern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasing {
    /// Its number.
    pub number: u32,
    /// Why; kept.
    pub reason: String,
    /// Who typed it, as the system knows them.
    pub by: String,
    /// That they have the concerns' key ([`KeyPlace::proof`](crate::store::KeyPlace::proof)).
    pub proof: String,
}

/// A concern that the turn touches.
#[derive(Default)]
pub(super) struct Work {
    concern: Concern,
    events: Vec<(DateTime<Utc>, Event)>,
    notices: Vec<Notice>,
    /// Its time had come: when it is looked at next is stored even where nothing happened.
    was_due: bool,
}

/// The concerns that a turn touches, by number.
pub(super) type Works = BTreeMap<u32, Work>;

impl Turn<'_> {
    /// What becomes of a mail that is for the whistleblowing officer (I6); `None`: it is none. `reading` is what its forms say, where they
    /// could be read.
    pub(super) fn for_the_officer(
        &mut self,
        arrival: &Arrival,
        message: &Message,
        reading: Option<&Reading>,
    ) -> Result<Option<Fate>, Failure> {
        let Some(concerns) = self.rules.concerns.clone() else { return Ok(None) };
        if let Some((number, sent_to)) = self.concern_of(message)? {
            self.answered_in_confidence(number, &sent_to, arrival, message)?;
            return Ok(Some(Fate::apart()));
        }
        let holds_officer = |role: &Role| *role == Role::WhistleblowingOfficer;
        let people = self.rules.people.all().iter();
        let officers = people.filter(|person| person.roles.iter().any(holds_officer));
        let places = Places {
            address: concerns.address.as_ref().map(|address| address.to_lowercase()),
            officers: officers.map(|person| person.email.to_lowercase()).collect(),
            mailbox: self.rules.letterhead.mailbox.email.to_lowercase(),
        };
        let documents = forms::words_of_files(message, &self.rules.limits);
        let reports = reading.is_some_and(|reading| {
            let reported = [Kind::NeedToKnow, Kind::SeriousIncidentNotification, Kind::InvestigationReport];
            reported.contains(&reading.kind) || reading.forms.iter().any(|form| intake::answers(form) > 0)
        });
        let thread = match reading {
            Some(reading) => intake::thread(message, reading, &self.rules.prefix, self)?,
            None => None,
        };
        let known = Known {
            in_folder: matches!(arrival.key, MailKey::Apart { .. }),
            reports: reports
                || forms::is_need_to_know_subject(&message.subject)
                || forms::is_incident_subject(&message.subject),
            in_thread: thread.is_some() || self.is_ours_in_return(message)?,
            documents: &documents,
        };
        let Some(recognised) = recognise(message, known, &places) else { return Ok(None) };
        let sender = self.answerable(message);
        let number = self.next_concern()?;
        let file = self.moved_apart(arrival)?;
        let at = arrival.received_at;
        self.concerns.insert(number, Work::default());
        self.concern_event(number, at, Event::Received { recognised, sender: sender.clone(), file });
        let words = cleaned(message, &documents);
        self.tell_officers(number, |_| AboutConcern::Came {
            number,
            received_at: at,
            doubtful: recognised.is_doubtful(),
            child_at_risk: recognised.child_at_risk,
            is_to_mailbox: recognised.is_to_mailbox,
            answerable: sender.is_some(),
            words: words.clone(),
        });
        // W4, and M21: what a machine wrote is never answered.
        if let Some(to) = sender.filter(|_| message.automatic.is_none()) {
            self.tell_in_confidence(
                number,
                NoticeKind::ConcernReceipt,
                by_address(&to),
                AboutConcern::Receipt,
                message,
            );
        }
        Ok(Some(Fate::apart()))
    }

    /// A mail of which nothing can be said but what its bytes hold: whether it was sent where concerns are sent to.
    pub(super) fn looks_apart(&self, arrival: &Arrival, raw: &[u8]) -> bool {
        let Some(concerns) = &self.rules.concerns else { return false };
        let in_folder = matches!(arrival.key, MailKey::Apart { .. });
        // A footer may name the address too.
        let head = String::from_utf8_lossy(&raw[..raw.len().min(64 << 10)]).to_lowercase().replace("\r\n", "\n");
        let head = head.split("\n\n").next().unwrap_or_default();
        in_folder || concerns.address.as_ref().is_some_and(|address| head.contains(&address.to_lowercase()))
    }

    /// A mail to the officer with which nothing at all can be done: they hear that it came, and nobody else (M5).
    pub(super) fn set_apart(&mut self, arrival: &Arrival) -> Result<Fate, Failure> {
        self.for_the_officer(arrival, &self.unreadable(), None).map(|fate| fate.unwrap_or_else(Fate::apart))
    }

    /// A message without anything in it, addressed to the officer.
    fn unreadable(&self) -> Message {
        let concerns = self.rules.concerns.as_ref();
        let address = concerns.and_then(|concerns| concerns.address.clone()).unwrap_or_default();
        Message { to: vec![Address { name: None, email: address }], ..Message::default() }
    }

    /// The concern that a mail answers an email about, and to whom that went.
    fn concern_of(&self, message: &Message) -> Result<Option<(u32, String)>, Failure> {
        let from = message.from.as_ref().map(|from| from.email.as_str()).unwrap_or_default();
        let ids = message.reply_tokens.iter().chain(&message.in_reply_to).chain(message.references.iter().rev());
        let mut found = None;
        for id in ids {
            let Some(thread) = self.store.by_thread(id)? else { continue };
            let (Some(number), Some(sent_to)) = (thread.concern, thread.sent_to) else { continue };
            // A long thread quotes several: the one that was sent to this very person counts.
            if sent_to.eq_ignore_ascii_case(from) {
                return Ok(Some((number, sent_to)));
            }
            found.get_or_insert((number, sent_to));
        }
        Ok(found)
    }

    /// Whether a mail answers any email of ours about no incident: a digest, a word to the administrator.
    fn is_ours_in_return(&self, message: &Message) -> Result<bool, Failure> {
        for token in &message.reply_tokens {
            if self.store.by_thread(token)?.is_some_and(|thread| thread.sent_to.is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The sender's address, where an answer can go to it (W4): one address, not our own, and where the mail server is asked it vouches
    /// for it (M18). It may be outside the council's domains, since the answer holds nothing of the message.
    fn answerable(&self, message: &Message) -> Option<String> {
        let from = message.from.as_ref().filter(|_| message.has_one_from)?;
        let server = self.rules.trust.authserv_id.as_deref();
        let believed = self.rules.believes(server.map(|server| message::authentication(message, server)));
        let can_be_answered = believed && !from.email.is_empty() && !self.is_ours(&from.email);
        can_be_answered.then(|| from.email.clone())
    }

    /// The raw mail sealed as the concerns are; the file in which it was staged is removed once that is durable.
    fn moved_apart(&mut self, arrival: &Arrival) -> Result<String, Failure> {
        let file = self.store.files().copy_apart(&arrival.file)?;
        self.leave_over(arrival)?;
        Ok(file)
    }

    /// Notes that a mail's staged file is to be removed.
    pub(super) fn leave_over(&mut self, arrival: &Arrival) -> Result<(), Failure> {
        let known = self.store.fact(LEFT_OVERS)?;
        let mut left: Vec<String> = known.and_then(|known| serde_json::from_value(known).ok()).unwrap_or_default();
        left.push(arrival.file.clone());
        self.facts.insert(LEFT_OVERS.into(), json!(left));
        Ok(())
    }

    fn next_concern(&self) -> Result<u32, Failure> {
        let here = self.concerns.keys().next_back().map_or(1, |last| last + 1);
        Ok(self.store.next_concern()?.max(here))
    }

    /// A mail that answers one of ours about a concern.
    fn answered_in_confidence(
        &mut self,
        number: u32,
        sent_to: &str,
        arrival: &Arrival,
        message: &Message,
    ) -> Result<(), Failure> {
        self.load_concern(number)?;
        let at = arrival.received_at;
        // A bounce may bring all of our email back.
        let file = self.moved_apart(arrival)?;
        if let Some(automatic) = message.automatic {
            self.concern_event(number, at, Event::Wrote { by: Writer::Machine, file, child_at_risk: false });
            return match automatic {
                Automatic::Bounce => self.concern_not_reached(number, sent_to),
                _ => Ok(()),
            };
        }
        let by = self.writer(number, sent_to, message);
        let answerable = self.concerns[&number].concern.sender.is_some();
        let documents = forms::words_of_files(message, &self.rules.limits);
        // W3: whoever writes again may tell of a child, too.
        let child_at_risk = by != Writer::Officer && speaks_of_risk(message, &documents);
        self.concern_event(number, at, Event::Wrote { by, file, child_at_risk });
        let mut found = lines(&message.new_text);
        // Whatever else they write is not for them to decide, and is for the officer to read.
        found.retain(|line| by == Writer::Officer || line.label == Label::IdentityMayBeShared);
        let to = message.from.as_ref().map(|from| from.email.clone()).unwrap_or_default();
        let rest = without_lines(&message.new_text, &found);
        if !found.is_empty() && by != Writer::Other {
            let items = self.decide_in_confidence(number, by, &found, message, at);
            self.answer_in_confidence(number, by, &to, items, message);
        }
        match by {
            Writer::Officer if found.is_empty() => {
                let items = vec![Item::Concern(Box::new(AboutConcern::NoLine { number, answerable }))];
                self.answer_in_confidence(number, by, &to, items, message);
            }
            Writer::Officer => {}
            // What is more than lines goes on to the officer.
            _ if by == Writer::Other || !rest.trim().is_empty() || !message.attachments.is_empty() => {
                let words = cleaned(message, &documents);
                let by_whom = match by {
                    Writer::Sender => "Whoever raised it",
                    _ => "Somebody who answered one of our emails about it",
                };
                self.tell_officers(number, |_| AboutConcern::More {
                    number,
                    by: by_whom,
                    child_at_risk,
                    words: words.clone(),
                });
                if by == Writer::Sender && found.is_empty() {
                    let items = vec![Item::Concern(Box::new(AboutConcern::PassedOn))];
                    self.answer_in_confidence(number, by, &to, items, message);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// In whose name a reply speaks: only the very person to whom an email went answers it, and only where the mail server is asked and
    /// vouches for them, or is not asked (M18).
    fn writer(&self, number: u32, sent_to: &str, message: &Message) -> Writer {
        let from = message.from.as_ref().map(|from| from.email.to_lowercase()).unwrap_or_default();
        let server = self.rules.trust.authserv_id.as_deref();
        let believed = self.rules.believes(server.map(|server| message::authentication(message, server)));
        if !believed || !message.has_one_from || !sent_to.eq_ignore_ascii_case(&from) {
            return Writer::Other;
        }
        let trusted = self.trusted();
        let asked = self.concerns[&number].concern.asked.contains(&Asked::Deputy);
        let mut may = trusted.officers.iter().chain(&trusted.away).chain(trusted.first());
        if may.any(|email| *email == from) || (asked && trusted.deputies.contains(&from)) {
            return Writer::Officer;
        }
        let is_sender = |sender: &String| sender.eq_ignore_ascii_case(&from);
        match self.concerns[&number].concern.sender.as_ref().is_some_and(is_sender) {
            true => Writer::Sender,
            false => Writer::Other,
        }
    }

    /// Takes the lines of a reply; what is said of each to whoever wrote it.
    fn decide_in_confidence(
        &mut self,
        number: u32,
        by: Writer,
        found: &[Line],
        message: &Message,
        at: DateTime<Utc>,
    ) -> Vec<Item> {
        let (events, refused) = self.concerns[&number].concern.reply(by, found, at);
        let mut items = Vec::new();
        for event in events {
            if let Event::Decided { decision } = &event {
                items.push(accepted(decision));
                self.carry_out_in_confidence(number, decision, message);
            }
            self.concern_event(number, at, event);
        }
        items.extend(refused.into_iter().map(|(label, reason)| {
            let label = label.words().to_owned();
            Item::Refused { label, reason, line: None }
        }));
        items
    }

    /// Whom a decision is told.
    fn carry_out_in_confidence(&mut self, number: u32, decision: &Decision, message: &Message) {
        match decision {
            // W3: at once, and before anything else.
            Decision::ChildAtRisk { facts: Some(facts) } => {
                let Some(to) = self.duty_team() else { return };
                let officer = self.in_words(message.from.as_ref().map(|from| from.email.as_str()).unwrap_or_default());
                let about = AboutConcern::ChildAtRisk { facts: facts.clone(), officer };
                self.tell_in_confidence(number, NoticeKind::Concern, to, about, &Message::default());
            }
            // W7
            Decision::MessageToSender { text } => {
                let Some(to) = self.concerns[&number].concern.sender.clone() else { return };
                let from = message.from.as_ref().map(|from| from.email.as_str()).unwrap_or_default();
                let text = without_officer(text, &self.addressee(from).name, from);
                let about = AboutConcern::Question { text };
                self.tell_in_confidence(number, NoticeKind::Concern, by_address(&to), about, &Message::default());
            }
            // W2
            Decision::IdentityMayBeShared => {
                let who = message.from.as_ref().map(|from| match &from.name {
                    Some(name) => format!("{name} <{}>", from.email),
                    None => from.email.clone(),
                });
                let who = who.unwrap_or_default();
                self.tell_officers(number, |_| AboutConcern::Named { number, who: who.clone() });
            }
            Decision::ChildAtRisk { facts: None }
            | Decision::Qualifying { .. }
            | Decision::FurtherAction { .. }
            | Decision::Referred { .. }
            | Decision::Closed { .. } => {}
        }
    }

    /// An email about a concern that did not arrive: to the officer, another of those who may have it is told; where there is none, the
    /// duty team is told to ring them (I7). To anybody else, the officer.
    pub(crate) fn concern_not_reached(&mut self, number: u32, sent_to: &str) -> Result<(), Failure> {
        self.load_concern(number)?;
        let trusted = self.trusted();
        let every = || trusted.officers.iter().chain(&trusted.deputies).chain(&trusted.away);
        if !every().any(|email| email.eq_ignore_ascii_case(sent_to)) {
            let is_sender = self.concerns[&number].concern.sender.as_deref() == Some(sent_to);
            let whom = if is_sender { "whoever raised it" } else { "the duty team" };
            self.tell_officers(number, |_| AboutConcern::NotReached { number, whom });
            return Ok(());
        }
        let told = self.concerns[&number].concern.told.clone();
        let instead = every().find(|email| !told.iter().any(|told| told.eq_ignore_ascii_case(email))).cloned();
        let since = self.concerns[&number].concern.received_at;
        match instead {
            Some(email) => {
                let about = self.came_again(number)?;
                let to = self.addressee(&email);
                self.tell_in_confidence(number, NoticeKind::Concern, to, about, &Message::default());
            }
            None => {
                let (Some(to), officers) = (self.duty_team(), self.officers_in_words()) else { return Ok(()) };
                let about = AboutConcern::Ring { officers, since };
                self.tell_in_confidence(number, NoticeKind::Concern, to, about, &Message::default());
            }
        }
        Ok(())
    }

    /// What the officer was told when it came, from the raw mail.
    fn came_again(&mut self, number: u32) -> Result<AboutConcern, Failure> {
        let concern = &self.concerns[&number].concern;
        let (received_at, child_at_risk, is_to_mailbox) = (concern.received_at, concern.child_at_risk, false);
        let answerable = concern.sender.is_some();
        let words = match concern.files.first() {
            Some(file) => words_of(self.store, &self.rules.limits, file)?,
            None => cleaned(&Message::default(), &[]),
        };
        Ok(AboutConcern::Came { number, received_at, doubtful: false, child_at_risk, is_to_mailbox, answerable, words })
    }

    /// What is due of concerns (W3).
    ///
    /// # Errors
    /// The store's.
    pub fn concerns_due(&mut self) -> Result<(), Failure> {
        for number in self.store.concerns_due(self.now)? {
            self.load_concern(number)?;
            let trusted = self.trusted();
            let has_deputy = self.has_deputy(&trusted);
            let now = self.now;
            let Some(work) = self.concerns.get_mut(&number) else { continue };
            work.was_due = true;
            let Some(whom) = work.concern.next_asked(OFFICERS_TIME, has_deputy, now) else { continue };
            let since = work.concern.at_risk_since;
            self.concern_event(number, now, Event::Asked { whom });
            let to: Vec<Addressee> = match whom {
                Asked::Deputy => trusted.deputies.iter().map(|email| self.addressee(email)).collect(),
                Asked::DutyTeam => self.duty_team().into_iter().collect(),
            };
            for to in to {
                let about = AboutConcern::Ring { officers: self.officers_in_words(), since };
                self.tell_in_confidence(number, NoticeKind::Concern, to, about, &Message::default());
            }
        }
        Ok(())
    }

    /// Whether there is a deputy to ask: where nobody else is there, the deputies have it already.
    fn has_deputy(&self, trusted: &Trusted) -> bool {
        !trusted.officers.is_empty() && !trusted.deputies.is_empty()
    }

    fn trusted(&self) -> Trusted {
        trusted(self.rules.people.all(), self.rules.calendar.day(self.now), &[])
    }

    fn load_concern(&mut self, number: u32) -> Result<(), Failure> {
        if !self.concerns.contains_key(&number) {
            let concern = Concern::of(&self.store.concern(number)?);
            self.concerns.insert(number, Work { concern, ..Work::default() });
        }
        Ok(())
    }

    fn concern_event(&mut self, number: u32, at: DateTime<Utc>, event: Event) {
        let work = self.concerns.entry(number).or_default();
        work.concern.apply(at, &event);
        work.events.push((at, event));
    }

    /// Tells the officer, or who stands in.
    fn tell_officers(&mut self, number: u32, about: impl Fn(&Addressee) -> AboutConcern) {
        for email in self.trusted().first().to_vec() {
            let to = self.addressee(&email);
            let about = about(&to);
            self.tell_in_confidence(number, NoticeKind::Concern, to, about, &Message::default());
        }
    }

    fn tell_in_confidence(
        &mut self,
        number: u32,
        kind: NoticeKind,
        to: Addressee,
        about: AboutConcern,
        answers: &Message,
    ) {
        let items = vec![Item::Concern(Box::new(about))];
        let in_reply_to = answers.message_id.clone();
        let notice = Notice { kind, to, items, in_reply_to, attachments: Vec::new() };
        self.concerns.entry(number).or_default().notices.push(notice);
    }

    /// Answers a reply.
    fn answer_in_confidence(&mut self, number: u32, by: Writer, to: &str, mut items: Vec<Item>, answers: &Message) {
        if !matches!(items.first(), Some(Item::Concern(_))) {
            let number = (by == Writer::Officer).then_some(number);
            items.insert(0, Item::Concern(Box::new(AboutConcern::Taken { number })));
        }
        let to = if by == Writer::Officer { self.addressee(to) } else { by_address(to) };
        let (kind, in_reply_to) = (NoticeKind::ConcernReceipt, answers.message_id.clone());
        let notice = Notice { kind, to, items, in_reply_to, attachments: Vec::new() };
        self.concerns.entry(number).or_default().notices.push(notice);
    }

    /// The emails about concerns, with their changes: queued after all else is known. Each is sealed as its concern is.
    pub(super) fn finish_concerns(&mut self, next_id: &mut u64) -> Result<Vec<Change>, Failure> {
        let mut changes = Vec::new();
        for (number, mut work) in std::mem::take(&mut self.concerns) {
            let mut queued = Vec::new();
            for notice in std::mem::take(&mut work.notices) {
                let mut entry = self.entry(None, &notice, *next_id)?;
                entry.concern = Some(number);
                *next_id += 1;
                let sent = Event::Sent { to: entry.to.clone(), entry: entry.id };
                work.concern.apply(self.now, &sent);
                work.events.push((self.now, sent));
                queued.push(Change::Queued(Box::new(entry)));
            }
            if work.events.is_empty() && !work.was_due {
                continue;
            }
            let wake_at = work.concern.wakes_at(OFFICERS_TIME, self.has_deputy(&self.trusted()));
            changes.push(Change::Concern(ConcernChange { number, events: work.events, wake_at }));
            changes.extend(queued);
        }
        Ok(changes)
    }

    fn addressee(&self, email: &str) -> Addressee {
        let person = self.rules.people.all().iter().find(|person| person.email.eq_ignore_ascii_case(email));
        let name = person.map(|person| person.name.clone()).unwrap_or_default();
        let phone = person.and_then(|person| person.phone.clone());
        let roles = vec![Role::WhistleblowingOfficer];
        Addressee { name, email: email.to_lowercase(), phone, roles, on_behalf_of: None }
    }

    fn duty_team(&self) -> Option<Addressee> {
        let email = self.rules.concerns.as_ref()?.child_protection.clone();
        Some(Addressee { name: "Duty team".into(), ..by_address(&email) })
    }

    /// A person as others are to ring them.
    fn in_words(&self, email: &str) -> String {
        let person = self.addressee(email);
        let name = if person.name.is_empty() { person.email } else { person.name };
        person.phone.map_or(name.clone(), |phone| format!("{name}, {phone}"))
    }

    fn officers_in_words(&self) -> Vec<String> {
        self.trusted().first().iter().map(|email| self.in_words(email)).collect()
    }
}

/// The words of a stored mail of a concern, without who wrote it (W2).
///
/// # Errors
/// The store's.
pub fn words_of(
    store: &crate::store::Store,
    limits: &message::Limits,
    file: &str,
) -> Result<crate::incident::notice::Cleaned, crate::store::Failure> {
    let raw = store.files().read(file, super::WHOLE_BYTES_MAX)?;
    let message = message::parse(&raw, limits);
    Ok(cleaned(&message, &forms::words_of_files(&message, limits)))
}

fn by_address(email: &str) -> Addressee {
    Addressee { name: String::new(), email: email.to_owned(), phone: None, roles: Vec::new(), on_behalf_of: None }
}

/// What a line did, for whoever wrote it.
fn accepted(decision: &Decision) -> Item {
    let (label, effect) = match decision {
        Decision::Qualifying { is: true } => (Label::Qualifying, "It counts as a qualifying disclosure."),
        Decision::Qualifying { is: false } => (Label::Qualifying, "It does not count as a qualifying disclosure."),
        Decision::FurtherAction { is: true } => (Label::FurtherAction, "It counts as one on which action was decided."),
        Decision::FurtherAction { is: false } => (Label::FurtherAction, "No further action is noted."),
        Decision::Referred { .. } => {
            (Label::Referred, "It is noted to whom you passed it. We have sent nothing: please pass it on yourself.")
        }
        Decision::ChildAtRisk { facts: Some(_) } => {
            (Label::ChildAtRisk, "The facts go to the duty team now, as you wrote them. Ring them as well.")
        }
        Decision::ChildAtRisk { facts: None } => (Label::ChildAtRisk, "No child is at risk, as you say."),
        Decision::MessageToSender { .. } => {
            (Label::MessageToSender, "Your message goes to whoever raised it. Neither of you sees the other's address.")
        }
        Decision::IdentityMayBeShared => {
            (Label::IdentityMayBeShared, "The whistleblowing officer is told who you are. Nobody else is.")
        }
        Decision::Closed { .. } => (Label::Close, "It is closed."),
    };
    Item::Accepted { label: label.words().to_owned(), effect: effect.to_owned() }
}

/// What a reply says beside its lines.
fn without_lines(text: &str, found: &[Line]) -> String {
    let is_of_one = |line: &&str| {
        let line = line.trim();
        found.iter().any(|one| line.contains(one.label.words()) || one.value.contains(line))
    };
    let ours = |line: &&str| !line.trim_start().to_lowercase().starts_with("reply code");
    text.lines().take_while(ours).filter(|line| !is_of_one(line)).collect::<Vec<_>>().join("\n")
}
