//! Everything that can have happened to an incident: the only stored types of the core, and its only truth.
//!
//! Events are past tense and never edited; the register is a fold of them. A shape that was released stays readable: new fields
//! carry `#[serde(default)]`, and a sample of every shape is kept in the tests.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use super::people::{Role, standing_in};
use crate::forms::{Form, Kind, Problem};
use crate::message::{Address, Authentication};

/// An incident's name for people, for example `SI-2026-0001`: the year is that of the local receipt date.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reference(pub String);

impl Reference {
    /// Whether it was given before another of the same council: by year, then by number.
    pub fn is_older_than(&self, other: &Reference) -> bool {
        let parts = |reference: &Reference| -> Vec<u64> {
            reference.0.split('-').filter_map(|part| part.parse().ok()).collect()
        };
        parts(self) < parts(other)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A mail's identity (M1): SHA-256 of its raw bytes without the trace headers of the last hops, in hexadecimal.
pub type MailId = String;

/// A file in the store: SHA-256 of its bytes, in hexadecimal.
pub type FileHash = String;

/// A reply token (M30): 128 random bits as 32 lower-case hexadecimal digits.
pub type Token = String;

/// How bad (section 4). The order is that of seriousness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Decided to be none (C7).
    NotSerious,
    /// C2.
    NearMiss,
    /// C4.
    Serious,
    /// C1.
    Catastrophic,
}

/// The document or mail that something was taken from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mail {
    /// Its identity.
    pub id: MailId,
    /// `Message-ID`, which threads and names nothing.
    pub message_id: Option<String>,
    /// The sender, as `From` says.
    pub from: Address,
    /// The sender is of an allowed domain (and authenticated where that is set): may be answered (M20).
    pub trusted: bool,
    /// What the mail server said of the sender (M18); nothing where no server is believed, and of mails from before it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// To and Cc of the mail, without our own mailbox.
    pub addressees: Vec<Address>,
    /// What goes along with the alert: name and file. Of a mail with forms of several incidents those of this incident's form alone.
    pub attachments: Vec<Attached>,
    /// How many files of such a mail are with no incident, because they belong to no one form.
    #[serde(default)]
    pub kept_back: usize,
    /// What the sender wrote, without quoted text; at most 20,000 characters.
    pub text: String,
}

/// One attachment of a mail, kept as a file of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// File name as given.
    pub name: String,
    /// Media type as declared; `application/x-executable` for what begins like a program.
    pub content_type: String,
    /// The file, which is another each time that something is kept.
    pub file: FileHash,
    /// The name of what it holds, a keyed hash: two files with the same hold the same.
    pub content: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// The form that was read from it, or from what is packed in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Kind>,
}

/// Why an incident was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// A Need To Know form (I1).
    NeedToKnow,
    /// A Need To Know by its subject, in prose (I1).
    NeedToKnowBySubject,
    /// A serious incident notification form (I2).
    Notification,
    /// It could not be read (I8).
    Unreadable,
}

/// What a later mail with a form is to the incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormUse {
    /// The form that opened the incident, or the readable one after an unreadable one (I8).
    First,
    /// A notification form that joins the open incident which awaits it (I9, T4).
    Joined,
    /// An updated form (I5).
    Update,
    /// A form of an incident that was decided to be this one (I9).
    SameIncident,
    /// An investigation report that counts (I3).
    Report,
    /// An investigation report that is kept and asked about (I3), with the reason for a person.
    ReportKept(String),
}

/// One thing that happened, and when it counts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// The receipt of the mail, at most now; or the time of the turn.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: Event,
    /// The incident that the mail behind it was about, where that one went on in this one then (I9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Reference>,
}

impl Stamped {
    /// What happened to an incident under its own reference.
    pub fn new(at: DateTime<Utc>, event: Event) -> Self {
        Stamped { at, event, about: None }
    }
}

