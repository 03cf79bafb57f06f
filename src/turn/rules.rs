//! What a turn goes by, from the settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono_tz::Tz;

use crate::config::{ClientSecret, Concerns, Decisions, Domains, Retention, Settings, Trust};
use crate::forms::Wordings;
use crate::incident::calendar::Calendar;
use crate::incident::due::Clocks;
use crate::incident::lessons::ThemeName;
use crate::incident::people::People;
use crate::incident::procedure::Procedure;
use crate::message::{Authentication, Limits};
use crate::notices::{self, Letterhead, Templates};
use crate::outbox::compose::Sender;
use crate::report::themes::{Themes, Wrong};

/// What a turn goes by; read again on SIGHUP.
pub struct Rules {
    /// The obligations.
    pub procedure: Procedure,
    /// The local calendar.
    pub calendar: Calendar,
    /// Who is who.
    pub people: People,
    /// What every notice carries of the council.
    pub letterhead: Letterhead,
    /// Who mails come from.
    pub sender: Sender,
    /// The texts.
    pub templates: Templates,
    /// More wordings of labels.
    pub wordings: Wordings,
    /// Bounds on reading.
    pub limits: Limits,
    /// `SI` of `SI-2026-0001`.
    pub prefix: String,
    /// Domains to which anything about a child may go, compared exactly.
    pub allowed_domains: Domains,
    /// Domains to which it may go for a partner role alone.
    pub partner_domains: Domains,
    /// Who is believed (M18).
    pub trust: Trust,
    /// The mailbox's folders for mail that is done with and for mail that needs attention.
    pub folders: [String; 2],
    /// When the yearly report goes out, local time.
    pub report: cron::Schedule,
    /// The smallest count but 0 that the public report and the bulletin show (N9).
    pub smallest_shown: usize,
    /// The themes with those of the council's own file, where it has one.
    own_themes: Option<Themes>,
    /// The themes by name, as people name them in a reply (L3).
    pub theme_names: Vec<ThemeName>,
    /// When the digest goes out, local time (T15).
    pub digest: cron::Schedule,
    /// Month and day on which the reporting year begins.
    pub year_starts: (u32, u32),
    /// Days after which our own folders on the mail server are emptied.
    pub processed_days: Option<u32>,
    /// How long the store keeps what is over.
    pub retention: Retention,
    /// The whistleblowing officer's part (section 8).
    pub concerns: Option<Concerns>,
    /// The secrets with which the program signs in, as far as it is known when they end (M11).
    pub client_secrets: Vec<ClientSecret>,
}

/// Why settings make no rules.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The templates' folder.
    #[error("the templates cannot be used")]
    Templates(#[source] notices::Failure),
    /// A key of `[forms.wordings]` that no form has.
    #[error("[forms.wordings] has a key that no form has")]
    Wordings(#[source] crate::forms::UnknownKey),
    /// The council's own file of themes cannot be read.
    #[error("cannot read the file of themes {path}", path = .path.display())]
    ThemesUnread {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Something is wrong in it.
    #[error("{path}:{wrong}", path = .path.display())]
    Themes {
        /// The file.
        path: PathBuf,
        /// What.
        wrong: Wrong,
    },
}

/// The council's own themes beside those that are built in; `None` without a file of its own.
///
/// # Errors
/// [`Failure::ThemesUnread`], [`Failure::Themes`].
pub fn themes(settings: &Settings) -> Result<Option<Themes>, Failure> {
    let Some(path) = settings.themes.clone() else { return Ok(None) };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) => return Err(Failure::ThemesUnread { path, source }),
    };
    Themes::with(&text).map(Some).map_err(|wrong| Failure::Themes { path, wrong })
}

/// The built-in wordings and those of `[forms.wordings]`.
///
/// # Errors
/// [`Failure::Wordings`].
pub fn wordings(settings: &Settings) -> Result<Wordings, Failure> {
    let more: BTreeMap<String, Vec<String>> =
        settings.wordings.iter().map(|wording| (wording.key.clone(), wording.labels.clone())).collect();
    Wordings::with(&more).map_err(Failure::Wordings)
}

impl Rules {
    /// The rules that settings make.
    ///
    /// # Errors
    /// See [`Failure`].
    pub fn of(settings: &Settings) -> Result<Rules, Failure> {
        let organisation = &settings.organisation;
        let mut wordings = wordings(settings)?;
        // I4: a reply of the council's own lines is a decision too.
        wordings.decision_labels.extend(settings.procedure.own_labels().iter().map(|label| label.to_lowercase()));
        let own_themes = themes(settings)?;
        Ok(Rules {
            theme_names: own_themes.as_ref().unwrap_or_else(|| Themes::built_in()).names(),
            own_themes,
            procedure: settings.procedure.clone(),
            calendar: Calendar::new(
                organisation.time_zone,
                &organisation.bank_holidays,
                &organisation.no_bank_holidays,
            ),
            people: People::new(settings.people.clone(), organisation.services.clone()),
            letterhead: Letterhead {
                organisation: organisation.name.clone(),
                duty_phone: organisation.duty_phone.clone(),
                out_of_hours_phone: organisation.out_of_hours_phone.clone(),
                chief_executive_phone: organisation.chief_executive_phone.clone(),
                strategic_director_phone: organisation.strategic_director_phone.clone(),
                mailbox: settings.delivery.from.clone(),
                plus_addressing: settings.delivery.plus_addressing,
                rehearsal: settings.store.rehearsal,
                pilot: settings.delivery.pilot.clone(),
            },
            sender: Sender {
                from: settings.delivery.from.clone(),
                mailbox: settings.delivery.from.clone(),
                plus_addressing: settings.delivery.plus_addressing,
            },
            templates: Templates::load(settings.templates.as_deref()).map_err(Failure::Templates)?,
            wordings,
            limits: Limits::default(),
            prefix: organisation.reference_prefix.clone(),
            allowed_domains: settings.delivery.allowed_domains.clone(),
            partner_domains: settings.delivery.partner_domains.clone(),
            trust: settings.trust.clone(),
            folders: [settings.mailbox.processed_folder.clone(), settings.mailbox.attention_folder.clone()],
            report: settings.report.clone(),
            smallest_shown: settings.smallest_shown,
            digest: settings.digest.clone(),
            year_starts: organisation.year_starts,
            processed_days: settings.processed_days,
            retention: settings.retention.clone(),
            concerns: settings.concerns.clone(),
            client_secrets: settings.client_secrets(),
        })
    }

    /// The rules and the calendar together.
    pub fn clocks(&self) -> Clocks<'_> {
        Clocks { procedure: &self.procedure, calendar: &self.calendar }
    }

    /// The themes that lessons come under.
    pub fn themes(&self) -> &Themes {
        self.own_themes.as_ref().unwrap_or_else(|| Themes::built_in())
    }

    /// The local zone.
    pub fn zone(&self) -> Tz {
        self.calendar.zone()
    }

    /// Whether a mail counts as its sender's own: where decisions are to be authenticated, the mail server vouches for it (M18).
    pub fn believes(&self, authentication: Option<Authentication>) -> bool {
        self.trust.decisions == Decisions::Reply || authentication.is_some_and(Authentication::passes)
    }

    /// Whether an address is of an allowed domain (M20).
    pub fn allows(&self, email: &str) -> bool {
        self.allowed_domains.allow(email)
    }
}
