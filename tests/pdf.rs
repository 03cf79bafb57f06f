//! PDF files as programs print them: the same answers in every layout of `tests/pdf`, said to be unreadable where they are, and
//! nothing but an answer or a trouble however a file is damaged. `tests/pdf/make.py` makes the files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use need_to_know::clock::Stopwatch;
use need_to_know::document::{self, Block, Budget, Contents, Document};
use need_to_know::forms::{self, Form, Reading, Wordings};
use need_to_know::message::Limits;

const DETAILS: &str = "Tobias was found in the park at about nine in the evening by a neighbour, who rang the out of hours line. \
    He had a cut above the left eye and said that he had fallen from a wall.";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pdf")
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn reading(name: &str) -> Reading {
    forms::read_file(name, &bytes(name), &Wordings::default(), &Limits::default())
}

/// A field's value as text without white space.
fn value(form: &Form, key: &str) -> Option<String> {
    let value = form.fields.get(key)?.value.as_ref()?;
    let text = serde_json::to_value(value).unwrap();
    let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
    Some(text.split_whitespace().collect())
}

fn has_the_answers(name: &str) {
    let reading = reading(name);
    let form = reading.forms.first().unwrap_or_else(|| panic!("{name}: no form, {:?}", reading.problems));
    let details: String = DETAILS.split_whitespace().collect();
    for (key, want) in [
        ("team", "MASH"),
        ("team_manager", "OttolineMarsh"),
        ("incident_date", "2026-05-12"),
        ("incident_description", &details),
        ("police_informed", "yes"),
    ] {
        assert_eq!(value(form, key).as_deref(), Some(want), "{name}: {key}");
    }
    assert_eq!(value(form, "police_reference"), None, "{name}: a blank field");
    let text = serde_json::to_string(&(&form.children, &form.fields)).unwrap();
    for want in ["Tobias Fernley", "2012-03-04", "4471902"] {
        assert!(text.contains(want), "{name}: {want}");
    }
}

#[test]
fn every_layout_has_the_answers() {
    for name in [
        "chromium-four.pdf",
        "chromium-lines.pdf",
        "chromium-table.pdf",
        "columns-centred.pdf",
        "columns-struck.pdf",
        "columns-turned.pdf",
        "columns.pdf",
        "cut.pdf",
        "fields-above.pdf",
        "fields-beside.pdf",
        "fields-tips.pdf",
        "libreoffice-four.pdf",
        "libreoffice-lines.pdf",
        "portfolio.pdf",
        "protected-aes128.pdf",
        "protected-owner.pdf",
        "protected-rc4.pdf",
        "ruled.pdf",
        "wkhtml-table.pdf",
    ] {
        has_the_answers(name);
    }
}

#[test]
fn blank_fields_are_blank_answers() {
    let document = read("fields-blank.pdf");
    assert_eq!(document.controls.len(), 8);
    let form = reading("fields-blank.pdf").forms.remove(0);
    assert!(form.fields.contains_key("team") && value(&form, "team").is_none());
}

#[test]
fn what_cannot_be_read_says_why() {
    let code =
        |bytes: &[u8]| document::read("form.pdf", "", bytes, &mut Budget::new(&Limits::default())).map_err(|t| t.code);
    assert_eq!(code(&bytes("protected-user.pdf")), Err("password_protected"));
    assert_eq!(code(&bytes("picture.pdf")), Err("scanned_image"));
    assert_eq!(code(b"%PDF-1.7 and nothing more"), Err("corrupt"));
    assert_eq!(code(b""), Err("empty_file"));
}

#[test]
fn hostile_nesting_ends() {
    for (open, close) in [("[", "]"), ("<<", ">>"), ("(", ")"), ("<</A ", ">>")] {
        let body = format!(
            "%PDF-1.4\n1 0 obj\n{}{}\nendobj\ntrailer<</Root 1 0 R>>",
            open.repeat(100_000),
            close.repeat(100_000)
        );
        let watch = Stopwatch::start();
        let _ = document::read("a.pdf", "", body.as_bytes(), &mut Budget::new(&Limits::default()));
        assert!(watch.elapsed() < Duration::from_secs(20), "{open}");
    }
}

#[test]
fn inflated_bytes_are_counted() {
    let limits = Limits { inflated_bytes_max: 1_000, ..Limits::default() };
    let mut budget = Budget::new(&limits);
    let found = document::read("a.pdf", "", &bytes("libreoffice-four.pdf"), &mut budget);
    assert_eq!(found.unwrap_err().code, "too_large");
    let mut budget = Budget::new(&Limits::default());
    let before = budget.inflated_bytes;
    document::read("a.pdf", "", &bytes("libreoffice-four.pdf"), &mut budget).unwrap();
    assert!(budget.inflated_bytes < before);
}