/// What can have happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The incident was opened (I1, I2, I8).
    Opened {
        /// Its name.
        reference: Reference,
        /// Why.
        because: Opening,
        /// The mail.
        mail: Mail,
        /// What was odd when reading it.
        problems: Vec<Problem>,
        /// Open incidents that may be the same (I9).
        may_be_same_as: Vec<Reference>,
    },
    /// A form was taken in.
    FormTaken {
        /// What it is to the incident.
        role: FormUse,
        /// The form.
        form: Box<Form>,
        /// The mail that carried it.
        mail: Mail,
        /// What was odd when reading it.
        problems: Vec<Problem>,
    },
    /// The same mail or the same answers came again: nothing new (I9).
    Repeated {
        /// The mail.
        mail: Mail,
    },
    /// A reply was kept that decides nothing (I5, section 3, M19).
    ReplyKept {
        /// The mail.
        mail: Mail,
        /// The sender is a person who was sent the notice that it answers.
        known: bool,
        /// What was odd, for example `cannot_read`.
        problems: Vec<Problem>,
    },
    /// A decision was accepted (I4, section 3).
    Decided {
        /// What.
        decision: Decision,
        /// Who.
        by: Decider,
    },
    /// Another incident was decided to be this one, which goes on with all that happened to that one until then (I9).
    Joined {
        /// The newer incident.
        other: Reference,
        /// What had happened to it, in order.
        events: Vec<Stamped>,
    },
    /// An incident that was decided to be the same is another one after all (I9): what happened meanwhile, as far as it belongs to this
    /// one. Of both incidents, before the decision itself.
    Parted {
        /// The other incident.
        other: Reference,
        /// What happened since they were joined, in order; of the older one in place of what its timeline holds.
        events: Vec<Stamped>,
        /// What outside partners were told meanwhile and counts for this one too (N2).
        partners_told: Vec<PartnerTold>,
    },
    /// A decision line was refused, with the reason that went back (section 3).
    Refused {
        /// The label of the line.
        label: String,
        /// The reason, a sentence.
        reason: String,
        /// Who wrote it.
        by: Decider,
    },
    /// Any reply by a person to an alert sent to that very person (section 3).
    Acknowledged {
        /// Who.
        by: Decider,
    },
    /// A notice was written to the outbox.
    Noticed(Noticed),
    /// A notice could not be delivered, or its recipient is away (I7): who gets it instead.
    Undelivered {
        /// The reply token of the notice.
        token: Token,
        /// `refused`, `bounced` or `absent`.
        why: String,
    },
    /// What the answers or a decision make of the incident beside the council's own procedure was found, and asks what it asks (C5, O1).
    Found(Duty),
    /// What an updated form changed is told to the directors at the next 09:00, together with what else changes until then (I5).
    ChangesHeld {
        /// The sender's address, who is not told.
        from: String,
        /// Key, before, after.
        changes: Vec<(String, String, String)>,
        /// Of a reply in prose: who wrote it, in words, and their words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wrote: Option<(String, String)>,
    },
    /// What was held was told.
    ChangesTold,
    /// A step of the procedure was carried out or passed over for a newer one (section 9, M23).
    Stepped {
        /// The obligation.
        obligation: String,
        /// The step's own time, which is its key together with the obligation.
        step_at: DateTime<Utc>,
    },
}

impl Event {
    /// The mail that brought it, where the event holds one.
    pub fn mail_mut(&mut self) -> Option<&mut Mail> {
        match self {
            Event::Opened { mail, .. }
            | Event::FormTaken { mail, .. }
            | Event::Repeated { mail }
            | Event::ReplyKept { mail, .. } => Some(mail),
            _ => None,
        }
    }
}

/// A partner who was written to (N2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerTold {
    /// The address.
    pub to: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether of a child's death.
    pub of_death: bool,
}

/// A duty to somebody outside that an incident brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// To the National Panel: the Working Together criteria (C5, section 6).
    Panel(PanelDuty),
    /// To Ofsted: the incident happened in a regulated service (O1, section 7).
    Ofsted(OfstedDuty),
}

