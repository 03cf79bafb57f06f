//! Tidiness: what a reader of the source may rely on without looking.
//!
//! Layers, the one reader of the clock, module headers, nothing unfinished, the rules in source and tests, the documents' commands,
//! and the licences and duplicates of what we build on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::CommandFactory;

/// What each module may use besides itself and outside crates; as ARCHITECTURE.md draws it. The top (`cli`, `daemon`, `demo`, `keeper`, `replay`, `turn`) may
/// use everything and is used by nobody below.
const ARROWS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("net", &["clock"]),
    ("mailbox", &["net", "clock"]),
    ("transport", &["net", "clock"]),
    ("message", &["document", "forms"]),
    ("document", &["message", "clock"]),
    ("forms", &["message", "document", "clock"]),
    ("incident", &["message", "forms"]),
    ("concern", &["message", "incident"]),
    ("intake", &["message", "forms", "incident"]),
    ("notices", &["message", "forms", "incident", "outbox", "publish"]),
    ("outbox", &["incident", "message", "notices", "transport"]),
    ("store", &["concern", "incident", "mailbox", "outbox"]),
    ("report", &["incident", "forms", "message", "publish"]),
    ("publish", &[]),
    ("health", &["store", "clock"]),
    ("config", &["concern", "incident", "message", "net", "store"]),
];
const TOP: [&str; 6] = ["cli", "daemon", "demo", "keeper", "replay", "turn"];

