//! Checks how mail comes and goes: mailbox, delivery, who is believed, and the second way for notices to the administrator.
//!
//! Comes in: a table. Goes out: its settings, or `None` beside a problem noted in the file. Opens no connection: `check` does.

use std::net::IpAddr;
use std::path::PathBuf;

use chrono::NaiveDate;

use super::address::{Domains, parse_address};
use super::checked::{Access, Decisions, Delivery, Health, Login, Mailbox, Route, Trust, Way};
use super::file::{At, Table};
use super::organisation::parent_exists;
use crate::incident::people::Person;
use crate::net::oauth::{Client, Tokens};
use crate::net::{Security, Server};

/// The kinds of authentication.
#[derive(Clone, Copy)]
enum Auth {
    None,
    Password,
    OAuth2,
}

pub(super) fn mailbox(table: &Table<'_>) -> Option<Mailbox> {
    let kind = required_choice(table, "kind", &[("imap", true), ("maildir", false)]);
    let route = match kind {
        Some(true) => {
            let folder = table.text("folder").map_or("INBOX".to_owned(), |folder| folder.value);
            access(table, [993, 143], &[("password", Auth::Password), ("oauth2", Auth::OAuth2)])
                .map(|access| Route::Imap { access, folder })
        }
        Some(false) => mailbox_path(table).map(Route::Maildir),
        None => None,
    };
    let folder = |key, default: &str| table.text(key).map_or(default.to_owned(), |folder| folder.value);
    let processed_folder = folder("processed_folder", "Processed");
    let attention_folder = folder("attention_folder", "Needs attention");
    if processed_folder == attention_folder {
        table.file.problem(table.line, "processed_folder and attention_folder are the same", "name two folders");
    }
    let start = table.date("start").map(|start| start.value);
    finish(table, kind.is_some());
    Some(Mailbox { route: route?, processed_folder, attention_folder, start })
}

/// A mailbox that is not there would stay silent for ever, so it is not made.
fn mailbox_path(table: &Table<'_>) -> Option<PathBuf> {
    let path = required_path(table, "\"inbox\"")?;
    if !path.value.is_dir() {
        let what = format!("there is no maildir {}", path.value.display());
        table.file.problem(
            path.line,
            what,
            "make it, or correct the path (relative paths begin at the configuration file)",
        );
        return None;
    }
    Some(path.value)
}

pub(super) fn delivery(table: &Table<'_>) -> Option<Delivery> {
    let kind = required_choice(table, "kind", &[("smtp", true), ("maildir", false)]);
    let way = match kind {
        Some(true) => smtp(table).map(Way::Smtp),
        Some(false) => required_path(table, "\"outbox\"")
            .and_then(|path| parent_exists(table, &path).map(|()| Way::Maildir(path.value))),
        None => None,
    };
    let from = table.required("from", "\"Serious incidents <incidents@derby.example>\"").and_then(|from| {
        let address = parse_address(&from.value);
        if address.is_none() {
            table.file.problem(from.line, "delivery.from is not an address", "write \"Name <name@domain>\"");
        }
        address
    });
    let allowed_domains = domains(table, "allowed_domains");
    if !table.has("allowed_domains") {
        table.missing("allowed_domains", "[\"derby.example\"]");
    } else if allowed_domains.is_empty() {
        table.file.problem(table.line, "delivery.allowed_domains is empty", "name the domains that mail may go to");
    }
    let partner_domains = domains(table, "partner_domains");
    let plus_addressing = table.flag("plus_addressing").unwrap_or(false);
    let pilot = table.text("pilot").and_then(|pilot| {
        let address = parse_address(&pilot.value).filter(|address| allowed_domains.allow(&address.email));
        if address.is_none() {
            table.file.problem(pilot.line, "delivery.pilot is no address within allowed_domains", "correct it");
        }
        address.map(|address| address.email)
    });
    finish(table, kind.is_some());
    Some(Delivery { way: way?, from: from?, allowed_domains, partner_domains, plus_addressing, pilot })
}

fn domains(table: &Table<'_>, key: &'static str) -> Domains {
    let mut domains = Domains::default();
    for At { value, line } in table.texts(key).unwrap_or_default() {
        if !domains.add(&value) {
            let what = format!("{} holds \"{value}\", which is not the name of a domain", table.path_of(key));
            table.file.problem(line, what, "write exact names such as \"derby.example\", without @ or *");
        }
    }
    domains
}

