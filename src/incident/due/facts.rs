//! When things began and were done, for an incident: moments, facts, starts and the dates that lengths lead to.
//!
//! Comes in: the incident. Goes out: times; `None` for what has not happened. What was said to have been done on a day counts from that
//! day, or from the mail that said so where that came sooner.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveDateTime, Utc};

use super::Clocks;
use crate::incident::classify;
use crate::incident::event::{Class, Criterion, Decision, Opening};
use crate::incident::procedure::{Appointed, Due, Fact, Moment, Start};
use crate::incident::state::{Decided, Incident, Taken};

/// From where the day is taken on which the authority became aware (N1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwareBy {
    /// Quality assurance said so.
    Decision,
    /// The form gives it.
    Form,
    /// Receipt of the first message.
    Receipt,
    /// Receipt of the later message by which the criteria were first met.
    LaterMessage,
}

impl Clocks<'_> {
    /// When the authority became aware, and what says so (N1): never the incident's own time.
    pub fn became_aware(self, incident: &Incident) -> (DateTime<Utc>, AwareBy) {
        let decided = last(incident, |decision| match decision {
            Decision::BecameAware { date } => Some(*date),
            _ => None,
        });
        if let Some((date, _)) = decided {
            return (self.begin(date), AwareBy::Decision);
        }
        match &incident.panel {
            Some((at, duty)) if !duty.by_first_message => (*at, AwareBy::LaterMessage),
            _ => match self.written(incident, "incident_aware_at").filter(|aware| *aware <= incident.received_at) {
                Some(aware) => (aware, AwareBy::Form),
                None => (incident.received_at, AwareBy::Receipt),
            },
        }
    }

    pub(super) fn moment(self, moment: &Moment, incident: &Incident) -> Option<DateTime<Utc>> {
        match moment {
            Moment::Receipt => Some(incident.received_at),
            Moment::ClassAsked => {
                let anew = incident.classification.overtaken.as_ref().map(|overtaken| overtaken.since);
                Some(anew.unwrap_or(incident.received_at))
            }
            Moment::Catastrophic => catastrophic_since(incident),
            Moment::Alert => incident.alerted_at(),
            Moment::SeriousNeedToKnow => serious_need_to_know_at(incident),
            Moment::NotificationForm => incident.notification_form_at,
            Moment::Investigation => {
                [incident.notification_form_at, incident.first_nominated_at].into_iter().flatten().min()
            }
            Moment::Nomination => incident.first_nominated_at,
            Moment::Report => incident.report_at,
            Moment::Review => incident.review_at,
            Moment::Numbered => None,     // Each of them has its own.
            Moment::AnnualReport => None, // Of a year, not of an incident.
            Moment::PanelCriteria => self.criteria_at(incident),
            Moment::RapidReview => self.criteria_at(incident).filter(|_| review_follows(incident)),
            Moment::PracticeReview => {
                last(incident, |d| matches!(d, Decision::PracticeReviewStarted { .. }).then_some(()))
                    .map(|((), decided)| decided.at)
            }
            Moment::PublicationDate => publication(incident).map(|(_, decided)| decided.at),
            Moment::RegulatedService => incident.ofsted.as_ref().map(|(at, _)| *at),
            Moment::Enquiry => self.enquiry_at(incident),
            Moment::Line(label) => incident.decisions.iter().find(|known| own(&known.decision, label)).map(|d| d.at),
        }
    }

    /// C5: the criteria were met, or quality assurance said that they are.
    fn criteria_at(self, incident: &Incident) -> Option<DateTime<Utc>> {
        incident.panel.as_ref().map(|(at, _)| *at).or_else(|| panel_first_said(incident))
    }

    /// O3: by a reply, or by the form's own answer.
    fn enquiry_at(self, incident: &Incident) -> Option<DateTime<Utc>> {
        let said = last(incident, |d| matches!(d, Decision::EnquiryStarted { .. }).then_some(()));
        let regulated = incident.ofsted.as_ref().map(|(at, _)| *at);
        let form = || self.written(incident, "enquiry_started_at").and(regulated);
        said.map(|((), decided)| decided.at).or_else(form)
    }

    pub(super) fn met_at(self, fact: &Fact, incident: &Incident, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let decided = |pick: fn(&Decision) -> bool| {
            incident.decisions.iter().find(|decided| pick(&decided.decision)).map(|decided| decided.at)
        };
        match fact {
            Fact::Acknowledged => incident.acknowledged.values().map(|(at, _)| *at).min(),
            Fact::PhoneCall => call_made_at(incident),
            Fact::Classification => self.class_settled_at(incident),
            Fact::NotificationForm => incident.notification_form_at,
            Fact::StrategyMeeting => decided(|d| matches!(d, Decision::StrategyMeeting { .. })),
            // A report that counts needs nobody to write it any more (I3).
            Fact::Nomination => incident.first_nominated_at.or(incident.report_at),
            Fact::Debrief => decided(|d| matches!(d, Decision::DebriefArranged { .. })),
            Fact::Report => incident.report_at,
            Fact::Review => incident.reviewed_at(),
            Fact::Feedback => decided(|d| matches!(d, Decision::FeedbackGiven { .. })),
            Fact::Learning => decided(|d| matches!(d, Decision::LearningToShare { .. })),
            Fact::Members => decided(|d| matches!(d, Decision::MembersInformed { .. })),
            Fact::Numbered | Fact::ReportTabled | Fact::LearningDisseminated => None, // Each of them has its own.
            Fact::Line(label) => incident.decisions.iter().rfind(|known| own(&known.decision, label)).map(|d| d.at),
            _ => self.met_outside_at(fact, incident, now),
        }
    }

    /// Facts of sections 6 and 7.
    fn met_outside_at(self, fact: &Fact, incident: &Incident, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if let Some((date, decided)) = said_day(fact, incident) {
            return Some(self.calendar.close(date).min(decided.at));
        }
        match fact {
            Fact::PanelRequired => {
                panel_said(incident).filter(|(required, _)| *required).map(|(_, decided)| decided.at)
            }
            Fact::PanelNotRequired => {
                panel_said(incident).filter(|(required, _)| !*required).map(|(_, decided)| decided.at)
            }
            // N5: a day that was named and has come is the day of publication.
            Fact::Published => publication(incident).map(|(date, _)| self.begin(date)).filter(|begin| *begin <= now),
            Fact::NoPracticeReview => ended(incident, |d| match d {
                Decision::NoPracticeReview { .. } => Some(true),
                Decision::PracticeReviewStarted { .. } => Some(false),
                _ => None,
            }),
            Fact::NotPublished => ended(incident, |d| match d {
                Decision::PracticeReviewNotPublished { .. } => Some(true),
                Decision::PublicationDate { .. } => Some(false),
                _ => None,
            }),
            _ => None,
        }
    }

    /// T3: a stated class meets it, an inferred one does not.
    fn class_settled_at(self, incident: &Incident) -> Option<DateTime<Utc>> {
        let overtaken = incident.classification.overtaken.as_ref();
        // What a form states beside the answer that overtook the decision settles nothing, unless it says the same as that answer.
        let settles = |taken: &&Taken| {
            let stated = classify::from_answers(&taken.form.fields, false).stated.map(|(class, _)| class);
            match overtaken {
                Some(overtaken) => taken.at >= overtaken.since && stated == Some(Class::Catastrophic),
                None => stated.is_some(),
            }
        };
        let stated = incident.forms.iter().find(settles);
        let decided = incident.classification.decided.as_ref().map(|settled| settled.at);
        [stated.map(|taken| taken.at), decided].into_iter().flatten().min()
    }

    /// When a length ends that begins with a moment. `agreed` is the date that a numbered obligation carries.
    pub(super) fn due_at(
        self,
        due: &Due,
        arisen_at: DateTime<Utc>,
        agreed: Option<NaiveDate>,
        incident: &Incident,
    ) -> Option<DateTime<Utc>> {
        let calendar = self.calendar;
        if let Some(at) = due.at {
            return self.appointed(at, agreed, incident).map(|day| calendar.close(day));
        }
        if let (Some(before), Some(days)) = (due.before, due.working_days) {
            let day = self.appointed(before, agreed, incident)?;
            return Some(calendar.close(calendar.working_days_before(day, days)));
        }
        let start = due.from.and_then(|from| self.start(from, incident)).unwrap_or(arisen_at);
        let day = calendar.day(start);
        let hours = due.hours.map(|hours| start + Duration::hours(i64::from(hours)));
        let working_hours = || due.working_hours.map(|hours| calendar.working_hours_after(start, hours));
        let days = || due.days.map(|days| calendar.close(day + Days::new(u64::from(days))));
        let working_days = || due.working_days.map(|days| calendar.close(calendar.working_days_after(day, days)));
        let months = || due.months.map(|months| calendar.close(calendar.months_after(day, months)));
        hours.or_else(working_hours).or_else(days).or_else(working_days).or_else(months)
    }

    fn appointed(self, at: Appointed, agreed: Option<NaiveDate>, incident: &Incident) -> Option<NaiveDate> {
        match at {
            Appointed::InvestigationLimit => self.investigation_due(incident),
            Appointed::Agreed => agreed,
            Appointed::Publication => publication(incident).map(|(date, _)| date),
        }
    }

    fn start(self, from: Start, incident: &Incident) -> Option<DateTime<Utc>> {
        match from {
            Start::ResponseEnded => {
                let asked_anew = incident.classification.overtaken.as_ref().map(|overtaken| overtaken.since);
                let ended = self.written(incident, "immediate_response_ended_at");
                ended.filter(|ended| asked_anew.is_none_or(|asked| *ended >= asked))
            }
            Start::Aware => Some(self.became_aware(incident).0),
            Start::Incident => {
                let at = self.written(incident, "incident_at").or_else(|| self.written(incident, "incident_date"));
                at.filter(|at| *at <= incident.received_at).or(Some(self.became_aware(incident).0))
            }
            Start::Notification => {
                let notified = last(incident, |d| match d {
                    Decision::PanelNotified { date, .. } => Some(*date),
                    _ => None,
                });
                // Until it was made nothing else is known to begin with.
                notified.map(|(date, _)| self.begin(date)).or(Some(self.became_aware(incident).0))
            }
            Start::PracticeReview => last(incident, |d| match d {
                Decision::PracticeReviewStarted { date } => Some(*date),
                _ => None,
            })
            .map(|(date, _)| self.begin(date)),
        }
    }

    /// A local date, or date and time, that a form gives.
    fn written(self, incident: &Incident, key: &str) -> Option<DateTime<Utc>> {
        let value = incident.value(key)?;
        let at = NaiveDateTime::parse_from_str(value, "%Y-%m-%dT%H:%M").ok();
        let at = at.or_else(|| Some(value.parse::<NaiveDate>().ok()?.and_time(chrono::NaiveTime::MIN)))?;
        Some(self.calendar.instant(at))
    }

    /// The first instant of a local day.
    fn begin(self, day: NaiveDate) -> DateTime<Utc> {
        self.calendar.instant(day.and_time(chrono::NaiveTime::MIN))
    }
}

