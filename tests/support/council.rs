//! A council's installation in a folder: configuration, store, and the real program, run as its administrator runs it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use docx_rs::{Docx, Paragraph, Run, Table, TableCell, TableRow};
use need_to_know::clock::Stopwatch;

use super::dovecot::Dovecot;
use super::postfix::Postfix;
use super::token_endpoint::{CLIENT_ID, CLIENT_SECRET, SCOPE, TokenEndpoint};
use super::{eventually, known, open_folder};

pub const MAILBOX: &str = "incidents@council.example";
pub const WORKER: &str = "sam.okoro@council.example";
pub const HEAD: &str = "priya.raman@council.example";
pub const DIRECTOR: &str = "morag.ellis@council.example";
pub const STRATEGIC: &str = "tomasz.lind@council.example";
pub const QUALITY: &str = "quality@council.example";
pub const ADMINISTRATOR: &str = "mail.operations@council.example";
/// Everybody who gets mail.
pub const ADDRESSES: [&str; 6] = [WORKER, HEAD, DIRECTOR, STRATEGIC, QUALITY, ADMINISTRATOR];

/// An installation.
pub struct Council {
    pub folder: tempfile::TempDir,
    mailbox: String,
    delivery: String,
    /// Lines of `[mailbox]` and `[delivery]` beside those of the servers.
    pub more_mailbox: String,
    pub more_delivery: String,
    /// Whole tables besides.
    pub tables: String,
    pub store: PathBuf,
    /// `--at` works, and nothing goes out by SMTP.
    pub is_rehearsal: bool,
}

impl Council {
    /// A maildir in, a maildir out.
    pub fn of_maildirs() -> Council {
        let council = Council::with("kind = \"maildir\"\npath = \"inbox\"".into(), String::new());
        Council { delivery: "kind = \"maildir\"\npath = \"outbox\"".into(), ..council }.written()
    }

    /// A maildir in, a mail server without TLS on this machine out.
    pub fn of_maildir_and_port(port: u16) -> Council {
        Council::with("kind = \"maildir\"\npath = \"inbox\"".into(), plain_smtp(port)).written()
    }

    /// Dovecot with TLS in, Postfix with STARTTLS out.
    pub fn of_servers(dovecot: &Dovecot, postfix: &Postfix) -> Council {
        let delivery = format!(
            "kind = \"smtp\"\nhost = \"localhost\"\nport = {}\nsecurity = \"starttls\"\nauth = \"none\"\nca_file = {:?}",
            postfix.port, postfix.ca_pem_path
        );
        Council::of_imap(dovecot, delivery)
    }

    /// Dovecot with TLS in, a mail server without TLS on this machine out.
    pub fn of_dovecot_and_port(dovecot: &Dovecot, port: u16) -> Council {
        Council::of_imap(dovecot, plain_smtp(port))
    }

    /// Dovecot with TLS in, a maildir out.
    pub fn of_dovecot_and_maildir(dovecot: &Dovecot) -> Council {
        let mut council = Council::of_imap(dovecot, "kind = \"maildir\"\npath = \"outbox\"".into());
        council.more_mailbox = "start = \"2020-01-01\"".into();
        council.written()
    }

    /// Servers without TLS on this machine, IMAP in, SMTP out.
    pub fn of_ports(imap: u16, smtp: u16) -> Council {
        Council::of_plain_imap(imap, plain_smtp(smtp))
    }

    /// A server without TLS on this machine in, a maildir out.
    pub fn of_port_and_maildir(imap: u16) -> Council {
        Council::of_plain_imap(imap, "kind = \"maildir\"\npath = \"outbox\"".into())
    }

    fn of_plain_imap(imap: u16, delivery: String) -> Council {
        let mailbox = format!(
            "kind = \"imap\"\nhost = \"127.0.0.1\"\nport = {imap}\nsecurity = \"none\"\nuser = {MAILBOX:?}\n\
             password = {{ file = \"imap.password\" }}\nstart = \"2020-01-01\""
        );
        let council = Council::with(mailbox, delivery);
        council.password("secret");
        council.written()
    }

