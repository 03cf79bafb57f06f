//! One round: one store, some faults, a program that is killed again and again; then all is mended, and everything is counted.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use need_to_know::clock::{Clock, Stopwatch};

use super::account;
use super::dice::Dice;
use super::line::{BadLine, Harm};
use super::smtp_peer::{DROP, HANG, SmtpPeer};
use crate::support::council::*;
use crate::support::disk::Disk;
use crate::support::dovecot::Dovecot;
use crate::support::eventually;

/// Kills of a round.
pub const KILLS: usize = 20;
/// Answers of a mail server that are drawn; it is well after them.
const ANSWERS: usize = 400;

/// What goes wrong beside the kills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// SMTP: refusals for now, at any step.
    RefusedForNow,
    /// SMTP: refusals for good, of whole messages.
    RefusedForGood,
    /// SMTP: connections dropped at any step, after DATA too.
    Dropped,
    /// SMTP: silence at any step, after DATA too.
    Hanging,
    /// IMAP: connections that end in the middle of an answer, or fall silent.
    Disconnected,
    /// IMAP: garbage in an answer.
    Garbage,
    /// IMAP: another UIDVALIDITY.
    Validity,
    /// The store's disk is full, and has room again.
    FullDisk,
    /// The clock is set back by hours.
    ClockBack,
}

use Fault::*;

const ALL: [Fault; 9] =
    [RefusedForNow, RefusedForGood, Dropped, Hanging, Disconnected, Garbage, Validity, FullDisk, ClockBack];

/// How mail comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Maildir,
    Imap,
}

/// How it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Out {
    Maildir,
    Smtp,
}

/// What a round is made of.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    pub number: usize,
    pub kills: usize,
    pub way: Way,
    pub out: Out,
    pub faults: BTreeSet<Fault>,
}

/// The first rounds: each way without a fault, and each fault. Those that take longest come first.
const FIRST: [(Way, Out, &[Fault]); 10] = [
    (Way::Imap, Out::Smtp, &[]),
    (Way::Imap, Out::Smtp, &[Validity]),
    (Way::Imap, Out::Smtp, &[Disconnected]),
    (Way::Imap, Out::Smtp, &[Garbage]),
    (Way::Maildir, Out::Maildir, &[]),
    (Way::Maildir, Out::Smtp, &[]),
    (Way::Maildir, Out::Smtp, &[RefusedForNow, RefusedForGood]),
    (Way::Maildir, Out::Smtp, &[Dropped, Hanging]),
    (Way::Maildir, Out::Maildir, &[ClockBack]),
    (Way::Maildir, Out::Smtp, &[FullDisk]),
];

impl Plan {
    /// The round of this number: one of the first ones, then drawn with a third of all faults.
    pub fn new(seed: u64, number: usize, kills: usize) -> Plan {
        if let Some((way, out, faults)) = FIRST.get(number) {
            return Plan { seed, number, kills, way: *way, out: *out, faults: faults.iter().copied().collect() };
        }
        let mut dice = Dice::new(seed, number as u64);
        let way = if dice.one_in(2) { Way::Imap } else { Way::Maildir };
        let faults: BTreeSet<Fault> = ALL.into_iter().filter(|_| dice.one_in(3)).collect();
        // A clock that can be set is that of a rehearsal, which sends nothing by SMTP.
        let out = if faults.contains(&ClockBack) || dice.one_in(4) { Out::Maildir } else { Out::Smtp };
        let is_possible = |fault: &Fault| match fault {
            RefusedForNow | RefusedForGood | Dropped | Hanging => out == Out::Smtp,
            Disconnected | Garbage | Validity => way == Way::Imap,
            FullDisk | ClockBack => true,
        };
        let faults = faults.into_iter().filter(is_possible).collect();
        Plan { seed, number, kills, way, out, faults }
    }

    /// In a few words.
    pub fn words(&self) -> String {
        let faults: Vec<String> = self.faults.iter().map(|fault| format!("{fault:?}")).collect();
        format!(
            "{:?} to {:?}, {}",
            self.way,
            self.out,
            if faults.is_empty() { "well".into() } else { faults.join(" + ") }
        )
    }

    /// Plays it: delivers, starts, kills, mends, counts.
    pub fn play(&self) -> account::Counts {
        let watch = Stopwatch::start();
        let mut place = Place::new(self);
        let mut dice = Dice::new(self.seed, self.number as u64 + 1_000_000);
        let mut unknown = 0;
        for kill in 0..self.kills {
            unknown += place.life(kill, &mut dice);
        }
        unknown += place.mended();
        let counts = account::account(&place, unknown);
        account::Counts { took: watch.elapsed(), kills: self.kills, ..counts }
    }
}

