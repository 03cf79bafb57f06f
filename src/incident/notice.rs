//! What somebody is to be told: a [`Notice`] names the recipient, the kind and the items, and leaves the words to
//! [`notices`](crate::notices).

use chrono::{DateTime, NaiveDate, Utc};

use super::event::{Attached, Class, Criterion, NoticeKind, Reference};
use super::parting::{Came, Made};
use super::people::{Addressee, Role};

/// One mail that is to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// `X-Notice`. What falls due in one turn for one person and one incident is one mail of the most urgent kind (section 9).
    pub kind: NoticeKind,
    /// The one recipient.
    pub to: Addressee,
    /// What it says, in order; the first is the most important.
    pub items: Vec<Item>,
    /// The `Message-ID` of the mail that it answers or was caused by.
    pub in_reply_to: Option<String>,
    /// Files that go along.
    pub attachments: Vec<Attached>,
}

/// How soon something outstanding needs somebody (T15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// Past due.
    Late,
    /// Due within 14 days.
    Soon,
    /// Later, or nothing but to be closed.
    Open,
}

/// One line of a digest (T15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outstanding {
    /// The incident.
    pub reference: Option<Reference>,
    /// Its service, as the settings name it.
    pub service: Option<String>,
    /// Its class, as the clocks see it.
    pub class: Option<Class>,
    /// The obligation; `None`: nothing is outstanding, and it can be closed.
    pub obligation: Option<String>,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether the recipient is one of those who must act.
    pub is_yours: bool,
}

