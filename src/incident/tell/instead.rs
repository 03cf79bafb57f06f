//! Who gets a notice that did not reach its recipient (I7, M22).

use super::after::officer_asks;
use super::{Telling, asked, goes_along, merge_roles, outside_the_chain};
use crate::incident::due::last;
use crate::incident::event::{Attached, Decider, Decision, Event, FormUse, Mail, NoticeKind, Noticed, Stamped};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::{Addressee, CHAIN, Role};
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
        // T4, section 1: who is asked as line manager stands below the chain.
        let is_line_manager = role == Role::LineManager;
        if is_line_manager && to.is_empty() {
            to = self.holders(incident, Role::HeadOfService).into_iter().filter(reached).collect();
        }
        let from = if is_line_manager { Role::HeadOfService } else { role };
        // Those above who cannot be reached either are passed over, up to the top.
        for role in CHAIN.iter().filter(|above| from.rank() > 0 && above.rank() >= from.rank()) {
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
                        let (questions, attachments) = self.questions(incident, noticed);
                        items.extend(questions);
                        Notice { attachments, ..self.notice(incident, kind, to, items) }
                    }
                }
            })
            .collect()
    }

    /// What a request asks that is about no obligation (section 3, I3), with the files that went along: what was written down before it
    /// in the same turn.
    fn questions(&self, incident: &Incident, noticed: &Noticed) -> (Vec<Item>, Vec<Attached>) {
        let is_notice = |stamped: &&Stamped| matches!(stamped.event, Event::Noticed(_));
        let is_this =
            |stamped: &Stamped| matches!(&stamped.event, Event::Noticed(known) if known.token == noticed.token);
        let asked = noticed.kind == NoticeKind::Request && noticed.obligations.is_empty();
        let Some(place) = incident.timeline.iter().position(is_this).filter(|_| asked) else {
            return (Vec::new(), Vec::new());
        };
        let before = incident.timeline[..place].iter().rev().skip_while(is_notice);
        let (mut items, mut files) = (Vec::new(), Vec::new());
        for stamped in before.take_while(|stamped| !is_notice(stamped)) {
            match &stamped.event {
                Event::Decided { decision, by } => items.extend(officer_asks(decision, by)),
                Event::FormTaken { role: FormUse::ReportKept(why), mail, .. } => {
                    items.push(Item::ReportKept { from: sender(mail), why: why.clone() });
                    files.extend(mail.attachments.iter().cloned());
                }
                Event::ReplyKept { mail, .. } if mail.attachments.iter().any(goes_along) => {
                    items.push(Item::NotRecognised { from: sender(mail) });
                    files.extend(mail.attachments.iter().filter(|file| goes_along(file)).cloned());
                }
                _ => {}
            }
        }
        (items, files)
    }

    /// I7: what somebody beside the chain was told or is to do did not reach them, and nobody gets it in their place. Whoever decided that
    /// they were told hears it at once; where nobody did, the Service Director, or whoever else in the chain is reached.
    pub fn not_reached(&self, incident: &Incident, noticed: &Noticed, why: &str) -> Vec<Notice> {
        let served = [
            NoticeKind::Nomination,
            NoticeKind::Request,
            NoticeKind::Reminder,
            NoticeKind::Chase,
            NoticeKind::Partners,
        ];
        let officer = incident.officer.as_ref().is_some_and(|officer| officer.email == noticed.to);
        // Who is away has it all the same; an officer was to begin with it.
        let is_there = why == "absent" && noticed.kind != NoticeKind::Nomination;
        let in_chain = noticed.roles.iter().any(|role| role.rank() > 0);
        let answers_for_it = officer || !noticed.roles.is_empty();
        if !served.contains(&noticed.kind) || in_chain || is_there || !answers_for_it {
            return Vec::new();
        }
        let open = |id: &&String| self.clocks.standing_of(id, incident, self.now).is_some_and(|known| known.is_open());
        let asked: Vec<String> = noticed.obligations.iter().filter(open).cloned().collect();
        if asked.is_empty() && !noticed.obligations.is_empty() {
            return Vec::new(); // Somebody has done it meanwhile.
        }
        let decided = last(incident, |decision| match decision {
            Decision::Investigator { email, .. } if officer => (*email == noticed.to).then_some(()),
            Decision::TellPartners if noticed.kind == NoticeKind::Partners => Some(()),
            _ => None,
        });
        let reached = |to: &Addressee| to.email != noticed.to && !incident.unreached.contains(&to.email);
        let mut to: Vec<Addressee> =
            decided.map(|((), decided)| addressee_of_decider(&decided.by)).into_iter().filter(reached).collect();
        // Those who cannot be reached either are passed over, up to the top, and then down.
        for role in [Role::ServiceDirector, Role::StrategicDirector, Role::ChiefExecutive, Role::HeadOfService] {
            if to.is_empty() {
                to = self.holders(incident, role).into_iter().filter(reached).collect();
            }
        }
        let item = Item::NotReached {
            name: noticed.name.clone(),
            email: noticed.to.clone(),
            why: why.to_owned(),
            officer,
            asked,
        };
        to.into_iter().map(|to| self.notice(incident, NoticeKind::Request, to, vec![item.clone()])).collect()
    }
}

fn sender(mail: &Mail) -> String {
    mail.from.name.clone().unwrap_or_else(|| mail.from.email.clone())
}

fn addressee_of_decider(by: &Decider) -> Addressee {
    Addressee {
        name: by.name.clone(),
        email: by.email.clone(),
        phone: None,
        roles: by.roles.clone(),
        on_behalf_of: by.on_behalf_of.clone(),
    }
}