/// An installation with its servers.
pub struct Place {
    plan: Plan,
    pub council: Council,
    pub dovecot: Option<Dovecot>,
    line: Option<BadLine>,
    pub smtp: Option<SmtpPeer>,
    disk: Option<Disk>,
    /// How many mails were delivered.
    pub delivered: usize,
    /// By how many minutes the clock was ahead before it was set back last.
    ahead_minutes: i64,
    /// What waits at the end for its hour (M21).
    pub held: usize,
    /// How many mails the program says it knows.
    pub register: usize,
}

impl Place {
    fn new(plan: &Plan) -> Place {
        let dice = |more: u64| Dice::new(plan.seed, plan.number as u64 + more);
        let script = script(&plan.faults, &mut dice(2_000_000));
        let script: Vec<(&str, &[&str])> = script.iter().map(|(step, answers)| (*step, answers.as_slice())).collect();
        let smtp = (plan.out == Out::Smtp).then(|| SmtpPeer::start(&script));
        let dovecot = (plan.way == Way::Imap).then(Dovecot::start);
        let harms: Vec<Harm> = [(Disconnected, Harm::Cut), (Disconnected, Harm::Silence), (Garbage, Harm::Garbage)]
            .into_iter()
            .filter(|(fault, _)| plan.faults.contains(fault))
            .map(|(_, harm)| harm)
            .collect();
        let line = dovecot.as_ref().filter(|_| !harms.is_empty());
        let line = line.map(|dovecot| BadLine::to(dovecot.port_imap, harms, dice(3_000_000)));
        let imap = line.as_ref().map(BadLine::port).or(dovecot.as_ref().map(|dovecot| dovecot.port_imap));
        let mut council = match (imap, smtp.as_ref().map(SmtpPeer::port)) {
            (Some(imap), Some(smtp)) => Council::of_ports(imap, smtp),
            (Some(imap), None) => Council::of_port_and_maildir(imap),
            (None, Some(smtp)) => Council::of_maildir_and_port(smtp),
            (None, None) => Council::of_maildirs(),
        };
        if let Some(dovecot) = &dovecot {
            council.password(dovecot.password);
        }
        let disk = plan.faults.contains(&FullDisk).then(|| Disk::mount(council.folder.path().join("disk"), 48));
        if let Some(disk) = &disk {
            council.store = disk.0.join("store");
        }
        council.is_rehearsal = plan.faults.contains(&ClockBack);
        council.write();
        let (delivered, ahead_minutes, held, register) = (0, 0, 0, 0);
        let plan = plan.clone();
        Place { plan, council, dovecot, line, smtp, disk, delivered, ahead_minutes, held, register }
    }

    /// The longest time from a start, or an arrival, to the kill.
    fn reach(&self) -> Duration {
        Duration::from_millis(if self.plan.way == Way::Imap { 500 } else { 150 })
    }

    fn rest(&self, dice: &mut Dice) {
        std::thread::sleep(Duration::from_micros(dice.below(self.reach().as_micros() as u64)));
    }

    fn deliver(&mut self) {
        let mail = form_mail(self.delivered);
        match &self.dovecot {
            Some(dovecot) => drop(dovecot.deliver(&mail)),
            None => self.council.deliver(&format!("{}.form", self.delivered), &mail),
        }
        self.delivered += 1;
    }

    /// One life of the program, from its start to its kill; how many outcomes it did not know.
    fn life(&mut self, kill: usize, dice: &mut Dice) -> usize {
        for _ in 0..dice.below(3) {
            self.deliver();
        }
        if self.plan.faults.contains(&Validity) && kill % 7 == 3 {
            let dovecot = self.dovecot.as_mut().expect("a fault of IMAP");
            dovecot.halt();
            dovecot.change_uid_validity();
            dovecot.resume();
        }
        if self.plan.faults.contains(&ClockBack) && dice.one_in(3) {
            self.ahead_minutes += 1 + dice.below(60) as i64;
            let at = Clock::Real.now() + chrono::Duration::minutes(self.ahead_minutes);
            // Its exit code tells of what waits, too.
            self.council.ask(&["run", "--once", "--at", &at.to_rfc3339()]);
        }
        let is_full = dice.one_in(2);
        if let Some(disk) = self.disk.as_ref().filter(|_| is_full) {
            disk.fill();
        }
        let mut daemon = self.council.start();
        // On a full disk it may not come so far.
        if dice.below(4) > 0 && !(self.disk.is_some() && is_full) {
            daemon = daemon.ready();
        }
        self.rest(dice);
        if dice.one_in(2) {
            // In the middle of its arrival, too.
            self.deliver();
            self.rest(dice);
        }
        if let Some(disk) = self.disk.as_ref().filter(|_| is_full) {
            // Room again while it runs, or after it was killed.
            if dice.one_in(2) {
                disk.clear();
                self.rest(dice);
            }
        }
        let unknown = unknown_outcomes(&daemon);
        daemon.kill();
        if let Some(disk) = &self.disk {
            disk.clear();
        }
        unknown
    }

