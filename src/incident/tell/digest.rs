//! T15: what is outstanding of one incident, for each director who has it and for quality assurance.
//!
//! Comes in: an incident. Goes out: people with what they should see of it once a week. Which week, and the words, are others' matter.

use chrono::Days;

use super::{Telling, alert_roles};
use crate::incident::due::{DueState, Standing};
use crate::incident::notice::{Outlook, Outstanding};
use crate::incident::people::{Addressee, Role, merge};
use crate::incident::procedure::Party;
use crate::incident::state::{Incident, Status};

/// How far a digest looks ahead, in calendar days.
const AHEAD: Days = Days::new(14);

impl Telling<'_> {
    /// Who sees what of the incident. Directors see the whole of an open incident; quality assurance sees what it has to do itself
    /// (section 6), and what it is told of when others do not do it (O5), of closed ones too, since a practice review outlives the
    /// investigation.
    pub fn digest(&self, incident: &Incident) -> Vec<(Addressee, Vec<(Outlook, Outstanding)>)> {
        let standings = self.clocks.obligations(incident, self.now);
        let open: Vec<&Standing> = standings.iter().filter(|standing| standing.is_open()).collect();
        let mut told = Vec::new();
        if incident.status == Status::Open {
            let mut directors = Vec::new();
            for role in alert_roles(incident) {
                self.holders(incident, role).into_iter().for_each(|holder| merge(&mut directors, holder));
            }
            told.extend(directors.into_iter().map(|to| {
                let seen = self.seen(incident, &open, &to);
                (to, seen)
            }));
        }
        if incident.status != Status::Withdrawn {
            let quality = Party::Role(Role::QualityAssurance);
            let theirs = |standing: &&&Standing| {
                let obligation = standing.obligation;
                obligation.actors.contains(&quality) || obligation.steps.iter().any(|step| step.to.contains(&quality))
            };
            let theirs: Vec<&Standing> = open.iter().filter(theirs).copied().collect();
            if !theirs.is_empty() {
                let quality = self.holders(incident, Role::QualityAssurance).into_iter();
                told.extend(quality.map(|to| {
                    let seen = self.seen(incident, &theirs, &to);
                    (to, seen)
                }));
            }
        }
        told
    }

    fn seen(&self, incident: &Incident, open: &[&Standing], to: &Addressee) -> Vec<(Outlook, Outstanding)> {
        let outstanding = |standing: Option<&Standing>| Outstanding {
            reference: incident.reference.clone(),
            service: self.service(incident).map(str::to_owned),
            class: incident.classification.pace(),
            obligation: standing.map(|standing| standing.id.clone()),
            due_at: standing.map(|standing| standing.due_at),
            is_yours: standing.is_some_and(|standing| self.has(incident, standing, to)),
        };
        if open.is_empty() {
            return vec![(Outlook::Open, outstanding(None))];
        }
        let last = self.clocks.calendar.day(self.now) + AHEAD;
        let outlook = |standing: &Standing| match standing.state {
            _ if standing.due_at < self.now => Outlook::Late,
            DueState::Late => Outlook::Late,
            _ if self.clocks.calendar.day(standing.due_at) <= last => Outlook::Soon,
            _ => Outlook::Open,
        };
        open.iter().map(|standing| (outlook(standing), outstanding(Some(standing)))).collect()
    }

    /// Whether somebody has to see to it, in a role of theirs or for want of a holder of it (section 1).
    fn has(&self, incident: &Incident, standing: &Standing, to: &Addressee) -> bool {
        let stands_in = |role: Role| {
            let service = self.service(incident);
            !self.people.is_held(role, service) && self.holders(incident, role).iter().any(|one| one.email == to.email)
        };
        standing.obligation.actors.iter().any(|actor| match actor {
            Party::Role(role) => to.roles.contains(role) || stands_in(*role),
            Party::Chain => to.roles.iter().any(|role| role.rank() > 0),
            _ => false,
        })
    }
}
