//! Roles, services, absences and deputies: who is to be told, and in what capacity (section 1).
//!
//! Comes in: the people of the settings, a role, a service and a day. Goes out: addressees. Knows no incident.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A role of the procedure (section 1). The order of the first four is that of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The procedure's own names.
pub enum Role {
    HeadOfService,
    ServiceDirector,
    StrategicDirector,
    ChiefExecutive,
    LineManager,
    QualityAssurance,
    LscpBusinessManager,
    SafeguardingPartner,
    RegisteredManager,
    WhistleblowingOfficer,
    Administrator,
}

/// Those outside the council's own chain, who get no name and no form (N2).
pub const PARTNERS: [Role; 2] = [Role::LscpBusinessManager, Role::SafeguardingPartner];

/// The chain of seniority, lowest first.
pub const CHAIN: [Role; 4] =
    [Role::HeadOfService, Role::ServiceDirector, Role::StrategicDirector, Role::ChiefExecutive];

/// Every role.
const ALL_ROLES: [Role; 11] = [
    Role::HeadOfService,
    Role::ServiceDirector,
    Role::StrategicDirector,
    Role::ChiefExecutive,
    Role::LineManager,
    Role::QualityAssurance,
    Role::LscpBusinessManager,
    Role::SafeguardingPartner,
    Role::RegisteredManager,
    Role::WhistleblowingOfficer,
    Role::Administrator,
];

impl Role {
    /// The role in words, as mails say it.
    pub fn words(self) -> &'static str {
        match self {
            Role::HeadOfService => "Head of Service",
            Role::ServiceDirector => "Service Director",
            Role::StrategicDirector => "Strategic Director",
            Role::ChiefExecutive => "Chief Executive",
            Role::LineManager => "line manager",
            Role::QualityAssurance => "quality assurance",
            Role::LscpBusinessManager => "LSCP Business Manager",
            Role::SafeguardingPartner => "safeguarding partner",
            Role::RegisteredManager => "registered manager",
            Role::WhistleblowingOfficer => "whistleblowing officer",
            Role::Administrator => "system administrator",
        }
    }

    /// Place in the chain, 1 (Head of Service) to 4 (Chief Executive); 0 outside it.
    pub fn rank(self) -> usize {
        CHAIN.iter().position(|role| *role == self).map_or(0, |at| at + 1)
    }
}

/// Someone is away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// The first day away, local.
    pub from: NaiveDate,
    /// The last day away, local, included.
    pub to: NaiveDate,
    /// The deputy's address; needs no entry of its own.
    pub deputy: String,
}

/// One person of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address; compared without case.
    pub email: String,
    /// The number to ring.
    #[serde(default)]
    pub phone: Option<String>,
    /// The roles held; may be empty.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// The services for which; `None`: all.
    #[serde(default)]
    pub services: Option<Vec<String>>,
    /// When away.
    #[serde(default)]
    pub absent: Option<Absence>,
}

/// A service of the council with the names that people give it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The name.
    pub name: String,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Which kind of regulated service it is, by the procedure's name for it; `None`: none (O1).
    #[serde(default)]
    pub regulated: Option<String>,
}

/// One person who is to get a notice, and in what capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// The name.
    pub name: String,
    /// The address in lower case.
    pub email: String,
    /// The number to ring.
    pub phone: Option<String>,
    /// The roles that make them an addressee; empty for the reporter, the officer and people whom the worker's mail named.
    pub roles: Vec<Role>,
    /// For whom, when a deputy or the next in the chain stands in.
    pub on_behalf_of: Option<String>,
}

impl Addressee {
    /// The name as others read it: who stands in for somebody is named with that person (section 1).
    pub fn in_words(&self) -> String {
        standing_in(&self.name, self.on_behalf_of.as_deref())
    }
}

/// A name, and for whom they stand in.
pub(super) fn standing_in(name: &str, holder: Option<&str>) -> String {
    match holder {
        Some(holder) => format!("{name}, for {holder}"),
        None => name.to_owned(),
    }
}

/// The council's people and services.
#[derive(Debug, Clone, Default)]
pub struct People {
    people: Vec<Person>,
    services: Vec<Service>,
}

impl People {
    /// People and services as the settings give them.
    pub fn new(people: Vec<Person>, services: Vec<Service>) -> Self {
        People { people, services }
    }

