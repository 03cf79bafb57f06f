//! Section 7: regulated services and Ofsted (O1–O5).

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const NOBODY: [&str; 0] = [];

/// An incident at a home, received on Tuesday 1 September 2026 at 10:00; what went out.
fn at_home(council: &mut Council, home: &str) -> Vec<Sent> {
    council.receive(&Answers::need_to_know().with("service", home).mail(), "2026-09-01 10:00")
}

fn state(council: &Council, id: &str) -> String {
    council.obligation(REF, id)["state"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn o1_the_registered_manager_of_that_service_is_prompted_and_no_other() {
    let mut council = Council::new().with_partners();
    let sent = at_home(&mut council, "Elm House");
    let ask = one(&sent, "request", MANAGER);
    assert!(ask.text.contains("Children's Homes (England) Regulations 2015, regulation 40"), "{}", ask.text);
    assert_eq!(who(&sent, "request"), [MANAGER]);
    // Oak House has no manager in the settings: quality assurance, never the manager of Elm House.
    let mut council = Council::new().with_partners();
    let sent = at_home(&mut council, "Oak House");
    assert_eq!(who(&sent, "request"), [QUALITY]);
    let elsewhere = Answers::need_to_know().with("child_name", "Robin Elm").with("service", "Fostering");
    assert_eq!(who(&council.receive(&elsewhere.mail(), "2026-09-01 11:00"), "request"), NOBODY);
}

#[test]
fn o2_the_prompt_says_what_is_known_and_what_is_missing() {
    let mut council = Council::new().with_partners();
    let sent = at_home(&mut council, "Elm House");
    let text = &one(&sent, "request", MANAGER).text;
    let missing = text.find("What the report holds: missing").expect("a list of what is missing");
    assert!(text[..missing].contains("What happened: Jordan was pushed"), "{text}");
    for words in ["Planned to prevent it happening again", "Other organisations informed", "People involved"] {
        assert!(text[missing..].contains(words), "{words}: {text}");
    }
}

#[test]
fn o3_a_conclusion_without_ofsteds_reference_is_sent_back() {
    let mut council = Council::new().with_partners();
    let ask = one(&at_home(&mut council, "Elm House"), "request", MANAGER).clone();
    council.receive(&ask.reply(MANAGER, "Enquiry started: 1/9/2026, OF-9"), "2026-09-01 12:00");
    assert_eq!(council.obligation(REF, "enquiry_conclusion")["due_at"], "2026-09-22T22:59:59Z");
    let sent =
        council.receive(&ask.reply(MANAGER, "Enquiry concluded: 22/9/2026; no further action"), "2026-09-22 12:00");
    let refused = one(&sent, "decision-refused", MANAGER);
    assert!(refused.text.contains("OF-9") && refused.text.contains("reference number"), "{}", refused.text);
    council.run("2026-09-22 23:59:59");
    assert_eq!(state(&council, "enquiry_conclusion"), "open");
    council.run("2026-09-23 00:00:00");
    assert_eq!(state(&council, "enquiry_conclusion"), "late");
    let line = "Enquiry concluded: 22/9/2026; no further action; OF-9";
    let sent = council.receive(&ask.reply(MANAGER, line), "2026-09-23 12:00");
    assert_eq!(who(&sent, "decision-receipt"), [MANAGER]);
    assert_eq!(state(&council, "enquiry_conclusion"), "met");
}

#[test]
fn o4_news_of_what_was_reported_goes_to_the_inspector() {
    let mut council = Council::new().with_partners();
    let ask = one(&at_home(&mut council, "Elm House"), "request", MANAGER).clone();
    council.receive(&ask.reply(MANAGER, "Ofsted notified: 1/9/2026, OF-12"), "2026-09-01 12:00");
    let update = Answers::need_to_know().with("service", "Elm House").with("safety_plan", "Jordan stays with an aunt.");
    let sent = council.receive(&update.mail(), "2026-09-02 12:00");
    assert!(one(&sent, "update", MANAGER).text.contains("send it to your inspector by email"), "{:?}", briefs(&sent));
    assert!(one(&sent, "update", MANAGER).text.contains("Jordan stays with an aunt."), "what the news is");
}

#[test]
fn o5_due_in_24_hours_reminded_once_then_quality_assurance() {
    let mut council = Council::new().with_partners();
    let ask = one(&at_home(&mut council, "Elm House"), "request", MANAGER).clone();
    assert_eq!(council.obligation(REF, "ofsted_report")["due_at"], "2026-09-02T09:00:00Z");
    assert_eq!(who(&council.run("2026-09-02 03:59"), "reminder"), NOBODY);
    assert_eq!(who(&council.run("2026-09-02 04:00"), "reminder"), [MANAGER]);
    assert_eq!(who(&council.run("2026-09-02 09:59"), "chase"), NOBODY);
    let sent = council.run("2026-09-02 10:00");
    assert_eq!(who(&sent, "chase"), [QUALITY]);
    assert_eq!(state(&council, "ofsted_report"), "open", "the last second");
    council.run("2026-09-02 10:00:01");
    assert_eq!(state(&council, "ofsted_report"), "late");
    // The Head of Service does not decide on it.
    let alert = council.sent.iter().find(|mail| mail.notice == "alert").unwrap().clone();
    let to = alert.to.clone();
    let refused = council.receive(&alert.reply(&to, "Ofsted notified: 2/9/2026, OF-12"), "2026-09-02 10:10");
    assert_eq!(who(&refused, "decision-refused"), [to.as_str()]);
    council.receive(&ask.reply(MANAGER, "Ofsted notified: 2/9/2026, OF-12"), "2026-09-02 10:20");
    assert_eq!(state(&council, "ofsted_report"), "met");

    // In the last minute; a death by telephone now.
    let mut council = Council::new().with_partners();
    let form =
        Answers::need_to_know().with("service", "Elm House").with("child_died", "yes").with("abuse_suspected", "no");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let ask = one(&sent, "request", MANAGER).clone();
    assert!(ask.text.contains("telephone Ofsted now, on 0300 123 1231"), "{}", ask.text);
    assert!(one(&sent, "request", QUALITY).text.contains("died in a regulated setting"), "C5");
    council.receive(&ask.reply(MANAGER, "Ofsted notified: 2/9/2026"), "2026-09-02 09:59");
    assert_eq!(council.obligation(REF, "ofsted_report")["met_at"], "2026-09-02T08:59:00Z");
}

#[test]
fn o5_ofsted_is_telephoned_first_where_the_panel_is_asked_about_too() {
    let mut council = Council::new().with_partners();
    let form = Answers::need_to_know().with("service", "Oak House").with("child_died", "yes");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let ask = one(&sent, "request", QUALITY);
    assert!(ask.subject.contains("Please telephone Ofsted now"), "{}", ask.subject);
    let at = |words: &str| ask.text.find(words).unwrap_or_else(|| panic!("{words}: {}", ask.text));
    assert!(at("telephone Ofsted now, on 0300") < at("Working Together criteria"), "{}", ask.text);
    // N8: the packs stand below what is asked.
    assert!(at("Panel notification required: yes") < at("What the notification asks: known"), "{}", ask.text);
    assert!(at("Ofsted notified:") < at("What the report holds: known"), "{}", ask.text);
    assert!(at("What the notification asks: known") < at("What the report holds: known"), "{}", ask.text);
}
