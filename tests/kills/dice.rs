//! Numbers that are the same for the same seed (xorshift64).

pub struct Dice(u64);

impl Dice {
    /// `more` gives each round numbers of its own.
    pub fn new(seed: u64, more: u64) -> Dice {
        let mixed = (seed ^ more.wrapping_mul(0xD134_2543_DE82_EF95)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Dice((mixed ^ mixed >> 29) | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    /// One chance in so many.
    pub fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }
}
