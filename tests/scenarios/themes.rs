//! L3: a person corrects the themes of a lesson by a reply, and it stays corrected.

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
/// The second lesson of the report: of no theme by its words.
const SECOND: &str = "The blue fairy lights were never switched on.";

/// A council with a report of two lessons in the year 2025-26, closed where it says so; the mail that brought the report's draft.
fn council() -> (Council, Sent) {
    let mut council = Council::new();
    let alert = one(&council.receive(&Answers::notification().mail(), "2026-02-02 10:00"), "alert", DIRECTOR).clone();
    council.receive(&alert.reply(DIRECTOR, &format!("Investigator: Sam Doyle, {OFFICER}")), "2026-02-02 11:00");
    let lessons = format!("Handover notes are read out at every change of shift.\n{SECOND}");
    let report = Answers::report(REF).with("lessons", &lessons).with("report_date", "2026-02-20");
    let mail =
        Mail::new(OFFICER, &format!("{REF} investigation report"), "Attached.").file("report.docx", report.word());
    council.receive(&mail, "2026-02-20 10:00");
    let sent = council.run("2026-04-06 09:00");
    let draft = one(&sent, "annual-report", STRATEGIC).clone();
    (council, draft)
}

/// The line of a lesson in the list that goes along with a draft.
fn row(csv: &[u8], number: u32) -> String {
    let text = String::from_utf8(csv.to_vec()).unwrap();
    let found = text.lines().find(|line| line.contains(&format!("{REF},{number},")));
    found.unwrap_or_else(|| panic!("{number} in {text}")).to_owned()
}

/// The themes of a lesson as the command lists them.
fn themes(council: &Council, number: u64) -> (Vec<String>, String) {
    let listed = council.themes("2025-26");
    let lesson = listed["lessons"].as_array().unwrap().iter().find(|lesson| lesson["lesson"] == number).unwrap();
    let themes = lesson["themes"].as_array().unwrap().iter().map(|theme| theme.as_str().unwrap().to_owned());
    (themes.collect(), lesson["because"].as_str().unwrap().to_owned())
}

#[test]
fn l3_a_lesson_is_corrected_by_a_reply_to_the_draft_and_stays_so() {
    let (mut council, draft) = council();
    let (name, list) = &draft.files[1];
    assert_eq!(name, "draft-lessons-2025-04-01-to-2026-03-31.csv");
    assert!(row(list, 2).contains(",Other,"), "{}", row(list, 2));
    assert!(draft.text.contains(&format!("as in the list: {REF} lesson 1; Neglect")), "{}", draft.text);
    // Quoted without a mark it decides nothing.
    let quoted = draft.text.replace("Reply code", "Code");
    let sent = council.receive(&draft.reply(STRATEGIC, &format!("Thank you.\n\n{quoted}")), "2026-04-06 09:30");
    assert!(sent.iter().all(|mail| mail.notice != "decision-receipt"), "{:?}", briefs(&sent));
    let words = format!("Thank you.\n\nTheme: {REF} lesson 2; Premises, Training\nTheme: {REF} lesson 1; other");
    let sent = council.receive(&draft.reply(STRATEGIC, &words), "2026-04-06 10:00");
    assert_eq!(briefs(&sent), [("decision-receipt", STRATEGIC)], "one answer, and nobody else hears");
    let receipt = one(&sent, "decision-receipt", STRATEGIC);
    assert!(
        receipt.text.contains("\"Premises, equipment and the safety of staff\" and \"Training"),
        "{}",
        receipt.text
    );
    let corrected = "corrected by Strategic Director on 6 April 2026";
    let both = ["Training, skills and competence", "Premises, equipment and the safety of staff"];
    assert_eq!(themes(&council, 2), (both.map(str::to_owned).to_vec(), corrected.to_owned()));
    assert_eq!(themes(&council, 1), (vec!["Other".to_owned()], corrected.to_owned()));
    let shown = council.show(REF);
    let decided =
        shown["timeline"].as_array().unwrap().iter().filter(|one| one["detail"].to_string().contains("theme"));
    assert_eq!(decided.count(), 2, "{shown}");
    // A year later it still holds, and a reply to the report itself is taken too.
    let sent = council.run("2026-04-20 09:00");
    let report = one(&sent, "annual-report", STRATEGIC).clone();
    let words = format!("Report tabled: 18 April 2026\nTheme: {REF} lesson 1; undo");
    let sent = council.receive(&report.reply(STRATEGIC, &words), "2026-04-20 12:00");
    assert_eq!(briefs(&sent), [("decision-receipt", STRATEGIC), ("decision-receipt", STRATEGIC)]);
    assert!(sent.iter().any(|mail| mail.text.contains("recorded for Saturday 18 April 2026")));
    assert!(!themes(&council, 1).1.contains("corrected"), "{:?}", themes(&council, 1));
    assert!(themes(&council, 2).1.contains("corrected"));
    council.verify();
}

