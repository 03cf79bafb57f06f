//! T12 within a turn: what the annual report asks, its being asked again, and replies to it.
//!
//! The reports that were sent, with their answers, are a fact of the store. Replies are about the report whose mail they answer.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::reply::{NOT_AUTHENTICATED, to_decider};
use super::{Failure, Turn};
use crate::forms::Reading;
use crate::incident::decide::yearly;
use crate::incident::event::{Mail, NoticeKind, Reference};
use crate::incident::labels::Label;
use crate::incident::lines::{Line, attempts};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::incident::year::YearReport;
use crate::message::Message;
use crate::outbox::Entry;
use crate::store::Store;

/// The fact that holds the reports.
const FACT: &str = "year_reports";

/// The reports that were sent, oldest first.
///
/// # Errors
/// The store's.
pub(super) fn years(store: &Store) -> Result<Vec<YearReport>, Failure> {
    let stored = store.fact(FACT)?.map(serde_json::from_value).transpose();
    Ok(stored.map_err(|_| Failure::Fault("the reports of earlier years cannot be read"))?.unwrap_or_default())
}

impl Turn<'_> {
    /// Asks again what is not answered yet, when its time has come.
    ///
    /// # Errors
    /// The store's.
    pub fn ask_tabled(&mut self) -> Result<(), Failure> {
        let day = self.rules.calendar.day(self.now);
        for mut year in self.years()? {
            let steps = self.rules.clocks().steps_of_year(&year, self.now);
            if steps.is_empty() {
                continue;
            }
            // With the report itself it was asked once.
            let mut items =
                self.asked_of(&year, |id| steps.iter().find(|step| step.id == id).map_or(1, |s| s.number + 1));
            items.retain(|item| match item {
                Item::Asked { obligation, .. } => steps.iter().any(|step| step.id == *obligation),
                _ => true,
            });
            let passed = steps.iter().filter(|step| step.passed_over > 0);
            items.extend(passed.map(|step| Item::PassedOver { obligation: step.id.clone(), steps: step.passed_over }));
            year.asked_at = self.now;
            self.keep_year(year)?;
            for to in self.rules.people.addressees(Role::StrategicDirector, None, day, false) {
                let (kind, items) = (NoticeKind::Request, items.clone());
                self.loose.push(Notice { kind, to, items, in_reply_to: None, attachments: Vec::new() });
            }
        }
        Ok(())
    }

    /// Takes a reply to a mail about a year's report, where it decides something or means to: the incidents whose lessons it is about.
    /// `None` where it is none.
    pub(super) fn answers_year(
        &mut self,
        message: &Message,
        reading: &Reading,
        mail: &Mail,
        at: DateTime<Utc>,
    ) -> Result<Option<Vec<Reference>>, Failure> {
        let ids: Vec<&String> =
            message.reply_tokens.iter().chain(&message.in_reply_to).chain(message.references.iter().rev()).collect();
        let answered = |year: &YearReport| {
            let (id, to) = ids.iter().find_map(|id| Some(((*id).clone(), year.mails.get(*id)?)))?;
            to.eq_ignore_ascii_case(&mail.from.email).then_some(id)
        };
        let years = self.years()?.into_iter().rev();
        let Some((mut year, token)) = years.filter_map(|year| answered(&year).map(|id| (year, id))).next() else {
            return Ok(None);
        };
        let own = self.rules.procedure.own_labels();
        let decides = |lines: &[Line], text: &str| !lines.is_empty() || !attempts(text, &own).is_empty();
        let by_form = message.automatic.is_some() || !reading.forms.is_empty();
        if by_form || !decides(&self.lines(&message.new_text), &message.new_text) {
            return Ok(None);
        }
        if !self.rules.believes(mail.authentication) {
            let refused = |label| Item::Refused { label, reason: NOT_AUTHENTICATED.into(), line: None };
            let items: Vec<Item> = self.labels(&message.new_text).into_iter().map(refused).collect();
            if self.may_be_refused(mail) {
                let by = self.decider_for(None, mail, at);
                self.loose.push(to_decider(NoticeKind::DecisionRefused, mail, &by, items));
            }
            return Ok(Some(Vec::new()));
        }
        let (about_lessons, text) = self.answers_about_lessons(message, &token, reading, mail, at)?;
        let lines = self.lines(&text);
        if !decides(&lines, &text) {
            return Ok(Some(about_lessons));
        }
        let by = self.decider_for(None, mail, at);
        let mut items = Vec::new();
        for line in lines.iter().filter(|line| line.label != Label::Reason) {
            let label = line.words.clone();
            match yearly::answer(&year, line, &by, at, self.rules.clocks()) {
                Ok((obligation, answer, effect)) => {
                    year.answers.insert(obligation, answer);
                    items.push(Item::Accepted { label, effect });
                }
                Err(why) => {
                    let again = why.correctable.then(|| format!("{label}: {}", line.value.replace('\n', " ")));
                    items.push(Item::Refused { label, reason: why.reason, line: again });
                }
            }
        }
        items.extend(attempts(&text, &own).into_iter().map(|attempt| {
            let reason = attempt.reason();
            Item::Refused { label: attempt.label, reason, line: Some(attempt.meant) }
        }));
        let refused = items.iter().any(|item| matches!(item, Item::Refused { .. }));
        let kind = if refused { NoticeKind::DecisionRefused } else { NoticeKind::DecisionReceipt };
        items.extend(self.asked_of(&year, |_| 1));
        self.keep_year(year)?;
        self.loose.push(to_decider(kind, mail, &by, items));
        Ok(Some(about_lessons))
    }

    /// What a mail about a year's report says: which one, and what is still asked of it, `number` giving how often so far.
    pub(super) fn asked_of(&self, year: &YearReport, number: impl Fn(&str) -> u32) -> Vec<Item> {
        let open = self.rules.clocks().of_year(year, self.now).into_iter().filter(|standing| standing.is_open());
        let asked = open.map(|standing| {
            let number = number(&standing.id);
            Item::Asked { obligation: standing.id, due_at: standing.due_at, number }
        });
        std::iter::once(Item::OfYear { from: year.from, to: year.to }).chain(asked).collect()
    }

    /// Keeps a report with what has become of it; one of the same days takes the place of an earlier one.
    pub(super) fn keep_year(&mut self, year: YearReport) -> Result<(), Failure> {
        let mut years = self.years()?;
        years.retain(|known| (known.from, known.to) != (year.from, year.to));
        years.push(year);
        years.sort_by_key(|year| year.to);
        self.facts.insert(FACT.into(), json!(years));
        Ok(())
    }

    /// A mail about a year's report: replies to it are about that report (M30).
    pub(super) fn remember(&mut self, notice: &Notice, entry: &Entry) -> Result<(), Failure> {
        let days = notice.items.iter().find_map(|item| match item {
            Item::OfYear { from, to } => Some((*from, *to)),
            _ => None,
        });
        let Some(days) = days else { return Ok(()) };
        if let Some(mut year) = self.years()?.into_iter().find(|known| (known.from, known.to) == days) {
            year.mails.insert(entry.token.clone(), entry.to.clone());
            year.mails.insert(entry.message_id.clone(), entry.to.clone());
            self.keep_year(year)?;
        }
        Ok(())
    }

    fn years(&self) -> Result<Vec<YearReport>, Failure> {
        match self.facts.get(FACT) {
            Some(kept) => serde_json::from_value(kept.clone()).map_err(|_| Failure::Fault("a year's report was lost")),
            None => years(self.store),
        }
    }
}
