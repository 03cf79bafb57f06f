//! A lesson put under other themes by a command (L3): the line of a reply, judged as one, in the name of somebody who may decide it.
//!
//! Comes in: the incident, the lesson, its themes, the person in whose name, who typed it. Goes out: what it did or why it is refused;
//! the decision is an event like that of a reply, and the person has it by email, so that nobody decides unseen for another.

use serde::{Deserialize, Serialize};

use super::{Failure, Turn};
use crate::incident::event::{Decider, Decision, Event, NoticeKind, Reference};
use crate::incident::labels::Label;
use crate::incident::lines::Line;
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Addressee;
use crate::incident::tell::Telling;
use crate::intake::{self, Lookup};

/// What a command asks to be put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The incident.
    pub reference: Reference,
    /// The lesson's number in its list, and its themes, as in a reply: "2; Neglect, Recording", "2; other", "2; undo".
    pub value: String,
    /// The address of the person in whose name, who is known from the settings.
    pub person: String,
    /// Who typed it, as the system knows them.
    pub typed_by: String,
}

impl Turn<'_> {
    /// Carries a correction out: what it did in one sentence, or the reason why it changes nothing.
    ///
    /// # Errors
    /// The store's.
    pub fn correct(&mut self, correction: &Correction) -> Result<Result<String, String>, Failure> {
        let asked = &correction.reference;
        if Lookup::incident(self, asked)?.is_none() {
            return Ok(Err(format!("There is no incident {asked}: need-to-know incidents lists them.")));
        }
        let reference = intake::went_on_as(asked.clone(), self)?;
        self.load(&reference)?;
        let by = match self.in_the_name_of(&reference, correction) {
            Ok(by) => by,
            Err(reason) => return Ok(Err(reason)),
        };
        let words = Label::Theme.words().to_owned();
        let line = Line { label: Label::Theme, words: words.clone(), value: correction.value.clone() };
        let (decision, effect) = match self.judge(&reference, &line, None, &by, self.now) {
            Ok(accepted) => accepted,
            Err(refusal) => return Ok(Err(refusal.reason)),
        };
        let to = Addressee {
            name: by.name.clone(),
            email: by.email.clone(),
            phone: None,
            roles: by.roles.clone(),
            on_behalf_of: by.on_behalf_of.clone(),
        };
        let number = correction.value.split(';').next().unwrap_or_default().trim();
        let is_back = matches!(decision, Decision::Theme { themes: None, .. });
        let entered = Item::Entered {
            effect: effect.clone(),
            typed_by: correction.typed_by.clone(),
            back: (!is_back).then(|| format!("{words}: {number}; undo")),
            label: words,
        };
        self.happen(&reference, self.now, Event::Decided { decision, by });
        let receipt = Notice {
            kind: NoticeKind::DecisionReceipt,
            to,
            items: vec![entered],
            in_reply_to: None,
            attachments: Vec::new(),
        };
        self.tell(&reference, [receipt]);
        Ok(Ok(effect))
    }

    /// Who decides by a command, in the roles that they hold for the incident today.
    fn in_the_name_of(&self, reference: &Reference, correction: &Correction) -> Result<Decider, String> {
        let telling: Telling<'_> = self.telling();
        let email = correction.person.trim().to_lowercase();
        let Some(person) = self.rules.people.person(&email) else {
            return Err(format!(
                "The settings know nobody with the address {email}: name the Strategic Director or quality assurance."
            ));
        };
        let day = self.rules.calendar.day(self.now);
        let (roles, on_behalf_of) =
            self.rules.people.powers(&email, telling.service(self.incident_now(reference)), day);
        let typed_by = Some(correction.typed_by.clone());
        Ok(Decider { name: person.name.clone(), email, roles, on_behalf_of, mail: String::new(), typed_by })
    }
}
