//! Which files go along with which mails, and under which names.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use super::council::*;
use super::mail::*;

fn amy() -> Answers {
    Answers::need_to_know().with("child_name", "Amy Elm").with("child_dob", "2012-01-02")
}

fn bob() -> Answers {
    let bob = Answers::need_to_know().with("child_name", "Bob Oak").with("child_dob", "2013-05-06");
    bob.with("service", "Fostering").with("incident_description", "Bob was hurt at football.")
}

fn two_forms() -> Mail {
    let text = "Two forms are attached.\n\nAsha";
    let mail = Mail::new(&format!("Asha Worker <{WORKER}>"), "Need To Know", text);
    mail.file("a.docx", amy().word()).file("b.odt", bob().word())
}

#[test]
fn section_10_the_name_of_a_file_names_no_child() {
    let mut council = Council::new();
    let mail = Answers::notification().with("incident_severity", "Serious").with("child_name", "Zebedee Quux").mail();
    let form = Answers::notification().with("incident_severity", "Serious").with("child_name", "Zebedee Quux").word();
    let mail = Mail { text: "Please find the form attached.".to_owned(), ..mail };
    let mail = mail.file("SIN Zebedee Quux.docx", form).file("Photo of Z.Quux", b"no picture".to_vec());
    let sent = council.receive(&mail, "2026-09-01 10:00");
    let names = ["SI-2026-0001 form 1.docx", "SI-2026-0001 attachment 2"];
    let alert = one(&sent, "alert", DIRECTOR).clone();
    assert_eq!(alert.attachments, names);
    assert!(alert.text.contains(&format!("Attached: {}; {}", names[0], names[1])), "{}", alert.text);
    let sent =
        council.receive(&alert.reply(DIRECTOR, &format!("Investigator: Sam Doyle, {OFFICER}")), "2026-09-02 10:00");
    let form = "SI-2026-0001 investigation report form.docx";
    assert_eq!(one(&sent, "nomination", OFFICER).attachments, [names[0], names[1], form]);
    assert!(council.show("SI-2026-0001").to_string().contains("SIN Zebedee Quux.docx"), "the register keeps its name");
}

#[test]
fn i9_each_incident_of_one_mail_carries_its_own_form_alone() {
    let mut council = Council::new();
    let sent = council.receive(&two_forms().file("photo.jpg", vec![0xff, 0xd8, 0xff, 0xe0, 1, 2]), "2026-09-01 10:00");
    let alert = |reference: &str| {
        sent.iter().find(|mail| mail.notice == "alert" && mail.to == DIRECTOR && mail.reference == reference).unwrap()
    };
    assert_eq!(alert("SI-2026-0001").attachments, ["SI-2026-0001 form 1.docx"]);
    assert_eq!(alert("SI-2026-0002").attachments, ["SI-2026-0002 form 1.odt"]);
    assert_eq!(one(&sent, "alert", HEAD).attachments, ["SI-2026-0001 form 1.docx"]);
    assert_eq!(one(&sent, "alert", FOSTERING_HEAD).attachments, ["SI-2026-0002 form 1.odt"]);
    for mail in sent.iter().filter(|mail| mail.notice == "alert") {
        assert!(mail.text.contains("further files that could not be told apart"), "{}", mail.text);
    }
    assert!(!council.show("SI-2026-0002").to_string().contains("a.docx"), "{}", council.show("SI-2026-0002"));
    // What goes out later carries no more: the nomination, and the alert sent again.
    let alert = alert("SI-2026-0001").clone();
    let sent =
        council.receive(&alert.reply(DIRECTOR, &format!("Investigator: Sam Doyle, {OFFICER}")), "2026-09-01 10:10");
    let names = ["SI-2026-0001 form 1.docx", "SI-2026-0001 investigation report form.docx"];
    assert_eq!(one(&sent, "nomination", OFFICER).attachments, names);
    let sent = council.run("2026-09-01 14:00");
    let again = one(&sent, "escalation", STRATEGIC);
    assert_eq!(again.attachments, ["SI-2026-0002 form 1.odt"]);
    assert!(again.text.contains("further files that could not be told apart"), "{}", again.text);
    council.verify();
}

#[test]
fn i9_two_forms_and_nothing_else_say_nothing_of_further_files() {
    let mut council = Council::new();
    let sent = council.receive(&two_forms(), "2026-09-01 10:00");
    assert!(sent.iter().all(|mail| !mail.text.contains("could not be told apart")), "{:?}", briefs(&sent));
    assert!(sent.iter().all(|mail| mail.attachments.len() < 2), "{:?}", briefs(&sent));
    // Both forms in one archive: nobody can be sent it.
    let mut council = Council::new();
    let archive = zip(&[("a.docx", amy().word()), ("b.docx", bob().word())]);
    let mail = Mail::new(&format!("Asha Worker <{WORKER}>"), "Need To Know", "Attached.").file("both.zip", archive);
    let sent = council.receive(&mail, "2026-09-01 10:00");
    assert_eq!(who(&sent, "alert"), [DIRECTOR, DIRECTOR, FOSTERING_HEAD, HEAD]);
    for mail in sent.iter().filter(|mail| mail.notice == "alert") {
        assert!(mail.attachments.is_empty() && mail.text.contains("could not be told apart"), "{}", mail.text);
    }
}

#[test]
fn i9_two_forms_about_one_child_go_along_together() {
    let mut council = Council::new();
    let mail = Mail::new(&format!("Asha Worker <{WORKER}>"), "Need To Know", "Attached, with a picture.");
    let notification = Answers::notification().with("child_name", "Amy Elm").with("child_dob", "2012-01-02");
    let mail = mail.file("a.docx", amy().word()).file("b.docx", notification.word());
    let sent = council.receive(&mail.file("photo.jpg", vec![0xff, 0xd8, 0xff, 0xe0, 1, 2]), "2026-09-01 10:00");
    assert_eq!(council.incidents().len(), 1);
    let names = ["SI-2026-0001 form 1.docx", "SI-2026-0001 form 2.docx", "SI-2026-0001 attachment 3.jpg"];
    assert_eq!(one(&sent, "alert", DIRECTOR).attachments, names);
}

fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn m6_of_a_huge_mail_the_beginning_is_read_and_what_is_missing_is_said() {
    let mut council = Council::new();
    // Each byte takes three in the mail: 33 MB in all.
    let mail = Answers::need_to_know().word_mail().file("wall.jpg", vec![0xFF; 11 << 20]);
    let sent = council.receive(&mail, "2026-09-01 10:00");
    assert_eq!(who(&sent, "alert"), [DIRECTOR, HEAD]);
    let alert = one(&sent, "alert", HEAD);
    assert!(alert.text.contains("too large to be read whole"), "{}", alert.text);
    assert_eq!(alert.attachments, ["SI-2026-0001 form 1.docx"], "no part of a file goes out as if it were whole");
    // The same mail again is the same.
    assert_eq!(who(&council.receive(&mail, "2026-09-01 10:05"), "alert"), [""; 0]);
}
