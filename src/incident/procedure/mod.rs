//! The rules as data: what starts an obligation, how long it has, who must act, what meets it, and which steps go out.
//!
//! Comes in: `procedure.toml` (built in) and the settings' own values (`own`). Goes out: [`Procedure`], which [`due`](super::due)
//! evaluates against an incident. Adding an obligation is adding a table to the file; only a new kind of moment or fact is code.

mod own;
mod parts;
pub mod words;

use serde::Deserialize;

pub use own::{Change, Refusal};
pub use parts::{Appointed, Choice, Due, Each, Fact, InForce, Moment, Most, Once, Pace, Party, Schedule, Start, Step};

use super::people::Role;

const BUILT_IN: &str = include_str!("procedure.toml");

/// The rules in force.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// The longest an investigation may take, in calendar days after the first notification form (T6). At most 28.
    pub investigation_days: u32,
    /// Ofsted's telephone, for a death and where the press has asked (O5).
    pub ofsted_phone: String,
    /// The obligations, in the order in which mails and reports list them.
    #[serde(rename = "obligation")]
    pub obligations: Vec<Obligation>,
    /// The kinds of regulated services (O1).
    #[serde(rename = "regulation")]
    pub regulations: Vec<Regulation>,
}

/// One obligation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    /// Its id in JSON and settings.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// Where the rule comes from.
    pub source: String,
    /// What it is, as lists name it. `{number}` is that of a numbered one.
    pub title: String,
    /// What the actor is asked, one sentence.
    pub asks: String,
    /// The line of a reply that answers it, ready to fill; "" where a reply cannot.
    #[serde(default)]
    pub line: String,
    /// Further lines that belong to it.
    #[serde(default)]
    pub also: Vec<String>,
    /// Answers of which one is given, where there are several; empty: the line and what belongs to it.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Sentences that a person needs with what is asked.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What there may be several of, each with an obligation of its own; `None`: at most one of an incident.
    pub each: Option<Each>,
    /// What starts it.
    pub arises: Moment,
    /// The classes for which it exists, by pace (C6); empty: all.
    #[serde(default)]
    pub classes: Vec<Pace>,
    /// Who must act.
    pub actors: Vec<Party>,
    /// What meets it.
    pub met_by: Fact,
    /// What confirms it: until then it is proposed (C5).
    pub proposed_until: Option<Fact>,
    /// What ends it without meeting it.
    #[serde(default)]
    pub ended_by: Vec<Fact>,
    /// Who may waive it; empty: Service and Strategic Director (C7).
    #[serde(default)]
    pub waived_by: Vec<Role>,
    /// How long it has; the first entry whose classes and dates fit. None fits: it does not exist.
    pub due: Vec<Due>,
    /// The most that a council's own lengths may be.
    pub at_most: Option<Most>,
    /// What goes out, and when.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// A kind of service that must report to Ofsted (O1).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regulation {
    /// Its name in the settings.
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// The regulations.
    pub regulations: String,
    /// Words of a form's answer that mean it, in lower case.
    pub words: Vec<String>,
}

impl Procedure {
    /// The built-in procedure.
    pub fn built_in() -> Self {
        toml::from_str(BUILT_IN).expect("the built-in procedure is read by a test")
    }

    /// The obligation with an id; `recommendation-2` is one of `recommendation`.
    pub fn obligation(&self, id: &str) -> Option<&Obligation> {
        let exact = self.obligations.iter().find(|obligation| obligation.id == id);
        exact.or_else(|| {
            let (of, number) = id.rsplit_once('-')?;
            number.parse::<u32>().ok()?;
            self.obligations.iter().find(|obligation| obligation.id == of && obligation.each.is_some())
        })
    }

