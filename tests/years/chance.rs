//! Chance that is the same for the same seed on every machine (splitmix64).
//!
//! Comes in: a seed. Goes out: numbers, choices, times. Knows nothing of the procedure.

/// A generator.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// One that begins at a seed.
    pub fn new(seed: u64) -> Chance {
        Chance(seed ^ 0x005E_ED0F_7E4E_A125)
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below a limit that is above 0.
    pub fn below(&mut self, limit: i64) -> i64 {
        (self.next() >> 1) as i64 % limit
    }

    /// A number from a range, both ends included.
    pub fn within(&mut self, from: i64, to: i64) -> i64 {
        from + self.below(to - from + 1)
    }

    /// Whether something happens that happens this often in a hundred times.
    pub fn happens(&mut self, in_hundred: i64) -> bool {
        self.below(100) < in_hundred
    }

    /// One of several.
    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as i64) as usize].clone()
    }
}
