//! The year of the demo: a script of sample mails played through the real program, in rehearsal time, into a folder.
//!
//! Comes in: an empty folder. Goes out: [`Played`], and in the folder the settings, the program's own folders, every mail that came and went,
//! and the blank forms. Steps from one mail or wake-up to the next, so that what is sent is sent at its own time. Knows no command.

mod page;
mod script;
mod write;

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};

use crate::clock::Clock;
use crate::config::Settings;
use crate::daemon::{connect, once};
use crate::incident::event::{NoticeKind, Reference};
use crate::keeper::Keeper;
use crate::mailbox::maildir::name_for_ever;
use crate::mailbox::{MailKey, Mailbox};
use crate::outbox::Entry;
use crate::publish::{self, BlankForm, Organisation};
use crate::replay::tokens;
use crate::store::{Store, Wish};
use crate::transport::Transport;
use crate::turn::Rules;
use script::{Act, Machine, Script};
use write::{Pen, Written};

pub use page::index;

/// The settings of the invented council.
const CONFIG: &str = include_str!("config.toml");
/// The first and the last moment of the year, local time: the second is that of the yearly report.
const YEAR: [&str; 2] = ["2025-04-01T00:00:00", "2026-04-20T09:00:00"];
/// More steps than any year has: a wake-up that never passes would be a mistake of ours.
const STEPS_MAX: usize = 10_000;

/// A mail that came in.
#[derive(Debug)]
pub struct Came {
    /// The story and the act in it.
    pub story: usize,
    /// Who wrote: name and address.
    pub from: (String, String),
    /// Their job, where it is told.
    pub job: Option<String>,
    /// When, local time.
    pub at: NaiveDateTime,
    /// The mail.
    pub written: Written,
    /// What it answers.
    pub answers: Option<NoticeKind>,
    /// What the program made of it, as its ledger says.
    pub outcome: String,
    /// The incidents it belongs to.
    pub references: Vec<Reference>,
    /// The name of its files, without an end.
    pub stem: String,
}

/// A mail that went out.
#[derive(Debug)]
pub struct Sent {
    /// The mail.
    pub entry: Entry,
    /// When, local time.
    pub at: NaiveDateTime,
    /// The name of its files, without an end.
    pub stem: String,
}

/// One moment in which something happened: what came, and what then went out.
#[derive(Debug)]
pub struct Moment {
    /// When, local time.
    pub at: NaiveDateTime,
    /// Places in [`Played::came`].
    pub came: Vec<usize>,
    /// Places in [`Played::sent`].
    pub sent: Vec<usize>,
}

/// The year as it went.
pub struct Played {
    /// The settings.
    pub settings: Settings,
    /// The store at the end, and the rules.
    pub keeper: Keeper,
    /// The end of the year.
    pub now: DateTime<Utc>,
    /// What came, in order.
    pub came: Vec<Came>,
    /// What went out, in order.
    pub sent: Vec<Sent>,
    /// What happened when.
    pub moments: Vec<Moment>,
    script: Script,
}

impl Played {
    /// The annual report's file, where one was sent.
    pub fn report(&self) -> Option<&'static str> {
        self.sent.iter().any(|sent| sent.entry.kind == NoticeKind::AnnualReport).then_some("annual-report.docx")
    }
}

