//! The rules as data: what starts an obligation, how long it has, who must act, what meets it, and which steps go out.
//!
//! Comes in: `procedure.toml` (built in) and the settings' own values. Goes out: [`Procedure`], which [`due`](super::due) evaluates
//! against an incident. Adding an obligation is adding a table to the file; only a new kind of moment or fact is code.

use serde::Deserialize;

use super::event::{Class, NoticeKind};
use super::people::Role;

const BUILT_IN: &str = include_str!("procedure.toml");

/// The rules in force.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// The longest an investigation may take, in calendar days after the first notification form (T6). At most 28.
    pub investigation_days: u32,
    /// The obligations, in the order in which mails and reports list them.
    #[serde(rename = "obligation")]
    pub obligations: Vec<Obligation>,
}

/// One obligation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    /// Its id in JSON and settings.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// Where the rule comes from.
    pub source: String,
    /// What it is, as lists name it.
    pub title: String,
    /// What the actor is asked, one sentence.
    pub asks: String,
    /// The line of a reply that answers it, ready to fill; "" where a reply cannot.
    #[serde(default)]
    pub line: String,
    /// Further lines that belong to it.
    #[serde(default)]
    pub also: Vec<String>,
    /// What starts it.
    pub arises: Moment,
    /// The classes for which it exists, by pace (C6); empty: all.
    #[serde(default)]
    pub classes: Vec<Pace>,
    /// Who must act.
    pub actors: Vec<Party>,
    /// What meets it.
    pub met_by: Fact,
    /// How long it has; the first entry whose classes fit. None fits: it does not exist.
    pub due: Vec<Due>,
    /// What goes out, and when.
    #[serde(default)]
    pub steps: Vec<Step>,
}

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

/// What starts an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Receipt of the incident's first mail.
    Receipt,
    /// The first alert was written.
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
}

/// What meets an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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
}

impl<'de> Deserialize<'de> for Party {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(match name.as_str() {
            "officer" => Party::Officer,
            "reporter" => Party::Reporter,
            "chain" => Party::Chain,
            "next_level" => Party::NextLevel,
            role => Party::Role(Role::deserialize(serde::de::value::StrDeserializer::<D::Error>::new(role))?),
        })
    }
}

/// How long an obligation has. Exactly one of the lengths is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// The classes for which this entry holds; empty: all.
    #[serde(default)]
    pub classes: Vec<Pace>,
    /// Elapsed hours.
    pub hours: Option<u32>,
    /// Hours between 09:00 and 17:00 on working days.
    pub working_hours: Option<u32>,
    /// Calendar days; ends at the close of the last one.
    pub days: Option<u32>,
    /// Working days; ends at the close of the last one.
    pub working_days: Option<u32>,
    /// A date that the incident itself carries.
    pub at: Option<Appointed>,
    /// A later start than the moment that the obligation arises, when the form gives it.
    pub from: Option<LaterStart>,
}

/// A date that the incident carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Appointed {
    /// The agreed date of the investigation report, at most its 28-day limit (T7).
    InvestigationLimit,
}

/// A start that the form gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaterStart {
    /// The stated end of the immediate response (T3).
    ResponseEnded,
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
}

/// When the notices of a series go out. Mornings are 09:00 local.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// When the obligation arises.
    AtOnce,
    /// Each time the obligation's length has passed again since it arose, until the top of the chain was told (T13).
    EachLevel,
    /// So many hours after it arose; then each morning, where set.
    Hours {
        /// Elapsed hours.
        at: Vec<u32>,
        /// Moved into working hours.
        #[serde(default)]
        in_working_hours: bool,
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
    /// Mornings before the due date; on a non-working day, the working day before.
    BeforeDue {
        /// Calendar days before.
        days: Vec<u32>,
    },
    /// Mornings after the due date; on a non-working day, the working day after, each moved by itself.
    AfterDue {
        /// The first, calendar days after the due date.
        first_days: u32,
        /// The pause between, in calendar days.
        every_days: u32,
        /// How many so.
        times: u32,
        /// After them, the pause in months.
        then_every_months: u32,
    },
}

/// Why a procedure cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The text is no procedure.
    #[error("the procedure cannot be read")]
    Text(#[from] toml::de::Error),
    /// More than the policy allows (T6).
    #[error("investigation_days is {0}, and the policy allows 1 to 28: set a number in that range")]
    InvestigationDays(u32),
}

impl Procedure {
    /// The built-in procedure.
    pub fn built_in() -> Self {
        toml::from_str(BUILT_IN).expect("the built-in procedure is read by a test")
    }

    /// The built-in procedure with the council's own values.
    pub fn with(investigation_days: Option<u32>) -> Result<Self, Failure> {
        let mut procedure: Procedure = toml::from_str(BUILT_IN)?;
        if let Some(days) = investigation_days {
            if !(1..=28).contains(&days) {
                return Err(Failure::InvestigationDays(days)); // T6
            }
            procedure.investigation_days = days;
        }
        Ok(procedure)
    }

    /// The obligation with an id.
    pub fn obligation(&self, id: &str) -> Option<&Obligation> {
        self.obligations.iter().find(|obligation| obligation.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_procedure_is_whole() {
        let procedure = Procedure::built_in();
        assert_eq!(procedure.investigation_days, 28);
        for obligation in &procedure.obligations {
            assert!(!obligation.source.is_empty() && !obligation.asks.is_empty(), "{}", obligation.id);
            for due in &obligation.due {
                let lengths = [due.hours, due.working_hours, due.days, due.working_days];
                let given = lengths.iter().flatten().count() + usize::from(due.at.is_some());
                assert_eq!(given, 1, "{}: exactly one length", obligation.id);
            }
        }
    }

    #[test]
    fn t6_more_than_28_days_is_refused() {
        assert!(Procedure::with(Some(29)).is_err());
        assert!(Procedure::with(Some(0)).is_err());
        assert_eq!(Procedure::with(Some(28)).unwrap().investigation_days, 28);
        assert_eq!(Procedure::with(Some(21)).unwrap().investigation_days, 21);
    }
}