/// The day that somebody said a fact was done on, and their decision; `None` for what no line gives a day of.
pub(super) fn said_day<'i>(fact: &Fact, incident: &'i Incident) -> Option<(NaiveDate, &'i Decided)> {
    let day = |decision: &Decision| match (fact, decision) {
        (Fact::PartnersInformed, Decision::PartnersInformed { date })
        | (Fact::RapidReview, Decision::RapidReviewSubmitted { date })
        | (Fact::PracticeReviewSent, Decision::PracticeReviewSent { date })
        | (Fact::OfstedNotified, Decision::OfstedNotified { date, .. })
        | (Fact::EnquiryConcluded, Decision::EnquiryConcluded { date, .. }) => Some(*date),
        _ => None,
    };
    match fact {
        Fact::PanelNotified => panel_notified(incident),
        Fact::PracticeReviewSent => of_this_review(incident, day),
        _ => last(incident, day),
    }
}

/// N4: no rapid review follows a care leaver's death (N10), nor a looked-after child's where abuse is answered No (N7).
fn review_follows(incident: &Incident) -> bool {
    match incident.panel.as_ref().map(|(_, duty)| duty.criterion) {
        Some(Criterion::CareLeaverDeath) => false,
        Some(Criterion::LookedAfterDeath) => !classify::is_no(&incident.fields, "abuse_suspected"),
        _ => true,
    }
}

