//! `[retention]`: what is deleted by itself, and above all what is not.

mod support;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

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
        fs::File::options().write(true).open(mail).unwrap().set_modified(SystemTime::now() - DAY * days).unwrap();
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
    assert_eq!(processed(), [younger.clone()]);
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
    assert_eq!(
        mails(&council, ".Needs attention").len(),
        1,
        "a person must see it"
    );
    council.told(&["attention", "dismiss", "1", "--reason", "not an incident"]);
    age(&mails(&council, ".Needs attention"), 400);
    council.told(&["run", "--once"]);
    assert!(mails(&council, ".Needs attention").is_empty());
}
