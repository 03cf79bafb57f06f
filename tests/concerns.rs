//! Concerns (I6, W1–W8), over whole mails and with the real program: ordinary mail stays what it is, twenty concerns are found wherever
//! they are sent to, nothing of who wrote them is in what goes on, and nobody but the whistleblowing officer hears of them.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use need_to_know::concern::clean::cleaned;
use need_to_know::concern::recognise::{Known, Places, Recognised, recognise};
use need_to_know::forms::{self, Wordings, is_need_to_know_subject};
use need_to_know::intake;
use need_to_know::message::{self, Limits, Message};

use support::council::*;

const INCIDENTS: &str = "incidents@council.example";
const OFFICER: &str = "wren.hartley@council.example";
const DEPUTY: &str = "ines.marlow@council.example";
const DUTY: &str = "duty.team@council.example";
const SENDER: &str = "quill.feather@council.example";
const SPEAK_UP: &str = "speakup@council.example";

fn places() -> Places {
    Places {
        address: Some("speakup@council.example".into()),
        officers: vec!["officer@council.example".into()],
        mailbox: INCIDENTS.into(),
    }
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
        let passed = cleaned(&message::parse(raw.as_bytes(), &Limits::default()), &[]);
        let all = format!("{passed:?}").to_lowercase();
        for word in of_them.iter().map(|word| word.to_lowercase()).chain(["council.example".to_owned()]) {
            assert!(!all.contains(&word), "{number}: {word}: {all}");
        }
        assert!(passed.text.contains(&format!("Director Hale changed record {number} about a child who was hurt.")));
    }
}

/// A council with a whistleblowing officer, who has a deputy for August.
fn council(concerns: &str) -> Council {
    let mut council = Council::of_maildirs();
    council.is_rehearsal = true;
    council.tables = format!(
        "[concerns]\n{concerns}\nchild_protection = \"{DUTY}\"\n[[people]]\nname = \"Wren Hartley\"\nemail = \"{OFFICER}\"\n\
         phone = \"01234 000009\"\nroles = [\"whistleblowing_officer\"]\n\
         absent = {{ from = 2026-08-01, to = 2026-08-14, deputy = \"{DEPUTY}\" }}\n"
    );
    council.write();
    council
}

fn by_address() -> Council {
    council(&format!("address = \"{SPEAK_UP}\""))
}

/// Delivers a mail with its receipt.
fn deliver(council: &Council, name: &str, at: &str, raw: &[u8]) {
    deliver_into(&council.folder.path().join("inbox"), name, at, raw);
}

fn deliver_into(maildir: &Path, name: &str, at: &str, raw: &[u8]) {
    for part in ["new", "cur", "tmp"] {
        fs::create_dir_all(maildir.join(part)).unwrap();
    }
    let path = maildir.join("new").join(name);
    fs::write(&path, raw).unwrap();
    let received = at.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(received.into()).unwrap();
}

fn run(council: &Council, at: &str) {
    council.told(&["run", "--once", "--at", at]);
}

/// A message of a night worker about a director, with a picture.
fn disclosure(to: &str) -> Vec<u8> {
    format!(
        "From: Quill Feather <{SENDER}>\r\nTo: {to}\r\nSubject: Elm House\r\nMessage-ID: <1@council.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nThis is a protected disclosure. Morag Ellis told us to shred the \
         marmalade ledger after a child was hurt in room 12.\r\n\r\nRegards,\r\nQuill Feather\r\n--b\r\nContent-Type: image/jpeg\r\n\
         Content-Disposition: attachment; filename=quill.jpg\r\n\r\nExif of Quill\r\n--b--\r\n"
    )
    .into_bytes()
}

/// The emails that were sent: notice, to whom, all of it.
fn sent(council: &Council) -> Vec<(String, String, String)> {
    let mails = council.mails("outbox").into_iter().map(|(_, mail)| mail);
    let mut sent: Vec<_> = mails
        .map(|mail| {
            let to = header(&mail, "To").unwrap();
            let to = to.split('<').next_back().unwrap().trim_end_matches('>').to_owned();
            (header(&mail, "X-Notice").unwrap(), to, mail.replace("=\r\n", ""))
        })
        .collect();
    sent.sort();
    sent
}

