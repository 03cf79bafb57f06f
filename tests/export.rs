//! `export REF`: everything that is held on one incident, for its reader alone; `export --person`: where somebody occurs.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use support::council::*;

const MAIL: &str = "From: Sam Okoro <sam.okoro@council.example>\r\nTo: incidents@council.example\r\nSubject: Need To Know\r\n\
    Message-ID: <ntk-1@council.example>\r\nDate: Mon, 02 Feb 2026 09:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
    Need To Know form\r\n\r\nName of child: Zoë O'Brien\r\nDate of birth: 04/05/2014\r\nService: Children in Care\r\n\
    Classification: serious\r\nDate and time of incident: 1 February 2026 21:30\r\n\
    Details of incident: She fell from a wall; Tom Zephyrin saw it.\r\nCompleted by: Sam Okoro\r\n";
const LETTER: &str = "From: Newsletter <news@elsewhere.example>\r\nTo: incidents@council.example\r\nSubject: Spring\r\n\
    Message-ID: <news-1@elsewhere.example>\r\nDate: Mon, 02 Feb 2026 09:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
    Thanks to Z. O'Brien for the cakes.\r\n";

fn council() -> Council {
    let council = Council::of_maildirs();
    council.deliver("1.form", MAIL.as_bytes());
    council.deliver("2.form", &form_mail(2));
    council.deliver("3.news", LETTER.as_bytes());
    council.told(&["run", "--once"]);
    council
}

fn reference(council: &Council, who: &str) -> String {
    let register = council.json(&["incidents", "--json"]);
    let all = register.as_array().unwrap().iter().map(|line| line["reference"].as_str().unwrap().to_owned());
    let mut found = all.filter(|one| council.told(&["show", one]).contains(who));
    found.next().unwrap()
}

#[test]
fn everything_on_one_incident_is_written_for_its_reader_alone() {
    let council = council();
    for (number, child) in ["Zoë O'Brien", "Qc Example"].iter().enumerate() {
        let daemon = (number == 1).then(|| council.start().ready());
        let reference = reference(&council, child);
        let folder = council.folder.path().join(format!("request {number}"));
        let said = council.told(&["export", &reference, "--to", folder.to_str().unwrap()]);
        assert!(said.contains("index.html") && said.contains(&reference), "{said}");
        let page = fs::read_to_string(folder.join("index.html")).unwrap();
        for words in [*child, "Mails received", "Documents", "Emails written", HEAD, "Timeline"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let files = files_below(&folder);
        let named =
            |ending: &str| files.iter().filter(|file| file.to_string_lossy().ends_with(ending)).collect::<Vec<_>>();
        let mail = fs::read(named(".eml")[0]).unwrap();
        let expected = if number == 0 { MAIL.as_bytes().to_vec() } else { form_mail(2) };
        assert_eq!((named(".eml").len(), mail == expected), (1, true), "as it was received");
        assert_eq!(named(".docx").len(), number, "what it carried");
        assert!(named(".txt").len() >= 4 && named(".json").len() == 2, "{files:?}");
        // Every link leads to a file, and every file has one.
        let links: Vec<&str> = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(links.len(), files.len() - 1, "{links:?}");
        for link in &links {
            assert!(folder.join(link.replace("%20", " ")).is_file(), "{link}");
        }
        for file in &files {
            let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(file), mode(file.parent().unwrap())), (0o600, 0o700), "{}", file.display());
            let other = if number == 0 { "Qc Example" } else { "Brien" };
            assert!(!String::from_utf8_lossy(&fs::read(file).unwrap()).contains(other), "{}", file.display());
        }
        let again = council.ask(&["export", &reference, "--to", folder.to_str().unwrap()]);
        assert!(String::from_utf8_lossy(&again.stderr).contains("is not empty"), "{again:?}");
        if let Some(daemon) = daemon {
            daemon.stop();
        }
    }
    assert!(!council.ask(&["export", "SI-1999-0001"]).status.success());
    assert_eq!(council.ask(&["export"]).status.code(), Some(2));
    assert!(council.told(&["audit"]).contains(&format!("export {}", reference(&council, "Brien"))));
}

#[test]
fn a_person_is_found_in_every_place_and_nobody_elses_name_is_noted() {
    let council = council();
    let zoe = reference(&council, "Brien");
    let found = council.json(&["export", "--person", "zoe obrien", "--json"]);
    let incidents = found["incidents"].as_array().unwrap();
    assert_eq!((incidents.len(), incidents[0]["reference"].as_str().unwrap()), (1, zoe.as_str()));
    let places = incidents[0]["places"].to_string();
    assert!(places.contains("child name") && places.contains("\"named\""), "{places}");
    assert_eq!(found["mails_of_no_incident"].as_array().unwrap().len(), 1);
    assert!(found["mails_of_no_incident"][0]["places"].to_string().contains("maybe"), "{found}");
    let witness = council.told(&["export", "--person", "Tom Zephyrin"]);
    assert!(witness.contains(&zoe) && witness.contains("incident description"), "{witness}");
    let sender = council.json(&["export", "--person", "Sam Okoro", "--json"]);
    assert_eq!(sender["incidents"].as_array().unwrap().len(), 2);
    assert!(council.told(&["export", "--person", "Nobody Known"]).starts_with("Nowhere."));
    assert!(!council.ask(&["export", "--person", "Zoe"]).status.success());
    let noted = council.told(&["audit"]);
    assert!(noted.contains("export --person") && !noted.to_lowercase().contains("brien"), "{noted}");
}

#[test]
fn documents_of_one_name_lie_beside_each_other() {
    let council = Council::of_maildirs();
    let (head, body) = MAIL.split_once("\r\n\r\n").unwrap();
    let head = head.replace("text/plain; charset=utf-8", "multipart/mixed; boundary=b");
    let note = |words: &str| {
        format!(
            "--b\r\nContent-Type: text/plain; name=\"Note.txt\"\r\nContent-Disposition: attachment; filename=\"Note.txt\"\r\n\r\n{words}\r\n"
        )
    };
    let (one, other) = (note("Seen at nine."), note("Seen at ten.").replace("Note.txt", "NOTE.TXT"));
    let text = format!("--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n");
    council.deliver("1.form", format!("{head}\r\n\r\n{text}{one}{other}--b--\r\n").as_bytes());
    council.told(&["run", "--once"]);
    let folder = council.folder.path().join("request");
    council.told(&["export", &reference(&council, "Brien"), "--to", folder.to_str().unwrap()]);
    let files = files_below(&folder.join("documents"));
    let mut said: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap().trim().to_owned()).collect();
    said.sort();
    assert_eq!(said, ["Seen at nine.", "Seen at ten."], "{files:?}");
}
