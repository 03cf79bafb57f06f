//! Dovecot as a private instance: one user, one maildir, IMAP with STARTTLS and over TLS; tokens where a token endpoint is given.

use std::fs;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::authority::Authority;
use super::imap_host::ImapHost;
use super::token_endpoint::TokenEndpoint;
use super::{eventually, free_port, open_folder, program, run, wait_for_greeting};

/// The user `nobody` owns the mail.
const OWNER: u32 = 65534;

pub struct Dovecot {
    folder: tempfile::TempDir,
    child: Option<Child>,
    delivered: AtomicU32,
    pub port_imap: u16,
    pub port_imaps: u16,
    /// Where another server asks whether a user may sign in; with tokens alone.
    pub port_sasl: u16,
    /// The ways to sign in by token, and the port where it asks about tokens.
    tokens: Option<(&'static str, u16)>,
    pub ca_pem_path: PathBuf,
    pub user: &'static str,
    pub password: &'static str,
}

impl Dovecot {
    /// With a certificate for `localhost`.
    pub fn start() -> Dovecot {
        Dovecot::start_with(|authority, folder| {
            authority.issue(folder, "server", &["localhost", "127.0.0.1"]);
        })
    }

    /// With the certificate that `certify` leaves in `server.pem` and `server.key`.
    pub fn start_with(certify: impl FnOnce(&Authority, &Path)) -> Dovecot {
        Dovecot::start_as(certify, None)
    }

    /// Takes tokens, in these ways (`xoauth2`, `oauthbearer`), beside passwords.
    pub fn start_with_tokens(ways: &'static str, endpoint: &TokenEndpoint) -> Dovecot {
        let certify = |authority: &Authority, folder: &Path| {
            authority.issue(folder, "server", &["localhost", "127.0.0.1"]);
        };
        Dovecot::start_as(certify, Some((ways, endpoint.port_info)))
    }

    fn start_as(certify: impl FnOnce(&Authority, &Path), tokens: Option<(&'static str, u16)>) -> Dovecot {
        let folder = open_folder();
        let authority = Authority::new(folder.path());
        certify(&authority, folder.path());
        let mut dovecot = Dovecot {
            child: None,
            delivered: AtomicU32::new(0),
            port_imap: free_port(),
            port_imaps: free_port(),
            port_sasl: free_port(),
            tokens,
            ca_pem_path: authority.pem,
            user: "incidents@council.example",
            password: "correct horse \"battery\" stäple",
            folder,
        };
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(dovecot.maildir().join(part)).unwrap();
        }
        chown_all(&dovecot.folder.path().join("mail"));
        let users = format!("{}:{{PLAIN}}{}\n", dovecot.user, dovecot.password);
        fs::write(dovecot.folder.path().join("users"), users).unwrap();
        fs::write(dovecot.folder.path().join("dovecot.conf"), dovecot.config()).unwrap();
        dovecot.resume();
        dovecot
    }

    /// Starts again after [`Dovecot::halt`], on the same ports.
    pub fn resume(&mut self) {
        let (config, log) = (self.folder.path().join("dovecot.conf"), self.log());
        let output = fs::File::create(self.folder.path().join("output")).unwrap();
        let mut command = program("dovecot");
        command
            .args(["-F", "-c"])
            .arg(config)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .process_group(0);
        self.child = Some(command.spawn().unwrap());
        wait_for_greeting(self.port_imap, &log);
    }

    /// Stops it; its mail stays.
    pub fn halt(&mut self) {
        if let Some(mut child) = self.child.take() {
            run("kill", &["-TERM", &child.id().to_string()]);
            child.wait().unwrap();
            // A process that serves a session outlives its master by up to half a minute.
            run("kill", &["-KILL", "--", &format!("-{}", child.id())]);
            // Its login processes may hold the ports a moment longer than it lives.
            for port in [self.port_imap, self.port_imaps] {
                eventually("the port's release", || TcpStream::connect(("127.0.0.1", port)).is_err().then_some(()));
            }
        }
    }

    /// Puts a mail into the inbox as a mail server does. Returns the file's name.
    pub fn deliver(&self, raw: &[u8]) -> String {
        super::known::delivered(raw);
        let number = self.delivered.fetch_add(1, Ordering::SeqCst);
        let name = format!("1700000000.M{number}P1.localhost");
        let (draft, place) = (self.maildir().join("tmp").join(&name), self.maildir().join("new").join(&name));
        fs::write(&draft, raw).unwrap();
        std::os::unix::fs::chown(&draft, Some(OWNER), Some(OWNER)).unwrap();
        fs::rename(&draft, &place).unwrap();
        name
    }

    /// The user's maildir.
    pub fn maildir(&self) -> PathBuf {
        self.folder.path().join("mail").join(self.user)
    }

