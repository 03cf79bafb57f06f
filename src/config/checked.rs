//! What can be relied on: the settings after every check.
//!
//! Comes in: the path of `config.toml`. Goes out: [`Settings`], in which nothing is left to parse or can be missing, or
//! [`Failure::Wrong`] with all that is wrong. Reads the secrets and looks whether the paths can be reached; changes nothing.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use chrono_tz::Tz;
use cron::Schedule;
use serde::{Deserialize, Serialize};

use super::address::Domains;
use super::file::{File, Table};
use super::secret::Environment;
use super::{Failure, Problem, concerns, organisation, people, procedure, servers};
use crate::incident::people::{Person, Service};
use crate::incident::procedure::Procedure;
use crate::message::Address;
use crate::net::oauth::Tokens;
use crate::net::{Secret, Server, SignIn};
use crate::store::{KeyPlace, KeyPlaces};

/// The whole configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file it was read from.
    pub path: PathBuf,
    /// `[organisation]`.
    pub organisation: Organisation,
    /// `[mailbox]`.
    pub mailbox: Mailbox,
    /// `[delivery]`.
    pub delivery: Delivery,
    /// `[trust]`.
    pub trust: Trust,
    /// `[store]`.
    pub store: Store,
    /// `[[people]]`, in the order of the file. Addresses are in lower case, services carry their full names, and every role that
    /// the procedure cannot do without has a holder.
    pub people: Vec<Person>,
    /// The built-in procedure with what `[procedure]` changes of it.
    pub procedure: Procedure,
    /// `[report] schedule`: when the yearly report is sent, in [`Organisation::time_zone`].
    pub report: Schedule,
    /// `[report] smallest_shown`: the smallest count but 0 that the public report and the bulletin show (N9), from 1 to 20.
    pub smallest_shown: usize,
    /// `[report] themes`: the file of the council's own themes. Checked by the report, which knows what themes are.
    pub themes: Option<PathBuf>,
    /// `[digest] schedule`, in local time.
    pub digest: Schedule,
    /// `[concerns]`.
    pub concerns: Option<Concerns>,
    /// `[forms.wordings]`: more wordings of labels. Checked by the forms, which know the keys.
    pub wordings: Vec<Wording>,
    /// `[health]`.
    pub health: Health,
    /// `[retention] processed_days`: days after which our own folders on the mail server are emptied.
    pub processed_days: Option<u32>,
    /// `[retention]`: how long the store keeps what is over.
    pub retention: Retention,
    /// The folder `templates` beside the file, where there is one: its texts stand in for the built-in ones.
    pub templates: Option<PathBuf>,
    /// What works and deserves a word all the same, one sentence each; `check` prints them.
    pub warnings: Vec<String>,
}

/// How many years the store keeps an incident that is over, from the last that happened to it; `None`: for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// Closed, of the class catastrophic.
    pub catastrophic_years: Option<u32>,
    /// Closed, serious.
    pub serious_years: Option<u32>,
    /// Closed, a near miss.
    pub near_miss_years: Option<u32>,
    /// Closed, decided to be not serious.
    pub not_serious_years: Option<u32>,
    /// Closed without a class.
    pub unclassified_years: Option<u32>,
    /// Withdrawn (I14), of whatever class.
    pub withdrawn_years: Option<u32>,
}

/// Who runs the program.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// The council's name.
    pub name: String,
    /// Local time (section 9).
    pub time_zone: Tz,
    /// `SI` of `SI-2026-0001`.
    pub reference_prefix: String,
    /// Month and day on which the reporting year begins.
    pub year_starts: (u32, u32),
    /// Bank holidays that were proclaimed beside those of every year (M25).
    pub bank_holidays: Vec<NaiveDate>,
    /// Days that are none although the rules make them one, as where a holiday was moved (M25).
    pub no_bank_holidays: Vec<NaiveDate>,
    /// T0: whom to ring by day.
    pub duty_phone: Option<String>,
    /// T0: whom to ring by night.
    pub out_of_hours_phone: Option<String>,
    /// T2: the Chief Executive's office.
    pub chief_executive_phone: Option<String>,
    /// T2: the Strategic Director's office.
    pub strategic_director_phone: Option<String>,
    /// The services, with no name or alias twice.
    pub services: Vec<Service>,
}

/// Where mail comes from.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// How it is reached.
    pub route: Route,
    /// The folder for what is done with.
    pub processed_folder: String,
    /// The folder for what a person must look at.
    pub attention_folder: String,
    /// Mail received before this local day is entered in the ledger and never acted on.
    pub start: Option<NaiveDate>,
}

/// How a mailbox is reached.
#[derive(Debug, Clone)]
pub enum Route {
    /// An IMAP server.
    Imap {
        /// The server and how to sign in.
        access: Access,
        /// The folder that is watched.
        folder: String,
    },
    /// A maildir, which exists.
    Maildir(PathBuf),
}

