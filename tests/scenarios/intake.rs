//! What arrives (I1, I2, I8, I9, I11): what opens an incident, joins one, repeats one, or needs a person.

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const NOBODY: [&str; 0] = [];

fn from_worker(subject: &str, text: &str) -> Mail {
    Mail::new(WORKER, subject, text)
}

#[test]
fn i1_the_subject_alone_opens_one_from_inside_with_words() {
    for subject in [
        "Need To Know",
        "NEED TO KNOW - child missing",
        "need-to-know: JA",
        "NTK JA",
        "FW: Need to Know",
        "RE: Need to Know",
        "[EXTERNAL] Fwd: NeedToKnow",
        "OFFICIAL-SENSITIVE: Need To Know",
    ] {
        let mut council = Council::new();
        let sent =
            council.receive(&from_worker(subject, "Jordan has not come home. Police are told."), "2026-09-01 22:00");
        assert_eq!(
            who(&sent, "alert"),
            [DIRECTOR, HEAD].iter().filter(|to| **to == DIRECTOR).copied().collect::<Vec<_>>(),
            "{subject}"
        );
        assert!(one(&sent, "alert", DIRECTOR).text.contains("Jordan has not come home"), "{subject}");
    }
}

#[test]
fn i1_what_is_not_certain_goes_to_quality_assurance_within_the_hour() {
    let mut council = Council::new();
    let list = ("List-Id", "<all.derby.example>");
    let uncertain = [
        from_worker("5 things you need to know about leave", "Take it."),
        Mail::new("parent@elsewhere.example", "Need to know", "My son is hurt."),
        from_worker("Need to know: this week", "News.").header(list.0, list.1),
    ];
    for mail in &uncertain {
        council.deliver(mail, "2026-09-01 10:00");
    }
    let sent = council.run("2026-09-01 10:00");
    assert_eq!(briefs(&sent), [("request", QUALITY)], "one mail for all, nobody is answered");
    assert!(sent[0].text.contains("3 emails wait"), "{}", sent[0].text);
    assert!(council.incidents().is_empty());
    assert_eq!((council.mails_in(".Needs attention"), council.mails_in(".Processed")), (3, 0));
    // A further one within the hour waits for the next hour.
    council.deliver(&from_worker("What you need to know", "x"), "2026-09-01 10:20");
    assert!(council.run("2026-09-01 10:20").is_empty());
    assert_eq!(briefs(&council.run("2026-09-01 11:00")), [("request", QUALITY)]);
    // Newsletters and chat are seen and never answered.
    for mail in [
        from_worker("Lunch?", "At noon?"),
        Mail::new("news@shop.example", "Offers", "Buy now").header("List-Unsubscribe", "<mailto:x@shop.example>"),
        Mail::new("spam@x.example", "Hello", "Dear friend"),
    ] {
        assert!(council.receive(&mail, "2026-09-01 11:30").is_empty(), "{}", mail.subject);
    }
    assert_eq!(council.mails_in(".Processed"), 3);
}

#[test]
fn i1_a_reply_in_a_known_thread_opens_nothing_and_a_form_always_opens_one() {
    let mut council = Council::new();
    let first = from_worker("Need To Know: JA", "Jordan has not come home.");
    council.receive(&first, "2026-09-01 10:00");
    let reply =
        Mail::new(HEAD, "RE: Need To Know: JA", "Thanks, ring me.").header("In-Reply-To", &format!("<{}>", first.id));
    council.receive(&reply, "2026-09-01 10:10");
    assert_eq!(council.incidents().len(), 1);
    // A form opens one whatever the subject says, through a list or in a reply to something unknown.
    let mut form = Answers::need_to_know().word_mail().header("List-Id", "<all.derby.example>");
    form.subject = "please see".to_owned();
    let sent = council.receive(&form, "2026-09-01 10:20");
    assert_eq!(who(&sent, "alert"), [DIRECTOR, HEAD]);
    assert_eq!(council.incidents().len(), 2);
}

#[test]
fn i1_who_was_on_the_workers_mail_is_alerted_without_the_attachment_again() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().word_mail().cc(&format!("Priya <{HEAD}>")), "2026-09-01 10:00");
    let head = one(&sent, "alert", HEAD);
    assert!(head.attachments.is_empty() && head.text.contains("on the worker's own email"), "{}", head.text);
    assert_eq!(one(&sent, "alert", DIRECTOR).attachments, ["SI-2026-0001 form 1.docx"]);
}