    /// The obligation with an id, its number in the words that people read.
    pub fn worded(&self, id: &str) -> Option<Obligation> {
        let mut found = self.obligation(id)?.clone();
        if found.each.is_some() {
            let number = number_of(id).map(|number| number.to_string()).unwrap_or_default();
            let lines = found.choices.iter_mut().flat_map(|choice| &mut choice.lines);
            let words = [&mut found.title, &mut found.asks, &mut found.line];
            for words in words.into_iter().chain(&mut found.also).chain(lines) {
                *words = words.replace("{number}", &number);
            }
            found.id = id.to_owned();
        }
        Some(found)
    }

    /// Days on which an obligation does not exist because no entry of `due` covers them (section 9), in words.
    pub fn gaps(&self, id: &str) -> Vec<String> {
        self.obligation(id).map(own::gaps).unwrap_or_default()
    }

    /// The labels of the council's own decision lines.
    pub fn own_labels(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for obligation in &self.obligations {
            let arises = match &obligation.arises {
                Moment::Line(label) => Some(label),
                _ => None,
            };
            let met_by = match &obligation.met_by {
                Fact::Line(label) => Some(label),
                _ => None,
            };
            for label in arises.into_iter().chain(met_by) {
                if !found.contains(label) {
                    found.push(label.clone());
                }
            }
        }
        found
    }

    /// Who may write one of the council's own lines: whoever must act on an obligation that it starts or meets.
    pub fn own_label_roles(&self, label: &str) -> Vec<Role> {
        let of = |obligation: &&Obligation| {
            matches!(&obligation.arises, Moment::Line(own) if own == label)
                || matches!(&obligation.met_by, Fact::Line(own) if own == label)
        };
        let actors = self.obligations.iter().filter(of).flat_map(|obligation| &obligation.actors);
        let roles = actors.filter_map(|party| match party {
            Party::Role(role) => Some(*role),
            _ => None,
        });
        roles.collect()
    }

    /// The kind of regulated service that words mean, by its name in the settings or as a form writes it (O1).
    pub fn regulation(&self, words: &str) -> Option<&Regulation> {
        let plain = words.to_lowercase().replace('’', "'");
        let by_kind = self.regulations.iter().find(|regulation| regulation.kind == plain);
        by_kind.or_else(|| self.regulations.iter().find(|known| known.words.iter().any(|word| plain.contains(word))))
    }
}

/// The number in the id of a numbered obligation: 2 of `recommendation-2`.
pub fn number_of(id: &str) -> Option<u32> {
    id.rsplit_once('-').and_then(|(_, number)| number.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_procedure_is_whole() {
        let procedure = Procedure::built_in();
        assert_eq!(procedure.investigation_days, 28);
        for obligation in &procedure.obligations {
            assert!(!obligation.source.is_empty() && !obligation.asks.is_empty(), "{}", obligation.id);
            assert_eq!(own::mistake(obligation), None, "{}", obligation.id);
        }
    }

    #[test]
    fn o1_every_kind_of_service_is_known_by_what_forms_call_it() {
        let procedure = Procedure::built_in();
        for (words, kind) in [
            ("Children's home", "childrens_home"),
            ("Secure children’s home", "secure_childrens_home"),
            ("Independent fostering agency", "fostering_agency"),
            ("residential family centre", "residential_family_centre"),
            ("Holiday scheme", "holiday_scheme"),
            ("adoption support agency", "adoption_agency"),
            ("Supported accommodation", "supported_accommodation"),
        ] {
            assert_eq!(procedure.regulation(words).map(|found| found.kind.as_str()), Some(kind), "{words}");
        }
        assert_eq!(procedure.regulation("Other"), None);
    }

    #[test]
    fn t11_a_numbered_obligation_is_found_and_worded_by_its_number() {
        let procedure = Procedure::built_in();
        assert_eq!(procedure.obligation("recommendation-2").unwrap().id, "recommendation");
        assert_eq!(procedure.worded("recommendation-2").unwrap().line, "Recommendation done: 2");
        assert!(procedure.obligation("review-2").is_none());
    }
}
