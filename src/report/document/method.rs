//! Method and data: what counts, for which period, by which day; what was left out, and what is withheld.
//!
//! Comes in: [`Facts`](super::Facts). Goes out: points.

use super::Report;
use crate::report::Audience;
use crate::report::tables::capital;
use crate::report::timeliness::ALERT_MINUTES;

impl Report<'_> {
    pub(super) fn method(&mut self) {
        self.begin_part("Method and data");
        self.begin_section("What counts, and when");
        for note in [
            "An incident belongs to the period in which its first mail arrived, by the local day."
                .to_owned(),
            "What was learned belongs to the period in which the investigation report came, so that nothing is told twice."
                .to_owned(),
            "The classification is the director's decision; where there is none, what the form states; where it states none, what \
             its answers make it."
                .to_owned(),
            "An incident can have several categories and several kinds of harm and counts in each, so that those tables add up to \
             more than the incidents. The other tables add up to all of them."
                .to_owned(),
            "Age, legal status and placement are those of the child to whom the incident mainly relates; the age is that on the \
             day of the incident."
                .to_owned(),
        ] {
            self.page.point(&note);
        }
        self.begin_section("Themes");
        for note in [
            "A passage is put under every theme for which its words speak strongly enough. What a word speaks for was learned from some \
             5,600 invented lessons that people had put under their themes.",
            "On 160 further lessons by somebody who had no part in that, 83 of 100 themes that were named were right, and 88 of 100 that \
             should have been named were. So read the passages before a theme is acted on.",
        ] {
            self.page.point(note);
        }
        self.begin_section("Time");
        for note in [
            "Days run from the local day after the start; working days leave out weekends and the bank holidays of England and \
             Wales. A step is in time when it was done by the end of its last day."
                .to_owned(),
            format!("An alert is in time within {ALERT_MINUTES} minutes of receipt. Days late count each day begun."),
            "The time that a step took is shown for the middle case: half of those that were done took a smaller share of their \
             limit, half a greater one."
                .to_owned(),
        ] {
            self.page.point(&note);
        }
        self.begin_section("Corrections and what was left out");
        self.page.point(&format!(
            "Figures are those known on {}. A decision or form that comes later {}.",
            self.facts.made_on.format("%-d %B %Y"),
            match self.audience {
                Audience::Directors => "changes them in the next report, those of the period before included",
                Audience::Public { .. } => "is not followed up in this version",
            }
        ));
        self.left_out();
        self.begin_section("Small numbers");
        for note in self.small_numbers() {
            self.page.point(&note);
        }
    }

    fn left_out(&mut self) {
        let facts = self.facts;
        for (count, one, many) in [
            (facts.withdrawn, "was withdrawn (sent by mistake) and is", "were withdrawn (sent by mistake) and are"),
            (facts.joined, "was found to be the same as another and is", "were found to be the same as others and are"),
        ] {
            let and = if one.contains("same") { "counted there" } else { "not counted" };
            match (count, self.is_public()) {
                (0, _) => {}
                (1, false) => self.page.point(&format!("1 incident {one} {and}.")),
                _ => self.page.point(&format!("{} incidents {many} {and}.", capital(&self.count(count)))),
            }
        }
        match (facts.unreadable, self.is_public()) {
            (0, _) => {}
            (1, false) => self.page.point("1 incident is counted though no form of it could be read."),
            (count, _) => self.page.point(&format!(
                "{} incidents are counted though no form of them could be read.",
                capital(&self.count(count))
            )),
        }
    }

    fn small_numbers(&self) -> Vec<String> {
        let chance = "A difference of a few incidents between two periods may be chance.".to_owned();
        match self.audience {
            Audience::Directors => vec![
                chance,
                "This version shows every number and is for the directors. One for other readers withholds small numbers."
                    .to_owned(),
                "The list of incidents behind each figure is kept apart, for authorised readers.".to_owned(),
            ],
            Audience::Public { smallest_shown } => vec![
                match smallest_shown.saturating_sub(1) {
                    0 => "No number is withheld for being small: a person may be known by one.".to_owned(),
                    small => format!(
                        "Numbers from 1 to {small} are withheld, and with them the smallest others from which they could be worked \
                         out: [c] stands in their place. Where that is not enough, the column or table is left out."
                    ),
                },
                "Figures of the period before are those known a year before this report, as they were for the report of that period. Which \
                 themes were found then is not shown."
                    .to_owned(),
                format!(
                    "How steps were kept is told in words, for those that fell due {} times or more; what was late, and the nature \
                     of harm, are left out.",
                    4 * smallest_shown
                ),
            ],
        }
    }
}
