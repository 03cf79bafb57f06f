//! Layouts and ways of answering by example: what is read of each, and that nothing which was written is lost.

use std::collections::BTreeMap;

use need_to_know::forms::{self, Form, Kind, Reading, State, Value};

fn reading(name: &str, bytes: &[u8]) -> Reading {
    forms::read_file(name, bytes, &Default::default(), &Default::default())
}

/// The one form of a plain text: a title, a child and then these lines.
fn of_text(lines: &str) -> Form {
    only(reading(
        "form.txt",
        format!("Need to Know\n\nChild's initials: AB\nDate of birth: 1/2/2011\n{lines}\n").as_bytes(),
    ))
}

/// The one form of a page: a title, a child and then this.
fn of_page(page: &str) -> Form {
    let child =
        "<table><tr><td>Child's initials</td><td>AB</td></tr><tr><td>Date of birth</td><td>1/2/2011</td></tr></table>";
    only(reading("form.html", format!("<html><body><h1>Need to Know</h1>{child}{page}</body></html>").as_bytes()))
}

fn only(reading: Reading) -> Form {
    let mut forms = reading.forms;
    assert_eq!(forms.len(), 1, "{:?}", reading.problems);
    forms.remove(0)
}

fn values(form: &Form) -> BTreeMap<&str, &str> {
    let told = form.fields.iter().filter_map(|(key, field)| Some((key.as_str(), field.value.as_ref()?.as_text()?)));
    told.collect()
}

fn others(form: &Form) -> Vec<(&str, &str)> {
    form.unmatched.iter().map(|other| (other.label.as_str(), other.text.as_str())).collect()
}

