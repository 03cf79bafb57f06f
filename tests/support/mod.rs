//! Real servers for the tests: each a private instance on free loopback ports, in a folder of its own, gone when dropped.
//!
//! A server that is not installed is a failed test that names `scripts/test`, never a skipped one.
#![allow(dead_code)]

pub mod authority;
pub mod council;
pub mod cyrus;
pub mod disk;
pub mod dovecot;
pub mod imap_host;
pub mod known;
pub mod postfix;
pub mod token_endpoint;

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use need_to_know::clock::Stopwatch;

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Asks `found` again and again until it finds something; fails after a minute.
pub fn eventually<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let start = Stopwatch::start();
    loop {
        if let Some(thing) = found() {
            return thing;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "waited a minute for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the server greets on this plain text port.
fn wait_for_greeting(port: u16, log: &Path) {
    let start = Stopwatch::start();
    while !greets(port) {
        if start.elapsed() > Duration::from_secs(60) {
            panic!("the server does not greet; its log:\n{}", std::fs::read_to_string(log).unwrap_or_default());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut first = [0; 3];
    stream.read_exact(&mut first).is_ok() && (&first == b"* O" || &first == b"220")
}

/// A folder that the servers' own users can enter.
fn open_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::Builder::new().prefix("ntk-").tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

fn program(name: &str) -> Command {
    let path = format!("/usr/sbin/{name}");
    assert!(Path::new(&path).exists(), "{path} is missing: run scripts/test, which installs the servers of the tests");
    let command = Command::new(path);
    assert_eq!(run("id", &["-u"]).trim(), "0", "the servers of the tests are started as root: run scripts/test");
    command
}

fn run(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(name).args(arguments).output().unwrap_or_else(|error| panic!("{name}: {error}"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
