//! `run` between Dovecot (TLS, IDLE) and Postfix (STARTTLS).

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use need_to_know::clock::{Clock, Stopwatch};

use crate::support::council::*;
use crate::support::dovecot::Dovecot;
use crate::support::eventually;
use crate::support::postfix::Postfix;

/// The mails of one notice in a person's maildir.
fn notices(postfix: &Postfix, address: &str, name: &str) -> Vec<String> {
    let mails = postfix.mails(address).into_iter().map(|mail| String::from_utf8_lossy(&mail).into_owned());
    mails.filter(|mail| header(mail, "X-Notice").as_deref() == Some(name)).collect()
}

fn notice(postfix: &Postfix, address: &str, name: &str) -> String {
    eventually(&format!("{name} for {address}"), || notices(postfix, address, name).pop())
}

fn state(council: &Council, reference: &str, obligation: &str) -> String {
    let incident = council.json(&["show", reference, "--json"]);
    let obligations = incident["obligations"].as_array().unwrap();
    let found = obligations.iter().find(|one| one["id"] == obligation);
    found.map_or(String::new(), |one| one["state"].as_str().unwrap().to_owned())
}

#[test]
fn a_form_is_alerted_answered_decided_and_filed_once() {
    let (dovecot, postfix) = (Dovecot::start(), Postfix::start(&ADDRESSES));
    let council = Council::of_servers(&dovecot, &postfix);
    let daemon = council.start().ready();
    let watch = Stopwatch::start();
    dovecot.deliver(&form_mail(1));
    let alert = notice(&postfix, DIRECTOR, "alert");
    let alerted = watch.elapsed();
    assert!(alerted < Duration::from_secs(5), "the alert took {alerted:?}");
    notice(&postfix, HEAD, "alert");
    notice(&postfix, WORKER, "acknowledgement");
    dovecot.settles(0, 1);
    let filed = dovecot.files(Some("Processed")).remove(0);
    assert!(!filed.to_string_lossy().rsplit(',').next().unwrap().contains('S'), "M3: {}", filed.display());

    // Commands go through the daemon.
    let register = council.json(&["incidents", "--json"]);
    assert_eq!(register.as_array().unwrap().len(), 1);
    let reference = register[0]["reference"].as_str().unwrap().to_owned();
    assert_eq!(header(&alert, "X-Incident-Reference").as_deref(), Some(reference.as_str()));
    assert_eq!(council.json(&["show", &reference, "--json"])["status"], "open");
    council.told(&["verify"]);
    let checked = council.told(&["check"]);
    assert_eq!(checked.lines().filter(|line| line.contains("fine")).count(), 5, "{checked}");

    // The Service Director names an officer by reply.
    assert_eq!(state(&council, &reference, "nomination"), "open");
    let lines = format!("Acknowledged: yes\r\nInvestigator: Priya Raman, {HEAD}");
    dovecot.deliver(&reply(DIRECTOR, MAILBOX, &alert, header(&alert, "Message-ID").as_deref(), &lines));
    notice(&postfix, DIRECTOR, "decision-receipt");
    notice(&postfix, HEAD, "nomination");
    assert_eq!(state(&council, &reference, "nomination"), "met");

    // A second daemon is refused in one line, and the first goes on.
    let second = council.ask(&["run"]);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!((second.status.code(), said.lines().count()), (Some(1), 1), "{said}");

    dovecot.settles(0, 2);
    daemon.stop();
    let before: usize = ADDRESSES.iter().map(|address| postfix.mails(address).len()).sum();

    // Another start does nothing twice, and without a daemon the commands open the store themselves.
    assert_eq!(council.json(&["incidents", "--json"]).as_array().unwrap().len(), 1);
    let daemon = council.start().ready();
    dovecot.deliver(&form_mail(2));
    eventually("the second incident", || {
        (council.json(&["incidents", "--json"]).as_array().unwrap().len() == 2).then_some(())
    });
    eventually("its alerts", || (notices(&postfix, DIRECTOR, "alert").len() == 2).then_some(()));
    eventually("its acknowledgement", || (notices(&postfix, WORKER, "acknowledgement").len() == 2).then_some(()));
    dovecot.settles(0, 3);
    daemon.stop();
    let alerts = notices(&postfix, DIRECTOR, "alert");
    let ids: std::collections::BTreeSet<_> = alerts.iter().map(|mail| header(mail, "Message-ID")).collect();
    assert_eq!((alerts.len(), ids.len()), (2, 2));
    assert!(postfix.mails(DIRECTOR).len() >= 2 && before >= 5);
    council.told(&["verify"]);
}