/// All that a form says, wherever it stands.
fn said(form: &Form) -> String {
    let fields = form.fields.values().map(|field| format!("{} {}", field.label, field.text));
    let others = form.unmatched.iter().map(|other| format!("{} {}", other.label, other.text));
    fields.chain(others).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_question_that_nobody_knows_keeps_its_words_wherever_it_stands() {
    let form =
        of_text("Team: MASH\nName of the budgerigar\nPolly\nLegal status: S20\nShoe size\nFour\nMedia interest: no");
    assert_eq!(others(&form), [("Name of the budgerigar", "Polly"), ("Shoe size", "Four")]);
    let values = values(&form);
    assert_eq!((values["team"], values["child_legal_status"], values["media_interest"]), ("MASH", "S20", "no"));

    let page = "<p>Anything the director must know</p><p>Mother is a councillor</p><table><tr><td>Team</td><td>MASH</td></tr></table>";
    assert_eq!(others(&of_page(page)), [("Anything the director must know", "Mother is a councillor")]);
    let lone = of_text("Team: MASH\nRing before 6pm\nMedia interest: no");
    assert_eq!(others(&lone), [("Team", "Ring before 6pm")]);
}

#[test]
fn comments_beside_a_marked_column_are_kept() {
    let page = "<table><tr><td>Question</td><td>Yes</td><td>No</td><td>Comments</td></tr>\
        <tr><td>Police informed</td><td>X</td><td></td><td>log 442</td></tr>\
        <tr><td>Media interest</td><td></td><td>X</td><td></td></tr></table>\
        <table><tr><td>Question</td><td>Y/N</td><td>Details</td></tr>\
        <tr><td>Ofsted informed</td><td>Y</td><td>by post</td></tr></table>";
    let form = of_page(page);
    let values = values(&form);
    assert_eq!((values["police_informed"], values["media_interest"], values["ofsted_notified"]), ("yes", "no", "yes"));
    assert_eq!(others(&form), [("Police informed", "log 442"), ("Ofsted informed", "by post")]);
}

#[test]
fn a_label_that_shares_only_common_words_is_not_taken_for_another() {
    for label in ["Other pets at home", "Other rabbits at home", "Type of vehicle", "Time of last meal"] {
        let form = of_text(&format!("{label}: yes\nTeam: MASH"));
        assert_eq!(others(&form), [(label, "yes")], "{label}");
    }
}

#[test]
fn a_column_of_guidance_is_no_answer() {
    let page = "<table><tr><td>Item</td><td>Guidance</td><td>To be completed</td></tr>\
        <tr><td>Team</td><td>The locality, not the person.</td><td>MASH</td></tr>\
        <tr><td>Interim safety plan</td><td>Say how the child is safe.</td><td>With her aunt.</td></tr>\
        <tr><td>Media interest</td><td>Ask comms.</td><td></td></tr></table>";
    let form = of_page(page);
    assert_eq!((values(&form)["team"], values(&form)["safety_plan"]), ("MASH", "With her aunt."));
    assert_eq!(form.fields["media_interest"].state, State::Blank);
}

#[test]
fn rows_of_a_label_and_its_answer_keep_apart_where_one_is_blank() {
    let row = |words: &str| format!("<tr><td>{words}</td></tr>");
    let rows = [
        "Location of incident",
        "",
        "Where is the vehicle kept?",
        "In the yard",
        "Team",
        "MASH",
        "Details of incident",
        "",
    ];
    let form = of_page(&format!("<table>{}</table>", rows.map(row).concat()));
    assert_eq!(form.fields["incident_location"].state, State::Blank);
    assert_eq!(form.fields["incident_description"].state, State::Blank);
    assert_eq!(values(&form)["team"], "MASH");
    assert_eq!(others(&form), [("Where is the vehicle kept?", "In the yard")]);
}

#[test]
fn an_answer_may_begin_with_the_words_of_a_label() {
    let row = |words: &str| format!("<tr><td>{words}</td></tr>");
    let narrative = "<p>He ran off.</p><p>The injuries include a fracture of the arm, which was set on Friday.</p>";
    let rows = [
        "What happened",
        narrative,
        "Action already taken",
        "Immediate action: locks changed.",
        "Next steps",
        "A visit.",
    ];
    let form = of_page(&format!("<table>{}</table>", rows.map(row).concat()));
    let values = values(&form);
    assert_eq!(values["immediate_action"], "Immediate action: locks changed.");
    assert!(values["incident_description"].ends_with("set on Friday."), "{values:?}");
    assert!(!values.contains_key("injuries"));
}

#[test]
fn dots_to_write_on_are_no_part_of_the_answer() {
    let form = of_text(
        "Team ......MASH..........\nLocation of incident ..............\nSocial worker ......Sam Doyle........",
    );
    assert_eq!((values(&form)["team"], values(&form)["social_worker"]), ("MASH", "Sam Doyle"));
    assert_eq!(form.fields["incident_location"].state, State::Blank);
}

#[test]
fn a_person_is_asked_by_post_and_telephone_in_brackets() {
    let form = of_text(
        "Completed by (name): Sam Doyle\nCompleted by (post): Nurse\nCompleted by (tel): 01632 960111\nTeam: MASH",
    );
    let values = values(&form);
    assert_eq!(values["completed_by"], "Sam Doyle");
    assert_eq!((values["completed_role"], values["completed_phone"]), ("Nurse", "01632 960111"));
}

#[test]
fn boxes_in_a_column_of_their_own_belong_to_the_words_beside_them() {
    let options = "<table><tr><td>☐</td><td>Fire</td></tr><tr><td>☒</td><td>Flood</td></tr><tr><td>☒</td><td>Assault</td></tr></table>";
    let form = of_page(&format!("<table><tr><td>Type of incident</td><td>{options}</td></tr></table>"));
    let ticked = Value::List(vec!["Flood".to_owned(), "Assault".to_owned()]);
    assert_eq!(form.fields["incident_categories"].value, Some(ticked));
}

#[test]
fn an_expected_birth_lies_ahead_and_a_birth_behind() {
    let form = of_text("Expected date of delivery: 15/02/27\nDate of incident: 3/11/26");
    assert_eq!(values(&form)["child_expected_delivery"], "2027-02-15");
    let form = only(reading("form.txt", b"Need to Know\nChild's initials: AB\nDate of birth: 3/7/98\nTeam: MASH"));
    assert_eq!(values(&form)["child_dob"], "1998-07-03");
}

#[test]
fn what_asks_of_no_event_is_no_form() {
    let renewal = "Full name: Sam Doyle\nDate of birth: 03/04/1979\nAddress: 4 High Street\nJob title: Nurse\nTeam: MASH\nManager: Ann Lee";
    assert_eq!(reading("renewal.txt", renewal.as_bytes()).kind, Kind::Other);
    let harm = renewal.replace("Job title: Nurse", "Details of incident: a fall");
    assert_eq!(reading("fall.txt", harm.as_bytes()).kind, Kind::NeedToKnow);
}

#[test]
fn a_form_without_its_core_is_said() {
    let codes =
        |text: &str| reading("form.txt", text.as_bytes()).problems.into_iter().map(|p| p.code).collect::<Vec<_>>();
    let more = "Team: MASH\nMedia interest: no\nLegal status: S20\nSocial worker: Ann Lee\nEthnicity: Other\nGender: Female\n\
        Date of birth: 1/2/2011\nPolice informed: no\nOfsted informed: no\nAge: 15\nSchool: Marle High\nLADO informed: no";
    let (named, told) = ("Child's initials: AB", "What happened: a fall");
    assert_eq!(codes(&format!("Need to Know\n{named}\n{more}")), ["missing_core"]);
    assert_eq!(codes(&format!("Need to Know\n{told}\n{more}")), ["missing_core"]);
    assert!(codes(&format!("Need to Know\n{named}\n{told}\n{more}")).is_empty());
}

#[test]
fn m15_a_form_most_of_whose_labels_nobody_knows_is_for_a_person() {
    let known =
        [("Child's initials", "OQ"), ("Team", "MASH"), ("What happened?", "She ran away."), ("Next steps", "Ring.")];
    let strange = ["Zorb", "Glim", "Quern", "Frabble", "Moxit", "Plonth", "Brizzle"].map(|label| (label, "Ubbly"));
    let is_for_a_person = |rows: &[(&str, &str)]| {
        let rows: String = rows.iter().map(|(label, answer)| row(&[label, answer])).collect();
        let reading = reading("form.html", format!("<h1>Need to know</h1><table>{rows}</table>").as_bytes());
        assert_eq!(reading.forms.len(), 1);
        reading.problems.iter().any(|problem| problem.code == "low_coverage")
    };
    assert!(!is_for_a_person(&known));
    assert!(is_for_a_person(&[&known[..], &strange].concat()));
}

#[test]
fn archives_that_nobody_opens_are_said_to_be_unreadable() {
    for (name, bytes) in [
        ("NTK.7z", &b"7z\xbc\xaf\x27\x1c\0\x04"[..]),
        ("NTK.rar", b"Rar!\x1a\x07\x01\0"),
        ("NTK.one", b"\xe4\x52\x5c\x7b\x8c\xd8"),
        ("note.asc", b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n"),
        ("drawn.odt.7z", b"text that is none"),
    ] {
        let reading = reading(name, bytes);
        assert_eq!((reading.kind, reading.problems.len()), (Kind::Unreadable, 1), "{name}");
    }
}

#[test]
fn nothing_of_a_form_is_lost() {
    let lines = "Team: MASH\nWard sister\nAnn Lee\n\nLegal status: S20\nKept since\nMarch\nPolice informed: yes\nby the ward\n\
        Social worker: Sam Doyle\nrang at nine\nDetails of incident: A fall.\nMedia interest: no";
    let said = said(&of_text(lines));
    for word in lines.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        assert!(said.contains(word), "{word} in {said}");
    }
}

fn row(cells: &[&str]) -> String {
    format!("<tr>{}</tr>", cells.iter().map(|cell| format!("<td>{cell}</td>")).collect::<String>())
}

fn bold(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("<b>{cell}</b>")).collect();
    row(&cells.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn rows_in_bold_are_labels_over_their_answers_whatever_their_words() {
    let page = [
        bold(&["Team", "Desk colour", "Telephone"]),
        row(&["MASH", "Green", "07700900655 (office)"]),
        bold(&["Where", "Shoe size", "Gender"]),
        row(&["Bus station", "Four", ""]),
    ];
    let form = of_page(&format!("<table>{}</table>", page.concat()));
    let values = values(&form);
    assert_eq!((values["team"], values["completed_phone"]), ("MASH", "07700900655 (office)"));
    assert_eq!(values["incident_location"], "Bus station");
    assert_eq!(others(&form), [("Desk colour", "Green"), ("Shoe size", "Four")]);
}

#[test]
fn rows_of_one_cell_are_labels_and_answers_by_turns() {
    let page = [
        row(&["Next steps"]),
        row(&["None so far"]),
        row(&["Wishes of the budgerigar"]),
        row(&[""]),
        row(&["Safety plan"]),
        row(&["Stays with her aunt."]),
    ];
    let form = of_page(&format!("<table>{}</table>", page.concat()));
    let values = values(&form);
    assert_eq!((values["next_steps"], values["safety_plan"]), ("None so far", "Stays with her aunt."));
    assert_eq!(others(&form), [("Wishes of the budgerigar", "")]);
}

fn rows<'f>(form: &'f Form, key: &str) -> Vec<Vec<&'f str>> {
    let Some(Value::Rows(rows)) = form.fields.get(key).and_then(|field| field.value.as_ref()) else {
        return Vec::new();
    };
    rows.iter().map(|row| row.values().map(String::as_str).collect()).collect()
}

