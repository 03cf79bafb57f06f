//! `export REF`: everything that is held on one incident, as a folder; `export --person NAME`: where a person occurs.
//!
//! Comes in: a reference and a folder, or a name. Goes out: mails as they were received, documents, the emails that were written, all that
//! happened, and a page to read it by; or a list of places. What was one incident is exported as one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Failure, House, Inquiry, Output, inquire, person, show};
use crate::config::Settings;
use crate::incident::event::{Attached, Reference, Stamped};
use crate::incident::state::Incident;
use crate::outbox::{Entry, Standing};
use crate::publish::escape;
use crate::report::tables::counted;
use crate::store::record::MailEntry;
use crate::turn::{Erasing, Plan};

const STYLE: &str = "body{font:17px/1.5 Arial,sans-serif;color:#0b0c0c;max-width:60em;margin:0 auto;padding:1em}pre{white-space:pre-wrap;\
font:14px/1.5 Consolas,Menlo,monospace}table{border-collapse:collapse}td{border-bottom:1px solid #b1b4b6;padding:.3em .8em .3em 0;vertical-align:top}\
a{color:#1d70b8}";

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["reference", "person"])))]
pub struct Arguments {
    /// The incident's reference, for example SI-2026-0001
    #[arg(value_name = "REF")]
    reference: Option<String>,
    /// Instead: say where this person occurs, by forename and surname
    #[arg(long, value_name = "NAME", conflicts_with = "to")]
    person: Option<String>,
    /// The folder to write, new or empty [default: one in this folder, named after the incident]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// With --person: print one JSON document
    #[arg(long, requires = "person")]
    json: bool,
}

/// What the holder of the store is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Everything on one incident.
    Incident {
        /// Which.
        reference: String,
        /// Where it goes.
        folder: PathBuf,
    },
    /// Where a person occurs.
    Person {
        /// The name.
        name: String,
        /// As JSON.
        json: bool,
    },
}

impl Look {
    /// The incident that is looked at; `None`: a person is looked for.
    pub(super) fn reference(&self) -> Option<&str> {
        match self {
            Look::Incident { reference, .. } => Some(reference),
            Look::Person { .. } => None,
        }
    }

    /// The answer may bring this file.
    pub(super) fn wants(&self, path: &Path) -> bool {
        let Look::Incident { folder, .. } = self else { return false };
        let plain = |rest: &Path| rest.components().all(|part| matches!(part, Component::Normal(_)));
        path.strip_prefix(folder).is_ok_and(|rest| plain(rest) && rest != Path::new(""))
    }
}

/// Has it answered, and writes the folder.
///
/// # Errors
/// The store's, or a folder with something in it.
pub fn run(arguments: &Arguments, settings: &Settings) -> Result<(Output, Option<Inquiry>), Failure> {
    let look = match (&arguments.reference, &arguments.person) {
        (_, Some(name)) => Look::Person { name: name.clone(), json: arguments.json },
        (reference, None) => {
            let reference = reference.as_deref().unwrap_or_default().trim().to_uppercase();
            let folder = arguments.to.clone().unwrap_or_else(|| PathBuf::from(file_name(&reference)));
            match std::fs::read_dir(&folder) {
                Ok(mut entries) => {
                    if entries.next().is_some() {
                        return Err(Failure::NotEmpty { path: folder });
                    }
                }
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Failure::Read { path: folder, source });
                }
                Err(_) => {}
            }
            Look::Incident { reference, folder }
        }
    };
    let inquiry = Inquiry::Export(look);
    Ok((inquire(&inquiry, settings)?, Some(inquiry)))
}

/// The folder's files, or the places.
///
/// # Errors
/// The store's, or that there is no such incident.
pub fn answer(look: &Look, house: &House<'_>) -> Result<Output, Failure> {
    match look {
        Look::Person { name, json } => person::find(name, *json, house),
        Look::Incident { reference, folder } => {
            let asked = Erasing { reference: Reference(reference.clone()), reason: String::new(), by: String::new() };
            let plan = asked.plan(house.store, house.now).map_err(|failure| Failure::Work(failure.into()))?;
            match plan {
                Some(plan) => Export::begin(plan, folder, house)?.finish(),
                None => Err(Failure::NoIncident { reference: reference.clone() }),
            }
        }
    }
}