    /// Everybody.
    pub fn all(&self) -> &[Person] {
        &self.people
    }

    /// The service that a form means, by name, then by alias, without case, spacing and punctuation; `None` when unknown.
    pub fn service(&self, written: &str) -> Option<&str> {
        let wanted = plain(written);
        let by_name = self.services.iter().find(|service| plain(&service.name) == wanted);
        let by_alias = || self.services.iter().find(|s| s.aliases.iter().any(|alias| plain(alias) == wanted));
        let by_holder = || {
            let named = self.people.iter().flat_map(|person| person.services.iter().flatten());
            named.into_iter().find(|name| plain(name) == wanted).map(String::as_str)
        };
        by_name.or_else(by_alias).map(|service| service.name.as_str()).or_else(by_holder)
    }

    /// Which kind of regulated service a service is, by its full name (O1).
    pub fn regulated(&self, service: &str) -> Option<&str> {
        self.services.iter().find(|known| known.name == service)?.regulated.as_deref()
    }

    /// The person with an address.
    pub fn person(&self, email: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.email.eq_ignore_ascii_case(email))
    }

    /// The one known person with a name; `None` when there is none or more than one (T6).
    pub fn person_named(&self, name: &str) -> Option<&Person> {
        let mut found = self.people.iter().filter(|person| plain(&person.name) == plain(name));
        found.next().filter(|_| found.next().is_none())
    }

    /// Whoever holds a role for a service on a day, deputies in the place of those away, for something catastrophic beside them
    /// (section 1). Falls back as section 1 says, and never answers with nobody while anybody of the chain exists.
    pub fn addressees(&self, role: Role, service: Option<&str>, day: NaiveDate, catastrophic: bool) -> Vec<Addressee> {
        let mut found = Vec::new();
        for holder in self.holders_or_fallback(role, service) {
            for addressee in self.present(holder, role, service, day, catastrophic, 0) {
                merge(&mut found, addressee);
            }
        }
        found
    }

    /// Whether somebody holds a role for a service, rather than standing in for want of a holder (section 1).
    pub fn is_held(&self, role: Role, service: Option<&str>) -> bool {
        !self.holders(role, service).is_empty()
    }

    /// The roles that an address may act in for a service on a day: those it holds or stands in for (section 1), its own and those of
    /// people for whom it is deputy. Of an unknown service everybody's roles count.
    pub fn powers(&self, email: &str, service: Option<&str>, day: NaiveDate) -> (Vec<Role>, Option<String>) {
        let mut roles = Vec::new();
        let mut on_behalf_of = None;
        for role in ALL_ROLES {
            let holders = match service {
                Some(service) => self.holders_or_fallback(role, Some(service)),
                // One home's registered manager never stands in for another's (section 1).
                None if role == Role::RegisteredManager => self.holders_or_fallback(role, None),
                None => self.every(role).into_iter().chain(self.holders_or_fallback(role, None)).collect(),
            };
            let own = holders.iter().any(|person| person.email.eq_ignore_ascii_case(email));
            let stood_in_for = || {
                holders.iter().find(|person| {
                    person.absence_on(day).is_some_and(|absent| absent.deputy.eq_ignore_ascii_case(email))
                })
            };
            if own {
                roles.push(role);
            } else if let Some(person) = stood_in_for() {
                roles.push(role);
                on_behalf_of = Some(person.name.clone());
            }
        }
        (roles, on_behalf_of)
    }

    /// Holders of a role for a service, or those who stand in for a role without a holder.
    fn holders_or_fallback(&self, role: Role, service: Option<&str>) -> Vec<&Person> {
        let holders = self.holders(role, service);
        if !holders.is_empty() {
            return holders;
        }
        match role {
            Role::LineManager => self.holders_or_fallback(Role::HeadOfService, service),
            Role::LscpBusinessManager | Role::SafeguardingPartner | Role::RegisteredManager => {
                self.holders_or_fallback(Role::QualityAssurance, service)
            }
            // Section 1: an unknown service without a holder for all services goes to every Service Director.
            Role::HeadOfService if service.is_none() => self.every(Role::ServiceDirector),
            Role::HeadOfService => self.holders_or_fallback(Role::ServiceDirector, service),
            Role::ServiceDirector => match self.every(Role::ServiceDirector) {
                everyone if everyone.is_empty() => self.holders_or_fallback(Role::StrategicDirector, service),
                everyone => everyone,
            },
            Role::StrategicDirector => self.every(Role::ChiefExecutive),
            Role::ChiefExecutive => self.every(Role::StrategicDirector),
            _ => self.every(role),
        }
    }

    fn holders(&self, role: Role, service: Option<&str>) -> Vec<&Person> {
        let serves = |person: &&Person| match service {
            Some(service) => person.serves(service),
            None => person.services.is_none(),
        };
        self.people.iter().filter(|person| person.roles.contains(&role)).filter(serves).collect()
    }

    fn every(&self, role: Role) -> Vec<&Person> {
        self.people.iter().filter(|person| person.roles.contains(&role)).collect()
    }

    /// The holder, or who stands in while they are away: the deputy, else the next in the chain, else the holder all the same.
    fn present(
        &self,
        holder: &Person,
        role: Role,
        service: Option<&str>,
        day: NaiveDate,
        catastrophic: bool,
        climbed: usize,
    ) -> Vec<Addressee> {
        let own = holder.addressee(role, None);
        let Some(absence) = holder.absence_on(day) else { return vec![own] };
        let deputy_entry = self.person(&absence.deputy);
        let deputy_away = deputy_entry.is_some_and(|deputy| deputy.absence_on(day).is_some());
        let mut found = if !deputy_away {
            vec![Addressee {
                name: deputy_entry.map_or_else(|| absence.deputy.clone(), |deputy| deputy.name.clone()),
                email: absence.deputy.to_lowercase(),
                phone: deputy_entry.and_then(|deputy| deputy.phone.clone()),
                roles: vec![role],
                on_behalf_of: Some(holder.name.clone()),
            }]
        } else {
            self.next_in_chain(role, service, day, catastrophic, climbed)
                .into_iter()
                .map(|next| Addressee { on_behalf_of: Some(holder.name.clone()), ..next })
                .collect()
        };
        if catastrophic || found.is_empty() {
            found.push(own);
        }
        found
    }

    /// Those one level up who are there; empty above the top.
    pub fn next_in_chain(
        &self,
        role: Role,
        service: Option<&str>,
        day: NaiveDate,
        catastrophic: bool,
        climbed: usize,
    ) -> Vec<Addressee> {
        let above = match role.rank() {
            0 => return Vec::new(),
            rank => CHAIN.get(rank).copied(),
        };
        let (Some(above), true) = (above, climbed < CHAIN.len()) else { return Vec::new() };
        let holders = self.holders(above, service);
        let holders = if holders.is_empty() { self.every(above) } else { holders };
        if holders.is_empty() {
            return self.next_in_chain(above, service, day, catastrophic, climbed + 1);
        }
        let mut found = Vec::new();
        for holder in holders {
            for addressee in self.present(holder, above, service, day, catastrophic, climbed + 1) {
                merge(&mut found, addressee);
            }
        }
        found
    }
}

