//! Who is told what (T1, section 3, section 9): from what happened, or fell due, to notices.
//!
//! Comes in: the incident after the events, people, clocks and now. Goes out: [`Notice`]s, one a person and kind. Words are
//! chosen later, by [`notices`](crate::notices); sending later still. Alerts and updates are here; what decisions make others be told is
//! in `after`, what makes an incident another one than people were told in `again`,
//! what changes for those who answer to the Panel and Ofsted in `outside`, what falls due in `steps`, who stands in for somebody
//! unreached in `instead`, answers to the reporter in `reporter`.

mod after;
mod again;
mod digest;
mod gather;
mod instead;
mod outside;
mod reporter;
mod steps;

use chrono::{DateTime, NaiveDate, Utc};

pub use gather::{obligation_of, one_a_person};

use super::due::{Clocks, Standing};
use super::duties;
use super::event::{Attached, Class, Decider, Mail, NoticeKind, Noticed, Opening};
use super::notice::{Item, Notice};
use super::people::{Addressee, CHAIN, People, Role, merge};
use super::procedure::{Moment, Party};
use super::state::Incident;

/// What telling needs beside the incident.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    /// The rules and the calendar.
    pub clocks: Clocks<'a>,
    /// Who is who.
    pub people: &'a People,
    /// The time of the turn.
    pub now: DateTime<Utc>,
}

