//! The yearly report from outside: its figures against a recount of what was drawn, what the public version withholds, and that no
//! identity is in any of it over a thousand incidents.

#[path = "support/year.rs"]
mod year;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use chrono::Datelike;
use need_to_know::report::learning::{Advice, AdviceState, Learning};
use need_to_know::report::{Audience, Cover, Facts, bulletin, csv, document};
use year::{Draw, Drawn, drawn, facts_in, facts_of};

const NOW: &str = "2026-04-20T08:00:00Z";
const PUBLIC: Audience = Audience::Public { smallest_shown: 5 };

/// Tables by name: rows of cells, the header first. The reader is the test's own.
fn tables(facts: &Facts, audience: Audience) -> BTreeMap<String, Vec<Vec<String>>> {
    let read = |(name, bytes): (String, Vec<u8>)| {
        let text = String::from_utf8(bytes).unwrap();
        let text = text.strip_prefix('\u{FEFF}').unwrap();
        (name.trim_end_matches(".csv").to_owned(), text.split_terminator("\r\n").map(cells).collect())
    };
    csv(facts, audience).into_iter().map(read).collect()
}

fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            letter => cells.last_mut().unwrap().push(letter),
        }
    }
    cells
}

fn of(table: &[Vec<String>], label: &str) -> (usize, usize) {
    let row = table.iter().find(|row| row[0] == label);
    row.map_or((0, 0), |row| (row[1].parse().unwrap(), row[2].parse().unwrap()))
}

/// The local day, by the rule of the last Sundays of March and October, written anew here.
fn local(drawn: &Drawn) -> chrono::NaiveDate {
    let at = drawn.received_at;
    let last_sunday = |month: u32| {
        let end = chrono::NaiveDate::from_ymd_opt(at.year(), month, 31).unwrap();
        end - chrono::Duration::days(i64::from(end.weekday().num_days_from_sunday()))
    };
    let one = chrono::NaiveTime::from_hms_opt(1, 0, 0).unwrap();
    let summer = at.naive_utc() >= last_sunday(3).and_time(one) && at.naive_utc() < last_sunday(10).and_time(one);
    (at + chrono::Duration::hours(i64::from(summer))).date_naive()
}

