//! Small counts withheld, and what they could be worked out from by subtraction (N9).
//!
//! Comes in: the counts of one column whose sum is known to the reader. Goes out: which of them may be shown. A withheld count reads
//! the same whatever it is; 0 is shown, for it is about nobody. Pure, and the same for the same counts, so that a column
//! that was published as last year's stays as it was.

/// Counts from 1 up to this are withheld unless the settings say otherwise: W5 shows "1 to 4" in every version.
pub const SMALLEST_SHOWN: usize = 5;

/// One column of counts that add up to a total which is published. `None` for the whole where nothing of it can be shown.
///
/// Every withheld count could be anything from 1 to at least the smallest that is shown, and at least two are withheld: so the total
/// less what is shown gives none of them away. `shared` marks entries that stand with the same count in other columns; such a
/// one is withheld when it is small and never in order to hide another.
pub fn withhold(counts: &[(usize, bool)], smallest: usize) -> Option<Vec<Option<usize>>> {
    let small = |count: usize| (1..smallest).contains(&count);
    let mut hidden: Vec<bool> = counts.iter().map(|(count, _)| small(*count)).collect();
    if hidden.contains(&true) {
        while !is_safe(counts, &hidden, smallest) {
            let may_go = |at: usize| !hidden[at] && counts[at].0 > 0 && !counts[at].1;
            let next = (0..counts.len()).filter(|at| may_go(*at)).map(|at| counts[at].0).min()?;
            // All of the same count: which of them goes would tell of the others.
            let gone: Vec<usize> = (0..counts.len()).filter(|at| may_go(*at) && counts[*at].0 == next).collect();
            gone.into_iter().for_each(|at| hidden[at] = true);
        }
    }
    Some(counts.iter().zip(hidden).map(|((count, _), hidden)| (!hidden).then_some(*count)).collect())
}

/// Whether what is withheld can be known from its sum no better than "from 1 to at least the smallest shown".
fn is_safe(counts: &[(usize, bool)], hidden: &[bool], smallest: usize) -> bool {
    let withheld = || counts.iter().zip(hidden).filter(|(_, hidden)| **hidden).map(|((count, _), _)| *count);
    let (many, sum) = (withheld().count(), withheld().sum::<usize>());
    // Were each of them the greatest that is small, nothing else would add up to their sum.
    many >= 2 && sum + 1 >= many + smallest && sum != many * (smallest - 1)
}

/// A single count: `None` where it is small.
pub fn alone(count: usize, smallest: usize) -> Option<usize> {
    (!(1..smallest).contains(&count)).then_some(count)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn shown(counts: &[usize], smallest: usize) -> Option<Vec<Option<usize>>> {
        let counts: Vec<(usize, bool)> = counts.iter().map(|count| (*count, false)).collect();
        withhold(&counts, smallest)
    }

    /// Every way in which some entries can add up to a total.
    fn all(total: usize, entries: usize) -> Vec<Vec<usize>> {
        if entries == 1 {
            return vec![vec![total]];
        }
        let rest =
            (0..=total).flat_map(|first| all(total - first, entries - 1).into_iter().map(move |rest| (first, rest)));
        rest.map(|(first, rest)| [vec![first], rest].concat()).collect()
    }

    /// A reader who knows the rule, the total and what is shown tries every table: those that agree with all of it leave each withheld
    /// count at least two values.
    #[test]
    fn n9_whoever_knows_the_rule_finds_no_withheld_count_by_trying_every_table() {
        for (entries, smallest, highest) in [(2, 5, 24), (3, 5, 24), (4, 5, 16), (5, 3, 12), (4, 3, 14), (3, 10, 40)] {
            for total in 1..=highest {
                let mut alike: BTreeMap<Vec<Option<usize>>, Vec<Vec<usize>>> = BTreeMap::new();
                for counts in all(total, entries) {
                    if let Some(shown) = shown(&counts, smallest) {
                        alike.entry(shown).or_default().push(counts);
                    }
                }
                for (shown, tables) in alike {
                    for at in (0..entries).filter(|at| shown[*at].is_none()) {
                        let values: Vec<usize> = tables.iter().map(|table| table[at]).collect();
                        let (least, most) = (values.iter().min().unwrap(), values.iter().max().unwrap());
                        assert!(least < most, "{shown:?} of {total}: always {least}");
                    }
                    for count in shown.iter().flatten() {
                        assert!(*count == 0 || *count >= smallest, "{shown:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn n9_by_example() {
        assert_eq!(shown(&[20, 8, 0, 7], 5), Some(vec![Some(20), Some(8), Some(0), Some(7)]));
        // 2 alone would be 37 less the others: the smallest other goes too.
        assert_eq!(shown(&[20, 8, 2, 7], 5), Some(vec![Some(20), Some(8), None, None]));
        // 1 and 1 add up to 2, which says what they are.
        assert_eq!(shown(&[20, 1, 1, 0], 5), Some(vec![None, None, None, Some(0)]));
        assert_eq!(shown(&[4], 5), None);
        assert_eq!(shown(&[1, 1, 1, 1, 1], 5), None, "all of them, and the sum says that each is 1");
        assert_eq!(shown(&[0, 0], 5), Some(vec![Some(0), Some(0)]));
        assert_eq!(withhold(&[(2, false), (6, true), (9, false)], 5), Some(vec![None, Some(6), None]));
        assert_eq!((alone(4, 5), alone(5, 5), alone(0, 5)), (None, Some(5), Some(0)));
    }
}