    /// Dovecot and Postfix, both by token, with one client's settings.
    pub fn of_tokens(dovecot: &Dovecot, postfix: &Postfix, endpoint: &TokenEndpoint) -> Council {
        let ca_file = endpoint.ca_file(&[&dovecot.ca_pem_path, &postfix.ca_pem_path]);
        let oauth2 = |table: &str| {
            format!(
                "[{table}.oauth2]\ntoken_url = {:?}\nclient_id = {CLIENT_ID:?}\nclient_secret = {{ file = \"client.secret\" }}\n\
                 scope = {SCOPE:?}",
                endpoint.url()
            )
        };
        let access = |port: u16, security: &str| {
            format!(
                "host = \"localhost\"\nport = {port}\nsecurity = {security:?}\nca_file = {ca_file:?}\nauth = \"oauth2\"\n\
                 user = {MAILBOX:?}"
            )
        };
        let mailbox = format!("kind = \"imap\"\n{}", access(dovecot.port_imaps, "tls"));
        // The tables of the tokens end those of the servers.
        let delivery = format!("kind = \"smtp\"\n{}", access(postfix.port, "starttls"));
        let council = Council::with(mailbox, delivery);
        let council = Council { tables: format!("{}\n{}\n", oauth2("mailbox"), oauth2("delivery")), ..council };
        council.secret(CLIENT_SECRET);
        council.written()
    }

    /// What the file of the client's secret holds.
    pub fn secret(&self, secret: &str) {
        let path = self.folder.path().join("client.secret");
        fs::write(&path, secret).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    }

    fn of_imap(dovecot: &Dovecot, delivery: String) -> Council {
        let mailbox = format!(
            "kind = \"imap\"\nhost = \"localhost\"\nport = {}\nuser = {:?}\npassword = {{ file = \"imap.password\" }}\n\
             ca_file = {:?}",
            dovecot.port_imaps, dovecot.user, dovecot.ca_pem_path
        );
        let council = Council::with(mailbox, delivery);
        council.password(dovecot.password);
        council.written()
    }

    fn with(mailbox: String, delivery: String) -> Council {
        let folder = open_folder();
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(folder.path().join("inbox").join(part)).unwrap();
        }
        let store = folder.path().join("store");
        Council {
            folder,
            mailbox,
            delivery,
            more_mailbox: String::new(),
            more_delivery: String::new(),
            tables: String::new(),
            store,
            is_rehearsal: false,
        }
    }

    fn written(self) -> Council {
        self.write();
        self
    }

    /// Writes the configuration again, after a change of the fields.
    pub fn write(&self) {
        fs::write(self.config(), self.text()).unwrap();
    }

    pub fn password(&self, password: &str) {
        let path = self.folder.path().join("imap.password");
        fs::write(&path, password).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    /// The configuration's text.
    pub fn text(&self) -> String {
        let people: String = [
            ("Priya Raman", HEAD, "head_of_service"),
            ("Morag Ellis", DIRECTOR, "service_director"),
            ("Tomasz Lind", STRATEGIC, "strategic_director"),
            ("Quality Assurance", QUALITY, "quality_assurance"),
            ("Mail Operations", ADMINISTRATOR, "administrator"),
        ]
        .iter()
        .map(|(name, email, role)| {
            format!(
                "[[people]]\nname = \"{name}\"\nemail = \"{email}\"\nphone = \"01234 000000\"\nroles = [\"{role}\"]\n"
            )
        })
        .collect();
        format!(
            "[organisation]\nname = \"Example Council\"\nservices = [{{ name = \"Children in Care\" }}]\n\
             duty_phone = \"01234 000001\"\nout_of_hours_phone = \"01234 000002\"\n\
             office_phones = {{ chief_executive = \"01234 000004\", strategic_director = \"01234 000005\" }}\n\
             [mailbox]\n{}\n{}\n[delivery]\n{}\n{}\nfrom = \"Serious incidents <{MAILBOX}>\"\n\
             allowed_domains = [\"council.example\"]\n{}[store]\npath = {:?}\nkey = {{ file = \"store.key\" }}\nrehearsal = {}\n{people}",
            self.mailbox,
            self.more_mailbox,
            self.delivery,
            self.more_delivery,
            self.tables,
            self.store,
            self.is_rehearsal
        )
    }

    /// The key of its store.
    pub fn store_key(&self) -> PathBuf {
        self.folder.path().join("store.key")
    }

    /// A command of the program, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_need-to-know"));
        command.arg("--config").arg(self.config()).args(arguments);
        command.env_remove("RUST_LOG").env_remove("RUNTIME_DIRECTORY").env_remove("NOTIFY_SOCKET");
        command
    }

    /// Runs a command to its end.
    pub fn ask(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The same; it must succeed, and its stdout is returned.
    pub fn told(&self, arguments: &[&str]) -> String {
        let output = self.ask(arguments);
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {stdout}{stderr}");
        stdout.into_owned()
    }

    /// The JSON that a command prints.
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.told(arguments)).unwrap()
    }

    /// Starts the daemon.
    pub fn start(&self) -> Daemon {
        self.start_with(|_| {})
    }

    /// Starts the daemon with a changed command.
    pub fn start_with(&self, change: impl FnOnce(&mut Command)) -> Daemon {
        let log = self.folder.path().join("log");
        let mut command = self.command(&["run"]);
        // All that it would ever log, since it is looked through at the end.
        command.env("RUST_LOG", "trace");
        change(&mut command);
        let file = fs::File::options().create(true).append(true).open(&log).unwrap();
        let from = file.metadata().unwrap().len();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        Daemon { child: command.spawn().unwrap(), log, from, ended: false }
    }

    /// Puts a mail into the maildir that is watched.
    pub fn deliver(&self, name: &str, raw: &[u8]) {
        known::delivered(raw);
        let inbox = self.folder.path().join("inbox");
        fs::write(inbox.join("tmp").join(name), raw).unwrap();
        fs::rename(inbox.join("tmp").join(name), inbox.join("new").join(name)).unwrap();
    }

    /// The mails in a folder of maildir form below the installation's, by their file names.
    pub fn mails(&self, maildir: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for part in ["new", "cur"] {
            for entry in fs::read_dir(self.folder.path().join(maildir).join(part)).into_iter().flatten().flatten() {
                // Moved meanwhile: then it is no longer here.
                let Ok(bytes) = fs::read(entry.path()) else { continue };
                let text = String::from_utf8_lossy(&bytes).into_owned();
                found.push((entry.file_name().to_string_lossy().into_owned(), text));
            }
        }
        found.sort();
        found
    }
}

