//! Whether a notice about an incident may go to its recipient (M20): the last gate before a mail is written.
//!
//! Comes in: a notice of the turn and the settings as they are now. Goes out: yes or no, and a word to the administrator where an
//! address is outside. Knows no reason why somebody was to be told.

use super::Turn;
use crate::incident::event::Reference;
use crate::incident::notice::Notice;

impl Turn<'_> {
    /// Nothing that names a child leaves the allowed domains, but to holders of the partner roles at theirs; and whoever was told
    /// for a role and is no longer in the settings is told no more.
    pub(super) fn may_be_told(&mut self, reference: &Reference, notice: &Notice) -> bool {
        let email = &notice.to.email;
        let is_known = self.is_in_settings(email);
        let allowed = self.rules.allows(email) || (is_known && self.rules.partner_domains.allow(email));
        if !allowed {
            self.tell_operator(format!(
                "The {} about {reference} was not sent to {email}: the address is outside the allowed domains. If it should have it, \
                 add its domain to delivery.allowed_domains; if not, tell whoever named it.",
                notice.kind.name()
            ));
            return false;
        }
        let incident = self.incident_now(reference);
        let is_officer = incident.officer.as_ref().is_some_and(|officer| officer.email.eq_ignore_ascii_case(email));
        let is_reporter = incident.is_reporter(email);
        let told = notice.to.roles.is_empty() || is_known || is_officer || is_reporter;
        if !told {
            tracing::info!(%reference, notice = notice.kind.name(), "not sent to somebody who is no longer in the settings");
        }
        told
    }

    /// As a person, or as a person's deputy.
    pub(super) fn is_in_settings(&self, email: &str) -> bool {
        let people = &self.rules.people;
        let is_deputy = |deputy: &str| deputy.eq_ignore_ascii_case(email);
        people.person(email).is_some()
            || people.all().iter().filter_map(|person| person.absent.as_ref()).any(|absent| is_deputy(&absent.deputy))
    }
}