fn kinds(sent: &[(String, String, String)]) -> Vec<(&str, &str)> {
    sent.iter().map(|(kind, to, _)| (kind.as_str(), to.as_str())).collect()
}

/// A reply to the last email of a kind to somebody.
fn replied(council: &Council, kind: &str, to: &str, name: &str, at: &str, lines: &str) {
    let sent = sent(council);
    let (_, _, mail) = sent.iter().rfind(|(one, whom, _)| one == kind && whom == to).expect("such an email");
    let raw = format!(
        "From: <{to}>\r\nTo: <{MAILBOX}>\r\nSubject: Re\r\nMessage-ID: <{name}@council.example>\r\n\r\n{lines}\r\n\r\n> {}\r\n",
        reply_code(mail)
    );
    deliver(council, name, at, raw.as_bytes());
    run(council, at);
}

#[test]
fn w1_w4_w8_a_concern_about_a_director_reaches_the_officer_alone_and_is_nowhere_else() {
    let council = by_address();
    deliver(&council, "1", "2026-02-02T09:00:00Z", &disclosure(SPEAK_UP));
    deliver(&council, "2", "2026-02-02T09:01:00Z", &form_mail(1));
    run(&council, "2026-02-02T09:30:00Z");
    let all = sent(&council);
    let of_concern: Vec<_> = all.iter().filter(|(kind, ..)| kind.starts_with("concern")).cloned().collect();
    assert_eq!(kinds(&of_concern), [("concern", OFFICER), ("concern-receipt", SENDER)]);
    for (kind, to, mail) in &all {
        let is_of_it = mail.contains("marmalade") || mail.contains("Elm House");
        assert_eq!(is_of_it, to == OFFICER, "{kind} to {to}");
    }
    let (_, _, told) = &of_concern[0];
    for of_sender in ["Quill", "Feather", SENDER, "quill", "Exif", "Regards"] {
        assert!(!told.contains(of_sender), "{of_sender}: {told}");
    }
    assert!(header(told, "Subject").unwrap().ends_with("In confidence, urgent: message 1"));
    assert!(header(told, "X-Incident-Reference").is_none() && header(told, "In-Reply-To").is_none());
    let (_, _, receipt) = &of_concern[1];
    assert!(header(receipt, "Subject").unwrap().ends_with("We have your message"));
    for said in ["999", "01234 000001", "NSPCC", "0300 123 3155", "union", "Protect"] {
        assert!(receipt.contains(said), "{said}: {receipt}");
    }
    // W8, and the register, the list of mails for people, the counts and the ledger know nothing of it.
    assert!(files_below(&council.folder.path().join("inbox")).iter().all(|path| {
        let text = fs::read_to_string(path).unwrap_or_default();
        !text.contains("marmalade")
    }));
    let register = council.told(&["incidents", "--json"]);
    assert!(register.contains("SI-2026-0001") && !register.contains("SI-2026-0002"));
    for asked in [&["incidents"][..], &["attention"], &["status"], &["audit"], &["verify"], &["show", "SI-2026-0001"]] {
        let output = council.ask(asked);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).to_lowercase();
        for word in ["concern", "marmalade", "disclosure", "quill", "whistle"] {
            assert!(!said.contains(word), "{asked:?}: {word}: {said}");
        }
    }
    let person = council.ask(&["export", "--person", "Quill Feather"]);
    assert!(!String::from_utf8_lossy(&person.stdout).contains("oncern"));
    // Nothing of it lies open, here or in a backup.
    let backup = council.folder.path().join("backup");
    council.told(&["backup", backup.to_str().unwrap()]);
    let mut places = files_below(&council.store);
    places.extend([backup.clone(), backup.with_extension("keys")]);
    for path in places {
        let bytes = fs::read(&path).unwrap();
        for word in ["marmalade", "Quill", "quill.feather", "Hartley", "wren.hartley"] {
            let is_there = bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()));
            assert!(!is_there, "{}: {word}", path.display());
        }
    }
    // What is sealed for the officer is not opened without that key, in the store nor in the backup.
    let shown = council.told(&["concerns", "show", "1"]);
    assert!(shown.contains("marmalade ledger") && !shown.contains("uill"), "{shown}");
    let key = council.folder.path().join("store.concerns-key");
    let away = council.folder.path().join("elsewhere.key");
    fs::rename(&key, &away).unwrap();
    let refused = council.ask(&["incidents"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("concerns"));
    fs::rename(&away, &key).unwrap();
    let other = council.ask(&["concerns", "--key", council.store_key().to_str().unwrap()]);
    assert!(!other.status.success() && String::from_utf8_lossy(&other.stderr).contains("not the concerns' key"));
}