#[test]
fn i2_a_form_from_outside_opens_one_and_gets_no_answer() {
    let mut council = Council::new();
    let mut mail = Answers::notification().word_mail();
    mail.from = "Agency <worker@agency.example>".to_owned();
    let sent = council.receive(&mail, "2026-09-01 10:00");
    assert_eq!(briefs(&sent), [("alert", DIRECTOR), ("alert", HEAD), ("alert", STRATEGIC)]);
    assert!(sent.iter().all(|alert| alert.text.contains("worker@agency.example")), "M20: named in the alert");
    // Nor later: the first acknowledgement is not told to them.
    let sent = council.receive(&sent[0].reply(&sent[0].to, "Acknowledged: yes"), "2026-09-01 10:10");
    assert_eq!(sent.len(), 1, "{:?}", briefs(&sent));
}

#[test]
fn i8_what_cannot_be_read_is_alerted_and_a_readable_form_fills_it() {
    let mut council = Council::new();
    let broken =
        from_worker("Need To Know JA", "Please see attached.").file("need-to-know.docx", b"PK\x03\x04 broken".to_vec());
    let sent = council.receive(&broken, "2026-09-01 22:00");
    assert_eq!(who(&sent, "unreadable"), [DIRECTOR]);
    let alert = one(&sent, "unreadable", DIRECTOR);
    assert!(
        alert.text.contains("could not read") && alert.attachments == ["SI-2026-0001 attachment 1.docx"],
        "{}",
        alert.text
    );
    let receipt = one(&sent, "acknowledgement", WORKER).clone();
    assert!(receipt.text.contains("send it again"), "{}", receipt.text);
    assert_eq!(council.mails_in(".Needs attention"), 1, "it stays listed as needing a person");
    // The readable form in that thread fills the incident: the Head of Service of its service is alerted now.
    let again = receipt.reply(WORKER, "Here it is again.").file("need-to-know.docx", Answers::need_to_know().word());
    let sent = council.receive(&again, "2026-09-01 22:10");
    assert_eq!(council.incidents().len(), 1);
    assert_eq!(council.show(REF)["fields"]["child_name"], "Jordan Ash");
    assert_eq!((who(&sent, "alert"), who(&sent, "update")), (vec![HEAD], vec![DIRECTOR]));
    assert!(one(&sent, "update", DIRECTOR).text.contains("Jordan Ash"), "{}", one(&sent, "update", DIRECTOR).text);

    // From outside: the original waits with quality assurance, the sender gets no answer.
    let mut council = Council::new();
    let mut outside = broken.again();
    outside.from = "someone@elsewhere.example".to_owned();
    let sent = council.receive(&outside, "2026-09-01 22:00");
    assert!(sent.iter().all(|mail| mail.attachments.is_empty() && mail.to != "someone@elsewhere.example"));
    assert_eq!(who(&sent, "unreadable"), [DIRECTOR]);
}

#[test]
fn i9_a_notification_form_joins_the_need_to_know_whoever_sends_it() {
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().with("incident_severity", "Near miss").mail(), "2026-09-01 10:00");
    let mut form = Answers::notification().word_mail();
    form.from = "lead.manager@derby.example".to_owned();
    let sent = council.receive(&form, "2026-09-01 15:00");
    assert_eq!(council.incidents().len(), 1);
    assert_eq!(who(&sent, "alert"), [STRATEGIC]);
    let alert = one(&sent, "alert", STRATEGIC);
    assert!(alert.attachments.contains(&"SI-2026-0001 form 1.docx".to_owned()), "{:?}", alert.attachments);
    let ask = one(&sent, "request", DIRECTOR);
    assert!(
        ask.text.contains("Investigator:") && ask.text.contains("notification form"),
        "the notice says so: {}",
        ask.text
    );
    let update = one(&sent, "update", HEAD);
    assert!(update.text.contains("notification form for this incident has come"));
    let receipt = one(&sent, "acknowledgement", "lead.manager@derby.example");
    assert!(receipt.text.contains("15:00"), "its own receipt: {}", receipt.text);
    for name in ["Tomasz Lind", "Morag Ellis", "Priya Raman"] {
        assert!(receipt.text.contains(name), "{name}: {}", receipt.text);
    }
    assert_eq!(council.obligation(REF, "investigation_report")["due_at"], "2026-09-29T22:59:59Z");
    // Another form about the same day and child no longer joins: it is an update from a sender that is known.
    let more = Answers::notification().with("police_informed", "yes").word_mail();
    let sent = council.receive(&more, "2026-09-02 10:00");
    assert_eq!(council.incidents().len(), 1);
    assert_eq!(who(&sent, "alert"), NOBODY);
}