#[test]
fn l3_figures_equal_a_recount_over_a_drawn_year_of_300_incidents() {
    let all = drawn(7, 620);
    let incidents: Vec<_> = all.iter().map(Drawn::incident).collect();
    let facts = facts_of(&incidents, NOW).unwrap();
    let tables = tables(&facts, Audience::Directors);
    let within = |from: &str, to: &str| {
        let (from, to) = (year::day(from), year::day(to));
        let counted = |one: &&Drawn| !one.withdrawn && (from..=to).contains(&local(one));
        all.iter().filter(counted).collect::<Vec<_>>()
    };
    let (now, before) = (within("2025-04-01", "2026-03-31"), within("2024-04-01", "2025-03-31"));
    assert!(now.len() > 270 && before.len() > 270, "{} {}", now.len(), before.len());
    assert_eq!((facts.incidents.len(), facts.incidents_before), (now.len(), Some(before.len())));
    let count = |which: &dyn Fn(&Drawn) -> bool| {
        (now.iter().filter(|one| which(one)).count(), before.iter().filter(|one| which(one)).count())
    };
    for category in year::CATEGORIES {
        assert_eq!(of(&tables["category"], category), count(&|one| one.categories.contains(&category)), "{category}");
    }
    assert_eq!(of(&tables["category"], "Not stated"), count(&|one| one.categories.is_empty()));
    for service in year::SERVICES {
        assert_eq!(of(&tables["service"], service), count(&|one| one.service == Some(service)), "{service}");
    }
    for status in year::STATUSES {
        assert_eq!(of(&tables["legal-status"], status), count(&|one| one.status == Some(status)), "{status}");
    }
    for placement in year::PLACEMENTS {
        assert_eq!(of(&tables["placement"], placement), count(&|one| one.placement == Some(placement)), "{placement}");
    }
    assert_eq!(of(&tables["harm"], "Death of a child"), count(&|one| one.died));
    assert_eq!(of(&tables["harm"], "Serious harm to a child"), count(&|one| one.harmed));
    let age = |one: &Drawn| one.born.map(|born| local(one).years_since(born).unwrap());
    for (label, from, to) in [("1 to 5", 1, 5), ("6 to 10", 6, 10), ("11 to 15", 11, 15), ("16 to 17", 16, 17)] {
        assert_eq!(
            of(&tables["age"], label),
            count(&|one| age(one).is_some_and(|a| (from..=to).contains(&a))),
            "{label}"
        );
    }
    assert_eq!(of(&tables["age"], "Age not stated"), count(&|one| one.born.is_none()));
    // A stated class is settled; what the answers make of it without one is the procedure's, and only the sum is counted here.
    for class in ["Serious", "Near miss"] {
        let stated = count(&|one| one.class == Some(class)).0;
        assert!(of(&tables["classification"], class).0 >= stated, "{class}");
    }
    let classes: usize = tables["classification"][1..].iter().map(|row| row[1].parse::<usize>().unwrap()).sum();
    assert_eq!(classes, now.len());
    for (row, month) in tables["month"][1..].iter().zip((4..=12).chain(1..=3)) {
        let (this, last) = count(&|one| local(one).month() == month);
        assert_eq!((row[1].parse(), row[2].parse()), (Ok(this), Ok(last)), "{}", row[0]);
    }
    let alerts = tables["timeliness"].iter().find(|row| row[0] == "Alert sent to the directors").unwrap();
    let in_time = now.iter().filter(|one| one.alerted <= 15).count();
    assert_eq!(alerts[2..5], [in_time.to_string(), (now.len() - in_time).to_string(), "0".to_owned()]);
    let reports = now.iter().filter(|one| one.reported.is_some()).count();
    let row = tables["timeliness"].iter().find(|row| row[0] == "Investigation report").unwrap();
    let done: usize = row[2..4].iter().map(|cell| cell.parse::<usize>().unwrap()).sum();
    assert!(done <= reports && done > 0);
    // Each figure is traced: as many references as it counts.
    for (name, labels) in [("service", &year::SERVICES[..]), ("category", &year::CATEGORIES[..])] {
        for label in labels {
            let behind = tables["annex-references"].iter().filter(|row| row[0] == name && row[1] == *label).count();
            assert_eq!(behind, of(&tables[name], label).0, "{label}");
        }
    }
}

fn cover() -> Cover {
    Cover {
        organisation: "Eastshire County Council".into(),
        created_at: NOW.parse().unwrap(),
        marking: "OFFICIAL".into(),
        remark: None,
        draft_until: None,
    }
}

/// Every part of a document that is text.
fn parts(docx: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut parts = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let (name, mut bytes) = (file.name().to_owned(), Vec::new());
        file.read_to_end(&mut bytes).unwrap();
        if !name.ends_with(".png") {
            parts.insert(name, String::from_utf8(bytes).unwrap());
        }
    }
    parts
}

/// The text of a document, a space for each mark.
fn text(docx: &[u8]) -> String {
    let xml = &parts(docx)["word/document.xml"];
    let mut out = String::new();
    let mut inside = false;
    for letter in xml.chars() {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            letter if !inside => out.push(letter),
            _ => {}
        }
    }
    out
}