fn plain_smtp(port: u16) -> String {
    format!("kind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nauth = \"none\"")
}

/// The program at work.
pub struct Daemon {
    pub child: Child,
    log: PathBuf,
    from: u64,
    ended: bool,
}

impl Daemon {
    /// What it has logged.
    pub fn log(&self) -> String {
        let bytes = fs::read(&self.log).unwrap();
        String::from_utf8_lossy(&bytes[self.from as usize..]).into_owned()
    }

    /// Its log's lines with these words.
    pub fn lines(&self, words: &str) -> Vec<String> {
        self.log().lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    }

    /// Waits until it has logged these words.
    pub fn logs(&self, words: &str) -> String {
        eventually(&format!("the words {words:?} in the log"), || self.lines(words).into_iter().next())
    }

    /// Waits until it watches.
    pub fn ready(self) -> Daemon {
        self.logs("watching the mailbox");
        self
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// SIGTERM: within 5 s and with exit code 0. Returns how long it took.
    pub fn stop(mut self) -> Duration {
        let watch = Stopwatch::start();
        self.signal("TERM");
        let code = self.wait();
        let took = watch.elapsed();
        assert_eq!(code, Some(0), "{}", self.log());
        assert!(took < Duration::from_secs(5), "it took {took:?} to stop");
        took
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.wait();
    }

    /// Waits for its end; the exit code.
    pub fn wait(&mut self) -> Option<i32> {
        self.ended = true;
        let child = &mut self.child;
        eventually("the program's end", || child.try_wait().unwrap()).code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if !self.ended {
            self.child.kill().ok();
            self.child.wait().ok();
        }
        let log = self.log();
        if std::thread::panicking() {
            eprintln!("the program's log:\n{log}");
        } else {
            assert_eq!(known::told_on(&log), [""; 0], "what mails and forms say stands in the log:\n{log}");
        }
    }
}

/// A worker's notification form as a Word document attached to a mail.
pub fn form_mail(number: usize) -> Vec<u8> {
    mail_with_document(number, &form_document(number))
}

/// A mail with this document attached.
pub fn mail_with_document(number: usize, document: &[u8]) -> Vec<u8> {
    let mut encoded = String::new();
    for line in base64(document).as_bytes().chunks(76) {
        encoded.push_str(std::str::from_utf8(line).unwrap());
        encoded.push_str("\r\n");
    }
    format!(
        "From: Sam Okoro <{WORKER}>\r\nTo: {MAILBOX}\r\nSubject: Serious incident notification\r\n\
         Message-ID: <form-{number}@council.example>\r\nDate: Mon, 02 Feb 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"bound\"\r\n\r\n--bound\r\nContent-Type: text/plain\r\n\r\n\
         Please see attached.\r\n--bound\r\n\
         Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document; name=\"form.docx\"\r\n\
         Content-Disposition: attachment; filename=\"form.docx\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {encoded}--bound--\r\n"
    )
    .into_bytes()
}

/// A filled notification form; each number another child.
pub fn form_document(number: usize) -> Vec<u8> {
    let name = format!("{} Example", word(number));
    let born = format!("{:02}/{:02}/{}", number % 28 + 1, number / 28 % 12 + 1, 2010 + number / 336 % 10);
    let rows = [
        ("Name of child", name.as_str()),
        ("Date of birth", &born),
        ("Service", "Children in Care"),
        ("Classification", "Serious"),
        ("Date and time of incident", "1 February 2026 21:30"),
        ("Type of incident", "Self-harm"),
        ("Details of incident", "A fall from a wall that the child had climbed in the evening."),
        ("Immediate action taken", "An ambulance was called."),
        ("What is in place to keep the child safe?", "Waking night staff."),
        ("Where is the child now?", "In hospital with a carer."),
        ("Completed by", "Sam Okoro"),
        ("Contact number", "01234 000003"),
    ];
    rows.iter().for_each(|(_, answer)| known::said(answer));
    let cell = |text: &str| TableCell::new().add_paragraph(Paragraph::new().add_run(Run::new().add_text(text)));
    let rows = rows.iter().map(|(label, value)| TableRow::new(vec![cell(label), cell(value)])).collect();
    let title = Paragraph::new().add_run(Run::new().add_text("Serious incident notification form"));
    let mut bytes = std::io::Cursor::new(Vec::new());
    Docx::new().add_paragraph(title).add_table(Table::new(rows)).build().pack(&mut bytes).unwrap();
    bytes.into_inner()
}

/// A name of letters alone for each number.
fn word(mut number: usize) -> String {
    let mut word = String::from("Q");
    loop {
        word.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
        if number == 0 {
            return word;
        }
    }
}

/// With padding.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let bits = part.iter().enumerate().fold(0, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for digit in 0..4 {
            let encoded = char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]);
            text.push(if digit <= part.len() { encoded } else { '=' });
        }
    }
    text
}

