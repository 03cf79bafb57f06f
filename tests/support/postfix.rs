//! Postfix as a private instance that delivers into maildirs, with STARTTLS and over TLS.

use std::fs;
use std::path::PathBuf;

use super::authority::Authority;
use super::dovecot::Dovecot;
use super::{free_port, open_folder, program, run, wait_for_greeting};

/// The user `nobody` owns the mail.
const OWNER: u32 = 65534;

/// Domains that it delivers for; every address in them exists but `nobody.here@`.
pub const DOMAINS: [&str; 2] = ["council.example", "partner.example"];

pub struct Postfix {
    folder: tempfile::TempDir,
    /// Plain text and STARTTLS.
    pub port: u16,
    /// TLS from the first byte.
    pub port_tls: u16,
    /// Where it asks whether somebody may sign in; none: nobody does.
    port_sasl: Option<u16>,
    pub ca_pem_path: PathBuf,
}

impl Postfix {
    /// Delivers for the given addresses; others in its domains are refused.
    pub fn start(addresses: &[&str]) -> Postfix {
        Postfix::start_as(addresses, None)
    }

    /// The same, for those alone who sign in, which Dovecot is asked about. Ends a connection that is silent for two seconds.
    pub fn start_asking(addresses: &[&str], dovecot: &Dovecot) -> Postfix {
        Postfix::start_as(addresses, Some(dovecot.port_sasl))
    }

    fn start_as(addresses: &[&str], port_sasl: Option<u16>) -> Postfix {
        let folder = open_folder();
        let authority = Authority::new(folder.path());
        authority.issue(folder.path(), "server", &["localhost", "127.0.0.1"]);
        let postfix =
            Postfix { port: free_port(), port_tls: free_port(), port_sasl, ca_pem_path: authority.pem, folder };
        let place = |name: &str| postfix.folder.path().join(name);
        for part in ["etc", "queue", "data", "mail"] {
            fs::create_dir(place(part)).unwrap();
        }
        run("chown", &["postfix:postfix", place("data").to_str().unwrap()]);
        run("chown", &[&format!("{OWNER}:{OWNER}"), place("mail").to_str().unwrap()]);
        let boxes: String = addresses.iter().map(|address| format!("{address} {address}/\n")).collect();
        fs::write(place("etc/boxes"), boxes).unwrap();
        fs::write(place("etc/main.cf"), postfix.main_cf()).unwrap();
        fs::write(place("etc/master.cf"), postfix.master_cf()).unwrap();
        let output = program("postfix").arg("-c").arg(place("etc")).arg("start").output().unwrap();
        assert!(output.status.success(), "postfix: {}\n{}", String::from_utf8_lossy(&output.stderr), postfix.log());
        wait_for_greeting(postfix.port, &place("log"));
        postfix
    }

    /// Where an address's mail is delivered; made at the first mail.
    pub fn maildir_path(&self, address: &str) -> PathBuf {
        self.folder.path().join("mail").join(address)
    }

    /// The mails delivered to an address so far.
    pub fn mails(&self, address: &str) -> Vec<Vec<u8>> {
        let entries = fs::read_dir(self.maildir_path(address).join("new"));
        let mut paths: Vec<PathBuf> = entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read(path).unwrap()).collect()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn main_cf(&self) -> String {
        let folder = self.folder.path().display();
        let domains = DOMAINS.join(", ");
        let sasl = self.port_sasl.map_or_else(String::new, |port| {
            format!(
                "smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{port}
smtpd_sasl_security_options = noanonymous
smtpd_tls_auth_only = yes
smtpd_timeout = 2s
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
"
            )
        });
        format!(
            "compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = localhost.council.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/etc/boxes
virtual_uid_maps = static:{OWNER}
virtual_gid_maps = static:{OWNER}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.key
smtpd_tls_security_level = may
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
alias_maps =
alias_database =
{sasl}"
        )
    }

    fn master_cf(&self) -> String {
        let (port, tls) = (self.port, self.port_tls);
        format!(
            "127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"
        )
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let stopped = program("postfix").arg("-c").arg(self.folder.path().join("etc")).arg("stop").output();
        if std::thread::panicking() {
            eprintln!("Postfix's log:\n{}", self.log());
        } else if let Err(error) = stopped {
            eprintln!("postfix stop: {error}");
        }
    }
}
