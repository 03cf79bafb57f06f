//! `themes`: which themes each lesson of a period stands under, and why; `themes set` and `themes undo` put one right.

use std::fmt::Write;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::control::own_user;
use super::report::{Year, failure_of, period};
use super::{Failure, House, Output};
use crate::incident::event::Reference;
use crate::turn::{Correction, yearly};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// The reporting year, 2025-26 [default: the last one that has ended]
    #[arg(long, value_name = "YEAR", conflicts_with_all = ["from", "to"])]
    pub year: Option<Year>,
    /// The first day of another period
    #[arg(long, value_name = "DAY", requires = "to")]
    pub from: Option<NaiveDate>,
    /// The last day of it, included
    #[arg(long, value_name = "DAY", requires = "from")]
    pub to: Option<NaiveDate>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    /// What is to be put right, instead of listed.
    #[command(subcommand)]
    #[serde(skip)]
    pub correct: Option<Correct>,
}

/// A correction.
#[derive(Debug, Clone, PartialEq, Eq, clap::Subcommand)]
pub enum Correct {
    /// Put a lesson under other themes; it stays so in every later report
    #[command(
        after_help = "Example:\n  need-to-know themes set SI-2026-0001 2 \"Neglect, Recording\" --for director@council.example"
    )]
    Set {
        /// The lesson.
        #[command(flatten)]
        lesson: Lesson,
        /// Its themes by title, id or the beginning of a title, with commas between them; other: it is of none
        themes: String,
    },
    /// Take a correction back
    #[command(after_help = "Example:\n  need-to-know themes undo SI-2026-0001 2 --for director@council.example")]
    Undo {
        /// The lesson.
        #[command(flatten)]
        lesson: Lesson,
    },
}

/// Which lesson, and who decides.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct Lesson {
    /// The incident's reference, for example SI-2026-0001
    #[arg(value_name = "REF")]
    reference: String,
    /// The lesson's number in the list
    #[arg(value_name = "LESSON")]
    number: u32,
    /// Whose decision it is: the address of the Strategic Director or of quality assurance, who is told by email
    #[arg(long = "for", value_name = "EMAIL")]
    person: String,
}

impl Correct {
    /// What is asked of the keeper, with the name of whoever types.
    pub(super) fn correction(&self) -> Correction {
        let (lesson, themes) = match self {
            Correct::Set { lesson, themes } => (lesson, themes.as_str()),
            Correct::Undo { lesson } => (lesson, "undo"),
        };
        Correction {
            reference: Reference(lesson.reference.trim().to_uppercase()),
            value: format!("{}; {themes}", lesson.number),
            person: lesson.person.clone(),
            typed_by: typist(),
        }
    }
}

/// The system's user who types: whoever became another one by sudo is meant by their own name.
pub(crate) fn typist() -> String {
    let named = |variable: &str| std::env::var(variable).ok().filter(|name| !name.trim().is_empty());
    let name = named("SUDO_USER").or_else(|| named("USER")).or_else(|| named("LOGNAME"));
    name.map_or_else(|| format!("user number {}", own_user()), |name| format!("user {name}"))
}

/// Lists the lessons of a period, without identities, as the report of that period puts them under themes (L3).
///
/// # Errors
/// The store's, or that something would identify somebody.
pub fn run(arguments: &Arguments, house: &House<'_>) -> Result<Output, Failure> {
    let period = period(arguments.year, arguments.from.zip(arguments.to), house)?;
    let facts = yearly::facts(house.store, house.rules, period, house.now)
        .map_err(|failure| Failure::Work(failure_of(failure)))?;
    let (mut listed, mut text) = (Vec::new(), String::new());
    for learning in &facts.learning {
        for (number, part, passage) in learning.passages() {
            let titles = facts.themed.titles.get(&(learning.reference.clone(), number));
            let (themes, why) = titles.cloned().unwrap_or_default();
            let part = part.words();
            let because = if why.is_empty() { String::new() } else { format!("   ({why})") };
            let _ = writeln!(text, "{} lesson {number}   {themes}{because}\n    {part}: {passage}", learning.reference);
            listed.push(json!({
                "reference": learning.reference, "lesson": number, "part": part, "text": passage,
                "themes": themes.split("; ").collect::<Vec<_>>(), "because": why,
                "corrected": learning.corrected.contains_key(&number),
            }));
        }
    }
    let themes: Vec<_> = house.rules.themes().list().iter().collect();
    if arguments.json {
        let themes: Vec<_> =
            themes.iter().map(|theme| json!({"id": theme.id, "title": theme.title, "about": theme.about})).collect();
        return Ok(Output::json(&json!({"lessons": listed, "themes": themes})));
    }
    if listed.is_empty() {
        text.push_str("No investigation report that names a lesson came in the period.\n");
    }
    text.push_str("\nThe themes\n");
    for theme in themes {
        let _ = writeln!(text, "    {}: {}", theme.title, theme.about);
    }
    text.push_str(
        "\nTo put a lesson under others, the Strategic Director or quality assurance replies to an email about it, or to the digest:\n    \
         Theme: SI-2026-0001 lesson 2; Neglect\nOr it is typed for them:\n    \
         need-to-know themes set SI-2026-0001 2 Neglect --for EMAIL\n",
    );
    Ok(Output::text(text))
}