#[test]
fn actions_are_known_by_what_stands_in_their_columns() {
    let across = [
        row(&["", "1", "2"]),
        row(&["Action", "Fit a new lock on the door", "Ring the school"]),
        row(&["By", "Sam Ash", "Head of Service"]),
        row(&["Target", "4/5/2026", "6/5/2026"]),
    ];
    let down = [
        bold(&["We recommend", "In whose hands", "By what date"]),
        row(&["Fit a new lock on the door", "Sam Ash", "4/5/2026"]),
        row(&["Ring the school", "Head of Service", "6/5/2026"]),
    ];
    for (page, key) in [(across.concat(), "actions"), (down.concat(), "recommendations")] {
        let form = of_page(&format!("<p>Team: MASH</p><p>Gender: Female</p><table>{page}</table>"));
        let found = [rows(&form, key), rows(&form, "actions")].into_iter().find(|rows| !rows.is_empty());
        let want = [
            vec!["2026-05-04", "Sam Ash", "Fit a new lock on the door"],
            vec!["2026-05-06", "Head of Service", "Ring the school"],
        ];
        assert_eq!(found.unwrap_or_default(), want, "{key}");
    }
}

#[test]
fn rows_that_bid_somebody_to_do_something_are_actions_below_headings_nobody_knows() {
    let heads = [["Wumble", "Named person", "To be finished by"], ["Glorp", "Zib", "Quondam"]];
    for head in heads {
        let page = [
            row(&head),
            row(&["Update the chronology", "Residential Manager", "28/6/2026"]),
            row(&["Ring the school", "Sam Ash", "Friday 3 July 2026"]),
            row(&["", "", ""]),
        ];
        let form = of_page(&format!("<p>Team: MASH</p><p>Who needs to do what?</p><table>{}</table>", page.concat()));
        let want = [
            ["2026-06-28", "Residential Manager", "Update the chronology"],
            ["2026-07-03", "Sam Ash", "Ring the school"],
        ];
        assert_eq!(rows(&form, "actions"), want, "{head:?}");
        assert_eq!(form.children.len(), 1, "{head:?}");
        assert_eq!(form.children[0].get("child_name"), None, "{head:?}");
        let answers: Vec<&str> = values(&form).into_values().collect();
        assert!(!head.iter().any(|words| answers.contains(words)), "{answers:?}");
    }
}

