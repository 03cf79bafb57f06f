//! The daemon looks at its own health: metrics file, words to the administrator, the day's statement (M10, M26, M28).
//!
//! Comes in: the pulse and the store. Goes out: the metrics file; each cause of trouble once a day, by mail where mail can tell of it and
//! by the second way where there is one; what is written to the administrator while no mail goes, by the second way too. A second way
//! that fails is a line in the log and is tried again: no alarm is raised about an alarm.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use tracing::{error, info};

use super::second::{Second, Word};
use crate::clock::Deadline;
use crate::health::{self, Cause, Figures, Limits, Pulse, View, statement};
use crate::incident::event::NoticeKind;
use crate::incident::people::Role;
use crate::keeper::Keeper;
use crate::store::Note;
use crate::transport::Transport;

/// A cause that lasts is told of again after this time.
const AGAIN: Duration = Duration::hours(24);
/// One that the second way did not take, after this.
const SOON: Duration = Duration::minutes(10);

/// What supervision is built of.
pub struct Health {
    /// What the threads note.
    pub pulse: Arc<Pulse>,
    /// How long is too long.
    pub limits: Limits,
    /// The metrics file.
    pub metrics: Option<PathBuf>,
    /// The command of the second way.
    pub command: Option<String>,
    /// The mail server of the second way.
    pub second: Option<Transport>,
    /// When the client secrets end.
    pub secrets: Vec<NaiveDate>,
}

/// Supervision at work.
pub(super) struct Supervision {
    pulse: Arc<Pulse>,
    limits: Limits,
    metrics: Option<PathBuf>,
    secrets: Vec<NaiveDate>,
    second: Option<Second>,
    next: Option<Deadline>,
    /// Causes of trouble, and when each was told of last.
    told: BTreeMap<String, DateTime<Utc>>,
    /// Those that the second way did not take.
    retried: BTreeSet<String>,
    /// Entries of the outbox that went the second way.
    passed: BTreeSet<u64>,
    /// The file could not be written, or the store not be asked, which was said.
    unwritten: bool,
    unasked: bool,
}

impl Supervision {
    pub(super) fn new(
        health: Health,
        second: impl FnOnce(Option<String>, Option<Transport>) -> Option<Second>,
    ) -> Self {
        let Health { pulse, limits, metrics, command, second: server, secrets } = health;
        let second = second(command, server);
        Supervision {
            pulse,
            limits,
            metrics,
            secrets,
            second,
            next: None,
            told: BTreeMap::new(),
            retried: BTreeSet::new(),
            passed: BTreeSet::new(),
            unwritten: false,
            unasked: false,
        }
    }

    /// What the store said that somebody should look at; the rest is for the log alone.
    pub(super) fn hear(&self, note: &Note, now: DateTime<Utc>) {
        if matches!(note, Note::SetAside { .. } | Note::IndexDown { .. } | Note::Unsent { .. }) {
            self.pulse.store_says(now, note.to_string());
        }
    }

    /// How the second way took something.
    pub(super) fn answered(&mut self, about: &str, went: bool, now: DateTime<Utc>) {
        if !went {
            self.told.insert(about.to_owned(), now - AGAIN + SOON);
            self.retried.insert(about.to_owned());
            self.passed.retain(|id| passing(*id) != about);
        }
    }

    /// Looks, unless it has just done so.
    pub(super) fn look(&mut self, keeper: &mut Keeper, now: DateTime<Utc>) {
        if self.next.is_some_and(|next| !next.has_passed()) {
            return;
        }
        self.next = Some(Deadline::after(self.limits.look));
        let today = keeper.rules.calendar.day(now);
        let figures = Figures::of(&keeper.store, today);
        if let Err(failure) = &figures
            && !self.unasked
        {
            error!("the store cannot be asked how things stand: {failure}");
        }
        self.unasked = figures.is_err();
        let figures = figures.ok();
        let state = self.pulse.state();
        let (secrets, limits) = (self.secrets.clone(), self.limits);
        let zone = keeper.rules.zone();
        let view = View { state: &state, figures: figures.as_ref(), secrets: &secrets, limits: &limits, zone, now };
        self.write(&view);
        for sign in view.signs() {
            self.alarm(keeper, sign.cause, &sign.words, now);
        }
        if state.delivery.failing.as_ref().is_some_and(|it| it.of_sign_in || it.since.age() >= limits.failing) {
            self.pass_on(keeper, now);
        }
        if let Some(figures) = &figures {
            self.state_day(keeper, figures, &state, today, now);
        }
    }

    fn write(&mut self, view: &View<'_>) {
        let Some(path) = &self.metrics else { return };
        let written = health::write(path, &health::text(view));
        if let Err(error) = &written
            && !self.unwritten
        {
            error!("cannot write the metrics file {}: {error}", path.display());
        }
        self.unwritten = written.is_err();
    }

