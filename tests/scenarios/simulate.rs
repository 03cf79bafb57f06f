//! `simulate`: the same notices at the same times as the program would send, and nothing is made or sent.

use super::council::*;
use super::mail::*;

/// The lines of a local day.
fn day<'a>(timeline: &'a str, day: &str) -> Vec<&'a str> {
    let after = timeline.split(&format!("\n{day}\n")).nth(1).unwrap_or_else(|| panic!("{day} is not in {timeline}"));
    after.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("        ")).collect()
}

#[test]
fn the_sample_incident_is_chased_at_28_days() {
    let timeline = Council::new().simulate(&[], &["--from", "2026-03-02", "--to", "2026-04-30"]);
    let first = day(&timeline, "Monday 2 March 2026");
    assert!(first[0].contains("09:00  mail in") && first[0].contains("opened SI-2026-0001"), "{first:?}");
    assert_eq!(first.iter().filter(|line| line.contains("09:00  alert")).count(), 3, "{first:?}");
    // Due at the close of 30 March, summer time since the day before.
    let chases = day(&timeline, "Tuesday 31 March 2026");
    assert!(chases.iter().any(|line| line.contains("09:00  chase") && line.contains("Service Director")), "{chases:?}");
    assert!(timeline.contains("\nMonday 9 March 2026\n  08:00  digest"), "{timeline}");
    assert!(timeline.contains("annual-report"), "20 April is among the days: {timeline}");
}

#[test]
fn mails_of_a_folder_come_in_at_their_own_times() {
    let received = |mail: Mail, at: &str| mail.header("Received", &format!("from a.example by b.example; {at}"));
    let form = received(Answers::notification().mail(), "Tue, 03 Mar 2026 10:15:00 +0000");
    let late = received(Answers::need_to_know().mail(), "Wed, 03 Mar 2027 10:15:00 +0000");
    let mails =
        [("a.eml", form.raw()), ("b.eml", late.raw()), ("c.eml", b"Subject: no time\r\n\r\nHello.\r\n".to_vec())];
    let timeline =
        Council::new().simulate(&mails, &["--from", "2026-03-02", "--to", "2026-03-20", "--mail", "samples"]);
    assert!(timeline.contains("not between the two days: samples/b.eml"), "{timeline}");
    assert!(timeline.contains("does not say when it was received: samples/c.eml"), "{timeline}");
    let first = day(&timeline, "Tuesday 3 March 2026");
    assert!(first[0].starts_with("  10:15  mail in") && first[0].contains(WORKER), "{first:?}");
    assert_eq!(timeline.matches("  mail in  ").count(), 1, "{timeline}");
}