    /// The files of a folder; `None` is the inbox. Empty when there is no such folder.
    pub fn files(&self, folder: Option<&str>) -> Vec<PathBuf> {
        let place = folder.map_or(self.maildir(), |name| self.maildir().join(format!(".{name}")));
        let parts = ["new", "cur"].map(|part| fs::read_dir(place.join(part)));
        let mut files: Vec<PathBuf> =
            parts.into_iter().flatten().flatten().flatten().map(|entry| entry.path()).collect();
        files.sort();
        files
    }

    /// Waits until so many mails lie in the inbox and so many in Processed: Dovecot moves a mail by a copy, and removes the
    /// first one after.
    pub fn settles(&self, inbox: usize, processed: usize) {
        eventually("the mails in their folders", || {
            ((self.files(None).len(), self.files(Some("Processed")).len()) == (inbox, processed)).then_some(())
        });
    }

    /// The same by a folder's name on the wire.
    fn folder_files(&self, folder: &str) -> Vec<PathBuf> {
        match folder {
            "INBOX" => self.files(None),
            name => self.files(Some(&name.replace('/', "."))),
        }
    }

    /// Gives the inbox another UIDVALIDITY, as a restored or rebuilt mailbox has. Only while halted.
    pub fn change_uid_validity(&self) {
        self.forget();
        let list = self.maildir().join("dovecot-uidlist");
        let text = fs::read_to_string(&list).unwrap();
        let (head, _rest) = text.split_once('\n').unwrap();
        let word = |initial| head.split(' ').find(|word| word.starts_with(initial)).unwrap();
        let old: u32 = word('V')[1..].parse().unwrap();
        fs::write(&list, format!("3 V{} N1 {}\n", old + 77, word('G'))).unwrap();
        chown_all(&list);
    }

    /// Takes away what it has noted of its mails, but for their UIDs. Only while halted.
    pub fn forget(&self) {
        assert!(self.child.is_none());
        for entry in fs::read_dir(self.maildir()).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("dovecot.index") || name == "dovecot.list.index" {
                fs::remove_file(entry.path()).unwrap();
            }
        }
    }

    pub fn log(&self) -> PathBuf {
        self.folder.path().join("dovecot.log")
    }

    fn config(&self) -> String {
        let folder = self.folder.path().display();
        let (imap, imaps) = (self.port_imap, self.port_imaps);
        let tokens = self.tokens.map(|(ways, port)| self.takes_tokens(ways, port)).unwrap_or_default();
        format!(
            r#"
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
instance_name = ntk-test-{imap}
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={OWNER} gid={OWNER} home={folder}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{tokens}"#
        )
    }

    /// Who signs in by token, and Postfix's way to ask.
    fn takes_tokens(&self, ways: &str, port: u16) -> String {
        let folder = self.folder.path().display();
        let settings = format!(
            "tokeninfo_url = http://127.0.0.1:{port}/info?access_token=\nusername_attribute = email\ndebug = yes\n"
        );
        fs::write(self.folder.path().join("oauth2.conf"), settings).unwrap();
        let sasl = self.port_sasl;
        format!(
            r#"
auth_mechanisms = plain {ways}
auth_verbose = yes
passdb {{
  driver = oauth2
  mechanisms = {ways}
  args = {folder}/oauth2.conf
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {sasl}
  }}
}}
"#
        )
    }
}

impl ImapHost for Dovecot {
    fn start() -> Dovecot {
        Dovecot::start()
    }

    fn access(&self) -> (&'static str, &'static str) {
        (self.user, self.password)
    }

    fn ports(&self) -> (u16, u16) {
        (self.port_imap, self.port_imaps)
    }

    fn ca(&self) -> &Path {
        &self.ca_pem_path
    }

    fn put(&self, raw: &[u8]) {
        self.deliver(raw);
    }

    fn count(&self, folder: &str) -> usize {
        self.folder_files(folder).len()
    }

    fn is_seen(&self, folder: &str) -> bool {
        self.folder_files(folder).iter().any(|path| is_seen(path))
    }

    fn is_subscribed(&self, folder: &str) -> bool {
        fs::read_to_string(self.maildir().join("subscriptions")).unwrap().contains(folder)
    }

    fn lose_all(&self) {
        self.files(None).iter().for_each(|path| fs::remove_file(path).unwrap());
    }

    fn change_uid_validity(&mut self, _: &[Vec<u8>]) {
        Dovecot::halt(self);
        Dovecot::change_uid_validity(self);
        Dovecot::resume(self);
    }

    fn halt(&mut self) {
        Dovecot::halt(self);
    }

    fn resume(&mut self) {
        Dovecot::resume(self);
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.halt();
        if std::thread::panicking() {
            eprintln!("Dovecot's log:\n{}", fs::read_to_string(self.log()).unwrap_or_default());
        }
    }
}

fn chown_all(path: &Path) {
    run("chown", &["-R", &format!("{OWNER}:{OWNER}"), path.to_str().unwrap()]);
}

/// Whether a file of a maildir bears the mark of a mail that was read; one in `new` bears none.
pub fn is_seen(path: &Path) -> bool {
    path.to_string_lossy().rsplit_once(":2,").is_some_and(|(_, flags)| flags.contains('S'))
}
