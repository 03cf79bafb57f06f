//! What was told to the Panel, the safeguarding partners and Ofsted, and what came of it (N1-N7, O1-O5).
//!
//! Comes in: incidents of the period and of the one before. Goes out: figures with the references behind them. Pure.

use super::facts::{Figure, Scope, Years};
use crate::incident::due::DueState;
use crate::incident::event::{Criterion, Decision};
use crate::incident::state::Incident;

/// Met the criteria of Working Together.
pub(super) const CRITERIA: &str = "Met the criteria for the Panel";
/// Happened in a regulated service.
pub(super) const REGULATED: &str = "Happened in a service that Ofsted regulates";

type Asked = fn(&Incident, Scope<'_>) -> bool;

/// In the order of the procedure. The first of each body is the one of which the others are part.
const ASKED: [(&str, Asked); 11] = [
    (CRITERIA, |incident, _| incident.panel.is_some()),
    ("of these: a child or care leaver died", |incident, _| criterion(incident).is_some_and(|c| c >= Criterion::Death)),
    ("of these: serious harm to a child", |incident, _| criterion(incident).is_some_and(|c| c < Criterion::Death)),
    ("Panel notified", |incident, scope| done("panel_notification", incident, scope)),
    ("Found not to need notification", |incident, _| {
        let said = incident.standing(|decision| match decision {
            Decision::PanelRequired | Decision::PanelNotified { .. } => Some(false),
            Decision::PanelNotRequired { .. } => Some(true),
            _ => None,
        });
        said.is_some_and(|(not_required, _)| not_required)
    }),
    ("Safeguarding partners told", |incident, scope| done("partners_informed", incident, scope)),
    ("Rapid review sent to the Panel", |incident, scope| done("rapid_review", incident, scope)),
    ("Practice review started", |incident, _| {
        incident.decisions.iter().any(|known| matches!(known.decision, Decision::PracticeReviewStarted { .. }))
    }),
    (REGULATED, |incident, _| incident.ofsted.is_some()),
    ("Reported to Ofsted", |incident, scope| done("ofsted_report", incident, scope)),
    ("Child protection enquiry started", |incident, scope| {
        scope.clocks.standing_of("enquiry_conclusion", incident, scope.now).is_some()
    }),
];

/// Every figure, also those that are 0.
pub(super) fn outside(years: Years<'_>, scope: Scope<'_>) -> Vec<Figure> {
    let figure = |(label, asked): &(&str, Asked)| Figure {
        label: (*label).to_owned(),
        references: years.now.iter().filter(|incident| asked(incident, scope)).map(|i| i.name().clone()).collect(),
        before: years.before.iter().filter(|incident| asked(incident, scope)).count(),
        before_then: years.then.iter().filter(|incident| asked(incident, scope)).count(),
    };
    ASKED.iter().map(figure).collect()
}

fn criterion(incident: &Incident) -> Option<Criterion> {
    incident.panel.as_ref().map(|(_, duty)| duty.criterion)
}

fn done(obligation: &str, incident: &Incident, scope: Scope<'_>) -> bool {
    let standing = scope.clocks.standing_of(obligation, incident, scope.now);
    standing.is_some_and(|standing| standing.state == DueState::Met)
}
