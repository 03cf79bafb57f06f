//! Mailbox and transport as the settings name them.

use std::path::Path;

use crate::config::{Access, Route, Settings, Way};
use crate::mailbox::apart::WithApart;
use crate::mailbox::imap::{Auth, ImapMailbox, ImapSettings};
use crate::mailbox::maildir::MaildirMailbox;
use crate::mailbox::{self, Mailbox};
use crate::net::Tls;
use crate::transport::{self, Transport, maildir::Maildir, smtp::Smtp, smtp::SmtpSettings};

/// The mailbox; where the settings name a folder for concerns, that too (I6, W8).
///
/// # Errors
/// When it cannot be set up; nothing is connected yet.
pub fn mailbox(settings: &Settings) -> Result<Box<dyn Mailbox>, mailbox::Failure> {
    let of = &settings.mailbox;
    let concerns = settings.concerns.as_ref().and_then(|concerns| concerns.folder.as_deref());
    let (watched, apart): (Box<dyn Mailbox>, Option<Box<dyn Mailbox>>) = match &of.route {
        Route::Maildir(path) => {
            let watched = MaildirMailbox::open(path, &of.processed_folder, &of.attention_folder)?;
            let apart = concerns.map(|folder| MaildirMailbox::of_concerns(path, folder)).transpose()?;
            (Box::new(watched.with_apart(concerns)?), apart.map(|apart| Box::new(apart) as Box<dyn Mailbox>))
        }
        Route::Imap { access, folder } => {
            let mut watched = imap(access, settings)?;
            let apart = concerns.map(|concerns| {
                let apart = ImapSettings { folder: concerns.to_owned(), ..watched.clone() };
                ImapMailbox::new(apart).map(|apart| Box::new(apart) as Box<dyn Mailbox>)
            });
            watched.folder = folder.clone();
            watched.apart_folder = concerns.map(str::to_owned);
            (Box::new(ImapMailbox::new(watched)?), apart.transpose()?)
        }
    };
    Ok(match apart {
        Some(apart) => Box::new(WithApart::new(watched, apart)),
        None => watched,
    })
}

fn imap(access: &Access, settings: &Settings) -> Result<ImapSettings, mailbox::Failure> {
    let tls = Tls::load(access.ca_file.as_deref())?;
    let auth: Auth = access.sign_in().ok_or_else(|| mailbox::Failure::Refused {
        operation: "sign in",
        server: access.server.to_string(),
        answer: "the settings name no way to sign in".into(),
    })?;
    let mut imap = ImapSettings::new(access.server.clone(), tls, auth);
    imap.processed_folder = settings.mailbox.processed_folder.clone();
    imap.attention_folder = settings.mailbox.attention_folder.clone();
    Ok(imap)
}

/// The transport.
///
/// # Errors
/// When it cannot be set up; nothing is connected yet.
pub fn transport(settings: &Settings) -> Result<Transport, transport::Failure> {
    Ok(match &settings.delivery.way {
        Way::Maildir(path) => Transport::Maildir(Maildir::open(path)?),
        Way::Smtp(access) => smtp(access)?,
    })
}

/// The mail server for notices to the administrator alone, where the settings name one (M26).
///
/// # Errors
/// When it cannot be set up; nothing is connected yet.
pub fn second(settings: &Settings) -> Result<Option<Transport>, transport::Failure> {
    settings.health.smtp.as_ref().map(smtp).transpose()
}

fn smtp(access: &Access) -> Result<Transport, transport::Failure> {
    let tls = Tls::load(access.ca_file.as_deref())?;
    Ok(Transport::Smtp(Smtp::new(SmtpSettings::new(access.server.clone(), tls, access.sign_in()))))
}

/// A maildir of the settings is made when it is missing; its parent is there.
///
/// # Errors
/// When it cannot be made.
pub fn make_maildir(path: &Path) -> Result<(), mailbox::Failure> {
    MaildirMailbox::create(path)
}
