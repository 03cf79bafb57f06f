//! Who gets a notice that did not reach its recipient (I7, M22).

use super::{Telling, asked, merge_roles, outside_the_chain};
use crate::incident::event::{NoticeKind, Noticed};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::{Addressee, CHAIN};
use crate::incident::state::Incident;

impl Telling<'_> {
    /// I7, M22: a notice did not reach its recipient; the deputy, else the next in the chain, gets it at once.
    pub fn instead(&self, incident: &Incident, noticed: &Noticed, why: &str) -> Vec<Notice> {
        let served =
            [NoticeKind::Alert, NoticeKind::Unreadable, NoticeKind::Escalation, NoticeKind::Request, NoticeKind::Chase];
        let Some(role) = noticed.roles.iter().copied().max_by_key(|role| role.rank()) else { return Vec::new() };
        if !served.contains(&noticed.kind) {
            return Vec::new();
        }
        let service = self.service(incident);
        let day = self.clocks.calendar.day(self.now);
        let deputy = self.people.person(&noticed.to).and_then(|person| person.absence_on(day));
        let deputy = deputy.map(|absent| outside_the_chain(&absent.deputy, &absent.deputy.to_lowercase()));
        let reached = |to: &Addressee| to.email != noticed.to && !incident.unreached.contains(&to.email);
        let mut to: Vec<Addressee> = deputy.into_iter().filter(reached).collect();
        // Those above who cannot be reached either are passed over, up to the top.
        for role in CHAIN.iter().filter(|above| role.rank() > 0 && above.rank() >= role.rank()) {
            if to.is_empty() {
                to = self.people.next_in_chain(*role, service, day, false, 0).into_iter().filter(reached).collect();
            }
        }
        to.into_iter()
            .map(|mut to| {
                merge_roles(&mut to, &noticed.roles);
                to.on_behalf_of = Some(noticed.name.clone());
                let stands_in = Item::StandsIn { r#for: noticed.name.clone(), why: why.to_owned() };
                match noticed.kind {
                    NoticeKind::Alert | NoticeKind::Unreadable | NoticeKind::Escalation => {
                        let mut notice = self.alert(incident, to);
                        notice.items.insert(0, stands_in);
                        notice
                    }
                    kind => {
                        let mut items = vec![stands_in];
                        let named = noticed.obligations.iter();
                        let open = named.filter_map(|id| self.clocks.standing_of(id, incident, self.now));
                        items
                            .extend(open.filter(|standing| standing.met_at.is_none()).map(|standing| asked(&standing)));
                        self.notice(incident, kind, to, items)
                    }
                }
            })
            .collect()
    }
}