#[test]
fn n9_no_small_number_is_in_the_public_version_and_none_follows_from_it() {
    for seed in 0..40 {
        let all = drawn(seed, 4 + Draw(seed).below(260));
        let incidents: Vec<_> = all.iter().map(Drawn::incident).collect();
        let facts = facts_of(&incidents, NOW).unwrap();
        let (open, full) = (tables(&facts, PUBLIC), tables(&facts, Audience::Directors));
        assert!(!open.keys().any(|name| name.starts_with("annex") || name == "late" || name == "harm"), "{seed}");
        for name in ["month", "classification", "category", "service", "age", "legal-status", "placement", "outside"] {
            for column in [1, 2] {
                let shown = |row: &Vec<String>| row.get(column).and_then(|cell| cell.parse::<usize>().ok());
                let counts: Vec<Option<usize>> = open[name][1..].iter().map(shown).collect();
                assert!(counts.iter().flatten().all(|count| *count == 0 || *count >= 5), "{seed} {name} {counts:?}");
                if open[name][0].len() <= column || ["category", "outside"].contains(&name) {
                    continue;
                }
                // The total is known: what is withheld adds up to the rest, at least two of them, and each could be 5 or more.
                let total: usize = match column {
                    1 => full[name][1..].iter().map(|row| row[1].parse::<usize>().unwrap()).sum(),
                    _ => facts.incidents_before_then.unwrap(),
                };
                let hidden = counts.iter().filter(|count| count.is_none()).count();
                let rest = total - counts.iter().flatten().sum::<usize>();
                if open[name].len() > 1 {
                    assert!(hidden == 0 && rest == 0 || hidden >= 2 && rest >= hidden + 4, "{seed} {name} {counts:?}");
                }
            }
            for row in open[name][1..].iter().filter(|row| row.len() > 3) {
                assert_eq!(
                    row[3] == "[c]",
                    row[1] == "[c]" || row[2] == "[c]",
                    "{seed} {name}: a change tells of a number"
                );
            }
        }
        if seed % 5 > 0 {
            continue;
        }
        // No sentence says "1 of 28 incidents", "from 3 to 9" or the like of what the tables withhold.
        let page = text(&bulletin(&facts, &cover(), 5).unwrap());
        let words = text(&document(&facts, &cover(), PUBLIC).unwrap()) + &page;
        for small in 1..5 {
            for said in [
                format!(" {small} of "),
                format!("(from {small} to"),
                format!(" to {small})"),
                format!(" {small} incident"),
            ] {
                let said_of_steps = words.match_indices(&said).all(|(at, _)| {
                    let after: String = words[at..].chars().take(60).collect();
                    after.contains("steps shown")
                });
                assert!(said_of_steps, "{seed}: {said}");
            }
        }
    }
}

/// Two years' public reports side by side: what was found since the first one must not show in the second one's column of the year
/// before, or what the one withholds follows from what the other shows.
#[test]
fn n9_the_year_before_stands_as_it_stood_in_that_years_public_report() {
    let mut found_since = 0;
    for seed in 0..25 {
        // Much comes after the first of them: reports, reviews, withdrawals.
        let drawn = drawn(seed, 40 + Draw(seed).below(300));
        let incidents: Vec<_> = drawn.iter().map(Drawn::incident).collect();
        let (last, this) =
            ((year::day("2024-04-01"), year::day("2025-03-31")), (year::day("2025-04-01"), year::day("2026-03-31")));
        let until: chrono::DateTime<chrono::Utc> = "2025-04-20T08:00:00Z".parse().unwrap();
        let known_then: Vec<_> = drawn
            .iter()
            .zip(&incidents)
            .filter(|(one, _)| one.received_at <= until)
            .map(|(_, incident)| {
                let events: Vec<_> = incident.timeline.iter().filter(|stamped| stamped.at <= until).cloned().collect();
                need_to_know::incident::state::Incident::fold(&events)
            })
            .collect();
        let first = tables(&facts_in(&known_then, last, "2025-04-20T08:00:00Z").unwrap(), PUBLIC);
        let facts = facts_in(&incidents, this, NOW).unwrap();
        found_since += usize::from(facts.incidents_before != facts.incidents_before_then);
        let second = tables(&facts, PUBLIC);
        for name in ["classification", "category", "service", "age", "legal-status", "placement", "outside", "month"] {
            if second[name][0].len() < 3 || first[name].len() < 2 {
                continue; // One of them shows nothing of that year.
            }
            let label = |label: &str| label.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
            for row in &first[name][1..] {
                let again = second[name].iter().find(|other| label(&other[0]) == label(&row[0]));
                let again = again.map_or("0", |other| &other[2]);
                assert_eq!(again, row[1], "{seed} {name} {row:?}");
            }
        }
        assert!(second["theme"][0].len() < 3, "which themes were found then is not known");
    }
    assert!(found_since > 5, "nothing was found since in most of them: {found_since}");
}