#[test]
fn a_record_of_what_was_done_is_no_plan_of_actions() {
    let page = [
        row(&["Glorp", "Zib", "Quondam"]),
        row(&["Called her mother at home", "Sam Ash", "28/6/2026"]),
        row(&["Visited the school", "Social Worker", "3/7/2026"]),
    ];
    let form = of_page(&format!("<p>Team: MASH</p><table>{}</table>", page.concat()));
    assert!(rows(&form, "actions").is_empty() && rows(&form, "recommendations").is_empty());
    assert!(said(&form).contains("Called her mother at home"));
}

#[test]
fn numbers_in_a_table_of_children_are_no_legal_status() {
    let page = [
        row(&["Name", "Date of birth", "LAS ID", "How related to the first child", "Legal status"]),
        row(&["Amy Ax", "1/2/2011", "357-8719", "Self", "Child protection plan"]),
        row(&["Ben Ax", "3/4/2013", "P957939", "Half brother", "Section 20"]),
        row(&["", "", "", "", ""]),
    ];
    let form = only(reading(
        "form.html",
        format!("<html><body><h1>Need to Know</h1><p>Team: MASH</p><p>Which children does this concern?</p><table>{}</table><p>Incident details: She fell.</p></body></html>", page.concat()).as_bytes(),
    ));
    let told =
        |key: &str| form.children.iter().map(|child| child.get(key).map_or("", String::as_str)).collect::<Vec<_>>();
    assert_eq!(told("child_case_id"), ["357-8719", "P957939"]);
    assert_eq!(told("child_legal_status"), ["Child protection plan", "Section 20"]);
    assert_eq!(told("child_relationship"), ["Self", "Half brother"]);
    assert_eq!(told("child_dob"), ["2011-02-01", "2013-04-03"]);
}

#[test]
fn what_happened_on_a_day_at_a_time_is_asked_with_both() {
    let both = of_text("Team: MASH\nIncident happened on: 24/04/2026, 2.25am\nMedia interest: no");
    assert_eq!(values(&both)["incident_at"], "2026-04-24T02:25");
    let day = of_text("Team: MASH\nIncident happened on: 24/04/2026\nTime of incident: 2.25am\nMedia interest: no");
    assert_eq!((values(&day)["incident_date"], values(&day)["incident_time"]), ("2026-04-24", "02:25"));
}

#[test]
fn a_table_of_children_may_hold_plans_and_says_how_they_are_related() {
    let page = [
        bold(&["Child's name", "Date of birth", "Legal status", "School", "Part in it"]),
        row(&["Amy Ax", "1/2/2011", "Child protection plan", "Marle High", "Subject child"]),
        row(&["Ben Ax", "3/4/2013", "Care order", "", "Brother"]),
    ];
    let form = only(reading(
        "form.html",
        format!("<html><body><h1>Need to Know</h1><p>Team: MASH</p><p>Children in the family</p><table>{}</table><p>Incident details: She fell.</p></body></html>", page.concat()).as_bytes(),
    ));
    let related: Vec<Option<&str>> =
        form.children.iter().map(|child| child.get("child_relationship").map(String::as_str)).collect();
    assert_eq!(related, [Some("Subject child"), Some("Brother")]);
    assert_eq!(form.children[1]["child_legal_status"], "Care order");
}

#[test]
fn no_brothers_and_sisters_are_none_in_danger() {
    for answer in ["None", "No siblings", "[ ] Yes [ ] No [x] None", "Yes / No / None"] {
        let form = of_text(&format!("Team: MASH\nGender: Female\nAre siblings safe? {answer}\nMedia interest: no"));
        assert_eq!(values(&form).get("siblings_safe"), None, "{answer}");
    }
    assert_eq!(
        values(&of_text("Team: MASH\nGender: Female\nAre siblings safe? No\nMedia interest: no"))["siblings_safe"],
        "no"
    );
}

