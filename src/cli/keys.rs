//! `keys rotate`: another key for the store, or for its concerns, without writing anew what is stored.

use std::path::PathBuf;

use super::{Failure, Output, ownership};
use crate::config::Settings;
use crate::store::{self, Whose};

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq, clap::Subcommand)]
pub enum Arguments {
    /// Make a new store key; what it opens is wrapped anew, and the old key opens the store no more
    Rotate {
        /// Where the new key is written; left out: over the file that `[store] key` names
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// The concerns' key instead, which `[concerns] key` names
        #[arg(long)]
        concerns: bool,
    },
}

/// Makes a new key for the store, while nothing uses it.
///
/// # Errors
/// That the store is in use or somebody else's, that the key comes from no file and none is named, or the disk's.
pub fn run(Arguments::Rotate { to, concerns }: &Arguments, settings: &Settings) -> Result<Output, Failure> {
    let folder = &settings.store.path;
    if let Some((owner, group)) = ownership::to_become(folder)? {
        return ownership::rotate_as(to.as_deref(), *concerns, settings, owner, group);
    }
    let (whose, place, named) = match (concerns, settings.concerns.as_ref()) {
        (false, _) => (Whose::Store, &settings.store.key, "the store's"),
        (true, Some(concerns)) => (Whose::Concerns, &concerns.key, "the concerns'"),
        (true, None) => return Err(Failure::NoConcerns),
    };
    let path = store::rotate(folder, whose, place, to.as_deref())?;
    Ok(Output::text(format!(
        "{}: {named} new key. The old one opens the store no more, but still opens backups made before: keep it as long as you keep \
         those. Copy the new one to a place of its own now: without it nothing can be read.\n",
        path.display()
    )))
}
