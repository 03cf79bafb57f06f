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
fn o2_i5_answers_that_the_report_is_typed_from_are_told_when_they_change() {
    let mut council = Council::new().with_partners();
    let first = at_home(&mut council, "Elm House");
    let form = Answers::need_to_know().with("service", "Elm House").with("incident_date", "2026-08-31");
    let again = |form: &Answers| {
        one(&first, "acknowledgement", WORKER).reply(WORKER, "Corrected.").file("form.docx", form.word())
    };
    let sent = council.receive(&again(&form), "2026-09-01 12:00");
    let told = one(&sent, "update", MANAGER);
    assert!(told.text.contains("31 August 2026") && told.text.contains("not from the pack"), "{}", told.text);
    assert_eq!(told.attachments, ["SI-2026-0001 Ofsted report pack, as at 1 September 2026 1200.docx"]);
    // O4: once it was made it is news for the inspector, and told once.
    let ask = one(&first, "request", MANAGER).clone();
    council.receive(&ask.reply(MANAGER, "Ofsted notified: 1/9/2026, OF-12"), "2026-09-01 13:00");
    let sent = council.receive(&again(&form.with("incident_date", "2026-08-30")), "2026-09-01 14:00");
    let told = one(&sent, "update", MANAGER);
    assert!(told.text.contains("inspector by email") && !told.text.contains("not from the pack"), "{}", told.text);
}