/// A reply that quotes the notice, to this address, naming this Message-ID.
pub fn reply(from: &str, to: &str, notice: &str, in_reply_to: Option<&str>, lines: &str) -> Vec<u8> {
    let mut quoted = Vec::new();
    for line in notice.lines() {
        writeln!(quoted, "> {line}\r").unwrap();
    }
    let answers = in_reply_to.map(|id| format!("In-Reply-To: <{id}>\r\n")).unwrap_or_default();
    let head = format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: Re: serious incident\r\nMessage-ID: <reply-{}@council.example>\r\n\
         {answers}Content-Type: text/plain; charset=utf-8\r\n\r\n{lines}\r\n\r\nOn Monday, Serious incidents wrote:\r\n",
        notice.len() + lines.len()
    );
    [head.into_bytes(), quoted].concat()
}

/// The value of a header, unfolded.
pub fn header(mail: &str, name: &str) -> Option<String> {
    let mail = mail.replace("\r\n", "\n");
    let head = mail.split("\n\n").next().unwrap_or_default().replace("\n ", " ").replace("\n\t", " ");
    let line =
        head.lines().find(|line| line.split_once(':').is_some_and(|(known, _)| known.eq_ignore_ascii_case(name)));
    line.and_then(|line| Some(line.split_once(':')?.1.trim().to_owned()))
}

/// The reply code of a notice's text.
pub fn reply_code(mail: &str) -> String {
    let line = mail.lines().find(|line| line.trim_start().starts_with("Reply code:"));
    line.unwrap_or_else(|| panic!("no reply code in {mail}")).trim().to_owned()
}

/// Paths of all files in a folder and below it.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path().is_dir() {
            true => found.extend(files_below(&entry.path())),
            false => found.push(entry.path()),
        }
    }
    found
}
