//! `forms [DIR]`: blank forms to give to workers.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{Failure, Output};
use crate::config::Settings;
use crate::publish::blank::{self, BlankForm, Organisation, VERSION};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Where to write them
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
}

/// Writes the blank forms, with the council's name and numbers where there is a configuration.
///
/// # Errors
/// That a configuration that was named cannot be used, or a form not be written.
pub fn run(arguments: &Arguments, config: Option<&Path>) -> Result<Output, Failure> {
    let organisation = super::settings_if_any(config)?.as_ref().map(organisation).unwrap_or_default();
    let mut text = String::new();
    let mut files = Vec::new();
    for kind in BlankForm::ALL {
        let path = arguments.folder.join(kind.file_name());
        text.push_str(&format!("{}\n", path.display()));
        files.push((path, blank::form(kind, &organisation, VERSION, made_at())?));
    }
    Ok(Output { stdout: text.into_bytes(), files, ..Output::default() })
}

/// What the forms say of the council.
pub fn organisation(settings: &Settings) -> Organisation {
    Organisation {
        name: settings.organisation.name.clone(),
        duty_phone: settings.organisation.duty_phone.clone(),
        out_of_hours_phone: settings.organisation.out_of_hours_phone.clone(),
        mailbox: Some(settings.delivery.from.email.clone()),
    }
}

/// The date in the forms' properties: that of the version, so that the same input gives the same bytes.
fn made_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_305_600, 0).expect("22 November 2026 is a time")
}
