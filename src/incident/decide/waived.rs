//! "Waived" and "Close": what is given up, in whatever words people call it, and what stands in the way of closing.
//!
//! Comes in: the incident and the words that were written. Goes out: the decision, or a refusal that names what was written and what can
//! be waived by whoever wrote it, never an id.

use super::{Accepted, Bench, Refusal, only};
use crate::incident::due::Standing;
use crate::incident::event::{Decider, Decision};
use crate::incident::nearest::distance;
use crate::incident::people::Role;
use crate::incident::procedure::Obligation;
use crate::incident::state::Incident;
use crate::incident::values::{two_parts, words};

/// Words that tell no obligation from another.
const FILLERS: &[&str] =
    &["a", "an", "the", "of", "on", "to", "for", "and", "or", "in", "that", "is", "it", "how", "has", "been"];

impl Bench<'_> {
    pub(super) fn waived(&self, incident: &Incident, value: &str, by: &Decider) -> Result<Accepted, Refusal> {
        let theirs: Vec<Standing> = self.open(incident).into_iter().filter(|standing| waives(standing, by)).collect();
        let mine = || match theirs.is_empty() {
            true => "Nothing is open that you can waive.".to_owned(),
            false => format!("You can waive: {}.", self.titles(&theirs)),
        };
        let refusal = |reason: String| Refusal { reason, correctable: !theirs.is_empty() };
        let how = "Write what is waived and why, with a semicolon between: \"Waived: what; the reason\".";
        let (written, reason) = two_parts(value, how).map_err(|how| refusal(format!("{how} {}", mine())))?;
        let found = self.meant(incident, written);
        let standing = match found.as_slice() {
            [one] => one,
            [] => return Err(refusal(format!("Nothing open here is called \"{written}\". {}", mine()))),
            several => {
                let several = self.titles(several);
                return Err(refusal(format!("\"{written}\" may mean any of these: {several}. Write which.")));
            }
        };
        let title = self.title(standing);
        if !waives(standing, by) {
            let reason = format!("\"{title}\": {} {}", only(waivers(standing.obligation)), mine());
            return Err(Refusal { reason, correctable: false });
        }
        let decision = Decision::Waived { obligation: standing.id.clone(), reason: reason.into() };
        Ok((decision, format!("\"{title}\" is waived.")))
    }

    pub(super) fn close(&self, incident: &Incident, value: &str) -> Result<Accepted, String> {
        let open = self.open(incident);
        if !open.is_empty() {
            return Err(format!("Still open: {}. Each has to be answered or waived first.", self.titles(&open)));
        }
        Ok((Decision::Close { reason: value.into() }, "The incident is closed.".into()))
    }

    /// The lines that waive what stands in the way of closing, for whoever may.
    pub fn waivers(&self, incident: &Incident, by: &Decider) -> Vec<String> {
        let open = self.open(incident).into_iter().filter(|standing| waives(standing, by));
        open.map(|standing| format!("Waived: {};", self.title(&standing))).collect()
    }

    /// What is open.
    pub fn open<'p>(&'p self, incident: &Incident) -> Vec<Standing<'p>> {
        let all = self.clocks.obligations(incident, self.received_at).into_iter();
        all.filter(Standing::is_open).collect()
    }

    /// What is open that words can mean: one by its id or name, else all whose names hold each of the words.
    fn meant<'p>(&'p self, incident: &Incident, written: &str) -> Vec<Standing<'p>> {
        let plain = words(written).join(" ");
        let exact = |standing: &Standing| {
            let named = self.names(standing).iter().any(|name| words(name).join(" ") == plain);
            standing.id == written.trim().to_lowercase() || named
        };
        let (mut open, over): (Vec<Standing>, Vec<Standing>) =
            self.clocks.obligations(incident, self.received_at).into_iter().partition(Standing::is_open);
        if let Some(at) = open.iter().position(exact) {
            return vec![open.swap_remove(at)];
        }
        // What is named exactly and is not open means nothing else: "investigation report", once it is here, is not its review.
        if over.iter().any(exact) {
            return Vec::new();
        }
        let wanted: Vec<String> = words(written).into_iter().filter(|word| !FILLERS.contains(&word.as_str())).collect();
        let holds = |standing: &Standing| {
            let known: Vec<String> = self.names(standing).iter().flat_map(|name| words(name)).collect();
            !wanted.is_empty() && wanted.iter().all(|word| known.iter().any(|known| is_like(word, known)))
        };
        open.retain(holds);
        open
    }

    /// What people may call it: its id in words, its title, the labels of its lines.
    fn names(&self, standing: &Standing) -> Vec<String> {
        let Some(worded) = self.clocks.procedure.worded(&standing.id) else { return Vec::new() };
        let label = |line: &String| line.split(':').next().unwrap_or_default().to_owned();
        let lines = std::iter::once(&worded.line).chain(&worded.also);
        let lines = lines.chain(worded.choices.iter().flat_map(|choice| &choice.lines)).map(label);
        let id = standing.id.replace(['_', '-'], " ");
        [id, self.title(standing), worded.title].into_iter().chain(lines.filter(|label| !label.is_empty())).collect()
    }

    /// Its title, without what stands in brackets.
    fn title(&self, standing: &Standing) -> String {
        let worded = self.clocks.procedure.worded(&standing.id);
        let title = worded.map_or_else(|| standing.id.replace('_', " "), |worded| worded.title);
        title.split(" (").next().unwrap_or(&title).to_owned()
    }

    fn titles(&self, standings: &[Standing]) -> String {
        standings.iter().map(|standing| self.title(standing)).collect::<Vec<_>>().join("; ")
    }
}

/// C7: sections 6 and 7 end only by those whom they name.
fn waivers(obligation: &Obligation) -> &[Role] {
    match obligation.waived_by.as_slice() {
        [] => &[Role::ServiceDirector, Role::StrategicDirector],
        named => named,
    }
}

fn waives(standing: &Standing, by: &Decider) -> bool {
    by.roles.iter().any(|role| waivers(standing.obligation).contains(role))
}

/// Whether a written word is a known one: but for a slip of the pen in a longer word, or for its ending.
fn is_like(written: &str, known: &str) -> bool {
    let stem = |word: &str| word.chars().count().min(5).max(word.chars().count().saturating_sub(3));
    let begin = |word: &str, letters: usize| word.chars().take(letters).collect::<String>();
    let same_stem = written.len() > 4 && known.len() > 4 && {
        let letters = stem(written).min(stem(known));
        begin(written, letters) == begin(known, letters)
    };
    written == known || same_stem || (written.len() > 4 && distance(written, known) <= 1)
}
