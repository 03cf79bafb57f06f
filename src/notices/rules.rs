//! Rule ids and their sources in words: "Rule T6 – council's serious incident policy, 4.3".
//!
//! Comes in: an obligation or a rule id. Goes out: citations.

use serde::Serialize;

use crate::incident::notice::Item;
use crate::incident::procedure::{Obligation, words};

/// One rule as a mail cites it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Rule {
    /// "Rule T6".
    pub name: String,
    /// "council's serious incident policy, 4.3".
    pub source: String,
    /// What it says, or when it is due.
    pub says: String,
}

/// The rule of an obligation.
pub(crate) fn of_obligation(obligation: &Obligation, due: Option<String>) -> Rule {
    let due = due.map(|due| format!(" Due: {due}.")).unwrap_or_default();
    rule(&obligation.rule, &obligation.source, &format!("{}.{due}", obligation.title))
}

/// The rule that a statement carries out, where it is not an obligation's.
pub(crate) fn of_item(item: &Item) -> Option<Rule> {
    let (id, source, says) = match item {
        Item::OfYear { .. } => {
            ("T12", "D 4.3, Appendix B", "Lessons are collated once a year and tabled at Chief Officer Group.")
        }
        Item::DraftOfYear { .. } => {
            ("L3", "D 4.3", "Once a year: figures, themes and lessons, for the Strategic Director.")
        }
        Item::Bulletin => {
            ("L4", "D 4.3", "Lessons are passed on in the team briefing, with nothing that identifies anybody.")
        }
        Item::Week { .. } => ("T15", "choice", "Once a week: what is late, due within 14 days, and open."),
        Item::FilesKeptBack => ("I9", "P", "One incident, one record: nobody is sent what may be of another child."),
        Item::Copied => ("I1", "D 5", "Whoever the worker wrote to gets the alert all the same."),
        Item::StandsIn { .. } => (
            "I7",
            "choice",
            "When somebody cannot be reached, the deputy or the next in the chain gets the notice at once.",
        ),
        Item::ExternalSender { .. } => ("I2", "D 4.3", "A form opens an incident whoever sent it."),
        Item::NamedInForm { .. } => {
            ("Section 10", "choice", "When somebody named in the form gets a copy, the next above is told.")
        }
        Item::MayBeSame(_) => ("I9", "P", "One incident, one record; a director decides whether two are the same."),
        Item::Joined => ("I9", "P", "A notification form joins the incident that awaits it."),
        Item::AnsweredForBoth { .. } => (
            "N4",
            "P, S",
            "Quality assurance and the LSCP Business Manager answer for the reviews; one answer is enough.",
        ),
        Item::Changed(_) | Item::Wrote { .. } | Item::NoLine => {
            ("I5", "D 5", "What comes in later is kept with the incident, and its directors are told.")
        }
        Item::NowReadable | Item::CouldNotRead(_) | Item::CameFrom { .. } => (
            "I8",
            "D 5",
            "What cannot be read is never dropped: it is alerted, and stays listed until a person has seen to it.",
        ),
        Item::ClassDecided { .. } | Item::Lowered { .. } => {
            ("C6", "choice", "A director's decision stands over the form's statement.")
        }
        Item::FirstRead { .. } => ("T13", "choice", "An alert goes one level up until somebody has read it."),
        Item::Nominated { .. } | Item::Replaced { .. } | Item::OfficerInvolved { .. } => (
            "T6",
            "D 4.3, Appendix B",
            "The Service Director nominates an investigating officer and agrees a date, at most 28 days ahead.",
        ),
        Item::ExpectedOn { .. } => (
            "T7",
            "D 4.3, Appendix B",
            "A late report may be given a new date; it stays late, and the Strategic Director is told.",
        ),
        Item::RecommendationsOpen => {
            ("T8", "D 4.3, Appendix B", "The review decides which of the report's recommendations are carried out.")
        }
        Item::Reviewed { .. } => (
            "T10",
            "D 4.3, Appendix B",
            "With the review the report goes to the Strategic Director, with the learning for other areas.",
        ),
        Item::ReportCame { .. }
        | Item::ReportKept { .. }
        | Item::ReportWaits { .. }
        | Item::ReturnedUnchanged
        | Item::NotRecognised { .. }
        | Item::ReportReturned { .. } => (
            "I3",
            "D 4.3, Appendix B",
            "A report counts from the investigating officer, the Service Director or their deputy.",
        ),
        Item::OfficerAsks { .. } => ("T6", "D 4.3", "The Service Director decides on the officer and the date."),
        Item::Entered { .. } => ("L3", "choice", "Who stands for the report decides what its lessons stand under."),
        Item::Accepted { .. } | Item::Refused { .. } => {
            ("I4", "D 4.3", "Decisions are taken by reply, by those whom the procedure names.")
        }
        Item::SentTo(_) => ("T1", "D 4.3", "A report is alerted at once, day and night."),
        Item::Missing { .. } | Item::EmptyForm => {
            ("I11", "D 5", "A form is sent on as it is, and what is missing is asked for once.")
        }
        Item::Withdrawn { .. } | Item::ReportWithdrawn { .. } => {
            ("I14", "choice", "What was sent by mistake is withdrawn, and deleted by everyone who had it.")
        }
        Item::NothingNew | Item::SameIncident { .. } | Item::Parted { .. } => ("I9", "P", "One incident, one record."),
        Item::Attention { .. } => {
            ("I1", "D 5", "What may be a Need To Know and is not certain is looked at by a person within the hour.")
        }
        Item::PassedOn { .. } => ("I5", "D 5", "What more is written about an incident is passed on to its directors."),
        Item::NotReached { .. } => (
            "I7",
            "choice",
            "What cannot be delivered goes to the deputy or the next above; where there is nobody, whoever decided it is told.",
        ),
        Item::ChildProcedure => {
            ("C5", "D 2", "When a child died or was seriously harmed, the procedure for that applies beside this one.")
        }
        Item::PanelProposed | Item::PanelChanged { .. } | Item::PanelBasis | Item::DeathWithoutAbuse => (
            "C5",
            "P",
            "Quality assurance decides whether the National Panel must be notified, and is always consulted first.",
        ),
        Item::PackOvertaken { panel: true, .. } => {
            ("N3", "S", "One notification is made for an incident, and says what is known of it.")
        }
        Item::PackOvertaken { .. } => {
            ("O2", "O", "The report to Ofsted holds what happened, when and where, and the details of any children.")
        }
        Item::ToPartners { .. } => {
            ("N2", "P", "The LSCP Business Manager and the Safeguarding Partners are told within 5 working days.")
        }
        Item::OfstedAsked | Item::OfstedNoDeath => {
            ("O1", "O", "An incident in a regulated service is reported to Ofsted by its registered manager.")
        }
        Item::OfstedUpdate => {
            ("O4", "O", "Ofsted gets one report by its form; further news goes to the inspector by email.")
        }
        Item::EnquiryReference => {
            ("O3", "O", "The conclusion of an enquiry is reported with the reference of its start.")
        }
        Item::OwnerUnknown { .. } => {
            ("T11", "D 4.3", "Each binding recommendation has an owner, a date, and is followed up.")
        }
        Item::Asked { .. }
        | Item::Received { .. }
        | Item::PassedOver { .. }
        | Item::Reminded { .. }
        | Item::Chased { .. }
        | Item::Escalated { .. }
        | Item::Closed { .. }
        | Item::IsOver
        | Item::Reopened { .. }
        | Item::Summary(_)
        | Item::Concern(_)
        | Item::Operator(_) => return None,
    };
    Some(rule(id, source, says))
}

/// A citation from an id, a source as the procedure writes it ("D 4.3", "choice") and what the rule says.
pub(crate) fn rule(id: &str, source: &str, says: &str) -> Rule {
    let name = if id.starts_with("Section") { id.to_owned() } else { format!("Rule {id}") };
    Rule { name, source: words::source(source), says: says.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::procedure::Procedure;

    #[test]
    fn every_obligation_is_cited_with_its_source() {
        for obligation in &Procedure::built_in().obligations {
            let rule = of_obligation(obligation, None);
            assert_ne!(rule.source, obligation.source, "a source that is said in words: {rule:?}");
        }
    }
}
