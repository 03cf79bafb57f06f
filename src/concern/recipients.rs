//! Who may have a concern (W1, W3): the whistleblowing officer, or who stands in; never anybody of the chain.
//!
//! Comes in: the people of the settings and the local day. Goes out: addressees, in the order in which they are asked.

use chrono::NaiveDate;

use crate::incident::people::{CHAIN, Person, Role};

/// Who may have a concern, today.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trusted {
    /// The officers who are there, in lower case.
    pub officers: Vec<String>,
    /// Deputies of officers, in lower case; those of absent ones are asked at once, the others after an hour (W3).
    pub deputies: Vec<String>,
    /// The officers who are away, in lower case.
    pub away: Vec<String>,
}

impl Trusted {
    /// Who is told first: the officers, else who stands in for them, else the officers though they are away. Nobody only where the
    /// settings leave nobody.
    pub fn first(&self) -> &[String] {
        let all = [&self.officers, &self.deputies, &self.away];
        all.into_iter().find(|some| !some.is_empty()).map_or(&[], Vec::as_slice)
    }
}

/// Who may have a concern on a local day (W1). Whoever holds a role of the chain is left out, as an officer and as a deputy, for any
/// service, under any entry: directors get no concern, and least of all one about them. So is an officer whom the concern is about.
pub fn trusted(people: &[Person], day: NaiveDate, about: &[String]) -> Trusted {
    let is = |one: &str, other: &str| one.trim().eq_ignore_ascii_case(other.trim());
    let in_chain = |email: &str| {
        let entries = people.iter().filter(|person| is(&person.email, email));
        entries.flat_map(|person| &person.roles).any(|role| CHAIN.contains(role))
    };
    let may_have = |email: &str| !in_chain(email) && !about.iter().any(|other| is(other, email));
    let mut found = Trusted::default();
    for person in people.iter().filter(|person| person.roles.contains(&Role::WhistleblowingOfficer)) {
        let away = person.absent.as_ref().is_some_and(|absent| (absent.from..=absent.to).contains(&day));
        if may_have(&person.email) {
            let list = if away { &mut found.away } else { &mut found.officers };
            list.push(person.email.trim().to_lowercase());
        }
        if let Some(absent) = &person.absent
            && may_have(&absent.deputy)
        {
            found.deputies.push(absent.deputy.trim().to_lowercase());
        }
    }
    found.officers.dedup();
    found.deputies.dedup();
    found
}

/// The directors who hold the officer's role too: the settings must not have them (W1). Addresses as they stand there.
pub fn directors_among_officers(people: &[Person]) -> Vec<&str> {
    let officers = people.iter().filter(|person| person.roles.contains(&Role::WhistleblowingOfficer));
    let in_chain = |person: &&Person| {
        let same = people.iter().filter(|other| other.email.eq_ignore_ascii_case(&person.email));
        same.flat_map(|other| &other.roles).any(|role| CHAIN.contains(role))
    };
    officers.filter(in_chain).map(|person| person.email.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::people::Absence;

    fn person(email: &str, roles: &[Role], deputy: Option<&str>) -> Person {
        let day = |day| NaiveDate::from_ymd_opt(2026, 8, day).unwrap();
        let absent = deputy.map(|deputy| Absence { from: day(1), to: day(14), deputy: deputy.into() });
        let (name, roles) = (email.to_owned(), roles.to_vec());
        Person { name, email: email.into(), phone: None, roles, services: None, absent }
    }

    #[test]
    fn w1_no_director_gets_a_concern_in_any_capacity() {
        use Role::{ServiceDirector, StrategicDirector, WhistleblowingOfficer};
        let day = NaiveDate::from_ymd_opt(2026, 8, 3).unwrap();
        let people = [
            person("director@council.example", &[ServiceDirector], None),
            person("Both@council.example", &[WhistleblowingOfficer], None),
            // The same person under a second entry.
            person("both@council.example", &[StrategicDirector], None),
            person("officer@council.example", &[WhistleblowingOfficer], Some("Director@council.example")),
            person("second@council.example", &[WhistleblowingOfficer], Some("deputy@council.example")),
        ];
        let away = trusted(&people, day, &[]);
        assert_eq!(away.first(), ["deputy@council.example"], "no director stands in");
        let back = trusted(&people, NaiveDate::from_ymd_opt(2026, 8, 15).unwrap(), &[]);
        assert_eq!(back.first(), ["officer@council.example", "second@council.example"]);
        assert_eq!(directors_among_officers(&people), ["Both@council.example"]);
    }

    #[test]
    fn w1_an_officer_whom_it_is_about_does_not_get_it() {
        let day = NaiveDate::from_ymd_opt(2026, 8, 20).unwrap();
        let people = [
            person("officer@council.example", &[Role::WhistleblowingOfficer], Some("deputy@council.example")),
            person("second@council.example", &[Role::WhistleblowingOfficer], None),
        ];
        let about = ["Officer@council.example".to_owned()];
        assert_eq!(trusted(&people, day, &about).first(), ["second@council.example"]);
        assert_eq!(trusted(&people[..1], day, &about).first(), ["deputy@council.example"]);
    }
}
