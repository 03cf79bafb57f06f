//! Charts as pictures: bars, columns by month, and the time that steps took beside their limit. Each comes with the words that stand
//! for it to whoever does not see it. A chart without a figure is none.
//!
//! Comes in: figures as they may be shown, a withheld one as `None`. Goes out: PNG files, the same bytes for the same figures.

mod canvas;
mod png;

use canvas::{Align, Canvas, Ink, Pen, WIDTH};

/// A chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// The picture.
    pub png: Vec<u8>,
    /// Its size in pixels.
    pub size: (u32, u32),
    /// What it shows, for whoever does not see it.
    pub description: String,
}

impl Chart {
    /// Its size on paper in English Metric Units, 914,400 to the inch.
    pub fn size_on_paper(&self) -> (u32, u32) {
        let length = |pixels: u32| pixels * 914_400 / canvas::DOTS_PER_INCH;
        (length(self.size.0), length(self.size.1))
    }
}

/// One entry of a chart of counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is counted.
    pub label: String,
    /// How many; `None` where it is withheld.
    pub now: Option<usize>,
    /// How many in the period before, where there is one.
    pub before: Option<Option<usize>>,
}

/// How long a step took.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The step.
    pub label: String,
    /// The share of its limit, 1 for all of it.
    pub share: f64,
    /// The same in words.
    pub words: String,
}

const TEXT: f32 = 30.0;
const SMALL: f32 = 26.0;
const BAR: f32 = 26.0;
/// More entries than these make a chart that nobody reads; the table has them all.
pub(super) const MOST: usize = 15;
/// What stands where a count is withheld.
pub const WITHHELD: &str = "[c]";

fn number(count: Option<usize>) -> String {
    count.map_or_else(|| WITHHELD.to_owned(), |count| count.to_string())
}

fn greatest(entries: &[Entry]) -> usize {
    let counts = entries.iter().flat_map(|entry| [entry.now, entry.before.flatten()]);
    counts.flatten().max().unwrap_or(0)
}

fn described(kind: &str, title: &str, entries: &[Entry]) -> String {
    let words = entries.iter().map(|entry| match entry.before {
        Some(before) => format!("{} {} (period before {})", entry.label, number(entry.now), number(before)),
        None => format!("{} {}", entry.label, number(entry.now)),
    });
    format!("{kind}: {title}. {}.", words.collect::<Vec<_>>().join("; ")).replace(WITHHELD, "withheld")
}

/// Bars from left to right, one entry below the other; none where no figure can be shown.
pub fn bars(title: &str, entries: &[Entry]) -> Option<Chart> {
    let entries: Vec<Entry> = entries
        .iter()
        .filter(|entry| entry.now != Some(0) || entry.before.is_some_and(|b| b != Some(0)))
        .cloned()
        .collect();
    let entries = &entries[..entries.len().min(MOST)];
    let top = greatest(entries);
    if top == 0 {
        return None;
    }
    let pen = Pen::new()?;
    let room = WIDTH as f32 * 0.36;
    let labels: Vec<Vec<String>> = entries.iter().map(|entry| pen.lines(&entry.label, TEXT, room)).collect();
    let compared = entries.iter().any(|entry| entry.before.is_some());
    let each = if compared { 2.0 * BAR + 6.0 } else { BAR + 8.0 };
    let row = |lines: usize| f32::max(each, lines as f32 * (TEXT + 4.0)) + 20.0;
    let head = if compared { 64.0 } else { 14.0 };
    let height = head + labels.iter().map(|lines| row(lines.len())).sum::<f32>() + 10.0;
    let mut canvas = Canvas::new(height.ceil() as u32)?;
    if compared {
        legend(&mut canvas, (room + 24.0, 12.0));
    }
    let left = room + 24.0;
    let scale = (WIDTH as f32 - left - 110.0) / top as f32;
    canvas.line((left, head), (left, height - 10.0), 3.0, Ink::Text);
    let mut y = head;
    for (entry, lines) in entries.iter().zip(&labels) {
        let (high, middle) = (row(lines.len()), y + row(lines.len()) / 2.0);
        let first = middle - (lines.len() as f32 - 1.0) * (TEXT + 4.0) / 2.0 + TEXT * 0.35;
        for (at, line) in lines.iter().enumerate() {
            canvas.words(line, (room, first + at as f32 * (TEXT + 4.0)), TEXT, Align::Right);
        }
        let mut bar = |top: f32, count: Option<usize>, ink: Ink| {
            let long = count.unwrap_or(0) as f32 * scale;
            canvas.bar(left + 2.0, top, long, BAR, ink);
            canvas.words(&number(count), (left + long + 12.0, top + BAR - 4.0), SMALL, Align::Left);
        };
        match entry.before {
            Some(before) => {
                bar(middle - BAR - 1.0, entry.now, Ink::Now);
                bar(middle + 1.0, before, Ink::Before);
            }
            None => bar(middle - BAR / 2.0, entry.now, Ink::Now),
        }
        y += high;
    }
    let description = described("Bar chart", title, entries);
    Some(Chart { png: canvas.png()?, size: (WIDTH, height.ceil() as u32), description })
}

