//! The templates: built in, overridden file by file from a folder, checked with sample data before they are used.
//!
//! Comes in: a [`View`]. Goes out: two bodies. Strict: a name that a template gets wrong is an error. HTML is escaped, text is not.
//! A template `NAME.html` and `NAME.txt` for each kind; `partials/` holds what they share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};

use handlebars::{Context, Handlebars};

use super::sample::Samples;
use super::view::View;
use super::{clean, view};
use crate::incident::event::NoticeKind;

/// Name and text of a file.
type Source = (&'static str, &'static str);

macro_rules! built_in {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("../../templates/", $name)))),*] };
}

const SOURCES: &[Source] = built_in![
    "acknowledgement.html",
    "acknowledgement.txt",
    "alert.html",
    "alert.txt",
    "annual-report.html",
    "annual-report.txt",
    "bulletin.html",
    "bulletin.txt",
    "chase.html",
    "chase.txt",
    "concern.html",
    "concern.txt",
    "concern-receipt.html",
    "concern-receipt.txt",
    "decision-receipt.html",
    "decision-receipt.txt",
    "decision-refused.html",
    "decision-refused.txt",
    "digest.html",
    "digest.txt",
    "escalation.html",
    "escalation.txt",
    "forward.html",
    "forward.txt",
    "nomination.html",
    "nomination.txt",
    "operator.html",
    "operator.txt",
    "partners.html",
    "partners.txt",
    "reminder.html",
    "reminder.txt",
    "request.html",
    "request.txt",
    "unreadable.html",
    "unreadable.txt",
    "update.html",
    "update.txt",
    "partials/ask.html",
    "partials/ask.txt",
    "partials/asked.html",
    "partials/asked.txt",
    "partials/duties.html",
    "partials/duties.txt",
    "partials/files.html",
    "partials/files.txt",
    "partials/first.html",
    "partials/first.txt",
    "partials/form.html",
    "partials/form.txt",
    "partials/heading.html",
    "partials/heading.txt",
    "partials/later.html",
    "partials/later.txt",
    "partials/layout.html",
    "partials/layout.txt",
    "partials/now.html",
    "partials/now.txt",
    "partials/pack.html",
    "partials/pack.txt",
    "partials/received.html",
    "partials/received.txt",
    "partials/reply.html",
    "partials/reply.txt",
    "partials/rules.html",
    "partials/rules.txt",
    "partials/safety.html",
    "partials/safety.txt",
    "partials/said.html",
    "partials/said.txt",
];

/// Why a notice cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The folder or a file of it cannot be read.
    #[error("cannot read the template {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file whose name is none of ours: it would never be used.
    #[error("{} is no template's name: the names are those of the built-in templates, such as alert.html", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// A template is not well formed.
    #[error("the template {name} is not well formed")]
    Template {
        /// The file's name.
        name: String,
        /// Why and where.
        source: Box<handlebars::TemplateError>,
    },
    /// A template cannot be rendered.
    #[error("the template {name} cannot be rendered")]
    Render {
        /// The file's name.
        name: String,
        /// Why and where.
        source: Box<handlebars::RenderError>,
    },
    /// A template leaves out what no notice may lack.
    #[error("the template {name} leaves out {what}")]
    Lacks {
        /// The file's name.
        name: String,
        /// What it lacks.
        what: &'static str,
    },
    /// No template for this kind.
    #[error("there is no template for {0} notices")]
    Kind(&'static str),
}

/// The bodies of one mail.
pub(crate) struct Bodies {
    pub text: String,
    pub html: String,
    /// What was wrong with the council's own template.
    pub problem: Option<String>,
}

/// All templates.
#[derive(Debug)]
pub struct Templates {
    /// Those of the council's folder, and ours where it has none of the name; `None` when there is no such folder.
    own: Option<Set>,
}

/// Templates that are ready.
#[derive(Debug)]
struct Set {
    html: Handlebars<'static>,
    text: Handlebars<'static>,
}

