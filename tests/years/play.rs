//! The program's side: a world played through [`Replay`] over a store in a folder of its own.
//!
//! Comes in: a world. Goes out: which mails were taken in when, and every notice with its time, person, kind and obligations. Says
//! nothing about what should have been sent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Duration, Utc};
use need_to_know::config::Settings;
use need_to_know::incident::event::{Event, Reference};
use need_to_know::keeper::Parcel;
use need_to_know::replay::{Letter, Replay};
use need_to_know::transport::Outcome;
use need_to_know::turn::Rules;

use super::almanac;
use super::chance::Chance;
use super::mails;
use super::world::{Act, Role, Someone, World};
use super::yearly;
use crate::council::MAILBOX;
use crate::mail::Mail;

/// A mail that the program wrote.
#[derive(Debug, Clone)]
pub struct Notice {
    /// When it was written.
    pub at: DateTime<Utc>,
    pub reference: Option<String>,
    pub to: String,
    pub kind: String,
    pub obligations: BTreeSet<String>,
    pub message_id: String,
    pub subject: String,
    pub text: String,
}

/// An act that was written and taken in.
#[derive(Debug, Clone)]
pub struct Taken {
    pub story: usize,
    pub act: Act,
    pub received: DateTime<Utc>,
    /// When the program took it in.
    pub taken: DateTime<Utc>,
    /// The notice that it answers.
    pub answers: Option<Answered>,
}

/// A notice that somebody answers.
#[derive(Debug, Clone)]
pub struct Answered {
    pub kind: String,
    pub at: DateTime<Utc>,
    pub message_id: String,
    pub obligations: BTreeSet<String>,
    /// Of an annual report: the year in which its period began.
    pub year: Option<String>,
}

impl Answered {
    fn of(notice: &Notice) -> Answered {
        let Notice { kind, at, message_id, .. } = notice.clone();
        Answered { kind, at, message_id, obligations: BTreeSet::new(), year: yearly::year_of(notice) }
    }
}

/// What came of a world.
#[derive(Default)]
pub struct Played {
    pub taken: Vec<Taken>,
    pub notices: Vec<Notice>,
    /// The reference of each story that opened an incident.
    pub references: BTreeMap<usize, String>,
    /// What was odd on the way.
    pub odd: Vec<String>,
}

/// A mail on its way.
struct Waiting {
    story: usize,
    number: usize,
    received: DateTime<Utc>,
    act: Act,
}

/// Plays a world through the program.
pub fn play(world: &World) -> Played {
    let folder = folder();
    let config = folder.path().join("config.toml");
    for part in ["inbox/new", "inbox/cur", "inbox/tmp"] {
        std::fs::create_dir_all(folder.path().join(part)).unwrap();
    }
    std::fs::write(&config, settings(world)).unwrap();
    let settings = Settings::load(&config).unwrap_or_else(|failure| panic!("{failure}"));
    let rules = Rules::of(&settings).unwrap();
    let mut replay = Replay::begin(rules, &folder.path().join("store"), world.from).unwrap();
    let mut stage = Stage { world, waiting: waiting(world), raw: BTreeMap::new(), played: Played::default() };
    let mut now = world.from;
    let mut chance = Chance::new(world.seed ^ 0x100C);
    loop {
        let mail = stage.waiting.last().map(|waiting| waiting.received);
        let wake = replay.wake_at().unwrap();
        let Some(at) = [mail, wake].into_iter().flatten().min().map(|at| world.up_from(at.max(now))) else { break };
        if at > world.to {
            break;
        }
        // Now and then it looks when nobody asked it to, as after a start: nothing may go out early.
        let between = chance.happens(10).then(|| chance.below((at - now).num_seconds() + 1));
        let at = between.map_or(at, |seconds| world.up_from(now + Duration::seconds(seconds)));
        let letters = stage.compose(at);
        let refused = world.refusals.iter().any(|(from, to)| *from <= at && at < *to);
        let mut sent = Vec::new();
        let mut courier = |parcel: &Parcel| match refused {
            true => Outcome::Temporary { code: "451 4.3.0".to_owned(), slower: true },
            false => {
                sent.push(parcel.entry.clone());
                Outcome::Sent { server_id: None }
            }
        };
        let moment =
            replay.step(&letters.iter().map(|(letter, _)| letter.clone()).collect::<Vec<_>>(), at, &mut courier);
        let moment = moment.unwrap();
        for (entry, (_, story)) in moment.taken.iter().zip(&letters) {
            let entry = entry.as_ref().expect("every mail is entered");
            if let (1, false) = (entry.references.len(), stage.played.references.contains_key(story)) {
                stage.played.references.insert(*story, entry.references[0].to_string());
            }
            if ["attention", "failed", "other", "automatic"].contains(&entry.outcome.as_str()) {
                stage.played.odd.push(format!("story {story}: a mail became {}", entry.outcome));
            }
        }
        stage.played.notices.extend(sent.into_iter().map(|entry| Notice {
            at: entry.date,
            reference: entry.reference.map(|reference| reference.to_string()),
            to: entry.to,
            kind: entry.kind.name().to_owned(),
            obligations: BTreeSet::new(),
            message_id: entry.message_id,
            subject: entry.subject,
            text: entry.text,
        }));
        now = at;
    }
    stage.name_obligations(&replay);
    replay.keeper.close().unwrap();
    stage.played
}

