//! Mailbox and transport as the settings name them.

use std::path::Path;

use crate::config::{Login, Route, Security, Server, Settings, Way};
use crate::mailbox::imap::{Auth, ImapMailbox, ImapSettings};
use crate::mailbox::maildir::MaildirMailbox;
use crate::mailbox::{self, Mailbox};
use crate::net::{self, SignIn, Tls};
use crate::transport::{self, Transport, maildir::Maildir, smtp::Smtp, smtp::SmtpSettings};

/// The mailbox.
///
/// # Errors
/// When it cannot be set up; nothing is connected yet.
pub fn mailbox(settings: &Settings) -> Result<Box<dyn Mailbox>, mailbox::Failure> {
    let of = &settings.mailbox;
    Ok(match &of.route {
        Route::Maildir(path) => Box::new(MaildirMailbox::open(path, &of.processed_folder, &of.attention_folder)?),
        Route::Imap { server, folder } => {
            let tls = Tls::load(server.ca_file.as_deref())?;
            let sign_in = sign_in(&server.login);
            let auth: Auth = sign_in.ok_or_else(|| mailbox::Failure::Refused {
                operation: "sign in",
                server: address(server).to_string(),
                answer: "the settings name no password".into(),
            })?;
            let mut imap = ImapSettings::new(address(server), tls, auth);
            imap.folder = folder.clone();
            imap.processed_folder = of.processed_folder.clone();
            imap.attention_folder = of.attention_folder.clone();
            Box::new(ImapMailbox::new(imap)?)
        }
    })
}

/// The transport.
///
/// # Errors
/// When it cannot be set up; nothing is connected yet.
pub fn transport(settings: &Settings) -> Result<Transport, transport::Failure> {
    Ok(match &settings.delivery.way {
        Way::Maildir(path) => Transport::Maildir(Maildir::open(path)?),
        Way::Smtp(server) => {
            let tls = Tls::load(server.ca_file.as_deref())?;
            Transport::Smtp(Smtp::new(SmtpSettings::new(address(server), tls, sign_in(&server.login))))
        }
    })
}

/// A maildir of the settings is made when it is missing; its parent is there.
///
/// # Errors
/// When it cannot be made.
pub fn make_maildir(path: &Path) -> Result<(), mailbox::Failure> {
    MaildirMailbox::create(path)
}

fn address(server: &Server) -> net::Server {
    let security = match server.security {
        Security::Tls => net::Security::Tls,
        Security::StartTls => net::Security::StartTls,
        Security::Plain => net::Security::None,
    };
    net::Server { host: server.host.clone(), port: server.port, security }
}

fn sign_in(login: &Login) -> Option<SignIn> {
    match login {
        Login::Password { user, password } => {
            Some(SignIn::Password { user: user.clone(), password: net::Secret::new(password.expose()) })
        }
        // OAuth 2 is refused when the settings are read.
        Login::None | Login::OAuth2 { .. } => None,
    }
}
