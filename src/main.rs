//! `need-to-know`, the program. Everything is in the library; see [`need_to_know::cli`].

fn main() -> std::process::ExitCode {
    need_to_know::cli::main()
}
