//! Content controls as XML (ISO/IEC 29500-1, 17.5.2; tick boxes: MS-DOCX 2.6.1): labelled, reached by keyboard, read out by a
//! screen reader with their label.

use chrono::{NaiveDate, NaiveDateTime};

use super::patch::{LINE_BREAK, escape};
use super::word::clean;

/// What a control takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A line.
    Line,
    /// Several paragraphs: the control stands around its paragraph.
    Long,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A day and time, `YYYY-MM-DDTHH:MM`, local.
    DateTime,
    /// Yes, No, Not known.
    YesNo,
    /// A box with these words beside it.
    Tick(&'static str),
    /// One of these.
    Choice(&'static [&'static str]),
    /// Any of these, a box each.
    Multi(&'static [&'static str]),
}

const YES_NO: [&str; 3] = ["Yes", "No", "Not known"];

/// One control. `id` is unique in the document and not 0; `answer` is normalised as above, or `None` for a blank one.
pub fn control(ask: Ask, key: &str, label: &str, id: u32, answer: Option<&str>) -> String {
    match ask {
        Ask::Line => framed(key, label, id, "<w:text/>", answer.map(str::to_owned), "Click or tap here to enter text."),
        Ask::Long => {
            framed(key, label, id, "<w:richText/>", answer.map(str::to_owned), "Click or tap here to enter text.")
        }
        Ask::Date | Ask::DateTime => date(ask == Ask::DateTime, key, label, id, answer),
        Ask::YesNo => list(&YES_NO, key, label, id, answer),
        Ask::Choice(options) => list(options, key, label, id, answer),
        Ask::Tick(_) | Ask::Multi(_) => tick(key, label, id, answer.is_some_and(is_yes)),
    }
}

/// Whether an answer to a tick box ticks it.
pub fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "true" | "yes" | "x" | "1")
}

fn framed(key: &str, label: &str, id: u32, kind: &str, answer: Option<String>, placeholder: &str) -> String {
    let (shown, run) = match answer.as_deref().map(clean).filter(|text| !text.trim().is_empty()) {
        Some(text) => ("", lines(&text)),
        None => {
            let style = "<w:rPr><w:rStyle w:val=\"PlaceholderText\"/></w:rPr>";
            ("<w:showingPlcHdr/>", format!("<w:r>{style}<w:t>{placeholder}</w:t></w:r>"))
        }
    };
    let (key, label) = (escape(&clean(key)), escape(&clean(label)));
    format!(
        "<w:sdt><w:sdtPr><w:alias w:val=\"{label}\"/><w:tag w:val=\"{key}\"/><w:id w:val=\"{id}\"/>\
         <w:lock w:val=\"sdtLocked\"/>{shown}{kind}</w:sdtPr><w:sdtContent>{run}</w:sdtContent></w:sdt>"
    )
}

fn lines(text: &str) -> String {
    let line = |line: &str| format!("<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r>", escape(line));
    text.split('\n').map(line).collect::<Vec<_>>().join(LINE_BREAK)
}

fn date(with_time: bool, key: &str, label: &str, id: u32, answer: Option<&str>) -> String {
    let format = if with_time { "d MMMM yyyy HH:mm" } else { "d MMMM yyyy" };
    let at = answer.and_then(|text| {
        let day = || text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0);
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok().or_else(day)
    });
    // What is no date stands as it was written: the form keeps what people say.
    let shown = match at {
        Some(at) if with_time => Some(at.format("%-d %B %Y %H:%M").to_string()),
        Some(at) => Some(at.format("%-d %B %Y").to_string()),
        None => answer.map(str::to_owned),
    };
    let full = at.map(|at| format!(" w:fullDate=\"{}\"", at.format("%Y-%m-%dT%H:%M:%SZ"))).unwrap_or_default();
    let kind = format!(
        "<w:date{full}><w:dateFormat w:val=\"{format}\"/><w:lid w:val=\"en-GB\"/>\
         <w:storeMappedDataAs w:val=\"dateTime\"/><w:calendar w:val=\"gregorian\"/></w:date>"
    );
    framed(key, label, id, &kind, shown, "Click or tap to enter a date.")
}

fn list(options: &[&str], key: &str, label: &str, id: u32, answer: Option<&str>) -> String {
    let items: String = options
        .iter()
        .map(|option| escape(option))
        .map(|option| format!("<w:listItem w:displayText=\"{option}\" w:value=\"{option}\"/>"))
        .collect();
    // An answer in other case is the option as printed.
    let printed = answer.map(|answer| {
        let answer = if answer.eq_ignore_ascii_case("unknown") { "Not known" } else { answer };
        options.iter().find(|option| option.eq_ignore_ascii_case(answer)).copied().unwrap_or(answer).to_owned()
    });
    framed(key, label, id, &format!("<w:dropDownList>{items}</w:dropDownList>"), printed, "Choose an item.")
}

fn tick(key: &str, label: &str, id: u32, ticked: bool) -> String {
    let (checked, glyph) = if ticked { ("1", '☒') } else { ("0", '☐') };
    let (key, label) = (escape(&clean(key)), escape(&clean(label)));
    let font = "<w:rPr><w:rFonts w:ascii=\"MS Gothic\" w:eastAsia=\"MS Gothic\" w:hAnsi=\"MS Gothic\" \
                w:hint=\"eastAsia\"/></w:rPr>";
    format!(
        "<w:sdt><w:sdtPr><w:alias w:val=\"{label}\"/><w:tag w:val=\"{key}\"/><w:id w:val=\"{id}\"/>\
         <w:lock w:val=\"sdtLocked\"/><w14:checkbox><w14:checked w14:val=\"{checked}\"/>\
         <w14:checkedState w14:val=\"2612\" w14:font=\"MS Gothic\"/>\
         <w14:uncheckedState w14:val=\"2610\" w14:font=\"MS Gothic\"/></w14:checkbox></w:sdtPr>\
         <w:sdtContent><w:r>{font}<w:t>{glyph}</w:t></w:r></w:sdtContent></w:sdt>"
    )
}