struct Stage<'a> {
    world: &'a World,
    /// What is still to come, the next one last.
    waiting: Vec<Waiting>,
    /// Each story's mails as they were written.
    raw: BTreeMap<(usize, usize), Vec<u8>>,
    played: Played,
}

impl Stage<'_> {
    /// The mails that lie in the mailbox by then, in order of receipt, each with its story.
    fn compose(&mut self, at: DateTime<Utc>) -> Vec<(Letter, usize)> {
        let mut letters = Vec::new();
        while let Some(waiting) = self.waiting.pop_if(|waiting| waiting.received <= at) {
            let Some((raw, answers)) = self.write(&waiting) else { continue };
            self.raw.insert((waiting.story, waiting.number), raw.clone());
            letters.push((Letter { raw, received_at: waiting.received }, waiting.story));
            let Waiting { story, received, act, .. } = waiting;
            self.played.taken.push(Taken { story, act, received, taken: at, answers });
        }
        letters
    }

    /// The mail, and the notice that it answers; none where its writer has nothing to answer.
    fn write(&self, waiting: &Waiting) -> Option<(Vec<u8>, Option<Answered>)> {
        let Some(story) = self.world.stories.get(waiting.story) else { return self.write_about_a_year(waiting) };
        let newest = |from: &str| {
            let reference = self.played.references.get(&waiting.story)?;
            let theirs = |notice: &&Notice| notice.to == from && notice.reference.as_ref() == Some(reference);
            self.played.notices.iter().rev().find(theirs)
        };
        let (mail, answers) = match &waiting.act {
            Act::Form(form) => (mails::form(story, form, almanac::day(story.plan[0].at)), None),
            Act::Reply { from, says } => newest(from).map(|notice| (mails::reply(notice, from, says), Some(notice)))?,
            Act::Forwarded { from, of, says } => newest(of).map(|notice| (mails::reply(notice, from, says), None))?,
            Act::Automatic { of, bounced } => {
                newest(of).map(|notice| (mails::automatic(notice, *bounced), Some(notice)))?
            }
            Act::Report { from, number } => {
                newest(from).map(|notice| (mails::report(notice, from, *number), Some(notice)))?
            }
            Act::Nothing => return None,
            Act::Again(number) => return Some((self.raw.get(&(waiting.story, *number))?.clone(), None)),
        };
        let id = format!("years-{}-{}-{}@outlook.example", self.world.seed, waiting.story, waiting.number);
        Some((Mail { id, ..mail }.raw(), answers.map(Answered::of)))
    }

    /// A reply to the newest mail about an annual report.
    fn write_about_a_year(&self, waiting: &Waiting) -> Option<(Vec<u8>, Option<Answered>)> {
        let Act::Reply { from, says } = &waiting.act else { return None };
        let theirs = self.played.notices.iter().rev().filter(|notice| notice.to == *from);
        let notice = theirs.into_iter().find(|notice| yearly::year_of(notice).is_some())?;
        let id = format!("years-{}-yearly-{}@outlook.example", self.world.seed, waiting.number);
        Some((Mail { id, ..mails::reply(notice, from, says) }.raw(), Some(Answered::of(notice))))
    }

    fn name_obligations(&mut self, replay: &Replay) {
        let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for reference in self.played.references.values() {
            for stamped in replay.keeper.store.events(&Reference(reference.clone())).unwrap() {
                if let Event::Noticed(noticed) = stamped.event {
                    named.insert(noticed.message_id, noticed.obligations);
                }
            }
        }
        for answered in self.played.taken.iter_mut().filter_map(|taken| taken.answers.as_mut()) {
            answered.obligations = named.get(&answered.message_id).into_iter().flatten().cloned().collect();
        }
        for notice in &mut self.played.notices {
            notice.obligations = named.get(&notice.message_id).into_iter().flatten().cloned().collect();
        }
    }
}

