//! T15 within a turn: each director's week, and quality assurance's.

use super::rounds::Round;
use super::{Failure, Turn};
use crate::incident::event::NoticeKind;
use crate::incident::notice::{Item, Notice, Outlook, Outstanding};
use crate::incident::people::{Addressee, merge};
use crate::incident::state::Incident;

/// Somebody with what they are to see.
type Week = (Addressee, Vec<(Outlook, Outstanding)>);

impl Turn<'_> {
    /// Writes the digests when their time has come round. Whoever has nothing outstanding gets none.
    ///
    /// # Errors
    /// The store's.
    pub fn digest(&mut self) -> Result<(), Failure> {
        if self.came_round(Round::Weekly)?.is_none() {
            return Ok(());
        }
        let mut weeks: Vec<Week> = Vec::new();
        for line in self.store.register() {
            let (reference, summary) = line?;
            let nothing = summary["open"].as_array().is_none_or(Vec::is_empty);
            if summary["status"] != "open" && nothing {
                continue;
            }
            let incident = Incident::fold(&self.store.events(&reference)?);
            self.telling().digest(&incident).into_iter().for_each(|week| add(&mut weeks, week));
        }
        for (to, seen) in weeks {
            let section = |outlook: Outlook| {
                let mut lines: Vec<Outstanding> =
                    seen.iter().filter(|(known, _)| *known == outlook).map(|(_, line)| line.clone()).collect();
                lines.sort_by_key(|line| line.due_at);
                (!lines.is_empty()).then_some(Item::Week { outlook, lines })
            };
            let items = [Outlook::Late, Outlook::Soon, Outlook::Open].into_iter().filter_map(section).collect();
            self.loose.push(Notice { kind: NoticeKind::Digest, to, items, in_reply_to: None, attachments: Vec::new() });
        }
        Ok(())
    }
}

/// One digest a person, whatever their roles; nothing twice.
fn add(weeks: &mut Vec<Week>, (to, seen): Week) {
    let Some((known, lines)) = weeks.iter_mut().find(|(known, _)| known.email == to.email) else {
        weeks.push((to, seen));
        return;
    };
    let mut both = vec![known.clone()];
    merge(&mut both, to);
    *known = both.remove(0);
    for (outlook, line) in seen {
        let twice =
            lines.iter_mut().find(|(_, old)| (&old.reference, &old.obligation) == (&line.reference, &line.obligation));
        match twice {
            Some((_, old)) => old.is_yours |= line.is_yours,
            None => lines.push((outlook, line)),
        }
    }
}