    /// Tells of one cause, once a day and over restarts.
    fn alarm(&mut self, keeper: &mut Keeper, cause: Cause, words: &str, now: DateTime<Utc>) {
        let (name, fact) = (cause.to_string(), format!("alarm:{cause}"));
        let stored = || keeper.store.fact(&fact).ok().flatten().and_then(|at| serde_json::from_value(at).ok());
        let told: Option<DateTime<Utc>> = self.told.get(&name).copied().or_else(stored);
        // A warning of a day is given once for it.
        let is_once = matches!(cause, Cause::Secret(_)) && told.is_some();
        if is_once || told.is_some_and(|told| now < told + AGAIN && told <= now) {
            self.told.extend(told.map(|told| (name, told)));
            return;
        }
        info!(cause = name, "telling the administrator");
        let again = "You are told of this once a day while it lasts. How things stand: need-to-know status";
        let text = format!("{words}\n{again}");
        // Tried again since the second way did not take it: the email went.
        let is_retry = self.retried.remove(&name);
        if cause.is_mailed() && !is_retry {
            self.mail(keeper, text.clone(), now);
        }
        self.told.insert(name.clone(), now);
        // With a full disk nothing can be noted; after a restart it is told once more.
        if cause != Cause::Disk
            && let Err(failure) = keeper.note(&fact, serde_json::json!(now), now)
        {
            error!("that the administrator was told could not be noted: {}", crate::cli::explained(&failure));
        }
        self.tell(keeper, name, text, now);
    }

    /// By the usual way. What is told by the second as well need not be passed on to it.
    fn mail(&mut self, keeper: &mut Keeper, text: String, now: DateTime<Utc>) {
        let next = |keeper: &Keeper| keeper.store.next_outbox_id().unwrap_or(u64::MAX);
        let first = next(keeper);
        if let Err(failure) = keeper.tell_operator(text, now) {
            error!("the administrator could not be written to: {}", crate::cli::explained(&failure));
        }
        self.passed.extend(first..next(keeper));
    }

    fn tell(&self, keeper: &mut Keeper, about: String, text: String, now: DateTime<Utc>) {
        let Some(second) = &self.second else { return };
        let mails = keeper.words_to_operator(&text, now).unwrap_or_else(|failure| {
            error!("words to the administrator cannot be put together: {}", crate::cli::explained(&failure));
            Vec::new()
        });
        second.tell(Word { about, text: format!("{text}\n"), mails });
    }

    /// What is written to the administrator and waits, since no mail goes. It is the same email by either way, should both take it.
    fn pass_on(&mut self, keeper: &Keeper, now: DateTime<Utc>) {
        let Some(second) = &self.second else { return };
        let waiting = match keeper.store.outbox_ready(DateTime::<Utc>::MAX_UTC, usize::MAX) {
            Ok(waiting) => waiting,
            Err(failure) => return error!("the outbox cannot be read: {failure}"),
        };
        let today = keeper.rules.calendar.day(now);
        let administrators = keeper.rules.people.addressees(Role::Administrator, None, today, false);
        for (entry, _) in waiting {
            let is_theirs = administrators.iter().any(|person| person.email.eq_ignore_ascii_case(&entry.to));
            let about = passing(entry.id);
            let is_soon = self.told.get(&about).is_some_and(|told| now < *told + AGAIN);
            if entry.kind != NoticeKind::Operator || !is_theirs || is_soon || !self.passed.insert(entry.id) {
                continue;
            }
            let text = format!("{}\n", entry.text);
            second.tell(Word { about, text, mails: keeper.parcel_of(&entry).into_iter().collect() });
        }
    }

    /// M28, once a day, in the log.
    fn state_day(
        &mut self,
        keeper: &mut Keeper,
        figures: &Figures,
        state: &health::State,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) {
        const FACT: &str = "statement_day";
        let known = keeper.store.fact(FACT).ok().flatten();
        let last: Option<NaiveDate> = known.and_then(|day| serde_json::from_value(day).ok());
        if last.is_some_and(|last| last >= today) {
            return;
        }
        if let (Some(_), Some(yesterday)) = (last, today.pred_opt()) {
            info!("{}", statement::of(yesterday, &figures.yesterday, state.looked));
        }
        if let Err(failure) = keeper.note(FACT, serde_json::json!(today), now) {
            error!("the day's statement could not be noted: {}", crate::cli::explained(&failure));
        }
    }
}