/// Columns side by side, for months: the first word of a label below its column, the rest below that where it changes.
pub fn columns(title: &str, entries: &[Entry]) -> Option<Chart> {
    let top = greatest(entries);
    if top == 0 || entries.len() > 24 {
        return None;
    }
    const HEIGHT: u32 = 560;
    let mut canvas = Canvas::new(HEIGHT)?;
    let compared = entries.iter().any(|entry| entry.before.is_some());
    let (left, ceiling, floor) = (80.0, if compared { 100.0 } else { 50.0 }, HEIGHT as f32 - 96.0);
    if compared {
        legend(&mut canvas, (left, 12.0));
    }
    let step = scale_step(top);
    let highest = top.div_ceil(step) * step;
    let unit = (floor - ceiling) / highest as f32;
    for mark in (0..=highest).step_by(step) {
        let y = floor - mark as f32 * unit;
        canvas.line(
            (left, y),
            (WIDTH as f32 - 10.0, y),
            if mark == 0 { 3.0 } else { 2.0 },
            if mark == 0 { Ink::Text } else { Ink::Grid },
        );
        canvas.words(&mark.to_string(), (left - 14.0, y + SMALL * 0.35), SMALL, Align::Right);
    }
    let place = (WIDTH as f32 - left - 10.0) / entries.len() as f32;
    let wide = (place * if compared { 0.36 } else { 0.55 }).min(60.0);
    let mut year_before = "";
    for (at, entry) in entries.iter().enumerate() {
        let middle = left + place * (at as f32 + 0.5);
        let mut column = |x: f32, count: Option<usize>, ink: Ink| {
            let high = count.unwrap_or(0) as f32 * unit;
            canvas.bar(x, floor - high, wide, high, ink);
            if count.is_none() {
                canvas.words(WITHHELD, (x + wide / 2.0, floor - 8.0), 20.0, Align::Centre);
            }
        };
        match entry.before {
            Some(before) => {
                column(middle - wide, before, Ink::Before);
                column(middle, entry.now, Ink::Now);
            }
            None => column(middle - wide / 2.0, entry.now, Ink::Now),
        }
        let (month, year) = entry.label.split_once(' ').unwrap_or((&entry.label, ""));
        let short: String = month.chars().take(3).collect();
        canvas.words(&short, (middle, floor + 40.0), SMALL, Align::Centre);
        if year != year_before {
            canvas.words(year, (middle, floor + 76.0), SMALL, Align::Centre);
        }
        year_before = year;
    }
    Some(Chart { png: canvas.png()?, size: (WIDTH, HEIGHT), description: described("Column chart", title, entries) })
}

