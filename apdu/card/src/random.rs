//! The card's random numbers: a generator whose seed its owner gives at each power-up.
//!
//! A core has no randomness of its own. Two-key TDES in counter mode turns one seed into as many challenges as a card needs: a
//! counter block is encrypted once and never again, so that no challenge of one power-up can be told from those before it
//! (NIST SP 800-38A, 6.5 is the mode). The seed has to be fresh: the same seed gives the same challenges.

use core::fmt;

use tapcard_crypto::keys::{DesKey, TdesKey};

/// Octets of one block.
const BLOCK: usize = 8;

/// The generator, and how far it has come.
#[derive(Clone)]
pub(crate) struct Generator {
    key: TdesKey,
    /// The next counter block.
    counter: u64,
    /// Laid over each block, so that every octet of the seed counts; a key only in how it is kept.
    mask: DesKey,
    /// Blocks that may still be drawn before counter blocks come again.
    left: u64,
}

impl Generator {
    /// From 16 octets of key, eight of first counter block and eight of mask.
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        let (mut key, mut counter, mut mask) = ([0; 16], [0; BLOCK], [0; BLOCK]);
        let octets = key.iter_mut().chain(&mut counter).chain(&mut mask);
        octets.zip(seed).for_each(|(to, from)| *to = from);
        Self { key: TdesKey::new(key), counter: u64::from_be_bytes(counter), mask: DesKey::new(mask), left: u64::MAX }
    }

    /// Fills `out`; `None`, and then forever, when every counter block was used.
    pub(crate) fn draw(&mut self, out: &mut [u8]) -> Option<()> {
        let schedule = self.key.schedule();
        for chunk in out.chunks_mut(BLOCK) {
            self.left = self.left.checked_sub(1)?;
            let block = schedule.encrypt(&self.counter.to_be_bytes());
            self.counter = self.counter.wrapping_add(1);
            let octets = block.iter().zip(self.mask.reveal()).map(|(block, mask)| block ^ mask);
            chunk.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
        }
        Some(())
    }

    /// Some octets.
    pub(crate) fn octets<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut octets = [0; N];
        self.draw(&mut octets)?;
        Some(octets)
    }
}

/// Shows nothing: who knows the state knows every challenge to come.
impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Generator(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::format;

    use super::*;

    #[test]
    fn no_challenge_of_eight_octets_comes_twice_and_short_ones_are_their_beginnings() {
        let mut generator = Generator::new([7; 32]);
        let mut short = generator.clone();
        let mut seen = BTreeSet::new();
        for _ in 0..5000 {
            let block: [u8; 8] = generator.octets().unwrap();
            assert_eq!(short.octets::<4>().unwrap(), block[..4]);
            assert!(seen.insert(block));
        }
    }

    #[test]
    fn every_octet_of_the_seed_counts() {
        let first = |seed| Generator::new(seed).octets::<8>().unwrap();
        for at in 0..32 {
            let mut seed = [7; 32];
            // The lowest bit of each octet of a DES key is parity and does not count.
            seed[at] ^= 2;
            assert_ne!(first(seed), first([7; 32]), "octet {at}");
        }
    }

    #[test]
    fn a_used_up_generator_gives_nothing_and_no_generator_shows_itself() {
        let mut generator = Generator { left: 1, ..Generator::new([1; 32]) };
        assert!(generator.octets::<8>().is_some());
        assert_eq!(generator.octets::<4>(), None);
        assert_eq!(format!("{generator:?}"), "Generator(hidden)");
    }
}
