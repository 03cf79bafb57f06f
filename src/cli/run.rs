//! `run`: the daemon, or one turn of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use chrono::{DateTime, Utc};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Semaphore;
use tracing::{info, warn};

use super::control::{Asked, Server};
use super::inquiry::{House, answer};
use super::{Failure, Inquiry, Output, audit, explained, inquiry};
use crate::clock::Clock;
use crate::config::{Route, Settings};
use crate::daemon::{self, Wake, connect, once};
use crate::health::{Limits, Pulse};
use crate::keeper::Keeper;
use crate::store::{Note, Progress, Store, Wish};
use crate::transport::Transport;
use crate::turn::Rules;

/// Inquiries that are answered at one time; others wait.
const INQUIRIES_AT_ONCE: usize = 4;

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Take in what is in the mailbox, do all that is due, send all that is waiting, and stop
    #[arg(long)]
    pub once: bool,
    /// As if it were this time, for example 2026-03-02T09:00:00Z; only for a store made with rehearsal = true
    #[arg(long, value_name = "TIME", requires = "once", value_parser = time)]
    pub at: Option<DateTime<Utc>>,
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    time.map_err(|_| "write a time with its zone, such as 2026-03-02T09:00:00Z or 2026-07-01T09:00:00+01:00".to_owned())
}

/// Watches the mailbox, sends and chases until it is stopped; with `--once`, one turn.
///
/// # Errors
/// What keeps it from starting or going on.
pub fn run(arguments: &Arguments, settings: Settings) -> Result<Output, Failure> {
    let clock = match arguments.at {
        Some(_) if !settings.store.rehearsal => return Err(Failure::AtWithoutRehearsal),
        Some(at) => Clock::Fixed(at),
        None => Clock::Real,
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Failure::Runtime)?;
    for warning in &settings.warnings {
        warn!("{warning}");
    }
    let mut mailbox = connect::mailbox(&settings).map_err(once::Failure::from)?;
    let mut transport = connect::transport(&settings)?;
    let second = connect::second(&settings)?;
    if arguments.once && !settings.store.path.exists() {
        mailbox.check().map_err(once::Failure::from)?; // No store is made for a mailbox that cannot be used.
    }
    let pulse = Arc::new(Pulse::new(clock.now()));
    let keeper = open(&settings, clock, &pulse)?;
    let start = settings.mailbox.start;
    if !arguments.once {
        let watched = watch(keeper, mailbox, (transport, second), &settings, pulse, clock, &runtime);
        // A name that is being looked up cannot be interrupted, and must not hold up a stop.
        runtime.shutdown_background();
        return watched;
    }
    let mut keeper = keeper;
    if matches!(settings.mailbox.route, Route::Imap { .. }) {
        once::refuse_without_start(&mut *mailbox, &mut keeper, start, clock.now())?;
    }
    let done = runtime.block_on(once::once(&mut keeper, &mut *mailbox, &mut transport, start, clock));
    for note in keeper.store.take_notes() {
        warn!("{note}");
    }
    let hold = keeper.store.held();
    keeper.close()?;
    let done = done?;
    info!(taken = done.taken, sent = done.sent, "done");
    if let Some(why) = hold {
        return Err(Failure::Held { why });
    }
    match left_over(&done) {
        None => Ok(Output::default()),
        Some(left) => Err(Failure::LeftOver { left }),
    }
}

/// What one run could not do, in words.
fn left_over(done: &once::Done) -> Option<String> {
    let counted = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 mail {what}")),
        more => Some(format!("{more} mails {what}")),
    };
    let left: Vec<String> = [
        counted(done.stuck, "could not be fetched from the mailbox or filed away in it"),
        counted(done.waiting, "could not be sent yet"),
        counted(done.unknown, "may or may not have been delivered, since the mail server broke off"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!left.is_empty()).then(|| left.join(", "))
}

/// Opens the store, makes it at the first start, and hands it to a keeper.
fn open(settings: &Settings, clock: Clock, pulse: &Pulse) -> Result<Keeper, Failure> {
    let rules = Rules::of(settings)?;
    let wish = Wish::Make { rehearsal: settings.store.rehearsal, at: clock.now() };
    let opened = Store::open_telling(&settings.store.path, settings.keys(), wish, &mut progress)?;
    for note in &opened.notes {
        info!("{note}");
        if matches!(note, Note::SetAside { .. }) {
            pulse.store_says(clock.now(), note.to_string());
        }
    }
    if let (Clock::Fixed(at), Some((_, last))) = (clock, opened.store.last_turn())
        && at < last
    {
        return Err(Failure::Backwards { at, last });
    }
    Ok(Keeper::new(rules, opened.store, Box::new(token)))
}