#[test]
fn w2_w5_w7_the_officer_decides_asks_back_and_whoever_wrote_stays_unnamed_until_they_say_otherwise() {
    let council = by_address();
    deliver(&council, "1", "2026-02-02T09:00:00Z", &disclosure(SPEAK_UP));
    run(&council, "2026-02-02T09:05:00Z");
    let lines = "Child at risk: no\nQualifying: yes\nFurther action: yes\nIdentity may be shared: yes\n\
                 Message to sender: Which night was it?\n\nKind regards\nWren Hartley\nWhistleblowing Officer\n01234 000009";
    replied(&council, "concern", OFFICER, "2", "2026-02-02T09:20:00Z", lines);
    let all = sent(&council);
    let asked = all.iter().find(|(kind, to, _)| kind == "concern" && to == SENDER).unwrap();
    assert!(asked.2.contains("Which night was it?") && !asked.2.contains(OFFICER));
    assert!(!asked.2.contains("Hartley") && !asked.2.contains("000009") && !asked.2.contains("Officer"), "{}", asked.2);
    let receipt = all.iter().find(|(kind, to, _)| kind == "concern-receipt" && to == OFFICER).unwrap();
    assert!(receipt.2.contains("Only the person who raised the concern"), "{}", receipt.2);
    // The answer goes to the officer without a name.
    replied(&council, "concern", SENDER, "3", "2026-02-02T10:00:00Z", "On Tuesday.\n\nRegards\nQuill Feather");
    let more = sent(&council).into_iter().rfind(|(_, to, mail)| to == OFFICER && mail.contains("On Tuesday.")).unwrap();
    assert!(!more.2.contains("Quill") && !more.2.contains(SENDER), "{}", more.2);
    replied(&council, "concern", SENDER, "4", "2026-02-02T10:30:00Z", "Identity may be shared: yes");
    let named = sent(&council).into_iter().rfind(|(_, to, mail)| to == OFFICER && mail.contains(SENDER));
    assert!(named.is_some(), "the officer may know now");
    let others: Vec<_> = sent(&council).into_iter().filter(|(_, to, _)| ![OFFICER, SENDER].contains(&&**to)).collect();
    assert!(others.is_empty(), "{:?}", kinds(&others));
    replied(&council, "concern", OFFICER, "5", "2026-02-02T11:00:00Z", "Close: passed to the LADO");
    let listed = council.json(&["concerns", "list", "--json"]);
    assert_eq!((&listed[0]["qualifying"], &listed[0]["closed"]), (&true.into(), &true.into()), "{listed}");
    let figures = council.json(&["concerns", "figures", "--from", "2025-04-01", "--to", "2026-03-31", "--json"]);
    assert_eq!((&figures["received"], &figures["acted_on"]), (&1.into(), &1.into()));
    let csv = council.folder.path().join("csv");
    council.told(&["report", "--from", "2025-04-01", "--to", "2026-03-31", "--csv", csv.to_str().unwrap()]);
    let table = fs::read_to_string(csv.join("concerns.csv")).unwrap();
    assert!(table.contains("1–4") && !table.contains(",1\r\n"), "{table}");
    for path in files_below(&council.folder.path().join("inbox")) {
        assert!(path.ends_with("maildirfolder"), "W8: {}", path.display());
    }
}

