//! A reply within a turn: who wrote it, whether they may be believed (M18), what its lines decide (I4, section 3).

use chrono::{DateTime, Utc};

use super::{Failure, Turn, answered};
use crate::forms::Reading;
use crate::incident::classify::class_decided;
use crate::incident::decide::{Accepted, Bench, Refusal, in_words, ofsted_reference};
use crate::incident::due::Standing;
use crate::incident::event::{Decider, Decision, Event, Mail, NoticeKind, Reference};
use crate::incident::labels::Label;
use crate::incident::lines::{Attempt, Line, attempts};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::incident::state::{Incident, Status};
use crate::incident::tell::to_sender;
use crate::intake::{self, Lookup, Thread};
use crate::message::Message;

/// M18: why lines without a reply code change nothing, and what to do.
const WITHOUT_CODE: &str = "Your email did not carry the reply code of a mail that this mailbox sent to you. Please reply to any mail that \
                            you had about this incident, and leave its last line in.";

/// M18: why lines change nothing for which the mail server does not vouch, and what to do.
pub(super) const NOT_AUTHENTICATED: &str = "The council's mail server did not confirm that this email came from you, so nothing in it has taken effect. Send it again from \
     your council email account (in Outlook, on the web or on your council phone). If you did not send it, or if this comes again, \
     tell whoever runs this mailbox.";

/// What stands between quoted lines, and may be the rest of one, changes nothing.
pub(super) const NOT_OURS: &str = "It stands within the text of our email, and we cannot tell whether you wrote it. Nothing has changed by it. If it is \
                                   yours, send it again at the top of your reply.";

/// What stands in a form decides nothing.
pub(super) const IN_A_FORM: &str = "Your email was read as a form about the incident, so this line has decided nothing. Send it in a reply without the \
                                    form's answers.";

/// The most of a reply that goes into a notice, in characters.
pub(super) const QUOTED_CHARS_MAX: usize = 2_000;