#[test]
fn i9_the_same_form_or_mail_again_is_one_line_to_the_sender_once() {
    let mut council = Council::new();
    let mail = Answers::need_to_know().word_mail();
    council.receive(&mail, "2026-09-01 10:00");
    let sent = council.receive(&mail.again(), "2026-09-01 10:10");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER)]);
    assert!(sent[0].text.contains("the same report again"), "{}", sent[0].text);
    assert!(council.receive(&mail.again(), "2026-09-01 10:20").is_empty(), "once");
    assert!(council.receive(&mail, "2026-09-01 10:30").is_empty(), "the same raw mail");
    // The same answers typed into the body.
    let mut council = Council::new();
    council.receive(&mail, "2026-09-01 10:00");
    let sent = council.receive(&mail, "2026-09-01 10:10");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER)], "the same raw mail, delivered twice");
    assert_eq!(council.incidents().len(), 1);
    assert_eq!(council.mails_in(""), 0);
}

#[test]
fn i9_a_form_quoted_in_a_reply_that_names_no_mail_opens_nothing_more() {
    for (sender, above) in [(WORKER, "More to follow."), (HEAD, "Thanks, received. I will ring.")] {
        let mut council = Council::new();
        let first = Answers::need_to_know().mail();
        council.receive(&first, "2026-09-01 10:00");
        let quoted = format!(
            "{above}\n\nFrom: Sam Doyle\nSent: 1 September 2026 10:00\nTo: Incidents\nSubject: {}\n\n{}",
            first.subject, first.text
        );
        council.receive(&Mail::new(sender, &format!("RE: {}", first.subject), &quoted), "2026-09-01 10:10");
        assert_eq!(council.incidents().len(), 1, "{sender}");
    }
}

#[test]
fn i9_another_sender_or_another_day() {
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    // Another sender, same child and day, other words: a new incident, alerted, marked.
    let mut other = Answers::need_to_know().with("incident_description", "A fall on the stairs.").mail();
    other.from = "other.worker@derby.example".to_owned();
    let sent = council.receive(&other, "2026-09-01 11:00");
    assert_eq!(who(&sent, "alert"), [DIRECTOR, HEAD]);
    let alert = one(&sent, "alert", HEAD).clone();
    assert!(alert.text.contains("may be the same as SI-2026-0001"), "{}", alert.text);
    assert_eq!(alert.reference, "SI-2026-0002");
    let sent = council.receive(&alert.reply(HEAD, "Same as: SI-2026-0001"), "2026-09-01 11:10");
    assert_eq!(who(&sent, "decision-receipt"), [HEAD]);
    // The same sender about another day: another incident, not marked.
    let sent = council.receive(&Answers::need_to_know().with("incident_date", "2026-08-25").mail(), "2026-09-01 12:00");
    assert_eq!(council.incidents().len(), 3);
    assert!(!one(&sent, "alert", HEAD).text.contains("may be the same"));
    // The same sender, child and day: an update.
    let sent =
        council.receive(&Answers::need_to_know().with("child_whereabouts", "In hospital.").mail(), "2026-09-01 13:00");
    assert_eq!(council.incidents().len(), 3);
    assert_eq!(who(&sent, "update"), [DIRECTOR, HEAD]);
    assert!(one(&sent, "update", HEAD).text.contains("In hospital."));
}

#[test]
fn i2_two_forms_in_one_mail() {
    // About two children: two incidents. About one: one incident that awaits nothing more.
    let mut council = Council::new();
    let other = Answers::need_to_know().with("child_name", "Robin Elm").with("child_dob", "2010-01-01");
    let mail = Answers::need_to_know().word_mail().file("second.docx", other.word());
    let sent = council.receive(&mail, "2026-09-01 10:00");
    assert_eq!(council.incidents().len(), 2);
    assert_eq!(who(&sent, "alert"), [DIRECTOR, DIRECTOR, HEAD, HEAD]);
    let mut council = Council::new();
    let mail = Answers::need_to_know().word_mail().file("sin.docx", Answers::notification().word());
    let sent = council.receive(&mail, "2026-09-01 10:00");
    assert_eq!(council.incidents().len(), 1);
    assert_eq!(who(&sent, "alert"), [DIRECTOR, HEAD, STRATEGIC]);
    assert_eq!(sent.len(), 4, "one mail a person: {:?}", briefs(&sent));
    assert!(one(&sent, "alert", DIRECTOR).text.contains("Investigator:"));
    // The same form in the body and attached is one form.
    let mut council = Council::new();
    let mut mail = Answers::need_to_know().word_mail();
    mail.text = Answers::need_to_know().text();
    let sent = council.receive(&mail, "2026-09-01 10:00");
    assert_eq!((council.incidents().len(), sent.len()), (1, 3), "{:?}", briefs(&sent));
}