#[test]
fn w3_a_child_at_risk_is_passed_on_at_once_and_after_an_hour_without_an_answer_somebody_is_to_ring() {
    let council = by_address();
    deliver(&council, "1", "2026-02-02T09:00:00Z", &disclosure(SPEAK_UP));
    run(&council, "2026-02-02T09:59:59Z");
    assert_eq!(kinds(&sent(&council)), [("concern", OFFICER), ("concern-receipt", SENDER)]);
    // The deputy is told first, who stands in by the settings, though not today.
    run(&council, "2026-02-02T10:00:00Z");
    let ring = sent(&council).into_iter().find(|(_, to, _)| to == DEPUTY).unwrap().2;
    assert!(ring.contains("Wren Hartley, 01234 000009") && !ring.contains("marmalade"), "{ring}");
    run(&council, "2026-02-02T10:59:59Z");
    assert!(sent(&council).iter().all(|(_, to, _)| to != DUTY));
    run(&council, "2026-02-02T11:00:00Z");
    let ring = sent(&council).into_iter().find(|(_, to, _)| to == DUTY).unwrap().2;
    assert!(ring.contains("01234 000009") && !ring.contains("marmalade"), "{ring}");
    replied(
        &council,
        "concern",
        OFFICER,
        "2",
        "2026-02-02T11:10:00Z",
        "Child at risk: Ali, 4, of Elm House,\nroom 12.",
    );
    let facts = sent(&council).into_iter().rfind(|(_, to, mail)| to == DUTY && mail.contains("room 12.")).unwrap().2;
    assert!(facts.contains("Ali, 4, of Elm House,") && !facts.contains("uill") && !facts.contains("marmalade"));
    let before = sent(&council).len();
    run(&council, "2026-02-05T12:00:00Z");
    assert_eq!(sent(&council).len(), before, "nothing more is asked");
}

#[test]
fn w3_an_answer_within_the_hour_stops_the_ringing() {
    let council = by_address();
    deliver(&council, "1", "2026-02-02T09:00:00Z", &disclosure(SPEAK_UP));
    run(&council, "2026-02-02T09:05:00Z");
    replied(&council, "concern", OFFICER, "2", "2026-02-02T09:59:00Z", "Child at risk: no");
    run(&council, "2026-02-03T12:00:00Z");
    assert!(sent(&council).iter().all(|(_, to, _)| to != DEPUTY && to != DUTY), "{:?}", kinds(&sent(&council)));
}

#[test]
fn w1_while_the_officer_is_away_the_deputy_has_it_and_nobody_else() {
    let council = by_address();
    deliver(&council, "1", "2026-08-03T09:00:00Z", &disclosure(MAILBOX));
    run(&council, "2026-08-03T09:05:00Z");
    assert_eq!(kinds(&sent(&council)), [("concern", DEPUTY), ("concern-receipt", SENDER)]);
    replied(&council, "concern", DEPUTY, "2", "2026-08-03T09:20:00Z", "Qualifying: no");
    assert_eq!(council.json(&["concerns", "--json"])[0]["qualifying"], false);
}