/// What an entry of the outbox that goes the second way is called.
fn passing(id: u64) -> String {
    format!("mail-{id}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration as Span;

    use super::*;
    use crate::keeper::tests::{again, keeper};

    const NEVER: Limits = Limits { failing: Span::MAX, silent: Span::MAX, probe: Span::MAX, look: Span::ZERO };

    fn at(hours: i64) -> DateTime<Utc> {
        "2026-02-02T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::hours(hours)
    }

    fn supervision(limits: Limits, metrics: Option<PathBuf>) -> (Supervision, Arc<Pulse>) {
        let pulse = Arc::new(Pulse::new(at(0)));
        let health =
            Health { pulse: Arc::clone(&pulse), limits, metrics, command: None, second: None, secrets: Vec::new() };
        (Supervision::new(health, |_, _| None), pulse)
    }

    /// Emails to the administrator so far.
    fn told(keeper: &Keeper) -> Vec<String> {
        let ready = keeper.store.outbox_ready(DateTime::<Utc>::MAX_UTC, 99).unwrap();
        ready.into_iter().filter(|(entry, _)| entry.kind == NoticeKind::Operator).map(|(entry, _)| entry.text).collect()
    }

    #[test]
    fn m10_a_mailbox_thread_that_hangs_is_told_of_once_a_day_and_over_restarts() {
        let (held, mut first) = keeper(0);
        let metrics = held.path().join("metrics.prom");
        let (mut supervision, pulse) = supervision(Limits { silent: Span::ZERO, ..NEVER }, Some(metrics.clone()));
        // It was well once, reports nothing wrong, and is never heard of again.
        pulse.mailbox_is_good(at(0));
        for hours in [1, 2, 23] {
            supervision.look(&mut first, at(hours));
            assert_eq!(told(&first).len(), 1, "{hours}");
        }
        assert!(told(&first)[0].replace('\n', " ").contains("may hang"), "{}", told(&first)[0]);
        assert!(std::fs::read_to_string(&metrics).unwrap().contains("unwell{cause=\"mailbox\"} 1"));
        drop(first);
        let mut second = again(held.path());
        let (mut supervision, _) = super::tests::supervision(Limits { silent: Span::ZERO, ..NEVER }, None);
        supervision.look(&mut second, at(24));
        assert_eq!(told(&second).len(), 1, "the last start told of it");
        supervision.look(&mut second, at(26));
        assert_eq!(told(&second).len(), 2, "it lasts");
    }

    #[test]
    fn m26_no_email_tells_that_no_email_goes() {
        let (_held, mut keeper) = keeper(0);
        let (mut supervision, pulse) = supervision(NEVER, None);
        pulse.delivery_fails(at(0), "it refuses user or password".into(), true);
        pulse.disk_is_full(at(0));
        (0..5).for_each(|hours| supervision.look(&mut keeper, at(hours)));
        assert_eq!(told(&keeper).len(), 0);
        pulse.delivery_is_good(at(5));
        pulse.mailbox_fails(at(5), "it refuses user or password".into(), true);
        supervision.look(&mut keeper, at(5));
        assert_eq!(told(&keeper).len(), 1);
    }

    #[test]
    fn m26_what_the_second_way_did_not_take_is_tried_again_soon_and_mailed_no_second_time() {
        let (_held, mut keeper) = keeper(0);
        let (mut supervision, pulse) = supervision(NEVER, None);
        pulse.store_says(at(0), "the index was set aside".into());
        supervision.look(&mut keeper, at(0));
        supervision.answered("store", false, at(0));
        let minutes = |minutes| at(0) + Duration::minutes(minutes);
        let due = |supervision: &Supervision, now: DateTime<Utc>| now >= supervision.told["store"] + AGAIN;
        assert!(!due(&supervision, minutes(9)) && due(&supervision, minutes(10)));
        pulse.store_says(minutes(11), "the index was set aside".into());
        supervision.look(&mut keeper, minutes(11));
        assert!(!due(&supervision, minutes(12)), "it was tried again");
        assert_eq!(told(&keeper).len(), 1);
    }

    #[test]
    fn m28_a_day_is_stated_once_it_is_over() {
        let (_held, mut keeper) = keeper(0);
        let (mut supervision, _) = supervision(NEVER, None);
        let stated = |keeper: &Keeper| keeper.store.fact("statement_day").unwrap().unwrap();
        let turns = |keeper: &Keeper| keeper.store.last_turn().unwrap().0;
        supervision.look(&mut keeper, at(0));
        let first = turns(&keeper);
        supervision.look(&mut keeper, at(12));
        assert_eq!((stated(&keeper), turns(&keeper)), (serde_json::json!("2026-02-02"), first));
        supervision.look(&mut keeper, at(15));
        assert_eq!((stated(&keeper), turns(&keeper)), (serde_json::json!("2026-02-03"), first + 1));
    }
}
