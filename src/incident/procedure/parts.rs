//! What a rule is made of: moments and facts, parties, lengths and schedules, as `procedure.toml` writes them.
//!
//! Values alone. What they mean for an incident is worked out by [`due`](super::super::due).

use chrono::NaiveDate;
use serde::Deserialize;

use crate::incident::event::{Class, NoticeKind};
use crate::incident::people::Role;

/// A class as the clocks see it: the higher of stated and inferred, until a director decides (C6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The classes of section 4, and none.
pub enum Pace {
    Catastrophic,
    Serious,
    NearMiss,
    NotSerious,
    Unclassified,
}

impl From<Option<Class>> for Pace {
    fn from(class: Option<Class>) -> Self {
        match class {
            Some(Class::Catastrophic) => Pace::Catastrophic,
            Some(Class::Serious) => Pace::Serious,
            Some(Class::NearMiss) => Pace::NearMiss,
            Some(Class::NotSerious) => Pace::NotSerious,
            None => Pace::Unclassified,
        }
    }
}

/// Something of which an incident may have several, each with an obligation of its own: `recommendation-1`, `recommendation-2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    /// A binding recommendation (T11).
    Recommendation,
    /// An urgent concern (T10).
    UrgentConcern,
}

/// What starts an obligation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Receipt of the incident's first mail.
    Receipt,
    /// Receipt of the incident's first mail, or of the form that overtook the decision on its class (T3, I5).
    ClassAsked,
    /// The form or the decision by which it is catastrophic: its receipt (T2, I5).
    Catastrophic,
    /// The first alert was written, or the first one since a form raised the class (I5).
    Alert,
    /// A Need To Know without a notification form is serious or catastrophic: its receipt, or the decision (T4).
    SeriousNeedToKnow,
    /// Receipt of the first notification form (T6).
    NotificationForm,
    /// The first notification form, or the nomination on a Need To Know alone (T7).
    Investigation,
    /// An officer was nominated.
    Nomination,
    /// Receipt of a report that counts (T8).
    Report,
    /// The review's outcome (T9).
    Review,
    /// The recommendation became binding, or the urgent concern was reported: of an obligation for each of them (T10, T11).
    Numbered,
    /// The Working Together criteria were first met, or confirmed by quality assurance (C5).
    PanelCriteria,
    /// Those with a review to follow: not a care leaver's death (N10), nor a looked-after child's without abuse (N4, N7).
    RapidReview,
    /// A local practice review was started (N5).
    PracticeReview,
    /// A day for its publication was named (N5).
    PublicationDate,
    /// The incident happened in a regulated service (O1).
    RegulatedService,
    /// A child protection enquiry was started (O3).
    Enquiry,
    /// The annual report was sent: once a year, of no incident (T12).
    AnnualReport,
    /// A decision line of the council's own.
    Line(String),
}

/// What meets or ends an obligation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each is the decision or document of that name.
pub enum Fact {
    Acknowledged,
    PhoneCall,
    Classification,
    NotificationForm,
    StrategyMeeting,
    Nomination,
    Debrief,
    Report,
    Review,
    Feedback,
    Learning,
    Members,
    Numbered,
    PanelRequired,
    PanelNotRequired,
    PanelNotified,
    PartnersInformed,
    RapidReview,
    Published,
    NoPracticeReview,
    NotPublished,
    PracticeReviewSent,
    OfstedNotified,
    EnquiryConcluded,
    ReportTabled,
    LearningDisseminated,
    /// A decision line of the council's own.
    Line(String),
}

/// Who must act or be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// Whoever holds a role.
    Role(Role),
    /// The investigating officer.
    Officer,
    /// Who reported the incident.
    Reporter,
    /// Everybody of the chain who is an addressee of the alert.
    Chain,
    /// Those, and one level of the chain more each time (T13).
    NextLevel,
    /// Whoever carries out a recommendation; where their address is not known, the Service Director (T11).
    Owner,
}

impl<'de> Deserialize<'de> for Party {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(match name.as_str() {
            "officer" => Party::Officer,
            "reporter" => Party::Reporter,
            "chain" => Party::Chain,
            "next_level" => Party::NextLevel,
            "owner" => Party::Owner,
            role => Party::Role(Role::deserialize(serde::de::value::StrDeserializer::<D::Error>::new(role))?),
        })
    }
}

/// How long an obligation has. Exactly one of the lengths is given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// The classes for which this entry holds; empty: all.
    #[serde(default)]
    pub classes: Vec<Pace>,
    /// The days between which it is in force, by the local day on which the obligation arises; left out: always.
    pub in_force: Option<InForce>,
    /// Elapsed hours.
    pub hours: Option<u32>,
    /// Hours between 09:00 and 17:00 on working days.
    pub working_hours: Option<u32>,
    /// Calendar days; ends at the close of the last one.
    pub days: Option<u32>,
    /// Working days; ends at the close of the last one.
    pub working_days: Option<u32>,
    /// Calendar months; ends at the close of the same day of the last one, or of its last day.
    pub months: Option<u32>,
    /// The working days are counted back from this date rather than on from the start.
    pub before: Option<Appointed>,
    /// A date that the incident itself carries.
    pub at: Option<Appointed>,
    /// Another start than the moment that the obligation arises, when the incident gives it.
    pub from: Option<Start>,
}