#[test]
fn w8_what_lies_in_the_folder_for_concerns_is_one_and_what_comes_elsewhere_goes_there() {
    let council = council("folder = \"Concerns\"");
    let concerns = council.folder.path().join("inbox/.Concerns");
    let plain = |number: usize| {
        format!(
            "From: Quill Feather <{SENDER}>\r\nTo: {MAILBOX}\r\nSubject: A word\r\nMessage-ID: <{number}@council.example>\r\n\r\n\
             Can we talk about the marmalade?\r\n"
        )
    };
    deliver_into(&concerns, "1", "2026-02-02T09:00:00Z", plain(1).as_bytes());
    deliver(&council, "2", "2026-02-02T09:01:00Z", &disclosure(MAILBOX));
    deliver(&council, "3", "2026-02-02T09:02:00Z", plain(3).as_bytes());
    for at in ["2026-02-02T09:05:00Z", "2026-02-02T09:06:00Z"] {
        run(&council, at);
        let of_officer = sent(&council).into_iter().filter(|(_, to, _)| to == OFFICER).count();
        assert_eq!(of_officer, 2, "the folder's and the disclosure, each once");
    }
    let lies_in = |folder: &Path| files_below(&folder.join("cur")).len() + files_below(&folder.join("new")).len();
    assert_eq!((lies_in(&concerns), lies_in(&council.folder.path().join("inbox"))), (2, 0));
    assert_eq!(lies_in(&council.folder.path().join("inbox/.Processed")), 1, "what is no concern");
    assert_eq!(council.json(&["concerns", "--json"]).as_array().unwrap().len(), 2);
}

#[test]
fn w1_w2_of_twenty_concerns_nothing_lies_open_and_nothing_of_their_writers_is_in_any_email_but_their_own() {
    let council = by_address();
    for number in 0..20 {
        let raw = concern(number).0.replace("officer@council.example", OFFICER);
        deliver(&council, &format!("c{number}"), "2026-02-02T09:00:00Z", raw.as_bytes());
    }
    let output = council.command(&["run", "--once", "--at", "2026-02-02T09:05:00Z"]).env("RUST_LOG", "trace").output();
    let output = output.unwrap();
    let log = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{log}");
    assert_eq!(council.json(&["concerns", "--json"]).as_array().unwrap().len(), 20);
    assert_eq!(council.json(&["incidents", "--json"]).as_array().unwrap().len(), 0);
    let backup = council.folder.path().join("backup");
    council.told(&["backup", backup.to_str().unwrap()]);
    let mut places: Vec<Vec<u8>> =
        [backup.clone(), backup.with_extension("keys")].map(|path| fs::read(path).unwrap()).into();
    places.extend(files_below(&council.store).iter().map(|path| fs::read(path).unwrap()));
    assert!(log.contains("DEBUG") || log.contains("INFO"), "a log to look at: {log}");
    places.push(log.into_bytes());
    let emails = sent(&council);
    for number in 0..20 {
        let (_, of_them) = concern(number);
        let known = of_them.iter().cloned().chain([format!("changed record {number} about"), "Director Hale".into()]);
        for word in known {
            let is_in = |bytes: &Vec<u8>| bytes.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!places.iter().any(is_in), "{word} lies open");
        }
        for (kind, to, mail) in emails.iter().filter(|(_, to, _)| *to != format!("{}@council.example", of_them[2])) {
            assert!(!of_them[1..4].iter().any(|word| mail.contains(word.as_str())), "{kind} to {to}: {mail}");
        }
    }
}

/// What Exchange puts in a mail's place for a while.
fn placeholder() -> Vec<u8> {
    format!(
        "From: Quill Feather <{SENDER}>\r\nTo: {SPEAK_UP}\r\nSubject: Retrieval using the IMAP4 protocol failed for the following message: 17\r\n\
         Message-ID: <1@council.example>\r\nContent-Type: text/plain\r\n\r\nThe server couldn't retrieve the following message:\r\n"
    )
    .into_bytes()
}

#[test]
fn w8_m13_a_placeholder_is_kept_until_the_concern_itself_is_there() {
    let council = by_address();
    let inbox = council.folder.path().join("inbox");
    let at = "2026-02-02T09:00:00Z";
    deliver(&council, "1", at, &placeholder());
    run(&council, "2026-02-02T09:01:00Z");
    assert_eq!(files_below(&inbox.join("new")).len() + files_below(&inbox.join("cur")).len(), 1, "not removed");
    assert!(council.told(&["attention"]).to_lowercase().contains("no mail"), "{}", council.told(&["attention"]));
    assert_eq!(kinds(&sent(&council)), [("concern", OFFICER), ("concern-receipt", SENDER)]);
    // The server puts the mail itself in its place.
    for path in files_below(&inbox.join("new")).into_iter().chain(files_below(&inbox.join("cur"))) {
        fs::remove_file(path).unwrap();
    }
    deliver(&council, "1", at, &disclosure(SPEAK_UP));
    run(&council, "2026-02-02T09:05:00Z");
    let told = sent(&council).into_iter().filter(|(_, to, mail)| to == OFFICER && mail.contains("marmalade")).count();
    assert_eq!(told, 1);
    assert!(files_below(&inbox).iter().all(|path| path.ends_with("maildirfolder")), "{:?}", files_below(&inbox));
}

