//! Word documents that go out: the packs with their prompts (N8, O2), the report form with the nomination (T6), the draft of the annual
//! report (L3) and the learning bulletin (L4).

use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::process::Command;

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const NONE: [&str; 0] = [];

/// The text of a Word document, its marks left out.
fn text(docx: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut xml = String::new();
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut xml).unwrap();
    xml.replace("</w:p>", "\n")
        .split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, after)| after))
        .collect()
}

fn run(command: &mut Command) -> Vec<u8> {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; scripts/test packages installs it"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// LibreOffice and python-docx find the same lines in a document, and every word of them is on a page.
fn is_whole(name: &str, docx: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("file.docx"), docx).unwrap();
    let profile = format!("-env:UserInstallation=file://{}", at("profile").display());
    for kind in ["txt:Text (encoded):UTF8", "pdf"] {
        let arguments = [&*profile, "--headless", "--convert-to", kind, "file.docx"];
        run(Command::new("soffice").current_dir(folder.path()).args(arguments));
    }
    let has_docx =
        |python: &&str| Command::new(python).args(["-c", "import docx"]).output().is_ok_and(|o| o.status.success());
    let python =
        ["python3", "/usr/bin/python3"].into_iter().find(has_docx).expect("python-docx; scripts/test packages");
    let read = run(Command::new(python).arg("tests/published/read.py").arg(at("file.docx")));
    let read: serde_json::Value = serde_json::from_slice(&read).unwrap();
    let tidy = |line: &str| {
        line.trim().trim_start_matches(['\u{FEFF}', '\u{2022}']).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let python = read["lines"].as_array().unwrap().iter().flat_map(|line| line.as_str().unwrap().lines());
    let python: Vec<String> = python.map(tidy).filter(|line| !line.is_empty()).collect();
    let office = std::fs::read_to_string(at("file.txt")).unwrap();
    let office: Vec<String> = office.lines().map(tidy).filter(|line| !line.is_empty()).collect();
    assert_eq!(office, python, "{name}");
    assert_eq!(read["properties"][1], "Derby City Council", "{name}");
    let pages = String::from_utf8(run(Command::new("pdftotext").arg(at("file.pdf")).arg("-"))).unwrap();
    let printed: BTreeSet<&str> = pages.split_whitespace().collect();
    let lost: Vec<&str> =
        python.iter().flat_map(|line| line.split(' ')).filter(|word| !printed.contains(word)).collect();
    assert_eq!(lost, [""; 0], "{name}");
}

/// The documents of a notice about the report: kind, attachments.
fn yearly(sent: &[Sent]) -> Vec<(&str, Vec<&str>)> {
    let about = sent.iter().filter(|mail| ["annual-report", "bulletin"].contains(&mail.notice.as_str()));
    about.map(|mail| (mail.notice.as_str(), mail.attachments.iter().map(String::as_str).collect())).collect()
}

const DRAFT: &str = "draft-learning-from-serious-incidents-2025-04-01-to-2026-03-31.docx";
const REPORT: &str = "learning-from-serious-incidents-2025-04-01-to-2026-03-31.docx";
const BULLETIN: &str = "learning-bulletin-2025-04-01-to-2026-03-31.docx";

/// A council with one incident in March.
fn council() -> Council {
    let mut council = Council::new();
    council.receive(&Answers::notification().mail(), "2026-03-02 10:00");
    council
}

#[test]
fn l3_a_draft_goes_two_weeks_before_the_report_once() {
    let mut council = council();
    assert_eq!(yearly(&council.run("2026-04-06 08:59")), []);
    let sent = council.run("2026-04-06 09:00");
    assert_eq!(yearly(&sent), [("annual-report", vec![DRAFT])]);
    let draft = one(&sent, "annual-report", STRATEGIC);
    assert!(draft.subject.contains("Draft of the annual report"), "{}", draft.subject);
    assert!(draft.text.contains("goes out on Monday 20 April 2026") && !draft.text.contains("Report tabled:"));
    assert!(text(&draft.files[0].1).contains("Draft. The report itself is made on Monday 20 April 2026"));
    for quiet in ["2026-04-06 09:00", "2026-04-13 09:00", "2026-04-20 08:59"] {
        assert_eq!(yearly(&council.run(quiet)), [], "{quiet}");
    }
    let sent = council.run("2026-04-20 09:00");
    assert_eq!(yearly(&sent), [("annual-report", vec![REPORT, BULLETIN]), ("bulletin", vec![BULLETIN])]);
    let report = one(&sent, "annual-report", STRATEGIC);
    assert!(!text(&report.files[0].1).contains("Draft") && !report.subject.contains("Draft"));
    assert_eq!(yearly(&council.run("2026-05-01 09:00")), []);
    council.verify();
}

#[test]
fn l3_a_draft_that_was_held_up_goes_once_and_none_after_the_report() {
    let mut late = council();
    assert_eq!(yearly(&late.run("2026-04-12 15:00")), [("annual-report", vec![DRAFT])]);
    assert_eq!(yearly(&late.run("2026-04-13 15:00")), []);
    let mut later = council();
    let sent = later.run("2026-04-25 15:00");
    assert_eq!(yearly(&sent), [("annual-report", vec![REPORT, BULLETIN]), ("bulletin", vec![BULLETIN])]);
    assert_eq!(yearly(&later.run("2026-04-26 15:00")), []);
}

#[test]
fn l3_no_draft_where_the_program_is_new_or_the_report_comes_round_each_week() {
    let mut new = Council::new();
    new.receive(&Answers::notification().mail(), "2026-04-10 10:00");
    assert_eq!(yearly(&new.run("2026-04-11 10:00")), []);
    let mut weekly = Council::new().settings("[report]\nschedule = \"0 0 9 * * Mon\"\n");
    weekly.receive(&Answers::notification().mail(), "2026-03-03 10:00");
    for monday in ["2026-03-16 09:00", "2026-03-23 09:00"] {
        let sent = weekly.run(monday);
        assert!(yearly(&sent).iter().all(|(_, files)| files.iter().all(|file| !file.starts_with("draft"))), "{monday}");
    }
}

#[test]
fn l4_the_bulletin_goes_by_itself_and_names_nobody() {
    let mut council = council();
    let sent = council.run("2026-04-20 09:00");
    let bulletin = one(&sent, "bulletin", STRATEGIC);
    assert!(bulletin.text.contains("pass it on to the teams"), "{}", bulletin.text);
    let page = text(&bulletin.files[0].1);
    assert!(page.contains("Learning bulletin") && page.contains("Talk about it in your team"), "{page}");
    for name in ["Jordan", "Ash", "Worker", REF] {
        assert!(!page.contains(name), "{name}: {page}");
    }
}

#[test]
fn n8_o2_the_packs_go_with_their_prompts_and_to_no_partner() {
    let mut council = Council::new().with_partners();
    let form = Answers::need_to_know().with("service", "Elm House").with("child_died", "yes");
    let sent = council.receive(&form.word_mail(), "2026-09-01 10:00");
    let panel = one(&sent, "request", QUALITY);
    assert_eq!(panel.attachments, [format!("{REF} Panel notification pack.docx")]);
    assert!(panel.text.contains("Panel notification pack.docx"), "{}", panel.text);
    let pack = text(&panel.files[0].1);
    assert!(pack.contains("Jordan was pushed on the stairs") && pack.contains("Not on any form yet"), "{pack}");
    let ofsted = one(&sent, "request", MANAGER);
    assert_eq!(ofsted.attachments, [format!("{REF} Ofsted report pack.docx")]);
    [panel, ofsted].iter().for_each(|mail| is_whole(&mail.files[0].0, &mail.files[0].1));
    // N2.
    let sent = council.receive(&panel.reply(QUALITY, "Tell partners: yes"), "2026-09-01 12:00");
    assert_eq!(who(&sent, "partners"), [LSCP, PARTNER]);
    assert!(sent.iter().filter(|mail| mail.notice == "partners").all(|mail| mail.attachments == NONE));
    // Somebody sends the pack back: it is no form, and changes nothing.
    let before = council.show(REF)["fields"].clone();
    let back = panel.reply(QUALITY, "Became aware: 1 September 2026").file("pack.docx", panel.files[0].1.clone());
    let sent = council.receive(&back, "2026-09-01 13:00");
    one(&sent, "decision-receipt", QUALITY);
    assert_eq!(council.show(REF)["fields"], before);
    assert_eq!(council.incidents().len(), 1);
    let again = Mail::new(&format!("Asha Worker <{WORKER}>"), "FW: pack", "See attached.")
        .file("pack.docx", panel.files[0].1.clone());
    council.receive(&again, "2026-09-01 14:00");
    assert_eq!(council.incidents().len(), 1);
    council.verify();
}

#[test]
fn t6_the_form_that_goes_with_the_nomination_is_no_report_until_it_is_written() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::notification().word_mail(), "2026-10-05 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    let line = format!("Investigator: Sam Doyle, {OFFICER}\nReport due: 30 October 2026");
    let sent = council.receive(&alert.reply(DIRECTOR, &line), "2026-10-05 11:00");
    let nomination = one(&sent, "nomination", OFFICER).clone();
    let name = format!("{REF} investigation report form.docx");
    assert_eq!(nomination.attachments, [format!("{REF} form 1.docx"), name.clone()]);
    let form = nomination.files[1].1.clone();
    // Sent back as it is, it is taken for the report of that incident, and does not count.
    let back = nomination.reply(OFFICER, "Here it is.").file(&name, form);
    council.receive(&back, "2026-10-20 10:00");
    assert_eq!(council.obligation(REF, "investigation_report")["met_at"], serde_json::Value::Null);
    assert_eq!(council.incidents().len(), 1);
    // Written, it does.
    let written = nomination.reply(OFFICER, "Here it is.").file(&name, Answers::report(REF).word());
    council.receive(&written, "2026-10-21 10:00");
    assert_eq!(council.obligation(REF, "investigation_report")["state"], "met");
    council.verify();
}

