//! `check`: would it run? Configuration, templates, store, mailbox and mail server, each with a line.

use std::fmt::Write;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Failure, Output, explained, senders};
use crate::clock::Clock;
use crate::config::{self, Access, Settings};
use crate::daemon::connect;
use crate::mailbox::imap;
use crate::notices::Templates;
use crate::store::{Store, Wish, refuse_wider};
use crate::transport::smtp;
use crate::turn::{rules, secrets};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {}

/// Checks everything that is needed; a real login to each server. `in_use`: the store, where a daemon has it open and answers.
///
/// # Errors
/// None of its own: what is wrong is a line, and the exit code 1.
pub fn run(settings: &Settings, in_use: Option<&Store>) -> Result<Output, Failure> {
    let mut lines = Lines::default();
    lines.add("configuration", Ok(format!("{} people", settings.people.len())));
    for warning in &settings.warnings {
        let _ = writeln!(lines.text, "{:<15} {warning}", "  note");
    }
    if let Some(pilot) = &settings.delivery.pilot {
        let _ =
            writeln!(lines.text, "{:<15} trial: every email goes to {pilot} alone; nobody else is alerted", "  note");
    }
    lines.add("templates", templates(settings));
    if settings.themes.is_some() {
        lines.add("themes", themes(settings));
    }
    match in_use {
        Some(store) => lines.add_store(
            settings,
            access(settings)
                .and_then(|()| may_send(store))
                .and_then(|()| Ok(format!("in use by the daemon; {}", keys(store)?))),
            store,
        ),
        None => not_in_use(settings, &mut lines),
    }
    let today = Clock::Real.now().with_timezone(&settings.organisation.time_zone).date_naive();
    if let Some(warning) = old_holidays(&settings.organisation.bank_holidays, today) {
        let _ = writeln!(lines.text, "{:<15} {warning}", "  note");
    }
    for warning in settings.client_secrets().iter().filter_map(|secret| secrets::warning(secret, today)) {
        let _ = writeln!(lines.text, "{:<15} {warning}", "  note");
    }
    lines.add_server(settings, "mailbox", "mailbox", mailbox);
    lines.add_server(settings, "delivery", "mail server", transport);
    Ok(Output { stdout: lines.text.into_bytes(), code: u8::from(lines.wrong), ..Output::default() })
}

/// M25: a list that nobody has added to for a year may lack what was proclaimed since.
fn old_holidays(listed: &[NaiveDate], today: NaiveDate) -> Option<String> {
    let last = listed.iter().max().filter(|last| **last < today - Days::new(365))?;
    Some(format!(
        "the last day of organisation.bank_holidays is {last}: add any that was proclaimed since, or the working days after it are wrong"
    ))
}

/// A real login to a server.
type Login = fn(&Settings) -> Result<String, String>;

#[derive(Default)]
struct Lines {
    text: String,
    wrong: bool,
}

impl Lines {
    fn add(&mut self, what: &str, result: Result<String, String>) {
        let line = match result {
            Ok(detail) if detail.is_empty() => "fine".to_owned(),
            Ok(detail) => format!("fine ({detail})"),
            Err(why) => {
                self.wrong = true;
                format!("WRONG: {why}")
            }
        };
        let _ = writeln!(self.text, "{what:<15} {line}");
    }

    /// The store, and what can be told of the mails in it.
    fn add_store(&mut self, settings: &Settings, result: Result<String, String>, store: &Store) {
        self.add("store", result);
        if let Some(result) = senders::vouched(settings, store) {
            self.add("senders", result);
        }
    }

    /// A real login; with tokens, the token first.
    fn add_server(&mut self, settings: &Settings, section: &str, what: &str, login: Login) {
        let access = settings.accesses().into_iter().find(|(known, _)| *known == section);
        let token = access.and_then(|(_, access)| token(section, access));
        let is_worth_it = !matches!(token, Some(Err(_)));
        if let Some(token) = token {
            self.add(&format!("{section} token"), token);
        }
        if is_worth_it {
            self.add(what, login(settings));
        }
    }
}