/// The days between which a rule is in force, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InForce {
    /// The first day; left out: since ever.
    #[serde(default, deserialize_with = "day")]
    pub from: Option<NaiveDate>,
    /// The last day; left out: until further notice.
    #[serde(default, deserialize_with = "day")]
    pub to: Option<NaiveDate>,
}

impl InForce {
    /// Whether a local day lies between them.
    pub fn covers(self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// A day in quotes or without.
fn day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let written = match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => text,
        toml::Value::Datetime(day) => day.to_string(),
        _ => String::new(),
    };
    written.parse().map(Some).map_err(|_| serde::de::Error::custom("a day is written as \"2020-04-24\""))
}

/// The most that a policy or law allows; a council's own value may be shorter, never longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Most {
    /// Elapsed hours.
    Hours(u32),
    /// Calendar days.
    Days(u32),
    /// Working days.
    WorkingDays(u32),
    /// Calendar months.
    Months(u32),
}

/// A date that the incident carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Appointed {
    /// The agreed date of the investigation report, at most its 28-day limit (T7).
    InvestigationLimit,
    /// The date agreed for a recommendation (T11).
    Agreed,
    /// The day on which a practice review is to be published (N5).
    Publication,
}

/// A start that the incident gives; the moment that the obligation arises where it gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The stated end of the immediate response (T3).
    ResponseEnded,
    /// The authority became aware (N1).
    Aware,
    /// The incident's own day (N4).
    Incident,
    /// The Panel was notified (N4).
    Notification,
    /// The practice review was started (N5).
    PracticeReview,
}

/// An answer that a mail offers: words on a link, and the lines that it writes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The words.
    pub words: String,
    /// The lines; one that ends with its colon waits for a value.
    pub lines: Vec<String>,
}

/// Who is told too, once another obligation is met.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Once {
    /// The obligation.
    pub met: String,
    /// Who.
    pub to: Vec<Party>,
}

/// One series of notices of an obligation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Which notice.
    pub notice: NoticeKind,
    /// The classes for which it goes out; empty: all.
    #[serde(default)]
    pub classes: Vec<Pace>,
    /// Only while the answers say that a child died, or only while they do not; left out: either way (O5).
    pub child_died: Option<bool>,
    /// When.
    pub schedule: Schedule,
    /// To whom.
    pub to: Vec<Party>,
    /// To whom too, from the second of the series on.
    #[serde(default)]
    pub from_second: Vec<Party>,
    /// To whom instead, once the series is monthly.
    #[serde(default)]
    pub monthly_to: Vec<Party>,
    /// To whom too, once another obligation is met (N4).
    pub once: Option<Once>,
}

/// When the notices of a series go out. Mornings are 09:00 local.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// When the obligation arises.
    AtOnce,
    /// Each time the obligation's length has passed again since it arose, until the top of the chain was told (T13).
    EachLevel,
    /// So many hours after it arose, day and night; then each morning, where set.
    Hours {
        /// Elapsed hours.
        at: Vec<u32>,
        /// Moved into working hours.
        #[serde(default)]
        in_working_hours: bool,
        /// Counted from when it was first asked for rather than from when it arose; asked anew of a death, or when it was opened again, from
        /// then (O5).
        #[serde(default)]
        since_asked: bool,
        /// After the last one each day at 09:00.
        #[serde(default)]
        then_daily: bool,
    },
    /// The morning of the working day after so many full working days; then again.
    Mornings {
        /// Full working days after the day on which it arose.
        after_full_working_days: u32,
        /// Pause of the further ones, in working days.
        #[serde(default)]
        then_every_working_days: u32,
        /// How many further ones.
        #[serde(default)]
        times: u32,
    },
    /// Mornings so many months after it arose, again and again; on a non-working day, the working day after.
    Monthly {
        /// The pause.
        every_months: u32,
    },
    /// Mornings before the due date; on a non-working day, the working day before.
    BeforeDue {
        /// Calendar days before.
        days: Vec<u32>,
        /// Not moved to a working day (N1, section 9).
        #[serde(default)]
        on_any_day: bool,
    },
    /// Mornings after the due date; on a non-working day, the working day after, each moved by itself.
    AfterDue {
        /// The first, calendar days after the due date.
        first_days: u32,
        /// The pause between, in calendar days.
        every_days: u32,
        /// How many so.
        times: u32,
        /// After them, the pause in months; 0: no more.
        then_every_months: u32,
    },
}