/// Which of the Working Together criteria is met, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelDuty {
    /// Which.
    pub criterion: Criterion,
    /// The keys of the answers that it rests on; `classification` for the class.
    pub rests_on: Vec<String>,
    /// By the incident's first message: becoming aware may lie before its receipt (N1).
    pub by_first_message: bool,
}

/// A criterion of Working Together, or of the rules beside it (C5). The order is that of gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The class is catastrophic for harm to a child, and abuse or neglect is not answered No.
    Catastrophic,
    /// A child was seriously harmed, and abuse or neglect is not answered No.
    SeriousHarm,
    /// A child died, and abuse or neglect is not answered No.
    Death,
    /// A care leaver up to and including 24 died (N10).
    CareLeaverDeath,
    /// A child died in a regulated setting or service, whatever was answered.
    RegulatedDeath,
    /// A looked-after child died, whatever was answered (N7).
    LookedAfterDeath,
}

/// Which kind of regulated service, and what says so (O1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfstedDuty {
    /// The kind, as the procedure's regulations name it; `None` where the form says no more than that it is regulated.
    pub kind: Option<String>,
    /// `settings`, or the key of the answer.
    pub rests_on: String,
}

/// Who decided, and in what capacity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decider {
    /// The name, as the settings or the mail give it.
    pub name: String,
    /// The address in lower case.
    pub email: String,
    /// The roles that they hold for this incident, deputies included. Empty: the reporter, the officer, an owner.
    pub roles: Vec<Role>,
    /// For whom, when a deputy.
    pub on_behalf_of: Option<String>,
    /// The mail that carried it; empty where a command did.
    pub mail: MailId,
    /// Who typed the command that carried it, as the system knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed_by: Option<String>,
}

impl Decider {
    /// The name as others read it: who stands in for somebody is named with that person (section 1).
    pub fn in_words(&self) -> String {
        standing_in(&self.name, self.on_behalf_of.as_deref())
    }
}

/// A notice that was written to the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noticed {
    /// The name in `X-Notice`.
    pub kind: NoticeKind,
    /// The address.
    pub to: String,
    /// The name.
    pub name: String,
    /// The roles that made them an addressee.
    pub roles: Vec<Role>,
    /// For whom, when a deputy.
    #[serde(default)]
    pub on_behalf_of: Option<String>,
    /// Its reply token.
    pub token: Token,
    /// Its Message-ID, without angle brackets.
    pub message_id: String,
    /// The obligations that it is about.
    pub obligations: Vec<String>,
    /// Its number in the outbox; `None` for what was sent before this was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// `X-Notice`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // The names are those of the interface's table, which explains them.
pub enum NoticeKind {
    Alert,
    Unreadable,
    Escalation,
    Acknowledgement,
    DecisionReceipt,
    DecisionRefused,
    Nomination,
    Chase,
    Reminder,
    Request,
    Update,
    Forward,
    Pack,
    Partners,
    Digest,
    Bulletin,
    AnnualReport,
    Concern,
    ConcernReceipt,
    Operator,
}

impl NoticeKind {
    /// The name in `X-Notice`, which is the template's name too.
    pub fn name(self) -> &'static str {
        match self {
            NoticeKind::Alert => "alert",
            NoticeKind::Unreadable => "unreadable",
            NoticeKind::Escalation => "escalation",
            NoticeKind::Acknowledgement => "acknowledgement",
            NoticeKind::DecisionReceipt => "decision-receipt",
            NoticeKind::DecisionRefused => "decision-refused",
            NoticeKind::Nomination => "nomination",
            NoticeKind::Chase => "chase",
            NoticeKind::Reminder => "reminder",
            NoticeKind::Request => "request",
            NoticeKind::Update => "update",
            NoticeKind::Forward => "forward",
            NoticeKind::Pack => "pack",
            NoticeKind::Partners => "partners",
            NoticeKind::Digest => "digest",
            NoticeKind::Bulletin => "bulletin",
            NoticeKind::AnnualReport => "annual-report",
            NoticeKind::Concern => "concern",
            NoticeKind::ConcernReceipt => "concern-receipt",
            NoticeKind::Operator => "operator",
        }
    }
}

