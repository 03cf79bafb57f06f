//! `[retention]`: what is deleted by itself, and above all what is not.

mod support;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use need_to_know::clock::Clock;
use support::council::*;
use support::eventually;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The mails in one of our folders.
fn mails(council: &Council, folder: &str) -> Vec<PathBuf> {
    files_below(&council.folder.path().join("inbox").join(folder).join("cur"))
}

/// Makes mails as old as if they had been received so many days ago.
fn age(mails: &[PathBuf], days: u32) {
    for mail in mails {
        fs::File::options()
            .write(true)
            .open(mail)
            .unwrap()
            .set_modified(SystemTime::from(Clock::Real.now()) - DAY * days)
            .unwrap();
    }
}

#[test]
fn our_folder_is_emptied_of_older_mail_where_that_is_set_and_the_store_keeps_it() {
    let mut council = Council::of_maildirs();
    (1..=2).for_each(|number| council.deliver(&format!("{number}.form"), &form_mail(number)));
    council.told(&["run", "--once"]);
    let processed = || mails(&council, ".Processed");
    let (older, younger) = (processed()[0].clone(), processed()[1].clone());
    age(std::slice::from_ref(&older), 31);
    age(std::slice::from_ref(&younger), 29);
    council.told(&["run", "--once"]);
    assert_eq!(processed().len(), 2, "nothing is deleted by itself");
    council.tables = "[retention]\nprocessed_days = 30\n".into();
    council.write();
    let processed = || mails(&council, ".Processed");
    council.told(&["run", "--once"]);
    assert_eq!(processed(), std::slice::from_ref(&younger));
    age(&[younger], 31);
    let daemon = council.start().ready();
    eventually("the older mail's end", || processed().is_empty().then_some(()));
    daemon.logs("older mail was removed");
    daemon.stop();
    assert_eq!(council.json(&["incidents", "--json"]).as_array().unwrap().len(), 2);
    assert!(council.told(&["verify"]).contains("all as they should be"));
}

#[test]
fn while_a_mail_waits_for_a_person_its_folder_is_left_alone() {
    let mut council = Council::of_maildirs();
    council.tables = "[retention]\nprocessed_days = 30\n".into();
    council.write();
    let odd = "From: Sam Okoro <sam.okoro@council.example>\r\nTo: incidents@council.example\r\nSubject: 5 things you need to know\r\n\
        Message-ID: <odd@council.example>\r\nDate: Mon, 02 Feb 2026 09:00:00 +0000\r\n\r\nFirst of all, the car park is closed.\r\n";
    council.deliver("1.odd", odd.as_bytes());
    council.told(&["run", "--once"]);
    let waiting = mails(&council, ".Needs attention");
    assert_eq!(waiting.len(), 1, "{}", council.told(&["attention"]));
    age(&waiting, 400);
    council.told(&["run", "--once"]);
    assert_eq!(mails(&council, ".Needs attention").len(), 1, "a person must see it");
    council.told(&["attention", "dismiss", "1", "--reason", "not an incident"]);
    age(&mails(&council, ".Needs attention"), 400);
    council.told(&["run", "--once"]);
    assert!(mails(&council, ".Needs attention").is_empty());
}

/// Closes an incident by the director's reply to its alert.
fn close(council: &Council, reference: &str, name: &str, at: &str) {
    let alert = council.mails("outbox").into_iter().map(|(_, mail)| mail).find(|mail| {
        header(mail, "X-Incident-Reference").as_deref() == Some(reference)
            && header(mail, "X-Notice").as_deref() == Some("alert")
            && header(mail, "To").unwrap().contains(DIRECTOR)
    });
    let alert = alert.unwrap();
    let to = header(&alert, "From").unwrap();
    let to = to.split('<').next_back().unwrap().trim_end_matches('>').to_owned();
    let id = header(&alert, "Message-ID").unwrap();
    let shown = council.json(&["show", reference, "--json"]);
    let open =
        shown["obligations"].as_array().unwrap().iter().filter(|one| one["state"] == "open" || one["state"] == "late");
    let waived: String = open.map(|one| format!("Waived: {}; not needed\n", one["id"].as_str().unwrap())).collect();
    let lines = format!("Classification: near miss\n{waived}Close: all is done");
    council.deliver(name, &reply(DIRECTOR, &to, &alert, Some(id.trim_matches(['<', '>'])), &lines));
    let mail = council.folder.path().join("inbox/new").join(name);
    let received = at.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    fs::File::options().write(true).open(mail).unwrap().set_modified(received.into()).unwrap();
    council.told(&["run", "--once", "--at", at]);
}

