//! Shapes of Word forms, each as a whole package, transitional and strict: what stands in it is read, all of it, and nothing else.

#[path = "support/word.rs"]
mod word;

use std::collections::BTreeMap;

use need_to_know::forms::{self, Form, Kind, Reading, State, Wordings};
use need_to_know::message::Limits;
use serde_json::{Value as Json, json};

use word::*;

/// Name, blocks below the first rows, the answers beside those of the first rows.
type Case = (&'static str, String, Json);

fn read(name: &str, bytes: &[u8]) -> Reading {
    forms::read_file(name, bytes, &Wordings::default(), &Limits::default())
}

/// What every case begins with, so that it is a form whatever follows.
fn begin() -> String {
    line("Need to know")
        + &two(&[("Child's initials", "OQ"), ("Team", "MASH"), ("Where did it happen?", "Marle House")])
}

/// The answers by key, without those of [`begin`].
fn answers(form: &Form) -> BTreeMap<String, Json> {
    let own = ["child_initials", "team", "incident_location"];
    let filled = form.fields.iter().filter(|(key, field)| field.state == State::Filled && !own.contains(&key.as_str()));
    filled.map(|(key, field)| (key.clone(), serde_json::to_value(&field.value).unwrap())).collect()
}

/// Reads each case in both namespaces, and complains of all that are wrong at once.
fn check(cases: Vec<Case>) {
    let mut wrong = Vec::new();
    for (name, body, want) in cases {
        let want: BTreeMap<String, Json> = serde_json::from_value(want).unwrap();
        for namespaces in [NAMESPACES, STRICT] {
            let reading = read("form.docx", &docx_of(&(begin() + &body), namespaces));
            let got = reading.forms.first().map(answers);
            let first = reading.forms.first().and_then(|form| form.fields.get("child_initials"));
            if got.as_ref() != Some(&want) || first.is_none_or(|field| field.text != "OQ") {
                let unmatched = reading.forms.first().map(|form| &form.unmatched);
                wrong.push(format!("{name}:\n  want {want:?}\n  got  {got:?}\n  unmatched {unmatched:?}"));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tables() {
    let nested = table(&[row(&["Date of birth", "4/3/2011"]), row(&["Gender", "Female"])]);
    let wide = |n: usize, text: &str| cell_with(&format!("<w:gridSpan w:val=\"{n}\"/>"), &line(text));
    let down = |text: &str| cell_with("<w:vMerge w:val=\"restart\"/>", &line(text));
    let on = || cell_with("<w:vMerge/>", "<w:p/>");
    let plain = |text: &str| cell(&line(text));
    check(vec![
        (
            "four columns",
            table(&[row(&["Date of birth", "4/3/2011", "Gender", "Female"]), row(&["Team manager", "Ann Lee", "Social worker", "Bo Reed"])]),
            json!({"child_dob": "2011-03-04", "child_gender": "Female", "team_manager": "Ann Lee", "social_worker": "Bo Reed"}),
        ),
        ("a table in a cell beside its label", table(&[row_of(&[plain("The child"), cell(&(nested.clone() + "<w:p/>"))]), row(&["Next steps", "Ring."])]), json!({"child_dob": "2011-03-04", "child_gender": "Female", "next_steps": "Ring."})),
        ("a table in a cell alone", table(&[row_of(&[cell(&(nested + "<w:p/>"))]), row(&["Next steps: Ring."])]), json!({"child_dob": "2011-03-04", "child_gender": "Female", "next_steps": "Ring."})),
        ("labels with their answers in each cell", table(&[row(&["Gender: Female", "School: Marle High"]), row(&["Date of birth: 4/3/2011", "Shoe size: 4", "Ethnicity: White British"]), row(&["Next steps", "Ring."])]), json!({"child_gender": "Female", "child_school": "Marle High", "child_dob": "2011-03-04", "child_ethnicity": "White British", "next_steps": "Ring."})),
        ("a reference behind the answer", table(&[row(&["Police informed?", "Yes", "☒", "No", "☐", "Police ref: 123/26"]), row(&["Next steps", "Ring."])]), json!({"police_informed": "yes", "police_ref": "123/26", "next_steps": "Ring."})),
        ("a hint below its label", table(&[row_of(&[cell(&(line("What happened?") + &line("(A full account, with times)"))), cell(&line("She fell."))]), row(&["Next steps", "Ring."])]), json!({"incident_description": "She fell.", "next_steps": "Ring."})),
        ("a hint above its answer", table(&[row_of(&[cell(&line("What happened?")), cell(&(line("Please give a full account, including times") + &line("She fell.")))]), row(&["Next steps", "Ring."])]), json!({"incident_description": "She fell.", "next_steps": "Ring."})),
        ("a list beside its label", table(&[row_of(&[cell(&line("Next steps")), cell(&(line("• Ring.") + &line("• Write.") + &line("Police: to be told")))])]), json!({"next_steps": "• Ring.\n• Write.\nPolice: to be told"})),
        ("a date in three cells", table(&[row(&["Date of birth", "04", "03", "2011"]), row(&["Next steps", "Ring."])]), json!({"child_dob": "2011-03-04", "next_steps": "Ring."})),
        ("a date and its time in two cells", table(&[row(&["Date and time of incident", "3 March 2026", "14:30"]), row(&["Next steps", "Ring."])]), json!({"incident_at": "2026-03-03T14:30", "next_steps": "Ring."})),
        ("answers in a column of yes and no", table(&[row(&["Has this been done?", "Y/N", "Details"]), row(&["Police informed", "Y", "PC Lamb, 10:00"]), row(&["Parents informed", "N", "Not yet"])]), json!({"police_informed": "yes", "parents_informed": "no"})),
        ("hints beside labels", table(&[row(&["Date of birth: (dd/mm/yyyy)", "4/3/2011"]), row(&["Police informed? Yes/No", "Yes"])]), json!({"child_dob": "2011-03-04", "police_informed": "yes"})),
        (
            "cells over several columns",
            table(&[row_of(&[wide(4, "Section 2: The incident")]), row_of(&[plain("Police informed?"), wide(3, "Yes")]), row_of(&[plain("Gender"), plain("Female"), plain("Date of birth"), plain("4/3/2011")]), row_of(&[wide(2, "Next steps"), wide(2, "Ring.")])]),
            json!({"police_informed": "yes", "child_gender": "Female", "child_dob": "2011-03-04", "next_steps": "Ring."}),
        ),
        (
            "a heading beside several rows",
            table(&[row_of(&[down("The child"), plain("Date of birth"), plain("4/3/2011")]), row_of(&[on(), plain("Gender"), plain("Female")]), row_of(&[on(), plain("School"), plain("Marle High")])]),
            json!({"child_dob": "2011-03-04", "child_gender": "Female", "child_school": "Marle High"}),
        ),
        (
            "an answer over several rows",
            table(&[row_of(&[down("Next steps"), down("Ring the school.")]), row_of(&[on(), on()]), row_of(&[plain("Gender"), plain("Female")])]),
            json!({"next_steps": "Ring the school.", "child_gender": "Female"}),
        ),
        (
            "a label above its answer in one cell",
            table(&[row_of(&[cell(&(line("Date of birth") + &line("4/3/2011"))), cell(&(line("Gender") + &line("Female")))]), row_of(&[cell(&(line("Team manager") + &line("Ann Lee"))), cell(&(line("Social worker") + &line("Bo Reed")))])]),
            json!({"child_dob": "2011-03-04", "child_gender": "Female", "team_manager": "Ann Lee", "social_worker": "Bo Reed"}),
        ),
        (
            "an answer below its label, beside an empty cell",
            table(&[row_of(&[cell(&(line("Incident of concern") + &line("On Sunday at about 21:15 she left the house."))), plain("")]), row(&["Next steps", "Ring."])]),
            json!({"incident_description": "On Sunday at about 21:15 she left the house.", "next_steps": "Ring."}),
        ),
        (
            "labels in one row, answers in the next",
            table(&[row(&["Date of birth", "Gender", "School"]), row(&["4/3/2011", "Female", "Marle High"]), row(&["Team manager", "Social worker", "Next steps"]), row(&["Ann Lee", "Bo Reed", "Ring."])]),
            json!({"child_dob": "2011-03-04", "child_gender": "Female", "child_school": "Marle High", "team_manager": "Ann Lee", "social_worker": "Bo Reed", "next_steps": "Ring."}),
        ),
        (
            "a label in one row, its answer in the next",
            table(&[row(&["What happened?"]), row(&["She fell down the stairs."]), row(&["Next steps"]), row(&["Ring."])]),
            json!({"incident_description": "She fell down the stairs.", "next_steps": "Ring."}),
        ),
        (
            "rows that name sections",
            table(&[row_of(&[wide(2, "THE CHILD")]), row(&["Date of birth", "4/3/2011"]), row_of(&[wide(2, "Interim safety plan")]), row(&["Where is the child now?", "At home"]), row_of(&[wide(2, "For office use only")]), row(&["Date received", "5/5/2026"]), row(&["Reference", "77"])]),
            json!({"child_dob": "2011-03-04", "child_whereabouts": "At home"}),
        ),
        (
            "marks in columns",
            table(&[row(&["Question", "Yes", "No", "Comments"]), row(&["Police informed?", "", "X", ""]), row(&["Parents informed?", "x", "", ""])]),
            json!({"police_informed": "no", "parents_informed": "yes"}),
        ),
        (
            "a deleted row",
            table(&[row(&["Gender", "Female"]), "<w:tr><w:trPr><w:del w:id=\"1\"/></w:trPr><w:tc><w:p><w:del><w:r><w:delText>Next steps</w:delText></w:r></w:del></w:p></w:tc><w:tc><w:p><w:del><w:r><w:delText>Nothing.</w:delText></w:r></w:del></w:p></w:tc></w:tr>".to_owned()]),
            json!({"child_gender": "Female"}),
        ),
        (
            "a category that is a question elsewhere",
            two(&[("Category of incident", "Death of a child")]),
            json!({"incident_category": "Death of a child"}),
        ),
        ("two languages", two(&[("Dyddiad geni / Date of birth", "4/3/2011")]), json!({"child_dob": "2011-03-04"})),
        ("an answer with a mark before it", two(&[("Next steps", "UPDATE: Ring the school.")]), json!({"next_steps": "UPDATE: Ring the school."})),
        (
            "part of a section's name",
            two(&[("Where is the child now?", "At home")]) + &line("Part E: Who has been told") + &two(&[("Ofsted informed?", "Yes")]),
            json!({"child_whereabouts": "At home", "ofsted_notified": "yes"}),
        ),
        (
            "guidance in a column",
            {
                let faint = |text: &str| cell(&para(&styled("<w:i/><w:sz w:val=\"16\"/>", text)));
                let aside = |label: &str, value: &str| row_of(&[cell(&line(label)), faint("Facts only"), cell(&line(value))]);
                table(&[aside("Police informed?", "No"), aside("Next steps", "Ring."), aside("Where is the child now?", "At home")])
            },
            json!({"police_informed": "no", "next_steps": "Ring.", "child_whereabouts": "At home"}),
        ),
    ]);
}

#[test]
fn children() {
    let rows = table(&[
        row(&["Child's name", "Date of birth", "Legal status"]),
        row(&["Ann Lee", "4/3/2011", "Section 20"]),
        row(&["Bo Lee", "5/4/2013", "Interim Care Order"]),
        row(&["", "", ""]),
    ]);
    let columns = table(&[
        row(&["", "Child 1", "Child 2"]),
        row(&["Child's name", "Ann Lee", "Bo Lee"]),
        row(&["Date of birth", "4/3/2011", "5/4/2013"]),
        row(&["Legal status", "Section 20", "Interim Care Order"]),
    ]);
    // One row a child in a control that repeats.
    let repeated = |cells: &[&str]| control("<w15:repeatingSectionItem/>", &row(cells));
    let items =
        repeated(&["Ann Lee", "4/3/2011", "Section 20"]) + &repeated(&["Bo Lee", "5/4/2013", "Interim Care Order"]);
    let repeating =
        table(&[row(&["Child's name", "Date of birth", "Legal status"]), control("<w15:repeatingSection/>", &items)]);
    let want = json!([
        {"child_name": "Ann Lee", "child_dob": "2011-03-04", "child_legal_status": "Section 20"},
        {"child_name": "Bo Lee", "child_dob": "2013-04-05", "child_legal_status": "Interim Care Order"},
    ]);
    for (name, body) in [("rows", rows), ("columns", columns), ("a control that repeats", repeating)] {
        let head = line("Need to know") + &two(&[("Team", "MASH"), ("Where did it happen?", "Marle House")]);
        let reading = read("form.docx", &docx_of(&(head + &line("Children") + &body), NAMESPACES));
        assert_eq!(serde_json::to_value(&reading.forms[0].children).unwrap(), want, "{name}");
    }
}

#[test]
fn m15_content_controls() {
    let text = "<w:alias w:val=\"Next steps\"/><w:text/>";
    let block = |label: &str, control: String| line(label) + &control;
    let beside = |label: &str, inline: &str| para(&(run(&format!("{label}: ")) + inline));
    let in_cell = |label: &str, inner: &str| table(&[row_of(&[cell(&line(label)), cell(inner)])]);
    let around_cell = |label: &str, properties: &str, inner: &str| {
        table(&[row_of(&[cell(&line(label)), control(properties, &cell(inner))])])
    };
    let date = |format: &str, full: &str| {
        format!(
            "<w:date w:fullDate=\"{full}T00:00:00Z\"><w:dateFormat w:val=\"{format}\"/><w:lid w:val=\"en-GB\"/><w:storeMappedDataAs w:val=\"dateTime\"/><w:calendar w:val=\"gregorian\"/></w:date>"
        )
    };
    let list = |kind: &str| {
        format!(
            "<w:{kind}><w:listItem w:displayText=\"Choose an item.\" w:value=\"\"/><w:listItem w:displayText=\"Female\" w:value=\"F\"/><w:listItem w:displayText=\"Male\" w:value=\"M\"/></w:{kind}>"
        )
    };
    let placeholder = |properties: &str| format!("{properties}<w:showingPlcHdr/>");
    let prompt = |words: &str| styled("<w:rStyle w:val=\"PlaceholderText\"/>", words);
    check(vec![
        ("text, block", block("Next steps:", control(text, &line("Ring."))), json!({"next_steps": "Ring."})),
        (
            "text of two paragraphs, block",
            block("Next steps:", control(text, &(line("Ring.") + &line("Write.")))),
            json!({"next_steps": "Ring.\nWrite."}),
        ),
        ("text, inline", beside("Next steps", &control(text, &run("Ring."))), json!({"next_steps": "Ring."})),
        (
            "text, in a cell",
            in_cell("Next steps", &para(&control(text, &run("Ring.")))),
            json!({"next_steps": "Ring."}),
        ),
        ("text, around a cell", around_cell("Next steps", text, &line("Ring.")), json!({"next_steps": "Ring."})),
        (
            "text, around a row",
            table(&[control("", &row(&["Next steps", "Ring."])), row(&["Gender", "Female"])]),
            json!({"next_steps": "Ring.", "child_gender": "Female"}),
        ),
        (
            "text within a control within a control",
            block("Next steps:", control("<w:richText/>", &control(text, &line("Ring.")))),
            json!({"next_steps": "Ring."}),
        ),
        (
            "two controls in a line",
            para(
                &(run("Date of birth: ")
                    + &control(&date("dd/MM/yyyy", "2011-03-04"), &run("04/03/2011"))
                    + &run("   Gender: ")
                    + &control(&list("dropDownList"), &run("Female"))),
            ),
            json!({"child_dob": "2011-03-04", "child_gender": "Female"}),
        ),
        (
            "a date",
            in_cell("Date of birth", &para(&control(&date("dd/MM/yyyy", "2011-03-04"), &run("04/03/2011")))),
            json!({"child_dob": "2011-03-04"}),
        ),
        (
            "a date in words",
            in_cell(
                "Date of birth",
                &para(&control(&date("dddd, dd MMMM yyyy", "2011-03-04"), &run("Friday, 04 March 2011"))),
            ),
            json!({"child_dob": "2011-03-04"}),
        ),
        (
            "a date, month first, which the control knows",
            in_cell("Date of birth", &para(&control(&date("M/d/yyyy", "2011-03-04"), &run("3/4/2011")))),
            json!({"child_dob": "2011-03-04"}),
        ),
        (
            "a date written over",
            in_cell("Date of birth", &para(&control(&date("M/d/yyyy", "2011-03-04"), &run("05/06/2012")))),
            json!({"child_dob": "2012-06-05"}),
        ),
        (
            "a date, block",
            block("Date of birth:", control(&date("dd/MM/yyyy", "2011-03-04"), &line("04/03/2011"))),
            json!({"child_dob": "2011-03-04"}),
        ),
        (
            "a list",
            in_cell("Gender", &para(&control(&list("dropDownList"), &run("Female")))),
            json!({"child_gender": "Female"}),
        ),
        (
            "a list, around a cell",
            around_cell("Gender", &list("dropDownList"), &line("Female")),
            json!({"child_gender": "Female"}),
        ),
        (
            "a list that can be written in",
            in_cell("Gender", &para(&control(&list("comboBox"), &run("Non-binary")))),
            json!({"child_gender": "Non-binary"}),
        ),
        (
            "a list left as it was",
            in_cell("Gender", &para(&control(&list("dropDownList"), &run("Choose an item.")))),
            json!({}),
        ),
        (
            "a prompt, inline",
            beside("Next steps", &control(&placeholder(text), &prompt("Click or tap here to enter text."))),
            json!({}),
        ),
        (
            "a prompt of the council's own, inline",
            beside("Next steps", &control(&placeholder(text), &prompt("Say what you will do and when"))),
            json!({}),
        ),
        (
            "a prompt, block",
            block("Next steps:", control(&placeholder(text), &para(&prompt("Say what you will do")))),
            json!({}),
        ),
        (
            "a prompt, around a cell",
            around_cell("Gender", &placeholder(&list("dropDownList")), &para(&prompt("Please pick one"))),
            json!({}),
        ),
        (
            "a prompt, in a cell, date",
            in_cell(
                "Date of birth",
                &para(&control(
                    &placeholder(&date("dd/MM/yyyy", "2011-03-04")),
                    &prompt("Click or tap to enter a date."),
                )),
            ),
            json!({}),
        ),
        (
            "tick boxes",
            para(&(run("Police informed? Yes ") + &tick(false) + &run(" No ") + &tick(true))),
            json!({"police_informed": "no"}),
        ),
        (
            "tick boxes before their words",
            table(&[row_of(&[
                cell(&line("Police informed?")),
                cell(&para(&(tick(true) + &run(" Yes  ") + &tick(false) + &run(" No")))),
            ])]),
            json!({"police_informed": "yes"}),
        ),
        (
            "tick boxes in cells of their own",
            table(&[row_of(&[
                cell(&line("Police informed?")),
                cell(&line("Yes")),
                cell(&para(&tick(true))),
                cell(&line("No")),
                cell(&para(&tick(false))),
            ])]),
            json!({"police_informed": "yes"}),
        ),
        (
            "a tick box around its cell",
            table(&[row_of(&[
                cell(&line("Risk assessment updated")),
                control("<w14:checkbox><w14:checked w14:val=\"1\"/></w14:checkbox>", &cell(&line("☒"))),
            ])]),
            json!({"risk_assessed": true}),
        ),
        (
            "a tick box of another sign",
            para(
                &(run("Police informed? Yes ")
                    + &control(
                        "<w14:checkbox><w14:checked w14:val=\"1\"/><w14:checkedState w14:val=\"0052\" w14:font=\"Wingdings 2\"/></w14:checkbox>",
                        "<w:r><w:sym w:font=\"Wingdings 2\" w:char=\"F052\"/></w:r>",
                    )
                    + &run(" No ")
                    + &tick(false)),
            ),
            json!({"police_informed": "yes"}),
        ),
        (
            "a repeating section of paragraphs",
            line("Next steps:")
                + &control(
                    "<w15:repeatingSection/>",
                    &(control("<w15:repeatingSectionItem/>", &line("Ring."))
                        + &control("<w15:repeatingSectionItem/>", &line("Write."))),
                ),
            json!({"next_steps": "Ring.\nWrite."}),
        ),
    ]);
}

#[test]
fn m15_legacy_fields() {
    let box_ = |state: &str| {
        field(&format!("<w:name w:val=\"Check1\"/><w:checkBox><w:sizeAuto/>{state}</w:checkBox>"), "FORMCHECKBOX", "")
    };
    let text = |result: &str| field("<w:name w:val=\"Text1\"/><w:textInput/>", "FORMTEXT", result);
    let list = |result: &str| {
        field(
            &format!(
                "<w:name w:val=\"Dropdown1\"/><w:ddList>{result}<w:listEntry w:val=\"Male\"/><w:listEntry w:val=\"Female\"/></w:ddList>"
            ),
            "FORMDROPDOWN",
            "",
        )
    };
    let beside = |label: &str, inline: &str| table(&[row_of(&[cell(&line(label)), cell(&para(inline))])]);
    let yes_no = |yes: &str, no: &str| para(&(run("Police informed? Yes ") + &box_(yes) + &run(" No ") + &box_(no)));
    check(vec![
        ("text", beside("Next steps", &text(&run("Ring."))), json!({"next_steps": "Ring."})),
        ("text in pieces", beside("Next steps", &text(&(run("Ri") + &run("ng.")))), json!({"next_steps": "Ring."})),
        (
            "text, left as it was",
            beside("Next steps", &text(&run("\u{2002}\u{2002}\u{2002}\u{2002}\u{2002}"))),
            json!({}),
        ),
        ("text in a line", para(&(run("Next steps: ") + &text(&run("Ring.")))), json!({"next_steps": "Ring."})),
        (
            "ticked",
            yes_no("<w:default w:val=\"0\"/><w:checked/>", "<w:default w:val=\"0\"/>"),
            json!({"police_informed": "yes"}),
        ),
        (
            "ticked by default",
            yes_no("<w:default w:val=\"0\"/>", "<w:default w:val=\"1\"/>"),
            json!({"police_informed": "no"}),
        ),
        (
            "ticked by default, and taken away",
            yes_no(
                "<w:default w:val=\"1\"/><w:checked w:val=\"0\"/>",
                "<w:default w:val=\"0\"/><w:checked w:val=\"1\"/>",
            ),
            json!({"police_informed": "no"}),
        ),
        ("a list", beside("Gender", &list("<w:result w:val=\"1\"/>")), json!({"child_gender": "Female"})),
        ("a list, its first entry", beside("Gender", &list("")), json!({"child_gender": "Male"})),
    ]);
}

#[test]
fn boxes_and_options() {
    let sym = |code: &str| format!("<w:r><w:sym w:font=\"Wingdings\" w:char=\"{code}\"/></w:r>");
    let ask = |answer: &str| para(&(run("Police informed? ") + answer));
    let beside = |answer: &str| table(&[row_of(&[cell(&line("Police informed?")), cell(&para(answer))])]);
    let struck = |text: &str| styled("<w:strike/>", text);
    let twice = |text: &str| styled("<w:dstrike/>", text);
    let lit = |text: &str| styled("<w:highlight w:val=\"yellow\"/>", text);
    check(vec![
        (
            "Wingdings",
            ask(&(run("Yes ") + &sym("F0A8") + &run(" No ") + &sym("F0FE"))),
            json!({"police_informed": "no"}),
        ),
        (
            "Wingdings, a tick",
            ask(&(run("Yes ") + &sym("F0FC") + &run(" No ") + &sym("F06F"))),
            json!({"police_informed": "yes"}),
        ),
        (
            "Wingdings by font alone",
            ask(&(run("Yes ")
                + &styled("<w:rFonts w:ascii=\"Wingdings\" w:hAnsi=\"Wingdings\"/>", "\u{a8}")
                + &run(" No ")
                + &styled("<w:rFonts w:ascii=\"Wingdings\" w:hAnsi=\"Wingdings\"/>", "\u{fe}"))),
            json!({"police_informed": "no"}),
        ),
        ("boxes of Unicode", ask(&run("Yes ☒ No ☐")), json!({"police_informed": "yes"})),
        ("boxes of Unicode before their words", beside(&run("☐ Yes  ☑ No")), json!({"police_informed": "no"})),
        ("no box ticked", ask(&run("Yes ☐ No ☐")), json!({})),
        ("X in a box", beside(&run("Yes [X]  No [ ]")), json!({"police_informed": "yes"})),
        ("X on a line", beside(&run("Yes ___ No _X_")), json!({"police_informed": "no"})),
        ("X in a cell", table(&[row(&["Police informed?", "Yes", "", "No", "X"])]), json!({"police_informed": "no"})),
        ("X in a tick's cell", table(&[row(&["Risk assessment updated", "X"])]), json!({"risk_assessed": true})),
        ("struck through", beside(&(struck("Yes") + &run(" / No"))), json!({"police_informed": "no"})),
        ("struck through twice", beside(&(run("Yes / ") + &twice("No"))), json!({"police_informed": "yes"})),
        (
            "delete as appropriate",
            beside(&(run("Yes/") + &struck("No") + &run(" (delete as appropriate)"))),
            json!({"police_informed": "yes"}),
        ),
        (
            "delete as appropriate, in the label",
            table(&[row_of(&[
                cell(&line("Police informed? (delete as appropriate)")),
                cell(&para(&(struck("Yes") + &run("/No")))),
            ])]),
            json!({"police_informed": "no"}),
        ),
        ("delete as appropriate, nothing deleted", beside(&run("Yes/No (delete as appropriate)")), json!({})),
        (
            "delete as appropriate, and deleted",
            beside(&run("No (delete as appropriate)")),
            json!({"police_informed": "no"}),
        ),
        ("highlighted", beside(&(lit("Yes") + &run(" / No"))), json!({"police_informed": "yes"})),
        ("a tick behind one of two words", beside(&run("Yes / No ✓")), json!({"police_informed": "no"})),
        ("a tick behind the first of two words", beside(&run("Yes ✓ / No")), json!({"police_informed": "yes"})),
        ("X behind one of two words", beside(&run("Yes    No X")), json!({"police_informed": "no"})),
        ("X before one of two words", beside(&run("X Yes    No")), json!({"police_informed": "yes"})),
        ("a tick before one of two words", beside(&run("✓ Yes / No")), json!({"police_informed": "yes"})),
        ("a box before both", beside(&run("☐ Yes / No")), json!({})),
        (
            "three options",
            table(&[row(&["Police informed?", "☐ Yes ☐ No ☒ Not known"])]),
            json!({"police_informed": "unknown"}),
        ),
        (
            "many to tick",
            table(&[row_of(&[
                cell(&line("Type of incident (tick all that apply)")),
                cell(&(line("☒ Self-harm") + &line("☐ Missing") + &line("☒ Assault"))),
            ])]),
            json!({"incident_categories": ["Self-harm", "Assault"]}),
        ),
    ]);
}

#[test]
fn runs_and_changes() {
    let deleted = |text: &str| {
        format!(
            "<w:del w:id=\"1\" w:author=\"A\"><w:r><w:delText xml:space=\"preserve\">{text}</w:delText></w:r></w:del>"
        )
    };
    let inserted = |runs: &str| format!("<w:ins w:id=\"2\" w:author=\"A\">{runs}</w:ins>");
    let moved = |from: &str, to: &str| {
        format!(
            "<w:moveFrom w:id=\"3\" w:author=\"A\">{}</w:moveFrom><w:moveTo w:id=\"4\" w:author=\"A\">{}</w:moveTo>",
            run(from),
            run(to)
        )
    };
    let boxed = |text: &str| para(&text_box(&line(text)));
    let in_box = |blocks: &str| para(&text_box(blocks));
    check(vec![
        (
            "inserted and deleted",
            para(&(run("Next steps: ") + &deleted("Nothing.") + &inserted(&(run("Ri") + &run("ng."))))),
            json!({"next_steps": "Ring."}),
        ),
        ("all deleted", table(&[row_of(&[cell(&line("Next steps")), cell(&para(&deleted("Nothing.")))])]), json!({})),
        (
            "a label that was corrected",
            table(&[row_of(&[
                cell(&para(&(run("Next ") + &deleted("stesp") + &inserted(&run("steps"))))),
                cell(&line("Ring.")),
            ])]),
            json!({"next_steps": "Ring."}),
        ),
        ("moved", para(&(run("Next steps: ") + &moved("Gone.", "Ring."))), json!({"next_steps": "Ring."})),
        (
            "inserted, then deleted",
            para(&(run("Next steps: Ring.") + &inserted(&deleted(" Wait.")))),
            json!({"next_steps": "Ring."}),
        ),
        (
            "split runs",
            para(&["Ne", "xt", " st", "eps", ": ", "Ri", "ng."].iter().map(|piece| run(piece)).collect::<String>()),
            json!({"next_steps": "Ring."}),
        ),
        (
            "runs between proofing marks and bookmarks",
            para(
                "<w:bookmarkStart w:id=\"0\" w:name=\"a\"/><w:r><w:t>Date of</w:t></w:r><w:proofErr w:type=\"spellStart\"/><w:r><w:t xml:space=\"preserve\"> birth: </w:t></w:r><w:bookmarkEnd w:id=\"0\"/><w:smartTag w:uri=\"u\" w:element=\"date\"><w:r><w:t>4/3/</w:t></w:r><w:r><w:t>2011</w:t></w:r></w:smartTag>",
            ),
            json!({"child_dob": "2011-03-04"}),
        ),
        (
            "hidden",
            para(&(run("Next steps: Ring.") + &styled("<w:vanish/>", " Secret."))),
            json!({"next_steps": "Ring."}),
        ),
        (
            "a link",
            para(
                &(run("Next steps: write to ")
                    + &format!("<w:hyperlink w:anchor=\"x\">{}</w:hyperlink>", run("a@council.example"))),
            ),
            json!({"next_steps": "write to a@council.example"}),
        ),
        (
            "bold labels",
            para(&(styled("<w:b/>", "Gender ") + &run("Female")))
                + &para(&(styled("<w:b/>", "Next steps ") + &run("Ring."))),
            json!({"child_gender": "Female", "next_steps": "Ring."}),
        ),
        (
            "bold words in an answer",
            line("What happened:") + &para(&(styled("<w:b/>", "She ") + &run("fell down."))),
            json!({"incident_description": "She fell down."}),
        ),
        (
            "numbered labels, one unknown",
            [
                "1. Gender",
                "Female",
                "2. What happened",
                "She fell.",
                "3. Favourite food",
                "Chips",
                "4. Next steps",
                "Ring.",
            ]
            .iter()
            .map(|text| line(text))
            .collect(),
            json!({"child_gender": "Female", "incident_description": "She fell.", "next_steps": "Ring."}),
        ),
        (
            "a numbered list as an answer",
            ["Next steps:", "1. Ring.", "2. Write.", "3. Wait."].iter().map(|text| line(text)).collect(),
            json!({"next_steps": "1. Ring.\n2. Write.\n3. Wait."}),
        ),
        (
            "several labels in a line",
            para("<w:r><w:t>Gender: Female</w:t><w:tab/><w:t>School: Marle High</w:t></w:r>"),
            json!({"child_gender": "Female", "child_school": "Marle High"}),
        ),
        (
            "several labels in a line, far apart",
            line("Gender: Female        School: Marle High"),
            json!({"child_gender": "Female", "child_school": "Marle High"}),
        ),
        (
            "tabs",
            para("<w:r><w:t>Gender</w:t><w:tab/><w:tab/><w:t>Female</w:t></w:r>"),
            json!({"child_gender": "Female"}),
        ),
        ("dots", line("Gender .......... Female"), json!({"child_gender": "Female"})),
        ("underscores", line("Gender: ____Female____"), json!({"child_gender": "Female"})),
        ("an empty line to write on", line("Gender: ______________"), json!({})),
        (
            "line breaks",
            para("<w:r><w:t>Next steps:</w:t><w:br/><w:t>Ring.</w:t><w:br/><w:t>Write.</w:t></w:r>"),
            json!({"next_steps": "Ring.\nWrite."}),
        ),
        ("a text box", boxed("Next steps: Ring."), json!({"next_steps": "Ring."})),
        (
            "a text box over lines",
            in_box(&(line("Next steps:") + &line("Ring.") + &line("Write."))),
            json!({"next_steps": "Ring.\nWrite."}),
        ),
        (
            "an answer in a text box below its label",
            line("Next steps:") + &boxed("Ring."),
            json!({"next_steps": "Ring."}),
        ),
        (
            "an answer in a text box in its cell",
            table(&[row_of(&[cell(&line("Next steps")), cell(&boxed("Ring."))])]),
            json!({"next_steps": "Ring."}),
        ),
        (
            "a table in a text box",
            in_box(&two(&[("Gender", "Female"), ("Next steps", "Ring.")])),
            json!({"child_gender": "Female", "next_steps": "Ring."}),
        ),
        (
            "a text box of an older program",
            para(&format!("<w:r><w:pict><w:txbxContent>{}</w:txbxContent></w:pict></w:r>", line("Next steps: Ring."))),
            json!({"next_steps": "Ring."}),
        ),
    ]);
}

#[test]
fn what_a_page_ends_with_is_no_answer() {
    let faint = |text: &str| para(&styled("<w:i/><w:sz w:val=\"16\"/>", text));
    let form = |foot: &str| line("Next steps:") + &line("Ring.") + "<w:p/>" + foot;
    let cases: Vec<(&'static str, String, Json)> = vec![
        ("a marking", form(&line("OFFICIAL – SENSITIVE")), json!({"next_steps": "Ring."})),
        (
            "a marking in words",
            form(&line("Official-Sensitive: Personal when completed")),
            json!({"next_steps": "Ring."}),
        ),
        ("a page's number", form(&line("Page 1 of 2")), json!({"next_steps": "Ring."})),
        (
            "a version and a number",
            form(&line("NTK form v3.2 – Marle Council – Page 2 of 2")),
            json!({"next_steps": "Ring."}),
        ),
        ("a version", form(&line("Need to Know form, version 3 (May 2024)")), json!({"next_steps": "Ring."})),
        ("where to", form(&faint("Send this form to incidents@council.example")), json!({"next_steps": "Ring."})),
        (
            "what becomes of it",
            form(&line("This form is to be kept on the child's file.")),
            json!({"next_steps": "Ring."}),
        ),
        (
            "below an empty question",
            line("Next steps:") + "<w:p/>" + &line("OFFICIAL – SENSITIVE") + &line("Page 1 of 1"),
            json!({}),
        ),
        // The same words within an answer are the answer's.
        (
            "an answer about an official",
            form(&line("Official complaint made by her mother.")),
            json!({"next_steps": "Ring.\nOfficial complaint made by her mother."}),
        ),
        (
            "an answer about a page",
            form(&line("See page 2 of the plan.")),
            json!({"next_steps": "Ring.\nSee page 2 of the plan."}),
        ),
    ];
    check(cases);
}

#[test]
fn questions_that_nobody_knows_swallow_nothing() {
    let ask = |label: &str, answers: &[&str]| {
        para(&styled("<w:b/>", label)) + &answers.iter().map(|answer| line(answer)).collect::<String>()
    };
    let body = begin()
        + &ask("Gender", &["Female"])
        + &ask("School", &["Marle High"])
        + &ask("Colour of the walls", &["Green and grey"])
        + &ask("What happened", &["She fell.", "Then she got up."])
        + &ask("Weather on the day", &["Rain"])
        + &ask("Next steps", &["Ring."]);
    let reading = read("form.docx", &docx_of(&body, NAMESPACES));
    let want = json!({"child_gender": "Female", "child_school": "Marle High", "incident_description": "She fell.\nThen she got up.", "next_steps": "Ring."});
    assert_eq!(serde_json::to_value(answers(&reading.forms[0])).unwrap(), want);
    let unmatched: Vec<(&str, &str)> =
        reading.forms[0].unmatched.iter().map(|pair| (pair.label.as_str(), pair.text.as_str())).collect();
    assert_eq!(unmatched, [("Colour of the walls", "Green and grey"), ("Weather on the day", "Rain")]);
    // Words that only narrow a question are no evidence of what it asks.
    for label in ["Any previous notifications?", "Recent holidays", "Additional languages"] {
        let reading = read("form.docx", &docx_of(&(begin() + &two(&[(label, "Yes, in May 2024")])), NAMESPACES));
        assert_eq!(answers(&reading.forms[0]), BTreeMap::new(), "{label}");
        assert_eq!(reading.forms[0].unmatched.len(), 1, "{label}");
    }
}

#[test]
fn a_short_form_without_a_title_is_a_form() {
    let form = |rows: &[(&str, &str)]| read("x.docx", &docx_of(&two(rows), NAMESPACES));
    let short = form(&[
        ("Child's initials", "OQ"),
        ("What happened?", "She fell."),
        ("Action taken so far", "Rang the nurse."),
    ]);
    assert_eq!((short.kind, short.forms.len()), (Kind::NeedToKnow, 1));
    for rows in [
        &[("Name", "Ray Tull"), ("Date", "3 March 2026"), ("Actions", "Book leave")][..],
        &[("Child's initials", "OQ"), ("Team", "MASH"), ("Social worker", "Sam Reed")],
        &[("What happened?", "It rained."), ("Next steps", "Book a room."), ("Team", "MASH")],
    ] {
        assert!(form(rows).forms.is_empty(), "{rows:?}");
    }
}

#[test]
fn headers_and_footers() {
    let page = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>";
    let with = |header: &str, footer: &str| {
        let body = format!(
            "<w:body>{}</w:body>",
            begin() + &two(&[("Next steps", "Ring.")]) + &line("What happened?") + &line("She fell.")
        );
        package(&[
            ("word/document.xml", &part("document", &body, NAMESPACES)),
            ("word/header1.xml", &part("hdr", header, NAMESPACES)),
            // First pages have headers of their own, which say the same.
            ("word/header2.xml", &part("hdr", header, NAMESPACES)),
            ("word/footer1.xml", &part("ftr", footer, NAMESPACES)),
        ])
    };
    let marking = line("OFFICIAL – SENSITIVE");
    let footer = marking.clone() + &para(&(run("Need to Know form v3.2 Page ") + page + &run(" of 2")));
    let cases = [
        (marking.clone(), json!({})),
        (line("Date of birth: 4/3/2011") + &marking, json!({"child_dob": "2011-03-04"})),
        (
            two(&[("Date of birth", "4/3/2011"), ("Gender", "Female")]),
            json!({"child_dob": "2011-03-04", "child_gender": "Female"}),
        ),
        (marking.clone() + &line("Date of birth:") + &line("Team: "), json!({})),
        // The body answers it already.
        (line("Team: Children's Services"), json!({})),
        (line("Marle Council, Children's Services") + &line("Form version: 3.2, date: 1 May 2024"), json!({})),
    ];
    for (header, more) in cases {
        let reading = read("form.docx", &with(&header, &footer));
        let form = &reading.forms[0];
        let mut want = BTreeMap::from([
            ("next_steps".to_owned(), json!("Ring.")),
            ("incident_description".to_owned(), json!("She fell.")),
        ]);
        want.extend(serde_json::from_value::<BTreeMap<String, Json>>(more).unwrap());
        assert_eq!(answers(form), want, "{header}");
        assert_eq!(form.fields["team"].text, "MASH", "{header}");
        assert_eq!(form.children.len(), 1, "{header}");
    }
}

#[test]
fn templates_and_macros() {
    let body = format!("<w:body>{}</w:body>", begin() + &two(&[("Next steps", "Ring.")]));
    let kinds = [
        ("form.docx", "wordprocessingml.document.main+xml"),
        ("form.dotx", "wordprocessingml.template.main+xml"),
        ("form.docm", "ms-word.document.macroEnabled.main+xml"),
        ("form.dotm", "ms-word.template.macroEnabledTemplate.main+xml"),
    ];
    for (name, kind) in kinds {
        for strict in [false, true] {
            let (namespaces, relation) = if strict {
                (STRICT, "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument")
            } else {
                (NAMESPACES, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument")
            };
            let types = format!(
                "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Override PartName=\"/word/document2.xml\" ContentType=\"application/vnd.{kind}\"/></Types>"
            );
            let relations = format!(
                "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"p\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/><Relationship Id=\"d\" Type=\"{relation}\" Target=\"/word/document2.xml\"/></Relationships>"
            );
            let bytes = archive([
                ("[Content_Types].xml", types.as_bytes()),
                ("_rels/.rels", relations.as_bytes()),
                ("word/vbaProject.bin", &b"\xd0\xcf\x11\xe0never opened"[..]),
                ("word/document2.xml", &part("document", &body, namespaces)),
            ]);
            let reading = read(name, &bytes);
            assert_eq!((reading.kind, reading.forms.len()), (Kind::NeedToKnow, 1), "{name} {:?}", reading.problems);
            assert_eq!(
                answers(&reading.forms[0]),
                BTreeMap::from([("next_steps".to_owned(), json!("Ring."))]),
                "{name}"
            );
        }
    }
}

/// What stands below a label may be guidance: where it is not evident, the words are kept and no value is made of them.
#[test]
fn what_may_be_guidance_is_unclear() {
    let rows = |below: &str| {
        let label = cell(&(line("Incident of concern") + &line(below)));
        table(&[row_of(&[label, cell(&line(""))]), row(&["Next steps", "Ring."])])
    };
    for (below, state, text) in [
        ("Wandered off from the house.", State::Unclear, "Wandered off from the house."),
        ("Please describe what happened.", State::Blank, ""),
    ] {
        let reading = read("form.docx", &docx_of(&(begin() + &rows(below)), NAMESPACES));
        let field = &reading.forms[0].fields["incident_description"];
        assert_eq!((field.state, field.text.as_str(), &field.value), (state, text, &None), "{below}");
    }
}

#[test]
fn text_of_a_hidden_style_is_not_there() {
    let style = |kind: &str, name: &str, base: &str, properties: &str| {
        let base = if base.is_empty() { String::new() } else { format!("<w:basedOn w:val=\"{base}\"/>") };
        format!("<w:style w:type=\"{kind}\" w:styleId=\"{name}\">{base}<w:rPr>{properties}</w:rPr></w:style>")
    };
    let styles = [
        style("character", "Secret", "", "<w:vanish/>"),
        style("character", "Within", "Secret", "<w:i/>"),
        style("character", "Shown", "Secret", "<w:vanish w:val=\"0\"/>"),
        style("character", "Round", "Round", ""),
        style("paragraph", "Notes", "", "<w:vanish/>"),
    ];
    for namespaces in [NAMESPACES, STRICT] {
        let with = |name: &str, text: &str| styled(&format!("<w:rStyle w:val=\"{name}\"/>"), text);
        let notes = "<w:pPr><w:pStyle w:val=\"Notes\"/></w:pPr>";
        let steps = para(
            &[with("Secret", "a"), with("Within", "b"), with("Shown", "Ring "), with("Round", "the "), run("school.")]
                .concat(),
        ) + &para(&(notes.to_owned() + &run("c")))
            + &para(&(notes.to_owned() + &styled("<w:vanish w:val=\"0\"/>", "Then write.")));
        let body = begin() + &table(&[row_of(&[cell(&line("Next steps")), cell(&steps)])]);
        let parts = [
            ("word/document.xml", &part("document", &format!("<w:body>{body}</w:body>"), namespaces)[..]),
            ("word/styles.xml", &part("styles", &styles.concat(), namespaces)),
        ];
        let reading = read("form.docx", &package(&parts));
        assert_eq!(reading.forms[0].fields["next_steps"].text, "Ring the school.\nThen write.");
    }
}

#[test]
fn a_placeholders_style_alone_makes_no_placeholder() {
    let control = |words: &str| {
        let inside = styled("<w:rStyle w:val=\"PlaceholderText\"/>", words);
        para(&format!("<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>"))
    };
    for (words, state) in [("Ring the school.", State::Filled), ("Click or tap here to enter text.", State::Blank)] {
        let body = begin() + &table(&[row_of(&[cell(&line("Next steps")), cell(&control(words))])]);
        assert_eq!(read("form.docx", &docx_of(&body, NAMESPACES)).forms[0].fields["next_steps"].state, state);
    }
}

#[test]
fn a_delivery_that_is_expected_may_lie_ahead() {
    for (label, when) in [("Baby's expected delivery date", "15.02.27"), ("EDD", "15/2/27")] {
        let rows = [("Date of incident", "4/3/2026"), (label, when), ("Next steps", "Ring.")];
        let reading = read("form.docx", &docx_of(&(begin() + &two(&rows)), NAMESPACES));
        let value = reading.forms[0].fields["child_expected_delivery"].value.as_ref();
        assert_eq!(value.and_then(|value| value.as_text()), Some("2027-02-15"), "{label}");
    }
}
