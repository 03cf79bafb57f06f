//! The command line: arguments to a command, its result to stdout, stderr, files and an exit code.
//!
//! One file per command. `run`, `demo`, `read` and `forms` work here and now; the others are an [`Inquiry`] into a store, answered by
//! the daemon over its control socket while one runs, else by this process. Either way the result is an [`Output`] that the
//! caller writes. Prints and dispatches; decides nothing about incidents.

pub mod arguments;
pub mod arm;
pub mod attention;
pub mod audit;
pub mod backup;
pub mod check;
pub mod concerns;
pub mod control;
pub mod demo;
pub mod erase;
pub mod export;
mod failure;
pub mod forms;
pub mod hold;
pub mod incidents;
pub mod inquiry;
pub mod keys;
mod logging;
pub mod output;
mod ownership;
pub mod pack;
mod person;
pub mod procedure;
pub mod read;
pub mod report;
pub mod restore;
pub mod run;
mod senders;
pub mod show;
pub mod simulate;
pub mod status;
pub mod themes;
pub mod verify;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use rustix::process::{Resource, Rlimit, setrlimit};

pub use arguments::{Command, Program};
pub use failure::{Failure, explained};
pub use inquiry::{House, Inquiry};
pub use output::Output;

use crate::config::{self, Settings};
use crate::turn::Errand;

/// The program: 0 done, 1 failed with one line on stderr, 2 wrong usage.
pub fn main() -> ExitCode {
    let program = Program::parse();
    on_panic(|place| eprintln!("need-to-know: internal error at {place}"));
    no_core_dumps();
    logging::start(matches!(program.command, Command::Run(_)));
    let done = carry_out(&program).and_then(|(output, wanted)| output.write(wanted.as_ref()));
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("need-to-know: {}", explained(&failure));
            ExitCode::FAILURE
        }
    }
}

/// A core dump would hold keys and what mails say. Where the system refuses that, nothing is worse than it was.
fn no_core_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).ok();
}

/// The settings that are named, or that lie where they are looked for; `None` where none are named and none lie there.
fn settings_if_any(config: Option<&Path>) -> Result<Option<Settings>, Failure> {
    match (config, config::find(config)) {
        (None, Err(_)) => Ok(None),
        (_, found) => Ok(Some(Settings::load(&found?)?)),
    }
}

/// Says where a panic was and never what it said: the message of a parser's panic may quote the mail.
fn on_panic(say: impl Fn(&str) + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |panic| match panic.location() {
        Some(place) => say(&format!("{}:{}", place.file(), place.line())),
        None => say("an unknown place"),
    }));
}

/// Carries a command out; with the inquiry, where it was one, which says what files its answer may bring.
fn carry_out(program: &Program) -> Result<(Output, Option<Inquiry>), Failure> {
    let config = program.config.as_deref();
    let inquiry = match &program.command {
        Command::Run(arguments) => return run::run(arguments, settings(config)?).map(|output| (output, None)),
        Command::Demo(arguments) => return demo::run(arguments).map(|output| (output, None)),
        Command::Read(arguments) => return read::run(arguments, config).map(|output| (output, None)),
        Command::Forms(arguments) => return forms::run(arguments, config).map(|output| (output, None)),
        Command::Procedure(arguments) => {
            return procedure::run(arguments, config).map(|output| (output, None));
        }
        Command::Simulate(arguments) => {
            return simulate::run(arguments, settings(config)?).map(|output| (output, None));
        }
        Command::Backup(arguments) => return backup::run(arguments, &settings(config)?).map(|output| (output, None)),
        Command::Restore(arguments) => return restore::run(arguments, &settings(config)?).map(|output| (output, None)),
        Command::Export(arguments) => return export::run(arguments, &settings(config)?),
        Command::Erase(arguments) => return erase::run(arguments, &settings(config)?).map(|output| (output, None)),
        Command::Keys(arguments) => return keys::run(arguments, &settings(config)?).map(|output| (output, None)),
        Command::Answer => return ownership::answer(&settings(config)?).map(|output| (output, None)),
        Command::Incidents(arguments) => Inquiry::Incidents(arguments.clone()),
        Command::Show(arguments) => Inquiry::Show(arguments.clone()),
        Command::Report(arguments) => Inquiry::Report(arguments.clone()),
        Command::Themes(arguments) => match &arguments.correct {
            Some(correct) => Inquiry::Change(Errand::Correct(correct.correction())),
            None => Inquiry::Themes(arguments.clone()),
        },
        Command::Attention(arguments) => arguments.inquiry(),
        Command::Pack(arguments) => Inquiry::Pack(arguments.clone()),
        Command::Check(arguments) => Inquiry::Check(arguments.clone()),
        Command::Verify(arguments) => Inquiry::Verify(arguments.clone()),
        Command::Concerns(arguments) => match arguments.asked(&settings(config)?)? {
            Some(inquiry) => inquiry,
            None => return Ok((Output::refusal("nothing was erased"), None)),
        },
        Command::Hold(arguments) => arguments.inquiry(),
        Command::Audit(arguments) => Inquiry::Audit(arguments.clone()),
        Command::Arm(arguments) => Inquiry::Arm(arguments.clone()),
        Command::Status(arguments) => Inquiry::Status(arguments.clone()),
    };
    Ok((inquire(&inquiry, &settings(config)?)?, Some(inquiry)))
}

/// Has the daemon answer an inquiry, or this process where none runs.
fn inquire(inquiry: &Inquiry, settings: &Settings) -> Result<Output, Failure> {
    match control::ask(&settings.store.path, inquiry)? {
        Some(output) => Ok(output),
        None => ownership::without_daemon(inquiry, settings),
    }
}

fn settings(config: Option<&Path>) -> Result<Settings, Failure> {
    Ok(Settings::load(&config::find(config)?)?)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_panic_says_where_and_not_what() {
        let before = std::panic::take_hook();
        let heard = Arc::new(Mutex::new(String::new()));
        let ear = Arc::clone(&heard);
        on_panic(move |place| ear.lock().unwrap().push_str(&format!("[{place}]")));
        let ended = std::thread::spawn(|| panic!("a name from a form")).join();
        std::panic::set_hook(before);
        assert!(ended.is_err());
        let heard = heard.lock().unwrap().clone();
        assert!(heard.contains("mod.rs:") && !heard.contains("a name from a form"), "{heard}");
    }
}