#[test]
fn w1_what_was_taken_in_before_and_is_put_into_the_folder_for_concerns_becomes_one() {
    let council = council("folder = \"Concerns\"");
    deliver(&council, "1", "2026-02-02T09:00:00Z", &form_mail(1));
    run(&council, "2026-02-02T09:05:00Z");
    assert!(sent(&council).iter().all(|(_, to, _)| to != OFFICER));
    deliver_into(&council.folder.path().join("inbox/.Concerns"), "1", "2026-02-02T09:00:00Z", &form_mail(1));
    run(&council, "2026-02-02T09:10:00Z");
    assert_eq!(sent(&council).iter().filter(|(_, to, _)| to == OFFICER).count(), 1);
    assert_eq!(council.json(&["concerns", "--json"]).as_array().unwrap().len(), 1);
}

#[test]
fn w1_erasing_an_incident_that_a_concern_names_leaves_the_concern() {
    let council = by_address();
    deliver(&council, "1", "2026-02-02T09:00:00Z", &form_mail(1));
    let concern = String::from_utf8(disclosure(SPEAK_UP)).unwrap().replace("room 12", "SI-2026-0001");
    deliver(&council, "2", "2026-02-02T09:01:00Z", concern.as_bytes());
    run(&council, "2026-02-02T09:05:00Z");
    council.told(&["erase", "SI-2026-0001", "--reason", "a test", "--yes"]);
    assert!(council.told(&["concerns", "show", "1"]).contains("SI-2026-0001"));
    assert!(council.told(&["verify"]).contains("all as they should be"));
}

#[test]
fn w3_what_the_sender_writes_again_is_read_and_begins_the_hour_anew() {
    let council = by_address();
    let raw = String::from_utf8(disclosure(SPEAK_UP)).unwrap().replace("a child was hurt", "the rota was changed");
    deliver(&council, "1", "2026-02-02T09:00:00Z", raw.as_bytes());
    run(&council, "2026-02-02T09:05:00Z");
    replied(&council, "concern", OFFICER, "2", "2026-02-02T09:20:00Z", "I am on leave until Monday.");
    run(&council, "2026-02-02T12:00:00Z");
    let rung = || sent(&council).iter().filter(|(_, to, _)| to == DEPUTY || to == DUTY).count();
    assert_eq!(rung(), 0, "nothing spoke of a risk");
    let urgent = "Child at risk: Tom is being beaten by his carer at 4 Elm Road now";
    replied(&council, "concern-receipt", SENDER, "3", "2026-02-02T13:00:00Z", urgent);
    let all = sent(&council);
    let more = all.iter().rfind(|(_, to, mail)| to == OFFICER && mail.contains("4 Elm Road")).expect("it goes on");
    assert!(header(&more.2, "Subject").unwrap().contains("urgent"));
    assert!(all.iter().all(|(_, _, mail)| !mail.contains("Only the whistleblowing officer")));
    replied(&council, "concern", OFFICER, "4", "2026-02-02T13:10:00Z", "Qualifying: no");
    run(&council, "2026-02-02T13:59:59Z");
    assert_eq!(rung(), 0);
    run(&council, "2026-02-02T14:00:00Z");
    assert_eq!(rung(), 1, "neither a reply without lines nor another line answers for the child");
    let refused = "Child at risk: no, not yet known - ask me tomorrow";
    replied(&council, "concern", OFFICER, "5", "2026-02-02T14:10:00Z", refused);
    assert!(sent(&council).iter().all(|(_, to, mail)| to != DUTY || !mail.contains("tomorrow")));
}

