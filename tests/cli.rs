//! The program from outside: usage, exit codes, and one clear line for each mistake. Empty home, cleared environment.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const COMMANDS: [&str; 13] = [
    "run",
    "demo",
    "read",
    "incidents",
    "show",
    "report",
    "themes",
    "pack",
    "forms",
    "check",
    "verify",
    "procedure",
    "simulate",
];

/// An empty folder of its own.
fn folder(name: &str) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{number}-{name}"));
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_need-to-know"));
    program.args(arguments).env_clear().current_dir(folder("empty")).stdin(Stdio::null());
    program
}

/// Exit code, stdout and stderr.
fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    said(&program(arguments).output().unwrap())
}

#[test]
fn help_is_an_answer_and_shows_examples() {
    let (code, stdout, stderr) = run(&["--help"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    for command in COMMANDS {
        assert!(stdout.contains(&format!("\n  {command} ")), "{command}: {stdout}");
        let (code, stdout, _) = run(&[command, "--help"]);
        let example = stdout.split_once("\nExample").map_or("", |(_, example)| example);
        assert!(code == Some(0) && example.contains("need-to-know ") && example.contains(command), "{stdout}");
    }
    assert!(run(&["--version"]).1.starts_with("need-to-know 0."));
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &[][..],
        &["nonsense"],
        &["show"],
        &["read"],
        &["run", "--at", "2026-03-02T09:00:00Z"],
        &["run", "--once", "--at", "tomorrow"],
        &["report", "--year", "2025-27"],
        &["report", "--from", "2026-01-01"],
        &["report", "--year", "2025-26", "--from", "2026-01-01", "--to", "2026-02-01"],
        &["report", "--audience", "everybody"],
        &["themes", "--from", "2026-01-01"],
        &["pack", "SI-2026-0001"],
        &["pack", "SI-2026-0001", "police"],
        &["verify", "more"],
    ] {
        let (code, stdout, stderr) = run(arguments);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(!stderr.is_empty());
    }
}

#[test]
fn without_a_configuration_one_line_says_where_it_was_looked_for() {
    if std::path::Path::new("/etc/need-to-know/config.toml").exists() {
        return;
    }
    for arguments in [&["incidents"][..], &["show", "SI-2026-0001"], &["verify"], &["check"], &["run", "--once"]] {
        let (code, stdout, stderr) = run(arguments);
        assert_eq!((code, stdout.as_str(), stderr.lines().count()), (Some(1), "", 1), "{stderr}");
        assert!(
            stderr.starts_with("need-to-know: there is no configuration") && stderr.contains("--config FILE"),
            "{stderr}"
        );
    }
}

#[test]
fn a_mailbox_that_cannot_be_used_leaves_no_store_behind() {
    let people = [
        ("head_of_service", "hos"),
        ("service_director", "sd"),
        ("strategic_director", "std"),
        ("quality_assurance", "qa"),
        ("administrator", "admin"),
    ];
    let people: String = people
        .iter()
        .map(|(role, name)| {
            format!("[[people]]\nname = \"{name}\"\nemail = \"{name}@council.example\"\nroles = [\"{role}\"]\n")
        })
        .collect();
    let imap = "kind = \"imap\"\nhost = \"127.0.0.1\"\nport = 9\nsecurity = \"none\"\nuser = \"incidents@council.example\"\n\
                password = { file = \"secret\" }\nstart = \"2020-01-01\"\n";
    for mailbox in ["kind = \"maildir\"\npath = \"inbox\"\n", imap] {
        let folder = folder("unusable");
        std::fs::create_dir_all(folder.join("inbox")).unwrap();
        std::fs::write(folder.join("secret"), "secret\n").unwrap();
        std::fs::set_permissions(folder.join("secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
        let config = format!(
            "[organisation]\nname = \"Northmoor\"\n[mailbox]\n{mailbox}[delivery]\nkind = \"maildir\"\npath = \"outbox\"\n\
             from = \"Incidents <incidents@council.example>\"\nallowed_domains = [\"council.example\"]\n[store]\npath = \"store\"\n{people}"
        );
        std::fs::write(folder.join("config.toml"), config).unwrap();
        let path = folder.join("config.toml");
        let (code, _, stderr) = run(&["--config", path.to_str().unwrap(), "run", "--once"]);
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stderr.contains("inbox") || stderr.contains("127.0.0.1"), "{stderr}");
        assert!(!folder.join("store").exists(), "{stderr}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_configuration_that_cannot_be_read_is_named_with_the_cause() {
    let (code, _, stderr) = run(&["incidents", "--config", "missing.toml"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        stderr,
        "need-to-know: cannot read the configuration missing.toml: No such file or directory (os error 2)\n"
    );
}

#[test]
fn each_mistake_in_the_configuration_is_a_line_with_its_place() {
    let folder = folder("mistakes");
    let path = folder.join("config.toml");
    std::fs::write(
        &path,
        "[organisation]\nname = \"Northmoor\"\ntime_zne = \"Europe/London\"\n[mailbox]\nkind = \"pop3\"\n",
    )
    .unwrap();
    let shown = path.to_str().unwrap();
    let (code, stdout, stderr) = run(&["--config", shown, "run"]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    let lines: Vec<&str> = stderr.trim_start_matches("need-to-know: ").lines().collect();
    assert!(
        lines.contains(&format!("{shown}:3: there is no key organisation.time_zne; did you mean time_zone?").as_str()),
        "{stderr}"
    );
    assert!(
        lines.contains(&format!("{shown}:5: mailbox.kind cannot be \"pop3\"; write \"imap\" or \"maildir\"").as_str()),
        "{stderr}"
    );
    assert!(lines.iter().all(|line| line.starts_with(shown)), "{stderr}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let mut child = program(&["report", "--help"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    child.wait().unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn read_knows_the_wordings_of_a_configuration_that_is_named() {
    let folder = folder("wordings");
    let form = folder.join("form.txt");
    std::fs::write(&form, "Need to know\n\nZyxt of the bairn: OQ\nTeam: MASH\nNext steps: Ring.\n").unwrap();
    let config = folder.join("config.toml");
    let text = r#"
[organisation]
name = "Northmoor Council"
duty_phone = "01632 960001"
[mailbox]
kind = "maildir"
path = "in"
[delivery]
kind = "maildir"
path = "out"
from = "Serious incidents <incidents@northmoor.example>"
allowed_domains = ["northmoor.example"]
[store]
path = "store"
rehearsal = true
[[people]]
name = "Priya Raman"
email = "priya.raman@northmoor.example"
roles = ["head_of_service", "service_director", "strategic_director", "chief_executive", "quality_assurance", "administrator"]
[forms.wordings]
child_initials = ["Zyxt of the bairn"]
"#;
    std::fs::write(&config, text).unwrap();
    ["in/new", "in/cur", "in/tmp"].iter().for_each(|part| std::fs::create_dir_all(folder.join(part)).unwrap());
    let read = |arguments: &[&str]| {
        let (code, stdout, stderr) = run(&[arguments, &["read", "--json", form.to_str().unwrap()]].concat());
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
        serde_json::from_str::<serde_json::Value>(&stdout).unwrap()["forms"][0]["fields"]["child_initials"]["value"]
            .clone()
    };
    assert_eq!(read(&["--config", config.to_str().unwrap()]), "OQ");
    // One that is not named is not used, even where others would find it.
    let output = program(&["read", "--json", "form.txt"]).current_dir(&folder).output().unwrap();
    let reading: serde_json::Value = serde_json::from_str(&said(&output).1).unwrap();
    assert_eq!(reading["forms"][0]["fields"]["child_initials"], serde_json::Value::Null);
    assert_eq!(read(&[]), serde_json::Value::Null);
    let (code, stdout, stderr) = run(&["--config", "missing.toml", "read", form.to_str().unwrap()]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.starts_with("need-to-know: cannot read the configuration missing.toml"), "{stderr}");
    let help = run(&["read", "--help"]).1;
    for words in [
        "[forms.wordings]",
        ".docx",
        ".doc",
        "PDF",
        ".odt",
        ".rtf",
        ".html",
        ".eml",
        ".msg",
        "winmail.dat",
        ".p7m",
        "zip",
    ] {
        assert!(help.contains(words), "{words} in {help}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