impl Turn<'_> {
    /// Carries out a reply; what became of it, for the ledger.
    pub(super) fn reply(
        &mut self,
        thread: &Thread,
        lines: Vec<Line>,
        mail: &Mail,
        reading: &Reading,
        at: DateTime<Utc>,
    ) -> Result<&'static str, Failure> {
        let reference = &thread.reference;
        let (text, lines, elsewhere) = match self.elsewhere(&mail.text, thread)? {
            Some((rest, elsewhere)) => (rest.clone(), self.lines(&rest), elsewhere),
            None => (mail.text.clone(), lines, Vec::new()),
        };
        let token = answered(thread, &mail.from.email);
        let by = self.decider(reference, mail, at);
        let incident = self.incident_now(reference);
        let believed = self.rules.believes(mail.authentication);
        let officer = believed && incident.officer.as_ref().is_some_and(|officer| officer.email == by.email);
        let reporter = believed && incident.is_reporter(&by.email);
        let known =
            believed && (self.rules.people.person(&by.email).is_some() || !by.roles.is_empty() || officer || reporter);
        let decides = known && !reporter_only(&by, reporter, officer);
        // Of a reporter alone it is more about the incident, which the directors read.
        let attempts = match decides && token.is_some() {
            true => attempts(&text, &self.rules.procedure.own_labels()),
            false => Vec::new(),
        };
        if !believed && self.would_decide(reference, mail) {
            let labels = self.labels(&text);
            if !labels.is_empty() {
                self.not_believed(reference, labels, NOT_AUTHENTICATED, &by, mail, at);
                return Ok("decision");
            }
        }
        if (lines.is_empty() && attempts.is_empty() && elsewhere.is_empty()) || !known {
            self.prose(reference, token.as_deref(), &by, mail, reading, decides, at);
            if token.is_some() && !lines.is_empty() {
                self.replaced_officer_answered(reference, &by, mail);
            }
            return Ok("reply");
        }
        if token.is_none() {
            let labels = lines.into_iter().map(|line| line.words).collect();
            self.not_believed(reference, labels, WITHOUT_CODE, &by, mail, at);
            return Ok("decision");
        }
        self.acknowledge(reference, token.as_deref(), &by, at);
        if lines.is_empty() {
            let problems = reading.problems.clone();
            self.happen(reference, at, Event::ReplyKept { mail: mail.clone(), known, problems });
        }
        self.decide(thread, lines, (attempts, elsewhere), &by, mail, at)?;
        Ok("decision")
    }

    /// Every line of a reply by somebody who is who they say: good ones take effect, refused ones come back with the reason, and so do
    /// those that are nearly lines.
    fn decide(
        &mut self,
        thread: &Thread,
        lines: Vec<Line>,
        (attempts, elsewhere): (Vec<Attempt>, Vec<Item>),
        by: &Decider,
        mail: &Mail,
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let reference = &thread.reference;
        let reason = lines.iter().find(|line| line.label == Label::Reason).map(|line| line.value.clone());
        let unread_before = self.incident_now(reference).acknowledged.is_empty();
        let before = self.incident_now(reference).clone();
        let (mut items, mut refused) = (Vec::new(), false);
        let clashing = self.clashing(reference, &lines, reason.as_deref(), by, at);
        let mut taken: Vec<&str> = Vec::new();
        for line in lines.iter().filter(|line| line.label != Label::Reason || lines.len() == 1) {
            if !line.label.repeats() && taken.contains(&line.words.as_str()) {
                continue; // It says the same again, or was refused with the other one.
            }
            taken.push(&line.words);
            let label = line.words.clone();
            let judged = match clashing.contains(&label.as_str()) {
                true => Err(clash(&label)),
                false => self.judge(reference, line, reason.as_deref(), by, at),
            };
            match judged {
                Ok((Decision::Withdrawn { reason }, _)) if self.is_joined(&thread.about, reference)? => {
                    let effect = self.withdraw_report(reference, &thread.about, reason, at, by)?;
                    items.push(Item::Accepted { label, effect });
                }
                Ok((decision, effect)) => {
                    let earlier = self.incident_now(reference).clone();
                    let parting = self.divide(reference, &decision, at)?;
                    let beside = self.beside_linking(&earlier, &decision, parting.as_ref())?;
                    self.happen(reference, at, Event::Decided { decision: decision.clone(), by: by.clone() });
                    self.find_duties(reference, &earlier, at);
                    let told = self.telling().after(&earlier, self.incident_now(reference), &decision, by);
                    self.tell(reference, told);
                    self.link(reference, &earlier, &decision, at, by, parting)?;
                    items.push(Item::Accepted { label, effect: effect + &beside });
                }
                Err(why) => {
                    refused = true;
                    self.relay(reference, line, by, mail, at);
                    let event = Event::Refused { label: label.clone(), reason: why.reason.clone(), by: by.clone() };
                    self.happen(reference, at, event);
                    let again = why.correctable.then(|| self.corrected(reference, line, by, at));
                    items.push(Item::Refused { label, reason: why.reason, line: again });
                    if line.label == Label::Close && why.correctable {
                        items.extend(self.asked_before_closing(reference));
                    }
                }
            }
        }
        let over = before.status != Status::Open && self.incident_now(reference).status != Status::Open;
        // What was refused because it is over says so itself.
        let says_so = refused || lines.iter().any(|line| line.label != Label::Acknowledged);
        items.extend((over && !says_so).then_some(Item::IsOver));
        for attempt in attempts {
            refused = true;
            let reason = attempt.reason();
            let event = Event::Refused { label: attempt.label.clone(), reason: reason.clone(), by: by.clone() };
            self.happen(reference, at, event);
            items.push(Item::Refused { label: attempt.label, reason, line: Some(attempt.meant) });
        }
        refused |= !elsewhere.is_empty();
        items.extend(elsewhere);
        let nominated = self.telling().nomination(&before, self.incident_now(reference), by);
        if !nominated.is_empty() {
            items.extend(self.telling().officer_is_involved(self.incident_now(reference)));
        }
        self.tell(reference, nominated);
        let forwarded = self.telling().forwarded(&before, self.incident_now(reference), by);
        self.tell(reference, forwarded);
        let kind = if refused { NoticeKind::DecisionRefused } else { NoticeKind::DecisionReceipt };
        if unread_before {
            self.first_read(reference);
        }
        items.extend(self.next_of_review(reference, &before));
        let mut receipt = to_decider(kind, mail, by, items);
        // I14: of what is open again they hear with everybody else.
        if before.status == Status::Open {
            receipt.items.extend(self.telling().newly_asked(&before, self.incident_now(reference), &receipt.to));
        }
        self.tell(reference, [receipt]);
        Ok(())
    }

    /// What one line means for the incident as it is now.
    pub(super) fn judge(
        &self,
        reference: &Reference,
        line: &Line,
        reason: Option<&str>,
        by: &Decider,
        at: DateTime<Utc>,
    ) -> Result<Accepted, Refusal> {
        self.on_bench(at, |bench| bench.judge(self.incident_now(reference), line, reason, by))
    }

    /// What lines are judged by in this turn.
    fn on_bench<T>(&self, at: DateTime<Utc>, judge: impl FnOnce(Bench) -> T) -> T {
        let goes_on_as = |other: &Reference| {
            Lookup::incident(self, other).ok()??;
            let reference = intake::went_on_as(other.clone(), self).ok()?;
            let status = Lookup::incident(self, &reference).ok()??.status;
            Some((reference, status))
        };
        let allowed = |email: &str| self.rules.allows(email);
        let ours = |email: &str| self.is_ours(email);
        judge(Bench {
            clocks: self.rules.clocks(),
            people: &self.rules.people,
            allowed: &allowed,
            ours: &ours,
            goes_on_as: &goes_on_as,
            themes: &self.rules.theme_names,
            received_at: at,
        })
    }

    /// A refused line as it can be sent again: with the latest date where its own was too late, with the reference that is known where one
    /// is missing, with the line for a reason that is missing, with what is to be waived before an incident can be closed, else as it was
    /// written.
    fn corrected(&self, reference: &Reference, line: &Line, by: &Decider, at: DateTime<Utc>) -> String {
        let incident = self.incident_now(reference);
        let written = line.value.replace('\n', " ");
        let today = self.rules.calendar.day(self.now);
        let value = match line.label {
            Label::ReportDue => {
                let limit = self.rules.clocks().investigation_limit(incident);
                limit.map_or(written, |limit| match limit >= today {
                    true => in_words(limit),
                    false => String::new(),
                })
            }
            Label::EnquiryConcluded if written.matches(';').count() == 1 => match ofsted_reference(incident) {
                Some(known) => format!("{written}; {known}"),
                None => written,
            },
            Label::Waived => String::new(),
            _ => written,
        };
        let again = format!("{}: {value}", line.words).trim_end().to_owned();
        match line.label {
            // C7: what is refused of it for want of a reason.
            Label::Classification if class_decided(&line.value).is_some() => format!("{again}\nReason:"),
            // What is open can be waived in the same reply.
            Label::Close => {
                let waivers = self.on_bench(at, |bench| bench.waivers(incident, by));
                waivers.into_iter().chain([again]).collect::<Vec<_>>().join("\n")
            }
            _ => again,
        }
    }

    /// What stands in the way of closing, asked with the lines that answer it.
    fn asked_before_closing(&self, reference: &Reference) -> Vec<Item> {
        let open = self.rules.clocks().obligations(self.incident_now(reference), self.now).into_iter();
        let asked = |standing: Standing| Item::Asked { obligation: standing.id, due_at: standing.due_at, number: 1 };
        open.filter(Standing::is_open).map(asked).collect()
    }

    /// Labels of which one mail holds several lines that do not say the same: none of them takes effect.
    fn clashing<'l>(
        &self,
        reference: &Reference,
        lines: &'l [Line],
        reason: Option<&str>,
        by: &Decider,
        at: DateTime<Utc>,
    ) -> Vec<&'l str> {
        let meaning = |line: &Line| self.judge(reference, line, reason, by, at).map(|(decision, _)| decision);
        let differ = |one: &Line, other: &Line| match (meaning(one), meaning(other)) {
            (Ok(one), Ok(other)) => !says_the_same(&one, &other),
            _ => !one.value.eq_ignore_ascii_case(&other.value),
        };
        let pairs =
            lines.iter().enumerate().flat_map(|(at, one)| lines[at + 1..].iter().map(move |other| (one, other)));
        let same_label = pairs.filter(|(one, other)| one.words == other.words && !one.label.repeats());
        same_label.filter(|(one, other)| differ(one, other)).map(|(one, _)| one.words.as_str()).collect()
    }

    /// T2, T6a: what was refused because it is not done yet is kept, and the directors read it as they read a reply in prose.
    fn relay(&mut self, reference: &Reference, line: &Line, by: &Decider, mail: &Mail, at: DateTime<Utc>) {
        let call = line.label == Label::PhoneCallMade;
        // I14: of what was withdrawn nobody hears more.
        let withdrawn = self.incident_now(reference).status == Status::Withdrawn;
        if withdrawn || !(call || (line.label == Label::DebriefArranged && by.rank() == 0)) {
            return;
        }
        self.happen(reference, at, Event::ReplyKept { mail: mail.clone(), known: true, problems: Vec::new() });
        let text = mail.text.chars().take(QUOTED_CHARS_MAX).collect();
        let wrote = Item::Wrote { from: self.named(mail), known: true, text };
        let incident = self.incident_now(reference).clone();
        let telling = self.telling();
        let told = if call {
            telling.update(&incident, &[&mail.from.email], vec![wrote])
        } else {
            let roles = [Role::HeadOfService, Role::ServiceDirector].into_iter();
            roles
                .flat_map(|role| telling.update_role(&incident, role, &[&mail.from.email], vec![wrote.clone()]))
                .collect()
        };
        self.tell(reference, told);
    }

    /// Who wrote a mail, in words: a person of the settings by name, anybody else with the address, which no display name can hide
    /// (M19).
    pub(super) fn named(&self, mail: &Mail) -> String {
        if let Some(person) = self.rules.people.person(&mail.from.email) {
            return person.name.clone();
        }
        let name: Vec<&str> = mail.from.name.iter().flat_map(|name| name.split_whitespace()).collect();
        let name = name.into_iter().filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" ");
        match (name.as_str(), mail.trusted) {
            ("", _) => mail.from.email.clone(),
            (name, true) => format!("{name} ({})", mail.from.email),
            (name, false) => format!("{} (under the name “{name}”)", mail.from.email),
        }
    }

    /// T9, T10: what the review leaves to do is asked in the receipt of its outcome.
    fn next_of_review(&self, reference: &Reference, before: &Incident) -> Vec<Item> {
        let incident = self.incident_now(reference);
        if incident.review_at.is_none() || before.review_at.is_some() {
            return Vec::new();
        }
        let open = ["feedback", "learning_shared"]
            .into_iter()
            .filter_map(|id| self.rules.clocks().standing_of(id, incident, self.now))
            .filter(Standing::is_open);
        let asked = open.map(|standing| Item::Asked { obligation: standing.id, due_at: standing.due_at, number: 1 });
        // T8: what nobody made binding is carried out by nobody.
        let undecided = incident.reviewed_at().is_none();
        undecided.then_some(Item::RecommendationsOpen).into_iter().chain(asked).collect()
    }

    /// The labels of lines that stand between quoted ones and may be ours.
    pub(super) fn unsure(&self, message: &Message) -> Vec<String> {
        self.labels(&message.unsure.join("\n"))
    }

    /// Answers lines that nobody took for their writer's, or that stand in a form: of whoever decides here, nothing that looks like a
    /// decision stays unanswered.
    pub(super) fn not_taken(
        &mut self,
        thread: &Thread,
        labels: Vec<String>,
        reason: &str,
        mail: &Mail,
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let reference = &thread.reference;
        if labels.is_empty() || answered(thread, &mail.from.email).is_none() || !self.load(reference)? {
            return Ok(());
        }
        let by = self.decider(reference, mail, at);
        let officer = self.incident_now(reference).officer.as_ref().is_some_and(|officer| officer.email == by.email);
        if officer || !by.roles.is_empty() {
            self.not_believed(reference, labels, reason, &by, mail, at);
        }
        Ok(())
    }

    /// Whether the address that a mail claims is somebody's whose lines would count here, were they theirs.
    fn would_decide(&self, reference: &Reference, mail: &Mail) -> bool {
        let incident = self.incident_now(reference);
        let officer = incident.officer.as_ref().is_some_and(|officer| officer.email == mail.from.email);
        officer || self.rules.people.person(&mail.from.email).is_some() || incident.is_reporter(&mail.from.email)
    }

    /// The labels of the lines of a text, and of what is nearly one.
    pub(super) fn labels(&self, text: &str) -> Vec<String> {
        let near = attempts(text, &self.rules.procedure.own_labels()).into_iter().map(|near| near.label);
        self.lines(text).into_iter().map(|line| line.words).chain(near).collect()
    }

    /// M18: lines under the address of a known person that are not known to be theirs change nothing, and they are told why.
    fn not_believed(
        &mut self,
        reference: &Reference,
        labels: Vec<String>,
        reason: &str,
        by: &Decider,
        mail: &Mail,
        at: DateTime<Utc>,
    ) {
        let mut items = Vec::new();
        for label in labels {
            let event = Event::Refused { label: label.clone(), reason: reason.into(), by: by.clone() };
            self.happen(reference, at, event);
            items.push(Item::Refused { label, reason: reason.into(), line: None });
        }
        if self.may_be_refused(mail) {
            self.tell(reference, [to_decider(NoticeKind::DecisionRefused, mail, by, items)]);
        }
    }

    /// M20: a refusal holds nothing of an incident but its reference, and the council's own people must hear that they were not heard:
    /// also those for whom the mail server did not vouch.
    pub(super) fn may_be_refused(&self, mail: &Mail) -> bool {
        self.rules.allows(&mail.from.email) && !self.is_ours(&mail.from.email)
    }

    /// The roles that the writer of a mail may act in, and for whom; none where the mail is to be authenticated and is not (M18).
    pub(super) fn powers(&self, mail: &Mail, service: Option<&str>, at: DateTime<Utc>) -> (Vec<Role>, Option<String>) {
        match self.rules.believes(mail.authentication) {
            true => self.rules.people.powers(&mail.from.email, service, self.rules.calendar.day(at)),
            false => (Vec::new(), None),
        }
    }

    /// Who wrote a mail, with the roles that they may act in for the incident on the day of its receipt.
    pub(super) fn decider(&self, reference: &Reference, mail: &Mail, at: DateTime<Utc>) -> Decider {
        self.decider_for(self.telling().service(self.incident_now(reference)), mail, at)
    }

    /// The same for a service; without one, as what concerns all of them.
    pub(super) fn decider_for(&self, service: Option<&str>, mail: &Mail, at: DateTime<Utc>) -> Decider {
        let (roles, on_behalf_of) = self.powers(mail, service, at);
        let person = self.rules.people.person(&mail.from.email);
        let name = person.map(|person| person.name.clone()).or_else(|| mail.from.name.clone());
        Decider {
            name: name.unwrap_or_else(|| mail.from.email.clone()),
            email: mail.from.email.clone(),
            roles,
            on_behalf_of,
            mail: mail.id.clone(),
            typed_by: None,
        }
    }
}