/// An export in the making.
struct Export<'a> {
    house: &'a House<'a>,
    folder: &'a Path,
    plan: Plan,
    files: Vec<(PathBuf, Vec<u8>)>,
    names: BTreeSet<String>,
    /// Where each file of the store went.
    written: BTreeMap<String, String>,
    page: String,
    missing: usize,
}

impl<'a> Export<'a> {
    fn begin(plan: Plan, folder: &'a Path, house: &'a House<'a>) -> Result<Export<'a>, Failure> {
        let (files, names, written, page) = Default::default();
        Ok(Export { house, folder, plan, files, names, written, page, missing: 0 })
    }

    fn finish(mut self) -> Result<Output, Failure> {
        let references = self.plan.erasure.erased.references.clone();
        let title = self.plan.names();
        let _ = write!(
            self.page,
            "<!doctype html><html lang=en><meta charset=utf-8><title>{0}</title><style>{STYLE}</style><h1>{0}</h1>\
             <p>Everything that need-to-know holds on this incident, written on {1}. It is about children: keep it closed, and delete it \
             when it has served.</p>",
            escape(&title),
            self.house.local(self.house.now).format("%d/%m/%Y %H:%M"),
        );
        let mut all: Vec<(Reference, Vec<Stamped>)> = Vec::new();
        for reference in &references {
            all.push((reference.clone(), self.house.store.events(reference)?));
        }
        for (reference, events) in &all {
            let document = show::document(&Incident::fold(events), self.house);
            let _ = write!(
                self.page,
                "<h2>{}: facts, what is due, decisions, timeline</h2><pre>{}</pre>",
                escape(&reference.0),
                escape(&show::text(&document, self.house))
            );
            let base = file_name(&reference.0);
            self.json(&format!("{base}.json"), &document);
            self.json(&format!("{base} all that happened.json"), &events);
        }
        self.mails(&references)?;
        self.documents(&all)?;
        self.emails(&references)?;
        self.page.push_str("</html>\n");
        let page = std::mem::take(&mut self.page).into_bytes();
        self.put("index.html", page);
        let mut text = format!(
            "{}: {} in {}; begin with index.html.\n",
            title,
            counted(self.files.len(), "file"),
            self.folder.display()
        );
        for other in &self.plan.parted {
            let _ = writeln!(text, "{other} was one with it for a while, and is not in it.");
        }
        let mut output = Output { stdout: text.into_bytes(), files: self.files, ..Output::default() };
        if self.missing > 0 {
            output.code = 1;
            let what = counted(self.missing, "file");
            output.stderr = format!("need-to-know: {what} could not be read; run: need-to-know verify\n").into_bytes();
        }
        Ok(output)
    }

    /// Its mails as they were received.
    fn mails(&mut self, references: &[Reference]) -> Result<(), Failure> {
        let mut mails: Vec<MailEntry> = self.house.store.mails_about(references)?;
        mails.sort_by_key(|mail| mail.received_at);
        self.page.push_str("<h2>Mails received</h2><table>");
        for (number, mail) in mails.iter().enumerate() {
            let at = self.house.local(mail.received_at);
            let name = format!("mails/{:03} {}.eml", number + 1, at.format("%Y-%m-%d %H%M"));
            let also: Vec<&str> =
                mail.references.iter().filter(|one| !references.contains(one)).map(|one| one.0.as_str()).collect();
            let also = if also.is_empty() { String::new() } else { format!(" (also about {})", also.join(", ")) };
            let link = match mail.file.as_ref().and_then(|file| self.keep(file, &name)) {
                Some(name) => link(&name),
                None => "not kept".to_owned(),
            };
            let _ = write!(
                self.page,
                "<tr><td>{}<td>{link}<td>{}{}",
                at.format("%d/%m/%Y %H:%M"),
                escape(&mail.outcome.replace('_', " ")),
                escape(&also)
            );
        }
        self.page.push_str("</table>");
        Ok(())
    }

    /// The files that mails carried, as they were kept.
    fn documents(&mut self, all: &[(Reference, Vec<Stamped>)]) -> Result<(), Failure> {
        let mut attached: Vec<Attached> = Vec::new();
        for incident in all.iter().map(|(_, events)| Incident::fold(events)) {
            for file in incident.mails.into_iter().flat_map(|mail| mail.attachments) {
                if !attached.iter().any(|known| known.file == file.file) {
                    attached.push(file);
                }
            }
        }
        self.page.push_str("<h2>Documents</h2><ul>");
        for file in attached {
            let name = format!("documents/{}", file_name(&file.name));
            if let Some(name) = self.keep(&file.file, &name) {
                let _ = write!(self.page, "<li>{}", link(&name));
            }
        }
        self.page.push_str("</ul>");
        Ok(())
    }

    /// The emails that were written.
    fn emails(&mut self, references: &[Reference]) -> Result<(), Failure> {
        self.page.push_str("<h2>Emails written</h2><table>");
        for (entry, standing) in self.house.store.emails_about(references)? {
            let name = format!("emails/{:04} {}.txt", entry.id, entry.kind.name());
            let mut text = format!(
                "To: {} <{}>\nSubject: {}\nDate: {}\nStanding: {}\n",
                entry.to_name,
                entry.goes_to(),
                entry.subject,
                entry.date.to_rfc2822(),
                stands(&standing)
            );
            for file in &entry.attachments {
                let known = self.written.get(&file.file).cloned();
                let name = known.or_else(|| self.keep(&file.file, &format!("documents/{}", file_name(&file.name))));
                let _ = writeln!(text, "File: {}", name.unwrap_or_else(|| file.name.clone()));
            }
            let _ = write!(text, "\n{}\n", entry.text);
            self.row(&entry, &standing, &name);
            self.put(&name, text.into_bytes());
        }
        self.page.push_str("</table>");
        Ok(())
    }

    fn row(&mut self, entry: &Entry, standing: &Standing, name: &str) {
        let _ = write!(
            self.page,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}",
            self.house.local(entry.date).format("%d/%m/%Y %H:%M"),
            link(name),
            escape(entry.goes_to()),
            escape(&entry.subject),
            stands(standing)
        );
    }

