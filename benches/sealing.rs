//! What sealing takes of an intake: one form mail of 50 kB, made durable, read and committed with its notices, in processor time.
//!
//! `cargo bench --bench sealing` prints the whole intake beside the sealing of as many pieces of the same lengths, each as the store seals
//! one: its key's slot read and unwrapped, a nonce, the cipher. `MAILS=300` is how many. Openings are not in it: `perf record --call-graph
//! dwarf` over it has them, under `store::seal` and `store::keys`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use chrono::{DateTime, Utc};
use need_to_know::config::Settings;
use need_to_know::keeper::Keeper;
use need_to_know::mailbox::MailKey;
use need_to_know::store::{Store, Wish};
use need_to_know::turn::{Arrival, Rules};
use support::council::*;
use support::known::lengths;

const BYTES: usize = 50 << 10;

fn main() {
    // cargo test --benches runs it too, and wants to know only that it works.
    let short = !std::env::args().any(|argument| argument == "--bench");
    let wanted = std::env::var("MAILS").ok().and_then(|number| number.parse().ok());
    let mails = wanted.unwrap_or(if short { 3 } else { 300 });
    let council = Council::of_maildirs();
    let (one, many) = (taken_in(&council, 1), taken_in(&council, mails));
    let pieces: Vec<usize> = lengths(&council.store);
    let sealing = processor(|| seal_all(&council.store, &pieces));
    let (whole, sealing) = (many / mails as u32, sealing / (mails + 1) as u32);
    println!("first mail {one:.2?}; then one mail {whole:.2?} of processor time");
    println!(
        "sealing of its {} pieces, {} kB: {sealing:.2?}, {:.1} %",
        pieces.len() / (mails + 1),
        pieces.iter().sum::<usize>() / (mails + 1) / 1000,
        100.0 * sealing.as_secs_f64() / whole.as_secs_f64()
    );
}

/// Processor time of the intake of so many mails, each another child's.
fn taken_in(council: &Council, mails: usize) -> Duration {
    let settings = Settings::load(&council.config()).unwrap();
    let wish = Wish::Make { rehearsal: false, at: now() };
    let store = Store::open(&settings.store.path, &settings.store.key, wish).unwrap().store;
    let files = store.files().clone();
    let (mut keeper, mut number) = (Keeper::new(Rules::of(&settings).unwrap(), store, Box::new(token())), mails * 1000);
    let raws: Vec<Vec<u8>> = (0..mails).map(|mail| long_mail(mails * 1000 + mail)).collect();
    let took = processor(|| {
        for raw in &raws {
            number += 1;
            let file = files.put(raw).unwrap();
            let key = MailKey::Maildir { name: number.to_string() };
            let arrival = Arrival { key, received_at: now(), file, size_bytes: raw.len() as u64 };
            keeper.take(&arrival, true, now()).unwrap();
        }
    });
    keeper.close().unwrap();
    took
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// Another at each call.
fn token() -> impl FnMut() -> [u8; 16] + Send {
    let mut next = 0_u128;
    move || {
        next += 1;
        // Two keepers, one after the other, on one store.
        (next + (u128::from(std::process::id()) << 64))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
            .to_le_bytes()
    }
}

/// A form as a Word document, and a picture that makes up the rest.
fn long_mail(number: usize) -> Vec<u8> {
    let mut mail = form_mail(number);
    let end = b"--bound--\r\n";
    mail.truncate(mail.len() - end.len());
    mail.extend_from_slice(
        b"--bound\r\nContent-Type: image/jpeg; name=\"photo.jpg\"\r\nContent-Disposition: attachment; filename=\"photo.jpg\"\r\n\
          Content-Transfer-Encoding: base64\r\n\r\n",
    );
    let mut state = number as u64;
    while mail.len() < BYTES {
        let line: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .take(57)
        .collect();
        mail.extend_from_slice(base64(&line).as_bytes());
        mail.extend_from_slice(b"\r\n");
    }
    mail.extend_from_slice(end);
    mail
}

/// Seals pieces of these lengths, as the store does.
fn seal_all(store: &Path, pieces: &[usize]) {
    let slots = File::open(store.join("keys")).unwrap();
    let wrapping = XChaCha20Poly1305::new(&[7; 32].into());
    let wrapped = wrapping.encrypt(&[7; 24].into(), &[7; 32][..]).unwrap();
    let mut slot = [0; 88];
    for length in pieces {
        slots.read_exact_at(&mut slot, 0).unwrap();
        let key: [u8; 32] = wrapping.decrypt(&[7; 24].into(), &wrapped[..]).unwrap().try_into().unwrap();
        let mut nonce = [0; 24];
        getrandom::fill(&mut nonce).unwrap();
        let sealed = XChaCha20Poly1305::new(&key.into()).encrypt(&nonce.into(), &vec![7; *length][..]).unwrap();
        std::hint::black_box(sealed);
    }
}

/// Processor time of all threads of this process that some work takes, to the nanosecond.
fn processor(work: impl FnOnce()) -> Duration {
    let before = used();
    work();
    used() - before
}

fn used() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path().join("schedstat"));
    let on_processor = |path: std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<u64>().ok()).unwrap_or(0)
    };
    Duration::from_nanos(tasks.map(on_processor).sum())
}
