//! A council for scenarios: settings, a maildir in, a maildir out, and the program run at given moments with an empty environment.
//!
//! Every run is looked at for what must always hold: one recipient a mail, never outside the council, every mail that was there
//! entered and filed away.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, FileTimes};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Europe::London;
use serde_json::Value;

use super::mail::{Mail, Sent};

pub const HEAD: &str = "priya.raman@derby.example";
pub const FOSTERING_HEAD: &str = "owen.hale@derby.example";
pub const DIRECTOR: &str = "morag.ellis@derby.example";
pub const STRATEGIC: &str = "tomasz.lind@derby.example";
pub const CHIEF: &str = "grace.adeyemi@derby.example";
pub const QUALITY: &str = "safeguarding.review@derby.example";
pub const ADMIN: &str = "mail.operations@derby.example";
pub const WORKER: &str = "asha.worker@derby.example";
pub const OFFICER: &str = "sam.doyle@derby.example";
pub const LSCP: &str = "dana.cole@derby.example";
pub const PARTNER: &str = "police.partner@derby.example";
pub const MANAGER: &str = "lee.marsh@derby.example";
pub const MAILBOX: &str = "incidents@derby.example";

/// Somebody of the settings, with what a scenario changes.
#[derive(Clone)]
pub struct Someone {
    pub email: &'static str,
    pub entry: String,
}

pub struct Council {
    folder: tempfile::TempDir,
    people: Vec<Someone>,
    delivered: u32,
    seen: BTreeSet<String>,
    /// Further sections of the settings.
    more: String,
    /// Every mail that went out, run after run, but for digests.
    pub sent: Vec<Sent>,
    /// Digests, which come each Monday whatever a scenario is about (T15).
    pub digests: Vec<Sent>,
}

/// A local time in London: `2026-11-02 09:00`, with seconds where they matter.
pub fn local(text: &str) -> DateTime<Utc> {
    let text = if text.len() == 16 { format!("{text}:00") } else { text.to_owned() };
    let civil = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S").expect(&text);
    London.from_local_datetime(&civil).earliest().expect(&text).to_utc()
}

impl Council {
    /// The council as most scenarios know it.
    pub fn new() -> Council {
        Council::with(&[])
    }