const FORENAMES: [&str; 20] = [
    "Will",
    "Hope",
    "Zo\u{eb}",
    "Alfie",
    "Siobh\u{e1}n",
    "Jean-Luc",
    "Grace",
    "Mohammed",
    "Ng\u{1ecd}zi",
    "April",
    "Jo",
    "Rose",
    "Tom\u{e1}\u{161}",
    "Aoife",
    "Kyle",
    "Summer",
    "Dean",
    "Iris",
    "Faith",
    "Wren",
];
const SURNAMES: [&str; 20] = [
    "O'Brien",
    "Young",
    "Smith-Jones",
    "King",
    "\u{141}ukasik",
    "Vandenberg",
    "Patel",
    "Hall",
    "Liang",
    "Green",
    "Marsh",
    "D'Souza",
    "M\u{fc}ller",
    "Okonkwo",
    "Price",
    "Winter",
    "Brown",
    "Akhtar",
    "Ferreira",
    "Quill",
];
const SCHOOLS: [&str; 5] =
    ["Oakfield Academy", "St Brigid's Primary School", "Thornbury High School", "Kestrel Nursery", "Wexcombe College"];
const STREETS: [&str; 5] = ["Larch Close", "Tannery Street", "Quarndon Way", "Mulberry Court", "Heron Drive"];

struct Known {
    drawn: Drawn,
    words: Vec<String>,
}

/// An incident whose report names everybody, in one of many shapes.
fn known(number: usize) -> Known {
    let (forename, surname) = (FORENAMES[number % 20], SURNAMES[number / 20 % 20]);
    let (worker_first, worker_last) = (FORENAMES[(number + 7) % 20], SURNAMES[(number / 3 + 11) % 20]);
    let (school, street) = (SCHOOLS[number % 5], STREETS[number / 5 % 5]);
    let case = format!("LCS{:06}", 770_000 + number);
    let phone = format!("01332 6{:02} {:03}", number % 100, number % 1_000);
    let initials: String = [forename, surname].iter().filter_map(|name| name.chars().next()).collect();
    let house = number % 180 + 1;
    let shapes = [
        format!(
            "{forename} {surname} was at {school}. {forename}'s plan ({case}) was late; {surname}\u{2019}s carers rang {phone}."
        ),
        format!("{} was seen on 4/3/20{:02}.", format!("{forename} {surname}").to_uppercase(), number % 30),
        format!("We met {surname}, {forename}, at {house} {street} on 4th March 2011."),
        format!(
            "Mrs {surname} and {} {surname} spoke; Ms. {worker_last} listened.",
            &forename[..forename.chars().next().unwrap().len_utf8()]
        ),
        format!(
            "{} said so to {worker_first}, and {worker_first}'s manager agreed.",
            format!("{forename} {surname}").to_lowercase()
        ),
        format!("{initials} (born 04.03.11, case {}) moved to DE{} 3QT.", case.to_lowercase(), number % 24 + 1),
        format!(
            "Ring {worker_first} {worker_last} on +44 1332 6{:02}{:03} or {}@eastshire.example.",
            number % 100,
            number % 1_000,
            worker_last.replace('\'', "").to_lowercase()
        ),
        format!("On March 4, 2011, {forename} left {}; {}'s head rang.", school.split(' ').next().unwrap(), school),
    ];
    let mut drawn = drawn(number as u64, 1).remove(0);
    drawn.reference = format!("SI-2025-{number:05}");
    drawn.received_at = "2025-06-01T09:00:00Z".parse().unwrap();
    (drawn.withdrawn, drawn.reported) = (false, Some(12));
    drawn.lessons = format!("{}\n{}", shapes[number % 8], shapes[(number / 8 + 3) % 8]);
    drawn.answers = vec![
        ("child_name", format!("{forename} {surname}")),
        ("child_initials", initials),
        ("child_school", school.to_owned()),
        ("child_case_id", case.clone()),
        ("child_address", format!("{house} {street}, Derby DE{} 3QT", number % 24 + 1)),
        ("social_worker", format!("{worker_first} {worker_last}")),
        ("completed_phone", phone.clone()),
    ];
    let mut words: Vec<String> = Vec::new();
    for name in [forename, surname, worker_first, worker_last, school, street] {
        let common = [
            "school", "academy", "primary", "high", "nursery", "college", "close", "street", "way", "court", "drive",
            "st",
        ];
        let parts = name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        words.extend(parts.filter(|word| word.chars().count() > 1 && !common.contains(&word.as_str())));
    }
    words.extend([case.to_lowercase(), "2011".into(), "3qt".into()]);
    Known { drawn, words }
}