/// One thing that a notice says.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An obligation that the recipient is asked to meet, in an alert, a request or a nomination.
    Asked {
        /// The obligation's id.
        obligation: String,
        /// When it is due.
        due_at: DateTime<Utc>,
        /// How often it has been asked, this time included; 1 is the first.
        number: u32,
    },
    /// An obligation that is soon due (T7, T8).
    Reminded {
        /// The obligation's id.
        obligation: String,
        /// When it is due.
        due_at: DateTime<Utc>,
    },
    /// An obligation that is late (T7, T8).
    Chased {
        /// The obligation's id.
        obligation: String,
        /// When it was due.
        due_at: DateTime<Utc>,
        /// Which chase this is, from 1. Higher than 1 without earlier ones after an outage.
        number: u32,
        /// The 28-day limit, where it differs from an agreed date.
        limit: Option<NaiveDate>,
    },
    /// Earlier steps about an obligation did not go out in time, and this mail stands for them (section 9, M23).
    PassedOver {
        /// The obligation's id.
        obligation: String,
        /// How many.
        steps: u32,
    },
    /// Nobody has acknowledged the alert, or the call was not made: the next level is told (T13, T2).
    Escalated {
        /// The obligation's id: `acknowledgement` or `phone_call`.
        obligation: String,
        /// Since when it is unanswered.
        since: DateTime<Utc>,
    },
    /// What is outstanding over all incidents of a recipient (T15).
    Week {
        /// How soon.
        outlook: Outlook,
        /// What, by due date.
        lines: Vec<Outstanding>,
    },
    /// Which year's report the mail is about (T12).
    OfYear {
        /// The first day that it covers, local.
        from: NaiveDate,
        /// The last one.
        to: NaiveDate,
    },
    /// The attached report is a draft of that year's (L3).
    DraftOfYear {
        /// The first day that it covers, local.
        from: NaiveDate,
        /// The last one.
        to: NaiveDate,
        /// The day on which the report itself goes out, local.
        report_on: NaiveDate,
        /// The incident and number of a lesson in the list that goes along; `None` where nothing was learned.
        lesson: Option<(Reference, u32)>,
    },
    /// The learning bulletin is attached (L4).
    Bulletin,
    /// The recipient was on To or Cc of the worker's mail (I1), and gets no second copy of the attachment.
    Copied,
    /// The recipient stands in for somebody who could not be reached (I7, M22).
    StandsIn {
        /// For whom: a name or an address.
        r#for: String,
        /// `refused`, `bounced` or `absent`.
        why: String,
    },
    /// The sender is outside the allowed domains (I2, M20).
    ExternalSender {
        /// The address.
        email: String,
    },
    /// The recipient or another addressee is named in the form (section 10).
    NamedInForm {
        /// Whose copy went out: the name.
        name: String,
    },
    /// Open incidents that may be the same (I9).
    MayBeSame(Vec<Reference>),
    /// A notification form joined the incident (I9).
    Joined,
    /// An updated form changed these answers (I5): key, before, after.
    Changed(Vec<(String, String, String)>),
    /// By what was changed the class is lower than before (C6).
    Lowered {
        /// The class before.
        from: Class,
        /// The obligations that were open, and are no longer asked for.
        lapsed: Vec<String>,
    },
    /// The incident is closed or withdrawn, so that nothing about it is asked or chased.
    IsOver,
    /// To the reporter, who wrote about the incident: to whom it was passed on (I5).
    PassedOn {
        /// The roles of those who had it; of nobody where none of them could be told.
        to: Vec<Role>,
        /// When they get it, where not at once.
        later: Option<DateTime<Utc>>,
    },
    /// A notice did not reach its recipient, and nobody gets it in their place (I7).
    NotReached {
        /// The name.
        name: String,
        /// The address.
        email: String,
        /// `refused`, `bounced` or `absent`.
        why: String,
        /// Whether it was the nomination, or another mail to the investigating officer (T6).
        officer: bool,
        /// What it asked.
        asked: Vec<String>,
    },
    /// A readable form came after an unreadable one (I8).
    NowReadable,
    /// Somebody wrote who decides nothing by it (I5, M19).
    Wrote {
        /// Who.
        from: String,
        /// Whether they are known.
        known: bool,
        /// What, at most 2,000 characters.
        text: String,
    },
    /// Quality assurance or the LSCP Business Manager answered what is asked of both (N4, N5).
    AnsweredForBoth {
        /// Who.
        by: String,
        /// The line that counts.
        line: String,
    },
    /// The class was decided (C6, C7).
    ClassDecided {
        /// The class.
        class: Class,
        /// By whom: name and role.
        by: String,
        /// Why.
        reason: Option<String>,
    },
    /// The first acknowledgement (section 10).
    FirstRead {
        /// By whom.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// The recipient was nominated, or the nomination changed (T6).
    Nominated {
        /// By whom.
        by: String,
        /// When the report is due, local day.
        due: NaiveDate,
        /// The 28-day limit, local day.
        limit: NaiveDate,
        /// Whether officer or date changed after a first nomination.
        changed: bool,
    },
    /// The recipient is no longer the investigating officer (T6).
    Replaced {
        /// The new officer's name.
        by: String,
    },
    /// The Service Director should know: the officer is named in the form, or is the reporter (T6).
    OfficerInvolved {
        /// The officer's name.
        name: String,
    },
    /// A late report has a new date (T7).
    ExpectedOn {
        /// The date, local day.
        date: NaiveDate,
        /// The reason given.
        reason: String,
        /// By whom.
        by: String,
    },
    /// An investigation report came and counts (I3).
    ReportCame {
        /// From whom.
        from: String,
    },
    /// An investigation report came and does not count yet: the Service Director is asked (I3).
    ReportKept {
        /// From whom.
        from: String,
        /// Why, a sentence.
        why: String,
    },
    /// To whoever sent a report: it is kept and does not count yet; the Service Director has been asked (I3).
    ReportWaits {
        /// Why, a sentence.
        why: String,
    },
    /// To whoever sent a report that was returned, and sends it as it was (I3).
    ReturnedUnchanged,
    /// A document came that nobody's form is: it may be the investigation report (I3).
    NotRecognised {
        /// From whom.
        from: String,
    },
    /// To whoever wrote the review's outcome: which of the report's recommendations are binding was not said (T8).
    RecommendationsOpen,
    /// To the Strategic Director: the report was reviewed, and what other areas can learn from it (T10).
    Reviewed {
        /// By whom.
        by: String,
        /// The outcome; none where the learning alone is news.
        outcome: Option<String>,
        /// The learning to share, where there is any yet.
        learning: Option<String>,
    },
    /// The report was returned (I3).
    ReportReturned {
        /// Why.
        reason: String,
        /// The day on which it is asked for again, local.
        date: Option<NaiveDate>,
        /// By whom.
        by: String,
    },
    /// The officer asks something of the Service Director (section 3).
    OfficerAsks {
        /// The officer.
        from: String,
        /// What, a sentence.
        what: String,
    },
    /// L3: a command was entered in the recipient's name.
    Entered {
        /// The label of the line that a reply would have had.
        label: String,
        /// What it did, a sentence.
        effect: String,
        /// Who typed it.
        typed_by: String,
        /// The line that takes it back; `None` where it took something back itself.
        back: Option<String>,
    },
    /// A line of the recipient's reply was accepted.
    Accepted {
        /// The label.
        label: String,
        /// What it did, a sentence.
        effect: String,
    },
    /// A line of the recipient's reply was refused.
    Refused {
        /// The label.
        label: String,
        /// Why, and what to write instead.
        reason: String,
        /// The line as it was written, where it can be corrected.
        line: Option<String>,
    },
    /// The reply held no decision line: the lines ready to fill follow (section 3).
    NoLine,
    /// Acknowledgement: when the mail that it answers was received.
    Received {
        /// Receipt.
        at: DateTime<Utc>,
    },
    /// Acknowledgement: who was told, names and roles.
    SentTo(Vec<(String, Vec<Role>)>),
    /// Acknowledgement: at most six answers to send, key and label (I11).
    Missing {
        /// Blank on the form.
        blank: Vec<(String, String)>,
        /// There, but it could not be read.
        unread: Vec<(String, String)>,
    },
    /// The form arrived empty (I11).
    EmptyForm,
    /// The mail, or a part of it, could not be read (I8): codes of the problems.
    CouldNotRead(Vec<String>),
    /// The mail had files beside the forms of several incidents: which incident they belong to is not known, and they do not go along.
    FilesKeptBack,
    /// From whom what could not be read came, for those who are to ring them (I8).
    CameFrom {
        /// The address.
        email: String,
    },
    /// To the reporter: the incident is closed (section 10, M29).
    Closed {
        /// What may be shared of the outcome: the learning that was written to be shared.
        learning: Option<String>,
    },
    /// In an alert: a procedure beside the council's own applies (C5), or a child died (N6).
    ChildProcedure,
    /// To quality assurance: the Working Together criteria are met, with what they rest on, what is known and what is missing (C5, N1).
    PanelProposed,
    /// To quality assurance: what the proposal rested on was changed by a later form or decision (C5, N3).
    PanelChanged {
        /// What was met before.
        was: Option<Criterion>,
        /// What is met now.
        is: Option<Criterion>,
    },
    /// To whoever types from a pack, or has typed from it: answers that stand in it have changed (N3, N8, O2).
    PackOvertaken {
        /// The Panel's; else Ofsted's.
        panel: bool,
        /// When the Panel was notified, where it was.
        made: Option<NaiveDate>,
        /// Key, before, after.
        changes: Vec<(String, String, String)>,
    },
    /// To quality assurance, in reminders: what the proposal rests on (N1).
    PanelBasis,
    /// To quality assurance: a child died, and abuse and neglect were answered No (C5).
    DeathWithoutAbuse,
    /// To the partners: that there is an incident, and whom to ring (N2).
    ToPartners {
        /// The name.
        ring: String,
        /// The number.
        phone: Option<String>,
    },
    /// To the registered manager: what the report to Ofsted holds, what is known and what is missing (O2).
    OfstedAsked,
    /// To the registered manager: the form no longer says that the child died (O5).
    OfstedNoDeath,
    /// To the registered manager: news of what was reported belongs into an email to the inspector (O4).
    OfstedUpdate,
    /// To whoever sent a form: the conclusion of an enquiry needs Ofsted's reference (O3).
    EnquiryReference,
    /// To the Service Director: nobody knows the address of a recommendation's owner (T11).
    OwnerUnknown {
        /// The recommendation.
        number: u32,
    },
    /// The incident was withdrawn: what was sent about it is to be deleted (I14).
    Withdrawn {
        /// By whom.
        by: String,
        /// Why.
        reason: String,
    },
    /// One of the reports of the incident was withdrawn; the incident goes on with the rest (I9, I14).
    ReportWithdrawn {
        /// The report's own reference.
        other: Reference,
        /// By whom.
        by: String,
        /// Why.
        reason: String,
        /// It said that a child died, and no other report does.
        said_death: bool,
    },
    /// The incident is open again (I14).
    Reopened {
        /// By whom.
        by: String,
        /// Why.
        reason: String,
        /// It was withdrawn, so that whoever had anything was told to delete it; else it was closed.
        withdrawn: bool,
        /// The recipient directs or investigates it, and reads the whole of it again.
        with_facts: bool,
    },
    /// The incident is the same as another (I9).
    SameIncident {
        /// The other.
        other: Reference,
        /// By whom it was decided.
        by: String,
    },
    /// The incident is another than one that it was taken for (I9).
    Parted {
        /// The other.
        other: Reference,
        /// By whom it was decided.
        by: String,
        /// The class of the other one now.
        class_of_other: Option<Class>,
        /// What came while they were one, and whose it is.
        came: Vec<Came>,
        /// What was decided while they were one, and for which it counts.
        made: Vec<Made>,
    },
    /// The same mail or the same answers came again (I9).
    NothingNew,
    /// For quality assurance: these mails wait for a person (I1, I8).
    Attention {
        /// How many since the last word.
        mails: u64,
        /// All of them, oldest first.
        waiting: Vec<WaitingMail>,
    },
    /// More mails than one recipient gets in an hour, in one (M21).
    Summary(Vec<Summed>),
    /// Of a concern, which no director hears of (W1).
    Concern(Box<AboutConcern>),
    /// For the administrator: what, where, what to do.
    Operator(String),
}