pub(super) fn trust(table: &Table<'_>) -> Option<Trust> {
    let words = [("reply", Decisions::Reply), ("authenticated", Decisions::Authenticated)];
    let decisions = if table.has("decisions") { table.choice("decisions", &words) } else { Some(Decisions::Reply) };
    let authserv_id = table.text("authserv_id").map(|id| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if id.value.is_empty() || !id.value.chars().all(is_name) {
            let mend = "write it as it stands in the Authentication-Results header, before the first semicolon";
            table.file.problem(id.line, "trust.authserv_id is no name of a server", mend);
        }
        id.value
    });
    if decisions == Some(Decisions::Authenticated) && authserv_id.is_none() {
        table.missing("authserv_id", "\"mx.derby.example\"");
    }
    table.finish();
    Some(Trust { authserv_id, decisions: decisions? })
}

pub(super) fn health(table: &Table<'_>) -> Health {
    // Its folder may be one that is there only while the service runs, as below /run.
    let metrics = table.path("metrics").map(|path| path.value);
    let command = table.text("command").map(|command| command.value);
    let second = table.table("smtp");
    let smtp = if second.is_written() { smtp(&second) } else { None };
    second.finish();
    table.finish();
    Health { metrics, command, smtp }
}

fn smtp(table: &Table<'_>) -> Option<Access> {
    access(table, [465, 587], &[("password", Auth::Password), ("none", Auth::None), ("oauth2", Auth::OAuth2)])
}

/// Ports: of TLS from the first byte, and of all else. The first of `ways` to sign in is the default.
fn access(table: &Table<'_>, ports: [u16; 2], ways: &[(&str, Auth)]) -> Option<Access> {
    let host = table.required("host", "\"mail.derby.example\"");
    let security = security(table, host.as_ref());
    let default_port = if security == Some(Security::Tls) { ports[0] } else { ports[1] };
    let port = match table.has("port") {
        true => table.whole("port", 1..=65535).and_then(|port| u16::try_from(port).ok()),
        false => Some(default_port),
    };
    let ca_file = table.path("ca_file").and_then(|path| {
        if let Err(error) = std::fs::File::open(&path.value) {
            let what = format!("cannot read the certificates in {}: {error}", path.value.display());
            table.file.problem(path.line, what, "correct the path, or take the line out to trust the system's alone");
            return None;
        }
        Some(path.value)
    });
    let login = login(table, ways, ca_file.as_ref());
    let server = Server { host: host?.value, port: port?, security: security? };
    Some(Access { server, ca_file, login: login? })
}

