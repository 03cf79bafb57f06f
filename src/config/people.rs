//! Checks who holds which role: addresses within the allowed domains, known services, deputies, and the roles that need a holder.
//!
//! Comes in: the `[[people]]` tables, the domains and the services. Goes out: [`Person`] values, with addresses in lower case and
//! services by their full names.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};

use super::address::{Domains, parse_address};
use super::file::{At, Table};
use crate::incident::nearest::nearest;
use crate::incident::people::{Absence, CHAIN, Person, Role, Service};

/// The names of the roles, as the file writes them.
const ROLES: [&str; 11] = [
    "line_manager",
    "head_of_service",
    "service_director",
    "strategic_director",
    "chief_executive",
    "quality_assurance",
    "lscp_business_manager",
    "safeguarding_partner",
    "registered_manager",
    "whistleblowing_officer",
    "administrator",
];

/// Roles that may be held outside the council, at `partner_domains`.
const OUTSIDE: [Role; 3] = [Role::LscpBusinessManager, Role::SafeguardingPartner, Role::RegisteredManager];

/// Section 1: of each of these at least one must have a holder.
const NEEDED: [&[Role]; 5] = [
    &[Role::HeadOfService],
    &[Role::ServiceDirector],
    &[Role::StrategicDirector, Role::ChiefExecutive],
    &[Role::QualityAssurance],
    &[Role::Administrator],
];

/// Domains and services are `None` where their own sections are wrong: what depends on them is not judged then.
pub(super) fn people(
    root: &Table<'_>,
    domains: Option<(&Domains, &Domains)>,
    services: Option<&[Service]>,
    warnings: &mut Vec<String>,
) -> Vec<Person> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut people = Vec::new();
    let mut held = Vec::new();
    for table in root.tables("people") {
        let roles = roles(&table);
        held.extend(roles.iter().copied());
        let read = person(&table, roles, domains, services);
        table.finish();
        let Some(person) = read else { continue };
        // One person may stand here twice, with another role for other services.
        let name = names.entry(person.email.clone()).or_insert_with(|| person.name.clone());
        if *name != person.name {
            let what = format!("{} is the address of two people", person.email);
            root.file.problem(table.line, what, "give each person an address of their own");
        }
        people.push(person);
    }
    needed_roles(root, &held);
    if let Some(services) = services {
        uncovered_services(services, &people, warnings);
        unregulated_homes(services, &people, warnings);
    }
    people
}

fn person(
    table: &Table<'_>,
    roles: Vec<Role>,
    domains: Option<(&Domains, &Domains)>,
    services: Option<&[Service]>,
) -> Option<Person> {
    let name = table.required("name", "\"Sam Doyle\"");
    let email = table.required("email", "\"sam.doyle@derby.example\"");
    let is_partner = !roles.is_empty() && roles.iter().all(|role| OUTSIDE.contains(role));
    let domains = domains.map(|(allowed, partners)| (allowed, is_partner.then_some(partners)));
    let phone = table.text("phone").map(|phone| phone.value);
    let services = table.texts("services").map(|names| named_services(table, &names, services));
    let email = email.and_then(|email| within(table, &email, domains));
    let absent = absence(table, email.as_deref(), domains);
    Some(Person { name: name?.value, email: email?, phone, roles, services, absent })
}

fn roles(table: &Table<'_>) -> Vec<Role> {
    table.texts("roles").unwrap_or_default().iter().filter_map(|word| role(table, word)).collect()
}

fn role(table: &Table<'_>, word: &At<String>) -> Option<Role> {
    let role = Role::deserialize(StrDeserializer::<Error>::new(&word.value)).ok();
    if role.is_none() {
        let mend = match nearest(&word.value, ROLES.into_iter()) {
            _ if word.value == "worker" => "take it out: everybody may report, without an entry".to_owned(),
            Some(near) => format!("did you mean {near}?"),
            None => format!("known roles: {}", ROLES.join(", ")),
        };
        table.file.problem(word.line, format!("there is no role {}", word.value), mend);
    }
    role
}

/// The full names of services, which may be written by name or alias, in any case.
fn named_services(table: &Table<'_>, names: &[At<String>], services: Option<&[Service]>) -> Vec<String> {
    let Some(services) = services else { return Vec::new() };
    let find = |name: &At<String>| {
        let same = |other: &String| other.to_lowercase() == name.value.to_lowercase();
        let service = services.iter().find(|service| same(&service.name) || service.aliases.iter().any(same));
        if service.is_none() {
            let mend = match nearest(&name.value, services.iter().map(|service| service.name.as_str())) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "add it to organisation.services".to_owned(),
            };
            table.file.problem(name.line, format!("there is no service \"{}\"", name.value), mend);
        }
        service.map(|service| service.name.clone())
    };
    names.iter().filter_map(find).collect()
}