#[test]
fn labels_are_known_in_other_words_for_the_same() {
    for (label, answer, key) in [
        ("State the place of the event", "The bus station", "incident_location"),
        ("HMCI notified at time of writing (delete)", "yes", "ofsted_notified"),
        ("Plan for the next 48 hours", "Visit the aunt", "next_steps"),
        ("On what date did the occurrence take place?", "4/5/2026", "incident_date"),
        ("Sources consulted and people spoken to", "The daily log; two carers", "methodology"),
        ("Where can we ring you in the next 24 hours?", "07700 900123", "completed_phone"),
        ("How will the agency stop this recurring?", "A new lock on the store", "planned_prevention"),
        ("Pupil's forename", "Amy", "child_forename"),
        ("C12. Injuries and medical attention", "A cut lip", "injuries"),
    ] {
        let form = of_text(&format!("Team: MASH\n{label}: {answer}\nService: Safeguarding"));
        let label = label.trim_end_matches('?');
        let read = form.fields.get(key).map(|field| field.label.trim_end_matches('?'));
        assert_eq!(read, Some(label), "{:?}", form.fields);
    }
}

#[test]
fn what_nobody_here_needs_is_asked_by_many_labels_and_taken_for_nothing() {
    for label in [
        "Name of headteacher",
        "Mother's telephone number",
        "Team manager's comments",
        "Date of last home visit",
        "Exploitation status",
        "Address of school",
        "Form reference",
        "HR informed",
        "Signature of author",
        "Working hours",
    ] {
        let form = of_text(&format!("Team: MASH\n{label}: noted\nService: Safeguarding"));
        assert_eq!(others(&form), [(label, "noted")], "{:?}", form.fields);
    }
}

#[test]
fn the_line_right_below_a_label_answers_it_where_all_answers_stand_so() {
    let form = reading(
        "form.txt",
        b"NEED TO KNOW\n\nCHILD\nChild's initials\nQT\n\nDate of birth\n1/2/2011\n\nEthnicity\nWhite British\n\nLegal status\n\
          Looked after child\n\nREPORTER\nCompleted by\nSam Field\n\nJob role\nTeam Manager\n\nYour manager\nJo Marsh\n\nSAFETY\n\
          Child currently at\nPlacement\n\nFamily told?\nyes\n",
    );
    let form = only(form);
    let values = values(&form);
    assert_eq!((values["completed_role"], values["team_manager"]), ("Team Manager", "Jo Marsh"), "{:?}", form.fields);
    assert_eq!((values["child_whereabouts"], values["parents_informed"]), ("Placement", "yes"), "{:?}", form.fields);
}

#[test]
fn below_numbered_questions_stand_answers_whatever_their_words() {
    let form = reading(
        "form.txt",
        b"Need to Know\n\n1) Give the name of the child\nAmy Axworth\n\n2) Give the child's date of birth\n1/2/2011\n\n\
          3) Say whether the child is subject to a plan or order\nCiN\n\n4) State your position\nAssistant Team Manager\n\n\
          5) Is there any likelihood of media attention?\nyes\n\n6) Explain your answer\nA reporter rang.\n",
    );
    let form = only(form);
    let values = values(&form);
    assert_eq!((values["child_name"], values["child_legal_status"]), ("Amy Axworth", "CiN"), "{:?}", form.fields);
    assert_eq!(values["completed_role"], "Assistant Team Manager", "{:?}", form.fields);
    assert_eq!((values["media_interest"], values["media_details"]), ("yes", "A reporter rang."), "{:?}", form.fields);
}

#[test]
fn a_moment_is_no_place() {
    let form = of_text("Team: MASH\nEvent at: 4/5/2026 10:30\nService: Safeguarding");
    assert_eq!(values(&form).get("incident_at"), Some(&"2026-05-04T10:30"), "{:?}", form.fields);
    let form = of_text("Team: MASH\nEvent at: Ridge House\nService: Safeguarding");
    assert_eq!(values(&form).get("incident_location"), Some(&"Ridge House"), "{:?}", form.fields);
}