    /// The last life, with nothing wrong any more: it takes in, sends and files away all that is left, and proves its store.
    fn mended(&mut self) -> usize {
        self.smtp.iter().for_each(SmtpPeer::mend);
        self.line.iter().for_each(BadLine::mend);
        let daemon = self.council.start().ready();
        let delivered = self.delivered;
        eventually("an incident for each mail", || {
            self.register = self.council.json(&["incidents", "--json"]).as_array().unwrap().len();
            (self.register >= delivered).then_some(())
        });
        eventually("the filing of the last", || (self.left() == 0).then_some(()));
        // Everything has gone when nothing is on its way, and what waits, waits for its hour (M21) and no longer changes.
        let mut before = (usize::MAX, usize::MAX);
        eventually("rest", || {
            std::thread::sleep(Duration::from_millis(300));
            // Its exit code tells of a disk that is small, too.
            let status: serde_json::Value =
                serde_json::from_slice(&self.council.ask(&["status", "--json"]).stdout).expect("a document");
            let count = |state: &str| status["outbox"][state].as_u64().unwrap_or_default() as usize;
            self.held = count("waiting");
            let now = (self.held, daemon.lines("sent mail=").len());
            let rests = count("sending") == 0 && now == before;
            before = now;
            rests.then_some(())
        });
        let unknown = unknown_outcomes(&daemon);
        daemon.stop();
        self.council.told(&["verify"]);
        unknown
    }

    /// Mails that are not filed away.
    fn left(&self) -> usize {
        self.dovecot.as_ref().map_or_else(|| self.council.mails("inbox").len(), |dovecot| dovecot.files(None).len())
    }

    /// Mails in one of the folders where they are filed away.
    pub fn filed(&self, folder: &str) -> usize {
        let filed: Option<Vec<PathBuf>> = self.dovecot.as_ref().map(|dovecot| dovecot.files(Some(folder)));
        filed.map_or_else(|| self.council.mails(&format!("inbox/.{folder}")).len(), |filed| filed.len())
    }
}

impl Drop for Place {
    /// What there is to look at after a failure.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let folder = self.council.folder.path();
            let log = std::fs::read(folder.join("log")).unwrap_or_default();
            eprintln!("{}", String::from_utf8_lossy(&log));
            let files = files_below(folder);
            files
                .iter()
                .filter(|file| !file.starts_with(&self.council.store))
                .for_each(|file| eprintln!("{}", file.display()));
        }
    }
}

/// What a mail server answers that has these faults.
fn script(faults: &BTreeSet<Fault>, dice: &mut Dice) -> Vec<(&'static str, Vec<&'static str>)> {
    let at_any: Vec<&'static str> = [
        (RefusedForNow, "451 4.3.0 try later"),
        (RefusedForNow, "421 4.3.2 closing"),
        (RefusedForNow, "450 4.2.0 greylisted"),
        (Dropped, DROP),
        (Hanging, HANG),
    ]
    .into_iter()
    .filter(|(fault, _)| faults.contains(fault))
    .map(|(_, answer)| answer)
    .collect();
    let mut at_message = at_any.clone();
    if faults.contains(&RefusedForGood) {
        at_message.extend(["550 5.7.1 refused by policy", "554 5.6.0 not taken"]);
    }
    let steps = [("MAIL", "250 2.1.0 fine", &at_any), ("RCPT", "250 2.1.5 fine", &at_any)];
    let steps = steps.into_iter().chain([("DATA", "354 go on", &at_any), (".", "250 2.0.0 taken", &at_message)]);
    let script = steps.filter(|(_, _, faulty)| !faulty.is_empty()).map(|(step, fine, faulty)| {
        let chances = if step == "." { 3 } else { 12 };
        let mut answers: Vec<&'static str> = (0..ANSWERS)
            .map(|_| if dice.one_in(chances) { faulty[dice.below(faulty.len() as u64) as usize] } else { fine })
            .collect();
        answers.push(fine);
        (step, answers)
    });
    script.collect()
}

/// Of how many mails the program says that it does not know whether they went: killed between handing over and hearing the answer, or the
/// connection broke there (M24).
fn unknown_outcomes(daemon: &Daemon) -> usize {
    let lines = daemon.lines("whether it went is not known");
    let count = |line: &String| line.rsplit("mails=").next().and_then(|count| count.trim().parse().ok()).unwrap_or(1);
    lines.iter().map(count).sum::<usize>() + daemon.lines("the connection broke while it was handed over").len()
}