#[test]
fn l2_a_thousand_incidents_and_nobody_is_named() {
    let all: Vec<Known> = (0..1_000).map(known).collect();
    let incidents: Vec<_> = all.iter().map(|known| known.drawn.incident()).collect();
    let facts = facts_of(&incidents, NOW).unwrap();
    assert_eq!(facts.learning.len(), 1_000);
    let by_reference: BTreeMap<&str, &Known> = all.iter().map(|known| (&*known.drawn.reference, known)).collect();
    for learning in &facts.learning {
        let known = by_reference[learning.reference.0.as_str()];
        let said = learning.lessons.join(" ");
        let words: Vec<String> = said.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect();
        for name in &known.words {
            assert!(!words.contains(name), "{name} in {said}\nfrom {}", known.drawn.lessons);
        }
        for shape in ["01332", "1332", "4/3", "04.03", "March", "eastshire.example", "@"] {
            assert!(!said.contains(shape), "{shape} in {said}\nfrom {}", known.drawn.lessons);
        }
        assert!(said.contains("[name]") || said.contains('['), "{said}");
    }
    // And in the documents and open tables as wholes: numbers, addresses, references.
    for audience in [Audience::Directors, PUBLIC] {
        let mut whole = text(&document(&facts, &cover(), audience).unwrap());
        whole.push_str(&text(&bulletin(&facts, &cover(), 5).unwrap())); // L4
        for (name, bytes) in csv(&facts, audience).into_iter().filter(|(name, _)| !name.starts_with("annex-")) {
            whole.push_str(&String::from_utf8(bytes).unwrap_or_else(|_| panic!("{name} is no text")));
        }
        for shape in [
            "LCS77",
            "lcs77",
            "SI-2025",
            "01332",
            "Tannery",
            "Quarndon",
            "Wexcombe",
            "Thornbury",
            "Okonkwo",
            "Siobh",
            "@",
        ] {
            assert!(!whole.contains(shape), "{shape}");
        }
    }
}

#[test]
fn the_same_incidents_give_the_same_bytes() {
    let incidents: Vec<_> = drawn(3, 90).iter().map(Drawn::incident).collect();
    for audience in [Audience::Directors, PUBLIC] {
        let facts = || facts_of(&incidents, NOW).unwrap();
        assert_eq!(bulletin(&facts(), &cover(), 5).unwrap(), bulletin(&facts(), &cover(), 5).unwrap());
        let make = || document(&facts(), &cover(), audience).unwrap();
        let docx = make();
        assert_eq!(docx, make());
        for (name, part) in parts(&docx) {
            let odd = part.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
            assert_eq!(odd, None, "{name}");
        }
    }
}

/// The lines of a text, without the space around them and within.
fn lines<'a>(text: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let tidy = |line: &str| {
        let bare = line.trim().trim_start_matches(['\u{FEFF}', '\u{2022}']);
        bare.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    text.into_iter().map(tidy).filter(|line| !line.is_empty()).collect()
}