/// The newest decision of a kind: a later line replaces an earlier one (section 3).
pub fn last<T>(incident: &Incident, pick: impl Fn(&Decision) -> Option<T>) -> Option<(T, &Decided)> {
    incident.decisions.iter().rev().find_map(|decided| Some((pick(&decided.decision)?, decided)))
}

/// What quality assurance last said of the criteria since they were found: met or not (C5).
pub fn panel_said(incident: &Incident) -> Option<(bool, &Decided)> {
    let since = incident.panel.as_ref().map(|(at, _)| *at);
    last(incident, |decision| match decision {
        Decision::PanelRequired | Decision::PanelNotified { .. } => Some(true),
        Decision::PanelNotRequired { .. } => Some(false),
        _ => None,
    })
    .filter(|(_, decided)| since.is_none_or(|since| decided.at >= since))
}

/// The day on which the Panel was notified, and who said so. A notification that was withdrawn since, because it was not required or
/// the incident was a mistake, is none where it is required anew (N10, I14).
pub fn panel_notified(incident: &Incident) -> Option<(NaiveDate, &Decided)> {
    let mut required_anew = false;
    for decided in incident.decisions.iter().rev() {
        match &decided.decision {
            Decision::PanelRequired | Decision::Reopen { .. } => required_anew = true,
            Decision::PanelNotRequired { .. } | Decision::Withdrawn { .. } if required_anew => return None,
            Decision::PanelNotified { date, .. } => return Some((*date, decided)),
            _ => {}
        }
    }
    None
}