#[test]
fn i1_minutes_and_thanks_are_no_forms() {
    let minutes = b"Senior leadership team\n\nPresent: GA, MF\n\nApologies: TP\n\n1. Need to Know procedure\nForms must be sent within the day.\n\n\
        2. Safety plans: The quality of interim safety plans was discussed.\n\n3. Media: Comms lead to attend.\n\n\
        Immediate action: MF to send a reminder.\n\nDate of next meeting: 9 June\n";
    assert_eq!(reading("minutes.txt", minutes).kind, Kind::Other);
    let thanks = b"From: a@northshire.example\r\nTo: ntk@northshire.example\r\nSubject: RE: Need to Know briefing - thanks\r\n\r\n\
        Thanks, received. Can we speak at 3?\r\n\r\nFrom: B\r\nSent: 3 May 2026 10:00\r\nTo: C\r\nSubject: Need to Know briefing\r\n\r\n\
        Please see attached.\r\n";
    assert_eq!(reading("mail.eml", thanks).kind, Kind::Other);
    let report = b"From: a@northshire.example\r\nTo: ntk@northshire.example\r\nSubject: Need to Know\r\n\r\n\
        A child was hurt at the home this morning; ring me.\r\n";
    assert_eq!(reading("mail.eml", report).kind, Kind::NeedToKnow);
}

#[test]
fn of_printed_options_the_ticked_one_is_the_answer_however_its_box_is_drawn() {
    for drawn in [
        "○ Catastrophic   ○ Serious   ● Near miss   ○ Not serious   ○ Unsure",
        "( ) Catastrophic   ( ) Serious   (X) Near miss   ( ) Not serious   ( ) Unsure",
        "☐ Catastrophic ☐ Serious ☒ Near miss ☐ Not serious ☐ Unsure",
    ] {
        let form = of_text(&format!("How serious is it?\t{drawn}\nRisk assessment reviewed: (X)\nTeam: MASH"));
        assert_eq!(values(&form)["incident_severity"], "Near miss", "{drawn}");
        assert_eq!(form.fields["incident_severity"].words(), "Near miss");
        assert_eq!(form.fields["risk_assessed"].value, Some(Value::Tick(true)), "{drawn}");
    }
    let unsure = of_text("How serious is it?\t[ ] Serious [ ] Near miss [x] Unsure\nTeam: MASH");
    assert_eq!(values(&unsure)["incident_severity"], "Unsure", "C3");
    let points = of_text("Next steps:\n● Ring the school.\n● Visit.\nTeam: MASH");
    assert_eq!(values(&points)["next_steps"], "● Ring the school.\n● Visit.");
}

#[test]
fn a_title_behind_a_colon_is_no_answer() {
    let form = only(reading(
        "form.txt",
        b"Significant event: Need to Know\n\nChild's initials: AB\nDate of birth: 1/2/2011\nWhat happened: She fell.\nTeam: MASH\n",
    ));
    assert_eq!((form.kind, values(&form)["incident_description"]), (Kind::NeedToKnow, "She fell."));
}

#[test]
fn a_form_explains_itself_below_its_notes_and_answers_nothing_there() {
    let form = of_text(
        "Team: MASH\nLegal status: S20\nSeverity:\nMedia interest: no\n\nExplanatory notes\n\
         Severity - NEAR MISS: could have, and did not.\nMedia details - think of councillors as well.\n",
    );
    assert_eq!(form.fields["incident_severity"].state, State::Blank);
    assert!(!form.fields.contains_key("media_details"), "{form:?}");
}

#[test]
fn a_question_goes_on_asking_behind_its_mark() {
    let form = of_text(
        "Does the child have a disability? Specify\tEpilepsy\nWas the child hurt? Please describe: A cut.\n\
         Child or young person: name - Amy Ax\nPolice informed? - Don't know\nTeam: MASH",
    );
    let values = values(&form);
    assert_eq!((values["child_disability"], values["injuries"]), ("Epilepsy", "A cut."));
    assert_eq!((values["child_name"], values["police_informed"]), ("Amy Ax", "unknown"));
}

#[test]
fn questions_in_a_row_have_their_answers_in_the_row_below_whatever_their_words() {
    let page = format!(
        "<table>{}{}{}{}</table>",
        row(&["When did this occur?", "In which part of the garden was it?"]),
        row(&["3/4/2026 at 10:15", "By the pond"]),
        row(&["Describe the incident"]),
        row(&["She fell in."]),
    );
    let form = of_page(&page);
    assert_eq!(values(&form)["incident_at"], "2026-04-03T10:15");
    assert!(said(&form).contains("By the pond"));
}

#[test]
fn whether_and_what_are_told_apart_by_their_answers() {
    let form = of_text("Media angle: Yes\nCoverage so far: A radio station rang.\nTeam: MASH");
    assert_eq!((values(&form)["media_interest"], values(&form)["media_details"]), ("yes", "A radio station rang."));
    let form =
        of_text("Case background: known since May.\nMedia angle: A councillor asked about it on Monday.\nTeam: MASH");
    assert_eq!(values(&form)["media_details"], "A councillor asked about it on Monday.");
    assert!(!form.fields.contains_key("media_interest"));
}