#[test]
fn m13_a_placeholder_over_imap_is_fetched_again_and_told_once_when_it_is_the_mail_itself() {
    let mut dovecot = Dovecot::start();
    let mut council = Council::of_port_and_maildir(dovecot.port_imap);
    council.is_rehearsal = true;
    council.write();
    council.password(dovecot.password);
    let real = form_mail(1);
    let stub = String::from_utf8(mail_with_document(1, b"Please wait.")).unwrap();
    let name = dovecot.deliver(stub.replace("form.docx", "ATP Scan In Progress.docx").as_bytes());
    let began = Clock::Real.now() + chrono::Duration::minutes(1);
    let kinds = |minutes: i64| {
        let at = began + chrono::Duration::minutes(minutes);
        let before = council.mails("outbox").len();
        council.told(&["run", "--once", "--at", &at.to_rfc3339()]);
        let all = council.mails("outbox");
        let kinds: Vec<String> = all.iter().filter_map(|(_, mail)| header(mail, "X-Notice")).collect();
        (all.len() - before, kinds)
    };
    let (count, told) = kinds(0);
    assert!(count > 0 && !told.contains(&"update".to_owned()), "alerted at once: {told:?}");
    assert_eq!(dovecot.files(None).len(), 1, "it stays where it lies");
    assert_eq!(kinds(2).0, 0, "fetched again, and still none");
    // What the server had noted of the placeholder goes with it.
    dovecot.halt();
    let file = dovecot.files(None).pop().unwrap();
    assert!(file.to_string_lossy().contains(&name));
    std::fs::write(&file, real).unwrap();
    dovecot.forget();
    dovecot.resume();
    let (count, told) = kinds(10);
    assert!(count > 0 && told.contains(&"update".to_owned()), "{told:?}");
    dovecot.settles(0, 1);
    assert_eq!(kinds(30).0, 0, "once");
    assert_eq!(council.json(&["incidents", "--json"]).as_array().unwrap().len(), 1);
    council.told(&["verify"]);
}

#[test]
fn systemd_hears_of_readiness_life_and_stopping() {
    let council = Council::of_maildirs();
    let path = council.folder.path().join("notify.sock");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut heard = String::new();
    let mut hear = |word: &str| {
        let mut bytes = [0; 512];
        while !heard.contains(word) {
            let count = socket.recv(&mut bytes).unwrap_or_else(|error| panic!("{word}: {error}"));
            heard.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    };
    let daemon = council.start_with(|command| {
        command.env("NOTIFY_SOCKET", &path);
    });
    hear("READY=1");
    council.deliver("1.a", &form_mail(1));
    hear("WATCHDOG=1");
    daemon.stop();
    hear("STOPPING=1");
}

#[test]
fn sighup_reads_people_again_and_keeps_the_old_on_an_error() {
    let council = Council::of_maildirs();
    let daemon = council.start().ready();
    let text = council.text();
    std::fs::write(council.config(), text.replace("roles = [\"service_director\"]", "roles = [\"directress\"]"))
        .unwrap();
    daemon.signal("HUP");
    let line = daemon.logs("nothing is changed");
    assert!(line.contains("config.toml:") && daemon.log().contains("directress"), "{line}");
    std::fs::write(council.config(), text.replace(DIRECTOR, "new.director@council.example")).unwrap();
    daemon.signal("HUP");
    daemon.logs("are read again");
    council.deliver("1.a", &form_mail(1));
    let alerted = |address: &str| {
        let mails = council.mails("outbox");
        mails.iter().any(|(_, mail)| {
            header(mail, "X-Notice").as_deref() == Some("alert") && header(mail, "To").unwrap().contains(address)
        })
    };
    eventually("the new director's alert", || alerted("new.director@council.example").then_some(()));
    assert!(!alerted(DIRECTOR));
    // Commands go by what was read again too: the reporting year begins on another day.
    let name = |council: &Council| {
        let out = council.command(&["report"]).current_dir(council.folder.path()).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    assert!(name(&council).contains("-04-01-to-"), "{}", name(&council));
    let text = council.text().replace("[mailbox]", "year_starts = \"09-01\"\n[mailbox]");
    std::fs::write(council.config(), text).unwrap();
    daemon.signal("HUP");
    eventually("the new year", || name(&council).contains("-09-01-to-").then_some(()));
    daemon.stop();
}