/// The built-in templates by notice, each made ready when the first notice of its kind is rendered: most runs render few kinds or none.
static BUILT_IN: LazyLock<BTreeMap<&str, OnceLock<Set>>> = LazyLock::new(|| {
    let names = SOURCES.iter().filter_map(|(name, _)| name.strip_suffix(".html"));
    names.filter(|name| !name.starts_with("partials/")).map(|name| (name, OnceLock::new())).collect()
});

fn built_in(kind: NoticeKind) -> Result<&'static Set, Failure> {
    let name = kind.name();
    let place = BUILT_IN.get(name).ok_or(Failure::Kind(name))?;
    Ok(place.get_or_init(|| {
        let names = ["html", "txt"].map(|ending| format!("{name}.{ending}"));
        Set::of(names.map(|name| {
            let source = in_one(&name);
            (name, source)
        }))
        .expect("the built-in templates are read by a test")
    }))
}

impl Templates {
    /// The built-in templates.
    pub fn built_in() -> Self {
        Templates { own: None }
    }

    /// The built-in templates, each replaced by the file of the same name in the folder, where there is one.
    ///
    /// # Errors
    /// Where the folder cannot be read, holds a file of an unknown name, or a template is not well formed.
    pub fn load(folder: Option<&Path>) -> Result<Self, Failure> {
        let Some(folder) = folder else { return Ok(Self::built_in()) };
        refuse_unknown(folder)?;
        let mut sources = Vec::new();
        for (name, built_in) in SOURCES {
            let path = folder.join(name);
            let source = match std::fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => (*built_in).to_owned(),
                Err(source) => return Err(Failure::Read { path, source }),
            };
            sources.push(((*name).to_owned(), source));
        }
        Ok(Templates { own: Some(Set::of(sources)?) })
    }

    /// Renders every template with sample data: one line for each problem, none when all is fine.
    pub fn check(&self) -> Vec<String> {
        let samples = Samples::new();
        let mut problems = Vec::new();
        for (_, notice) in samples.notices() {
            let view = view::of(&notice, &samples.context(&notice), samples.token());
            let rendered = match &self.own {
                Some(own) => own.render(notice.kind, &view),
                None => built_in(notice.kind).and_then(|set| set.render(notice.kind, &view)),
            };
            if let Err(failure) = rendered {
                let line = describe(&failure);
                if !problems.contains(&line) {
                    problems.push(line);
                }
            }
        }
        problems
    }

    pub(crate) fn render(&self, kind: NoticeKind, view: &View) -> Result<Bodies, Failure> {
        let built_in = || built_in(kind)?.render(kind, view);
        let ((text, html), problem) = match &self.own {
            None => (built_in()?, None),
            Some(own) => match own.render(kind, view) {
                Ok(rendered) => (rendered, None),
                Err(failure) => (built_in()?, Some(describe(&failure))),
            },
        };
        Ok(Bodies { text, html, problem })
    }
}

impl Set {
    /// From names of files and their texts.
    fn of(sources: impl IntoIterator<Item = (String, String)>) -> Result<Self, Failure> {
        let mut html = Handlebars::new();
        html.set_strict_mode(true);
        let mut text = Handlebars::new();
        text.set_strict_mode(true);
        text.register_escape_fn(handlebars::no_escape);
        for (name, source) in sources {
            let (registry, short) = match name.strip_suffix(".html") {
                Some(short) => (&mut html, short),
                None => (&mut text, name.trim_end_matches(".txt")),
            };
            let short = short.trim_start_matches("partials/");
            registry
                .register_template_string(short, source)
                .map_err(|source| Failure::Template { name: name.clone(), source: Box::new(source) })?;
        }
        Ok(Set { html, text })
    }

    fn render(&self, kind: NoticeKind, view: &View) -> Result<(String, String), Failure> {
        let name = kind.name();
        if !self.html.has_template(name) {
            return Err(Failure::Kind(name));
        }
        let failed = |ending: &str| {
            let name = format!("{name}.{ending}");
            move |source| Failure::Render { name, source: Box::new(source) }
        };
        let view_once = |ending: &str| Context::wraps(view).map_err(failed(ending));
        let context = view_once("html")?;
        let html = self.html.render_with_context(name, &context).map_err(failed("html"))?;
        let text = tidy(&self.text.render_with_context(name, &context).map_err(failed("txt"))?);
        whole(&format!("{name}.html"), &html, view, true)?;
        whole(&format!("{name}.txt"), &text, view, false)?;
        Ok((text, html))
    }
}