fn waiting(world: &World) -> Vec<Waiting> {
    let mut all: Vec<Waiting> = Vec::new();
    for story in &world.stories {
        for (number, planned) in story.plan.iter().enumerate() {
            all.push(Waiting { story: story.number, number, received: planned.at, act: planned.act.clone() });
        }
    }
    for (number, planned) in world.yearly.iter().enumerate() {
        let story = world.stories.len();
        all.push(Waiting { story, number, received: planned.at, act: planned.act.clone() });
    }
    // The next one last.
    all.sort_by_key(|waiting| std::cmp::Reverse((waiting.received, waiting.story, waiting.number)));
    all
}

/// In memory where there is room for it.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
    tempfile::Builder::new().prefix("ntk-years-").tempdir_in(place).unwrap()
}

fn settings(world: &World) -> String {
    let mut text = format!(
        "[organisation]\nname = \"Derby City Council\"\nduty_phone = \"01332 000000\"\nout_of_hours_phone = \"01332 000001\"\n\
         office_phones = {{ chief_executive = \"01332 000002\", strategic_director = \"01332 000003\" }}\n\
         services = [{{ name = \"Children in Care\" }}, {{ name = \"Fostering\" }},\n\
         {{ name = \"Elm House\", regulated = \"childrens_home\" }}]\n\
         [mailbox]\nkind = \"maildir\"\npath = \"inbox\"\n\
         [delivery]\nkind = \"maildir\"\npath = \"outbox\"\nfrom = \"Serious incidents <{MAILBOX}>\"\n\
         allowed_domains = [\"derby.example\"]\n[store]\npath = \"store\"\nrehearsal = true\n"
    );
    if !world.weekly {
        text.push_str("[digest]\nschedule = \"0 0 8 1 1 *\"\n");
    }
    world.people.iter().for_each(|someone| text.push_str(&entry(someone)));
    text
}

fn entry(someone: &Someone) -> String {
    let role = match someone.role {
        Some(Role::Head) => "head_of_service",
        Some(Role::Director) => "service_director",
        Some(Role::Strategic) => "strategic_director",
        Some(Role::Chief) => "chief_executive",
        Some(Role::Quality) => "quality_assurance",
        Some(Role::Lscp) => "lscp_business_manager",
        Some(Role::Partner) => "safeguarding_partner",
        Some(Role::Manager) => "registered_manager",
        None => "administrator",
    };
    let mut text =
        format!("[[people]]\nname = \"{}\"\nemail = \"{}\"\nroles = [\"{role}\"]\n", someone.name, someone.email);
    if !someone.services.is_empty() {
        text.push_str(&format!("services = {:?}\n", someone.services));
    }
    if let Some((from, to, deputy)) = someone.absent {
        text.push_str(&format!("absent = {{ from = \"{from}\", to = \"{to}\", deputy = \"{deputy}\" }}\n"));
    }
    text
}
