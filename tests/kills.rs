//! SIGKILL at random instants of intake and sending, while servers, disk and clock fail too: nothing is lost, nothing is doubled
//! (M2, M4, M8, M12, M22, M24).
//!
//! 200 kills in rounds of 20, each round a store of its own with other faults. The seed is printed; `SEED=…` repeats a run as far as the
//! machine's own timing allows, `KILLS=…` makes it longer and `ROUND=…` plays that round alone: `scripts/soak` sets them.

mod support;

mod kills {
    pub mod account;
    pub mod dice;
    pub mod line;
    #[path = "../servers/peer.rs"]
    #[allow(dead_code)] // Shared with other tests.
    pub mod peer;
    pub mod round;
    #[path = "../servers/smtp_peer.rs"]
    #[allow(dead_code)] // Shared with other tests.
    pub mod smtp_peer;
}

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use kills::account::Counts;
use kills::round::{KILLS, Plan};
use need_to_know::clock::{Clock, Stopwatch};

/// Rounds that are played at a time; each waits more than it works.
const AT_ONCE: usize = 2;

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Says which round failed, and ends the others.
struct Failing<'a>(&'a AtomicBool, &'a Plan);

impl Drop for Failing<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::SeqCst);
            let Plan { seed, number, .. } = self.1;
            eprintln!("failed: {}; again: scripts/soak --seed {seed} --round {number}", self.1.words());
        }
    }
}

#[test]
fn killed_at_random_instants_nothing_is_lost_and_nothing_doubled() {
    let now = Clock::Real.now();
    let seed = number("SEED")
        .unwrap_or_else(|| u64::from(now.timestamp_subsec_micros()) << 12 | u64::from(std::process::id() % 4096));
    let kills = number("KILLS").unwrap_or(200) as usize;
    let plans: Vec<Plan> = match number("ROUND") {
        Some(round) => vec![Plan::new(seed, round as usize, KILLS)],
        None => {
            (0..kills.div_ceil(KILLS)).map(|round| Plan::new(seed, round, KILLS.min(kills - round * KILLS))).collect()
        }
    };
    println!("SEED={seed}");
    let watch = Stopwatch::start();
    let (next, failed, sum) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(Counts::default()));
    std::thread::scope(|threads| {
        for _ in 0..AT_ONCE {
            threads.spawn(|| {
                while let Some(plan) = plans.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if failed.load(Ordering::SeqCst) {
                        return;
                    }
                    let _failing = Failing(&failed, plan);
                    let counts = plan.play();
                    let mut sum = sum.lock().unwrap();
                    *sum += counts;
                    let (so_far, took) = (watch.elapsed().as_secs(), counts.took.as_secs_f32());
                    println!(
                        "{:>5} of {kills} kills, {so_far} s | round {}: {}: {counts} ({took:.1} s)",
                        sum.kills,
                        plan.number,
                        plan.words()
                    );
                }
            });
        }
    });
    let sum = sum.into_inner().unwrap();
    println!("SEED={seed}: {sum}, in {} s", watch.elapsed().as_secs());
    assert_eq!(sum.kills, plans.iter().map(|plan| plan.kills).sum::<usize>());
}
