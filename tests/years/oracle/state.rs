//! What has come of an incident so far, as the rules' text makes it; plain facts, no times of steps.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};

use crate::years::almanac::day;
use crate::years::world::{Class, Form, Role};

/// How high somebody stands in the chain; 0 outside of it.
pub fn rank(roles: &BTreeSet<Role>) -> u8 {
    let one = |role: &Role| match role {
        Role::Head => 1,
        Role::Director => 2,
        Role::Strategic => 3,
        Role::Chief => 4,
        _ => 0,
    };
    roles.iter().map(one).max().unwrap_or(0)
}

/// A recommendation of the report.
#[derive(Debug, Clone)]
pub struct Recommendation {
    pub binding: bool,
    /// When it was made binding.
    pub since: DateTime<Utc>,
    pub done: bool,
    pub due: NaiveDate,
}

/// An urgent concern.
#[derive(Debug, Clone)]
pub struct Concern {
    pub reported: DateTime<Utc>,
    pub done: bool,
}

/// C5: the Working Together criteria.
#[derive(Debug, Clone)]
pub struct Criteria {
    /// Receipt of the message that met them.
    pub since: DateTime<Utc>,
    /// N1: the day on which the authority became aware.
    pub aware: NaiveDate,
    /// N4: whether a rapid review follows.
    pub rapid_review: bool,
    /// The gravest of what was met; `None` where quality assurance said so and the form does not.
    pub gravest: Option<Gravity>,
}

/// C5: which of the criteria is met, in the order of gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    Class,
    Harm,
    Death,
    RegulatedDeath,
    LookedAfterDeath,
}

/// An incident, as far as rules ask.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub form: Option<Form>,
    pub worker: &'static str,
    pub received: DateTime<Utc>,
    pub taken: DateTime<Utc>,
    /// Receipt of the first notification form.
    pub notified: Option<DateTime<Utc>>,
    /// The class decided, how high its decider stands, and when.
    pub decided: Option<(Class, u8, DateTime<Utc>)>,
    /// The class that stands, and who said it.
    pub classified_by: Option<(Class, String)>,
    /// I5: receipt of the form that said by C1 what no decision knew of, and whether a form since then states the same.
    pub overtaken: Option<(DateTime<Utc>, bool)>,
    /// I5: receipt of the first of the changes that are told at 09:00.
    pub held: Option<DateTime<Utc>>,
    /// When it became serious or catastrophic, by receipt.
    pub serious_from: Option<DateTime<Utc>>,
    /// When it became catastrophic.
    pub catastrophic_from: Option<DateTime<Utc>>,
    /// When a decision last made it more than not serious again.
    pub reclassed: DateTime<Utc>,
    pub call_made: bool,
    pub read: bool,
    /// I7: who did not get something or is away, and has not answered since; and the notices of which that is known.
    pub unreached: BTreeSet<String>,
    pub came_back: BTreeSet<String>,
    /// I7: who got what in the place of somebody else, by when, with all the roles in it.
    pub stood_in: BTreeMap<(DateTime<Utc>, String), BTreeSet<Role>>,
    /// Everybody who had the alert, with the roles.
    pub alerted: BTreeMap<String, BTreeSet<Role>>,
    /// When the alert last reached higher, or was sent again.
    pub widened: DateTime<Utc>,
    /// The alert was sent again up to the top.
    pub reached_top: bool,
    pub meeting: Option<u8>,
    pub members: bool,
    pub officer: Option<&'static str>,
    /// Everybody who was ever nominated.
    pub officers: BTreeSet<&'static str>,
    /// When somebody whose place as officer another has taken was answered that they are.
    pub replaced_told: Vec<(&'static str, DateTime<Utc>)>,
    /// When the newest nomination went out, which names the day by itself.
    pub nomination_told: Option<DateTime<Utc>>,
    pub officer_rank: u8,
    pub nominated: Option<DateTime<Utc>>,
    pub agreed: Option<(NaiveDate, u8)>,
    pub expected: Option<NaiveDate>,
    pub debriefed: bool,
    pub debrief_reminded: bool,
    pub reported: Option<DateTime<Utc>>,
    /// I3: when a report was last returned.
    pub returned: Option<DateTime<Utc>>,
    pub reports: BTreeSet<u32>,
    pub reviewed: Option<DateTime<Utc>>,
    pub recommendations: Vec<Recommendation>,
    /// T8: which of the report's recommendations are binding was said.
    pub recommended: bool,
    pub feedback: bool,
    pub learning: bool,
    pub concerns: Vec<Concern>,
    pub answered_prose: BTreeSet<String>,
    /// Who sent something again that was nothing new, and when last.
    pub repeated: BTreeMap<String, DateTime<Utc>>,
    pub withdrawn: bool,
    pub closed: bool,
    /// When it was closed or withdrawn.
    pub ended: Option<DateTime<Utc>>,
    pub criteria: Option<Criteria>,
    /// N1: the day of becoming aware, as quality assurance corrected it, and when they did.
    pub corrected: Option<(NaiveDate, DateTime<Utc>)>,
    pub panel_ended: bool,
    /// C5: no death was told of when it was declined last.
    pub declined_of_no_death: bool,
    pub panel_notified: bool,
    /// Section 3: what somebody who may has given up, by its id.
    pub waived: BTreeSet<String>,
    /// N4, N5: what quality assurance or the LSCP Business Manager answered for both.
    pub partnership_said: BTreeSet<String>,
    /// N2: who was written to, and whether of a death.
    pub partners_told: BTreeMap<String, bool>,
    pub partners_informed: bool,
    pub rapid_review: bool,
    pub practice_started: Option<NaiveDate>,
    pub publication: Option<NaiveDate>,
    pub practice_sent: bool,
    pub practice_ended: bool,
    /// O1: since when a regulated service is concerned.
    pub regulated: Option<DateTime<Utc>>,
    /// O5: when the manager was first asked, since the death was told of or it was opened again.
    pub ofsted_asked: Option<DateTime<Utc>>,
    pub ofsted: bool,
    /// O3: when it was first said that a child protection enquiry was started.
    pub enquiry: Option<DateTime<Utc>>,
    pub concluded: bool,
}