#[test]
fn w1_i7_what_machines_answer_and_what_comes_twice_is_kept_apart_and_brings_no_second_word() {
    let council = by_address();
    deliver(&council, "1", "2026-02-02T09:00:00Z", &disclosure(SPEAK_UP));
    run(&council, "2026-02-02T09:05:00Z");
    let all = sent(&council);
    let (_, _, mail) = all.iter().find(|(kind, ..)| kind == "concern").unwrap();
    let head = format!("From: <{OFFICER}>\r\nTo: <{MAILBOX}>\r\n");
    let code = reply_code(mail);
    let away = format!(
        "{head}Subject: Automatic reply\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <2@council.example>\r\n\r\nI am away. {code}\r\n"
    );
    deliver(&council, "2", "2026-02-02T09:06:00Z", away.as_bytes());
    deliver(&council, "3", "2026-02-02T09:07:00Z", &disclosure(SPEAK_UP));
    run(&council, "2026-02-02T09:10:00Z");
    assert_eq!(sent(&council).len(), 2, "{:?}", kinds(&sent(&council)));
    let bounce = format!(
        "From: <MAILER-DAEMON@council.example>\r\nTo: <{MAILBOX}>\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Message-ID: <4@council.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\n\r\nNot delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n\
         Final-Recipient: rfc822; {OFFICER}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{mail}\r\n--b--\r\n"
    );
    deliver(&council, "4", "2026-02-02T09:11:00Z", bounce.as_bytes());
    run(&council, "2026-02-02T09:12:00Z");
    let told = sent(&council);
    assert_eq!(told.iter().filter(|(_, to, _)| to == DEPUTY).count(), 1, "who stands in has it: {:?}", kinds(&told));
    assert!(told.iter().all(|(_, to, _)| [OFFICER, DEPUTY, SENDER].contains(&to.as_str())), "{:?}", kinds(&told));
    assert!(council.told(&["verify"]).contains("all as they should be"));
    assert_eq!(files_below(&council.store.join("files")).len(), 3, "the copies under the store's own key are gone");
    for path in files_below(&council.folder.path().join("inbox")) {
        assert!(path.ends_with("maildirfolder"), "W8: {}", path.display());
    }
}

#[test]
fn w1_an_erased_concern_is_gone_from_the_store_and_from_an_older_backup_with_newer_keys() {
    let council = by_address();
    for number in 1..=2 {
        let raw = String::from_utf8(disclosure(SPEAK_UP)).unwrap().replace("<1@", &format!("<{number}@"));
        deliver(&council, &number.to_string(), "2026-02-02T09:00:00Z", raw.as_bytes());
    }
    run(&council, "2026-02-02T09:05:00Z");
    let folder = council.folder.path();
    let (older, newer) = (folder.join("older"), folder.join("newer"));
    council.told(&["backup", older.to_str().unwrap()]);
    let other = council.ask(&[
        "concerns",
        "erase",
        "1",
        "--reason",
        "x",
        "--yes",
        "--key",
        council.store_key().to_str().unwrap(),
    ]);
    assert!(!other.status.success());
    council.told(&["concerns", "erase", "1", "--reason", "its time is over", "--yes"]);
    council.told(&["backup", newer.to_str().unwrap()]);
    for is_restored in [false, true] {
        if is_restored {
            fs::remove_dir_all(&council.store).unwrap();
            let keys = newer.with_extension("keys");
            council.told(&["restore", older.to_str().unwrap(), "--keys", keys.to_str().unwrap()]);
        }
        assert!(!council.ask(&["concerns", "show", "1"]).status.success(), "restored: {is_restored}");
        assert!(council.told(&["concerns", "show", "2"]).contains("marmalade"));
        assert!(council.told(&["verify"]).contains("all as they should be"));
        assert_eq!(council.json(&["concerns", "--json"]).as_array().unwrap().len(), 1);
    }
}