#[test]
fn l3_a_lesson_is_corrected_by_a_command_in_the_name_of_who_may() {
    let (mut council, draft) = council();
    let (done, words) = council.correct(&["set", REF, "2", "Premises, Training", "--for", STRATEGIC]);
    assert!(done && words.contains("\"Premises, equipment and the safety of staff\" and \"Training"), "{words}");
    assert_eq!(
        themes(&council, 2).0,
        ["Training, skills and competence", "Premises, equipment and the safety of staff"]
    );
    assert_eq!(themes(&council, 2).1, "corrected by Strategic Director on 6 April 2026");
    // Who decided, who typed, and when, for ever; and whoever it was entered for hears it.
    let shown = council.show(REF);
    let entered = shown["timeline"].as_array().unwrap().iter().find(|one| one["detail"].to_string().contains("theme"));
    let entered = entered.unwrap_or_else(|| panic!("{shown}"));
    assert!(entered["by"].as_str().unwrap().contains("(Strategic Director), typed by user"), "{entered}");
    let sent = council.run("2026-04-06 10:00");
    assert_eq!(briefs(&sent), [("decision-receipt", STRATEGIC)]);
    let receipt = one(&sent, "decision-receipt", STRATEGIC).clone();
    assert!(receipt.subject.contains("A correction was entered for you"), "{}", receipt.subject);
    assert!(receipt.text.contains("typed in your name by user"), "{}", receipt.text);
    assert!(receipt.text.contains("“Theme: 2; undo”"), "{}", receipt.text);
    // What is entered in somebody's name they take back by a reply, and a command takes back what a reply said.
    council.receive(&receipt.reply(STRATEGIC, "Theme: 2; undo"), "2026-04-06 11:00");
    assert_eq!(themes(&council, 2).0, ["Other"]);
    council.receive(&draft.reply(STRATEGIC, &format!("Theme: {REF} lesson 2; Neglect")), "2026-04-06 12:00");
    assert_eq!(themes(&council, 2).0, ["Neglect"]);
    let (done, words) = council.correct(&["undo", REF, "2", "--for", STRATEGIC]);
    assert!(done, "{words}");
    assert_eq!(themes(&council, 2).0, ["Other"]);
    // Nobody else's name does, and what cannot be done changes nothing.
    let before = council.show(REF)["timeline"].as_array().unwrap().len();
    for (arguments, why) in [
        (["set", REF, "2", "Neglect", "--for", DIRECTOR], "Strategic Director, quality assurance"),
        (["set", REF, "2", "Neglect", "--for", "nobody@derby.example"], "know nobody with the address"),
        (["set", REF, "9", "Neglect", "--for", STRATEGIC], "There is no lesson 9"),
        (["set", REF, "2", "Neglekt", "--for", STRATEGIC], "Did you mean \"Neglect\"?"),
        (["set", "SI-2026-0009", "2", "Neglect", "--for", STRATEGIC], "There is no incident SI-2026-0009"),
    ] {
        let (done, words) = council.correct(&arguments);
        assert!(!done && words.contains("nothing was changed") && words.contains(why), "{arguments:?}: {words}");
    }
    assert_eq!(council.show(REF)["timeline"].as_array().unwrap().len(), before);
    council.verify();
}

