//! The year as data: stories, and the mails that people write in them (`year/*.toml`).
//!
//! Goes out: [`Script`], every act in order of time. A story is mostly one incident; its acts answer notices by their kind, since
//! what the program will have sent is not known before it has. Knows nothing of how mails are made or carried.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde::Deserialize;

use crate::publish::BlankForm;

/// The quarters of the year, in order.
const QUARTERS: [&str; 4] = [
    include_str!("year/1-spring.toml"),
    include_str!("year/2-summer.toml"),
    include_str!("year/3-autumn.toml"),
    include_str!("year/4-winter.toml"),
];

/// The whole year.
#[derive(Debug, Default)]
pub struct Script {
    /// The stories, in order of their first mails.
    pub stories: Vec<Story>,
    /// Those who write and stand in no settings: the part before the address's "@" to name and job.
    pub workers: BTreeMap<String, Worker>,
}

/// One story.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// Its name, as a headline.
    pub title: String,
    /// What a visitor can see the program do here, in a sentence or two.
    pub shows: String,
    /// Answers that every form of the story gives, where it asks for them.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// The mails, in order of time.
    #[serde(rename = "act")]
    pub acts: Vec<Act>,
}

/// Who reports.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    /// Name.
    pub name: String,
    /// Job title.
    pub job: String,
}

/// One mail that a person writes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// When it arrives, local time.
    #[serde(deserialize_with = "local")]
    pub at: NaiveDateTime,
    /// Who writes: the part before the "@" of a council address, or a whole address.
    pub from: String,
    /// The subject; a reply without one takes that of the mail it answers.
    #[serde(default)]
    pub subject: String,
    /// The notice that it answers, by its kind: the newest one of this incident to this person.
    pub answers_notice: Option<String>,
    /// What they write. `{reference}` is that of the story's incident, `{second}` of another one that the story opened.
    #[serde(default)]
    pub text: String,
    /// The same as HTML, as Outlook writes it.
    pub html: Option<String>,
    /// A form of ours that is attached, filled with `answers`.
    pub form: Option<FormName>,
    /// Answers by key.
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
    /// A file that nobody can read.
    pub unreadable: Option<Unreadable>,
    /// To whom besides: parts before the "@".
    #[serde(default)]
    pub cc: Vec<String>,
    /// What wrote it, where no person did.
    pub machine: Option<Machine>,
    /// The mail of this story that it is an exact copy of, from 0.
    pub copy_of: Option<usize>,
}

/// A form that is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Named as their files are.
pub enum FormName {
    NeedToKnow,
    SeriousIncidentNotification,
    InvestigationReport,
}

/// A file that nobody can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unreadable {
    /// A photograph of a form.
    Picture,
    /// A Word document behind a password.
    Locked,
}

/// What wrote a mail, where no person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Machine {
    /// An automatic reply of somebody who is away.
    OutOfOffice,
    /// A newsletter.
    Newsletter,
}

/// Why the script cannot be played: a mistake of ours.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It is not written as it should be.
    #[error("the demo's script cannot be read")]
    Written(#[from] toml::de::Error),
}

impl FormName {
    /// The form.
    pub fn form(self) -> BlankForm {
        match self {
            FormName::NeedToKnow => BlankForm::NeedToKnow,
            FormName::SeriousIncidentNotification => BlankForm::SeriousIncidentNotification,
            FormName::InvestigationReport => BlankForm::InvestigationReport,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Quarter {
    #[serde(default)]
    workers: BTreeMap<String, Worker>,
    #[serde(rename = "story")]
    stories: Vec<Story>,
}

impl Script {
    /// The script as it is built in.
    ///
    /// # Errors
    /// It is not written as it should be.
    pub fn built_in() -> Result<Script, Failure> {
        let mut script = Script::default();
        for text in QUARTERS {
            let quarter: Quarter = toml::from_str(text)?;
            script.workers.extend(quarter.workers);
            script.stories.extend(quarter.stories);
        }
        script.stories.sort_by_key(|story| story.acts.iter().map(|act| act.at).min());
        Ok(script)
    }

    /// Every act as (story, act), in order of time.
    pub fn order(&self) -> Vec<(usize, usize)> {
        let acts =
            |(story, told): (usize, &Story)| (0..told.acts.len()).map(move |act| (story, act)).collect::<Vec<_>>();
        let mut order: Vec<(usize, usize)> = self.stories.iter().enumerate().flat_map(acts).collect();
        order.sort_by_key(|(story, act)| self.stories[*story].acts[*act].at);
        order
    }
}

fn local<'de, D: serde::Deserializer<'de>>(from: D) -> Result<NaiveDateTime, D::Error> {
    let text = String::deserialize(from)?;
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M").map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_told_whole_and_in_order() {
        let script = Script::built_in().unwrap();
        assert!((25..=60).contains(&script.stories.len()), "{}", script.stories.len());
        let first = script.stories[0].acts[0].at;
        for (at, story) in script.stories.iter().enumerate() {
            assert!(!story.title.is_empty() && !story.shows.is_empty(), "{at}");
            assert!(story.acts.is_sorted_by_key(|act| act.at), "{}", story.title);
            assert!(story.acts[0].answers_notice.is_none() && story.acts[0].at >= first, "{}", story.title);
        }
    }

    #[test]
    fn every_answer_is_one_that_its_form_asks() {
        for story in &Script::built_in().unwrap().stories {
            for act in &story.acts {
                let asked = act.form.map(|form| crate::publish::blank::asks(form.form())).unwrap_or_default();
                for key in act.answers.keys() {
                    assert!(asked.contains(key), "{}: {key}", story.title);
                }
                assert!(act.form.is_some() || act.answers.is_empty(), "{}", story.title);
            }
            let forms = story.acts.iter().filter_map(|act| act.form);
            let asked: Vec<String> = forms.flat_map(|form| crate::publish::blank::asks(form.form())).collect();
            for key in story.facts.keys() {
                assert!(asked.contains(key), "{}: {key}", story.title);
            }
        }
    }
}
