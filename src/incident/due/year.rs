//! What an annual report asks (T12): the obligations that arise by its being sent, and when they are asked again.
//!
//! Comes in: a [`YearReport`] and now. Goes out: the same values as for an incident.

use chrono::{DateTime, Utc};

use super::{Clocks, One, Standing, StepDue};
use crate::incident::procedure::Moment;
use crate::incident::state::Incident;
use crate::incident::year::YearReport;

impl<'p> Clocks<'p> {
    /// How each obligation of a year's report stands.
    pub fn of_year(self, year: &YearReport, now: DateTime<Utc>) -> Vec<Standing<'p>> {
        let rules = self.procedure.obligations.iter().filter(|rule| rule.arises == Moment::AnnualReport);
        let ones = rules.map(|obligation| One {
            id: obligation.id.clone(),
            obligation,
            arisen_at: year.sent_at,
            met_at: year.answers.get(&obligation.id).map(|answer| answer.at),
            agreed: None,
        });
        ones.filter_map(|one| self.standing(one, &Incident::default(), now)).collect()
    }

    /// The newest step that is due of each open obligation, none that was carried out before (M23).
    pub fn steps_of_year(self, year: &YearReport, now: DateTime<Utc>) -> Vec<StepDue<'p>> {
        let mut found: Vec<StepDue> = Vec::new();
        for step in self.series_of_year(year, now).into_iter().filter(|step| step.at <= now) {
            match found.iter_mut().find(|known| known.id == step.id) {
                Some(known) => *known = StepDue { passed_over: known.passed_over + 1, ..step },
                None => found.push(step),
            }
        }
        found
    }

    /// When a year's report is asked about next; it may have passed already.
    pub fn year_wake_at(self, year: &YearReport) -> Option<DateTime<Utc>> {
        self.series_of_year(year, year.asked_at).into_iter().map(|step| step.at).min()
    }

    /// Every step since it was last asked, up to the first one after now, each obligation's in order.
    fn series_of_year(self, year: &YearReport, now: DateTime<Utc>) -> Vec<StepDue<'p>> {
        let mut found = Vec::new();
        for standing in self.of_year(year, now).into_iter().filter(Standing::is_open) {
            for step in &standing.obligation.steps {
                let series = self.series(step, &standing, &Incident::default(), now).into_iter();
                found.extend(series.filter(|(_, at, _)| *at > year.asked_at).map(|(number, at, monthly)| StepDue {
                    id: standing.id.clone(),
                    obligation: standing.obligation,
                    step,
                    number,
                    at,
                    monthly,
                    passed_over: 0,
                    due_at: standing.due_at,
                }));
            }
        }
        found
    }
}