fn security(table: &Table<'_>, host: Option<&At<String>>) -> Option<Security> {
    let words = [("tls", Security::Tls), ("starttls", Security::StartTls), ("none", Security::None)];
    if !table.has("security") {
        return Some(Security::Tls);
    }
    let written = table.text("security")?;
    if written.value == "none" && host.is_some_and(|host| !is_loopback(&host.value)) {
        let what = format!("{} = \"none\" would send passwords and mail in the clear", table.path_of("security"));
        table.file.problem(written.line, what, "write \"tls\" or \"starttls\"; \"none\" is for a host on this machine");
        return None;
    }
    // The word for loopback hosts is not offered to the others.
    let offered = if host.is_some_and(|host| is_loopback(&host.value)) { &words[..] } else { &words[..2] };
    table.choice("security", offered)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn login(table: &Table<'_>, ways: &[(&str, Auth)], ca_file: Option<&PathBuf>) -> Option<Login> {
    let default = ways.first().map(|(_, auth)| *auth);
    let auth = if table.has("auth") { table.choice("auth", ways) } else { default }?;
    let user = match auth {
        Auth::None => None,
        _ => table.required("user", "\"incidents@derby.example\""),
    };
    let tokens = table.table("oauth2");
    match auth {
        Auth::None => Some(Login::None),
        Auth::Password => {
            if !table.has("password") {
                table.missing("password", "{ file = \"imap.password\" }");
            }
            let password = table.secret("password");
            Some(Login::Password { user: user?.value, password: password? })
        }
        Auth::OAuth2 => {
            let oauth2 = oauth2(&tokens, ca_file);
            let (user, (client, secret_expires)) = (user?.value, oauth2?);
            Some(Login::OAuth2 { user, tokens: Tokens::new(client), secret_expires })
        }
    }
}

/// Who asks for tokens, and the day on which its secret ends.
fn oauth2(table: &Table<'_>, ca_file: Option<&PathBuf>) -> Option<(Client, Option<NaiveDate>)> {
    let token_url = table.required("token_url", "\"https://login.microsoftonline.com/TENANT/oauth2/v2.0/token\"");
    if let Some(At { line, .. }) = token_url.as_ref().filter(|url| !url.value.starts_with("https://")) {
        table.file.problem(*line, "token_url would send the client secret in the clear", "begin it with https://");
    }
    let client_id = table.required("client_id", "\"…\"");
    if !table.has("client_secret") {
        table.missing("client_secret", "{ credential = \"imap-client-secret\" }");
    }
    let client_secret = table.secret("client_secret");
    let secret_expires = table.date("secret_expires").map(|day| day.value);
    let scope = table.required("scope", "\"https://outlook.office365.com/.default\"");
    table.finish();
    let client = Client {
        token_url: token_url?.value,
        client_id: client_id?.value,
        client_secret: client_secret?,
        scope: scope?.value,
        ca_file: ca_file.cloned(),
    };
    Some((client, secret_expires))
}

/// Delivery does with the mailbox's tokens where both ask for the same ones.
pub(super) fn share_tokens(mailbox: &Mailbox, delivery: &mut Delivery) {
    if let (Route::Imap { access, .. }, Way::Smtp(delivery)) = (&mailbox.route, &mut delivery.way)
        && let (Login::OAuth2 { tokens: shared, .. }, Login::OAuth2 { tokens, .. }) =
            (&access.login, &mut delivery.login)
        && shared == tokens
    {
        *tokens = shared.clone();
    }
}

fn required_choice<T: Copy>(table: &Table<'_>, key: &'static str, words: &[(&str, T)]) -> Option<T> {
    if !table.has(key) {
        let first = words.first().map_or("", |(word, _)| word);
        table.missing(key, &format!("\"{first}\""));
    }
    table.choice(key, words)
}

fn required_path(table: &Table<'_>, example: &str) -> Option<At<PathBuf>> {
    if !table.has("path") {
        table.missing("path", example);
    }
    table.path("path")
}

/// Without a known kind it is not known either which keys belong here, so none is refused.
fn finish(table: &Table<'_>, kind_is_known: bool) {
    if kind_is_known {
        table.finish();
    }
}

/// What would make the mailbox write to itself, or to nobody: a person at its own address, mail going out into the folder that it
/// comes from, answers that come back to an address outside the council.
pub(super) fn refuse_our_own(root: &Table<'_>, mailbox: &Mailbox, delivery: &Delivery, people: &[Person]) {
    let from = &delivery.from.email;
    let table = root.table("delivery");
    for person in people.iter().filter(|person| person.email.eq_ignore_ascii_case(from)) {
        let entries = root.tables("people");
        let written = entries.iter().filter_map(|entry| entry.text("email"));
        let line = written
            .into_iter()
            .find(|email| email.value.eq_ignore_ascii_case(from))
            .map_or(table.line, |email| email.line);
        root.file.problem(
            line,
            format!("{} has the mailbox's own address, {from}", person.name),
            "write the person's own address: nobody is told anything by mail to this mailbox",
        );
    }
    if !delivery.allowed_domains.allow(from) {
        let line = table.text("from").map_or(table.line, |from| from.line);
        root.file.problem(
            line,
            format!("delivery.from = {from} is outside delivery.allowed_domains, so people's replies would leave the council"),
            "write the mailbox's council address, or add its domain to allowed_domains",
        );
    }
    if let (Route::Maildir(inbox), Way::Maildir(outbox)) = (&mailbox.route, &delivery.way)
        && inbox == outbox
    {
        let line = table.text("path").map_or(table.line, |path| path.line);
        root.file.problem(
            line,
            "delivery.path is mailbox.path: what goes out would be taken in again",
            "write another folder, such as path = \"outbox\"",
        );
    }
}
