//! Cyrus as a private instance, a second make of IMAP server: one user, IMAP with STARTTLS and over TLS.
//!
//! Debian's packages of Cyrus and Dovecot push each other out, so `scripts/test` unpacks Cyrus beside what cargo builds.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::authority::Authority;
use super::imap_host::ImapHost;
use super::{eventually, free_port, open_folder, run, wait_for_greeting};

/// Whoever owns the mail and runs the server.
const OWNER: &str = "nobody";
const USER: &str = "incidents@council.example";
const PASSWORD: &str = "correct horse \"battery\" stäple";
const ADMIN: (&str, &str) = ("admin", "of the tests");

pub struct Cyrus {
    folder: tempfile::TempDir,
    child: Option<Child>,
    port_imap: u16,
    port_imaps: u16,
    ca_pem_path: PathBuf,
}

/// Where `scripts/test` has unpacked it.
fn root() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_need-to-know")).ancestors().nth(2).expect("cargo's folder");
    let root = target.join("cyrus");
    assert!(
        root.join("usr/lib/cyrus/bin/imapd").exists(),
        "Cyrus is not unpacked in {root:?}: run scripts/test packages"
    );
    root
}

fn program(path: &str) -> Command {
    let root = root();
    let mut command = Command::new(root.join(path));
    let machines = ["x86_64-linux-gnu", "aarch64-linux-gnu"];
    let below = |places: &[&str]| {
        let all = machines.iter().flat_map(|machine| places.iter().map(move |place| place.replace("MACHINE", machine)));
        all.map(|place| root.join(place).display().to_string()).collect::<Vec<_>>().join(":")
    };
    command
        .env("LD_LIBRARY_PATH", below(&["usr/lib/MACHINE", "lib/MACHINE"]))
        .env("SASL_PATH", below(&["usr/lib/MACHINE/sasl2"]));
    command.env("CYRUS_USER", OWNER);
    command
}

impl Cyrus {
    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn add_user(&self, name: &str, password: &str) {
        let mut adding = program("usr/sbin/saslpasswd2");
        adding.args(["-p", "-c", "-f"]).arg(self.at("sasldb")).args(["-u", "localhost", name]);
        let mut child = adding.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    fn configure(&self) {
        let folder = self.folder.path().display();
        let (imap, imaps) = (self.port_imap, self.port_imaps);
        let config = format!(
            "configdirectory: {folder}/conf\nproc_path: {folder}/run/proc\nmboxname_lockpath: {folder}/run/lock\n\
             defaultpartition: default\npartition-default: {folder}/spool\ncyrus_user: {OWNER}\nadmins: {}\n\
             altnamespace: yes\nunixhierarchysep: yes\nvirtdomains: userid\ndefaultdomain: council.example\nservername: localhost\n\
             allowplaintext: yes\nfailedloginpause: 0\nsasl_pwcheck_method: auxprop\nsasl_auxprop_plugin: sasldb\n\
             sasl_sasldb_path: {folder}/sasldb\nsasl_mech_list: PLAIN LOGIN\ntls_server_cert: {folder}/server.pem\n\
             tls_server_key: {folder}/server.key\nidlesocket: {folder}/run/idle\nduplicatesuppression: no\n",
            ADMIN.0
        );
        fs::write(self.at("imapd.conf"), config).unwrap();
        let bin = root().join("usr/lib/cyrus/bin");
        let command = |name: &str, more: &str| format!("cmd=\"{}/{name} -C {folder}/imapd.conf{more}\"", bin.display());
        let services = format!(
            "START {{\n recover {}\n}}\nSERVICES {{\n imap {} listen=\"127.0.0.1:{imap}\" prefork=1\n imaps {} listen=\"127.0.0.1:{imaps}\" \
             prefork=1\n}}\nDAEMON {{\n idled {}\n}}\nEVENTS {{\n}}\n",
            command("ctl_cyrusdb", " -r"),
            command("imapd", ""),
            command("imapd", " -s"),
            command("idled", "")
        );
        fs::write(self.at("cyrus.conf"), services).unwrap();
    }

    fn session(&self, (user, password): (&str, &str)) -> Session {
        let write = TcpStream::connect(("127.0.0.1", self.port_imap)).unwrap();
        write.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut session = Session { read: BufReader::new(write.try_clone().unwrap()), write };
        session.line();
        session.command(&format!("LOGIN {user} {{{}+}}\r\n{password}", password.len()));
        session
    }
}

impl ImapHost for Cyrus {
    fn start() -> Cyrus {
        let folder = open_folder();
        let authority = Authority::new(folder.path());
        authority.issue(folder.path(), "server", &["localhost", "127.0.0.1"]);
        let ca_pem_path = authority.pem;
        let (port_imap, port_imaps) = (free_port(), free_port());
        let mut cyrus = Cyrus { folder, child: None, port_imap, port_imaps, ca_pem_path };
        for part in ["conf/socket", "spool", "run/proc", "run/lock"] {
            fs::create_dir_all(cyrus.at(part)).unwrap();
        }
        cyrus.configure();
        cyrus.add_user("incidents", PASSWORD);
        cyrus.add_user(ADMIN.0, ADMIN.1);
        run("chown", &["-R", OWNER, cyrus.folder.path().to_str().unwrap()]);
        cyrus.resume();
        cyrus.session(ADMIN).command("CREATE user/incidents");
        cyrus
    }