/// Every paragraph and cell as the program's own reader of Word files finds them; and how many tables.
fn own_walk(docx: &[u8]) -> (Vec<String>, usize) {
    use need_to_know::document::{Block, Budget, Contents, read};
    let limits = need_to_know::message::Limits::default();
    let contents = read("report.docx", "", docx, &mut Budget::new(&limits)).unwrap();
    let Contents::Document(document) = contents else { panic!("no document") };
    fn walk(blocks: &[Block], lines: &mut Vec<String>) -> usize {
        let of = |block: &Block, lines: &mut Vec<String>| match block {
            Block::Paragraph(paragraph) => {
                lines.push(paragraph.spans.iter().map(|span| span.text.as_str()).collect());
                0
            }
            Block::Table(table) => {
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                cells.map(|cell| walk(&cell.blocks, lines)).sum::<usize>() + 1
            }
        };
        blocks.iter().map(|block| of(block, lines)).sum()
    }
    let mut found = Vec::new();
    let tables = walk(&document.blocks, &mut found);
    (lines(found.iter().map(String::as_str)), tables)
}

/// Compares two readings and names the first line in which they differ.
fn same(own: &[String], other: &[String], who: &str) {
    let at = (0..own.len().max(other.len())).find(|at| own.get(*at) != other.get(*at));
    if let Some(at) = at {
        panic!("{who} reads line {at} as {:?}, we as {:?}", other.get(at), own.get(at));
    }
}

