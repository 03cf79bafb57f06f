//! Which files of a mail are whose: a mail with forms of several incidents must show nobody the form of another child.
//!
//! Comes in: a mail, its reading, and the incident of each form. Goes out: marked files, and incidents that keep their own alone.

use std::collections::BTreeSet;

use super::Turn;
use crate::forms::Reading;
use crate::incident::event::{Mail, Reference};

/// Marks the files that a form was read from.
pub(super) fn mark(mail: &mut Mail, reading: &Reading) {
    for form in &reading.forms {
        if let Some(file) = form.file.and_then(|at| mail.attachments.get_mut(at)) {
            file.holds.get_or_insert(form.kind);
        }
    }
}

impl Turn<'_> {
    /// Where the forms of one mail belong to several incidents, each keeps the files that hold its forms and no other's. What belongs to
    /// no one incident stays with the mail, and the alerts say so. `owners`: the incident of each form, and the file it was read from.
    pub(super) fn keep_apart(&mut self, mail: &Mail, owners: &[(Reference, Option<usize>)]) {
        let references: BTreeSet<&Reference> = owners.iter().map(|(reference, _)| reference).collect();
        if references.len() < 2 {
            return;
        }
        let owner_of = |at: usize| {
            let mut of_file = owners.iter().filter(|(_, file)| *file == Some(at)).map(|(reference, _)| reference);
            let first = of_file.next()?;
            of_file.all(|other| other == first).then_some(first)
        };
        let kept_back = (0..mail.attachments.len()).filter(|at| owner_of(*at).is_none()).count();
        for reference in references {
            let files = || mail.attachments.iter().enumerate();
            let own: Vec<&str> = files()
                .filter(|(at, _)| owner_of(*at) == Some(reference))
                .map(|(_, file)| file.file.as_str())
                .collect();
            let others: Vec<&str> =
                files().map(|(_, file)| file.file.as_str()).filter(|file| !own.contains(file)).collect();
            self.leave_out(reference, &mail.id, &others, kept_back);
        }
    }
}