/// What is told of a concern, and to whom (W2–W7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AboutConcern {
    /// To the whistleblowing officer: it came in.
    Came {
        /// Its number.
        number: u32,
        /// Receipt.
        received_at: DateTime<Utc>,
        /// It may be none (I6).
        doubtful: bool,
        /// A child may be at risk (W3).
        child_at_risk: bool,
        /// It was sent to the mailbox for reports, too, and no director has it.
        is_to_mailbox: bool,
        /// Whoever wrote can be asked back (W7).
        answerable: bool,
        /// What they wrote, without who they are (W2).
        words: Cleaned,
    },
    /// To the whistleblowing officer: somebody wrote again about it.
    More {
        /// Its number.
        number: u32,
        /// Who, as the middle of a sentence: "whoever raised it".
        by: &'static str,
        /// A child may be at risk by it (W3).
        child_at_risk: bool,
        /// What, without who they are (W2).
        words: Cleaned,
    },
    /// To the whistleblowing officer: whoever raised it may be named (W2).
    Named {
        /// Its number.
        number: u32,
        /// Name and address, as the mail gave them.
        who: String,
    },
    /// To the whistleblowing officer: an email about it could not be delivered.
    NotReached {
        /// Its number.
        number: u32,
        /// To whom, as the middle of a sentence.
        whom: &'static str,
    },
    /// To the whistleblowing officer, who replied without a line that decides.
    NoLine {
        /// Its number.
        number: u32,
        /// Whoever wrote can be asked back (W7).
        answerable: bool,
    },
    /// To whoever raised it: it has come (W4).
    Receipt,
    /// To whoever raised it: what the officer asks or says (W7).
    Question {
        /// In the officer's words.
        text: String,
    },
    /// To whoever raised it, who wrote again: it was passed on.
    PassedOn,
    /// To child protection: the facts, as the officer wrote them (W3).
    ChildAtRisk {
        /// The facts.
        facts: String,
        /// Who the officer is: name, and number where there is one.
        officer: String,
    },
    /// To the deputy or the duty team, who are to ring the officer, and hear nothing of what was written (W3).
    Ring {
        /// Whom: names, and numbers where there are any.
        officers: Vec<String>,
        /// Since when nobody has answered.
        since: DateTime<Utc>,
    },
    /// The officer's reply, or that of whoever raised it, was taken in; accepted and refused lines follow.
    Taken {
        /// Its number; `None` for whoever raised it.
        number: Option<u32>,
    },
}