    /// A file of the store under a name of its own; `None` where it cannot be read.
    fn keep(&mut self, file: &str, name: &str) -> Option<String> {
        let Ok(bytes) = self.house.store.files().read(file, u64::MAX) else {
            self.missing += 1;
            return None;
        };
        let mut free = name.to_owned();
        for number in 2.. {
            if self.names.insert(free.to_lowercase()) {
                break;
            }
            let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
            free = format!("{stem} {number}{}{ending}", if ending.is_empty() { "" } else { "." });
        }
        self.written.insert(file.to_owned(), free.clone());
        self.put(&free, bytes);
        Some(free)
    }

    fn json(&mut self, name: &str, document: &impl Serialize) {
        let text = serde_json::to_vec_pretty(&json!(document)).unwrap_or_default();
        self.put(name, text);
        let _ = write!(self.page, "<p>{}", link(name));
    }

    fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.push((self.folder.join(name), bytes));
    }
}

fn stands(standing: &Standing) -> &'static str {
    match standing {
        Standing::Waiting { .. } => "waits",
        Standing::Sending { .. } => "is being sent",
        Standing::Sent { .. } => "sent",
        Standing::OutcomeUnknown { .. } => "handed over; whether it arrived is not known",
        Standing::Summed { .. } => "told in one email with others",
        Standing::Failed { .. } => "refused for good",
    }
}

fn link(name: &str) -> String {
    let address: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'/' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("<a href=\"{address}\">{}</a>", escape(name))
}

/// A foreign name as a file's: no folder, no hidden file, nothing that a terminal or another system would obey.
fn file_name(name: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || " -_.,()".contains(c) { c } else { '_' };
    let name: String = name.chars().map(kept).take(100).collect();
    let name = name.trim_matches(['.', ' ']).to_owned();
    if name.is_empty() { "file".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_below_the_folder_are_wanted_and_names_stay_in_it() {
        let look = Look::Incident { reference: "SI-2026-0001".into(), folder: "out".into() };
        assert!(look.wants(Path::new("out/mails/1.eml")) && !look.wants(Path::new("out/../x")));
        assert!(!look.wants(Path::new("out")) && !look.wants(Path::new("/etc/passwd")));
        for (name, expected) in
            [("../../etc/passwd", "_.._etc_passwd"), ("", "file"), ("..", "file"), ("a\u{1b}[1m.docx", "a__1m.docx")]
        {
            assert_eq!(file_name(name), expected);
        }
    }
}