/// Why the year could not be played.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is something in the folder.
    #[error("{folder} is not empty: name a new folder, for example need-to-know demo my-demo", folder = .0.display())]
    NotEmpty(PathBuf),
    /// A file or folder cannot be written or read.
    #[error("cannot make or write {path}: name a folder of your own", path = .path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// No runtime for the transport.
    #[error("cannot start the threads that send mail")]
    Runtime(#[source] std::io::Error),
    /// A part of the program.
    #[error("the demo's year broke off")]
    Part(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A reply to a notice that was not sent: the script and the program differ.
    #[error("the demo's year broke off at {at}: {from} answers the notice \"{notice}\", and none was sent to them")]
    NoNotice {
        /// Local time.
        at: NaiveDateTime,
        /// Who writes.
        from: String,
        /// The kind of notice.
        notice: String,
    },
    /// A wake-up that never passes.
    #[error("the demo's year does not end")]
    Endless,
}

/// Plays the year in `folder`, which is new or empty. `progress` is told how far it is, from 0 to 1, and the local day.
///
/// # Errors
/// See [`Failure`].
pub fn play(folder: &Path, progress: &mut dyn FnMut(f64, NaiveDate)) -> Result<Played, Failure> {
    prepare(folder)?;
    let config = folder.join("config.toml");
    put(&config, CONFIG.as_bytes())?;
    for part in ["program", "mails-in", "mails-out", "forms"] {
        make(&folder.join(part))?;
    }
    connect::make_maildir(&folder.join("program/inbox")).map_err(part)?;
    let settings = Settings::load(&config).map_err(part)?;
    let mut year = Year::new(folder, settings)?;
    year.blank_forms()?;
    year.go(progress)?;
    Ok(year.over())
}

/// A year that is being played.
struct Year<'a> {
    folder: &'a Path,
    settings: Settings,
    organisation: Organisation,
    keeper: Keeper,
    mailbox: Box<dyn Mailbox>,
    transport: Transport,
    runtime: tokio::runtime::Runtime,
    script: Script,
    /// The incident of each story, once it is there.
    references: Vec<Option<Reference>>,
    now: DateTime<Utc>,
    came: Vec<Came>,
    sent: Vec<Sent>,
    moments: Vec<Moment>,
    next_outbox_id: u64,
}

