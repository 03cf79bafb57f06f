//! What a round must have left: every mail accounted for, no incident twice, no notice twice but for M24's, each refusal told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use need_to_know::clock::Clock;

use super::round::Place;
use super::smtp_peer::{DROP, HANG};
use crate::support::council::*;

/// Directors of a serious incident, and the worker.
const TOLD: [(&str, &str); 4] =
    [("alert", HEAD), ("alert", DIRECTOR), ("alert", STRATEGIC), ("acknowledgement", WORKER)];

/// The numbers of a round.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub kills: usize,
    pub mails: usize,
    /// Of those, which the program left unread for a person, suspecting that it dies of them (M5).
    pub aside: usize,
    /// Accepted ones, with repeats.
    pub notices: usize,
    /// How often the program did not know whether a mail went.
    pub unknown: usize,
    /// The same message twice (M24).
    pub repeats: usize,
    /// Refused for good.
    pub refused: usize,
    /// Connections of SMTP that ended, or fell silent, after the message.
    pub broken: usize,
    pub took: Duration,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Counts) {
        self.kills += more.kills;
        self.mails += more.mails;
        self.aside += more.aside;
        self.notices += more.notices;
        self.unknown += more.unknown;
        self.repeats += more.repeats;
        self.refused += more.refused;
        self.broken += more.broken;
        self.took += more.took;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Counts { kills, mails, aside, notices, unknown, repeats, refused, broken, .. } = self;
        write!(
            to,
            "{kills} kills, {mails} mails, {aside} set aside, {notices} notices, {unknown} outcomes unknown, {repeats} repeats, {refused} refused, \
             {broken} broken off after DATA"
        )
    }
}

/// A mail that went out: who, what, which, what it says.
struct Sent {
    id: String,
    to: String,
    notice: String,
    reference: Option<String>,
    text: String,
}

impl Sent {
    fn of(mail: &str) -> Sent {
        let unfolded = mail.replace("=\r\n", "").replace("=\n", "");
        let of = |name: &str| header(mail, name);
        Sent {
            id: of("Message-ID").expect("a Message-ID"),
            to: of("To").expect("a recipient").to_lowercase(),
            notice: of("X-Notice").unwrap_or_default(),
            reference: of("X-Incident-Reference"),
            text: unfolded,
        }
    }

    /// It went because somebody else was not reached (M22).
    fn is_in_place(&self) -> bool {
        self.text.contains(", in place of ")
    }
}

/// Looks at everything.
pub fn account(place: &Place, unknown: usize) -> Counts {
    assert_eq!(place.register, place.delivered, "incidents, and the mails that opened them");
    // M5: a mail that was in hand at one kill and again at another, ten seconds later or more, is taken to be why the program ends.
    let aside = place.filed("Needs attention");
    assert_eq!(place.filed("Processed") + aside, place.delivered, "mails that were filed away, and those that came");
    let all: Vec<(Sent, &'static str)> = match &place.smtp {
        Some(peer) => peer.answered().iter().map(|(mail, answer)| (Sent::of(mail), *answer)).collect(),
        None => place.council.mails("outbox").iter().map(|(_, mail)| (Sent::of(mail), "250")).collect(),
    };
    // Whoever breaks off after the message may have taken it; one that refuses for now has not.
    let came = |answer: &str| answer.starts_with('2') || [DROP, HANG].contains(&answer);
    let taken: Vec<&Sent> = all.iter().filter(|(_, answer)| came(answer)).map(|(sent, _)| sent).collect();
    let refused: Vec<&Sent> = all.iter().filter(|(_, answer)| answer.starts_with('5')).map(|(sent, _)| sent).collect();
    let unread =
        all.iter().filter(|(sent, _)| sent.notice == "unreadable").filter_map(|(sent, _)| sent.reference.as_ref());
    let unread: BTreeSet<&String> = unread.collect();
    assert_eq!(unread.len(), aside, "incidents alerted as unreadable, and mails set aside");
    assert_told_once(place, &taken, &refused, &unread, unknown);
    assert_refusals_are_told(&taken, &refused);
    let repeats = taken.len() - taken.iter().map(|sent| &sent.id).collect::<BTreeSet<_>>().len();
    assert!(repeats <= unknown, "{repeats} repeats, but only {unknown} outcomes were unknown (M24)");
    if place.smtp.is_none() {
        assert_eq!((repeats, unknown), (0, 0), "a file that is written again is the same file");
    }
    Counts {
        mails: place.delivered,
        aside,
        notices: taken.len(),
        unknown,
        repeats,
        refused: refused.len(),
        broken: all.iter().filter(|(_, answer)| [DROP, HANG].contains(answer)).count(),
        ..Counts::default()
    }
}

