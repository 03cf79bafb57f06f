//! The lines of sections 6 and 7: the National Panel, the safeguarding partners, practice reviews and Ofsted.
//!
//! Comes in: a line by somebody who may write it. Goes out: the decision, with what it does, or a refusal with what to write instead.

use super::dates::enquiry_started;
use super::{Accepted, Bench, in_words};
use crate::incident::due::{last, panel_notified};
use crate::incident::event::Decision;
use crate::incident::labels::Label;
use crate::incident::state::Incident;
use crate::incident::tell::Telling;
use crate::incident::values::{says_yes, two_parts};

impl Bench<'_> {
    /// What such a line means.
    pub(super) fn outside(&self, incident: &Incident, label: Label, value: &str) -> Result<Accepted, String> {
        match label {
            Label::BecameAware => {
                let date = self.past_date(incident, label, value)?;
                let effect = format!("The clocks of the Panel notification run from {}.", in_words(date));
                Ok((Decision::BecameAware { date }, effect))
            }
            Label::PanelRequired => yes(value).map(|()| {
                let effect = "The Panel must be notified. The clocks that were proposed are confirmed.";
                (Decision::PanelRequired, effect.into())
            }),
            Label::PanelNotRequired => {
                let mut effect =
                    "The clocks of the Panel notification, of telling the partners and of the rapid review are ended."
                        .to_owned();
                if let Some((date, _)) = panel_notified(incident) {
                    // N10: what was notified is withdrawn by those who notified it.
                    effect.push_str(&format!(
                        " The Panel was notified on {}, and has that notification still: withdraw it by the same system.",
                        in_words(date)
                    ));
                }
                if let Some(at) = incident.partners_told.values().map(|(at, _)| *at).max() {
                    effect.push_str(&format!(
                        " The LSCP Business Manager and the Safeguarding Partners were written to on {}, and nobody writes to them of this: \
                         ring them.",
                        in_words(self.clocks.calendar.day(at))
                    ));
                }
                Ok((Decision::PanelNotRequired { reason: value.into() }, effect))
            }
            Label::PanelNotified => {
                let (date, reference) = self.past_date_and_rest(incident, label, value)?;
                let effect = recorded("The Panel was notified", date, &reference, "Panel notified");
                Ok((Decision::PanelNotified { date, reference }, effect))
            }
            Label::TellPartners => yes(value).map(|()| (Decision::TellPartners, self.partners_told(incident))),
            Label::PartnersInformed => {
                let date = self.past_date(incident, label, value)?;
                Ok((Decision::PartnersInformed { date }, format!("The partners were told on {}.", in_words(date))))
            }
            Label::RapidReviewSubmitted => {
                let date = self.past_date(incident, label, value)?;
                let mut effect = format!(
                    "The rapid review was sent on {}. If a local practice review is started, reply: \"Practice review started: \
                     date\"; if none is: \"Practice review: no; reason\".",
                    in_words(date)
                );
                if panel_notified(incident).is_none() {
                    effect.push_str(
                        " Nobody has said yet when the Panel was notified. Quality assurance says so by \"Panel notified: date, reference\".",
                    );
                }
                Ok((Decision::RapidReviewSubmitted { date }, effect))
            }
            Label::OfstedNotified => {
                let (date, reference) = self.past_date_and_rest(incident, label, value)?;
                let mut effect = recorded("Ofsted was notified", date, &reference, "Ofsted notified");
                // O5: the line gives no time of the day on which the 24 hours end.
                let standing = self.clocks.standing_of("ofsted_report", incident, self.received_at);
                let due_at = standing.map(|standing| standing.due_at).filter(|due_at| *due_at < self.received_at);
                if due_at.is_some_and(|due_at| self.clocks.calendar.day(due_at) == date) {
                    effect.push_str(" It was due on that day, so it counts as in time.");
                }
                Ok((Decision::OfstedNotified { date, reference }, effect))
            }
            Label::EnquiryStarted => {
                let (date, reference) = self.past_date_and_rest(incident, label, value)?;
                let effect = recorded("The child protection enquiry was started", date, &reference, "Enquiry started");
                Ok((Decision::EnquiryStarted { date, reference }, effect))
            }
            Label::EnquiryConcluded => self.enquiry_concluded(incident, value),
            _ => self.practice_review(incident, label, value),
        }
    }

    /// N2: who is written to by the word to tell the partners, and who was before.
    fn partners_told(&self, incident: &Incident) -> String {
        const NEXT: &str = "When you know that they were told, reply: \"Partners informed: date\".";
        let telling = Telling { clocks: self.clocks, people: self.people, now: self.received_at };
        let to = telling.partners_to_tell(incident);
        let last = incident.partners_told.values().map(|(at, _)| *at).max();
        let last = last.map(|at| in_words(self.clocks.calendar.day(at))).map(|day| match incident.told_as() {
            Some(other) => format!("{day}, as {other}, when this was one with it"),
            None => day,
        });
        let Some(last) = last else {
            return format!(
                "The LSCP Business Manager and the Safeguarding Partners are written to: reference, dates, nature and whom to ring. {NEXT}"
            );
        };
        let names: Vec<&str> = to.iter().map(|partner| partner.name.as_str()).collect();
        match names.as_slice() {
            [] => format!("The partners were written to on {last}. Nothing was sent again. {NEXT}"),
            some if incident.partners_told.keys().any(|email| to.iter().any(|partner| partner.email == *email)) => {
                format!(
                    "The partners were written to on {last}, and the nature has changed since: {} are written to again. {NEXT}",
                    some.join(", ")
                )
            }
            some => format!(
                "The partners were written to on {last}, and nothing was sent to them again. Written to now: {}. {NEXT}",
                some.join(", ")
            ),
        }
    }

    /// N5.
    fn practice_review(&self, incident: &Incident, label: Label, value: &str) -> Result<Accepted, String> {
        let started = || {
            let found = last(incident, |d| matches!(d, Decision::PracticeReviewStarted { .. }).then_some(()));
            found.ok_or("First say when it was started: \"Practice review started: date\".")
        };
        match label {
            Label::PracticeReviewStarted => {
                let date = self.past_date(incident, label, value)?;
                let effect = format!("The practice review was started on {}.", in_words(date));
                Ok((Decision::PracticeReviewStarted { date }, effect))
            }
            Label::NoPracticeReview => {
                let (no, reason) = two_parts(value, "Write \"Practice review: no; reason\".")?;
                if !no.eq_ignore_ascii_case("no") {
                    return Err("Write \"Practice review: no; reason\", or \"Practice review started: date\".".into());
                }
                Ok((
                    Decision::NoPracticeReview { reason: reason.into() },
                    "It is recorded that there is no local practice review.".into(),
                ))
            }
            Label::PublicationDate => {
                started()?;
                let date = self.date(value).or_else(|_| self.past_date(incident, label, value))?;
                self.in_order(incident, label, date)?;
                // N5: later is possible, and it is late then.
                let standing = self.clocks.standing_of("practice_review_publication", incident, self.received_at);
                let last =
                    standing.map(|standing| self.clocks.calendar.day(standing.due_at)).filter(|last| date > *last);
                let late = last.map(|last| format!(" That is after the six months, which end on {}.", in_words(last)));
                let effect = format!(
                    "The practice review is published on {}. The full report goes to the Panel and DfE 7 working days before.{}",
                    in_words(date),
                    late.unwrap_or_default()
                );
                Ok((Decision::PublicationDate { date }, effect))
            }
            Label::PracticeReviewNotPublished => {
                started()?;
                let effect = "It is recorded that the practice review is not published.";
                Ok((Decision::PracticeReviewNotPublished { reason: value.into() }, effect.into()))
            }
            Label::PracticeReviewSent => {
                started()?;
                let date = self.past_date(incident, label, value)?;
                let effect = format!("The full report was sent to the Panel and DfE on {}.", in_words(date));
                Ok((Decision::PracticeReviewSent { date }, effect))
            }
            _ => Err("This line cannot be used here.".into()),
        }
    }

    /// O3: Ofsted takes a conclusion only with the reference number that it gave at the start.
    fn enquiry_concluded(&self, incident: &Incident, value: &str) -> Result<Accepted, String> {
        let known = ofsted_reference(incident);
        let like = |reference: &str| format!("\"Enquiry concluded: date; outcome; {reference}\"");
        let parts: Vec<&str> = value.splitn(3, ';').map(str::trim).collect();
        let [date, outcome, reference] = parts[..] else {
            return Err(match known {
                Some(known) => format!(
                    "Ofsted needs the incident reference number that it gave when the enquiry was reported. We know {known}: if that \
                     is it, write {}.",
                    like(&known)
                ),
                None => format!(
                    "Ofsted needs the incident reference number that it gave when the enquiry was reported: write {}.",
                    like("reference")
                ),
            });
        };
        if outcome.is_empty() || reference.is_empty() {
            return Err(format!("Give the outcome and Ofsted's reference: {}.", like("reference")));
        }
        let date = self.past_date(incident, Label::EnquiryConcluded, date)?;
        let decision = Decision::EnquiryConcluded { date, outcome: outcome.into(), reference: reference.into() };
        let mut effect = format!(
            "The enquiry was concluded on {}. Report the conclusion to Ofsted with its form, giving reference {reference}.",
            in_words(date)
        );
        if enquiry_started(incident).is_none() {
            effect.push_str(
                " Nobody has said when it was started. If you know, reply: \"Enquiry started: date, reference\".",
            );
        }
        Ok((decision, effect))
    }
}

/// The reference that Ofsted gave, as somebody told us or as the form says.
pub fn ofsted_reference(incident: &Incident) -> Option<String> {
    let told = last(incident, |decision| match decision {
        Decision::EnquiryStarted { reference, .. } if !reference.is_empty() => Some(reference.clone()),
        _ => None,
    });
    let notified = || {
        last(incident, |decision| match decision {
            Decision::OfstedNotified { reference, .. } if !reference.is_empty() => Some(reference.clone()),
            _ => None,
        })
    };
    told.or_else(notified)
        .map(|(reference, _)| reference)
        .or_else(|| incident.answer("ofsted_reference").map(str::to_owned))
}

fn yes(value: &str) -> Result<(), String> {
    says_yes(value).then_some(()).ok_or_else(|| "Write \"yes\".".to_owned())
}

fn recorded(what: &str, date: chrono::NaiveDate, reference: &str, label: &str) -> String {
    match reference {
        "" => format!("{what} on {}. When you have the reference, write \"{label}: date, reference\".", in_words(date)),
        reference => format!("{what} on {}, reference {reference}.", in_words(date)),
    }
}
