//! `procedure`: the rules in force, as a readable table with their sources.

use std::fmt::Write as _;
use std::path::Path;

use super::read::wrap;
use super::{Failure, Output};
use crate::incident::procedure::{Obligation, Procedure, words};

/// Characters of a line.
const WIDTH: usize = 80;
/// Where the words begin.
const INDENT: usize = 16;

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {}

/// Prints the settings' procedure; the built-in one where there are no settings.
///
/// # Errors
/// That a configuration that was named cannot be used.
pub fn run(_: &Arguments, config: Option<&Path>) -> Result<Output, Failure> {
    let procedure = super::settings_if_any(config)?.map_or_else(Procedure::built_in, |settings| settings.procedure);
    Ok(Output::text(table(&procedure)))
}

/// The table: a block for each obligation, then the kinds of regulated services.
fn table(procedure: &Procedure) -> String {
    let built_in = Procedure::built_in();
    let mut text = format!(
        "An investigation takes at most {} days from the first notification form.\n\
         * marks what the settings changed or added.\n",
        procedure.investigation_days
    );
    for obligation in &procedure.obligations {
        let mark = if is_built_in(obligation, &built_in) { "" } else { " *" };
        let title = obligation.title.replace(" {number}", "");
        let _ = writeln!(text, "\n{:<5} {title}{mark}", obligation.rule);
        add(&mut text, "Id", &obligation.id);
        words::lines(obligation, procedure).iter().for_each(|(what, words)| add(&mut text, what, words));
    }
    let _ = writeln!(text, "\nO1    Services that report to Ofsted");
    for regulation in &procedure.regulations {
        add(&mut text, "", &format!("{} ({}): {}", regulation.title, regulation.kind, regulation.regulations));
    }
    text
}

fn is_built_in(obligation: &Obligation, built_in: &Procedure) -> bool {
    built_in.obligation(&obligation.id).is_some_and(|known| format!("{known:?}") == format!("{obligation:?}"))
}

fn add(text: &mut String, what: &str, words: &str) {
    for (nth, line) in wrap(words, WIDTH - INDENT).iter().enumerate() {
        let what = if nth == 0 { what } else { "" };
        let _ = writeln!(text, "      {what:<10}{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_obligation_with_its_source_in_80_columns() {
        let procedure = Procedure::built_in();
        let text = table(&procedure);
        for obligation in &procedure.obligations {
            assert!(text.contains(&format!("\n{:<5} ", obligation.rule)), "{}", obligation.rule);
            assert!(text.contains(&obligation.id), "{}", obligation.id);
        }
        assert_eq!(text.matches("Source").count(), procedure.obligations.len());
        assert!(!text.lines().any(|line| line.ends_with(" *") || line.contains('…')), "{text}");
        let wide = |line: &&str| line.chars().count() > WIDTH && line.starts_with("      ");
        assert_eq!(text.lines().find(wide), None);
    }
}