impl<'a> Year<'a> {
    fn new(folder: &'a Path, settings: Settings) -> Result<Self, Failure> {
        let rules = Rules::of(&settings).map_err(part)?;
        let script = Script::built_in().map_err(part)?;
        let now = rules.calendar.instant(moment(YEAR[0]));
        let opened = Store::open(&settings.store.path, settings.keys(), Wish::Make { rehearsal: true, at: now })
            .map_err(part)?;
        let mailbox = connect::mailbox(&settings).map_err(part)?;
        let transport = connect::transport(&settings).map_err(part)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::Runtime)?;
        let organisation = Organisation {
            name: settings.organisation.name.clone(),
            duty_phone: settings.organisation.duty_phone.clone(),
            out_of_hours_phone: settings.organisation.out_of_hours_phone.clone(),
            mailbox: Some(settings.delivery.from.email.clone()),
        };
        Ok(Year {
            folder,
            settings,
            organisation,
            keeper: Keeper::new(rules, opened.store, Box::new(tokens())),
            mailbox,
            transport,
            runtime,
            references: vec![None; script.stories.len()],
            script,
            now,
            came: Vec::new(),
            sent: Vec::new(),
            moments: Vec::new(),
            next_outbox_id: 1,
        })
    }

    fn over(self) -> Played {
        Played {
            settings: self.settings,
            keeper: self.keeper,
            now: self.now,
            came: self.came,
            sent: self.sent,
            moments: self.moments,
            script: self.script,
        }
    }

    fn blank_forms(&self) -> Result<(), Failure> {
        for kind in BlankForm::ALL {
            let bytes = publish::form(kind, &self.organisation, publish::blank::VERSION, self.now).map_err(part)?;
            put(&self.folder.join("forms").join(kind.file_name()), &bytes)?;
        }
        Ok(())
    }

    /// From one mail or wake-up to the next, until the end of the year.
    fn go(&mut self, progress: &mut dyn FnMut(f64, NaiveDate)) -> Result<(), Failure> {
        let (start, end) = (self.now, self.keeper.rules.calendar.instant(moment(YEAR[1])));
        let whole = (end - start).num_minutes() as f64;
        let order = self.script.order();
        let mut acts = order.iter().copied().peekable();
        for _ in 0..STEPS_MAX {
            let act = acts.peek().map(|act| self.instant(*act));
            let due = [self.keeper.step_at().map_err(part)?, self.keeper.send_at().map_err(part)?];
            let wake = due.into_iter().flatten().min().map(|at| at.max(self.now + Duration::seconds(1)));
            let at = [act, wake, Some(end)].into_iter().flatten().min().unwrap_or(end);
            let first = self.came.len();
            while let Some(act) = acts.next_if(|act| self.instant(*act) <= at) {
                self.deliver(act)?;
            }
            self.step(at, first)?;
            progress((at - start).num_minutes() as f64 / whole, self.keeper.rules.calendar.day(at));
            if at >= end {
                return Ok(());
            }
        }
        Err(Failure::Endless)
    }

    fn instant(&self, (story, act): (usize, usize)) -> DateTime<Utc> {
        self.keeper.rules.calendar.instant(self.script.stories[story].acts[act].at)
    }

    /// Puts a mail of the script into the mailbox, as a mail server would.
    fn deliver(&mut self, (story, act): (usize, usize)) -> Result<(), Failure> {
        let act = self.script.stories[story].acts[act].clone();
        let at = self.keeper.rules.calendar.instant(act.at);
        let (from, job) = self.person(&act.from);
        let answered = self.answered(story, &act, &from.1)?;
        let answers = answered.map(|entry| entry.kind);
        let number = self.came.len() + 1;
        let first = self.references[story].as_ref();
        let told = self.came.iter().filter(|came| came.story == story).flat_map(|came| &came.references);
        let second = told.into_iter().find(|reference| Some(*reference) != first).map(ToString::to_string);
        let pen = Pen {
            mailbox: &self.settings.delivery.from,
            organisation: &self.organisation,
            cc: act.cc.iter().map(|copy| self.person(copy).0).collect(),
            at,
            facts: &self.script.stories[story].facts,
            answered,
            reference: first.map(ToString::to_string),
            second,
            number,
            from: from.clone(),
        };
        let mut written = pen.write(&act).map_err(part)?;
        if let Some(original) = act.copy_of.and_then(|at| self.came.iter().filter(|came| came.story == story).nth(at)) {
            written = original.written.clone();
        }
        let stem = format!("{number:04}-{}-{}-from-{}", act.at.date(), sort(&act, answers), plain(&from.0));
        let draft = self.folder.join("program/inbox/tmp").join(&stem);
        put(&draft, &written.raw)?;
        let stamp = FileTimes::new().set_modified(at.into());
        File::options().write(true).open(&draft).and_then(|file| file.set_times(stamp)).map_err(cannot(&draft))?;
        let place = self.folder.join("program/inbox/new").join(&stem);
        fs::rename(&draft, &place).map_err(cannot(&place))?;
        let came = Came {
            story,
            from,
            job,
            at: act.at,
            written,
            answers,
            outcome: String::new(),
            references: Vec::new(),
            stem,
        };
        page::write_came(self.folder, &came)?;
        self.came.push(came);
        Ok(())
    }

    /// The newest notice of the kind to this person about the story's incident.
    fn answered(&self, story: usize, act: &Act, email: &str) -> Result<Option<&Entry>, Failure> {
        let Some(notice) = &act.answers_notice else { return Ok(None) };
        let reference = self.references[story].as_ref();
        let found = self.sent.iter().rev().map(|sent| &sent.entry).find(|entry| {
            entry.to == email
                && entry.kind.name() == notice
                && reference.is_some()
                && entry.reference.as_ref() == reference
        });
        let missing = || Failure::NoNotice { at: act.at, from: act.from.clone(), notice: notice.clone() };
        found.map(Some).ok_or_else(missing)
    }

    /// One turn of the real program at this time, and what it did.
    fn step(&mut self, at: DateTime<Utc>, first: usize) -> Result<(), Failure> {
        self.now = at;
        let work = once::once(&mut self.keeper, &mut *self.mailbox, &mut self.transport, None, Clock::Fixed(at));
        self.runtime.block_on(work).map_err(part)?;
        for came in &mut self.came[first..] {
            let received_at = self.keeper.rules.calendar.instant(came.at);
            let key = MailKey::Maildir { name: name_for_ever(&came.stem, received_at) };
            let Some(entry) = self.keeper.store.mail_by_key(&key).map_err(part)? else { continue };
            came.outcome = entry.outcome;
            came.references = entry.references;
            let reference = &mut self.references[came.story];
            *reference = reference.take().or_else(|| came.references.first().cloned());
        }
        let first_sent = self.sent.len();
        let ids = self.next_outbox_id..self.keeper.store.next_outbox_id().map_err(part)?;
        self.next_outbox_id = ids.end;
        for id in ids {
            if let Some((entry, _)) = self.keeper.store.outbox(id).map_err(part)? {
                self.keep(entry)?;
            }
        }
        let (came, sent) = (first..self.came.len(), first_sent..self.sent.len());
        if !(came.is_empty() && sent.is_empty()) {
            let at = self.keeper.rules.calendar.local(at);
            self.moments.push(Moment { at, came: came.collect(), sent: sent.collect() });
        }
        Ok(())
    }

    /// A mail that went out, where a visitor can open it.
    fn keep(&mut self, entry: Entry) -> Result<(), Failure> {
        let at = self.keeper.rules.calendar.local(entry.date);
        let number = self.sent.len() + 1;
        let stem = format!("{number:04}-{}-{}-to-{}", at.date(), entry.kind.name(), plain(&entry.to_name));
        let place = self.folder.join("program/outbox/new").join(&entry.token);
        let copy = self.folder.join("mails-out").join(format!("{stem}.eml"));
        fs::copy(&place, &copy).map_err(cannot(&copy))?;
        if entry.kind == NoticeKind::AnnualReport {
            for file in entry.attachments.iter().filter(|file| file.name.ends_with(".docx")) {
                let bytes = self.keeper.store.files().read(&file.file, u64::MAX).map_err(part)?;
                let is_bulletin = file.name.starts_with("learning-bulletin");
                let name = if is_bulletin { "learning-bulletin.docx" } else { "annual-report.docx" };
                put(&self.folder.join(name), &bytes)?;
            }
        }
        let sent = Sent { entry, at, stem };
        page::write_sent(self.folder, &sent)?;
        self.sent.push(sent);
        Ok(())
    }

    /// Name, address and job of whoever the script names.
    fn person(&self, who: &str) -> ((String, String), Option<String>) {
        let domain = self.settings.delivery.from.email.rsplit_once('@').map_or("", |(_, domain)| domain);
        let email = if who.contains('@') { who.to_owned() } else { format!("{who}@{domain}") };
        let worker = self.script.workers.get(who);
        let known = self.keeper.rules.people.person(&email);
        let name = worker.map(|worker| worker.name.clone()).or_else(|| known.map(|person| person.name.clone()));
        let role = known.and_then(|person| person.roles.first()).map(|role| role.words().to_owned());
        ((name.unwrap_or_else(|| who.to_owned()), email), worker.map(|worker| worker.job.clone()).or(role))
    }
}

/// What sort of mail it is, for its file's name.
fn sort(act: &Act, answers: Option<NoticeKind>) -> &'static str {
    match (act.machine, act.form) {
        (Some(Machine::OutOfOffice), _) => "out-of-office",
        (Some(Machine::Newsletter), _) => "newsletter",
        (None, Some(form)) => form.form().file_name().trim_end_matches(".docx"),
        (None, None) if answers.is_some() => "reply",
        (None, None) => "email",
    }
}

fn prepare(folder: &Path) -> Result<(), Failure> {
    make(folder)?;
    let mut inside = fs::read_dir(folder).map_err(cannot(folder))?;
    match inside.next() {
        Some(_) => Err(Failure::NotEmpty(folder.to_path_buf())),
        None => Ok(()),
    }
}

fn make(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(cannot(folder))
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(cannot(path))
}

fn cannot(path: &Path) -> impl FnOnce(std::io::Error) -> Failure + '_ {
    |source| Failure::Write { path: path.to_path_buf(), source }
}

fn part(failure: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::Part(Box::new(failure))
}

fn moment(written: &str) -> NaiveDateTime {
    written.parse().expect("the year's ends are written as times")
}

/// A name as part of a file's name.
fn plain(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}