/// For each step how much of its limit the middle one took.
pub fn stages(title: &str, taken: &[Taken]) -> Option<Chart> {
    if taken.is_empty() {
        return None;
    }
    let pen = Pen::new()?;
    let (room, beside) = (WIDTH as f32 * 0.34, 330.0);
    let labels: Vec<Vec<String>> = taken.iter().map(|step| pen.lines(&step.label, TEXT, room)).collect();
    let row = |lines: &Vec<String>| lines.len() as f32 * (TEXT + 4.0) + 26.0;
    let head = 56.0;
    let height = head + labels.iter().map(row).sum::<f32>() + 10.0;
    let mut canvas = Canvas::new(height.ceil() as u32)?;
    let left = room + 24.0;
    // Twice the limit is the end of the scale: what took longer says so in words.
    let most = taken.iter().map(|step| step.share).fold(1.0, f64::max).min(2.0) as f32;
    let unit = (WIDTH as f32 - left - beside) / most;
    let limit = left + unit;
    canvas.words("limit", (limit, 36.0), SMALL, Align::Centre);
    let mut y = head;
    for (step, lines) in taken.iter().zip(&labels) {
        let middle = y + row(lines) / 2.0;
        let first = middle - (lines.len() as f32 - 1.0) * (TEXT + 4.0) / 2.0 + TEXT * 0.35;
        for (at, line) in lines.iter().enumerate() {
            canvas.words(line, (room, first + at as f32 * (TEXT + 4.0)), TEXT, Align::Right);
        }
        let share = step.share.clamp(0.0, f64::from(most)) as f32;
        canvas.bar(left + 2.0, middle - BAR / 2.0, (share * unit).min(unit), BAR, Ink::Now);
        if share > 1.0 {
            canvas.bar(limit, middle - BAR / 2.0, (share - 1.0) * unit, BAR, Ink::Over);
        }
        let after = left + most * unit + 20.0;
        canvas.words(&step.words, (after, middle + SMALL * 0.35), SMALL, Align::Left);
        y += row(lines);
    }
    canvas.line((left, head), (left, height - 10.0), 3.0, Ink::Text);
    canvas.line((limit, head - 10.0), (limit, height - 10.0), 4.0, Ink::Text);
    let words: Vec<String> = taken.iter().map(|step| format!("{} {}", step.label, step.words)).collect();
    let description = format!("Bar chart: {title}. {}.", words.join("; "));
    Some(Chart { png: canvas.png()?, size: (WIDTH, height.ceil() as u32), description })
}

fn legend(canvas: &mut Canvas, at: (f32, f32)) {
    canvas.bar(at.0, at.1, BAR, BAR, Ink::Now);
    canvas.words("This period", (at.0 + 38.0, at.1 + BAR - 3.0), SMALL, Align::Left);
    let next = at.0 + 38.0 + canvas.pen().width("This period", SMALL) + 50.0;
    canvas.bar(next, at.1, BAR, BAR, Ink::Before);
    canvas.words("Period before", (next + 38.0, at.1 + BAR - 3.0), SMALL, Align::Left);
}

/// The step of an axis with at most six marks: 1, 2, 5, 10, 20 and so on.
fn scale_step(top: usize) -> usize {
    let mut unit = 1;
    loop {
        for factor in [1, 2, 5] {
            if top.div_ceil(factor * unit) <= 6 {
                return factor * unit;
            }
        }
        unit *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(label: &str, now: Option<usize>, before: Option<Option<usize>>) -> Entry {
        Entry { label: label.into(), now, before }
    }

    #[test]
    fn a_chart_without_figures_is_none() {
        assert_eq!(bars("x", &[]), None);
        assert_eq!(bars("x", &[entry("a", Some(0), None), entry("b", None, Some(None))]), None);
        assert_eq!(columns("x", &[entry("April 2025", Some(0), Some(Some(0)))]), None);
        assert_eq!(stages("x", &[]), None);
    }

    #[test]
    fn a_chart_is_the_same_each_time_and_says_what_it_shows() {
        let entries = [entry("Neglect", Some(3), Some(Some(5))), entry("Ağ — \u{4e2d} <&>", None, Some(Some(1)))];
        let chart = bars("Incidents", &entries).unwrap();
        assert_eq!(Some(&chart), bars("Incidents", &entries).as_ref());
        let described =
            "Bar chart: Incidents. Neglect 3 (period before 5); Ağ — \u{4e2d} <&> withheld (period before 1).";
        assert_eq!(chart.description, described);
        assert!(chart.png.starts_with(b"\x89PNG") && chart.size.0 == WIDTH);
        // 6.5 inches of at least 200 dots.
        assert!(chart.size_on_paper().0 <= 6_540 * 915 && WIDTH >= 1_300);
    }

    #[test]
    fn long_labels_are_cut_not_clipped() {
        let pen = Pen::new().unwrap();
        let lines = pen.lines(&"a very long label of a service ".repeat(9), 30.0, 300.0);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| pen.width(line, 30.0) <= 300.0) && lines[1].ends_with('…'));
        assert_eq!(pen.lines("", 30.0, 300.0), [""]);
        assert!(pen.width(&pen.lines(&"x".repeat(500), 30.0, 300.0)[0], 30.0) <= 300.0);
    }

    #[test]
    fn axes_have_round_marks() {
        for (top, step) in [(1, 1), (6, 1), (7, 2), (12, 2), (13, 5), (30, 5), (31, 10), (100, 20), (1_000, 200)] {
            assert_eq!(scale_step(top), step, "{top}");
        }
    }
}
