//! The configuration as its user meets it: the sample, and every refusal with its line and its mend.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::*;
use crate::incident::people::Role;
use crate::net::{Security, SignIn};

const SAMPLE: &str = include_str!("../../config.toml");

/// A small configuration with nothing wrong in it: maildirs, and one person with every needed role.
const SMALL: &str = r#"[organisation]
name = "Northmoor Council"
services = [{ name = "Fostering", aliases = ["IFA"] }]
[mailbox]
kind = "maildir"
path = "inbox"
[delivery]
kind = "maildir"
path = "outbox"
from = "Incidents <incidents@northmoor.example>"
allowed_domains = ["northmoor.example"]
partner_domains = ["police.example"]
[store]
path = "store"
rehearsal = true
[[people]]
name = "Sam Doyle"
email = "Sam.Doyle@Northmoor.example"
roles = ["head_of_service", "service_director", "chief_executive", "quality_assurance", "administrator"]
"#;

fn nothing(_: &str) -> Option<OsString> {
    None
}

/// Loads a text from a folder that has an inbox and two secrets.
fn load(text: &str) -> Result<Settings, Failure> {
    let kept = tempfile::tempdir().unwrap();
    let folder = kept.path();
    std::fs::create_dir(folder.join("inbox")).unwrap();
    for name in ["imap.password", "smtp.password"] {
        std::fs::write(folder.join(name), "correct horse\n").unwrap();
        std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    std::fs::write(folder.join("themes.toml"), "").unwrap();
    let path = folder.join("config.toml");
    std::fs::write(&path, text).unwrap();
    Settings::load_with(&path, &nothing)
}

/// The problems of a text, each as "line: what; mend".
fn problems(text: &str) -> Vec<String> {
    match load(text) {
        Err(Failure::Wrong(problems)) => problems
            .iter()
            .map(|problem| {
                assert!(!problem.to_string().contains('\n'), "one line each: {problem}");
                format!("{}: {}; {}", problem.line, problem.what, problem.mend)
            })
            .collect(),
        Ok(_) => Vec::new(),
        Err(failure) => panic!("{failure}"),
    }
}

/// [`SMALL`] with one text in place of another brings exactly one problem, on this line, with these words.
fn refused(from: &str, to: &str, line: usize, words: &[&str]) {
    assert!(SMALL.contains(from), "{from}");
    let problems = problems(&SMALL.replacen(from, to, 1));
    assert_eq!(problems.len(), 1, "{to}: {problems:#?}");
    assert!(problems[0].starts_with(&format!("{line}: ")), "{to}: {problems:?}");
    assert!(words.iter().all(|word| problems[0].contains(word)), "{to}: {problems:?}");
}

#[test]
fn the_sample_loads() {
    let settings = load(SAMPLE).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(settings.organisation.name, "Derby City Council");
    assert_eq!(settings.organisation.year_starts, (4, 1));
    assert_eq!(settings.people.len(), 7);
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
    let Route::Imap { access, folder } = &settings.mailbox.route else { panic!("imap") };
    let server = &access.server;
    assert_eq!((server.port, server.security, folder.as_str()), (993, Security::Tls, "INBOX"));
    let Some(SignIn::Password { user, password }) = access.sign_in() else { panic!("password") };
    assert_eq!((user.as_str(), password.reveal()), ("incidents@derby.example", "correct horse"));
    let Way::Smtp(Access { server, .. }) = &settings.delivery.way else { panic!("smtp") };
    assert_eq!((server.port, server.security), (587, Security::StartTls));
    assert!(!format!("{settings:?}").contains("correct horse"));
}

/// Every key that the program knows stands in the sample, and every key of the sample is known: uncommented, the sample brings no
/// problem but files that are not there and what excludes each other.
#[test]
fn the_sample_is_complete_and_its_comments_are_true() {
    let key = |line: &str| {
        let line = line.strip_prefix("# ")?;
        let name = line.split([' ', ']', '.']).next()?.trim_start_matches('[');
        let is_key = line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        (is_key && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')).then(|| line.to_owned())
    };
    let whole: String = SAMPLE.lines().map(|line| key(line).unwrap_or(line.to_owned()) + "\n").collect();
    let found = problems(&whole);
    let rest: Vec<&String> = found
        .iter()
        .filter(|problem| !problem.contains("ca.pem") && !problem.contains("imap-client-secret"))
        // A trial and concerns exclude each other.
        .filter(|problem| !problem.contains("[concerns] and delivery.pilot"))
        .collect();
    assert!(rest.is_empty(), "{rest:#?}");
    // The certificates of both servers and what excludes each other, so the lines that are comments were read as keys.
    assert!(found.len() >= 3, "the optional keys were not found: {found:#?}");
    assert!(["\npilot = ", "\nauthserv_id = "].iter().all(|optional| whole.contains(optional)), "read as keys too");
    for (index, line) in SAMPLE.lines().enumerate() {
        let written = line.split_once(" = ").filter(|(key, _)| !key.contains(' '));
        let explained = line.contains('#') || SAMPLE.lines().nth(index.saturating_sub(1)).unwrap().starts_with('#');
        // The people after the first repeat its keys.
        let first = written
            .is_some_and(|(key, _)| SAMPLE.lines().take(index).all(|line| !line.starts_with(&format!("{key} = "))));
        assert!(!first || explained, "line {}: {line}", index + 1);
    }
}

#[test]
fn the_defaults_are_those_of_the_sample() {
    let settings = load(SMALL).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(settings.organisation.time_zone, chrono_tz::Europe::London);
    assert_eq!(settings.organisation.reference_prefix, "SI");
    assert_eq!(settings.report.source(), "0 0 9 20 4 *");
    assert_eq!(settings.smallest_shown, 5);
    assert_eq!(settings.trust.decisions, Decisions::Reply);
    assert!(!settings.delivery.plus_addressing && settings.mailbox.start.is_none());
    assert_eq!(settings.mailbox.processed_folder, "Processed");
    assert!(matches!(&settings.mailbox.route, Route::Maildir(path) if path.is_absolute() && path.ends_with("inbox")));
    assert_eq!(settings.people[0].email, "sam.doyle@northmoor.example");
    assert_eq!(settings.warnings.len(), 4, "the four telephone numbers: {:?}", settings.warnings);
}

#[test]
fn each_mistake_is_refused_with_its_line_and_mend() {
    refused(
        "name = \"Northmoor",
        "nmae = 1\nname = \"Northmoor",
        2,
        &["no key organisation.nmae", "did you mean name?"],
    );
    refused("[store]", "[stroe]\n[store]", 13, &["no key stroe", "did you mean store?"]);
    refused("name = \"Northmoor Council\"", "", 1, &["organisation.name is missing", "add to [organisation]"]);
    refused(
        "services =",
        "time_zone = \"Europe/Londn\"\nservices =",
        3,
        &["Europe/Londn", "did you mean \"Europe/London\"?"],
    );
    refused("services =", "year_starts = \"02-29\"\nservices =", 3, &["year_starts", "04-01"]);
    refused("services =", "bank_holidays = [\"10 May\"]\nservices =", 3, &["bank_holidays", "10 May", "2027-05-10"]);
    refused("services =", "reference_prefix = \"S-I\"\nservices =", 3, &["reference_prefix", "capital letters"]);
    refused("[\"IFA\"]", "[\"fostering\"]", 3, &["stands here twice"]);
    refused("path = \"inbox\"", "path = \"inbx\"", 6, &["there is no maildir", "inbx", "make it"]);
    refused("path = \"outbox\"", "path = \"nowhere/outbox\"", 9, &["cannot be reached", "nowhere"]);
    refused("path = \"store\"", "path = \"nowhere/store\"", 14, &["cannot be reached", "nowhere"]);
    refused("path = \"store\"", "path = \"inbox/../imap.password\"", 14, &["is not a folder"]);
    refused("kind = \"maildir\"", "kind = \"pop3\"", 5, &["cannot be \"pop3\"", "\"imap\" or \"maildir\""]);
    refused("path = \"inbox\"", "path = \"inbox\"\nstart = \"2026-02-30\"", 7, &["a day that exists"]);
    refused(
        "path = \"inbox\"",
        "path = \"inbox\"\nprocessed_folder = \"x\"\nattention_folder = \"x\"",
        4,
        &["the same"],
    );
    refused("\"Incidents <incidents@northmoor.example>\"", "\"Incidents\"", 10, &["delivery.from is not an address"]);
    refused("[\"northmoor.example\"]", "[\"*.northmoor.example\", \"northmoor.example\"]", 11, &["exact names"]);
    refused("rehearsal = true", "rehearsal = \"true\"", 15, &["true or false, without quotes"]);
    refused("[store]", "[report]\nschedule = \"0 9 20 4 *\"\n[store]", 14, &["six fields"]);
    refused("[store]", "[report]\nthemes = \"none.toml\"\n[store]", 14, &["cannot read the themes", "none.toml"]);
    refused("[store]", "[report]\nschedule = \"0 0 25 20 4 *\"\n[store]", 14, &["is not a schedule"]);
    refused("[store]", "[report]\nschedule = \"0 0 9 30 2 *\"\n[store]", 14, &["never comes"]);
    for out_of_range in ["0", "21", "-5", "\"5\"", "4.5"] {
        let text = format!("[report]\nsmallest_shown = {out_of_range}\n[store]");
        refused("[store]", &text, 14, &["smallest_shown", "a whole number from 1 to 20"]);
    }
    refused("[store]", "[procedure]\ninvestigation_days = 29\n[store]", 14, &["from 1 to 28"]);
    refused("[store]", "[store]\n[store]", 14, &["as TOML"]);
    refused(
        "administrator\"]",
        "worker\", \"administrator\"]",
        19,
        &["there is no role worker", "everybody may report"],
    );
    refused("administrator\"]", "admin\", \"administrator\"]", 19, &["there is no role admin", "known roles"]);
    refused("\"administrator\"]", "\"administrater\", \"administrator\"]", 19, &["did you mean administrator?"]);
}

#[test]
fn n9_the_smallest_count_that_is_shown_is_a_setting_and_a_low_one_deserves_a_word() {
    let with = |smallest: &str| load(&SMALL.replacen("[store]", &format!("[report]\n{smallest}\n[store]"), 1)).unwrap();
    let warned = |settings: &Settings| settings.warnings.iter().any(|word| word.contains("report.smallest_shown is"));
    let (ten, one) = (with("smallest_shown = 10"), with("smallest_shown = 1"));
    assert_eq!((ten.smallest_shown, one.smallest_shown), (10, 1));
    assert_eq!(ten.report.source(), "0 0 9 20 4 *");
    assert!(!warned(&ten) && warned(&one), "{:?}", one.warnings);
}

#[test]
fn people_outside_the_allowed_domains_are_refused() {
    refused(
        "Sam.Doyle@Northmoor.example",
        "sam@derby.example",
        18,
        &["outside the allowed domains (northmoor.example)"],
    );
    refused("Sam.Doyle@Northmoor.example", "sam@sub.northmoor.example", 18, &["outside the allowed domains"]);
    let with = |entry: &str| format!("{SMALL}[[people]]\nname = \"Jo Ward\"\n{entry}\n");
    // Line 22 is that of the address.
    let partner = with("email = \"jo@police.example\"\nroles = [\"safeguarding_partner\"]");
    assert_eq!(problems(&partner), [] as [String; 0]);
    let both = with("email = \"jo@police.example\"\nroles = [\"safeguarding_partner\", \"line_manager\"]");
    assert!(problems(&both)[0].starts_with("22: jo@police.example is outside"), "{:?}", problems(&both));
    let none = with("email = \"jo@police.example\"");
    assert!(problems(&none)[0].starts_with("22: jo@police.example is outside"), "{:?}", problems(&none));
    let away = |absent: &str| problems(&with(&format!("email = \"jo@northmoor.example\"\nabsent = {{ {absent} }}")));
    assert_eq!(
        away("from = 2026-08-01, to = \"2026-08-14\", deputy = \"sam.doyle@northmoor.example\""),
        [] as [String; 0]
    );
    assert!(away("from = 2026-08-01, to = 2026-08-14, deputy = \"a@evil.example\"")[0].contains("outside the allowed"));
    assert!(away("from = 2026-08-01, to = 2026-07-14, deputy = \"a@northmoor.example\"")[0].contains("before"));
    assert!(away("from = 2026-08-01, to = 2026-08-14, deputy = \"Jo@Northmoor.example\"")[0].contains("absent person"));
    assert!(away("from = 2026-08-01, deputy = \"a@northmoor.example\"")[0].contains("absent.to is missing"));
    let twice = with("email = \"sam.doyle@northmoor.example\"");
    assert!(problems(&twice)[0].contains("the address of two people"));
    let services = with("email = \"jo@northmoor.example\"\nservices = [\"ifa\", \"Fosterin\"]");
    assert_eq!(problems(&services).len(), 1);
    assert!(problems(&services)[0].contains("did you mean \"Fostering\"?"));
    let alias = load(&with("email = \"jo@northmoor.example\"\nservices = [\"ifa\"]")).unwrap();
    assert_eq!(alias.people[1].services.as_deref(), Some(&["Fostering".to_owned()][..]));
}

#[test]
fn a_mailbox_that_would_write_to_itself_is_refused() {
    refused(
        "Sam.Doyle@Northmoor.example",
        "incidents@northmoor.example",
        18,
        &["the mailbox's own address", "own address"],
    );
    refused("path = \"outbox\"", "path = \"inbox\"", 9, &["delivery.path is mailbox.path", "another folder"]);
    refused("<incidents@northmoor.example>", "<incidents@elsewhere.example>", 10, &["outside", "allowed_domains"]);
}

#[test]
fn every_needed_role_must_have_a_holder() {
    for (role, name) in [
        ("head_of_service", "head_of_service"),
        ("service_director", "service_director"),
        ("chief_executive", "strategic_director or chief_executive"),
        ("quality_assurance", "quality_assurance"),
        ("administrator", "administrator"),
    ] {
        let another = if role == "administrator" { "\"line_manager\"]" } else { "\"line_manager\"," };
        let from = if role == "administrator" { format!("\"{role}\"]") } else { format!("\"{role}\",") };
        refused(&from, another, 16, &[&format!("nobody holds the role {name}"), "[[people]]"]);
    }
    assert!(load(&SMALL.replace("chief_executive", "strategic_director")).is_ok());
}

#[test]
fn a_connection_in_the_clear_is_for_this_machine_alone() {
    let imap = |host: &str, security: &str| {
        SMALL.replace(
            "kind = \"maildir\"\npath = \"inbox\"",
            &format!(
                "kind = \"imap\"\nhost = \"{host}\"\nsecurity = \"{security}\"\nuser = \"u\"\npassword = {{ file = \"imap.password\" }}"
            ),
        )
    };
    for host in ["localhost", "127.0.0.1", "127.3.2.1", "::1"] {
        let settings = load(&imap(host, "none")).unwrap_or_else(|failure| panic!("{failure}"));
        let Route::Imap { access: Access { server, .. }, .. } = settings.mailbox.route else { panic!("imap") };
        assert_eq!((server.security, server.port), (Security::None, 143));
    }
    for host in ["mail.northmoor.example", "10.0.0.1", "localhost.evil.example"] {
        let found = problems(&imap(host, "none"));
        assert!(found.len() == 1 && found[0].starts_with("7: ") && found[0].contains("in the clear"), "{found:?}");
    }
    assert!(problems(&imap("mail.northmoor.example", "ssl"))[0].ends_with("write \"tls\" or \"starttls\""));
}

#[test]
fn a_secret_is_never_written_nor_shown() {
    let with = |password: &str| {
        problems(&SMALL.replace(
            "kind = \"maildir\"\npath = \"inbox\"",
            &format!("kind = \"imap\"\nhost = \"h.example\"\nuser = \"u\"\npassword = {password}"),
        ))
    };
    for (password, words) in [
        ("\"hunter2\"", "must not hold the secret itself"),
        ("hunter2", "as TOML"),
        ("{ text = \"hunter2\" }", "no key mailbox.password.text"),
        ("{ file = \"hunter\", env = \"X\" }", "must be one of"),
        ("{ file = \"no.password\" }", "cannot read the secret"),
        ("{ credential = \"imap\" }", "CREDENTIALS_DIRECTORY is not set"),
        ("{ env = \"NTK_NO_SUCH\" }", "NTK_NO_SUCH is not set"),
    ] {
        let found = with(password);
        assert!(found.iter().any(|problem| problem.contains(words)), "{password}: {found:?}");
        assert!(!found.iter().any(|problem| problem.contains("hunter2")), "{found:?}");
    }
}

#[test]
fn a_rehearsal_that_could_reach_people_is_refused() {
    let smtp = "kind = \"smtp\"\nhost = \"h.example\"\nauth = \"none\"";
    let text = SMALL.replace("kind = \"maildir\"\npath = \"outbox\"", smtp);
    let found = problems(&text);
    assert!(found.len() == 1 && found[0].starts_with("8: a rehearsal"), "{found:?}");
    assert!(load(&text.replace("rehearsal = true", "rehearsal = false")).is_ok());
}

#[test]
fn w1_what_would_let_a_concern_reach_somebody_else_is_refused() {
    let officer = "[[people]]\nname = \"Wren Hartley\"\nemail = \"wren@northmoor.example\"\nroles = [\"whistleblowing_officer\"]\n";
    let with = |concerns: &str, people: &str| {
        let concerns = format!("[concerns]\n{concerns}\n[store]");
        SMALL.replacen("[store]", &concerns, 1) + "\n" + people
    };
    let right = "address = \"speakup@northmoor.example\"\nchild_protection = \"duty@northmoor.example\"";
    let settings = load(&with(right, officer)).unwrap();
    assert!(settings.keys().concerns.is_some());
    let director = officer.replace("\"whistleblowing_officer\"", "\"whistleblowing_officer\", \"service_director\"");
    for (concerns, people, words) in [
        (right, "", "nobody is the whistleblowing officer"),
        (right, &director, "a concern about a director would reach one"),
        ("child_protection = \"duty@northmoor.example\"", officer, "concerns.address is missing"),
        ("address = \"speakup@northmoor.example\"", officer, "concerns.child_protection is missing"),
        ("folder = \"Processed\"\nchild_protection = \"duty@northmoor.example\"", officer, "a folder for other mail"),
        ("folder = \"C\"\nchild_protection = \"duty@elsewhere.example\"", officer, "outside delivery.allowed_domains"),
    ] {
        let found = problems(&with(concerns, people));
        assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:?}");
    }
    let trial = with(right, officer).replacen("from =", "pilot = \"wren@northmoor.example\"\nfrom =", 1);
    let found = problems(&trial);
    assert!(found.iter().any(|problem| problem.contains("in a trial one person gets every mail")), "{found:?}");
}

#[test]
fn m18_authenticated_decisions_need_the_name_of_a_server() {
    let with = |lines: &str| SMALL.replacen("[store]", &format!("[trust]\n{lines}\n[store]"), 1);
    let settings = load(&with("decisions = \"authenticated\"\nauthserv_id = \"mx.northmoor.example\"")).unwrap();
    assert_eq!(settings.trust.decisions, Decisions::Authenticated);
    assert_eq!(settings.trust.authserv_id.as_deref(), Some("mx.northmoor.example"));
    for (lines, words) in [
        ("decisions = \"authenticated\"", "trust.authserv_id is missing"),
        ("authserv_id = \"mx; dmarc=pass\"", "trust.authserv_id is no name of a server"),
        ("decisions = \"anybody\"", "trust.decisions"),
    ] {
        let found = problems(&with(lines));
        assert!(found.len() == 1 && found[0].contains(words), "{lines}: {found:?}");
    }
}

#[test]
fn a_trial_goes_to_one_person_within_the_allowed_domains() {
    let with = |pilot: &str| SMALL.replacen("from =", &format!("pilot = \"{pilot}\"\nfrom ="), 1);
    let settings = load(&with("Sam.Doyle@Northmoor.Example")).unwrap();
    assert_eq!(settings.delivery.pilot.as_deref(), Some("sam.doyle@northmoor.example"));
    for pilot in ["sam@elsewhere.example", "sam@northmoor.example.evil.test", "sam"] {
        let found = problems(&with(pilot));
        assert!(found.len() == 1 && found[0].contains("delivery.pilot is no address within"), "{pilot}: {found:?}");
    }
}

#[test]
fn our_folders_are_emptied_only_where_that_is_set_and_never_at_once() {
    assert_eq!(load(SMALL).unwrap().processed_days, None);
    let with = |days: &str| SMALL.replacen("[store]", &format!("[retention]\nprocessed_days = {days}\n[store]"), 1);
    assert_eq!(load(&with("90")).unwrap().processed_days, Some(90));
    for days in ["0", "-1", "\"90\"", "4000"] {
        assert_eq!(problems(&with(days)).len(), 1, "{days}");
    }
}

#[test]
fn all_problems_are_shown_at_once_in_the_order_of_the_file() {
    let text = SMALL
        .replace("inbox", "inbx")
        .replace("path = \"store\"", "pth = \"store\"")
        .replace("\"administrator\"", "\"boss\"");
    let lines: Vec<usize> =
        problems(&text).iter().map(|problem| problem.split(':').next().unwrap().parse().unwrap()).collect();
    assert_eq!(lines, [6, 13, 14, 16, 19]);
}

#[test]
fn any_text_is_answered_without_a_panic() {
    let pieces: Vec<&str> = SMALL.split_inclusive(['\n', ' ', '"', '=', '[']).collect();
    for skip in 0..pieces.len() {
        let text: String = pieces.iter().enumerate().filter(|(at, _)| *at != skip).map(|(_, piece)| *piece).collect();
        let file = file::File::new(Path::new("c.toml"), Path::new("/nowhere"), &text, &nothing);
        let entries = file.parse();
        let _ = super::checked::read(&file, &file::Table::root(&file, &entries));
        drop(file.into_problems());
    }
}

#[test]
fn a_file_that_is_missing_is_named() {
    let failure = Settings::load(Path::new("/nowhere/config.toml")).unwrap_err();
    assert_eq!(failure.to_string(), "cannot read the configuration /nowhere/config.toml");
    assert_eq!(find(Some(Path::new("x.toml"))).unwrap(), PathBuf::from("x.toml"));
}

#[test]
fn a_person_may_stand_twice_with_other_services() {
    let text = format!(
        "{SMALL}[[people]]\nname = \"Sam Doyle\"\nemail = \"sam.doyle@northmoor.example\"\nroles = [\"registered_manager\"]\n\
         services = [\"Fostering\"]\n"
    );
    let settings = load(&text).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(
        settings.people.iter().map(|person| person.roles.contains(&Role::RegisteredManager)).collect::<Vec<_>>(),
        [false, true]
    );
}

/// [`SMALL`] with an IMAP mailbox and a mail server, both entered by token; the second's client may be another.
fn by_token(url: &str, second: &str) -> String {
    let oauth2 = |table: &str, client: &str| {
        format!(
            "[{table}.oauth2]\ntoken_url = \"{url}\"\nclient_id = \"{client}\"\nclient_secret = {{ file = \"imap.password\" }}\n\
             secret_expires = \"2027-11-30\"\nscope = \"https://outlook.office365.com/.default\"\n"
        )
    };
    let server = "host = \"mail.northmoor.example\"\nauth = \"oauth2\"\nuser = \"shared@northmoor.example\"";
    SMALL
        .replacen("kind = \"maildir\"\npath = \"inbox\"", &format!("kind = \"imap\"\n{server}"), 1)
        .replacen("kind = \"maildir\"\npath = \"outbox\"", &format!("kind = \"smtp\"\n{server}"), 1)
        .replacen("[store]", &format!("{}{}[store]", oauth2("mailbox", "first"), oauth2("delivery", second)), 1)
        .replacen("rehearsal = true\n", "", 1)
}

#[test]
fn m11_tokens_are_shared_by_mailbox_and_delivery_with_the_same_client() {
    let url = "https://login.example/token";
    for (second, shared) in [("first", true), ("second", false)] {
        let settings = load(&by_token(url, second)).unwrap_or_else(|failure| panic!("{failure}"));
        let sign_ins: Vec<SignIn> = settings.accesses().iter().filter_map(|(_, access)| access.sign_in()).collect();
        let [SignIn::Token { user, tokens: one }, SignIn::Token { tokens: other, .. }] = &sign_ins[..] else {
            panic!("{sign_ins:?}")
        };
        assert_eq!(
            (user.as_str(), one == other, one.is_shared_with(other)),
            ("shared@northmoor.example", shared, shared)
        );
        assert_eq!(settings.client_secrets().len(), if shared { 1 } else { 2 });
        assert!(!format!("{settings:?}").contains("correct horse"));
    }
    let found = problems(&by_token("http://login.example/token", "first"));
    assert!(found.len() == 2 && found.iter().all(|problem| problem.contains("begin it with https://")), "{found:?}");
    let found = problems(&by_token(url, "first").replacen("client_id = \"first\"", "", 1));
    assert!(found.len() == 1 && found[0].contains("mailbox.oauth2.client_id is missing"), "{found:?}");
}