#[test]
fn i11_a_blank_template_goes_back_and_a_partly_filled_form_goes_out() {
    let mut council = Council::new();
    let blank = Answers { kind: Answers::need_to_know().kind, values: Default::default() };
    let sent =
        council.receive(&from_worker("Need To Know", "").file("need-to-know.docx", blank.word()), "2026-09-01 10:00");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER)]);
    assert!(sent[0].text.contains("arrived empty"), "{}", sent[0].text);
    assert!(council.incidents().is_empty());
    let mut partly = blank;
    partly.values.insert("incident_description".to_owned(), "A child was hurt.".to_owned());
    let sent =
        council.receive(&from_worker("Need To Know", "").file("need-to-know.docx", partly.word()), "2026-09-01 10:10");
    assert_eq!(who(&sent, "alert"), [DIRECTOR]);
    let receipt = one(&sent, "acknowledgement", WORKER);
    for asked in
        ["who the child is", "when it happened", "the safety plan", "where the child is now", "the next steps", "media"]
    {
        assert!(receipt.text.contains(asked), "{asked}: {}", receipt.text);
    }
    assert!(!receipt.text.contains("what happened"), "answered: {}", receipt.text);
}

#[test]
fn i11_a_blank_template_in_the_text_of_a_mail_goes_back() {
    let mut council = Council::new();
    let labels = "Need To Know form\n\nName of child:\nDate of birth:\nTeam:\nDate and time of incident:\nWhat happened?:\n\
                  What is in place to keep the child safe?:\nWhere is the child now?:\nWhat are the next steps?:\nMedia interest?:\n\
                  Immediate action taken:\nCompleted by:\nContact number:\n";
    let sent = council.receive(&from_worker("Need To Know", labels), "2026-09-01 10:00");
    assert_eq!(council.incidents().len(), 0, "{:?}", briefs(&sent));
    assert!(one(&sent, "acknowledgement", WORKER).text.contains("The form arrived empty"));
}

#[test]
fn i13_a_label_that_only_the_settings_know_is_read_with_it() {
    const LABEL: &str = "Zyxt of the bairn";
    let form = format!(
        "Need to know\n\n{LABEL}: Jordan Ash\nDate of birth: 14/06/2012\nTeam: MASH\nWhat happened? Jordan has not come home.\n"
    );
    let mail = || from_worker("Need To Know", "Form attached.").file("form.txt", form.clone().into_bytes());
    let wordings = format!("[forms.wordings]\nchild_name = [\"Full name\", \"{LABEL}\"]\n");
    for (settings, name) in [("", serde_json::Value::Null), (wordings.as_str(), "Jordan Ash".into())] {
        // The last entry of the settings: what follows it begins a section of its own.
        let mut council = Council::with(&[(ADMIN, settings)]);
        let sent = council.receive(&mail(), "2026-09-01 10:00");
        assert_eq!(one(&sent, "alert", DIRECTOR).reference, REF);
        assert_eq!(council.show(REF)["fields"]["child_name"], name, "{settings}");
        assert_eq!(council.show(REF)["fields"]["incident_description"], "Jordan has not come home.");
    }
}

#[test]
fn i5_i9_an_earlier_answer_that_comes_back_is_news_and_what_changes_nothing_is_none() {
    let mut council = Council::new();
    let home = Answers::need_to_know();
    let missing = home.clone().with("child_whereabouts", "Missing since noon.");
    let first = home.mail();
    council.receive(&first, "2026-09-01 10:00");
    council.receive(&missing.mail(), "2026-09-01 11:00");
    let sent = council.receive(&home.mail(), "2026-09-01 12:00");
    assert!(one(&sent, "update", HEAD).text.contains("now “In the home, with a key worker.”"), "{:?}", briefs(&sent));
    let sent = council.receive(&missing.mail(), "2026-09-01 13:00");
    assert!(one(&sent, "update", HEAD).text.contains("now “Missing since noon.”"), "{:?}", briefs(&sent));
    // The very first mail delivered once more, and the same mail by another way, are what they were.
    let mut relayed = first.clone();
    relayed.headers.push(("X-Relayed-By".to_owned(), "gateway".to_owned()));
    for (mail, at) in [(&first, "2026-09-01 14:00"), (&relayed, "2026-09-01 14:10")] {
        let sent = council.receive(mail, at);
        assert!(who(&sent, "update").is_empty(), "{:?}", briefs(&sent));
        assert_eq!(council.show(REF)["fields"]["child_whereabouts"], "Missing since noon.");
    }
    // A Need To Know that is sent again after the notification form joined, which says the same.
    let mut council = Council::new();
    council.receive(&home.mail(), "2026-09-01 10:00");
    council.receive(&Answers::notification().with("police_informed", "yes").mail(), "2026-09-01 10:30");
    let sent = council.receive(&home.mail(), "2026-09-01 11:00");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER)]);
    assert!(sent[0].text.contains("the same report again"), "{}", sent[0].text);
}