    fn access(&self) -> (&'static str, &'static str) {
        (USER, PASSWORD)
    }

    fn ports(&self) -> (u16, u16) {
        (self.port_imap, self.port_imaps)
    }

    fn ca(&self) -> &Path {
        &self.ca_pem_path
    }

    fn put(&self, raw: &[u8]) {
        let mut session = self.session((USER, PASSWORD));
        session.write.write_all(format!("t APPEND INBOX {{{}+}}\r\n", raw.len()).as_bytes()).unwrap();
        session.write.write_all(raw).unwrap();
        session.write.write_all(b"\r\n").unwrap();
        session.answer();
    }

    fn count(&self, folder: &str) -> usize {
        let mut session = self.session((USER, PASSWORD));
        let said = session.command(&format!("STATUS \"{folder}\" (MESSAGES)"));
        let line = said.iter().find(|line| line.starts_with("* STATUS")).unwrap();
        line.rsplit(' ').next().unwrap().trim_end_matches(')').parse().unwrap()
    }

    fn is_seen(&self, folder: &str) -> bool {
        let mut session = self.session((USER, PASSWORD));
        session.command(&format!("EXAMINE \"{folder}\""));
        session.command("UID FETCH 1:* (FLAGS)").iter().any(|line| line.contains("FETCH") && line.contains("\\Seen"))
    }

    fn is_subscribed(&self, folder: &str) -> bool {
        self.session((USER, PASSWORD)).command("LSUB \"\" \"*\"").iter().any(|line| line.contains(folder))
    }

    fn lose_all(&self) {
        let mut session = self.session((USER, PASSWORD));
        session.command("SELECT INBOX");
        session.command("UID STORE 1:* +FLAGS.SILENT (\\Deleted)");
        session.command("EXPUNGE");
    }

    fn change_uid_validity(&mut self, mails: &[Vec<u8>]) {
        // Whoever has the old inbox open keeps it from being deleted.
        self.halt();
        self.resume();
        let mut session = self.session(ADMIN);
        session.command(&format!("SETACL user/incidents {} lrswipkxtecda", ADMIN.0));
        session.command("DELETE user/incidents");
        session.command("CREATE user/incidents");
        mails.iter().for_each(|raw| self.put(raw));
    }

    fn halt(&mut self) {
        if let Some(mut child) = self.child.take() {
            run("kill", &["-TERM", &child.id().to_string()]);
            child.wait().unwrap();
            run("kill", &["-KILL", "--", &format!("-{}", child.id())]);
            for port in [self.port_imap, self.port_imaps] {
                eventually("the port's release", || TcpStream::connect(("127.0.0.1", port)).is_err().then_some(()));
            }
        }
    }

    fn resume(&mut self) {
        let output = fs::File::create(self.at("output")).unwrap();
        let mut command = program("usr/lib/cyrus/bin/master");
        command.args(["-D", "-C"]).arg(self.at("imapd.conf")).arg("-M").arg(self.at("cyrus.conf"));
        command.arg("-p").arg(self.at("run/master.pid"));
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output).process_group(0);
        self.child = Some(command.spawn().unwrap());
        wait_for_greeting(self.port_imap, &self.at("output"));
    }
}

/// A connection of the test's own.
struct Session {
    read: BufReader<TcpStream>,
    write: TcpStream,
}

impl Session {
    fn line(&mut self) -> String {
        let mut bytes = Vec::new();
        self.read.read_until(b'\n', &mut bytes).unwrap();
        assert!(!bytes.is_empty(), "Cyrus hung up");
        String::from_utf8_lossy(&bytes).trim_end().to_owned()
    }

    /// Its answer, which must be good.
    fn command(&mut self, command: &str) -> Vec<String> {
        self.write.write_all(format!("t {command}\r\n").as_bytes()).unwrap();
        self.answer()
    }

    fn answer(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            let line = self.line();
            if let Some(end) = line.strip_prefix("t ") {
                assert!(end.starts_with("OK"), "{line}");
                return said;
            }
            said.push(line);
        }
    }
}

impl Drop for Cyrus {
    fn drop(&mut self) {
        self.halt();
        if std::thread::panicking() {
            eprintln!("Cyrus said:\n{}", fs::read_to_string(self.at("output")).unwrap_or_default());
        }
    }
}