/// Everybody was told of each incident, by one message. Whoever's alert was three times on its way when the program died, or was refused,
/// has the next in the chain told in their place, who may have an alert of their own (M22).
fn assert_told_once(place: &Place, taken: &[&Sent], refused: &[&Sent], unread: &BTreeSet<&String>, unknown: usize) {
    let mut told: BTreeMap<(String, String, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut stand_ins = BTreeSet::new();
    for sent in taken.iter().chain(refused) {
        let Some(reference) = &sent.reference else { continue };
        if sent.is_in_place() {
            stand_ins.insert(&sent.id);
            continue;
        }
        let to = ADDRESSES.iter().find(|to| sent.to.contains(*to)).copied().unwrap_or_default();
        let notice = if sent.notice == "unreadable" { "alert" } else { &sent.notice };
        told.entry((reference.clone(), notice.to_owned(), to)).or_default().insert(&sent.id);
    }
    let lost = refused.len() + unknown / 3;
    assert!(stand_ins.len() <= 2 * lost, "{} stand-ins, {} refused, {unknown} unknown", stand_ins.len(), refused.len());
    let mut missing = 0;
    let year = Clock::Real.now().format("%Y").to_string();
    for number in 1..=place.delivered {
        for (notice, to) in TOLD {
            let key = (format!("SI-{year}-{number:04}"), notice.to_owned(), to);
            // M21: what is over somebody's budget is named in one mail.
            let summed = taken
                .iter()
                .chain(refused)
                .any(|sent| sent.notice == "digest" && sent.to.contains(to) && sent.text.contains(&key.0));
            let ids = told.get(&key).map_or(0, BTreeSet::len);
            assert!(ids <= 1, "{key:?} was written {ids} times");
            // How grave it is nobody knows who has not read it: it goes to the two directors of whatever comes (I8).
            if unread.contains(&key.0) && ![HEAD, DIRECTOR].contains(&to) {
                continue;
            }
            assert!(ids == 1 || notice == "acknowledgement", "{key:?} was never sent");
            missing += usize::from(ids == 0 && !summed);
        }
    }
    assert_eq!(missing, place.held, "acknowledgements that were never sent, and mails that wait");
}

/// M22: of each alert that was refused for good somebody else has heard: in its place, or as the administrator.
fn assert_refusals_are_told(taken: &[&Sent], refused: &[&Sent]) {
    // Killed before it heard of the refusal, the program has sent it again.
    let went = |one: &Sent| taken.iter().any(|other| other.id == one.id);
    for one in refused.iter().filter(|one| one.notice == "alert" && !went(one)) {
        let about = one.reference.as_ref().expect("an alert is about an incident");
        let heard = taken.iter().chain(refused).any(|other| {
            let in_place = other.id != one.id && other.reference.as_ref() == Some(about) && other.is_in_place();
            in_place || other.to.contains(ADMINISTRATOR) && other.text.contains(about)
        });
        assert!(heard, "the alert {} to {} was refused, and nobody heard of it", one.id, one.to);
    }
}