#[allow(missing_docs)] // Each variant names its rule; its fields are the values of the line.
/// What a person can decide by a line of a reply (interface, "Decisions by reply"). Dates are local days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// Read.
    Acknowledged,
    /// T2: who was rung and when, or "yes".
    PhoneCallMade { detail: String },
    /// T3, C3, C7.
    Classification { class: Class, reason: Option<String> },
    /// T5: `None` is "no".
    StrategyMeeting { at: Option<NaiveDateTime>, detail: String },
    /// T6.
    Investigator { name: String, email: String },
    /// T6: the agreed date.
    ReportDue { date: NaiveDate },
    /// T7: chases stop until then.
    Expected { date: NaiveDate, reason: String },
    /// I3: reopens T7 with the limit unchanged.
    ReportReturned { reason: String, date: Option<NaiveDate> },
    /// Section 3: a request to the Service Director; nothing changes.
    CannotInvestigate { reason: String },
    /// Section 3: a request to the Service Director; nothing changes.
    AskFor { date: NaiveDate },
    /// T6a.
    DebriefArranged { detail: String },
    /// T8.
    ReviewOutcome { text: String },
    /// T8: the numbers that are binding.
    Recommendations { numbers: Vec<u32> },
    /// T8: one more, written by the reviewer.
    Recommendation { text: String, owner: String, date: Option<NaiveDate> },
    /// T11.
    RecommendationDone { number: u32 },
    /// T9.
    FeedbackGiven { date: NaiveDate },
    /// T10.
    LearningToShare { text: String },
    /// T14.
    MembersInformed { detail: String },
    /// T10.
    UrgentConcern { text: String },
    /// T10.
    UrgentConcernDone { number: u32 },
    /// N1: the day on which the authority became aware.
    BecameAware { date: NaiveDate },
    /// C5: confirmed.
    PanelRequired,
    /// C5: declined, or withdrawn later.
    PanelNotRequired { reason: String },
    /// N1.
    PanelNotified { date: NaiveDate, reference: String },
    /// N2: the mail to the partners may go.
    TellPartners,
    /// N2.
    PartnersInformed { date: NaiveDate },
    /// N4.
    RapidReviewSubmitted { date: NaiveDate },
    /// N5: when it was initiated.
    PracticeReviewStarted { date: NaiveDate },
    /// N5.
    NoPracticeReview { reason: String },
    /// N5: planned, and past: when it was published.
    PublicationDate { date: NaiveDate },
    /// N5.
    PracticeReviewNotPublished { reason: String },
    /// N5: the full report went to the Panel and DfE.
    PracticeReviewSent { date: NaiveDate },
    /// O5.
    OfstedNotified { date: NaiveDate, reference: String },
    /// O3.
    EnquiryStarted { date: NaiveDate, reference: String },
    /// O3.
    EnquiryConcluded { date: NaiveDate, outcome: String, reference: String },
    /// A line of the council's own procedure.
    Own { label: String, value: String },
    /// I9.
    SameAs { reference: Reference },
    /// I9.
    NotTheSame { reference: Reference },
    /// Section 1.
    Service { name: String },
    /// The interface's `Waived`.
    Waived { obligation: String, reason: String },
    /// The interface's `Close`.
    Close { reason: String },
    /// The interface's `Reopen`.
    Reopen { reason: String },
    /// I14.
    Withdrawn { reason: String },
    /// L3: the themes of a passage of the investigation report, none of them being "other"; `None` takes that back. The passage in its
    /// own words, by which it is known.
    Theme { number: u32, passage: String, themes: Option<Vec<String>> },
}

/// Answers by key, as later stages look them up.
pub type Fields = BTreeMap<String, crate::forms::Field>;
