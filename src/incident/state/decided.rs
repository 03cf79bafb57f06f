//! What an accepted decision does to an incident.
//!
//! Comes in: a [`Decision`] with who took it and when. A later one replaces an earlier one of its kind; both stay in
//! [`Incident::decisions`]. Whether it may be taken was asked before (`decide`).

use chrono::{DateTime, Utc};

use super::{Decided, Incident, Officer, Status};
use crate::incident::event::{Decider, Decision};
use crate::incident::points;

impl Incident {
    pub(super) fn decide(&mut self, at: DateTime<Utc>, decision: &Decision, by: &Decider) {
        // Section 3: any accepted line counts as acknowledged, from those who were alerted.
        self.unreached.remove(&by.email); // I7: whoever answers is there.
        if by.rank() > 0 {
            self.acknowledge(at, by);
        }
        self.carry_out(at, decision, by);
    }

    pub(super) fn carry_out(&mut self, at: DateTime<Utc>, decision: &Decision, by: &Decider) {
        let place = self.decisions.partition_point(|known| known.at <= at);
        self.decisions.insert(place, Decided { at, decision: decision.clone(), by: by.clone() });
        match decision {
            Decision::Classification { .. } => self.classify(at),
            Decision::Investigator { name, email } => {
                self.first_nominated_at.get_or_insert(at);
                self.officer = Some(Officer { name: name.clone(), email: email.to_lowercase(), at });
            }
            Decision::ReportDue { date } => {
                if self.report_agreed != Some(*date) || self.asked_again_by.is_some() {
                    self.report_day_changed_at = Some(at);
                }
                self.report_agreed = Some(*date);
                self.expected = None;
                self.asked_again_by = None;
            }
            Decision::Expected { date, reason } => self.expected = Some((*date, reason.clone())),
            Decision::ReportReturned { date, .. } => {
                self.report_at = None; // I3: T7 is open again, its limit unchanged.
                self.review_at = None; // The next report is reviewed anew (T8).
                self.recommendations_at = None;
                self.expected = None;
                self.asked_again_by = date.or(self.asked_again_by);
            }
            Decision::ReviewOutcome { .. } => {
                self.review_at.get_or_insert(at);
            }
            Decision::Recommendations { numbers } => {
                self.recommendations_at.get_or_insert(at);
                for recommendation in &mut self.recommendations {
                    let binding = numbers.contains(&recommendation.number);
                    recommendation.binding_at = binding.then(|| recommendation.binding_at.unwrap_or(at));
                }
            }
            Decision::Recommendation { text, owner, date } => {
                points::add_recommendation(&mut self.recommendations, at, text, owner, *date);
            }
            Decision::RecommendationDone { number } => {
                let found = self.recommendations.iter_mut().find(|known| known.number == *number);
                if let Some(recommendation) = found {
                    recommendation.done_at.get_or_insert(at);
                }
            }
            Decision::UrgentConcern { text } => points::add_concern(&mut self.urgent_concerns, at, text),
            Decision::UrgentConcernDone { number } => {
                if let Some(concern) = self.urgent_concerns.iter_mut().find(|known| known.number == *number) {
                    concern.done_at.get_or_insert(at);
                }
            }
            Decision::SameAs { reference } => {
                self.same_as.insert(reference.clone());
                self.may_be_same_as.remove(reference);
                if self.reference.as_ref().is_some_and(|own| reference.is_older_than(own)) {
                    self.joined_to = Some(reference.clone());
                    self.enter(Status::Closed, at);
                } else {
                    self.stood.insert(reference.clone(), self.status);
                    self.enter(Status::Open, at); // The older one goes on for both.
                }
            }
            Decision::NotTheSame { reference } => {
                self.same_as.remove(reference);
                self.may_be_same_as.remove(reference);
                if self.joined_to.as_ref() == Some(reference) {
                    self.joined_to = None;
                    self.enter(Status::Open, at);
                }
                // What was over went on for the other one's sake alone.
                let stood = self.stood.remove(reference).filter(|stood| *stood != Status::Open);
                if let Some(stood) = stood.filter(|_| self.same_as.is_empty() && self.status == Status::Open) {
                    self.enter(stood, at);
                }
            }
            Decision::Service { name } => self.service_decided = Some(name.clone()),
            Decision::Waived { obligation, .. } => {
                self.waived.insert(obligation.clone());
            }
            Decision::Close { .. } => self.enter(Status::Closed, at),
            Decision::Reopen { .. } => self.enter(Status::Open, at),
            Decision::Withdrawn { .. } => {
                self.enter(Status::Withdrawn, at);
                self.partners_told.clear();
            }
            _ => {}
        }
    }

    /// Opens it, or ends it; what is opened again goes on from then.
    pub(super) fn enter(&mut self, status: Status, at: DateTime<Utc>) {
        if self.status != Status::Open && status == Status::Open {
            self.opened_again_at = Some(at);
        }
        self.status = status;
    }
}