/// The address, where it is one and mail about a child may go there.
fn within(table: &Table<'_>, email: &At<String>, domains: Option<(&Domains, Option<&Domains>)>) -> Option<String> {
    let Some(address) = parse_address(&email.value).filter(|address| address.name.is_none()) else {
        let what = format!("{} is not an address", email.value);
        table.file.problem(email.line, what, "write name@domain and nothing else");
        return None;
    };
    let Some((allowed, partners)) = domains else { return Some(address.email) };
    if !allowed.allow(&address.email) && !partners.is_some_and(|partners| partners.allow(&address.email)) {
        let what = format!("{} is outside the allowed domains ({})", address.email, allowed.listed());
        let mend = match partners {
            Some(_) => "correct it, or add its domain to delivery.partner_domains",
            None => "correct it, or add its domain to delivery.allowed_domains",
        };
        table.file.problem(email.line, what, mend);
        return None;
    }
    Some(address.email)
}

fn absence(table: &Table<'_>, email: Option<&str>, domains: Option<(&Domains, Option<&Domains>)>) -> Option<Absence> {
    if !table.has("absent") {
        return None;
    }
    let absent = table.table("absent");
    let (from, to) = (absent.required_date("from"), absent.required_date("to"));
    let deputy = absent.required("deputy", "\"someone@derby.example\"").and_then(|deputy| {
        let line = deputy.line;
        within(&absent, &deputy, domains).map(|value| At { value, line })
    });
    absent.finish();
    let (from, to, deputy) = (from?, to?, deputy?);
    if to.value < from.value {
        table.file.problem(to.line, "absent.to is before absent.from", "write the first and the last day away");
    }
    if email == Some(deputy.value.as_str()) {
        table.file.problem(deputy.line, "the deputy is the absent person", "name somebody else");
    }
    Some(Absence { from: from.value, to: to.value, deputy: deputy.value })
}

/// `held` are the roles of every entry, also of one with something wrong in it: one mistake is one problem.
fn needed_roles(root: &Table<'_>, held: &[Role]) {
    let line = root.tables("people").first().map_or(1, |table| table.line);
    for roles in NEEDED {
        if !held.iter().any(|role| roles.contains(role)) {
            let names: Vec<&str> = roles.iter().map(|role| name_of(*role)).collect();
            let what = format!("nobody holds the role {}", names.join(" or "));
            root.file.problem(line, what, format!("add it to somebody's roles under [[people]]: \"{}\"", names[0]));
        }
    }
}

fn name_of(role: Role) -> &'static str {
    ROLES
        .into_iter()
        .find(|name| Role::deserialize(StrDeserializer::<Error>::new(name)) == Ok(role))
        .expect("ROLES holds the name of every role, as the tests check")
}

/// A service whose alerts would skip a level of the chain deserves a word.
fn uncovered_services(services: &[Service], people: &[Person], warnings: &mut Vec<String>) {
    for service in services {
        for role in &CHAIN[..2] {
            let holds = |person: &Person| {
                let serves = person.services.as_ref().is_none_or(|services| services.contains(&service.name));
                serves && person.roles.contains(role)
            };
            if !people.iter().any(holds) {
                warnings.push(format!(
                    "nobody is {} for {}: its alerts go to the next in the chain",
                    role.words(),
                    service.name
                ));
            }
        }
    }
}

/// O1: a registered manager of a service that the settings do not call regulated is never asked to report to Ofsted.
fn unregulated_homes(services: &[Service], people: &[Person], warnings: &mut Vec<String>) {
    for person in people.iter().filter(|person| person.roles.contains(&Role::RegisteredManager)) {
        let theirs = |service: &&Service| person.services.as_ref().is_some_and(|own| own.contains(&service.name));
        for service in services.iter().filter(theirs).filter(|service| service.regulated.is_none()) {
            warnings.push(format!(
                "{} is registered manager of {}, which has no regulated = \"…\" in organisation.services: nobody is asked to report its \
                 incidents to Ofsted",
                person.name, service.name
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_its_name() {
        let mut roles: Vec<Role> = ROLES
            .iter()
            .map(|name| Role::deserialize(StrDeserializer::<Error>::new(name)).unwrap_or_else(|_| panic!("{name}")))
            .collect();
        roles.sort();
        roles.dedup();
        assert_eq!(roles.len(), ROLES.len());
        // The last of the enum, so that a new role is missed here.
        assert_eq!(roles.last(), Some(&Role::Administrator));
        assert!(roles.iter().all(|role| !name_of(*role).is_empty()));
    }
}