#[test]
fn l3_a_correction_outlives_a_new_report_and_the_incident() {
    let (mut council, draft) = council();
    let words = format!("Theme: {REF} lesson 2; Neglect");
    council.receive(&draft.reply(STRATEGIC, &words), "2026-04-06 10:00");
    let asked = council.sent.iter().rfind(|mail| mail.to == DIRECTOR && mail.reference == REF).unwrap().clone();
    council.receive(&asked.reply(DIRECTOR, "Report returned: please add the causes"), "2026-04-07 10:00");
    // The same lesson under another number.
    let lessons = format!("Ask first.\nHandover notes are read out at every change of shift.\n{SECOND}");
    let report = Answers::report(REF).with("lessons", &lessons).with("report_date", "2026-04-10");
    let mail = Mail::new(OFFICER, &format!("{REF} investigation report"), "Attached.").file("new.docx", report.word());
    council.receive(&mail, "2026-04-10 10:00");
    let listed = council.themes("2026-27");
    let of = |number: u64| listed["lessons"].as_array().unwrap().iter().find(|one| one["lesson"] == number).unwrap();
    assert_eq!((of(3)["themes"][0].as_str(), of(3)["corrected"].as_bool()), (Some("Neglect"), Some(true)), "{listed}");
    assert_eq!(of(2)["corrected"], false);
}

#[test]
fn l3_who_may_correct_and_what_comes_back() {
    let (mut council, draft) = council();
    let asked = council.sent.iter().rfind(|mail| mail.to == DIRECTOR && mail.reference == REF).unwrap().clone();
    let sent = council.receive(&asked.reply(DIRECTOR, "Theme: 2; Neglect"), "2026-04-06 10:00");
    let refusal = one(&sent, "decision-refused", DIRECTOR);
    assert!(refusal.text.contains("Strategic Director, quality assurance"), "{}", refusal.text);
    for (line, why) in [
        (format!("Theme: {REF} lesson 9; Neglect"), "There is no lesson 9"),
        (format!("Theme: {REF} lesson 2; Neglekt"), "Did you mean \"Neglect\"?"),
        (format!("Theme: {REF} lesson 2; fun"), "The themes are: The child's daily life"),
        ("Theme: SI-2026-0009 lesson 2; Neglect".to_owned(), "There is no incident SI-2026-0009"),
        ("Theme: lesson 2; Neglect".to_owned(), "which incident"),
    ] {
        let sent = council.receive(&draft.reply(STRATEGIC, &line), "2026-04-06 11:00");
        let refusal = one(&sent, "decision-refused", STRATEGIC);
        assert!(refusal.text.contains(why), "{line}: {}", refusal.text);
    }
    assert_eq!(themes(&council, 2).0, ["Other"]);
    // Nobody but the person whom the draft went to.
    let sent = council.receive(&draft.reply(DIRECTOR, &format!("Theme: {REF} lesson 2; Neglect")), "2026-04-06 12:00");
    assert!(sent.iter().all(|mail| mail.notice != "decision-receipt"), "{:?}", briefs(&sent));
    assert_eq!(themes(&council, 2).0, ["Other"]);
}

#[test]
fn l3_a_councils_own_themes() {
    let own = "[[theme]]\nid = \"lights\"\ntitle = \"Lights and decorations\"\nabout = \"what hangs in the home\"\n\
               lessons = [\"The fairy lights were left off.\", \"Nobody switched the lights on.\", \"The lights were never lit.\"]\n";
    let council = |file: &str| {
        let council = Council::new();
        council.file("themes.toml", file);
        council.settings("[report]\nthemes = \"themes.toml\"\n")
    };
    let (fine, words) = council(own).check();
    assert!(fine && words.contains("themes          fine (31 with your own)"), "{words}");
    let (fine, words) = council(&own.replace("Lights and decorations", "Neglect")).check();
    assert!(!fine && words.contains("themes.toml:3: the theme neglect has this title already"), "{words}");
    let mut wrong = council("[[theme]]\nid = 1\n");
    assert!(wrong.refused_run("2026-04-06 09:00").contains("themes.toml:2: "));
    let mut council = council(own);
    council.run("2026-04-06 09:00");
    let listed = council.themes("2025-26");
    assert!(listed["themes"].as_array().unwrap().iter().any(|theme| theme["id"] == "lights"), "{listed}");
}