/// A source file of the library.
struct Source {
    /// From the root of the package.
    path: PathBuf,
    /// The top-level module it belongs to.
    module: String,
    /// The whole text.
    text: String,
    /// The text without comments and tests.
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

fn sources() -> Vec<Source> {
    let read = |path: PathBuf| (std::fs::read_to_string(&path).unwrap(), path);
    let files: Vec<(String, PathBuf)> =
        files(&root().join("src")).into_iter().filter(|path| is_rust(path)).map(read).collect();
    assert!(files.len() > 20, "the source was not found");
    let tests: BTreeSet<&str> = files.iter().flat_map(|(text, _)| test_modules(text)).collect();
    let source = |(text, path): &(String, PathBuf)| {
        let within = path.strip_prefix(root().join("src")).unwrap();
        let parts: Vec<&str> = within.iter().map(|part| part.to_str().unwrap().trim_end_matches(".rs")).collect();
        let is_test = parts.iter().any(|part| tests.contains(part));
        let code = if is_test { String::new() } else { without_tests_and_comments(text) };
        let path = path.strip_prefix(root()).unwrap().to_path_buf();
        Source { path, module: parts[0].to_owned(), text: text.clone(), code }
    };
    files.iter().map(source).collect()
}

/// The names of modules in files of their own that are for tests alone.
fn test_modules(text: &str) -> impl Iterator<Item = &str> {
    let pairs = text.lines().zip(text.lines().skip(1)).filter(|(line, _)| line.trim() == "#[cfg(test)]");
    pairs.filter_map(|(_, next)| next.strip_suffix(';')?.rsplit_once("mod ").map(|(_, name)| name))
}

/// Tests come last in a file, in a module of their own; one in a file of its own is only named.
fn without_tests_and_comments(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().map_or("", |next| next.trim_end());
        if line.trim() == "#[cfg(test)]" && next.contains("mod ") && next.ends_with('{') {
            break;
        }
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

/// The identifiers that follow `crate::` in a text, also those in braces: `use crate::{clock, config::Settings}`.
fn used_modules(code: &str) -> BTreeSet<&str> {
    let mut used = BTreeSet::new();
    for (at, word) in code.match_indices("crate::") {
        let after = &code[at + word.len()..];
        match after.strip_prefix('{') {
            None => used.extend(first_word(after)),
            Some(list) => {
                let mut depth = 0;
                let mut begins = true;
                for (at, letter) in list.char_indices() {
                    match letter {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => begins = true,
                        letter if begins && !letter.is_whitespace() => {
                            used.extend(first_word(&list[at..]));
                            begins = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    used
}

fn first_word(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    Some(&text[..end]).filter(|word| !word.is_empty())
}

#[test]
fn modules_are_read_out_of_code() {
    let used = used_modules("use crate::{clock, config::{Settings, find},\n store};\nfn x() { crate::net::y() }");
    assert_eq!(used.into_iter().collect::<Vec<_>>(), ["clock", "config", "net", "store"]);
    assert_eq!(
        without_tests_and_comments("a // b\n#[cfg(test)]\nmod tests;\nc\n#[cfg(test)]\nmod t {\nd\n"),
        "a \n#[cfg(test)]\nmod tests;\nc\n"
    );
}

#[test]
fn no_module_uses_what_lies_above_it() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let sources = sources();
    let modules: BTreeSet<&str> =
        sources.iter().map(|source| source.module.as_str()).filter(|m| !["lib", "main"].contains(m)).collect();
    let drawn: BTreeSet<&str> = arrows.keys().copied().chain(TOP).collect();
    assert_eq!(modules, drawn, "the arrows name other modules than there are");
    let mut wrong = Vec::new();
    for source in sources.iter().filter(|source| arrows.contains_key(source.module.as_str())) {
        for used in used_modules(&source.code) {
            let fits = used == source.module || arrows[source.module.as_str()].contains(&used) || !drawn.contains(used);
            if !fits {
                wrong.push(format!("{}: {} may not use {used}", source.path.display(), source.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_opens_with_a_header() {
    for source in sources() {
        let lines = source.text.lines().take_while(|line| line.starts_with("//!")).count();
        assert!(
            (1..=15).contains(&lines),
            "{}: a header of {lines} lines; 3 to 15 are the rule",
            source.path.display()
        );
    }
}

#[test]
fn only_the_clock_reads_the_time() {
    for source in sources().iter().filter(|source| source.module != "clock") {
        for call in ["Utc::now", "Local::now", "Instant::now", "SystemTime::now"] {
            assert!(!source.code.contains(call), "{}: {call}; take the time as an argument", source.path.display());
        }
    }
}

#[test]
fn nothing_is_left_unfinished() {
    for source in sources() {
        for word in [".unwrap()", "todo!", "unimplemented!", "dbg!(", "unsafe "] {
            assert!(!source.code.contains(word), "{}: {word}", source.path.display());
        }
    }
    let ignored = ["#[", "ignore]"].concat();
    for path in files(&root().join("src")).into_iter().chain(files(&root().join("tests"))).filter(|path| is_rust(path))
    {
        assert!(
            !std::fs::read_to_string(&path).unwrap().contains(&ignored),
            "{}: a test that never runs",
            path.display()
        );
    }
}

#[test]
fn the_project_speaks_of_itself_alone() {
    // In two parts each, so that this file does not hold them.
    let words =
        ["/wo|rk/", "/ro|ot/", "crates|.io", "clau|de", "anth|ropic", "language mo|del", "ai assis|tant", "<<<<|<<<"];
    let words: Vec<String> = words.iter().map(|word| word.replace('|', "")).collect();
    let folders = ["src", "tests", "docs", "templates", "systemd", "scripts", ".ci", "benches"];
    let own = folders.iter().flat_map(|folder| files(&root().join(folder)));
    let top = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let top = top.filter(|path| path.is_file() && !path.ends_with("Cargo.lock") && !path.ends_with(".git"));
    for path in own.chain(top) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let text = text.to_lowercase();
        for word in &words {
            assert!(!text.contains(word.as_str()), "{}: {word}", path.display());
        }
    }
}

/// Rules of the procedure that have a due date or a time at which something goes out: their tests hold the last moment before it and the
/// first one after.
const WITH_EDGES: &[&str] = &[
    "T2", "T3", "T4", "T5", "T6", "T6a", "T7", "T8", "T9", "T10", "T11", "T12", "T13", "T14", "T15", "N1", "N2", "N4",
    "N5", "O3", "O5", "W3",
];

#[test]
fn every_rule_stands_in_the_source_and_in_the_table_of_tests() {
    let data = files(&root().join("src")).into_iter().filter(|path| !is_rust(path));
    let data = data.filter_map(|path| std::fs::read_to_string(path).ok());
    let source: String = sources().into_iter().map(|source| source.text).chain(data).collect();
    let words: BTreeSet<&str> = source.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let tests = files(&root().join("tests")).into_iter().filter(|path| is_rust(path));
    let tests: String = tests.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let names: BTreeSet<&str> = [&source, &tests].iter().flat_map(|text| names_of_tests(text)).collect();

    let path = root().join("tests/rules.txt");
    let list = std::fs::read_to_string(&path).unwrap();
    let mut table = String::new();
    for line in list.lines().filter(|line| !line.starts_with("    ")) {
        table.push_str(line);
        table.push('\n');
        if line.starts_with('#') {
            continue;
        }
        assert!(words.contains(line), "{line} stands nowhere in src");
        let part = line.to_lowercase();
        let named: Vec<&&str> = names.iter().filter(|name| name.split('_').any(|word| word == part)).collect();
        assert!(!named.is_empty(), "no test is named after {line}");
        let both = |name: &&&str| name.ends_with("_both_edges") || matches!(line, "T12" | "T15");
        assert!(!WITH_EDGES.contains(&line) || named.iter().any(both), "{line}: both edges of its time");
        named.iter().for_each(|name| table.push_str(&format!("    {name}\n")));
    }
    let listed: BTreeSet<&str> = list.lines().collect();
    for line in source.lines().filter_map(|line| line.split_once("//")) {
        let cited = line.1.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| is_rule(word));
        cited.for_each(|rule| assert!(listed.contains(rule), "{rule} is cited in src and missing in the table"));
    }
    if std::env::var_os("WRITE_RULES").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert!(
        list == table,
        "tests/rules.txt is not the table of the tests; write it with WRITE_RULES=1 cargo test --test tidy"
    );
}

/// Written as an id of a rule is: T6, T6a, M12.
fn is_rule(word: &str) -> bool {
    let number = word.strip_prefix(['I', 'C', 'T', 'N', 'O', 'W', 'L', 'M']).unwrap_or_default();
    let number = number.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(number);
    matches!(number.len(), 1..=2) && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The functions marked as tests.
fn names_of_tests(text: &str) -> Vec<&str> {
    let marked = text.split("#[test]\n").skip(1);
    marked.filter_map(|rest| rest.trim_start().strip_prefix("fn ").and_then(first_word)).collect()
}

#[test]
fn the_documents_name_every_command_and_no_other() {
    let program = need_to_know::cli::Program::command();
    let known: BTreeSet<&str> =
        program.get_subcommands().filter(|command| !command.is_hide_set()).map(|command| command.get_name()).collect();
    let top = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let pages = top
        .chain(files(&root().join("docs")))
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut named = BTreeSet::new();
    for path in pages {
        let text = std::fs::read_to_string(&path).unwrap();
        // Commands are typed: in code, whether in a line or in a block, and maybe as another user.
        let typed = text.split(['`', '\n']).map(|piece| piece.trim_start_matches(['$', '#', ' ']));
        let typed = typed.map(|piece| piece.strip_prefix("sudo ").unwrap_or(piece));
        for call in typed.filter_map(|piece| piece.strip_prefix("need-to-know ")) {
            let mut words = call.split_whitespace().peekable();
            while words.peek().is_some_and(|word| word.starts_with("--")) {
                let takes_value = words.next() == Some("--config");
                if takes_value {
                    words.next();
                }
            }
            let Some(command) = words.next().filter(|word| word.chars().all(|c| c.is_ascii_lowercase())) else {
                continue;
            };
            assert!(known.contains(command) || command == "help", "{}: there is no command {command}", path.display());
            named.insert(command.to_owned());
        }
    }
    let silent: Vec<&&str> = known.iter().filter(|command| !named.contains(**command)).collect();
    assert!(silent.is_empty(), "no page shows how to type {silent:?}");
}

/// A crate that is built into the program, its tests or its build on Linux.
struct Package {
    name: String,
    version: String,
    licence: String,
}

fn packages() -> Vec<Package> {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--prefix", "none", "--edges", "normal,build,dev"])
        .args(["--target", "x86_64-unknown-linux-gnu", "--format", "{p}|{l}|"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: BTreeSet<&str> = text.lines().map(|line| line.rsplit_once('|').unwrap().0).collect();
    assert!(lines.len() > 100);
    let package = |line: &&str| {
        let (package, licence) = line.split_once('|').unwrap();
        let mut words = package.split(' ');
        let (name, version) = (words.next().unwrap(), words.next().unwrap());
        Package {
            name: name.to_owned(),
            version: version.trim_start_matches('v').to_owned(),
            licence: licence.to_owned(),
        }
    };
    lines.iter().map(package).collect()
}

fn deny() -> toml::Table {
    std::fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap()
}

#[test]
fn every_licence_is_one_that_we_accept() {
    let deny = deny();
    let accepted: BTreeSet<&str> =
        deny["licenses"]["allow"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    for package in packages() {
        assert!(fits(&package.licence, &accepted), "{}: {:?}", package.name, package.licence);
    }
}

/// SPDX: OR binds less than AND; parentheses are the innermost first. The slash is the old way to write OR.
fn fits(licence: &str, accepted: &BTreeSet<&str>) -> bool {
    if let (Some(open), Some(_)) = (licence.rfind('('), licence.find(')')) {
        let close = open + licence[open..].find(')').unwrap();
        let inner = if fits(&licence[open + 1..close], accepted) { "accepted" } else { "refused" };
        return fits(&[&licence[..open], inner, &licence[close + 1..]].concat(), accepted);
    }
    let all = |all: &str| all.split(" AND ").all(|one| one.trim() == "accepted" || accepted.contains(one.trim()));
    licence.split(" OR ").flat_map(|one| one.split('/')).any(all)
}

#[test]
fn licences_are_understood() {
    let accepted = BTreeSet::from(["MIT", "BSD-3-Clause"]);
    for good in ["MIT", "GPL-3.0 OR MIT", "MIT/GPL-3.0", "(GPL-3.0 OR MIT) AND BSD-3-Clause", "MIT AND BSD-3-Clause"] {
        assert!(fits(good, &accepted), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR MIT) AND Zlib", "BSD", "", "(GPL-3.0)"] {
        assert!(!fits(bad, &accepted), "{bad}");
    }
}

#[test]
fn no_crate_is_there_twice_without_a_reason() {
    let deny = deny();
    let excepted: BTreeSet<String> = deny["bans"]["skip"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            assert!(!entry["reason"].as_str().unwrap().is_empty());
            entry["crate"].as_str().unwrap().to_owned()
        })
        .collect();
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        versions.entry(package.name).or_default().insert(compatible(&package.version));
    }
    let mut used = BTreeSet::new();
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        let (excused, rest): (Vec<_>, Vec<_>) =
            versions.iter().map(|version| format!("{name}@{version}")).partition(|named| excepted.contains(named));
        assert!(
            rest.len() <= 1,
            "{name} is there as {rest:?}: mend it, or name it with a reason in deny.toml, bans.skip"
        );
        used.extend(excused);
    }
    assert_eq!(used, excepted, "deny.toml excuses what is not there");
}

/// The part of a version that says with what it is compatible: 1, 0.22.
fn compatible(version: &str) -> String {
    let parts: Vec<&str> = version.split('.').collect();
    if parts[0] == "0" { parts[..2].join(".") } else { parts[0].to_owned() }
}