/// An answer to somebody who decides, in the capacity in which they do: the lines offered are those that they may write.
pub(super) fn to_decider(kind: NoticeKind, mail: &Mail, by: &Decider, items: Vec<Item>) -> Notice {
    let mut notice = to_sender(kind, mail, items);
    notice.to.name = by.name.clone();
    notice.to.roles = by.roles.clone();
    notice.to.on_behalf_of = by.on_behalf_of.clone();
    notice
}

/// The refusal of lines of which only one can hold: neither is offered again.
fn clash(label: &str) -> Refusal {
    let reason = format!("Your reply holds two lines \"{label}\" that say different things. Send the one that holds.");
    Refusal { reason, correctable: false }
}

/// Whether two decisions of one label agree, in whatever words.
fn says_the_same(one: &Decision, other: &Decision) -> bool {
    match (one, other) {
        (Decision::StrategyMeeting { at: one, .. }, Decision::StrategyMeeting { at: other, .. }) => one == other,
        (Decision::PhoneCallMade { .. }, Decision::PhoneCallMade { .. }) => true,
        _ => one == other,
    }
}

/// Whether somebody writes as the reporter alone: then prose is more about the incident (I5), not an answer to a question.
fn reporter_only(by: &Decider, reporter: bool, officer: bool) -> bool {
    reporter && by.rank() == 0 && !officer
}