impl Telling<'_> {
    /// T1: the alert to everybody who must have it by class and form, and has not had it yet.
    pub fn alerts(&self, incident: &Incident) -> Vec<Notice> {
        let had: Vec<&str> = incident.alerts().map(|(_, noticed)| noticed.to.as_str()).collect();
        self.alerts_but(incident, &had)
    }

    /// I5: a form that raises the class alerts the whole chain anew, whoever had the alert before, saying what the form changed.
    pub fn alerts_anew(&self, incident: &Incident, but: &[&str], changed: &[Item]) -> Vec<Notice> {
        let mut told = self.alerts_but(incident, but);
        told.iter_mut().filter(|notice| notice.kind != NoticeKind::Update).for_each(|notice| {
            notice.items.splice(0..0, changed.iter().cloned());
        });
        told
    }

    fn alerts_but(&self, incident: &Incident, had: &[&str]) -> Vec<Notice> {
        let mut to = Vec::new();
        for role in alert_roles(incident) {
            for addressee in self.holders(incident, role) {
                merge(&mut to, addressee);
            }
        }
        to.retain(|addressee| !had.contains(&addressee.email.as_str()));
        let named: Vec<Addressee> = to.iter().filter(|addressee| is_named(incident, addressee)).cloned().collect();
        let mut told: Vec<Notice> = to.into_iter().map(|addressee| self.alert(incident, addressee)).collect();
        for addressee in named {
            told.extend(self.above(incident, &addressee));
        }
        told
    }

    /// Section 10: a recipient is named in the form, so the next above is told that the copy went.
    fn above(&self, incident: &Incident, named: &Addressee) -> Vec<Notice> {
        let Some(role) = named.roles.iter().copied().max_by_key(|role| role.rank()) else { return Vec::new() };
        let day = self.clocks.calendar.day(self.now);
        let mut to = self.people.next_in_chain(role, self.service(incident), day, false, 0);
        to.retain(|addressee| addressee.email != named.email);
        let item = Item::NamedInForm { name: named.name.clone() };
        to.into_iter().map(|to| self.notice(incident, NoticeKind::Update, to, vec![item.clone()])).collect()
    }

    fn alert(&self, incident: &Incident, to: Addressee) -> Notice {
        let kind = if incident.unreadable { NoticeKind::Unreadable } else { NoticeKind::Alert };
        let mut items = Vec::new();
        let first = incident.first_mail.as_ref();
        let copied = first.is_some_and(|mail| mail.addressees.iter().any(|known| known.email == to.email));
        if incident.unreadable {
            items.push(Item::CouldNotRead(incident.problems.iter().map(|problem| problem.code.clone()).collect()));
        }
        if copied {
            items.push(Item::Copied);
        }
        if let Some(mail) = first.filter(|mail| !mail.trusted) {
            items.push(Item::ExternalSender { email: mail.from.email.clone() }); // M20
        }
        if !incident.may_be_same_as.is_empty() {
            items.push(Item::MayBeSame(incident.may_be_same_as.iter().cloned().collect()));
        }
        let read = self.clocks.asked_by_alert(incident, self.now);
        items.extend(read.filter(Standing::is_open).map(|read| asked(&read))); // T13
        items.extend(self.asks(incident, &to));
        if incident.panel.is_some() || duties::child_died(incident) {
            items.push(Item::ChildProcedure); // C5, N6, N7
        }
        items.extend(files_kept_back(incident));
        // I1: no second copy of the attachment; I8: an unread original goes along only from a trusted sender.
        let withheld = copied || (incident.unreadable && first.is_some_and(|mail| !mail.trusted));
        let attachments = if withheld { Vec::new() } else { self.files(incident) };
        Notice { kind, to, items, in_reply_to: first.and_then(|mail| mail.message_id.clone()), attachments }
    }

    /// What goes along with a notice of the incident itself. I8: of what was not read only documents and pictures, from a trusted sender.
    fn files(&self, incident: &Incident) -> Vec<Attached> {
        let mut files = incident.attachments();
        if incident.unreadable {
            let trusted = incident.first_mail.as_ref().is_some_and(|mail| mail.trusted);
            files.retain(|file| trusted && goes_along(file));
        }
        files
    }

    /// What an addressee can answer now: open obligations of which they are an actor.
    fn asks(&self, incident: &Incident, to: &Addressee) -> Vec<Item> {
        // What begins later is asked of its own accord.
        let begins_now = |standing: &Standing| {
            matches!(
                standing.obligation.arises,
                Moment::Alert
                    | Moment::Receipt
                    | Moment::ClassAsked
                    | Moment::Catastrophic
                    | Moment::SeriousNeedToKnow
                    | Moment::NotificationForm
                    | Moment::PracticeReview
                    | Moment::PublicationDate
            )
        };
        let standings = self.clocks.obligations(incident, self.now).into_iter();
        let open = standings.filter(|standing| standing.is_open() && begins_now(standing));
        let theirs = open.filter(|standing| {
            standing.obligation.actors.iter().any(|actor| match actor {
                Party::Role(role) => to.roles.contains(role),
                Party::Chain => to.roles.iter().any(|role| role.rank() > 0),
                _ => false,
            })
        });
        theirs.map(|standing| asked(&standing)).collect()
    }

    /// What a decision on the class asks of somebody for the first time (T2, T5, T14): it is asked at once.
    pub fn newly_asked(&self, before: &Incident, incident: &Incident, to: &Addressee) -> Vec<Item> {
        let mut asks = self.asks(incident, to);
        asks.retain(|item| obligation_of(item).is_some_and(|id| id != "acknowledgement" && self.is_new(id, before)));
        asks
    }

    /// Whether an obligation was none that an incident had open before.
    fn is_new(&self, id: &str, before: &Incident) -> bool {
        let standing = self.clocks.standing_of(id, before, self.now);
        standing.is_none_or(|standing| !standing.is_open())
    }

    /// An update to everybody who had the alert, but for some addresses.
    pub fn update(&self, incident: &Incident, but: &[&str], items: Vec<Item>) -> Vec<Notice> {
        let mut to: Vec<Addressee> = Vec::new();
        for (_, noticed) in incident.alerts() {
            merge(&mut to, addressee_of(noticed));
        }
        to.retain(|addressee| !but.contains(&addressee.email.as_str()));
        to.into_iter().map(|to| self.notice(incident, NoticeKind::Update, to, items.clone())).collect()
    }

    /// C6: by what was changed the class is lower, and what it asked for is asked no longer.
    pub fn lowered(&self, before: &Incident, incident: &Incident) -> Option<Item> {
        let from = before.classification.pace().filter(|from| incident.classification.pace() < Some(*from))?;
        let was_open = self.clocks.obligations(before, self.now).into_iter().filter(Standing::is_open);
        let is_left = |standing: &Standing| {
            let now = self.clocks.standing_of(&standing.id, incident, self.now);
            now.is_some_and(|now| now.is_open() || now.met_at.is_some())
        };
        let lapsed = was_open.filter(|standing| !is_left(standing)).map(|standing| standing.id).collect();
        Some(Item::Lowered { from, lapsed })
    }

    /// Puts what is open and theirs to answer into updates that a form with new clocks caused; such a mail is a request (T6).
    pub fn ask_in(&self, incident: &Incident, notices: &mut [Notice]) {
        for notice in notices {
            let asks = self.asks(incident, &notice.to);
            if asks.iter().any(|item| matches!(item, Item::Asked { obligation, .. } if obligation == "nomination")) {
                notice.kind = NoticeKind::Request;
                notice.items.extend(asks);
            }
        }
    }

    /// An update to the holders of a role.
    pub fn update_role(&self, incident: &Incident, role: Role, but: &[&str], items: Vec<Item>) -> Vec<Notice> {
        let mut to = self.holders(incident, role);
        to.retain(|addressee| !but.contains(&addressee.email.as_str()));
        to.into_iter().map(|to| self.notice(incident, NoticeKind::Update, to, items.clone())).collect()
    }

    /// The service of the incident, as the settings name it.
    pub fn service(&self, incident: &Incident) -> Option<&str> {
        incident.service_written().and_then(|written| self.people.service(written))
    }

    fn holders(&self, incident: &Incident, role: Role) -> Vec<Addressee> {
        let catastrophic = incident.classification.pace() == Some(Class::Catastrophic);
        let day: NaiveDate = self.clocks.calendar.day(self.now);
        self.people.addressees(role, self.service(incident), day, catastrophic)
    }

    fn officer(&self, incident: &Incident) -> Option<Addressee> {
        let officer = incident.officer.as_ref()?;
        let mut to = outside_the_chain(&officer.name, &officer.email);
        to.phone = self.people.person(&officer.email).and_then(|person| person.phone.clone());
        Some(to)
    }

    fn notice(&self, incident: &Incident, kind: NoticeKind, to: Addressee, items: Vec<Item>) -> Notice {
        let in_reply_to = incident.first_mail.as_ref().and_then(|mail| mail.message_id.clone());
        Notice { kind, to, items, in_reply_to, attachments: Vec::new() }
    }
}