/// When quality assurance first said that the criteria are met, asked or not (C5).
pub fn panel_first_said(incident: &Incident) -> Option<DateTime<Utc>> {
    let said = |known: &&Decided| matches!(known.decision, Decision::PanelRequired | Decision::PanelNotified { .. });
    incident.decisions.iter().find(said).map(|decided| decided.at)
}

/// The day named for a practice review's publication (N5).
fn publication(incident: &Incident) -> Option<(NaiveDate, &Decided)> {
    of_this_review(incident, |decision| match decision {
        Decision::PublicationDate { date } => Some(*date),
        _ => None,
    })
}

/// N5: the newest decision of a kind about the practice review that goes on. One that was ended takes its days with it.
fn of_this_review<T>(incident: &Incident, pick: impl Fn(&Decision) -> Option<T>) -> Option<(T, &Decided)> {
    let ended =
        incident.decisions.iter().rposition(|known| matches!(known.decision, Decision::NoPracticeReview { .. }));
    let since = ended.map_or(0, |ended| ended + 1);
    incident.decisions[since..].iter().rev().find_map(|decided| Some((pick(&decided.decision)?, decided)))
}

/// When something was ended, where no later line began it again.
fn ended(incident: &Incident, pick: impl Fn(&Decision) -> Option<bool>) -> Option<DateTime<Utc>> {
    last(incident, pick).filter(|(ended, _)| *ended).map(|(_, decided)| decided.at)
}

fn own(decision: &Decision, wanted: &str) -> bool {
    matches!(decision, Decision::Own { label, .. } if label == wanted)
}

/// T2, I5: the newest form or decision that made it catastrophic.
fn catastrophic_since(incident: &Incident) -> Option<DateTime<Utc>> {
    incident.paces.iter().rfind(|(_, pace)| *pace == Some(Class::Catastrophic)).map(|(since, _)| *since)
}

/// T2: a call, or the form's word for one. One that was made before a form made it catastrophic told of something else (I5).
fn call_made_at(incident: &Incident) -> Option<DateTime<Utc>> {
    let made_so = |at: &DateTime<Utc>| incident.paces.contains(&(*at, Some(Class::Catastrophic)));
    let overtaken = incident.classification.overtaken.as_ref().map(|overtaken| overtaken.since);
    let anew = overtaken.max(incident.raised_at.filter(made_so));
    let is_call = |known: &&Decided| matches!(known.decision, Decision::PhoneCallMade { .. });
    let says_so = |taken: &&Taken| classify::is_yes(&taken.form.fields, "sent_by_phone_call");
    let calls = incident.decisions.iter().filter(is_call).map(|decided| decided.at);
    let said = incident.forms.iter().find(says_so).map(|taken| taken.at);
    calls.chain(said).find(|at| anew.is_none_or(|since| *at >= since))
}

/// T4: receipt of a Need To Know that was serious from the start, or what first made it so: a form or a decision.
fn serious_need_to_know_at(incident: &Incident) -> Option<DateTime<Utc>> {
    if incident.opening == Some(Opening::Notification) || incident.classification.pace() < Some(Class::Serious) {
        return None;
    }
    let serious = incident.paces.iter().filter(|(_, pace)| *pace >= Some(Class::Serious)).map(|(since, _)| *since);
    Some(serious.min().unwrap_or(incident.received_at))
}