impl Person {
    /// Whether the person's roles cover a service.
    fn serves(&self, service: &str) -> bool {
        self.services.as_ref().is_none_or(|services| services.iter().any(|own| plain(own) == plain(service)))
    }

    /// The absence that covers a local day, both its days included.
    pub fn absence_on(&self, day: NaiveDate) -> Option<&Absence> {
        self.absent.as_ref().filter(|absent| absent.from <= day && day <= absent.to)
    }

    /// The person as an addressee in a role.
    pub fn addressee(&self, role: Role, on_behalf_of: Option<String>) -> Addressee {
        Addressee {
            name: self.name.clone(),
            email: self.email.to_lowercase(),
            phone: self.phone.clone(),
            roles: vec![role],
            on_behalf_of,
        }
    }
}

/// Adds an addressee; one mail a person, so the same address gathers its roles.
pub fn merge(addressees: &mut Vec<Addressee>, new: Addressee) {
    match addressees.iter_mut().find(|known| known.email == new.email) {
        Some(known) => {
            for role in new.roles {
                if !known.roles.contains(&role) {
                    known.roles.push(role);
                }
            }
            known.on_behalf_of = known.on_behalf_of.take().or(new.on_behalf_of);
        }
        None => addressees.push(new),
    }
}

/// Lower case, letters and digits alone: how names are compared.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