/// Said wherever the files of an incident go along: that its mail had some of which nobody can tell whether they belong to it.
pub fn files_kept_back(incident: &Incident) -> Option<Item> {
    incident.mails.iter().any(|mail| mail.kept_back > 0).then_some(Item::FilesKeptBack)
}

/// An obligation, asked for the first time.
fn asked(standing: &Standing) -> Item {
    Item::Asked { obligation: standing.id.clone(), due_at: standing.due_at, number: 1 }
}

/// I8: a document or picture by its name, and no program by its bytes. Scripts, archives and what has no name do not go along unread.
pub fn goes_along(file: &Attached) -> bool {
    const NAMES: &[&str] = &[
        "doc", "docx", "odt", "rtf", "pdf", "txt", "xls", "xlsx", "ods", "ppt", "pptx", "jpg", "jpeg", "png", "gif",
        "bmp", "tif", "tiff", "heic", "webp",
    ];
    let ending = file.name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    NAMES.contains(&ending.as_str()) && file.content_type != "application/x-executable"
}

/// T1: who must have the alert.
pub fn alert_roles(incident: &Incident) -> Vec<Role> {
    let pace = incident.classification.pace();
    let notification = incident.notification_form_at.is_some() || incident.opening == Some(Opening::Notification);
    let levels = match pace {
        Some(Class::Catastrophic) => 4,
        Some(Class::Serious) => 3,
        // T1: a notification form goes to the Strategic Director too, whatever it says.
        _ if notification => 3,
        _ => 2,
    };
    CHAIN[..levels].to_vec()
}

/// Whether somebody is named among the people involved or in what happened. Being named as somebody's manager is no involvement.
fn is_named(incident: &Incident, addressee: &Addressee) -> bool {
    let name = addressee.name.to_lowercase();
    let texts = ["people_involved", "staff_injuries", "incident_description", "injuries"];
    name.contains(' ')
        && texts.iter().filter_map(|key| incident.answer(key)).any(|text| text.to_lowercase().contains(&name))
}

/// A notice to the sender of a mail, in answer to it.
pub fn to_sender(kind: NoticeKind, mail: &Mail, items: Vec<Item>) -> Notice {
    let to = outside_the_chain(mail.from.name.as_deref().unwrap_or(&mail.from.email), &mail.from.email);
    Notice { kind, to, items, in_reply_to: mail.message_id.clone(), attachments: Vec::new() }
}

fn addressee_of(noticed: &Noticed) -> Addressee {
    Addressee {
        name: noticed.name.clone(),
        email: noticed.to.clone(),
        phone: None,
        roles: noticed.roles.clone(),
        on_behalf_of: noticed.on_behalf_of.clone(),
    }
}

fn outside_the_chain(name: &str, email: &str) -> Addressee {
    Addressee { name: name.to_owned(), email: email.to_lowercase(), phone: None, roles: Vec::new(), on_behalf_of: None }
}

fn merge_roles(to: &mut Addressee, roles: &[Role]) {
    for role in roles {
        if !to.roles.contains(role) {
            to.roles.push(*role);
        }
    }
}

/// A decider in words: "Pat Lee (Service Director)", and for whom: "Dee Putty (Service Director, for Pat Lee)".
pub fn with_role(by: &Decider) -> String {
    let role = by.roles.iter().rev().max_by_key(|role| role.rank()).map(|role| role.words().to_owned());
    let holder = by.on_behalf_of.as_ref().map(|holder| format!("for {holder}"));
    let capacity: Vec<String> = role.into_iter().chain(holder).collect();
    if capacity.is_empty() { by.name.clone() } else { format!("{} ({})", by.name, capacity.join(", ")) }
}