/// A mail's words without who wrote it (W2), and what did not go along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The subject.
    pub subject: String,
    /// What the writer wrote.
    pub text: String,
    /// The words of each attached document, in order.
    pub documents: Vec<String>,
    /// How many files were held back: pictures, sound and what could not be read.
    pub files_held_back: usize,
    /// A quoted or forwarded mail was held back.
    pub quote_held_back: bool,
    /// A signature was taken off.
    pub signature_taken_off: bool,
}

/// A mail that another one names in its place (M21).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summed {
    /// The incident.
    pub reference: Option<Reference>,
    /// Its subject.
    pub subject: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// How its text begins, where it is about no incident.
    pub words: Option<String>,
}

/// A mail that waits for a person, without anything of what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMail {
    /// Its number, by which it is decided about.
    pub number: u64,
    /// Receipt.
    pub received_at: DateTime<Utc>,
    /// Why, as the end of a sentence.
    pub why: String,
}

/// Urgency of a kind: what goes out first, and what names a mail that says several things (section 9). Lower is more urgent.
pub fn urgency(kind: NoticeKind) -> u8 {
    match kind {
        NoticeKind::Alert | NoticeKind::Unreadable => 0,
        NoticeKind::Escalation | NoticeKind::Concern => 1,
        NoticeKind::Chase => 2,
        NoticeKind::Nomination => 3,
        NoticeKind::Reminder => 4,
        NoticeKind::Request => 5,
        NoticeKind::Acknowledgement => 6,
        NoticeKind::Update => 7,
        _ => 8,
    }
}