#[test]
fn o5_due_in_24_hours_reminded_once_then_quality_assurance() {
    let mut council = Council::new().with_partners();
    let ask = one(&at_home(&mut council, "Elm House"), "request", MANAGER).clone();
    assert_eq!(council.obligation(REF, "ofsted_report")["due_at"], "2026-09-02T09:00:00Z");
    // Section 9: reminders and chases at 09:00, a chase once it is late.
    assert_eq!(who(&council.run("2026-09-02 08:59"), "reminder"), NOBODY);
    assert_eq!(who(&council.run("2026-09-02 09:00"), "reminder"), [MANAGER]);
    council.run("2026-09-02 10:00");
    assert_eq!(state(&council, "ofsted_report"), "open", "the last second");
    council.run("2026-09-02 10:00:01");
    assert_eq!(state(&council, "ofsted_report"), "late");
    let sent = council.run("2026-09-03 09:00");
    let chase = one(&sent, "chase", QUALITY);
    assert!(chase.text.contains("Ofsted notified:") && chase.text.contains("See to it"), "{}", chase.text);
    assert!(chase.text.contains("Ring Lee Marsh"), "{}", chase.text);
    // The Head of Service does not decide on it.
    let alert = council.sent.iter().find(|mail| mail.notice == "alert").unwrap().clone();
    let to = alert.to.clone();
    let refused = council.receive(&alert.reply(&to, "Ofsted notified: 2/9/2026, OF-12"), "2026-09-03 10:10");
    assert_eq!(who(&refused, "decision-refused"), [to.as_str()]);
    council.receive(&ask.reply(MANAGER, "Ofsted notified: 2/9/2026, OF-12"), "2026-09-03 10:20");
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

#[test]
fn o5_a_death_told_later_is_telephoned_at_once_and_every_mail_says_so() {
    let mut council = Council::new().with_partners();
    at_home(&mut council, "Elm House");
    let form = Answers::need_to_know().with("service", "Elm House");
    let sent = council.receive(&form.clone().with("child_died", "yes").mail(), "2026-09-01 12:00");
    let ask = one(&sent, "request", MANAGER);
    assert!(ask.subject.contains("Please telephone Ofsted now"), "{}", ask.subject);
    assert!(ask.text.contains("telephone Ofsted now, on 0300 123 1231"), "{}", ask.text);
    // By the hour, from when the death was told.
    assert_eq!(who(&council.run("2026-09-01 23:59:59"), "reminder"), NOBODY);
    let reminder = one(&council.run("2026-09-02 00:00"), "reminder", MANAGER).clone();
    assert!(reminder.text.contains("telephone Ofsted now, on 0300 123 1231"), "{}", reminder.text);
    let early = council.run_through(&["2026-09-02 09:00", "2026-09-02 11:59:59"]);
    assert!(early.iter().all(|(_, mail)| mail.notice != "reminder" && mail.notice != "chase"), "{early:?}");
    let sent = council.run("2026-09-02 12:00");
    let chase = one(&sent, "chase", QUALITY);
    assert!(chase.text.contains("telephone Ofsted now, on 0300 123 1231, or see to it"), "{}", chase.text);
    // Taken back: the manager hears that, too, and no mail speaks of it any more.
    let sent = council.receive(&form.with("child_died", "no").mail(), "2026-09-03 10:00");
    let told = one(&sent, "update", MANAGER);
    assert!(told.text.contains("no longer says that the child has died"), "{}", told.text);
    assert!(!told.text.contains("telephone Ofsted now"), "{}", told.text);
}

#[test]
fn o5_section_9_of_a_childs_death_the_hours_run_by_day_and_night() {
    // Received, the last second before the reminder, the reminder, the last second before 24 hours, and then.
    for [received, before, reminded, in_time, late] in [
        // A Tuesday.
        ["2026-09-01 10:00", "2026-09-01 21:59:59", "2026-09-01 22:00", "2026-09-02 09:59:59", "2026-09-02 10:00"],
        // A Saturday.
        ["2026-09-05 10:00", "2026-09-05 21:59:59", "2026-09-05 22:00", "2026-09-06 09:59:59", "2026-09-06 10:00"],
        // A Sunday night, before a working day.
        ["2026-09-06 23:30", "2026-09-07 11:29:59", "2026-09-07 11:30", "2026-09-07 23:29:59", "2026-09-07 23:30"],
        // The night in which the clocks go back, and the one in which they go forward.
        ["2026-10-24 20:00", "2026-10-25 06:59:59", "2026-10-25 07:00", "2026-10-25 18:59:59", "2026-10-25 19:00"],
        ["2027-03-27 20:00", "2027-03-28 08:59:59", "2027-03-28 09:00", "2027-03-28 20:59:59", "2027-03-28 21:00"],
    ] {
        let council = || Council::new().with_partners();
        let form = Answers::need_to_know().with("service", "Elm House").with("child_died", "yes");
        let about_ofsted = |sent: &[Sent], notice: &str| -> Vec<String> {
            let about = |mail: &&Sent| mail.notice == notice && mail.text.contains("Ofsted notified:");
            sent.iter().filter(about).map(|mail| mail.to.clone()).collect()
        };
        let mut answered = council();
        let ask = one(&answered.receive(&form.mail(), received), "request", MANAGER).clone();
        assert_eq!(who(&answered.run(before), "reminder"), NOBODY, "{received}");
        let sent = answered.run(reminded);
        assert_eq!(who(&sent, "reminder"), [MANAGER], "{received}");
        assert!(one(&sent, "reminder", MANAGER).text.contains("telephone Ofsted now"), "{received}");
        let day = &in_time[..10];
        answered.receive(&ask.reply(MANAGER, &format!("Ofsted notified: {day}, OF-12")), in_time);
        let reference = format!("SI-{}-0001", &received[..4]);
        assert_eq!(answered.obligation(&reference, "ofsted_report")["state"], "met", "{received}");
        assert!(about_ofsted(&answered.run(late), "chase").is_empty(), "{received}");

        let mut unanswered = council();
        unanswered.receive(&form.mail(), received);
        let mut early: Vec<Sent> = Vec::new();
        for at in [reminded, in_time] {
            early.extend(unanswered.run(at));
        }
        assert_eq!(about_ofsted(&early, "reminder"), [MANAGER], "{received}");
        assert!(about_ofsted(&early, "chase").is_empty(), "{received}");
        assert_eq!(about_ofsted(&unanswered.run(late), "chase"), [QUALITY], "{received}");
        // Once: the mornings of the working days after bring nothing more of it.
        let after = unanswered.run_at(local(late) + chrono::Duration::days(3));
        assert!(about_ofsted(&after, "chase").is_empty() && who(&after, "reminder").iter().all(|to| *to != MANAGER));
    }
}

#[test]
fn o5_of_a_death_that_was_taken_in_late_the_hours_run_from_the_asking() {
    let mut council = Council::new().with_partners();
    let form = Answers::need_to_know().with("service", "Elm House").with("child_died", "yes");
    council.deliver(&form.mail(), "2026-09-05 10:00");
    one(&council.run("2026-09-06 08:00"), "request", MANAGER);
    assert_eq!(who(&council.run("2026-09-06 19:59:59"), "reminder"), NOBODY);
    assert_eq!(who(&council.run("2026-09-06 20:00"), "reminder"), [MANAGER]);
    assert_eq!(council.obligation(REF, "ofsted_report")["due_at"], "2026-09-06T09:00:00Z", "from the receipt");
    let early = council.run("2026-09-07 07:59:59");
    assert!(early.iter().all(|mail| !(mail.notice == "chase" && mail.text.contains("Ofsted notified:"))));
    let sent = council.run("2026-09-07 08:00");
    assert!(one(&sent, "chase", QUALITY).text.contains("Ofsted notified:"), "{:?}", briefs(&sent));
}

#[test]
fn o5_a_death_told_with_the_first_mail_is_asked_once() {
    let mut council = Council::new().with_partners();
    let form = Answers::need_to_know().with("service", "Elm House");
    council.deliver(&form.mail(), "2026-09-01 10:00");
    council.deliver(&form.with("child_died", "yes").mail(), "2026-09-01 10:01");
    let sent = council.run("2026-09-01 10:02");
    assert!(one(&sent, "request", MANAGER).text.contains("telephone Ofsted now"), "{:?}", briefs(&sent));
}

#[test]
fn o5_section_9_quality_assurance_in_the_managers_place_is_asked_for_its_own_part() {
    let mut council = Council::new().with_partners();
    let form = Answers::need_to_know().with("service", "Oak House").with("seriously_harmed", "yes");
    let sent = council.receive(&form.mail(), "2026-09-04 22:00");
    let ask = one(&sent, "request", QUALITY);
    assert!(ask.text.contains("no registered manager of this service"), "{}", ask.text);
    assert!(ask.text.contains("as quality assurance.") && !ask.text.contains("as registered manager"), "{}", ask.text);
    // A Friday night: due on Saturday night, and chased on Monday at 09:00.
    let weekend =
        council.run_through(&["2026-09-05 09:00", "2026-09-05 16:00", "2026-09-05 22:00", "2026-09-06 09:00"]);
    assert!(weekend.iter().all(|(_, mail)| mail.to != QUALITY), "{weekend:?}");
    council.run("2026-09-07 08:00");
    let digest = council.digests.iter().find(|mail| mail.to == QUALITY).expect("a digest of Monday");
    assert!(digest.text.contains("Report to Ofsted, was due 22:00 on Saturday 5 September 2026"), "{}", digest.text);
    assert!(digest.text.contains("For you to answer."), "{}", digest.text);
    let sent = council.run("2026-09-07 09:00");
    let chase = one(&sent, "chase", QUALITY);
    assert!(!chase.text.contains("did not go out in time"), "{}", chase.text);
    assert!(chase.text.contains("Ofsted notified:") && !chase.text.contains("because of your role"), "{}", chase.text);
}

#[test]
fn o5_after_a_weekend_the_digest_lists_it_before_the_chase() {
    for (received, reminded) in [("2026-09-04 22:00", false), ("2026-09-04 08:00", true)] {
        let mut council = Council::new().with_partners();
        council.receive(&Answers::need_to_know().with("service", "Elm House").mail(), received);
        // Section 9: a reminder of the weekend falls on Friday, and is not sent where it lay before the incident.
        let weekend = council.run_through(&["2026-09-04 22:30", "2026-09-05 09:00", "2026-09-06 09:00"]);
        let reminders: Vec<&str> =
            weekend.iter().filter(|(_, mail)| mail.notice == "reminder").map(|(_, mail)| mail.to.as_str()).collect();
        assert_eq!(reminders, if reminded { vec![MANAGER] } else { vec![] }, "{received}");
        council.run("2026-09-07 08:00");
        let digest = council.digests.iter().find(|mail| mail.to == QUALITY).expect("a digest of Monday");
        assert!(digest.text.contains("Report to Ofsted, was due"), "{}", digest.text);
        assert!(!digest.text.contains("For you to answer."), "the manager's: {}", digest.text);
        assert_eq!(who(&council.run("2026-09-07 09:00"), "chase"), [QUALITY], "{received}");
    }
}

#[test]
fn o5_a_day_without_a_time_counts_as_in_time_on_the_day_on_which_it_is_due() {
    for (line, at, met, says) in [
        ("Ofsted notified: 2 September, OF-12", "2026-09-03 12:00", "2026-09-02T09:00:00Z", true),
        ("Ofsted notified: 2 September, OF-12", "2026-09-02 17:00", "2026-09-02T09:00:00Z", true),
        ("Ofsted notified: 1 September, OF-12", "2026-09-03 12:00", "2026-09-01T22:59:59Z", false),
        ("Ofsted notified: 3 September, OF-12", "2026-09-03 12:00", "2026-09-03T11:00:00Z", false),
    ] {
        let mut council = Council::new().with_partners();
        let ask = one(&at_home(&mut council, "Elm House"), "request", MANAGER).clone();
        let sent = council.receive(&ask.reply(MANAGER, line), at);
        let receipt = one(&sent, "decision-receipt", MANAGER);
        assert_eq!(receipt.text.contains("it counts as in time"), says, "{line}, {at}: {}", receipt.text);
        assert_eq!(council.obligation(REF, "ofsted_report")["met_at"], met, "{line}, {at}");
    }
}
