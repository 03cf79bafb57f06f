//! The demo as a visitor runs it: it ends, what it lists is there, its year is the procedure's, and it is the same each time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// The demo is played twice for all tests: it is deterministic, and it is the slowest thing here.
static FIRST: LazyLock<Demo> = LazyLock::new(|| Demo::play("first"));
static SECOND: LazyLock<Demo> = LazyLock::new(|| Demo::play("second"));

struct Demo {
    folder: PathBuf,
    stdout: String,
    stderr: String,
}

impl Demo {
    fn play(name: &str) -> Demo {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("demo-{name}"));
        std::fs::remove_dir_all(&folder).ok();
        let (code, stdout, stderr) = run(&["demo", folder.to_str().unwrap()]);
        assert_eq!(code, Some(0), "{stderr}");
        Demo { folder, stdout, stderr }
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.join(file)).unwrap()
    }

    /// Names of the files of a folder, sorted.
    fn names(&self, folder: &str) -> Vec<String> {
        names(&self.folder.join(folder))
    }

    /// The mails that went out: the parts of a file's name after the number.
    fn out(&self) -> Vec<String> {
        self.names("mails-out").iter().filter_map(|name| Some(name.strip_suffix(".eml")?[5..].to_owned())).collect()
    }

    /// Kind and recipient of what went out about an incident on a day, in order.
    fn about(&self, reference: &str, day: &str) -> Vec<String> {
        let mut found = Vec::new();
        for name in self.names("mails-out").iter().filter(|name| name.ends_with(".eml") && name[5..].starts_with(day)) {
            let mail = self.read(&format!("mails-out/{name}"));
            if mail.contains(&format!("X-Incident-Reference: {reference}\r\n")) {
                found.push(name[16..].trim_end_matches(".eml").to_owned());
            }
        }
        found
    }

    /// The reference of the incident that a mail of this day, in the folder `mails-in`, belongs to, by its story's title.
    fn reference(&self, title: &str) -> String {
        let index = self.read("index.html");
        let (_, story) = index.split_once(&format!(">{title}</a></dt>")).unwrap_or_else(|| panic!("{title}"));
        let (_, link) = story.split_once("incidents/").unwrap();
        link[..12].to_owned()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().expect("names are plain"))
        .collect();
    names.sort();
    names
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_need-to-know"));
    let output = program.args(arguments).env_clear().stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn it_ends_and_what_it_lists_is_there() {
    let demo = &*FIRST;
    assert_eq!(demo.stderr, "", "nothing is wrong, and no bar is drawn where there is no terminal");
    let listed: Vec<&str> = demo
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_once("  "))
        .map(|(path, _)| path)
        .collect();
    assert!((6..=8).contains(&listed.len()), "{}", demo.stdout);
    for path in &listed {
        assert!(Path::new(path).exists(), "{path}");
    }
    assert!(listed.iter().any(|path| path.ends_with("annual-report.docx")), "{}", demo.stdout);
    assert_eq!(demo.read("README.txt"), demo.stdout);
    assert!(std::fs::read(demo.folder.join("annual-report.docx")).unwrap().starts_with(b"PK"));
    let config = demo.folder.join("config.toml");
    let (code, register, stderr) = run(&["--config", config.to_str().unwrap(), "incidents"]);
    assert_eq!((code, stderr.as_str(), register), (Some(0), "", demo.read("register.txt")));
}