/// A mail server and how to get in.
#[derive(Debug, Clone)]
pub struct Access {
    /// The server.
    pub server: Server,
    /// Authorities that are trusted beside the system's: a PEM file, which can be opened.
    pub ca_file: Option<PathBuf>,
    /// How to sign in.
    pub login: Login,
}

impl Access {
    /// How to sign in, as the connection takes it; `None`: not at all.
    pub fn sign_in(&self) -> Option<SignIn> {
        match &self.login {
            Login::Password { user, password } => {
                Some(SignIn::Password { user: user.clone(), password: password.clone() })
            }
            Login::OAuth2 { user, tokens, .. } => Some(SignIn::Token { user: user.clone(), tokens: tokens.clone() }),
            Login::None => None,
        }
    }
}

impl Settings {
    /// When the client secrets end, as far as the settings say (M11).
    pub fn secrets_end(&self) -> Vec<chrono::NaiveDate> {
        let mut days: Vec<_> = self.client_secrets().into_iter().map(|secret| secret.expires).collect();
        days.sort();
        days.dedup();
        days
    }
}

/// How to sign in.
#[derive(Debug, Clone)]
pub enum Login {
    /// Not at all.
    None,
    /// With a password.
    Password {
        /// The account.
        user: String,
        /// Its password.
        password: Secret,
    },
    /// With a token for client credentials.
    OAuth2 {
        /// The account.
        user: String,
        /// Where tokens come from; servers with the same client share them.
        tokens: Tokens,
        /// The local day on which the client's secret ends (M11).
        secret_expires: Option<NaiveDate>,
    },
}

/// A secret with which the program signs in, and when it ends (M11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSecret {
    /// The tables that name it, such as `[mailbox.oauth2]`.
    pub sections: Vec<String>,
    /// The application that it is of.
    pub client_id: String,
    /// The local day on which it ends.
    pub expires: NaiveDate,
}

/// How mail goes out, and to whom it may.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// How it is handed on.
    pub way: Way,
    /// `From` of every mail.
    pub from: Address,
    /// The domains that may be told about a child. Never empty.
    pub allowed_domains: Domains,
    /// Domains of the partner roles alone.
    pub partner_domains: Domains,
    /// `local+TOKEN@domain` reaches the mailbox (M30).
    pub plus_addressing: bool,
    /// During a trial everything goes to this person alone.
    pub pilot: Option<String>,
}

/// How mail is handed on.
#[derive(Debug, Clone)]
pub enum Way {
    /// To an SMTP server.
    Smtp(Access),
    /// Into a maildir, whose parent folder exists.
    Maildir(PathBuf),
}

/// Who is believed (M18).
#[derive(Debug, Clone)]
pub struct Trust {
    /// Whose Authentication-Results header counts.
    pub authserv_id: Option<String>,
    /// What a decision by reply needs.
    pub decisions: Decisions,
}

/// What a decision by reply needs (M18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decisions {
    /// The person's address and the token of a notice sent to that person.
    Reply,
    /// Authentication by the mail server as well.
    Authenticated,
}

/// Where everything is kept.
#[derive(Debug, Clone)]
pub struct Store {
    /// The folder; its parent exists.
    pub path: PathBuf,
    /// Where the key that seals it comes from.
    pub key: KeyPlace,
    /// Made for rehearsal: `--at` works, and nothing goes out by SMTP.
    pub rehearsal: bool,
}

/// The whistleblowing officer's part (section 8).
#[derive(Debug, Clone)]
pub struct Concerns {
    /// The address that people write to.
    pub address: Option<String>,
    /// The folder of the mailbox that such mail lies in.
    pub folder: Option<String>,
    /// The child protection team on duty (W3).
    pub child_protection: String,
    /// Where the key comes from that wraps the keys of all that is sealed for them.
    pub key: KeyPlace,
}

/// How the program's health is made known without mail (M26).
#[derive(Debug, Clone, Default)]
pub struct Health {
    /// A file in Prometheus' text form.
    pub metrics: Option<PathBuf>,
    /// A program for operator notices.
    pub command: Option<String>,
    /// A second mail server for operator notices.
    pub smtp: Option<Access>,
}

/// More wordings of one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// The key of the field.
    pub key: String,
    /// The wordings.
    pub labels: Vec<String>,
    /// Where, for [`Settings::refuse`].
    pub line: usize,
}

impl Settings {
    /// Reads and checks a configuration file and the secrets that it names.
    ///
    /// # Errors
    /// [`Failure::Read`], or [`Failure::Wrong`] with everything that is wrong.
    pub fn load(path: &Path) -> Result<Settings, Failure> {
        Settings::load_with(path, &|name| std::env::var_os(name))
    }

