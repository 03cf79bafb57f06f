//! The documents that go along with a notice, made and kept (N8, O2, T6).
//!
//! Comes in: a notice with its context. Goes out: files of the store. One that cannot be made never holds its mail back: the mail goes
//! without, and says so.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Turn;
use crate::incident::notice::Notice;
use crate::notices::{self, Context, Pack, PackKind};
use crate::outbox::EntryFile;

/// The most that such a document may weigh, in bytes: a mail with it must pass every server.
const BYTES_MAX: usize = 3 << 20;

impl Turn<'_> {
    /// What goes along with a notice.
    pub(super) fn packs(&self, notice: &Notice, context: &Context) -> Vec<Pack> {
        let wanted = notices::wanted(notice, context).into_iter();
        wanted
            .map(|wanted| {
                let file = self.pack(wanted.kind, wanted.name, notice, context);
                Pack { kind: wanted.kind, anew: wanted.anew, file }
            })
            .collect()
    }

    /// One document; `None` where it cannot be made or kept, of which the log tells.
    fn pack(&self, kind: PackKind, name: String, notice: &Notice, context: &Context) -> Option<EntryFile> {
        let reference = context.incident.and_then(|incident| incident.reference.as_ref()).map(ToString::to_string);
        // Writing Word documents is others' code in part: a fault there must not cost the mail.
        let bytes = match catch_unwind(AssertUnwindSafe(|| notices::made(kind, notice, context))) {
            Ok(Ok(bytes)) if bytes.len() <= BYTES_MAX => bytes,
            Ok(Ok(_)) => return without(reference, "it is too large"),
            Ok(Err(failure)) => return without(reference, &crate::cli::explained(&failure)),
            Err(_) => return without(reference, "a fault of the program"),
        };
        match self.store.files().put(&bytes) {
            Ok(file) => Some(EntryFile { name, content_type: notices::DOCX.to_owned(), file, is_ours: true }),
            Err(failure) => without(reference, &crate::cli::explained(&failure)),
        }
    }
}

fn without(reference: Option<String>, why: &str) -> Option<EntryFile> {
    tracing::warn!(reference = reference.unwrap_or_default(), "a mail goes without its document: {why}");
    None
}