#[test]
fn every_link_of_the_story_leads_somewhere_and_nothing_is_remote() {
    let demo = &*FIRST;
    let index = demo.read("index.html");
    let links: Vec<&str> = index.split("href=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect();
    assert!(links.len() > 300);
    for link in links {
        match link.strip_prefix('#') {
            Some(anchor) => assert!(index.contains(&format!("id={anchor}>")), "{link}"),
            None => assert!(demo.folder.join(link).is_file(), "{link}"),
        }
    }
    for remote in ["<script", "src=", "http:", "https:", "@import", "url("] {
        assert!(!index.contains(remote), "{remote}");
    }
}

#[test]
fn t7_the_report_is_chased_at_nine_on_the_morning_after_28_days() {
    let demo = &*FIRST;
    let reference = demo.reference("The report that did not come");
    // Received on Monday 12 May, due on Monday 9 June; 8 June is a Sunday, so the last reminder goes out on the Friday before.
    assert_eq!(demo.about(&reference, "2025-06-02"), ["reminder-to-gareth-pym"]);
    assert_eq!(demo.about(&reference, "2025-06-06"), ["reminder-to-gareth-pym"]);
    assert_eq!(demo.about(&reference, "2025-06-09"), [""; 0]);
    assert_eq!(demo.about(&reference, "2025-06-10"), ["chase-to-gareth-pym", "chase-to-martin-keogh"]);
    let second = ["chase-to-gareth-pym", "chase-to-martin-keogh", "chase-to-helen-marchetti"];
    assert_eq!(demo.about(&reference, "2025-06-17"), second);
    let chase = demo.names("mails-out").into_iter().find(|name| name.contains("2025-06-10-chase-to-gareth")).unwrap();
    assert!(
        demo.read(&format!("mails-out/{chase}")).contains("Date: Tue, 10 Jun 2025 08:00:00 +0000"),
        "09:00 in summer"
    );
}

#[test]
fn the_stories_of_the_year_went_as_they_are_told() {
    let demo = &*FIRST;
    let about = |title: &str, day: &str| demo.about(&demo.reference(title), day);
    let has = |title: &str, day: &str, mail: &str| {
        let found = about(title, day);
        assert!(found.iter().any(|known| known == mail), "{title}: {mail} is not among {found:?}");
    };
    has("A girl badly hurt, at two in the morning", "2025-04-12", "alert-to-desmond-akintola");
    has("A girl badly hurt, at two in the morning", "2025-04-12", "escalation-to-desmond-akintola");
    has("A date too far", "2025-08-27", "decision-refused-to-martin-keogh");
    has("The deputy decides", "2025-08-13", "alert-to-rosalind-peake");
    assert!(!about("The deputy decides", "2025-08-13").contains(&"alert-to-martin-keogh".to_owned()));
    has("The director is on leave, and the mail says so", "2025-07-29", "alert-to-desmond-akintola");
    has("A photograph of a form", "2025-07-02", "unreadable-to-martin-keogh");
    has("Christmas Eve", "2025-12-29", "escalation-to-helen-marchetti");
    has("Late, with a reason", "2025-10-13", "chase-to-martin-keogh");
    has("Not hers to decide", "2025-10-15", "decision-refused-to-jude-whitlock");
    has("Still open at the end of the year", "2026-04-09", "chase-to-miriam-strand");
    // A date that was given rests the chases until it is over.
    assert_eq!(about("Late, with a reason", "2025-10-20"), [""; 0]);
    let reports: Vec<String> = demo.out().into_iter().filter(|name| name.contains("annual-report")).collect();
    let to_her = ["2026-04-06-annual-report-to-helen-marchetti", "2026-04-20-annual-report-to-helen-marchetti"];
    assert_eq!(reports, to_her, "the draft and the report");
    let register = demo.read("register.txt");
    assert!(register.lines().last().unwrap().ends_with("investigation report"), "{register}");
    // What is late stands on lines of its own, below the incident's.
    let incidents = register.lines().skip(1).filter(|line| !line.starts_with(' '));
    assert_eq!(demo.names("incidents").len(), incidents.count());
}

#[test]
fn what_is_closed_owes_nothing() {
    let register = FIRST.read("register.txt");
    let lines: Vec<&str> = register.lines().chain([""]).collect();
    let mut closed = lines.windows(2).filter(|pair| pair[0].contains(" closed "));
    assert!(closed.clone().count() > 5 && register.contains(" late: "), "{register}");
    assert!(closed.all(|pair| !pair[1].starts_with(' ')), "{register}");
}

#[test]
fn i11_what_is_missing_is_asked_once_and_a_later_form_says_who_was_told() {
    let demo = &*FIRST;
    let text = |part: &str| -> Vec<String> {
        let names = demo.names("mails-out").into_iter().filter(|name| name.contains(part) && name.ends_with(".html"));
        names.map(|name| demo.read(&format!("mails-out/{name}"))).collect()
    };
    let asks = |mails: &[String]| mails.iter().filter(|mail| mail.contains("please tell us")).count();
    let (first, second) = (text("2025-06-09-acknowledgement-to-karen"), text("2025-06-10-acknowledgement-to-karen"));
    assert_eq!((asks(&first), asks(&second), second.len()), (1, 0, 1));
    assert!(second[0].contains("Martin Keogh"));
    // T8: the first request for a review is the first.
    let review = text("2025-04-29-request-to-martin-keogh");
    assert!(review.len() == 1 && !review[0].contains("asked before"));
}

#[test]
fn nothing_goes_anywhere_but_to_the_council() {
    let demo = &*FIRST;
    let mut seen = 0;
    for name in demo.names("mails-out").iter().filter(|name| name.ends_with(".eml")) {
        let mail = demo.read(&format!("mails-out/{name}"));
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        let unfolded = head.replace("\r\n ", " ");
        let to: Vec<&str> = unfolded.lines().filter(|line| line.starts_with("To: ")).collect();
        assert!(to.len() == 1 && to[0].trim_end_matches('>').ends_with("@ashbournevale.example"), "{name}: {to:?}");
        assert!(!unfolded.lines().any(|line| line.starts_with("Cc:") || line.starts_with("Bcc:")), "{name}");
        seen += 1;
    }
    assert!(seen > 300, "{seen}");
}

#[test]
fn no_child_is_named_in_a_subject_or_the_name_of_a_file() {
    let demo = &*FIRST;
    let children = ["Jaydon", "Crewe", "Ellie", "Rudd", "Kian", "Holt", "Callie", "Nunn", "Garside"];
    let mut names = demo.names("mails-in");
    names.extend(demo.names("mails-out"));
    for name in &names {
        assert!(!children.iter().any(|child| name.contains(&child.to_lowercase())), "{name}");
    }
    let index = demo.read("index.html");
    for child in children {
        assert!(!index.contains(child), "{child}");
    }
}

#[test]
fn twice_is_the_same() {
    let mails = |demo: &Demo| -> BTreeMap<String, Vec<u8>> {
        let places = ["mails-in", "mails-out", "incidents", "forms"];
        let files =
            places.iter().flat_map(|place| demo.names(place).into_iter().map(move |name| format!("{place}/{name}")));
        let pages = ["index.html", "register.txt", "annual-report.docx", "learning-bulletin.docx"].map(str::to_owned);
        files.chain(pages).map(|file| (file.clone(), std::fs::read(demo.folder.join(file)).unwrap())).collect()
    };
    let (first, second) = (mails(&FIRST), mails(&SECOND));
    assert!(first.keys().eq(second.keys()));
    let different: Vec<&String> = first.keys().filter(|file| first[*file] != second[*file]).collect();
    assert_eq!(different, [""; 0]);
}

#[test]
fn a_folder_that_cannot_be_had_is_one_clear_line() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-full");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("mine.txt"), "mine").unwrap();
    let shown = folder.to_str().unwrap();
    let (code, stdout, stderr) = run(&["demo", shown]);
    assert_eq!((code, stdout.as_str(), stderr.lines().count()), (Some(1), "", 1), "{stderr}");
    assert!(stderr.starts_with(&format!("need-to-know: {shown} is not empty")), "{stderr}");
    assert_eq!(names(&folder), ["mine.txt"]);
    for place in [format!("{shown}/mine.txt"), format!("{shown}/mine.txt/below"), "/proc/demo".to_owned()] {
        let (code, stdout, stderr) = run(&["demo", &place]);
        assert_eq!((code, stdout.as_str(), stderr.lines().count()), (Some(1), "", 1), "{place}: {stderr}");
        assert!(stderr.contains("cannot ") && stderr.contains(&place), "{stderr}");
    }
}