#[test]
fn below_numbered_labels_a_question_without_a_number_says_more_of_what_is_asked() {
    let form = only(reading(
        "form.txt",
        b"Need to Know\n\n1. Child's initials\nAB\n2. Team\nMASH\n3. Police informed?\nYes\n4. Police log ref.\n442 of 3/4\n\
          Part 2 - Follow-up\n5. Planned next steps\nWho will do what, and by when?\nWe will visit.\n6. Media interest\nNo\n",
    ));
    let values = values(&form);
    assert_eq!((values["police_informed"], values["police_ref"]), ("yes", "442 of 3/4"));
    assert_eq!((values["next_steps"], values["media_interest"]), ("We will visit.", "no"));
}

#[test]
fn headings_in_markdown_and_between_stars_are_no_answers() {
    let form =
        of_text("Team:\n\n# 2. The incident\n\nWhat happened: She fell.\n* C. Safety *\nSafety plan: With her aunt.");
    assert_eq!(form.fields["team"].state, State::Blank);
    assert_eq!((values(&form)["incident_description"], values(&form)["safety_plan"]), ("She fell.", "With her aunt."));
}

#[test]
fn a_lone_tick_is_that_of_the_word_it_stands_nearer_to() {
    let form = of_text("Police called: Yes     ✓ No\nMedia interest: Yes ✓     No\nLADO informed: ✓ Yes     No");
    let told = values(&form);
    assert_eq!((told["police_informed"], told["media_interest"], told["lado_informed"]), ("no", "yes", "yes"));
    assert_eq!(of_text("Police informed: Yes ✓ No").fields["police_informed"].state, State::Unclear);
}

#[test]
fn a_child_or_young_person_may_be_written_c_yp() {
    let form = of_text("Ethnicity of C/YP: Kurdish\nCurrent location of C/YP: With an aunt");
    let told = values(&form);
    assert_eq!((told["child_ethnicity"], told["child_whereabouts"]), ("Kurdish", "With an aunt"));
}

#[test]
fn an_option_with_re_and_a_colon_is_no_label() {
    let form = of_page(
        "<table><tr><td>Type of incident (tick all that apply)</td></tr><tr><td><p>Missing child ☒</p>\
         <p>Complaint re: school or nursery ☐</p><p>Fire ☒</p><p>Other ☐</p></td></tr></table>",
    );
    let chosen = format!("{:?}", form.fields["incident_categories"].value);
    assert!(chosen.contains("Missing child") && chosen.contains("Fire"), "{chosen}");
}

#[test]
fn an_office_block_may_ask_to_be_left_blank() {
    let form = of_page(
        "<table><tr><td>Team manager</td><td></td></tr></table><table><tr><td colspan=2>MASH use only - please leave blank</td></tr>\
         <tr><td>Team manager</td><td>Alex Duty</td></tr></table>",
    );
    assert!(!values(&form).contains_key("team_manager"), "{:?}", values(&form));
}

#[test]
fn a_dash_stands_between_numbered_labels_and_their_answers() {
    let form = only(reading(
        "form.txt",
        b"Serious incident report\n1. Initials of the child - J.F.\n2. Birth date of the child - 1st December 2008\n\
         3. Police informed? - [ ] Yes     [x] No\n4. Place where it happened - Stanmoor Park\n\
         5. Injuries known about - Stab wounds to thigh and lower back; surgery overnight, stable\n\
         6. Has anyone under 18 died? - [ ] Yes     [x] No\n7. Ofsted called? - [ ] Yes     [ ] No\n\
         8. What will be done next - Placement move to be agreed.\nMeeting with police and youth justice.\n",
    ));
    let values = values(&form);
    for (key, value) in [
        ("child_initials", "J.F."),
        ("police_informed", "no"),
        ("child_died", "no"),
        ("injuries", "Stab wounds to thigh and lower back; surgery overnight, stable"),
        ("next_steps", "Placement move to be agreed.\nMeeting with police and youth justice."),
    ] {
        assert_eq!(values.get(key), Some(&value), "{key}");
    }
    assert_eq!(values.get("ofsted_notified"), None);
}

#[test]
fn who_signed_a_covering_note_above_a_forwarded_form_is_no_answer_of_it() {
    let form = only(reading(
        "mail.eml",
        b"From: c@council.example\nSubject: FW: Need to know\nContent-Type: text/html\n\n<p>Filled in below.</p><p>Chidi Eze</p><p>Personal Adviser</p><p>Hartsmoor Council</p>\
         <p><b>From:</b> Business Support</p><p><b>Sent:</b> 20 April 2026 17:16</p><p><b>To:</b> Chidi Eze</p>\
         <p><b>Subject:</b> Need to know form</p><p>&nbsp;</p><p><b>Child</b></p><p>Child's full name</p><p>Kezia Stubbs</p>\
         <p>Child's date of birth</p><p>7/12/2011</p><p><b>Incident</b></p><p>What happened</p><p>She ran away.</p>\
         <p>Next steps</p><p>Ring her.</p><p>Social worker</p><p>Ade Bankole</p>",
    ));
    assert_eq!(values(&form).get("social_worker"), Some(&"Ade Bankole"));
}