fn themes(settings: &Settings) -> Result<String, String> {
    let own = rules::themes(settings).map_err(|failure| explained(&failure))?;
    Ok(own.map(|themes| format!("{} with your own", themes.list().len())).unwrap_or_default())
}

fn templates(settings: &Settings) -> Result<String, String> {
    rules::wordings(settings).map_err(|failure| explained(&failure))?;
    let templates = Templates::load(settings.templates.as_deref()).map_err(|failure| explained(&failure))?;
    match templates.check().as_slice() {
        [] => Ok(String::new()),
        problems => Err(problems.join("; ")),
    }
}

/// The store, opened for a moment.
fn not_in_use(settings: &Settings, lines: &mut Lines) {
    if !settings.store.path.exists() {
        return lines.add("store", Ok("it is made at the first start".into()));
    }
    let wish = Wish::Expect { rehearsal: settings.store.rehearsal };
    match Store::open(&settings.store.path, settings.keys(), wish) {
        Err(failure) => lines.add("store", Err(explained(&failure))),
        Ok(opened) => {
            let turns = opened.store.last_turn().map_or(0, |(turn, _)| turn);
            let result = may_send(&opened.store).and_then(|()| Ok(format!("{turns} turns; {}", keys(&opened.store)?)));
            lines.add_store(settings, result, &opened.store);
            if let Err(failure) = opened.store.close() {
                lines.add("store", Err(explained(&failure)));
            }
        }
    }
}

/// When the store's keys were last copied, which is by a backup.
fn keys(store: &Store) -> Result<String, String> {
    let last = store.backed_up().map_err(|failure| explained(&failure))?;
    let at = last.map(|last| last.at.format("%d/%m/%Y %H:%M UTC").to_string());
    Ok(format!("backup: {}", super::status::backup(at)))
}

/// That nobody else can reach the store or its key; a store that is opened is refused otherwise.
fn access(settings: &Settings) -> Result<(), String> {
    refuse_wider(&settings.store.path, &settings.keys()).map_err(|failure| explained(&failure))
}

/// M27.
fn may_send(store: &Store) -> Result<(), String> {
    store.held().map_or(Ok(()), |hold| Err(format!("{hold}: nothing is sent until you type: need-to-know arm")))
}

/// The token that a server is signed in to with, and the role that it must carry at Microsoft 365; `None` without tokens.
fn token(section: &str, access: &Access) -> Option<Result<String, String>> {
    let config::Login::OAuth2 { tokens, .. } = &access.login else { return None };
    let role = if section == "mailbox" { imap::ROLE } else { smtp::ROLE };
    let lacking = |failure: crate::net::Failure| explained(&failure);
    let looked_at = tokens.token().map_err(lacking).and_then(|token| match token.lacks(role) {
        None => Ok(token),
        // A permission that was given meanwhile shows in a new token alone.
        Some(_) => tokens.renewed(&token).map_err(lacking),
    });
    Some(looked_at.and_then(|token| match (token.lacks(role), token.roles()) {
        (Some(mend), _) => Err(mend),
        (None, Some(_)) => Ok(format!("it has the role {role}")),
        (None, None) => Ok(String::new()),
    }))
}

fn mailbox(settings: &Settings) -> Result<String, String> {
    let mut mailbox = connect::mailbox(settings).map_err(|failure| explained(&failure))?;
    mailbox.check().map(|()| String::new()).map_err(|failure| explained(&failure))
}

fn transport(settings: &Settings) -> Result<String, String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|failure| failure.to_string())?;
    let mut transport = connect::transport(settings).map_err(|failure| explained(&failure))?;
    runtime.block_on(transport.check()).map(|()| String::new()).map_err(|failure| explained(&failure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m25_a_list_of_bank_holidays_is_old_after_a_year() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let listed = [day("2026-06-01"), day("2026-05-04")];
        assert_eq!(old_holidays(&listed, day("2027-06-01")), None);
        assert!(old_holidays(&listed, day("2027-06-02")).unwrap().contains("2026-06-01"));
        assert_eq!(old_holidays(&[], day("2027-06-02")), None);
    }
}