fn watch(
    keeper: Keeper,
    mailbox: Box<dyn crate::mailbox::Mailbox>,
    (transport, second): (Transport, Option<Transport>),
    settings: &Settings,
    pulse: Arc<Pulse>,
    clock: Clock,
    runtime: &tokio::runtime::Runtime,
) -> Result<Output, Failure> {
    // Before anything is said to be ready, so that the first mail does not wait for it.
    keeper.rules.wordings.make_ready();
    let (sender, wakes) = daemon::wakes();
    let directory = std::env::var_os("RUNTIME_DIRECTORY");
    let guard = runtime.enter();
    let server = Server::bind(&settings.store.path, directory.as_deref().map(Path::new))?;
    drop(guard);
    let in_force = Arc::new(Mutex::new(InForce { settings: settings.clone(), rules: Arc::clone(&keeper.rules) }));
    let at_loop = (clock, sender.clone());
    runtime.spawn(inquiries(server, Arc::downgrade(&keeper.store), Arc::clone(&in_force), Arc::clone(&pulse), at_loop));
    let heard = {
        // Before anything is said to be ready: a signal that nobody hears would end the program in the middle.
        let _guard = runtime.enter();
        Signals::hear().map_err(Failure::Runtime)?
    };
    runtime.spawn(heard.pass_on(sender.clone()));
    let (path, had_concerns) = (settings.path.clone(), settings.concerns.is_some());
    let reload = move || {
        let settings = Settings::load(&path).map_err(|failure| explained(&failure))?;
        // The keys are opened at the start.
        if settings.concerns.is_some() != had_concerns {
            return Err("[concerns] was added or taken out, which counts from the next start on".to_owned());
        }
        let rules = Arc::new(Rules::of(&settings).map_err(|failure| explained(&failure))?);
        rules.wordings.make_ready();
        *held(&in_force) = InForce { settings, rules: Arc::clone(&rules) };
        Ok(rules)
    };
    let parts = daemon::Parts {
        keeper,
        mailbox,
        transport,
        start: settings.mailbox.start,
        must_have_start: matches!(settings.mailbox.route, Route::Imap { .. }),
        reload: Box::new(reload),
        health: daemon::Health {
            pulse,
            limits: Limits::default(),
            metrics: settings.health.metrics.clone(),
            command: settings.health.command.clone(),
            second,
            secrets: settings.secrets_end(),
        },
    };
    let (keeper, end) = daemon::run(parts, clock, sender, wakes, runtime.handle())?;
    keeper.close()?;
    end?;
    info!("stopped");
    Ok(Output::default())
}

/// What the daemon goes by: as the start read it, or the last SIGHUP that could be carried out.
#[derive(Clone)]
struct InForce {
    settings: Settings,
    rules: Arc<Rules>,
}

fn held(in_force: &Mutex<InForce>) -> MutexGuard<'_, InForce> {
    in_force.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers inquiries from the control socket on threads of their own, so that none of them holds up a mail. What changes something is
/// handed to the loop, which alone commits.
async fn inquiries(
    mut server: Server,
    store: Weak<Store>,
    in_force: Arc<Mutex<InForce>>,
    pulse: Arc<Pulse>,
    (clock, loop_of_turns): (Clock, Sender<Wake>),
) {
    let places = Arc::new(Semaphore::new(INQUIRIES_AT_ONCE));
    loop {
        let request = server.next().await;
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Some(store) = store.upgrade() else { return };
        let InForce { settings, rules } = held(&in_force).clone();
        let (Asked { by, inquiry }, reply) = request.begin();
        if let Inquiry::Change(errand) = inquiry {
            let asked = errand.clone();
            let answered = Box::new(move |done| reply.send(inquiry::changed(&asked, done)));
            // Where the loop has ended, the reply is dropped with the wake-up, which tells the caller so.
            loop_of_turns.send(Wake::Errand(Box::new(errand), answered)).ok();
            continue;
        }
        let (pulse, loop_of_turns) = (Arc::clone(&pulse), loop_of_turns.clone());
        std::thread::spawn(move || {
            let noted = audit::note(&inquiry, &by, &store, |errand| audit::by_the_loop(errand, &loop_of_turns));
            let house =
                House { settings: &settings, rules: &rules, store: &store, now: clock.now(), pulse: Some(&pulse) };
            let answered = catch_unwind(AssertUnwindSafe(|| answer(&inquiry, &house)));
            let output = answered.map(|done| done.unwrap_or_else(|failure| Output::refusal(explained(&failure))));
            let output = output.map(|output| audit::said(output, noted));
            drop(store);
            reply.send(output.unwrap_or_else(|_| Output::refusal("the program failed within".to_owned())));
            drop(place);
        });
    }
}

/// The signals that the program answers to.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// Hears them from now on.
    fn hear() -> std::io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Puts them among the wake-ups of the loop.
    async fn pass_on(mut self, sender: Sender<Wake>) {
        loop {
            let wake = tokio::select! {
                _ = self.terminate.recv() => Wake::Stop,
                _ = self.interrupt.recv() => Wake::Stop,
                _ = self.hang_up.recv() => Wake::Reload,
            };
            if sender.send(wake).is_err() {
                return;
            }
        }
    }
}

/// 128 bits from the operating system (M30).
pub(super) fn token() -> [u8; 16] {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).expect("the operating system gives randomness once it has started");
    bits
}

/// One line now and then while the journal is read again.
pub(super) fn progress(progress: Progress) {
    if progress.records > 0 {
        info!("{progress}");
    }
}