impl State {
    /// T8: the report recommends something, and nobody has said what of it is binding.
    pub fn undecided(&self) -> bool {
        !self.recommended && self.recommendations.iter().any(|known| !known.binding)
    }

    fn stated(&self) -> Option<Class> {
        self.form.as_ref().and_then(|form| form.class)
    }

    /// C1: what the form's answers make it.
    fn inferred(&self) -> Option<Class> {
        let form = self.form.as_ref()?;
        // Who fills in a serious incident notification form and states no class reports something serious.
        let by_form = (self.notified.is_some() && form.class.is_none()).then_some(Class::Serious);
        // C4: may seriously harm; it raises no class that was stated.
        let by_abuse = (form.abuse == Some(true) && form.class.is_none()).then_some(Class::Serious);
        if form.died || form.harmed { Some(Class::Catastrophic) } else { by_form.or(by_abuse) }
    }

    /// C6: what reach and pace follow.
    pub fn class(&self) -> Option<Class> {
        match self.decided {
            Some((class, _, _)) => Some(class),
            None => self.stated().max(self.inferred()),
        }
    }

    /// T3: a stated class meets it, an inferred one does not.
    pub fn is_settled(&self) -> bool {
        let by_form = self.overtaken.map_or(self.stated().is_some(), |(_, stated)| stated);
        self.decided.is_some() || by_form
    }

    pub fn is(&self, class: Class) -> bool {
        self.class() == Some(class)
    }

    /// C7: ends T2 and T4 to T11.
    pub fn is_in_scope(&self) -> bool {
        !self.is(Class::NotSerious)
    }

    /// How many levels of the chain the alert reaches (T1).
    pub fn levels(&self) -> usize {
        match self.class() {
            Some(Class::Catastrophic) => 4,
            Some(Class::Serious) => 3,
            _ if self.notified.is_some() => 3,
            _ => 2,
        }
    }

    /// T6: the latest day of the report.
    pub fn limit(&self) -> Option<NaiveDate> {
        let four_weeks = |at: DateTime<Utc>| day(at) + Duration::days(28);
        match (self.notified, self.nominated_alone()) {
            (Some(form), Some(nominated)) => Some(four_weeks(form).min(four_weeks(nominated))),
            (form, nominated) => form.or(nominated).map(four_weeks),
        }
    }

    /// Nominated before there was a notification form.
    fn nominated_alone(&self) -> Option<DateTime<Utc>> {
        self.nominated.filter(|nominated| self.notified.is_none_or(|form| *nominated < form))
    }

    /// T7: when the report is due.
    pub fn report_due(&self) -> Option<NaiveDate> {
        let limit = self.limit()?;
        Some(self.agreed.map_or(limit, |(date, _)| date.min(limit)))
    }

    /// T7: since when the report is asked for: the form, a nomination without one, or that it was returned.
    pub fn report_asked(&self) -> Option<DateTime<Utc>> {
        let began = [self.notified, self.nominated].into_iter().flatten().min();
        began.max(self.returned)
    }

    /// T6a: arranged, or given up.
    pub fn is_debriefed(&self) -> bool {
        self.debriefed || self.waived.contains("debrief")
    }

    /// N5: the day of publication has come.
    pub fn is_published(&self, now: DateTime<Utc>) -> bool {
        self.publication.is_some_and(|published| published <= day(now))
    }

    /// Whether the criteria are met, and by what: N7's and the regulated service's whatever was answered.
    pub fn meets_criteria(&self) -> Option<bool> {
        let form = self.form.as_ref()?;
        let suspected = form.abuse != Some(false);
        let always = form.died && (form.looked_after || form.service == "Elm House");
        let harm = form.died || form.harmed || self.is(Class::Catastrophic);
        // N4: none for N7 where abuse is answered No.
        let seventh = form.died && form.looked_after;
        (always || (harm && suspected)).then_some(suspected || !seventh)
    }

    /// C5: the gravest criterion that is met now.
    pub fn gravity(&self) -> Option<Gravity> {
        let form = self.form.as_ref()?;
        let suspected = form.abuse != Some(false);
        match form.died {
            true if form.looked_after => Some(Gravity::LookedAfterDeath),
            true if form.service == "Elm House" => Some(Gravity::RegulatedDeath),
            true => suspected.then_some(Gravity::Death),
            false if !suspected => None,
            false if form.harmed => Some(Gravity::Harm),
            false => self.is(Class::Catastrophic).then_some(Gravity::Class),
        }
    }

    /// N3: what makes it another notification; harm is one whatever says so.
    pub fn nature(&self) -> Option<Gravity> {
        self.gravity().map(|gravity| gravity.max(Gravity::Harm))
    }

    /// Whether the form says that the child died.
    pub fn died(&self) -> bool {
        self.form.as_ref().is_some_and(|form| form.died)
    }

    /// T3: since when the class is asked.
    pub fn class_asked(&self) -> DateTime<Utc> {
        self.overtaken.map_or(self.received, |(since, _)| since)
    }

    pub fn response_ended(&self) -> Option<NaiveDateTime> {
        self.form.as_ref().and_then(|form| form.response_ended)
    }
}