/// A built-in template with its partials written out: a partial that is rendered has the whole view copied for it, which is a third of what a
/// mail costs. Those of a council stay as they are, so that what is wrong in one is told by its own name and line.
fn in_one(name: &str) -> String {
    let source = |name: &str| SOURCES.iter().find(|(known, _)| *known == name).map_or("", |(_, source)| source);
    let ending = name.rsplit('.').next().unwrap_or_default();
    let partial = |short: &str| source(&format!("partials/{short}.{ending}")).to_owned();
    let mut whole = source(name).to_owned();
    // Each stands alone in its line, which goes with it.
    while let Some(begin) = whole.find("{{#> layout}}\n") {
        let Some(end) = whole.find("{{/layout}}\n") else { break };
        let within = whole[begin + "{{#> layout}}\n".len()..end].to_owned();
        let around = partial("layout").replace("{{> @partial-block}}\n", &within);
        whole.replace_range(begin..end + "{{/layout}}\n".len(), &around);
    }
    // Partials within partials, as deep as there are any.
    for (path, _) in SOURCES.iter().chain(SOURCES).filter(|(path, _)| path.starts_with("partials/")) {
        let short = path.trim_start_matches("partials/").trim_end_matches(".html").trim_end_matches(".txt");
        if path.ends_with(ending) && short != "layout" {
            whole = whole.replace(&format!("{{{{> {short}}}}}\n"), &partial(short));
        }
    }
    whole
}

/// What no template may leave out: T0's line and, last, the reply code (M30).
fn whole(name: &str, body: &str, view: &View, html: bool) -> Result<(), Failure> {
    let lacks = |what| Err(Failure::Lacks { name: name.to_owned(), what });
    // Escaping turns quotation marks and ampersands of a phone entry into references; the number of 999 stays.
    if !view.safety.is_empty() && !body.contains("If anyone is in immediate danger call 999.") {
        return lacks("the line about immediate danger ({{> safety}})");
    }
    let Some(at) = body.rfind(&view.reply_code) else { return lacks("the reply code ({{reply_code}})") };
    let after = &body[at + view.reply_code.len()..];
    let nothing_after = if html { only_tags(after) } else { after.trim().is_empty() };
    if nothing_after { Ok(()) } else { lacks("the reply code as the last line ({{reply_code}})") }
}

fn only_tags(html: &str) -> bool {
    let mut inside = false;
    html.chars().all(|c| {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ => return inside || c.is_whitespace(),
        }
        true
    })
}

/// No more than one empty line in a row, none at the ends.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.trim().lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy
}

/// A failure with its cause, in one line.
fn describe(failure: &Failure) -> String {
    let cause = std::error::Error::source(failure).map(|cause| format!(": {cause}")).unwrap_or_default();
    clean::line(&format!("{failure}{cause}"))
}

fn refuse_unknown(folder: &Path) -> Result<(), Failure> {
    for (below, prefix) in [(folder.to_owned(), ""), (folder.join("partials"), "partials/")] {
        let entries = match std::fs::read_dir(&below) {
            Ok(entries) => entries,
            Err(error) if !prefix.is_empty() && error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(source) => return Err(Failure::Read { path: below, source }),
        };
        for entry in entries {
            let entry = entry.map_err(|source| Failure::Read { path: below.clone(), source })?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !hidden && name != "partials" && !SOURCES.iter().any(|(known, _)| *known == name) {
                return Err(Failure::Unknown { path: entry.path() });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_template_stands_in_one() {
        for (name, _) in SOURCES.iter().filter(|(name, _)| !name.starts_with("partials/")) {
            let whole = in_one(name);
            assert!(!whole.contains("{{>") && !whole.contains("{{#>") && whole.contains("{{reply_code}}"), "{name}");
        }
    }
}
