//! The program: `need-to-know read [--json] FILE…`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_none_or(|command| command != "read") {
        return ExitCode::from(2);
    }
    let json = arguments.iter().any(|argument| argument == "--json");
    arguments.retain(|argument| argument != "--json");
    let files: Vec<PathBuf> = arguments[1..].iter().map(PathBuf::from).collect();
    match need_to_know::cli::read::run(&files, json, &mut std::io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