fn run(command: &mut std::process::Command) -> Vec<u8> {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; scripts/test packages installs it"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The interpreter that has python-docx.
fn python() -> &'static str {
    let has = |python: &&str| {
        let asked = std::process::Command::new(python).args(["-c", "import docx"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(has).expect("python-docx; scripts/test packages installs it")
}

#[test]
fn three_unlike_readers_find_the_same_text_tables_and_pictures() {
    use std::process::Command;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (seed, many, audience) in
        [(1, 0, Audience::Directors), (2, 60, Audience::Directors), (3, 600, Audience::Directors), (4, 300, PUBLIC)]
    {
        let incidents: Vec<_> = drawn(seed, many).iter().map(Drawn::incident).collect();
        let docx = document(&facts_of(&incidents, NOW).unwrap(), &cover(), audience).unwrap();
        std::fs::write(at("report.docx"), &docx).unwrap();
        let profile = format!("-env:UserInstallation=file://{}", at("profile").display());
        for kind in ["txt:Text (encoded):UTF8", "pdf"] {
            run(Command::new("soffice").current_dir(folder.path()).args([
                &*profile,
                "--headless",
                "--convert-to",
                kind,
                "report.docx",
            ]));
        }
        let (own, tables) = own_walk(&docx);
        let office = std::fs::read_to_string(at("report.txt")).unwrap();
        same(&own, &lines(office.lines()), &format!("{seed}: LibreOffice"));
        let read = run(Command::new(python()).arg("tests/published/read.py").arg(at("report.docx")));
        let read: serde_json::Value = serde_json::from_slice(&read).unwrap();
        let python: Vec<&str> = read["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        same(&own, &lines(python), &format!("{seed}: python-docx"));
        assert_eq!(read["tables"], tables);
        assert_eq!(read["properties"][1], "Eastshire County Council");
        assert_eq!(read["properties"][2], "en-GB");
        // Pictures: as many as python-docx sees, each with its words, and as many in the pages.
        let pictures = read["pictures"].as_array().unwrap();
        assert!(
            pictures.iter().all(|words| words.as_str().is_some_and(|words| words.len() > 20)),
            "{seed}: {pictures:?}"
        );
        let in_pages = String::from_utf8(run(Command::new("pdfimages").arg("-list").arg(at("report.pdf")))).unwrap();
        assert_eq!(in_pages.lines().filter(|line| line.contains(" image ")).count(), pictures.len(), "{seed}");
        assert_eq!(pictures.is_empty(), many == 0);
        // Every word is on a page: no row is lost at the foot of one.
        let pages = String::from_utf8(run(Command::new("pdftotext").arg(at("report.pdf")).arg("-"))).unwrap();
        let count = |text: &str| {
            let mut counted: BTreeMap<String, usize> = BTreeMap::new();
            text.split_whitespace().for_each(|word| *counted.entry(word.to_owned()).or_default() += 1);
            counted
        };
        let printed = count(&pages);
        for (word, times) in count(&own.join(" ")) {
            assert!(
                printed.get(&word).copied().unwrap_or(0) >= times,
                "{seed}: {word} is not on the pages {times} times"
            );
        }
    }
}

/// Facts with passages of these lengths, as many of each part.
fn taught(passages: usize, letters: usize) -> Facts {
    let incidents: Vec<_> = drawn(5, 300).iter().map(Drawn::incident).collect();
    let mut facts = facts_of(&incidents, NOW).unwrap();
    let passage = |part: &str, number: usize| {
        let mut text = format!("{part} {number}: handover notes are read out at every change of shift");
        while text.chars().count() + 9 < letters {
            text.push_str(" and again");
        }
        format!("{text}.")
    };
    let of = |part: &str| (0..passages).map(|number| passage(part, number)).collect::<Vec<_>>();
    let reference = facts.incidents[0].clone();
    facts.learning = vec![Learning {
        reference: reference.clone(),
        class: "Serious".into(),
        category: "Neglect".into(),
        causes: Vec::new(),
        lessons: of("Lesson"),
        good_practice: of("Practice"),
        to_share: of("Share"),
        corrected: std::collections::BTreeMap::new(),
    }];
    let advice = |text| Advice {
        reference: reference.clone(),
        number: 1,
        text,
        due: None,
        state: AdviceState::Open,
        carried_over: false,
    };
    facts.recommendations = of("Change").into_iter().map(advice).collect();
    facts
}

#[test]
fn l4_the_bulletin_is_one_page_whatever_was_learned() {
    use std::process::Command;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let profile = format!("-env:UserInstallation=file://{}", at("profile").display());
    let none = facts_of(&[], NOW).unwrap();
    let all = [taught(30, 60), taught(30, 150), taught(30, 238), taught(2, 100), taught(5, 900), none];
    for (number, facts) in all.iter().enumerate() {
        let docx = bulletin(facts, &cover(), 5).unwrap();
        std::fs::write(at("bulletin.docx"), &docx).unwrap();
        for kind in ["txt:Text (encoded):UTF8", "pdf"] {
            let arguments = [&*profile, "--headless", "--convert-to", kind, "bulletin.docx"];
            run(Command::new("soffice").current_dir(folder.path()).args(arguments));
        }
        if let Ok(kept) = std::env::var("WRITE_BULLETINS") {
            std::fs::copy(at("bulletin.pdf"), format!("{kept}/bulletin-{number}.pdf")).unwrap();
        }
        let told = String::from_utf8(run(Command::new("pdfinfo").arg(at("bulletin.pdf")))).unwrap();
        assert!(told.lines().any(|line| line.split_whitespace().eq(["Pages:", "1"])), "{number}: {told}");
        let (own, _) = own_walk(&docx);
        let office = std::fs::read_to_string(at("bulletin.txt")).unwrap();
        same(&own, &lines(office.lines()), &format!("{number}: LibreOffice"));
        let read = run(Command::new(python()).arg("tests/published/read.py").arg(at("bulletin.docx")));
        let read: serde_json::Value = serde_json::from_slice(&read).unwrap();
        let python: Vec<&str> = read["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        same(&own, &lines(python), &format!("{number}: python-docx"));
        assert_eq!(
            (&read["properties"][1], &read["properties"][2]),
            (&"Eastshire County Council".into(), &"en-GB".into())
        );
        // What is told is told whole.
        let cut = own.iter().filter(|line| line.contains("handover notes") && !line.ends_with('.'));
        assert_eq!(cut.count(), 0, "{own:?}");
    }
    let words = text(&bulletin(&all[4], &cover(), 5).unwrap());
    assert!(words.contains("too long for this page"), "{words}");
}