fn status(council: &Council, reference: &str) -> String {
    council.json(&["show", reference, "--json"])["status"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_over_is_erased_after_its_years_when_quality_assurance_has_known_for_a_month() {
    let mut council = Council::of_maildirs();
    council.is_rehearsal = true;
    council.write();
    for number in 1..=4 {
        council.deliver(&format!("{number}.form"), &form_mail(number));
    }
    for mail in files_below(&council.folder.path().join("inbox/new")) {
        let received = "2026-02-02T09:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        fs::File::options().write(true).open(mail).unwrap().set_modified(received.into()).unwrap();
    }
    let run = |council: &Council, at: &str| drop(council.told(&["run", "--once", "--at", at]));
    run(&council, "2026-02-02T10:00:00Z");
    let register = council.json(&["incidents", "--json"]);
    let all: Vec<String> =
        register.as_array().unwrap().iter().map(|line| line["reference"].as_str().unwrap().to_owned()).collect();
    let [ended, held, open, other] = &all[..] else { panic!("{all:?}") };
    close(&council, ended, "close-1", "2026-02-03T10:00:00Z");
    close(&council, held, "close-2", "2026-02-03T11:00:00Z");
    close(&council, other, "close-3", "2026-02-03T12:00:00Z");
    assert_eq!((status(&council, ended).as_str(), status(&council, open).as_str()), ("closed", "open"));
    // Set only now: what is closed already has its time as well.
    council.tables = "[retention]\nnear_miss_years = 1\nserious_years = 1\nunclassified_years = 1\n".into();
    council.write();
    run(&council, "2026-12-01T10:00:00Z");
    assert!(
        council.told(&["hold"]).contains(&format!("{ended}  its time ends on 03/02/2027")),
        "{}",
        council.told(&["hold"])
    );
    let told = |council: &Council| {
        let to_quality =
            |mail: &String| header(mail, "To").is_some_and(|to| to.contains(QUALITY)) && mail.contains("erased after");
        council.mails("outbox").into_iter().map(|(_, mail)| mail).filter(to_quality).collect::<Vec<_>>()
    };
    assert!(told(&council).is_empty());
    council.told(&["hold", held, "--reason", "a review is under way"]);
    run(&council, "2027-01-10T10:00:00Z");
    let words = told(&council);
    assert_eq!(words.len(), 1, "once, of both");
    assert!(
        words[0].contains(ended) && words[0].contains(other) && !words[0].contains(held) && !words[0].contains(open)
    );
    // The time is over, but nobody has known of it for a month.
    run(&council, "2027-02-05T10:00:00Z");
    assert_eq!(status(&council, ended), "closed");
    run(&council, "2027-02-09T11:00:00Z");
    let shown = council.json(&["show", ended, "--json"]);
    assert_eq!((shown["status"].as_str(), shown["timeline"][0]["by"].as_str()), (Some("erased"), Some("need-to-know")));
    assert_eq!((status(&council, other).as_str(), status(&council, held).as_str()), ("erased", "closed"));
    assert_eq!(status(&council, open), "open", "never what is open");
    let refused = council.ask(&["erase", held, "--reason", "x", "--yes"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is held by"), "{refused:?}");
    // Let go, it is told anew and goes a month later.
    council.told(&["hold", held, "--end"]);
    run(&council, "2027-02-10T10:00:00Z");
    assert_eq!((told(&council).len(), status(&council, held).as_str()), (2, "closed"));
    run(&council, "2027-03-13T10:00:00Z");
    assert_eq!(status(&council, held), "erased");
    assert!(council.told(&["verify"]).contains("all as they should be"));
    let mailbox = files_below(&council.folder.path().join("inbox"));
    let left =
        mailbox.iter().filter_map(|file| fs::read_to_string(file).ok()).filter(|mail| mail.contains("<form-")).count();
    assert_eq!(left, 1, "the mails of the open one alone");
}
