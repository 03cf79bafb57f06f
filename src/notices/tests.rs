use std::fs;

use super::sample::Samples;
use super::*;

fn rendered() -> Vec<(&'static str, Notice, Rendered)> {
    let samples = Samples::new();
    let templates = Templates::built_in();
    samples
        .notices()
        .into_iter()
        .map(|(name, notice)| {
            let mail = render(&templates, &notice, &samples.context(&notice), samples.token()).unwrap();
            (name, notice, mail)
        })
        .collect()
}

/// Writes the sample mails into `target/notices`, to be looked at.
#[test]
fn samples_are_written_for_looking_at() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/notices");
    fs::create_dir_all(&folder).unwrap();
    for (name, _, mail) in rendered() {
        fs::write(folder.join(format!("{name}.html")), &mail.html).unwrap();
        fs::write(folder.join(format!("{name}.txt")), format!("Subject: {}\n\n{}", mail.subject, mail.text)).unwrap();
        if let Some(calendar) = &mail.calendar {
            fs::write(folder.join(format!("{name}.ics")), calendar).unwrap();
        }
    }
    assert!(folder.join("alert.html").exists());
}
