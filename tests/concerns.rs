//! What is a concern and what is passed on of it, over whole mails (I6, W1, W2): ordinary mail stays what it is, twenty concerns are
//! found wherever they are sent to, and nothing of who wrote them is in what goes on.

use std::fs;
use std::path::{Path, PathBuf};

use need_to_know::concern::clean::passed_on;
use need_to_know::concern::recognise::{Known, Places, Recognised, recognise};
use need_to_know::forms::{self, Wordings, is_need_to_know_subject};
use need_to_know::intake;
use need_to_know::message::{self, Limits, Message};

const INCIDENTS: &str = "incidents@council.example";

fn places() -> Places {
    Places { address: Some("speakup@council.example".into()), officers: vec!["officer@council.example".into()] }
}

fn found(message: &Message) -> Option<Recognised> {
    let reading = forms::read(message, &Wordings::default(), &Limits::default());
    let filled = reading.forms.iter().any(|form| intake::answers(form) > 0);
    let reports = filled || is_need_to_know_subject(&message.subject);
    recognise(message, Known { reports, ..Known::default() }, &places())
}

fn mails(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml")).collect()
}

/// The samples of the project, and the larger collection where it stands beside it: reports, replies, bounces, newsletters, chat.
#[test]
fn i6_ordinary_mail_is_no_concern() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = mails(&root.join("tests/corpus"));
    assert!(own.len() > 3, "the samples were not found");
    let beside = ["mails", "formats"].map(|name| mails(&root.join("../shared/corpus").join(name)));
    let all: Vec<PathBuf> = own.into_iter().chain(beside.into_iter().flatten()).collect();
    for path in &all {
        let message = message::parse(&fs::read(path).unwrap(), &Limits::default());
        let why = found(&message);
        assert!(why.is_none(), "{}: {why:?}", path.display());
    }
    eprintln!("{} mails, none taken for a concern", all.len());
}

/// One of twenty writers with a name, a login and a number of their own, and what the mail carries of them.
fn concern(number: usize) -> (String, [String; 5]) {
    let first = ["Zofia", "Quentin", "Ottoline", "Bexley", "Thaddeus"][number % 5];
    let last = format!("{}ford", ["Wyver", "Hask", "Penro", "Tull"][number / 5]);
    let login = format!("zz{number}{}", last.to_lowercase());
    let phone = format!("07700 9{number:05}");
    let of_them = [first.to_owned(), last.clone(), login.clone(), phone.clone(), format!("{first}s Handset")];
    let (to, subject, opening) = match number % 4 {
        0 => ("speakup@council.example", "Something I saw", "Please read this."),
        1 => (INCIDENTS, "Need To Know", "This is a protected disclosure."),
        2 => (INCIDENTS, "Whistleblowing", "Please read this."),
        _ => ("officer@council.example", "May I write to you?", "I do not know whom else to tell."),
    };
    let raw = format!(
        "From: {first} {last} <{login}@council.example>\r\nTo: {to}\r\nX-Mailer: {first}s Handset\r\n\
         Subject: {subject} ({last})\r\nMessage-ID: <{login}@council.example>\r\n\r\n{opening}\r\nI am {first}, ring {phone}. \
         Director Hale changed record {number} about a child who was hurt.\r\n\r\nRegards\r\n{first} {last}\r\n"
    );
    (raw, of_them)
}

#[test]
fn w1_twenty_concerns_are_found_wherever_they_are_sent_to() {
    for number in 0..20 {
        let message = message::parse(concern(number).0.as_bytes(), &Limits::default());
        let found = found(&message).unwrap_or_else(|| panic!("concern {number} would go to the directors"));
        assert!(found.child_at_risk, "{number}: W3's hour runs");
        assert_eq!(found.is_doubtful(), number % 4 == 3, "{number}");
    }
}

#[test]
fn w2_nothing_of_twenty_writers_goes_on() {
    for number in 0..20 {
        let (raw, of_them) = concern(number);
        let passed = passed_on(&message::parse(raw.as_bytes(), &Limits::default()), &[]);
        let all = format!("{passed:?}").to_lowercase();
        for word in of_them.iter().map(|word| word.to_lowercase()).chain(["council.example".to_owned()]) {
            assert!(!all.contains(&word), "{number}: {word}: {all}");
        }
        assert!(passed.text.contains(&format!("Director Hale changed record {number} about a child who was hurt.")));
    }
}