    /// The same with an environment that is handed in.
    pub(super) fn load_with(path: &Path, environment: Environment<'_>) -> Result<Settings, Failure> {
        let unreadable = |source| Failure::Read { path: path.to_path_buf(), source };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let absolute = std::path::absolute(path).map_err(unreadable)?;
        let folder = absolute.parent().unwrap_or(Path::new("/"));
        let file = File::new(path, folder, &text, environment);
        let entries = file.parse();
        // What the parser made of a broken line would only bring problems that are none.
        let settings = if file.is_sound() { read(&file, &Table::root(&file, &entries)) } else { None };
        match (settings, file.into_problems()) {
            (Some(settings), problems) if problems.is_empty() => Ok(Settings { path: absolute, ..settings }),
            (_, problems) => Err(Failure::Wrong(problems)),
        }
    }

    /// Where the keys come from under which the store's keys are wrapped.
    pub fn keys(&self) -> KeyPlaces<'_> {
        KeyPlaces { store: &self.store.key, concerns: self.concerns.as_ref().map(|concerns| &concerns.key) }
    }

    /// The mail servers that are signed in to, each with the table that names it.
    pub fn accesses(&self) -> Vec<(&'static str, &Access)> {
        let mailbox = match &self.mailbox.route {
            Route::Imap { access, .. } => Some(("mailbox", access)),
            Route::Maildir(_) => None,
        };
        let delivery = match &self.delivery.way {
            Way::Smtp(access) => Some(("delivery", access)),
            Way::Maildir(_) => None,
        };
        let second = self.health.smtp.as_ref().map(|access| ("health.smtp", access));
        [mailbox, delivery, second].into_iter().flatten().collect()
    }

    /// The client secrets of which it is known when they end, each once.
    pub fn client_secrets(&self) -> Vec<ClientSecret> {
        let mut secrets: Vec<ClientSecret> = Vec::new();
        for (section, access) in self.accesses() {
            let Login::OAuth2 { tokens, secret_expires: Some(expires), .. } = &access.login else { continue };
            let (client_id, section) = (&tokens.client().client_id, format!("[{section}.oauth2]"));
            match secrets.iter_mut().find(|known| known.client_id == *client_id && known.expires == *expires) {
                Some(known) => known.sections.push(section),
                None => {
                    let (sections, client_id) = (vec![section], client_id.clone());
                    secrets.push(ClientSecret { sections, client_id, expires: *expires });
                }
            }
        }
        secrets
    }

    /// The failure for something that a part of the program found wrong in its own keys.
    pub fn refuse(&self, line: usize, what: impl Into<String>, mend: impl Into<String>) -> Failure {
        Failure::Wrong(vec![Problem { path: self.path.clone(), line, what: what.into(), mend: mend.into() }])
    }
}

/// Everything in the file; `None` only beside a problem.
pub(super) fn read(file: &File<'_>, root: &Table<'_>) -> Option<Settings> {
    let mut warnings = Vec::new();
    let organisation = organisation::organisation(&root.table("organisation"), &mut warnings);
    let mailbox = servers::mailbox(&root.table("mailbox"));
    let mut delivery = servers::delivery(&root.table("delivery"));
    if let (Some(mailbox), Some(delivery)) = (&mailbox, &mut delivery) {
        servers::share_tokens(mailbox, delivery);
    }
    let trust = servers::trust(&root.table("trust"));
    let store = organisation::store(&root.table("store"));
    let domains = delivery.as_ref().map(|delivery| (&delivery.allowed_domains, &delivery.partner_domains));
    let services = organisation.as_ref().map(|organisation| organisation.services.as_slice());
    let people = people::people(root, domains, services, &mut warnings);
    let (report, smallest_shown, themes) = organisation::report(&root.table("report"), &mut warnings);
    let digest = organisation::schedule(&root.table("digest"), organisation::DIGEST_SCHEDULE);
    let concerns = concerns::concerns(&root.table("concerns"), store.as_ref());
    let procedure = procedure::procedure(&root.table("procedure"), &mut warnings);
    let wordings = organisation::wordings(&root.table("forms"));
    let health = servers::health(&root.table("health"));
    let (processed_days, retention) = organisation::retention(&root.table("retention"));
    let templates = Some(file.absolute("templates")).filter(|path| path.is_dir());
    root.finish();
    if let (Some(mailbox), Some(delivery)) = (&mailbox, &delivery) {
        servers::refuse_our_own(root, mailbox, delivery, &people);
    }
    if let (Some(mailbox), Some(delivery)) = (&mailbox, &delivery) {
        concerns::refuse(root, mailbox, delivery, &people);
    }
    organisation::refuse_live_rehearsal(root, store.as_ref(), delivery.as_ref());
    Some(Settings {
        path: PathBuf::new(),
        organisation: organisation?,
        mailbox: mailbox?,
        delivery: delivery?,
        trust: trust?,
        store: store?,
        people,
        procedure,
        report: report?,
        smallest_shown,
        themes,
        digest: digest?,
        concerns,
        wordings,
        health,
        processed_days,
        retention,
        templates,
        warnings,
    })
}