    /// The council with further lines in the entries of some people: address, lines.
    pub fn with(changes: &[(&str, &str)]) -> Council {
        let entry = |name: &str, email: &'static str, roles: &str, more: &str| {
            let own = changes.iter().filter(|(who, _)| *who == email).map(|(_, lines)| *lines).collect::<String>();
            let phone = format!("01332 0000{:02}", name.len());
            let entry = format!(
                "[[people]]\nname = \"{name}\"\nemail = \"{email}\"\nphone = \"{phone}\"\nroles = [{roles}]\n{more}\n{own}\n"
            );
            Someone { email, entry }
        };
        let people = vec![
            entry("Priya Raman", HEAD, "\"head_of_service\"", "services = [\"Children in Care\"]"),
            entry("Owen Hale", FOSTERING_HEAD, "\"head_of_service\"", "services = [\"Fostering\"]"),
            entry("Morag Ellis", DIRECTOR, "\"service_director\"", ""),
            entry("Tomasz Lind", STRATEGIC, "\"strategic_director\"", ""),
            entry("Grace Adeyemi", CHIEF, "\"chief_executive\"", ""),
            entry("Quality Assurance", QUALITY, "\"quality_assurance\"", ""),
            entry("Mail operations", ADMIN, "\"administrator\"", ""),
        ];
        let folder = tempfile::Builder::new().prefix("ntk-scenario-").tempdir().unwrap();
        for part in ["inbox/new", "inbox/cur", "inbox/tmp"] {
            fs::create_dir_all(folder.path().join(part)).unwrap();
        }
        let council = Council {
            folder,
            people,
            delivered: 0,
            seen: BTreeSet::new(),
            more: String::new(),
            sent: Vec::new(),
            digests: Vec::new(),
        };
        council.configure();
        council
    }

    /// Without the entry of somebody.
    pub fn without(mut self, email: &str) -> Council {
        self.people.retain(|someone| someone.email != email);
        self.configure();
        self
    }

    /// With the LSCP Business Manager, a safeguarding partner, and the registered manager of Elm House.
    pub fn with_partners(mut self) -> Council {
        for (name, email, role, more) in [
            ("Dana Cole", LSCP, "lscp_business_manager", ""),
            ("Police partner", PARTNER, "safeguarding_partner", ""),
            ("Lee Marsh", MANAGER, "registered_manager", "services = [\"Elm House\"]"),
        ] {
            let entry = format!("[[people]]\nname = \"{name}\"\nemail = \"{email}\"\nroles = [\"{role}\"]\n{more}\n");
            self.people.push(Someone { email, entry });
        }
        self.configure();
        self
    }

    /// With further sections of the settings.
    pub fn settings(mut self, text: &str) -> Council {
        self.more = text.to_owned();
        self.configure();
        self
    }

    /// How many lines the settings have.
    pub fn lines(&self) -> usize {
        fs::read_to_string(self.folder.path().join("config.toml")).unwrap().lines().count()
    }

    /// The words of `check`, and whether it found everything fine.
    pub fn check(&self) -> (bool, String) {
        let output = self.program(&["check"]);
        let words = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(words).unwrap())
    }

    /// The words of `simulate` with these arguments; `mails` lie in the folder `samples`.
    pub fn simulate(&self, mails: &[(&str, Vec<u8>)], arguments: &[&str]) -> String {
        let samples = self.folder.path().join("samples");
        fs::create_dir_all(&samples).unwrap();
        mails.iter().for_each(|(name, raw)| fs::write(samples.join(name), raw).unwrap());
        let output = self.program(&[&["simulate"], arguments].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for made in ["store", "outbox"] {
            assert!(!self.folder.path().join(made).exists(), "{made} was made");
        }
        String::from_utf8(output.stdout).unwrap()
    }

    fn configure(&self) {
        let mut text = String::from(
            r#"[organisation]
name = "Derby City Council"
duty_phone = "01332 000000"
out_of_hours_phone = "01332 000001"
office_phones = { chief_executive = "01332 000002", strategic_director = "01332 000003" }
services = [{ name = "Children in Care", aliases = ["CiC", "LAC"] }, { name = "Fostering" },
    { name = "Elm House", regulated = "childrens_home" }, { name = "Oak House", regulated = "childrens_home" }]
[mailbox]
kind = "maildir"
path = "inbox"
[delivery]
kind = "maildir"
path = "outbox"
from = "Serious incidents <incidents@derby.example>"
allowed_domains = ["derby.example"]
[store]
path = "store"
rehearsal = true
"#,
        );
        self.people.iter().for_each(|someone| text.push_str(&someone.entry));
        text.push_str(&self.more);
        fs::write(self.folder.path().join("config.toml"), text).unwrap();
    }

    /// Puts a mail into the mailbox, received then.
    pub fn deliver(&mut self, mail: &Mail, at: &str) {
        self.deliver_at(mail, local(at));
    }

    pub fn deliver_at(&mut self, mail: &Mail, at: DateTime<Utc>) {
        self.delivered += 1;
        let name = format!("{:06}.scenario", self.delivered);
        let draft = self.folder.path().join("inbox/tmp").join(&name);
        fs::write(&draft, mail.raw()).unwrap();
        let received = SystemTime::from(at);
        let times = FileTimes::new().set_modified(received).set_accessed(received);
        File::options().write(true).open(&draft).unwrap().set_times(times).unwrap();
        fs::rename(&draft, self.folder.path().join("inbox/new").join(&name)).unwrap();
    }

    /// The mail server gives other bytes for the last mail that was delivered, which still lies in the inbox.
    pub fn becomes(&mut self, mail: &Mail) {
        let name = format!("{:06}.scenario", self.delivered);
        let inbox = self.folder.path().join("inbox");
        let all = ["new", "cur"].into_iter().flat_map(|part| fs::read_dir(inbox.join(part)).unwrap());
        let mut found = all.map(|file| file.unwrap().path()).filter(|path| path.to_string_lossy().contains(&name));
        let path = found.next().expect("it lies in the inbox");
        let received = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, mail.raw()).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(received).unwrap();
    }

    /// Delivers a mail and runs the program in the same minute.
    pub fn receive(&mut self, mail: &Mail, at: &str) -> Vec<Sent> {
        self.deliver(mail, at);
        self.run(at)
    }

    /// Runs the program once as if it were then; what went out.
    pub fn run(&mut self, at: &str) -> Vec<Sent> {
        self.run_at(local(at))
    }

    pub fn run_at(&mut self, at: DateTime<Utc>) -> Vec<Sent> {
        let time = at.to_rfc3339();
        let output = self.program(&["run", "--once", "--at", &time]);
        assert!(output.status.success(), "at {time}: {}", String::from_utf8_lossy(&output.stderr));
        let sent = self.fetch();
        let everybody: BTreeSet<&str> =
            sent.iter().map(|mail| mail.to.as_str()).filter(|to| !to.ends_with("@derby.example")).collect();
        assert!(everybody.is_empty(), "sent outside the council: {everybody:?}");
        self.sent.extend(sent.iter().cloned());
        sent
    }

    /// Changes the text of the settings.
    pub fn rewrite(&self, from: &str, to: &str) {
        let path = self.folder.path().join("config.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// Runs once while nothing can be sent: what is renamed to where the outgoing maildir's new mails would be does not arrive.
    pub fn run_unsent(&mut self, at: &str) {
        let outbox = self.folder.path().join("outbox");
        ["tmp", "cur"].iter().for_each(|part| fs::create_dir_all(outbox.join(part)).unwrap());
        std::os::unix::fs::symlink("/proc", outbox.join("new")).unwrap();
        self.program(&["run", "--once", "--at", &local(at).to_rfc3339()]);
        fs::remove_file(outbox.join("new")).unwrap();
    }

    /// The words of the refusal to run then.
    pub fn refused_run(&mut self, at: &str) -> String {
        let output = self.program(&["run", "--once", "--at", &local(at).to_rfc3339()]);
        assert_eq!(output.status.code(), Some(1), "it ran at {at}");
        assert_eq!(self.fetch().len(), 0, "a refused run sent something");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Runs at each of some local times; what went out, with the time of the run.
    pub fn run_through(&mut self, times: &[&str]) -> Vec<(String, Sent)> {
        let mut all = Vec::new();
        for time in times {
            all.extend(self.run(time).into_iter().map(|sent| ((*time).to_owned(), sent)));
        }
        all
    }

    /// `show REF --json`.
    pub fn show(&self, reference: &str) -> Value {
        self.json(&["show", reference, "--json"])
    }

    /// `themes --year YEAR --json`.
    pub fn themes(&self, year: &str) -> Value {
        self.json(&["themes", "--year", year, "--json"])
    }

    /// `themes set` or `themes undo` with these arguments: whether it was done, and the words.
    pub fn correct(&self, arguments: &[&str]) -> (bool, String) {
        let output = self.program(&[&["themes"], arguments].concat());
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    }

    /// `attention` with these arguments: whether it was done, and the words.
    pub fn attention(&self, arguments: &[&str]) -> (bool, String) {
        let output = self.program(&[&["attention"], arguments].concat());
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    }

    /// `attention list --json`.
    pub fn waiting(&self) -> Vec<Value> {
        self.json(&["attention", "list", "--json"]).as_array().unwrap().clone()
    }

    /// `pack REF WHICH`: the document, and the words on stdout or stderr.
    pub fn pack(&self, reference: &str, which: &str) -> (Option<Vec<u8>>, String) {
        let written = self.folder.path().join(format!("{which}.docx"));
        fs::remove_file(&written).ok();
        let output = self.program(&["pack", reference, which, "-o", written.to_str().unwrap()]);
        let words = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.success(), written.exists(), "{words}");
        (fs::read(&written).ok(), words)
    }

    /// Puts a file beside the settings.
    pub fn file(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// One obligation of an incident, as `show` gives it.
    pub fn obligation(&self, reference: &str, id: &str) -> Value {
        let shown = self.show(reference);
        let all = shown["obligations"].as_array().unwrap();
        all.iter().find(|obligation| obligation["id"] == id).cloned().unwrap_or(Value::Null)
    }

    /// `incidents --json`.
    pub fn incidents(&self) -> Vec<Value> {
        self.json(&["incidents", "--json"]).as_array().unwrap().clone()
    }

    /// `verify` finds nothing wrong.
    pub fn verify(&self) {
        let output = self.program(&["verify"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// How many mails lie in a folder of the mailbox: "" for the inbox, ".Processed", ".Needs attention".
    pub fn mails_in(&self, folder: &str) -> usize {
        let inbox = self.folder.path().join("inbox").join(folder);
        let count = |part: &str| fs::read_dir(inbox.join(part)).map(|files| files.count()).unwrap_or(0);
        count("new") + count("cur")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.program(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn program(&self, arguments: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_need-to-know"));
        program.args(["--config", "config.toml"]).args(arguments);
        program.env_clear().current_dir(self.folder.path()).stdin(Stdio::null());
        program.output().unwrap()
    }

    /// What is new in the outbox, by notice and recipient.
    fn fetch(&mut self) -> Vec<Sent> {
        let Ok(files) = fs::read_dir(self.folder.path().join("outbox/new")) else { return Vec::new() };
        let names: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        let mut sent = BTreeMap::new();
        for path in names {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if self.seen.insert(name.clone()) {
                sent.insert(name, Sent::read(&fs::read(&path).unwrap()));
            }
        }
        let mut sent: Vec<Sent> = sent.into_values().collect();
        self.digests.extend(sent.extract_if(.., |mail| mail.notice == "digest"));
        sent.sort_by(|a, b| (&a.notice, &a.to, &a.message_id).cmp(&(&b.notice, &b.to, &b.message_id)));
        sent
    }
}

impl Drop for Council {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("left behind: {}", self.folder.path().display());
            self.folder.disable_cleanup(true);
        }
    }
}
