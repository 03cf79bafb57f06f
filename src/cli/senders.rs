//! A line of `check`: whether the mail server vouches for the council's own mail, tried on the mails that came last (M18).
//!
//! Comes in: the settings and the store. Goes out: how many of them it vouches for, and by which names servers wrote where it did for none.
//! A mail keeps what was said when it came; this asks anew, by the name that the settings have now. Nobody's address is shown.

use std::collections::BTreeSet;

use crate::config::{Decisions, Settings};
use crate::message::{self, Authentication, Limits, Message};
use crate::store::{Failure, Store};

/// Mails that are tried.
const MAILS: usize = 20;
/// Bytes of each that are read: headers come first.
const BYTES: u64 = 256 * 1024;

/// What `check` says; `None` without `authserv_id`. An error where no decision by reply could take effect.
pub(super) fn vouched(settings: &Settings, store: &Store) -> Option<Result<String, String>> {
    let server = settings.trust.authserv_id.as_deref()?;
    Some(match own_mails(settings, store) {
        Ok(mails) => said(&mails, server, settings.trust.decisions),
        Err(failure) => Err(super::explained(&failure)),
    })
}

fn said(mails: &[Message], server: &str, decisions: Decisions) -> Result<String, String> {
    let found: Vec<Authentication> = mails.iter().map(|mail| message::authentication(mail, server)).collect();
    let passed = found.iter().filter(|found| found.passes()).count();
    if mails.is_empty() {
        return Ok("no email from your own domains has come yet on which to try authserv_id".into());
    }
    let said = format!("{server} vouches for {passed} of {} emails, the last from your own domains", mails.len());
    if passed > 0 {
        return Ok(said);
    }
    let names: BTreeSet<String> = mails.iter().flat_map(message::authentication_servers).take(60).collect();
    let names = match found.iter().all(|found| *found == Authentication::Absent) {
        true if names.is_empty() => "no server wrote an Authentication-Results header on them".to_owned(),
        true => {
            format!("authserv_id names none of the servers that wrote on them: {}", Vec::from_iter(names).join(", "))
        }
        false => "it found that neither DMARC nor DKIM passed".to_owned(),
    };
    let said = format!("{said}: {names}");
    match decisions {
        Decisions::Reply => Ok(said),
        Decisions::Authenticated => Err(format!("{said}; no decision by reply would take effect")),
    }
}

/// The mails from the council's own domains among those that came last.
fn own_mails(settings: &Settings, store: &Store) -> Result<Vec<Message>, Failure> {
    let ours = &settings.delivery.from.email;
    let mut mails = Vec::new();
    for entry in store.latest_mails(5 * MAILS)? {
        let Some(file) = entry.file.as_deref().filter(|_| mails.len() < MAILS) else { continue };
        let raw = match store.files().read(file, BYTES) {
            Err(Failure::Erased) => continue,
            read => read?,
        };
        let mail = message::parse_beginning(&raw, &Limits::default());
        let own = mail.from.as_ref().is_some_and(|from| {
            settings.delivery.allowed_domains.allow(&from.email) && !from.email.eq_ignore_ascii_case(ours)
        });
        mails.extend(own.then_some(mail));
    }
    Ok(mails)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(headers: &str) -> Message {
        let raw = format!("{headers}From: <worker@council.example>\r\nSubject: x\r\n\r\nx\r\n");
        message::parse(raw.as_bytes(), &Limits::default())
    }

    #[test]
    fn m18_a_server_by_another_name_is_told_of_before_no_decision_takes_effect() {
        let passed = mail("Authentication-Results: mx.council.example; dmarc=pass header.from=council.example\r\n");
        let failed = mail("Authentication-Results: mx.council.example; dmarc=fail header.from=council.example\r\n");
        let mails = [passed, failed, mail("")];
        let authenticated = |server| said(&mails, server, Decisions::Authenticated);
        let right = authenticated("mx.council.example").unwrap();
        assert_eq!(right, "mx.council.example vouches for 1 of 3 emails, the last from your own domains");
        let wrong = authenticated("mail.council.example").unwrap_err();
        assert!(wrong.contains("none of the servers that wrote on them: mx.council.example;"), "{wrong}");
        assert!(said(&mails, "mail.council.example", Decisions::Reply).is_ok(), "decisions need it not");
        let refused = said(&mails[1..2], "mx.council.example", Decisions::Authenticated).unwrap_err();
        assert!(refused.contains("neither DMARC nor DKIM passed"), "{refused}");
        assert!(said(&[], "mx", Decisions::Authenticated).unwrap().contains("has come yet"));
        let silent = said(&mails[2..], "mx", Decisions::Authenticated).unwrap_err();
        assert!(silent.contains("no server wrote"), "{silent}");
    }
}