/// M17: no damage makes it panic or run on.
#[test]
fn mutations_end_in_an_answer_or_a_trouble() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    for name in ["columns.pdf", "fields-blank.pdf", "ruled.pdf", "protected-owner.pdf", "portfolio.pdf", "cut.pdf"] {
        let whole = bytes(name);
        for _ in 0..100 {
            let mut damaged = whole.clone();
            for _ in 0..=random(10) {
                if damaged.len() < 16 {
                    break;
                }
                let at = random(damaged.len());
                match random(4) {
                    0 => damaged.truncate(at.max(8)),
                    1 => drop(damaged.drain(at..(at + random(30)).min(damaged.len()))),
                    2 => damaged[at] = b"[]<>()/ 0Rq"[random(11)],
                    _ => damaged[at] = random(256) as u8,
                }
            }
            let _ = document::read("a.pdf", "", &damaged, &mut Budget::new(&Limits::default()));
        }
    }
}

fn read(name: &str) -> Document {
    match document::read(name, "", &bytes(name), &mut Budget::new(&Limits::default())) {
        Ok(Contents::Document(document)) => document,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn ruled_cells_are_a_table() {
    let document = read("ruled.pdf");
    let tables = document.blocks.iter().filter(|block| matches!(block, Block::Table(table) if table.rows.len() == 9));
    assert_eq!(tables.count(), 1);
}

#[test]
fn struck_words_are_marked() {
    let document = read("columns-struck.pdf");
    let text = format!("{:?}", document.blocks);
    assert!(text.contains("text: \"No\", struck: true"), "{text}");
}

/// A file of one page: what it draws, its annotations, what else its catalogue says, and more objects from the number 10.
fn made(content: &str, annotations: &str, catalog: &str, more: &[&str]) -> Vec<u8> {
    let mut out = format!(
        "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R {catalog}>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]>>endobj\n\
         3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[{annotations}]/Resources\
         <</Font<</F 5 0 R/B 6 0 R>>/XObject<</I 7 0 R>>>>>>endobj\n\
         4 0 obj<</Length {}>>stream\n{content}\nendstream endobj\n\
         5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n\
         6 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold>>endobj\n\
         7 0 obj<</Type/XObject/Subtype/Image/Length 1>>stream\n0\nendstream endobj\n",
        content.len()
    );
    for (nth, object) in more.iter().enumerate() {
        out.push_str(&format!("{} 0 obj{object}endobj\n", nth + 10));
    }
    (out + "trailer<</Root 1 0 R>>").into_bytes()
}

fn shown(x: u32, y: u32, words: &str) -> String {
    format!("BT /F 10 Tf {x} {y} Td ({words}) Tj ET ")
}

fn contents(bytes: &[u8]) -> Result<Contents, document::Trouble> {
    document::read("a.pdf", "", bytes, &mut Budget::new(&Limits::default()))
}

fn document_of(bytes: &[u8]) -> Document {
    match contents(bytes) {
        Ok(Contents::Document(document)) => document,
        other => panic!("{other:?}"),
    }
}

fn text(bytes: &[u8]) -> String {
    document_of(bytes).text()
}

#[test]
fn fields_of_every_kind_say_what_is_shown() {
    let labels =
        shown(50, 700, "Rich") + &shown(50, 650, "Chosen") + &shown(50, 600, "Level") + &shown(50, 550, "Looks");
    let rich =
        "<</Subtype/Widget/FT/Tx/T(a)/Rect[200 695 400 715]/RV(<body><p>First <b>bold</b></p><p>Second</p></body>)>>";
    let list =
        "<</Subtype/Widget/FT/Ch/T(b)/Rect[200 640 400 665]/Opt[[(x)(Xanthe)][(y)(Ysolde)][(z)(Zora)]]/V[(x)(z)]>>";
    let group = "<</FT/Btn/Ff 49152/T(c)/Opt[(Minor)(Grave)]/V/1/Kids[13 0 R 14 0 R]>>";
    let button = |x: u32, on: u32| {
        format!("<</Subtype/Widget/Parent 12 0 R/Rect[{x} 595 {} 610]/AP<</N<</{on} 15 0 R/Off 15 0 R>>>>>>", x + 15)
    };
    let looks = "<</Subtype/Widget/FT/Tx/T(d)/Rect[200 545 400 565]/AP<</N 16 0 R>>>>";
    let form = "<</BBox[0 0 200 20]/Resources<</Font<</F 5 0 R>>>>/Length 34>>stream\nBT /F 10 Tf 2 5 Td (Drawn) Tj ET  \nendstream ";
    let (minor, grave) = (button(300, 0), button(400, 1));
    let more = [rich, list, group, &minor, &grave, "<</Length 0>>stream\n\nendstream ", form, looks];
    let text = text(&made(&labels, "10 0 R 11 0 R 13 0 R 14 0 R 17 0 R", "", &more));
    for want in ["First bold", "Second", "Xanthe", "Zora", "\u{2610} Minor", "\u{2612} Grave", "Drawn"] {
        assert!(text.contains(want), "{want}: {text}");
    }
    assert!(!text.contains("Ysolde"), "{text}");
}

#[test]
fn data_sets_of_forms_without_fields_are_read() {
    let data = "<xdp><xfa:datasets xmlns:xfa=\"x\"><xfa:data><form><ChildName>Tobias Fernley</ChildName><team>MASH</team></form></xfa:data></xfa:datasets></xdp>";
    let packet = format!("<</Length {}>>stream\n{data}\nendstream ", data.len());
    let whole = text(&made(&shown(50, 700, "Please wait..."), "", "/AcroForm<</XFA 10 0 R>>", &[&packet]));
    assert!(whole.contains("Child Name\nTobias Fernley\nteam\nMASH"), "{whole}");
    let parts = text(&made("", "", "/AcroForm<</XFA[(config) 7 0 R (datasets) 10 0 R]>>", &[&packet]));
    assert!(parts.contains("Tobias Fernley"), "{parts}");
}

#[test]
fn what_is_typed_over_a_page_is_read() {
    let words = shown(50, 700, "Team") + &shown(50, 650, "Yes") + &shown(100, 650, "No");
    let typed = "<</Subtype/FreeText/Rect[200 695 300 715]/Contents(MASH)>>";
    let struck = "<</Subtype/StrikeOut/Rect[48 645 70 662]/QuadPoints[48 662 70 662 48 645 70 645]>>";
    let light = "<</Subtype/Highlight/Rect[98 645 120 662]/QuadPoints[98 662 120 662 98 645 120 645]>>";
    let stamp = "<</Subtype/Stamp/Rect[200 500 300 520]/AP<</N 14 0 R>>>>";
    let form = "<</BBox[0 0 100 20]/Resources<</Font<</F 5 0 R>>>>/Length 33>>stream\nBT /F 10 Tf 2 5 Td (SEALED) Tj ET\nendstream ";
    let document = document_of(&made(&words, "10 0 R 11 0 R 12 0 R 13 0 R", "", &[typed, struck, light, stamp, form]));
    let all = format!("{:?}", document.blocks);
    assert!(document.text().contains("MASH") && document.text().contains("SEALED"), "{}", document.text());
    assert!(all.contains("text: \"Yes\", struck: true, highlighted: false"), "{all}");
    assert!(all.contains("text: \"No\", struck: false, highlighted: true"), "{all}");
}

#[test]
fn combs_and_replaced_letters_are_words() {
    let comb: String = (0..6).map(|at| format!("{} 690 18 18 re S ", 200 + at * 18)).collect();
    let letters: String = "447190".chars().zip(0..).map(|(c, at)| shown(205 + at * 18, 695, &c.to_string())).collect();
    let instead = "/Span<</ActualText(Fernley)>>BDC ".to_owned() + &shown(50, 600, "F.") + "EMC ";
    let text = text(&made(&(shown(50, 695, "Case number") + &comb + &letters + &instead), "", "", &[]));
    assert!(text.contains("447190") && text.contains("Fernley") && !text.contains("F."), "{text}");
}

#[test]
fn rounded_boxes_are_boxes() {
    let round = |x: f32| {
        let (a, b, c, d) = (x, x + 2.0, x + 8.0, x + 10.0);
        format!(
            "{b} 700 m {c} 700 l {d} 700 {d} 700 {d} 702 c {d} 708 l {d} 710 {d} 710 {c} 710 c {b} 710 l {a} 710 {a} 710 {a} 708 c \
             {a} 702 l {a} 700 {a} 700 {b} 700 c h S "
        )
    };
    let cross = "202 702 m 208 708 l S 202 708 m 208 702 l S ";
    let words = shown(215, 702, "Yes") + &shown(265, 702, "No") + &shown(50, 702, "Police informed");
    let text = text(&made(&(words + &round(200.0) + &round(250.0) + cross), "", "", &[]));
    assert!(text.contains("\u{2612} Yes") && text.contains("\u{2610} No"), "{text}");
}

/// I8: a machine's guess at a picture's words is not read as what somebody wrote.
#[test]
fn a_picture_with_words_without_ink_is_a_picture() {
    let guess: String = (0..20).map(|line| shown(50, 700 - line * 12, "Name of child: Tobias Fernley")).collect();
    let scan = format!("595 0 0 842 0 0 cm /I Do 3 Tr {guess}");
    assert_eq!(contents(&made(&scan, "", "", &[])).map_err(|trouble| trouble.code), Err("scanned_image"));
    assert!(text(&made(&guess, "", "", &[])).contains("Tobias"));
}

/// I8: the pages of a file that carries files are handed on beside them, and so is what is wrong with them.
#[test]
fn a_cover_page_is_never_dropped() {
    let carried =
        ["<</Type/Filespec/UF(a.txt)/EF<</F 11 0 R>>>>", "<</Type/EmbeddedFile/Length 5>>stream\nhello\nendstream "];
    let catalog = "/Names<</EmbeddedFiles<</Names[(a)10 0 R]>>>>";
    let files = |content: &str| match contents(&made(content, "", catalog, &carried)) {
        Ok(Contents::Files(files)) => files,
        other => panic!("{other:?}"),
    };
    let with_cover = files(&shown(50, 700, "Team: MASH"));
    assert_eq!(with_cover.len(), 2);
    let Ok(Contents::Document(cover)) = contents(with_cover[0].1.as_ref().unwrap()) else { panic!("no cover") };
    assert!(cover.text().contains("Team: MASH"));
    assert_eq!(with_cover[1], ("a.txt".to_owned(), Ok(b"hello".to_vec())));
    assert_eq!(files("595 0 0 842 0 0 cm /I Do")[0].1.as_ref().map_err(|trouble| trouble.code), Err("scanned_image"));
    assert_eq!(files("").len(), 1, "an empty page says nothing");
}

#[test]
fn a_label_that_fills_its_column_ends_where_the_next_begins() {
    let rows = [("Team", "MASH"), ("Team manager", "Ottoline Marsh"), ("Date of incident", "12/05/2026")];
    let mut content: String = rows
        .iter()
        .zip(0..)
        .map(|((label, value), nth)| shown(50, 700 - nth * 20, label) + &shown(160, 700 - nth * 20, value))
        .collect();
    content += "BT /B 10 Tf 50 640 Td (Police ref. number xxx) Tj ET ";
    content += &shown(160, 640, "4471902");
    let document = document_of(&made(&content, "", "", &[]));
    let last = document.blocks.iter().find_map(|block| match block {
        Block::Table(table) => table.rows.iter().find(|row| format!("{row:?}").contains("4471902")),
        Block::Paragraph(_) => None,
    });
    assert_eq!(last.map(|row| row.cells.len()), Some(2), "{:?}", document.blocks);
}

/// M17: whatever a file says of itself, reading it ends in time.
#[test]
fn hostile_files_end() {
    let lines: String =
        (0..3_000).map(|at| format!("0 {0} m 595 {0} l S {0} 0 m {0} 842 l S ", f64::from(at) * 0.2)).collect();
    let boxes: String = (0..3_000).map(|at| format!("{} {} 9 9 re S ", at % 49 * 12, at / 49 * 12)).collect();
    let files = [
        made(&lines, "", "", &[]),
        made(&(boxes + "BT /F 8 Tf 50 700 Td " + &"(x x x x x x) Tj ".repeat(3_000)), "", "", &[]),
        made(&format!("0 0 m {} S", "9 9 l 5 5 re ".repeat(100_000)), "", "", &[]),
        made(
            "1e38 0 0 1e38 0 0 cm 1e38 0 0 1e38 9e37 0 cm 0 0 9 9 re S BT /F 1e308 Tf (abc) Tj ET nan nan m inf 5 l S",
            "",
            "",
            &[],
        ),
        made(
            "q",
            "10 0 R",
            "/AcroForm<</Fields[10 0 R]>>",
            &["<</Subtype/Widget/FT/Tx/T(a)/Rect[0 0 9 9]/Parent 10 0 R/Kids[10 0 R]>>"],
        ),
        made(
            "q",
            "",
            "/Pages 10 0 R",
            &["<</Type/Pages/Kids[10 0 R 10 0 R 3 0 R]/Parent 10 0 R/Rotate -9223372036854775808>>"],
        ),
    ];
    for (nth, file) in files.iter().enumerate() {
        let watch = Stopwatch::start();
        let _ = contents(file);
        assert!(watch.elapsed() < Duration::from_secs(21), "{nth}");
    }
}