#[test]
fn w8_on_a_mail_server_a_concern_is_gone_from_every_folder_or_lies_in_its_own() {
    for folder in [None, Some("Concerns")] {
        let dovecot = support::dovecot::Dovecot::start();
        let mut council = Council::of_dovecot_and_maildir(&dovecot);
        let folder_line = folder.map(|folder| format!("folder = \"{folder}\"\n")).unwrap_or_default();
        council.tables = format!(
            "[concerns]\naddress = \"{SPEAK_UP}\"\n{folder_line}child_protection = \"{DUTY}\"\n[[people]]\nname = \"Wren Hartley\"\n\
             email = \"{OFFICER}\"\nroles = [\"whistleblowing_officer\"]\n"
        );
        council.write();
        let daemon = council.start().ready();
        dovecot.deliver(&disclosure(SPEAK_UP));
        dovecot.deliver(&form_mail(1));
        let to_officer = || sent(&council).iter().filter(|(_, to, _)| to == OFFICER).count();
        support::eventually("the officer's email", || (to_officer() == 1).then_some(()));
        dovecot.settles(0, 1);
        let holds = |path: &PathBuf| fs::read_to_string(path).is_ok_and(|text| text.contains("marmalade"));
        let kept: Vec<_> = files_below(&dovecot.maildir()).into_iter().filter(holds).collect();
        assert_eq!(kept.len(), usize::from(folder.is_some()), "{kept:?}");
        assert!(kept.iter().all(|path| path.to_string_lossy().contains(".Concerns/")), "{kept:?}");
        daemon.stop();
        assert_eq!(to_officer(), 1, "once");
        assert_eq!(council.json(&["concerns", "--json"]).as_array().unwrap().len(), 1);
    }
}

#[test]
fn w1_a_strangers_reply_decides_nothing_and_reaches_the_officer_alone() {
    let council = by_address();
    deliver(&council, "1", "2026-02-02T09:00:00Z", &disclosure(SPEAK_UP));
    run(&council, "2026-02-02T09:05:00Z");
    let all = sent(&council);
    let (_, _, mail) = all.iter().find(|(kind, ..)| kind == "concern").unwrap();
    let forged = format!(
        "From: <{DIRECTOR}>\r\nTo: <{MAILBOX}>\r\nSubject: Re\r\nMessage-ID: <9@council.example>\r\n\r\nClose: nothing in it\r\n\r\n\
         > {}\r\n",
        reply_code(mail)
    );
    deliver(&council, "9", "2026-02-02T09:10:00Z", forged.as_bytes());
    run(&council, "2026-02-02T09:10:00Z");
    assert_eq!(council.json(&["concerns", "--json"])[0]["closed"], false);
    assert!(sent(&council).iter().all(|(_, to, _)| to != DIRECTOR));
    assert_eq!(sent(&council).iter().filter(|(_, to, _)| to == OFFICER).count(), 2, "the officer hears of it");
}

#[test]
fn w1_a_store_with_concerns_opens_with_their_key_alone_and_is_restored_with_it() {
    let mut council = by_address();
    deliver(&council, "1", "2026-02-02T09:00:00Z", &disclosure(SPEAK_UP));
    run(&council, "2026-02-02T09:05:00Z");
    council.told(&["keys", "rotate", "--concerns"]);
    council.told(&["keys", "rotate"]);
    assert!(council.told(&["concerns", "show", "1"]).contains("marmalade"));
    let backup = council.folder.path().join("backup");
    council.told(&["backup", backup.to_str().unwrap()]);
    fs::remove_dir_all(&council.store).unwrap();
    council.told(&["restore", backup.to_str().unwrap()]);
    assert!(council.told(&["concerns", "show", "1"]).contains("marmalade"));
    assert!(council.told(&["verify"]).contains("all as they should be"));
    council.tables.clear();
    council.write();
    let refused = council.ask(&["run", "--once", "--at", "2026-02-03T09:05:00Z"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("put [concerns] back"));
}