#[test]
fn a_dash_before_boxes_is_no_option() {
    let form = of_text(
        "1. Team - MASH\n2. Gender - Female\n3. Police told? - [ ] Yes     [x] No\n4. Has the child died? - [ ] Yes   [x] No\n\
         5. Ofsted told? - [x] Yes   [ ] No\n6. Injuries so far as anybody knows - A cut.\n7. LADO informed? - [ ] Yes   [ ] No",
    );
    let values = values(&form);
    assert_eq!(values["police_informed"], "no");
    assert_eq!(values["child_died"], "no");
    assert_eq!(values["ofsted_notified"], "yes");
    assert!(!values.contains_key("lado_informed"));
    assert_eq!(values["injuries"], "A cut.", "the words before a dash are a label where dashes end labels");
}

#[test]
fn arrows_stand_between_labels_and_answers() {
    let form = of_text(
        "1.1 Team  >>  MASH\n1.2 Details of incident  >>  She ran.\n1.3 Police told?  >>  N\n1.4 Current outcome for the child  >>\n\
         1.5 Next steps -> Visit her.",
    );
    let values = values(&form);
    assert_eq!(values["team"], "MASH");
    assert_eq!(values["incident_description"], "She ran.");
    assert_eq!(values["police_informed"], "no");
    assert_eq!(values["next_steps"], "Visit her.");
    assert!(!values.contains_key("safety_outcome"));
}

#[test]
fn initials_below_their_label_are_no_label_themselves() {
    let report = "Investigation report\n\nIncident number\nSI-26\nInitials of child affected\nIO\nInvestigating officer\nRhona Ax\n\
                  Report due\n28/2/2026\nFindings\nThe door was open.\nLessons learned\nClose it.\n";
    let form = only(reading("report.txt", report.as_bytes()));
    let values = values(&form);
    assert_eq!((values["child_initials"], values["investigator"]), ("IO", "Rhona Ax"));
}

#[test]
fn a_signature_above_a_forwarded_form_answers_nothing() {
    let mail = "From: a@example.com\nTo: b@example.com\nSubject: Need to Know\nContent-Type: text/plain; charset=utf-8\n\n\
                Filled in below.\n\nChidi Eze\nPersonal Adviser\nExample Council\n\n\
                From: Business Support\nSent: 20 April 2026 17:16\nTo: Chidi Eze\nSubject: NTK form\n\n\
                Child's name\nAmy Ax\nDate of birth\n1/2/2011\nWhat happened\nShe fell.\nNext steps\nA visit.\n\
                Social worker\nAde Bankole\n";
    let form = only(reading("mail.eml", mail.as_bytes()));
    assert_eq!(values(&form)["social_worker"], "Ade Bankole");
}

#[test]
fn guidance_of_several_sentences_is_no_answer() {
    let page = "<table><tr><td><b>Please set out what is known</b><p>Stick to what is known. Say where it came from.</p></td></tr>\
                <tr><td>She fell from a tree.</td></tr><tr><td><b>Injuries</b></td></tr><tr><td>A cut.</td></tr></table>";
    assert_eq!(values(&of_page(page))["incident_description"], "She fell from a tree.");
}

#[test]
fn who_gives_notice_and_when_is_known_by_other_verbs() {
    let form = of_text(
        "Re child: Amy Ax\nRecorder: Sam Bee\nRecorded on: 4/5/2026 at 10.30am\nAny child killed?: No\n\
         Place the event happened: Park\nPress position: None asked.\nWe will now: Visit.",
    );
    let values = values(&form);
    assert_eq!(values["child_name"], "Amy Ax");
    assert_eq!((values["completed_by"], values["completed_at"]), ("Sam Bee", "2026-05-04T10:30"));
    assert_eq!((values["child_died"], values["incident_location"]), ("no", "Park"));
    assert_eq!((values["media_details"], values["next_steps"]), ("None asked.", "Visit."));
}

#[test]
fn a_ticked_unsure_is_unknown() {
    let form = of_text("Police told? Yes   No   Unsure [x]\nOfsted told? Yes   No [x]   Unsure\nNext steps: Visit.");
    let values = values(&form);
    assert_eq!((values["police_informed"], values["ofsted_notified"]), ("unknown", "no"));
}

#[test]
fn the_senders_name_below_a_mail_is_no_more_of_the_last_answer() {
    let mail = "From: a@example.com\nTo: b@example.com\nSubject: Need to Know\nContent-Type: text/plain; charset=utf-8\n\n\
                Child's name: Amy Ax\nDate of birth: 1/2/2011\nCompleted by: Sam Bee\nWhat happened: She fell.\n\
                Next steps:\n\nA visit.\n\n\nSam Bee\n";
    let form = only(reading("mail.eml", mail.as_bytes()));
    assert_eq!(values(&form)["next_steps"], "A visit.");
}
