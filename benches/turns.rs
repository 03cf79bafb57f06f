//! What a turn costs by what is stored: with nothing due, over 100 incidents and over 100,000, all with open obligations; and the start.
//!
//! `INCIDENTS=100000 cargo bench --bench turns`; filling takes minutes, each turn microseconds.

#[path = "support/filled.rs"]
#[allow(dead_code)]
mod filled;

use std::path::Path;
use std::time::{Duration, Instant};

use filled::{WAKE, fill, folder, open, time};
use need_to_know::config::Settings;
use need_to_know::keeper::Keeper;
use need_to_know::store::{KeyPlace, Store, Wish};
use need_to_know::turn::Rules;

/// Turns of which the median is taken.
const TURNS: usize = 1_001;

fn main() {
    // cargo test --benches runs it too, and wants to know only that it works.
    let short = !std::env::args().any(|argument| argument == "--bench");
    let wanted = std::env::var("INCIDENTS").ok().and_then(|number| number.parse().ok());
    let many = wanted.unwrap_or(if short { 300 } else { 100_000 });
    let (few, lots) = (measured(100), measured(many));
    println!("{:<56} {:>12} {:>12} {:>7}", "", "100", many, "ratio");
    for ((what, few), (_, lots)) in few.iter().zip(&lots) {
        println!("{what:<56} {few:>12.1?} {lots:>12.1?} {:>7.2}", lots.as_secs_f64() / few.as_secs_f64());
    }
}

/// Medians over a store of so many incidents.
fn measured(incidents: u64) -> Vec<(&'static str, Duration)> {
    let path = folder(&format!("turns-{incidents}"));
    let store = open(&path.join("store"));
    fill(&store, incidents);
    store.close().unwrap();
    let (start, mut keeper) = timed(|| {
        let opened = Store::open(&path.join("store"), &KeyPlace::beside(&path.join("store")), Wish::Any).unwrap();
        Keeper::new(rules(&path), opened.store, Box::new(|| [7; 16]))
    });
    // After all that happened, before the first of the incidents must be looked at, and before anything comes round.
    let now = time(WAKE - 1);
    let asked = median(|| assert!(keeper.step_at().unwrap().is_some_and(|at| at > now)));
    let turn = median(|| keeper.due(now).unwrap());
    keeper.close().unwrap();
    std::fs::remove_dir_all(path).unwrap();
    vec![("when something is due next", asked), ("a turn with nothing due", turn), ("start after a clean stop", start)]
}

#[allow(clippy::disallowed_methods)] // A measurement reads the clock.
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let done = work();
    (began.elapsed(), done)
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut all: Vec<Duration> = (0..TURNS).map(|_| timed(&mut work).0).collect();
    all.sort();
    all[TURNS / 2]
}

/// The rules of a council of few people.
fn rules(folder: &Path) -> Rules {
    let people: String = [
        ("head", "head_of_service"),
        ("director", "service_director"),
        ("strategic", "strategic_director"),
        ("quality", "quality_assurance"),
        ("mail", "administrator"),
    ]
    .iter()
    .map(|(name, role)| {
        format!("[[people]]\nname = \"{name}\"\nemail = \"{name}@council.example\"\nroles = [\"{role}\"]\n")
    })
    .collect();
    let text = format!(
        "[organisation]\nname = \"Example Council\"\nservices = [{{ name = \"Children in Care\" }}]\nduty_phone = \"01234 000001\"\n\
         out_of_hours_phone = \"01234 000002\"\n\
         office_phones = {{ chief_executive = \"01234 000004\", strategic_director = \"01234 000005\" }}\n\
         [mailbox]\nkind = \"maildir\"\npath = \"inbox\"\n[delivery]\nkind = \"maildir\"\npath = \"outbox\"\n\
         from = \"incidents@council.example\"\nallowed_domains = [\"council.example\"]\n[store]\npath = \"store\"\n{people}"
    );
    for part in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(folder.join("inbox").join(part)).unwrap();
    }
    let path = folder.join("config.toml");
    std::fs::write(&path, text).unwrap();
    Rules::of(&Settings::load(&path).unwrap()).unwrap()
}