#[test]
fn n8_whoever_types_from_a_pack_gets_it_anew_when_a_form_came_since() {
    let mut council = Council::new();
    let died = Answers::need_to_know().with("child_died", "yes");
    let ask = one(&council.receive(&died.mail(), "2026-09-01 10:00"), "request", QUALITY).clone();
    assert_eq!(ask.attachments, [format!("{REF} Panel notification pack.docx")]);
    let update = died.with("safety_plan", "The others sleep at the back stairs end.");
    council.receive(&update.mail(), "2026-09-02 15:00");
    let mut anew: Vec<Sent> = Vec::new();
    for day in 3..=8 {
        let sent = council.run(&format!("2026-09-{day:02} 09:00"));
        anew.extend(sent.into_iter().filter(|mail| mail.attachments.iter().any(|name| name.contains("pack, as at"))));
    }
    let to: Vec<&str> = anew.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, [QUALITY], "once: nothing came after it");
    assert!(anew[0].text.contains("The pack is attached anew"), "{}", anew[0].text);
    assert!(anew[0].attachments[0].contains(" September 2026 0900.docx"), "{:?}", anew[0].attachments);
    assert!(
        text(&anew[0].files[0].1).contains("at the back stairs end") && !text(&ask.files[0].1).contains("back stairs")
    );
    council.verify();
}

#[test]
fn n8_a_pack_can_be_had_at_any_time() {
    let mut council = Council::new().with_partners();
    council.receive(&Answers::need_to_know().with("service", "Elm House").mail(), "2026-09-01 10:00");
    for (which, holds) in [
        ("panel", "Pack for the notification to the National Panel"),
        ("ofsted", "Type of service"),
        ("report", "Jordan was pushed on the stairs"),
    ] {
        let (bytes, words) = council.pack("si-2026-0001", which);
        let text = text(&bytes.unwrap_or_else(|| panic!("{words}")));
        assert!(text.contains(holds) && words.contains(&format!("{which}.docx")), "{words}: {text}");
        assert!(which != "ofsted" || text.contains("From the settings"), "{text}");
    }
    let (none, words) = council.pack("SI-2026-0009", "panel");
    assert!(none.is_none() && words.contains("SI-2026-0009"), "{words}");
}
