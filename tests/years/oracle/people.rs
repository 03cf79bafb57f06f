//! Section 1 for the oracle: who has a role on a day, deputies and the next in the chain included.
//!
//! Comes in: people with their absences. Goes out: addresses, each with the roles in which it is addressed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::years::world::{CHAIN, Role, Someone};

/// Addresses with the roles that bring them in.
pub type Circle = BTreeMap<String, BTreeSet<Role>>;

/// The people as one service sees them on one day.
pub struct Desk<'a> {
    pub people: &'a [Someone],
    pub service: &'static str,
    pub day: NaiveDate,
    /// For something catastrophic the absent one gets it too.
    pub catastrophic: bool,
}

impl Desk<'_> {
    /// Everybody who is addressed for one of these roles.
    pub fn circle(&self, roles: &[Role]) -> Circle {
        let mut circle = Circle::new();
        for role in roles {
            for email in self.of(*role) {
                circle.entry(email).or_default().insert(*role);
            }
        }
        circle
    }

    /// The deputy of whoever is away on that day.
    pub fn is_away(&self, someone: &Someone) -> Option<&'static str> {
        someone.absent.filter(|(from, to, _)| *from <= self.day && self.day <= *to).map(|(_, _, deputy)| deputy)
    }

    fn of(&self, role: Role) -> Vec<String> {
        let serves = |someone: &&Someone| {
            someone.role == Some(role) && (someone.services.is_empty() || someone.services.contains(&self.service))
        };
        let Some(holder) = self.people.iter().find(serves) else {
            // One home's registered manager never stands in for another's: quality assurance.
            return if role == Role::Quality { Vec::new() } else { self.of(Role::Quality) };
        };
        let Some(deputy) = self.is_away(holder) else { return vec![holder.email.to_owned()] };
        let too = self
            .people
            .iter()
            .find(|someone| someone.email == deputy)
            .is_some_and(|deputy| self.is_away(deputy).is_some());
        let next = CHAIN.iter().position(|known| *known == role).and_then(|at| CHAIN.get(at + 1));
        let mut found = match (too, next) {
            (true, Some(next)) => self.of(*next),
            _ => vec![deputy.to_owned()],
        };
        if self.catastrophic {
            found.push(holder.email.to_owned());
        }
        found
    }

    /// The roles with whose powers somebody writes.
    pub fn powers(&self, email: &str) -> BTreeSet<Role> {
        let all = [
            Role::Head,
            Role::Director,
            Role::Strategic,
            Role::Chief,
            Role::Quality,
            Role::Lscp,
            Role::Partner,
            Role::Manager,
        ];
        let mut powers: BTreeSet<Role> =
            all.into_iter().filter(|role| self.of(*role).iter().any(|known| known == email)).collect();
        // Who is away keeps their own powers.
        powers.extend(self.people.iter().filter(|someone| someone.email == email).filter_map(|someone| {
            someone.role.filter(|_| someone.services.is_empty() || someone.services.contains(&self.service))
        }));
        powers
    }
}
