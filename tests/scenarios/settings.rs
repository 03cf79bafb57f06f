//! A council's own procedure: values changed by id, obligations of its own, and what `check` says of mistakes.

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const NOBODY: [&str; 0] = [];

const REGISTER: &str = r#"
[[procedure.obligation]]
id = "risk_register"
title = "Risk register updated"
asks = "Enter the incident in the risk register."
line = "Risk register updated: "
arises = "receipt"
met_by = { line = "Risk register updated" }
actors = ["service_director"]
due = [{ working_days = 2 }]
steps = [{ notice = "reminder", schedule = { before_due = { days = [1] } }, to = ["service_director"] }]
"#;

#[test]
fn section_9_a_council_adds_an_obligation_of_its_own_without_code() {
    let mut council = Council::new().settings(REGISTER);
    let sent = council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let (alert, head) = (one(&sent, "alert", DIRECTOR).clone(), one(&sent, "alert", HEAD).clone());
    assert!(alert.text.contains("Risk register updated:"), "{}", alert.text);
    assert_eq!(council.obligation(REF, "risk_register")["due_at"], "2026-09-03T22:59:59Z");
    let sent = council.run("2026-09-02 09:00");
    assert!(
        sent.iter().any(|mail| mail.to == DIRECTOR && mail.text.contains("Due Thursday 3 September 2026")),
        "{:?}",
        briefs(&sent)
    );
    let refused = council.receive(&head.reply(HEAD, "Risk register updated: line 14"), "2026-09-02 10:00");
    assert_eq!(who(&refused, "decision-refused"), [HEAD]);
    let sent = council.receive(&alert.reply(DIRECTOR, "Risk register updated: not yet"), "2026-09-02 10:05");
    assert!(one(&sent, "decision-refused", DIRECTOR).text.contains("no; the reason"), "not yet meets nothing");
    assert_eq!(council.obligation(REF, "risk_register")["state"], "open");
    let sent = council.receive(&alert.reply(DIRECTOR, "risk register UPDATED: line 14"), "2026-09-02 10:10");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR]);
    assert_eq!(council.obligation(REF, "risk_register")["state"], "met");
}

#[test]
fn section_9_single_values_change_and_dates_say_when_they_are_in_force() {
    let relaxed = r#"
[procedure.strategy_meeting_decision]
due = [
    { in_force = { from = "2026-09-01", to = 2026-09-30 }, working_days = 3 },
    { working_days = 1 },
]
"#;
    for (received, due) in [
        ("2026-09-01 00:00", "2026-09-04T22:59:59Z"),
        ("2026-09-30 23:59", "2026-10-05T22:59:59Z"),
        ("2026-10-01 00:00", "2026-10-02T22:59:59Z"),
    ] {
        let mut council = Council::new().settings(relaxed);
        council.receive(&Answers::need_to_know().mail(), received);
        assert_eq!(council.obligation(REF, "strategy_meeting_decision")["due_at"], due, "{received}");
    }
    let quiet = "[procedure.classification]\nsteps = []\ntitle = \"How bad it is\"\n";
    let mut council = Council::new().settings(quiet);
    let sent = council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    assert!(one(&sent, "alert", HEAD).text.contains("How bad it is"));
    assert_eq!(who(&council.run("2026-09-01 12:00"), "request"), NOBODY);
}

#[test]
fn section_9_check_explains_mistakes_with_the_line() {
    for (settings, words) in [
        ("[procedure.review]\ndue = [{ days = 29 }]\n", "28 days at most"),
        ("[procedure.review]\nmet_by = \"report\"\n", "cannot be changed"),
        ("[procedure.review]\nsteps = [{ notice = \"shout\", schedule = \"at_once\", to = [\"officer\"] }]\n", "shout"),
        ("[procedure]\ninvestigation_weeks = 3\n", "investigation_weeks"),
        ("\n[procedure.revue]\ndue = [{ days = 20 }]\n", "there is no obligation revue"),
        ("\n[[procedure.obligation]]\ntitle = \"x\"\n", "id is missing"),
    ] {
        let council = Council::new();
        let line = council.lines() + 2;
        let (fine, said) = council.settings(settings).check();
        assert!(!fine && said.contains(words), "{settings}: {said}");
        let found = said.lines().find(|text| text.contains(words)).unwrap();
        assert!(found.contains(&format!("config.toml:{line}:")), "line {line}: {found}");
    }
    assert!(
        Council::new().settings(REGISTER).check().0,
        "what is right is fine: {}",
        Council::new().settings(REGISTER).check().1
    );
}

#[test]
fn section_9_check_says_on_which_days_an_obligation_does_not_exist() {
    let spring = "[procedure.review]\ndue = [{ in_force = { from = 2027-01-01, to = 2027-03-01 }, days = 3 }]\n";
    let council = Council::new().settings(spring);
    let (fine, said) = council.check();
    assert!(fine, "{said}");
    for gap in ["review does not exist before 1 January 2027", "review does not exist after 1 March 2027"] {
        let line = said.lines().find(|line| line.contains(gap)).unwrap_or_else(|| panic!("{gap}: {said}"));
        assert!(line.contains(&format!("line {}", council.lines())), "{line}");
    }
    let backwards = spring.replace("2027-01-01", "2028-01-01");
    let (fine, said) = Council::new().settings(&backwards).check();
    assert!(!fine && said.contains("ends before it begins"), "{said}");
}

#[test]
fn o1_check_says_when_a_registered_managers_service_is_not_regulated() {
    let entry =
        "[[people]]\nname = \"Lee Marsh\"\nemail = \"lee.marsh@derby.example\"\nroles = [\"registered_manager\"]\n";
    let with = |service: &str| Council::new().settings(&format!("{entry}services = [\"{service}\"]\n")).check().1;
    assert!(with("Fostering").contains("Lee Marsh is registered manager of Fostering"), "{}", with("Fostering"));
    assert!(!with("Elm House").contains("is registered manager of"), "{}", with("Elm House"));
}
